//! Puts a backup in the place of a store, while no daemon has it.
//!
//! The backup is copied beside the store, checked, brought up to the present schema, and given what must not go back:
//! numbers, and the serials that the caller found out. Only then it takes the store's name, in one rename; the store
//! that was there stays under another. Whatever fails before that leaves everything as it was.
//!
//! What a restored store has forgotten, secondaries may remember: so the history of serials is cut, for no step from
//! what they hold leads to what is served now (RFC 1995 §4: they are sent the whole zone).

use super::fault::Fault;
use super::file::{Lock, folder_of, sync_folder, take_lock};
use super::table::Marks;
use super::{backup, checkpoint, commit, load, schema, trim, whole};
use crate::{Commit, Duty, Loaded, Sink, Step, StoreError, Watch};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};

/// The kind of the change that says in the log that the store was restored.
pub(super) const KIND: &str = "restore";

/// A backup on its way into a store's place. Dropped before [`Restoring::finish`], it leaves no trace.
pub struct Restoring {
    store: PathBuf,
    partial: Partial,
    loaded: Loaded,
    /// The store's lock, held until the end.
    _lock: Lock,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restored {
    /// Where the store that was there is now.
    pub aside: Option<PathBuf>,
}

/// A file that goes when it was not used.
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm", "-journal"] {
            // Nobody reads it, and the next attempt replaces it.
            let _ = fs::remove_file(beside(&self.0, end));
        }
    }
}

pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

impl Restoring {
    /// Takes hold of the store's place, copies the backup beside it, and checks it: whatever is wrong with it is told
    /// to `watch`.
    ///
    /// # Errors
    /// [`StoreError`]: `Locked` while a daemon has the store; for the backup, what opening a store says.
    pub fn begin(
        backup: &Path,
        store: &Path,
        sink: &mut dyn Sink,
        watch: &mut dyn Watch,
    ) -> Result<Restoring, StoreError> {
        let lock = take_lock(store).map_err(|fault| fault.at("restoring", store))?;
        own_like_store(store, &beside(store, ".lock")).map_err(|fault| fault.at("restoring", store))?;
        let partial = Partial(beside(store, ".restoring"));
        let mut prepare = || -> Result<(), Fault> {
            drop(Partial(partial.0.clone()));
            copy(backup, &partial.0, &mut *watch)?;
            // Also brings the schema up to date: a backup from before an upgrade is a common case.
            let connection = schema::open_unshared(&partial.0)?;
            checkpoint::finish(&connection)?;
            Ok(())
        };
        prepare().map_err(|fault| fault.at("reading the backup", backup))?;
        super::verify::check(&partial.0, sink, watch)?;
        let loaded = loaded(&partial.0).map_err(|fault| fault.at("reading the backup", backup))?;
        Ok(Restoring { store: store.to_owned(), partial, loaded, _lock: lock })
    }

    /// The last numbers that the backup had given.
    pub fn loaded(&self) -> Loaded {
        self.loaded
    }

    /// Reads the rows of a store that is not in use by this process, whatever is wrong with its log.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn read(path: &Path, sink: &mut dyn Sink) -> Result<Loaded, StoreError> {
        let mut read = || -> Result<Loaded, Fault> { load::load(&mut schema::open_reader(path)?, sink) };
        read().map_err(|fault| fault.at("reading", path))
    }

    /// Makes the change that says what was restored, with the serials that zones go on from, and puts the whole in
    /// the store's place. Numbers that `replaced` had given are not given again.
    ///
    /// # Errors
    /// [`StoreError`]; then the store is what it was.
    pub fn finish(self, change: &Commit, replaced: Loaded) -> Result<Restored, StoreError> {
        let partial = &self.partial.0;
        let finish = || -> Result<Restored, Fault> {
            let mut connection = schema::open_unshared(partial)?;
            let transaction = connection.transaction()?;
            let before = Marks::read(&transaction)?;
            let mut marks = before.clone();
            marks.last_tenant = marks.last_tenant.max(replaced.last_tenant);
            marks.last_block = marks.last_block.max(replaced.last_block);
            marks.last_zone = marks.last_zone.max(replaced.last_zone);
            marks.last_ns_set = marks.last_ns_set.max(replaced.last_ns_set);
            marks.last_soa_template = marks.last_soa_template.max(replaced.last_soa_template);
            marks.write(&transaction, &before)?;
            transaction.execute("DELETE FROM zone_serial", [])?;
            // Whoever restores a standby's backup wants to make changes here.
            whole::set_duty(&transaction, Duty::Primary)?;
            transaction.execute("UPDATE mark SET value = 0 WHERE name = ?1", [trim::OCTETS])?;
            transaction.commit()?;
            commit::commit(&mut connection, std::slice::from_ref(change))?;
            checkpoint::finish(&connection)?;
            drop(connection);
            File::open(partial)?.sync_all()?;
            own_like_store(&self.store, partial)?;
            let aside = set_aside(&self.store)?;
            fs::rename(partial, &self.store)?;
            sync_folder(folder_of(&self.store))?;
            Ok(Restored { aside })
        };
        finish().map_err(|fault| fault.at("restoring", &self.store))
    }
}

/// Gives a file to whom the store belongs, or its folder where there is none: root restores, another user serves.
fn own_like_store(store: &Path, file: &Path) -> Result<(), Fault> {
    let model = fs::metadata(store).or_else(|_| fs::metadata(folder_of(store)))?;
    let now = fs::metadata(file)?;
    if (now.uid(), now.gid()) == (model.uid(), model.gid()) {
        return Ok(());
    }
    // Whoever is not root cannot give files away, and will serve them under the same name.
    match chown(file, Some(model.uid()), Some(model.gid())) {
        Err(error) if error.kind() != io::ErrorKind::PermissionDenied => Err(error.into()),
        _ => Ok(()),
    }
}

/// Copies through SQLite, so that what still stands in the backup's write-ahead log, if it has one, comes along.
fn copy(backup: &Path, to: &Path, watch: &mut dyn Watch) -> Result<(), Fault> {
    fs::metadata(backup)?;
    let connection = schema::open_reader_anywhere(backup)?;
    let mut tell = |done, all| {
        watch.step(Step::Copying, done, Some(all));
        true
    };
    backup::copy(&connection, to, &mut tell).map(drop)
}

fn loaded(path: &Path) -> Result<Loaded, Fault> {
    let marks = Marks::read(&schema::open_reader(path)?)?;
    Ok(Loaded {
        last_change: marks.last_change,
        last_tenant: marks.last_tenant,
        last_block: marks.last_block,
        last_zone: marks.last_zone,
        last_ns_set: marks.last_ns_set,
        last_soa_template: marks.last_soa_template,
    })
}

/// Gives the store that is there a second name, and leaves its place to another. The write-ahead log is emptied into
/// it where that still works, and goes along where not: left behind, it would be read into the new store.
pub(super) fn set_aside(store: &Path) -> Result<Option<PathBuf>, Fault> {
    if !store.exists() {
        return Ok(None);
    }
    if let Err(fault) = empty_log(store) {
        tracing::warn!(?fault, "the replaced store is kept with its write-ahead log, which cannot be read");
    }
    let name = |nth: u32| match nth {
        0 => beside(store, &format!(".replaced-{}", backup::now())),
        nth => beside(store, &format!(".replaced-{}-{nth}", backup::now())),
    };
    // Two in one second: neither takes the other's name.
    let mut nth = 0;
    while name(nth).exists() {
        nth += 1;
    }
    let aside = name(nth);
    for end in ["", "-wal"] {
        let (from, to) = (beside(store, end), beside(&aside, end));
        // A log with nothing in it is none.
        let is_there = fs::metadata(&from).is_ok_and(|found| end.is_empty() || found.len() > 0);
        if is_there {
            // Not every file system has second names.
            if fs::hard_link(&from, &to).is_err() {
                fs::copy(&from, &to)?;
                File::open(&to)?.sync_all()?;
            }
        }
    }
    sync_folder(folder_of(store))?;
    for end in ["-wal", "-shm"] {
        match fs::remove_file(beside(store, end)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(Some(aside))
}

fn empty_log(store: &Path) -> Result<(), Fault> {
    let connection: Connection = schema::open_beside(store)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
    checkpoint::finish(&connection)?;
    Ok(())
}
