//! Companion zones from all PTRs that there are: at a start, and where more has changed than what single addresses back.

use super::{Backers, Backing, BackingChange, patterns};
use crate::declared::Declared;
use crate::model::ZoneId;
use crate::snapshot::Snapshot;
use crate::zone::Zone;
use ptrd_wire::{Family, Name, ip_from_bits};
use std::collections::{BTreeMap, BTreeSet};

/// What leads from what backs the names of zones to what is to do so.
pub fn backings_anew(
    declared: &Declared,
    snapshot: &Snapshot,
    zones: &BTreeSet<ZoneId>,
) -> BTreeMap<ZoneId, Vec<BackingChange>> {
    let mut changes: BTreeMap<ZoneId, Vec<BackingChange>> = BTreeMap::new();
    if zones.is_empty() {
        return changes;
    }
    for meta in zones.iter().filter_map(|id| declared.zone_by_id(*id)) {
        let gone = snapshot.zone(&meta.apex).into_iter().flat_map(|zone| zone.backers());
        changes.insert(meta.id, gone.map(|(backing, _)| (Backing::clone(backing), None)).collect());
    }
    let mut backers = Backers::new(declared, snapshot);
    for family in [Family::V4, Family::V6] {
        let mut next = snapshot.addresses().next_from(family, 0);
        while let Some(bits) = next {
            let address = ip_from_bits(family, bits);
            backers.of(address, |zone, key, ttl| {
                if let Some(changes) = changes.get_mut(&zone.id()) {
                    changes.push(((key.into(), address), Some(ttl)));
                }
            });
            next = bits.checked_add(1).and_then(|bits| snapshot.addresses().next_from(family, bits));
        }
    }
    changes
}

/// Fills all companion zones, where none is filled yet. The PTRs, and the names of templates, must be there.
pub fn fill_companions(declared: &Declared, snapshot: &mut Snapshot) {
    let zones: BTreeSet<ZoneId> = declared.companions().map(|(id, _)| id).collect();
    for meta in zones.iter().filter_map(|id| declared.zone_by_id(*id)) {
        alter(snapshot, &meta.apex, |zone| {
            zone.set_companion(true);
        });
    }
    for (id, changes) in backings_anew(declared, snapshot, &zones) {
        if let Some(meta) = declared.zone_by_id(id) {
            alter(snapshot, &meta.apex, |zone| {
                zone.change_backers(changes);
            });
        }
    }
    for (id, patterns) in patterns(declared, snapshot) {
        if let Some(meta) = declared.zone_by_id(id) {
            alter(snapshot, &meta.apex, |zone| {
                zone.set_patterns(Some(patterns));
            });
        }
    }
}

fn alter(snapshot: &mut Snapshot, apex: &Name, alter: impl FnOnce(&mut Zone)) {
    if let Some(zone) = snapshot.zone(apex) {
        let mut zone = Zone::clone(zone);
        alter(&mut zone);
        snapshot.put_zone(zone);
    }
}
