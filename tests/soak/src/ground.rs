//! What is there, and what is asked of it.
//!
//! The ground is cut into regions: a zone with nothing served above it, and all blocks, zones and records in it. What is
//! answered in one region does not depend on another, nor, for the names that are asked, on the PTR of any address but
//! the one that a question is about. So the truth of an answer is worked out from a few rows, whatever the size of the
//! store: names of addresses are asked in full, and wildcards stand in zones of a /24 only, where no other name lies
//! between the apex and an address.

use crate::asker::Ask;
use crate::plan::Plan;
use crate::random::Random;
use ptrd_wire::{AddrRange, Family, Name, RecordType, ReversePrefix, ip_from_bits, ip_to_bits};
use std::net::{IpAddr, Ipv4Addr};

/// The tenants.
pub(crate) const TENANTS: [&str; 4] = ["acme", "globex", "initech", "umbrella"];

/// A part of the ground on its own.
#[derive(Clone, Debug)]
pub struct Region {
    /// The topmost zone.
    pub apex: Name,
    /// The addresses; none for a zone of other names.
    pub range: Option<AddrRange>,
    /// What is done with it.
    pub(crate) purpose: Purpose,
}

/// What a region is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A /24 whose blocks change all the time.
    Busy,
    /// A /24 that comes and goes as a whole.
    Passing,
    /// Many PTRs, changed in bulk.
    Mass,
    /// IPv6.
    Six,
    /// Records alone.
    Verbatim,
}

/// All regions.
#[derive(Clone, Debug)]
pub struct Ground {
    /// In no particular order; what refers to one uses its place here.
    pub regions: Vec<Region>,
}

/// Addresses of a /24 that are changed and asked: some in each part that becomes a block now and then.
const BUSY_OCTETS: [u8; 28] = [
    1, 2, 3, 9, 60, 64, 65, 66, 80, 127, 128, 129, 140, 159, 160, 161, 191, 192, 193, 200, 223, 224, 225,
    239, 240, 241, 250, 255,
];
/// Addresses of a larger region that are changed one by one.
const FEW: u128 = 24;

impl Ground {
    /// The regions of a plan.
    pub fn of(plan: &Plan) -> Ground {
        let v4 = |a, b, c, length| {
            AddrRange::of_prefix(Family::V4, u128::from(u32::from(Ipv4Addr::new(a, b, c, 0))), length)
        };
        let mut regions = Vec::new();
        let mut add = |range: AddrRange, depth: u8, purpose: Purpose| {
            regions.push(Region {
                apex: ReversePrefix::new(range.first(), depth).name(),
                range: Some(range),
                purpose,
            });
        };
        for nth in 0..plan.busy {
            add(v4(10, 20, nth, 24), 3, if nth % 4 == 3 { Purpose::Passing } else { Purpose::Busy });
        }
        for nth in 0..plan.mass {
            add(v4(172, 16 + nth, 0, 16), 2, Purpose::Mass);
        }
        for nth in 0..3u128 {
            let bits = (0x2001_0db8u128 << 96) | (nth << 80);
            add(AddrRange::of_prefix(Family::V6, bits, 48), 12, Purpose::Six);
        }
        for apex in ["soak.example.", "168.192.in-addr.arpa."] {
            let apex = apex.parse().expect("a literal name");
            regions.push(Region { apex, range: None, purpose: Purpose::Verbatim });
        }
        Ground { regions }
    }

    /// The region that a range lies in.
    pub(crate) fn of_range(&self, range: &AddrRange) -> Option<usize> {
        self.regions.iter().position(|region| region.range.is_some_and(|whole| whole.covers(range)))
    }

    /// The region that a name lies in.
    pub(crate) fn of_name(&self, name: &Name) -> Option<usize> {
        self.regions.iter().position(|region| name.is_at_or_under(&region.apex))
    }

    /// Everything that is asked.
    pub fn asks(&self) -> Vec<Ask> {
        let mut asks = Vec::new();
        for (nth, region) in self.regions.iter().enumerate() {
            let apex = &region.apex;
            let mut ask = |name: Name, qtype: RecordType, address: Option<IpAddr>| {
                asks.push(Ask { region: nth, name, qtype, address });
            };
            for qtype in [RecordType::SOA, RecordType::NS, RecordType::TXT, RecordType::MX] {
                ask(apex.clone(), qtype, None);
            }
            for label in ["note", "nobody", "_spf", "mail"] {
                ask(below(label, apex), RecordType::TXT, None);
            }
            for address in region.addresses() {
                let name = ReversePrefix::new(address, Family::V6.full_depth()).name();
                let types =
                    [RecordType::PTR, RecordType::PTR, RecordType::PTR, RecordType::TXT, RecordType::CNAME];
                types.into_iter().for_each(|qtype| ask(name.clone(), qtype, Some(address)));
                ask(name, RecordType::ANY, Some(address));
            }
            match region.purpose {
                Purpose::Busy | Purpose::Passing => {
                    for label in [
                        "64-26", "64-127", "64/26", "128-26", "128-27", "160-27", "192-27", "192-223",
                        "224-28",
                    ] {
                        let child = below(label, apex);
                        for qtype in [RecordType::SOA, RecordType::NS, RecordType::DS, RecordType::PTR] {
                            ask(child.clone(), qtype, None);
                        }
                        let first: u8 =
                            label.split(['-', '/']).next().and_then(|n| n.parse().ok()).expect("a number");
                        for octet in [first, first + 1] {
                            let address = region.address(u128::from(octet));
                            ask(below(&octet.to_string(), &child), RecordType::PTR, Some(address));
                        }
                    }
                }
                Purpose::Verbatim => {
                    for label in ["1.2", "2.2", "3.2", "mx"] {
                        for qtype in [RecordType::PTR, RecordType::MX, RecordType::A] {
                            ask(below(label, apex), qtype, None);
                        }
                    }
                }
                Purpose::Mass | Purpose::Six => {}
            }
        }
        // Nobody's: refused.
        let name = "1.2.0.192.in-addr.arpa.".parse().expect("a literal name");
        asks.push(Ask { region: 0, name, qtype: RecordType::PTR, address: None });
        asks
    }
}

pub(crate) fn below(labels: &str, apex: &Name) -> Name {
    Name::parse_relative(labels, apex).expect("a name that fits")
}

impl Region {
    /// The address at an offset.
    pub(crate) fn address(&self, offset: u128) -> IpAddr {
        let range = self.range.expect("a region of addresses");
        let (family, bits) = ip_to_bits(range.first());
        ip_from_bits(family, bits + offset)
    }

    /// The addresses that are changed one by one and asked.
    pub(crate) fn addresses(&self) -> Vec<IpAddr> {
        match self.purpose {
            Purpose::Busy | Purpose::Passing => {
                BUSY_OCTETS.iter().map(|octet| self.address(u128::from(*octet))).collect()
            }
            Purpose::Mass => (0..FEW).map(|nth| self.address(nth * 2579 % 65_536)).collect(),
            Purpose::Six => {
                (0..FEW).map(|nth| self.address(((nth % 3) << 64) | (nth * nth * 7919))).collect()
            }
            Purpose::Verbatim => Vec::new(),
        }
    }

    /// An address of it, often one of the few.
    pub(crate) fn pick(&self, random: &mut Random) -> Option<IpAddr> {
        let few = self.addresses();
        (!few.is_empty()).then(|| *random.pick(&few))
    }
}
