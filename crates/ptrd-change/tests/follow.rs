//! Zones that are followed: made so, closed to all other doors, changed by what is pulled, expired, and let go.

mod support;

use ptrd_api::{
    ChangeDone, ChangeRequest, FollowWrite, KeyWrite, PrimarySpec, Problem, TransferInWrite, code,
};
use ptrd_change::{Fresh, Road};
use ptrd_store::MemoryStore;
use ptrd_testkit::until;
use ptrd_wire::{RecordType, RrSet, Serial, Ttl};
use ptrd_zone::{Outage, Pulled};
use std::time::Duration;
use support::pulled::{APEX, set, spec, step, whole};
use support::{Bench, everything, name, open, open_at, operator};

const DAY: i64 = 86_400_000;

fn write(tenant: Option<&str>, primaries: Vec<PrimarySpec>) -> FollowWrite {
    let tenant = tenant.map(str::to_owned);
    FollowWrite { apex: APEX.to_owned(), tenant, primaries, take_over: false }
}

fn follow(bench: &Bench, write: FollowWrite) -> Result<ChangeDone, Problem> {
    bench.ask(ChangeRequest::ZoneFollow(write), false)
}

fn pull_on(road: &Road, pulled: Pulled, forced: bool) -> Result<ChangeDone, Problem> {
    let id = road.view().zone_id(APEX).expect("a zone");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(road.pull(id, ([192, 0, 2, 53], 53).into(), pulled, forced))
}

fn pull(bench: &Bench, pulled: Pulled) -> Result<ChangeDone, Problem> {
    pull_on(&bench.road, pulled, false)
}

fn outage(bench: &Bench) -> Option<Outage> {
    bench.view().snapshot.zone(&name(APEX)).expect("a zone").outage()
}

fn followed() -> Bench {
    let bench = Bench::with(&[]);
    follow(&bench, write(Some("acme"), vec![spec("192.0.2.53", None)])).expect("followed");
    bench
}

#[test]
fn a_zone_is_followed_and_pulled_with_its_serial() {
    let bench = followed();
    assert_eq!(outage(&bench), Some(Outage::Awaited));
    pull(&bench, whole(7, vec![set("a.example.net", RecordType::TXT, "one")])).expect("pulled");
    assert_eq!((outage(&bench), bench.serial(APEX)), (None, 7));
    // Nothing in it changed but the serial: it is kept exactly.
    pull(&bench, whole(4_000_000, vec![set("a.example.net", RecordType::TXT, "one")])).expect("pulled");
    assert_eq!(bench.serial(APEX), 4_000_000);
    let steps = vec![
        step(4_000_000, 4_000_001, &[], &[("b.example.net", RecordType::TXT, "two")]),
        // With another letter case than it was added with.
        step(
            4_000_001,
            4_000_002,
            &[("B.Example.Net", RecordType::TXT, "two")],
            &[("c.example.net", RecordType::PTR, "X.y.")],
        ),
        step(
            4_000_002,
            4_000_003,
            &[("c.example.net", RecordType::PTR, "x.Y.")],
            &[("d.example.net", RecordType::TXT, "four")],
        ),
    ];
    pull(&bench, Pulled::Steps(steps)).expect("pulled");
    assert_eq!(bench.serial(APEX), 4_000_003);
    let owners: Vec<String> =
        bench.zone(APEX).iter().filter_map(|line| line.split(' ').next().map(str::to_owned)).collect();
    assert!(owners.contains(&"d.example.net.".to_owned()), "{owners:?}");
    assert!(!owners.iter().any(|owner| owner.starts_with("b.") || owner.starts_with("c.")), "{owners:?}");
    // What comes back from the store is the same, and needs no pull.
    let again = open(&bench.store);
    assert_eq!(everything(&again.view()), bench.everything());
    let found = again.view();
    let zone = found.snapshot.zone(&name(APEX)).expect("a zone");
    assert_eq!((zone.outage(), zone.soa().serial), (None, Serial(4_000_003)));
    assert!(found.snapshot.follows().of(zone.id()).is_some());
}

#[test]
fn what_makes_no_sense_changes_nothing() {
    let bench = followed();
    pull(&bench, whole(7, vec![set("a.example.net", RecordType::TXT, "one")])).expect("pulled");
    let before = bench.everything();
    let cname =
        vec![set("a.example.net", RecordType::CNAME, "b."), set("a.example.net", RecordType::TXT, "x")];
    let txt = RecordType::TXT;
    // Parameters of a service out of order (RFC 9460 §2.2).
    let rdata: Box<[u8]> = b"\0\x01\0\0\x03\0\x02\0\x35\0\x01\0\x02\x01h"[..].into();
    let malformed = (name("m.example.net"), RrSet::single(RecordType(64), Ttl::from_secs(60), rdata));
    for (pulled, part) in [
        (
            whole(8, vec![malformed]),
            "m.example.net. SVCB: malformed data: these 15 octets do not have the form",
        ),
        (whole(7, Vec::new()), "the serial 7 of the primary is not after 7"),
        (whole(6, Vec::new()), "the serial 6 of the primary is not after 7"),
        (whole(8, cname), "a.example.net. has a CNAME beside other data (TXT)"),
        (Pulled::Steps(vec![step(6, 8, &[], &[])]), "one starts from serial 6, and 7 is here"),
        (
            Pulled::Steps(vec![step(7, 8, &[], &[]), step(9, 10, &[], &[])]),
            "one starts from serial 9, and 8 is here",
        ),
        (Pulled::Steps(vec![step(7, 8, &[("z.example.net", txt, "x")], &[])]), "is to go that is not here"),
        (
            Pulled::Steps(vec![step(7, 8, &[], &[("a.example.net", txt, "one")])]),
            "is to come that is here already",
        ),
        (
            Pulled::Steps(vec![step(7, 8, &[], &[("a.example.net", RecordType::CNAME, "b.")])]),
            "a.example.net. has a CNAME beside other data",
        ),
        (
            Pulled::Steps(vec![step(7, 8, &[("example.net", RecordType::NS, "ns.example.net.")], &[])]),
            "example.net. has no NS records at its apex",
        ),
    ] {
        let problem = pull(&bench, pulled).expect_err(part);
        assert!(problem.message.contains(part), "{problem:?}");
        assert_eq!(bench.everything(), before, "{part}");
    }
    // An operator may have it go back.
    pull_on(&bench.road, whole(3, Vec::new()), true).expect("forced");
    assert_eq!(bench.serial(APEX), 3);
}

#[test]
fn all_other_doors_are_closed() {
    let bench = followed();
    let pulled = pull(&bench, whole(7, vec![set("a.example.net", RecordType::TXT, "one")])).expect("pulled");
    let before = bench.everything();
    let closed = |request: ChangeRequest| {
        let problem = bench.ask(request, false).expect_err("closed");
        assert_eq!(problem.code, code::CONFLICT, "{problem:?}");
        assert!(problem.message.contains("is followed from 192.0.2.53:53"), "{problem:?}");
        assert!(problem.hint.is_some_and(|hint| hint.contains("unfollow")));
        assert_eq!(bench.everything(), before);
    };
    let record = |owner: &str| ptrd_api::RecordWrite {
        owner: owner.to_owned(),
        rtype: "TXT".to_owned(),
        data: vec!["text".to_owned()],
        ttl: None,
        zone: None,
        expect: None,
    };
    closed(ChangeRequest::RecordSet(record("x.example.net")));
    closed(ChangeRequest::RecordAdd(record("a.example.net")));
    closed(ChangeRequest::RecordDelete {
        owner: "a.example.net".to_owned(),
        rtype: None,
        data: Vec::new(),
        zone: None,
        expect: None,
    });
    let serial_policy = Some("unixtime".to_owned());
    let apexes = vec![APEX.to_owned()];
    closed(ChangeRequest::ZoneSet(ptrd_api::ZoneSet {
        apexes,
        serial_policy,
        ..ptrd_api::ZoneSet::default()
    }));
    closed(ChangeRequest::rollback(pulled.change.expect("a change")));
    // Let go, it is one of our own.
    bench.ask(ChangeRequest::ZoneUnfollow { apex: APEX.to_owned() }, false).expect("let go");
    bench.ask(ChangeRequest::RecordSet(record("x.example.net")), false).expect("open");
    assert!(pull(&bench, whole(900, Vec::new())).is_err_and(|problem| problem.code == code::NOT_FOUND));
}

#[test]
fn a_zone_that_is_here_is_taken_over_only_when_told() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    let add = ChangeRequest::ZoneAdd {
        apex: APEX.to_owned(),
        tenant: "acme".to_owned(),
        start: Default::default(),
    };
    bench.ask(add, false).expect("a zone");
    let from = || vec![spec("192.0.2.53", None)];
    let refused = |write: FollowWrite, part: &str| {
        let problem = follow(&bench, write).expect_err(part);
        assert!(problem.message.contains(part), "{problem:?}");
    };
    refused(write(None, from()), "is here already");
    refused(FollowWrite { take_over: true, ..write(Some("bob"), from()) }, "belongs to the tenant acme");
    let native =
        FollowWrite { apex: "2.0.192.in-addr.arpa".to_owned(), take_over: true, ..write(None, from()) };
    refused(native, "is a native zone");
    refused(FollowWrite { apex: "new.example".to_owned(), ..write(None, from()) }, "needs an owner");
    refused(write(None, Vec::new()), "no primary was given");
    refused(write(None, vec![spec("nowhere", None)]), "is no address");
    refused(write(None, vec![spec("192.0.2.53", None), spec("192.0.2.53:53", None)]), "is given twice");
    refused(
        write(None, vec![PrimarySpec { tls: Some("strict".into()), ..spec("192.0.2.53", None) }]),
        "needs the name",
    );
    // It is served as it was until it is pulled, and then it is as the primary has it.
    let before = bench.zone(APEX);
    follow(&bench, FollowWrite { take_over: true, ..write(None, from()) }).expect("taken over");
    assert_eq!((bench.zone(APEX), outage(&bench)), (before, None));
    pull_on(&bench.road, whole(7, Vec::new()), true).expect("pulled");
    assert_eq!(bench.serial(APEX), 7);
    // With other primaries it needs no more words.
    follow(&bench, write(None, vec![spec("198.51.100.53", None)])).expect("another");
}

#[test]
fn a_key_that_a_zone_is_pulled_with_stays() {
    let bench = followed();
    let problem =
        follow(&bench, write(None, vec![spec("192.0.2.53", Some("k.example"))])).expect_err("no such key");
    assert_eq!(problem.code, code::NOT_FOUND);
    let add = KeyWrite { name: "k.example".to_owned(), algorithm: None, secret: None };
    bench.ask(ChangeRequest::KeyAdd(add), false).expect("a key");
    follow(&bench, write(None, vec![spec("192.0.2.53", Some("K.Example"))])).expect("with the key");
    let remove = ChangeRequest::KeyRemove { name: "k.example".to_owned(), revoke: false };
    let problem = bench.ask(remove.clone(), false).expect_err("in use");
    assert!(problem.message.contains("a zone is pulled from 192.0.2.53:53 with it"), "{problem:?}");
    // A zone that goes takes along from whom it was pulled; rolled back, it is followed again.
    let gone =
        bench.ask(ChangeRequest::ZoneRemove { apex: APEX.to_owned(), expect: None }, false).expect("removed");
    assert!(bench.view().snapshot.follows().is_empty());
    bench.ask(ChangeRequest::rollback(gone.change.expect("a change")), false).expect("back");
    assert_eq!((bench.view().snapshot.follows().len(), outage(&bench)), (1, Some(Outage::Awaited)));
    bench.ask(ChangeRequest::ZoneRemove { apex: APEX.to_owned(), expect: None }, false).expect("removed");
    bench.ask(remove, false).expect("free");
}

#[test]
fn a_zone_that_comes_back_goes_on_from_its_primarys_serial() {
    let bench = followed();
    pull(&bench, whole(7, vec![set("a.example.net", RecordType::TXT, "one")])).expect("pulled");
    let gone =
        bench.ask(ChangeRequest::ZoneRemove { apex: APEX.to_owned(), expect: None }, false).expect("removed");
    bench.ask(ChangeRequest::rollback(gone.change.expect("a change")), false).expect("back");
    assert_eq!((bench.serial(APEX), outage(&bench)), (7, None));
    pull(&bench, whole(8, vec![set("a.example.net", RecordType::TXT, "two")])).expect("the next version");
}

#[test]
fn freshness_is_shown_and_kept_without_a_line_of_the_log() {
    let bench = followed();
    let id = bench.view().zone_id(APEX).expect("a zone");
    // What was never pulled cannot be fresh.
    bench.road.refreshed([(id, Fresh { checked: Some(5), expired: false })]);
    pull(&bench, whole(7, Vec::new())).expect("pulled");
    let version = bench.view().version;
    bench.road.refreshed([(id, Fresh { checked: Some(DAY), expired: false })]);
    bench.road.refreshed([(id, Fresh { checked: None, expired: true })]);
    until(
        "expired",
        Duration::from_secs(30),
        || outage(&bench) == Some(Outage::Expired),
        || format!("{:?}", outage(&bench)),
    );
    bench.road.refreshed([(id, Fresh { checked: Some(2 * DAY), expired: false })]);
    until("well", Duration::from_secs(30), || outage(&bench).is_none(), || format!("{:?}", outage(&bench)));
    assert_eq!(bench.view().version, version, "no change");
    bench.road.shutdown();
    // EXPIRE is a day.
    for (now, expected) in [(3 * DAY - 1, None), (3 * DAY, Some(Outage::Expired))] {
        let road = open_at(&bench.store, now);
        assert_eq!(road.view().snapshot.zone(&name(APEX)).expect("a zone").outage(), expected);
        road.shutdown();
    }
    let _: &MemoryStore = &bench.store;
}

/// Taking a zone over fails in its own words: there is no file that they could be about.
#[test]
fn a_zone_that_cannot_be_taken_over_says_why() {
    let bench = Bench::with(&[]);
    let take = |replace, pulled| {
        let Pulled::Whole(pulled) = pulled else { panic!("a whole zone") };
        let write = TransferInWrite { apex: APEX.into(), tenant: "acme".into(), from: Vec::new(), replace };
        bench.runtime.block_on(bench.road.transfer_in(operator(), write, "192.0.2.53".into(), pulled, false))
    };
    take(false, whole(7, Vec::new())).expect("taken over");
    let problem = take(false, whole(8, Vec::new())).expect_err("it is there");
    assert_eq!(problem.message, "the zone example.net. is served already");
    assert_eq!(problem.hint.as_deref(), Some("--replace puts what the other server has in its place"));
    let cname =
        vec![set("a.example.net", RecordType::CNAME, "b."), set("a.example.net", RecordType::TXT, "x")];
    let problem = take(true, whole(8, cname)).expect_err("it makes no sense");
    assert_eq!(problem.message, "a.example.net. has a CNAME beside other data (TXT)");
    take(true, whole(8, Vec::new())).expect("replaced");
    assert_eq!(bench.serial(APEX), 8);
}
