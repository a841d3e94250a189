//! What a key may change: the zones that its permissions name, and of those the addresses that go with them.
//!
//! - *all zones*: everything, as an operator may.
//! - *those of a tenant*: what lies in that tenant's blocks, in that tenant's zones. A block of somebody else inside is
//!   none of its business, nor is a name that stands for more than its blocks: the names above, and a wildcard over both.
//!   In native zones of others the names of its addresses are its own all the same, as they are by every other door, but
//!   not to delegate or to redirect: that is for whoever has the zone.
//! - *one zone*: the names of that zone, but not the addresses of other tenants than the zone's own, nor what would
//!   answer or hide them: wildcards, cuts and DNAMEs over them.
//!
//! Several permissions count each for itself.

use super::Updater;
use super::target::Target;
use crate::authorise::Role;
use crate::plan::State;
use crate::suspend::refuse_tenant;
use ptrd_wire::{AddrRange, Name, RecordType};
use ptrd_zone::model::{TenantId, ZoneKind};
use ptrd_zone::{Declared, Peer, Scope, ZoneMeta};

/// See the module.
pub(super) struct Rights(Vec<Scope>);

impl Rights {
    pub fn of(state: &State, by: &Updater) -> Rights {
        let key: Name = by.key.to_lowercase();
        let peer = Peer { address: by.from.to_canonical(), key: Some(key.as_wire()) };
        Rights(state.snapshot.access().update_scopes(peer).collect())
    }

    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a permission names this zone.
    pub fn cover(&self, zone: &ZoneMeta) -> bool {
        self.0.iter().any(|scope| covers(*scope, zone))
    }

    /// Whether a name is in a zone that a permission names by way of the one that the update is for, or that of an address
    /// which is the key's in whatever zone.
    pub fn reach(&self, declared: &Declared, target: &Target) -> bool {
        target.is_redirected() && self.cover(&target.zone)
            || self
                .0
                .iter()
                .any(|scope| matches!(scope, Scope::Tenant(of) if is_address_of(declared, target, *of)))
    }

    /// As whom the key may make a change of this type there, `None` for one of all types; `zone` is the zone that the update
    /// is for.
    pub fn role_at(
        &self,
        declared: &Declared,
        zone: &ZoneMeta,
        target: &Target,
        rtype: Option<RecordType>,
    ) -> Option<Role> {
        if self.0.contains(&Scope::All) {
            return Some(Role::Operator);
        }
        self.0.iter().find_map(|scope| {
            // The zone that the update names, or the one that it leads to.
            let by = [zone, &*target.zone].into_iter().find(|zone| covers(*scope, zone));
            let (tenant, may) = match (*scope, by) {
                (Scope::All, _) => return Some(Role::Operator),
                (Scope::Tenant(tenant), Some(_)) => (tenant, is_of(declared, target, tenant)),
                (Scope::Tenant(tenant), None) => {
                    (tenant, is_address_of(declared, target, tenant) && !leads_away(rtype))
                }
                (Scope::Zone(_), by) => {
                    let tenant = by?.tenant;
                    (tenant, leaves_others(declared, target, tenant, rtype))
                }
            };
            (may && !is_suspended(declared, target)).then_some(Role::Tenant(tenant))
        })
    }
}

fn covers(scope: Scope, zone: &ZoneMeta) -> bool {
    scope.has(zone.id, zone.tenant)
}

/// Whether any address of a range is of another tenant.
pub(crate) fn has_others(declared: &Declared, range: &AddrRange, tenant: TenantId) -> bool {
    declared.innermost(range).is_some_and(|block| block.tenant != tenant)
        || declared.blocks_in(range).any(|block| block.tenant != tenant)
        || declared
            .blocks_over(range)
            .iter()
            .any(|block| !block.range.covers(range) && block.tenant != tenant)
}

/// Whether a tenant may change what the name is about: it lies in its blocks, and is not suspended.
pub(crate) fn tenant_may(declared: &Declared, target: &Target, tenant: TenantId) -> bool {
    is_of(declared, target, tenant) && !is_suspended(declared, target)
}

/// Whether all that the name is about lies in the tenant's blocks.
fn is_of(declared: &Declared, target: &Target, tenant: TenantId) -> bool {
    let Some(range) = &target.about else {
        // Outside of the address space whoever has the zone has the name.
        return target.zone.tenant == tenant;
    };
    if has_others(declared, range, tenant) {
        return false;
    }
    // What a verbatim zone shows needs no block.
    let is_verbatim = target.zone.kind == ZoneKind::Verbatim && target.zone.tenant == tenant;
    is_verbatim || declared.innermost(range).is_some_and(|block| block.tenant == tenant)
}

/// Whether the name is that of an address of the tenant, in a zone that is projected from blocks.
fn is_address_of(declared: &Declared, target: &Target, tenant: TenantId) -> bool {
    target.address.is_some()
        && target.zone.kind != ZoneKind::Verbatim
        && target.about.is_some_and(|range| {
            declared.innermost(&range).is_some_and(|block| block.tenant == tenant)
                && !has_others(declared, &range, tenant)
        })
}

/// Whether records of this type send those who ask elsewhere.
fn leads_away(rtype: Option<RecordType>) -> bool {
    matches!(rtype, Some(RecordType::CNAME | RecordType::DNAME | RecordType::DS | RecordType::NS))
}

/// Whether the change leaves alone what others have within the zone.
fn leaves_others(declared: &Declared, target: &Target, tenant: TenantId, rtype: Option<RecordType>) -> bool {
    let Some(range) = &target.about else { return true };
    let is_address = range.first() == range.last();
    let reaches = target.owner.is_wildcard()
        || matches!(rtype, Some(RecordType::NS | RecordType::DNAME)) && !target.is_apex()
        || rtype == Some(RecordType::DNAME);
    !(is_address || reaches) || !has_others(declared, range, tenant)
}

/// Tenants change nothing at the addresses of suspended blocks.
fn is_suspended(declared: &Declared, target: &Target) -> bool {
    let Some(range) = target.about.filter(|range| range.first() == range.last()) else { return false };
    refuse_tenant(declared, range.first()).is_err()
}
