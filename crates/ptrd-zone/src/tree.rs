//! A persistent B+tree over packed leaves: a change copies one leaf and the path to it, all else is shared.
//!
//! The leaves know their entries; the tree knows only the lowest key that belongs into each. Leaves are not merged
//! with neighbours when they shrink, only dropped when empty: changes come and go around the same sizes.

use std::sync::Arc;

/// Children of a node at most.
const FAN_OUT: usize = 64;

/// Entries packed together, at least one.
pub(crate) trait Leaf: Clone {
    /// What entries are sorted by.
    type Key: Ord + Clone;

    /// The lowest key.
    fn first_key(&self) -> Self::Key;
}

/// See the module.
pub(crate) struct Tree<L: Leaf> {
    pub(crate) root: Option<Arc<Node<L>>>,
}

impl<L: Leaf> Clone for Tree<L> {
    fn clone(&self) -> Self {
        Tree { root: self.root.clone() }
    }
}

impl<L: Leaf> Default for Tree<L> {
    fn default() -> Self {
        Tree { root: None }
    }
}

pub(crate) enum Node<L: Leaf> {
    Leaves(Row<L::Key, L>),
    Nodes(Row<L::Key, Arc<Node<L>>>),
}

/// Children, and for each the lowest key that belongs into it; the first child takes all lower ones too.
pub(crate) struct Row<K, C> {
    pub(crate) keys: Vec<K>,
    pub(crate) children: Vec<C>,
}

impl<K: Ord, C> Row<K, C> {
    /// Where `below(key)` holds for keys that sort at or before the wanted one.
    #[inline]
    pub(crate) fn place(&self, at_or_before: impl Fn(&K) -> bool) -> usize {
        self.keys[1..].partition_point(at_or_before)
    }
}

impl<L: Leaf> Tree<L> {
    /// A tree of these leaves, in order.
    pub(crate) fn from_leaves(leaves: Vec<L>) -> Tree<L> {
        let mut children: Vec<(L::Key, L)> = Vec::with_capacity(leaves.len());
        children.extend(leaves.into_iter().map(|leaf| (leaf.first_key(), leaf)));
        Tree {
            root: stack_up(
                rows_of(children).into_iter().map(|(key, row)| (key, Arc::new(Node::Leaves(row)))).collect(),
            ),
        }
    }

    /// The leaf that a key belongs into. `at_or_before` says of a key whether it sorts at or
    /// before the wanted one.
    #[inline]
    pub(crate) fn leaf(&self, at_or_before: impl Fn(&L::Key) -> bool) -> Option<&L> {
        let mut node = self.root.as_ref()?;
        loop {
            match &**node {
                Node::Nodes(row) => node = &row.children[row.place(&at_or_before)],
                Node::Leaves(row) => return row.children.get(row.place(&at_or_before)),
            }
        }
    }

    /// The leaf after the one that a key belongs into.
    pub(crate) fn leaf_after(&self, at_or_before: impl Fn(&L::Key) -> bool) -> Option<&L> {
        let mut node = self.root.as_ref()?;
        let mut right: Option<&Arc<Node<L>>> = None;
        loop {
            match &**node {
                Node::Nodes(row) => {
                    let place = row.place(&at_or_before);
                    right = row.children.get(place + 1).or(right);
                    node = &row.children[place];
                }
                Node::Leaves(row) => {
                    let next = row.children.get(row.place(&at_or_before) + 1);
                    return next.or_else(|| right.map(|node| first_leaf(node)));
                }
            }
        }
    }

    /// All leaves in order.
    pub(crate) fn leaves(&self) -> Leaves<'_, L> {
        Leaves { stack: self.root.iter().map(|node| (&**node, 0)).collect() }
    }

    /// The leaf that a key belongs into, as [`Tree::leaf`] finds it, and all after it.
    pub(crate) fn leaves_from(&self, at_or_before: impl Fn(&L::Key) -> bool) -> Leaves<'_, L> {
        let mut stack = Vec::new();
        let mut next = self.root.as_deref();
        while let Some(node) = next {
            match node {
                Node::Nodes(row) => {
                    let place = row.place(&at_or_before);
                    stack.push((node, place + 1));
                    next = Some(&row.children[place]);
                }
                Node::Leaves(row) => {
                    stack.push((node, row.place(&at_or_before)));
                    next = None;
                }
            }
        }
        Leaves { stack }
    }

    /// Rebuilds every leaf that one of the sorted `changes` belongs into. `rebuild` gets the old leaf, if there is
    /// one, and its changes; it returns the leaves in its place, in order.
    pub(crate) fn apply<E>(
        &mut self,
        changes: &[E],
        key: &impl Fn(&E) -> &L::Key,
        rebuild: &mut impl FnMut(Option<&L>, &[E]) -> Vec<L>,
    ) {
        if changes.is_empty() {
            return;
        }
        let nodes = match &self.root {
            Some(root) => rebuilt(root, changes, key, rebuild),
            None => {
                *self = Tree::from_leaves(rebuild(None, changes));
                return;
            }
        };
        self.root = stack_up(nodes);
    }
}

/// Leaves in order: the nodes on the way to the next one, and which of their children comes next.
pub(crate) struct Leaves<'t, L: Leaf> {
    stack: Vec<(&'t Node<L>, usize)>,
}

impl<'t, L: Leaf> Iterator for Leaves<'t, L> {
    type Item = &'t L;

    fn next(&mut self) -> Option<&'t L> {
        loop {
            let (node, place) = self.stack.last_mut()?;
            let nth = *place;
            *place += 1;
            match *node {
                Node::Leaves(row) if nth < row.children.len() => return row.children.get(nth),
                Node::Nodes(row) if nth < row.children.len() => {
                    let child = &*row.children[nth];
                    self.stack.push((child, 0));
                }
                _ => {
                    self.stack.pop();
                }
            }
        }
    }
}

/// The first leaf under a node.
fn first_leaf<L: Leaf>(node: &Arc<Node<L>>) -> &L {
    let mut node = node;
    loop {
        match &**node {
            Node::Nodes(row) => node = &row.children[0],
            Node::Leaves(row) => return &row.children[0],
        }
    }
}

type Keyed<L> = (<L as Leaf>::Key, Arc<Node<L>>);

/// Levels of nodes above these until one is left.
fn stack_up<L: Leaf>(mut nodes: Vec<Keyed<L>>) -> Option<Arc<Node<L>>> {
    while nodes.len() > 1 {
        nodes = rows_of(nodes).into_iter().map(|(key, row)| (key, Arc::new(Node::Nodes(row)))).collect();
    }
    let node = nodes.pop()?.1;
    // A root with one child is that child.
    match &*node {
        Node::Nodes(row) if row.children.len() == 1 => Some(row.children[0].clone()),
        _ => Some(node),
    }
}

/// Cuts children into rows of at most `FAN_OUT`, evenly.
fn rows_of<K: Clone, C>(children: Vec<(K, C)>) -> Vec<(K, Row<K, C>)> {
    let rows = children.len().div_ceil(FAN_OUT).max(1);
    let each = children.len().div_ceil(rows).max(1);
    let mut out = Vec::with_capacity(rows);
    let mut children = children.into_iter().peekable();
    while let Some((first, _)) = children.peek() {
        let first = first.clone();
        let mut row = Row { keys: Vec::with_capacity(each), children: Vec::with_capacity(each) };
        for (key, child) in children.by_ref().take(each) {
            row.keys.push(key);
            row.children.push(child);
        }
        out.push((first, row));
    }
    out
}

/// The changes of each child of a row.
fn shares<'e, K: Ord, E>(keys: &[K], changes: &'e [E], key: &impl Fn(&E) -> &K) -> Vec<&'e [E]> {
    let mut rest = changes;
    let mut shares = Vec::with_capacity(keys.len());
    for nth in 0..keys.len() {
        let mine =
            keys.get(nth + 1).map_or(rest.len(), |next| rest.partition_point(|change| key(change) < next));
        let (share, after) = rest.split_at(mine);
        shares.push(share);
        rest = after;
    }
    shares
}

fn rebuilt<L: Leaf, E>(
    node: &Arc<Node<L>>,
    changes: &[E],
    key: &impl Fn(&E) -> &L::Key,
    rebuild: &mut impl FnMut(Option<&L>, &[E]) -> Vec<L>,
) -> Vec<Keyed<L>> {
    match &**node {
        Node::Leaves(row) => {
            let mut children = Vec::with_capacity(row.children.len() + 1);
            for (nth, share) in shares(&row.keys, changes, key).into_iter().enumerate() {
                if share.is_empty() {
                    children.push((row.keys[nth].clone(), row.children[nth].clone()));
                } else {
                    let leaves = rebuild(Some(&row.children[nth]), share);
                    children.extend(leaves.into_iter().map(|leaf| (leaf.first_key(), leaf)));
                }
            }
            let rows = if children.is_empty() { Vec::new() } else { rows_of(children) };
            rows.into_iter().map(|(key, row)| (key, Arc::new(Node::Leaves(row)))).collect()
        }
        Node::Nodes(row) => {
            let mut children = Vec::with_capacity(row.children.len() + 1);
            for (nth, share) in shares(&row.keys, changes, key).into_iter().enumerate() {
                if share.is_empty() {
                    children.push((row.keys[nth].clone(), row.children[nth].clone()));
                } else {
                    children.extend(rebuilt(&row.children[nth], share, key, rebuild));
                }
            }
            let rows = if children.is_empty() { Vec::new() } else { rows_of(children) };
            rows.into_iter().map(|(key, row)| (key, Arc::new(Node::Nodes(row)))).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[derive(Clone)]
    struct Few(Arc<[(u64, u64)]>);

    impl Leaf for Few {
        type Key = u64;
        fn first_key(&self) -> u64 {
            self.0[0].0
        }
    }

    type Change = (u64, Option<u64>);

    fn rebuild(old: Option<&Few>, changes: &[Change]) -> Vec<Few> {
        let mut map: BTreeMap<u64, u64> = old.iter().flat_map(|few| few.0.iter().copied()).collect();
        for (key, value) in changes {
            match value {
                Some(value) => map.insert(*key, *value),
                None => map.remove(key),
            };
        }
        map.into_iter().collect::<Vec<_>>().chunks(4).map(|chunk| Few(chunk.into())).collect()
    }

    #[test]
    fn behaves_like_a_map_through_random_changes() {
        let mut seed = 3u64;
        let mut random = move |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        let (mut tree, mut model) = (Tree::<Few>::default(), BTreeMap::new());
        for round in 0..400 {
            let emptying = round % 100 > 70;
            let batch: BTreeMap<u64, Option<u64>> = (0..1 + random(80))
                .map(|_| (random(2000), (!emptying && random(4) > 0).then(|| random(1000))))
                .collect();
            let changes: Vec<Change> = batch.iter().map(|(k, v)| (*k, *v)).collect();
            let (kept, kept_model) = (tree.clone(), model.clone());
            tree.apply(&changes, &|change| &change.0, &mut rebuild);
            for (key, value) in batch {
                match value {
                    Some(value) => model.insert(key, value),
                    None => model.remove(&key),
                };
            }
            for (tree, model) in [(&tree, &model), (&kept, &kept_model)] {
                let all: Vec<(u64, u64)> = tree.leaves().flat_map(|few| few.0.iter().copied()).collect();
                assert_eq!(all, model.iter().map(|(k, v)| (*k, *v)).collect::<Vec<_>>());
            }
            for key in (0..2000).step_by(37) {
                let leaf = tree.leaf(|k| *k <= key);
                let found = leaf.and_then(|few| few.0.iter().find(|e| e.0 == key)).map(|e| e.1);
                assert_eq!(found, model.get(&key).copied());
                let inside = leaf.and_then(|few| few.0.iter().find(|e| e.0 >= key)).map(|e| e.0);
                let next = inside.or_else(|| tree.leaf_after(|k| *k <= key).map(Leaf::first_key));
                assert_eq!(next, model.range(key..).next().map(|e| *e.0));
                let from = tree.leaves_from(|k| *k <= key).flat_map(|few| few.0.iter().copied());
                let from: Vec<(u64, u64)> = from.skip_while(|entry| entry.0 < key).collect();
                assert_eq!(from, model.range(key..).map(|(k, v)| (*k, *v)).collect::<Vec<_>>());
            }
        }
        assert!(!model.is_empty());
    }
}
