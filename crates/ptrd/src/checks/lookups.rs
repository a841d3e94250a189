//! The addresses of names, as resolvers find them: so many at a time, kept for a short while, given up at a deadline.
//!
//! What was found is kept for at most five minutes and at least some seconds, whatever its TTL: what people wait for is that
//! a record which they have just created is seen.

use crate::config::Checks;
use ptrd_ask::resolver::{self, LookupIpStrategy, RData, RecordType, TokioResolver};
use ptrd_change::{Asked, Finding, Forward};
use ptrd_posture::Lookup;
use ptrd_wire::{Family, Name};
use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

/// For how long an answer is kept, at least and at most.
const KEPT: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(300));
/// For how long it is remembered that there is no such name or address.
const ABSENT: Duration = Duration::from_secs(5);
/// For how long it is remembered that it could not be found out.
const UNKNOWN: Duration = Duration::from_secs(2);
/// Names that updates have asked for and that wait to be looked up; more are left to the next try.
const MOST_BEGUN: usize = 1_024;

/// What was counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LookupCounts {
    /// Names that were found.
    pub found: u64,
    /// Names that do not exist, or have no such address.
    pub absent: u64,
    /// Those of which it could not be found out.
    pub unknown: u64,
    /// Those that were known already.
    pub known: u64,
}

#[derive(Default)]
struct Counters {
    found: AtomicU64,
    absent: AtomicU64,
    unknown: AtomicU64,
    known: AtomicU64,
}

/// See the module. A clone asks the same resolvers.
#[derive(Clone)]
pub struct Lookups(Arc<Shared>);

struct Shared {
    /// Or why there is none.
    resolver: Result<TokioResolver, String>,
    runtime: Handle,
    seats: Semaphore,
    workers: usize,
    begun: Semaphore,
    known: Mutex<HashMap<Asked, (Lookup, Instant)>>,
    most: usize,
    deadline: Duration,
    patience: Duration,
    counters: Counters,
}

impl Lookups {
    /// As the configuration says. Called within the runtime that is to run the look-ups.
    pub fn new(settings: &Checks) -> Lookups {
        let resolver = resolver::build(&settings.resolvers, |options| {
            options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
            (options.timeout, options.attempts) = (settings.timeout, 2);
            // What was found is kept here, for as long as suits.
            options.cache_size = 0;
        });
        let resolver = resolver.map_err(|error| format!("there is no resolver: {error}"));
        if let Err(why) = &resolver {
            tracing::warn!("names cannot be looked up: {why}");
        }
        Lookups(Arc::new(Shared {
            resolver,
            runtime: Handle::current(),
            seats: Semaphore::new(settings.in_flight),
            workers: settings.in_flight,
            begun: Semaphore::new(MOST_BEGUN),
            known: Mutex::default(),
            most: settings.cache,
            deadline: settings.deadline,
            patience: settings.patience,
            counters: Counters::default(),
        }))
    }

    /// What was counted.
    pub fn counts(&self) -> LookupCounts {
        let Counters { found, absent, unknown, known } = &self.0.counters;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        LookupCounts { found: read(found), absent: read(absent), unknown: read(unknown), known: read(known) }
    }

    /// Forgets what is known of names, so that they are asked for anew.
    pub fn forget<'a>(&self, asked: impl IntoIterator<Item = &'a Asked>) {
        let mut known = self.0.known();
        for asked in asked {
            known.remove(asked);
        }
    }
}

impl Shared {
    fn known(&self) -> MutexGuard<'_, HashMap<Asked, (Lookup, Instant)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, asked: Asked, lookup: Lookup, until: Instant) {
        let mut known = self.known();
        if known.len() >= self.most && !known.contains_key(&asked) {
            let now = Instant::now();
            known.retain(|_, (_, until)| *until > now);
            // All are fresh: any half goes.
            let mut nth = 0;
            if known.len() >= self.most {
                known.retain(|_, _| {
                    nth += 1;
                    nth % 2 == 0
                });
            }
        }
        known.insert(asked, (lookup, until));
    }

    async fn look_up(&self, asked: Asked) -> Lookup {
        let Ok(_seat) = self.seats.acquire().await else { return Lookup::Unknown("stopping".to_owned()) };
        let (lookup, kept) = ask(&self.resolver, &asked).await;
        let counter = match &lookup {
            Lookup::Found(_) => &self.counters.found,
            Lookup::NoName | Lookup::NoAddress => &self.counters.absent,
            Lookup::Unknown(_) => &self.counters.unknown,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        self.remember(asked, lookup.clone(), Instant::now() + kept);
        lookup
    }
}

/// Asks, and says for how long the answer is good.
async fn ask(resolver: &Result<TokioResolver, String>, (name, family): &Asked) -> (Lookup, Duration) {
    let resolver = match resolver {
        Ok(resolver) => resolver,
        Err(why) => return (Lookup::Unknown(why.clone()), UNKNOWN),
    };
    let asked = match resolver::asked(name) {
        Ok(asked) => asked,
        Err(why) => return (Lookup::Unknown(why), UNKNOWN),
    };
    let rtype = match family {
        Family::V4 => RecordType::A,
        Family::V6 => RecordType::AAAA,
    };
    match resolver.lookup(asked, rtype).await {
        Ok(found) => {
            let addresses: Vec<IpAddr> =
                found.answers().iter().filter_map(|record| address(&record.data)).collect();
            let kept = found.valid_until().saturating_duration_since(Instant::now()).clamp(KEPT.0, KEPT.1);
            let lookup = if addresses.is_empty() { Lookup::NoAddress } else { Lookup::Found(addresses) };
            (lookup, kept)
        }
        Err(error) if error.is_nx_domain() => (Lookup::NoName, ABSENT),
        Err(error) if error.is_no_records_found() => (Lookup::NoAddress, ABSENT),
        Err(error) => (Lookup::Unknown(error.to_string()), UNKNOWN),
    }
}

fn address(data: &RData) -> Option<IpAddr> {
    match data {
        RData::A(v4) => Some(IpAddr::V4(v4.0)),
        RData::AAAA(v6) => Some(IpAddr::V6(v6.0)),
        _ => None,
    }
}

/// Names that wait, and what was found of others.
type Work = Mutex<(VecDeque<Asked>, Vec<(Asked, Lookup)>)>;

/// Takes one name after the other, until none is left.
async fn work(shared: Arc<Shared>, work: Arc<Work>) {
    let locked = || work.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let Some(asked) = locked().0.pop_front() else { return };
        let lookup = shared.look_up(asked.clone()).await;
        locked().1.push((asked, lookup));
    }
}

impl Forward for Lookups {
    fn known(&self, asked: &Asked) -> Option<Lookup> {
        let known = self.0.known();
        let (lookup, _) = known.get(asked).filter(|(_, until)| *until > Instant::now())?;
        self.0.counters.known.fetch_add(1, Ordering::Relaxed);
        Some(lookup.clone())
    }

    fn look_up(&self, asked: Vec<Asked>) -> Finding {
        let shared = self.0.clone();
        Box::pin(async move {
            let workers = asked.len().min(shared.workers);
            let names: Arc<Work> = Arc::new(Mutex::new((asked.into(), Vec::new())));
            let mut tasks = tokio::task::JoinSet::new();
            for _ in 0..workers {
                tasks.spawn(work(shared.clone(), names.clone()));
            }
            let done = async { while tasks.join_next().await.is_some() {} };
            // What is not there by the deadline is known to be unknown: nothing hangs on it.
            let _ = tokio::time::timeout(shared.deadline, done).await;
            let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
            names.0.clear();
            std::mem::take(&mut names.1)
        })
    }

    fn begin(&self, asked: Vec<Asked>) {
        for asked in asked {
            let Ok(permit) = self.0.begun.try_acquire() else { return };
            permit.forget();
            let shared = self.0.clone();
            self.0.runtime.spawn(async move {
                shared.look_up(asked).await;
                shared.begun.add_permits(1);
            });
        }
    }

    fn patience(&self) -> i64 {
        i64::try_from(self.0.patience.as_millis()).unwrap_or(i64::MAX)
    }
}

/// The names of an address as they are asked for.
pub fn asked_of(address: IpAddr, names: &[Name]) -> Vec<Asked> {
    let family = if address.is_ipv4() { Family::V4 } else { Family::V6 };
    names.iter().map(|name| (name.to_lowercase(), family)).collect()
}
