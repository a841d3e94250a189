//! Naming every address of a range from a pattern: the form, what would come of it, and the change.

use super::preview::Preview;
use crate::app::{App, Shown, Visit};
use crate::form::Form;
use crate::session::Note;
use crate::view::{Shell, Trouble, good, link, page, status};
use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use ptrd_admin::Control;
use ptrd_api::{ChangeRequest, Problem, PtrFill};
use ptrd_wire::AddrRange;
use ptrd_wire::frame::Frame;

#[derive(Template)]
#[template(path = "fill.html")]
struct FillPage {
    shell: Shell,
    range: String,
    pattern: String,
    start: String,
    ttl: String,
    reason: String,
    keep: bool,
    trouble: Trouble,
    preview: Option<Preview>,
    /// The way back.
    map: String,
}

fn map_of(range: &str) -> String {
    let frame = range.parse::<AddrRange>().map(|range| Frame::around(&range).range().to_string());
    frame.map_or_else(|_| "/blocks".to_owned(), |range| link("/map", &[("range", &range)]))
}

fn fill_page<C: Control>(visit: &Visit<C>, form: &Form) -> FillPage {
    FillPage {
        range: form.get("range").to_owned(),
        pattern: form.get("pattern").to_owned(),
        start: form.get("start").to_owned(),
        ttl: form.get("ttl").to_owned(),
        reason: form.get("reason").to_owned(),
        keep: form.ticked("keep"),
        trouble: Trouble::default(),
        preview: None,
        map: map_of(form.get("range")),
        shell: visit.shell("Name a range", "blocks"),
    }
}

/// `/fill`.
pub(crate) async fn form<C: Control>(State(app): State<App<C>>, request: Request) -> Shown {
    let (parts, _) = request.into_parts();
    let visit = app.visit(&parts).await?;
    let mut page = fill_page(&visit, &visit.query);
    // Who only wants to fill gaps does no harm.
    page.keep = true;
    Ok(good(&page))
}

fn request_of(form: &Form) -> Result<ChangeRequest, Problem> {
    Ok(ChangeRequest::PtrFill(PtrFill {
        range: form.get("range").to_owned(),
        pattern: form.get("pattern").to_owned(),
        start: form.number("start", "count")?.unwrap_or_default(),
        ttl: form.number("ttl", "TTL")?,
        keep: form.ticked("keep"),
        lax: false,
    }))
}

/// Shows what would come of it, or does it.
pub(crate) async fn fill<C: Control>(State(app): State<App<C>>, request: Request) -> Shown {
    let (visit, form) = app.posted(request).await?;
    Ok(match tried(&visit, &form).await {
        Ok(response) => response,
        Err(problem) => {
            let mut again = fill_page(&visit, &form);
            again.trouble = Trouble::of(&problem, &["pattern", "range", "start", "ttl", "reason"]);
            page(status(&problem), &again)
        }
    })
}

async fn tried<C: Control>(visit: &Visit<C>, form: &Form) -> Result<Response, Problem> {
    let request = request_of(form)?;
    let would = visit.seat.change(request.clone(), form.some("reason"), true).await?;
    let preview = Preview::of(&would);
    if preview.is(form.get("seen")) {
        let done = visit.seat.change(request, form.some("reason"), false).await?;
        return Ok(visit.go(&map_of(form.get("range")), Note::of(&done)));
    }
    let mut page = fill_page(visit, form);
    page.trouble = other_by_now(form);
    page.preview = Some(preview);
    Ok(good(&page))
}

/// What is said where something came in between.
pub(super) fn other_by_now(form: &Form) -> Trouble {
    if form.get("seen").is_empty() {
        return Trouble::default();
    }
    Trouble {
        message: "something changed since you looked, so nothing was done yet".into(),
        hint: "this is what it would do now".into(),
        ..Trouble::default()
    }
}
