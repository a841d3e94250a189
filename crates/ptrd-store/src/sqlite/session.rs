//! A connection that is opened again after a failure, and what can be read through it: the part that the writing and
//! the reading side have in common.

use super::fault::Fault;
use super::file::StoreFile;
use super::{backup, load, query, schema};
use crate::{
    CheckRow, DeltaStep, Edit, Loaded, LogEntry, LogQuery, Logged, Sink, StoreError, TokenUse, Watched,
    WatchedRow,
};
use ptrd_wire::{AddrRange, Serial};
use ptrd_zone::model::ZoneId;
use rusqlite::Connection;
use std::path::Path;

/// Opens a connection to the file at a path.
pub(super) type Open = fn(&Path) -> Result<Connection, Fault>;

/// See the module.
pub(super) struct Session {
    /// None after a failure: the next use opens a new one.
    connection: Option<Connection>,
    open: Open,
    file: StoreFile,
}

impl Session {
    pub(super) fn start(file: StoreFile, open: Open) -> Result<Session, Fault> {
        let connection = Some(open(file.path())?);
        Ok(Session { connection, open, file })
    }

    pub(super) fn file(&self) -> &StoreFile {
        &self.file
    }

    /// Runs `work` on the connection. One that may have suffered is closed, and opened again for the next call: so
    /// a store works again by itself when the cause has gone.
    pub(super) fn with<T>(
        &mut self,
        action: &'static str,
        work: impl FnOnce(&mut Connection) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let run = || -> Result<T, Fault> {
            self.file.verify()?;
            let mut connection = match self.connection.take() {
                Some(connection) => connection,
                None => (self.open)(self.file.path())?,
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

    /// Takes the connection, if there is one, to close it in a way of the caller's.
    pub(super) fn end(&mut self) -> Option<Connection> {
        self.connection.take()
    }

    pub(super) fn load(&mut self, sink: &mut dyn Sink) -> Result<Loaded, StoreError> {
        self.with("reading", |connection| {
            let loaded = schema::with_passing_cache(connection, |connection| load::load(connection, sink))?;
            // The pages read are of no more use.
            connection.release_memory()?;
            Ok(loaded)
        })
    }

    pub(super) fn log(&mut self, query: &LogQuery) -> Result<Vec<LogEntry>, StoreError> {
        self.with("reading the log of", |connection| query::log(connection, query))
    }

    pub(super) fn logged(&mut self, change: u64) -> Result<Option<Logged>, StoreError> {
        self.with("reading the log of", |connection| query::logged(connection, change))
    }

    pub(super) fn oldest(&mut self) -> Result<u64, StoreError> {
        self.with("reading the log of", query::oldest)
    }

    pub(super) fn first_since(&mut self, at: i64) -> Result<u64, StoreError> {
        self.with("reading the log of", |connection| query::first_since(connection, at))
    }

    pub(super) fn backup(
        &mut self,
        to: &Path,
        step: &mut dyn FnMut(u64, u64) -> bool,
    ) -> Result<u64, StoreError> {
        self.with("copying", |connection| {
            let copied = backup::copy(connection, to, step);
            // The pages read are of no more use.
            connection.release_memory()?;
            copied
        })
    }

    pub(super) fn edits(&mut self, change: u64) -> Result<Vec<Edit>, StoreError> {
        self.with("reading the log of", |connection| query::edits(connection, change))
    }

    pub(super) fn deltas(
        &mut self,
        zone: ZoneId,
        from: Serial,
        most: usize,
    ) -> Result<Vec<DeltaStep>, StoreError> {
        self.with("reading the history of", |connection| query::deltas(connection, zone, from, most))
    }

    pub(super) fn freshness(&mut self) -> Result<Vec<(ZoneId, i64)>, StoreError> {
        self.with("reading how fresh zones are in", super::freshness::all)
    }

    pub(super) fn token_uses(&mut self) -> Result<Vec<TokenUse>, StoreError> {
        self.with("reading uses of tokens in", super::token_use::all)
    }

    pub(super) fn checks(&mut self, range: &AddrRange, limit: usize) -> Result<Vec<CheckRow>, StoreError> {
        self.with("reading how addresses stand in", |connection| {
            super::checks::within(connection, range, limit)
        })
    }

    pub(super) fn untold_checks(&mut self, limit: usize) -> Result<Vec<CheckRow>, StoreError> {
        self.with("reading how addresses stand in", |connection| super::checks::untold(connection, limit))
    }

    pub(super) fn watched(
        &mut self,
        after: Option<&Watched>,
        limit: usize,
    ) -> Result<Vec<WatchedRow>, StoreError> {
        self.with("reading what was seen in", |connection| super::watched::after(connection, after, limit))
    }

    pub(super) fn evidence(&mut self, watched: &Watched) -> Result<Option<String>, StoreError> {
        self.with("reading what was seen in", |connection| super::watched::evidence(connection, watched))
    }

    pub(super) fn outbox(&mut self) -> Result<Vec<(ZoneId, Serial)>, StoreError> {
        self.with("reading the outbox of", query::outbox)
    }
}
