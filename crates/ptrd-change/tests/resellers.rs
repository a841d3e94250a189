//! What tenants may do to blocks, through the road with the rights of a tenant.

mod support;

use ptrd_api::code::{CONFLICT, FORBIDDEN, INVALID, NOT_FOUND};
use support::Bench;

#[test]
fn a_reseller_makes_blocks_inside_its_own_and_nowhere_else() {
    let bench = Bench::with_page();
    for line in [
        "tenant-add carol",
        "tenant-add mallory",
        "tenant-set carol reseller=bob",
        "block 198.51.100.0/24 bob",
        "block 203.0.113.0/24 mallory",
    ] {
        bench.ok(line);
    }
    let refused = |tenant: &str, line: &str, code: &str, part: &str| {
        let before = bench.everything();
        let problem = bench.as_tenant(tenant, line).expect_err(line);
        let text = format!("{} / {}", problem.message, problem.hint.clone().unwrap_or_default());
        assert_eq!(problem.code, code, "{line}: {text}");
        assert!(text.contains(part), "{line}: {text}");
        assert_eq!(before, bench.everything(), "{line}");
    };
    refused("bob", "block 198.51.100.64/26 carol", FORBIDDEN, "--may-sub-block");
    bench.ok("block-set 198.51.100.0/24 may_sub_block=yes");
    bench.as_tenant("bob", "block 198.51.100.64/26 carol classless=slash").expect("its customer's");
    bench.as_tenant("bob", "block 198.51.100.128/26 bob").expect("its own");
    bench
        .as_tenant("bob", "block 198.51.100.128/28 carol delegate=ns ns=ns1.carol.example,ns2.carol.example")
        .expect("deeper");
    bench.as_tenant("carol", "ptr 198.51.100.70 a.carol.example").expect("carol's");
    for (tenant, line, code, part) in [
        // Others' space and others' names look alike, be they there or not.
        ("bob", "block 192.0.2.64/26 bob", NOT_FOUND, "no block of yours"),
        ("bob", "block 10.0.0.0/24 bob", NOT_FOUND, "no block of yours"),
        ("bob", "block 192.0.2.0/24 bob", NOT_FOUND, "no block of yours"),
        ("bob", "unblock 192.0.2.0/24", NOT_FOUND, "no block of yours"),
        ("bob", "unblock 203.0.113.0/24", NOT_FOUND, "no block of yours"),
        ("bob", "block 198.51.100.192/26 mallory", NOT_FOUND, "no tenant"),
        ("bob", "block 198.51.100.192/26 nobody", NOT_FOUND, "no tenant"),
        ("bob", "block 198.51.100.0/23 bob", NOT_FOUND, "no block of yours"),
        ("bob", "unblock 198.51.100.0/24 clear", FORBIDDEN, "only operators"),
        ("bob", "block 198.51.100.192/26 bob apex=rev.acme.example", FORBIDDEN, "only operators choose"),
        ("bob", "block 198.51.100.192/26 bob label=www", FORBIDDEN, "only operators choose"),
        ("bob", "block 198.51.100.192/26 carol may-sub-block", FORBIDDEN, "only operators give"),
        ("bob", "transfer 198.51.100.128/26 carol", FORBIDDEN, "only operators"),
        ("bob", "suspend 198.51.100.128/26", FORBIDDEN, "only operators"),
        ("bob", "split 198.51.100.128/26 into=27", FORBIDDEN, "only operators"),
        ("bob", "block-set 198.51.100.128/26 may_sub_block=yes", FORBIDDEN, "only operators"),
        ("bob", "tenant-set mallory reseller=bob", FORBIDDEN, "only operators"),
        ("carol", "block 198.51.100.64/28 carol", FORBIDDEN, "--may-sub-block"),
        ("carol", "unblock 198.51.100.64/26", FORBIDDEN, "only operators"),
        ("mallory", "unblock 198.51.100.64/26", NOT_FOUND, "no block of yours"),
    ] {
        refused(tenant, line, code, part);
    }
    // What somebody else got from the operator in its midst is not the reseller's.
    bench.ok("block 198.51.100.16/28 mallory");
    refused("bob", "unblock 198.51.100.16/28", NOT_FOUND, "no block of yours");
    refused("bob", "block 198.51.100.16/30 bob", NOT_FOUND, "no block of yours");
    // Nor is the reseller told whose it is.
    for line in [
        "block 198.51.100.16/28 bob",
        "block 198.51.100.8-198.51.100.20 bob",
        "make 16/28.100.51.198.in-addr.arpa.",
        "make 16-28.100.51.198.in-addr.arpa.",
    ] {
        refused("bob", line, NOT_FOUND, "no block of yours");
    }
    refused("bob", "block 198.51.100.64/26 bob", CONFLICT, "owned by carol");
    bench.ok("suspend 198.51.100.0/24");
    refused("bob", "block 198.51.100.192/26 bob", FORBIDDEN, "is suspended");
    refused("bob", "unblock 198.51.100.64/26", FORBIDDEN, "is suspended");
    bench.ok("resume 198.51.100.0/24");
    bench.as_tenant("bob", "unblock 198.51.100.64/26").expect("its customer's");
    assert_eq!(bench.count("carol.example"), 16, "the PTR went with the block, the cuts are there");
    // The right ends with the ownership.
    bench.ok("transfer 198.51.100.0/24 acme recursive ptrs=keep");
    assert!(!bench.view().block("198.51.100.0/24").expect("a block").may_sub_block);
}

#[test]
fn resellers_do_not_nest_and_are_not_removed() {
    let bench = Bench::with(&["tenant-add carol", "tenant-set carol reseller=bob"]);
    for (line, code, part) in [
        ("tenant-set acme reseller=carol", CONFLICT, "itself a customer of bob"),
        ("tenant-set bob reseller=acme", CONFLICT, "itself the reseller of carol"),
        ("tenant-set bob reseller=bob", INVALID, "its own reseller"),
        ("tenant-set bob reseller=nobody", NOT_FOUND, "no tenant"),
        ("tenant-set nobody reseller=bob", NOT_FOUND, "no tenant"),
        ("tenant-remove bob", CONFLICT, "reseller of carol"),
    ] {
        bench.refused(line, code, part);
    }
    bench.ok("tenant-set carol");
    bench.ok("tenant-remove bob");
}
