//! TSIG keys. Their secrets go in with [`KeyWrite`] and come out with [`KeyDetail`], and nowhere else.

use crate::AccessView;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What stands where a secret was.
const HIDDEN: &str = "(not shown)";

/// A text that holds a secret. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Takes the text.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// What to write in its place.
    pub fn hidden() -> Secret {
        Secret(HIDDEN.to_owned())
    }

    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A new key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct KeyWrite {
    /// What both sides call it: a domain name, without regard to case.
    pub name: String,
    /// `hmac-sha256` unless given; `hmac-sha384`, `hmac-sha512`, and with a given secret `hmac-sha1` and `hmac-sha224`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<String>,
    /// In base64; generated unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
}

/// How many permissions [`KeyView::access`] lists.
pub const LISTED_ACCESS: usize = 100;

/// A key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyView {
    /// Its name, in lower case.
    pub name: String,
    /// See [`KeyWrite`].
    pub algorithm: String,
    /// When it was added, RFC 3339.
    pub added: String,
    /// What may be done with it: the permissions that name it, at most [`LISTED_ACCESS`].
    pub access: Vec<AccessView>,
    /// How many permissions name it.
    pub access_total: u64,
}

/// A key with its secret, and as servers and tools want it written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyDetail {
    /// All but the secret.
    #[serde(flatten)]
    pub key: KeyView,
    /// The secret in base64.
    pub secret: Secret,
    /// A statement for named.conf.
    pub bind: Secret,
    /// A section for knot.conf.
    pub knot: Secret,
    /// A clause for nsd.conf.
    pub nsd: Secret,
    /// For `dig -y` and `kdig -y`: `algorithm:name:secret`.
    pub dig: Secret,
}

/// Which keys to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct KeyFilter {
    /// `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// At most so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        let write = KeyWrite { name: "k".to_owned(), algorithm: None, secret: Some(Secret::new("c2VjcmV0")) };
        let request = crate::ChangeRequest::KeyAdd(write);
        assert!(!format!("{request:?} {request:#?}").contains("c2VjcmV0"));
        let json = serde_json::to_string(&request).expect("JSON");
        assert_eq!(json, r#"{"kind":"key-add","name":"k","secret":"c2VjcmV0"}"#);
        assert_eq!(serde_json::from_str::<crate::ChangeRequest>(&json).expect("a request"), request);
    }
}
