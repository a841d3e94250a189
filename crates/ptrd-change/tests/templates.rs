//! Templates of blocks: what a change of one shows, says and refuses. That every zone is then as the judge has it, that
//! differences lead there and that a start reads the same back is checked after each test (`support`).

mod support;

use ptrd_api::code::{BAD_REQUEST, CONFLICT, INVALID, NOT_FOUND};
use ptrd_api::{AccessWrite, ChangeRequest, FollowWrite, ZoneImportOptions};
use ptrd_wire::Rcode;
use support::consumed::{pull, zone};
use support::pulled::spec;
use support::standby::{Standby, followed};
use support::{Bench, request};

const ZONE: &str = "2.0.192.in-addr.arpa";
const SIX: &str = "0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";

fn line(bench: &Bench, apex: &str, owner: &str) -> Option<String> {
    let start = format!("{owner}.");
    bench.zone(apex).into_iter().find(|line| line.starts_with(&start))
}

fn bench() -> Bench {
    Bench::with(&["block 192.0.2.0/24 acme ttl=600"])
}

#[test]
fn a_template_names_what_has_no_ptr() {
    let bench = bench();
    bench.ok("ptr 192.0.2.7 set.example");
    let serial = bench.serial(ZONE);
    bench.ok("block-set 192.0.2.0/24 template=h{d}.dyn.example");
    assert_eq!(bench.serial(ZONE), serial + 1);
    assert_eq!(bench.zone(ZONE).len(), 257, "256 addresses and the NS RRset");
    let at = |owner: &str| line(&bench, ZONE, &format!("{owner}.{ZONE}")).expect("a PTR");
    assert_eq!(at("7"), "7.2.0.192.in-addr.arpa. 600 PTR set.example.");
    assert_eq!(at("8"), "8.2.0.192.in-addr.arpa. 600 PTR h8.dyn.example.");
    // What is set and deleted steps the serial each time: the content changes.
    bench.ok("ptr 192.0.2.8 set.example ttl=7");
    assert_eq!(at("8"), "8.2.0.192.in-addr.arpa. 7 PTR set.example.");
    bench.ok("ptr-delete 192.0.2.8");
    assert_eq!(at("8"), "8.2.0.192.in-addr.arpa. 600 PTR h8.dyn.example.");
    assert_eq!(bench.serial(ZONE), serial + 3);
    let problem = bench.refused("ptr-delete 192.0.2.8", NOT_FOUND, "has no PTR");
    assert!(problem.hint.is_some_and(|hint| hint.contains("template h{d}.dyn.example")));
    let shown = bench.view().ptr("192.0.2.8").expect("a PTR");
    assert_eq!(shown.template.as_deref(), Some("h{d}.dyn.example"));
    assert_eq!((shown.names, shown.owner.is_some()), (vec!["h8.dyn.example.".to_owned()], true));
    bench.ok("block-set 192.0.2.0/24 template=none");
    assert_eq!((bench.zone(ZONE).len(), bench.serial(ZONE)), (2, serial + 4));
}

#[test]
fn the_innermost_block_that_says_something_rules() {
    let bench = bench();
    bench.ok("block-set 192.0.2.0/24 template=h{d}.dyn.example");
    let serial = bench.serial(ZONE);
    // One that says nothing changes nothing.
    bench.ok("block 192.0.2.16/28 acme");
    assert_eq!(bench.serial(ZONE), serial);
    bench.ok("block 192.0.2.32/28 acme ttl=60");
    bench.ok("block 192.0.2.48/28 acme template=none");
    bench.ok("block 192.0.2.50 acme ttl=9");
    bench.ok("block 192.0.2.64/28 acme template=n{n+1:2}.example");
    let at = |last: u8| line(&bench, ZONE, &format!("{last}.{ZONE}"));
    assert_eq!(at(31).as_deref(), Some("31.2.0.192.in-addr.arpa. 600 PTR h31.dyn.example."));
    assert_eq!(at(32).as_deref(), Some("32.2.0.192.in-addr.arpa. 60 PTR h32.dyn.example."));
    assert_eq!((at(48), at(50)), (None, None));
    assert_eq!(at(79).as_deref(), Some("79.2.0.192.in-addr.arpa. 600 PTR n16.example."));
    bench.ok("block-set 192.0.2.48/28 template=inherit");
    assert_eq!(at(50).as_deref(), Some("50.2.0.192.in-addr.arpa. 9 PTR h50.dyn.example."));
    bench.ok("suspend 192.0.2.64/28");
    assert_eq!(at(79), None);
    bench.ok("resume 192.0.2.64/28");
    bench.ok("unblock 192.0.2.64/28");
    assert_eq!(at(79).as_deref(), Some("79.2.0.192.in-addr.arpa. 600 PTR h79.dyn.example."));
    let show = bench.view().block("192.0.2.16/28").expect("a block");
    assert_eq!((show.template, show.named_by.as_deref()), (None, Some("h{d}.dyn.example")));
}

#[test]
fn defaults_are_the_ttl_where_no_block_gives_one() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme template=h{d}.dyn.example"]);
    let serial = bench.serial(ZONE);
    bench.ok("defaults ptr_ttl=77");
    assert_eq!(bench.serial(ZONE), serial + 1);
    let expected = Some("1.2.0.192.in-addr.arpa. 77 PTR h1.dyn.example.");
    assert_eq!(line(&bench, ZONE, "1.2.0.192.in-addr.arpa").as_deref(), expected);
}

#[test]
fn splits_and_mergers_keep_names_unless_they_count() {
    let bench = bench();
    bench.ok("block-set 192.0.2.0/24 template=h{d}.dyn.example");
    let (before, serial) = (bench.zone(ZONE), bench.serial(ZONE));
    assert!(bench.ok("split 192.0.2.0/24 into=25").warnings.is_empty());
    bench.ok("merge 192.0.2.0/25 192.0.2.128/25");
    assert_eq!((bench.zone(ZONE), bench.serial(ZONE)), (before, serial), "the same names");
    bench.ok("block-set 192.0.2.0/24 template=n{n}.example");
    let warnings = bench.ok("split 192.0.2.0/24 into=25").warnings.join(" ");
    assert!(warnings.contains("192.0.2.128 was n128.example. and is n0.example."), "{warnings}");
    bench.ok("block-set 192.0.2.0/25 template=none");
    bench.refused("merge 192.0.2.0/25 192.0.2.128/25", CONFLICT, "different templates");
}

#[test]
fn a_template_is_refused_that_does_not_suit_the_range() {
    let bench = bench();
    for (template, part) in [
        ("h.example", "same name"),
        ("h{c}.example", "{d}"),
        ("h{x}.example", "no field {x}"),
        ("{1}.example", "IPv6"),
        ("-{d}.example", "hyphen"),
        ("{d}", "last label"),
    ] {
        bench.refused(&format!("block-set 192.0.2.0/24 template={template}"), INVALID, part);
        bench.refused(&format!("block 192.0.2.0/28 acme template={template}"), INVALID, part);
    }
    // One that suited the parts does not suit the whole.
    let bench = Bench::with(&[
        "block 10.0.0.0/24 acme template=h{d}.example",
        "block 10.0.1.0/24 acme template=h{d}.example",
    ]);
    bench.refused("merge 10.0.0.0/24 10.0.1.0/24", INVALID, "{c}");
}

#[test]
fn templates_of_other_servers_are_taken() {
    let bench = bench();
    bench.ok("block-set 192.0.2.0/24 from=host-${0,3,d}.example.net.");
    let at = |last: u8| line(&bench, ZONE, &format!("{last}.{ZONE}"));
    assert_eq!(at(7).as_deref(), Some("7.2.0.192.in-addr.arpa. 600 PTR host-007.example.net."));
    bench.ok("block 192.0.2.64/26 acme from=synth-domain=example.net,192.0.2.64/26,dyn-*");
    assert_eq!(at(65).as_deref(), Some("65.2.0.192.in-addr.arpa. 600 PTR dyn-1.example.net."));
    bench.refused("block-set 192.0.2.0/24 from=h${0,4,n}.example", INVALID, "no counterpart");
    bench.refused("block-set 192.0.2.0/24 from=h$.example template=h{d}.example", BAD_REQUEST, "twice");
}

#[test]
fn a_preview_shows_the_first_the_last_and_one_between() {
    let bench = bench();
    let done =
        bench.ask(request("block-set 192.0.2.0/24 template=h{d}.dyn.example"), true).expect("a preview");
    let names = done.effects.iter().find(|effect| effect.what == "name").expect("names");
    assert_eq!((names.fate.as_str(), names.count), ("added", 256));
    assert_eq!(names.names, ["h0.dyn.example.", "h255.dyn.example.", "h127.dyn.example."]);
}

#[test]
fn a_whole_64_is_answered_and_not_sent() {
    let bench = Bench::with(&["block 2001:db8::/64 acme", "ptr 2001:db8::9 set.example"]);
    let preview = bench.preview("block-set 2001:db8::/64 template={hex}.dyn.example");
    assert!(preview.contains(&format!("name added {}", u64::MAX)), "{preview:?}");
    let done = bench.ok("block-set 2001:db8::/64 template={hex}.dyn.example");
    assert!(done.warnings.iter().any(|warning| warning.contains("to other ptrd alone")), "{done:?}");
    let view = bench.view();
    let zone = view.snapshot.zone(&SIX.parse().expect("a name")).expect("a zone");
    assert!(!zone.is_expandable(view.snapshot.addresses()));
    let shown = view.ptr("2001:db8::1:2:3:4").expect("a PTR");
    assert_eq!(shown.names, ["20010db8000000000001000200030004.dyn.example."]);
    let mut text = Vec::new();
    let export = view.export(SIX).expect("a zone");
    export.write(&mut text).expect("written");
    let text = String::from_utf8(text).expect("text");
    assert!(text.starts_with("; 18446744073709551616 names follow from templates"), "{text}");
    assert!(text.contains("set.example"));
}

#[test]
fn what_others_may_transfer_stays_transferable_unless_somebody_says_so() {
    let bench = Bench::with(&["block 2001:db8::/64 acme"]);
    let grant =
        AccessWrite { action: "transfer".into(), from: Some("192.0.2.53".into()), ..AccessWrite::default() };
    bench.ask(ChangeRequest::AccessAllow(grant), false).expect("a grant");
    let line = "block-set 2001:db8::/64 template={hex}.dyn.example";
    let problem = bench.refused(line, INVALID, "more computed names");
    assert!(problem.hint.is_some_and(|hint| hint.contains("--only-ptrd")));
    bench.refused("block 2001:db8::/65 acme template={hex}.dyn.example", INVALID, "more computed names");
    bench.ok("block 2001:db8::/120 acme template={hex}.dyn.example");
    bench.ok(&format!("{line} only-ptrd"));
    // What comes back is judged as what comes.
    let unset = bench.ok("block-set 2001:db8::/64 template=inherit").change.expect("a change");
    let before = bench.everything();
    let problem = bench.ask(ChangeRequest::rollback(unset), false).expect_err("refused");
    assert!(problem.message.contains("more computed names") && problem.code == INVALID, "{problem:?}");
    assert!(problem.hint.is_some_and(|hint| hint.contains("--only-ptrd")));
    assert_eq!(bench.everything(), before);
    bench.ask(ChangeRequest::Rollback { change: unset, only_ptrd: true }, false).expect("they are ptrd");
    assert!(bench.view().ptr("2001:db8::1").is_ok());
}

#[test]
fn a_template_stays_with_a_block_that_is_given_away_and_that_is_said() {
    let bench = bench();
    bench.ok("block-set 192.0.2.0/24 template=h{d}.dyn.example");
    let done = bench.ok("transfer 192.0.2.0/24 bob");
    assert!(done.warnings.iter().any(|warning| warning.contains("keeps the template h{d}.dyn.example")));
    assert_eq!(bench.zone(ZONE).len(), 257);
}

#[test]
fn a_zone_is_not_adopted_where_a_template_would_add_names() {
    let bench = Bench::with(&["block 10.0.0.0/8 acme template={ip}.dyn.example only-ptrd"]);
    let text = "$TTL 3600\n@ SOA ns1.example.net. h.example.net. 7 1 2 3 4\n@ NS ns1.example.net.\n1 PTR a.example.\n";
    let options = ZoneImportOptions { tenant: "acme".into(), ..ZoneImportOptions::default() };
    bench.import_zones(options, &[("2.1.10.in-addr.arpa.zone", text)]).expect("imported");
    let adopt = ChangeRequest::ZoneAdopt { all: false, apexes: vec!["2.1.10.in-addr.arpa".into()] };
    let problem = bench.ask(adopt, false).expect_err("refused");
    let said = problem.errors.first().map_or("", |error| &*error.message);
    assert!(said.contains("10-1-2-0.dyn.example. would appear"), "{said}");
    // A block without one in between lets it be.
    bench.ok("block 10.1.2.0/24 acme template=none");
    let adopt = ChangeRequest::ZoneAdopt { all: false, apexes: vec!["2.1.10.in-addr.arpa".into()] };
    bench.ask(adopt, false).expect("adopted");
    assert_eq!(bench.zone("2.1.10.in-addr.arpa").len(), 2);
}

/// As it came from another ptrd, and is not followed any more.
#[test]
fn a_zone_whose_names_another_ptrd_computed_is_not_adopted_and_that_is_said() {
    let bench = Bench::new();
    let primaries = vec![spec("192.0.2.53", None)];
    let (apex, tenant) = (ZONE.to_owned(), Some("acme".to_owned()));
    let follow = FollowWrite { apex: apex.clone(), tenant, primaries, take_over: false };
    bench.ask(ChangeRequest::ZoneFollow(follow), false).expect("followed");
    let mut statement = b"ptrd\x01\x01\0\x04\0\0\0\x3c".to_vec();
    for last in [0, 255, 0, 255] {
        statement.extend_from_slice(&[192, 0, 2, last]);
    }
    statement.extend_from_slice(b"h{d}.dyn.example");
    let digits: String = statement.iter().map(|octet| format!("{octet:02x}")).collect();
    pull(&bench, ZONE, zone(ZONE, 5, &[format!("@ TYPE65321 \\# {} {digits}", statement.len())]));
    bench.ask(ChangeRequest::ZoneUnfollow { apex: apex.clone() }, false).expect("let go");
    assert_eq!(
        line(&bench, ZONE, &format!("8.{ZONE}")).expect("a name"),
        format!("8.{ZONE}. 60 PTR h8.dyn.example.")
    );
    let before = bench.everything();
    let adopt = ChangeRequest::ZoneAdopt { all: false, apexes: vec![apex] };
    let problem = bench.ask(adopt, false).expect_err("refused");
    let said = problem.errors.first().map_or("", |error| &*error.message);
    assert!(said.contains("its primary names addresses by templates (TYPE65321)"), "{problem:?}");
    assert_eq!(bench.everything(), before);
    let all = bench.ask(ChangeRequest::ZoneAdopt { all: true, apexes: Vec::new() }, false).expect("none");
    assert!(all.summary.contains("1 left out"), "{all:?}");
    // The judge knows nothing of statements.
    let apex = ZONE.to_owned();
    bench.ask(ChangeRequest::ZoneRemove { apex, expect: None }, false).expect("removed");
}

#[test]
fn updates_take_computed_names_as_absent() {
    // RFC 2136 §2.4 speaks of records of the zone; what is computed gives way to whatever an update puts there.
    let bench = bench();
    bench.ok("block-set 192.0.2.0/24 template=h{d}.dyn.example");
    bench.allow_update("key=key.example");
    for (text, rcode) in [
        ("yxdomain 8", Rcode::NXDOMAIN),
        ("nxdomain 8", Rcode::NOERROR),
        ("yxrrset 8 PTR", Rcode::NXRRSET),
        ("yxrrset 8 PTR h8.dyn.example.", Rcode::NXRRSET),
        ("nxrrset 8 PTR", Rcode::NOERROR),
        ("del 8; del 8 PTR h8.dyn.example.", Rcode::NOERROR),
    ] {
        assert_eq!(bench.update(ZONE, text), rcode, "{text}");
    }
    let at = || line(&bench, ZONE, &format!("8.{ZONE}"));
    bench.updated(ZONE, "nxdomain 8; add 8 60 PTR own.example.");
    assert_eq!(at().as_deref(), Some("8.2.0.192.in-addr.arpa. 60 PTR own.example."));
    bench.updated(ZONE, "yxrrset 8 PTR own.example.; del 8 PTR");
    assert_eq!(at().as_deref(), Some("8.2.0.192.in-addr.arpa. 600 PTR h8.dyn.example."));
}

#[test]
fn what_was_set_is_rolled_back_and_that_too() {
    let bench = bench();
    let without = bench.zone(ZONE);
    let set = bench.ok("block-set 192.0.2.0/24 template=h{d}.dyn.example").change.expect("a change");
    let with = bench.zone(ZONE);
    let back = |change| {
        let done = bench.ask(ChangeRequest::rollback(change), false).expect("rolled back");
        done.change.expect("a change")
    };
    let undone = back(set);
    assert_eq!(bench.zone(ZONE), without);
    back(undone);
    assert_eq!(bench.zone(ZONE), with);
    // A block that goes takes its template along, and brings it when it comes back.
    let gone = bench.ok("unblock 192.0.2.0/24").change.expect("a change");
    assert!(bench.view().ptr("192.0.2.9").is_err());
    back(gone);
    assert_eq!(bench.zone(ZONE), with);
}

#[test]
fn zones_that_came_from_elsewhere_have_no_computed_names() {
    let bench = Bench::with(&["block 10.0.0.0/16 acme template={ip}.dyn.example"]);
    let text = "$TTL 3600\n@ SOA ns1.example.net. h.example.net. 7 1 2 3 4\n@ NS ns1.example.net.\n1 PTR a.example.\n";
    let options = ZoneImportOptions { tenant: "acme".into(), ..ZoneImportOptions::default() };
    bench.import_zones(options, &[("2.0.10.in-addr.arpa.zone", text)]).expect("imported");
    let zone = bench.zone("2.0.10.in-addr.arpa");
    assert_eq!(zone.len(), 2, "{zone:?}");
    bench.ok("block-set 10.0.0.0/16 template=h{hex}.dyn.example");
    assert_eq!((bench.zone("2.0.10.in-addr.arpa"), bench.serial("2.0.10.in-addr.arpa")), (zone, 7));
    assert!(line(&bench, "0.10.in-addr.arpa", "1.2.0.10.in-addr.arpa").is_none(), "below a cut");
    assert!(line(&bench, "0.10.in-addr.arpa", "1.3.0.10.in-addr.arpa").is_some());
}

#[test]
fn a_standby_names_addresses_as_its_primary_does() {
    let bench = followed();
    let mut standby = Standby::new();
    for change in [
        "block 192.0.2.0/24 acme ttl=600 template=h{d}.dyn.example",
        "block 2001:db8::/32 acme template={hex}.dyn.example",
        "block 192.0.2.64/26 acme template=none",
        "split 192.0.2.64/26 into=27",
        "block-set 192.0.2.96/27 template=n{n}.example",
        "defaults ptr_ttl=77",
        "suspend 192.0.2.96/27",
        "resume 192.0.2.96/27",
        "transfer 192.0.2.0/24 bob recursive",
        "block-set 2001:db8::/32 template=inherit",
        "unblock 192.0.2.96/27",
    ] {
        bench.ok(change);
        standby.catch_up(&bench);
        standby.compare(&bench);
    }
    standby.restart();
    standby.compare(&bench);
    standby.road.shutdown();
}
