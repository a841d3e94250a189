//! Zones and their records within a plan: added, removed, altered.

use super::{LAST_SERIAL, Plan};
use crate::apex::zone_of_row;
use crate::powerdns_kind::PowerdnsKind;
use crate::zone_set::Start;
use ptrd_store::Edit;
use ptrd_wire::{Name, RecordType, RrSet, Serial};
use ptrd_zone::model::{SerialPolicy, SoaTemplate, TenantId, ZoneId, ZoneKind, ZoneRow, ZoneSoa};
use ptrd_zone::{CatalogKind, GivenNs, RrSetChange, Touch, View as Window, Zone, ZoneMeta, resolve_apex};
use std::sync::Arc;

/// What a zone of this kind shows of the address index.
pub(crate) fn window(kind: &ZoneKind) -> Window {
    match kind {
        ZoneKind::Range(prefix) => Window::Range(*prefix),
        ZoneKind::Classless { range, .. } => {
            Window::Classless { first: range.first_bits() as u32, last: range.last_bits() as u32 }
        }
        ZoneKind::Verbatim => Window::Verbatim,
    }
}

impl Plan<'_> {
    /// Adds a zone that starts as the defaults say, where `start` does not say otherwise: a native one references them, a
    /// verbatim one copies them.
    pub fn add_new_zone(
        &mut self,
        apex: Name,
        tenant: TenantId,
        kind: ZoneKind,
        start: Start,
    ) -> Arc<ZoneMeta> {
        let (default_set, default_template) = crate::defaults::of(self.declared());
        let template = start.soa_template.and_then(|id| self.declared().soa_template(id).cloned());
        let template = template.map_or(default_template, |template| SoaTemplate::clone(&template));
        let serial = self.first_serial(template.serial_policy);
        let is_native = kind != ZoneKind::Verbatim;
        let ns_set = start.ns_set.or_else(|| is_native.then_some(default_set.id));
        let zone_ttl = self.declared().defaults().zone_ttl;
        let (soa, serial_policy) = if is_native || start.soa_template.is_some() {
            (ZoneSoa::Of { template: template.id, serial }, None)
        } else {
            let first = ns_set
                .and_then(|id| self.declared().ns_set(id))
                .map_or(&default_set.nameservers, |set| &set.nameservers);
            let soa = template.soa(serial, first.first().cloned());
            let policy = Some(template.serial_policy).filter(|policy| *policy != SerialPolicy::default());
            (ZoneSoa::Own { soa, ttl: template.ttl.unwrap_or(zone_ttl) }, policy)
        };
        let row = ZoneRow { id: ZoneId(0), apex, tenant, kind, soa, ns_set, serial_policy };
        let copied = if ns_set.is_none() { GivenNs::of(&default_set, zone_ttl) } else { None };
        let records = copied.and_then(|given| Some((row.apex.clone(), given.rrset()?.to_rrset())));
        self.add_zone(row, records.into_iter().collect())
    }

    /// The serial of a new zone.
    pub fn first_serial(&self, policy: SerialPolicy) -> Serial {
        let last = Serial(self.next.numbers.last_serial);
        crate::serial::first(policy, Some(last).filter(|last| last.0 != 0), self.now)
    }

    /// Remembers the serial of a native zone that goes.
    fn keep_serial(&mut self, serial: Serial) {
        let last = self.next.numbers.last_serial;
        if last != 0 && !serial.is_after(Serial(last)) {
            return;
        }
        self.edit(Edit::Setting {
            name: LAST_SERIAL.to_owned(),
            before: (last != 0).then(|| last.to_string()),
            after: Some(serial.to_string()),
        });
        self.next.numbers.last_serial = serial.0;
    }

    /// Adds a zone with its records; its number is given here.
    pub fn add_zone(&mut self, mut row: ZoneRow, records: Vec<(Name, RrSet)>) -> Arc<ZoneMeta> {
        self.next.numbers.zone += 1;
        row.id = ZoneId(self.next.numbers.zone);
        self.put_zone(row, records)
    }

    /// Adds a zone that has a number.
    pub fn put_zone(&mut self, row: ZoneRow, records: Vec<(Name, RrSet)>) -> Arc<ZoneMeta> {
        let meta = ZoneMeta::of(&row);
        let mut zone = zone_of_row(&self.next.declared, &row, window(&row.kind));
        zone.apply_records(
            records.iter().map(|(owner, rrset)| (owner.clone(), rrset.rtype, Some(rrset.clone()))),
        );
        resolve_apex(&self.next.declared, &meta, &mut zone);
        self.edit(Edit::Zone { id: row.id, before: None, after: Some(Box::new(row)) });
        for (owner, rrset) in records {
            let (zone, rtype) = (meta.id, rrset.rtype);
            self.edit(Edit::Record { zone, owner, rtype, before: None, after: Some(rrset) });
        }
        self.next.snapshot.put_zone(zone);
        self.next.declared.put_zone(meta.clone());
        self.touch(meta.id, Touch::whole());
        self.fresh.insert(meta.id);
        self.touch_place(&meta.apex);
        Arc::new(meta)
    }

    /// Removes a zone with its records.
    pub fn remove_zone(&mut self, meta: &ZoneMeta) {
        let Some(zone) = self.zone(&meta.apex).cloned() else { return };
        for (owner, rrset) in stored_records(&zone) {
            let (zone, rtype) = (meta.id, rrset.rtype);
            self.edit(Edit::Record { zone, owner, rtype, before: Some(rrset), after: None });
        }
        let row = row_of(meta, &zone);
        if meta.kind != ZoneKind::Verbatim || zone.catalog() == Some(CatalogKind::Produced) {
            self.keep_serial(row.soa.serial());
        }
        self.edit(Edit::Zone { id: meta.id, before: Some(Box::new(row)), after: None });
        self.forget_zone_settings(meta.id);
        self.forget_catalog_settings(meta.id);
        self.forget_primaries(meta.id);
        self.forget_companion(meta.id);
        self.forget_consumption(meta.id);
        self.put_powerdns_kind(meta.id, PowerdnsKind::Master);
        self.next.snapshot.remove_zone(&meta.apex);
        self.next.declared.remove_zone(&meta.apex);
        self.touched.remove(&meta.id);
        self.changed.remove(&meta.id);
        self.removed.push(meta.apex.clone());
        self.touch_place(&meta.apex);
    }

    /// Alters a zone in the candidate.
    pub fn alter(&mut self, apex: &Name, alter: impl FnOnce(&mut Zone)) {
        if let Some(zone) = self.next.snapshot.zone(apex) {
            let mut zone = Zone::clone(zone);
            alter(&mut zone);
            self.next.snapshot.put_zone(zone);
        }
    }

    /// Puts and removes RRsets of a zone. What is already so is passed over.
    pub fn put_rrsets(&mut self, meta: &ZoneMeta, changes: Vec<RrSetChange>) -> u64 {
        let Some(zone) = self.zone(&meta.apex).cloned() else { return 0 };
        let labels = zone.apex_labels();
        let mut made = Vec::with_capacity(changes.len());
        for (owner, rtype, after) in changes {
            let node = zone.names().node(&owner.key_below(labels));
            let before = node.and_then(|node| node.rrset(rtype)).map(|rrset| rrset.to_rrset());
            if before == after {
                continue;
            }
            let edit =
                Edit::Record { zone: meta.id, owner: owner.clone(), rtype, before, after: after.clone() };
            self.edits.push(edit);
            made.push((owner, rtype, after));
        }
        let count = made.len() as u64;
        if count > 0 {
            // Whatever may be the NS set of the apex or an address of its nameservers shows in the zone above.
            let shows_above = |rtype| matches!(rtype, RecordType::NS | RecordType::A | RecordType::AAAA);
            if made.iter().any(|(_, rtype, _)| shows_above(*rtype)) {
                self.touch_above(&meta.apex);
            }
            // A cut of the zone's own stands before one that would follow from a zone below.
            for (owner, rtype, _) in &made {
                if *rtype == RecordType::NS && *owner != meta.apex {
                    self.touch(meta.id, Touch::name(owner.clone()));
                }
            }
            let apex_ns =
                made.iter().any(|(owner, rtype, _)| *rtype == RecordType::NS && *owner == meta.apex);
            self.alter(&meta.apex, |zone| zone.apply_records(made));
            if apex_ns {
                // MNAME may be the first of the nameservers.
                self.resolve(meta);
            }
            self.mark(meta.id);
        }
        count
    }
}

/// The zone's row as the store has it.
pub(crate) fn row_of(meta: &ZoneMeta, zone: &Zone) -> ZoneRow {
    let soa = match meta.soa_template {
        Some(template) => ZoneSoa::Of { template, serial: zone.soa().serial },
        None => ZoneSoa::Own { soa: zone.soa().clone(), ttl: zone.soa_ttl() },
    };
    ZoneRow {
        id: meta.id,
        apex: meta.apex.clone(),
        tenant: meta.tenant,
        kind: meta.kind.clone(),
        soa,
        ns_set: meta.ns_set,
        serial_policy: meta.serial_policy,
    }
}

/// The records of a zone that are not derived: of a catalog of ours all are.
pub(crate) fn stored_records(zone: &Zone) -> impl Iterator<Item = (Name, RrSet)> {
    let is_derived = zone.catalog() == Some(CatalogKind::Produced);
    let names = (!is_derived).then(|| zone.names().iter());
    names.into_iter().flatten().flat_map(move |(key, node)| {
        let owner = ptrd_zone::NameTree::owner(&key, node, zone.apex());
        node.rrsets().map(move |rrset| (owner.clone(), rrset.to_rrset())).collect::<Vec<_>>()
    })
}
