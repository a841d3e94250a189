//! Grants: given, taken back, listed.

use super::key;
use super::scope::{self, Asked};
use crate::plan::{Plan, Settings};
use crate::problem::{bad, not_found, some};
use crate::publish::View;
use crate::request::{read_name, read_range};
use crate::view::{page, page_limit};
use ptrd_api::{AccessFilter, AccessView, AccessWrite, Page, Problem};
use ptrd_store::Edit;
use ptrd_wire::{AddrRange, Name};
use ptrd_zone::{Access, Action, Declared, Grant, MOST_EXPANDED, Scope};
use serde::{Deserialize, Serialize};

/// What the names of these settings start with.
pub(super) const PREFIX: &str = "grant/";

/// A grant as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    action: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl Stored {
    fn of(grant: &Grant) -> Stored {
        let (zone, tenant) = scope::stored(grant.scope);
        Stored {
            action: grant.action.to_string(),
            zone,
            tenant,
            from: grant.from.as_ref().map(spelt),
            key: grant.key.as_ref().map(Name::to_string),
        }
    }

    fn read(&self) -> Option<Grant> {
        Some(Grant {
            scope: scope::read(self.zone, self.tenant)?,
            action: self.action.parse().ok()?,
            from: self.from.as_ref().map(|text| text.parse()).transpose().ok()?,
            key: self.key.as_ref().map(|text| text.parse()).transpose().ok()?,
        })
    }

    /// What the setting is called: all that the grant says, so that there is none twice.
    fn setting(&self) -> String {
        let scope = scope::read(self.zone, self.tenant).map(scope::word).unwrap_or_default();
        let or_any = |text: &Option<String>| text.clone().unwrap_or_else(|| "any".to_owned());
        format!("{PREFIX}{}/{scope}/{}/{}", self.action, or_any(&self.from), or_any(&self.key))
    }
}

/// A range as people write it: an address alone without the length of a prefix.
fn spelt(range: &AddrRange) -> String {
    match range.first() == range.last() {
        true => range.first().to_string(),
        false => range.to_string(),
    }
}

/// The grants among the settings, in the order of their names.
pub(super) fn grants(settings: &Settings) -> impl Iterator<Item = (&str, Result<Grant, String>)> {
    scope::settings(settings, PREFIX).map(|(name, value)| (name, read(name, value)))
}

/// The grant that a setting holds.
pub(super) fn read(name: &str, value: &str) -> Result<Grant, String> {
    let read = serde_json::from_str::<Stored>(value).ok().and_then(|stored| stored.read());
    read.ok_or_else(|| format!("setting {name} is no grant: {value}"))
}

pub(super) fn resolve(settings: &Settings) -> Result<Access, String> {
    grants(settings).map(|(_, grant)| grant).collect::<Result<Vec<_>, _>>().map(Access::new)
}

/// What is to become of a grant.
#[derive(Debug)]
pub(crate) enum AccessDeed {
    Allow(Wish),
    Revoke(Wish),
}

/// A grant as a request words it.
#[derive(Debug)]
pub(crate) struct Wish {
    action: Action,
    scope: Asked,
    from: Option<AddrRange>,
    key: Option<Name>,
}

impl Wish {
    pub fn read(write: &AccessWrite) -> Result<Wish, Problem> {
        let scope = Asked::read(write.zone.as_deref(), write.tenant.as_deref())?;
        if write.from.is_none() && write.key.is_none() {
            return Err(bad("without an address and without a key everybody would be allowed")
                .hint("say from where, signed with which key, or both; 0.0.0.0/0 and ::/0 are everywhere"));
        }
        let action: Action =
            write.action.parse().map_err(|error: ptrd_zone::BadAction| bad(error.to_string()))?;
        if action == Action::Update && write.key.is_none() {
            // RFC 3007 §1: an address is no proof over UDP.
            return Err(bad("updates need a key: over UDP an address proves nothing"));
        }
        Ok(Wish {
            action,
            scope,
            from: write.from.as_deref().map(read_range).transpose()?,
            key: write.key.as_deref().map(|text| read_name("the key", text)).transpose()?,
        })
    }

    fn grant(&self, declared: &Declared) -> Result<Grant, Problem> {
        let scope = self.scope.find(declared)?;
        let key = self.key.as_ref().map(Name::to_lowercase);
        Ok(Grant { scope, action: self.action, from: self.from, key })
    }
}

/// Gives or takes a grant.
pub(crate) fn plan_access(plan: &mut Plan<'_>, deed: &AccessDeed) -> Result<String, Problem> {
    let (AccessDeed::Allow(wish) | AccessDeed::Revoke(wish)) = deed;
    let grant = wish.grant(plan.declared())?;
    let stored = Stored::of(&grant);
    let name = stored.setting();
    let there = plan.next.settings.get(&name).cloned();
    let text = told(&grant, plan.declared());
    match deed {
        AccessDeed::Allow(_) if there.is_some() => Ok(format!("allowed already: {text}")),
        AccessDeed::Allow(_) => {
            if let Some(key) = grant.key.as_ref().filter(|key| !key::is_there(&plan.next.settings, key)) {
                return Err(key::unknown(key));
            }
            let value = serde_json::to_string(&stored).map_err(|error| bad(error.to_string()))?;
            plan.edit(Edit::Setting { name, before: None, after: Some(value) });
            warn_of_large(plan, &grant);
            Ok(format!("allowed: {text}"))
        }
        AccessDeed::Revoke(_) if there.is_none() => {
            Err(not_found(format!("nobody was allowed this: {text}")).hint("see `ptrctl access list`"))
        }
        AccessDeed::Revoke(_) => {
            plan.edit(Edit::Setting { name, before: there, after: None });
            Ok(format!("not allowed any more: {text}"))
        }
    }
}

/// Warns where a zone that may be transferred now has more computed names than a transfer sends.
fn warn_of_large(plan: &mut Plan<'_>, grant: &Grant) {
    if grant.action != Action::Transfer {
        return;
    }
    let snapshot = &plan.next.snapshot;
    let zones = plan.declared().zones().filter(|meta| grant.scope.has(meta.id, meta.tenant));
    let is_large =
        |apex: &&Name| snapshot.zone(apex).is_some_and(|zone| !zone.is_expandable(snapshot.addresses()));
    let large: Vec<Name> = zones.map(|meta| &meta.apex).filter(is_large).cloned().collect();
    if !large.is_empty() {
        plan.warn(format!(
            "{} can be transferred to other ptrd alone: more than {MOST_EXPANDED} computed names",
            some(&large, 4)
        ));
    }
}

/// A grant in words.
pub(super) fn told(grant: &Grant, declared: &Declared) -> String {
    let zones = scope::told(grant.scope, declared);
    let from = grant.from.as_ref().map(|range| format!(" from {}", spelt(range))).unwrap_or_default();
    let key = grant.key.as_ref().map(|key| format!(" with the key {key}")).unwrap_or_default();
    format!("{} {zones}{from}{key}", grant.action)
}

/// Takes back the grants of a scope; returns how many.
pub(super) fn forget(plan: &mut Plan<'_>, is_meant: impl Fn(Scope) -> bool) -> usize {
    let meant: Vec<(String, String)> = grants(&plan.next.settings)
        .filter(|(_, grant)| grant.as_ref().is_ok_and(|grant| is_meant(grant.scope)))
        .map(|(name, _)| (name.to_owned(), plan.next.settings[name].clone()))
        .collect();
    let count = meant.len();
    for (name, value) in meant {
        plan.edit(Edit::Setting { name, before: Some(value), after: None });
    }
    count
}

impl View {
    /// Grants, in no order of weight: each counts for itself.
    ///
    /// # Errors
    /// No such zone; an action that is none.
    pub fn access(&self, filter: &AccessFilter) -> Result<Page<AccessView>, Problem> {
        let action = filter.action.as_deref().map(str::parse::<Action>).transpose();
        let action = action.map_err(|error| bad(error.to_string()))?;
        let zone = self.filtered(filter.zone.as_deref())?;
        let counts = |grant: &Grant| zone.as_ref().is_none_or(|zone| grant.scope.has(zone.id, zone.tenant));
        let after = filter.after.as_deref();
        let found = grants(&self.settings)
            .filter(|(name, _)| after.is_none_or(|after| *name > after))
            .filter_map(|(name, grant)| Some((name, grant.ok()?)))
            .filter(|(_, grant)| action.is_none_or(|action| grant.action == action) && counts(grant));
        let views = found.map(|(name, grant)| (name.to_owned(), self.access_view(&grant)));
        let Page { items, next } = page(views, page_limit(filter.limit), |(name, _)| name.clone());
        Ok(Page { items: items.into_iter().map(|(_, view)| view).collect(), next })
    }

    pub(super) fn access_view(&self, grant: &Grant) -> AccessView {
        let (zone, tenant) = scope::shown(grant.scope, &self.declared);
        AccessView {
            action: grant.action.to_string(),
            zone,
            tenant,
            from: grant.from.as_ref().map(spelt),
            key: grant.key.as_ref().map(Name::to_string),
        }
    }
}
