//! Log lines on stderr, for people or for machines.

use crate::config::runtime::{Config, Log};
use crate::config::values::LogFormat;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::reload::Handle;

/// Changes what is logged while the daemon runs.
pub struct Dial(Box<dyn Fn(EnvFilter) -> bool + Send + Sync>);

impl Dial {
    /// From now on this level, or filter. `false` when nothing logs.
    pub fn set(&self, level: &str) -> bool {
        (self.0)(filter(level))
    }
}

/// Starts to log for a command with a user in front of it, who wants to know what went wrong and no more.
pub fn start_quietly() {
    start(&Log { level: "warn".to_owned(), ..Config::default().log });
}

/// Starts to log. Called once.
pub fn start(log: &Log) -> Dial {
    // A line that cannot be written is lost: reporting that on stderr, which is what failed, would panic, and end the
    // thread that had something to say, such as the writer about the disk that the log is on as well.
    let builder = tracing_subscriber::fmt().with_writer(std::io::stderr).log_internal_errors(false);
    match log.format {
        LogFormat::Json => {
            let builder = builder.json().flatten_event(true);
            let builder = builder.with_env_filter(filter(&log.level)).with_filter_reloading();
            dial(builder.reload_handle(), builder.try_init())
        }
        LogFormat::Human => {
            let builder = builder.with_target(false).with_ansi(std::io::stderr().is_terminal());
            let builder = builder.with_env_filter(filter(&log.level)).with_filter_reloading();
            dial(builder.reload_handle(), builder.try_init())
        }
    }
}

fn dial<S: 'static>(
    handle: Handle<EnvFilter, S>,
    started: Result<(), Box<dyn std::error::Error + Send + Sync>>,
) -> Dial {
    if let Err(error) = started {
        eprintln!("ptrd: logging could not be started: {error}");
    }
    Dial(Box::new(move |filter| handle.reload(filter).is_ok()))
}

/// Whether a text is a level, or a filter.
pub fn check(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) if !text.trim().is_empty() => Ok(text.to_owned()),
        Ok(_) => Err("use error, warn, info, debug or trace".to_owned()),
        Err(error) => Err(format!("use error, warn, info, debug or trace ({error})")),
    }
}

fn filter(level: &str) -> EnvFilter {
    EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"))
}
