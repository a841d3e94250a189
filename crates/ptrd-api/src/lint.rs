//! Names that look generic to spam filters.

use serde::{Deserialize, Serialize};

/// Which addresses to look at (`GET /v1/lint`). Those are listed whose names look generic, in the order of addresses. A page may
/// end before it is full, so that none takes long: `next` says where to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct LintFilter {
    /// Only addresses in this range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// Only addresses that are marked as sending: their names, computed ones too, and the names that they give in HELO.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sending: bool,
    /// Only addresses after this one: `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most this many; [`crate::DEFAULT_PAGE`] unless given, never more than [`crate::MAX_PAGE`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// An address whose names were looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LintView {
    /// The address.
    pub address: String,
    /// What its most specific block says of such names: `any`, `warn` or `must-pass`. Where addresses of that block are
    /// marked as sending it is about those, and `any` for the others.
    pub rule: String,
    /// Whether it is marked as sending.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sending: bool,
    /// The name that it gives in HELO, if that looks generic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub helo: Option<LintedName>,
    /// The names that look generic.
    pub names: Vec<LintedName>,
}

/// A name, and what filters have against it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LintedName {
    /// The name.
    pub name: String,
    /// One for each filter that has something against it.
    pub findings: Vec<FindingView>,
}

/// What a spam filter has against a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FindingView {
    /// The filter: `SpamAssassin` or `Rspamd`.
    pub filter: String,
    /// What the filter calls its rule.
    pub rule: String,
    /// The least that it costs, in thousandths of a point.
    pub least: u16,
    /// The most that it costs, by how the filter is set up.
    pub most: u16,
    /// The part of the name that the rule is about.
    pub part: String,
    /// What the rule takes that for.
    pub why: String,
}
