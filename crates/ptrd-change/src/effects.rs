//! What a change of blocks or catalogs would do, for its preview: read off the plan, by comparing what is there with what would be.
//! Off the writer's thread, so that counting may take its time.

use crate::handover::outermost;
use crate::place::{Shown, ptrs_in, runs};
use crate::plan::{Planned, State};
use ptrd_api::Effect;
use ptrd_store::Edit;
use ptrd_wire::{AddrRange, Name, ip_from_bits};
use ptrd_zone::catalog::Membership;
use ptrd_zone::model::{Block, ZoneId};
use ptrd_zone::{Cut, Derived, Exception, ExceptionRange};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many names an effect lists.
const LISTED: usize = 20;
/// How many runs of addresses are looked at for the zones that stay.
const LOOKED_AT: usize = 4_096;

/// The effects of a plan, in the order in which a person wants to know them.
pub(crate) fn of(base: &State, planned: &Planned) -> Vec<Effect> {
    let Some(commit) = &planned.commit else { return Vec::new() };
    let mut tally = Tally::default();
    let mut ranges = Vec::new();
    let mut zones = BTreeSet::new();
    let mut rows: BTreeMap<u32, (Option<&Block>, Option<&Block>)> = BTreeMap::new();
    for edit in &commit.edits {
        match edit {
            Edit::Block { id, before, after } => {
                let row = rows.entry(id.0).or_insert((before.as_deref(), None));
                row.1 = after.as_deref();
            }
            Edit::Zone { before, after, .. } => {
                let apex = before.as_deref().or(after.as_deref()).map(|zone| zone.apex.clone());
                zones.extend(apex);
            }
            Edit::Record { owner, rtype, before, after, .. } => {
                tally.row("record", format!("{owner} {rtype}"), before.is_some(), after.is_some());
            }
            Edit::Sending { address, before, after } => {
                tally.row("sending mark", address.to_string(), before.is_some(), after.is_some());
            }
            Edit::Ptrs(edits) => {
                for edit in edits.iter() {
                    let fate = match (edit.before, edit.after) {
                        (Some(_), None) => "cleared",
                        (None, Some(_)) => "added",
                        _ => "changed",
                    };
                    tally.add("ptr", fate, 1, || edit.address.to_string());
                }
            }
            Edit::Setting { .. } | Edit::Tenant { .. } | Edit::NsSet { .. } | Edit::SoaTemplate { .. } => {}
        }
    }
    for (before, after) in rows.into_values() {
        let range = before.or(after).map(|block| block.range);
        ranges.extend(range);
        ranges.extend(after.map(|block| block.range));
        if let Some(range) = range {
            tally.row("block", range.to_string(), before.is_some(), after.is_some());
        }
    }
    let ranges = outermost(ranges);
    for apex in &zones {
        let there = |state: &State| state.declared.zone(apex).is_some();
        tally.row("zone", apex.to_string(), there(base), there(&planned.next));
    }
    kept_zones(&mut tally, planned, &ranges, &zones);
    ptrs(&mut tally, planned, &ranges);
    names(&mut tally, base, planned, &ranges);
    let stepped = commit.serials.iter().filter_map(|(id, _)| planned.next.declared.zone_by_id(*id));
    zones.extend(stepped.map(|zone| zone.apex.clone()));
    for apex in &zones {
        let derived =
            |state: &State| state.snapshot.zone(apex).map(|zone| zone.derived()).unwrap_or_default();
        compare(&mut tally, &derived(base), &derived(&planned.next));
    }
    members(&mut tally, base, &planned.next);
    tally.finish()
}

#[derive(Default)]
struct Tally {
    effects: BTreeMap<(&'static str, &'static str), (u64, Vec<String>)>,
}

impl Tally {
    fn add(&mut self, what: &'static str, fate: &'static str, n: u64, name: impl FnOnce() -> String) {
        let (count, names) = self.effects.entry((what, fate)).or_default();
        *count = count.saturating_add(n);
        if names.len() < LISTED {
            names.push(name());
        }
    }

    fn row(&mut self, what: &'static str, name: String, before: bool, after: bool) {
        let fate = match (before, after) {
            (true, true) => "changed",
            (true, false) => "removed",
            (false, true) => "added",
            // Added and removed again within one change.
            (false, false) => return,
        };
        self.add(what, fate, 1, || name);
    }

    fn finish(mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        for what in ["block", "zone", "member", "ptr", "record", "cname", "cut", "name"] {
            for fate in ["added", "changed", "removed", "cleared", "hidden", "kept"] {
                if let Some((count, names)) = self.effects.remove(&(what, fate)) {
                    let names = names.into_iter().filter(|name| !name.is_empty()).collect();
                    effects.push(Effect { what: what.into(), fate: fate.into(), count, names });
                }
            }
        }
        effects
    }
}

/// What catalogs list otherwise than before.
fn members(tally: &mut Tally, base: &State, next: &State) {
    let catalogs: BTreeSet<ZoneId> =
        [base, next].iter().flat_map(|state| state.declared.catalogs()).map(|(id, _)| id).collect();
    for id in catalogs {
        let membership = |state: &State, zone: ZoneId| -> Option<Membership> {
            let (catalog, zone) = (state.declared.catalog(id)?, state.declared.zone_by_id(zone)?);
            catalog.membership(&state.declared, zone).cloned()
        };
        let called = |zone| [base, next].into_iter().find_map(|state| state.declared.zone_by_id(zone));
        let Some(catalog) = called(id).map(|zone| &zone.apex) else { continue };
        let gone = base.declared.zones().filter(|zone| next.declared.zone_by_id(zone.id).is_none());
        for zone in next.declared.zones().chain(gone) {
            let (before, after) = (membership(base, zone.id), membership(next, zone.id));
            if before != after {
                let name = format!("{} of {catalog}", zone.apex);
                tally.row("member", name, before.is_some(), after.is_some());
            }
        }
    }
}

/// The zones that show addresses of the ranges before and after, and are no other than they were.
fn kept_zones(tally: &mut Tally, planned: &Planned, ranges: &[AddrRange], altered: &BTreeSet<Name>) {
    let mut kept: BTreeSet<Name> = BTreeSet::new();
    for range in ranges {
        for run in runs(&planned.next.declared, range).take(LOOKED_AT) {
            if let Shown::Here(zone) | Shown::Verbatim(zone) = run.shown
                && !altered.contains(&zone.apex)
            {
                kept.insert(zone.apex.clone());
            }
        }
        for block in planned.next.declared.blocks_in(range) {
            let former = block.standing.former.iter().map(|label| &label.apex);
            let served = former.filter(|apex| planned.next.declared.zone(apex).is_some());
            kept.extend(served.filter(|apex| !altered.contains(apex)).cloned());
        }
    }
    kept.iter().for_each(|apex| tally.add("zone", "kept", 1, || apex.to_string()));
}

fn ptrs(tally: &mut Tally, planned: &Planned, ranges: &[AddrRange]) {
    for range in ranges {
        let count = |range: &AddrRange| ptrs_in(&planned.next.snapshot, range).count() as u64;
        let hidden: u64 = planned.next.declared.withheld(range).iter().map(count).sum();
        let kept = count(range) - hidden;
        for (fate, n) in [("hidden", hidden), ("kept", kept)] {
            if n > 0 {
                tally.add("ptr", fate, n, String::new);
            }
        }
    }
}

/// Names that are computed from addresses: how many, and of each run of them the first, the last and one between.
fn names(tally: &mut Tally, base: &State, planned: &Planned, ranges: &[AddrRange]) {
    let mut snapshot = base.snapshot.clone();
    for renamed in snapshot.apply_templates(&planned.next.declared, ranges) {
        let (first, last) = (renamed.range.first_bits(), renamed.range.last_bits());
        let fate = match (&renamed.before, &renamed.after) {
            (None, _) => "added",
            (_, None) => "removed",
            (Some(before), Some(after)) if before.same_names(after, &renamed.range) => continue,
            _ => "changed",
        };
        let Some(named) = renamed.after.as_ref().or(renamed.before.as_ref()) else { continue };
        let size = u64::try_from(last - first).unwrap_or(u64::MAX).saturating_add(1);
        let mut shown = vec![first, last, first + (last - first) / 2];
        shown.truncate(usize::try_from(size).unwrap_or(3));
        for (nth, bits) in shown.into_iter().enumerate() {
            let address = ip_from_bits(renamed.range.family(), bits);
            let name = || named.template().name(address).map(|name| name.to_string()).unwrap_or_default();
            tally.add("name", fate, if nth == 0 { size } else { 0 }, name);
        }
    }
}

/// Derived records of a zone before and after.
fn compare(tally: &mut Tally, before: &Derived, after: &Derived) {
    let cuts = |derived: &Derived| -> BTreeMap<Name, Arc<Cut>> { derived.cuts.iter().cloned().collect() };
    let (old, new) = (cuts(before), cuts(after));
    let owners: BTreeSet<&Name> = old.keys().chain(new.keys()).collect();
    for owner in owners {
        let (old, new) = (old.get(owner), new.get(owner));
        if old != new {
            tally.row("cut", owner.to_string(), old.is_some(), new.is_some());
        }
    }
    // Between two borders of either list nothing changes, so one address speaks for all.
    let borders = |list: &[ExceptionRange]| -> Vec<u128> {
        let ends = |e: &ExceptionRange| [Some(e.range.first_bits()), e.range.last_bits().checked_add(1)];
        list.iter().flat_map(ends).flatten().collect()
    };
    let mut all = borders(&before.exceptions);
    all.extend(borders(&after.exceptions));
    all.sort_unstable();
    all.dedup();
    let end = before.exceptions.iter().chain(&after.exceptions).map(|e| e.range.last_bits()).max();
    for (nth, first) in all.iter().enumerate() {
        let last = all.get(nth + 1).map(|next| next - 1).or(end);
        let size = last.and_then(|last| last.checked_sub(*first)).map_or(0, |size| size.saturating_add(1));
        let (old, new) = (at(&before.exceptions, *first), at(&after.exceptions, *first));
        if old == new || size == 0 {
            continue;
        }
        let n = u64::try_from(size).unwrap_or(u64::MAX);
        let alias = |what: Option<&Exception>| match what {
            Some(Exception::Alias(apex)) => Some(apex.to_string()),
            _ => None,
        };
        let is_cut = |what: Option<&Exception>| matches!(what, Some(Exception::Cut(_)));
        match (alias(old), alias(new)) {
            (Some(old), Some(new)) if old != new => tally.add("cname", "changed", n, || new),
            (None, Some(new)) => tally.add("cname", "added", n, || new),
            (Some(old), None) => tally.add("cname", "removed", n, || old),
            _ => {}
        }
        match (is_cut(old), is_cut(new)) {
            (true, true) => tally.add("cut", "changed", n, String::new),
            (false, true) => tally.add("cut", "added", n, String::new),
            (true, false) => tally.add("cut", "removed", n, String::new),
            (false, false) => {}
        }
    }
}

fn at(exceptions: &[ExceptionRange], bits: u128) -> Option<&Exception> {
    let nth = exceptions.partition_point(|exception| exception.range.last_bits() < bits);
    exceptions.get(nth).filter(|exception| exception.range.first_bits() <= bits).map(|found| &found.what)
}
