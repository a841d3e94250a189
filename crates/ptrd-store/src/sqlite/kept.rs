//! Answers that are kept for clients who ask again.

use super::cells::Cells;
use super::fault::Fault;
use crate::KeptAnswer;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

/// Keeps one with its change.
pub(super) fn put(transaction: &Transaction<'_>, at: i64, kept: &KeptAnswer) -> Result<(), Fault> {
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO kept_answer (asked, body, at, answer) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![&kept.asked[..], &kept.body[..], at, kept.answer])?;
    Ok(())
}

/// See [`crate::Store::kept_answer`].
pub(super) fn get(
    connection: &mut Connection,
    asked: &[u8; 32],
    since: i64,
) -> Result<Option<KeptAnswer>, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT body, answer FROM kept_answer WHERE asked = ?1 AND at >= ?2")?;
    let mut rows = statement.query(params![&asked[..], since])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let cells = Cells::new(row, "kept_answer");
    let body = cells.blob(0)?.try_into().map_err(|_| cells.damaged(0))?;
    Ok(Some(KeptAnswer { asked: *asked, body, answer: cells.text(1)?.to_owned() }))
}

/// See [`crate::Store::forget_answers`].
pub(super) fn forget(connection: &mut Connection, before: i64, most: usize) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute("DELETE FROM kept_answer WHERE at < ?1", [before])?;
    transaction.execute(
        "DELETE FROM kept_answer WHERE at <= (SELECT at FROM kept_answer ORDER BY at DESC LIMIT 1 OFFSET ?1)",
        [i64::try_from(most).unwrap_or(i64::MAX)],
    )?;
    transaction.commit()?;
    Ok(())
}
