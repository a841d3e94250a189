//! How often all together may try to log in and fail. One address alone is held by the gate that all doors share
//! ([`ptrd_admin::Gate`]); a flood from everywhere is held here, so that nobody guesses faster with many addresses.

use ptrd_api::{Problem, code};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long failed tries count.
const WINDOW: Duration = Duration::from_secs(60);
/// Tries that may fail in that time.
const MOST: u32 = 300;

/// See the module.
#[derive(Default)]
pub(crate) struct Tries(Mutex<Option<Count>>);

#[derive(Clone, Copy)]
struct Count {
    since: Instant,
    failed: u32,
}

impl Tries {
    fn count(&self, now: Instant) -> Count {
        let held = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.filter(|count| now.duration_since(count.since) < WINDOW)
            .unwrap_or(Count { since: now, failed: 0 })
    }

    /// Whether another try may be made.
    ///
    /// # Errors
    /// [`code::TOO_MANY`].
    pub fn may_try(&self, now: Instant) -> Result<(), Problem> {
        if self.count(now).failed < MOST {
            return Ok(());
        }
        Err(Problem::new(code::TOO_MANY, "too many tries to log in have failed")
            .hint("try again in a minute"))
    }

    /// Counts a try that failed.
    pub fn failed(&self, now: Instant) {
        let Count { since, failed } = self.count(now);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Count { since, failed: failed + 1 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_together_have_so_many_tries_a_minute() {
        let (tries, now) = (Tries::default(), Instant::now());
        for _ in 0..MOST {
            tries.may_try(now).expect("another try");
            tries.failed(now + WINDOW / 2);
        }
        assert!(tries.may_try(now + WINDOW).is_err_and(|problem| problem.code == code::TOO_MANY));
        tries.may_try(now + WINDOW / 2 + WINDOW).expect("a minute later");
    }
}
