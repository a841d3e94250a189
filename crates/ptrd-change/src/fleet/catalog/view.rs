//! Catalogs as they are shown.

use super::{found, scope};
use crate::consumer::Consumptions;
use crate::publish::View;
use crate::request::read_name;
use crate::tenant::tenant_name;
use crate::view::{page, page_limit};
use ptrd_api::{CatalogFilter, CatalogMemberView, CatalogRule, CatalogView, Page, Problem};
use ptrd_wire::Name;
use ptrd_zone::catalog::{Catalog, Membership, label};
use ptrd_zone::model::ZoneId;
use ptrd_zone::{Scope, ZoneMeta};

impl View {
    /// Catalogs, served and followed, in canonical order.
    ///
    /// # Errors
    /// A filter that makes no sense.
    pub fn catalogs(
        &self,
        filter: &CatalogFilter,
        consumptions: &Consumptions,
    ) -> Result<Page<CatalogView>, Problem> {
        let after = read_after(filter)?;
        let ours = self.declared.catalogs().map(|(id, _)| id);
        let all = ours.chain(self.declared.all_consumed().map(|(id, _)| id));
        let mut zones: Vec<&ZoneMeta> = all
            .filter_map(|id| Some(&**self.declared.zone_by_id(id)?))
            .filter(|zone| after.as_ref().is_none_or(|after| zone.apex > *after))
            .collect();
        zones.sort_by(|a, b| a.apex.cmp(&b.apex));
        let views = zones.into_iter().map(|zone| self.catalog_view(zone, consumptions));
        Ok(page(views, page_limit(filter.limit), |view| view.catalog.clone()))
    }

    /// The catalog with this apex.
    ///
    /// # Errors
    /// There is none.
    pub fn catalog(&self, apex: &str, consumptions: &Consumptions) -> Result<CatalogView, Problem> {
        Ok(self.catalog_view(&self.catalog_named(apex)?, consumptions))
    }

    /// The zones that a catalog lists, in canonical order.
    ///
    /// # Errors
    /// There is no such catalog; a filter that makes no sense.
    pub fn catalog_members(
        &self,
        apex: &str,
        filter: &CatalogFilter,
        consumptions: &Consumptions,
    ) -> Result<Page<CatalogMemberView>, Problem> {
        let (zone, after) = (self.catalog_named(apex)?, read_after(filter)?);
        let limit = page_limit(filter.limit);
        let Some(catalog) = self.declared.catalog(zone.id) else {
            let mut members = self.consumed_members(zone.id, consumptions.get(&zone.id));
            if let Some(after) = after {
                members.retain(|zone, _| *zone > after);
            }
            return Ok(page(members.into_values(), limit, |view| view.zone.clone()));
        };
        let members = catalog.members(&self.declared);
        let members = members.filter(|(zone, _)| after.as_ref().is_none_or(|after| zone.apex > *after));
        let views = members.map(|(zone, membership)| {
            let rule = self.catalog_rule(Scope::Zone(zone.id), membership);
            let (group, moves_to) = (rule.group, rule.moves_to);
            let (zone, label) = (zone.apex.to_string(), label(zone.id));
            CatalogMemberView { zone, label, group, moves_to, groups: Vec::new(), refused: None }
        });
        Ok(page(views, limit, |view| view.zone.clone()))
    }

    fn catalog_named(&self, apex: &str) -> Result<ZoneMeta, Problem> {
        let name = read_name("the catalog", apex)?;
        match self.declared.zone(&name).filter(|zone| self.declared.consumed(zone.id).is_some()) {
            Some(zone) => Ok(ZoneMeta::clone(zone)),
            None => found(&self.declared, &name),
        }
    }

    fn catalog_view(&self, zone: &ZoneMeta, consumptions: &Consumptions) -> CatalogView {
        if let Some(consumed) = self.declared.consumed(zone.id) {
            return self.consumed_view(zone, consumed, consumptions.get(&zone.id));
        }
        let catalog =
            self.declared.catalog(zone.id).map(|catalog| Catalog::clone(catalog)).unwrap_or_default();
        CatalogView {
            catalog: zone.apex.to_string(),
            tenant: tenant_name(&self.declared, zone.tenant),
            serial: self.snapshot.zone(&zone.apex).map_or(0, |zone| zone.soa().serial.0),
            members: catalog.members(&self.declared).count() as u64,
            rules: catalog.rules().map(|(scope, membership)| self.catalog_rule(scope, membership)).collect(),
            followed: None,
        }
    }

    fn catalog_rule(&self, scope: Scope, membership: &Membership) -> CatalogRule {
        let (zone, tenant) = scope::shown(scope, &self.declared);
        let called = |id: ZoneId| self.declared.zone_by_id(id).map(|zone| zone.apex.to_string());
        match membership {
            Membership::LeftOut => CatalogRule { zone, tenant, left_out: true, ..CatalogRule::default() },
            Membership::Listed { group, moves_to } => {
                let (group, moves_to) = (group.clone(), moves_to.and_then(called));
                CatalogRule { zone, tenant, left_out: false, group, moves_to }
            }
        }
    }
}

fn read_after(filter: &CatalogFilter) -> Result<Option<Name>, Problem> {
    filter.after.as_deref().map(|text| read_name("after", text)).transpose()
}
