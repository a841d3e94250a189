//! Address ↔ name: in-addr.arpa (RFC 1035 §3.5), ip6.arpa (RFC 3596 §2.5) and the labels of classless zones
//! (RFC 2317, RFC 4183).
//!
//! Only the canonical full-length form maps to an address: `005.2.0.192.in-addr.arpa` and
//! `256.2.0.192.in-addr.arpa` are ordinary owner names.

use crate::name::Name;
use crate::qname::QName;
use crate::range::{AddrRange, ip_from_bits, ip_to_bits};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// An address family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

const IN_ADDR: &[u8; 14] = b"\x07in-addr\x04arpa\x00";
const IP6: &[u8; 10] = b"\x03ip6\x04arpa\x00";

impl Family {
    /// Bits of an address.
    pub const fn bits(self) -> u8 {
        match self {
            Family::V4 => 32,
            Family::V6 => 128,
        }
    }

    /// Bits that one label of a reverse name stands for.
    pub const fn label_bits(self) -> u8 {
        match self {
            Family::V4 => 8,
            Family::V6 => 4,
        }
    }

    /// Labels of a full address below in-addr.arpa or ip6.arpa.
    pub const fn full_depth(self) -> u8 {
        self.bits() / self.label_bits()
    }

    pub(crate) const fn mask(self) -> u128 {
        match self {
            Family::V4 => u32::MAX as u128,
            Family::V6 => u128::MAX,
        }
    }

    fn suffix(self) -> &'static [u8] {
        match self {
            Family::V4 => IN_ADDR,
            Family::V6 => IP6,
        }
    }
}

/// What a name under in-addr.arpa or ip6.arpa says of addresses: the longest canonical run of labels next to the
/// suffix, and how many labels stand to the left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReverseName {
    /// The canonical part.
    pub prefix: ReversePrefix,
    /// Labels left of the canonical part: 0 for an address or a prefix of one.
    pub extra: u8,
}

/// A prefix on an octet (IPv4) or nibble (IPv6) border: the apex of a range zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReversePrefix {
    family: Family,
    bits: u128,
    depth: u8,
}

impl ReverseName {
    /// Reads a question's name; `None` outside in-addr.arpa and ip6.arpa.
    #[inline]
    pub fn of(name: &QName) -> Option<ReverseName> {
        let labels = name.label_count();
        if labels < 2 {
            return None;
        }
        // Compared as arrays: no call, unlike slices of a length that only the name knows.
        let suffix = name.suffix(2);
        match suffix.len() {
            14 if suffix.first_chunk() == Some(IN_ADDR) => Some(Self::of_v4(name, labels - 2)),
            10 if suffix.first_chunk() == Some(IP6) => Some(Self::of_v6(name, labels - 2)),
            _ => None,
        }
    }

    /// As [`ReverseName::of`], for an owned name.
    pub fn of_name(name: &Name) -> Option<ReverseName> {
        let mut qname = QName::default();
        qname.assign(name.as_wire());
        ReverseName::of(&qname)
    }

    /// The IPv4 address that a request asks about, read off its first question without a check of anything else:
    /// good enough to fetch ahead what an answer will read, and for nothing more.
    #[inline]
    pub fn glance_v4(request: &[u8]) -> Option<u32> {
        let (mut rest, mut bits) = (request.get(crate::HEADER_LEN..)?, 0u32);
        for shift in [0, 8, 16, 24] {
            let (&length, after) = rest.split_first()?;
            let (label, after) = after.split_at_checked(usize::from(length))?;
            bits |= u32::from(canonical_octet(label)?) << shift;
            rest = after;
        }
        (rest.first() == Some(&7)).then_some(bits)
    }

    #[inline]
    fn of_v4(name: &QName, labels: usize) -> ReverseName {
        let (mut bits, mut depth) = (0u32, 0usize);
        while depth < labels && depth < 4 {
            let Some(octet) = canonical_octet(name.label(labels - 1 - depth)) else { break };
            bits |= u32::from(octet) << (24 - 8 * depth);
            depth += 1;
        }
        let prefix = ReversePrefix { family: Family::V4, bits: u128::from(bits), depth: depth as u8 };
        ReverseName { prefix, extra: (labels - depth) as u8 }
    }

    #[inline]
    fn of_v6(name: &QName, labels: usize) -> ReverseName {
        if labels == 32
            && name.wire().len() == 74
            && let Some(bits) = full_v6(name.wire())
        {
            return ReverseName { prefix: ReversePrefix { family: Family::V6, bits, depth: 32 }, extra: 0 };
        }
        let (mut bits, mut depth) = (0u128, 0usize);
        while depth < labels && depth < 32 {
            let &[digit] = name.label(labels - 1 - depth) else { break };
            let nibble = NIBBLE[digit as usize];
            if nibble > 15 {
                break;
            }
            bits |= u128::from(nibble) << (124 - 4 * depth);
            depth += 1;
        }
        ReverseName {
            prefix: ReversePrefix { family: Family::V6, bits, depth: depth as u8 },
            extra: (labels - depth) as u8,
        }
    }

    /// The address, if the name is that of exactly one.
    #[inline]
    pub fn address(&self) -> Option<IpAddr> {
        (self.extra == 0 && self.prefix.is_full()).then(|| ip_from_bits(self.prefix.family, self.prefix.bits))
    }
}

/// All 32 nibbles of a full-length ip6.arpa name in lower-case wire form, checked without a branch per label.
#[inline]
fn full_v6(wire: &[u8]) -> Option<u128> {
    let labels: &[u8; 64] = wire.first_chunk()?;
    let (mut bits, mut bad) = (0u128, 0u8);
    let mut at = 0;
    while at < 64 {
        let nibble = NIBBLE[labels[at + 1] as usize];
        bad |= (labels[at] ^ 1) | (nibble & 0xf0);
        bits |= u128::from(nibble & 15) << (2 * at);
        at += 2;
    }
    (bad == 0).then_some(bits)
}

static NIBBLE: [u8; 256] = {
    let mut table = [0xffu8; 256];
    let mut n = 0;
    while n < 16 {
        table[b"0123456789abcdef"[n] as usize] = n as u8;
        n += 1;
    }
    table
};

/// The octet that a label spells in canonical decimal: 0 to 255 without a leading zero.
#[inline]
pub fn canonical_octet(label: &[u8]) -> Option<u8> {
    let digit = |b: u8| {
        let d = b.wrapping_sub(b'0');
        (d < 10).then_some(u32::from(d))
    };
    match *label {
        [a] => digit(a).map(|d| d as u8),
        [a, b] if a != b'0' => Some((digit(a)? * 10 + digit(b)?) as u8),
        [a, b, c] if a != b'0' => u8::try_from(digit(a)? * 100 + digit(b)? * 10 + digit(c)?).ok(),
        _ => None,
    }
}

impl ReversePrefix {
    /// The prefix of the first `depth` octets or nibbles of an address.
    pub fn new(address: IpAddr, depth: u8) -> ReversePrefix {
        let (family, bits) = ip_to_bits(address);
        let depth = depth.min(family.full_depth());
        let range = AddrRange::of_prefix(family, bits, depth * family.label_bits());
        ReversePrefix { family, bits: range.first_bits(), depth }
    }

    /// The prefix that a zone of this apex covers; `None` for an apex that is no canonical reverse name.
    pub fn of_apex(apex: &Name) -> Option<ReversePrefix> {
        ReverseName::of_name(apex).filter(|name| name.extra == 0).map(|name| name.prefix)
    }

    /// The family.
    pub fn family(&self) -> Family {
        self.family
    }

    /// The prefix as a number, low bits zero.
    #[inline]
    pub fn bits(&self) -> u128 {
        self.bits
    }

    /// Octets or nibbles.
    #[inline]
    pub fn depth(&self) -> u8 {
        self.depth
    }

    /// Whether the prefix is one address.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.depth == self.family.full_depth()
    }

    /// The addresses.
    #[inline]
    pub fn range(&self) -> AddrRange {
        AddrRange::of_prefix(self.family, self.bits, self.depth * self.family.label_bits())
    }

    /// The reverse name.
    pub fn name(&self) -> Name {
        let mut wire = Vec::with_capacity(80);
        for level in (0..self.depth).rev() {
            let shift = self.family.bits() - self.family.label_bits() * (level + 1);
            match self.family {
                Family::V4 => {
                    let text = ((self.bits >> shift) as u8).to_string();
                    wire.push(text.len() as u8);
                    wire.extend_from_slice(text.as_bytes());
                }
                Family::V6 => {
                    wire.extend_from_slice(&[1, b"0123456789abcdef"[(self.bits >> shift) as usize & 15]])
                }
            }
        }
        wire.extend_from_slice(self.family.suffix());
        Name::from_wire(&wire).expect("at most 32 one-octet labels or four of three, and the suffix")
    }
}

/// The zones that a registry delegates for a range: on the next octet (down to /24) or nibble border. `None` when
/// the range does not start and end on such a border, is smaller than a /24, or would need more than 65 536 zones.
pub fn tile_for_registry(range: &AddrRange) -> Option<Vec<ReversePrefix>> {
    let family = range.family();
    let depth = registry_depth(range)?;
    let host = host_bits(family, depth);
    let (first, last) = (range.first_bits() >> host, range.last_bits() >> host);
    Some((first..=last).map(|n| ReversePrefix { family, bits: n << host, depth }).collect())
}

/// The depth of the prefixes that [`tile_for_registry`] gives for a range.
pub fn registry_depth(range: &AddrRange) -> Option<u8> {
    let family = range.family();
    let deepest = match family {
        Family::V4 => 3,
        Family::V6 => 32,
    };
    let shallowest = match range.prefix_len() {
        Some(length) => length.div_ceil(family.label_bits()).max(1),
        None => 1,
    };
    (shallowest..=deepest).find(|&depth| {
        let low = low_bits(family, depth);
        let host = host_bits(family, depth);
        range.first_bits() & low == 0
            && range.last_bits() & low == low
            && (range.last_bits() >> host) - (range.first_bits() >> host) < 65_536
    })
}

/// The fewest prefixes on label borders that make up a range, in the order of addresses: the names at or below which
/// everything that the range's addresses have lies.
pub fn label_prefixes(range: &AddrRange) -> Vec<ReversePrefix> {
    let family = range.family();
    let mut prefixes = Vec::new();
    let mut next = Some(range.first_bits());
    while let Some(bits) = next.filter(|bits| *bits <= range.last_bits()) {
        let fits = |depth: &u8| {
            let low = low_bits(family, *depth);
            bits & low == 0 && bits | low <= range.last_bits()
        };
        let depth = (0..family.full_depth()).find(fits).unwrap_or(family.full_depth());
        prefixes.push(ReversePrefix { family, bits, depth });
        next = (bits | low_bits(family, depth)).checked_add(1);
    }
    prefixes
}

/// Bits below a prefix of this depth, less than 128.
fn host_bits(family: Family, depth: u8) -> u32 {
    u32::from(family.bits() - depth * family.label_bits())
}

/// The number whose bits are those below a prefix of this depth.
pub fn low_bits(family: Family, depth: u8) -> u128 {
    let host = host_bits(family, depth);
    if host >= 128 { u128::MAX } else { (1u128 << host) - 1 }
}

/// The label of a classless zone for an IPv4 range within one /24: `first-len` (RFC 4183), `first-last` (RIPE), or
/// `first/len` (RFC 2317). `None` when the style needs a prefix and the range is none, or it crosses a /24.
pub fn classless_label(range: &AddrRange, separator: char, last_instead_of_length: bool) -> Option<String> {
    let one_page = range.family() == Family::V4 && range.first_bits() >> 8 == range.last_bits() >> 8;
    let first = range.first_bits() & 0xff;
    let second =
        if last_instead_of_length { range.last_bits() & 0xff } else { u128::from(range.prefix_len()?) };
    one_page.then(|| format!("{first}{separator}{second}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reverse(text: &str) -> Option<ReverseName> {
        ReverseName::of_name(&text.parse().expect("a name"))
    }

    #[test]
    fn canonical_octets_agree_with_a_slow_parser() {
        let slow = |label: &[u8]| {
            let text = std::str::from_utf8(label).ok()?;
            let n: u8 = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())??;
            (n.to_string() == text).then_some(n)
        };
        for a in 0..=255u8 {
            assert_eq!(canonical_octet(&[a]), slow(&[a]));
            for b in 0..=255u8 {
                assert_eq!(canonical_octet(&[a, b]), slow(&[a, b]));
            }
        }
        for n in 0..1000 {
            let text = format!("{n:03}");
            assert_eq!(canonical_octet(text.as_bytes()), slow(text.as_bytes()), "{text}");
        }
        for label in [&b""[..], b"0255", b"1a2", b"25\x16", b"+12"] {
            assert_eq!(canonical_octet(label), None);
        }
    }

    #[test]
    fn names_map_to_addresses_and_back() {
        for text in ["192.0.2.5", "0.0.0.0", "255.255.255.255", "2001:db8::dead:beef", "::"] {
            let ip: IpAddr = text.parse().expect("an address");
            let prefix = ReversePrefix::new(ip, 32);
            assert_eq!(ReverseName::of_name(&prefix.name()).and_then(|n| n.address()), Some(ip));
        }
        assert_eq!(
            ReversePrefix::new("192.0.2.5".parse().expect("ip"), 3).name().to_string(),
            "2.0.192.in-addr.arpa."
        );
        let name = reverse("005.2.0.192.in-addr.arpa").expect("reverse");
        assert_eq!((name.address(), name.prefix.depth(), name.extra), (None, 3, 1));
        let name = reverse("1.5.2.0.192.in-addr.arpa").expect("reverse");
        assert_eq!((name.address(), name.prefix.depth(), name.extra), (None, 4, 1));
        let name = reverse("F.8.b.d.0.1.0.0.2.ip6.arpa").expect("reverse");
        assert_eq!((name.prefix.depth(), name.extra, name.address()), (9, 0, None));
        assert_eq!(name.prefix.range().to_string(), "2001:db8:f000::/36");
        let name = reverse("10.8.b.d.0.1.0.0.2.ip6.arpa").expect("reverse");
        assert_eq!((name.prefix.depth(), name.extra), (8, 1));
        assert_eq!(reverse("arpa"), None);
        assert_eq!(reverse("x.in-addr.arpa.example"), None);
    }

    #[test]
    fn full_v6_names_agree_with_the_slow_path() {
        let wire = ReversePrefix::new("2001:db8::1234:abcd".parse().expect("ip"), 32).name();
        for position in 0..64 {
            for octet in 0..=255u8 {
                let mut changed = wire.as_wire().to_vec();
                changed[position] = octet;
                let Ok(name) = Name::from_wire(&changed) else { continue };
                let mut q = QName::default();
                q.assign(name.as_wire());
                let slow = name.labels().take(32).try_fold((0u128, 0), |(bits, shift), label| {
                    let digit = char::from(*label.first()?).to_digit(16)?;
                    (label.len() == 1).then_some((bits | u128::from(digit) << shift, shift + 4))
                });
                let expected =
                    slow.filter(|_| name.label_count() == 34).map(|(bits, _)| ip_from_bits(Family::V6, bits));
                assert_eq!(ReverseName::of(&q).and_then(|n| n.address()), expected, "{name}");
            }
        }
    }

    #[test]
    fn ranges_become_the_zones_that_registries_delegate() {
        let zones = |text: &str| {
            tile_for_registry(&text.parse().expect("a range"))
                .map(|tiles| tiles.iter().map(|t| t.name().to_string()).collect::<Vec<_>>())
        };
        assert_eq!(
            zones("198.51.100.0/22").expect("tiles"),
            [
                "100.51.198.in-addr.arpa.",
                "101.51.198.in-addr.arpa.",
                "102.51.198.in-addr.arpa.",
                "103.51.198.in-addr.arpa."
            ]
        );
        let v6 = zones("2001:db8::/29").expect("tiles");
        assert_eq!(
            (v6.len(), v6[0].as_str(), v6[7].as_str()),
            (8, "8.b.d.0.1.0.0.2.ip6.arpa.", "f.b.d.0.1.0.0.2.ip6.arpa.")
        );
        assert_eq!(zones("192.0.2.0/24").expect("tiles"), ["2.0.192.in-addr.arpa."]);
        assert_eq!(zones("10.0.0.0/8").expect("tiles"), ["10.in-addr.arpa."]);
        assert_eq!(zones("10.0.0.0/9").expect("tiles").len(), 128);
        assert_eq!(zones("192.0.2.0-192.0.4.255").expect("tiles").len(), 3);
        assert_eq!(zones("192.0.2.0/25"), None);
        assert_eq!(zones("2001:db8::/48").expect("tiles"), ["0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa."]);
    }

    #[test]
    fn classless_labels() {
        let range: AddrRange = "192.0.2.128/26".parse().expect("a range");
        assert_eq!(classless_label(&range, '-', false).as_deref(), Some("128-26"));
        assert_eq!(classless_label(&range, '-', true).as_deref(), Some("128-191"));
        assert_eq!(classless_label(&range, '/', false).as_deref(), Some("128/26"));
        let range: AddrRange = "192.0.2.10-192.0.2.20".parse().expect("a range");
        assert_eq!(classless_label(&range, '-', true).as_deref(), Some("10-20"));
        assert_eq!(classless_label(&range, '-', false), None);
    }

    #[test]
    fn ranges_are_cut_at_label_borders() {
        let cut = |text: &str| {
            let range: AddrRange = text.parse().expect("a range");
            let prefixes = label_prefixes(&range);
            let mut at = range.first_bits();
            for prefix in &prefixes {
                assert_eq!(prefix.range().first_bits(), at, "{text}: no gap");
                at = prefix.range().last_bits().wrapping_add(1);
            }
            assert_eq!(at, range.last_bits().wrapping_add(1), "{text}: to the end");
            prefixes.iter().map(|prefix| prefix.range().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(cut("10.0.0.0/8"), ["10.0.0.0/8"]);
        assert_eq!(cut("192.0.2.7"), ["192.0.2.7/32"]);
        assert_eq!(cut("10.0.254.0-10.1.255.255"), ["10.0.254.0/24", "10.0.255.0/24", "10.1.0.0/16"]);
        assert_eq!(cut("192.0.2.254-192.0.3.255"), ["192.0.2.254/32", "192.0.2.255/32", "192.0.3.0/24"]);
        assert_eq!(cut("2001:db8::/31").len(), 2);
        assert_eq!(cut("::/0"), ["::/0"]);
        assert_eq!(cut("0.0.0.0/0"), ["0.0.0.0/0"]);
        assert_eq!(registry_depth(&"::/0".parse().expect("a range")), Some(1));
    }
}
