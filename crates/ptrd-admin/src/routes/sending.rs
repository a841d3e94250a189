//! The sending inventory, and the request for PTRs that follows from it.

use super::{App, Nothing, Table, import_csv, tagged};
use crate::control::Control;
use crate::reply::{Refusal, Reply};
use crate::request::{Asked, Segment, Who, page_size};
use axum::Json;
use axum::extract::{Request, State};
use axum::response::Response;
use ptrd_api::{
    ChangeDone, ChangeRequest, DEFAULT_PAGE, Page, RequestText, RequestTextFilter, SendingBody, SendingClear,
    SendingFilter, SendingView,
};

/// Adds the routes.
pub(super) fn add<C: Control>(routes: Table<C>) -> Table<C> {
    routes
        .get("/v1/sending", sending::<C>)
        .post("/v1/sending/import", import::<C>)
        .get("/v1/sending/{address}", one::<C>)
        .put("/v1/sending/{address}", set::<C>)
        .delete("/v1/sending/{address}", clear::<C>)
        .get("/v1/request-text", request_text::<C>)
}

async fn sending<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<Page<SendingView>> {
    let mut filter: SendingFilter = Asked::from(request).query()?;
    page_size(&mut filter.limit, DEFAULT_PAGE)?;
    Ok(Json(app.control.sending(who, filter).await?))
}

async fn one<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    Segment(address): Segment,
    request: Request,
) -> Result<Response, Refusal> {
    let Nothing {} = Asked::from(request).query()?;
    let view = app.control.sending_at(who, address).await?;
    Ok(tagged(&view.version.clone(), view))
}

async fn set<C: Control>(
    State(app): State<App<C>>,
    Segment(address): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.make_of(request, |body: SendingBody| ChangeRequest::SendingSet(body.at(address))).await
}

/// The segment may be a range, percent-encoded.
async fn clear<C: Control>(
    State(app): State<App<C>>,
    Segment(range): Segment,
    request: Request,
) -> Reply<ChangeDone> {
    app.make_bare(request, ChangeRequest::SendingClear(SendingClear { range, expect: None })).await
}

async fn import<C: Control>(State(app): State<App<C>>, request: Request) -> Reply<ChangeDone> {
    import_csv(&app, request, |by, options, csv| app.control.import_sending(by, options, csv)).await
}

async fn request_text<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    request: Request,
) -> Reply<RequestText> {
    let filter: RequestTextFilter = Asked::from(request).query()?;
    Ok(Json(app.control.request_text(who, filter).await?))
}
