//! RFC 9432 §5: what follows for the zones that are there.

use super::{CATALOG, name, read, text};
use crate::catalog::{Held, Holder, Step, decide};
use ptrd_wire::Name;
use std::collections::{BTreeMap, BTreeSet};

/// A zone that a catalog has made: `catalog label group,group`.
fn held(words: &str) -> Held {
    let mut words = words.split(' ');
    let mut word = || words.next().unwrap_or_default();
    let (catalog, label) = (name(word()), word().as_bytes().into());
    let groups = word().split(',').filter(|group| !group.is_empty()).map(|group| group.as_bytes().into());
    Held { catalog, label, groups: groups.collect() }
}

/// Decides on the catalog of these records. Zones that are there: `zone: catalog label groups`, or `zone: other`. What the
/// properties `coo` of other catalogs say: `catalog zone target`.
fn steps(there: &[&str], coo: &[&str], records: &str) -> Vec<String> {
    let there: BTreeMap<Name, Holder> = there
        .iter()
        .map(|line| {
            let (zone, words) = line.split_once(": ").expect("a zone");
            let holder = if words == "other" { Holder::Other } else { Holder::Catalog(held(words)) };
            (name(zone), holder)
        })
        .collect();
    let now = read(&format!("version TXT 2\n{records}")).expect("a catalog");
    let coo = |catalog: &Name, zone: &Name| {
        let line = |line: &&str| {
            let words: Vec<&str> = line.split(' ').collect();
            (name(words[0]) == *catalog && name(words[1]) == *zone).then(|| name(words[2]))
        };
        coo.iter().find_map(line)
    };
    let zones: BTreeSet<&Name> = there.keys().chain(now.zones()).collect();
    decide(&name(CATALOG), zones, &now, |zone| there.get(zone).cloned(), coo).iter().map(shown).collect()
}

fn shown(step: &Step) -> String {
    let groups = |groups: &[Box<[u8]>]| groups.iter().map(|group| text(group)).collect::<Vec<_>>().join(",");
    match step {
        Step::Remove(zone) => format!("remove {zone}"),
        Step::Add(member) => format!("add {} {}", member.zone, text(&member.label)),
        Step::Reset(member) => format!("reset {} {}", member.zone, text(&member.label)),
        Step::Migrate { from, reset, member } => {
            format!("migrate {} from {from}{}", member.zone, if *reset { " and reset" } else { "" })
        }
        Step::Regroup(member) => format!("regroup {} {}", member.zone, groups(&member.groups)),
        Step::Clash { member, holder: Holder::Other } => format!("clash {}", member.zone),
        Step::Clash { member, holder: Holder::Catalog(held) } => {
            format!("clash {} with {}", member.zone, held.catalog)
        }
    }
}

#[test]
fn zones_come_and_go() {
    assert_eq!(
        steps(&[], &[], "a.zones PTR a.example\nb.zones PTR b.example"),
        ["add a.example. a", "add b.example. b"]
    );
    let there = ["a.example: catalog.example a", "b.example: catalog.example b"];
    assert_eq!(steps(&there, &[], "a.zones PTR a.example\nb.zones PTR b.example"), [""; 0]);
    assert_eq!(
        steps(&there, &[], "b.zones PTR b.example\nc.zones PTR c.example"),
        ["remove a.example.", "add c.example. c"]
    );
    assert_eq!(steps(&there, &[], ""), ["remove a.example.", "remove b.example."]);
}

#[test]
fn what_is_removed_goes_before_what_comes() {
    let there = ["z.example: catalog.example z"];
    assert_eq!(steps(&there, &[], "a.zones PTR a.example"), ["remove z.example.", "add a.example. a"]);
}

#[test]
fn another_label_makes_it_another_zone() {
    let there = ["a.example: catalog.example a"];
    assert_eq!(steps(&there, &[], "new.zones PTR a.example"), ["reset a.example. new"]);
    // Letter case makes no difference, in labels and in names.
    assert_eq!(steps(&there, &[], "A.zones PTR A.Example"), [""; 0]);
}

#[test]
fn a_label_that_went_to_another_zone() {
    let there = ["a.example: catalog.example m"];
    assert_eq!(steps(&there, &[], "m.zones PTR b.example"), ["remove a.example.", "add b.example. m"]);
}

#[test]
fn groups_change_without_a_reset() {
    let there = ["a.example: catalog.example a fast"];
    let same = "a.zones PTR a.example\ngroup.a.zones TXT fast";
    assert_eq!(steps(&there, &[], same), [""; 0]);
    let other = "a.zones PTR a.example\ngroup.a.zones TXT slow\ngroup.a.zones TXT big";
    assert_eq!(steps(&there, &[], other), ["regroup a.example. big,slow"]);
    assert_eq!(steps(&there, &[], "a.zones PTR a.example"), ["regroup a.example. "]);
}

#[test]
fn a_zone_of_somebody_else_is_left_alone() {
    let there = ["a.example: other", "b.example: old.example b"];
    let both = "a.zones PTR a.example\nb.zones PTR b.example";
    assert_eq!(steps(&there, &[], both), ["clash a.example.", "clash b.example. with old.example."]);
    // And does not go when it is listed no more.
    assert_eq!(steps(&there, &[], ""), [""; 0]);
    // A catalog that lists itself.
    assert_eq!(
        steps(&["catalog.example: other"], &[], "c.zones PTR catalog.example"),
        ["clash catalog.example."]
    );
}

#[test]
fn a_zone_comes_over_when_its_old_catalog_says_so() {
    let there = ["a.example: old.example a", "b.example: old.example b"];
    let both = "a.zones PTR a.example\nnew.zones PTR b.example";
    let coo = ["old.example a.example catalog.example", "old.example b.example catalog.example"];
    assert_eq!(
        steps(&there, &coo, both),
        ["migrate a.example. from old.example.", "migrate b.example. from old.example. and reset"]
    );
    // To another catalog, from another catalog, of another zone.
    for coo in [
        "old.example a.example third.example",
        "third.example a.example catalog.example",
        "old.example b.example catalog.example",
    ] {
        assert_eq!(
            steps(&there, &[coo], "a.zones PTR a.example"),
            ["clash a.example. with old.example."],
            "{coo}"
        );
    }
}

#[test]
fn the_old_catalog_may_list_it_for_a_while() {
    let there = ["a.example: new.example a"];
    let listed = "a.zones PTR a.example\ncoo.a.zones PTR new.example";
    assert_eq!(steps(&there, &[], listed), [""; 0]);
    // Listed here, it says that it goes somewhere else than where it is.
    let other = "a.zones PTR a.example\ncoo.a.zones PTR third.example";
    assert_eq!(steps(&there, &[], other), ["clash a.example. with new.example."]);
    // It is removed here, and stays where it is now.
    assert_eq!(steps(&there, &[], ""), [""; 0]);
}

#[test]
fn as_long_as_the_new_catalog_does_not_list_it_it_stays() {
    let there = ["a.example: catalog.example a"];
    assert_eq!(steps(&there, &[], "a.zones PTR a.example\ncoo.a.zones PTR new.example"), [""; 0]);
}
