//! The accounts of the rate limit: one table for each UDP worker, of a size that never changes.
//!
//! An account is a token bucket kept as a single time, at which its allowance is whole again (the generic cell rate
//! algorithm): an answer moves that time on by its price, and there is none to be had once it lies a window ahead. An
//! account whose time has passed is as good as a new one, so that nothing has to be swept out, and a flood of forged
//! sources, each with an answer or two, leaves nothing behind after some fractions of a millisecond.
//!
//! - Four accounts share a cache line, and nothing is looked for elsewhere: one line for an answer. When four others
//!   stand there, the one whose time comes first gives way, which has least to lose.
//! - Places are chosen by SipHash under a key that nobody outside knows; who could choose the places of his networks
//!   could push out others.
//! - **Limits are divided by the number of workers** of a listening address. The kernel spreads clients over workers by
//!   address and port; resolvers take a new port for each query (RFC 5452), so a network's queries come in equal
//!   parts. A client with one port stays with one worker, and has that worker's part alone. The other way, the whole
//!   limit for each, would multiply it by the number of cores for whoever forges ports. Nothing is shared, for a shared
//!   line that every worker writes costs each of them more than the answer.
//! - The clock may jump: a time further ahead than a window is none that this table has written, and counts as past.

use crate::rate_limit::{Price, Prices, RateLimit};
use ptrd_cpu::prefetch_value;
use siphasher::sip::SipHasher13;
use std::net::IpAddr;

/// What an account counts, beside all answers of its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Records, or an error on the way to them. Counted with all others alone.
    Answer,
    /// The zone of this number denies the name or the type.
    Denial(u32),
    /// Other nameservers.
    Referral,
    /// An error.
    Error,
}

impl Kind {
    #[inline]
    fn price(self, prices: &Prices) -> Price {
        match self {
            Kind::Answer => Price { nanos: 0 },
            Kind::Denial(_) => prices.nxdomains,
            Kind::Referral => prices.referrals,
            Kind::Error => prices.errors,
        }
    }

    /// Different for different kinds and zones, never 0.
    fn number(self) -> u64 {
        match self {
            Kind::Answer => 1,
            Kind::Referral => 2,
            Kind::Error => 3,
            Kind::Denial(zone) => 1 << 32 | u64::from(zone),
        }
    }
}

/// The allowance is used up; so many answers were due before without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spent(pub(crate) u32);

#[derive(Clone, Copy, Default)]
struct Account {
    /// The part of the hash that did not choose the place.
    tag: u32,
    /// Answers that were due without an allowance.
    refused: u32,
    /// When the allowance is whole again, nanoseconds.
    whole: u64,
}

/// One cache line.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Bin([Account; 4]);

/// A network, hashed.
#[derive(Clone, Copy)]
pub(crate) struct Network(u64);

/// See the module.
pub struct Limiter {
    bins: Box<[Bin]>,
    key: [u64; 2],
    workers: u64,
}

impl Limiter {
    /// A table of at least `accounts` accounts for one of `workers` workers; the key is to be random and secret, and
    /// may be the same for all of them. This is the one time that memory is allocated.
    pub fn new(accounts: u32, key: [u64; 2], workers: usize) -> Limiter {
        let bins = (accounts as usize).div_ceil(4).next_power_of_two();
        Limiter {
            bins: vec![Bin::default(); bins].into(),
            key,
            workers: u64::try_from(workers.max(1)).unwrap_or(u64::MAX),
        }
    }

    /// An empty table of the same kind.
    pub fn renewed(&self) -> Limiter {
        Limiter { bins: vec![Bin::default(); self.bins.len()].into(), ..*self }
    }

    /// The network that a client belongs to. Its account is fetched ahead: there is a request to read meanwhile.
    #[inline]
    pub(crate) fn network(&self, peer: IpAddr, limit: &RateLimit) -> Network {
        let hasher = SipHasher13::new_with_keys(self.key[0], self.key[1]);
        let hash = match peer {
            // Four octets against sixteen: the length keeps the families apart.
            IpAddr::V4(address) => {
                let host = 32 - u32::from(limit.settings().ipv4_prefix.min(32));
                let mask = u32::MAX.checked_shl(host).unwrap_or(0);
                hasher.hash(&(u32::from(address) & mask).to_ne_bytes())
            }
            IpAddr::V6(address) => {
                let host = 128 - u32::from(limit.settings().ipv6_prefix.min(128));
                let mask = u128::MAX.checked_shl(host).unwrap_or(0);
                hasher.hash(&(u128::from(address) & mask).to_ne_bytes())
            }
        };
        prefetch_value(&self.bins[self.place(hash)]);
        Network(hash)
    }

    /// Takes an answer out of the network's allowance for all of them.
    #[inline]
    pub(crate) fn take(&mut self, network: Network, limit: &RateLimit, now: u64) -> Result<(), Spent> {
        let prices = limit.prices();
        self.charge(network.0, prices.responses, prices.window, now)
    }

    /// Takes one out of that for its kind, too. Where there is none, what [`Limiter::take`] took is given back.
    #[inline]
    pub(crate) fn take_kind(
        &mut self,
        network: Network,
        kind: Kind,
        limit: &RateLimit,
        now: u64,
    ) -> Result<(), Spent> {
        let prices = limit.prices();
        let price = kind.price(prices);
        if price.nanos == 0 {
            return Ok(());
        }
        let taken = self.charge(self.of_kind(network, kind), price, prices.window, now);
        if taken.is_err() {
            self.give_back(network.0, prices.responses);
        }
        taken
    }

    /// The account of a kind: the network's hash is secret already, so one multiplication by a secret number spreads
    /// kinds and zones well enough.
    #[inline]
    fn of_kind(&self, network: Network, kind: Kind) -> u64 {
        let product = u128::from(network.0 ^ kind.number()) * u128::from(self.key[1] | 1);
        (product >> 64) as u64 ^ product as u64
    }

    #[inline]
    fn charge(&mut self, id: u64, price: Price, window: u64, now: u64) -> Result<(), Spent> {
        let price = price.nanos.saturating_mul(self.workers);
        if price == 0 {
            return Ok(());
        }
        // However small the part, it is worth one answer.
        let window = window.max(price);
        let tag = (id >> 32) as u32;
        let bin = &mut self.bin(id).0;
        let account = match bin.iter().position(|account| account.tag == tag) {
            Some(place) => &mut bin[place],
            None => {
                let account = first_whole(bin);
                *account = Account { tag, refused: 0, whole: now };
                account
            }
        };
        let ahead = match account.whole.saturating_sub(now) {
            ahead if ahead > window => 0,
            ahead => ahead,
        };
        if ahead + price > window {
            account.refused = account.refused.wrapping_add(1);
            return Err(Spent(account.refused));
        }
        account.whole = now.saturating_add(ahead + price);
        Ok(())
    }

    fn give_back(&mut self, id: u64, price: Price) {
        let price = price.nanos.saturating_mul(self.workers);
        let tag = (id >> 32) as u32;
        if let Some(account) = self.bin(id).0.iter_mut().find(|account| account.tag == tag) {
            account.whole = account.whole.saturating_sub(price);
        }
    }

    #[inline]
    fn bin(&mut self, id: u64) -> &mut Bin {
        let place = self.place(id);
        &mut self.bins[place]
    }

    #[inline]
    fn place(&self, id: u64) -> usize {
        id as usize & (self.bins.len() - 1)
    }
}

/// The account with least to lose.
#[cold]
fn first_whole(bin: &mut [Account; 4]) -> &mut Account {
    let mut first = 0;
    for place in 1..4 {
        if bin[place].whole < bin[first].whole {
            first = place;
        }
    }
    &mut bin[first]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate_limit::RateLimitSettings;

    const SECOND: u64 = 1_000_000_000;
    const KEY: [u64; 2] = [0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908];

    fn limit(responses: u32, nxdomains: u32, window: u32) -> RateLimit {
        let settings = RateLimitSettings {
            responses_per_second: responses,
            nxdomains_per_second: nxdomains,
            window,
            ..RateLimitSettings::default()
        };
        RateLimit::new(settings).expect("limits")
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    /// How many of so many answers a client gets between two times.
    fn granted(
        limiter: &mut Limiter,
        limit: &RateLimit,
        peer: IpAddr,
        from: u64,
        to: u64,
        asked: u64,
    ) -> u64 {
        let network = limiter.network(peer, limit);
        let times = (0..asked).map(|n| from + (to - from) / asked * n);
        times.filter(|&now| limiter.take(network, limit, now).is_ok()).count() as u64
    }

    #[test]
    fn the_rate_is_kept_and_a_window_is_saved_up() {
        let limit = limit(100, 0, 2);
        let mut limiter = Limiter::new(1024, KEY, 1);
        let peer = ip("192.0.2.1");
        let now = 1_700_000_000 * SECOND;
        assert_eq!(granted(&mut limiter, &limit, peer, now, now + 1, 1000), 200, "a window at once");
        let next = granted(&mut limiter, &limit, peer, now, now + 10 * SECOND, 10_000);
        assert!((999..=1000).contains(&next), "then the rate: {next}");
        let after = now + 10 * SECOND;
        assert_eq!(granted(&mut limiter, &limit, ip("192.0.3.1"), after, after + 1, 1000), 200, "others");
        assert_eq!(
            granted(&mut limiter, &limit, ip("192.0.2.255"), after, after + 1, 1000),
            1,
            "one network"
        );
        let rested = after + 3600 * SECOND;
        assert_eq!(
            granted(&mut limiter, &limit, peer, rested, rested + 1, 1000),
            200,
            "no more than a window"
        );
    }

    #[test]
    fn a_below_limit_client_never_notices() {
        let limit = limit(100, 0, 1);
        let mut limiter = Limiter::new(1024, KEY, 1);
        assert_eq!(granted(&mut limiter, &limit, ip("192.0.2.1"), 0, 100 * SECOND, 9_900), 9_900);
    }

    #[test]
    fn workers_share_the_limit_and_none_is_left_with_nothing() {
        let limit = limit(100, 0, 1);
        let now = SECOND;
        for (workers, expected) in [(1, 100), (4, 25), (100, 1), (5000, 1)] {
            let mut limiter = Limiter::new(1024, KEY, workers);
            let peer = ip("2001:db8::1");
            assert_eq!(granted(&mut limiter, &limit, peer, now, now + 1, 1000), expected, "{workers}");
        }
    }

    #[test]
    fn a_zone_that_denies_costs_nothing_elsewhere() {
        let limit = limit(1000, 10, 1);
        let mut limiter = Limiter::new(1024, KEY, 1);
        let network = limiter.network(ip("192.0.2.1"), &limit);
        let mut deny = |zone, asked: u64| {
            let ask = |_: &u64| {
                limiter.take(network, &limit, SECOND).is_ok()
                    && limiter.take_kind(network, Kind::Denial(zone), &limit, SECOND).is_ok()
            };
            (0..asked).filter(ask).count()
        };
        assert_eq!(deny(7, 5000), 10);
        assert_eq!(deny(8, 5000), 10);
        // Answers that were not given were not counted.
        let rest = (0..5000).filter(|_| limiter.take(network, &limit, SECOND).is_ok()).count();
        assert_eq!(rest, 980);
    }

    #[test]
    fn clocks_may_jump() {
        let limit = limit(10, 0, 1);
        let mut limiter = Limiter::new(1024, KEY, 1);
        let peer = ip("192.0.2.1");
        // 2039, the end of what the counter holds, its beginning, and back.
        for now in [2_177_452_800 * SECOND, u64::MAX - 3, 0, 1_700_000_000 * SECOND, 1_000 * SECOND] {
            let network = limiter.network(peer, &limit);
            let granted = (0..100).filter(|_| limiter.take(network, &limit, now).is_ok()).count();
            assert!(granted >= 10, "{granted} at {now}");
        }
    }

    #[test]
    fn forged_sources_do_not_push_out_who_is_limited() {
        let limit = limit(100, 0, 1);
        let mut limiter = Limiter::new(1024, KEY, 1);
        let peer = ip("192.0.2.1");
        assert_eq!(granted(&mut limiter, &limit, peer, SECOND, SECOND + 1, 1000), 100);
        // As many networks as the table has accounts within one interval.
        for n in 0..400u32 {
            let network = limiter.network(IpAddr::from((0x0a00_0000 + (n << 8)).to_be_bytes()), &limit);
            let _ = limiter.take(network, &limit, SECOND + 5);
        }
        let network = limiter.network(peer, &limit);
        assert!(limiter.take(network, &limit, SECOND + 10).is_err());
    }

    #[test]
    fn prefixes_of_every_length() {
        for length in [8, 31, 32] {
            let settings = RateLimitSettings { ipv4_prefix: length, ..RateLimitSettings::default() };
            let limit = RateLimit::new(settings).expect("limits");
            let limiter = Limiter::new(256, KEY, 1);
            let same = limiter.network(ip("10.0.0.0"), &limit).0 == limiter.network(ip("10.0.0.1"), &limit).0;
            assert_eq!(same, length < 32);
        }
        let limit = RateLimit::default();
        let limiter = Limiter::new(256, KEY, 1);
        let network = |text: &str| limiter.network(ip(text), &limit).0;
        assert_eq!(network("2001:db8:0:100::1"), network("2001:db8:0:1ff::1"));
        assert_ne!(network("2001:db8:0:100::1"), network("2001:db8:0:200::1"));
    }
}
