//! The log, what is in it and how two points of it differ; and copies of the whole.

use super::{App, Nothing, Segment, Table};
use crate::control::{Backup, Control};
use crate::pipe::TextStream;
use crate::reply::{Refusal, Reply};
use crate::request::{Asked, Who, bad, page_size};
use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use ptrd_api::{ChangeDetail, ChangeView, DEFAULT_LOG_PAGE, DiffFilter, LogFilter, Page, Problem};

/// Adds them.
pub(super) fn add<C: Control>(routes: Table<C>) -> Table<C> {
    routes
        .get("/v1/log", log::<C>)
        .get("/v1/log/{change}", logged::<C>)
        .get("/v1/log/{change}/edits", edits::<C>)
        .get("/v1/diff", diff::<C>)
}

/// Adds that of copies.
pub(super) fn add_backup<C: Control>(routes: Table<C>) -> Table<C> {
    routes.get("/v1/backup", backup::<C>)
}

async fn log<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<ChangeView>> {
    let mut filter: LogFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_LOG_PAGE)?;
    Ok(Json(app.control.log(who, filter).await?))
}

fn number(text: &str) -> Result<u64, Problem> {
    text.parse().map_err(|_| bad("the path: a change is named by its number"))
}

async fn logged<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    Segment(change): Segment,
    request: Request,
) -> Reply<ChangeDetail> {
    let Nothing {} = Asked::from(request).query()?;
    Ok(Json(app.control.logged(who, number(&change)?).await?))
}

/// One JSON document a line.
fn lines(stream: TextStream) -> Response {
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::new(stream)).into_response()
}

async fn edits<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    Segment(change): Segment,
    request: Request,
) -> Result<Response, Refusal> {
    let Nothing {} = Asked::from(request).query()?;
    Ok(lines(app.control.edits(who, number(&change)?).await?))
}

async fn diff<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Result<Response, Refusal> {
    let filter: DiffFilter = Asked::from(request).query()?;
    Ok(lines(app.control.diff(who, filter).await?))
}

async fn backup<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Result<Response, Refusal> {
    let Nothing {} = Asked::from(request).query()?;
    let Backup { octets, change, stream } = app.control.backup(who).await?;
    let mut response = Body::new(stream).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/vnd.sqlite3"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(octets));
    headers.insert(ptrd_api::CHANGE_HEADER, HeaderValue::from(change));
    Ok(response)
}
