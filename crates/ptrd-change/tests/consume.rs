//! Catalogs of others that are followed: zones come, go, begin anew and come over as they say, and in no other way.

mod support;

use ptrd_api::{ChangeRequest, KeyWrite, LogFilter, MembersFate, RecordWrite, code};
use ptrd_change::Consumptions;
use ptrd_store::{Edit, Store};
use ptrd_zone::Outage;
use support::consumed::{
    catalog, follow, follow_from, origins, pull, pull_on, records, refused, unfollow, wait, zone,
};
use support::standby::{Standby, followed, promotion};
use support::{Bench, everything, name, open, request};

const CATALOG: &str = "catalog.example";
const NEW: &str = "new.example";
const CLASSLESS: &str = "0/26.2.0.192.in-addr.arpa";

fn bench() -> Bench {
    let bench = Bench::new();
    follow(&bench, CATALOG);
    bench
}

fn version(bench: &Bench, serial: u32, members: &[&str]) {
    pull(bench, CATALOG, catalog(CATALOG, serial, members));
}

fn fill(bench: &Bench, apex: &str, serial: u32) {
    pull(bench, apex, zone(apex, serial, &["a TXT text".to_owned()]));
}

fn last_change(bench: &Bench) -> String {
    let page = bench.runtime.block_on(bench.road.log(LogFilter::default())).expect("a log");
    let change = &page.items[0];
    format!("{} {} {}", change.actor, change.kind, change.summary)
}

#[test]
fn zones_come_and_go_with_the_catalog() {
    let bench = bench();
    version(&bench, 7, &["a 2.0.192.in-addr.arpa:fast:eu", &format!("b {CLASSLESS}"), "c example.org"]);
    assert_eq!(
        origins(&bench.view()),
        [
            "2.0.192.in-addr.arpa catalog.example a:eu:fast awaited",
            "0/26.2.0.192.in-addr.arpa catalog.example b awaited",
            "example.org catalog.example c awaited",
        ]
    );
    assert_eq!(
        last_change(&bench),
        "ptrd catalog-apply the catalog catalog.example., serial 7: 3 zones came"
    );
    // They are pulled from whom the catalog is pulled from, and belong to whom the request said.
    let view = bench.view();
    for apex in [CLASSLESS, CATALOG] {
        let follow = view.zone(apex).expect("a zone").follow.expect("followed");
        assert_eq!(follow.primaries[0].address, "192.0.2.53:53");
    }
    assert_eq!(view.zone(CLASSLESS).expect("a zone").tenant, "acme");
    fill(&bench, CLASSLESS, 3);
    fill(&bench, "example.org", 4);
    // The same in another order, and with another letter case, is no change.
    let before = bench.everything();
    version(&bench, 8, &["C Example.ORG", "a 2.0.192.in-addr.arpa:eu:fast", &format!("b {CLASSLESS}")]);
    assert_eq!(bench.everything().len(), before.len());
    assert!(last_change(&bench).starts_with("ptrd zone-pull"), "{}", last_change(&bench));
    version(&bench, 9, &[&format!("b {CLASSLESS}:slow"), "d example.net"]);
    assert_eq!(
        origins(&bench.view()),
        ["0/26.2.0.192.in-addr.arpa catalog.example b:slow", "example.net catalog.example d awaited"]
    );
    assert_eq!(
        last_change(&bench),
        "ptrd catalog-apply the catalog catalog.example., serial 9: 1 zone came, 2 zones went, 1 zone came into other groups"
    );
    assert_eq!(bench.serial(CLASSLESS), 3, "what is kept of it stays");
    // What the store has is the same, and nothing is done twice after a restart.
    let again = open(&bench.store);
    assert_eq!(
        (everything(&again.view()), origins(&again.view())),
        (bench.everything(), origins(&bench.view()))
    );
    wait("gone through once", || !again.consumptions().is_empty());
    assert_eq!(again.view().version, bench.view().version);
    again.shutdown();
    version(&bench, 10, &[]);
    assert_eq!(origins(&bench.view()), [""; 0]);
}

#[test]
fn the_catalog_is_for_those_who_may_transfer_it_and_listed_by_none_of_ours() {
    let bench = bench();
    bench.ok("catalog-add ours.example acme all");
    version(&bench, 7, &["a example.org"]);
    let members = support::catalog::members(&bench.view(), "ours.example");
    assert_eq!(members, ["example.org."], "members, but not their catalog");
    let view = bench.view();
    let theirs = view.snapshot.zone(&name(CATALOG)).expect("a zone");
    assert!(theirs.is_catalog() && theirs.catalog() == Some(ptrd_zone::CatalogKind::Consumed));
    assert_eq!(view.zone(CATALOG).expect("a zone").kind, "catalog");
    bench.refused("catalog-set catalog.example all", code::CONFLICT, "what it lists is said at its primary");
    bench.refused("catalog-remove catalog.example", code::CONFLICT, "is followed");
    bench.refused("catalog-add catalog.example acme all", code::CONFLICT, "is served already");
    // Below a zone of ours it is no delegation.
    bench.ok("block 192.0.2.0/24 acme");
    let before = bench.zone("2.0.192.in-addr.arpa");
    follow(&bench, "cat.2.0.192.in-addr.arpa");
    pull(&bench, "cat.2.0.192.in-addr.arpa", catalog("cat.2.0.192.in-addr.arpa", 7, &[]));
    assert_eq!(bench.zone("2.0.192.in-addr.arpa"), before);
    bench.ask(unfollow("cat.2.0.192.in-addr.arpa", MembersFate::Keep), false).expect("let go");
}

#[test]
fn another_label_makes_it_another_zone() {
    let bench = bench();
    version(&bench, 7, &["a example.org", "b example.net"]);
    fill(&bench, "example.org", 5);
    fill(&bench, "example.net", 5);
    let id = |apex: &str| bench.view().zone_id(apex).expect("a zone");
    let (org, net) = (id("example.org"), id("example.net"));
    version(&bench, 8, &["new example.org", "b example.net"]);
    assert_eq!(
        origins(&bench.view()),
        ["example.net catalog.example b", "example.org catalog.example new awaited"]
    );
    assert!(id("example.org") != org && id("example.net") == net);
    assert_eq!(bench.zone("example.org"), [""; 0], "nothing is kept of it");
    // Whatever its serial is, the zone is pulled.
    fill(&bench, "example.org", 1);
    assert_eq!(bench.serial("example.org"), 1);
    // A label that comes from another zone.
    version(&bench, 9, &["new example.net", "b example.org"]);
    assert_eq!(
        origins(&bench.view()),
        ["example.net catalog.example new awaited", "example.org catalog.example b awaited"]
    );
}

#[test]
fn of_a_broken_catalog_nothing_is_made() {
    let bench = bench();
    version(&bench, 7, &["a example.org", "b example.net"]);
    fill(&bench, "example.org", 5);
    let good = origins(&bench.view());
    let with = |more: &[&str]| {
        let more = more.iter().map(|line| (*line).to_owned());
        records(&["a example.org", "c example.com"]).into_iter().chain(more).collect::<Vec<_>>()
    };
    let unversioned = |version: &[&str]| {
        let mut lines = with(version);
        lines.remove(0);
        lines
    };
    let broken = [
        (unversioned(&[]), "it has no version: a TXT record at version.catalog.example. with the text 2"),
        (unversioned(&["version TXT \"1\""]), "its version is “1”, and ptrd knows version 2"),
        (with(&["version TXT \"3\""]), "it has 2 versions, where one is allowed"),
        (with(&["d.zones PTR example.org."]), "the zone example.org. is listed twice, as a and as d"),
        (
            with(&["a.zones PTR example.info."]),
            "the member a.zones.catalog.example. has more than one PTR record",
        ),
        (
            with(&["coo.a.zones PTR x.", "coo.a.zones PTR y."]),
            "coo.a.zones.catalog.example. has more than one PTR record",
        ),
    ];
    for (serial, (lines, why)) in (8..).zip(broken) {
        pull(&bench, CATALOG, zone(CATALOG, serial, &lines));
        assert_eq!(origins(&bench.view()), good, "{why}");
        let told = format!("the version with serial {serial} is broken: {why}; all stays as it was");
        assert_eq!(refused(&bench, CATALOG), [told]);
        assert_eq!(bench.serial(CATALOG), serial, "the zone itself is as its primary has it");
    }
    // What the broken versions touched is looked at with the next that is in order.
    version(&bench, 20, &["a example.org", "c example.com"]);
    assert_eq!(
        origins(&bench.view()),
        ["example.com catalog.example c awaited", "example.org catalog.example a"]
    );
    assert_eq!(refused(&bench, CATALOG), [""; 0]);
}

#[test]
fn a_version_that_was_broken_by_its_version_alone_is_well_again() {
    let bench = bench();
    version(&bench, 7, &["a example.org"]);
    let mut lines = records(&["a example.org"]);
    lines[0] = "version TXT \"9\"".to_owned();
    pull(&bench, CATALOG, zone(CATALOG, 8, &lines));
    assert_eq!(refused(&bench, CATALOG).len(), 1);
    version(&bench, 9, &["a example.org"]);
    assert_eq!(refused(&bench, CATALOG), [""; 0]);
    let how = bench.road.consumptions();
    assert_eq!(how.values().next().expect("a catalog").serial.map(|serial| serial.0), Some(9));
}

#[test]
fn zones_that_are_here_already_stay_and_are_told() {
    let bench = bench();
    bench.ok("zone-add example.org bob");
    bench.ok("block 192.0.2.0/24 bob");
    let org = bench.view().zone_id("example.org").expect("a zone");
    let members =
        ["a example.org", "b 2.0.192.in-addr.arpa", "c catalog.example", "d example.net", "e *.example"];
    version(&bench, 7, &members);
    assert_eq!(origins(&bench.view()), ["example.net catalog.example d awaited"]);
    assert_eq!(
        refused(&bench, CATALOG),
        [
            "2.0.192.in-addr.arpa. a range zone 2.0.192.in-addr.arpa. is here already, for bob (it is taken from the catalog \
             once that one is removed)",
            "*.example. *.example. cannot be a zone here",
            "catalog.example. the catalog catalog.example. lists itself",
            "example.org. a verbatim zone example.org. is here already, for bob (it is taken from the catalog once that one \
             is removed)",
        ]
    );
    assert_eq!(bench.view().zone_id("example.org").expect("a zone"), org);
    let shown = |apex: &str| {
        let how = bench.road.consumptions();
        let page =
            bench.view().catalog_members(apex, &ptrd_api::CatalogFilter::default(), &how).expect("members");
        page.items.iter().map(|view| (view.zone.clone(), view.refused.is_some())).collect::<Vec<_>>()
    };
    assert_eq!(shown(CATALOG).len(), 5);
    assert!(shown(CATALOG).contains(&("example.net.".to_owned(), false)));
    let how = bench.road.consumptions();
    let view = bench.view().catalog(CATALOG, &how).expect("a catalog");
    let followed = view.followed.expect("followed");
    assert_eq!((view.members, followed.refused, followed.processed), (1, 4, Some(7)));
    assert_eq!(bench.view().catalog(CATALOG, &Consumptions::new()).expect("a catalog").members, 1);
    // Once the operator has let it go, it is the catalog's.
    bench.ok("zone-remove example.org");
    wait("example.org comes from the catalog", || origins(&bench.view()).len() == 2);
    assert_eq!(refused(&bench, CATALOG).len(), 3);
    // And what is listed no more is not complained of.
    version(&bench, 8, &["a example.org"]);
    assert_eq!((origins(&bench.view()).len(), refused(&bench, CATALOG)), (1, Vec::new()));
}

#[test]
fn a_zone_comes_over_to_another_catalog_when_its_own_says_so() {
    let bench = bench();
    follow(&bench, NEW);
    version(&bench, 7, &["a example.org", "b example.net"]);
    fill(&bench, "example.org", 5);
    fill(&bench, "example.net", 5);
    let id = |apex: &str| bench.view().zone_id(apex).expect("a zone");
    let (org, net) = (id("example.org"), id("example.net"));
    // Listed by both, it stays where it is.
    pull(&bench, NEW, catalog(NEW, 1, &["a example.org"]));
    assert_eq!(
        refused(&bench, NEW),
        [
            "example.org. the zone example.org. comes from the catalog catalog.example. already (it comes over once \
          catalog.example. says that it moves here (coo), or lists it no more)"
        ]
    );
    version(&bench, 8, &["a example.org>new.example", "b example.net>other.example"]);
    assert_eq!(id("example.org"), org);
    assert!(
        origins(&bench.view())[1].starts_with("example.org catalog.example"),
        "not before the new catalog's update"
    );
    pull(&bench, NEW, catalog(NEW, 2, &["a example.org", "b example.net"]));
    assert_eq!(origins(&bench.view()), ["example.net catalog.example b", "example.org new.example a"]);
    assert_eq!((id("example.org"), bench.serial("example.org")), (org, 5), "with all that is kept of it");
    assert_eq!(refused(&bench, NEW).len(), 1, "that one moves elsewhere");
    // Its old catalog may list it for a while, and not.
    version(&bench, 9, &["a example.org>new.example", "b example.net>new.example"]);
    assert_eq!(refused(&bench, CATALOG), [""; 0]);
    // Another label there: it begins anew.
    pull(&bench, NEW, catalog(NEW, 3, &["a example.org", "other example.net"]));
    version(&bench, 10, &[]);
    assert_eq!(
        origins(&bench.view()),
        ["example.net new.example other awaited", "example.org new.example a"]
    );
    assert!(id("example.net") != net && id("example.org") == org);
    // Without a word, it goes and comes.
    pull(&bench, NEW, catalog(NEW, 4, &[]));
    version(&bench, 11, &["a example.org"]);
    assert_eq!(origins(&bench.view()), ["example.org catalog.example a awaited"]);
}

#[test]
fn all_other_doors_are_closed() {
    let bench = bench();
    bench.ok("zone-add example.com bob");
    version(&bench, 7, &["a example.org", "b example.net"]);
    let came = bench.view().version;
    fill(&bench, "example.org", 5);
    version(&bench, 8, &["a example.org"]);
    let went = bench.view().version;
    let closed = |request: ChangeRequest, part: &str| {
        let before = bench.everything();
        let problem = bench.ask(request.clone(), false).expect_err("closed");
        let text = format!("{} / {}", problem.message, problem.hint.unwrap_or_default());
        assert!(problem.code == code::CONFLICT && text.contains(part), "{request:?}: {text}");
        assert_eq!(bench.everything(), before);
    };
    let comes =
        "the zone example.org. comes from the catalog catalog.example., and stays as long as that lists it";
    closed(request("zone-remove example.org"), comes);
    closed(ChangeRequest::ZoneUnfollow { apex: "example.org".into() }, comes);
    let follow = |apex: &str| {
        let primaries = vec![support::pulled::spec("192.0.2.99", None)];
        let apex = apex.to_owned();
        ChangeRequest::ZoneFollow(ptrd_api::FollowWrite { apex, tenant: None, primaries, take_over: true })
    };
    closed(follow("example.org"), comes);
    let record = RecordWrite {
        owner: "a.example.org".into(),
        rtype: "TXT".into(),
        data: vec!["x".into()],
        ..RecordWrite::default()
    };
    closed(ChangeRequest::RecordSet(record), "is followed from 192.0.2.53:53");
    closed(request("zone-remove catalog.example"), "is a catalog that is followed");
    closed(
        ChangeRequest::ZoneUnfollow { apex: CATALOG.into() },
        "`ptrctl catalog unfollow catalog.example.`",
    );
    closed(follow(CATALOG), "`ptrctl catalog follow catalog.example.` names other primaries");
    closed(ChangeRequest::rollback(went), "comes from the catalog catalog.example.");
    closed(
        follow_from("example.com", Some("acme"), "192.0.2.53", None),
        "the verbatim zone example.com. is served already",
    );
    closed(follow_from("example.org", Some("acme"), "192.0.2.53", None), "is served already");
    // What made the zones cannot be undone while the catalog lists them.
    version(&bench, 9, &["a example.org", "b example.net"]);
    let again = bench.view().version;
    closed(ChangeRequest::rollback(again), "comes from the catalog catalog.example.");
    assert!(came < went && went < again);
    let first = bench
        .store
        .clone()
        .changes()
        .iter()
        .find(|entry| entry.kind == "catalog-follow")
        .map(|entry| entry.change);
    closed(ChangeRequest::rollback(first.expect("a change")), "cannot be rolled back");
    let nobody = unfollow("example.org", MembersFate::Keep);
    assert_eq!(bench.ask(nobody, false).expect_err("no catalog").code, code::NOT_FOUND);
    let ownerless =
        bench.ask(follow_from("x.example", None, "192.0.2.53", None), false).expect_err("no owner");
    assert!(ownerless.hint.is_some_and(|hint| hint.contains("--tenant")));
    let unknown = bench.ask(follow_from("x.example", Some("acme"), "192.0.2.53", Some("k")), false);
    assert!(unknown.expect_err("no key").message.contains("no key"));
}

#[test]
fn other_primaries_and_a_key_are_those_of_members_too() {
    let bench = bench();
    version(&bench, 7, &["a example.org"]);
    let key = KeyWrite { name: "k".to_owned(), algorithm: None, secret: None };
    bench.ask(ChangeRequest::KeyAdd(key), false).expect("a key");
    bench.ask(follow_from(CATALOG, Some("bob"), "198.51.100.1", Some("k")), false).expect("other primaries");
    let view = bench.view();
    let follow = view.zone("example.org").expect("a zone").follow.expect("followed");
    assert_eq!(
        (&*follow.primaries[0].address, follow.primaries[0].key.as_deref()),
        ("198.51.100.1:53", Some("k."))
    );
    let follows = view.snapshot.follows();
    let (org, own) = (view.zone_id("example.org").unwrap(), view.zone_id(CATALOG).unwrap());
    assert!(follows.of(org).unwrap().knows([198, 51, 100, 1].into(), None), "NOTIFY is taken from there");
    assert_eq!(follows.of(org), follows.of(own));
    // Members that are new are somebody else's; those that are here stay whose they are.
    version(&bench, 8, &["a example.org", "b example.net"]);
    let owner = |apex: &str| bench.view().zone(apex).expect("a zone").tenant;
    assert_eq!(
        (owner("example.org"), owner("example.net"), owner(CATALOG)),
        ("acme".into(), "bob".into(), "acme".into())
    );
    // Whoever was named may go; the catalog's owner has what comes then.
    bench.ok("tenant-add carol");
    bench.ask(follow_from(CATALOG, Some("carol"), "198.51.100.1", Some("k")), false).expect("for carol");
    bench.ok("tenant-remove carol");
    version(&bench, 9, &["a example.org", "b example.net", "c example.com"]);
    assert_eq!(owner("example.com"), "acme");
    let remove = ChangeRequest::KeyRemove { name: "k".to_owned(), revoke: false };
    let problem = bench.ask(remove, false).expect_err("in use");
    assert!(problem.message.contains("a zone is pulled from 198.51.100.1:53 with it"), "{problem:?}");
}

#[test]
fn letting_a_catalog_go_keeps_its_members_or_not() {
    let bench = bench();
    version(&bench, 7, &["a example.org", "b example.net", "c example.com"]);
    fill(&bench, "example.org", 5);
    fill(&bench, "example.com", 6);
    version(&bench, 8, &["a example.org", "b example.net"]);
    let went = bench.view().version;
    let before = bench.everything();
    let preview = bench.ask(unfollow(CATALOG, MembersFate::Remove), true).expect("a plan");
    assert!(preview.summary.contains("2 zones that it listed are removed"), "{}", preview.summary);
    assert_eq!(bench.everything(), before);
    let kept = bench.ask(unfollow(CATALOG, MembersFate::Keep), false).expect("let go");
    assert_eq!(
        kept.summary,
        "the catalog catalog.example. is not followed any more; 2 zones stay and are followed by themselves"
    );
    assert_eq!((bench.zone(CATALOG), origins(&bench.view())), (vec!["-".to_owned()], Vec::new()));
    let view = bench.view();
    let follow = view.zone("example.org").expect("a zone").follow.expect("followed");
    assert_eq!((&*follow.primaries[0].address, &*follow.state), ("192.0.2.53:53", "current"));
    let net = view.snapshot.zone(&name("example.net")).expect("a zone");
    assert_eq!(net.outage(), Some(Outage::Awaited));
    // What the catalog removed can be brought back now, as a zone of our own.
    let back = bench.ask(ChangeRequest::rollback(went), false).expect("rolled back");
    assert!(back.warnings[0].starts_with("1 zone come back as zones of our own"), "{:?}", back.warnings);
    let com = bench.view().zone("example.com").expect("a zone");
    assert!(com.follow.is_none() && com.catalog.is_none());
    assert!(bench.zone("example.com").iter().any(|line| line.contains("a.example.com. 0 TXT")));
    bench.ok("zone-remove example.com");
    // And the catalog itself, with its members.
    let change = kept.change.expect("a change");
    bench.ask(ChangeRequest::rollback(change), false).expect("rolled back");
    assert_eq!(
        origins(&bench.view()),
        ["example.net catalog.example b awaited", "example.org catalog.example a"]
    );
    wait("it is acted on again", || !bench.road.consumptions().is_empty());
    version(&bench, 9, &["a example.org"]);
    assert_eq!(origins(&bench.view()), ["example.org catalog.example a"]);
    bench.ask(unfollow(CATALOG, MembersFate::Remove), false).expect("let go");
    assert_eq!(bench.zone("example.org"), ["-"]);
}

#[test]
fn a_member_that_blocks_need_stays_until_they_are_gone() {
    let bench = bench();
    version(&bench, 7, &["a 2.0.192.in-addr.arpa"]);
    fill(&bench, "2.0.192.in-addr.arpa", 5);
    bench.ok("block 192.0.2.0/24 acme");
    version(&bench, 8, &[]);
    assert_eq!(
        refused(&bench, CATALOG),
        [
            "2.0.192.in-addr.arpa. no zone would show the block 192.0.2.0/24 any more (remove it first: `ptrctl block remove \
          192.0.2.0/24`)"
        ]
    );
    assert_eq!(origins(&bench.view()), ["2.0.192.in-addr.arpa catalog.example a"]);
    let problem = bench.ask(unfollow(CATALOG, MembersFate::Remove), false).expect_err("needed");
    assert!(problem.message.contains("no zone would show the block"), "{problem:?}");
    bench.ok("unblock 192.0.2.0/24");
    version(&bench, 9, &["b example.org"]);
    assert_eq!(origins(&bench.view()), ["example.org catalog.example b awaited"]);
}

#[test]
fn what_a_version_costs_is_what_changed() {
    let bench = bench();
    let many: Vec<String> = (0..2_000).map(|nth| format!("m{nth} z{nth}.example")).collect();
    let mut members: Vec<&str> = many.iter().map(String::as_str).collect();
    version(&bench, 7, &members);
    assert_eq!(origins(&bench.view()).len(), 2_000);
    members.remove(5);
    members.push("new example.org:g");
    version(&bench, 8, &members);
    assert!(last_change(&bench).ends_with("serial 8: 1 zone came, 1 zone went"), "{}", last_change(&bench));
    let edits = bench.store.clone().edits(bench.view().version).expect("edits");
    let zones = edits.iter().filter(|edit| matches!(edit, Edit::Zone { .. })).count();
    let settings = edits.iter().filter(|edit| matches!(edit, Edit::Setting { .. })).count();
    assert_eq!((zones, settings, edits.len()), (2, 2, 4));
    let logged = bench.runtime.block_on(bench.road.logged(bench.view().version)).expect("logged");
    assert_eq!(logged.request["looked_at"], 2, "{:?}", logged.request);
}

#[test]
fn a_standby_has_what_came_of_it_and_goes_on_when_it_is_promoted() {
    let bench = followed();
    let mut standby = Standby::new();
    follow(&bench, CATALOG);
    version(&bench, 7, &["a example.org:g", "b example.net"]);
    fill(&bench, "example.org", 5);
    standby.catch_up(&bench);
    standby.compare(&bench);
    assert_eq!(origins(&standby.road.view()), origins(&bench.view()));
    version(&bench, 8, &["new example.org", "c example.com"]);
    standby.catch_up(&bench);
    standby.compare(&bench);
    standby.restart();
    standby.compare(&bench);
    assert!(standby.road.consumptions().is_empty(), "a standby leaves it to its primary");
    bench.ask(unfollow(CATALOG, MembersFate::Keep), false).expect("let go");
    standby.catch_up(&bench);
    standby.compare(&bench);
    let change = bench.view().version;
    bench.ask(ChangeRequest::rollback(change), false).expect("followed again");
    standby.catch_up(&bench);
    standby.compare(&bench);
    let promoted = standby.road.promote(support::operator(), promotion(1_000), false);
    bench.runtime.block_on(promoted).expect("promoted");
    wait("it is gone through once", || !standby.road.consumptions().is_empty());
    pull_on(&bench, &standby.road, CATALOG, catalog(CATALOG, 9, &["z example.info"])).expect("pulled");
    assert_eq!(origins(&standby.road.view()), ["example.info catalog.example z awaited"]);
    standby.road.shutdown();
}
