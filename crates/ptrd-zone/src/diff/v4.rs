//! The IPv4 addresses at which two versions of the index differ, in canonical order of their names.

use crate::page::Page;
use crate::v4::{SPARSE_WIDTH, Slot, V4Index};
use crate::walk::octets::{ORDER, OctetSet, rank};
use std::iter::Peekable;
use std::sync::Arc;

/// See the module. Holds the changed addresses of one /16 at a time.
pub(super) struct V4Changes<'a> {
    before: &'a V4Index,
    after: &'a V4Index,
    first: u32,
    last: u32,
    /// The first octets that are left, and the second ones of the present first one.
    left: [OctetSet; 2],
    octet: u8,
    /// The changed addresses of the present /16, the next one last.
    waiting: Vec<u32>,
}

impl<'a> V4Changes<'a> {
    /// Between these addresses.
    pub fn new(before: &'a V4Index, after: &'a V4Index, first: u32, last: u32) -> V4Changes<'a> {
        let mut left = OctetSet::default();
        if !Arc::ptr_eq(&before.root, &after.root) {
            for octet in (first >> 24) as u8..=(last >> 24) as u8 {
                let [old, new] = [before, after].map(|index| index.root[usize::from(octet)].as_ref());
                if !same(old, new, Arc::ptr_eq) {
                    left.insert(octet);
                }
            }
        }
        let left = [left, OctetSet::default()];
        V4Changes { before, after, first, last, left, octet: 0, waiting: Vec::new() }
    }

    fn slots(&self, second: u8) -> [&'a Slot; 2] {
        [self.before, self.after].map(|index| {
            let octet = index.root[usize::from(self.octet)].as_ref();
            octet.map_or(&Slot::Empty, |octet| &octet[usize::from(second)])
        })
    }

    /// Of the octets below a prefix of `bits`, those that are asked for.
    fn asked(&self, bits: u32, shift: u32) -> std::ops::RangeInclusive<u8> {
        let low = (1u32 << (shift + 8)) - 1;
        let (first, last) = (self.first.max(bits), self.last.min(bits | low));
        (first >> shift) as u8..=(last >> shift) as u8
    }

    fn enter_8(&mut self, octet: u8) {
        self.octet = octet;
        for second in self.asked(u32::from(octet) << 24, 16) {
            let [old, new] = self.slots(second);
            let is_same = match (old, new) {
                (Slot::Empty, Slot::Empty) => true,
                (Slot::Sparse(old), Slot::Sparse(new)) => Arc::ptr_eq(&old.0, &new.0),
                (Slot::Dense(old), Slot::Dense(new)) => Arc::ptr_eq(old, new),
                _ => false,
            };
            if !is_same {
                self.left[1].insert(second);
            }
        }
    }

    fn enter_16(&mut self, second: u8) {
        let bits = u32::from(self.octet) << 24 | u32::from(second) << 16;
        let (first, last) = (self.first, self.last);
        match self.slots(second) {
            [Slot::Dense(old), Slot::Dense(new)] => {
                let asked = self.asked(bits, 8);
                for third in ORDER.iter().rev().filter(|third| asked.contains(third)) {
                    let [old, new] = [old, new].map(|pages| pages[usize::from(*third)].as_ref());
                    if same(old, new, |old, new| Arc::ptr_eq(&old.0, &new.0)) {
                        continue;
                    }
                    let mut changed = OctetSet::default();
                    direct_changes(old, new, |fourth| changed.insert(fourth));
                    let start = self.waiting.len();
                    while let Some(fourth) = changed.pop() {
                        let address = bits | u32::from(*third) << 8 | u32::from(fourth);
                        if (first..=last).contains(&address) {
                            self.waiting.push(address);
                        }
                    }
                    self.waiting[start..].reverse();
                }
            }
            // Five hundred entries at most on one side; on the other too, but where a /16 has just become another kind.
            slots => {
                let [old, new] = slots.map(entries);
                let (mut old, mut new) = (old.peekable(), new.peekable());
                while let Some(low) = lower(&mut old, &mut new) {
                    let old = old.next_if(|(at, _)| *at == low).map(|(_, ptr)| ptr);
                    let new = new.next_if(|(at, _)| *at == low).map(|(_, ptr)| ptr);
                    let address = bits | u32::from(low);
                    if (first..=last).contains(&address) && !same(old, new, |old, new| old.shows_as(&new)) {
                        self.waiting.push(address);
                    }
                }
                let place = |address: &u32| (rank((address >> 8) as u8), rank(*address as u8));
                self.waiting.sort_unstable_by_key(|address| std::cmp::Reverse(place(address)));
            }
        }
    }
}

impl Iterator for V4Changes<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        loop {
            if let Some(address) = self.waiting.pop() {
                return Some(address);
            }
            if let Some(second) = self.left[1].pop() {
                self.enter_16(second);
            } else {
                let octet = self.left[0].pop()?;
                self.enter_8(octet);
            }
        }
    }
}

/// Whether neither is there, or both are and the same.
fn same<T>(old: Option<T>, new: Option<T>, is: impl Fn(T, T) -> bool) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => is(old, new),
        (None, None) => true,
        _ => false,
    }
}

/// Names the last octets at which two direct pages differ, in the order of numbers.
fn direct_changes(before: Option<&Page>, after: Option<&Page>, mut each: impl FnMut(u8)) {
    let [old, new] = [before, after].map(|page| page.map_or([0; 8], Page::bitmap));
    let (mut old_nth, mut new_nth) = (0, 0);
    for nth in 0..8 {
        let mut left = old[nth] | new[nth];
        while left != 0 {
            let bit = left & left.wrapping_neg();
            let was = before.filter(|_| old[nth] & bit != 0).map(|page| page.entry(old_nth));
            let is = after.filter(|_| new[nth] & bit != 0).map(|page| page.entry(new_nth));
            let is_same = match (&was, &is) {
                (Some(was), Some(is)) => was.shows_as(is),
                _ => false,
            };
            old_nth += usize::from(was.is_some());
            new_nth += usize::from(is.is_some());
            if !is_same {
                each((nth * 32) as u8 + bit.trailing_zeros() as u8);
            }
            left &= left - 1;
        }
    }
}

type Entry<'a> = (u16, crate::page::PtrRef<'a>);

/// The RRsets of a /16 by their last two octets.
fn entries(slot: &Slot) -> Box<dyn Iterator<Item = Entry<'_>> + '_> {
    match slot {
        Slot::Empty => Box::new(std::iter::empty()),
        Slot::Sparse(page) => {
            Box::new((0..page.len()).map(|nth| (page.key(nth, SPARSE_WIDTH) as u16, page.nth(nth))))
        }
        Slot::Dense(pages) => Box::new(pages.iter().enumerate().flat_map(|(third, page)| {
            let entries = page.iter().flat_map(Page::direct_entries);
            entries.map(move |(fourth, ptr)| ((third as u16) << 8 | u16::from(fourth), ptr))
        })),
    }
}

fn lower<'a, I: Iterator<Item = Entry<'a>>>(a: &mut Peekable<I>, b: &mut Peekable<I>) -> Option<u16> {
    [a.peek(), b.peek()].into_iter().flatten().map(|(at, _)| *at).min()
}
