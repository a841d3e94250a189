//! The SQLite engine: one file, one writer, any number of readers. WAL with `synchronous=FULL`: what a commit
//! acknowledged survives a loss of power (`NORMAL` does not promise that).
//!
//! No other module of ptrd may open the file itself while a store is open, not even to read it; see [`file`].

mod backup;
mod cells;
mod checkpoint;
mod checks;
mod commit;
mod fault;
mod file;
mod freshness;
mod kept;
mod load;
mod prune;
mod ptrs;
mod query;
mod read_only;
mod restore;
mod room;
mod rows;
mod schema;
mod sending;
mod session;
mod sets;
mod table;
mod token_use;
mod trim;
mod verify;
mod watched;
mod whole;

pub use checkpoint::LogLimits;
pub use read_only::read_only;
pub use restore::{Restored, Restoring};
pub(crate) use schema::KNOWN_VERSION;
pub use verify::{Check, Finding, Step, Watch};

use crate::{
    CheckRow, Commit, DeltaStep, Duty, Edit, KeptAnswer, Loaded, LogEntry, LogQuery, Logged, Pruned, Sink,
    Store, StoreError, StoreMeter, TokenUse, Trimmed, Watched, WatchedRow,
};
use checkpoint::Checkpointer;
use fault::Fault;
use file::{Lock, StoreFile};
use ptrd_wire::{AddrRange, Serial};
use ptrd_zone::model::ZoneId;
use rusqlite::{Connection, TransactionBehavior};
use session::Session;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Makes a file as a ptrd of an older schema left it, without rows. For tests.
pub(crate) fn make_old(path: &Path, version: u32) -> Result<Connection, StoreError> {
    schema::make_old(path, version).map_err(|fault| fault.at("making", path))
}

/// The writing side of a SQLite store. At most one lives per file, in whatever process.
pub struct SqliteStore {
    session: Session,
    /// None only while being dropped.
    checkpointer: Option<Checkpointer>,
    limits: LogLimits,
    meter: Arc<StoreMeter>,
    _lock: Lock,
}

/// A reading side.
struct SqliteReader {
    session: Session,
    meter: Arc<StoreMeter>,
}

impl SqliteStore {
    /// Opens the store in this file, and makes it (mode 0600) and its folder (0700) when they are not there.
    ///
    /// # Errors
    /// [`StoreError`]; in particular `Locked` at once when another writer has it, and `NewerSchema` or `Corrupt`,
    /// with the file untouched, when it is that of a newer ptrd or of another program.
    pub fn open(path: &Path) -> Result<SqliteStore, StoreError> {
        SqliteStore::open_with(path, LogLimits::default())
    }

    /// Like [`SqliteStore::open`], with other limits for the write-ahead log than the usual ones.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub fn open_with(path: &Path, limits: LogLimits) -> Result<SqliteStore, StoreError> {
        let open = || -> Result<SqliteStore, Fault> {
            let (file, lock) = StoreFile::hold(path)?;
            let session = Session::start(file, schema::open_writer)?;
            let meter = Arc::<StoreMeter>::default();
            let checkpointer = Checkpointer::start(schema::open_beside(path)?, limits, meter.clone())?;
            Ok(SqliteStore { session, checkpointer: Some(checkpointer), limits, meter, _lock: lock })
        };
        open().map_err(|fault| fault.at("opening", path))
    }

    /// Writes what is no change, past the checkpointer's gate as changes go.
    fn write<T>(
        &mut self,
        action: &'static str,
        work: impl FnOnce(&mut Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let checkpointer = self.checkpointer.as_ref();
        self.session.with(action, |connection| {
            let open = checkpointer.map(Checkpointer::pass_gate);
            let done = work(connection)?;
            drop(open);
            if let Some(checkpointer) = checkpointer {
                checkpointer.notice(connection);
            }
            Ok(done)
        })
    }

    /// Checks the store in this file, which may be in use by another process but by none here, and tells `watch` of
    /// whatever is wrong and `sink` of the rows. What the rows mean is for the sink to judge.
    ///
    /// # Errors
    /// [`StoreError`] when the file cannot be opened; what cannot be read further in is a finding.
    pub fn check(path: &Path, sink: &mut dyn Sink, watch: &mut dyn Watch) -> Result<(), StoreError> {
        verify::check(path, sink, watch)
    }
}

/// Rows of a transaction after which the cache is emptied.
const LARGE: usize = 4096;

fn rows(change: &Commit) -> usize {
    let of_edit = |edit: &Edit| if let Edit::Ptrs(edits) = edit { edits.len() } else { 1 };
    change.edits.iter().map(of_edit).sum()
}

impl Store for SqliteStore {
    fn load(&mut self, sink: &mut dyn Sink) -> Result<Loaded, StoreError> {
        self.session.load(sink)
    }

    fn commit(&mut self, changes: &[Commit]) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let (begun, checkpointer) = (Instant::now(), self.checkpointer.as_ref());
        let result = self.session.with("writing a change to", |connection| {
            let open = checkpointer.map(Checkpointer::pass_gate);
            commit::commit(connection, changes)?;
            drop(open);
            if let Some(checkpointer) = checkpointer {
                checkpointer.notice(connection);
            }
            // What a bulk change filled the cache with is of no use to the next one. A failure here is none of the
            // change, which is durable.
            if changes.iter().map(rows).sum::<usize>() > LARGE {
                let _ = connection.release_memory();
            }
            Ok(())
        });
        match &result {
            Ok(()) => self.meter.committed(changes.len(), begun.elapsed()),
            Err(error) => {
                self.meter.refused();
                // A commit whose sync failed stands in the log, whole, and a start after a crash would find it there.
                // The caller was told that it did not happen, so the next one's place is written over now.
                if matches!(error, StoreError::Other { .. }) {
                    let _ = self.probe();
                }
            }
        }
        result
    }

    fn log(&mut self, query: &LogQuery) -> Result<Vec<LogEntry>, StoreError> {
        self.session.log(query)
    }

    fn edits(&mut self, change: u64) -> Result<Vec<Edit>, StoreError> {
        self.session.edits(change)
    }

    fn logged(&mut self, change: u64) -> Result<Option<Logged>, StoreError> {
        self.session.logged(change)
    }

    fn oldest(&mut self) -> Result<u64, StoreError> {
        self.session.oldest()
    }

    fn first_since(&mut self, at: i64) -> Result<u64, StoreError> {
        self.session.first_since(at)
    }

    fn prune(&mut self, before: u64, go_on: &mut dyn FnMut() -> bool) -> Result<Pruned, StoreError> {
        self.write("pruning the log of", |connection| prune::prune(connection, before, go_on))
    }

    fn trim(&mut self, most: u64, go_on: &mut dyn FnMut() -> bool) -> Result<Trimmed, StoreError> {
        let trimmed =
            self.write("trimming the history of", |connection| trim::trim(connection, most, go_on))?;
        self.meter.history_is(trimmed.octets);
        Ok(trimmed)
    }

    fn backup(&mut self, to: &Path, step: &mut dyn FnMut(u64, u64) -> bool) -> Result<u64, StoreError> {
        self.session.backup(to, step)
    }

    fn deltas(&mut self, zone: ZoneId, from: Serial, most: usize) -> Result<Vec<DeltaStep>, StoreError> {
        self.session.deltas(zone, from, most)
    }

    fn whole(&mut self, change: u64) -> Result<Option<Commit>, StoreError> {
        self.session.with("reading the log of", |connection| whole::whole(connection, change))
    }

    fn duty(&mut self) -> Result<Duty, StoreError> {
        self.session.with("reading", |connection| whole::duty(connection))
    }

    fn set_duty(&mut self, duty: Duty) -> Result<(), StoreError> {
        let checkpointer = self.checkpointer.as_ref();
        self.session.with("writing to", |connection| {
            let _open = checkpointer.map(Checkpointer::pass_gate);
            whole::set_duty(connection, duty)
        })
    }

    fn incoming(&self) -> Option<PathBuf> {
        Some(whole::incoming(self.session.file().path()))
    }

    fn replace(&mut self, copy: &Path) -> Result<Option<PathBuf>, StoreError> {
        let path = self.session.file().path().to_owned();
        whole::make_ready(copy).map_err(|fault| fault.at("reading the copy", copy))?;
        let was_empty = self.session.oldest()? == 0;
        let limits = self.limits;
        drop(self.checkpointer.take());
        if let Some(connection) = self.session.end() {
            checkpoint::finish(&connection).map_err(|fault| Fault::from(fault).at("closing", &path))?;
        }
        let mut replace = || -> Result<Option<PathBuf>, Fault> {
            let aside = whole::take_place(copy, &path, was_empty)?;
            let (file, beside) = whole::reopened(&path)?;
            self.session = Session::start(file, schema::open_writer)?;
            self.checkpointer = Some(Checkpointer::start(beside, limits, self.meter.clone())?);
            Ok(aside)
        };
        replace().map_err(|fault| fault.at("replacing", &path))
    }

    fn outbox(&mut self) -> Result<Vec<(ZoneId, Serial)>, StoreError> {
        self.session.outbox()
    }

    fn outbox_done(&mut self, announced: &[(ZoneId, Serial)]) -> Result<(), StoreError> {
        self.write("emptying the outbox of", |connection| commit::outbox_done(connection, announced))
    }

    fn freshness(&mut self) -> Result<Vec<(ZoneId, i64)>, StoreError> {
        self.session.freshness()
    }

    fn put_freshness(&mut self, checked: &[(ZoneId, i64)]) -> Result<(), StoreError> {
        self.write("writing how fresh zones are to", |connection| freshness::put(connection, checked))
    }

    fn kept_answer(&mut self, asked: &[u8; 32], since: i64) -> Result<Option<KeptAnswer>, StoreError> {
        self.session.with("reading answers in", |connection| kept::get(connection, asked, since))
    }

    fn forget_answers(&mut self, before: i64, most: usize) -> Result<(), StoreError> {
        self.write("forgetting answers in", |connection| kept::forget(connection, before, most))
    }

    fn token_uses(&mut self) -> Result<Vec<TokenUse>, StoreError> {
        self.session.token_uses()
    }

    fn put_token_uses(&mut self, uses: &[TokenUse]) -> Result<(), StoreError> {
        self.write("writing uses of tokens to", |connection| token_use::put(connection, uses))
    }

    fn checks(&mut self, range: &AddrRange, limit: usize) -> Result<Vec<CheckRow>, StoreError> {
        self.session.checks(range, limit)
    }

    fn untold_checks(&mut self, limit: usize) -> Result<Vec<CheckRow>, StoreError> {
        self.session.untold_checks(limit)
    }

    fn put_checks(&mut self, rows: &[CheckRow]) -> Result<(), StoreError> {
        self.write("writing how addresses stand to", |connection| checks::put(connection, rows))
    }

    fn watched(&mut self, after: Option<&Watched>, limit: usize) -> Result<Vec<WatchedRow>, StoreError> {
        self.session.watched(after, limit)
    }

    fn evidence(&mut self, watched: &Watched) -> Result<Option<String>, StoreError> {
        self.session.evidence(watched)
    }

    fn put_watched(&mut self, rows: &[WatchedRow]) -> Result<(), StoreError> {
        self.write("writing what was seen to", |connection| watched::put(connection, rows))
    }

    fn probe(&mut self) -> Result<(), StoreError> {
        self.session.with("writing to", |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            // Another value: SQLite does not touch the page for the same one.
            transaction.execute("UPDATE mark SET value = value + 1 WHERE name = 'last_change'", [])?;
            // Into the log, where a full disk is noticed; the rollback leaves it there, to be overwritten.
            transaction.cache_flush()?;
            transaction.rollback()?;
            Ok(())
        })
    }

    fn reader(&self) -> Result<Box<dyn Store>, StoreError> {
        reader(self.session.file(), &self.meter)
    }

    fn meter(&self) -> Arc<StoreMeter> {
        Arc::clone(&self.meter)
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        drop(self.checkpointer.take());
        if let Some(connection) = self.session.end()
            && let Err(error) = checkpoint::finish(&connection)
        {
            // Nothing is lost: the next start reads the log.
            tracing::warn!(%error, "the store's write-ahead log was not emptied on closing");
        }
    }
}

fn reader(file: &StoreFile, meter: &Arc<StoreMeter>) -> Result<Box<dyn Store>, StoreError> {
    let session = Session::start(file.clone(), schema::open_reader);
    let session = session.map_err(|fault| fault.at("opening", file.path()))?;
    Ok(Box::new(SqliteReader { session, meter: Arc::clone(meter) }))
}

impl SqliteReader {
    /// A reader of a file that nothing else of this process has open.
    fn start(path: &Path, open: session::Open) -> Result<SqliteReader, Fault> {
        let session = Session::start(StoreFile::at(path)?, open)?;
        Ok(SqliteReader { session, meter: Arc::default() })
    }

    fn refuse<T>(&self, action: &'static str) -> Result<T, StoreError> {
        Err(Fault::Unwritable("this is a reader".to_owned()).at(action, self.session.file().path()))
    }
}

impl Store for SqliteReader {
    fn load(&mut self, sink: &mut dyn Sink) -> Result<Loaded, StoreError> {
        self.session.load(sink)
    }

    fn commit(&mut self, _changes: &[Commit]) -> Result<(), StoreError> {
        self.refuse("writing a change to")
    }

    fn log(&mut self, query: &LogQuery) -> Result<Vec<LogEntry>, StoreError> {
        self.session.log(query)
    }

    fn edits(&mut self, change: u64) -> Result<Vec<Edit>, StoreError> {
        self.session.edits(change)
    }

    fn logged(&mut self, change: u64) -> Result<Option<Logged>, StoreError> {
        self.session.logged(change)
    }

    fn oldest(&mut self) -> Result<u64, StoreError> {
        self.session.oldest()
    }

    fn first_since(&mut self, at: i64) -> Result<u64, StoreError> {
        self.session.first_since(at)
    }

    fn prune(&mut self, before: u64, go_on: &mut dyn FnMut() -> bool) -> Result<Pruned, StoreError> {
        let _ = (before, go_on);
        self.refuse("pruning the log of")
    }

    fn trim(&mut self, most: u64, go_on: &mut dyn FnMut() -> bool) -> Result<Trimmed, StoreError> {
        let _ = (most, go_on);
        self.refuse("trimming the history of")
    }

    fn backup(&mut self, to: &Path, step: &mut dyn FnMut(u64, u64) -> bool) -> Result<u64, StoreError> {
        self.session.backup(to, step)
    }

    fn deltas(&mut self, zone: ZoneId, from: Serial, most: usize) -> Result<Vec<DeltaStep>, StoreError> {
        self.session.deltas(zone, from, most)
    }

    fn whole(&mut self, change: u64) -> Result<Option<Commit>, StoreError> {
        self.session.with("reading the log of", |connection| whole::whole(connection, change))
    }

    fn duty(&mut self) -> Result<Duty, StoreError> {
        self.session.with("reading", |connection| whole::duty(connection))
    }

    fn incoming(&self) -> Option<PathBuf> {
        Some(whole::incoming(self.session.file().path()))
    }

    fn set_duty(&mut self, _duty: Duty) -> Result<(), StoreError> {
        self.refuse("writing to")
    }

    fn outbox(&mut self) -> Result<Vec<(ZoneId, Serial)>, StoreError> {
        self.session.outbox()
    }

    fn outbox_done(&mut self, _announced: &[(ZoneId, Serial)]) -> Result<(), StoreError> {
        self.refuse("emptying the outbox of")
    }

    fn freshness(&mut self) -> Result<Vec<(ZoneId, i64)>, StoreError> {
        self.session.freshness()
    }

    fn put_freshness(&mut self, _checked: &[(ZoneId, i64)]) -> Result<(), StoreError> {
        self.refuse("writing how fresh zones are to")
    }

    fn token_uses(&mut self) -> Result<Vec<TokenUse>, StoreError> {
        self.session.token_uses()
    }

    fn put_token_uses(&mut self, _uses: &[TokenUse]) -> Result<(), StoreError> {
        self.refuse("writing uses of tokens to")
    }

    fn checks(&mut self, range: &AddrRange, limit: usize) -> Result<Vec<CheckRow>, StoreError> {
        self.session.checks(range, limit)
    }

    fn untold_checks(&mut self, limit: usize) -> Result<Vec<CheckRow>, StoreError> {
        self.session.untold_checks(limit)
    }

    fn put_checks(&mut self, _rows: &[CheckRow]) -> Result<(), StoreError> {
        self.refuse("writing how addresses stand to")
    }

    fn watched(&mut self, after: Option<&Watched>, limit: usize) -> Result<Vec<WatchedRow>, StoreError> {
        self.session.watched(after, limit)
    }

    fn evidence(&mut self, watched: &Watched) -> Result<Option<String>, StoreError> {
        self.session.evidence(watched)
    }

    fn put_watched(&mut self, _rows: &[WatchedRow]) -> Result<(), StoreError> {
        self.refuse("writing what was seen to")
    }

    fn probe(&mut self) -> Result<(), StoreError> {
        self.refuse("writing to")
    }

    fn reader(&self) -> Result<Box<dyn Store>, StoreError> {
        reader(self.session.file(), &self.meter)
    }

    fn meter(&self) -> Arc<StoreMeter> {
        Arc::clone(&self.meter)
    }
}
