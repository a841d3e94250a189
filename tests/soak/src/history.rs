//! The log as rows over time: what each row was after any change. Replaying it proves that each change starts from
//! what the ones before it left.

use crate::ground::Ground;
use ptrd_store::Edit;
use ptrd_testkit::World;
use ptrd_wire::{Name, RrSet, Serial, Ttl};
use ptrd_zone::model::{
    Block, BlockId, Defaults, NsSet, NsSetId, SoaTemplate, SoaTemplateId, ZoneId, ZoneRecord, ZoneRow,
};
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;

/// A change as the log has it.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Change {
    pub number: u64,
    pub kind: String,
    pub reason: Option<String>,
    pub edits: Vec<Edit>,
    /// What it gave, of zones that were still there when the log was read.
    pub serials: Vec<(ZoneId, Serial)>,
}

/// The PTR RRset of an address.
pub(crate) type Ptr = (Option<Ttl>, Vec<Name>);

/// A row over time: its values, each with the change that brought it.
#[derive(Clone, Debug)]
pub(crate) struct Timeline<T>(Vec<(u64, Option<T>)>);

impl<T> Default for Timeline<T> {
    fn default() -> Timeline<T> {
        Timeline(Vec::new())
    }
}

impl<T> Timeline<T> {
    fn set(&mut self, change: u64, value: Option<T>) {
        self.0.push((change, value));
    }

    fn last(&self) -> Option<&T> {
        self.0.last().and_then(|(_, value)| value.as_ref())
    }

    /// The value after a change.
    pub fn at(&self, change: u64) -> Option<&T> {
        let nth = self.version(change).checked_sub(1)?;
        self.0[nth].1.as_ref()
    }

    /// How many values there have been up to and with a change.
    pub fn version(&self, change: u64) -> usize {
        self.0.partition_point(|(at, _)| *at <= change)
    }

    /// The changes after `from`, up to and with `to`, that touched it.
    pub fn changes(&self, from: u64, to: u64) -> impl Iterator<Item = u64> {
        self.0[self.version(from)..self.version(to).max(self.version(from))].iter().map(|(change, _)| *change)
    }
}

/// What was declared in a region, apart from PTRs.
#[derive(Clone, Debug, Default)]
struct Rows {
    /// Changes of any of it.
    touched: Timeline<()>,
    blocks: BTreeMap<BlockId, Timeline<Block>>,
    zones: BTreeMap<ZoneId, Timeline<ZoneRow>>,
    records: BTreeMap<(ZoneId, Name, u16), Timeline<RrSet>>,
}

/// The log, replayed.
#[derive(Clone, Debug)]
pub struct History {
    /// The number of the last change.
    pub last: u64,
    /// Each change's kind and reason, from change 1 on.
    pub entries: Vec<(String, Option<String>)>,
    defaults: Timeline<Defaults>,
    ns_sets: BTreeMap<NsSetId, Timeline<NsSet>>,
    templates: BTreeMap<SoaTemplateId, Timeline<SoaTemplate>>,
    regions: Vec<Rows>,
    region_of_zone: HashMap<ZoneId, usize>,
    ptrs: HashMap<IpAddr, Timeline<Ptr>>,
    /// How many PTR RRsets each change touched.
    ptr_counts: Vec<u32>,
    serials: HashMap<ZoneId, Timeline<Serial>>,
}

static NOTHING: Timeline<Ptr> = Timeline(Vec::new());

impl History {
    /// Replays the log from change 1 on. Also returned: what in it cannot be.
    pub fn replay(ground: &Ground, changes: impl IntoIterator<Item = Change>) -> (History, Vec<String>) {
        let mut history = History {
            last: 0,
            entries: Vec::new(),
            defaults: Timeline::default(),
            ns_sets: BTreeMap::new(),
            templates: BTreeMap::new(),
            regions: vec![Rows::default(); ground.regions.len()],
            region_of_zone: HashMap::new(),
            ptrs: HashMap::new(),
            ptr_counts: Vec::new(),
            serials: HashMap::new(),
        };
        history.ns_sets.entry(NsSetId::DEFAULT).or_default().set(0, Some(NsSet::first()));
        history.templates.entry(SoaTemplateId::DEFAULT).or_default().set(0, Some(SoaTemplate::first()));
        let mut faults = Vec::new();
        for change in changes {
            if change.number != history.last + 1 {
                faults.push(format!("change {} follows change {}", change.number, history.last));
            }
            // A gap is shown once, and does not move what comes after.
            while history.entries.len() + 1 < change.number as usize {
                history.entries.push(("missing".to_owned(), None));
                history.ptr_counts.push(0);
            }
            history.ptr_counts.push(0);
            history.last = change.number;
            for edit in &change.edits {
                if let Err(fault) = history.apply(ground, change.number, edit) {
                    faults.push(format!("change {} ({}): {fault}", change.number, change.kind));
                }
            }
            for (zone, serial) in &change.serials {
                history.learn_serial(change.number, *zone, *serial, &mut faults);
            }
            history.entries.push((change.kind, change.reason));
        }
        (history, faults)
    }

    fn learn_serial(&mut self, change: u64, zone: ZoneId, serial: Serial, faults: &mut Vec<String>) {
        let line = self.serials.entry(zone).or_default();
        let is_of_this_change = line.0.last().is_some_and(|(at, _)| *at == change);
        match line.last() {
            Some(known) if is_of_this_change && *known == serial => return,
            Some(known) if !serial.is_after(*known) => {
                faults.push(format!(
                    "change {change}: the serial of zone {zone} goes from {known} to {serial}"
                ));
            }
            _ => {}
        }
        if is_of_this_change {
            line.0.pop();
        }
        line.set(change, Some(serial));
    }

    /// Takes up what an acknowledgement told of serials: the log forgets those of zones that are gone.
    pub(crate) fn learn_acknowledged(
        &mut self,
        ground: &Ground,
        change: u64,
        apex: &Name,
        serial: Serial,
    ) -> Result<(), String> {
        let zone = ground.of_name(apex).and_then(|region| self.zone_at(region, apex, change));
        let not_there =
            || format!("change {change} is said to have given {apex} serial {serial}; it was not there");
        let id = zone.ok_or_else(not_there)?;
        let is_gone = self.is_gone(id);
        let line = self.serials.entry(id).or_default();
        let nth = line.version(change);
        match line.0.get_mut(nth.wrapping_sub(1)) {
            Some((at, Some(known))) if *at == change && *known == serial => {}
            // A row in the log has the serial from before the step of its own change, which is forgotten with the zone.
            Some((at, known)) if *at == change && is_gone => *known = Some(serial),
            Some((at, Some(known))) if *at == change => {
                return Err(format!("change {change} gave {apex} serial {known}; {serial} was acknowledged"));
            }
            _ => line.0.insert(nth, (change, Some(serial))),
        }
        Ok(())
    }

    fn is_gone(&self, zone: ZoneId) -> bool {
        let region = self.region_of_zone.get(&zone).map(|region| &self.regions[*region]);
        region.and_then(|rows| rows.zones.get(&zone)).is_none_or(|line| line.last().is_none())
    }

    fn zone_at(&self, region: usize, apex: &Name, change: u64) -> Option<ZoneId> {
        let zones = self.regions[region].zones.iter();
        let mut zones = zones.filter_map(|(id, zone)| Some((*id, zone.at(change)?)));
        zones.find(|(_, zone)| zone.apex == *apex).map(|(id, _)| id)
    }

    fn apply(&mut self, ground: &Ground, change: u64, edit: &Edit) -> Result<(), String> {
        match edit {
            Edit::Tenant { .. } | Edit::Sending { .. } => Ok(()),
            Edit::Setting { name, after, .. } => {
                if name == "defaults"
                    && let Some(defaults) = after.as_deref().and_then(read_defaults)
                {
                    self.defaults.set(change, Some(defaults));
                    self.touch_all(change);
                }
                Ok(())
            }
            Edit::NsSet { id, before, after } => {
                let line = self.ns_sets.entry(*id).or_default();
                let step = step(line, change, before.as_deref(), after.as_deref());
                self.touch_all(change);
                step
            }
            Edit::SoaTemplate { id, before, after } => {
                let line = self.templates.entry(*id).or_default();
                let step = step(line, change, before.as_deref(), after.as_deref());
                self.touch_all(change);
                step
            }
            Edit::Block { id, before, after } => {
                let block = after.as_ref().or(before.as_ref()).ok_or("a block edit of nothing")?;
                let region = ground.of_range(&block.range).ok_or_else(|| outside(&block.range))?;
                self.touch(region, change);
                let line = self.regions[region].blocks.entry(*id).or_default();
                step(line, change, before.as_deref(), after.as_deref())
            }
            Edit::Zone { id, before, after } => {
                let zone = after.as_ref().or(before.as_ref()).ok_or("a zone edit of nothing")?;
                let region = ground.of_name(&zone.apex).ok_or_else(|| outside(&zone.apex))?;
                self.region_of_zone.insert(*id, region);
                self.touch(region, change);
                let plain = |zone: &ZoneRow| {
                    let mut zone = zone.clone();
                    zone.soa.set_serial(Serial(0));
                    zone
                };
                let line = self.regions[region].zones.entry(*id).or_default();
                let (before, after) = (before.as_deref().map(plain), after.as_deref());
                if let Some(after) = after {
                    let known = self.serials.entry(*id).or_default();
                    if known.last() != Some(&after.soa.serial()) {
                        known.set(change, Some(after.soa.serial()));
                    }
                }
                step(line, change, before.as_ref(), after.map(plain).as_ref())
            }
            Edit::Record { zone, owner, rtype, before, after } => {
                let region =
                    *self.region_of_zone.get(zone).ok_or_else(|| format!("a record of zone {zone}"))?;
                self.touch(region, change);
                let key = (*zone, owner.clone(), rtype.0);
                let line = self.regions[region].records.entry(key).or_default();
                step(line, change, before.as_ref(), after.as_ref())
            }
            Edit::Ptrs(edits) => {
                let mut fault = Ok(());
                for edit in edits.iter() {
                    let row = |set: Option<ptrd_zone::PtrSet<'_>>| set.map(|set| (set.ttl, set.to_names()));
                    let (before, after) = (row(edit.before), row(edit.after));
                    let line = self.ptrs.entry(edit.address).or_default();
                    if let Some(count) = self.ptr_counts.last_mut() {
                        *count += 1;
                    }
                    if let Err(what) = step(line, change, before.as_ref(), after.as_ref()) {
                        fault = Err(format!("{}: {what}", edit.address));
                    }
                }
                fault
            }
        }
    }

    fn touch(&mut self, region: usize, change: u64) {
        let line = &mut self.regions[region].touched;
        if line.0.last().is_none_or(|(at, _)| *at != change) {
            line.set(change, Some(()));
        }
    }

    fn touch_all(&mut self, change: u64) {
        (0..self.regions.len()).for_each(|region| self.touch(region, change));
    }

    /// The PTR RRset of an address over time.
    pub(crate) fn ptr(&self, address: IpAddr) -> &Timeline<Ptr> {
        self.ptrs.get(&address).unwrap_or(&NOTHING)
    }

    /// How many PTR RRsets a change touched.
    pub(crate) fn ptrs_touched(&self, change: u64) -> u32 {
        (change as usize).checked_sub(1).and_then(|nth| self.ptr_counts.get(nth)).copied().unwrap_or(0)
    }

    /// Every address with what it had after the last change.
    pub(crate) fn final_ptrs(&self) -> impl Iterator<Item = (IpAddr, &Ptr)> {
        self.ptrs.iter().filter_map(|(address, line)| Some((*address, line.last()?)))
    }

    /// Which state of a region there was after a change, counted from 0.
    pub(crate) fn region_version(&self, region: usize, change: u64) -> usize {
        self.regions[region].touched.version(change)
    }

    /// The changes of a region's rows after `from`, up to and with `to`.
    pub(crate) fn region_changes(&self, region: usize, from: u64, to: u64) -> impl Iterator<Item = u64> {
        self.regions[region].touched.changes(from, to)
    }

    /// The changes that gave a zone of a region a serial, after `from`, up to and with `to`.
    pub(crate) fn serial_changes(&self, region: usize, from: u64, to: u64) -> impl Iterator<Item = u64> {
        let zones = self.regions[region].zones.keys();
        zones.filter_map(|zone| self.serials.get(zone)).flat_map(move |line| line.changes(from, to))
    }

    /// Whether the zone with this apex may have had this serial after a change. Of a zone that has gone since, the log
    /// has no serials; what acknowledgements told is a lower bound where one was cut off.
    pub(crate) fn has_serial(&self, region: usize, apex: &Name, change: u64, serial: Serial) -> bool {
        let Some(id) = self.zone_at(region, apex, change) else { return false };
        let Some(known) = self.serials.get(&id).and_then(|line| line.at(change)) else { return false };
        *known == serial || self.is_gone(id) && serial.is_after(*known)
    }

    /// Everything declared in a region after a change, without PTRs, with all serials 0.
    pub(crate) fn world(&self, region: usize, change: u64) -> World {
        let rows = &self.regions[region];
        let mut world = World::new();
        world.defaults = self.defaults.at(change).cloned().unwrap_or_default();
        world.ns_sets = self.ns_sets.values().filter_map(|line| line.at(change).cloned()).collect();
        world.soa_templates = self.templates.values().filter_map(|line| line.at(change).cloned()).collect();
        world.blocks = rows.blocks.values().filter_map(|line| line.at(change).cloned()).collect();
        world.zones = rows.zones.values().filter_map(|line| line.at(change).cloned()).collect();
        let records = rows.records.iter().filter_map(|((zone, owner, _), line)| {
            Some(ZoneRecord { zone: *zone, owner: owner.clone(), rrset: line.at(change)?.clone() })
        });
        world.records = records.collect();
        world
    }

    /// The kind of a change, for messages.
    pub(crate) fn kind(&self, change: u64) -> &str {
        let nth = (change as usize).checked_sub(1);
        nth.and_then(|nth| self.entries.get(nth)).map_or("nothing yet", |(kind, _)| kind)
    }
}

/// A row goes from what it was to what it is; the log must agree on what it was.
fn step<T: Clone + PartialEq + std::fmt::Debug>(
    line: &mut Timeline<T>,
    change: u64,
    before: Option<&T>,
    after: Option<&T>,
) -> Result<(), String> {
    let known = line.last().cloned();
    line.set(change, after.cloned());
    if known.as_ref() == before {
        return Ok(());
    }
    Err(format!("starts from {before:?} where the log before it left {known:?}"))
}

fn outside(what: &dyn std::fmt::Display) -> String {
    format!("{what} is in no region")
}

fn read_defaults(json: &str) -> Option<Defaults> {
    let value: serde_json::Value = serde_json::from_str(json).ok()?;
    let ttl = |name: &str| value[name].as_u64().and_then(|n| u32::try_from(n).ok()).map(Ttl::from_secs);
    Some(Defaults { zone_ttl: ttl("zone_ttl")?, ptr_ttl: ttl("ptr_ttl")? })
}
