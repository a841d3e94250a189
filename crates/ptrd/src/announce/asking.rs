//! Asks secondaries for their SOA, zone after zone: all of them from time to time, and sooner those that somebody looks at.
//!
//! One task, one zone at a time, with a pause between two. One that does not answer is left alone for a while, for all zones, so
//! that a dead secondary of thousands costs a few questions.

use super::resolve::Resolvers;
use super::serials::{Heard, Serials};
use super::wish::{self, Own};
use crate::config::{Follow, Notify};
use crate::follow::{Asker, Failure};
use ptrd_change::{Road, View};
use ptrd_wire::{Name, Serial};
use ptrd_xfr::notify::Target;
use ptrd_zone::model::ZoneId;
use ptrd_zone::{Primary, Security};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Between two zones.
const PAUSE: Duration = Duration::from_millis(50);
/// Before the first pass: after a start there is enough to do.
const FIRST: Duration = Duration::from_secs(60);
/// How long one that does not answer is left alone.
const LEFT_ALONE: Duration = Duration::from_secs(120);
/// How long a name that is not found is left alone.
const UNFOUND: Duration = Duration::from_secs(120);
/// Secondaries of a zone that are asked.
const MOST: usize = 16;
/// Names and secondaries that are remembered.
const REMEMBERED: usize = 4_096;
/// The port of nameservers.
const PORT: u16 = 53;

pub struct Asking {
    road: Arc<Road>,
    serials: Serials,
    asker: Arc<Asker>,
    own: Own,
    resolvers: Resolvers,
    /// Between the beginnings of two passes.
    every: Duration,
    /// What names resolved to, and for how long that holds.
    names: HashMap<Name, (Vec<IpAddr>, Instant)>,
    /// Those that did not answer, and until when they are left alone.
    silent: HashMap<SocketAddr, (String, Instant)>,
}

/// One who is asked.
#[derive(Clone)]
struct Secondary {
    nameserver: Option<String>,
    target: Target,
}

impl Asking {
    /// Asks from where announcements come from.
    pub fn new(
        road: Arc<Road>,
        serials: Serials,
        listen: &[SocketAddr],
        (notify, follow): (&Notify, &Follow),
    ) -> Asking {
        // What is resolved is waited for here, and nothing comes this way.
        let (unused, _) = mpsc::channel(1);
        let asker = Asker::new(&Follow { source: notify.source.clone(), ..follow.clone() });
        Asking {
            road,
            serials,
            asker: Arc::new(asker),
            own: Own::new(listen),
            resolvers: Resolvers::new(&notify.resolvers, unused),
            every: notify.serials,
            names: HashMap::new(),
            silent: HashMap::new(),
        }
    }

    pub async fn run(mut self, close: CancellationToken) {
        let road = self.road.clone();
        // A standby's primary asks.
        if close.run_until_cancelled(road.primary()).await.is_none() {
            return;
        }
        let serials = self.serials.clone();
        let (mut pass, mut due) = (Vec::new(), Instant::now() + self.every.min(FIRST));
        loop {
            if pass.is_empty() && Instant::now() >= due {
                (pass, due) = (self.zones(), Instant::now() + self.every);
            }
            let zone = serials.take_wanted().or_else(|| pass.pop());
            if let Some(zone) = zone
                && close.run_until_cancelled(self.ask(zone)).await.is_none()
            {
                return;
            }
            let rest = zone.map_or_else(|| due.saturating_duration_since(Instant::now()), |_| PAUSE);
            tokio::select! {
                () = close.cancelled() => return,
                () = tokio::time::sleep(rest.max(PAUSE)) => {}
                () = serials.is_wanted(), if zone.is_none() => {}
            }
        }
    }

    /// The zones of a pass. What is known of others is forgotten.
    fn zones(&mut self) -> Vec<ZoneId> {
        let view = self.road.view();
        self.serials.retain(|zone| view.declared.zone_by_id(zone).is_some());
        let now = Instant::now();
        self.names.retain(|_, (_, until)| *until > now);
        self.silent.retain(|_, (_, until)| *until > now);
        view.snapshot.zones().map(|zone| zone.id()).collect()
    }

    /// Asks the secondaries of a zone.
    async fn ask(&mut self, zone: ZoneId) {
        let view = self.road.view();
        let Some(meta) = view.declared.zone_by_id(zone) else { return };
        let Some(ours) = view.snapshot.zone(&meta.apex).map(|zone| zone.soa().serial) else { return };
        let (mut asking, mut said) = (JoinSet::new(), Vec::new());
        for secondary in self.secondaries(&view, zone).await {
            let Secondary { nameserver, target } = secondary;
            let address = target.address;
            let of = move |theirs| Heard { nameserver, ours, theirs, at: Instant::now(), differs: None };
            if let Some(why) = self.is_silent(address) {
                said.push((address, of(Err(why))));
                continue;
            }
            let key = match &target.key {
                None => None,
                Some(name) => match view.snapshot.keys().key(name) {
                    Some(key) => Some(key.clone()),
                    None => {
                        said.push((address, of(Err(format!("there is no key {name} here")))));
                        continue;
                    }
                },
            };
            let (asker, apex) = (self.asker.clone(), meta.apex.clone());
            asking.spawn(async move {
                let server = Primary { address, key: target.key, security: Security::Plain };
                let answer = asker.soa(&apex, &server, key.as_ref()).await;
                let silent = matches!(answer, Err(Failure::Silent(_)));
                let theirs = answer.map(|soa| soa.serial).map_err(|why| why.to_string());
                (address, of(theirs), silent)
            });
        }
        while let Some(answered) = asking.join_next().await {
            let Ok((address, heard, silent)) = answered else { continue };
            self.note(address, &heard.theirs, silent);
            said.push((address, heard));
        }
        self.serials.put(zone, said);
    }

    fn is_silent(&self, address: SocketAddr) -> Option<String> {
        let (why, until) = self.silent.get(&address)?;
        (*until > Instant::now()).then(|| why.clone())
    }

    fn note(&mut self, address: SocketAddr, theirs: &Result<Serial, String>, silent: bool) {
        match theirs {
            Err(why) if silent && self.silent.len() < REMEMBERED => {
                self.silent.insert(address, (why.clone(), Instant::now() + LEFT_ALONE));
            }
            _ => {
                self.silent.remove(&address);
            }
        }
    }

    /// Those who are told of a zone, with their addresses.
    async fn secondaries(&mut self, view: &View, zone: ZoneId) -> Vec<Secondary> {
        let Some(wish) = wish::wish(view, zone, &mut self.own) else { return Vec::new() };
        let listed = wish.listed.into_iter();
        let mut all: Vec<Secondary> =
            listed.map(|target| Secondary { nameserver: None, target }).take(MOST).collect();
        for name in wish.nameservers {
            for address in self.addresses(view, &name).await {
                let target = Target { address: SocketAddr::new(address, PORT), key: None };
                let is_there = all.iter().any(|one| one.target.address == target.address);
                if all.len() < MOST && !is_there {
                    all.push(Secondary { nameserver: Some(name.to_string()), target });
                }
            }
        }
        all
    }

    /// The addresses of a nameserver, but for those of this server; none where they are not found.
    async fn addresses(&mut self, view: &View, name: &Name) -> Vec<IpAddr> {
        let now = Instant::now();
        if let Some((known, _)) = self.names.get(name).filter(|(_, until)| *until > now) {
            return known.clone();
        }
        let found = self.resolvers.find(&view.snapshot, name, &mut self.own).await;
        let (addresses, kept) =
            found.map_or_else(|_| (Vec::new(), UNFOUND), |found| (found.addresses, found.ttl));
        if self.names.len() < REMEMBERED {
            self.names.insert(name.clone(), (addresses.clone(), now + kept));
        }
        addresses
    }
}
