//! Primaries, one by one: how many zones may be asked for at a time, and whether it answers at all.
//!
//! Whoever does not answer is left alone for longer and longer, for all zones: one that serves twenty thousand and is dead
//! is asked once in a while, and not once for each.

use super::schedule::Settings;
use ptrd_zone::model::ZoneId;
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;

#[derive(Debug, Default)]
struct Peer {
    /// Zones that are being asked for.
    busy: usize,
    /// Zones that wait for room.
    waiting: VecDeque<ZoneId>,
    /// How often in a row nothing came back.
    silences: u32,
    /// Not to be asked before this, milliseconds since 1970.
    rests_until: i64,
    is_in_turn: bool,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Peers {
    peers: HashMap<SocketAddr, Peer>,
    /// Those that zones wait for, and that have room.
    turn: VecDeque<SocketAddr>,
}

impl Peers {
    /// When a primary may be asked again.
    pub fn rests_until(&self, address: SocketAddr) -> i64 {
        self.peers.get(&address).map_or(0, |peer| peer.rests_until)
    }

    /// Takes room at a primary; `false` where the zone has to wait for it.
    pub fn take(&mut self, address: SocketAddr, zone: ZoneId, settings: &Settings) -> bool {
        let peer = self.peers.entry(address).or_default();
        if peer.busy >= settings.per_primary.max(1) {
            peer.waiting.push_back(zone);
            return false;
        }
        peer.busy += 1;
        true
    }

    /// Gives room back.
    pub fn give_back(&mut self, address: SocketAddr) {
        let Some(peer) = self.peers.get_mut(&address) else { return };
        peer.busy = peer.busy.saturating_sub(1);
        self.give_back_unused(address);
    }

    /// A zone that waited, and its primary, which has room now.
    pub fn next_waiting(&mut self, settings: &Settings) -> Option<(SocketAddr, ZoneId)> {
        while let Some(address) = self.turn.pop_front() {
            let Some(peer) = self.peers.get_mut(&address) else { continue };
            peer.is_in_turn = false;
            if peer.busy >= settings.per_primary.max(1) {
                continue;
            }
            let Some(zone) = peer.waiting.pop_front() else { continue };
            if !peer.waiting.is_empty() {
                peer.is_in_turn = true;
                self.turn.push_back(address);
            }
            return Some((address, zone));
        }
        None
    }

    /// A zone that waited is gone: others may wait behind it.
    pub fn give_back_unused(&mut self, address: SocketAddr) {
        let Some(peer) = self.peers.get_mut(&address) else { return };
        if !peer.waiting.is_empty() && !peer.is_in_turn {
            peer.is_in_turn = true;
            self.turn.push_back(address);
        }
    }

    /// It answered, whatever it said.
    pub fn answered(&mut self, address: SocketAddr) {
        if let Some(peer) = self.peers.get_mut(&address) {
            (peer.silences, peer.rests_until) = (0, 0);
        }
    }

    /// Nothing came back.
    pub fn silent(&mut self, address: SocketAddr, now: i64, settings: &Settings) {
        let peer = self.peers.entry(address).or_default();
        // Several zones may have found out at the same time.
        if peer.rests_until > now {
            return;
        }
        peer.silences += 1;
        if peer.silences > 1 {
            let (shortest, longest) = settings.rest;
            let rest = shortest.saturating_mul(1 << (peer.silences - 2).min(20)).min(longest);
            peer.rests_until = now + rest;
        }
    }

    /// Somebody says that it is there.
    pub fn is_back(&mut self, address: SocketAddr) {
        if let Some(peer) = self.peers.get_mut(&address) {
            peer.rests_until = 0;
        }
    }
}
