//! How fast the log is filled, searched and cut short.
//!
//! `cargo run --release -p ptrd-store --example log_figures -- 1000000`

use ptrd_store::conformance::change;
use ptrd_store::{Commit, Edit, LogQuery, SqliteStore, Store};
use ptrd_zone::model::TenantId;
use ptrd_zone::{PtrEdit, PtrEdits, PtrSet, pack_names};
use std::net::IpAddr;
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: u64 = std::env::args().nth(1).map_or(Ok(200_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("ptrd.db");
    let mut store = SqliteStore::open(&path)?;
    let names = pack_names(&["host-1.example.net".parse()?]);
    // Addresses of a /8 in an order that looks random, 5 000 tenants, twenty actors.
    let address = |n: u64| {
        IpAddr::from((0x0a00_0000 | (n.wrapping_mul(2_654_435_761) as u32 & 0xff_ffff)).to_be_bytes())
    };
    let begun = Instant::now();
    let numbers: Vec<u64> = (1..=count).collect();
    for group in numbers.chunks(64) {
        let one = |n: &u64| {
            let mut edits = PtrEdits::new();
            let after = Some(PtrSet { ttl: None, names: &names });
            edits.push(PtrEdit { address: address(*n), before: None, after });
            let kind = if n.is_multiple_of(50_000) { "rare" } else { "ptr-set" };
            Commit {
                actor: format!("actor{}", n % 20),
                kind: kind.to_owned(),
                tenants: vec![TenantId(n.wrapping_mul(40_503) as u32 % 5_000)],
                edits: vec![Edit::Ptrs(edits)],
                at: 1_700_000_000_000 + *n as i64 * 500,
                ..change(*n)
            }
        };
        let changes: Vec<Commit> = group.iter().map(one).collect();
        store.commit(&changes)?;
    }
    let took = begun.elapsed();
    println!("{count} changes in groups of 64: {:.0} a second", count as f64 / took.as_secs_f64());
    println!("{} octets of file a change", std::fs::metadata(&path)?.len() / count);
    let (third, limit) = (1_700_000_000_000 + count as i64 / 3 * 500, 50);
    let all = || LogQuery { limit, ..LogQuery::default() };
    for (what, query) in [
        ("newest", all()),
        ("address", LogQuery { address: Some(address(count / 7)), ..all() }),
        ("range /24", LogQuery { range: Some("10.7.7.0/24".parse()?), ..all() }),
        ("range /8", LogQuery { range: Some("10.0.0.0/8".parse()?), ..all() }),
        ("tenant", LogQuery { tenant: Some(TenantId(77)), ..all() }),
        ("actor", LogQuery { actor: Some("actor7".to_owned()), ..all() }),
        ("rare kind", LogQuery { kind: Some("rare".to_owned()), ..all() }),
        ("time", LogQuery { since: Some(third), until: Some(third + 60_000), ..all() }),
        ("tenant, time", LogQuery { tenant: Some(TenantId(77)), until: Some(third), ..all() }),
    ] {
        let begun = Instant::now();
        let found = store.log(&query)?.len();
        println!("{what:14} {:>9.2} ms, {found} found", begun.elapsed().as_secs_f64() * 1e3);
    }
    let begun = Instant::now();
    let (mut worst, mut portions) = (0.0f64, 0);
    loop {
        let portion = Instant::now();
        let until = portion + Duration::from_millis(2);
        let pruned = store.prune(count / 10, &mut || Instant::now() < until)?;
        worst = worst.max(portion.elapsed().as_secs_f64() * 1e3);
        portions += 1;
        if !pruned.more {
            break;
        }
    }
    let took = begun.elapsed().as_secs_f64() * 1e3;
    println!(
        "pruning {} changes: {:.2} ms a portion, {worst:.1} at worst",
        count / 10,
        took / f64::from(portions)
    );
    let begun = Instant::now();
    store.reader()?.backup(&folder.path().join("copy.db"), &mut |_, _| true)?;
    println!("a copy: {:.0} ms", begun.elapsed().as_secs_f64() * 1e3);
    Ok(())
}
