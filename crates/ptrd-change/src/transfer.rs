//! Blocks that change hands. Zones go along; the names of the old tenant do not stay on the addresses unless that was
//! asked for.

use crate::handover::{Cleared, clear_zone, hand_over, refuse_verbatim};
use crate::plan::Plan;
use crate::problem::{conflict, count, some};
use crate::standing::{exact, zones_within};
use crate::tenant::tenant_name;
use ptrd_api::{Problem, PtrFate};
use ptrd_wire::{AddrRange, Name};
use ptrd_zone::ZoneMeta;
use ptrd_zone::model::{Block, BlockTemplate, TenantId, ZoneKind};
use std::sync::Arc;

/// A transfer, read.
#[derive(Debug)]
pub(crate) struct Transfer {
    pub range: AddrRange,
    pub to: String,
    pub fate: PtrFate,
    pub recursive: bool,
}

/// Plans the transfer.
pub(crate) fn transfer(plan: &mut Plan<'_>, order: &Transfer) -> Result<String, Problem> {
    let range = &order.range;
    let to = plan.tenant_named(&order.to)?;
    let block = exact(plan.declared(), range)?;
    if block.tenant == to {
        return Err(conflict(format!("the block {range} belongs to {} already", order.to)));
    }
    let from = tenant_name(plan.declared(), block.tenant);
    let goods = Goods::gather(plan, &block, to);
    goods.check(order, &from)?;
    let mut summary = format!("block {range} transferred from {from} to {}", order.to);
    let right = goods.blocks.iter().any(|block| block.standing.may_sub_block);
    if right {
        plan.warn("the right to make blocks inside was the old tenant's and has ended");
    }
    if block.standing.suspended {
        plan.warn(format!("{range} stays suspended: `ptrctl block resume {range}`"));
    }
    for block in goods.blocks.iter().filter(|block| matches!(block.template, BlockTemplate::Text(_))) {
        let (range, template) = (block.range, &block.template);
        plan.warn(format!(
            "{range} keeps the template {template}: `ptrctl block set {range} --template none` takes it away"
        ));
    }
    for before in &goods.blocks {
        let mut after = before.clone();
        after.tenant = to;
        after.standing.may_sub_block = false;
        plan.change_block(before, after);
    }
    for zone in &goods.zones {
        plan.change_zone(zone, to, zone.kind.clone());
    }
    let mut cleared = Cleared::default();
    if order.fate == PtrFate::Clear {
        cleared.records = goods.zones.iter().map(|zone| clear_zone(plan, zone)).sum();
    }
    let at_addresses = hand_over(plan, range, order.fate);
    if goods.blocks.len() > 1 {
        let inner = count(goods.blocks.len() as u64 - 1, "block");
        summary.push_str(&format!(", with {inner} inside"));
    }
    if !goods.zones.is_empty() {
        let names: Vec<&Name> = goods.zones.iter().map(|zone| &zone.apex).collect();
        summary.push_str(&format!(", {} {}", count(names.len() as u64, "zone"), some(&names, 4)));
    }
    summary.push_str(&(cleared + at_addresses).said());
    Ok(summary)
}

/// What goes with a block.
struct Goods {
    /// The block, and those inside it that are the old tenant's.
    blocks: Vec<Block>,
    /// The old tenant's zones for nothing but these addresses.
    zones: Vec<Arc<ZoneMeta>>,
}

impl Goods {
    fn gather(plan: &Plan<'_>, block: &Block, to: TenantId) -> Goods {
        let declared = plan.declared();
        let inner = declared.blocks_in(&block.range).filter(|inner| inner.tenant == block.tenant);
        let blocks: Vec<Block> = inner.map(|inner| Block::clone(inner)).collect();
        let mut zones = zones_within(declared, &block.range);
        for inner in &blocks {
            let former = inner.standing.former.iter().map(|label| &label.apex);
            let apexes = inner.mode.classless_apex().into_iter().chain(former);
            zones.extend(apexes.filter_map(|apex| declared.zone(apex).cloned()));
        }
        zones.sort_by_key(|zone| zone.id);
        zones.dedup_by_key(|zone| zone.id);
        zones.retain(|zone| zone.tenant == block.tenant && zone.tenant != to);
        Goods { blocks, zones }
    }

    /// What was not asked for in so many words is not done to what lies inside.
    fn check(&self, order: &Transfer, from: &str) -> Result<(), Problem> {
        let verbatim: Vec<&Name> =
            self.zones.iter().filter(|zone| zone.kind == ZoneKind::Verbatim).map(|zone| &zone.apex).collect();
        let range = &order.range;
        let inside = self.blocks.iter().filter(|block| block.range != *range);
        let mut inside: Vec<String> = inside.map(|block| format!("the block {}", block.range)).collect();
        inside.extend(verbatim.iter().map(|apex| format!("the verbatim zone {apex}")));
        if !inside.is_empty() && !order.recursive {
            return Err(conflict(format!("{from} has more inside {range}: {}", some(&inside, 8)))
                .hint("--recursive transfers that too; or remove it first"));
        }
        if order.fate == PtrFate::Keep {
            return Ok(());
        }
        if let Some(block) = self.blocks.iter().find(|block| block.mode.delegation().is_some()) {
            let servers = block.mode.delegation().into_iter().flat_map(|d| &d.nameservers);
            let servers: Vec<&Name> = servers.map(|server| &server.name).collect();
            return Err(conflict(format!(
                "{} is delegated to {}, nameservers of {from}: they would go on answering for it",
                block.range,
                some(&servers, 4)
            ))
            .hint(format!(
                "remove the block and add it for {}, or say --ptrs keep to leave it delegated to them",
                order.to
            )));
        }
        refuse_verbatim(&verbatim, from)
    }
}
