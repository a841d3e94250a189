//! Addresses that come to another tenant, by whatever road: a block that is transferred, put inside another's, removed
//! from inside another's, or found by an adoption. What the old tenant had there does not stay unless that was asked for.
//!
//! Which addresses these are is read off the plan, so there is one account of it for all roads.

use crate::classless::address_at;
use crate::place::{Shown, ptrs_in, runs};
use crate::plan::{Plan, State, stored_records};
use crate::problem::{conflict, count, some};
use crate::ptr::packed;
use crate::tenant::tenant_name;
use ptrd_api::{Problem, PtrFate};
use ptrd_wire::{AddrRange, Name, RecordType, ip_from_bits, ip_to_bits};
use ptrd_zone::model::{TenantId, ZoneId};
use ptrd_zone::{Declared, NameTree, PtrEdit, PtrEdits, Zone, ZoneMeta};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// Addresses in a row that had this tenant and have another one now, or none.
#[derive(Clone, Debug)]
pub(crate) struct Moved {
    pub range: AddrRange,
    pub from: TenantId,
    pub to: Option<TenantId>,
}

/// Owners and types of RRsets of a zone.
type RecordsOf = (Arc<ZoneMeta>, Vec<(Name, RecordType)>);

/// What was deleted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cleared {
    pub ptrs: u64,
    /// Addresses that were marked as sending.
    pub marks: u64,
    pub records: u64,
}

impl std::ops::Add for Cleared {
    type Output = Cleared;

    fn add(self, other: Cleared) -> Cleared {
        Cleared {
            ptrs: self.ptrs + other.ptrs,
            marks: self.marks + other.marks,
            records: self.records + other.records,
        }
    }
}

impl Cleared {
    /// For the end of a summary; nothing if there was nothing.
    pub fn said(self) -> String {
        self.parts().map(|part| format!(", {part} deleted")).collect()
    }

    /// How many of what; nothing if there is nothing.
    pub fn counted(self) -> String {
        self.parts().collect::<Vec<_>>().join(" and ")
    }

    fn parts(self) -> impl Iterator<Item = String> {
        let all = [(self.ptrs, "PTR"), (self.marks, "sending mark"), (self.records, "other RRset")];
        all.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| count(n, what))
    }
}

/// The addresses of a range whose tenant is another one after than before.
pub(crate) fn moved(before: &Declared, after: &Declared, range: &AddrRange) -> Vec<Moved> {
    let (family, last) = (range.family(), range.last_bits());
    let mut moved: Vec<Moved> = Vec::new();
    let mut next = Some(range.first_bits());
    while let Some(bits) = next.filter(|bits| *bits <= last) {
        let (old, old_end) = before.block_run(family, bits);
        let (new, new_end) = after.block_run(family, bits);
        let end = old_end.min(new_end).min(last);
        let (old, to) = (old.map(|block| block.tenant), new.map(|block| block.tenant));
        if let Some(from) = old.filter(|old| Some(*old) != to)
            && let Ok(range) = AddrRange::new(ip_from_bits(family, bits), ip_from_bits(family, end))
        {
            moved.push(Moved { range, from, to });
        }
        next = end.checked_add(1);
    }
    moved
}

/// Those that lie in no other one.
pub(crate) fn outermost(mut ranges: Vec<AddrRange>) -> Vec<AddrRange> {
    ranges.sort_by_key(|range| (range.family(), range.first_bits(), std::cmp::Reverse(range.last_bits())));
    let mut outer: Vec<AddrRange> = Vec::new();
    for range in ranges {
        if !outer.last().is_some_and(|last| last.covers(&range)) {
            outer.push(range);
        }
    }
    outer
}

/// Deletes what stands at addresses of a range that have another tenant now: PTRs, sending marks, and other records at their
/// names and below. Or says that it stays.
pub(crate) fn hand_over(plan: &mut Plan<'_>, range: &AddrRange, fate: PtrFate) -> Cleared {
    let moved = moved(&plan.base.declared, plan.declared(), range);
    match fate {
        PtrFate::Clear => {
            let ranges: Vec<AddrRange> = moved.iter().map(|moved| moved.range).collect();
            let marks = clear_marks_in(plan, &ranges);
            Cleared { ptrs: clear_ptrs_in(plan, ranges), marks, records: clear_records(plan, &moved) }
        }
        PtrFate::Keep => {
            let mut kept: BTreeMap<(TenantId, Option<TenantId>), Cleared> = BTreeMap::new();
            for Moved { range, from, to } in &moved {
                let kept = kept.entry((*from, *to)).or_default();
                kept.ptrs += ptrs_in(&plan.next.snapshot, range).count() as u64;
                kept.marks += plan.declared().sending_in(range).count() as u64;
            }
            let there = kept.into_iter().map(|(who, kept)| (who, kept.counted()));
            for ((from, to), kept) in there.filter(|(_, kept)| !kept.is_empty()) {
                let from = tenant_name(plan.declared(), from);
                let to = to.map_or_else(|| "nobody".to_owned(), |to| tenant_name(plan.declared(), to));
                plan.warn(format!("{kept} of {from} stay at addresses of {to}"));
            }
            Cleared::default()
        }
    }
}

/// How much [`hand_over`] would delete.
pub(crate) fn left_behind(plan: &Plan<'_>, range: &AddrRange) -> Cleared {
    let moved = moved(&plan.base.declared, plan.declared(), range);
    let ptrs = moved.iter().map(|moved| ptrs_in(&plan.next.snapshot, &moved.range).count() as u64).sum();
    let marks = moved.iter().map(|moved| plan.declared().sending_in(&moved.range).count() as u64).sum();
    let records = records_at(&plan.base.declared, &plan.next, &moved)
        .iter()
        .map(|(_, records)| records.len() as u64)
        .sum();
    Cleared { ptrs, marks, records }
}

/// Refuses what would go on answering with the old tenant's imported records.
pub(crate) fn refuse_verbatim(zones: &[&Name], from: &str) -> Result<(), Problem> {
    if zones.is_empty() {
        return Ok(());
    }
    Err(conflict(format!("{} answers with records of {from} that were imported", some(zones, 4)))
        .hint("remove it first: `ptrctl zone remove APEX`, or say --ptrs keep"))
}

/// Takes the sending marks of ranges away.
pub(crate) fn clear_marks_in(plan: &mut Plan<'_>, ranges: &[AddrRange]) -> u64 {
    let marked = ranges.iter().flat_map(|range| plan.declared().sending_in(range));
    let marked: Vec<IpAddr> = marked.map(|mark| mark.address).collect();
    marked.iter().for_each(|address| plan.put_sending(*address, None));
    marked.len() as u64
}

/// Deletes the PTRs of ranges, and marks the zones that showed them.
pub(crate) fn clear_ptrs_in(plan: &mut Plan<'_>, ranges: Vec<AddrRange>) -> u64 {
    let base = plan.base;
    let there = plan.next.snapshot.clone();
    let (mut edits, mut buffer) = (PtrEdits::new(), Vec::new());
    let mut showing = crate::place::ShowingZones::default();
    for range in ranges {
        for address in ptrs_in(&there, &range) {
            let before = packed(there.addresses().ptr(address), &mut buffer);
            edits.push(PtrEdit { address, before, after: None });
            if let Some(zone) = showing.at(&base.declared, address) {
                plan.mark(zone);
            }
        }
    }
    let cleared = edits.len() as u64;
    plan.put_ptrs(edits);
    cleared
}

fn clear_records(plan: &mut Plan<'_>, moved: &[Moved]) -> u64 {
    let records = records_at(&plan.base.declared, &plan.next, moved);
    let gone = |(owner, rtype)| (owner, rtype, None);
    records.into_iter().map(|(meta, at)| plan.put_rrsets(&meta, at.into_iter().map(gone).collect())).sum()
}

/// The records at and below addresses, in the zones that showed them or show them now. Ranges are in the order of addresses.
pub(crate) fn records_at(before: &Declared, now: &State, moved: &[Moved]) -> Vec<RecordsOf> {
    let mut zones: BTreeMap<ZoneId, Arc<ZoneMeta>> = BTreeMap::new();
    for declared in [before, &now.declared] {
        for run in moved.iter().flat_map(|moved| runs(declared, &moved.range)) {
            if let Shown::Here(zone) = run.shown {
                zones.insert(zone.id, zone);
            }
        }
    }
    let is_moved = |address: IpAddr| {
        let nth = moved.partition_point(|moved| ip_to_bits(moved.range.last()) < ip_to_bits(address));
        moved.get(nth).is_some_and(|moved| moved.range.contains(address))
    };
    let mut found = Vec::new();
    for id in zones.into_keys() {
        let Some(meta) = now.declared.zone_by_id(id).cloned() else { continue };
        let Some(zone) = now.snapshot.zone(&meta.apex) else { continue };
        // Nothing but the apex.
        if zone.names().len() == usize::from(zone.names().node(&[]).is_some()) {
            continue;
        }
        let servers = servers_of(zone);
        let mut records = Vec::new();
        for (key, node) in zone.names().iter() {
            let owner = NameTree::owner(&key, node, zone.apex());
            if address_at(zone, &owner).is_some_and(|(address, _)| is_moved(address)) {
                let gone = node.rrsets().map(|rrset| (owner.clone(), rrset.rtype));
                records.extend(gone.filter(|(owner, rtype)| !is_needed(zone, &servers, owner, *rtype)));
            }
        }
        if !records.is_empty() {
            found.push((meta, records));
        }
    }
    found
}

/// Deletes the records of a zone that has another tenant now, but for what it needs to be a zone: SOA, the NS set, addresses
/// of nameservers in it.
pub(crate) fn clear_zone(plan: &mut Plan<'_>, meta: &ZoneMeta) -> u64 {
    let Some(zone) = plan.zone(&meta.apex).cloned() else { return 0 };
    let servers = servers_of(&zone);
    let gone = stored_records(&zone)
        .filter(|(owner, rrset)| !is_needed(&zone, &servers, owner, rrset.rtype))
        .map(|(owner, rrset)| (owner, rrset.rtype, None))
        .collect();
    plan.put_rrsets(meta, gone)
}

fn servers_of(zone: &Zone) -> Vec<Name> {
    let rdatas = zone.apex_ns().map(|ns| ns.to_rrset().rdatas).unwrap_or_default();
    rdatas.iter().filter_map(|rdata| Name::from_wire(rdata).ok()).collect()
}

fn is_needed(zone: &Zone, servers: &[Name], owner: &Name, rtype: RecordType) -> bool {
    (owner == zone.apex() && rtype == RecordType::NS)
        || (matches!(rtype, RecordType::A | RecordType::AAAA) && servers.contains(owner))
}
