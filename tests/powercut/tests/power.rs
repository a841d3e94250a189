//! Power is lost at every sync, before and after, and at points between: nothing acknowledged is lost, no change is there
//! by half, and the store opens and goes on. And the tests would notice: with `synchronous=NORMAL` they do.

mod common;

use common::{DATABASE, Expected, Finding, Step, database, folder, ptrs, zones};
use ptrd_powercut::{Journal, Loss, Operation, Random, watch};
use ptrd_store::conformance::{assert_same_rows, first_schema_store, read};
use ptrd_store::{LogLimits, SqliteStore, Store};
use std::fs;
use std::io::Write;
use std::path::Path;

/// A log that is moved often, and starts again often.
const SHORT: LogLimits = LogLimits { call: 24, long: 60, few: 30 };

/// Tells a new store a story while it is watched, and marks each transaction once it is acknowledged.
fn record(story: &[Step], limits: LogLimits, relaxed: bool) -> Journal {
    let folder = folder();
    let path = database(&folder);
    let watch = watch(folder.path(), &[DATABASE], relaxed);
    tell(story, &path, limits, |acknowledged| watch.mark(acknowledged));
    watch.journal()
}

fn tell(story: &[Step], path: &Path, limits: LogLimits, mut acknowledged: impl FnMut(u64)) {
    let open = || SqliteStore::open_with(path, limits).expect("the store opens");
    let (mut store, mut count, mut seen) = (Some(open()), 0, 0);
    let mut since_opening = 0;
    let is_short = limits == SHORT;
    for step in story {
        match step {
            Step::Commit(changes) => {
                store.as_mut().expect("open").commit(changes).expect("a commit");
                count += 1;
                acknowledged(count);
                // However slow the machine: eight transactions call for a checkpoint, which comes to its turn here.
                let checkpoints = || store.as_ref().expect("open").meter().counts().checkpoint_time.count();
                since_opening += 1;
                if is_short && since_opening % 8 == 0 {
                    while checkpoints() <= seen {
                        std::thread::yield_now();
                    }
                    seen = checkpoints();
                }
            }
            Step::Announced(zones) => {
                store.as_mut().expect("open").outbox_done(zones).expect("an outbox");
                count += 1;
                acknowledged(count);
            }
            Step::Reopen => {
                drop(store.take());
                (store, seen, since_opening) = (Some(open()), 0, 0);
            }
        }
    }
}

/// Where to cut, with what loss, by the operation before which power is lost.
fn cuts(journal: &Journal, every: usize) -> Vec<(usize, Loss)> {
    let hard = [
        Loss::All,
        Loss::None,
        Loss::Some,
        Loss::Torn(512),
        Loss::Torn(4096),
        Loss::Litter(512),
        Loss::Torn(512),
        Loss::Some,
    ];
    let mut cuts = Vec::new();
    for (at, operation) in journal.operations().iter().enumerate() {
        match operation {
            Operation::Sync { .. } | Operation::SyncFolder { .. } => {
                cuts.extend(hard.iter().map(|loss| (at, *loss)));
                cuts.push((at + 1, Loss::All));
            }
            Operation::Mark(_) => cuts.extend([(at, Loss::All), (at + 1, Loss::All)]),
            _ if at % every == 0 => cuts.push((at, hard[at / every % hard.len()])),
            _ => {}
        }
    }
    let end = journal.operations().len();
    cuts.extend(hard.iter().map(|loss| (end, *loss)));
    cuts.sort_by_key(|(at, _)| *at);
    cuts
}

/// Cuts, and checks what is left; every finding with where it was.
fn findings(journal: &Journal, expected: &Expected, every: usize) -> (usize, Vec<String>, usize) {
    let folder = folder();
    let path = database(&folder);
    let mut random = Random::new(0x70747264);
    let mut device = journal.device();
    let cuts = cuts(journal, every);
    let (mut broken, mut lost, mut acknowledged, mut seen) = (Vec::new(), 0, 0, 0);
    for (nth, (at, loss)) in cuts.iter().enumerate() {
        for operation in &journal.operations()[seen..*at] {
            if let Operation::Mark(count) = operation {
                acknowledged = *count as usize;
            }
        }
        seen = *at;
        device.advance(*at);
        device.cut(*loss, &mut random, folder.path()).expect("files to check");
        // The store lengthens the log with zeros, not by way of SQLite.
        let wal = folder.path().join(format!("{DATABASE}-wal"));
        if random.percent(50)
            && let Ok(mut wal) = fs::OpenOptions::new().append(true).open(wal)
        {
            wal.write_all(&vec![0; 512 * random.below(64) as usize]).expect("a file");
        }
        // What a machine leaves of the index of the log is anything.
        let shm = folder.path().join(format!("{DATABASE}-shm"));
        if random.percent(20) {
            fs::write(&shm, vec![random.number() as u8; 32_768]).expect("a file");
        }
        match expected.check(&path, acknowledged, nth % 16 == 0) {
            Ok(()) => {}
            Err(Finding::Lost { .. }) => lost += 1,
            Err(Finding::Broken(what)) => broken.push(format!("cut at {at}, {loss:?}: {what}")),
        }
    }
    (cuts.len(), broken, lost)
}

fn assert_whole(journal: &Journal, expected: &Expected, every: usize, least: usize) {
    let (cuts, broken, lost) = findings(journal, expected, every);
    println!("{cuts} cuts of {} operations", journal.operations().len());
    assert!(broken.is_empty(), "{} of {cuts}: {}", broken.len(), broken[..broken.len().min(5)].join("\n"));
    assert_eq!(lost, 0, "of {cuts} cuts lost what was acknowledged");
    assert!(cuts >= least, "only {cuts} cuts");
}

/// Small changes of all kinds, in groups, with a store closed and opened in between.
fn small_story() -> Vec<Step> {
    let mut story = vec![Step::Commit(vec![zones(1, 6)])];
    let mut number = 1;
    for round in 0..48u32 {
        let mut group = Vec::new();
        for n in 0..=round % 4 {
            number += 1;
            let mut made = ptrs(number, (round * 8 + n) << 12, 1 + round * 3 % 30, None, Some("host"));
            made.serials = vec![(ptrd_zone::model::ZoneId(1 + n), ptrd_wire::Serial(number as u32))];
            group.push(made);
        }
        let announced = group.last().map(|made| made.serials.clone()).unwrap_or_default();
        story.push(Step::Commit(group));
        if round % 5 == 4 {
            story.push(Step::Announced(announced));
        }
        if round % 20 == 19 {
            story.push(Step::Reopen);
        }
        if round % 3 == 2 {
            // What the round before made changes, and goes.
            let first = (round * 8) << 12;
            let count = 1 + round * 3 % 30;
            number += 2;
            story.push(Step::Commit(vec![
                ptrs(number - 1, first, count, Some("host"), Some("other")),
                ptrs(number, first, count / 2, Some("other"), None),
            ]));
        }
    }
    story
}

fn moved_and_restarted(journal: &Journal) -> (usize, usize) {
    let mut inodes = std::collections::HashMap::new();
    let (mut moved, mut restarts) = (0, 0);
    for operation in journal.operations() {
        match operation {
            Operation::Create { inode, name } => {
                inodes.insert(*inode, name.clone());
            }
            Operation::Write { inode, .. } if inodes[inode] == DATABASE => moved += 1,
            Operation::Write { inode, offset: 0, .. } if inodes[inode].ends_with("-wal") => restarts += 1,
            _ => {}
        }
    }
    (moved, restarts)
}

#[test]
fn small_changes_survive() {
    let story = small_story();
    let journal = record(&story, SHORT, false);
    let (moved, restarts) = moved_and_restarted(&journal);
    // One log is begun with each opening.
    assert!(
        moved > 200 && restarts > 5,
        "the story has checkpoints: {moved} pages moved, {restarts} logs begun"
    );
    assert_whole(&journal, &Expected::of(&story), 2, 1_000);
}

/// Larger than the page cache: what is not committed yet is in the log already.
#[test]
fn bulk_changes_survive() {
    let story = [
        Step::Commit(vec![zones(1, 1)]),
        Step::Commit(vec![ptrs(2, 1 << 24, 12_000, None, Some("bulk"))]),
        Step::Commit(vec![ptrs(3, 1, 10, None, Some("small"))]),
        Step::Commit(vec![ptrs(4, 1 << 24, 12_000, Some("bulk"), Some("again"))]),
    ];
    let journal = record(&story, LogLimits { call: 600, long: 1_200, few: 300 }, false);
    assert_whole(&journal, &Expected::of(&story), 60, 100);
}

/// The first opening of a store, with its migrations, cut everywhere.
#[test]
fn a_store_in_the_making_is_finished_by_the_next_start() {
    let journal = record(&[], LogLimits::default(), false);
    assert_whole(&journal, &Expected::of(&[]), 1, 50);
}

/// A store of the first schema, brought up to the present one, cut everywhere: the next start does it again.
#[test]
fn an_upgrade_is_whole_or_absent() {
    let (folder, upgraded) = (folder(), self::folder());
    let path = database(&folder);
    first_schema_store(&path).expect("an old store");
    fs::copy(&path, database(&upgraded)).expect("a copy");
    let expected = read(&mut SqliteStore::open(&database(&upgraded)).expect("the upgrade works"));
    let watch = watch(folder.path(), &[DATABASE], false);
    drop(SqliteStore::open(&path).expect("the upgrade works"));
    let journal = watch.journal();
    let cuts = cuts(&journal, 1);
    let (mut device, mut random) = (journal.device(), Random::new(2));
    // Before the file was there it was not a store; the rest is the upgrade's.
    let there = journal.operations().iter().position(|it| matches!(it, Operation::SyncFolder { .. }));
    let there = there.expect("the file was there") + 1;
    let left = self::folder();
    for (at, loss) in cuts.iter().filter(|(at, _)| *at >= there) {
        device.advance(*at);
        device.cut(*loss, &mut random, left.path()).expect("files to check");
        let mut store = SqliteStore::open(&database(&left))
            .unwrap_or_else(|error| panic!("cut at {at}, {loss:?}: {error} {error:?}"));
        assert_same_rows(&read(&mut store), &expected);
    }
    assert!(cuts.len() > 50, "only {} cuts", cuts.len());
}

/// What the tests above show is worth nothing if they cannot fail.
#[test]
fn losses_are_noticed_where_commits_are_not_synced() {
    let story = small_story();
    let journal = record(&story, SHORT, true);
    let (cuts, broken, lost) = findings(&journal, &Expected::of(&story), 4);
    println!("{lost} of {cuts} cuts lost acknowledged changes with synchronous=NORMAL");
    assert!(broken.is_empty(), "NORMAL loses, but keeps order: {}", broken[..broken.len().min(5)].join("\n"));
    assert!(lost > 20, "{lost} of {cuts}");
}
