//! Who is told of changes: listed, struck off, and forgotten with what it was about.

mod support;

use ptrd_api::{
    ChangeDone, ChangeRequest, KeyWrite, NotifyFilter, NotifyNameservers, NotifyWrite, Problem, code,
};
use support::{Bench, everything, name, open};

const A: &str = "2.0.192.in-addr.arpa";
const B: &str = "100.51.198.in-addr.arpa";

fn two_zones() -> Bench {
    let bench = Bench::with(&["block 192.0.2.0/24 acme", "block 198.51.100.0/24 bob"]);
    for name in ["k", "k.example"] {
        let key = KeyWrite { name: name.to_owned(), algorithm: None, secret: None };
        bench.ask(ChangeRequest::KeyAdd(key), false).expect("a key");
    }
    bench
}

fn write(address: &str, key: Option<&str>, zone: Option<&str>, tenant: Option<&str>) -> NotifyWrite {
    let text = |text: Option<&str>| text.map(str::to_owned);
    NotifyWrite { address: address.to_owned(), key: text(key), zone: text(zone), tenant: text(tenant) }
}

fn add(bench: &Bench, write: NotifyWrite) -> Result<ChangeDone, Problem> {
    bench.ask(ChangeRequest::NotifyAdd(write), false)
}

fn tell(bench: &Bench, tell: Option<bool>, zone: Option<&str>) -> Result<ChangeDone, Problem> {
    let write = NotifyNameservers { tell, zone: zone.map(str::to_owned), tenant: None };
    bench.ask(ChangeRequest::NotifyNameservers(write), false)
}

/// Who is told of a zone, and whether its nameservers are.
fn told(bench: &Bench, apex: &str) -> (Vec<String>, bool) {
    let view = bench.view();
    let zone = view.snapshot.zone(&name(apex)).expect("a zone");
    let audience = view.snapshot.audience();
    let listed = audience.listed(zone.id(), zone.tenant()).into_iter();
    let key = |key: &Option<ptrd_wire::Name>| key.as_ref().map(|key| format!(" {key}")).unwrap_or_default();
    let listed = listed.map(|listed| format!("{}{}", listed.address, key(&listed.key))).collect();
    (listed, audience.tells_nameservers(zone.id(), zone.tenant()))
}

fn count(bench: &Bench, zone: Option<&str>) -> usize {
    let filter = NotifyFilter { zone: zone.map(str::to_owned), ..NotifyFilter::default() };
    bench.view().notify(&filter).expect("a page").items.len()
}

#[test]
fn addresses_by_scope() {
    let bench = two_zones();
    let before = bench.serial(A);
    add(&bench, write("192.0.2.53", None, None, None)).unwrap();
    add(&bench, write("[2001:db8::53]:5353", Some("K.Example"), Some(A), None)).unwrap();
    add(&bench, write("198.51.100.53", None, None, Some("bob"))).unwrap();
    assert_eq!(told(&bench, A).0, ["[2001:db8::53]:5353 k.example.", "192.0.2.53:53"]);
    assert_eq!(told(&bench, B).0, ["198.51.100.53:53", "192.0.2.53:53"]);
    assert_eq!((count(&bench, None), count(&bench, Some(A)), count(&bench, Some(B))), (3, 2, 2));
    // Another key for the same is no second one, and no zone steps its serial for any of this.
    add(&bench, write("192.0.2.53", Some("k"), None, None)).unwrap();
    let again = add(&bench, write("192.0.2.53:53", Some("k."), None, None)).unwrap();
    assert_eq!(again.change, None, "{}", again.summary);
    assert_eq!(told(&bench, B).0, ["198.51.100.53:53", "192.0.2.53:53 k."]);
    assert_eq!(bench.serial(A), before);
    // A reload sees the same.
    assert_eq!(everything(&open(&bench.store).view()), everything(&bench.view()));
    let remove = |address: &str, tenant: Option<&str>| {
        bench.ask(ChangeRequest::NotifyRemove(write(address, None, None, tenant)), false)
    };
    assert_eq!(remove("198.51.100.53", None).unwrap_err().code, code::NOT_FOUND, "another scope");
    remove("198.51.100.53", Some("bob")).unwrap();
    remove("192.0.2.53", None).unwrap();
    assert_eq!(told(&bench, B), (vec![], true));
}

#[test]
fn nameservers_or_listed_addresses_alone() {
    let bench = two_zones();
    assert!(told(&bench, A).1, "they are told unless something else is said");
    tell(&bench, Some(false), None).unwrap();
    tell(&bench, Some(true), Some(A)).unwrap();
    assert_eq!((told(&bench, A).1, told(&bench, B).1), (true, false));
    tell(&bench, None, Some(A)).unwrap();
    assert!(!told(&bench, A).1);
    tell(&bench, None, None).unwrap();
    assert!(told(&bench, A).1 && told(&bench, B).1);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let bench = two_zones();
    for address in ["", "ns1.example", "192.0.2.0/24", "192.0.2.1:0", "0.0.0.0", "224.0.0.1", "[::1]"] {
        let problem = add(&bench, write(address, None, None, None)).unwrap_err();
        assert_eq!(problem.code, code::BAD_REQUEST, "{address}: {problem}");
    }
    assert!(add(&bench, write("192.0.2.1", Some("k..x"), None, None)).is_err());
    assert!(add(&bench, write("192.0.2.1", None, Some(A), Some("acme"))).is_err());
    assert_eq!(
        add(&bench, write("192.0.2.1", None, Some("x.example"), None)).unwrap_err().code,
        code::NOT_FOUND
    );
    assert_eq!(add(&bench, write("192.0.2.1", None, None, Some("eve"))).unwrap_err().code, code::NOT_FOUND);
    assert_eq!(count(&bench, None), 0);
}

#[test]
fn what_is_said_of_a_zone_goes_with_it_and_comes_back_with_a_rollback() {
    let bench = two_zones();
    add(&bench, write("192.0.2.53", None, Some(A), None)).unwrap();
    tell(&bench, Some(false), Some(A)).unwrap();
    let change = bench.ok("unblock 192.0.2.0/24").change.expect("a change");
    assert_eq!(count(&bench, None), 0);
    bench.ask(ChangeRequest::rollback(change), false).unwrap();
    assert_eq!(told(&bench, A), (vec!["192.0.2.53:53".to_owned()], false));
}

#[test]
fn a_key_that_is_named_is_there_and_stays() {
    let bench = two_zones();
    assert_eq!(add(&bench, write("192.0.2.53", Some("x"), None, None)).unwrap_err().code, code::CONFLICT);
    add(&bench, write("192.0.2.53", None, None, None)).unwrap();
    assert_eq!(add(&bench, write("192.0.2.53", Some("x"), None, None)).unwrap_err().code, code::CONFLICT);
    add(&bench, write("192.0.2.53", Some("k"), None, None)).unwrap();
    let remove = || bench.ask(ChangeRequest::KeyRemove { name: "k".to_owned(), revoke: false }, false);
    let problem = remove().unwrap_err();
    assert_eq!(problem.code, code::CONFLICT);
    assert!(problem.message.contains("192.0.2.53:53"), "{problem}");
    add(&bench, write("192.0.2.53", None, None, None)).unwrap();
    remove().unwrap();
}
