//! How it stands with what is watched: kept beside the log, for looking is no change.

use ptrd_wire::Name;
use std::net::IpAddr;

/// What is watched: addresses come before zones, those of IPv4 first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Watched {
    /// The identity of an address.
    Address(IpAddr),
    /// The delegation of a zone.
    Zone(Name),
}

/// How it stands with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedRow {
    /// What is watched.
    pub watched: Watched,
    /// How it stands, as text that is not read here; empty for nothing, which forgets the evidence too.
    pub course: String,
    /// What the last look saw, as text that is not read here; `None` leaves what is there.
    pub evidence: Option<String>,
}
