//! A store in memory, for the tests of other crates: as simple as can be, held to the same [`conformance`] suite, and
//! able to fail on command.
//!
//! [`conformance`]: crate::conformance

use crate::codec::edit_meets;
use crate::token_use::TOKEN;
use crate::{
    CheckRow, Commit, DeltaStep, Duty, Edit, KeptAnswer, Loaded, LogEntry, LogQuery, Logged, Pruned, Setting,
    Sink, Store, StoreError, StoreMeter, TokenUse, Trimmed, Watched, WatchedRow,
};
use ptrd_wire::{AddrRange, Name, Serial, Ttl};
use ptrd_zone::PtrSet;
use ptrd_zone::model::{
    Block, BlockId, NsSet, NsSetId, Sending, SoaTemplate, SoaTemplateId, Tenant, TenantId, ZoneId, ZoneKind,
    ZoneRecord, ZoneRow,
};
use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// A store in memory. Clones are handles to the same rows: keep one to make a store that was given away fail.
#[derive(Clone, Default)]
pub struct MemoryStore {
    shared: Arc<Mutex<Shared>>,
    meter: Arc<StoreMeter>,
    reads_only: bool,
}

#[derive(Default)]
struct Shared {
    rows: Rows,
    ptrs: BTreeMap<IpAddr, (Option<Ttl>, Box<[u8]>)>,
    log: Vec<Commit>,
    duty: Duty,
    failures: VecDeque<StoreError>,
}

/// All but the PTRs: small enough to be copied for each commit.
#[derive(Clone)]
struct Rows {
    settings: BTreeMap<String, String>,
    tenants: BTreeMap<TenantId, Tenant>,
    blocks: BTreeMap<BlockId, Block>,
    ns_sets: BTreeMap<NsSetId, NsSet>,
    soa_templates: BTreeMap<SoaTemplateId, SoaTemplate>,
    zones: BTreeMap<ZoneId, ZoneRow>,
    records: BTreeMap<(ZoneId, Box<[u8]>, u16), ZoneRecord>,
    sending: BTreeMap<IpAddr, Sending>,
    outbox: BTreeMap<ZoneId, Serial>,
    freshness: BTreeMap<ZoneId, i64>,
    token_uses: BTreeMap<String, TokenUse>,
    kept: BTreeMap<[u8; 32], (i64, KeptAnswer)>,
    checks: BTreeMap<IpAddr, CheckRow>,
    watched: BTreeMap<Watched, WatchedRow>,
    last: Loaded,
}

impl Default for Rows {
    /// Those of a new store.
    fn default() -> Rows {
        let (set, template) = (NsSet::first(), SoaTemplate::first());
        Rows {
            settings: BTreeMap::new(),
            tenants: BTreeMap::new(),
            blocks: BTreeMap::new(),
            zones: BTreeMap::new(),
            records: BTreeMap::new(),
            sending: BTreeMap::new(),
            outbox: BTreeMap::new(),
            freshness: BTreeMap::new(),
            token_uses: BTreeMap::new(),
            kept: BTreeMap::new(),
            checks: BTreeMap::new(),
            watched: BTreeMap::new(),
            last: Loaded { last_ns_set: set.id.0, last_soa_template: template.id.0, ..Loaded::default() },
            ns_sets: BTreeMap::from([(set.id, set)]),
            soa_templates: BTreeMap::from([(template.id, template)]),
        }
    }
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    /// Makes the next `commit`, `outbox_done` or `probe` that has no earlier failure waiting answer this.
    pub fn fail_next(&self, error: StoreError) {
        self.shared().failures.push_back(error);
    }

    /// All changes that were committed, oldest first.
    pub fn changes(&self) -> Vec<Commit> {
        self.shared().log.clone()
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refuse(&self, why: String) -> StoreError {
        self.meter.refused();
        StoreError::Other { action: "writing a change to", path: PATH.to_owned(), cause: why.into() }
    }

    fn writable(&self) -> Result<MutexGuard<'_, Shared>, StoreError> {
        if self.reads_only {
            return Err(StoreError::ReadOnly {
                path: PATH.to_owned(),
                detail: "this is a reader".to_owned(),
            });
        }
        let mut shared = self.shared();
        match shared.failures.pop_front() {
            Some(error) => Err(error),
            None => Ok(shared),
        }
    }
}

const PATH: &str = "memory";

impl Store for MemoryStore {
    fn load(&mut self, sink: &mut dyn Sink) -> Result<Loaded, StoreError> {
        let shared = self.shared();
        let rows = &shared.rows;
        let corrupt = |detail| StoreError::Corrupt { path: PATH.to_owned(), detail };
        for (name, value) in &rows.settings {
            sink.setting(Setting { name: name.clone(), value: value.clone() }).map_err(corrupt)?;
        }
        for tenant in rows.tenants.values() {
            sink.tenant(tenant.clone()).map_err(corrupt)?;
        }
        for block in rows.blocks.values() {
            sink.block(block.clone()).map_err(corrupt)?;
        }
        for set in rows.ns_sets.values() {
            sink.ns_set(set.clone()).map_err(corrupt)?;
        }
        for template in rows.soa_templates.values() {
            sink.soa_template(template.clone()).map_err(corrupt)?;
        }
        for zone in rows.zones.values() {
            sink.zone(zone.clone()).map_err(corrupt)?;
        }
        for record in rows.records.values() {
            sink.record(record.clone()).map_err(corrupt)?;
        }
        for sending in rows.sending.values() {
            sink.sending(sending.clone()).map_err(corrupt)?;
        }
        for (&address, (ttl, names)) in &shared.ptrs {
            sink.ptr(address, PtrSet { ttl: *ttl, names }).map_err(corrupt)?;
        }
        Ok(rows.last)
    }

    fn commit(&mut self, changes: &[Commit]) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let begun = Instant::now();
        let mut shared = self.writable().inspect_err(|_| self.meter.refused())?;
        let mut rows = shared.rows.clone();
        for change in changes {
            rows.apply(change).map_err(|why| self.refuse(why))?;
        }
        rows.check().map_err(|why| self.refuse(why))?;
        // Nothing fails from here.
        shared.rows = rows;
        for edit in changes.iter().flat_map(|change| &change.edits) {
            let Edit::Ptrs(edits) = edit else { continue };
            for edit in edits.iter() {
                match edit.after {
                    Some(set) => shared.ptrs.insert(edit.address, (set.ttl, set.names.into())),
                    None => shared.ptrs.remove(&edit.address),
                };
            }
        }
        shared.log.extend_from_slice(changes);
        self.meter.committed(changes.len(), begun.elapsed());
        Ok(())
    }

    fn log(&mut self, query: &LogQuery) -> Result<Vec<LogEntry>, StoreError> {
        let shared = self.shared();
        let there = |zone: ZoneId| shared.rows.zones.contains_key(&zone);
        let zone_or_apex = |change: &Commit| {
            let stepped = |zone: ZoneId| there(zone) && change.serials.iter().any(|(z, _)| *z == zone);
            (query.zone.is_none() && query.apex.is_none())
                || query.zone.is_some_and(stepped)
                || query.apex.as_ref().is_some_and(|apex| has_zone_row(change, apex))
        };
        let asked = |change: &&Commit| {
            query.before.is_none_or(|before| change.change < before)
                && query.after.is_none_or(|after| change.change > after)
                && query.actor.as_ref().is_none_or(|actor| *actor == change.actor)
                && query.kind.as_ref().is_none_or(|kind| *kind == change.kind)
                && query.since.is_none_or(|since| change.at >= since)
                && query.until.is_none_or(|until| change.at < until)
                && query.tenant.is_none_or(|tenant| change.tenants.contains(&tenant))
                && zone_or_apex(change)
                && query.address.is_none_or(|address| meets(change, &AddrRange::single(address)))
                && query.range.is_none_or(|range| {
                    // The same edit must meet both where both are given.
                    query.address.is_none_or(|address| range.contains(address)) && meets(change, &range)
                })
        };
        Ok(shared.log.iter().rev().filter(asked).take(query.limit).map(entry).collect())
    }

    fn edits(&mut self, change: u64) -> Result<Vec<Edit>, StoreError> {
        let shared = self.shared();
        let found = shared.log.iter().find(|logged| logged.change == change);
        Ok(found.map(|change| change.edits.clone()).unwrap_or_default())
    }

    fn logged(&mut self, change: u64) -> Result<Option<Logged>, StoreError> {
        let shared = self.shared();
        let found = shared.log.iter().find(|logged| logged.change == change);
        Ok(found.map(|change| Logged {
            entry: entry(change),
            request: change.request.clone(),
            serials: change
                .serials
                .iter()
                .filter(|(zone, _)| shared.rows.zones.contains_key(zone))
                .copied()
                .collect::<BTreeMap<_, _>>()
                .into_iter()
                .collect(),
        }))
    }

    fn whole(&mut self, change: u64) -> Result<Option<Commit>, StoreError> {
        let shared = self.shared();
        let mut found = shared.log.iter().find(|logged| logged.change == change).cloned();
        if let Some(found) = &mut found {
            let last: BTreeMap<ZoneId, Serial> = found.serials.iter().copied().collect();
            found.serials =
                last.into_iter().filter(|(zone, _)| shared.rows.zones.contains_key(zone)).collect();
            found.deltas.retain(|delta| shared.rows.zones.contains_key(&delta.zone));
            found.deltas.sort_by_key(|delta| delta.zone);
            found.tenants.sort();
            found.tenants.dedup();
        }
        Ok(found)
    }

    fn duty(&mut self) -> Result<Duty, StoreError> {
        Ok(self.shared().duty)
    }

    fn set_duty(&mut self, duty: Duty) -> Result<(), StoreError> {
        self.writable()?.duty = duty;
        Ok(())
    }

    fn oldest(&mut self) -> Result<u64, StoreError> {
        Ok(self.shared().log.first().map_or(0, |change| change.change))
    }

    fn first_since(&mut self, at: i64) -> Result<u64, StoreError> {
        let shared = self.shared();
        let found = shared.log.iter().find(|change| change.at >= at);
        Ok(found.map_or(shared.rows.last.last_change + 1, |change| change.change))
    }

    fn prune(&mut self, before: u64, go_on: &mut dyn FnMut() -> bool) -> Result<Pruned, StoreError> {
        let mut shared = self.writable()?;
        let last = shared.log.len().saturating_sub(1);
        let old = shared.log.iter().take(last).take_while(|change| change.change < before).count();
        let mut gone = old.min(1);
        while gone < old && go_on() {
            gone += 1;
        }
        shared.log.drain(..gone);
        Ok(Pruned { changes: gone as u64, more: old > gone })
    }

    fn trim(&mut self, most: u64, go_on: &mut dyn FnMut() -> bool) -> Result<Trimmed, StoreError> {
        let deltas = |log: &[Commit]| -> u64 {
            log.iter().flat_map(|change| &change.deltas).map(|delta| delta.octets.len() as u64).sum()
        };
        let (mut steps, mut octets) = (0, deltas(&self.shared().log));
        if octets <= most {
            return Ok(Trimmed { octets, ..Trimmed::default() });
        }
        let mut shared = self.writable()?;
        for change in &mut shared.log {
            while octets > most && !change.deltas.is_empty() && (steps == 0 || go_on()) {
                octets -= change.deltas.remove(0).octets.len() as u64;
                steps += 1;
            }
        }
        Ok(Trimmed { steps, octets, more: octets > most })
    }

    fn deltas(&mut self, zone: ZoneId, from: Serial, most: usize) -> Result<Vec<DeltaStep>, StoreError> {
        let shared = self.shared();
        let (mut steps, mut octets) = (Vec::<DeltaStep>::new(), 0);
        let stepped = shared.log.iter().rev().filter_map(|change| {
            let to = change.serials.iter().rev().find(|(of, _)| *of == zone)?.1;
            Some((to, change.deltas.iter().find(|delta| delta.zone == zone)))
        });
        for (to, delta) in stepped {
            let Some(delta) = delta.filter(|_| steps.last().is_none_or(|after| after.from == to)) else {
                break;
            };
            octets += delta.octets.len();
            if octets > most {
                break;
            }
            steps.push(DeltaStep { from: delta.from, to, octets: delta.octets.clone() });
            if delta.from == from {
                steps.reverse();
                return Ok(steps);
            }
        }
        Ok(Vec::new())
    }

    fn outbox(&mut self) -> Result<Vec<(ZoneId, Serial)>, StoreError> {
        Ok(self.shared().rows.outbox.iter().map(|(&zone, &serial)| (zone, serial)).collect())
    }

    fn outbox_done(&mut self, announced: &[(ZoneId, Serial)]) -> Result<(), StoreError> {
        let mut shared = self.writable()?;
        for (zone, serial) in announced {
            if shared.rows.outbox.get(zone) == Some(serial) {
                shared.rows.outbox.remove(zone);
            }
        }
        Ok(())
    }

    fn freshness(&mut self) -> Result<Vec<(ZoneId, i64)>, StoreError> {
        Ok(self.shared().rows.freshness.iter().map(|(zone, at)| (*zone, *at)).collect())
    }

    fn put_freshness(&mut self, checked: &[(ZoneId, i64)]) -> Result<(), StoreError> {
        let mut shared = self.writable()?;
        let Rows { zones, freshness, .. } = &mut shared.rows;
        freshness.extend(checked.iter().copied().filter(|(zone, _)| zones.contains_key(zone)));
        Ok(())
    }

    fn kept_answer(&mut self, asked: &[u8; 32], since: i64) -> Result<Option<KeptAnswer>, StoreError> {
        let shared = self.shared();
        let kept = shared.rows.kept.get(asked).filter(|(at, _)| *at >= since);
        Ok(kept.map(|(_, kept)| kept.clone()))
    }

    fn forget_answers(&mut self, before: i64, most: usize) -> Result<(), StoreError> {
        let mut shared = self.writable()?;
        let mut times: Vec<i64> = shared.rows.kept.values().map(|(at, _)| *at).collect();
        times.sort_unstable_by_key(|at| std::cmp::Reverse(*at));
        let oldest = times.get(most).map_or(before, |at| before.max(at + 1));
        shared.rows.kept.retain(|_, (at, _)| *at >= oldest);
        Ok(())
    }

    fn token_uses(&mut self) -> Result<Vec<TokenUse>, StoreError> {
        Ok(self.shared().rows.token_uses.values().cloned().collect())
    }

    fn put_token_uses(&mut self, uses: &[TokenUse]) -> Result<(), StoreError> {
        let mut shared = self.writable()?;
        let Rows { settings, token_uses, .. } = &mut shared.rows;
        token_uses.extend(uses.iter().map(|last| (last.token.clone(), last.clone())));
        token_uses.retain(|token, _| settings.contains_key(&format!("{TOKEN}{token}")));
        Ok(())
    }

    fn checks(&mut self, range: &AddrRange, limit: usize) -> Result<Vec<CheckRow>, StoreError> {
        let shared = self.shared();
        let rows = shared.rows.checks.range(range.first()..=range.last());
        Ok(rows.map(|(_, row)| row.clone()).take(limit).collect())
    }

    fn untold_checks(&mut self, limit: usize) -> Result<Vec<CheckRow>, StoreError> {
        let shared = self.shared();
        Ok(shared.rows.checks.values().filter(|row| !row.told).take(limit).cloned().collect())
    }

    fn put_checks(&mut self, rows: &[CheckRow]) -> Result<(), StoreError> {
        let mut shared = self.writable()?;
        for row in rows {
            match row.standing.is_empty() {
                true => shared.rows.checks.remove(&row.address),
                false => shared.rows.checks.insert(row.address, row.clone()),
            };
        }
        Ok(())
    }

    fn watched(&mut self, after: Option<&Watched>, limit: usize) -> Result<Vec<WatchedRow>, StoreError> {
        let shared = self.shared();
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let rows = shared.rows.watched.range((from, Bound::Unbounded));
        Ok(rows.map(|(_, row)| WatchedRow { evidence: None, ..row.clone() }).take(limit).collect())
    }

    fn evidence(&mut self, watched: &Watched) -> Result<Option<String>, StoreError> {
        let evidence = self.shared().rows.watched.get(watched).and_then(|row| row.evidence.clone());
        Ok(evidence.filter(|evidence| !evidence.is_empty()))
    }

    fn put_watched(&mut self, rows: &[WatchedRow]) -> Result<(), StoreError> {
        let mut shared = self.writable()?;
        for row in rows {
            let before = shared.rows.watched.remove(&row.watched);
            if !row.course.is_empty() {
                let evidence = row.evidence.clone().or(before.and_then(|before| before.evidence));
                shared.rows.watched.insert(row.watched.clone(), WatchedRow { evidence, ..row.clone() });
            }
        }
        Ok(())
    }

    fn probe(&mut self) -> Result<(), StoreError> {
        self.writable().map(drop)
    }

    fn reader(&self) -> Result<Box<dyn Store>, StoreError> {
        Ok(Box::new(MemoryStore { reads_only: true, ..self.clone() }))
    }

    fn meter(&self) -> Arc<StoreMeter> {
        Arc::clone(&self.meter)
    }
}

fn meets(change: &Commit, range: &AddrRange) -> bool {
    change.edits.iter().any(|edit| match edit {
        Edit::Ptrs(edits) => edits.iter().any(|edit| range.contains(edit.address)),
        edit => edit_meets(edit, range),
    })
}

fn has_zone_row(change: &Commit, apex: &Name) -> bool {
    change.edits.iter().any(|edit| match edit {
        Edit::Zone { before, after, .. } => {
            [before, after].into_iter().flatten().any(|zone| zone.apex == *apex)
        }
        _ => false,
    })
}

fn entry(change: &Commit) -> LogEntry {
    LogEntry {
        change: change.change,
        at: change.at,
        actor: change.actor.clone(),
        origin: change.origin.clone(),
        reason: change.reason.clone(),
        kind: change.kind.clone(),
        summary: change.summary.clone(),
    }
}

impl Rows {
    fn apply(&mut self, change: &Commit) -> Result<(), String> {
        if change.change <= self.last.last_change {
            return Err(format!("change {} does not follow {}", change.change, self.last.last_change));
        }
        if let Some(why) = change.edits.iter().find_map(Edit::fault) {
            return Err(format!("change {}: an edit {why}", change.change));
        }
        self.last.last_change = change.change;
        if let Some(kept) = &change.kept {
            self.kept.insert(kept.asked, (change.at, kept.clone()));
        }
        change.edits.iter().for_each(|edit| self.edit(edit));
        for &(zone, serial) in &change.serials {
            let row = self.zones.get_mut(&zone).ok_or_else(|| format!("zone {zone} is not there"))?;
            row.soa.set_serial(serial);
            self.outbox.insert(zone, serial);
        }
        let mut stepped = change.serials.iter();
        if let Some(delta) = change.deltas.iter().find(|delta| !stepped.any(|(zone, _)| *zone == delta.zone))
        {
            return Err(format!("a difference of zone {}, whose serial is not stepped", delta.zone));
        }
        Ok(())
    }

    fn edit(&mut self, edit: &Edit) {
        fn put<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: Option<V>) {
            match value {
                Some(value) => map.insert(key, value),
                None => map.remove(&key),
            };
        }
        match edit {
            Edit::Setting { name, after, .. } => put(&mut self.settings, name.clone(), after.clone()),
            Edit::Tenant { id, after, .. } => {
                self.last.last_tenant = self.last.last_tenant.max(id.0);
                put(&mut self.tenants, *id, after.clone());
            }
            Edit::Block { id, after, .. } => {
                self.last.last_block = self.last.last_block.max(id.0);
                put(&mut self.blocks, *id, after.as_deref().cloned());
            }
            Edit::NsSet { id, after, .. } => {
                self.last.last_ns_set = self.last.last_ns_set.max(id.0);
                put(&mut self.ns_sets, *id, after.as_deref().cloned());
            }
            Edit::SoaTemplate { id, after, .. } => {
                self.last.last_soa_template = self.last.last_soa_template.max(id.0);
                put(&mut self.soa_templates, *id, after.as_deref().cloned());
            }
            Edit::Zone { id, after, .. } => {
                self.last.last_zone = self.last.last_zone.max(id.0);
                put(&mut self.zones, *id, after.as_deref().cloned());
                if after.is_none() {
                    self.outbox.remove(id);
                    self.freshness.remove(id);
                }
            }
            Edit::Record { zone, owner, rtype, after, .. } => {
                let key = (*zone, owner.key_below(0), rtype.0);
                let record =
                    after.clone().map(|rrset| ZoneRecord { zone: *zone, owner: owner.clone(), rrset });
                put(&mut self.records, key, record);
            }
            Edit::Sending { address, after, .. } => {
                put(&mut self.sending, *address, after.as_deref().cloned())
            }
            Edit::Ptrs(_) => {}
        }
    }

    /// Whether every row that another one names is there.
    fn check(&self) -> Result<(), String> {
        let tenants = self.blocks.values().map(|block| block.tenant);
        let tenants = tenants.chain(self.zones.values().map(|zone| zone.tenant));
        let tenants = tenants.chain(self.tenants.values().filter_map(|tenant| tenant.reseller));
        let blocks = self.zones.values().filter_map(|zone| match &zone.kind {
            ZoneKind::Classless { block, .. } => Some(*block),
            _ => None,
        });
        let templates = self.zones.values().filter_map(|zone| zone.soa.template());
        let sound = tenants.into_iter().all(|tenant| self.tenants.contains_key(&tenant))
            && blocks.into_iter().all(|block| self.blocks.contains_key(&block))
            && self.zones.values().filter_map(|zone| zone.ns_set).all(|set| self.ns_sets.contains_key(&set))
            && templates.into_iter().all(|template| self.soa_templates.contains_key(&template))
            && self.records.keys().all(|(zone, ..)| self.zones.contains_key(zone));
        if sound { Ok(()) } else { Err("a row names another one that is not there".to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{self, Engine};

    struct InMemory(MemoryStore);

    impl Engine for InMemory {
        fn fresh(&mut self) -> Box<dyn Store> {
            self.0 = MemoryStore::new();
            Box::new(self.0.clone())
        }

        fn reopen(&mut self, store: Box<dyn Store>) -> Box<dyn Store> {
            drop(store);
            Box::new(self.0.clone())
        }
    }

    #[test]
    fn conforms() {
        conformance::run(&mut InMemory(MemoryStore::new()));
    }

    #[test]
    fn fails_on_command_and_once() {
        let mut store = MemoryStore::new();
        let handle = store.clone();
        handle.fail_next(StoreError::Full { path: PATH.to_owned() });
        let change = conformance::change(1);
        assert!(matches!(store.commit(std::slice::from_ref(&change)), Err(StoreError::Full { .. })));
        assert!(handle.changes().is_empty());
        assert!(store.commit(&[change]).is_ok());
        assert_eq!(handle.changes().len(), 1);
    }
}
