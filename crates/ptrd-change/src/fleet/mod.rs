//! What makes one server of many: the keys that servers share, and who may transfer, announce and update.
//!
//! These are few, and queries look at no more than the key that they name, so they are settings: one for each, its value
//! JSON. A plan that has altered one makes the snapshot's account of them anew, whatever kind of change it is, a rollback
//! too. What names a key is judged there as well, so that no road leads around it.

mod access;
mod key;

pub(crate) use access::{AccessDeed, Wish, plan_access};
pub(crate) use key::{KeyDeed, plan_key, to_log as key_to_log};

use crate::plan::{Plan, Settings, State};
use crate::problem::conflict;
use ptrd_api::Problem;
use ptrd_zone::Snapshot;
use std::sync::Arc;

/// Whether a setting is one of these.
pub(crate) fn is_of_fleet(setting: &str) -> bool {
    setting.starts_with(access::PREFIX) || setting.starts_with(key::PREFIX)
}

/// Whether the value of such a setting makes sense.
///
/// # Errors
/// What is wrong.
pub(crate) fn check(setting: &str, value: &str) -> Result<(), String> {
    match setting.starts_with(key::PREFIX) {
        true => key::read(setting, value).map(drop),
        false => access::read(setting, value).map(drop),
    }
}

/// The value of any setting as it may be shown.
pub(crate) fn shown(setting: &str, value: &str) -> String {
    match setting.starts_with(key::PREFIX) {
        true => key::hidden(value),
        false => value.to_owned(),
    }
}

/// What a setting is about, for a sentence.
pub(crate) fn called(setting: &str) -> String {
    match setting.strip_prefix(key::PREFIX) {
        Some(name) => format!("the key {name}"),
        None => format!("the setting {setting}"),
    }
}

/// Makes the snapshot's account anew from the settings.
///
/// # Errors
/// The name of a setting that makes no sense.
pub(crate) fn resolve(settings: &Settings, snapshot: &mut Snapshot) -> Result<(), String> {
    let (access, keys) = (access::resolve(settings)?, key::resolve(settings)?);
    snapshot.set_access(access);
    snapshot.set_keys(Arc::new(keys));
    Ok(())
}

/// Refuses what would leave a permission with a key that is not there. One that had none before is let be: there was a
/// time when keys could be named that did not exist.
pub(crate) fn check_references(base: &State, next: &State) -> Result<(), Problem> {
    for (setting, name, grant) in key::grants_of(&next.settings) {
        if key::is_there(&next.settings, &name) {
            continue;
        }
        let told = access::told(&grant, &next.declared);
        if key::is_there(&base.settings, &name) {
            return Err(conflict(format!("the key {name} would go, but a permission names it: {told}"))
                .hint(format!(
                    "take the permission back first; `ptrctl key remove {name} --revoke` removes both"
                )));
        }
        if !base.settings.contains_key(setting) {
            return Err(conflict(format!("a permission would name a key that is not there: {told}"))
                .hint(format!("add the key first: `ptrctl key add {name}`, or roll back its removal")));
        }
    }
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
