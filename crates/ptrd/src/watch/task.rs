//! The task that watches: it knows what there is to watch, and whose turn it is.

use super::{MOST, Watch, locked};
use crate::checks::now;
use ptrd_posture::identity::Subject;
use ptrd_posture::watch::Agenda;
use ptrd_store::Watched;
use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
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
        let task = watch.0.settings.identity.then(|| tokio::spawn(run(watch, close.clone())));
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

async fn run(watch: Watch, close: CancellationToken) {
    let road = watch.0.road.clone();
    // A standby's primary watches.
    if close.run_until_cancelled(road.primary()).await.is_none() {
        return;
    }
    while let Err(problem) = road.load_courses().await {
        tracing::warn!(%problem, "how it stood could not be read yet");
        if close.run_until_cancelled(tokio::time::sleep(AGAIN)).await.is_none() {
            return;
        }
    }
    watch.gather_untold();
    let mut worker = Worker {
        watch,
        agenda: Agenda::default(),
        subjects: BTreeMap::new(),
        swept: None,
        looks: JoinSet::new(),
        keys: HashMap::new(),
    };
    // Dropping the looks ends them.
    close.run_until_cancelled(worker.work()).await;
}

struct Worker {
    watch: Watch,
    agenda: Agenda<Watched>,
    /// The addresses, each with a digest of what is known of it here.
    subjects: BTreeMap<IpAddr, (Subject, u64)>,
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
                    let id = match done {
                        Ok((id, ())) => id,
                        Err(error) => {
                            tracing::error!(%error, "a look met a fault of ptrd");
                            error.id()
                        }
                    };
                    if let Some(key) = self.keys.remove(&id) {
                        let next = self.watch.next(&key).max(now() + 1);
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
        let counted = view.declared.sending_count();
        let Ok(identities) = tokio::task::spawn_blocking(move || view.identities(MOST)).await else { return };
        if counted > MOST && self.subjects.len() < MOST {
            tracing::warn!(
                addresses = counted,
                "more addresses send mail than are watched: the first {MOST} are"
            );
        }
        self.swept = Some((version, Instant::now()));
        let before = std::mem::take(&mut self.subjects);
        for (subject, digest) in identities {
            let address = subject.address;
            let key = Watched::Address(address);
            match before.get(&address) {
                None => self.agenda.put(key.clone(), self.watch.next(&key)),
                Some((_, old)) if *old != digest => self.agenda.sooner(key, now()),
                Some(_) => {}
            }
            self.subjects.insert(address, (subject, digest));
        }
        let is_wanted = |watched: &Watched| match watched {
            Watched::Address(address) => self.subjects.contains_key(address),
            Watched::Zone(_) => false,
        };
        self.agenda.retain(is_wanted);
        let courses = self.watch.0.road.courses();
        let gone: Vec<Watched> = courses.keys().filter(|watched| !is_wanted(watched)).cloned().collect();
        self.watch.0.road.forget_courses(gone);
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
            let subject = match &key {
                Watched::Address(address) => self.subjects.get(address).map(|(subject, _)| subject.clone()),
                Watched::Zone(_) => None,
            };
            let Some(subject) = subject else { continue };
            let watch = self.watch.clone();
            let task = self.looks.spawn(async move { watch.look_at(subject).await });
            self.keys.insert(task.id(), key);
        }
    }
}
