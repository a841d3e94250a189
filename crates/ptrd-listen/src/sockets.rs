//! Sockets that are bound, or were handed over, and not served yet: so that a daemon can give up its privileges, or
//! load for a while, in between. What comes meanwhile waits in them.

use crate::bind::{BindError, Bound, bind, make_ready};
use crate::encrypted::Encrypted;
use crate::listener::REFRESH;
use ptrd_udp::{Options, Socket};
use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};

/// See the module.
pub struct Sockets {
    pub(crate) bound: Vec<Bound>,
    /// As they were opened, and are opened anew.
    pub(crate) options: Options,
    pub(crate) encrypted: Option<Encrypted>,
}

/// Why a socket that was handed over cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the {protocol} socket {address} that was handed over cannot be used{}", hint(cause))]
pub struct AdoptError {
    /// Its address, or `?`.
    pub address: String,
    /// What it is for.
    pub protocol: crate::Protocol,
    /// What the system said.
    #[source]
    pub cause: io::Error,
}

fn hint(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::InvalidInput => ": IPv6 sockets must take IPv6 alone (BindIPv6Only=ipv6-only)",
        _ => "",
    }
}

fn options(bundles: bool) -> Options {
    Options { receive_timeout: REFRESH, segments: bundles, ..Options::default() }
}

impl Sockets {
    /// Binds addresses for UDP, `udp_workers` times each, and TCP. With `bundles`, replies to one peer go to the kernel as
    /// one message where it can cut them.
    ///
    /// # Errors
    /// [`BindError`]; nothing is bound then.
    pub fn bind(addresses: &[SocketAddr], udp_workers: usize, bundles: bool) -> Result<Sockets, BindError> {
        let options = options(bundles);
        let bound = addresses.iter().map(|&address| bind(address, udp_workers, &options));
        Ok(Sockets { bound: bound.collect::<Result<_, _>>()?, options, encrypted: None })
    }

    /// Takes sockets that somebody else has bound, in any order. An address with fewer UDP sockets than `udp_workers`
    /// has several workers share one.
    ///
    /// # Errors
    /// [`AdoptError`].
    pub fn adopt(
        udp: Vec<UdpSocket>,
        tcp: Vec<TcpListener>,
        udp_workers: usize,
        bundles: bool,
    ) -> Result<Sockets, AdoptError> {
        let options = options(bundles);
        let mut sockets = Sockets { bound: Vec::new(), options: options.clone(), encrypted: None };
        for socket in udp {
            let address = socket.local_addr().map_or_else(|_| "?".to_owned(), |address| address.to_string());
            let failed = |cause| AdoptError { address, protocol: crate::Protocol::Udp, cause };
            let socket = Socket::adopt(socket, &options).map_err(failed)?;
            sockets.at(socket.local_addr()).udp.push(socket);
        }
        for listener in tcp {
            let address = listener.local_addr();
            let shown = address.as_ref().map_or_else(|_| "?".to_owned(), ToString::to_string);
            let failed = |cause| AdoptError { address: shown.clone(), protocol: crate::Protocol::Tcp, cause };
            let address = address.map_err(failed)?;
            make_ready(&listener).map_err(failed)?;
            sockets.at(address).tcp.push(listener);
        }
        for bound in sockets.bound.iter_mut().filter(|bound| !bound.udp.is_empty()) {
            let given = bound.udp.len();
            for nth in given..udp_workers {
                let failed = |cause| AdoptError {
                    address: bound.address.to_string(),
                    protocol: crate::Protocol::Udp,
                    cause,
                };
                let shared = bound.udp[nth % given].share().map_err(failed)?;
                bound.udp.push(shared);
            }
        }
        Ok(sockets)
    }

    /// The same, and encrypted transports besides.
    #[must_use]
    pub fn with_encrypted(self, encrypted: Encrypted) -> Sockets {
        Sockets { encrypted: Some(encrypted), ..self }
    }

    /// The addresses, with the ports that were chosen.
    pub fn local_addrs(&self) -> Vec<SocketAddr> {
        self.bound.iter().map(|bound| bound.address).collect()
    }

    /// How many there are to read datagrams from; each takes a worker.
    pub fn udp_count(&self) -> usize {
        self.bound.iter().map(|bound| bound.udp.len()).sum()
    }

    fn at(&mut self, address: SocketAddr) -> &mut Bound {
        let place = self.bound.iter().position(|bound| bound.address == address);
        let place = place.unwrap_or_else(|| {
            self.bound.push(Bound { address, udp: Vec::new(), tcp: Vec::new() });
            self.bound.len() - 1
        });
        &mut self.bound[place]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn workers_share_what_was_handed_over() {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
        let address = tcp.local_addr().expect("an address");
        let udp = UdpSocket::bind(address).expect("the same port");
        let other = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
        let second = other.local_addr().expect("an address");
        let sockets = Sockets::adopt(vec![udp, other], vec![tcp], 3, true).expect("adopted");
        assert_eq!(sockets.local_addrs(), [address, second]);
        assert_eq!(sockets.udp_count(), 6);
        assert_eq!((sockets.bound[0].tcp.len(), sockets.bound[1].tcp.len()), (1, 0));
    }

    #[test]
    fn bundles_are_for_those_who_want_them() {
        for bundles in [true, false] {
            let sockets = Sockets::bind(&[(Ipv4Addr::LOCALHOST, 0).into()], 1, bundles).expect("bound");
            assert_eq!(sockets.options.segments, bundles, "for sockets that are opened anew, too");
        }
    }

    #[test]
    fn sockets_of_one_address_are_a_worker_each() {
        let reusing = |address: SocketAddr| -> UdpSocket {
            let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::DGRAM, None);
            let socket = socket.expect("a socket");
            socket.set_reuse_port(true).expect("an option");
            socket.bind(&address.into()).expect("bound");
            socket.into()
        };
        let first = reusing((Ipv4Addr::LOCALHOST, 0).into());
        let address = first.local_addr().expect("an address");
        let all = vec![first, reusing(address), reusing(address)];
        let sockets = Sockets::adopt(all, Vec::new(), 2, true).expect("adopted");
        assert_eq!((sockets.local_addrs(), sockets.udp_count()), (vec![address], 3));
    }

    #[test]
    fn a_socket_for_both_families_is_refused() {
        let socket = socket2::Socket::new(socket2::Domain::IPV6, socket2::Type::DGRAM, None).expect("IPv6");
        socket.set_only_v6(false).expect("an option");
        let any: SocketAddr = "[::]:0".parse().expect("an address");
        socket.bind(&any.into()).expect("bound");
        let error = Sockets::adopt(vec![socket.into()], Vec::new(), 1, true).err().expect("refused");
        assert!(error.to_string().contains("BindIPv6Only=ipv6-only"), "{error}");
    }
}
