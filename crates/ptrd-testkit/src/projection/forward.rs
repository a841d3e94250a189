//! Addresses in companion forward zones, by going through all PTRs for each name.

use crate::world::World;
use ptrd_wire::{AddrRange, Name, RecordType, RrSet, Ttl};
use ptrd_zone::model::{BlockTemplate, Mode, TenantId, ZoneRecord, ZoneRow};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// So many addresses of one type follow at a name; where there are more, none does.
const MOST: usize = 2_048;

/// The same with the A and AAAA records that follow in companion zones as records of theirs.
pub(super) fn with_addresses(world: &World) -> World {
    let mut whole = world.clone();
    let mut found: BTreeMap<Name, BTreeMap<IpAddr, Ttl>> = BTreeMap::new();
    for (address, (ttl, names)) in &world.ptrs {
        let ttl = super::ptr_ttl(world, *address, *ttl);
        let Some(tenant) = tenant_of(world, *address) else { continue };
        for name in names {
            let zone = world.zone_holding(name);
            if zone.is_some_and(|zone| world.holds(zone, tenant, name)) {
                found.entry(name.to_lowercase()).or_default().insert(*address, ttl);
            }
        }
    }
    let set = found.clone();
    for (address, name) in computed(world) {
        let is_set = |(other, _): (&IpAddr, &Ttl)| other.is_ipv4() == address.is_ipv4();
        // A PTR that says the name goes before templates that do.
        if !set.get(&name).is_some_and(|addresses| addresses.iter().any(is_set)) {
            let ttl = super::ptr_ttl(world, address, None);
            found.entry(name).or_default().insert(address, ttl);
        }
    }
    for (name, addresses) in found {
        let Some(zone) = world.zone_holding(&name) else { continue };
        for rtype in [RecordType::A, RecordType::AAAA] {
            let is_v4 = rtype == RecordType::A;
            let of_type: Vec<(&IpAddr, &Ttl)> =
                addresses.iter().filter(|(address, _)| address.is_ipv4() == is_v4).collect();
            if of_type.is_empty() || of_type.len() > MOST || is_hidden(world, zone, &name, rtype) {
                continue;
            }
            let ttl = of_type.iter().map(|(_, ttl)| **ttl).min().expect("one at least");
            let rdatas = of_type.iter().map(|(address, _)| match address {
                IpAddr::V4(address) => address.octets().into(),
                IpAddr::V6(address) => address.octets().into(),
            });
            let rrset = RrSet { rtype, ttl, rdatas: rdatas.collect() };
            whole.records.push(ZoneRecord { zone: zone.id, owner: spelt(world, zone, &name), rrset });
        }
    }
    whole
}

/// The addresses without a PTR that a template gives a name in a companion zone, which they may have.
fn computed(world: &World) -> Vec<(IpAddr, Name)> {
    let templated = world.blocks.iter().filter(|block| matches!(block.template, BlockTemplate::Text(_)));
    let templated: Vec<AddrRange> = templated.map(|block| block.range).collect();
    // A zone that would show more of them than a transfer sends shows none.
    if world.companions.is_empty() || templated.iter().any(|range| range.size() > 1 << 20) {
        return Vec::new();
    }
    let candidates: BTreeSet<IpAddr> = templated.iter().flat_map(super::addresses).collect();
    let unset = candidates.into_iter().filter(|address| !world.ptrs.contains_key(address));
    let names = unset.filter_map(|address| {
        let (name, origin) = (world.computed_name(address)?, world.origin_of_computed(address)?);
        let (zone, tenant) = (world.zone_holding(&origin)?, tenant_of(world, address)?);
        let is_in = world.zone_holding(&name).is_some_and(|deepest| deepest.id == zone.id);
        (is_in && world.holds(zone, tenant, &origin)).then(|| (address, name.to_lowercase()))
    });
    names.collect()
}

/// Whose names an address may have: nobody's where others answer for it, or nobody does for now.
fn tenant_of(world: &World, address: IpAddr) -> Option<TenantId> {
    let around = world.blocks_around(&AddrRange::single(address));
    let elsewhere = around.iter().any(|block| {
        block.standing.suspended || block.mode == Mode::Observed || block.mode.delegation().is_some()
    });
    around.last().filter(|_| !elsewhere).map(|block| block.tenant)
}

/// Whether records of the zone's own keep addresses from a name.
fn is_hidden(world: &World, zone: &ZoneRow, name: &Name, rtype: RecordType) -> bool {
    let own = || world.records.iter().filter(|record| record.zone == zone.id);
    let ends = |record: &ZoneRecord| match record.rrset.rtype {
        RecordType::NS => record.owner != zone.apex,
        RecordType::DNAME => true,
        _ => false,
    };
    *name == zone.apex
        || name.labels().any(|label| label == b"*")
        || own().any(|record| ends(record) && name.is_at_or_under(&record.owner))
        || own()
            .any(|record| record.owner == *name && [RecordType::CNAME, rtype].contains(&record.rrset.rtype))
}

/// A name as the records of the zone's own spell it, in lower case below the apex where there are none.
fn spelt(world: &World, zone: &ZoneRow, name: &Name) -> Name {
    let own = world.records.iter().find(|record| record.zone == zone.id && record.owner == *name);
    let below = name.label_count() - zone.apex.label_count();
    let lower = || Name::from_labels(name.labels().take(below), &zone.apex).expect("as long as before");
    own.map_or_else(lower, |record| record.owner.clone())
}
