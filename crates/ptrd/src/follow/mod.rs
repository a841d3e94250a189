//! Follows zones: pulls them from primaries elsewhere. The sockets, the clock and the log around [`ptrd_xfr::follow`].
//!
//! One task on the control side's runtime says who is asked when; each question, with the transfer that may come of it, is a
//! task of its own, as many as the schedule lets be. What was pulled goes onto the road of changes; how fresh zones are is told
//! to the road without a change. NOTIFY is noted in a map by zone, under a lock that nobody holds for longer than a look.

mod ask;
mod attempt;
mod clock;
mod forward;
mod once;
mod pool;
mod report;

use crate::config::Follow;
pub use ask::{Asker, Failure};
use attempt::{Attempt, Context};
use clock::Clock;
pub use forward::Forwarder;
use once::Once;
use ptrd_change::{Fresh, Post, Road, View};
use ptrd_wire::Serial;
use ptrd_xfr::follow::{Counts, Held, Notices, Outcome, Schedule, Status};
use ptrd_zone::model::ZoneId;
use ptrd_zone::{Follows, Outage};
use report::Report;
use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::{JoinError, JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

/// How soon what the store has of freshness is read again when it could not be.
const READ_AGAIN: Duration = Duration::from_secs(10);
/// How often to look whether zones came, went, or have other primaries now, when nobody says so.
const LOOK: Duration = Duration::from_secs(1);

/// What others see of it, and tell it. A clone is the same one.
#[derive(Clone, Default)]
pub struct Following(Arc<Shared>);

#[derive(Default)]
struct Shared {
    schedule: Mutex<Schedule>,
    /// What NOTIFY said since it was looked at last: by zone, so it does not grow.
    noted: Mutex<HashMap<ZoneId, (IpAddr, Option<Serial>)>>,
    news: Notify,
    clock: Clock,
    enabled: bool,
    once: Once,
}

impl Following {
    /// What was counted since the start.
    pub fn counts(&self) -> Counts {
        self.schedule().counts()
    }

    /// How it stands with a zone; `None` for one that is not followed.
    pub fn status(&self, zone: ZoneId) -> Option<Status> {
        self.schedule().status(zone)
    }

    /// Asks for a zone now, `whole` whatever its serial. Whether that is done.
    pub fn refresh(&self, zone: ZoneId, whole: bool) -> bool {
        let is_there = self.0.enabled && self.schedule().refresh_now(self.0.clock.now(), zone, whole);
        self.poke();
        is_there
    }

    /// What does single transfers and questions.
    pub fn once(&self) -> &Once {
        &self.0.once
    }

    /// What passes updates on: of zones that are followed, and where this server is a standby on this road, of all to these
    /// addresses. `None` where neither is done. Called within the runtime that is to run it.
    pub fn forwarder(&self, standby: Option<(Arc<Road>, &[SocketAddr])>) -> Option<Forwarder> {
        let forwarder = || Forwarder::new(self.0.once.asker());
        match standby {
            Some((road, addresses)) => Some(forwarder().standing_by(road, addresses)),
            None => self.0.enabled.then(forwarder),
        }
    }

    /// Something may have changed about what is followed.
    pub fn poke(&self) {
        self.0.news.notify_one();
    }

    fn schedule(&self) -> MutexGuard<'_, Schedule> {
        self.0.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn noted(&self) -> MutexGuard<'_, HashMap<ZoneId, (IpAddr, Option<Serial>)>> {
        self.0.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notices for Following {
    fn notified(&self, zone: ZoneId, from: IpAddr, serial: Option<Serial>) {
        self.noted().insert(zone, (from, serial));
        self.poke();
    }
}

/// The running task.
pub struct Follower {
    close: CancellationToken,
    task: JoinHandle<()>,
}

impl Follower {
    /// What a server has that follows, before anything runs.
    pub fn prepare(settings: &Follow) -> Following {
        let schedule = Mutex::new(Schedule::new(settings.schedule));
        let (enabled, once) = (settings.enabled, Once::new(settings));
        Following(Arc::new(Shared { schedule, enabled, once, ..Shared::default() }))
    }

    /// Starts it.
    pub fn start(road: Arc<Road>, settings: &Follow, following: Following) -> Follower {
        let close = CancellationToken::new();
        let context = Arc::new(Context::new(road.clone(), following.0.once.asker(), settings));
        let worker = Worker {
            road,
            following,
            context,
            known: None,
            followed: HashSet::new(),
            checked: HashMap::new(),
            attempts: JoinSet::new(),
            running: HashMap::new(),
            report: Report::default(),
        };
        let task = tokio::spawn(worker.run(close.clone()));
        Follower { close, task }
    }

    /// Stops it; transfers that are under way change nothing.
    pub async fn stop(self) {
        self.close.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "following zones met a fault of ptrd");
        }
    }
}

struct Worker {
    road: Arc<Road>,
    following: Following,
    context: Arc<Context>,
    /// What the schedule was told of last.
    known: Option<Follows>,
    followed: HashSet<ZoneId>,
    /// What the store had at the start, of zones that are not in the schedule yet.
    checked: HashMap<ZoneId, i64>,
    attempts: JoinSet<(ZoneId, u64, Outcome)>,
    running: HashMap<tokio::task::Id, (ZoneId, u64)>,
    report: Report,
}

impl Worker {
    /// Works while changes are made here. A standby has what its primary pulled from the log; when it is promoted, it asks.
    async fn run(mut self, close: CancellationToken) {
        let road = self.road.clone();
        while !close.is_cancelled() {
            let is_promoted = road.post() != Post::Primary;
            if close.run_until_cancelled(road.primary()).await.is_some() {
                tokio::select! {
                    () = close.cancelled() => {}
                    () = road.not_primary() => {}
                    () = self.work(is_promoted) => {}
                }
            }
            self.end().await;
        }
    }

    async fn work(&mut self, is_promoted: bool) {
        let road = self.road.clone();
        loop {
            match road.freshness().await {
                Ok(rows) => {
                    self.checked = rows.into_iter().collect();
                    break;
                }
                Err(problem) => {
                    tracing::warn!(%problem, "how fresh zones are could not be read; it will be tried again");
                }
            }
            tokio::time::sleep(READ_AGAIN).await;
        }
        let following = self.following.clone();
        self.look();
        if is_promoted {
            self.following.noted().clear();
            let now = self.now();
            let mut schedule = self.following.schedule();
            // The primary may have pulled what the log here has not.
            for zone in &self.followed {
                schedule.refresh_now(now, *zone, false);
            }
        }
        loop {
            self.look();
            self.act();
            let sleep = self.following.schedule().wake().map_or(LOOK, |at| {
                let millis = at.saturating_sub(following.0.clock.now()).max(0);
                Duration::from_millis(millis.unsigned_abs()).min(LOOK)
            });
            tokio::select! {
                () = following.0.news.notified() => {}
                Some(ended) = self.attempts.join_next_with_id() => self.ended(ended),
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }

    /// Asks nobody any more: what is under way changes nothing.
    async fn end(&mut self) {
        self.attempts.shutdown().await;
        self.running.clear();
        let mut schedule = self.following.schedule();
        self.followed.drain().for_each(|zone| schedule.forget(zone));
        self.known = None;
    }

    fn now(&self) -> i64 {
        self.following.0.clock.now()
    }

    /// Tells the schedule what is followed.
    fn look(&mut self) {
        let (view, now) = (self.road.view(), self.now());
        let follows = view.snapshot.follows();
        if self.known.as_ref().is_some_and(|known| known.is_same(follows)) {
            return;
        }
        let before = self.known.take().unwrap_or_default();
        let mut started = Vec::new();
        let mut schedule = self.following.schedule();
        for (zone, followed) in follows.changed(&before) {
            let Some(followed) = followed else {
                self.followed.remove(&zone);
                schedule.forget(zone);
                continue;
            };
            let held = held(&view, zone);
            let checked = self.checked.remove(&zone).or_else(|| held.map(|_| now));
            if self.followed.insert(zone) && held.is_some() {
                // What was here before counts as fresh from now on, where nobody knows better.
                started.extend(checked.map(|at| (zone, Fresh { checked: Some(at), expired: false })));
            }
            schedule.put(now, zone, followed.primaries.clone(), held, checked);
        }
        let expired = expired(&mut self.report, &view, &mut schedule, now);
        drop(schedule);
        self.road.refreshed(started.into_iter().chain(expired));
        self.known = Some(follows.clone());
    }

    /// Does all that is due.
    fn act(&mut self) {
        let (view, now) = (self.road.view(), self.now());
        let noted = std::mem::take(&mut *self.following.noted());
        let mut schedule = self.following.schedule();
        for (zone, (from, serial)) in noted {
            schedule.notify(now, zone, from, serial);
        }
        self.road.refreshed(expired(&mut self.report, &view, &mut schedule, now));
        while let Some(act) = schedule.next(now) {
            let place = (act.zone, act.epoch);
            let attempt = Attempt::new(self.context.clone(), act);
            let task = self.attempts.spawn(attempt.run());
            self.running.insert(task.id(), place);
        }
    }

    /// An attempt is over.
    fn ended(&mut self, ended: Result<(tokio::task::Id, (ZoneId, u64, Outcome)), JoinError>) {
        let (zone, epoch, outcome) = match ended {
            Ok((id, ended)) => {
                self.running.remove(&id);
                ended
            }
            Err(error) => {
                let Some((zone, epoch)) = self.running.remove(&error.id()) else { return };
                let why = "a fault in ptrd while the zone was pulled".to_owned();
                (zone, epoch, Outcome::Failed { why, silent: false })
            }
        };
        let now = self.now();
        self.report.ended(&self.road.view(), zone, &outcome);
        if let Outcome::Fresh(_) = outcome {
            self.road.refreshed([(zone, Fresh { checked: Some(now), expired: false })]);
        }
        let random = getrandom::u64().unwrap_or_default();
        self.following.schedule().done(now, zone, epoch, outcome, random);
    }
}

/// The zones that have expired by now, as they are told to the road.
fn expired(report: &mut Report, view: &View, schedule: &mut Schedule, now: i64) -> Vec<(ZoneId, Fresh)> {
    let zones = schedule.take_expired(now);
    zones.iter().for_each(|zone| report.expired(view, *zone, schedule.status(*zone)));
    zones.into_iter().map(|zone| (zone, Fresh { checked: None, expired: true })).collect()
}

/// What is here of a zone, if it was ever pulled, or was here before.
fn held(view: &View, zone: ZoneId) -> Option<Held> {
    let meta = view.declared.zone_by_id(zone)?;
    let zone = view.snapshot.zone(&meta.apex)?;
    (zone.outage() != Some(Outage::Awaited)).then(|| Held::of(zone.soa()))
}
