//! Which templates count in which zones.

use super::{MOST_PATTERNS, Origin, Pattern, Patterns, Run};
use crate::declared::Declared;
use crate::model::ZoneId;
use crate::named::Named;
use crate::snapshot::Snapshot;
use crate::template::Template;
use crate::zone::Zone;
use ptrd_wire::{AddrRange, Name, QName};
use std::collections::BTreeMap;

/// The templates of all companion zones, as blocks, grants and zones are.
pub fn patterns(declared: &Declared, snapshot: &Snapshot) -> BTreeMap<ZoneId, Patterns> {
    let mut zones: BTreeMap<ZoneId, Patterns> = BTreeMap::new();
    for named in snapshot.addresses().named_ranges() {
        let origin = named.template().origin();
        let mut name = QName::default();
        name.assign(origin.as_wire());
        let Some(zone) = snapshot.zone_of(&name).filter(|zone| zone.is_companion()) else { continue };
        let family = named.range().family();
        let (mut next, end) = (Some(named.range().first_bits()), named.range().last_bits());
        while let Some(first) = next.filter(|first| *first <= end) {
            let (tenant, last) = declared.naming_run(family, first);
            let last = last.min(end);
            next = last.checked_add(1);
            if tenant.is_some_and(|tenant| zone.is_held_by(declared, tenant, &name)) {
                let run = Run { first, last, ttl: named.ttl(), before: 0 };
                zones.entry(zone.id()).or_default().put(zone, &origin, named, run);
            }
        }
    }
    for (id, patterns) in &mut zones {
        if let Some(meta) = declared.zone_by_id(*id) {
            let labels = meta.apex.label_count();
            patterns.holes =
                declared.zones_below(&meta.apex).map(|zone| zone.apex.key_below(labels)).collect();
        }
        patterns.finish();
    }
    zones
}

impl Patterns {
    fn put(&mut self, zone: &Zone, name: &Name, named: &Named, run: Run) {
        let key = name.key_below(zone.apex_labels());
        let place = self.origins.binary_search_by(|origin| origin.key.cmp(&key));
        let place = place.unwrap_or_else(|place| {
            let depth = name.label_count() - zone.apex_labels();
            self.origins.insert(place, Origin { key, depth, patterns: Vec::new() });
            place
        });
        let patterns = &mut self.origins[place].patterns;
        let template = named.template();
        let is_this = |pattern: &Pattern| {
            let known = &pattern.template;
            known == template
                || known.text() == template.text() && is_wide(known) && known.range().covers(template.range())
        };
        match patterns.iter().position(is_this) {
            Some(known) => patterns[known].runs.push(run),
            None if patterns.len() == MOST_PATTERNS => self.left_out += 1,
            None => {
                let template = widened(template);
                let labels = template.label_count() - name.label_count();
                patterns.push(Pattern { template, labels, runs: vec![run] });
            }
        }
    }

    /// Counts, once all is there.
    pub(super) fn finish(&mut self) {
        self.leave_out();
        for origin in &mut self.origins {
            self.depths |= 1u128.checked_shl(origin.depth as u32).unwrap_or(0);
            for pattern in &mut origin.patterns {
                let mut before = 0u128;
                for run in &mut pattern.runs {
                    run.before = before;
                    before = before.saturating_add(run.last - run.first).saturating_add(1);
                }
            }
        }
    }

    /// Leaves out what would be too much to try at a name: there those of all domains above it are.
    fn leave_out(&mut self) {
        let mut above: Vec<(&[u8], usize)> = Vec::new();
        for origin in &mut self.origins {
            while above.pop_if(|(key, _)| !origin.key.starts_with(key)).is_some() {}
            let tried = above.last().map_or(0, |(_, tried)| *tried);
            let room = MOST_PATTERNS.saturating_sub(tried);
            self.left_out += origin.patterns.len().saturating_sub(room);
            origin.patterns.truncate(room);
            above.push((&origin.key, tried + origin.patterns.len()));
        }
        self.origins.retain(|origin| !origin.patterns.is_empty());
    }
}

/// A template of the same text for all addresses, where the names are the same.
fn widened(template: &Template) -> Template {
    let all = AddrRange::of_prefix(template.range().family(), 0, 0);
    let wide = if template.counts() { None } else { Template::new(template.text(), all).ok() };
    wide.unwrap_or_else(|| template.clone())
}

fn is_wide(template: &Template) -> bool {
    template.range().prefix_len() == Some(0)
}
