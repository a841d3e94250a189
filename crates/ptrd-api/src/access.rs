//! Who may do more with zones than ask.

use serde::{Deserialize, Serialize};

/// A permission, as it is given and taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AccessWrite {
    /// `transfer`, `notify` or `update`.
    pub action: String,
    /// The apex of the zone that it is about. Neither a zone nor a tenant: all zones, those to come included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The tenant whose zones it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// From where: `192.0.2.53`, `2001:db8::/48`. Absent: from anywhere, which takes a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The name of the TSIG key that requests must be signed with. Absent: unsigned ones too, which takes an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// A permission that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessView {
    /// See [`AccessWrite`].
    pub action: String,
    /// See [`AccessWrite`].
    pub zone: Option<String>,
    /// See [`AccessWrite`].
    pub tenant: Option<String>,
    /// See [`AccessWrite`].
    pub from: Option<String>,
    /// See [`AccessWrite`].
    pub key: Option<String>,
}

/// Which permissions to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AccessFilter {
    /// Only those for this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
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
