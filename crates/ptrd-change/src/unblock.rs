//! Blocks that go, and what goes with them: zones that only they brought into being, and PTRs that nobody would own.

use crate::block;
use crate::handover::{Cleared, clear_marks_in, clear_ptrs_in, clear_zone, hand_over, left_behind};
use crate::observed;
use crate::place::{Run, Shown, runs};
use crate::plan::{Plan, stored_records};
use crate::problem::{conflict, invalid, some};
use crate::standing::{exact, zones_within};
use crate::version;
use ptrd_api::{Problem, PtrFate};
use ptrd_wire::{AddrRange, Name, RangeRelation, RecordType, ReversePrefix, tile_for_registry};
use ptrd_zone::model::{Block, BlockId, Mode, ZoneKind};
use ptrd_zone::{Declared, ZoneMeta};
use std::sync::Arc;

/// A removal, read.
#[derive(Debug)]
pub(crate) struct Removal {
    pub range: AddrRange,
    /// PTRs and records of zones that go are deleted.
    pub clear: bool,
    /// What was said of the PTRs.
    pub ptrs: Option<PtrFate>,
    /// Only if the block still has this version.
    pub expect: Option<String>,
}

/// Plans the removal.
pub(crate) fn remove(plan: &mut Plan<'_>, removal: &Removal) -> Result<String, Problem> {
    let Removal { range, clear, expect, .. } = removal;
    let clear = *clear;
    let block = exact(plan.declared(), range)?;
    version::check(|| format!("the block {range}"), expect.as_ref(), || version::of_block(&block))?;
    for label in block.standing.former {
        plan.drop_label(&label.apex);
    }
    let block = exact(plan.declared(), range)?;
    block::touch(plan, &block);
    plan.remove_block(&block);
    let zones = zones_to_go(plan.declared(), &block);
    for zone in &zones {
        check_records(plan, zone, clear)?;
        plan.remove_zone(zone);
    }
    let is_served = |block: &Arc<Block>| block.mode != Mode::Observed;
    let shown_by_none =
        |run: &Run| run.block.as_ref().is_some_and(is_served) && matches!(run.shown, Shown::Nobody);
    if let Some(run) = runs(plan.declared(), range).find(shown_by_none) {
        let inner = run.block.map_or(*range, |inner| inner.range);
        return Err(conflict(format!(
            "the block {inner} is shown by a zone of {range} that would go with it"
        ))
        .hint(format!("remove {inner} first")));
    }
    let handed = hand_back_zones(plan, &block);
    let mut cleared = clear_addresses(plan, &block, removal)?;
    if removal.ptrs != Some(PtrFate::Keep) {
        cleared.records += handed.iter().map(|zone| clear_zone(plan, zone)).sum::<u64>();
    }
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
    summary.push_str(&cleared.said());
    Ok(summary)
}

/// The zones that are of no use without the block, which is no longer declared.
fn zones_to_go(declared: &Declared, block: &Block) -> Vec<Arc<ZoneMeta>> {
    match &block.mode {
        Mode::Classless { apex, .. } => {
            let own = |zone: &&Arc<ZoneMeta>| matches!(&zone.kind, ZoneKind::Classless { block: of, .. } if *of == block.id);
            declared.zone(apex).filter(own).into_iter().cloned().collect()
        }
        Mode::Direct => {
            // Since blocks are split and merged, the zones that came with one may be smaller than it, wider, or reach
            // beyond one of its ends.
            let mut zones = zones_within(declared, &block.range);
            let ends = [block.range.first(), block.range.last()].map(AddrRange::single);
            for range in [block.range, ends[0], ends[1]] {
                let wider = declared.range_zone_of(&range);
                zones.extend(wider.filter(|zone| zones.iter().all(|known| known.id != zone.id)).cloned());
            }
            let tiles = tile_for_registry(&block.range).unwrap_or_default();
            let is_useless = |zone: &Arc<ZoneMeta>| match &zone.kind {
                ZoneKind::Range(prefix) => {
                    zone.tenant == block.tenant
                        && !is_needed(declared, prefix)
                        && (tiles.contains(prefix) || is_empty(declared, prefix))
                }
                ZoneKind::Classless { .. } | ZoneKind::Verbatim => false,
            };
            zones.retain(is_useless);
            zones
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
    let around = std::iter::successors(declared.innermost(&range), |block| declared.around(block.id))
        .filter(|block| block.mode != Mode::Observed);
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
    around.into_iter().next().is_some()
        || declared.blocks_in(&range).any(|block| block.mode != Mode::Observed && !shown_deeper(block))
        || is_crossed(declared, &range)
}

/// Whether a block begins or ends within a zone: blocks never cross each other, but they may cross a tile.
fn is_crossed(declared: &Declared, range: &AddrRange) -> bool {
    runs(declared, range)
        .filter_map(|run| run.block)
        .any(|block| block.mode != Mode::Observed && block.range.relation(range) == RangeRelation::Crossing)
}

/// Whether no block lies within a zone, be it in part.
fn is_empty(declared: &Declared, zone: &ReversePrefix) -> bool {
    let range = zone.range();
    declared.blocks_in(&range).all(|block| block.mode == Mode::Observed) && !is_crossed(declared, &range)
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

/// A zone for addresses of the block alone that stays, because a block around it has brought it too, is that block's.
fn hand_back_zones(plan: &mut Plan<'_>, block: &Block) -> Vec<Arc<ZoneMeta>> {
    let mut handed = Vec::new();
    for zone in zones_within(plan.declared(), &block.range) {
        let ZoneKind::Range(prefix) = &zone.kind else { continue };
        let owner = plan.declared().innermost(&prefix.range()).map(|around| around.tenant);
        if let Some(owner) = owner.filter(|owner| zone.tenant == block.tenant && *owner != zone.tenant) {
            plan.change_zone(&zone, owner, zone.kind.clone());
            handed.push(zone);
        }
    }
    handed
}

/// Deletes what stood at the block's addresses, as asked for or because no other tenant is to have it, or refuses to leave
/// anything that no block would own.
fn clear_addresses(plan: &mut Plan<'_>, block: &Block, removal: &Removal) -> Result<Cleared, Problem> {
    let range = &block.range;
    let is_told = removal.clear || removal.ptrs == Some(PtrFate::Clear);
    if is_told {
        let mine: Vec<AddrRange> = own_runs(&plan.base.declared, range, block.id).collect();
        let marks = clear_marks_in(plan, &mine);
        let ptrs = clear_ptrs_in(plan, mine);
        return Ok(Cleared { ptrs, marks, records: 0 } + hand_over(plan, range, PtrFate::Clear));
    }
    if plan.declared().innermost(range).is_none() {
        let said = left_behind(plan, range).counted();
        return if said.is_empty() {
            Ok(Cleared::default())
        } else {
            Err(invalid(format!("{said} of {range} would belong to no block: none is around it"))
                .hint("say --ptrs clear to delete them, or --clear to delete the records of its zones too"))
        };
    }
    let cleared = hand_over(plan, range, removal.ptrs.unwrap_or(PtrFate::Clear));
    for run in own_runs(&plan.base.declared, range, block.id) {
        observed::check_left(plan, &run)?;
    }
    Ok(cleared)
}

/// The parts of a range whose most specific block is this one.
fn own_runs<'a>(
    declared: &'a Declared,
    range: &'a AddrRange,
    id: BlockId,
) -> impl Iterator<Item = AddrRange> + use<'a> {
    runs(declared, range)
        .filter(move |run| run.block.as_ref().is_some_and(|of| of.id == id))
        .filter_map(move |run| within(&run.range, range))
}

fn within(range: &AddrRange, limit: &AddrRange) -> Option<AddrRange> {
    AddrRange::new(range.first().max(limit.first()), range.last().min(limit.last())).ok()
}
