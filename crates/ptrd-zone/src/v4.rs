//! The IPv4 index: a persistent radix by octet down to /16, then one keyed page while a /16 is sparse, or 256 direct
//! pages of a /24 each.

use crate::page::{Draft, Form, Page, PageAhead, PtrRef};
use ptrd_wire::Ttl;
use std::sync::Arc;

/// A /16 with more RRsets than this gets a page for each /24.
const SPARSE_MAX: usize = 512;
pub(crate) const SPARSE_WIDTH: usize = 2;

/// See the module. A clone shares everything.
#[derive(Clone)]
pub(crate) struct V4Index {
    pub(crate) root: Arc<[Option<Arc<Octet>>; 256]>,
    count: usize,
}

/// The 256 /16 of a /8.
pub(crate) type Octet = [Slot; 256];

#[derive(Clone)]
pub(crate) enum Slot {
    Empty,
    Sparse(Page),
    Dense(Arc<[Option<Page>; 256]>),
}

/// What an address is to hold; `None` removes.
pub(crate) type Wanted<'a> = Option<(Ttl, bool, &'a [u8])>;

impl Default for V4Index {
    fn default() -> V4Index {
        V4Index { root: Arc::new([const { None }; 256]), count: 0 }
    }
}

impl V4Index {
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    #[inline]
    fn slot(&self, address: u32) -> Option<&Slot> {
        self.root[(address >> 24) as usize].as_ref().map(|octet| &octet[(address >> 16) as usize & 255])
    }

    #[inline]
    pub(crate) fn find(&self, address: u32) -> Option<PtrRef<'_>> {
        match self.slot(address)? {
            Slot::Empty => None,
            Slot::Dense(pages) => pages[(address >> 8) as usize & 255].as_ref()?.direct(address as u8),
            Slot::Sparse(page) => {
                let nth = page.search(u128::from(address & 0xffff), SPARSE_WIDTH).ok()?;
                Some(page.nth(nth))
            }
        }
    }

    /// The page that [`V4Index::find`] will read.
    #[inline]
    pub(crate) fn ahead(&self, address: u32) -> Option<PageAhead<'_>> {
        match self.slot(address)? {
            Slot::Empty => None,
            Slot::Dense(pages) => {
                let page = pages[(address >> 8) as usize & 255].as_ref()?;
                Some(PageAhead::new(page, Form::Direct, u128::from(address & 0xff)))
            }
            Slot::Sparse(page) => {
                Some(PageAhead::new(page, Form::Keyed(SPARSE_WIDTH), u128::from(address & 0xffff)))
            }
        }
    }

    /// The lowest address with an RRset that is at least `address`.
    pub(crate) fn next_from(&self, address: u32) -> Option<u32> {
        let mut at = address;
        loop {
            let Some(octet) = &self.root[(at >> 24) as usize] else {
                at = (at | 0x00ff_ffff).checked_add(1)?;
                continue;
            };
            let found = match &octet[(at >> 16) as usize & 255] {
                Slot::Empty => None,
                Slot::Sparse(page) => {
                    let nth = page.search(u128::from(at & 0xffff), SPARSE_WIDTH).unwrap_or_else(|next| next);
                    (nth < page.len()).then(|| at & 0xffff_0000 | page.key(nth, SPARSE_WIDTH) as u32)
                }
                Slot::Dense(pages) => next_in_dense(pages, at),
            };
            match found {
                Some(found) => return Some(found),
                None => at = (at | 0xffff).checked_add(1)?,
            }
        }
    }

    /// How many addresses from `first` to `last` have an RRset. Pages that lie within are counted by their lengths.
    pub(crate) fn count(&self, first: u32, last: u32) -> usize {
        let (mut at, mut count) = (first, 0);
        while at <= last {
            let slot = self.slot(at);
            let end = match slot {
                None => at | 0x00ff_ffff,
                Some(Slot::Empty | Slot::Sparse(_)) => at | 0xffff,
                Some(Slot::Dense(_)) => at | 0xff,
            };
            let to = end.min(last);
            count += match slot {
                None | Some(Slot::Empty) => 0,
                Some(Slot::Sparse(page)) => {
                    page.keyed_count(u128::from(at & 0xffff), u128::from(to & 0xffff), SPARSE_WIDTH)
                }
                Some(Slot::Dense(pages)) => match &pages[(at >> 8) as usize & 255] {
                    None => 0,
                    Some(page) if to - at == 0xff => page.len(),
                    Some(page) => page.direct_count(at as u8, to as u8),
                },
            };
            let Some(next) = end.checked_add(1) else { break };
            at = next;
        }
        count
    }

    /// Names the octets below a prefix of `depth` octets that may lead to an RRset; at depth 3, exactly those that have
    /// one. Returns the page that a /24 is in, and whether that is a direct one.
    pub(crate) fn children(
        &self,
        bits: u32,
        depth: usize,
        mut each: impl FnMut(u8),
    ) -> Option<(&Page, bool)> {
        if depth == 0 {
            (0..=255u8).filter(|n| self.root[usize::from(*n)].is_some()).for_each(each);
            return None;
        }
        let octet = self.root[(bits >> 24) as usize].as_ref()?;
        if depth == 1 {
            (0..=255u8).filter(|n| !matches!(octet[usize::from(*n)], Slot::Empty)).for_each(each);
            return None;
        }
        match &octet[(bits >> 16) as usize & 255] {
            Slot::Empty => None,
            Slot::Dense(pages) if depth == 2 => {
                (0..=255u8).filter(|n| pages[usize::from(*n)].is_some()).for_each(each);
                None
            }
            Slot::Dense(pages) => {
                let page = pages[(bits >> 8) as usize & 255].as_ref()?;
                page.direct_octets(each);
                Some((page, true))
            }
            Slot::Sparse(page) if depth == 2 => {
                (0..page.len()).for_each(|nth| each((page.key(nth, SPARSE_WIDTH) >> 8) as u8));
                None
            }
            Slot::Sparse(page) => {
                let from = u128::from(bits & 0xff00);
                let start = page.search(from, SPARSE_WIDTH).unwrap_or_else(|next| next);
                let keys = (start..page.len()).map(|nth| page.key(nth, SPARSE_WIDTH));
                keys.take_while(|key| key & 0xff00 == from).for_each(|key| each(key as u8));
                Some((page, false))
            }
        }
    }

    /// Puts or removes RRsets; addresses must rise.
    pub(crate) fn apply(&mut self, draft: &mut Draft, changes: &[(u32, Wanted<'_>)]) {
        for group in changes.chunk_by(|a, b| a.0 >> 16 == b.0 >> 16) {
            self.apply_to_16(draft, group);
        }
    }

    fn apply_to_16(&mut self, draft: &mut Draft, changes: &[(u32, Wanted<'_>)]) {
        let address = changes[0].0;
        let octet = Arc::make_mut(&mut self.root)[(address >> 24) as usize]
            .get_or_insert_with(|| Arc::new([const { Slot::Empty }; 256]));
        let slot = &mut Arc::make_mut(octet)[(address >> 16) as usize & 255];
        if let Slot::Dense(pages) = slot {
            let pages = Arc::make_mut(pages);
            for group in changes.chunk_by(|a, b| a.0 >> 8 == b.0 >> 8) {
                let page = &mut pages[(group[0].0 >> 8) as usize & 255];
                let before = page.as_ref().map_or(0, Page::len);
                if let Some(spliced) = spliced(page.as_ref(), Form::Direct, group, 0xff) {
                    self.count = self.count + spliced.len() - before;
                    *page = Some(spliced);
                    continue;
                }
                draft.clear();
                let old = page.iter().flat_map(Page::direct_entries).map(|(n, entry)| (u128::from(n), entry));
                merge(draft, old, group, 0xff);
                *page = (!draft.is_empty()).then(|| draft.build(Form::Direct, 0, draft.len()));
                self.count = self.count + draft.len() - before;
            }
            if pages.iter().all(Option::is_none) {
                *slot = Slot::Empty;
            }
            return;
        }
        if let Slot::Sparse(page) = slot
            && page.len() < SPARSE_MAX
            && let Some(spliced) = spliced(Some(page), Form::Keyed(SPARSE_WIDTH), changes, 0xffff)
        {
            self.count = self.count + spliced.len() - page.len();
            *page = spliced;
            return;
        }
        draft.clear();
        let mut before = 0;
        match slot {
            Slot::Sparse(page) => {
                before = page.len();
                let old = (0..page.len()).map(|nth| (page.key(nth, SPARSE_WIDTH), page.nth(nth)));
                merge(draft, old, changes, 0xffff);
            }
            _ => merge(draft, std::iter::empty(), changes, 0xffff),
        }
        *slot = slot_of(draft);
        self.count = self.count + draft.len() - before;
    }
}

/// The page with a single change spliced in, if that is all there is to change and it can be done.
fn spliced(page: Option<&Page>, form: Form, changes: &[(u32, Wanted<'_>)], mask: u32) -> Option<Page> {
    let [(address, wanted)] = changes else { return None };
    page?.splice(form, u128::from(address & mask), wanted)
}

fn next_in_dense(pages: &[Option<Page>; 256], address: u32) -> Option<u32> {
    let first = (address >> 8) as usize & 255;
    for (nth, page) in pages.iter().enumerate().skip(first) {
        let from = if nth == first { address as u8 } else { 0 };
        if let Some(octet) = page.as_ref().and_then(|page| page.direct_from(from)) {
            return Some(address & 0xffff_0000 | (nth as u32) << 8 | u32::from(octet));
        }
    }
    None
}

/// Fills `draft` with the old entries as changed; keys are the low bits of addresses.
fn merge<'p>(
    draft: &mut Draft,
    old: impl Iterator<Item = (u128, PtrRef<'p>)>,
    changes: &[(u32, Wanted<'_>)],
    mask: u32,
) {
    let mut changes = changes.iter().map(|(address, wanted)| (u128::from(address & mask), wanted)).peekable();
    let put = |draft: &mut Draft, key, wanted: &Wanted<'_>| {
        if let Some((ttl, inherited, names)) = wanted {
            draft.push(key, *ttl, *inherited, names);
        }
    };
    for (key, entry) in old {
        while let Some((earlier, wanted)) = changes.next_if(|(change, _)| *change < key) {
            put(draft, earlier, wanted);
        }
        match changes.next_if(|(change, _)| *change == key) {
            Some((_, wanted)) => put(draft, key, wanted),
            None => draft.push_ref(key, entry),
        }
    }
    changes.for_each(|(key, wanted)| put(draft, key, wanted));
}

/// A /16 of the entries in `draft`, whose keys are the low 16 bits.
fn slot_of(draft: &mut Draft) -> Slot {
    match draft.len() {
        0 => Slot::Empty,
        n if n <= SPARSE_MAX => Slot::Sparse(draft.build(Form::Keyed(SPARSE_WIDTH), 0, n)),
        n => {
            let mut pages = [const { None }; 256];
            let mut from = 0;
            while from < n {
                let third = (draft.key(from) >> 8) as usize;
                let to = (from..n).find(|&nth| (draft.key(nth) >> 8) as usize != third).unwrap_or(n);
                pages[third] = Some(draft.build(Form::Direct, from, to));
                from = to;
            }
            Slot::Dense(Arc::new(pages))
        }
    }
}

/// Builds an index from RRsets in the order of addresses, a /16 at a time.
#[derive(Default)]
pub(crate) struct V4Loader {
    index: V4Index,
    draft: Draft,
    high: u32,
}

impl V4Loader {
    /// The next RRset. Addresses must rise.
    #[inline]
    pub(crate) fn push(&mut self, address: u32, ttl: Ttl, inherited: bool, names: &[u8]) {
        if address >> 16 != self.high {
            self.flush();
            self.high = address >> 16;
        }
        self.draft.push(u128::from(address & 0xffff), ttl, inherited, names);
    }

    fn flush(&mut self) {
        if self.draft.is_empty() {
            return;
        }
        let root = Arc::make_mut(&mut self.index.root);
        let octet =
            root[(self.high >> 8) as usize].get_or_insert_with(|| Arc::new([const { Slot::Empty }; 256]));
        self.index.count += self.draft.len();
        Arc::make_mut(octet)[self.high as usize & 255] = slot_of(&mut self.draft);
        self.draft.clear();
    }

    /// The finished index.
    pub(crate) fn finish(mut self) -> V4Index {
        self.flush();
        self.index
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn wire(n: u32) -> Vec<u8> {
        let label = format!("h{n}");
        let mut wire = vec![label.len() as u8];
        wire.extend_from_slice(label.as_bytes());
        wire.extend_from_slice(b"\x07example\x00");
        wire
    }

    #[test]
    fn behaves_like_a_map_through_random_changes() {
        let mut seed = 7u64;
        let mut random = move |below: u32| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as u32 % below
        };
        let (mut index, mut model, mut draft) = (V4Index::default(), BTreeMap::new(), Draft::default());
        for round in 0..300 {
            let kept = index.clone();
            let kept_model = model.clone();
            let mut batch = BTreeMap::new();
            for _ in 0..1 + random(60) {
                let address = random(3) << 24 | random(2) << 16 | random(6) << 8 | random(256);
                batch.insert(
                    address,
                    (random(3) > 0).then(|| (random(50), random(2) == 0, wire(random(1000)))),
                );
            }
            let changes: Vec<(u32, Wanted<'_>)> = batch
                .iter()
                .map(|(a, set)| {
                    (*a, set.as_ref().map(|(ttl, i, names)| (Ttl::from_secs(*ttl), *i, names.as_slice())))
                })
                .collect();
            index.apply(&mut draft, &changes);
            for (address, set) in batch {
                match set {
                    Some(set) => model.insert(address, set),
                    None => model.remove(&address),
                };
            }
            check(&index, &model);
            let ends = [random(4) << 24, random(3) << 24 | random(1 << 17)].map(|end| end | random(1 << 11));
            let (first, last) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
            assert_eq!(index.count(first, last), model.range(first..=last).count(), "{first:x} to {last:x}");
            assert_eq!(index.count(0, u32::MAX), model.len());
            if round % 50 == 0 {
                check(&kept, &kept_model);
                let mut loader = V4Loader::default();
                model.iter().for_each(|(a, (ttl, i, n))| loader.push(*a, Ttl::from_secs(*ttl), *i, n));
                check(&loader.finish(), &model);
            }
        }
        assert!(model.len() > SPARSE_MAX, "both forms were met");
    }

    fn check(index: &V4Index, model: &BTreeMap<u32, (u32, bool, Vec<u8>)>) {
        assert_eq!(index.len(), model.len());
        let mut at = 0;
        for (address, (ttl, inherited, names)) in model {
            assert_eq!(index.next_from(at), Some(*address));
            let entry = index.find(*address).expect("an entry");
            let mut packed = Vec::new();
            entry.pack_into(&mut packed);
            assert_eq!((entry.ttl().as_secs(), entry.is_inherited(), &packed), (*ttl, *inherited, names));
            at = address + 1;
            assert_eq!(index.find(at).is_some(), model.contains_key(&at));
        }
        assert_eq!(index.next_from(at), None);
    }
}
