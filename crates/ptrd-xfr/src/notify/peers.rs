//! Those who are told, one by one: how many messages may be on their way to each, and whether it answers at all.
//!
//! Whoever does not answer is asked about one zone at a time, ever more seldom, and in the end given up for all zones at
//! once: so a dead secondary of twenty thousand zones holds up no other, and is given up as soon as one of a single zone.

use super::Target;
use super::terms::Settings;
use ptrd_zone::model::ZoneId;
use std::collections::{HashMap, VecDeque};
use std::time::Instant;

/// Messages that may be on their way to one at first, and at most.
const WINDOW: (u32, u32) = (8, 32);

/// A peer's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct PeerId(pub u32);

/// A zone, which of its announcements, and which of those that are told.
pub(super) type Place = (ZoneId, u32, u16);

#[derive(Debug)]
pub(super) struct Peer {
    pub target: Target,
    /// What can be sent as soon as there is room.
    pub ready: VecDeque<Place>,
    pub flying: u32,
    window: u32,
    /// How often in a row nothing came back, and since when the next silence counts.
    silences: u32,
    counted: Option<Instant>,
    pub rests_until: Option<Instant>,
    /// When it is tried again where it was given up, if anything was.
    pub again_at: Option<Instant>,
    /// Given up for all zones, and not heard of since.
    is_lost: bool,
    is_in_turn: bool,
}

/// What follows from a silence.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Silence {
    /// Nothing new.
    Counted,
    /// It is left alone until then.
    Rest(Instant),
    /// It is given up for now, for all zones.
    Lost,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Peers {
    peers: Vec<Peer>,
    ids: HashMap<Target, PeerId>,
    /// Those that something can be sent to.
    turn: VecDeque<PeerId>,
}

impl Peers {
    pub fn id(&mut self, target: &Target) -> PeerId {
        if let Some(id) = self.ids.get(target) {
            return *id;
        }
        let id = PeerId(u32::try_from(self.peers.len()).unwrap_or(u32::MAX));
        self.peers.push(Peer {
            target: target.clone(),
            ready: VecDeque::new(),
            flying: 0,
            window: WINDOW.0,
            silences: 0,
            counted: None,
            rests_until: None,
            again_at: None,
            is_lost: false,
            is_in_turn: false,
        });
        self.ids.insert(target.clone(), id);
        id
    }

    pub fn peer(&self, id: PeerId) -> &Peer {
        &self.peers[id.0 as usize]
    }

    fn peer_mut(&mut self, id: PeerId) -> &mut Peer {
        &mut self.peers[id.0 as usize]
    }

    pub fn ready(&mut self, id: PeerId, place: Place) {
        self.peer_mut(id).ready.push_back(place);
        self.enliven(id);
    }

    /// Gives it a turn, if it can use one.
    fn enliven(&mut self, id: PeerId) {
        let peer = self.peer_mut(id);
        let can = !peer.ready.is_empty() && peer.flying < peer.window && peer.rests_until.is_none();
        if can && !peer.is_in_turn {
            peer.is_in_turn = true;
            self.turn.push_back(id);
        }
    }

    /// The next thing to send, and to whom: each peer in its turn.
    pub fn next(&mut self) -> Option<(PeerId, Place)> {
        while let Some(id) = self.turn.pop_front() {
            let peer = self.peer_mut(id);
            peer.is_in_turn = false;
            let may = peer.flying < peer.window && peer.rests_until.is_none();
            let place = if may { peer.ready.pop_front() } else { None };
            if let Some(place) = place {
                return Some((id, place));
            }
        }
        None
    }

    /// What [`Peers::next`] gave was sent.
    pub fn sent(&mut self, id: PeerId) {
        self.peer_mut(id).flying += 1;
        self.enliven(id);
    }

    /// It was not: it was of no use any more.
    pub fn passed_over(&mut self, id: PeerId) {
        self.enliven(id);
    }

    pub fn rested(&mut self, id: PeerId) {
        self.peer_mut(id).rests_until = None;
        self.enliven(id);
    }

    /// Notes that it was given up for all zones; whether that is news.
    pub fn lose(&mut self, id: PeerId) -> bool {
        !std::mem::replace(&mut self.peer_mut(id).is_lost, true)
    }

    /// It is to be tried again then, unless it is to be anyway.
    pub fn again_at(&mut self, id: PeerId, due: Instant) -> bool {
        let peer = self.peer_mut(id);
        let is_first = peer.again_at.is_none();
        peer.again_at.get_or_insert(due);
        is_first
    }

    pub fn is_tried_again(&mut self, id: PeerId) {
        self.peer_mut(id).again_at = None;
    }

    /// An answer came, whatever it says; for a message that was on its way still, or not any more. Whether it had been given
    /// up for all zones.
    pub fn answered(&mut self, id: PeerId) -> bool {
        let peer = self.peer_mut(id);
        peer.flying = peer.flying.saturating_sub(1);
        peer.window = if peer.silences > 0 { WINDOW.0 } else { (peer.window + 1).min(WINDOW.1) };
        (peer.silences, peer.counted, peer.rests_until) = (0, None, None);
        let was_lost = std::mem::take(&mut peer.is_lost);
        self.enliven(id);
        was_lost
    }

    /// A message was ended without having been sent.
    pub fn ended(&mut self, id: PeerId) {
        let peer = self.peer_mut(id);
        peer.flying = peer.flying.saturating_sub(1);
        self.enliven(id);
    }

    /// Nothing came back for a message sent then. Those sent together count once.
    pub fn silent(
        &mut self,
        id: PeerId,
        sent: Instant,
        now: Instant,
        settings: &Settings,
        random: u64,
    ) -> Silence {
        let peer = self.peer_mut(id);
        peer.flying = peer.flying.saturating_sub(1);
        if peer.counted.is_some_and(|counted| sent < counted) {
            self.enliven(id);
            return Silence::Counted;
        }
        peer.counted = Some(now);
        peer.window = 1;
        peer.silences += 1;
        if peer.silences >= settings.tries {
            (peer.silences, peer.rests_until) = (0, None);
            peer.ready.clear();
            return Silence::Lost;
        }
        let rest = settings.back_off(peer.silences, random).saturating_sub(settings.first_wait);
        let until = now + rest;
        peer.rests_until = Some(until);
        Silence::Rest(until)
    }
}
