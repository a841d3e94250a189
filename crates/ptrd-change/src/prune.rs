//! Old changes that leave the log: which, and the setting that says so. The rows go later, a portion at a time, when the
//! writer has nothing better to do; what counts from the commit on is the setting.

use crate::history::{HISTORY_LIMIT, LOG_KEEP, LOG_START, NO_LIMIT, first_kept, number, read_time, time};
use crate::plan::{Plan, Settings};
use crate::problem::{bad, count, invalid, store};
use crate::publish::View;
use ptrd_api::{LogPrune, Problem};
use ptrd_store::{Edit, LogQuery, Store};

/// The least time that a retention may keep, seconds: an hour to see that something was wrong.
const MIN_KEEP: u64 = 3_600;

/// Which changes go: those before a number.
#[derive(Debug)]
pub(crate) struct Prune {
    /// The first that stays.
    first: u64,
    /// The oldest that was there.
    oldest: u64,
    /// When the first that stays was made.
    at: Option<String>,
}

impl Prune {
    /// Finds out what was asked for.
    pub fn read(prune: &LogPrune, view: &View, reader: &mut dyn Store, now: i64) -> Result<Prune, Problem> {
        let first = match prune {
            LogPrune { before_change: Some(change), before: None, keep: None } => {
                if *change > view.version {
                    return Err(invalid(format!(
                        "there is no change {change} yet: the newest is {}, which always stays",
                        view.version
                    )));
                }
                *change
            }
            LogPrune { before_change: None, before: Some(text), keep: None } => {
                since(reader, read_time("before", text)?)?
            }
            LogPrune { before_change: None, before: None, keep: Some(seconds) } => {
                since(reader, now.saturating_sub_unsigned(seconds.saturating_mul(1_000)))?
            }
            _ => {
                return Err(bad("log-prune takes one of `before_change`, `before` and `keep`")
                    .hint("for example `ptrctl log prune --keep 90d`"));
            }
        };
        // The newest change always stays: numbers go on from it.
        let first = first.min(view.version);
        let entry = reader.logged(first).map_err(|error| store(&error))?;
        let at = entry.map(|logged| time(logged.entry.at));
        Ok(Prune { first, oldest: first_kept(view, reader)?, at })
    }
}

fn since(reader: &mut dyn Store, at: i64) -> Result<u64, Problem> {
    reader.first_since(at).map_err(|error| store(&error))
}

/// Plans the pruning.
pub(crate) fn plan(plan: &mut Plan<'_>, prune: &Prune) -> Result<String, Problem> {
    let before = number(&plan.next.settings, LOG_START);
    if prune.first <= before.unwrap_or(0).max(prune.oldest) {
        return Ok("nothing in the log is that old".to_owned());
    }
    plan.edit(Edit::Setting {
        name: LOG_START.to_owned(),
        before: before.map(|first| first.to_string()),
        after: Some(prune.first.to_string()),
    });
    let gone = prune.first - before.unwrap_or(0).max(prune.oldest);
    plan.warn("pruned changes cannot be shown or rolled back, and secondaries that are that far behind get whole zones");
    let at = prune.at.as_ref().map(|at| format!(" of {at}")).unwrap_or_default();
    Ok(format!("{} leave the log, which begins with change {}{at} now", count(gone, "change"), prune.first))
}

/// Plans for how long changes stay from now on.
pub(crate) fn plan_retention(plan: &mut Plan<'_>, keep: Option<u64>) -> Result<String, Problem> {
    if let Some(seconds) = keep.filter(|seconds| *seconds < MIN_KEEP) {
        return Err(invalid(format!("{seconds} seconds are too short to keep a log: at least {MIN_KEEP}"))
            .hint("to prune it once, say `ptrctl log prune --before TIME`"));
    }
    let before = plan.next.settings.get(LOG_KEEP).cloned();
    let after = keep.map(|seconds| seconds.to_string());
    if before == after {
        return Ok("the log is kept so already".to_owned());
    }
    plan.edit(Edit::Setting { name: LOG_KEEP.to_owned(), before, after });
    Ok(match keep {
        Some(seconds) if seconds % 86_400 == 0 => {
            format!("changes stay in the log for {}", count(seconds / 86_400, "day"))
        }
        Some(seconds) => format!("changes stay in the log for {}", count(seconds, "second")),
        None => "changes stay in the log for ever".to_owned(),
    })
}

/// The least limit of the history, octets: a step of a zone of some size.
const MIN_HISTORY: u64 = 1 << 16;

/// Plans how much is kept of what zones lost and gained from now on.
pub(crate) fn plan_history_limit(plan: &mut Plan<'_>, octets: Option<u64>) -> Result<String, Problem> {
    if let Some(octets) = octets.filter(|octets| *octets < MIN_HISTORY || i64::try_from(*octets).is_err()) {
        return Err(invalid(format!(
            "{octets} octets are no useful limit for the history of zones: between {MIN_HISTORY} and {}",
            i64::MAX
        ))
        .hint("a change of one PTR takes some 200 octets; `ptrctl log limit none` sets no limit"));
    }
    let before = plan.next.settings.get(HISTORY_LIMIT).cloned();
    let after = Some(octets.map_or_else(|| NO_LIMIT.to_owned(), |octets| octets.to_string()));
    if before == after {
        return Ok("that is the limit already".to_owned());
    }
    plan.edit(Edit::Setting { name: HISTORY_LIMIT.to_owned(), before, after });
    Ok(match octets {
        Some(octets) => format!("up to {} are kept for incremental transfers", count(octets, "octet")),
        None => "for incremental transfers all is kept that the log reaches back to".to_owned(),
    })
}

/// What a retention takes out now, if there is one and anything is that old.
pub(crate) fn due(
    settings: &Settings,
    newest: u64,
    reader: &mut dyn Store,
    now: i64,
) -> Result<Option<Prune>, ptrd_store::StoreError> {
    let Some(keep) = number(settings, LOG_KEEP) else { return Ok(None) };
    let at = now.saturating_sub_unsigned(keep.saturating_mul(1_000));
    let first = reader.first_since(at)?.min(newest);
    let oldest = reader.oldest()?.max(number(settings, LOG_START).unwrap_or(0)).max(1);
    // One is not worth a change: pruning is one itself, and would be what the next one finds.
    if first < oldest + 2 {
        return Ok(None);
    }
    let query = LogQuery { before: Some(first + 1), limit: 1, ..LogQuery::default() };
    let entry = reader.log(&query)?.into_iter().next();
    Ok(Some(Prune { first, oldest, at: entry.map(|entry| time(entry.at)) }))
}
