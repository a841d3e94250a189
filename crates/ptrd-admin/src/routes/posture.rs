//! How identities of sending addresses and delegations of zones stand.

use super::{App, Table};
use crate::control::Control;
use crate::reply::Reply;
use crate::request::{Asked, Who, page_size};
use axum::Json;
use axum::extract::{Request, State};
use ptrd_api::{
    DEFAULT_PAGE, Page, PostureBody, PostureFilter, PostureTenantFilter, PostureTenantView, PostureView,
};

/// Adds the routes.
pub(super) fn add<C: Control>(routes: Table<C>) -> Table<C> {
    routes
        .get("/v1/posture", posture::<C>)
        .post("/v1/posture", look::<C>)
        .get("/v1/posture/tenants", tenants::<C>)
}

async fn posture<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<PostureView>> {
    let mut filter: PostureFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.posture(who, filter).await?))
}

async fn tenants<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<PostureTenantView>> {
    let mut filter: PostureTenantFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.posture_tenants(who, filter).await?))
}

async fn look<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<PostureView>> {
    let mut asked = Asked::from(request);
    let body: PostureBody = match app.body(&mut asked).await {
        Ok(body) => body,
        Err(problem) => return Err(asked.refusal(problem)),
    };
    drop(asked);
    Ok(Json(app.control.posture_look(who, body).await?))
}
