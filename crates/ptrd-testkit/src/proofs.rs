//! What signed zones add to answers (RFC 4035 §3.1, RFC 5155 §7.2), by scanning lists.

use crate::projection::FlatZone;
use ptrd_wire::{Name, RecordType, RrSet, Ttl};

/// A signed zone.
pub(crate) struct Proofs<'z> {
    zone: &'z FlatZone,
    apex: &'z Name,
    /// With NSEC3, how names are hashed.
    hashing: Option<(u16, Vec<u8>)>,
}

type Sets = Vec<(Name, RrSet)>;

/// RFC 5155 §5: the hash of a name in lower case.
pub(crate) fn hash(name: &Name, iterations: u16, salt: &[u8]) -> Vec<u8> {
    let once = |octets: &[u8]| {
        let input = [octets, salt].concat();
        ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, &input).as_ref().to_vec()
    };
    (0..iterations).fold(once(name.to_lowercase().as_wire()), |hash, _| once(&hash))
}

/// RFC 4648 §7, in small letters.
pub(crate) fn base32hex(octets: &[u8]) -> String {
    let bits: Vec<u8> =
        octets.iter().flat_map(|octet| (0..8).rev().map(move |bit| octet >> bit & 1)).collect();
    let digit = |five: &[u8]| five.iter().fold(0u32, |number, bit| number * 2 + u32::from(*bit));
    bits.chunks(5).filter_map(|five| char::from_digit(digit(five), 32)).collect()
}

/// The type that an RRSIG RRset covers; of others nothing.
pub(crate) fn covered(set: &RrSet) -> Option<RecordType> {
    let rdata = set.rdatas.first().filter(|_| set.rtype == RecordType::RRSIG)?;
    Some(RecordType(u16::from_be_bytes([rdata[0], rdata[1]])))
}

/// Whether an RRset is there for the sake of NSEC3 alone: no name exists because of it (RFC 5155 §7.2.8).
pub(crate) fn is_of_nsec3(set: &RrSet) -> bool {
    let covers = |rdata: &[u8]| rdata[..2] == RecordType::NSEC3.0.to_be_bytes();
    set.rtype == RecordType::NSEC3
        || set.rtype == RecordType::RRSIG && set.rdatas.iter().all(|rdata| covers(rdata))
}

/// The signatures of the RRsets of a name, each covered type's for itself; the TTL is that of what is covered
/// (RFC 4034 §3), which a signature tells.
pub(crate) fn all_signatures(zone: &FlatZone, at: &Name) -> Vec<RrSet> {
    let mut sets: Vec<RrSet> = Vec::new();
    for (_, stored) in zone.iter().filter(|(owner, set)| owner == at && set.rtype == RecordType::RRSIG) {
        for rdata in &stored.rdatas {
            let ttl = Ttl::from_secs(u32::from_be_bytes([rdata[4], rdata[5], rdata[6], rdata[7]]));
            let one = RrSet { rtype: RecordType::RRSIG, ttl, rdatas: vec![rdata.clone()] };
            match sets.iter_mut().find(|set| covered(set) == covered(&one)) {
                Some(set) => set.rdatas.push(rdata.clone()),
                None => sets.push(one),
            }
        }
    }
    sets
}

impl<'z> Proofs<'z> {
    /// Those of a zone, if it is signed.
    pub fn of(zone: &'z FlatZone, apex: &'z Name) -> Option<Proofs<'z>> {
        let at_apex = |rtype| zone.iter().find(|(owner, set)| owner == apex && set.rtype == rtype);
        at_apex(RecordType::DNSKEY)?;
        if let Some((_, set)) = at_apex(RecordType::NSEC3PARAM) {
            let rdata = &set.rdatas[0];
            let hashing = Some((u16::from_be_bytes([rdata[2], rdata[3]]), rdata[5..].to_vec()));
            return Some(Proofs { zone, apex, hashing });
        }
        at_apex(RecordType::NSEC).map(|_| Proofs { zone, apex, hashing: None })
    }

    /// The signatures of an RRset that stands at `at`, for an answer in which its owner is another.
    pub fn signatures(&self, at: &Name, owner: &Name, set: &RrSet) -> Sets {
        let all = all_signatures(self.zone, at).into_iter().filter(|one| covered(one) == Some(set.rtype));
        all.map(|one| (owner.clone(), RrSet { ttl: set.ttl, ..one })).collect()
    }

    /// RFC 4035 §3.1.3.2, RFC 5155 §7.2.2.
    pub fn no_name(&self, name: &Name) -> Sets {
        self.closed([self.closest(name), self.wildcard(name)].concat())
    }

    /// RFC 4035 §3.1.3.1 and §3.1.3.4, RFC 5155 §7.2.3 to §7.2.5, and of a cut that it has no DS.
    pub fn no_type(&self, name: &Name) -> Sets {
        if !self.exists(name) {
            return self.no_name(name);
        }
        let own = match self.hashing {
            None => self.last_before(name),
            Some(_) => self.matching(name),
        };
        self.closed(if own.is_empty() { self.closest(name) } else { own })
    }

    /// RFC 4035 §3.1.3.3, RFC 5155 §7.2.6.
    pub fn no_closer(&self, name: &Name) -> Sets {
        let encloser = self.encloser(name, |above| self.exists(above));
        self.closed(match self.hashing {
            None => self.last_before(name),
            Some(_) => self.last_before(&next_closer(name, &encloser)),
        })
    }

    /// What proves that the name is not there: with NSEC3 the closest encloser proof (RFC 5155 §7.2.1).
    fn closest(&self, name: &Name) -> Sets {
        if self.hashing.is_none() {
            return self.last_before(name);
        }
        let provable = self.provable(name);
        [self.matching(&provable), self.last_before(&next_closer(name, &provable))].concat()
    }

    /// What there is to say of the wildcard that would answer.
    fn wildcard(&self, name: &Name) -> Sets {
        let encloser = match self.hashing {
            None => self.encloser(name, |above| self.exists(above)),
            Some(_) => self.provable(name),
        };
        Name::from_labels([b"*"], &encloser).map(|wildcard| self.last_before(&wildcard)).unwrap_or_default()
    }

    fn provable(&self, name: &Name) -> Name {
        self.encloser(name, |above| !self.matching(above).is_empty() && self.exists(above))
    }

    fn encloser(&self, name: &Name, holds: impl Fn(&Name) -> bool) -> Name {
        name.ancestors().skip(1).find(|above| above == self.apex || holds(above)).expect("the apex is above")
    }

    fn exists(&self, name: &Name) -> bool {
        self.zone.iter().any(|(owner, set)| owner.is_at_or_under(name) && !is_of_nsec3(set))
    }

    /// The NSEC record that matches or covers the name; with NSEC3, the one that matches or covers its hash.
    fn last_before(&self, name: &Name) -> Sets {
        let rtype = if self.hashing.is_some() { RecordType::NSEC3 } else { RecordType::NSEC };
        let all: Vec<&(Name, RrSet)> = self.zone.iter().filter(|(_, set)| set.rtype == rtype).collect();
        let wanted = self.place(name);
        let before = all.iter().filter(|(owner, _)| *owner <= wanted).max_by_key(|(owner, _)| owner.clone());
        let found = before.or_else(|| all.iter().max_by_key(|(owner, _)| owner.clone()));
        found.map(|found| (*found).clone()).into_iter().collect()
    }

    fn matching(&self, name: &Name) -> Sets {
        let wanted = self.place(name);
        let found =
            self.zone.iter().filter(|(owner, set)| *owner == wanted && set.rtype == RecordType::NSEC3);
        found.cloned().collect()
    }

    /// Where the record that denies stands that matches a name.
    fn place(&self, name: &Name) -> Name {
        match &self.hashing {
            None => name.clone(),
            Some((iterations, salt)) => {
                let label = base32hex(&hash(name, *iterations, salt));
                Name::from_labels([label], self.apex).expect("room for a hash")
            }
        }
    }

    /// Each once, with its signatures.
    fn closed(&self, sets: Sets) -> Sets {
        let mut all: Sets = Vec::new();
        for (owner, set) in sets {
            if !all.contains(&(owner.clone(), set.clone())) {
                let signatures = self.signatures(&owner, &owner, &set);
                all.push((owner, set));
                all.extend(signatures);
            }
        }
        all
    }
}

/// The name one label below an ancestor on the way to `name` (RFC 5155 §1.3).
fn next_closer(name: &Name, encloser: &Name) -> Name {
    let nth = name.label_count() - encloser.label_count() - 1;
    name.ancestors().nth(nth).expect("a name below its ancestor")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5155 appendix A.
    #[test]
    fn hashes_are_those_of_the_rfc() {
        let name = "*.w.example".parse().expect("a name");
        assert_eq!(
            base32hex(&hash(&name, 12, &[0xaa, 0xbb, 0xcc, 0xdd])),
            "r53bq7cc2uvmubfu5ocmm6pers9tk9en"
        );
    }
}
