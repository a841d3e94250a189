//! Who holds names of companion zones besides their owners.

use serde::{Deserialize, Serialize};

/// A grant, as it is given and taken back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NameGrantWrite {
    /// The name, which lies in a companion zone; all below it is granted with it.
    pub name: String,
    /// The tenant that holds it.
    pub tenant: String,
}

/// A grant that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NameGrantView {
    /// The name; all below it is granted with it.
    pub name: String,
    /// The companion zone that it lies in.
    pub zone: String,
    /// The tenant that holds it.
    pub tenant: String,
}

/// Which grants to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NameGrantFilter {
    /// Only those in this zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Only those of this tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Behind this one, as `next` of a page says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}
