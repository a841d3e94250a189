//! The two sockets that messages leave from, one for each family.
//!
//! An address may come after the start, go, and come back: that of an interface that is down, or one that two hosts share. So
//! a socket that is missing, or whose address is not this host's any more, is bound anew when there is something to send.

use std::future::pending;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, Instant};
use tokio::net::UdpSocket;

/// How soon a socket is bound again.
const AGAIN: Duration = Duration::from_secs(1);

/// What binds a socket.
type Bind = fn(SocketAddr) -> io::Result<std::net::UdpSocket>;

pub struct Sockets {
    v4: Way,
    v6: Way,
}

/// The socket of a family.
struct Way {
    family: &'static str,
    /// Where it is bound, and whether somebody asked for that.
    address: SocketAddr,
    is_asked: bool,
    socket: Option<Bound>,
    bind: Bind,
    tried: Instant,
}

/// A socket, and the same for sending: the runtime would have a new one wait until it has heard that it takes something.
struct Bound {
    hears: UdpSocket,
    sends: std::net::UdpSocket,
}

impl Sockets {
    /// Binds them to free ports, where told to of these addresses. A family that this host does not have has none.
    pub fn bind(source: &[IpAddr]) -> Sockets {
        Sockets::with(source, std::net::UdpSocket::bind::<SocketAddr>)
    }

    fn with(source: &[IpAddr], bind: Bind) -> Sockets {
        let of = |is_v4: bool| source.iter().copied().find(|address| address.is_ipv4() == is_v4);
        Sockets {
            v4: Way::new("IPv4", of(true), Ipv4Addr::UNSPECIFIED.into(), bind),
            v6: Way::new("IPv6", of(false), Ipv6Addr::UNSPECIFIED.into(), bind),
        }
    }

    pub fn v4(&self) -> Option<&UdpSocket> {
        self.v4.socket.as_ref().map(|socket| &socket.hears)
    }

    pub fn v6(&self) -> Option<&UdpSocket> {
        self.v6.socket.as_ref().map(|socket| &socket.hears)
    }

    /// Sends a message, or says why not.
    pub fn send(&mut self, message: &[u8], to: SocketAddr, now: Instant) -> Result<(), String> {
        let way = if to.is_ipv4() { &mut self.v4 } else { &mut self.v6 };
        let sent = match way.send(message, to) {
            Err(lost) if lost.is_for(way) && way.again(now) => way.send(message, to),
            sent => sent,
        };
        sent.map_err(|lost| lost.to_string())
    }
}

/// Why a message was not sent.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error("there is no socket for {0}")]
    NoSocket(&'static str),
    #[error("it was not sent: {0}")]
    Unsent(#[from] io::Error),
}

impl Lost {
    /// Whether another socket may do better. One that is bound anew does not hear the answers to what left before.
    fn is_for(&self, way: &Way) -> bool {
        let gone = [io::ErrorKind::AddrNotAvailable, io::ErrorKind::InvalidInput];
        match self {
            Lost::NoSocket(_) => true,
            Lost::Unsent(error) => way.is_asked && gone.contains(&error.kind()),
        }
    }
}

impl Way {
    fn new(family: &'static str, source: Option<IpAddr>, any: IpAddr, bind: Bind) -> Way {
        let (is_asked, address) = (source.is_some(), SocketAddr::new(source.unwrap_or(any), 0));
        let mut way = Way { family, address, is_asked, socket: None, bind, tried: Instant::now() };
        match way.open() {
            Ok(socket) => way.socket = Some(socket),
            // Hosts without IPv6 are no fault.
            Err(error) if is_asked || address.is_ipv4() => {
                tracing::warn!(%address, %error, "no {family} socket to announce changes from; it is tried again");
            }
            Err(error) => tracing::debug!(%address, %error, "no {family} socket to announce changes from"),
        }
        way
    }

    fn open(&self) -> io::Result<Bound> {
        let sends = (self.bind)(self.address)?;
        sends.set_nonblocking(true)?;
        Ok(Bound { hears: UdpSocket::from_std(sends.try_clone()?)?, sends })
    }

    fn send(&self, message: &[u8], to: SocketAddr) -> Result<(), Lost> {
        let socket = self.socket.as_ref().ok_or(Lost::NoSocket(self.family))?;
        Ok(socket.sends.send_to(message, to).map(drop)?)
    }

    /// Binds anew, unless that was tried a moment ago.
    fn again(&mut self, now: Instant) -> bool {
        if now.saturating_duration_since(self.tried) < AGAIN {
            return false;
        }
        self.tried = now;
        let Ok(socket) = self.open() else { return false };
        if self.socket.is_none() && (self.is_asked || self.address.is_ipv4()) {
            tracing::info!(address = %self.address, "changes can be announced over {} now", self.family);
        }
        self.socket = Some(socket);
        true
    }
}

/// The next datagram. Never, where there is no socket.
pub async fn receive(socket: Option<&UdpSocket>, room: &mut [u8]) -> (usize, SocketAddr) {
    let Some(socket) = socket else { return pending().await };
    loop {
        // An error is that of an earlier message (ICMP), and says nothing that silence does not.
        if let Ok(received) = socket.recv_from(room).await {
            return received;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// How often the host was asked for a socket of IPv4.
    static ASKED: AtomicU32 = AtomicU32::new(0);

    /// Twice the address is not there, then it is.
    fn late(address: SocketAddr) -> io::Result<std::net::UdpSocket> {
        match ASKED.fetch_add(u32::from(address.is_ipv4()), Ordering::Relaxed) {
            0 | 1 => Err(io::ErrorKind::AddrNotAvailable.into()),
            _ => std::net::UdpSocket::bind(address),
        }
    }

    #[tokio::test]
    async fn an_address_that_comes_late_is_used() {
        let peer = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
        let to = peer.local_addr().expect("bound");
        let mut sockets = Sockets::with(&[to.ip()], late);
        let start = Instant::now();
        let why = sockets.send(b"one", to, start).expect_err("there is none yet");
        assert_eq!((&*why, ASKED.load(Ordering::Relaxed)), ("there is no socket for IPv4", 1), "at once");
        sockets.send(b"two", to, start + AGAIN).expect_err("there is none yet");
        assert!(sockets.v4().is_none());
        sockets.send(b"three", to, start + 2 * AGAIN).expect("it is there now");
        let mut room = [0; 16];
        let (length, from) = peer.recv_from(&mut room).expect("a message");
        assert_eq!(&room[..length], b"three");
        assert_eq!(from, sockets.v4().expect("a socket").local_addr().expect("bound"));
    }
}
