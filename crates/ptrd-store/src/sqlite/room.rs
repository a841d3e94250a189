//! Room in the write-ahead log, made before it is needed.
//!
//! A sync of a file that grew makes the file system commit its own journal as well: about twice the work for each
//! commit of changes, until the log has reached the length at which it starts again. So the file is lengthened with
//! zeros beforehand, which are then written over.
//!
//! Why that is sound: SQLite takes what stands in the log up to the first frame that does not belong there, and a frame of
//! zeros never does (page number 0), just as frames of an earlier round do not; a log longer than its contents is what
//! it has after each new beginning, and what those who copy it, such as Litestream, are used to. Zeros go behind the end
//! of the file, while this holds SQLite's lock for writing: whoever else writes waits, in whatever process. The log's
//! file carries no locks of SQLite's that closing it could drop (those are on the database and the `-shm`).

use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;

/// So much at a time: commits wait for less than ten milliseconds.
const STEP: u64 = 1 << 20;
/// No more than this part of what the device has left: room is no reason to fill it.
const PART: u64 = 16;

/// Why no room was made. Nothing is lost by that: the log grows as it goes.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoRoom {
    #[error("locking the log")]
    Lock(#[from] rusqlite::Error),
    #[error("lengthening the log")]
    Write(#[from] io::Error),
    #[error("asking for the room on the device")]
    Device(#[from] nix::Error),
}

/// Lengthens the log by a step towards `wanted` octets, and returns it for syncing; nothing when it is that long already,
/// or the device has little left.
/// What a step took that failed is given back.
pub(super) fn lengthen(connection: &Connection, wanted: u64) -> Result<Option<File>, NoRoom> {
    let Some(path) = connection.path().map(|path| format!("{path}-wal")) else { return Ok(None) };
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
    let log = OpenOptions::new().write(true).open(path)?;
    let length = log.metadata()?.len();
    let device = nix::sys::statvfs::fstatvfs(&log)?;
    #[allow(clippy::useless_conversion, reason = "narrower on other machines")]
    let free = u64::from(device.blocks_available()).saturating_mul(u64::from(device.fragment_size()));
    if length >= wanted || wanted - length > free / PART {
        return Ok(None);
    }
    let step = STEP.min(wanted - length) as usize;
    if let Err(error) = log.write_all_at(&vec![0; step], length) {
        // Others may need it more.
        log.set_len(length)?;
        return Err(error.into());
    }
    transaction.rollback()?;
    Ok(Some(log))
}
