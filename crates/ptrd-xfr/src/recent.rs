//! Updates that are being made, and those that were answered a moment ago, by their MACs.
//!
//! A client that has no answer sends the same datagram again; whoever saw one on its way can send it again as well, for
//! as long as its time is near enough to ours. It is made once: while it is being made the copy is met with silence, and
//! afterwards with the answer that there was. A MAC covers the time and all of the message but its id, so two updates that
//! are meant have different ones unless they are the same within a second. How many octets of it are sent is not covered, so
//! what counts is the part that is always there: whoever shortens a MAC has a copy and not another update.
//!
//! The table is of a fixed size. Where more comes the oldest are forgotten, and what the prerequisites say must do.

use ptrd_tsig::{Algorithm, Mac};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// For how long an answer is remembered: twice the time by which clocks may differ.
const REMEMBERED: Duration = Duration::from_secs(2 * ptrd_tsig::FUDGE as u64);
/// Updates that are remembered at most.
const MOST: usize = 4_096;

/// See the module. A clone shares it.
#[derive(Clone, Default)]
pub(crate) struct Recent(Arc<Mutex<Table>>);

#[derive(Default)]
struct Table {
    known: HashMap<Box<[u8]>, Known>,
    /// In the order in which they came.
    order: VecDeque<(Instant, Box<[u8]>)>,
}

struct Known {
    since: Instant,
    /// Once there is one.
    answer: Option<Arc<[u8]>>,
}

/// What an update is.
pub(crate) enum Seen {
    /// One that was not seen before.
    New(Pending),
    /// One that is being made.
    Pending,
    /// One that was answered.
    Answered(Arc<[u8]>),
}

/// An update that is being made. Dropped without an answer, it is forgotten.
pub(crate) struct Pending {
    recent: Recent,
    mac: Option<Box<[u8]>>,
}

impl Recent {
    /// An update that was verified with a key of this algorithm.
    pub fn see(&self, mac: &Mac, algorithm: Algorithm) -> Seen {
        let now = Instant::now();
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.forget_old(now);
        let octets = mac.as_octets();
        let mac: Box<[u8]> = octets[..octets.len().min(algorithm.shortest_mac())].into();
        match table.known.get(&mac) {
            Some(Known { answer: Some(answer), .. }) => return Seen::Answered(answer.clone()),
            Some(Known { answer: None, .. }) => return Seen::Pending,
            None => {}
        }
        table.known.insert(mac.clone(), Known { since: now, answer: None });
        table.order.push_back((now, mac.clone()));
        Seen::New(Pending { recent: self.clone(), mac: Some(mac) })
    }
}

impl Table {
    fn forget_old(&mut self, now: Instant) {
        while let Some((since, _)) = self.order.front()
            && (self.order.len() >= MOST || now.duration_since(*since) > REMEMBERED)
        {
            let Some((since, mac)) = self.order.pop_front() else { return };
            // It may have come again since, and be another entry.
            if self.known.get(&mac).is_some_and(|known| known.since == since) {
                self.known.remove(&mac);
            }
        }
    }
}

impl Pending {
    /// Remembers the answer.
    pub fn answered(mut self, answer: &[u8]) {
        let Some(mac) = self.mac.take() else { return };
        let mut table = self.recent.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = table.known.get_mut(&mac) {
            known.answer = Some(answer.into());
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(mac) = self.mac.take() {
            self.recent.0.lock().unwrap_or_else(PoisonError::into_inner).known.remove(&mac);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ptrd_tsig::{Key, KeyTable, sign_request, verify};
    use ptrd_wire::TsigRecord;

    /// MACs of requests with this id.
    fn mac(id: u16) -> Mac {
        let key = || Key::new("k".parse().expect("a name"), Algorithm::HmacSha256, b"secret").expect("a key");
        let mut request = vec![0; 256];
        request[..2].copy_from_slice(&id.to_be_bytes());
        let (length, _) = sign_request(key(), &mut request, 12, 1_000).expect("room");
        let record = TsigRecord::find(&request[..length]).expect("a message").expect("a record");
        let keys = KeyTable::new([key()]).expect("keys");
        *verify(&request[..length], record, &keys, 1_000).expect("verified").mac()
    }

    #[test]
    fn an_update_is_made_once() {
        let recent = Recent::default();
        let see = |mac: &Mac| recent.see(mac, Algorithm::HmacSha256);
        let (one, two) = (mac(1), mac(2));
        let Seen::New(pending) = see(&one) else { panic!("new") };
        assert!(matches!(see(&one), Seen::Pending));
        assert!(matches!(see(&two), Seen::New(_)), "and dropped");
        assert!(matches!(see(&two), Seen::New(_)), "and so forgotten");
        pending.answered(b"yes");
        assert!(matches!(see(&one), Seen::Answered(answer) if *answer == *b"yes"));
    }

    #[test]
    fn the_table_is_bounded() {
        let recent = Recent::default();
        let see = |mac: &Mac| recent.see(mac, Algorithm::HmacSha256);
        for id in 0..MOST as u16 + 100 {
            let Seen::New(pending) = see(&mac(id)) else { panic!("new") };
            pending.answered(b"");
        }
        let table = recent.0.lock().expect("not poisoned");
        assert!(table.known.len() <= MOST && table.order.len() <= MOST);
        drop(table);
        assert!(matches!(see(&mac(0)), Seen::New(_)));
    }
}
