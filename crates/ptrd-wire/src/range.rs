//! Contiguous address ranges: what a block is (a prefix, or RIPE's dash form of any two addresses).

use crate::reverse::Family;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// Why text is no address range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// Not an address, a prefix or two addresses with a dash.
    #[error("“{0}” is no address, prefix (192.0.2.0/24) or range (192.0.2.10-192.0.2.20)")]
    Syntax(String),
    /// A prefix whose host bits are not all zero.
    #[error("“{given}” has host bits set: did you mean {meant}?")]
    HostBits {
        /// The text as given.
        given: String,
        /// The prefix that the text lies in.
        meant: String,
    },
    /// The first address is after the last, or the two are of different families.
    #[error("“{0}” is no range: the first address must not come after the last, and both be of one family")]
    Backwards(String),
}

/// A contiguous range of addresses of one family, first and last included.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddrRange {
    family: Family,
    first: u128,
    last: u128,
}

/// How two ranges lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeRelation {
    /// No address in common.
    Disjoint,
    /// The same addresses.
    Equal,
    /// The first lies within the second.
    Inside,
    /// The first contains the second.
    Contains,
    /// Some addresses in common, and each has some of its own.
    Crossing,
}

/// The number of an address within its family: 32 or 128 bits.
pub fn ip_to_bits(ip: IpAddr) -> (Family, u128) {
    match ip {
        IpAddr::V4(v4) => (Family::V4, u128::from(u32::from(v4))),
        IpAddr::V6(v6) => (Family::V6, u128::from(v6)),
    }
}

/// The address with this number; for IPv4 the low 32 bits count.
pub fn ip_from_bits(family: Family, bits: u128) -> IpAddr {
    match family {
        Family::V4 => IpAddr::V4(Ipv4Addr::from(bits as u32)),
        Family::V6 => IpAddr::V6(Ipv6Addr::from(bits)),
    }
}

impl AddrRange {
    /// The range from `first` to `last`.
    ///
    /// # Errors
    /// [`RangeError::Backwards`].
    pub fn new(first: IpAddr, last: IpAddr) -> Result<AddrRange, RangeError> {
        let ((family, a), (other, b)) = (ip_to_bits(first), ip_to_bits(last));
        if family != other || a > b {
            return Err(RangeError::Backwards(format!("{first}-{last}")));
        }
        Ok(AddrRange { family, first: a, last: b })
    }

    /// The range of one address.
    pub fn single(ip: IpAddr) -> AddrRange {
        let (family, bits) = ip_to_bits(ip);
        AddrRange { family, first: bits, last: bits }
    }

    /// The range of the addresses whose first `length` bits are those of `bits`; lower bits are cleared.
    pub fn of_prefix(family: Family, bits: u128, length: u8) -> AddrRange {
        let host = family.bits().saturating_sub(length);
        let mask = if host >= 128 { u128::MAX } else { (1u128 << host) - 1 };
        let mask = mask & family.mask();
        let first = bits & family.mask() & !mask;
        AddrRange { family, first, last: first | mask }
    }

    /// The family.
    pub fn family(&self) -> Family {
        self.family
    }

    /// The first address as a number (see [`ip_to_bits`]).
    pub fn first_bits(&self) -> u128 {
        self.first
    }

    /// The last address as a number (see [`ip_to_bits`]).
    pub fn last_bits(&self) -> u128 {
        self.last
    }

    /// The first address.
    pub fn first(&self) -> IpAddr {
        ip_from_bits(self.family, self.first)
    }

    /// The last address.
    pub fn last(&self) -> IpAddr {
        ip_from_bits(self.family, self.last)
    }

    /// How many addresses; the whole IPv6 space counts as 2^128 − 1.
    pub fn size(&self) -> u128 {
        (self.last - self.first).saturating_add(1)
    }

    /// Whether the address is in the range.
    pub fn contains(&self, ip: IpAddr) -> bool {
        let (family, bits) = ip_to_bits(ip);
        family == self.family && (self.first..=self.last).contains(&bits)
    }

    /// The prefix length if the range is a prefix.
    pub fn prefix_len(&self) -> Option<u8> {
        let span = self.last - self.first;
        let host = 128 - span.leading_zeros() as u8;
        let is_prefix = span & span.wrapping_add(1) == 0 && self.first & span == 0;
        is_prefix.then(|| self.family.bits() - host)
    }

    /// How this range lies to `other`.
    pub fn relation(&self, other: &AddrRange) -> RangeRelation {
        if self.family != other.family || self.last < other.first || other.last < self.first {
            return RangeRelation::Disjoint;
        }
        match (
            self.first >= other.first && self.last <= other.last,
            other.first >= self.first && other.last <= self.last,
        ) {
            (true, true) => RangeRelation::Equal,
            (true, false) => RangeRelation::Inside,
            (false, true) => RangeRelation::Contains,
            (false, false) => RangeRelation::Crossing,
        }
    }

    /// Whether `other` lies within this range or is it.
    pub fn covers(&self, other: &AddrRange) -> bool {
        self.family == other.family && self.first <= other.first && other.last <= self.last
    }
}

impl FromStr for AddrRange {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<AddrRange, RangeError> {
        let syntax = || RangeError::Syntax(text.to_owned());
        if let Some((first, last)) = text.split_once('-') {
            let first: IpAddr = first.trim().parse().map_err(|_| syntax())?;
            let last: IpAddr = last.trim().parse().map_err(|_| syntax())?;
            return AddrRange::new(first, last).map_err(|_| RangeError::Backwards(text.to_owned()));
        }
        if text.contains('/') {
            let net: ipnet::IpNet = text.parse().map_err(|_| syntax())?;
            if net.trunc().addr() != net.addr() {
                return Err(RangeError::HostBits { given: text.to_owned(), meant: net.trunc().to_string() });
            }
            return Ok(AddrRange {
                family: ip_to_bits(net.addr()).0,
                first: ip_to_bits(net.network()).1,
                last: ip_to_bits(net.broadcast()).1,
            });
        }
        text.parse().map(AddrRange::single).map_err(|_| syntax())
    }
}

impl fmt::Display for AddrRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix_len() {
            Some(length) => write!(f, "{}/{length}", self.first()),
            None => write!(f, "{}-{}", self.first(), self.last()),
        }
    }
}

impl fmt::Debug for AddrRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for AddrRange {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for AddrRange {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<AddrRange, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> AddrRange {
        text.parse().expect("a range")
    }

    #[test]
    fn text_forms() {
        for text in
            ["192.0.2.0/24", "192.0.2.10-192.0.2.20", "0.0.0.0/0", "::/0", "2001:db8::/29", "192.0.2.1/32"]
        {
            assert_eq!(range(text).to_string(), text);
        }
        assert_eq!(range("192.0.2.1").to_string(), "192.0.2.1/32");
        assert_eq!(range("192.0.2.0-192.0.2.255"), range("192.0.2.0/24"));
        assert_eq!(
            "192.0.2.1/24".parse::<AddrRange>(),
            Err(RangeError::HostBits { given: "192.0.2.1/24".into(), meant: "192.0.2.0/24".into() })
        );
        assert!(matches!("192.0.2.9-192.0.2.1".parse::<AddrRange>(), Err(RangeError::Backwards(_))));
        assert!(matches!("192.0.2.9-::1".parse::<AddrRange>(), Err(RangeError::Backwards(_))));
        assert!(matches!("192.0.2".parse::<AddrRange>(), Err(RangeError::Syntax(_))));
        assert!(matches!("192.0.2.0/33".parse::<AddrRange>(), Err(RangeError::Syntax(_))));
    }

    #[test]
    fn prefixes_are_recognised() {
        assert_eq!(range("192.0.2.0/24").prefix_len(), Some(24));
        assert_eq!(range("::/0").prefix_len(), Some(0));
        assert_eq!(range("0.0.0.0/0").prefix_len(), Some(0));
        assert_eq!(range("192.0.2.1-192.0.2.2").prefix_len(), None);
        assert_eq!(range("192.0.2.1-192.0.2.4").prefix_len(), None);
        assert_eq!(AddrRange::of_prefix(Family::V6, u128::MAX, 0), range("::/0"));
        assert_eq!(AddrRange::of_prefix(Family::V4, 0xc000_0205, 30), range("192.0.2.4/30"));
    }

    #[test]
    fn relations() {
        use RangeRelation::*;
        let of = |a: &str, b: &str| range(a).relation(&range(b));
        assert_eq!(of("192.0.2.0/25", "192.0.2.0/24"), Inside);
        assert_eq!(of("192.0.2.0/24", "192.0.2.0/25"), Contains);
        assert_eq!(of("192.0.2.0/25", "192.0.2.128/25"), Disjoint);
        assert_eq!(of("192.0.2.0-192.0.2.9", "192.0.2.9-192.0.2.10"), Crossing);
        assert_eq!(of("192.0.2.0/25", "192.0.2.0/25"), Equal);
        assert_eq!(of("0.0.0.0/0", "::/0"), Disjoint);
    }
}
