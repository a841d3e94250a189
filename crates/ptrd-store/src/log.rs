//! Reading the log.

use ptrd_wire::{AddrRange, Name, Serial};
use ptrd_zone::model::{TenantId, ZoneId};
use std::net::IpAddr;

/// Which changes to read. What is absent is not asked for; all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogQuery {
    /// Only changes before this number.
    pub before: Option<u64>,
    /// Only changes after this number.
    pub after: Option<u64>,
    /// Only changes by this actor.
    pub actor: Option<String>,
    /// Only changes of this kind.
    pub kind: Option<String>,
    /// Only changes with a PTR edit at this address or the edit of a block around it.
    pub address: Option<IpAddr>,
    /// Only changes with a PTR edit in this range or the edit of a block that meets it.
    pub range: Option<AddrRange>,
    /// Only changes that stepped this zone's serial.
    pub zone: Option<ZoneId>,
    /// Only changes of the row of a zone with this apex, present or gone. With `zone`, either will do.
    pub apex: Option<Name>,
    /// Only changes that touched what is this tenant's.
    pub tenant: Option<TenantId>,
    /// Only changes from this time on, milliseconds since 1970 UTC.
    pub since: Option<i64>,
    /// Only changes before this time, milliseconds since 1970 UTC.
    pub until: Option<i64>,
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

/// All that the log has of a change besides its edits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Who, when, what.
    pub entry: LogEntry,
    /// The request as JSON.
    pub request: String,
    /// The serials that it gave, of zones that are still there.
    pub serials: Vec<(ZoneId, Serial)>,
}

/// What forgetting differences did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trimmed {
    /// How many steps have none any more.
    pub steps: u64,
    /// Octets of differences that are left.
    pub octets: u64,
    /// Whether there are more to go.
    pub more: bool,
}

/// What taking changes out of the log did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// How many changes went.
    pub changes: u64,
    /// Whether there are more to go.
    pub more: bool,
}
