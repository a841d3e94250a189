//! Whole RRsets, and zones that come and go with them: on the one road, judged name by name.

mod support;

use ptrd_api::RecordFilter;
use ptrd_api::code::{BAD_REQUEST, CONFLICT, FORBIDDEN, INVALID, NOT_FOUND};
use ptrd_change::WholeZone;
use support::Bench;

const ZONE: &str = "2.0.192.in-addr.arpa";

fn bench() -> Bench {
    Bench::with(&["block 192.0.2.0/24 acme", "block 192.0.2.64/26 bob classless=slash"])
}

/// A zone as it is shown to whoever asks for all of it, a line an RRset.
fn whole(bench: &Bench, zone: &str) -> Vec<String> {
    let filter = RecordFilter { zone: Some(zone.to_owned()), ..RecordFilter::default() };
    let (_, content): (_, WholeZone) = bench.view().whole_zone(&filter).expect("a zone");
    let mut lines = Vec::new();
    content.each(|record| {
        lines.push(format!("{} {} {} {}", record.owner, record.rtype, record.ttl, record.data.join(" | ")));
        true
    });
    lines
}

#[test]
fn rrsets_are_put_and_deleted_in_one_change_and_one_step() {
    let bench = bench();
    bench.ok("ptr 192.0.2.5 old.example.com");
    bench.ok("record 9.2.0.192.in-addr.arpa. TXT x");
    let serial = bench.serial(ZONE);
    let done = bench.ok(
        "rrsets 2.0.192.in-addr.arpa.; 5 PTR 300 a.example.com. | b.example.com.; 6 PTR 60 c_d.example.com.; 6 TXT 60 \"y\"; \
         9 TXT; 10 PTR; @ TXT 60 \"at-the-apex\"",
    );
    assert_eq!(done.zones.len(), 1, "{done:?}");
    assert_eq!(bench.serial(ZONE), serial + 1);
    let zone = bench.zone(ZONE);
    for line in [
        "5.2.0.192.in-addr.arpa. 300 PTR a.example.com. | b.example.com.",
        "6.2.0.192.in-addr.arpa. 60 PTR c_d.example.com.",
        "6.2.0.192.in-addr.arpa. 60 TXT \"y\"",
        "2.0.192.in-addr.arpa. 60 TXT \"at-the-apex\"",
    ] {
        assert!(zone.iter().any(|shown| shown == line), "{line}: {zone:#?}");
    }
    assert!(!zone.iter().any(|line| line.starts_with("9.")), "{zone:#?}");
    // What is so already is no change.
    let line = "rrsets 2.0.192.in-addr.arpa.; 5 PTR 300 b.example.com. | a.example.com.; 9 TXT; 10 PTR";
    assert_eq!(bench.ok(line).change, None);
    // A deletion and what takes its place may stand in one request.
    bench.ok("rrsets 2.0.192.in-addr.arpa.; 5 PTR; 5 CNAME 60 x.example.com.");
    bench.ok("rrsets 2.0.192.in-addr.arpa.; 5 CNAME; 5 PTR 60 a.example.com.");
    assert_eq!(bench.view().ptr("192.0.2.5").expect("a PTR").ttl, 60);
}

#[test]
fn what_one_request_says_of_an_rrset_counts_in_its_order() {
    let bench = bench();
    bench.ok("ptr 192.0.2.5 old.example.com");
    for (rrsets, left) in [
        ("5 PTR 60 a.example.com.; 5 PTR", None),
        ("5 PTR; 5 PTR 60 b.example.com.", Some("b.example.com.")),
        ("6 PTR 60 a.example.com.; 6 PTR", None),
        ("6 TXT 60 \"x\"; 6 TXT", None),
        ("6 PTR; 6 PTR 60 b.example.com.", Some("b.example.com.")),
    ] {
        bench.ok(&format!("rrsets {ZONE}.; {rrsets}"));
        let owner = format!("{}.{ZONE}. ", &rrsets[..1]);
        let zone = whole(&bench, &format!("{ZONE}."));
        let shown = zone.iter().find(|line| line.starts_with(&owner));
        assert_eq!(
            shown.map(|line| line.ends_with(left.unwrap_or("nothing"))),
            left.map(|_| true),
            "{rrsets}: {zone:?}"
        );
    }
}

#[test]
fn all_that_is_shown_can_be_put_back_and_changes_nothing() {
    let bench = bench();
    for line in [
        "ptr 192.0.2.5 a.example.com",
        "ptr 192.0.2.70 c.example.com",
        "block 192.0.2.192/26 acme delegate=classless ns=ns.customer.example",
        "block 192.0.0.0/16 acme",
        "block 192.0.3.0/24 acme delegate=zone ns=ns.customer.example",
        "record 9.2.0.192.in-addr.arpa. TXT x",
    ] {
        bench.ok(line);
    }
    for zone in [ZONE, "64/26.2.0.192.in-addr.arpa", "0.192.in-addr.arpa"] {
        let rrsets = whole(&bench, zone).join("; ");
        let line = format!("rrsets {zone}.; {rrsets}");
        assert!(line.contains(" SOA ") && line.contains(" NS "), "{line}");
        assert_eq!(bench.ok(&line).change, None, "{line}");
    }
}

#[test]
fn what_is_refused_leaves_no_trace() {
    let bench = bench();
    for (rrsets, code, part) in [
        ("5.2.0.193.in-addr.arpa. PTR 60 a.example.", INVALID, "Name is out of zone"),
        ("5 NOPE 60 a.example.", INVALID, "unknown type given"),
        ("5 ANY", INVALID, "unknown type given"),
        ("5 PTR 60 a.example", INVALID, "Not in expected format (parsed as “a.example.”)"),
        ("5 MX 60 10 mail", INVALID, "Not in expected format"),
        ("5 TXT 60 two words", INVALID, "should start with quote"),
        ("5 TXT 60 \"a\\\"\" b", INVALID, "should start with quote"),
        ("5 PTR 60 bücher.example.", INVALID, "write names in ASCII"),
        ("5 A 60 nonsense", INVALID, "5.2.0.192.in-addr.arpa./A “nonsense”"),
        ("5 PTR 60 a.example. | A.example.", INVALID, "Duplicate record"),
        ("5 PTR 60 a.example.; 5 PTR 60 b.example.", INVALID, "Duplicate RRset"),
        ("5 PTR 60 localhost.", INVALID, "localhost"),
        ("5 PTR 4294967295 a.example.", INVALID, "too large"),
        ("5 CNAME 60 a.example.; 5 TXT 60 \"x\"", CONFLICT, "CNAME"),
        ("5 PTR 60 a.example.; 70 PTR 60 b.example.", INVALID, "192.0.2.64/26"),
        ("70 CNAME", INVALID, "192.0.2.64/26"),
        ("70 CNAME 60 70.64/26.2.0.192.in-addr.arpa.", INVALID, "192.0.2.64/26"),
        ("64/26 NS", INVALID, "64/26.2.0.192.in-addr.arpa."),
        ("70.64/26 PTR 60 a.example.", INVALID, "64/26.2.0.192.in-addr.arpa."),
        ("@ NS", INVALID, "NS set default"),
        ("@ SOA", INVALID, "a zone has one SOA"),
        ("@ SOA 3600 a.example. b.example. 1 2 3 4 5", INVALID, "follows from a template"),
    ] {
        bench.refused(&format!("rrsets 2.0.192.in-addr.arpa.; {rrsets}"), code, part);
    }
    bench.refused("rrsets 3.0.192.in-addr.arpa.; 5 PTR 60 a.example.", NOT_FOUND, "3.0.192.in-addr.arpa.");
    let many = (0..100_001).map(|n| format!("; x{n} TXT")).collect::<String>();
    bench.refused(&format!("rrsets 2.0.192.in-addr.arpa.{many}"), INVALID, "at most 100000");
}

#[test]
fn names_of_templates_are_shown_and_give_way() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme template=h{n}.example.net"]);
    let zone = whole(&bench, ZONE);
    let line = "5.2.0.192.in-addr.arpa. PTR 3600 h5.example.net.";
    assert!(zone.iter().any(|shown| shown == line), "{zone:#?}");
    let put = |rrset: &str| format!("rrsets 2.0.192.in-addr.arpa.; {rrset}");
    // Put back as it is, it is no PTR of its own.
    assert_eq!(bench.ok(&put(line)).change, None);
    bench.refused(&put("5 PTR"), INVALID, "“h{n}.example.net” of the block 192.0.2.0/24");
    bench.ok(&put("5 PTR 60 other.example.net."));
    assert_eq!(bench.view().ptr("192.0.2.5").expect("a PTR").names, ["other.example.net."]);
    bench.ok(&put("5 PTR"));
    assert_eq!(bench.view().ptr("192.0.2.5").expect("a PTR").names, ["h5.example.net."]);
}

#[test]
fn a_tenant_changes_its_own_addresses_alone() {
    let bench = bench();
    bench.ok("block 192.0.2.128/25 bob");
    bench.ok("ptr 192.0.2.5 a.example.com");
    let of_bob = "64/26.2.0.192.in-addr.arpa.";
    bench
        .as_tenant("bob", &format!("rrsets {of_bob}; 70 PTR 60 b.bob.example.; @ TXT 60 \"x\""))
        .expect("its own");
    bench
        .as_tenant("bob", "rrsets 2.0.192.in-addr.arpa.; 200 PTR 60 b.bob.example.; 200 TXT 60 \"x\"")
        .expect("its own");
    for (zone, rrsets, code) in [
        (ZONE, "5 PTR 60 b.bob.example.", FORBIDDEN),
        (ZONE, "5 PTR", FORBIDDEN),
        (ZONE, "6 TXT 60 \"x\"", FORBIDDEN),
        (ZONE, "x.5 TXT 60 \"x\"", FORBIDDEN),
        (ZONE, "005 TXT 60 \"x\"", FORBIDDEN),
        (ZONE, "* PTR 60 b.bob.example.", FORBIDDEN),
        (ZONE, "@ TXT 60 \"x\"", FORBIDDEN),
        (ZONE, "@ NS 60 ns.bob.example.", FORBIDDEN),
        (ZONE, "200 PTR 60 c.bob.example.; 5 PTR 60 c.bob.example.", FORBIDDEN),
        (ZONE, "70 PTR 60 b.bob.example.", INVALID),
        ("64/26.2.0.192.in-addr.arpa", "@ NS 60 ns.bob.example.", INVALID),
        ("64/26.2.0.192.in-addr.arpa", "@ SOA 60 a. b. 1 2 3 4 5", FORBIDDEN),
    ] {
        let before = bench.everything();
        let line = format!("rrsets {zone}.; {rrsets}");
        let problem = bench.as_tenant("bob", &line).expect_err(&line);
        assert_eq!(problem.code, code, "{line}: {}", problem.message);
        assert_eq!(before, bench.everything(), "{line}");
    }
    // The zone's SOA and NS are listed to it too, and can be put back.
    let mut listed = whole(&bench, &format!("{ZONE}."));
    listed.retain(|line| line.starts_with(&format!("{ZONE}. ")) || line.starts_with("200."));
    let rrsets = listed.iter().map(|line| {
        let (owner, rest) = line.split_once(' ').expect("an owner");
        format!("; {owner} {rest}")
    });
    let serial = bench.serial(ZONE);
    bench.as_tenant("bob", &format!("rrsets {ZONE}.{}", rrsets.collect::<String>())).expect("as it is");
    assert_eq!((listed.len(), bench.serial(ZONE)), (4, serial), "{listed:?}");
    bench.ok("suspend 192.0.2.64/26");
    let line = format!("rrsets {of_bob}; 70 PTR 60 c.bob.example.");
    assert_eq!(bench.as_tenant("bob", &line).expect_err("suspended").code, FORBIDDEN);
}

#[test]
fn the_apex_may_have_records_of_its_own() {
    let bench = bench();
    let ns = |bench: &Bench| {
        bench
            .zone(ZONE)
            .into_iter()
            .find(|line| line.starts_with("2.0.192.in-addr.arpa. ") && line.contains(" NS "))
    };
    let given = ns(&bench).expect("NS");
    bench.ok("rrsets 2.0.192.in-addr.arpa.; @ NS 60 a.example. | b.example.");
    assert_eq!(ns(&bench).as_deref(), Some("2.0.192.in-addr.arpa. 60 NS a.example. | b.example."));
    bench.ok("rrsets 2.0.192.in-addr.arpa.; @ NS");
    assert_eq!(ns(&bench), Some(given));
    // A SOA of the zone's own, with a serial that is ahead, and then with one that is not.
    bench.ok("make example.com. tenant=acme; @ SOA 60 a.example.com. b.example.com. 3000000000 2 3 4 5");
    assert_eq!(bench.serial("example.com"), 3_000_000_000);
    bench.ok("rrsets example.com.; @ SOA 60 a.example.com. c.example.com. 2999999999 2 3 4 5");
    let zone = whole(&bench, "example.com");
    let soa = "example.com. SOA 60 a.example.com. c.example.com. 3000000001 2 3 4 5";
    assert!(zone.iter().any(|line| line == soa), "{zone:#?}");
    bench.refused("rrsets example.com.; @ NS", INVALID, "needs an NS record");
    bench.refused("rrsets example.com.; @ CNAME 60 x.example.", INVALID, "apex");
}

#[test]
fn a_new_zone_brings_the_block_that_its_name_stands_for() {
    let bench = Bench::new();
    let blocks = |bench: &Bench| -> Vec<String> {
        let view = bench.view();
        view.declared.blocks().map(|block| format!("{} {}", block.range, block.mode.word())).collect()
    };
    bench.refused("make 2.0.192.in-addr.arpa.", INVALID, "nothing says whose");
    bench.refused("make 2.0.192.in-addr.arpa. tenant=nobody", NOT_FOUND, "nobody");
    bench.refused("make 2.0.192.in-addr.arpa. tenant=acme kind=slave", BAD_REQUEST, "native nor master");
    let mixed = "make 2.0.192.in-addr.arpa. tenant=acme ns=a.example.; @ NS 60 b.example.";
    bench.refused(mixed, INVALID, "MUST NOT be mixed");
    let done = bench.ok(
        "make 2.0.192.in-addr.arpa. tenant=acme ns=a.example.,b.example. kind=native policy=date; 5 PTR 60 h.example.; \
         x TXT 60 \"y\"",
    );
    assert_eq!(done.zones.len(), 1, "{done:?}");
    assert_eq!(blocks(&bench), ["192.0.2.0/24 direct"]);
    assert_eq!(bench.view().ptr("192.0.2.5").expect("a PTR").ttl, 60);
    let view = bench.view().zone(ZONE).expect("a zone");
    assert_eq!((view.serial, view.powerdns_kind.as_deref()), (2_026_010_100, Some("native")), "{view:?}");
    assert!(bench.zone(ZONE).iter().any(|line| line.ends_with(" NS a.example. | b.example.")));
    bench.refused("make 2.0.192.in-addr.arpa. tenant=acme", CONFLICT, "there already");
    bench.ok("zone-set 2.0.192.in-addr.arpa kind=master");
    assert_eq!(bench.view().zone(ZONE).expect("a zone").powerdns_kind, None);
    // Inside it: the parent shows CNAMEs, and no PTR moves. Whose it is follows from what is around it.
    bench.refused("make 0-31.2.0.192.in-addr.arpa.", INVALID, "192.0.2.0/31 and for 192.0.2.0/27");
    bench.ok("make 0/26.2.0.192.in-addr.arpa.; 6 PTR 60 i.example.");
    assert_eq!(blocks(&bench), ["192.0.2.0/24 direct", "192.0.2.0/26 classless"]);
    let classless = bench.zone("0/26.2.0.192.in-addr.arpa");
    assert!(
        classless.iter().any(|line| line == "5.0/26.2.0.192.in-addr.arpa. 60 PTR h.example."),
        "{classless:#?}"
    );
    assert_eq!(bench.view().zone("0/26.2.0.192.in-addr.arpa").expect("a zone").tenant, "acme");
    bench.ok("make 8.b.d.0.1.0.0.2.ip6.arpa. tenant=bob");
    bench.ok("make 0-63.100.51.198.in-addr.arpa. tenant=bob; 5 PTR 60 j.example.");
    assert_eq!(bench.view().ptr("198.51.100.5").expect("a PTR").names, ["j.example."]);
    bench.ok("make example.com. tenant=bob; www A 60 192.0.2.1");
    assert_eq!(bench.view().zone("example.com").expect("a zone").kind, "verbatim");
}

#[test]
fn a_zone_goes_with_its_block_and_all_that_is_in_it() {
    let bench = Bench::new();
    let state = bench.everything();
    bench.ok("make 2.0.192.in-addr.arpa. tenant=acme kind=native; 5 PTR 60 h.example.; x TXT 60 \"y\"");
    bench.ok("make 0/26.2.0.192.in-addr.arpa.");
    bench.refused("drop 2.0.192.in-addr.arpa.", INVALID, "other blocks than 192.0.2.0/24");
    bench.ok("drop 0/26.2.0.192.in-addr.arpa.");
    assert_eq!(bench.view().ptr("192.0.2.5").map(|_| ()).expect_err("deleted").code, NOT_FOUND);
    bench.ok("drop 2.0.192.in-addr.arpa.");
    assert_eq!(bench.everything(), state);
    bench.refused("drop 2.0.192.in-addr.arpa.", NOT_FOUND, "2.0.192.in-addr.arpa.");
    // A zone of that name made anew knows nothing of what the first was called.
    bench.ok("make 2.0.192.in-addr.arpa. tenant=acme");
    assert_eq!(bench.view().zone(ZONE).expect("a zone").powerdns_kind, None);
    // What several blocks show goes with them.
    bench.ok("drop 2.0.192.in-addr.arpa.");
    bench.ok("block 192.0.2.0/25 acme own-zone");
    bench.ok("block 10.0.0.0/15 acme");
    bench.refused("drop 0.10.in-addr.arpa.", INVALID, "10.0.0.0/15");
    bench.ok("make example.com. tenant=bob");
    bench.ok("drop example.com.");
}

#[test]
fn tenants_make_zones_where_they_may_make_blocks() {
    let bench = Bench::new();
    bench.ok("block 192.0.2.0/24 bob");
    let refused = |line: &str, code: &str| {
        let problem = bench.as_tenant("bob", line).expect_err(line);
        assert_eq!(problem.code, code, "{line}: {}", problem.message);
    };
    refused("make 0/26.2.0.192.in-addr.arpa.", FORBIDDEN);
    refused("make example.com.", FORBIDDEN);
    // Whether somebody else has it is not told.
    bench.ok("make example.com. tenant=acme");
    refused("make example.com.", FORBIDDEN);
    refused("make 100.51.198.in-addr.arpa.", NOT_FOUND);
    bench.ok("block-set 192.0.2.0/24 may_sub_block=yes");
    bench.as_tenant("bob", "make 0/26.2.0.192.in-addr.arpa.; 5 PTR 60 b.example.").expect("inside its own");
    refused("make 64/26.2.0.192.in-addr.arpa. tenant=acme", NOT_FOUND);
    refused("make 100.51.198.in-addr.arpa.", NOT_FOUND);
    refused("drop 2.0.192.in-addr.arpa.", FORBIDDEN);
    bench.as_tenant("bob", "drop 0/26.2.0.192.in-addr.arpa.").expect("its own");
}

#[test]
fn a_search_finds_zones_and_records() {
    let bench = bench();
    bench.ok("ptr 192.0.2.5 mail.example.com web.example.com");
    let found = |pattern: &str, limit: u64| -> Vec<String> {
        let filter =
            ptrd_api::SearchFilter { pattern: pattern.to_owned(), zones: true, records: true, limit };
        let hits = bench.view().search(&filter).expect("a search");
        hits.into_iter()
            .map(|hit| hit.record.map_or(hit.zone, |record| format!("{} {}", record.owner, record.data)))
            .collect()
    };
    assert_eq!(found("MAIL.*", 9), ["5.2.0.192.in-addr.arpa. mail.example.com."]);
    assert_eq!(
        found("5.2.0.192.in-addr.arpa", 9),
        ["5.2.0.192.in-addr.arpa. mail.example.com.", "5.2.0.192.in-addr.arpa. web.example.com."]
    );
    assert_eq!(found("*192*", 1), ["2.0.192.in-addr.arpa.", "2.0.192.in-addr.arpa. ns1.example.net."]);
    assert!(found("nothing", 9).is_empty());
}
