//! Updates that are under way, and those that were answered a moment ago, by their MACs, or by their octets.
//!
//! A client that has no answer sends the same datagram again; whoever saw one on its way can send it again as well, for
//! as long as its time is near enough to ours. It is made once: while it is being made the copy is met with silence, and
//! afterwards with the answer that there was. A MAC covers the time and all of the message but its id, so two updates that
//! are meant have different ones unless they are the same within a second. How many octets of it are sent is not covered, so
//! what counts is the part that is always there: whoever shortens a MAC has a copy and not another update.
//!
//! So an update is taken only within [`ptrd_tsig::FUDGE`] seconds of our time, whatever the fudge that it was signed with
//! allows (RFC 8945 §10 recommends that fudge): beyond that a copy could come when its first was
//! forgotten.
//!
//! The answers are kept of so many; of more than that it is known that they were answered, and a copy is refused. Where still
//! more come, a hundred a second all the time, the oldest are forgotten, and what the prerequisites say must do; so it is after
//! a start. What is under way is not forgotten: how much that is, is bounded where it is begun.

use ptrd_tsig::{Algorithm, Mac};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// For how long an answer is remembered: twice the time by which the clock of whoever signs may differ from ours, which is
/// no more than [`ptrd_tsig::FUDGE`] for an update. Times are whole seconds, so it is a second more, and one for the way.
const REMEMBERED: Duration = Duration::from_secs(2 * ptrd_tsig::FUDGE as u64 + 2);
/// Updates that are remembered at most: those of [`REMEMBERED`], where a hundred come a second.
const MOST: usize = 1 << 16;
/// Answers that are.
const ANSWERS: usize = 1 << 12;

/// Octets of an answer that is remembered: those of updates are short.
const LONGEST: usize = 4_096;

/// See the module. A clone shares it.
#[derive(Clone, Default)]
pub(crate) struct Recent(Arc<Mutex<Table>>);

#[derive(Default)]
struct Table {
    known: HashMap<Arc<[u8]>, Known>,
    /// Those that were answered, in the order of that.
    order: VecDeque<(Instant, Arc<[u8]>)>,
}

enum Known {
    Pending,
    Answered(Arc<[u8]>),
    /// Answered, nobody knows how.
    Past,
}

/// What an update is.
pub(crate) enum Seen {
    /// One that was not seen before.
    New(Pending),
    /// One that is being made.
    Pending,
    /// One that was answered.
    Answered(Arc<[u8]>),
    /// One that was answered a while ago.
    Past,
}

/// An update that is being made. Dropped without an answer, it is forgotten.
pub(crate) struct Pending {
    recent: Recent,
    octets: Option<Arc<[u8]>>,
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
            Some(Known::Answered(answer)) => return Seen::Answered(answer.clone()),
            Some(Known::Pending) => return Seen::Pending,
            Some(Known::Past) => return Seen::Past,
            None => {}
        }
        let octets = Arc::<[u8]>::from(octets);
        table.known.insert(octets.clone(), Known::Pending);
        Seen::New(Pending { recent: self.clone(), octets: Some(octets) })
    }
}

impl Table {
    /// Enters an update as answered now.
    fn enter(&mut self, octets: Arc<[u8]>, answer: &[u8], now: Instant) {
        let known = if answer.len() > LONGEST { Known::Past } else { Known::Answered(answer.into()) };
        self.known.insert(octets.clone(), known);
        self.order.push_back((now, octets));
        let past = self.order.len().checked_sub(ANSWERS + 1).and_then(|nth| self.order.get(nth));
        if let Some(known) = past.and_then(|(_, octets)| self.known.get_mut(octets)) {
            *known = Known::Past;
        }
        self.forget_old(now);
    }

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
        let Some(octets) = self.octets.take() else { return };
        let mut table = self.recent.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.enter(octets, answer, Instant::now());
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

    /// Whatever is signed [`ptrd_tsig::FUDGE`] seconds ahead of our time can be sent again until it is as much behind it, to
    /// the end of that second.
    #[test]
    fn an_answer_is_known_for_as_long_as_a_copy_may_come() {
        let recent = Recent::default();
        let Seen::New(pending) = recent.see(b"one") else { panic!("new") };
        pending.answered(b"yes");
        let mut table = recent.0.lock().expect("not poisoned");
        let answered = table.order[0].0;
        let last = Duration::from_secs(2 * u64::from(ptrd_tsig::FUDGE) + 1);
        table.forget_old(answered + last);
        assert!(table.known.contains_key(&b"one"[..]));
        table.forget_old(answered + last + Duration::from_secs(2));
        assert!(table.known.is_empty() && table.order.is_empty());
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
        let answers = table.known.values().filter(|known| matches!(known, Known::Answered(_)));
        assert_eq!(answers.count(), ANSWERS);
        drop(table);
        let see = |id: usize| recent.see(&id.to_be_bytes());
        assert!(matches!(see(0), Seen::New(_)), "forgotten");
        let last = MOST + 100 - 1;
        assert!(matches!(see(last - ANSWERS), Seen::Past), "known, and its answer is not");
        assert!(matches!(see(last - ANSWERS + 1), Seen::Answered(_)));
        assert!(matches!(recent.see(b"pending"), Seen::Pending), "what is under way is not forgotten");
        pending.answered(&[0; LONGEST + 1]);
        assert!(matches!(recent.see(b"pending"), Seen::Past), "an answer that is too long is not kept");
    }
}
