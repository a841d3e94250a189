//! What is otherwise for members of a group of a catalog that is followed: whose they are, and from whom they are pulled.

mod support;

use ptrd_api::{CatalogGroupWrite, ChangeDone, ChangeRequest, KeyWrite, MembersFate, Problem, code};
use support::consumed::{catalog, follow, pull, unfollow, zone};
use support::pulled::spec;
use support::standby::{Standby, followed};
use support::{Bench, everything, open};

const CATALOG: &str = "catalog.example";

fn group(
    bench: &Bench,
    group: &str,
    tenant: Option<&str>,
    from: Option<(&str, Option<&str>)>,
) -> Result<ChangeDone, Problem> {
    let primaries = from.map(|(address, key)| spec(address, key)).into_iter().collect();
    let (catalog, group, tenant) = (CATALOG.to_owned(), group.to_owned(), tenant.map(str::to_owned));
    bench.ask(ChangeRequest::CatalogGroup(CatalogGroupWrite { catalog, group, tenant, primaries }), false)
}

/// Zones, whose they are, and from whom they are pulled.
fn shown(view: &ptrd_change::View) -> Vec<String> {
    let line = |apex: &str| {
        let zone = view.zone(apex).ok()?;
        let from = zone.follow.map(|follow| follow.primaries[0].address.clone()).unwrap_or_default();
        Some(format!("{apex} {} {}", zone.tenant, from.trim_end_matches(":53")))
    };
    ["a.example", "b.example", "c.example", "d.example"].into_iter().filter_map(line).collect()
}

fn version(bench: &Bench, serial: u32, members: &[&str]) {
    pull(bench, CATALOG, catalog(CATALOG, serial, members));
}

#[test]
fn a_group_has_its_own_primaries_at_once_and_its_own_tenant_from_then_on() {
    let bench = followed();
    let standby = Standby::new();
    follow(&bench, CATALOG);
    version(&bench, 7, &["a a.example:small", "b b.example:big:small", "c c.example"]);
    let done = group(&bench, "small", Some("bob"), Some(("198.51.100.9", None))).expect("set");
    assert_eq!(
        done.summary,
        "members of catalog.example. in the group small: those that come into it are of bob, pulled from 198.51.100.9:53"
    );
    version(&bench, 8, &["a a.example:small", "b b.example:big:small", "c c.example", "d d.example:small"]);
    let all = [
        "a.example acme 198.51.100.9",
        "b.example acme 198.51.100.9",
        "c.example acme 192.0.2.53",
        "d.example bob 198.51.100.9",
    ];
    assert_eq!(shown(&bench.view()), all);
    // Of several groups the first in order counts that something is said of.
    group(&bench, "big", None, Some(("203.0.113.5", None))).expect("set");
    assert_eq!(shown(&bench.view())[1], "b.example acme 203.0.113.5");
    let again = open(&bench.store);
    assert_eq!(shown(&again.view()), shown(&bench.view()));
    again.shutdown();
    standby.catch_up(&bench);
    standby.compare(&bench);
    // In another group, or like others: what is said of that counts.
    version(&bench, 9, &["a a.example", "b b.example:small", "c c.example:big", "d d.example:small"]);
    assert_eq!(shown(&bench.view())[0], "a.example acme 192.0.2.53");
    assert_eq!(shown(&bench.view())[1..3], ["b.example bob 198.51.100.9", "c.example acme 203.0.113.5"]);
    group(&bench, "small", None, None).expect("unset");
    assert_eq!(shown(&bench.view())[3], "d.example bob 192.0.2.53");
    assert_eq!(group(&bench, "small", None, None).expect_err("unset").code, code::NOT_FOUND);
    // Let go, each goes on from where it was pulled from.
    bench.ask(unfollow(CATALOG, MembersFate::Keep), false).expect("let go");
    assert_eq!(shown(&bench.view())[2..], ["c.example acme 203.0.113.5", "d.example bob 192.0.2.53"]);
    standby.catch_up(&bench);
    standby.compare(&bench);
    standby.road.shutdown();
}

/// What a group means is for the consumer to say (RFC 9432 §4.3.2); here, whose a zone is.
#[test]
fn a_zone_that_comes_into_another_group_changes_hands() {
    let bench = followed();
    let standby = Standby::new();
    follow(&bench, CATALOG);
    group(&bench, "b", Some("bob"), None).expect("set");
    version(&bench, 7, &["a a.example", "b b.example:b", "c c.example:x"]);
    pull(&bench, "a.example", zone("a.example", 5, &["a TXT text".to_owned()]));
    let owners = || {
        let view = bench.view();
        ["a.example", "b.example", "c.example"].map(|apex| view.zone(apex).expect("a zone").tenant)
    };
    assert_eq!(owners(), ["acme", "bob", "acme"]);
    let content = bench.zone("a.example");
    version(&bench, 8, &["a a.example:b", "b b.example:x", "c c.example:x:y"]);
    assert_eq!(owners(), ["bob", "acme", "acme"]);
    assert_eq!((bench.zone("a.example"), bench.serial("a.example")), (content, 5), "and nothing else of it");
    // A rule is for those that come into a group. Those that are in it stay whose they are, also where other groups go.
    group(&bench, "y", Some("bob"), None).expect("set");
    version(&bench, 9, &["a a.example:b", "b b.example:x", "c c.example:y"]);
    assert_eq!(owners(), ["bob", "acme", "acme"]);
    let again = open(&bench.store);
    assert_eq!(everything(&again.view()), bench.everything());
    again.shutdown();
    standby.catch_up(&bench);
    standby.compare(&bench);
    standby.road.shutdown();
}

#[test]
fn what_a_group_names_must_be_there() {
    let bench = Bench::new();
    follow(&bench, CATALOG);
    assert!(group(&bench, "g", Some("nobody"), None).expect_err("no tenant").message.contains("no tenant"));
    assert!(
        group(&bench, "g", None, Some(("192.0.2.9", Some("k"))))
            .expect_err("no key")
            .message
            .contains("no key")
    );
    assert_eq!(group(&bench, "", Some("bob"), None).expect_err("no group").code, code::INVALID);
    let key = KeyWrite { name: "k".to_owned(), algorithm: None, secret: None };
    bench.ask(ChangeRequest::KeyAdd(key), false).expect("a key");
    group(&bench, "g", None, Some(("192.0.2.9", Some("k")))).expect("set");
    let remove = ChangeRequest::KeyRemove { name: "k".to_owned(), revoke: false };
    let problem = bench.ask(remove, false).expect_err("in use");
    assert!(problem.message.contains("a zone is pulled from 192.0.2.9:53 with it"), "{problem:?}");
    let none =
        CatalogGroupWrite { catalog: "x.example".into(), group: "g".into(), ..CatalogGroupWrite::default() };
    assert_eq!(
        bench.ask(ChangeRequest::CatalogGroup(none), false).expect_err("no catalog").code,
        code::NOT_FOUND
    );
    // A tenant that is gone has nothing of what comes.
    bench.ok("tenant-add carol");
    group(&bench, "c", Some("carol"), None).expect("set");
    bench.ok("tenant-remove carol");
    version(&bench, 7, &["a a.example:c"]);
    assert_eq!(shown(&bench.view()), ["a.example acme 192.0.2.53"]);
}
