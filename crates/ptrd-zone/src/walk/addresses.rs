//! The addresses of a zone at which it shows something, in canonical order of their names, one at a time.
//!
//! IPv4 goes down octet by octet with the set of those that have anything below them, in the order of their text; IPv6
//! sorts as its addresses do. Owner and key are kept as octets and changed where the next address differs. Memory is
//! some hundred octets whatever the zone's size.

use super::octets::{OctetSet, label};
use crate::derived::{ExceptionRange, Exceptions};
use crate::named::{Computed, Named};
use crate::page::{Page, PtrRef};
use crate::ranges::{Ranged, Ranges};
use crate::snapshot::Addresses;
use crate::tree::Leaves;
use crate::zone::{View, Zone};
use ptrd_wire::{Family, ReversePrefix, low_bits};

/// What stands at an address.
#[derive(Clone, Copy)]
pub(super) enum AtAddress<'z> {
    Ptr(PtrRef<'z>),
    Computed(Computed<'z>),
    Except(&'z ExceptionRange),
}

/// See the module. Before the first [`AddressWalk::advance`] it stands nowhere.
pub(super) struct AddressWalk<'z> {
    addresses: &'z Addresses,
    exceptions: &'z Exceptions,
    /// The ranges whose computed names are shown.
    named: Option<&'z Ranges<Named>>,
    /// The address that a named range was looked up from last, and the one that was found.
    next_named: Option<(u128, Option<&'z Named>)>,
    /// The run of addresses with one exception, or without any, that was looked up last.
    run: (u128, u128, Option<&'z ExceptionRange>),
    place: Place<'z>,
    /// The name in wire form, at the end of the room.
    owner: [u8; 256],
    owner_start: usize,
    key: [u8; 128],
    key_length: usize,
    now: Option<AtAddress<'z>>,
}

enum Place<'z> {
    Nowhere,
    V4(V4Place<'z>),
    V6(V6Place<'z>),
}

struct V4Place<'z> {
    /// The first and last address of the view.
    first: u32,
    last: u32,
    /// Octets that the apex stands for.
    base: usize,
    /// Octets chosen, and the address that they make.
    depth: usize,
    bits: u32,
    /// What is left of each level.
    left: [OctetSet; 4],
    owner_starts: [usize; 5],
    key_ends: [usize; 5],
    /// The /24 or sparse /16 that the last octet is looked up in.
    page: Option<(&'z Page, bool)>,
}

struct V6Place<'z> {
    last: u128,
    /// Nibbles that the apex stands for.
    base: usize,
    bits: u128,
    /// The next address may be this one at the earliest; `None` when the last was the highest of all.
    next: Option<u128>,
    leaves: Leaves<'z, Page>,
    page: Option<(&'z Page, usize)>,
}

impl<'z> AddressWalk<'z> {
    /// All addresses of a zone.
    pub(super) fn new(
        zone: &'z Zone,
        addresses: &'z Addresses,
        named: Option<&'z Ranges<Named>>,
    ) -> AddressWalk<'z> {
        let (view, addresses) = zone.window(addresses);
        let apex = zone.apex().as_wire();
        let mut owner = [0; 256];
        let owner_start = owner.len() - apex.len();
        owner[owner_start..].copy_from_slice(apex);
        let mut walk = AddressWalk {
            addresses,
            exceptions: &zone.exceptions,
            named,
            next_named: None,
            run: (1, 0, None),
            place: Place::Nowhere,
            owner,
            owner_start,
            key: [0; 128],
            key_length: 0,
            now: None,
        };
        match view {
            View::Verbatim => {}
            View::Classless { first, last } => walk.start_v4(first, last, 3),
            View::Range(prefix) => walk.start_range(&prefix),
        }
        walk
    }

    fn start_range(&mut self, prefix: &ReversePrefix) {
        let (range, base) = (prefix.range(), usize::from(prefix.depth()));
        if prefix.family() == Family::V4 {
            return self.start_v4(range.first_bits() as u32, range.last_bits() as u32, base);
        }
        // The labels of the address go before the apex.
        self.owner_start -= 2 * (32 - base);
        self.key_length = 2 * (32 - base);
        let (first, last) = (range.first_bits(), range.last_bits());
        let mut place = V6Place {
            last,
            base,
            bits: first,
            next: Some(first),
            leaves: self.addresses.v6().leaves_from(first),
            page: None,
        };
        place.seek(self.addresses, first);
        self.place = Place::V6(place);
        (base / 2..16).for_each(|nth| self.write_v6(base, nth, first.to_be_bytes()[nth]));
    }

    fn start_v4(&mut self, first: u32, last: u32, base: usize) {
        let bits = if base == 0 { 0 } else { first & (u32::MAX << (32 - 8 * base)) };
        let mut place = V4Place {
            first,
            last,
            base,
            depth: base,
            bits,
            left: [OctetSet::default(); 4],
            owner_starts: [self.owner_start; 5],
            key_ends: [0; 5],
            page: None,
        };
        // An apex that is an address is its own only one.
        if base == 4 {
            place.depth = usize::MAX;
        } else {
            place.fill(self.addresses, self.exceptions, self.named);
        }
        self.place = Place::V4(place);
    }

    /// Goes on behind a name of the zone, or, if it is to be `included`, at it: its labels below the apex from there on.
    pub(super) fn seek<'l>(&mut self, labels: impl Iterator<Item = &'l [u8]>, included: bool) {
        match &mut self.place {
            Place::Nowhere => {}
            Place::V4(_) => self.seek_v4(labels, included),
            Place::V6(place) => {
                let from = place.lower_bound(labels, included);
                place.next = from;
                if let Some(from) = from {
                    place.seek(self.addresses, from);
                }
            }
        }
    }

    fn seek_v4<'l>(&mut self, labels: impl Iterator<Item = &'l [u8]>, included: bool) {
        let Place::V4(place) = &mut self.place else { return };
        let mut labels = labels.peekable();
        if place.base == 4 {
            // Only the apex itself: anything but it comes later.
            if labels.peek().is_some() || !included {
                place.depth = place.base;
            }
            return;
        }
        while let Some(wanted) = labels.next() {
            let Place::V4(place) = &mut self.place else { return };
            let level = place.depth;
            let Some(octet) = place.left[level].skip_to(wanted) else { return };
            if level == 3 {
                if labels.peek().is_none() && included {
                    place.left[level].insert(octet);
                }
                return;
            }
            self.descend(octet);
            let Place::V4(place) = &mut self.place else { return };
            place.fill(self.addresses, self.exceptions, self.named);
        }
    }

    /// The sort key of the owner below the apex.
    #[inline]
    pub(super) fn key(&self) -> &[u8] {
        &self.key[..self.key_length]
    }

    /// The owner in wire form.
    #[inline]
    pub(super) fn owner(&self) -> &[u8] {
        &self.owner[self.owner_start..]
    }

    /// The last octet of the address: the label of an alias.
    pub(super) fn last_octet(&self) -> &'static [u8] {
        match &self.place {
            Place::V4(place) => label(place.bits as u8),
            Place::V6(place) => label(place.bits as u8),
            Place::Nowhere => label(0),
        }
    }

    /// What stands at the address; `None` behind the last, and nowhere.
    #[inline]
    pub(super) fn now(&self) -> Option<AtAddress<'z>> {
        self.now
    }

    /// Goes to the next address.
    #[inline]
    pub(super) fn advance(&mut self) {
        self.now = match self.place {
            Place::Nowhere => None,
            Place::V4(_) => self.next_v4(),
            Place::V6(_) => self.next_v6(),
        };
    }

    /// Goes to the first address that is not at or below the ancestor of the present owner that has so many labels
    /// below the apex.
    pub(super) fn skip_under(&mut self, labels: usize) {
        match &mut self.place {
            Place::Nowhere => {}
            Place::V4(place) => place.depth = place.depth.min(place.base + labels.saturating_sub(1)),
            Place::V6(place) => {
                let depth = (place.base + labels).min(32);
                let behind = (place.bits | low_bits(Family::V6, depth as u8)).checked_add(1);
                place.next = behind;
                if let Some(behind) = behind {
                    place.seek(self.addresses, behind);
                }
            }
        }
        self.advance();
    }

    #[inline]
    fn exception(&mut self, bits: u128) -> Option<&'z ExceptionRange> {
        if self.exceptions.is_empty() {
            return None;
        }
        if !(self.run.0..=self.run.1).contains(&bits) {
            self.run = match self.exceptions.next_from(bits) {
                Some(e) if e.range.first_bits() <= bits => {
                    (e.range.first_bits(), e.range.last_bits(), Some(e))
                }
                next => (bits, next.map_or(u128::MAX, |e| e.range.first_bits() - 1), None),
            };
        }
        self.run.2
    }

    /// The first named range that has an address of at least `bits`.
    #[inline]
    fn named_from(&mut self, bits: u128) -> Option<&'z Named> {
        let named = self.named?;
        if let Some((from, found)) = self.next_named
            && bits >= from
            && found.is_none_or(|found| bits <= found.last())
        {
            return found;
        }
        let found = named.next_from(bits);
        self.next_named = Some((bits, found));
        found
    }

    /// What a template gives an address.
    #[inline]
    fn computed(&mut self, bits: u128) -> Option<AtAddress<'z>> {
        let named = self.named_from(bits).filter(|named| named.first() <= bits)?;
        Some(AtAddress::Computed(Computed::new(named, bits)))
    }

    #[inline]
    fn next_v4(&mut self) -> Option<AtAddress<'z>> {
        let Place::V4(place) = &mut self.place else { return None };
        if place.base == 4 {
            // The apex, once.
            let bits = place.bits;
            if std::mem::replace(&mut place.depth, 4) == 4 {
                return None;
            }
            let exception = self.exception(u128::from(bits)).map(AtAddress::Except);
            return exception
                .or_else(|| self.addresses.v4().find(bits).map(AtAddress::Ptr))
                .or_else(|| self.computed(bits.into()));
        }
        loop {
            let Place::V4(place) = &mut self.place else { return None };
            // An address has been shown: back to its /24.
            place.depth = place.depth.min(3);
            let Some(octet) = place.left[place.depth].pop() else {
                if place.depth == place.base {
                    return None;
                }
                place.depth -= 1;
                continue;
            };
            self.descend(octet);
            let Place::V4(place) = &mut self.place else { return None };
            if place.depth < 4 {
                place.fill(self.addresses, self.exceptions, self.named);
                continue;
            }
            let (bits, page) = (place.bits, place.page);
            if let Some(exception) = self.exception(u128::from(bits)) {
                return Some(AtAddress::Except(exception));
            }
            let ptr = page.and_then(|(page, is_direct)| {
                if is_direct { page.direct(bits as u8) } else { self.addresses.v4().find(bits) }
            });
            if let Some(found) = ptr.map(AtAddress::Ptr).or_else(|| self.computed(bits.into())) {
                return Some(found);
            }
        }
    }

    /// Chooses an octet of the present level.
    #[inline]
    fn descend(&mut self, octet: u8) {
        let Place::V4(place) = &mut self.place else { return };
        let (level, text) = (place.depth, label(octet));
        let start = place.owner_starts[level] - text.len();
        self.owner[start..start + text.len()].copy_from_slice(text);
        let end = place.key_ends[level] + text.len();
        self.key[end - text.len()..end - 1].copy_from_slice(&text[1..]);
        self.key[end - 1] = 0;
        place.depth = level + 1;
        place.owner_starts[level + 1] = start;
        place.key_ends[level + 1] = end;
        let shift = 24 - 8 * level;
        place.bits = place.bits & !(0xff << shift) | u32::from(octet) << shift;
        self.owner_start = start;
        self.key_length = end;
    }

    fn next_v6(&mut self) -> Option<AtAddress<'z>> {
        let (base, last, before, ptr, computed, excepted) = loop {
            let Place::V6(place) = &mut self.place else { return None };
            let from = place.next.filter(|bits| *bits <= place.last)?;
            let (base, last, before) = (place.base, place.last, place.bits);
            let ptr = place.ptr().filter(|(bits, _)| *bits <= last);
            let computed = self.named_from(from).map(|named| Computed::new(named, named.first().max(from)));
            // Of an address that has both, the PTR that was set counts.
            let computed =
                computed.filter(|next| next.bits() <= last && ptr.is_none_or(|(bits, _)| next.bits() < bits));
            let until = computed.map(|next| next.bits()).or(ptr.map(|(bits, _)| bits)).unwrap_or(last);
            // The address of the next exception, if it comes no later than the next PTR.
            let excepted = match self.exception(from) {
                Some(exception) => Some((from, exception)),
                None if self.run.1 < until => {
                    self.exceptions.next_from(from).map(|e| (e.range.first_bits(), e))
                }
                None => None,
            };
            let Some((_, withheld)) = excepted.filter(|(_, exception)| exception.is_withheld()) else {
                break (base, last, before, ptr, computed, excepted);
            };
            // Nothing is shown there, and there may be more addresses than anybody can count.
            let behind = withheld.range.last_bits().checked_add(1);
            let Place::V6(place) = &mut self.place else { return None };
            place.next = behind;
            place.seek(self.addresses, behind?);
        };
        let excepted = excepted.filter(|(bits, _)| *bits <= last);
        let (bits, found) = match (excepted, computed, ptr) {
            (Some((bits, exception)), ..) => (bits, AtAddress::Except(exception)),
            (None, Some(computed), _) => (computed.bits(), AtAddress::Computed(computed)),
            (None, None, Some((bits, ptr))) => (bits, AtAddress::Ptr(ptr)),
            (None, None, None) => return None,
        };
        let Place::V6(place) = &mut self.place else { return None };
        place.bits = bits;
        place.next = bits.checked_add(1);
        if ptr.is_some_and(|(at, _)| at == bits) {
            place.step();
        }
        let (octets, old) = (bits.to_be_bytes(), before.to_be_bytes());
        let first = octets.iter().zip(&old).position(|(a, b)| a != b).unwrap_or(16);
        (first.max(base / 2)..16).for_each(|nth| self.write_v6(base, nth, octets[nth]));
        Some(found)
    }

    /// Writes the two nibbles of octet `nth` into owner and key.
    #[inline]
    fn write_v6(&mut self, base: usize, nth: usize, octet: u8) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        for (depth, nibble) in [(2 * nth, octet >> 4), (2 * nth + 1, octet & 15)] {
            if depth >= base {
                let digit = HEX[usize::from(nibble)];
                let at = self.owner_start + 2 * (31 - depth);
                (self.owner[at], self.owner[at + 1]) = (1, digit);
                let at = 2 * (depth - base);
                (self.key[at], self.key[at + 1]) = (digit, 0);
            }
        }
    }
}

impl<'z> V4Place<'z> {
    /// Finds what stands below the octets chosen so far.
    fn fill(&mut self, addresses: &'z Addresses, exceptions: &Exceptions, named: Option<&Ranges<Named>>) {
        let depth = self.depth;
        let host = 32 - 8 * depth;
        let low = if depth == 0 { u32::MAX } else { (1 << host) - 1 };
        let shift = host - 8;
        let mut set = OctetSet::default();
        self.bits &= !low;
        let (first, last) = (self.bits.max(self.first), (self.bits | low).min(self.last));
        self.page = addresses.v4().children(self.bits, depth, |octet| {
            // Of a classless zone, whose window may begin and end within its /24.
            let child = self.bits | u32::from(octet) << shift;
            if depth < 3 || (first..=last).contains(&child) {
                set.insert(octet);
            }
        });
        let mut at = Some(first).filter(|at| *at <= last);
        while let Some(range) = named.zip(at).and_then(|(named, at)| named.next_from(at.into())) {
            if range.first() > u128::from(last) {
                break;
            }
            let from = range.first().max(at.unwrap_or(first).into()) as u32;
            let to = range.last().min(last.into()) as u32;
            ((from >> shift) & 255..=(to >> shift) & 255).for_each(|octet| set.insert(octet as u8));
            at = (to | ((1 << shift) - 1)).checked_add(1).filter(|at| *at <= last);
        }
        let mut at = Some(first);
        while let Some(exception) = at
            .and_then(|at| exceptions.next_from(at.into()))
            .filter(|e| e.range.first_bits() <= u128::from(last))
        {
            let from = exception.range.first_bits().max(u128::from(at.unwrap_or(first))) as u32;
            let to = exception.range.last_bits().min(u128::from(last)) as u32;
            // Where nothing is shown no octet is needed, and what follows may lie below the same one.
            let passed = if exception.is_withheld() {
                // All PTRs of a suspended range are passed over at once.
                let (from, to) = (u64::from(from - self.bits), u64::from(to - self.bits) + 1);
                (from.div_ceil(1 << shift)..to >> shift).for_each(|octet| set.remove(octet as u8));
                exception.range.last_bits().min(u128::from(last)) as u32
            } else {
                ((from >> shift) & 255..=(to >> shift) & 255).for_each(|octet| set.insert(octet as u8));
                to | ((1 << shift) - 1)
            };
            at = passed.checked_add(1).filter(|at| *at <= last);
        }
        self.left[depth] = set;
    }
}

impl<'z> V6Place<'z> {
    /// The PTR that comes next.
    #[inline]
    fn ptr(&mut self) -> Option<(u128, PtrRef<'z>)> {
        loop {
            let (page, nth) = self.page?;
            if nth < page.len() {
                let bits = page.key(nth, 16);
                // One that an exception stands in for was passed over.
                if self.next.is_some_and(|next| bits >= next) {
                    return Some((bits, page.nth(nth)));
                }
            }
            self.step();
        }
    }

    #[inline]
    fn step(&mut self) {
        if let Some((page, nth)) = self.page {
            self.page = if nth + 1 < page.len() {
                Some((page, nth + 1))
            } else {
                self.leaves.next().map(|page| (page, 0))
            };
        }
    }

    fn seek(&mut self, addresses: &'z Addresses, bits: u128) {
        self.leaves = addresses.v6().leaves_from(bits);
        let page = self.leaves.next();
        self.page = page.map(|page| (page, page.search(bits, 16).unwrap_or_else(|next| next)));
    }

    /// The lowest address whose name comes behind, or, if `included`, at the name with these labels below the apex.
    fn lower_bound<'l>(&self, labels: impl Iterator<Item = &'l [u8]>, included: bool) -> Option<u128> {
        const HEX: [&[u8]; 16] =
            [b"0", b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"8", b"9", b"a", b"b", b"c", b"d", b"e", b"f"];
        let mut bits = self.next?;
        let mut depth = self.base;
        for wanted in labels {
            if depth == 32 {
                return bits.checked_add(1);
            }
            let nibble = HEX.partition_point(|text| *text < wanted);
            let shift = 124 - 4 * depth;
            if nibble < 16 {
                bits |= (nibble as u128) << shift;
            }
            if HEX.get(nibble).is_none_or(|text| *text != wanted) {
                // None of this level is left: the next of the one above.
                return if nibble < 16 {
                    Some(bits)
                } else {
                    (bits | 15 << shift | ((1 << shift) - 1)).checked_add(1)
                };
            }
            depth += 1;
        }
        if depth == 32 && !included { bits.checked_add(1) } else { Some(bits) }
    }
}
