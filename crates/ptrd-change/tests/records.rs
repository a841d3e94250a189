//! Other records, verbatim zones, imports and exports.

mod support;

use ptrd_api::code::{BAD_REQUEST, CONFLICT, INVALID, NOT_FOUND, STALE};
use ptrd_api::{RecordFilter, ZoneImportOptions};
use support::Bench;

const ZONE: &str = "$ORIGIN example.com.\n$TTL 300\n@ SOA ns1 host 7 2 3 4 5\n@ NS ns1\nns1 A 192.0.2.1\nwww CNAME ns1\n\
                    sub NS ns.sub\nns.sub A 192.0.2.2\n*.wild TXT \"a\" \"b\"\n";

fn to(tenant: &str) -> ZoneImportOptions {
    ZoneImportOptions { tenant: tenant.into(), ..ZoneImportOptions::default() }
}

#[test]
fn set_add_delete() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    let serial = bench.serial("2.0.192.in-addr.arpa");
    bench.ok("record lb._dns-sd._udp.2.0.192.in-addr.arpa. PTR a.example. ttl=60");
    assert_eq!(bench.serial("2.0.192.in-addr.arpa"), serial + 1);
    bench.ok("record-add lb._dns-sd._udp.2.0.192.in-addr.arpa. PTR b.example.");
    assert!(
        bench
            .zone("2.0.192.in-addr.arpa")
            .contains(&"lb._dns-sd._udp.2.0.192.in-addr.arpa. 60 PTR a.example. | b.example.".into())
    );
    let done = bench.ok("record-add lb._dns-sd._udp.2.0.192.in-addr.arpa. PTR c.example. ttl=61");
    assert!(done.warnings[0].contains("RFC 2181"));
    assert_eq!(bench.ok("record-add lb._dns-sd._udp.2.0.192.in-addr.arpa. PTR c.example.").change, None);
    bench.ok("record-delete lb._dns-sd._udp.2.0.192.in-addr.arpa. PTR c.example.;b.example.");
    bench.refused(
        "record-delete lb._dns-sd._udp.2.0.192.in-addr.arpa. PTR z.example.",
        NOT_FOUND,
        "z.example.",
    );
    bench.ok("record-delete lb._dns-sd._udp.2.0.192.in-addr.arpa.");
    bench.refused("record-delete lb._dns-sd._udp.2.0.192.in-addr.arpa.", NOT_FOUND, "has no records");
    // Relative names count as absolute; unknown types are kept.
    bench.ok("record x.2.0.192.in-addr.arpa. MX 10 mail.example");
    bench.ok("record x.2.0.192.in-addr.arpa. TYPE65280 \\# 2 abcd");
    bench.ok("record x.2.0.192.in-addr.arpa. TXT one;\"two three\"");
    let filter = RecordFilter { owner: Some("X.2.0.192.in-addr.arpa".into()), ..RecordFilter::default() };
    let page = bench.view().records(&filter).expect("a page");
    let shown: Vec<String> = page
        .items
        .iter()
        .map(|item| format!("{} {} {}", item.rtype, item.ttl, item.data.join("|")))
        .collect();
    assert_eq!(
        shown,
        ["MX 86400 10 mail.example.", "TXT 86400 \"one\"|\"two three\"", "TYPE65280 86400 \\# 2 abcd"]
    );
    assert!(page.items.iter().all(|item| !item.derived && item.version.len() == 16));
    bench.refused("record x.2.0.192.in-addr.arpa. TXT y expect=absent", STALE, "somebody");
    bench.ok(&format!("record x.2.0.192.in-addr.arpa. MX 5 mail.example expect={}", page.items[0].version));
}

#[test]
fn refusals() {
    let bench = Bench::with(&[
        "block 192.0.2.0/24 acme",
        "block 192.0.2.64/26 bob classless=first-len",
        "block 198.51.100.0/24 bob",
        "ptr 192.0.2.1 a.example.com",
        "record alias.2.0.192.in-addr.arpa. CNAME a.example.",
        "record text.2.0.192.in-addr.arpa. TXT x",
        "record cut.2.0.192.in-addr.arpa. NS ns.cut.2.0.192.in-addr.arpa.",
        "record ns.cut.2.0.192.in-addr.arpa. A 192.0.2.2",
        "record d.2.0.192.in-addr.arpa. DNAME d.example.",
    ]);
    for (line, code, part) in [
        ("record x.example. TXT x", NOT_FOUND, "lies in no zone"),
        ("record x.example. TXT x zone=2.0.192.in-addr.arpa", INVALID, "does not lie in the zone"),
        ("record x.2.0.192.in-addr.arpa. TXT x zone=example", NOT_FOUND, "no zone example."),
        ("record x.2.0.192.in-addr.arpa. NOSUCH x", BAD_REQUEST, "no known record type"),
        ("record x.2.0.192.in-addr.arpa. ANY x", INVALID, "no type of stored data"),
        ("record x.2.0.192.in-addr.arpa. OPT x", INVALID, "no type of stored data"),
        ("record 2.0.192.in-addr.arpa. SOA a. b. 1 2 3 4 5", INVALID, "kept by ptrd"),
        ("record x.2.0.192.in-addr.arpa. A 192.0.2", INVALID, "A “192.0.2”"),
        ("record x.2.0.192.in-addr.arpa. TXT a;a", INVALID, "given twice"),
        ("record x.2.0.192.in-addr.arpa. TXT", BAD_REQUEST, "no record data"),
        ("record 5.2.0.192.in-addr.arpa. PTR a.example.", INVALID, "ptrctl ptr set 192.0.2.5"),
        ("record 65.64-26.2.0.192.in-addr.arpa. PTR a.example.", INVALID, "name of 192.0.2.65"),
        ("record 1.2.0.192.in-addr.arpa. CNAME a.example.", CONFLICT, "192.0.2.1 has a PTR"),
        ("record 1.2.0.192.in-addr.arpa. DNAME a.example.", CONFLICT, "192.0.2.1 has a PTR"),
        ("record 5.2.0.192.in-addr.arpa. NS a.example.", INVALID, "--delegate"),
        ("record 65.2.0.192.in-addr.arpa. TXT x", INVALID, "follows from the block 192.0.2.64/26"),
        ("record-delete 65.2.0.192.in-addr.arpa.", INVALID, "follows from the block 192.0.2.64/26"),
        (
            "record 64-26.2.0.192.in-addr.arpa. DS 1 13 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff zone=2.0.192.in-addr.arpa",
            INVALID,
            "a zone of its own",
        ),
        ("record 2.0.192.in-addr.arpa. CNAME a.example.", INVALID, "exclude a CNAME"),
        ("record 2.0.192.in-addr.arpa. DNAME a.example.", CONFLICT, "hide"),
        ("record 100.51.198.in-addr.arpa. DNAME a.example.", INVALID, "stands for addresses of the block"),
        ("record 64-26.2.0.192.in-addr.arpa. DNAME a.example.", INVALID, "hide the addresses"),
        ("record text.2.0.192.in-addr.arpa. CNAME a.example.", CONFLICT, "beside which no CNAME"),
        ("record alias.2.0.192.in-addr.arpa. TXT x", CONFLICT, "has a CNAME"),
        ("record-add alias.2.0.192.in-addr.arpa. CNAME b.example.", INVALID, "one CNAME only"),
        ("record-add d.2.0.192.in-addr.arpa. DNAME b.example.", INVALID, "one DNAME only"),
        ("record x.d.2.0.192.in-addr.arpa. TXT x", INVALID, "below the DNAME"),
        ("record text.2.0.192.in-addr.arpa. NS a.example.", CONFLICT, "would hide"),
        ("record cut.2.0.192.in-addr.arpa. TXT x", INVALID, "only NS, DS and glue"),
        ("record x.cut.2.0.192.in-addr.arpa. TXT x", INVALID, "only NS, DS and glue"),
        ("record cut.2.0.192.in-addr.arpa. DNAME x.", CONFLICT, "hide what stands below"),
        (
            "record 2.0.192.in-addr.arpa. DS 1 13 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
            INVALID,
            "zone above",
        ),
        ("record-delete 2.0.192.in-addr.arpa. NS", INVALID, "follow from the NS set default"),
        (
            "record-delete 2.0.192.in-addr.arpa. NS ns1.example.net.;ns2.example.net.",
            INVALID,
            "needs an NS record",
        ),
        ("record-delete 2.0.192.in-addr.arpa.", INVALID, "keeps its SOA and NS"),
        ("record-delete 1.2.0.192.in-addr.arpa. PTR", NOT_FOUND, "ptrctl ptr delete 192.0.2.1"),
        ("block 192.0.2.0/29 bob label=d", CONFLICT, "would hide"),
        ("zone-add d.2.0.192.in-addr.arpa bob", CONFLICT, "would hide"),
        ("zone-add x.d.2.0.192.in-addr.arpa bob", CONFLICT, "below a DNAME"),
        ("zone-add y.cut.2.0.192.in-addr.arpa bob", CONFLICT, "delegated to others"),
        ("zone-add 65.2.0.192.in-addr.arpa bob", CONFLICT, "a CNAME to 64-26"),
        ("zone-add 2.0.192.in-addr.arpa bob", CONFLICT, "served already, for acme"),
        ("zone-add *.example bob", INVALID, "no delegation"),
        ("zone-remove 2.0.192.in-addr.arpa", CONFLICT, "goes with its block (192.0.2.0/24, 192.0.2.64/26)"),
        ("zone-remove example", NOT_FOUND, "no zone example."),
    ] {
        bench.refused(line, code, part);
    }
    let large: Vec<String> = (0..300).map(|n| format!("{n}{}", "x".repeat(230))).collect();
    bench.refused(
        &format!("record big.2.0.192.in-addr.arpa. TXT {}", large.join(";")),
        INVALID,
        "no answer carries",
    );
}

#[test]
fn the_zone_above_follows_nameservers_and_glue() {
    let bench = Bench::with(&["block 10.0.0.0/8 acme", "block 10.1.0.0/16 bob own-zone"]);
    let serial = bench.serial("10.in-addr.arpa");
    bench.ok("record 1.10.in-addr.arpa. NS ns.1.10.in-addr.arpa.;ns.bob.example. ttl=77");
    bench.ok("record ns.1.10.in-addr.arpa. A 192.0.2.1");
    assert_eq!(bench.serial("10.in-addr.arpa"), serial + 2);
    assert_eq!(
        bench.zone("10.in-addr.arpa")[1..],
        [
            "1.10.in-addr.arpa. 77 NS ns.1.10.in-addr.arpa. | ns.bob.example.",
            "ns.1.10.in-addr.arpa. 86400 A 192.0.2.1"
        ]
    );
    bench.ok("record unrelated.1.10.in-addr.arpa. A 192.0.2.1");
    assert_eq!(bench.serial("10.in-addr.arpa"), serial + 2, "what does not show is no change");
}

#[test]
fn verbatim_zones() {
    let bench = Bench::new();
    bench.ok("zone-add example.org acme");
    assert_eq!(bench.zone("example.org"), ["example.org. 86400 NS ns1.example.net. | ns2.example.net."]);
    let done = bench.import_zones(to("acme"), &[("db.example.com", ZONE)]).expect("an import");
    assert_eq!(done.summary, "1 zone imported");
    assert_eq!(bench.serial("example.com"), 7, "a zone keeps the serial that it came with");
    bench.ok("record new.example.com TXT x");
    assert_eq!(bench.serial("example.com"), 8);
    let problem = bench.import_zones(to("acme"), &[("db.example.com", ZONE)]).expect_err("there already");
    assert_eq!(problem.code, CONFLICT);
    assert!(problem.errors[0].message.contains("--replace"));
    let problem = bench.import_zones(to("bob"), &[("db.example.com", ZONE)]).expect_err("of another");
    assert!(problem.errors[0].message.contains("belongs to the tenant acme"));
    let replace = ZoneImportOptions { replace: true, ..to("acme") };
    bench.import_zones(replace.clone(), &[("z", ZONE)]).expect("replaced");
    assert_eq!(bench.serial("example.com"), 9, "an older serial in the file does not turn the zone back");
    assert!(!bench.zone("example.com").iter().any(|line| line.contains("new.example.com")));
    assert_eq!(bench.import_zones(replace.clone(), &[("z", ZONE)]).map(|done| done.change), Ok(None));
    bench.import_zones(replace, &[("z", &ZONE.replace("7 2 3", "100 2 9"))]).expect("replaced");
    assert_eq!(bench.serial("example.com"), 100);
    let mut text = Vec::new();
    bench.view().export("example.com").expect("a zone").write(&mut text).expect("written");
    let text = String::from_utf8(text).expect("text");
    let other = Bench::new();
    other.import_zones(to("bob"), &[("x", &text)]).expect("an import of the export");
    assert_eq!(other.zone("example.com"), bench.zone("example.com"));
    bench.ok("zone-remove example.com");
    assert_eq!(bench.zone("example.com"), ["-"]);
}

#[test]
fn imports_of_many_files() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    let good = "@ 60 SOA ns.x. h.x. 1 2 3 4 5\n@ 60 NS ns.x.\n$INCLUDE more\n";
    let native = "$ORIGIN 2.0.192.in-addr.arpa.\n@ 60 SOA ns.x. h.x. 1 2 3 4 5\n@ 60 NS ns.x.\n";
    let files = vec![
        ("zones/a.example.zone", good),
        ("zones/b.example", good),
        ("zones/broken", "@ SOA\n\n@ 60 NONSENSE x\n"),
        ("zones/native", native),
        ("zones/db.a.example", good),
        ("zones/more", "www 60 A 192.0.2.9\n"),
    ];
    let files: Vec<(String, Vec<u8>)> =
        files.into_iter().map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec())).collect();
    let import = |options: ZoneImportOptions| {
        let bundle = ptrd_api::Bundle { files: files.clone(), zones: 5 };
        bench.runtime.block_on(bench.road.import_zones(support::operator(), options, bundle))
    };
    let before = bench.everything();
    let problem = import(to("acme")).expect_err("bad files");
    assert!(
        problem.errors.iter().any(|error| error.file.as_deref() == Some("zones/broken") && error.line == 3)
    );
    assert!(problem.errors.iter().any(|error| error.message.contains("is in zones/a.example.zone as well")));
    assert_eq!(bench.everything(), before);
    let dry = import(ZoneImportOptions { keep_going: true, dry_run: true, ..to("acme") }).expect("a plan");
    assert_eq!(bench.everything(), before);
    let done = import(ZoneImportOptions { keep_going: true, ..to("acme") }).expect("an import");
    assert_eq!((&dry.summary, &dry.warnings), (&done.summary, &done.warnings));
    assert_eq!(done.summary, "2 zones imported, 3 left out");
    assert!(done.warnings.iter().any(|warning| warning.contains("is a native zone")), "{:?}", done.warnings);
    assert!(bench.zone("a.example").contains(&"www.a.example. 60 A 192.0.2.9".into()));
}

#[test]
fn a_verbatim_zone_in_a_block_hides_ptrs_and_says_so() {
    let bench = Bench::with(&["block 10.0.0.0/8 acme", "ptr 10.1.2.3 a.example.com"]);
    let done = bench.ok("zone-add 2.1.10.in-addr.arpa acme");
    assert!(done.warnings[0].contains("1 PTR"), "{:?}", done.warnings);
    assert!(!bench.zone("10.in-addr.arpa").iter().any(|line| line.contains(" PTR ")));
    let done = bench.ok("block 10.1.0.0/16 bob ptrs=keep");
    assert!(done.warnings[1].contains("2.1.10.in-addr.arpa."), "{:?}", done.warnings);
    bench.ok("zone-remove 2.1.10.in-addr.arpa");
    assert!(bench.zone("10.in-addr.arpa").iter().any(|line| line.contains(" PTR ")));
    // A block that has but the verbatim zone to be shown by keeps it.
    bench.ok("zone-add 2.0.192.in-addr.arpa acme");
    bench.ok("block 192.0.2.0/24 acme");
    bench.refused("ptr 192.0.2.1 a.example.com", INVALID, "verbatim");
    bench.refused("zone-remove 2.0.192.in-addr.arpa", CONFLICT, "no zone would show the block 192.0.2.0/24");
    bench.ok("unblock 192.0.2.0/24");
    bench.ok("zone-remove 2.0.192.in-addr.arpa");
}

#[test]
fn records_are_listed_page_by_page() {
    let bench = Bench::with(&[
        "block 192.0.2.0/24 acme",
        "block 192.0.2.4/31 bob classless=first-len",
        "ptr 192.0.2.1 a.example.com",
        "ptr 192.0.2.4 b.example.com",
        "record x.2.0.192.in-addr.arpa. TXT x",
    ]);
    let list = |limit: u64, zone: Option<&str>| {
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let zone = zone.map(str::to_owned);
            let filter = RecordFilter { after, limit: Some(limit), zone, ..RecordFilter::default() };
            let page = bench.view().records(&filter).expect("a page");
            seen.extend(
                page.items.iter().map(|item| format!("{} {} {}", item.owner, item.rtype, item.derived)),
            );
            after = page.next;
            if after.is_none() {
                return seen;
            }
        }
    };
    let all = list(1_000, None);
    assert_eq!(
        all,
        [
            "2.0.192.in-addr.arpa. NS true",
            "2.0.192.in-addr.arpa. SOA true",
            "1.2.0.192.in-addr.arpa. PTR true",
            "4.2.0.192.in-addr.arpa. CNAME true",
            "4-31.2.0.192.in-addr.arpa. NS true",
            "5.2.0.192.in-addr.arpa. CNAME true",
            "x.2.0.192.in-addr.arpa. TXT false",
            "4-31.2.0.192.in-addr.arpa. NS true",
            "4-31.2.0.192.in-addr.arpa. SOA true",
            "4.4-31.2.0.192.in-addr.arpa. PTR true",
        ]
    );
    assert_eq!(list(1, None), all);
    assert_eq!(list(3, Some("4-31.2.0.192.in-addr.arpa")), all[7..]);
    let at = |owner: &str| {
        let filter = RecordFilter { owner: Some(owner.into()), ..RecordFilter::default() };
        let items = bench.view().records(&filter).expect("a page").items;
        items.into_iter().map(|item| format!("{} {}", item.rtype, item.data.join("|"))).collect::<Vec<_>>()
    };
    assert_eq!(at("1.2.0.192.in-addr.arpa"), ["PTR a.example.com."]);
    assert_eq!(at("4.2.0.192.in-addr.arpa"), ["CNAME 4.4-31.2.0.192.in-addr.arpa."]);
    assert_eq!(at("nothing.2.0.192.in-addr.arpa"), [] as [&str; 0]);
}

#[test]
fn names_in_data_are_one_whatever_their_case() {
    let bench =
        Bench::with(&["block 192.0.2.0/24 acme", "record x.2.0.192.in-addr.arpa MX 10 Mail.example."]);
    let serial = bench.serial("2.0.192.in-addr.arpa");
    bench.ok("record-add x.2.0.192.in-addr.arpa MX 10 mail.EXAMPLE.");
    assert_eq!(bench.serial("2.0.192.in-addr.arpa"), serial, "it is there already");
    bench.refused("record x.2.0.192.in-addr.arpa MX 10 a.example.;10 A.example.", INVALID, "given twice");
    bench.ok("record-add x.2.0.192.in-addr.arpa MX 20 mail.example.");
    bench.ok("record-delete x.2.0.192.in-addr.arpa MX 10 MAIL.example.");
    assert!(bench.zone("2.0.192.in-addr.arpa").iter().any(|line| line.ends_with(" MX 20 mail.example.")));
    // Another spelling can still be wanted; text and unknown types have no names to fold.
    bench.ok("record x.2.0.192.in-addr.arpa MX 20 MAIL.example.");
    assert!(bench.zone("2.0.192.in-addr.arpa").iter().any(|line| line.ends_with(" MX 20 MAIL.example.")));
    bench.ok("record x.2.0.192.in-addr.arpa TXT a;A");
    bench.ok("record x.2.0.192.in-addr.arpa TYPE65400 \\# 3 016100;\\# 3 014100");
    bench.ok("ptr 192.0.2.9 A.example.com");
    bench.ok("ptr-add 192.0.2.9 a.EXAMPLE.com");
    assert_eq!(bench.view().ptr("192.0.2.9").expect("a PTR").names, ["A.example.com."]);
}

#[test]
fn changes_of_blocks_zones_tenants_and_defaults_can_expect_a_version() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme", "zone-add example.org bob", "tenant-add eve"]);
    let view = bench.view();
    let block = view.block("192.0.2.0/24").expect("a block").version;
    let zone = view.zone("example.org").expect("a zone").version;
    let defaults = view.defaults().version;
    let tenants = view.tenants(&Default::default()).expect("tenants").items;
    let eve = &tenants.iter().find(|tenant| tenant.name == "eve").expect("eve").version;
    // What lies in a block is not the block; what a zone shows is the zone.
    bench.ok("ptr 192.0.2.1 a.example.com");
    bench.ok("record example.org TXT x");
    bench.ok(&format!("defaults expect={defaults} refresh=20000"));
    for line in [
        format!("zone-remove example.org expect={zone}"),
        format!("defaults expect={defaults} refresh=20001"),
        "unblock 192.0.2.0/24 clear expect=absent".into(),
        "tenant-remove eve expect=0123456789abcdef".into(),
    ] {
        bench.refused(&line, STALE, "somebody changed it");
    }
    let view = bench.view();
    let replaced = ZoneImportOptions { replace: true, ..to("bob") };
    let import = |expect: &str| {
        let options = ZoneImportOptions { expect: Some(expect.into()), ..replaced.clone() };
        bench.import_zones(options, &[("example.org.zone", "$TTL 300\n@ SOA ns1 host 7 2 3 4 5\n@ NS ns1\n")])
    };
    assert_eq!(import(&zone).expect_err("the old version").code, STALE);
    assert_eq!(import("absent").expect_err("it is there").code, STALE);
    import(&view.zone("example.org").expect("a zone").version).expect("an import");
    let zone = bench.view().zone("example.org").expect("a zone").version;
    bench.ok(&format!("zone-remove example.org expect={zone}"));
    bench.ok(&format!("unblock 192.0.2.0/24 clear expect={block}"));
    bench.ok(&format!("tenant-remove eve expect={eve}"));
    let old = bench.view().defaults().version;
    bench.ok("defaults refresh=14400");
    assert_ne!(bench.view().defaults().version, old);
}
