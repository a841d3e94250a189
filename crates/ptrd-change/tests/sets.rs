//! NS sets, SOA templates and serial policies: what zones show, what the log says, and that a reload agrees.

mod support;

use ptrd_api::code::{BAD_REQUEST, CONFLICT, INVALID, NOT_FOUND, STALE};
use ptrd_api::{RecordFilter, RecordView, ZoneFilter, ZoneImportOptions};
use ptrd_change::{Clock, Options, Road, View, load};
use ptrd_store::{Edit, MemoryStore, SqliteStore, Store};
use ptrd_wire::{Name, Serial};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use support::{Bench, everything, judge, open, operator, request};

const A: &str = "2.0.192.in-addr.arpa.";
const B: &str = "3.0.192.in-addr.arpa.";

fn two_zones() -> Bench {
    Bench::with(&["block 192.0.2.0/24 acme", "block 192.0.3.0/24 bob"])
}

/// The NS RRset that a zone shows at its apex.
fn ns(view: &View, apex: &str) -> RecordView {
    let filter = RecordFilter {
        zone: Some(apex.to_owned()),
        owner: Some(apex.to_owned()),
        rtype: Some("NS".to_owned()),
        ..RecordFilter::default()
    };
    let page = view.records(&filter).expect("records");
    // A listing of the zone says the same as one of the owner.
    let all = view.records(&RecordFilter { owner: None, ..filter }).expect("records");
    assert_eq!(all.items.iter().find(|record| record.owner == apex), page.items.first());
    page.items.into_iter().next().expect("an NS RRset")
}

fn mname(view: &View, apex: &str) -> String {
    let zone = view.snapshot.zone(&apex.parse::<Name>().expect("a name")).expect("a zone");
    assert_eq!(zone.soa_rdata(), &*zone.soa().to_wire(), "the data follows");
    zone.soa().mname.to_string()
}

#[test]
fn sets_templates_and_what_zones_reference_can_expect_a_version() {
    let bench = two_zones();
    bench.ok("ns-set-add eu ns=ns1.eu.example,ns2.eu.example");
    bench.ok("soa-template-add dated policy=date");
    let set = || bench.view().ns_set("eu").expect("a set").version;
    let template = || bench.view().soa_template("dated").expect("a template").version;
    let zone = || bench.view().zone(A).expect("a zone").version;
    let tenant = || bench.view().tenant("bob").expect("a tenant").version;
    let expected = |line: &str, now: &dyn Fn() -> String| {
        bench.refused(&format!("{line} expect=0123456789abcdef"), STALE, "somebody changed it");
        let before = now();
        bench.ok(&format!("{line} expect={before}"));
        bench.refused(&format!("{line} expect={before}"), STALE, "somebody changed it");
    };
    let (held, referenced) = (set(), template());
    expected(&format!("zone-set {A} ns_set=eu soa_template=dated"), &zone);
    assert_eq!((set(), template()), (held, referenced), "what references them does not count");
    expected("ns-set eu ttl=77", &set);
    expected("ns-set eu ns=ns2.eu.example,ns1.eu.example", &set);
    expected("soa-template dated retry=11", &template);
    expected("soa-template dated mname=hidden.example", &template);
    expected("tenant-set bob reseller=acme", &tenant);
    assert_eq!(bench.view().tenant("bob").expect("bob").reseller.as_deref(), Some("acme"));
    assert_eq!(
        (bench.view().tenant("bob").expect("bob").blocks, bench.view().tenant("eve").is_err()),
        (1, true)
    );
    bench.refused(&format!("zone-set {A} {B} ns_set=eu expect={}", zone()), BAD_REQUEST, "one by one");
    bench.refused("ns-set-add new ns=a.example expect=absent", BAD_REQUEST, "no version to expect");
    bench.refused("soa-template-add new expect=absent", BAD_REQUEST, "no version to expect");
    bench.ok(&format!("zone-set {A} ns_set=default soa_template=default"));
    bench.refused("ns-set-rename eu west expect=x", STALE, "somebody changed it");
    bench.ok(&format!("ns-set-rename eu west expect={}", set()));
    bench.refused("ns-set-remove west expect=x", STALE, "somebody changed it");
    bench.refused("soa-template-rename dated old expect=x", STALE, "somebody changed it");
    bench.refused("soa-template-remove dated expect=x", STALE, "somebody changed it");
    bench.ok(&format!("soa-template-remove dated expect={}", template()));
}

#[test]
fn new_zones_reference_what_they_are_told_to() {
    let bench = two_zones();
    bench.ok("ns-set-add eu ns=ns1.eu.example,ns2.eu.example");
    bench.ok("soa-template-add unix policy=unixtime");
    let references = |apex: &str| {
        let zone = bench.view().zone(apex).expect("a zone");
        (zone.ns_set, zone.soa_template, ns(&bench.view(), apex).data[0].clone(), mname(&bench.view(), apex))
    };
    let both =
        |first: &str| (Some("eu".to_owned()), Some("unix".to_owned()), first.to_owned(), first.to_owned());
    let done = bench.ok("block 198.51.100.0/23 acme ns_set=eu soa_template=unix");
    assert_eq!(done.zones.len(), 2);
    assert_eq!(references("100.51.198.in-addr.arpa."), both("ns1.eu.example."));
    assert_eq!(references("101.51.198.in-addr.arpa."), both("ns1.eu.example."));
    assert!(bench.serial("100.51.198.in-addr.arpa.") > 1_700_000_000, "the policy of the template");
    bench.ok("block 192.0.2.64/26 acme classless=slash ns_set=eu");
    assert_eq!(references("64/26.2.0.192.in-addr.arpa.").1.as_deref(), Some("default"));
    bench.ok("zone-add both.example acme ns_set=eu soa_template=unix");
    assert_eq!(references("both.example."), both("ns1.eu.example."));
    bench.ok("zone-add ns.example acme ns_set=eu");
    let (ns_set, soa_template, first, mname) = references("ns.example.");
    assert_eq!((ns_set.as_deref(), soa_template), (Some("eu"), None));
    assert_eq!((first.as_str(), mname.as_str()), ("ns1.eu.example.", "ns1.eu.example."));
    bench.ok("zone-add soa.example acme soa_template=unix");
    let (ns_set, soa_template, first, mname) = references("soa.example.");
    assert_eq!((ns_set, soa_template.as_deref()), (None, Some("unix")));
    assert_eq!((first.as_str(), mname.as_str()), ("ns1.example.net.", "ns1.example.net."));
    bench.refused("zone-add x.example acme ns_set=nobody", NOT_FOUND, "ptrctl ns-set list");
    bench.refused("block 203.0.113.0/24 acme soa_template=nobody", NOT_FOUND, "ptrctl soa-template list");
    bench.refused("block 192.0.3.0/25 bob ns_set=eu", INVALID, "ptrctl zone set");
    bench.refused(
        "block 192.0.3.0/25 bob delegate=ns ns=a.example soa_template=unix",
        INVALID,
        "brings no zone",
    );
    bench.ok("block-set 192.0.3.0/24 may_sub_block=yes");
    let problem =
        bench.as_tenant("bob", "block 192.0.3.0/26 bob classless=slash ns_set=eu").expect_err("a tenant");
    assert!(problem.message.contains("only operators choose NS sets"), "{problem:?}");
}

#[test]
fn one_change_renames_a_nameserver_everywhere() {
    let bench = two_zones();
    let before: Vec<u32> = [A, B].map(|apex| bench.serial(apex)).to_vec();
    let done = bench.ok("ns-set default ns=ns9.example.net,ns2.example.net");
    assert_eq!(done.zones_changed, 2);
    for (nth, apex) in [A, B].into_iter().enumerate() {
        assert_eq!(ns(&bench.view(), apex).data, ["ns9.example.net.", "ns2.example.net."]);
        assert_eq!(mname(&bench.view(), apex), "ns9.example.net.");
        assert_eq!(bench.serial(apex), before[nth] + 1);
    }
    // One edit and no record, however many zones.
    let changes = bench.store.changes();
    let last = changes.last().expect("a change");
    assert!(
        matches!(last.edits.as_slice(), [Edit::NsSet { before: Some(_), after: Some(_), .. }]),
        "{last:?}"
    );
    assert_eq!(last.serials.len(), 2);
    let records = |edit: &Edit| matches!(edit, Edit::Record { .. });
    assert!(
        !changes.iter().flat_map(|change| &change.edits).any(records),
        "nothing of a set is stored for a zone"
    );
    // Letter case is a change, the same again is none.
    assert!(bench.ok("ns-set default ns=NS9.example.net,ns2.example.net").change.is_some());
    assert_eq!(bench.ok("ns-set default ns=NS9.example.net,ns2.example.net").change, None);
    judge(&bench.view());
    bench.check();
}

#[test]
fn the_octets_of_a_set_are_shared_by_its_zones() {
    let bench = two_zones();
    let view = bench.view();
    let octets = |apex: &str| {
        let zone = view.snapshot.zone(&apex.parse::<Name>().expect("a name")).expect("a zone");
        zone.apex_ns().expect("NS").rdatas().next().expect("a record").as_ptr()
    };
    assert_eq!(octets(A), octets(B));
}

#[test]
fn cuts_above_follow_and_parents_step() {
    let bench = Bench::with(&["block 10.0.0.0/8 acme", "block 10.1.2.0/24 acme own-zone"]);
    let (parent, child) = ("10.in-addr.arpa.", "2.1.10.in-addr.arpa.");
    bench.ok("ns-set-add inner ns=ns.2.1.10.in-addr.arpa,b.example");
    bench.ok("record ns.2.1.10.in-addr.arpa A 192.0.2.53");
    let (above, below) = (bench.serial(parent), bench.serial(child));
    bench.ok(&format!("zone-set {child} ns_set=inner"));
    assert_eq!((bench.serial(parent), bench.serial(child)), (above + 1, below + 1));
    judge(&bench.view());
    // Two nameservers swap: the order of answers is content.
    let done = bench.ok("ns-set inner ns=b.example,ns.2.1.10.in-addr.arpa");
    assert_eq!(done.zones_changed, 2, "the zone and the one above");
    // The parent's own set is another matter.
    assert_eq!(bench.ok("ns-set default ns=c.example").zones_changed, 1);
    judge(&bench.view());
    bench.check();
}

#[test]
fn records_at_the_apex_override_a_set_and_go_back_to_it() {
    let bench = two_zones();
    let shown = ns(&bench.view(), A);
    assert!(shown.derived && shown.overrides.is_none());
    bench.refused(&format!("record-add {A} NS ns3.example.net. expect=absent"), STALE, "version");
    let done = bench.ok(&format!("record-add {A} NS ns3.example.net. expect={}", shown.version));
    assert!(done.warnings.iter().any(|warning| warning.contains("goes back to it")), "{:?}", done.warnings);
    let shown = ns(&bench.view(), A);
    assert_eq!(shown.data, ["ns1.example.net.", "ns2.example.net.", "ns3.example.net."]);
    assert_eq!((shown.derived, shown.overrides.as_deref()), (false, Some("default")));
    assert_eq!(bench.view().ns_set("default").map(|set| (set.zones, set.overridden)), Ok((2, 1)));
    assert!(bench.view().zone(A).is_ok_and(|zone| zone.own_ns && zone.ns_set.as_deref() == Some("default")));
    // The set changes without it, and says so.
    let serial = bench.serial(A);
    let done = bench.ok("ns-set default ns=ns7.example.net,ns8.example.net");
    assert_eq!((done.zones_changed, bench.serial(A)), (1, serial));
    assert!(done.warnings.iter().any(|warning| warning.contains("1 zone that")), "{:?}", done.warnings);
    assert_eq!(ns(&bench.view(), A).data.len(), 3);
    // MNAME is the first nameserver that the zone shows.
    bench.ok(&format!("record {A} NS z.example.net."));
    assert_eq!(mname(&bench.view(), A), "z.example.net.");
    // Other records of the apex stand beside either.
    bench.ok(&format!("record {A} TXT \"beside\""));
    judge(&bench.view());
    bench.ok(&format!("record-delete {A} NS"));
    assert_eq!(ns(&bench.view(), A).data, ["ns7.example.net.", "ns8.example.net."]);
    assert_eq!(mname(&bench.view(), A), "ns7.example.net.");
    judge(&bench.view());
    bench.check();
    bench.refused(&format!("record-delete {A} NS"), INVALID, "ns-set set default");
    // One of them away: what is left is an override.
    bench.ok(&format!("record-delete {A} NS ns7.example.net."));
    assert_eq!(ns(&bench.view(), A).data, ["ns8.example.net."]);
    // Referencing a set again lets the override go; it shows another RRset, so the serial steps.
    let serial = bench.serial(A);
    bench.ok(&format!("zone-set {A} ns_set=default"));
    assert_eq!((ns(&bench.view(), A).derived, bench.serial(A)), (true, serial + 1));
    // A zone with nothing but its references and a record at the apex still goes with its block when told.
    bench.refused("unblock 192.0.2.0/24", CONFLICT, "TXT");
    bench.ok(&format!("record-delete {A} TXT"));
    bench.ok("unblock 192.0.2.0/24");
    bench.check();
}

#[test]
fn a_name_of_the_zone_is_seen_though_nothing_is_stored_at_the_apex() {
    let bench = two_zones();
    bench.ok("record 9.2.0.192.in-addr.arpa. TXT x");
    bench.refused("block 192.0.2.8/29 acme classless=first-len", CONFLICT, "9.2.0.192");
    bench.ok("record-delete 9.2.0.192.in-addr.arpa.");
    bench.ok("record sub.2.0.192.in-addr.arpa. DNAME example.com.");
    bench.ok("ptr 192.0.2.9 a.example.com");
    bench.ok("record-delete sub.2.0.192.in-addr.arpa.");
    bench.ok("ptr-delete 192.0.2.9");
    bench.ok("record 9.2.0.192.in-addr.arpa. CNAME example.com.");
    bench.refused("ptr 192.0.2.9 a.example.com", INVALID, "CNAME");
}

#[test]
fn templates_give_the_soa() {
    let bench = two_zones();
    bench.ok("soa-template-add hidden mname=hidden.example.net rname=dns.example.net minimum=60 ttl=120");
    let serial = bench.serial(A);
    bench.ok(&format!("zone-set {A} soa_template=hidden"));
    let zone = bench.view().snapshot.zone(&A.parse().expect("a name")).cloned().expect("a zone");
    let soa = zone.soa();
    assert_eq!(soa.mname.to_string(), "hidden.example.net.");
    assert_eq!((soa.rname.to_string().as_str(), soa.minimum.as_secs()), ("dns.example.net.", 60));
    assert_eq!((zone.soa_ttl().as_secs(), soa.serial.0), (120, serial + 1));
    assert_eq!(zone.negative_ttl().as_secs(), 60);
    // Another MNAME than the nameservers: their rename leaves it.
    bench.ok("ns-set default ns=q.example");
    assert_eq!(
        (mname(&bench.view(), A).as_str(), mname(&bench.view(), B).as_str()),
        ("hidden.example.net.", "q.example.")
    );
    let done = bench.ok("soa-template hidden inherit-mname inherit-ttl");
    assert_eq!(done.zones_changed, 1);
    assert_eq!(mname(&bench.view(), A), "q.example.");
    // The zone TTL of the defaults reaches what has none of its own.
    let done = bench.ok("defaults zone_ttl=7200");
    assert_eq!(done.zones_changed, 2);
    assert_eq!(ns(&bench.view(), A).ttl, 7_200);
    bench.ok("ns-set default ttl=30");
    assert_eq!(ns(&bench.view(), B).ttl, 30);
    // The defaults are the set and the template of that name.
    bench.ok("defaults nameservers=x.example,y.example minimum=99");
    let defaults = bench.view().defaults();
    assert_eq!((defaults.nameservers.len(), defaults.minimum), (2, 99));
    assert_eq!(bench.view().soa_template("default").map(|template| template.minimum), Ok(99));
    assert_eq!(ns(&bench.view(), B).data, ["x.example.", "y.example."]);
    judge(&bench.view());
    bench.check();
}

#[test]
fn sets_have_names_and_stay_while_they_are_needed() {
    let bench = two_zones();
    for name in ["", "Upper", "-a", "a-", "own", "a.b", &"x".repeat(64)] {
        let made = bench.ask(request(&format!("ns-set-add {name} ns=a.example")), false);
        assert!(made.is_err(), "{name}");
    }
    bench.refused("ns-set-add x", BAD_REQUEST, "needs nameservers");
    bench.refused("ns-set-add x ns=a.example,A.example", INVALID, "twice");
    bench.refused("ns-set-add x ns=192.0.2.1", INVALID, "nameserver");
    bench.refused("ns-set default ttl=5 inherit-ttl", BAD_REQUEST, "TTL");
    bench.refused("ns-set nowhere ns=a.example", NOT_FOUND, "ns-set list");
    bench.refused("soa-template nowhere minimum=5", NOT_FOUND, "soa-template list");
    bench.refused("soa-template default policy=yearly", BAD_REQUEST, "counter, date or unixtime");
    bench.refused("soa-template default rname=a@example.net", INVALID, "mail address");
    bench.refused("ns-set-remove default", CONFLICT, "default");
    bench.refused("ns-set-rename default other", CONFLICT, "default");
    bench.refused("soa-template-remove default", CONFLICT, "default");
    bench.ok("ns-set-add europe ns=a.example,b.example");
    bench.refused("ns-set-add europe ns=a.example", CONFLICT, "already");
    bench.ok(&format!("zone-set {A} ns_set=europe"));
    bench.refused("ns-set-remove europe", CONFLICT, "1 zone: 2.0.192");
    let serial = bench.serial(A);
    bench.refused("ns-set-rename europe default", CONFLICT, "already");
    assert_eq!(bench.ok("ns-set-rename europe eu").zones_changed, 0);
    assert_eq!(
        (bench.serial(A), bench.view().zone(A).expect("a zone").ns_set.as_deref()),
        (serial, Some("eu"))
    );
    let listed = |filter: ZoneFilter| bench.view().zones(&filter).map(|page| page.items.len());
    let of_set = |name: &str| ZoneFilter { ns_set: Some(name.to_owned()), ..ZoneFilter::default() };
    assert_eq!((listed(of_set("eu")), listed(of_set("default"))), (Ok(1), Ok(1)));
    assert_eq!(listed(of_set("europe")).map_err(|problem| problem.code), Err(NOT_FOUND.to_owned()));
    bench.ok(&format!("zone-set {A} ns_set=default"));
    bench.ok("ns-set-remove eu");
    bench.check();
    // Numbers are not given twice.
    bench.ok("ns-set-add again ns=a.example");
    let id = bench.view().declared.ns_set_named("again").map(|set| set.id.0);
    assert_eq!(id, Some(3));
    bench.check();
}

#[test]
fn zones_are_set_all_or_none() {
    let bench = two_zones();
    bench.ok("ns-set-add europe ns=a.example,b.example");
    bench.refused(&format!("zone-set {A} absent.example. ns_set=europe"), NOT_FOUND, "absent.example");
    bench.refused(&format!("zone-set {A}"), BAD_REQUEST, "nothing to set");
    bench.refused("zone-set ns_set=europe", BAD_REQUEST, "no zone");
    bench.refused(&format!("zone-set {A} ns_set=nowhere"), NOT_FOUND, "nowhere");
    bench.refused(&format!("zone-set {A} ns_set=own"), INVALID, "native");
    bench.refused(&format!("zone-set {A} soa_template=own"), INVALID, "native");
    bench.refused(&format!("zone-set {A} policy=yearly"), BAD_REQUEST, "serial policy");
    let done = bench.ok(&format!("zone-set {A} {B} ns_set=europe policy=unixtime"));
    assert_eq!(done.zones_changed, 2);
    assert_eq!(bench.ok(&format!("zone-set {A} {B} ns_set=europe policy=unixtime")).change, None);
    // A policy alone shows nothing new.
    let serial = bench.serial(A);
    assert_eq!(bench.ok(&format!("zone-set {A} policy=date")).zones_changed, 0);
    assert_eq!(bench.serial(A), serial);
    judge(&bench.view());
    bench.check();
}

fn replace() -> ZoneImportOptions {
    ZoneImportOptions { tenant: "acme".into(), replace: true, ..ZoneImportOptions::default() }
}

fn file(serial: u32, ns: &str) -> String {
    format!(
        "$ORIGIN example.org.\n$TTL 300\n@ SOA {ns} host.example. {serial} 1 2 3 4\n@ NS {ns}\nwww A 192.0.2.{}\n",
        serial % 200
    )
}

#[test]
fn imported_zones_keep_their_own_until_told_otherwise() {
    let bench = two_zones();
    let apex = "example.org.";
    let import =
        |options: ZoneImportOptions, text: &str| bench.import_zones(options, &[("example.org.zone", text)]);
    import(replace(), &file(5, "ns1.old.")).expect("an import");
    let own = bench.view().zone(apex).expect("a zone");
    assert_eq!((own.ns_set, own.soa_template, own.own_ns), (None, None, true));
    assert_eq!(bench.ok("ns-set default ns=n.example,m.example").zones_changed, 2, "native zones only");
    bench.ok(&format!("zone-set {apex} ns_set=default soa_template=default"));
    let zone = bench.view().zone(apex).expect("a zone");
    assert_eq!((zone.ns_set.as_deref(), zone.own_ns, zone.serial), (Some("default"), false, 6));
    assert_eq!(ns(&bench.view(), apex).data, ["n.example.", "m.example."]);
    assert_eq!(bench.ok("ns-set default ns=k.example").zones_changed, 3);
    // What it shows becomes its own again, and nothing changes for whoever asks.
    let serial = bench.serial(apex);
    let done = bench.ok(&format!("zone-set {apex} ns_set=own soa_template=own"));
    assert_eq!((done.zones_changed, bench.serial(apex)), (0, serial));
    let shown = ns(&bench.view(), apex);
    assert_eq!((shown.data, shown.derived, shown.overrides), (vec!["k.example.".to_owned()], false, None));
    judge(&bench.view());
    bench.check();
    // A file that says the same as the references leaves them; another one has its way.
    bench.ok(&format!("zone-set {apex} ns_set=default soa_template=default"));
    let export = || {
        let mut text = Vec::new();
        bench.view().export(apex).expect("an export").write(&mut text).expect("memory takes all");
        String::from_utf8(text).expect("text")
    };
    let exported = export();
    assert_eq!(
        import(replace(), &exported).expect("an import").change,
        None,
        "exporting an import compares equal"
    );
    let longer = format!("{exported}more.example.org. 60 IN TXT x\n");
    import(replace(), &longer).expect("an import");
    let zone = bench.view().zone(apex).expect("a zone");
    assert_eq!(
        (zone.ns_set.as_deref(), zone.own_ns, zone.soa_template.as_deref()),
        (Some("default"), false, Some("default"))
    );
    import(replace(), &file(9_999, "ns1.new.")).expect("an import");
    let zone = bench.view().zone(apex).expect("a zone");
    assert_eq!((zone.own_ns, zone.soa_template, zone.serial), (true, None, 9_999));
    assert_eq!(mname(&bench.view(), apex), "ns1.new.");
    assert_eq!(ns(&bench.view(), apex).overrides.as_deref(), Some("default"));
    judge(&bench.view());
    bench.check();
}

#[test]
fn imports_carry_on_from_the_serial_that_is_served() {
    let bench = Bench::new();
    let import = |options: ZoneImportOptions, serial: u32| {
        bench
            .import_zones(options, &[("example.org.zone", &file(serial, "ns1.old."))])
            .map(|_| bench.serial("example.org."))
    };
    assert_eq!(import(replace(), 4_294_967_290), Ok(4_294_967_290));
    assert_eq!(import(replace(), 4_294_967_290), Ok(4_294_967_290), "the same file again");
    assert_eq!(import(replace(), 7), Ok(7), "RFC 1982: after the wrap, ahead");
    assert_eq!(import(replace(), 4_294_967_290), Ok(8), "behind: past what is served");
    assert_eq!(import(replace(), 3), Ok(9));
    bench.ok("zone-set example.org. policy=date");
    assert_eq!(import(replace(), 4), Ok(2_026_010_100), "by the policy of the zone");
    assert_eq!(import(replace(), 5), Ok(2_026_010_101));
    assert_eq!(import(replace(), 2_030_010_100), Ok(2_030_010_100));
    let keep = || ZoneImportOptions { keep_serial: true, ..replace() };
    let behind = bench.import_zones(keep(), &[("example.org.zone", &file(6, "ns1.old."))]).expect("as told");
    assert!(behind.warnings.iter().any(|warning| warning.contains("goes back")), "{:?}", behind.warnings);
    assert_eq!(bench.serial("example.org."), 6);
    assert_eq!(import(keep(), 6), Ok(6));
    let moved = file(6, "ns1.old.").replace("www", "w3");
    bench.import_zones(keep(), &[("example.org.zone", &moved)]).expect("as told");
    assert_eq!(bench.serial("example.org."), 6, "as told, though the content is another");
    let problem = import(ZoneImportOptions { replace: false, ..keep() }, 6).expect_err("nothing to replace");
    assert_eq!(problem.code, BAD_REQUEST);
    bench.check();
}

/// A clock that tests set.
struct Set(AtomicI64);

impl Clock for Set {
    fn now(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

#[test]
fn serials_never_fall_whatever_the_clock_says() {
    let store = MemoryStore::new();
    let clock = Arc::new(Set(AtomicI64::new(1_767_225_600_000)));
    let mut boxed: Box<dyn Store> = Box::new(store.clone());
    let loaded = load(boxed.as_mut()).expect("a sound store");
    let road =
        Road::start(boxed, loaded, Options { clock: clock.clone(), ..Options::default() }).expect("a road");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let ok = |line: &str| {
        runtime
            .block_on(road.change(operator(), request(line), false))
            .unwrap_or_else(|p| panic!("{line}: {p:?}"))
    };
    ok("tenant-add acme");
    ok("block 192.0.2.0/24 acme");
    let serial = || road.view().zone(A).expect("a zone").serial;
    let mut last = Serial(serial());
    let times = [1_767_225_600_000, 0, i64::MAX, -1, 4_102_444_800_000, 1_767_225_600_000, i64::MIN, 1];
    let policies = ["counter", "date", "unixtime", "template"];
    for (nth, now) in times.into_iter().cycle().take(64).enumerate() {
        clock.0.store(now, Ordering::Relaxed);
        if nth.is_multiple_of(3) {
            ok(&format!("zone-set {A} policy={}", policies[nth / 3 % 4]));
        }
        if nth.is_multiple_of(5) {
            ok(&format!("soa-template default policy={}", policies[nth / 5 % 3]));
        }
        ok(&format!("ptr 192.0.2.1 h{nth}.example.com"));
        let next = Serial(serial());
        assert!(next.is_after(last), "{last} then {next} at {now}");
        last = next;
    }
    road.shutdown();
}

#[test]
fn dates_and_times_are_told_by_serials() {
    let bench = two_zones();
    bench.ok("soa-template default policy=date");
    bench.ok("ptr 192.0.2.1 a.example.com");
    assert_eq!(bench.serial(A), 2_026_010_100);
    bench.ok("ptr 192.0.2.1 b.example.com");
    assert_eq!(bench.serial(A), 2_026_010_101);
    bench.ok("block 192.0.4.0/24 acme");
    assert_eq!(bench.serial("4.0.192.in-addr.arpa."), 2_026_010_100, "a new zone starts with the day");
    let zone = bench.view().zone(A).expect("a zone");
    assert_eq!((zone.serial_policy.as_str(), zone.own_policy), ("date", false));
    bench.ok(&format!("zone-set {B} policy=unixtime"));
    bench.ok("ptr 192.0.3.1 a.example.com");
    assert!((1_767_225_600..1_767_226_600).contains(&bench.serial(B)), "{}", bench.serial(B));
    bench.check();
}

#[test]
fn many_zones_are_one_edit_and_a_short_answer() {
    let bench = Bench::with(&["block 10.0.0.0/13 acme"]);
    bench.ok("block 10.8.0.0/16 acme");
    let lines: Vec<String> =
        (0..200).map(|n| format!("block 10.{}.{}.0/24 acme own-zone", n / 100, n % 100)).collect();
    lines.iter().for_each(|line| drop(bench.ok(line)));
    let done = bench.ok("ns-set default ns=r.example,s.example");
    let total = bench.view().declared.zone_count() as u64;
    assert!(total > 200, "{total}");
    assert_eq!((done.zones.len() as u64, done.zones_changed), (100, total));
    let changes = bench.store.changes();
    let last = changes.last().expect("a change");
    assert_eq!((last.edits.len(), last.serials.len() as u64), (1, total));
    assert!(last.request.len() < 200 && last.summary.len() < 100);
    judge(&bench.view());
    bench.check();
    // Of a request about many zones the log keeps the first.
    let apexes: Vec<String> = bench.view().declared.zones().map(|zone| zone.apex.to_string()).collect();
    bench.ok(&format!("zone-set {} policy=date", apexes.join(" ")));
    let changes = bench.store.changes();
    assert!(changes.last().expect("a change").request.len() < 8_000);
}

#[test]
fn a_store_without_sets_comes_to_reference_the_defaults() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ptrd.db");
    ptrd_store::conformance::first_schema_store(&path).expect("a file of schema 0001");
    let start = || {
        let mut store: Box<dyn Store> = Box::new(SqliteStore::open(&path).expect("the file opens"));
        let loaded = load(store.as_mut()).expect("a sound store");
        Road::start(store, loaded, support::options()).expect("a road")
    };
    let road = start();
    let view = road.view();
    assert_eq!(view.defaults().nameservers, ["ns1.example.net.", "ns2.example.net."]);
    assert_eq!((view.defaults().ptr_ttl, view.defaults().rname.as_str()), (1_800, "hostmaster.example.net."));
    let zones: BTreeMap<String, (Option<String>, bool, Option<String>, u32)> = view
        .zones(&ZoneFilter::default())
        .expect("zones")
        .items
        .into_iter()
        .map(|zone| (zone.apex, (zone.ns_set, zone.own_ns, zone.soa_template, zone.serial)))
        .collect();
    let default = || Some("default".to_owned());
    let of = |apex: &str| zones[apex].clone();
    // As the defaults; a SOA of its own; nameservers of its own; imported. No zone shows anything else than before.
    assert_eq!(of("2.0.192.in-addr.arpa."), (default(), false, default(), 100));
    assert_eq!(of("0-29.2.0.192.in-addr.arpa."), (default(), false, default(), 200));
    assert_eq!(of("100.51.198.in-addr.arpa."), (default(), false, None, 300));
    assert_eq!(of("113.0.203.in-addr.arpa."), (default(), true, None, 400));
    assert_eq!(of("example.com."), (None, true, None, 500));
    let zone = view.snapshot.zone(&"100.51.198.in-addr.arpa.".parse().expect("a name")).expect("a zone");
    assert_eq!((zone.soa().refresh, zone.soa_ttl().as_secs()), (9_999, 86_400));
    judge(&view);
    let before = everything(&view);
    road.shutdown();

    // Once: a second start finds nothing to carry over, and the same zones.
    let road = start();
    assert_eq!((road.view().version, everything(&road.view())), (8, before));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let log = runtime.block_on(road.log(ptrd_api::LogFilter::default())).expect("the log");
    assert_eq!(
        (log.items[0].kind.as_str(), log.items[0].summary.as_str()),
        ("carry-over", "2 of 4 native zones as the defaults: they reference them")
    );
    let done = runtime
        .block_on(road.change(operator(), request("ns-set default ns=ns9.example.net"), false))
        .expect("a change");
    assert_eq!(done.zones_changed, 3);
    judge(&road.view());
    road.shutdown();
}

#[test]
fn a_reload_finds_the_same() {
    let bench = two_zones();
    for line in [
        "ns-set-add europe ns=ns.2.0.192.in-addr.arpa,B.example ttl=77",
        "soa-template-add dated policy=date mname=h.example minimum=5",
        "record ns.2.0.192.in-addr.arpa A 192.0.2.3",
        "record 2.0.192.in-addr.arpa TXT x",
        "zone-set 2.0.192.in-addr.arpa ns_set=europe soa_template=dated",
        "zone-set 3.0.192.in-addr.arpa policy=unixtime",
        "zone-add example.org acme",
        "defaults zone_ttl=99",
    ] {
        bench.ok(line);
    }
    judge(&bench.view());
    bench.check();
    assert_eq!(everything(&open(&bench.store).view()), bench.everything());
}

#[test]
fn a_delegation_is_looked_at_again_for_another_ns_rrset_and_for_no_other_change() {
    let bench = Bench::with(&["block 185.12.8.0/24 acme"]);
    const ZONE: &str = "8.12.185.in-addr.arpa.";
    let digest = || {
        let all = bench.view().delegations(false, 10);
        all.into_iter().find(|(apex, _)| apex.to_string() == ZONE).expect("it is watched").1
    };
    let given = digest();
    bench.ok(&format!("rrsets {ZONE}; @ NS 3600 ns4.example.net. | ns5.example.net."));
    let own = digest();
    assert_ne!(own, given);
    let served = bench.view().served(&ZONE.parse().expect("a name")).expect("it is served");
    assert_eq!(served.nameservers.into_iter().collect::<Vec<_>>(), ["ns4.example.net", "ns5.example.net"]);
    let serial = bench.serial(ZONE);
    bench.ok("ptr 185.12.8.5 mail.example.com");
    assert!(bench.serial(ZONE) != serial && digest() == own);
    bench.ok(&format!("rrsets {ZONE}; @ NS 3600 ns4.example.net. | ns6.example.net."));
    assert_ne!(digest(), own);
}

#[test]
fn delegations_of_companion_zones_are_watched_where_the_public_dns_may_have_them_and_of_no_other_zones_of_names()
 {
    let bench = Bench::with(&[
        "block 185.12.8.0/24 acme",
        "zone-add hosts.acme.com acme companion",
        "zone-add hosts.acme.example acme companion",
        "zone-add plain.acme.com acme",
    ]);
    let watched = |private: bool| -> Vec<String> {
        let all = bench.view().delegations(private, 10);
        all.into_iter().map(|(apex, _)| apex.to_string()).collect()
    };
    assert_eq!(watched(false), ["8.12.185.in-addr.arpa.", "hosts.acme.com."]);
    assert_eq!(watched(true), ["8.12.185.in-addr.arpa.", "hosts.acme.com.", "hosts.acme.example."]);
    let served = bench.view().served(&"hosts.acme.com.".parse().expect("a name")).expect("it is served");
    assert!(!served.nameservers.is_empty());
    bench.ok("zone-set hosts.acme.com companion=off");
    assert_eq!(watched(false), ["8.12.185.in-addr.arpa."]);
}
