//! Which NSEC or NSEC3 records prove that a name or a type is not in a zone (RFC 4035 §3.1.3, RFC 5155 §7.2). Allocates
//! nothing. Names are hashed three times at most; where Opt-Out leaves names without records, and the one that proves the
//! nearest ancestor must be looked for, ten times.

use super::hash::{hash, key_of_hash};
use super::names::is_hash_alone;
use super::{Signing, hash_of_owner};
use crate::names::{NodeRef, RrSetRef, Spot};
use crate::zone::{Path, Zone};
use ptrd_wire::{QName, RecordType};

/// What is to be proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deny {
    /// There is no such name, and no wildcard for it (RFC 4035 §3.1.3.2, RFC 5155 §7.2.2).
    Name,
    /// The name, or the wildcard that stands for it, has no RRset of the type (RFC 4035 §3.1.3.1 and §3.1.3.4, RFC 5155
    /// §7.2.3 to §7.2.5); for a type that is DS, or in a referral, that it is not signed.
    Type,
    /// The wildcard that was answered from is the nearest match (RFC 4035 §3.1.3.3, RFC 5155 §7.2.6).
    Closer,
}

/// A name with an NSEC or NSEC3 record that proves something.
#[derive(Clone, Copy)]
pub struct Denial<'a> {
    zone: &'a Zone,
    spot: Spot<'a>,
}

/// The most that one proof takes.
const MOST: usize = 3;

/// What proves one thing, each once.
#[derive(Clone, Copy, Default)]
pub struct Denials<'a> {
    list: [Option<Denial<'a>>; MOST],
}

impl<'a> Denial<'a> {
    /// The NSEC or NSEC3 RRset.
    pub fn rrset(&self) -> Option<RrSetRef<'a>> {
        let wanted = |rrset: &RrSetRef<'_>| matches!(rrset.rtype, RecordType::NSEC | RecordType::NSEC3);
        self.node().rrsets().find(wanted)
    }

    /// All RRsets of its owner, the signatures among them.
    pub fn node(&self) -> NodeRef<'a> {
        self.spot.node()
    }

    /// Whether it is the same.
    pub fn is(&self, other: &Denial<'_>) -> bool {
        self.spot.is(&other.spot)
    }

    /// Writes its owner in wire form to the end of `room`, and returns it.
    pub fn owner_into<'r>(&self, room: &'r mut [u8; 256]) -> &'r [u8] {
        let apex = self.zone.apex().as_wire();
        let spelling = self.node().spelling();
        let mut start = room.len() - apex.len();
        room[start..].copy_from_slice(apex);
        if !spelling.is_empty() {
            start -= spelling.len();
            room[start..start + spelling.len()].copy_from_slice(spelling);
            return &room[start..];
        }
        let [first, rest] = self.spot.key();
        let mut octets = first.iter().chain(rest);
        let (mut label, mut length) = ([0; 64], 0);
        while let Some(&octet) = octets.next() {
            let octet = match octet {
                0 => {
                    label[0] = length as u8;
                    start -= length + 1;
                    room[start..=start + length].copy_from_slice(&label[..=length]);
                    length = 0;
                    continue;
                }
                1 => octets.next().map_or(0, |escaped| escaped.wrapping_sub(1)),
                octet => octet,
            };
            length += 1;
            label[length] = octet;
        }
        &room[start..]
    }
}

impl<'a> Denials<'a> {
    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Denial<'a>> + use<'a> {
        self.list.into_iter().flatten()
    }

    fn push(&mut self, zone: &'a Zone, spot: Option<Spot<'a>>) {
        let Some(spot) = spot else { return };
        if self.iter().any(|known| known.spot.is(&spot)) {
            return;
        }
        if let Some(free) = self.list.iter_mut().find(|slot| slot.is_none()) {
            *free = Some(Denial { zone, spot });
        }
    }
}

/// How an NSEC3 chain hashes the names of a question.
struct Hasher<'q> {
    name: &'q QName,
    apex_labels: usize,
    iterations: u16,
    salt: &'q [u8],
}

impl Hasher<'_> {
    /// The key of the NSEC3 owner for the question's name cut to `depth` labels below the apex, below these octets.
    fn key(&self, start: &[u8], depth: usize) -> [u8; 33] {
        let name = self.name.suffix(self.apex_labels + depth);
        key_of_hash(&hash(start, name, self.salt, self.iterations))
    }
}

impl Zone {
    /// The records that prove it, of the name that the last `labels` labels of `name` are; nothing where the zone is not
    /// signed. The name lies in the zone, and not below a cut.
    pub fn deny<'a>(&'a self, name: &QName, labels: usize, what: Deny) -> Denials<'a> {
        let mut denials = Denials::default();
        let depth = labels - self.apex_labels();
        match self.signing() {
            None => {}
            Some(Signing::Nsec) => self.deny_by_nsec(name, depth, what, &mut denials),
            Some(Signing::Nsec3 { iterations, salt, .. }) => {
                let (iterations, apex_labels) = (*iterations, self.apex_labels());
                let hasher = Hasher { name, apex_labels, iterations, salt };
                self.deny_by_nsec3(&hasher, depth, what, &mut denials);
            }
        }
        denials
    }

    fn deny_by_nsec<'a>(&'a self, name: &QName, depth: usize, what: Deny, denials: &mut Denials<'a>) {
        let path = Path::new(name, name.label_count() - self.apex_labels());
        denials.push(self, self.nsec_at_or_before(path.to(depth)));
        let encloser = self.encloser(&path, depth);
        if encloser < depth && what != Deny::Closer {
            let mut room = [0; 512];
            let wildcard = asterisk_below(path.to(encloser), &mut room);
            denials.push(self, self.nsec_at_or_before(wildcard));
        }
    }

    fn deny_by_nsec3<'a>(&'a self, hasher: &Hasher<'_>, depth: usize, what: Deny, denials: &mut Denials<'a>) {
        let encloser = {
            let path = Path::new(hasher.name, hasher.name.label_count() - self.apex_labels());
            self.encloser(&path, depth)
        };
        if what == Deny::Closer {
            denials.push(self, self.nsec3_at_or_before(&hasher.key(b"", (encloser + 1).min(depth))));
            return;
        }
        let at = |depth: usize| self.names().spot(&hasher.key(b"", depth));
        let matching = at(encloser);
        if encloser == depth && matching.is_some() {
            return denials.push(self, matching);
        }
        // RFC 5155 §7.2.1: the closest provable encloser. Only Opt-Out leaves names without a record; then those above have one
        // from some ancestor up.
        let (provable, matching) = match matching {
            Some(_) => (encloser, matching),
            None => {
                let (mut has, mut has_not) = (0, encloser);
                while has_not - has > 1 {
                    let middle = (has + has_not) / 2;
                    if at(middle).is_some() { has = middle } else { has_not = middle }
                }
                (has, at(has))
            }
        };
        denials.push(self, matching);
        denials.push(self, self.nsec3_at_or_before(&hasher.key(b"", provable + 1)));
        if encloser < depth {
            denials.push(self, self.nsec3_at_or_before(&hasher.key(b"\x01*", provable)));
        }
    }

    /// How many labels below the apex the name's nearest ancestor has that exists; all where the name does.
    fn encloser(&self, path: &Path, depth: usize) -> usize {
        let (mut exists, mut misses) = (0, depth + 1);
        while misses - exists > 1 {
            let middle = (exists + misses) / 2;
            if self.has_at_or_below(path.to(middle)) { exists = middle } else { misses = middle }
        }
        exists
    }

    /// The last NSEC record whose owner's key is at most this one.
    fn nsec_at_or_before(&self, key: &[u8]) -> Option<Spot<'_>> {
        let spot = self.names().spot_before(key)?;
        if spot.node().rrset(RecordType::NSEC).is_some() {
            return Some(spot);
        }
        // It lies below a cut or DNAME, whose own record is the one.
        let [first, rest] = spot.key();
        let (mut room, mut length) = ([0; 512], 0);
        for &octet in first.iter().chain(rest) {
            room[length] = octet;
            length += 1;
            if octet != 0 {
                continue;
            }
            let ends = |node: NodeRef<'_>| {
                node.rrset(RecordType::NS).is_some() || node.rrset(RecordType::DNAME).is_some()
            };
            if let Some(spot) = self.names().spot(&room[..length]).filter(|spot| ends(spot.node())) {
                return Some(spot);
            }
        }
        self.names().spot(&[])
    }

    /// The last NSEC3 record whose owner's key is at most this one; the very last where there is none.
    fn nsec3_at_or_before(&self, key: &[u8; 33]) -> Option<Spot<'_>> {
        let hashes = self.names().hashes();
        let hash = hash_of_owner(key)?;
        let (found, ()) = hashes.floor(&hash).or_else(|| hashes.last())?;
        self.names().spot(&key_of_hash(found))
    }

    /// Whether a name with RRsets lies at or below this key. Owners of NSEC3 records are no names (RFC 5155 §7.2.8).
    #[inline]
    pub(crate) fn has_at_or_below(&self, key: &[u8]) -> bool {
        let names = self.shown_names();
        if names.hashes().is_empty() || hash_of_owner(key).is_none() {
            return names.exists(key);
        }
        match names.node(key) {
            Some(node) if is_hash_alone(key, node) => names.exists_below(key),
            _ => names.exists(key),
        }
    }

    /// What stands at a name, unless it is there for an NSEC3 record alone.
    #[inline]
    pub(crate) fn own_node(&self, key: &[u8]) -> Option<NodeRef<'_>> {
        let node = self.shown_names().node(key)?;
        (self.names().hashes().is_empty() || !is_hash_alone(key, node)).then_some(node)
    }
}

/// The key of the asterisk below the name with this key.
fn asterisk_below<'r>(key: &[u8], room: &'r mut [u8; 512]) -> &'r [u8] {
    room[..key.len()].copy_from_slice(key);
    room[key.len()..key.len() + 2].copy_from_slice(b"*\0");
    &room[..key.len() + 2]
}
