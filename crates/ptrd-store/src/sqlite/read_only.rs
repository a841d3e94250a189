//! Reading a store without ever writing to it: a copy, a file on a read-only mount, or one that another ptrd writes.
//!
//! SQLite's read-only mode alone is not enough: for a file in WAL mode it makes an index of the log beside it, which a
//! read-only mount does not let it. So a file without a log is opened as immutable, which makes nothing; and where a log
//! turns up while it is read, a writer has come, and what was read is thrown away.

use super::fault::Fault;
use super::{SqliteReader, schema};
use crate::{Store, StoreError};
use rusqlite::{Connection, ErrorCode};
use std::path::{Path, PathBuf};

/// How often a writer may come while the file is read as immutable.
const ATTEMPTS: usize = 3;

/// Opens the store in this file for reading, lets `read` have it, and closes it. Nothing is made, changed or migrated,
/// but for the index of a write-ahead log that lies beside the file.
///
/// # Errors
/// [`StoreError`]; [`StoreError::OlderSchema`] when it would have to be migrated first.
pub fn read_only<T>(
    path: &Path,
    mut read: impl FnMut(&mut dyn Store) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let log = beside(path, "-wal");
    for _ in 1..ATTEMPTS {
        if log.exists() {
            break;
        }
        let open = |path: &Path| schema::open_immutable(path).and_then(admit);
        let reader = SqliteReader::start(path, open);
        let outcome = read(&mut reader.map_err(|fault| fault.at("opening", path))?);
        if !log.exists() {
            return outcome;
        }
    }
    let open = |path: &Path| schema::open_reader(path).and_then(admit);
    let reader = SqliteReader::start(path, open).map_err(|fault| explain(fault, &log));
    read(&mut reader.map_err(|fault| fault.at("opening", path))?)
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Only the present schema can be read.
fn admit(connection: Connection) -> Result<Connection, Fault> {
    match schema::admit(&connection)? {
        schema::KNOWN_VERSION => Ok(connection),
        found => Err(Fault::Older { found, known: schema::KNOWN_VERSION }),
    }
}

/// What to do where the log can neither be left out nor be read.
fn explain(fault: Fault, log: &Path) -> Fault {
    match &fault {
        Fault::Sqlite(error)
            if matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly)) =>
        {
            Fault::Refused(format!(
                "the write-ahead log {} needs an index that is not there and cannot be made: bring the -shm file along, or \
                 empty the log where it can be written (sqlite3 FILE 'PRAGMA wal_checkpoint(TRUNCATE)')",
                log.display()
            ))
        }
        _ => fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::samples;
    use crate::{SqliteStore, StoreError};
    use std::collections::BTreeMap;
    use std::time::SystemTime;

    fn files(folder: &Path) -> BTreeMap<PathBuf, (u64, SystemTime)> {
        let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
        let of = |entry: std::fs::DirEntry| {
            let found = entry.metadata().expect("metadata");
            (entry.path(), (found.len(), found.modified().expect("a time")))
        };
        entries.map(of).collect()
    }

    fn made(path: &Path) -> SqliteStore {
        let mut store = SqliteStore::open(path).expect("a store");
        store.commit(&[samples::change(1)]).expect("a change");
        store
    }

    fn last(path: &Path) -> Result<usize, StoreError> {
        read_only(path, |store| {
            store.log(&crate::LogQuery { limit: 10, ..Default::default() }).map(|log| log.len())
        })
    }

    #[test]
    fn nothing_is_made_or_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("odd %41?#name.db");
        drop(made(&path));
        let before = files(folder.path());
        assert_eq!(last(&path).expect("read"), 1);
        assert_eq!(files(folder.path()), before);
    }

    #[test]
    fn what_a_writer_has_not_yet_put_into_the_file_is_read_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ptrd.db");
        let mut store = made(&path);
        assert_eq!(last(&path).expect("read"), 1);
        store.commit(&[samples::change(2)]).expect("a change");
        assert_eq!(last(&path).expect("read"), 2);
    }

    #[test]
    fn a_writer_that_comes_while_it_is_read_is_noticed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ptrd.db");
        drop(made(&path));
        let mut writer = None;
        let mut turns = 0;
        let seen = read_only(&path, |store| {
            turns += 1;
            writer.get_or_insert_with(|| {
                let mut writer = SqliteStore::open(&path).expect("a writer");
                writer.commit(&[samples::change(2)]).expect("a change");
                writer
            });
            store.log(&crate::LogQuery { limit: 10, ..Default::default() }).map(|log| log.len())
        });
        assert_eq!((seen.expect("read"), turns), (2, 2));
    }

    #[test]
    fn other_schemas_and_missing_files_are_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ptrd.db");
        assert!(last(&path).is_err());
        assert!(!path.exists());
        std::fs::write(&path, "").expect("a file");
        let older = last(&path).expect_err("refused");
        assert!(matches!(older, StoreError::OlderSchema { found: 0, .. }), "{older}");
        std::fs::remove_file(&path).expect("removed");
        drop(made(&path));
        let set = |version: u32| {
            let connection = Connection::open(&path).expect("opened");
            connection.pragma_update(None, "journal_mode", "delete").expect("set");
            connection.pragma_update(None, "user_version", version).expect("set");
        };
        set(schema::KNOWN_VERSION + 1);
        assert!(matches!(last(&path), Err(StoreError::NewerSchema { .. })));
        if schema::KNOWN_VERSION > 1 {
            set(schema::KNOWN_VERSION - 1);
            let older = last(&path).expect_err("refused");
            assert!(older.to_string().contains("without --read-only"), "{older}");
        }
    }
}
