//! PTRs of many addresses at once, out of a file or a pattern: packed rows, sorted by address, planned in one pass.

use crate::fcrdns::{Fate, FcrdnsJudge};
use crate::generic::NameJudge;
use crate::pending;
use crate::place::Places;
use crate::plan::{NamesDue, Plan};
use crate::problem::{LISTED_ERRORS, bad_lines};
use crate::ptr::{packed, same, same_target};
use crate::request::ShowTarget;
use crate::rights::Rights;
use ptrd_api::{LineError, Problem};
use ptrd_wire::{Family, Ttl, ip_from_bits};
use ptrd_zone::model::ZoneId;
use ptrd_zone::{PtrEdit, PtrEdits, PtrSet};
use std::collections::BTreeSet;
use std::net::IpAddr;

const INHERIT: u32 = u32::MAX;

/// A target for an address. 24 octets for IPv4.
#[derive(Clone, Copy, Debug)]
struct Row<K> {
    key: K,
    ttl: u32,
    /// Where the name stands among the names, and below it its length: 56 and 8 bits.
    name: u64,
    line: u32,
}

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    v4: Vec<Row<u32>>,
    v6: Vec<Row<u128>>,
    names: Vec<u8>,
    /// Leave addresses alone that have a PTR already.
    pub keep: bool,
    /// What messages call the whole.
    pub what: String,
}

/// Collects what is wrong, line by line.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    listed: Vec<LineError>,
    total: u64,
}

impl Errors {
    #[cold]
    pub fn push(&mut self, line: u64, message: impl FnOnce() -> String) {
        self.total += 1;
        if self.listed.len() < LISTED_ERRORS {
            self.listed.push(LineError { file: None, line, message: message() });
        }
    }

    pub fn into_result(mut self, what: &str) -> Result<(), Problem> {
        if self.total == 0 {
            return Ok(());
        }
        self.listed.sort_by_key(|error| error.line);
        Err(bad_lines(what, self.listed, self.total))
    }
}

impl<K: Ord + Copy> Row<K> {
    fn wire<'n>(&self, names: &'n [u8]) -> &'n [u8] {
        let at = (self.name >> 8) as usize;
        &names[at..at + (self.name & 0xff) as usize]
    }
}

impl Batch {
    pub fn new(what: impl Into<String>, keep: bool) -> Batch {
        Batch { what: what.into(), keep, ..Batch::default() }
    }

    /// Where the next name goes, in wire form.
    pub fn names_mut(&mut self) -> &mut Vec<u8> {
        &mut self.names
    }

    /// A target for an address: what was put after `start` of the names.
    #[inline]
    pub fn push(&mut self, address: IpAddr, ttl: Option<Ttl>, start: usize, line: u64) {
        let name = (start as u64) << 8 | (self.names.len() - start) as u64;
        let ttl = ttl.map_or(INHERIT, Ttl::as_secs);
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        match address {
            IpAddr::V4(v4) => self.v4.push(Row { key: u32::from(v4), ttl, name, line }),
            IpAddr::V6(v6) => self.v6.push(Row { key: u128::from(v6), ttl, name, line }),
        }
    }

    /// How many targets.
    pub fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// Sorts by address and checks what can be checked without knowing the zones: no name twice at an address, one
    /// TTL an address, not too many names.
    pub fn settle(&mut self, errors: &mut Errors) {
        settle(&mut self.v4, &self.names, errors, |key| ip_from_bits(Family::V4, u128::from(key)));
        settle(&mut self.v6, &self.names, errors, |key| ip_from_bits(Family::V6, key));
    }

    /// Shows the names of addresses at which the caller may set some.
    pub fn ptr_targets(&self, plan: &Plan<'_>, rights: &Rights, show: &mut ShowTarget<'_>) {
        let mut places = Places::new(&plan.base.declared, &plan.base.snapshot, rights.clone());
        let mut show_own = |address, name: &[u8]| {
            if places.zone_for(address).is_ok() {
                show(address, name);
            }
        };
        for row in &self.v4 {
            show_own(ip_from_bits(Family::V4, row.key.into()), row.wire(&self.names));
        }
        for row in &self.v6 {
            show_own(ip_from_bits(Family::V6, row.key), row.wire(&self.names));
        }
    }

    /// Plans the whole.
    pub fn plan(&self, plan: &mut Plan<'_>, rights: &Rights) -> Result<String, Problem> {
        let evidence = plan.evidence().clone();
        let mut maker = Maker {
            places: Places::new(&plan.base.declared, &plan.base.snapshot, rights.clone()),
            addresses: plan.base.snapshot.addresses(),
            keep: self.keep,
            edits: PtrEdits::with_capacity(self.names.len() + 16 * self.len()),
            errors: Errors::default(),
            zone: None,
            zones: BTreeSet::new(),
            kept: 0,
            before: Vec::new(),
            after: Vec::new(),
            names: NameJudge::new(&plan.base.declared),
            fcrdns: FcrdnsJudge::new(plan.base, &evidence),
            held: PtrEdits::new(),
        };
        for rows in self.v4.chunk_by(|a, b| a.key == b.key) {
            maker.make(ip_from_bits(Family::V4, u128::from(rows[0].key)), rows, &self.names);
        }
        for rows in self.v6.chunk_by(|a, b| a.key == b.key) {
            maker.make(ip_from_bits(Family::V6, rows[0].key), rows, &self.names);
        }
        let Maker { edits, errors, zones, kept, names, fcrdns, held, .. } = maker;
        errors.into_result(&self.what)?;
        plan.confirm(fcrdns.told());
        let waiting = held.len();
        pending::replace(plan, &edits, &held)?;
        names.warning().into_iter().for_each(|warning| plan.warn(warning));
        plan.names_are_due(NamesDue::Nothing);
        let changed = edits.len();
        plan.put_ptrs(edits);
        zones.into_iter().for_each(|zone| plan.mark(zone));
        let kept = if kept > 0 { format!(", {kept} left as they were") } else { String::new() };
        let waiting = match waiting {
            0 => String::new(),
            n => format!(", {n} wait until their names resolve back"),
        };
        Ok(format!("{}: PTRs of {changed} addresses set{kept}{waiting}", self.what))
    }
}

fn settle<K: Ord + Copy>(
    rows: &mut [Row<K>],
    names: &[u8],
    errors: &mut Errors,
    address: impl Fn(K) -> IpAddr,
) {
    if !rows.is_sorted_by_key(|row| row.key) {
        rows.sort_by_key(|row| row.key);
    }
    for group in rows.chunk_by(|a, b| a.key == b.key) {
        let [first, rest @ ..] = group else { continue };
        // First of all: the search for twins below is quadratic.
        if group.len() > crate::ptr::MAX_TARGETS {
            let line = group[crate::ptr::MAX_TARGETS].line;
            errors.push(line.into(), || {
                format!("{}: more than {} PTRs", address(first.key), crate::ptr::MAX_TARGETS)
            });
            continue;
        }
        for (nth, row) in rest.iter().enumerate() {
            let wire = row.wire(names);
            if let Some(twin) = group[..=nth].iter().find(|r| same_target(r.wire(names), wire)) {
                errors.push(row.line.into(), || {
                    format!("{}: the same name as in line {}", address(row.key), twin.line)
                });
            }
            if row.ttl != first.ttl {
                errors.push(row.line.into(), || {
                    format!(
                        "{}: another TTL than in line {}; an RRset has one (RFC 2181 §5.2)",
                        address(row.key),
                        first.line
                    )
                });
            }
        }
    }
}

struct Maker<'a> {
    places: Places<'a>,
    addresses: &'a ptrd_zone::Addresses,
    keep: bool,
    edits: PtrEdits,
    errors: Errors,
    /// The zone of the address before: neighbours mostly share it.
    zone: Option<ZoneId>,
    zones: BTreeSet<ZoneId>,
    kept: u64,
    before: Vec<u8>,
    after: Vec<u8>,
    names: NameJudge<'a>,
    fcrdns: FcrdnsJudge<'a>,
    /// What waits.
    held: PtrEdits,
}

impl Maker<'_> {
    fn make<K: Ord + Copy>(&mut self, address: IpAddr, rows: &[Row<K>], names: &[u8]) {
        let zone = match self.places.zone_for(address) {
            Ok(zone) => zone,
            Err(problem) => {
                return rows
                    .iter()
                    .for_each(|row| self.errors.push(row.line.into(), || problem.message.clone()));
            }
        };
        let before = packed(self.addresses.ptr(address), &mut self.before);
        if self.keep && before.is_some() {
            self.kept += 1;
            return;
        }
        let wire = match rows {
            [one] => one.wire(names),
            _ => {
                self.after.clear();
                rows.iter().for_each(|row| self.after.extend_from_slice(row.wire(names)));
                &self.after
            }
        };
        let ttl = (rows[0].ttl != INHERIT).then(|| Ttl::from_secs(rows[0].ttl));
        let after = PtrSet { ttl, names: wire };
        if before.is_some_and(|before| same(&before, &after)) {
            return;
        }
        if let Err(why) = self.names.judge(address, before, &after) {
            let line = rows[0].line;
            return self.errors.push(line.into(), || why);
        }
        let edit = PtrEdit { address, before, after: Some(after) };
        match self.fcrdns.judge(address, before, &after) {
            Ok(Fate::Show) => self.edits.push(edit),
            Ok(Fate::Hold) => return self.held.push(edit),
            Err(why) => {
                let line = rows[0].line;
                return self.errors.push(line.into(), || why);
            }
        }
        if let Some(zone) = zone
            && self.zone.replace(zone) != Some(zone)
        {
            self.zones.insert(zone);
        }
    }
}
