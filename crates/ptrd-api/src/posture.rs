//! How identities of sending addresses and delegations of zones stand over time, for the daemon that watches them.

use serde::{Deserialize, Serialize};

/// What of it to list (`GET /v1/posture`): addresses first, IPv4 before IPv6, then zones. A page may end before it is full, so that
/// none takes long: `next` says where to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PostureFilter {
    /// Only addresses in this range, and zones that show addresses of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// Only this zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Only what is this tenant's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Only `identity` or `delegation`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Only what stands so at worst: `pass`, `warn`, `unknown` or `fail`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
    /// With what the last look at each address saw ([`PostureView::identity`]); pages have 100 items at most then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub evidence: bool,
    /// Only what comes after this: `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most this many; [`crate::DEFAULT_PAGE`] unless given, never more than [`crate::MAX_PAGE`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// The body of `POST /v1/posture`: looks at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PostureBody {
    /// At the sending addresses of this range, 64 of them at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// At the delegation of this zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

/// How it stands with an address or a zone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostureView {
    /// The address, or the apex of the zone.
    pub subject: String,
    /// `identity` of an address, `delegation` of a zone.
    pub kind: String,
    /// Whose it is; empty where that is not for the reader to know.
    pub tenant: String,
    /// The worst that stands: `pass`, `warn`, `unknown` or `fail`.
    pub grade: String,
    /// When it was looked at last, RFC 3339; absent before the first look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked: Option<String>,
    /// How often in a row something could not be found out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unknown: u32,
    /// How it stands, check by check.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<PostureCheck>,
    /// What has turned, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<PostureTurn>,
    /// What else is otherwise than before with a zone, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<PostureNote>,
    /// What the last look at an address saw, as `ptrctl verify --json` writes it; where it was asked for, and is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<serde_json::Value>,
}

// serde hands over references.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// How it stands with one check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostureCheck {
    /// The word for the check.
    pub check: String,
    /// `pass`, `warn`, `unknown` or `fail`; a second look has confirmed it.
    pub grade: String,
    /// Since when, RFC 3339.
    pub since: String,
    /// Why; empty where all is well.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Commands that show the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub run: Vec<String>,
    /// What to do about it; empty where all is well.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub todo: String,
    /// How often in a row it could not be found out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unknown: u32,
    /// What the last look says otherwise, and another is to confirm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<PostureDoubt>,
}

/// What is to be confirmed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostureDoubt {
    /// The grade; absent where the question does not arise any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
    /// Since when, RFC 3339.
    pub since: String,
    /// From when on another look confirms it, RFC 3339.
    pub until: String,
    /// Why.
    pub why: String,
}

/// From one grade of a check to another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostureTurn {
    /// When it was confirmed, RFC 3339.
    pub at: String,
    /// When it was seen first, RFC 3339.
    pub since: String,
    /// The word for the check.
    pub check: String,
    /// The grade before; absent where nothing was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The grade after; absent where the question does not arise any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// Something that is otherwise than before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostureNote {
    /// When it was seen, RFC 3339.
    pub at: String,
    /// Whether it is for the worse.
    pub worse: bool,
    /// What.
    pub what: String,
}

/// Which tenants to list (`GET /v1/posture/tenants`), by name: those that have sending addresses or zones that are watched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PostureTenantFilter {
    /// Only those of which something fails.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub failing: bool,
    /// Only tenants after this one: `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most this many; [`crate::DEFAULT_PAGE`] unless given, never more than [`crate::MAX_PAGE`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// How many stand how, at worst.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostureCounts {
    /// All is well.
    pub pass: u64,
    /// It could be better.
    pub warn: u64,
    /// It is not known, or not looked at yet.
    pub unknown: u64,
    /// Something fails.
    pub fail: u64,
}

impl PostureCounts {
    /// Adds others.
    pub fn add(&mut self, others: &PostureCounts) {
        self.pass += others.pass;
        self.warn += others.warn;
        self.unknown += others.unknown;
        self.fail += others.fail;
    }

    /// All.
    pub fn total(&self) -> u64 {
        self.pass + self.warn + self.unknown + self.fail
    }
}

/// How it stands with a tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostureTenantView {
    /// Its name.
    pub tenant: String,
    /// Its sending addresses.
    pub addresses: PostureCounts,
    /// Its zones, as far as they are watched.
    pub zones: PostureCounts,
    /// What fails or could be better, the most frequent of the worst first; at most five.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<PostureFault>,
    /// When the one that was not looked at for longest was looked at, RFC 3339; absent while none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest: Option<String>,
    /// How many were not looked at yet.
    #[serde(default, skip_serializing_if = "is_none_left")]
    pub unseen: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_none_left(n: &u64) -> bool {
    *n == 0
}

/// A check that is not as it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PostureFault {
    /// The word for the check.
    pub check: String,
    /// `warn` or `fail`.
    pub grade: String,
    /// Of how many.
    pub count: u64,
    /// Since when the oldest of them is so, RFC 3339.
    pub since: String,
}
