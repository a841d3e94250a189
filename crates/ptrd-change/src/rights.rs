//! What somebody may see and change: everything, or what lies in a tenant's blocks, or a part of that which a token is for.

use crate::authorise::Role;
use crate::handover::outermost;
use crate::plan::Settings;
use crate::problem::forbidden;
use crate::sight::common;
use crate::token::Token;
use ptrd_api::{Problem, code};
use ptrd_wire::{AddrRange, ip_from_bits};
use ptrd_zone::Declared;
use ptrd_zone::model::{Block, TenantId};
use std::net::IpAddr;
use std::sync::Arc;

/// See the module. Its role is never [`Role::Token`]: a token stands for an operator or for a tenant.
#[derive(Clone, Debug)]
pub(crate) struct Rights {
    pub role: Role,
    /// The token that they come from.
    pub token: Option<Arc<Token>>,
}

impl From<Role> for Rights {
    /// Those of whoever comes without a token.
    fn from(role: Role) -> Rights {
        Rights { role, token: None }
    }
}

/// Whoever holds a token that is of no use learns no more than that.
pub(crate) fn no_token() -> Problem {
    Problem::new(code::UNAUTHENTICATED, "no token that is of use here").hint(
        "it may be mistyped, revoked, expired, or not for use from this address: ask whoever gave it to you",
    )
}

impl Rights {
    /// What a role comes to, at this time (milliseconds since 1970 UTC).
    ///
    /// # Errors
    /// The token is not there any more, or has expired.
    pub fn of(role: Role, settings: &Settings, declared: &Declared, now: i64) -> Result<Rights, Problem> {
        let Role::Token(id) = role else { return Ok(role.into()) };
        let token = Token::find(settings, id).filter(|token| token.is_live(now)).ok_or_else(no_token)?;
        let role = match token.tenant {
            None => Role::Operator,
            Some(tenant) => Role::Tenant(declared.tenant(tenant).ok_or_else(no_token)?.id),
        };
        Ok(Rights { role, token: Some(Arc::new(token)) })
    }

    /// The same for a change.
    pub fn to_write(
        role: Role,
        settings: &Settings,
        declared: &Declared,
        now: i64,
    ) -> Result<Rights, Problem> {
        let rights = Rights::of(role, settings, declared, now)?;
        rights.may_write().map(|()| rights)
    }

    /// Refuses a token that is for reading.
    ///
    /// # Errors
    /// It is one.
    pub fn may_write(&self) -> Result<(), Problem> {
        match &self.token {
            Some(token) if !token.write => {
                Err(forbidden(format!("the token {} is for reading only", token.name))
                    .hint("use one that may write; `ptrctl token add … --write` makes it"))
            }
            _ => Ok(()),
        }
    }

    /// The tenant, where they are not those of an operator or a server.
    pub fn tenant(&self) -> Option<TenantId> {
        match self.role {
            Role::Tenant(tenant) => Some(tenant),
            _ => None,
        }
    }

    /// Whether a token leaves this address out.
    pub fn leave_out(&self, address: IpAddr) -> bool {
        self.token.as_ref().is_some_and(|token| !token.is_for(address))
    }

    /// Whether a token leaves a part of this range out.
    pub fn leave_out_some_of(&self, range: &AddrRange) -> bool {
        self.token.as_ref().is_some_and(|token| !token.is_for_all_of(range))
    }

    /// Whether a token is for parts of what the tenant has.
    pub fn are_narrowed(&self) -> bool {
        self.token.as_ref().is_some_and(|token| !token.prefixes.is_empty())
    }

    /// The parts of a range that a token is for, in their order; the whole where it is for all.
    pub fn parts(&self, range: &AddrRange) -> Vec<AddrRange> {
        match self.token.as_ref().filter(|token| !token.prefixes.is_empty()) {
            None => vec![*range],
            Some(token) => {
                outermost(token.prefixes.iter().filter_map(|prefix| common(prefix, range)).collect())
            }
        }
    }

    /// The part of a range from this address on for which the answer to [`Rights::leave_out`] is the same.
    pub fn run(&self, address: IpAddr, range: AddrRange) -> AddrRange {
        let Some(token) = self.token.as_ref().filter(|token| !token.prefixes.is_empty()) else {
            return range;
        };
        let around = token.prefixes.iter().filter(|prefix| prefix.contains(address));
        let Some(last) = around.map(AddrRange::last_bits).max() else { return AddrRange::single(address) };
        let last = ip_from_bits(range.family(), last.min(range.last_bits()));
        AddrRange::new(address, last).unwrap_or_else(|_| AddrRange::single(address))
    }

    /// Whether an address of this block, the most specific one, is among what they are for.
    pub fn have(&self, block: Option<&Block>, address: IpAddr) -> bool {
        match self.role {
            Role::Operator => true,
            Role::Tenant(tenant) => {
                block.is_some_and(|block| block.tenant == tenant) && !self.leave_out(address)
            }
            Role::Token(_) | Role::Key | Role::Replica => false,
        }
    }
}
