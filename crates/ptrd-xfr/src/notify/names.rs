//! Names of nameservers, and the addresses that they had when somebody last asked.

use super::terms::Settings;
use ptrd_wire::Name;
use ptrd_zone::model::ZoneId;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What a name resolved to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolution {
    /// Addresses to be told.
    pub addresses: Vec<IpAddr>,
    /// Those of this server.
    pub own: Vec<IpAddr>,
    /// For how long that holds; nothing for what is found anew each time.
    pub ttl: Duration,
}

/// Why a name did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unresolved {
    /// In words.
    pub why: String,
    /// Whether an answer said so, so that asking again soon is of no use.
    pub is_final: bool,
    /// For how long the name is left alone once it is given up.
    pub ttl: Duration,
}

/// A name's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NameId(u32);

/// A zone, and which of its announcements.
pub(super) type Waiter = (ZoneId, u32);

#[derive(Debug)]
pub(super) struct Entry {
    pub name: Name,
    /// What was found last, if anything ever was.
    pub found: Option<Resolution>,
    pub state: State,
    pub waiters: Vec<Waiter>,
}

#[derive(Clone, Debug)]
pub(super) enum State {
    /// Nobody has asked, or what was found has expired.
    Unknown,
    /// Waits to be asked for, or is, after so many failures.
    Asking(u32),
    Known(Instant),
    /// To be asked again then, after so many failures.
    Failing(u32, Instant, Arc<str>),
    /// Left alone until then.
    Lost(Instant, Arc<str>),
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Names {
    entries: Vec<Entry>,
    ids: HashMap<Name, NameId>,
}

/// What becomes of those who wait for a name.
pub(super) enum Outcome {
    /// They go on with what is found, or without.
    GoOn,
    /// They wait until then.
    Again(Instant),
}

impl Names {
    pub fn id(&mut self, name: &Name) -> NameId {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        let id = NameId(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
        let entry = Entry { name: name.clone(), found: None, state: State::Unknown, waiters: Vec::new() };
        self.entries.push(entry);
        self.ids.insert(name.clone(), id);
        id
    }

    pub fn entry(&self, id: NameId) -> &Entry {
        &self.entries[id.0 as usize]
    }

    pub fn entry_mut(&mut self, id: NameId) -> &mut Entry {
        &mut self.entries[id.0 as usize]
    }

    /// Whether a name need not be waited for. Where it has to be, and nobody is on it, `Some(true)` asks for that.
    pub fn is_settled(&mut self, id: NameId, now: Instant) -> Result<(), bool> {
        let entry = self.entry_mut(id);
        match entry.state {
            State::Known(until) | State::Lost(until, _) if until > now => Ok(()),
            State::Asking(_) | State::Failing(..) => Err(false),
            _ => {
                entry.state = State::Asking(0);
                Err(true)
            }
        }
    }

    /// What was learnt about a name that was asked for.
    pub fn learn(
        &mut self,
        id: NameId,
        now: Instant,
        learnt: Result<Resolution, Unresolved>,
        settings: &Settings,
        random: u64,
    ) -> Outcome {
        let entry = self.entry_mut(id);
        let State::Asking(failures) = entry.state else { return Outcome::GoOn };
        match learnt {
            Ok(found) => {
                entry.state = State::Known(now + found.ttl);
                entry.found = Some(found);
                Outcome::GoOn
            }
            Err(Unresolved { why, is_final, ttl }) => {
                let why: Arc<str> = why.into();
                if is_final {
                    entry.found = None;
                }
                if is_final || failures + 1 >= settings.tries {
                    entry.state = State::Lost(now + ttl, why);
                    return Outcome::GoOn;
                }
                let again = now + settings.back_off(failures + 1, random);
                entry.state = State::Failing(failures + 1, again, why);
                Outcome::Again(again)
            }
        }
    }

    /// Asks again for one that failed.
    pub fn ask_again(&mut self, id: NameId) {
        let entry = self.entry_mut(id);
        if let State::Failing(failures, ..) = entry.state {
            entry.state = State::Asking(failures);
        }
    }
}
