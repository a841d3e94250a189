//! How long, how much.

use std::time::Duration;

/// The variable that makes a run a long one: its length in seconds.
pub const SECONDS: &str = "PTRD_SOAK_SECONDS";

/// What a run is to be.
#[derive(Clone, Debug)]
pub struct Plan {
    /// For how long load goes on; the second half is without restarts.
    pub length: Duration,
    /// /24s whose blocks change.
    pub(crate) busy: u8,
    /// Regions of 65 536 addresses.
    pub(crate) mass: u8,
    /// How many addresses of each of those have a PTR at first; a power of two.
    pub(crate) filled: u32,
    /// The pause between events: a reload, a restart, a kill, a backup.
    pub(crate) event: Duration,
    /// Everything random follows from it.
    pub seed: u64,
}

impl Plan {
    /// The run of every day.
    pub fn short() -> Plan {
        Plan {
            length: Duration::from_secs(16),
            busy: 4,
            mass: 1,
            filled: 8_192,
            event: Duration::from_millis(700),
            seed: 1,
        }
    }

    /// A run of so many seconds, over hundreds of thousands of PTRs.
    pub fn long(seconds: u64) -> Plan {
        Plan {
            length: Duration::from_secs(seconds),
            busy: 16,
            mass: 6,
            filled: 65_536,
            event: Duration::from_secs(4),
            seed: 1,
        }
    }

    /// As the environment says.
    pub fn from_environment() -> Plan {
        match std::env::var(SECONDS).map(|text| text.parse()) {
            Ok(Ok(seconds)) => Plan::long(seconds),
            Ok(Err(error)) => panic!("{SECONDS}: {error}"),
            Err(_) => Plan::short(),
        }
    }
}
