//! What goes wrong below the store, and the one place that turns it into [`StoreError`].

use crate::StoreError;
use rusqlite::{ErrorCode, ffi};
use std::io;
use std::path::Path;

/// An error before it knows the file it happened to.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite's.
    Sqlite(rusqlite::Error),
    /// The file system's.
    Io(io::Error),
    /// refinery's.
    Migration(Box<refinery::Error>),
    /// The file opens, and holds what no ptrd wrote.
    Damaged(String),
    /// The file is not the one that was opened, or this is a reader.
    Unwritable(String),
    /// Another ptrd has the file.
    Locked,
    /// A newer ptrd wrote the file.
    Newer { found: u32, known: u32 },
    /// An older ptrd wrote the file, and it may not be migrated.
    Older { found: u32, known: u32 },
    /// The caller asked for what rows cannot hold. Nothing is wrong with the store.
    Refused(String),
    /// The caller ended it.
    Interrupted,
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Fault {
        Fault::Sqlite(error)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::Io(error)
    }
}

/// Why a commit was refused.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refusal(String);

impl Fault {
    /// Whether the connection may have suffered, and a new one might do better.
    pub(super) fn spoils_connection(&self) -> bool {
        match self {
            Fault::Refused(_)
            | Fault::Locked
            | Fault::Newer { .. }
            | Fault::Older { .. }
            | Fault::Interrupted => false,
            Fault::Sqlite(error) => !matches!(
                error.sqlite_error_code(),
                Some(
                    ErrorCode::DatabaseBusy
                        | ErrorCode::DatabaseLocked
                        | ErrorCode::ConstraintViolation
                        | ErrorCode::TooBig
                )
            ),
            Fault::Io(_) | Fault::Migration(_) | Fault::Damaged(_) | Fault::Unwritable(_) => true,
        }
    }

    /// The error that the caller sees.
    pub(super) fn at(self, action: &'static str, path: &Path) -> StoreError {
        let file = path.display().to_string();
        match self {
            Fault::Sqlite(error) => of_sqlite(error, action, file),
            Fault::Io(error) => of_io(error, action, file),
            Fault::Migration(error) => of_migration(error, action, file),
            Fault::Damaged(detail) => StoreError::Corrupt { path: file, detail },
            Fault::Unwritable(detail) => StoreError::ReadOnly { path: file, detail },
            Fault::Locked => StoreError::Locked { path: file },
            Fault::Newer { found, known } => StoreError::NewerSchema { path: file, found, known },
            Fault::Older { found, known } => StoreError::OlderSchema { path: file, found, known },
            Fault::Interrupted => StoreError::Interrupted { action, path: file },
            Fault::Refused(why) => StoreError::Other { action, path: file, cause: Box::new(Refusal(why)) },
        }
    }
}

fn of_sqlite(error: rusqlite::Error, action: &'static str, path: String) -> StoreError {
    use rusqlite::Error as E;
    let detail = error.to_string();
    // The SQL is fixed and fits the schema: text that SQLite cannot compile and values of the wrong type say that
    // the schema or a row in the file is not what a ptrd wrote.
    if matches!(
        error,
        E::SqlInputError { .. }
            | E::InvalidColumnType(..)
            | E::FromSqlConversionFailure(..)
            | E::IntegralValueOutOfRange(..)
            | E::Utf8Error(..)
            | E::QueryReturnedNoRows
    ) {
        return StoreError::Corrupt { path, detail };
    }
    let Some(cause) = error.sqlite_error() else {
        return StoreError::Other { action, path, cause: Box::new(error) };
    };
    match (cause.code, cause.extended_code) {
        (ErrorCode::DiskFull, _) | (_, ffi::SQLITE_IOERR_SHMSIZE) => StoreError::Full { path },
        (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _)
        | (_, ffi::SQLITE_IOERR_SHORT_READ | ffi::SQLITE_IOERR_CORRUPTFS | ffi::SQLITE_IOERR_DATA)
        | (_, ffi::SQLITE_ERROR | ffi::SQLITE_FORMAT) => StoreError::Corrupt { path, detail },
        (ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen, _) => {
            StoreError::ReadOnly { path, detail }
        }
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed, _) => {
            StoreError::Locked { path }
        }
        _ => StoreError::Other { action, path, cause: Box::new(error) },
    }
}

fn of_io(error: io::Error, action: &'static str, path: String) -> StoreError {
    use io::ErrorKind as K;
    match error.kind() {
        K::StorageFull | K::QuotaExceeded => StoreError::Full { path },
        K::PermissionDenied | K::ReadOnlyFilesystem | K::NotFound | K::NotADirectory | K::IsADirectory => {
            StoreError::ReadOnly { path, detail: error.to_string() }
        }
        _ => StoreError::Other { action, path, cause: Box::new(error) },
    }
}

fn of_migration(error: Box<refinery::Error>, action: &'static str, path: String) -> StoreError {
    use refinery::error::Kind;
    match error.kind() {
        Kind::Connection(_, cause) => match cause.downcast_ref::<rusqlite::Error>() {
            Some(rusqlite::Error::SqliteFailure(code, detail)) => {
                of_sqlite(rusqlite::Error::SqliteFailure(*code, detail.clone()), action, path)
            }
            Some(other) => StoreError::Corrupt { path, detail: other.to_string() },
            None => StoreError::Other { action, path, cause: error },
        },
        // The history in the file is not ours.
        Kind::DivergentVersion(..) | Kind::MissingVersion(_) => {
            StoreError::Corrupt { path, detail: error.to_string() }
        }
        _ => StoreError::Other { action, path, cause: error },
    }
}
