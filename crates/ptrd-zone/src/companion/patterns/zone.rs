//! What a companion zone shows of the names that templates give.

use super::super::{Type, octets, zone_end};
use super::Patterns;
use crate::names::NodeRef;
use crate::snapshot::Addresses;
use crate::zone::{Found, Path, Zone};
use ptrd_wire::{Family, Name, QName, RecordType, RrSet, Ttl};
use std::net::IpAddr;
use std::sync::Arc;

/// For which families a name has addresses by templates, with the TTLs of the RRsets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Families {
    v4: Option<Ttl>,
    v6: Option<Ttl>,
}

impl Families {
    /// Whether for any.
    #[inline]
    pub fn any(self) -> bool {
        self.v4.is_some() || self.v6.is_some()
    }

    /// Whether for this one.
    pub(crate) fn is_of(self, family: Family) -> bool {
        match family {
            Family::V4 => self.v4.is_some(),
            Family::V6 => self.v6.is_some(),
        }
    }

    /// Whether the name has an RRset of this type so.
    #[inline]
    pub fn has(self, rtype: RecordType) -> bool {
        self.ttl(rtype).is_some()
    }

    /// The TTL of the RRset of this type that it has so: the lowest of those that its addresses have.
    #[inline]
    pub fn ttl(self, rtype: RecordType) -> Option<Ttl> {
        match rtype {
            RecordType::A => self.v4,
            RecordType::AAAA => self.v6,
            _ => None,
        }
    }
}

impl Zone {
    /// The names that templates give in it.
    #[inline]
    pub(crate) fn patterns(&self) -> Option<&Patterns> {
        self.companion.as_ref()?.patterns.as_deref()
    }

    /// Whether these are the names that templates give in it.
    pub fn has_patterns(&self, patterns: Option<&Patterns>) -> bool {
        self.patterns() == patterns
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
        each: impl FnMut(IpAddr, Ttl),
    ) {
        let below = name.label_count() - self.apex_labels();
        if let Some(patterns) = self.patterns() {
            let place = (name, &Path::new(name, below), below);
            patterns.each(addresses, place, |of| of == family, each);
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
        let own = [has(RecordType::A), has(RecordType::AAAA)];
        let is_wanted = |family| !own[usize::from(family == Family::V6)];
        patterns.each(addresses, place, is_wanted, |address, ttl| {
            let known = if address.is_ipv4() { &mut found.v4 } else { &mut found.v6 };
            *known = Some(known.map_or(ttl, |known| known.min(ttl)));
        });
        found
    }

    /// The address RRsets that a name has by templates, as answers show them.
    fn computed_addresses(&self, addresses: &Addresses, name: &QName, families: Families) -> Vec<RrSet> {
        let of = |rtype: Type| {
            let ttl = families.ttl(rtype.rtype())?;
            let mut rdatas = Vec::new();
            self.each_computed(addresses, name, rtype.family(), |address, _| rdatas.push(octets(address)));
            Some(RrSet { rtype: rtype.rtype(), ttl, rdatas })
        };
        Type::BOTH.into_iter().filter_map(of).collect()
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

    /// Addresses that have a name by templates and to which it does not lead, since what was set there stands before them.
    pub fn overshadowed(&self, addresses: &Addresses, owner: &Name) -> Vec<IpAddr> {
        let mut name = QName::default();
        name.assign(owner.to_lowercase().as_wire());
        let mut found = Vec::new();
        for rtype in Type::BOTH {
            self.each_computed(addresses, &name, rtype.family(), |address, _| found.push(address));
        }
        found.retain(|address| !self.leads_to(addresses, owner, *address));
        found
    }

    /// Whether a name has this address, by a record of the zone's own or by one that follows.
    pub fn leads_to(&self, addresses: &Addresses, owner: &Name, address: IpAddr) -> bool {
        let node = self.names().node(&owner.key_below(self.apex_labels()));
        let own = Type::BOTH.into_iter().filter_map(|rtype| Some(node?.rrset(rtype.rtype())?.to_rrset()));
        let mut shown = own.chain(self.followed_addresses(addresses, owner));
        shown.any(|rrset| rrset.rdatas.contains(&octets(address)))
    }

    /// What of the zone's own keeps the names of templates from a name.
    pub(crate) fn keeps_names_from(&self, key: &[u8]) -> bool {
        let alias = self.names().node(key).is_some_and(|node| node.rrset(RecordType::CNAME).is_some());
        alias || zone_end(self.names(), key).is_some()
    }
}
