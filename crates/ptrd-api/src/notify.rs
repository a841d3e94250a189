//! Who is told that zones have changed (NOTIFY, RFC 1996), and what became of it.

use serde::{Deserialize, Serialize};

/// An address that is told, as it is listed and struck off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NotifyWrite {
    /// `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53`, `[2001:db8::53]:5353`. The port is 53 unless it is given.
    pub address: String,
    /// The name of the TSIG key that messages to it are signed with. Not for striking off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The apex of the zone of whose changes it is told. Neither a zone nor a tenant: all zones, those to come included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The tenant whose zones it is told of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
}

/// Whether the nameservers of zones are told of changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NotifyNameservers {
    /// True: they are. False: listed addresses alone. Absent: as the wider scope says; they are where none says anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tell: Option<bool>,
    /// See [`NotifyWrite`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// See [`NotifyWrite`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
}

/// A rule that is there: an address, or whether nameservers are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotifyView {
    /// See [`NotifyWrite`].
    pub zone: Option<String>,
    /// See [`NotifyWrite`].
    pub tenant: Option<String>,
    /// The address, always with its port.
    pub address: Option<String>,
    /// See [`NotifyWrite`].
    pub key: Option<String>,
    /// See [`NotifyNameservers::tell`].
    pub nameservers: Option<bool>,
}

/// Which rules to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NotifyFilter {
    /// Only those that count for this zone: its own, its tenant's, and those for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Behind this one, as `next` of a page says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// How it stands with one zone and one of those who are told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotifyStatusView {
    /// The apex.
    pub zone: String,
    /// The serial that is announced.
    pub serial: u32,
    /// The nameserver, where it is one.
    pub nameserver: Option<String>,
    /// The address, with its port, where there is one.
    pub address: Option<String>,
    /// The key that messages are signed with.
    pub key: Option<String>,
    /// `waiting`, `answered`, `refused`, `failed`, `skipped`, or `quiet`: not announced since the start.
    pub state: String,
    /// Why it waits, was refused, failed or is skipped.
    pub detail: Option<String>,
    /// How many messages were sent for this serial.
    pub tries: u32,
    /// When it was answered, refused or given up, or last tried: milliseconds since 1970 UTC.
    pub at: Option<i64>,
    /// When it is tried (again), where that is known.
    pub next: Option<i64>,
    /// The serial that it had when it was asked for its SOA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has: Option<u32>,
    /// When that was: milliseconds since 1970 UTC. Absent: it was not asked yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<i64>,
    /// Why its serial is not known, where it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// Since when its serial has been another one, or not known; absent for a minute after it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub differs_since: Option<i64>,
}

/// Of what to show how it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NotifyStatusFilter {
    /// Only this zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Only what is in this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Only those that have had another serial for longer than a transfer takes, or have not said one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub differs: bool,
    /// Behind this one, as `next` of a page says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}
