//! The time: that of the system when ptrd was started, and what has passed since. A clock that is set does not make zones
//! expire, or live on.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

pub struct Clock {
    base: i64,
    since: Instant,
}

impl Default for Clock {
    fn default() -> Clock {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Clock { base: i64::try_from(now.as_millis()).unwrap_or(i64::MAX), since: Instant::now() }
    }
}

impl Clock {
    /// Milliseconds since 1970 UTC.
    pub fn now(&self) -> i64 {
        let passed = i64::try_from(self.since.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.base.saturating_add(passed)
    }
}

/// The time of TSIG records, which is the system's: both sides compare clocks.
pub fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
