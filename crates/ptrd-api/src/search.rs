//! Looking for zones and records by what they say.

use serde::{Deserialize, Serialize};

/// What to look for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SearchFilter {
    /// What an apex, an owner or the data of a record must be, in whatever letter case; `*` stands for any number of
    /// characters, `?` for one. The last dot of a name may be left out.
    pub pattern: String,
    /// Whether to look among zones.
    pub zones: bool,
    /// Whether to look among records.
    pub records: bool,
    /// At most so many of each.
    pub limit: u64,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchHit {
    /// The zone, or the one that the record is of.
    pub zone: String,
    /// The record; absent where the zone itself was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<SearchRecord>,
}

/// A record that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchRecord {
    /// The owner.
    pub owner: String,
    /// The type.
    #[serde(rename = "type")]
    pub rtype: String,
    /// The TTL, seconds.
    pub ttl: u32,
    /// The data in presentation form.
    pub data: String,
}
