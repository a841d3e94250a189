//! Measures the SQLite store on this machine's disk: bulk import, load, small commits, memory.
//!
//! `cargo run --release -p ptrd-store --example store_figures -- FOLDER [MILLIONS]`

use ptrd_store::conformance::change;
use ptrd_store::{Commit, Edit, LogQuery, Setting, Sink, SqliteStore, Store};
use ptrd_wire::{Name, RecordType, RrSet, Serial, Soa, Ttl};
use ptrd_zone::model::{
    Block, NsSet, Sending, SoaTemplate, Tenant, TenantId, ZoneId, ZoneKind, ZoneRecord, ZoneRow, ZoneSoa,
};
use ptrd_zone::{PtrEdit, PtrEdits, PtrSet};
use std::error::Error;
use std::net::IpAddr;
use std::path::Path;
use std::time::{Duration, Instant};

/// Counts, and looks at each row as an index would.
#[derive(Default)]
struct Count {
    rows: u64,
    octets: u64,
}

impl Sink for Count {
    fn setting(&mut self, _: Setting) -> Result<(), String> {
        Ok(())
    }

    fn tenant(&mut self, _: Tenant) -> Result<(), String> {
        Ok(())
    }

    fn block(&mut self, _: Block) -> Result<(), String> {
        Ok(())
    }

    fn ns_set(&mut self, _: NsSet) -> Result<(), String> {
        Ok(())
    }

    fn soa_template(&mut self, _: SoaTemplate) -> Result<(), String> {
        Ok(())
    }

    fn zone(&mut self, _: ZoneRow) -> Result<(), String> {
        self.rows += 1;
        Ok(())
    }

    fn record(&mut self, _: ZoneRecord) -> Result<(), String> {
        self.rows += 1;
        Ok(())
    }

    fn sending(&mut self, _: Sending) -> Result<(), String> {
        Ok(())
    }
    fn ptr(&mut self, _: IpAddr, set: PtrSet<'_>) -> Result<(), String> {
        self.rows += 1;
        self.octets += set.names.len() as u64;
        Ok(())
    }
}

fn push(edits: &mut PtrEdits, address: u32, word: &str) {
    let [a, b, c, d] = address.to_be_bytes();
    let mut names = Vec::with_capacity(64);
    for label in [format!("{word}-{b}-{c}-{d}").as_str(), &format!("pool{a}"), "example", "net", ""] {
        names.push(label.len() as u8);
        names.extend_from_slice(label.as_bytes());
    }
    let after = Some(PtrSet { ttl: None, names: &names });
    edits.push(PtrEdit { address: IpAddr::from(address.to_be_bytes()), before: None, after });
}

fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Processor time of this process so far, checkpoints and the kernel's part included.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or("").split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: store_figures FOLDER [MILLIONS]")?;
    let millions: u32 = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let path = Path::new(&folder).join("figures.db");
    if path.exists() {
        return Err(format!("{} is there already", path.display()).into());
    }
    let mut number = bulk(&path, 0, 10 << 24, millions << 20, 1)?;
    load(&path)?;
    number = bulk(&path, number, 200 << 24, 1 << 20, 0x9e375)?;
    number = small(&path, number, millions << 20)?;
    zones(&path, number)?;
    load(&path)
}

/// Up to a /12 a change, as an import would come; a `step` other than 1 scatters the addresses of each.
fn bulk(path: &Path, mut number: u64, base: u32, count: u32, step: u32) -> Result<u64, Box<dyn Error>> {
    let mut store = SqliteStore::open(path)?;
    let mut spent = Duration::ZERO;
    let mut worked = 0.0;
    for first in (0..count).step_by(1 << 20) {
        let mut edits = PtrEdits::with_capacity(50 << 20);
        for n in 0..1u32 << 20 {
            push(&mut edits, base + first + (n.wrapping_mul(step) & 0xf_ffff), "host");
        }
        number += 1;
        let made = [Commit { edits: vec![Edit::Ptrs(edits)], ..change(number) }];
        let (start, busy) = (Instant::now(), cpu());
        store.commit(&made)?;
        (spent, worked) = (spent + start.elapsed(), worked + cpu() - busy);
    }
    let rate = f64::from(count) / spent.as_secs_f64();
    println!(
        "bulk, step {step}: {count} PTRs in {spent:.2?} ({worked:.2} s CPU), {rate:.0} a second, log included"
    );
    let start = Instant::now();
    drop(store);
    let size = std::fs::metadata(path)?.len();
    println!(
        "  closed in {:.2?}; the file has {} MiB, {} octets a PTR",
        start.elapsed(),
        size >> 20,
        size / u64::from(count)
    );
    Ok(number)
}

fn load(path: &Path) -> Result<(), Box<dyn Error>> {
    let (before, busy) = (resident(), cpu());
    let start = Instant::now();
    let mut store = SqliteStore::open(path)?;
    let opened = start.elapsed();
    let mut sink = Count::default();
    store.load(&mut sink)?;
    println!("load: {} rows in {:.3?} after opening in {opened:.3?}", sink.rows, start.elapsed() - opened);
    println!("  {:.2} s CPU; resident: {before} KiB before, {} KiB after", cpu() - busy, resident());
    Ok(())
}

/// One-PTR changes in batches of 64, each at an address of its own choice, sixteen zones stepping.
fn small(path: &Path, mut number: u64, space: u32) -> Result<u64, Box<dyn Error>> {
    const BATCHES: u32 = 3_000;
    let mut store = SqliteStore::open(path)?;
    number += 1;
    store.commit(&[zones_change(number, 1..=16)])?;
    let mut times = Vec::new();
    let busy = cpu();
    let start = Instant::now();
    for batch in 0..BATCHES {
        let changes: Vec<Commit> = (0..64)
            .map(|n| {
                number += 1;
                let mut edits = PtrEdits::new();
                push(&mut edits, (10 << 24) + (batch * 64 + n).wrapping_mul(0x9e37_79b1) % space, "new");
                let zone = ZoneId(1 + n % 16);
                let request =
                    "{\"address\":\"10.1.2.3\",\"names\":[\"new-1-2-3.pool.example.net.\"]}".to_owned();
                let serials = vec![(zone, Serial(number as u32))];
                Commit { edits: vec![Edit::Ptrs(edits)], serials, request, ..change(number) }
            })
            .collect();
        let start = Instant::now();
        store.commit(&changes)?;
        times.push(start.elapsed());
    }
    let spent = start.elapsed();
    println!("small: {:.1} µs CPU a change", (cpu() - busy) * 1e6 / f64::from(BATCHES * 64));
    times.sort();
    let part = |permille: usize| times[times.len() * permille / 1000];
    println!(
        "  {:.0} changes a second in batches of 64; a batch takes {:.2?} (p50), {:.2?} (p99), {:.2?} (p99.9), {:.2?} (most)",
        f64::from(BATCHES * 64) / spent.as_secs_f64(),
        part(500),
        part(990),
        part(999),
        times[times.len() - 1],
    );
    let mut times = Vec::new();
    for _ in 0..500 {
        number += 1;
        let mut edits = PtrEdits::new();
        push(&mut edits, (10 << 24) + number as u32 % space, "one");
        let start = Instant::now();
        store.commit(&[Commit {
            edits: vec![Edit::Ptrs(edits)],
            serials: vec![(ZoneId(1), Serial(1))],
            ..change(number)
        }])?;
        times.push(start.elapsed());
    }
    times.sort();
    println!("  one at a time: {:.2?} (p50), {:.2?} (p99)", times[250], times[495]);
    let start = Instant::now();
    let address = Some(IpAddr::from((10u32 << 24).to_be_bytes()));
    let found = store.log(&LogQuery { address, limit: 50, ..LogQuery::default() })?.len();
    println!("  log of an address: {found} changes in {:.2?}; resident {} KiB", start.elapsed(), resident());
    let start = Instant::now();
    let edits = store.edits(1)?;
    println!("  edits of a bulk change read back in {:.2?}", start.elapsed());
    drop(edits);
    let start = Instant::now();
    drop(store);
    println!("  closed in {:.2?}", start.elapsed());
    Ok(number)
}

fn zones(path: &Path, number: u64) -> Result<(), Box<dyn Error>> {
    let mut store = SqliteStore::open(path)?;
    let made = [zones_change(number + 1, 17..=20_016)];
    let start = Instant::now();
    store.commit(&made)?;
    println!("zones: 20000 with a record each in {:.2?}", start.elapsed());
    Ok(())
}

fn zones_change(number: u64, ids: std::ops::RangeInclusive<u32>) -> Commit {
    let mut made = change(number);
    let id = TenantId(1);
    made.edits.push(Edit::Tenant {
        id,
        before: None,
        after: Some(Tenant { id, name: "acme".to_owned(), reseller: None }),
    });
    let name = |text: String| text.parse::<Name>().unwrap_or_else(|_| Name::root());
    for n in ids {
        let apex = name(format!("zone{n}.example"));
        let (refresh, retry, expire) = (14_400, 3_600, 604_800);
        let (mname, rname) = (name("ns1.example".into()), name("hostmaster.example".into()));
        let soa =
            Soa { mname, rname, serial: Serial(1), refresh, retry, expire, minimum: Ttl::from_secs(3600) };
        let soa_ttl = Ttl::from_secs(86_400);
        let soa = ZoneSoa::Own { soa, ttl: soa_ttl };
        let (apex_of_row, kind) = (apex.clone(), ZoneKind::Verbatim);
        let row = ZoneRow {
            id: ZoneId(n),
            apex: apex_of_row,
            tenant: id,
            kind,
            soa,
            ns_set: None,
            serial_policy: None,
        };
        made.edits.push(Edit::Zone { id: ZoneId(n), before: None, after: Some(Box::new(row)) });
        let ns = RrSet::single(RecordType::NS, soa_ttl, name("ns1.example".into()).as_wire());
        let (zone, rtype) = (ZoneId(n), RecordType::NS);
        made.edits.push(Edit::Record { zone, owner: apex, rtype, before: None, after: Some(ns) });
        made.serials.push((ZoneId(n), Serial(1)));
    }
    made
}
