//! Whose turn it is to be looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};

/// When what is looked at. Times are milliseconds from any one point.
#[derive(Clone, Debug)]
pub struct Agenda<K> {
    due: BTreeSet<(i64, K)>,
    when: BTreeMap<K, i64>,
    /// What is being looked at, and by when it is wanted again already.
    under_way: BTreeMap<K, Option<i64>>,
}

impl<K: Ord + Clone> Default for Agenda<K> {
    fn default() -> Agenda<K> {
        Agenda { due: BTreeSet::new(), when: BTreeMap::new(), under_way: BTreeMap::new() }
    }
}

impl<K: Ord + Clone> Agenda<K> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.when.len() + self.under_way.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it is there.
    pub fn has(&self, key: &K) -> bool {
        self.when.contains_key(key) || self.under_way.contains_key(key)
    }

    /// Is looked at then, and not at another time. One that is being looked at is looked at again if that comes first.
    pub fn put(&mut self, key: K, at: i64) {
        if let Some(wanted) = self.under_way.get_mut(&key) {
            *wanted = Some(wanted.map_or(at, |before| before.min(at)));
            return;
        }
        self.set(key, at);
    }

    /// Is looked at then at the latest.
    pub fn sooner(&mut self, key: K, at: i64) {
        if self.when.get(&key).is_none_or(|before| *before > at) {
            self.put(key, at);
        }
    }

    fn set(&mut self, key: K, at: i64) {
        if let Some(before) = self.when.insert(key.clone(), at) {
            self.due.remove(&(before, key.clone()));
        }
        self.due.insert((at, key));
    }

    /// The one that has been due for longest. It is under way until [`Agenda::done`].
    pub fn take(&mut self, now: i64) -> Option<K> {
        let (at, key) = self.due.first().filter(|(at, _)| *at <= now)?.clone();
        self.due.remove(&(at, key.clone()));
        self.when.remove(&key);
        self.under_way.insert(key.clone(), None);
        Some(key)
    }

    /// It was looked at; the next time is then, unless it was wanted sooner meanwhile. One that was removed meanwhile stays so.
    pub fn done(&mut self, key: K, next: i64) {
        if let Some(wanted) = self.under_way.remove(&key) {
            self.set(key, wanted.map_or(next, |wanted| wanted.min(next)));
        }
    }

    /// Keeps those that are wanted; gives back the others.
    pub fn retain(&mut self, wanted: impl Fn(&K) -> bool) -> Vec<K> {
        let gone: Vec<K> =
            self.when.keys().chain(self.under_way.keys()).filter(|key| !wanted(key)).cloned().collect();
        for key in &gone {
            self.under_way.remove(key);
            if let Some(at) = self.when.remove(key) {
                self.due.remove(&(at, key.clone()));
            }
        }
        gone
    }
}

/// A tenth more or less of a time, the same each time for the same key: what began at once is not to be looked at at once for
/// ever.
pub fn interval(key: &impl Hash, every: i64) -> i64 {
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(key);
    let per_mille = 900 + i64::try_from(hash % 200).unwrap_or(0);
    // In this order, so that an interval of seconds has its tenths too.
    every.saturating_mul(per_mille) / 1000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_that_has_waited_longest_comes_first() {
        let mut agenda = Agenda::default();
        for (key, at) in [("a", 30), ("b", 10), ("c", 20)] {
            agenda.put(key, at);
        }
        assert_eq!(
            (agenda.take(9), agenda.take(25), agenda.take(25), agenda.take(25)),
            (None, Some("b"), Some("c"), None)
        );
        agenda.done("b", 40);
        agenda.sooner("a", 50);
        agenda.sooner("c", 35);
        agenda.done("c", 60);
        assert_eq!(
            (agenda.take(30), agenda.take(35), agenda.take(39), agenda.take(40)),
            (Some("a"), Some("c"), None, Some("b"))
        );
        assert_eq!((agenda.len(), agenda.take(i64::MAX)), (3, None), "all are under way");
    }

    #[test]
    fn what_goes_does_not_come_back_by_itself() {
        let mut agenda = Agenda::default();
        for key in 0..4 {
            agenda.put(key, 0);
        }
        assert_eq!(agenda.take(0), Some(0));
        let mut gone = agenda.retain(|key| *key > 1);
        gone.sort_unstable();
        assert_eq!((gone, agenda.len()), (vec![0, 1], 2));
        agenda.done(0, 1);
        assert!(!agenda.has(&0) && agenda.has(&2));
        assert_eq!((agenda.take(1), agenda.take(1), agenda.take(1)), (Some(2), Some(3), None));
    }

    #[test]
    fn times_are_spread_by_a_tenth() {
        let all: Vec<i64> = (0..1_000).map(|key| interval(&key, 1_000)).collect();
        assert!(all.iter().all(|time| (900..1_100).contains(time)), "{all:?}");
        assert!(all.iter().min() < Some(&920) && all.iter().max() > Some(&1_080));
    }
}
