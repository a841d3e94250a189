//! The routes, version 1. The table of them is in the crate's README.

mod catalogs;
mod checks;
mod fleet;
mod history;
mod openapi;
mod posture;
mod sending;
mod sets;
mod standby;
pub(crate) mod table;
mod tokens;

use crate::control::{Caller, Control};
use crate::objects;
use crate::pipe::{Upload, upload};
use crate::powerdns;
use crate::reply::{Refusal, Reply};
use crate::request::{self, Asked, Segment, Who, bad, page_size};
use crate::serve::Limits;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use ptrd_api::{
    BlockAdd, BlockFilter, BlockView, ChangeDone, ChangeRequest, DEFAULT_PAGE, DefaultsSet, MapFilter,
    MapView, MergeBody, Page, ParentRecords, Problem, PtrBody, PtrFate, PtrFill, PtrFilter, PtrView,
    RecordFilter, RecordView, RecordWrite, Reloaded, StatusView, TenantFilter, TenantView, ZoneFilter,
    ZoneImportOptions, ZoneStart, ZoneView, code,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::future::{Future, ready};
use std::sync::Arc;
use table::Table;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use utoipa::ToSchema;

/// Octets of an answer from which on it is compressed, for clients that take that.
const COMPRESSED: u64 = 1_024;

/// What every handler has at hand.
pub(crate) struct App<C> {
    pub(crate) control: Arc<C>,
    limits: Arc<Limits>,
    imports: Arc<Semaphore>,
}

impl<C> Clone for App<C> {
    fn clone(&self) -> App<C> {
        App { control: self.control.clone(), limits: self.limits.clone(), imports: self.imports.clone() }
    }
}

/// The path of the document that describes the API.
pub(crate) const DOCUMENT: &str = "/v1/openapi.json";

/// Those that whoever has a token may ask: all that need not be asked on this machine.
pub(crate) fn api_routes<C: Control>() -> Table<C> {
    let routes = posture::add(sending::add(checks::add(tokens::add(catalogs::add(fleet::add(sets::add(
        Table::new(),
    )))))));
    history::add(routes)
        .get("/v1/status", status::<C>)
        .get("/v1/defaults", defaults::<C>)
        .put("/v1/defaults", defaults_set::<C>)
        .post("/v1/changes", change::<C>)
        .get("/v1/tenants", tenants::<C>)
        .post("/v1/tenants", tenant_add::<C>)
        .get("/v1/tenants/{name}", tenant::<C>)
        .patch("/v1/tenants/{name}", tenant_set::<C>)
        .delete("/v1/tenants/{name}", tenant_remove::<C>)
        .get("/v1/blocks", blocks::<C>)
        .post("/v1/blocks", block_add::<C>)
        .get("/v1/blocks/parent-records", parent_records::<C>)
        .post("/v1/blocks/merge", block_merge::<C>)
        .get("/v1/blocks/{range}", block::<C>)
        .patch("/v1/blocks/{range}", block_set::<C>)
        .delete("/v1/blocks/{range}", block_remove::<C>)
        .post("/v1/blocks/{range}/transfer", block_transfer::<C>)
        .post("/v1/blocks/{range}/suspend", block_suspend::<C>)
        .post("/v1/blocks/{range}/resume", block_resume::<C>)
        .post("/v1/blocks/{range}/relabel", block_relabel::<C>)
        .post("/v1/blocks/{range}/relabel/finish", block_relabel_finish::<C>)
        .post("/v1/blocks/{range}/split", block_split::<C>)
        .get("/v1/map", map::<C>)
        .get("/v1/ptrs", ptrs::<C>)
        .post("/v1/ptrs/fill", ptr_fill::<C>)
        .post("/v1/ptrs/import", ptr_import::<C>)
        .get("/v1/ptrs/{address}", ptr::<C>)
        .put("/v1/ptrs/{address}", ptr_set::<C>)
        .post("/v1/ptrs/{address}", ptr_add::<C>)
        .delete("/v1/ptrs/{address}", ptr_delete::<C>)
        .get("/v1/records", records::<C>)
        .put("/v1/records", record_set::<C>)
        .post("/v1/records", record_add::<C>)
        .delete("/v1/records", record_delete::<C>)
        .get("/v1/zones", zones::<C>)
        .post("/v1/zones", zone_add::<C>)
        .post("/v1/zones/import", zone_import::<C>)
        .post("/v1/zones/import/powerdns", powerdns_import::<C>)
        .post("/v1/zones/adopt", zone_adopt::<C>)
        .get("/v1/zones/{apex}", zone::<C>)
        .put("/v1/zones/{apex}", sets::zone_set::<C>)
        .delete("/v1/zones/{apex}", zone_remove::<C>)
        .get("/v1/zones/{apex}/export", export::<C>)
}

/// Those of the admin socket alone: what is about this machine, or shows what is secret.
pub(crate) fn socket_routes<C: Control>() -> Table<C> {
    let routes = fleet::add_secret(standby::add(history::add_backup(Table::new())));
    routes.get("/metrics", metrics::<C>).post("/v1/reload", reload::<C>)
}

/// The router of the admin socket.
pub(crate) fn router<C: Control>(control: Arc<C>, limits: Arc<Limits>) -> Router {
    let app = App::new(control, limits);
    let routes = powerdns::add(api_routes(), app.clone()).into_router();
    finished(routes.merge(socket_routes().into_router()), app)
}

/// The router of the API.
pub(crate) fn api_router<C: Control>(control: Arc<C>, limits: Arc<Limits>) -> Router {
    let large = SizeAbove::new(COMPRESSED).and(NotForContentType::IMAGES);
    let document = Arc::new(openapi::document().unwrap_or_default());
    let described = get(move || ready(json_text(document.to_string())));
    let app = App::new(control, limits);
    let routes = powerdns::add(api_routes(), app.clone()).into_router().route(DOCUMENT, described);
    finished(routes, app).layer(CompressionLayer::new().gzip(true).compress_when(large))
}

fn json_text(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// The routes of the API: methods, and paths with `{parameters}`.
pub fn api_paths<C: Control>() -> Vec<(Method, String)> {
    api_routes::<C>().list().to_vec()
}

/// The document that describes them, as JSON.
///
/// # Errors
/// Those of JSON; a test sees that there is none.
pub fn api_document() -> serde_json::Result<String> {
    openapi::document()
}

/// What standbys may ask over the network.
pub(crate) fn standby_router<C: Control>(control: Arc<C>, limits: Arc<Limits>) -> Router {
    let routes = history::add_backup(standby::add_for_standbys(Table::new()));
    finished(routes.into_router(), App::new(control, limits))
}

fn finished<C: Control>(routes: Router<App<C>>, app: App<C>) -> Router {
    routes.fallback(no_route).method_not_allowed_fallback(no_method).with_state(app)
}

async fn no_route(uri: Uri, request: Request) -> Refusal {
    let message = format!("there is no route {}", shortened(uri.path()));
    Asked::from(request).refusal(Problem::new(code::NOT_FOUND, message))
}

async fn no_method(method: Method, uri: Uri, request: Request) -> Refusal {
    let message = format!("{} does not take {method}", shortened(uri.path()));
    Asked::from(request).refusal(Problem::new(code::BAD_METHOD, message))
}

fn shortened(path: &str) -> &str {
    path.get(..200).unwrap_or(path)
}

/// No query parameters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Those of a change.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeQuery {
    #[serde(default)]
    dry_run: bool,
}

impl<C: Control> App<C> {
    fn new(control: Arc<C>, limits: Arc<Limits>) -> App<C> {
        let imports = Arc::new(Semaphore::new(limits.imports));
        App { control, limits, imports }
    }

    async fn body<T: DeserializeOwned>(&self, asked: &mut Asked) -> Result<T, Problem> {
        asked.json(self.limits.json, self.limits.body_time).await
    }

    /// A body that may hold a zone. One of more than a little takes the place of an import.
    pub(crate) async fn large_body<T: DeserializeOwned + Send + 'static>(
        &self,
        asked: &mut Asked,
    ) -> Result<T, Problem> {
        let Limits { json, rrsets, body_time, upload_stall, .. } = *self.limits;
        let (_slot, limit, patience) = match asked.announces_more_than(json) {
            false => (None, json, body_time),
            true => (Some(self.import_slot()?), rrsets, upload_stall),
        };
        let octets = asked.octets(limit, patience).await?;
        let read = move || {
            let body = serde_json::from_slice(&octets).map_err(|error| unreadable::<T>(&octets, &error))?;
            let checked = objects::check_object(&octets).and_then(|()| objects::check_lists(&octets));
            checked.map_err(|problem| Problem::new(code::INVALID, problem.message))?;
            Ok(body)
        };
        if limit == json {
            return read();
        }
        let done = tokio::task::spawn_blocking(read).await;
        done.unwrap_or_else(|_| Err(Problem::new(code::INTERNAL, "a fault in ptrd while it read the body")))
    }

    /// Not an `async fn`, since its future would hold on to the body, which cannot be shared between threads.
    fn make<'a>(
        &'a self,
        asked: &Asked,
        request: ChangeRequest,
        dry_run: bool,
    ) -> impl Future<Output = Reply<ChangeDone>> + Send + use<'a, C> {
        let ready = asked.caller().and_then(|by| Ok((by, asked.expecting(request)?)));
        async move {
            let (by, request) = ready?;
            Ok(Json(self.control.change(by, request, dry_run).await?))
        }
    }

    /// A change whose body is all there is to it.
    async fn make_of<T: DeserializeOwned>(
        &self,
        request: Request,
        of: impl FnOnce(T) -> ChangeRequest,
    ) -> Reply<ChangeDone> {
        self.try_make_of(request, |body| Ok(of(body))).await
    }

    /// The same where the body may not go with the path.
    async fn try_make_of<T: DeserializeOwned>(
        &self,
        request: Request,
        of: impl FnOnce(T) -> Result<ChangeRequest, Problem>,
    ) -> Reply<ChangeDone> {
        let mut asked = Asked::from(request);
        let body = match self.body(&mut asked).await {
            Ok(body) => body,
            Err(problem) => return Err(asked.refusal(problem)),
        };
        let ChangeQuery { dry_run } = asked.query()?;
        self.make(&asked, of(body)?, dry_run).await
    }

    /// A change that its path says all of.
    async fn make_bare(&self, request: Request, change: ChangeRequest) -> Reply<ChangeDone> {
        let asked = Asked::from(request);
        let ChangeQuery { dry_run } = asked.query()?;
        self.make(&asked, change, dry_run).await
    }

    pub(crate) fn import_slot(&self) -> Result<OwnedSemaphorePermit, Problem> {
        self.imports.clone().try_acquire_owned().map_err(|_| {
            Problem::new(code::BUSY, "as many imports as may are running already")
                .hint("try again when one has ended")
        })
    }
}

/// What is no JSON is malformed; what is not what was expected cannot be processed.
fn unreadable<T: DeserializeOwned>(octets: &[u8], error: &serde_json::Error) -> Problem {
    let cause = request::shortened(error);
    if !error.is_data() {
        return bad(format!("the body: {cause}"));
    }
    let message = match objects::field::<T>(octets) {
        Some(field) => format!("the body: {}: {cause}", request::shortened(&field)),
        None => format!("the body: {cause}"),
    };
    Problem::new(code::INVALID, message)
}

async fn status<C: Control>(State(app): State<App<C>>, Who(who): Who, request: Request) -> Reply<StatusView> {
    let Nothing {} = Asked::from(request).query()?;
    Ok(Json(app.control.status(who).await?))
}

async fn metrics<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Result<Response, Refusal> {
    let Nothing {} = Asked::from(request).query()?;
    let (text, content_type) = app.control.metrics(who).await?;
    Ok(([(header::CONTENT_TYPE, content_type)], text).into_response())
}

async fn defaults<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Result<Response, Refusal> {
    let Nothing {} = Asked::from(request).query()?;
    let view = app.control.defaults(who).await?;
    Ok(tagged(&view.version.clone(), view))
}

async fn defaults_set<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<DefaultsSet>(request, ChangeRequest::DefaultsSet).await
}

async fn reload<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<Reloaded> {
    let asked = Asked::from(request);
    let ChangeQuery { dry_run } = asked.query()?;
    Ok(Json(app.control.reload(asked.caller()?, dry_run).await?))
}

async fn change<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<ChangeRequest>(request, |change| change).await
}

async fn tenants<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<TenantView>> {
    let mut filter: TenantFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.tenants(who, filter).await?))
}

async fn tenant<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    Segment(name): Segment,
    request: Request,
) -> Result<Response, Refusal> {
    let Nothing {} = Asked::from(request).query()?;
    let view = app.control.tenant(who, name).await?;
    Ok(tagged(&view.version.clone(), view))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TenantBody {
    name: String,
}

async fn tenant_add<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of(request, |TenantBody { name }| ChangeRequest::TenantAdd { name }).await
}

async fn tenant_remove<C: Control>(
    State(app): State<App<C>>,
    Segment(name): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    let asked = Asked::from(request);
    let ChangeQuery { dry_run } = asked.query()?;
    app.make(&asked, ChangeRequest::TenantRemove { name, expect: None }, dry_run).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ResellerBody {
    reseller: Option<String>,
    expect: Option<String>,
}

async fn tenant_set<C: Control>(
    State(app): State<App<C>>,
    Segment(name): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.make_of(request, |ResellerBody { reseller, expect }| ChangeRequest::TenantSet {
        name,
        reseller,
        expect,
    })
    .await
}

async fn blocks<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<BlockView>> {
    let mut filter: BlockFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.blocks(who, filter).await?))
}

async fn block<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    Segment(range): Segment,
    request: Request,
) -> Result<Response, Refusal> {
    let Nothing {} = Asked::from(request).query()?;
    let view = app.control.block(who, range).await?;
    Ok(tagged(&view.version.clone(), view))
}

async fn block_add<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<BlockAdd>(request, ChangeRequest::BlockAdd).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct BlockRemoveQuery {
    #[serde(default)]
    clear: bool,
    ptrs: Option<PtrFate>,
    #[serde(default)]
    dry_run: bool,
}

async fn block_remove<C: Control>(
    State(app): State<App<C>>,
    Segment(range): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    let asked = Asked::from(request);
    let BlockRemoveQuery { clear, ptrs, dry_run } = asked.query()?;
    app.make(&asked, ChangeRequest::BlockRemove { range, clear, ptrs, expect: None }, dry_run).await
}

async fn block_merge<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<MergeBody>(request, ChangeRequest::BlockMerge).await
}

async fn block_set<C: Control>(
    State(app): State<App<C>>,
    Segment(range): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.make_of(request, |set| ChangeRequest::BlockSet { range, set }).await
}

async fn block_transfer<C: Control>(
    State(app): State<App<C>>,
    Segment(range): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.make_of(request, |transfer| ChangeRequest::BlockTransfer { range, transfer }).await
}

async fn block_suspend<C: Control>(
    State(app): State<App<C>>,
    Segment(range): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.make_bare(request, ChangeRequest::BlockSuspend { range }).await
}

async fn block_resume<C: Control>(
    State(app): State<App<C>>,
    Segment(range): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.make_bare(request, ChangeRequest::BlockResume { range }).await
}

async fn block_relabel<C: Control>(
    State(app): State<App<C>>,
    Segment(range): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.make_of(request, |label| ChangeRequest::BlockRelabel { range, label }).await
}

async fn block_relabel_finish<C: Control>(
    State(app): State<App<C>>,
    Segment(range): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.make_bare(request, ChangeRequest::BlockRelabelFinish { range }).await
}

async fn block_split<C: Control>(
    State(app): State<App<C>>,
    Segment(range): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.make_of(request, |split| ChangeRequest::BlockSplit { range, split }).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RangeQuery {
    range: String,
}

async fn parent_records<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<ParentRecords> {
    let RangeQuery { range } = Asked::from(request).query()?;
    Ok(Json(app.control.parent_records(who, range).await?))
}

async fn map<C: Control>(State(app): State<App<C>>, Who(who): Who, request: Request) -> Reply<MapView> {
    let filter: MapFilter = Asked::from(request).query()?;
    Ok(Json(app.control.map(who, filter).await?))
}

async fn ptrs<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<PtrView>> {
    let mut filter: PtrFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.ptrs(who, filter).await?))
}

async fn ptr<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    Segment(address): Segment,
    request: Request,
) -> Result<Response, Refusal> {
    let Nothing {} = Asked::from(request).query()?;
    let view = app.control.ptr(who, address).await?;
    Ok(tagged(&view.version.clone(), view))
}

/// A view with its version in `ETag`, for `If-Match`.
fn tagged(version: &str, view: impl Serialize) -> Response {
    let mut response = Json(view).into_response();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

async fn ptr_set<C: Control>(
    State(app): State<App<C>>,
    Segment(address): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.make_of(request, |body: PtrBody| ChangeRequest::PtrSet(body.at(address))).await
}

async fn ptr_add<C: Control>(
    State(app): State<App<C>>,
    Segment(address): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.make_of(request, |body: PtrBody| ChangeRequest::PtrAdd(body.at(address))).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PtrDeleteQuery {
    name: Option<String>,
    #[serde(default)]
    dry_run: bool,
}

async fn ptr_delete<C: Control>(
    State(app): State<App<C>>,
    Segment(address): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    let asked = Asked::from(request);
    let PtrDeleteQuery { name, dry_run } = asked.query()?;
    let names = name.into_iter().collect();
    app.make(&asked, ChangeRequest::PtrDelete { address, names, expect: None }, dry_run).await
}

async fn ptr_fill<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<PtrFill>(request, ChangeRequest::PtrFill).await
}

async fn ptr_import<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    import_csv(&app, request, |by, options, csv| app.control.import_ptrs(by, options, csv)).await
}

/// An import whose body is CSV, with its options in the query.
async fn import_csv<'a, C: Control, O: DeserializeOwned, F: Future<Output = Result<ChangeDone, Problem>>>(
    app: &'a App<C>,
    request: Request,
    import: impl FnOnce(Caller, O, Upload) -> F + 'a,
) -> Reply<ChangeDone> {
    let asked = Asked::from(request);
    let ready = asked.query::<O>().and_then(|options| {
        asked.expecting_nothing()?;
        let slot = app.import_slot()?;
        Ok((asked.importer()?, options, slot))
    });
    let (by, options, _slot) = match ready {
        Ok(ready) => ready,
        Err(problem) => return Err(asked.refusal(problem)),
    };
    let (writer, csv) = upload();
    let pumping = asked.pump(writer, app.limits.import, app.limits.upload_stall);
    let (done, asked) = tokio::join!(import(by, options, csv), pumping);
    done.map(Json).map_err(|problem| asked.refusal(problem))
}

async fn records<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<RecordView>> {
    let mut filter: RecordFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.records(who, filter).await?))
}

async fn record_set<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<RecordWrite>(request, ChangeRequest::RecordSet).await
}

async fn record_add<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<RecordWrite>(request, ChangeRequest::RecordAdd).await
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RecordDeleteQuery {
    owner: String,
    #[serde(rename = "type")]
    rtype: Option<String>,
    data: Option<String>,
    zone: Option<String>,
    #[serde(default)]
    dry_run: bool,
}

async fn record_delete<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    let asked = Asked::from(request);
    let RecordDeleteQuery { owner, rtype, data, zone, dry_run } = asked.query()?;
    let data = data.into_iter().collect();
    let delete = ChangeRequest::RecordDelete { owner, rtype, data, zone, expect: None };
    app.make(&asked, delete, dry_run).await
}

async fn zones<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<ZoneView>> {
    let mut filter: ZoneFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.zones(who, filter).await?))
}

async fn zone<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    Segment(apex): Segment,
    request: Request,
) -> Result<Response, Refusal> {
    let Nothing {} = Asked::from(request).query()?;
    let view = app.control.zone(who, apex).await?;
    Ok(tagged(&view.version.clone(), view))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ZoneBody {
    apex: String,
    tenant: String,
    ns_set: Option<String>,
    soa_template: Option<String>,
    #[serde(default)]
    companion: bool,
}

impl From<ZoneBody> for ChangeRequest {
    fn from(body: ZoneBody) -> ChangeRequest {
        let ZoneBody { apex, tenant, ns_set, soa_template, companion } = body;
        ChangeRequest::ZoneAdd { apex, tenant, start: ZoneStart { ns_set, soa_template, companion } }
    }
}

async fn zone_add<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of::<ZoneBody>(request, ChangeRequest::from).await
}

async fn zone_remove<C: Control>(
    State(app): State<App<C>>,
    Segment(apex): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    let asked = Asked::from(request);
    let ChangeQuery { dry_run } = asked.query()?;
    app.make(&asked, ChangeRequest::ZoneRemove { apex, expect: None }, dry_run).await
}

async fn zone_import<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    let mut asked = Asked::from(request);
    let ready = asked.query::<ZoneImportOptions>().and_then(|options| {
        let options = asked.expecting_zone(options)?;
        let slot = app.import_slot()?;
        Ok((asked.importer()?, options, slot))
    });
    let (by, options, _slot) = match ready {
        Ok(ready) => ready,
        Err(problem) => return Err(asked.refusal(problem)),
    };
    let bundle = match asked.bundle(app.limits.import, app.limits.upload_stall).await {
        Ok(bundle) => bundle,
        Err(problem) => return Err(asked.refusal(problem)),
    };
    Ok(Json(app.control.import_zones(by, options, bundle).await?))
}

async fn powerdns_import<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    let asked = Asked::from(request);
    let ready = asked.query::<ZoneImportOptions>().and_then(|options| {
        let options = asked.expecting_zone(options)?;
        let slot = app.import_slot()?;
        Ok((asked.importer()?, options, slot))
    });
    let (by, options, _slot) = match ready {
        Ok(ready) => ready,
        Err(problem) => return Err(asked.refusal(problem)),
    };
    let (writer, database) = upload();
    let pumping = asked.pump(writer, app.limits.import, app.limits.upload_stall);
    let (done, asked) = tokio::join!(app.control.import_powerdns(by, options, database), pumping);
    done.map(Json).map_err(|problem| asked.refusal(problem))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AdoptBody {
    #[serde(default)]
    apexes: Vec<String>,
    #[serde(default)]
    all: bool,
}

async fn zone_adopt<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    app.make_of(request, |AdoptBody { apexes, all }| ChangeRequest::ZoneAdopt { apexes, all }).await
}

async fn export<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    Segment(apex): Segment,
    request: Request,
) -> Result<Response, Refusal> {
    let Nothing {} = Asked::from(request).query()?;
    let text = Body::new(app.control.export(who, apex).await?);
    // RFC 4027.
    Ok(([(header::CONTENT_TYPE, "text/dns")], text).into_response())
}
