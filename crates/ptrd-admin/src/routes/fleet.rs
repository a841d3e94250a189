//! The routes of what makes one server of many: shared keys, who may transfer, announce and update, and who is told of
//! changes.

use super::{App, ChangeQuery, Nothing, Table};
use crate::control::Control;
use crate::reply::Reply;
use crate::request::{Asked, Segment, Who, page_size};
use axum::Json;
use axum::extract::{Request, State};
use ptrd_api::{
    AccessFilter, AccessView, AccessWrite, ChangeDone, ChangeRequest, CompareView, CompareWrite,
    DEFAULT_PAGE, FollowWrite, KeyDetail, KeyFilter, KeyView, KeyWrite, NameGrantFilter, NameGrantView,
    NameGrantWrite, NotifyFilter, NotifyNameservers, NotifyStatusFilter, NotifyStatusView, NotifyView,
    NotifyWrite, Page, RefreshBody, TransferInWrite, ZoneView,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// Adds them.
pub(super) fn add<C: Control>(routes: Table<C>) -> Table<C> {
    routes
        .get("/v1/access", access::<C>)
        .post("/v1/access", access_allow::<C>)
        // A grant is named by all that it says, which is more than a path should hold.
        .post("/v1/access/revoke", access_revoke::<C>)
        .get("/v1/names", names::<C>)
        .post("/v1/names", names_allow::<C>)
        .post("/v1/names/revoke", names_revoke::<C>)
        .get("/v1/keys", keys::<C>)
        .post("/v1/keys", key_add::<C>)
        .delete("/v1/keys/{name}", key_remove::<C>)
        .get("/v1/notify", notify::<C>)
        .post("/v1/notify", notify_add::<C>)
        .post("/v1/notify/remove", notify_remove::<C>)
        .put("/v1/notify/nameservers", notify_nameservers::<C>)
        .get("/v1/notify/status", notify_status::<C>)
        .post("/v1/zones/transfer-in", zone_transfer_in::<C>)
        .post("/v1/zones/{apex}/compare", zone_compare::<C>)
        .post("/v1/zones/follow", zone_follow::<C>)
        .post("/v1/zones/{apex}/unfollow", zone_unfollow::<C>)
        .post("/v1/zones/{apex}/refresh", zone_refresh::<C>)
}

/// Adds the one that shows what is secret.
pub(super) fn add_secret<C: Control>(routes: Table<C>) -> Table<C> {
    routes.get("/v1/keys/{name}", key::<C>)
}

async fn zone_follow<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<FollowWrite>(request, ChangeRequest::ZoneFollow).await
}

async fn zone_unfollow<C: Control>(
    State(app): State<App<C>>,
    Segment(apex): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    let asked = Asked::from(request);
    let ChangeQuery { dry_run } = asked.query()?;
    app.make(&asked, ChangeRequest::ZoneUnfollow { apex }, dry_run).await
}

async fn zone_transfer_in<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    let mut asked = Asked::from(request);
    let write = match app.body::<TransferInWrite>(&mut asked).await {
        Ok(write) => write,
        Err(problem) => return Err(asked.refusal(problem)),
    };
    let ChangeQuery { dry_run } = asked.query()?;
    asked.expecting_nothing()?;
    Ok(Json(app.control.transfer_in(asked.importer()?, write, dry_run).await?))
}

async fn zone_compare<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    Segment(apex): Segment,
    request: Request,
) -> Reply<CompareView> {
    let mut asked = Asked::from(request);
    let write = match app.body::<CompareWrite>(&mut asked).await {
        Ok(write) => write,
        Err(problem) => return Err(asked.refusal(problem)),
    };
    let Nothing {} = asked.query()?;
    Ok(Json(app.control.compare(who, apex, write).await?))
}

async fn zone_refresh<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    Segment(apex): Segment,
    request: Request,
) -> Reply<ZoneView> {
    let body: RefreshBody = Asked::from(request).query()?;
    Ok(Json(app.control.refresh(who, apex, body).await?))
}

async fn access<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<AccessView>> {
    let mut filter: AccessFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.access(who, filter).await?))
}

async fn access_allow<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<AccessWrite>(request, ChangeRequest::AccessAllow).await
}

async fn access_revoke<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<AccessWrite>(request, ChangeRequest::AccessRevoke).await
}

async fn names<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<NameGrantView>> {
    let mut filter: NameGrantFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.name_grants(who, filter).await?))
}

async fn names_allow<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<NameGrantWrite>(request, ChangeRequest::NamesAllow).await
}

async fn names_revoke<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<NameGrantWrite>(request, ChangeRequest::NamesRevoke).await
}

async fn keys<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<KeyView>> {
    let mut filter: KeyFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.keys(who, filter).await?))
}

async fn key<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    Segment(name): Segment,
    request: Request,
) -> Reply<KeyDetail> {
    let Nothing {} = Asked::from(request).query()?;
    Ok(Json(app.control.key(who, name).await?))
}

async fn key_add<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<KeyWrite>(request, ChangeRequest::KeyAdd).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyRemoveQuery {
    #[serde(default)]
    revoke: bool,
    #[serde(default)]
    dry_run: bool,
}

async fn key_remove<C: Control>(
    State(app): State<App<C>>,
    Segment(name): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    let asked = Asked::from(request);
    let KeyRemoveQuery { revoke, dry_run } = asked.query()?;
    app.make(&asked, ChangeRequest::KeyRemove { name, revoke }, dry_run).await
}

async fn notify<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<NotifyView>> {
    let mut filter: NotifyFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.notify(who, filter).await?))
}

async fn notify_add<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<NotifyWrite>(request, ChangeRequest::NotifyAdd).await
}

async fn notify_remove<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<NotifyWrite>(request, ChangeRequest::NotifyRemove).await
}

async fn notify_nameservers<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<NotifyNameservers>(request, ChangeRequest::NotifyNameservers).await
}

async fn notify_status<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<NotifyStatusView>> {
    let mut filter: NotifyStatusFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.notify_status(who, filter).await?))
}
