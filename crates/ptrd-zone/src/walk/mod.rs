//! A zone from its first record to its last, in canonical order of owners (RFC 4034 §6.1): what a transfer, an export,
//! a listing or a chain of NSEC records goes through.
//!
//! The zone's own records, derived cuts with their glue, what stands at addresses instead of PTRs, and the PTRs of the
//! address index are merged as they come; nothing is collected or sorted but the RRsets of one owner and the glue of
//! the cuts passed last, so memory does not grow with the zone. Of one owner and type the zone's own RRset comes before a
//! derived one, and that of an upper cut before that of a lower.
//!
//! There are two views. The *whole* ([`Zone::walk`]) has every record of the zone: its own ones at and below cuts and
//! DNAMEs too, though no answer shows them (RFC 5936 §3.5), and the glue. PTRs, CNAMEs and cuts that would follow at
//! addresses at or below a cut are not the zone's, and in neither view. Transfers, differences, exports, listings and the
//! proof of an adoption are of the whole: a record that was left out would be lost by whoever reads the export, or stay
//! unseen by whoever is to remove it. The *visible* view ([`Zone::visible`]) has what the zone has authority for, and the
//! NS of its cuts: what a chain of NSEC records goes through (RFC 4035 §2.3). A range below a cut is passed over at once.
//!
//! A walk lends what it shows: an owner is a few octets that change from one to the next. An iterator of names of
//! their own would spend most of its time allocating them.

mod addresses;
pub(crate) mod octets;
mod shown;
#[cfg(test)]
mod tests;

use crate::companion::Listing;
use crate::derived::{Cut, Exception};
use crate::named::Computed;
use crate::names::{NameCursor, NodeRef, RrSetRef};
use crate::page::PtrRef;
use crate::snapshot::Addresses;
use crate::sorted::Entries;
use crate::stated::{Form, STATEMENT, STATEMENT_TTL, Shows, Statements};
use crate::zone::{View, Zone, goes_before};
pub(crate) use shown::Part;
pub use shown::{Data, Shown};

use addresses::{AddressWalk, AtAddress};
use ptrd_wire::{Family, Name, RecordType, ReverseName, RrSet, canonical_octet, key_of_lower};
use std::cmp::Ordering;
use std::sync::Arc;

/// Behind every key: no label is so long.
const PAST: [u8; 64] = [u8::MAX; 64];

/// See the module.
pub struct Walk<'z> {
    zone: &'z Zone,
    stored: NameCursor<'z>,
    cuts: Entries<'z, Box<[u8]>, Arc<Cut>>,
    /// The NS RRset of the apex that an NS set gives, until the apex has been shown.
    given: Option<RrSetRef<'z>>,
    /// The statements, until the apex has been shown.
    stated: &'z [Box<[u8]>],
    /// Glue whose owner has not come yet, the next one last.
    glue: Vec<Glue<'z>>,
    addresses: AddressWalk<'z>,
    /// The names that templates give in a companion zone.
    named: Option<Listing<'z>>,
    /// Whether occluded names and glue are passed over.
    is_visible: bool,
    /// The first cut or DNAME on the way to the present owner: its key, and whether it is a cut.
    end: Option<(Box<[u8]>, bool)>,
    /// The RRsets of the present owner that are still to be shown, the next one last.
    here: Vec<Part<'z>>,
    /// The present owner, unless it is the address that the walk of addresses stands at.
    owner: Vec<u8>,
    is_at_address: bool,
    /// Whether nothing of it was shown before.
    is_first: bool,
}

#[inline]
pub(crate) fn ptr_part(ptr: PtrRef<'_>) -> Part<'_> {
    Part { rtype: RecordType::PTR, ttl: ptr.ttl(), data: Data::Ptr(ptr) }
}

#[inline]
pub(crate) fn computed_part(computed: Computed<'_>) -> Part<'_> {
    Part { rtype: RecordType::PTR, ttl: computed.ttl(), data: Data::Computed(computed) }
}

#[inline]
pub(crate) fn stated_part(stated: &[Box<[u8]>]) -> Part<'_> {
    Part { rtype: STATEMENT, ttl: STATEMENT_TTL, data: Data::Stated(stated) }
}

struct Glue<'z> {
    key: Box<[u8]>,
    name: &'z Name,
    rrset: &'z RrSet,
}

impl Zone {
    /// Every RRset of the zone but the SOA, derived and occluded ones too.
    pub fn walk<'z>(&'z self, addresses: &'z Addresses) -> Walk<'z> {
        Walk::start(self, addresses, self.shown_records(addresses), &[], false)
    }

    /// As [`Zone::walk`], from a name on: what it has itself comes first.
    pub fn walk_from<'z>(&'z self, addresses: &'z Addresses, name: &Name) -> Walk<'z> {
        self.walk_at(addresses, name, true, false)
    }

    /// As [`Zone::walk_from`], with computed names in one form or the other; the statements are those of the zone.
    pub fn walk_in<'z>(
        &'z self,
        addresses: &'z Addresses,
        (form, statements): (Form, &'z Statements),
        name: &Name,
    ) -> Walk<'z> {
        self.walk_with(addresses, self.shows_in(addresses, form, statements), name, true, false)
    }

    /// As [`Zone::walk`], but only what comes behind a name.
    pub fn walk_after<'z>(&'z self, addresses: &'z Addresses, name: &Name) -> Walk<'z> {
        self.walk_at(addresses, name, false, false)
    }

    /// What the zone has authority for, but the SOA, and the NS RRsets of its cuts.
    pub fn visible<'z>(&'z self, addresses: &'z Addresses) -> Walk<'z> {
        Walk::start(self, addresses, self.shown_records(addresses), &[], true)
    }

    /// As [`Zone::visible`], from a name on: what it has itself comes first.
    pub fn visible_from<'z>(&'z self, addresses: &'z Addresses, name: &Name) -> Walk<'z> {
        self.walk_at(addresses, name, true, true)
    }

    /// As [`Zone::visible`], but only what comes behind a name.
    pub fn visible_after<'z>(&'z self, addresses: &'z Addresses, name: &Name) -> Walk<'z> {
        self.walk_at(addresses, name, false, true)
    }

    fn walk_at<'z>(
        &'z self,
        addresses: &'z Addresses,
        name: &Name,
        included: bool,
        is_visible: bool,
    ) -> Walk<'z> {
        self.walk_with(addresses, self.shown_records(addresses), name, included, is_visible)
    }

    fn walk_with<'z>(
        &'z self,
        addresses: &'z Addresses,
        shows: Shows<'z>,
        name: &Name,
        included: bool,
        is_visible: bool,
    ) -> Walk<'z> {
        if name.is_at_or_under(self.apex()) {
            return Walk::resume(self, addresses, shows, name, included, is_visible);
        }
        // Names outside the zone lie before all of it or behind.
        match name.cmp(self.apex()) {
            Ordering::Less => Walk::start(self, addresses, shows, &[], is_visible),
            _ => Walk::start(self, addresses, shows, &PAST, is_visible),
        }
    }
}

impl<'z> Walk<'z> {
    /// Before the first name whose key is at least `key`, addresses not looked at.
    fn start(
        zone: &'z Zone,
        addresses: &'z Addresses,
        shows: Shows<'z>,
        key: &[u8],
        is_visible: bool,
    ) -> Walk<'z> {
        let mut walk = Walk {
            zone,
            stored: zone.shown_names().cursor(key),
            cuts: zone.cuts.iter_from(key),
            given: zone.shown_given_ns().filter(|_| key.is_empty()),
            stated: if key.is_empty() { shows.stated } else { &[] },
            glue: Vec::new(),
            addresses: AddressWalk::new(zone, addresses, shows.named),
            named: None,
            is_visible,
            end: None,
            here: Vec::new(),
            owner: Vec::new(),
            is_at_address: false,
            is_first: false,
        };
        if key != PAST {
            walk.addresses.advance();
            walk.list_names(addresses, key);
        }
        walk
    }

    fn list_names(&mut self, addresses: &'z Addresses, key: &[u8]) {
        let labels = self.zone.apex_labels();
        let patterns = self.zone.patterns();
        self.named = patterns.map(|patterns| Listing::from(patterns, addresses, labels, key));
    }

    /// From a name of the zone on.
    pub(crate) fn resume(
        zone: &'z Zone,
        addresses: &'z Addresses,
        shows: Shows<'z>,
        name: &Name,
        included: bool,
        is_visible: bool,
    ) -> Walk<'z> {
        let key = name.key_below(zone.apex_labels());
        let mut walk = Walk::start(zone, addresses, shows, &PAST, is_visible);
        walk.stored = zone.shown_names().cursor(&key);
        walk.cuts = zone.cuts.iter_from(&key);
        walk.list_names(addresses, &key);
        walk.given = zone.shown_given_ns().filter(|_| key.is_empty() && included);
        walk.stated = if key.is_empty() && included { shows.stated } else { &[] };
        let below = name.label_count() - zone.apex_labels();
        let lower = name.to_lower_wire();
        let labels: Vec<&[u8]> = ptrd_wire::labels_of_wire(&lower).take(below).collect();
        walk.addresses.seek(labels.iter().rev().copied(), included);
        walk.addresses.advance();
        walk.look_back(name, &key, included);
        let is_behind = |found: &[u8]| if included { *found >= *key } else { *found > *key };
        walk.glue.retain(|glue| is_behind(&glue.key));
        if !included {
            if walk.stored.key().is_some_and(|found| *found == *key) {
                walk.stored.advance();
            }
            if walk.cuts.peek().is_some_and(|(found, _)| *found == key) {
                walk.cuts.next();
            }
            if let Some(named) = walk.named.as_mut().filter(|named| named.key() == Some(&*key)) {
                named.advance();
            }
        }
        walk
    }

    /// What was met on the way to a name and counts from there on: the first cut or DNAME, and the glue of cuts.
    fn look_back(&mut self, name: &Name, key: &[u8], included: bool) {
        let borders = (0..=key.len()).filter(|&end| end == 0 || key[end - 1] == 0);
        for end in borders {
            let key = &key[..end];
            let cut = self.zone.cuts.get(key);
            self.note_end(key, cut.is_some(), self.zone.shown_names().node(key));
            if let Some(cut) = cut {
                let owner = key_of_lower(key, self.zone.apex());
                self.keep_glue(&owner, cut);
            }
        }
        let address = match self.zone.view() {
            View::Verbatim => None,
            View::Range(_) => {
                let reverse = ReverseName::of_name(name).filter(|reverse| reverse.prefix.is_full());
                reverse.map(|reverse| (reverse.prefix.family(), reverse.prefix.bits()))
            }
            View::Classless { first, .. } => {
                let below = name.label_count() - self.zone.apex_labels();
                let octet =
                    below.checked_sub(1).and_then(|nth| name.labels().nth(nth)).and_then(canonical_octet);
                octet.map(|octet| (Family::V4, u128::from(first & 0xffff_ff00 | u32::from(octet))))
            }
        };
        let Some((family, bits)) = address else { return };
        if let (Some(owner), Some(exception)) =
            (self.zone.owner_of(family, bits), self.zone.exceptions.at(bits))
            && let Exception::Cut(cut) = &exception.what
            && !self.is_hidden(&owner.key_below(self.zone.apex_labels()))
        {
            let cut_key = owner.key_below(self.zone.apex_labels());
            // The address itself may still come.
            if !included || *cut_key != *key {
                self.end_at_address(&cut_key);
            }
            self.keep_glue(&owner, cut);
        }
    }

    /// A cut at an address occludes what lies below it, though no address. The apex is no cut.
    fn end_at_address(&mut self, key: &[u8]) {
        if self.is_visible && !key.is_empty() {
            self.end = Some((key.into(), true));
        }
    }

    /// Remembers the first cut or DNAME on the way (RFC 1034 §4.3.2 step 3, RFC 6672 §3.2).
    fn note_end(&mut self, key: &[u8], is_cut: bool, node: Option<NodeRef<'z>>) {
        if self.end.as_ref().is_some_and(|(end, _)| key.starts_with(end)) {
            return;
        }
        let has = |rtype| node.is_some_and(|node| node.rrset(rtype).is_some());
        // The NS of the apex is no cut.
        if is_cut || !key.is_empty() && has(RecordType::NS) {
            self.end = Some((key.into(), true));
        } else if has(RecordType::DNAME) {
            self.end = Some((key.into(), false));
        }
    }

    /// Whether what follows at an address of this name is not shown: it lies at or below a cut, or is occluded.
    #[inline]
    fn is_hidden(&self, key: &[u8]) -> bool {
        match &self.end {
            Some((end, is_cut)) if key.starts_with(end) => {
                *is_cut || self.is_visible && key.len() > end.len()
            }
            _ => false,
        }
    }

    /// Keeps the glue of a cut until its owner comes.
    fn keep_glue(&mut self, owner: &Name, cut: &'z Cut) {
        if self.is_visible {
            return;
        }
        let apex_labels = self.zone.apex_labels();
        for (name, rrset) in cut.glue.iter().filter(|(name, _)| name.is_at_or_under(owner)) {
            let key = name.key_below(apex_labels);
            // Behind all that are as low: the next one is the last, and of equals the first that came.
            let place = self.glue.partition_point(|kept| kept.key > key);
            self.glue.insert(place, Glue { key, name, rrset });
        }
    }

    /// The next RRset.
    #[inline]
    pub fn next_rrset(&mut self) -> Option<Shown<'_>> {
        let part = self.next_part()?;
        Some(Shown { owner: self.owner(), is_first: self.is_first, part })
    }

    /// The present owner in wire form.
    #[inline]
    fn owner(&self) -> &[u8] {
        if self.is_at_address { self.addresses.owner() } else { &self.owner }
    }

    /// All RRsets of the next owner, by type, and the owner in wire form. `false` behind the last.
    pub(crate) fn next_owner(&mut self, owner: &mut Vec<u8>, parts: &mut Vec<Part<'z>>) -> bool {
        owner.clear();
        parts.clear();
        let Some(first) = self.next_part() else { return false };
        owner.extend_from_slice(self.owner());
        parts.push(first);
        parts.extend(self.here.drain(..).rev());
        true
    }

    /// The next RRset of the present owner, or the first of the next one.
    #[inline]
    fn next_part(&mut self) -> Option<Part<'z>> {
        if let Some(part) = self.here.pop() {
            self.is_first = false;
            return Some(part);
        }
        self.is_first = true;
        if std::mem::take(&mut self.is_at_address) {
            self.addresses.advance();
        }
        loop {
            // Zones of nothing but PTRs spend their time here.
            if self.addresses_come_first() {
                if self.is_hidden(self.addresses.key()) {
                    let labels =
                        self.end.as_ref().map_or(0, |(end, _)| end.iter().filter(|b| **b == 0).count());
                    self.addresses.skip_under(labels);
                    continue;
                }
                let part = match self.addresses.now() {
                    Some(AtAddress::Ptr(ptr)) => Some(ptr_part(ptr)),
                    Some(AtAddress::Computed(computed)) => Some(computed_part(computed)),
                    _ => None,
                };
                if part.is_some() {
                    self.is_at_address = true;
                    return part;
                }
            }
            if !self.gather() {
                return None;
            }
            if let Some(part) = self.here.pop() {
                return Some(part);
            }
        }
    }

    /// Whether the next owner is an address and nothing else.
    #[inline]
    fn addresses_come_first(&mut self) -> bool {
        if self.addresses.now().is_none() || self.given.is_some() || !self.stated.is_empty() {
            return false;
        }
        let key = self.addresses.key();
        self.stored.key().is_none_or(|stored| key < stored)
            && self.cuts.peek().is_none_or(|(cut, _)| *key < **cut)
            && self.glue.last().is_none_or(|glue| *key < *glue.key)
    }

    /// Puts together what the next owner has; `false` behind the last.
    fn gather(&mut self) -> bool {
        let heads = [
            (self.given.is_some() || !self.stated.is_empty()).then_some(&[][..]),
            self.stored.key(),
            self.cuts.peek().map(|(key, _)| &**key),
            self.glue.last().map(|glue| &*glue.key),
            self.addresses.now().map(|_| self.addresses.key()),
            self.named.as_ref().and_then(Listing::key),
        ];
        let Some(key) = heads.into_iter().flatten().min() else { return false };
        let key: Box<[u8]> = key.into();
        self.owner.clear();
        let cut = self.cuts.peek().filter(|(found, _)| *found == key).map(|(_, cut)| cut);
        let node = self.stored.now().filter(|(found, _)| **found == *key).map(|(_, node)| node);
        self.note_end(&key, cut.is_some(), node);
        if let Some(node) = node {
            self.owner.extend_from_slice(node.spelling());
            let may_follow =
                |rtype| self.zone.is_companion() && matches!(rtype, RecordType::A | RecordType::AAAA);
            let is_own = |rtype| !may_follow(rtype) || self.zone.has_own(&key, rtype);
            let own = |rrset: RrSetRef<'z>| {
                let data = if is_own(rrset.rtype) { Data::Own(rrset) } else { Data::Forward(rrset) };
                Part { rtype: rrset.rtype, ttl: rrset.ttl, data }
            };
            let is_shown = |rrset: &RrSetRef<'z>| !self.zone.keeps_back(&key, rrset.rtype);
            self.here.extend(node.rrsets().filter(is_shown).map(own));
            self.stored.advance();
        }
        if self.owner.is_empty() {
            let owner = key_of_lower(&key, self.zone.apex());
            self.owner.extend_from_slice(owner.as_wire());
        } else {
            self.owner.extend_from_slice(self.zone.apex().as_wire());
        }
        if let Some(given) = self.given.take() {
            self.here.push(Part { rtype: given.rtype, ttl: given.ttl, data: Data::Given(given) });
        }
        let stated = std::mem::take(&mut self.stated);
        if !stated.is_empty() {
            self.here.push(stated_part(stated));
        }
        self.take_glue(&key);
        if let Some(cut) = cut {
            self.cuts.next();
            self.take_cut(&key, cut);
        }
        if self.addresses.now().is_some() && self.addresses.key() == &*key {
            if !self.is_hidden(&key) {
                self.take_address(&key);
            }
            self.addresses.advance();
        }
        self.take_named(&key);
        // Of one type the first counts; then the next to be shown is last.
        self.here.sort_by_key(|part| part.rtype);
        self.here.dedup_by_key(|part| part.rtype);
        if self.is_visible {
            self.drop_occluded(&key);
        }
        self.here.reverse();
        true
    }

    /// Leaves NS and DS at a cut (RFC 4035 §2.3), and nothing below a cut or DNAME.
    fn drop_occluded(&mut self, key: &[u8]) {
        match &self.end {
            Some((end, is_cut)) if key == &**end => {
                let is_kept = |rtype| !*is_cut || matches!(rtype, RecordType::NS | RecordType::DS);
                self.here.retain(|part| is_kept(part.rtype));
            }
            Some((end, _)) if key.starts_with(end) => self.here.clear(),
            _ => {}
        }
    }

    /// Takes the glue that is to be shown at the present owner.
    fn take_glue(&mut self, key: &[u8]) {
        while let Some(glue) = self.glue.pop_if(|glue| *glue.key == *key) {
            if self.here.is_empty() {
                // In the letter case that it was given in.
                self.owner.clear();
                self.owner.extend_from_slice(glue.name.as_wire());
            }
            let Glue { rrset, .. } = glue;
            self.here.push(Part { rtype: rrset.rtype, ttl: rrset.ttl, data: Data::Cut(rrset) });
        }
    }

    fn take_cut(&mut self, key: &[u8], cut: &'z Cut) {
        for rrset in [Some(&cut.ns), cut.ds.as_ref()].into_iter().flatten() {
            self.here.push(Part { rtype: rrset.rtype, ttl: rrset.ttl, data: Data::Cut(rrset) });
        }
        let owner = key_of_lower(key, self.zone.apex());
        self.keep_glue(&owner, cut);
        self.take_glue(key);
    }

    /// Takes the addresses that templates give the present owner, where nothing stands before them.
    fn take_named(&mut self, key: &[u8]) {
        let Some(named) = self.named.as_mut().filter(|named| named.key() == Some(key)) else { return };
        if !self.zone.keeps_names_from(key) {
            for (rtype, family) in [(RecordType::A, Family::V4), (RecordType::AAAA, Family::V6)] {
                let addresses = named.now(family);
                if let Some(ttl) = addresses.ttl() {
                    self.here.push(Part { rtype, ttl, data: Data::Named(addresses) });
                }
            }
        }
        named.advance();
    }

    fn take_address(&mut self, key: &[u8]) {
        match self.addresses.now() {
            Some(AtAddress::Ptr(ptr)) => self.here.push(ptr_part(ptr)),
            Some(AtAddress::Computed(_)) if self.zone.shown_names().node(key).is_some_and(goes_before) => {}
            Some(AtAddress::Computed(computed)) => self.here.push(computed_part(computed)),
            Some(AtAddress::Except(exception)) => match &exception.what {
                Exception::Withheld => {}
                Exception::Cut(cut) => {
                    self.end_at_address(key);
                    self.take_cut(key, cut);
                }
                Exception::Alias(apex) => {
                    let label = self.addresses.last_octet();
                    // A target that would be no name is not shown, nor is it answered.
                    if label.len() + apex.as_wire().len() <= 255 {
                        let data = Data::Alias(label, apex);
                        self.here.push(Part { rtype: RecordType::CNAME, ttl: self.zone.alias_ttl(), data });
                    }
                }
            },
            None => {}
        }
    }

    /// The rest as names and RRsets of their own, for whoever needs to keep them.
    pub fn owned(mut self) -> impl Iterator<Item = (Name, RrSet)> + use<'z> {
        std::iter::from_fn(move || self.next_rrset().map(|shown| (shown.name(), shown.to_rrset())))
    }
}
