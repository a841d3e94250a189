//! What changes of blocks that are there have in common: finding the block, altering its row and those of its zones,
//! and the labels that it had before.

use crate::block;
use crate::place::{Run, taker};
use crate::plan::{Plan, row_of};
use crate::problem::not_found;
use ptrd_api::Problem;
use ptrd_store::Edit;
use ptrd_wire::{AddrRange, Name, ReverseName};
use ptrd_zone::model::{Block, TenantId, ZoneId, ZoneKind, ZoneRow};
use ptrd_zone::{Declared, Touch, ZoneMeta};
use std::net::IpAddr;
use std::sync::Arc;

/// The block with exactly this range.
pub(crate) fn exact(declared: &Declared, range: &AddrRange) -> Result<Block, Problem> {
    if let Some(block) = declared.block_at(range) {
        return Ok(Block::clone(block));
    }
    let problem = not_found(format!("no block here is exactly {range}"));
    Err(match declared.innermost(range) {
        Some(around) => problem.hint(format!("it lies in the block {}", around.range)),
        None => problem.hint("see `ptrctl block list`"),
    })
}

impl Plan<'_> {
    /// Alters a block's row, and has every zone projected again that it can alter, as it was or as it is.
    pub fn change_block(&mut self, before: &Block, after: Block) {
        block::touch(self, before);
        self.edit(Edit::Block {
            id: before.id,
            before: Some(Box::new(before.clone())),
            after: Some(Box::new(after.clone())),
        });
        self.next.declared.put_block(after.clone());
        block::touch(self, &after);
    }

    /// Alters a zone's owner and kind. What it shows of addresses stays, so the kind may name another block only.
    pub fn change_zone(&mut self, meta: &ZoneMeta, tenant: TenantId, kind: ZoneKind) {
        let Some(zone) = self.zone(&meta.apex) else { return };
        let before = row_of(meta, zone);
        let after = ZoneRow { tenant, kind: kind.clone(), ..before.clone() };
        self.edit(Edit::Zone { id: meta.id, before: Some(Box::new(before)), after: Some(Box::new(after)) });
        self.next.declared.put_zone(ZoneMeta { tenant, kind, ..meta.clone() });
        self.alter(&meta.apex, |zone| zone.set_tenant(tenant));
        if tenant != meta.tenant {
            // Whom the one before let in is no business of the next.
            let (grants, rules) = self.forget_zone_settings(meta.id);
            let told = [(grants, "permission"), (rules, "NOTIFY rule")];
            for (count, what) in told.into_iter().filter(|(count, _)| *count > 0) {
                let detail = format!("{} of the tenant before", crate::problem::count(count as u64, what));
                self.tell(&meta.apex, "revoked", detail);
            }
        }
        self.touch(meta.id, Touch::whole());
    }

    /// Stops answering for a label that blocks had before: its zone goes, and no block names it any more.
    pub fn drop_label(&mut self, apex: &Name) {
        let holders: Vec<Block> = self.declared().blocks_with_former(apex).map(|b| Block::clone(b)).collect();
        let zone = self.declared().zone(apex).filter(|zone| {
            let shown =
                |block: &Block| matches!(zone.kind, ZoneKind::Classless { block: of, .. } if of == block.id);
            holders.iter().any(shown)
        });
        if let Some(zone) = zone.cloned() {
            self.remove_zone(&zone);
        }
        for before in holders {
            let mut after = before.clone();
            after.standing.former.retain(|label| label.apex != *apex);
            self.change_block(&before, after);
        }
    }
}

/// The zones at or below names of addresses of a range alone: what it would take along if it were cut out.
pub(crate) fn zones_within(declared: &Declared, range: &AddrRange) -> Vec<Arc<ZoneMeta>> {
    let common = block::common_name(range);
    let at = declared.zone(&common).into_iter();
    at.chain(declared.zones_below(&common))
        .filter(|zone| {
            ReverseName::of_name(&zone.apex).is_some_and(|name| range.covers(&name.prefix.range()))
        })
        .cloned()
        .collect()
}

/// The zones of former labels that show addresses, remembered from one address to the next.
#[derive(Default)]
pub(crate) struct FormerZones {
    run: Option<(AddrRange, Vec<(ZoneId, AddrRange)>)>,
}

impl FormerZones {
    pub fn at(&mut self, declared: &Declared, address: IpAddr) -> impl Iterator<Item = ZoneId> {
        if !self.run.as_ref().is_some_and(|(range, _)| range.contains(address)) {
            let run = Run::at(declared, address);
            let zones = if run.withheld { Vec::new() } else { former_zones(declared, address) };
            self.run = Some((run.range, zones));
        }
        let zones = self.run.iter().flat_map(|(_, zones)| zones);
        zones.filter(move |(_, shows)| shows.contains(address)).map(|(zone, _)| *zone)
    }
}

fn former_zones(declared: &Declared, address: IpAddr) -> Vec<(ZoneId, AddrRange)> {
    let Some(taker) = taker(declared, &AddrRange::single(address)) else { return Vec::new() };
    let zones = taker.standing.former.iter().filter_map(|label| declared.zone(&label.apex));
    zones
        .filter_map(|zone| match &zone.kind {
            ZoneKind::Classless { range, .. } => Some((zone.id, *range)),
            ZoneKind::Range(_) | ZoneKind::Verbatim => None,
        })
        .collect()
}
