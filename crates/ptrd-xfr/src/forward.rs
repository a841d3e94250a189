//! Updates of zones that are followed: passed on to the primaries, which judge them (RFC 2136 §6).
//!
//! The message goes on as it came, but for the id: it keeps the signature of whoever sent it, which the primary verifies
//! (the original id is in the TSIG record), and the answer comes back with the primary's. RFC 8945 §5.5 would have us sign
//! anew what is signed with a key that we share with the sender. That is not done, nor do BIND and Knot do it: the primary
//! would see who passed the update on, and not who made it. For the same reason nothing unsigned goes on.
//!
//! Whose updates are passed on is granted ([`Action::Forward`]). A key that is known here is verified here; others pass
//! where a grant names an address and no key.
//!
//! A standby passes on what is for its primary's own zones the same way. Keys and permissions are the primary's, so no grant
//! is asked for: on goes what was signed by one who may update something, which is what the primary's own door lets in.
//!
//! What is under way is known by its MAC, or, where that was not verified, by all of its octets but the id. A copy in a datagram is met with silence; over a stream it is
//! answered SERVFAIL at once. So two servers that are each other's primaries, or one that is its own, find out with the
//! first round. How many are under way is bounded: in all, of one network, and to one primary, so that one that is dead
//! takes no place from the others.
//!
//! - RFC 2136 §6, RFC 3007 §1, RFC 8945 §5.5

use crate::updates::{Letter, may_update};
use ptrd_wire::{
    AddrRange, Class, Family, HEADER_LEN, Name, Rcode, Tsig, TsigRecord, UpdateMessage, ip_to_bits,
};
use ptrd_zone::{Action, Followed, Peer, Snapshot};
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// Updates under way in all.
const IN_ALL: usize = 256;
/// Those to one primary.
const TO_ONE: usize = 128;
/// Those of one network.
const OF_ONE: usize = 64;
/// Bits of an address of IPv6 that make a network.
const NETWORK_V6: u8 = 64;

/// An update that is to be passed on.
#[derive(Clone, Debug)]
pub struct Forward {
    /// The zone.
    pub zone: Name,
    /// From whom it is pulled.
    pub followed: Arc<Followed>,
    /// The message as it came.
    pub message: Vec<u8>,
    /// The name of the key that signed it, or is said to have.
    pub key: Name,
    /// From where it came.
    pub from: IpAddr,
}

/// Where the answer of a primary goes; `None` where none took the update.
pub type Carried = Box<dyn FnOnce(Option<Vec<u8>>) + Send>;

/// Who passes updates on.
pub trait Forwards: Send + Sync {
    /// Sends an update, with an id of its own (RFC 2136 §6), to the primaries in their order. Called by threads that answer
    /// queries: it must not block.
    fn forward(&self, forward: Forward, carried: Carried);

    /// Whose the zones are that are followed from nobody, while this server is a standby that passes updates on. Must not
    /// block either.
    fn primary(&self) -> Option<Arc<Followed>> {
        None
    }
}

/// What came of updates that were to be passed on to primaries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forwarded {
    /// Those that a primary answered, whatever it said.
    pub answered: u64,
    /// Those that none answered.
    pub failed: u64,
    /// Those that were turned away because too many were under way.
    pub crowded: u64,
    /// Those under way.
    pub open: u64,
}

#[derive(Debug, Default)]
struct ForwardCells {
    answered: AtomicU64,
    failed: AtomicU64,
    crowded: AtomicU64,
}

/// The way to those who pass updates on. A clone shares everything.
#[derive(Clone)]
pub(crate) struct Passage {
    forwards: Arc<dyn Forwards>,
    load: Arc<Mutex<Load>>,
    cells: Arc<ForwardCells>,
}

/// An update that may be passed on.
pub(crate) struct Errand {
    followed: Arc<Followed>,
    key: Name,
}

impl Passage {
    pub fn new(forwards: Arc<dyn Forwards>) -> Passage {
        Passage { forwards, load: Arc::default(), cells: Arc::default() }
    }

    pub fn counts(&self) -> Forwarded {
        let ForwardCells { answered, failed, crowded } = &*self.cells;
        Forwarded {
            answered: answered.load(Relaxed),
            failed: failed.load(Relaxed),
            crowded: crowded.load(Relaxed),
            open: self.load.lock().unwrap_or_else(PoisonError::into_inner).all as u64,
        }
    }

    /// Whether an update is for others, and may be passed on to them.
    pub fn errand(&self, read: &UpdateMessage, letter: &Letter<'_>, snapshot: &Snapshot) -> Option<Errand> {
        if read.class != Class::IN || read.edns.is_some_and(|version| version != 0) {
            return None;
        }
        let zone = snapshot.zone(&read.update.zone)?;
        let Some(followed) = snapshot.follows().of(zone.id()).cloned() else {
            let key = letter.signed.as_ref()?.signer.key().name().clone();
            let followed = self.forwards.primary()?;
            return may_update(letter.from, Some(&key), snapshot).then_some(Errand { followed, key });
        };
        let (key, proven) = match &letter.signed {
            Some(by) => (by.signer.key().name().clone(), true),
            None => (stranger(letter.message, snapshot)?, false),
        };
        let lower = key.to_lowercase();
        let peer = Peer { address: letter.from, key: proven.then_some(lower.as_wire()) };
        let allowed = snapshot.access().allows(Action::Forward, zone.id(), zone.tenant(), peer);
        allowed.then_some(Errand { followed, key })
    }

    /// A share of what may be under way.
    pub fn share(&self, errand: &Errand, from: IpAddr) -> Option<Share> {
        let primary = errand.followed.primaries.first()?.address;
        let share = Load::take(&self.load, network_of(from), primary);
        if share.is_none() {
            self.cells.crowded.fetch_add(1, Relaxed);
        }
        share
    }

    /// Passes an update on; `carried` is given the answer, with the id of the request.
    pub fn pass_on(
        &self,
        errand: Errand,
        zone: Name,
        letter: &Letter<'_>,
        carried: impl FnOnce(Option<Vec<u8>>) + Send + 'static,
    ) {
        let Errand { followed, key } = errand;
        let message = letter.message.to_vec();
        let id = [message[0], message[1]];
        let cells = self.cells.clone();
        let forward = Forward { zone, followed, message, key, from: letter.from };
        let back = move |answer: Option<Vec<u8>>| {
            let answer = answer.filter(|answer| answer.len() >= HEADER_LEN).map(|mut answer| {
                // RFC 2136 §6.6. The MAC does not cover the id.
                answer[..2].copy_from_slice(&id);
                answer
            });
            let cell = if answer.is_some() { &cells.answered } else { &cells.failed };
            cell.fetch_add(1, Relaxed);
            carried(answer);
        };
        self.forwards.forward(forward, Box::new(back));
    }
}

/// The name of a key that signed a message and that is not known here.
fn stranger(message: &[u8], snapshot: &Snapshot) -> Option<Name> {
    let record = TsigRecord::find(message).ok()??;
    let tsig = Tsig::read(message, record.offset)?;
    let unknown = snapshot.keys().find(tsig.key()).is_none() && !tsig.mac().is_empty();
    if unknown { Name::from_wire(tsig.key()).ok() } else { None }
}

fn network_of(from: IpAddr) -> AddrRange {
    let (family, bits) = ip_to_bits(from);
    let length = if family == Family::V4 { family.bits() } else { NETWORK_V6 };
    AddrRange::of_prefix(family, bits, length)
}

/// By what an update is known again: all of it but the id.
pub(crate) fn digest(message: &[u8]) -> [u8; 32] {
    blake3::hash(message.get(2..).unwrap_or_default()).into()
}

/// Whether another primary may know better (RFC 2136 §4.6 has requestors do the same).
pub fn is_worth_another(rcode: Rcode) -> bool {
    matches!(rcode, Rcode::SERVFAIL | Rcode::NOTIMP)
}

/// How many are under way.
#[derive(Debug, Default)]
struct Load {
    all: usize,
    networks: HashMap<AddrRange, usize>,
    primaries: HashMap<SocketAddr, usize>,
}

/// A share of it, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Share {
    load: Arc<Mutex<Load>>,
    network: AddrRange,
    primary: SocketAddr,
}

impl Load {
    fn take(load: &Arc<Mutex<Load>>, network: AddrRange, primary: SocketAddr) -> Option<Share> {
        let mut here = load.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = here.all >= IN_ALL
            || here.networks.get(&network).is_some_and(|count| *count >= OF_ONE)
            || here.primaries.get(&primary).is_some_and(|count| *count >= TO_ONE);
        if is_full {
            return None;
        }
        here.all += 1;
        *here.networks.entry(network).or_default() += 1;
        *here.primaries.entry(primary).or_default() += 1;
        Some(Share { load: load.clone(), network, primary })
    }
}

/// One less of these; those that are none take no room.
fn less<K: Eq + Hash>(counts: &mut HashMap<K, usize>, of: &K) {
    if let Some(count) = counts.get_mut(of) {
        *count -= 1;
        if *count == 0 {
            counts.remove(of);
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut load = self.load.lock().unwrap_or_else(PoisonError::into_inner);
        load.all -= 1;
        less(&mut load.networks, &self.network);
        less(&mut load.primaries, &self.primary);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn fill(load: &Arc<Mutex<Load>>, from: impl Fn(usize) -> IpAddr, to: &str) -> Vec<Share> {
        let to = to.parse().expect("an address and port");
        (0..).map_while(|nth| Load::take(load, network_of(from(nth)), to)).collect()
    }

    #[test]
    fn nobody_takes_the_places_of_others() {
        let load = Arc::<Mutex<Load>>::default();
        // One network of IPv6 is one, whatever the rest of the address.
        let one = fill(&load, |nth| address(&format!("2001:db8:0:1::{nth:x}")), "192.0.2.1:53");
        assert_eq!(one.len(), OF_ONE);
        let other = fill(&load, |nth| address(&format!("198.51.100.{nth}")), "192.0.2.1:53");
        assert_eq!(other.len(), TO_ONE - OF_ONE);
        let elsewhere = fill(&load, |nth| address(&format!("198.51.100.{nth}")), "192.0.2.2:53");
        let third = fill(&load, |nth| address(&format!("198.51.100.{nth}")), "192.0.2.3:53");
        assert_eq!((elsewhere.len(), third.len()), (TO_ONE, 0), "{IN_ALL} in all");
        drop((one, other, elsewhere));
        let load = load.lock().expect("not poisoned");
        assert_eq!((load.all, load.networks.len(), load.primaries.len()), (0, 0, 0));
    }
}
