//! What the change road costs without a store: `cargo run --release -p ptrd-change --example change_figures`.
//!
//! - reading, checking and planning an import of a million PTRs (a dry run), and publishing it
//! - loading them again
//! - small changes from 64 callers at once, with a store that takes no time
//! - one change at a time among 16.7 million PTRs, and in a verbatim zone of a million names
//! - 20 000 blocks of each kind added one by one under one /8

use ptrd_api::{
    BlockAdd, Bundle, ChangeRequest, DelegationKind, NameserverSpec, PtrImportOptions, PtrWrite, RecordWrite,
    ZoneImportOptions,
};
use ptrd_change::{Caller, Options, Road, load};
use ptrd_store::{
    Commit, Edit, Loaded, LogEntry, LogQuery, MemoryStore, Sink, Store, StoreError, StoreMeter,
};
use ptrd_wire::Serial;
use ptrd_zone::PtrSet;
use ptrd_zone::model::ZoneId;
use std::sync::Arc;
use std::time::Instant;

/// Forgets what it is given, and starts with PTRs of 10.0.0.0 and following.
struct Nowhere {
    ptrs: u32,
}

impl Store for Nowhere {
    fn load(&mut self, sink: &mut dyn Sink) -> Result<Loaded, StoreError> {
        let mut name = Vec::new();
        for n in 0..self.ptrs {
            let [_, b, c, d] = n.to_be_bytes();
            let label = format!("host-{b}-{c}-{d}");
            name.clear();
            name.push(label.len() as u8);
            name.extend_from_slice(label.as_bytes());
            name.extend_from_slice(b"\x04pool\x07example\x03net\x00");
            let address = std::net::Ipv4Addr::from(0x0a00_0000 + n).into();
            sink.ptr(address, PtrSet { ttl: None, names: &name }).expect("a sound row");
        }
        Ok(Loaded::default())
    }
    fn commit(&mut self, _: &[Commit]) -> Result<(), StoreError> {
        Ok(())
    }
    fn log(&mut self, _: &LogQuery) -> Result<Vec<LogEntry>, StoreError> {
        Ok(Vec::new())
    }
    fn edits(&mut self, _: u64) -> Result<Vec<Edit>, StoreError> {
        Ok(Vec::new())
    }
    fn outbox(&mut self) -> Result<Vec<(ZoneId, Serial)>, StoreError> {
        Ok(Vec::new())
    }
    fn probe(&mut self) -> Result<(), StoreError> {
        Ok(())
    }
    fn reader(&self) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(Nowhere { ptrs: 0 }))
    }
    fn meter(&self) -> Arc<StoreMeter> {
        Arc::default()
    }
}

const MILLION: u32 = 1 << 20;

fn caller() -> Caller {
    Caller::operator("root", "example", None)
}

fn open(mut store: Box<dyn Store>) -> Arc<Road> {
    let loaded = load(store.as_mut()).expect("a sound store");
    Arc::new(Road::start(store, loaded, Options::default()).expect("a road"))
}

fn csv(shuffled: bool) -> Vec<u8> {
    let mut text = String::with_capacity(50 * MILLION as usize);
    for n in 0..MILLION {
        let n = if shuffled { n.wrapping_mul(0x9e37_79b1) % MILLION } else { n };
        let [_, b, c, d] = n.to_be_bytes();
        text.push_str(&format!("10.{b}.{c}.{d},host-10-{b}-{c}-{d}.pool.example.net\n"));
    }
    text.into_bytes()
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().expect("a runtime");
    let change =
        |road: &Road, request| runtime.block_on(road.change(caller(), request, false)).expect("a change");
    let prepare = |road: &Road| {
        change(road, ChangeRequest::TenantAdd { name: "acme".into() });
        for n in 0..16 {
            let range = format!("10.{n}.0.0/16");
            change(
                road,
                ChangeRequest::BlockAdd(BlockAdd { range, tenant: "acme".into(), ..BlockAdd::default() }),
            );
        }
    };
    let road = open(Box::new(Nowhere { ptrs: 0 }));
    prepare(&road);
    for (what, shuffled, dry_run) in [
        ("sorted, dry run", false, true),
        ("shuffled, dry run", true, true),
        ("sorted, published", false, false),
    ] {
        let csv = std::io::Cursor::new(csv(shuffled));
        let options = PtrImportOptions { dry_run, ..PtrImportOptions::default() };
        let since = Instant::now();
        runtime.block_on(road.import_ptrs(caller(), options, csv)).expect("an import");
        let rate = f64::from(MILLION) / since.elapsed().as_secs_f64();
        println!("import of {MILLION} PTRs, {what}: {rate:.0}/s");
    }
    small_changes(&runtime, &road);
    zones(&runtime, &road);
    one_at_a_time(&runtime, &road, "a verbatim zone of a million names", |n| {
        ChangeRequest::RecordSet(RecordWrite {
            owner: format!("n{n}.large.example."),
            rtype: "TXT".into(),
            data: vec![format!("text {n}")],
            ..RecordWrite::default()
        })
    });
    drop(road);

    let road = open(Box::new(Nowhere { ptrs: 1 << 24 }));
    let add = BlockAdd { range: "10.0.0.0/8".into(), tenant: "acme".into(), ..BlockAdd::default() };
    change(&road, ChangeRequest::TenantAdd { name: "acme".into() });
    change(&road, ChangeRequest::BlockAdd(add));
    one_at_a_time(&runtime, &road, "16.7 million PTRs", ptr);
    drop(road);
    blocks(&runtime);

    let store = MemoryStore::new();
    let road = open(Box::new(store.clone()));
    prepare(&road);
    let csv = std::io::Cursor::new(csv(false));
    runtime.block_on(road.import_ptrs(caller(), PtrImportOptions::default(), csv)).expect("an import");
    let since = Instant::now();
    let loaded = load(&mut store.clone()).expect("a sound store");
    println!("load of {MILLION} PTRs from memory: {:.0} ms", since.elapsed().as_secs_f64() * 1e3);
    drop(loaded);
}

fn zones(runtime: &tokio::runtime::Runtime, road: &Road) {
    const ZONES: usize = 20_000;
    let text: String = (0..10).map(|n| format!("www{n} 300 IN A 192.0.2.{n}\n")).collect();
    let text = format!(
        "@ 3600 SOA ns1.example.net. host.example.net. 1 2 3 4 5\n@ 3600 NS ns1.example.net.\n{text}"
    );
    let files = (0..ZONES).map(|n| (format!("z{n}.example"), text.clone().into_bytes())).collect();
    let options = ZoneImportOptions { tenant: "acme".into(), ..ZoneImportOptions::default() };
    let since = Instant::now();
    let bundle = Bundle { files, zones: ZONES };
    runtime.block_on(road.import_zones(caller(), options, bundle)).expect("an import");
    println!("import of {ZONES} zones of 13 records: {:.1} s", since.elapsed().as_secs_f64());
    let names: String = (0..MILLION).map(|n| format!("n{n} 300 IN A 192.0.2.1\n")).collect();
    let text = format!(
        "@ 3600 SOA ns1.example.net. host.example.net. 1 2 3 4 5\n@ 3600 NS ns1.example.net.\n{names}"
    );
    let options = ZoneImportOptions { tenant: "acme".into(), ..ZoneImportOptions::default() };
    let since = Instant::now();
    let bundle = Bundle { files: vec![("large.example".to_owned(), text.into_bytes())], zones: 1 };
    runtime.block_on(road.import_zones(caller(), options, bundle)).expect("an import");
    println!("import of a zone of {MILLION} names: {:.1} s", since.elapsed().as_secs_f64());
}

/// Medians and tails of single changes, each waited for.
fn one_at_a_time(
    runtime: &tokio::runtime::Runtime,
    road: &Road,
    what: &str,
    request: impl Fn(u32) -> ChangeRequest,
) {
    const CHANGES: u32 = 5_000;
    let mut took: Vec<f64> = (0..CHANGES)
        .map(|turn| {
            let request = request(turn.wrapping_mul(0x9e37_79b1) % MILLION);
            let since = Instant::now();
            runtime.block_on(road.change(caller(), request, false)).expect("a change");
            since.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    took.sort_by(f64::total_cmp);
    let at = |part: f64| took[((took.len() - 1) as f64 * part) as usize];
    println!(
        "one change among {what}: median {:.0} µs, p99 {:.0} µs, slowest {:.0} µs",
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

fn blocks(runtime: &tokio::runtime::Runtime) {
    const BLOCKS: u32 = 20_000;
    type Make = fn(BlockAdd) -> BlockAdd;
    let kinds: [(&str, u32, Make); 4] = [
        ("direct /24", 8, |add| add),
        ("/24 with a zone of its own", 8, |add| BlockAdd { own_zone: true, ..add }),
        ("classless /28", 4, |add| BlockAdd { classless: Some("first-len".into()), ..add }),
        ("delegated /24", 8, |add| BlockAdd {
            delegate: Some(DelegationKind::Zone),
            nameservers: ["ns1", "ns2"]
                .iter()
                .map(|ns| NameserverSpec { name: format!("{ns}.cust.example"), addresses: Vec::new() })
                .collect(),
            ..add
        }),
    ];
    for (what, host, make) in kinds {
        let road = open(Box::new(Nowhere { ptrs: 0 }));
        let change = |request| {
            runtime.block_on(road.change(caller(), request, false)).expect("a change");
        };
        change(ChangeRequest::TenantAdd { name: "acme".into() });
        let block = |range| BlockAdd { range, tenant: "acme".into(), ..BlockAdd::default() };
        change(ChangeRequest::BlockAdd(block("10.0.0.0/8".into())));
        let mut since = Instant::now();
        let mut laps = Vec::new();
        for n in 0..BLOCKS {
            let address = std::net::Ipv4Addr::from(0x0a00_0000 | n << host);
            change(ChangeRequest::BlockAdd(make(block(format!("{address}/{}", 32 - host)))));
            if (n + 1) % (BLOCKS / 4) == 0 {
                laps.push(format!("{:.0}", since.elapsed().as_secs_f64() * 1e6 / f64::from(BLOCKS / 4)));
                since = Instant::now();
            }
        }
        println!("{BLOCKS} blocks, {what}: µs each in the four quarters {}", laps.join(", "));
    }
}

fn small_changes(runtime: &tokio::runtime::Runtime, road: &Arc<Road>) {
    const EACH: u32 = 2_000;
    for (what, request) in [
        ("ptr set", (|n: u32| ptr(n)) as fn(u32) -> ChangeRequest),
        ("record set", (|n: u32| record(n)) as fn(u32) -> ChangeRequest),
    ] {
        let since = Instant::now();
        runtime.block_on(async {
            let tasks: Vec<_> = (0..64u32)
                .map(|task| {
                    let road = road.clone();
                    tokio::spawn(async move {
                        for turn in 0..EACH {
                            let n = (task * EACH + turn).wrapping_mul(0x9e37_79b1) % MILLION;
                            road.change(caller(), request(n), false).await.expect("a change");
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.expect("a task");
            }
        });
        let took = since.elapsed().as_secs_f64();
        let count = f64::from(64 * EACH);
        println!("{what}, 64 callers: {:.0}/s, {:.1} µs each", count / took, took / count * 1e6);
    }
}

fn ptr(n: u32) -> ChangeRequest {
    let [_, b, c, d] = n.to_be_bytes();
    ChangeRequest::PtrSet(PtrWrite {
        address: format!("10.{b}.{c}.{d}"),
        names: vec![format!("other-{n}.example.net")],
        ..PtrWrite::default()
    })
}

fn record(n: u32) -> ChangeRequest {
    ChangeRequest::RecordSet(RecordWrite {
        owner: format!("n{}.1.10.in-addr.arpa.", n % 5_000),
        rtype: "TXT".into(),
        data: vec![format!("text {n}")],
        ..RecordWrite::default()
    })
}
