//! What is published: the snapshot for queries, the view for whoever asks about it.

use crate::authorise::Role;
use crate::plan::{Numbers, Settings, State};
use crate::rights::Rights;
use arc_swap::ArcSwap;
use ptrd_zone::{Declared, Snapshot};
use std::collections::VecDeque;
use std::sync::Arc;

/// So many snapshots that somebody still holds are kept for the publisher to free; a reader that holds on for longer
/// frees its own.
const RETIRED: usize = 256;

/// What was true after a change: for readers of the control side.
#[derive(Clone)]
pub struct View {
    /// What queries see.
    pub snapshot: Arc<Snapshot>,
    /// What was declared.
    pub declared: Declared,
    /// The number of the newest change in it.
    pub version: u64,
    pub(crate) numbers: Numbers,
    pub(crate) settings: Settings,
    /// Those of whoever looks at it; an operator's unless it was made for another.
    pub(crate) rights: Rights,
}

impl View {
    pub(crate) fn of(state: &State) -> View {
        View {
            snapshot: Arc::new(state.snapshot.clone()),
            declared: state.declared.clone(),
            version: state.snapshot.version(),
            numbers: state.numbers,
            settings: state.settings.clone(),
            rights: Role::Operator.into(),
        }
    }

    /// A newer view, as whoever looks at this one sees it.
    pub(crate) fn newer(&self, view: Arc<View>) -> Arc<View> {
        match self.reader() {
            None => view,
            Some(_) => Arc::new(view.seen_with(self.rights.clone())),
        }
    }

    /// A copy to plan on.
    pub(crate) fn state(&self) -> State {
        State {
            declared: self.declared.clone(),
            snapshot: Snapshot::clone(&self.snapshot),
            numbers: self.numbers,
            settings: self.settings.clone(),
        }
    }
}

/// The junction of the two roads. Changed by the writer alone.
pub struct Published {
    snapshot: Arc<ArcSwap<Snapshot>>,
    view: ArcSwap<View>,
}

impl Published {
    pub(crate) fn new(state: &State) -> Published {
        let view = View::of(state);
        Published {
            snapshot: Arc::new(ArcSwap::new(view.snapshot.clone())),
            view: ArcSwap::from_pointee(view),
        }
    }

    /// What DNS workers take their cached handles from.
    pub fn snapshot(&self) -> &Arc<ArcSwap<Snapshot>> {
        &self.snapshot
    }

    /// The newest view.
    pub fn view(&self) -> Arc<View> {
        self.view.load_full()
    }

    /// Puts a state in place of the one before, and returns the snapshot that was replaced.
    pub(crate) fn put(&self, state: &State) -> Arc<Snapshot> {
        let view = View::of(state);
        let old = self.snapshot.swap(view.snapshot.clone());
        self.view.store(Arc::new(view));
        old
    }
}

/// Snapshots that were replaced and may still be held: kept so that whoever lets go last is the publisher, and no DNS
/// worker ever spends its time freeing one.
#[derive(Default)]
pub(crate) struct Retired {
    snapshots: VecDeque<Arc<Snapshot>>,
}

impl Retired {
    pub fn push(&mut self, snapshot: Arc<Snapshot>) {
        self.snapshots.push_back(snapshot);
        self.sweep();
        if self.snapshots.len() > RETIRED {
            self.snapshots.pop_front();
        }
    }

    /// Frees those that nobody else holds.
    pub fn sweep(&mut self) {
        self.snapshots.retain(|snapshot| Arc::strong_count(snapshot) > 1);
    }

    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.snapshots.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retired_snapshots_stay_while_somebody_holds_them() {
        let published = Published::new(&State::default());
        let mut retired = Retired::default();
        let held = published.snapshot().load_full();
        retired.push(published.put(&State::default()));
        assert!(!retired.is_empty());
        drop(held);
        retired.sweep();
        assert!(retired.is_empty());
        let held: Vec<_> = (0..RETIRED + 10)
            .map(|_| {
                let held = published.snapshot().load_full();
                retired.push(published.put(&State::default()));
                held
            })
            .collect();
        assert_eq!(retired.snapshots.len(), RETIRED);
        drop(held);
        retired.sweep();
        assert!(retired.is_empty());
    }
}
