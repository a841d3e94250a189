//! Does what catalogs say that are followed (RFC 9432 §5): the writer looks after each change whether another version of one
//! is here, and makes what follows from it as a change of its own.
//!
//! What a catalog lists is kept up to date from one version to the next, so a version costs what changed in it. Nothing of
//! this is stored: after a start each catalog is gone through once, which changes nothing where nothing is to be changed. A
//! version that is broken is passed over (§5.1), and what it touched is looked at with the next one that is not. On a standby
//! nothing happens here; its primary's log has what came of it.
//!
//! Members that could not be taken are tried again when zones have come or gone, and with each version.

use crate::authorise::Caller;
use crate::fleet::ConsumeOrder;
use crate::plan::State;
use crate::request::Request;
use crate::writer::Writer;
use ptrd_api::{ChangeDone, Problem, REPORT_LEFT_OUT, code};
use ptrd_wire::{Name, Serial};
use ptrd_zone::catalog::Received;
use ptrd_zone::model::ZoneId;
use ptrd_zone::{Snapshot, View, Zone, diff};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// How many zones a catalog may list.
const MOST: usize = 200_000;

/// How it went with a catalog that is followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consumption {
    /// The version that was acted on last.
    pub serial: Option<Serial>,
    /// Why nothing is made of the version that is here.
    pub problem: Option<String>,
    /// The zones that are not taken, or not let go, and why.
    pub refused: Arc<BTreeMap<Name, String>>,
}

/// The same of all catalogs that are followed, by number.
pub type Consumptions = BTreeMap<ZoneId, Consumption>;

/// What the writer tells others of it.
#[derive(Default)]
pub(crate) struct Shown(Mutex<Arc<Consumptions>>);

impl Shown {
    pub fn get(&self) -> Arc<Consumptions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, consumptions: Consumptions) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(consumptions);
    }
}

/// Which zones are to be looked at.
enum Pending {
    /// All that the catalog lists or has brought.
    All,
    These(BTreeSet<Name>),
}

impl Pending {
    fn add(&mut self, zones: impl IntoIterator<Item = Name>) {
        if let Pending::These(pending) = self {
            pending.extend(zones);
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Pending::These(pending) if pending.is_empty())
    }
}

/// What a catalog says, as of the version that was looked at last.
struct Listing {
    version: Arc<Zone>,
    received: Received,
    pending: Pending,
    how: Consumption,
    is_broken: bool,
}

impl Listing {
    fn of(version: &Arc<Zone>, snapshot: &Snapshot) -> Listing {
        let (soa, ttl) = (version.soa().clone(), version.soa_ttl());
        let nothing = Zone::new(version.id(), version.apex().clone(), View::Verbatim, soa, ttl);
        let mut listing = Listing {
            received: Received::empty(version.apex()),
            version: Arc::new(nothing),
            pending: Pending::All,
            how: Consumption::default(),
            is_broken: false,
        };
        listing.look(version, snapshot);
        listing
    }

    /// Takes account of another version.
    fn look(&mut self, version: &Arc<Zone>, snapshot: &Snapshot) {
        if Arc::ptr_eq(&self.version, version) {
            return;
        }
        let addresses = snapshot.addresses();
        match diff((&self.version, addresses), (version, addresses), usize::MAX) {
            Ok(difference) => self.pending.add(self.received.update(&difference)),
            // There is no limit.
            Err(_) => return,
        }
        let steps = self.version.soa().serial != version.soa().serial;
        self.version = version.clone();
        if steps {
            self.again();
        }
        let (serial, broken) = (version.soa().serial, self.received.check(MOST).err());
        self.is_broken = broken.is_some();
        let problem = broken.map(|broken| {
            format!("the version with serial {serial} is broken: {broken}; all stays as it was")
        });
        if let Some(problem) = problem.as_ref().filter(|_| self.how.problem != problem) {
            tracing::warn!(catalog = %version.apex(), "{problem}");
        }
        if problem.is_none() && self.pending.is_empty() {
            self.how.serial = Some(serial);
        }
        self.how.problem = problem;
    }

    /// Tries again what was refused.
    fn again(&mut self) {
        self.pending.add(self.how.refused.keys().cloned());
    }

    fn order(&self, id: ZoneId, state: &State) -> ConsumeOrder {
        let zones = match &self.pending {
            Pending::These(zones) => zones.clone(),
            Pending::All => {
                let here = state.declared.zones_from(id).filter_map(|id| state.declared.zone_by_id(id));
                self.received.zones().cloned().chain(here.map(|meta| meta.apex.clone())).collect()
            }
        };
        ConsumeOrder { catalog: id, zones, received: self.received.clone(), others: BTreeMap::new() }
    }

    /// What came of these zones.
    fn done(&mut self, zones: &BTreeSet<Name>, done: &ChangeDone) {
        let mut refused = BTreeMap::clone(&self.how.refused);
        refused.retain(|zone, _| !zones.contains(zone));
        for line in done.report.iter().filter(|line| line.what == REPORT_LEFT_OUT) {
            let Ok(zone) = line.subject.parse::<Name>() else { continue };
            if self.how.refused.get(&zone) != Some(&line.detail) {
                tracing::warn!(catalog = %self.version.apex(), %zone, why = line.detail, "a zone of the catalog is left as it is");
            }
            refused.insert(zone, line.detail.clone());
        }
        for warning in &done.warnings {
            tracing::warn!(catalog = %self.version.apex(), "{warning}");
        }
        self.pending = Pending::These(BTreeSet::new());
        let serial = Some(self.version.soa().serial);
        self.how = Consumption { serial, problem: None, refused: Arc::new(refused) };
    }
}

/// The writer's account of all of them.
#[derive(Default)]
pub(crate) struct Consumer {
    listings: BTreeMap<ZoneId, Listing>,
    /// How many zones there were, and the highest number, when what was refused was tried last.
    zones: (usize, u32),
    /// The state in which one could not be acted on: no use trying again before something has changed.
    stuck: Option<(ZoneId, u64)>,
}

impl Consumer {
    /// Looks for other versions.
    fn look(&mut self, state: &State) {
        let State { declared, snapshot, .. } = state;
        self.listings.retain(|id, _| declared.consumed(*id).is_some());
        for (id, _) in declared.all_consumed() {
            let zone = declared.zone_by_id(id).and_then(|meta| snapshot.zone(&meta.apex));
            // Nothing follows from one that has expired, or was never pulled.
            let Some(zone) = zone.filter(|zone| zone.outage().is_none()) else { continue };
            match self.listings.get_mut(&id) {
                Some(listing) => listing.look(zone, snapshot),
                None => drop(self.listings.insert(id, Listing::of(zone, snapshot))),
            }
        }
        let zones = (declared.zone_count(), state.numbers.zone);
        if zones != self.zones {
            self.listings.values_mut().for_each(Listing::again);
            self.zones = zones;
        }
    }

    /// The next catalog that something is to be done for.
    fn next(&self, state: &State) -> Option<ConsumeOrder> {
        let is_current = |id: ZoneId| {
            let zone = state.declared.zone_by_id(id).and_then(|meta| state.snapshot.zone(&meta.apex));
            zone.is_some_and(|zone| zone.outage().is_none())
        };
        let due = |(id, listing): &(&ZoneId, &Listing)| {
            !listing.is_broken
                && !listing.pending.is_empty()
                && self.stuck != Some((**id, state.numbers.change))
                && is_current(**id)
        };
        let (id, listing) = self.listings.iter().find(due)?;
        let mut order = listing.order(*id, state);
        let others = self.listings.iter().filter(|(other, listing)| *other != id && !listing.is_broken);
        order.others = others.map(|(id, listing)| (*id, listing.received.clone())).collect();
        Some(order)
    }

    fn shown(&self) -> Consumptions {
        self.listings.iter().map(|(id, listing)| (*id, listing.how.clone())).collect()
    }
}

impl Writer {
    /// Does what catalogs say that are followed, as far as another version of one is here.
    pub fn consume_due(&mut self) {
        if !self.shared.posted.is_primary() {
            if !self.consumer.listings.is_empty() {
                self.consumer = Consumer::default();
                self.shared.consumptions.put(Consumptions::new());
            }
            return;
        }
        loop {
            self.consumer.look(&self.state);
            let Some(order) = self.consumer.next(&self.state) else { break };
            let (id, zones, change) = (order.catalog, order.zones.clone(), self.state.numbers.change);
            let caller = Caller::operator("ptrd", "catalog", None);
            let answer = self.make(caller, Request::of_catalog(order));
            // What it has changed itself is no reason to try again.
            self.consumer.zones = (self.state.declared.zone_count(), self.state.numbers.zone);
            let Some(listing) = self.consumer.listings.get_mut(&id) else { continue };
            match answer {
                Ok(done) => {
                    if done.change.is_some() {
                        tracing::info!(change = done.change, "{}", done.summary);
                    }
                    listing.done(&zones, &done);
                }
                Err(problem) => {
                    listing.how.problem = Some(told(&problem));
                    // The store's trouble is told elsewhere, and passes.
                    if matches!(&*problem.code, code::STORE | code::BUSY) {
                        break;
                    }
                    tracing::error!(catalog = %listing.version.apex(), %problem, "what a catalog says could not be done");
                    self.consumer.stuck = Some((id, change));
                }
            }
        }
        let shown = self.consumer.shown();
        if *self.shared.consumptions.get() != shown {
            self.shared.consumptions.put(shown);
        }
    }
}

fn told(problem: &Problem) -> String {
    let hint = problem.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("{}{hint}", problem.message)
}
