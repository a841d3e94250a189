//! The sending inventory: who may mark what, what becomes of marks when addresses change hands, and which names are judged.

mod support;

use ptrd_api::{
    ChangeRequest, LintFilter, Problem, RequestTextFilter, SendingFilter, SendingImportOptions, SendingView,
    code,
};
use support::{Bench, operator};

const GENERIC: &str = "host-192-0-2-1.pool.example.net";

/// A page of acme's with a block of bob's in it.
fn bench() -> Bench {
    Bench::with(&["block 192.0.2.0/24 acme", "block 192.0.2.64/26 bob", "block 2001:db8::/32 acme"])
}

fn list(bench: &Bench, filter: SendingFilter) -> Vec<SendingView> {
    bench.view().sending(&filter).expect("a listing").items
}

fn marked(bench: &Bench) -> Vec<String> {
    list(bench, SendingFilter::default()).into_iter().map(|view| view.address).collect()
}

fn import(bench: &Bench, csv: &str, replace: Option<&str>) -> Result<ptrd_api::ChangeDone, Problem> {
    let options = SendingImportOptions { replace: replace.map(str::to_owned), dry_run: false };
    let csv = std::io::Cursor::new(csv.as_bytes().to_vec());
    bench.runtime.block_on(bench.road.import_sending(operator(), options, csv))
}

fn rollback(bench: &Bench, change: Option<u64>) -> Result<ptrd_api::ChangeDone, Problem> {
    bench.ask(ChangeRequest::Rollback { change: change.expect("a change"), only_ptrd: false }, false)
}

#[test]
fn a_mark_says_what_it_was_given_and_no_zone_notices() {
    let bench = bench();
    bench.ok("ptr 192.0.2.1 mail-01.example.com");
    let (serial, zone) = (bench.serial("2.0.192.in-addr.arpa"), bench.zone("2.0.192.in-addr.arpa"));
    let line = "sending 192.0.2.1 Mail-01.Example.COM mta=out1 domains=b.example,a.example";
    let done = bench.ok(line);
    assert_eq!(
        (done.summary.as_str(), done.zones_changed),
        ("192.0.2.1 sends mail as mail-01.example.com.", 0)
    );
    assert_eq!(done.warnings, [""; 0]);
    let view = bench.view().sending_at("192.0.2.1").expect("a mark");
    assert_eq!((view.helo.as_str(), view.mta.as_deref()), ("mail-01.example.com.", Some("out1")));
    assert_eq!(view.domains, ["a.example.", "b.example."]);
    assert_eq!(view.names, ["mail-01.example.com."]);
    assert_eq!(
        (view.tenant.as_str(), view.block.as_str(), view.mode.as_str()),
        ("acme", "192.0.2.0/24", "direct")
    );
    assert_eq!(bench.ok(line).change, None, "it is so already");
    bench.refused("sending 192.0.2.1 a.example.com expect=absent", code::STALE, "somebody changed it");
    bench.ok(&format!("sending 192.0.2.1 mail-01.example.com expect={}", view.version));
    assert_eq!((bench.serial("2.0.192.in-addr.arpa"), bench.zone("2.0.192.in-addr.arpa")), (serial, zone));
    bench.ok("sending-clear 192.0.2.1");
    bench.refused("sending-clear 192.0.2.1", code::NOT_FOUND, "is not marked");
    bench.refused(
        "sending 203.0.113.1 mail.example.com",
        code::NOT_FOUND,
        "no block here contains 203.0.113.1",
    );
}

#[test]
fn what_is_no_name_or_label_is_refused() {
    let bench = bench();
    for (line, part) in [
        ("sending 192.0.2.1 mail", "one label only"),
        ("sending 192.0.2.1 [192.0.2.1]", "is an address"),
        ("sending 192.0.2.1 mail.example.com mta=-x", "no label of an MTA"),
        ("sending 192.0.2.1 mail.example.com mta=a,b", "no label of an MTA"),
        ("sending 192.0.2.1 mail.example.com domains=a.example,A.example", "given twice"),
        ("sending 192.0.2.1 mail.example.com domains=a_b.example", "underscore"),
    ] {
        bench.refused(line, code::INVALID, part);
    }
}

#[test]
fn the_mark_is_told_to_differ_from_the_ptr() {
    let bench = bench();
    bench.ok("ptr 192.0.2.1 www.example.com");
    for (line, part) in [
        ("sending 192.0.2.1 mail.example.com", "192.0.2.1 is www.example.com, and says mail.example.com"),
        ("sending 192.0.2.2 mail.example.com", "192.0.2.2 has no PTR"),
    ] {
        let done = bench.ok(line);
        assert!(done.warnings.iter().any(|warning| warning.contains(part)), "{line}: {:?}", done.warnings);
    }
}

#[test]
fn a_tenant_marks_exactly_its_own_addresses() {
    let bench = bench();
    bench.as_tenant("acme", "sending 192.0.2.1 mail.acme.example").expect("its own");
    let problem = bench.as_tenant("acme", "sending 192.0.2.65 mail.acme.example").expect_err("bob's");
    assert_eq!(problem.code, code::NOT_FOUND);
    bench.as_tenant("bob", "sending 192.0.2.65 mail.bob.example").expect("its own");
    assert!(bench.as_tenant("acme", "sending-clear 192.0.2.65").is_err());
    let done = bench.as_tenant("acme", "sending-clear 192.0.2.0/24").expect("its own alone");
    assert_eq!(done.summary, "192.0.2.0/24: 1 sending mark taken away");
    assert_eq!(marked(&bench), ["192.0.2.65"]);
    bench.ok("suspend 192.0.2.64/26");
    let problem = bench.as_tenant("bob", "sending 192.0.2.66 mail.bob.example").expect_err("suspended");
    assert_eq!(problem.code, code::FORBIDDEN);
}

#[test]
fn listings_go_by_range_tenant_label_and_domain_and_page_by_page() {
    let bench = bench();
    for line in [
        "sending 2001:db8::1 six.example.com mta=out2",
        "sending 192.0.2.1 one.example.com mta=out1 domains=a.example",
        "sending 192.0.2.65 two.example.com mta=out1",
        "sending 192.0.2.200 three.example.com",
    ] {
        bench.ok(line);
    }
    let of = |filter: SendingFilter| -> Vec<String> {
        list(&bench, filter).into_iter().map(|view| view.address).collect()
    };
    let text = |text: &str| Some(text.to_owned());
    let all = SendingFilter::default;
    assert_eq!(of(all()), ["192.0.2.1", "192.0.2.65", "192.0.2.200", "2001:db8::1"]);
    assert_eq!(of(SendingFilter { tenant: text("bob"), ..all() }), ["192.0.2.65"]);
    assert_eq!(of(SendingFilter { within: text("192.0.2.0/25"), ..all() }), ["192.0.2.1", "192.0.2.65"]);
    assert_eq!(of(SendingFilter { mta: text("out1"), ..all() }), ["192.0.2.1", "192.0.2.65"]);
    assert_eq!(of(SendingFilter { domain: text("A.example"), ..all() }), ["192.0.2.1"]);
    let page = bench.view().sending(&SendingFilter { limit: Some(3), ..all() }).expect("a page");
    assert_eq!((page.items.len(), page.next.as_deref()), (3, Some("192.0.2.200")));
    assert_eq!(of(SendingFilter { after: page.next, ..all() }), ["2001:db8::1"]);
    assert!(bench.view().sending(&SendingFilter { tenant: text("nobody"), ..all() }).is_err());
}

#[test]
fn an_import_is_all_or_nothing_and_may_replace() {
    let bench = bench();
    bench.ok("sending 192.0.2.9 old.example.com");
    bench.ok("sending 2001:db8::1 six.example.com");
    let csv = "address,helo,mta,domains\n192.0.2.1,mail-1.example.com,out1,a.example b.example\n\
               192.0.2.2,mail-2.example.com,,\n";
    let done = import(&bench, csv, None).expect("an import");
    assert_eq!(done.summary, "the import: 2 sending marks set");
    assert_eq!(import(&bench, csv, None).expect("again").change, None);
    let problem =
        import(&bench, &format!("{csv}203.0.113.1,mail.example.com,,\n"), None).expect_err("no block");
    assert_eq!((problem.errors.len(), problem.errors[0].line), (1, 4));
    let problem = import(&bench, csv, Some("192.0.2.2")).expect_err("outside");
    assert_eq!(problem.errors[0].line, 2);
    let done = import(&bench, csv, Some("192.0.2.0/24")).expect("an import");
    assert_eq!(done.summary, "the import: 0 sending marks set, 2 as before, 1 taken away");
    assert_eq!(marked(&bench), ["192.0.2.1", "192.0.2.2", "2001:db8::1"]);
    rollback(&bench, done.change).expect("the way back");
    assert_eq!(marked(&bench), ["192.0.2.1", "192.0.2.2", "192.0.2.9", "2001:db8::1"]);
}

#[test]
fn marks_go_with_the_tenant_unless_they_are_to_stay() {
    for (line, kept) in [
        ("transfer 192.0.2.64/26 acme", false),
        ("transfer 192.0.2.64/26 acme ptrs=keep", true),
        ("unblock 192.0.2.64/26", false),
        ("unblock 192.0.2.64/26 ptrs=keep", true),
        ("unblock 192.0.2.64/26 clear", false),
        ("block 192.0.2.64/27 acme", false),
        ("block 192.0.2.64/27 acme ptrs=keep", true),
        ("split 192.0.2.64/26 into=27", true),
    ] {
        let bench = bench();
        bench.ok("sending 192.0.2.65 mail.bob.example");
        bench.ok("sending 192.0.2.1 mail.acme.example");
        let done = bench.ok(line);
        assert_eq!(marked(&bench).len(), if kept { 2 } else { 1 }, "{line}");
        assert_eq!(done.summary.contains("1 sending mark deleted"), !kept, "{line}: {}", done.summary);
        rollback(&bench, done.change).unwrap_or_else(|problem| panic!("{line}: {problem:?}"));
        assert_eq!(marked(&bench), ["192.0.2.1", "192.0.2.65"], "{line}, rolled back");
    }
    let bench = Bench::with(&["block 192.0.2.0/24 acme", "sending 192.0.2.1 mail.acme.example"]);
    bench.refused(
        "unblock 192.0.2.0/24",
        code::INVALID,
        "1 sending mark of 192.0.2.0/24 would belong to no block",
    );
    bench.ok("unblock 192.0.2.0/24 clear");
}

#[test]
fn what_was_marked_since_does_not_come_along_on_the_way_back() {
    let bench = bench();
    let done = bench.ok("transfer 192.0.2.64/26 acme");
    bench.ok("sending 192.0.2.65 mail.acme.example");
    let problem = rollback(&bench, done.change).expect_err("bob would find it");
    assert!(problem.errors[0].message.contains("192.0.2.65 was marked as sending"), "{problem:?}");
    bench.ok("sending-clear 192.0.2.65");
    rollback(&bench, done.change).expect("the way back");
    let added = bench.ok("block 198.51.100.0/24 acme");
    bench.ok("sending 198.51.100.1 mail.acme.example");
    let problem = rollback(&bench, added.change).expect_err("a mark without a block");
    assert!(problem.errors[0].message.contains("would belong to no block"), "{problem:?}");
}

#[test]
fn a_rollback_needs_the_mark_as_it_was_left() {
    let bench = bench();
    let first = bench.ok("sending 192.0.2.1 one.example.com");
    let second = bench.ok("sending 192.0.2.1 two.example.com");
    let problem = rollback(&bench, first.change).expect_err("it has changed");
    assert!(problem.errors[0].message.contains("two.example.com"), "{problem:?}");
    rollback(&bench, second.change).expect("the way back");
    assert_eq!(list(&bench, SendingFilter::default())[0].helo, "one.example.com.");
    rollback(&bench, first.change).expect("the way back");
    assert_eq!(marked(&bench), [""; 0]);
}

#[test]
fn in_a_block_with_marks_names_of_the_others_may_look_generic() {
    let bench =
        Bench::with(&["block 192.0.2.0/24 acme names=must-pass", "block 192.0.2.64/26 acme template=none"]);
    bench.refused(&format!("ptr 192.0.2.1 {GENERIC}"), code::INVALID, "looks generic");
    bench.refused(&format!("sending 192.0.2.1 {GENERIC}"), code::INVALID, "looks generic");
    bench.ok("sending 192.0.2.1 mail.example.com");
    bench.refused(&format!("ptr 192.0.2.1 {GENERIC}"), code::INVALID, "looks generic");
    assert_eq!(bench.ok(&format!("ptr 192.0.2.2 {GENERIC}")).warnings, [""; 0]);
    // A block inside without marks of its own has no such list of those that send.
    bench.refused(&format!("ptr 192.0.2.65 {GENERIC}"), code::INVALID, "looks generic");
    bench.ok("block-set 192.0.2.0/24 template=host-{a}-{b}-{c}-{d}.pool.example.net");
    let done = bench.ok("sending 192.0.2.3 mail.example.com");
    assert!(
        done.warnings.iter().any(|warning| warning.contains("192.0.2.3 host-192-0-2-3")),
        "{:?}",
        done.warnings
    );
    let lint = |sending: bool| -> Vec<(String, String, bool)> {
        let filter = LintFilter { sending, ..LintFilter::default() };
        let page = bench.view().lint(&filter).expect("a listing");
        page.items.into_iter().map(|view| (view.address, view.rule, view.sending)).collect()
    };
    assert_eq!(lint(false), [("192.0.2.2".to_owned(), "any".to_owned(), false)]);
    assert_eq!(
        lint(true),
        ["192.0.2.1", "192.0.2.3"].map(|at| (at.to_owned(), "must-pass".to_owned(), true))
    );
}

#[test]
fn an_observed_block_is_served_nowhere_and_alters_nothing() {
    let bench = bench();
    let zones = bench.shown();
    let done = bench.ok("block 198.51.100.0/28 bob observed");
    assert_eq!((done.zones_changed, bench.shown()), (0, zones));
    let view = bench.view().block("198.51.100.0/28").expect("a block");
    assert_eq!((view.mode.as_str(), view.zones.len(), view.parent_here), ("observed", 0, false));
    bench.refused("ptr 198.51.100.1 mail.example.com", code::INVALID, "ptrctl request-text 198.51.100.1");
    bench.refused("fill 198.51.100.0/28 m{n}.example.com", code::INVALID, "bad lines");
    bench.refused("suspend 198.51.100.0/28", code::INVALID, "is observed");
    bench.refused("block-set 198.51.100.0/28 template={ip}.example", code::INVALID, "is observed");
    bench.refused("block 203.0.113.0/28 bob observed ttl=60", code::BAD_REQUEST, "--ttl");
    bench.refused("block 198.51.100.8/28 bob", code::INVALID, "");
    bench.ok("sending 198.51.100.1 mail.bob.example");
    bench.ok("split 198.51.100.0/28 into=29");
    bench.ok("merge 198.51.100.0/29 198.51.100.8/29");
    bench.ok("transfer 198.51.100.0/28 acme ptrs=keep");
    assert_eq!(marked(&bench), ["198.51.100.1"]);
    bench.ok("unblock 198.51.100.0/28 clear");
}

#[test]
fn what_is_served_and_what_is_observed_nest_one_way() {
    let bench = bench();
    bench.refused("block 192.0.2.128/28 bob observed", code::INVALID, "which is served here");
    bench.ok("block 198.51.0.0/16 bob observed");
    bench.ok("block 198.51.100.0/24 bob observed");
    // The provider delegated a part of its addresses here: served, with a zone, in what is observed.
    let done = bench.ok("block 198.51.100.64/26 bob");
    assert!(done.summary.contains("classless"), "{}", done.summary);
    bench.ok("ptr 198.51.100.65 mail.bob.example");
    bench.ok("block 198.51.101.0/24 acme");
    bench.ok("ptr 198.51.101.1 mail.acme.example");
    bench.refused("block 198.0.0.0/8 acme", code::INVALID, "is observed: others answer for it");
    // The tenant around is another one: its names would be found where nobody here answers.
    bench.refused(
        "unblock 198.51.101.0/24 ptrs=keep",
        code::INVALID,
        "1 PTR of 198.51.101.0/24 would lie in",
    );
    bench.refused("unblock 198.51.100.64/26", code::INVALID, "would lie in 198.51.100.0/24");
    bench.ok("unblock 198.51.101.0/24 clear");
    assert_eq!(bench.zone("101.51.198.in-addr.arpa"), ["-"], "its zone went with it");
}

#[test]
fn the_request_asks_for_what_is_wished() {
    let bench = bench();
    bench.ok("block 198.51.100.0/30 bob observed");
    let ask =
        |range: &str| bench.view().request_text(&RequestTextFilter { range: range.to_owned(), lang: None });
    assert_eq!(ask("198.51.100.0/30").expect_err("nothing is wished").code, code::NOT_FOUND);
    bench.ok("sending 198.51.100.1 mail.bob.example");
    bench.ok("sending 198.51.100.2 mx.bob.example");
    bench.ok("zone-add bob.example bob");
    bench.ok("record mail.bob.example. A 198.51.100.1");
    let request = ask("198.51.100.0/30").expect("a request");
    assert_eq!((request.addresses, request.warnings.len()), (2, 0));
    for line in [
        "Subject: Reverse DNS of 198.51.100.0/30",
        "    1.100.51.198.in-addr.arpa. IN PTR mail.bob.example.",
        "    2.100.51.198.in-addr.arpa. IN PTR mx.bob.example.",
        "   are published:\n\n    mail.bob.example. IN A 198.51.100.1",
        "   are ours to publish, and will be there first:\n\n    mx.bob.example. IN A 198.51.100.2",
        "    $ORIGIN 100.51.198.in-addr.arpa.\n    0-30 IN NS ns1.example.net.\n    0-30 IN NS ns2.example.net.\n    0 IN CNAME 0.0-30",
    ] {
        assert!(request.text.contains(line), "{line}\n{}", request.text);
    }
    // Of addresses that are served here, what was set is what is to be seen.
    bench.ok("ptr 192.0.2.1 www.acme.example");
    assert!(
        ask("192.0.2.0/28")
            .expect("a request")
            .text
            .contains("1.2.0.192.in-addr.arpa. IN PTR www.acme.example.")
    );
    // What follows from PTRs is there too.
    bench.ok("zone-add acme.example acme companion");
    let request = ask("192.0.2.0/28").expect("a request").text;
    assert!(request.contains("are published:\n\n    www.acme.example. IN A 192.0.2.1\n"), "{request}");
    assert!(!request.contains("are ours to publish"), "{request}");
    let german = RequestTextFilter { range: "192.0.2.0/28".into(), lang: Some("de".into()) };
    assert_eq!(bench.view().request_text(&german).expect_err("en alone").code, code::BAD_REQUEST);
}
