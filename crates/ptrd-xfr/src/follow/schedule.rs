//! Which zone is asked for when, and whom.
//!
//! A zone that is followed is asked for when its SOA's REFRESH has passed, when its RETRY has after a failure, when a primary
//! sends NOTIFY, and when somebody says so. Its primaries are tried in turn. It expires when none was reached for as long as
//! its EXPIRE says. Times are milliseconds since 1970 UTC, so that they outlive a restart, and are told, so that tests run
//! days of them in no time.
//!
//! What NOTIFY can bring about is bounded: it brings forward what is due anyway, and not more often than
//! [`Settings::pause`] says; there is no queue of them.

use super::peers::Peers;
use ptrd_wire::{Serial, Soa};
use ptrd_zone::Primary;
use ptrd_zone::model::ZoneId;
use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};

/// Milliseconds, and bounds of them. What SOAs say is brought within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Between two questions for a zone that is well.
    pub refresh: (i64, i64),
    /// After a failure.
    pub retry: (i64, i64),
    /// Zones that are asked for at a time.
    pub at_a_time: usize,
    /// The same, of one primary.
    pub per_primary: usize,
    /// Between two questions for a zone that NOTIFY brought about.
    pub pause: i64,
    /// For how long a primary that does not answer is left alone.
    pub rest: (i64, i64),
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            refresh: (30_000, 14 * 86_400_000),
            retry: (15_000, 86_400_000),
            at_a_time: 64,
            per_primary: 8,
            pause: 1_000,
            rest: (10_000, 600_000),
        }
    }
}

/// What is here of a zone: its serial, and its times in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Held {
    pub serial: Serial,
    pub refresh: u32,
    pub retry: u32,
    pub expire: u32,
}

impl Held {
    /// What a SOA says.
    pub fn of(soa: &Soa) -> Held {
        Held { serial: soa.serial, refresh: soa.refresh, retry: soa.retry, expire: soa.expire }
    }
}

/// Asks a primary for a zone: whether it has a newer version, and for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The zone.
    pub zone: ZoneId,
    /// The primary.
    pub primary: Primary,
    /// The zone as a whole, whatever its serial.
    pub forced: bool,
    /// To be handed back with the outcome.
    pub epoch: u64,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// This is the newest version, and it is here: it was, or it was pulled.
    Fresh(Held),
    /// Why not. `silent` where nothing came back at all.
    Failed {
        /// For the operator.
        why: String,
        /// The primary did not answer.
        silent: bool,
    },
    /// There is no room for it here at the moment.
    Busy,
}

/// What was counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Counts {
    pub fresh: u64,
    pub failed: u64,
    pub notified: u64,
    /// How many there are.
    pub zones: u64,
    pub expired: u64,
    pub running: u64,
}

/// How it stands with a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The primary that was asked last, or is being asked.
    pub primary: Option<SocketAddr>,
    /// When one last said which version is the newest.
    pub checked: Option<i64>,
    /// When one is asked next; `None` while one is being asked.
    pub next: Option<i64>,
    /// When it expires, or did.
    pub expires: Option<i64>,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Due(i64),
    Waiting(SocketAddr),
    Running(SocketAddr),
}

#[derive(Debug)]
struct Entry {
    primaries: Vec<Primary>,
    held: Option<Held>,
    state: State,
    epoch: u64,
    /// The place of the primary that is tried next, and how many were tried in vain since one was reached.
    at: usize,
    tried: usize,
    /// Rounds in vain, one after the other.
    rounds: u32,
    asked: Option<SocketAddr>,
    /// When it was asked for last.
    ended: i64,
    /// It is to be asked for once more.
    again: bool,
    forced: bool,
    checked: Option<i64>,
    expired: bool,
    error: Option<String>,
}

impl Entry {
    fn expires(&self) -> Option<i64> {
        Some(self.checked?.saturating_add(i64::from(self.held?.expire) * 1_000))
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Schedule {
    settings: Settings,
    zones: HashMap<ZoneId, Entry>,
    due: BTreeSet<(i64, ZoneId)>,
    expiries: BTreeSet<(i64, ZoneId)>,
    peers: Peers,
    running: usize,
    epoch: u64,
    counts: Counts,
}

impl Schedule {
    /// Without zones.
    pub fn new(settings: Settings) -> Schedule {
        Schedule { settings, ..Schedule::default() }
    }

    /// Follows a zone, or from other primaries. `held` is what is here of it, and `checked` when a primary last said that it
    /// is the newest.
    pub fn put(
        &mut self,
        now: i64,
        zone: ZoneId,
        primaries: Vec<Primary>,
        held: Option<Held>,
        checked: Option<i64>,
    ) {
        if let Some(entry) = self.zones.get_mut(&zone) {
            if entry.primaries != primaries {
                (entry.primaries, entry.at, entry.tried, entry.error) = (primaries, 0, 0, None);
                self.bring_forward(zone, now);
            }
            return;
        }
        self.epoch += 1;
        let refresh = held.map_or(0, |held| self.refresh(&held));
        // What a clock that jumped says of the future counts as now.
        let checked = checked.map(|at| at.min(now));
        let due = checked.map_or(now, |at| at.saturating_add(refresh).max(now));
        let entry = Entry {
            primaries,
            held,
            state: State::Due(due),
            epoch: self.epoch,
            at: 0,
            tried: 0,
            rounds: 0,
            asked: None,
            ended: i64::MIN,
            again: false,
            forced: false,
            checked,
            expired: false,
            error: None,
        };
        if let Some(at) = entry.expires() {
            self.expiries.insert((at, zone));
        }
        self.due.insert((due, zone));
        self.zones.insert(zone, entry);
    }

    /// Follows a zone no longer.
    pub fn forget(&mut self, zone: ZoneId) {
        let Some(entry) = self.zones.remove(&zone) else { return };
        if let Some(at) = entry.expires() {
            self.expiries.remove(&(at, zone));
        }
        match entry.state {
            State::Due(at) => drop(self.due.remove(&(at, zone))),
            // It is passed over when its turn comes.
            State::Waiting(_) => {}
            State::Running(address) => self.ended(address),
        }
    }

    /// All zones, by number.
    pub fn zones(&self) -> impl Iterator<Item = ZoneId> + '_ {
        self.zones.keys().copied()
    }

    fn ended(&mut self, address: SocketAddr) {
        self.running -= 1;
        self.peers.give_back(address);
    }

    fn set_due(&mut self, zone: ZoneId, at: i64) {
        if let Some(entry) = self.zones.get_mut(&zone) {
            if let State::Due(before) = entry.state {
                self.due.remove(&(before, zone));
            }
            entry.state = State::Due(at);
            self.due.insert((at, zone));
        }
    }

    /// Asks for a zone at once, or once more where it is being asked for.
    fn bring_forward(&mut self, zone: ZoneId, at: i64) {
        let Some(entry) = self.zones.get_mut(&zone) else { return };
        match entry.state {
            State::Due(due) if due > at => self.set_due(zone, at),
            State::Due(_) | State::Waiting(_) => {}
            State::Running(_) => entry.again = true,
        }
    }

    /// A NOTIFY came for a zone, from one who may send it. Whether there is such a zone.
    pub fn notify(&mut self, now: i64, zone: ZoneId, from: IpAddr, serial: Option<Serial>) -> bool {
        let Some(entry) = self.zones.get_mut(&zone) else { return false };
        self.counts.notified += 1;
        // RFC 1996 §3.11: the hint says that there is nothing new.
        let held = entry.held.filter(|_| !entry.expired && entry.error.is_none());
        if held.zip(serial).is_some_and(|(held, serial)| held.serial == serial) {
            return true;
        }
        let of = |primary: &Primary| primary.address.ip().to_canonical() == from;
        if let Some(place) = entry.primaries.iter().position(of) {
            self.peers.is_back(entry.primaries[place].address);
            if !matches!(entry.state, State::Running(_) | State::Waiting(_)) {
                (entry.at, entry.tried) = (place, 0);
            }
        }
        let at = now.max(entry.ended.saturating_add(self.settings.pause));
        self.bring_forward(zone, at);
        true
    }

    /// Somebody wants a zone to be asked for now; `forced` as a whole, whatever its serial. Whether there is such a zone.
    pub fn refresh_now(&mut self, now: i64, zone: ZoneId, forced: bool) -> bool {
        let Some(entry) = self.zones.get_mut(&zone) else { return false };
        entry.forced |= forced;
        for primary in &entry.primaries {
            self.peers.is_back(primary.address);
        }
        self.bring_forward(zone, now);
        true
    }

    /// When [`Schedule::next`] or [`Schedule::take_expired`] has something to do at the latest.
    pub fn wake(&self) -> Option<i64> {
        let due = self.due.first().map(|(at, _)| *at).filter(|_| self.running < self.settings.at_a_time);
        due.into_iter().chain(self.expiries.first().map(|(at, _)| *at)).min()
    }

    /// Zones that have expired by now.
    pub fn take_expired(&mut self, now: i64) -> Vec<ZoneId> {
        let mut expired = Vec::new();
        while let Some((at, zone)) = self.expiries.first().copied().filter(|(at, _)| *at <= now) {
            self.expiries.remove(&(at, zone));
            if let Some(entry) = self.zones.get_mut(&zone) {
                entry.expired = true;
                expired.push(zone);
            }
        }
        expired
    }

    /// The next thing to do now.
    pub fn next(&mut self, now: i64) -> Option<Act> {
        while self.running < self.settings.at_a_time.max(1) {
            if let Some((address, zone)) = self.peers.next_waiting(&self.settings) {
                let waits = |entry: &&mut Entry| entry.state == State::Waiting(address);
                if self.zones.get_mut(&zone).filter(waits).is_some() {
                    self.peers.take(address, zone, &self.settings);
                    return self.start(zone, address);
                }
                // Others may wait behind it.
                self.peers.give_back_unused(address);
                continue;
            }
            let (at, zone) = self.due.first().copied().filter(|(at, _)| *at <= now)?;
            self.due.remove(&(at, zone));
            let Some(entry) = self.zones.get_mut(&zone) else { continue };
            match choose(entry, &self.peers, now) {
                Ok(address) if self.peers.take(address, zone, &self.settings) => {
                    return self.start(zone, address);
                }
                Ok(address) => entry.state = State::Waiting(address),
                Err(rest) => {
                    entry.error.get_or_insert_with(|| "no primary answers".to_owned());
                    self.set_due(zone, rest);
                }
            }
        }
        None
    }

    fn start(&mut self, zone: ZoneId, address: SocketAddr) -> Option<Act> {
        let entry = self.zones.get_mut(&zone)?;
        self.running += 1;
        self.epoch += 1;
        (entry.state, entry.epoch, entry.asked) = (State::Running(address), self.epoch, Some(address));
        let primary = entry.primaries.iter().find(|primary| primary.address == address)?.clone();
        Some(Act { zone, primary, forced: entry.forced, epoch: entry.epoch })
    }

    /// What came of an act. `random` spreads what comes next.
    pub fn done(&mut self, now: i64, zone: ZoneId, epoch: u64, outcome: Outcome, random: u64) {
        let Some(entry) = self.zones.get_mut(&zone).filter(|entry| entry.epoch == epoch) else { return };
        let State::Running(address) = entry.state else { return };
        entry.state = State::Due(i64::MAX);
        entry.ended = now;
        let next = match outcome {
            Outcome::Fresh(held) => {
                self.peers.answered(address);
                self.fresh(now, zone, held, random)
            }
            Outcome::Failed { why, silent } => {
                self.counts.failed += 1;
                match silent {
                    true => self.peers.silent(address, now, &self.settings),
                    false => self.peers.answered(address),
                }
                self.failed(now, zone, why, random)
            }
            Outcome::Busy => now + 1_000,
        };
        self.ended(address);
        let again = self.zones.get_mut(&zone).is_some_and(|entry| std::mem::take(&mut entry.again));
        let next = if again { next.min(now + self.settings.pause) } else { next };
        self.set_due(zone, next);
    }

    fn fresh(&mut self, now: i64, zone: ZoneId, held: Held, random: u64) -> i64 {
        self.counts.fresh += 1;
        let refresh = self.refresh(&held);
        let Some(entry) = self.zones.get_mut(&zone) else { return now };
        if let Some(at) = entry.expires() {
            self.expiries.remove(&(at, zone));
        }
        (entry.held, entry.checked, entry.expired) = (Some(held), Some(now), false);
        (entry.tried, entry.rounds, entry.forced, entry.error) = (0, 0, false, None);
        if let Some(at) = entry.expires() {
            self.expiries.insert((at, zone));
        }
        now + spread(refresh, random)
    }

    /// The next primary at once, after all of them RETRY; more often at first for a zone that was never pulled.
    fn failed(&mut self, now: i64, zone: ZoneId, why: String, random: u64) -> i64 {
        let (shortest, longest) = self.settings.retry;
        let Some(entry) = self.zones.get_mut(&zone) else { return now };
        entry.error = Some(why);
        entry.at = (entry.at + 1) % entry.primaries.len().max(1);
        entry.tried += 1;
        if entry.tried < entry.primaries.len() {
            return now;
        }
        entry.tried = 0;
        entry.rounds = entry.rounds.saturating_add(1);
        let retry = match entry.held {
            Some(held) => (i64::from(held.retry) * 1_000).clamp(shortest, longest),
            None => shortest.saturating_mul(1 << (entry.rounds - 1).min(20)).min(600_000.max(shortest)),
        };
        now + spread(retry, random)
    }

    /// REFRESH within its bounds, and such that a zone is asked for before it expires.
    fn refresh(&self, held: &Held) -> i64 {
        let (shortest, longest) = self.settings.refresh;
        let half = i64::from(held.expire) * 500;
        (i64::from(held.refresh) * 1_000).min(half).clamp(shortest, longest)
    }

    /// How it stands with a zone that is followed.
    pub fn status(&self, zone: ZoneId) -> Option<Status> {
        let entry = self.zones.get(&zone)?;
        let next = match entry.state {
            State::Due(at) => Some(at),
            State::Waiting(_) | State::Running(_) => None,
        };
        let (primary, checked, error) = (entry.asked, entry.checked, entry.error.clone());
        Some(Status { primary, checked, next, expires: entry.expires(), error })
    }

    /// What was counted.
    pub fn counts(&self) -> Counts {
        let expired = self.zones.values().filter(|entry| entry.expired).count() as u64;
        let (zones, running) = (self.zones.len() as u64, self.running as u64);
        Counts { zones, running, expired, ..self.counts }
    }
}

/// The primary that is tried next: from the one whose turn it is on, the first that is not left alone; or until when all
/// are.
fn choose(entry: &mut Entry, peers: &Peers, now: i64) -> Result<SocketAddr, i64> {
    let count = entry.primaries.len();
    let mut rest = i64::MAX;
    for n in 0..count {
        let place = (entry.at + n) % count;
        let address = entry.primaries[place].address;
        let until = peers.rests_until(address);
        if until <= now {
            entry.at = place;
            return Ok(address);
        }
        rest = rest.min(until);
    }
    Err(rest)
}

/// Up to a tenth less, so that zones that came together do not stay together.
fn spread(time: i64, random: u64) -> i64 {
    time - (time / 10).saturating_mul((random % 1_000) as i64) / 1_000
}
