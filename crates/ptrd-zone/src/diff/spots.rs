//! Where two versions of a zone may differ: names, and subtrees of names, in canonical order.
//!
//! A changed PTR or record is a spot of one name. Where a change at one name alters what is shown at others (a cut or
//! DNAME that comes or goes, what stands at the addresses of a range), the spot is all that lies below the name. Spots
//! may turn out to be as they were; where there is none nothing has changed.

use super::trees::{Changes, Place, ShowsAs};
use super::v4::V4Changes;
use crate::derived::{Exception, ExceptionRange};
use crate::named::Named;
use crate::names::{NameLeaf, NodeRef};
use crate::ranges::{Ranges, differing};
use crate::snapshot::Addresses;
use crate::sorted::Chunk;
use crate::stated::Form;
use crate::v6::WIDTH;
use crate::walk::octets::label;
use crate::zone::{View, Zone};
use ptrd_wire::{AddrRange, Family, RecordType, ip_from_bits, label_prefixes};
use std::iter::Peekable;

mod forward;

/// A name that may have changed, by its sort key below the apex.
pub(super) struct Spot {
    pub key: Box<[u8]>,
    /// And all names below it.
    pub is_subtree: bool,
    /// Where the name's own records and the PTRs of this address are all that it may have. Of a verbatim zone without an
    /// address.
    pub alone: Option<Option<u128>>,
}

impl Spot {
    fn at(key: Box<[u8]>) -> Spot {
        Spot { key, is_subtree: false, alone: None }
    }

    fn below(key: Box<[u8]>) -> Spot {
        Spot { key, is_subtree: true, alone: None }
    }

    /// Whether a name that lies at or behind the key is in the spot.
    pub fn has(&self, key: &[u8]) -> bool {
        if self.is_subtree { key.starts_with(&self.key) } else { *key == *self.key }
    }

    /// Whether nothing of another spot, which comes later, is left by this one.
    pub fn covers(&self, other: &Spot) -> bool {
        self.has(&other.key) && (self.is_subtree || !other.is_subtree)
    }
}

/// A version of a zone.
pub(super) type Version<'z> = (&'z Zone, &'z Addresses);

type Source<'z> = Peekable<Box<dyn Iterator<Item = Spot> + 'z>>;

/// See the module.
pub(super) struct Spots<'z> {
    sources: Vec<Source<'z>>,
}

impl<'z> Spots<'z> {
    /// Of two versions of one zone, with computed names in some form, and whether the statements differ. More than `most`
    /// spots that would have to be kept become the whole zone.
    pub fn new(
        before: Version<'z>,
        after: Version<'z>,
        (form, is_restated): (Form, bool),
        most: usize,
    ) -> Spots<'z> {
        let (old, new) = (before.0, after.0);
        let mut spots = Spots { sources: Vec::new() };
        let [old_view, new_view] = [old, new].map(|zone| match form {
            Form::Records => zone.shown_view(),
            Form::Stated => zone.view(),
        });
        if old_view != new_view || !old.apex().shows_as(new.apex()) {
            spots.add(std::iter::once(Spot::below(Box::default())));
            return spots;
        }
        let same_given = match (old.shown_given_ns(), new.shown_given_ns()) {
            (Some(old), Some(new)) => old == new,
            (old, new) => old.is_none() && new.is_none(),
        };
        spots.add((!same_given || is_restated).then(|| Spot::at(Box::default())).into_iter());
        let has_addresses = old_view != View::Verbatim;
        let has_names = old.patterns().is_some() || new.patterns().is_some();
        if has_names {
            spots.add(forward::names(before, after, most).into_iter());
        }
        spots.add(Changes::new(&old.shown_names().tree, &new.shown_names().tree).filter_map(move |change| {
            let (leaf, nth) = change.before.or(change.after)?;
            let node = |place: Option<Place<'z, NameLeaf>>| place.map(|(leaf, nth)| leaf.node(nth));
            // Addresses below come to light, or are hidden.
            let ends = ends_zone(node(change.before)) != ends_zone(node(change.after));
            Some(Spot {
                key: leaf.key(nth),
                is_subtree: ends && (has_addresses || has_names),
                alone: (!has_addresses && !has_names).then_some(None),
            })
        }));
        if !has_addresses {
            return spots;
        }
        spots.add(Changes::new(&old.cuts.map.tree, &new.cuts.map.tree).filter_map(|change| {
            let (leaf, nth) = change.before.or(change.after)?;
            Some(Spot::below(leaf.0[nth].0.clone()))
        }));
        spots.add(exceptions(old, new, most).into_iter());
        if form == Form::Records {
            spots.add(named(before, after, most).into_iter());
        }
        spots.add_addresses(before, after);
        spots
    }

    fn add(&mut self, source: impl Iterator<Item = Spot> + 'z) {
        self.sources.push((Box::new(source) as Box<dyn Iterator<Item = Spot> + 'z>).peekable());
    }

    fn add_addresses(&mut self, (old, old_addresses): Version<'z>, (new, new_addresses): Version<'z>) {
        let Some(range) = old.shown_range() else { return };
        let ((view, old_addresses), (_, new_addresses)) =
            (old.window(old_addresses), new.window(new_addresses));
        let (first, last) = (range.first_bits(), range.last_bits());
        // What stands at the address counts, and not the PTR; and where that has changed is a spot in any case.
        let hidden = move |bits: u128| {
            !old.exceptions.is_empty()
                && old.exceptions.at(bits).is_some()
                && new.exceptions.at(bits).is_some()
        };
        let spot = move |bits: u128| {
            let key = key_of(&view, range.family(), bits, usize::MAX);
            let is_alone = |zone: &Zone| zone.exceptions.at(bits).is_none() && is_beside_ends(zone, &key);
            // The apex may show an NS set.
            let alone = (!key.is_empty() && is_alone(old) && is_alone(new)).then_some(Some(bits));
            Spot { key, is_subtree: false, alone }
        };
        match range.family() {
            Family::V4 => {
                let changed =
                    V4Changes::new(old_addresses.v4(), new_addresses.v4(), first as u32, last as u32);
                self.add(changed.map(u128::from).filter(move |bits| !hidden(*bits)).map(spot));
            }
            Family::V6 => {
                let [old, new] = [old_addresses, new_addresses].map(|addresses| &addresses.v6().tree);
                let place = |page: &crate::page::Page| page.search(first, WIDTH).unwrap_or_else(|next| next);
                let changed = Changes::from(old, new, |key| *key <= first, place);
                let bits = changed
                    .filter_map(|change| change.before.or(change.after))
                    .map(|(page, nth)| page.key(nth, WIDTH))
                    .take_while(move |bits| *bits <= last);
                self.add(bits.filter(move |bits| !hidden(*bits)).map(spot));
            }
        }
    }
}

impl Iterator for Spots<'_> {
    type Item = Spot;

    fn next(&mut self) -> Option<Spot> {
        let heads = self.sources.iter_mut().enumerate();
        let heads = heads.filter_map(|(nth, source)| source.peek().map(|spot| (nth, &spot.key)));
        let (nth, _) = heads.min_by(|(_, a), (_, b)| a.cmp(b))?;
        self.sources[nth].next()
    }
}

/// Whether neither a cut nor a DNAME is at a name or above it: then it is not hidden, and shows no glue.
fn is_beside_ends(zone: &Zone, key: &[u8]) -> bool {
    let (own, derived) = (zone.shown_names().zone_ends(), zone.cuts.depths());
    if own | derived == 0 {
        return true;
    }
    let borders = (0..=key.len()).filter(|&end| end == 0 || key[end - 1] == 0);
    borders.enumerate().all(|(depth, end)| {
        let may = |depths: u128| depths.checked_shr(depth as u32).is_some_and(|depths| depths & 1 == 1);
        let key = &key[..end];
        (!may(derived) || zone.cuts.get(key).is_none())
            && (!may(own) || ends_zone(zone.shown_names().node(key)) == [false; 2])
    })
}

/// Whether a name has NS or a DNAME.
fn ends_zone(node: Option<NodeRef<'_>>) -> [bool; 2] {
    let has = |rtype| node.is_some_and(|node| node.rrset(rtype).is_some());
    [has(RecordType::NS), has(RecordType::DNAME)]
}

/// The sort key below the apex of an address, or of its prefix of so many labels.
pub(crate) fn key_of(view: &View, family: Family, bits: u128, depth: usize) -> Box<[u8]> {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut key = Vec::with_capacity(64);
    let base = match view {
        View::Range(prefix) => usize::from(prefix.depth()),
        _ => 3,
    };
    match family {
        Family::V4 => (base..depth.min(4)).for_each(|nth| {
            key.extend_from_slice(&label((bits >> (24 - 8 * nth)) as u8)[1..]);
            key.push(0);
        }),
        Family::V6 => (base..depth.min(32)).for_each(|nth| {
            key.extend([HEX[(bits >> (124 - 4 * nth)) as usize & 15], 0]);
        }),
    }
    key.into()
}

/// The names of the addresses at which something else stands instead of PTRs than did, or an alias with another TTL.
fn exceptions(old: &Zone, new: &Zone, most: usize) -> Vec<Spot> {
    let (mut left, mut right): (Vec<&ExceptionRange>, Vec<&ExceptionRange>) = (Vec::new(), Vec::new());
    let mut ranges: Vec<(u128, u128)> = Vec::new();
    if old.alias_ttl() == new.alias_ttl() {
        for change in Changes::new(&old.exceptions.0.tree, &new.exceptions.0.tree) {
            left.extend(change.before.map(|(leaf, nth)| &leaf.0[nth].1));
            right.extend(change.after.map(|(leaf, nth)| &leaf.0[nth].1));
        }
    } else {
        left.extend(old.exceptions.iter());
        right.extend(new.exceptions.iter());
        let is_alias = |e: &&&ExceptionRange| matches!(e.what, Exception::Alias(_));
        ranges.extend(left.iter().filter(is_alias).map(|e| (e.range.first_bits(), e.range.last_bits())));
        ranges.extend(right.iter().filter(is_alias).map(|e| (e.range.first_bits(), e.range.last_bits())));
    }
    ranges.extend(differing(&left, &right, |before, after| before.what.shows_as(&after.what)));
    spots_of(new, ranges, most)
}

/// The names of the addresses between these, each pair the first and the last of a run.
fn spots_of(zone: &Zone, runs: Vec<(u128, u128)>, most: usize) -> Vec<Spot> {
    let (view, Some(shown)) = (zone.shown_view(), zone.shown_range()) else { return Vec::new() };
    let family = shown.family();
    let mut spots = Vec::new();
    for (first, last) in runs {
        let (first, last) = (first.max(shown.first_bits()), last.min(shown.last_bits()));
        let Ok(range) = AddrRange::new(ip_from_bits(family, first), ip_from_bits(family, last)) else {
            continue;
        };
        match view {
            View::Classless { .. } => {
                spots.extend((first..=last).map(|bits| Spot::below(key_of(&view, family, bits, 4))));
            }
            _ => spots.extend(label_prefixes(&range).into_iter().map(|prefix| {
                Spot::below(key_of(&view, family, prefix.bits(), usize::from(prefix.depth())))
            })),
        }
        if spots.len() > most {
            return vec![Spot::below(Box::default())];
        }
    }
    spots.sort_by(|a, b| a.key.cmp(&b.key));
    spots
}

/// The names of the addresses that are named otherwise than before, or with another TTL.
fn named(before: Version<'_>, after: Version<'_>, most: usize) -> Vec<Spot> {
    let Some(shown) = after.0.shown_range() else { return Vec::new() };
    let [old, new] = [before, after].map(|(zone, addresses)| zone.window(addresses).1.named(shown.family()));
    let (first, last) = (shown.first_bits(), shown.last_bits());
    // A range may begin before the zone does.
    let start = |ranges: &Ranges<Named>| ranges.at(first).map_or(first, |named| named.range().first_bits());
    let from = start(old).min(start(new));
    let place = |chunk: &Chunk<u128, Named>| chunk.0.partition_point(|(bits, _)| *bits < from);
    let (mut left, mut right): (Vec<&Named>, Vec<&Named>) = (Vec::new(), Vec::new());
    for change in Changes::from(&old.0.tree, &new.0.tree, |bits| *bits <= from, place) {
        let bits = |place: Place<'_, Chunk<u128, Named>>| place.0.0[place.1].0;
        if change.before.or(change.after).is_none_or(|place| bits(place) > last) {
            break;
        }
        left.extend(change.before.map(|(leaf, nth)| &leaf.0[nth].1));
        right.extend(change.after.map(|(leaf, nth)| &leaf.0[nth].1));
    }
    spots_of(after.0, differing(&left, &right, Named::names_as), most)
}
