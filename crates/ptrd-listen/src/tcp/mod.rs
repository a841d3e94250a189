//! TCP, plain and with TLS inside: a few threads for each of the two, every one with a runtime of its own, that share the
//! listening sockets. A handshake costs as much as hundreds of answers, so those who ask in plain do not wait for it.
//!
//! A task per connection was chosen over a hand-written event loop: what tokio costs is one pass through its queue
//! for each wake-up, which 32 queries in flight share. Everything else that it offers for this (framed codecs, a timer
//! for each connection, a buffer for each reader) is left out, since it would be paid by every query or held by every
//! idle connection.

mod connection;
mod seats;
mod stream;

use crate::counts::{Cells, StreamCells, bump};
use crate::desk::{Desk, SharedDesk};
use crate::https;
use crate::limits::Limits;
use crate::listener::REFRESH;
use crate::quic::{self, QuicServed, QuicStand};
use arc_swap::ArcSwap;
use connection::Connection;
pub(crate) use seats::Seat;
use seats::Seats;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use stream::Stream;
pub(crate) use stream::{ALPN_DOT, TLS_ROOM};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

/// After an accept that failed for want of something, doubling from the first to the second while it goes on failing.
const ACCEPT_PAUSE: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(256));
/// Octets that a connection may keep even when all together keep too much: an ordinary query in two segments.
const SPARED: usize = 2 << 10;
/// Milliseconds that others of this process may take over the next message of a reply: what takes longer hangs.
pub(crate) const OWN_MOVE: u64 = 60_000;
/// A client that reads, but slowly, has this many times the time for reading nothing.
pub(crate) const SLOWNESS: u32 = 10;
/// How long open connections have when the thread is told to stop: enough for a query that is on its way.
const FAREWELL: Duration = Duration::from_millis(100);
/// Milliseconds between two log lines about that.
const COMPLAINT: u64 = 10_000;

/// What all threads of a transport share.
pub(crate) struct Front {
    pub(crate) limits: ArcSwap<Limits>,
    seats: Seats,
    pub(crate) cells: StreamCells,
    epoch: Instant,
    complained: AtomicU64,
}

impl Front {
    pub(crate) fn new(limits: Limits) -> Front {
        let seats = Seats::new(&limits);
        Front {
            limits: ArcSwap::from_pointee(limits),
            seats,
            cells: StreamCells::default(),
            epoch: Instant::now(),
            complained: AtomicU64::new(0),
        }
    }

    /// See [`crate::Meter::set_limits`].
    pub(crate) fn set_limits(&self, limits: Limits) -> usize {
        let (seats, evicted) = self.seats.set(&limits, self.now());
        self.limits.store(Arc::new(limits));
        self.cells.evicted.fetch_add(evicted, Relaxed);
        seats
    }

    /// Milliseconds since the start, never 0.
    pub(crate) fn now(&self) -> u64 {
        self.epoch.elapsed().as_millis() as u64 + 1
    }

    /// A seat for a newcomer, if need be somebody else's.
    pub(crate) fn admit(self: &Arc<Self>, peer: IpAddr) -> (Seat, bool) {
        let now = self.now();
        let (place, evicted) = self.seats.admit(peer, now, now + millis(self.limits.load().first_query));
        self.cells.open.fetch_add(1, Relaxed);
        self.cells.evicted.fetch_add(u64::from(evicted), Relaxed);
        (Seat::new(place, self.clone()), evicted)
    }

    /// Enters octets that are kept for a client into the common account, if it is not overdrawn by that; what is small is
    /// always entered.
    pub(crate) fn park(self: &Arc<Self>, octets: usize) -> Option<Parked> {
        let all = self.cells.parked.fetch_add(octets, Relaxed) + octets;
        let parked = Parked { front: self.clone(), octets };
        if octets <= SPARED || all <= self.limits.load().parked {
            return Some(parked);
        }
        self.cells.overfull.fetch_add(1, Relaxed);
        None
    }

    /// Closes connections whose time is over.
    fn expire(&self) {
        let expired = self.seats.expire(self.now());
        self.cells.timed_out.fetch_add(expired, Relaxed);
    }

    /// Makes room when descriptors or memory have run out. Says so in the log now and then.
    fn relieve(&self, error: &io::Error) {
        let evicted = self.seats.shrink(self.now());
        self.cells.evicted.fetch_add(evicted, Relaxed);
        self.cells.starved.fetch_add(1, Relaxed);
        let now = self.now();
        let before = self.complained.load(Relaxed);
        let due = before == 0 || now - before >= COMPLAINT;
        if due && self.complained.compare_exchange(before, now, Relaxed, Relaxed).is_ok() {
            tracing::warn!(
                %error,
                evicted,
                "a TCP connection could not be accepted; those idle for longest were closed. Is the limit of open \
                 files (ulimit -n, LimitNOFILE=) below what the limit of \
                 connections needs?"
            );
        }
    }

    /// How often to look for connections whose time is over, and for new snapshots when nothing else happens.
    fn tick(&self) -> Duration {
        let limits = self.limits.load();
        let shortest =
            [limits.first_query, limits.idle, limits.message, limits.write_stall].into_iter().min();
        (shortest.unwrap_or(REFRESH) / 4).clamp(Duration::from_millis(5), REFRESH)
    }
}

/// Octets in the common account, until this is dropped.
pub(crate) struct Parked {
    front: Arc<Front>,
    octets: usize,
}

impl Drop for Parked {
    fn drop(&mut self) {
        self.front.cells.parked.fetch_sub(self.octets, Relaxed);
    }
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX / 4)
}

/// What is done with a connection that was accepted.
#[derive(Clone)]
pub(crate) enum Guise {
    /// Messages come as they are.
    Plain,
    /// Messages come within TLS.
    Tls(TlsAcceptor),
    /// Messages come within HTTP, within TLS.
    Https(TlsAcceptor),
}

/// What a thread serves: a transport, on its listening sockets.
pub(crate) struct Stand {
    pub(crate) listeners: Vec<StdListener>,
    pub(crate) guise: Guise,
    pub(crate) desk: Desk,
    pub(crate) front: Arc<Front>,
    pub(crate) cells: Arc<Cells>,
}

/// A thread that serves connections.
pub(crate) struct StreamThread {
    runtime: Runtime,
    stands: Vec<(Vec<TcpListener>, Served)>,
    endpoints: Vec<(quinn::Endpoint, QuicServed)>,
}

/// What the connections of a stand share.
#[derive(Clone)]
struct Served {
    guise: Guise,
    desk: SharedDesk,
    front: Arc<Front>,
    cells: Arc<Cells>,
}

impl StreamThread {
    /// Prepares all that can fail, on the thread that starts it.
    pub(crate) fn new(stands: Vec<Stand>, quic: Vec<QuicStand>) -> io::Result<StreamThread> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let entered = runtime.enter();
        let stands = stands.into_iter().map(|Stand { listeners, guise, desk, front, cells }| {
            let listeners = listeners.into_iter().map(TcpListener::from_std).collect::<io::Result<_>>()?;
            Ok((listeners, Served { guise, desk: SharedDesk::new(desk), front, cells }))
        });
        let stands = stands.collect::<io::Result<_>>()?;
        let endpoints = quic.into_iter().map(QuicStand::open).collect::<io::Result<_>>()?;
        drop(entered);
        Ok(StreamThread { runtime, stands, endpoints })
    }

    /// Serves until it is told to stop. Connections that are open then have a moment more to be answered what they have
    /// asked; those that wait to be accepted are left to whoever else holds the listening socket.
    pub(crate) fn run(self, cancel: &CancellationToken) {
        let StreamThread { runtime, stands, endpoints } = self;
        runtime.block_on(async {
            let (mut accepting, mut all) = (Vec::new(), Vec::new());
            for (endpoint, served) in &endpoints {
                accepting.push(tokio::spawn(quic::accept(endpoint.clone(), served.clone())).abort_handle());
                all.push((served.desk.clone(), served.front.clone(), served.cells.clone()));
            }
            for (listeners, served) in stands {
                for listener in listeners {
                    accepting.push(tokio::spawn(accept(listener, served.clone())).abort_handle());
                }
                all.push((served.desk, served.front, served.cells));
            }
            let shortest = all.iter().map(|(_, front, _)| front.tick()).min();
            let mut tick = tokio::time::interval(shortest.unwrap_or(REFRESH));
            tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            while cancel.run_until_cancelled(tick.tick()).await.is_some() {
                for (desk, front, cells) in &all {
                    bump(&cells.beat, 1);
                    desk.refresh();
                    front.expire();
                }
            }
            accepting.iter().for_each(tokio::task::AbortHandle::abort);
            let begun = Instant::now();
            endpoints.iter().for_each(|(endpoint, _)| quic::close(endpoint));
            let is_open = || all.iter().any(|(_, front, _)| front.cells.open.load(Relaxed) > 0);
            while is_open() && begun.elapsed() < FAREWELL {
                tokio::time::sleep(ACCEPT_PAUSE.0).await;
            }
        });
        // Tasks hold nothing that blocks, so this is at once.
        runtime.shutdown_background();
    }
}

async fn accept(listener: TcpListener, served: Served) {
    let mut pause = ACCEPT_PAUSE.0;
    let Served { guise, desk, front, cells } = served;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                pause = ACCEPT_PAUSE.0;
                bump(&cells.accepted, 1);
                let (seat, evicted) = front.admit(peer.ip());
                let desk = desk.clone();
                match &guise {
                    Guise::Plain => {
                        tokio::spawn(Connection::new(Stream::plain(stream), peer, seat, desk));
                    }
                    Guise::Tls(acceptor) => {
                        tokio::spawn(Connection::new(Stream::tls(stream, acceptor), peer, seat, desk));
                    }
                    Guise::Https(acceptor) => {
                        tokio::spawn(https::serve(stream, peer, acceptor.clone(), (desk, seat)));
                    }
                }
                if evicted {
                    // So that whoever gave way closes its descriptor before the next one is opened.
                    tokio::task::yield_now().await;
                }
            }
            Err(error) if concerns_one_connection(&error) => {}
            Err(error) => {
                front.relieve(&error);
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(ACCEPT_PAUSE.1);
            }
        }
    }
}

/// accept(2) passes on errors of the connection itself; the next one is not concerned.
fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionRefused
            | ErrorKind::Interrupted
            | ErrorKind::NetworkDown
            | ErrorKind::NetworkUnreachable
            | ErrorKind::HostUnreachable
            | ErrorKind::TimedOut
            | ErrorKind::PermissionDenied
    )
}
