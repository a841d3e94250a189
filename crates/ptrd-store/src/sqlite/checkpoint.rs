//! Moves the write-ahead log into the database, away from the road of commits.
//!
//! SQLite's own automatic checkpoint runs inside a COMMIT, which then takes tens of milliseconds. Here a thread with
//! a connection of its own does it in PASSIVE mode, which waits for nobody and stops nobody. Only: the log starts
//! again from its beginning when a commit finds *all* of it moved, and a steady stream of commits is always a little
//! ahead. So when the log has grown long, the thread closes the gate to commits for the last few pages.

use rusqlite::Connection;
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// So many pages of the log not yet moved call for a checkpoint (32 MiB). Fewer would move pages that
/// the next commits write again.
const CALL: i64 = 8_192;
/// A log of so many pages is to start again from its beginning (128 MiB). After a crash the next start reads
/// all of it.
const LONG: i64 = 32_768;
/// So few pages may be moved with the gate closed (4 MiB).
const FEW: i64 = 1_024;
/// How often to try to come that close; a reader in a long transaction can keep it away.
const TRIES: u32 = 8;

/// Handle of the thread; dropping it ends and joins it.
pub(super) struct Checkpointer {
    gate: Arc<Mutex<()>>,
    bell: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Pages in the log, and how many of them were moved.
#[derive(Clone, Copy)]
struct Progress {
    pages: i64,
    moved: i64,
}

impl Checkpointer {
    /// Starts the thread on a connection of its own.
    pub(super) fn start(connection: Connection) -> io::Result<Checkpointer> {
        let gate = Arc::new(Mutex::new(()));
        let (bell, calls) = sync_channel(1);
        let gate_of_thread = Arc::clone(&gate);
        let thread = std::thread::Builder::new()
            .name("ptrd-checkpoint".to_owned())
            .spawn(move || serve(&connection, &calls, &gate_of_thread))?;
        Ok(Checkpointer { gate, bell: Some(bell), thread: Some(thread) })
    }

    /// To be held during a transaction.
    pub(super) fn pass_gate(&self) -> MutexGuard<'_, ()> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rings when the log, as the writer sees it after a commit, is worth a checkpoint.
    pub(super) fn notice(&self, writer: &Connection) {
        let worth = matches!(checkpoint(writer, "NOOP"), Ok(log) if log.pages - log.moved >= CALL);
        if worth && let Some(bell) = &self.bell {
            // Full: it is already called.
            let _ = bell.try_send(());
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.bell = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the checkpoint thread of the store had panicked");
        }
    }
}

/// Moves everything and empties the log, when no reader stands in the way.
pub(super) fn finish(connection: &Connection) -> Result<(), rusqlite::Error> {
    checkpoint(connection, "TRUNCATE").map(drop)
}

fn serve(connection: &Connection, calls: &Receiver<()>, gate: &Mutex<()>) {
    let mut failing = false;
    while calls.recv().is_ok() {
        match pass(connection, gate) {
            Ok(()) => failing = false,
            // What was acknowledged is safe in the log; the log grows until this works again.
            Err(error) if !failing => {
                failing = true;
                tracing::warn!(%error, "the store's write-ahead log cannot be moved into its database");
            }
            Err(_) => {}
        }
    }
}

fn pass(connection: &Connection, gate: &Mutex<()>) -> Result<(), rusqlite::Error> {
    for _ in 0..TRIES {
        if checkpoint(connection, "PASSIVE")?.pages < LONG {
            return Ok(());
        }
        if checkpoint(connection, "NOOP")?.behind() <= FEW {
            let _closed = gate.lock().unwrap_or_else(PoisonError::into_inner);
            return checkpoint(connection, "PASSIVE").map(drop);
        }
    }
    Ok(())
}

impl Progress {
    fn behind(self) -> i64 {
        self.pages - self.moved
    }
}

fn checkpoint(connection: &Connection, mode: &str) -> Result<Progress, rusqlite::Error> {
    connection
        .prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))?
        .query_row([], |row| Ok(Progress { pages: row.get(1)?, moved: row.get(2)? }))
}
