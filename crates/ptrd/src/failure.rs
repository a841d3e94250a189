//! How the program ends when it cannot go on, and with which status.

/// The exit statuses, for `--help`.
pub const EXIT_STATUSES: &str = "\
Exit status:
  0    stopped in good order
  1    a fault of ptrd, or the system gives no threads or memory
  2    the arguments make no sense
  3    the store cannot be opened or read: damaged, locked, unwritable, newer, no room
  4    an address cannot be listened on
  5    the admin socket cannot be had
  6    a secret cannot be had
  7    the configuration is wrong; `ptrd check-config` says the same
  8    the user or group cannot be changed to, or ptrd must not run as root
  9    check-store found something, or restore refused a backup that is not sound
  10   restore could not find out what secondaries hold
  130  a second signal cut the stop short";

/// Which part failed. The numbers are those of [`EXIT_STATUSES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Part {
    Daemon = 1,
    Store = 3,
    Listener = 4,
    Admin = 5,
    Secret = 6,
    Config = 7,
    Privileges = 8,
    Unsound = 9,
    Serials = 10,
}

/// Status after a second signal: what shells show for Ctrl-C.
pub const CUT_SHORT: i32 = 130;

/// A reason to end.
#[derive(Debug)]
pub struct Failure {
    part: Part,
    error: anyhow::Error,
}

impl Failure {
    /// A failure of this part.
    pub fn of(part: Part, error: impl Into<anyhow::Error>) -> Failure {
        Failure { part, error: error.into() }
    }

    /// A fault of the program or of the system.
    pub fn fault(error: impl Into<anyhow::Error>) -> Failure {
        Failure::of(Part::Daemon, error)
    }

    /// The exit status.
    pub fn exit(&self) -> u8 {
        self.part as u8
    }

    /// Tells the operator: in the log, which goes to stderr, or there without one when it has not begun.
    pub fn report(&self) {
        if tracing::dispatcher::has_been_set() {
            tracing::error!("{:#}", self.error);
        } else {
            eprintln!("ptrd: {:#}", self.error);
        }
    }
}
