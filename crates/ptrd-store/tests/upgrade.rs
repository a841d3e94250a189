//! A file of the first schema, opened by this ptrd; and one of a schema to come.

mod common;

use ptrd_store::conformance::{Contents, change, first_schema_store, read};
use ptrd_store::{Commit, Edit, LogQuery, SqliteStore, Store, StoreError};
use ptrd_wire::{RecordType, Serial};
use ptrd_zone::model::{
    NsSet, NsSetId, SerialPolicy, SoaTemplate, SoaTemplateId, ZoneId, ZoneKind, ZoneRow, ZoneSoa,
};
use std::path::PathBuf;
use tempfile::TempDir;

fn old_file() -> (TempDir, PathBuf) {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("ptrd.db");
    first_schema_store(&path).expect("a file of schema 0001");
    (folder, path)
}

fn check(contents: &Contents) {
    assert_eq!(contents.ns_sets, [NsSet::first()]);
    assert_eq!(contents.soa_templates, [SoaTemplate::first()]);
    let own: Vec<(u32, u32)> = contents
        .zones
        .iter()
        .map(|zone| match &zone.soa {
            ZoneSoa::Own { soa, ttl } => {
                assert_eq!((ttl.as_secs(), soa.retry, soa.expire), (86_400, 3_600, 1_209_600));
                assert_eq!(soa.mname.to_string(), "ns1.example.net.");
                assert_eq!(soa.rname.to_string(), "hostmaster.example.net.");
                (soa.serial.0, soa.refresh)
            }
            ZoneSoa::Of { .. } => panic!("{} references a template before anybody said so", zone.apex),
        })
        .collect();
    assert_eq!(own, [(100, 14_400), (200, 14_400), (300, 9_999), (400, 14_400), (500, 14_400)]);
    assert!(contents.zones.iter().all(|zone| zone.ns_set.is_none() && zone.serial_policy.is_none()));
    assert!(matches!(contents.zones[1].kind, ZoneKind::Classless { .. }));
    assert_eq!((contents.blocks.len(), contents.ptrs.len(), contents.tenants.len()), (4, 1, 1));
    assert_eq!(contents.records.len(), 5);
    assert!(contents.records.iter().all(|record| record.rrset.rtype == RecordType::NS));
    let settings: Vec<&str> = contents.settings.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(settings, ["carry-over", "defaults", "projection"]);
    assert_eq!((contents.loaded.last_change, contents.loaded.last_zone), (7, 5));
}

#[test]
fn rows_and_log_of_the_first_schema_are_carried_over() {
    let (_folder, path) = old_file();
    let mut store = SqliteStore::open(&path).expect("the file is brought up to date");
    check(&read(&mut store));
    drop(store);
    let mut store = SqliteStore::open(&path).expect("the file opens again");
    check(&read(&mut store));

    // Serials and outbox hang on zones that were never gone.
    let waiting: Vec<(u32, u32)> =
        store.outbox().expect("an outbox").iter().map(|(zone, serial)| (zone.0, serial.0)).collect();
    assert_eq!(waiting, [(1, 100), (2, 200), (3, 300), (4, 400), (5, 500)]);
    let of_zone = LogQuery { zone: Some(ZoneId(3)), limit: 9, ..LogQuery::default() };
    assert_eq!(store.log(&of_zone).expect("the log").len(), 1);

    // Edits in the form of their time.
    let edits = store.edits(7).expect("edits");
    assert!(
        matches!(&edits[0], Edit::Tenant { before: None, after: Some(tenant), .. } if tenant.name == "acme")
    );
    let Edit::Zone { before: Some(before), after: Some(after), .. } = &edits[2] else {
        panic!("{:?}", edits[2]);
    };
    assert_eq!((before.soa.serial(), after.soa.serial()), (Serial(400), Serial(500)));
    assert_eq!((before.apex.to_string().as_str(), &before.kind), ("example.com.", &ZoneKind::Verbatim));
    assert_eq!((after.ns_set, after.serial_policy), (None, None));
    assert!(matches!(&edits[1], Edit::Zone { before: None, after: Some(after), .. } if after == before));

    // And it takes what the new schema has.
    let zone = read(&mut store).zones[0].clone();
    let referencing = ZoneRow {
        soa: ZoneSoa::Of { template: SoaTemplateId::DEFAULT, serial: Serial(101) },
        ns_set: Some(NsSetId::DEFAULT),
        serial_policy: Some(SerialPolicy::Date),
        ..zone.clone()
    };
    let edit =
        Edit::Zone { id: zone.id, before: Some(Box::new(zone)), after: Some(Box::new(referencing.clone())) };
    store.commit(&[Commit { edits: vec![edit.clone()], ..change(8) }]).expect("a commit");
    drop(store);
    let mut store = SqliteStore::open(&path).expect("the file opens");
    assert_eq!(read(&mut store).zones[0], referencing);
    assert_eq!(store.edits(8).expect("edits"), [edit]);
}

#[test]
fn a_new_store_has_nothing_to_carry_over() {
    let folder = TempDir::new().expect("a folder");
    let mut store = SqliteStore::open(&folder.path().join("ptrd.db")).expect("a store");
    assert_eq!(read(&mut store).settings, []);
}

#[test]
fn what_was_brought_up_to_date_is_sound() {
    let (_folder, path) = old_file();
    drop(SqliteStore::open(&path).expect("the file is brought up to date"));
    let mut findings = Vec::new();
    let mut sink = ptrd_store::conformance::Contents::default();
    SqliteStore::check(&path, &mut sink, &mut |finding: ptrd_store::Finding| findings.push(finding))
        .expect("it opens");
    assert_eq!(findings, []);
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let (_folder, path) = old_file();
    drop(SqliteStore::open(&path).expect("the file is brought up to date"));
    let version = |to: u32| {
        let connection = rusqlite::Connection::open(&path).expect("the file");
        connection.pragma_update(None, "user_version", to).expect("a version");
        drop(connection);
    };
    let newest = common::newest_schema();
    version(newest + 1);
    let before = std::fs::read(&path).expect("the file");
    match SqliteStore::open(&path).map(drop) {
        Err(StoreError::NewerSchema { found, known, .. }) if known == newest && found == newest + 1 => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(std::fs::read(&path).expect("the file"), before);
    version(newest);
    check(&read(&mut SqliteStore::open(&path).expect("the file opens again")));
}
