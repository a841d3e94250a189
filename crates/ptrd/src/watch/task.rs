//! The task that watches: it knows what there is to watch, and whose turn it is.

use super::{MOST, Watch, locked, millis};
use crate::checks::now;
use crate::config;
use ptrd_change::View;
use ptrd_posture::identity::Subject;
use ptrd_posture::watch::Agenda;
use ptrd_store::Watched;
use ptrd_zone::model::TenantId;
use std::collections::{BTreeMap, HashMap};
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::task::{Id, JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

/// How often to look whose turn it is.
const TICK: Duration = Duration::from_millis(500);
/// At least so long between two looks at what there is to watch.
const SWEEP: Duration = Duration::from_secs(2);
/// Between two tries to read the store.
const AGAIN: Duration = Duration::from_secs(5);

/// The running task.
pub struct Watcher {
    close: CancellationToken,
    task: Option<JoinHandle<()>>,
}

impl Watcher {
    /// Starts it, if there is anything to watch.
    pub fn start(watch: Watch) -> Watcher {
        let close = CancellationToken::new();
        let is_on = watch.0.settings.identity || watch.0.settings.delegation;
        let task = is_on.then(|| tokio::spawn(run(watch, close.clone())));
        Watcher { close, task }
    }

    /// Stops it. What was being looked at is looked at after the next start.
    pub async fn stop(self) {
        self.close.cancel();
        if let Some(task) = self.task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "watching met a fault of ptrd");
        }
    }
}

/// One moment by two clocks, milliseconds: by the one on the wall, which may be set, and by one that only goes on. By the second
/// the agenda goes, so that a clock that is set back puts nothing off.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    pub wall: i64,
    pub steady: i64,
}

impl Moment {
    /// What the clock that only goes on will say when the other says this, if nobody sets it.
    pub fn when(self, wall: i64) -> i64 {
        self.steady.saturating_add(wall.saturating_sub(self.wall))
    }
}

/// Watches while changes are made here: a standby's primary watches, and one that was superseded does not any more.
async fn run(watch: Watch, close: CancellationToken) {
    let road = watch.0.road.clone();
    while close.run_until_cancelled(road.primary()).await.is_some() {
        let ends = async {
            tokio::select! {
                () = close.cancelled() => {}
                () = road.not_primary() => {}
            }
        };
        work_until(ends, || watch_on(watch.clone())).await;
        // Last, so that no work that was ended says otherwise.
        watch.0.is_loaded.store(false, Ordering::Relaxed);
    }
}

/// Has work done until something ends it. Apart, so that a fault ends it alone, and it begins again; dropping it ends it too.
pub(super) async fn work_until<W>(ends: impl Future<Output = ()>, begin: impl Fn() -> W)
where
    W: Future<Output = ()> + Send + 'static,
{
    let mut ends = pin!(ends);
    loop {
        let mut work = JoinSet::new();
        work.spawn(begin());
        tokio::select! {
            () = &mut ends => return work.shutdown().await,
            Some(done) = work.join_next() => {
                let Err(error) = done else { return };
                tracing::error!(%error, "watching met a fault of ptrd; it begins again");
            }
        }
        tokio::select! {
            () = &mut ends => return,
            () = tokio::time::sleep(AGAIN) => {}
        }
    }
}

async fn watch_on(watch: Watch) {
    if !watch.0.is_loaded.load(Ordering::Relaxed) {
        while let Err(problem) = watch.0.road.load_courses().await {
            tracing::warn!(%problem, "how it stood could not be read yet");
            tokio::time::sleep(AGAIN).await;
        }
        watch.gather_untold();
        watch.0.is_loaded.store(true, Ordering::Relaxed);
    }
    let mut worker = Worker {
        watch,
        began: Instant::now(),
        list: List::default(),
        swept: None,
        looks: JoinSet::new(),
        keys: HashMap::new(),
    };
    worker.work().await;
}

/// What is known here of something that is watched.
struct Known {
    /// Of an address, who it is to be.
    subject: Option<Subject>,
    /// Another one is a reason to look.
    digest: u64,
    owner: Option<TenantId>,
}

/// What is watched, and when.
#[derive(Default)]
struct List {
    /// By the clock that only goes on: see [`Moment`].
    agenda: Agenda<Watched>,
    subjects: BTreeMap<Watched, Known>,
    /// It was said that there is too much to watch.
    is_told: bool,
}

impl List {
    /// Brought up to date with what there is to watch.
    fn swept(mut self, watch: &Watch, view: &View, moment: Moment) -> List {
        let there = there(view, &watch.0.settings);
        if there.len() >= MOST && !self.is_told {
            self.is_told = true;
            tracing::warn!(
                "at most {MOST} sending addresses and {MOST} zones are watched, the first of each"
            );
        }
        let before = std::mem::take(&mut self.subjects);
        for (key, known) in there {
            match before.get(&key) {
                // Also while another server was the primary.
                old if watch.is_anothers(&key, known.owner)
                    || old.is_some_and(|old| old.owner != known.owner) =>
                {
                    watch.begin_anew(key.clone(), known.owner);
                    self.agenda.sooner(key.clone(), moment.steady);
                }
                None => self.agenda.put(key.clone(), moment.when(watch.next(&key))),
                Some(old) if old.digest != known.digest => {
                    self.agenda.sooner(key.clone(), moment.when(watch.soon(&key)));
                }
                Some(_) => {}
            }
            self.subjects.insert(key, known);
        }
        let is_wanted = |watched: &Watched| self.subjects.contains_key(watched);
        self.agenda.retain(is_wanted);
        let courses = watch.0.road.courses();
        let gone: Vec<Watched> = courses.keys().filter(|watched| !is_wanted(watched)).cloned().collect();
        watch.forget(gone);
        self
    }
}

struct Worker {
    watch: Watch,
    began: Instant,
    list: List,
    /// The newest change when it was looked what there is, and when that was.
    swept: Option<(u64, Instant)>,
    looks: JoinSet<()>,
    keys: HashMap<Id, Watched>,
}

impl Worker {
    async fn work(&mut self) {
        loop {
            self.sweep().await;
            self.begin();
            tokio::select! {
                Some(done) = self.looks.join_next_with_id() => {
                    let (id, rest) = match done {
                        Ok((id, ())) => (id, 1),
                        Err(error) => {
                            tracing::error!(%error, "a look met a fault of ptrd");
                            (error.id(), millis(self.watch.0.settings.confirm))
                        }
                    };
                    if let Some(key) = self.keys.remove(&id) {
                        let moment = self.moment();
                        let next = moment.when(self.watch.next(&key)).max(moment.steady + rest);
                        self.list.agenda.done(key, next);
                    }
                }
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    fn moment(&self) -> Moment {
        Moment { wall: now(), steady: millis(self.began.elapsed()) }
    }

    /// Sees what there is to watch, if something was changed.
    async fn sweep(&mut self) {
        let view = self.watch.0.road.view();
        let is_swept = |(version, at): (u64, Instant)| version == view.version || at.elapsed() < SWEEP;
        if self.swept.is_some_and(is_swept) {
            return;
        }
        let version = view.version;
        let (watch, moment) = (self.watch.clone(), self.moment());
        let list = std::mem::take(&mut self.list);
        // It may take long: there may be many.
        let swept = tokio::task::spawn_blocking(move || list.swept(&watch, &view, moment));
        self.list = match swept.await {
            Ok(list) => list,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The daemon ends.
                Err(_) => return,
            },
        };
        self.swept = Some((version, Instant::now()));
    }

    /// Begins with as many looks as there are seats for.
    fn begin(&mut self) {
        let moment = self.moment();
        for watched in std::mem::take(&mut *locked(&self.watch.0.asked)) {
            if self.list.agenda.has(&watched) {
                let next = moment.when(self.watch.next(&watched));
                self.list.agenda.put(watched, next);
            }
        }
        while self.looks.len() < self.watch.0.settings.at_a_time
            && let Some(key) = self.list.agenda.take(moment.steady)
        {
            let subject = self.list.subjects.get(&key).and_then(|known| known.subject.clone());
            let (watch, watched) = (self.watch.clone(), key.clone());
            let task = self.looks.spawn(async move {
                match (watched, subject) {
                    (Watched::Zone(apex), _) => watch.look_at_zone(apex).await,
                    (Watched::Address(_), Some(subject)) => watch.look_at(subject).await,
                    (Watched::Address(_), None) => {}
                }
            });
            self.keys.insert(task.id(), key);
        }
    }
}

/// What there is to watch.
fn there(view: &View, settings: &config::Watch) -> Vec<(Watched, Known)> {
    let known = |watched: Watched, subject, digest| {
        let owner = view.owner_of(&watched);
        (watched, Known { subject, digest, owner })
    };
    let mut all = Vec::new();
    if settings.identity {
        let subjects = view.identities(MOST).into_iter();
        all.extend(subjects.map(|(it, digest)| known(Watched::Address(it.address), Some(it), digest)));
    }
    if settings.delegation {
        let zones = view.delegations(!settings.roots.is_empty(), MOST).into_iter();
        all.extend(zones.map(|(apex, digest)| known(Watched::Zone(apex), None, digest)));
    }
    all
}
