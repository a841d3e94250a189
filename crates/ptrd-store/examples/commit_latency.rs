//! How long a change takes to become durable while many arrive: commits from a store alone, on a schedule that does not
//! wait for them.
//!
//!     cargo run --release -p ptrd-store --example commit_latency -- FOLDER [MILLIONS [RATE [SECONDS]]]
//!
//! Makes a store of so many million PTRs (10) in the folder when there is none, then commits one-PTR changes that arrive
//! RATE (1 000) a second for SECONDS (20), all that have arrived in one transaction. A change's time runs from when it
//! was due.

use ptrd_store::conformance::change;
use ptrd_store::{Commit, Edit, Loaded, LogLimits, Setting, Sink, SqliteStore, Store};
use ptrd_zone::model::{Block, NsSet, Sending, SoaTemplate, Tenant, ZoneRecord, ZoneRow};
use ptrd_zone::{PtrEdit, PtrEdits, PtrSet};
use std::error::Error;
use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, Instant};

/// Looks at nothing.
struct Nothing;

impl Sink for Nothing {
    fn setting(&mut self, _: Setting) -> Result<(), String> {
        Ok(())
    }
    fn tenant(&mut self, _: Tenant) -> Result<(), String> {
        Ok(())
    }
    fn ns_set(&mut self, _: NsSet) -> Result<(), String> {
        Ok(())
    }
    fn soa_template(&mut self, _: SoaTemplate) -> Result<(), String> {
        Ok(())
    }
    fn block(&mut self, _: Block) -> Result<(), String> {
        Ok(())
    }
    fn zone(&mut self, _: ZoneRow) -> Result<(), String> {
        Ok(())
    }
    fn record(&mut self, _: ZoneRecord) -> Result<(), String> {
        Ok(())
    }
    fn sending(&mut self, _: Sending) -> Result<(), String> {
        Ok(())
    }
    fn ptr(&mut self, _: IpAddr, _: PtrSet<'_>) -> Result<(), String> {
        Ok(())
    }
}

fn edit(address: u32, word: &str, edits: &mut PtrEdits) {
    let [a, b, c, d] = address.to_be_bytes();
    let mut names = Vec::with_capacity(64);
    for label in [format!("{word}-{b}-{c}-{d}").as_str(), &format!("pool{a}"), "example", "net", ""] {
        names.push(label.len() as u8);
        names.extend_from_slice(label.as_bytes());
    }
    let after = Some(PtrSet { ttl: None, names: &names });
    edits.push(PtrEdit { address: IpAddr::from(address.to_be_bytes()), before: None, after });
}

fn fill(store: &mut SqliteStore, millions: u32) -> Result<(), Box<dyn Error>> {
    for million in 0..millions {
        let mut edits = PtrEdits::with_capacity(50 << 20);
        (0..1u32 << 20).for_each(|n| edit((10 << 24) + (million << 20) + n, "host", &mut edits));
        store.commit(&[Commit { edits: vec![Edit::Ptrs(edits)], ..change(u64::from(million) + 1) }])?;
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: commit_latency FOLDER [MILLIONS [RATE [SECONDS]]]")?;
    let mut number = |default: u32| arguments.next().map_or(Ok(default), |text| text.parse::<u32>());
    let (millions, rate, seconds) = (number(10)?, number(1_000)?, number(20)?);
    // Not documented: other limits of the log, for comparing them.
    let usual = LogLimits::default();
    let limits = LogLimits { call: number(usual.call)?, long: number(usual.long)?, few: number(usual.few)? };
    let path = Path::new(&folder).join("latency.db");
    if !path.exists() {
        fill(&mut SqliteStore::open(&path)?, millions)?;
    }
    let mut store = SqliteStore::open_with(&path, limits)?;
    let Loaded { last_change, .. } = store.load(&mut Nothing)?;
    let (begun, every) = (Instant::now(), Duration::from_secs(1) / rate);
    let mut times = Vec::new();
    let total = rate * seconds;
    while times.len() < total as usize {
        let first = times.len() as u32;
        let due = |n: u32| begun + every * n;
        while Instant::now() < due(first) {
            std::thread::sleep(due(first).saturating_duration_since(Instant::now()));
        }
        let arrived = (first..total).take_while(|n| due(*n) <= Instant::now()).take(256);
        let group: Vec<Commit> = arrived
            .map(|n| {
                let mut edits = PtrEdits::new();
                edit((10 << 24) + n.wrapping_mul(0x9e37_79b1) % (millions << 20), "new", &mut edits);
                Commit { edits: vec![Edit::Ptrs(edits)], ..change(last_change + 1 + u64::from(n)) }
            })
            .collect();
        store.commit(&group)?;
        let now = Instant::now();
        times.extend((first..first + group.len() as u32).map(|n| now - due(n)));
    }
    times.sort();
    let at = |permille: usize| times[(times.len() - 1) * permille / 1_000].as_secs_f64() * 1e3;
    println!(
        "{rate} changes a second for {seconds} s at {millions} Mi PTRs: {:.1} ms median, {:.1} at 99 %, {:.1} at 99.9 %, {:.1} at most",
        at(500),
        at(990),
        at(999),
        at(1_000)
    );
    let counts = store.meter().counts();
    println!(
        "{} commits; {} checkpoints, median ≤ {} ms, longest ≤ {} ms",
        counts.commit_time.count(),
        counts.checkpoint_time.count(),
        counts.checkpoint_time.quantile(500) / 1_000,
        counts.checkpoint_time.quantile(1_000) / 1_000
    );
    Ok(())
}
