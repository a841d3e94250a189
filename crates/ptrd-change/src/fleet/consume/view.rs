//! Catalogs that are followed, and where zones come from, as they are shown.

use super::apply::owner;
use crate::consumer::Consumption;
use crate::fleet::follow::{spec_of, view_of};
use crate::publish::View;
use crate::tenant::tenant_name;
use ptrd_api::{CatalogGroupBody, CatalogMemberView, CatalogView, FollowedCatalogView, ZoneCatalogView};
use ptrd_wire::Name;
use ptrd_zone::catalog::{Consumed, GroupRule, Origin};
use ptrd_zone::model::ZoneId;
use ptrd_zone::{Declared, ZoneMeta};
use std::collections::BTreeMap;

fn text(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

fn groups(origin: &Origin) -> Vec<String> {
    origin.groups.iter().map(|group| text(group)).collect()
}

/// Where a zone comes from, if a catalog that is followed lists it.
pub(crate) fn view_of_origin(declared: &Declared, zone: ZoneId) -> Option<ZoneCatalogView> {
    let origin = declared.origin(zone)?;
    let catalog = declared.zone_by_id(origin.catalog)?.apex.to_string();
    Some(ZoneCatalogView { catalog, label: text(&origin.label), groups: groups(origin) })
}

impl View {
    /// A catalog that is followed; `how` is how it went, where somebody knows.
    pub(in crate::fleet) fn consumed_view(
        &self,
        zone: &ZoneMeta,
        consumed: &Consumed,
        how: Option<&Consumption>,
    ) -> CatalogView {
        let content = self.snapshot.zone(&zone.apex);
        let follow = content.and_then(|content| view_of(&self.snapshot, content)).unwrap_or_default();
        CatalogView {
            catalog: zone.apex.to_string(),
            tenant: tenant_name(&self.declared, zone.tenant),
            serial: content.map_or(0, |zone| zone.soa().serial.0),
            members: self.declared.count_from(zone.id) as u64,
            rules: Vec::new(),
            followed: Some(FollowedCatalogView {
                primaries: follow.primaries,
                state: follow.state,
                members_tenant: tenant_name(&self.declared, owner(&self.declared, (zone, consumed), &[])),
                groups: consumed.groups.iter().map(|(group, rule)| self.group_view(group, rule)).collect(),
                processed: how.and_then(|how| how.serial).map(|serial| serial.0),
                problem: how.and_then(|how| how.problem.clone()),
                refused: how.map_or(0, |how| how.refused.len() as u64),
            }),
        }
    }

    fn group_view(&self, group: &[u8], rule: &GroupRule) -> CatalogGroupBody {
        let tenant = rule.tenant.map(|id| tenant_name(&self.declared, id));
        let primaries = rule.followed.iter().flat_map(|followed| &followed.primaries).map(spec_of).collect();
        CatalogGroupBody { group: text(group), tenant, primaries }
    }

    /// The zones that come from a catalog, and those that it lists in vain, in canonical order.
    pub(in crate::fleet) fn consumed_members(
        &self,
        catalog: ZoneId,
        how: Option<&Consumption>,
    ) -> BTreeMap<Name, CatalogMemberView> {
        let mut members = BTreeMap::new();
        for id in self.declared.zones_from(catalog) {
            let (Some(meta), Some(origin)) = (self.declared.zone_by_id(id), self.declared.origin(id)) else {
                continue;
            };
            let mut view = blank(&meta.apex);
            (view.label, view.groups) = (text(&origin.label), groups(origin));
            members.insert(meta.apex.clone(), view);
        }
        for (zone, why) in how.into_iter().flat_map(|how| how.refused.iter()) {
            let view = members.entry(zone.clone()).or_insert_with(|| blank(zone));
            view.refused = Some(why.clone());
        }
        members
    }
}

fn blank(zone: &Name) -> CatalogMemberView {
    CatalogMemberView {
        zone: zone.to_string(),
        label: String::new(),
        group: None,
        moves_to: None,
        groups: Vec::new(),
        refused: None,
    }
}
