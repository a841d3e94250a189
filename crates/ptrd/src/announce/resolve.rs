//! The addresses of nameservers: of names that are served here, from the snapshot; of others, by resolvers.

use super::wish::Own;
use ptrd_ask::resolver::{self, LookupIpStrategy, NetError, TokioResolver};
use ptrd_wire::Name;
use ptrd_xfr::notify::{Resolution, Unresolved};
use ptrd_zone::{Held, Snapshot};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// What was learnt of a name.
pub type Learnt = (Name, Result<Resolution, Unresolved>);

/// The port of nameservers.
const PORT: u16 = 53;
/// Resolvers are not asked more often than this, whatever the TTL, and nothing is kept for longer than a day.
const KEPT: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(86_400));
/// How long a name that resolvers do not find is left alone.
const LEFT_ALONE: Duration = Duration::from_secs(600);
/// How long resolving one name may take in all.
const LONGEST: Duration = Duration::from_secs(20);

pub struct Resolvers {
    /// Or why there is none.
    resolver: Result<TokioResolver, String>,
    learnt: mpsc::Sender<Learnt>,
}

impl Resolvers {
    /// These, or those of /etc/resolv.conf. What they find goes into the channel.
    pub fn new(addresses: &[SocketAddr], learnt: mpsc::Sender<Learnt>) -> Resolvers {
        let resolver = build(addresses).map_err(|error| format!("there is no resolver: {error}"));
        if let Err(why) = &resolver {
            tracing::warn!("names of nameservers cannot be resolved: {why}");
        }
        Resolvers { resolver, learnt }
    }

    /// Finds the addresses of a name, and says so in the channel.
    pub fn resolve(&self, snapshot: &Snapshot, name: &Name, own: &mut Own) {
        let (learnt, name) = (self.learnt.clone(), name.clone());
        match self.begin(snapshot, &name) {
            Begun::Found(found) => {
                let found = found.map(|found| sorted(found, own));
                tokio::spawn(async move { learnt.send((name, found)).await });
            }
            Begun::Ask(resolver) => {
                let mut own = own.again();
                tokio::spawn(async move {
                    let found = ask_in_time(&resolver, &name).await.map(|found| sorted(found, &mut own));
                    let _ = learnt.send((name, found)).await;
                });
            }
        }
    }

    /// Finds the addresses of a name, for whoever waits for them.
    pub async fn find(
        &self,
        snapshot: &Snapshot,
        name: &Name,
        own: &mut Own,
    ) -> Result<Resolution, Unresolved> {
        let found = match self.begin(snapshot, name) {
            Begun::Found(found) => found,
            Begun::Ask(resolver) => ask_in_time(&resolver, name).await,
        };
        found.map(|found| sorted(found, own))
    }

    fn begin(&self, snapshot: &Snapshot, name: &Name) -> Begun {
        match (among_ours(snapshot, name), &self.resolver) {
            (Some(found), _) => Begun::Found(found),
            (None, Err(why)) => {
                Begun::Found(Err(Unresolved { why: why.clone(), is_final: true, ttl: LEFT_ALONE }))
            }
            (None, Ok(resolver)) => Begun::Ask(Box::new(resolver.clone())),
        }
    }
}

/// A name that is known here, or that others are to be asked for.
enum Begun {
    Found(Result<Resolution, Unresolved>),
    Ask(Box<TokioResolver>),
}

async fn ask_in_time(resolver: &TokioResolver, name: &Name) -> Result<Resolution, Unresolved> {
    let late =
        Unresolved { why: "no resolver answered in time".to_owned(), is_final: false, ttl: LEFT_ALONE };
    tokio::time::timeout(LONGEST, ask(resolver, name)).await.unwrap_or(Err(late))
}

fn build(addresses: &[SocketAddr]) -> Result<TokioResolver, NetError> {
    resolver::build(addresses, |options| {
        options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
        (options.timeout, options.attempts) = (Duration::from_secs(2), 2);
        // What was found is kept by name elsewhere.
        options.cache_size = 32;
    })
}

/// The part of a resolution that is ourselves is told apart.
fn sorted(Resolution { addresses, ttl, .. }: Resolution, own: &mut Own) -> Resolution {
    let (own, addresses) =
        addresses.into_iter().partition(|address| own.is_own(SocketAddr::new(*address, PORT)));
    Resolution { addresses, own, ttl }
}

/// What the snapshot says of a name that it has; `None` leaves it to resolvers.
fn among_ours(snapshot: &Snapshot, name: &Name) -> Option<Result<Resolution, Unresolved>> {
    let (held, apex) = snapshot.held_addresses(name)?;
    let nothing = |why: &str| {
        Err(Unresolved {
            why: format!("{why} in the zone {apex}, which is served here"),
            is_final: true,
            ttl: Duration::ZERO,
        })
    };
    Some(match held {
        Held::Addresses(addresses) => Ok(Resolution { addresses, own: Vec::new(), ttl: Duration::ZERO }),
        Held::NoName => nothing("there is no such name"),
        Held::NoAddress => nothing("it has no address"),
    })
}

async fn ask(resolver: &TokioResolver, name: &Name) -> Result<Resolution, Unresolved> {
    let asked = resolver::asked(name).map_err(|why| Unresolved { why, is_final: true, ttl: LEFT_ALONE })?;
    match resolver.lookup_ip(asked).await {
        Ok(found) => {
            let ttl = found.valid_until().saturating_duration_since(Instant::now()).clamp(KEPT.0, KEPT.1);
            Ok(Resolution { addresses: found.iter().collect(), own: Vec::new(), ttl })
        }
        Err(error) => {
            let is_final = error.is_nx_domain() || error.is_no_records_found();
            let why = match (error.is_nx_domain(), is_final) {
                (true, _) => "there is no such name".to_owned(),
                (false, true) => "it has no address".to_owned(),
                _ => error.to_string(),
            };
            Err(Unresolved { why, is_final, ttl: LEFT_ALONE })
        }
    }
}
