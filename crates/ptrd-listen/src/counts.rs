//! Counters: each written by one thread, summed when somebody asks.

use std::ops::AddAssign;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

/// What all workers did since the start. Read while they work, so the figures are a moment apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// What came in datagrams.
    pub udp: UdpCounts,
    /// What came over TCP.
    pub tcp: StreamCounts,
    /// What came over TLS, where that is listened for.
    pub tls: Option<StreamCounts>,
    /// What came over QUIC, where that is listened for.
    pub quic: Option<StreamCounts>,
    /// What came over HTTPS, where that is listened for.
    pub https: Option<StreamCounts>,
    /// Workers that met a fault of the program and went on.
    pub faults: u64,
}

impl Counts {
    /// By transport, those that are listened for.
    pub fn streams(&self) -> impl Iterator<Item = (crate::Protocol, &StreamCounts)> {
        let encrypted = [
            (crate::Protocol::Tls, &self.tls),
            (crate::Protocol::Quic, &self.quic),
            (crate::Protocol::Https, &self.https),
        ];
        let encrypted =
            encrypted.into_iter().filter_map(|(protocol, counts)| Some((protocol, counts.as_ref()?)));
        std::iter::once((crate::Protocol::Tcp, &self.tcp)).chain(encrypted)
    }

    /// Requests answered, however they came.
    pub fn answers(&self) -> u64 {
        self.udp.engine.answers + self.streams().map(|(_, counts)| counts.engine.answers).sum::<u64>()
    }
}

/// What UDP workers did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UdpCounts {
    /// What the engine made of the requests.
    pub engine: ptrd_engine::Counts,
    /// Datagrams dropped for being longer than any request.
    pub oversize: u64,
    /// Replies that the kernel did not take.
    pub unsent: u64,
}

/// What threads did that serve connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamCounts {
    /// What the engine made of the requests.
    pub engine: ptrd_engine::Counts,
    /// Connections taken.
    pub accepted: u64,
    /// Connections closed for taking too long over something.
    pub timed_out: u64,
    /// Connections closed to make room for new ones.
    pub evicted: u64,
    /// Connections closed for leaving too much unread or unfinished.
    pub overfull: u64,
    /// Connections that ended before their handshake was complete.
    pub unshaken: u64,
    /// Times that the system had no descriptor or memory for one more connection.
    pub starved: u64,
    /// Connections open now.
    pub open: u64,
}

/// Requests answered, by response code and in all: a row of atomics that mirrors [`ptrd_engine::Counts`].
#[derive(Default)]
struct EngineCells {
    answers: AtomicU64,
    silences: AtomicU64,
    deferred: AtomicU64,
    truncated: AtomicU64,
    rcodes: [AtomicU64; 16],
    qtypes: [AtomicU64; ptrd_engine::QTYPE_SLOTS],
    rate_dropped: AtomicU64,
    rate_slipped: AtomicU64,
    rate_exempted: AtomicU64,
    tsig_verified: AtomicU64,
    tsig_refused: AtomicU64,
}

impl EngineCells {
    fn store(&self, counts: &ptrd_engine::Counts) {
        self.answers.store(counts.answers, Relaxed);
        self.silences.store(counts.silences, Relaxed);
        self.deferred.store(counts.deferred, Relaxed);
        self.truncated.store(counts.truncated, Relaxed);
        for (cell, count) in self.rcodes.iter().zip(counts.rcodes) {
            cell.store(count, Relaxed);
        }
        for (cell, count) in self.qtypes.iter().zip(counts.qtypes) {
            cell.store(count, Relaxed);
        }
        self.rate_dropped.store(counts.rate_dropped, Relaxed);
        self.rate_slipped.store(counts.rate_slipped, Relaxed);
        self.rate_exempted.store(counts.rate_exempted, Relaxed);
        self.tsig_verified.store(counts.tsig_verified, Relaxed);
        self.tsig_refused.store(counts.tsig_refused, Relaxed);
    }

    fn load(&self) -> ptrd_engine::Counts {
        ptrd_engine::Counts {
            answers: self.answers.load(Relaxed),
            silences: self.silences.load(Relaxed),
            deferred: self.deferred.load(Relaxed),
            truncated: self.truncated.load(Relaxed),
            rcodes: self.rcodes.each_ref().map(|cell| cell.load(Relaxed)),
            qtypes: self.qtypes.each_ref().map(|cell| cell.load(Relaxed)),
            rate_dropped: self.rate_dropped.load(Relaxed),
            rate_slipped: self.rate_slipped.load(Relaxed),
            rate_exempted: self.rate_exempted.load(Relaxed),
            tsig_verified: self.tsig_verified.load(Relaxed),
            tsig_refused: self.tsig_refused.load(Relaxed),
        }
    }
}

/// The counters of one worker of either kind, which alone writes them. Two cache lines at a time are fetched together
/// on common machines, hence the alignment.
#[derive(Default)]
#[repr(align(128))]
pub(crate) struct Cells {
    engine: EngineCells,
    /// See [`UdpCounts::oversize`].
    pub(crate) oversize: AtomicU64,
    /// See [`UdpCounts::unsent`].
    pub(crate) unsent: AtomicU64,
    /// See [`StreamCounts::accepted`].
    pub(crate) accepted: AtomicU64,
    /// See [`Counts::faults`].
    pub(crate) faults: AtomicU64,
    /// Grows with every turn of the thread, idle ones too.
    pub(crate) beat: AtomicU64,
}

impl Cells {
    pub(crate) fn store(&self, counts: &ptrd_engine::Counts) {
        self.engine.store(counts);
    }

    pub(crate) fn udp(&self) -> UdpCounts {
        UdpCounts {
            engine: self.engine.load(),
            oversize: self.oversize.load(Relaxed),
            unsent: self.unsent.load(Relaxed),
        }
    }

    pub(crate) fn stream(&self) -> StreamCounts {
        StreamCounts {
            engine: self.engine.load(),
            accepted: self.accepted.load(Relaxed),
            ..StreamCounts::default()
        }
    }
}

/// Adds to a counter that this thread alone writes: cheaper than an atomic addition.
pub(crate) fn bump(cell: &AtomicU64, by: u64) {
    cell.store(cell.load(Relaxed) + by, Relaxed);
}

/// Counters that all threads of a transport share; none is touched for a query.
#[derive(Default)]
pub(crate) struct StreamCells {
    pub(crate) timed_out: AtomicU64,
    pub(crate) evicted: AtomicU64,
    pub(crate) overfull: AtomicU64,
    pub(crate) unshaken: AtomicU64,
    pub(crate) starved: AtomicU64,
    pub(crate) open: AtomicU64,
    /// Octets that connections keep for later.
    pub(crate) parked: AtomicUsize,
}

impl StreamCells {
    pub(crate) fn add_to(&self, counts: &mut StreamCounts) {
        counts.timed_out += self.timed_out.load(Relaxed);
        counts.evicted += self.evicted.load(Relaxed);
        counts.overfull += self.overfull.load(Relaxed);
        counts.unshaken += self.unshaken.load(Relaxed);
        counts.starved += self.starved.load(Relaxed);
        counts.open += self.open.load(Relaxed);
    }
}

impl AddAssign for UdpCounts {
    fn add_assign(&mut self, other: UdpCounts) {
        self.engine += other.engine;
        self.oversize += other.oversize;
        self.unsent += other.unsent;
    }
}

impl AddAssign for StreamCounts {
    fn add_assign(&mut self, other: StreamCounts) {
        self.engine += other.engine;
        self.accepted += other.accepted;
        self.timed_out += other.timed_out;
        self.evicted += other.evicted;
        self.overfull += other.overfull;
        self.unshaken += other.unshaken;
        self.starved += other.starved;
        self.open += other.open;
    }
}
