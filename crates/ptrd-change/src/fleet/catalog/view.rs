//! Catalogs as they are shown.

use super::{found, scope};
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
    /// Catalogs, in canonical order.
    ///
    /// # Errors
    /// A filter that makes no sense.
    pub fn catalogs(&self, filter: &CatalogFilter) -> Result<Page<CatalogView>, Problem> {
        let after = read_after(filter)?;
        let mut zones: Vec<(&ZoneMeta, &Catalog)> = self
            .declared
            .catalogs()
            .filter_map(|(id, catalog)| Some((&**self.declared.zone_by_id(id)?, &**catalog)))
            .filter(|(zone, _)| after.as_ref().is_none_or(|after| zone.apex > *after))
            .collect();
        zones.sort_by(|(a, _), (b, _)| a.apex.cmp(&b.apex));
        let views = zones.into_iter().map(|(zone, catalog)| self.catalog_view(zone, catalog));
        Ok(page(views, page_limit(filter.limit), |view| view.catalog.clone()))
    }

    /// The catalog with this apex.
    ///
    /// # Errors
    /// There is none.
    pub fn catalog(&self, apex: &str) -> Result<CatalogView, Problem> {
        let (zone, catalog) = self.catalog_named(apex)?;
        Ok(self.catalog_view(&zone, &catalog))
    }

    /// The zones that a catalog lists, in canonical order.
    ///
    /// # Errors
    /// There is no such catalog; a filter that makes no sense.
    pub fn catalog_members(
        &self,
        apex: &str,
        filter: &CatalogFilter,
    ) -> Result<Page<CatalogMemberView>, Problem> {
        let (_, catalog) = self.catalog_named(apex)?;
        let after = read_after(filter)?;
        let members = catalog.members(&self.declared);
        let members = members.filter(|(zone, _)| after.as_ref().is_none_or(|after| zone.apex > *after));
        let views = members.map(|(zone, membership)| {
            let rule = self.catalog_rule(Scope::Zone(zone.id), membership);
            let (group, moves_to) = (rule.group, rule.moves_to);
            CatalogMemberView { zone: zone.apex.to_string(), label: label(zone.id), group, moves_to }
        });
        Ok(page(views, page_limit(filter.limit), |view| view.zone.clone()))
    }

    fn catalog_named(&self, apex: &str) -> Result<(ZoneMeta, Catalog), Problem> {
        let zone = found(&self.declared, &read_name("the catalog", apex)?)?;
        let catalog = self.declared.catalog(zone.id).map(|catalog| Catalog::clone(catalog));
        Ok((zone, catalog.unwrap_or_default()))
    }

    fn catalog_view(&self, zone: &ZoneMeta, catalog: &Catalog) -> CatalogView {
        CatalogView {
            catalog: zone.apex.to_string(),
            tenant: tenant_name(&self.declared, zone.tenant),
            serial: self.snapshot.zone(&zone.apex).map_or(0, |zone| zone.soa().serial.0),
            members: catalog.members(&self.declared).count() as u64,
            rules: catalog.rules().map(|(scope, membership)| self.catalog_rule(scope, membership)).collect(),
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
