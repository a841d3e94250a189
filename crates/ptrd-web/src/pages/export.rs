//! PTRs as CSV, in the form that the import takes. A page of them is held at a time.

use crate::app::{App, Shown, Visit};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use ptrd_admin::{Control, TextWriter};
use ptrd_api::{Page, Problem, PtrFilter, PtrView};
use ptrd_escape::csv_field;

/// PTRs that are read at once.
const PAGE: u64 = 2_000;

fn lines(page: &Page<PtrView>) -> String {
    let mut text = String::new();
    for ptr in &page.items {
        for name in &ptr.names {
            let ttl = if ptr.inherited { String::new() } else { format!(",{}", ptr.ttl) };
            text.push_str(&format!("{},{}{ttl}\r\n", csv_field(&ptr.address), csv_field(name)));
        }
    }
    text
}

/// `/export`.
pub(crate) async fn csv<C: Control>(State(app): State<App<C>>, request: Request) -> Shown {
    let (parts, _) = request.into_parts();
    let visit = app.visit(&parts).await?;
    let filter = PtrFilter { within: visit.query.some("within"), limit: Some(PAGE), ..PtrFilter::default() };
    let first = visit.seat.ptrs(filter.clone()).await;
    Ok(match first {
        Err(problem) => visit.problem(&problem),
        Ok(first) => sent(visit, filter, first),
    })
}

fn sent<C: Control>(visit: Visit<C>, filter: PtrFilter, first: Page<PtrView>) -> Response {
    let (writer, stream) = ptrd_admin::text();
    let within = filter.within.clone().unwrap_or_else(|| "all".to_owned());
    let name: String =
        within.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
    tokio::spawn(async move {
        // Whatever fails, the stream breaks off, and the browser sees that.
        let _ = write(&visit, writer, filter, first).await;
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"ptr-{name}.csv\"")),
    ];
    (headers, Body::new(stream)).into_response()
}

async fn write<C: Control>(
    visit: &Visit<C>,
    mut writer: TextWriter,
    mut filter: PtrFilter,
    mut page: Page<PtrView>,
) -> Result<(), Option<Problem>> {
    let gone = |_| None;
    writer.write("address,name,ttl\r\n").await.map_err(gone)?;
    loop {
        writer.write(lines(&page)).await.map_err(gone)?;
        if page.next.is_none() {
            writer.finish().await;
            return Ok(());
        }
        filter.after = page.next;
        page = visit.seat.ptrs(filter.clone()).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_can_be_imported_again_and_are_no_formulas() {
        let ptr = |names: &[&str], inherited| PtrView {
            address: "192.0.2.1".into(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            ttl: 60,
            inherited,
            version: "v1".into(),
            fcrdns: None,
            owner: None,
            template: None,
        };
        let items = vec![ptr(&["a.example.", "b.example."], true), ptr(&["=cmd.example."], false)];
        assert_eq!(
            lines(&Page { items, next: None }),
            "192.0.2.1,a.example.\r\n192.0.2.1,b.example.\r\n192.0.2.1,'=cmd.example.,60\r\n"
        );
    }
}
