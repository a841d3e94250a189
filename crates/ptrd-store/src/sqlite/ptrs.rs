//! PTR rows of a change, written in the order of addresses: an import in any order fills page after page, and does
//! not come back to each page for every row in it. The log keeps the order of the request.

use super::commit::Writer;
use super::fault::Fault;
use super::table::Table;
use ptrd_zone::{PtrEdits, PtrSet};
use rusqlite::{CachedStatement, params};
use std::net::IpAddr;

/// How many edits are sorted at a time: bounds the memory of a change of any size (about 128 MiB).
const WINDOW: usize = 1 << 22;

struct Row<'a, const N: usize> {
    address: [u8; N],
    /// Place in the change, and in the lowest bit whether there was a set before.
    order: u32,
    after: Option<PtrSet<'a>>,
}

struct PtrSql {
    table: Table,
    insert: &'static str,
    update: &'static str,
    delete: &'static str,
}

const V4: PtrSql = PtrSql {
    table: Table::Ptr4,
    insert: "INSERT INTO ptr4 (address, ttl, names) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    update: "UPDATE ptr4 SET ttl = ?2, names = ?3 WHERE address = ?1",
    delete: "DELETE FROM ptr4 WHERE address = ?1",
};

const V6: PtrSql = PtrSql {
    table: Table::Ptr6,
    insert: "INSERT INTO ptr6 (address, ttl, names) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
    update: "UPDATE ptr6 SET ttl = ?2, names = ?3 WHERE address = ?1",
    delete: "DELETE FROM ptr6 WHERE address = ?1",
};

pub(super) fn write(writer: &mut Writer<'_>, edits: &PtrEdits) -> Result<(), Fault> {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for edit in edits.iter() {
        let there = u32::from(edit.before.is_some());
        match edit.address {
            IpAddr::V4(address) => {
                let order = (v4.len() as u32) << 1 | there;
                v4.push(Row { address: address.octets(), order, after: edit.after });
            }
            IpAddr::V6(address) => {
                let order = (v6.len() as u32) << 1 | there;
                v6.push(Row { address: address.octets(), order, after: edit.after });
            }
        }
        if v4.len() + v6.len() == WINDOW {
            write_rows(writer, &V4, &mut v4)?;
            write_rows(writer, &V6, &mut v6)?;
        }
    }
    write_rows(writer, &V4, &mut v4)?;
    write_rows(writer, &V6, &mut v6)
}

/// Sorts and writes the rows, and takes them away.
fn write_rows<const N: usize>(
    writer: &mut Writer<'_>,
    sql: &PtrSql,
    rows: &mut Vec<Row<'_, N>>,
) -> Result<(), Fault> {
    if rows.is_empty() {
        return Ok(());
    }
    rows.sort_unstable_by_key(|row| (row.address, row.order));
    let transaction = writer.transaction;
    let mut insert = transaction.prepare_cached(sql.insert)?;
    let mut update = transaction.prepare_cached(sql.update)?;
    let mut delete = transaction.prepare_cached(sql.delete)?;
    let (mut added, mut removed) = (0, 0);
    for row in rows.drain(..) {
        let Some(set) = row.after else {
            removed += delete.execute([row.address.as_slice()])? as u64;
            continue;
        };
        let there = row.order & 1 == 1;
        if there && put(&mut update, &row.address, set)? {
            continue;
        }
        if put(&mut insert, &row.address, set)? {
            added += 1;
        } else {
            put(&mut update, &row.address, set)?;
        }
    }
    writer.marks.count(sql.table, added, removed);
    Ok(())
}

fn put(statement: &mut CachedStatement<'_>, address: &[u8], set: PtrSet<'_>) -> Result<bool, Fault> {
    Ok(statement.execute(params![address, set.ttl.map(|ttl| ttl.as_secs()), set.names])? == 1)
}
