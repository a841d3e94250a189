//! The history of zones for incremental transfers: read from the store by a thread of its own, which condenses it.
//!
//! Whoever answers a transfer asks and goes on with other work. Where too many ask at a time, they are told that there is no
//! history, and send whole zones.

use anyhow::Context;
use ptrd_change::Road;
use ptrd_store::{Store, StoreError};
use ptrd_xfr::{History, Wish};
use ptrd_zone::Step;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// Who may wait.
const QUEUE: usize = 256;

/// See the module. The thread ends when it is dropped.
pub struct Keeper {
    queue: SyncSender<Wish>,
}

impl Keeper {
    /// Reads from there.
    ///
    /// # Errors
    /// When a thread cannot be had.
    pub fn start(mut archive: impl Archive + 'static) -> std::io::Result<Keeper> {
        let (queue, wishes) = sync_channel(QUEUE);
        std::thread::Builder::new().name("ptrd-history".to_owned()).spawn(move || {
            // A hint, as for all that changes or reports.
            let _ = ptrd_cpu::gives_way();
            serve(&mut archive, &wishes);
        })?;
        Ok(Keeper { queue })
    }
}

impl History for Keeper {
    fn find(&self, wish: Wish) {
        if let Err(TrySendError::Full(wish) | TrySendError::Disconnected(wish)) = self.queue.try_send(wish) {
            wish.asker.tell(None);
        }
    }
}

/// A store whose history is read.
pub trait Archive: Send {
    /// The way from one serial to another as one step, if it is known and no longer than so many octets.
    fn look_up(&mut self, wish: &Wish) -> Option<Step>;
}

/// The store of a road, which is written meanwhile.
pub struct Written {
    road: Arc<Road>,
    reader: Option<Box<dyn Store>>,
}

impl Written {
    pub fn new(road: Arc<Road>) -> Written {
        Written { road, reader: None }
    }
}

impl Archive for Written {
    fn look_up(&mut self, wish: &Wish) -> Option<Step> {
        if self.reader.is_none() {
            self.reader = self.road.own_reader().ok();
        }
        let reader = self.reader.as_mut()?;
        let step = condensed(&mut **reader, wish);
        step.unwrap_or_else(|error| {
            unread(error.into());
            // Another store may have taken its place.
            self.reader = None;
            None
        })
    }
}

/// A store that is only read, and may be another file tomorrow: its numbers of zones would then be those of other zones.
#[derive(Clone)]
pub struct ReadOnly {
    path: PathBuf,
    /// The file that is served, as the device knows it.
    served: Arc<Mutex<Option<Identity>>>,
}

/// Device and inode of a file.
pub type Identity = (u64, u64);

/// Which file this is, if it is there.
pub fn identity(path: &Path) -> Option<Identity> {
    std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

impl ReadOnly {
    /// The history in this file.
    pub fn new(path: &Path) -> ReadOnly {
        ReadOnly { path: path.to_owned(), served: Arc::default() }
    }

    /// What is served was read from this file; `None` where that cannot be told.
    pub fn serves(&self, file: Option<Identity>) {
        *self.served.lock().unwrap_or_else(PoisonError::into_inner) = file;
    }

    fn is_served(&self) -> bool {
        let served = *self.served.lock().unwrap_or_else(PoisonError::into_inner);
        served.is_some() && served == identity(&self.path)
    }
}

impl Archive for ReadOnly {
    fn look_up(&mut self, wish: &Wish) -> Option<Step> {
        if !self.is_served() {
            return None;
        }
        let found = ptrd_store::read_only(&self.path, |store| condensed(store, wish));
        let found = found.map_err(|error| unread(error.into())).ok()?;
        found.filter(|_| self.is_served())
    }
}

fn unread(error: anyhow::Error) {
    tracing::warn!(
        error = format!("{error:#}"),
        "the history of a zone could not be read: it is transferred as a whole"
    );
}

fn serve(archive: &mut dyn Archive, wishes: &Receiver<Wish>) {
    for wish in wishes {
        if !wish.asker.waits() {
            continue;
        }
        let step = archive.look_up(&wish);
        wish.asker.tell(step);
    }
}

/// The way from one serial to another as one step.
fn condensed(store: &mut dyn Store, wish: &Wish) -> Result<Option<Step>, StoreError> {
    let steps = store.deltas(wish.zone, wish.from, wish.most)?;
    // The store may be ahead of the snapshot that the transfer is of.
    let Some(end) = steps.iter().position(|step| step.to == wish.to) else { return Ok(None) };
    let mut way = Way::default();
    for step in &steps[..=end] {
        let pushed = match Step::unpack(&step.octets, wish.form) {
            Ok(Some(step)) => way.push(step),
            Ok(None) => return Ok(None),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = pushed {
            let zone = wish.zone;
            tracing::error!(%zone, %error, "the history of a zone is damaged: it is transferred as a whole");
            return Ok(None);
        }
    }
    Ok(way.end().ok().flatten())
}

/// Steps that become one. Those of about the same length are joined with each other first, so that many small ones after
/// one long one do not each cost what the long one does.
#[derive(Default)]
struct Way(Vec<Step>);

impl Way {
    fn push(&mut self, mut step: Step) -> anyhow::Result<()> {
        while self.0.last().is_some_and(|before| before.difference.len() <= 2 * step.difference.len()) {
            step = self.0.pop().context("one was there")?.then(&step)?;
        }
        self.0.push(step);
        Ok(())
    }

    fn end(mut self) -> anyhow::Result<Option<Step>> {
        let Some(mut whole) = self.0.pop() else { return Ok(None) };
        while let Some(before) = self.0.pop() {
            whole = before.then(&whole)?;
        }
        Ok(Some(whole))
    }
}
