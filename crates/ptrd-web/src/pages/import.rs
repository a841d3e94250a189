//! PTRs from CSV: a file or pasted lines, what would come of them, and the change.

use super::fill::other_by_now;
use super::preview::Preview;
use crate::app::{App, Shown, Visit};
use crate::form::{Form, UPLOAD};
use crate::session::Note;
use crate::view::{Shell, Trouble, good, page, status};
use askama::Template;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::response::Response;
use ptrd_admin::Control;
use ptrd_api::{Problem, code};

#[derive(Template)]
#[template(path = "import.html")]
struct ImportPage {
    shell: Shell,
    csv: String,
    reason: String,
    trouble: Trouble,
    preview: Option<Preview>,
}

fn import_page<C: Control>(visit: &Visit<C>, csv: &str, form: &Form) -> ImportPage {
    ImportPage {
        csv: csv.to_owned(),
        reason: form.get("reason").to_owned(),
        trouble: Trouble::default(),
        preview: None,
        shell: visit.shell("Import", "import"),
    }
}

/// `/import`.
pub(crate) async fn form<C: Control>(State(app): State<App<C>>, request: Request) -> Shown {
    let (parts, _) = request.into_parts();
    let visit = app.visit(&parts).await?;
    Ok(good(&import_page(&visit, "", &visit.query)))
}

/// The limit of axum is not that of these forms.
pub(crate) fn limit() -> DefaultBodyLimit {
    DefaultBodyLimit::max(UPLOAD)
}

/// The lines of the file if there was one, else those that were pasted.
fn csv_of(form: &Form) -> &str {
    if form.get("file").is_empty() { form.raw("csv") } else { form.raw("file") }
}

/// Shows what would come of it, or does it.
pub(crate) async fn import<C: Control>(State(app): State<App<C>>, request: Request) -> Shown {
    let (visit, form, _seat) = app.uploaded(request).await?;
    let csv = csv_of(&form);
    Ok(match tried(&visit, &form, csv).await {
        Ok(response) => response,
        Err(problem) => {
            let mut again = import_page(&visit, csv, &form);
            again.trouble = Trouble::of(&problem, &["csv", "reason"]);
            page(status(&problem), &again)
        }
    })
}

async fn tried<C: Control>(visit: &Visit<C>, form: &Form, csv: &str) -> Result<Response, Problem> {
    if csv.trim().is_empty() {
        return Err(Problem::new(code::INVALID, "there are no lines to import")
            .hint("choose a file, or paste lines such as 192.0.2.1,host.example.com"));
    }
    let would = visit.seat.import(csv, form.some("reason"), true).await?;
    let preview = Preview::of(&would);
    if preview.is(form.get("seen")) {
        let done = visit.seat.import(csv, form.some("reason"), false).await?;
        return Ok(visit.go("/blocks", Note::of(&done)));
    }
    let mut page = import_page(visit, csv, form);
    page.trouble = other_by_now(form);
    page.preview = Some(preview);
    Ok(good(&page))
}
