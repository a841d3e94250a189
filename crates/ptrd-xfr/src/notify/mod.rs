//! NOTIFY, sent: which zones are to be announced to whom, what was answered, and when to try again.
//!
//! [`Queue`] decides, and touches neither sockets nor clocks: time and randomness are arguments, what is to be done comes out
//! of [`Queue::next`]. [`write_notify`] and [`Answer::read`] are the messages.
//!
//! - RFC 1996

mod again;
mod message;
mod names;
mod peers;
mod queue;
mod status;
mod terms;
#[cfg(test)]
mod tests;

pub use message::{Answer, write_notify};
pub use names::{Resolution, Unresolved};
pub use queue::Queue;
pub use status::{Line, State};
pub use terms::{Act, Counts, Notice, Settings, Told, Wish};

use ptrd_wire::Name;
use std::net::SocketAddr;

/// One who is told, and how.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// Where.
    pub address: SocketAddr,
    /// Signed with this key (RFC 8945).
    pub key: Option<Name>,
}
