//! When and from where tokens were used last: noted by whoever lets a token in, written now and then, and no change.
//!
//! A map by token that does not outgrow the tokens. A crash takes a minute of it along.

use crate::plan::Settings;
use crate::problem::store_trouble;
use crate::writer::Writer;
use ptrd_api::TokenId;
use ptrd_store::TokenUse;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long to gather for the store: each time costs a sync.
const GATHER: Duration = Duration::from_secs(60);

/// What the road's handle and the writer share of it.
#[derive(Default)]
pub(crate) struct Uses(Mutex<Known>);

#[derive(Default)]
struct Known {
    last: BTreeMap<TokenId, (i64, IpAddr)>,
    /// What the store does not know yet.
    unsaved: BTreeSet<TokenId>,
}

impl Uses {
    /// What the store had.
    pub fn of(stored: Vec<TokenUse>) -> Uses {
        let last =
            stored.into_iter().filter_map(|used| Some((used.token.parse().ok()?, (used.at, used.from))));
        Uses(Mutex::new(Known { last: last.collect(), unsaved: BTreeSet::new() }))
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A token that is there was used.
    pub fn note(&self, token: TokenId, at: i64, from: IpAddr) {
        let mut known = self.lock();
        known.last.insert(token, (at, from));
        known.unsaved.insert(token);
    }

    /// When and from where it was used last.
    pub fn last(&self, token: TokenId) -> Option<(i64, IpAddr)> {
        self.lock().last.get(&token).copied()
    }

    /// Forgets tokens that are gone, and says what the store is to be told.
    fn take(&self, settings: &Settings) -> Vec<TokenUse> {
        let mut known = self.lock();
        let is_there = |token: &TokenId| settings.contains_key(&super::setting(*token));
        known.last.retain(|token, _| is_there(token));
        let unsaved = std::mem::take(&mut known.unsaved);
        let told = unsaved.into_iter().filter_map(|token| {
            let (at, from) = known.last.get(&token)?;
            Some(TokenUse { token: token.to_string(), at: *at, from: *from })
        });
        told.collect()
    }

    fn put_back(&self, told: &[TokenUse]) {
        self.lock().unsaved.extend(told.iter().filter_map(|used| used.token.parse::<TokenId>().ok()));
    }
}

/// The writer's side.
#[derive(Default)]
pub(crate) struct Used {
    rest_until: Option<Instant>,
}

impl Writer {
    /// Tells the store of uses now and then, or `at_once`.
    pub fn settle_uses(&mut self, at_once: bool) {
        let is_early = self.used.rest_until.is_some_and(|until| Instant::now() < until);
        // A standby's store is as its primary made it.
        if (is_early && !at_once) || !self.shared.posted.is_primary() {
            return;
        }
        let told = self.shared.uses.take(&self.state.settings);
        if told.is_empty() {
            return;
        }
        if let Err(error) = self.store.put_token_uses(&told) {
            tracing::warn!(
                error = %store_trouble(&error), tokens = told.len(),
                "uses of tokens could not be written; it will be tried again"
            );
            self.shared.uses.put_back(&told);
        }
        self.used.rest_until = Some(Instant::now() + GATHER);
    }
}
