//! The encrypted transports: their sockets, and what it takes to serve them.
//!
//! They have threads and seats of their own. Handshakes cost what hundreds of answers cost, and whoever makes many shall
//! slow down others who make some, not those who ask in plain.

use crate::bind::{BindError, Protocol, listen, make_ready};
use crate::certificate::Identity;
use crate::limits::Limits;
use crate::sockets::AdoptError;
use std::net::{SocketAddr, TcpListener};

/// Listening sockets of encrypted transports.
#[derive(Debug, Default)]
pub struct Doors {
    pub(crate) streams: Vec<(Protocol, TcpListener)>,
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
            doors.streams.push((protocol, listen(address).map_err(failed)?));
        }
        Ok(doors)
    }

    /// Takes sockets that somebody else has bound.
    ///
    /// # Errors
    /// [`AdoptError`].
    pub fn adopt(streams: Vec<(Protocol, TcpListener)>) -> Result<Doors, AdoptError> {
        for (protocol, listener) in &streams {
            make_ready(listener).map_err(|cause| {
                let address = listener.local_addr().map_or_else(|_| "?".to_owned(), |it| it.to_string());
                AdoptError { address, protocol: *protocol, cause }
            })?;
        }
        Ok(Doors { streams })
    }

    /// These and those.
    #[must_use]
    pub fn and(mut self, other: Doors) -> Doors {
        self.streams.extend(other.streams);
        self
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }

    /// The addresses, with the ports that were chosen.
    pub fn local_addrs(&self) -> Vec<(Protocol, SocketAddr)> {
        self.streams
            .iter()
            .filter_map(|(protocol, socket)| Some((*protocol, socket.local_addr().ok()?)))
            .collect()
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
