//! The IPv6 index: a persistent B+tree whose leaves are keyed pages.

use crate::page::{Draft, Form, Page, PtrRef};
use crate::tree::{Leaf, Leaves, Tree};
use crate::v4::Wanted;
use ptrd_wire::Ttl;

/// Entries of a page at most.
const PAGE_MAX: usize = 128;
pub(crate) const WIDTH: usize = 16;

impl Leaf for Page {
    type Key = u128;

    fn first_key(&self) -> u128 {
        self.key(0, WIDTH)
    }
}

/// See the module. A clone shares everything.
#[derive(Clone, Default)]
pub(crate) struct V6Index {
    pub(crate) tree: Tree<Page>,
    count: usize,
}

impl V6Index {
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    #[inline]
    pub(crate) fn find(&self, address: u128) -> Option<PtrRef<'_>> {
        let page = self.tree.leaf(|key| *key <= address)?;
        page.search(address, WIDTH).ok().map(|nth| page.nth(nth))
    }

    /// The lowest address with an RRset that is at least `address`.
    pub(crate) fn next_from(&self, address: u128) -> Option<u128> {
        let page = self.tree.leaf(|key| *key <= address)?;
        let nth = page.search(address, WIDTH).unwrap_or_else(|next| next);
        if nth < page.len() {
            return Some(page.key(nth, WIDTH));
        }
        self.tree.leaf_after(|key| *key <= address).map(Leaf::first_key)
    }

    /// How many addresses from `first` to `last` have an RRset. Pages that lie within are counted by their lengths.
    pub(crate) fn count(&self, first: u128, last: u128) -> usize {
        let mut count = 0;
        for page in self.leaves_from(first) {
            if page.first_key() > last {
                break;
            }
            let is_within = page.first_key() >= first && page.key(page.len() - 1, WIDTH) <= last;
            count += if is_within { page.len() } else { page.keyed_count(first, last, WIDTH) };
        }
        count
    }

    /// The page that an address belongs into, and all after it.
    pub(crate) fn leaves_from(&self, address: u128) -> Leaves<'_, Page> {
        self.tree.leaves_from(|key| *key <= address)
    }

    /// Puts or removes RRsets; addresses must rise.
    pub(crate) fn apply(&mut self, draft: &mut Draft, changes: &[(u128, Wanted<'_>)]) {
        let mut count = self.count;
        self.tree.apply(changes, &|change| &change.0, &mut |old, changes| {
            if let (Some(page), [(address, wanted)]) = (old, changes)
                && page.len() < PAGE_MAX
                && let Some(spliced) = page.splice(Form::Keyed(WIDTH), *address, wanted)
            {
                count = count + spliced.len() - page.len();
                return vec![spliced];
            }
            draft.clear();
            let mut changes = changes.iter().peekable();
            let put = |draft: &mut Draft, key: u128, wanted: &Wanted<'_>| {
                if let Some((ttl, inherited, names)) = wanted {
                    draft.push(key, *ttl, *inherited, names);
                }
            };
            for nth in 0..old.map_or(0, Page::len) {
                let Some(page) = old else { break };
                let key = page.key(nth, WIDTH);
                while let Some((earlier, wanted)) = changes.next_if(|change| change.0 < key) {
                    put(draft, *earlier, wanted);
                }
                match changes.next_if(|change| change.0 == key) {
                    Some((_, wanted)) => put(draft, key, wanted),
                    None => draft.push_ref(key, page.nth(nth)),
                }
            }
            changes.for_each(|(key, wanted)| put(draft, *key, wanted));
            count = count + draft.len() - old.map_or(0, Page::len);
            pages_of(draft)
        });
        self.count = count;
    }
}

fn pages_of(draft: &mut Draft) -> Vec<Page> {
    let pages = draft.len().div_ceil(PAGE_MAX);
    (0..pages)
        .map(|nth| {
            draft.build(Form::Keyed(WIDTH), nth * draft.len() / pages, (nth + 1) * draft.len() / pages)
        })
        .collect()
}

/// Builds an index from RRsets in the order of addresses.
#[derive(Default)]
pub(crate) struct V6Loader {
    pages: Vec<Page>,
    draft: Draft,
    count: usize,
}

impl V6Loader {
    /// The next RRset. Addresses must rise.
    pub(crate) fn push(&mut self, address: u128, ttl: Ttl, inherited: bool, names: &[u8]) {
        if self.draft.len() == PAGE_MAX {
            self.flush();
        }
        self.draft.push(address, ttl, inherited, names);
    }

    fn flush(&mut self) {
        self.count += self.draft.len();
        self.pages.extend(pages_of(&mut self.draft));
        self.draft.clear();
    }

    /// The finished index.
    pub(crate) fn finish(mut self) -> V6Index {
        self.flush();
        V6Index { tree: Tree::from_leaves(self.pages), count: self.count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn behaves_like_a_map_through_random_changes() {
        let mut seed = 11u64;
        let mut random = move |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        let (mut index, mut model, mut draft) = (V6Index::default(), BTreeMap::new(), Draft::default());
        for round in 0..100 {
            let mut batch = BTreeMap::new();
            for _ in 0..1 + random(300) {
                let address = 0x2001_0db8u128 << 96 | u128::from(random(4)) << 64 | u128::from(random(500));
                batch.insert(address, (random(4) > 0).then(|| random(50) as u32));
            }
            let changes: Vec<(u128, Wanted<'_>)> = batch
                .iter()
                .map(|(a, ttl)| {
                    (*a, ttl.map(|ttl| (Ttl::from_secs(ttl), false, &b"\x01a\x07example\x00"[..])))
                })
                .collect();
            index.apply(&mut draft, &changes);
            for (address, ttl) in batch {
                match ttl {
                    Some(ttl) => model.insert(address, ttl),
                    None => model.remove(&address),
                };
            }
            let mut loader = V6Loader::default();
            model
                .iter()
                .for_each(|(a, ttl)| loader.push(*a, Ttl::from_secs(*ttl), false, b"\x01a\x07example\x00"));
            let loaded = loader.finish();
            for index in if round % 10 == 0 { vec![&index, &loaded] } else { vec![&index] } {
                assert_eq!(index.len(), model.len());
                let mut at = 0;
                for (address, ttl) in &model {
                    assert_eq!(index.next_from(at), Some(*address));
                    assert_eq!(index.find(*address).map(|entry| entry.ttl().as_secs()), Some(*ttl));
                    at = address + 1;
                    assert_eq!(index.find(at).is_some(), model.contains_key(&at));
                }
                assert_eq!(index.next_from(at), None);
                let base = 0x2001_0db8u128 << 96;
                let ends = [0, 0].map(|_| base | u128::from(random(5)) << 64 | u128::from(random(500)));
                let (first, last) = (ends[0].min(ends[1]), ends[0].max(ends[1]));
                assert_eq!(index.count(first, last), model.range(first..=last).count());
                assert_eq!(index.count(0, u128::MAX), model.len());
            }
        }
    }
}
