//! Sessions: who logged in with a token. They are held in memory, under the hash of what the browser has, and end with
//! the daemon, with time, or with the token, which is judged anew with each request.

use ptrd_api::{AcknowledgedBy, ChangeDone, ConfirmationState};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Messages that wait for the next page at most.
const NOTES: usize = 4;

/// How many sessions there may be, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct SessionLimits {
    /// In all; where there are more, the one that was idle for longest ends.
    pub sessions: usize,
    /// Of one token; likewise.
    pub per_token: usize,
    /// After so long without a request one ends.
    pub idle: Duration,
    /// After so long one ends in any case.
    pub lifetime: Duration,
}

impl Default for SessionLimits {
    fn default() -> SessionLimits {
        SessionLimits {
            sessions: 4096,
            per_token: 32,
            idle: Duration::from_secs(30 * 60),
            lifetime: Duration::from_secs(12 * 60 * 60),
        }
    }
}

/// What a session is held under: the hash of its identity.
pub(crate) type Key = blake3::Hash;

/// A message for the next page. It is kept here and never stands in a URL, where others could write it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Note {
    /// What was done, or was not.
    pub text: String,
    /// What to do about it, or what else came of it.
    pub hint: String,
    /// Whether it was not done.
    pub is_bad: bool,
    /// The change that can be undone.
    pub undo: Option<u64>,
}

impl Note {
    /// What a change has done.
    pub fn of(done: &ChangeDone) -> Note {
        let mut hint = done.warnings.join("; ");
        hint.push_str(&unconfirmed(done));
        if done.acknowledged_by == Some(AcknowledgedBy::Local) {
            hint.push_str(" No standby has it yet.");
        }
        Note { text: done.summary.clone(), hint, is_bad: false, undo: done.change }
    }
}

/// Why names do not resolve back that a change has set or holds.
fn unconfirmed(done: &ChangeDone) -> String {
    let open: Vec<&str> = done
        .fcrdns
        .iter()
        .filter(|one| one.state != ConfirmationState::Verified)
        .map(|one| one.why.as_str())
        .collect();
    match open[..] {
        [] => String::new(),
        [why] => format!(" {why}."),
        [why, ..] => format!(" {why}; and {} more that do not resolve back: see “Checks”.", open.len() - 1),
    }
}

/// A session as a request finds it.
pub(crate) struct Session {
    pub key: Key,
    /// The token.
    pub secret: Zeroizing<String>,
    /// What forms of this session carry.
    pub csrf: String,
}

struct Held {
    secret: Zeroizing<String>,
    csrf: String,
    begun: Instant,
    seen: Instant,
    notes: Vec<Note>,
}

/// All sessions.
#[derive(Default)]
pub(crate) struct Sessions {
    limits: SessionLimits,
    held: Mutex<HashMap<Key, Held>>,
}

/// 256 random bits as text.
fn random() -> Result<String, getrandom::Error> {
    let mut octets = [0; 32];
    getrandom::fill(&mut octets)?;
    Ok(blake3::Hash::from_bytes(octets).to_hex().to_string())
}

fn key_of(identity: &str) -> Key {
    blake3::hash(identity.as_bytes())
}

/// Compares what a form carries in a time that does not depend on it.
pub(crate) fn same(one: &str, other: &str) -> bool {
    blake3::hash(one.as_bytes()) == blake3::hash(other.as_bytes())
}

impl Sessions {
    pub fn new(limits: SessionLimits) -> Sessions {
        Sessions { limits, held: Mutex::default() }
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Key, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a session for a token that was judged good, and returns its identity, which only the browser keeps.
    ///
    /// # Errors
    /// The system has no random octets.
    pub fn open(&self, secret: &str, now: Instant) -> Result<String, getrandom::Error> {
        let (identity, csrf) = (random()?, random()?);
        let secret = Zeroizing::new(secret.to_owned());
        let mut held = self.held();
        held.retain(|_, session| self.is_alive(session, now));
        let of_token = |session: &Held| *session.secret == *secret;
        drop_idlest(&mut held, self.limits.per_token, of_token);
        drop_idlest(&mut held, self.limits.sessions, |_| true);
        held.insert(key_of(&identity), Held { secret, csrf, begun: now, seen: now, notes: Vec::new() });
        Ok(identity)
    }

    fn is_alive(&self, session: &Held, now: Instant) -> bool {
        now.duration_since(session.seen) < self.limits.idle
            && now.duration_since(session.begun) < self.limits.lifetime
    }

    /// The session of this identity, if it goes on.
    pub fn find(&self, identity: &str, now: Instant) -> Option<Session> {
        let key = key_of(identity);
        let mut held = self.held();
        let session = held.get_mut(&key)?;
        if !self.is_alive(session, now) {
            held.remove(&key);
            return None;
        }
        session.seen = now;
        Some(Session { key, secret: session.secret.clone(), csrf: session.csrf.clone() })
    }

    /// Leaves a message for the next page.
    pub fn note(&self, key: &Key, note: Note) {
        if let Some(session) = self.held().get_mut(key) {
            session.notes.push(note);
            let more = session.notes.len().saturating_sub(NOTES);
            session.notes.drain(..more);
        }
    }

    /// The messages that were left, once.
    pub fn take_notes(&self, key: &Key) -> Vec<Note> {
        self.held().get_mut(key).map(|session| std::mem::take(&mut session.notes)).unwrap_or_default()
    }

    /// Ends a session.
    pub fn close(&self, key: &Key) {
        self.held().remove(key);
    }
}

/// Makes room for one more among those that `counts`.
fn drop_idlest(held: &mut HashMap<Key, Held>, most: usize, counts: impl Fn(&Held) -> bool) {
    let mut seen: Vec<(Instant, Key)> = held
        .iter()
        .filter(|(_, session)| counts(session))
        .map(|(key, session)| (session.seen, *key))
        .collect();
    let more = (seen.len() + 1).saturating_sub(most);
    seen.sort_unstable_by_key(|(seen, _)| *seen);
    for (_, key) in seen.into_iter().take(more) {
        held.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn open(sessions: &Sessions, secret: &str, now: Instant) -> String {
        sessions.open(secret, now).expect("random octets")
    }

    #[test]
    fn a_session_ends_when_it_is_idle_and_in_any_case() {
        let (sessions, start) = (Sessions::default(), Instant::now());
        let identity = open(&sessions, "token", start);
        let mut now = start;
        while now.duration_since(start) < SessionLimits::default().lifetime - 20 * MINUTE {
            now += 20 * MINUTE;
            assert!(sessions.find(&identity, now).is_some(), "it is used");
        }
        assert!(sessions.find(&identity, now + 20 * MINUTE).is_none(), "it is old");
        let idle = open(&sessions, "token", start);
        assert!(sessions.find(&idle, start + 30 * MINUTE).is_none());
        assert!(sessions.find(&idle, start).is_none(), "and does not come back");
    }

    #[test]
    fn identities_are_not_held_and_differ() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let (one, two) = (open(&sessions, "token", now), open(&sessions, "token", now));
        assert_ne!(one, two);
        assert_eq!(one.len(), 64);
        let (first, second) =
            (sessions.find(&one, now).expect("one"), sessions.find(&two, now).expect("two"));
        assert_ne!(first.csrf, second.csrf);
        assert!(same(&first.csrf, &first.csrf) && !same(&first.csrf, &second.csrf));
        assert_ne!(first.key.to_hex().as_str(), one);
        assert!(sessions.find(first.key.to_hex().as_str(), now).is_none(), "a hash opens nothing");
        sessions.close(&first.key);
        assert!(sessions.find(&one, now).is_none() && sessions.find(&two, now).is_some());
    }

    #[test]
    fn there_are_only_so_many() {
        let limits = SessionLimits { sessions: 3, per_token: 2, ..SessionLimits::default() };
        let (sessions, start) = (Sessions::new(limits), Instant::now());
        let mut now = start;
        let mut next = |secret: &str| {
            now += MINUTE;
            open(&sessions, secret, now)
        };
        let (a1, a2) = (next("a"), next("a"));
        let a3 = next("a");
        let b = next("b");
        let found = |identity: &String| sessions.find(identity, start + 5 * MINUTE).is_some();
        assert_eq!([&a1, &a2, &a3, &b].map(found), [false, true, true, true]);
        let c = next("c");
        assert_eq!(
            [&a2, &a3, &b, &c]
                .map(|identity| sessions.held().contains_key(&key_of(identity)))
                .iter()
                .filter(|there| **there)
                .count(),
            3
        );
    }

    #[test]
    fn messages_are_shown_once_and_few_are_kept() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let key = sessions.find(&open(&sessions, "token", now), now).expect("a session").key;
        for nth in 0..9 {
            sessions.note(&key, Note { text: nth.to_string(), ..Note::default() });
        }
        let texts: Vec<String> = sessions.take_notes(&key).into_iter().map(|note| note.text).collect();
        assert_eq!(texts, ["5", "6", "7", "8"]);
        assert_eq!(sessions.take_notes(&key), []);
    }
}
