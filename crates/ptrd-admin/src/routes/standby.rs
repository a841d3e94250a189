//! One server that follows another. The copy that it begins with is a backup like any other.

use super::{App, ChangeQuery, Nothing};
use crate::control::{Changes, Control};
use crate::reply::{Refusal, Reply};
use crate::request::{Asked, Who};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use ptrd_api::{ChangeDone, PromoteWrite, StandbyFilter, StandbyHello, StandbyView, StandbyWelcome};

/// Their routes.
pub(super) fn routes<C: Control>() -> Router<App<C>> {
    for_standbys().route("/v1/standby", get(standby::<C>)).route("/v1/standby/promote", post(promote::<C>))
}

/// Those that a standby asks.
pub(super) fn for_standbys<C: Control>() -> Router<App<C>> {
    Router::new().route("/v1/standby/hello", post(hello::<C>)).route("/v1/standby/changes", get(changes::<C>))
}

async fn standby<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<StandbyView> {
    let Nothing {} = Asked::from(request).query()?;
    Ok(Json(app.control.standby(who).await?))
}

async fn hello<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<StandbyWelcome> {
    let mut asked = Asked::from(request);
    let hello: StandbyHello = match app.body(&mut asked).await {
        Ok(hello) => hello,
        Err(problem) => return Err(asked.refusal(problem)),
    };
    Ok(Json(app.control.standby_hello(hello).await?))
}

async fn promote<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    let mut asked = Asked::from(request);
    let write: PromoteWrite = match app.body(&mut asked).await {
        Ok(write) => write,
        Err(problem) => return Err(asked.refusal(problem)),
    };
    let ChangeQuery { dry_run } = asked.query()?;
    Ok(Json(app.control.promote(asked.caller()?, write, dry_run).await?))
}

async fn changes<C: Control>(State(app): State<App<C>>, request: Request) -> Result<Response, Refusal> {
    let filter: StandbyFilter = Asked::from(request).query()?;
    let Changes { newest, stream } = app.control.standby_changes(filter).await?;
    let mut response = Body::new(stream).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(ptrd_api::CHANGE_HEADER, HeaderValue::from(newest));
    Ok(response)
}
