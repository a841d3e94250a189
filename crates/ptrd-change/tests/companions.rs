//! Companion forward zones: addresses that follow from PTRs.

mod support;

use ptrd_api::{ChangeDone, ConfirmationState, RecordFilter, code};
use ptrd_wire::{Name, Rcode, RecordType};
use ptrd_zone::Held;
use std::sync::Arc;
use support::resolver::{Resolver, bench_with};
use support::{Bench, name, zone_lines};

/// Acme has a block and a companion zone, bob a block beside it.
fn bench() -> Bench {
    Bench::with(&[
        "block 192.0.2.0/24 acme",
        "block 198.51.100.0/24 bob",
        "block 2001:db8::/48 acme",
        "zone-add acme.example acme companion",
    ])
}

/// What a zone shows of addresses.
fn addresses(bench: &Bench, apex: &str) -> Vec<String> {
    let is_address = |line: &&String| line.contains(" A ") || line.contains(" AAAA ");
    bench.zone(apex).iter().filter(is_address).cloned().collect()
}

#[track_caller]
fn steps(done: &ChangeDone, apexes: &[&str]) {
    let mut stepped: Vec<&str> = done.zones.iter().map(|step| step.apex.trim_end_matches('.')).collect();
    stepped.sort_unstable();
    assert_eq!(stepped, apexes, "{}", done.summary);
}

#[test]
fn addresses_follow_from_ptrs_of_those_who_hold_the_names() {
    let bench = bench();
    let done = bench.ok("ptr 192.0.2.1 Mail.acme.example");
    steps(&done, &["2.0.192.in-addr.arpa", "acme.example"]);
    assert!(done.warnings.is_empty(), "{:?}", done.warnings);
    bench.ok("ptr 192.0.2.2 mail.acme.example web.acme.example ttl=60");
    bench.ok("ptr 2001:db8::1 mail.acme.example");
    assert_eq!(
        addresses(&bench, "acme.example"),
        [
            "mail.acme.example. 60 A 192.0.2.1 | 192.0.2.2",
            "mail.acme.example. 3600 AAAA 2001:db8::1",
            "web.acme.example. 60 A 192.0.2.2",
        ]
    );
    // The name of another, a name of nobody, a name that lies elsewhere.
    steps(&bench.ok("ptr 192.0.2.3 mail.bob.example"), &["2.0.192.in-addr.arpa"]);
    bench.ok("ptr-delete 192.0.2.2 mail.acme.example");
    bench.ok("ptr 192.0.2.1 other.acme.example");
    assert_eq!(
        addresses(&bench, "acme.example"),
        [
            "mail.acme.example. 3600 AAAA 2001:db8::1",
            "other.acme.example. 3600 A 192.0.2.1",
            "web.acme.example. 60 A 192.0.2.2",
        ]
    );
}

#[test]
fn a_right_to_an_address_gives_no_right_to_a_name() {
    let bench = bench();
    bench.ok("ptr 192.0.2.1 mail.acme.example");
    let before = bench.zone("acme.example");
    let serial = bench.serial("acme.example");
    for line in [
        "ptr 198.51.100.1 mail.acme.example",
        "ptr 198.51.100.2 new.acme.example",
        "ptr 198.51.100.3 acme.example",
        "fill 198.51.100.16/28 h{d}.acme.example",
        "ptr-delete 198.51.100.2",
    ] {
        steps(&bench.ok(line), &["100.51.198.in-addr.arpa"]);
        assert_eq!((bench.zone("acme.example"), bench.serial("acme.example")), (before.clone(), serial));
    }
    // Until the name is granted; and only where it was.
    bench.ok("names-allow h17.acme.example bob");
    assert_eq!(bench.zone("acme.example").len(), before.len() + 1);
    assert!(bench.zone("acme.example").contains(&"h17.acme.example. 3600 A 198.51.100.17".to_owned()));
    bench.ok("names-allow sub.acme.example bob");
    bench.ok("ptr 198.51.100.5 a.b.sub.acme.example sub.acme.example xsub.acme.example");
    assert_eq!(
        addresses(&bench, "acme.example"),
        [
            "h17.acme.example. 3600 A 198.51.100.17",
            "mail.acme.example. 3600 A 192.0.2.1",
            "sub.acme.example. 3600 A 198.51.100.5",
            "a.b.sub.acme.example. 3600 A 198.51.100.5",
        ]
    );
    bench.ok("names-revoke sub.acme.example bob");
    bench.ok("names-revoke h17.acme.example bob");
    assert_eq!(bench.zone("acme.example"), before);
    bench.refused("names-allow www.bob.example bob", code::NOT_FOUND, "in no zone");
    bench.refused("names-allow www.acme.example acme", code::INVALID, "holds all of its names");
    bench.refused("names-revoke www.acme.example bob", code::NOT_FOUND, "was not granted");
}

#[test]
fn blocks_that_change_hands_take_their_addresses_along() {
    let bench = bench();
    bench.ok("zone-add bob.example bob companion");
    bench.ok("ptr 192.0.2.1 a.acme.example a.bob.example");
    assert_eq!(addresses(&bench, "acme.example"), ["a.acme.example. 3600 A 192.0.2.1"]);
    bench.ok("transfer 192.0.2.0/24 bob ptrs=keep");
    assert_eq!(addresses(&bench, "acme.example"), [""; 0]);
    assert_eq!(addresses(&bench, "bob.example"), ["a.bob.example. 3600 A 192.0.2.1"]);
    bench.ok("suspend 192.0.2.0/24");
    assert_eq!(addresses(&bench, "bob.example"), [""; 0]);
    bench.ok("resume 192.0.2.0/24");
    bench.ok("block 192.0.2.0/30 acme ttl=77 ptrs=keep");
    assert_eq!(addresses(&bench, "acme.example"), ["a.acme.example. 77 A 192.0.2.1"]);
    bench.ok("unblock 192.0.2.0/30 ptrs=keep");
    bench.ok("defaults ptr_ttl=900");
    assert_eq!(addresses(&bench, "bob.example"), ["a.bob.example. 900 A 192.0.2.1"]);
}

#[test]
fn what_is_set_stands_before_what_follows_and_is_told() {
    let bench = bench();
    bench.ok("ptr 192.0.2.1 a.acme.example");
    let told = |line: &str| bench.ok(line).warnings;
    assert_eq!(
        told("record a.acme.example A 192.0.2.99"),
        [
            "a.acme.example. A does not follow from the PTR of 192.0.2.1: the zone has A records of its own there"
        ]
    );
    assert_eq!(addresses(&bench, "acme.example"), ["a.acme.example. 86400 A 192.0.2.99"]);
    // Known by now; what comes besides is not.
    assert_eq!(told("record a.acme.example TXT t"), [""; 0]);
    assert_eq!(told("ptr 2001:db8::1 a.acme.example"), [""; 0]);
    assert_eq!(
        told("ptr 192.0.2.2 a.acme.example"),
        [
            "a.acme.example. A does not follow from the PTR of 192.0.2.1, 192.0.2.2: the zone has A records of its own there"
        ]
    );
    bench.ok("record-delete a.acme.example A");
    assert_eq!(
        addresses(&bench, "acme.example"),
        ["a.acme.example. 3600 A 192.0.2.1 | 192.0.2.2", "a.acme.example. 3600 AAAA 2001:db8::1"]
    );
    bench.ok("record-delete a.acme.example");
    assert!(told("record a.acme.example CNAME b.acme.example.")[0].contains("has a CNAME there"));
    assert_eq!(addresses(&bench, "acme.example"), [""; 0]);
    assert!(told("ptr 192.0.2.3 acme.example")[0].contains("the apex of its zone"));
    assert_eq!(told("ptr 192.0.2.4 x.sub.acme.example y.acme.example"), [""; 0]);
    let told_of_cut = told("record sub.acme.example NS ns.sub.acme.example.");
    assert!(told_of_cut[0].starts_with("x.sub.acme.example. A does not follow"), "{told_of_cut:?}");
    assert_eq!(addresses(&bench, "acme.example"), ["y.acme.example. 3600 A 192.0.2.4"]);
    bench.ok("record-delete sub.acme.example");
    assert_eq!(addresses(&bench, "acme.example").len(), 2);
    // Nobody is told of names that are another's.
    assert_eq!(told("ptr 198.51.100.1 a.acme.example acme.example"), [""; 0]);
}

#[test]
fn what_is_set_at_the_name_of_a_template_is_told() {
    let bench = bench();
    bench.ok("block-set 192.0.2.0/24 template=mail{d}.n.acme.example");
    let told = |line: &str| bench.ok(line).warnings;
    let of = |nth: u8| {
        format!(
            "mail{nth}.n.acme.example. does not lead to 192.0.2.{nth}, whose name it is by a template: what is set stands \
             before that; give 192.0.2.{nth} a PTR of its own"
        )
    };
    assert_eq!(told("ptr 192.0.2.1 mail7.n.acme.example"), [of(7)]);
    assert_eq!(told("record mail8.n.acme.example A 198.51.100.8"), [of(8)]);
    assert_eq!(told("record mail9.n.acme.example CNAME a.acme.example."), [of(9)]);
    // Beside other records, and where it says the same, the address is there.
    assert_eq!(told("record mail10.n.acme.example TXT t"), [""; 0]);
    assert_eq!(told("ptr 192.0.2.11 mail11.n.acme.example"), [""; 0]);
    // Known by now; and with a PTR of its own the address has that name no longer.
    assert_eq!(told("record mail8.n.acme.example TXT t"), [""; 0]);
    assert_eq!(told("ptr 192.0.2.12 a.acme.example"), [""; 0]);
    assert_eq!(told("record mail12.n.acme.example A 198.51.100.8"), [""; 0]);
}

#[test]
fn to_write_what_follows_is_no_change() {
    let bench = bench();
    bench.ok("ptr 192.0.2.1 a.acme.example");
    let done = bench.ok("record a.acme.example A 192.0.2.1 ttl=3600");
    assert_eq!(
        (done.change, &*done.summary),
        (None, "a.acme.example. A is so already: it follows from PTRs")
    );
    let derived = bench.refused("record-delete a.acme.example A", code::INVALID, "ptr delete 192.0.2.1");
    assert_eq!(derived.message, "a.acme.example. A follows from the PTR of 192.0.2.1 and cannot be deleted");
    let filter = RecordFilter { owner: Some("a.acme.example".into()), ..RecordFilter::default() };
    let page = bench.view().records(&filter).expect("records");
    assert!(page.items.iter().all(|record| record.derived), "{:?}", page.items);
    assert_eq!(page.items[0].data, ["192.0.2.1"]);
    bench.ok("block-set 192.0.2.0/24 template=h{d}.pool.acme.example");
    let done = bench.ok("record h7.pool.acme.example A 192.0.2.7 ttl=3600");
    assert_eq!(done.change, None, "{done:?}");
    let derived = bench.refused("record-delete h7.pool.acme.example A", code::INVALID, "template none");
    assert_eq!(
        derived.message,
        "h7.pool.acme.example. A follows from the template “h{d}.pool.acme.example” of the block 192.0.2.0/24 and cannot be deleted"
    );
}

#[test]
fn to_add_one_of_those_that_follow_takes_no_other_away() {
    let bench = bench();
    bench.allow_update("key=key.example zone=acme.example");
    bench.ok("ptr 192.0.2.1 a.acme.example");
    bench.ok("ptr 192.0.2.2 a.acme.example");
    const BOTH: [&str; 1] = ["a.acme.example. 3600 A 192.0.2.1 | 192.0.2.2"];
    assert_eq!(bench.update("acme.example", "add a.acme.example. 3600 A 192.0.2.1"), Rcode::NOERROR);
    assert_eq!(addresses(&bench, "acme.example"), BOTH);
    for line in ["record-add a.acme.example A 192.0.2.2", "record-add a.acme.example A 192.0.2.2 ttl=3600"] {
        assert_eq!(bench.ok(line).change, None, "{line}");
    }
    assert_eq!(addresses(&bench, "acme.example"), BOTH);
    // What an RRset is to be, or another TTL, is said by whoever writes it.
    bench.ok("rrsets acme.example; a A 3600 192.0.2.1");
    assert_eq!(addresses(&bench, "acme.example"), ["a.acme.example. 3600 A 192.0.2.1"]);
    bench.ok("record-delete a.acme.example A");
    bench.updated("acme.example", "del a.acme.example. A; add a.acme.example. 3600 A 192.0.2.2");
    assert_eq!(addresses(&bench, "acme.example"), ["a.acme.example. 3600 A 192.0.2.2"]);
    bench.ok("record-delete a.acme.example A");
    bench.updated("acme.example", "add a.acme.example. 60 A 192.0.2.2");
    assert_eq!(addresses(&bench, "acme.example"), ["a.acme.example. 60 A 192.0.2.2"]);
}

#[test]
fn zones_become_companions_and_cease_to_be() {
    let bench = bench();
    bench.ok("zone-add plain.example acme");
    bench.ok("ptr 192.0.2.1 a.plain.example b.deep.plain.example");
    assert_eq!(addresses(&bench, "plain.example"), [""; 0]);
    let before = bench.serial("plain.example");
    bench.ok("zone-set plain.example companion=on");
    assert_eq!(
        addresses(&bench, "plain.example"),
        ["a.plain.example. 3600 A 192.0.2.1", "b.deep.plain.example. 3600 A 192.0.2.1"]
    );
    assert_eq!(bench.serial("plain.example"), before + 1);
    // A zone below has its own names, and gives them back when it goes.
    bench.ok("zone-add deep.plain.example bob companion");
    assert_eq!(addresses(&bench, "plain.example"), ["a.plain.example. 3600 A 192.0.2.1"]);
    assert_eq!(addresses(&bench, "deep.plain.example"), [""; 0]);
    bench.ok("names-allow deep.plain.example acme");
    assert_eq!(addresses(&bench, "deep.plain.example").len(), 1);
    bench.ok("zone-remove deep.plain.example");
    assert_eq!(addresses(&bench, "plain.example").len(), 2);
    bench.ok("zone-set plain.example companion=off");
    assert_eq!(addresses(&bench, "plain.example"), [""; 0]);
    let change = bench.view().version;
    let rollback = ptrd_api::ChangeRequest::Rollback { change, only_ptrd: false };
    bench.ask(rollback, false).expect("a rollback");
    assert_eq!(addresses(&bench, "plain.example").len(), 2);
    bench.refused("zone-set 2.0.192.in-addr.arpa companion=on", code::INVALID, "native zone");
    bench.refused("zone-add 1.0.192.in-addr.arpa acme companion", code::INVALID, "no forward zone");
}

#[test]
fn a_name_of_too_many_addresses_has_none() {
    let bench = bench();
    bench.ok("block 10.0.0.0/20 acme");
    bench.ok("fill 10.0.0.0/21 many.acme.example");
    let lines = addresses(&bench, "acme.example");
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0].matches(" | ").count(), 2_047);
    let done = bench.ok("ptr 10.0.8.0 many.acme.example");
    assert!(done.warnings[0].contains("more than 2048 addresses have the name"), "{:?}", done.warnings);
    assert_eq!(addresses(&bench, "acme.example"), [""; 0]);
    bench.ok("ptr-delete 10.0.0.7");
    assert_eq!(addresses(&bench, "acme.example").len(), 1);
}

#[test]
fn many_ptrs_come_and_go_at_once() {
    let bench = bench();
    bench.ok("block 10.0.0.0/16 acme");
    let done = bench.ok("fill 10.0.0.0/20 h{ip}.acme.example");
    steps(&done, &["0.10.in-addr.arpa", "acme.example"]);
    assert_eq!(addresses(&bench, "acme.example").len(), 4_096);
    bench.ok("block-set 10.0.0.0/16 names=any");
    bench.ok("suspend 10.0.0.0/16");
    assert_eq!(addresses(&bench, "acme.example"), [""; 0]);
}

#[test]
fn nameservers_of_a_companion_zone_have_glue_above() {
    let bench = Bench::with(&[
        "block 192.0.2.0/24 acme",
        "block 192.0.2.0/26 acme apex=net.acme.example classless=first-len",
        "zone-add sub.net.acme.example acme companion ns_set=default",
        "ns-set default ns=ns.sub.net.acme.example",
    ]);
    bench.ok("ptr 192.0.2.77 ns.sub.net.acme.example");
    let lines = zone_lines(&bench.view(), &name("net.acme.example")).expect("a zone");
    assert!(lines.iter().any(|line| line == "ns.sub.net.acme.example. 3600 A 192.0.2.77"), "{lines:?}");
    let zone = bench.view().snapshot.zone(&name("sub.net.acme.example")).cloned().expect("a zone");
    let owner: Name = name("ns.sub.net.acme.example");
    let followed = zone.followed_addresses(bench.view().snapshot.addresses(), &owner);
    assert_eq!(followed[0].rtype, RecordType::A);
}

#[test]
fn both_halves_are_one_change_where_names_must_resolve_back() {
    let resolver = Arc::new(Resolver::default());
    let bench = bench_with(&resolver);
    for line in [
        "block 192.0.2.0/24 acme fcrdns=require",
        "block 198.51.100.0/24 bob fcrdns=require",
        "block 203.0.113.0/24 bob fcrdns=strict",
        "zone-add acme.example acme companion",
    ] {
        bench.ok(line);
    }
    let state = |line: &str| bench.ok(line).fcrdns.first().map(|told| told.state);
    let change = bench.view().version;
    assert_eq!(state("ptr 192.0.2.1 mail.acme.example"), Some(ConfirmationState::Verified));
    assert_eq!(bench.view().version, change + 1);
    assert_eq!(addresses(&bench, "acme.example"), ["mail.acme.example. 3600 A 192.0.2.1"]);
    assert_eq!(state("fill 192.0.2.16/28 h{d}.acme.example"), Some(ConfirmationState::Verified));
    assert_eq!(addresses(&bench, "acme.example").len(), 17);
    assert_eq!(*resolver.asked.lock().expect("a lock"), 0, "nobody was asked");
    // Where nothing follows, it waits or is refused: another's name, the apex, what records hide.
    assert_eq!(state("ptr 198.51.100.1 new.acme.example"), Some(ConfirmationState::Pending));
    bench.refused("ptr 203.0.113.1 new.acme.example", code::INVALID, "does not exist");
    assert_eq!(state("ptr 192.0.2.2 acme.example"), Some(ConfirmationState::Pending));
    bench.ok("record set.acme.example A 192.0.2.99");
    assert_eq!(state("ptr 192.0.2.3 set.acme.example"), Some(ConfirmationState::Pending));
    assert_eq!(state("ptr 192.0.2.99 set.acme.example"), Some(ConfirmationState::Verified));
    // What waits is set once the name is the tenant's.
    bench.ok("names-allow new.acme.example bob");
    let address = "198.51.100.1".parse().expect("an address");
    assert!(bench.view().would_follow(address, &[name("new.acme.example")]));
    let done = bench.runtime.block_on(bench.road.settle_pending(vec![address])).expect("it is settled");
    assert_eq!(done.report[0].what, "set");
    assert!(addresses(&bench, "acme.example").contains(&"new.acme.example. 3600 A 198.51.100.1".to_owned()));
}

#[test]
fn no_more_is_promised_than_a_name_may_have() {
    let resolver = Arc::new(Resolver::default());
    let bench = bench_with(&resolver);
    bench.ok("block 10.0.0.0/16 acme fcrdns=strict");
    bench.ok("zone-add acme.example acme companion");
    bench.refused("fill 10.0.0.0/20 many.acme.example", code::INVALID, "2048 bad lines");
    let done = bench.ok("fill 10.0.0.0/21 many.acme.example");
    assert_eq!(done.fcrdns_total, 2_048);
}

#[test]
fn names_of_templates_have_addresses() {
    let bench = bench();
    bench.ok("block-set 192.0.2.0/24 template=h{d}.Pool.acme.example");
    let shown = addresses(&bench, "acme.example");
    assert_eq!(shown.len(), 256);
    assert_eq!(
        &shown[..3],
        [
            "h0.pool.acme.example. 3600 A 192.0.2.0",
            "h1.pool.acme.example. 3600 A 192.0.2.1",
            "h10.pool.acme.example. 3600 A 192.0.2.10",
        ]
    );
    // An address with a PTR has another name; a PTR that says a name goes before templates that do.
    let done = bench.ok("ptr 192.0.2.7 mail.acme.example h8.pool.acme.example");
    steps(&done, &["2.0.192.in-addr.arpa", "acme.example"]);
    let shown = addresses(&bench, "acme.example");
    assert_eq!(shown.len(), 256);
    assert!(shown.contains(&"h8.pool.acme.example. 3600 A 192.0.2.7".to_owned()));
    assert!(!shown.iter().any(|line| line.starts_with("h7.")));
    bench.ok("ptr-delete 192.0.2.7");
    assert_eq!(addresses(&bench, "acme.example").len(), 256);
    // Blocks of others, suspended ones, names that another holds.
    bench.ok("block 192.0.2.128/25 bob");
    assert_eq!(addresses(&bench, "acme.example").len(), 128);
    bench.ok("names-allow h200.pool.acme.example bob");
    assert_eq!(addresses(&bench, "acme.example").len(), 128, "not of all names of the template");
    bench.ok("names-allow pool.acme.example bob");
    assert_eq!(addresses(&bench, "acme.example").len(), 256);
    bench.ok("suspend 192.0.2.128/25");
    assert_eq!(addresses(&bench, "acme.example").len(), 128);
    // Records of the zone's own stand before.
    bench.ok("record h1.pool.acme.example A 203.0.113.1");
    bench.ok("record h2.pool.acme.example CNAME www.acme.example.");
    bench.ok("record h3.pool.acme.example TXT beside");
    let shown = addresses(&bench, "acme.example");
    assert_eq!(shown.len(), 127);
    assert!(shown.contains(&"h1.pool.acme.example. 86400 A 203.0.113.1".to_owned()));
    bench.ok("block-set 192.0.2.0/24 template=none");
    assert_eq!(addresses(&bench, "acme.example"), ["h1.pool.acme.example. 86400 A 203.0.113.1"]);
}

#[test]
fn several_templates_may_give_one_name() {
    let bench = bench();
    bench.ok("block 10.0.0.0/30 acme template=n{n}.acme.example");
    bench.ok("block 10.0.0.8/30 acme ttl=60 template=n{n}.acme.example");
    bench.ok("block 2001:db8::8/126 acme template=n{n}.acme.example");
    let shown = addresses(&bench, "acme.example");
    assert_eq!(shown.len(), 8);
    assert_eq!(shown[0], "n0.acme.example. 60 A 10.0.0.0 | 10.0.0.8");
    assert_eq!(shown[1], "n0.acme.example. 3600 AAAA 2001:db8::8");
}

#[test]
fn names_of_a_whole_64_are_read_back() {
    let bench = bench();
    bench.ok("block-set 2001:db8::/48 template={hex}.v6.acme.example");
    assert_eq!(addresses(&bench, "acme.example"), [""; 0], "too many to be shown one by one");
    let snapshot = &bench.view().snapshot;
    let held = |text: &str| snapshot.held_addresses(&name(text)).expect("held here").0;
    let one = "20010db8000000000000000000000005.v6.acme.example";
    assert_eq!(held(one), Held::Addresses(vec!["2001:db8::5".parse().expect("an address")]));
    for none in ["2.v6.acme.example", "20010db9000000000000000000000005.v6.acme.example", "x.v6.acme.example"]
    {
        assert_eq!(held(none), Held::NoName, "{none}");
    }
    assert_eq!(held("v6.acme.example"), Held::NoAddress);
}

#[test]
fn a_zone_that_comes_and_cannot_be_transferred_is_named_once() {
    let bench = bench();
    bench.ok("block 2001:db8:7::/64 acme template={hex}.dyn.new.example");
    let done = bench.ok("zone-add new.example acme companion");
    assert_eq!(
        done.warnings,
        ["new.example. cannot be transferred any more: more than 1048576 computed names"]
    );
}
