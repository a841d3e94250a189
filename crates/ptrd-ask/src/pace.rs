//! How fast a server is asked. Told the time, it has no clock, so tests run hours of it in no time.

use std::time::Duration;

/// So many failures in a row before a server is asked more slowly.
const PATIENT: u32 = 3;
/// How often the interval is doubled at most.
const MOST_DOUBLED: u32 = 5;
/// So many questions in a row without an answer before a server is set aside.
const SILENT: u32 = 20;
/// For how long.
const ASIDE: Duration = Duration::from_secs(30);

/// How a question went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Went {
    /// It was answered.
    Well,
    /// The server says that it cannot or will not: SERVFAIL, REFUSED.
    Badly,
    /// There was no answer.
    Silent,
}

/// When a question may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Then.
    At(Duration),
    /// Not at all for now: it has not answered so often.
    Aside,
}

/// The pace of one server. Times are measured from any one point.
#[derive(Clone, Debug)]
pub struct Pace {
    interval: Duration,
    next: Duration,
    /// Failures in a row.
    failures: u32,
    /// Questions in a row without an answer.
    silent: u32,
    aside_until: Duration,
}

impl Pace {
    /// So many questions a second, at least one.
    pub fn new(per_second: u32) -> Pace {
        let interval = Duration::from_secs(1) / per_second.max(1);
        Pace { interval, next: Duration::ZERO, failures: 0, silent: 0, aside_until: Duration::ZERO }
    }

    /// When the next question may go. What is given is taken.
    pub fn turn(&mut self, now: Duration) -> Turn {
        if now < self.aside_until {
            return Turn::Aside;
        }
        let at = self.next.max(now);
        let doubled = (self.failures + 1).saturating_sub(PATIENT).min(MOST_DOUBLED);
        self.next = at + self.interval * (1 << doubled);
        Turn::At(at)
    }

    /// How a question went.
    pub fn went(&mut self, now: Duration, went: Went) {
        self.failures = if went == Went::Well { 0 } else { self.failures.saturating_add(1) };
        self.silent = if went == Went::Silent { self.silent.saturating_add(1) } else { 0 };
        if self.silent >= SILENT {
            self.aside_until = now + ASIDE;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    fn turns(pace: &mut Pace, now: u64, n: usize) -> Vec<u64> {
        let at = |turn| match turn {
            Turn::At(at) => u64::try_from(at.as_millis()).expect("short"),
            Turn::Aside => panic!("set aside"),
        };
        (0..n).map(|_| at(pace.turn(ms(now)))).collect()
    }

    #[test]
    fn no_more_than_so_many_a_second_and_none_saved_up() {
        let mut pace = Pace::new(50);
        assert_eq!(turns(&mut pace, 0, 3), [0, 20, 40]);
        assert_eq!(turns(&mut pace, 5_000, 3), [5_000, 5_020, 5_040]);
    }

    #[test]
    fn failures_in_a_row_slow_it_down_and_an_answer_ends_that() {
        let mut pace = Pace::new(50);
        let went = |pace: &mut Pace, went, n| (0..n).for_each(|_| pace.went(ms(0), went));
        went(&mut pace, Went::Badly, 2);
        assert_eq!(turns(&mut pace, 0, 2), [0, 20]);
        went(&mut pace, Went::Badly, 1);
        assert_eq!(turns(&mut pace, 0, 3), [40, 80, 120]);
        went(&mut pace, Went::Badly, 1_000);
        assert_eq!(turns(&mut pace, 1_000, 2), [1_000, 1_640]);
        went(&mut pace, Went::Well, 1);
        assert_eq!(turns(&mut pace, 9_000, 2), [9_000, 9_020]);
    }

    #[test]
    fn silence_sets_it_aside_for_a_while() {
        let mut pace = Pace::new(50);
        (0..19).for_each(|_| pace.went(ms(0), Went::Silent));
        assert_ne!(pace.turn(ms(0)), Turn::Aside);
        pace.went(ms(0), Went::Silent);
        assert_eq!(pace.turn(ms(29_999)), Turn::Aside);
        assert_eq!(pace.turn(ms(30_000)), Turn::At(ms(30_000)));
        pace.went(ms(33_000), Went::Silent);
        assert_eq!(pace.turn(ms(33_001)), Turn::Aside, "once more is enough");
        pace.went(ms(63_000), Went::Well);
        (0..100).for_each(|_| pace.went(ms(63_000), Went::Badly));
        assert_ne!(pace.turn(ms(64_000)), Turn::Aside, "who answers is slow, and asked");
    }
}
