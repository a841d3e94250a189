//! Blocks that go, and what goes with them: zones that only they brought into being, and PTRs that nobody would own.

use crate::block;
use crate::place::{Run, Shown, ptrs_in, runs};
use crate::plan::{Plan, stored_records};
use crate::problem::{conflict, count, invalid, not_found, some};
use crate::ptr::packed;
use crate::version;
use ptrd_api::Problem;
use ptrd_wire::{AddrRange, Name, RangeRelation, RecordType, ReversePrefix, tile_for_registry};
use ptrd_zone::model::{Block, BlockId, Mode, ZoneKind};
use ptrd_zone::{Declared, PtrEdit, PtrEdits, ZoneMeta};
use std::sync::Arc;

/// Plans the removal.
pub(crate) fn remove(
    plan: &mut Plan<'_>,
    range: &AddrRange,
    clear: bool,
    expect: Option<&String>,
) -> Result<String, Problem> {
    let block =
        Block::clone(plan.declared().block_at(range).ok_or_else(|| no_such_block(plan.declared(), range))?);
    version::check(|| format!("the block {range}"), expect, || version::of_block(&block))?;
    block::touch(plan, &block);
    plan.remove_block(&block);
    let zones = zones_to_go(plan.declared(), &block);
    for zone in &zones {
        check_records(plan, zone, clear)?;
        plan.remove_zone(zone);
    }
    let shown_by_none = |run: &Run| run.block.is_some() && matches!(run.shown, Shown::Nobody);
    if let Some(run) = runs(plan.declared(), range).find(shown_by_none) {
        let inner = run.block.map_or(*range, |inner| inner.range);
        return Err(conflict(format!(
            "the block {inner} is shown by a zone of {range} that would go with it"
        ))
        .hint(format!("remove {inner} first")));
    }
    let cleared = clear_ptrs(plan, &block, clear)?;
    block::touch(plan, &block);
    if block.default_ttl.is_some() {
        plan.retime(range);
    }
    let mut summary = format!("block {range} removed");
    if !zones.is_empty() {
        let names: Vec<&Name> = zones.iter().map(|zone| &zone.apex).collect();
        summary.push_str(&format!(
            ", with {} {}",
            if names.len() == 1 { "zone" } else { "zones" },
            some(&names, 4)
        ));
    }
    if cleared > 0 {
        summary.push_str(&format!(", {} deleted", count(cleared, "PTR")));
    }
    Ok(summary)
}

fn no_such_block(declared: &Declared, range: &AddrRange) -> Problem {
    let problem = not_found(format!("no block here is exactly {range}"));
    match declared.innermost(range) {
        Some(around) => problem.hint(format!("it lies in the block {}", around.range)),
        None => problem.hint("see `ptrctl block list`"),
    }
}

/// The zones that are of no use without the block, which is no longer declared.
fn zones_to_go(declared: &Declared, block: &Block) -> Vec<Arc<ZoneMeta>> {
    match &block.mode {
        Mode::Classless { apex, .. } => {
            let own = |zone: &&Arc<ZoneMeta>| matches!(&zone.kind, ZoneKind::Classless { block: of, .. } if *of == block.id);
            declared.zone(apex).filter(own).into_iter().cloned().collect()
        }
        Mode::Direct => {
            let tiles = tile_for_registry(&block.range).unwrap_or_default();
            let zones = tiles.iter().filter_map(|tile| Some((tile, declared.zone(&tile.name())?)));
            zones
                .filter(|(_, zone)| matches!(zone.kind, ZoneKind::Range(_)) && zone.tenant == block.tenant)
                .filter(|(tile, _)| !is_needed(declared, tile))
                .map(|(_, zone)| zone.clone())
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a block that is still there brought this range zone with it, or would be shown by none without it.
fn is_needed(declared: &Declared, tile: &ReversePrefix) -> bool {
    let range = tile.range();
    let has_zone = |prefix: &ReversePrefix| {
        declared.zone(&prefix.name()).is_some_and(|zone| matches!(zone.kind, ZoneKind::Range(_)))
    };
    let brought_by = |block: &Block| {
        let tiles = tile_for_registry(&block.range).unwrap_or_default();
        block.mode == Mode::Direct && tiles.contains(tile) && tiles.iter().all(has_zone)
    };
    let around = std::iter::successors(declared.innermost(&range), |block| declared.around(block.id));
    if around.clone().any(|block| brought_by(block)) {
        return true;
    }
    let above = tile.depth().checked_sub(1).and_then(|depth| {
        let prefix = ReversePrefix::new(range.first(), depth);
        declared.range_zone_of(&prefix.range())
    });
    if above.is_some() {
        return false;
    }
    let shown_deeper = |block: &Block| {
        let tiles = tile_for_registry(&block.range).unwrap_or_default();
        !tiles.is_empty()
            && tiles.iter().all(|inner| {
                declared.range_zone_of(&inner.range()).is_some_and(|zone| zone.apex != tile.name())
            })
    };
    around.into_iter().next().is_some() || declared.blocks_in(&range).any(|block| !shown_deeper(block)) || {
        // A block that begins or ends within the zone: blocks never cross each other, but they may cross a tile.
        let mut crossing = runs(declared, &range);
        crossing
            .any(|run| run.block.is_some_and(|block| block.range.relation(&range) == RangeRelation::Crossing))
    }
}

/// A zone goes with its block, but not with records that somebody wrote, unless that is said.
fn check_records(plan: &Plan<'_>, meta: &ZoneMeta, clear: bool) -> Result<(), Problem> {
    let Some(zone) = plan.zone(&meta.apex) else { return Ok(()) };
    if clear {
        return Ok(());
    }
    let owners: Vec<String> = stored_records(zone)
        .filter(|(owner, rrset)| !(*owner == meta.apex && rrset.rtype == RecordType::NS))
        .map(|(owner, rrset)| format!("{owner} {}", rrset.rtype))
        .collect();
    if owners.is_empty() {
        return Ok(());
    }
    Err(conflict(format!(
        "the zone {} would go with the block, and has records: {}",
        meta.apex,
        some(&owners, 6)
    ))
    .hint("delete them first, or say --clear"))
}

/// Deletes the PTRs that were the block's, or refuses to leave any that no block would own.
fn clear_ptrs(plan: &mut Plan<'_>, block: &Block, clear: bool) -> Result<u64, Problem> {
    let base = plan.base;
    let own = |id: BlockId| {
        runs(&base.declared, &block.range)
            .filter(move |run| run.block.as_ref().is_some_and(|of| of.id == id))
            .filter_map(|run| within(&run.range, &block.range))
    };
    let has_around = plan.declared().innermost(&block.range).is_some();
    if !clear && has_around {
        return Ok(0);
    }
    if !clear {
        let left: u64 = own(block.id).map(|range| ptrs_in(&base.snapshot, &range).count() as u64).sum();
        if left > 0 {
            return Err(invalid(format!(
                "{} of {} would belong to no block: none is around it",
                count(left, "PTR"),
                block.range
            ))
            .hint("say --clear to delete them too"));
        }
        return Ok(0);
    }
    let (mut edits, mut buffer) = (PtrEdits::new(), Vec::new());
    let mut showing = crate::place::ShowingZones::default();
    for range in own(block.id) {
        for address in ptrs_in(&base.snapshot, &range) {
            let before = packed(base.snapshot.addresses().ptr(address), &mut buffer);
            edits.push(PtrEdit { address, before, after: None });
            if let Some(zone) = showing.at(&base.declared, address) {
                plan.mark(zone);
            }
        }
    }
    let cleared = edits.len() as u64;
    plan.put_ptrs(edits);
    Ok(cleared)
}

fn within(range: &AddrRange, limit: &AddrRange) -> Option<AddrRange> {
    AddrRange::new(range.first().max(limit.first()), range.last().min(limit.last())).ok()
}
