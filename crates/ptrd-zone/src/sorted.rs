//! A persistent sorted map for what is derived: read by queries without an allocation, changed entry by entry at the
//! cost of one leaf and the path to it.
//!
//! Rejected: `imbl::OrdMap`, whose searches for neighbours allocate, and a sorted slice, of which a change copies all.

use crate::tree::{Leaf, Leaves, Tree};
use std::borrow::Borrow;
use std::sync::Arc;

/// Entries of a leaf at most.
const LEAF_MAX: usize = 64;

/// See the module. A clone shares everything.
pub(crate) struct Sorted<K: Ord + Clone, V: Clone> {
    pub(crate) tree: Tree<Chunk<K, V>>,
    len: usize,
}

/// Neighbouring entries.
pub(crate) struct Chunk<K, V>(pub(crate) Arc<[(K, V)]>);

impl<K, V> Clone for Chunk<K, V> {
    fn clone(&self) -> Self {
        Chunk(self.0.clone())
    }
}

impl<K: Ord + Clone, V> Leaf for Chunk<K, V> {
    type Key = K;

    fn first_key(&self) -> K {
        self.0[0].0.clone()
    }
}

impl<K: Ord + Clone, V: Clone> Clone for Sorted<K, V> {
    fn clone(&self) -> Self {
        Sorted { tree: self.tree.clone(), len: self.len }
    }
}

impl<K: Ord + Clone, V: Clone> Default for Sorted<K, V> {
    fn default() -> Self {
        Sorted { tree: Tree::default(), len: 0 }
    }
}

impl<K: Ord + Clone, V: Clone> Sorted<K, V> {
    /// A map of these entries, whose keys rise.
    pub(crate) fn from_sorted(entries: Vec<(K, V)>) -> Self {
        let len = entries.len();
        Sorted { tree: Tree::from_leaves(chunks_of(entries)), len }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The value of a key.
    #[inline]
    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.floor(key).filter(|(found, _)| (*found).borrow() == key).map(|(_, value)| value)
    }

    /// The last entry whose key is at most this one.
    #[inline]
    pub(crate) fn floor<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        let leaf = self.tree.leaf(|first| first.borrow() <= key)?;
        let nth = leaf.0.partition_point(|(found, _)| found.borrow() <= key);
        leaf.0.get(nth.checked_sub(1)?).map(|(key, value)| (key, value))
    }

    /// The first entry whose key is at least this one.
    #[inline]
    pub(crate) fn ceiling<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        let leaf = self.tree.leaf(|first| first.borrow() <= key)?;
        let nth = leaf.0.partition_point(|(found, _)| found.borrow() < key);
        let entry = match leaf.0.get(nth) {
            Some(entry) => entry,
            None => self.tree.leaf_after(|first| first.borrow() <= key)?.0.first()?,
        };
        Some((&entry.0, &entry.1))
    }

    /// The last entry.
    pub(crate) fn last(&self) -> Option<(&K, &V)> {
        self.tree.leaf(|_| true)?.0.last().map(|(key, value)| (key, value))
    }

    /// All entries.
    pub(crate) fn iter(&self) -> Entries<'_, K, V> {
        Entries { now: &[], leaves: self.tree.leaves() }
    }

    /// The entries from a key on.
    pub(crate) fn iter_from<Q: Ord + ?Sized>(&self, key: &Q) -> Entries<'_, K, V>
    where
        K: Borrow<Q>,
    {
        let mut leaves = self.tree.leaves_from(|first| first.borrow() <= key);
        let now: &[(K, V)] = leaves.next().map_or(&[], |leaf| &leaf.0);
        Entries { now: &now[now.partition_point(|(found, _)| found.borrow() < key)..], leaves }
    }

    /// Puts and removes (`None`) entries. Keys rise.
    pub(crate) fn apply(&mut self, changes: &[(K, Option<V>)]) {
        let mut len = self.len;
        self.tree.apply(changes, &|change| &change.0, &mut |old, changes| {
            let old: &[(K, V)] = old.map_or(&[], |leaf| &leaf.0);
            let mut entries: Vec<(K, V)> = Vec::with_capacity(old.len() + changes.len());
            let mut rest = old.iter().peekable();
            for (key, value) in changes {
                while let Some(before) = rest.next_if(|entry| entry.0 < *key) {
                    entries.push(before.clone());
                }
                rest.next_if(|entry| entry.0 == *key);
                entries.extend(value.iter().map(|value| (key.clone(), value.clone())));
            }
            entries.extend(rest.cloned());
            len = len + entries.len() - old.len();
            chunks_of(entries)
        });
        self.len = len;
    }
}

fn chunks_of<K, V>(entries: Vec<(K, V)>) -> Vec<Chunk<K, V>> {
    if entries.is_empty() {
        return Vec::new();
    }
    let each = entries.len().div_ceil(entries.len().div_ceil(LEAF_MAX));
    let mut entries = entries.into_iter().peekable();
    let mut chunks = Vec::new();
    while entries.peek().is_some() {
        chunks.push(Chunk(entries.by_ref().take(each).collect()));
    }
    chunks
}

/// Entries in order.
pub(crate) struct Entries<'t, K: Ord + Clone, V> {
    now: &'t [(K, V)],
    leaves: Leaves<'t, Chunk<K, V>>,
}

impl<'t, K: Ord + Clone, V> Entries<'t, K, V> {
    /// The entry that comes next.
    pub(crate) fn peek(&mut self) -> Option<&'t (K, V)> {
        while self.now.is_empty() {
            self.now = &self.leaves.next()?.0;
        }
        self.now.first()
    }
}

impl<'t, K: Ord + Clone, V> Iterator for Entries<'t, K, V> {
    type Item = &'t (K, V);

    fn next(&mut self) -> Option<&'t (K, V)> {
        let entry = self.peek()?;
        self.now = &self.now[1..];
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn behaves_like_a_map_through_random_changes() {
        let mut seed = 23u64;
        let mut random = move |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        let (mut sorted, mut model) = (Sorted::<u64, u64>::default(), BTreeMap::new());
        let mut largest = 0;
        for round in 0..300 {
            let emptying = round % 100 > 60;
            let batch: BTreeMap<u64, Option<u64>> = (0..1 + random(120))
                .map(|_| (random(3000), (!emptying && random(4) > 0).then(|| random(9))))
                .collect();
            sorted.apply(&batch.iter().map(|(k, v)| (*k, *v)).collect::<Vec<_>>());
            for (key, value) in batch {
                match value {
                    Some(value) => model.insert(key, value),
                    None => model.remove(&key),
                };
            }
            largest = largest.max(model.len());
            assert_eq!((sorted.len, sorted.is_empty()), (model.len(), model.is_empty()));
            assert!(sorted.iter().map(|e| (&e.0, &e.1)).eq(&model));
            assert_eq!(sorted.last(), model.last_key_value());
            let rebuilt = Sorted::from_sorted(model.iter().map(|(k, v)| (*k, *v)).collect());
            for key in (0..3050).step_by(23) {
                for sorted in [&sorted, &rebuilt] {
                    assert_eq!(sorted.get(&key), model.get(&key));
                    assert_eq!(sorted.floor(&key), model.range(..=key).next_back());
                    assert_eq!(sorted.ceiling(&key), model.range(key..).next());
                    assert!(sorted.iter_from(&key).map(|e| (&e.0, &e.1)).eq(model.range(key..)));
                }
            }
        }
        assert!(largest > 10 * LEAF_MAX, "many leaves were met");
    }
}
