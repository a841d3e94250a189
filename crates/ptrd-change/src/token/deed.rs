//! Tokens made and revoked.
//!
//! Whoever makes a token with a token gives it no more than that one may, in nothing: not more addresses, not longer, not from
//! elsewhere. Where nothing is said it is what the token has that makes it. And it goes when that one goes: who takes back
//! a token that others got hold of must not have to look for what they made with it.

use super::{PREFIX, Token, secret, setting};
use crate::history::read_time;
use crate::plan::Plan;
use crate::problem::{bad, conflict, count, forbidden, internal, invalid, not_found, quote, some};
use crate::request::read_range;
use crate::rights::Rights;
use crate::tenant::{tenant_name, unknown_tenant};
use ipnet::IpNet;
use ptrd_api::{Problem, Secret, TokenId, TokenMade, TokenWrite};
use ptrd_store::Edit;
use ptrd_wire::AddrRange;
use ptrd_zone::model::TenantId;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Prefixes of a token, of each kind.
const MAX_PREFIXES: usize = 64;
/// Tokens of a tenant, or of operators.
const MAX_TOKENS: usize = 1_000;

/// What is to become of a token.
#[derive(Debug)]
pub(crate) enum TokenDeed {
    Add(Box<NewToken>),
    Revoke(TokenId),
}

/// A token to be made.
#[derive(Debug)]
pub(crate) struct NewToken {
    id: TokenId,
    text: Secret,
    digest: blake3::Hash,
    name: String,
    operator: bool,
    tenant: Option<String>,
    prefixes: Vec<AddrRange>,
    write: bool,
    expires: Option<i64>,
    from: Vec<IpNet>,
}

impl TokenDeed {
    pub fn read_add(write: &TokenWrite) -> Result<TokenDeed, Problem> {
        check_name(&write.name)?;
        if write.operator && (write.tenant.is_some() || !write.prefixes.is_empty()) {
            return Err(bad("operator: excludes a tenant and prefixes: operators may do everything"));
        }
        for (field, values) in [("prefixes", &write.prefixes), ("from", &write.from)] {
            if values.len() > MAX_PREFIXES {
                return Err(bad(format!("{field}: {} are more than {MAX_PREFIXES}", values.len())));
            }
        }
        let prefix = |text: &String| {
            read_range(text).map_err(|problem| {
                let message = format!("prefixes: {problem}");
                Problem { message, field: None, ..problem }.field("prefixes")
            })
        };
        let (id, text, digest) = secret::make()?;
        Ok(TokenDeed::Add(Box::new(NewToken {
            id,
            text,
            digest,
            name: write.name.clone(),
            operator: write.operator,
            tenant: write.tenant.clone(),
            prefixes: write.prefixes.iter().map(prefix).collect::<Result<_, _>>()?,
            write: write.write,
            expires: write.expires.as_deref().map(|text| read_time("expires", text)).transpose()?,
            from: write.from.iter().map(|text| read_net(text)).collect::<Result<_, _>>()?,
        })))
    }

    pub fn read_revoke(id: &str) -> Result<TokenDeed, Problem> {
        Ok(TokenDeed::Revoke(read_id(id)?))
    }
}

/// The identity of a token. The text of a whole token is not repeated.
pub(super) fn read_id(text: &str) -> Result<TokenId, Problem> {
    text.trim().parse().map_err(|error: ptrd_api::NoTokenId| {
        bad(format!("id: {error}")).hint("`ptrctl token list` shows what tokens are called")
    })
}

fn check_name(name: &str) -> Result<(), Problem> {
    let letters = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if letters && (1..=63).contains(&name.len()) && !name.starts_with('-') && !name.ends_with('-') {
        return Ok(());
    }
    Err(invalid(format!(
        "name: {} is none for a token: 1 to 63 lower-case letters, digits and hyphens, no hyphen at either end",
        quote(name)
    )))
}

fn read_net(text: &str) -> Result<IpNet, Problem> {
    let text = text.trim();
    let net = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    let net = net.map_err(|_| {
        bad(format!("from: {} is no address and no prefix", quote(text)))
            .hint("such as 198.51.100.7 or 2001:db8:1::/48")
    })?;
    if net.trunc() != net {
        return Err(invalid(format!("from: {net} has host bits set: {} is meant", net.trunc())));
    }
    Ok(net)
}

/// Makes or revokes a token.
pub(crate) fn plan_token(
    plan: &mut Plan<'_>,
    rights: &Rights,
    deed: &TokenDeed,
    by: &str,
) -> Result<String, Problem> {
    match deed {
        TokenDeed::Add(new) => add(plan, rights, new, by),
        TokenDeed::Revoke(id) => revoke(plan, rights, *id),
    }
}

fn add(plan: &mut Plan<'_>, rights: &Rights, new: &NewToken, by: &str) -> Result<String, Problem> {
    let tenant = owner(plan, rights, new)?;
    let mut token = Token {
        id: new.id,
        name: new.name.clone(),
        digest: new.digest,
        tenant,
        prefixes: new.prefixes.clone(),
        write: new.write,
        expires: new.expires,
        from: new.from.clone(),
        by: by.to_owned(),
        made: plan.now,
        parent: rights.token.as_ref().map(|parent| parent.id),
    };
    if let Some(parent) = &rights.token {
        bound(&mut token, parent)?;
    }
    if token.expires.is_some_and(|end| end <= plan.now) {
        return Err(invalid("expires: that time has passed already"));
    }
    check_prefixes(plan, &token)?;
    let owned: Vec<Token> =
        Token::all(&plan.next.settings).filter(|other| other.tenant == token.tenant).collect();
    let owner = told_owner(plan, token.tenant);
    if owned.iter().any(|other| other.name == token.name) {
        return Err(conflict(format!("name: {owner} has a token {} already", token.name))
            .hint("choose another name, or revoke that one first"));
    }
    if owned.len() >= MAX_TOKENS {
        return Err(conflict(format!("{owner} has {MAX_TOKENS} tokens, and may have no more"))
            .hint("revoke those that are of no use any more: `ptrctl token list`"));
    }
    if plan.next.settings.contains_key(&setting(token.id)) {
        return Err(internal("two tokens came out the same"));
    }
    let value = token.value().map_err(|_| internal("a token that is no JSON"))?;
    plan.edit(Edit::Setting { name: setting(token.id), before: None, after: Some(value) });
    plan.made(TokenMade { id: token.id.to_string(), token: new.text.clone() });
    let may = if token.write { "read and write" } else { "read" };
    Ok(format!("token {} ({}) of {owner} added: may {may}", token.id, token.name))
}

/// Whose it is to be.
fn owner(plan: &Plan<'_>, rights: &Rights, new: &NewToken) -> Result<Option<TenantId>, Problem> {
    let named = new.tenant.as_deref().map(|name| {
        plan.declared().tenant_named(name).map(|tenant| tenant.id).ok_or_else(|| unknown_tenant(name))
    });
    match (rights.tenant(), named, new.operator) {
        (None, Some(named), _) => named.map(Some),
        (None, None, true) => Ok(None),
        (None, None, false) => Err(bad("tenant: say whose the token is, or that it is for operators")
            .hint("--tenant NAME, or --operator")),
        (Some(_), _, true) => Err(forbidden("operator: only operators make tokens for operators")),
        (Some(own), None, false) => Ok(Some(own)),
        // Whether there is such a tenant is none of its business.
        (Some(own), Some(named), false) => match named {
            Ok(named) if named == own => Ok(Some(own)),
            _ => Err(unknown_tenant(new.tenant.as_deref().unwrap_or_default())),
        },
    }
}

/// Gives a token what it inherits from the one that makes it, and refuses what it would have beyond that.
fn bound(token: &mut Token, parent: &Token) -> Result<(), Problem> {
    let beyond = |field: &str, what: String| {
        forbidden(format!("{field}: {what}, and a token gives no more than it has"))
    };
    if token.prefixes.is_empty() {
        token.prefixes = parent.prefixes.clone();
    }
    if let Some(prefix) = token.prefixes.iter().find(|prefix| !parent.is_for_all_of(prefix)) {
        return Err(beyond("prefixes", format!("{prefix} is not what yours is for")));
    }
    if token.write && !parent.write {
        return Err(beyond("write", "yours is for reading".to_owned()));
    }
    if let Some(end) = parent.expires {
        if token.expires.is_some_and(|asked| asked > end) {
            return Err(beyond("expires", format!("yours expires {}", crate::history::time(end))));
        }
        token.expires = token.expires.or(Some(end));
    }
    if token.from.is_empty() {
        token.from = parent.from.clone();
    }
    let is_covered = |net: &IpNet| parent.from.is_empty() || parent.from.iter().any(|own| own.contains(net));
    match token.from.iter().find(|net| !is_covered(net)) {
        Some(net) => Err(beyond("from", format!("yours may not be used from {net}"))),
        None => Ok(()),
    }
}

/// The prefixes lie in the tenant's blocks. Should those go to another one day, the token is of no use there.
fn check_prefixes(plan: &Plan<'_>, token: &Token) -> Result<(), Problem> {
    let Some(tenant) = token.tenant else { return Ok(()) };
    let declared = plan.declared();
    let is_outside =
        |range: &&AddrRange| declared.innermost(range).is_none_or(|block| block.tenant != tenant);
    match token.prefixes.iter().find(is_outside) {
        Some(range) => {
            Err(invalid(format!("prefixes: no block of {} contains {range}", tenant_name(declared, tenant)))
                .hint("a token is for addresses of its tenant: `ptrctl block list --tenant NAME`"))
        }
        None => Ok(()),
    }
}

fn revoke(plan: &mut Plan<'_>, rights: &Rights, id: TokenId) -> Result<String, Problem> {
    let token = Token::find(&plan.next.settings, id).filter(|token| sees(rights, token));
    let token = token.ok_or_else(|| unknown(id))?;
    let gone = descendants(plan, id);
    let others: Vec<String> = gone.iter().filter(|other| **other != id).map(TokenId::to_string).collect();
    for id in &gone {
        let before = plan.next.settings.get(&setting(*id)).cloned();
        plan.edit(Edit::Setting { name: setting(*id), before, after: None });
    }
    let also = match others.len() {
        0 => String::new(),
        n => format!(", and {} made with it: {}", count(n as u64, "token"), some(&others, 8)),
    };
    Ok(format!("token {id} ({}) of {} revoked{also}", token.name, told_owner(plan, token.tenant)))
}

/// No such token, or none that may be seen.
pub(super) fn unknown(id: TokenId) -> Problem {
    not_found(format!("no token {id}")).hint("see `ptrctl token list`")
}

/// Whether somebody sees a token, and may revoke it: those that reach no further than its own, and that itself.
pub(super) fn sees(rights: &Rights, token: &Token) -> bool {
    match (&rights.token, rights.tenant()) {
        (Some(own), _) => own.id == token.id || token.lies_within(own),
        (None, Some(tenant)) => token.tenant == Some(tenant),
        (None, None) => true,
    }
}

/// A token and those that were made with it, or with one of those.
fn descendants(plan: &Plan<'_>, id: TokenId) -> BTreeSet<TokenId> {
    let all: Vec<Token> = Token::all(&plan.next.settings).collect();
    let mut found = BTreeSet::from([id]);
    loop {
        let more = all.iter().filter(|token| token.parent.is_some_and(|parent| found.contains(&parent)));
        let more: Vec<TokenId> = more.map(|token| token.id).filter(|id| !found.contains(id)).collect();
        if more.is_empty() {
            return found;
        }
        found.extend(more);
    }
}

fn told_owner(plan: &Plan<'_>, tenant: Option<TenantId>) -> String {
    tenant.map_or_else(|| "operators".to_owned(), |tenant| tenant_name(plan.declared(), tenant))
}

/// What is said of a token in conflicts.
pub(crate) fn called(setting: &str) -> Option<String> {
    setting.strip_prefix(PREFIX).map(|id| format!("the token {id}"))
}
