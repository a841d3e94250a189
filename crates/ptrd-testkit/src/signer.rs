//! A signer whose signatures are none: it puts in place what a signed zone has (RFC 4035 §2, RFC 5155 §7.1), by scanning
//! lists, with octets that look like keys and signatures. A server that does not sign cannot tell.

use crate::proofs::{base32hex, hash};
use crate::world::World;
use ptrd_wire::{Name, RecordType, RrSet, Ttl};
use ptrd_zone::model::ZoneId;
use std::collections::{BTreeMap, BTreeSet};

/// How a zone is to deny what it does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denying {
    /// By NSEC.
    Nsec,
    /// By NSEC3.
    Nsec3 {
        /// How many times more than once names are hashed.
        iterations: u16,
        /// The salt.
        salt: Vec<u8>,
        /// Whether delegations without DS have no record.
        opt_out: bool,
    },
}

const ALGORITHM: u8 = 13;

/// Signs a zone of a World, all of it.
pub fn sign(world: &mut World, zone: ZoneId, denying: &Denying) {
    let row = world.zones.iter().find(|row| row.id == zone).expect("a zone to sign").clone();
    let (soa, soa_ttl) = world.soa(&row);
    let apex = row.apex.clone();
    let own = world.records.iter().filter(|record| record.zone == zone);
    let mut signer = Signer {
        sets: own.map(|record| (record.owner.clone(), record.rrset.clone())).collect(),
        added: Vec::new(),
        ttl: soa_ttl.min(soa.minimum),
        apex: apex.clone(),
    };
    signer.sets.push((apex.clone(), RrSet::single(RecordType::SOA, soa_ttl, soa.to_wire())));
    let key = [&[1, 1, 3, ALGORITHM][..], &digest(apex.as_wire()), &digest(b"key")].concat();
    signer.add(apex.clone(), RecordType::DNSKEY, soa_ttl, key);
    match denying {
        Denying::Nsec => signer.nsec(),
        Denying::Nsec3 { iterations, salt, opt_out } => signer.nsec3(*iterations, salt, *opt_out),
    }
    for (owner, rtype, ttl, rdata) in signer.added {
        world.record(zone, owner, rtype, ttl, &rdata);
    }
}

struct Signer {
    apex: Name,
    /// What the zone has, as far as signing has come, but for signatures.
    sets: Vec<(Name, RrSet)>,
    added: Vec<(Name, RecordType, Ttl, Vec<u8>)>,
    /// Of what denies.
    ttl: Ttl,
}

impl Signer {
    fn add(&mut self, owner: Name, rtype: RecordType, ttl: Ttl, rdata: Vec<u8>) {
        if rtype != RecordType::RRSIG {
            self.sets.push((owner.clone(), RrSet::single(rtype, ttl, rdata.clone())));
        }
        self.added.push((owner, rtype, ttl, rdata));
    }

    fn has(&self, owner: &Name, rtype: RecordType) -> bool {
        self.sets.iter().any(|(name, set)| name == owner && set.rtype == rtype)
    }

    fn is_cut(&self, name: &Name) -> bool {
        *name != self.apex && self.has(name, RecordType::NS)
    }

    /// The names that the zone speaks for, cuts included.
    fn names(&self) -> BTreeSet<Name> {
        let hides = |name: &Name| self.is_cut(name) || self.has(name, RecordType::DNAME);
        let hidden = |name: &Name| {
            name.ancestors()
                .skip(1)
                .take_while(|above| above.is_at_or_under(&self.apex))
                .any(|above| hides(&above))
        };
        self.sets.iter().map(|(owner, _)| owner.clone()).filter(|name| !hidden(name)).collect()
    }

    /// What is signed at a name.
    fn signed_at(&self, name: &Name) -> Vec<RrSet> {
        let at_cut = |set: &RrSet| matches!(set.rtype, RecordType::DS | RecordType::NSEC);
        let cut = self.is_cut(name);
        let here = self.sets.iter().filter(|(owner, set)| owner == name && (!cut || at_cut(set)));
        here.map(|(_, set)| set.clone()).collect()
    }

    /// Signs what is not signed yet at these names.
    fn sign_at(&mut self, names: &BTreeSet<Name>) {
        for name in names {
            for set in self.signed_at(name) {
                self.sign_set(name, &set);
            }
        }
    }

    fn sign_set(&mut self, owner: &Name, set: &RrSet) {
        let labels = owner.label_count() - usize::from(owner.is_wildcard());
        let key = self.sets.iter().find(|(_, set)| set.rtype == RecordType::DNSKEY);
        let tag = key.map_or(0, |(_, set)| tag_of(&set.rdatas[0]));
        let mut rdata = set.rtype.0.to_be_bytes().to_vec();
        rdata.extend([ALGORITHM, labels as u8]);
        for number in [set.ttl.as_secs(), 1_900_000_000, 1_800_000_000] {
            rdata.extend(number.to_be_bytes());
        }
        rdata.extend(tag.to_be_bytes());
        rdata.extend(self.apex.as_wire());
        rdata.extend(&digest(&[owner.as_wire(), &rdata, &set.rdatas.concat()].concat())[..16]);
        self.add(owner.clone(), RecordType::RRSIG, set.ttl, rdata);
    }

    /// The types that a record which denies says of a name.
    fn types(&self, name: &Name, more: &[RecordType]) -> Vec<u8> {
        let mut types: BTreeSet<u16> = self.signed_at(name).iter().map(|set| set.rtype.0).collect();
        if !types.is_empty() {
            types.insert(RecordType::RRSIG.0);
        }
        if self.is_cut(name) {
            types.insert(RecordType::NS.0);
        }
        types.extend(more.iter().map(|rtype| rtype.0));
        bitmap(&types)
    }

    /// RFC 4034 §4.
    fn nsec(&mut self) {
        let names: Vec<Name> = self.names().into_iter().collect();
        for (nth, name) in names.iter().enumerate() {
            let next = names.get(nth + 1).unwrap_or(&self.apex).to_lowercase();
            let types = self.types(name, &[RecordType::RRSIG, RecordType::NSEC]);
            self.add(name.clone(), RecordType::NSEC, self.ttl, [next.as_wire(), &types].concat());
        }
        self.sign_at(&names.into_iter().collect());
    }

    /// RFC 5155 §7.1.
    fn nsec3(&mut self, iterations: u16, salt: &[u8], opt_out: bool) {
        let parameters = |flags: u8| -> Vec<u8> {
            [&[1, flags][..], &iterations.to_be_bytes(), &[salt.len() as u8], salt].concat()
        };
        self.add(self.apex.clone(), RecordType::NSEC3PARAM, self.ttl, parameters(0));
        let names = self.names();
        let left_out = |name: &Name| opt_out && self.is_cut(name) && !self.has(name, RecordType::DS);
        let kept = names.iter().filter(|name| !left_out(name));
        let with_empty =
            kept.flat_map(|name| name.ancestors().take_while(|above| above.is_at_or_under(&self.apex)));
        let hashed: BTreeMap<String, Name> =
            with_empty.map(|name| (base32hex(&hash(&name, iterations, salt)), name)).collect();
        let labels: Vec<&String> = hashed.keys().collect();
        let mut chain = Vec::new();
        for (nth, (label, name)) in hashed.iter().enumerate() {
            let next = &hashed[labels[(nth + 1) % labels.len()]];
            let next = hash(next, iterations, salt);
            let types = self.types(name, &[]);
            let owner = Name::from_labels([label], &self.apex).expect("room for a hash");
            chain.push((owner, [&parameters(u8::from(opt_out))[..], &[20], &next, &types].concat()));
        }
        self.sign_at(&names);
        for (owner, rdata) in chain {
            self.add(owner.clone(), RecordType::NSEC3, self.ttl, rdata.clone());
            self.sign_set(&owner, &RrSet::single(RecordType::NSEC3, self.ttl, rdata));
        }
    }
}

fn digest(octets: &[u8]) -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA256, octets).as_ref().to_vec()
}

/// RFC 4034 appendix B.
fn tag_of(key: &[u8]) -> u16 {
    let mut sum = 0u32;
    for pair in key.chunks(2) {
        sum += u32::from(pair[0]) * 256 + u32::from(*pair.get(1).unwrap_or(&0));
    }
    ((sum + sum / 65_536) % 65_536) as u16
}

/// RFC 4034 §4.1.2.
fn bitmap(types: &BTreeSet<u16>) -> Vec<u8> {
    let mut out = Vec::new();
    for window in 0..=255u8 {
        let inside: Vec<u8> =
            types.iter().filter(|rtype| (**rtype >> 8) as u8 == window).map(|rtype| *rtype as u8).collect();
        let Some(last) = inside.last() else { continue };
        let mut octets = vec![0u8; usize::from(last / 8) + 1];
        inside.iter().for_each(|low| octets[usize::from(low / 8)] |= 128 >> (low % 8));
        out.extend([window, octets.len() as u8]);
        out.extend(octets);
    }
    out
}
