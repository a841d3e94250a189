//! One server that follows another. The copy that it begins with is a backup like any other.

use super::{App, ChangeQuery, Nothing, Table};
use crate::control::{Changes, Control};
use crate::reply::{Refusal, Reply};
use crate::request::{Asked, Who};
use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use ptrd_api::{ChangeDone, PromoteWrite, StandbyFilter, StandbyHello, StandbyView, StandbyWelcome};

/// Adds them.
pub(super) fn add<C: Control>(routes: Table<C>) -> Table<C> {
    add_for_standbys(routes).get("/v1/standby", standby::<C>).post("/v1/standby/promote", promote::<C>)
}

/// Adds those that a standby asks.
pub(super) fn add_for_standbys<C: Control>(routes: Table<C>) -> Table<C> {
    routes.post("/v1/standby/hello", hello::<C>).get("/v1/standby/changes", changes::<C>)
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
