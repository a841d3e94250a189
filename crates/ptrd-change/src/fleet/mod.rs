//! What makes one server of many: the keys that servers share, who may transfer, announce and update, and who is told of
//! changes.
//!
//! These are few, and queries look at no more than the key that they name, so they are settings: one for each, its value
//! JSON. A plan that has altered one makes the snapshot's account of them anew, whatever kind of change it is, a rollback
//! too. What names a key is judged there as well, so that no road leads around it.

mod access;
mod catalog;
mod companion;
mod consume;
mod follow;
mod key;
mod notify;
mod scope;

pub(crate) use access::{AccessDeed, Wish, plan_access};
pub(crate) use catalog::{
    CatalogDeed, is_of_catalog, plan_catalog, refuse as refuse_catalog, resolve as catalogs,
};
pub(crate) use companion::{
    NamesDeed, check_apex as check_companion_apex, check_companions, is_of_companion, plan_names,
    resolve as companions,
};
pub(crate) use consume::{
    ConsumeDeed, ConsumeOrder, check as check_members, check_bare, declare, followed_by, is_orphan,
    plan_apply, plan_consume, refuse as refuse_member, view_of_origin as origin_view,
};
pub use follow::read_primary;
pub(crate) use follow::{FollowDeed, check_doors, plan_follow, view_of as follow_view};
pub(crate) use key::{KeyDeed, plan_key, to_log as key_to_log};
pub(crate) use notify::{NotifyDeed, plan_notify};

use crate::plan::{Plan, Settings, State};
use crate::problem::conflict;
use crate::token;
use ptrd_api::Problem;
use ptrd_zone::{Declared, Scope, Snapshot};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Whether a setting is one of these.
pub(crate) fn is_of_fleet(setting: &str) -> bool {
    [
        access::PREFIX,
        catalog::PREFIX,
        companion::PREFIX,
        companion::GRANT,
        consume::CATALOG,
        consume::MEMBER,
        follow::PREFIX,
        key::PREFIX,
        notify::PREFIX,
    ]
    .iter()
    .any(|prefix| setting.starts_with(prefix))
}

/// Whether the value of such a setting makes sense.
///
/// # Errors
/// What is wrong.
pub(crate) fn check(setting: &str, value: &str) -> Result<(), String> {
    if setting.starts_with(key::PREFIX) {
        key::read(setting, value).map(drop)
    } else if setting.starts_with(catalog::PREFIX) {
        catalog::check(setting, value)
    } else if setting.starts_with(consume::CATALOG) || setting.starts_with(consume::MEMBER) {
        consume::check_setting(setting, value)
    } else if companion::is_of_companion(setting) {
        companion::check(setting, value)
    } else if setting.starts_with(notify::PREFIX) {
        notify::check(setting, value)
    } else if setting.starts_with(follow::PREFIX) {
        follow::check(setting, value)
    } else {
        access::read(setting, value).map(drop)
    }
}

/// The value of any setting as it may be shown.
pub(crate) fn shown(setting: &str, value: &str) -> String {
    match setting {
        _ if setting.starts_with(key::PREFIX) => key::hidden(value),
        _ if token::is_token(setting) => token::hidden(value),
        _ => value.to_owned(),
    }
}

/// What a setting is about, for a sentence.
pub(crate) fn called(setting: &str) -> String {
    match setting.strip_prefix(key::PREFIX) {
        Some(name) => format!("the key {name}"),
        None => token::called(setting).unwrap_or_else(|| format!("the setting {setting}")),
    }
}

/// Makes the snapshot's account anew from the settings; of whom zones are pulled from, as far as settings were touched. What
/// is declared knows which zones come from catalogs.
///
/// # Errors
/// The name of a setting that makes no sense.
pub(crate) fn resolve(
    settings: &Settings,
    declared: &Declared,
    snapshot: &mut Snapshot,
    touched: Option<&BTreeSet<String>>,
) -> Result<(), String> {
    let (access, keys) = (access::resolve(settings)?, key::resolve(settings)?);
    let audience = notify::resolve(settings)?;
    follow::resolve(settings, declared, snapshot, touched)?;
    snapshot.set_access(access);
    snapshot.set_keys(Arc::new(keys));
    snapshot.set_audience(audience);
    Ok(())
}

/// Refuses what would leave a permission, or one who is notified, with a key that is not there. One that had none before is let be: there was a
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
    for (setting, name, address) in notify::keys_of(&next.settings) {
        if key::is_there(&next.settings, &name) {
            continue;
        }
        if key::is_there(&base.settings, &name) {
            return Err(conflict(format!(
                "the key {name} would go, but NOTIFY to {address} is signed with it"
            ))
            .hint("list the address without the key or with another one first: `ptrctl notify add`"));
        }
        if base.settings.get(setting) != next.settings.get(setting) {
            return Err(conflict(format!(
                "NOTIFY to {address} would be signed with a key that is not there: {name}"
            ))
            .hint(format!("add the key first: `ptrctl key add {name}`, or roll back its removal")));
        }
    }
    let of_groups = consume::keys_of(&next.settings);
    for (setting, name, address) in follow::keys_of(&next.settings).into_iter().chain(of_groups) {
        if key::is_there(&next.settings, &name) {
            continue;
        }
        if key::is_there(&base.settings, &name) {
            return Err(conflict(format!(
                "the key {name} would go, but a zone is pulled from {address} with it"
            ))
            .hint("name another key, or none, first: `ptrctl zone follow`"));
        }
        if base.settings.get(setting) != next.settings.get(setting) {
            return Err(conflict(format!(
                "a zone would be pulled from {address} with a key that is not there: {name}"
            ))
            .hint(format!("add the key first: `ptrctl key add {name}`, or roll back its removal")));
        }
    }
    Ok(())
}

impl Plan<'_> {
    /// Takes back from whom a zone is pulled: it goes.
    pub fn forget_primaries(&mut self, zone: ptrd_zone::model::ZoneId) {
        follow::forget(self, zone);
    }

    /// Takes back what was said of a zone alone: it goes, or somebody else has it now. Returns how many grants, and how many
    /// rules about who is notified.
    pub fn forget_zone_settings(&mut self, zone: ptrd_zone::model::ZoneId) -> (usize, usize) {
        self.forget(|scope| scope == Scope::Zone(zone))
    }

    /// The same for a tenant.
    pub fn forget_tenant_settings(&mut self, tenant: ptrd_zone::model::TenantId) -> (usize, usize) {
        catalog::forget(self, Scope::Tenant(tenant));
        token::forget(self, tenant);
        self.forget_names_of(tenant);
        self.forget(|scope| scope == Scope::Tenant(tenant))
    }

    fn forget(&mut self, is_meant: impl Fn(Scope) -> bool) -> (usize, usize) {
        (access::forget(self, &is_meant), notify::forget(self, &is_meant))
    }
}
