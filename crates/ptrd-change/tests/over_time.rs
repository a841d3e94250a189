//! Blocks over time: what happens to PTRs, zones, CNAMEs and cuts when blocks are suspended, change hands or go. After
//! every test the judge goes over all zones, and a reload must give the same.

mod support;

use ptrd_api::code::{BAD_REQUEST, CONFLICT, FORBIDDEN, INVALID, NOT_FOUND};
use support::{Bench, PAGE, name};

#[test]
fn a_suspended_block_shows_nothing_and_comes_back_as_it_was() {
    let bench = Bench::with_page();
    bench.ok("block 192.0.2.64/26 bob classless=first-len ptrs=keep");
    bench.ok("block 192.0.2.128/31 bob delegate=ns ns=ns1.bob.example,ns2.bob.example");
    let before = bench.shown();
    assert_eq!(
        bench.preview("suspend 192.0.2.64/26"),
        ["block changed 1", "zone kept 1", "ptr hidden 64", "cname removed 64"]
    );
    let serial = bench.serial(PAGE);
    bench.ok("suspend 192.0.2.64/26");
    assert_eq!(bench.serial(PAGE), serial + 1);
    assert_eq!((bench.count(" CNAME "), bench.count(" PTR ")), (0, 256 - 64 - 2));
    assert_eq!(bench.zone("64-26.2.0.192.in-addr.arpa").len(), 1, "the zone stays, with its NS");
    // Blocks around and inside too, of whatever mode.
    bench.ok("suspend 192.0.2.0/24");
    assert_eq!((bench.count(" PTR "), bench.count("bob.example"), bench.count(" TXT ")), (0, 0, 1));
    let again = bench.ok("suspend 192.0.2.0/24");
    assert!(again.change.is_none() && again.summary.contains("already"), "{}", again.summary);
    let still = bench.ok("resume 192.0.2.64/26");
    assert!(still.warnings[0].contains("lies in 192.0.2.0/24"), "{:?}", still.warnings);
    assert_eq!(bench.count(" CNAME "), 0);
    bench.ok("resume 192.0.2.0/24");
    assert_eq!(bench.shown(), before);
}

#[test]
fn a_suspension_is_one_range_in_a_zone_however_much_lies_in_the_block() {
    let bench = Bench::with(&["block 10.0.0.0/8 acme", "fill 10.1.0.0/18 h{n}.acme.example"]);
    let before = bench.everything();
    let done = bench.ok("suspend 10.0.0.0/8");
    assert_eq!((done.ptrs_changed, done.zones_changed), (0, 1));
    assert_eq!(bench.zone("10.in-addr.arpa").len(), 1);
    let view = bench.view();
    assert_eq!(view.snapshot.zone(&name("10.in-addr.arpa")).expect("a zone").derived().exceptions.len(), 1);
    assert_eq!(bench.store.changes().last().expect("a change").edits.len(), 1);
    bench.ok("resume 10.0.0.0/8");
    let serials_aside =
        |lines: Vec<String>| lines.into_iter().filter(|line| !line.starts_with("zone ")).collect::<Vec<_>>();
    assert_eq!(serials_aside(bench.everything()), serials_aside(before));
}

#[test]
fn in_a_suspended_block_operators_write_and_tenants_do_not() {
    let bench = Bench::with_page();
    bench.ok("block 192.0.2.64/26 bob classless=first-len");
    bench.ok("suspend 192.0.2.64/26");
    let serials = [bench.serial(PAGE), bench.serial("64-26.2.0.192.in-addr.arpa")];
    let refused = bench.as_tenant("bob", "ptr 192.0.2.70 new.bob.example").expect_err("suspended");
    assert_eq!((refused.code.as_str(), refused.message.contains("is suspended")), (FORBIDDEN, true));
    let refused =
        bench.as_tenant("bob", "fill 192.0.2.70-192.0.2.71 h{n}.bob.example").expect_err("suspended");
    assert!(refused.errors[0].message.contains("is suspended"), "{:?}", refused.errors);
    assert!(bench.as_tenant("bob", "ptr-delete 192.0.2.70").is_err());
    bench.ok("ptr 192.0.2.70 new.bob.example");
    assert_eq!(serials, [bench.serial(PAGE), bench.serial("64-26.2.0.192.in-addr.arpa")], "nothing to see");
    // What comes back on a resumption must find its place free.
    bench.refused("record 70.2.0.192.in-addr.arpa. TXT x", INVALID, "follows from the block 192.0.2.64/26");
    bench.ok("resume 192.0.2.64/26");
    assert_eq!(bench.answers()[70].as_deref(), Some("new.bob.example."));
    bench.as_tenant("bob", "ptr 192.0.2.70 newer.bob.example").expect("resumed");
}

#[test]
fn a_transfer_leaves_no_name_of_the_old_tenant() {
    let bench = Bench::with_page();
    bench.ok("record 7.2.0.192.in-addr.arpa. TXT acme");
    bench.ok("record 2.0.192.in-addr.arpa. NS ns.2.0.192.in-addr.arpa.;ns.acme.example.");
    bench.ok("record ns.2.0.192.in-addr.arpa. A 192.0.2.1");
    assert_eq!(
        bench.preview("transfer 192.0.2.0/24 bob"),
        ["block changed 1", "zone changed 1", "ptr cleared 256", "record removed 2"]
    );
    let done = bench.ok("transfer 192.0.2.0/24 bob");
    assert_eq!((done.ptrs_changed, done.zones_changed), (256, 1));
    assert_eq!(bench.zone(PAGE).len(), 2, "NS and the address that it needs: {:?}", bench.zone(PAGE));
    let view = bench.view();
    let bob = view.declared.tenant_named("bob").expect("bob").id;
    assert_eq!(view.declared.zone(&name(PAGE)).expect("a zone").tenant, bob);
    bench.ok("tenant-remove acme");
    bench.refused("transfer 192.0.2.0/24 bob", CONFLICT, "belongs to bob already");
    bench.refused("transfer 192.0.2.0/25 bob", NOT_FOUND, "lies in the block 192.0.2.0/24");
    bench.refused("transfer 192.0.2.0/24 nobody", NOT_FOUND, "no tenant");
}

#[test]
fn a_transfer_keeps_names_only_when_told_to() {
    let bench = Bench::with_page();
    let before = bench.shown();
    let done = bench.ok("transfer 192.0.2.0/24 bob ptrs=keep");
    assert!(done.warnings[0].contains("256 PTRs of acme stay at addresses of bob"), "{:?}", done.warnings);
    assert_eq!(bench.shown(), before);
    assert_eq!(done.zones_changed, 0);
}

#[test]
fn what_else_lies_inside_is_listed_and_goes_along_when_told_to() {
    let bench = Bench::with_page();
    bench.ok("block 192.0.2.64/26 acme classless=first-len");
    bench.ok("block 192.0.2.128/26 bob ptrs=keep");
    bench.ok("tenant-add carol");
    bench.refused("transfer 192.0.2.0/24 carol", CONFLICT, "the block 192.0.2.64/26");
    bench.refused("transfer 192.0.2.0/24 carol", CONFLICT, "--recursive");
    let done = bench.ok("transfer 192.0.2.0/24 carol recursive");
    assert!(done.summary.contains("with 1 block inside"), "{}", done.summary);
    // Bob's are bob's.
    let left: Vec<usize> = (0..256).filter(|n| bench.answers()[*n].is_some()).collect();
    assert_eq!(left, (128..192).collect::<Vec<_>>());
    bench.ok("tenant-remove acme");
    let view = bench.view();
    let carol = view.declared.tenant_named("carol").expect("carol").id;
    assert!(view.declared.zones().all(|zone| zone.tenant == carol));
}

#[test]
fn records_at_addresses_in_a_zone_around_go_with_the_names() {
    let bench = Bench::with_page();
    bench.ok("block 192.0.2.64/26 bob");
    bench.ok("record 70.2.0.192.in-addr.arpa. TXT bob");
    bench.ok("record a.70.2.0.192.in-addr.arpa. TXT bob");
    bench.ok("record 7.2.0.192.in-addr.arpa. TXT acme");
    bench.ok("tenant-add carol");
    bench.ok("transfer 192.0.2.64/26 carol");
    assert_eq!((bench.count("\"bob\""), bench.count("\"acme\""), bench.count(" PTR ")), (0, 1, 192));
    bench.ok("tenant-remove bob");
}

#[test]
fn what_others_answer_is_not_transferred_in_silence() {
    let bench = Bench::with_page();
    bench.ok("block 192.0.2.64/26 bob delegate=classless ns=ns1.bob.example,ns2.bob.example");
    bench.ok("tenant-add carol");
    bench.refused("transfer 192.0.2.64/26 carol", CONFLICT, "ns1.bob.example.");
    let before = bench.shown();
    bench.ok("transfer 192.0.2.64/26 carol ptrs=keep");
    assert_eq!(bench.shown(), before);
}

#[test]
fn a_removed_block_leaves_no_name_to_another_tenant() {
    let bench = Bench::with_page();
    bench.ok("block 192.0.2.64/26 bob ptrs=keep");
    bench.ok("block 192.0.2.128/26 acme");
    assert_eq!(bench.preview("unblock 192.0.2.64/26"), ["block removed 1", "zone kept 1", "ptr cleared 64"]);
    bench.ok("unblock 192.0.2.64/26");
    assert_eq!(bench.count(" PTR "), 192);
    // The same tenant's stay.
    bench.ok("unblock 192.0.2.128/26");
    assert_eq!(bench.count(" PTR "), 192);
    bench.ok("block 192.0.2.128/26 bob ptrs=keep");
    let kept = bench.ok("unblock 192.0.2.128/26 ptrs=keep");
    assert!(kept.warnings[0].contains("64 PTRs of bob stay at addresses of acme"), "{:?}", kept.warnings);
    bench.refused("unblock 192.0.2.0/24", CONFLICT, "txt.2.0.192");
    bench.ok("record-delete txt.2.0.192.in-addr.arpa. TXT");
    bench.refused("unblock 192.0.2.0/24", INVALID, "192 PTRs");
    bench.refused("unblock 192.0.2.0/24 ptrs=keep", INVALID, "192 PTRs");
    bench.refused("unblock 192.0.2.0/24 clear ptrs=keep", BAD_REQUEST, "exclude");
    bench.ok("unblock 192.0.2.0/24 ptrs=clear");
    assert!(bench.zones().is_empty());
}
