//! Sockets that a service manager has bound and hands over (sd_listen_fds(3)): UDP and TCP for DNS, those of encrypted
//! transports, and the admin socket. What each is for is seen from what it is, except that a TCP socket named `tls`
//! (`FileDescriptorName=`) is for DNS over TLS, one named `https` for DNS over HTTPS, and a UDP socket named `quic` for DNS
//! over QUIC; other names only help to say which one is wrong.
//!
//! The manager keeps its own copies, so that queries that come between one ptrd and the next wait in them.

use crate::failure::{Failure, Part};
use anyhow::anyhow;
use listenfd::ListenFd;
use ptrd_listen::Protocol;
use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::UnixListener;

/// What was handed over.
#[derive(Debug, Default)]
pub struct HandedOver {
    /// For DNS over UDP.
    pub udp: Vec<UdpSocket>,
    /// For DNS over TCP.
    pub tcp: Vec<TcpListener>,
    /// For encrypted transports over TCP.
    pub encrypted: Vec<(Protocol, TcpListener)>,
    /// For DNS over QUIC.
    pub quic: Vec<UdpSocket>,
    /// The admin socket.
    pub admin: Option<UnixListener>,
}

/// Takes what there is. To be called once, before anything opens a file or starts a thread.
pub fn take() -> Result<HandedOver, Failure> {
    let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
    let mut names = names.split(':').map(str::to_owned);
    let mut sockets = ListenFd::from_env();
    let mut taken = HandedOver::default();
    for nth in 0..sockets.len() {
        let name = names.next().filter(|name| !name.is_empty()).unwrap_or_else(|| "unnamed".to_owned());
        if let Ok(Some(socket)) = sockets.take_udp_socket(nth) {
            match name.as_str() {
                "quic" => taken.quic.push(socket),
                _ => taken.udp.push(socket),
            }
        } else if let Ok(Some(listener)) = sockets.take_tcp_listener(nth) {
            match name.as_str() {
                "tls" => taken.encrypted.push((Protocol::Tls, listener)),
                "https" => taken.encrypted.push((Protocol::Https, listener)),
                _ => taken.tcp.push(listener),
            }
        } else if let Ok(Some(listener)) = sockets.take_unix_listener(nth) {
            if taken.admin.replace(listener).is_some() {
                let error = anyhow!(
                    "two Unix sockets were handed over ({name} is the second): there is one admin socket"
                );
                return Err(Failure::of(Part::Admin, error));
            }
        } else {
            let error = anyhow!(
                "descriptor {} ({name}), which was handed over, is no socket that ptrd has a use for: it takes \
                 UDP, TCP, and one Unix stream socket",
                nth + 3
            );
            return Err(Failure::of(Part::Listener, error));
        }
    }
    Ok(taken)
}
