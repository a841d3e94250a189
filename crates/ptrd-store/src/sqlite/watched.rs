//! How it stands with what is watched.

use super::cells::Cells;
use super::fault::Fault;
use crate::pack::AddressOctets;
use crate::{Watched, WatchedRow};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

/// A zone among the kinds; addresses have the version of IP.
const ZONE: i64 = 53;

/// Kind and octets.
fn key(watched: &Watched) -> (i64, Vec<u8>) {
    match watched {
        Watched::Address(address) => {
            let kind = if address.is_ipv4() { 4 } else { 6 };
            (kind, AddressOctets::of(*address).as_slice().to_vec())
        }
        Watched::Zone(apex) => (ZONE, apex.to_lowercase().as_wire().to_vec()),
    }
}

fn of_key(cells: &Cells<'_>) -> Result<Watched, Fault> {
    match cells.i64(0)? {
        ZONE => cells.name(1).map(Watched::Zone),
        _ => cells.address(1).map(Watched::Address),
    }
}

/// See [`crate::Store::watched`].
pub(super) fn after(
    connection: &mut Connection,
    after: Option<&Watched>,
    limit: usize,
) -> Result<Vec<WatchedRow>, Fault> {
    let (kind, subject) = after.map_or((0, Vec::new()), key);
    let mut statement = connection.prepare_cached(
        "SELECT kind, subject, course FROM watched WHERE (kind, subject) > (?1, ?2) ORDER BY kind, subject LIMIT ?3",
    )?;
    let mut rows = statement.query(params![kind, subject, i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let cells = Cells::new(row, "watched");
        found.push(WatchedRow {
            watched: of_key(&cells)?,
            course: cells.text(2)?.to_owned(),
            evidence: None,
        });
    }
    Ok(found)
}

/// See [`crate::Store::evidence`].
pub(super) fn evidence(connection: &mut Connection, watched: &Watched) -> Result<Option<String>, Fault> {
    let (kind, subject) = key(watched);
    let sql = "SELECT evidence FROM watched WHERE kind = ?1 AND subject = ?2 AND evidence <> ''";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![kind, subject], |row| row.get(0)).optional()?)
}

/// See [`crate::Store::put_watched`].
pub(super) fn put(connection: &mut Connection, rows: &[WatchedRow]) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut put = transaction.prepare_cached(
            "INSERT INTO watched (kind, subject, course, evidence) VALUES (?1, ?2, ?3, coalesce(?4, ''))
             ON CONFLICT DO UPDATE SET course = excluded.course, evidence = coalesce(?4, evidence)",
        )?;
        let mut forget =
            transaction.prepare_cached("DELETE FROM watched WHERE kind = ?1 AND subject = ?2")?;
        for WatchedRow { watched, course, evidence } in rows {
            let (kind, subject) = key(watched);
            match course.is_empty() {
                true => forget.execute(params![kind, subject])?,
                false => put.execute(params![kind, subject, course, evidence])?,
            };
        }
    }
    transaction.commit()?;
    Ok(())
}
