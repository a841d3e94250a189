//! Catalogs: members come and go with zones in the same change, and nothing of their content is stored.

mod support;

use proptest::prelude::*;
use ptrd_api::{CatalogFilter, ChangeRequest, ZoneFilter, code};
use ptrd_change::Consumptions;
use ptrd_store::Edit;
use support::catalog::{label, members};
use support::{Bench, Chains, name, random_line, request};

const CATALOG: &str = "catalog.example";

fn bench() -> Bench {
    Bench::with(&[
        "block 192.0.2.0/24 acme",
        "block 192.0.2.0/26 acme classless=slash",
        "block 198.51.100.0/24 bob",
        "zone-add example.org bob",
        "catalog-add catalog.example acme all",
    ])
}

#[test]
fn all_zones_are_members_and_the_catalog_is_not() {
    let bench = bench();
    assert_eq!(
        members(&bench.view(), CATALOG),
        ["2.0.192.in-addr.arpa.", "0/26.2.0.192.in-addr.arpa.", "100.51.198.in-addr.arpa.", "example.org."]
    );
    assert_eq!(
        bench.zone(CATALOG)[..2],
        ["catalog.example. 0 NS invalid.", "version.catalog.example. 0 TXT \"2\""]
    );
    let zone = bench.view().snapshot.zone(&name(CATALOG)).unwrap().clone();
    assert_eq!(zone.soa().mname, name("invalid"));
    assert!(zone.is_catalog() && zone.soa_ttl().as_secs() == 0);
}

#[test]
fn a_change_that_makes_zones_is_one_step() {
    let bench = bench();
    let serial = bench.serial(CATALOG);
    let done = bench.ok("block 10.0.0.0/14 acme own-zone");
    assert_eq!(bench.serial(CATALOG), serial + 1);
    assert_eq!(members(&bench.view(), CATALOG).len(), 8);
    assert!(done.zones.iter().any(|step| step.apex == "catalog.example." && step.serial == Some(serial + 1)));
    bench.ok("unblock 10.0.0.0/14");
    assert_eq!((bench.serial(CATALOG), members(&bench.view(), CATALOG).len()), (serial + 2, 4));
    // What makes no zone and removes none, does nothing here.
    for line in [
        "ptr 192.0.2.1 a.example.com",
        "block 192.0.2.128/28 acme",
        "ns-set default ns=ns9.example.net",
        "record 2.0.192.in-addr.arpa TXT text",
        "relabel 192.0.2.0/26 classless=slash",
    ] {
        let _ = bench.ask(request(line), false);
        assert_eq!(bench.serial(CATALOG), serial + 2, "{line}");
    }
}

#[test]
fn a_zone_that_was_made_again_has_another_label() {
    let bench = bench();
    let label = |zone: &str| label(&bench.view(), CATALOG, zone);
    let (org, v4) = (label("example.org"), label("2.0.192.in-addr.arpa"));
    bench.ok("zone-remove example.org");
    bench.ok("zone-add example.org bob");
    assert_ne!(label("example.org"), org);
    bench.ok("ptr 192.0.2.1 a.example.com");
    bench.ok("zone-set 2.0.192.in-addr.arpa policy=date");
    bench.ok("transfer 192.0.2.0/24 bob recursive");
    assert_eq!(label("2.0.192.in-addr.arpa"), v4, "the same zone, whatever is done with it");
    // A removal that is undone gives the same zone back.
    let org = label("example.org");
    let done = bench.ok("zone-remove example.org");
    bench.ask(ChangeRequest::rollback(done.change.unwrap()), false).unwrap();
    assert_eq!(label("example.org"), org);
}

#[test]
fn a_preview_tells_which_zones_come_and_go() {
    let bench = bench();
    bench.ok("catalog-set catalog.example zone/example.org:forward");
    let effects = |line: &str| -> Vec<String> {
        let done = bench.ask(request(line), true).expect("a plan");
        let members = done.effects.iter().filter(|effect| effect.what == "member");
        members
            .map(|effect| format!("{} {} {}", effect.fate, effect.count, effect.names.join(", ")))
            .collect()
    };
    assert_eq!(
        effects("catalog-set catalog.example -tenant/acme zone/example.org"),
        [
            "changed 1 example.org. of catalog.example.",
            "removed 2 2.0.192.in-addr.arpa. of catalog.example., 0/26.2.0.192.in-addr.arpa. of catalog.example.",
        ]
    );
    assert_eq!(
        effects("catalog-add new.example acme tenant/bob"),
        ["added 2 100.51.198.in-addr.arpa. of new.example., example.org. of new.example."]
    );
    assert_eq!(effects("block 203.0.113.0/24 bob"), ["added 1 113.0.203.in-addr.arpa. of catalog.example."]);
    assert_eq!(
        effects("unblock 198.51.100.0/24"),
        ["removed 1 100.51.198.in-addr.arpa. of catalog.example."]
    );
    assert_eq!(effects("catalog-remove catalog.example")[0][..9], *"removed 4");
}

#[test]
fn what_is_listed_by_tenant_and_zone() {
    let bench = bench();
    bench.ok("catalog-set catalog.example -all tenant/acme:fast zone/example.org:forward unset=all");
    assert_eq!(
        members(&bench.view(), CATALOG),
        ["2.0.192.in-addr.arpa.:fast", "0/26.2.0.192.in-addr.arpa.:fast", "example.org.:forward"]
    );
    bench.ok("catalog-set catalog.example all -zone/2.0.192.in-addr.arpa");
    assert_eq!(
        members(&bench.view(), CATALOG),
        ["0/26.2.0.192.in-addr.arpa.:fast", "100.51.198.in-addr.arpa.", "example.org.:forward"]
    );
    // To another tenant, whose zones are in no group.
    bench.ok("transfer 192.0.2.0/24 bob recursive");
    assert_eq!(members(&bench.view(), CATALOG)[0], "0/26.2.0.192.in-addr.arpa.");
    let again = bench.ok("catalog-set catalog.example zone/example.org:forward");
    assert_eq!((again.change, &*again.summary), (None, "catalog catalog.example. set; it lists 3 zones"));
    let serial = bench.serial(CATALOG);
    bench.ok("catalog-set catalog.example tenant/acme:slow");
    assert_eq!(bench.serial(CATALOG), serial, "acme has no zone");
}

#[test]
fn a_zone_moves_to_another_catalog() {
    let bench = bench();
    bench.ok("catalog-add new.example acme");
    bench.ok("catalog-set catalog.example zone/example.org>new.example");
    assert_eq!(members(&bench.view(), CATALOG)[3], "example.org.>new.example.");
    assert_eq!(members(&bench.view(), "new.example"), [""; 0]);
    bench.ok("catalog-set new.example zone/example.org");
    let labels = [CATALOG, "new.example"].map(|catalog| label(&bench.view(), catalog, "example.org"));
    assert_eq!(labels[0], labels[1], "so consumers keep what they have of it");
    bench.refused("catalog-remove new.example", code::CONFLICT, "the zone example.org. of catalog.example.");
    bench.ok("catalog-set catalog.example -zone/example.org");
    assert_eq!(members(&bench.view(), CATALOG).len(), 3);
    bench.ok("catalog-remove new.example");
}

#[test]
fn a_catalog_is_a_member_where_it_is_named() {
    let bench = bench();
    bench.ok("catalog-add new.example acme");
    assert_eq!(members(&bench.view(), CATALOG).len(), 4);
    bench.ok("catalog-set catalog.example zone/new.example");
    assert_eq!(members(&bench.view(), CATALOG)[3], "new.example.");
    bench.refused("catalog-set catalog.example zone/catalog.example", code::INVALID, "cannot list itself");
    bench.ok("catalog-remove new.example");
    assert_eq!(members(&bench.view(), CATALOG).len(), 4);
}

#[test]
fn what_was_said_of_a_zone_or_a_tenant_goes_with_it() {
    let bench = bench();
    bench.ok("tenant-add eve");
    bench.ok("catalog-set catalog.example zone/example.org:a tenant/eve:b");
    let rules = |bench: &Bench| bench.view().catalog(CATALOG, &Consumptions::new()).unwrap().rules.len();
    assert_eq!(rules(&bench), 3);
    bench.ok("zone-remove example.org");
    bench.ok("tenant-remove eve");
    assert_eq!(rules(&bench), 1);
    bench.ok("zone-add example.org bob");
    assert_eq!(members(&bench.view(), CATALOG)[3], "example.org.");
}

#[test]
fn a_catalog_that_comes_back_is_newer_and_holds_what_is_there_now() {
    let bench = bench();
    bench.ok("catalog-set catalog.example tenant/bob:slow");
    let serial = bench.serial(CATALOG);
    let removed = bench.ok("catalog-remove catalog.example").change.unwrap();
    assert_eq!(bench.zone(CATALOG), ["-"]);
    bench.ok("block 203.0.113.0/24 bob");
    bench.ok("zone-remove example.org");
    bench.ask(ChangeRequest::rollback(removed), false).unwrap();
    assert!(bench.serial(CATALOG) > serial);
    assert_eq!(
        members(&bench.view(), CATALOG),
        [
            "2.0.192.in-addr.arpa.",
            "0/26.2.0.192.in-addr.arpa.",
            "100.51.198.in-addr.arpa.:slow",
            "113.0.203.in-addr.arpa.:slow",
        ]
    );
    // And one of that name that is made anew, too.
    for _ in 0..5 {
        bench.ok("catalog-set catalog.example tenant/bob:fast");
        bench.ok("catalog-set catalog.example tenant/bob:slow");
    }
    let serial = bench.serial(CATALOG);
    bench.ok("catalog-remove catalog.example");
    bench.ok("catalog-add catalog.example acme");
    assert!(bench.serial(CATALOG) > serial);
}

#[test]
fn every_change_of_a_catalog_can_be_undone() {
    let bench = bench();
    let lines = [
        "catalog-add new.example bob tenant/bob",
        "catalog-set new.example zone/2.0.192.in-addr.arpa:g all",
        "catalog-set catalog.example unset=all zone/example.org>new.example",
        "block 203.0.113.0/24 bob",
        "catalog-set new.example -zone/2.0.192.in-addr.arpa",
    ];
    let timeless = |bench: &Bench| {
        let lists = |catalog: &str| match bench.zone(catalog).as_slice() {
            [gone] if gone == "-" => vec![gone.clone()],
            _ => members(&bench.view(), catalog),
        };
        (lists(CATALOG), lists("new.example"))
    };
    let mut steps = Vec::new();
    for line in lines {
        let before = timeless(&bench);
        steps.push((bench.ok(line).change.unwrap(), before));
    }
    for (change, before) in steps.into_iter().rev() {
        bench.ask(ChangeRequest::rollback(change), false).unwrap_or_else(|problem| panic!("{problem:?}"));
        assert_eq!(timeless(&bench), before);
    }
}

#[test]
fn records_of_a_catalog_are_not_to_be_written() {
    let bench = bench();
    let hint = "ptrctl catalog set catalog.example.";
    for line in [
        "record x.catalog.example TXT text",
        "record-delete version.catalog.example",
        "zone-set catalog.example ns_set=default",
    ] {
        bench.refused(line, code::CONFLICT, hint);
    }
    bench.refused("zone-remove catalog.example", code::CONFLICT, "ptrctl catalog remove catalog.example");
    bench.refused("zone-add catalog.example acme", code::CONFLICT, "the catalog zone catalog.example.");
    let adopt = ChangeRequest::ZoneAdopt { apexes: vec![CATALOG.to_owned()], all: false };
    assert!(bench.ask(adopt, false).unwrap_err().message.contains("is a catalog"));
    let import =
        ptrd_api::ZoneImportOptions { tenant: "acme".to_owned(), replace: true, ..Default::default() };
    let file = "$ORIGIN catalog.example.\n@ 60 SOA a b 1 2 3 4 5\n@ 60 NS a\n";
    let problem = bench.import_zones(import, &[("catalog.example.zone", file)]).unwrap_err();
    assert!(format!("{problem:?}").contains("is a catalog"), "{problem:?}");
    // Its policy and SOA template are as those of any zone.
    bench.ok("zone-set catalog.example policy=unixtime soa_template=default");
    assert_eq!(bench.zone(CATALOG)[0], "catalog.example. 0 NS invalid.");
}

#[test]
fn updates_of_a_catalog_are_refused() {
    let bench = bench();
    bench.allow_update("key=key.example");
    for text in ["add x 60 TXT text", "del version TXT", "yxdomain version"] {
        assert_eq!(bench.update(CATALOG, text), ptrd_wire::Rcode::REFUSED, "{text}");
    }
}

#[test]
fn what_cannot_be_a_catalog() {
    let bench = bench();
    for (line, code, part) in [
        (
            "catalog-add catalog.example acme",
            code::CONFLICT,
            "the catalog zone catalog.example. is served already",
        ),
        ("catalog-add example.org acme", code::CONFLICT, "the verbatim zone example.org. is served already"),
        ("catalog-add 10.in-addr.arpa acme", code::INVALID, "choose a name that nobody looks up"),
        ("catalog-add . acme", code::INVALID, "cannot be a catalog"),
        ("catalog-add new.example eve", code::NOT_FOUND, "eve"),
        ("catalog-add new.example acme zone/nothing.example", code::NOT_FOUND, "nothing.example"),
        ("catalog-set example.org all", code::CONFLICT, "is a verbatim zone, and no catalog"),
        ("catalog-set nothing.example all", code::NOT_FOUND, "ptrctl catalog list"),
        ("catalog-set catalog.example", code::BAD_REQUEST, "nothing to set"),
        ("catalog-set catalog.example unset=tenant/bob", code::NOT_FOUND, "says nothing of the zones of bob"),
        ("catalog-set catalog.example all>catalog.example", code::BAD_REQUEST, "one by one"),
        ("catalog-set catalog.example zone/example.org>catalog.example", code::INVALID, "cannot move to"),
        ("catalog-set catalog.example zone/example.org>example.org", code::CONFLICT, "no catalog"),
        ("catalog-set catalog.example -all:g", code::BAD_REQUEST, "have no group"),
        ("catalog-set catalog.example all:", code::INVALID, "is no group"),
        ("catalog-remove example.org", code::CONFLICT, "no catalog"),
    ] {
        bench.refused(line, code, part);
    }
    let long = format!("catalog-add {0}.{0}.{0}.{1} acme", "x".repeat(63), "y".repeat(50));
    bench.refused(&long, code::INVALID, "leaves no room for the names below it");
}

#[test]
fn a_catalog_below_a_zone_of_ours_is_no_delegation() {
    let bench = bench();
    let before = bench.zone("2.0.192.in-addr.arpa");
    bench.ok("catalog-add cat.2.0.192.in-addr.arpa acme all");
    assert_eq!(bench.zone("2.0.192.in-addr.arpa"), before);
    bench.ok("catalog-add cat.113.0.203.in-addr.arpa acme all");
    bench.ok("block 203.0.113.0/24 acme");
    assert!(!bench.zone("113.0.203.in-addr.arpa").iter().any(|line| line.contains("cat.")));
    bench.ok("ns-set default ns=ns9.example.net");
    assert!(!bench.zone("2.0.192.in-addr.arpa").iter().any(|line| line.contains("cat.")));
}

#[test]
fn listings() {
    let bench = bench();
    bench.ok("catalog-add another.example bob tenant/bob:g -zone/example.org");
    let view = bench.view();
    let page = view.catalogs(&CatalogFilter::default(), &Consumptions::new()).unwrap();
    let lines = page.items.iter().map(|view| {
        let rule =
            |rule: &ptrd_api::CatalogRule| format!("{:?} {:?} {:?}", rule.zone, rule.tenant, rule.left_out);
        format!(
            "{} {} {} {:?}",
            view.catalog,
            view.tenant,
            view.members,
            view.rules.iter().map(rule).collect::<Vec<_>>()
        )
    });
    assert_eq!(
        lines.collect::<Vec<_>>(),
        [
            r#"another.example. bob 1 ["None Some(\"bob\") false", "Some(\"example.org.\") None true"]"#,
            r#"catalog.example. acme 4 ["None None false"]"#,
        ]
    );
    let none = Consumptions::new();
    let first = CatalogFilter { limit: Some(3), after: None };
    let page = view.catalog_members(CATALOG, &first, &none).unwrap();
    assert_eq!((page.items.len(), page.next.as_deref()), (3, Some("100.51.198.in-addr.arpa.")));
    let rest =
        view.catalog_members(CATALOG, &CatalogFilter { after: page.next, limit: None }, &none).unwrap();
    assert_eq!((rest.items.len(), &*rest.items[0].zone), (1, "example.org."));
    assert_eq!(view.catalog_members("example.org", &first, &none).unwrap_err().code, code::CONFLICT);
    let kinds = |kind: &str| {
        let filter = ZoneFilter { kind: Some(kind.to_owned()), ..ZoneFilter::default() };
        view.zones(&filter).unwrap().items.iter().map(|zone| zone.apex.clone()).collect::<Vec<_>>()
    };
    assert_eq!(kinds("catalog"), ["another.example.", "catalog.example."]);
    assert_eq!(kinds("verbatim"), ["example.org."]);
}

#[test]
fn no_record_of_a_catalog_is_stored() {
    let bench = bench();
    let zone = bench.view().declared.zone(&name(CATALOG)).expect("a zone").id;
    bench.ok("catalog-set catalog.example tenant/bob:slow");
    bench.ok("block 203.0.113.0/24 bob");
    bench.ok("catalog-remove catalog.example");
    let changes = bench.store.changes();
    let of_catalog = |edit: &&Edit| matches!(edit, Edit::Record { zone: of, .. } if *of == zone);
    let edits = changes.iter().flat_map(|change| &change.edits);
    assert_eq!(edits.filter(of_catalog).collect::<Vec<_>>(), [] as [&Edit; 0]);
    // Each is one row, and a step of the serial with what came and went.
    let block = changes.iter().rev().nth(1).expect("a change");
    assert_eq!(block.edits.len(), 2, "the block and its zone: {:?}", block.edits);
    assert!(block.deltas.iter().any(|delta| delta.zone == zone));
    assert!(block.serials.iter().any(|(of, _)| *of == zone));
}

fn random_catalog_line(random: &mut impl FnMut(u64) -> u64) -> String {
    let catalogs = ["catalog.example", "new.example", "c.2.1.10.in-addr.arpa"];
    let mut pick = |list: &[&str]| list[random(list.len() as u64) as usize].to_owned();
    let (catalog, other) = (pick(&catalogs), pick(&catalogs));
    let zones =
        ["10.in-addr.arpa", "2.1.10.in-addr.arpa", "64/26.2.1.10.in-addr.arpa", "example.org", "new.example"];
    let (zone, tenant) = (pick(&zones), pick(&["acme", "bob"]));
    let group = pick(&["", ":a", ":b"]);
    let kind = pick(&["add", "set", "set", "set", "set", "unset", "remove"]);
    let rule = match &*pick(&["all", "tenant", "zone", "move", "out", "out-all"]) {
        "all" => format!("all{group}"),
        "tenant" => format!("tenant/{tenant}{group}"),
        "zone" => format!("zone/{zone}{group}"),
        "move" => format!("zone/{zone}{group}>{other}"),
        "out" => format!("-zone/{zone}"),
        _ => "-all".to_owned(),
    };
    match &*kind {
        "add" => format!("catalog-add {catalog} {tenant} {rule}"),
        "set" => format!("catalog-set {catalog} {rule}"),
        "unset" => {
            format!("catalog-set {catalog} unset={}", pick(&["all", "tenant/acme", "zone/example.org"]))
        }
        _ => format!("catalog-remove {catalog}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// After any changes, a catalog lists exactly the zones that are there and meant; its serial stepped, once, where it
    /// lists others than before; and what its history says leads from any version to any later one.
    #[test]
    fn catalogs_follow_the_zones_that_there_are(seed in any::<u64>()) {
        let mut state = seed;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let bench = bench();
        let mut chains = Chains::default();
        let mut changes = Vec::new();
        for _ in 0..50 {
            let before = bench.view();
            let request = match random(3) {
                0 => request(&random_catalog_line(&mut random)),
                1 if random(4) == 0 && !changes.is_empty() => {
                    ChangeRequest::rollback(changes[random(changes.len() as u64) as usize])
                }
                _ => request(&random_line(&mut random)),
            };
            let done = bench.ask(request, false);
            changes.extend(done.ok().and_then(|done| done.change));
            let after = bench.view();
            chains.add(&before, &after);
            for (id, catalog) in after.declared.catalogs() {
                let Some(meta) = after.declared.zone_by_id(id) else { continue };
                let apex = meta.apex.to_string();
                let expected = after.declared.zones().filter(|zone| catalog.membership(&after.declared, zone).is_some());
                let expected: Vec<String> = expected.map(|zone| zone.apex.to_string()).collect();
                let listed = members(&after, &apex);
                let zones: Vec<String> =
                    listed.iter().map(|line| line.split([':', '>']).next().unwrap_or_default().to_owned()).collect();
                prop_assert_eq!(zones, expected, "{}", apex);
                let Some(old) = before.snapshot.zone(&meta.apex).filter(|old| old.id() == id) else { continue };
                let new = after.snapshot.zone(&meta.apex).expect("content");
                let lists_others = lines(&before, &apex) != lines(&after, &apex);
                let (last, serial) = (old.soa().serial, new.soa().serial);
                let expected = if lists_others { last.next() } else { last };
                prop_assert_eq!(serial, expected, "{}", apex);
            }
        }
    }
}

fn lines(view: &ptrd_change::View, apex: &str) -> Option<Vec<String>> {
    support::zone_lines(view, &name(apex))
}
