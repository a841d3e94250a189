//! Tokens as they are shown, and found by what somebody shows.

use super::deed::{read_id, sees, unknown};
use super::{Token, Uses, secret};
use crate::history::time;
use crate::publish::View;
use crate::rights::no_token;
use crate::tenant::tenant_name;
use crate::view::{page, page_limit};
use ptrd_api::{Page, Problem, TokenFilter, TokenId, TokenView};
use ptrd_wire::AddrRange;
use std::net::IpAddr;

/// Whoever holds a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// What the token is called.
    pub id: TokenId,
    /// What the log calls its holder: `token NAME of TENANT`, or `token NAME` for an operator's.
    pub actor: String,
}

impl View {
    /// Who holds this token, if it is of use at this time (milliseconds since 1970 UTC) and from this address. All that may
    /// be wrong with it looks the same from outside, and takes the same time but for the shape of the text.
    ///
    /// # Errors
    /// [`ptrd_api::code::UNAUTHENTICATED`].
    pub fn bearer(&self, text: &str, from: IpAddr, now: i64) -> Result<Bearer, Problem> {
        let (id, digest) = secret::read(text).ok_or_else(no_token)?;
        let token = Token::find(&self.settings, id).ok_or_else(no_token)?;
        // Comparing digests of blake3 takes the same time whatever is in them.
        if token.digest != digest || !token.is_live(now) || !token.may_come_from(from.to_canonical()) {
            return Err(no_token());
        }
        let actor = match token.tenant {
            None => format!("token {}", token.name),
            Some(tenant) => {
                let tenant = self.declared.tenant(tenant).ok_or_else(no_token)?;
                format!("token {} of {}", token.name, tenant.name)
            }
        };
        Ok(Bearer { id, actor })
    }

    /// Tokens by identity, without what is secret in them.
    ///
    /// # Errors
    /// An unknown tenant.
    pub(crate) fn tokens(
        &self,
        filter: &TokenFilter,
        uses: &Uses,
        now: i64,
    ) -> Result<Page<TokenView>, Problem> {
        let tenant = filter.tenant.as_deref().map(|name| self.tenant_id(name)).transpose()?;
        let after = filter.after.as_deref();
        let views = Token::all(&self.settings)
            .filter(|token| after.is_none_or(|after| token.id.as_str() > after))
            .filter(|token| tenant.is_none() || token.tenant == tenant)
            .filter(|token| sees(&self.rights, token))
            .map(|token| self.token_view(token, uses, now));
        Ok(page(views, page_limit(filter.limit), |view| view.id.clone()))
    }

    /// The token of this identity.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn token(&self, id: &str, uses: &Uses, now: i64) -> Result<TokenView, Problem> {
        let id = read_id(id)?;
        let token = Token::find(&self.settings, id).filter(|token| sees(&self.rights, token));
        Ok(self.token_view(token.ok_or_else(|| unknown(id))?, uses, now))
    }

    fn token_view(&self, token: Token, uses: &Uses, now: i64) -> TokenView {
        let used = uses.last(token.id);
        TokenView {
            id: token.id.to_string(),
            tenant: token.tenant.map(|tenant| tenant_name(&self.declared, tenant)),
            prefixes: token.prefixes.iter().map(AddrRange::to_string).collect(),
            write: token.write,
            expires: token.expires.map(time),
            expired: !token.is_live(now),
            from: token.from.iter().map(ToString::to_string).collect(),
            made: time(token.made),
            parent: token.parent.map(|id| id.to_string()),
            used: used.map(|(at, _)| time(at)),
            used_from: used.map(|(_, from)| from.to_string()),
            name: token.name,
            made_by: token.by,
        }
    }
}
