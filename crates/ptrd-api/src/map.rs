//! How the addresses of a part of the address space stand, counted for a map of it.

use serde::{Deserialize, Serialize};

/// What to map.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MapFilter {
    /// A prefix of at least 256 addresses. It is cut into 256 parts of one size.
    pub range: String,
    /// Only what is this tenant's; all else is as if no block were there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Without a look at what names say: `generic` is not counted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub quick: bool,
}

/// A map.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MapView {
    /// The prefix.
    pub range: String,
    /// The parts that have anything of a block, in their order.
    pub parts: Vec<MapPart>,
    /// Of a prefix of 256 addresses: the runs of addresses with the same most specific block.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<MapRun>,
    /// Of such a prefix: the addresses that have no PTR of their own and are named by the template of a block.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub computed: Vec<ComputedName>,
    /// Whether `generic` was not counted: nobody asked for it, or there are more than 65 536 PTRs.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unlinted: bool,
}

/// An address that is named by a template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ComputedName {
    /// The address.
    pub address: String,
    /// The name that it has.
    pub name: String,
}

/// One of the 256 parts. Counts beyond 2^64 - 1 stand as that.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MapPart {
    /// Which, from 0.
    pub part: u8,
    /// How many of its addresses lie in blocks.
    pub addresses: u64,
    /// How many of those have a PTR that was set.
    pub set: u64,
    /// How many of the others are named by a template.
    #[serde(default)]
    pub computed: u64,
    /// How many of those with a PTR have names that do not resolve back, where a rule asks for that.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failing: u64,
    /// At how many of its addresses names wait until they resolve back.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub pending: u64,
    /// How many of those with a PTR have names that look generic to spam filters.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub generic: u64,
    /// How many blocks begin in it.
    pub blocks: u64,
}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// Addresses in a row with the same most specific block.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MapRun {
    /// The first address.
    pub first: String,
    /// The last address.
    pub last: String,
    /// The range of the block; it may reach beyond the map.
    pub block: String,
    /// Whose it is.
    pub tenant: String,
    /// As in [`crate::BlockView`].
    pub mode: String,
    /// Whether it, or a block around it, is suspended.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
}
