//! The two sockets that messages leave from, one for each family.

use std::future::pending;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::net::UdpSocket;

pub struct Sockets {
    v4: Option<UdpSocket>,
    v6: Option<UdpSocket>,
}

impl Sockets {
    /// Binds them to free ports, where told to of these addresses. A family that this host does not have has none.
    pub fn bind(source: &[IpAddr]) -> Sockets {
        let of = |is_v4: bool| source.iter().copied().find(|address| address.is_ipv4() == is_v4);
        Sockets {
            v4: bind(of(true), Ipv4Addr::UNSPECIFIED.into()),
            v6: bind(of(false), Ipv6Addr::UNSPECIFIED.into()),
        }
    }

    pub fn v4(&self) -> Option<&UdpSocket> {
        self.v4.as_ref()
    }

    pub fn v6(&self) -> Option<&UdpSocket> {
        self.v6.as_ref()
    }

    /// Sends a message, or says why not.
    pub fn send(&self, message: &[u8], to: SocketAddr) -> Result<(), String> {
        let (socket, family) = if to.is_ipv4() { (&self.v4, "IPv4") } else { (&self.v6, "IPv6") };
        let socket = socket.as_ref().ok_or_else(|| format!("there is no socket for {family}"))?;
        socket.try_send_to(message, to).map(drop).map_err(|error| format!("it was not sent: {error}"))
    }
}

fn bind(source: Option<IpAddr>, any: IpAddr) -> Option<UdpSocket> {
    let address = SocketAddr::new(source.unwrap_or(any), 0);
    let bound = std::net::UdpSocket::bind(address).and_then(|socket| {
        socket.set_nonblocking(true)?;
        UdpSocket::from_std(socket)
    });
    match bound {
        Ok(socket) => Some(socket),
        Err(error) => {
            let (asked, family) = (source.is_some(), if any.is_ipv4() { "IPv4" } else { "IPv6" });
            // Hosts without IPv6 are no fault.
            if asked || any.is_ipv4() {
                tracing::warn!(%address, %error, "no {family} socket to announce changes from");
            } else {
                tracing::debug!(%address, %error, "no {family} socket to announce changes from");
            }
            None
        }
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
