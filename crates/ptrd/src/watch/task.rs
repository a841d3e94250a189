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

/// Watches while changes are made here: a standby's primary watches, and one that was superseded does not any more.
async fn run(watch: Watch, close: CancellationToken) {
    let road = watch.0.road.clone();
    while close.run_until_cancelled(road.primary()).await.is_some() {
        // Apart, so that a fault ends it alone. Dropping it ends it, and its looks.
        let mut work = JoinSet::new();
        work.spawn(watch_on(watch.clone()));
        tokio::select! {
            () = close.cancelled() => return,
            () = road.not_primary() => watch.0.is_loaded.store(false, Ordering::Relaxed),
            Some(Err(error)) = work.join_next() => {
                tracing::error!(%error, "watching met a fault of ptrd; it begins again");
                close.run_until_cancelled(tokio::time::sleep(AGAIN)).await;
            }
        }
        work.shutdown().await;
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
        agenda: Agenda::default(),
        subjects: BTreeMap::new(),
        is_told: false,
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

struct Worker {
    watch: Watch,
    agenda: Agenda<Watched>,
    /// What is watched.
    subjects: BTreeMap<Watched, Known>,
    /// It was said that there is too much to watch.
    is_told: bool,
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
                        let next = self.watch.next(&key).max(now() + rest);
                        self.agenda.done(key, next);
                    }
                }
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// Sees what there is to watch, if something was changed.
    async fn sweep(&mut self) {
        let view = self.watch.0.road.view();
        let is_swept = |(version, at): (u64, Instant)| version == view.version || at.elapsed() < SWEEP;
        if self.swept.is_some_and(is_swept) {
            return;
        }
        let version = view.version;
        let settings = self.watch.0.settings.clone();
        let Ok(there) = tokio::task::spawn_blocking(move || there(&view, &settings)).await else { return };
        self.swept = Some((version, Instant::now()));
        if there.len() >= MOST && !self.is_told {
            self.is_told = true;
            tracing::warn!(
                "at most {MOST} sending addresses and {MOST} zones are watched, the first of each"
            );
        }
        let before = std::mem::take(&mut self.subjects);
        for (key, known) in there {
            match before.get(&key) {
                None => self.agenda.put(key.clone(), self.watch.next(&key)),
                Some(old) if old.owner != known.owner => {
                    self.watch.begin_anew(key.clone());
                    self.agenda.sooner(key.clone(), now());
                }
                Some(old) if old.digest != known.digest => {
                    self.agenda.sooner(key.clone(), self.watch.soon(&key));
                }
                Some(_) => {}
            }
            self.subjects.insert(key, known);
        }
        let is_wanted = |watched: &Watched| self.subjects.contains_key(watched);
        self.agenda.retain(is_wanted);
        let courses = self.watch.0.road.courses();
        let gone: Vec<Watched> = courses.keys().filter(|watched| !is_wanted(watched)).cloned().collect();
        self.watch.forget(gone);
    }

    /// Begins with as many looks as there are seats for.
    fn begin(&mut self) {
        for watched in std::mem::take(&mut *locked(&self.watch.0.asked)) {
            if self.agenda.has(&watched) {
                let next = self.watch.next(&watched);
                self.agenda.put(watched, next);
            }
        }
        while self.looks.len() < self.watch.0.settings.at_a_time
            && let Some(key) = self.agenda.take(now())
        {
            let subject = self.subjects.get(&key).and_then(|known| known.subject.clone());
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
