//! Sockets for every address, all of them or none.
//!
//! UDP workers share an address with `SO_REUSEPORT`, which would let a second daemon of the same user take half of the
//! datagrams. So each address is first tried with a UDP socket that shares with nobody, and TCP is bound without
//! sharing: whoever is there already is met with an error, not with half of its queries gone.

use ptrd_udp::{Options, Socket};
use socket2::{Domain, Type};
use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};

/// A transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Datagrams.
    Udp,
    /// Connections.
    Tcp,
    /// TLS over TCP (RFC 7858).
    Tls,
    /// QUIC (RFC 9250).
    Quic,
    /// HTTPS (RFC 8484).
    Https,
}

impl Protocol {
    /// Whether nobody on the way can read along.
    pub fn is_encrypted(self) -> bool {
        !matches!(self, Protocol::Udp | Protocol::Tcp)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Protocol::Udp => "UDP",
            Protocol::Tcp => "TCP",
            Protocol::Tls => "TLS",
            Protocol::Quic => "QUIC",
            Protocol::Https => "HTTPS",
        })
    }
}

/// Why an address cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address} over {protocol}{}", hint(cause))]
pub struct BindError {
    /// The address.
    pub address: SocketAddr,
    /// Over what.
    pub protocol: Protocol,
    /// What the system said.
    #[source]
    pub cause: io::Error,
}

impl BindError {
    /// Whether this host has no addresses of that family at all: an IPv6 wildcard may then be left out.
    pub fn is_family_missing(&self) -> bool {
        // EAFNOSUPPORT has no `ErrorKind` of its own.
        const EAFNOSUPPORT: i32 = 97;
        self.cause.raw_os_error() == Some(EAFNOSUPPORT)
            || (self.cause.kind() == ErrorKind::AddrNotAvailable && self.address.ip().is_unspecified())
    }
}

fn hint(cause: &io::Error) -> &'static str {
    match cause.kind() {
        ErrorKind::AddrInUse => ": another server is there already (is a second ptrd running?)",
        ErrorKind::PermissionDenied => ": ports below 1024 need root or the capability CAP_NET_BIND_SERVICE",
        ErrorKind::AddrNotAvailable => ": this host has no such address",
        _ => "",
    }
}

/// What serves one address.
pub(crate) struct Bound {
    pub(crate) address: SocketAddr,
    /// One for each worker.
    pub(crate) udp: Vec<Socket>,
    /// One, or however many were handed over. All threads listen to each.
    pub(crate) tcp: Vec<TcpListener>,
}

/// How often a port of the system's choice that is free for UDP alone is given back.
const ATTEMPTS: usize = 64;
const BACKLOG: i32 = 1024;
/// Octets that the kernel takes of answers that it cannot send yet; more stays with us, where it is bounded.
const UNSENT: u32 = 128 << 10;
/// Octets that the kernel takes of requests that we have not read, for we stop to read while answers wait: without a
/// bound it would take megabytes for each connection.
const UNREAD: usize = 128 << 10;

/// Binds `address`, and for UDP `workers` times. Port 0 takes one that is free for both.
pub(crate) fn bind(address: SocketAddr, workers: usize, options: &Options) -> Result<Bound, BindError> {
    let mut attempts = 0;
    loop {
        let udp = |cause| BindError { address, protocol: Protocol::Udp, cause };
        let probe = probe(address).map_err(udp)?;
        let chosen = probe.local_addr().map_err(udp)?.as_socket().unwrap_or(address);
        attempts += 1;
        let tcp = match listen(chosen) {
            Err(error)
                if address.port() == 0 && error.kind() == ErrorKind::AddrInUse && attempts < ATTEMPTS =>
            {
                continue;
            }
            listener => listener.map_err(|cause| BindError { address, protocol: Protocol::Tcp, cause })?,
        };
        drop(probe);
        let sockets = (0..workers.max(1)).map(|_| Socket::bind(chosen, options));
        let sockets = sockets.collect::<io::Result<Vec<_>>>().map_err(udp)?;
        return Ok(Bound { address: chosen, udp: sockets, tcp: vec![tcp] });
    }
}

/// A UDP socket that shares its address with nobody.
pub(crate) fn probe(address: SocketAddr) -> io::Result<socket2::Socket> {
    let socket = socket2::Socket::new(Domain::for_address(address), Type::DGRAM, None)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.bind(&address.into())?;
    Ok(socket)
}

pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket2::Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // Not `SO_REUSEPORT`: see the module. This one lets us come back while old connections linger in TIME_WAIT.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    let listener = socket.into();
    make_ready(&listener)?;
    Ok(listener)
}

/// What a listening socket of ours has set, whoever has bound it.
pub(crate) fn make_ready(listener: &TcpListener) -> io::Result<()> {
    let socket = socket2::SockRef::from(listener);
    if !socket.is_listener()? {
        return Err(io::Error::new(ErrorKind::NotConnected, "it does not listen (Accept=no)"));
    }
    // Connections inherit these options. Answers are written whole, so there is nothing to wait for.
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_notsent_lowat(UNSENT)?;
    socket.set_recv_buffer_size(UNREAD)?;
    socket.set_nonblocking(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, UdpSocket};

    fn options() -> Options {
        Options::default()
    }

    #[test]
    fn port_0_is_one_port_for_both() {
        for _ in 0..20 {
            let bound = bind((Ipv4Addr::LOCALHOST, 0).into(), 3, &options()).expect("bound");
            assert_ne!(bound.address.port(), 0);
            assert!(bound.udp.iter().all(|socket| socket.local_addr() == bound.address));
            assert_eq!(bound.tcp[0].local_addr().expect("an address"), bound.address);
        }
    }

    #[test]
    fn a_second_server_is_refused() {
        let first = bind((Ipv4Addr::LOCALHOST, 0).into(), 1, &options()).expect("bound");
        let error = bind(first.address, 1, &options()).err().expect("refused");
        assert_eq!((error.protocol, error.cause.kind()), (Protocol::Udp, ErrorKind::AddrInUse));
        assert!(error.to_string().contains("another server"), "{error}");
        let address = first.address;
        drop(first);

        let tcp = TcpListener::bind(address).expect("free again");
        let error = bind(address, 1, &options()).err().expect("refused");
        assert_eq!((error.protocol, error.cause.kind()), (Protocol::Tcp, ErrorKind::AddrInUse));
        drop(tcp);
        let _udp = UdpSocket::bind(address).expect("free again");
        assert!(bind(address, 1, &options()).is_err());
    }

    #[test]
    fn an_address_of_another_host_is_named() {
        let error = bind("192.0.2.1:0".parse().expect("an address"), 1, &options()).err().expect("refused");
        assert!(error.to_string().contains("192.0.2.1:0 over UDP: this host has no such address"), "{error}");
        assert!(!error.is_family_missing());
    }
}
