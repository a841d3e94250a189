//! UDP sockets, set up the way a server wants them.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::time::Duration;

use crate::address::{Address, Control};
use crate::bundle::UDP_SEGMENT;
use libc::c_int;
use socket2::{Domain, Protocol, Type};

/// How a [`Socket`] is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Receive buffer to ask the kernel for, in octets. It grants at most `net.core.rmem_max`.
    pub receive_buffer: usize,
    /// Send buffer to ask the kernel for, in octets. It grants at most `net.core.wmem_max`.
    pub send_buffer: usize,
    /// How long [`Batch::receive`](crate::Batch::receive) waits for a first datagram before it returns 0, so that a
    /// worker sees its stop flag. Zero: it does not wait at all.
    pub receive_timeout: Duration,
    /// Bind to an address that this host does not have yet (`IP_FREEBIND`).
    pub freebind: bool,
    /// Hand replies to one peer to the kernel as one message, where it can cut them into datagrams again.
    pub segments: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            receive_buffer: 4 << 20,
            send_buffer: 1 << 20,
            receive_timeout: Duration::from_millis(200),
            freebind: false,
            segments: true,
        }
    }
}

/// What a [`Batch`](crate::Batch) must know of a socket to lay out its headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    /// The kernel tells to which address a datagram was sent.
    pub(crate) wildcard: bool,
    /// The peer is always this one.
    pub(crate) connected: Option<SocketAddr>,
}

/// A bound UDP socket.
///
/// Several may be bound to one address (`SO_REUSEPORT`), one for each worker; the kernel spreads the peers over
/// them. IPv6 sockets take IPv6 only, so an IPv4-mapped peer does not occur.
#[derive(Debug)]
pub struct Socket {
    inner: socket2::Socket,
    local: SocketAddr,
    pub(crate) shape: Shape,
    pub(crate) waits: bool,
    /// The kernel cuts a message into datagrams of one size where asked to.
    pub(crate) segments: bool,
}

impl Socket {
    /// Binds a socket to `address`; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// Those of `socket(2)`, `setsockopt(2)` and `bind(2)`. A buffer smaller than asked for is not an error.
    pub fn bind(address: SocketAddr, options: &Options) -> io::Result<Socket> {
        let inner = socket2::Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        inner.set_reuse_port(true)?;
        if address.is_ipv4() {
            inner.set_freebind_v4(options.freebind)?;
        } else {
            inner.set_only_v6(true)?;
            inner.set_freebind_v6(options.freebind)?;
        }
        // Best effort: the kernel cuts the sizes to its limits, and a small buffer is no reason not to serve.
        let _ = inner.set_recv_buffer_size(options.receive_buffer);
        let _ = inner.set_send_buffer_size(options.send_buffer);
        prepare(&inner, address, options)?;
        inner.bind(&address.into())?;
        Socket::bound(inner, options)
    }

    /// Takes a socket that somebody else has bound, as a service manager does, and sets it up like our own. Its buffers
    /// stay as they are: a manager may give more than we may ask for, and asking would cut that.
    ///
    /// # Errors
    ///
    /// Those of `getsockname(2)` and `setsockopt(2)`; [`io::ErrorKind::InvalidInput`] for an IPv6 socket that takes IPv4
    /// too, which would have peers with mapped addresses.
    pub fn adopt(socket: std::net::UdpSocket, options: &Options) -> io::Result<Socket> {
        let inner = socket2::Socket::from(socket);
        let address = inner.local_addr()?.as_socket().ok_or(io::ErrorKind::InvalidInput)?;
        if address.is_ipv6() && address.ip().is_unspecified() && !inner.only_v6()? {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        inner.set_nonblocking(false)?;
        prepare(&inner, address, options)?;
        Socket::bound(inner, options)
    }

    /// The same socket once more, for another worker: each datagram goes to one of the two.
    ///
    /// # Errors
    ///
    /// Those of `fcntl(2)`.
    pub fn share(&self) -> io::Result<Socket> {
        let Socket { ref inner, local, shape, waits, segments } = *self;
        Ok(Socket { inner: inner.try_clone()?, local, shape, waits, segments })
    }

    fn bound(inner: socket2::Socket, options: &Options) -> io::Result<Socket> {
        let local = inner.local_addr()?.as_socket().ok_or(io::ErrorKind::InvalidData)?;
        // 0 leaves each message as it is unless it says otherwise; older kernels do not know the option.
        let segments =
            options.segments && set_option(inner.as_raw_fd(), libc::SOL_UDP, UDP_SEGMENT, 0).is_ok();
        let shape = Shape { wildcard: local.ip().is_unspecified(), connected: None };
        Ok(Socket { inner, local, shape, waits: !options.receive_timeout.is_zero(), segments })
    }

    /// Makes a client of it: from now on only `peer` is heard, and every reply goes to it.
    ///
    /// # Errors
    ///
    /// Those of `connect(2)`.
    pub fn connect(&mut self, peer: SocketAddr) -> io::Result<()> {
        self.inner.connect(&peer.into())?;
        self.local = self.inner.local_addr()?.as_socket().ok_or(io::ErrorKind::InvalidData)?;
        self.shape.connected = Some(peer);
        Ok(())
    }

    /// The address bound to, with the port that the kernel chose.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// The receive buffer granted, in octets as the kernel counts them (twice what was asked for).
    ///
    /// # Errors
    ///
    /// Those of `getsockopt(2)`.
    pub fn receive_buffer(&self) -> io::Result<usize> {
        self.inner.recv_buffer_size()
    }

    /// Sends one datagram, outside any batch.
    ///
    /// # Errors
    ///
    /// Those of `sendto(2)`.
    pub fn send_to(&self, payload: &[u8], peer: SocketAddr) -> io::Result<usize> {
        self.inner.send_to(payload, &peer.into())
    }

    /// Sends one datagram, outside any batch, from this address of ours where the socket is bound to all. It never waits:
    /// who calls may be a worker.
    ///
    /// # Errors
    ///
    /// Those of `sendmsg(2)`; [`io::ErrorKind::WouldBlock`] where the send buffer is full.
    pub fn send_from(&self, payload: &[u8], local: Option<IpAddr>, peer: SocketAddr) -> io::Result<()> {
        match local {
            Some(local) if self.shape.wildcard => self.send_with_source(payload, local, peer),
            _ => self.inner.send_to_with_flags(payload, &peer.into(), libc::MSG_DONTWAIT).map(drop),
        }
    }

    fn send_with_source(&self, payload: &[u8], local: IpAddr, peer: SocketAddr) -> io::Result<()> {
        let mut address = Address::encode(peer);
        let (mut control, space) = Control::source(local);
        let mut vector = libc::iovec { iov_base: payload.as_ptr().cast_mut().cast(), iov_len: payload.len() };
        // SAFETY: all octets zero are a valid `msghdr`: null pointers with lengths of 0.
        let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
        header.msg_name = (&raw mut address).cast();
        header.msg_namelen = address.length();
        header.msg_iov = &raw mut vector;
        header.msg_iovlen = 1;
        header.msg_control = (&raw mut control).cast();
        header.msg_controllen = space as _;
        // SAFETY: every pointer in `header` is to a value that outlives the call, with a length that ends inside it;
        // sendmsg(2) reads them only.
        match unsafe { libc::sendmsg(self.raw(), &raw const header, libc::MSG_DONTWAIT) } {
            -1 => Err(io::Error::last_os_error()),
            _ => Ok(()),
        }
    }

    pub(crate) fn raw(&self) -> RawFd {
        self.inner.as_raw_fd()
    }
}

impl AsFd for Socket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// What every socket of a server has set, before or after it is bound.
fn prepare(inner: &socket2::Socket, address: SocketAddr, options: &Options) -> io::Result<()> {
    let timeout = Some(options.receive_timeout).filter(|timeout| !timeout.is_zero());
    inner.set_read_timeout(timeout)?;
    let wildcard = c_int::from(address.ip().is_unspecified());
    let fd = inner.as_raw_fd();
    if address.is_ipv4() {
        set_option(fd, libc::IPPROTO_IP, libc::IP_MTU_DISCOVER, libc::IP_PMTUDISC_OMIT)?;
        set_option(fd, libc::IPPROTO_IP, libc::IP_PKTINFO, wildcard)
    } else {
        set_option(fd, libc::IPPROTO_IPV6, libc::IPV6_MTU_DISCOVER, libc::IPV6_PMTUDISC_OMIT)?;
        set_option(fd, libc::IPPROTO_IPV6, libc::IPV6_RECVPKTINFO, wildcard)
    }
}

/// Sets an integer option that `socket2` has no method for.
pub(crate) fn set_option(fd: RawFd, level: c_int, name: c_int, value: c_int) -> io::Result<()> {
    let length = size_of::<c_int>() as libc::socklen_t;
    // SAFETY: the pointer is to a `c_int` that outlives the call and `length` is its size; the kernel reads it only.
    let result = unsafe { libc::setsockopt(fd, level, name, (&raw const value).cast(), length) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
