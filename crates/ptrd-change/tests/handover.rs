//! Whatever road an address takes to another tenant: the names of the one before do not stay at it, unless an operator
//! said so, and the way back leaves none either.

mod support;

use ptrd_api::code::{CONFLICT, FORBIDDEN};
use ptrd_api::{ChangeRequest, ZoneImportOptions};
use support::{Bench, timeless};

/// A page of acme's, and space of bob's, a reseller, with a customer's block in it.
fn bench() -> Bench {
    let bench = Bench::with_page();
    for line in [
        "tenant-add carol",
        "tenant-set carol reseller=bob",
        "record 70.2.0.192.in-addr.arpa. TXT acme",
        "record a.70.2.0.192.in-addr.arpa. TXT acme",
        "block 198.51.100.0/24 bob",
        "block-set 198.51.100.0/24 may_sub_block=yes",
        "fill 198.51.100.0/24 h{n}.bob.example",
        "block 198.51.100.128/26 carol",
        "fill 198.51.100.128/26 h{n}.carol.example",
        "record 130.100.51.198.in-addr.arpa. TXT carol",
    ] {
        bench.ok(line);
    }
    bench
}

fn rollback(bench: &Bench, change: u64) -> Result<ptrd_api::ChangeDone, ptrd_api::Problem> {
    bench.ask(ChangeRequest::rollback(change), false)
}

#[test]
fn no_road_leaves_names_behind() {
    // Who, what, how many records with whose name go, and what the preview says of it.
    for (who, line, whose, gone, effects) in [
        ("", "block 192.0.2.64/26 bob", "acme", 66, &["ptr cleared 64", "record removed 2"][..]),
        ("", "block 192.0.2.64/27 bob ttl=60", "acme", 34, &["ptr cleared 32"]),
        ("", "block 192.0.2.128/26 bob classless=slash", "acme", 64, &["ptr cleared 64"]),
        ("", "block 192.0.2.128/26 bob delegate=ns ns=ns1.bob.example", "acme", 64, &["ptr cleared 64"]),
        (
            "",
            "block 192.0.2.128/26 bob delegate=classless ns=ns1.bob.example",
            "acme",
            64,
            &["ptr cleared 64"],
        ),
        ("", "block 192.0.2.64/26 acme", "acme", 0, &[]),
        ("", "block 198.51.100.128/25 acme", "bob", 64, &["ptr cleared 64"]),
        ("bob", "block 198.51.100.0/26 carol", "bob", 64, &["ptr cleared 64"]),
        ("bob", "block 198.51.100.0/26 bob", "bob", 0, &[]),
        ("bob", "block 198.51.100.128/27 bob", "carol", 33, &["ptr cleared 32", "record removed 1"]),
        ("bob", "unblock 198.51.100.128/26", "carol", 65, &["ptr cleared 64", "record removed 1"]),
        ("", "unblock 198.51.100.128/26", "carol", 65, &["ptr cleared 64", "record removed 1"]),
        ("", "transfer 198.51.100.128/26 bob", "carol", 65, &["ptr cleared 64", "record removed 1"]),
        ("", "transfer 198.51.100.0/24 acme recursive", "bob", 192, &["ptr cleared 192"]),
        ("", "split 198.51.100.0/24 into=25", "bob", 0, &[]),
        ("", "split 198.51.100.128/26 into=27", "carol", 0, &[]),
    ] {
        let bench = bench();
        let (before, names) = (timeless(&bench), bench.count(whose));
        let told = bench.preview(line);
        assert!(effects.iter().all(|effect| told.iter().any(|told| told == effect)), "{line}: {told:?}");
        let says = |what: &str| told.iter().any(|told| told.starts_with(what));
        assert_eq!(says("ptr cleared"), gone > 0, "{line}: {told:?}");
        let done = match who {
            "" => bench.ok(line),
            tenant => bench.as_tenant(tenant, line).unwrap_or_else(|problem| panic!("{line}: {problem:?}")),
        };
        // Nameservers that the new tenant brought are not meant.
        let names_now = bench.count(whose) - bench.count(&format!(" NS ns1.{whose}."));
        assert_eq!(names_now, names - gone, "{line}");
        assert_eq!(done.summary.contains("deleted"), gone > 0, "{line}: {}", done.summary);
        bench.check();
        let undone = rollback(&bench, done.change.expect("a change"));
        undone.unwrap_or_else(|problem| panic!("{line}, back: {} {:?}", problem.message, problem.errors));
        assert_eq!(timeless(&bench), before, "{line}, rolled back");
    }
}

#[test]
fn names_stay_only_when_an_operator_says_so() {
    for (line, kept) in [
        ("block 192.0.2.64/26 bob ptrs=keep", "64 PTRs of acme stay at addresses of bob"),
        ("block 192.0.2.128/26 bob classless=slash ptrs=keep", "64 PTRs of acme stay at addresses of bob"),
        ("unblock 198.51.100.128/26 ptrs=keep", "64 PTRs of carol stay at addresses of bob"),
        ("transfer 198.51.100.128/26 acme ptrs=keep", "64 PTRs of carol stay at addresses of acme"),
    ] {
        let bench = bench();
        let (before, answers) = (timeless(&bench), bench.answers());
        let done = bench.ok(line);
        assert!(done.warnings.iter().any(|warning| warning == kept), "{line}: {:?}", done.warnings);
        assert_eq!((done.ptrs_changed, bench.answers()), (0, answers), "{line}");
        rollback(&bench, done.change.expect("a change")).expect("the way back");
        assert_eq!(timeless(&bench), before, "{line}");
    }
    let bench = bench();
    for line in ["block 198.51.100.0/26 carol ptrs=keep", "unblock 198.51.100.128/26 ptrs=keep"] {
        let problem = bench.as_tenant("bob", line).expect_err(line);
        assert_eq!((problem.code.as_str(), problem.hint.is_some()), (FORBIDDEN, true), "{line}");
    }
    // Where nobody's names are at stake, there is nothing to forbid.
    bench.as_tenant("bob", "block 198.51.100.0/26 bob ptrs=keep").expect("its own");
    bench.as_tenant("bob", "unblock 198.51.100.0/26 ptrs=keep").expect("its own");
}

#[test]
fn what_came_since_does_not_come_along_on_the_way_back() {
    for (line, since, change_of_mind) in [
        ("block 192.0.2.64/26 bob", "ptr 192.0.2.70 www.bob.example", "ptr-delete 192.0.2.70"),
        (
            "block 192.0.2.64/26 bob ptrs=keep",
            "ptr 192.0.2.70 www.bob.example",
            "ptr 192.0.2.70 h70.acme.example",
        ),
        ("block 203.0.113.64/26 bob", "ptr 203.0.113.70 www.bob.example", "ptr-delete 203.0.113.70"),
        (
            "block 203.0.113.64/26 bob",
            "record 70.113.0.203.in-addr.arpa. TXT bob",
            "record-delete 70.113.0.203.in-addr.arpa. TXT",
        ),
        (
            "block 203.0.113.64/26 bob classless=slash",
            "ptr 203.0.113.70 www.bob.example",
            "ptr-delete 203.0.113.70",
        ),
        ("unblock 198.51.100.128/26", "ptr 198.51.100.130 www.bob.example", "ptr-delete 198.51.100.130"),
        ("unblock 203.0.113.128/26", "ptr 203.0.113.130 www.acme.example", "ptr-delete 203.0.113.130"),
        ("transfer 203.0.113.0/24 bob", "ptr 203.0.113.130 www.bob.example", ""),
        ("transfer 203.0.113.0/24 bob", "ptr 203.0.113.7 www.bob.example", "ptr-delete 203.0.113.7"),
    ] {
        let bench = bench();
        bench.ok("block 203.0.113.0/24 acme");
        bench.ok("block 203.0.113.128/26 bob");
        let before = timeless(&bench);
        let change = bench.ok(line).change.expect("a change");
        bench.ok(since);
        if change_of_mind.is_empty() {
            rollback(&bench, change).expect("what is bob's before and after");
            continue;
        }
        let all = bench.everything();
        let problem = rollback(&bench, change).expect_err(line);
        assert_eq!((problem.code.as_str(), problem.errors_total), (CONFLICT, 1), "{line}: {problem:?}");
        assert!(
            problem.errors[0].message.contains(&format!("(change {}", change + 1)),
            "{line}: {problem:?}"
        );
        assert_eq!(bench.everything(), all);
        bench.ok(change_of_mind);
        if !line.contains("keep") {
            rollback(&bench, change).expect("nothing in the way any more");
            assert_eq!(timeless(&bench), before, "{line}");
        }
    }
}

#[test]
fn imported_zones_of_the_tenant_around_stand_in_the_way() {
    let bench = Bench::with(&["block 10.0.0.0/16 acme"]);
    let options = ZoneImportOptions { tenant: "acme".into(), ..ZoneImportOptions::default() };
    let file = "$ORIGIN 1.0.10.in-addr.arpa.\n@ 60 IN SOA ns. host. 1 1 1 1 1\n@ 60 IN NS ns.\n7 60 IN PTR seven.acme.example.\n";
    bench.import_zones(options, &[("1.0.10", file)]).expect("an import");
    bench.refused("block 10.0.0.0/22 bob", CONFLICT, "records of acme that were imported");
    bench.ok("block 10.0.0.0/22 bob ptrs=keep");
    bench.ok("unblock 10.0.0.0/22");
    bench.ok("block 10.0.0.0/22 acme");
    bench.ok("block 10.0.0.0/24 bob");
}

#[test]
fn an_adoption_brings_no_hidden_names_to_light() {
    let bench = bench();
    let options = ZoneImportOptions { tenant: "bob".into(), ..ZoneImportOptions::default() };
    bench.ok("block 10.0.0.0/16 acme");
    bench.ok("fill 10.0.1.0/30 h{n}.acme.example");
    // The zone hides them, and hands their addresses to others.
    let file = "$ORIGIN 1.0.10.in-addr.arpa.\n@ 86400 IN SOA ns1.example.net. hostmaster.example.net. 1 1 1 1 1\n\
                @ 86400 IN NS ns1.example.net.\n@ 86400 IN NS ns2.example.net.\n7 3600 IN PTR seven.bob.example.\n\
                0 86400 IN NS ns.bob.example.\n1 86400 IN NS ns.bob.example.\n2 86400 IN NS ns.bob.example.\n\
                3 86400 IN NS ns.bob.example.\n";
    bench.import_zones(options, &[("1.0.10", file)]).expect("an import");
    let adopt = ChangeRequest::ZoneAdopt { apexes: vec!["1.0.10.in-addr.arpa".into()], all: false };
    let done = bench.ask(adopt, false).unwrap_or_else(|problem| panic!("{problem:?}"));
    assert!(done.report.iter().any(|line| line.what == "cleared"), "{:?}", done.report);
    assert!(bench.view().ptr("10.0.1.1").is_err());
    bench.ok("unblock 10.0.1.0/30");
    assert_eq!(bench.count("acme"), 258);
}
