//! Blocks become zones, cuts and CNAMEs, or are refused with a reason.

mod support;

use ptrd_api::code::{BAD_REQUEST, CONFLICT, INVALID, NOT_FOUND};
use support::Bench;

fn zones(bench: &Bench) -> Vec<String> {
    bench.view().declared.zones().map(|zone| zone.apex.to_string()).collect()
}

#[test]
fn ranges_become_the_zones_that_a_registry_delegates() {
    for (range, count, first) in [
        ("198.51.100.0/24", 1, "100.51.198.in-addr.arpa."),
        ("198.51.100.0/22", 4, "100.51.198.in-addr.arpa."),
        ("198.51.100.0-198.51.102.255", 3, "100.51.198.in-addr.arpa."),
        ("10.0.0.0/8", 1, "10.in-addr.arpa."),
        ("172.16.0.0/12", 16, "16.172.in-addr.arpa."),
        ("2001:db8::/48", 1, "0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa."),
        ("2001:db8::/29", 8, "8.b.d.0.1.0.0.2.ip6.arpa."),
        ("2001:db8::1", 1, "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa."),
        ("192.0.2.64/26", 1, "64-26.2.0.192.in-addr.arpa."),
        ("192.0.2.7", 1, "7-32.2.0.192.in-addr.arpa."),
    ] {
        let bench = Bench::new();
        let done = bench.ok(&format!("block {range} acme"));
        let zones = zones(&bench);
        assert_eq!((zones.len(), zones[0].as_str()), (count, first), "{range}");
        assert_eq!(done.zones_changed as usize, count);
        let ns = bench.zone(first);
        assert_eq!(ns, [format!("{first} 86400 NS ns1.example.net. | ns2.example.net.")]);
    }
}

#[test]
fn where_a_zone_is_served_a_block_adds_none_unless_told_to() {
    let bench = Bench::with(&["block 10.0.0.0/8 acme", "block 10.1.0.0/16 bob", "block 10.1.2.0/26 bob"]);
    assert_eq!(zones(&bench).len(), 1);
    bench.ok("block 10.2.0.0/23 bob own-zone");
    bench.ok("block 10.3.0.128/25 bob own-zone");
    bench.ok("block 10.3.0.5 bob own-zone");
    assert_eq!(
        zones(&bench)[1..],
        [
            "0.2.10.in-addr.arpa.",
            "1.2.10.in-addr.arpa.",
            "128-25.0.3.10.in-addr.arpa.",
            "5-32.0.3.10.in-addr.arpa."
        ]
    );
    let top = bench.zone("10.in-addr.arpa");
    assert!(top.contains(&"0.2.10.in-addr.arpa. 86400 NS ns1.example.net. | ns2.example.net.".into()));
    assert!(top.contains(&"200.0.3.10.in-addr.arpa. 3600 CNAME 200.128-25.0.3.10.in-addr.arpa.".into()));
    assert_eq!(top.len(), 1 + 2 + 2 + 128 + 1);
}

#[test]
fn classless_styles_and_apexes() {
    for (line, apex) in [
        ("block 192.0.2.128/26 acme classless=first-len", "128-26.2.0.192.in-addr.arpa."),
        ("block 192.0.2.128/26 acme classless=first-last", "128-191.2.0.192.in-addr.arpa."),
        ("block 192.0.2.128/26 acme classless=slash", "128/26.2.0.192.in-addr.arpa."),
        ("block 192.0.2.128/26 acme label=acme", "acme.2.0.192.in-addr.arpa."),
        ("block 192.0.2.3-192.0.2.9 acme classless=first-last", "3-9.2.0.192.in-addr.arpa."),
        ("block 192.0.2.3-192.0.2.9 acme label=odd", "odd.2.0.192.in-addr.arpa."),
        ("block 192.0.2.128/26 acme apex=rev.acme.example", "rev.acme.example."),
        ("block 192.0.2.0/24 acme label=all", "all.2.0.192.in-addr.arpa."),
    ] {
        for parent in [None, Some("block 192.0.2.0/23 bob"), Some("block 192.0.0.0/16 bob")] {
            let bench = Bench::new();
            parent.into_iter().for_each(|parent| {
                bench.ok(parent);
            });
            let done = bench.ok(line);
            assert!(zones(&bench).contains(&apex.to_owned()), "{line}: {:?}", zones(&bench));
            assert_eq!(done.warnings.len(), usize::from(parent.is_none()), "{line}: {:?}", done.warnings);
        }
    }
}

#[test]
fn ptrs_move_with_the_mode_of_their_block() {
    let bench = Bench::with(&[
        "block 192.0.2.0/24 acme",
        "ptr 192.0.2.5 five.example.com",
        "ptr 192.0.2.65 sixty-five.example.com",
    ]);
    let serial = bench.serial("2.0.192.in-addr.arpa");
    bench.ok("block 192.0.2.64/26 bob classless=first-len ptrs=keep");
    assert_eq!(bench.serial("2.0.192.in-addr.arpa"), serial + 1);
    let shown = bench.zone("64-26.2.0.192.in-addr.arpa");
    assert!(
        shown.contains(&"65.64-26.2.0.192.in-addr.arpa. 3600 PTR sixty-five.example.com.".into()),
        "{shown:?}"
    );
    // Classless inside classless: its CNAMEs stand in the outer zone.
    bench.ok("block 192.0.2.72/29 bob classless=first-len");
    let outer = bench.zone("64-26.2.0.192.in-addr.arpa");
    assert!(
        outer.contains(
            &"73.64-26.2.0.192.in-addr.arpa. 3600 CNAME 73.72-29.64-26.2.0.192.in-addr.arpa.".into()
        ),
        "{outer:?}"
    );
    bench.ok("ptr 192.0.2.73 inner.example.com");
    assert!(
        bench
            .zone("72-29.64-26.2.0.192.in-addr.arpa")
            .iter()
            .any(|line| line.ends_with("PTR inner.example.com."))
    );
    // All CNAMEs go together, and the PTRs are seen where they were.
    bench.ok("unblock 192.0.2.72/29");
    bench.ok("unblock 192.0.2.64/26 ptrs=keep");
    let shown = bench.zone("2.0.192.in-addr.arpa");
    assert!(!shown.iter().any(|line| line.contains("CNAME")));
    assert_eq!(shown.iter().filter(|line| line.contains(" PTR ")).count(), 3);
}

#[test]
fn delegations() {
    let bench = Bench::with(&["block 10.0.0.0/8 acme"]);
    let one = bench.ok("block 10.1.0.0/22 bob delegate=zone ns=ns.bob.example");
    assert!(one.warnings[0].contains("one nameserver"), "{:?}", one.warnings);
    bench.ok("block 10.2.0.0/16 bob delegate=zone ns=ns.bob.example,ns.2.10.in-addr.arpa@192.0.2.1@2001:db8::1 ds=1_13_2_00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
    bench.ok(
        "block 10.3.0.64/28 bob delegate=classless ns=ns.bob.example,ns.64-28.0.3.10.in-addr.arpa@192.0.2.1",
    );
    bench.ok("block 10.3.0.128/31 bob delegate=ns ns=ns.bob.example,ns2.bob.example");
    bench.ok("block 10.3.0.200-10.3.1.3 bob delegate=ns ns=ns.bob.example,ns2.bob.example");
    let top = bench.zone("10.in-addr.arpa");
    for line in [
        "3.1.10.in-addr.arpa. 86400 NS ns.bob.example.",
        "2.10.in-addr.arpa. 86400 NS ns.2.10.in-addr.arpa. | ns.bob.example.",
        "ns.2.10.in-addr.arpa. 86400 A 192.0.2.1",
        "ns.2.10.in-addr.arpa. 86400 AAAA 2001:db8::1",
        "79.0.3.10.in-addr.arpa. 3600 CNAME 79.64-28.0.3.10.in-addr.arpa.",
        "ns.64-28.0.3.10.in-addr.arpa. 86400 A 192.0.2.1",
        "129.0.3.10.in-addr.arpa. 86400 NS ns.bob.example. | ns2.bob.example.",
        "3.1.3.10.in-addr.arpa. 86400 NS ns.bob.example. | ns2.bob.example.",
    ] {
        assert!(top.contains(&line.to_owned()), "{line}\n{top:#?}");
    }
    for (line, part) in [
        ("ptr 10.1.0.1 a.example.com", "delegated to ns.bob.example."),
        ("ptr 10.3.0.65 a.example.com", "delegated to"),
        ("block 10.1.1.0/24 bob", "is delegated: nobody here"),
        ("block 10.3.0.64/29 bob classless=first-len", "is delegated"),
        ("record 2.10.in-addr.arpa. NS ns.example.", "follows from the block 10.2.0.0/16"),
        ("record x.2.10.in-addr.arpa. TXT x zone=10.in-addr.arpa", "follows from the block 10.2.0.0/16"),
        ("record 65.0.3.10.in-addr.arpa. TXT x", "follows from the block 10.3.0.64/28"),
        ("record 64-28.0.3.10.in-addr.arpa. TXT x", "follows from the block 10.3.0.64/28"),
        ("record 129.0.3.10.in-addr.arpa. TXT x", "follows from the block 10.3.0.128/31"),
        ("record-delete 129.0.3.10.in-addr.arpa. NS", "follows from the block 10.3.0.128/31"),
    ] {
        bench.refused(line, INVALID, part);
    }
    bench.ok("unblock 10.3.0.200-10.3.1.3");
    bench.ok("unblock 10.2.0.0/16");
    assert!(
        !bench
            .zone("10.in-addr.arpa")
            .iter()
            .any(|line| line.starts_with("2.10") || line.starts_with("3.1.3.10"))
    );
}

#[test]
fn refused_blocks_say_why() {
    let bench = Bench::with(&[
        "block 192.0.2.0/24 acme",
        "block 192.0.2.64/26 bob classless=first-len",
        "block 198.51.100.0/25 acme",
        "block 203.0.113.0/24 bob",
        "block 203.0.113.0/26 bob",
        "record 5.2.0.192.in-addr.arpa. TXT x",
        "record 192-27.2.0.192.in-addr.arpa. TXT x",
    ]);
    for (line, code, part) in [
        ("block 192.0.2.1/24 acme", INVALID, "did you mean 192.0.2.0/24?"),
        ("block 192.0.2.9-192.0.2.1 acme", INVALID, "must not come after"),
        ("block nonsense acme", INVALID, "is no address"),
        ("block 10.0.0.0/8 nobody", NOT_FOUND, "no tenant “nobody”"),
        ("block 192.0.2.0/24 bob", CONFLICT, "there already, owned by acme"),
        ("block 192.0.2.64/26 acme", CONFLICT, "there already, owned by bob"),
        ("block 192.0.2.60-192.0.2.70 acme", INVALID, "crosses the block 192.0.2.64/26 of bob"),
        ("block 192.0.2.0-192.0.3.9 acme", INVALID, "does not start and end where zones can"),
        ("block 203.0.112.0/23 acme", CONFLICT, "113.0.203.in-addr.arpa. belongs to the tenant bob"),
        ("block 10.0.0.0-10.20.0.255 acme", INVALID, "would need 5121 zones"),
        ("block 2001:db8::-2001:db8::1:0 acme", INVALID, "would need"),
        ("block 10.0.0.1-10.0.0.6 acme", INVALID, "is no prefix"),
        ("block 10.0.0.250-10.0.1.6 acme", INVALID, "within one /24"),
        ("block 10.0.0.0/24 acme classless=first-len", INVALID, "a whole /24"),
        ("block 10.0.0.0/26 acme classless=lastfirst", BAD_REQUEST, "no classless style"),
        ("block 2001:db8::/64 acme classless=first-len", INVALID, "classless zones are for IPv4"),
        ("block 2001:db8::/64 acme apex=x.example", INVALID, "classless zones are for IPv4"),
        ("block 192.0.2.0/29 acme classless=first-len", CONFLICT, "5.2.0.192.in-addr.arpa."),
        ("block 192.0.2.0/29 acme delegate=ns ns=a.example,b.example", CONFLICT, "5.2.0.192.in-addr.arpa."),
        ("block 192.0.2.192/27 acme classless=first-len", CONFLICT, "would hide"),
        ("block 192.0.2.128/27 acme label=64-26", CONFLICT, "is served here already"),
        ("block 192.0.2.128/27 acme label=200", INVALID, "is the name of 192.0.2.200/32"),
        ("block 192.0.2.128/27 acme label=a.b", BAD_REQUEST, "is not one label"),
        ("block 192.0.2.128/27 acme apex=x.7.2.0.192.in-addr.arpa", INVALID, "below the name of one address"),
        ("block 192.0.2.64/28 acme apex=70.64-26.2.0.192.in-addr.arpa", INVALID, "name of 192.0.2.70"),
        (
            "block 192.0.2.64/28 acme own-zone delegate=ns ns=a.example,b.example",
            BAD_REQUEST,
            "no zone of its own",
        ),
        ("block 192.0.2.16/28 acme ns=a.example", BAD_REQUEST, "belong to a delegation"),
        ("block 192.0.2.16/28 acme delegate=ns", BAD_REQUEST, "needs a nameserver"),
        (
            "block 192.0.2.16/28 acme delegate=ns ns=a.example classless=first-len",
            BAD_REQUEST,
            "--delegate classless only",
        ),
        ("block 192.0.2.16/28 acme delegate=zone ns=a.example,b.example", INVALID, "does not consist of"),
        ("block 192.0.2.64/32 acme delegate=zone ns=a.example,b.example", INVALID, "has no zone names"),
        (
            "block 203.0.113.0/25 acme delegate=ns ns=a.example,b.example",
            INVALID,
            "the block 203.0.113.0/26 lies inside",
        ),
        ("block 8.8.8.0/24 acme delegate=zone ns=a.example,b.example", INVALID, "no native zone above"),
        ("block 8.8.8.0/29 acme delegate=ns ns=a.example,b.example", INVALID, "no native zone here shows"),
        ("block 192.0.2.16/28 acme delegate=ns ns=a.example@192.0.2.1", INVALID, "glue is for names within"),
        (
            "block 192.0.2.16/28 acme delegate=classless ns=ns.16-28.2.0.192.in-addr.arpa",
            INVALID,
            "without glue",
        ),
        ("block 192.0.2.16/28 acme delegate=classless ns=ns_1.example", INVALID, "underscore"),
        ("block 192.0.2.16/28 acme delegate=classless ns=a.example,A.example", INVALID, "twice"),
        ("block 192.0.2.16/28 acme delegate=classless ns=a.example ds=nonsense", INVALID, "DS"),
        (
            "block 192.0.2.16/31 acme delegate=ns ns=a.example ds=1_13_2_00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
            CONFLICT,
            "a DS record is for one zone",
        ),
        ("block 192.0.2.80/28 acme own-zone ttl=4294967295", INVALID, "too large"),
        ("unblock 192.0.2.0/25", NOT_FOUND, "it lies in the block 192.0.2.0/24"),
        ("unblock 1.2.3.0/25", NOT_FOUND, "no block here"),
    ] {
        bench.refused(line, code, part);
    }
}

#[test]
fn a_classless_zone_without_a_parent_here_is_shown_none_the_less() {
    let bench = Bench::new();
    let done = bench.ok("block 192.0.2.64/26 acme");
    assert!(done.warnings[0].contains("parent-records"), "{:?}", done.warnings);
    bench.ok("ptr 192.0.2.70 x.example.com");
    assert_eq!(
        bench.zone("64-26.2.0.192.in-addr.arpa")[1],
        "70.64-26.2.0.192.in-addr.arpa. 3600 PTR x.example.com."
    );
    let records = bench.view().parent_records("192.0.2.64/26").expect("records");
    assert_eq!(records.parent, "2.0.192.in-addr.arpa.");
    let lines: Vec<&str> = records.text.lines().collect();
    assert_eq!(lines[0], "$ORIGIN 2.0.192.in-addr.arpa.");
    assert_eq!(lines[1], "64\t3600\tIN\tCNAME\t64.64-26.2.0.192.in-addr.arpa.");
    assert_eq!(lines[65], "64-26\t86400\tIN\tNS\tns1.example.net.");
    assert_eq!(lines.len(), 67);
    assert!(!bench.view().block("192.0.2.64/26").expect("block").parent_here);
    // The parent comes later, and takes up the CNAMEs and the cut.
    bench.ok("block 192.0.2.0/24 bob");
    assert_eq!(bench.zone("2.0.192.in-addr.arpa").len(), 1 + 64 + 1);
    assert!(bench.view().block("192.0.2.64/26").expect("block").parent_here);
}

#[test]
fn removal_takes_what_only_the_block_brought() {
    let bench = Bench::with(&[
        "block 10.0.0.0/8 acme",
        "block 10.1.0.0/16 bob own-zone",
        "block 10.1.1.0/24 bob own-zone",
        "ptr 10.1.1.1 a.example.com",
        "ptr 10.1.2.1 b.example.com",
    ]);
    bench.ok("unblock 10.1.0.0/16 ptrs=keep");
    assert_eq!(zones(&bench), ["10.in-addr.arpa.", "1.1.10.in-addr.arpa."]);
    assert!(bench.zone("10.in-addr.arpa").contains(&"1.2.1.10.in-addr.arpa. 3600 PTR b.example.com.".into()));
    bench.ok("unblock 10.1.1.0/24 ptrs=keep");
    assert_eq!(zones(&bench), ["10.in-addr.arpa."]);
    bench.refused("unblock 10.0.0.0/8", INVALID, "2 PTRs of 10.0.0.0/8 would belong to no block");
    bench.ok("record x.10.in-addr.arpa. TXT x");
    bench.refused("unblock 10.0.0.0/8", CONFLICT, "x.10.in-addr.arpa. TXT");
    let done = bench.ok("unblock 10.0.0.0/8 clear");
    assert_eq!((done.ptrs_changed, done.zones.len()), (2, 1));
    assert_eq!(zones(&bench), [] as [&str; 0]);
    assert!(bench.view().snapshot.addresses().is_empty());
    // A zone that an inner block lives in stays when the outer one goes.
    bench.ok("block 192.0.2.0/24 acme");
    bench.ok("block 192.0.2.0/25 bob");
    bench.ok("ptr 192.0.2.1 b.example.com");
    bench.ok("unblock 192.0.2.0/24");
    assert_eq!(zones(&bench), ["2.0.192.in-addr.arpa."]);
    // And an inner block that only a classless zone shows keeps the block of that zone.
    bench.ok("block 198.51.100.0/25 acme");
    bench.ok("block 198.51.100.0/26 bob");
    bench.refused("unblock 198.51.100.0/25", CONFLICT, "remove 198.51.100.0/26 first");
    bench.ok("unblock 198.51.100.0/26");
    bench.ok("unblock 198.51.100.0/25");
}

#[test]
fn inherited_ttls_follow_blocks_and_defaults() {
    let bench = Bench::with(&[
        "block 192.0.2.0/24 acme",
        "ptr 192.0.2.1 a.example.com",
        "ptr 192.0.2.2 b.example.com ttl=7",
        "ptr 192.0.2.70 c.example.com",
        "block 192.0.2.64/26 bob ttl=60 ptrs=keep",
    ]);
    let ttls = |bench: &Bench| -> Vec<u32> {
        ["192.0.2.1", "192.0.2.2", "192.0.2.70"].map(|a| bench.view().ptr(a).expect("a PTR").ttl).into()
    };
    assert_eq!(ttls(&bench), [3600, 7, 60]);
    let serial = bench.serial("2.0.192.in-addr.arpa");
    bench.ok("defaults ptr_ttl=900");
    assert_eq!(ttls(&bench), [900, 7, 60]);
    assert_eq!(bench.serial("2.0.192.in-addr.arpa"), serial + 1);
    bench.ok("unblock 192.0.2.64/26 ptrs=keep");
    assert_eq!(ttls(&bench), [900, 7, 900]);
    assert_eq!(bench.serial("2.0.192.in-addr.arpa"), serial + 2);
    assert_eq!(bench.ok("defaults ptr_ttl=900").change, None);
}

#[test]
fn a_zone_that_comes_back_is_newer_than_it_was_even_when_the_clock_fell() {
    let bench = Bench::with(&["block 198.51.100.0/24 acme", "ptr 198.51.100.1 a.example.com"]);
    for n in 0..20 {
        bench.ok(&format!("ptr 198.51.100.1 a{n}.example.com"));
    }
    let before = bench.serial("100.51.198.in-addr.arpa.");
    bench.ok("unblock 198.51.100.0/24 clear");
    bench.road.shutdown();
    // The clock of the tests starts anew with the road.
    let store = bench.store.clone();
    drop(bench);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let bench = Bench { road: std::sync::Arc::new(support::open(&store)), store, runtime };
    bench.ok("block 198.51.100.0/24 acme");
    let after = bench.serial("100.51.198.in-addr.arpa.");
    assert!(after > before, "{after} after {before}");
}

#[test]
fn cuts_of_a_block_across_the_border_of_two_zones_stand_in_both() {
    let bench = Bench::with(&[
        "block 10.1.0.0/22 acme",
        "block 10.1.2.250-10.1.3.5 bob delegate=ns ns=ns.bob.example,ns2.bob.example",
    ]);
    let cuts = |apex: &str| bench.zone(apex).iter().filter(|line| line.contains("ns.bob.example")).count();
    assert_eq!((cuts("2.1.10.in-addr.arpa"), cuts("3.1.10.in-addr.arpa")), (6, 6));
    bench.ok("unblock 10.1.2.250-10.1.3.5");
    assert_eq!((cuts("2.1.10.in-addr.arpa"), cuts("3.1.10.in-addr.arpa")), (0, 0));
}

#[test]
fn addresses_of_a_block_over_several_zones_are_cut_in_each() {
    let bench = Bench::with(&[
        "block 198.51.100.0/22 acme",
        "ptr 198.51.100.7 a.example.com",
        "block 198.51.100.0/23 acme delegate=ns ns=ns.cust.example,ns2.cust.example",
        "block 198.51.102.200-198.51.103.20 acme delegate=ns ns=ns.cust.example,ns2.cust.example",
    ]);
    let cuts = |apex: &str| bench.zone(apex).iter().filter(|line| line.contains("cust.example")).count();
    assert_eq!(cuts("100.51.198.in-addr.arpa"), 256);
    assert_eq!(cuts("101.51.198.in-addr.arpa"), 256);
    assert_eq!(cuts("102.51.198.in-addr.arpa"), 56);
    assert_eq!(cuts("103.51.198.in-addr.arpa"), 21);
    bench.ok("unblock 198.51.102.200-198.51.103.20");
    bench.ok("unblock 198.51.100.0/23");
    assert!(["100", "101", "102", "103"].iter().all(|n| cuts(&format!("{n}.51.198.in-addr.arpa")) == 0));
}

#[test]
fn a_block_around_zones_gives_their_cnames_its_ttl() {
    let bench = Bench::with(&[
        "block 198.51.100.0/22 acme",
        "block 198.51.101.0/28 bob",
        "block 198.51.101.8/30 acme classless=first-last",
    ]);
    let apexes = ["100.51.198.in-addr.arpa", "101.51.198.in-addr.arpa", "102.51.198.in-addr.arpa"];
    let ttls = |apex: &str| {
        let lines = bench.zone(apex).into_iter().filter(|line| line.contains(" CNAME "));
        lines.map(|line| line.split(' ').nth(1).unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let serials = || apexes.map(|apex| bench.serial(&format!("{apex}.")));
    let before = serials();
    // What lies between the ends of the block is its own as well; only a zone with CNAMEs is another one for it.
    bench.ok("block 198.51.0.0/16 acme ttl=77");
    assert_eq!(ttls(apexes[1]), ["77"; 4]);
    let after = serials();
    assert_eq!((after[0], after[2]), (before[0], before[2]));
    assert!(after[1] > before[1]);
    bench.ok("block 198.51.102.0/28 bob classless=first-len");
    assert!(ttls(apexes[2]).iter().all(|ttl| ttl == "77") && ttls(apexes[2]).len() == 16);
    bench.ok("unblock 198.51.0.0/16");
    assert!(ttls(apexes[1]).iter().chain(&ttls(apexes[2])).all(|ttl| ttl == "3600"));
}
