//! Tenants: their names, and how they come and go.

use crate::plan::Plan;
use crate::problem::{conflict, invalid, not_found, quote};
use crate::version;
use ptrd_api::Problem;
use ptrd_store::Edit;
use ptrd_zone::Declared;
use ptrd_zone::model::{Tenant, TenantId};

impl Plan<'_> {
    pub fn tenant_named(&self, name: &str) -> Result<TenantId, Problem> {
        self.next.declared.tenant_named(name).map(|tenant| tenant.id).ok_or_else(|| unknown_tenant(name))
    }

    pub fn put_tenant(&mut self, name: String) {
        self.next.numbers.tenant += 1;
        let tenant = Tenant { id: TenantId(self.next.numbers.tenant), name, reseller: None };
        self.edit(Edit::Tenant { id: tenant.id, before: None, after: Some(tenant.clone()) });
        self.next.declared.put_tenant(tenant);
    }
}

pub(crate) fn tenant_name(declared: &Declared, id: TenantId) -> String {
    declared.tenant(id).map_or_else(|| format!("tenant {id}"), |tenant| tenant.name.clone())
}

pub(crate) fn unknown_tenant(name: &str) -> Problem {
    not_found(format!("no tenant {}", quote(name)))
        .hint("see `ptrctl tenant list`, or add it: `ptrctl tenant add NAME`")
}

/// A name of a tenant: 1–63 lower-case letters, digits and hyphens.
pub(crate) fn check_tenant_name(name: &str) -> Result<(), Problem> {
    let letters = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !letters || name.is_empty() || name.len() > 63 || name.starts_with('-') || name.ends_with('-') {
        return Err(invalid(format!(
            "{} is no name for a tenant: 1 to 63 lower-case letters, digits and hyphens, no hyphen at either end",
            quote(name)
        )));
    }
    Ok(())
}

/// A new tenant.
pub(crate) fn add_tenant(plan: &mut Plan<'_>, name: &str) -> Result<String, Problem> {
    check_tenant_name(name)?;
    if plan.declared().tenant_named(name).is_some() {
        return Err(conflict(format!("the tenant {name} is there already"))
            .hint("choose another name; `ptrctl tenant list` lists those that there are"));
    }
    plan.put_tenant(name.to_owned());
    Ok(format!("tenant {name} added"))
}

/// Removes a tenant that owns nothing.
pub(crate) fn remove_tenant(
    plan: &mut Plan<'_>,
    name: &str,
    expect: Option<&String>,
) -> Result<String, Problem> {
    let tenant = plan
        .declared()
        .tenant_named(name)
        .map(|tenant| Tenant::clone(tenant))
        .ok_or_else(|| unknown_tenant(name))?;
    version::check(|| format!("the tenant {name}"), expect, || version::of_tenant(&tenant))?;
    let blocks = plan.declared().blocks().filter(|block| block.tenant == tenant.id).count();
    let zones = plan.declared().zones().filter(|zone| zone.tenant == tenant.id).count();
    if blocks + zones > 0 {
        let blocks = crate::problem::count(blocks as u64, "block");
        let zones = crate::problem::count(zones as u64, "zone");
        return Err(conflict(format!("the tenant {name} still owns {blocks} and {zones}")).hint(format!(
            "remove them first: `ptrctl block list --tenant {name}`, `ptrctl zone list --tenant {name}`"
        )));
    }
    let customers: Vec<String> = plan
        .declared()
        .tenants()
        .filter(|customer| customer.reseller == Some(tenant.id))
        .map(|customer| customer.name.clone())
        .collect();
    if !customers.is_empty() {
        let customers = crate::problem::some(&customers, 4);
        return Err(conflict(format!("the tenant {name} is the reseller of {customers}"))
            .hint("give them another first, or none: `ptrctl tenant set NAME --no-reseller`"));
    }
    plan.forget_tenant_settings(tenant.id);
    plan.next.declared.remove_tenant(tenant.id);
    plan.edit(Edit::Tenant { id: tenant.id, before: Some(tenant), after: None });
    Ok(format!("tenant {name} removed"))
}
