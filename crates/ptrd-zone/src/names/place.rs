//! Places in a tree of names: one name, or one after the other.

use super::{NameLeaf, NameTree, NodeRef};
use crate::tree::Leaves;

impl NameTree {
    /// The names from a key on.
    pub(crate) fn cursor(&self, from: &[u8]) -> NameCursor<'_> {
        let mut leaves = self.tree.leaves_from(|first| **first <= *from);
        let leaf = leaves.next();
        let nth = leaf.map_or(0, |leaf| leaf.search(from).unwrap_or_else(|next| next));
        let mut cursor = NameCursor { leaves, leaf, nth, key: Vec::new() };
        cursor.settle();
        cursor
    }

    /// Where the name with this key stands.
    pub(crate) fn spot(&self, key: &[u8]) -> Option<Spot<'_>> {
        let leaf = self.tree.leaf(|first| **first <= *key)?;
        leaf.search(key).ok().map(|nth| Spot { leaf, nth })
    }

    /// Where the last name stands whose key is at most this one.
    pub(crate) fn spot_before(&self, key: &[u8]) -> Option<Spot<'_>> {
        // A leaf's place in the tree is that of its first name, so the name before stands in the same leaf.
        let leaf = self.tree.leaf(|first| **first <= *key)?;
        let nth = leaf.search(key).map_or_else(|next| next.checked_sub(1), Some)?;
        Some(Spot { leaf, nth })
    }
}

/// A name of a tree.
#[derive(Clone, Copy)]
pub(crate) struct Spot<'t> {
    leaf: &'t NameLeaf,
    nth: usize,
}

impl<'t> Spot<'t> {
    /// The name's RRsets.
    #[inline]
    pub(crate) fn node(&self) -> NodeRef<'t> {
        self.leaf.node(self.nth)
    }

    /// The name's key, in two parts.
    pub(crate) fn key(&self) -> [&'t [u8]; 2] {
        [self.leaf.start(), self.leaf.rest(self.nth).0]
    }

    /// Whether it is the same name of the same tree.
    pub(crate) fn is(&self, other: &Spot<'_>) -> bool {
        std::ptr::eq(self.leaf, other.leaf) && self.nth == other.nth
    }
}

/// Stands at a name of a tree, or behind the last.
pub(crate) struct NameCursor<'t> {
    leaves: Leaves<'t, NameLeaf>,
    leaf: Option<&'t NameLeaf>,
    nth: usize,
    key: Vec<u8>,
}

impl<'t> NameCursor<'t> {
    /// The name's key and RRsets.
    #[inline]
    pub(crate) fn now(&self) -> Option<(&[u8], NodeRef<'t>)> {
        self.leaf.map(|leaf| (self.key.as_slice(), leaf.node(self.nth)))
    }

    /// The name's key.
    #[inline]
    pub(crate) fn key(&self) -> Option<&[u8]> {
        self.leaf.map(|_| self.key.as_slice())
    }

    /// Goes to the next name.
    pub(crate) fn advance(&mut self) {
        self.nth += 1;
        self.settle();
    }

    /// Goes on to the next leaf where one has ended.
    fn settle(&mut self) {
        while self.leaf.is_some_and(|leaf| self.nth >= leaf.len()) {
            self.leaf = self.leaves.next();
            self.nth = 0;
        }
        self.key.clear();
        if let Some(leaf) = self.leaf {
            self.key.extend_from_slice(leaf.start());
            self.key.extend_from_slice(leaf.rest(self.nth).0);
        }
    }
}
