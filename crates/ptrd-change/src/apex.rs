//! What zones reference, within a plan: sets and templates put and removed, and the apexes that follow from them.
//!
//! One edit changes all zones that reference a set; each of those that shows it is resolved again, steps its serial and
//! takes its parent's cut along.

use crate::plan::{Plan, row_of};
use ptrd_store::Edit;
use ptrd_wire::{Name, RecordType, RrSet};
use ptrd_zone::model::{NsSet, NsSetId, SoaTemplate, SoaTemplateId, ZoneRow, ZoneSoa};
use ptrd_zone::{Declared, View, Zone, ZoneMeta, resolve_apex};
use std::sync::Arc;

/// A zone as its row says, without records; [`resolve_apex`] follows when those are there.
pub(crate) fn zone_of_row(declared: &Declared, row: &ZoneRow, view: View) -> Zone {
    let (soa, ttl) = match &row.soa {
        ZoneSoa::Own { soa, ttl } => (soa.clone(), *ttl),
        ZoneSoa::Of { template, serial } => {
            let found = declared.soa_template(*template).map(|template| SoaTemplate::clone(template));
            let template = found.unwrap_or_else(SoaTemplate::first);
            (template.soa(*serial, None), template.ttl.unwrap_or(declared.defaults().zone_ttl))
        }
    };
    let mut zone = Zone::new(row.id, row.apex.clone(), view, soa, ttl);
    zone.set_tenant(row.tenant);
    zone
}

impl Plan<'_> {
    /// Puts an NS set in place of the one with its number; a new one has the number 0 and is given one.
    pub fn put_ns_set(&mut self, mut set: NsSet) {
        if set.id.0 == 0 {
            self.next.numbers.ns_set += 1;
            set.id = NsSetId(self.next.numbers.ns_set);
        }
        let id = set.id;
        let before = self.declared().ns_set(id).map(|set| Box::new(NsSet::clone(set)));
        self.edit(Edit::NsSet { id, before, after: Some(Box::new(set.clone())) });
        self.next.declared.put_ns_set(set);
        self.resolve_where(|zone| zone.ns_set == Some(id));
    }

    /// Removes an NS set that no zone references.
    pub fn remove_ns_set(&mut self, set: &NsSet) {
        self.edit(Edit::NsSet { id: set.id, before: Some(Box::new(set.clone())), after: None });
        self.next.declared.remove_ns_set(set.id);
    }

    /// Puts a SOA template in place of the one with its number; a new one has the number 0 and is given one.
    pub fn put_soa_template(&mut self, mut template: SoaTemplate) {
        if template.id.0 == 0 {
            self.next.numbers.soa_template += 1;
            template.id = SoaTemplateId(self.next.numbers.soa_template);
        }
        let id = template.id;
        let before = self.declared().soa_template(id).map(|known| Box::new(SoaTemplate::clone(known)));
        self.edit(Edit::SoaTemplate { id, before, after: Some(Box::new(template.clone())) });
        self.next.declared.put_soa_template(template);
        self.resolve_where(|zone| zone.soa_template == Some(id));
    }

    /// Removes a SOA template that no zone references.
    pub fn remove_soa_template(&mut self, template: &SoaTemplate) {
        let id = template.id;
        self.edit(Edit::SoaTemplate { id, before: Some(Box::new(template.clone())), after: None });
        self.next.declared.remove_soa_template(id);
    }

    /// Puts what a zone references, and how its serial steps; nothing else of `meta` may have changed. `own_ns` puts or
    /// deletes the NS RRset that is stored at the apex. The serial steps if the zone shows something else afterwards.
    pub fn put_references(&mut self, meta: ZoneMeta, own_ns: Option<Option<RrSet>>) {
        let Some(known) = self.declared().zone(&meta.apex).cloned() else { return };
        let Some(before) = self.zone(&meta.apex).cloned() else { return };
        let mut after = Zone::clone(&before);
        let stored = before.names().node(&[]).and_then(|node| node.rrset(RecordType::NS));
        let stored = stored.map(|rrset| rrset.to_rrset());
        if let Some(own) = own_ns.filter(|own| *own != stored) {
            let (zone, owner, rtype) = (meta.id, meta.apex.clone(), RecordType::NS);
            after.apply_records([(owner.clone(), rtype, own.clone())]);
            self.edit(Edit::Record { zone, owner, rtype, before: stored, after: own });
        }
        if *known != meta {
            let (id, from, to) = (meta.id, row_of(&known, &before), row_of(&meta, &before));
            self.edit(Edit::Zone { id, before: Some(Box::new(from)), after: Some(Box::new(to)) });
            self.next.declared.put_zone(meta.clone());
        }
        resolve_apex(&self.next.declared, &meta, &mut after);
        let ns = |zone: &Zone| zone.apex_ns().map(|rrset| rrset.to_rrset());
        let (same_ns, same_soa) = (
            ns(&before) == ns(&after),
            before.soa_rdata() == after.soa_rdata() && before.soa_ttl() == after.soa_ttl(),
        );
        self.next.snapshot.put_zone(after);
        if !same_ns {
            self.touch_above(&meta.apex);
        }
        if !same_ns || !same_soa {
            self.mark(meta.id);
        }
    }

    /// Works out once more what a zone's references give, and keeps the books of what came of it.
    pub fn resolve(&mut self, meta: &ZoneMeta) {
        let Some(zone) = self.zone(&meta.apex) else { return };
        let mut zone = Zone::clone(zone);
        let change = resolve_apex(&self.next.declared, meta, &mut zone);
        self.next.snapshot.put_zone(zone);
        if change.ns {
            self.touch_above(&meta.apex);
        }
        if change.ns || change.soa {
            self.mark(meta.id);
        }
    }

    /// The same for every zone that may be concerned.
    pub fn resolve_where(&mut self, concerns: impl Fn(&ZoneMeta) -> bool) {
        let zones: Vec<Arc<ZoneMeta>> =
            self.declared().zones().filter(|zone| concerns(zone)).cloned().collect();
        zones.iter().for_each(|zone| self.resolve(zone));
    }
}

/// The NS set that gives, or would give, the NS RRset at this owner.
pub(crate) fn set_at<'d>(declared: &'d Declared, meta: &ZoneMeta, owner: &Name) -> Option<&'d Arc<NsSet>> {
    if *owner == meta.apex { declared.ns_set(meta.ns_set?) } else { None }
}
