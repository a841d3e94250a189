//! What zones differ in from change to change: exactly what a full transfer shows, and in each case that follows from
//! something else no more than that. Every change of every other test is checked likewise (`support/differences.rs`).

mod support;

use proptest::prelude::*;
use std::sync::Arc;
use support::{Bench, Chains, counts, random_line, request};

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn differences_lead_from_any_version_to_any_later_one(seed in any::<u64>()) {
        let mut state = seed;
        let mut random = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let bench = Bench::new();
        let mut chains = Chains::default();
        for _ in 0..60 {
            let before = bench.view();
            let _ = bench.ask(request(&random_line(&mut random)), false);
            chains.add(&before, &bench.view());
            if random(12) == 0 {
                chains = Chains::default();
            }
        }
    }
}

/// Makes a change and tells how many records of a zone went and came.
#[track_caller]
fn step(bench: &Bench, line: &str, apex: &str) -> (usize, usize) {
    let before = bench.view();
    bench.ok(line);
    counts(&before, &bench.view(), apex)
}

const ZONE: &str = "2.0.192.in-addr.arpa";

fn bench() -> Bench {
    Bench::with(&["block 192.0.2.0/24 acme", "fill 192.0.2.64/26 h{ip}.example.com"])
}

#[test]
fn a_ptr_is_one_record_and_a_ttl_all_of_them() {
    let bench = bench();
    assert_eq!(step(&bench, "ptr 192.0.2.1 a.example.com", ZONE), (0, 1));
    assert_eq!(step(&bench, "ptr-add 192.0.2.1 b.example.com", ZONE), (0, 1));
    assert_eq!(step(&bench, "ptr 192.0.2.1 A.example.com b.example.com", ZONE), (1, 1), "letter case counts");
    assert_eq!(step(&bench, "ptr 192.0.2.1 b.example.com A.example.com", ZONE), (0, 0), "order does not");
    assert_eq!(step(&bench, "ptr 192.0.2.1 A.example.com b.example.com ttl=7", ZONE), (2, 2));
    assert_eq!(step(&bench, "defaults ptr_ttl=4242", ZONE), (64, 64), "inherited ones, of the fill");
    assert_eq!(step(&bench, "ptr-delete 192.0.2.1", ZONE), (2, 0));
}

#[test]
fn a_classless_block_turns_ptrs_into_cnames_at_all_its_addresses() {
    let bench = bench();
    assert_eq!(
        step(&bench, "block 192.0.2.64/27 acme classless=first-len", ZONE),
        (32, 34),
        "and the cut's NS"
    );
    assert_eq!(step(&bench, "ptr 192.0.2.65 x.example.com", ZONE), (0, 0), "shown in the zone below");
    assert_eq!(counts(&bench.view(), &bench.view(), "64-27.2.0.192.in-addr.arpa"), (0, 0));
    assert_eq!(step(&bench, "relabel 192.0.2.64/27 classless=slash grace=0", ZONE), (34, 34));
    assert_eq!(
        step(&bench, "block 192.0.2.0/25 acme ttl=99", ZONE),
        (32, 32),
        "the rest inherits; a CNAME does not"
    );
    assert_eq!(step(&bench, "unblock 192.0.2.64/27 ptrs=keep", ZONE), (34, 32));
}

#[test]
fn delegations_hide_and_show_what_is_below_them() {
    let bench = bench();
    bench.ok("ptr 192.0.2.1 a.example.com");
    let ns = "ns=ns.70.2.0.192.in-addr.arpa@192.0.2.9,b.example";
    let line = format!("block 192.0.2.70 acme delegate=ns {ns}");
    assert_eq!(step(&bench, &line, ZONE), (1, 3), "a PTR for two NS and glue");
    assert_eq!(step(&bench, "unblock 192.0.2.70 ptrs=keep", ZONE), (3, 1));
    // A zone below.
    assert_eq!(step(&bench, "record 2.0.192.in-addr.arpa. TXT apex", ZONE), (0, 1));
    assert_eq!(step(&bench, "zone-add 1.2.0.192.in-addr.arpa acme", ZONE), (1, 2));
}

#[test]
fn a_suspension_takes_a_range_and_gives_it_back() {
    let bench = bench();
    bench.ok("block 192.0.2.96/27 acme");
    assert_eq!(step(&bench, "suspend 192.0.2.96/27", ZONE), (32, 0));
    assert_eq!(step(&bench, "ptr 192.0.2.97 hidden.example.com", ZONE), (0, 0));
    assert_eq!(step(&bench, "suspend 192.0.2.0/24", ZONE), (32, 0));
    assert_eq!(step(&bench, "resume 192.0.2.0/24", ZONE), (0, 32));
    assert_eq!(step(&bench, "resume 192.0.2.96/27", ZONE), (0, 32));
}

#[test]
fn an_ns_set_shows_at_the_apexes_and_at_the_cuts_above_them() {
    let bench = bench();
    bench.ok("zone-add 9.2.0.192.in-addr.arpa acme");
    bench.ok("ns-set-add edge ns=ns1.edge.example,ns2.edge.example,ns3.edge.example");
    assert_eq!(step(&bench, &format!("zone-set {ZONE} ns_set=edge"), ZONE), (2, 3));
    assert_eq!(
        step(&bench, "ns-set edge ns=ns1.edge.example,NS2.edge.example", ZONE),
        (2, 1),
        "case, and one fewer"
    );
    assert_eq!(step(&bench, "zone-set 9.2.0.192.in-addr.arpa ns_set=edge", ZONE), (2, 2), "at the cut");
    let before = bench.view();
    bench.ok("ns-set edge ns=ns1.edge.example,ns9.edge.example");
    assert_eq!(counts(&before, &bench.view(), ZONE), (2, 2), "apex and cut");
    assert_eq!(counts(&before, &bench.view(), "9.2.0.192.in-addr.arpa"), (1, 1));
}

#[test]
fn a_version_is_compared_with_any_other() {
    let bench = bench();
    let (first, mut chains) = (bench.view(), Chains::default());
    let mut last: Arc<_> = first.clone();
    for line in ["ptr 192.0.2.1 a.example.com", "ptr 192.0.2.2 b.example.com", "ptr-delete 192.0.2.1"] {
        bench.ok(line);
        chains.add(&last, &bench.view());
        last = bench.view();
    }
    assert_eq!(counts(&first, &last, ZONE), (0, 1), "what came and went is not there");
}
