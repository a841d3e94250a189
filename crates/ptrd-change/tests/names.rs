//! Names that look generic to spam filters: what the rule of a block makes of them, at every door.

mod support;

use ptrd_api::{ChangeRequest, FindingView, LintFilter};
use ptrd_wire::Rcode;
use support::Bench;

const GENERIC: &str = "host-192-0-2-1.pool.example.net";
const ZONE: &str = "2.0.192.in-addr.arpa";

/// A block that lets no generic name pass, in one that says nothing.
fn bench() -> Bench {
    Bench::with(&["block 192.0.2.0/24 acme", "block 192.0.2.0/28 acme names=must-pass"])
}

#[test]
fn a_generic_name_is_told_of_and_refused_where_names_must_pass() {
    let bench = bench();
    let done = bench.ok(&format!("ptr 192.0.2.17 {GENERIC}"));
    let [warning] = &done.warnings[..] else { panic!("{:?}", done.warnings) };
    for part in
        ["192.0.2.17", GENERIC, "RDNS_DYNAMIC (SpamAssassin, 0.363–2.639 points)", "HFILTER_HOSTNAME_4"]
    {
        assert!(warning.contains(part), "{warning}");
    }
    assert!(bench.ok("ptr 192.0.2.18 mail-18.example.com").warnings.is_empty());
    bench.ok("ptr 192.0.2.1 mail-01.example.com");
    for line in ["ptr 192.0.2.1", "ptr-add 192.0.2.1"] {
        let problem = bench.refused(&format!("{line} {GENERIC}"), "invalid", "RDNS_DYNAMIC");
        assert!(problem.hint.is_some_and(|hint| hint.contains("mail-01.example.com")));
    }
    // Inside the block without a rule of its own: as the block around it says.
    bench.ok("block 192.0.2.4/30 acme");
    bench.refused(&format!("ptr 192.0.2.5 {GENERIC}"), "invalid", "looks generic");
    bench.ok("block-set 192.0.2.4/30 names=any");
    assert!(bench.ok(&format!("ptr 192.0.2.5 {GENERIC}")).warnings.is_empty(), "nobody wants to know");
    bench.ok("block-set 192.0.2.4/30 names=inherit");
    bench.refused(&format!("ptr 192.0.2.6 {GENERIC}"), "invalid", "looks generic");
}

#[test]
fn names_that_are_there_may_stay_and_a_new_rule_counts_them() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    bench.ok(&format!("ptr 192.0.2.1 {GENERIC}"));
    let done = bench.ok("block-set 192.0.2.0/24 names=must-pass");
    assert!(
        done.warnings.iter().any(|text| text.contains("1 address in 192.0.2.0/24")),
        "{:?}",
        done.warnings
    );
    bench.ok("ptr-add 192.0.2.1 mail.example.com");
    bench.ok(&format!("ptr 192.0.2.1 {} ttl=60", GENERIC.to_uppercase()));
    bench.refused(&format!("ptr 192.0.2.2 {GENERIC}"), "invalid", "looks generic");
    bench.refused("block-set 192.0.2.0/24", "bad-request", "nothing to set");
    bench.refused("block-set 192.0.2.0/24 names=maybe", "bad-request", "any, warn or must-pass");
}

#[test]
fn an_import_lists_each_line_and_sets_none() {
    let bench = bench();
    let csv = format!(
        "192.0.2.20,{GENERIC}\n192.0.2.1,mail.example.com\n192.0.2.2,{GENERIC}\n192.0.2.3,dyn-3-4.example.net\n"
    );
    let problem = bench.import(&csv, false).expect_err("generic names");
    let lines: Vec<u64> = problem.errors.iter().map(|error| error.line).collect();
    assert_eq!((lines, problem.errors_total), (vec![3, 4], 2), "{problem:?}");
    assert!(problem.errors[1].message.contains("192.0.2.3"), "{problem:?}");
    assert!(bench.view().ptr("192.0.2.1").is_err(), "all or none");
}

#[test]
fn a_fill_is_told_of_in_one_line() {
    let bench = bench();
    let done = bench.ok("fill 192.0.2.128/25 host-{ip}.pool.example.net");
    let [warning] = &done.warnings[..] else { panic!("{:?}", done.warnings) };
    assert!(warning.starts_with("128 names look generic") && warning.contains("192.0.2.130"), "{warning}");
    assert!(bench.ok("fill 192.0.2.128/25 mail-{n}.example.com").warnings.is_empty());
    let problem = bench.refused("fill 192.0.2.0/25 host-{ip}.pool.example.net", "invalid", "bad lines");
    assert_eq!(problem.errors_total, 16);
}

#[test]
fn an_update_is_refused_with_the_reason() {
    let bench = bench();
    bench.allow_update("key=key.example");
    let refusal = bench.update_as("key.example", ZONE, &format!("add 1 60 PTR {GENERIC}."));
    let refusal = refusal.expect_err("a generic name");
    assert_eq!(refusal.rcode, Rcode::REFUSED);
    assert!(refusal.problem.message.contains("RDNS_DYNAMIC"), "{refusal}");
    bench.update_as("key.example", ZONE, "add 1 60 PTR mail.example.com.").expect("a name of its own");
    let done = bench.update_as("key.example", ZONE, &format!("add 17 60 PTR {GENERIC}.")).expect("a lease");
    assert!(done.notes.is_empty(), "{done:?}");
}

#[test]
fn a_rollback_brings_no_generic_name_back() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme"]);
    bench.ok(&format!("ptr 192.0.2.1 {GENERIC}"));
    let change = bench.ok("ptr 192.0.2.1 mail.example.com").change.expect("a change");
    bench.ok("block-set 192.0.2.0/24 names=must-pass");
    let rollback = || bench.ask(ChangeRequest::rollback(change), false);
    let problem = rollback().expect_err("a generic name");
    assert!(problem.message.contains("looks generic"), "{problem}");
    bench.ok("block-set 192.0.2.0/24 names=warn");
    rollback().expect("a rollback");
}

#[test]
fn only_operators_set_rules() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme may-sub-block"]);
    let refused = bench.as_tenant("acme", "block 192.0.2.0/28 acme names=any").expect_err("a rule");
    assert!(refused.code == "forbidden" && refused.message.contains("only operators"), "{refused}");
    bench.as_tenant("acme", "block 192.0.2.0/28 acme").expect("a block");
}

#[test]
fn a_listing_names_the_rules() {
    let bench = bench();
    bench.ok("ptr 192.0.2.1 mail.example.com");
    bench.ok("fill 192.0.2.64/30 host-{ip}.pool.example.net");
    let filter = |after: Option<&str>| LintFilter {
        within: Some("192.0.2.0/24".into()),
        sending: false,
        after: after.map(str::to_owned),
        limit: Some(3),
    };
    let page = bench.view().lint(&filter(None)).expect("a listing");
    let addresses: Vec<&str> = page.items.iter().map(|item| item.address.as_str()).collect();
    assert_eq!(addresses, ["192.0.2.64", "192.0.2.65", "192.0.2.66"]);
    let FindingView { rule, least, most, .. } = &page.items[0].names[0].findings[1];
    assert_eq!((rule.as_str(), *least, *most), ("HFILTER_HOSTNAME_4", 2_500, 2_500));
    assert_eq!(page.items[0].rule, "warn");
    let rest = bench.view().lint(&filter(page.next.as_deref())).expect("the next page");
    assert_eq!((rest.items.len(), rest.next), (1, None));
}

#[test]
fn templates_must_pass_too() {
    let bench = Bench::with(&["block 192.0.2.0/24 acme template=host-{a}-{b}-{c}-{d}.pool.example.net"]);
    bench.refused("block-set 192.0.2.0/24 names=must-pass", "invalid", "the template host-{a}");
    bench.refused("block 192.0.2.0/28 acme names=must-pass", "invalid", "looks generic");
    bench.ok("block 192.0.2.0/28 acme names=must-pass template=mx{d}.example.com");
    bench.refused("block-set 192.0.2.0/28 template=dyn-{d}-.example.com", "invalid", "");
    bench.refused("block-set 192.0.2.0/28 template=dhcp-{d}.example.com", "invalid", "HFILTER_HOSTNAME_5");
    bench.refused("block-set 192.0.2.0/28 template=inherit", "invalid", "looks generic");
    bench.ok("block-set 192.0.2.0/28 template=none");
    bench.ok("block 192.0.2.4/30 acme");
}
