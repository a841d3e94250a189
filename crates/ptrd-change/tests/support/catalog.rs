//! Catalogs in short words: `all`, `tenant/acme`, `zone/2.0.192.in-addr.arpa`, each with `:GROUP` and `>CATALOG` behind it
//! if it is in a group or moves, or `-` before it if it is left out. And what a catalog holds, as a consumer reads it.

use super::name;
use ptrd_api::{CatalogRule, CatalogZones};
use ptrd_change::View;
use ptrd_zone::RecordList;
use ptrd_zone::catalog::Received;

pub fn zones(word: &str) -> CatalogZones {
    let called = |text: &str| Some(text.to_owned());
    match word.split_once('/') {
        Some(("zone", apex)) => CatalogZones { zone: called(apex), tenant: None },
        Some(("tenant", tenant)) => CatalogZones { zone: None, tenant: called(tenant) },
        _ => {
            assert_eq!(word, "all");
            CatalogZones::default()
        }
    }
}

pub fn rule(word: &str) -> CatalogRule {
    let (word, left_out) = word.strip_prefix('-').map_or((word, false), |word| (word, true));
    let (word, moves_to) =
        word.split_once('>').map_or((word, None), |(word, to)| (word, Some(to.to_owned())));
    let (word, group) =
        word.split_once(':').map_or((word, None), |(word, group)| (word, Some(group.to_owned())));
    let CatalogZones { zone, tenant } = zones(word);
    CatalogRule { zone, tenant, left_out, group, moves_to }
}

/// The members of a catalog, one a line: zone, groups, where it moves.
pub fn members(view: &View, catalog: &str) -> Vec<String> {
    let read = received(view, catalog);
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let line = |member: ptrd_zone::catalog::Member| {
        let groups: String = member.groups.iter().map(|group| format!(":{}", text(group))).collect();
        let coo = member.coo.iter().map(|coo| format!(">{coo}")).collect::<String>();
        format!("{}{groups}{coo}", member.zone)
    };
    read.members().map(line).collect()
}

/// The label of a member.
pub fn label(view: &View, catalog: &str, zone: &str) -> String {
    let read = received(view, catalog);
    let member = read.member(&name(zone)).expect("a member");
    String::from_utf8_lossy(&member.label).into_owned()
}

fn received(view: &View, catalog: &str) -> Received {
    let zone = view.snapshot.zone(&name(catalog)).expect("a catalog");
    let records = RecordList::of_zone(zone, view.snapshot.addresses());
    Received::read(&name(catalog), &records, usize::MAX).expect("a catalog in order")
}
