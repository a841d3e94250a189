//! Which zones a setting of the fleet is about: as it is stored, named, asked for and told.

use crate::plan::Settings;
use crate::problem::bad;
use crate::publish::View;
use crate::request::read_name;
use crate::tenant::{tenant_name, unknown_tenant};
use crate::zone::unknown_zone;
use ptrd_api::Problem;
use ptrd_wire::Name;
use ptrd_zone::model::{TenantId, ZoneId};
use ptrd_zone::{Declared, Scope, ZoneMeta};
use std::sync::Arc;

/// The zone and the tenant of a scope, as they are stored.
pub(super) fn stored(scope: Scope) -> (Option<u32>, Option<u32>) {
    match scope {
        Scope::All => (None, None),
        Scope::Tenant(id) => (None, Some(id.0)),
        Scope::Zone(id) => (Some(id.0), None),
    }
}

/// The scope that was stored so.
pub(super) fn read(zone: Option<u32>, tenant: Option<u32>) -> Option<Scope> {
    match (zone, tenant) {
        (None, None) => Some(Scope::All),
        (None, Some(id)) => Some(Scope::Tenant(TenantId(id))),
        (Some(id), None) => Some(Scope::Zone(ZoneId(id))),
        (Some(_), Some(_)) => None,
    }
}

/// What it is called in the name of a setting.
pub(super) fn word(scope: Scope) -> String {
    match scope {
        Scope::All => "all".to_owned(),
        Scope::Tenant(id) => format!("tenant-{id}"),
        Scope::Zone(id) => format!("zone-{id}"),
    }
}

/// A scope in words.
pub(super) fn told(scope: Scope, declared: &Declared) -> String {
    match scope {
        Scope::All => "all zones".to_owned(),
        Scope::Tenant(id) => format!("the zones of {}", tenant_name(declared, id)),
        Scope::Zone(id) => {
            let meta = declared.zone_by_id(id);
            meta.map_or_else(|| "a zone that is gone".to_owned(), |meta| format!("the zone {}", meta.apex))
        }
    }
}

/// The apex of its zone, and the name of its tenant.
pub(super) fn shown(scope: Scope, declared: &Declared) -> (Option<String>, Option<String>) {
    match scope {
        Scope::All => (None, None),
        Scope::Tenant(id) => (None, Some(tenant_name(declared, id))),
        Scope::Zone(id) => (declared.zone_by_id(id).map(|meta| meta.apex.to_string()), None),
    }
}

/// A scope as a request words it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    zone: Option<Name>,
    tenant: Option<String>,
}

impl Asked {
    pub fn read(zone: Option<&str>, tenant: Option<&str>) -> Result<Asked, Problem> {
        if zone.is_some() && tenant.is_some() {
            return Err(bad("a zone and a tenant exclude each other: a zone has its tenant"));
        }
        let zone = zone.map(|text| read_name("the zone", text)).transpose()?;
        Ok(Asked { zone, tenant: tenant.map(str::to_owned) })
    }

    pub fn find(&self, declared: &Declared) -> Result<Scope, Problem> {
        Ok(match (&self.zone, &self.tenant) {
            (Some(apex), _) => Scope::Zone(declared.zone(apex).ok_or_else(|| unknown_zone(apex))?.id),
            (None, Some(name)) => {
                Scope::Tenant(declared.tenant_named(name).ok_or_else(|| unknown_tenant(name))?.id)
            }
            (None, None) => Scope::All,
        })
    }
}

impl View {
    /// The zone that a filter names.
    pub(super) fn filtered(&self, zone: Option<&str>) -> Result<Option<Arc<ZoneMeta>>, Problem> {
        let Some(text) = zone else { return Ok(None) };
        let apex = read_name("the zone", text)?;
        Ok(Some(self.declared.zone(&apex).ok_or_else(|| unknown_zone(&apex))?.clone()))
    }
}

/// The settings whose names start so, in the order of their names.
pub(super) fn settings<'a>(
    settings: &'a Settings,
    prefix: &'static str,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    let found = settings.range(prefix.to_owned()..).take_while(move |(name, _)| name.starts_with(prefix));
    found.map(|(name, value)| (name.as_str(), value.as_str()))
}
