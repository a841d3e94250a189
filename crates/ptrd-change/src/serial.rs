//! How serials step. Whatever the policy and whatever the clock, the next serial is after the last (RFC 1982 §3.2):
//! a clock that jumps back, or more than nn changes on a day, only makes a zone count on from where it is.

use jiff::{Timestamp, tz::Offset};
use ptrd_wire::Serial;
use ptrd_zone::model::SerialPolicy;

/// The serial that the clock stands for; `None` for a counter, and for times that have none. `now` in milliseconds
/// since 1970 UTC.
fn of_clock(policy: SerialPolicy, now: i64) -> Option<Serial> {
    match policy {
        SerialPolicy::Counter => None,
        SerialPolicy::Date => {
            let date = Offset::UTC.to_datetime(Timestamp::from_millisecond(now).ok()?).date();
            let (year, month, day) = (i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
            u32::try_from(year * 1_000_000 + month * 10_000 + day * 100).ok().map(Serial)
        }
        // Past 2106 the number wraps, and goes on rising in the sense of RFC 1982.
        SerialPolicy::UnixTime => (now >= 0).then_some(Serial((now / 1000) as u32)),
    }
}

/// The serial after `last`.
pub(crate) fn next(policy: SerialPolicy, last: Serial, now: i64) -> Serial {
    let stamp = of_clock(policy, now).filter(|stamp| stamp.0 != 0 && stamp.is_after(last));
    stamp.unwrap_or_else(|| last.next())
}

/// The first serial of a zone: what the clock stands for (for a counter, its seconds), or past `last`, the highest that
/// any removed zone had: a secondary may hold a zone of that name from an earlier life, and clocks go wrong.
pub(crate) fn first(policy: SerialPolicy, last: Option<Serial>, now: i64) -> Serial {
    let by = if policy == SerialPolicy::Counter { SerialPolicy::UnixTime } else { policy };
    let stamp = of_clock(by, now).filter(|stamp| stamp.0 != 0);
    match (stamp, last) {
        (Some(stamp), None) => stamp,
        (Some(stamp), Some(last)) if stamp.is_after(last) => stamp,
        (_, Some(last)) => last.next(),
        (None, None) => Serial(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: i64 = 86_400_000;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().expect("a time").as_millisecond()
    }

    #[test]
    fn a_counter_counts_and_wraps() {
        for (last, expected) in
            [(1, 2), (2_026_112_599, 2_026_112_600), (u32::MAX - 1, u32::MAX), (u32::MAX, 1)]
        {
            let next = next(SerialPolicy::Counter, Serial(last), at("2026-11-25T12:00:00Z"));
            assert_eq!(next, Serial(expected));
        }
    }

    #[test]
    fn a_date_starts_each_day_and_counts_within_it() {
        let step = |last, time| next(SerialPolicy::Date, Serial(last), at(time)).0;
        assert_eq!(step(7, "2026-11-25T00:00:00Z"), 2_026_112_500);
        assert_eq!(step(2_026_112_500, "2026-11-25T23:59:59.999Z"), 2_026_112_501);
        assert_eq!(step(2_026_112_501, "2026-11-26T00:00:00Z"), 2_026_112_600);
        // The hundredth change of the day counts on into the number of the next day, which then counts on as well.
        assert_eq!(step(2_026_112_599, "2026-11-25T13:00:00Z"), 2_026_112_600);
        assert_eq!(step(2_026_112_600, "2026-11-26T00:00:00Z"), 2_026_112_601);
        assert_eq!(step(2_026_112_601, "2026-11-27T00:00:00Z"), 2_026_112_700);
        // The clock back in 1970, or before.
        assert_eq!(step(2_026_112_500, "1970-01-01T00:00:00Z"), 2_026_112_501);
        assert_eq!(step(2_026_112_500, "-000044-03-15T12:00:00Z"), 2_026_112_501);
        // A serial that is further along than any date soon.
        assert_eq!(step(3_000_000_000, "2026-11-25T00:00:00Z"), 3_000_000_001);
        // RFC 1982: across the wrap the date is ahead.
        assert_eq!(step(u32::MAX, "2026-11-25T00:00:00Z"), 2_026_112_500);
    }

    #[test]
    fn unixtime_follows_the_clock_and_never_goes_back() {
        let step = |last, now: i64| next(SerialPolicy::UnixTime, Serial(last), now).0;
        assert_eq!(step(7, 1_764_000_000_000), 1_764_000_000);
        assert_eq!(step(1_764_000_000, 1_764_000_000_999), 1_764_000_001);
        assert_eq!(step(1_764_000_000, 1_000), 1_764_000_001);
        assert_eq!(step(1_764_000_000, -5), 1_764_000_001);
        // From a date the clock is behind for centuries: it counts.
        assert_eq!(step(2_026_112_500, 1_764_000_000_000), 2_026_112_501);
        // 2106: seconds wrap, and 0 is skipped.
        assert_eq!(step(u32::MAX, (1i64 << 32) * 1000), 1);
        assert_eq!(step(u32::MAX, ((1i64 << 32) + 9) * 1000), 9);
    }

    #[test]
    fn a_zone_that_comes_back_is_newer() {
        let now = at("2026-11-25T12:00:00Z");
        assert_eq!(first(SerialPolicy::Counter, None, now), Serial((now / 1000) as u32));
        assert_eq!(first(SerialPolicy::Date, None, now), Serial(2_026_112_500));
        assert_eq!(first(SerialPolicy::UnixTime, Some(Serial(2_026_112_500)), now), Serial(2_026_112_501));
        assert_eq!(first(SerialPolicy::Date, Some(Serial(9)), 0), Serial(1_970_010_100));
        assert_eq!(first(SerialPolicy::Counter, Some(Serial(u32::MAX)), -1), Serial(1));
        assert_eq!(first(SerialPolicy::UnixTime, None, 0), Serial(1));
    }

    /// Times that jump: by milliseconds, by years, back and forth, out of all calendars.
    fn clock() -> impl Strategy<Value = i64> {
        prop_oneof![
            3 => 0..4_102_444_800_000i64,
            2 => 1_764_000_000_000..1_764_000_000_000 + 40 * DAY,
            1 => any::<i64>(),
            1 => Just(0),
        ]
    }

    fn serial() -> impl Strategy<Value = u32> {
        prop_oneof![any::<u32>(), Just(0), Just(u32::MAX), 2_026_112_400..2_026_112_800u32]
    }

    proptest! {
        #[test]
        fn serials_never_fall(
            policy in proptest::sample::select(&SerialPolicy::ALL[..]),
            start in serial(),
            clocks in proptest::collection::vec(clock(), 1..200),
        ) {
            let mut last = Serial(start);
            for now in clocks {
                let serial = next(policy, last, now);
                prop_assert!(serial.is_after(last), "{policy}: {last} then {serial} at {now}");
                prop_assert_ne!(serial.0, 0);
                // Where the clock is ahead, the serial says what it stands for; else it counts.
                prop_assert!(serial == last.next() || Some(serial) == of_clock(policy, now));
                last = serial;
            }
        }

        #[test]
        fn a_policy_may_change_between_any_two_steps(
            start in serial(),
            steps in proptest::collection::vec((proptest::sample::select(&SerialPolicy::ALL[..]), clock()), 1..50),
        ) {
            let mut last = Serial(start);
            for (policy, now) in steps {
                let serial = next(policy, last, now);
                prop_assert!(serial.is_after(last));
                last = serial;
            }
        }

        #[test]
        fn a_date_reads_as_its_day(millis in 0..4_102_444_800_000i64) {
            let serial = next(SerialPolicy::Date, Serial(1), millis);
            let days = millis / DAY;
            let later = next(SerialPolicy::Date, Serial(1), (days + 1) * DAY);
            prop_assert_eq!(serial.0 % 100, 0);
            prop_assert!(later.0 > serial.0);
            prop_assert_eq!(next(SerialPolicy::Date, Serial(1), days * DAY), serial);
        }

        #[test]
        fn a_first_serial_is_after_every_removed_one(
            policy in proptest::sample::select(&SerialPolicy::ALL[..]),
            last in 1u32..,
            now in clock(),
        ) {
            prop_assert!(first(policy, Some(Serial(last)), now).is_after(Serial(last)));
        }
    }
}
