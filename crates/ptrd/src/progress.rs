//! How far something has come, on a terminal, when it takes more than a moment.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ptrd_store::{Finding, Step, Watch};
use std::io::IsTerminal;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// What is over sooner needs no bar.
const MOMENT: Duration = Duration::from_secs(1);
/// How often a bar moves that does not know how far it has come.
const TICK: Duration = Duration::from_millis(100);

/// A bar on stderr, if that is a terminal; it shows after a moment, and goes when this is dropped.
pub struct Progress {
    bar: ProgressBar,
    at: Option<&'static str>,
    /// Its end keeps a bar from showing that has not shown yet.
    _ended: Option<Sender<()>>,
}

impl Progress {
    pub fn new() -> Progress {
        let bar = ProgressBar::hidden();
        let ended = std::io::stderr().is_terminal().then(|| {
            let (ended, waiting) = channel::<()>();
            let later = bar.clone();
            std::thread::spawn(move || {
                if waiting.recv_timeout(MOMENT) == Err(RecvTimeoutError::Timeout) {
                    later.set_draw_target(ProgressDrawTarget::stderr());
                    later.enable_steady_tick(TICK);
                }
            });
            ended
        });
        Progress { bar, at: None, _ended: ended }
    }

    /// So much is done, of so much, where that is known.
    pub fn tell(&mut self, what: &'static str, in_octets: bool, done: u64, of: Option<u64>) {
        if self.at != Some(what) {
            self.at = Some(what);
            self.bar.reset();
            self.bar.set_message(what);
            self.bar.set_style(style(match (of, in_octets) {
                (Some(_), true) => "{msg:20} {bar:40} {bytes}/{total_bytes}  {bytes_per_sec}  {eta}",
                (Some(_), false) => "{msg:20} {bar:40} {human_pos}/{human_len}  {eta}",
                (None, _) => "{msg:20} {spinner} {elapsed}",
            }));
        }
        if let Some(of) = of {
            self.bar.set_length(of);
        }
        self.bar.set_position(done);
    }

    /// Lets something be printed as if there were no bar.
    pub fn aside(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    /// To move on from several threads.
    pub fn counter(&self) -> impl Fn() + Sync + use<> {
        let bar = self.bar.clone();
        move || bar.inc(1)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// Tells of findings, and of how far it has come.
pub struct Watched<'a, F> {
    pub progress: &'a mut Progress,
    pub tell: F,
}

impl<F: FnMut(Finding)> Watch for Watched<'_, F> {
    fn found(&mut self, finding: Finding) {
        let tell = &mut self.tell;
        self.progress.aside(|| tell(finding));
    }

    fn step(&mut self, step: Step, done: u64, of: Option<u64>) {
        let what = match step {
            Step::Copying => "copying the backup",
            Step::Pages => "checking the file",
            Step::Rows => "reading rows",
            Step::Log => "playing the log",
            Step::Model => "checking blocks",
        };
        self.progress.tell(what, step == Step::Copying, done, of);
    }
}
