//! What is watched.

use super::Engine;
use crate::{LogQuery, StoreError, Watched, WatchedRow};

fn address(text: &str) -> Watched {
    Watched::Address(text.parse().expect("an address"))
}

fn zone(text: &str) -> Watched {
    Watched::Zone(text.parse().expect("a name"))
}

fn row(watched: &Watched, course: &str, evidence: Option<&str>) -> WatchedRow {
    WatchedRow { watched: watched.clone(), course: course.to_owned(), evidence: evidence.map(str::to_owned) }
}

/// Rows come back in one order, and leave nothing in the log.
pub(super) fn kept(engine: &mut dyn Engine) {
    let mut store = engine.fresh();
    let all = LogQuery { limit: 9, ..LogQuery::default() };
    let last = store.log(&all).expect("a log");
    let order = ["192.0.2.9", "192.0.2.10", "::ffff:192.0.2.1", "2001:db8::1"]
        .map(address)
        .into_iter()
        .chain([zone("2.0.192.in-addr.arpa")]);
    let order: Vec<Watched> = order.collect();
    let rows: Vec<WatchedRow> = order.iter().rev().map(|watched| row(watched, "{}", None)).collect();
    store.put_watched(&rows).expect("written");
    assert!(matches!(store.reader().expect("a reader").put_watched(&[]), Err(StoreError::ReadOnly { .. })));
    let mut store = engine.reopen(store);
    let mut seen = Vec::new();
    while let Some(next) = store.watched(seen.last(), 1).expect("rows").pop() {
        assert_eq!((&*next.course, next.evidence), ("{}", None));
        seen.push(next.watched);
    }
    assert_eq!(seen, order);
    let one = &order[0];
    store.put_watched(&[row(one, "1", Some("seen"))]).expect("written");
    store.put_watched(&[row(one, "2", None), row(&order[4], "", None)]).expect("written");
    assert_eq!(store.evidence(one).expect("read").as_deref(), Some("seen"), "it stays");
    assert_eq!(store.evidence(&order[1]).expect("read"), None);
    let courses: Vec<String> =
        store.watched(None, 9).expect("rows").into_iter().map(|row| row.course).collect();
    assert_eq!(courses, ["2", "{}", "{}", "{}"]);
    store.put_watched(&[row(one, "", None)]).expect("written");
    store.put_watched(&[row(one, "3", None)]).expect("written");
    assert_eq!(store.evidence(one).expect("read"), None, "it went with the rest");
    let upper = zone("2.0.192.IN-ADDR.arpa");
    store.put_watched(&[row(&order[4], "4", None), row(&upper, "5", None)]).expect("written");
    assert_eq!(store.watched(Some(&order[3]), 9).expect("rows").len(), 1, "names have no case");
    assert_eq!(store.log(&all).expect("a log"), last, "no change");
}
