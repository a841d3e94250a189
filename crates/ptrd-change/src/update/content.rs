//! The RRsets of a name while an update is applied to them (RFC 2136 §3.4.2): a copy, compared with what was there when
//! all is done, so that what an update takes away and gives back is no change.

use ptrd_wire::{RecordType, RrSet, Soa, Ttl, folded_rdata};
use std::collections::BTreeMap;

/// An RRset by what makes its records different ones. Equal where TTL and data are, letter case and all.
#[derive(Clone, Debug)]
pub(crate) struct Set {
    pub ttl: Ttl,
    /// The TTL comes from a block, and the update did not give another.
    pub inherits: bool,
    records: BTreeMap<Box<[u8]>, Record>,
    /// The number of the next record: those that come keep their order.
    next: usize,
}

/// A record, and the number that it came as.
#[derive(Clone, Debug)]
struct Record {
    number: usize,
    rdata: Box<[u8]>,
}

impl PartialEq for Set {
    fn eq(&self, other: &Set) -> bool {
        let pairs = self.records.values().zip(other.records.values());
        self.ttl == other.ttl
            && self.len() == other.len()
            && pairs.into_iter().all(|(a, b)| a.rdata == b.rdata)
    }
}

impl Set {
    pub fn new(ttl: Ttl, inherits: bool) -> Set {
        Set { ttl, inherits, records: BTreeMap::new(), next: 0 }
    }

    pub fn of(rrset: &RrSet) -> Set {
        let mut set = Set::new(rrset.ttl, false);
        rrset.rdatas.iter().for_each(|rdata| set.put(rrset.rtype, rdata));
        set
    }

    /// Puts a record, unless it is there.
    pub fn put(&mut self, rtype: RecordType, rdata: &[u8]) {
        let key: Box<[u8]> = folded_rdata(rtype, rdata).into_owned().into();
        let number = self.next;
        self.next += 1;
        self.records.entry(key).or_insert_with(|| Record { number, rdata: rdata.into() });
    }

    fn remove(&mut self, rtype: RecordType, rdata: &[u8]) {
        self.records.remove(&*folded_rdata(rtype, rdata));
    }

    fn has(&self, rtype: RecordType, rdata: &[u8]) -> bool {
        self.records.contains_key(&*folded_rdata(rtype, rdata))
    }

    /// What makes the records different ones, in order.
    pub fn keys(&self) -> impl Iterator<Item = &Box<[u8]>> {
        self.records.keys()
    }

    /// The data in the order in which it came.
    pub fn rdatas(&self) -> Vec<&[u8]> {
        let mut rdatas: Vec<_> = self.records.values().collect();
        rdatas.sort_unstable_by_key(|record| record.number);
        rdatas.into_iter().map(|record| &*record.rdata).collect()
    }

    pub fn len(&self) -> usize {
        self.records.len()
    }

    pub fn to_rrset(&self, rtype: RecordType) -> RrSet {
        RrSet { rtype, ttl: self.ttl, rdatas: self.rdatas().into_iter().map(Into::into).collect() }
    }
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Content {
    sets: BTreeMap<RecordType, Set>,
}

/// What may stand beside a CNAME (RFC 4035 §2.5, RFC 3007 §3).
fn goes_along(rtype: RecordType) -> bool {
    matches!(rtype, RecordType::RRSIG | RecordType::NSEC | RecordType::KEY)
}

/// WKS, of which there is one for an address and a protocol (RFC 2136 §1.1).
const WKS: RecordType = RecordType(11);

impl Content {
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    pub fn set(&self, rtype: RecordType) -> Option<&Set> {
        self.sets.get(&rtype)
    }

    pub fn sets(&self) -> impl Iterator<Item = (RecordType, &Set)> {
        self.sets.iter().map(|(rtype, set)| (*rtype, set))
    }

    /// Puts an RRset, in place of the one of its type.
    pub fn put(&mut self, rtype: RecordType, set: Set) {
        self.sets.insert(rtype, set);
    }

    /// §3.4.2.2.
    pub fn add(&mut self, is_apex: bool, rtype: RecordType, ttl: Ttl, rdata: &[u8]) {
        let is_alias = rtype == RecordType::CNAME;
        let stays_away = |other: RecordType| match is_alias {
            true => other != RecordType::CNAME && !goes_along(other),
            false => other == RecordType::CNAME && !goes_along(rtype),
        };
        if self.sets.keys().any(|other| stays_away(*other)) {
            return;
        }
        let set = self.sets.get(&rtype);
        if rtype == RecordType::SOA {
            let serial = |rdata: &[u8]| Soa::from_wire(rdata).ok().map(|soa| soa.serial);
            let known = set.and_then(|set| serial(set.rdatas().first()?));
            let newer = serial(rdata).zip(known).is_some_and(|(new, known)| new.is_after(known));
            if !is_apex || !newer {
                return;
            }
        }
        // One record that the new one replaces: RFC 2136 §1.1, and RFC 6672 §5.2 for DNAME.
        let replaces = matches!(rtype, RecordType::CNAME | RecordType::SOA | RecordType::DNAME);
        if replaces && !set.is_some_and(|set| set.has(rtype, rdata)) {
            self.sets.remove(&rtype);
        }
        let set = self.sets.entry(rtype).or_insert_with(|| Set::new(ttl, false));
        if rtype == WKS {
            set.records.retain(|_, known| known.rdata.get(..5) != rdata.get(..5) || *known.rdata == *rdata);
        }
        // One TTL an RRset (RFC 2181 §5.2): that of what came last.
        if set.ttl != ttl {
            (set.ttl, set.inherits) = (ttl, false);
        }
        set.put(rtype, rdata);
    }

    /// §3.4.2.3.
    pub fn delete_rrset(&mut self, is_apex: bool, rtype: RecordType) {
        if !(is_apex && matches!(rtype, RecordType::SOA | RecordType::NS)) {
            self.sets.remove(&rtype);
        }
    }

    /// §3.4.2.3.
    pub fn delete_all(&mut self, is_apex: bool) {
        self.sets.retain(|rtype, _| is_apex && matches!(*rtype, RecordType::SOA | RecordType::NS));
    }

    /// §3.4.2.4.
    pub fn delete(&mut self, is_apex: bool, rtype: RecordType, rdata: &[u8]) {
        let Some(set) = self.sets.get_mut(&rtype) else { return };
        if is_apex && (rtype == RecordType::SOA || rtype == RecordType::NS && set.len() == 1) {
            return;
        }
        set.remove(rtype, rdata);
        if set.len() == 0 {
            self.sets.remove(&rtype);
        }
    }
}
