//! Who holds the names of a companion zone: its owner all of them, others what an operator granted. A right to an address
//! gives no right to a name.

use crate::declared::Declared;
use crate::model::{TenantId, ZoneId};
use crate::zone::Zone;
use ptrd_wire::{Name, QName};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The names of a companion zone that others than its owner hold: each with all below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameGrants(BTreeMap<TenantId, BTreeSet<Name>>);

impl NameGrants {
    /// Grants a tenant a name and all below it.
    pub fn put(&mut self, tenant: TenantId, name: Name) {
        self.0.entry(tenant).or_default().insert(name);
    }

    /// The grants, by tenant.
    pub fn iter(&self) -> impl Iterator<Item = (TenantId, &Name)> {
        self.0.iter().flat_map(|(tenant, names)| names.iter().map(|name| (*tenant, name)))
    }

    /// Whether a tenant was granted a name, or one above it.
    pub fn has(&self, tenant: TenantId, name: &QName) -> bool {
        let under = |granted: &Name| {
            let labels = granted.label_count();
            name.label_count() >= labels && granted.as_wire().eq_ignore_ascii_case(name.suffix(labels))
        };
        self.0.get(&tenant).is_some_and(|names| names.iter().any(under))
    }
}

impl Zone {
    /// Whether a tenant holds a name of this companion zone.
    pub(crate) fn is_held_by(&self, declared: &Declared, tenant: TenantId, name: &QName) -> bool {
        let grants = || declared.companion(self.id()).is_some_and(|grants| grants.has(tenant, name));
        self.tenant() == tenant || grants()
    }
}

impl Declared {
    /// Whether any zone is a companion.
    pub fn has_companions(&self) -> bool {
        !self.companions.is_empty()
    }

    /// The companion zones, by number.
    pub fn companions(&self) -> impl Iterator<Item = (ZoneId, &Arc<NameGrants>)> {
        self.companions.iter().map(|(zone, grants)| (*zone, grants))
    }

    /// The names that others hold in a companion zone; `None` of a zone that is none.
    pub fn companion(&self, zone: ZoneId) -> Option<&Arc<NameGrants>> {
        self.companions.get(&zone)
    }

    /// Puts these companion zones in the place of those that there are. What backs their names is to be brought up to date.
    pub fn set_companions(&mut self, companions: impl IntoIterator<Item = (ZoneId, NameGrants)>) {
        self.companions = companions.into_iter().map(|(zone, grants)| (zone, Arc::new(grants))).collect();
    }
}
