//! Watching: what the world sees of sending addresses and of zones, looked at again and again, so that an operator hears of a fault before
//! those do who receive mail.
//!
//! What a look comes to, and when the next is due, [`ptrd_posture::watch`] says; what stands is kept by the road, in memory and in
//! the store, apart from the log. Here are the clock, whom to ask, and the pace. It runs on the control side's runtime: queries and
//! changes know nothing of it, and do not wait for it. A standby's primary watches.

mod look;
mod now;
mod task;
mod tell;
#[cfg(test)]
mod tests;
mod zone;

pub use task::Watcher;

use crate::config;
use ptrd_ask::walk::Walker;
use ptrd_ask::{Asker, Limits, Resolver, Roots, Surveyor};
use ptrd_change::{Road, Watching};
use ptrd_posture::identity::{Grade, Rules};
use ptrd_posture::watch::Kind;
use ptrd_store::Watched;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// Sending addresses, and zones, that are watched; those after the first so many are not.
const MOST: usize = 65_536;
/// Questions that wait for an answer of one server.
const IN_FLIGHT: usize = 16;
/// How often a question is put at most.
const TRIES: u32 = 3;
/// Requests to look at once that are under way, besides one of operators.
const MOST_ASKED: usize = 2;

/// What was counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WatchCounts {
    /// Looks, by what is watched, and by the worst that they found: see [`Grade::ALL`].
    pub looks: [[u64; 4]; 2],
    /// Turns that were told, by what is watched, and by what stands since then: see [`Grade::ALL`]; the last: nothing any more.
    pub turns: [[u64; 5]; 2],
    /// Questions that were sent.
    pub questions: u64,
}

#[derive(Default)]
struct Counters {
    looks: [[AtomicU64; 4]; 2],
    turns: [[AtomicU64; 5]; 2],
}

/// See the module. A clone is the same one.
#[derive(Clone)]
pub struct Watch(Arc<Shared>);

struct Shared {
    road: Arc<Road>,
    settings: config::Watch,
    asker: Arc<Asker>,
    /// Whom to ask, or why there is nobody.
    resolvers: Result<Vec<Resolver>, String>,
    /// What they found of names and zones they keep for a while; see [`Fresh`].
    surveyor: Fresh<Surveyor>,
    walker: Fresh<Walker>,
    /// Held while a course is read, altered and put.
    books: Mutex<()>,
    /// How it stood was read from the store: before that, and where no changes are made, nothing is taken in.
    is_loaded: AtomicBool,
    /// Whether somebody is told of turns, and of what.
    tells: bool,
    untold: Mutex<BTreeSet<Watched>>,
    /// What was looked at because somebody asked.
    asked: Mutex<Vec<Watched>>,
    seats: Semaphore,
    /// For operators alone.
    own_seats: Semaphore,
    counters: Counters,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Milliseconds.
pub(crate) fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// The place among [`Kind::ALL`].
pub fn nth_kind(kind: Kind) -> usize {
    usize::from(kind == Kind::Delegation)
}

/// The place among [`Grade::ALL`].
pub fn nth_grade(grade: Grade) -> usize {
    Grade::ALL.iter().position(|it| *it == grade).unwrap_or(0)
}

impl Watch {
    /// As the configuration says; `tells` whether there is a webhook. It asks nobody before [`Watcher::start`].
    pub fn new(road: Arc<Road>, settings: &config::Watch, tells: bool) -> Watch {
        let limits = Limits {
            rate: settings.queries_per_second,
            local_rate: settings.queries_per_second,
            in_flight: IN_FLIGHT,
            patience: settings.timeout,
            tries: TRIES,
        };
        let of = |address: &std::net::SocketAddr| Resolver {
            name: ptrd_posture::identity::socket(*address),
            address: *address,
        };
        let resolvers = match settings.resolvers.as_slice() {
            [] => Resolver::of_system(),
            given => Ok(given.iter().map(of).collect()),
        };
        Watch(Arc::new(Shared {
            road,
            settings: settings.clone(),
            asker: Arc::new(Asker::new(limits)),
            resolvers,
            surveyor: Fresh::default(),
            walker: Fresh::default(),
            books: Mutex::default(),
            tells,
            untold: Mutex::default(),
            asked: Mutex::default(),
            is_loaded: AtomicBool::new(false),
            seats: Semaphore::new(MOST_ASKED),
            own_seats: Semaphore::new(1),
            counters: Counters::default(),
        }))
    }

    /// How it stands, and what is watched.
    pub fn watching(&self) -> Watching {
        let Shared { road, settings, .. } = &*self.0;
        Watching {
            courses: road.courses(),
            identity: settings.identity,
            delegation: settings.delegation,
            private: !settings.roots.is_empty(),
        }
    }

    /// What was counted.
    pub fn counts(&self) -> WatchCounts {
        let Counters { looks, turns } = &self.0.counters;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        WatchCounts {
            looks: looks.each_ref().map(|looks| looks.each_ref().map(read)),
            turns: turns.each_ref().map(|turns| turns.each_ref().map(read)),
            questions: self.0.asker.sent(),
        }
    }

    /// The road.
    pub fn road(&self) -> &Road {
        &self.0.road
    }

    /// Who asks about addresses.
    fn surveyor(&self) -> Result<Arc<Surveyor>, String> {
        let Shared { settings, asker, resolvers, surveyor, .. } = &*self.0;
        surveyor.get(settings.confirm, || {
            let resolvers = resolvers.clone()?;
            let roots = settings.authoritative.then(|| Roots::of(&settings.roots));
            Ok(Surveyor::over(asker.clone(), resolvers, roots.as_ref(), Rules::default()))
        })
    }

    /// Who finds the way to the zones above.
    fn walker(&self) -> Result<Arc<Walker>, String> {
        let Shared { settings, asker, walker, .. } = &*self.0;
        walker.get(settings.confirm, || Ok(Walker::new(asker.clone(), &Roots::of(&settings.roots))))
    }
}

/// Who asks, and since when. What it keeps serves what is looked at together; it is too old for a look that is to confirm another
/// one, and goes before.
struct Fresh<T>(Mutex<Option<(Arc<T>, Instant)>>);

impl<T> Default for Fresh<T> {
    fn default() -> Fresh<T> {
        Fresh(Mutex::default())
    }
}

impl<T> Fresh<T> {
    fn get(&self, confirm: Duration, make: impl FnOnce() -> Result<T, String>) -> Result<Arc<T>, String> {
        let mut kept = locked(&self.0);
        match &*kept {
            Some((made, since)) if since.elapsed() < confirm / 2 => Ok(made.clone()),
            _ => {
                let made = Arc::new(make()?);
                *kept = Some((made.clone(), Instant::now()));
                Ok(made)
            }
        }
    }
}
