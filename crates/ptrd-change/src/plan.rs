//! A change being worked out: what was before, what comes after, and the edits that lead from one to the other.
//!
//! A plan works on copies that share everything with the original; dropped, it leaves no trace. It keeps the books
//! that make serials honest: every zone whose shown content may have changed is either marked as changed, or touched,
//! which is to say projected again at the end and changed if the outcome differs.

use crate::apex::zone_of_row;
use crate::authorise::Log;
use crate::fleet;
use crate::problem::{conflict, internal, invalid, not_found, quote};
use crate::standing::FormerZones;
use crate::version;
use crate::zone_set::Start;
use ptrd_api::{ChangeDone, Problem, REPORT_LEFT_OUT, ReportLine, ZoneStep};
use ptrd_store::{Commit, Edit};
use ptrd_wire::{AddrRange, Name, RecordType, ReversePrefix, RrSet, Serial, ip_from_bits, ip_to_bits};
use ptrd_zone::model::{
    Block, BlockId, NsSetId, SerialPolicy, SoaTemplate, SoaTemplateId, Tenant, TenantId, ZoneId, ZoneKind,
    ZoneRow, ZoneSoa,
};
use ptrd_zone::{
    Declared, Derived, Exception, ExceptionRange, GivenNs, Outcome, PtrChange, PtrEdits, RrSetChange,
    Snapshot, Touch, View as Window, Workspace, Zone, ZoneMeta, project, reproject, resolve_apex,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many zones [`ChangeDone::zones`] lists.
const LISTED_ZONES: usize = 100;
/// How many lines [`ChangeDone::report`] has; what was left out comes first.
const LISTED_LINES: usize = 50_000;
/// PTRs are put into the index in portions of so many.
const PORTION: usize = 16_384;

/// The highest numbers given so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    pub change: u64,
    pub tenant: u32,
    pub block: u32,
    pub zone: u32,
    pub ns_set: u32,
    pub soa_template: u32,
    /// The highest serial that a native zone had when it was removed; 0 for none yet.
    pub last_serial: u32,
}

impl Default for Numbers {
    /// Those of a new store, which has an NS set and a SOA template.
    fn default() -> Numbers {
        let (ns_set, soa_template) = (NsSetId::DEFAULT.0, SoaTemplateId::DEFAULT.0);
        Numbers { change: 0, tenant: 0, block: 0, zone: 0, ns_set, soa_template, last_serial: 0 }
    }
}

/// The settings as the store has them, by name.
pub(crate) type Settings = Arc<BTreeMap<String, String>>;

/// The setting that keeps [`Numbers::last_serial`].
pub(crate) const LAST_SERIAL: &str = "last-serial";

/// Everything that a change starts from. A clone shares all of it.
#[derive(Clone, Default)]
pub(crate) struct State {
    pub declared: Declared,
    pub snapshot: Snapshot,
    pub numbers: Numbers,
    pub settings: Settings,
}

/// A change that can be made: all that could fail has been tried.
pub(crate) struct Planned {
    /// What goes to the store; `None` when there is nothing to change.
    pub commit: Option<Commit>,
    /// What is published after the commit.
    pub next: State,
    /// What the caller is told.
    pub done: ChangeDone,
}

/// See the module.
pub(crate) struct Plan<'a> {
    pub base: &'a State,
    pub next: State,
    /// Milliseconds since 1970.
    pub now: i64,
    workspace: &'a mut Workspace,
    edits: Vec<Edit>,
    touched: BTreeMap<ZoneId, Touch>,
    /// A setting of the fleet was altered.
    fleet_touched: bool,
    changed: BTreeSet<ZoneId>,
    fresh: BTreeSet<ZoneId>,
    /// Zones whose serial the request says, changed or not.
    stated: BTreeSet<ZoneId>,
    removed: Vec<Name>,
    warnings: Vec<String>,
    report: Vec<ReportLine>,
    ptrs_changed: u64,
}

/// What a zone of this kind shows of the address index.
pub(crate) fn window(kind: &ZoneKind) -> Window {
    match kind {
        ZoneKind::Range(prefix) => Window::Range(*prefix),
        ZoneKind::Classless { range, .. } => {
            Window::Classless { first: range.first_bits() as u32, last: range.last_bits() as u32 }
        }
        ZoneKind::Verbatim => Window::Verbatim,
    }
}

impl<'a> Plan<'a> {
    pub fn new(base: &'a State, now: i64, workspace: &'a mut Workspace) -> Plan<'a> {
        Plan {
            base,
            next: base.clone(),
            now,
            workspace,
            edits: Vec::new(),
            touched: BTreeMap::new(),
            fleet_touched: false,
            changed: BTreeSet::new(),
            fresh: BTreeSet::new(),
            stated: BTreeSet::new(),
            removed: Vec::new(),
            warnings: Vec::new(),
            report: Vec::new(),
            ptrs_changed: 0,
        }
    }

    /// Begins anew, for a plan that turned out to be another one than the first attempt.
    pub fn reset(&mut self) {
        self.next = self.base.clone();
        (self.edits, self.removed, self.warnings, self.report) = Default::default();
        (self.touched, self.changed, self.fresh, self.stated) = Default::default();
        (self.ptrs_changed, self.fleet_touched) = (0, false);
    }

    /// What is declared, as far as the plan has come.
    pub fn declared(&self) -> &Declared {
        &self.next.declared
    }

    /// A zone as the plan has it so far.
    pub fn zone(&self, apex: &Name) -> Option<&Arc<Zone>> {
        self.next.snapshot.zone(apex)
    }

    pub fn warn(&mut self, text: impl Into<String>) {
        self.warnings.push(text.into());
    }

    /// A line of the report on what was done with one thing.
    pub fn tell(&mut self, subject: impl ToString, what: &str, detail: impl Into<String>) {
        self.report.push(ReportLine {
            subject: subject.to_string(),
            what: what.to_owned(),
            detail: detail.into(),
        });
    }

    pub fn edit(&mut self, edit: Edit) {
        if let Edit::Setting { name, after, .. } = &edit {
            self.fleet_touched |= fleet::is_of_fleet(name);
            let settings = Arc::make_mut(&mut self.next.settings);
            match after {
                Some(value) => settings.insert(name.clone(), value.clone()),
                None => settings.remove(name),
            };
        }
        self.edits.push(edit);
    }

    /// How many edits there are so far.
    pub fn edit_count(&self) -> usize {
        self.edits.len()
    }

    /// The zone has the serial that it is to have.
    pub fn state_serial(&mut self, zone: ZoneId) {
        self.stated.insert(zone);
    }

    /// This of the zone is to be projected again.
    pub fn touch(&mut self, zone: ZoneId, what: Touch) {
        self.touched.entry(zone).or_default().add(what);
    }

    /// The cut at this apex, if the zone above has one, is to be made again.
    pub fn touch_above(&mut self, apex: &Name) {
        if let Some(above) = self.next.declared.zone_above(apex).map(|zone| zone.id) {
            self.touch(above, Touch::name(apex.clone()));
        }
    }

    /// A zone came, went or changed its kind here: what follows there shows in the zones above, or no longer.
    pub fn touch_place(&mut self, apex: &Name) {
        let declared = &self.next.declared;
        let by_name = declared.zone_above(apex).map(|zone| zone.id);
        let by_address = ReversePrefix::of_apex(apex)
            .and_then(|prefix| declared.range_zone_above(&prefix))
            .map(|zone| zone.id);
        for above in BTreeSet::from([by_name, by_address]).into_iter().flatten() {
            self.touch(above, Touch::zone(apex));
        }
    }

    /// The zone shows something else than before.
    pub fn mark(&mut self, zone: ZoneId) {
        self.changed.insert(zone);
    }

    /// The zones marked so far.
    pub fn changed_zones(&self) -> impl Iterator<Item = ZoneId> + '_ {
        self.changed.iter().copied()
    }

    pub fn tenant_named(&self, name: &str) -> Result<TenantId, Problem> {
        self.next.declared.tenant_named(name).map(|tenant| tenant.id).ok_or_else(|| unknown_tenant(name))
    }

    pub fn put_tenant(&mut self, name: String) {
        self.next.numbers.tenant += 1;
        let tenant = Tenant { id: TenantId(self.next.numbers.tenant), name, reseller: None };
        self.edit(Edit::Tenant { id: tenant.id, before: None, after: Some(tenant.clone()) });
        self.next.declared.put_tenant(tenant);
    }

    /// Puts a new block; its number is given here.
    pub fn put_block(&mut self, mut block: Block) -> Block {
        self.next.numbers.block += 1;
        block.id = BlockId(self.next.numbers.block);
        self.edit(Edit::Block { id: block.id, before: None, after: Some(Box::new(block.clone())) });
        self.next.declared.put_block(block.clone());
        block
    }

    pub fn remove_block(&mut self, block: &Block) {
        self.edit(Edit::Block { id: block.id, before: Some(Box::new(block.clone())), after: None });
        self.next.declared.remove_block(block.id);
    }

    /// Adds a zone that starts as the defaults say, where `start` does not say otherwise: a native one references them, a
    /// verbatim one copies them.
    pub fn add_new_zone(
        &mut self,
        apex: Name,
        tenant: TenantId,
        kind: ZoneKind,
        start: Start,
    ) -> Arc<ZoneMeta> {
        let (default_set, default_template) = crate::defaults::of(self.declared());
        let template = start.soa_template.and_then(|id| self.declared().soa_template(id).cloned());
        let template = template.map_or(default_template, |template| SoaTemplate::clone(&template));
        let serial = self.first_serial(template.serial_policy);
        let is_native = kind != ZoneKind::Verbatim;
        let ns_set = start.ns_set.or_else(|| is_native.then_some(default_set.id));
        let zone_ttl = self.declared().defaults().zone_ttl;
        let (soa, serial_policy) = if is_native || start.soa_template.is_some() {
            (ZoneSoa::Of { template: template.id, serial }, None)
        } else {
            let first = ns_set
                .and_then(|id| self.declared().ns_set(id))
                .map_or(&default_set.nameservers, |set| &set.nameservers);
            let soa = template.soa(serial, first.first().cloned());
            let policy = Some(template.serial_policy).filter(|policy| *policy != SerialPolicy::default());
            (ZoneSoa::Own { soa, ttl: template.ttl.unwrap_or(zone_ttl) }, policy)
        };
        let row = ZoneRow { id: ZoneId(0), apex, tenant, kind, soa, ns_set, serial_policy };
        let copied = if ns_set.is_none() { GivenNs::of(&default_set, zone_ttl) } else { None };
        let records = copied.and_then(|given| Some((row.apex.clone(), given.rrset()?.to_rrset())));
        self.add_zone(row, records.into_iter().collect())
    }

    /// The serial of a new zone.
    pub fn first_serial(&self, policy: SerialPolicy) -> Serial {
        let last = Serial(self.next.numbers.last_serial);
        crate::serial::first(policy, Some(last).filter(|last| last.0 != 0), self.now)
    }

    /// Remembers the serial of a native zone that goes.
    fn keep_serial(&mut self, serial: Serial) {
        let last = self.next.numbers.last_serial;
        if last != 0 && !serial.is_after(Serial(last)) {
            return;
        }
        self.edit(Edit::Setting {
            name: LAST_SERIAL.to_owned(),
            before: (last != 0).then(|| last.to_string()),
            after: Some(serial.to_string()),
        });
        self.next.numbers.last_serial = serial.0;
    }

    /// Adds a zone with its records; its number is given here.
    pub fn add_zone(&mut self, mut row: ZoneRow, records: Vec<(Name, RrSet)>) -> Arc<ZoneMeta> {
        self.next.numbers.zone += 1;
        row.id = ZoneId(self.next.numbers.zone);
        self.put_zone(row, records)
    }

    /// Adds a zone that has a number.
    pub fn put_zone(&mut self, row: ZoneRow, records: Vec<(Name, RrSet)>) -> Arc<ZoneMeta> {
        let meta = ZoneMeta::of(&row);
        let mut zone = zone_of_row(&self.next.declared, &row, window(&row.kind));
        zone.apply_records(
            records.iter().map(|(owner, rrset)| (owner.clone(), rrset.rtype, Some(rrset.clone()))),
        );
        resolve_apex(&self.next.declared, &meta, &mut zone);
        self.edit(Edit::Zone { id: row.id, before: None, after: Some(Box::new(row)) });
        for (owner, rrset) in records {
            let (zone, rtype) = (meta.id, rrset.rtype);
            self.edit(Edit::Record { zone, owner, rtype, before: None, after: Some(rrset) });
        }
        self.next.snapshot.put_zone(zone);
        self.next.declared.put_zone(meta.clone());
        self.touch(meta.id, Touch::whole());
        self.fresh.insert(meta.id);
        self.touch_place(&meta.apex);
        Arc::new(meta)
    }

    /// Removes a zone with its records.
    pub fn remove_zone(&mut self, meta: &ZoneMeta) {
        let Some(zone) = self.zone(&meta.apex).cloned() else { return };
        for (owner, rrset) in stored_records(&zone) {
            let (zone, rtype) = (meta.id, rrset.rtype);
            self.edit(Edit::Record { zone, owner, rtype, before: Some(rrset), after: None });
        }
        let row = row_of(meta, &zone);
        if meta.kind != ZoneKind::Verbatim {
            self.keep_serial(row.soa.serial());
        }
        self.edit(Edit::Zone { id: meta.id, before: Some(Box::new(row)), after: None });
        self.forget_zone_grants(meta.id);
        self.next.snapshot.remove_zone(&meta.apex);
        self.next.declared.remove_zone(&meta.apex);
        self.touched.remove(&meta.id);
        self.changed.remove(&meta.id);
        self.removed.push(meta.apex.clone());
        self.touch_place(&meta.apex);
    }

    /// Alters a zone in the candidate.
    pub fn alter(&mut self, apex: &Name, alter: impl FnOnce(&mut Zone)) {
        if let Some(zone) = self.next.snapshot.zone(apex) {
            let mut zone = Zone::clone(zone);
            alter(&mut zone);
            self.next.snapshot.put_zone(zone);
        }
    }

    /// Puts and removes RRsets of a zone. What is already so is passed over.
    pub fn put_rrsets(&mut self, meta: &ZoneMeta, changes: Vec<RrSetChange>) -> u64 {
        let Some(zone) = self.zone(&meta.apex).cloned() else { return 0 };
        let labels = zone.apex_labels();
        let mut made = Vec::with_capacity(changes.len());
        for (owner, rtype, after) in changes {
            let node = zone.names().node(&owner.key_below(labels));
            let before = node.and_then(|node| node.rrset(rtype)).map(|rrset| rrset.to_rrset());
            if before == after {
                continue;
            }
            let edit =
                Edit::Record { zone: meta.id, owner: owner.clone(), rtype, before, after: after.clone() };
            self.edits.push(edit);
            made.push((owner, rtype, after));
        }
        let count = made.len() as u64;
        if count > 0 {
            // Whatever may be the NS set of the apex or an address of its nameservers shows in the zone above.
            let shows_above = |rtype| matches!(rtype, RecordType::NS | RecordType::A | RecordType::AAAA);
            if made.iter().any(|(_, rtype, _)| shows_above(*rtype)) {
                self.touch_above(&meta.apex);
            }
            // A cut of the zone's own stands before one that would follow from a zone below.
            for (owner, rtype, _) in &made {
                if *rtype == RecordType::NS && *owner != meta.apex {
                    self.touch(meta.id, Touch::name(owner.clone()));
                }
            }
            let apex_ns =
                made.iter().any(|(owner, rtype, _)| *rtype == RecordType::NS && *owner == meta.apex);
            self.alter(&meta.apex, |zone| zone.apply_records(made));
            if apex_ns {
                // MNAME may be the first of the nameservers.
                self.resolve(meta);
            }
            self.mark(meta.id);
        }
        count
    }

    /// Makes PTR edits. The zones that show them are for the caller to mark, but for those of former labels.
    pub fn put_ptrs(&mut self, edits: PtrEdits) {
        if self.next.declared.has_former() {
            let mut former = FormerZones::default();
            for edit in edits.iter() {
                self.changed.extend(former.at(&self.next.declared, edit.address));
            }
        }
        self.ptrs_changed += edits.len() as u64;
        let mut ttls = Inherited::default();
        let mut changes: Vec<PtrChange<'_>> = Vec::with_capacity(edits.len().min(PORTION));
        for edit in edits.iter() {
            changes.push((
                edit.address,
                edit.after.map(|set| match set.ttl {
                    Some(ttl) => (ttl, false, set.names),
                    None => (ttls.at(&self.next.declared, edit.address), true, set.names),
                }),
            ));
            if changes.len() == PORTION {
                self.next.snapshot.apply_ptrs(self.workspace, &changes);
                changes.clear();
            }
        }
        self.next.snapshot.apply_ptrs(self.workspace, &changes);
        drop(changes);
        if !edits.is_empty() {
            self.edits.push(Edit::Ptrs(edits));
        }
    }

    /// Gives the PTRs of a range that inherit their TTL the one that they inherit now, and marks their zones.
    pub fn retime(&mut self, range: &AddrRange) {
        let before = self.next.snapshot.clone();
        let (family, last) = (range.family(), range.last_bits());
        let mut ttls = Inherited::default();
        let mut shown = crate::place::ShowingZones::default();
        let mut former = FormerZones::default();
        let (mut names, mut waiting) = (Vec::new(), Vec::new());
        let mut at = before.addresses().next_from(family, range.first_bits());
        while let Some(bits) = at.filter(|bits| *bits <= last) {
            let address = ip_from_bits(family, bits);
            at = bits.checked_add(1).and_then(|next| before.addresses().next_from(family, next));
            let Some(ptr) = before.addresses().ptr(address).filter(|ptr| ptr.is_inherited()) else {
                continue;
            };
            let ttl = ttls.at(&self.next.declared, address);
            if ttl == ptr.ttl() {
                continue;
            }
            let start = names.len();
            ptr.pack_into(&mut names);
            waiting.push((address, ttl, start..names.len()));
            let zone = shown.at(&self.next.declared, address);
            self.changed.extend(zone);
            if self.next.declared.has_former() {
                self.changed.extend(former.at(&self.next.declared, address));
            }
            if waiting.len() == PORTION {
                self.apply_retimed(&mut names, &mut waiting);
            }
        }
        self.apply_retimed(&mut names, &mut waiting);
    }

    fn apply_retimed(
        &mut self,
        names: &mut Vec<u8>,
        waiting: &mut Vec<(std::net::IpAddr, ptrd_wire::Ttl, std::ops::Range<usize>)>,
    ) {
        let changes: Vec<PtrChange<'_>> = waiting
            .iter()
            .map(|(address, ttl, octets)| (*address, Some((*ttl, true, &names[octets.clone()]))))
            .collect();
        self.next.snapshot.apply_ptrs(self.workspace, &changes);
        names.clear();
        waiting.clear();
    }

    /// Projects what was touched, and says which zones these were.
    pub fn project_touched(&mut self) -> BTreeSet<ZoneId> {
        let touched = std::mem::take(&mut self.touched);
        for (&id, touch) in &touched {
            let Some(meta) = self.next.declared.zone_by_id(id).cloned() else { continue };
            let Some(zone) = self.next.snapshot.zone(&meta.apex) else { continue };
            let (declared, snapshot) = (&self.next.declared, &self.next.snapshot);
            // What is suspended or relabelled shows in ways that are worked out for whole zones only.
            if !touch.is_whole() && declared.stands_plainly() {
                let mut zone = Zone::clone(zone);
                let outcome = reproject(declared, snapshot, &meta, &mut zone, touch);
                if outcome == Outcome::Shown {
                    self.changed.insert(id);
                }
                if outcome != Outcome::Same {
                    self.next.snapshot.put_zone(zone);
                }
                continue;
            }
            let derived = project(declared, snapshot, &meta);
            let before = zone.derived();
            if derived != before {
                if shows_another(&before, &derived) {
                    self.changed.insert(id);
                }
                self.alter(&meta.apex, |zone| zone.set_derived(derived));
            }
        }
        touched.into_keys().collect()
    }

    /// Projects what was touched, steps serials, and closes the books.
    pub fn finish(mut self, log: &Log, summary: String) -> Result<Planned, Problem> {
        self.project_touched();
        if self.fleet_touched {
            let next = &mut self.next;
            fleet::resolve(&next.settings, &mut next.snapshot).map_err(internal)?;
        }
        let mut done = ChangeDone { summary, ptrs_changed: self.ptrs_changed, ..ChangeDone::default() };
        let mut serials = Vec::new();
        self.changed.append(&mut self.fresh.clone());
        for id in std::mem::take(&mut self.changed) {
            let Some(meta) = self.next.declared.zone_by_id(id).cloned() else { continue };
            let Some(zone) = self.next.snapshot.zone(&meta.apex) else {
                return Err(internal(format!("the zone {} has no content", meta.apex)));
            };
            let mut serial = zone.soa().serial;
            // Of a zone that was there before, and was not given a new serial by the change itself.
            let known = self.base.snapshot.zone(&meta.apex).filter(|before| before.id() == id);
            let is_settled = self.fresh.contains(&id) || self.stated.contains(&id);
            if !is_settled && known.is_some_and(|before| before.soa().serial == serial) {
                serial = crate::serial::next(self.next.declared.serial_policy(&meta), serial, self.now);
                self.alter(&meta.apex, |zone| zone.set_serial(serial));
            }
            serials.push((id, serial));
            done.zones_changed += 1;
            if done.zones.len() < LISTED_ZONES {
                done.zones.push(ZoneStep { apex: meta.apex.to_string(), serial: Some(serial.0) });
            }
        }
        for apex in &self.removed {
            done.zones_changed += 1;
            if done.zones.len() < LISTED_ZONES {
                done.zones.push(ZoneStep { apex: apex.to_string(), serial: None });
            }
        }
        done.warnings = self.warnings;
        done.report_total = self.report.len() as u64;
        // A stable sort: what was left out must not fall victim to the limit.
        self.report.sort_by_key(|line| line.what != REPORT_LEFT_OUT);
        self.report.truncate(LISTED_LINES);
        done.report = self.report;
        if self.edits.is_empty() && serials.is_empty() {
            return Ok(Planned { commit: None, next: self.next, done });
        }
        self.next.numbers.change += 1;
        let change = self.next.numbers.change;
        self.next.snapshot.set_version(change);
        done.change = Some(change);
        let commit = Commit {
            change,
            at: self.now,
            actor: log.actor.clone(),
            origin: log.origin.clone(),
            reason: log.reason.clone(),
            kind: log.kind.to_owned(),
            summary: done.summary.clone(),
            request: log.request.clone(),
            tenants: crate::touched::tenants(&self.base.declared, &self.next.declared, &self.edits),
            edits: self.edits,
            serials,
        };
        Ok(Planned { commit: Some(commit), next: self.next, done })
    }
}

/// The TTL that addresses inherit, remembered from one address to the next.
#[derive(Default)]
pub(crate) struct Inherited {
    run: Option<(AddrRange, ptrd_wire::Ttl)>,
}

impl Inherited {
    #[inline]
    pub fn at(&mut self, declared: &Declared, address: std::net::IpAddr) -> ptrd_wire::Ttl {
        if let Some((range, ttl)) = &self.run
            && range.contains(address)
        {
            return *ttl;
        }
        let (family, bits) = ip_to_bits(address);
        let (ttl, last) = declared.inherited_ttl_run(family, bits);
        self.run = AddrRange::new(address, ip_from_bits(family, last)).ok().map(|range| (range, ttl));
        ttl
    }
}

/// Whether two different outcomes of a projection show: a TTL of CNAMEs does not where there are none.
fn shows_another(before: &Derived, after: &Derived) -> bool {
    let is_alias = |exception: &ExceptionRange| matches!(exception.what, Exception::Alias(_));
    before.cuts != after.cuts
        || before.exceptions != after.exceptions
        || before.exceptions.iter().any(is_alias)
}

/// The zone's row as the store has it.
pub(crate) fn row_of(meta: &ZoneMeta, zone: &Zone) -> ZoneRow {
    let soa = match meta.soa_template {
        Some(template) => ZoneSoa::Of { template, serial: zone.soa().serial },
        None => ZoneSoa::Own { soa: zone.soa().clone(), ttl: zone.soa_ttl() },
    };
    ZoneRow {
        id: meta.id,
        apex: meta.apex.clone(),
        tenant: meta.tenant,
        kind: meta.kind.clone(),
        soa,
        ns_set: meta.ns_set,
        serial_policy: meta.serial_policy,
    }
}

/// The records of a zone that are not derived.
pub(crate) fn stored_records(zone: &Zone) -> impl Iterator<Item = (Name, RrSet)> {
    zone.names().iter().flat_map(move |(key, node)| {
        let owner = ptrd_zone::NameTree::owner(&key, node, zone.apex());
        node.rrsets().map(move |rrset| (owner.clone(), rrset.to_rrset())).collect::<Vec<_>>()
    })
}

pub(crate) fn tenant_name(declared: &Declared, id: TenantId) -> String {
    declared.tenant(id).map_or_else(|| format!("tenant {id}"), |tenant| tenant.name.clone())
}

pub(crate) fn unknown_tenant(name: &str) -> Problem {
    not_found(format!("no tenant {}", quote(name)))
        .hint("see `ptrctl tenant list`, or add it: `ptrctl tenant add NAME`")
}

/// A name of a tenant: 1–63 lower-case letters, digits and hyphens.
pub(crate) fn check_tenant_name(name: &str) -> Result<(), Problem> {
    let letters = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !letters || name.is_empty() || name.len() > 63 || name.starts_with('-') || name.ends_with('-') {
        return Err(invalid(format!(
            "{} is no name for a tenant: 1 to 63 lower-case letters, digits and hyphens, no hyphen at either end",
            quote(name)
        )));
    }
    Ok(())
}

/// A new tenant.
pub(crate) fn add_tenant(plan: &mut Plan<'_>, name: &str) -> Result<String, Problem> {
    check_tenant_name(name)?;
    if plan.declared().tenant_named(name).is_some() {
        return Err(conflict(format!("the tenant {name} is there already")));
    }
    plan.put_tenant(name.to_owned());
    Ok(format!("tenant {name} added"))
}

/// Removes a tenant that owns nothing.
pub(crate) fn remove_tenant(
    plan: &mut Plan<'_>,
    name: &str,
    expect: Option<&String>,
) -> Result<String, Problem> {
    let tenant = plan
        .declared()
        .tenant_named(name)
        .map(|tenant| Tenant::clone(tenant))
        .ok_or_else(|| unknown_tenant(name))?;
    version::check(|| format!("the tenant {name}"), expect, || version::of_tenant(&tenant))?;
    let blocks = plan.declared().blocks().filter(|block| block.tenant == tenant.id).count();
    let zones = plan.declared().zones().filter(|zone| zone.tenant == tenant.id).count();
    if blocks + zones > 0 {
        let blocks = crate::problem::count(blocks as u64, "block");
        let zones = crate::problem::count(zones as u64, "zone");
        return Err(conflict(format!("the tenant {name} still owns {blocks} and {zones}")).hint(format!(
            "remove them first: `ptrctl block list --tenant {name}`, `ptrctl zone list --tenant {name}`"
        )));
    }
    let customers: Vec<String> = plan
        .declared()
        .tenants()
        .filter(|customer| customer.reseller == Some(tenant.id))
        .map(|customer| customer.name.clone())
        .collect();
    if !customers.is_empty() {
        let customers = crate::problem::some(&customers, 4);
        return Err(conflict(format!("the tenant {name} is the reseller of {customers}"))
            .hint("give them another first, or none: `ptrctl tenant set NAME --no-reseller`"));
    }
    plan.forget_tenant_grants(tenant.id);
    plan.next.declared.remove_tenant(tenant.id);
    plan.edit(Edit::Tenant { id: tenant.id, before: Some(tenant), after: None });
    Ok(format!("tenant {name} removed"))
}
