//! Resellers: what a tenant may do to blocks. It adds and removes blocks inside its own where an operator gave it that
//! right (`may_sub_block`), for itself and for the tenants whose reseller it is. Everything else about blocks is for
//! operators, and what others own is to a tenant as if it were not there.

use crate::block::NewBlock;
use crate::plan::Plan;
use crate::problem::{conflict, forbidden, invalid, not_found};
use crate::rights::Rights;
use crate::tenant::{tenant_name, unknown_tenant};
use crate::unblock::Removal;
use crate::version;
use ptrd_api::{Problem, PtrFate, ZoneStart};
use ptrd_store::Edit;
use ptrd_wire::AddrRange;
use ptrd_zone::Declared;
use ptrd_zone::model::{Block, Checks, LabelStyle, Tenant, TenantId};
use std::sync::Arc;

/// Whether the token that somebody comes with is for the whole of a range.
pub(crate) fn covers(rights: &Rights, range: &AddrRange) -> Result<(), Problem> {
    if rights.leave_out_some_of(range) { Err(nothing_here(range)) } else { Ok(()) }
}

/// Whether a tenant may add this block.
pub(crate) fn may_add(declared: &Declared, tenant: TenantId, new: &NewBlock) -> Result<(), Problem> {
    let around = declared.innermost(&new.range);
    let around = around.filter(|block| block.range != new.range).or_else(|| {
        // Of the same range: whether it is there already is said of what lies in a block of the caller's only.
        around.and_then(|block| declared.around(block.id))
    });
    may_divide(declared, tenant, &new.range, around)?;
    let is_seen =
        |block: &Block| declared.tenant(block.tenant).is_some_and(|owner| is_served_by(owner, tenant));
    if declared.conflict(&new.range).is_some_and(|(other, _)| !is_seen(other)) {
        return Err(nothing_here(&new.range));
    }
    let owner = declared.tenant_named(&new.tenant).filter(|owner| is_served_by(owner, tenant));
    if owner.is_none() {
        return Err(unknown_tenant(&new.tenant));
    }
    // A name of one's own choice would be a cut in whatever zone it falls into.
    if new.apex.is_some() || matches!(new.style, Some(LabelStyle::Label(_))) {
        return Err(forbidden("only operators choose the names of classless zones")
            .hint("use --classless first-len, first-last or slash"));
    }
    let is_given = around.is_some_and(|around| around.tenant != owner.map_or(tenant, |owner| owner.id));
    if is_given && new.fate == PtrFate::Keep {
        return Err(may_not_keep());
    }
    if new.start != ZoneStart::default() {
        return Err(forbidden("only operators choose NS sets and SOA templates")
            .hint("leave --ns-set and --soa-template out"));
    }
    if new.checks != Checks::default() {
        return Err(forbidden("only operators set rules for the names of a block").hint("leave --names out"));
    }
    if new.may_sub_block {
        return Err(forbidden("only operators give the right to make blocks inside a block")
            .hint("leave --may-sub-block out, or ask your operator"));
    }
    Ok(())
}

/// Whether a tenant may remove the block with exactly this range.
pub(crate) fn may_remove(declared: &Declared, tenant: TenantId, removal: &Removal) -> Result<(), Problem> {
    let range = &removal.range;
    let block = declared.block_at(range).ok_or_else(|| nothing_here(range))?;
    may_divide(declared, tenant, range, declared.around(block.id)).map_err(|problem| {
        if block.tenant != tenant || problem.code != ptrd_api::code::NOT_FOUND {
            return problem;
        }
        forbidden(format!("{range} lies in no block of yours: only operators may remove it"))
            .hint("ask your operator")
    })?;
    if !declared.tenant(block.tenant).is_some_and(|owner| is_served_by(owner, tenant)) {
        return Err(nothing_here(range));
    }
    let is_given = declared.around(block.id).is_some_and(|around| around.tenant != block.tenant);
    match removal.ptrs {
        Some(PtrFate::Keep) if is_given => Err(may_not_keep()),
        _ => Ok(()),
    }
}

fn may_not_keep() -> Problem {
    forbidden("only operators leave the names of one tenant at addresses of another")
        .hint("leave --ptrs keep out: they are deleted")
}

fn is_served_by(owner: &Tenant, tenant: TenantId) -> bool {
    owner.id == tenant || owner.reseller == Some(tenant)
}

/// Whether a range lies in a block that the tenant may divide, with nobody else's block between.
fn may_divide(
    declared: &Declared,
    tenant: TenantId,
    range: &AddrRange,
    around: Option<&Arc<Block>>,
) -> Result<(), Problem> {
    let chain = || std::iter::successors(around, |block| declared.around(block.id));
    let own =
        |block: &&Arc<Block>| declared.tenant(block.tenant).is_some_and(|owner| is_served_by(owner, tenant));
    let is_right = |block: &&Arc<Block>| block.tenant == tenant && block.standing.may_sub_block;
    if chain().take_while(own).any(|block| is_right(&block)) {
        return match declared.suspending(range) {
            None => Ok(()),
            Some(block) => Err(forbidden(format!("{range} lies in {}, which is suspended", block.range))
                .hint("ask your operator")),
        };
    }
    match chain().next().filter(|block| block.tenant == tenant) {
        Some(block) => Err(forbidden(format!("no blocks may be made or removed inside {}", block.range))
            .hint("ask your operator for the right: `ptrctl block set RANGE --may-sub-block yes`")),
        None => Err(nothing_here(range)),
    }
}

fn nothing_here(range: &AddrRange) -> Problem {
    not_found(format!("no block of yours contains {range}"))
        .hint("`ptrctl block list` lists blocks; ask your operator for one")
}

/// Plans whose customer a tenant is.
pub(crate) fn set_reseller(
    plan: &mut Plan<'_>,
    name: &str,
    reseller: Option<&str>,
    expect: Option<&String>,
) -> Result<String, Problem> {
    let declared = plan.declared();
    let before = declared.tenant_named(name).ok_or_else(|| unknown_tenant(name))?.clone();
    version::check(|| format!("the tenant {name}"), expect, || version::of_tenant(&before))?;
    let id = reseller.map(|name| plan.tenant_named(name)).transpose()?;
    if id == Some(before.id) {
        return Err(invalid(format!("{name} cannot be its own reseller")));
    }
    if let Some(above) = id.and_then(|id| declared.tenant(id)).and_then(|tenant| tenant.reseller) {
        return Err(conflict(format!(
            "{} is itself a customer of {}: resellers do not nest",
            reseller.unwrap_or_default(),
            tenant_name(declared, above)
        ))
        .hint("choose that one as the reseller, or none: --no-reseller"));
    }
    if id.is_some()
        && let Some(customer) = declared.tenants().find(|tenant| tenant.reseller == Some(before.id))
    {
        return Err(conflict(format!("{name} is itself the reseller of {}", customer.name))
            .hint("resellers do not nest"));
    }
    let said = reseller.map_or_else(|| "nobody's customer".to_owned(), |r| format!("a customer of {r}"));
    if before.reseller == id {
        return Ok(format!("tenant {name} is {said} already"));
    }
    let after = Tenant { reseller: id, ..Tenant::clone(&before) };
    plan.edit(Edit::Tenant {
        id: before.id,
        before: Some(Tenant::clone(&before)),
        after: Some(after.clone()),
    });
    plan.next.declared.put_tenant(after);
    Ok(format!("tenant {name} is {said}"))
}
