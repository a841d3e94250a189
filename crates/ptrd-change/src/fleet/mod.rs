//! What makes one server of many: who may transfer, announce and update.
//!
//! These are few, and queries never look at them, so they are settings: one for each, its value JSON. A plan that has
//! altered one makes the snapshot's account of them anew, whatever kind of change it is, a rollback too.

mod access;

pub(crate) use access::{AccessDeed, Wish, plan_access};

use crate::plan::{Plan, Settings};
use ptrd_zone::Snapshot;

/// Whether a setting is one of these.
pub(crate) fn is_of_fleet(setting: &str) -> bool {
    setting.starts_with(access::PREFIX)
}

/// Whether the value of such a setting makes sense.
///
/// # Errors
/// What is wrong.
pub(crate) fn check(setting: &str, value: &str) -> Result<(), String> {
    access::read(setting, value).map(drop)
}

/// Makes the snapshot's account anew from the settings.
///
/// # Errors
/// The name of a setting that makes no sense.
pub(crate) fn resolve(settings: &Settings, snapshot: &mut Snapshot) -> Result<(), String> {
    snapshot.set_access(access::resolve(settings)?);
    Ok(())
}

impl Plan<'_> {
    /// Takes back what was granted about a zone alone: it goes, or somebody else has it now. Returns how many grants.
    pub fn forget_zone_grants(&mut self, zone: ptrd_zone::model::ZoneId) -> usize {
        access::forget(self, |scope| scope == ptrd_zone::Scope::Zone(zone))
    }

    /// The same for a tenant.
    pub fn forget_tenant_grants(&mut self, tenant: ptrd_zone::model::TenantId) -> usize {
        access::forget(self, |scope| scope == ptrd_zone::Scope::Tenant(tenant))
    }
}
