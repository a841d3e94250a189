//! What the nameservers of the zone above say of a delegation: what is asked of them, and what follows from their replies.

use super::message::{Question, Reply};
use super::seen::host_text;
use crate::rir::{Ds, Nserver};
use ptrd_wire::{MessageRecord, Name, RecordType};
use std::net::IpAddr;

/// Nameservers of a delegation that are looked at.
const MOST: usize = 32;

/// What the parent says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parent {
    /// It delegates the zone.
    Delegates {
        /// To these, with the glue that it has.
        servers: Vec<Nserver>,
        /// The DS that it has; `None` where that was not found out.
        ds: Option<Vec<Ds>>,
    },
    /// Its nameservers have the zone themselves, and answer with that: what they delegate is not to be seen.
    Hidden,
    /// It does not delegate the zone.
    Absent(String),
    /// It could not be found out.
    Unknown(String),
}

impl Parent {
    /// What to ask a nameserver of the parent: for the delegation, and for its DS.
    pub fn questions(apex: &Name) -> [Question; 2] {
        [RecordType::NS, RecordType::DS].map(|rtype| Question::new(apex.clone(), rtype))
    }

    /// What a nameserver of the parent, the zone `above`, says; `ds` what it says of the DS. `None` where that says nothing.
    pub fn read(above: &Name, apex: &Name, ns: &Reply, ds: Option<&Reply>) -> Option<Parent> {
        let is_of = |record: &&MessageRecord| record.rtype == RecordType::NS && record.owner == *apex;
        match ns.rcode {
            0 if ns.aa && ns.answer.iter().any(|record| is_of(&record)) => return Some(Parent::Hidden),
            0 if ns.aa => return Some(Parent::Absent("the zone above has no NS records for it".to_owned())),
            3 if ns.aa => return Some(Parent::Absent("the zone above says NXDOMAIN".to_owned())),
            0 => {}
            _ => return None,
        }
        let names =
            ns.authority.iter().filter(is_of).filter_map(|record| Name::from_wire(&record.rdata).ok());
        let servers: Vec<Nserver> = names
            .take(MOST)
            .map(|name| Nserver { addresses: glue(ns, above, &name), name: host_text(&name) })
            .collect();
        if servers.is_empty() {
            return None;
        }
        Some(Parent::Delegates { servers, ds: ds.and_then(|reply| signed(apex, reply)) })
    }
}

/// The addresses that a reply gives with the name of a nameserver; of names elsewhere the zone above has nothing to say.
fn glue(reply: &Reply, above: &Name, host: &Name) -> Vec<IpAddr> {
    if !host.is_at_or_under(above) {
        return Vec::new();
    }
    let address = |record: &MessageRecord| match record.rtype {
        RecordType::A => <[u8; 4]>::try_from(&*record.rdata).ok().map(IpAddr::from),
        RecordType::AAAA => <[u8; 16]>::try_from(&*record.rdata).ok().map(IpAddr::from),
        _ => None,
    };
    reply.additional.iter().filter(|record| record.owner == *host).filter_map(address).collect()
}

fn signed(apex: &Name, reply: &Reply) -> Option<Vec<Ds>> {
    (reply.aa && matches!(reply.rcode, 0 | 3)).then(|| {
        reply.records(apex, RecordType::DS).filter_map(|record| Ds::of_wire(&record.rdata)).collect()
    })
}
