//! What a reader sees: everything, or what a tenant has. What others have is to a tenant as if it were not there: lists leave
//! it out, and what is asked for by name is not found.
//!
//! - *blocks*: its own, and those of its customers inside its own;
//! - *addresses*: those whose most specific block is its own, and that its token is for;
//! - *zones*: its own, and those that show its addresses; of the latter SOA and NS, and what stands at its addresses;
//! - *names of a zone of its own*: those that stand for its addresses, or for no address.
//!
//! A token for a part of a tenant's blocks sees of zones what one of another owner would.

use crate::classless::address_at;
use crate::place::{Run, Shown, runs};
use crate::publish::View;
use crate::rights::Rights;
use crate::update::{about, has_others};
use ptrd_api::{Problem, code};
use ptrd_wire::{AddrRange, Name, RangeRelation, RecordType};
use ptrd_zone::model::{Block, TenantId, ZoneKind};
use ptrd_zone::{Zone, ZoneMeta};
use std::net::IpAddr;
use std::sync::Arc;

/// Runs of a block that are looked at for the zone that shows it.
const LOOKED_AT: usize = 1_024;

impl View {
    /// The same as somebody sees it.
    pub(crate) fn seen_with(&self, rights: Rights) -> View {
        View { rights, ..self.clone() }
    }

    /// The tenant who looks at it, where it is no operator.
    pub(crate) fn reader(&self) -> Option<TenantId> {
        self.rights.tenant()
    }

    /// Refuses a tenant.
    ///
    /// # Errors
    /// [`code::FORBIDDEN`].
    pub fn for_operators(&self) -> Result<(), Problem> {
        match self.reader() {
            None => Ok(()),
            Some(_) => {
                Err(Problem::new(code::FORBIDDEN, "only operators may see that").hint("ask your operator"))
            }
        }
    }

    pub(crate) fn sees_tenant(&self, id: TenantId) -> bool {
        let Some(reader) = self.reader() else { return true };
        id == reader || self.declared.tenant(id).is_some_and(|tenant| tenant.reseller == Some(reader))
    }

    pub(crate) fn sees_block(&self, block: &Block) -> bool {
        let Some(reader) = self.reader() else { return true };
        let is_its = || {
            block.tenant == reader
                || self.sees_tenant(block.tenant)
                    && self.declared.all_around(block.id).any(|around| around.tenant == reader)
        };
        self.rights.token.as_ref().is_none_or(|token| token.is_for_some_of(&block.range)) && is_its()
    }

    /// Whether an address is the reader's.
    pub fn sees_address(&self, address: IpAddr) -> bool {
        self.reader().is_none() || self.rights.have(self.declared.block_of(address).map(|b| &**b), address)
    }

    /// Whether addresses of a run are the reader's.
    pub(crate) fn sees_run(&self, run: &Run) -> bool {
        let Some(reader) = self.reader() else { return true };
        run.block.as_ref().is_some_and(|block| block.tenant == reader)
            && self.rights.token.as_ref().is_none_or(|token| token.is_for_some_of(&run.range))
    }

    /// Whether the whole of a zone is the reader's, but for what stands at addresses of others.
    pub(crate) fn owns_zone(&self, meta: &ZoneMeta) -> bool {
        self.reader().is_none_or(|reader| meta.tenant == reader && !self.rights.are_narrowed())
    }

    pub(crate) fn sees_zone(&self, meta: &ZoneMeta) -> bool {
        self.owns_zone(meta) || self.shows_own(meta)
    }

    /// Whether a zone shows an address of the reader.
    fn shows_own(&self, meta: &ZoneMeta) -> bool {
        let range = match &meta.kind {
            ZoneKind::Range(prefix) => prefix.range(),
            ZoneKind::Classless { range, .. } => *range,
            ZoneKind::Verbatim => return false,
        };
        let declared = &self.declared;
        let around = declared.blocks_over(&range).into_iter();
        around.chain(declared.blocks_in(&range)).filter(|block| Some(block.tenant) == self.reader()).any(
            |block| {
                let part = common(&block.range, &range);
                part.is_some_and(|part| {
                    let mut runs = runs(declared, &part).take(LOOKED_AT);
                    runs.any(|run| {
                        self.sees_run(&run) && matches!(&run.shown, Shown::Here(zone) if zone.id == meta.id)
                    })
                })
            },
        )
    }

    /// Whether the reader sees an RRset of a zone that it sees; `derived` from blocks and other zones, or stored.
    pub(crate) fn sees_rrset(
        &self,
        (meta, zone): (&ZoneMeta, &Zone),
        owner: &Name,
        rtype: RecordType,
        derived: bool,
    ) -> bool {
        let Some(reader) = self.reader() else { return true };
        let owns = self.owns_zone(meta);
        if *owner == meta.apex && (owns || matches!(rtype, RecordType::SOA | RecordType::NS)) {
            return true;
        }
        let address = address_at(zone, owner).map(|(address, _)| address);
        match (address, about(meta, owner, address)) {
            (Some(address), _) => self.sees_address(address),
            // Cuts that follow from blocks of others, with their glue.
            (None, Some(range)) if derived => owns && !has_others(&self.declared, &range, reader),
            (None, _) => owns,
        }
    }

    /// The zones of a list that the reader sees.
    pub(crate) fn seen_zones<'a>(
        &'a self,
        zones: impl Iterator<Item = &'a Arc<ZoneMeta>> + 'a,
    ) -> impl Iterator<Item = &'a Arc<ZoneMeta>> + 'a {
        zones.filter(|zone| self.sees_zone(zone))
    }
}

/// What two ranges have in common.
pub(crate) fn common(a: &AddrRange, b: &AddrRange) -> Option<AddrRange> {
    if a.relation(b) == RangeRelation::Disjoint || a.family() != b.family() {
        return None;
    }
    let first = if a.first_bits() > b.first_bits() { a.first() } else { b.first() };
    let last = if a.last_bits() < b.last_bits() { a.last() } else { b.last() };
    AddrRange::new(first, last).ok()
}
