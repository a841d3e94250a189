//! The routes of what makes one server of many: who may transfer, announce and update.

use super::App;
use crate::control::Control;
use crate::reply::Reply;
use crate::request::{Asked, page_size};
use axum::extract::{Request, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use ptrd_api::{AccessFilter, AccessView, AccessWrite, ChangeDone, ChangeRequest, DEFAULT_PAGE, Page};

/// Adds them to the router.
pub(super) fn add<C: Control>(router: Router<App<C>>) -> Router<App<C>> {
    router
        .route("/v1/access", get(access::<C>).post(access_allow::<C>))
        // A grant is named by all that it says, which is more than a path should hold.
        .route("/v1/access/revoke", post(access_revoke::<C>))
}

async fn access<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<Page<AccessView>> {
    let mut filter: AccessFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.access(filter).await?))
}

async fn access_allow<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<AccessWrite>(request, ChangeRequest::AccessAllow).await
}

async fn access_revoke<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<AccessWrite>(request, ChangeRequest::AccessRevoke).await
}
