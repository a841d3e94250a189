//! Copies of a store in use, copies before an upgrade, checks that see what is damaged, restoring, and a stranger that
//! follows the write-ahead log as Litestream does.

mod common;

use common::{contents, ptrs, rows};
use ptrd_store::conformance::{Contents, assert_same_rows, change};
use ptrd_store::{
    Check, Commit, Edit, Finding, Restoring, SqliteStore, Step, Store, StoreError, Watch, ZoneDelta,
};
use ptrd_wire::Serial;
use ptrd_zone::model::ZoneId;
use rusqlite::Connection;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        Place { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("text")).collect();
        names.sort();
        names
    }

    /// A store with rows of every kind and some PTRs.
    fn store(&self) -> SqliteStore {
        let mut store = SqliteStore::open(&self.path("ptrd.db")).expect("a store");
        store.commit(&[rows(1, 20)]).expect("a commit");
        store.commit(&[ptrs(2, 0x0a00_0000, 300)]).expect("a commit");
        store
    }
}

fn findings(path: &Path) -> Vec<Finding> {
    let (mut found, mut sink) = (Vec::new(), Contents::default());
    SqliteStore::check(path, &mut sink, &mut |finding: Finding| found.push(finding)).expect("it opens");
    found
}

/// What a watcher heard.
#[derive(Default)]
struct Steps(Vec<(Step, u64, Option<u64>)>);

impl Watch for Steps {
    fn found(&mut self, finding: Finding) {
        panic!("{finding:?}");
    }

    fn step(&mut self, step: Step, done: u64, of: Option<u64>) {
        self.0.push((step, done, of));
    }
}

#[test]
fn whoever_checks_or_restores_hears_how_far_it_has_come() {
    let place = Place::new();
    let mut store = place.store();
    for number in 3..600 {
        store.commit(&[ptrs(number, 0x0b00_0000 + number as u32 * 20, 20)]).expect("a commit");
    }
    let rows = 300 + 597 * 20;
    let path = place.path("copy.db");
    store.backup(&path, &mut |_, _| true).expect("a copy");
    let mut steps = Steps::default();
    SqliteStore::check(&path, &mut Contents::default(), &mut steps).expect("it opens");
    let of = |step: Step| steps.0.iter().filter(move |(of, ..)| *of == step);
    assert_eq!(of(Step::Pages).count(), 1);
    assert!(of(Step::Rows).all(|(_, done, of)| *done <= of.expect("known") && of.expect("known") >= rows));
    assert!(
        of(Step::Rows).any(|(_, done, _)| *done >= 8_192) && of(Step::Log).any(|(_, done, _)| *done >= 512)
    );
    assert!(of(Step::Log).all(|(_, _, of)| *of == Some(598)), "{:?}", steps.0);
    assert!(steps.0.iter().map(|(step, ..)| *step as u8).is_sorted(), "one after the other");
    let mut steps = Steps::default();
    let to = place.path("new.db");
    Restoring::begin(&path, &to, &mut Contents::default(), &mut steps).map(drop).expect("a sound backup");
    let copied = std::fs::metadata(&path).expect("a file").len();
    assert!(steps.0.contains(&(Step::Copying, copied, Some(copied))), "{:?}", steps.0);
}

#[test]
fn a_copy_is_one_moment_while_others_commit() {
    let place = Place::new();
    let mut store = place.store();
    let mut reader = store.reader().expect("a reader");
    let stop = AtomicBool::new(false);
    let copy = place.path("copy.db");
    let (steps, newest) = std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let mut number = 2;
            while !stop.load(Ordering::Relaxed) {
                number += 1;
                store.commit(&[ptrs(number, 0x0b00_0000 + number as u32 * 2_000, 2_000)]).expect("a commit");
            }
            number
        });
        let mut steps = Vec::new();
        // Large enough for more than one step.
        let mut log = |limit| {
            reader.log(&ptrd_store::LogQuery { limit, ..Default::default() }).expect("a log")[0].change
        };
        while log(1) < 40 {
            std::thread::yield_now();
        }
        let newest = reader.backup(&copy, &mut |done, all| {
            steps.push((done, all));
            true
        });
        stop.store(true, Ordering::Relaxed);
        let last = writing.join().expect("no panic");
        let newest = newest.expect("a copy");
        assert!(newest >= 40 && newest <= last);
        (steps, newest)
    });
    assert!(steps.len() > 1 && steps.is_sorted(), "{steps:?}");
    assert!(steps.iter().all(|(_, all)| *all == steps[0].1), "never begun again");
    assert_eq!(std::fs::metadata(&copy).expect("a file").permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::metadata(&copy).expect("a file").len(), steps[0].1);
    assert_eq!(findings(&copy), []);
    let copied = contents(&copy);
    assert_eq!(copied.loaded.last_change, newest);
    assert_eq!(copied.ptrs.len() as u64, 300 + (newest - 2) * 2_000);
}

#[test]
fn a_copy_that_is_ended_leaves_nothing() {
    let place = Place::new();
    let mut store = place.store();
    let before = place.files();
    let ended = store.backup(&place.path("copy.db"), &mut |_, _| false);
    assert!(matches!(ended, Err(StoreError::Interrupted { .. })), "{ended:?}");
    assert_eq!(place.files(), before);
    std::fs::write(place.path("there.db"), "x").expect("a file");
    assert!(store.backup(&place.path("there.db"), &mut |_, _| true).is_err(), "nothing is written over");
    assert_eq!(std::fs::read(place.path("there.db")).expect("a file"), b"x");
    store.commit(&[change(3)]).expect("the store goes on");
}

/// Octets that this thread has read from files, be they in the kernel's cache.
fn read_so_far() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/io").expect("Linux counts them");
    let line = text.lines().find_map(|line| line.strip_prefix("rchar: ")).expect("a line of it");
    line.parse().expect("a number")
}

/// A difference of megabytes stands in the way of every search by key, unless keys and differences lie apart.
#[test]
fn a_large_difference_is_not_read_by_the_changes_after_it() {
    const LARGE: usize = 8 << 20;
    let place = Place::new();
    let mut store = place.store();
    let zone: u32 = Connection::open(place.path("ptrd.db"))
        .expect("a file")
        .query_row("SELECT min(id) FROM zone", [], |row| row.get(0))
        .expect("a zone");
    let step = |number: u32, octets: usize| {
        let mut change = change(number.into());
        change.serials = vec![(ZoneId(zone), Serial(number))];
        let octets = vec![7; octets].into();
        change.deltas = vec![ZoneDelta { zone: ZoneId(zone), from: Serial(number - 1), octets }];
        change
    };
    store.commit(&[step(3, LARGE), step(4, 10)]).expect("a commit");
    let before = read_so_far();
    for number in 5..25 {
        store.commit(&[step(number, 10)]).expect("a commit");
    }
    let read = read_so_far() - before;
    assert!(read < LARGE as u64 / 4, "{read} octets read for 20 small changes");
}

/// Makes a store what the ptrd before this schema would have left.
fn downgrade(path: &Path) {
    let connection = Connection::open(path).expect("a file");
    connection
        .execute_batch(
            "DROP INDEX change_kind; DROP TABLE change_span; DROP TABLE change_tenant; DROP TABLE change_zone;
             DROP INDEX zone_serial_change; DROP INDEX tenant_reseller; DROP TABLE zone_freshness;
             DROP TABLE token_use; DROP TABLE kept_answer;
             ALTER TABLE zone_serial DROP COLUMN from_serial; ALTER TABLE zone_serial DROP COLUMN delta;
             ALTER TABLE tenant DROP COLUMN reseller_id; ALTER TABLE block DROP COLUMN suspended;
             ALTER TABLE block DROP COLUMN may_sub_block; ALTER TABLE block DROP COLUMN former;
             ALTER TABLE block DROP COLUMN template;
             ALTER TABLE block DROP COLUMN names; ALTER TABLE block DROP COLUMN fcrdns; DROP TABLE ptr_check;
             ALTER TABLE block DROP COLUMN observed; DROP TABLE sending; DELETE FROM mark WHERE name = 'sending_rows';
             DROP TABLE watched;
             DELETE FROM refinery_schema_history WHERE version > 2; PRAGMA user_version = 2;",
        )
        .expect("an older schema");
}

#[test]
fn a_store_is_copied_before_its_schema_changes() {
    let place = Place::new();
    let path = place.path("ptrd.db");
    drop(place.store());
    let before = contents(&path);
    downgrade(&path);
    for old in [
        "ptrd.db.v2-20200101T000000Z.backup",
        "ptrd.db.v2-20200102T000000Z.backup",
        "ptrd.db.v2-20200103T000000Z.backup",
        "ptrd.db.v2-notes.txt",
    ] {
        std::fs::write(place.path(old), "old").expect("a file");
    }
    let now = contents(&path);
    assert_same_rows(&now, &before);
    let copies: Vec<String> = place.files().into_iter().filter(|name| name.contains(".v2-")).collect();
    assert_eq!(copies.len(), 4, "{copies:?}");
    assert_eq!(copies[0], "ptrd.db.v2-20200102T000000Z.backup", "the oldest went");
    assert_eq!(copies[3], "ptrd.db.v2-notes.txt", "what is no copy stays");
    let copy = place.path(&copies[2]);
    assert_eq!(std::fs::metadata(&copy).expect("a file").permissions().mode() & 0o777, 0o600);
    let version: i64 = Connection::open(&copy)
        .and_then(|copy| copy.pragma_query_value(None, "user_version", |row| row.get(0)))
        .expect("a version");
    assert_eq!(version, 2);
    // The changes of before are found by time as well.
    let mut store = SqliteStore::open(&path).expect("a store");
    assert_eq!(store.first_since(0).expect("a number"), 1);
    drop(store);
    let files = place.files();
    drop(SqliteStore::open(&path).expect("a store"));
    assert_eq!(place.files(), files, "once");
}

#[test]
fn a_store_whose_copy_fails_is_not_migrated() {
    let place = Place::new();
    let path = place.path("ptrd.db");
    drop(place.store());
    downgrade(&path);
    // A folder in the place of the copy stands for whatever keeps it from being written.
    std::fs::create_dir(place.path("ptrd.db.v2.backup.tmp")).expect("a folder");
    assert!(SqliteStore::open(&path).is_err());
    let version: i64 = Connection::open(&path)
        .and_then(|copy| copy.pragma_query_value(None, "user_version", |row| row.get(0)))
        .expect("a version");
    assert_eq!(version, 2);
}

/// Damages a copy by SQL, behind the store's back.
fn damaged(place: &Place, name: &str, sql: &str) -> Vec<Finding> {
    let path = place.path(&format!("{name}.db"));
    std::fs::copy(place.path("ptrd.db"), &path).expect("a copy");
    let connection = Connection::open(&path).expect("a file");
    connection.execute_batch(&format!("PRAGMA foreign_keys = OFF; {sql}")).expect(sql);
    drop(connection);
    findings(&path)
}

#[test]
fn each_kind_of_damage_is_found() {
    let place = Place::new();
    let mut store = place.store();
    let later =
        Edit::Setting { name: "defaults".into(), before: Some("{}".into()), after: Some("{ }".into()) };
    store.commit(&[Commit { edits: vec![later], ..change(3) }]).expect("a commit");
    assert_eq!(findings(&place.path("ptrd.db")), [], "while another has it open for writing");
    drop(store);
    assert_eq!(findings(&place.path("ptrd.db")), []);
    let cases = [
        ("a-lost-row", "DELETE FROM ptr4 WHERE address = x'0a000005'", Check::Rows, "299 of its 300"),
        (
            "a-lost-row-counted",
            "DELETE FROM ptr4 WHERE address = x'0a000005'; UPDATE mark SET value = 299 WHERE name = 'ptr4_rows'",
            Check::Log,
            "the PTR of 10.0.0.5 is not there, but the log does not say that it went",
        ),
        (
            "another-value",
            "UPDATE ptr4 SET names = x'016100' WHERE address = x'0a000006'",
            Check::Log,
            "the PTR of 10.0.0.6 is not what the log says",
        ),
        (
            "no-name",
            "UPDATE ptr4 SET names = x'0561' WHERE address = x'0a000007'",
            Check::Rows,
            "the row after 10.0.0.6",
        ),
        (
            "a-row-of-nowhere",
            "INSERT INTO setting VALUES ('x', '1'); UPDATE mark SET value = 2 WHERE name = 'setting_rows'",
            Check::Log,
            "the setting x is there, but the log does not say how it came",
        ),
        ("an-orphan", "DELETE FROM tenant", Check::References, "names a tenant that is not there"),
        (
            "a-serial",
            "UPDATE zone SET serial = 99 WHERE id = 7",
            Check::Serials,
            "the zone zone7.example. has the serial 99, but 7",
        ),
        (
            "a-serial-back",
            "INSERT INTO zone_serial (zone_id, change_id, serial) VALUES (7, 2, 3); UPDATE zone SET serial = 3 WHERE id = 7",
            Check::Serials,
            "the zone 7: change 2 gave the serial 3 after 7",
        ),
        (
            "a-gap",
            "DELETE FROM change_edit WHERE change_id = 2; DELETE FROM change WHERE id = 2",
            Check::Log,
            "the changes between 1 and 3 are missing",
        ),
        (
            "a-lost-end",
            "DELETE FROM change_edit WHERE change_id = 3; DELETE FROM change WHERE id = 3",
            Check::Log,
            "the log ends with change 2, but 3 was made",
        ),
        (
            "a-lost-edit",
            "DELETE FROM change_edit WHERE change_id = 1 AND seq = 0",
            Check::Log,
            "the edits of change 1 make no sense",
        ),
        (
            "an-edit",
            "UPDATE change_edit SET edit = x'0199' WHERE change_id = 1 AND seq = 3",
            Check::Log,
            "the edits of change 1 make no sense",
        ),
        (
            "a-number",
            "UPDATE mark SET value = 3 WHERE name = 'last_zone'",
            Check::Rows,
            "zone 4, but the last number given was 3",
        ),
        (
            "a-mode",
            "PRAGMA ignore_check_constraints = ON; UPDATE block SET mode = 'odd' WHERE id = 3",
            Check::Rows,
            "table block: a value of mode makes no sense",
        ),
    ];
    for (name, sql, check, what) in cases {
        let found = damaged(&place, name, sql);
        assert!(found.iter().any(|f| f.check == check && f.what.contains(what)), "{name}: {found:#?}");
        assert!(found.iter().all(|f| !f.remedy.is_empty()));
    }
    // Octets of pages, overwritten one page at a time: whatever SQLite or the rows show of it is found.
    let whole = std::fs::read(place.path("ptrd.db")).expect("a file");
    let (mut seen, mut of_file) = (0, 0);
    let pages = whole.len() / 4_096;
    for page in 2..pages {
        let mut octets = whole.clone();
        octets[page * 4_096..][..4_096].fill(0x5a);
        let path = place.path("pages.db");
        std::fs::write(&path, octets).expect("a file");
        let mut sink = Contents::default();
        let (mut found, mut by_sqlite) = (false, false);
        let opened = SqliteStore::check(&path, &mut sink, &mut |finding: Finding| {
            found = true;
            by_sqlite |= finding.check == Check::File;
        });
        seen += usize::from(found || opened.is_err());
        of_file += usize::from(by_sqlite || opened.is_err());
    }
    assert_eq!(seen, pages - 2, "every page");
    assert!(of_file > pages / 2, "{of_file} of {pages}");
}

#[test]
fn a_large_change_goes_in_many_portions_and_the_store_is_sound_between_them() {
    let place = Place::new();
    let mut store = place.store();
    store.commit(&[ptrs(3, 0x0b00_0000, 60_000)]).expect("a commit");
    store.commit(&[ptrs(4, 0x0c00_0000, 10)]).expect("a commit");
    let setting = Edit::Setting { name: "log-start".into(), before: None, after: Some("4".into()) };
    store.commit(&[Commit { edits: vec![setting], ..change(5) }]).expect("a commit");
    let mut portions = 0;
    while store.prune(4, &mut || false).expect("a portion").more {
        portions += 1;
        if portions % 8 == 3 {
            let copy = place.path(&format!("{portions}.db"));
            store.backup(&copy, &mut |_, _| true).expect("a copy");
            assert_eq!(findings(&copy), [], "after {portions} portions");
        }
    }
    assert!(portions > 10, "{portions}");
    assert_eq!((store.oldest().expect("a number"), store.edits(4).expect("edits").len()), (4, 1));
    drop(store);
    assert_eq!(findings(&place.path("ptrd.db")), []);
}

#[test]
fn a_pruned_log_is_sound_and_an_older_schema_is_told() {
    let place = Place::new();
    let mut store = place.store();
    store.commit(&[ptrs(3, 0x0b00_0000, 10)]).expect("a commit");
    assert_eq!(store.prune(3, &mut || true).expect("pruned").changes, 2);
    assert_eq!(findings(&place.path("ptrd.db")), []);
    drop(store);
    let found = damaged(&place, "p", "UPDATE ptr4 SET names = x'016100' WHERE address = x'0b000001'");
    assert!(
        found.iter().any(|f| f.what.contains("the PTR of 11.0.0.1 is not what the log says")),
        "{found:?}"
    );
    downgrade(&place.path("ptrd.db"));
    let old = SqliteStore::check(&place.path("ptrd.db"), &mut Contents::default(), &mut |_: Finding| {});
    assert!(matches!(old, Err(StoreError::OlderSchema { .. })), "{old:?}");
    let none = SqliteStore::check(&place.path("none.db"), &mut Contents::default(), &mut |_: Finding| {});
    assert!(none.is_err() && !place.path("none.db").exists());
}
