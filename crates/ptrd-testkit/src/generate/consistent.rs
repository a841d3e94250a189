//! What the change road refuses: a World that no sequence of accepted changes could have built.

use crate::projection::{flatten, has_conflicts};
use crate::world::World;
use ptrd_wire::{Name, RangeRelation, RecordType, ReversePrefix};
use ptrd_zone::model::{Block, Mode, ZoneKind};
use std::collections::BTreeSet;

/// Why a World is inconsistent, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inconsistent(pub String);

/// Checks a World: ranges nest or are disjoint; CNAME, DNAME and NS exclude what they must; no zone or record hides
/// behind something derived at its owner.
///
/// # Errors
/// The first thing found.
pub fn check_consistent(world: &World) -> Result<(), Inconsistent> {
    blocks(world)?;
    zones(world)?;
    records(world)?;
    if has_conflicts(world) {
        return refuse("a zone or a record stands where something is derived");
    }
    flat(world)
}

fn refuse(what: impl Into<String>) -> Result<(), Inconsistent> {
    Err(Inconsistent(what.into()))
}

fn blocks(world: &World) -> Result<(), Inconsistent> {
    for (nth, block) in world.blocks.iter().enumerate() {
        // Nothing here answers for what lies inside a delegated block, so none is added there.
        let outer = world
            .blocks_around(&block.range)
            .into_iter()
            .find(|outer| outer.id != block.id && outer.mode.delegation().is_some());
        if let Some(outer) = outer {
            return refuse(format!("block {} inside the delegated {}", block.range, outer.range));
        }
        let own: Vec<&Name> = apexes_of(block).collect();
        if own.iter().enumerate().any(|(nth, apex)| own[nth + 1..].contains(apex)) {
            return refuse(format!("block {} has one label twice", block.range));
        }
        for other in &world.blocks[nth + 1..] {
            if matches!(block.range.relation(&other.range), RangeRelation::Equal | RangeRelation::Crossing) {
                return refuse(format!("blocks {} and {}", block.range, other.range));
            }
            if apexes_of(block).any(|apex| apexes_of(other).any(|other| other == apex)) {
                return refuse(format!("blocks {} and {} under one apex", block.range, other.range));
            }
            // One IPv4 address delegated whole is a cut in the range zone: it cannot lie within a classless block.
            let (inner, outer) =
                if block.range.covers(&other.range) { (other, block) } else { (block, other) };
            if outer.range.covers(&inner.range)
                && matches!(inner.mode, Mode::DelegatedWhole(_))
                && !matches!(outer.mode, Mode::Direct | Mode::Observed)
            {
                return refuse(format!("block {} delegated whole within {}", inner.range, outer.range));
            }
        }
    }
    for block in world.blocks.iter().filter(|block| block.mode.delegation().is_some()) {
        let mut around = world.blocks_around(&block.range);
        around.retain(|outer| {
            outer.range != block.range && !matches!(outer.mode, Mode::Direct | Mode::Observed)
        });
        let handed_over = around.iter().any(|outer| outer.mode.delegation().is_some());
        // No rule says what a delegation means below a zone of ours that lies in what was handed over.
        if handed_over && around.last().is_some_and(|outer| outer.mode.delegation().is_none()) {
            return refuse(format!("block {} delegates once more what is served here", block.range));
        }
    }
    Ok(())
}

/// The apexes that a block's addresses are or were answered under.
fn apexes_of(block: &Block) -> impl Iterator<Item = &Name> {
    block.mode.classless_apex().into_iter().chain(block.standing.former.iter().map(|label| &label.apex))
}

fn zones(world: &World) -> Result<(), Inconsistent> {
    let apexes: BTreeSet<&Name> = world.zones.iter().map(|zone| &zone.apex).collect();
    if apexes.len() != world.zones.len() {
        return refuse("two zones of one apex");
    }
    for zone in &world.zones {
        // Below a name that is delegated away nothing is served; at it, a copy of the customer's zone may be.
        for block in &world.blocks {
            let Mode::DelegatedWhole(_) = &block.mode else { continue };
            let inside = ReversePrefix::of_apex(&zone.apex).is_some_and(|p| block.range.covers(&p.range()));
            let tile = ptrd_wire::tile_for_registry(&block.range);
            let at = tile.is_some_and(|tiles| tiles.iter().any(|tile| tile.name() == zone.apex));
            let below =
                zone.apex.ancestors().skip(1).any(|name| {
                    ReversePrefix::of_apex(&name).is_some_and(|p| block.range.covers(&p.range()))
                });
            if (inside && !at) || below || (at && zone.kind != ZoneKind::Verbatim) {
                return refuse(format!("zone {} inside {}, which is delegated", zone.apex, block.range));
            }
        }
        // The customer's classless zone may be served here as a copy, and nothing of ours at or below its apex.
        for block in &world.blocks {
            if !matches!(block.mode, Mode::DelegatedClassless { .. }) {
                continue;
            }
            for apex in apexes_of(block) {
                let copy = zone.apex == *apex && zone.kind == ZoneKind::Verbatim;
                if zone.apex.is_at_or_under(apex) && !copy {
                    return refuse(format!("zone {} inside {apex}, which is delegated", zone.apex));
                }
            }
        }
    }
    Ok(())
}

/// In native zones the PTRs of addresses are no records of the zone.
fn records(world: &World) -> Result<(), Inconsistent> {
    for record in &world.records {
        let Some(zone) = world.zones.iter().find(|zone| zone.id == record.zone) else {
            return refuse("a record without a zone");
        };
        if !record.owner.is_at_or_under(&zone.apex) {
            return refuse(format!("{} out of zone {}", record.owner, zone.apex));
        }
        let is_address = match &zone.kind {
            ZoneKind::Verbatim => false,
            ZoneKind::Range(_) => {
                ReversePrefix::of_apex(&record.owner).is_some_and(|prefix| prefix.is_full())
            }
            ZoneKind::Classless { range, .. } => {
                record.owner.parent().as_ref() == Some(&zone.apex)
                    && record.owner.labels().next().and_then(ptrd_wire::canonical_octet).is_some_and(
                        |octet| {
                            ((range.first_bits() & 255)..=(range.last_bits() & 255)).contains(&octet.into())
                        },
                    )
            }
        };
        if is_address && record.rrset.rtype == RecordType::PTR {
            return refuse(format!("a record PTR at the address {}", record.owner));
        }
    }
    Ok(())
}

fn flat(world: &World) -> Result<(), Inconsistent> {
    for (apex, zone) in flatten(world) {
        for (owner, set) in &zone {
            let beside = || zone.iter().filter(|(other, _)| other == owner).map(|(_, set)| set.rtype);
            let wrong = match set.rtype {
                RecordType::CNAME => beside().count() > 1 || set.rdatas.len() > 1 || *owner == apex,
                RecordType::DNAME => {
                    set.rdatas.len() > 1
                        || owner.is_wildcard()
                        || *owner != apex
                            && beside().any(|rtype| matches!(rtype, RecordType::NS | RecordType::PTR))
                        || zone.iter().any(|(other, _)| other.is_under(owner))
                        || world.zones.iter().any(|zone| zone.apex.is_under(owner))
                }
                RecordType::NS => {
                    *owner != apex && (owner.is_wildcard() || beside().any(|rtype| rtype == RecordType::PTR))
                }
                RecordType::DS => *owner == apex,
                RecordType::SOA => *owner != apex,
                _ => false,
            };
            if wrong {
                return refuse(format!("{} at {owner}", set.rtype));
            }
        }
    }
    Ok(())
}
