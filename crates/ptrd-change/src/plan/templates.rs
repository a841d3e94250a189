//! Computed names within a plan: which addresses have them follows from the blocks, and is worked out once, at the end,
//! from the rows that a plan alters; whatever altered them.

use super::{Plan, State};
use crate::place::{Shown, runs};
use crate::problem::{invalid, some};
use crate::standing::FormerZones;
use ptrd_api::Problem;
use ptrd_store::Edit;
use ptrd_wire::{AddrRange, Family, Name};
use ptrd_zone::model::{BlockTemplate, ZoneId};
use ptrd_zone::{Action, Form, MOST_EXPANDED, MOST_STATEMENTS, Named, Renamed, Template, Zone, diff_in};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is done where a zone comes to have more computed names than a transfer sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum TooMany {
    /// It is said.
    #[default]
    Told,
    /// The change is refused where anybody may transfer the zone.
    Refused,
    /// It is said: the request has it that whoever transfers the zone is a ptrd.
    OnlyPtrd,
}

impl Plan<'_> {
    /// Says what is to be done where a zone comes to have more computed names than a transfer sends.
    pub fn where_too_many(&mut self, what: TooMany) {
        self.too_many = what;
    }

    /// Brings computed names up to date; returns the zones that may show other ones.
    pub(super) fn apply_templates(&mut self) -> Result<BTreeSet<ZoneId>, Problem> {
        if !self.base.declared.has_templates() && !self.edits_templates() {
            return Ok(BTreeSet::new());
        }
        self.check_templates()?;
        let renamed = self.rename();
        self.warn_of_names(&renamed);
        let declared = &self.next.declared;
        let mut zones = BTreeSet::new();
        let mut former = FormerZones::default();
        for run in renamed.iter().flat_map(|renamed| runs(declared, &renamed.range)) {
            if let Shown::Here(zone) = &run.shown
                && !run.withheld
            {
                zones.insert(zone.id);
            }
            zones.extend(former.at(declared, run.range.first()));
        }
        Ok(zones)
    }

    /// Brings computed names up to date with the blocks as the plan leaves them; returns where they are others.
    pub fn rename(&mut self) -> Vec<Renamed> {
        let ranges = self.ranges_to_name();
        let renamed = self.next.snapshot.apply_templates(&self.next.declared, &ranges);
        self.renames |= !renamed.is_empty();
        renamed
    }

    fn edits_templates(&self) -> bool {
        self.edits.iter().any(|edit| match edit {
            Edit::Block { after: Some(block), .. } => block.template != BlockTemplate::Inherit,
            _ => false,
        })
    }

    /// Refuses a template that does not suit the range that its block has now.
    fn check_templates(&self) -> Result<(), Problem> {
        let altered = self.edits.iter().filter_map(|edit| match edit {
            Edit::Block { id, .. } => self.next.declared.block(*id),
            _ => None,
        });
        for block in altered {
            if let BlockTemplate::Text(text) = &block.template {
                Template::new(text, block.range).map_err(|error| refused(text, &block.range, &error))?;
            }
        }
        Ok(())
    }

    /// Where names may be others than before: the ranges of altered blocks, or all.
    fn ranges_to_name(&self) -> Vec<AddrRange> {
        if self.base.declared.defaults().ptr_ttl != self.next.declared.defaults().ptr_ttl {
            return [Family::V4, Family::V6].map(|family| AddrRange::of_prefix(family, 0, 0)).to_vec();
        }
        let blocks = self.edits.iter().flat_map(|edit| match edit {
            Edit::Block { before, after, .. } => [before.as_deref(), after.as_deref()],
            _ => [None, None],
        });
        let mut ranges: Vec<AddrRange> = blocks.flatten().map(|block| block.range).collect();
        ranges
            .sort_by_key(|range| (range.family(), range.first_bits(), std::cmp::Reverse(range.last_bits())));
        // Blocks nest, but for those that were put in the place of each other.
        let mut joined: Vec<AddrRange> = Vec::new();
        for range in ranges {
            match joined.last_mut() {
                Some(last) if last.family() == range.family() && range.first_bits() <= last.last_bits() => {
                    *last = AddrRange::new(last.first(), last.last().max(range.last())).unwrap_or(*last);
                }
                _ => joined.push(range),
            }
        }
        joined
    }

    /// Warns where a template that stays gives other names than before.
    fn warn_of_names(&mut self, renamed: &[Renamed]) {
        let is_other = |renamed: &&Renamed| match (&renamed.before, &renamed.after) {
            (Some(before), Some(after)) => {
                before.template().text() == after.template().text()
                    && !before.same_names(after, &renamed.range)
            }
            _ => false,
        };
        if let Some(first) = renamed.iter().find(is_other) {
            let name = |named: &Option<Named>| {
                let name = named.as_ref().and_then(|named| named.template().name(first.range.first()));
                name.map_or_else(String::new, |name| name.to_string())
            };
            let (before, after) = (name(&first.before), name(&first.after));
            let address = first.range.first();
            self.warn(format!(
                "{{n}} counts from the first address of a block, so names change: {address} was {before} and is {after}"
            ));
        }
    }

    /// Marks those of the zones that do show something else.
    pub(super) fn mark_renamed(&mut self, zones: BTreeSet<ZoneId>) {
        for id in zones {
            let Some(meta) = self.next.declared.zone_by_id(id).filter(|_| !self.changed.contains(&id)) else {
                continue;
            };
            let before = self.base.snapshot.zone(&meta.apex).filter(|before| before.id() == id);
            let Some((before, after)) = before.zip(self.next.snapshot.zone(&meta.apex)) else { continue };
            let (old, new) = (self.base.snapshot.addresses(), self.next.snapshot.addresses());
            // One record is enough. Of a zone that goes in no form all is another.
            let form = [Form::Stated, Form::Records].into_iter().find(|form| after.goes_in(new, *form));
            let found = diff_in((before, old), (after, new), form.unwrap_or_default(), 0);
            if !found.is_ok_and(|found| found.is_empty()) {
                self.changed.insert(id);
            }
        }
    }

    /// Sees to zones that come to have more computed names than a transfer sends.
    pub(super) fn check_expandable(&mut self) -> Result<(), Problem> {
        let large = self.lose(&[Form::Records]);
        let grants = self.next.snapshot.access().grants();
        let is_transferred = |zone: &Zone| {
            let mut grants = grants.iter().filter(|grant| grant.action == Action::Transfer);
            grants.any(|grant| grant.scope.has(zone.id(), zone.tenant()))
        };
        let shared = |zones: &[Arc<Zone>]| -> Vec<Name> {
            zones.iter().filter(|zone| is_transferred(zone)).map(|zone| zone.apex().clone()).collect()
        };
        let nowhere = self.lose(&[Form::Records, Form::Stated]);
        let (companions, nowhere): (Vec<_>, Vec<_>) =
            nowhere.into_iter().partition(|zone| zone.is_companion());
        let shared_companions = shared(&companions);
        let large: Vec<_> = large.into_iter().filter(|zone| !zone.is_companion()).collect();
        if self.too_many != TooMany::Told && !shared(&nowhere).is_empty() {
            return Err(invalid(format!(
                "{} would have more computed names than the {MOST_EXPANDED} that a transfer sends, in more ranges than the \
                 {MOST_STATEMENTS} that ptrd states to ptrd, and others may transfer it: they would be refused",
                some(&shared(&nowhere), 4)
            ))
            .hint("name fewer addresses, or give the block around a template that those inside inherit"));
        }
        if self.too_many == TooMany::Refused && !shared(&large).is_empty() {
            return Err(invalid(format!(
                "{} would have more computed names than the {MOST_EXPANDED} that a transfer sends, and others may \
                 transfer it: those that are not ptrd would be refused",
                some(&shared(&large), 4)
            ))
            .hint("name fewer addresses; or say that all who serve it are ptrd, which takes templates (--only-ptrd)"));
        }
        let apexes =
            |zones: &[Arc<Zone>]| -> Vec<Name> { zones.iter().map(|zone| zone.apex().clone()).collect() };
        let (large, nowhere) = (apexes(&large), apexes(&nowhere));
        self.check_companions_expandable(&companions, &shared_companions)?;
        if !nowhere.is_empty() {
            self.warn(format!(
                "{} cannot be transferred any more: more than {MOST_EXPANDED} computed names in more than \
                 {MOST_STATEMENTS} ranges",
                some(&nowhere, 4)
            ));
        } else if !large.is_empty() {
            self.warn(format!(
                "{} can be transferred to other ptrd alone: more than {MOST_EXPANDED} computed names",
                some(&large, 4)
            ));
        }
        Ok(())
    }

    /// The same of companion zones, whose names go as records alone.
    fn check_companions_expandable(&mut self, large: &[Arc<Zone>], shared: &[Name]) -> Result<(), Problem> {
        if self.too_many != TooMany::Told && !shared.is_empty() {
            return Err(invalid(format!(
                "{} would have more computed names than the {MOST_EXPANDED} that a transfer sends, and others may transfer \
                 it: they would be refused",
                some(shared, 4)
            ))
            .hint("name fewer addresses, or give the template a domain that lies in no companion zone"));
        }
        let large: Vec<Name> = large.iter().map(|zone| zone.apex().clone()).collect();
        if !large.is_empty() {
            self.warn(format!(
                "{} cannot be transferred any more: more than {MOST_EXPANDED} computed names",
                some(&large, 4)
            ));
        }
        Ok(())
    }

    /// Zones that go in none of these forms any more, or are new and do not.
    fn lose(&self, forms: &[Form]) -> Vec<Arc<Zone>> {
        let goes = |zone: &Zone, state: &State| {
            forms.iter().any(|form| zone.goes_in(state.snapshot.addresses(), *form))
        };
        // A zone that comes may be in both.
        let touched: BTreeSet<&ZoneId> = self.changed.iter().chain(&self.fresh).collect();
        let zones = touched.into_iter().filter_map(|id| {
            let meta = self.next.declared.zone_by_id(*id)?;
            let zone = self.next.snapshot.zone(&meta.apex)?;
            let before = self.base.snapshot.zone(&meta.apex).filter(|before| before.id() == *id);
            let is_lost = !goes(zone, &self.next) && before.is_none_or(|before| goes(before, self.base));
            is_lost.then(|| zone.clone())
        });
        zones.collect()
    }
}

/// What is wrong with a template.
pub(crate) fn refused(text: &str, range: &AddrRange, error: &ptrd_zone::BadTemplate) -> Problem {
    invalid(format!("the template “{text}” for {range}: {error}"))
}
