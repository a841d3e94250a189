//! Addresses that came out alike, and the line that each has.

use super::{Finding, MOST_LISTED, findings};
use crate::identity::{Grade, Identity};
use ptrd_wire::{AddrRange, ip_from_bits, ip_to_bits};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// How many ways to come out are told apart.
const MOST_WAYS: usize = 200;
/// Ranges of a group that are listed.
const MOST_RANGES: usize = 40;

/// Addresses with the same grades.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The worst of them.
    pub grade: Grade,
    /// What did not pass. Empty for a group of what is left over when there are too many ways to come out.
    pub findings: Vec<Finding>,
    /// Whether mail leaves from them, as far as that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sending: Option<bool>,
    /// How many.
    pub addresses: u64,
    /// Which, as ranges without gaps.
    pub ranges: Vec<String>,
    /// How many ranges more there are.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_ranges: u64,
}

// serde hands over references.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// One address in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The address.
    pub address: IpAddr,
    /// The worst grade of its checks.
    pub grade: Grade,
    /// The first of its names; empty without one.
    pub name: String,
    /// How many names it has besides.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_names: u64,
    /// What did not pass.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// One way to come out.
type Way = (Grade, Vec<Finding>, Option<bool>);

/// How each address came out, in a few octets each.
#[derive(Default)]
pub(super) struct Table {
    ways: Vec<Way>,
    numbers: BTreeMap<Way, u16>,
    by_address: BTreeMap<IpAddr, u16>,
    lines: BTreeMap<(Reverse<Grade>, IpAddr), Line>,
}

impl Table {
    pub fn has(&self, address: IpAddr) -> bool {
        self.by_address.contains_key(&address)
    }

    pub fn len(&self) -> u64 {
        self.by_address.len() as u64
    }

    pub fn add(&mut self, identity: &Identity) {
        let (address, grade) = (identity.subject.address, identity.grade());
        let mut way = (grade, findings(identity), identity.subject.sending);
        if self.ways.len() >= MOST_WAYS && !self.numbers.contains_key(&way) {
            way = (grade, Vec::new(), None);
        }
        let number = *self.numbers.entry(way).or_insert_with_key(|way| {
            self.ways.push(way.clone());
            u16::try_from(self.ways.len() - 1).unwrap_or(u16::MAX)
        });
        self.by_address.insert(address, number);
        let names = identity.names();
        let line = Line {
            address,
            grade,
            name: names.first().cloned().unwrap_or_default(),
            more_names: (names.len() as u64).saturating_sub(1),
            findings: findings(identity),
        };
        self.lines.insert((Reverse(grade), address), line);
        if self.lines.len() > MOST_LISTED {
            self.lines.pop_last();
        }
    }

    /// The addresses in their order, with their grades.
    pub fn grades(&self) -> impl Iterator<Item = (IpAddr, Grade)> + '_ {
        self.by_address.iter().map(|(address, number)| (*address, self.ways[usize::from(*number)].0))
    }

    /// The groups, the worst first; the lines, by address.
    pub fn finish(self) -> (Vec<Group>, Vec<Line>) {
        let mut ranges: Vec<Ranges> = self.ways.iter().map(|_| Ranges::default()).collect();
        for (address, number) in &self.by_address {
            ranges[usize::from(*number)].add(*address);
        }
        let group = |((grade, findings, sending), ranges): (Way, Ranges)| {
            let (addresses, ranges, more_ranges) = ranges.finish();
            Group { grade, findings, sending, addresses, ranges, more_ranges }
        };
        let mut groups: Vec<Group> = self.ways.into_iter().zip(ranges).map(group).collect();
        groups.sort_by(|a, b| {
            let key = |group: &Group| (Reverse(group.grade), Reverse(group.addresses));
            key(a).cmp(&key(b)).then_with(|| a.ranges.cmp(&b.ranges))
        });
        let mut lines: Vec<Line> = self.lines.into_values().collect();
        lines.sort_by_key(|line| line.address);
        (groups, lines)
    }
}

/// Addresses in their order, as ranges.
#[derive(Default)]
struct Ranges {
    count: u64,
    open: Option<(IpAddr, IpAddr)>,
    closed: Vec<String>,
    more: u64,
}

impl Ranges {
    fn add(&mut self, address: IpAddr) {
        self.count += 1;
        match &mut self.open {
            Some((_, last)) if follows(*last, address) => *last = address,
            _ => {
                self.close();
                self.open = Some((address, address));
            }
        }
    }

    fn close(&mut self) {
        let Some((first, last)) = self.open.take() else { return };
        if self.closed.len() >= MOST_RANGES {
            self.more += 1;
        } else if first == last {
            self.closed.push(first.to_string());
        } else if let Ok(range) = AddrRange::new(first, last) {
            self.closed.push(range.to_string());
        }
    }

    fn finish(mut self) -> (u64, Vec<String>, u64) {
        self.close();
        (self.count, self.closed, self.more)
    }
}

fn follows(last: IpAddr, address: IpAddr) -> bool {
    let (family, bits) = ip_to_bits(last);
    last != ip_from_bits(family, u128::MAX)
        && bits.checked_add(1).map(|bits| ip_from_bits(family, bits)) == Some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_in_a_row_are_a_range() {
        let mut ranges = Ranges::default();
        for address in [
            "192.0.2.0",
            "192.0.2.1",
            "192.0.2.3",
            "192.0.2.255",
            "192.0.3.0",
            "255.255.255.255",
            "::",
            "::1",
        ] {
            ranges.add(address.parse().expect("an address"));
        }
        let (count, ranges, more) = ranges.finish();
        assert_eq!((count, more), (8, 0));
        let expected = ["192.0.2.0/31", "192.0.2.3", "192.0.2.255-192.0.3.0", "255.255.255.255", "::/127"];
        assert_eq!(ranges, expected);
    }

    #[test]
    fn what_alternates_does_not_grow_without_end() {
        let mut ranges = Ranges::default();
        for n in 0..1000_u32 {
            ranges.add(std::net::Ipv4Addr::from(n * 2).into());
        }
        let (count, ranges, more) = ranges.finish();
        assert_eq!((count, ranges.len(), more), (1000, MOST_RANGES, 1000 - MOST_RANGES as u64));
    }
}
