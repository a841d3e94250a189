//! A damaged file gives an error, or rows that make sense; never a panic.

mod common;

use common::{ptrs, rows};
use ptrd_store::conformance::Contents;
use ptrd_store::{LogQuery, SqliteStore, Store, StoreError};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A small generator (splitmix64): damage must be the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below as u64) as usize
    }
}

fn sample(path: &Path) -> Vec<u8> {
    let mut store = SqliteStore::open(path).expect("a store");
    store.commit(&[rows(1, 40), ptrs(2, 1 << 24, 2_000)]).expect("a commit");
    let mut after = ptrs(3, 1, 40);
    after.serials = vec![(ptrd_zone::model::ZoneId(3), ptrd_wire::Serial(99))];
    store.commit(&[after]).expect("a commit");
    drop(store);
    fs::read(path).expect("the file")
}

fn spoil(whole: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut file = whole.to_vec();
    let pages = file.len() / 4096;
    match dice.roll(6) {
        // A few octets anywhere.
        0 | 1 => {
            for _ in 0..=dice.roll(8) {
                let at = dice.roll(file.len());
                file[at] = dice.roll(256) as u8;
            }
        }
        // A bit, where pages have their headers and cell pointers.
        2 => {
            let at = dice.roll(pages) * 4096 + dice.roll(64);
            file[at] ^= 1 << dice.roll(8);
        }
        // A page in the place of another.
        3 => {
            let (from, to) = (dice.roll(pages) * 4096, dice.roll(pages) * 4096);
            file.copy_within(from..from + 4096, to);
        }
        // A page of noise or zeros.
        4 => {
            let at = dice.roll(pages) * 4096;
            let noise = dice.roll(2) == 0;
            file[at..at + 4096].fill_with(|| if noise { dice.roll(256) as u8 } else { 0 });
        }
        // Cut off.
        _ => file.truncate(dice.roll(whole.len())),
    }
    file
}

/// Reads all there is to read, and writes.
fn exercise(path: &Path) -> Result<Contents, StoreError> {
    let mut contents = Contents::default();
    let mut store = SqliteStore::open(path)?;
    let loaded = store.load(&mut contents);
    let _ = store.outbox();
    for number in 1..=3 {
        let _ = store.edits(number);
    }
    let address = Some("1.0.0.7".parse().expect("an address"));
    for address in [None, address] {
        let _ = store.log(&LogQuery { limit: 10, address, ..LogQuery::default() });
    }
    contents.loaded = loaded?;
    let _ = store.probe();
    let _ = store.commit(&[ptrs(4, 7, 20)]);
    Ok(contents)
}

#[test]
fn damage_is_an_error_and_never_a_panic() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("ptrd.db");
    let whole = sample(&path);
    let sound = exercise(&path).expect("the sample is sound");
    let (mut refused, mut read) = (0, 0);
    for seed in 0..600 {
        let file = spoil(&whole, &mut Dice(seed));
        for suffix in ["-wal", "-shm"] {
            let _ = fs::remove_file(format!("{}{suffix}", path.display()));
        }
        fs::write(&path, &file).expect("the file");
        match exercise(&path) {
            Ok(found) => {
                read += 1;
                // An empty file is a new store; else no row is missing without an error.
                if !file.is_empty() {
                    assert_eq!(found.ptrs.len(), sound.ptrs.len(), "seed {seed}");
                    assert_eq!(found.zones.len(), sound.zones.len(), "seed {seed}");
                    assert_eq!(found.records.len(), sound.records.len(), "seed {seed}");
                }
            }
            Err(StoreError::Corrupt { .. } | StoreError::NewerSchema { .. }) => refused += 1,
            Err(other) => panic!("seed {seed}: {other:?}"),
        }
    }
    println!("{refused} refused, {read} read");
    assert!(refused > 200 && read > 20, "{refused} refused, {read} read");
}
