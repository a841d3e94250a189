//! What a companion zone shows of the names that templates give.

use super::super::{Type, octets, zone_end};
use super::Patterns;
use crate::names::NodeRef;
use crate::snapshot::Addresses;
use crate::zone::{Found, Path, Zone};
use ptrd_wire::{Family, Name, QName, RecordType, RrSet, Ttl, ip_to_bits};
use std::net::IpAddr;
use std::sync::Arc;

/// For which families a name has addresses by templates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Families {
    v4: bool,
    v6: bool,
}

impl Families {
    /// Whether for any.
    #[inline]
    pub fn any(self) -> bool {
        self.v4 || self.v6
    }

    /// Whether for this one.
    pub(crate) fn is_of(self, family: Family) -> bool {
        match family {
            Family::V4 => self.v4,
            Family::V6 => self.v6,
        }
    }

    /// Whether the name has an RRset of this type so.
    #[inline]
    pub fn has(self, rtype: RecordType) -> bool {
        self.v4 && rtype == RecordType::A || self.v6 && rtype == RecordType::AAAA
    }
}

impl Zone {
    /// The names that templates give in it.
    #[inline]
    pub(crate) fn patterns(&self) -> Option<&Patterns> {
        self.companion.as_ref()?.patterns.as_deref()
    }

    /// Sets the names that templates give in it; returns whether these are others.
    pub fn set_patterns(&mut self, patterns: Option<Patterns>) -> bool {
        let Some(companion) = &mut self.companion else { return false };
        if companion.patterns.as_deref() == patterns.as_ref() {
            return false;
        }
        Arc::make_mut(companion).patterns = patterns.map(Arc::new);
        true
    }

    /// How many templates give no names in it, because more than [`crate::MOST_PATTERNS`] would have to be tried at a name.
    pub fn patterns_left_out(&self) -> usize {
        self.patterns().map_or(0, |patterns| patterns.left_out)
    }

    /// Calls `each` for the addresses of a family that a name has by templates. Without an allocation.
    pub fn each_computed(
        &self,
        addresses: &Addresses,
        name: &QName,
        family: Family,
        mut each: impl FnMut(IpAddr, Ttl),
    ) {
        let below = name.label_count() - self.apex_labels();
        if let Some(patterns) = self.patterns() {
            let place = (name, &Path::new(name, below), below);
            patterns.each(addresses, place, |address, ttl| {
                if ip_to_bits(address).0 == family {
                    each(address, ttl);
                }
            });
        }
    }

    /// Which addresses a name has by templates, where nothing of the zone stands before them: `node` is what it has there.
    pub(crate) fn computed_families(
        &self,
        addresses: &Addresses,
        place: (&QName, &Path, usize),
        node: Option<NodeRef<'_>>,
    ) -> Families {
        let mut found = Families::default();
        let Some(patterns) = self.patterns() else { return found };
        let has = |rtype| node.is_some_and(|node| node.rrset(rtype).is_some());
        if has(RecordType::CNAME) || has(RecordType::DNAME) {
            return found;
        }
        patterns.each(addresses, place, |address, _| match address {
            IpAddr::V4(_) => found.v4 = true,
            IpAddr::V6(_) => found.v6 = true,
        });
        found.v4 &= !has(RecordType::A);
        found.v6 &= !has(RecordType::AAAA);
        found
    }

    /// The address RRsets that a name has by templates, as answers show them.
    fn computed_addresses(&self, addresses: &Addresses, name: &QName, families: Families) -> Vec<RrSet> {
        let of = |rtype: Type| {
            let mut rrset = RrSet { rtype: rtype.rtype(), ttl: Ttl::MAX, rdatas: Vec::new() };
            self.each_computed(addresses, name, rtype.family(), |address, ttl| {
                rrset.ttl = rrset.ttl.min(ttl);
                rrset.rdatas.push(octets(address));
            });
            rrset
        };
        let types = Type::BOTH.into_iter().filter(|rtype| families.has(rtype.rtype()));
        types.map(of).collect()
    }

    /// The address RRsets that follow at a name, from PTRs or from templates, and are shown.
    pub fn followed_addresses(&self, addresses: &Addresses, owner: &Name) -> Vec<RrSet> {
        let mut found = self.derived_addresses(owner);
        let mut name = QName::default();
        name.assign(owner.to_lowercase().as_wire());
        if self.patterns().is_some()
            && let Found::Node(node) = self.find(addresses, &name, None)
        {
            found.extend(self.computed_addresses(addresses, &name, node.computed));
        }
        found
    }

    /// What of the zone's own keeps the names of templates from a name.
    pub(crate) fn keeps_names_from(&self, key: &[u8]) -> bool {
        let alias = self.names().node(key).is_some_and(|node| node.rrset(RecordType::CNAME).is_some());
        alias || zone_end(self.names(), key).is_some()
    }
}
