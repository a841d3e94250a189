//! What must follow a commit: zones whose serial was stepped, for whoever announces them, and those announced, for the
//! writer to take out of the store.
//!
//! Both are maps by zone, so neither grows beyond the number of zones, whatever waits on the other side. A crash between an
//! announcement and the row's end announces the zone once more, which does no harm (RFC 1996 §3.11).

use crate::problem::store_trouble;
use crate::writer::Writer;
use ptrd_store::Commit;
use ptrd_wire::Serial;
use ptrd_zone::model::ZoneId;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

type Zones = BTreeMap<ZoneId, Serial>;

/// How long to gather what was announced: each time costs a sync.
const GATHER: Duration = Duration::from_secs(1);
/// How long to leave a store alone that refused.
const AFTER_FAILURE: Duration = Duration::from_secs(10);

/// What the road's handle and the writer share of it.
#[derive(Default)]
pub(crate) struct Outbox {
    stepped: Mutex<Zones>,
    announced: Mutex<Zones>,
    news: Notify,
    audience: Notify,
}

fn lock(zones: &Mutex<Zones>) -> MutexGuard<'_, Zones> {
    zones.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Outbox {
    pub fn push(&self, stepped: Vec<(ZoneId, Serial)>) {
        if !stepped.is_empty() {
            lock(&self.stepped).extend(stepped);
            self.news.notify_one();
        }
    }

    /// Waits until the serials of zones were stepped; each with its newest. For one caller at a time.
    pub async fn stepped(&self) -> Vec<(ZoneId, Serial)> {
        loop {
            let news = self.news.notified();
            let stepped = std::mem::take(&mut *lock(&self.stepped));
            if !stepped.is_empty() {
                return stepped.into_iter().collect();
            }
            news.await;
        }
    }

    /// Waits until others are to be told of changes than before. For one caller at a time.
    pub async fn audience_changed(&self) {
        self.audience.notified().await;
    }

    /// Others are to be told of changes than before, and that can be seen.
    pub fn tell_audience(&self) {
        self.audience.notify_one();
    }

    pub fn announced(&self, zones: impl IntoIterator<Item = (ZoneId, Serial)>) {
        lock(&self.announced).extend(zones);
    }
}

/// The writer's side.
#[derive(Default)]
pub(crate) struct Following {
    /// Durable, and not published yet.
    stepped: Vec<(ZoneId, Serial)>,
    rest_until: Option<Instant>,
}

impl Following {
    pub fn committed(&mut self, commits: &[Commit]) {
        self.stepped.extend(commits.iter().flat_map(|commit| &commit.serials));
    }
}

impl Writer {
    /// Tells of what was committed, now that it can be seen.
    pub fn tell_stepped(&mut self) {
        self.shared.outbox.push(std::mem::take(&mut self.following.stepped));
    }

    /// Takes what was announced out of the store, now and then, or `at_once`.
    pub fn settle(&mut self, at_once: bool) {
        if !at_once && self.following.rest_until.is_some_and(|until| Instant::now() < until) {
            return;
        }
        let announced = std::mem::take(&mut *lock(&self.shared.outbox.announced));
        if announced.is_empty() {
            return;
        }
        let rows: Vec<(ZoneId, Serial)> = announced.iter().map(|(zone, serial)| (*zone, *serial)).collect();
        let rest = match self.store.outbox_done(&rows) {
            Ok(()) => GATHER,
            Err(error) => {
                tracing::warn!(
                    error = %store_trouble(&error), zones = rows.len(),
                    "zones that were announced could not be taken out of the outbox; it will be tried again"
                );
                let mut now = lock(&self.shared.outbox.announced);
                announced.into_iter().for_each(|(zone, serial)| {
                    now.entry(zone).or_insert(serial);
                });
                AFTER_FAILURE
            }
        };
        self.following.rest_until = Some(Instant::now() + rest);
    }
}
