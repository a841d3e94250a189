//! The projection: what follows in a zone from the blocks and from the other zones. Pure; the change road calls it
//! for the zones that a change can affect, and steps the serial of those where the outcome differs.
//!
//! Changing what this yields for the same input changes zones without a change: see [`VERSION`].

use crate::declared::{Declared, ZoneMeta};
use crate::derived::{Cut, Derived, Exception, ExceptionRange};
use crate::model::{Block, Delegation, Mode, ZoneKind};
use crate::snapshot::Snapshot;
use crate::zone::Zone;
use ptrd_wire::{
    AddrRange, Name, RecordType, ReversePrefix, RrSet, Ttl, canonical_octet, ip_from_bits, tile_for_registry,
};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

/// Stands for what this code makes of blocks. It rises when that changes, and serials step with it.
pub const VERSION: u32 = 3;

/// What follows in a zone. The zones below it must be in the snapshot already, for the NS and glue of their cuts.
pub fn project(declared: &Declared, snapshot: &Snapshot, zone: &ZoneMeta) -> Derived {
    if zone.kind == ZoneKind::Verbatim {
        return Derived::default();
    }
    let mut derived = Derived { alias_ttl: declared.alias_ttl(&zone.kind), ..Derived::default() };
    for block in declared.classless_below(&zone.apex) {
        if let Mode::DelegatedClassless { apex, delegation, .. } = &block.mode
            && !declared.is_handed_over(block.id)
            && declared.suspending(&block.range).is_none()
            && declared.zone_above(apex).is_some_and(|above| above.id == zone.id)
        {
            let cut = cut_of_delegation(declared, block, delegation);
            derived.cuts.push((apex.clone(), Arc::new(cut)));
        }
    }
    // Whoever follows a CNAME from a cache to a label of before is referred on as before.
    for (block, label) in declared.former_below(&zone.apex) {
        if let Some(delegation) = &label.delegation
            && !declared.is_handed_over(block.id)
            && declared.suspending(&block.range).is_none()
            && declared.zone_above(&label.apex).is_some_and(|above| above.id == zone.id)
        {
            let cut = cut_of_delegation(declared, block, delegation);
            derived.cuts.push((label.apex.clone(), Arc::new(cut)));
        }
    }
    let mut withheld = Vec::new();
    match &zone.kind {
        ZoneKind::Range(prefix) => {
            withheld = declared.withheld(&prefix.range());
            project_range(declared, zone, prefix, &mut derived);
        }
        ZoneKind::Classless { range, .. } => {
            withheld = declared.withheld(range);
            let inside = declared.blocks_in(range);
            derived.exceptions.extend(inside.filter_map(|inner| exception_of(declared, zone, inner)));
        }
        ZoneKind::Verbatim => {}
    }
    // A delegation that was declared speaks for its cut, also where the child is served here as well.
    let delegated: BTreeSet<Name> = derived.cuts.iter().map(|(owner, _)| owner.clone()).collect();
    let own = snapshot.zone(&zone.apex);
    for child in declared.zones_below(&zone.apex) {
        if declared.zone_above(&child.apex).is_some_and(|above| above.id == zone.id)
            && !delegated.contains(&child.apex)
            // A parent that came with a cut of its own for the child keeps it.
            && !own.is_some_and(|own| has_cut(own, &child.apex))
            && let Some(cut) = cut_of_zone(snapshot, &child.apex)
        {
            derived.cuts.push((child.apex.clone(), Arc::new(cut)));
        }
    }
    derived.exceptions.sort_by_key(|exception| exception.range.first_bits());
    withhold(&mut derived.exceptions, &withheld);
    drop_occluded(zone, &mut derived);
    // As a zone keeps them: whoever compares must not take another order for another content.
    derived.cuts.sort_by(|a, b| a.0.cmp(&b.0));
    derived
}

/// Puts ranges that show nothing in the place of whatever stands there.
fn withhold(exceptions: &mut Vec<ExceptionRange>, withheld: &[AddrRange]) {
    if withheld.is_empty() {
        return;
    }
    let mut all: Vec<ExceptionRange> =
        withheld.iter().map(|range| ExceptionRange { range: *range, what: Exception::Withheld }).collect();
    for exception in exceptions.drain(..) {
        let nth = withheld.partition_point(|range| range.last() < exception.range.first());
        let mut from = Some(exception.range.first());
        for gone in withheld[nth..].iter().take_while(|gone| gone.first() <= exception.range.last()) {
            let before = gone.first_bits().checked_sub(1).map(|bits| ip_from_bits(gone.family(), bits));
            if let (Some(first), Some(last)) = (from, before)
                && let Ok(range) = AddrRange::new(first, last)
            {
                all.push(ExceptionRange { range, what: exception.what.clone() });
            }
            from = gone.last_bits().checked_add(1).map(|bits| ip_from_bits(gone.family(), bits));
        }
        let rest = from.and_then(|first| AddrRange::new(first, exception.range.last()).ok());
        all.extend(rest.map(|range| ExceptionRange { range, what: exception.what }));
    }
    all.sort_by_key(|exception| exception.range.first_bits());
    *exceptions = all;
}

/// A cut below another one is not the zone's to show.
fn drop_occluded(zone: &ZoneMeta, derived: &mut Derived) {
    let owners: BTreeSet<Name> = derived.cuts.iter().map(|(owner, _)| owner.clone()).collect();
    let exceptions = &derived.exceptions;
    let is_cut_address = |name: &Name| {
        address_at(zone, name).is_some_and(|bits| {
            let within = |e: &&ExceptionRange| (e.range.first_bits()..=e.range.last_bits()).contains(&bits);
            exceptions.iter().find(within).is_some_and(|e| matches!(e.what, Exception::Cut(_)))
        })
    };
    derived.cuts.retain(|(owner, _)| {
        let above = owner.ancestors().skip(1).take_while(|name| name.is_under(&zone.apex));
        !above.into_iter().any(|name| owners.contains(&name) || is_cut_address(&name))
    });
}

/// The address that a name of a native zone stands for, as a number.
pub(crate) fn address_at(zone: &ZoneMeta, name: &Name) -> Option<u128> {
    match &zone.kind {
        ZoneKind::Classless { range, .. } => {
            let octet = name.labels().next().and_then(canonical_octet).map(u128::from);
            let below = name.label_count() == zone.apex.label_count() + 1;
            octet.filter(|_| below).map(|octet| range.first_bits() & !0xff | octet)
        }
        _ => ReversePrefix::of_apex(name).filter(ReversePrefix::is_full).map(|prefix| prefix.bits()),
    }
}

fn project_range(declared: &Declared, zone: &ZoneMeta, prefix: &ReversePrefix, derived: &mut Derived) {
    let range = prefix.range();
    let over = declared.blocks_over(&range);
    for block in over.into_iter().chain(declared.blocks_in(&range)) {
        derived.exceptions.extend(exception_of(declared, zone, block));
        let Mode::DelegatedWhole(delegation) = &block.mode else { continue };
        if declared.taken_by(block.id).is_some() || declared.suspending(&block.range).is_some() {
            continue;
        }
        let cut = Arc::new(cut_of_delegation(declared, block, delegation));
        for tile in delegation_tiles(&block.range) {
            let below = tile.depth() > prefix.depth() && range.covers(&tile.range());
            if below && declared.zone_above(&tile.name()).is_some_and(|above| above.id == zone.id) {
                derived.cuts.push((tile.name(), cut.clone()));
            }
        }
    }
}

/// What a block puts in place of PTRs at its addresses in a zone, if that is one to show them.
pub(crate) fn exception_of(declared: &Declared, zone: &ZoneMeta, block: &Block) -> Option<ExceptionRange> {
    let taker = declared.taken_by(block.id);
    let range = match &zone.kind {
        ZoneKind::Verbatim => return None,
        ZoneKind::Range(prefix) => {
            // Of a block that crosses the zone's end, what is within. A deeper range zone that holds all of it shows it
            // instead; an apex can hold neither CNAME nor cut.
            let within = intersection(&block.range, &prefix.range())?;
            let shows = declared.range_zone_of(&within).is_some_and(|deepest| deepest.id == zone.id);
            (taker.is_none() && shows && !prefix.is_full()).then_some(within)?
        }
        ZoneKind::Classless { block: shown, .. } => {
            // No delegation has an effect inside a block that was handed over; an alias leads into a zone of ours.
            let delegates = block.mode.delegation().is_some() && block.mode.classless_apex().is_none();
            let shows = taker.is_some_and(|taker| declared.is_shown_in(taker, *shown, &zone.apex));
            (shows && !(delegates && declared.is_handed_over(block.id))).then_some(block.range)?
        }
    };
    let what = match &block.mode {
        Mode::Direct | Mode::Observed | Mode::DelegatedWhole(_) => return None,
        Mode::Classless { apex, .. } | Mode::DelegatedClassless { apex, .. } => {
            Exception::Alias(Arc::new(apex.clone()))
        }
        // The digest of a DS covers its owner, so one DS cannot serve many cuts.
        Mode::DelegatedEach(delegation) => {
            Exception::Cut(Arc::new(Cut { ds: None, ..cut_of_delegation(declared, block, delegation) }))
        }
    };
    Some(ExceptionRange { range, what })
}

pub(crate) fn intersection(a: &AddrRange, b: &AddrRange) -> Option<AddrRange> {
    (a.family() == b.family())
        .then(|| AddrRange::new(a.first().max(b.first()), a.last().min(b.last())).ok())?
}

/// The prefixes at whose names a block that is delegated whole is cut: its registry zones, or a single address.
/// Empty when the range does not start and end on such borders.
pub fn delegation_tiles(range: &AddrRange) -> Vec<ReversePrefix> {
    if range.size() == 1 {
        return vec![ReversePrefix::new(range.first(), u8::MAX)];
    }
    tile_for_registry(range).unwrap_or_default()
}

/// Whether a zone has NS records of its own at a name: they stand before a cut that would follow from a zone there.
pub(crate) fn has_cut(zone: &Zone, name: &Name) -> bool {
    let node = zone.names().node(&name.key_below(zone.apex_labels()));
    node.is_some_and(|node| node.rrset(RecordType::NS).is_some())
}

/// The cut that stands above a zone served here: its NS set, and addresses of nameservers within it.
pub(crate) fn cut_of_zone(snapshot: &Snapshot, apex: &Name) -> Option<Cut> {
    // Nobody looks a catalog up by name: its NS record leads nowhere.
    let zone = snapshot.zone(apex).filter(|zone| !zone.is_catalog())?;
    let ns = zone.apex_ns()?.to_rrset();
    let mut glue = Vec::new();
    for target in ns.rdatas.iter().filter_map(|rdata| Name::from_wire(rdata).ok()) {
        if !target.is_at_or_under(apex) {
            continue;
        }
        let Some(node) = zone.shown_names().node(&target.key_below(zone.apex_labels())) else { continue };
        for rtype in [RecordType::A, RecordType::AAAA] {
            glue.extend(node.rrset(rtype).map(|rrset| (target.clone(), rrset.to_rrset())));
        }
    }
    Some(Cut { ns, ds: None, glue })
}

/// A delegated block shows no PTRs: the TTL that it was given is that of its cut.
pub(crate) fn cut_of_delegation(declared: &Declared, block: &Block, delegation: &Delegation) -> Cut {
    let ttl = block.default_ttl.unwrap_or(declared.defaults().zone_ttl);
    let rdatas = delegation.nameservers.iter().map(|server| server.name.as_wire().into()).collect();
    let ds = RrSet { rtype: RecordType::DS, ttl, rdatas: delegation.ds.clone() };
    let mut glue = Vec::new();
    for server in &delegation.nameservers {
        glue.extend(addresses(&server.addresses, ttl).map(|rrset| (server.name.clone(), rrset)));
    }
    Cut { ns: RrSet { rtype: RecordType::NS, ttl, rdatas }, ds: (!ds.rdatas.is_empty()).then_some(ds), glue }
}

fn addresses(list: &[IpAddr], ttl: Ttl) -> impl Iterator<Item = RrSet> {
    let mut v4 = RrSet { rtype: RecordType::A, ttl, rdatas: Vec::new() };
    let mut v6 = RrSet { rtype: RecordType::AAAA, ttl, rdatas: Vec::new() };
    for address in list {
        match address {
            IpAddr::V4(address) => v4.rdatas.push(address.octets().into()),
            IpAddr::V6(address) => v6.rdatas.push(address.octets().into()),
        }
    }
    [v4, v6].into_iter().filter(|rrset| !rrset.rdatas.is_empty())
}
