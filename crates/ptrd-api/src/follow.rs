//! Zones that are pulled from primaries elsewhere.

use serde::{Deserialize, Serialize};

/// One from whom a zone is pulled, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PrimarySpec {
    /// `192.0.2.53`, `192.0.2.53:5353`, `2001:db8::53`, `[2001:db8::53]:5353`. The port is 53 unless it is given, 853 over
    /// TLS.
    pub address: String,
    /// The name of the TSIG key that requests to it are signed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Over TLS (RFC 9103): `opportunistic` takes whoever answers, `strict` one who proves to be `tls_name`. Absent: in
    /// plain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<String>,
    /// The name that the certificate must be for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_name: Option<String>,
    /// The path, on the server, of a file with the certificates of authorities, PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_ca: Option<String>,
    /// SHA-256 of public keys (subject public key info), base64: one of them will do, in the place of an authority.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tls_pins: Vec<String>,
}

/// Which zone is to be pulled from whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FollowWrite {
    /// The apex.
    pub apex: String,
    /// The owner; a zone that is here keeps its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// From whom, in the order in which they are tried.
    pub primaries: Vec<PrimarySpec>,
    /// A zone that is here, and was not followed, may be taken over: what it has gives way to what the primary sends.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub take_over: bool,
}

/// How a zone that is followed stands. Times are milliseconds since 1970 UTC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FollowView {
    /// From whom it is pulled.
    pub primaries: Vec<PrimarySpec>,
    /// `current`, `awaited` (never pulled yet) or `expired`; queries for the last two are answered with SERVFAIL.
    pub state: String,
    /// The primary that was asked last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<String>,
    /// When a primary last said which version is the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<i64>,
    /// When one is asked next; absent while one is being asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
    /// When it expires, or did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<i64>,
    /// Why the last attempt failed; absent when it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A zone that is to be asked for at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct RefreshBody {
    /// Pull it as a whole, whatever its serial: also where that goes back.
    #[serde(default)]
    pub whole: bool,
}

/// A zone that is taken over from another server, once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TransferInWrite {
    /// The apex.
    pub apex: String,
    /// The owner.
    pub tenant: String,
    /// From where; the first that hands it over counts.
    pub from: Vec<PrimarySpec>,
    /// Replace a verbatim zone that is served already.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replace: bool,
}

/// A server that a zone is compared with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CompareWrite {
    /// The server.
    pub with: PrimarySpec,
}

/// How a zone here and at another server differ.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CompareView {
    /// The apex.
    pub apex: String,
    /// The other server.
    pub server: String,
    /// The serial here.
    pub serial: u32,
    /// The serial there. Another one is no difference by itself.
    pub other_serial: u32,
    /// `transfer`: every record of both was compared. `queries`: the other server does not hand the zone over, so it was
    /// asked for every RRset that is here; what it has besides stays unseen.
    pub how: String,
    /// How many RRsets were compared.
    pub compared: u64,
    /// How many differ.
    pub total: u64,
    /// The first thousand of them.
    pub differences: Vec<RrsetDifference>,
}

/// An RRset that is not the same here and there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RrsetDifference {
    /// The owner.
    pub owner: String,
    /// The type.
    #[serde(rename = "type")]
    pub rtype: String,
    /// The records that are here, each with its TTL; none where there are none.
    pub here: Vec<String>,
    /// The same there.
    pub there: Vec<String>,
}
