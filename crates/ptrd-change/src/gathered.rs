//! Rows that are told apart from changes, and written a little later, many at a time: each time costs a sync.

use ptrd_store::StoreError;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

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

    /// Writes them if enough time has passed, or `at_once`; a server that is no primary's forgets them. Says how many could not be
    /// written, and why; they are kept.
    pub fn settle(
        &self,
        rest: &mut Rest,
        (is_primary, at_once): (bool, bool),
        put: impl FnOnce(&[R]) -> Result<(), StoreError>,
    ) -> Result<(), (usize, StoreError)> {
        if rest.0.is_some_and(|until| Instant::now() < until) && !at_once {
            return Ok(());
        }
        let (keys, rows): (Vec<K>, Vec<R>) =
            self.rows().iter().map(|(key, row)| (key.clone(), row.clone())).unzip();
        if rows.is_empty() {
            return Ok(());
        }
        if !is_primary {
            self.rows().clear();
            return Ok(());
        }
        rest.0 = Some(Instant::now() + GATHER);
        put(&rows).map_err(|error| (rows.len(), error))?;
        let mut waiting = self.rows();
        for (key, row) in keys.into_iter().zip(rows) {
            // It may stand otherwise by now.
            if waiting.get(&key) == Some(&row) {
                waiting.remove(&key);
            }
        }
        Ok(())
    }
}
