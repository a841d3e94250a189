//! What came since a change to addresses that its undoing would give to another tenant: that tenant must not find it there.
//!
//! What was there before the change and stayed, because it was told to, goes back with the addresses. Rows do not tell the
//! two apart, the log does; so the question is answered where the log can be read, and the writer sees to it that the
//! answer is still good.

use crate::handover::{Moved, moved, records_at};
use crate::place::ptrs_in;
use crate::plan::State;
use crate::problem::store;
use crate::ptr::{packed, same};
use crate::tenant::tenant_name;
use crate::undo::{Conflicts, Rows, Subject, later_change, stored};
use ptrd_api::Problem;
use ptrd_store::{Edit, LogQuery, Store};
use ptrd_wire::{AddrRange, ip_to_bits};
use ptrd_zone::Declared;
use ptrd_zone::model::Block;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// How many changes of the log are read at a time.
const PAGE: usize = 200;

/// Tells of PTRs that would belong to no block, however old they are.
pub(crate) fn unowned(state: &State, rows: &Rows<'_>, found: &mut Conflicts) {
    for Moved { range, .. } in would_move(&state.declared, rows).iter().filter(|moved| moved.to.is_none()) {
        for address in ptrs_in(&state.snapshot, range) {
            let at = rows.ptrs.binary_search_by_key(&ip_to_bits(address), |(at, _)| ip_to_bits(*at));
            if at.is_ok_and(|nth| rows.ptrs[nth].1.0.is_none()) {
                continue;
            }
            found.push(Subject::Address(address), || {
                let block = state.declared.block_of(address).map_or(*range, |block| block.range);
                format!("{address} has got a PTR, and would belong to no block without {block}")
            });
        }
        for mark in state.declared.sending_in(range) {
            let address = mark.address;
            if rows.sending.get(&address).is_none_or(|step| step.0.is_some()) {
                found.push(Subject::Sending(address), || {
                    let block = state.declared.block_of(address).map_or(*range, |block| block.range);
                    format!("{address} is marked as sending, and would belong to no block without {block}")
                });
            }
        }
    }
}

/// Tells of PTRs and other records that were written since the change.
pub(crate) fn since(
    reader: &mut dyn Store,
    change: u64,
    state: &State,
    rows: &Rows<'_>,
    found: &mut Conflicts,
) -> Result<(), Problem> {
    let moved = would_change_hands(&state.declared, rows);
    let mut written = BTreeSet::new();
    for Moved { range, .. } in &moved {
        if ptrs_in(&state.snapshot, range).any(|address| !is_told(rows, address)) {
            written.extend(written_since(reader, change, range)?);
        }
    }
    for moved in &moved {
        for address in ptrs_in(&state.snapshot, &moved.range) {
            if written.contains(&address) && !is_told(rows, address) {
                tell(state, moved, address, found);
            }
        }
    }
    for (moved, address) in marks_at(state, &moved, rows) {
        if later_change(reader, change, &Subject::Sending(address)).is_some() {
            tell_mark(state, moved, address, found);
        }
    }
    for (meta, records) in records_at(&state.declared, state, &moved) {
        for (owner, rtype) in records {
            let subject = Subject::Record(meta.id, meta.apex.clone(), owner.clone(), rtype);
            let is_told = rows.records.contains_key(&(meta.id, owner.key_below(0), rtype.0));
            if !is_told && later_change(reader, change, &subject).is_some() {
                found.push(subject, || {
                    format!("{owner} {rtype} was written since, at an address that would change hands")
                });
            }
        }
    }
    Ok(())
}

/// Tells of what was written after `seen`, in which [`since`] found nothing.
pub(crate) fn meanwhile(seen: &State, state: &State, rows: &Rows<'_>, found: &mut Conflicts) {
    if seen.numbers.change == state.numbers.change {
        return;
    }
    let (mut old, mut new) = (Vec::new(), Vec::new());
    let moved = would_change_hands(&state.declared, rows);
    for moved in &moved {
        for address in ptrs_in(&state.snapshot, &moved.range).filter(|address| !is_told(rows, *address)) {
            let before = packed(seen.snapshot.addresses().ptr(address), &mut old);
            let now = packed(state.snapshot.addresses().ptr(address), &mut new);
            if !before.zip(now).is_some_and(|(before, now)| same(&before, &now)) {
                tell(state, moved, address, found);
            }
        }
    }
    for (moved, address) in marks_at(state, &moved, rows) {
        if seen.declared.sending_at(address) != state.declared.sending_at(address) {
            tell_mark(state, moved, address, found);
        }
    }
    for (meta, records) in records_at(&state.declared, state, &moved) {
        for (owner, rtype) in records {
            let at = |state: &State| stored(state.snapshot.zone(&meta.apex)?, &owner, rtype);
            if at(seen) != at(state) && !rows.records.contains_key(&(meta.id, owner.key_below(0), rtype.0)) {
                let subject = Subject::Record(meta.id, meta.apex.clone(), owner.clone(), rtype);
                found.push(subject, || {
                    format!("{owner} {rtype} was written since, at an address that would change hands")
                });
            }
        }
    }
}

/// Those that would belong to another tenant rather than to none.
fn would_change_hands(now: &Declared, rows: &Rows<'_>) -> Vec<Moved> {
    let mut all = would_move(now, rows);
    all.retain(|moved| moved.to.is_some());
    all
}

/// The addresses that would not belong to the tenant that has them now. None where the blocks could not come back at all.
fn would_move(now: &Declared, rows: &Rows<'_>) -> Vec<Moved> {
    let mut then = now.clone();
    for block in rows.blocks.values().filter_map(|step| step.1) {
        then.remove_block(block.id);
    }
    let mut returning: Vec<&Block> = rows.blocks.values().filter_map(|step| step.0).collect();
    returning.sort_by_key(|block| {
        (block.range.family(), block.range.first_bits(), std::cmp::Reverse(block.range.last_bits()))
    });
    for block in returning {
        if then.conflict(&block.range).is_some() {
            return Vec::new();
        }
        then.put_block(block.clone());
    }
    let both = rows.blocks.values().flat_map(|step| [step.0, step.1]).flatten();
    let ranges = crate::handover::outermost(both.map(|block| block.range).collect());
    ranges.iter().flat_map(|range| moved(now, &then, range)).collect()
}

/// Whether the change itself says what becomes of the PTR.
fn is_told(rows: &Rows<'_>, address: IpAddr) -> bool {
    rows.ptrs.binary_search_by_key(&ip_to_bits(address), |(at, _)| ip_to_bits(*at)).is_ok()
}

fn tell(state: &State, moved: &Moved, address: IpAddr, found: &mut Conflicts) {
    found.push(Subject::Address(address), || {
        let from = tenant_name(&state.declared, moved.from);
        let to = moved.to.map_or_else(|| "nobody".to_owned(), |to| tenant_name(&state.declared, to));
        format!("{address} has got a PTR as an address of {from}, and would belong to {to}")
    });
}

/// The sending marks at addresses that would change hands, where the change itself does not say what becomes of them.
fn marks_at<'a>(
    state: &'a State,
    moved: &'a [Moved],
    rows: &'a Rows<'_>,
) -> impl Iterator<Item = (&'a Moved, IpAddr)> {
    let marks = |moved: &'a Moved| {
        let marked = state.declared.sending_in(&moved.range).map(|mark| mark.address);
        marked.map(move |address| (moved, address))
    };
    moved.iter().flat_map(marks).filter(|(_, address)| !rows.sending.contains_key(address))
}

fn tell_mark(state: &State, moved: &Moved, address: IpAddr, found: &mut Conflicts) {
    found.push(Subject::Sending(address), || {
        let from = tenant_name(&state.declared, moved.from);
        let to = moved.to.map_or_else(|| "nobody".to_owned(), |to| tenant_name(&state.declared, to));
        format!("{address} was marked as sending as an address of {from}, and would belong to {to}")
    });
}

/// The addresses of a range whose PTRs were written after a change.
fn written_since(reader: &mut dyn Store, change: u64, range: &AddrRange) -> Result<Vec<IpAddr>, Problem> {
    let mut query = LogQuery { after: Some(change), range: Some(*range), limit: PAGE, ..LogQuery::default() };
    let mut written = Vec::new();
    loop {
        let page = reader.log(&query).map_err(|error| store(&error))?;
        let Some(last) = page.last() else { return Ok(written) };
        query.before = Some(last.change);
        for entry in page {
            for edit in reader.edits(entry.change).map_err(|error| store(&error))? {
                if let Edit::Ptrs(edits) = edit {
                    let inside = edits.iter().filter(|edit| range.contains(edit.address));
                    written.extend(inside.filter(|edit| edit.after.is_some()).map(|edit| edit.address));
                }
            }
        }
    }
}
