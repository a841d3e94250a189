//! Tokens of the API: rows among the settings, judged anew by whoever uses one.
//!
//! A token is text that somebody was shown once. The setting `token/` and its identity, which is a part of the text, keeps a
//! digest of it and what it may: so a token is found without a search, and a change is judged by the token as it is when the
//! change is made. One that was revoked while its request waited changes nothing.
//!
//! A digest that is quick to make is enough: the secret part has 190 random bits, and nobody guesses those however quick. A
//! hash for passwords would only make each request slow.

mod deed;
mod secret;
mod used;
mod view;

pub(crate) use deed::{TokenDeed, called, plan_token};
pub(crate) use used::{Used, Uses};
pub use view::Bearer;

use crate::plan::{Plan, Settings};
use ipnet::IpNet;
use ptrd_api::TokenId;
use ptrd_store::Edit;
use ptrd_wire::{AddrRange, RangeRelation};
use ptrd_zone::model::TenantId;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What the names of these settings start with; the token's identity follows.
const PREFIX: &str = "token/";

/// A token as it is stored.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    name: String,
    /// Of the whole text, in hexadecimal digits.
    digest: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    prefixes: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    write: bool,
    /// Milliseconds since 1970 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    from: Vec<IpNet>,
    by: String,
    made: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub id: TokenId,
    pub name: String,
    digest: blake3::Hash,
    /// None for one of operators.
    pub tenant: Option<TenantId>,
    /// None is for all that is the tenant's.
    pub prefixes: Vec<AddrRange>,
    pub write: bool,
    /// Milliseconds since 1970 UTC.
    pub expires: Option<i64>,
    /// From anywhere, if there is none.
    pub from: Vec<IpNet>,
    pub by: String,
    pub made: i64,
    /// The token that it was made with.
    pub parent: Option<TokenId>,
}

fn setting(id: TokenId) -> String {
    format!("{PREFIX}{id}")
}

impl Token {
    /// What a setting holds.
    fn read(setting: &str, value: &str) -> Option<Token> {
        let id = setting.strip_prefix(PREFIX)?.parse().ok()?;
        let stored: Stored = serde_json::from_str(value).ok()?;
        Some(Token {
            id,
            digest: blake3::Hash::from_hex(&stored.digest).ok()?,
            tenant: stored.tenant.map(TenantId),
            prefixes: stored.prefixes.iter().map(|text| text.parse().ok()).collect::<Option<_>>()?,
            write: stored.write,
            expires: stored.expires,
            from: stored.from,
            name: stored.name,
            by: stored.by,
            made: stored.made,
            parent: stored.parent.map(|text| text.parse()).transpose().ok()?,
        })
    }

    fn value(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Stored {
            name: self.name.clone(),
            digest: self.digest.to_hex().to_string(),
            tenant: self.tenant.map(|id| id.0),
            prefixes: self.prefixes.iter().map(AddrRange::to_string).collect(),
            write: self.write,
            expires: self.expires,
            from: self.from.clone(),
            by: self.by.clone(),
            made: self.made,
            parent: self.parent.map(|id| id.to_string()),
        })
    }

    /// The token with this identity.
    pub fn find(settings: &Settings, id: TokenId) -> Option<Token> {
        let name = setting(id);
        Token::read(&name, settings.get(&name)?)
    }

    /// All of them, by identity.
    fn all(settings: &Settings) -> impl Iterator<Item = Token> {
        let found = settings.range(PREFIX.to_owned()..).take_while(|(name, _)| name.starts_with(PREFIX));
        found.filter_map(|(name, value)| Token::read(name, value))
    }

    /// Whether it is of use at this time, milliseconds since 1970 UTC.
    pub fn is_live(&self, now: i64) -> bool {
        self.expires.is_none_or(|end| now < end)
    }

    fn may_come_from(&self, address: IpAddr) -> bool {
        self.from.is_empty() || self.from.iter().any(|net| net.contains(&address))
    }

    /// Whether it is for this address, should that be the tenant's.
    pub fn is_for(&self, address: IpAddr) -> bool {
        self.prefixes.is_empty() || self.prefixes.iter().any(|prefix| prefix.contains(address))
    }

    /// Whether it is for all of this range, should that be the tenant's.
    pub fn is_for_all_of(&self, range: &AddrRange) -> bool {
        self.prefixes.is_empty() || self.prefixes.iter().any(|prefix| prefix.covers(range))
    }

    /// Whether it is for any of this range.
    pub fn is_for_some_of(&self, range: &AddrRange) -> bool {
        let meets = |prefix: &AddrRange| prefix.relation(range) != RangeRelation::Disjoint;
        self.prefixes.is_empty() || self.prefixes.iter().any(meets)
    }

    /// Whether it reaches no further than another: in what it is for, not in when and whence.
    fn lies_within(&self, other: &Token) -> bool {
        let owner = other.tenant.is_none() || self.tenant == other.tenant;
        let is_whole = self.prefixes.is_empty() && other.prefixes.is_empty();
        let prefixes = !self.prefixes.is_empty() && self.prefixes.iter().all(|p| other.is_for_all_of(p));
        owner && (is_whole || prefixes || other.tenant.is_none()) && (other.write || !self.write)
    }
}

/// Whether a setting is a token.
pub(crate) fn is_token(name: &str) -> bool {
    name.starts_with(PREFIX)
}

/// Whether such a setting makes sense.
///
/// # Errors
/// What is wrong; its value is not repeated.
pub(crate) fn check(name: &str, value: &str) -> Result<(), String> {
    Token::read(name, value).map(drop).ok_or_else(|| format!("setting {name} is no token"))
}

/// The value of such a setting without the digest.
pub(crate) fn hidden(value: &str) -> String {
    let hidden = ptrd_api::Secret::hidden().reveal().to_owned();
    let shown = serde_json::from_str(value)
        .ok()
        .and_then(|stored: Stored| serde_json::to_string(&Stored { digest: hidden.clone(), ..stored }).ok());
    shown.unwrap_or(hidden)
}

/// Whose a setting is, if it is a token of a tenant.
pub(crate) fn owner(name: &str, value: &str) -> Option<TenantId> {
    if is_token(name) { Token::read(name, value)?.tenant } else { None }
}

/// Drops the tokens of a tenant that goes.
pub(crate) fn forget(plan: &mut Plan<'_>, tenant: TenantId) {
    let gone: Vec<TokenId> =
        Token::all(&plan.next.settings).filter(|token| token.tenant == Some(tenant)).map(|t| t.id).collect();
    for id in gone {
        let before = plan.next.settings.get(&setting(id)).cloned();
        plan.edit(Edit::Setting { name: setting(id), before, after: None });
    }
}
