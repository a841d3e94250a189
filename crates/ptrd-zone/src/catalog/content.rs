//! What a catalog that is served here holds.

use super::{COO, Catalog, GROUP, Membership, TTL, VERSION, ZONES};
use crate::declared::{Declared, ZoneMeta};
use crate::model::ZoneId;
use crate::names::RrSetChange;
use ptrd_wire::{Name, RecordType, RrSet};
use std::sync::Arc;

/// The label of a zone's member node: the same in every catalog, as long as the zone lives. Numbers of zones are never
/// given again.
pub fn label(zone: ZoneId) -> String {
    format!("{:08x}", zone.0)
}

/// All records of a catalog, to be put into an empty zone.
pub fn content(declared: &Declared, catalog: &Catalog, apex: &Name) -> Vec<RrSetChange> {
    let put = |(owner, rrset): (Name, RrSet)| (owner, rrset.rtype, Some(rrset));
    let members = declared.zones().flat_map(|zone| entry(declared, catalog, apex, zone));
    fixed(apex).into_iter().chain(members).map(put).collect()
}

/// What has to change in a catalog that was as `before` has it. Where the catalog itself is the same, only zones that came,
/// went or changed are looked at.
pub fn difference(
    apex: &Name,
    before: (&Declared, &Catalog),
    after: (&Declared, &Catalog),
) -> Vec<RrSetChange> {
    let mut changes = Vec::new();
    let mut compare = |old: Option<&ZoneMeta>, new: Option<&ZoneMeta>| {
        let of = |side: (&Declared, &Catalog), zone| entry(side.0, side.1, apex, zone);
        let old = old.map(|zone| of(before, zone)).unwrap_or_default();
        let new = new.map(|zone| of(after, zone)).unwrap_or_default();
        for (owner, rrset) in &old {
            if !new.iter().any(|(other, put)| (other, put.rtype) == (owner, rrset.rtype)) {
                changes.push((owner.clone(), rrset.rtype, None));
            }
        }
        changes.extend(
            new.into_iter()
                .filter(|put| !old.contains(put))
                .map(|(owner, rrset)| (owner, rrset.rtype, Some(rrset))),
        );
    };
    if before.1 == after.1 && lead_alike(before.0, after) {
        after.0.zones_changed(before.0, &mut compare);
        return changes;
    }
    for new in after.0.zones() {
        compare(before.0.zone(&new.apex).map(Arc::as_ref), Some(new));
    }
    for old in before.0.zones().filter(|old| after.0.zone(&old.apex).is_none()) {
        compare(Some(old), None);
    }
    changes
}

/// Whether the catalogs that zones move to are there as they were before.
fn lead_alike(before: &Declared, (after, catalog): (&Declared, &Catalog)) -> bool {
    let apex = |declared: &Declared, id| declared.zone_by_id(id).map(|zone| zone.apex.clone());
    let mut targets = catalog.rules().filter_map(|(_, rule)| match rule {
        Membership::Listed { moves_to, .. } => *moves_to,
        Membership::LeftOut => None,
    });
    targets.all(|id| apex(before, id) == apex(after, id))
}

/// What every catalog has: an NS record, as all zones do, that leads nowhere (RFC 9432 §4.1), and the version.
fn fixed(apex: &Name) -> Vec<(Name, RrSet)> {
    let nowhere = Name::from_labels(["invalid"], &Name::root()).ok();
    let ns = nowhere.map(|nowhere| (apex.clone(), RrSet::single(RecordType::NS, TTL, nowhere.as_wire())));
    let version = Name::from_labels(["version"], apex).ok();
    let version = version.map(|owner| (owner, text(VERSION)));
    ns.into_iter().chain(version).collect()
}

/// The records of one zone: none where it is no member.
fn entry(declared: &Declared, catalog: &Catalog, apex: &Name, zone: &ZoneMeta) -> Vec<(Name, RrSet)> {
    let Some(Membership::Listed { group, moves_to }) = catalog.membership(declared, zone) else {
        return Vec::new();
    };
    // An apex that is too long for these is refused when the catalog is made.
    let Ok(node) = Name::from_labels([&*label(zone.id), ZONES], apex) else { return Vec::new() };
    let mut entry = vec![(node.clone(), pointer(&zone.apex))];
    if let (Some(group), Ok(owner)) = (group, Name::from_labels([GROUP], &node)) {
        entry.push((owner, text(group)));
    }
    let target = moves_to.and_then(|id| declared.zone_by_id(id));
    if let (Some(target), Ok(owner)) = (target, Name::from_labels([COO], &node)) {
        entry.push((owner, pointer(&target.apex)));
    }
    entry
}

fn pointer(to: &Name) -> RrSet {
    RrSet::single(RecordType::PTR, TTL, to.as_wire())
}

/// A TXT record of one string, of which so much is taken as fits.
fn text(text: &str) -> RrSet {
    let octets = &text.as_bytes()[..text.len().min(255)];
    RrSet::single(RecordType::TXT, TTL, [&[octets.len() as u8][..], octets].concat())
}
