//! Whole RRsets of a zone at once, PTRs of addresses among them, and zones that come and go with them: what other
//! servers' interfaces ask for.

use serde::{Deserialize, Serialize};

/// What is to become of RRsets of a zone; all of it or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RrsetsWrite {
    /// The apex.
    pub zone: String,
    /// The RRsets.
    pub rrsets: Vec<RrsetWrite>,
}

/// What is to become of an RRset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RrsetWrite {
    /// The owner, absolute. The name of an address stands for its PTRs.
    pub owner: String,
    /// The type, a mnemonic or TYPEnnn.
    #[serde(rename = "type")]
    pub rtype: String,
    /// The TTL, seconds; needed where there is data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// All of its records in presentation form, names in them absolute; none deletes it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data: Vec<String>,
}

/// A zone that is to come into being: with its block, where its apex is the name of a range of addresses or of a
/// classless zone, else as a verbatim zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ZoneMake {
    /// The apex.
    pub apex: String,
    /// The owner; whoever owns what is around it unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Its nameservers; those of the NS set named `default` unless given here or among `rrsets`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nameservers: Vec<String>,
    /// `counter`, `date` or `unixtime`; as its SOA template says unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial_policy: Option<String>,
    /// See [`crate::ZoneSet::powerdns_kind`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub powerdns_kind: Option<String>,
    /// What it starts with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rrsets: Vec<RrsetWrite>,
}
