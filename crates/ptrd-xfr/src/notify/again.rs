//! Those who were given up, and are tried again after a long time; and what becomes of announcements when others are to be
//! told than before.

use super::peers::PeerId;
use super::queue::{Later, Queue, Task, TaskState};
use super::terms::Wish;
use ptrd_wire::Serial;
use ptrd_zone::model::ZoneId;
use std::sync::Arc;
use std::time::Instant;

impl Wish {
    /// Whether somebody is to be told.
    fn is_anybody(&self) -> bool {
        !self.listed.is_empty() || !self.nameservers.is_empty()
    }

    /// Those of this wish that the other one has not. One that is told with another key is another.
    fn beyond(&self, other: &Wish) -> Wish {
        let listed = self.listed.iter().filter(|target| !other.listed.contains(target));
        let nameservers = self.nameservers.iter().filter(|name| !other.nameservers.contains(name));
        Wish {
            listed: listed.cloned().collect(),
            nameservers: nameservers.cloned().collect(),
            skipped: Vec::new(),
        }
    }
}

impl Queue {
    /// From now on others are told of a zone, whose serial is this, than were before. Those who come are told at once; the
    /// others are not told again. Those who go are not told any more.
    pub fn change(&mut self, now: Instant, zone: ZoneId, serial: Serial, before: &Wish, wish: &Wish) {
        self.strike(zone, wish);
        let come = wish.beyond(before);
        match self.rounds.get_mut(&zone) {
            None if come.is_anybody() => {
                self.put(now, zone, serial, Wish { skipped: wish.skipped.clone(), ..come });
            }
            None => {}
            Some(round) => {
                round.skipped = wish.skipped.clone().into();
                if come.is_anybody() {
                    round.is_told = false;
                    self.add(now, zone, &come);
                }
                self.finish(zone);
            }
        }
    }

    /// Strikes off who is not to be told of a zone any more.
    fn strike(&mut self, zone: ZoneId, wish: &Wish) {
        let Some(round) = self.rounds.get_mut(&zone) else { return };
        let names = &self.names;
        let is_wished = |id| wish.nameservers.contains(&names.entry(id).name);
        for task in &mut round.tasks {
            let target = &self.peers.peer(task.peer).target;
            if wish.listed.contains(target) || task.nameserver.is_some_and(is_wished) {
                continue;
            }
            self.counts.waiting -= u64::from(task.is_open());
            task.state = TaskState::Struck;
        }
        let before = round.names.len();
        round.names.retain(|id| is_wished(*id));
        self.counts.waiting -= (before - round.names.len()) as u64;
        round.without.retain(|id| is_wished(*id));
    }

    /// Gives up one that does not answer, for all zones.
    pub(super) fn give_up(&mut self, peer: PeerId, now: Instant) {
        let address = self.peers.peer(peer).target.address;
        let why: Arc<str> = format!("{address} does not answer").into();
        let mut zones = Vec::new();
        for (zone, round) in &mut self.rounds {
            let task = round.tasks.iter_mut().find(|task| task.peer == peer && task.is_open());
            // What waits for the zone's own time has not been tried.
            if let Some(task) =
                task.filter(|task| task.tries > 0 || !matches!(task.state, TaskState::Later(_)))
            {
                task.state = TaskState::Lost(now, why.clone());
                zones.push(*zone);
            }
        }
        self.counts.waiting -= zones.len() as u64;
        self.counts.failed += zones.len() as u64;
        if self.peers.lose(peer) {
            tracing::warn!(%address, "one that is notified of changes does not answer; it is tried again about every hour, and when a zone changes");
        }
        zones.into_iter().for_each(|zone| self.finish(zone));
    }

    /// Leaves one alone for which something was given up, for a long time.
    pub(super) fn rest(&mut self, peer: PeerId, now: Instant, random: u64) {
        let due = now + self.settings.rest(random);
        if self.peers.again_at(peer, due) {
            self.later.insert((due, Later::Again(peer)));
        }
    }

    /// The time has come to try one again, unless it came otherwise.
    pub(super) fn revive_at(&mut self, due: Instant, peer: PeerId) {
        if self.peers.peer(peer).again_at == Some(due) {
            self.revive(peer);
        }
    }

    /// Tries one again for all zones for which it was given up.
    pub(super) fn revive(&mut self, peer: PeerId) {
        self.peers.is_tried_again(peer);
        for (zone, round) in &mut self.rounds {
            let is_lost = |task: &Task| task.peer == peer && matches!(task.state, TaskState::Lost(..));
            let Some(nth) = round.tasks.iter().position(is_lost) else { continue };
            let task = &mut round.tasks[nth];
            (task.state, task.tries) = (TaskState::Ready, 0);
            round.is_told = false;
            self.counts.waiting += 1;
            // There are no more than that.
            self.peers.ready(peer, (*zone, round.epoch, nth as u16));
        }
    }
}
