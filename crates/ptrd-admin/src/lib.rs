//! HTTP/1.1 with JSON over the Unix admin socket: the front door of the control plane.
//!
//! This crate knows who asks (from the peer's credentials), what may be asked (routes and JSON types of `ptrd-api`)
//! and how much (limits of connections, octets and time). What a request means is behind [`Control`], which the daemon
//! implements: no zone, no store and no DNS in here, so that a stub can stand in for the whole daemon in tests, and
//! this crate for the whole daemon in tests of the command line.
//!
//! Invariants: nobody gets past [`serve`] but root, the daemon's own user, members of the socket's group and users
//! listed in [`Settings::allowed`]; no request takes more memory or time than [`Limits`] says; every answer to a request
//! that was understood as HTTP is JSON, a [`ptrd_api::Problem`] when it is a refusal.
//!
//! Plain hyper connections on the listener, with axum's router on top. A generic server loop (`axum::serve`) was
//! rejected: it gives no hold on peer credentials, header time, buffer sizes and bounded shutdown.

mod control;
mod door;
mod expose;
mod gate;
mod objects;
mod peer;
mod pipe;
mod powerdns;
mod problem_details;
mod rates;
mod reply;
mod request;
mod routes;
mod seats;
mod serve;
mod socket;
mod stall;
mod strangers;

pub use control::{Backup, Bearer, Caller, Changes, Control, Once, Records, Standing, ZoneContent};
pub use door::{ApiLimits, Door, serve_api};
pub use expose::{Page as MetricsPage, expose};
pub use gate::{Gate, Guest, KEY_HEADER};
pub use peer::Allowed;
pub use pipe::{Cut, TextStream, TextWriter, Upload, UploadReader, UploadWriter, text, upload};
pub use routes::{api_document, api_paths};
pub use seats::{Seat, Seats};
pub use serve::{Limits, Settings, serve};
pub use socket::{AdminSocket, SocketError, SocketOptions};
pub use strangers::{Accept, Accepted, Carrier, Entrance, serve_standbys};
