//! Takes old changes out of the log, a portion at a time: each is a transaction of its own, so that commits come in
//! between and the disk needs room for a portion only.

use super::fault::Fault;
use super::query::oldest;
use crate::Pruned;
use rusqlite::{Connection, TransactionBehavior, params};

/// See [`crate::Store::prune`].
pub(super) fn prune(connection: &mut Connection, before: u64, portion: usize) -> Result<Pruned, Fault> {
    let before = i64::try_from(before).unwrap_or(i64::MAX);
    let first = oldest(connection)? as i64;
    if first == 0 || first >= before || portion == 0 {
        return Ok(Pruned::default());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // The last change of all stays whatever is asked for: numbers go on from it, and a log has a beginning.
    let portion = i64::try_from(portion).unwrap_or(i64::MAX);
    let end: i64 = transaction.query_row(
        "SELECT min(?2, (SELECT max(id) FROM change),
                    ifnull((SELECT id FROM change WHERE id >= ?1 ORDER BY id LIMIT 1 OFFSET ?3), ?2))",
        params![first, before, portion],
        |row| row.get(0),
    )?;
    let gone = |sql: &str| transaction.prepare_cached(sql)?.execute(params![first, end]);
    gone("DELETE FROM change_edit WHERE change_id >= ?1 AND change_id < ?2")?;
    gone("DELETE FROM zone_serial WHERE change_id >= ?1 AND change_id < ?2")?;
    gone("DELETE FROM change_zone WHERE change_id >= ?1 AND change_id < ?2")?;
    gone("DELETE FROM change_tenant WHERE part BETWEEN ?1 >> 12 AND ?2 >> 12 AND change_id < ?2")?;
    gone("DELETE FROM change_span WHERE part < ?2 >> 12 AND ?1 IS NOT NULL")?;
    let changes = gone("DELETE FROM change WHERE id >= ?1 AND id < ?2")? as u64;
    let more: bool = transaction.query_row(
        "SELECT EXISTS (SELECT 1 FROM change WHERE id < ?1 AND id < (SELECT max(id) FROM change))",
        [before],
        |row| row.get(0),
    )?;
    transaction.commit()?;
    Ok(Pruned { changes, more: more && changes > 0 })
}
