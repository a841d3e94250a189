//! Takes old changes out of the log, a portion at a time: each is a transaction of its own, so that commits come in
//! between and the disk needs room for a portion only.
//!
//! How long a row takes to go depends on how many pages it has and where, and one change may have a million rows: so a
//! portion ends when the caller says so, even within a change. Of such a change the newest pieces go first and its own row
//! last; whoever reads the log knows from the setting `log-start` that it is none any more.

use super::fault::Fault;
use super::query::oldest;
use super::trim;
use crate::Pruned;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

/// Pieces of edits, of up to 60 KiB each, that go at once.
const PIECES: i64 = 4;
/// Other rows that go at once.
const ROWS: i64 = 128;

/// See [`crate::Store::prune`].
pub(super) fn prune(
    connection: &mut Connection,
    before: u64,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Pruned, Fault> {
    let before = i64::try_from(before).unwrap_or(i64::MAX);
    if oldest(connection)? as i64 >= before {
        return Ok(Pruned::default());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut pruned = Pruned::default();
    let (newest, mut part): (Option<i64>, i64) = transaction.query_row(
        "SELECT max(id), ifnull((SELECT min(part) FROM change_span), 0) FROM change",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    // The last change of all stays whatever is asked for: numbers go on from it, and a log has a beginning.
    let end = newest.map_or(0, |newest| before.min(newest));
    loop {
        let mut oldest = transaction.prepare_cached("SELECT id FROM change ORDER BY id LIMIT 1")?;
        let first: Option<i64> = oldest.query_row([], |row| row.get(0)).optional()?;
        drop(oldest);
        let Some(first) = first else { break };
        // What is kept for each 4096 changes goes when all of them have gone.
        let worked = if part < first >> 12 {
            part = drop_parts(&transaction, part, first >> 12)?;
            true
        } else if first < end {
            pruned.changes += u64::from(drop_some(&transaction, first)?);
            true
        } else {
            false
        };
        pruned.more = worked;
        if !worked || !go_on() {
            break;
        }
    }
    transaction.commit()?;
    Ok(pruned)
}

/// A bit of a change; whether that was the last of it.
fn drop_some(transaction: &Transaction<'_>, change: i64) -> Result<bool, Fault> {
    let mut newest = transaction.prepare_cached("SELECT max(seq) FROM change_edit WHERE change_id = ?1")?;
    let newest: Option<i64> = newest.query_row([change], |row| row.get(0))?;
    if let Some(newest) = newest {
        let mut pieces =
            transaction.prepare_cached("DELETE FROM change_edit WHERE change_id = ?1 AND seq > ?2")?;
        pieces.execute(params![change, newest - PIECES])?;
        if newest >= PIECES {
            return Ok(false);
        }
    }
    let mut steps = transaction.prepare_cached(
        "DELETE FROM zone_serial WHERE change_id = ?1 AND zone_id IN
            (SELECT zone_id FROM zone_serial WHERE change_id = ?1 LIMIT ?2) RETURNING ifnull(length(delta), 0)",
    )?;
    let gone = steps.query_map(params![change, ROWS], |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
    trim::add(transaction, -gone.iter().sum::<i64>())?;
    if gone.len() as i64 == ROWS {
        return Ok(false);
    }
    let mut zones = transaction.prepare_cached(
        "DELETE FROM change_zone WHERE change_id = ?1 AND apex IN
            (SELECT apex FROM change_zone WHERE change_id = ?1 LIMIT ?2)",
    )?;
    if zones.execute(params![change, ROWS])? as i64 == ROWS {
        return Ok(false);
    }
    transaction.prepare_cached("DELETE FROM change WHERE id = ?1")?.execute([change])?;
    Ok(true)
}

/// A bit of what is kept for parts of the log that have no changes any more; the first part that still has something.
fn drop_parts(transaction: &Transaction<'_>, part: i64, end: i64) -> Result<i64, Fault> {
    let mut tenants = transaction.prepare_cached(
        "DELETE FROM change_tenant WHERE part = ?1 AND (tenant_id, change_id) IN
            (SELECT tenant_id, change_id FROM change_tenant WHERE part = ?1 LIMIT ?2)",
    )?;
    if tenants.execute(params![part, ROWS])? as i64 == ROWS {
        return Ok(part);
    }
    transaction.prepare_cached("DELETE FROM change_span WHERE part = ?1")?.execute([part])?;
    let mut next = transaction.prepare_cached("SELECT ifnull(min(part), ?1) FROM change_span")?;
    Ok(next.query_row([end], |row| row.get::<_, i64>(0))?.min(end))
}
