//! Names that must resolve back to the address that they are given (forward-confirmed reverse DNS).

use serde::{Deserialize, Serialize};

/// What became of names that a change brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ConfirmationState {
    /// They resolve back, and are set.
    Verified,
    /// They do not, or not yet: they wait beside what the address has.
    Pending,
    /// They do not, or it could not be found out; they are set nevertheless.
    Unconfirmed,
}

/// What became of the names that a change brings to an address, where a rule asks that they resolve back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Confirmation {
    /// The address.
    pub address: String,
    /// What became of them.
    pub state: ConfirmationState,
    /// What is wrong; empty for nothing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The records that are missing, as lines of a master file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<String>,
}

/// Which PTRs that wait to list (`GET /v1/pending`), in the order of addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PendingFilter {
    /// Only addresses in this range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// Only addresses after this one: `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most this many; [`crate::DEFAULT_PAGE`] unless given, never more than [`crate::MAX_PAGE`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// A PTR that waits for its names to resolve back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PendingView {
    /// The address.
    pub address: String,
    /// Whose it is.
    pub tenant: String,
    /// The names.
    pub names: Vec<String>,
    /// TTL in seconds; absent inherits the block's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u32>,
    /// Since when it waits, RFC 3339.
    pub since: String,
    /// When it is dropped, RFC 3339.
    pub until: String,
    /// The records that are to be there, as lines of a master file.
    pub records: Vec<String>,
}

/// Which addresses to list (`GET /v1/checks`), in the order of addresses: those whose names were looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CheckFilter {
    /// Only addresses in this range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// Only those that stand so: `verified`, `failing` or `unknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Only addresses after this one: `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most this many; [`crate::DEFAULT_PAGE`] unless given, never more than [`crate::MAX_PAGE`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// The body of `POST /v1/checks`: looks at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CheckBody {
    /// At the names of addresses in this range; at most 256 of them.
    pub within: String,
}

/// How it stands with the names of an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckView {
    /// The address.
    pub address: String,
    /// `verified`, `failing` or `unknown`.
    pub state: String,
    /// Since when, RFC 3339; absent while nothing was found out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// When its names were looked at last, RFC 3339.
    pub checked: String,
    /// How often in a row nothing could be found out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unknown: u32,
    /// What came of the last look.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// The changes of state, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<TransitionView>,
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// A change of state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TransitionView {
    /// When, RFC 3339.
    pub at: String,
    /// The state before; absent for the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The state after.
    pub to: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}
