//! Whose things a change touched, for the log.

use crate::pending;
use crate::token;
use ptrd_store::Edit;
use ptrd_wire::{AddrRange, ip_from_bits, ip_to_bits};
use ptrd_zone::Declared;
use ptrd_zone::model::TenantId;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// The tenants of the blocks, zones and addresses that edits are about, as they were before and as they are after.
pub(crate) fn tenants(before: &Declared, after: &Declared, edits: &[Edit]) -> Vec<TenantId> {
    let mut tenants = BTreeSet::new();
    let moved = edits.iter().any(|edit| matches!(edit, Edit::Block { .. }));
    for edit in edits {
        match edit {
            Edit::Setting { name, before, after } => {
                let owner = |value: &String| owner_of_setting(name, value);
                tenants.extend([before, after].into_iter().flatten().filter_map(owner));
            }
            Edit::NsSet { .. } | Edit::SoaTemplate { .. } => {}
            Edit::Tenant { id, .. } => {
                tenants.insert(*id);
            }
            Edit::Block { before, after, .. } => {
                tenants.extend([before, after].into_iter().flatten().map(|block| block.tenant));
            }
            Edit::Zone { before, after, .. } => {
                tenants.extend([before, after].into_iter().flatten().map(|zone| zone.tenant));
            }
            Edit::Record { zone, .. } => {
                let meta = after.zone_by_id(*zone).or_else(|| before.zone_by_id(*zone));
                tenants.extend(meta.map(|meta| meta.tenant));
            }
            Edit::Sending { address, .. } => {
                let owner = |declared: &Declared| declared.block_of(*address).map(|block| block.tenant);
                tenants.extend(owner(after));
                tenants.extend(owner(before).filter(|_| moved));
            }
            Edit::Ptrs(edits) => {
                let (mut old, mut new) = (Owners::default(), Owners::default());
                for edit in edits.iter() {
                    tenants.extend(new.of(after, edit.address));
                    if moved {
                        tenants.extend(old.of(before, edit.address));
                    }
                }
            }
        }
    }
    tenants.into_iter().collect()
}

/// The tenant whose token a setting is, or whose names wait by it.
pub(crate) fn owner_of_setting(name: &str, value: &str) -> Option<TenantId> {
    token::owner(name, value).or_else(|| pending::owner(name, value))
}

/// The owners of addresses, remembered from one to the next: empty while it is the same.
#[derive(Default)]
struct Owners {
    run: Option<AddrRange>,
}

impl Owners {
    /// The owner of an address, where it is another block's than the one before.
    fn of(&mut self, declared: &Declared, address: IpAddr) -> Option<TenantId> {
        if self.run.as_ref().is_some_and(|run| run.contains(address)) {
            return None;
        }
        let (family, bits) = ip_to_bits(address);
        let (block, last) = declared.block_run(family, bits);
        self.run = AddrRange::new(address, ip_from_bits(family, last)).ok();
        block.map(|block| block.tenant)
    }
}
