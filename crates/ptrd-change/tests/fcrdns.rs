//! Names that must resolve back: what the rule of a block makes of them, at every door, and what becomes of those that wait.

mod support;

use ptrd_api::{ChangeRequest, ConfirmationState, PendingFilter, code};
use ptrd_change::Checked;
use ptrd_posture::{Standing, Verdict};
use ptrd_wire::Rcode;
use std::net::IpAddr;
use std::sync::Arc;
use support::resolver::{Resolver, bench_with, open};
use support::{Bench, name};

const ZONE: &str = "2.0.192.in-addr.arpa";

/// Acme's /24, whose names are set as this rule says.
fn bench(rule: &str) -> (Bench, Arc<Resolver>) {
    let resolver = Arc::new(Resolver::default());
    let bench = bench_with(&resolver);
    bench.ok(&format!("block 192.0.2.0/24 acme fcrdns={rule}"));
    bench.ok(&format!("block 2001:db8::/48 acme fcrdns={rule}"));
    (bench, resolver)
}

fn names(bench: &Bench, address: &str) -> String {
    bench.view().ptr(address).map_or_else(|_| "-".to_owned(), |ptr| ptr.names.join(" "))
}

fn waiting(bench: &Bench) -> Vec<String> {
    let page = bench.view().pending(&PendingFilter::default()).expect("a listing");
    page.items
        .into_iter()
        .map(|item| format!("{} {}: {}", item.address, item.names.join(" "), item.records.join("; ")))
        .collect()
}

fn settle(bench: &Bench, addresses: &[&str]) -> Vec<String> {
    let addresses = addresses.iter().map(|address| address.parse().expect("an address")).collect();
    let done = bench.runtime.block_on(bench.road.settle_pending(addresses)).expect("it is settled");
    done.report.into_iter().map(|line| format!("{} {}", line.subject, line.what)).collect()
}

#[test]
fn a_name_that_resolves_back_is_set_and_said_to() {
    let (bench, resolver) = bench("require");
    resolver.put("mail.example.com", &["192.0.2.9", "192.0.2.1", "2001:db8::1"]);
    for address in ["192.0.2.1", "2001:db8::1"] {
        let done = bench.ok(&format!("ptr {address} mail.example.com"));
        assert_eq!(done.fcrdns[0].state, ConfirmationState::Verified, "{done:?}");
        assert_eq!(names(&bench, address), "mail.example.com.");
    }
    assert_eq!(waiting(&bench), Vec::<String>::new());
}

#[test]
fn a_name_that_does_not_waits_beside_what_is_there() {
    let (bench, resolver) = bench("require");
    resolver.put("old.example.com", &["192.0.2.1"]);
    bench.ok("ptr 192.0.2.1 old.example.com");
    let done = bench.ok("ptr 192.0.2.1 new.example.com ttl=60");
    assert_eq!((done.fcrdns[0].state, done.zones_changed), (ConfirmationState::Pending, 0), "{done:?}");
    assert_eq!(done.fcrdns[0].why, "new.example.com. does not exist");
    assert_eq!(names(&bench, "192.0.2.1"), "old.example.com.");
    assert_eq!(waiting(&bench), ["192.0.2.1 new.example.com.: new.example.com. IN A 192.0.2.1"]);
    // The same once more is no change.
    assert_eq!(bench.ok("ptr 192.0.2.1 new.example.com ttl=60").change, None);
    assert_eq!(settle(&bench, &["192.0.2.1"]), Vec::<String>::new(), "not yet");
    resolver.put("new.example.com", &["192.0.2.77"]);
    assert_eq!(settle(&bench, &["192.0.2.1"]), Vec::<String>::new(), "another address");
    resolver.put("new.example.com", &["192.0.2.1"]);
    assert_eq!(settle(&bench, &["192.0.2.1"]), ["192.0.2.1 set"]);
    let ptr = bench.view().ptr("192.0.2.1").expect("a PTR");
    assert_eq!((ptr.names, ptr.ttl), (vec!["new.example.com.".to_owned()], 60));
    assert_eq!(waiting(&bench), Vec::<String>::new());
}

#[test]
fn what_waits_survives_a_restart_and_is_dropped_when_its_time_is_over() {
    let (mut bench, resolver) = bench("require");
    bench.ok("ptr 192.0.2.1 a.example.com");
    bench.ok("ptr 192.0.2.2 b.example.com");
    bench.road.shutdown();
    bench.road = Arc::new(open(&bench.store, &resolver));
    assert_eq!(waiting(&bench).len(), 2);
    bench.ok("pending-drop 192.0.2.2");
    bench.refused("pending-drop 192.0.2.2", "not-found", "nothing waits");
    // The clock of tests goes on by a second a question.
    let mut settled = Vec::new();
    for _ in 0..100 {
        settled.extend(settle(&bench, &["192.0.2.1"]));
    }
    assert_eq!(settled, ["192.0.2.1 dropped"]);
    assert_eq!((waiting(&bench), names(&bench, "192.0.2.1")), (vec![], "-".to_owned()));
}

#[test]
fn what_waits_goes_with_a_change_of_the_address_or_of_its_tenant() {
    let (bench, resolver) = bench("require");
    resolver.put("good.example.com", &["192.0.2.1"]);
    bench.ok("ptr 192.0.2.1 a.example.com");
    bench.ok("ptr 192.0.2.1 good.example.com");
    assert_eq!(waiting(&bench), Vec::<String>::new(), "another name was set meanwhile");
    bench.ok("ptr 192.0.2.1 a.example.com");
    bench.ok("ptr-delete 192.0.2.1");
    assert_eq!(waiting(&bench), Vec::<String>::new(), "deleted");
    bench.ok("ptr 192.0.2.1 a.example.com");
    bench.ok("ptr-delete 192.0.2.1");
    assert_eq!(waiting(&bench), Vec::<String>::new(), "nothing but what waited was there");
    bench.ok("ptr 192.0.2.1 good.example.com ttl=60");
    for rrset in ["1 PTR 60 good.example.com.", "1 PTR 61 good.example.com.", "1 PTR", "1 PTR"] {
        bench.ok("ptr 192.0.2.1 a.example.com");
        bench.ok(&format!("rrsets {ZONE}.; {rrset}"));
        assert_eq!(waiting(&bench), Vec::<String>::new(), "{rrset}, whatever was there");
    }
    bench.ok("ptr 192.0.2.1 a.example.com");
    bench.ok(&format!("rrsets {ZONE}.; 1 TXT 60 \"x\""));
    assert_eq!(waiting(&bench).len(), 1, "what is about something else leaves it");
    bench.allow_update("key=key.example");
    for (update, left) in [("del 1 TXT", 1), ("del 2 PTR", 1), ("del 1 PTR", 0), ("del 1", 0)] {
        bench.ok("ptr 192.0.2.1 a.example.com");
        bench.update_as("key.example", ZONE, update).expect("an update");
        assert_eq!(waiting(&bench).len(), left, "{update}");
    }
    bench.ok("ptr 192.0.2.1 a.example.com");
    bench.ok("transfer 192.0.2.0/24 bob");
    resolver.put("a.example.com", &["192.0.2.1"]);
    assert_eq!(settle(&bench, &["192.0.2.1"]), ["192.0.2.1 dropped"], "never for another tenant");
    assert_eq!(names(&bench, "192.0.2.1"), "-");
}

#[test]
fn rules_differ_in_what_becomes_of_names_that_do_not() {
    let (bench, resolver) = bench("off");
    assert!(bench.ok("ptr 192.0.2.1 a.example.com").fcrdns.is_empty());
    assert_eq!(*resolver.asked.lock().expect("a lock"), 0, "nobody is asked");
    bench.ok("block-set 192.0.2.0/24 fcrdns=warn");
    let done = bench.ok("ptr 192.0.2.2 b.example.com");
    assert_eq!(done.fcrdns[0].state, ConfirmationState::Unconfirmed);
    assert_eq!(
        (done.fcrdns[0].records.join(""), names(&bench, "192.0.2.2")),
        ("b.example.com. IN A 192.0.2.2".into(), "b.example.com.".into())
    );
    bench.ok("block-set 192.0.2.0/24 fcrdns=strict");
    resolver.put("c.example.com", &["192.0.2.4"]);
    bench.refused(
        "ptr 192.0.2.3 c.example.com",
        "invalid",
        "c.example.com. has 192.0.2.4, and not 192.0.2.3",
    );
    resolver.fail("d.example.com");
    bench.refused("ptr 192.0.2.3 d.example.com", "invalid", "SERVFAIL");
    // As the block around it says, unless it says something itself.
    bench.ok("block 192.0.2.128/25 acme");
    bench.refused("ptr 192.0.2.129 c.example.com", "invalid", "and not 192.0.2.129");
    bench.ok("block-set 192.0.2.128/25 fcrdns=off");
    bench.ok("ptr 192.0.2.129 c.example.com");
    // Names that are there already are not asked for again.
    bench.ok("ptr 192.0.2.2 b.example.com ttl=60");
}

#[test]
fn each_of_several_names_must_resolve_back() {
    let (bench, resolver) = bench("require");
    resolver.put("a.example.com", &["192.0.2.1"]);
    let done = bench.ok("ptr 192.0.2.1 a.example.com b.example.com");
    assert_eq!(
        (done.fcrdns[0].state, &*done.fcrdns[0].why),
        (ConfirmationState::Pending, "b.example.com. does not exist")
    );
    resolver.put("b.example.com", &["192.0.2.1"]);
    assert_eq!(settle(&bench, &["192.0.2.1"]), ["192.0.2.1 set"]);
    assert_eq!(names(&bench, "192.0.2.1"), "a.example.com. b.example.com.");
}

#[test]
fn names_of_zones_that_are_served_here_are_looked_up_here() {
    let (bench, resolver) = bench("strict");
    let zone = "$ORIGIN own.example.\n@ 60 SOA ns h 5 2 3 4 5\n@ 60 NS ns\nns 60 A 192.0.2.53\nmail 60 A 192.0.2.1\n";
    let options = ptrd_api::ZoneImportOptions { tenant: "acme".into(), ..Default::default() };
    bench.import_zones(options, &[("z", zone)]).expect("an import");
    bench.ok("ptr 192.0.2.1 MAIL.own.example");
    bench.refused("ptr 192.0.2.2 mail.own.example", "invalid", "mail.own.example. has 192.0.2.1");
    bench.refused("ptr 192.0.2.2 none.own.example", "invalid", "does not exist");
    assert_eq!(*resolver.asked.lock().expect("a lock"), 0, "nobody else is asked");
}

#[test]
fn many_at_once_wait_each_for_its_own_name() {
    let (bench, resolver) = bench("require");
    resolver.put("h3.example.com", &["192.0.2.3"]);
    let done = bench.ok("fill 192.0.2.0/28 h{d}.example.com");
    assert_eq!(
        (done.ptrs_changed, done.fcrdns_total, waiting(&bench).len()),
        (1, 16, 15),
        "{}",
        done.summary
    );
    bench.ok("block-set 192.0.2.0/24 fcrdns=strict");
    let problem =
        bench.import("192.0.2.3,h3.example.com\n192.0.2.4,h4.example.com\n", false).expect_err("refused");
    assert_eq!((problem.errors_total, problem.errors[0].line), (1, 2), "{problem:?}");
}

#[test]
fn very_many_names_are_not_waited_for_where_nothing_but_a_warning_hangs_on_them() {
    let (bench, resolver) = bench("warn");
    bench.ok("block 10.0.0.0/16 acme fcrdns=warn");
    let asked = || *resolver.asked.lock().expect("a lock");
    let done = bench.ok("fill 10.0.0.0/21 h{n}.example.com");
    assert_eq!((done.ptrs_changed, done.fcrdns_total, asked()), (2_048, 2_048, 0), "{}", done.summary);
    bench.ok("fill 10.0.8.0/22 j{n}.example.com");
    assert_eq!(asked(), 1_024, "not too many");
    bench.ok("block-set 10.0.0.0/16 fcrdns=require");
    bench.ok("fill 10.0.16.0/21 i{n}.example.com");
    assert_eq!(asked(), 1_024 + 2_048, "whether they are set hangs on it");
}

#[test]
fn an_update_is_refused_until_its_name_is_known() {
    let (bench, resolver) = bench("require");
    bench.allow_update("key=key.example");
    resolver.put("a.example.com", &["192.0.2.1"]);
    let update = |text: &str| bench.update_as("key.example", ZONE, text);
    let refusal = update("add 1 60 PTR a.example.com.").expect_err("not known yet");
    assert_eq!((refusal.rcode, refusal.problem.code.as_str()), (Rcode::REFUSED, code::INVALID));
    assert!(refusal.problem.message.contains("nobody has been asked yet"), "{refusal}");
    update("add 1 60 PTR a.example.com.").expect("known by now");
    assert_eq!(names(&bench, "192.0.2.1"), "a.example.com.");
    update("add 2 60 PTR a.example.com.").expect_err("another address");
    assert_eq!(waiting(&bench), Vec::<String>::new(), "an update cannot be told to wait");
}

#[test]
fn whole_rrsets_are_refused_until_their_names_are_known() {
    let (bench, resolver) = bench("require");
    resolver.put("a.example.com", &["192.0.2.1"]);
    let line = format!("rrsets {ZONE}.; 1 PTR 60 a.example.com.");
    bench.refused(&line, code::INVALID, "nobody has been asked yet");
    assert_eq!(*resolver.asked.lock().expect("a lock"), 0, "nobody waits for a look-up");
    bench.ok(&line);
    assert_eq!(names(&bench, "192.0.2.1"), "a.example.com.");
    bench.refused(&format!("rrsets {ZONE}.; 2 PTR 60 a.example.com."), code::INVALID, "192.0.2.2");
    assert_eq!(waiting(&bench), Vec::<String>::new(), "nor can it be told to wait");
    // As it is already.
    bench.ok(&line);
}

#[test]
fn nobody_is_asked_for_names_at_addresses_of_others() {
    let (bench, resolver) = bench("require");
    bench.ok("block 198.51.100.0/24 bob may-sub-block");
    bench.allow_update("key=bobs.example tenant=bob");
    let (bob, reads) = (bench.token("w of bob write"), bench.token("r of acme"));
    let narrow = bench.token("n of acme write prefix=192.0.2.128/25");
    for token in [bob, reads, narrow] {
        for line in [
            "ptr 192.0.2.1 a.example.com".to_owned(),
            "ptr-add 192.0.2.1 a.example.com".to_owned(),
            "fill 192.0.2.0/28 h{d}.example.com".to_owned(),
            format!("rrsets {ZONE}.; 1 PTR 60 a.example.com."),
            "make 2/31.2.0.192.in-addr.arpa.; 2 PTR 60 a.example.com.".to_owned(),
        ] {
            bench.with_token(token, &line).expect_err(&line);
        }
    }
    bench.update_as("bobs.example", ZONE, "add 1 60 PTR a.example.com.").expect_err("not its own");
    assert_eq!(*resolver.asked.lock().expect("a lock"), 0);
    assert_eq!(*resolver.known.lock().expect("a lock"), []);
    // Of a request that is about both, its own.
    bench.ok("block-set 198.51.100.0/24 fcrdns=require");
    bench.ok("block 198.51.100.64/26 acme");
    bench.with_token(bob, "fill 198.51.100.62-198.51.100.65 h{d}.example.com").expect_err("not all its own");
    assert_eq!(*resolver.asked.lock().expect("a lock"), 2);
}

#[test]
fn updates_and_whole_rrsets_ask_for_what_they_need() {
    let (bench, resolver) = bench("require");
    bench.allow_update("key=key.example");
    bench.ok("block 192.0.2.64/26 acme classless=slash");
    bench.ok("block 192.0.2.128/25 acme fcrdns=off");
    let begun = || {
        let mut known = resolver.known.lock().expect("a lock");
        known.drain(..).map(|(name, family)| format!("{name} {family:?}")).collect::<Vec<_>>()
    };
    bench.update_as("key.example", ZONE, "add 1 60 PTR a.example.com.").expect_err("not known yet");
    assert_eq!(begun(), ["a.example.com. V4"], "an A record alone");
    bench.update_as("key.example", ZONE, "add 70 60 PTR b.example.com.").expect_err("not known yet");
    assert_eq!(begun(), ["b.example.com. V4"], "by way of the CNAME");
    bench.update_as("key.example", ZONE, "add 200 60 PTR c.example.com.").expect("no rule there");
    bench.update_as("key.example", ZONE, "yxdomain 3; add 3 60 PTR d.example.com.").expect_err("not there");
    assert_eq!(begun(), Vec::<String>::new());
    let six = "8.b.d.0.1.0.0.2.ip6.arpa";
    let owner = format!("1.{}0.0.0.0.0.0.0.0.{six}.", "0.".repeat(15));
    bench.refused(
        &format!("rrsets 0.0.0.0.{six}.; {owner} PTR 60 e.example.com."),
        code::INVALID,
        "nobody has been asked yet",
    );
    assert_eq!(begun(), ["e.example.com. V6"]);
    // A zone that is yet to be, and a rule of the block that it will lie in.
    let line = "make 2/31.2.0.192.in-addr.arpa.; 2 PTR 60 f.example.com.";
    bench.refused(line, code::INVALID, "nobody has been asked yet");
    assert_eq!(begun(), ["f.example.com. V4"]);
}

#[test]
fn what_waits_is_rolled_back_like_all_else() {
    let (bench, resolver) = bench("require");
    let held = bench.ok("ptr 192.0.2.1 a.example.com").change.expect("a change");
    bench.ask(ChangeRequest::rollback(held), false).expect("a rollback");
    assert_eq!(waiting(&bench), Vec::<String>::new());
    bench.ok("ptr 192.0.2.1 a.example.com");
    resolver.put("a.example.com", &["192.0.2.1"]);
    settle(&bench, &["192.0.2.1"]);
    let set = bench.view().version;
    bench.ask(ChangeRequest::rollback(set), false).expect("a rollback");
    assert_eq!((waiting(&bench).len(), names(&bench, "192.0.2.1")), (1, "-".to_owned()));
}

#[test]
fn a_tenant_rolls_back_what_waits_at_its_own_addresses() {
    let (bench, resolver) = bench("require");
    let (acme, bob) = (bench.token("w of acme write"), bench.token("b of bob write"));
    let made = |line: &str| bench.with_token(acme, line).expect(line).change.expect("a change");
    let back = |token, change| bench.change_with(token, ChangeRequest::Rollback { change, only_ptrd: false });
    let held = made("ptr 192.0.2.1 a.example.com");
    back(bob, held).expect_err("another's");
    assert_eq!(waiting(&bench).len(), 1);
    back(acme, held).expect("its own");
    assert_eq!(waiting(&bench), Vec::<String>::new());
    // Some set, some waiting.
    resolver.put("h3.example.com", &["192.0.2.3"]);
    let filled = made("fill 192.0.2.2-192.0.2.5 h{d}.example.com");
    assert_eq!((waiting(&bench).len(), names(&bench, "192.0.2.3")), (3, "h3.example.com.".to_owned()));
    back(acme, filled).expect("its own");
    assert_eq!((waiting(&bench).len(), names(&bench, "192.0.2.3")), (0, "-".to_owned()));
    // What waited for the tenant before is not shown to the next one.
    made("ptr 192.0.2.1 secret.example.com");
    bench.ok("transfer 192.0.2.0/24 bob");
    resolver.put("good.example.com", &["192.0.2.1"]);
    let set = bench.with_token(bob, "ptr 192.0.2.1 good.example.com").expect("set").change.expect("a change");
    let problem = back(bob, set).expect_err("it would bring back what was another's");
    assert_eq!(problem.code, code::FORBIDDEN, "{problem:?}");
}

#[test]
fn how_addresses_stand_is_seen_at_once_and_kept() {
    let (mut bench, resolver) = bench("warn");
    let name = name("a.example.com");
    bench.ok("ptr 192.0.2.1 a.example.com");
    let address: IpAddr = "192.0.2.1".parse().expect("an address");
    assert_eq!(bench.view().under_fcrdns(None, 9), [(address, vec![name])]);
    assert_eq!(bench.view().under_fcrdns(Some(address), 9), []);
    let mut standing = Standing::default();
    standing.observe(7, Verdict::Failing, "no".into());
    let checked = Checked { address, standing: Some(standing), told: false };
    bench.road.checked([checked.clone()]);
    let range = "192.0.2.0/24".parse().expect("a range");
    let read = |bench: &Bench| bench.runtime.block_on(bench.road.checks(range, 9)).expect("checks");
    assert_eq!(read(&bench), std::slice::from_ref(&checked));
    bench.road.shutdown();
    bench.road = Arc::new(open(&bench.store, &resolver));
    assert_eq!(read(&bench), std::slice::from_ref(&checked));
    assert_eq!(bench.runtime.block_on(bench.road.untold_checks(9)).expect("checks"), [checked]);
    bench.road.checked([Checked { address, standing: None, told: true }]);
    assert_eq!(read(&bench), []);
}
