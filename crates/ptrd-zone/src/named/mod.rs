//! Ranges of addresses whose names are computed: which they are follows from the blocks that have a template, and a PTR
//! that follows from one takes no memory of its own.
//!
//! The innermost block that has a template, or says that there is none, rules; blocks inside inherit. The TTL is the one
//! that a PTR there would inherit, so a range ends where template or TTL do. What stands at addresses instead of PTRs in
//! a zone goes before these names as it goes before PTRs, and cuts no range; so does a PTR RRset that was set.
//!
//! Whatever shows a zone record by record (transfers, differences, listings, exports) shows these too, of a zone that has
//! at most [`MOST_EXPANDED`] of them; of one that has more it shows none, and nothing goes through a /64. The number is
//! no setting: with another one at the next start, zones would differ from what secondaries hold under the same serial.

#[cfg(test)]
mod tests;

use crate::declared::{Declared, key};
use crate::model::{Block, BlockTemplate};
use crate::ranges::{Ranged, Ranges, differing, standing};
use crate::snapshot::Addresses;
use crate::template::Template;
use crate::zone::Zone;
use ptrd_wire::{AddrRange, Family, Name, RecordType, ReversePrefix, Ttl, ip_from_bits, key_of_lower};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// The most addresses of a zone whose computed names are shown one by one.
pub const MOST_EXPANDED: u128 = 1 << 20;

/// Addresses that a template names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    range: AddrRange,
    template: Arc<Template>,
    ttl: Ttl,
}

impl Ranged for Named {
    #[inline]
    fn range(&self) -> &AddrRange {
        &self.range
    }
}

impl Named {
    /// Addresses of the template's range, and the TTL of their PTRs.
    pub(crate) fn new(range: AddrRange, template: Template, ttl: Ttl) -> Named {
        Named { range, template: Arc::new(template), ttl }
    }

    /// The addresses.
    pub fn range(&self) -> &AddrRange {
        &self.range
    }

    /// The template.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// The TTL of the PTRs.
    pub fn ttl(&self) -> Ttl {
        self.ttl
    }

    /// Whether another range gives the same names and TTL where both are.
    pub(crate) fn names_as(&self, other: &Named) -> bool {
        self.ttl == other.ttl && self.is_by(other)
    }

    /// Whether another template gives the addresses of a range the same names, whatever their TTL.
    pub fn same_names(&self, other: &Named, range: &AddrRange) -> bool {
        // What counts does so from somewhere else for all of them, or for none.
        let name = |named: &Named, address| named.template.name(address);
        self.is_by(other)
            || self.template.text() == other.template.text()
                && [range.first(), range.last()].iter().all(|end| name(self, *end) == name(other, *end))
    }

    fn is_by(&self, other: &Named) -> bool {
        Arc::ptr_eq(&self.template, &other.template) || self.template == other.template
    }

    fn within(&self, first: u128, last: u128) -> Option<Named> {
        let (first, last) = (self.first().max(first), self.last().min(last));
        let family = self.range.family();
        let range = AddrRange::new(ip_from_bits(family, first), ip_from_bits(family, last)).ok()?;
        (first <= last).then(|| Named { range, ..self.clone() })
    }
}

/// The PTR that follows from a template at an address.
#[derive(Clone, Copy)]
pub struct Computed<'a> {
    named: &'a Named,
    bits: u128,
}

impl<'a> Computed<'a> {
    #[inline]
    pub(crate) fn new(named: &'a Named, bits: u128) -> Computed<'a> {
        Computed { named, bits }
    }

    #[inline]
    pub(crate) fn bits(&self) -> u128 {
        self.bits
    }

    /// Where it follows from.
    pub fn named(&self) -> &'a Named {
        self.named
    }

    /// The TTL.
    #[inline]
    pub fn ttl(&self) -> Ttl {
        self.named.ttl
    }

    /// Writes the target in wire form; returns its length in octets.
    #[inline]
    pub fn write(&self, out: &mut [u8; 255]) -> usize {
        self.named.template.write(self.bits, out)
    }

    /// The target.
    pub fn name(&self) -> Name {
        let mut octets = [0; 255];
        let length = self.write(&mut octets);
        Name::from_wire(&octets[..length]).unwrap_or_else(|_| Name::root())
    }

    /// Whether another one is the same record.
    pub(crate) fn shows_as(&self, other: &Computed<'_>) -> bool {
        self.bits == other.bits && self.named.names_as(other.named)
    }
}

/// A run of addresses that are named otherwise than before.
#[derive(Clone, Debug)]
pub struct Renamed {
    /// The addresses.
    pub range: AddrRange,
    /// What named them.
    pub before: Option<Named>,
    /// What names them.
    pub after: Option<Named>,
}

/// The named ranges of both families. A clone shares everything.
#[derive(Clone, Default)]
pub(crate) struct NamedRanges {
    v4: Ranges<Named>,
    v6: Ranges<Named>,
}

impl NamedRanges {
    /// Of ranges of one family that rise and are disjoint.
    pub(crate) fn of_family(named: Vec<Named>) -> NamedRanges {
        let mut ranges = NamedRanges::default();
        if let Some(first) = named.first() {
            let family = first.range.family();
            *ranges.of_mut(family) = Ranges::from_sorted(named);
        }
        ranges
    }

    #[inline]
    pub(crate) fn of(&self, family: Family) -> &Ranges<Named> {
        match family {
            Family::V4 => &self.v4,
            Family::V6 => &self.v6,
        }
    }

    fn of_mut(&mut self, family: Family) -> &mut Ranges<Named> {
        match family {
            Family::V4 => &mut self.v4,
            Family::V6 => &mut self.v6,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Brings what lies in a range up to date; returns what has changed.
    pub(crate) fn update(&mut self, declared: &Declared, range: &AddrRange) -> Vec<Renamed> {
        let (family, first, last) = (range.family(), range.first_bits(), range.last_bits());
        let ranges = self.of_mut(family);
        // What ends or begins beside the range may become one with what is in it.
        let near: Vec<Named> =
            ranges.within(first.saturating_sub(1), last.saturating_add(1)).cloned().collect();
        let fresh = declared.named_in(range);
        let old: Vec<Named> = near.iter().filter_map(|named| named.within(first, last)).collect();
        let (old, new): (Vec<&Named>, Vec<&Named>) = (old.iter().collect(), fresh.iter().collect());
        let renamed = differing(&old, &new, Named::names_as).into_iter().filter_map(|(first, last)| {
            let range = AddrRange::new(ip_from_bits(family, first), ip_from_bits(family, last)).ok()?;
            let at = |list: &[&Named]| standing(list, first).cloned();
            Some(Renamed { range, before: at(&old), after: at(&new) })
        });
        let renamed: Vec<Renamed> = renamed.collect();
        let left = near.first().and_then(|named| named.within(0, first.checked_sub(1)?));
        let right = near.last().and_then(|named| named.within(last.checked_add(1)?, u128::MAX));
        let mut joined: Vec<Named> = Vec::with_capacity(fresh.len() + 2);
        for named in left.into_iter().chain(fresh.iter().cloned()).chain(right) {
            push_joined(&mut joined, named);
        }
        let mut changes: BTreeMap<u128, Option<Named>> =
            near.iter().map(|named| (named.first(), None)).collect();
        changes.extend(joined.into_iter().map(|named| (named.first(), Some(named))));
        changes
            .retain(|first, after| ranges.at(*first).filter(|now| now.first() == *first) != after.as_ref());
        ranges.apply(&changes.into_iter().collect::<Vec<_>>());
        renamed
    }
}

/// Appends a range, or lengthens the last one where it goes on.
fn push_joined(ranges: &mut Vec<Named>, named: Named) {
    match ranges.last_mut() {
        Some(before) if before.last().checked_add(1) == Some(named.first()) && before.names_as(&named) => {
            let whole = AddrRange::new(before.range.first(), named.range.last());
            before.range = whole.unwrap_or(before.range);
        }
        _ => ranges.push(named),
    }
}

impl Declared {
    /// The template that names the addresses of a block, its own or that of a block around it.
    pub fn template_of(&self, block: &Block) -> Option<&Arc<Template>> {
        let around = std::iter::successors(Some(block), |block| self.around(block.id).map(|b| &**b));
        let rules = around.into_iter().find(|block| block.template != BlockTemplate::Inherit)?;
        self.templates.get(&key(&rules.range))
    }

    /// Whether any block has a template.
    pub fn has_templates(&self) -> bool {
        !self.templates.is_empty()
    }

    /// The addresses of a range that have computed names: ranges within it, sorted and disjoint, each as long as can be.
    pub(crate) fn named_in(&self, range: &AddrRange) -> Vec<Named> {
        let mut ranges = Vec::new();
        let (family, end) = (range.family(), range.last_bits());
        let mut next = Some(range.first_bits()).filter(|_| self.has_templates());
        while let Some(bits) = next.filter(|bits| *bits <= end) {
            let address = ip_from_bits(family, bits);
            let block = self.block_of(address);
            let (ttl, last) = self.inherited_ttl_run(family, bits);
            let last = last.min(end);
            next = last.checked_add(1);
            let template = block.and_then(|block| self.template_of(block));
            if let (Some(template), Ok(range)) =
                (template, AddrRange::new(address, ip_from_bits(family, last)))
            {
                push_joined(&mut ranges, Named { range, template: template.clone(), ttl });
            } else if block.is_none_or(|block| block.template == BlockTemplate::Inherit) {
                // No block around has one, so that the next that has begins its own range.
                let after = (family, next.unwrap_or(u128::MAX), Reverse(u128::MAX));
                let after = self.templates.range(after..).next().filter(|(key, _)| key.0 == family);
                let inside_none = block.is_some_and(|block| {
                    self.all_around(block.id).any(|around| around.template != BlockTemplate::Inherit)
                });
                if !inside_none {
                    next = after.map(|(key, _)| key.1);
                }
            }
        }
        ranges
    }
}

impl Addresses {
    /// The named ranges of a family.
    #[inline]
    pub(crate) fn named(&self, family: Family) -> &Ranges<Named> {
        self.named.of(family)
    }

    /// All ranges whose names are computed, by family and address.
    pub fn named_ranges(&self) -> impl Iterator<Item = &Named> {
        [Family::V4, Family::V6].into_iter().flat_map(|family| self.named(family).iter())
    }

    /// The PTR that a template gives an address, be another one set there or not.
    #[inline]
    pub(crate) fn computed(&self, family: Family, bits: u128) -> Option<Computed<'_>> {
        let ranges = self.named.of(family);
        if ranges.is_empty() {
            return None;
        }
        ranges.at(bits).map(|named| Computed::new(named, bits))
    }

    /// The PTR that a template gives an address, be another one set there or not.
    pub fn computed_ptr(&self, address: IpAddr) -> Option<Computed<'_>> {
        let (family, bits) = ptrd_wire::ip_to_bits(address);
        self.computed(family, bits)
    }

    /// The lowest address that is at least `bits` and has a PTR RRset, set or computed.
    pub(crate) fn next_shown(&self, family: Family, bits: u128) -> Option<u128> {
        let set = self.next_from(family, bits);
        let named = self.named(family);
        if named.is_empty() {
            return set;
        }
        let computed = named.next_from(bits).map(|named| named.first().max(bits));
        set.into_iter().chain(computed).min()
    }
}

impl Zone {
    /// How many addresses a zone shows whose names are computed, or a few more: those where something else stands count.
    pub fn named_addresses(&self, addresses: &Addresses) -> u128 {
        let Some(shown) = self.shown_range() else {
            return self.patterns().map_or(0, |patterns| patterns.size());
        };
        let ranges = self.window(addresses).1.named(shown.family());
        let named = count_in(ranges, &shown);
        if named <= MOST_EXPANDED {
            return named;
        }
        let below = |key: &[u8]| {
            let prefix = ReversePrefix::of_apex(&key_of_lower(key, self.apex()));
            prefix.map_or(0, |prefix| count_in(ranges, &prefix.range()))
        };
        // Those of zones and delegations below are not its own. One derived cut does not lie below another.
        let derived = self.cuts.iter().map(|(key, _)| below(key));
        let rest = derived.fold(named, u128::saturating_sub);
        if !self.is_stated() {
            rest
        } else {
            self.own_cuts().map(|key| below(&key)).fold(rest, u128::saturating_sub)
        }
    }

    /// The keys of the cuts among the zone's own records that do not lie below another.
    fn own_cuts(&self) -> impl Iterator<Item = Box<[u8]>> {
        let mut last: Box<[u8]> = Box::default();
        self.names().iter().filter_map(move |(key, node)| {
            let is_cut = !key.is_empty() && node.rrset(RecordType::NS).is_some();
            if !is_cut || !last.is_empty() && key.starts_with(&last) {
                return None;
            }
            last = Box::from(&*key);
            Some(last.clone())
        })
    }

    /// Whether what shows the zone record by record shows computed names too.
    pub fn is_expandable(&self, addresses: &Addresses) -> bool {
        self.window(addresses).1.named.is_empty() || self.named_addresses(addresses) <= MOST_EXPANDED
    }

    /// The ranges whose names are shown one by one.
    pub(crate) fn expanded<'a>(&'a self, addresses: &'a Addresses) -> Option<&'a Ranges<Named>> {
        let family = self.shown_range()?.family();
        let ranges = self.window(addresses).1.named(family);
        (!ranges.is_empty() && self.is_expandable(addresses)).then_some(ranges)
    }
}

fn count_in(ranges: &Ranges<Named>, within: &AddrRange) -> u128 {
    let (first, last) = (within.first_bits(), within.last_bits());
    ranges.within(first, last).fold(0u128, |sum, named| {
        let size = (named.last().min(last) - named.first().max(first)).saturating_add(1);
        sum.saturating_add(size)
    })
}
