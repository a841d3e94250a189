//! A running server, from the store to the sockets: what `serve` and `demo` have in common.

use crate::announce::{Announcements, Announcer};
use crate::checks::{Checker, Looker, Lookups};
use crate::config::{self, Config, Source};
use crate::control::Plane;
use crate::failure::{Failure, Part};
use crate::follow::{self, Following};
use crate::history::{self, Keeper};
use crate::live::{self, Live};
use crate::logs::Dial;
use crate::metrics::{CONTENT_TYPE, Metrics, Sources};
use crate::open::Opened;
use crate::standby::{self, Desk, Preparations};
use crate::updates::Updates;
use crate::watch::{Watch, Watcher};
use crate::{dnstap, notify, policy, renewal};
use anyhow::Context;
use arc_swap::ArcSwap;
use ptrd_admin::Allowed;
use ptrd_change::{Loaded, Options, Road};
use ptrd_engine::{CookieSecrets, Engine};
use ptrd_listen::{Aside, Doors, Encrypted, Identity, Listener, Meter, Protocol, Sockets, TapReader};
use ptrd_store::{SqliteStore, Store, StoreError};
use ptrd_xfr::History;
use ptrd_zone::Snapshot;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio_util::sync::CancellationToken;

/// How often to look whether workers have let go of a snapshot. A worker that hangs does not hold up the rest.
const LETTING_GO: usize = 50;

/// What a server starts with, beside its configuration.
pub struct Start {
    /// Its sockets.
    pub opened: Opened,
    /// The cookie secrets in force.
    pub cookies: CookieSecrets,
    /// Those of a daemon that is given none.
    pub own: CookieSecrets,
    /// Who it is to clients of encrypted transports.
    pub identity: Option<Identity>,
    /// What it takes to follow, and to be followed.
    pub others: Preparations,
}

/// A running server. Dropping it is no shutdown: see [`Daemon::stop`].
pub struct Daemon {
    listener: Listener,
    dnstap: Option<Arc<dnstap::Sender>>,
    /// Ends what shows metrics.
    close: CancellationToken,
    live: Option<Arc<Live>>,
    side: Side,
}

/// What is behind the answers.
enum Side {
    /// A store that is changed through an admin socket.
    Control {
        road: Arc<Road>,
        admin: JoinHandle<()>,
        announcer: Option<Announcer>,
        follower: standby::Follower,
        puller: Option<follow::Follower>,
        checker: Checker,
        watcher: Watcher,
        close: CancellationToken,
    },
    /// A store that is only read.
    ReadOnly { store: PathBuf, archive: history::ReadOnly, snapshot: Arc<ArcSwap<Snapshot>> },
}

impl Daemon {
    /// Opens the store, loads it, answers DNS, takes changes. Nothing is answered before all is loaded. `reloads` says
    /// where a configuration is to be read again.
    pub async fn start(
        config: Config,
        start: Start,
        reloads: Option<(Source, Dial)>,
    ) -> Result<Daemon, Failure> {
        let begun = Instant::now();
        let Start { opened, cookies, own, identity, others } = start;
        let Opened { dns, doors, admin, metrics: exposed, standbys, api } = opened;
        let dns = with_encrypted(dns, doors, &config, identity.as_ref());
        let path = config.store.path.clone();
        let archive = history::ReadOnly::new(&path);
        let lookups = Lookups::new(&config.checks);
        let opened = match &admin {
            Some(_) => open(path.clone(), config.standby.clone(), lookups.clone())
                .await
                .map(|road| (road.published().snapshot().clone(), Some(road))),
            None => read(archive.clone(), path.clone())
                .await
                .map(|snapshot| (Arc::new(ArcSwap::from_pointee(snapshot)), None)),
        };
        let following = follow::Follower::prepare(&config.follow);
        let started = opened.and_then(|(snapshot, road)| {
            let engine = Engine::new(policy::policy(&config, cookies.clone()));
            let engine = Arc::new(ArcSwap::from_pointee(engine));
            let threads = config.listen.tcp_threads.unwrap_or(ptrd_listen::Config::default().tcp_threads);
            let uids = live::uids(&config).map_err(|error| Failure::of(Part::Admin, anyhow::anyhow!(error)));
            let listening = uids.and_then(|uids| {
                let tap = config.dnstap.socket.is_some().then_some(config.dnstap.buffer as usize);
                let limits = config.tcp.limits();
                let mut transfers =
                    ptrd_xfr::Service::new(config.transfer, history(road.as_ref(), &archive)?);
                if let Some(road) = &road {
                    let updates = Updates::new(road.clone(), config.update.through_cnames);
                    transfers = transfers.with_updates(Arc::new(updates), config.update.at_a_time as usize);
                    transfers = transfers.with_notices(Arc::new(following.clone()));
                    let standby = Some(&*config.standby.forward_updates).filter(|to| !to.is_empty());
                    let forwarder = following.forwarder(standby.map(|to| (road.clone(), to)));
                    if let Some(forwarder) = forwarder {
                        transfers = transfers.with_forwarding(Arc::new(forwarder));
                    }
                }
                let aside = Some(Arc::new(transfers.clone()) as Arc<dyn Aside>);
                let listener =
                    Listener::run(dns, threads, limits, engine.clone(), snapshot.clone(), tap, aside);
                let listener = listener.map_err(|error| Failure::of(Part::Listener, error))?;
                Ok((listener, Allowed::new(uids), transfers))
            });
            match listening {
                Ok((listener, allowed, transfers)) => {
                    Ok((listener, allowed, transfers, engine, snapshot, road))
                }
                Err(failure) => {
                    // Nothing was changed yet, but the writer should leave the store as it found it.
                    road.inspect(|road| road.shutdown());
                    Err(failure)
                }
            }
        });
        let api_identity = identity.clone();
        let (mut listener, allowed, transfers, engine, snapshot, road) = match started {
            Ok(started) => started,
            Err(failure) => {
                if let Some(admin) = admin {
                    admin.remove();
                }
                return Err(failure);
            }
        };
        warn_of_faults(&snapshot.load());
        let close = CancellationToken::new();
        let dnstap = tap(&config, listener.take_tap())?;
        let announcer = road.as_ref().filter(|_| config.notify.enabled).map(|road| {
            Announcer::start(road.clone(), (&config.notify, &config.follow), listener.local_addrs())
        });
        let puller = road
            .as_ref()
            .filter(|_| config.follow.enabled)
            .map(|road| follow::Follower::start(road.clone(), &config.follow, following.clone()));
        let announcements = announcer.as_ref().map_or_else(Announcements::none, Announcer::announcements);
        let metrics = Metrics::new(
            Sources {
                meter: listener.meter(),
                road: road.clone(),
                snapshot: snapshot.clone(),
                dnstap: dnstap.clone(),
                transfers,
                announcements: announcements.clone(),
                following: following.clone(),
                identity: identity.clone(),
                lost: reloads.as_ref().map(|(_, dial)| dial.lost()),
            },
            config.metrics.zone_serials as usize,
        );
        expose(exposed, &metrics, &close)?;
        let live = reloads.map(|(source, dial)| {
            let secrets = (own, cookies);
            let running = (source, config.clone());
            let watched = (listener.meter(), metrics.clone());
            Arc::new(Live::new(running, dial, engine, watched, allowed.clone(), secrets, identity))
        });
        if let Some(live) = &live {
            renewal::watch(live, close.clone());
        }
        let mut socket = "none".to_owned();
        let side = match road.zip(admin) {
            None => Side::ReadOnly { store: path.clone(), archive, snapshot },
            Some((road, admin)) => {
                socket = admin.path().display().to_string();
                let follower = standby::Follower::start(road.clone(), &config.standby, others.way);
                let desk = Desk::new(road.clone(), follower.following());
                let told: (Announcements, Following) = (announcements, following);
                let looker = Looker::new(road.clone(), lookups, others.webhook.is_some());
                metrics.set_looker(looker.clone());
                let watch = Watch::new(road.clone(), &config.watch, others.webhook.is_some());
                metrics.set_watch(watch.clone());
                let watcher = Watcher::start(watch.clone());
                let webhook = others.webhook.map(|webhook| (webhook, watch.clone()));
                let checker = Checker::start(looker.clone(), &config.checks, webhook);
                let looks = (looker, watch);
                let plane =
                    Plane::new(road.clone(), &listener, &path, live.clone(), metrics, told, (desk, looks))
                        .with_api(crate::api::places(&api));
                let settings = ptrd_admin::Settings { allowed, ..ptrd_admin::Settings::default() };
                let (plane, close) = (Arc::new(plane), close.clone());
                if let Some(entrance) = others.entrance {
                    ptrd_admin::serve_standbys(standbys, plane.clone(), entrance, close.clone())
                        .context("listening for standbys")
                        .map_err(|error| Failure::of(Part::Listener, error))?;
                }
                crate::api::serve(api, &config, api_identity.as_ref(), plane.clone(), close.clone())
                    .map_err(|error| Failure::of(Part::Listener, error))?;
                let admin = ptrd_admin::serve(admin, plane, settings, close.clone());
                let admin = admin
                    .context("serving the admin socket")
                    .map_err(|error| Failure::of(Part::Admin, error))?;
                Side::Control { road, admin, announcer, follower, puller, checker, watcher, close }
            }
        };
        let daemon = Daemon { listener, dnstap, close, live, side };
        let (zones, ptrs) = daemon.size();
        let listen = listening(&daemon.listener).join(" ");
        tracing::info!(listen, socket, store = %path.display(), zones, ptrs, took = ?begun.elapsed(), "answering");
        Ok(daemon)
    }

    /// The road for changes, where there is one.
    pub fn road(&self) -> Option<&Arc<Road>> {
        match &self.side {
            Side::Control { road, .. } => Some(road),
            Side::ReadOnly { .. } => None,
        }
    }

    /// The counters of what answers.
    pub fn meter(&self) -> Meter {
        self.listener.meter()
    }

    /// Where DNS is answered.
    pub fn addresses(&self) -> &[SocketAddr] {
        self.listener.local_addrs()
    }

    /// One line about what is served.
    pub fn summary(&self) -> String {
        let (zones, ptrs) = self.size();
        format!("answering: {zones} zones, {ptrs} PTRs")
    }

    fn size(&self) -> (usize, usize) {
        let snapshot = match &self.side {
            Side::Control { road, .. } => road.published().snapshot().load_full(),
            Side::ReadOnly { snapshot, .. } => snapshot.load_full(),
        };
        (snapshot.zone_count(), snapshot.addresses().len())
    }

    /// Reads the configuration again, and a store that is only read as well. The log and the service manager are told.
    pub async fn reload(&self, by: &str) {
        notify::reloading();
        if let Some(live) = self.live.clone() {
            let outcome = spawn_blocking(move || live.reload(false)).await;
            match outcome {
                Ok(outcome) => live::report(by, None, &outcome),
                Err(error) => tracing::error!(%error, "reloading met a fault of ptrd"),
            }
        }
        if let Side::ReadOnly { store, archive, snapshot } = &self.side {
            match read(archive.clone(), store.clone()).await {
                Ok(read) => {
                    let replaced = snapshot.swap(Arc::new(read));
                    // It is freed here, once all workers have let go: none of them spends its time on that.
                    for _ in 0..LETTING_GO {
                        if Arc::strong_count(&replaced) == 1 {
                            break;
                        }
                        tokio::time::sleep(ptrd_listen::REFRESH).await;
                    }
                    drop(replaced);
                    tracing::info!(store = %store.display(), "the store was read again");
                }
                Err(failure) => failure.report(),
            }
        }
        notify::ready(&self.summary());
    }

    /// Stops in good order: no more requests, then the changes that wait, then DNS.
    pub async fn stop(self) {
        let Daemon { listener, dnstap, close, side, live: _ } = self;
        close.cancel();
        let road = match side {
            Side::Control { road, admin, announcer, follower, puller, checker, watcher, close } => {
                close.cancel();
                road.release();
                follower.stop().await;
                if let Err(error) = admin.await {
                    tracing::error!(%error, "the admin socket met a fault of ptrd");
                }
                if let Some(puller) = puller {
                    puller.stop().await;
                }
                checker.stop().await;
                watcher.stop().await;
                if let Some(announcer) = announcer {
                    announcer.stop().await;
                }
                Some(road)
            }
            Side::ReadOnly { .. } => None,
        };
        let finish = spawn_blocking(move || {
            road.inspect(|road| road.shutdown());
            let counts = listener.shutdown();
            // After the last exchange.
            dnstap.inspect(|dnstap| {
                let dnstap::Counts { sent, unsent, missed } = dnstap.stop();
                tracing::info!(sent, unsent, missed, "dnstap ended");
            });
            counts
        });
        match finish.await {
            Ok(counts) => tracing::info!(
                udp = counts.udp.engine.answers,
                tcp = counts.tcp.engine.answers,
                encrypted = counts.answers() - counts.udp.engine.answers - counts.tcp.engine.answers,
                faults = counts.faults,
                "stopped"
            ),
            Err(error) => tracing::error!(%error, "stopping met a fault of ptrd"),
        }
    }
}

/// The history of zones: of a store that is written, or else of one that is only read.
fn history(road: Option<&Arc<Road>>, archive: &history::ReadOnly) -> Result<Arc<dyn History>, Failure> {
    let keeper = match road {
        Some(road) => Keeper::start(history::Written::new(road.clone())),
        None => Keeper::start(archive.clone()),
    };
    Ok(Arc::new(keeper.context("starting the thread that reads the history").map_err(Failure::fault)?))
}

/// Sockets for all transports.
fn with_encrypted(dns: Sockets, doors: Doors, config: &Config, identity: Option<&Identity>) -> Sockets {
    match identity {
        Some(identity) if !doors.is_empty() => dns.with_encrypted(Encrypted {
            doors,
            identity: identity.clone(),
            threads: config.listen.tls_threads.unwrap_or(ptrd_listen::Config::default().tcp_threads),
            limits: config.tls.limits(&config.tcp),
        }),
        _ => dns,
    }
}

/// Where a listener answers, as text: an address alone stands for UDP and TCP.
pub fn listening(listener: &Listener) -> Vec<String> {
    let plain = listener.local_addrs().iter().map(ToString::to_string);
    let encrypted = listener.encrypted_addrs().iter().map(|(protocol, address)| match protocol {
        Protocol::Udp | Protocol::Tcp => address.to_string(),
        Protocol::Tls => format!("tls://{address}"),
        Protocol::Quic => format!("quic://{address}"),
        Protocol::Https => format!("https://{address}/dns-query"),
    });
    plain.chain(encrypted).collect()
}

/// Starts to send copies, where the listener makes them.
fn tap(config: &Config, reader: Option<TapReader>) -> Result<Option<Arc<dnstap::Sender>>, Failure> {
    let (Some(reader), Some(socket)) = (reader, config.dnstap.socket.clone()) else { return Ok(None) };
    let settings = dnstap::Settings {
        socket,
        queries: config.dnstap.queries,
        responses: config.dnstap.responses,
        identity: config.dnstap.identity.clone(),
        version: config.answers.version.clone(),
    };
    let sender = dnstap::Sender::start(settings, reader).context("starting the dnstap thread");
    Ok(Some(Arc::new(sender.map_err(Failure::fault)?)))
}

/// Shows metrics at the addresses that the configuration names.
fn expose(listeners: Vec<TcpListener>, metrics: &Metrics, close: &CancellationToken) -> Result<(), Failure> {
    let metrics = metrics.clone();
    let page: ptrd_admin::MetricsPage = Arc::new(move || metrics.render());
    ptrd_admin::expose(listeners, CONTENT_TYPE, page, close.clone())
        .context("showing metrics")
        .map_err(|error| Failure::of(Part::Listener, error))
}

/// Says which zones have no answers, since they are signed and not whole.
fn warn_of_faults(snapshot: &Snapshot) {
    for zone in snapshot.zones() {
        if let Some(fault) = zone.fault() {
            let apex = zone.apex();
            tracing::warn!(
                "the zone {apex} is signed but not whole, and answered with SERVFAIL: {fault}; import it again"
            );
        }
    }
}

/// From the file to what is published.
async fn open(path: PathBuf, standby: config::Standby, lookups: Lookups) -> Result<Arc<Road>, Failure> {
    let failed = |error: StoreError| Failure::of(Part::Store, error);
    let opening = spawn_blocking(move || {
        refuse_folder(&path)?;
        let mut store = SqliteStore::open(&path).map_err(failed)?;
        let loaded: Loaded = ptrd_change::load(&mut store).map_err(failed)?;
        let options = standby::options(&mut store, &standby).map_err(failed)?;
        let options = Options { forward: Arc::new(lookups), ..options };
        let road = Road::start(Box::new(store), loaded, options);
        Ok(Arc::new(road.map_err(|error| Failure::of(Part::Store, error))?))
    });
    opening.await.unwrap_or_else(|error| Err(Failure::fault(error)))
}

/// From the file to what is served, without touching it.
async fn read(archive: history::ReadOnly, path: PathBuf) -> Result<Snapshot, Failure> {
    let reading = spawn_blocking(move || {
        refuse_folder(&path)?;
        let before = history::identity(&path);
        let load = |store: &mut dyn Store| {
            let now = ptrd_change::Clock::now(&ptrd_change::SystemClock);
            ptrd_change::load(store).map(|loaded: Loaded| loaded.into_snapshot(now))
        };
        let snapshot = ptrd_store::read_only(&path, load).map_err(|error| Failure::of(Part::Store, error))?;
        archive.serves(before.filter(|_| before == history::identity(&path)));
        Ok(snapshot)
    });
    reading.await.unwrap_or_else(|error| Err(Failure::fault(error)))
}

fn refuse_folder(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        let error = anyhow::anyhow!("the store {} is a folder: name a file in it", path.display());
        return Err(Failure::of(Part::Store, error));
    }
    Ok(())
}
