//! Zones that are pulled from primaries elsewhere.

use serde::{Deserialize, Serialize};

/// One from whom a zone is pulled, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[serde(deny_unknown_fields)]
pub struct RefreshBody {
    /// Pull it as a whole, whatever its serial: also where that goes back.
    #[serde(default)]
    pub whole: bool,
}
