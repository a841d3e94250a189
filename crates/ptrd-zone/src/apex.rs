//! The apex of a zone that references an NS set or a SOA template: what they give, worked out once for the snapshot.
//!
//! The packed NS RRset of a set is made once and shared by all zones that show it. Only where a zone has other records
//! at its apex is a node of its own packed, so that a query finds all of the apex in one place either way.

use crate::declared::{Declared, ZoneMeta};
use crate::model::NsSet;
use crate::names::{NodeRef, RrSetRef, pack_node};
use crate::zone::Zone;
use ptrd_wire::{Name, RecordType, RrSet, Ttl};
use std::sync::Arc;

/// The RRsets of a name, packed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PackedNode(Arc<[u8]>);

impl PackedNode {
    fn of(rrsets: &[RrSet]) -> PackedNode {
        PackedNode(pack_node(rrsets))
    }

    /// The RRsets of a name but those of a type.
    pub(crate) fn without(node: NodeRef<'_>, rtype: RecordType) -> Option<PackedNode> {
        let rrsets = node.rrsets().filter(|rrset| rrset.rtype != rtype).map(|rrset| rrset.to_rrset());
        let rrsets: Vec<RrSet> = rrsets.collect();
        (!rrsets.is_empty()).then(|| PackedNode::of(&rrsets))
    }

    #[inline]
    pub(crate) fn node(&self) -> NodeRef<'_> {
        NodeRef::packed(&self.0)
    }
}

/// The NS RRset that a set gives, packed. A clone shares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenNs(PackedNode);

impl GivenNs {
    /// What a set gives where the defaults have this zone TTL; `None` of a set without nameservers.
    pub fn of(set: &NsSet, zone_ttl: Ttl) -> Option<GivenNs> {
        let rdatas: Vec<Box<[u8]>> = set.nameservers.iter().map(|name| name.as_wire().into()).collect();
        let ttl = set.ttl.unwrap_or(zone_ttl);
        (!rdatas.is_empty()).then(|| GivenNs(PackedNode::of(&[RrSet { rtype: RecordType::NS, ttl, rdatas }])))
    }

    /// The RRset.
    pub fn rrset(&self) -> Option<RrSetRef<'_>> {
        self.0.node().rrset(RecordType::NS)
    }

    /// The node that a zone shows at its apex: this RRset and what is stored there. `None` where the zone's own NS
    /// RRset stands in the way.
    pub(crate) fn beside(&self, stored: Option<NodeRef<'_>>) -> Option<PackedNode> {
        let Some(stored) = stored else { return Some(self.0.clone()) };
        if stored.rrset(RecordType::NS).is_some() {
            return None;
        }
        let mut rrsets: Vec<RrSet> =
            stored.rrsets().chain(self.rrset()).map(|rrset| rrset.to_rrset()).collect();
        rrsets.sort_by_key(|rrset| rrset.rtype);
        Some(PackedNode::of(&rrsets))
    }
}

/// What of a zone's apex became another by [`resolve_apex`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ApexChange {
    /// The NS RRset.
    pub ns: bool,
    /// The SOA, or its TTL.
    pub soa: bool,
}

/// Works out what the zone's NS set and SOA template give, and puts it into the zone. Letter case counts.
pub fn resolve_apex(declared: &Declared, meta: &ZoneMeta, zone: &mut Zone) -> ApexChange {
    let mut change = ApexChange::default();
    let given = meta.ns_set.and_then(|id| declared.given_ns(id));
    if zone.given_ns() != given {
        let before = zone.apex_ns().map(|rrset| rrset.to_rrset());
        zone.set_given_ns(given.cloned());
        change.ns = before != zone.apex_ns().map(|rrset| rrset.to_rrset());
    }
    if let Some(template) = meta.soa_template.and_then(|id| declared.soa_template(id)) {
        let first = zone.apex_ns().and_then(|ns| Name::from_wire(ns.rdatas().next()?).ok());
        let soa = template.soa(zone.soa().serial, first);
        let ttl = template.ttl.unwrap_or(declared.defaults().zone_ttl);
        if *soa.to_wire() != *zone.soa_rdata() || ttl != zone.soa_ttl() {
            zone.set_soa(soa, ttl);
            change.soa = true;
        }
    }
    change
}
