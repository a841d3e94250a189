//! The routes of NS sets, SOA templates, and of what zones reference.

use super::{App, ChangeQuery, Nothing, tagged};
use crate::control::Control;
use crate::reply::{Refusal, Reply};
use crate::request::{Asked, Segment, page_size};
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use ptrd_api::{
    ChangeDone, ChangeRequest, DEFAULT_PAGE, NewName, NsSetView, NsSetWrite, Page, Problem, SetFilter,
    SoaTemplateView, SoaTemplateWrite, ZoneSet, code,
};

/// Adds them to the router.
pub(super) fn add<C: Control>(router: Router<App<C>>) -> Router<App<C>> {
    router
        .route("/v1/ns-sets", get(ns_sets::<C>).post(ns_set_add::<C>))
        .route("/v1/ns-sets/{name}", get(ns_set::<C>).put(ns_set_set::<C>).delete(ns_set_remove::<C>))
        .route("/v1/ns-sets/{name}/rename", post(ns_set_rename::<C>))
        .route("/v1/soa-templates", get(soa_templates::<C>).post(soa_template_add::<C>))
        .route(
            "/v1/soa-templates/{name}",
            get(soa_template::<C>).put(soa_template_set::<C>).delete(soa_template_remove::<C>),
        )
        .route("/v1/soa-templates/{name}/rename", post(soa_template_rename::<C>))
}

/// The name in a body is that of the path, or is left out.
fn settle(in_body: &mut String, in_path: String) -> Result<(), Problem> {
    if !in_body.is_empty() && *in_body != in_path {
        return Err(Problem::new(code::BAD_REQUEST, "the name in the body is not that of the path")
            .hint("another name is given with POST …/rename"));
    }
    *in_body = in_path;
    Ok(())
}

async fn ns_sets<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<Page<NsSetView>> {
    let mut filter: SetFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.ns_sets(filter).await?))
}

async fn ns_set<C: Control>(
    State(app): State<App<C>>,
    Segment(name): Segment,
    request: Request,
) -> Result<Response, Refusal> {
    let Nothing {} = Asked::from(request).query()?;
    let view = app.control.ns_set(name).await?;
    Ok(tagged(&view.version.clone(), view))
}

async fn ns_set_add<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<NsSetWrite>(request, ChangeRequest::NsSetAdd).await
}

async fn ns_set_set<C: Control>(
    State(app): State<App<C>>,
    Segment(name): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.try_make_of(request, |mut write: NsSetWrite| {
        settle(&mut write.name, name)?;
        Ok(ChangeRequest::NsSetSet(write))
    })
    .await
}

async fn ns_set_rename<C: Control>(
    State(app): State<App<C>>,
    Segment(name): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.make_of(request, |NewName { to, expect }| ChangeRequest::NsSetRename { name, to, expect }).await
}

async fn ns_set_remove<C: Control>(
    State(app): State<App<C>>,
    Segment(name): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    let asked = Asked::from(request);
    let ChangeQuery { dry_run } = asked.query()?;
    app.make(&asked, ChangeRequest::NsSetRemove { name, expect: None }, dry_run).await
}

async fn soa_templates<C: Control>(
    State(app): State<App<C>>,
    request: Request,
) -> Reply<Page<SoaTemplateView>> {
    let mut filter: SetFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.soa_templates(filter).await?))
}

async fn soa_template<C: Control>(
    State(app): State<App<C>>,
    Segment(name): Segment,
    request: Request,
) -> Result<Response, Refusal> {
    let Nothing {} = Asked::from(request).query()?;
    let view = app.control.soa_template(name).await?;
    Ok(tagged(&view.version.clone(), view))
}

async fn soa_template_add<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<SoaTemplateWrite>(request, ChangeRequest::SoaTemplateAdd).await
}

async fn soa_template_set<C: Control>(
    State(app): State<App<C>>,
    Segment(name): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.try_make_of(request, |mut write: SoaTemplateWrite| {
        settle(&mut write.name, name)?;
        Ok(ChangeRequest::SoaTemplateSet(write))
    })
    .await
}

async fn soa_template_rename<C: Control>(
    State(app): State<App<C>>,
    Segment(name): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.make_of(request, |NewName { to, expect }| ChangeRequest::SoaTemplateRename { name, to, expect }).await
}

async fn soa_template_remove<C: Control>(
    State(app): State<App<C>>,
    Segment(name): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    let asked = Asked::from(request);
    let ChangeQuery { dry_run } = asked.query()?;
    app.make(&asked, ChangeRequest::SoaTemplateRemove { name, expect: None }, dry_run).await
}

/// `PUT /v1/zones/{apex}`.
pub(super) async fn zone_set<C: Control>(
    State(app): State<App<C>>,
    Segment(apex): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.try_make_of(request, |mut set: ZoneSet| {
        if !set.apexes.is_empty() {
            return Err(Problem::new(code::BAD_REQUEST, "the path names the zone, and the body names zones")
                .hint("many zones are set with POST /v1/changes"));
        }
        set.apexes = vec![apex];
        Ok(ChangeRequest::ZoneSet(set))
    })
    .await
}
