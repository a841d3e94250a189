//! Looking at the names of addresses: what stands, what has changed, and who is to be told.

use super::Lookups;
use super::lookups::asked_of;
use ptrd_api::Problem;
use ptrd_change::{Checked, Road};
use ptrd_posture::{Lookup, Target, Transition, Verdict, verdict};
use ptrd_wire::{AddrRange, Name};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::Mutex;

/// What was counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckCounts {
    /// Addresses that were looked at, by what came of it: verified, failing, unknown.
    pub looks: [u64; 3],
    /// Addresses that came to be verified, and that came to fail.
    pub transitions: [u64; 2],
    /// PTRs that waited and were set, and that were dropped.
    pub settled: [u64; 2],
    /// Messages to the webhook: taken, and not.
    pub webhook: [u64; 2],
}

#[derive(Default)]
pub(super) struct Counters {
    looks: [AtomicU64; 3],
    transitions: [AtomicU64; 2],
    pub settled: [AtomicU64; 2],
    pub webhook: [AtomicU64; 2],
}

/// See the module. A clone is the same one.
#[derive(Clone)]
pub struct Looker {
    pub(super) road: Arc<Road>,
    lookups: Lookups,
    /// Somebody is to be told of transitions.
    tells: bool,
    /// Held while a standing is read, altered and put: what one has put, another must not overwrite.
    pub(super) books: Arc<Mutex<()>>,
    pub(super) counters: Arc<Counters>,
}

/// Milliseconds since 1970 UTC.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

impl Looker {
    /// Looks with these resolvers; `tells` whether there is a webhook.
    pub fn new(road: Arc<Road>, lookups: Lookups, tells: bool) -> Looker {
        Looker { road, lookups, tells, books: Arc::default(), counters: Arc::default() }
    }

    /// What was counted.
    pub fn counts(&self) -> CheckCounts {
        let Counters { looks, transitions, settled, webhook } = &*self.counters;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        CheckCounts {
            looks: looks.each_ref().map(read),
            transitions: transitions.each_ref().map(read),
            settled: settled.each_ref().map(read),
            webhook: webhook.each_ref().map(read),
        }
    }

    /// How many PTRs wait.
    pub fn waiting(&self) -> usize {
        self.road.view().waiting_count()
    }

    /// The resolvers.
    pub fn lookups(&self) -> &Lookups {
        &self.lookups
    }

    /// Finds out what names resolve to, by asking, whatever was found before.
    pub(super) async fn find(&self, addresses: &[(IpAddr, Vec<Name>)]) -> HashMap<(Name, bool), Lookup> {
        let mut asked: Vec<_> =
            addresses.iter().flat_map(|(address, names)| asked_of(*address, names)).collect();
        asked.sort_unstable();
        asked.dedup();
        self.lookups.forget(&asked);
        let found = self.road.resolve(asked).await;
        found
            .into_iter()
            .map(|((name, family), lookup)| ((name, family == ptrd_wire::Family::V4), lookup))
            .collect()
    }

    /// Looks at addresses, and keeps what came of it.
    ///
    /// # Errors
    /// A [`Problem`] when the store cannot be read.
    pub async fn look(&self, addresses: &[(IpAddr, Vec<Name>)]) -> Result<(), Problem> {
        let found = self.find(addresses).await;
        let _books = self.books.lock().await;
        let mut checked = Vec::with_capacity(addresses.len());
        for (address, names) in addresses {
            let (verdict, why) = judge(*address, names, &found);
            let nth =
                [Verdict::Verified, Verdict::Failing, Verdict::Unknown].iter().position(|v| *v == verdict);
            self.counters.looks[nth.unwrap_or(2)].fetch_add(1, Ordering::Relaxed);
            let before = self.road.checks(AddrRange::single(*address), 1).await?.into_iter().next();
            let told = before.as_ref().is_none_or(|before| before.told);
            let mut standing = before.and_then(|before| before.standing).unwrap_or_default();
            let transition = standing.observe(now(), verdict, why).cloned();
            let told = match &transition {
                Some(transition) => {
                    self.report(*address, transition);
                    !self.tells
                }
                None => told || !self.tells,
            };
            checked.push(Checked { address: *address, standing: Some(standing), told });
        }
        self.road.checked(checked);
        Ok(())
    }

    fn report(&self, address: IpAddr, transition: &Transition) {
        let Transition { from, to, why, .. } = transition;
        let from = from.map_or("new", Verdict::word);
        self.counters.transitions[usize::from(*to == Verdict::Failing)].fetch_add(1, Ordering::Relaxed);
        match to {
            Verdict::Failing => tracing::warn!(%address, from, to = %to, "names do not resolve back: {why}"),
            _ => tracing::info!(%address, from, to = %to, "names resolve back"),
        }
    }
}

/// What the names of an address come to, and why.
pub(super) fn judge(
    address: IpAddr,
    names: &[Name],
    found: &HashMap<(Name, bool), Lookup>,
) -> (Verdict, String) {
    let unknown = || Target::Unknown("no resolver answered in time".to_owned());
    let of = |name: &Name| {
        let lookup = found.get(&(name.to_lowercase(), address.is_ipv4()));
        lookup.map_or_else(unknown, |lookup| Target::of(address, lookup))
    };
    let targets: Vec<Target> = names.iter().map(of).collect();
    let open = names.iter().zip(&targets).filter(|(_, target)| **target != Target::Confirmed);
    let why: Vec<String> = open.map(|(name, target)| target.said(&name.to_string(), address)).collect();
    let why = if names.is_empty() { "the address has no name".to_owned() } else { why.join("; ") };
    (verdict(&targets), why)
}
