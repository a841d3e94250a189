//! NS sets and SOA templates as they are shown.

use crate::publish::View;
use crate::sets::{ns_set_named, soa_template_named};
use crate::version;
use crate::view::{page, page_limit};
use ptrd_api::{NsSetView, Page, Problem, SetFilter, SoaTemplateView};
use ptrd_wire::Name;
use ptrd_zone::model::{NsSet, NsSetId, SoaTemplate, SoaTemplateId};
use std::collections::HashMap;
use std::sync::Arc;

impl View {
    /// NS sets by name.
    ///
    /// # Errors
    /// None so far.
    pub fn ns_sets(&self, filter: &SetFilter) -> Result<Page<NsSetView>, Problem> {
        let counts = self.ns_set_counts();
        let mut sets: Vec<&Arc<NsSet>> = self.declared.ns_sets().collect();
        sets.sort_by(|a, b| a.name.cmp(&b.name));
        let after = filter.after.as_deref();
        let views = sets
            .into_iter()
            .filter(|set| after.is_none_or(|after| *set.name > *after))
            .map(|set| self.ns_set_view(set, counts.get(&set.id).copied().unwrap_or_default()));
        Ok(page(views, page_limit(filter.limit), |set| set.name.clone()))
    }

    /// The NS set of this name.
    ///
    /// # Errors
    /// There is none.
    pub fn ns_set(&self, name: &str) -> Result<NsSetView, Problem> {
        let set = ns_set_named(&self.declared, name)?;
        Ok(self.ns_set_view(set, self.ns_set_counts().get(&set.id).copied().unwrap_or_default()))
    }

    /// How many zones reference each set, and how many of them show NS records of their own.
    fn ns_set_counts(&self) -> HashMap<NsSetId, (u64, u64)> {
        let mut counts: HashMap<NsSetId, (u64, u64)> = HashMap::new();
        for zone in self.declared.zones() {
            let Some(id) = zone.ns_set else { continue };
            let has_own = self.snapshot.zone(&zone.apex).is_some_and(|zone| zone.has_own_ns());
            let count = counts.entry(id).or_default();
            *count = (count.0 + 1, count.1 + u64::from(has_own));
        }
        counts
    }

    fn ns_set_view(&self, set: &NsSet, (zones, overridden): (u64, u64)) -> NsSetView {
        NsSetView {
            name: set.name.clone(),
            nameservers: set.nameservers.iter().map(Name::to_string).collect(),
            ttl: set.ttl.unwrap_or(self.declared.defaults().zone_ttl).as_secs(),
            inherited_ttl: set.ttl.is_none(),
            zones,
            overridden,
            version: version::of_ns_set(set),
        }
    }

    /// SOA templates by name.
    ///
    /// # Errors
    /// None so far.
    pub fn soa_templates(&self, filter: &SetFilter) -> Result<Page<SoaTemplateView>, Problem> {
        let counts = self.soa_template_counts();
        let mut templates: Vec<&Arc<SoaTemplate>> = self.declared.soa_templates().collect();
        templates.sort_by(|a, b| a.name.cmp(&b.name));
        let after = filter.after.as_deref();
        let views = templates
            .into_iter()
            .filter(|template| after.is_none_or(|after| *template.name > *after))
            .map(|template| self.soa_template_view(template, counts.get(&template.id).copied().unwrap_or(0)));
        Ok(page(views, page_limit(filter.limit), |template| template.name.clone()))
    }

    /// The SOA template of this name.
    ///
    /// # Errors
    /// There is none.
    pub fn soa_template(&self, name: &str) -> Result<SoaTemplateView, Problem> {
        let template = soa_template_named(&self.declared, name)?;
        let zones = self.soa_template_counts().get(&template.id).copied().unwrap_or(0);
        Ok(self.soa_template_view(template, zones))
    }

    fn soa_template_counts(&self) -> HashMap<SoaTemplateId, u64> {
        let mut counts = HashMap::new();
        for id in self.declared.zones().filter_map(|zone| zone.soa_template) {
            *counts.entry(id).or_default() += 1;
        }
        counts
    }

    fn soa_template_view(&self, template: &SoaTemplate, zones: u64) -> SoaTemplateView {
        SoaTemplateView {
            name: template.name.clone(),
            mname: template.mname.as_ref().map(Name::to_string),
            rname: template.rname.to_string(),
            refresh: template.refresh,
            retry: template.retry,
            expire: template.expire,
            minimum: template.minimum.as_secs(),
            ttl: template.ttl.unwrap_or(self.declared.defaults().zone_ttl).as_secs(),
            inherited_ttl: template.ttl.is_none(),
            serial_policy: template.serial_policy.word().to_owned(),
            zones,
            version: version::of_soa_template(template),
        }
    }
}
