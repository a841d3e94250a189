//! A UDP worker: one thread, one socket, batches of datagrams.

use crate::aside::{Back, Deferred};
use crate::bind::Protocol;
use crate::counts::{Cells, bump};
use crate::listener::Junction;
use crate::tap::{Exchange, Tap};
use ptrd_engine::{Asker, Transport, Worker};
use ptrd_udp::{Batch, Options, Socket};
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

/// Datagrams for one system call. More gain little and keep the first of them waiting.
const BATCH: usize = 64;
/// From so many datagrams on, the memory that their answers read is fetched ahead.
const FETCH_AHEAD: usize = 4;
/// After an error of the socket, so that one that lasts cannot spin.
const PAUSE: Duration = Duration::from_millis(100);

/// What a worker is made of.
pub(crate) struct UdpWorker {
    pub(crate) socket: Arc<Socket>,
    pub(crate) options: Options,
    pub(crate) junction: Junction,
    /// What the thread works with; moved out when it starts.
    pub(crate) worker: Worker,
    /// Where copies go, if anywhere; moved out likewise.
    pub(crate) tap: Option<Tap>,
    pub(crate) cells: Arc<Cells>,
    pub(crate) stop: Arc<AtomicBool>,
}

impl UdpWorker {
    /// Serves until it is told to stop, whatever happens.
    pub(crate) fn run(mut self) {
        let mut worker = std::mem::take(&mut self.worker);
        let mut tap = self.tap.take();
        while !self.stop.load(Relaxed) {
            match catch_unwind(AssertUnwindSafe(|| self.serve(&mut worker, &mut tap))) {
                Ok(Ok(())) => return,
                Ok(Err(error)) => {
                    let address = self.socket.local_addr();
                    tracing::error!(%address, %error, "a UDP socket broke; opening it anew");
                    std::thread::sleep(PAUSE);
                    match Socket::bind(address, &self.options) {
                        Ok(socket) => self.socket = Arc::new(socket),
                        Err(error) => tracing::error!(%address, %error, "opening a UDP socket anew failed"),
                    }
                }
                Err(_) => {
                    // The panic's own message has been written by the panic hook. What the worker kept is a scratch
                    // area, but nothing says in which state it was left.
                    worker = worker.renewed();
                    bump(&self.cells.faults, 1);
                    tracing::error!(
                        "a UDP worker met a fault of ptrd; a batch of queries is lost, it goes on"
                    );
                }
            }
        }
    }

    /// Serves until it is told to stop. `Err` says that the socket is of no use any more.
    fn serve(&self, worker: &mut Worker, tap: &mut Option<Tap>) -> io::Result<()> {
        let mut batch = Batch::new(BATCH);
        let mut view = self.junction.view();
        let local = self.socket.local_addr();
        while !self.stop.load(Relaxed) {
            let received = batch.receive(&self.socket)?;
            bump(&self.cells.beat, 1);
            // Also when nothing came: an idle worker must not hold on to an old snapshot.
            let (engine, snapshot) = view.load();
            if received == 0 {
                continue;
            }
            let (now, nanos) = crate::listener::unix_time();
            let mut oversize = 0;
            // One datagram gains nothing from being looked at twice.
            if received >= FETCH_AHEAD {
                engine.fetch_ahead(snapshot, (0..received).map(|nth| batch.payload(nth)));
            }
            batch.respond(|datagram, out| {
                if datagram.truncated {
                    oversize += 1;
                    return 0;
                }
                let asker = Asker { peer: datagram.peer_ip(), transport: Transport::Udp, now, nanos };
                let length = engine.answer(&asker, datagram.payload, out, snapshot, worker);
                if length == 0
                    && let Some(room) = worker.take_deferred()
                    && let Some(aside) = &self.junction.aside
                {
                    let back = Back::new(self.socket.clone(), datagram.peer(), datagram.local());
                    let now = nanos / 1_000_000_000;
                    let (message, peer) = (datagram.payload, datagram.peer());
                    let request = Deferred { message, peer, now, transfers: false, room, padded: false };
                    aside.datagram(request, snapshot, back);
                }
                if let Some(tap) = tap {
                    tap.record(&Exchange {
                        protocol: Protocol::Udp,
                        peer: datagram.peer(),
                        local: datagram.local().map_or(local, |ip| SocketAddr::new(ip, local.port())),
                        at: nanos,
                        query: datagram.payload,
                        reply: &out[..length],
                    });
                }
                length
            });
            // Before they are sent: who has an answer finds it counted.
            self.cells.store(&worker.counts);
            let sent = batch.send(&self.socket)?;
            if oversize + sent.dropped > 0 {
                bump(&self.cells.oversize, oversize as u64);
                bump(&self.cells.unsent, sent.dropped as u64);
            }
        }
        Ok(())
    }
}
