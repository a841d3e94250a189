//! Catalog zones (RFC 9432): which zones they list, for secondaries that follow them.

use serde::{Deserialize, Serialize};

/// A new catalog.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CatalogAdd {
    /// Its apex: a name that nobody looks up, such as `catalog.example`.
    pub catalog: String,
    /// Whose zone it is.
    pub tenant: String,
    /// Which zones it lists; none says none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<CatalogRule>,
}

/// What a catalog lists from now on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CatalogSet {
    /// Its apex.
    pub catalog: String,
    /// What is said of these zones, in the place of what was said of exactly these before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<CatalogRule>,
    /// Nothing is said of exactly these any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unset: Vec<CatalogZones>,
}

/// The body of `PATCH /v1/catalogs/{apex}`: [`CatalogSet`] with the apex in the path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CatalogSetBody {
    /// See [`CatalogSet`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<CatalogRule>,
    /// See [`CatalogSet`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unset: Vec<CatalogZones>,
}

impl CatalogSetBody {
    /// The request for this catalog.
    pub fn of(self, catalog: String) -> CatalogSet {
        CatalogSet { catalog, rules: self.rules, unset: self.unset }
    }
}

/// Some zones. Neither a zone nor a tenant: all zones, those to come included, but for catalogs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CatalogZones {
    /// The apex of a zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// A tenant, whose zones are meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
}

/// What a catalog says of some zones. Of what is said of a zone, of its tenant and of all, the narrowest counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CatalogRule {
    /// See [`CatalogZones`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// See [`CatalogZones`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// They are not listed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left_out: bool,
    /// Their group: consumers may have a configuration for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The catalog of ours that they move to: consumers take them over from there once they are listed there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moves_to: Option<String>,
}

/// A catalog that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CatalogView {
    /// Its apex.
    pub catalog: String,
    /// Whose zone it is.
    pub tenant: String,
    /// Its serial.
    pub serial: u32,
    /// How many zones it lists.
    pub members: u64,
    /// What it says, of all zones first.
    pub rules: Vec<CatalogRule>,
}

/// Which catalogs to list, or which members of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CatalogFilter {
    /// Behind this one, as `next` of a page says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// A zone that a catalog lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CatalogMemberView {
    /// Its apex.
    pub zone: String,
    /// The label of its node: another when the zone was removed and made again.
    pub label: String,
    /// See [`CatalogRule`].
    pub group: Option<String>,
    /// See [`CatalogRule`].
    pub moves_to: Option<String>,
}
