//! The addresses of names that are served here.

use crate::{Found, Snapshot};
use ptrd_wire::{Family, Name, QName, RecordType};
use std::net::IpAddr;

/// What zones here say of the addresses of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held {
    /// These, of both families; one at least.
    Addresses(Vec<IpAddr>),
    /// There is no such name.
    NoName,
    /// The name has no address.
    NoAddress,
}

impl Snapshot {
    /// The addresses of a name, and the apex of the zone that says so; `None` where others know more: the name lies in no
    /// zone here, at or below a cut, or is an alias.
    pub fn held_addresses(&self, name: &Name) -> Option<(Held, &Name)> {
        let mut qname = QName::default();
        qname.read(name.as_wire()).ok()?;
        let zone = self.zone_of(&qname)?;
        let mut computed = Vec::new();
        let node = match zone.find(self.addresses(), &qname, None) {
            Found::Node(node) => {
                for family in
                    [Family::V4, Family::V6].into_iter().filter(|family| node.computed.is_of(*family))
                {
                    let put = |address, _| computed.push(address);
                    zone.each_computed(self.addresses(), &qname, family, put);
                }
                match node.stored {
                    Some(node) => node,
                    None if computed.is_empty() => return Some((Held::NoAddress, zone.apex())),
                    None => return Some((Held::Addresses(computed), zone.apex())),
                }
            }
            Found::Wildcard(node) => node,
            Found::Missing => return Some((Held::NoName, zone.apex())),
            Found::Empty => return Some((Held::NoAddress, zone.apex())),
            Found::Alias { .. } | Found::Cut(_) | Found::Dname { .. } => return None,
        };
        if node.rrset(RecordType::CNAME).is_some() {
            return None;
        }
        let octets = |rtype| node.rrset(rtype).into_iter().flat_map(|rrset| rrset.rdatas());
        let v4 = octets(RecordType::A).filter_map(|rdata| <[u8; 4]>::try_from(rdata).ok()).map(IpAddr::from);
        let v6 =
            octets(RecordType::AAAA).filter_map(|rdata| <[u8; 16]>::try_from(rdata).ok()).map(IpAddr::from);
        let addresses: Vec<IpAddr> = v4.chain(v6).chain(computed).collect();
        let held = if addresses.is_empty() { Held::NoAddress } else { Held::Addresses(addresses) };
        Some((held, zone.apex()))
    }
}
