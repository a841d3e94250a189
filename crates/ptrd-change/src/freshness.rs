//! How fresh zones are that are pulled from others: told by whoever asks the primaries, shown to queries, and kept by the
//! store, without a line of the log.
//!
//! A map by zone, as the outbox is: it does not grow beyond the number of zones. Queries see within a second that a zone
//! has expired; the store is told many at a time, and what a crash takes along makes zones expire a little early.

use crate::plan::State;
use crate::problem::store_trouble;
use crate::writer::Writer;
use ptrd_store::StoreError;
use ptrd_zone::model::ZoneId;
use ptrd_zone::{Outage, Zone};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long to gather for the store: each time costs a sync.
const GATHER: Duration = Duration::from_secs(10);

/// How it stands with a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fresh {
    /// When a primary last said which version is the newest, milliseconds since 1970 UTC; `None` leaves that as it was.
    pub checked: Option<i64>,
    /// It has expired.
    pub expired: bool,
}

/// What the road's handle and the writer share of it.
#[derive(Default)]
pub(crate) struct Told(Mutex<BTreeMap<ZoneId, Fresh>>);

impl Told {
    pub fn put(&self, zones: impl IntoIterator<Item = (ZoneId, Fresh)>) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (zone, fresh) in zones {
            let checked = fresh.checked.or_else(|| told.get(&zone).and_then(|before| before.checked));
            told.insert(zone, Fresh { checked, ..fresh });
        }
    }

    fn take(&self) -> BTreeMap<ZoneId, Fresh> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The writer's side: what the store does not know yet.
#[derive(Default)]
pub(crate) struct Unsaved {
    zones: BTreeMap<ZoneId, i64>,
    rest_until: Option<Instant>,
}

impl Writer {
    /// Shows what was told to queries, and now and then, or `at_once`, to the store.
    pub fn settle_freshness(&mut self, at_once: bool) {
        let told = self.shared.freshness.take();
        if !self.shared.posted.is_primary() {
            // A standby's store is as its primary made it, and what was asked for before is of no use any more.
            self.unsaved = Unsaved::default();
            return;
        }
        if !told.is_empty() {
            self.show_freshness(&told);
        }
        let checked = told.into_iter().filter_map(|(zone, fresh)| Some((zone, fresh.checked?)));
        self.unsaved.zones.extend(checked);
        let is_early = self.unsaved.rest_until.is_some_and(|until| Instant::now() < until);
        if self.unsaved.zones.is_empty() || (is_early && !at_once) {
            return;
        }
        let zones: Vec<(ZoneId, i64)> = self.unsaved.zones.iter().map(|(zone, at)| (*zone, *at)).collect();
        match self.store.put_freshness(&zones) {
            Ok(()) => self.unsaved.zones.clear(),
            Err(error) => tracing::warn!(
                error = %store_trouble(&error), zones = zones.len(),
                "how fresh zones are could not be written; it will be tried again"
            ),
        }
        self.unsaved.rest_until = Some(Instant::now() + GATHER);
    }

    /// Counts all zones that were ever pulled as fresh, in the store too: how fresh they were is what the primary knew, and it
    /// told no change of the log. To be followed by asking.
    pub fn begin_freshness(&mut self) -> Result<(), StoreError> {
        let now = self.shared.now();
        let State { declared, snapshot, .. } = &self.state;
        let pulled = snapshot.follows().iter().filter_map(|(id, _)| {
            let zone = declared.zone_by_id(id).and_then(|meta| snapshot.zone(&meta.apex))?;
            (zone.outage() != Some(Outage::Awaited)).then_some((id, now))
        });
        let pulled: Vec<(ZoneId, i64)> = pulled.collect();
        let fresh = |(id, at): &(ZoneId, i64)| (*id, Fresh { checked: Some(*at), expired: false });
        self.show_freshness(&pulled.iter().map(fresh).collect());
        if pulled.is_empty() { Ok(()) } else { self.store.put_freshness(&pulled) }
    }

    /// A zone that was never pulled stays one, whatever is told: only what is pulled makes it another.
    fn show_freshness(&mut self, told: &BTreeMap<ZoneId, Fresh>) {
        let mut has_changed = false;
        for (id, fresh) in told {
            let outage = fresh.expired.then_some(Outage::Expired);
            let state = &mut self.state;
            let meta = state.declared.zone_by_id(*id).filter(|_| state.snapshot.follows().of(*id).is_some());
            let Some(zone) = meta.and_then(|meta| state.snapshot.zone(&meta.apex)) else { continue };
            if zone.outage() != outage && zone.outage() != Some(Outage::Awaited) {
                let mut zone = Zone::clone(zone);
                zone.set_outage(outage);
                state.snapshot.put_zone(zone);
                has_changed = true;
            }
        }
        if has_changed {
            self.retired.push(self.shared.published.put(&self.state));
        }
    }
}
