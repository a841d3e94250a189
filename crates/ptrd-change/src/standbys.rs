//! Those that follow: how far each has come, and what that means for whoever waits to be told that a change is safe.
//!
//! The writer knows nothing of them and waits for none. A caller waits, after its change is durable and visible here, and
//! not for ever: when no standby answers in time, callers are told so and wait no more until one has caught up again.

use ptrd_api::{AcknowledgedBy, StandbyPosition};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// What a change is acknowledged by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acknowledge {
    /// The primary has it durable.
    #[default]
    Local,
    /// A standby has, too; or none has said so in this time.
    Both(Duration),
}

/// Standbys that are remembered; of more the one that was not heard of for the longest time is forgotten.
const MOST: usize = 16;
/// So few changes behind, a standby has caught up.
const NEAR: u64 = 256;

struct Known {
    change: u64,
    /// When it last lacked nothing.
    level_at: i64,
    seen_at: i64,
    polling: u32,
}

/// See the module.
pub(crate) struct Standbys {
    rule: Mutex<Acknowledge>,
    newest: watch::Sender<u64>,
    durable: watch::Sender<u64>,
    closing: watch::Sender<bool>,
    relaxed: AtomicBool,
    known: Mutex<BTreeMap<String, Known>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A standby that waits for changes; dropped, it does not wait any more.
pub(crate) struct Polling<'s> {
    standbys: &'s Standbys,
    name: String,
}

impl Drop for Polling<'_> {
    fn drop(&mut self) {
        if let Some(known) = lock(&self.standbys.known).get_mut(&self.name) {
            known.polling = known.polling.saturating_sub(1);
        }
    }
}

impl Standbys {
    pub fn new(rule: Acknowledge, newest: u64) -> Standbys {
        Standbys {
            rule: Mutex::new(rule),
            newest: watch::Sender::new(newest),
            durable: watch::Sender::new(0),
            closing: watch::Sender::new(false),
            relaxed: AtomicBool::new(false),
            known: Mutex::new(BTreeMap::new()),
        }
    }

    pub fn set_rule(&self, rule: Acknowledge) {
        *lock(&self.rule) = rule;
    }

    pub fn rule(&self) -> Acknowledge {
        *lock(&self.rule)
    }

    pub fn is_relaxed(&self) -> bool {
        self.relaxed.load(Ordering::Relaxed)
    }

    /// A change can be seen.
    pub fn made(&self, change: u64) {
        self.newest.send_replace(change);
    }

    /// Waits until there is a change after this one, for some time at most.
    pub async fn after(&self, change: u64, patience: Duration) {
        let mut newest = self.newest.subscribe();
        // An error would say that the sender is gone, which this holds.
        let _ = self.unless_closing(patience, newest.wait_for(|newest| *newest > change)).await;
    }

    /// Nobody waits any more, and nobody will.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    /// What comes of waiting; `None` when it took too long, or the server stops.
    async fn unless_closing<T>(&self, patience: Duration, wait: impl Future<Output = T>) -> Option<T> {
        let mut closing = self.closing.subscribe();
        tokio::select! {
            biased;
            done = wait => Some(done),
            _ = closing.wait_for(|closing| *closing) => None,
            () = tokio::time::sleep(patience) => None,
        }
    }

    /// A standby has all changes up to this one durable, and waits for more.
    pub fn has(&self, name: &str, change: u64, now: i64) -> Polling<'_> {
        let newest = *self.newest.borrow();
        {
            let mut known = lock(&self.known);
            if known.len() >= MOST && !known.contains_key(name) {
                let idle = known.iter().filter(|(_, known)| known.polling == 0);
                let oldest = idle.min_by_key(|(_, known)| known.seen_at).map(|(name, _)| name.clone());
                oldest.and_then(|name| known.remove(&name));
            }
            let level_at = if change >= newest { now } else { i64::MIN };
            let entry = known.entry(name.to_owned()).or_insert(Known {
                change,
                level_at: now,
                seen_at: now,
                polling: 0,
            });
            (entry.change, entry.seen_at) = (change, now);
            entry.level_at = entry.level_at.max(level_at);
            entry.polling += 1;
        }
        self.durable.send_if_modified(|durable| {
            let is_news = change > *durable;
            *durable = (*durable).max(change);
            is_news
        });
        if newest.saturating_sub(change) <= NEAR && self.relaxed.swap(false, Ordering::Relaxed) {
            tracing::info!(standby = name, change, "a standby has caught up: changes wait for it again");
        }
        Polling { standbys: self, name: name.to_owned() }
    }

    /// Waits until a standby has the change, where the rule says so. `None` where it does not.
    pub async fn acknowledged(&self, change: u64) -> Option<AcknowledgedBy> {
        let Acknowledge::Both(patience) = self.rule() else { return None };
        let mut durable = self.durable.subscribe();
        if *durable.borrow_and_update() >= change {
            return Some(AcknowledgedBy::Both);
        }
        if self.is_relaxed() {
            return Some(AcknowledgedBy::Local);
        }
        match self.unless_closing(patience, durable.wait_for(|durable| *durable >= change)).await {
            Some(_) => Some(AcknowledgedBy::Both),
            None => {
                if !self.relaxed.swap(true, Ordering::Relaxed) {
                    tracing::warn!(
                        change,
                        ?patience,
                        "no standby has acknowledged a change in time: until one has caught up, changes are acknowledged without"
                    );
                }
                Some(AcknowledgedBy::Local)
            }
        }
    }

    /// How far each has come.
    pub fn positions(&self, now: i64) -> Vec<StandbyPosition> {
        let newest = *self.newest.borrow();
        let view = |(name, known): (&String, &Known)| {
            let behind = newest.saturating_sub(known.change);
            let since = now.saturating_sub(known.level_at).max(0) / 1_000;
            StandbyPosition {
                name: name.clone(),
                connected: known.polling > 0,
                change: known.change,
                behind,
                behind_seconds: if behind == 0 { 0 } else { since as u64 },
                seen: crate::history::time(known.seen_at),
            }
        };
        lock(&self.known).iter().map(view).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_runtime<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.expect("a runtime").block_on(work)
    }

    #[test]
    fn a_change_is_acknowledged_by_both_once_a_standby_has_it() {
        in_runtime(async {
            let standbys = Standbys::new(Acknowledge::Both(Duration::from_secs(600)), 4);
            let wait = standbys.acknowledged(5);
            let tell = async {
                standbys.made(5);
                drop(standbys.has("b", 4, 1));
                drop(standbys.has("b", 5, 2));
            };
            assert_eq!(tokio::join!(wait, tell).0, Some(AcknowledgedBy::Both));
            assert_eq!(standbys.acknowledged(3).await, Some(AcknowledgedBy::Both), "it has what came before");
            standbys.set_rule(Acknowledge::Local);
            assert_eq!(standbys.acknowledged(6).await, None);
        });
    }

    #[test]
    fn without_a_standby_one_wait_is_enough_until_one_has_caught_up() {
        in_runtime(async {
            let standbys = Standbys::new(Acknowledge::Both(Duration::from_millis(1)), 1_000);
            assert_eq!(standbys.acknowledged(1_000).await, Some(AcknowledgedBy::Local));
            standbys.set_rule(Acknowledge::Both(Duration::from_secs(600)));
            assert!(standbys.is_relaxed());
            assert_eq!(standbys.acknowledged(1_000).await, Some(AcknowledgedBy::Local), "at once");
            drop(standbys.has("b", 3, 1));
            assert!(standbys.is_relaxed(), "it is far behind");
            drop(standbys.has("b", 990, 1));
            assert!(!standbys.is_relaxed());
        });
    }

    #[test]
    fn the_lag_is_counted_in_changes_and_from_when_nothing_was_lacking() {
        let standbys = Standbys::new(Acknowledge::Local, 10);
        let polling = standbys.has("b", 10, 5_000);
        standbys.made(12);
        let position = |now| standbys.positions(now).remove(0);
        let lagging = position(8_000);
        assert!(lagging.connected);
        assert_eq!((lagging.change, lagging.behind, lagging.behind_seconds), (10, 2, 3));
        drop(polling);
        drop(standbys.has("b", 12, 9_000));
        let level = position(20_000);
        assert_eq!((level.behind, level.behind_seconds, level.connected), (0, 0, false));
        for n in 0..40 {
            drop(standbys.has(&format!("s{n}"), 1, 10_000 + n));
        }
        assert_eq!(standbys.positions(0).len(), MOST);
    }
}
