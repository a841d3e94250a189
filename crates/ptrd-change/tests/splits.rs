//! Blocks that are split and merged, record by record the same before and after.

mod support;

use ptrd_api::code::{BAD_REQUEST, CONFLICT, INVALID, NOT_FOUND};
use support::{Bench, PAGE};

#[test]
fn splitting_and_merging_changes_no_answer() {
    let bench = Bench::with_page();
    bench.ok("block 192.0.2.8/29 bob");
    bench.ok("ptr 192.0.2.9 own-ttl.acme.example ttl=77");
    let before = bench.shown();
    let serial = bench.serial(PAGE);
    for line in ["split 192.0.2.0/24 into=25", "split 192.0.2.0/25 at=192.0.2.32,192.0.2.100"] {
        let done = bench.ok(line);
        assert_eq!((done.zones_changed, done.ptrs_changed), (0, 0), "{line}");
        assert_eq!(bench.shown(), before, "{line}");
        bench.check();
    }
    let ranges: Vec<String> = bench.view().declared.blocks().map(|block| block.range.to_string()).collect();
    assert_eq!(
        ranges,
        [
            "192.0.2.0/27",
            "192.0.2.8/29",
            "192.0.2.32-192.0.2.99",
            "192.0.2.100-192.0.2.127",
            "192.0.2.128/25"
        ]
    );
    let owner = bench.view().declared.block_of("192.0.2.9".parse().expect("ip")).expect("a block").tenant;
    assert_eq!(owner, bench.view().declared.tenant_named("bob").expect("bob").id);
    bench.ok("merge 192.0.2.100-192.0.2.127 192.0.2.32-192.0.2.99 192.0.2.0/27");
    bench.ok("merge 192.0.2.0/25 192.0.2.128/25");
    assert_eq!((bench.shown(), bench.serial(PAGE)), (before, serial));
    // Whoever goes last takes the zone along, whatever was split and merged.
    bench.ok("split 192.0.2.0/24 into=25");
    bench.ok("unblock 192.0.2.8/29 clear");
    bench.ok("unblock 192.0.2.128/25 clear");
    assert_eq!(bench.zones().len(), 1);
    bench.ok("unblock 192.0.2.0/25 clear");
    assert!(bench.zones().is_empty());
}

#[test]
fn wider_blocks_and_ipv6() {
    let bench = Bench::with(&[
        "block 10.0.0.0/15 acme ttl=300",
        "fill 10.0.255.0-10.1.0.255 h{n}.acme.example",
        "block 2001:db8::/29 acme",
        "ptr 2001:db8::1 six.acme.example",
        "ptr 2001:dbf::1 six.acme.example",
    ]);
    let before = bench.shown();
    for line in [
        "split 10.0.0.0/15 into=16",
        "merge 10.0.0.0/16 10.1.0.0/16",
        "split 10.0.0.0/15 at=10.0.255.77",
        "merge 10.0.0.0-10.0.255.76 10.0.255.77-10.1.255.255",
        "split 2001:db8::/29 into=32",
        "merge 2001:db8::/32 2001:db9::/32 2001:dba::/32 2001:dbb::/32",
        "split 2001:db8::/30 at=2001:db9:8000::",
    ] {
        bench.ok(line);
        assert_eq!(bench.shown(), before, "{line}");
    }
    for range in [
        "2001:db8::-2001:db9:7fff:ffff:ffff:ffff:ffff:ffff",
        "2001:db9:8000::-2001:dbb:ffff:ffff:ffff:ffff:ffff:ffff",
    ] {
        bench.ok(&format!("unblock {range} clear"));
    }
    let six = bench.zones().iter().filter(|zone| zone.ends_with("ip6.arpa.")).count();
    assert_eq!(six, 4, "one each for dbc, dbd, dbe, dbf");
}

#[test]
fn a_classless_block_is_split_under_both_labels() {
    let bench = Bench::with_page();
    bench.ok("block 192.0.2.64/26 acme classless=first-len");
    let old = "64-26.2.0.192.in-addr.arpa";
    bench.ok(&format!("record 100.{old}. TXT x"));
    let answered = bench.answers();
    bench.ok("split 192.0.2.64/26 at=192.0.2.96 keep-old");
    assert_eq!(bench.answers(), answered);
    assert_eq!(bench.count(" CNAME 100.96-27.2.0.192.in-addr.arpa."), 1);
    assert_eq!(
        bench.zone("96-27.2.0.192.in-addr.arpa").iter().filter(|line| line.contains(" TXT ")).count(),
        1
    );
    assert_eq!(
        bench.zone("64-27.2.0.192.in-addr.arpa").iter().filter(|line| line.contains(" TXT ")).count(),
        0
    );
    let serial = bench.serial(old);
    bench.ok("ptr 192.0.2.100 new.acme.example");
    bench.ok("ptr 192.0.2.70 new.acme.example");
    assert_eq!(bench.serial(old), serial + 2, "the old zone shows both parts");
    bench.check();
    // Whoever ends the old label ends it for both.
    bench.ok("finish 192.0.2.96/27");
    bench.refused("finish 192.0.2.64/27", CONFLICT, "no label of before");
    let answered = bench.answers();
    bench.ok("merge 192.0.2.64/27 192.0.2.96/27 keep-old");
    assert_eq!(bench.answers(), answered);
    assert_eq!(bench.zones().len(), 4);
    let serials =
        ["64-27", "96-27", "64-26"].map(|label| bench.serial(&format!("{label}.2.0.192.in-addr.arpa")));
    bench.ok("ptr 192.0.2.100 newer.acme.example");
    let after =
        ["64-27", "96-27", "64-26"].map(|label| bench.serial(&format!("{label}.2.0.192.in-addr.arpa")));
    assert_eq!(after, [serials[0], serials[1] + 1, serials[2] + 1]);
    bench.check();
    bench.ok("finish 192.0.2.64/26");
    assert_eq!(bench.zones().len(), 2);
    bench.ok("split 192.0.2.64/26 into=28 grace=0");
    assert_eq!(bench.zones().len(), 5);
    bench.ok("merge 192.0.2.64/28 192.0.2.80/28 grace=0");
    assert_eq!(bench.zones().len(), 4);
}

#[test]
fn refused_splits_and_mergers_say_why() {
    let bench = Bench::with_page();
    for line in [
        "block 192.0.2.0/28 bob",
        "block 192.0.2.32/28 acme",
        "block 192.0.2.48/28 acme ttl=60",
        "block 192.0.2.96/28 acme classless=first-len",
        "block 192.0.2.112/28 acme",
        "block 192.0.2.128/26 bob delegate=classless ns=ns1.bob.example,ns2.bob.example",
        "block 10.0.0.0/8 acme",
        "block 10.0.0.0/16 acme delegate=zone ns=ns1.bob.example,ns2.bob.example",
        "block 10.1.0.0/24 acme delegate=zone ns=ns1.bob.example,ns2.bob.example",
        "block 10.1.1.0/24 acme delegate=zone ns=ns1.bob.example,ns2.bob.example",
        "block 2001:db8::/32 acme",
    ] {
        bench.ok(line);
    }
    for (line, code, part) in [
        ("split 192.0.2.0/24 at=192.0.2.8", CONFLICT, "through 192.0.2.0/28"),
        ("split 192.0.2.0/24 at=192.0.2.16", CONFLICT, "192.0.2.0/28 is there already"),
        ("split 192.0.2.0/24 at=192.0.2.0", INVALID, "nothing would be split"),
        ("split 192.0.2.0/24 at=192.0.3.1", INVALID, "not inside"),
        ("split 192.0.2.0/24 into=24", INVALID, "one /24 already"),
        ("split 192.0.2.0/24 into=23", INVALID, "does not consist of"),
        ("split 192.0.2.0/24 into=33", BAD_REQUEST, "no length"),
        ("split 192.0.2.0/24", BAD_REQUEST, "--at ADDRESS or --into"),
        ("split 192.0.2.0/24 at=192.0.2.9 into=25", BAD_REQUEST, "--at ADDRESS or --into"),
        ("split 2001:db8::/32 into=64", INVALID, "more than 4096"),
        ("split 192.0.2.128/26 into=27", INVALID, "served by the customer"),
        ("split 10.0.0.0/16 into=17", INVALID, "would have to serve other zones"),
        ("merge 192.0.2.0/28", BAD_REQUEST, "two blocks or more"),
        ("merge 192.0.2.32/28 192.0.2.32/28", BAD_REQUEST, "twice"),
        ("merge 192.0.2.0/28 192.0.2.32/28", INVALID, "do not follow one another"),
        ("merge 192.0.2.0/24 192.0.2.32/28", INVALID, "lies inside"),
        ("merge 192.0.2.32/28 192.0.2.48/28", CONFLICT, "different TTLs"),
        ("merge 192.0.2.96/28 192.0.2.112/28", CONFLICT, "answered in different ways"),
        ("merge 192.0.2.0/28 192.0.2.16/28", NOT_FOUND, "no block here is exactly"),
        ("merge 10.0.0.0/8 2001:db8::/32", INVALID, "IPv4 and of IPv6"),
    ] {
        bench.refused(line, code, part);
    }
    let before = bench.shown();
    bench.ok("merge 10.1.0.0/24 10.1.1.0/24");
    assert_eq!(bench.shown(), before, "two cuts as before");
    bench.ok("block 192.0.2.64/28 acme");
    bench.ok("block 192.0.2.80/28 acme");
    bench.ok("suspend 192.0.2.80/28");
    bench.refused("merge 192.0.2.64/28 192.0.2.80/28", CONFLICT, "suspended");
    bench.ok("transfer 192.0.2.80/28 bob");
    bench.refused("merge 192.0.2.64/28 192.0.2.80/28", CONFLICT, "different tenants");
}

#[test]
fn a_split_says_what_ttl_it_takes_from_cnames() {
    let bench = Bench::with(&[
        "block 192.0.2.0/24 acme ttl=300",
        "block 192.0.2.64/30 acme classless=first-len",
        "ptr 192.0.2.65 a.acme.example",
    ]);
    assert_eq!(bench.count(" 300 CNAME "), 4);
    let done = bench.ok("split 192.0.2.0/24 into=25");
    assert!(done.warnings[0].contains("have the TTL 3600, before 300"), "{:?}", done.warnings);
    assert_eq!((bench.count(" 3600 CNAME "), bench.count(" 300 PTR ")), (4, 1));
    let done = bench.ok("merge 192.0.2.0/25 192.0.2.128/25");
    assert!(done.warnings[0].contains("have the TTL 300, before 3600"), "{:?}", done.warnings);
    assert_eq!(bench.count(" 300 CNAME "), 4);
}
