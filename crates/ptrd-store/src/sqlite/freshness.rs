//! How fresh zones are that are pulled from others.

use super::cells::Cells;
use super::fault::Fault;
use ptrd_zone::model::ZoneId;
use rusqlite::{Connection, TransactionBehavior, params};

/// See [`crate::Store::freshness`].
pub(super) fn all(connection: &mut Connection) -> Result<Vec<(ZoneId, i64)>, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT zone_id, checked_at FROM zone_freshness ORDER BY zone_id")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push((ZoneId(Cells::new(row, "zone_freshness").u32(0)?), row.get(1)?));
    }
    Ok(found)
}

/// See [`crate::Store::put_freshness`].
pub(super) fn put(connection: &mut Connection, checked: &[(ZoneId, i64)]) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut statement = transaction.prepare_cached(
            "INSERT INTO zone_freshness (zone_id, checked_at) SELECT id, ?2 FROM zone WHERE id = ?1
             ON CONFLICT DO UPDATE SET checked_at = excluded.checked_at",
        )?;
        for (zone, at) in checked {
            statement.execute(params![zone.0, at])?;
        }
    }
    transaction.commit()?;
    Ok(())
}
