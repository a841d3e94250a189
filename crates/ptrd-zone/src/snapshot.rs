//! The snapshot: all that an answer depends on, immutable once published.

use crate::access::Access;
use crate::audience::Audience;
use crate::declared::Declared;
use crate::follow::Follows;
use crate::named::{NamedRanges, Renamed};
use crate::page::{Draft, PageAhead, PtrRef};
use crate::v4::{V4Index, V4Loader, Wanted};
use crate::v6::{V6Index, V6Loader};
use crate::zone::Zone;
use ptrd_tsig::KeyTable;
use ptrd_wire::{AddrRange, Family, Name, QName, Ttl, ip_to_bits};
use std::net::IpAddr;
use std::sync::Arc;

/// The address index: the PTR RRset of every address that has one, and the ranges whose names are computed. A clone shares everything.
#[derive(Clone, Default)]
pub struct Addresses {
    v4: V4Index,
    v6: V6Index,
    pub(crate) named: NamedRanges,
}

impl Addresses {
    /// How many addresses have a PTR RRset.
    pub fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// Whether none has.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    #[inline]
    pub(crate) fn find(&self, family: Family, bits: u128) -> Option<PtrRef<'_>> {
        match family {
            Family::V4 => self.v4.find(bits as u32),
            Family::V6 => self.v6.find(bits),
        }
    }

    pub(crate) fn v4(&self) -> &V4Index {
        &self.v4
    }

    pub(crate) fn v6(&self) -> &V6Index {
        &self.v6
    }

    /// The PTR RRset of an address.
    pub fn ptr(&self, address: IpAddr) -> Option<PtrRef<'_>> {
        let (family, bits) = ip_to_bits(address);
        self.find(family, bits)
    }

    /// The lowest address of the family with a PTR RRset that is at least `bits`.
    pub fn next_from(&self, family: Family, bits: u128) -> Option<u128> {
        match family {
            Family::V4 => self.v4.next_from(u32::try_from(bits).ok()?).map(u128::from),
            Family::V6 => self.v6.next_from(bits),
        }
    }

    /// How many addresses of a range have a PTR RRset; whole pages are counted at once.
    pub fn count(&self, range: &AddrRange) -> usize {
        let (first, last) = (range.first_bits(), range.last_bits());
        match range.family() {
            Family::V4 => self.v4.count(first as u32, last as u32),
            Family::V6 => self.v6.count(first, last),
        }
    }

    /// The page that a lookup of this IPv4 address will read. None for IPv6: going down its tree twice costs more
    /// than the wait that it saves, up to a million addresses at least.
    #[inline]
    pub fn ahead_v4(&self, address: u32) -> Option<PageAhead<'_>> {
        self.v4.ahead(address)
    }
}

/// An RRset to put at an address (TTL, whether inherited, packed targets), or `None` to remove what is there.
pub type PtrChange<'a> = (IpAddr, Option<(Ttl, bool, &'a [u8])>);

/// After a change of more addresses than this, a workspace gives its room back.
const SMALL: usize = 1024;

/// Room that building pages needs; keep one and small changes stop to allocate.
#[derive(Default)]
pub struct Workspace(Draft);

/// See the module. A clone shares everything and may be altered without the original being touched.
#[derive(Clone, Default)]
pub struct Snapshot {
    version: u64,
    addresses: Addresses,
    zones: ZoneTable,
    access: Access,
    audience: Audience,
    follows: Follows,
    keys: Arc<KeyTable>,
}

impl Snapshot {
    /// The number of the newest change in it.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Sets the number of the newest change in it.
    pub fn set_version(&mut self, version: u64) {
        self.version = version;
    }

    /// Who may do more than ask.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Sets who may do more than ask.
    pub fn set_access(&mut self, access: Access) {
        self.access = access;
    }

    /// Who is told of changes.
    pub fn audience(&self) -> &Audience {
        &self.audience
    }

    /// Sets who is told of changes.
    pub fn set_audience(&mut self, audience: Audience) {
        self.audience = audience;
    }

    /// Which zones are pulled from others, and from whom.
    pub fn follows(&self) -> &Follows {
        &self.follows
    }

    /// Sets which zones are pulled from others.
    pub fn set_follows(&mut self, follows: Follows) {
        self.follows = follows;
    }

    /// The keys that are shared with those who sign (RFC 8945).
    pub fn keys(&self) -> &Arc<KeyTable> {
        &self.keys
    }

    /// Sets the keys, in place of all that there were.
    pub fn set_keys(&mut self, keys: Arc<KeyTable>) {
        self.keys = keys;
    }

    /// The address index.
    #[inline]
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// The deepest zone that a name falls into.
    #[inline]
    pub fn zone_of(&self, name: &QName) -> Option<&Arc<Zone>> {
        self.zones.deepest(name, name.label_count())
    }

    /// The deepest zone with at most `labels` labels at its apex that a name falls into.
    pub fn zone_of_at_most(&self, name: &QName, labels: usize) -> Option<&Arc<Zone>> {
        self.zones.deepest(name, labels)
    }

    /// The zone with this apex.
    pub fn zone(&self, apex: &Name) -> Option<&Arc<Zone>> {
        self.zones.get(&apex.to_lower_wire())
    }

    /// How many zones.
    pub fn zone_count(&self) -> usize {
        self.zones.len
    }

    /// All zones, in no order.
    pub fn zones(&self) -> impl Iterator<Item = &Arc<Zone>> {
        self.zones.shards.iter().flat_map(|shard| shard.iter().map(|slot| &slot.zone))
    }

    /// Puts a zone, in place of one with the same apex.
    pub fn put_zone(&mut self, zone: Zone) {
        self.zones.put(Arc::new(zone));
    }

    /// Removes the zone with this apex.
    pub fn remove_zone(&mut self, apex: &Name) {
        self.zones.remove(&apex.to_lower_wire());
    }

    /// Brings up to date which addresses of these ranges have computed names, as blocks are declared now; returns where
    /// and how that is not as it was.
    pub fn apply_templates(&mut self, declared: &Declared, ranges: &[AddrRange]) -> Vec<Renamed> {
        if self.addresses.named.is_empty() && !declared.has_templates() {
            return Vec::new();
        }
        ranges.iter().flat_map(|range| self.addresses.named.update(declared, range)).collect()
    }

    /// The same for all addresses.
    pub fn apply_all_templates(&mut self, declared: &Declared) -> Vec<Renamed> {
        let all = [Family::V4, Family::V6].map(|family| AddrRange::of_prefix(family, 0, 0));
        self.apply_templates(declared, &all)
    }

    /// Puts and removes PTR RRsets. Of several changes of one address the last counts.
    pub fn apply_ptrs(&mut self, workspace: &mut Workspace, changes: &[PtrChange<'_>]) {
        let mut v4: Vec<(u32, Wanted<'_>)> = Vec::new();
        let mut v6: Vec<(u128, Wanted<'_>)> = Vec::new();
        for (address, wanted) in changes {
            match ip_to_bits(*address) {
                (Family::V4, bits) => v4.push((bits as u32, *wanted)),
                (Family::V6, bits) => v6.push((bits, *wanted)),
            }
        }
        sort_last_wins(&mut v4);
        sort_last_wins(&mut v6);
        self.addresses.v4.apply(&mut workspace.0, &v4);
        self.addresses.v6.apply(&mut workspace.0, &v6);
        // What a bulk change needed would stay for good, and the next one may be a year away.
        if changes.len() > SMALL {
            *workspace = Workspace::default();
        }
    }
}

fn sort_last_wins<K: Ord + Copy, V>(changes: &mut Vec<(K, V)>) {
    if changes.is_sorted_by(|a, b| a.0 < b.0) {
        return;
    }
    changes.reverse();
    changes.sort_by_key(|change| change.0);
    changes.dedup_by_key(|change| change.0);
}

/// Builds a snapshot's address index from RRsets in the order of addresses, IPv4 and IPv6 each for itself.
#[derive(Default)]
pub struct AddressLoader {
    v4: V4Loader,
    v6: V6Loader,
}

impl AddressLoader {
    /// The next RRset; addresses of a family must rise. `names` is one or more whole wire names.
    #[inline]
    pub fn push(&mut self, address: IpAddr, ttl: Ttl, inherited: bool, names: &[u8]) {
        match ip_to_bits(address) {
            (Family::V4, bits) => self.v4.push(bits as u32, ttl, inherited, names),
            (Family::V6, bits) => self.v6.push(bits, ttl, inherited, names),
        }
    }

    /// Puts the finished index into a snapshot, in place of its own.
    pub fn finish(self, snapshot: &mut Snapshot) {
        snapshot.addresses =
            Addresses { v4: self.v4.finish(), v6: self.v6.finish(), named: NamedRanges::default() };
    }
}

/// Zones by apex: a hash table in shards, so that a change copies one shard and the row of shards.
#[derive(Clone)]
struct ZoneTable {
    shards: Arc<Vec<Arc<Vec<Slot>>>>,
    /// How many zones have an apex of so many labels.
    depth_counts: Arc<[u32; 128]>,
    /// The depths at which there is one.
    depths: u128,
    len: usize,
}

#[derive(Clone)]
struct Slot {
    hash: u64,
    zone: Arc<Zone>,
}

/// Zones of a shard on average before the table grows.
const SHARD_FULL: usize = 8;

impl Default for ZoneTable {
    fn default() -> ZoneTable {
        ZoneTable {
            shards: Arc::new((0..16).map(|_| Arc::default()).collect()),
            depth_counts: Arc::new([0; 128]),
            depths: 0,
            len: 0,
        }
    }
}

impl ZoneTable {
    #[inline]
    fn get(&self, apex_lower: &[u8]) -> Option<&Arc<Zone>> {
        let hash = hash(apex_lower);
        let shard = &self.shards[hash as usize & (self.shards.len() - 1)];
        shard
            .iter()
            .find(|slot| slot.hash == hash && slot.zone.apex_lower() == apex_lower)
            .map(|slot| &slot.zone)
    }

    #[inline]
    fn deepest(&self, name: &QName, labels: usize) -> Option<&Arc<Zone>> {
        let mut depths = self.depths & (u128::MAX >> (127 - labels.min(127)));
        while depths != 0 {
            let depth = 127 - depths.leading_zeros() as usize;
            if let Some(zone) = self.get(name.suffix(depth)) {
                return Some(zone);
            }
            depths &= !(1 << depth);
        }
        None
    }

    fn put(&mut self, zone: Arc<Zone>) {
        let hash = hash(zone.apex_lower());
        let mask = self.shards.len() - 1;
        let shard = Arc::make_mut(&mut Arc::make_mut(&mut self.shards)[hash as usize & mask]);
        match shard.iter_mut().find(|slot| slot.hash == hash && slot.zone.apex_lower() == zone.apex_lower()) {
            Some(slot) => slot.zone = zone,
            None => {
                let labels = zone.apex_labels();
                shard.push(Slot { hash, zone });
                self.count(labels, true);
            }
        }
        if self.len > self.shards.len() * SHARD_FULL {
            self.grow();
        }
    }

    fn remove(&mut self, apex_lower: &[u8]) {
        let Some(labels) = self.get(apex_lower).map(|zone| zone.apex_labels()) else { return };
        let hash = hash(apex_lower);
        let mask = self.shards.len() - 1;
        let shard = Arc::make_mut(&mut Arc::make_mut(&mut self.shards)[hash as usize & mask]);
        shard.retain(|slot| slot.zone.apex_lower() != apex_lower);
        self.count(labels, false);
    }

    fn count(&mut self, labels: usize, more: bool) {
        let count = &mut Arc::make_mut(&mut self.depth_counts)[labels];
        *count = if more { *count + 1 } else { *count - 1 };
        let bit = 1u128 << labels;
        self.depths = if *count > 0 { self.depths | bit } else { self.depths & !bit };
        self.len = if more { self.len + 1 } else { self.len - 1 };
    }

    fn grow(&mut self) {
        let size = self.shards.len() * 4;
        let mut shards: Vec<Vec<Slot>> = (0..size).map(|_| Vec::new()).collect();
        for slot in self.shards.iter().flat_map(|shard| shard.iter()) {
            shards[slot.hash as usize & (size - 1)].push(slot.clone());
        }
        self.shards = Arc::new(shards.into_iter().map(Arc::new).collect());
    }
}

/// Multiply and fold, eight octets a step. Apexes are the operator's, so collisions are not an attack.
#[inline]
fn hash(octets: &[u8]) -> u64 {
    const K: u64 = 0x9e37_79b9_7f4a_7c15;
    let fold = |state: u64, word: u64| {
        let product = u128::from(state ^ word).wrapping_mul(u128::from(K));
        product as u64 ^ (product >> 64) as u64
    };
    let mut state = octets.len() as u64 ^ K;
    let mut chunks = octets.chunks_exact(8);
    for chunk in &mut chunks {
        state = fold(state, u64::from_le_bytes(chunk.try_into().unwrap_or_default()));
    }
    let rest = chunks.remainder().iter().fold(0, |word, &b| word << 8 | u64::from(b));
    fold(state, rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ZoneId;
    use crate::zone::View;
    use ptrd_wire::{Serial, Soa};

    fn zone(apex: &str, id: u32) -> Zone {
        let name = |text: &str| text.parse().expect("a name");
        let soa = Soa {
            mname: name("ns."),
            rname: name("h."),
            serial: Serial(1),
            refresh: 1,
            retry: 1,
            expire: 1,
            minimum: Ttl::from_secs(1),
        };
        Zone::new(ZoneId(id), name(apex), View::Verbatim, soa, Ttl::from_secs(1))
    }

    #[test]
    fn the_deepest_zone_is_found_and_old_snapshots_stay() {
        let mut snapshot = Snapshot::default();
        for n in 0..2000 {
            snapshot.put_zone(zone(&format!("{}.{}.IN-addr.arpa", n % 256, n / 256), n));
        }
        snapshot.put_zone(zone("in-addr.arpa", 9000));
        let old = snapshot.clone();
        snapshot.remove_zone(&"7.0.in-addr.arpa".parse().expect("name"));
        let mut q = QName::default();
        q.assign(b"\x011\x017\x010\x07in-addr\x04arpa\x00");
        assert_eq!(old.zone_of(&q).map(|zone| zone.id()), Some(ZoneId(7)));
        assert_eq!(snapshot.zone_of(&q).map(|zone| zone.id()), Some(ZoneId(9000)));
        assert_eq!(old.zone_of_at_most(&q, 3).map(|zone| zone.id()), Some(ZoneId(9000)));
        assert_eq!((old.zone_count(), snapshot.zone_count()), (2001, 2000));
        q.assign(b"\x03com\x00");
        assert!(snapshot.zone_of(&q).is_none());
        snapshot.put_zone(zone(".", 9001));
        assert_eq!(snapshot.zone_of(&q).map(|zone| zone.id()), Some(ZoneId(9001)));
    }
}
