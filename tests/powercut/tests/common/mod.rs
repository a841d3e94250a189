//! Stories to tell a store, and what must be found of them afterwards.
#![allow(dead_code, reason = "each test file uses its part")]

use ptrd_store::conformance::{Contents, change, read};
use ptrd_store::{Commit, Edit, LogLimits, LogQuery, MemoryStore, SqliteStore, Store};
use ptrd_wire::{Name, RecordType, RrSet, Serial, Soa, Ttl};
use ptrd_zone::model::{Tenant, TenantId, ZoneId, ZoneKind, ZoneRow, ZoneSoa};
use ptrd_zone::{PtrEdit, PtrEdits, PtrSet, pack_names};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The name of the database in its folder.
pub const DATABASE: &str = "ptrd.db";

/// A folder in memory, where the machine has such: what is tested is not the device.
pub fn folder() -> TempDir {
    let shm = Path::new("/dev/shm");
    TempDir::new_in(shm).or_else(|_| TempDir::new()).expect("a folder")
}

/// A store's file in a folder, by the folder's real name.
pub fn database(folder: &TempDir) -> PathBuf {
    folder.path().canonicalize().expect("a folder").join(DATABASE)
}

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn edits_of(count: u32, mut each: impl FnMut(u32, &mut PtrEdits)) -> Edit {
    let mut edits = PtrEdits::new();
    (0..count).for_each(|n| each(n, &mut edits));
    Edit::Ptrs(edits)
}

/// A change that gives `count` addresses from `first` on a PTR named after `word`, where they had that of `before`.
pub fn ptrs(number: u64, first: u32, count: u32, before: Option<&str>, word: Option<&str>) -> Commit {
    let names = |n: u32, word: &str| pack_names(&[name(&format!("{word}-{n}.pool.example.net"))]);
    let edits = edits_of(count, |n, edits| {
        // Far apart: many pages in one change.
        let address = IpAddr::from(first.wrapping_add(n.wrapping_mul(0x0101_0003)).to_be_bytes());
        let (before, after) = (before.map(|word| names(n, word)), word.map(|word| names(n, word)));
        let set = |names| PtrSet { ttl: None, names };
        edits.push(PtrEdit { address, before: before.as_deref().map(set), after: after.as_deref().map(set) });
    });
    Commit { edits: vec![edits], ..change(number) }
}

/// A change that makes a tenant and so many zones with a record each.
pub fn zones(number: u64, count: u32) -> Commit {
    let id = TenantId(1);
    let mut made = change(number);
    made.edits.push(Edit::Tenant {
        id,
        before: None,
        after: Some(Tenant { id, name: "acme".into(), reseller: None }),
    });
    for n in 1..=count {
        let apex = name(&format!("zone{n}.example"));
        let (mname, rname, minimum) = (name("ns.example"), name("host.example"), Ttl::from_secs(4));
        let soa = Soa { mname, rname, serial: Serial(1), refresh: 1, retry: 2, expire: 3, minimum };
        let (kind, ttl) = (ZoneKind::Verbatim, Ttl::from_secs(5));
        let zone = ZoneRow {
            id: ZoneId(n),
            apex: apex.clone(),
            tenant: id,
            kind,
            soa: ZoneSoa::Own { soa, ttl },
            ns_set: None,
            serial_policy: None,
        };
        made.edits.push(Edit::Zone { id: ZoneId(n), before: None, after: Some(Box::new(zone)) });
        let ns = RrSet::single(RecordType::NS, ttl, name("ns.example").as_wire());
        let (zone, rtype) = (ZoneId(n), RecordType::NS);
        made.edits.push(Edit::Record { zone, owner: apex, rtype, before: None, after: Some(ns) });
        made.serials.push((zone, Serial(1)));
    }
    made
}

/// A step of a story.
#[derive(Clone, Debug)]
pub enum Step {
    /// One transaction.
    Commit(Vec<Commit>),
    /// Zones that were announced leave the outbox.
    Announced(Vec<(ZoneId, Serial)>),
    /// Closed in good order, and opened again.
    Reopen,
}

/// What a store is to hold after each transaction of a story.
pub struct Expected {
    changes: Vec<Commit>,
    /// Before the first transaction, and after each.
    states: Vec<State>,
}

#[derive(Default)]
struct State {
    contents: Contents,
    outbox: Vec<(ZoneId, Serial)>,
    /// How many changes there are.
    changes: usize,
}

impl Expected {
    pub fn of(story: &[Step]) -> Expected {
        let mut store = MemoryStore::new();
        let mut expected = Expected { changes: Vec::new(), states: Vec::new() };
        expected.states.push(State { contents: Contents::fresh(), ..State::default() });
        for step in story {
            match step {
                Step::Commit(changes) => {
                    store.commit(changes).expect("a sound story");
                    expected.changes.extend_from_slice(changes);
                }
                Step::Announced(zones) => store.outbox_done(zones).expect("a sound story"),
                Step::Reopen => continue,
            }
            let outbox = store.outbox().expect("an outbox");
            expected.states.push(State {
                contents: read(&mut store),
                outbox,
                changes: expected.changes.len(),
            });
        }
        expected
    }

    /// Opens what a cut left, after `acknowledged` transactions. With `thorough` every change
    /// of the log is read and not the last few alone, and the store is written to and opened again.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check(&self, path: &Path, acknowledged: usize, thorough: bool) -> Result<(), Finding> {
        let broken = |what: String| Finding::Broken(what);
        // Thousands of cuts are checked: no room is made in the log for each.
        let open = || SqliteStore::open_with(path, LogLimits { long: 0, ..LogLimits::default() });
        let mut store = open().map_err(|error| broken(format!("does not open: {error} {error:?}")))?;
        let found = self.state_of(&mut store, thorough)?;
        if found < acknowledged {
            return Err(Finding::Lost { acknowledged, found });
        }
        if found > acknowledged + 1 {
            return Err(broken(format!("{found} transactions, though {acknowledged} were acknowledged")));
        }
        if thorough {
            let number = self.changes.last().map_or(0, |change| change.change) + 1;
            let next = ptrs(number, 0xdead_0000, 3, None, Some("next"));
            store.commit(&[next]).map_err(|error| broken(format!("cannot be written: {error:?}")))?;
            drop(store);
            let mut store = open().map_err(|error| broken(format!("does not open again: {error:?}")))?;
            let mut contents = Contents::default();
            let loaded = store.load(&mut contents).map_err(|error| broken(format!("{error:?}")))?;
            if loaded.last_change != number
                || contents.ptrs.len() != self.states[found].contents.ptrs.len() + 3
            {
                return Err(broken("does not hold what was written after the cut".into()));
            }
        }
        Ok(())
    }

    /// Which state of the story the store is in, whole and without a trace of a later one.
    fn state_of(&self, store: &mut SqliteStore, thorough: bool) -> Result<usize, Finding> {
        let broken = |what: String| Finding::Broken(what);
        let mut found = Contents::default();
        found.loaded =
            store.load(&mut found).map_err(|error| broken(format!("does not load: {error} {error:?}")))?;
        let waiting = store.outbox().map_err(|error| broken(format!("outbox: {error:?}")))?;
        let state = self
            .states
            .iter()
            .position(|state| state.contents.loaded == found.loaded && state.outbox == waiting)
            .ok_or_else(|| broken(format!("half a transaction: {:?}, {waiting:?}", found.loaded)))?;
        let State { contents, changes, .. } = &self.states[state];
        let same = contents.settings == found.settings
            && contents.tenants == found.tenants
            && contents.ns_sets == found.ns_sets
            && contents.soa_templates == found.soa_templates
            && contents.blocks == found.blocks
            && contents.zones == found.zones
            && contents.records == found.records
            && contents.ptrs == found.ptrs;
        if !same {
            return Err(broken(format!("rows differ from those after transaction {state}")));
        }
        let all = LogQuery { limit: usize::MAX, ..LogQuery::default() };
        let log = store.log(&all).map_err(|error| broken(format!("log: {error:?}")))?;
        let numbers = |change: &Commit| change.change;
        if !log.iter().rev().map(|entry| entry.change).eq(self.changes[..*changes].iter().map(numbers)) {
            return Err(broken(format!("the log differs from that after transaction {state}")));
        }
        let near = changes.saturating_sub(4)..changes + 4;
        let asked = self.changes.iter().enumerate().filter(|(nth, _)| thorough || near.contains(nth));
        for (_, change) in asked {
            let edits = store.edits(change.change).map_err(|error| broken(format!("edits: {error:?}")))?;
            let there = log.iter().any(|entry| entry.change == change.change);
            if edits != if there { change.edits.clone() } else { Vec::new() } {
                return Err(broken(format!("the log of change {} is not what was committed", change.change)));
            }
        }
        Ok(state)
    }
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Transactions that were acknowledged are gone, as a whole.
    Lost { acknowledged: usize, found: usize },
    /// Anything else: it does not open, or holds half a change.
    Broken(String),
}
