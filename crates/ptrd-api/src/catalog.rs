//! Catalog zones (RFC 9432): which zones they list, for secondaries that follow them; and those of others that are followed.

use crate::PrimarySpec;
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
    /// How many zones it lists; of one that is followed, how many are here because of it.
    pub members: u64,
    /// What it says, of all zones first.
    pub rules: Vec<CatalogRule>,
    /// How it stands with one that is followed; absent for one of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub followed: Option<FollowedCatalogView>,
}

/// How a catalog stands that is followed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FollowedCatalogView {
    /// From whom it and its members are pulled.
    pub primaries: Vec<PrimarySpec>,
    /// `current`, `awaited` or `expired`, as for any zone that is followed. Members stay as they are when it expires.
    pub state: String,
    /// Whose its members are.
    pub members_tenant: String,
    /// What is otherwise for members of some groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<CatalogGroupBody>,
    /// The serial of the version that was acted on last; absent where none was since the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processed: Option<u32>,
    /// Why nothing is made of the version that is here: it is broken, or could not be acted on. All stays as it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// How many zones it lists that are not taken from it, or not let go; its members say why.
    pub refused: u64,
}

/// Which catalog is to be followed from whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CatalogFollowWrite {
    /// Its apex, as at its primary.
    pub catalog: String,
    /// Whose the zones are that it lists; needed for a catalog that is new here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// From whom it and its members are pulled, in the order in which they are tried.
    pub primaries: Vec<PrimarySpec>,
}

/// What is otherwise for members of a group, of a catalog that is followed. Of a member in several groups, the first in
/// order counts that something is said of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CatalogGroupWrite {
    /// The catalog.
    pub catalog: String,
    /// The group.
    pub group: String,
    /// Whose members are that come from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// From whom members are pulled.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub primaries: Vec<PrimarySpec>,
}

/// The body of `POST /v1/catalogs/{apex}/groups`: [`CatalogGroupWrite`] with the apex in the path. Without tenant and
/// primaries, nothing is otherwise for the group any more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CatalogGroupBody {
    /// See [`CatalogGroupWrite`].
    pub group: String,
    /// See [`CatalogGroupWrite`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// See [`CatalogGroupWrite`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub primaries: Vec<PrimarySpec>,
}

impl CatalogGroupBody {
    /// The request for this catalog.
    pub fn of(self, catalog: String) -> CatalogGroupWrite {
        let CatalogGroupBody { group, tenant, primaries } = self;
        CatalogGroupWrite { catalog, group, tenant, primaries }
    }
}

/// What is to become of the members of a catalog that is not followed any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum MembersFate {
    /// They stay, and are followed by themselves.
    Keep,
    /// They are removed.
    Remove,
}

/// The body of `POST /v1/catalogs/{apex}/unfollow`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CatalogUnfollowBody {
    /// What is to become of its members.
    pub members: MembersFate,
}

/// The catalog that a zone comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ZoneCatalogView {
    /// The catalog.
    pub catalog: String,
    /// The label of the zone's node.
    pub label: String,
    /// Its groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
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
    /// The groups, of a member of a catalog that is followed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Why it is not taken from the catalog, or not let go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}
