//! The encrypted transports: their sockets, and what it takes to serve them.
//!
//! They have threads and seats of their own. Handshakes cost what hundreds of answers cost, and whoever makes many shall
//! slow down others who make some, not those who ask in plain.

use crate::bind::{BindError, Protocol, listen, make_ready, probe};
use crate::certificate::Identity;
use crate::limits::Limits;
use crate::sockets::AdoptError;
use std::net::{SocketAddr, TcpListener, UdpSocket};

/// Listening sockets of encrypted transports.
#[derive(Debug, Default)]
pub struct Doors {
    pub(crate) streams: Vec<(Protocol, TcpListener)>,
    pub(crate) quic: Vec<UdpSocket>,
}

impl Doors {
    /// Binds addresses, each for its transport.
    ///
    /// # Errors
    /// [`BindError`]; nothing is bound then.
    pub fn bind(wanted: &[(Protocol, SocketAddr)]) -> Result<Doors, BindError> {
        let mut doors = Doors::default();
        for &(protocol, address) in wanted {
            let failed = |cause| BindError { address, protocol, cause };
            match protocol {
                Protocol::Quic => doors.quic.push(probe(address).map_err(failed)?.into()),
                _ => doors.streams.push((protocol, listen(address).map_err(failed)?)),
            }
        }
        Ok(doors)
    }

    /// Takes sockets that somebody else has bound.
    ///
    /// # Errors
    /// [`AdoptError`].
    pub fn adopt(streams: Vec<(Protocol, TcpListener)>, quic: Vec<UdpSocket>) -> Result<Doors, AdoptError> {
        for (protocol, listener) in &streams {
            make_ready(listener).map_err(|cause| {
                let address = listener.local_addr().map_or_else(|_| "?".to_owned(), |it| it.to_string());
                AdoptError { address, protocol: *protocol, cause }
            })?;
        }
        Ok(Doors { streams, quic })
    }

    /// These and those.
    #[must_use]
    pub fn and(mut self, other: Doors) -> Doors {
        self.streams.extend(other.streams);
        self.quic.extend(other.quic);
        self
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.streams.is_empty() && self.quic.is_empty()
    }

    /// The addresses, with the ports that were chosen.
    pub fn local_addrs(&self) -> Vec<(Protocol, SocketAddr)> {
        let streams = self.streams.iter().map(|(protocol, socket)| (*protocol, socket.local_addr()));
        let quic = self.quic.iter().map(|socket| (Protocol::Quic, socket.local_addr()));
        streams.chain(quic).filter_map(|(protocol, address)| Some((protocol, address.ok()?))).collect()
    }

    /// The listening sockets of a transport.
    pub(crate) fn take(&mut self, protocol: Protocol) -> Vec<TcpListener> {
        let (taken, left) =
            std::mem::take(&mut self.streams).into_iter().partition(|(other, _)| *other == protocol);
        self.streams = left;
        let taken: Vec<(Protocol, TcpListener)> = taken;
        taken.into_iter().map(|(_, listener)| listener).collect()
    }
}

/// What it takes to serve encrypted transports.
#[derive(Debug)]
pub struct Encrypted {
    /// Where.
    pub doors: Doors,
    /// Who we are.
    pub identity: Identity,
    /// Threads for all of them, at least 1.
    pub threads: usize,
    /// What clients may take of each.
    pub limits: Limits,
}
