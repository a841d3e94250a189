//! How often somebody may do something: buckets that fill with time, in a table of fixed size.
//!
//! When the table is full, those who came least recently are forgotten, which gives them a full bucket: whoever wants to be
//! forgotten must come from as many addresses as the table has places.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Who is remembered.
const REMEMBERED: usize = 4_096;

/// Whom something is counted for: a client has a /64 of IPv6 to itself.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

/// See the module.
pub(crate) struct Rates<K> {
    /// What a bucket holds.
    burst: f64,
    /// How long until one more is granted.
    each: Duration,
    left: Mutex<HashMap<K, (f64, Instant)>>,
}

impl<K: Copy + Eq + Hash> Rates<K> {
    /// `burst` at once, and then one after each of these times.
    pub fn new(burst: u32, each: Duration) -> Rates<K> {
        Rates { burst: f64::from(burst.max(1)), each, left: Mutex::default() }
    }

    /// Of so many a second, and as many at once.
    pub fn per_second(rate: u32) -> Rates<K> {
        Rates::new(rate, Duration::from_secs(1) / rate.max(1))
    }

    fn left(&self, of: (f64, Instant), now: Instant) -> f64 {
        let granted = now.saturating_duration_since(of.1).as_secs_f64() / self.each.as_secs_f64().max(1e-9);
        (of.0 + granted).min(self.burst)
    }

    /// Whether there is one left; if not, how long until there is.
    ///
    /// # Errors
    /// That time.
    pub fn check(&self, who: K, now: Instant) -> Result<(), Duration> {
        let table = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let left = table.get(&who).map_or(self.burst, |of| self.left(*of, now));
        if left >= 1.0 { Ok(()) } else { Err(self.each.mul_f64(1.0 - left)) }
    }

    /// Takes one, be there any or not.
    pub fn note(&self, who: K, now: Instant) {
        let mut table = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let left = table.get(&who).map_or(self.burst, |of| self.left(*of, now));
        table.insert(who, ((left - 1.0).max(0.0), now));
        if table.len() > REMEMBERED {
            let mut times: Vec<Instant> = table.values().map(|(_, at)| *at).collect();
            let middle = *times.select_nth_unstable(REMEMBERED / 2).1;
            table.retain(|_, (_, at)| *at >= middle);
        }
    }

    /// Takes one, if there is any left; if not, says how long until there is.
    ///
    /// # Errors
    /// That time.
    pub fn take(&self, who: K, now: Instant) -> Result<(), Duration> {
        self.check(who, now)?;
        self.note(who, now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const EACH: Duration = Duration::from_secs(6);

    #[test]
    fn ten_at_once_and_then_one_every_six_seconds() {
        let (rates, start) = (Rates::new(10, EACH), Instant::now());
        for _ in 0..10 {
            rates.take(1, start).expect("another one");
        }
        assert_eq!(rates.take(1, start), Err(EACH));
        rates.take(2, start).expect("somebody else");
        assert_eq!(rates.check(1, start + EACH / 2), Err(EACH / 2));
        rates.take(1, start + EACH).expect("another one");
        assert!(rates.take(1, start + EACH).is_err());
        for _ in 0..10 {
            rates.take(1, start + 20 * EACH).expect("all again");
        }
        assert!(rates.take(1, start + 20 * EACH).is_err());
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let of = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1:2:3"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    #[test]
    fn the_table_does_not_grow_beyond_its_size() {
        let (rates, start) = (Rates::new(10, EACH), Instant::now());
        for n in 0..3 * REMEMBERED as u32 {
            rates.note(Ipv4Addr::from_bits(n), start + Duration::from_millis(n.into()));
            assert!(rates.left.lock().expect("a table").len() <= REMEMBERED + 1);
        }
        let last = Ipv4Addr::from_bits(3 * REMEMBERED as u32 - 1);
        assert!(rates.left.lock().expect("a table").contains_key(&last));
    }
}
