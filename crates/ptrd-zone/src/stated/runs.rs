//! The runs of addresses that a zone states.
//!
//! What is stated changes where names that the zone shows do, and nowhere else: else a version would be another one under the
//! same serial. So addresses below a cut, or with a CNAME into a classless zone, count for nothing: a run neither begins nor
//! ends there, and goes on behind them. A range that a block was split from, or made of, is one run where its names stay.

use super::form::{Owners, write};
use super::{MOST_OCTETS, MOST_STATEMENTS};
use crate::derived::Exception;
use crate::diff::key_of;
use crate::named::Named;
use crate::ranges::{Ranged, Ranges};
use crate::template::Template;
use crate::zone::{View, Zone};
use ptrd_wire::{AddrRange, ip_from_bits, low_bits};

/// Addresses that one template names.
struct Run<'z> {
    named: &'z Named,
    first: u128,
    last: u128,
}

impl Run<'_> {
    /// From which address on its template needs to be told: where it counts from, if it does.
    fn base(&self) -> u128 {
        let template = self.named.template();
        if template.counts() { template.range().first_bits() } else { self.first }
    }

    /// Whether its template names those of another run as that does, and may do so in one.
    fn goes_on_in(&self, next: &Run<'_>) -> bool {
        let (template, other) = (self.named.template(), next.named.template());
        if template.text() != other.text() || self.named.ttl() != next.named.ttl() {
            return false;
        }
        if template.range() == other.range() {
            return true;
        }
        let family = template.range().family();
        let same_start = !template.counts() || template.range().first_bits() == other.range().first_bits();
        let range = AddrRange::new(ip_from_bits(family, self.base()), ip_from_bits(family, next.last));
        same_start && range.is_ok_and(|range| Template::new(template.text(), range).is_ok())
    }
}

/// The data of statements, in the order of addresses; `None` where they are too many.
pub(super) fn stated(zone: &Zone, named: &Ranges<Named>, shown: &AddrRange) -> Option<Vec<Box<[u8]>>> {
    let mut runs: Vec<Run<'_>> = Vec::new();
    for named in named.within(shown.first_bits(), shown.last_bits()) {
        let (first, last) = (named.first().max(shown.first_bits()), named.last().min(shown.last_bits()));
        for (first, last) in not_withheld(zone, first, last) {
            let Some(run) = trimmed(zone, Run { named, first, last }) else { continue };
            match runs.last_mut() {
                Some(before) if is_idle(zone, before.last, run.first) && before.goes_on_in(&run) => {
                    before.last = run.last;
                }
                _ => runs.push(run),
            }
            if runs.len() > MOST_STATEMENTS {
                return None;
            }
        }
    }
    let owners = match zone.view() {
        View::Classless { .. } => Owners::LastOctet,
        _ => Owners::Reverse,
    };
    let told = runs.iter().map(|run| write(owners, run.named, (run.first, run.last), (run.base(), run.last)));
    let told: Vec<Box<[u8]>> = told.collect();
    (told.iter().map(|rdata| rdata.len()).sum::<usize>() <= MOST_OCTETS).then_some(told)
}

/// A run without what counts for nothing at its ends.
fn trimmed<'z>(zone: &Zone, mut run: Run<'z>) -> Option<Run<'z>> {
    while let Some((_, last)) = idle_at(zone, run.first) {
        run.first = last.checked_add(1).filter(|next| *next <= run.last)?;
    }
    while let Some((first, _)) = idle_at(zone, run.last) {
        run.last = first.checked_sub(1).filter(|before| *before >= run.first)?;
    }
    Some(run)
}

/// Whether nothing counts between two addresses.
fn is_idle(zone: &Zone, before: u128, after: u128) -> bool {
    let mut at = before + 1;
    while at < after {
        match idle_at(zone, at) {
            // What ends at the last address of all has none behind it.
            Some((_, last)) => at = last.saturating_add(1),
            None => return false,
        }
    }
    true
}

/// The range around an address that counts for nothing, if it is in one.
fn idle_at(zone: &Zone, bits: u128) -> Option<(u128, u128)> {
    let exception = zone.exceptions.at(bits).filter(|exception| !exception.is_withheld());
    if let Some(exception) = exception {
        debug_assert!(matches!(exception.what, Exception::Alias(_) | Exception::Cut(_)));
        return Some((exception.range.first_bits(), exception.range.last_bits()));
    }
    let View::Range(prefix) = zone.view() else { return None };
    let (family, base) = (prefix.family(), prefix.depth());
    let depths = zone.cuts.depths();
    let is_there = |depth: u8| {
        let below = u32::from(depth - base);
        depths.checked_shr(below).is_some_and(|depths| depths & 1 == 1)
            && zone.cuts.get(&key_of(&zone.view(), family, bits, depth.into())).is_some()
    };
    let depth = (base + 1..=family.full_depth()).find(|depth| is_there(*depth))?;
    let low = low_bits(family, depth);
    Some((bits & !low, bits | low))
}

/// The runs between these addresses at which PTRs are not withheld.
fn not_withheld(zone: &Zone, first: u128, last: u128) -> Vec<(u128, u128)> {
    let mut runs = Vec::new();
    let mut from = Some(first);
    for withheld in zone.exceptions.within(first, last).filter(|exception| exception.is_withheld()) {
        let Some(start) = from.filter(|from| *from <= last) else { break };
        let (begin, end) = (withheld.range.first_bits(), withheld.range.last_bits());
        if let Some(before) = begin.checked_sub(1).filter(|before| *before >= start) {
            runs.push((start, before));
        }
        from = end.checked_add(1).map(|next| next.max(start));
    }
    runs.extend(from.filter(|from| *from <= last).map(|from| (from, last)));
    runs
}
