//! The projection again, where a change can have altered it and nowhere else: what a block or a zone costs does not
//! depend on how many others there are.
//!
//! [`crate::project`] says what follows in a whole zone; here is which part of that a change can alter, and the same
//! answer for that part. Tests hold the two together over random changes.

use crate::declared::{Declared, ZoneMeta};
use crate::derived::{Cut, Exception, ExceptionRange};
use crate::model::{Block, Mode, Standing, ZoneId, ZoneKind};
use crate::project::{
    address_at, cut_of_delegation, cut_of_zone, delegation_tiles, exception_of, has_cut, intersection,
};
use crate::snapshot::Snapshot;
use crate::zone::Zone;
use ptrd_wire::{AddrRange, Name, ReversePrefix, label_prefixes, registry_depth};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What of a zone's projection may have changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touch {
    whole: bool,
    /// What stands at the addresses of blocks.
    ranges: Vec<AddrRange>,
    /// Cuts at these names; and, where one comes or goes, those below.
    names: BTreeSet<Name>,
    /// All cuts at and below these names.
    below: BTreeSet<Name>,
}

impl Touch {
    /// All of it.
    pub fn whole() -> Touch {
        Touch { whole: true, ..Touch::default() }
    }

    /// What the blocks within a range put at their addresses.
    pub fn range(range: AddrRange) -> Touch {
        Touch { ranges: vec![range], ..Touch::default() }
    }

    /// The cut at a name.
    pub fn name(name: Name) -> Touch {
        Touch { names: BTreeSet::from([name]), ..Touch::default() }
    }

    /// All that follows at a name and below, since a zone came or went there.
    pub fn zone(apex: &Name) -> Touch {
        let ranges = ReversePrefix::of_apex(apex).iter().map(ReversePrefix::range).collect();
        Touch { ranges, below: BTreeSet::from([apex.clone()]), ..Touch::default() }
    }

    /// Whether all of it.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// This and another.
    pub fn add(&mut self, other: Touch) {
        self.whole |= other.whole;
        for range in other.ranges {
            if !self.ranges.contains(&range) {
                self.ranges.push(range);
            }
        }
        self.names.extend(other.names);
        self.below.extend(other.below);
    }
}

/// What a block that comes, goes or changes can alter, as the blocks and zones are now: to be asked before and after.
pub fn touched_by_block(declared: &Declared, block: &Block) -> BTreeMap<ZoneId, Touch> {
    let mut touched: BTreeMap<ZoneId, Touch> = BTreeMap::new();
    let mut touch = |zone: Option<&Arc<ZoneMeta>>, what: Touch| {
        if let Some(zone) = zone {
            touched.entry(zone.id).or_default().add(what);
        }
    };
    if block.default_ttl.is_some() {
        // The CNAMEs of the zones that lie within the block may take its TTL.
        for zone in range_zones_in(declared, &block.range) {
            touch(Some(&zone), Touch::default());
        }
        let within = declared.blocks_in(&block.range).map(|inner| &**inner).chain([block]);
        for apex in within.flat_map(apexes) {
            touch(declared.zone(apex), Touch::default());
        }
    }
    let is_plain = |block: &Block| {
        matches!(block.mode, Mode::Direct | Mode::Observed) && block.standing == Standing::default()
    };
    if is_plain(block) && declared.blocks_in(&block.range).all(|inner| is_plain(inner)) {
        return touched;
    }
    let range = block.range;
    // The range zones that have addresses of the block: around its ends, and within it.
    for end in [range.first(), range.last()] {
        for apex in ReversePrefix::new(end, u8::MAX).name().ancestors() {
            touch(declared.zone(&apex), Touch::range(range));
        }
    }
    for zone in range_zones_in(declared, &range) {
        touch(Some(&zone), Touch::range(range));
    }
    let around = std::iter::successors(declared.innermost(&range), |block| declared.around(block.id));
    let around = around.map(|block| &**block);
    for shown in around.flat_map(apexes) {
        touch(declared.zone(shown), Touch::range(range));
    }
    // What hangs on names: of the block, and of those within it, which it may take out of the range zones.
    for block in declared.blocks_in(&range).map(|inner| &**inner).chain([block]) {
        for apex in apexes(block) {
            touch(declared.zone(apex), Touch::range(range));
            touch(declared.zone_above(apex), Touch::name(apex.clone()));
        }
        if let Mode::DelegatedWhole(_) = block.mode {
            for tile in delegation_tiles(&block.range) {
                let name = tile.name();
                touch(declared.zone_above(&name), Touch::name(name));
            }
        }
    }
    touched
}

/// The apexes at which a block's addresses are shown: its label, and those that it had before.
fn apexes(block: &Block) -> impl Iterator<Item = &Name> {
    block.mode.classless_apex().into_iter().chain(block.standing.former.iter().map(|label| &label.apex))
}

/// The zones at and below the reverse names of a range.
fn range_zones_in(declared: &Declared, range: &AddrRange) -> Vec<Arc<ZoneMeta>> {
    let mut zones = Vec::new();
    for prefix in label_prefixes(range) {
        let name = prefix.name();
        zones.extend(declared.zone(&name).cloned());
        zones.extend(declared.zones_below(&name).cloned());
    }
    zones
}

/// What bringing a projection up to date came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is as it was.
    Same,
    /// The zone is another one, but shows what it showed: the TTL of CNAMEs changed where it has none.
    Hidden,
    /// The zone shows something else.
    Shown,
}

/// Brings what follows in a zone up to date where it was touched, and the TTL of its CNAMEs in any case.
pub fn reproject(
    declared: &Declared,
    snapshot: &Snapshot,
    meta: &ZoneMeta,
    zone: &mut Zone,
    touch: &Touch,
) -> Outcome {
    if meta.kind == ZoneKind::Verbatim {
        return Outcome::Same;
    }
    let mut below = touch.below.clone();
    let mut outcome = retime(declared, meta, zone);
    for range in &touch.ranges {
        let changes = exceptions(declared, meta, zone, range);
        if changes.is_empty() {
            continue;
        }
        let is_cut = |e: Option<&ExceptionRange>| e.is_some_and(|e| matches!(e.what, Exception::Cut(_)));
        let before = |first: u128| zone.exceptions_in(first, first).next();
        // Cuts below such addresses are hidden, or come to light.
        if changes.iter().any(|(first, after)| is_cut(after.as_ref()) || is_cut(before(*first))) {
            below.extend(names_of(meta, range));
        }
        zone.change_exceptions(&changes);
        outcome = Outcome::Shown;
    }
    let here = Here { declared, snapshot, meta };
    let mut cuts: BTreeMap<Name, Option<Arc<Cut>>> = BTreeMap::new();
    for name in &touch.names {
        let cut = here.cut_at(name, zone);
        if cut.is_some() != zone.derived_cut(name).is_some() {
            below.insert(name.clone());
        }
        cuts.insert(name.clone(), cut);
    }
    for root in &below {
        let mut names: BTreeSet<Name> = here.candidates(root);
        names.extend(zone.derived_cuts_under(root).map(|(owner, _)| owner));
        for name in names {
            let cut = here.cut_at(&name, zone);
            cuts.insert(name, cut);
        }
    }
    cuts.retain(|name, cut| zone.derived_cut(name) != cut.as_ref());
    if !cuts.is_empty() {
        zone.change_cuts(&cuts);
        outcome = Outcome::Shown;
    }
    outcome
}

/// The TTL of CNAMEs, which a block around the zone may give or take.
fn retime(declared: &Declared, meta: &ZoneMeta, zone: &mut Zone) -> Outcome {
    let ttl = declared.alias_ttl(&meta.kind);
    if zone.alias_ttl() == ttl {
        return Outcome::Same;
    }
    zone.set_alias_ttl(ttl);
    // CNAMEs that come with this change show by themselves.
    if zone.has_aliases() { Outcome::Shown } else { Outcome::Hidden }
}

/// How the exceptions that have an address of the range differ from what they should be, by their first address.
fn exceptions(
    declared: &Declared,
    meta: &ZoneMeta,
    zone: &Zone,
    range: &AddrRange,
) -> BTreeMap<u128, Option<ExceptionRange>> {
    let shown = match &meta.kind {
        ZoneKind::Range(prefix) => prefix.range(),
        ZoneKind::Classless { range, .. } => *range,
        ZoneKind::Verbatim => return BTreeMap::new(),
    };
    let Some(range) = intersection(range, &shown) else { return BTreeMap::new() };
    let mut changes: BTreeMap<u128, Option<ExceptionRange>> = BTreeMap::new();
    let old: Vec<&ExceptionRange> = zone.exceptions_in(range.first_bits(), range.last_bits()).collect();
    changes.extend(old.iter().map(|exception| (exception.range.first_bits(), None)));
    let over = declared.blocks_over(&range);
    for block in over.into_iter().chain(declared.blocks_in(&range)) {
        if let Some(exception) = exception_of(declared, meta, block) {
            changes.insert(exception.range.first_bits(), Some(exception));
        }
    }
    let is_so = |first: u128, after: &Option<ExceptionRange>| {
        let before = old.iter().find(|exception| exception.range.first_bits() == first);
        before.copied() == after.as_ref()
    };
    changes.retain(|first, after| !is_so(*first, after));
    changes
}

/// The names at or below which all lies that a zone has at the addresses of a range.
fn names_of(meta: &ZoneMeta, range: &AddrRange) -> Vec<Name> {
    match &meta.kind {
        ZoneKind::Range(prefix) => {
            let within = intersection(range, &prefix.range());
            within.iter().flat_map(label_prefixes).map(|prefix| prefix.name()).collect()
        }
        _ => vec![meta.apex.clone()],
    }
}

/// A zone among what is declared.
struct Here<'a> {
    declared: &'a Declared,
    snapshot: &'a Snapshot,
    meta: &'a ZoneMeta,
}

impl Here<'_> {
    /// Every name at or below this one at which the zone may have a cut.
    fn candidates(&self, root: &Name) -> BTreeSet<Name> {
        let Here { declared, meta, .. } = self;
        let mut names = BTreeSet::from([root.clone()]);
        names.extend(declared.classless_apexes_under(root).cloned());
        names.extend(declared.zones_below(root).map(|zone| zone.apex.clone()));
        if let (ZoneKind::Range(_), Some(prefix)) = (&meta.kind, ReversePrefix::of_apex(root)) {
            let range = prefix.range();
            let over = declared.blocks_over(&range);
            for block in over.into_iter().chain(declared.blocks_in(&range)) {
                if let Mode::DelegatedWhole(_) = block.mode {
                    let tiles = delegation_tiles(&block.range).into_iter();
                    names.extend(tiles.filter(|tile| range.covers(&tile.range())).map(|tile| tile.name()));
                }
            }
        }
        names
    }

    /// The cut that the zone shows at a name.
    fn cut_at(&self, name: &Name, zone: &Zone) -> Option<Arc<Cut>> {
        let Here { declared, snapshot, meta } = self;
        if !name.is_under(&meta.apex) || declared.zone_above(name).is_none_or(|above| above.id != meta.id) {
            return None;
        }
        // A cut below another one is not the zone's to show. No zone lies between the name and this zone's apex.
        let mut above = name.ancestors().skip(1).take_while(|name| name.is_under(&meta.apex));
        if above.any(|name| self.delegated_at(&name).is_some() || self.is_cut_address(&name, zone)) {
            return None;
        }
        // A delegation that was declared speaks for its cut, also where the child is served here as well.
        match self.delegated_at(name) {
            Some(block) => Some(Arc::new(cut_of_delegation(declared, block, block.mode.delegation()?))),
            // A parent that came with a cut of its own for the child keeps it.
            None if has_cut(zone, name) => None,
            None => cut_of_zone(snapshot, &declared.zone(name)?.apex).map(Arc::new),
        }
    }

    /// The block that is delegated at a name of the zone.
    fn delegated_at(&self, name: &Name) -> Option<&Block> {
        let Here { declared, meta, .. } = self;
        let tile = ReversePrefix::of_apex(name).filter(|_| matches!(meta.kind, ZoneKind::Range(_)));
        let whole = tile.and_then(|tile| {
            let blocks = declared.innermost(&tile.range());
            std::iter::successors(blocks, |block| declared.around(block.id)).find(|block| {
                let depth = match block.range.size() {
                    1 => Some(tile.family().full_depth()),
                    _ => registry_depth(&block.range),
                };
                matches!(block.mode, Mode::DelegatedWhole(_))
                    && depth == Some(tile.depth())
                    && declared.taken_by(block.id).is_none()
            })
        });
        let classless = || {
            let block = declared.block_with_apex(name)?;
            let delegated = matches!(block.mode, Mode::DelegatedClassless { .. });
            (delegated && !declared.is_handed_over(block.id)).then_some(block)
        };
        whole.or_else(classless).map(|block| &**block)
    }

    fn is_cut_address(&self, name: &Name, zone: &Zone) -> bool {
        address_at(self.meta, name)
            .and_then(|bits| zone.exceptions_in(bits, bits).next())
            .is_some_and(|exception| matches!(exception.what, Exception::Cut(_)))
    }
}
