//! A running server, from the store to the sockets: what `serve` and `demo` have in common.

use crate::arguments::{WILDCARDS, Workers};
use crate::control::Plane;
use crate::failure::{Failure, Part};
use anyhow::Context;
use arc_swap::ArcSwap;
use ptrd_admin::{AdminSocket, SocketOptions};
use ptrd_change::{Loaded, Options, Road};
use ptrd_engine::{Engine, Policy};
use ptrd_listen::{Config, Limits, Listener, StartError};
use ptrd_store::{SqliteStore, StoreError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio_util::sync::CancellationToken;

/// What to run.
pub struct Settings {
    /// The SQLite file.
    pub store: PathBuf,
    /// Where to answer; empty for port 53 of everything that the host has.
    pub listen: Vec<SocketAddr>,
    /// The admin socket.
    pub socket: PathBuf,
    /// How much of the machine to use.
    pub workers: Workers,
    /// What answers look like.
    pub policy: Policy,
}

/// A running server. Dropping it is no shutdown: see [`Daemon::stop`].
pub struct Daemon {
    road: Arc<Road>,
    listener: Listener,
    admin: JoinHandle<()>,
    close_admin: CancellationToken,
}

impl Daemon {
    /// Opens the store, loads it, answers DNS, takes changes. Nothing is answered before all is loaded.
    pub async fn start(settings: Settings) -> Result<Daemon, Failure> {
        let begun = Instant::now();
        let Settings { store: store_path, listen, socket, workers, policy } = settings;
        let road = open(store_path.clone()).await?;
        let opened = begin(&road, listen, &workers, policy).and_then(|listener| {
            let socket = AdminSocket::bind(&SocketOptions::at(socket));
            Ok((listener, socket.map_err(|error| Failure::of(Part::Admin, error))?))
        });
        // Nothing was changed yet, but the writer should leave the store as it found it.
        let (listener, socket) = opened.inspect_err(|_| road.shutdown())?;
        let close_admin = CancellationToken::new();
        let path = socket.path().display().to_string();
        let plane = Plane::new(road.clone(), &listener, &store_path);
        let admin =
            ptrd_admin::serve(socket, Arc::new(plane), ptrd_admin::Settings::default(), close_admin.clone());
        let admin =
            admin.context("serving the admin socket").map_err(|error| Failure::of(Part::Admin, error))?;
        let status = road.status();
        tracing::info!(
            listen = listener.local_addrs().iter().map(SocketAddr::to_string).collect::<Vec<_>>().join(" "),
            socket = path,
            store = %store_path.display(),
            zones = status.zones,
            ptrs = status.ptrs,
            took = ?begun.elapsed(),
            "answering"
        );
        Ok(Daemon { road, listener, admin, close_admin })
    }

    /// The road for changes.
    pub fn road(&self) -> &Road {
        &self.road
    }

    /// Where DNS is answered.
    pub fn addresses(&self) -> &[SocketAddr] {
        self.listener.local_addrs()
    }

    /// Stops in good order: no more requests, then the changes that wait, then DNS.
    pub async fn stop(self) {
        let Daemon { road, listener, admin, close_admin } = self;
        close_admin.cancel();
        if let Err(error) = admin.await {
            tracing::error!(%error, "the admin socket met a fault of ptrd");
        }
        let finish = spawn_blocking(move || {
            road.shutdown();
            listener.shutdown()
        });
        match finish.await {
            Ok(counts) => tracing::info!(
                udp = counts.udp.engine.answers,
                tcp = counts.tcp.engine.answers,
                faults = counts.faults,
                "stopped"
            ),
            Err(error) => tracing::error!(%error, "stopping met a fault of ptrd"),
        }
    }
}

/// From the file to what is published.
async fn open(path: PathBuf) -> Result<Arc<Road>, Failure> {
    let failed = |error: StoreError| Failure::of(Part::Store, error);
    let opening = spawn_blocking(move || {
        refuse_folder(&path)?;
        let mut store = SqliteStore::open(&path).map_err(failed)?;
        let loaded: Loaded = ptrd_change::load(&mut store).map_err(failed)?;
        let road = Road::start(Box::new(store), loaded, Options::default());
        Ok(Arc::new(road.map_err(|error| Failure::of(Part::Store, error))?))
    });
    opening.await.unwrap_or_else(|error| Err(Failure::fault(error)))
}

fn refuse_folder(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        let error = anyhow::anyhow!("the store {} is a folder: name a file in it", path.display());
        return Err(Failure::of(Part::Store, error));
    }
    Ok(())
}

/// Starts DNS on what the road publishes.
fn begin(
    road: &Road,
    listen: Vec<SocketAddr>,
    workers: &Workers,
    policy: Policy,
) -> Result<Listener, Failure> {
    let config = config(listen, workers, &policy);
    let engine = Arc::new(ArcSwap::from_pointee(Engine::new(policy)));
    let start = |config| Listener::start(config, engine.clone(), road.published().snapshot().clone());
    let started = match start(config.clone()) {
        // Nobody asked for IPv6, and this host has none.
        Err(StartError::Bind(error))
            if config.addresses == WILDCARDS
                && error.address == WILDCARDS[1]
                && error.is_family_missing() =>
        {
            tracing::warn!("this host has no IPv6: answering over IPv4 alone");
            start(Config { addresses: WILDCARDS[..1].to_vec(), ..config })
        }
        started => started,
    };
    started.map_err(|error| Failure::of(Part::Listener, error))
}

fn config(listen: Vec<SocketAddr>, workers: &Workers, policy: &Policy) -> Config {
    let mut limits = Limits {
        // RFC 7828 §3.3.2: kept for as long as clients are told.
        idle: Duration::from_millis(100) * u32::from(policy.keepalive),
        ..Limits::default()
    };
    if let Some(connections) = workers.tcp_connections {
        limits.connections = connections as usize;
        limits.connections_per_network = limits.connections.div_ceil(4);
    }
    let mut config = Config {
        addresses: if listen.is_empty() { WILDCARDS.to_vec() } else { listen },
        limits,
        ..Config::default()
    };
    config.udp_workers = workers.udp_workers.map_or(config.udp_workers, usize::from);
    config.tcp_threads = workers.tcp_threads.map_or(config.tcp_threads, usize::from);
    config
}
