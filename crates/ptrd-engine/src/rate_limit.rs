//! What the rate limit of answers over UDP allows: the settings, checked.
//!
//! A source address over UDP is a claim, so answers may hit somebody who never asked. Each network (/24, /56) has an
//! allowance for all answers together, and within it smaller ones: for what a zone denies (NXDOMAIN, NODATA), for
//! referrals, for errors. Whoever proves his address, by TCP or by a server cookie (RFC 7873), is not limited.
//!
//! Defaults are generous. PTR answers hardly amplify (1.6 times the query), so the limit need not be near what clients
//! use: BIND's advice of 5 a second is for each name, which a reverse server would never see exceeded, since every
//! address has a name of its own; NSD's 200 for a network, on in Debian, cuts off large resolvers. 10 000 a second is
//! several times what a public resolver's site sends, and a small part of what a worker answers.

use ptrd_wire::AddrRange;
use std::fmt;
use std::net::IpAddr;

const SECOND: u64 = 1_000_000_000;

/// The settings as an operator writes them, `[rate-limit]` in the configuration. Rates are answers per second to one
/// network, over all UDP workers of a listening address; 0 sets no limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimitSettings {
    /// `responses-per-second`: answers of any kind together.
    pub responses_per_second: u32,
    /// `nxdomains-per-second`: NXDOMAIN and NODATA out of one zone, so that a flood of random names in one zone costs
    /// the network nothing in the others.
    pub nxdomains_per_second: u32,
    /// `referrals-per-second`: referrals to other nameservers; they are the longest answers.
    pub referrals_per_second: u32,
    /// `errors-per-second`: REFUSED, FORMERR, NOTIMP and all other errors.
    pub errors_per_second: u32,
    /// `slip`: of so many answers over the limit one is sent, as truncated, so that a real client comes back over TCP.
    /// 1 sends all of them, 0 none.
    pub slip: u32,
    /// `window`: for how many seconds a network that asks nothing saves its allowance up.
    pub window: u32,
    /// `ipv4-prefix`: length of the prefix that makes a network.
    pub ipv4_prefix: u8,
    /// `ipv6-prefix`: the same for IPv6.
    pub ipv6_prefix: u8,
    /// `table-size`: accounts that each UDP worker keeps, 16 octets each; rounded up to a power of two. An account is
    /// needed while its allowance is not whole: about (queries per second) / (the lowest rate) of them at a time.
    pub table_size: u32,
    /// `exempt`: networks that are never limited.
    pub exempt: Vec<AddrRange>,
}

impl Default for RateLimitSettings {
    fn default() -> RateLimitSettings {
        RateLimitSettings {
            responses_per_second: 10_000,
            nxdomains_per_second: 2_500,
            referrals_per_second: 5_000,
            errors_per_second: 1_000,
            slip: 2,
            window: 2,
            ipv4_prefix: 24,
            ipv6_prefix: 56,
            table_size: 1 << 15,
            exempt: Vec::new(),
        }
    }
}

impl RateLimitSettings {
    /// The defaults with another limit for all answers together, and the other rates in proportion. 0 sets none.
    pub fn scaled_to(responses_per_second: u32) -> RateLimitSettings {
        let defaults = RateLimitSettings::default();
        let scale = |rate: u32| {
            let scaled = u64::from(rate) * u64::from(responses_per_second);
            scaled.div_ceil(u64::from(defaults.responses_per_second)) as u32
        };
        RateLimitSettings {
            responses_per_second,
            nxdomains_per_second: scale(defaults.nxdomains_per_second),
            referrals_per_second: scale(defaults.referrals_per_second),
            errors_per_second: scale(defaults.errors_per_second),
            ..defaults
        }
    }
}

/// A setting out of its bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutOfBounds {
    /// Its name in the configuration.
    pub setting: &'static str,
    /// What was given.
    pub given: u64,
    /// The least that it may be.
    pub least: u64,
    /// The most.
    pub most: u64,
}

impl OutOfBounds {
    /// What is wrong, without the setting's name.
    pub fn bounds(&self) -> String {
        format!("{} is out of bounds: {} to {}", self.given, self.least, self.most)
    }
}

impl fmt::Display for OutOfBounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}: it may be {} to {}", self.setting, self.given, self.least, self.most)
    }
}

impl std::error::Error for OutOfBounds {}

/// The rate limit, from settings that were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    settings: RateLimitSettings,
    prices: Prices,
    /// Networks without a limit: first and last address, sorted, disjoint.
    exempt_v4: Box<[(u32, u32)]>,
    exempt_v6: Box<[(u128, u128)]>,
}

impl Default for RateLimit {
    fn default() -> RateLimit {
        RateLimit::of(RateLimitSettings::default())
    }
}

/// A rate as the time that one answer costs. Of one worker, when multiplied by the number of workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Price {
    /// Nanoseconds; 0 for free.
    pub(crate) nanos: u64,
}

/// All of them, and what may be saved up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prices {
    pub(crate) responses: Price,
    pub(crate) nxdomains: Price,
    pub(crate) referrals: Price,
    pub(crate) errors: Price,
    /// Nanoseconds of allowance.
    pub(crate) window: u64,
}

impl Price {
    fn of(per_second: u32) -> Price {
        // Rounded down, so that a window holds as many as it says.
        Price { nanos: SECOND.checked_div(per_second.into()).unwrap_or(0) }
    }
}

impl RateLimit {
    /// Checks the settings.
    ///
    /// # Errors
    /// Every setting that is out of its bounds.
    pub fn new(settings: RateLimitSettings) -> Result<RateLimit, Vec<OutOfBounds>> {
        let s = &settings;
        let rate = (0, 100_000_000);
        let bounds = [
            ("responses-per-second", s.responses_per_second, rate),
            ("nxdomains-per-second", s.nxdomains_per_second, rate),
            ("referrals-per-second", s.referrals_per_second, rate),
            ("errors-per-second", s.errors_per_second, rate),
            ("slip", s.slip, (0, 1_000)),
            ("window", s.window, (1, 3_600)),
            ("ipv4-prefix", u32::from(s.ipv4_prefix), (8, 32)),
            ("ipv6-prefix", u32::from(s.ipv6_prefix), (16, 128)),
            ("table-size", s.table_size, (256, 1 << 26)),
        ];
        let out = bounds.into_iter().filter(|(_, given, (least, most))| !(least..=most).contains(&given));
        let out: Vec<_> = out
            .map(|(setting, given, (least, most))| OutOfBounds {
                setting,
                given: given.into(),
                least: least.into(),
                most: most.into(),
            })
            .collect();
        if out.is_empty() { Ok(RateLimit::of(settings)) } else { Err(out) }
    }

    fn of(settings: RateLimitSettings) -> RateLimit {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for range in &settings.exempt {
            match (range.first(), range.last()) {
                (IpAddr::V4(first), IpAddr::V4(last)) => v4.push((u32::from(first), u32::from(last))),
                _ => v6.push((range.first_bits(), range.last_bits())),
            }
        }
        let prices = Prices {
            responses: Price::of(settings.responses_per_second),
            nxdomains: Price::of(settings.nxdomains_per_second),
            referrals: Price::of(settings.referrals_per_second),
            errors: Price::of(settings.errors_per_second),
            window: u64::from(settings.window) * SECOND,
        };
        RateLimit { settings, prices, exempt_v4: disjoint(v4), exempt_v6: disjoint(v6) }
    }

    /// The settings.
    pub fn settings(&self) -> &RateLimitSettings {
        &self.settings
    }

    /// Whether this client is never limited.
    #[inline]
    pub(crate) fn exempts(&self, peer: IpAddr) -> bool {
        match peer {
            IpAddr::V4(address) => holds(&self.exempt_v4, u32::from(address)),
            IpAddr::V6(address) => holds(&self.exempt_v6, u128::from(address)),
        }
    }

    #[inline]
    pub(crate) fn prices(&self) -> &Prices {
        &self.prices
    }
}

/// Sorted and joined where they overlap, so that a search by halves finds what holds an address.
fn disjoint<T: Ord + Copy>(mut ranges: Vec<(T, T)>) -> Box<[(T, T)]> {
    ranges.sort_unstable();
    let mut joined: Vec<(T, T)> = Vec::new();
    for (first, last) in ranges {
        match joined.last_mut() {
            Some(before) if first <= before.1 => before.1 = before.1.max(last),
            _ => joined.push((first, last)),
        }
    }
    joined.into()
}

#[inline]
fn holds<T: Ord + Copy>(ranges: &[(T, T)], address: T) -> bool {
    if ranges.is_empty() {
        return false;
    }
    let after = ranges.partition_point(|&(first, _)| first <= address);
    after > 0 && address <= ranges[after - 1].1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_out_of_bounds_is_named() {
        assert!(RateLimit::new(RateLimitSettings::default()).is_ok());
        let settings = RateLimitSettings {
            window: 0,
            ipv4_prefix: 33,
            table_size: u32::MAX,
            slip: 1001,
            ..RateLimitSettings::default()
        };
        let wrong = RateLimit::new(settings).expect_err("refused");
        let names: Vec<_> = wrong.iter().map(|wrong| wrong.setting).collect();
        assert_eq!(names, ["slip", "window", "ipv4-prefix", "table-size"]);
        assert_eq!(wrong[2].to_string(), "ipv4-prefix is 33: it may be 8 to 32");
    }

    #[test]
    fn another_limit_keeps_the_proportions() {
        assert_eq!(RateLimitSettings::scaled_to(10_000), RateLimitSettings::default());
        let raised = RateLimitSettings::scaled_to(100_000_000);
        assert_eq!((raised.nxdomains_per_second, raised.errors_per_second), (25_000_000, 10_000_000));
        assert!(RateLimit::new(raised).is_ok());
        assert_eq!(RateLimitSettings::scaled_to(1).errors_per_second, 1, "a low limit is no missing one");
        assert_eq!(RateLimitSettings::scaled_to(0).errors_per_second, 0);
    }

    #[test]
    fn exempt_networks_are_found_wherever_they_stand() {
        let exempt = ["192.0.2.0/25", "192.0.2.64/26", "10.0.0.1", "2001:db8::/32", "0.0.0.0-0.0.0.7"];
        let exempt = exempt.iter().map(|text| text.parse().expect("a range")).collect();
        let limit = RateLimit::new(RateLimitSettings { exempt, ..Default::default() }).expect("limits");
        let exempts = |text: &str| limit.exempts(text.parse().expect("an address"));
        for inside in ["0.0.0.0", "0.0.0.7", "10.0.0.1", "192.0.2.0", "192.0.2.127", "2001:db8::1"] {
            assert!(exempts(inside), "{inside}");
        }
        for outside in ["0.0.0.8", "10.0.0.0", "10.0.0.2", "192.0.1.255", "192.0.2.128", "2001:db9::", "::"] {
            assert!(!exempts(outside), "{outside}");
        }
        assert!(!RateLimit::default().exempts("192.0.2.1".parse().expect("an address")));
    }
}
