//! The server: what it is, how it is, and what can be found on it.

use super::answer::{Answer, Here, invalid, ok, unprocessable};
use super::shape::{Hit, SERVER, VERSION};
use crate::control::Control;
use crate::request::{Asked, Who};
use crate::routes::App;
use axum::extract::{Request, State};
use ptrd_api::{Problem, SearchFilter, code};
use serde::{Deserialize, Serialize};

/// How many hits there are of each kind unless the client says otherwise.
const HITS: u64 = 100;
/// The most that it may say.
const MOST_HITS: u64 = 10_000;

#[derive(Serialize)]
struct Version {
    url: &'static str,
    version: u8,
}

pub(super) async fn versions() -> Answer {
    ok([Version { url: "/api/v1", version: 1 }])
}

#[derive(Serialize)]
struct Features {
    server_url: &'static str,
    api_features: [&'static str; 0],
}

pub(super) async fn features() -> Answer {
    ok([Features { server_url: "/api/v1/servers{/server}", api_features: [] }])
}

pub(super) async fn servers() -> Answer {
    ok([SERVER])
}

pub(super) async fn server(_: Here) -> Answer {
    ok(SERVER)
}

pub(super) async fn autoprimaries(_: Here) -> Answer {
    ok([(); 0])
}

/// A name with a value.
#[derive(Serialize)]
struct Item {
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    value: String,
}

/// What clients look for there: what this server can do of what PowerDNS can.
pub(super) async fn config(_: Here) -> Answer {
    let settings = [
        ("api", "yes"),
        ("enable-lua-records", "no"),
        ("launch", "ptrd"),
        ("primary", "yes"),
        ("secondary", "yes"),
        ("version-string", VERSION),
    ];
    let item = |(name, value): (&str, &str)| Item {
        name: name.to_owned(),
        kind: "ConfigSetting",
        value: value.to_owned(),
    };
    ok(settings.map(item))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StatisticsQuery {
    statistic: Option<String>,
}

pub(super) async fn statistics<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    _: Here,
    request: Request,
) -> Answer {
    let StatisticsQuery { statistic } = Asked::from(request).query()?;
    let status = app.control.status(who).await?;
    let figures = [
        ("uptime", status.uptime),
        ("ptrd-answers", status.answers),
        ("ptrd-changes-waiting", status.queue.0),
        ("ptrd-ptrs", status.ptrs),
        ("ptrd-zones", status.zones),
    ];
    let items: Vec<Item> = figures
        .into_iter()
        .filter(|(name, _)| statistic.as_ref().is_none_or(|wanted| wanted == name))
        .map(|(name, value)| Item { name: name.to_owned(), kind: "StatisticItem", value: value.to_string() })
        .collect();
    match items.is_empty() {
        true => Err(invalid("Unknown statistic name").hint("/metrics has all figures").into()),
        false => ok(items),
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SearchQuery {
    q: Option<String>,
    max: Option<u64>,
    object_type: Option<String>,
}

/// Zones and records by what they say.
pub(super) async fn search<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    _: Here,
    request: Request,
) -> Answer {
    let SearchQuery { q, max, object_type } = Asked::from(request).query().map_err(unprocessable)?;
    let pattern = q.filter(|q| !q.is_empty()).ok_or_else(|| invalid("Query q can't be blank"))?;
    let (zones, records) = match object_type.as_deref() {
        None | Some("" | "all") => (true, true),
        Some("zone") => (true, false),
        Some("record") => (false, true),
        // There are none.
        Some("comment") => (false, false),
        Some(_) => return Err(invalid("object_type: all, zone, record or comment").into()),
    };
    let limit = max.unwrap_or(HITS);
    if limit == 0 || limit > MOST_HITS {
        return Err(invalid(format!("max: 1 to {MOST_HITS}")).into());
    }
    let _slot = app.import_slot()?;
    let hits = app.control.search(who, SearchFilter { pattern, zones, records, limit }).await;
    ok(hits.map_err(unprocessable)?.into_iter().map(Hit::from).collect::<Vec<_>>())
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FlushQuery {
    domain: Option<String>,
}

#[derive(Serialize)]
struct Flushed {
    count: u32,
    result: &'static str,
}

/// Nothing is answered from a cache, so what is in it is nothing.
pub(super) async fn flush<C: Control>(
    State(app): State<App<C>>,
    Who(who): Who,
    _: Here,
    request: Request,
) -> Answer {
    let FlushQuery { domain } = Asked::from(request).query()?;
    let domain = domain.unwrap_or_default();
    if !domain.ends_with('.') {
        return Err(invalid(format!("DNS Name '{domain}' is not canonical")).into());
    }
    let zone = app.control.zone(who, domain).await;
    if let Err(problem) = zone
        && problem.code != code::NOT_FOUND
    {
        return Err(Problem::new(code::INVALID, problem.message).into());
    }
    ok(Flushed { count: 0, result: "Flushed cache." })
}
