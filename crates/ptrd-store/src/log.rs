//! Reading the log.

use ptrd_zone::model::ZoneId;
use std::net::IpAddr;

/// Which changes to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// Only changes before this number.
    pub before: Option<u64>,
    /// Only changes by this actor.
    pub actor: Option<String>,
    /// Only changes whose PTR edits touch this address.
    pub address: Option<IpAddr>,
    /// Only changes that stepped this zone's serial.
    pub zone: Option<ZoneId>,
    /// At most this many.
    pub limit: usize,
}

/// A change as the log has it, without its edits.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct LogEntry {
    pub change: u64,
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    pub actor: String,
    pub origin: String,
    pub reason: Option<String>,
    pub kind: String,
    pub summary: String,
}
