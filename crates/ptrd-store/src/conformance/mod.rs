//! What every engine behind [`Store`] must do, as code: an engine is held to it by a test that calls [`run`].
//!
//! The functions here panic with what was found; they are for tests.

mod contents;
mod history;
mod old;
pub(crate) mod samples;
mod watched;

pub use contents::{Contents, StoredPtr, assert_same_edits, assert_same_rows, read};
pub use old::first_schema_store;
pub use samples::change;

use crate::{CheckRow, Commit, Edit, KeptAnswer, LogQuery, Store, StoreError, TokenUse};
use ptrd_wire::Serial;
use ptrd_zone::model::{
    Mode, NsSetId, SerialPolicy, SoaTemplateId, Standing, ZoneId, ZoneKind, ZoneRecord, ZoneRow, ZoneSoa,
};
use ptrd_zone::{PtrEdit, PtrEdits, PtrSet};
use samples::{
    block, block_edit, blocks, everything, ptr, ptr_names, ptrs, record, records, tenant, tenant_edit, text,
    verbatim, zone_edit, zones,
};
use std::net::IpAddr;

type Check = fn(&mut dyn Engine);

/// An engine under test.
pub trait Engine {
    /// An empty store.
    fn fresh(&mut self) -> Box<dyn Store>;

    /// Closes the store and opens what it left.
    fn reopen(&mut self, store: Box<dyn Store>) -> Box<dyn Store>;
}

/// Runs the whole suite.
///
/// # Panics
/// When the engine does not conform.
pub fn run(engine: &mut dyn Engine) {
    let checks: [(&str, Check); 20] = [
        ("a new store has the sets named default and nothing else", empty),
        ("rows of every kind round trip, in order", round_trip),
        ("rows change and go", updates_and_removals),
        ("a batch happens as a whole or not at all", atomicity),
        ("what rows cannot hold is refused", refusals),
        ("numbers are not given twice", high_water),
        ("the log is read by every filter", log_queries),
        ("a change is found by what it touched and when", history::found_again),
        ("old changes leave the log, and nothing else does", history::pruning),
        ("the history of a zone leads from a serial to the present one", history::deltas),
        ("the oldest history is forgotten when there is too much", history::trimming),
        ("edits come back as they were", edits_round_trip),
        ("a change may be large", large_change),
        ("the outbox keeps the newest serial", outbox),
        ("answers are kept with their changes", kept_answers),
        ("how addresses stand is kept apart from the log", checks),
        ("what is watched is kept apart from the log", watched::kept),
        ("readers read", readers),
        ("a change is given back whole", history::whole),
        ("a store knows whether it follows another", history::duty),
    ];
    for (what, check) in checks {
        println!("{what}");
        check(engine);
    }
}

fn commit(store: &mut dyn Store, changes: &[Commit]) {
    if let Err(error) = store.commit(changes) {
        panic!("a commit was refused: {error} ({error:?})");
    }
}

/// Commits one change of these edits, under the next number.
fn apply(store: &mut dyn Store, edits: Vec<Edit>) -> u64 {
    let number = read(store).loaded.last_change + 1;
    commit(store, &[Commit { edits, ..change(number) }]);
    number
}

fn empty(engine: &mut dyn Engine) {
    let store = engine.fresh();
    let mut store = engine.reopen(store);
    assert_same_rows(&read(&mut *store), &Contents::fresh());
    store.commit(&[]).expect("no changes are no trouble");
    store.probe().expect("a new store can be written");
    assert!(store.outbox().expect("an outbox").is_empty());
    assert!(store.edits(1).expect("no edits").is_empty());
    assert!(store.log(&LogQuery { limit: 9, ..LogQuery::default() }).expect("a log").is_empty());
}

/// What `everything` leaves behind.
fn expected() -> Contents {
    let mut zones = zones();
    zones[7].soa.set_serial(Serial(7));
    zones[0].soa.set_serial(Serial(1));
    let record = |(owner, rrset)| ZoneRecord { zone: ZoneId(8), owner, rrset };
    let mut expected = Contents {
        settings: vec![
            ("another".to_owned(), String::new()),
            ("defaults".to_owned(), "{\"x\":\"ü\\u0000\"}".to_owned()),
        ],
        tenants: vec![tenant(1, "acme"), tenant(u32::MAX, "last")],
        blocks: blocks(),
        zones,
        records: records().into_iter().map(record).collect(),
        sending: samples::sending(),
        ptrs: ptrs().into_iter().map(|(address, ttl, names)| StoredPtr { address, ttl, names }).collect(),
        ..Contents::fresh()
    };
    expected.ns_sets.extend(samples::ns_sets());
    expected.soa_templates.extend(samples::soa_templates());
    expected.loaded.last_ns_set = 3;
    expected.loaded.last_soa_template = 4;
    expected.loaded.last_change = 5;
    expected.loaded.last_tenant = u32::MAX;
    expected.loaded.last_block = expected.blocks.len() as u32;
    expected.loaded.last_zone = 8;
    expected
}

fn round_trip(engine: &mut dyn Engine) {
    let mut store = engine.fresh();
    commit(&mut *store, &[everything(5)]);
    assert_same_rows(&read(&mut *store), &expected());
    let mut store = engine.reopen(store);
    assert_same_rows(&read(&mut *store), &expected());
    // Reading does not wear out.
    assert_same_rows(&read(&mut *store), &expected());
}

fn updates_and_removals(engine: &mut dyn Engine) {
    let mut store = engine.fresh();
    commit(&mut *store, &[everything(5)]);
    let (blocks, mut zone) = (blocks(), zones()[7].clone());
    zone.soa.set_serial(Serial(7));
    let mut moved = zone.clone();
    moved.apex = samples::name("zone8.EXAMPLE");
    moved.soa = ZoneSoa::Of { template: SoaTemplateId(3), serial: Serial(7) };
    (moved.ns_set, moved.serial_policy) = (Some(NsSetId(2)), None);
    let (mut set, mut template) =
        (samples::ns_set(2, "two"), samples::soa_template(2, "two", SerialPolicy::Counter));
    (set.name, set.ttl) = ("renamed".to_owned(), None);
    set.nameservers.truncate(1);
    (template.mname, template.serial_policy) = (None, SerialPolicy::Date);
    let mut wider = blocks[0].clone();
    (wider.mode, wider.default_ttl, wider.standing) = (Mode::Direct, None, Standing::default());
    let mut sending = samples::sending()[1].clone();
    (sending.mta, sending.domains) = (None, Vec::new());
    let edits = vec![
        tenant_edit(1, Some("acme"), Some("acme2")),
        Edit::Setting { name: "another".into(), before: Some(String::new()), after: Some("1".into()) },
        block_edit(Some(&blocks[0]), Some(&wider)),
        zone_edit(Some(&zone), Some(&moved)),
        samples::ns_set_edit(Some(&samples::ns_sets()[0]), Some(&set)),
        samples::soa_template_edit(Some(&samples::soa_templates()[0]), Some(&template)),
        record(8, "Zone8.example", Some(text(&["", "two"])), Some(text(&["new"]))),
        samples::sending_edit(Some(&samples::sending()[1]), Some(&sending)),
        samples::sending_edit(Some(&samples::sending()[0]), None),
        ptr("192.0.2.9", &["A.Example", "b.example"], &["c.example"]),
        // Twice in one change: the last word counts.
        ptr("192.0.2.99", &[], &["first.example"]),
        ptr("192.0.2.99", &["first.example"], &["second.example"]),
        ptr("::", &["six.example"], &[]),
    ];
    apply(&mut *store, edits);
    let mut store = engine.reopen(store);
    let now = read(&mut *store);
    assert_eq!(now.tenants[0].name, "acme2");
    assert_eq!(now.settings[0].1, "1");
    assert_eq!(now.blocks[0], wider);
    assert_eq!(now.zones[7].apex.to_string(), "zone8.EXAMPLE.");
    assert_eq!(now.zones[7], moved);
    assert_eq!((&now.ns_sets[1], &now.soa_templates[1]), (&set, &template));
    assert_eq!(now.records[0].owner.to_string(), "Zone8.example.");
    assert_eq!(now.records[0].rrset, text(&["new"]));
    assert_eq!(now.records.len(), records().len());
    assert_eq!((&now.sending[0], now.sending.len()), (&sending, samples::sending().len() - 1));
    let names = |address: [u8; 4]| {
        let address = IpAddr::from(address);
        now.ptrs.iter().find(|ptr| ptr.address == address).map(|ptr| ptr.names.clone())
    };
    assert_eq!(names([192, 0, 2, 9]), Some(ptr_names(&["c.example"])));
    assert_eq!(names([192, 0, 2, 99]), Some(ptr_names(&["second.example"])));
    assert_eq!(now.ptrs.len(), ptrs().len(), "one came, one went");

    // Everything goes. The zone before its records: the order of edits is free.
    let mut edits: Vec<Edit> = now.zones.iter().map(|zone| zone_edit(Some(zone), None)).collect();
    edits.extend(now.records.iter().map(|record| Edit::Record {
        zone: record.zone,
        owner: record.owner.clone(),
        rtype: record.rrset.rtype,
        before: Some(record.rrset.clone()),
        after: None,
    }));
    edits.extend(now.tenants.iter().map(|tenant| tenant_edit(tenant.id.0, Some(&tenant.name), None)));
    edits.extend(now.blocks.iter().map(|block| block_edit(Some(block), None)));
    edits.extend(now.ns_sets[1..].iter().map(|set| samples::ns_set_edit(Some(set), None)));
    edits.extend(now.soa_templates[1..].iter().map(|one| samples::soa_template_edit(Some(one), None)));
    edits.extend(now.settings.iter().map(|(name, value)| Edit::Setting {
        name: name.clone(),
        before: Some(value.clone()),
        after: None,
    }));
    edits.extend(now.sending.iter().map(|mark| samples::sending_edit(Some(mark), None)));
    let mut gone = PtrEdits::new();
    for StoredPtr { address, ttl, names } in &now.ptrs {
        gone.push(PtrEdit { address: *address, before: Some(PtrSet { ttl: *ttl, names }), after: None });
    }
    edits.push(Edit::Ptrs(gone));
    apply(&mut *store, edits);
    let mut store = engine.reopen(store);
    let mut nothing = Contents { loaded: expected().loaded, ..Contents::fresh() };
    nothing.loaded.last_change = 7;
    assert_same_rows(&read(&mut *store), &nothing);
    assert!(store.outbox().expect("an outbox").is_empty(), "removed zones wait for no NOTIFY");
}

fn atomicity(engine: &mut dyn Engine) {
    let mut store = engine.fresh();
    apply(&mut *store, vec![tenant_edit(1, None, Some("acme"))]);
    let before = read(&mut *store);
    let good = Commit { edits: vec![ptr("192.0.2.1", &[], &["a.example"])], ..change(2) };
    let bad = Commit { serials: vec![(ZoneId(9), Serial(1))], ..change(3) };
    let error = store.commit(&[good.clone(), bad]).expect_err("a serial of no zone");
    assert!(matches!(error, StoreError::Other { .. }), "{error:?}");
    assert_same_rows(&read(&mut *store), &before);
    assert!(store.edits(2).expect("edits").is_empty());
    // The number was not used, and the store goes on.
    commit(
        &mut *store,
        &[good.clone(), Commit { edits: vec![tenant_edit(2, None, Some("b"))], ..change(3) }],
    );
    let mut store = engine.reopen(store);
    assert_eq!(read(&mut *store).tenants.len(), 2);
    assert_same_edits(&store.edits(2).expect("edits"), &good.edits);
}

fn refusals(engine: &mut dyn Engine) {
    let mut store = engine.fresh();
    let apex = "zone8.example";
    let made = vec![
        tenant_edit(1, None, Some("acme")),
        zone_edit(None, Some(&verbatim(8, apex))),
        record(8, apex, None, Some(text(&["x"]))),
        block_edit(None, Some(&block(6, "192.0.2.0/24", Mode::Direct))),
        zone_edit(None, Some(&zones()[6])),
    ];
    apply(&mut *store, made);
    let before = read(&mut *store);
    let mut two_types = text(&["x"]);
    two_types.rtype = ptrd_wire::RecordType::A;
    let mut bad_names = PtrEdits::new();
    let set = |names| Some(PtrSet { ttl: None, names });
    bad_names.push(PtrEdit { address: IpAddr::from([1; 4]), before: None, after: set(b"\x05cut") });
    let mut no_set = PtrEdits::new();
    no_set.push(PtrEdit { address: IpAddr::from([1; 4]), before: None, after: None });
    let empty = text(&[]);
    let with = |change: &dyn Fn(&mut ZoneRow)| {
        let mut zone = verbatim(9, "zone9.example");
        change(&mut zone);
        vec![zone_edit(None, Some(&zone))]
    };
    let two_addresses = Edit::Sending {
        address: IpAddr::from([1; 4]),
        before: None,
        after: Some(Box::new(samples::sending()[0].clone())),
    };
    let mut no_nameservers = samples::ns_set(2, "two");
    no_nameservers.nameservers.clear();
    let cases: Vec<(&str, Vec<Edit>)> = vec![
        ("a zone without a tenant", vec![tenant_edit(1, Some("acme"), None)]),
        ("records without a zone", vec![zone_edit(Some(&verbatim(8, apex)), None)]),
        ("a record of no zone", vec![record(77, apex, None, Some(text(&["x"])))]),
        ("a zone of no block", vec![block_edit(Some(&block(6, "192.0.2.0/24", Mode::Direct)), None)]),
        ("a zone of no NS set", with(&|zone| zone.ns_set = Some(NsSetId(2)))),
        (
            "a zone of no SOA template",
            with(&|zone| {
                zone.soa = ZoneSoa::Of { template: SoaTemplateId(2), serial: Serial(1) };
            }),
        ),
        ("an NS set without nameservers", vec![samples::ns_set_edit(None, Some(&no_nameservers))]),
        ("an RRset of no records", vec![record(8, "e.zone8.example", None, Some(empty))]),
        ("data that is no address", vec![record(8, "e.zone8.example", None, Some(two_types))]),
        ("names that are cut", vec![Edit::Ptrs(bad_names)]),
        ("a PTR edit without sets", vec![Edit::Ptrs(no_set)]),
        ("a mark of two addresses", vec![two_addresses]),
        ("an edit without rows", vec![tenant_edit(3, None, None)]),
    ];
    for (what, edits) in cases {
        let refused = store.commit(&[Commit { edits, ..change(2) }]);
        assert!(matches!(refused, Err(StoreError::Other { .. })), "{what}: {refused:?}");
        assert_same_rows(&read(&mut *store), &before);
    }
    for number in [0, 1] {
        let refused = store.commit(&[change(number)]);
        assert!(matches!(refused, Err(StoreError::Other { .. })), "change {number} again: {refused:?}");
    }
    commit(&mut *store, &[change(2)]);
}

fn high_water(engine: &mut dyn Engine) {
    let mut store = engine.fresh();
    apply(&mut *store, vec![tenant_edit(1, None, Some("a")), tenant_edit(7, None, Some("b"))]);
    let (block, zone) = (block(9, "192.0.2.0/24", Mode::Direct), verbatim(11, "example"));
    apply(&mut *store, vec![block_edit(None, Some(&block)), zone_edit(None, Some(&zone))]);
    let gone =
        vec![zone_edit(Some(&zone), None), block_edit(Some(&block), None), tenant_edit(7, Some("b"), None)];
    apply(&mut *store, gone);
    apply(&mut *store, vec![tenant_edit(2, None, Some("c"))]);
    let mut store = engine.reopen(store);
    let loaded = read(&mut *store).loaded;
    let lasts = (loaded.last_change, loaded.last_tenant, loaded.last_block, loaded.last_zone);
    assert_eq!(lasts, (4, 7, 9, 11));
}

fn log_queries(engine: &mut dyn Engine) {
    let mut store = engine.fresh();
    let mut range = PtrEdits::new();
    let names = ptr_names(&["a.example"]);
    for n in [3u8, 1, 9, 5] {
        let after = Some(PtrSet { ttl: None, names: &names });
        range.push(PtrEdit { address: IpAddr::from([192, 0, 2, n]), before: None, after });
    }
    let zones = [verbatim(1, "one.example"), verbatim(2, "two.example")];
    let mut changes: Vec<Commit> = (1..=9).map(change).collect();
    changes[0].edits.push(tenant_edit(1, None, Some("acme")));
    changes[0].edits.extend(zones.iter().map(|zone| zone_edit(None, Some(zone))));
    changes[1].edits.push(Edit::Ptrs(range));
    changes[2].edits.push(ptr("192.0.2.5", &["a.example"], &["b.example"]));
    changes[3].edits.push(ptr("192.0.2.4", &[], &["b.example"]));
    changes[4].edits.push(ptr("::ffff:192.0.2.5", &[], &["b.example"]));
    changes[5].edits.extend([ptr("192.0.2.5", &["b.example"], &[]), ptr("192.0.2.5", &[], &["c.example"])]);
    changes[7].edits.push(samples::sending_edit(None, Some(&samples::sending()[1])));
    changes[8].edits.push(samples::sending_edit(Some(&samples::sending()[3]), None));
    changes[2].serials = vec![(ZoneId(1), Serial(2))];
    changes[5].serials = vec![(ZoneId(1), Serial(3)), (ZoneId(2), Serial(3))];
    commit(&mut *store, &changes[..4]);
    commit(&mut *store, &changes[4..]);
    let mut store = engine.reopen(store);
    let mut numbers = |query: LogQuery| -> Vec<u64> {
        store.log(&query).expect("a log").iter().map(|entry| entry.change).collect()
    };
    let all = || LogQuery { limit: 100, ..LogQuery::default() };
    let at = |address: &str| LogQuery { address: Some(address.parse().expect("an address")), ..all() };
    assert_eq!(numbers(all()), [9, 8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(numbers(LogQuery { limit: 2, ..all() }), [9, 8]);
    assert_eq!(numbers(LogQuery { limit: 0, ..all() }), []);
    assert_eq!(numbers(LogQuery { limit: usize::MAX, before: Some(u64::MAX), ..all() }).len(), 9);
    assert_eq!(numbers(LogQuery { before: Some(4), limit: 2, ..all() }), [3, 2]);
    assert_eq!(numbers(LogQuery { before: Some(0), ..all() }), []);
    assert_eq!(numbers(LogQuery { actor: Some("actor1".into()), ..all() }), [7, 4, 1]);
    assert_eq!(numbers(LogQuery { actor: Some("nobody".into()), ..all() }), []);
    assert_eq!(numbers(LogQuery { zone: Some(ZoneId(1)), ..all() }), [6, 3]);
    assert_eq!(numbers(LogQuery { zone: Some(ZoneId(2)), limit: 1, ..all() }), [6]);
    assert_eq!(numbers(LogQuery { zone: Some(ZoneId(3)), ..all() }), []);
    assert_eq!(numbers(at("192.0.2.5")), [6, 3, 2]);
    assert_eq!(numbers(at("192.0.2.4")), [4]);
    assert_eq!(numbers(at("192.0.2.2")), []);
    assert_eq!((numbers(at("192.0.2.9")), numbers(at("::"))), (vec![8, 2], vec![9]));
    let within = |range: &str| LogQuery { range: Some(range.parse().expect("a range")), ..all() };
    assert_eq!(numbers(within("192.0.2.8-192.0.2.10")), [8, 2]);
    assert_eq!(numbers(at("::ffff:192.0.2.5")), [5]);
    assert_eq!(numbers(LogQuery { limit: 1, ..at("192.0.2.5") }), [6]);
    assert_eq!(numbers(LogQuery { before: Some(6), ..at("192.0.2.5") }), [3, 2]);
    assert_eq!(numbers(LogQuery { zone: Some(ZoneId(1)), ..at("192.0.2.5") }), [6, 3]);
    assert_eq!(numbers(LogQuery { actor: Some("actor2".into()), ..at("192.0.2.5") }), [2]);
    let entry = &store.log(&LogQuery { limit: 1, before: Some(3), ..all() }).expect("a log")[0];
    let wanted = change(2);
    assert_eq!(
        (entry.change, entry.at, &entry.actor, &entry.origin),
        (2, wanted.at, &wanted.actor, &wanted.origin)
    );
    assert_eq!((&entry.reason, &entry.kind, &entry.summary), (&wanted.reason, &wanted.kind, &wanted.summary));
}

fn edits_round_trip(engine: &mut dyn Engine) {
    let mut store = engine.fresh();
    let made = everything(5);
    commit(&mut *store, std::slice::from_ref(&made));
    let zone = read(&mut *store).zones[7].clone();
    let second = vec![
        tenant_edit(1, Some("acme"), Some("acme2")),
        ptr("192.0.2.9", &["A.Example", "b.example"], &[]),
        samples::sending_edit(Some(&samples::sending()[1]), Some(&samples::sending()[1])),
        record(8, "ZONE8.example", Some(text(&["", "two"])), Some(text(&["x"]))),
        zone_edit(Some(&zone), Some(&ZoneRow { kind: ZoneKind::Verbatim, ..zone.clone() })),
        Edit::Setting { name: "another".into(), before: Some(String::new()), after: None },
        block_edit(Some(&blocks()[3]), Some(&block(4, "::/0", Mode::Direct))),
    ];
    let number = apply(&mut *store, second.clone());
    let mut store = engine.reopen(store);
    assert_same_edits(&store.edits(5).expect("edits"), &made.edits);
    assert_same_edits(&store.edits(number).expect("edits"), &second);
    assert!(store.edits(u64::MAX).expect("no edits").is_empty());
}

/// Enough for many pieces of the log, neither in the order of addresses nor of one family.
fn large_change(engine: &mut dyn Engine) {
    const COUNT: u32 = 30_000;
    let mut store = engine.fresh();
    let mut edits = PtrEdits::new();
    for n in 0..COUNT {
        // Odd multiplier: every address once, in no order.
        let scattered = n.wrapping_mul(0x9e37_79b1);
        let address = match n % 3 {
            0 => IpAddr::from((u128::from(scattered) << 64).to_be_bytes()),
            _ => IpAddr::from(scattered.to_be_bytes()),
        };
        let names = ptr_names(&[&format!("host-{n}.example.net")]);
        edits.push(PtrEdit { address, before: None, after: Some(PtrSet { ttl: None, names: &names }) });
    }
    let made = Commit { edits: vec![Edit::Ptrs(edits), ptr("::1", &[], &["x.example"])], ..change(1) };
    commit(&mut *store, std::slice::from_ref(&made));
    let mut store = engine.reopen(store);
    let now = read(&mut *store);
    assert_eq!(now.ptrs.len(), COUNT as usize + 1);
    assert!(now.ptrs.is_sorted_by_key(|ptr| ptr.address));
    assert_same_edits(&store.edits(1).expect("edits"), &made.edits);
    let address = Some(IpAddr::from(0x9e37_79b1u32.wrapping_mul(20_000).to_be_bytes()));
    let found = store.log(&LogQuery { address, limit: 9, ..LogQuery::default() }).expect("a log");
    assert_eq!(found.len(), 1);
}

fn outbox(engine: &mut dyn Engine) {
    let mut store = engine.fresh();
    let zones: Vec<_> = (1..=3).map(|id| verbatim(id, &format!("z{id}.example"))).collect();
    let mut made = vec![tenant_edit(1, None, Some("acme"))];
    made.extend(zones.iter().map(|zone| zone_edit(None, Some(zone))));
    let serials = |list: &[(u32, u32)]| -> Vec<(ZoneId, Serial)> {
        list.iter().map(|&(zone, serial)| (ZoneId(zone), Serial(serial))).collect()
    };
    commit(
        &mut *store,
        &[
            Commit { edits: made, serials: serials(&[(3, 30), (1, 10)]), ..change(1) },
            Commit { serials: serials(&[(1, 11)]), ..change(2) },
            Commit { serials: serials(&[(1, u32::MAX)]), ..change(3) },
            // After the wrap (RFC 1982): newer, though smaller.
            Commit { serials: serials(&[(1, 1)]), ..change(4) },
        ],
    );
    let mut store = engine.reopen(store);
    assert_eq!(store.outbox().expect("an outbox"), serials(&[(1, 1), (3, 30)]));
    let now: Vec<Serial> = read(&mut *store).zones.iter().map(|zone| zone.soa.serial()).collect();
    assert_eq!(now, [Serial(1), zones[1].soa.serial(), Serial(30)]);
    // What was announced goes; what was stepped again since, or was never there, makes no difference.
    let last = store.log(&LogQuery { limit: 9, ..LogQuery::default() }).expect("a log");
    store.outbox_done(&serials(&[(1, 11), (2, 7), (9, 1)])).expect("an outbox");
    assert_eq!(store.outbox().expect("an outbox"), serials(&[(1, 1), (3, 30)]));
    store.outbox_done(&serials(&[(1, 1)])).expect("an outbox");
    let mut store = engine.reopen(store);
    assert_eq!(store.outbox().expect("an outbox"), serials(&[(3, 30)]));
    assert_eq!(store.log(&LogQuery { limit: 9, ..LogQuery::default() }).expect("a log"), last, "no change");
    assert!(matches!(
        store.reader().expect("a reader").outbox_done(&serials(&[(3, 30)])),
        Err(StoreError::ReadOnly { .. })
    ));
    commit(&mut *store, &[Commit { serials: serials(&[(1, 2)]), ..change(5) }]);
    assert_eq!(store.outbox().expect("an outbox"), serials(&[(1, 2), (3, 30)]));
    store.outbox_done(&[]).expect("an outbox");
    // How fresh zones are goes with them, and is no change either.
    let fresh = |list: &[(u32, i64)]| -> Vec<(ZoneId, i64)> {
        list.iter().map(|&(zone, at)| (ZoneId(zone), at)).collect()
    };
    let last = store.log(&LogQuery { limit: 9, ..LogQuery::default() }).expect("a log");
    store.put_freshness(&fresh(&[(1, 7), (3, 8), (9, 9)])).expect("freshness");
    store.put_freshness(&fresh(&[(3, 1_700_000_000_000)])).expect("freshness");
    assert!(matches!(
        store.reader().expect("a reader").put_freshness(&fresh(&[(3, 1)])),
        Err(StoreError::ReadOnly { .. })
    ));
    let mut store = engine.reopen(store);
    assert_eq!(store.freshness().expect("freshness"), fresh(&[(1, 7), (3, 1_700_000_000_000)]));
    assert_eq!(store.log(&LogQuery { limit: 9, ..LogQuery::default() }).expect("a log"), last, "no change");
    let mut store = token_uses(engine, store);
    apply(&mut *store, vec![zone_edit(Some(&zones[0]), None)]);
    assert_eq!(store.outbox().expect("an outbox"), serials(&[(3, 30)]));
    assert_eq!(store.freshness().expect("freshness"), fresh(&[(3, 1_700_000_000_000)]));
}

/// The last uses of tokens go with the tokens, and are no change.
fn token_uses(engine: &mut dyn Engine, mut store: Box<dyn Store>) -> Box<dyn Store> {
    let last_use = |token: &str, at, from: &str| TokenUse {
        token: token.to_owned(),
        at,
        from: from.parse().expect("an address"),
    };
    let put = |name: &str, before: Option<&str>, after: Option<&str>| Edit::Setting {
        name: name.to_owned(),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    };
    apply(&mut *store, vec![put("token/a", None, Some("{}")), put("token/b", None, Some("{}"))]);
    let last = store.log(&LogQuery { limit: 9, ..LogQuery::default() }).expect("a log");
    let first = [last_use("a", 7, "192.0.2.1"), last_use("b", 8, "2001:db8::1"), last_use("c", 9, "::1")];
    store.put_token_uses(&first).expect("uses");
    store.put_token_uses(&[last_use("a", 17, "2001:db8::2")]).expect("uses");
    assert!(matches!(
        store.reader().expect("a reader").put_token_uses(&first),
        Err(StoreError::ReadOnly { .. })
    ));
    let mut store = engine.reopen(store);
    let both = [last_use("a", 17, "2001:db8::2"), last_use("b", 8, "2001:db8::1")];
    assert_eq!(store.token_uses().expect("uses"), both);
    assert_eq!(store.log(&LogQuery { limit: 9, ..LogQuery::default() }).expect("a log"), last, "no change");
    apply(&mut *store, vec![put("token/a", Some("{}"), None), put("token/b", Some("{}"), None)]);
    store.put_token_uses(&[]).expect("uses");
    assert_eq!(store.token_uses().expect("uses"), []);
    store
}

fn kept_answers(engine: &mut dyn Engine) {
    let mut store = engine.fresh();
    let kept =
        |asked: u8, answer: &str| KeptAnswer { asked: [asked; 32], body: [9; 32], answer: answer.to_owned() };
    for (number, at, asked) in [(1, 100, 1), (2, 200, 2), (3, 300, 3), (4, 400, 1)] {
        let kept = Some(kept(asked, &format!("{number}")));
        commit(&mut *store, &[Commit { at, kept, ..change(number) }]);
    }
    let mut store = engine.reopen(store);
    let mut find = |asked: u8, since| store.kept_answer(&[asked; 32], since).expect("answers");
    assert_eq!(find(1, 0), Some(kept(1, "4")), "the later one");
    assert_eq!((find(2, 200), find(2, 201), find(7, 0)), (Some(kept(2, "2")), None, None));
    store.forget_answers(250, 9).expect("forgotten");
    assert_eq!(store.kept_answer(&[2; 32], 0).expect("answers"), None);
    assert!(store.kept_answer(&[3; 32], 0).expect("answers").is_some());
    store.forget_answers(0, 1).expect("forgotten");
    assert_eq!(store.kept_answer(&[3; 32], 0).expect("answers"), None, "the oldest of two");
    assert!(store.kept_answer(&[1; 32], 0).expect("answers").is_some());
}

fn checks(engine: &mut dyn Engine) {
    let mut store = engine.fresh();
    let row = |address: &str, told: bool, standing: &str| CheckRow {
        address: address.parse().expect("an address"),
        told,
        standing: standing.to_owned(),
    };
    let range = |text: &str| text.parse().expect("a range");
    let (a, b, six) =
        (row("192.0.2.1", true, "{}"), row("192.0.2.9", false, "x"), row("c000:201::", false, "y"));
    let last = store.log(&LogQuery { limit: 9, ..LogQuery::default() }).expect("a log");
    store.put_checks(&[six.clone(), b.clone(), a.clone()]).expect("checks");
    assert!(matches!(store.reader().expect("a reader").put_checks(&[]), Err(StoreError::ReadOnly { .. })));
    let mut store = engine.reopen(store);
    assert_eq!(store.checks(&range("192.0.2.0/24"), 9).expect("checks"), [a.clone(), b.clone()]);
    assert_eq!(store.checks(&range("192.0.2.0/24"), 1).expect("checks"), std::slice::from_ref(&a));
    assert_eq!(store.checks(&range("192.0.2.2-192.0.2.9"), 9).expect("checks"), std::slice::from_ref(&b));
    assert_eq!(store.checks(&range("c000::/16"), 9).expect("checks"), std::slice::from_ref(&six));
    assert_eq!(store.untold_checks(9).expect("checks").len(), 2);
    store.put_checks(&[row("192.0.2.9", true, "z"), row("192.0.2.1", true, "")]).expect("checks");
    assert_eq!(store.checks(&range("0.0.0.0/0"), 9).expect("checks"), [row("192.0.2.9", true, "z")]);
    assert_eq!(store.untold_checks(9).expect("checks"), [six]);
    assert_eq!(store.log(&LogQuery { limit: 9, ..LogQuery::default() }).expect("a log"), last, "no change");
}

fn readers(engine: &mut dyn Engine) {
    let mut store = engine.fresh();
    let mut reader = store.reader().expect("a reader");
    let mut second = reader.reader().expect("a reader's reader");
    commit(&mut *store, &[everything(5)]);
    assert_same_rows(&read(&mut *reader), &expected());
    assert_same_rows(&read(&mut *second), &expected());
    assert_eq!(reader.outbox().expect("an outbox").len(), 2);
    assert!(!reader.edits(5).expect("edits").is_empty());
    assert!(matches!(reader.commit(&[change(6)]), Err(StoreError::ReadOnly { .. })));
    assert!(matches!(reader.probe(), Err(StoreError::ReadOnly { .. })));
    commit(&mut *store, &[change(6)]);
    assert_eq!(reader.log(&LogQuery { limit: 1, ..LogQuery::default() }).expect("a log")[0].change, 6);
}
