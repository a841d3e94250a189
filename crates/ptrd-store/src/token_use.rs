//! The last use of a token of the API: kept beside the log, for it is no change.

use std::net::IpAddr;

/// What the names of the settings that hold tokens start with.
pub(crate) const TOKEN: &str = "token/";

/// When and from where a token was used last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenUse {
    /// What the token is called in the name of its setting.
    pub token: String,
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    /// The client's address.
    pub from: IpAddr,
}
