//! What a catalog of ours holds, and that bringing it up to date comes to the same as making it anew.

use super::{CATALOG, Received, name, text, zone};
use crate::Scope;
use crate::catalog::{Catalog, LONGEST_APEX, Membership, content, difference};
use crate::declared::{Declared, ZoneMeta};
use crate::diff::RecordList;
use crate::model::{TenantId, ZoneId, ZoneKind};
use crate::names::RrSetChange;
use crate::snapshot::Addresses;
use proptest::prelude::*;
use ptrd_wire::{Name, RecordType};
use std::collections::BTreeMap;

const OTHER: ZoneId = ZoneId(98);

fn meta(id: u32, apex: &str, tenant: u32) -> ZoneMeta {
    let (id, tenant) = (ZoneId(id), TenantId(tenant));
    let (ns_set, soa_template, serial_policy) = (None, None, None);
    ZoneMeta { id, apex: name(apex), tenant, kind: ZoneKind::Verbatim, ns_set, soa_template, serial_policy }
}

/// The catalog itself, another one, and zones: number, apex, tenant.
fn declared(zones: &[(u32, &str, u32)]) -> Declared {
    let mut declared = Declared::default();
    declared.put_zone(meta(99, CATALOG, 9));
    declared.put_zone(meta(98, "new.example", 9));
    declared.set_catalogs([(ZoneId(99), Catalog::default()), (OTHER, Catalog::default())]);
    for (id, apex, tenant) in zones {
        declared.put_zone(meta(*id, apex, *tenant));
    }
    declared
}

fn listed(group: Option<&str>) -> Membership {
    Membership::Listed { group: group.map(str::to_owned), moves_to: None }
}

fn with(rules: &[(Scope, Membership)]) -> Catalog {
    let mut catalog = Catalog::default();
    rules.iter().for_each(|(scope, rule)| catalog.put(*scope, rule.clone()));
    catalog
}

fn list(changes: impl IntoIterator<Item = RrSetChange>) -> RecordList {
    let mut zone = zone(CATALOG);
    zone.apply_records(changes);
    RecordList::of_zone(&zone, &Addresses::default())
}

/// Record by record, owners below the apex.
fn shown(declared: &Declared, catalog: &Catalog) -> Vec<String> {
    let list = list(content(declared, catalog, &name(CATALOG)));
    let (mut records, mut lines) = (list.records(), Vec::new());
    while let Some(record) = records.next_record() {
        assert_eq!(record.ttl.as_secs(), 0);
        let owner = Name::from_wire(record.owner).expect("a name").to_string();
        let owner =
            owner.strip_suffix(&format!("{CATALOG}.")).expect("below").trim_end_matches('.').to_owned();
        let data = match record.rtype {
            ptrd_wire::RecordType::TXT => format!("{:?}", text(&record.rdata[1..])),
            _ => Name::from_wire(record.rdata).expect("a name").to_string(),
        };
        lines.push(format!("{owner} {} {data}", record.rtype).trim_start().to_owned());
    }
    lines
}

#[test]
fn all_zones_but_catalogs() {
    let declared = declared(&[(7, "2.0.192.in-addr.arpa", 1), (0x1f, "0/26.2.0.192.in-addr.arpa", 2)]);
    assert_eq!(
        shown(&declared, &with(&[(Scope::All, listed(None))])),
        [
            "NS invalid.",
            "version TXT \"2\"",
            "00000007.zones PTR 2.0.192.in-addr.arpa.",
            "0000001f.zones PTR 0/26.2.0.192.in-addr.arpa.",
        ]
    );
    assert_eq!(shown(&declared, &Catalog::default()), ["NS invalid.", "version TXT \"2\""]);
}

#[test]
fn the_narrowest_rule_counts() {
    let declared =
        declared(&[(1, "a.example", 1), (2, "b.example", 1), (3, "c.example", 2), (4, "d.example", 3)]);
    let moves = Membership::Listed { group: Some("g".to_owned()), moves_to: Some(OTHER) };
    let catalog = with(&[
        (Scope::All, Membership::LeftOut),
        (Scope::Tenant(TenantId(1)), listed(Some("fast"))),
        (Scope::Zone(ZoneId(2)), Membership::LeftOut),
        (Scope::Zone(ZoneId(3)), moves),
        // A catalog is a member where it is named.
        (Scope::Zone(OTHER), listed(None)),
    ]);
    assert_eq!(
        shown(&declared, &catalog)[2..],
        [
            "00000001.zones PTR a.example.",
            "group.00000001.zones TXT \"fast\"",
            "00000003.zones PTR c.example.",
            "coo.00000003.zones PTR new.example.",
            "group.00000003.zones TXT \"g\"",
            "00000062.zones PTR new.example.",
        ]
    );
}

#[test]
fn a_catalog_that_zones_move_to_may_go_before_they_have() {
    let before = declared(&[(1, "a.example", 1), (2, "b.example", 2)]);
    let mut after = before.clone();
    after.remove_zone(&name("new.example"));
    let moves = Membership::Listed { group: None, moves_to: Some(OTHER) };
    let catalog = with(&[(Scope::Tenant(TenantId(1)), moves), (Scope::Tenant(TenantId(2)), listed(None))]);
    let changes = difference(&name(CATALOG), (&before, &catalog), (&after, &catalog));
    let coo = name(&format!("coo.00000001.zones.{CATALOG}"));
    assert_eq!(changes, [(coo, RecordType::PTR, None)]);
}

#[test]
fn the_longest_apex_has_room_for_all_names() {
    let label = "x".repeat(63);
    let left = LONGEST_APEX - 1 - 3 * 64;
    let apex: Name = [&label, &label, &label, &"y".repeat(left - 1)]
        .map(String::as_str)
        .join(".")
        .parse()
        .expect("a name");
    assert_eq!(apex.as_wire().len(), LONGEST_APEX);
    let declared = declared(&[(1, "a.example", 1)]);
    let rule = Membership::Listed { group: Some("g".to_owned()), moves_to: Some(OTHER) };
    assert_eq!(content(&declared, &with(&[(Scope::Zone(ZoneId(1)), rule)]), &apex).len(), 5);
}

fn scope() -> impl Strategy<Value = Scope> {
    prop_oneof![
        Just(Scope::All),
        (1..4u32).prop_map(|id| Scope::Tenant(TenantId(id))),
        (1..12u32).prop_map(|id| Scope::Zone(ZoneId(id))),
        Just(Scope::Zone(OTHER)),
    ]
}

fn membership() -> impl Strategy<Value = Membership> {
    prop_oneof![
        1 => Just(Membership::LeftOut),
        3 => (prop::option::of("[a-c]"), prop::option::weighted(0.2, Just(OTHER)))
            .prop_map(|(group, moves_to)| Membership::Listed { group, moves_to }),
    ]
}

/// Zones by the number of their apex: in which life, and their tenant.
fn zones() -> impl Strategy<Value = BTreeMap<u32, (u32, u32)>> {
    prop::collection::btree_map(0..8u32, (0..2u32, 1..4u32), 0..8)
}

fn of(zones: &BTreeMap<u32, (u32, u32)>) -> Declared {
    let mut declared = declared(&[]);
    for (apex, (life, tenant)) in zones {
        // In another life of its own, a zone has another number.
        declared.put_zone(meta(1 + apex + life * 20, &format!("z{apex}.example"), *tenant));
    }
    declared
}

fn catalog() -> impl Strategy<Value = Catalog> {
    prop::collection::vec((scope(), membership()), 0..6).prop_map(|rules| with(&rules))
}

proptest! {
    #[test]
    fn brought_up_to_date_it_is_as_if_made_anew(
        (before, after) in (zones(), zones()),
        (old, new) in (catalog(), catalog()),
        same in any::<bool>(),
    ) {
        let new = if same { old.clone() } else { new };
        let (before, after) = (of(&before), of(&after));
        let apex = name(CATALOG);
        let mut changes = content(&before, &old, &apex);
        let count = changes.len();
        changes.extend(difference(&apex, (&before, &old), (&after, &new)));
        let anew = list(content(&after, &new, &apex));
        prop_assert!(list(changes.clone()) == anew, "{:?}", &changes[count..]);
        prop_assert_eq!(difference(&apex, (&after, &new), (&after, &new)), vec![]);
        // And what a consumer reads are the zones that are members.
        let read = Received::read(&apex, &anew, 100).expect("a catalog");
        let read: Vec<_> = read.members().map(|member| (member.zone.clone(), text(&member.label))).collect();
        let members = new.members(&after);
        let members: Vec<_> = members.map(|(zone, _)| (zone.apex.clone(), format!("{:08x}", zone.id.0))).collect();
        prop_assert_eq!(read, members);
    }
}
