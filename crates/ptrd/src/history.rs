//! The history of zones for incremental transfers: read from the store by a thread of its own, which condenses it.
//!
//! Whoever answers a transfer asks and goes on with other work. Where too many ask at a time, they are told that there is no
//! history, and send whole zones.

use ptrd_change::Road;
use ptrd_store::{DeltaStep, Store, StoreError};
use ptrd_wire::Serial;
use ptrd_xfr::History;
use ptrd_zone::Step;
use ptrd_zone::model::ZoneId;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use tokio::sync::oneshot;

/// Octets of history that an answer is worth: more is slower than the whole zone.
const MOST: usize = 64 << 20;
/// Who may wait.
const QUEUE: usize = 256;

struct Wish {
    zone: ZoneId,
    from: Serial,
    to: Serial,
    answer: oneshot::Sender<Option<Step>>,
}

/// See the module. The thread ends when it is dropped.
pub struct Keeper {
    queue: SyncSender<Wish>,
}

impl Keeper {
    /// Reads from the store of this road.
    ///
    /// # Errors
    /// When a thread cannot be had.
    pub fn start(road: Arc<Road>) -> std::io::Result<Keeper> {
        let (queue, wishes) = sync_channel(QUEUE);
        std::thread::Builder::new().name("ptrd-history".to_owned()).spawn(move || {
            // A hint, as for all that changes or reports.
            let _ = ptrd_cpu::gives_way();
            serve(&road, &wishes);
        })?;
        Ok(Keeper { queue })
    }
}

impl History for Keeper {
    fn step(&self, zone: ZoneId, from: Serial, to: Serial) -> oneshot::Receiver<Option<Step>> {
        let (answer, receiver) = oneshot::channel();
        // A queue that is full drops the sender, which says that there is nothing.
        let _ = self.queue.try_send(Wish { zone, from, to, answer });
        receiver
    }
}

fn serve(road: &Road, wishes: &Receiver<Wish>) {
    let mut reader: Option<Box<dyn Store>> = None;
    for Wish { zone, from, to, answer } in wishes {
        if answer.is_closed() {
            continue;
        }
        if reader.is_none() {
            reader = road.own_reader().ok();
        }
        let step = reader.as_mut().map(|reader| condensed(&mut **reader, zone, from, to));
        // Another store may have taken its place.
        if matches!(step, Some(Err(_))) {
            reader = None;
        }
        let step = step.and_then(|step| step.ok().flatten());
        // Who asked may have gone.
        let _ = answer.send(step);
    }
}

/// The way from one serial to another as one step.
fn condensed(
    store: &mut dyn Store,
    zone: ZoneId,
    from: Serial,
    to: Serial,
) -> Result<Option<Step>, StoreError> {
    let steps = store.deltas(zone, from, MOST).inspect_err(|error| {
        tracing::warn!(%error, "the history of a zone could not be read: it is transferred as a whole");
    });
    Ok(joined(&steps?, zone, to))
}

fn joined(steps: &[DeltaStep], zone: ZoneId, to: Serial) -> Option<Step> {
    // The store may be ahead of the snapshot that the transfer is of.
    let end = steps.iter().position(|step| step.to == to)?;
    let mut whole: Option<Step> = None;
    for step in &steps[..=end] {
        let next = Step::unpack(&step.octets).inspect_err(|error| {
            tracing::error!(%zone, %error, "the history of a zone is damaged: it is transferred as a whole");
        });
        let next = next.ok()?;
        whole = Some(match whole {
            None => next,
            Some(before) => before.then(&next).ok()?,
        });
    }
    whole
}
