//! From the rows of a store to what is served. One pass; a PTR row costs a push into the index and nothing else.

use crate::defaults;
use crate::plan::{Inherited, LAST_SERIAL, Numbers, State, window};
use ptrd_store::{Setting, Sink, Store, StoreError};
use ptrd_zone::model::{Block, Tenant, ZoneId, ZoneRecord, ZoneRow};
use ptrd_zone::{AddressLoader, Declared, PtrSet, RrSetChange, Snapshot, Zone, ZoneMeta, project};
use std::net::IpAddr;

/// The setting that says which projection the serials stand for.
pub(crate) const PROJECTION: &str = "projection";

/// What a store holds.
pub struct Loaded {
    pub(crate) state: State,
    /// The version of the projection when serials were last brought up to date; `None` in a new store.
    pub(crate) projection: Option<u32>,
}

impl Loaded {
    /// What queries see of it, for a server that takes no changes.
    pub fn into_snapshot(self) -> Snapshot {
        self.state.snapshot
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
        last_serial: builder.last_serial,
    };
    Ok(builder.finish(numbers))
}

#[derive(Default)]
struct Builder {
    declared: Declared,
    snapshot: Snapshot,
    addresses: AddressLoader,
    projection: Option<u32>,
    last_serial: u32,
    /// The zone whose records come in, and those that have.
    records: Option<(ZoneId, Vec<RrSetChange>)>,
    ttls: Inherited,
}

impl Builder {
    fn finish(mut self, numbers: Numbers) -> Loaded {
        self.flush_records();
        let Builder { declared, mut snapshot, addresses, projection, .. } = self;
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
        addresses.finish(&mut snapshot);
        snapshot.set_version(numbers.change);
        Loaded { state: State { declared, snapshot, numbers }, projection }
    }

    fn flush_records(&mut self) {
        let Some((id, records)) = self.records.take() else { return };
        let Some(meta) = self.declared.zone_by_id(id) else { return };
        if let Some(zone) = self.snapshot.zone(&meta.apex) {
            let mut zone = Zone::clone(zone);
            zone.names_mut().apply(&meta.apex, records);
            self.snapshot.put_zone(zone);
        }
    }
}

impl Sink for Builder {
    fn setting(&mut self, setting: Setting) -> Result<(), String> {
        match setting.name.as_str() {
            defaults::SETTING => {
                let read = defaults::from_json(&setting.value);
                self.declared
                    .set_defaults(read.map_err(|error| format!("setting {}: {error}", setting.name))?);
            }
            PROJECTION => {
                let read = setting.value.parse();
                self.projection = Some(read.map_err(|_| format!("setting {} is no number", setting.name))?);
            }
            LAST_SERIAL => {
                let read = setting.value.parse();
                self.last_serial = read.map_err(|_| format!("setting {} is no serial", setting.name))?;
            }
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
        self.declared.put_block(block);
        Ok(())
    }

    fn zone(&mut self, row: ZoneRow) -> Result<(), String> {
        let ZoneRow { id, apex, tenant, kind, soa, soa_ttl } = row;
        if self.declared.tenant(tenant).is_none() {
            return Err(format!("the zone {apex} has no tenant"));
        }
        if self.declared.zone(&apex).is_some() {
            return Err(format!("two zones are called {apex}"));
        }
        self.snapshot.put_zone(Zone::new(id, apex.clone(), window(&kind), soa, soa_ttl));
        self.declared.put_zone(ZoneMeta { id, apex, tenant, kind });
        Ok(())
    }

    fn record(&mut self, record: ZoneRecord) -> Result<(), String> {
        let ZoneRecord { zone: id, owner, rrset } = record;
        let zone = self.declared.zone_by_id(id);
        let zone = zone.ok_or_else(|| format!("{owner} {} belongs to no zone", rrset.rtype))?;
        if !owner.is_at_or_under(&zone.apex) {
            return Err(format!("{owner} {} lies outside its zone {}", rrset.rtype, zone.apex));
        }
        if self.records.as_ref().is_some_and(|(of, _)| *of != id) {
            self.flush_records();
        }
        let (_, records) = self.records.get_or_insert_with(|| (id, Vec::new()));
        records.push((owner, rrset.rtype, Some(rrset)));
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
