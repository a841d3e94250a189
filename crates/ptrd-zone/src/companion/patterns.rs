//! Addresses of the names that templates give: a name is read back to the addresses that have it, so none takes memory.
//!
//! An address has the name of its template, and the name the address, unless a PTR of its own is set there: its name is
//! another then. Which templates count in a zone is as with PTRs: all their names lie in it, and the tenant of the block holds
//! them. They are found by the labels behind the last field (RFC 1034 §3.1 names from the right), and tried one by one; of
//! texts that write the whole address there is one for all blocks.
//!
//! Whatever goes through the zone record by record goes through a list of all names in canonical order, which is made when
//! it is first needed: twelve octets for each of at most [`MOST_EXPANDED`] names.

mod list;
mod make;
#[cfg(test)]
mod tests;
mod zone;

pub(crate) use list::Listing;
pub use list::NamedAddresses;
pub use make::patterns;
pub use zone::Families;

use crate::named::MOST_EXPANDED;
use crate::snapshot::Addresses;
use crate::template::{Partly, Template};
use crate::zone::Path;
use list::Listed;
use ptrd_wire::{AddrRange, Family, QName, Ttl, ip_from_bits};
use std::net::IpAddr;
use std::sync::OnceLock;

/// Templates that are tried at a name at most, those of all domains above it together; further ones give no addresses, of
/// the innermost domain first.
pub const MOST_PATTERNS: usize = 32;
/// What it may cost to find out whether a name leads to names; where more would, it is taken to.
const TRIED: usize = 512;
/// Addresses of a row that are tried before all of them are counted.
const FEW: usize = 8;
/// Addresses of the longest row that is counted.
const MOST_COUNTED: u128 = 1 << 16;
/// Addresses that cost as much as a look-up where they are counted.
const A_PAGE: u128 = 1 << 8;

/// Addresses in a row that a template names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    first: u128,
    last: u128,
    ttl: Ttl,
    /// How many addresses the runs before it have.
    before: u128,
}

/// A template, and the addresses that it names in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    template: Template,
    /// Labels before those that all its names have.
    labels: usize,
    /// Sorted and disjoint.
    runs: Vec<Run>,
}

/// The templates whose names lie under a name of the zone.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    /// Its sort key below the apex.
    key: Box<[u8]>,
    depth: usize,
    patterns: Vec<Pattern>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Patterns {
    /// By key.
    origins: Vec<Origin>,
    /// A bit for each depth at which there is one.
    depths: u128,
    /// The zones below, by the sort keys of their apexes: what lies there is not this zone's.
    holes: Vec<Box<[u8]>>,
    /// How many templates were too many.
    pub(crate) left_out: usize,
    list: OnceLock<Box<[Listed]>>,
}

impl PartialEq for Patterns {
    fn eq(&self, other: &Patterns) -> bool {
        (&self.origins, &self.holes, self.left_out) == (&other.origins, &other.holes, other.left_out)
    }
}

impl Pattern {
    fn family(&self) -> Family {
        self.template.range().family()
    }

    /// The run that an address lies in.
    fn run(&self, bits: u128) -> Option<&Run> {
        let nth = self.runs.partition_point(|run| run.last < bits);
        self.runs.get(nth).filter(|run| run.first <= bits)
    }

    fn size(&self) -> u128 {
        self.runs.last().map_or(0, |run| run.before.saturating_add(run.last - run.first).saturating_add(1))
    }

    /// The address with this number among all.
    fn nth(&self, nth: u32) -> Option<(u128, Ttl)> {
        let nth = u128::from(nth);
        let run = self.runs.get(self.runs.partition_point(|run| run.before <= nth).checked_sub(1)?)?;
        Some((run.first + (nth - run.before), run.ttl))
    }

    /// The address that has a name, if it is one of these and no PTR is set there. `text` is the name's.
    fn address(&self, addresses: &Addresses, name: &QName, text: &[u8]) -> Option<(u128, Ttl)> {
        let bits = self.template.bits_of(text)?;
        let run = self.run(bits).filter(|_| addresses.find(self.family(), bits).is_none())?;
        // Whatever reading lets pass, a name is that of an address only if the address has that name.
        let mut octets = [0; 255];
        let length = self.template.write(bits, &mut octets);
        octets[..length].eq_ignore_ascii_case(name.wire()).then_some((bits, run.ttl))
    }

    /// Whether names lie below one that has its last labels; `text` is that one's.
    fn has_below(
        &self,
        addresses: &Addresses,
        (name, up, text): (&QName, usize, &[u8]),
        looks: &mut Looks,
    ) -> bool {
        let labels = name.label_count() - up;
        let Some(partly) = self.template.bits_of_end(labels, text) else { return false };
        let (mut runs, mut is_spelt) = (&*self.runs, false);
        while let Some(run) = runs.first() {
            let Some(next) = partly.next_from(run.first) else { return false };
            if !looks.take(1) {
                return true;
            }
            if next > run.last {
                runs = &runs[runs.partition_point(|run| run.last < next)..];
                continue;
            }
            // Another spelling of the same number is another name. What the labels say settles it, for all runs.
            is_spelt = is_spelt || self.ends_with(next, name.suffix(labels), labels);
            if !is_spelt {
                return false;
            }
            if self.has_unset(addresses, run, &partly, looks) {
                return true;
            }
            runs = &runs[1..];
        }
        false
    }

    /// Whether an address of a run with these bits has no PTR of its own.
    fn has_unset(&self, addresses: &Addresses, run: &Run, partly: &Partly, looks: &mut Looks) -> bool {
        let row = partly.row(run.first, run.last).and_then(|(first, last)| {
            let [first, last] = [first, last].map(|bits| ip_from_bits(self.family(), bits));
            AddrRange::new(first, last).ok()
        });
        if row.is_some_and(|row| (addresses.len() as u128) < row.size()) {
            return true;
        }
        let row = row.filter(|row| row.size() <= MOST_COUNTED);
        let mut next = partly.next_from(run.first);
        for _ in 0..if row.is_some() { FEW } else { TRIED } {
            let Some(bits) = next.filter(|bits| *bits <= run.last) else { return false };
            if !looks.take(1) || addresses.find(self.family(), bits).is_none() {
                return true;
            }
            next = bits.checked_add(1).and_then(|bits| partly.next_from(bits));
        }
        row.is_none_or(|row| {
            !looks.take(row.size().div_ceil(A_PAGE)) || (addresses.count(&row) as u128) < row.size()
        })
    }

    fn ends_with(&self, bits: u128, name: &[u8], labels: usize) -> bool {
        let mut octets = [0; 255];
        let length = self.template.write(bits, &mut octets);
        let mut written = QName::default();
        written.assign(&octets[..length]);
        written.suffix(labels) == name
    }
}

impl Patterns {
    /// How many addresses have names by templates, those with PTRs of their own among them.
    pub(crate) fn size(&self) -> u128 {
        let patterns = self.origins.iter().flat_map(|origin| &origin.patterns);
        patterns.fold(0, |sum: u128, pattern| sum.saturating_add(pattern.size()))
    }

    /// Whether all names can be shown one by one.
    pub(crate) fn is_expandable(&self) -> bool {
        self.size() <= MOST_EXPANDED
    }

    /// Calls `each` for the addresses of a name so many labels below the apex, of the families that are wanted. Without an
    /// allocation.
    pub(crate) fn each(
        &self,
        addresses: &Addresses,
        (name, path, below): (&QName, &Path, usize),
        is_wanted: impl Fn(Family) -> bool,
        mut each: impl FnMut(IpAddr, Ttl),
    ) {
        let mut origins = self.origins_above(path, below).peekable();
        if origins.peek().is_none() {
            return;
        }
        let mut octets = [0; 256];
        let Some(text) = text_of(name, 0, &mut octets) else { return };
        for origin in origins {
            let is_tried =
                |pattern: &&Pattern| pattern.labels == below - origin.depth && is_wanted(pattern.family());
            for pattern in origin.patterns.iter().filter(is_tried) {
                if let Some((bits, ttl)) = pattern.address(addresses, name, text) {
                    each(ip_from_bits(pattern.family(), bits), ttl);
                }
            }
        }
    }

    /// Whether the name `up` labels above this one leads to names; also where it would cost too much to find out, since a
    /// name without records does less harm than one that is denied. Without an allocation.
    pub(crate) fn lead(
        &self,
        addresses: &Addresses,
        (name, path, below): (&QName, &Path, usize),
        up: usize,
    ) -> bool {
        let depth = below - up;
        let (key, all, mut looks) = (path.to(depth), Partly::new(0, 0), Looks(TRIED as u128));
        let from = self.origins.partition_point(|origin| *origin.key < *key);
        let at_or_below = self.origins[from..].iter().take_while(|origin| origin.key.starts_with(key));
        let mut runs = at_or_below
            .flat_map(|origin| &origin.patterns)
            .flat_map(|pattern| pattern.runs.iter().map(move |run| (pattern, run)));
        if runs.any(|(pattern, run)| pattern.has_unset(addresses, run, &all, &mut looks)) {
            return true;
        }
        let mut octets = [0; 256];
        let Some(text) = text_of(name, up, &mut octets) else { return false };
        self.origins_above(path, depth).any(|origin| {
            let mut patterns = origin.patterns.iter().filter(|pattern| pattern.labels > depth - origin.depth);
            patterns.any(|pattern| pattern.has_below(addresses, (name, up, text), &mut looks))
        })
    }

    /// The origins above a name so many labels below the apex.
    fn origins_above<'p>(&'p self, path: &'p Path, below: usize) -> impl Iterator<Item = &'p Origin> {
        (0..below).filter_map(|depth| {
            if self.depths.checked_shr(depth as u32)? & 1 == 0 {
                return None;
            }
            let place = self.origins.binary_search_by(|origin| (*origin.key).cmp(path.to(depth))).ok()?;
            Some(&self.origins[place])
        })
    }

    /// The addresses in a row that have names.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (Family, u128, u128)> {
        let patterns = self.origins.iter().flat_map(|origin| &origin.patterns);
        patterns.flat_map(|pattern| pattern.runs.iter().map(|run| (pattern.family(), run.first, run.last)))
    }

    /// Whether a name is that of a zone below, or lies in one.
    fn is_elsewhere(&self, key: &[u8]) -> bool {
        self.holes.iter().any(|hole| key.starts_with(hole))
    }
}

/// What may still be looked at before a question is given up.
struct Looks(u128);

impl Looks {
    /// Whether there is so much left, which is spent then.
    fn take(&mut self, cost: u128) -> bool {
        let left = self.0.checked_sub(cost);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }
}

/// A name without its first labels, with dots between the others; `None` of one that is no host name, which no template
/// gives.
fn text_of<'o>(name: &QName, without: usize, octets: &'o mut [u8; 256]) -> Option<&'o [u8]> {
    let mut length = 0;
    for nth in without..name.label_count() {
        let label = name.label(nth);
        if !label.iter().all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-') {
            return None;
        }
        if length > 0 {
            octets[length] = b'.';
            length += 1;
        }
        octets[length..length + label.len()].copy_from_slice(label);
        length += label.len();
    }
    Some(&octets[..length])
}
