//! Tokens of the API: what they may, and how they are made. The token itself is shown once, in [`TokenMade`].

use crate::Secret;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How many characters the name of a token's row has.
const ID: usize = 12;

/// What a token is called: twelve digits and lower-case letters, which are a part of the token and no secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId([u8; ID]);

impl TokenId {
    /// Of random octets.
    pub fn of(random: [u8; ID]) -> TokenId {
        const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        TokenId(random.map(|octet| DIGITS[usize::from(octet % 32)]))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenId({})", self.as_str())
    }
}

/// No identity of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoTokenId;

impl fmt::Display for NoTokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a token is called by twelve digits and lower-case letters")
    }
}

impl std::error::Error for NoTokenId {}

impl FromStr for TokenId {
    type Err = NoTokenId;

    fn from_str(text: &str) -> Result<TokenId, NoTokenId> {
        let id: [u8; ID] = text.as_bytes().try_into().map_err(|_| NoTokenId)?;
        let known = |octet: &u8| octet.is_ascii_digit() || octet.is_ascii_lowercase();
        if id.iter().all(known) { Ok(TokenId(id)) } else { Err(NoTokenId) }
    }
}

/// A new token. It is for operators, or for a tenant. Whoever makes one with a token can give it no more than that one may.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TokenWrite {
    /// What it is for: 1–63 lower-case letters, digits and hyphens; one of a kind among those of the same owner.
    pub name: String,
    /// It may do what operators may. Excludes `tenant` and `prefixes`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub operator: bool,
    /// Whose it is. Absent for the tenant of the token that makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The ranges that it is for, inside the tenant's blocks; at most 64. None is for all of them, or for those of the token
    /// that makes it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<String>,
    /// It may change what it may see.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub write: bool,
    /// From when on it is of no use: RFC 3339. Absent for never, or for when that of the token that makes it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// From where it may be used: addresses and prefixes, at most 64. None is from anywhere, or from where the token that
    /// makes it may be used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<String>,
}

/// A token that was made. This is the one time that it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenMade {
    /// What it is called.
    pub id: String,
    /// The token.
    pub token: Secret,
}

/// A token, without what is secret in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenView {
    /// What it is called.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// Whose it is; absent for one of operators.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The ranges that it is for; none is for all blocks of the tenant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<String>,
    /// Whether it may change what it may see.
    pub write: bool,
    /// From when on it is of no use, RFC 3339; absent for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// Whether that time has come.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expired: bool,
    /// From where it may be used; none is from anywhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<String>,
    /// Who made it.
    pub made_by: String,
    /// When it was made, RFC 3339.
    pub made: String,
    /// The token that it was made with, and goes with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// When it was used last, RFC 3339; some seconds late, and absent for never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used: Option<String>,
    /// From where it was used last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_from: Option<String>,
}

/// Which tokens to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TokenFilter {
    /// Only those of this tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
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
    fn identities_are_twelve_digits_and_letters() {
        let id = TokenId::of([255; ID]);
        assert_eq!(id.as_str(), "zzzzzzzzzzzz");
        assert_eq!(id.to_string().parse(), Ok(id));
        for bad in ["", "zzzzzzzzzzz", "zzzzzzzzzzzzz", "ZZZZZZZZZZZZ", "zzzzzz/zzzzz", "zzzzzzzzzzé"] {
            assert_eq!(bad.parse::<TokenId>(), Err(NoTokenId), "{bad}");
        }
    }
}
