//! A device that fails: what was acknowledged stays, what was refused did not happen, and when the device works again, so
//! does the store.

mod common;

use common::{DATABASE, database, folder, ptrs, zones};
use ptrd_powercut::{Fault, Kind, watch};
use ptrd_store::conformance::{assert_same_rows, read};
use ptrd_store::{LogLimits, MemoryStore, SqliteStore, Store, StoreError};
use rusqlite::ffi;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const SHORT: LogLimits = LogLimits { call: 24, long: 60, few: 30 };
const PATIENCE: Duration = Duration::from_secs(30);

/// Kinds of fault: of what, on which file, with which code, and the error to be told.
const FAULTS: [(Kind, &str, i32); 11] = [
    (Kind::Write, "-wal", ffi::SQLITE_IOERR_WRITE),
    (Kind::Write, "-wal", ffi::SQLITE_FULL),
    (Kind::Sync, "-wal", ffi::SQLITE_IOERR_FSYNC),
    (Kind::Truncate, "-wal", ffi::SQLITE_IOERR_TRUNCATE),
    (Kind::Read, "-wal", ffi::SQLITE_IOERR_READ),
    (Kind::Open, "-wal", ffi::SQLITE_CANTOPEN),
    (Kind::Read, ".db", ffi::SQLITE_IOERR_READ),
    (Kind::Write, ".db", ffi::SQLITE_IOERR_WRITE),
    (Kind::Write, ".db", ffi::SQLITE_FULL),
    (Kind::Sync, ".db", ffi::SQLITE_IOERR_FSYNC),
    (Kind::Map, "", ffi::SQLITE_IOERR_SHMMAP),
];

/// Copies the files as a killed process leaves them.
fn killed(path: &Path, to: &Path) {
    for ending in ["", "-wal"] {
        let (from, to) = (format!("{}{ending}", path.display()), format!("{}{ending}", to.display()));
        match fs::copy(from, &to) {
            Ok(_) => {}
            Err(_) => drop(fs::remove_file(to)),
        }
    }
}

#[test]
fn errors_lose_nothing_and_pass() {
    let (mut failed, mut refused) = (0, 0);
    for (kind, ending, code) in FAULTS {
        for (after, times) in [(0, 1), (1, 1), (3, 2), (7, 1), (0, 40), (11, 40)] {
            let what = format!("{kind:?} of {ending}, code {code}, after {after}, {times} times");
            let (folder, aside) = (folder(), folder());
            let path = database(&folder);
            let watch = watch(folder.path(), &[DATABASE], false);
            let mut store = SqliteStore::open_with(&path, SHORT).expect("a store");
            let mut twin = MemoryStore::new();
            for store in [&mut store as &mut dyn Store, &mut twin] {
                store.commit(&[zones(1, 4)]).expect("a commit");
            }
            watch.fail(Fault { kind, ending, after, times, code });
            let mut number = 1;
            for n in 0..16 {
                let next = ptrs(number + 1, n << 16, 40, None, Some("host"));
                match store.commit(std::slice::from_ref(&next)) {
                    Ok(()) => {
                        twin.commit(&[next]).expect("the twin");
                        number += 1;
                    }
                    Err(StoreError::NewerSchema { .. } | StoreError::Locked { .. }) => panic!("{what}"),
                    Err(_) => {
                        refused += 1;
                        // A start after a crash at this moment finds what was acknowledged, and not what was refused.
                        if kind == Kind::Sync {
                            killed(&path, &aside.path().join(DATABASE));
                            let mut left = SqliteStore::open(&aside.path().join(DATABASE)).expect("a store");
                            assert_same_rows(&read(&mut left), &read(&mut twin));
                        }
                    }
                }
            }
            failed += watch.failed();
            watch.heal();
            // By itself, without a start.
            store.probe().unwrap_or_else(|error| panic!("{what}: {error:?}"));
            let next = ptrs(number + 1, 99 << 16, 3, None, Some("host"));
            for store in [&mut store as &mut dyn Store, &mut twin] {
                store.commit(std::slice::from_ref(&next)).unwrap_or_else(|error| panic!("{what}: {error:?}"));
            }
            println!("{what}");
            assert_same_rows(&read(&mut store), &read(&mut twin));
            drop(store);
            assert_same_rows(&read(&mut SqliteStore::open(&path).expect("a store")), &read(&mut twin));
        }
    }
    println!("{failed} operations failed, {refused} commits were refused");
    assert!(failed >= 100 && refused >= 50, "{failed} operations failed, {refused} commits were refused");
}

/// Every operation of an opening fails once, each in its turn.
#[test]
fn a_store_that_could_not_be_opened_can_be_opened_later() {
    for (kind, ending, code) in FAULTS {
        for after in 0..30 {
            let folder = folder();
            let path = database(&folder);
            let watch = watch(folder.path(), &[DATABASE], false);
            watch.fail(Fault { kind, ending, after, times: 1, code });
            let opened = SqliteStore::open(&path);
            let reached = watch.failed() > 0;
            watch.heal();
            let mut store = match opened {
                Ok(store) => store,
                Err(StoreError::NewerSchema { .. } | StoreError::Corrupt { .. }) => {
                    panic!("{kind:?} of {ending}, code {code}, after {after}: a failing device is no damage")
                }
                Err(_) => SqliteStore::open(&path).expect("the device works again"),
            };
            store.commit(&[zones(1, 1)]).expect("a commit");
            if !reached {
                break;
            }
        }
    }
}

/// Changes go on when the log cannot be moved; that is told, and over when it can be.
#[test]
fn a_database_that_cannot_be_written_is_told_while_changes_go_on() {
    let folder = folder();
    let path = database(&folder);
    let watch = watch(folder.path(), &[DATABASE], false);
    let mut store = SqliteStore::open_with(&path, SHORT).expect("a store");
    let meter = store.meter();
    store.commit(&[zones(1, 4)]).expect("a commit");
    assert_eq!(meter.checkpoint_trouble(), None);
    let fault =
        Fault { kind: Kind::Write, ending: ".db", after: 0, times: u32::MAX, code: ffi::SQLITE_IOERR_WRITE };
    watch.fail(fault);
    let begun = Instant::now();
    let mut number = 1;
    while meter.checkpoint_trouble().is_none() {
        assert!(begun.elapsed() < PATIENCE, "nobody noticed");
        number += 1;
        store.commit(&[ptrs(number, number as u32 * 1_000, 30, None, Some("host"))]).expect("a commit");
    }
    watch.heal();
    // Without another change.
    while meter.checkpoint_trouble().is_some() {
        assert!(begun.elapsed() < PATIENCE, "it did not pass");
        std::thread::yield_now();
    }
    assert!(meter.counts().checkpoint_failures > 0);
    drop(store);
    let found = read(&mut SqliteStore::open(&path).expect("a store"));
    assert_eq!((found.loaded.last_change, found.ptrs.len()), (number, (number as usize - 1) * 30));
}
