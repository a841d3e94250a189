//! One server that follows another, and takes its place.

use serde::{Deserialize, Serialize};

/// What a standby says of itself, before it follows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct StandbyHello {
    /// Its name, for the status of the primary.
    pub name: String,
    /// Which history its store has; absent for an empty one.
    #[serde(default)]
    pub lineage: Option<String>,
    /// Which reign its history has come to: one more with each promotion.
    #[serde(default)]
    pub epoch: u64,
    /// The newest change that it has durable.
    #[serde(default)]
    pub change: u64,
    /// What tells that change from another one of the same number.
    #[serde(default)]
    pub fingerprint: String,
    /// Whether it was promoted, and follows nobody: it only tells.
    #[serde(default)]
    pub promoted: bool,
    /// Of the form in which changes are sent.
    pub format: u32,
    /// Of the store.
    pub schema: u32,
    /// Of what follows from blocks and zones.
    pub projection: u32,
}

/// What the primary answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StandbyWelcome {
    /// Which history this is.
    pub lineage: String,
    /// See [`StandbyHello::epoch`].
    pub epoch: u64,
    /// The newest change.
    pub change: u64,
    /// Why the standby must take a fresh copy first, if it must.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<String>,
}

/// Which changes a standby asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StandbyFilter {
    /// The standby's name.
    pub name: String,
    /// The reign in which it follows.
    pub epoch: u64,
    /// Changes after this one, which it has durable, and all before it.
    pub after: u64,
    /// How long to wait for one, milliseconds.
    #[serde(default)]
    pub wait: u64,
}

/// Takes a primary's place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PromoteWrite {
    /// How many changes the old primary may have made that are not here; 10 000 when absent. Each zone's serial goes on
    /// past as many steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub margin: Option<u32>,
    /// All serials go on past this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serials_past: Option<u32>,
    /// Servers (`ADDRESS` or `ADDRESS:PORT`) that are asked for the serials that they hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ask: Vec<String>,
}

/// Where a change is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum AcknowledgedBy {
    /// On the primary. No standby has said in time that it has it.
    Local,
    /// On the primary and on a standby.
    Both,
}

/// How a server and those that follow it, or the one that it follows, stand to each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StandbyView {
    /// `primary`, `standby`, or `superseded`: another server has taken its place.
    pub post: String,
    /// Which history its store has; absent until the first standby comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lineage: Option<String>,
    /// See [`StandbyHello::epoch`].
    pub epoch: u64,
    /// The newest change here.
    pub change: u64,
    /// `local` or `both`: what a change is acknowledged by.
    pub acknowledge: String,
    /// Whether changes are acknowledged without a standby for now, although `acknowledge` is `both`.
    pub relaxed: bool,
    /// Those that follow.
    pub standbys: Vec<StandbyPosition>,
    /// The one that is followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<PrimaryView>,
}

/// How far a standby has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StandbyPosition {
    /// Its name.
    pub name: String,
    /// Whether it asks for changes now.
    pub connected: bool,
    /// The newest change that it has durable.
    pub change: u64,
    /// How many changes it lacks.
    pub behind: u64,
    /// For how long it has lacked any, seconds.
    pub behind_seconds: u64,
    /// When it was last heard of (RFC 3339).
    pub seen: String,
}

/// How it stands with following.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PrimaryView {
    /// Where the primary is.
    pub primary: String,
    /// `connecting`, `copying`, `following`, `refused`.
    pub state: String,
    /// The newest change of the primary, as far as is known.
    pub change: u64,
    /// How many changes are lacking.
    pub behind: u64,
    /// What is wrong, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
}
