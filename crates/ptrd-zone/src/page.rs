//! A page: the PTR RRsets of some neighbouring addresses in one immutable allocation.
//!
//! Names share their endings inside the page, so a PTR costs its leading labels and six octets. A page is either
//! *direct* (the 256 addresses of a /24, found by bitmap and rank) or *keyed* (any addresses, sorted keys with their
//! common start stripped): dense and sparse space each have the form that fits. Pages are never altered; a change
//! builds a new one from a [`Draft`].
//!
//! Layout, numbers little-endian:
//!
//! ```text
//!  0  u8 flags (1 keyed, 2 wide offsets)   1  u8 octets of a stripped key
//!  2  u16 entries                          4  u8 TTLs   5  u8 octets of the stripped start
//!  6  u8 splices since the page was built, u8 spare
//!  8  u32 start of records                12  TTLs, u32 each
//!     direct: 32 octets bitmap, 8 octets rank before each 32 bits     keyed: start, then the keys
//!     offsets of records, u16 (wide: u32) each
//!     endings: u8 length, wire octets
//!     records: u8 head (0–4 TTL index, 5 inherited, 6 several names) [u16 count]
//!              for each name: offset of its ending, u8 length and octets of its leading labels
//! ```
//!
//! Rejected: a pointer per name (8 octets and a cache miss each), whole names (twice the memory), TTL in each
//! record (four octets where nearly all are alike).

use ptrd_wire::Ttl;
use std::sync::Arc;

const KEYED: u8 = 1;
pub(crate) const WIDE: u8 = 2;
pub(crate) const TTL_INLINE: u8 = 31;
const INHERITED: u8 = 32;
const SEVERAL: u8 = 64;
const FIXED: usize = 12;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Page(pub(crate) Arc<[u8]>);

/// The PTR RRset of an address, borrowed from its page.
#[derive(Clone, Copy)]
pub struct PtrRef<'a> {
    page: &'a [u8],
    record: usize,
    endings: usize,
}

/// A target of a PTR: its leading labels and its ending, to be written one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetRef<'a> {
    /// Leading labels in wire form, without an end.
    pub head: &'a [u8],
    /// The rest in wire form, root label included.
    pub ending: &'a [u8],
}

impl TargetRef<'_> {
    /// Octets of the name in wire form.
    pub fn wire_len(&self) -> usize {
        self.head.len() + self.ending.len()
    }
}

#[inline]
pub(crate) fn u16_at(octets: &[u8], at: usize) -> usize {
    usize::from(u16::from_le_bytes([octets[at], octets[at + 1]]))
}

#[inline]
pub(crate) fn u32_at(octets: &[u8], at: usize) -> usize {
    u32::from_le_bytes([octets[at], octets[at + 1], octets[at + 2], octets[at + 3]]) as usize
}

impl Page {
    #[inline]
    fn is_wide(&self) -> bool {
        self.0[0] & WIDE != 0
    }

    pub(crate) fn from_octets(octets: &[u8]) -> Page {
        Page(octets.into())
    }

    /// How many addresses have an RRset here.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        u16_at(&self.0, 2)
    }

    /// Octets that the page takes, the reference counts included.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        self.0.len() + 16
    }

    #[inline]
    pub(crate) fn index_start(&self) -> usize {
        FIXED + 4 * usize::from(self.0[4])
    }

    #[inline]
    pub(crate) fn keys_start(&self) -> usize {
        self.index_start() + usize::from(self.0[5])
    }

    #[inline]
    pub(crate) fn offsets_start(&self) -> usize {
        match self.0[0] & KEYED {
            0 => self.index_start() + 40,
            _ => self.keys_start() + self.len() * usize::from(self.0[1]),
        }
    }

    #[inline]
    pub(crate) fn entry(&self, nth: usize) -> PtrRef<'_> {
        let offsets = self.offsets_start();
        let records = u32_at(&self.0, 8);
        let width = if self.is_wide() { 4 } else { 2 };
        let offset =
            if width == 4 { u32_at(&self.0, offsets + 4 * nth) } else { u16_at(&self.0, offsets + 2 * nth) };
        PtrRef { page: &self.0, record: records + offset, endings: offsets + width * self.len() }
    }

    /// The RRset of the address with this last octet, in a direct page.
    #[inline]
    pub(crate) fn direct(&self, octet: u8) -> Option<PtrRef<'_>> {
        self.direct_place(octet).map(|nth| self.entry(nth))
    }

    #[inline]
    fn direct_place(&self, octet: u8) -> Option<usize> {
        let bitmap = self.index_start();
        let word = u32_at(&self.0, bitmap + usize::from(octet >> 5) * 4) as u32;
        let bit = 1u32 << (octet & 31);
        if word & bit == 0 {
            return None;
        }
        let before = usize::from(self.0[bitmap + 32 + usize::from(octet >> 5)]);
        Some(before + (word & (bit - 1)).count_ones() as usize)
    }

    /// The lowest last octet of a direct page that is at least `octet`.
    pub(crate) fn direct_from(&self, octet: u8) -> Option<u8> {
        let bitmap = self.index_start();
        let mut word_at = usize::from(octet >> 5);
        let mut word = u32_at(&self.0, bitmap + word_at * 4) as u32 & (u32::MAX << (octet & 31));
        loop {
            if word != 0 {
                return Some((word_at * 32) as u8 + word.trailing_zeros() as u8);
            }
            word_at += 1;
            if word_at == 8 {
                return None;
            }
            word = u32_at(&self.0, bitmap + word_at * 4) as u32;
        }
    }

    /// Names the last octets of a direct page, in their order.
    #[inline]
    pub(crate) fn direct_octets(&self, mut each: impl FnMut(u8)) {
        let bitmap = self.index_start();
        for nth in 0..8 {
            let mut word = u32_at(&self.0, bitmap + nth * 4) as u32;
            while word != 0 {
                each((nth * 32) as u8 + word.trailing_zeros() as u8);
                word &= word - 1;
            }
        }
    }

    /// How many last octets of a direct page lie from `first` to `last`.
    pub(crate) fn direct_count(&self, first: u8, last: u8) -> usize {
        let mut count = 0;
        self.direct_octets(|octet| count += usize::from((first..=last).contains(&octet)));
        count
    }

    /// How many keys of a keyed page lie from `first` to `last`.
    pub(crate) fn keyed_count(&self, first: u128, last: u128, width: usize) -> usize {
        let start = self.search(first, width).unwrap_or_else(|next| next);
        let end = self.search(last, width).map_or_else(|next| next, |found| found + 1);
        end.saturating_sub(start)
    }

    /// Key `nth` of a keyed page, whose keys have `width` octets before stripping.
    pub(crate) fn key(&self, nth: usize, width: usize) -> u128 {
        let stripped = usize::from(self.0[1]);
        let start = width - stripped;
        let mut key = [0u8; 16];
        key[16 - width..16 - width + start]
            .copy_from_slice(&self.0[self.index_start()..self.index_start() + start]);
        let at = self.keys_start() + nth * stripped;
        key[16 - stripped..].copy_from_slice(&self.0[at..at + stripped]);
        u128::from_be_bytes(key)
    }

    /// Where `key` stands in a keyed page: `Ok` of its place, or `Err` of the place of the next greater one.
    #[inline]
    pub(crate) fn search(&self, key: u128, width: usize) -> Result<usize, usize> {
        let stripped = usize::from(self.0[1]);
        let start = &self.0[self.index_start()..self.keys_start()];
        let octets = key.to_be_bytes();
        let wanted = &octets[16 - width..];
        match start.cmp(&wanted[..start.len()]) {
            std::cmp::Ordering::Less => return Err(self.len()),
            std::cmp::Ordering::Greater => return Err(0),
            std::cmp::Ordering::Equal => {}
        }
        let keys = &self.0[self.keys_start()..self.keys_start() + self.len() * stripped];
        let wanted = &wanted[start.len()..];
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = (low + high) / 2;
            if &keys[middle * stripped..(middle + 1) * stripped] < wanted {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let found = low < self.len() && &keys[low * stripped..(low + 1) * stripped] == wanted;
        if found { Ok(low) } else { Err(low) }
    }

    /// The RRset at a place of a keyed page.
    #[inline]
    pub(crate) fn nth(&self, nth: usize) -> PtrRef<'_> {
        self.entry(nth)
    }

    /// The last octets in a direct page, a bit each.
    #[inline]
    pub(crate) fn bitmap(&self) -> [u32; 8] {
        let at = self.index_start();
        std::array::from_fn(|nth| u32_at(&self.0, at + nth * 4) as u32)
    }

    /// All entries of a direct page.
    pub(crate) fn direct_entries(&self) -> impl Iterator<Item = (u8, PtrRef<'_>)> {
        let mut next = Some(0u8);
        std::iter::from_fn(move || {
            let octet = self.direct_from(next?)?;
            next = octet.checked_add(1);
            Some((octet, self.direct(octet)?))
        })
    }

    /// The octets of the page.
    #[inline]
    pub(crate) fn octets(&self) -> &[u8] {
        &self.0
    }
}

/// A page that a lookup is about to read, and what it looks for there: the steps of the lookup one by one, so that
/// each can be fetched ahead for many lookups before the next one reads it.
#[derive(Clone, Copy)]
pub struct PageAhead<'a> {
    page: &'a Page,
    form: Form,
    key: u128,
}

impl<'a> PageAhead<'a> {
    pub(crate) fn new(page: &'a Page, form: Form, key: u128) -> PageAhead<'a> {
        PageAhead { page, form, key }
    }

    /// What is read first: the page's head and its index.
    #[inline]
    pub fn index(&self) -> [&'a [u8]; 2] {
        let octets = self.page.octets();
        [octets, octets.get(64..).unwrap_or_default()]
    }

    /// The entry's place, once the index is there: what is read next.
    #[inline]
    pub fn place(&self) -> Option<(usize, &'a [u8])> {
        let nth = match self.form {
            Form::Direct => self.page.direct_place(self.key as u8)?,
            Form::Keyed(width) => self.page.search(self.key, width).ok()?,
        };
        let width = if self.page.is_wide() { 4 } else { 2 };
        Some((nth, &self.page.octets()[self.page.offsets_start() + width * nth..]))
    }

    /// The record of a place, once its offset is there, and the ending that most names of a page share.
    #[inline]
    pub fn record(&self, nth: usize) -> [&'a [u8]; 2] {
        let entry = self.page.entry(nth);
        [&entry.page[entry.record..], &entry.page[entry.endings..]]
    }
}

impl<'a> PtrRef<'a> {
    /// The TTL that answers carry.
    #[inline]
    pub fn ttl(&self) -> Ttl {
        match self.page[self.record] & 31 {
            TTL_INLINE => Ttl::from_secs(u32_at(self.page, self.record + 1) as u32),
            index => Ttl::from_secs(u32_at(self.page, FIXED + 4 * usize::from(index)) as u32),
        }
    }

    /// Whether that TTL comes from a block or the defaults.
    pub fn is_inherited(&self) -> bool {
        self.page[self.record] & INHERITED != 0
    }

    /// How many targets.
    #[inline]
    pub fn len(&self) -> usize {
        if self.page[self.record] & SEVERAL == 0 { 1 } else { u16_at(self.page, self.after_ttl()) }
    }

    /// Never: an RRset has a record.
    pub fn is_empty(&self) -> bool {
        false
    }

    #[inline]
    fn after_ttl(&self) -> usize {
        self.record + if self.page[self.record] & 31 == TTL_INLINE { 5 } else { 1 }
    }

    /// The targets.
    #[inline]
    pub fn targets(&self) -> impl Iterator<Item = TargetRef<'a>> + use<'a> {
        let PtrRef { page, endings, .. } = *self;
        let wide = page[0] & WIDE != 0;
        let several = page[self.record] & SEVERAL != 0;
        let mut at = self.after_ttl() + if several { 2 } else { 0 };
        let mut left = self.len();
        std::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let ending = endings + if wide { u32_at(page, at) } else { u16_at(page, at) };
            at += if wide { 4 } else { 2 };
            let head = &page[at + 1..at + 1 + usize::from(page[at])];
            at += 1 + head.len();
            Some(TargetRef { head, ending: &page[ending + 1..ending + 1 + usize::from(page[ending])] })
        })
    }

    /// Whether TTL and targets are the same octets in the same order.
    #[inline]
    pub(crate) fn shows_as(&self, other: &PtrRef<'_>) -> bool {
        if self.ttl() != other.ttl() {
            return false;
        }
        match (self.single(), other.single()) {
            (Some(one), Some(another)) => one == another,
            (None, None) => self.targets().eq(other.targets()),
            _ => false,
        }
    }

    /// The target, where it is the only one.
    #[inline]
    fn single(&self) -> Option<TargetRef<'a>> {
        if self.page[self.record] & SEVERAL == 0 { self.targets().next() } else { None }
    }

    /// Appends the targets as whole wire names, one after the other.
    pub fn pack_into(&self, out: &mut Vec<u8>) {
        for target in self.targets() {
            out.extend_from_slice(target.head);
            out.extend_from_slice(target.ending);
        }
    }
}

impl std::fmt::Debug for PtrRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PtrRef").field("ttl", &self.ttl()).field("targets", &self.len()).finish()
    }
}

/// The entries of a page to be. Meant to be kept and cleared: it allocates only while it grows.
#[derive(Default)]
pub(crate) struct Draft {
    names: Vec<u8>,
    entries: Vec<Entry>,
    targets: Vec<Target>,
    endings: Endings,
    out: Vec<u8>,
}

#[derive(Clone, Copy)]
struct Entry {
    key: u128,
    ttl: u32,
    inherited: bool,
    names: (u32, u32),
}

#[derive(Clone, Copy)]
struct Target {
    start: u32,
    head: u32,
    end: u32,
    ending: u32,
}

/// How the entries of a page are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Keys are last octets.
    Direct,
    /// Keys have this many octets.
    Keyed(usize),
}

impl Draft {
    pub(crate) fn clear(&mut self) {
        self.names.clear();
        self.entries.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The key of an entry.
    pub(crate) fn key(&self, nth: usize) -> u128 {
        self.entries[nth].key
    }

    /// Appends an entry; keys must rise. `names` is one or more whole wire names.
    pub(crate) fn push(&mut self, key: u128, ttl: Ttl, inherited: bool, names: &[u8]) {
        debug_assert!(self.entries.last().is_none_or(|last| last.key < key), "keys rise");
        let start = self.names.len() as u32;
        self.names.extend_from_slice(names);
        self.entries.push(Entry {
            key,
            ttl: ttl.as_secs(),
            inherited,
            names: (start, self.names.len() as u32),
        });
    }

    /// Appends an entry that stands in another page.
    pub(crate) fn push_ref(&mut self, key: u128, entry: PtrRef<'_>) {
        let start = self.names.len() as u32;
        entry.pack_into(&mut self.names);
        let names = (start, self.names.len() as u32);
        self.entries.push(Entry { key, ttl: entry.ttl().as_secs(), inherited: entry.is_inherited(), names });
    }

    /// The page of the entries `from..to`.
    pub(crate) fn build(&mut self, form: Form, from: usize, to: usize) -> Page {
        self.split_names(from, to);
        let endings_len = self.endings.place();
        let records_len: usize = self.entries[from..to].iter().map(|_| 7).sum::<usize>()
            + self.targets.iter().map(|t| 5 + (t.head - t.start) as usize).sum::<usize>();
        let wide = endings_len > 0xffff || records_len > 0xffff;
        let mut ttls: Vec<u32> = Vec::new();
        for entry in &self.entries[from..to] {
            if ttls.len() < usize::from(TTL_INLINE) && !ttls.contains(&entry.ttl) {
                ttls.push(entry.ttl);
            }
        }
        let out = &mut self.out;
        out.clear();
        out.extend_from_slice(&[
            if form == Form::Direct { 0 } else { KEYED } | if wide { WIDE } else { 0 },
            0,
        ]);
        out.extend_from_slice(&((to - from) as u16).to_le_bytes());
        out.extend_from_slice(&[ttls.len() as u8, 0, 0, 0, 0, 0, 0, 0]);
        ttls.iter().for_each(|ttl| out.extend_from_slice(&ttl.to_le_bytes()));
        match form {
            Form::Direct => write_bitmap(out, &self.entries[from..to]),
            Form::Keyed(width) => write_keys(out, &self.entries[from..to], width),
        }
        let offsets = out.len();
        let offset_width = if wide { 4 } else { 2 };
        out.resize(offsets + offset_width * (to - from), 0);
        self.endings.write(out, &self.names);
        let records = out.len();
        out[8..12].copy_from_slice(&(records as u32).to_le_bytes());
        let mut targets = self.targets.iter();
        for (nth, entry) in self.entries[from..to].iter().enumerate() {
            let offset = ((out.len() - records) as u32).to_le_bytes();
            let slot = offsets + offset_width * nth;
            out[slot..slot + offset_width].copy_from_slice(&offset[..offset_width]);
            let index = ttls.iter().position(|&ttl| ttl == entry.ttl).map_or(TTL_INLINE, |index| index as u8);
            let names = &self.names[entry.names.0 as usize..entry.names.1 as usize];
            let count = encode_head(out, index, entry.ttl, entry.inherited, names);
            for target in targets.by_ref().take(count) {
                let ending = self.endings.offset(target.ending).to_le_bytes();
                out.extend_from_slice(&ending[..offset_width]);
                out.push((target.head - target.start) as u8);
                out.extend_from_slice(&self.names[target.start as usize..target.head as usize]);
            }
        }
        Page(out.as_slice().into())
    }

    /// Decides for each target where its leading labels end: at the longest ending that another target shares.
    fn split_names(&mut self, from: usize, to: usize) {
        self.targets.clear();
        self.endings.clear();
        let (Some(first), Some(last)) = (self.entries[from..to].first(), self.entries[from..to].last())
        else {
            return;
        };
        let (mut at, end) = (first.names.0 as usize, last.names.1 as usize);
        while at < end {
            let head = at + usize::from(self.names[at]) + usize::from(self.names[at] != 0);
            let stop = end_of_name(&self.names, at);
            let ending = self.endings.enter(&self.names, head, stop);
            self.targets.push(Target { start: at as u32, head: head as u32, end: stop as u32, ending });
            at = stop;
        }
        for level in 0..2 {
            for target in &mut self.targets {
                // A lone ending gives a label to the head and tries the next shorter one.
                if self.endings.uses(target.ending) == 1 {
                    let head = target.head as usize;
                    let shorter = if self.names[head] == 0 || level == 1 {
                        target.end as usize - 1
                    } else {
                        head + usize::from(self.names[head]) + 1
                    };
                    self.endings.leave(target.ending);
                    target.head = shorter as u32;
                    target.ending = self.endings.enter(&self.names, shorter, target.end as usize);
                }
            }
        }
    }
}

/// Writes what a record starts with, and returns how many names follow.
pub(crate) fn encode_head(
    out: &mut Vec<u8>,
    ttl_index: u8,
    ttl: u32,
    inherited: bool,
    names: &[u8],
) -> usize {
    let count = count_names(names);
    let several = if count == 1 { 0 } else { SEVERAL };
    out.push(ttl_index | several | if inherited { INHERITED } else { 0 });
    if ttl_index == TTL_INLINE {
        out.extend_from_slice(&ttl.to_le_bytes());
    }
    if count != 1 {
        out.extend_from_slice(&(count as u16).to_le_bytes());
    }
    count
}

pub(crate) fn end_of_name(names: &[u8], mut at: usize) -> usize {
    while names[at] != 0 {
        at += usize::from(names[at]) + 1;
    }
    at + 1
}

fn count_names(names: &[u8]) -> usize {
    let (mut at, mut count) = (0, 0);
    while at < names.len() {
        at = end_of_name(names, at);
        count += 1;
    }
    count
}

fn write_bitmap(out: &mut Vec<u8>, entries: &[Entry]) {
    let mut words = [0u32; 8];
    for entry in entries {
        words[(entry.key >> 5) as usize & 7] |= 1 << (entry.key & 31);
    }
    words.iter().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
    let mut rank = 0u32;
    for word in words {
        // 256 entries wrap to 0 only after the last word.
        out.push(rank as u8);
        rank += word.count_ones();
    }
}

fn write_keys(out: &mut Vec<u8>, entries: &[Entry], width: usize) {
    let first = entries.first().map_or(0, |entry| entry.key).to_be_bytes();
    let last = entries.last().map_or(0, |entry| entry.key).to_be_bytes();
    let (first, last) = (&first[16 - width..], &last[16 - width..]);
    let shared = first.iter().zip(last).take_while(|(a, b)| a == b).count();
    // A page of one entry keeps one octet of key, so that widths are never zero.
    let shared = shared.min(width - 1);
    out[1] = (width - shared) as u8;
    out[5] = shared as u8;
    out.extend_from_slice(&first[..shared]);
    for entry in entries {
        out.extend_from_slice(&entry.key.to_be_bytes()[16 - width + shared..]);
    }
}

/// The endings of names in a draft, each once, with the count of its users.
#[derive(Default)]
struct Endings {
    list: Vec<Ending>,
    slots: Vec<u32>,
    last: u32,
}

#[derive(Clone, Copy)]
struct Ending {
    start: u32,
    end: u32,
    uses: u32,
    offset: u32,
}

impl Endings {
    fn clear(&mut self) {
        self.list.clear();
        self.slots.iter_mut().for_each(|slot| *slot = 0);
        self.last = 0;
    }

    fn uses(&self, ending: u32) -> u32 {
        self.list[ending as usize].uses
    }

    fn leave(&mut self, ending: u32) {
        self.list[ending as usize].uses -= 1;
    }

    fn octets<'n>(&self, names: &'n [u8], ending: u32) -> &'n [u8] {
        let Ending { start, end, .. } = self.list[ending as usize];
        &names[start as usize..end as usize]
    }

    fn enter(&mut self, names: &[u8], start: usize, end: usize) -> u32 {
        let wanted = &names[start..end];
        // Neighbours mostly share their ending.
        if (self.last as usize) < self.list.len() && self.octets(names, self.last) == wanted {
            self.list[self.last as usize].uses += 1;
            return self.last;
        }
        if (self.list.len() + 1) * 2 > self.slots.len() {
            self.grow(names);
        }
        let mask = self.slots.len() - 1;
        let mut slot = hash(wanted) as usize & mask;
        loop {
            match self.slots[slot] {
                0 => {
                    self.list.push(Ending { start: start as u32, end: end as u32, uses: 1, offset: 0 });
                    self.slots[slot] = self.list.len() as u32;
                    self.last = self.list.len() as u32 - 1;
                    return self.last;
                }
                used if self.octets(names, used - 1) == wanted => {
                    self.list[used as usize - 1].uses += 1;
                    self.last = used - 1;
                    return self.last;
                }
                _ => slot = (slot + 1) & mask,
            }
        }
    }

    fn grow(&mut self, names: &[u8]) {
        let size = (self.slots.len() * 2).max(64);
        self.slots.clear();
        self.slots.resize(size, 0);
        for nth in 0..self.list.len() as u32 {
            let mut slot = hash(self.octets(names, nth)) as usize & (size - 1);
            while self.slots[slot] != 0 {
                slot = (slot + 1) & (size - 1);
            }
            self.slots[slot] = nth + 1;
        }
    }

    /// Gives each ending in use its offset; the size of all.
    fn place(&mut self) -> usize {
        let mut at = 0;
        for ending in &mut self.list {
            ending.offset = at;
            if ending.uses > 0 {
                at += 1 + ending.end - ending.start;
            }
        }
        at as usize
    }

    fn offset(&self, ending: u32) -> u32 {
        self.list[ending as usize].offset
    }

    fn write(&self, out: &mut Vec<u8>, names: &[u8]) {
        for ending in self.list.iter().filter(|ending| ending.uses > 0) {
            out.push((ending.end - ending.start) as u8);
            out.extend_from_slice(&names[ending.start as usize..ending.end as usize]);
        }
    }
}

/// FNV-1a: inputs are short and the table is rebuilt with every page.
fn hash(octets: &[u8]) -> u32 {
    octets.iter().fold(0x811c_9dc5, |hash, &b| (hash ^ u32::from(b)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests;
