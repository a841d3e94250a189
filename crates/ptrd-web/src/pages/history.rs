//! What was changed, by whom, and the way back.

use super::preview::{Line, Preview, line_of};
use crate::app::{App, Shown, Visit};
use crate::session::Note;
use crate::view::{Shell, Trouble, good, link, page as answer, status};
use askama::Template;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use ptrd_admin::Control;
use ptrd_api::{ChangeRequest, ChangeView, LogFilter, Problem, code};

/// Changes of a page.
const PAGE: u64 = 50;
/// Edits of a change that its page shows.
const EDITS: usize = 200;

/// A change as a line.
pub(crate) struct ChangeLine {
    pub number: u64,
    pub link: String,
    /// RFC 3339, and the same for people.
    pub at: String,
    pub time: String,
    pub actor: String,
    pub origin: String,
    pub kind: String,
    pub summary: String,
    pub reason: String,
}

/// `2026-01-02T03:04:05Z` without what machines need.
pub(crate) fn time(at: &str) -> String {
    at.get(..19).map(|text| text.replace('T', " ")).unwrap_or_else(|| at.to_owned())
}

fn line(change: &ChangeView) -> ChangeLine {
    ChangeLine {
        number: change.change,
        link: format!("/history/{}", change.change),
        at: change.at.clone(),
        time: time(&change.at),
        actor: change.actor.clone(),
        origin: change.origin.clone(),
        kind: change.kind.clone(),
        summary: change.summary.clone(),
        reason: change.reason.clone().unwrap_or_default(),
    }
}

/// Changes as they are listed.
pub(crate) fn lines(changes: &[ChangeView]) -> Vec<ChangeLine> {
    changes.iter().map(line).collect()
}

#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage {
    shell: Shell,
    changes: Vec<ChangeLine>,
    next: String,
    address: String,
    range: String,
    zone: String,
    actor: String,
    tenant: String,
    is_filtered: bool,
}

/// `/history`.
pub(crate) async fn page<C: Control>(State(app): State<App<C>>, request: Request) -> Shown {
    let (parts, _) = request.into_parts();
    let visit = app.visit(&parts).await?;
    Ok(visit.finish(listed(&visit).await))
}

async fn listed<C: Control>(visit: &Visit<C>) -> Result<Response, Problem> {
    let query = &visit.query;
    let filter = LogFilter {
        before: query.number("before", "before")?,
        actor: query.some("actor"),
        address: query.some("address"),
        range: query.some("range"),
        zone: query.some("zone"),
        tenant: query.some("tenant"),
        limit: Some(PAGE),
        ..LogFilter::default()
    };
    let fields = ["address", "range", "zone", "actor", "tenant"].map(|name| (name, query.get(name)));
    let found = visit.seat.log(filter).await?;
    let next = found.next.map(|before| {
        let with_before: Vec<_> = fields.iter().copied().chain([("before", before.as_str())]).collect();
        link("/history", &with_before)
    });
    let [address, range, zone, actor, tenant] = fields.map(|(_, value)| value.to_owned());
    Ok(good(&HistoryPage {
        shell: visit.shell("History", "history"),
        changes: lines(&found.items),
        next: next.unwrap_or_default(),
        is_filtered: fields.iter().any(|(_, value)| !value.is_empty()),
        address,
        range,
        zone,
        actor,
        tenant,
    }))
}

#[derive(Template)]
#[template(path = "change.html")]
struct ChangePage {
    shell: Shell,
    change: ChangeLine,
    zones: Vec<(String, String)>,
    edits: Vec<Line>,
    has_more: bool,
    /// What undoing it would do, or why it cannot be undone.
    undo: Option<Preview>,
    trouble: Trouble,
    /// Whether this page was left for undoing and came back.
    is_refused: bool,
}

/// `/history/{change}`.
pub(crate) async fn change<C: Control>(
    State(app): State<App<C>>,
    Path(number): Path<String>,
    request: Request,
) -> Shown {
    let (parts, _) = request.into_parts();
    let visit = app.visit(&parts).await?;
    let shown = match read_number(&number) {
        Ok(number) => one(&visit, number, None).await,
        Err(problem) => Err(problem),
    };
    Ok(visit.finish(shown))
}

fn read_number(text: &str) -> Result<u64, Problem> {
    text.parse()
        .map_err(|_| Problem::new(code::NOT_FOUND, "a change is called by its number").hint("see “History”"))
}

async fn one<C: Control>(
    visit: &Visit<C>,
    number: u64,
    refused: Option<&Problem>,
) -> Result<Response, Problem> {
    let detail = visit.seat.logged(number).await?;
    let (edits, has_more) = visit.seat.edits(number, EDITS).await?;
    let mut page = ChangePage {
        change: line(&detail.change),
        zones: detail
            .zones
            .iter()
            .map(|zone| (zone.apex.clone(), zone.serial.map(|serial| serial.to_string()).unwrap_or_default()))
            .collect(),
        edits: edits.iter().map(line_of).collect(),
        has_more,
        undo: None,
        trouble: Trouble::default(),
        is_refused: refused.is_some(),
        shell: visit.shell(format!("Change {number}"), "history"),
    };
    if visit.seat.reader().write {
        match visit.seat.change(ChangeRequest::rollback(number), None, true).await {
            Ok(would) => page.undo = Some(Preview::of(&would)),
            Err(problem) => page.trouble = Trouble::of(&problem, &[]),
        }
    }
    if let Some(problem) = refused {
        page.trouble = Trouble::of(problem, &[]);
    }
    let status = refused.map_or(StatusCode::OK, status);
    Ok(answer(status, &page))
}

/// Undoes a change.
pub(crate) async fn undo<C: Control>(
    State(app): State<App<C>>,
    Path(number): Path<String>,
    request: Request,
) -> Shown {
    let (visit, form) = app.posted(request).await?;
    let number = match read_number(&number) {
        Ok(number) => number,
        Err(problem) => return Ok(visit.problem(&problem)),
    };
    let request = ChangeRequest::rollback(number);
    Ok(match visit.seat.change(request, form.some("reason"), false).await {
        Ok(done) => {
            let to = done.change.map_or_else(|| "/history".to_owned(), |change| format!("/history/{change}"));
            visit.go(&to, Note::of(&done))
        }
        Err(problem) => visit.finish(one(&visit, number, Some(&problem)).await),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_for_people() {
        assert_eq!(time("2026-01-02T03:04:05.678Z"), "2026-01-02 03:04:05");
        assert_eq!(time("now"), "now");
    }
}
