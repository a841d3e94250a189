//! How it stands with addresses whose names must resolve back.

use super::cells::Cells;
use super::fault::Fault;
use crate::CheckRow;
use crate::pack::AddressOctets;
use ptrd_wire::AddrRange;
use rusqlite::{Connection, Params, TransactionBehavior, params};
use std::net::IpAddr;

/// See [`crate::Store::checks`].
pub(super) fn within(
    connection: &mut Connection,
    range: &AddrRange,
    limit: usize,
) -> Result<Vec<CheckRow>, Fault> {
    let (first, last) = (AddressOctets::of(range.first()), AddressOctets::of(range.last()));
    let sql = "SELECT address, told, standing FROM ptr_check
               WHERE address BETWEEN ?1 AND ?2 AND length(address) = length(?1) ORDER BY address LIMIT ?3";
    read(connection, sql, params![first.as_slice(), last.as_slice(), count(limit)])
}

/// See [`crate::Store::untold_checks`].
pub(super) fn untold(connection: &mut Connection, limit: usize) -> Result<Vec<CheckRow>, Fault> {
    let sql = "SELECT address, told, standing FROM ptr_check WHERE told = 0 ORDER BY address LIMIT ?1";
    read(connection, sql, params![count(limit)])
}

fn count(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn read(connection: &mut Connection, sql: &str, params: impl Params) -> Result<Vec<CheckRow>, Fault> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let cells = Cells::new(row, "ptr_check");
        let standing = cells.text(2)?.to_owned();
        found.push(CheckRow { address: address(&cells)?, told: cells.flag(1)?, standing });
    }
    Ok(found)
}

fn address(cells: &Cells<'_>) -> Result<IpAddr, Fault> {
    let octets = cells.blob(0)?;
    let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).map_err(|_| cells.damaged(0))
}

/// See [`crate::Store::put_checks`].
pub(super) fn put(connection: &mut Connection, rows: &[CheckRow]) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut put = transaction.prepare_cached(
            "INSERT INTO ptr_check (address, told, standing) VALUES (?1, ?2, ?3)
             ON CONFLICT DO UPDATE SET told = excluded.told, standing = excluded.standing",
        )?;
        let mut forget = transaction.prepare_cached("DELETE FROM ptr_check WHERE address = ?1")?;
        for CheckRow { address, told, standing } in rows {
            let address = AddressOctets::of(*address);
            match standing.is_empty() {
                true => forget.execute(params![address.as_slice()])?,
                false => put.execute(params![address.as_slice(), told, standing])?,
            };
        }
    }
    transaction.commit()?;
    Ok(())
}
