//! Waiting for what is under way elsewhere.

use std::time::{Duration, Instant};

/// Waits until something is so. Where it does not come to be so, `told` says how it is instead.
///
/// # Panics
/// After so long.
#[track_caller]
pub fn until(what: &str, patience: Duration, mut is_so: impl FnMut() -> bool, told: impl FnOnce() -> String) {
    let since = Instant::now();
    while !is_so() {
        if since.elapsed() >= patience {
            panic!("not {what}:\n{}", told());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
