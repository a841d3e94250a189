//! Zones that are followed: pulled from primaries elsewhere, and served as they come (RFC 1034 §4.3.5).
//!
//! What is here is what queries, NOTIFY and the change road must know of it. When to ask whom, and how, is not.

use crate::model::ZoneId;
use imbl::OrdMap;
use imbl::ordmap::DiffItem;
use ptrd_wire::{Name, RecordType, RrSet, Serial, Soa, Ttl};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// How a primary is reached (RFC 9103).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Security {
    /// In plain: UDP and TCP.
    Plain,
    /// Over TLS, whoever answers (RFC 9103 §9.3.1): it keeps out who only listens.
    Opportunistic,
    /// Over TLS with one who proves to be this name (RFC 9103 §9.3.2), by a certificate of these authorities, or by the
    /// SHA-256 of its public key.
    Strict {
        /// The name that the certificate must be for.
        name: String,
        /// A file with certificates of authorities, PEM.
        ca: Option<String>,
        /// SHA-256 of the subject public key info of its certificate (RFC 7858 §4.2): any of them will do.
        pins: Vec<[u8; 32]>,
    },
}

/// One from whom a zone is pulled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Primary {
    /// Where it answers.
    pub address: SocketAddr,
    /// What requests to it are signed with (RFC 8945).
    pub key: Option<Name>,
    /// How it is reached.
    pub security: Security,
}

/// Those from whom a zone is pulled, in the order in which they are tried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Followed {
    /// At least one.
    pub primaries: Vec<Primary>,
}

impl Followed {
    fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.primaries.iter().map(|primary| primary.address.ip().to_canonical())
    }

    /// Whether one who sends NOTIFY is one of the primaries (RFC 1996 §3.10): by its address, or by the key that it shares
    /// with us.
    pub fn knows(&self, address: IpAddr, key: Option<&[u8]>) -> bool {
        self.primaries.iter().any(|primary| {
            let has_key = primary.key.as_ref().zip(key);
            primary.address.ip().to_canonical() == address
                || has_key.is_some_and(|(ours, theirs)| theirs.eq_ignore_ascii_case(ours.as_wire()))
        })
    }
}

/// All zones that are followed. A clone shares them.
#[derive(Clone, Debug, Default)]
pub struct Follows {
    zones: OrdMap<ZoneId, Arc<Followed>>,
    /// The addresses of primaries, each with how many zones have it.
    addresses: OrdMap<IpAddr, usize>,
}

impl Follows {
    /// From whom a zone is pulled, if it is.
    pub fn of(&self, zone: ZoneId) -> Option<&Arc<Followed>> {
        self.zones.get(&zone)
    }

    /// All of them, by zone.
    pub fn iter(&self) -> impl Iterator<Item = (ZoneId, &Arc<Followed>)> {
        self.zones.iter().map(|(zone, followed)| (*zone, followed))
    }

    /// Those that are followed from somebody else than before, or no longer, at the cost of how many these are.
    pub fn changed<'a>(
        &'a self,
        before: &'a Follows,
    ) -> impl Iterator<Item = (ZoneId, Option<&'a Arc<Followed>>)> {
        before.zones.diff(&self.zones).map(|change| match change {
            DiffItem::Add(zone, followed) | DiffItem::Update { new: (zone, followed), .. } => {
                (*zone, Some(followed))
            }
            DiffItem::Remove(zone, _) => (*zone, None),
        })
    }

    /// Says from whom a zone is pulled; from nobody, if `None`.
    pub fn set(&mut self, zone: ZoneId, followed: Option<Arc<Followed>>) {
        for address in followed.iter().flat_map(|followed| followed.addresses()) {
            *self.addresses.entry(address).or_default() += 1;
        }
        let before = match followed {
            Some(followed) => self.zones.insert(zone, followed),
            None => self.zones.remove(&zone),
        };
        for address in before.iter().flat_map(|before| before.addresses()) {
            match self.addresses.get(&address) {
                Some(count) if *count > 1 => drop(self.addresses.insert(address, count - 1)),
                _ => drop(self.addresses.remove(&address)),
            }
        }
    }

    /// Whether some zone is pulled from this address.
    pub fn is_primary(&self, address: IpAddr) -> bool {
        self.addresses.contains_key(&address.to_canonical())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.zones.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.zones.is_empty()
    }

    /// Whether both are the same one.
    pub fn is_same(&self, other: &Follows) -> bool {
        self.zones.ptr_eq(&other.zones)
    }
}

/// Why a zone is not answered for, though it is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// It was never pulled yet.
    Awaited,
    /// No primary was reached for longer than its SOA allows (RFC 1035 §3.3.13, EXPIRE).
    Expired,
}

/// What was pulled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pulled {
    /// A whole zone.
    Whole(PulledZone),
    /// What leads from one version to another, step by step; never empty.
    Steps(Vec<PulledStep>),
}

impl Pulled {
    /// The SOA of the version that it leads to.
    pub fn soa(&self) -> Option<&Soa> {
        match self {
            Pulled::Whole(zone) => Some(&zone.soa),
            Pulled::Steps(steps) => steps.last().map(|step| &step.soa),
        }
    }
}

/// A zone as a primary sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PulledZone {
    /// The SOA.
    pub soa: Soa,
    /// Its TTL.
    pub soa_ttl: Ttl,
    /// All other RRsets, each once, in canonical order of owners.
    pub records: Vec<(Name, RrSet)>,
}

/// One difference of an incremental transfer (RFC 1995 §4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PulledStep {
    /// The serial before.
    pub from: Serial,
    /// The SOA after.
    pub soa: Soa,
    /// Its TTL.
    pub soa_ttl: Ttl,
    /// Records that go: owner, type, data.
    pub removed: Vec<(Name, RecordType, Box<[u8]>)>,
    /// Records that come.
    pub added: Vec<PulledRecord>,
}

/// A record that comes with a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PulledRecord {
    /// The owner.
    pub owner: Name,
    /// The type.
    pub rtype: RecordType,
    /// The TTL.
    pub ttl: Ttl,
    /// The data, uncompressed.
    pub rdata: Box<[u8]>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn followed(addresses: &[&str]) -> Option<Arc<Followed>> {
        let primary = |address: &&str| {
            let address = SocketAddr::new(address.parse().expect("an address"), 53);
            Primary { address, key: None, security: Security::Plain }
        };
        Some(Arc::new(Followed { primaries: addresses.iter().map(primary).collect() }))
    }

    #[test]
    fn addresses_are_those_of_primaries_as_long_as_a_zone_has_them() {
        let mut follows = Follows::default();
        let is = |follows: &Follows, address: &str| follows.is_primary(address.parse().expect("an address"));
        follows.set(ZoneId(1), followed(&["192.0.2.1", "2001:db8::1"]));
        follows.set(ZoneId(2), followed(&["192.0.2.1"]));
        assert!(is(&follows, "192.0.2.1") && is(&follows, "::ffff:192.0.2.1") && is(&follows, "2001:db8::1"));
        follows.set(ZoneId(1), followed(&["192.0.2.9"]));
        assert!(is(&follows, "192.0.2.1") && is(&follows, "192.0.2.9") && !is(&follows, "2001:db8::1"));
        follows.set(ZoneId(2), None);
        follows.set(ZoneId(3), None);
        assert!(!is(&follows, "192.0.2.1") && is(&follows, "192.0.2.9"));
    }

    #[test]
    fn what_changed_is_told_and_nothing_else() {
        let mut before = Follows::default();
        (1..100).for_each(|id| before.set(ZoneId(id), followed(&["192.0.2.1"])));
        let mut after = before.clone();
        assert!(after.is_same(&before));
        after.set(ZoneId(7), None);
        after.set(ZoneId(8), followed(&["192.0.2.2"]));
        after.set(ZoneId(200), followed(&["192.0.2.1"]));
        let changed: Vec<(u32, bool)> =
            after.changed(&before).map(|(zone, to)| (zone.0, to.is_some())).collect();
        assert_eq!(changed, [(7, false), (8, true), (200, true)]);
        assert!(!after.is_same(&before));
    }
}
