//! Catalogs within a plan: brought up to date once all else is settled, so that a change that makes and removes zones is
//! one step of their serials.

use super::Plan;
use crate::fleet;
use crate::problem::internal;
use ptrd_api::Problem;
use ptrd_zone::model::ZoneId;
use ptrd_zone::{CatalogKind, Declared, Snapshot, Zone, catalog};

impl Plan<'_> {
    /// Brings the catalogs up to date with what is declared now.
    pub(crate) fn project_catalogs(&mut self) -> Result<(), Problem> {
        if self.catalogs_touched {
            let catalogs = fleet::catalogs(&self.next.settings).map_err(internal)?;
            self.next.declared.set_catalogs(catalogs);
        }
        let catalogs: Vec<ZoneId> = self.next.declared.catalogs().map(|(id, _)| id).collect();
        for id in catalogs {
            let declared = &self.next.declared;
            let (Some(meta), Some(now)) = (declared.zone_by_id(id), declared.catalog(id)) else { continue };
            let base = &self.base.declared;
            let before = base.catalog(id).filter(|_| base.zone_by_id(id).is_some());
            let changes = match before {
                Some(before) => catalog::difference(&meta.apex, (base, before), (declared, now)),
                None => catalog::content(declared, now, &meta.apex),
            };
            if changes.is_empty() {
                continue;
            }
            let apex = meta.apex.clone();
            self.alter(&apex, |zone| {
                zone.set_catalog(Some(CatalogKind::Produced));
                zone.apply_records(changes);
            });
            self.mark(id);
        }
        Ok(())
    }
}

/// Makes the content of all catalogs, in zones that have none yet.
pub(crate) fn fill_catalogs(declared: &Declared, snapshot: &mut Snapshot) {
    for (id, catalog) in declared.catalogs() {
        let Some(zone) = declared.zone_by_id(id).and_then(|meta| snapshot.zone(&meta.apex)) else { continue };
        let mut zone = Zone::clone(zone);
        zone.set_catalog(Some(CatalogKind::Produced));
        zone.apply_records(catalog::content(declared, catalog, &zone.apex().clone()));
        snapshot.put_zone(zone);
    }
}
