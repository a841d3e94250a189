//! The entries in which two versions of a persistent tree differ: what they share is passed over, subtree by subtree,
//! by comparing pointers.
//!
//! Two cursors go through the versions side by side. Where they stand at the same subtree both step over it; else the
//! one that is behind, or stands higher, goes down. A subtree that is shared has the same lowest key in both, so neither
//! can pass it before the other has come to it, however differently the nodes above it were cut.

use crate::derived::{Cut, Exception, ExceptionRange};
use crate::named::Named;
use crate::names::NameLeaf;
use crate::page::Page;
use crate::sorted::Chunk;
use crate::tree::{Leaf, Node, Tree};
use crate::v6::WIDTH;
use ptrd_wire::{Name, RrSet};
use std::cmp::Ordering;
use std::sync::Arc;

/// A leaf whose entries can be told apart.
pub(super) trait Entries: Leaf {
    fn entries(&self) -> usize;
    /// Whether both are the same allocation.
    fn is(&self, other: &Self) -> bool;
    fn cmp_keys(&self, nth: usize, other: &Self, other_nth: usize) -> Ordering;
    fn cmp_to_key(&self, nth: usize, key: &Self::Key) -> Ordering;
    /// Whether two entries of one key hold the same.
    fn holds_as(&self, nth: usize, other: &Self, other_nth: usize) -> bool;
}

/// An entry in its leaf.
pub(super) type Place<'t, L> = (&'t L, usize);

/// What an entry was, and what it is; they differ.
pub(super) struct Change<'t, L> {
    pub before: Option<Place<'t, L>>,
    pub after: Option<Place<'t, L>>,
}

/// See the module. Changes come in the order of keys.
pub(super) struct Changes<'t, L: Entries> {
    before: Cursor<'t, L>,
    after: Cursor<'t, L>,
}

impl<'t, L: Entries> Changes<'t, L> {
    /// Between two versions of a tree.
    pub fn new(before: &'t Tree<L>, after: &'t Tree<L>) -> Changes<'t, L> {
        Changes::starting(before, after, Cursor::at_start)
    }

    /// From the entry on that a key belongs before: `at_or_before` says of a key whether it sorts at or before that
    /// one, `place` where it belongs in its leaf.
    pub fn from(
        before: &'t Tree<L>,
        after: &'t Tree<L>,
        at_or_before: impl Fn(&L::Key) -> bool,
        place: impl Fn(&L) -> usize,
    ) -> Changes<'t, L> {
        Changes::starting(before, after, |root| Cursor::at(root, &at_or_before, &place))
    }

    fn starting(
        before: &'t Tree<L>,
        after: &'t Tree<L>,
        cursor: impl Fn(&'t Arc<Node<L>>) -> Cursor<'t, L>,
    ) -> Changes<'t, L> {
        let shared = match (&before.root, &after.root) {
            (Some(before), Some(after)) => Arc::ptr_eq(before, after),
            _ => false,
        };
        let start = |tree: &'t Tree<L>| tree.root.as_ref().filter(|_| !shared).map(&cursor);
        Changes {
            before: start(before).unwrap_or_else(Cursor::nowhere),
            after: start(after).unwrap_or_else(Cursor::nowhere),
        }
    }
}

impl<'t, L: Entries> Iterator for Changes<'t, L> {
    type Item = Change<'t, L>;

    fn next(&mut self) -> Option<Change<'t, L>> {
        let Changes { before, after } = self;
        loop {
            // Where both may go down, the order of their lowest keys says which.
            let order = match (before.item(), after.item()) {
                (None, None) => return None,
                (Some(Item::Leaf(leaf, nth)), None) => {
                    before.step();
                    return Some(Change { before: Some((leaf, nth)), after: None });
                }
                (None, Some(Item::Leaf(leaf, nth))) => {
                    after.step();
                    return Some(Change { before: None, after: Some((leaf, nth)) });
                }
                (Some(Item::Node(..)), None) => Ordering::Less,
                (None, Some(Item::Node(..))) => Ordering::Greater,
                (Some(Item::Leaf(old, nth)), Some(Item::Leaf(new, new_nth))) => {
                    if nth == new_nth && old.is(new) {
                        before.skip();
                        after.skip();
                        continue;
                    }
                    let order = old.cmp_keys(nth, new, new_nth);
                    if order.is_le() {
                        before.step();
                    }
                    if order.is_ge() {
                        after.step();
                    }
                    if order.is_eq() && old.holds_as(nth, new, new_nth) {
                        continue;
                    }
                    return Some(Change {
                        before: order.is_le().then_some((old, nth)),
                        after: order.is_ge().then_some((new, new_nth)),
                    });
                }
                (Some(Item::Leaf(leaf, nth)), Some(Item::Node(_, key))) => {
                    if leaf.cmp_to_key(nth, key).is_lt() {
                        before.step();
                        return Some(Change { before: Some((leaf, nth)), after: None });
                    }
                    Ordering::Greater
                }
                (Some(Item::Node(_, key)), Some(Item::Leaf(leaf, nth))) => {
                    if leaf.cmp_to_key(nth, key).is_lt() {
                        after.step();
                        return Some(Change { before: None, after: Some((leaf, nth)) });
                    }
                    Ordering::Less
                }
                (Some(Item::Node(old, key)), Some(Item::Node(new, new_key))) => {
                    if Arc::ptr_eq(old, new) {
                        before.skip();
                        after.skip();
                        continue;
                    }
                    key.cmp(new_key).then(after.height().cmp(&before.height()))
                }
            };
            if order.is_le() {
                before.descend();
            }
            if order.is_ge() {
                after.descend();
            }
        }
    }
}

/// Stands at a subtree or at an entry of a leaf, or behind the last.
struct Cursor<'t, L: Leaf> {
    /// The nodes on the way, and which of its children each has come to.
    stack: Vec<(&'t Node<L>, usize)>,
    /// Levels of nodes.
    levels: usize,
    /// The entry of the leaf.
    nth: usize,
}

enum Item<'t, L: Leaf> {
    /// A subtree, and the lowest key in it.
    Node(&'t Arc<Node<L>>, &'t L::Key),
    Leaf(&'t L, usize),
}

impl<'t, L: Entries> Cursor<'t, L> {
    fn nowhere() -> Cursor<'t, L> {
        Cursor { stack: Vec::new(), levels: 0, nth: 0 }
    }

    fn at_start(root: &'t Arc<Node<L>>) -> Cursor<'t, L> {
        let first = |node: &&'t Node<L>| match node {
            Node::Nodes(row) => row.children.first().map(|child| &**child),
            Node::Leaves(_) => None,
        };
        let levels = std::iter::successors(Some(&**root), first).count();
        Cursor { stack: vec![(&**root, 0)], levels, nth: 0 }
    }

    fn at(
        root: &'t Arc<Node<L>>,
        at_or_before: &impl Fn(&L::Key) -> bool,
        place: &impl Fn(&L) -> usize,
    ) -> Cursor<'t, L> {
        let mut cursor = Cursor { stack: Vec::new(), ..Cursor::at_start(root) };
        let mut next = Some(&**root);
        while let Some(node) = next {
            match node {
                Node::Nodes(row) => {
                    let nth = row.place(at_or_before);
                    cursor.stack.push((node, nth));
                    next = Some(&row.children[nth]);
                }
                Node::Leaves(row) => {
                    let nth = row.place(at_or_before);
                    cursor.stack.push((node, nth));
                    cursor.nth = place(&row.children[nth]);
                    next = None;
                }
            }
        }
        cursor.settle();
        cursor
    }

    /// Levels below the present item: none below an entry.
    fn height(&self) -> usize {
        self.levels - self.stack.len()
    }

    fn item(&self) -> Option<Item<'t, L>> {
        let (node, place) = *self.stack.last()?;
        Some(match node {
            Node::Nodes(row) => Item::Node(&row.children[place], &row.keys[place]),
            Node::Leaves(row) => Item::Leaf(&row.children[place], self.nth),
        })
    }

    fn descend(&mut self) {
        if let Some(Item::Node(node, _)) = self.item() {
            self.stack.push((&**node, 0));
        }
    }

    /// Steps over the subtree, or the rest of the leaf.
    fn skip(&mut self) {
        if let Some((_, place)) = self.stack.last_mut() {
            *place += 1;
        }
        self.nth = 0;
        self.settle();
    }

    /// Steps over an entry.
    fn step(&mut self) {
        self.nth += 1;
        self.settle();
    }

    /// Goes up from where a node has ended.
    fn settle(&mut self) {
        while let Some((node, place)) = self.stack.last_mut() {
            let is_at_end = match *node {
                Node::Nodes(row) => *place >= row.children.len(),
                Node::Leaves(row) => match row.children.get(*place) {
                    Some(leaf) if self.nth < leaf.entries() => false,
                    Some(_) => {
                        *place += 1;
                        self.nth = 0;
                        continue;
                    }
                    None => true,
                },
            };
            if !is_at_end {
                return;
            }
            self.stack.pop();
            if let Some((_, place)) = self.stack.last_mut() {
                *place += 1;
            }
        }
    }
}

impl Entries for Page {
    fn entries(&self) -> usize {
        self.len()
    }

    fn is(&self, other: &Page) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn cmp_keys(&self, nth: usize, other: &Page, other_nth: usize) -> Ordering {
        self.key(nth, WIDTH).cmp(&other.key(other_nth, WIDTH))
    }

    fn cmp_to_key(&self, nth: usize, key: &u128) -> Ordering {
        self.key(nth, WIDTH).cmp(key)
    }

    fn holds_as(&self, nth: usize, other: &Page, other_nth: usize) -> bool {
        self.nth(nth).shows_as(&other.nth(other_nth))
    }
}

impl Entries for NameLeaf {
    fn entries(&self) -> usize {
        self.len()
    }

    fn is(&self, other: &NameLeaf) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn cmp_keys(&self, nth: usize, other: &NameLeaf, other_nth: usize) -> Ordering {
        let (rest, other_rest) = (self.rest(nth).0, other.rest(other_nth).0);
        if self.start() == other.start() {
            return rest.cmp(other_rest);
        }
        self.start().iter().chain(rest).cmp(other.start().iter().chain(other_rest))
    }

    fn cmp_to_key(&self, nth: usize, key: &Box<[u8]>) -> Ordering {
        self.start().iter().chain(self.rest(nth).0).cmp(key.iter())
    }

    fn holds_as(&self, nth: usize, other: &NameLeaf, other_nth: usize) -> bool {
        self.node(nth) == other.node(other_nth)
    }
}

/// Equality in which letter case counts: a transfer shows it.
pub(super) trait ShowsAs {
    fn shows_as(&self, other: &Self) -> bool;
}

impl ShowsAs for Name {
    fn shows_as(&self, other: &Name) -> bool {
        self.as_wire() == other.as_wire()
    }
}

impl ShowsAs for Cut {
    fn shows_as(&self, other: &Cut) -> bool {
        let same = |(a, b): (&(Name, RrSet), &(Name, RrSet))| a.0.shows_as(&b.0) && a.1 == b.1;
        self.ns == other.ns
            && self.ds == other.ds
            && self.glue.len() == other.glue.len()
            && self.glue.iter().zip(&other.glue).all(same)
    }
}

impl<T: ShowsAs> ShowsAs for Arc<T> {
    fn shows_as(&self, other: &Arc<T>) -> bool {
        Arc::ptr_eq(self, other) || T::shows_as(self, other)
    }
}

impl ShowsAs for Exception {
    fn shows_as(&self, other: &Exception) -> bool {
        match (self, other) {
            (Exception::Alias(a), Exception::Alias(b)) => a.shows_as(b),
            (Exception::Cut(a), Exception::Cut(b)) => a.shows_as(b),
            (Exception::Withheld, Exception::Withheld) => true,
            _ => false,
        }
    }
}

impl ShowsAs for ExceptionRange {
    fn shows_as(&self, other: &ExceptionRange) -> bool {
        self.range == other.range && self.what.shows_as(&other.what)
    }
}

impl ShowsAs for Named {
    fn shows_as(&self, other: &Named) -> bool {
        self.range() == other.range() && self.names_as(other)
    }
}

impl<K: Ord + Clone, V: ShowsAs> Entries for Chunk<K, V> {
    fn entries(&self) -> usize {
        self.0.len()
    }

    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn cmp_keys(&self, nth: usize, other: &Self, other_nth: usize) -> Ordering {
        self.0[nth].0.cmp(&other.0[other_nth].0)
    }

    fn cmp_to_key(&self, nth: usize, key: &K) -> Ordering {
        self.0[nth].0.cmp(key)
    }

    fn holds_as(&self, nth: usize, other: &Self, other_nth: usize) -> bool {
        self.0[nth].1.shows_as(&other.0[other_nth].1)
    }
}
