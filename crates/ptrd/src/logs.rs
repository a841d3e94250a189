//! Log lines on stderr, for people or for machines.

use crate::config::runtime::{Config, Log};
use crate::config::values::LogFormat;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::reload::Handle;

/// Lines that wait until whoever reads stderr takes them. More are lost.
const WAITING: usize = 8_192;

/// Changes what is logged while the daemon runs.
pub struct Dial {
    set: Set,
    lost: ErrorCounter,
}

/// What ends the thread that writes, once lines that wait are written.
static WRITER: Mutex<Option<WorkerGuard>> = Mutex::new(None);

impl Dial {
    /// From now on this level, or filter. `false` when nothing logs.
    pub fn set(&self, level: &str) -> bool {
        (self.set)(filter(level))
    }

    /// Counts the lines that were lost because stderr took none.
    pub fn lost(&self) -> ErrorCounter {
        self.lost.clone()
    }
}

/// Starts to log for a command with a user in front of it, who wants to know what went wrong and no more.
pub fn start_quietly() {
    let _ = init(&Log { level: "warn".to_owned(), ..Config::default().log }, std::io::stderr);
}

/// Starts to log for the daemon, once. Lines are written by a thread of their own, so that nobody waits for a reader of
/// stderr who stands still, threads that answer least of all. [`finish`] ends it.
pub fn start(log: &Log) -> Dial {
    let writer =
        NonBlockingBuilder::default().lossy(true).buffered_lines_limit(WAITING).thread_name("ptrd-log");
    let (writer, guard) = writer.finish(std::io::stderr());
    let lost = writer.error_counter();
    *WRITER.lock().unwrap_or_else(PoisonError::into_inner) = Some(guard);
    Dial { set: init(log, writer), lost }
}

/// Lines that wait are written, for a second at most. Later ones are lost.
pub fn finish() {
    drop(WRITER.lock().unwrap_or_else(PoisonError::into_inner).take());
}

type Set = Box<dyn Fn(EnvFilter) -> bool + Send + Sync>;

fn init<W>(log: &Log, writer: W) -> Set
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    // A line that cannot be written is lost: reporting that on stderr, which is what failed, would panic, and end the
    // thread that had something to say, such as the writer about the disk that the log is on as well.
    let builder = tracing_subscriber::fmt().with_writer(writer).log_internal_errors(false);
    match log.format {
        LogFormat::Json => {
            let builder = builder.json().flatten_event(true);
            let builder = builder.with_env_filter(filter(&log.level)).with_filter_reloading();
            setter(builder.reload_handle(), builder.try_init())
        }
        LogFormat::Human => {
            let builder = builder.with_target(false).with_ansi(std::io::stderr().is_terminal());
            let builder = builder.with_env_filter(filter(&log.level)).with_filter_reloading();
            setter(builder.reload_handle(), builder.try_init())
        }
    }
}

fn setter<S: 'static>(
    handle: Handle<EnvFilter, S>,
    started: Result<(), Box<dyn std::error::Error + Send + Sync>>,
) -> Set {
    if let Err(error) = started {
        eprintln!("ptrd: logging could not be started: {error}");
    }
    Box::new(move |filter| handle.reload(filter).is_ok())
}

/// Whether a text is a level, or a filter.
pub fn check(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) if !text.trim().is_empty() => Ok(text.to_owned()),
        Ok(_) => Err("use error, warn, info, debug or trace".to_owned()),
        Err(error) => Err(format!("use error, warn, info, debug or trace ({error})")),
    }
}

/// Of HTTP/2 (the crate h2) errors alone, unless the filter says otherwise: it warns of whatever a client does wrong, so a
/// stranger could fill the log.
fn filter(level: &str) -> EnvFilter {
    EnvFilter::try_new(format!("h2=error,{level}")).unwrap_or_else(|_| EnvFilter::new("info"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{self, Write};
    use std::sync::Arc;

    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("not poisoned").extend_from_slice(octets);
            Ok(octets.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(level: &str) -> String {
        let written = Arc::<Mutex<Vec<u8>>>::default();
        let sink = written.clone();
        let builder = tracing_subscriber::fmt().with_ansi(false).with_writer(move || Sink(sink.clone()));
        tracing::subscriber::with_default(builder.with_env_filter(filter(level)).finish(), || {
            tracing::warn!(target: "h2::proto", "a stranger resets streams");
            tracing::info!(target: "ptrd::daemon", "answering");
        });
        String::from_utf8(std::mem::take(&mut *written.lock().expect("not poisoned"))).expect("text")
    }

    #[test]
    fn what_strangers_do_in_http_is_logged_when_asked_for() {
        assert!(logged("info").contains("answering"));
        assert!(!logged("info").contains("stranger"), "{}", logged("info"));
        assert!(logged("info,h2=debug").contains("stranger"));
        assert!(!logged("warn").contains("answering"));
    }
}
