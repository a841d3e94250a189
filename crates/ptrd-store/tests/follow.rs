//! A stranger that follows the write-ahead log, as Litestream does: it holds a read transaction all the time, so that
//! nobody starts the log again before it has copied it; copies whole transactions, frame by frame; checkpoints by
//! itself, and takes up the log where it began again. What it copied is the store.
//!
//! In this process nothing may close a descriptor of the store while SQLite has it open (see `sqlite/file.rs`), so the
//! follower keeps its own to the end.

mod common;

use common::{contents, ptrs, rows};
use ptrd_store::conformance::assert_same_rows;
use ptrd_store::{SqliteStore, Store};
use rusqlite::Connection;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

const HEADER: u64 = 32;
const FRAME_HEADER: usize = 24;

/// Frames of the log between two of its beginnings.
struct Segment {
    header: [u8; 32],
    frames: Vec<u8>,
}

struct Follower {
    /// Holds the read transaction.
    connection: Connection,
    database: File,
    log: File,
    page: usize,
    snapshot: Vec<u8>,
    segments: Vec<Segment>,
    /// How often it had to copy everything anew.
    generations: u32,
}

impl Follower {
    fn start(path: &Path) -> Follower {
        let connection = Connection::open(path).expect("a connection");
        connection.busy_timeout(std::time::Duration::from_secs(5)).expect("patience");
        connection
            .execute_batch(
                "PRAGMA wal_autocheckpoint = 0;
                 CREATE TABLE IF NOT EXISTS _litestream_seq (id INTEGER PRIMARY KEY, seq INTEGER);
                 CREATE TABLE IF NOT EXISTS _litestream_lock (id INTEGER);
                 INSERT INTO _litestream_seq VALUES (1, 1) ON CONFLICT DO UPDATE SET seq = seq + 1;",
            )
            .expect("its tables");
        let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0)).expect("a size");
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        let mut follower = Follower {
            connection,
            database: File::open(path).expect("the store"),
            log: File::open(PathBuf::from(log)).expect("the log"),
            page: page as usize,
            snapshot: Vec::new(),
            segments: Vec::new(),
            generations: 0,
        };
        follower.hold();
        follower.begin_anew();
        follower
    }

    fn hold(&self) {
        self.connection.execute_batch("BEGIN").expect("a transaction");
        let _: i64 = self
            .connection
            .query_row("SELECT count(*) FROM _litestream_seq", [], |row| row.get(0))
            .expect("a read");
    }

    /// Copies the file; what is moved into it meanwhile stands in the log as well.
    fn begin_anew(&mut self) {
        self.generations += 1;
        self.segments.clear();
        self.snapshot = vec![0; self.database.metadata().expect("its length").len() as usize];
        self.database.read_exact_at(&mut self.snapshot, 0).expect("the file");
        let header = self.header();
        self.segments.push(Segment { header, frames: Vec::new() });
        self.copy();
    }

    fn header(&self) -> [u8; 32] {
        let mut header = [0; 32];
        self.log.read_exact_at(&mut header, 0).expect("the log has a header");
        header
    }

    /// Takes the frames of whole transactions that were written since.
    fn copy(&mut self) {
        let size = FRAME_HEADER + self.page;
        let segment = self.segments.last_mut().expect("a segment");
        let mut taken = segment.frames.len();
        let mut sum = match taken {
            0 => word_pair(&segment.header[24..32]),
            _ => word_pair(&segment.frames[taken - size + 16..][..8]),
        };
        let mut waiting = Vec::new();
        let mut frame = vec![0; size];
        while self.log.read_exact_at(&mut frame, HEADER + (taken + waiting.len()) as u64).is_ok() {
            let big = segment.header[3] & 1 == 1;
            sum = checksum(sum, &frame[..8], big);
            sum = checksum(sum, &frame[FRAME_HEADER..], big);
            // Left over from before the log began again, or not written to its end.
            if frame[8..16] != segment.header[16..24] || word_pair(&frame[16..24]) != sum {
                break;
            }
            waiting.extend_from_slice(&frame);
            if frame[4..8] != [0; 4] {
                segment.frames.append(&mut waiting);
                taken = segment.frames.len();
            }
        }
    }

    /// Moves the log into the file. In between it holds nothing, and others may have come.
    fn checkpoint(&mut self) {
        self.copy();
        let copied = self.segments.last().expect("a segment").frames.len();
        self.connection.execute_batch("ROLLBACK").expect("no transaction");
        let moved = self.connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        });
        let (busy, frames) = moved.expect("a checkpoint");
        // A write of its own, so that the log has a beginning before anybody reads on.
        self.connection.execute_batch("UPDATE _litestream_seq SET seq = seq + 1").expect("a write");
        self.hold();
        if self.header() == self.segments.last().expect("a segment").header {
            return self.copy();
        }
        let size = (FRAME_HEADER + self.page) as i64;
        if busy == 0 && frames * size == copied as i64 {
            let header = self.header();
            self.segments.push(Segment { header, frames: Vec::new() });
            self.copy();
        } else {
            self.begin_anew();
        }
    }

    /// Makes a store of what was copied.
    fn reconstruct(&self, path: &Path) {
        std::fs::write(path, &self.snapshot).expect("a file");
        for segment in &self.segments {
            let mut log = path.as_os_str().to_owned();
            log.push("-wal");
            let octets = [segment.header.as_slice(), &segment.frames].concat();
            std::fs::write(PathBuf::from(log), octets).expect("a log");
            let connection = Connection::open(path).expect("the copy");
            let (busy, ..): (i64, i64, i64) = connection
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
                .expect("a checkpoint");
            assert_eq!(busy, 0);
        }
    }
}

fn word_pair(octets: &[u8]) -> (u32, u32) {
    let word = |at: usize| u32::from_be_bytes(octets[at..at + 4].try_into().expect("four octets"));
    (word(0), word(4))
}

/// The checksum of SQLite's file format, section 4.2.
fn checksum((mut a, mut b): (u32, u32), octets: &[u8], big: bool) -> (u32, u32) {
    for pair in octets.chunks_exact(8) {
        let word = |at: usize| {
            let four: [u8; 4] = pair[at..at + 4].try_into().expect("four octets");
            if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }
        };
        a = a.wrapping_add(word(0)).wrapping_add(b);
        b = b.wrapping_add(word(4)).wrapping_add(a);
    }
    (a, b)
}

#[test]
fn whoever_follows_the_log_has_the_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ptrd.db");
    let mut store = SqliteStore::open(&path).expect("a store");
    store.commit(&[rows(1, 30)]).expect("a commit");
    let mut follower = Follower::start(&path);
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for number in 2..400 {
                // Large ones too, so that the store's own checkpoints have something to do.
                let count = if number % 50 == 0 { 20_000 } else { 20 };
                store.commit(&[ptrs(number, 0x0a00_0000 + number as u32 * 20_000, count)]).expect("a commit");
            }
        });
        while !writing.is_finished() {
            follower.copy();
            if follower.segments.last().expect("a segment").frames.len() > 200 * 4_096 {
                follower.checkpoint();
            }
        }
        writing.join().expect("no panic");
    });
    follower.checkpoint();
    follower.checkpoint();
    assert!(follower.segments.len() > 1, "the log began again, and was followed");
    let copy = folder.path().join("copy.db");
    follower.reconstruct(&copy);
    drop(store);
    let Follower { connection, database, log, .. } = follower;
    drop((connection, database, log));
    let (original, copied) = (contents(&path), contents(&copy));
    assert_eq!(copied.loaded.last_change, 399);
    assert_same_rows(&copied, &original);
    let mut findings = Vec::new();
    let mut sink = ptrd_store::conformance::Contents::default();
    SqliteStore::check(&copy, &mut sink, &mut |finding: ptrd_store::Finding| findings.push(finding))
        .expect("it opens");
    assert_eq!(findings, []);
}
