//! The transports in front of the engine: UDP workers and TCP connections, and, encrypted, TLS, QUIC and HTTPS.
//!
//! [`Sockets`] are bound, or handed over, before anything runs; [`Listener::run`] then starts threads of its own: for each address a
//! number of UDP workers, each with a socket (`SO_REUSEPORT`), and a few TCP threads that share the listening sockets.
//! They read the published snapshot and nothing else of the process, so whatever becomes of the control plane, answers
//! go on.
//!
//! What it keeps to:
//! - A worker handles a batch of datagrams with one look at the snapshot, the engine and the clock. It shares nothing
//!   that it writes: its counters lie on cache lines of their own and are written once a batch.
//! - A worker never frees a snapshot, as long as the publisher keeps what it replaces for a while ([`REFRESH`]).
//! - A TCP connection costs no buffers while it is idle, a bounded amount while it is slow, and nobody else their
//!   answers: those idle for longest give way to newcomers.
//! - Each UDP worker keeps the rate limit's accounts of its own, in a table of fixed size, and grants its part of the
//!   limit: that, divided by the number of workers of the address.
//! - Encrypted transports have threads and seats of their own, so that handshakes, stalled or many, hold up nobody who
//!   asks in plain.
//! - A fault of the program in a worker is logged, and the worker goes on with the next datagrams.
//!
//! What it refuses: to look into messages (that is the engine's), but for what RFC 9250 forbids, for how long HTTP may
//! keep one, and for padding; and to write to disk or to wait for anything but sockets.
//!
//! - RFC 7766 (TCP), 7858 (TLS), 9250 (QUIC), 8484 (HTTPS), 7830 and 8467 (padding), 9103 §7 (what transfers over TLS need), 7828 (keepalive: the time that the engine's policy advertises is the one kept here),
//!   9210 (operation of TCP), 1123 §6.1.3.3 (answers leave from the address asked; by `ptrd-udp`)

mod aside;
mod bind;
mod certificate;
mod client;
mod counts;
mod desk;
mod encrypted;
mod frame;
mod https;
mod https_call;
mod limits;
mod listener;
mod quic;
mod sockets;
mod tap;
mod tcp;
mod trust;
mod tunnel;
mod udp;

pub use aside::{Aside, Back, Broken, Deferred, Ready, Reply};
pub use bind::{BindError, Protocol};
pub use certificate::{Certificate, CertificateError, Identity, NoTickets};
pub use client::{Connection, connect};
pub use counts::{Counts, StreamCounts, UdpCounts};
pub use encrypted::{Doors, Encrypted};
pub use https_call::HttpsCaller;
pub use limits::Limits;
pub use listener::{Config, Listener, Meter, REFRESH, StartError};
pub use sockets::{AdoptError, Sockets};
pub use tap::{Exchange, TapReader};
pub use tunnel::{TunnelCaller, TunnelGate};
