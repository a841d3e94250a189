//! Where the history of zones comes from: a store that this crate knows nothing of.

use ptrd_wire::Serial;
use ptrd_zone::{Form, Step, Zone};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Looks up what has happened to a zone since a serial.
pub trait History: Send + Sync {
    /// Takes a wish, and tells who has it when the way has been found. Where there is too much to do it says at once that
    /// there is none. Called by threads that answer queries: it must not block.
    fn find(&self, wish: Wish);

    /// What came of wishes so far.
    fn counts(&self) -> HistoryCounts {
        HistoryCounts::default()
    }
}

/// What came of wishes since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HistoryCounts {
    /// Ways that had been found for others.
    pub known: u64,
    /// Ways that were read and condensed.
    pub read: u64,
    /// Wishes for which there was none.
    pub none: u64,
    /// Octets of ways that are held for others.
    pub held: u64,
}

/// A way from one version of a zone to another that somebody asks for.
pub struct Wish {
    /// The zone, in the version to get to.
    pub zone: Arc<Zone>,
    /// The serial of the client's version.
    pub from: Serial,
    /// The form that computed names go in.
    pub form: Form,
    /// Octets of history that are worth reading for it: where there is more, there is none.
    pub most: usize,
    /// Who wants to know.
    pub asker: Box<dyn Asker>,
}

/// Who asked for a way.
pub trait Asker: Send {
    /// Whether it still wants to know.
    fn waits(&self) -> bool;

    /// The way as one step; `None` where there is no such history any more. Dropping it instead says the same.
    fn tell(self: Box<Self>, step: Option<Arc<Step>>);
}

impl Asker for oneshot::Sender<Option<Arc<Step>>> {
    fn waits(&self) -> bool {
        !self.is_closed()
    }

    fn tell(self: Box<Self>, step: Option<Arc<Step>>) {
        // Who asked may have gone.
        let _ = self.send(step);
    }
}

/// No history at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHistory;

impl History for NoHistory {
    fn find(&self, wish: Wish) {
        wish.asker.tell(None);
    }
}
