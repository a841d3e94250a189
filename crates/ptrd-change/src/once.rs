//! Changes that are asked for with a key, and made once: whoever asks again is answered what was answered then.
//!
//! The answer is a row of the same transaction as the change, so no crash comes between them. It is kept for a day.

use crate::authorise::Caller;
use crate::plan::State;
use crate::problem::{internal, invalid, store_trouble};
use crate::rights::Rights;
use crate::writer::{Answer, Writer};
use ptrd_api::{ChangeDone, Problem};
use ptrd_store::{Commit, KeptAnswer};
use std::time::{Duration, Instant};

/// For how long answers are kept, milliseconds.
const KEPT: i64 = 24 * 60 * 60 * 1_000;
/// How many.
const MOST: usize = 65_536;
/// How often to forget.
const EACH: Duration = Duration::from_secs(60);

/// A change that is to be made once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once {
    /// A digest of who asks, and of the key.
    pub asked: [u8; 32],
    /// A digest of what is asked.
    pub body: [u8; 32],
}

/// When the writer forgets what is too old.
#[derive(Default)]
pub(crate) struct Forgetting {
    after: Option<Instant>,
}

impl Writer {
    /// What was answered when this was asked before, by the changes of this group or an earlier one. Whoever may change
    /// nothing any more is not told.
    pub fn answered(
        &mut self,
        caller: &Caller,
        once: &Once,
        state: &State,
        group: &[Commit],
        now: i64,
    ) -> Option<Answer> {
        let found = group.iter().rev().filter_map(|commit| commit.kept.as_ref());
        let kept = match found.into_iter().find(|kept| kept.asked == once.asked) {
            Some(kept) => kept.clone(),
            None => match self.store.kept_answer(&once.asked, now.saturating_sub(KEPT)) {
                Ok(kept) => kept?,
                Err(error) => {
                    let trouble = store_trouble(&error);
                    return Some(Err(internal(format!("whether this was asked before: {trouble}"))));
                }
            },
        };
        let rights = Rights::to_write(caller.role, &state.settings, &state.declared, now);
        Some(rights.and_then(|_| repeat(&kept, once)))
    }

    /// Forgets answers that are too old, or too many.
    pub fn forget_answers(&mut self) {
        if self.forgetting.after.is_some_and(|after| Instant::now() < after) {
            return;
        }
        self.forgetting.after = Some(Instant::now() + EACH);
        let before = self.shared.now().saturating_sub(KEPT);
        if self.kept_any
            && let Err(error) = self.store.forget_answers(before, MOST)
        {
            tracing::warn!(error = %store_trouble(&error), "old answers could not be forgotten");
        }
    }
}

fn repeat(kept: &KeptAnswer, once: &Once) -> Answer {
    if kept.body != once.body {
        return Err(invalid("Idempotency-Key: it was used with another request")
            .hint("a key is for one change; take a new one"));
    }
    let mut done: ChangeDone = serde_json::from_str(&kept.answer)
        .map_err(|error| internal(format!("an answer that was kept: {error}")))?;
    done.warnings.push("asked for before with this key: it was not done again".to_owned());
    Ok(done)
}

/// The answer as it is kept. A token is shown once, so it is not in there.
pub(crate) fn keep(once: &Once, done: &ChangeDone) -> Result<KeptAnswer, Problem> {
    let done = ChangeDone { token: None, ..done.clone() };
    let answer = serde_json::to_string(&done).map_err(|error| internal(error.to_string()))?;
    Ok(KeptAnswer { asked: once.asked, body: once.body, answer })
}
