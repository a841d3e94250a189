//! Companion forward zones: which they are, and who holds names in them besides their owner.
//!
//! That a zone is one is a setting with its number, each grant of a name another. What follows in the zone is worked out
//! when a plan is finished (`plan/companions.rs`).

use super::scope::settings as all;
use crate::plan::{Plan, Settings};
use crate::problem::{conflict, internal, invalid, not_found, some};
use crate::publish::View;
use crate::request::read_name;
use crate::tenant::{tenant_name, unknown_tenant};
use crate::view::{page, page_limit};
use ptrd_api::{NameGrantFilter, NameGrantView, NameGrantWrite, Page, Problem};
use ptrd_store::Edit;
use ptrd_wire::{Name, ReverseName};
use ptrd_zone::model::{TenantId, ZoneId, ZoneKind};
use ptrd_zone::{NameGrants, ZoneMeta};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the names of these settings start with: `companion/zone-9` is the zone.
pub(super) const PREFIX: &str = "companion/";
/// `names/zone-9/tenant-7/www.example.net.` is a grant.
pub(super) const GRANT: &str = "names/";

/// A companion zone, as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredZone {
    zone: u32,
}

/// A grant, as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredGrant {
    zone: u32,
    tenant: u32,
    name: String,
}

fn setting(zone: ZoneId) -> String {
    format!("{PREFIX}zone-{zone}")
}

/// What the settings of a zone's grants start with.
fn grants_of(zone: ZoneId) -> String {
    format!("{GRANT}zone-{zone}/")
}

fn grant_setting(zone: ZoneId, tenant: TenantId, name: &Name) -> String {
    format!("{}tenant-{tenant}/{}", grants_of(zone), name.to_lowercase())
}

/// Whether a setting says which zones are companions, or who holds their names.
pub(crate) fn is_of_companion(setting: &str) -> bool {
    setting.starts_with(PREFIX) || setting.starts_with(GRANT)
}

fn read_zone(name: &str, value: &str) -> Result<ZoneId, String> {
    let stored = serde_json::from_str::<StoredZone>(value).ok().map(|stored| ZoneId(stored.zone));
    let read = stored.filter(|zone| setting(*zone) == name);
    read.ok_or_else(|| format!("setting {name} is no companion zone: {value}"))
}

fn read_grant(name: &str, value: &str) -> Result<(ZoneId, TenantId, Name), String> {
    let read = || {
        let stored = serde_json::from_str::<StoredGrant>(value).ok()?;
        let granted: Name = stored.name.parse().ok()?;
        let (zone, tenant) = (ZoneId(stored.zone), TenantId(stored.tenant));
        (grant_setting(zone, tenant, &granted) == name).then_some((zone, tenant, granted))
    };
    read().ok_or_else(|| format!("setting {name} grants no name: {value}"))
}

/// Whether a setting makes sense.
pub(super) fn check(name: &str, value: &str) -> Result<(), String> {
    if name.starts_with(PREFIX) {
        read_zone(name, value).map(drop)
    } else {
        read_grant(name, value).map(drop)
    }
}

/// The companion zones that the settings say, and who holds their names.
///
/// # Errors
/// The name of a setting that makes no sense.
pub(crate) fn resolve(settings: &Settings) -> Result<BTreeMap<ZoneId, NameGrants>, String> {
    let mut zones = BTreeMap::<ZoneId, NameGrants>::new();
    for (name, value) in all(settings, PREFIX) {
        zones.insert(read_zone(name, value)?, NameGrants::default());
    }
    for (name, value) in all(settings, GRANT) {
        let (zone, tenant, granted) = read_grant(name, value)?;
        if let Some(grants) = zones.get_mut(&zone) {
            grants.put(tenant, granted);
        }
    }
    Ok(zones)
}

impl Plan<'_> {
    /// Makes a zone a companion, or no longer; what was granted of it goes with that.
    pub fn put_companion(&mut self, zone: ZoneId, is_companion: bool) -> Result<(), Problem> {
        let name = setting(zone);
        let before = self.next.settings.get(&name).cloned();
        if before.is_some() == is_companion {
            return Ok(());
        }
        if !is_companion {
            self.forget_companion(zone);
            return Ok(());
        }
        let after = serde_json::to_string(&StoredZone { zone: zone.0 });
        let after = after.map_err(|error| internal(error.to_string()))?;
        self.edit(Edit::Setting { name, before, after: Some(after) });
        Ok(())
    }

    /// A zone is no companion any more, and nobody was granted its names.
    pub fn forget_companion(&mut self, zone: ZoneId) {
        let own = setting(zone);
        let granted = grants_of(zone);
        self.drop_settings(|name, _| *name == own || name.starts_with(&granted));
    }

    /// Nobody grants a tenant anything any more: it goes.
    pub(super) fn forget_names_of(&mut self, tenant: TenantId) {
        self.drop_settings(|name, value| {
            read_grant(name, value).is_ok_and(|(_, holder, _)| holder == tenant)
        });
    }

    fn drop_settings(&mut self, is_meant: impl Fn(&str, &str) -> bool) {
        let of_companions = [PREFIX, GRANT].into_iter().flat_map(|prefix| all(&self.next.settings, prefix));
        let meant = of_companions.filter(|(name, value)| is_meant(name, value));
        let meant: Vec<(String, String)> =
            meant.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        for (name, value) in meant {
            self.edit(Edit::Setting { name, before: Some(value), after: None });
        }
    }

    /// Whether a zone is to be a companion as the plan has it.
    pub fn is_companion(&self, zone: ZoneId) -> bool {
        self.next.settings.contains_key(&setting(zone))
    }
}

/// Refuses to make a companion of what cannot be one.
pub(crate) fn check_apex(apex: &Name) -> Result<(), Problem> {
    if ReverseName::of_name(apex).is_some() || apex.is_root() {
        return Err(invalid(format!("{apex} is no forward zone: no address follows there from PTRs"))
            .hint("name the zone that the hosts have their names in"));
    }
    Ok(())
}

/// What is to become of a grant.
#[derive(Debug)]
pub(crate) struct NamesDeed {
    name: Name,
    tenant: String,
    is_granted: bool,
}

impl NamesDeed {
    pub fn read(write: &NameGrantWrite, is_granted: bool) -> Result<NamesDeed, Problem> {
        let name = read_name("the name", &write.name)?;
        if name.is_wildcard() {
            return Err(invalid(format!("{name} is a wildcard: a grant holds for all below a name anyway"))
                .hint("leave the asterisk out"));
        }
        Ok(NamesDeed { name, tenant: write.tenant.clone(), is_granted })
    }
}

/// Grants a tenant a name and all below it, or takes that back.
pub(crate) fn plan_names(plan: &mut Plan<'_>, deed: &NamesDeed) -> Result<String, Problem> {
    let NamesDeed { name, tenant, is_granted } = deed;
    let id = plan.declared().tenant_named(tenant).ok_or_else(|| unknown_tenant(tenant))?.id;
    if !is_granted {
        return revoke(plan, tenant, id, name);
    }
    let zone = companion_of(plan, name)?;
    let setting = grant_setting(zone.id, id, name);
    let what = format!("{name} and all below it in {}", zone.apex);
    if plan.next.settings.contains_key(&setting) {
        return Ok(format!("{tenant} holds {what} already"));
    }
    if zone.tenant == id {
        return Err(invalid(format!("{tenant} owns {} and holds all of its names", zone.apex)));
    }
    let stored = StoredGrant { zone: zone.id.0, tenant: id.0, name: name.to_string() };
    let stored = serde_json::to_string(&stored).map_err(|error| internal(error.to_string()))?;
    plan.edit(Edit::Setting { name: setting, before: None, after: Some(stored) });
    Ok(format!("{tenant} holds {what}"))
}

/// Takes a name back from a tenant, in whatever zone it was granted: by now there may be another below that one.
fn revoke(plan: &mut Plan<'_>, tenant: &str, id: TenantId, name: &Name) -> Result<String, Problem> {
    let granted = all(&plan.next.settings, GRANT).filter_map(|(setting, value)| {
        let (zone, holder, granted) = read_grant(setting, value).ok()?;
        let is_meant = holder == id && granted == *name;
        is_meant.then(|| (zone, setting.to_owned(), value.to_owned()))
    });
    let granted: Vec<(ZoneId, String, String)> = granted.collect();
    if granted.is_empty() {
        let zone = companion_of(plan, name)?;
        return Err(not_found(format!("{tenant} was not granted {name}"))
            .hint(format!("see `ptrctl names list --zone {}`", zone.apex)));
    }
    let zones = granted.iter().filter_map(|(zone, ..)| plan.declared().zone_by_id(*zone));
    let apexes: Vec<Name> = zones.map(|zone| zone.apex.clone()).collect();
    for (_, name, value) in granted {
        plan.edit(Edit::Setting { name, before: Some(value), after: None });
    }
    Ok(format!("{tenant} does not hold {name} and all below it in {} any more", some(&apexes, 2)))
}

/// The companion zone that a name lies in.
fn companion_of(plan: &Plan<'_>, name: &Name) -> Result<Arc<ZoneMeta>, Problem> {
    match plan.declared().zone_of(name) {
        Some(zone) if plan.is_companion(zone.id) => Ok(zone.clone()),
        Some(zone) => Err(invalid(format!("{name} lies in {}, which is no companion zone", zone.apex))
            .hint(format!("make it one first: `ptrctl zone set {} --companion on`", zone.apex))),
        None => Err(not_found(format!("{name} lies in no zone that is served here"))
            .hint("add one: `ptrctl zone add APEX --tenant NAME --companion`")),
    }
}

/// Refuses companion zones of a kind that cannot be one, whatever made them so.
pub(crate) fn check_companions(plan: &Plan<'_>) -> Result<(), Problem> {
    let (declared, snapshot) = (plan.declared(), &plan.next.snapshot);
    for (id, _) in declared.companions() {
        let Some(meta) = declared.zone_by_id(id) else { continue };
        let what = match snapshot.zone(&meta.apex) {
            _ if meta.kind != ZoneKind::Verbatim => "made native",
            _ if snapshot.follows().of(id).is_some() => "pulled from elsewhere",
            _ if declared.is_catalog(id) => "a catalog",
            Some(zone) if zone.looks_signed() => "signed: nothing here could sign what follows in it",
            _ => continue,
        };
        return Err(conflict(format!("{} is a companion zone, and cannot be {what}", meta.apex))
            .hint(format!("`ptrctl zone set {} --companion off` first", meta.apex)));
    }
    Ok(())
}

impl View {
    /// Who holds names of companion zones besides their owners, by zone.
    ///
    /// # Errors
    /// No such zone.
    pub fn name_grants(&self, filter: &NameGrantFilter) -> Result<Page<NameGrantView>, Problem> {
        let zone = self.filtered(filter.zone.as_deref())?;
        let after = filter.after.as_deref();
        let found = all(&self.settings, GRANT)
            .filter(|(name, _)| after.is_none_or(|after| *name > after))
            .filter_map(|(name, value)| Some((name, read_grant(name, value).ok()?)))
            .filter(|(_, (id, ..))| zone.as_ref().is_none_or(|zone| zone.id == *id));
        let views = found.filter_map(|(setting, (zone, tenant, name))| {
            let tenant = tenant_name(&self.declared, tenant);
            let is_asked = filter.tenant.as_ref().is_none_or(|asked| *asked == tenant);
            let zone = self.declared.zone_by_id(zone)?.apex.to_string();
            is_asked.then(|| (setting.to_owned(), NameGrantView { name: name.to_string(), zone, tenant }))
        });
        let Page { items, next } = page(views, page_limit(filter.limit), |(setting, _)| setting.clone());
        Ok(Page { items: items.into_iter().map(|(_, view)| view).collect(), next })
    }
}
