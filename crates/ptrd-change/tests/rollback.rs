//! Undoing changes: every kind of row, what stands in the way, and that the log tells all of it.

mod support;

use ptrd_api::{ChangeRequest, DiffFilter, EditView, LogFilter, LogPrune, Problem, ZoneImportOptions, code};
use support::{Bench, request, timeless};

fn rollback(bench: &Bench, change: u64) -> Result<ptrd_api::ChangeDone, Problem> {
    bench.ask(ChangeRequest::rollback(change), false)
}

#[track_caller]
fn undo(bench: &Bench, change: u64) -> u64 {
    let before = bench.everything();
    let dry = bench.ask(ChangeRequest::rollback(change), true).expect("a dry run");
    assert_eq!((dry.change, before), (None, bench.everything()), "a dry run changes nothing");
    let done = match rollback(bench, change) {
        Ok(done) => done,
        Err(problem) => panic!("rollback of {change}: {} {:?}", problem.message, problem.errors),
    };
    assert_eq!(done.summary, dry.summary);
    bench.check();
    done.change.expect("a change")
}

#[track_caller]
fn stuck(bench: &Bench, change: u64, parts: &[&str]) -> Problem {
    let before = bench.everything();
    let problem = rollback(bench, change).expect_err("refused");
    let text = format!("{} {:?} {:?}", problem.message, problem.errors, problem.hint);
    assert!(parts.iter().all(|part| text.contains(part)), "{text}");
    assert_eq!(before, bench.everything());
    problem
}

#[test]
fn every_kind_of_change_can_be_undone_and_done_again() {
    let bench = Bench::with(&[
        "block 192.0.2.0/24 acme",
        "block 198.51.100.0/24 acme ttl=300",
        "ptr 192.0.2.1 one.example",
        "ptr 198.51.100.1 one.example",
        "record 2.0.192.in-addr.arpa TXT \"a\"",
        "zone-add example.org bob",
        "record www.example.org A 192.0.2.80",
        "ns-set-add spare ns=ns1.spare.example,ns2.spare.example",
        "soa-template-add spare mname=hidden.spare.example",
    ]);
    for line in [
        "tenant-add carol",
        "block 203.0.113.0/24 bob",
        "block 192.0.2.64/26 bob",
        "block 192.0.2.128/26 bob classless=slash",
        "block 192.0.2.192/28 bob delegate=classless ns=ns1.bob.example,ns.192-28.2.0.192.in-addr.arpa@192.0.2.193",
        "block 192.0.2.7 bob delegate=ns ns=ns1.bob.example,ns2.bob.example",
        "block 2001:db8::/29 acme",
        "unblock 198.51.100.0/24 clear",
        "defaults ptr_ttl=120 nameservers=ns7.example.net,ns8.example.net",
        "ptr 192.0.2.1 two.example ttl=60",
        "ptr-add 192.0.2.1 more.example",
        "ptr 192.0.2.2 new.example",
        "ptr-delete 192.0.2.1",
        "fill 192.0.2.32/27 host-{n}.example",
        "record 2.0.192.in-addr.arpa TXT \"b\"",
        "record-add loc.2.0.192.in-addr.arpa TXT \"c\"",
        "record-delete 2.0.192.in-addr.arpa TXT",
        "record-delete www.example.org",
        "zone-add example.net acme",
        "zone-remove example.org",
        "ns-set-add inner ns=ns1.inner.example,ns2.inner.example ttl=77",
        "ns-set default ns=ns5.example.net,ns6.example.net",
        "soa-template default rname=other.example.net minimum=99 policy=unixtime",
        "soa-template-add hidden mname=hidden.example.net",
        "ns-set-rename spare spared",
        "ns-set-remove spare",
        "soa-template-remove spare",
        "zone-set 2.0.192.in-addr.arpa ns_set=spare soa_template=spare policy=date",
        "zone-set example.org ns_set=spare",
        "record 2.0.192.in-addr.arpa NS ns9.example.net",
    ] {
        let before = timeless(&bench);
        let change = bench.ok(line).change.unwrap_or_else(|| panic!("{line} changes something"));
        let after = timeless(&bench);
        assert_ne!(before, after, "{line}");
        let undone = undo(&bench, change);
        assert_eq!(timeless(&bench), before, "{line}, undone");
        let again = undo(&bench, undone);
        assert_eq!(timeless(&bench), after, "{line}, undone and done again");
        undo(&bench, again);
        assert_eq!(timeless(&bench), before, "{line}, undone at last");
    }
}

#[test]
fn serials_only_go_forward() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme", "zone-add example.org bob"]);
    let zone = "2.0.192.in-addr.arpa";
    let serials = |bench: &Bench| (bench.serial(zone), bench.serial("example.org"));
    let (native, verbatim) = serials(&bench);
    let change = bench.ok("ptr 192.0.2.1 one.example").change.expect("a change");
    undo(&bench, change);
    assert_eq!(bench.serial(zone), native + 2);

    // A zone that comes back is newer than in any life it had.
    let gone = bench.ok("zone-remove example.org").change.expect("a change");
    let long = bench.import_zones(
        ZoneImportOptions { tenant: "bob".into(), apex: Some("example.org".into()), ..Default::default() },
        &[("example.org", "@ 60 IN SOA ns. host. 4000000000 1 1 1 1\n@ IN NS ns.\n")],
    );
    long.expect("an import");
    bench.ok("zone-remove example.org");
    undo(&bench, gone);
    // In the order of RFC 1982 4 000 000 000 is before the serials of today only if it is less than half the circle away.
    let now = ptrd_wire::Serial(bench.serial("example.org"));
    assert!(now.is_after(ptrd_wire::Serial(verbatim)));
    let unblocked = bench.ok("unblock 192.0.2.0/24").change.expect("a change");
    undo(&bench, unblocked);
    assert!(bench.serial(zone) > native + 2);
}

#[test]
fn numbers_of_what_comes_back_are_the_old_ones_and_are_not_given_again() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme", "block 192.0.2.64/26 bob classless=slash"]);
    let ids = |bench: &Bench| {
        let view = bench.view();
        let mut ids: Vec<String> = view.declared.blocks().map(|b| format!("{} {}", b.range, b.id)).collect();
        ids.extend(view.declared.zones().map(|zone| format!("{} {}", zone.apex, zone.id)));
        ids
    };
    let before = ids(&bench);
    let change = bench.ok("unblock 192.0.2.64/26").change.expect("a change");
    bench.ok("block 198.51.100.0/24 bob");
    let undone = undo(&bench, change);
    let mut now = ids(&bench);
    now.retain(|line| !line.contains("198.51.100") && !line.contains("100.51.198"));
    assert_eq!(now, before);
    undo(&bench, undone);
    bench.ok("block 192.0.2.64/26 bob classless=slash");
    let fresh = ids(&bench);
    assert!(
        fresh.iter().all(|line| !before.contains(line)
            || line.contains("192.0.2.0/24")
            || line.starts_with("2.0.192")),
        "{fresh:?}"
    );
}

#[test]
fn what_has_changed_since_is_named_with_the_change() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    let set = bench.ok("ptr 192.0.2.1 one.example").change.expect("a change");
    let later = bench.ok("ptr 192.0.2.1 two.example").change.expect("a change");
    let problem = stuck(
        &bench,
        set,
        &[
            "192.0.2.1 has the PTR two.example.",
            &format!("(change {later}, ptr-set by root)"),
            &format!("roll back change {later} first"),
        ],
    );
    assert_eq!((problem.code.as_str(), problem.errors_total), (code::CONFLICT, 1));
    let back = undo(&bench, later);
    // What it left is there again, by whatever way.
    undo(&bench, set);
    stuck(&bench, back, &["192.0.2.1 has no PTR any more"]);

    let record = bench.ok("record loc.2.0.192.in-addr.arpa TXT \"a\"").change.expect("a change");
    let later = bench.ok("record-add loc.2.0.192.in-addr.arpa TXT \"b\"").change.expect("a change");
    stuck(
        &bench,
        record,
        &["loc.2.0.192.in-addr.arpa. TXT has changed", &format!("(change {later}, record-add")],
    );

    let defaults = bench.ok("defaults ptr_ttl=77").change.expect("a change");
    let later = bench.ok("defaults ptr_ttl=78").change.expect("a change");
    stuck(&bench, defaults, &["the setting defaults has changed", &format!("(change {later}, defaults-set")]);

    let set = bench.ok("ns-set-add inner ns=ns1.inner.example").change.expect("a change");
    let other = bench.ok("ns-set inner ns=ns2.inner.example").change.expect("a change");
    stuck(&bench, set, &["the NS set inner has changed", &format!("(change {other}, ns-set-set")]);
    undo(&bench, other);
    bench.ok("zone-set 2.0.192.in-addr.arpa ns_set=inner");
    stuck(&bench, set, &["the NS set inner is referenced by the zone 2.0.192.in-addr.arpa. by now"]);

    let block = bench.ok("block 203.0.113.0/24 bob").change.expect("a change");
    let ptr = bench.ok("ptr 203.0.113.9 nine.example").change.expect("a change");
    stuck(&bench, block, &["203.0.113.9 has got a PTR", &format!("(change {ptr}, ptr-set by root)")]);
    bench.ok("ptr-delete 203.0.113.9");
    let record = bench.ok("record x.113.0.203.in-addr.arpa TXT \"a\"").change.expect("a change");
    stuck(
        &bench,
        block,
        &["x.113.0.203.in-addr.arpa. TXT was added to the zone", &format!("(change {record},")],
    );
    bench.ok("record-delete x.113.0.203.in-addr.arpa");
    let tenant = bench.ok("tenant-add carol").change.expect("a change");
    bench.ok("block 203.0.113.128/25 carol");
    stuck(&bench, tenant, &["the tenant carol owns blocks or zones by now"]);
}

#[test]
fn what_came_since_may_exclude_what_was() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme", "block 192.0.2.64/26 acme classless=slash"]);
    let unblocked = bench.ok("unblock 192.0.2.64/26").change.expect("a change");
    bench.ok("record 70.2.0.192.in-addr.arpa TXT \"in the way\"");
    stuck(&bench, unblocked, &["records stand at addresses of 192.0.2.64/26"]);
    bench.ok("record-delete 70.2.0.192.in-addr.arpa");
    bench.ok("block 192.0.2.64-192.0.2.100 acme");
    undo(&bench, unblocked);

    let deleted = bench.ok("ptr 192.0.2.1 one.example").change.expect("a change");
    let undone = undo(&bench, deleted);
    bench.ok("record 1.2.0.192.in-addr.arpa CNAME elsewhere.example");
    stuck(&bench, undone, &["192.0.2.1 cannot have a PTR", "CNAME"]);

    bench.ok("tenant-add carol");
    let block = bench.ok("block 203.0.113.0/24 carol").change.expect("a change");
    let undone = undo(&bench, block);
    bench.ok("tenant-remove carol");
    stuck(&bench, undone, &["the tenant of the block 203.0.113.0/24 is gone"]);
    bench.ok("block 192.0.2.128-192.0.2.150 bob");
    let unblocked = bench.ok("unblock 192.0.2.128-192.0.2.150").change.expect("a change");
    bench.ok("block 192.0.2.140-192.0.2.160 acme");
    stuck(&bench, unblocked, &["192.0.2.128-192.0.2.150 crosses the block 192.0.2.140-192.0.2.160"]);
}

#[test]
fn a_day_is_undone_from_its_end_to_its_beginning() {
    let bench = Bench::with(&["block 10.0.0.0/16 acme", "ptr 10.0.0.1 one.example"]);
    let mut days = Vec::new();
    for line in [
        "block 10.0.1.0/24 bob own-zone",
        "block 10.0.1.64/26 bob classless=slash ttl=60",
        "fill 10.0.1.64/26 h{n}.example",
        "record 1.0.10.in-addr.arpa TXT \"a\"",
        "block 10.0.1.128/25 bob delegate=classless ns=ns1.bob.example,ns2.bob.example",
        "defaults zone_ttl=77 ptr_ttl=78",
        "block 10.1.0.0/16 acme",
        "ptr 10.1.2.3 x.example",
        "unblock 10.0.1.64/26 clear",
        "record-add 1.0.10.in-addr.arpa TXT \"b\"",
        "unblock 10.1.0.0/16 clear",
        "zone-add 2.0.10.in-addr.arpa bob",
        "record 9.2.0.10.in-addr.arpa PTR y.example",
    ] {
        let before = timeless(&bench);
        days.push((bench.ok(line).change.expect("a change"), before, line));
    }
    for (change, before, line) in days.into_iter().rev() {
        undo(&bench, change);
        assert_eq!(timeless(&bench), before, "{line}");
    }
}

#[test]
fn an_import_is_undone_as_a_whole() {
    let bench = Bench::with(&["block 10.0.0.0/16 acme", "ptr 10.0.1.1 old.example"]);
    let before = timeless(&bench);
    let csv: String = (0..6_000).map(|n| format!("10.0.{}.{},h{n}.example\n", n / 250, n % 250)).collect();
    let done = bench.import(&csv, false).expect("an import");
    assert_eq!(done.ptrs_changed, 6_000);
    undo(&bench, done.change.expect("a change"));
    assert_eq!(timeless(&bench), before);
    let zones = [
        ("a.example", "@ 60 IN SOA ns. host. 7 1 1 1 1\n@ IN NS ns.\nx IN A 192.0.2.1\n"),
        ("b.example", "@ 60 IN SOA ns. host. 7 1 1 1 1\n@ IN NS ns.\n"),
    ];
    let options = || ZoneImportOptions { tenant: "acme".into(), ..Default::default() };
    let first = bench.import_zones(options(), &zones).expect("an import");
    let after = timeless(&bench);
    let changed = [("a.example", "@ 60 IN SOA ns. other. 9 1 1 1 1\n@ IN NS ns.\ny IN A 192.0.2.1\n")];
    let second =
        bench.import_zones(ZoneImportOptions { replace: true, ..options() }, &changed).expect("an import");
    stuck(
        &bench,
        first.change.expect("a change"),
        &["the zone a.example. has changed", &format!("(change {}", second.change.expect("a change"))],
    );
    undo(&bench, second.change.expect("a change"));
    assert_eq!(timeless(&bench), after);
    assert_eq!(bench.serial("a.example"), 10);
    undo(&bench, first.change.expect("a change"));
    assert_eq!(timeless(&bench), before);
}

fn lines(edits: ptrd_change::Edits) -> Vec<EditView> {
    let mut out = Vec::new();
    edits.write(&mut out).expect("written");
    let text = String::from_utf8(out).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("an edit")).collect()
}

#[test]
fn the_log_shows_rows_and_differences() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    let start = bench.view().version;
    let set = bench.ok("ptr 192.0.2.1 one.example ttl=60").change.expect("a change");
    bench.ok("ptr 192.0.2.2 gone.example");
    bench.ok("ptr-delete 192.0.2.2");
    bench.ok("ptr 192.0.2.1 two.example");
    let record = bench.ok("record 2.0.192.in-addr.arpa TXT \"a\"").change.expect("a change");
    let shown = lines(bench.runtime.block_on(bench.road.edits(set)).expect("edits"));
    let ptr = |names: &str, ttl| Some(ptrd_api::PtrRow { names: vec![names.to_owned()], ttl });
    let expected =
        EditView::Ptr { address: "192.0.2.1".into(), before: None, after: ptr("one.example.", Some(60)) };
    assert_eq!(shown, [expected]);
    let detail = bench.runtime.block_on(bench.road.logged(record)).expect("a change");
    assert_eq!(
        (detail.change.kind.as_str(), detail.request["owner"].as_str()),
        ("record-set", Some("2.0.192.in-addr.arpa"))
    );
    assert_eq!(detail.zones[0].apex, "2.0.192.in-addr.arpa.");

    let diff = |filter: DiffFilter| bench.runtime.block_on(bench.road.diff(filter)).map(lines);
    let all = diff(DiffFilter { from: start, ..DiffFilter::default() }).expect("a diff");
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(matches!(&all[0], EditView::Record { rtype, before: None, .. } if rtype == "TXT"));
    assert_eq!(
        all[1],
        EditView::Ptr { address: "192.0.2.1".into(), before: None, after: ptr("two.example.", None) }
    );
    let back = diff(DiffFilter { from: record, to: Some(set), ..DiffFilter::default() }).expect("a diff");
    assert_eq!(
        back[1],
        EditView::Ptr {
            address: "192.0.2.1".into(),
            before: ptr("two.example.", None),
            after: ptr("one.example.", Some(60))
        }
    );
    let zone = DiffFilter { from: start, zone: Some("2.0.192.IN-ADDR.arpa".into()), ..DiffFilter::default() };
    assert_eq!(diff(zone).expect("a diff").len(), 1);
    let range = DiffFilter { from: 0, range: Some("192.0.2.0/28".into()), ..DiffFilter::default() };
    assert_eq!(diff(range).expect("a diff").len(), 2, "the block and a PTR");
    assert_eq!(
        diff(DiffFilter { from: record, to: Some(record), ..DiffFilter::default() }).expect("a diff"),
        []
    );
    assert_eq!(
        diff(DiffFilter { from: 1, to: Some(99), ..DiffFilter::default() }).expect_err("no such point").code,
        code::INVALID
    );
    assert_eq!(bench.runtime.block_on(bench.road.logged(99)).expect_err("none").code, code::NOT_FOUND);
}

#[test]
fn the_log_is_found_by_block_tenant_kind_and_time() {
    let bench =
        Bench::with(&["block 192.0.2.0/24 acme", "block 192.0.2.64/26 bob", "zone-add example.org bob"]);
    let (a, b) = (bench.ok("ptr 192.0.2.1 a.example"), bench.ok("ptr 192.0.2.70 b.example"));
    bench.ok("zone-remove example.org");
    let log = |filter: LogFilter| -> Vec<u64> {
        let page = bench.runtime.block_on(bench.road.log(filter)).expect("a log");
        page.items.iter().map(|change| change.change).collect()
    };
    let (a, b) = (a.change.expect("a change"), b.change.expect("a change"));
    let kind = |kind: &str| LogFilter { kind: Some(kind.into()), ..LogFilter::default() };
    assert_eq!(log(kind("ptr-set")), [b, a]);
    assert_eq!(log(LogFilter { tenant: Some("bob".into()), ..kind("ptr-set") }), [b]);
    assert_eq!(
        log(LogFilter { range: Some("192.0.2.64/26".into()), ..LogFilter::default() }),
        [b, b - 3, b - 4]
    );
    assert_eq!(log(LogFilter { zone: Some("example.ORG".into()), ..LogFilter::default() }), [b + 1, b - 2]);
    let page = bench.runtime.block_on(bench.road.log(LogFilter {
        limit: Some(1),
        before: Some(b),
        ..kind("ptr-set")
    }));
    let at = page.expect("a log").items[0].at.clone();
    assert_eq!(log(LogFilter { until: Some(at.clone()), ..kind("ptr-set") }), [0u64; 0]);
    assert_eq!(log(LogFilter { since: Some(at), ..kind("ptr-set") }), [b, a]);
    let fails = |filter: LogFilter| bench.runtime.block_on(bench.road.log(filter)).expect_err("refused").code;
    assert_eq!(
        fails(LogFilter { since: Some("yesterday".into()), ..LogFilter::default() }),
        code::BAD_REQUEST
    );
    assert_eq!(
        fails(LogFilter { zone: Some("never.example".into()), ..LogFilter::default() }),
        code::NOT_FOUND
    );
    assert_eq!(fails(LogFilter { tenant: Some("nobody".into()), ..LogFilter::default() }), code::NOT_FOUND);
}

#[test]
fn pruned_changes_are_gone_from_the_moment_it_is_said() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme", "ptr 192.0.2.1 a.example"]);
    let last = bench.ok("ptr 192.0.2.2 b.example").change.expect("a change");
    let prune = |prune: LogPrune| bench.ask(ChangeRequest::LogPrune(prune), false);
    let before_change = |n| LogPrune { before_change: Some(n), ..LogPrune::default() };
    assert_eq!(prune(LogPrune::default()).expect_err("nothing said").code, code::BAD_REQUEST);
    assert_eq!(prune(before_change(last + 1)).expect_err("not yet").code, code::INVALID);
    let dry = bench.ask(ChangeRequest::LogPrune(before_change(last)), true).expect("a dry run");
    assert!(dry.summary.contains(&format!("{} changes leave the log", last - 1)), "{}", dry.summary);
    let done = prune(before_change(last)).expect("pruned");
    assert_eq!(done.summary, dry.summary);
    stuck(&bench, last - 1, &["was pruned from the log", &format!("begins with change {last}")]);
    let diff = DiffFilter { from: 1, ..DiffFilter::default() };
    let refused = bench.runtime.block_on(bench.road.diff(diff)).err().expect("refused");
    assert!(refused.message.contains("was pruned"), "{}", refused.message);
    // The rows go soon after, without anybody asking.
    while bench.store.changes().first().is_some_and(|change| change.change < last) {
        std::thread::yield_now();
    }
    undo(&bench, last);
    assert_eq!(prune(before_change(1)).expect("nothing").change, None);
    // Pruning itself cannot be undone, and says so.
    let refused = rollback(&bench, done.change.expect("a change")).expect_err("refused");
    assert!(refused.message.contains("nothing that could be rolled back"), "{}", refused.message);
}

#[test]
fn a_history_that_is_too_long_is_trimmed_by_itself() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    let limit = |octets| bench.ask(ChangeRequest::HistoryLimit { octets }, false);
    assert_eq!(limit(Some(1_000)).expect_err("too little").code, code::INVALID);
    limit(Some(1 << 16)).expect("a limit");
    let octets = || -> usize {
        let changes = bench.store.changes();
        changes.iter().flat_map(|change| &change.deltas).map(|delta| delta.octets.len()).sum()
    };
    let long = "a-rather-long-label-so-that-this-takes-fewer-changes-than";
    for n in 0..400 {
        bench.ok(&format!("ptr 192.0.2.1 {long}.{long}.{n}.example"));
    }
    while octets() > 1 << 16 {
        std::thread::yield_now();
    }
    assert!(octets() > 60_000, "{} octets are left", octets());
    assert!(bench.store.changes().len() > 400, "the log is whole");
    limit(None).expect("no limit");
    assert_eq!(limit(None).expect("the same").change, None);
}

#[test]
fn a_retention_prunes_by_itself() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    assert_eq!(
        bench.ask(ChangeRequest::LogRetain { keep: Some(10) }, false).expect_err("too short").code,
        code::INVALID
    );
    for n in 0..40 {
        bench.ok(&format!("ptr 192.0.2.{n} a.example"));
    }
    // The clock of these tests ticks a second at each question; an hour passes while somebody keeps asking.
    for _ in 0..3_700 {
        bench.ask(request("ptr 192.0.2.1 x.example"), true).expect("a dry run");
    }
    bench.ask(ChangeRequest::LogRetain { keep: Some(3_600) }, false).expect("a retention");
    while bench.store.changes().first().is_some_and(|change| change.change < 40) {
        std::thread::yield_now();
    }
    let kinds: Vec<String> = bench.store.changes().iter().map(|change| change.kind.clone()).collect();
    assert!(kinds.contains(&"log-prune".to_owned()), "{kinds:?}");
    bench.ask(ChangeRequest::LogRetain { keep: None }, false).expect("for ever");
}
