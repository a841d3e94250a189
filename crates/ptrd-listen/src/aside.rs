//! What is no plain query: transfers, NOTIFY, UPDATE. The engine leaves these to others, who answer in their own time.
//!
//! Over TCP they hand back a [`Reply`], which the connection asks for one message after the other, as fast as the client
//! takes them and no faster: nothing is made in advance, so that a slow reader costs what any slow reader costs. Over UDP they
//! are given a [`Back`], through which one datagram goes from the address that was asked.

use ptrd_udp::Socket;
use ptrd_zone::Snapshot;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A request that the engine left to others.
#[derive(Clone, Copy, Debug)]
pub struct Deferred<'a> {
    /// The request as it came: its header is whole, its opcode that of a query, NOTIFY or UPDATE.
    pub message: &'a [u8],
    /// Who asks.
    pub peer: SocketAddr,
    /// Seconds since 1970 UTC.
    pub now: u64,
    /// Whether a zone may go the way that the request came: over a stream, unless it is HTTPS or does not have what
    /// RFC 9103 §7 demands of TLS.
    pub transfers: bool,
    /// Octets that a message of the reply may have.
    pub room: usize,
    /// Whether the reply is padded (RFC 7830 §4): it is encrypted, and the client pads.
    pub padded: bool,
}

/// Who takes such requests. Called by threads that answer queries: what takes time is for others to do.
pub trait Aside: Send + Sync {
    /// A request over a stream; `snapshot` is what queries see now.
    fn stream(&self, request: Deferred<'_>, snapshot: &Arc<Snapshot>) -> Box<dyn Reply>;

    /// A request in a datagram. When there is too much to do it is dropped.
    fn datagram(&self, request: Deferred<'_>, snapshot: &Arc<Snapshot>, back: Back);
}

/// The messages that answer a request.
pub trait Reply: Send {
    /// Writes the next message into `room`, which holds 65 535 octets, and says how long it is; `None` when there is none
    /// any more. [`Poll::Pending`] wakes the connection when there is something to do. An `Err` ends the connection.
    fn poll_message(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<Option<Result<usize, Broken>>>;
}

/// A reply cannot be ended as it was begun: only closing the connection tells the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken;

/// The way back for the reply to a datagram.
#[derive(Debug)]
pub struct Back {
    socket: Arc<Socket>,
    peer: SocketAddr,
    local: Option<std::net::IpAddr>,
}

impl Back {
    pub(crate) fn new(socket: Arc<Socket>, peer: SocketAddr, local: Option<std::net::IpAddr>) -> Back {
        Back { socket, peer, local }
    }

    /// Sends the reply.
    ///
    /// # Errors
    /// That of `sendmsg(2)`: it is lost, as datagrams may be.
    pub fn send(self, reply: &[u8]) -> io::Result<()> {
        self.socket.send_from(reply, self.local, self.peer)
    }
}

/// A reply of one message that is there.
pub struct Ready(Option<Vec<u8>>);

impl Ready {
    /// This message.
    pub fn new(message: Vec<u8>) -> Ready {
        Ready(Some(message))
    }
}

impl Reply for Ready {
    fn poll_message(&mut self, _: &mut Context<'_>, room: &mut [u8]) -> Poll<Option<Result<usize, Broken>>> {
        Poll::Ready(self.0.take().map(|message| {
            room.get_mut(..message.len()).ok_or(Broken)?.copy_from_slice(&message);
            Ok(message.len())
        }))
    }
}
