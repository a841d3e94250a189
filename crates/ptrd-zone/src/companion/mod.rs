//! Companion forward zones: A and AAAA RRsets that follow from PTRs.
//!
//! An address *backs* a name if its PTR says so and the tenant of its block holds the name ([`Backers`] says which that
//! are). A zone keeps its backers beside its own records, and from both the names that it shows: one tree, which lookups,
//! walks and differences read as they read that of any other zone. So a query pays nothing for what is derived, and a zone
//! that is no companion one branch.
//!
//! Records of the zone's own come first: beside an RRset of their own type, a CNAME, at or below a cut or DNAME, and at the
//! apex nothing is derived ([`Hidden`]). The two are never one RRset. A change of records or of backers is worked out at the
//! names that it touches.
//!
//! Rejected: to work the addresses of a name out when it is asked for, which would need an index from names to addresses on
//! the query's way, and a second merge in whatever goes through a zone.

mod backers;
mod fill;
mod grants;
mod patterns;

pub use backers::Backers;
pub use fill::{backings_anew, fill_companions};
pub use grants::NameGrants;
pub(crate) use patterns::Listing;
pub use patterns::{Families, MOST_PATTERNS, NamedAddresses, Patterns, patterns};

use crate::names::{NameTree, NodeRef, Whole};
use crate::sorted::Sorted;
use crate::zone::Zone;
use ptrd_wire::{Family, Name, RecordType, RrSet, Ttl, ip_from_bits, ip_to_bits, key_of_lower};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

/// The most addresses of one family that follow at a name; a name that more have gets none of them. So many AAAA fit into
/// the largest answer.
pub const MOST_ADDRESSES: usize = 2_048;

/// A name, by its sort key below the apex, and an address that backs it.
pub type Backing = (Box<[u8]>, IpAddr);

/// An address that backs a name from now on, with the TTL of its PTR, or no longer.
pub type BackingChange = (Backing, Option<Ttl>);

/// Why an RRset that would follow from PTRs is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// At the apex nothing is derived.
    Apex,
    /// A wildcard is the name of no host.
    Wildcard,
    /// A zone cut is there or above.
    Cut,
    /// A DNAME is there or above.
    Dname,
    /// A CNAME is there.
    Alias,
    /// The zone has an RRset of its own of this type there.
    Own,
    /// More than [`MOST_ADDRESSES`] addresses have the name.
    TooMany,
}

/// An RRset that would follow from PTRs and is not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HiddenAddresses {
    /// At which name.
    pub owner: Name,
    /// Of which type.
    pub rtype: RecordType,
    /// Why not.
    pub hidden: Hidden,
    /// The addresses that back the name, rising; of too many, some.
    pub addresses: Vec<IpAddr>,
}

/// Why an RRset is not shown, and of which addresses it would be.
type Kept = (Hidden, Vec<IpAddr>);

/// What a change of backers came to.
#[derive(Debug, Default)]
pub struct Backed {
    /// Whether the zone shows something else.
    pub shows_another: bool,
    /// The names that were touched and at which something is hidden, by their sort keys.
    pub hidden: Vec<Box<[u8]>>,
}

/// What a companion zone has besides its own records. A clone shares everything.
#[derive(Clone)]
pub(crate) struct Companion {
    backers: Sorted<Backing, Ttl>,
    /// The names that templates give.
    patterns: Option<Arc<Patterns>>,
    /// The zone's own records, and what follows beside them.
    pub(crate) shown: NameTree,
}

impl Companion {
    fn new(own: &NameTree) -> Companion {
        Companion { backers: Sorted::default(), patterns: None, shown: own.clone() }
    }

    /// Works names out anew.
    fn bring_up_to_date(&mut self, own: &NameTree, keys: BTreeSet<Box<[u8]>>) -> Backed {
        let mut backed = Backed::default();
        let names = keys.into_iter().map(|key| {
            let node = own.node(&key);
            let found = Type::BOTH.map(|rtype| self.derived(own, node, &key, rtype));
            if found.iter().any(Result::is_err) {
                backed.hidden.push(key.clone());
            }
            Whole::new(key, node, found.into_iter().filter_map(Result::ok).flatten())
        });
        let names = names.collect();
        backed.shows_another = self.shown.put_whole(names);
        backed
    }

    /// The RRset that follows at a name, if any; or why it is hidden, and of which addresses it would be.
    fn derived(
        &self,
        own: &NameTree,
        node: Option<NodeRef<'_>>,
        key: &[u8],
        rtype: Type,
    ) -> Result<Option<RrSet>, Kept> {
        let mut rrset = RrSet { rtype: rtype.rtype(), ttl: Ttl::MAX, rdatas: Vec::new() };
        let mut addresses = Vec::new();
        for (address, ttl) in self.backers_of(key, rtype).take(MOST_ADDRESSES + 1) {
            rrset.rdatas.push(octets(address));
            rrset.ttl = rrset.ttl.min(ttl);
            addresses.push(address);
        }
        if addresses.is_empty() {
            return Ok(None);
        }
        match hidden(own, node, key, rtype) {
            Some(hidden) => Err((hidden, addresses)),
            None if addresses.len() > MOST_ADDRESSES => Err((Hidden::TooMany, addresses)),
            None => Ok(Some(rrset)),
        }
    }

    fn backers_of(&self, key: &[u8], rtype: Type) -> impl Iterator<Item = (IpAddr, Ttl)> {
        let first: Backing = (key.into(), ip_from_bits(rtype.family(), 0));
        let found = self.backers.iter_from(&first);
        let found = found.take_while(move |((key, address), _)| {
            *key == first.0 && ip_to_bits(*address).0 == rtype.family()
        });
        found.map(|((_, address), ttl)| (*address, *ttl))
    }

    /// The names at or below one that are backed.
    fn backed_under<'c>(&'c self, key: &[u8]) -> impl Iterator<Item = &'c [u8]> + use<'c> {
        let first: Backing = (key.into(), ip_from_bits(Family::V4, 0));
        let found = self.backers.iter_from(&first).map(|((key, _), _)| &**key);
        found.take_while(move |found| found.starts_with(&first.0))
    }
}

/// The two types of RRsets that are derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    A,
    Aaaa,
}

impl Type {
    const BOTH: [Type; 2] = [Type::A, Type::Aaaa];

    fn rtype(self) -> RecordType {
        match self {
            Type::A => RecordType::A,
            Type::Aaaa => RecordType::AAAA,
        }
    }

    fn family(self) -> Family {
        match self {
            Type::A => Family::V4,
            Type::Aaaa => Family::V6,
        }
    }
}

/// What of a zone's own records keeps an RRset of this type from a name.
fn hidden(own: &NameTree, node: Option<NodeRef<'_>>, key: &[u8], rtype: Type) -> Option<Hidden> {
    let has = |rtype| node.is_some_and(|node| node.rrset(rtype).is_some());
    if key.is_empty() {
        return Some(Hidden::Apex);
    }
    if key.split(|octet| *octet == 0).any(|label| label == b"*") {
        return Some(Hidden::Wildcard);
    }
    if let Some(end) = zone_end(own, key) {
        return Some(end);
    }
    match () {
        () if has(RecordType::CNAME) => Some(Hidden::Alias),
        () if has(rtype.rtype()) => Some(Hidden::Own),
        () => None,
    }
}

/// The cut or DNAME of a zone's own that is at a name or above it.
fn zone_end(own: &NameTree, key: &[u8]) -> Option<Hidden> {
    let depths = own.zone_ends();
    if depths == 0 {
        return None;
    }
    let borders = (0..=key.len()).filter(|&end| end == 0 || key[end - 1] == 0).enumerate();
    let may_end = borders.filter(|(depth, _)| depths.checked_shr(*depth as u32).is_some_and(|d| d & 1 == 1));
    may_end.into_iter().find_map(|(depth, end)| {
        let node = own.node(&key[..end])?;
        // The NS of the apex is no cut.
        if depth > 0 && node.rrset(RecordType::NS).is_some() {
            return Some(Hidden::Cut);
        }
        node.rrset(RecordType::DNAME).map(|_| Hidden::Dname)
    })
}

impl Zone {
    /// Whether addresses follow in it from PTRs.
    #[inline]
    pub fn is_companion(&self) -> bool {
        self.companion.is_some()
    }

    /// Makes it a zone in which addresses follow, of which none is backed yet, or no longer; returns whether it shows
    /// something else then.
    pub fn set_companion(&mut self, is_companion: bool) -> bool {
        let has_any =
            |companion: Arc<Companion>| !companion.backers.is_empty() || companion.patterns.is_some();
        let backed = self.companion.take().is_some_and(has_any);
        self.companion = is_companion.then(|| Arc::new(Companion::new(self.names())));
        backed
    }

    /// The records that the zone shows: its own, and the addresses that follow.
    #[inline]
    pub fn shown_names(&self) -> &NameTree {
        match &self.companion {
            None => self.names(),
            Some(companion) => &companion.shown,
        }
    }

    /// Whether an RRset of this type at a name is a record of the zone's own.
    pub(crate) fn has_own(&self, key: &[u8], rtype: RecordType) -> bool {
        self.names().node(key).is_some_and(|node| node.rrset(rtype).is_some())
    }

    /// Makes changes of which addresses back its names. Of two changes of one backing the last counts.
    pub fn change_backers(&mut self, mut changes: Vec<BackingChange>) -> Backed {
        let (own, Some(companion)) = (self.names().clone(), &mut self.companion) else {
            return Backed::default();
        };
        changes.reverse();
        changes.sort_by(|a, b| a.0.cmp(&b.0));
        changes.dedup_by(|a, b| a.0 == b.0);
        changes.retain(|(backing, ttl)| companion.backers.get(backing) != ttl.as_ref());
        if changes.is_empty() {
            return Backed::default();
        }
        let companion = Arc::make_mut(companion);
        companion.backers.apply(&changes);
        let keys = changes.into_iter().map(|((key, _), _)| key).collect();
        companion.bring_up_to_date(&own, keys)
    }

    /// Which addresses back which of its names, and with which TTL.
    pub fn backers(&self) -> impl Iterator<Item = (&Backing, Ttl)> {
        let companion = self.companion.iter();
        companion.flat_map(|companion| companion.backers.iter().map(|(backing, ttl)| (backing, *ttl)))
    }

    /// Follows changes of its own records at these names.
    pub(crate) fn follow_records(&mut self, changed: &[(Box<[u8]>, RecordType)]) {
        let (own, Some(companion)) = (self.names().clone(), &mut self.companion) else { return };
        let companion = Arc::make_mut(companion);
        let mut keys: BTreeSet<Box<[u8]>> = changed.iter().map(|(key, _)| key.clone()).collect();
        for (key, _) in changed.iter().filter(|(key, rtype)| ends_zone(key.is_empty(), *rtype)) {
            keys.extend(companion.backed_under(key).map(Box::from));
        }
        companion.bring_up_to_date(&own, keys);
    }

    /// The address RRsets that follow at a name from PTRs and are shown.
    pub(crate) fn derived_addresses(&self, owner: &Name) -> Vec<RrSet> {
        let found = self.addresses_at(owner);
        found.into_iter().filter_map(|(_, derived)| derived.ok()).collect()
    }

    /// The address RRsets that would follow at a name, or also below it, and are not shown.
    pub fn hidden_addresses(&self, name: &Name, and_below: bool) -> Vec<HiddenAddresses> {
        let Some(companion) = &self.companion else { return Vec::new() };
        let names: Vec<Name> = if and_below {
            let key = name.key_below(self.apex_labels());
            let keys: BTreeSet<&[u8]> = companion.backed_under(&key).collect();
            keys.into_iter().map(|key| key_of_lower(key, self.apex())).collect()
        } else {
            vec![name.clone()]
        };
        let hidden = names.into_iter().flat_map(|owner| {
            let found = self.addresses_at(&owner);
            found.into_iter().filter_map(move |(rtype, derived)| {
                let (hidden, addresses) = derived.err()?;
                Some(HiddenAddresses { owner: owner.clone(), rtype, hidden, addresses })
            })
        });
        hidden.collect()
    }

    fn addresses_at(&self, owner: &Name) -> Vec<(RecordType, Result<RrSet, Kept>)> {
        let Some(companion) = &self.companion else { return Vec::new() };
        let key = owner.key_below(self.apex_labels());
        let node = self.names().node(&key);
        let of = |rtype: Type| {
            let derived = companion.derived(self.names(), node, &key, rtype).transpose()?;
            Some((rtype.rtype(), derived))
        };
        Type::BOTH.into_iter().filter_map(of).collect()
    }

    /// Whether an address would be shown at a name if it backed it, which it may do already, and `more` others too.
    pub fn would_show(&self, key: &[u8], address: IpAddr, more: usize) -> bool {
        let Some(companion) = &self.companion else { return false };
        let rtype = if address.is_ipv4() { Type::A } else { Type::Aaaa };
        let others = companion.backers_of(key, rtype).filter(|(other, _)| *other != address);
        hidden(self.names(), self.names().node(key), key, rtype).is_none()
            && others.take(MOST_ADDRESSES).count() + more < MOST_ADDRESSES
    }
}

/// The data of an A or AAAA record.
fn octets(address: IpAddr) -> Box<[u8]> {
    match address {
        IpAddr::V4(address) => address.octets().into(),
        IpAddr::V6(address) => address.octets().into(),
    }
}

/// Whether nothing follows below an RRset of this type, which is at the apex or at another name. The NS of the apex is no cut.
pub fn ends_zone(is_apex: bool, rtype: RecordType) -> bool {
    rtype == RecordType::DNAME || rtype == RecordType::NS && !is_apex
}
