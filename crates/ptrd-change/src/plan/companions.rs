//! Companion zones within a plan: which addresses back which names, worked out once all else of the plan is settled, from
//! what it edits; whatever made the edits.

use super::{Plan, State};
use crate::fleet;
use crate::place::ptrs_in;
use crate::problem::{count, internal, some};
use ptrd_api::Problem;
use ptrd_store::Edit;
use ptrd_wire::{Name, RecordType, key_of_lower};
use ptrd_zone::model::{Block, ZoneId, ZoneRow};
use ptrd_zone::{
    Backers, BackingChange, Hidden, HiddenAddresses, MOST_PATTERNS, Zone, backings_anew, ends_zone, patterns,
};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Addresses that are looked at in one go.
const PORTION: usize = 65_536;
/// Addresses that do not show and are named.
const LISTED: usize = 4;

/// Changes by zone.
type Changes = BTreeMap<ZoneId, Vec<BackingChange>>;

/// Names by zone.
type Names = BTreeMap<ZoneId, BTreeSet<Name>>;

impl Plan<'_> {
    /// Brings companion zones up to date with blocks, zones, grants and PTRs as the plan leaves them; returns those in which
    /// templates may give other names.
    pub(crate) fn project_companions(&mut self) -> Result<BTreeSet<ZoneId>, Problem> {
        if self.touches_companions() {
            let companions = fleet::companions(&self.next.settings).map_err(internal)?;
            self.next.declared.set_companions(companions);
        }
        if !self.base.declared.has_companions() && !self.next.declared.has_companions() {
            return Ok(BTreeSet::new());
        }
        self.end_companions();
        let anew = self.companions_to_fill();
        let filled = backings_anew(&self.next.declared, &self.next.snapshot, &anew);
        self.back(filled);
        let addresses = self.addresses_to_look_at();
        let mut touched = self.names_of_records();
        for portion in addresses.chunks(PORTION) {
            let mut changes = Changes::new();
            let (base, next) = (&self.base, &self.next);
            let mut before = Backers::new(&base.declared, &base.snapshot);
            let mut after = Backers::new(&next.declared, &next.snapshot);
            for address in portion {
                before.of(*address, |zone, key, _| {
                    changes.entry(zone.id()).or_default().push(((key.into(), *address), None));
                });
                after.of(*address, |zone, key, ttl| {
                    if next.declared.has_templates() {
                        touched.entry(zone.id()).or_default().insert(key_of_lower(key, zone.apex()));
                    }
                    changes.entry(zone.id()).or_default().push(((key.into(), *address), Some(ttl)));
                });
            }
            changes.retain(|id, _| !anew.contains(id));
            self.back(changes);
        }
        self.tell_of_records();
        let mut renamed = self.put_patterns(!anew.is_empty());
        self.tell_of_overshadowed(&touched);
        renamed.extend(self.named_otherwise(&addresses));
        Ok(renamed)
    }

    /// Brings the names that templates give up to date; returns the zones where they are others.
    fn put_patterns(&mut self, anew: bool) -> BTreeSet<ZoneId> {
        let mut changed = BTreeSet::new();
        let (old, new) = (&self.base.declared, &self.next.declared);
        let may = self.renames || anew || self.touches_companions() || self.edits.iter().any(gives_others);
        if !(old.has_templates() || new.has_templates()) || !may {
            return changed;
        }
        let mut made = patterns(new, &self.next.snapshot);
        let zones: Vec<ZoneId> = new.companions().map(|(id, _)| id).collect();
        for id in zones {
            let Some(apex) = self.next.declared.zone_by_id(id).map(|meta| meta.apex.clone()) else {
                continue;
            };
            let made = made.remove(&id);
            if self.zone(&apex).is_none_or(|zone| zone.has_patterns(made.as_ref())) {
                continue;
            }
            let mut left_out = (0, 0);
            self.alter(&apex, |zone| {
                left_out.0 = zone.patterns_left_out();
                zone.set_patterns(made);
                left_out.1 = zone.patterns_left_out();
            });
            changed.insert(id);
            if left_out.1 > left_out.0 {
                self.warn(format!(
                    "{apex}: {} whose names lie under a domain, or under one above it, give no addresses there: of those that \
                     do not write whole addresses, {MOST_PATTERNS} are tried at a name",
                    count(left_out.1 as u64, "further template")
                ));
            }
        }
        changed
    }

    /// Companion zones in which an address has the name of its template no longer, or again, since a PTR was set or deleted.
    fn named_otherwise(&self, addresses: &[IpAddr]) -> BTreeSet<ZoneId> {
        let has_ptr = |state: &State, address| state.snapshot.addresses().ptr(address).is_some();
        let (base, next) = (self.base, &self.next);
        let turned = addresses.iter().filter(|address| has_ptr(base, **address) != has_ptr(next, **address));
        let origins: BTreeSet<Name> = turned
            .filter_map(|address| next.snapshot.addresses().computed_ptr(*address))
            .map(|computed| computed.named().template().origin())
            .collect();
        let zones = origins.iter().filter_map(|origin| next.declared.zone_of(origin));
        zones.map(|zone| zone.id).filter(|id| next.declared.companion(*id).is_some()).collect()
    }

    fn touches_companions(&self) -> bool {
        self.fleet_touched.iter().any(|name| fleet::is_of_companion(name))
    }

    /// Zones that are companions no longer.
    fn end_companions(&mut self) {
        let ended = self.base.declared.companions().map(|(id, _)| id);
        let ended: Vec<ZoneId> = ended.filter(|id| self.next.declared.companion(*id).is_none()).collect();
        for id in ended {
            self.alter_companion(id, |zone| zone.set_companion(false));
        }
    }

    /// Companion zones of which more has changed than what single addresses back.
    fn companions_to_fill(&mut self) -> BTreeSet<ZoneId> {
        let (base, next) = (&self.base.declared, &self.next.declared);
        if base.defaults().ptr_ttl != next.defaults().ptr_ttl {
            return next.companions().map(|(id, _)| id).collect();
        }
        // What lies below a zone is not that of the zone above.
        let moved = self.edits.iter().filter_map(|edit| match edit {
            Edit::Zone { before: None, after: Some(row), .. }
            | Edit::Zone { before: Some(row), after: None, .. } => {
                next.zone_above(&row.apex).map(|above| above.id)
            }
            _ => None,
        });
        let mut anew: BTreeSet<ZoneId> = moved.filter(|id| next.companion(*id).is_some()).collect();
        let mut fresh = Vec::new();
        for (id, grants) in next.companions() {
            let Some(meta) = next.zone_by_id(id) else { continue };
            let before = base.zone_by_id(id).filter(|_| base.companion(id) == Some(grants));
            if !self.next.snapshot.zone(&meta.apex).is_some_and(|zone| zone.is_companion()) {
                fresh.push(id);
            } else if before.is_none_or(|before| before.tenant != meta.tenant) {
                anew.insert(id);
            }
        }
        for id in &fresh {
            self.alter_companion(*id, |zone| zone.set_companion(true));
        }
        anew.extend(fresh);
        anew
    }

    /// Addresses whose PTRs, or whose block, the plan changes.
    fn addresses_to_look_at(&self) -> Vec<IpAddr> {
        let mut addresses = Vec::new();
        for edit in &self.edits {
            match edit {
                Edit::Ptrs(edits) => addresses.extend(edits.iter().map(|edit| edit.address)),
                Edit::Block { before, after, .. } if names_others(before.as_deref(), after.as_deref()) => {
                    for block in [before, after].into_iter().flatten() {
                        addresses.extend(ptrs_in(&self.next.snapshot, &block.range));
                    }
                }
                _ => {}
            }
        }
        addresses.sort_unstable();
        addresses.dedup();
        addresses
    }

    fn back(&mut self, changes: Changes) {
        for (id, changes) in changes {
            let mut hidden = Vec::new();
            self.alter_companion(id, |zone| {
                let brought = zone.change_backers(changes);
                hidden = brought.hidden.iter().map(|key| key_of_lower(key, zone.apex())).collect();
                brought.shows_another
            });
            self.tell_of_hidden(id, hidden.into_iter().map(|name| (name, false)));
        }
    }

    /// Alters a companion zone, and marks it if it shows something else then.
    fn alter_companion(&mut self, id: ZoneId, alter: impl FnOnce(&mut Zone) -> bool) {
        let Some(apex) = self.next.declared.zone_by_id(id).map(|meta| meta.apex.clone()) else { return };
        let mut shows_another = false;
        self.alter(&apex, |zone| shows_another = alter(zone));
        if shows_another {
            self.mark(id);
            // An address may be that of a nameserver.
            self.touch_above(&apex);
        }
    }

    /// Says where records that the plan sets come to stand before addresses.
    fn tell_of_records(&mut self) {
        let mut names: BTreeMap<ZoneId, Vec<(Name, bool)>> = BTreeMap::new();
        let next = &self.next.declared;
        for edit in &self.edits {
            if let Edit::Record { zone, owner, rtype, after: Some(_), .. } = edit
                && next.companion(*zone).is_some()
            {
                let is_apex = next.zone_by_id(*zone).is_some_and(|meta| meta.apex == *owner);
                let ends = ends_zone(is_apex, *rtype);
                names.entry(*zone).or_default().push((owner.clone(), ends));
            }
        }
        for (id, names) in names {
            self.tell_of_hidden(id, names.into_iter());
        }
    }

    /// Names in companion zones at which the plan sets records.
    fn names_of_records(&self) -> Names {
        let mut names = Names::new();
        for edit in &self.edits {
            if let Edit::Record { zone, owner, after: Some(_), .. } = edit
                && self.next.declared.companion(*zone).is_some()
            {
                names.entry(*zone).or_default().insert(owner.clone());
            }
        }
        names
    }

    /// Warns of addresses whose names by a template lead to them no longer.
    fn tell_of_overshadowed(&mut self, touched: &Names) {
        let mut lines = Vec::new();
        for (id, names) in touched {
            let Some(meta) = self.next.declared.zone_by_id(*id) else { continue };
            let of = |state: &State, name: &Name| {
                let zone = state.snapshot.zone(&meta.apex).filter(|zone| zone.id() == *id);
                zone.map(|zone| zone.overshadowed(state.snapshot.addresses(), name)).unwrap_or_default()
            };
            for name in names {
                let now = of(&self.next, name);
                let known = if now.is_empty() { Vec::new() } else { of(self.base, name) };
                let new = now.into_iter().filter(|address| !known.contains(address));
                lines.extend(new.map(|address| {
                    format!(
                        "{name} does not lead to {address}, whose name it is by a template: what is set stands before that; give \
                         {address} a PTR of its own"
                    )
                }));
            }
        }
        let more = lines.len().saturating_sub(LISTED) as u64;
        lines.into_iter().take(LISTED).for_each(|line| self.warn(line));
        if more > 0 {
            self.warn(format!("and {} more whose names by templates lead elsewhere", count(more, "address")));
        }
    }

    /// Warns of addresses at names, or also below them, that are not shown and were not hidden before.
    fn tell_of_hidden(&mut self, id: ZoneId, names: impl Iterator<Item = (Name, bool)>) {
        let Some(meta) = self.next.declared.zone_by_id(id) else { return };
        let Some(after) = self.next.snapshot.zone(&meta.apex) else { return };
        let before = self.base.snapshot.zone(&meta.apex).filter(|before| before.id() == id);
        let mut told: BTreeMap<(Name, RecordType), HiddenAddresses> = BTreeMap::new();
        let by_name = |hidden: Vec<HiddenAddresses>| {
            hidden.into_iter().map(|hidden| ((hidden.owner.clone(), hidden.rtype), hidden))
        };
        for (name, and_below) in names {
            let known = before.map(|before| before.hidden_addresses(&name, and_below)).unwrap_or_default();
            let known: BTreeMap<_, _> = by_name(known).collect();
            let found = by_name(after.hidden_addresses(&name, and_below));
            told.extend(found.filter(|(at, found)| !known.get(at).is_some_and(|known| tells(known, found))));
        }
        let more = told.len().saturating_sub(LISTED) as u64;
        let lines = told.into_values().take(LISTED).map(|told| {
            let HiddenAddresses { owner, rtype, hidden, addresses } = told;
            let (of, why) = (some(&addresses, 2), why_hidden(hidden, rtype));
            format!("{owner} {rtype} does not follow from the PTR of {of}: {why}")
        });
        lines.collect::<Vec<_>>().into_iter().for_each(|line| self.warn(line));
        if more > 0 {
            self.warn(format!("and {} more that do not follow from PTRs", count(more, "name")));
        }
    }
}

/// Whether what was hidden at a name before is all of what is now. Addresses rise.
fn tells(before: &HiddenAddresses, now: &HiddenAddresses) -> bool {
    before.hidden == now.hidden
        && now.addresses.iter().all(|address| before.addresses.binary_search(address).is_ok())
}

/// What keeps an address from a name, in words.
pub(crate) fn why_hidden(hidden: Hidden, rtype: RecordType) -> String {
    match hidden {
        Hidden::Apex => "the name is the apex of its zone; set it with `ptrctl record set`".to_owned(),
        Hidden::Wildcard => "a wildcard is the name of no host".to_owned(),
        Hidden::Cut => "the zone has a zone cut there or above".to_owned(),
        Hidden::Dname => "the zone has a DNAME there or above".to_owned(),
        Hidden::Alias => "the zone has a CNAME there".to_owned(),
        Hidden::Own => format!("the zone has {rtype} records of its own there"),
        Hidden::TooMany => format!("more than {} addresses have the name", ptrd_zone::MOST_ADDRESSES),
    }
}

/// Whether an edit may have templates give other names in companion zones while those of addresses stay.
fn gives_others(edit: &Edit) -> bool {
    match edit {
        Edit::Zone { before, after, .. } => {
            let of = |row: &ZoneRow| (row.apex.clone(), row.tenant);
            before.as_deref().map(of) != after.as_deref().map(of)
        }
        Edit::Block { before, after, .. } => names_others(before.as_deref(), after.as_deref()),
        _ => false,
    }
}

/// Whether a block changes in what its addresses back.
fn names_others(before: Option<&Block>, after: Option<&Block>) -> bool {
    let of = |block: &Block| {
        (block.tenant, block.mode.clone(), block.range, block.default_ttl, block.standing.suspended)
    };
    before.map(of) != after.map(of)
}
