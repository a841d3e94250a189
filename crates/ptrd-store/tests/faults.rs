//! Each way in which a file or its device fails has its error, and loses nothing that was acknowledged.

mod common;

use common::{contents, ptrs, rows};
use ptrd_store::conformance::{change, read};
use ptrd_store::{LogLimits, SqliteStore, Store, StoreError};
use std::fs;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

fn folder() -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("ptrd.db");
    (folder, path)
}

fn open_error(path: &Path) -> StoreError {
    match SqliteStore::open(path) {
        Ok(_) => panic!("{} opened", path.display()),
        Err(error) => error,
    }
}

#[test]
fn files_are_private() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("a/b/ptrd.db");
    let mut store = SqliteStore::open(&path).expect("a store");
    store.commit(&[ptrs(1, 1, 1)]).expect("a commit");
    let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().expect("a folder")), 0o700);
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let path = PathBuf::from(format!("{}{suffix}", path.display()));
        assert_eq!(mode(&path) & 0o177, 0, "{}", path.display());
    }
}

#[test]
fn a_second_writer_is_locked_out_until_the_first_goes() {
    let (_folder, path) = folder();
    let mut store = SqliteStore::open(&path).expect("a store");
    store.commit(&[ptrs(1, 1, 1)]).expect("a commit");
    assert!(matches!(open_error(&path), StoreError::Locked { .. }));
    // The refused one disturbs nothing.
    store.commit(&[ptrs(2, 2, 1)]).expect("a commit");
    drop(store);
    assert_eq!(contents(&path).ptrs.len(), 2);
}

#[test]
fn a_lock_of_another_program_passes() {
    let (_folder, path) = folder();
    let mut store = SqliteStore::open(&path).expect("a store");
    let shell = rusqlite::Connection::open(&path).expect("another program");
    shell.execute_batch("BEGIN IMMEDIATE").expect("its lock");
    let refused = store.commit(&[ptrs(1, 1, 1)]);
    assert!(matches!(refused, Err(StoreError::Locked { .. })), "{refused:?}");
    assert!(matches!(store.probe(), Err(StoreError::Locked { .. })));
    shell.execute_batch("ROLLBACK").expect("its unlock");
    store.probe().expect("writable again");
    store.commit(&[ptrs(1, 1, 1)]).expect("a commit");
    drop(store);
    assert_eq!(contents(&path).ptrs.len(), 1);
}

#[test]
fn a_newer_schema_is_left_alone() {
    let (_folder, path) = folder();
    SqliteStore::open(&path).expect("a store").commit(&[ptrs(1, 1, 9)]).expect("a commit");
    let newest = common::newest_schema();
    let version = newest + 1;
    let newer = rusqlite::Connection::open(&path).expect("the file");
    newer.execute_batch(&format!("PRAGMA user_version = {version}")).expect("a newer version");
    // Once with the version in the log only, once in the file.
    let before = fs::read(&path).expect("the file");
    for _ in 0..2 {
        let error = open_error(&path);
        assert!(
            matches!(error, StoreError::NewerSchema { found, known, .. } if (found, known) == (version, newest)),
            "{error:?}"
        );
        assert!(error.to_string().contains("newer ptrd"), "{error}");
    }
    assert_eq!(fs::read(&path).expect("the file"), before, "nothing was written");
    drop(newer);
    let before = fs::read(&path).expect("the file");
    assert!(matches!(open_error(&path), StoreError::NewerSchema { found, .. } if found == version));
    assert_eq!(fs::read(&path).expect("the file"), before, "nothing was written");
}

#[test]
fn files_of_others_are_refused_and_left_alone() {
    let (_folder, path) = folder();
    let foreign = rusqlite::Connection::open(&path).expect("a file");
    foreign
        .execute_batch("CREATE TABLE domains (id INTEGER); INSERT INTO domains VALUES (1)")
        .expect("a table");
    drop(foreign);
    let before = fs::read(&path).expect("the file");
    let error = open_error(&path);
    assert!(
        matches!(&error, StoreError::Corrupt { detail, .. } if detail.contains("another application")),
        "{error}"
    );
    assert_eq!(fs::read(&path).expect("the file"), before);

    fs::write(&path, "no database, but a text of some length\n".repeat(200)).expect("a text");
    assert!(matches!(open_error(&path), StoreError::Corrupt { .. }));

    // An empty file is as good as none.
    fs::write(&path, "").expect("an empty file");
    SqliteStore::open(&path).expect("a store").commit(&[ptrs(1, 1, 1)]).expect("a commit");
}

#[test]
fn a_half_made_store_is_finished() {
    let (_folder, path) = folder();
    let early = rusqlite::Connection::open(&path).expect("a file");
    early
        .execute_batch(
            "CREATE TABLE refinery_schema_history (version int4 PRIMARY KEY, name VARCHAR(255),
                                                   applied_on VARCHAR(255), checksum VARCHAR(255))",
        )
        .expect("what refinery does first");
    drop(early);
    SqliteStore::open(&path).expect("a store").commit(&[ptrs(1, 1, 1)]).expect("a commit");
    assert_eq!(contents(&path).ptrs.len(), 1);
}

#[test]
fn a_damaged_header_or_page_is_told() {
    let (_folder, path) = folder();
    let mut store = SqliteStore::open(&path).expect("a store");
    store.commit(&[rows(1, 50), ptrs(2, 1, 20_000)]).expect("a commit");
    drop(store);
    let whole = fs::read(&path).expect("the file");
    let damage = |at: u64, octets: &[u8]| {
        fs::write(&path, &whole).expect("the file");
        let file = fs::OpenOptions::new().write(true).open(&path).expect("the file");
        file.write_all_at(octets, at).expect("damage");
    };
    damage(0, b"no SQLite header");
    assert!(matches!(open_error(&path), StoreError::Corrupt { .. }));
    // A page of PTRs (a leaf of a table without rowid starts with 10): the file opens, and the load says what is wrong.
    let is_leaf = |page: &&[u8]| page[0] == 10 && page.windows(4).any(|octets| octets == b"pool");
    let leaf = whole.chunks(4096).rposition(|page| is_leaf(&page)).expect("a page of PTRs");
    damage(4096 * leaf as u64, &[0xff; 4096]);
    let mut store = SqliteStore::open(&path).expect("the header is sound");
    let mut sink = ptrd_store::conformance::Contents::default();
    let error = store.load(&mut sink).expect_err("a damaged page");
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}");
    drop(store);
    // Cut off.
    fs::write(&path, &whole[..whole.len() / 2]).expect("half a file");
    let result = SqliteStore::open(&path).and_then(|mut store| store.load(&mut sink));
    assert!(matches!(result, Err(StoreError::Corrupt { .. })), "{result:?}");
}

#[test]
fn a_file_taken_away_is_noticed() {
    let (folder, path) = folder();
    let mut store = SqliteStore::open(&path).expect("a store");
    store.commit(&[ptrs(1, 1, 1)]).expect("a commit");
    let aside = folder.path().join("aside.db");
    fs::rename(&path, &aside).expect("a move");
    let error = store.commit(&[ptrs(2, 2, 1)]).expect_err("no file");
    assert!(matches!(&error, StoreError::ReadOnly { detail, .. } if detail.contains("moved")), "{error:?}");
    fs::write(&path, "another").expect("another file");
    assert!(matches!(store.commit(&[ptrs(2, 2, 1)]), Err(StoreError::ReadOnly { .. })));
    fs::remove_file(&path).expect("no other file");
    fs::rename(&aside, &path).expect("back again");
    store.commit(&[ptrs(2, 2, 1)]).expect("a commit");
    drop(store);
    assert_eq!(contents(&path).ptrs.len(), 2);
}

/// A small file system of its own, gone when dropped; none when this process may not mount.
struct Mount(PathBuf);

impl Mount {
    fn new(at: &Path, size: &str) -> Option<Mount> {
        fs::create_dir(at).expect("a folder");
        let options = format!("size={size}");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(at).output();
        match mounted {
            Ok(output) if output.status.success() => Some(Mount(at.to_owned())),
            other => {
                println!("skipped: cannot mount a file system here ({other:?})");
                None
            }
        }
    }

    fn remount(&self, options: &str) {
        let options = format!("remount,{options}");
        let done = Command::new("mount").args(["-o", &options]).arg(&self.0).status().expect("mount");
        assert!(done.success(), "{options}");
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_is_told_and_survived() {
    let (folder, _) = folder();
    let Some(mount) = Mount::new(&folder.path().join("small"), "3m") else { return };
    let path = mount.0.join("ptrd.db");
    let mut store = SqliteStore::open(&path).expect("a store");
    store.commit(&[rows(1, 10)]).expect("a commit");
    let ballast = mount.0.join("ballast");
    let mut acknowledged = 1;
    let mut refusals = 0;
    let mut number = 1;
    while refusals < 20 {
        number += 1;
        match store.commit(&[ptrs(number, number as u32 * 1000, 200)]) {
            Ok(()) => acknowledged = number,
            Err(StoreError::Full { .. }) => {
                refusals += 1;
                number -= 1;
            }
            Err(other) => panic!("{other:?}"),
        }
        if number == 20 && !ballast.exists() {
            fs::write(&ballast, vec![0; 1_000_000]).expect("ballast");
        }
    }
    assert!(acknowledged > 5);
    assert!(matches!(store.commit(&[ptrs(number + 1, 1 << 24, 30_000)]), Err(StoreError::Full { .. })));
    // What was acknowledged is there, to this store, to a reader, and to the next process.
    let count = (acknowledged as usize - 1) * 200;
    assert_eq!(read(&mut store).ptrs.len(), count);
    assert_eq!(read(&mut *store.reader().expect("a reader")).ptrs.len(), count);
    // Room again: it works again, by itself.
    fs::remove_file(&ballast).expect("room");
    mount.remount("size=20m");
    store.probe().expect("writable again");
    store.commit(&[ptrs(number + 1, 1 << 24, 200)]).expect("a commit");
    drop(store);
    assert_eq!(contents(&path).ptrs.len(), count + 200);
}

#[test]
fn a_disk_without_room_for_a_store_is_told() {
    let (folder, _) = folder();
    let Some(mount) = Mount::new(&folder.path().join("tiny"), "16k") else { return };
    let error = open_error(&mount.0.join("ptrd.db"));
    assert!(matches!(error, StoreError::Full { .. } | StoreError::ReadOnly { .. }), "{error:?}");
}

#[test]
fn a_read_only_file_system_is_told_and_survived() {
    let (folder, _) = folder();
    let Some(mount) = Mount::new(&folder.path().join("mounted"), "20m") else { return };
    let path = mount.0.join("ptrd.db");
    SqliteStore::open(&path).expect("a store").commit(&[ptrs(1, 1, 100)]).expect("a commit");
    mount.remount("ro");
    let error = open_error(&path);
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error:?}");
    mount.remount("rw");
    assert_eq!(contents(&path).ptrs.len(), 100);
}

#[test]
fn a_read_only_file_or_folder_is_told() {
    let (folder, path) = folder();
    SqliteStore::open(&path).expect("a store").commit(&[ptrs(1, 1, 100)]).expect("a commit");
    if fs::metadata(&path).expect("the file").uid() == 0 {
        println!("skipped: modes do not bind the superuser");
        return;
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).expect("a mode");
    assert!(matches!(open_error(&path), StoreError::ReadOnly { .. }));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).expect("a mode");
    assert!(matches!(open_error(&path), StoreError::ReadOnly { .. }));
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).expect("a mode");
}

#[test]
fn a_folder_or_a_missing_path_is_no_store() {
    let (folder, path) = folder();
    assert!(matches!(open_error(folder.path()), StoreError::ReadOnly { .. }));
    fs::write(&path, "").expect("a file");
    assert!(matches!(
        open_error(&path.join("below/a/file.db")),
        StoreError::ReadOnly { .. } | StoreError::Other { .. }
    ));
}

/// The write-ahead log of a process that was killed is found and read; a log cut short loses only what was cut.
#[test]
fn the_log_of_a_killed_process_counts() {
    let (folder, path) = folder();
    // No room in the log behind its contents: where it is cut counts.
    let limits = LogLimits { long: 0, ..LogLimits::default() };
    let mut store = SqliteStore::open_with(&path, limits).expect("a store");
    store.commit(&[rows(1, 10)]).expect("a commit");
    store.commit(&[ptrs(2, 1, 500)]).expect("a commit");
    // As kill -9 leaves it: the files as they are, no closing.
    let copy = folder.path().join("copy.db");
    let suffixed = |path: &Path, suffix: &str| PathBuf::from(format!("{}{suffix}", path.display()));
    let shell = Command::new("cp").arg(&path).arg(&copy).status().expect("cp");
    assert!(shell.success());
    fs::copy(suffixed(&path, "-wal"), suffixed(&copy, "-wal")).expect("the log");
    let found = contents(&copy);
    assert_eq!((found.ptrs.len(), found.zones.len(), found.loaded.last_change), (500, 10, 2));

    let wal = fs::read(suffixed(&path, "-wal")).expect("the log");
    for part in [wal.len() - 1, wal.len() - 5000] {
        let _ = fs::remove_file(suffixed(&copy, "-shm"));
        assert!(Command::new("cp").arg(&path).arg(&copy).status().expect("cp").success());
        fs::write(suffixed(&copy, "-wal"), &wal[..part]).expect("a part of the log");
        let found = contents(&copy);
        assert_eq!((found.ptrs.len(), found.zones.len(), found.loaded.last_change), (0, 10, 1));
    }
}

#[test]
fn the_log_starts_again_while_commits_go_on() {
    let (_folder, path) = folder();
    let mut store = SqliteStore::open(&path).expect("a store");
    let wal = PathBuf::from(format!("{}-wal", path.display()));
    let mut largest = 0;
    // Far more than the length at which the log starts again.
    for n in 1..=120u64 {
        store.commit(&[ptrs(n, (n as u32 % 8) << 20, 20_000)]).expect("a commit");
        largest = largest.max(fs::metadata(&wal).expect("the log").len());
    }
    assert!(largest < 300 << 20, "the log grew to {largest} octets");
    drop(store);
    assert!(!wal.exists(), "a store closed in order leaves no log");
    assert_eq!(contents(&path).ptrs.len(), 8 * 20_000);
    let _ = change(1);
}
