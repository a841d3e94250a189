//! A standby and zones whose content is made elsewhere or follows from others: pulled ones, signed ones, catalogs.

mod support;

use proptest::prelude::*;
use ptrd_api::{ChangeDone, ChangeRequest, FollowWrite, MembersFate, Problem, ZoneImportOptions, code};
use ptrd_change::{Caller, Fresh, Road, load};
use ptrd_store::{Duty, Store};
use ptrd_wire::{RecordType, Serial};
use ptrd_zone::{Outage, Pulled};
use support::consumed;
use support::pulled::{APEX, set, spec, step, whole};
use support::standby::{Standby, followed, promotion};
use support::{Bench, name, numbers, open_at, random_line, request, signed};

const CATALOG: &str = "catalog.example";
/// Catalogs of others.
const FOLLOWED: [&str; 2] = ["our.example", "their.example"];
const EXPIRE: i64 = 86_400_000;
const TXT: RecordType = RecordType::TXT;

fn follow(bench: &Bench) -> Result<ChangeDone, Problem> {
    let primaries = vec![spec("192.0.2.53", None)];
    let tenant = Some("acme".to_owned());
    let write = FollowWrite { apex: APEX.to_owned(), tenant, primaries, take_over: true };
    bench.ask(ChangeRequest::ZoneFollow(write), false)
}

fn pull(bench: &Bench, road: &Road, pulled: Pulled) -> Result<ChangeDone, Problem> {
    let id = road.view().zone_id(APEX)?;
    bench.runtime.block_on(road.pull(id, ([192, 0, 2, 53], 53).into(), pulled, false))
}

fn import(bench: &Bench, kind: &str, serial: u32) -> Result<ChangeDone, Problem> {
    let text = match kind {
        "none" => format!(
            "example. 300 SOA ns1.example. host.example. {serial} 2 3 4 300\nexample. 300 NS ns1.example.\n"
        ),
        kind => signed::file(kind, serial, ""),
    };
    let options = ZoneImportOptions { tenant: "acme".into(), replace: true, ..ZoneImportOptions::default() };
    bench.import_zones(options, &[("example.zone", &text)])
}

fn remove(bench: &Bench, apex: &str) -> Result<ChangeDone, Problem> {
    bench.ask(ChangeRequest::ZoneRemove { apex: apex.to_owned(), expect: None }, false)
}

/// A change of the kinds that the module is about, or a refusal.
fn change(bench: &Bench, serial: u32, random: &mut impl FnMut(u64) -> u64) -> Result<ChangeDone, Problem> {
    let text = format!("\"{serial}\"");
    let rules = ["all", "tenant/acme", "tenant/bob:g", "-zone/example.net", "zone/example:h"];
    let rule = rules[random(rules.len() as u64) as usize];
    let followed = FOLLOWED[random(FOLLOWED.len() as u64) as usize];
    match random(15) {
        11 => bench.ask(consumed::follow_from(followed, Some("acme"), consumed::PRIMARY, None), false),
        12 | 13 => {
            let labels = ["a", "b", "c:g", "c"];
            let zones = [APEX, "example", "example.org", "0/26.2.0.192.in-addr.arpa", "2.0.192.in-addr.arpa"];
            let mut members = Vec::new();
            for zone in zones {
                if random(2) == 0 {
                    let (label, groups) = labels[random(4) as usize].split_at(1);
                    let coo = if random(4) == 0 { ">their.example" } else { "" };
                    members.push(format!("{label}{} {zone}{groups}{coo}", members.len()));
                }
            }
            let members: Vec<&str> = members.iter().map(String::as_str).collect();
            consumed::pull_on(bench, &bench.road, followed, consumed::catalog(followed, serial, &members))
        }
        14 => {
            let fate = if random(2) == 0 { MembersFate::Keep } else { MembersFate::Remove };
            bench.ask(consumed::unfollow(followed, fate), false)
        }
        0 => follow(bench),
        1 | 2 => pull(bench, &bench.road, whole(serial, vec![set("a.example.net", TXT, &text)])),
        3 => {
            let before = bench.view().snapshot.zone(&name(APEX)).map_or(0, |zone| zone.soa().serial.0);
            let added = format!("s{serial}.example.net");
            let steps = vec![step(before, serial, &[], &[(&added, TXT, &text)])];
            pull(bench, &bench.road, Pulled::Steps(steps))
        }
        4 => bench.ask(ChangeRequest::ZoneUnfollow { apex: APEX.to_owned() }, false),
        5 => import(bench, ["nsec", "nsec3:1:aabb", "none"][random(3) as usize], serial),
        6 => remove(bench, ["example", APEX][random(2) as usize]),
        7 => bench.ask(request(&format!("catalog-add {CATALOG} bob {rule}")), false),
        8 => bench.ask(request(&format!("catalog-set {CATALOG} {rule}")), false),
        9 => bench.ask(request(&format!("catalog-remove {CATALOG}")), false),
        _ => bench.ask(request(&random_line(random)), false),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_standby_has_what_its_primary_has_of_zones_that_are_made_elsewhere(seed in 1u64..u64::MAX) {
        let mut random = numbers(seed);
        let bench = followed();
        let mut standby = Standby::new();
        for serial in 10..110 {
            let last = bench.view().version;
            let _ = match random(12) {
                0 => bench.ask(ChangeRequest::rollback(1 + random(last)), false),
                _ => change(&bench, serial, &mut random),
            };
            match random(8) {
                0 => {
                    standby.take(&bench, random(12) as usize).expect("changes");
                }
                1 => standby.restart(),
                2 => {
                    standby.catch_up(&bench);
                    standby.compare(&bench);
                }
                _ => {}
            }
        }
        standby.catch_up(&bench);
        standby.compare(&bench);
        standby.restart();
        standby.compare(&bench);
        standby.road.shutdown();
    }
}

/// All three kinds, and an unremarkable zone.
fn all_kinds() -> Bench {
    let bench = followed();
    follow(&bench).expect("followed");
    pull(&bench, &bench.road, whole(7, vec![set("a.example.net", TXT, "one")])).expect("pulled");
    import(&bench, "nsec", 70).expect("signed");
    bench.ok("block 192.0.2.0/24 acme");
    bench.ok("catalog-add catalog.example acme all");
    bench
}

#[test]
fn a_change_of_each_kind_leaves_on_a_standby_what_it_leaves_on_its_primary() {
    let bench = followed();
    let standby = Standby::new();
    let level = |what: &str| {
        println!("{what}");
        standby.catch_up(&bench);
        standby.compare(&bench);
    };
    let outage = || standby.road.view().snapshot.zone(&name(APEX)).expect("a zone").outage();
    bench.ok("catalog-add catalog.example acme all");
    level("a catalog");
    follow(&bench).expect("followed");
    level("a zone that was never pulled");
    assert_eq!(outage(), Some(Outage::Awaited));
    pull(&bench, &bench.road, whole(7, vec![set("a.example.net", TXT, "one")])).expect("pulled");
    level("pulled");
    assert_eq!(outage(), None);
    let steps = vec![step(7, 9, &[("a.example.net", TXT, "one")], &[("b.example.net", TXT, "two")])];
    pull(&bench, &bench.road, Pulled::Steps(steps)).expect("pulled");
    level("in steps");
    import(&bench, "nsec3:1:aabb", 70).expect("signed");
    level("signed");
    let zone = standby.road.view().snapshot.zone(&name("example")).expect("a zone").clone();
    assert!(zone.signing().is_some());
    let gone = remove(&bench, "example").expect("removed");
    level("gone");
    bench.ask(ChangeRequest::rollback(gone.change.expect("a change")), false).expect("back");
    level("back");
    bench.ask(ChangeRequest::ZoneUnfollow { apex: APEX.to_owned() }, false).expect("let go");
    level("not followed any more");
    bench.ok("catalog-remove catalog.example");
    level("no catalog any more");
    standby.road.shutdown();
}

#[test]
fn a_standby_pulls_nothing_and_keeps_no_account_of_freshness() {
    let bench = all_kinds();
    let mut standby = Standby::new();
    standby.catch_up(&bench);
    let refused = pull(&bench, &standby.road, whole(8, Vec::new())).expect_err("a standby");
    assert_eq!(refused.code, code::STANDBY);
    assert_eq!(standby.road.check_post().expect_err("a standby").code, code::STANDBY);
    bench.road.check_post().expect("a primary");
    let id = standby.road.view().zone_id(APEX).expect("a zone");
    standby.road.refreshed([(id, Fresh { checked: Some(1), expired: true })]);
    // Told at the latest when it ends.
    standby.restart();
    assert_eq!(standby.store.freshness().expect("rows"), []);
    // What came with a copy is old by the time of a restart: only the primary knows better.
    standby.store.put_freshness(&[(id, 1)]).expect("written");
    standby.restart();
    standby.compare(&bench);
    standby.road.shutdown();
    // The same for a server that only reads the file of one.
    for (duty, expected) in [(Duty::Standby, None), (Duty::Promoted, Some(Outage::Expired))] {
        standby.store.set_duty(duty).expect("written");
        let snapshot = load(&mut standby.store).expect("a sound store").into_snapshot(2 * EXPIRE);
        assert_eq!(snapshot.zone(&name(APEX)).expect("a zone").outage(), expected);
    }
}

#[test]
fn promoted_it_counts_zones_as_fresh_and_leaves_serials_that_are_made_elsewhere() {
    let bench = all_kinds();
    let mut standby = Standby::new();
    standby.catch_up(&bench);
    let id = standby.road.view().zone_id(APEX).expect("a zone");
    standby.store.put_freshness(&[(id, 1)]).expect("written");
    standby.restart();
    let serial =
        |road: &Road, apex: &str| road.view().snapshot.zone(&name(apex)).expect("a zone").soa().serial;
    let apexes = [APEX, "example", CATALOG, "2.0.192.in-addr.arpa"];
    let before = apexes.map(|apex| serial(&standby.road, apex));

    let by = Caller::operator("root", "test", None);
    let done = bench.runtime.block_on(standby.road.promote(by, promotion(100), false)).expect("promoted");
    assert_eq!(done.warnings.len(), 1, "{:?}", done.warnings);
    assert!(done.warnings[0].contains("1 zone signed elsewhere"), "{:?}", done.warnings);
    assert!(done.warnings[0].contains("example. (70)"), "{:?}", done.warnings);
    let after = apexes.map(|apex| serial(&standby.road, apex));
    assert_eq!((after[0], after[1]), (Serial(7), Serial(70)), "followed, and signed");
    assert!(after[2].is_after(Serial(before[2].0 + 99)) && after[3].is_after(Serial(before[3].0 + 99)));

    let rows = standby.store.freshness().expect("rows");
    let checked = rows.iter().find(|(zone, _)| *zone == id).expect("a row").1;
    assert!(checked > 1_767_225_600_000, "{checked} is when it was promoted");
    pull(&bench, &standby.road, whole(8, Vec::new())).expect("pulled here now");
    assert_eq!(serial(&standby.road, APEX), Serial(8));
    standby.road.shutdown();
    for (now, expected) in [(checked + EXPIRE - 1_000, None), (checked + EXPIRE, Some(Outage::Expired))] {
        let road = open_at(&standby.store, now);
        assert_eq!(road.view().snapshot.zone(&name(APEX)).expect("a zone").outage(), expected);
        road.shutdown();
    }
}
