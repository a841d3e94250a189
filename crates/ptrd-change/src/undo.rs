//! A change to be undone: what it did in the end to each row, and whether what it left is still so.
//!
//! Undoing needs no knowledge of the request, only of rows: whatever a later kind of request does, its edits can be
//! turned round. What stands in the way is found here, with the later change that put it there.

use crate::block::where_too_many;
use crate::fleet;
use crate::gained;
use crate::history::{LOG_START, logged};
use crate::load::PROJECTION;
use crate::pending;
use crate::place::belongs_to;
use crate::plan::{LAST_SERIAL, Plan, State, TooMany, row_of, stored_records};
use crate::post::LINEAGE;
use crate::problem::{LISTED_ERRORS, conflict, count, forbidden, invalid, store};
use crate::ptr::{packed, same as same_ptrs};
use crate::publish::View;
use crate::record::same as same_records;
use crate::rights::Rights;
use ptrd_api::{LineError, Problem};
use ptrd_store::{Edit, LogEntry, LogQuery, Store};
use ptrd_wire::{AddrRange, Name, RecordType, RrSet, Serial};
use ptrd_zone::model::{
    Block, BlockId, NsSet, NsSetId, Sending, SoaTemplate, SoaTemplateId, Tenant, TenantId, ZoneId, ZoneRow,
};
use ptrd_zone::{Declared, PtrSet, Zone};
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// Settings that only ever go forward.
const FORWARD: [&str; 4] = [LAST_SERIAL, PROJECTION, LOG_START, LINEAGE];
/// Later changes that are looked at for the one that stands in the way.
const LOOKED_AT: usize = 2_000;
/// Conflicts for which the later change is looked up.
const EXPLAINED: usize = 20;

/// What a row was before, and what it was after.
pub(crate) type Step<T> = (Option<T>, Option<T>);

/// An RRset by its zone, the key of its owner, and its type.
pub(crate) type RecordKey = (ZoneId, Box<[u8]>, u16);

/// See the module.
pub(crate) struct Undone {
    pub entry: LogEntry,
    edits: Vec<Edit>,
    /// The last serials of zones that were removed since.
    pub later_serials: Vec<(Name, Serial)>,
    /// What is done where zones come to have too many computed names for a transfer.
    pub too_many: TooMany,
    /// What was there when it was read.
    seen: State,
}

/// The edits of a change, each row once. Borrows from them.
#[derive(Default)]
pub(crate) struct Rows<'e> {
    pub settings: BTreeMap<&'e str, Step<&'e str>>,
    pub tenants: BTreeMap<TenantId, Step<&'e Tenant>>,
    pub blocks: BTreeMap<BlockId, Step<&'e Block>>,
    pub ns_sets: BTreeMap<NsSetId, Step<&'e NsSet>>,
    pub soa_templates: BTreeMap<SoaTemplateId, Step<&'e SoaTemplate>>,
    pub zones: BTreeMap<ZoneId, Step<&'e ZoneRow>>,
    pub records: BTreeMap<RecordKey, (&'e Name, Step<&'e RrSet>)>,
    pub sending: BTreeMap<IpAddr, Step<&'e Sending>>,
    /// In the order of addresses.
    pub ptrs: Vec<(IpAddr, Step<PtrSet<'e>>)>,
}

/// What a conflict is about.
#[derive(Clone, Debug)]
pub(crate) enum Subject {
    Address(IpAddr),
    Sending(IpAddr),
    Setting(String),
    Tenant(TenantId),
    Block(BlockId, AddrRange),
    NsSet(NsSetId),
    SoaTemplate(SoaTemplateId),
    Zone(ZoneId, Name),
    Record(ZoneId, Name, Name, RecordType),
}

/// Something that is not as the change left it.
#[derive(Clone, Debug)]
pub(crate) struct Conflict {
    pub subject: Subject,
    pub text: String,
}

/// The conflicts, the first of them in full.
#[derive(Default)]
pub(crate) struct Conflicts {
    listed: Vec<Conflict>,
    total: u64,
}

impl Conflicts {
    pub fn push(&mut self, subject: Subject, text: impl FnOnce() -> String) {
        self.total += 1;
        if self.listed.len() < LISTED_ERRORS {
            self.listed.push(Conflict { subject, text: text() });
        }
    }

    /// As a refusal; `later` says which change it was.
    pub fn into_result(
        self,
        change: u64,
        mut later: impl FnMut(&Subject) -> Option<LogEntry>,
    ) -> Result<(), Problem> {
        if self.total == 0 {
            return Ok(());
        }
        let mut last = None;
        let line = |(nth, conflict): (usize, &Conflict)| {
            let by = if nth < EXPLAINED { later(&conflict.subject) } else { None };
            let by = by.map_or_else(String::new, |entry| {
                last = last.max(Some(entry.change));
                format!(" (change {}, {} by {})", entry.change, entry.kind, entry.actor)
            });
            LineError { file: None, line: 0, message: format!("{}{by}", conflict.text) }
        };
        let errors = self.listed.iter().enumerate().map(line).collect();
        let places = count(self.total, "place");
        let mut problem = conflict(format!(
            "change {change} cannot be rolled back: what it left has changed since, in {places}"
        ));
        problem.errors = errors;
        problem.errors_total = self.total;
        Err(match last {
            Some(last) => problem
                .hint(format!("roll back change {last} first, or make the change that you want by hand")),
            None => problem.hint(format!(
                "`ptrctl log show {change}` says what it did; make the change that you want by hand"
            )),
        })
    }
}

impl fmt::Debug for Undone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Undone").field("change", &self.entry.change).finish_non_exhaustive()
    }
}

impl Undone {
    /// Reads a change from the log, and refuses if it cannot be undone on what is there now. `only_ptrd`: computed names that
    /// come back are not refused for being more than a transfer sends.
    pub fn read(
        (change, only_ptrd): (u64, bool),
        view: &View,
        reader: &mut dyn Store,
    ) -> Result<Undone, Problem> {
        let entry = logged(change, view, reader)?.entry;
        let edits = reader.edits(change).map_err(|error| store(&error))?;
        let seen = view.state();
        let (later_serials, too_many) = (Vec::new(), where_too_many(only_ptrd));
        let mut undone = Undone { entry, edits, later_serials, too_many, seen };
        let rows = undone.net();
        if rows.is_empty() {
            return Err(invalid(format!(
                "change {change} ({}) has nothing that could be rolled back",
                undone.entry.kind
            ))
            .hint(format!("`ptrctl log show {change}` says what it did")));
        }
        let mut conflicts = check(&undone.seen, &rows);
        if conflicts.total == 0 {
            gained::since(reader, change, &undone.seen, &rows, &mut conflicts)?;
        }
        // Whoever made it is none of a tenant's business.
        let is_tenant = view.reader().is_some();
        let later = |subject: &Subject| {
            if is_tenant { None } else { later_change(reader, change, subject) }
        };
        conflicts.into_result(change, later)?;
        let returning: Vec<Name> = rows
            .zones
            .values()
            .filter_map(|step| step.0.filter(|_| step.1.is_none()))
            .map(|zone| zone.apex.clone())
            .collect();
        drop(rows);
        for apex in returning {
            undone.later_serials.extend(serials_since(reader, change, &apex)?);
        }
        Ok(undone)
    }

    /// Whether a tenant may undo it: where it is about PTRs and sending marks of its addresses, and nothing else.
    pub fn check_tenant(&self, declared: &Declared, rights: &Rights) -> Result<(), Problem> {
        for edit in &self.edits {
            let waited = match edit {
                Edit::Ptrs(_) | Edit::Sending { .. } => continue,
                Edit::Setting { name, before, after } => {
                    pending::waited(rights, name, [before.as_deref(), after.as_deref()])
                }
                _ => None,
            };
            let address = waited.ok_or_else(|| {
                forbidden(format!(
                    "change {} is about more than PTRs and sending marks: only operators may roll it back",
                    self.entry.change
                ))
                .hint("ask your operator")
            })?;
            belongs_to(declared, rights, address)?;
        }
        let rows = self.net();
        let ptrs = rows.ptrs.iter().map(|(address, _)| address);
        ptrs.chain(rows.sending.keys()).try_for_each(|address| belongs_to(declared, rights, *address))
    }

    /// How many rows it is about.
    pub fn rows(&self) -> usize {
        let of = |edit: &Edit| if let Edit::Ptrs(edits) = edit { edits.len() } else { 1 };
        self.edits.iter().map(of).sum()
    }

    /// The rows, each once, without those that only go forward and those that came out as they went in.
    pub fn net(&self) -> Rows<'_> {
        let mut rows = Rows::default();
        for edit in &self.edits {
            rows.add(edit);
        }
        rows.settle();
        rows
    }
}

fn step<K: Ord, T>(map: &mut BTreeMap<K, Step<T>>, key: K, before: Option<T>, after: Option<T>) {
    map.entry(key).or_insert((before, None)).1 = after;
}

impl<'e> Rows<'e> {
    /// Adds an edit that comes after those that are there.
    pub fn add(&mut self, edit: &'e Edit) {
        match edit {
            Edit::Setting { name, before, after } => {
                if !FORWARD.contains(&name.as_str()) {
                    step(&mut self.settings, name.as_str(), before.as_deref(), after.as_deref());
                }
            }
            Edit::Tenant { id, before, after } => {
                step(&mut self.tenants, *id, before.as_ref(), after.as_ref());
            }
            Edit::Block { id, before, after } => {
                step(&mut self.blocks, *id, before.as_deref(), after.as_deref());
            }
            Edit::NsSet { id, before, after } => {
                step(&mut self.ns_sets, *id, before.as_deref(), after.as_deref());
            }
            Edit::SoaTemplate { id, before, after } => {
                step(&mut self.soa_templates, *id, before.as_deref(), after.as_deref());
            }
            Edit::Zone { id, before, after } => {
                step(&mut self.zones, *id, before.as_deref(), after.as_deref());
            }
            Edit::Record { zone, owner, rtype, before, after } => {
                let key = (*zone, owner.key_below(0), rtype.0);
                let known = self.records.entry(key).or_insert((owner, (before.as_ref(), None)));
                known.1.1 = after.as_ref();
            }
            Edit::Sending { address, before, after } => {
                step(&mut self.sending, *address, before.as_deref(), after.as_deref());
            }
            Edit::Ptrs(edits) => {
                self.ptrs.extend(edits.iter().map(|edit| (edit.address, (edit.before, edit.after))));
            }
        }
    }

    /// Brings PTRs into order, and leaves out what comes out as it went in.
    pub fn settle(&mut self) {
        self.ptrs.sort_by_key(|(address, _)| ptrd_wire::ip_to_bits(*address));
        self.ptrs.dedup_by(|later, first| {
            let twice = later.0 == first.0;
            if twice {
                first.1.1 = later.1.1;
            }
            twice
        });
        self.ptrs.retain(|(_, (before, after))| match (before, after) {
            (Some(before), Some(after)) => !same_ptrs(before, after),
            (before, after) => before.is_some() || after.is_some(),
        });
        self.settings.retain(|_, (before, after)| before != after);
        self.tenants.retain(|_, (before, after)| before != after);
        self.blocks.retain(|_, (before, after)| before != after);
        self.ns_sets.retain(|_, (before, after)| before != after);
        self.soa_templates.retain(|_, (before, after)| before != after);
        self.zones.retain(|_, (before, after)| !same_zone(*before, *after));
        self.records.retain(|_, (_, (before, after))| before != after);
        self.sending.retain(|_, (before, after)| before != after);
    }

    /// What was before is after, and the other way round.
    pub fn turn_round(&mut self) {
        fn swap<T>(step: &mut Step<T>) {
            std::mem::swap(&mut step.0, &mut step.1);
        }
        self.settings.values_mut().for_each(swap);
        self.tenants.values_mut().for_each(swap);
        self.blocks.values_mut().for_each(swap);
        self.ns_sets.values_mut().for_each(swap);
        self.soa_templates.values_mut().for_each(swap);
        self.zones.values_mut().for_each(swap);
        self.records.values_mut().for_each(|(_, step)| swap(step));
        self.sending.values_mut().for_each(swap);
        self.ptrs.iter_mut().for_each(|(_, step)| swap(step));
    }

    pub fn is_empty(&self) -> bool {
        self.settings.is_empty()
            && self.tenants.is_empty()
            && self.blocks.is_empty()
            && self.ns_sets.is_empty()
            && self.soa_templates.is_empty()
            && self.zones.is_empty()
            && self.records.is_empty()
            && self.sending.is_empty()
            && self.ptrs.is_empty()
    }
}

/// Whether two rows of a zone say the same; serials step by themselves and do not count.
fn same_zone(a: Option<&ZoneRow>, b: Option<&ZoneRow>) -> bool {
    let still = |zone: Option<&ZoneRow>| {
        zone.map(|zone| {
            let mut zone = zone.clone();
            zone.soa.set_serial(Serial(0));
            zone
        })
    };
    still(a) == still(b)
}

/// A zone by its number.
pub(crate) fn zone_by_id(state: &State, id: ZoneId) -> Option<(&Arc<ptrd_zone::ZoneMeta>, &Arc<Zone>)> {
    let meta = state.declared.zone_by_id(id)?;
    Some((meta, state.snapshot.zone(&meta.apex)?))
}

/// The RRset that is stored at an owner.
pub(crate) fn stored(zone: &Zone, owner: &Name, rtype: RecordType) -> Option<RrSet> {
    let node = zone.names().node(&owner.key_below(zone.apex_labels()))?;
    node.rrset(rtype).map(|rrset| rrset.to_rrset())
}

/// What is not as the change left it.
pub(crate) fn check(state: &State, rows: &Rows<'_>) -> Conflicts {
    let mut found = Conflicts::default();
    for (name, (_, after)) in &rows.settings {
        if state.settings.get(*name).map(String::as_str) != *after {
            found.push(Subject::Setting((*name).to_owned()), || {
                format!("{} has changed", fleet::called(name))
            });
        }
    }
    for (id, (_, after)) in &rows.tenants {
        if state.declared.tenant(*id).map(|tenant| &**tenant) != *after {
            found.push(Subject::Tenant(*id), || format!("the tenant {} has changed", named(*after, *id)));
        }
    }
    for (id, (before, after)) in &rows.blocks {
        let now = state.declared.block(*id).map(|block| &**block);
        let Some(range) = after.or(*before).map(|block| block.range) else { continue };
        if now != *after {
            let how = if now.is_some() { "has changed" } else { "was removed" };
            found.push(Subject::Block(*id, range), || format!("the block {range} {how}"));
        }
    }
    gained::unowned(state, rows, &mut found);
    for (id, (_, after)) in &rows.ns_sets {
        if state.declared.ns_set(*id).map(|set| &**set) != *after {
            let name = after.map_or_else(|| id.to_string(), |set| set.name.clone());
            found.push(Subject::NsSet(*id), || format!("the NS set {name} has changed"));
        }
    }
    for (id, (_, after)) in &rows.soa_templates {
        if state.declared.soa_template(*id).map(|template| &**template) != *after {
            let name = after.map_or_else(|| id.to_string(), |template| template.name.clone());
            found.push(Subject::SoaTemplate(*id), || format!("the SOA template {name} has changed"));
        }
    }
    for (id, (before, after)) in &rows.zones {
        let now = zone_by_id(state, *id).map(|(meta, zone)| (row_of(meta, zone), zone));
        let Some(apex) = after.or(*before).map(|zone| &zone.apex) else { continue };
        if !same_zone(now.as_ref().map(|(row, _)| row), *after) {
            let how = if now.is_some() { "has changed" } else { "was removed" };
            found.push(Subject::Zone(*id, apex.clone()), || format!("the zone {apex} {how}"));
        } else if let Some((_, zone)) = now.filter(|_| before.is_none()) {
            for (owner, rrset) in stored_records(zone) {
                if !rows.records.contains_key(&(*id, owner.key_below(0), rrset.rtype.0)) {
                    let subject = Subject::Record(*id, apex.clone(), owner.clone(), rrset.rtype);
                    found.push(subject, || format!("{owner} {} was added to the zone {apex}", rrset.rtype));
                }
            }
        }
    }
    for (address, (_, after)) in &rows.sending {
        let now = state.declared.sending_at(*address);
        if now.map(|mark| &**mark) != *after {
            found.push(Subject::Sending(*address), || match now {
                Some(mark) => format!("{address} sends mail as {} now", mark.helo),
                None => format!("{address} is not marked as sending any more"),
            });
        }
    }
    check_records(state, rows, &mut found);
    let mut buffer = Vec::new();
    for (address, (_, after)) in &rows.ptrs {
        let now = packed(state.snapshot.addresses().ptr(*address), &mut buffer);
        let is_so = match (&now, after) {
            (Some(now), Some(after)) => same_ptrs(now, after),
            (now, after) => now.is_none() && after.is_none(),
        };
        if !is_so {
            found.push(Subject::Address(*address), || match now {
                Some(now) => format!("{address} has the PTR {}", crate::problem::some(&now.to_names(), 2)),
                None => format!("{address} has no PTR any more"),
            });
        }
    }
    found
}

fn check_records(state: &State, rows: &Rows<'_>, found: &mut Conflicts) {
    for ((id, _, rtype), (owner, (_, after))) in &rows.records {
        let rtype = RecordType(*rtype);
        let zone = zone_by_id(state, *id);
        let now = zone.and_then(|(_, zone)| stored(zone, owner, rtype));
        let is_so = match (&now, after) {
            (Some(now), Some(after)) => same_records(now, after),
            (now, after) => now.is_none() && after.is_none(),
        };
        // A zone that the change did not remove, and that is gone, is no place to put a record back.
        let is_lost = zone.is_none() && !rows.zones.contains_key(id);
        // Of a zone that is gone the zone itself is told.
        let is_told = zone.is_none() && rows.zones.contains_key(id);
        if (!is_so || is_lost) && !is_told {
            let apex = zone.map_or_else(|| (*owner).clone(), |(meta, _)| meta.apex.clone());
            found.push(Subject::Record(*id, apex, (*owner).clone(), rtype), || match (now, is_lost) {
                (_, true) => format!("the zone of {owner} {rtype} was removed"),
                (Some(_), _) => format!("{owner} {rtype} has changed"),
                (None, _) => format!("{owner} {rtype} was deleted"),
            });
        }
    }
}

fn named(tenant: Option<&Tenant>, id: TenantId) -> String {
    tenant.map_or_else(|| id.to_string(), |tenant| tenant.name.clone())
}

/// The newest change after one that touched this, as far as the log tells.
pub(crate) fn later_change(reader: &mut dyn Store, change: u64, subject: &Subject) -> Option<LogEntry> {
    let mut query = LogQuery { after: Some(change), limit: 200, ..LogQuery::default() };
    match subject {
        Subject::Address(address) | Subject::Sending(address) => query.address = Some(*address),
        Subject::Block(_, range) => query.range = Some(*range),
        Subject::Tenant(tenant) => query.tenant = Some(*tenant),
        Subject::Zone(id, apex) | Subject::Record(id, apex, ..) => {
            (query.zone, query.apex) = (Some(*id), Some(apex.clone()));
        }
        Subject::Setting(_) | Subject::NsSet(_) | Subject::SoaTemplate(_) => {}
    }
    let mut looked_at = 0;
    while looked_at < LOOKED_AT {
        let page = reader.log(&query).ok()?;
        query.before = Some(page.last()?.change);
        for entry in page {
            looked_at += 1;
            // A failure of the store says nothing about the conflict, which stands without it.
            let edits = reader.edits(entry.change).ok()?;
            if edits.iter().any(|edit| is_about(edit, subject)) {
                return Some(entry);
            }
        }
    }
    None
}

fn is_about(edit: &Edit, subject: &Subject) -> bool {
    match (edit, subject) {
        (Edit::Ptrs(edits), Subject::Address(address)) => edits.iter().any(|edit| edit.address == *address),
        (Edit::Sending { address, .. }, Subject::Sending(of)) => address == of,
        (Edit::Setting { name, .. }, Subject::Setting(of)) => name == of,
        (Edit::Tenant { id, .. }, Subject::Tenant(of)) => id == of,
        (Edit::Block { id, .. }, Subject::Block(of, _)) => id == of,
        (Edit::NsSet { id, .. }, Subject::NsSet(of)) => id == of,
        (Edit::SoaTemplate { id, .. }, Subject::SoaTemplate(of)) => id == of,
        (Edit::Zone { id, .. }, Subject::Zone(of, _) | Subject::Record(of, ..)) => id == of,
        (Edit::Record { zone, owner, rtype, .. }, Subject::Record(of, _, at, of_type)) => {
            zone == of && owner == at && rtype == of_type
        }
        _ => false,
    }
}

/// The serials that zones of this name had when they were removed, after a change.
fn serials_since(reader: &mut dyn Store, change: u64, apex: &Name) -> Result<Vec<(Name, Serial)>, Problem> {
    let failed = |error| store(&error);
    let query =
        LogQuery { after: Some(change), apex: Some(apex.clone()), limit: LOOKED_AT, ..LogQuery::default() };
    let mut serials = Vec::new();
    for entry in reader.log(&query).map_err(failed)? {
        for edit in reader.edits(entry.change).map_err(failed)? {
            if let Edit::Zone { before: Some(zone), after: None, .. } = edit
                && zone.apex == *apex
            {
                serials.push((zone.apex, zone.soa.serial()));
            }
        }
    }
    Ok(serials)
}

/// Refuses in the plan what [`Undone::read`] saw, should it have come about since.
pub(crate) fn check_again(plan: &Plan<'_>, undone: &Undone, rows: &Rows<'_>) -> Result<(), Problem> {
    let mut conflicts = check(plan.base, rows);
    gained::meanwhile(&undone.seen, plan.base, rows, &mut conflicts);
    conflicts.into_result(undone.entry.change, |_| None)
}
