//! When each change can have become visible: not before it was asked for, and not after it was acknowledged.
//!
//! Changes become visible in the order of the log. So what is known of one bounds those before and after it: one that
//! nobody acknowledged was visible when a later one was.

use crate::changer::{Attempt, Outcome};
use crate::history::History;
use std::collections::HashMap;

/// The bounds of every change.
#[derive(Clone, Debug)]
pub(crate) struct Windows {
    /// By change number: the earliest time that it can be seen. Nondecreasing.
    earliest: Vec<u64>,
    /// By change number: from then on it must be seen. Nondecreasing.
    latest: Vec<u64>,
}

impl Windows {
    pub fn new(history: &History, attempts: &[Attempt]) -> Windows {
        let count = history.last as usize + 1;
        let (mut earliest, mut latest) = (vec![0; count], vec![u64::MAX; count]);
        let by_token: HashMap<&str, &Attempt> =
            attempts.iter().map(|attempt| (&*attempt.token, attempt)).collect();
        for (nth, (_, reason)) in history.entries.iter().enumerate() {
            if let Some(attempt) = reason.as_deref().and_then(|reason| by_token.get(reason)) {
                earliest[nth + 1] = attempt.sent;
            }
        }
        for attempt in attempts {
            if let Outcome::Done { change: Some(change), .. } = attempt.outcome
                && let Some(latest) = latest.get_mut(change as usize)
            {
                *latest = attempt.got.min(*latest);
            }
        }
        latest[0] = 0;
        (1..count).for_each(|nth| earliest[nth] = earliest[nth].max(earliest[nth - 1]));
        (1..count).rev().for_each(|nth| latest[nth - 1] = latest[nth - 1].min(latest[nth]));
        Windows { earliest, latest }
    }

    /// The oldest and the newest change after which things can have stood at some time from `sent` to `got`.
    pub fn around(&self, sent: u64, got: u64) -> (u64, u64) {
        let oldest = self.latest.partition_point(|latest| *latest < sent).saturating_sub(1);
        let newest = self.earliest.partition_point(|earliest| *earliest <= got).saturating_sub(1);
        (oldest as u64, newest as u64)
    }

    /// For messages.
    pub fn of(&self, change: u64) -> String {
        match (self.earliest.get(change as usize), self.latest.get(change as usize)) {
            (Some(earliest), Some(&u64::MAX)) => format!("from {earliest} on, never acknowledged"),
            (Some(earliest), Some(latest)) => format!("{earliest} to {latest}"),
            _ => "not in the log".to_owned(),
        }
    }
}
