//! Where the history of zones comes from: a store that this crate knows nothing of.

use ptrd_wire::Serial;
use ptrd_zone::Step;
use ptrd_zone::model::ZoneId;
use tokio::sync::oneshot;

/// Looks up what has happened to a zone since a serial.
pub trait History: Send + Sync {
    /// The step that leads from the version with serial `from` to that with serial `to`. It is answered when it has been
    /// found; `None`, and an end without an answer, say that there is no such history any more, or that there is too much
    /// to do. Called by threads that answer queries: it must not block.
    fn step(&self, zone: ZoneId, from: Serial, to: Serial) -> oneshot::Receiver<Option<Step>>;
}

/// No history at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHistory;

impl History for NoHistory {
    fn step(&self, _: ZoneId, _: Serial, _: Serial) -> oneshot::Receiver<Option<Step>> {
        oneshot::channel().1
    }
}
