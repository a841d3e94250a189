//! What was to be answered after any change of the log, by the reference of the test kit.

use crate::asker::Ask;
use crate::history::History;
use ptrd_testkit::{Expected, FlatZones, flatten, resolve};
use std::collections::HashMap;
use std::rc::Rc;

/// Answers by state, worked out once.
pub struct Truth<'a> {
    history: &'a History,
    asks: &'a [Ask],
    /// By region and its state: the zones without PTRs.
    zones: HashMap<(usize, usize), Rc<FlatZones>>,
    /// By question, the region's state, and the address's.
    known: HashMap<(u32, usize, usize), Rc<Expected>>,
}

/// How much is kept. What is thrown away is worked out again.
const ZONES_KEPT: usize = 2_000;
const ANSWERS_KEPT: usize = 400_000;

impl<'a> Truth<'a> {
    /// Of a history.
    pub fn new(history: &'a History, asks: &'a [Ask]) -> Truth<'a> {
        Truth { history, asks, zones: HashMap::new(), known: HashMap::new() }
    }

    /// The answer after a change, all serials in it 0, and the zones of the region, without PTRs.
    pub fn after(&mut self, ask: u32, change: u64) -> (Rc<Expected>, Rc<FlatZones>) {
        let Ask { region, name, qtype, address } = &self.asks[ask as usize];
        let state = self.history.region_version(*region, change);
        if self.zones.len() > ZONES_KEPT {
            self.zones.clear();
        }
        let zones = self.zones.entry((*region, state));
        let zones = zones.or_insert_with(|| Rc::new(flatten(&self.history.world(*region, change)))).clone();
        let line = address.map(|address| self.history.ptr(address));
        let ptr = line.map_or(0, |line| line.version(change));
        if self.known.len() > ANSWERS_KEPT {
            self.known.clear();
        }
        let known = self.known.entry((ask, state, ptr)).or_insert_with(|| {
            let set = line.and_then(|line| line.at(change));
            let (Some(address), Some(set)) = (address, set) else {
                return Rc::new(resolve(&zones, name, *qtype));
            };
            let mut world = self.history.world(*region, change);
            world.ptrs.insert(*address, set.clone());
            Rc::new(resolve(&flatten(&world), name, *qtype))
        });
        (known.clone(), zones)
    }

    /// The changes after `from`, up to and with `to`, that may have altered the answer; serials only where asked for.
    pub(crate) fn changes(&self, ask: u32, from: u64, to: u64, serials: bool) -> Vec<u64> {
        let Ask { region, address, .. } = &self.asks[ask as usize];
        let mut changes: Vec<u64> = self.history.region_changes(*region, from, to).collect();
        if let Some(address) = address {
            changes.extend(self.history.ptr(*address).changes(from, to));
        }
        if serials {
            changes.extend(self.history.serial_changes(*region, from, to));
        }
        changes.sort_unstable();
        changes.dedup();
        changes
    }

    /// The history.
    pub(crate) fn history(&self) -> &'a History {
        self.history
    }
}
