//! How it stands with an address over time: the last verdict that says something, since when, and what was before.
//!
//! What could not be found out changes nothing: a resolver that is down makes no address fail. Invariants, which tests hold:
//! a transition is told where the verdict is another, and nowhere else; at most [`KEPT`] of them are kept, the newest.

use crate::Verdict;
use serde::{Deserialize, Serialize};

/// How many transitions are kept of an address.
pub const KEPT: usize = 16;

/// From one verdict to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// When, milliseconds since 1970 UTC.
    pub at: i64,
    /// What was before; `None` for the first.
    pub from: Option<Verdict>,
    /// What is now.
    pub to: Verdict,
    /// Why, for people.
    pub why: String,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// When it was looked at last, milliseconds since 1970 UTC.
    pub checked: i64,
    /// How often in a row it could not be found out.
    pub unknown: u32,
    /// Why that is, or why it is as it is, at the last look.
    pub why: String,
    /// The transitions, oldest first.
    pub history: Vec<Transition>,
}

impl Standing {
    /// The verdict that stands; [`Verdict::Unknown`] until one was found.
    pub fn verdict(&self) -> Verdict {
        self.history.last().map_or(Verdict::Unknown, |last| last.to)
    }

    /// Since when it stands, milliseconds since 1970 UTC.
    pub fn since(&self) -> Option<i64> {
        self.history.last().map(|last| last.at)
    }

    /// Takes in what was found; gives back the transition, where it is one.
    pub fn observe(&mut self, at: i64, verdict: Verdict, why: String) -> Option<&Transition> {
        self.checked = at;
        self.why.clone_from(&why);
        if verdict == Verdict::Unknown {
            self.unknown = self.unknown.saturating_add(1);
            return None;
        }
        self.unknown = 0;
        let from = self.history.last().map(|last| last.to);
        if from == Some(verdict) {
            return None;
        }
        if self.history.len() >= KEPT {
            self.history.drain(..=self.history.len() - KEPT);
        }
        self.history.push(Transition { at, from, to: verdict, why });
        self.history.last()
    }
}
