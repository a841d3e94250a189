//! The names of a zone that are not addresses: a persistent ordered tree from sort key (see
//! [`ptrd_wire::sort_key`], relative to the apex) to the RRsets of the name, packed some dozens to an allocation.
//!
//! Keys of descendants start with the key of their ancestor, so one search tells existence, empty non-terminals
//! and the closest encloser. The tree counts cuts, DNAMEs, wildcards and signed names, and keeps the set of depths at
//! which cuts and DNAMEs stand, so that a zone without them never looks for them. The hashes that are owners of NSEC3
//! records have an index of their own: in the tree, other names stand between them.
//!
//! Leaf layout, numbers little-endian: u16 entries, u16 length of the shared start, u16 cuts, u16 DNAMEs, u16
//! wildcards, u16 signed names, the shared start, u32 offset of each entry; entry: u16 length of the rest of the key, the rest, u8
//! length of the owner's own spelling (0: all lower case), the spelling (wire, relative to the apex), u16 RRsets;
//! RRset: u16 type, u32 TTL, u16 records, u32 octets of the records; record: u16 length, data.

mod place;
mod whole;

pub(crate) use place::{NameCursor, Spot};
pub(crate) use whole::Whole;

use crate::signed::{NameHash, hash_of_owner, is_of_dnssec};
use crate::sorted::Sorted;
use crate::tree::{Leaf, Tree};
use ptrd_wire::{Name, RecordType, RrSet, Ttl, key_of_lower};
use std::sync::Arc;

/// A leaf is split above this many octets or names.
const LEAF_OCTETS: usize = 6 * 1024;
const LEAF_NAMES: usize = 64;

/// See the module. A clone shares everything.
#[derive(Clone, Default)]
pub struct NameTree {
    pub(crate) tree: Tree<NameLeaf>,
    names: usize,
    cuts: usize,
    dnames: usize,
    wildcards: usize,
    signed: usize,
    /// The hashes that have an NSEC3 record.
    hashes: Sorted<NameHash, ()>,
    has_apex: bool,
    /// Depths below the apex at which a cut or DNAME was ever put: a superset of those where one is.
    zone_ends: u128,
}

/// The names of one leaf.
#[derive(Clone)]
pub(crate) struct NameLeaf(pub(crate) Arc<[u8]>);

/// A name's RRsets, borrowed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NodeRef<'a> {
    spelling: &'a [u8],
    rrsets: &'a [u8],
}

/// An RRset, borrowed. Equal where type, TTL and data are, in their order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RrSetRef<'a> {
    /// The type.
    pub rtype: RecordType,
    /// The TTL.
    pub ttl: Ttl,
    count: u16,
    records: &'a [u8],
}

/// A change of one RRset: `None` removes.
pub type RrSetChange = (Name, RecordType, Option<RrSet>);

fn u16_at(octets: &[u8], at: usize) -> usize {
    usize::from(u16::from_le_bytes([octets[at], octets[at + 1]]))
}

fn u32_at(octets: &[u8], at: usize) -> usize {
    u32::from_le_bytes([octets[at], octets[at + 1], octets[at + 2], octets[at + 3]]) as usize
}

const HEAD: usize = 12;
/// What leaves count.
const COUNTS: usize = 4;

impl NameLeaf {
    pub(crate) fn len(&self) -> usize {
        u16_at(&self.0, 0)
    }

    fn counts(&self) -> [usize; COUNTS] {
        std::array::from_fn(|kind| u16_at(&self.0, 4 + 2 * kind))
    }

    pub(crate) fn start(&self) -> &[u8] {
        &self.0[HEAD..HEAD + u16_at(&self.0, 2)]
    }

    /// The rest of a key, and where its entry goes on.
    pub(crate) fn rest(&self, nth: usize) -> (&[u8], usize) {
        let offsets = HEAD + u16_at(&self.0, 2);
        let at = u32_at(&self.0, offsets + 4 * nth);
        let length = u16_at(&self.0, at);
        (&self.0[at + 2..at + 2 + length], at + 2 + length)
    }

    pub(crate) fn node(&self, nth: usize) -> NodeRef<'_> {
        let (_, at) = self.rest(nth);
        let spelling = usize::from(self.0[at]);
        let end = if nth + 1 < self.len() {
            u32_at(&self.0, HEAD + u16_at(&self.0, 2) + 4 * (nth + 1))
        } else {
            self.0.len()
        };
        NodeRef { spelling: &self.0[at + 1..at + 1 + spelling], rrsets: &self.0[at + 1 + spelling..end] }
    }

    pub(crate) fn key(&self, nth: usize) -> Box<[u8]> {
        [self.start(), self.rest(nth).0].concat().into()
    }

    /// Whether the key of an entry starts with this one.
    fn key_starts_with(&self, nth: usize, key: &[u8]) -> bool {
        let (start, rest) = (self.start(), self.rest(nth).0);
        let shared = start.len().min(key.len());
        start[..shared] == key[..shared] && rest.starts_with(&key[shared..])
    }

    /// Where `key` stands: `Ok` of its place, or `Err` of the place of the next greater one.
    fn search(&self, key: &[u8]) -> Result<usize, usize> {
        let start = self.start();
        let shared = start.len().min(key.len());
        match start[..shared].cmp(&key[..shared]) {
            std::cmp::Ordering::Less => return Err(self.len()),
            std::cmp::Ordering::Greater => return Err(0),
            std::cmp::Ordering::Equal if shared < start.len() => return Err(0),
            std::cmp::Ordering::Equal => {}
        }
        let wanted = &key[shared..];
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = (low + high) / 2;
            match self.rest(middle).0.cmp(wanted) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Ok(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }
}

impl Leaf for NameLeaf {
    type Key = Box<[u8]>;

    fn first_key(&self) -> Box<[u8]> {
        self.key(0)
    }
}

impl<'a> NodeRef<'a> {
    /// The node that [`pack_node`] made.
    #[inline]
    pub(crate) fn packed(rrsets: &'a [u8]) -> NodeRef<'a> {
        NodeRef { spelling: &[], rrsets }
    }

    /// The RRsets, in the order of type numbers.
    pub fn rrsets(&self) -> impl Iterator<Item = RrSetRef<'a>> + use<'a> {
        let mut rest = self.rrsets.get(2..).unwrap_or_default();
        std::iter::from_fn(move || {
            if rest.len() < 12 {
                return None;
            }
            let octets = u32_at(rest, 8);
            let rrset = RrSetRef {
                rtype: RecordType(u16_at(rest, 0) as u16),
                ttl: Ttl::from_secs(u32_at(rest, 2) as u32),
                count: u16_at(rest, 6) as u16,
                records: &rest[12..12 + octets],
            };
            rest = &rest[12 + octets..];
            Some(rrset)
        })
    }

    /// The RRset of a type.
    pub fn rrset(&self, rtype: RecordType) -> Option<RrSetRef<'a>> {
        self.rrsets().find(|rrset| rrset.rtype == rtype)
    }

    /// The owner's labels below the apex as they were spelt, in wire form without an end; empty if all lower case.
    pub fn spelling(&self) -> &'a [u8] {
        self.spelling
    }
}

impl<'a> RrSetRef<'a> {
    /// How many records.
    pub fn len(&self) -> usize {
        usize::from(self.count)
    }

    /// Never: an RRset has a record.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The data of each record.
    pub fn rdatas(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut rest = self.records;
        std::iter::from_fn(move || {
            if rest.len() < 2 {
                return None;
            }
            let (rdata, after) = rest[2..].split_at(u16_at(rest, 0));
            rest = after;
            Some(rdata)
        })
    }

    /// An owned copy.
    pub fn to_rrset(&self) -> RrSet {
        RrSet { rtype: self.rtype, ttl: self.ttl, rdatas: self.rdatas().map(Into::into).collect() }
    }
}

impl NameTree {
    /// How many names have an RRset.
    pub fn len(&self) -> usize {
        self.names
    }

    /// Whether no name has one.
    pub fn is_empty(&self) -> bool {
        self.names == 0
    }

    /// Whether no name but the apex has an RRset, and the apex no DNAME.
    #[inline]
    pub(crate) fn is_bare(&self) -> bool {
        self.names == usize::from(self.has_apex) && self.dnames == 0
    }

    pub(crate) fn has_wildcards(&self) -> bool {
        self.wildcards > 0
    }

    /// Depths below the apex at which a cut or DNAME may stand, or none if there is neither.
    pub(crate) fn zone_ends(&self) -> u128 {
        if self.cuts + self.dnames > 0 { self.zone_ends } else { 0 }
    }

    /// The RRsets of the name with this key.
    pub fn node(&self, key: &[u8]) -> Option<NodeRef<'_>> {
        let leaf = self.tree.leaf(|first| **first <= *key)?;
        leaf.search(key).ok().map(|nth| leaf.node(nth))
    }

    /// Whether a name with an RRset lies at or below this key.
    pub fn exists(&self, key: &[u8]) -> bool {
        let Some(leaf) = self.tree.leaf(|first| **first <= *key) else { return false };
        let nth = leaf.search(key).unwrap_or_else(|next| next);
        if nth < leaf.len() {
            return leaf.key_starts_with(nth, key);
        }
        self.tree.leaf_after(|first| **first <= *key).is_some_and(|leaf| leaf.key_starts_with(0, key))
    }

    /// Whether a name with an RRset lies below this key, which is that of a name.
    pub(crate) fn exists_below(&self, key: &[u8]) -> bool {
        let Some(leaf) = self.tree.leaf(|first| **first <= *key) else { return false };
        let nth = leaf.search(key).map_or_else(|next| next, |nth| nth + 1);
        if nth < leaf.len() {
            return leaf.key_starts_with(nth, key);
        }
        self.tree.leaf_after(|first| **first <= *key).is_some_and(|leaf| leaf.key_starts_with(0, key))
    }

    /// All names with their keys, in canonical order.
    pub fn iter(&self) -> impl Iterator<Item = (Box<[u8]>, NodeRef<'_>)> {
        self.tree.leaves().flat_map(|leaf| (0..leaf.len()).map(|nth| (leaf.key(nth), leaf.node(nth))))
    }

    /// Makes changes of RRsets in a zone of this apex.
    pub fn apply(&mut self, apex: &Name, changes: impl IntoIterator<Item = RrSetChange>) {
        let apex_labels = apex.label_count();
        let mut sorted: Vec<Change> = changes
            .into_iter()
            .map(|(owner, rtype, rrset)| Change::new(&owner, apex, apex_labels, rtype, rrset))
            .collect();
        sorted.sort_by(|a, b| a.key.cmp(&b.key));
        for change in &sorted {
            let ends_zone =
                matches!(change.rtype, RecordType::NS | RecordType::DNAME) && change.rrset.is_some();
            if ends_zone && change.depth < 128 {
                self.zone_ends |= 1 << change.depth;
            }
        }
        self.apply_hashes(&sorted);
        self.rebuild(
            &sorted,
            |change| &change.key,
            |entries, changes| {
                for group in changes.chunk_by(|a, b| a.key == b.key) {
                    change_entry(entries, group);
                }
            },
        );
    }

    /// Rebuilds the leaves that sorted changes belong into, and keeps count.
    fn rebuild<C>(
        &mut self,
        sorted: &[C],
        key: impl Fn(&C) -> &Box<[u8]>,
        change: impl Fn(&mut Vec<Entry>, &[C]),
    ) {
        let kinds = [self.cuts, self.dnames, self.wildcards, self.signed];
        let (mut names, mut kinds) = (self.names as isize, kinds.map(|n| n as isize));
        self.tree.apply(sorted, &key, &mut |old, changes| {
            let mut entries: Vec<Entry> = old.map(entries_of).unwrap_or_default();
            if let Some(leaf) = old {
                names -= leaf.len() as isize;
                (0..COUNTS).for_each(|kind| kinds[kind] -= leaf.counts()[kind] as isize);
            }
            change(&mut entries, changes);
            let leaves = leaves_of(entries);
            for leaf in &leaves {
                names += leaf.len() as isize;
                (0..COUNTS).for_each(|kind| kinds[kind] += leaf.counts()[kind] as isize);
            }
            leaves
        });
        self.names = names as usize;
        self.has_apex = self.node(&[]).is_some();
        [self.cuts, self.dnames, self.wildcards, self.signed] = kinds.map(|n| n as usize);
    }

    /// Keeps the index of hashes. Of several changes of one name the last counts.
    fn apply_hashes(&mut self, sorted: &[Change]) {
        let of_hashes = sorted.iter().filter(|change| change.rtype == RecordType::NSEC3 && change.depth == 1);
        let mut changes: Vec<(NameHash, Option<()>)> = Vec::new();
        for (hash, change) in of_hashes.filter_map(|change| Some((hash_of_owner(&change.key)?, change))) {
            if changes.last().is_some_and(|(last, _)| *last == hash) {
                changes.pop();
            }
            changes.push((hash, change.rrset.as_ref().filter(|rrset| !rrset.rdatas.is_empty()).map(|_| ())));
        }
        self.hashes.apply(&changes);
    }

    /// How many names have a record that signs or denies, or a key.
    pub(crate) fn signed(&self) -> usize {
        self.signed
    }

    /// The hashes that have an NSEC3 record.
    pub(crate) fn hashes(&self) -> &Sorted<NameHash, ()> {
        &self.hashes
    }

    /// The owner of a node of a zone with this apex, in its own spelling.
    pub fn owner(key: &[u8], node: NodeRef<'_>, apex: &Name) -> Name {
        if node.spelling.is_empty() {
            return key_of_lower(key, apex);
        }
        let wire = [node.spelling, apex.as_wire()].concat();
        Name::from_wire(&wire).unwrap_or_else(|_| key_of_lower(key, apex))
    }
}

struct Change {
    key: Box<[u8]>,
    depth: usize,
    spelling: Box<[u8]>,
    rtype: RecordType,
    rrset: Option<RrSet>,
}

impl Change {
    fn new(owner: &Name, apex: &Name, apex_labels: usize, rtype: RecordType, rrset: Option<RrSet>) -> Change {
        let relative = &owner.as_wire()[..owner.as_wire().len() - apex.as_wire().len()];
        let spelling =
            if relative.iter().any(u8::is_ascii_uppercase) { relative.into() } else { Box::default() };
        Change {
            key: owner.key_below(apex_labels),
            depth: owner.label_count() - apex_labels,
            spelling,
            rtype,
            rrset,
        }
    }
}

/// A name taken out of its leaf to be changed.
#[derive(Clone)]
struct Entry {
    key: Box<[u8]>,
    spelling: Box<[u8]>,
    /// The RRsets, packed as in the leaf, each with its type in front.
    rrsets: Vec<(RecordType, Box<[u8]>)>,
}

fn entries_of(leaf: &NameLeaf) -> Vec<Entry> {
    (0..leaf.len())
        .map(|nth| {
            let node = leaf.node(nth);
            let rrsets = node
                .rrsets()
                .map(|rrset| (rrset.rtype, pack(rrset.ttl, rrset.count, rrset.records)))
                .collect();
            Entry { key: leaf.key(nth), spelling: node.spelling.into(), rrsets }
        })
        .collect()
}

fn pack(ttl: Ttl, count: u16, records: &[u8]) -> Box<[u8]> {
    let mut out = Vec::with_capacity(10 + records.len());
    out.extend_from_slice(&ttl.as_secs().to_le_bytes());
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&(records.len() as u32).to_le_bytes());
    out.extend_from_slice(records);
    out.into()
}

fn pack_rrset(rrset: &RrSet) -> Box<[u8]> {
    let mut records = Vec::new();
    for rdata in &rrset.rdatas {
        records.extend_from_slice(&(rdata.len() as u16).to_le_bytes());
        records.extend_from_slice(rdata);
    }
    pack(rrset.ttl, rrset.rdatas.len() as u16, &records)
}

/// A name's RRsets, in the order of types, as they stand in a leaf.
pub(crate) fn pack_node(rrsets: &[RrSet]) -> Arc<[u8]> {
    let mut out = (rrsets.len() as u16).to_le_bytes().to_vec();
    for rrset in rrsets {
        out.extend_from_slice(&rrset.rtype.0.to_le_bytes());
        out.extend_from_slice(&pack_rrset(rrset));
    }
    out.into()
}

/// Makes the changes of one name among the sorted entries of its leaf.
fn change_entry(entries: &mut Vec<Entry>, changes: &[Change]) {
    let first = &changes[0];
    let place = match entries.binary_search_by(|entry| entry.key.cmp(&first.key)) {
        Ok(place) => place,
        Err(place) => {
            let entry =
                Entry { key: first.key.clone(), spelling: first.spelling.clone(), rrsets: Vec::new() };
            entries.insert(place, entry);
            place
        }
    };
    let entry = &mut entries[place];
    for change in changes {
        entry.rrsets.retain(|(rtype, _)| *rtype != change.rtype);
        if let Some(rrset) = change.rrset.as_ref().filter(|rrset| !rrset.rdatas.is_empty()) {
            let at = entry.rrsets.partition_point(|(rtype, _)| *rtype < change.rtype);
            entry.rrsets.insert(at, (change.rtype, pack_rrset(rrset)));
        }
    }
    if entry.rrsets.is_empty() {
        entries.remove(place);
    }
}

fn leaves_of(entries: Vec<Entry>) -> Vec<NameLeaf> {
    let size =
        |entry: &Entry| 12 + entry.key.len() + entry.rrsets.iter().map(|(_, r)| 2 + r.len()).sum::<usize>();
    let total: usize = entries.iter().map(size).sum();
    let leaves = total.div_ceil(LEAF_OCTETS).max(entries.len().div_ceil(LEAF_NAMES));
    if leaves == 0 {
        return Vec::new();
    }
    let (each, most) = (total.div_ceil(leaves), entries.len().div_ceil(leaves).max(LEAF_NAMES / 2));
    let mut out = Vec::with_capacity(leaves);
    let (mut from, mut octets) = (0, 0);
    for nth in 0..entries.len() {
        octets += size(&entries[nth]);
        if octets >= each || nth + 1 - from >= most || nth + 1 == entries.len() {
            out.push(leaf_of(&entries[from..=nth]));
            (from, octets) = (nth + 1, 0);
        }
    }
    out
}

fn leaf_of(entries: &[Entry]) -> NameLeaf {
    let (first, last) = (&entries[0].key, &entries[entries.len() - 1].key);
    let shared = first.iter().zip(last.iter()).take_while(|(a, b)| a == b).count();
    let mut counts = [0u16; COUNTS];
    for entry in entries {
        let has = |rtype| entry.rrsets.iter().any(|(t, _)| *t == rtype);
        // The NS of the apex is no cut.
        counts[0] += u16::from(!entry.key.is_empty() && has(RecordType::NS));
        counts[1] += u16::from(has(RecordType::DNAME));
        // A wildcard may be an empty non-terminal (RFC 4592 section 2.2.2), so any label of the name counts.
        let starred = entry.key.starts_with(b"*\0") || entry.key.windows(3).any(|three| three == b"\0*\0");
        counts[2] += u16::from(starred);
        counts[3] += u16::from(entry.rrsets.iter().any(|(rtype, _)| is_of_dnssec(*rtype)));
    }
    let mut out = Vec::new();
    out.extend_from_slice(&(entries.len() as u16).to_le_bytes());
    out.extend_from_slice(&(shared as u16).to_le_bytes());
    counts.iter().for_each(|count| out.extend_from_slice(&count.to_le_bytes()));
    out.extend_from_slice(&first[..shared]);
    let offsets = out.len();
    out.resize(offsets + 4 * entries.len(), 0);
    for (nth, entry) in entries.iter().enumerate() {
        let at = (out.len() as u32).to_le_bytes();
        out[offsets + 4 * nth..offsets + 4 * nth + 4].copy_from_slice(&at);
        let rest = &entry.key[shared..];
        out.extend_from_slice(&(rest.len() as u16).to_le_bytes());
        out.extend_from_slice(rest);
        out.push(entry.spelling.len() as u8);
        out.extend_from_slice(&entry.spelling);
        out.extend_from_slice(&(entry.rrsets.len() as u16).to_le_bytes());
        for (rtype, packed) in &entry.rrsets {
            out.extend_from_slice(&rtype.0.to_le_bytes());
            out.extend_from_slice(packed);
        }
    }
    NameLeaf(out.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn name(text: &str) -> Name {
        text.parse().expect("a name")
    }

    fn txt(n: u32) -> RrSet {
        RrSet::single(RecordType::TXT, Ttl::from_secs(n), n.to_be_bytes())
    }

    #[test]
    fn behaves_like_a_map_through_random_changes() {
        let mut seed = 5u64;
        let mut random = move |below: u32| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as u32 % below
        };
        let apex = name("zone.example");
        let (mut tree, mut model) =
            (NameTree::default(), BTreeMap::<Name, BTreeMap<RecordType, RrSet>>::new());
        for _ in 0..150 {
            let mut changes = Vec::new();
            for _ in 0..1 + random(60) {
                let labels = random(4);
                let text: String = (0..labels)
                    .map(|_| ["a.", "*.", "b1.", "10.", "9.", "\\000."][random(6) as usize])
                    .collect();
                let owner = name(&format!("{text}zone.example"));
                let rtype = RecordType([1, 2, 16, 39][random(4) as usize]);
                let rrset = (random(3) > 0).then(|| RrSet { rtype, ..txt(random(100)) });
                changes.push((owner, rtype, rrset));
            }
            for (owner, rtype, rrset) in &changes {
                let node = model.entry(owner.clone()).or_default();
                match rrset {
                    Some(rrset) => node.insert(*rtype, rrset.clone()),
                    None => node.remove(rtype),
                };
                if node.is_empty() {
                    model.remove(owner);
                }
            }
            tree.apply(&apex, changes);
            let all: Vec<(Name, Vec<RrSet>)> = tree
                .iter()
                .map(|(key, node)| {
                    (NameTree::owner(&key, node, &apex), node.rrsets().map(|r| r.to_rrset()).collect())
                })
                .collect();
            let expected: Vec<(Name, Vec<RrSet>)> =
                model.iter().map(|(owner, sets)| (owner.clone(), sets.values().cloned().collect())).collect();
            assert_eq!(all, expected);
            assert_eq!(tree.len(), model.len());
            let count = |f: &dyn Fn(&Name, &BTreeMap<RecordType, RrSet>) -> bool| {
                model.iter().filter(|(k, v)| f(k, v)).count()
            };
            assert_eq!(tree.cuts, count(&|k, v| *k != apex && v.contains_key(&RecordType::NS)));
            assert_eq!(tree.dnames, count(&|_, v| v.contains_key(&RecordType::DNAME)));
            assert_eq!(tree.wildcards, count(&|k, _| k.labels().any(|label| label == b"*")));
            for probe in [
                "zone.example",
                "a.zone.example",
                "x.zone.example",
                "9.b1.zone.example",
                "\\000.zone.example",
            ] {
                let owner = name(probe);
                assert_eq!(
                    tree.exists(&owner.key_below(2)),
                    model.keys().any(|k| k.is_at_or_under(&owner)),
                    "{probe}"
                );
                assert_eq!(tree.node(&owner.key_below(2)).is_some(), model.contains_key(&owner));
            }
        }
    }

    #[test]
    fn spelling_is_kept() {
        let apex = name("Zone.Example");
        let mut tree = NameTree::default();
        tree.apply(&apex, [(name("MiXed.zone.example"), RecordType::TXT, Some(txt(1)))]);
        let (key, node) = tree.iter().next().expect("a name");
        assert_eq!(NameTree::owner(&key, node, &apex).to_string(), "MiXed.Zone.Example.");
    }

    #[test]
    fn a_million_octets_in_one_rrset_are_kept() {
        let apex = name("example");
        let rrset = RrSet {
            rtype: RecordType::TXT,
            ttl: Ttl::from_secs(1),
            rdatas: (0..1000u32).map(|n| n.to_be_bytes().repeat(60).into()).collect(),
        };
        let mut tree = NameTree::default();
        tree.apply(
            &apex,
            [
                (name("a.example"), RecordType::TXT, Some(rrset.clone())),
                (name("b.example"), RecordType::TXT, Some(txt(1))),
            ],
        );
        let node = tree.node(&name("a.example").key_below(1)).expect("a node");
        assert_eq!(node.rrset(RecordType::TXT).map(|r| r.to_rrset()), Some(rrset));
    }
}
