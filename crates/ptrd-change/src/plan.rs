//! A change being worked out: what was before, what comes after, and the edits that lead from one to the other.
//!
//! A plan works on copies that share everything with the original; dropped, it leaves no trace. It keeps the books
//! that make serials honest: every zone whose shown content may have changed is either marked as changed, or touched,
//! which is to say projected again at the end and changed if the outcome differs.

mod catalogs;
mod companions;
mod ptrs;
mod templates;
mod zones;

pub(crate) use catalogs::fill_catalogs;
pub(crate) use ptrs::Inherited;
pub(crate) use templates::{TooMany, refused as refused_template};
pub(crate) use zones::{row_of, stored_records, window};

use crate::authorise::Log;
use crate::deltas::delta;
use crate::evidence::Evidence;
use crate::problem::internal;
use crate::{fleet, generic, observed, signed};
use imbl::OrdMap;
use ptrd_api::{ChangeDone, Confirmation, Problem, REPORT_LEFT_OUT, ReportLine, TokenMade, ZoneStep};
use ptrd_store::{Commit, Edit};
use ptrd_wire::{Name, ReversePrefix};
use ptrd_zone::model::{Block, BlockId, NsSetId, SoaTemplateId, ZoneId};
use ptrd_zone::{
    Declared, Derived, Exception, ExceptionRange, Outage, Outcome, Snapshot, Touch, Workspace, Zone, project,
    reproject,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many zones [`ChangeDone::zones`] lists.
const LISTED_ZONES: usize = 100;
/// How many lines [`ChangeDone::report`] has; what was left out comes first.
const LISTED_LINES: usize = 50_000;

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

/// The settings as the store has them, by name. A clone shares them: there are as many as there are members of catalogs.
pub(crate) type Settings = OrdMap<String, String>;

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

/// What is to be done about names that a plan gives to addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum NamesDue {
    /// To refuse those that may not pass, and warn of others.
    #[default]
    Judgement,
    /// To refuse those that may not pass.
    Refusal,
    /// It was done, line by line.
    Nothing,
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
    /// The settings of the fleet that were altered.
    fleet_touched: BTreeSet<String>,
    /// One that says which zones a catalog lists.
    catalogs_touched: bool,
    /// Templates give addresses other names.
    renames: bool,
    changed: BTreeSet<ZoneId>,
    fresh: BTreeSet<ZoneId>,
    /// Zones whose serial the request says, changed or not.
    stated: BTreeSet<ZoneId>,
    removed: Vec<Name>,
    warnings: Vec<String>,
    report: Vec<ReportLine>,
    ptrs_changed: u64,
    made: Option<TokenMade>,
    too_many: TooMany,
    /// It brings what the primary of a zone sent.
    pulls: bool,
    /// It does what a catalog that is followed says.
    consumes: bool,
    /// What is left to do about the names that it gives to addresses.
    names: NamesDue,
    /// What names resolve to.
    evidence: Evidence,
    fcrdns: (Vec<Confirmation>, u64),
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
            fleet_touched: BTreeSet::new(),
            catalogs_touched: false,
            renames: false,
            changed: BTreeSet::new(),
            fresh: BTreeSet::new(),
            stated: BTreeSet::new(),
            removed: Vec::new(),
            warnings: Vec::new(),
            report: Vec::new(),
            ptrs_changed: 0,
            made: None,
            too_many: TooMany::default(),
            pulls: false,
            consumes: false,
            names: NamesDue::default(),
            evidence: Evidence::default(),
            fcrdns: Default::default(),
        }
    }

    /// Begins anew, for a plan that turned out to be another one than the first attempt.
    pub fn reset(&mut self) {
        self.next = self.base.clone();
        (self.edits, self.removed, self.warnings, self.report) = Default::default();
        (self.touched, self.changed, self.fresh, self.stated) = Default::default();
        (self.fleet_touched, self.catalogs_touched, self.ptrs_changed) = Default::default();
        self.renames = false;
        self.too_many = TooMany::default();
        self.names = NamesDue::default();
    }

    /// Goes by what was found out of names.
    #[must_use]
    pub fn with_evidence(mut self, evidence: &Evidence) -> Plan<'a> {
        self.evidence = evidence.clone();
        self
    }

    /// What was found out of names.
    pub fn evidence(&self) -> &Evidence {
        &self.evidence
    }

    /// What became of names that must resolve back, for the answer.
    pub fn confirm(&mut self, told: (Vec<Confirmation>, u64)) {
        self.fcrdns = told;
    }

    /// What is left to do about the names that it gives to addresses.
    pub fn names_are_due(&mut self, due: NamesDue) {
        self.names = due;
    }

    /// Judges the names that it gives to addresses, whatever request they came from.
    fn judge_names(&mut self) -> Result<(), Problem> {
        observed::check_edits(&self.next.declared, &self.edits)?;
        generic::judge_templates(&self.next.declared, &self.edits)?;
        if self.names != NamesDue::Nothing {
            let warning = generic::judge_edits(&self.next.declared, &self.edits)?;
            self.warnings.extend(warning.filter(|_| self.names == NamesDue::Judgement));
        }
        Ok(())
    }

    /// It brings what the primary of a zone sent: it may alter what is followed.
    pub fn let_pull(&mut self) {
        self.pulls = true;
    }

    /// It does what a catalog that is followed says, or lets it go: it may alter what comes from it.
    pub fn let_consume(&mut self) {
        self.consumes = true;
    }

    /// The settings of the fleet that were altered and whose names start so.
    pub fn touched_settings(&self, prefix: &str) -> impl Iterator<Item = &String> {
        let after = self.fleet_touched.range(prefix.to_owned()..);
        after.take_while(move |name| name.starts_with(prefix))
    }

    /// A setting is another than what its edits in this plan say.
    pub fn touch_setting(&mut self, name: &str) {
        if fleet::is_of_fleet(name) {
            self.fleet_touched.insert(name.to_owned());
        }
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
            if fleet::is_of_fleet(name) {
                self.fleet_touched.insert(name.clone());
            }
            self.catalogs_touched |= fleet::is_of_catalog(name);
            let settings = &mut self.next.settings;
            match after {
                Some(value) => settings.insert(name.clone(), value.clone()),
                None => settings.remove(name),
            };
        }
        self.edits.push(edit);
    }

    /// A token was made, which the caller is to be shown.
    pub fn made(&mut self, token: TokenMade) {
        self.made = Some(token);
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

    /// Makes the snapshot's account of the fleet anew, as far as settings were altered.
    pub(crate) fn resolve_fleet(&mut self) -> Result<(), Problem> {
        let next = &mut self.next;
        let touched = Some(&self.fleet_touched);
        fleet::resolve(&next.settings, &next.declared, &mut next.snapshot, touched).map_err(internal)
    }

    /// Projects what was touched, steps serials, and closes the books.
    pub fn finish(mut self, log: &Log, summary: String) -> Result<Planned, Problem> {
        self.settle_consumption()?;
        self.judge_names()?;
        let mut renamed = self.apply_templates()?;
        renamed.extend(self.project_companions()?);
        self.project_touched();
        self.mark_renamed(renamed);
        self.project_catalogs()?;
        if !self.fleet_touched.is_empty() {
            fleet::check_references(self.base, &self.next)?;
            self.resolve_fleet()?;
            fleet::check_members(self.base, &self.next, &self.edits, self.consumes)?;
        }
        fleet::check_companions(&self)?;
        if !self.pulls {
            fleet::check_doors(self.base, &self.next, &self.edits)?;
        }
        self.check_expandable()?;
        let mut done = ChangeDone { summary, ptrs_changed: self.ptrs_changed, ..ChangeDone::default() };
        let (mut serials, mut deltas) = (Vec::new(), Vec::new());
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
            let steps = !is_settled && known.is_some_and(|before| before.soa().serial == serial);
            if steps {
                serial = crate::serial::next(self.next.declared.serial_policy(&meta), serial, self.now);
                self.alter(&meta.apex, |zone| zone.set_serial(serial));
            }
            signed::settle(&mut self.next.snapshot, &meta.apex, known.map(|zone| &**zone), steps)?;
            serials.push((id, serial));
            // Nobody has the version before, where there was none.
            let known = known.filter(|before| before.outage() != Some(Outage::Awaited));
            let versions = known.zip(self.next.snapshot.zone(&meta.apex));
            deltas.extend(versions.and_then(|(before, after)| {
                delta((before, &self.base.snapshot), (after, &self.next.snapshot))
            }));
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
        done.token = self.made;
        (done.fcrdns, done.fcrdns_total) = self.fcrdns;
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
            deltas,
            kept: None,
        };
        Ok(Planned { commit: Some(commit), next: self.next, done })
    }
}

/// Whether two different outcomes of a projection show: a TTL of CNAMEs does not where there are none.
fn shows_another(before: &Derived, after: &Derived) -> bool {
    let is_alias = |exception: &ExceptionRange| matches!(exception.what, Exception::Alias(_));
    before.cuts != after.cuts
        || before.exceptions != after.exceptions
        || before.exceptions.iter().any(is_alias)
}
