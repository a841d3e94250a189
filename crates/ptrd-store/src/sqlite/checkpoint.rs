//! Moves the write-ahead log into the database, away from the road of commits.
//!
//! SQLite's own automatic checkpoint runs inside a COMMIT, which then takes tens of milliseconds. Here a thread with
//! a connection of its own does it in PASSIVE mode, which waits for nobody and stops nobody. Only: the log starts
//! again from its beginning when a commit finds *all* of it moved, and a steady stream of commits is always a little
//! ahead. So when the log has grown long, the thread closes the gate to commits for the last few pages.

use super::room::{self, NoRoom};
use crate::StoreMeter;
use rusqlite::Connection;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long the write-ahead log may become, in pages of 4 KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLimits {
    /// So many pages not yet moved call for a checkpoint (2 048: 8 MiB).
    pub call: u32,
    /// A log of so many pages is to start again from its beginning (8 192: 32 MiB). After a crash the next start
    /// reads all of it.
    pub long: u32,
    /// So few pages may be moved while commits wait (512: 2 MiB).
    pub few: u32,
}

impl Default for LogLimits {
    fn default() -> LogLimits {
        LogLimits { call: 2_048, long: 8_192, few: 512 }
    }
}

/// How often to try to come that close; a reader in a long transaction can keep it away.
const TRIES: u32 = 8;

/// How long to wait after a checkpoint that failed.
const RETRY: Duration = Duration::from_secs(1);
/// Octets of a page: SQLite's default, which the store keeps.
pub(super) const PAGE: u64 = 4_096;

/// Handle of the thread; dropping it ends and joins it.
pub(super) struct Checkpointer {
    limits: LogLimits,
    meter: Arc<StoreMeter>,
    gate: Arc<Mutex<()>>,
    /// Whether room in the log was asked for.
    has_room: AtomicBool,
    is_ending: Arc<AtomicBool>,
    bell: Option<SyncSender<Call>>,
    thread: Option<JoinHandle<()>>,
}

/// What the thread is called for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    /// Move pages.
    Move,
    /// Make room in the log.
    Grow,
}

/// Pages in the log, and how many of them were moved.
#[derive(Clone, Copy)]
struct Progress {
    pages: i64,
    moved: i64,
}

impl Checkpointer {
    /// Starts the thread on a connection of its own.
    pub(super) fn start(
        connection: Connection,
        limits: LogLimits,
        meter: Arc<StoreMeter>,
    ) -> io::Result<Checkpointer> {
        let gate = Arc::new(Mutex::new(()));
        let is_ending = Arc::<AtomicBool>::default();
        // One place for each kind of call.
        let (bell, calls) = sync_channel(2);
        let work = Work {
            connection,
            limits,
            gate: Arc::clone(&gate),
            is_ending: Arc::clone(&is_ending),
            meter: Arc::clone(&meter),
        };
        let thread = std::thread::Builder::new().name("ptrd-checkpoint".to_owned()).spawn(move || {
            // A hint, as for the writer.
            let _ = ptrd_cpu::gives_way();
            work.serve(&calls);
        })?;
        Ok(Checkpointer {
            limits,
            meter,
            gate,
            has_room: AtomicBool::new(false),
            is_ending,
            bell: Some(bell),
            thread: Some(thread),
        })
    }

    /// To be held during a transaction.
    pub(super) fn pass_gate(&self) -> MutexGuard<'_, ()> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rings when the log, as the writer sees it after a commit, is worth a checkpoint, and after the first commit: a
    /// store that is changed is likely to be changed again, and its log gets the room for that.
    pub(super) fn notice(&self, writer: &Connection) {
        let Some(bell) = &self.bell else { return };
        if !self.has_room.swap(true, Relaxed) {
            let _ = bell.try_send(Call::Grow);
        }
        let Ok(log) = checkpoint(writer, "NOOP") else { return };
        self.meter.log_is(log.pages.max(0) as u64 * PAGE);
        if log.behind() >= i64::from(self.limits.call) {
            // Full: it is already called.
            let _ = bell.try_send(Call::Move);
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.is_ending.store(true, Relaxed);
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

/// What the thread has.
struct Work {
    connection: Connection,
    limits: LogLimits,
    gate: Arc<Mutex<()>>,
    is_ending: Arc<AtomicBool>,
    meter: Arc<StoreMeter>,
}

impl Work {
    /// Works at each call, and, after a failure, without one: until it works again.
    fn serve(&self, calls: &Receiver<Call>) {
        let mut failing = false;
        loop {
            let call = if failing { calls.recv_timeout(RETRY) } else { calls.recv().map_err(Into::into) };
            match call {
                Err(RecvTimeoutError::Disconnected) => return,
                // Without room the log grows as it goes, and whoever changes something is told.
                Ok(Call::Grow) => {
                    if let Err(error) = self.make_room() {
                        tracing::debug!(%error, "no room was made in the store's write-ahead log");
                    }
                    continue;
                }
                Ok(Call::Move) | Err(RecvTimeoutError::Timeout) => {}
            }
            let begun = Instant::now();
            let passed = self.pass();
            self.meter.checkpointed(begun.elapsed(), passed.as_ref().err().map(ToString::to_string));
            // What was acknowledged is safe in the log; the log grows until this works again.
            match &passed {
                Err(error) if !failing => {
                    tracing::warn!(%error, "the store's write-ahead log cannot be moved into its database");
                }
                Ok(()) if failing => tracing::info!("the store's write-ahead log can be moved again"),
                _ => {}
            }
            failing = passed.is_err();
        }
    }

    /// Lengthens the log to the limit, a step at a time: commits wait during each, not for all of them.
    fn make_room(&self) -> Result<(), NoRoom> {
        let wanted = u64::from(self.limits.long) * PAGE;
        while !self.is_ending.load(Relaxed) {
            let closed = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(log) = room::lengthen(&self.connection, wanted)? else { return Ok(()) };
            drop(closed);
            log.sync_data()?;
        }
        Ok(())
    }

    fn pass(&self) -> Result<(), rusqlite::Error> {
        let LogLimits { long, few, .. } = self.limits;
        for _ in 0..TRIES {
            if checkpoint(&self.connection, "PASSIVE")?.pages < i64::from(long) {
                return Ok(());
            }
            if checkpoint(&self.connection, "NOOP")?.behind() <= i64::from(few) {
                let _closed = self.gate.lock().unwrap_or_else(PoisonError::into_inner);
                return checkpoint(&self.connection, "PASSIVE").map(drop);
            }
        }
        Ok(())
    }
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
