//! Who may transfer, announce and update: given, taken back, and forgotten with what it was about.

mod support;

use ptrd_api::{AccessFilter, AccessWrite, ChangeDone, ChangeRequest, KeyWrite, Problem, code};
use ptrd_zone::{Action, Peer};
use support::{Bench, name};

fn write(action: &str, rest: &str) -> AccessWrite {
    let mut write = AccessWrite { action: action.to_owned(), ..AccessWrite::default() };
    for part in rest.split_whitespace() {
        let (field, value) = part.split_once('=').expect("field=value");
        let value = Some(value.to_owned());
        match field {
            "from" => write.from = value,
            "key" => write.key = value,
            "zone" => write.zone = value,
            "tenant" => write.tenant = value,
            _ => panic!("{field}"),
        }
    }
    write
}

fn allow(bench: &Bench, action: &str, rest: &str) -> Result<ChangeDone, Problem> {
    bench.ask(ChangeRequest::AccessAllow(write(action, rest)), false)
}

fn revoke(bench: &Bench, action: &str, rest: &str) -> Result<ChangeDone, Problem> {
    bench.ask(ChangeRequest::AccessRevoke(write(action, rest)), false)
}

fn may(bench: &Bench, apex: &str, from: &str, key: Option<&str>) -> bool {
    let view = bench.view();
    let zone = view.snapshot.zone(&name(apex)).expect("a zone");
    let key = key.map(name);
    let peer = Peer { address: from.parse().unwrap(), key: key.as_ref().map(|key| key.as_wire()) };
    view.snapshot.access().allows(Action::Transfer, zone.id(), zone.tenant(), peer)
}

fn listed(bench: &Bench, zone: Option<&str>) -> Vec<String> {
    let filter = AccessFilter { zone: zone.map(str::to_owned), ..AccessFilter::default() };
    let or = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let page = bench.view().access(&filter).expect("a page");
    let items = page.items.into_iter();
    items
        .map(|v| format!("{} {} {} {} {}", v.action, or(v.zone), or(v.tenant), or(v.from), or(v.key)))
        .collect()
}

const A: &str = "2.0.192.in-addr.arpa";
const B: &str = "100.51.198.in-addr.arpa";

fn two_zones() -> Bench {
    let bench = Bench::with(&["block 192.0.2.0/24 acme", "block 198.51.100.0/24 bob"]);
    for name in ["k.example", "k2"] {
        let key = KeyWrite { name: name.to_owned(), ..KeyWrite::default() };
        bench.ask(ChangeRequest::KeyAdd(key), false).expect("a key");
    }
    bench
}

#[test]
fn scopes_and_conditions() {
    let bench = two_zones();
    assert!(!may(&bench, A, "203.0.113.1", None), "nobody may at first");
    allow(&bench, "transfer", "from=203.0.113.0/24").unwrap();
    assert!(may(&bench, A, "203.0.113.1", None) && may(&bench, B, "203.0.113.1", None));
    assert!(!may(&bench, A, "203.0.114.1", None));
    allow(&bench, "transfer", "key=K.Example tenant=acme").unwrap();
    assert!(may(&bench, A, "2001:db8::1", Some("k.example")));
    assert!(!may(&bench, B, "2001:db8::1", Some("k.example")), "another tenant's");
    allow(&bench, "transfer", &format!("from=2001:db8::/32 key=k2. zone={B}")).unwrap();
    assert!(may(&bench, B, "2001:db8::1", Some("k2")) && !may(&bench, A, "2001:db8::1", Some("k2")));
    assert_eq!(
        listed(&bench, None),
        [
            "transfer - - 203.0.113.0/24 -",
            "transfer - acme - k.example.",
            &format!("transfer {B}. - 2001:db8::/32 k2."),
        ]
    );
    assert_eq!(listed(&bench, Some(A)).len(), 2);
    // The same twice is one; serials stay, for no zone shows anything else.
    let before = bench.serial(A);
    assert!(allow(&bench, "transfer", "key=k.EXAMPLE. tenant=acme").unwrap().change.is_none());
    assert_eq!((listed(&bench, None).len(), bench.serial(A)), (3, before));
    revoke(&bench, "transfer", "from=203.0.113.0/24").unwrap();
    assert!(!may(&bench, A, "203.0.113.1", None));
    assert_eq!(revoke(&bench, "transfer", "from=203.0.113.0/24").unwrap_err().code, code::NOT_FOUND);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let bench = two_zones();
    for (action, rest, part) in [
        ("transfer", "", "everybody"),
        ("transfer", "from=192.0.2.0/33", "33"),
        ("steal", "from=192.0.2.1", "steal"),
        ("update", "from=192.0.2.1", "key"),
        ("transfer", "from=192.0.2.1 zone=3.0.192.in-addr.arpa", "3.0.192"),
        ("transfer", "from=192.0.2.1 tenant=eve", "eve"),
        ("transfer", "key=k3.example", "no key k3.example."),
        ("transfer", "from=192.0.2.1 tenant=acme zone=2.0.192.in-addr.arpa", "exclude"),
    ] {
        let problem = allow(&bench, action, rest).expect_err(rest);
        assert!(problem.message.contains(part), "{rest}: {}", problem.message);
    }
    assert!(listed(&bench, None).is_empty());
}

#[test]
fn grants_go_with_what_they_are_about_and_come_back_with_it() {
    let bench = two_zones();
    allow(&bench, "transfer", &format!("from=203.0.113.1 zone={A}")).unwrap();
    allow(&bench, "notify", "from=203.0.113.1 tenant=acme").unwrap();
    // To another tenant: whom the one before let in is out.
    let done = bench.ok("transfer 192.0.2.0/24 bob");
    assert!(!may(&bench, A, "203.0.113.1", None));
    assert_eq!(listed(&bench, None), ["notify - acme 203.0.113.1 -"]);
    assert!(done.report.iter().any(|line| line.what == "revoked"), "{:?}", done.report);
    let number = done.change.expect("a change");
    bench.ask(ChangeRequest::rollback(number), false).expect("undone");
    assert!(may(&bench, A, "203.0.113.1", None));
    let done = bench.ok("unblock 192.0.2.0/24");
    assert_eq!(listed(&bench, None), ["notify - acme 203.0.113.1 -"]);
    bench.ask(ChangeRequest::rollback(done.change.expect("a change")), false).expect("undone");
    assert!(may(&bench, A, "203.0.113.1", None));
    bench.ok("unblock 192.0.2.0/24");
    bench.ok("tenant-remove acme");
    assert!(listed(&bench, None).is_empty());
}
