//! Who is told of changes (NOTIFY): addresses listed and struck off, and whether nameservers are told.

use super::scope::{self, Asked};
use crate::plan::{Plan, Settings};
use crate::problem::{bad, not_found, quote};
use crate::publish::View;
use crate::request::read_name;
use crate::view::{page, page_limit};
use ptrd_api::{NotifyFilter, NotifyNameservers, NotifyView, NotifyWrite, Page, Problem};
use ptrd_store::Edit;
use ptrd_wire::Name;
use ptrd_zone::{Audience, Declared, Listed, Scope};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};

/// What the names of these settings start with.
pub(super) const PREFIX: &str = "notify/";
/// What NOTIFY goes to unless something else is said.
const PORT: u16 = 53;

/// A rule as it is stored: either an address, or whether nameservers are told.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<SocketAddr>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nameservers: Option<bool>,
}

/// A rule.
#[derive(Clone, Debug)]
enum Rule {
    Listed(Listed),
    Nameservers(Scope, bool),
}

impl Rule {
    fn scope(&self) -> Scope {
        match self {
            Rule::Listed(listed) => listed.scope,
            Rule::Nameservers(scope, _) => *scope,
        }
    }

    fn read(name: &str, value: &str) -> Result<Rule, String> {
        let read = || {
            let stored: Stored = serde_json::from_str(value).ok()?;
            let scope = scope::read(stored.zone, stored.tenant)?;
            let key = stored.key.as_ref().map(|text| text.parse()).transpose().ok()?;
            match (stored.address, stored.nameservers) {
                (Some(address), None) => Some(Rule::Listed(Listed { scope, address, key })),
                (None, Some(told)) if key.is_none() => Some(Rule::Nameservers(scope, told)),
                _ => None,
            }
        };
        read().ok_or_else(|| format!("setting {name} does not say who is notified: {value}"))
    }

    fn value(&self) -> Result<String, Problem> {
        let (zone, tenant) = scope::stored(self.scope());
        let mut stored = Stored { zone, tenant, address: None, key: None, nameservers: None };
        match self {
            Rule::Listed(Listed { address, key, .. }) => {
                (stored.address, stored.key) = (Some(*address), key.as_ref().map(Name::to_string));
            }
            Rule::Nameservers(_, told) => stored.nameservers = Some(*told),
        }
        serde_json::to_string(&stored).map_err(|error| bad(error.to_string()))
    }

    /// What the setting is called: there is one for each address of a scope, with whatever key.
    fn setting(&self) -> String {
        let scope = scope::word(self.scope());
        match self {
            Rule::Listed(listed) => format!("{PREFIX}target/{scope}/{}", listed.address),
            Rule::Nameservers(..) => format!("{PREFIX}nameservers/{scope}"),
        }
    }

    /// In words.
    fn told(&self, declared: &Declared) -> String {
        let zones = scope::told(self.scope(), declared);
        match self {
            Rule::Listed(Listed { address, key, .. }) => {
                let key = key.as_ref().map(|key| format!(", signed with {key}")).unwrap_or_default();
                format!("{address} of changes of {zones}{key}")
            }
            Rule::Nameservers(_, true) => format!("the nameservers of {zones}"),
            Rule::Nameservers(_, false) => format!("listed addresses alone, of {zones}"),
        }
    }
}

fn rules(settings: &Settings) -> impl Iterator<Item = (&str, Result<Rule, String>)> {
    scope::settings(settings, PREFIX).map(|(name, value)| (name, Rule::read(name, value)))
}

/// Whether a setting makes sense.
pub(super) fn check(name: &str, value: &str) -> Result<(), String> {
    Rule::read(name, value).map(drop)
}

pub(super) fn resolve(settings: &Settings) -> Result<Audience, String> {
    let (mut listed, mut nameservers) = (Vec::new(), Vec::new());
    for (_, rule) in rules(settings) {
        match rule? {
            Rule::Listed(one) => listed.push(one),
            Rule::Nameservers(scope, told) => nameservers.push((scope, told)),
        }
    }
    Ok(Audience::new(listed, nameservers))
}

/// The addresses that messages to are signed: their settings, the keys, the addresses.
pub(super) fn keys_of(settings: &Settings) -> impl Iterator<Item = (&str, Name, SocketAddr)> {
    rules(settings).filter_map(|(setting, rule)| match rule.ok()? {
        Rule::Listed(listed) => Some((setting, listed.key?, listed.address)),
        Rule::Nameservers(..) => None,
    })
}

/// What is to become of a rule.
#[derive(Debug)]
pub(crate) enum NotifyDeed {
    Add(Asked, SocketAddr, Option<Name>),
    Remove(Asked, SocketAddr),
    /// `None` leaves it to the wider scope.
    Nameservers(Asked, Option<bool>),
}

impl NotifyDeed {
    pub fn add(write: &NotifyWrite) -> Result<NotifyDeed, Problem> {
        let scope = Asked::read(write.zone.as_deref(), write.tenant.as_deref())?;
        let key = write.key.as_deref().map(|text| read_name("the key", text)).transpose()?;
        Ok(NotifyDeed::Add(scope, read_address(&write.address)?, key.map(|key| key.to_lowercase())))
    }

    pub fn remove(write: &NotifyWrite) -> Result<NotifyDeed, Problem> {
        if write.key.is_some() {
            return Err(bad("an address is struck off whatever its key: leave the key out"));
        }
        let scope = Asked::read(write.zone.as_deref(), write.tenant.as_deref())?;
        Ok(NotifyDeed::Remove(scope, read_address(&write.address)?))
    }

    pub fn nameservers(write: &NotifyNameservers) -> Result<NotifyDeed, Problem> {
        let scope = Asked::read(write.zone.as_deref(), write.tenant.as_deref())?;
        Ok(NotifyDeed::Nameservers(scope, write.tell))
    }
}

fn read_address(text: &str) -> Result<SocketAddr, Problem> {
    read_address_at(text, PORT)
}

/// An address, with its port or without.
pub(super) fn read_address_at(text: &str, port: u16) -> Result<SocketAddr, Problem> {
    let text = text.trim();
    let alone = text.parse::<IpAddr>().map(|address| SocketAddr::new(address, port));
    let address = alone.or_else(|_| text.parse::<SocketAddr>()).map_err(|_| {
        bad(format!("{} is no address", quote(text)))
            .hint("such as 192.0.2.53, 192.0.2.53:5353, 2001:db8::53 or [2001:db8::53]:5353")
    })?;
    let nobody = address.ip().is_unspecified() || address.ip().is_multicast() || address.port() == 0;
    if nobody { Err(bad(format!("nobody can be reached at {address}"))) } else { Ok(address) }
}

/// Alters who is told.
pub(crate) fn plan_notify(plan: &mut Plan<'_>, deed: &NotifyDeed) -> Result<String, Problem> {
    match deed {
        NotifyDeed::Add(asked, address, key) => {
            let scope = asked.find(plan.declared())?;
            put(plan, Rule::Listed(Listed { scope, address: *address, key: key.clone() }))
        }
        NotifyDeed::Nameservers(asked, Some(tell)) => {
            let scope = asked.find(plan.declared())?;
            put(plan, Rule::Nameservers(scope, *tell))
        }
        NotifyDeed::Remove(asked, address) => {
            let scope = asked.find(plan.declared())?;
            let rule = Rule::Listed(Listed { scope, address: *address, key: None });
            let told = rule.told(plan.declared());
            if !drop_rule(plan, rule.setting()) {
                return Err(not_found(format!("nobody notifies {told}")).hint("see `ptrctl notify list`"));
            }
            Ok(format!("does not notify any more: {told}"))
        }
        NotifyDeed::Nameservers(asked, None) => {
            let scope = asked.find(plan.declared())?;
            drop_rule(plan, Rule::Nameservers(scope, true).setting());
            let zones = scope::told(scope, plan.declared());
            Ok(match scope {
                Scope::All => "notifies nameservers, unless a tenant or a zone says otherwise".to_owned(),
                _ => format!("whether nameservers of {zones} are notified is as the wider scope says"),
            })
        }
    }
}

fn put(plan: &mut Plan<'_>, rule: Rule) -> Result<String, Problem> {
    let (name, value) = (rule.setting(), rule.value()?);
    let told = rule.told(plan.declared());
    let before = plan.next.settings.get(&name).cloned();
    if before.as_ref() == Some(&value) {
        return Ok(format!("notifies already: {told}"));
    }
    plan.edit(Edit::Setting { name, before, after: Some(value) });
    Ok(format!("notifies {told}"))
}

fn drop_rule(plan: &mut Plan<'_>, name: String) -> bool {
    let before = plan.next.settings.get(&name).cloned();
    let is_there = before.is_some();
    if is_there {
        plan.edit(Edit::Setting { name, before, after: None });
    }
    is_there
}

/// Drops the rules of a scope; returns how many.
pub(super) fn forget(plan: &mut Plan<'_>, is_meant: impl Fn(Scope) -> bool) -> usize {
    let meant: Vec<String> = rules(&plan.next.settings)
        .filter(|(_, rule)| rule.as_ref().is_ok_and(|rule| is_meant(rule.scope())))
        .map(|(name, _)| name.to_owned())
        .collect();
    let count = meant.len();
    for name in meant {
        drop_rule(plan, name);
    }
    count
}

impl View {
    /// Who is told of changes.
    ///
    /// # Errors
    /// No such zone.
    pub fn notify(&self, filter: &NotifyFilter) -> Result<Page<NotifyView>, Problem> {
        let zone = self.filtered(filter.zone.as_deref())?;
        let after = filter.after.as_deref();
        let found = rules(&self.settings)
            .filter(|(name, _)| after.is_none_or(|after| *name > after))
            .filter_map(|(name, rule)| Some((name, rule.ok()?)))
            .filter(|(_, rule)| zone.as_ref().is_none_or(|zone| rule.scope().has(zone.id, zone.tenant)));
        let views = found.map(|(name, rule)| (name.to_owned(), self.notify_view(&rule)));
        let Page { items, next } = page(views, page_limit(filter.limit), |(name, _)| name.clone());
        Ok(Page { items: items.into_iter().map(|(_, view)| view).collect(), next })
    }

    fn notify_view(&self, rule: &Rule) -> NotifyView {
        let (zone, tenant) = scope::shown(rule.scope(), &self.declared);
        let mut view = NotifyView { zone, tenant, address: None, key: None, nameservers: None };
        match rule {
            Rule::Listed(Listed { address, key, .. }) => {
                view.address = Some(address.to_string());
                view.key = key.as_ref().map(Name::to_string);
            }
            Rule::Nameservers(_, told) => view.nameservers = Some(*told),
        }
        view
    }
}
