//! Companion forward zones where several things change at once, or change hands.

mod support;

use ptrd_api::{ZoneImportOptions, code};
use ptrd_wire::RecordType;
use ptrd_zone::Held;
use std::net::IpAddr;
use std::sync::Arc;
use support::resolver::{Resolver, bench_with};
use support::{Bench, name};

/// Acme has a block and a companion zone, bob a block beside it.
fn bench() -> Bench {
    Bench::with(&[
        "block 192.0.2.0/24 acme",
        "block 198.51.100.0/24 bob",
        "zone-add acme.example acme companion",
    ])
}

fn shows(bench: &Bench, line: &str) -> bool {
    bench.zone("acme.example").iter().any(|shown| shown == line)
}

#[test]
fn an_address_that_follows_stays_as_glue_of_a_cut_that_comes_with_it() {
    const GLUE: &str = "ns.sub.acme.example. 3600 A 192.0.2.1";
    let file = "$ORIGIN acme.example.\n$TTL 3600\n@ SOA ns1.example.net. hostmaster.example.net. 9 1 1 1 1\n\
        @ NS ns1.example.net.\nsub NS ns.sub\nns.sub A 192.0.2.1\nwww A 192.0.2.2\n";
    let by_file = |bench: &Bench| {
        let options = ZoneImportOptions { tenant: "acme".into(), replace: true, ..Default::default() };
        bench.import_zones(options, &[("acme.example.zone", file)]).expect("imported");
    };
    let by_rrsets = |bench: &Bench| {
        bench.ok("rrsets acme.example; ns.sub A 3600 192.0.2.1; sub NS 3600 ns.sub.acme.example.; www A 3600 192.0.2.2");
    };
    let by_update = |bench: &Bench| {
        bench.allow_update("key=key.example zone=acme.example");
        bench.updated(
            "acme.example",
            "add ns.sub.acme.example. 3600 A 192.0.2.1; add sub.acme.example. 3600 NS ns.sub.acme.example.",
        );
    };
    type Door<'d> = (&'d str, &'d dyn Fn(&Bench));
    let doors: [Door<'_>; 3] = [("file", &by_file), ("rrsets", &by_rrsets), ("update", &by_update)];
    for (door, put) in doors {
        let bench = bench();
        bench.ok("ptr 192.0.2.1 ns.sub.acme.example");
        bench.ok("ptr 192.0.2.2 www.acme.example");
        put(&bench);
        assert!(shows(&bench, GLUE), "{door}: {:?}", bench.zone("acme.example"));
        let zone = bench.view().snapshot.zone(&name("acme.example")).cloned().expect("a zone");
        let own = |owner: &str| {
            zone.names()
                .node(&name(owner).key_below(2))
                .is_some_and(|node| node.rrset(RecordType::A).is_some())
        };
        assert!(own("ns.sub.acme.example"), "{door}");
        assert!(!own("www.acme.example"), "{door}: what follows still is not written");
    }
}

#[test]
fn an_address_stays_beside_a_dname_that_comes_with_it() {
    let bench = bench();
    bench.ok("ptr 192.0.2.1 old.acme.example");
    bench.allow_update("key=key.example zone=acme.example");
    bench.updated(
        "acme.example",
        "add old.acme.example. 3600 A 192.0.2.1; add old.acme.example. 3600 DNAME new.acme.example.",
    );
    assert!(shows(&bench, "old.acme.example. 3600 A 192.0.2.1"), "{:?}", bench.zone("acme.example"));
}

#[test]
fn each_hidden_name_is_told_once_and_the_apex_is_no_cut() {
    let bench = bench();
    for address in 1..=6 {
        bench.ok(&format!("ptr 192.0.2.{address} h{address}.sub.acme.example"));
    }
    bench.ok("ptr 192.0.2.9 a.acme.example");
    let told = |line: &str| bench.ok(line).warnings;
    assert_eq!(
        told("rrsets acme.example; @ NS 3600 ns9.example.net.; a A 3600 192.0.2.99"),
        [
            "a.acme.example. A does not follow from the PTR of 192.0.2.9: the zone has A records of its own there"
        ]
    );
    let cut = told("rrsets acme.example; sub NS 3600 ns9.example.net.; h1.sub A 3600 192.0.2.98");
    assert_eq!(cut.len(), 5, "{cut:?}");
    assert!(
        cut[0].starts_with("h1.sub.acme.example. A does not follow from the PTR of 192.0.2.1"),
        "{cut:?}"
    );
    assert_eq!(cut[4], "and 2 names more that do not follow from PTRs");
}

#[test]
fn a_grant_is_revoked_below_whose_zone_another_has_come() {
    let bench = bench();
    bench.ok("names-allow www.sub.acme.example bob");
    bench.ok("zone-add sub.acme.example acme");
    let done = bench.ok("names-revoke www.sub.acme.example bob");
    assert_eq!(
        done.summary,
        "bob does not hold www.sub.acme.example. and all below it in acme.example. any more"
    );
    bench.ok("zone-set sub.acme.example companion=on");
    bench.refused("names-revoke www.sub.acme.example bob", code::NOT_FOUND, "was not granted");
    bench.ok("zone-remove sub.acme.example");
    bench.ok("ptr 198.51.100.1 www.sub.acme.example");
    assert!(!shows(&bench, "www.sub.acme.example. 3600 A 198.51.100.1"));
    // From both zones, if it was granted in both.
    bench.ok("names-allow www.sub.acme.example bob");
    assert!(shows(&bench, "www.sub.acme.example. 3600 A 198.51.100.1"));
    bench.ok("zone-add sub.acme.example acme companion");
    bench.ok("names-allow www.sub.acme.example bob");
    bench.ok("names-revoke www.sub.acme.example bob");
    bench.ok("zone-remove sub.acme.example");
    assert!(!shows(&bench, "www.sub.acme.example. 3600 A 198.51.100.1"));
}

#[test]
fn a_tenant_that_goes_takes_no_grant_of_another_along() {
    let bench = bench();
    bench.ok("tenant-add carol");
    let id = bench.view().declared.tenant_named("carol").expect("a tenant").id;
    let granted = format!("x/tenant-{id}/y.acme.example");
    bench.ok(&format!("names-allow {granted} bob"));
    bench.ok("names-allow carol.acme.example carol");
    bench.ok("tenant-remove carol");
    bench.ok(&format!("names-revoke {granted} bob"));
}

#[test]
fn no_zone_of_reverse_names_is_a_companion() {
    let bench = bench();
    for apex in ["in-addr.arpa", "x.in-addr.arpa", "0/26.9.0.192.in-addr.arpa", "x.ip6.arpa", "1.ip6.arpa"] {
        bench.refused(&format!("zone-add {apex} acme companion"), code::INVALID, "no forward zone");
    }
}

#[test]
fn what_waits_is_promised_no_more_than_a_name_may_have() {
    let resolver = Arc::new(Resolver::default());
    let bench = bench_with(&resolver);
    bench.ok("block 10.0.0.0/16 acme fcrdns=require");
    assert_eq!(bench.ok("fill 10.0.0.0/20 many.acme.example").fcrdns_total, 4_096);
    bench.ok("zone-add acme.example acme companion");
    let waiting: Vec<IpAddr> = bench.view().waiting().iter().map(|waiting| waiting.address).collect();
    assert_eq!(waiting.len(), 4_096);
    bench.runtime.block_on(bench.road.settle_pending(waiting)).expect("it is settled");
    assert_eq!(bench.view().waiting_count(), 2_048);
    let held = bench.view().snapshot.held_addresses(&name("many.acme.example")).expect("held here").0;
    assert!(matches!(held, Held::Addresses(addresses) if addresses.len() == 2_048));
}

#[test]
fn blocks_that_change_otherwise_leave_the_names_of_templates_alone() {
    let bench = bench();
    bench.ok("block-set 192.0.2.0/24 template=h{d}.pool.acme.example");
    let of = || bench.view().snapshot.zone(&name("acme.example")).cloned().expect("a zone");
    let before = of();
    bench.ok("block-set 198.51.100.0/24 names=any");
    bench.ok("suspend 198.51.100.0/24");
    assert!(Arc::ptr_eq(&before, &of()), "nothing of the zone was put anew");
    bench.ok("suspend 192.0.2.0/24");
    assert!(!shows(&bench, "h1.pool.acme.example. 3600 A 192.0.2.1"));
    bench.ok("resume 192.0.2.0/24");
    assert!(shows(&bench, "h1.pool.acme.example. 3600 A 192.0.2.1"));
    bench.ok("block-set 192.0.2.0/24 template=g{d}.pool.acme.example");
    assert!(shows(&bench, "g1.pool.acme.example. 3600 A 192.0.2.1"));
    bench.ok("defaults ptr_ttl=77");
    assert!(shows(&bench, "g1.pool.acme.example. 77 A 192.0.2.1"));
}
