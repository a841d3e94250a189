//! The addresses of names that are served here.

use crate::{Found, Snapshot};
use ptrd_wire::{Name, QName, RecordType};
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
        let node = match zone.find(self.addresses(), &qname, None) {
            Found::Node(node) => match node.stored {
                Some(node) => node,
                None => return Some((Held::NoAddress, zone.apex())),
            },
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
        let addresses: Vec<IpAddr> = v4.chain(v6).collect();
        let held = if addresses.is_empty() { Held::NoAddress } else { Held::Addresses(addresses) };
        Some((held, zone.apex()))
    }
}
