//! When and from where tokens were used last.

use super::cells::Cells;
use super::fault::Fault;
use crate::TokenUse;
use crate::pack::AddressOctets;
use crate::token_use::TOKEN;
use rusqlite::{Connection, TransactionBehavior, params};

/// See [`crate::Store::token_uses`].
pub(super) fn all(connection: &mut Connection) -> Result<Vec<TokenUse>, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT token_id, used_at, used_from FROM token_use ORDER BY token_id")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let cells = Cells::new(row, "token_use");
        found.push(TokenUse { token: cells.text(0)?.to_owned(), at: cells.i64(1)?, from: cells.address(2)? });
    }
    Ok(found)
}

/// See [`crate::Store::put_token_uses`].
pub(super) fn put(connection: &mut Connection, uses: &[TokenUse]) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut statement = transaction.prepare_cached(
            "INSERT INTO token_use (token_id, used_at, used_from)
             SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM setting WHERE name = ?4 || ?1)
             ON CONFLICT DO UPDATE SET used_at = excluded.used_at, used_from = excluded.used_from",
        )?;
        for TokenUse { token, at, from } in uses {
            statement.execute(params![token, at, AddressOctets::of(*from).as_slice(), TOKEN])?;
        }
        transaction
            .prepare_cached(
                "DELETE FROM token_use WHERE NOT EXISTS (SELECT 1 FROM setting WHERE name = ?1 || token_id)",
            )?
            .execute([TOKEN])?;
    }
    transaction.commit()?;
    Ok(())
}
