//! The log over years: found by range, tenant, kind, time, by a zone that is gone; and cut short.

use super::samples::{block, block_edit, change, ptr, ptr_names, tenant_edit, verbatim, zone_edit};
use super::{Engine, assert_same_rows, commit, read};
use crate::{Commit, Duty, Edit, LogQuery, Pruned, Store, Trimmed, ZoneDelta};
use ptrd_wire::Serial;
use ptrd_zone::model::{Mode, TenantId, ZoneId};
use ptrd_zone::{PtrEdit, PtrEdits, PtrSet};
use std::net::IpAddr;

/// When change number `n` was made: the clock was set back by a day before change 5000.
fn at(number: u64) -> i64 {
    let back = if number >= 5_000 { 86_400_000 } else { 0 };
    1_700_000_000_000 + number as i64 * 1_000 - back
}

/// 9 000 changes: zones and a block that come and go, a PTR edit here and there.
fn fill(store: &mut dyn Store) {
    let mut changes: Vec<Commit> = (1..=9_000).map(|n| Commit { at: at(n), ..change(n) }).collect();
    let mut on = |n: u64, edits: Vec<Edit>, serials: Vec<(u32, u32)>, tenants: &[u32]| {
        let change = &mut changes[n as usize - 1];
        change.edits.extend(edits);
        change.serials.extend(serials.into_iter().map(|(zone, serial)| (ZoneId(zone), Serial(serial))));
        change.tenants = tenants.iter().map(|id| TenantId(*id)).collect();
    };
    let (one, two) = (verbatim(1, "One.example"), verbatim(2, "two.example"));
    let here = block(1, "192.0.2.0/24", Mode::Direct);
    let mut moved = here.clone();
    moved.tenant = TenantId(2);
    on(1, vec![tenant_edit(1, None, Some("a")), tenant_edit(2, None, Some("b"))], vec![], &[1, 2]);
    on(2, vec![zone_edit(None, Some(&one)), zone_edit(None, Some(&two))], vec![(1, 1), (2, 1)], &[1]);
    on(3, vec![block_edit(None, Some(&here))], vec![], &[1]);
    on(4_095, vec![ptr("192.0.2.7", &[], &["a.example"])], vec![(1, 2)], &[1]);
    on(4_096, vec![ptr("2001:db8::7", &[], &["a.example"])], vec![], &[]);
    let mut many = PtrEdits::new();
    let names = ptr_names(&["m.example"]);
    for address in [[192, 0, 2, 200], [192, 0, 3, 1], [10, 0, 0, 1]] {
        let after = Some(PtrSet { ttl: None, names: &names });
        many.push(PtrEdit { address: IpAddr::from(address), before: None, after });
    }
    on(4_097, vec![Edit::Ptrs(many)], vec![(1, 3)], &[1]);
    on(5_000, vec![block_edit(Some(&here), Some(&moved))], vec![], &[1, 2]);
    on(8_191, vec![zone_edit(Some(&two), None)], vec![], &[1]);
    on(8_192, vec![ptr("192.0.2.7", &["a.example"], &[])], vec![(1, 4)], &[2]);
    changes[6_999].kind = "rare".to_owned();
    changes[2_999].kind = "rare".to_owned();
    for group in changes.chunks(1_000) {
        commit(store, group);
    }
}

fn numbers(store: &mut dyn Store, query: LogQuery) -> Vec<u64> {
    store.log(&query).expect("a log").iter().map(|entry| entry.change).collect()
}

pub(super) fn found_again(engine: &mut dyn Engine) {
    let mut store = engine.fresh();
    fill(&mut *store);
    let mut store = engine.reopen(store);
    let store = &mut *store;
    let all = || LogQuery { limit: 10_000, ..LogQuery::default() };
    let range = |text: &str| LogQuery { range: Some(text.parse().expect("a range")), ..all() };
    let at_address = |text: &str| LogQuery { address: Some(text.parse().expect("an address")), ..all() };
    let tenant = |id| LogQuery { tenant: Some(TenantId(id)), ..all() };
    let cases: Vec<(LogQuery, &[u64])> = vec![
        (range("192.0.2.0/24"), &[8_192, 5_000, 4_097, 4_095, 3]),
        (range("192.0.2.0/28"), &[8_192, 5_000, 4_095, 3]),
        (range("192.0.2.7"), &[8_192, 5_000, 4_095, 3]),
        (range("192.0.3.0/24"), &[4_097]),
        (range("192.0.4.0/24"), &[]),
        (range("10.0.0.0/8"), &[4_097]),
        (range("2001:db8::/32"), &[4_096]),
        (range("::/0"), &[4_096]),
        (range("0.0.0.0/0"), &[8_192, 5_000, 4_097, 4_095, 3]),
        (at_address("192.0.2.200"), &[5_000, 4_097, 3]),
        (LogQuery { range: range("192.0.3.0/24").range, ..at_address("192.0.2.200") }, &[]),
        (LogQuery { limit: 2, ..range("192.0.2.0/24") }, &[8_192, 5_000]),
        (LogQuery { before: Some(5_000), ..range("192.0.2.0/24") }, &[4_097, 4_095, 3]),
        (LogQuery { after: Some(4_095), ..range("192.0.2.0/24") }, &[8_192, 5_000, 4_097]),
        (LogQuery { after: Some(u64::MAX), ..all() }, &[]),
        (LogQuery { after: Some(u64::MAX - 1), ..tenant(1) }, &[]),
        (LogQuery { after: Some(i64::MAX as u64), before: Some(u64::MAX), ..all() }, &[]),
        (tenant(1), &[8_191, 5_000, 4_097, 4_095, 3, 2, 1]),
        (tenant(2), &[8_192, 5_000, 1]),
        (LogQuery { limit: 1, before: Some(5_000), ..tenant(2) }, &[1]),
        (LogQuery { tenant: Some(TenantId(2)), ..range("192.0.2.7") }, &[8_192, 5_000]),
        (tenant(9), &[]),
        (LogQuery { kind: Some("rare".into()), ..all() }, &[7_000, 3_000]),
        (LogQuery { kind: Some("rare".into()), limit: 1, before: Some(7_000), ..all() }, &[3_000]),
        (LogQuery { kind: Some("rare".into()), actor: Some("actor1".into()), ..all() }, &[7_000]),
        (LogQuery { zone: Some(ZoneId(1)), ..all() }, &[8_192, 4_097, 4_095, 2]),
        (LogQuery { apex: Some("ONE.example".parse().expect("a name")), ..all() }, &[2]),
        (LogQuery { apex: Some("two.example".parse().expect("a name")), ..all() }, &[8_191, 2]),
        (LogQuery { since: Some(at(4_999)), until: Some(at(4_999) + 1), ..all() }, &[4_999]),
        (LogQuery { since: Some(at(8_999)), until: Some(at(9_000)), ..all() }, &[8_999]),
        (LogQuery { since: Some(at(3)), until: Some(at(5)), ..range("192.0.2.0/24") }, &[3]),
        (LogQuery { since: Some(at(5_000)), until: Some(at(5_001)), ..tenant(2) }, &[5_000]),
        (LogQuery { until: Some(at(5_000)), ..all() }, &[]),
        (LogQuery { since: Some(at(4_999) + 1), ..all() }, &[]),
    ];
    for (query, expected) in cases {
        assert_eq!(numbers(store, query.clone()), expected, "{query:?}");
    }
    // A clock that was set back: by time, the later numbers come before the earlier ones.
    let until = LogQuery { until: Some(at(1)), ..all() };
    assert_eq!(numbers(store, until.clone()).len(), 4_001);
    assert_eq!(numbers(store, LogQuery { limit: 3, ..until }), [9_000, 8_999, 8_998]);

    let logged = store.logged(4_097).expect("a log").expect("a change");
    assert_eq!(
        (logged.entry.change, logged.entry.at, logged.request.as_str()),
        (4_097, at(4_097), "{\"a\":1}")
    );
    assert_eq!(logged.serials, [(ZoneId(1), Serial(3))]);
    assert_eq!(
        store.logged(2).expect("a log").expect("a change").serials,
        [(ZoneId(1), Serial(1))],
        "of zones that are there"
    );
    assert!(store.logged(9_001).expect("a log").is_none() && store.logged(0).expect("a log").is_none());
    assert_eq!(store.oldest().expect("a number"), 1);
    assert_eq!(store.first_since(at(3)).expect("a number"), 3);
    assert_eq!(store.first_since(at(4_999)).expect("a number"), 4_999);
    assert_eq!(store.first_since(at(4_999) + 1).expect("a number"), 9_001);
    assert_eq!(store.first_since(i64::MIN).expect("a number"), 1);
}

pub(super) fn pruning(engine: &mut dyn Engine) {
    let mut store = engine.fresh();
    assert_eq!(portion(&mut *store, 9, 9), Pruned::default(), "an empty log");
    assert_eq!((store.oldest().expect("a number"), store.first_since(0).expect("a number")), (0, 1));
    fill(&mut *store);
    let before = read(&mut *store);
    let outbox = store.outbox().expect("an outbox");
    assert_eq!(portion(&mut *store, 1, 100), Pruned::default(), "nothing is so old");
    assert_eq!(portion(&mut *store, 4_096, 0), Pruned { changes: 1, more: true }, "one at least");
    assert_eq!(portion(&mut *store, 4_096, 2_999), Pruned { changes: 2_999, more: true });
    assert_eq!(store.oldest().expect("a number"), 3_001);
    assert_eq!(portion(&mut *store, 4_096, 3_000), Pruned { changes: 1_095, more: false });
    assert_eq!(portion(&mut *store, 4_096, 3_000), Pruned::default(), "nothing is left");
    let mut store = engine.reopen(store);
    let store = &mut *store;
    assert_same_rows(&read(store), &before);
    assert_eq!(store.outbox().expect("an outbox"), outbox);
    assert!(store.logged(4_095).expect("a log").is_none() && store.edits(4_095).expect("edits").is_empty());
    assert_eq!(store.edits(4_096).expect("edits").len(), 1);
    let all = || LogQuery { limit: 10_000, ..LogQuery::default() };
    assert_eq!(numbers(store, all()).len(), 9_000 - 4_095);
    let range = LogQuery { range: Some("192.0.2.0/24".parse().expect("a range")), ..all() };
    assert_eq!(numbers(store, range), [8_192, 5_000, 4_097]);
    assert_eq!(numbers(store, LogQuery { tenant: Some(TenantId(1)), ..all() }), [8_191, 5_000, 4_097]);
    assert_eq!(numbers(store, LogQuery { zone: Some(ZoneId(1)), ..all() }), [8_192, 4_097]);
    assert_eq!(
        numbers(store, LogQuery { apex: Some("two.example".parse().expect("a name")), ..all() }),
        [8_191]
    );
    assert_eq!(store.first_since(at(1)).expect("a number"), 4_096);
    // The newest change stays whatever is asked for, and numbers go on.
    let mut gone = 0;
    loop {
        let pruned = portion(store, u64::MAX, 4_000);
        gone += pruned.changes;
        if !pruned.more {
            break;
        }
    }
    assert_eq!((gone, store.oldest().expect("a number")), (4_904, 9_000));
    assert_same_rows(&read(store), &before);
    commit(store, &[change(9_001)]);
    assert_eq!(numbers(store, all()), [9_001, 9_000]);
}

/// The serials and octets of the steps from a serial of zone 1.
fn steps(store: &mut dyn Store, from: u32, most: usize) -> Vec<(u32, u32, Vec<u8>)> {
    let steps = store.deltas(ZoneId(1), Serial(from), most).expect("a history");
    steps.into_iter().map(|step| (step.from.0, step.to.0, step.octets.into())).collect()
}

pub(super) fn deltas(engine: &mut dyn Engine) {
    let mut store = engine.fresh();
    let mut first = change(1);
    first.edits =
        vec![tenant_edit(1, None, Some("acme")), zone_edit(None, Some(&verbatim(1, "one.example")))];
    first.serials = vec![(ZoneId(1), Serial(u32::MAX))];
    store.commit(&[first]).expect("a zone");
    let step = |number: u64, from: u32, to: u32, octets: Option<&[u8]>| {
        let mut change = change(number);
        change.serials = vec![(ZoneId(1), Serial(to))];
        let delta = |octets: &[u8]| ZoneDelta { zone: ZoneId(1), from: Serial(from), octets: octets.into() };
        change.deltas = octets.map(delta).into_iter().collect();
        change
    };
    let changes =
        [step(2, u32::MAX, 0, Some(&[1, 2])), step(3, 0, 7, Some(&[3; 5000])), step(4, 7, 8, Some(&[]))];
    store.commit(&changes).expect("steps");
    let mut store = engine.reopen(store);
    let all = [(u32::MAX, 0, vec![1, 2]), (0, 7, vec![3; 5000]), (7, 8, vec![])];
    assert_eq!(steps(&mut *store, u32::MAX, 6000), all);
    assert_eq!(steps(&mut *store, 0, 6000), all[1..]);
    assert_eq!(steps(&mut *store, 7, 0), all[2..]);
    assert_eq!(steps(&mut *store, 8, 6000), [], "the present one");
    assert_eq!(steps(&mut *store, 5, 6000), [], "one that never was");
    assert_eq!(steps(&mut *store, 0, 4999), [], "too much");
    assert!(store.deltas(ZoneId(9), Serial(1), 6000).expect("no history").is_empty(), "no such zone");
    assert_eq!(
        store.reader().expect("a reader").deltas(ZoneId(1), Serial(7), 1).expect("a history").len(),
        1
    );
    // A step that nobody wrote down, and one whose beginning is not where the one before ended, cut what was before.
    store.commit(&[step(5, 8, 9, None), step(6, 9, 10, Some(&[6]))]).expect("steps");
    assert_eq!(steps(&mut *store, 9, 6000), [(9, 10, vec![6])]);
    assert_eq!(steps(&mut *store, 8, 6000), []);
    store.commit(&[step(7, 20, 21, Some(&[7]))]).expect("a step");
    assert_eq!(steps(&mut *store, 9, 6000), []);
    assert_eq!(steps(&mut *store, 20, 6000), [(20, 21, vec![7])]);
    // What leaves the log leaves the history.
    store.commit(&[step(8, 21, 22, Some(&[8]))]).expect("a step");
    portion(&mut *store, 8, 100);
    assert_eq!(steps(&mut *store, 21, 6000), [(21, 22, vec![8])]);
    assert_eq!(steps(&mut *store, 20, 6000), []);
    // A difference without a step is a mistake of the caller's.
    let mut stray = step(9, 22, 23, Some(&[9]));
    stray.serials.clear();
    assert!(store.commit(&[stray]).is_err());
    assert_eq!(steps(&mut *store, 21, 6000).len(), 1);
}

/// Forgets for so many bits of work.
fn forget(store: &mut dyn Store, most: u64, mut bits: usize) -> Trimmed {
    let mut go_on = || {
        bits = bits.saturating_sub(1);
        bits > 0
    };
    store.trim(most, &mut go_on).expect("a portion")
}

pub(super) fn trimming(engine: &mut dyn Engine) {
    let mut store = engine.fresh();
    let mut first = change(1);
    first.edits = vec![tenant_edit(1, None, Some("acme"))];
    for (id, apex) in [(1, "one.example"), (2, "two.example")] {
        first.edits.push(zone_edit(None, Some(&verbatim(id, apex))));
        first.serials.push((ZoneId(id), Serial(1)));
    }
    store.commit(&[first]).expect("two zones");
    assert_eq!(forget(&mut *store, 0, 100), Trimmed::default(), "no history yet");
    // Each change steps both zones: 100 octets of the first, 10 of the other.
    let step = |number: u64| {
        let mut change = change(number);
        let serial = number as u32;
        for (zone, length) in [(1, 100), (2, 10)] {
            change.serials.push((ZoneId(zone), Serial(serial)));
            let octets = vec![serial as u8; length].into();
            change.deltas.push(ZoneDelta { zone: ZoneId(zone), from: Serial(serial - 1), octets });
        }
        change
    };
    store.commit(&(2..=101).map(step).collect::<Vec<_>>()).expect("steps");
    let mut store = engine.reopen(store);
    assert_eq!(forget(&mut *store, 11_000, 100), Trimmed { octets: 11_000, ..Trimmed::default() });
    // The oldest go first, of whatever zone, and no more than must.
    let trimmed = forget(&mut *store, 10_900, 100);
    assert_eq!(trimmed, Trimmed { steps: 1, octets: 10_900, more: false });
    assert_eq!(steps(&mut *store, 1, 20_000).len(), 0);
    assert_eq!(steps(&mut *store, 2, 20_000).len(), 99);
    assert_eq!(store.deltas(ZoneId(2), Serial(1), 20_000).expect("a history").len(), 100);
    // In portions, over a restart.
    let trimmed = forget(&mut *store, 5_500, 1);
    assert!(trimmed.more && trimmed.octets < 10_900, "{trimmed:?}");
    let mut store = engine.reopen(store);
    while forget(&mut *store, 5_500, 1).more {}
    assert_eq!(forget(&mut *store, 5_500, 1), Trimmed { octets: 5_500, ..Trimmed::default() });
    assert_eq!((steps(&mut *store, 51, 20_000).len(), steps(&mut *store, 50, 20_000).len()), (50, 0));
    // The log has the steps still; what leaves it, and what goes with its zone, is counted.
    assert_eq!(store.logged(2).expect("a log").expect("a change").serials.len(), 2);
    portion(&mut *store, 62, 1_000);
    assert_eq!(forget(&mut *store, 5_500, 1).octets, 4_400);
    let mut gone = change(102);
    gone.edits = vec![zone_edit(Some(&verbatim(1, "one.example")), None)];
    store.commit(&[gone]).expect("a zone less");
    if !engine.reopen(store).deltas(ZoneId(2), Serial(61), 1_000).is_ok_and(|steps| steps.len() == 40) {
        panic!("the other zone has its history");
    }
}

/// Prunes for so many bits of work.
fn portion(store: &mut dyn Store, before: u64, mut bits: usize) -> Pruned {
    let mut go_on = || {
        bits = bits.saturating_sub(1);
        bits > 0
    };
    store.prune(before, &mut go_on).expect("a portion")
}

pub(super) fn whole(engine: &mut dyn Engine) {
    let mut store = engine.fresh();
    let (one, two) = (verbatim(1, "one.example"), verbatim(2, "two.example"));
    let mut first = Commit { reason: Some("because".to_owned()), ..change(1) };
    first.edits =
        vec![tenant_edit(1, None, Some("acme")), zone_edit(None, Some(&one)), zone_edit(None, Some(&two))];
    first.serials = vec![(ZoneId(1), Serial(1)), (ZoneId(2), Serial(1))];
    first.tenants = vec![TenantId(1)];
    let delta = |zone: u32| ZoneDelta { zone: ZoneId(zone), from: Serial(1), octets: [7, 8].into() };
    let mut second = change(2);
    second.edits = vec![ptr("192.0.2.7", &[], &["a.example"])];
    second.serials = vec![(ZoneId(1), Serial(2)), (ZoneId(2), Serial(2))];
    second.deltas = vec![delta(1), delta(2)];
    second.tenants = vec![TenantId(1), TenantId(3)];
    commit(&mut *store, &[first.clone(), second.clone()]);
    let mut store = engine.reopen(store);
    assert_eq!(store.whole(1).expect("a log"), Some(first));
    assert_eq!(store.whole(2).expect("a log"), Some(second.clone()));
    assert_eq!(store.reader().expect("a reader").whole(2).expect("a log"), Some(second.clone()));
    assert_eq!(store.whole(3).expect("a log"), None);
    // What it did to a zone that is gone is forgotten.
    let gone = Commit { edits: vec![zone_edit(Some(&two), None)], ..change(3) };
    commit(&mut *store, &[gone]);
    let left = Commit { serials: second.serials[..1].to_vec(), deltas: vec![delta(1)], ..second };
    assert_eq!(store.whole(2).expect("a log"), Some(left));
}

pub(super) fn duty(engine: &mut dyn Engine) {
    let mut store = engine.fresh();
    assert_eq!(store.duty().expect("a duty"), Duty::Primary);
    for duty in [Duty::Standby, Duty::Promoted, Duty::Primary, Duty::Standby] {
        store.set_duty(duty).expect("written");
        store = engine.reopen(store);
        assert_eq!(store.duty().expect("a duty"), duty);
        let mut reader = store.reader().expect("a reader");
        assert_eq!(reader.duty().expect("a duty"), duty);
        assert!(reader.set_duty(Duty::Primary).is_err(), "a reader writes nothing");
    }
}
