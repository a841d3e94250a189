//! Catalog zones (RFC 9432): lists of zones, themselves zones, by which secondaries learn what to serve.
//!
//! As a producer ([`Catalog`]) nothing of a catalog's content is stored. Which zones are members follows from what is
//! declared, and the label of a member from the zone's number: it is the same for as long as the zone lives, in
//! whatever catalog, and another when the zone is removed and made again, which makes consumers drop what they keep of
//! it (§5.4). [`content`] and [`difference`] say what the zone holds, the latter at the cost of what changed.
//!
//! As a consumer, [`Received`] is what a catalog of somebody else says, and [`decide`] what follows from that for the
//! zones that are there. Both are pure: whoever has transferred a catalog does as they say. What came of it is declared:
//! the catalogs that are followed ([`Consumed`]), and the zones that are theirs ([`Origin`]).
//!
//! Rejected: member labels by hash of the name, which stay the same for a zone that was made again; and a kind of zone
//! of its own in the store, since a catalog has the row of a verbatim zone that has no records.

mod consumed;
mod content;
mod decide;
mod declared;
mod received;
#[cfg(test)]
mod tests;

pub use consumed::{Consumed, GroupRule, Origin};
pub use content::{content, difference, label};
pub use decide::{Held, Holder, Step, decide};
pub use received::{Broken, Member, Received};

use crate::Scope;
use crate::declared::{Declared, ZoneMeta};
use crate::model::{TenantId, ZoneId};
use ptrd_wire::Ttl;
use std::collections::BTreeMap;

/// The only version of the schema that there is a standard for (RFC 9432 §4.2.1).
const VERSION: &str = "2";
/// The child of the apex below which the members are (RFC 9432 §4.1).
const ZONES: &str = "zones";
/// What stands below a member: the groups that it is in, and the catalog that it moves to (RFC 9432 §4.3).
const GROUP: &str = "group";
const COO: &str = "coo";
/// TTLs mean nothing in a catalog; 0 is what the standard recommends (RFC 9432 §4.1).
const TTL: Ttl = Ttl::from_secs(0);

/// Octets of an apex, in wire form, that leave room for all names of a catalog below it.
pub const LONGEST_APEX: usize = 255 - (GROUP.len() + 1) - (8 + 1) - (ZONES.len() + 1);

/// What is said of the zones of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Membership {
    /// They are members.
    Listed {
        /// The group, for consumers that treat zones of different groups differently.
        group: Option<String>,
        /// The catalog that they move to (RFC 9432 §4.3.1).
        moves_to: Option<ZoneId>,
    },
    /// They are not.
    LeftOut,
}

/// A catalog that is served here: which zones it lists. Of what is said of a zone, its tenant and all zones, the narrowest
/// counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    all: Option<Membership>,
    tenants: BTreeMap<TenantId, Membership>,
    zones: BTreeMap<ZoneId, Membership>,
}

impl Catalog {
    /// Says what zones of a scope are.
    pub fn put(&mut self, scope: Scope, membership: Membership) {
        match scope {
            Scope::All => self.all = Some(membership),
            Scope::Tenant(id) => drop(self.tenants.insert(id, membership)),
            Scope::Zone(id) => drop(self.zones.insert(id, membership)),
        }
    }

    /// All that is said, the widest scope first.
    pub fn rules(&self) -> impl Iterator<Item = (Scope, &Membership)> {
        let all = self.all.iter().map(|rule| (Scope::All, rule));
        let tenants = self.tenants.iter().map(|(id, rule)| (Scope::Tenant(*id), rule));
        all.chain(tenants).chain(self.zones.iter().map(|(id, rule)| (Scope::Zone(*id), rule)))
    }

    /// What counts for a zone; `None` where it is no member. A catalog is one only where it is named.
    pub fn membership(&self, declared: &Declared, zone: &ZoneMeta) -> Option<&Membership> {
        let named = self.zones.get(&zone.id);
        let wider = || self.tenants.get(&zone.tenant).or(self.all.as_ref());
        let counts = if declared.is_catalog(zone.id) { named } else { named.or_else(wider) };
        counts.filter(|membership| **membership != Membership::LeftOut)
    }

    /// The zones that are members, in canonical order.
    pub fn members<'a>(
        &'a self,
        declared: &'a Declared,
    ) -> impl Iterator<Item = (&'a ZoneMeta, &'a Membership)> {
        declared.zones().filter_map(|zone| Some((&**zone, self.membership(declared, zone)?)))
    }
}
