//! The routes of catalogs of zones.

use super::{App, Nothing, Table};
use crate::control::Control;
use crate::reply::Reply;
use crate::request::{Asked, Segment, Who, page_size};
use axum::Json;
use axum::extract::{Request, State};
use ptrd_api::{
    CatalogAdd, CatalogFilter, CatalogFollowWrite, CatalogGroupBody, CatalogMemberView, CatalogSetBody,
    CatalogUnfollowBody, CatalogView, ChangeDone, ChangeRequest, DEFAULT_PAGE, Page,
};

/// Adds them.
pub(super) fn add<C: Control>(routes: Table<C>) -> Table<C> {
    routes
        .get("/v1/catalogs", catalogs::<C>)
        .post("/v1/catalogs", catalog_add::<C>)
        .get("/v1/catalogs/{apex}", catalog::<C>)
        .patch("/v1/catalogs/{apex}", catalog_set::<C>)
        .delete("/v1/catalogs/{apex}", catalog_remove::<C>)
        .get("/v1/catalogs/{apex}/members", catalog_members::<C>)
        .post("/v1/catalogs/follow", catalog_follow::<C>)
        .post("/v1/catalogs/{apex}/groups", catalog_group::<C>)
        .post("/v1/catalogs/{apex}/unfollow", catalog_unfollow::<C>)
}

async fn catalogs<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<CatalogView>> {
    let mut filter: CatalogFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.catalogs(who, filter).await?))
}

async fn catalog<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    Segment(apex): Segment,
    request: Request,
) -> Reply<CatalogView> {
    let Nothing {} = Asked::from(request).query()?;
    Ok(Json(app.control.catalog(who, apex).await?))
}

async fn catalog_members<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    Segment(apex): Segment,
    request: Request,
) -> Reply<Page<CatalogMemberView>> {
    let mut filter: CatalogFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.catalog_members(who, apex, filter).await?))
}

async fn catalog_add<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<CatalogAdd>(request, ChangeRequest::CatalogAdd).await
}

async fn catalog_set<C: Control>(
    State(app): State<App<C>>,
    Segment(apex): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.make_of(request, |body: CatalogSetBody| ChangeRequest::CatalogSet(body.of(apex))).await
}

async fn catalog_remove<C: Control>(
    State(app): State<App<C>>,
    Segment(catalog): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.make_bare(request, ChangeRequest::CatalogRemove { catalog }).await
}

async fn catalog_follow<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<CatalogFollowWrite>(request, ChangeRequest::CatalogFollow).await
}

async fn catalog_group<C: Control>(
    State(app): State<App<C>>,
    Segment(catalog): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    let with = |body: CatalogGroupBody| ChangeRequest::CatalogGroup(body.of(catalog));
    app.make_of(request, with).await
}

async fn catalog_unfollow<C: Control>(
    State(app): State<App<C>>,
    Segment(catalog): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    let with = |CatalogUnfollowBody { members }| ChangeRequest::CatalogUnfollow { catalog, members };
    app.make_of(request, with).await
}
