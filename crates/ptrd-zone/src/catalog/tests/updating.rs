//! What a catalog says, kept up to date from version to version, is what reading each version anew comes to; and what was not
//! touched says the same as before.

use super::{CATALOG, filled, name, records};
use crate::catalog::{Member, Received};
use crate::diff::diff;
use crate::snapshot::Addresses;
use proptest::prelude::*;
use ptrd_wire::Name;
use std::collections::BTreeMap;

/// A record: few labels, zones and groups, so that they meet; now and then one that breaks the catalog.
fn record() -> impl Strategy<Value = String> {
    let label = prop_oneof![Just("a"), Just("b"), Just("c"), Just("D")];
    let zone =
        prop_oneof![Just("one.example"), Just("two.example"), Just("Two.Example"), Just("three.example")];
    (0..10, label, zone).prop_map(|(kind, label, zone)| match kind {
        0..5 => format!("{label}.zones PTR {zone}"),
        5 => format!("group.{label}.zones TXT {zone}"),
        6 => format!("coo.{label}.zones PTR {zone}"),
        7 => format!("{label}.zones TXT nothing"),
        8 => "version TXT 2".to_owned(),
        _ => "version TXT 1".to_owned(),
    })
}

fn version() -> impl Strategy<Value = String> {
    let broken = proptest::bool::weighted(0.2);
    (proptest::collection::btree_set(record(), 0..9), broken).prop_map(|(mut lines, broken)| {
        if !broken {
            lines.retain(|line| !line.starts_with("version"));
            lines.insert("version TXT 2".to_owned());
        }
        lines.into_iter().collect::<Vec<_>>().join("\n")
    })
}

fn members(received: &Received) -> BTreeMap<Name, Member> {
    received.members().map(|member| (member.zone.clone(), member)).collect()
}

proptest! {
    #[test]
    fn keeping_up_comes_to_the_same_as_reading_anew(versions in proptest::collection::vec(version(), 1..8)) {
        let apex = name(CATALOG);
        let (mut kept, mut zone) = (Received::empty(&apex), filled(""));
        for text in &versions {
            let (before, next) = (members(&kept), filled(text));
            let addresses = Addresses::default();
            let difference = diff((&zone, &addresses), (&next, &addresses), usize::MAX).expect("no limit");
            let touched = kept.update(&difference);
            zone = next;
            let anew = Received::read(&apex, &records(text), 10);
            prop_assert_eq!(kept.check(10), anew.clone().map(drop), "{}", text);
            let now = members(&kept);
            if let Ok(anew) = anew {
                prop_assert_eq!(&now, &members(&anew), "{}", text);
            }
            for zone in before.keys().chain(now.keys()).filter(|zone| !touched.contains(zone)) {
                prop_assert_eq!(before.get(zone), now.get(zone), "{}", zone);
            }
        }
    }
}
