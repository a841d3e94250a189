//! Reading the log: which changes, one change, and what is still in it.

use crate::plan::Settings;
use crate::problem::{bad, not_found, quote, store};
use crate::ptr::read_address;
use crate::publish::View;
use crate::request::{read_name, read_range};
use crate::sight::common;
use ptrd_api::{
    ChangeDetail, ChangeView, DEFAULT_LOG_PAGE, LogFilter, MAX_PAGE, Page, Problem, ZoneStep, code,
};
use ptrd_store::{LogEntry, LogQuery, Logged, Store};

/// The setting with the number of the first change that is to be kept; what lies before it may not be there any more.
pub(crate) const LOG_START: &str = "log-start";
/// The setting that says for how many seconds changes stay in the log.
pub(crate) const LOG_KEEP: &str = "log-retention";

/// The setting that says how many octets are kept of what zones lost and gained, or [`NO_LIMIT`].
pub(crate) const HISTORY_LIMIT: &str = "history-limit";
/// Says that there is no limit.
pub(crate) const NO_LIMIT: &str = "none";
/// Octets kept unless somebody says otherwise.
const USUAL_LIMIT: u64 = 1 << 30;

/// How many octets may be kept of what zones lost and gained; `None` sets no limit.
pub(crate) fn history_limit(settings: &Settings) -> Option<u64> {
    match settings.get(HISTORY_LIMIT).map(String::as_str) {
        Some(NO_LIMIT) => None,
        Some(_) => number(settings, HISTORY_LIMIT),
        None => Some(USUAL_LIMIT),
    }
}

/// A setting that is a number.
pub(crate) fn number(settings: &Settings, name: &str) -> Option<u64> {
    settings.get(name)?.parse().ok()
}

/// A time in RFC 3339, as milliseconds since 1970 UTC.
pub(crate) fn read_time(what: &str, text: &str) -> Result<i64, Problem> {
    let read: Result<jiff::Timestamp, _> = text.trim().parse();
    read.map(|time| time.as_millisecond()).map_err(|_| {
        bad(format!("{what}: {} is no time", quote(text)))
            .hint("write it as RFC 3339 has it: 2026-11-25T17:30:00Z")
    })
}

pub(crate) fn time(at: i64) -> String {
    jiff::Timestamp::from_millisecond(at).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}

/// How many changes a page may have.
pub(crate) fn page_size(filter: &LogFilter) -> usize {
    filter.limit.unwrap_or(DEFAULT_LOG_PAGE).clamp(1, MAX_PAGE) as usize
}

/// What to ask the store for: one thing, or one for each range that a token is for.
pub(crate) fn queries(view: &View, filter: &LogFilter) -> Result<Vec<LogQuery>, Problem> {
    let apex = filter.zone.as_deref().map(|text| read_name("the zone", text)).transpose()?;
    if let Some(apex) = filter.zone.as_deref().filter(|_| view.reader().is_some()) {
        view.zone_meta(apex)?;
    }
    let named = filter.tenant.as_deref().map(|name| view.tenant_id(name)).transpose()?;
    let query = LogQuery {
        before: filter.before,
        after: None,
        actor: filter.actor.clone(),
        kind: filter.kind.clone(),
        address: filter.address.as_deref().map(read_address).transpose()?,
        range: filter.range.as_deref().map(read_range).transpose()?,
        // A zone that is gone has no history of serials, but its coming and going is in the log.
        zone: apex.as_ref().and_then(|apex| view.declared.zone(apex)).map(|zone| zone.id),
        apex,
        tenant: view.reader().or(named),
        since: filter.since.as_deref().map(|text| read_time("since", text)).transpose()?,
        until: filter.until.as_deref().map(|text| read_time("until", text)).transpose()?,
        limit: page_size(filter),
    };
    let Some(reader) = view.reader() else { return Ok(vec![query]) };
    // Who made a change is shown of its own alone, and another tenant's changes are none of its business.
    let is_other = query.actor.as_ref().is_some_and(|actor| !is_actor_of(view, actor));
    if is_other || named.is_some_and(|named| named != reader) {
        return Ok(Vec::new());
    }
    let Some(token) = view.rights.token.as_ref().filter(|token| !token.prefixes.is_empty()) else {
        return Ok(vec![query]);
    };
    let parts = token.prefixes.iter().filter_map(|prefix| match &query.range {
        None => Some(*prefix),
        Some(range) => common(prefix, range),
    });
    Ok(parts.map(|range| LogQuery { range: Some(range), ..query.clone() }).collect())
}

/// The changes that any of the queries asks for, newest first.
pub(crate) fn read(
    queries: &[LogQuery],
    limit: usize,
    reader: &mut dyn Store,
) -> Result<Vec<LogEntry>, Problem> {
    let mut entries = Vec::new();
    for query in queries {
        entries.extend(reader.log(query).map_err(|error| store(&error))?);
    }
    if queries.len() > 1 {
        entries.sort_by_key(|entry: &LogEntry| std::cmp::Reverse(entry.change));
        entries.dedup_by_key(|entry| entry.change);
        entries.truncate(limit);
    }
    Ok(entries)
}

pub(crate) fn page(view: &View, entries: Vec<LogEntry>, limit: usize) -> Page<ChangeView> {
    let next = entries.last().filter(|_| entries.len() >= limit).map(|entry| entry.change.to_string());
    Page { items: entries.into_iter().map(|entry| shown(view, entry)).collect(), next }
}

/// What a tenant is told of who made a change that it did not make itself.
const OTHERS: &str = "somebody else";

/// Whether the log means by this a token of the reader.
fn is_actor_of(view: &View, actor: &str) -> bool {
    let name = view.reader().and_then(|id| view.declared.tenant(id)).map(|tenant| tenant.name.as_str());
    let of = actor.strip_prefix("token ").and_then(|rest| rest.split_once(" of ")).map(|(_, of)| of);
    name.is_some() && of == name
}

/// Whether the reader made the change.
pub(crate) fn is_own(view: &View, entry: &LogEntry) -> bool {
    view.reader().is_none() || is_actor_of(view, &entry.actor)
}

/// A change as the reader may see it.
fn shown(view: &View, entry: LogEntry) -> ChangeView {
    if is_own(view, &entry) {
        return change_view(entry);
    }
    let summary = format!("{} by {OTHERS}", entry.kind);
    change_view(LogEntry { actor: OTHERS.to_owned(), origin: String::new(), reason: None, summary, ..entry })
}

pub(crate) fn change_view(entry: LogEntry) -> ChangeView {
    let LogEntry { change, at, actor, origin, reason, kind, summary } = entry;
    ChangeView { change, at: time(at), actor, origin, reason, kind, summary }
}

/// A change that the reader may see.
///
/// # Errors
/// There is none, or none any more.
pub(crate) fn seen(change: u64, view: &View, reader: &mut dyn Store) -> Result<LogEntry, Problem> {
    if view.reader().is_none() {
        return Ok(logged(change, view, reader)?.entry);
    }
    let filter = LogFilter { limit: Some(1), ..LogFilter::default() };
    let mut queries = queries(view, &filter)?;
    for query in &mut queries {
        (query.before, query.after) = (change.checked_add(1), change.checked_sub(1));
    }
    let found = read(&queries, 1, reader)?.pop();
    found.ok_or_else(|| not_found(format!("no change {change} is known here")).hint("see `ptrctl log`"))
}

/// The first change that the log is sure to have whole.
pub(crate) fn first_kept(view: &View, reader: &mut dyn Store) -> Result<u64, Problem> {
    let oldest = reader.oldest().map_err(|error| store(&error))?;
    Ok(number(&view.settings, LOG_START).unwrap_or(0).max(oldest).max(1))
}

/// A change that the log still has, or why it has it not.
pub(crate) fn logged(change: u64, view: &View, reader: &mut dyn Store) -> Result<Logged, Problem> {
    if change == 0 || change > view.version {
        return Err(not_found(format!("there is no change {change}: the newest is {}", view.version))
            .hint("see `ptrctl log`"));
    }
    let first = first_kept(view, reader)?;
    if change < first {
        return Err(pruned(change, first));
    }
    let found = reader.logged(change).map_err(|error| store(&error))?;
    found.ok_or_else(|| {
        not_found(format!("there is no change {change}: numbers were left out when the store was restored"))
            .hint("see `ptrctl log`")
    })
}

pub(crate) fn pruned(change: u64, first: u64) -> Problem {
    Problem::new(
        code::NOT_FOUND,
        format!("change {change} was pruned from the log, which begins with change {first} now"),
    )
    .hint("a backup from before the pruning still has it")
}

/// One change, without its edits.
pub(crate) fn detail(change: u64, view: &View, reader: &mut dyn Store) -> Result<ChangeDetail, Problem> {
    let own = is_own(view, &seen(change, view, reader)?);
    let Logged { entry, request, serials } = logged(change, view, reader)?;
    let zones = serials
        .into_iter()
        .filter_map(|(id, serial)| {
            let meta = view.declared.zone_by_id(id).filter(|meta| view.sees_zone(meta))?;
            Some(ZoneStep { apex: meta.apex.to_string(), serial: Some(serial.0) })
        })
        .collect();
    // A request is kept as JSON; whatever is not shows as text.
    let request = if own { serde_json::from_str(&request).ok() } else { Some(serde_json::Value::Null) }
        .unwrap_or(serde_json::Value::String(request));
    Ok(ChangeDetail { change: shown(view, entry), request, zones })
}
