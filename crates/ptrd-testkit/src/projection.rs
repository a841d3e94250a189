//! The World as flat zones: each zone the list of RRsets that AXFR shows, SOA first.
//!
//! Written from the rules of the model alone, name by name and address by address; quadratic, without an index.
//! Everything derived has an owner, and the deepest zone served here that holds the owner shows it (for a cut: the
//! deepest zone above it), if that zone is native. RFC 2317 §4 (CNAMEs), RFC 1034 §4.2.1 (cuts and glue).

use crate::world::World;
use ptrd_wire::{
    AddrRange, Family, Name, RecordType, ReversePrefix, RrSet, Ttl, ip_from_bits, tile_for_registry,
};
use ptrd_zone::model::{Block, BlockId, BlockTemplate, Delegation, Mode, ZoneId, ZoneKind, ZoneRow};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// RRsets with their owners, SOA first, then in canonical order of owners; the data of each set sorted.
pub type FlatZone = Vec<(Name, RrSet)>;

/// Zones by apex.
pub type FlatZones = BTreeMap<Name, FlatZone>;

/// Every zone of the World as AXFR shows it.
pub fn flatten(world: &World) -> FlatZones {
    let world = &with_addresses(world);
    let cuts = derived_cuts(world);
    let cnames = derived_cnames(world, &cuts);
    let zones = world.zones.iter();
    zones.map(|zone| (zone.apex.clone(), flat_zone(&with_catalogs(world), zone, &cuts, &cnames))).collect()
}

/// The same with the records of catalogs (RFC 9432 §4).
fn with_catalogs(world: &World) -> World {
    let mut whole = world.clone();
    for catalog in &world.catalogs {
        let Some(row) = world.zones.iter().find(|row| row.id == catalog.zone) else { continue };
        let mut put = |owner: &str, rtype, rdata: &[u8]| {
            let owner = Name::parse_relative(owner, &row.apex).expect("room for a label or two");
            whole.record(row.id, owner, rtype, Ttl::from_secs(0), rdata);
        };
        put("@", RecordType::NS, b"\x07invalid\0");
        put("version", RecordType::TXT, b"\x012");
        let is_member = |zone: &&ZoneRow| !world.catalogs.iter().any(|catalog| catalog.zone == zone.id);
        for member in world.zones.iter().filter(is_member) {
            put(&format!("{:08x}.zones", member.id.0), RecordType::PTR, member.apex.as_wire());
        }
    }
    whole
}

mod forward;

use forward::with_addresses;

/// Whether something declared stands where something is derived: a zone at the owner of a CNAME or of an address's
/// cut, NS or CNAME as records at or below the owner of a derived cut, addresses as records where glue is derived.
pub(crate) fn has_conflicts(world: &World) -> bool {
    let cuts = derived_cuts(world);
    let uncut = derived_cnames(world, &[]).len() == derived_cnames(world, &cuts).len();
    let single = cuts.iter().enumerate().all(|(nth, cut)| {
        !cuts[nth + 1..].iter().any(|other| other.zone == cut.zone && other.owner == cut.owner)
    });
    let recorded = world.records.iter().any(|record| {
        let cut = cuts.iter().find(|cut| cut.zone == record.zone && record.owner.is_at_or_under(&cut.owner));
        cut.is_some_and(|cut| match record.rrset.rtype {
            RecordType::DS => {
                record.owner != cut.owner || cut.rrsets.iter().any(|(_, s)| s.rtype == RecordType::DS)
            }
            rtype => matches!(rtype, RecordType::NS | RecordType::CNAME | RecordType::A | RecordType::AAAA),
        })
    });
    !uncut || !single || recorded
}

/// A derived cut in a zone: its owner, and NS, DS and glue.
struct Cut {
    zone: ZoneId,
    owner: Name,
    rrsets: Vec<(Name, RrSet)>,
}

/// A derived CNAME in a zone.
struct Alias {
    zone: ZoneId,
    owner: Name,
    target: Name,
}

fn flat_zone(world: &World, zone: &ZoneRow, cuts: &[Cut], cnames: &[Alias]) -> FlatZone {
    let mut sets: BTreeMap<(Name, RecordType), RrSet> = BTreeMap::new();
    let mut put = |owner: &Name, rrset: &RrSet| {
        let set = sets.entry((owner.clone(), rrset.rtype)).or_insert_with(|| RrSet {
            rtype: rrset.rtype,
            ttl: rrset.ttl,
            rdatas: Vec::new(),
        });
        set.rdatas.extend(rrset.rdatas.iter().cloned());
        set.rdatas.sort();
        set.rdatas.dedup();
    };
    for record in world.records.iter().filter(|record| record.zone == zone.id) {
        put(&record.owner, &record.rrset);
    }
    if let Some(ns) = world.apex_ns(zone) {
        put(&zone.apex, &ns);
    }
    for (owner, rrset) in cuts.iter().filter(|cut| cut.zone == zone.id).flat_map(|cut| &cut.rrsets) {
        put(owner, rrset);
    }
    for alias in cnames.iter().filter(|alias| alias.zone == zone.id) {
        let ttl = alias_ttl(world, zone);
        put(&alias.owner, &RrSet::single(RecordType::CNAME, ttl, alias.target.as_wire()));
    }
    for (address, ttl, names, is_computed) in named_addresses(world, zone) {
        if world.is_withheld(&AddrRange::single(address)) {
            continue;
        }
        let Some(owner) = ptr_owner(world, zone, address) else { continue };
        let aliased = cnames.iter().any(|alias| alias.zone == zone.id && alias.owner == owner);
        if aliased || is_below_a_cut(world, cuts, zone.id, &owner) || names.is_empty() {
            continue;
        }
        if is_computed && keeps_ptrs_away(world, zone, &owner) {
            continue;
        }
        let ttl = ptr_ttl(world, address, ttl);
        let rdatas = names.iter().map(|name| name.as_wire().into()).collect();
        put(&owner, &RrSet { rtype: RecordType::PTR, ttl, rdatas });
    }
    let (soa, soa_ttl) = world.soa(zone);
    let soa = RrSet::single(RecordType::SOA, soa_ttl, soa.to_wire());
    let rest = sets.into_iter().map(|((owner, _), rrset)| (owner, rrset));
    std::iter::once((zone.apex.clone(), soa)).chain(rest).collect()
}

/// Every address that has PTRs, with the TTL that they were given; and whether a template gives them, which it does where
/// none were set.
fn named_addresses(world: &World, zone: &ZoneRow) -> Vec<(IpAddr, Option<Ttl>, Vec<Name>, bool)> {
    let set = world.ptrs.iter().map(|(address, (ttl, names))| (*address, *ttl, names.clone(), false));
    let mut all: Vec<_> = set.collect();
    let shown = match &zone.kind {
        ZoneKind::Range(prefix) => prefix.range(),
        ZoneKind::Classless { range, .. } => *range,
        ZoneKind::Verbatim => return all,
    };
    let templated = world.blocks.iter().filter(|block| matches!(block.template, BlockTemplate::Text(_)));
    let within = templated.filter(|block| block.range.family() == shown.family()).filter_map(|block| {
        let (first, last) = (block.range.first().max(shown.first()), block.range.last().min(shown.last()));
        AddrRange::new(first, last).ok()
    });
    let within: Vec<AddrRange> = within.collect();
    // A zone that would show more of them than a transfer sends shows none.
    if within.iter().any(|range| range.size() > 1 << 20) {
        return all;
    }
    let candidates: BTreeSet<IpAddr> = within.iter().flat_map(addresses).collect();
    for address in candidates.into_iter().filter(|address| !world.ptrs.contains_key(address)) {
        all.extend(world.computed_name(address).map(|name| (address, None, vec![name], true)));
    }
    all
}

/// Whether a zone has records of its own at a name beside which no PTR may stand.
fn keeps_ptrs_away(world: &World, zone: &ZoneRow, owner: &Name) -> bool {
    let is_apex = *owner == zone.apex;
    world.records.iter().filter(|record| record.zone == zone.id && record.owner == *owner).any(|record| {
        match record.rrset.rtype {
            RecordType::CNAME | RecordType::DNAME => true,
            RecordType::NS => !is_apex,
            _ => false,
        }
    })
}

/// Where a native zone would show the PTR of an address, if it is the zone to show it.
fn ptr_owner(world: &World, zone: &ZoneRow, address: IpAddr) -> Option<Name> {
    match &zone.kind {
        ZoneKind::Verbatim => None,
        ZoneKind::Range(_) => {
            let owner = reverse_name(address);
            (world.zone_holding(&owner)?.id == zone.id).then_some(owner)
        }
        ZoneKind::Classless { block, range } => {
            let given_away = world.blocks.iter().any(|inner| {
                inner.range.contains(address)
                    && !matches!(inner.mode, Mode::Direct | Mode::Observed)
                    && surrounding(world, inner).is_some_and(|outer| is_shown_in(outer, *block, &zone.apex))
                    && !is_without_effect(world, inner)
            });
            (range.contains(address) && !given_away).then(|| octet_name(address, &zone.apex))
        }
    }
}

/// Whether a zone of this block and apex is a block's own classless zone, or one that it had before.
fn is_shown_in(outer: &Block, block: BlockId, apex: &Name) -> bool {
    outer.id == block || outer.standing.former.iter().any(|label| label.apex == *apex)
}

/// The TTL of a PTR RRset: its own, else that of the most specific block that gives one, else the default.
fn ptr_ttl(world: &World, address: IpAddr, own: Option<Ttl>) -> Ttl {
    let around = world.blocks_around(&AddrRange::single(address));
    own.or_else(|| around.iter().rev().find_map(|block| block.default_ttl)).unwrap_or(world.defaults.ptr_ttl)
}

/// The TTL of a zone's CNAMEs: that of the most specific block around the whole zone that gives one, else the default.
fn alias_ttl(world: &World, zone: &ZoneRow) -> Ttl {
    let range = match &zone.kind {
        ZoneKind::Range(prefix) => prefix.range(),
        ZoneKind::Classless { range, .. } => *range,
        ZoneKind::Verbatim => return world.defaults.ptr_ttl,
    };
    let around = world.blocks_around(&range);
    around.iter().rev().find_map(|block| block.default_ttl).unwrap_or(world.defaults.ptr_ttl)
}

fn derived_cnames(world: &World, cuts: &[Cut]) -> Vec<Alias> {
    let mut aliases = Vec::new();
    for block in &world.blocks {
        let Some(apex) = block.mode.classless_apex() else { continue };
        if is_without_effect(world, block) {
            continue;
        }
        let outer = surrounding(world, block);
        for address in addresses(&block.range) {
            if world.is_withheld(&AddrRange::single(address)) {
                continue;
            }
            for (zone, owner) in places(world, outer, address) {
                if !is_below_a_cut(world, cuts, zone, &owner) {
                    aliases.push(Alias { zone, owner, target: octet_name(address, apex) });
                }
            }
        }
    }
    aliases
}

fn derived_cuts(world: &World) -> Vec<Cut> {
    let mut cuts = Vec::new();
    for block in &world.blocks {
        if is_without_effect(world, block) || world.is_withheld(&block.range) {
            continue;
        }
        for label in &block.standing.former {
            cuts.extend(label.delegation.as_ref().and_then(|cut| cut_below(world, block, &label.apex, cut)));
        }
        let outer = surrounding(world, block);
        match &block.mode {
            Mode::Direct | Mode::Observed | Mode::Classless { .. } => {}
            Mode::DelegatedWhole(delegation) => {
                for tile in tiles(&block.range) {
                    cuts.extend(cut_below(world, block, &tile.name(), delegation));
                }
            }
            Mode::DelegatedClassless { apex, delegation, .. } => {
                cuts.extend(cut_below(world, block, apex, delegation));
            }
            Mode::DelegatedEach(delegation) => {
                for address in addresses(&block.range) {
                    for (zone, owner) in places(world, outer, address) {
                        if is_below_a_cut(world, &[], zone, &owner) {
                            continue;
                        }
                        let rrsets = delegation_rrsets(world, block, &owner, delegation, false);
                        cuts.push(Cut { zone, owner, rrsets });
                    }
                }
            }
        }
    }
    let mut children = Vec::new();
    for child in &world.zones {
        let Some(parent) = world.zone_above(&child.apex) else { continue };
        // A delegation that was declared speaks for the cut, also where its child is served here as well.
        // Nor does the child where its parent has NS records of its own for it.
        let has_own = world.records.iter().any(|record| {
            record.zone == parent.id && record.owner == child.apex && record.rrset.rtype == RecordType::NS
        });
        if parent.kind != ZoneKind::Verbatim && !has_own && !is_cut_off(&cuts, parent.id, &child.apex) {
            let rrsets = child_rrsets(world, child);
            children.push(Cut { zone: parent.id, owner: child.apex.clone(), rrsets });
        }
    }
    cuts.extend(children);
    cuts
}

/// A delegation's cut in the deepest zone above its owner, if that one is native.
fn cut_below(world: &World, block: &Block, owner: &Name, delegation: &Delegation) -> Option<Cut> {
    let parent = world.zone_above(owner).filter(|zone| zone.kind != ZoneKind::Verbatim)?;
    let rrsets = delegation_rrsets(world, block, owner, delegation, true);
    Some(Cut { zone: parent.id, owner: owner.clone(), rrsets })
}

/// The zones that show an address of a block that is not served directly, and the owner there: the zones of the
/// nearest classless block around it (`outer`), else the range zone that holds the reverse name, else none.
fn places(world: &World, outer: Option<&Block>, address: IpAddr) -> Vec<(ZoneId, Name)> {
    match outer {
        None => {
            let owner = reverse_name(address);
            let zone = world.zone_holding(&owner);
            let zone = zone.filter(|zone| matches!(zone.kind, ZoneKind::Range(_)) && zone.apex != owner);
            zone.map(|zone| (zone.id, owner)).into_iter().collect()
        }
        Some(outer) => {
            let shows = |zone: &&ZoneRow| match &zone.kind {
                ZoneKind::Classless { block, range } => {
                    range.contains(address) && is_shown_in(outer, *block, &zone.apex)
                }
                ZoneKind::Range(_) | ZoneKind::Verbatim => false,
            };
            let zones = world.zones.iter().filter(shows);
            zones.map(|zone| (zone.id, octet_name(address, &zone.apex))).collect()
        }
    }
}

/// The nearest block around this one that is served in another way than directly; one that is observed is not served.
fn surrounding<'a>(world: &'a World, block: &Block) -> Option<&'a Block> {
    let around = world.blocks_around(&block.range);
    let is_direct = |outer: &Block| matches!(outer.mode, Mode::Direct | Mode::Observed);
    around.into_iter().rev().find(|outer| outer.range != block.range && !is_direct(outer))
}

/// Whether the block delegates what a block around it has delegated already.
fn is_without_effect(world: &World, block: &Block) -> bool {
    let mut around = world.blocks_around(&block.range).into_iter();
    block.mode.delegation().is_some()
        && around.any(|outer| outer.range != block.range && outer.mode.delegation().is_some())
}

/// Whether a name lies below a cut of the zone, derived or by records, or at a derived one. What is derived for addresses
/// is not shown there; records stay, as glue or for nothing.
fn is_below_a_cut(world: &World, cuts: &[Cut], zone: ZoneId, owner: &Name) -> bool {
    let apex = world.zones.iter().find(|row| row.id == zone).map(|row| &row.apex);
    let by_records = world.records.iter().any(|record| {
        record.zone == zone
            && record.rrset.rtype == RecordType::NS
            && Some(&record.owner) != apex
            && owner.is_under(&record.owner)
    });
    by_records || is_cut_off(cuts, zone, owner)
}

fn is_cut_off(cuts: &[Cut], zone: ZoneId, owner: &Name) -> bool {
    cuts.iter().any(|cut| cut.zone == zone && owner.is_at_or_under(&cut.owner))
}

/// NS, DS and glue of a delegation, with the TTL that its block gives, else the default for zones.
fn delegation_rrsets(
    world: &World,
    block: &Block,
    cut: &Name,
    delegation: &Delegation,
    secure: bool,
) -> Vec<(Name, RrSet)> {
    let ttl = block.default_ttl.unwrap_or(world.defaults.zone_ttl);
    let mut rrsets = Vec::new();
    for nameserver in &delegation.nameservers {
        rrsets.push((cut.clone(), RrSet::single(RecordType::NS, ttl, nameserver.name.as_wire())));
        if !nameserver.name.is_at_or_under(cut) {
            continue;
        }
        for address in &nameserver.addresses {
            rrsets.push((nameserver.name.clone(), address_rrset(*address, ttl)));
        }
    }
    if secure {
        for ds in &delegation.ds {
            rrsets.push((cut.clone(), RrSet::single(RecordType::DS, ttl, ds.clone())));
        }
    }
    rrsets
}

/// What a parent shows of a child zone served here: its NS, and the addresses in it that they need.
fn child_rrsets(world: &World, child: &ZoneRow) -> Vec<(Name, RrSet)> {
    let records = || world.records.iter().filter(|record| record.zone == child.id);
    let mut rrsets = Vec::new();
    if let Some(ns) = world.apex_ns(child) {
        rrsets.push((child.apex.clone(), ns.clone()));
        for target in ns.rdatas.iter().filter_map(|rdata| Name::from_wire(rdata).ok()) {
            if !target.is_at_or_under(&child.apex) {
                continue;
            }
            for glue in records().filter(|r| r.owner == target) {
                if matches!(glue.rrset.rtype, RecordType::A | RecordType::AAAA) {
                    rrsets.push((target.clone(), glue.rrset.clone()));
                }
            }
        }
    }
    rrsets
}

fn address_rrset(address: IpAddr, ttl: Ttl) -> RrSet {
    match address {
        IpAddr::V4(v4) => RrSet::single(RecordType::A, ttl, v4.octets()),
        IpAddr::V6(v6) => RrSet::single(RecordType::AAAA, ttl, v6.octets()),
    }
}

/// The apexes that a block delegated whole is made of: those that a registry delegates, or, for a range on a deeper
/// border (one IPv4 address), that one name.
fn tiles(range: &AddrRange) -> Vec<ReversePrefix> {
    if let Some(tiles) = tile_for_registry(range) {
        return tiles;
    }
    let label = range.family().label_bits();
    match range.prefix_len() {
        Some(length) if length % label == 0 => vec![ReversePrefix::new(range.first(), length / label)],
        _ => Vec::new(),
    }
}

/// The full-length reverse name of an address.
fn reverse_name(address: IpAddr) -> Name {
    ReversePrefix::new(address, Family::V6.full_depth()).name()
}

/// The last octet of an address below the apex of a classless zone.
fn octet_name(address: IpAddr, apex: &Name) -> Name {
    let octet = match address {
        IpAddr::V4(v4) => v4.octets()[3],
        IpAddr::V6(v6) => v6.octets()[15],
    };
    Name::from_labels([octet.to_string()], apex).expect("an apex with room for one more short label")
}

fn addresses(range: &AddrRange) -> impl Iterator<Item = IpAddr> + use<> {
    assert!(range.size() <= 65_536, "{range} is too large to be shown address by address in a test");
    let family = range.family();
    (range.first_bits()..=range.last_bits()).map(move |bits| ip_from_bits(family, bits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::Script;
    use crate::text::record_to_text;

    fn shown(script: &str, apex: &str) -> Vec<String> {
        let script = Script::parse("test", script).expect("a script");
        let flat = flatten(&script.world);
        let zone = &flat[&apex.parse().expect("a name")];
        zone.iter()
            .skip(1)
            .flat_map(|(owner, rrset)| record_to_text(owner, rrset))
            .filter(|line| !line.contains("example.net"))
            .collect()
    }

    #[test]
    fn classless_inside_classless() {
        let text = "block 192.0.2.0/24 direct\n\
                    block 192.0.2.0/30 classless first-len\n\
                    block 192.0.2.2/31 ttl=60 classless first-last\n\
                    ptr 192.0.2.0 a.example.\nptr 192.0.2.3 b.example.\nptr 192.0.2.4 c.example.\n";
        assert_eq!(
            shown(text, "2.0.192.in-addr.arpa"),
            [
                "0.2.0.192.in-addr.arpa. 3600 CNAME 0.0-30.2.0.192.in-addr.arpa.",
                "1.2.0.192.in-addr.arpa. 3600 CNAME 1.0-30.2.0.192.in-addr.arpa.",
                "2.2.0.192.in-addr.arpa. 3600 CNAME 2.0-30.2.0.192.in-addr.arpa.",
                "3.2.0.192.in-addr.arpa. 3600 CNAME 3.0-30.2.0.192.in-addr.arpa.",
                "4.2.0.192.in-addr.arpa. 3600 PTR c.example.",
            ]
        );
        assert_eq!(
            shown(text, "0-30.2.0.192.in-addr.arpa"),
            [
                "0.0-30.2.0.192.in-addr.arpa. 3600 PTR a.example.",
                "2.0-30.2.0.192.in-addr.arpa. 3600 CNAME 2.2-3.2.0.192.in-addr.arpa.",
                "3.0-30.2.0.192.in-addr.arpa. 3600 CNAME 3.2-3.2.0.192.in-addr.arpa.",
            ]
        );
        assert_eq!(
            shown(text, "2-3.2.0.192.in-addr.arpa"),
            ["3.2-3.2.0.192.in-addr.arpa. 60 PTR b.example."]
        );
    }

    #[test]
    fn delegations_of_each_kind() {
        let text = "block 192.0.2.0/24 direct\n\
                    block 192.0.2.0/31 delegate-ns ns=ns.cust.example.\n\
                    block 192.0.2.2/31 delegate-classless first-len ns=ns.2-31.2.0.192.in-addr.arpa.@192.0.2.9\n\
                    block 192.0.2.4 delegate-zone ns=ns.cust.example. ds=1,13,2,00ff\n\
                    ptr 192.0.2.0 a.example.\nptr 192.0.2.3 b.example.\nptr 192.0.2.4 c.example.\n";
        assert_eq!(
            shown(text, "2.0.192.in-addr.arpa"),
            [
                "0.2.0.192.in-addr.arpa. 86400 NS ns.cust.example.",
                "1.2.0.192.in-addr.arpa. 86400 NS ns.cust.example.",
                "2.2.0.192.in-addr.arpa. 3600 CNAME 2.2-31.2.0.192.in-addr.arpa.",
                "2-31.2.0.192.in-addr.arpa. 86400 NS ns.2-31.2.0.192.in-addr.arpa.",
                "ns.2-31.2.0.192.in-addr.arpa. 86400 A 192.0.2.9",
                "3.2.0.192.in-addr.arpa. 3600 CNAME 3.2-31.2.0.192.in-addr.arpa.",
                "4.2.0.192.in-addr.arpa. 86400 NS ns.cust.example.",
                "4.2.0.192.in-addr.arpa. 86400 DS 1 13 2 00ff",
            ]
        );
    }

    #[test]
    fn a_verbatim_zone_hides_the_addresses_below_it_and_shows_nothing_derived() {
        let text = "block 192.0.0.0/16 direct\n\
                    zone 2.0.192.in-addr.arpa. verbatim\n@ SOA ns. h. 1 2 3 4 5\n@ NS ns\nns A 192.0.2.7\nend\n\
                    block 192.0.2.0/31 classless first-len\n\
                    ptr 192.0.2.9 a.example.\nptr 192.0.3.9 b.example.\n";
        assert_eq!(
            shown(text, "0.192.in-addr.arpa"),
            [
                "2.0.192.in-addr.arpa. 3600 NS ns.2.0.192.in-addr.arpa.",
                "ns.2.0.192.in-addr.arpa. 3600 A 192.0.2.7",
                "9.3.0.192.in-addr.arpa. 3600 PTR b.example.",
            ]
        );
        assert_eq!(shown(text, "2.0.192.in-addr.arpa").len(), 2);
    }
}
