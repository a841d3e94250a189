//! Whether a store makes sense: on top of what the store says of itself, whether its rows could have been declared.

use crate::load::Builder;
use crate::place::{Shown, runs};
use crate::plan::{Numbers, Plan, State, stored_records};
use crate::rules;
use ptrd_store::{Check, Finding, SqliteStore, Step, StoreError, Watch};
use ptrd_wire::{AddrRange, Family};
use ptrd_zone::Workspace;
use ptrd_zone::model::{Mode, ZoneKind};
use std::path::Path;

/// Findings that are listed.
const LISTED: usize = 20;

const BLOCKS: &str = "start the daemon, and add the block that is missing or delete the PTRs: `ptrctl block add`, `ptrctl \
                      ptr delete`; if there are many, restore a backup";
const SIGNED: &str = "it is answered with SERVFAIL; sign it again, all of it, and import it: `ptrctl zone import FILE --replace`";
const RECORDS: &str = "start the daemon and delete the record: `ptrctl record delete OWNER TYPE`";

/// Checks the store in this file, which may be in use by another process, and tells `watch` of whatever is wrong.
///
/// # Errors
/// [`StoreError`] when the file cannot be opened; what cannot be read further in is a finding.
pub fn check_store(path: &Path, watch: &mut dyn Watch) -> Result<(), StoreError> {
    let mut builder = Builder::default();
    let mut reading = Reading { watch, unread: None };
    SqliteStore::check(path, &mut builder, &mut reading)?;
    let Reading { watch, unread } = reading;
    if unread.is_none() {
        let state = builder.finish(Numbers::default()).state;
        watch.step(Step::Model, 0, None);
        examine(&state, &mut |finding| watch.found(finding));
    }
    Ok(())
}

/// Remembers whether the rows could be read.
pub(crate) struct Reading<'a> {
    pub watch: &'a mut dyn Watch,
    /// Why not.
    pub unread: Option<String>,
}

impl Watch for Reading<'_> {
    fn found(&mut self, finding: Finding) {
        if finding.check == Check::Rows {
            self.unread = Some(finding.what.clone());
        }
        self.watch.found(finding);
    }

    fn step(&mut self, step: Step, done: u64, of: Option<u64>) {
        self.watch.step(step, done, of);
    }
}

pub(crate) fn examine(state: &State, found: &mut dyn FnMut(Finding)) {
    let mut left = LISTED;
    let mut tell = |what: String, remedy: &'static str| {
        if left > 0 {
            left -= 1;
            found(Finding { check: Check::Model, what, remedy });
        }
    };
    for family in [Family::V4, Family::V6] {
        for run in runs(&state.declared, &AddrRange::of_prefix(family, 0, 0)) {
            match (&run.block, &run.shown) {
                (None, _) => {
                    for mark in state.declared.sending_in(&run.range).take(LISTED) {
                        tell(format!("the sending mark of {} lies in no block", mark.address), BLOCKS);
                    }
                    for address in crate::place::ptrs_in(&state.snapshot, &run.range).take(LISTED) {
                        tell(format!("the PTR of {address} lies in no block"), BLOCKS);
                    }
                }
                (Some(block), Shown::Nobody) if block.mode != Mode::Observed => {
                    tell(format!("no zone shows {} of the block {}", run.range, block.range), BLOCKS);
                }
                _ => {}
            }
        }
    }
    for block in state.declared.blocks() {
        if let Mode::Classless { apex, .. } = &block.mode
            && !state.declared.zone(apex).is_some_and(|zone| zone.kind != ZoneKind::Verbatim)
        {
            tell(format!("the block {} has no classless zone {apex}", block.range), BLOCKS);
        }
    }
    for zone in state.snapshot.zones() {
        if let Some(fault) = zone.fault() {
            tell(format!("the zone {} is signed but not whole: {fault}", zone.apex()), SIGNED);
        }
    }
    let mut workspace = Workspace::default();
    let plan = Plan::new(state, 0, &mut workspace);
    for meta in state.declared.zones().filter(|zone| zone.kind != ZoneKind::Verbatim) {
        let Some(zone) = state.snapshot.zone(&meta.apex).filter(|zone| zone.names().len() > 1) else {
            continue;
        };
        for (owner, rrset) in stored_records(zone).filter(|(owner, _)| *owner != meta.apex) {
            if let Err(problem) = rules::check_underived(&plan, zone, &owner, Some(rrset.rtype)) {
                tell(format!("{owner} {}: {}", rrset.rtype, problem.message), RECORDS);
            }
        }
    }
}
