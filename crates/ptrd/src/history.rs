//! The history of zones for incremental transfers: read from the store by a thread of its own, which condenses it.
//!
//! Whoever answers a transfer asks and goes on with other work. Where too many ask at a time, they are told that there is no
//! history, and send whole zones. What was found lately is on a shelf, and told at once.

use ptrd_change::Road;
use ptrd_store::{Store, StoreError};
use ptrd_xfr::{History, HistoryCounts, Shelf, Wish};
use ptrd_zone::{Condenser, Form, Step, Uncondensed};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Who may wait.
const QUEUE: usize = 256;

/// See the module. The thread ends when it is dropped.
pub struct Keeper {
    queue: SyncSender<Wish>,
    found: Arc<Found>,
}

/// Ways that were found, and what came of wishes.
#[derive(Default)]
struct Found {
    shelf: Mutex<Shelf>,
    known: AtomicU64,
    read: AtomicU64,
    none: AtomicU64,
}

impl Found {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The way that was found before.
    fn known(&self, wish: &Wish) -> Option<Arc<Step>> {
        let step = self.shelf().get(&wish.zone, (wish.from, wish.form))?;
        self.known.fetch_add(1, Relaxed);
        Some(step)
    }

    /// Notes what was found now.
    fn note(&self, wish: &Wish, step: Option<Step>) -> Option<Arc<Step>> {
        let Some(step) = step.map(Arc::new) else {
            self.none.fetch_add(1, Relaxed);
            return None;
        };
        self.read.fetch_add(1, Relaxed);
        self.shelf().put(&wish.zone, (wish.from, wish.form), &step);
        Some(step)
    }
}

impl Keeper {
    /// Reads from there.
    ///
    /// # Errors
    /// When a thread cannot be had.
    pub fn start(mut archive: impl Archive + 'static) -> std::io::Result<Keeper> {
        let (queue, wishes) = sync_channel(QUEUE);
        let found = Arc::<Found>::default();
        let noted = found.clone();
        std::thread::Builder::new().name("ptrd-history".to_owned()).spawn(move || {
            // A hint, as for all that changes or reports.
            let _ = ptrd_cpu::gives_way();
            serve(&mut archive, &wishes, &noted);
        })?;
        Ok(Keeper { queue, found })
    }
}

impl History for Keeper {
    fn find(&self, wish: Wish) {
        if let Some(step) = self.found.known(&wish) {
            return wish.asker.tell(Some(step));
        }
        if let Err(TrySendError::Full(wish) | TrySendError::Disconnected(wish)) = self.queue.try_send(wish) {
            self.found.none.fetch_add(1, Relaxed);
            wish.asker.tell(None);
        }
    }

    fn counts(&self) -> HistoryCounts {
        let Found { known, read, none, .. } = &*self.found;
        HistoryCounts {
            known: known.load(Relaxed),
            read: read.load(Relaxed),
            none: none.load(Relaxed),
            held: self.found.shelf().octets() as u64,
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

fn serve(archive: &mut dyn Archive, wishes: &Receiver<Wish>, found: &Found) {
    for wish in wishes {
        if !wish.asker.waits() {
            continue;
        }
        // Somebody else may have asked for the same meanwhile.
        let step = found.known(&wish).or_else(|| found.note(&wish, archive.look_up(&wish)));
        wish.asker.tell(step);
    }
}

/// The way from one serial to another as one step.
fn condensed(store: &mut dyn Store, wish: &Wish) -> Result<Option<Step>, StoreError> {
    let (id, to) = (wish.zone.id(), wish.zone.soa().serial);
    let steps = store.deltas(id, wish.from, wish.most)?;
    // The store may be ahead of the snapshot that the transfer is of.
    let Some(end) = steps.iter().position(|step| step.to == to) else { return Ok(None) };
    let way = condense(steps[..=end].iter().map(|step| &*step.octets), wish.form);
    Ok(way.unwrap_or_else(|error| {
        let zone = wish.zone.apex();
        tracing::error!(%zone, %error, "the history of a zone is damaged: it is transferred as a whole");
        None
    }))
}

/// Steps as one, in a form; `None` where one of them has no difference in it.
fn condense<'s>(steps: impl Iterator<Item = &'s [u8]>, form: Form) -> Result<Option<Step>, Uncondensed> {
    let mut way = Condenser::default();
    for octets in steps {
        match Step::in_form(octets, form)? {
            Some(octets) => way.push(&octets)?,
            None => return Ok(None),
        }
    }
    way.finish()
}
