//! How often somebody may try to log in, from one address and in all. Only tries that fail count.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a failed try counts.
const WINDOW: Duration = Duration::from_secs(10 * 60);
/// Tries that may fail from one address, or one /64 of IPv6.
const FROM_ONE: u32 = 10;
/// In all: a flood from everywhere makes nobody guess faster.
const IN_ALL: u32 = 1_000;
/// Addresses that are remembered; beyond these, only the count of all holds.
const REMEMBERED: usize = 8_192;

/// See the module.
#[derive(Default)]
pub(crate) struct Tries(Mutex<Counts>);

#[derive(Default)]
struct Counts {
    by_source: HashMap<IpAddr, Count>,
    all: Option<Count>,
}

#[derive(Clone, Copy)]
struct Count {
    since: Instant,
    failed: u32,
}

/// Who holds an address holds its /64.
fn source(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) >> 64 << 64)),
        v4 => v4,
    }
}

impl Count {
    fn is_over(&self, now: Instant) -> bool {
        now.duration_since(self.since) >= WINDOW
    }

    fn one_more(this: Option<Count>, now: Instant) -> Count {
        let old = this.filter(|count| !count.is_over(now)).unwrap_or(Count { since: now, failed: 0 });
        Count { failed: old.failed.saturating_add(1), ..old }
    }
}

impl Tries {
    /// Whether another try may be made, or after how long.
    ///
    /// # Errors
    /// How long to wait.
    pub fn may_try(&self, from: IpAddr, now: Instant) -> Result<(), Duration> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_source = counts.by_source.get(&source(from)).map(|count| (count, FROM_ONE));
        for (count, most) in of_source.into_iter().chain(counts.all.as_ref().map(|all| (all, IN_ALL))) {
            if !count.is_over(now) && count.failed >= most {
                return Err(WINDOW - now.duration_since(count.since));
            }
        }
        Ok(())
    }

    /// Counts a try that failed.
    pub fn failed(&self, from: IpAddr, now: Instant) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.all = Some(Count::one_more(counts.all, now));
        let source = source(from);
        if counts.by_source.len() >= REMEMBERED && !counts.by_source.contains_key(&source) {
            counts.by_source.retain(|_, count| !count.is_over(now));
        }
        if counts.by_source.len() < REMEMBERED || counts.by_source.contains_key(&source) {
            let count = Count::one_more(counts.by_source.get(&source).copied(), now);
            counts.by_source.insert(source, count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn one_address_has_ten_tries_in_ten_minutes() {
        let (tries, now) = (Tries::default(), Instant::now());
        for _ in 0..FROM_ONE {
            assert_eq!(tries.may_try(ip("192.0.2.1"), now), Ok(()));
            tries.failed(ip("192.0.2.1"), now);
        }
        assert_eq!(
            tries.may_try(ip("192.0.2.1"), now + Duration::from_secs(60)),
            Err(Duration::from_secs(540))
        );
        assert!(tries.may_try(ip("::ffff:192.0.2.1"), now).is_err(), "the same address in other words");
        assert_eq!(tries.may_try(ip("192.0.2.2"), now), Ok(()), "others may");
        assert_eq!(tries.may_try(ip("192.0.2.1"), now + WINDOW), Ok(()), "it may again");
        (0..FROM_ONE).for_each(|n| tries.failed(ip(&format!("2001:db8::{n}")), now));
        assert!(tries.may_try(ip("2001:db8::ffff"), now).is_err(), "a /64 is one");
        assert_eq!(tries.may_try(ip("2001:db8:0:1::1"), now), Ok(()));
    }

    #[test]
    fn all_together_have_a_limit_and_memory_is_bounded() {
        let (tries, now) = (Tries::default(), Instant::now());
        for n in 0..IN_ALL {
            tries.failed(IpAddr::from(n.to_be_bytes()), now);
        }
        assert!(tries.may_try(ip("203.0.113.1"), now).is_err());
        for n in 0..2 * REMEMBERED as u32 {
            tries.failed(IpAddr::from(n.to_be_bytes()), now);
        }
        assert_eq!(tries.0.lock().expect("no test panics here").by_source.len(), REMEMBERED);
        assert_eq!(tries.may_try(ip("203.0.113.1"), now + WINDOW), Ok(()));
    }
}
