//! The zones with their serials, and, for operators, how far their secondaries have come.

use crate::app::{App, Shown, Visit};
use crate::view::{Shell, good, link};
use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use ptrd_admin::Control;
use ptrd_api::{NotifyStatusFilter, NotifyStatusView, Problem, ZoneFilter, ZoneView};
use std::collections::BTreeMap;

/// Zones of a page.
const PAGE: u64 = 50;
/// What is known of secondaries is read for so many at most.
const STATUSES: u64 = 10_000;

/// A secondary, and how it stands with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Secondary {
    pub name: String,
    /// What became of telling it.
    pub state: &'static str,
    pub class: &'static str,
    pub detail: String,
    /// The serial that it has, in words.
    pub serial: String,
    pub serial_class: &'static str,
    /// When it was asked for that, and what is to be said besides.
    pub asked: String,
}

struct ZoneLine {
    apex: String,
    tenant: String,
    kind: String,
    serial: u32,
    signed: String,
    follow: String,
    trouble: String,
    secondaries: Vec<Secondary>,
    map: String,
    history: String,
}

#[derive(Template)]
#[template(path = "zones.html")]
struct ZonesPage {
    shell: Shell,
    zones: Vec<ZoneLine>,
    tenant: String,
    kind: String,
    next: String,
    is_filtered: bool,
}

/// A secondary as it is shown.
pub(crate) fn secondary(view: &NotifyStatusView) -> Secondary {
    let (state, class) = match view.state.as_str() {
        "answered" => ("has heard", "good"),
        "waiting" => ("waiting", "wait"),
        "refused" => ("refused", "bad"),
        "failed" => ("failed", "bad"),
        "skipped" => ("not told", "none"),
        "quiet" => ("nothing to tell", "none"),
        _ => ("unknown", "none"),
    };
    let name = match (&view.nameserver, &view.address) {
        (Some(name), Some(address)) => format!("{name} ({address})"),
        (Some(name), None) => name.clone(),
        (None, address) => address.clone().unwrap_or_default(),
    };
    let (serial, serial_class) = serial(view);
    let asked = match (view.asked, &view.unknown) {
        (None, _) => String::new(),
        (Some(at), None) => format!("asked {} UTC", clock(at)),
        (Some(at), Some(why)) => format!("asked {} UTC: {why}", clock(at)),
    };
    let detail = view.detail.clone().unwrap_or_default();
    Secondary { name, state, class, detail, serial, serial_class, asked }
}

/// The serial that a secondary has, beside that of the zone.
fn serial(view: &NotifyStatusView) -> (String, &'static str) {
    match (view.has, view.differs_since.is_some()) {
        _ if view.state == "skipped" => (String::new(), ""),
        (Some(has), _) if has == view.serial => (format!("✓ {has}"), "good"),
        (Some(has), true) => (format!("! {has}"), "bad"),
        // It was asked before the last change, or has been told a moment ago.
        (Some(has), false) => (format!("… {has}"), "wait"),
        (None, true) => ("! unknown".to_owned(), "bad"),
        (None, false) if view.asked.is_some() => ("? unknown".to_owned(), "none"),
        (None, false) => ("not asked yet".to_owned(), "none"),
    }
}

/// The time of day of milliseconds since 1970, for what is at most a day old.
fn clock(millis: i64) -> String {
    let seconds = millis.div_euclid(1_000).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

impl ZoneLine {
    fn of(zone: ZoneView, secondaries: Vec<Secondary>) -> ZoneLine {
        let follow = zone.follow.as_ref();
        ZoneLine {
            map: zone.range.as_deref().map(|range| link("/map", &[("range", range)])).unwrap_or_default(),
            history: link("/history", &[("zone", &zone.apex)]),
            follow: follow.map(|follow| follow.state.clone()).unwrap_or_default(),
            trouble: follow.and_then(|follow| follow.error.clone()).unwrap_or_default(),
            signed: zone.signed.unwrap_or_default(),
            apex: zone.apex,
            tenant: zone.tenant,
            kind: zone.kind,
            serial: zone.serial,
            secondaries,
        }
    }
}

/// `/zones`.
pub(crate) async fn page<C: Control>(State(app): State<App<C>>, request: Request) -> Shown {
    let (parts, _) = request.into_parts();
    let visit = app.visit(&parts).await?;
    Ok(visit.finish(made(&visit).await))
}

async fn made<C: Control>(visit: &Visit<C>) -> Result<Response, Problem> {
    let query = &visit.query;
    let filter = ZoneFilter {
        tenant: query.some("tenant"),
        kind: query.some("kind"),
        after: query.some("after"),
        limit: Some(PAGE),
        ..ZoneFilter::default()
    };
    let (tenant, kind) = (query.get("tenant"), query.get("kind"));
    let is_filtered = !tenant.is_empty() || !kind.is_empty() || filter.after.is_some();
    let found = visit.seat.zones(filter).await?;
    let mut secondaries = secondaries(visit, &found.items).await?;
    let next =
        found.next.map(|after| link("/zones", &[("tenant", tenant), ("kind", kind), ("after", &after)]));
    let line = |zone: ZoneView| {
        let told = secondaries.remove(&zone.apex).unwrap_or_default();
        ZoneLine::of(zone, told)
    };
    Ok(good(&ZonesPage {
        zones: found.items.into_iter().map(line).collect(),
        shell: visit.shell("Zones", "zones"),
        tenant: tenant.to_owned(),
        kind: kind.to_owned(),
        next: next.unwrap_or_default(),
        is_filtered,
    }))
}

/// Who is told of these zones, by zone.
async fn secondaries<C: Control>(
    visit: &Visit<C>,
    zones: &[ZoneView],
) -> Result<BTreeMap<String, Vec<Secondary>>, Problem> {
    let mut by_zone: BTreeMap<String, Vec<Secondary>> = BTreeMap::new();
    if !visit.seat.is_operator() {
        return Ok(by_zone);
    }
    for zone in zones {
        let filter = NotifyStatusFilter {
            zone: Some(zone.apex.clone()),
            limit: Some(STATUSES),
            ..NotifyStatusFilter::default()
        };
        let told = visit.seat.notify_status(filter).await?.items;
        by_zone.insert(zone.apex.clone(), told.iter().map(secondary).collect());
    }
    Ok(by_zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secondary_is_shown_with_the_serial_that_it_has() {
        let view = |has, asked, differs_since, unknown: Option<&str>| NotifyStatusView {
            zone: "2.0.192.in-addr.arpa.".into(),
            serial: 7,
            nameserver: Some("ns2.example.net.".into()),
            address: Some("192.0.2.2:53".into()),
            key: None,
            state: "answered".into(),
            detail: None,
            tries: 1,
            at: None,
            next: None,
            has,
            asked,
            unknown: unknown.map(str::to_owned),
            differs_since,
        };
        for (view, serial, class) in [
            (view(None, None, None, None), "not asked yet", "none"),
            (view(Some(7), Some(1), None, None), "✓ 7", "good"),
            (view(Some(6), Some(1), None, None), "… 6", "wait"),
            (view(Some(5), Some(1), Some(1), None), "! 5", "bad"),
            (view(None, Some(1), None, Some("no answer")), "? unknown", "none"),
            (view(None, Some(1), Some(1), Some("no answer")), "! unknown", "bad"),
        ] {
            let shown = secondary(&view);
            assert_eq!((shown.serial.as_str(), shown.serial_class), (serial, class));
        }
        let shown = secondary(&view(None, Some(1_767_225_661_000), None, Some("no answer to 3 questions")));
        assert_eq!(shown.asked, "asked 00:01:01 UTC: no answer to 3 questions");
    }
}
