//! The SQLite engine: one file, one writer, any number of readers. WAL with `synchronous=FULL`: what a commit
//! acknowledged survives a loss of power (`NORMAL` does not promise that).
//!
//! No other module of ptrd may open the file itself while a store is open, not even to read it; see [`file`].

mod cells;
mod checkpoint;
mod commit;
mod fault;
mod file;
mod load;
mod ptrs;
mod query;
mod read_only;
mod rows;
mod schema;
mod sets;
mod table;

pub use read_only::read_only;

use crate::{Commit, Edit, Loaded, LogEntry, LogQuery, Sink, Store, StoreError};
use checkpoint::Checkpointer;
use fault::Fault;
use file::StoreFile;
use ptrd_wire::Serial;
use ptrd_zone::model::ZoneId;
use rusqlite::{Connection, TransactionBehavior};
use std::path::{Path, PathBuf};

/// Makes a file as a ptrd of an older schema left it, without rows. For tests.
pub(crate) fn make_old(path: &Path, version: usize) -> Result<Connection, StoreError> {
    schema::make_old(path, version).map_err(|fault| fault.at("making", path))
}

/// The writing side of a SQLite store. At most one lives per file, in whatever process.
pub struct SqliteStore {
    /// None after a failure: the next use opens a new one.
    connection: Option<Connection>,
    /// None only while being dropped.
    checkpointer: Option<Checkpointer>,
    file: StoreFile,
}

/// A reading side.
struct SqliteReader {
    connection: Connection,
    path: PathBuf,
}

impl SqliteStore {
    /// Opens the store in this file, and makes it (mode 0600) and its folder (0700) when they are not there.
    ///
    /// # Errors
    /// [`StoreError`]; in particular `Locked` at once when another writer has it, and `NewerSchema` or `Corrupt`,
    /// with the file untouched, when it is that of a newer ptrd or of another program.
    pub fn open(path: &Path) -> Result<SqliteStore, StoreError> {
        let open = || -> Result<SqliteStore, Fault> {
            let file = StoreFile::hold(path)?;
            let connection = schema::open_writer(path)?;
            let checkpointer = Checkpointer::start(schema::open_beside(path)?)?;
            Ok(SqliteStore { connection: Some(connection), checkpointer: Some(checkpointer), file })
        };
        open().map_err(|fault| fault.at("opening", path))
    }

    /// Runs `work` on the connection. One that may have suffered is closed, and opened again for the next call: so
    /// a store works again by itself when the cause has gone.
    fn with<T>(
        &mut self,
        action: &'static str,
        work: impl FnOnce(&mut Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let run = || -> Result<T, Fault> {
            self.file.verify()?;
            let mut connection = match self.connection.take() {
                Some(connection) => connection,
                None => schema::open_writer(self.file.path())?,
            };
            let result = work(&mut connection);
            let sound = match &result {
                Ok(_) => true,
                Err(fault) => !fault.spoils_connection() && connection.is_autocommit(),
            };
            if sound {
                self.connection = Some(connection);
            }
            result
        };
        let result = run();
        result.map_err(|fault| fault.at(action, self.file.path()))
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
        self.with("reading", |connection| {
            let loaded = load::load(connection, sink)?;
            // The pages read are of no more use; writing needs a few of them at a time.
            connection.release_memory()?;
            Ok(loaded)
        })
    }

    fn commit(&mut self, changes: &[Commit]) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let checkpointer = self.checkpointer.take();
        let result = self.with("writing a change to", |connection| {
            let open = checkpointer.as_ref().map(Checkpointer::pass_gate);
            commit::commit(connection, changes)?;
            drop(open);
            if let Some(checkpointer) = &checkpointer {
                checkpointer.notice(connection);
            }
            // What a bulk change filled the cache with is of no use to the next one. A failure here is none of the
            // change, which is durable.
            if changes.iter().map(rows).sum::<usize>() > LARGE {
                let _ = connection.release_memory();
            }
            Ok(())
        });
        self.checkpointer = checkpointer;
        result
    }

    fn log(&mut self, query: &LogQuery) -> Result<Vec<LogEntry>, StoreError> {
        self.with("reading the log of", |connection| query::log(connection, query))
    }

    fn edits(&mut self, change: u64) -> Result<Vec<Edit>, StoreError> {
        self.with("reading the log of", |connection| query::edits(connection, change))
    }

    fn outbox(&mut self) -> Result<Vec<(ZoneId, Serial)>, StoreError> {
        self.with("reading the outbox of", query::outbox)
    }

    fn probe(&mut self) -> Result<(), StoreError> {
        self.with("writing to", |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute("UPDATE mark SET value = value WHERE name = 'last_change'", [])?;
            // Into the log, where a full disk is noticed; the rollback leaves it there, to be overwritten.
            transaction.cache_flush()?;
            transaction.rollback()?;
            Ok(())
        })
    }

    fn reader(&self) -> Result<Box<dyn Store>, StoreError> {
        let path = self.file.path();
        let connection = schema::open_reader(path).map_err(|fault| fault.at("opening", path))?;
        Ok(Box::new(SqliteReader { connection, path: path.to_owned() }))
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        drop(self.checkpointer.take());
        if let Some(connection) = self.connection.take()
            && let Err(error) = checkpoint::finish(&connection)
        {
            // Nothing is lost: the next start reads the log.
            tracing::warn!(%error, "the store's write-ahead log was not emptied on closing");
        }
    }
}

impl SqliteReader {
    fn with<T>(
        &mut self,
        action: &'static str,
        work: impl FnOnce(&mut Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        work(&mut self.connection).map_err(|fault| fault.at(action, &self.path))
    }

    fn refuse<T>(&self, action: &'static str) -> Result<T, StoreError> {
        Err(Fault::Unwritable("this is a reader".to_owned()).at(action, &self.path))
    }
}

impl Store for SqliteReader {
    fn load(&mut self, sink: &mut dyn Sink) -> Result<Loaded, StoreError> {
        self.with("reading", |connection| {
            let loaded = load::load(connection, sink)?;
            connection.release_memory()?;
            Ok(loaded)
        })
    }

    fn commit(&mut self, _changes: &[Commit]) -> Result<(), StoreError> {
        self.refuse("writing a change to")
    }

    fn log(&mut self, query: &LogQuery) -> Result<Vec<LogEntry>, StoreError> {
        self.with("reading the log of", |connection| query::log(connection, query))
    }

    fn edits(&mut self, change: u64) -> Result<Vec<Edit>, StoreError> {
        self.with("reading the log of", |connection| query::edits(connection, change))
    }

    fn outbox(&mut self) -> Result<Vec<(ZoneId, Serial)>, StoreError> {
        self.with("reading the outbox of", query::outbox)
    }

    fn probe(&mut self) -> Result<(), StoreError> {
        self.refuse("writing to")
    }

    fn reader(&self) -> Result<Box<dyn Store>, StoreError> {
        let connection = schema::open_reader(&self.path).map_err(|fault| fault.at("opening", &self.path))?;
        Ok(Box::new(SqliteReader { connection, path: self.path.clone() }))
    }
}
