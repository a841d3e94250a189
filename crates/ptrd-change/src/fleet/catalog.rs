//! Catalogs of zones (RFC 9432): made, told what they list, removed, shown.
//!
//! A catalog is a verbatim zone without records and a setting with its number; what it says of zones is a setting for each
//! scope. Its content follows ([`ptrd_zone::catalog`]). Who may transfer it, and its members, is what grants say.

mod view;

use super::scope::{self, Asked};
use crate::plan::{Plan, Settings};
use crate::problem::{bad, conflict, count, internal, invalid, not_found, quote, some};
use crate::request::read_name;
use crate::tenant::{tenant_name, unknown_tenant};
use crate::zone::check_new;
use ptrd_api::{CatalogAdd, CatalogRule, CatalogSet, CatalogZones, Problem};
use ptrd_store::Edit;
use ptrd_wire::{Name, ReversePrefix, Soa, Ttl};
use ptrd_zone::catalog::{Catalog, LONGEST_APEX, Membership};
use ptrd_zone::model::{SerialPolicy, ZoneId, ZoneKind, ZoneRow, ZoneSoa};
use ptrd_zone::{Declared, Scope, ZoneMeta};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the names of these settings start with: `catalog/zone-9` is the catalog, `catalog/zone-9/tenant-7` what it says of a
/// tenant's zones.
pub(super) const PREFIX: &str = "catalog/";
/// Octets of a group: one string of a TXT record.
pub(super) const LONGEST_GROUP: usize = 255;

/// A catalog, or what it says of some zones, as it is stored.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    catalog: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    zone: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<u32>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    left_out: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    moves_to: Option<u32>,
}

fn setting(catalog: ZoneId) -> String {
    format!("{PREFIX}{}", scope::word(Scope::Zone(catalog)))
}

fn rule_setting(catalog: ZoneId, scope: Scope) -> String {
    format!("{}/{}", setting(catalog), scope::word(scope))
}

/// Whether a setting says which zones a catalog lists.
pub(crate) fn is_of_catalog(setting: &str) -> bool {
    setting.starts_with(PREFIX)
}

/// What a setting says: a catalog, and of which zones what; `None` where it is the catalog itself.
fn read(name: &str, value: &str) -> Result<(ZoneId, Option<(Scope, Membership)>), String> {
    let read = || {
        let stored: Stored = serde_json::from_str(value).ok()?;
        let (catalog, scope) = (ZoneId(stored.catalog), scope::read(stored.zone, stored.tenant)?);
        if name == setting(catalog) {
            return Some((catalog, None));
        }
        let moves_to = stored.moves_to.map(ZoneId);
        let membership = match stored.left_out {
            true => Membership::LeftOut,
            false => Membership::Listed { group: stored.group, moves_to },
        };
        (name == rule_setting(catalog, scope)).then_some((catalog, Some((scope, membership))))
    };
    read().ok_or_else(|| format!("setting {name} says nothing of a catalog: {value}"))
}

/// Whether a setting makes sense.
pub(super) fn check(name: &str, value: &str) -> Result<(), String> {
    read(name, value).map(drop)
}

/// The catalogs that the settings say.
///
/// # Errors
/// The name of a setting that makes no sense.
pub(crate) fn resolve(settings: &Settings) -> Result<BTreeMap<ZoneId, Catalog>, String> {
    let mut catalogs = BTreeMap::<ZoneId, Catalog>::new();
    let mut rules = Vec::new();
    for (name, value) in scope::settings(settings, PREFIX) {
        match read(name, value)? {
            (id, None) => drop(catalogs.insert(id, Catalog::default())),
            (id, Some(rule)) => rules.push((id, rule)),
        }
    }
    for (id, (scope, membership)) in rules {
        if let Some(catalog) = catalogs.get_mut(&id) {
            catalog.put(scope, membership);
        }
    }
    Ok(catalogs)
}

/// What is to become of a catalog.
#[derive(Debug)]
pub(crate) enum CatalogDeed {
    Add { apex: Name, tenant: String, rules: Vec<Rule> },
    Set { apex: Name, rules: Vec<Rule>, unset: Vec<Asked> },
    Remove { apex: Name },
}

/// What a request says of some zones.
#[derive(Debug)]
pub(crate) struct Rule {
    zones: Asked,
    left_out: bool,
    group: Option<String>,
    moves_to: Option<Name>,
}

impl Rule {
    fn read(rule: &CatalogRule) -> Result<Rule, Problem> {
        let CatalogRule { zone, tenant, left_out, group, moves_to } = rule;
        if *left_out && (group.is_some() || moves_to.is_some()) {
            return Err(bad("zones that are left out have no group and move nowhere"));
        }
        if moves_to.is_some() && zone.is_none() {
            return Err(bad("zones move to another catalog one by one: name the zone"));
        }
        if let Some(group) = group.as_ref().filter(|group| group.is_empty() || group.len() > LONGEST_GROUP) {
            return Err(invalid(format!("{} is no group: 1 to {LONGEST_GROUP} octets", quote(group))));
        }
        Ok(Rule {
            zones: Asked::read(zone.as_deref(), tenant.as_deref())?,
            left_out: *left_out,
            group: group.clone(),
            moves_to: moves_to
                .as_deref()
                .map(|text| read_name("the catalog to move to", text))
                .transpose()?,
        })
    }

    fn all(rules: &[CatalogRule]) -> Result<Vec<Rule>, Problem> {
        rules.iter().map(Rule::read).collect()
    }
}

impl CatalogDeed {
    pub fn add(add: &CatalogAdd) -> Result<CatalogDeed, Problem> {
        let apex = read_name("the catalog", &add.catalog)?;
        Ok(CatalogDeed::Add { apex, tenant: add.tenant.clone(), rules: Rule::all(&add.rules)? })
    }

    pub fn set(set: &CatalogSet) -> Result<CatalogDeed, Problem> {
        let apex = read_name("the catalog", &set.catalog)?;
        if set.rules.is_empty() && set.unset.is_empty() {
            return Err(bad("nothing to set: say of which zones what"));
        }
        let asked = |zones: &CatalogZones| Asked::read(zones.zone.as_deref(), zones.tenant.as_deref());
        let unset = set.unset.iter().map(asked).collect::<Result<_, _>>()?;
        Ok(CatalogDeed::Set { apex, rules: Rule::all(&set.rules)?, unset })
    }

    pub fn remove(catalog: &str) -> Result<CatalogDeed, Problem> {
        Ok(CatalogDeed::Remove { apex: read_name("the catalog", catalog)? })
    }
}

/// Makes, alters or removes a catalog.
pub(crate) fn plan_catalog(plan: &mut Plan<'_>, deed: &CatalogDeed) -> Result<String, Problem> {
    match deed {
        CatalogDeed::Add { apex, tenant, rules } => {
            let meta = add(plan, apex, tenant)?;
            put_rules(plan, &meta, rules)?;
            Ok(format!("catalog {apex} added for {tenant}; {}", told(plan, meta.id)?))
        }
        CatalogDeed::Set { apex, rules, unset } => {
            let meta = found(plan.declared(), apex)?;
            for zones in unset {
                let name = rule_setting(meta.id, zones.find(plan.declared())?);
                if !put(plan, name, None) {
                    let zones = scope::told(zones.find(plan.declared())?, plan.declared());
                    return Err(not_found(format!("the catalog {apex} says nothing of {zones}")).hint(
                        format!("see `ptrctl catalog list`; what it lists: `ptrctl catalog show {apex}`"),
                    ));
                }
            }
            put_rules(plan, &meta, rules)?;
            Ok(format!("catalog {apex} set; {}", told(plan, meta.id)?))
        }
        CatalogDeed::Remove { apex } => remove(plan, &found(plan.declared(), apex)?),
    }
}

/// The catalog with this apex.
pub(super) fn found(declared: &Declared, apex: &Name) -> Result<ZoneMeta, Problem> {
    match declared.zone(apex) {
        None => Err(not_found(format!("no catalog {apex} is served here")).hint("see `ptrctl catalog list`")),
        Some(zone) if declared.consumed(zone.id).is_some() => {
            Err(conflict(format!("the catalog {apex} is followed: what it lists is said at its primary"))
                .hint(format!("see `ptrctl catalog show {apex}`")))
        }
        Some(zone) if declared.catalog(zone.id).is_none() => {
            let kind = zone.kind.word();
            Err(conflict(format!("{apex} is a {kind} zone, and no catalog"))
                .hint("see `ptrctl catalog list`"))
        }
        Some(zone) => Ok(ZoneMeta::clone(zone)),
    }
}

fn add(plan: &mut Plan<'_>, apex: &Name, tenant: &str) -> Result<ZoneMeta, Problem> {
    let owner = plan.declared().tenant_named(tenant).ok_or_else(|| unknown_tenant(tenant))?.id;
    check_apex(plan, apex)?;
    check_new(plan, apex)?;
    let nowhere = || "invalid".parse().unwrap_or_else(|_| Name::root());
    let (_, template) = crate::defaults::of(plan.declared());
    let serial = plan.first_serial(template.serial_policy);
    // Nobody looks the names up; timers as in the example of RFC 9432 (appendix A). That a catalog expires would help nobody:
    // consumers keep the zones and miss what changes.
    let soa = Soa {
        mname: nowhere(),
        rname: nowhere(),
        serial,
        refresh: 3_600,
        retry: 600,
        expire: 2_147_483_646,
        minimum: Ttl::from_secs(0),
    };
    let row = ZoneRow {
        id: ZoneId(0),
        apex: apex.clone(),
        tenant: owner,
        kind: ZoneKind::Verbatim,
        soa: ZoneSoa::Own { soa, ttl: Ttl::from_secs(0) },
        ns_set: None,
        serial_policy: Some(template.serial_policy).filter(|policy| *policy != SerialPolicy::default()),
    };
    let meta = ZoneMeta::clone(&*plan.add_zone(row, Vec::new()));
    put(plan, setting(meta.id), Some(Stored { catalog: meta.id.0, ..Stored::default() }));
    Ok(meta)
}

fn check_apex(plan: &Plan<'_>, apex: &Name) -> Result<(), Problem> {
    if let Some(zone) = plan.declared().zone(apex) {
        let (kind, tenant) = (plan.declared().kind_word(zone), tenant_name(plan.declared(), zone.tenant));
        return Err(conflict(format!("the {kind} zone {apex} is served already, for {tenant}")).hint(
            "choose a name that nobody looks up, such as catalog.example; `ptrctl catalog list` lists catalogs",
        ));
    }
    if apex.is_root() || apex.is_wildcard() || ReversePrefix::of_apex(apex).is_some() {
        return Err(invalid(format!("{apex} cannot be a catalog"))
            .hint("choose a name that nobody looks up, such as catalog.example"));
    }
    let length = apex.as_wire().len();
    if length > LONGEST_APEX {
        return Err(invalid(format!(
            "{apex} leaves no room for the names below it: it has {length} octets, of {LONGEST_APEX} at most"
        )));
    }
    Ok(())
}

fn put_rules(plan: &mut Plan<'_>, catalog: &ZoneMeta, rules: &[Rule]) -> Result<(), Problem> {
    for rule in rules {
        let scope = rule.zones.find(plan.declared())?;
        if scope == Scope::Zone(catalog.id) {
            return Err(invalid(format!("the catalog {} cannot list itself", catalog.apex)));
        }
        let moves_to = match &rule.moves_to {
            Some(apex) if *apex == catalog.apex => {
                return Err(invalid(format!("zones of {apex} cannot move to {apex}")));
            }
            Some(apex) => Some(found(plan.declared(), apex)?.id.0),
            None => None,
        };
        let (zone, tenant) = scope::stored(scope);
        let (left_out, group) = (rule.left_out, rule.group.clone());
        let stored = Stored { catalog: catalog.id.0, zone, tenant, left_out, group, moves_to };
        put(plan, rule_setting(catalog.id, scope), Some(stored));
    }
    Ok(())
}

/// Puts or drops a setting; returns whether that made a difference.
fn put(plan: &mut Plan<'_>, name: String, stored: Option<Stored>) -> bool {
    let before = plan.next.settings.get(&name).cloned();
    // A structure of numbers and text has JSON.
    let after = stored.and_then(|stored| serde_json::to_string(&stored).ok());
    let differs = before != after;
    if differs {
        plan.edit(Edit::Setting { name, before, after });
    }
    differs
}

/// How many zones a catalog lists as the plan has it.
fn told(plan: &Plan<'_>, id: ZoneId) -> Result<String, Problem> {
    let mut declared = plan.declared().clone();
    declared.set_catalogs(resolve(&plan.next.settings).map_err(internal)?);
    let members = declared.catalog(id).map_or(0, |catalog| catalog.members(&declared).count());
    Ok(format!("it lists {}", count(members as u64, "zone")))
}

fn remove(plan: &mut Plan<'_>, meta: &ZoneMeta) -> Result<String, Problem> {
    let declared = plan.declared();
    let moving = declared.catalogs().flat_map(|(id, catalog)| {
        let here = |rule: &&(Scope, &Membership)| {
            matches!(rule.1, Membership::Listed { moves_to: Some(to), .. } if *to == meta.id)
        };
        let rules: Vec<_> = catalog.rules().filter(|rule| here(&rule)).collect();
        let from = declared.zone_by_id(id).map(|zone| zone.apex.to_string()).unwrap_or_default();
        rules.into_iter().map(move |rule| format!("{} of {from}", scope::told(rule.0, declared)))
    });
    let moving: Vec<String> = moving.collect();
    if !moving.is_empty() {
        return Err(conflict(format!(
            "zones are said to move to the catalog {}: {}",
            meta.apex,
            some(&moving, 4)
        ))
        .hint("say something else of them first: `ptrctl catalog set`"));
    }
    plan.remove_zone(meta);
    Ok(format!("catalog {} removed; the zones that it listed stay", meta.apex))
}

/// Drops what catalogs say of a scope alone.
pub(super) fn forget(plan: &mut Plan<'_>, scope: Scope) {
    let catalogs = plan.declared().catalogs().map(|(id, _)| rule_setting(id, scope));
    for name in catalogs.collect::<Vec<_>>() {
        put(plan, name, None);
    }
}

impl Plan<'_> {
    /// Drops what catalogs say of a zone that goes, and all that it says, if it is one.
    pub fn forget_catalog_settings(&mut self, zone: ZoneId) {
        if self.declared().catalog(zone).is_some() {
            let (own, rules) = (setting(zone), format!("{}/", setting(zone)));
            let names = self.next.settings.range(own.clone()..).map(|(name, _)| name);
            let names = names.take_while(|name| name.starts_with(&own));
            let names = names.filter(|name| **name == own || name.starts_with(&rules));
            for name in names.cloned().collect::<Vec<_>>() {
                put(self, name, None);
            }
        }
        forget(self, Scope::Zone(zone));
    }
}

/// Refuses to alter what follows in a catalog from what it lists.
pub(crate) fn refuse(declared: &Declared, zone: &ZoneMeta) -> Result<(), Problem> {
    match declared.catalog(zone.id) {
        None => Ok(()),
        Some(_) => {
            Err(conflict(format!("{} is a catalog: its records follow from what it lists", zone.apex))
                .hint(format!("say what it lists: `ptrctl catalog set {}`", zone.apex)))
        }
    }
}
