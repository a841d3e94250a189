//! The data sets: which addresses have a PTR, what it says, and how the zones are cut.
//!
//! Everything is a function of an index, so that a data set of 16.7 million needs no memory in the generator.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::random::Random;

/// A set of PTRs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataSet {
    /// Every address of 10.0.0.0/16 to 10.15.0.0/16: sixteen zones, 1 048 576 PTRs.
    Dense,
    /// So many random addresses in 2001:db8::/32: one zone.
    Random6(u32),
    /// 256 /24 zones, 10.64.0.0/24 to 10.64.255.0/24, each with four /26 children after RFC 2317; 65 536 PTRs.
    Chase,
    /// Every address of 11.0.0.0/8: one zone, 16 777 216 PTRs.
    Eight,
    /// One address in each of so many /24s from 12.0.0.0 on: a zone for each /8.
    Sparse(u32),
    /// Nothing at all.
    Empty,
}

/// A block of address space, as it is told to ptrd.
#[derive(Clone, Debug)]
pub struct Block {
    /// The prefix.
    pub prefix: String,
    /// It is a classless child (RFC 2317) of the block before it.
    pub classless: bool,
}

/// A zone, as it is told to servers that load master files.
#[derive(Clone, Debug)]
pub struct Zone {
    /// Its apex without the final dot.
    pub apex: String,
    /// The indices of the PTRs in it; those of a chase parent are shown as CNAMEs.
    pub indices: std::ops::Range<u32>,
    /// How many labels of an owner stand before the apex; 0 for a chase parent.
    pub labels: usize,
}

impl DataSet {
    /// How many PTRs there are.
    pub fn len(self) -> u32 {
        match self {
            DataSet::Dense => 1 << 20,
            DataSet::Chase => 1 << 16,
            DataSet::Eight => 1 << 24,
            DataSet::Random6(count) | DataSet::Sparse(count) => count,
            DataSet::Empty => 0,
        }
    }

    /// A word for directories.
    pub fn slug(self) -> String {
        match self {
            DataSet::Dense => "dense".into(),
            DataSet::Chase => "chase".into(),
            DataSet::Eight => "eight".into(),
            DataSet::Empty => "empty".into(),
            DataSet::Random6(count) => format!("random6-{count}"),
            DataSet::Sparse(count) => format!("sparse-{count}"),
        }
    }

    /// The address of PTR `index`.
    pub fn address(self, index: u32) -> IpAddr {
        let v4 = |bits: u32| IpAddr::V4(Ipv4Addr::from(bits));
        match self {
            DataSet::Dense => v4(0x0a00_0000 + index),
            DataSet::Chase => v4(0x0a40_0000 + index),
            DataSet::Eight => v4(0x0b00_0000 + index),
            DataSet::Sparse(_) => v4(0x0c00_0000 + (index << 8) + Self::sparse_host(index)),
            DataSet::Random6(_) | DataSet::Empty => {
                IpAddr::V6(Self::random6(&mut Random::new(u64::from(index) << 20 | 0xfeed)))
            }
        }
    }

    /// The host name that PTR `index` holds, without the final dot.
    pub fn target(self, index: u32) -> String {
        match self.address(index) {
            IpAddr::V4(ip) => {
                let [a, b, c, d] = ip.octets();
                if self == DataSet::Eight {
                    format!("host-{b}-{c}-{d}.pool.example.net")
                } else {
                    format!("host-{a}-{b}-{c}-{d}.pool.example.net")
                }
            }
            IpAddr::V6(ip) => format!("host-{:08x}.pool.example.net", u128::from(ip) as u32),
        }
    }

    /// Where the CNAME of address `index` of [`DataSet::Chase`] leads.
    pub fn alias(self, index: u32) -> String {
        let (third, host) = (index >> 8, index & 255);
        format!("{host}.{}-26.{third}.64.10.in-addr.arpa", host & 192)
    }

    /// The owner name, as text without the final dot, of PTR `index`.
    pub fn owner(self, index: u32) -> String {
        reverse(self.address(index))
    }

    /// An owner name inside the zones at which there is nothing (NXDOMAIN).
    ///
    /// Where every address of the zones has a PTR, it is a name that is no address: an octet above 255, or a label
    /// below an address. Elsewhere it is an address without a PTR.
    pub fn absent(self, random: &mut Random) -> String {
        match self {
            DataSet::Random6(_) | DataSet::Empty => reverse(IpAddr::V6(Self::random6(random))),
            DataSet::Sparse(count) => {
                let index = random.below(count);
                let host = (Self::sparse_host(index) + 1 + random.below(254)) & 255;
                reverse(IpAddr::V4(Ipv4Addr::from(0x0c00_0000 + (index << 8) + host)))
            }
            DataSet::Dense | DataSet::Chase | DataSet::Eight => {
                let owner = self.owner(random.below(self.len()));
                if random.below(2) == 0 {
                    return format!("a{}.{owner}", random.below(1000));
                }
                let (_, rest) = owner.split_once('.').expect("an owner has several labels");
                format!("{}.{rest}", 256 + random.below(744))
            }
        }
    }

    /// The blocks to add, parents before children.
    pub fn blocks(self) -> Vec<Block> {
        let plain = |prefix: String| Block { prefix, classless: false };
        match self {
            DataSet::Dense => (0..16).map(|second| plain(format!("10.{second}.0.0/16"))).collect(),
            DataSet::Eight => vec![plain("11.0.0.0/8".into())],
            DataSet::Random6(_) => vec![plain("2001:db8::/32".into())],
            DataSet::Sparse(count) => {
                (0..count.div_ceil(1 << 16)).map(|first| plain(format!("{}.0.0.0/8", 12 + first))).collect()
            }
            DataSet::Chase => (0..256)
                .flat_map(|third| {
                    let children = (0..4).map(move |quarter| Block {
                        prefix: format!("10.64.{third}.{}/26", quarter * 64),
                        classless: true,
                    });
                    std::iter::once(plain(format!("10.64.{third}.0/24"))).chain(children)
                })
                .collect(),
            DataSet::Empty => Vec::new(),
        }
    }

    /// The zones to load.
    pub fn zones(self) -> Vec<Zone> {
        let zone = |apex: String, indices, labels| Zone { apex, indices, labels };
        match self {
            DataSet::Dense => (0..16u32)
                .map(|second| zone(format!("{second}.10.in-addr.arpa"), second << 16..(second + 1) << 16, 2))
                .collect(),
            DataSet::Eight => vec![zone("11.in-addr.arpa".into(), 0..self.len(), 3)],
            DataSet::Random6(count) => vec![zone("8.b.d.0.1.0.0.2.ip6.arpa".into(), 0..count, 24)],
            DataSet::Sparse(count) => (0..count.div_ceil(1 << 16))
                .map(|first| {
                    let indices = first << 16..((first + 1) << 16).min(count);
                    zone(format!("{}.in-addr.arpa", 12 + first), indices, 3)
                })
                .collect(),
            DataSet::Chase => (0..256u32)
                .flat_map(|third| {
                    let base = third << 8;
                    let children = (0..4u32).map(move |quarter| {
                        let first = base + quarter * 64;
                        let apex = format!("{}-26.{third}.64.10.in-addr.arpa", quarter * 64);
                        Zone { apex, indices: first..first + 64, labels: 1 }
                    });
                    std::iter::once(zone(format!("{third}.64.10.in-addr.arpa"), base..base + 256, 0))
                        .chain(children)
                })
                .collect(),
            DataSet::Empty => Vec::new(),
        }
    }

    /// One index for each of at most sixteen zones, spread over the set: when all of these are answered, it is served.
    pub fn probes(self) -> Vec<u32> {
        let count = self.len().min(16);
        (0..count)
            .map(|part| (u64::from(self.len()) * u64::from(2 * part + 1) / u64::from(2 * count)) as u32)
            .collect()
    }

    fn sparse_host(index: u32) -> u32 {
        Random::new(u64::from(index)).below(256)
    }

    fn random6(random: &mut Random) -> Ipv6Addr {
        let low = u128::from(random.next()) | u128::from(random.next() as u32) << 64;
        Ipv6Addr::from(0x2001_0db8 << 96 | low)
    }
}

/// The owner name of an address in in-addr.arpa or ip6.arpa.
pub fn reverse(address: IpAddr) -> String {
    match address {
        IpAddr::V4(ip) => {
            let [a, b, c, d] = ip.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(ip) => {
            let bits = u128::from(ip);
            let mut name = String::with_capacity(72);
            for nibble in 0..32 {
                name.push(char::from_digit((bits >> (4 * nibble)) as u32 & 15, 16).expect("a nibble"));
                name.push('.');
            }
            name + "ip6.arpa"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_lie_in_their_zones() {
        for data in [DataSet::Dense, DataSet::Random6(1000), DataSet::Sparse(70_000), DataSet::Eight] {
            let zones = data.zones();
            assert_eq!(zones.iter().map(|zone| zone.indices.len()).sum::<usize>(), data.len() as usize);
            for zone in zones {
                for index in [zone.indices.start, zone.indices.end - 1] {
                    let owner = data.owner(index);
                    let relative = owner.strip_suffix(&zone.apex).unwrap();
                    assert_eq!(relative.matches('.').count(), zone.labels, "{owner} in {}", zone.apex);
                }
            }
        }
    }

    #[test]
    fn an_alias_lies_in_its_child_zone() {
        assert_eq!(DataSet::Chase.owner(0x0342), "66.3.64.10.in-addr.arpa");
        assert_eq!(DataSet::Chase.alias(0x0342), "66.64-26.3.64.10.in-addr.arpa");
        assert_eq!(DataSet::Chase.target(0x0342), "host-10-64-3-66.pool.example.net");
    }
}
