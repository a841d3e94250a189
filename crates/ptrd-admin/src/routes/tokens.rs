//! The routes of tokens.

use super::{App, Nothing, Table};
use crate::control::Control;
use crate::reply::Reply;
use crate::request::{Asked, Segment, Who, page_size};
use axum::Json;
use axum::extract::{Request, State};
use ptrd_api::{ChangeDone, ChangeRequest, DEFAULT_PAGE, Page, TokenFilter, TokenView, TokenWrite};

/// Adds them.
pub(super) fn add<C: Control>(routes: Table<C>) -> Table<C> {
    routes
        .get("/v1/tokens", tokens::<C>)
        .post("/v1/tokens", token_add::<C>)
        .get("/v1/tokens/{id}", token::<C>)
        .delete("/v1/tokens/{id}", token_revoke::<C>)
}

async fn tokens<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<TokenView>> {
    let mut filter: TokenFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.tokens(who, filter).await?))
}

async fn token<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    Segment(id): Segment,
    request: Request,
) -> Reply<TokenView> {
    let Nothing {} = Asked::from(request).query()?;
    Ok(Json(app.control.token(who, id).await?))
}

async fn token_add<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<TokenWrite>(request, ChangeRequest::TokenAdd).await
}

async fn token_revoke<C: Control>(
    State(app): State<App<C>>,
    Segment(id): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.make_bare(request, ChangeRequest::TokenRevoke { id }).await
}
