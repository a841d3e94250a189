//! Updates that are under way, and those that were answered a moment ago, by their MACs, or by their octets.
//!
//! A client that has no answer sends the same datagram again; whoever saw one on its way can send it again as well, for
//! as long as its time is near enough to ours. It is made once: while it is being made the copy is met with silence, and
//! afterwards with the answer that there was. A MAC covers the time and all of the message but its id, so two updates that
//! are meant have different ones unless they are the same within a second. How many octets of it are sent is not covered, so
//! what counts is the part that is always there: whoever shortens a MAC has a copy and not another update.
//!
//! What was answered takes room for so many. Where more comes the oldest are forgotten, and what the prerequisites say must
//! do. What is under way is not forgotten: how much that is, is bounded where it is begun.

use ptrd_tsig::{Algorithm, Mac};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// For how long an answer is remembered: twice the time by which clocks may differ.
const REMEMBERED: Duration = Duration::from_secs(2 * ptrd_tsig::FUDGE as u64);
/// Answers that are remembered at most.
const MOST: usize = 4_096;

/// Octets of an answer that is remembered: those of updates are short.
const LONGEST: usize = 4_096;

/// See the module. A clone shares it.
#[derive(Clone, Default)]
pub(crate) struct Recent(Arc<Mutex<Table>>);

#[derive(Default)]
struct Table {
    known: HashMap<Box<[u8]>, Known>,
    /// Those that were answered, in the order of that.
    order: VecDeque<(Instant, Box<[u8]>)>,
}

struct Known {
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
    octets: Option<Box<[u8]>>,
}

/// By what an update is known that was verified with a key of this algorithm.
pub(crate) fn known_by(mac: &Mac, algorithm: Algorithm) -> &[u8] {
    let octets = mac.as_octets();
    &octets[..octets.len().min(algorithm.shortest_mac())]
}

impl Recent {
    /// Looks up what is known by these octets.
    pub fn see(&self, octets: &[u8]) -> Seen {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.forget_old(Instant::now());
        match table.known.get(octets) {
            Some(Known { answer: Some(answer) }) => return Seen::Answered(answer.clone()),
            Some(Known { answer: None }) => return Seen::Pending,
            None => {}
        }
        table.known.insert(octets.into(), Known { answer: None });
        Seen::New(Pending { recent: self.clone(), octets: Some(octets.into()) })
    }
}

impl Table {
    fn forget_old(&mut self, now: Instant) {
        while let Some((since, _)) = self.order.front()
            && (self.order.len() > MOST || now.duration_since(*since) > REMEMBERED)
        {
            let Some((_, octets)) = self.order.pop_front() else { return };
            self.known.remove(&octets);
        }
    }
}

impl Pending {
    /// Remembers the answer.
    pub fn answered(mut self, answer: &[u8]) {
        if answer.len() > LONGEST {
            return;
        }
        let Some(octets) = self.octets.take() else { return };
        let now = Instant::now();
        let mut table = self.recent.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.known.insert(octets.clone(), Known { answer: Some(answer.into()) });
        table.order.push_back((now, octets));
        table.forget_old(now);
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(octets) = self.octets.take() {
            self.recent.0.lock().unwrap_or_else(PoisonError::into_inner).known.remove(&octets);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_is_made_once() {
        let recent = Recent::default();
        let (one, two) = (b"one", b"two");
        let Seen::New(pending) = recent.see(one) else { panic!("new") };
        assert!(matches!(recent.see(one), Seen::Pending));
        assert!(matches!(recent.see(two), Seen::New(_)), "and dropped");
        assert!(matches!(recent.see(two), Seen::New(_)), "and so forgotten");
        pending.answered(b"yes");
        assert!(matches!(recent.see(one), Seen::Answered(answer) if *answer == *b"yes"));
    }

    #[test]
    fn the_table_is_bounded() {
        let recent = Recent::default();
        let Seen::New(pending) = recent.see(b"pending") else { panic!("new") };
        for id in 0..MOST + 100 {
            let Seen::New(pending) = recent.see(&id.to_be_bytes()) else { panic!("new") };
            pending.answered(b"");
        }
        let table = recent.0.lock().expect("not poisoned");
        assert_eq!((table.known.len(), table.order.len()), (MOST + 1, MOST));
        drop(table);
        assert!(matches!(recent.see(&0usize.to_be_bytes()), Seen::New(_)));
        assert!(matches!(recent.see(b"pending"), Seen::Pending), "what is under way is not forgotten");
        pending.answered(&[0; LONGEST + 1]);
        assert!(matches!(recent.see(b"pending"), Seen::New(_)), "what is too long is");
    }
}
