//! Announces changes to secondaries (NOTIFY): the sockets, the clock and the log around [`ptrd_xfr::notify`].
//!
//! One task on the control side's runtime. It takes what the road says was stepped, and after a start what the store still
//! has in its outbox; a zone leaves the outbox when all who are told have answered or were given up. Answers to queries know
//! nothing of it: a dead network leaves zones waiting here and nowhere else.

mod asking;
mod report;
mod resolve;
mod serials;
mod sockets;
mod status;
mod wish;

use crate::config::{Follow, Notify};
use asking::Asking;
use ptrd_change::{Road, View};
use ptrd_tsig::{Awaiting, sign_request};
use ptrd_wire::Serial;
use ptrd_xfr::notify::{Act, Answer, Counts, Notice, Queue, write_notify};
use ptrd_zone::Audience;
use ptrd_zone::model::ZoneId;
use report::Report;
use resolve::Resolvers;
use serials::Serials;
use sockets::Sockets;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use wish::Own;

/// Octets that a TSIG record takes at most.
const TSIG_ROOM: usize = 1024;
/// Zones that are taken in without letting others have the thread.
const AT_ONCE: usize = 256;
/// How soon the outbox is read again when the store could not.
const READ_AGAIN: Duration = Duration::from_secs(10);
/// How often zones that are gone are forgotten.
const SWEEP: Duration = Duration::from_secs(60);
/// The longest sleep, so that clocks that jump do no harm.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

/// What others see of it. A clone shows the same.
#[derive(Clone, Default)]
pub struct Announcements {
    queue: Arc<Mutex<Queue>>,
    serials: Serials,
}

impl Announcements {
    /// Without anything, and with nobody who would announce.
    pub fn none() -> Announcements {
        Announcements::default()
    }

    /// What was counted since the start.
    pub fn counts(&self) -> Counts {
        self.queue().counts()
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The running task.
pub struct Announcer {
    announcements: Announcements,
    close: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Announcer {
    /// Starts it. `listen` is where this server answers: it does not announce anything to itself.
    pub fn start(
        road: Arc<Road>,
        (settings, follow): (&Notify, &Follow),
        listen: &[SocketAddr],
    ) -> Announcer {
        let queue = Arc::new(Mutex::new(Queue::new(settings.queue)));
        let announcements = Announcements { queue, serials: Serials::default() };
        let close = CancellationToken::new();
        let (learnt, resolved) = mpsc::channel(64);
        let audience = road.view().snapshot.audience().clone();
        let worker = Worker {
            road,
            announcements: announcements.clone(),
            own: Own::new(listen),
            sockets: Sockets::bind(&settings.source),
            resolvers: Resolvers::new(&settings.resolvers, learnt),
            awaited: HashMap::new(),
            report: Report::default(),
            audience,
        };
        let asking = (!settings.serials.is_zero()).then(|| {
            let serials = announcements.serials.clone();
            Asking::new(worker.road.clone(), serials, listen, (settings, follow))
        });
        let mut tasks = vec![tokio::spawn(worker.run(resolved, close.clone()))];
        tasks.extend(asking.map(|asking| tokio::spawn(asking.run(close.clone()))));
        Announcer { announcements, close, tasks }
    }

    /// What others see of it.
    pub fn announcements(&self) -> Announcements {
        self.announcements.clone()
    }

    /// Stops it; what waits stays in the outbox.
    pub async fn stop(self) {
        self.close.cancel();
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "announcing changes met a fault of ptrd");
            }
        }
    }
}

struct Worker {
    road: Arc<Road>,
    announcements: Announcements,
    own: Own,
    sockets: Sockets,
    resolvers: Resolvers,
    /// What proves the answers to messages that were signed, by identifier.
    awaited: HashMap<u16, Awaiting>,
    report: Report,
    /// Who was told of changes when it was last looked at.
    audience: Audience,
}

impl Worker {
    async fn run(mut self, mut resolved: mpsc::Receiver<resolve::Learnt>, close: CancellationToken) {
        let (road, mut random) = (self.road.clone(), random);
        // A standby's changes are announced by its primary.
        if close.run_until_cancelled(road.primary()).await.is_none() {
            return;
        }
        let (mut read_at, mut swept) = (Some(Instant::now()), Instant::now());
        let (mut v4, mut v6) = (vec![0; 4096], vec![0; 4096]);
        loop {
            if read_at.is_some_and(|at| at <= Instant::now()) {
                read_at = match road.outbox().await {
                    Ok(waiting) => {
                        self.take_in(waiting).await;
                        None
                    }
                    Err(problem) => {
                        tracing::warn!(%problem, "the outbox could not be read; it will be tried again");
                        Some(Instant::now() + READ_AGAIN)
                    }
                };
            }
            self.act();
            if swept.elapsed() > SWEEP {
                swept = Instant::now();
                self.sweep();
            }
            let wake = [self.announcements.queue().wake(), self.report.due(), read_at];
            let sleep =
                wake.into_iter().flatten().min().map_or(LONGEST_SLEEP, |at| {
                    at.saturating_duration_since(Instant::now()).min(LONGEST_SLEEP)
                });
            tokio::select! {
                () = close.cancelled() => break,
                stepped = road.stepped() => self.take_in(stepped).await,
                () = road.audience_changed() => self.turn_to_others().await,
                (length, from) = sockets::receive(self.sockets.v4(), &mut v4) => self.hear(&v4[..length], from),
                (length, from) = sockets::receive(self.sockets.v6(), &mut v6) => self.hear(&v6[..length], from),
                Some((name, learnt)) = resolved.recv() => {
                    self.announcements.queue().resolved(Instant::now(), &name, learnt, &mut random);
                }
                () = tokio::time::sleep(sleep) => {}
            }
        }
        self.report.write();
    }

    /// Takes in zones that are to be announced.
    async fn take_in(&mut self, zones: Vec<(ZoneId, Serial)>) {
        for some in zones.chunks(AT_ONCE) {
            let view = self.road.view();
            {
                let mut queue = self.announcements.queue();
                for (zone, serial) in some {
                    match wish::wish(&view, *zone, &mut self.own) {
                        Some(wish) => queue.put(Instant::now(), *zone, *serial, wish),
                        None => queue.forget(*zone),
                    }
                }
            }
            self.act();
            tokio::task::yield_now().await;
        }
    }

    /// Others are to be told than before: those who come are told of all zones that they are told of from now on.
    async fn turn_to_others(&mut self) {
        let view = self.road.view();
        let before = std::mem::replace(&mut self.audience, view.snapshot.audience().clone());
        let zones: Vec<(ZoneId, Serial)> =
            view.snapshot.zones().map(|zone| (zone.id(), zone.soa().serial)).collect();
        for some in zones.chunks(AT_ONCE) {
            for (zone, serial) in some {
                let old = wish::wish_of(&view, &before, *zone, &mut self.own);
                let new = wish::wish_of(&view, &self.audience, *zone, &mut self.own);
                if let Some((old, new)) = old.zip(new).filter(|(old, new)| old != new) {
                    self.announcements.queue().change(Instant::now(), *zone, *serial, &old, &new);
                }
            }
            self.act();
            tokio::task::yield_now().await;
        }
    }

    /// Does all that is due.
    fn act(&mut self) {
        let view = self.road.view();
        let mut random = random;
        loop {
            let act = self.announcements.queue().next(Instant::now(), &mut random);
            match act {
                None => break,
                Some(Act::Send(notice)) => self.send(&view, &notice),
                Some(Act::Resolve(name)) => self.resolvers.resolve(&view.snapshot, &name, &mut self.own),
            }
        }
        let told = self.announcements.queue().take_told();
        if !told.is_empty() {
            self.road.announced(told.iter().map(|told| (told.zone, told.serial)));
            self.report.add(&view, &told);
        }
        self.report.write_if_due();
    }

    fn send(&mut self, view: &View, notice: &Notice) {
        let Notice { id, zone, target, .. } = notice;
        let meta = view.declared.zone_by_id(*zone);
        let Some(content) = meta.and_then(|meta| view.snapshot.zone(&meta.apex)) else {
            let mut queue = self.announcements.queue();
            queue.failed(Instant::now(), *id, "the zone is gone");
            return queue.forget(*zone);
        };
        let (mut message, mut length) = write_notify(content, *id, TSIG_ROOM);
        self.awaited.remove(id);
        if let Some(name) = &target.key {
            let Some(key) = view.snapshot.keys().key(name) else {
                let why = format!("there is no key {name} here");
                return self.announcements.queue().failed(Instant::now(), *id, &why);
            };
            match sign_request(key.clone(), &mut message, length, seconds()) {
                Ok((signed, awaiting)) => {
                    length = signed;
                    self.forget_unawaited();
                    self.awaited.insert(*id, awaiting);
                }
                Err(_) => {
                    let why = "the message has no room for a signature";
                    return self.announcements.queue().failed(Instant::now(), *id, why);
                }
            }
        }
        if let Err(why) = self.sockets.send(&message[..length], target.address, Instant::now()) {
            // It counts as lost, and is tried again: networks come back.
            self.announcements.queue().note(*id, &why);
        }
    }

    fn forget_unawaited(&mut self) {
        if self.awaited.len() > 2_000 {
            let queue = self.announcements.queue();
            self.awaited.retain(|id, _| queue.is_flying(*id));
        }
    }

    /// A datagram came: the answer to a message, if it is from whom it should, about the zone, and signed where that was.
    fn hear(&mut self, message: &[u8], from: SocketAddr) {
        let Some(answer) = Answer::read(message) else { return };
        let mut queue = self.announcements.queue();
        let from = SocketAddr::new(from.ip().to_canonical(), from.port());
        let Some(notice) = queue.flight(answer.id, from) else { return };
        let view = self.road.view();
        let Some(meta) = view.declared.zone_by_id(notice.zone) else { return };
        let about = match &answer.zone {
            Some(zone) => *zone == meta.apex.to_lower_wire()[..],
            // Whoever refuses may leave the question out.
            None => answer.rcode != ptrd_wire::Rcode::NOERROR,
        };
        if !about {
            return;
        }
        if let Some(awaiting) = self.awaited.get_mut(&answer.id)
            && let Err(error) = awaiting.accept(message, seconds())
        {
            // It may come from anybody; the true answer may still be on its way.
            return queue.doubted(answer.id, &error.to_string());
        }
        queue.answered(Instant::now(), answer.id, answer.rcode, &mut random);
    }

    fn sweep(&mut self) {
        let view = self.road.view();
        let mut queue = self.announcements.queue();
        let mut at = None;
        while let Some(zone) = queue.zone_after(at) {
            if view.declared.zone_by_id(zone).is_none() {
                queue.forget(zone);
            }
            at = Some(zone);
        }
    }
}

/// The time of TSIG records.
fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Unforeseeable, for identifiers.
fn random() -> u64 {
    // The kernel has some from its start on.
    getrandom::u64().unwrap_or_default()
}
