//! TCP: a few threads, each with a runtime of its own, that share the listening sockets.
//!
//! A task per connection was chosen over a hand-written event loop: what tokio costs is one pass through its queue
//! for each wake-up, which 32 queries in flight share. Everything else that it offers for this (framed codecs, a timer
//! for each connection, a buffer for each reader) is left out, since it would be paid by every query or held by every
//! idle connection.

mod connection;
mod frame;
mod seats;

use crate::counts::{Cells, TcpCells, bump};
use crate::limits::Limits;
use crate::listener::REFRESH;
use arc_swap::ArcSwap;
use connection::Connection;
pub(crate) use connection::Desk;
use seats::{Seat, Seats};
use std::io::{self, ErrorKind};
use std::net::{IpAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio_util::sync::CancellationToken;

/// After an accept that failed for want of something, doubling from the first to the second while it goes on failing.
const ACCEPT_PAUSE: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(256));
/// How long open connections have when the thread is told to stop: enough for a query that is on its way.
const FAREWELL: Duration = Duration::from_millis(100);
/// Milliseconds between two log lines about that.
const COMPLAINT: u64 = 10_000;

/// What all TCP threads share.
pub(crate) struct Front {
    limits: ArcSwap<Limits>,
    seats: Seats,
    pub(crate) cells: TcpCells,
    epoch: Instant,
    complained: AtomicU64,
}

impl Front {
    pub(crate) fn new(limits: Limits) -> Front {
        let seats = Seats::new(&limits);
        Front {
            limits: ArcSwap::from_pointee(limits),
            seats,
            cells: TcpCells::default(),
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
    fn now(&self) -> u64 {
        self.epoch.elapsed().as_millis() as u64 + 1
    }

    /// A seat for a newcomer, if need be somebody else's.
    fn admit(self: &Arc<Self>, peer: IpAddr) -> (Seat, bool) {
        let now = self.now();
        let (place, evicted) = self.seats.admit(peer, now, now + millis(self.limits.load().first_query));
        self.cells.open.fetch_add(1, Relaxed);
        self.cells.evicted.fetch_add(u64::from(evicted), Relaxed);
        (Seat::new(place, self.clone()), evicted)
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

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX / 4)
}

/// One thread's share.
pub(crate) struct TcpThread {
    runtime: Runtime,
    listeners: Vec<TcpListener>,
    desk: Desk,
    front: Arc<Front>,
    cells: Arc<Cells>,
}

impl TcpThread {
    /// Prepares all that can fail, on the thread that starts it.
    pub(crate) fn new(
        sockets: Vec<StdListener>,
        desk: Desk,
        front: Arc<Front>,
        cells: Arc<Cells>,
    ) -> io::Result<TcpThread> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let listeners = {
            let _entered = runtime.enter();
            sockets.into_iter().map(TcpListener::from_std).collect::<io::Result<Vec<_>>>()?
        };
        Ok(TcpThread { runtime, listeners, desk, front, cells })
    }

    /// Serves until it is told to stop. Connections that are open then have a moment more to be answered what they have
    /// asked; those that wait to be accepted are left to whoever else holds the listening socket.
    pub(crate) fn run(self, cancel: &CancellationToken) {
        let TcpThread { runtime, listeners, desk, front, cells } = self;
        let desk = connection::SharedDesk::new(desk);
        runtime.block_on(async {
            let accepting = listeners.into_iter().map(|listener| {
                tokio::spawn(accept(listener, front.clone(), desk.clone(), cells.clone())).abort_handle()
            });
            let accepting: Vec<_> = accepting.collect();
            let mut tick = tokio::time::interval(front.tick());
            tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            while cancel.run_until_cancelled(tick.tick()).await.is_some() {
                bump(&cells.beat, 1);
                desk.refresh();
                front.expire();
            }
            accepting.iter().for_each(tokio::task::AbortHandle::abort);
            let begun = Instant::now();
            while front.cells.open.load(Relaxed) > 0 && begun.elapsed() < FAREWELL {
                tokio::time::sleep(ACCEPT_PAUSE.0).await;
            }
        });
        // Tasks hold nothing that blocks, so this is at once.
        runtime.shutdown_background();
    }
}

async fn accept(listener: TcpListener, front: Arc<Front>, desk: connection::SharedDesk, cells: Arc<Cells>) {
    let mut pause = ACCEPT_PAUSE.0;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                pause = ACCEPT_PAUSE.0;
                bump(&cells.accepted, 1);
                let (seat, evicted) = front.admit(peer.ip());
                tokio::spawn(Connection::new(stream, peer, seat, desk.clone()));
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
