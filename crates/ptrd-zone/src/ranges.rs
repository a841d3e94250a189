//! Disjoint ranges of addresses of one family, each with something that holds for it: read by queries without an
//! allocation.

use crate::sorted::Sorted;
use ptrd_wire::AddrRange;

/// Something that holds for a range of addresses.
pub(crate) trait Ranged: Clone {
    /// The addresses.
    fn range(&self) -> &AddrRange;

    fn first(&self) -> u128 {
        self.range().first_bits()
    }

    fn last(&self) -> u128 {
        self.range().last_bits()
    }
}

/// See the module. By their first address.
#[derive(Clone)]
pub(crate) struct Ranges<R: Ranged>(pub(crate) Sorted<u128, R>);

impl<R: Ranged> Default for Ranges<R> {
    fn default() -> Self {
        Ranges(Sorted::default())
    }
}

impl<R: Ranged> Ranges<R> {
    /// Of ranges that rise.
    pub(crate) fn from_sorted(ranges: Vec<R>) -> Self {
        Ranges(Sorted::from_sorted(ranges.into_iter().map(|range| (range.first(), range)).collect()))
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The range that an address lies in.
    #[inline]
    pub(crate) fn at(&self, bits: u128) -> Option<&R> {
        self.0.floor(&bits).map(|(_, range)| range).filter(|range| range.last() >= bits)
    }

    /// The first range that has an address of at least `bits`.
    pub(crate) fn next_from(&self, bits: u128) -> Option<&R> {
        self.at(bits).or_else(|| self.0.ceiling(&bits).map(|(_, range)| range))
    }

    /// Those that have an address between these two.
    pub(crate) fn within(&self, first: u128, last: u128) -> impl Iterator<Item = &R> {
        let from = self.at(first).map_or(first, Ranged::first);
        let entries = self.0.iter_from(&from).map(|(_, range)| range);
        entries.take_while(move |range| range.first() <= last)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &R> {
        self.0.iter().map(|(_, range)| range)
    }

    /// Puts and removes ranges by their first address. Addresses rise.
    pub(crate) fn apply(&mut self, changes: &[(u128, Option<R>)]) {
        self.0.apply(changes);
    }
}

/// The addresses, in runs from first to last, at which two lists of disjoint ranges that rise do not say the same.
pub(crate) fn differing<R: Ranged>(
    left: &[&R],
    right: &[&R],
    is_same: impl Fn(&R, &R) -> bool,
) -> Vec<(u128, u128)> {
    // Between two borders of either list nothing changes, so one address speaks for all.
    let mut borders: Vec<u128> = Vec::with_capacity(2 * (left.len() + right.len()));
    for range in left.iter().chain(right) {
        borders.push(range.first());
        borders.extend(range.last().checked_add(1));
    }
    borders.sort_unstable();
    borders.dedup();
    let mut runs = Vec::new();
    for (nth, &first) in borders.iter().enumerate() {
        let (before, after) = (standing(left, first), standing(right, first));
        let is_same = match (before, after) {
            (Some(before), Some(after)) => is_same(before, after),
            (before, after) => before.is_none() && after.is_none(),
        };
        if let Some(end) = before.or(after).filter(|_| !is_same).map(Ranged::last) {
            runs.push((first, borders.get(nth + 1).map_or(end, |next| next - 1)));
        }
    }
    runs
}

/// Which of these stands at an address.
pub(crate) fn standing<'r, R: Ranged>(ranges: &[&'r R], bits: u128) -> Option<&'r R> {
    let nth = ranges.partition_point(|range| range.last() < bits);
    ranges.get(nth).copied().filter(|range| range.first() <= bits)
}
