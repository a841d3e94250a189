//! Whether CNAMEs of neighbouring addresses are a classless range (RFC 2317), and which.

use super::label::{octets, readings};
use super::scan::Group;
use crate::problem::some;
use ptrd_wire::{AddrRange, Ttl, ip_from_bits};

/// A range whose every address has its CNAME.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Set {
    pub range: AddrRange,
    pub ttl: Ttl,
    /// The label names more addresses than have CNAMEs.
    pub note: Option<String>,
}

/// Judges a group.
///
/// Complete is a set where every address between the first and the last has its CNAME, and, where the label names a
/// range, all of it but perhaps its first and last address: many leave out those of network and broadcast.
///
/// # Errors
/// Why it is no set.
pub(super) fn judge(group: &Group) -> Result<Set, String> {
    let Group { apex, base, members } = group;
    let (Some((first, ttl)), Some((last, _))) = (members.first(), members.last()) else {
        return Err("there are no CNAMEs".to_owned());
    };
    let range = octets(*base, u32::from(*first), u32::from(*last)).ok_or("no range")?;
    let read = readings(apex.labels().next().unwrap_or_default(), *base);
    // Of the ranges that the label can name, the one that the set comes closest to.
    let named = read.iter().map(|(_, named)| named).min_by_key(|named| {
        let common = members.iter().filter(|(octet, _)| named.contains(address(*base, *octet))).count();
        named.size().abs_diff(common as u128) + (members.len() - common) as u128
    });
    let whole = named.copied().unwrap_or(range);
    let span = AddrRange::new(whole.first().min(range.first()), whole.last().max(range.last()));
    let span = span.unwrap_or(range);
    let has = |octet: u8| members.binary_search_by_key(&octet, |(octet, _)| *octet).is_ok();
    let missing: Vec<u8> =
        (span.first_bits()..=span.last_bits()).map(|bits| bits as u8).filter(|octet| !has(*octet)).collect();
    let is_edge = |octet: &u8| {
        let bits = u128::from(base | u32::from(*octet));
        bits == whole.first_bits() || bits == whole.last_bits()
    };
    if !missing.iter().all(is_edge) || !whole.covers(&range) {
        let missing: Vec<_> = missing.iter().map(|octet| address(*base, *octet)).collect();
        return Err(if missing.is_empty() || !whole.covers(&range) {
            format!("the CNAMEs of {range} lead to {apex}, whose label names {whole}")
        } else {
            format!("incomplete: {whole} leads to {apex}, but without {}", some(&missing, 4))
        });
    }
    if let Some((octet, other)) = members.iter().find(|(_, other)| other != ttl) {
        return Err(format!(
            "the CNAMEs of {range} to {apex} have different TTLs ({ttl}, and {other} at {})",
            address(*base, *octet)
        ));
    }
    let note =
        (!missing.is_empty()).then(|| format!("the label names {whole}; the CNAMEs are those of {range}"));
    Ok(Set { range, ttl: *ttl, note })
}

fn address(base: u32, octet: u8) -> std::net::IpAddr {
    ip_from_bits(ptrd_wire::Family::V4, u128::from(base | u32::from(octet)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(label: &str, octets: impl IntoIterator<Item = u8>) -> Group {
        Group {
            apex: format!("{label}.2.0.192.in-addr.arpa").parse().expect("a name"),
            base: 0xc000_0200,
            members: octets.into_iter().map(|octet| (octet, Ttl::from_secs(60))).collect(),
        }
    }

    #[track_caller]
    fn is(group: Group, expected: &str) {
        match judge(&group) {
            Ok(set) => assert_eq!(set.range.to_string(), expected),
            Err(reason) => assert!(!expected.is_empty() && reason.contains(expected), "{reason}"),
        }
    }

    #[test]
    fn complete_sets() {
        is(group("0/25", 0..=127), "192.0.2.0/25");
        is(group("0-26", 0..=63), "192.0.2.0/26");
        is(group("0-26", 0..=26), "192.0.2.0-192.0.2.26");
        is(group("0/26", 1..=62), "192.0.2.1-192.0.2.62");
        is(group("0/26", 1..=63), "192.0.2.1-192.0.2.63");
        is(group("customer", 10..=20), "192.0.2.10-192.0.2.20");
        is(group("5-32", [5]), "192.0.2.5/32");
        assert!(judge(&group("0/26", 1..=62)).is_ok_and(|set| set.note.is_some()));
    }

    #[test]
    fn incomplete_sets() {
        is(group("0/26", (0..=63).filter(|octet| *octet != 17)), "without 192.0.2.17");
        is(group("0/26", 0..=31), "incomplete");
        is(group("0/25", [1, 2, 3]), "incomplete");
        is(group("customer", [1, 2, 4]), "without 192.0.2.3");
        is(group("0/26", 0..=64), "whose label names 192.0.2.0/26");
        let mut mixed = group("0/26", 0..=63);
        mixed.members[9].1 = Ttl::from_secs(61);
        is(mixed, "different TTLs");
    }
}
