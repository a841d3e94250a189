//! Names that look generic, and names that must resolve back.

use super::{App, ChangeQuery, Table};
use crate::control::Control;
use crate::reply::Reply;
use crate::request::{Asked, Segment, Who, page_size};
use axum::Json;
use axum::extract::{Request, State};
use ptrd_api::{
    ChangeDone, ChangeRequest, CheckBody, CheckFilter, CheckView, DEFAULT_PAGE, LintFilter, LintView, Page,
    PendingFilter, PendingView,
};

/// Adds the routes.
pub(super) fn add<C: Control>(routes: Table<C>) -> Table<C> {
    routes
        .get("/v1/lint", lint::<C>)
        .get("/v1/checks", checks::<C>)
        .post("/v1/checks", check::<C>)
        .get("/v1/pending", pending::<C>)
        .delete("/v1/pending/{address}", pending_drop::<C>)
}

async fn lint<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<LintView>> {
    let mut filter: LintFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.lint(who, filter).await?))
}

async fn checks<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<CheckView>> {
    let mut filter: CheckFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.checks(who, filter).await?))
}

async fn pending<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<PendingView>> {
    let mut filter: PendingFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.pending(who, filter).await?))
}

async fn check<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<CheckView>> {
    let mut asked = Asked::from(request);
    let body: CheckBody = match app.body(&mut asked).await {
        Ok(body) => body,
        Err(problem) => return Err(asked.refusal(problem)),
    };
    drop(asked);
    Ok(Json(app.control.check(who, body).await?))
}

async fn pending_drop<C: Control>(
    State(app): State<App<C>>,
    Segment(address): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    let asked = Asked::from(request);
    let ChangeQuery { dry_run } = asked.query()?;
    app.make(&asked, ChangeRequest::PendingDrop { address }, dry_run).await
}
