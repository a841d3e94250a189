//! Who may do what. The only way to an [`Authorised`] request leads through here, and only such a one is planned.

use crate::make;
use crate::pending::PendingDeed;
use crate::place::belongs_to;
use crate::plan::State;
use crate::problem::forbidden;
use crate::request::{Order, Request};
use crate::resell;
use crate::rights::Rights;
use crate::update;
use ptrd_api::{Problem, TokenId};
use ptrd_zone::model::TenantId;

/// What a caller may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    Operator,
    /// What the token of this identity may when the change is made: everything, or what a tenant may.
    Token(TokenId),
    /// PTRs at the addresses of this tenant's own blocks, and blocks inside those where it has the right to make them.
    Tenant(TenantId),
    /// What permissions to update give to a key: DNS UPDATE and nothing else.
    Key,
    /// What the primary of this standby has made, and nothing else.
    Replica,
}

/// Who asks for a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user, for the log.
    pub actor: String,
    /// From where, for the log.
    pub origin: String,
    /// Why, if the caller said.
    pub reason: Option<String>,
    /// What the caller may do.
    pub role: Role,
}

impl Caller {
    /// A caller who may do everything, such as whoever may open the admin socket.
    pub fn operator(actor: impl Into<String>, origin: impl Into<String>, reason: Option<String>) -> Caller {
        Caller { actor: actor.into(), origin: origin.into(), reason, role: Role::Operator }
    }

    /// This server, as a standby.
    pub(crate) fn replica(actor: &str, origin: &str, reason: Option<String>) -> Caller {
        Caller { actor: actor.to_owned(), origin: origin.to_owned(), reason, role: Role::Replica }
    }
}

/// What the log says of a request.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    pub actor: String,
    pub origin: String,
    pub reason: Option<String>,
    pub kind: &'static str,
    pub request: String,
}

/// A request whose caller may make it, on what is declared now.
pub(crate) struct Authorised<'r> {
    order: &'r Order,
    rights: Rights,
    log: Log,
}

impl<'r> Authorised<'r> {
    pub fn order(&self) -> &'r Order {
        self.order
    }

    /// For what can be judged address by address only.
    pub fn rights(&self) -> &Rights {
        &self.rights
    }

    pub fn log(&self) -> &Log {
        &self.log
    }
}

/// Lets a request through, or says why not.
///
/// Whose an address is depends on the blocks as they are when the change is made, so this is asked by the writer, not
/// at the door. Requests of many addresses are judged as a whole here and address by address in [`crate::place`], also those about
/// addresses that send mail; updates
/// name by name in [`crate::update`]. What a token may is asked of the token as it is by then.
pub(crate) fn authorise<'r>(
    caller: &Caller,
    request: &'r Request,
    state: &State,
    now: i64,
) -> Result<Authorised<'r>, Problem> {
    let declared = &state.declared;
    let rights = Rights::to_write(caller.role, &state.settings, declared, now)?;
    match (rights.role, &request.order) {
        (Role::Key, Order::Update(order)) => update::let_in(state, order)?,
        // Whose key it is says what an update may do; there is no other way in.
        (_, Order::Update(_)) => return Err(forbidden("an update is made with a key")),
        (Role::Replica, Order::Replay { .. } | Order::Replace(_) | Order::Promote(_)) => {}
        (_, Order::Replay { .. } | Order::Replace(_) | Order::Promote(_)) | (Role::Replica, _) => {
            return Err(forbidden(format!("{}: not in this way", request.kind)));
        }
        (Role::Key, _) => return Err(forbidden(format!("{}: a key is for updates", request.kind))),
        (Role::Operator, _) => {}
        (Role::Tenant(_), Order::Ptr(write)) => belongs_to(declared, &rights, write.address)?,
        (Role::Tenant(_), Order::Batch(_) | Order::Pending(PendingDeed::Drop(_)) | Order::Sending(_)) => {}
        (Role::Tenant(tenant), Order::BlockAdd(new)) => {
            resell::covers(&rights, &new.range)?;
            resell::may_add(declared, tenant, new)?;
        }
        (Role::Tenant(tenant), Order::BlockRemove(removal)) => {
            resell::covers(&rights, &removal.range)?;
            resell::may_remove(declared, tenant, removal)?;
        }
        // Name by name, in `rrsets`.
        (Role::Tenant(_), Order::Rrsets(_)) => {}
        (Role::Tenant(_), Order::ZoneMake(order)) => make::may_make(declared, &rights, order)?,
        (Role::Tenant(_), Order::ZoneDrop { apex }) => make::may_drop(declared, &rights, apex)?,
        (Role::Tenant(_), Order::Rollback(undone)) => undone.check_tenant(declared, &rights)?,
        (Role::Tenant(_), Order::Token(_)) if rights.token.is_some() => {}
        (Role::Tenant(_) | Role::Token(_), _) => {
            return Err(
                forbidden(format!("{}: only operators may do that", request.kind)).hint("ask your operator")
            );
        }
    }
    let log = Log {
        actor: caller.actor.clone(),
        origin: caller.origin.clone(),
        reason: caller.reason.clone(),
        kind: request.kind,
        request: request.json.clone(),
    };
    Ok(Authorised { order: &request.order, rights, log })
}
