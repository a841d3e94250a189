//! From the rows of a store to what is served. One pass; a PTR row costs a push into the index and nothing else.

use crate::apex::zone_of_row;
use crate::carry_over::{self, CarryOver};
use crate::plan::{Inherited, LAST_SERIAL, Numbers, Settings, State, window};
use crate::{defaults, fleet, history, signed, token};
use ptrd_api::DefaultsView;
use ptrd_store::{Duty, Setting, Sink, Store, StoreError};
use ptrd_zone::model::{
    Block, BlockTemplate, NsSet, Sending, SoaTemplate, Tenant, ZoneId, ZoneKind, ZoneRecord, ZoneRow,
};
use ptrd_zone::{
    AddressLoader, Declared, Outage, PtrSet, RrSetChange, STATEMENT, Snapshot, Statements, Template, Zone,
    ZoneMeta, fill_companions, project, resolve_apex,
};
use std::net::IpAddr;

/// The setting that says which projection the serials stand for.
pub(crate) const PROJECTION: &str = "projection";

/// What a store holds.
pub struct Loaded {
    pub(crate) state: State,
    /// The version of the projection when serials were last brought up to date; `None` in a new store.
    pub(crate) projection: Option<u32>,
    /// What an older schema left to be carried over.
    pub(crate) carry_over: Option<CarryOver>,
    /// When primaries of zones last said which version is the newest.
    pub(crate) freshness: Vec<(ZoneId, i64)>,
}

impl Loaded {
    /// What queries see of it, for a server that takes no changes, at this time (milliseconds since 1970 UTC).
    pub fn into_snapshot(self, now: i64) -> Snapshot {
        self.at(now).state.snapshot
    }

    /// With the zones expired that have by this time: no primary was reached for as long as their SOA allows.
    pub(crate) fn at(mut self, now: i64) -> Loaded {
        let State { declared, snapshot, .. } = &mut self.state;
        for (id, checked) in &self.freshness {
            let zone = declared.zone_by_id(*id).filter(|_| snapshot.follows().of(*id).is_some());
            let Some(zone) = zone.and_then(|meta| snapshot.zone(&meta.apex)) else { continue };
            let expires = checked.saturating_add(i64::from(zone.soa().expire) * 1000);
            if zone.outage().is_none() && expires <= now {
                let mut zone = Zone::clone(zone);
                zone.set_outage(Some(Outage::Expired));
                snapshot.put_zone(zone);
            }
        }
        self
    }
}

/// Reads a store and builds what queries and changes work on.
///
/// # Errors
/// Those of the store; [`StoreError::Corrupt`] when its rows do not make sense together.
pub fn load(store: &mut dyn Store) -> Result<Loaded, StoreError> {
    let mut builder = Builder::default();
    let loaded = store.load(&mut builder)?;
    let numbers = Numbers {
        change: loaded.last_change,
        tenant: loaded.last_tenant,
        block: loaded.last_block,
        zone: loaded.last_zone,
        ns_set: loaded.last_ns_set,
        soa_template: loaded.last_soa_template,
        last_serial: builder.last_serial,
    };
    // A standby's primary asks for the zones, and how fresh they are does not stand in the log.
    let freshness = if store.duty()? == Duty::Standby { Vec::new() } else { store.freshness()? };
    Ok(Loaded { freshness, ..builder.finish(numbers) })
}

/// Makes sense of rows as they come.
#[derive(Default)]
pub(crate) struct Builder {
    declared: Declared,
    snapshot: Snapshot,
    addresses: AddressLoader,
    projection: Option<u32>,
    last_serial: u32,
    carry_over: Option<String>,
    old_defaults: Option<DefaultsView>,
    settings: Settings,
    /// The zone whose records come in, and those that have.
    records: Option<(ZoneId, Vec<RrSetChange>)>,
    ttls: Inherited,
}

impl Builder {
    /// The highest serial of native zones that are gone, as far as rows have come.
    pub fn last_serial(&self) -> u32 {
        self.last_serial
    }

    pub fn finish(mut self, numbers: Numbers) -> Loaded {
        self.flush_records();
        let Builder {
            mut declared,
            mut snapshot,
            addresses,
            projection,
            carry_over,
            old_defaults,
            settings,
            ..
        } = self;
        // Each was judged when it came.
        declared.set_catalogs(fleet::catalogs(&settings).unwrap_or_default());
        declared.set_companions(fleet::companions(&settings).unwrap_or_default());
        let _ = fleet::declare(&settings, &mut declared, &mut snapshot);
        crate::plan::fill_catalogs(&declared, &mut snapshot);
        for meta in declared.zones().filter(|zone| zone.ns_set.is_some() || zone.soa_template.is_some()) {
            if let Some(zone) = snapshot.zone(&meta.apex) {
                let mut zone = Zone::clone(zone);
                resolve_apex(&declared, meta, &mut zone);
                snapshot.put_zone(zone);
            }
        }
        addresses.finish(&mut snapshot);
        snapshot.apply_all_templates(&declared);
        fill_companions(&declared, &mut snapshot);
        for meta in declared.zones() {
            let derived = project(&declared, &snapshot, meta);
            if let Some(zone) = snapshot.zone(&meta.apex)
                && derived != zone.derived()
            {
                let mut zone = Zone::clone(zone);
                zone.set_derived(derived);
                snapshot.put_zone(zone);
            }
        }
        signed::examine_all(&mut snapshot);
        snapshot.set_version(numbers.change);
        let carry_over = carry_over.map(|asked| CarryOver { asked, defaults: old_defaults });
        let _ = fleet::resolve(&settings, &declared, &mut snapshot, None);
        let state = State { declared, snapshot, numbers, settings };
        Loaded { state, projection, carry_over, freshness: Vec::new() }
    }

    fn flush_records(&mut self) {
        let Some((id, records)) = self.records.take() else { return };
        let Some(meta) = self.declared.zone_by_id(id) else { return };
        if let Some(zone) = self.snapshot.zone(&meta.apex) {
            let mut zone = Zone::clone(zone);
            zone.apply_records(records);
            self.snapshot.put_zone(zone);
        }
    }
}

impl Sink for Builder {
    fn setting(&mut self, setting: Setting) -> Result<(), String> {
        self.settings.insert(setting.name.clone(), setting.value.clone());
        match setting.name.as_str() {
            defaults::SETTING => {
                let read = defaults::from_json(&setting.value);
                let (defaults, old) = read.map_err(|error| format!("setting {}: {error}", setting.name))?;
                self.declared.set_defaults(defaults);
                self.old_defaults = old;
            }
            carry_over::SETTING => self.carry_over = Some(setting.value),
            PROJECTION => {
                let read = setting.value.parse();
                self.projection = Some(read.map_err(|_| format!("setting {} is no number", setting.name))?);
            }
            LAST_SERIAL => {
                let read = setting.value.parse();
                self.last_serial = read.map_err(|_| format!("setting {} is no serial", setting.name))?;
            }
            history::HISTORY_LIMIT if setting.value == history::NO_LIMIT => {}
            history::LOG_START | history::LOG_KEEP | history::HISTORY_LIMIT => {
                let read: Result<u64, _> = setting.value.parse();
                read.map_err(|_| format!("setting {} is no number", setting.name))?;
            }
            name if token::is_token(name) => token::check(name, &setting.value)?,
            name if fleet::is_of_fleet(name) => fleet::check(name, &setting.value)?,
            // Of a part of the daemon that keeps its settings here as well.
            _ => {}
        }
        Ok(())
    }

    fn tenant(&mut self, tenant: Tenant) -> Result<(), String> {
        if self.declared.tenant_named(&tenant.name).is_some() {
            return Err(format!("two tenants are called {}", tenant.name));
        }
        self.declared.put_tenant(tenant);
        Ok(())
    }

    fn block(&mut self, block: Block) -> Result<(), String> {
        if self.declared.tenant(block.tenant).is_none() {
            return Err(format!("the block {} has no tenant", block.range));
        }
        if let Some((other, _)) = self.declared.conflict(&block.range) {
            return Err(format!("the blocks {} and {} overlap", block.range, other.range));
        }
        if let BlockTemplate::Text(text) = &block.template {
            let read = Template::new(text, block.range);
            read.map_err(|error| format!("the template of the block {}: {error}", block.range))?;
        }
        self.declared.put_block(block);
        Ok(())
    }

    fn ns_set(&mut self, set: NsSet) -> Result<(), String> {
        if self.declared.ns_set_named(&set.name).is_some_and(|known| known.id != set.id) {
            return Err(format!("two NS sets are called {}", set.name));
        }
        self.declared.put_ns_set(set);
        Ok(())
    }

    fn soa_template(&mut self, template: SoaTemplate) -> Result<(), String> {
        if self.declared.soa_template_named(&template.name).is_some_and(|known| known.id != template.id) {
            return Err(format!("two SOA templates are called {}", template.name));
        }
        self.declared.put_soa_template(template);
        Ok(())
    }

    fn zone(&mut self, row: ZoneRow) -> Result<(), String> {
        let meta = ZoneMeta::of(&row);
        if self.declared.tenant(meta.tenant).is_none() {
            return Err(format!("the zone {} has no tenant", meta.apex));
        }
        if self.declared.zone(&meta.apex).is_some() {
            return Err(format!("two zones are called {}", meta.apex));
        }
        if meta.ns_set.is_some_and(|id| self.declared.ns_set(id).is_none()) {
            return Err(format!("the zone {} references an NS set that is not there", meta.apex));
        }
        if meta.soa_template.is_some_and(|id| self.declared.soa_template(id).is_none()) {
            return Err(format!("the zone {} references a SOA template that is not there", meta.apex));
        }
        self.snapshot.put_zone(zone_of_row(&self.declared, &row, window(&row.kind)));
        self.declared.put_zone(meta);
        Ok(())
    }

    fn record(&mut self, record: ZoneRecord) -> Result<(), String> {
        let ZoneRecord { zone: id, owner, rrset } = record;
        let zone = self.declared.zone_by_id(id);
        let zone = zone.ok_or_else(|| format!("{owner} {} belongs to no zone", rrset.rtype))?;
        if !owner.is_at_or_under(&zone.apex) {
            return Err(format!("{owner} {} lies outside its zone {}", rrset.rtype, zone.apex));
        }
        if rrset.rtype == STATEMENT && owner == zone.apex && zone.kind == ZoneKind::Verbatim {
            let statements = rrset.rdatas.iter().map(|rdata| &**rdata);
            Statements::check(&owner, statements).map_err(|error| format!("the zone {owner}: {error}"))?;
        }
        if self.records.as_ref().is_some_and(|(of, _)| *of != id) {
            self.flush_records();
        }
        let (_, records) = self.records.get_or_insert_with(|| (id, Vec::new()));
        records.push((owner, rrset.rtype, Some(rrset)));
        Ok(())
    }

    fn sending(&mut self, sending: Sending) -> Result<(), String> {
        self.declared.put_sending(sending);
        Ok(())
    }

    #[inline]
    fn ptr(&mut self, address: IpAddr, set: PtrSet<'_>) -> Result<(), String> {
        if !is_run_of_names(set.names) {
            return Err(format!("the PTR of {address} is damaged"));
        }
        let (ttl, inherited) = match set.ttl {
            Some(ttl) => (ttl, false),
            None => (self.ttls.at(&self.declared, address), true),
        };
        self.addresses.push(address, ttl, inherited, set.names);
        Ok(())
    }
}

/// [`PtrSet::is_well_formed`] without an allocation for each name.
#[inline]
fn is_run_of_names(octets: &[u8]) -> bool {
    let (mut at, mut start) = (0, 0);
    while let Some(&length) = octets.get(at) {
        if length > 63 {
            return false;
        }
        at += usize::from(length) + 1;
        if length == 0 {
            if at - start > 255 {
                return false;
            }
            start = at;
        }
    }
    at > 0 && at == octets.len() && start == at && at <= usize::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_runs_of_names_are_seen() {
        let names = b"\x01a\x00\x03com\x00";
        assert!(is_run_of_names(names) && is_run_of_names(b"\x00"));
        for bad in [&b""[..], &names[..7], &names[..1], b"\x40aa\x00", b"\x01a\x00\x01"] {
            assert!(!is_run_of_names(bad), "{bad:?}");
            assert!(!PtrSet { ttl: None, names: bad }.is_well_formed(), "{bad:?}");
        }
        let long = [[63u8; 64].repeat(4), vec![0]].concat();
        assert!(!is_run_of_names(&long));
    }
}
