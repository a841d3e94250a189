//! Catalogs of others that are followed, and the zones that are there because they list them, among what is declared.

use crate::declared::Declared;
use crate::follow::Followed;
use crate::model::{TenantId, ZoneId};
use imbl::OrdSet;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A catalog that is followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consumed {
    /// Whose zones its members are.
    pub tenant: TenantId,
    /// What is otherwise for members of a group.
    pub groups: BTreeMap<Box<[u8]>, GroupRule>,
}

/// What is otherwise for members of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupRule {
    /// Whose they are.
    pub tenant: Option<TenantId>,
    /// From whom they are pulled.
    pub followed: Option<Arc<Followed>>,
}

impl Consumed {
    /// What is said of a member that is in these groups: of the first of them, in order, that something is said of.
    pub fn rule(&self, groups: &[Box<[u8]>]) -> Option<&GroupRule> {
        groups.iter().find_map(|group| self.groups.get(group))
    }
}

/// Where a zone comes from that a catalog lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The catalog.
    pub catalog: ZoneId,
    /// The label of its node, in lower case.
    pub label: Box<[u8]>,
    /// Its groups.
    pub groups: Vec<Box<[u8]>>,
}

impl Declared {
    /// The catalogs that are followed, by number.
    pub fn all_consumed(&self) -> impl Iterator<Item = (ZoneId, &Arc<Consumed>)> {
        self.consumed.iter().map(|(zone, consumed)| (*zone, consumed))
    }

    /// The catalog that a zone is, if it is one that is followed.
    pub fn consumed(&self, zone: ZoneId) -> Option<&Arc<Consumed>> {
        self.consumed.get(&zone)
    }

    /// Where a zone comes from, if a catalog that is followed lists it.
    pub fn origin(&self, zone: ZoneId) -> Option<&Arc<Origin>> {
        self.origins.get(&zone)
    }

    /// The zones that come from a catalog, by number.
    pub fn zones_from(&self, catalog: ZoneId) -> impl Iterator<Item = ZoneId> + '_ {
        self.members.get(&catalog).into_iter().flat_map(|members| members.iter().copied())
    }

    /// How many these are.
    pub fn count_from(&self, catalog: ZoneId) -> usize {
        self.members.get(&catalog).map_or(0, OrdSet::len)
    }

    /// Whether a zone is a catalog, served or followed.
    pub fn is_catalog(&self, zone: ZoneId) -> bool {
        self.catalogs.contains_key(&zone) || self.consumed.contains_key(&zone)
    }

    /// Makes a zone a catalog that is followed, or not any more.
    pub fn set_consumed(&mut self, zone: ZoneId, consumed: Option<Consumed>) {
        match consumed {
            Some(consumed) => drop(self.consumed.insert(zone, Arc::new(consumed))),
            None => drop(self.consumed.remove(&zone)),
        }
    }

    /// Says where a zone comes from; from no catalog, if `None`.
    pub fn set_origin(&mut self, zone: ZoneId, origin: Option<Origin>) {
        if let Some(before) = self.origins.remove(&zone) {
            let mut members = self.members.remove(&before.catalog).unwrap_or_default();
            members.remove(&zone);
            if !members.is_empty() {
                self.members.insert(before.catalog, members);
            }
        }
        if let Some(origin) = origin {
            self.members.entry(origin.catalog).or_default().insert(zone);
            self.origins.insert(zone, Arc::new(origin));
        }
    }
}
