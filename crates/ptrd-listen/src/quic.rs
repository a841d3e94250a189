//! DNS over QUIC (RFC 9250): a query for each stream, and its answer, or a whole transfer, on the way back.
//!
//! A connection is a task, and so is each stream of it, as long as it lasts. What clients may take is bounded: connections
//! by seats, streams by the transport, times as over TCP, and what they leave unsent or unread by the common account.
//! While many handshakes are under way, an address must be proven before it gets a seat (RFC 9000 §8.1.2); who is asked for
//! that is remembered by nobody.
//!
//! hickory-server was to do this. It accepts handshakes one after the other, so that a client that stalls holds up all
//! others; it ends a connection after the first message of a transfer; and it takes records where we have octets.

use crate::aside::Reply;
use crate::certificate::Identity;
use crate::counts::{Cells, bump};
use crate::desk::{Desk, Made, More, Origin, SharedDesk, gather};
use crate::limits::Limits;
use crate::tcp::{Front, OWN_MOVE, Parked, SLOWNESS, Seat, millis};
use ptrd_wire::{QName, Query};
use quinn::crypto::rustls::QuicServerConfig;
use quinn::{Connection, Endpoint, Incoming, RecvStream, SendStream, ServerConfig, TransportConfig, VarInt};
use std::future::poll_fn;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::Poll;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::timeout;

const ALPN_DOQ: &[u8] = b"doq";

// RFC 9250 §8.4: why something was closed or reset.
const NO_ERROR: VarInt = VarInt::from_u32(0);
const INTERNAL_ERROR: VarInt = VarInt::from_u32(1);
const PROTOCOL_ERROR: VarInt = VarInt::from_u32(2);
const EXCESSIVE_LOAD: VarInt = VarInt::from_u32(4);
const UNSPECIFIED_ERROR: VarInt = VarInt::from_u32(5);

/// Queries of a connection at a time.
const STREAMS: u32 = 64;
/// Octets of a connection that we have not read.
const UNREAD: u32 = 128 << 10;
/// Octets of a connection that the client has not acknowledged.
const UNSENT: u64 = 128 << 10;
/// From so many handshakes under way on, addresses must be proven first.
const CROWD: usize = 32;
/// Connections about which nothing is decided yet, and octets kept of each: they are decided upon at once.
const UNDECIDED: (usize, u64) = (64, 64 << 10);

/// What all connections are made with, but for their times.
pub(crate) fn configure(identity: &Identity) -> Result<ServerConfig, rustls::Error> {
    let tls = identity.config(&[ALPN_DOQ], &[&rustls::version::TLS13])?;
    // Only a provider without AES-128-GCM has none.
    let tls = QuicServerConfig::try_from(tls).map_err(|error| rustls::Error::General(error.to_string()))?;
    let mut config = ServerConfig::with_crypto(Arc::new(tls));
    let (connections, octets) = UNDECIDED;
    config.max_incoming(connections).incoming_buffer_size(octets).incoming_buffer_size_total(octets * 16);
    Ok(config)
}

fn transport(limits: &Limits) -> Arc<TransportConfig> {
    let mut transport = TransportConfig::default();
    transport
        .max_concurrent_bidi_streams(STREAMS.into())
        .max_concurrent_uni_streams(0u32.into())
        .stream_receive_window(UNREAD.into())
        .receive_window(UNREAD.into())
        .send_window(UNSENT)
        .datagram_receive_buffer_size(None)
        .max_idle_timeout(limits.idle.max(limits.first_query).try_into().ok());
    Arc::new(transport)
}

/// What a thread serves over QUIC: one socket, which knows the connections that came to it.
pub(crate) struct QuicStand {
    pub(crate) socket: UdpSocket,
    pub(crate) config: ServerConfig,
    pub(crate) desk: Desk,
    pub(crate) front: Arc<Front>,
    pub(crate) cells: Arc<Cells>,
}

/// What the connections of a [`QuicStand`] share.
#[derive(Clone)]
pub(crate) struct QuicServed {
    config: ServerConfig,
    local: SocketAddr,
    pub(crate) desk: SharedDesk,
    pub(crate) front: Arc<Front>,
    pub(crate) cells: Arc<Cells>,
}

impl QuicStand {
    /// Opens it for the runtime of the present thread.
    pub(crate) fn open(self) -> io::Result<(Endpoint, QuicServed)> {
        let QuicStand { socket, config, desk, front, cells } = self;
        let local = socket.local_addr()?;
        let runtime = Arc::new(quinn::TokioRuntime);
        let endpoint =
            Endpoint::new(quinn::EndpointConfig::default(), Some(config.clone()), socket, runtime)?;
        Ok((endpoint, QuicServed { config, local, desk: SharedDesk::new(desk), front, cells }))
    }
}

/// Ends all connections.
pub(crate) fn close(endpoint: &Endpoint) {
    endpoint.close(NO_ERROR, b"");
}

/// Takes connections until it is told to stop.
pub(crate) async fn accept(endpoint: Endpoint, served: QuicServed) {
    let shaking = Arc::<AtomicUsize>::default();
    let with = |limits: &Limits| {
        let mut config = served.config.clone();
        config.transport_config(transport(limits));
        Arc::new(config)
    };
    let mut limits = served.front.limits.load_full();
    let mut config = with(&limits);
    while let Some(incoming) = endpoint.accept().await {
        let now = served.front.limits.load_full();
        if !Arc::ptr_eq(&now, &limits) {
            (config, limits) = (with(&now), now);
        }
        let taken = served.front.cells.open.load(Relaxed) as usize;
        let is_crowded = shaking.load(Relaxed) >= CROWD || taken >= limits.connections.div_ceil(2);
        if is_crowded && !incoming.remote_address_validated() {
            // Whoever cannot be asked to prove it is not heard.
            match incoming.may_retry() {
                true => drop(incoming.retry()),
                false => incoming.ignore(),
            }
            continue;
        }
        bump(&served.cells.accepted, 1);
        let (seat, _) = served.front.admit(incoming.remote_address().ip());
        let shaking = Shaking::new(&shaking);
        tokio::spawn(serve(incoming, config.clone(), served.clone(), Arc::new(seat), shaking));
    }
}

/// A handshake under way.
struct Shaking(Arc<AtomicUsize>);

impl Shaking {
    fn new(all: &Arc<AtomicUsize>) -> Shaking {
        all.fetch_add(1, Relaxed);
        Shaking(all.clone())
    }
}

impl Drop for Shaking {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

async fn serve(
    incoming: Incoming,
    config: Arc<ServerConfig>,
    served: QuicServed,
    seat: Arc<Seat>,
    shaking: Shaking,
) {
    let connection = async {
        let connecting = incoming.accept_with(config).ok()?;
        let first_query = served.front.limits.load().first_query;
        tokio::select! {
            () = seat.lost() => None,
            done = timeout(first_query, connecting) => done.ok()?.ok(),
        }
    };
    let Some(connection) = connection.await else {
        served.front.cells.unshaken.fetch_add(1, Relaxed);
        return;
    };
    drop(shaking);
    let mut streams = JoinSet::new();
    loop {
        tokio::select! {
            () = seat.lost() => break,
            accepted = connection.accept_bi() => {
                let Ok((send, receive)) = accepted else { break };
                let (connection, served, seat) = (connection.clone(), served.clone(), seat.clone());
                streams.spawn(Exchange { connection, served, seat }.run(send, receive));
            }
            Some(_) = streams.join_next() => {}
        }
    }
    connection.close(NO_ERROR, b"");
}

/// Why a stream ends before its answer.
enum Fault {
    /// The client does what RFC 9250 §4.3.3 forbids: the connection ends.
    Protocol(&'static [u8]),
    /// There is no answer, for this reason.
    Reset(VarInt),
    /// The client, or the connection, is gone.
    Gone,
}

/// A query and its answer, on a stream of theirs.
struct Exchange {
    connection: Connection,
    served: QuicServed,
    seat: Arc<Seat>,
}

impl Exchange {
    async fn run(self, mut send: SendStream, mut receive: RecvStream) {
        match self.exchange(&mut send, &mut receive).await {
            Ok(()) => {
                let _ = send.finish();
            }
            Err(Fault::Protocol(why)) => self.connection.close(PROTOCOL_ERROR, why),
            Err(Fault::Reset(why)) => {
                let _ = receive.stop(why);
                let _ = send.reset(why);
            }
            Err(Fault::Gone) => {}
        }
    }

    async fn exchange(&self, send: &mut SendStream, receive: &mut RecvStream) -> Result<(), Fault> {
        let limits = self.served.front.limits.load_full();
        let message = match timeout(limits.message, self.read(receive)).await {
            Ok(read) => read?,
            Err(_) => return Err(Fault::Reset(EXCESSIVE_LOAD)),
        };
        judge(&message.0)?;
        let (peer, local) = (self.connection.remote_address(), self.served.local);
        let local = self.connection.local_ip().map_or(local, |ip| SocketAddr::new(ip, local.port()));
        let origin = Origin { peer, local, transfers: true };
        let (made, answer) = {
            let mut desk = self.served.desk.lock();
            let made = desk.answer_one(origin, &message.0);
            let length = if let Made::Answer(length) = made { 2 + length } else { 0 };
            (made, desk.output[..length].to_vec())
        };
        drop(message);
        match made {
            // A response, say: there is no answer to that.
            Made::Silence => Err(Fault::Reset(UNSPECIFIED_ERROR)),
            Made::Answer(_) => {
                self.seat.note_answer(millis(limits.idle));
                self.write(send, &answer, &limits).await
            }
            Made::Reply(reply) => self.pass_on(reply, send, &limits).await,
        }
    }

    /// Reads the one message that a stream has.
    async fn read(&self, receive: &mut RecvStream) -> Result<(Vec<u8>, Parked), Fault> {
        let mut length = [0; 2];
        receive.read_exact(&mut length).await.map_err(early)?;
        let length = usize::from(u16::from_be_bytes(length));
        let parked = self.served.front.park(length).ok_or(Fault::Reset(EXCESSIVE_LOAD))?;
        let mut message = vec![0; length];
        receive.read_exact(&mut message).await.map_err(early)?;
        match receive.read(&mut [0]).await {
            Ok(None) => Ok((message, parked)),
            Ok(Some(_)) => Err(Fault::Protocol(b"more than one query on a stream")),
            Err(_) => Err(Fault::Gone),
        }
    }

    /// Writes octets that the client must take in time.
    async fn write(&self, send: &mut SendStream, mut octets: &[u8], limits: &Limits) -> Result<(), Fault> {
        let _parked = self.served.front.park(octets.len()).ok_or(Fault::Reset(EXCESSIVE_LOAD))?;
        let all = async {
            while !octets.is_empty() {
                let written = timeout(limits.write_stall, send.write(octets)).await;
                let written = written.map_err(|_| Fault::Reset(EXCESSIVE_LOAD))?;
                octets = octets.get(written.map_err(|_| Fault::Gone)?..).unwrap_or_default();
            }
            Ok(())
        };
        let written = timeout(limits.write_stall * SLOWNESS, all).await;
        let written = written.unwrap_or(Err(Fault::Reset(EXCESSIVE_LOAD)));
        if let Err(Fault::Reset(_)) = written {
            self.served.front.cells.timed_out.fetch_add(1, Relaxed);
        }
        written
    }

    /// Writes what others reply, as fast as the client takes it.
    async fn pass_on(
        &self,
        mut reply: Box<dyn Reply>,
        send: &mut SendStream,
        limits: &Limits,
    ) -> Result<(), Fault> {
        loop {
            let more = poll_fn(|cx| {
                let mut desk = self.served.desk.lock();
                let more = gather(reply.as_mut(), &mut desk.output, cx);
                let taken = |length: usize| desk.output[..length].to_vec();
                match more {
                    More::Waiting => Poll::Pending,
                    More::Broken => Poll::Ready(None),
                    More::Octets(length) => Poll::Ready(Some((taken(length), false))),
                    More::Last(length) => Poll::Ready(Some((taken(length), true))),
                }
            });
            self.seat.note_answer(OWN_MOVE.max(millis(limits.idle)));
            let more = timeout(Duration::from_millis(OWN_MOVE), more).await;
            let Ok(Some((octets, is_last))) = more else { return Err(Fault::Reset(INTERNAL_ERROR)) };
            self.seat.note_answer(millis((limits.write_stall * SLOWNESS).max(limits.idle)));
            self.write(send, &octets, limits).await?;
            if is_last {
                return Ok(());
            }
        }
    }
}

fn early(error: quinn::ReadExactError) -> Fault {
    match error {
        quinn::ReadExactError::FinishedEarly(_) => Fault::Protocol(b"a stream ended within a message"),
        quinn::ReadExactError::ReadError(_) => Fault::Gone,
    }
}

/// What RFC 9250 forbids of queries.
fn judge(message: &[u8]) -> Result<(), Fault> {
    match message {
        [0, 0, _, _, ..] if message.len() >= 12 => {}
        // §4.2.1.
        [_, _, _, _, ..] if message.len() >= 12 => return Err(Fault::Protocol(b"the message ID must be 0")),
        _ => return Err(Fault::Protocol(b"too short for a message")),
    }
    // §5.5.2: idle times are the transport's.
    let mut name = QName::default();
    match Query::parse(message, &mut name) {
        Ok(query) if query.edns.is_some_and(|edns| edns.keepalive) => {
            Err(Fault::Protocol(b"edns-tcp-keepalive over QUIC"))
        }
        _ => Ok(()),
    }
}
