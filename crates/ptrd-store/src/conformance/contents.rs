//! What a load brings, collected and compared. [`Name`] compares without regard to case, and the store must keep it,
//! so things are compared as they print, too.
//!
//! [`Name`]: ptrd_wire::Name

use crate::{Edit, Loaded, Setting, Sink, Store};
use ptrd_wire::Ttl;
use ptrd_zone::PtrSet;
use ptrd_zone::model::{Block, NsSet, Sending, SoaTemplate, Tenant, ZoneRecord, ZoneRow};
use std::fmt::Debug;
use std::net::IpAddr;

/// The PTR RRset of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct StoredPtr {
    pub address: IpAddr,
    pub ttl: Option<Ttl>,
    pub names: Box<[u8]>,
}

/// All that a load brought, in its order.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs)]
pub struct Contents {
    pub settings: Vec<(String, String)>,
    pub tenants: Vec<Tenant>,
    pub blocks: Vec<Block>,
    pub ns_sets: Vec<NsSet>,
    pub soa_templates: Vec<SoaTemplate>,
    pub zones: Vec<ZoneRow>,
    pub records: Vec<ZoneRecord>,
    pub sending: Vec<Sending>,
    pub ptrs: Vec<StoredPtr>,
    pub loaded: Loaded,
}

impl Contents {
    /// What a new store has: the NS set and the SOA template that are named `default`.
    pub fn fresh() -> Contents {
        Contents {
            ns_sets: vec![NsSet::first()],
            soa_templates: vec![SoaTemplate::first()],
            loaded: Loaded { last_ns_set: 1, last_soa_template: 1, ..Loaded::default() },
            ..Contents::default()
        }
    }
}

impl Sink for Contents {
    fn setting(&mut self, setting: Setting) -> Result<(), String> {
        self.settings.push((setting.name, setting.value));
        Ok(())
    }

    fn tenant(&mut self, tenant: Tenant) -> Result<(), String> {
        self.tenants.push(tenant);
        Ok(())
    }

    fn block(&mut self, block: Block) -> Result<(), String> {
        self.blocks.push(block);
        Ok(())
    }

    fn ns_set(&mut self, set: NsSet) -> Result<(), String> {
        self.ns_sets.push(set);
        Ok(())
    }

    fn soa_template(&mut self, template: SoaTemplate) -> Result<(), String> {
        self.soa_templates.push(template);
        Ok(())
    }

    fn zone(&mut self, zone: ZoneRow) -> Result<(), String> {
        self.zones.push(zone);
        Ok(())
    }

    fn record(&mut self, record: ZoneRecord) -> Result<(), String> {
        self.records.push(record);
        Ok(())
    }

    fn sending(&mut self, sending: Sending) -> Result<(), String> {
        self.sending.push(sending);
        Ok(())
    }

    fn ptr(&mut self, address: IpAddr, set: PtrSet<'_>) -> Result<(), String> {
        self.ptrs.push(StoredPtr { address, ttl: set.ttl, names: set.names.into() });
        Ok(())
    }
}

/// Reads a store.
///
/// # Panics
/// When it cannot be read.
pub fn read(store: &mut dyn Store) -> Contents {
    let mut contents = Contents::default();
    match store.load(&mut contents) {
        Ok(loaded) => contents.loaded = loaded,
        Err(error) => panic!("a load failed: {error} ({error:?})"),
    }
    contents
}

/// # Panics
/// When the two differ.
pub fn assert_same_rows(found: &Contents, expected: &Contents) {
    same("setting", &found.settings, &expected.settings);
    same("tenant", &found.tenants, &expected.tenants);
    same("block", &found.blocks, &expected.blocks);
    same("NS set", &found.ns_sets, &expected.ns_sets);
    same("SOA template", &found.soa_templates, &expected.soa_templates);
    same("zone", &found.zones, &expected.zones);
    same("record", &found.records, &expected.records);
    same("sending mark", &found.sending, &expected.sending);
    same("ptr", &found.ptrs, &expected.ptrs);
    assert_eq!(found.loaded, expected.loaded);
}

/// # Panics
/// When the two differ.
pub fn assert_same_edits(found: &[Edit], expected: &[Edit]) {
    same("edit", found, expected);
}

fn same<T: Debug + PartialEq>(what: &str, found: &[T], expected: &[T]) {
    for (n, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(found == expected, "{what} {n}: found {found:?}, expected {expected:?}");
        assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{what} {n}, with letter case");
    }
    assert_eq!(found.len(), expected.len(), "number of rows: {what}");
}
