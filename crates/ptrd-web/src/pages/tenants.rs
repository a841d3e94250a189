//! The tenants, for operators.

use crate::app::{App, Shown, Visit};
use crate::view::{Shell, good, grouped, link};
use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use ptrd_admin::Control;
use ptrd_api::{Problem, TenantFilter};

/// Tenants of a page.
const PAGE: u64 = 100;

struct TenantLine {
    name: String,
    reseller: String,
    blocks: String,
    zones: String,
}

#[derive(Template)]
#[template(path = "tenants.html")]
struct TenantsPage {
    shell: Shell,
    tenants: Vec<TenantLine>,
    next: String,
}

/// `/tenants`.
pub(crate) async fn page<C: Control>(State(app): State<App<C>>, request: Request) -> Shown {
    let (parts, _) = request.into_parts();
    let visit = app.visit(&parts).await?;
    Ok(visit.finish(made(&visit).await))
}

async fn made<C: Control>(visit: &Visit<C>) -> Result<Response, Problem> {
    let filter = TenantFilter { after: visit.query.some("after"), limit: Some(PAGE) };
    let found = visit.seat.tenants(filter).await?;
    let line = |tenant: ptrd_api::TenantView| TenantLine {
        name: tenant.name,
        reseller: tenant.reseller.unwrap_or_default(),
        blocks: grouped(tenant.blocks),
        zones: grouped(tenant.zones),
    };
    Ok(good(&TenantsPage {
        shell: visit.shell("Tenants", "tenants"),
        next: found.next.map(|after| link("/tenants", &[("after", &after)])).unwrap_or_default(),
        tenants: found.items.into_iter().map(line).collect(),
    }))
}
