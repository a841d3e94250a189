//! Pages of how it stands.

use super::*;
use crate::{Caller, Options, Road, load};
use ptrd_store::MemoryStore;

/// Four addresses and a zone of acme's, and then an address and a zone of bob's.
fn road() -> Road {
    let mut store = MemoryStore::new();
    let loaded = load(&mut store).expect("an empty store");
    let road = Road::start(Box::new(store), loaded, Options::default()).expect("a road");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let tenant = |name: &str| format!(r#"{{"kind":"tenant-add","name":"{name}"}}"#);
    let block = |range: &str, tenant: &str| {
        format!(r#"{{"kind":"block-add","range":"{range}","tenant":"{tenant}"}}"#)
    };
    let sending =
        |address: &str| format!(r#"{{"kind":"sending-set","address":"{address}","helo":"mail.example"}}"#);
    let of_acme = ["185.12.8.1", "185.12.8.2", "185.12.8.3", "185.12.8.4"].map(sending);
    let blocks = [block("185.12.8.0/24", "acme"), block("185.12.9.0/24", "bob")];
    let made = [tenant("acme"), tenant("bob")].into_iter().chain(blocks).chain(of_acme);
    for body in made.chain([sending("185.12.9.1")]) {
        let request = serde_json::from_str(&body).expect("a request");
        let change = road.change(Caller::operator("root", "test", None), request, false);
        runtime.block_on(change).expect("it is made");
    }
    road
}

#[test]
fn a_page_ends_where_enough_was_looked_at_and_the_next_goes_on_there() {
    let road = road();
    let watching = Watching { identity: true, delegation: true, ..Watching::default() };
    let pages = |filter: PostureFilter| {
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let filter = PostureFilter { after, ..filter.clone() };
            let page = road.view().posture_within(&filter, &watching, 3).expect("a page");
            let subjects: Vec<String> = page.items.into_iter().map(|item| item.subject).collect();
            pages.push(subjects.join(" "));
            after = page.next;
            if after.is_none() {
                return pages;
            }
        }
    };
    let all = PostureFilter::default();
    let zones = ["8.12.185.in-addr.arpa.", "9.12.185.in-addr.arpa."];
    let (three, rest) = ("185.12.8.1 185.12.8.2 185.12.8.3", "185.12.8.4 185.12.9.1");
    assert_eq!(pages(all.clone()), [three.to_owned(), format!("{rest} {}", zones[0]), zones[1].to_owned()]);
    let of_bob = PostureFilter { tenant: Some("bob".to_owned()), ..all.clone() };
    assert_eq!(pages(of_bob), ["", "185.12.9.1", zones[1]]);
    let failing = PostureFilter { grade: Some("fail".to_owned()), ..all.clone() };
    assert_eq!(pages(failing), ["", "", ""]);
    let delegations = PostureFilter { kind: Some("delegation".to_owned()), ..all };
    assert_eq!(pages(delegations), [zones.join(" ")]);
}
