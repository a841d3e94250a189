//! The plan of an adoption, second half: zones change their kind, PTRs move, what follows from blocks goes; and the proof.

use super::build::{Builder, Converted};
use super::proof;
use crate::plan::{Inherited, row_of, window};
use crate::problem::internal;
use crate::ptr::packed;
use ptrd_api::Problem;
use ptrd_store::Edit;
use ptrd_wire::{Name, RecordType};
use ptrd_zone::model::{ZoneId, ZoneRow};
use ptrd_zone::{
    Addresses, PtrEdit, PtrEdits, PtrSet, RrSetChange, Snapshot, Touch, Zone, ZoneMeta, project,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Builder<'_, '_> {
    /// Zones get their new kind.
    pub fn convert(&mut self) {
        for Converted { meta, kind, moved } in &self.converted {
            let Some(zone) = self.plan.zone(&meta.apex).cloned() else { continue };
            let before = row_of(meta, &zone);
            let after = ZoneRow { kind: kind.clone(), ..before.clone() };
            self.plan.edit(Edit::Zone {
                id: meta.id,
                before: Some(Box::new(before)),
                after: Some(Box::new(after)),
            });
            let native = ZoneMeta { kind: kind.clone(), ..ZoneMeta::clone(meta) };
            self.plan.next.snapshot.put_zone(zone.with_view(window(kind)));
            self.plan.next.declared.put_zone(native.clone());
            let gone = moved.iter().map(|owner| (owner.clone(), RecordType::PTR, None)).collect();
            self.plan.put_rrsets(&native, gone);
            self.plan.touch(meta.id, Touch::whole());
            self.plan.touch_place(&meta.apex);
            // The old and the new kind answer alike, but a secondary must be able to tell them apart by the serial.
            self.plan.mark(meta.id);
        }
    }

    /// PTRs go to their addresses; one that takes its TTL from the block has none of its own.
    pub fn put_ptrs(&mut self) {
        self.ptrs.sort_by_key(|(address, _)| *address);
        self.ptrs.dedup_by_key(|(address, _)| *address);
        let octets: usize =
            self.ptrs.iter().flat_map(|(_, set)| &set.rdatas).map(|rdata| rdata.len() + 16).sum();
        let (mut edits, mut ttls) = (PtrEdits::with_capacity(octets), Inherited::default());
        let (mut there, mut names) = (Vec::new(), Vec::new());
        for (address, rrset) in &self.ptrs {
            names.clear();
            rrset.rdatas.iter().for_each(|rdata| names.extend_from_slice(rdata));
            let inherited = ttls.at(self.plan.declared(), *address);
            let ttl = Some(rrset.ttl).filter(|ttl| *ttl != inherited);
            let before = packed(self.plan.next.snapshot.addresses().ptr(*address), &mut there);
            let after = PtrSet { ttl, names: &names };
            if before.is_some_and(|before| crate::ptr::same(&before, &after)) {
                continue;
            }
            edits.push(PtrEdit { address: *address, before, after: Some(after) });
        }
        self.plan.put_ptrs(edits);
    }

    /// Takes away the records that follow from blocks and zones now. `false` when one would follow, and another stands
    /// there.
    pub fn drop_derived(&mut self) -> bool {
        self.plan.project_touched();
        let mut is_sound = true;
        let metas: Vec<Arc<ZoneMeta>> = self.converted.iter().map(|done| done.meta.clone()).collect();
        for meta in metas {
            let Some(native) = self.plan.declared().zone(&meta.apex).cloned() else { continue };
            let Some(zone) = self.plan.zone(&meta.apex).cloned() else { continue };
            let (gone, kept, clash) = self.follows(&native, &zone);
            for owner in kept {
                let reason = "the zone itself has other NS records, TTLs or glue".to_owned();
                self.keep(format!("{owner} NS"), reason);
            }
            if let Some(clash) = clash {
                is_sound &= self.left_out.contains_key(&meta.apex);
                self.left_out.entry(meta.apex.clone()).or_insert(clash);
            }
            self.plan.put_rrsets(&native, gone);
        }
        is_sound
    }

    /// Which of a zone's records follow from blocks and zones, which cuts for zones here differ from what would, and
    /// what stands in the way of something that will follow.
    fn follows(&self, native: &ZoneMeta, zone: &Zone) -> (Vec<RrSetChange>, Vec<Name>, Option<String>) {
        let (mut gone, mut kept, mut clash) = (Vec::new(), Vec::new(), None);
        let stored = |owner: &Name, rtype: RecordType| {
            let node = zone.names().node(&owner.key_below(zone.apex_labels()));
            node.and_then(|node| node.rrset(rtype)).map(|rrset| rrset.to_rrset())
        };
        // As if it had no records of its own.
        let mut bare = zone.without_records();
        let mut without = self.plan.next.snapshot.clone();
        without.put_zone(bare.clone());
        let derived = project(self.plan.declared(), &without, native);
        let children: Vec<Name> = derived
            .cuts
            .iter()
            .map(|(owner, _)| owner.clone())
            .filter(|owner| self.plan.declared().zone(owner).is_some())
            .collect();
        bare.set_derived(derived);
        let (below, others): (Vec<_>, Vec<_>) = bare
            .walk(&Addresses::default())
            .owned()
            .partition(|(owner, _)| owner.ancestors().any(|name| children.binary_search(&name).is_ok()));
        // A cut for a zone here goes as a whole, or stays as it is.
        let cut_of = |owner: &Name| owner.ancestors().find(|name| children.binary_search(name).is_ok());
        for cut in below.chunk_by(|(a, _), (b, _)| cut_of(a) == cut_of(b)) {
            let Some(apex) = cut.first().and_then(|(owner, _)| cut_of(owner)) else { continue };
            let equal = cut.iter().all(|(owner, rrset)| {
                stored(owner, rrset.rtype).is_some_and(|stored| proof::equal(&stored, rrset))
            });
            if equal {
                gone.extend(cut.iter().map(|(owner, rrset)| (owner.clone(), rrset.rtype, None)));
            } else if stored(&apex, RecordType::NS).is_some() {
                kept.push(apex);
            }
        }
        for (owner, rrset) in others {
            let Some(stored) = stored(&owner, rrset.rtype) else { continue };
            if proof::equal(&stored, &rrset) {
                gone.push((owner, rrset.rtype, None));
            } else if clash.is_none() {
                let found = proof::differences(vec![(owner.clone(), stored)], vec![(owner, rrset)]);
                clash = Some(found.join("; "));
            }
        }
        (gone, kept, clash)
    }

    /// Compares every RRset of every zone that was touched with what it was. `false` when a zone was left out for it.
    pub fn prove(&mut self) -> Result<bool, Problem> {
        let mut ids: BTreeSet<ZoneId> = self.plan.project_touched();
        ids.extend(self.plan.changed_zones());
        let mut is_sound = true;
        let mut owners: BTreeMap<ZoneId, Name> = BTreeMap::new();
        owners.extend(self.converted.iter().map(|done| (done.meta.id, done.meta.apex.clone())));
        for id in ids {
            let Some(meta) = self.plan.base.declared.zone_by_id(id) else {
                return Err(internal("an adoption brought a zone"));
            };
            let (base, next) = (&self.plan.base.snapshot, &self.plan.next.snapshot);
            let (Some(before), Some(after)) = (base.zone(&meta.apex), next.zone(&meta.apex)) else {
                return Err(internal(format!("the zone {} has no content", meta.apex)));
            };
            if Arc::ptr_eq(before, after) {
                continue;
            }
            let records =
                |zone: &Zone, snapshot: &Snapshot| zone.walk(snapshot.addresses()).owned().collect();
            let found = proof::differences(records(before, base), records(after, next));
            if found.is_empty() {
                continue;
            }
            is_sound = false;
            // A zone that was not to be touched at all: whoever was adopted around it is to blame.
            let blamed: Vec<Name> = match owners.get(&id) {
                Some(apex) => vec![apex.clone()],
                None => owners
                    .values()
                    .filter(|apex| apex.is_at_or_under(&meta.apex) || meta.apex.is_at_or_under(apex))
                    .cloned()
                    .collect(),
            };
            if blamed.is_empty() {
                return Err(internal(format!("{} would change: {}", meta.apex, found.join("; "))));
            }
            for apex in blamed {
                let reason = format!("its answers would change in {}: {}", meta.apex, found.join("; "));
                self.left_out.entry(apex).or_insert(reason);
            }
        }
        Ok(is_sound)
    }
}
