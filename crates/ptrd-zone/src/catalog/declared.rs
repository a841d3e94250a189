//! Catalogs among what is declared.

use super::Catalog;
use crate::declared::{Declared, ZoneMeta};
use crate::model::ZoneId;
use imbl::ordmap::DiffItem;
use std::sync::Arc;

impl Declared {
    /// The catalogs that are served here, by the number of the zone that each is.
    pub fn catalogs(&self) -> impl Iterator<Item = (ZoneId, &Arc<Catalog>)> {
        self.catalogs.iter().map(|(zone, catalog)| (*zone, catalog))
    }

    /// The catalog that a zone is, if it is one.
    pub fn catalog(&self, zone: ZoneId) -> Option<&Arc<Catalog>> {
        self.catalogs.get(&zone)
    }

    /// Puts these catalogs in the place of those that there are. Their zones are to be brought up to date
    /// ([`super::difference`]).
    pub fn set_catalogs(&mut self, catalogs: impl IntoIterator<Item = (ZoneId, Catalog)>) {
        self.catalogs = catalogs.into_iter().map(|(zone, catalog)| (zone, Arc::new(catalog))).collect();
    }

    /// The word for what a zone is in JSON and output: its kind, or that it is a catalog or a companion.
    pub fn kind_word(&self, zone: &ZoneMeta) -> &'static str {
        match () {
            () if self.is_catalog(zone.id) => "catalog",
            () if self.companion(zone.id).is_some() => "companion",
            () => zone.kind.word(),
        }
    }

    /// Each zone that came, went or is another than it was before: as it was, and as it is. What both share is passed over.
    pub(super) fn zones_changed(
        &self,
        before: &Declared,
        mut each: impl FnMut(Option<&ZoneMeta>, Option<&ZoneMeta>),
    ) {
        before.zones.diff(&self.zones).for_each(|change| match change {
            DiffItem::Add(_, new) => each(None, Some(new)),
            DiffItem::Update { old: (_, old), new: (_, new) } => each(Some(old), Some(new)),
            DiffItem::Remove(_, old) => each(Some(old), None),
        });
    }
}
