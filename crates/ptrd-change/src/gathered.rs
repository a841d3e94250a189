//! Rows that are told apart from changes, and written a little later, many at a time: each time costs a sync.

use ptrd_store::StoreError;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Rows that are written in one transaction: changes wait for its end.
const PORTION: usize = 256;
/// How long to gather for the store.
const GATHER: Duration = Duration::from_secs(1);

/// When the writer may write again.
#[derive(Default)]
pub(crate) struct Rest(Option<Instant>);

/// The rows that are not written yet, the newest of each key.
pub(crate) struct Gathered<K, R>(Mutex<BTreeMap<K, R>>);

impl<K, R> Default for Gathered<K, R> {
    fn default() -> Gathered<K, R> {
        Gathered(Mutex::default())
    }
}

impl<K: Ord + Clone, R: Clone + PartialEq> Gathered<K, R> {
    /// The rows.
    pub fn rows(&self) -> MutexGuard<'_, BTreeMap<K, R>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a portion of them if enough time has passed, or all `at_once`; a server that is no primary's forgets them. Says how
    /// many could not be written, and why; they are kept.
    pub fn settle(
        &self,
        rest: &mut Rest,
        (is_primary, at_once): (bool, bool),
        mut put: impl FnMut(&[R]) -> Result<(), StoreError>,
    ) -> Result<(), (usize, StoreError)> {
        if rest.0.is_some_and(|until| Instant::now() < until) && !at_once {
            return Ok(());
        }
        if !is_primary {
            self.rows().clear();
            return Ok(());
        }
        loop {
            let (keys, rows): (Vec<K>, Vec<R>) =
                self.rows().iter().take(PORTION).map(|(key, row)| (key.clone(), row.clone())).unzip();
            if rows.is_empty() {
                return Ok(());
            }
            let is_whole = rows.len() == PORTION;
            rest.0 = Some(Instant::now() + GATHER);
            put(&rows).map_err(|error| (self.rows().len(), error))?;
            let mut waiting = self.rows();
            for (key, row) in keys.into_iter().zip(rows) {
                // It may stand otherwise by now.
                if waiting.get(&key) == Some(&row) {
                    waiting.remove(&key);
                }
            }
            if is_whole && !at_once {
                // More of them after the changes that wait.
                rest.0 = None;
            }
            if !is_whole || !at_once {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_wait_for_a_portion_and_not_for_all() {
        let gathered = Gathered::default();
        gathered.rows().extend((0..3 * PORTION).map(|row| (row, row)));
        let (mut rest, mut written) = (Rest::default(), Vec::new());
        let mut settle = |at_once| {
            let put = |rows: &[usize]| {
                written.push(rows.len());
                Ok(())
            };
            gathered.settle(&mut rest, (true, at_once), put).expect("written");
            (written.clone(), gathered.rows().len())
        };
        assert_eq!(settle(false), (vec![PORTION], 2 * PORTION));
        assert_eq!(settle(true), (vec![PORTION; 3], 0), "all at the end");
    }
}
