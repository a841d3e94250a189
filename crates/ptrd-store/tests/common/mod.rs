//! Changes for the tests of faults and damage.
#![allow(dead_code, reason = "each test file uses its part")]

use ptrd_store::conformance::{Contents, change, read};
use ptrd_store::{Commit, Edit, SqliteStore};
use ptrd_wire::{Name, RecordType, RrSet, Serial, Soa, Ttl};
use ptrd_zone::model::{
    Block, BlockId, BlockTemplate, Delegation, Mode, Nameserver, Standing, Tenant, TenantId, ZoneId,
    ZoneKind, ZoneRow, ZoneSoa,
};
use ptrd_zone::{PtrEdit, PtrEdits, PtrSet, pack_names};
use std::net::IpAddr;
use std::path::Path;

pub fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

/// A change that gives `count` addresses from `first` on a PTR.
pub fn ptrs(number: u64, first: u32, count: u32) -> Commit {
    let mut edits = PtrEdits::new();
    for n in first..first + count {
        let names = pack_names(&[name(&format!("host-{n}.pool.example.net"))]);
        let after = Some(PtrSet { ttl: None, names: &names });
        edits.push(PtrEdit { address: IpAddr::from(n.to_be_bytes()), before: None, after });
    }
    Commit { edits: vec![Edit::Ptrs(edits)], ..change(number) }
}

/// A change that makes a tenant, and blocks, zones and records in some number.
pub fn rows(number: u64, count: u32) -> Commit {
    let tenant = Tenant { id: TenantId(1), name: "acme".to_owned(), reseller: None };
    let mut made = change(number);
    made.edits.push(Edit::Setting { name: "defaults".into(), before: None, after: Some("{}".into()) });
    made.edits.push(Edit::Tenant { id: tenant.id, before: None, after: Some(tenant) });
    for n in 1..=count {
        let range = format!("10.{}.{}.0/24", n >> 8, n & 255).parse().expect("a range");
        let delegation = Delegation {
            nameservers: vec![Nameserver {
                name: name("ns.example"),
                addresses: vec![IpAddr::from([192, 0, 2, 1])],
            }],
            ds: vec![Box::new([1, 2, 3])],
        };
        let mode = if n % 2 == 0 { Mode::Direct } else { Mode::DelegatedWhole(delegation) };
        let (tenant, standing) = (TenantId(1), Standing::default());
        let block = Block {
            id: BlockId(n),
            range,
            tenant,
            mode,
            default_ttl: None,
            template: BlockTemplate::Inherit,
            standing,
        };
        made.edits.push(Edit::Block { id: BlockId(n), before: None, after: Some(Box::new(block)) });
        let apex = name(&format!("zone{n}.example"));
        let soa = Soa {
            mname: name("ns1.example"),
            rname: name("hostmaster.example"),
            serial: Serial(1),
            refresh: 1,
            retry: 2,
            expire: 3,
            minimum: Ttl::from_secs(4),
        };
        let kind = ZoneKind::Verbatim;
        let soa = ZoneSoa::Own { soa, ttl: Ttl::from_secs(5) };
        let zone = ZoneRow {
            id: ZoneId(n),
            apex: apex.clone(),
            tenant: TenantId(1),
            kind,
            soa,
            ns_set: None,
            serial_policy: None,
        };
        made.edits.push(Edit::Zone { id: ZoneId(n), before: None, after: Some(Box::new(zone)) });
        let ns = RrSet::single(RecordType::NS, Ttl::from_secs(9), name("ns1.example").as_wire());
        made.edits.push(Edit::Record {
            zone: ZoneId(n),
            owner: apex,
            rtype: RecordType::NS,
            before: None,
            after: Some(ns),
        });
        made.serials.push((ZoneId(n), Serial(n)));
    }
    made
}

/// Opens a store, reads it, and closes it.
pub fn contents(path: &Path) -> Contents {
    let mut store = SqliteStore::open(path).expect("the store opens");
    read(&mut store)
}

/// The number of the newest migration.
pub fn newest_schema() -> u32 {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
    let numbers = std::fs::read_dir(folder).expect("the migrations").map(|entry| {
        let name = entry.expect("a migration").file_name();
        name.to_string_lossy()[..4].parse().expect("a number")
    });
    numbers.max().expect("a migration")
}
