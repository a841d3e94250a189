//! Blocks that are suspended: everything stays stored, nothing of it is shown.
//!
//! To DNS the addresses of a suspended block are addresses without PTRs: no PTR, no CNAME to a classless zone, no cut of
//! a delegation, in whatever zone, blocks inside it included. Its zones stay, with SOA, NS and the records that somebody
//! wrote. It costs a range in each zone that shows a part of the block, however many PTRs it has.

use crate::observed;
use crate::plan::Plan;
use crate::problem::{count, forbidden, some};
use crate::standing::exact;
use crate::tenant::tenant_name;
use ptrd_api::Problem;
use ptrd_wire::{AddrRange, RangeRelation};
use ptrd_zone::model::{Block, ZoneKind};
use ptrd_zone::{Declared, Zone, project};
use std::net::IpAddr;

/// Plans a suspension.
pub(crate) fn suspend(plan: &mut Plan<'_>, range: &AddrRange) -> Result<String, Problem> {
    let block = exact(plan.declared(), range)?;
    if block.standing.suspended {
        return Ok(format!("block {range} is suspended already"));
    }
    observed::check_suspend(&block)?;
    let others: Vec<String> = plan
        .declared()
        .blocks_in(range)
        .filter(|inner| inner.tenant != block.tenant)
        .map(|inner| format!("{} of {}", inner.range, tenant_name(plan.declared(), inner.tenant)))
        .collect();
    if !others.is_empty() {
        let blocks = count(others.len() as u64, "block");
        plan.warn(format!("{blocks} of other tenants inside are not shown either: {}", some(&others, 8)));
    }
    set(plan, &block, true);
    Ok(format!("block {range} suspended: its addresses are answered as if they had no PTRs"))
}

/// Plans the end of a suspension.
pub(crate) fn resume(plan: &mut Plan<'_>, range: &AddrRange) -> Result<String, Problem> {
    let block = exact(plan.declared(), range)?;
    if !block.standing.suspended {
        return Ok(format!("block {range} is not suspended"));
    }
    set(plan, &block, false);
    if let Some(around) = plan.declared().suspending(range) {
        let around = around.range;
        plan.warn(format!("{range} is still not shown: it lies in {around}, which is suspended too"));
    }
    Ok(format!("block {range} resumed"))
}

fn set(plan: &mut Plan<'_>, block: &Block, suspended: bool) {
    let mut after = block.clone();
    after.standing.suspended = suspended;
    plan.change_block(block, after);
}

/// Why a tenant may change nothing at an address of a suspended block.
pub(crate) fn refuse_tenant(declared: &Declared, address: IpAddr) -> Result<(), Problem> {
    match declared.suspending(&AddrRange::single(address)) {
        None => Ok(()),
        Some(block) => Err(forbidden(format!("{address} lies in {}, which is suspended", block.range))
            .hint("ask your operator")),
    }
}

/// The zone as it would be if no block were suspended, where that is another one: what is written now must not stand in
/// the way of what a resumption brings back.
pub(crate) fn as_if_resumed(plan: &Plan<'_>, zone: &Zone) -> Option<Zone> {
    let declared = plan.declared();
    let meta = declared.zone(zone.apex())?;
    let shown = match &meta.kind {
        ZoneKind::Range(prefix) => Some(prefix.range()),
        ZoneKind::Classless { range, .. } => Some(*range),
        ZoneKind::Verbatim => return None,
    };
    let concerns = |block: &Block| {
        let meets = shown.is_some_and(|range| range.relation(&block.range) != RangeRelation::Disjoint);
        let former = block.standing.former.iter().map(|label| &label.apex);
        meets || block.mode.classless_apex().into_iter().chain(former).any(|apex| apex.is_under(zone.apex()))
    };
    let suspended: Vec<Block> =
        declared.suspended().filter(|block| concerns(block)).map(|block| Block::clone(block)).collect();
    if suspended.is_empty() {
        return None;
    }
    let mut resumed = declared.clone();
    for mut block in suspended {
        block.standing.suspended = false;
        resumed.put_block(block);
    }
    let mut zone = zone.clone();
    zone.set_derived(project(&resumed, &plan.next.snapshot, meta));
    Some(zone)
}
