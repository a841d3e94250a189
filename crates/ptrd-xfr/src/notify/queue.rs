//! What is to be announced: zones, those who are told of each, and how far that has come.

use super::Target;
use super::names::{NameId, Names, Outcome, Resolution, Unresolved};
use super::peers::{PeerId, Peers, Place, Silence};
use super::terms::{Act, Counts, Notice, Settings, Told, Wish};
use ptrd_wire::{Name, Rcode, Serial};
use ptrd_zone::model::ZoneId;
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// The port of nameservers.
const PORT: u16 = 53;
/// How often one is asked that answers what proves nothing, each time.
const DOUBTED: u32 = 2;
/// Names that are asked for at a time.
const ASKED: usize = 16;

/// One who is told of a zone.
#[derive(Debug)]
pub(super) struct Task {
    pub peer: PeerId,
    pub nameserver: Option<NameId>,
    pub tries: u32,
    pub state: TaskState,
    /// Why it is not answered yet, if that is known.
    pub note: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
pub(super) enum TaskState {
    /// In the peer's queue.
    Ready,
    Later(Instant),
    /// Since then.
    Flying(Instant),
    Answered(Instant),
    Refused(Instant, Rcode),
    /// It cannot be sent.
    Failed(Instant, Arc<str>),
    /// Given up for want of an answer, until the peer's time comes.
    Lost(Instant, Arc<str>),
    /// It is not to be told any more.
    Struck,
}

impl Task {
    pub fn is_open(&self) -> bool {
        matches!(self.state, TaskState::Ready | TaskState::Later(_) | TaskState::Flying(_))
    }
}

/// A zone's announcement.
#[derive(Debug)]
pub(super) struct Round {
    pub serial: Serial,
    pub(super) epoch: u32,
    pub tasks: Vec<Task>,
    /// Nameservers whose addresses are not known yet.
    pub names: Vec<NameId>,
    /// Nameservers that are passed over for want of an address, or because it is ours.
    pub without: Vec<NameId>,
    pub skipped: Box<[(String, &'static str)]>,
    /// Not before this.
    from: Instant,
    pub(super) is_told: bool,
}

/// A message on its way.
#[derive(Debug)]
struct Flight {
    place: Place,
    peer: PeerId,
    sent: Instant,
    /// What is known of why no answer comes.
    note: Option<Arc<str>>,
    /// Something came that may be the answer, and proves nothing.
    doubted: bool,
}

/// What waits for its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Later {
    Task(Place),
    Peer(PeerId),
    Name(NameId),
    /// A peer that was given up is tried again.
    Again(PeerId),
}

/// See the module above.
#[derive(Debug, Default)]
pub struct Queue {
    pub(super) settings: Settings,
    pub(super) rounds: BTreeMap<ZoneId, Round>,
    pub(super) names: Names,
    pub(super) peers: Peers,
    flights: HashMap<u16, Flight>,
    timeouts: BTreeSet<(Instant, u16)>,
    pub(super) later: BTreeSet<(Instant, Later)>,
    asks: VecDeque<NameId>,
    asking: HashMap<Name, NameId>,
    told: Vec<Told>,
    pub(super) counts: Counts,
    epochs: u32,
}

impl Queue {
    /// An empty one.
    pub fn new(settings: Settings) -> Queue {
        Queue { settings, ..Queue::default() }
    }

    /// Other settings, for what is tried from now on.
    pub fn set(&mut self, settings: Settings) {
        self.settings = settings;
    }

    /// What was counted.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Announces a zone with this serial, in place of an older one that is not answered yet.
    pub fn put(&mut self, now: Instant, zone: ZoneId, serial: Serial, mut wish: Wish) {
        if self.rounds.get(&zone).is_some_and(|round| round.serial == serial && !round.is_told) {
            return;
        }
        let from = match self.drop_round(zone) {
            None => now,
            // It has not begun.
            Some(from) if from > now => from,
            Some(from) => (from + self.settings.pause).max(now),
        };
        self.epochs = self.epochs.wrapping_add(1);
        let epoch = self.epochs;
        let round = Round {
            serial,
            epoch,
            tasks: Vec::new(),
            names: Vec::new(),
            without: Vec::new(),
            skipped: std::mem::take(&mut wish.skipped).into(),
            from,
            is_told: false,
        };
        self.rounds.insert(zone, round);
        self.add(now, zone, &wish);
        self.finish(zone);
    }

    /// Adds who is wished for to the round of a zone.
    pub(super) fn add(&mut self, now: Instant, zone: ZoneId, wish: &Wish) {
        let Some(epoch) = self.rounds.get(&zone).map(|round| round.epoch) else { return };
        for target in &wish.listed {
            self.add_task(now, zone, target, None);
        }
        for name in &wish.nameservers {
            let id = self.names.id(name);
            match self.names.is_settled(id, now) {
                Ok(()) => self.use_name(now, zone, id),
                Err(unasked) => {
                    if unasked {
                        self.asks.push_back(id);
                    }
                    self.names.entry_mut(id).waiters.push((zone, epoch));
                    self.counts.waiting += 1;
                    if let Some(round) = self.rounds.get_mut(&zone) {
                        round.names.push(id);
                    }
                }
            }
        }
    }

    /// Forgets a zone: it is gone.
    pub fn forget(&mut self, zone: ZoneId) {
        self.drop_round(zone);
    }

    /// What is waited for of a round that goes is waited for no more; since when it was announced.
    fn drop_round(&mut self, zone: ZoneId) -> Option<Instant> {
        let round = self.rounds.remove(&zone)?;
        let open = round.tasks.iter().filter(|task| task.is_open()).count() + round.names.len();
        self.counts.waiting -= open as u64;
        Some(round.from)
    }

    /// The round that a place is in, if it is still the one.
    fn round(&mut self, (zone, epoch, _): Place) -> Option<&mut Round> {
        self.rounds.get_mut(&zone).filter(|round| round.epoch == epoch)
    }

    fn task(&mut self, place: Place) -> Option<&mut Task> {
        self.round(place)?.tasks.get_mut(usize::from(place.2))
    }

    fn add_task(&mut self, now: Instant, zone: ZoneId, target: &Target, nameserver: Option<NameId>) {
        let peer = self.peers.id(target);
        let Some(round) = self.rounds.get_mut(&zone) else { return };
        // An address that is listed, or has another name, is told once.
        let known = |task: &&mut Task| {
            let is_told = !matches!(task.state, TaskState::Struck);
            is_told && self.peers.peer(task.peer).target.address == target.address
        };
        if let Some(task) = round.tasks.iter_mut().find(known) {
            task.nameserver = task.nameserver.or(nameserver);
            return;
        }
        let Ok(nth) = u16::try_from(round.tasks.len()) else { return };
        let place = (zone, round.epoch, nth);
        let state = if round.from > now { TaskState::Later(round.from) } else { TaskState::Ready };
        if let TaskState::Later(due) = state {
            self.later.insert((due, Later::Task(place)));
        } else {
            self.peers.ready(peer, place);
        }
        round.tasks.push(Task { peer, nameserver, tries: 0, state, note: None });
        self.counts.waiting += 1;
    }

    /// Tells the addresses of a nameserver that is settled, or passes it over.
    fn use_name(&mut self, now: Instant, zone: ZoneId, id: NameId) {
        let found = self.names.entry(id).found.clone().unwrap_or_default();
        for address in &found.addresses {
            let target = Target { address: SocketAddr::new(*address, PORT), key: None };
            self.add_task(now, zone, &target, Some(id));
        }
        if (found.addresses.is_empty() || !found.own.is_empty())
            && let Some(round) = self.rounds.get_mut(&zone)
        {
            round.without.push(id);
        }
    }

    /// Notes when all that is to be done for a zone is done.
    pub(super) fn finish(&mut self, zone: ZoneId) {
        let Some(round) = self.rounds.get_mut(&zone) else { return };
        if round.is_told || !round.names.is_empty() || round.tasks.iter().any(Task::is_open) {
            return;
        }
        round.is_told = true;
        let answered = round.tasks.iter().filter(|task| matches!(task.state, TaskState::Answered(_))).count();
        let struck = round.tasks.iter().filter(|task| matches!(task.state, TaskState::Struck)).count();
        let failed = round.tasks.len() - answered - struck;
        self.told.push(Told { zone, serial: round.serial, answered, failed });
    }

    /// Zones that were told since this was asked last: they may leave the outbox.
    pub fn take_told(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.told)
    }

    /// When [`Queue::next`] has something to do at the latest; after anything else that the queue is told, it may at once.
    pub fn wake(&self) -> Option<Instant> {
        let timeout = self.timeouts.first().map(|(due, _)| *due);
        let later = self.later.first().map(|(due, _)| *due);
        timeout.into_iter().chain(later).min()
    }

    /// The next thing to do now; `None` when there is nothing before [`Queue::wake`], or before an answer.
    pub fn next(&mut self, now: Instant, random: &mut dyn FnMut() -> u64) -> Option<Act> {
        self.pass_time(now, random);
        while self.asking.len() < ASKED
            && let Some(id) = self.asks.pop_front()
        {
            let name = self.names.entry(id).name.clone();
            if self.asking.insert(name.clone(), id).is_none() {
                return Some(Act::Resolve(name));
            }
        }
        while self.flights.len() < self.settings.in_flight.clamp(1, 30_000) {
            let (peer, place) = self.peers.next()?;
            let waits = |task: &&mut Task| matches!(task.state, TaskState::Ready);
            let Some(task) = self.task(place).filter(waits) else {
                self.peers.passed_over(peer);
                continue;
            };
            task.state = TaskState::Flying(now);
            task.tries += 1;
            let mut id = random() as u16;
            while self.flights.contains_key(&id) {
                id = id.wrapping_add(1);
            }
            self.flights.insert(id, Flight { place, peer, sent: now, note: None, doubted: false });
            self.timeouts.insert((now + self.settings.first_wait, id));
            self.peers.sent(peer);
            self.counts.sent += 1;
            let serial = self.rounds[&place.0].serial;
            let target = self.peers.peer(peer).target.clone();
            return Some(Act::Send(Notice { id, zone: place.0, serial, target }));
        }
        None
    }

    fn pass_time(&mut self, now: Instant, random: &mut dyn FnMut() -> u64) {
        while let Some((due, id)) = self.timeouts.first().copied().filter(|(due, _)| *due <= now) {
            self.timeouts.remove(&(due, id));
            if let Some(flight) = self.land(id) {
                self.silent(flight, now, random);
            }
        }
        while let Some((due, what)) = self.later.first().copied().filter(|(due, _)| *due <= now) {
            self.later.remove(&(due, what));
            match what {
                Later::Task(place) => {
                    let is_due = |task: &&mut Task| matches!(task.state, TaskState::Later(at) if at == due);
                    if let Some(task) = self.task(place).filter(is_due) {
                        task.state = TaskState::Ready;
                        let peer = task.peer;
                        self.peers.ready(peer, place);
                    }
                }
                Later::Peer(id) => {
                    if self.peers.peer(id).rests_until == Some(due) {
                        self.peers.rested(id);
                    }
                }
                Later::Name(id) => {
                    self.names.ask_again(id);
                    self.asks.push_back(id);
                }
                Later::Again(id) => self.revive_at(due, id),
            }
        }
    }

    /// Takes a message out of those that are on their way.
    fn land(&mut self, id: u16) -> Option<Flight> {
        let flight = self.flights.remove(&id)?;
        self.timeouts.retain(|(_, of)| *of != id);
        Some(flight)
    }

    fn silent(&mut self, flight: Flight, now: Instant, random: &mut dyn FnMut() -> u64) {
        let Flight { place, peer, sent, note, doubted } = flight;
        let settings = self.settings;
        let jitter = random();
        let (silence, tries) = if doubted {
            // It does answer, so it is not left alone for other zones.
            self.peers.ended(peer);
            (Silence::Counted, settings.tries.min(DOUBTED))
        } else {
            (self.peers.silent(peer, sent, now, &settings, jitter), settings.tries)
        };
        let mut is_over = false;
        if let Some(task) = self.task(place).filter(|task| matches!(task.state, TaskState::Flying(_))) {
            if task.tries >= tries {
                let why = note.unwrap_or_else(|| format!("no answer to {} messages", task.tries).into());
                task.state = TaskState::Lost(now, why);
                is_over = true;
            } else {
                let rest = settings.back_off(task.tries, jitter).saturating_sub(settings.first_wait);
                (task.state, task.note) = (TaskState::Later(now + rest), note);
                self.later.insert((now + rest, Later::Task(place)));
            }
        }
        if is_over {
            self.counts.waiting -= 1;
            self.counts.failed += 1;
            self.rest(peer, now, jitter);
            self.finish(place.0);
        }
        match silence {
            Silence::Counted => {}
            Silence::Rest(until) => {
                self.later.insert((until, Later::Peer(peer)));
            }
            Silence::Lost => {
                self.give_up(peer, now);
                self.rest(peer, now, jitter);
            }
        }
    }

    /// The message of this identifier, if one is on its way to this address: what it is about.
    pub fn flight(&self, id: u16, from: SocketAddr) -> Option<Notice> {
        let flight = self.flights.get(&id)?;
        let target = &self.peers.peer(flight.peer).target;
        let round = self.rounds.get(&flight.place.0)?;
        (target.address == from).then(|| Notice {
            id,
            zone: flight.place.0,
            serial: round.serial,
            target: target.clone(),
        })
    }

    /// Whether a message of this identifier is on its way.
    pub fn is_flying(&self, id: u16) -> bool {
        self.flights.contains_key(&id)
    }

    /// The answer to a message, which is proven to be it.
    pub fn answered(&mut self, now: Instant, id: u16, rcode: Rcode, random: &mut dyn FnMut() -> u64) {
        let Some(Flight { place, peer, .. }) = self.land(id) else { return };
        if self.peers.answered(peer) {
            // It is back: what it was not told of is not put off any longer.
            self.revive(peer);
        }
        let settings = self.settings;
        let Some(task) = self.task(place).filter(|task| matches!(task.state, TaskState::Flying(_))) else {
            return;
        };
        if rcode == Rcode::SERVFAIL && task.tries < settings.tries {
            // It may have no room at the moment.
            let again = now + settings.back_off(task.tries, random());
            task.state = TaskState::Later(again);
            self.later.insert((again, Later::Task(place)));
            return;
        }
        let is_well = rcode == Rcode::NOERROR;
        // Whoever refuses will not do otherwise a moment later.
        task.state = if is_well { TaskState::Answered(now) } else { TaskState::Refused(now, rcode) };
        self.counts.answered += u64::from(is_well);
        self.counts.refused += u64::from(!is_well);
        self.counts.waiting -= 1;
        self.finish(place.0);
    }

    /// A message cannot be sent, now or later, or is of no use: this is why.
    pub fn failed(&mut self, now: Instant, id: u16, why: &str) {
        let Some(Flight { place, peer, .. }) = self.land(id) else { return };
        self.peers.ended(peer);
        if let Some(task) = self.task(place).filter(|task| matches!(task.state, TaskState::Flying(_))) {
            task.state = TaskState::Failed(now, why.into());
            self.counts.waiting -= 1;
            self.counts.failed += 1;
            self.finish(place.0);
        }
    }

    /// Notes why a message may stay without an answer: it was not sent.
    pub fn note(&mut self, id: u16, why: &str) {
        if let Some(flight) = self.flights.get_mut(&id) {
            flight.note = Some(why.into());
        }
    }

    /// Something came that proves nothing: it is not signed, for one. The true answer is waited for; if none comes, this was it.
    pub fn doubted(&mut self, id: u16, why: &str) {
        self.note(id, why);
        if let Some(flight) = self.flights.get_mut(&id) {
            flight.doubted = true;
        }
    }

    /// What was learnt of a name.
    pub fn resolved(
        &mut self,
        now: Instant,
        name: &Name,
        learnt: Result<Resolution, Unresolved>,
        random: &mut dyn FnMut() -> u64,
    ) {
        let Some(id) = self.asking.remove(name) else { return };
        match self.names.learn(id, now, learnt, &self.settings, random()) {
            Outcome::Again(at) => {
                self.later.insert((at, Later::Name(id)));
            }
            Outcome::GoOn => {
                for (zone, epoch) in std::mem::take(&mut self.names.entry_mut(id).waiters) {
                    let Some(round) = self.round((zone, epoch, 0)) else { continue };
                    let before = round.names.len();
                    round.names.retain(|of| *of != id);
                    if round.names.len() == before {
                        // It is not to be told any more.
                        continue;
                    }
                    self.counts.waiting -= 1;
                    self.use_name(now, zone, id);
                    self.finish(zone);
                }
            }
        }
    }
}
