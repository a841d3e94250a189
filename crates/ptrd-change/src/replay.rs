//! A change that another server has made, made here again: with its number, its time and its serials.
//!
//! Nothing is judged, for it was judged there, and nothing is planned anew: the rows are put as they are in the log, and
//! what follows from them is projected as for any change. So it takes the road as far as the way from rows to a snapshot
//! goes, and what comes out is what loading the store would give.

use crate::plan::{LAST_SERIAL, Numbers, Plan, Planned, State};
use crate::problem::conflict;
use crate::ptr;
use crate::rollback::{self, Checks};
use crate::undo::Rows;
use ptrd_api::{ChangeDone, Problem};
use ptrd_store::{Commit, Edit};
use ptrd_wire::{Name, RrSet};
use ptrd_zone::model::{ZoneId, ZoneRow};
use ptrd_zone::{Outage, PtrEdit, PtrEdits, Workspace, Zone};

/// The rows of a change from which on it gets a commit of its own.
pub(crate) fn rows(commit: &Commit) -> usize {
    let of = |edit: &Edit| if let Edit::Ptrs(edits) = edit { edits.len() } else { 1 };
    commit.edits.iter().map(of).sum::<usize>() + commit.serials.len()
}

/// Plans it, on the change that it follows on the primary and on no other: where one could not be made, none after it is.
pub(crate) fn replay(
    state: &State,
    commit: &Commit,
    after: u64,
    workspace: &mut Workspace,
) -> Result<Planned, Problem> {
    if state.numbers.change != after || commit.change <= after {
        return Err(conflict(format!(
            "change {} of the primary follows change {after}, and the newest here is {}",
            commit.change, state.numbers.change
        )));
    }
    let mut rows = Rows::default();
    commit.edits.iter().for_each(|edit| rows.add(edit));
    rows.settle();
    // What is put is what a rollback would put that turned this change's undoing round.
    rows.turn_round();
    let mut plan = Plan::new(state, commit.at, workspace);
    put(&mut plan, &rows)?;
    plan.rename();
    plan.project_touched();
    plan.next.settings = settings(state, commit);
    for edit in &commit.edits {
        if let Edit::Setting { name, .. } = edit {
            plan.touch_setting(name);
        }
    }
    plan.settle_consumption()?;
    plan.project_companions()?;
    plan.project_touched();
    plan.project_catalogs()?;
    plan.resolve_fleet()?;
    let mut next = plan.next;
    next.numbers = numbers(&state.numbers, commit, &next.settings);
    settle_zones(&mut next, commit)?;
    next.snapshot.set_version(commit.change);
    let done =
        ChangeDone { change: Some(commit.change), summary: commit.summary.clone(), ..ChangeDone::default() };
    Ok(Planned { commit: Some(commit.clone()), next, done })
}

fn put(plan: &mut Plan<'_>, rows: &Rows<'_>) -> Result<(), Problem> {
    rollback::put_tenants(plan, rows)?;
    rollback::remove_zones(plan, rows);
    let (going, coming) = rollback::records_by_zone(plan, rows);
    rollback::put_records(plan, going);
    rollback::put_sets(plan, rows)?;
    rollback::put_blocks(plan, rows, Checks::No)?;
    for (now, before) in rows.zones.values().filter_map(|step| Some((step.0?, step.1))) {
        match before {
            None => put_zone(plan, rows, now),
            Some(_) => rollback::alter_zone(plan, now)?,
        }
    }
    plan.project_touched();
    rollback::put_records(plan, coming);
    rollback::put_settings(plan, rows)?;
    rollback::put_sending(plan, rows);
    put_ptrs(plan, rows);
    rollback::remove_sets(plan, rows)?;
    rollback::remove_tenants(plan, rows)
}

fn put_zone(plan: &mut Plan<'_>, rows: &Rows<'_>, row: &ZoneRow) {
    let first = (row.id, Box::<[u8]>::default(), 0);
    let records: Vec<(Name, RrSet)> = rows
        .records
        .range(first..)
        .take_while(|((zone, ..), _)| *zone == row.id)
        .filter_map(|(_, (owner, step))| Some(((*owner).clone(), step.0?.clone())))
        .collect();
    plan.put_zone(row.clone(), records);
}

fn put_ptrs(plan: &mut Plan<'_>, rows: &Rows<'_>) {
    let (mut edits, mut buffer) = (PtrEdits::new(), Vec::new());
    for (address, (after, _)) in &rows.ptrs {
        let before = ptr::packed(plan.base.snapshot.addresses().ptr(*address), &mut buffer);
        // Neither here nor there: PTR edits have one side at least.
        if before.is_some() || after.is_some() {
            edits.push(PtrEdit { address: *address, before, after: *after });
        }
    }
    plan.put_ptrs(edits);
}

/// The settings as the change leaves them, whatever putting its rows did to others.
fn settings(state: &State, commit: &Commit) -> crate::plan::Settings {
    let mut settings = state.settings.clone();
    for edit in &commit.edits {
        let Edit::Setting { name, after, .. } = edit else { continue };
        match after {
            Some(value) => settings.insert(name.clone(), value.clone()),
            None => settings.remove(name),
        };
    }
    settings
}

fn numbers(before: &Numbers, commit: &Commit, settings: &crate::plan::Settings) -> Numbers {
    let mut numbers = *before;
    numbers.change = commit.change;
    numbers.last_serial = settings.get(LAST_SERIAL).and_then(|text| text.parse().ok()).unwrap_or(0);
    for edit in &commit.edits {
        let (highest, id) = match edit {
            Edit::Tenant { id, .. } => (&mut numbers.tenant, id.0),
            Edit::Block { id, .. } => (&mut numbers.block, id.0),
            Edit::NsSet { id, .. } => (&mut numbers.ns_set, id.0),
            Edit::SoaTemplate { id, .. } => (&mut numbers.soa_template, id.0),
            Edit::Zone { id, .. } => (&mut numbers.zone, id.0),
            Edit::Setting { .. } | Edit::Record { .. } | Edit::Sending { .. } | Edit::Ptrs(_) => continue,
        };
        *highest = (*highest).max(id);
    }
    numbers
}

/// Gives zones that changed what is no row of theirs: the serial, whether a followed one was ever pulled, whether a signed
/// one is whole.
fn settle_zones(next: &mut State, commit: &Commit) -> Result<(), Problem> {
    for &(id, serial) in &commit.serials {
        let zone = next.declared.zone_by_id(id).and_then(|meta| next.snapshot.zone(&meta.apex));
        let Some(zone) = zone else { return Err(no_zone(commit.change, id)) };
        let mut zone = Zone::clone(zone);
        if zone.soa().serial != serial {
            zone.set_serial(serial);
        }
        if zone.outage() == Some(Outage::Awaited) && zone.apex_ns().is_some() {
            zone.set_outage(None);
        }
        // It was judged there. What is wrong with it goes with the zone.
        let _ = zone.examine();
        next.snapshot.put_zone(zone);
    }
    Ok(())
}

fn no_zone(change: u64, zone: ZoneId) -> Problem {
    conflict(format!("change {change} of the primary steps the serial of zone {zone}, which is not here"))
        .hint("this standby has another history than its primary: let it take a fresh copy")
}
