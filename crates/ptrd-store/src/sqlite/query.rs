//! Reads the log and the outbox.

use super::cells::Cells;
use super::fault::Fault;
use crate::codec::{Decoder, ptrs_of_piece};
use crate::pack::AddressOctets;
use crate::{Edit, LogEntry, LogQuery};
use ptrd_wire::Serial;
use ptrd_zone::model::ZoneId;
use rusqlite::{Connection, OptionalExtension, params};
use std::net::IpAddr;

/// The numbers that no change reaches.
const NO_BOUND: u64 = i64::MAX as u64;

/// The changes that a query asks for, newest first.
pub(super) fn log(connection: &mut Connection, query: &LogQuery) -> Result<Vec<LogEntry>, Fault> {
    let transaction = connection.transaction()?;
    let before = query.before.unwrap_or(NO_BOUND).min(NO_BOUND) as i64;
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    let mut entries = Vec::new();
    if limit == 0 {
        return Ok(entries);
    }
    if let Some(address) = query.address {
        each_change_at(&transaction, address, before, |change| {
            let filtered = Filter { change: Some(change), ..Filter::of(query, before, 1) };
            entries.extend(filtered.read(&transaction)?);
            Ok(entries.len() < query.limit)
        })?;
    } else {
        entries = Filter::of(query, before, limit).read(&transaction)?;
    }
    Ok(entries)
}

/// What a SELECT from the log can sift by itself.
struct Filter<'a> {
    before: i64,
    change: Option<i64>,
    actor: Option<&'a str>,
    zone: Option<u32>,
    limit: i64,
}

impl<'a> Filter<'a> {
    fn of(query: &'a LogQuery, before: i64, limit: i64) -> Filter<'a> {
        let zone = query.zone.map(|zone| zone.0);
        Filter { before, change: None, actor: query.actor.as_deref(), zone, limit }
    }

    fn read(&self, connection: &Connection) -> Result<Vec<LogEntry>, Fault> {
        // A condition that is not asked for is left out, so that SQLite chooses the index of those that are.
        let mut sql = match self.zone {
            Some(_) => {
                "SELECT id, at, actor, origin, reason, kind, summary FROM zone_serial CROSS JOIN change
                 ON id = change_id WHERE zone_id = ?4 AND change_id < ?1"
            }
            None => {
                "SELECT id, at, actor, origin, reason, kind, summary FROM change WHERE id < ?1 AND ?4 IS NULL"
            }
        }
        .to_owned();
        sql.push_str(if self.change.is_some() { " AND id = ?2" } else { " AND ?2 IS NULL" });
        sql.push_str(if self.actor.is_some() { " AND actor = ?3" } else { " AND ?3 IS NULL" });
        sql.push_str(if self.zone.is_some() { " ORDER BY change_id DESC" } else { " ORDER BY id DESC" });
        sql.push_str(" LIMIT ?5");
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows =
            statement.query(params![self.before, self.change, self.actor, self.zone, self.limit])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            let cells = Cells::new(row, "change");
            entries.push(LogEntry {
                change: cells.u64(0)?,
                at: cells.i64(1)?,
                actor: cells.text(2)?.to_owned(),
                origin: cells.text(3)?.to_owned(),
                reason: if cells.is_null(4) { None } else { Some(cells.text(4)?.to_owned()) },
                kind: cells.text(5)?.to_owned(),
                summary: cells.text(6)?.to_owned(),
            });
        }
        Ok(entries)
    }
}

/// Calls `each` with the changes before `before` whose PTR edits touch the address, newest first, while it says so.
/// The indexes of addresses are cut by the number of the change (see the migration).
fn each_change_at(
    connection: &Connection,
    address: IpAddr,
    before: i64,
    mut each: impl FnMut(i64) -> Result<bool, Fault>,
) -> Result<(), Fault> {
    let key = AddressOctets::of(address);
    let newest: Option<i64> =
        connection.prepare_cached("SELECT max(id) FROM change")?.query_row([], |row| row.get(0))?;
    let Some(newest) = newest.map(|newest| newest.min(before.saturating_sub(1))) else { return Ok(()) };
    let oldest: i64 =
        connection.prepare_cached("SELECT min(id) FROM change")?.query_row([], |row| row.get(0))?;
    let mut candidates = connection.prepare_cached(
        "SELECT change_id, NULL AS seq FROM change_edit
         WHERE change_id >> 12 = ?3 AND first = ?1 AND last IS NULL AND change_id < ?2
         UNION ALL
         SELECT change_id, seq FROM change_edit
         WHERE change_id >> 12 = ?3 AND first <= ?1 AND last >= ?1 AND last IS NOT NULL AND change_id < ?2
         ORDER BY change_id DESC",
    )?;
    let mut done = None;
    for part in (oldest >> 12..=newest >> 12).rev() {
        let mut rows = candidates.query(params![key.as_slice(), before, part])?;
        while let Some(row) = rows.next()? {
            let cells = Cells::new(row, "change_edit");
            let change = cells.i64(0)?;
            if done == Some(change) {
                continue;
            }
            // A piece about many addresses may pass over this one.
            if !cells.is_null(1) && !touches(connection, change, cells.i64(1)?, address)? {
                continue;
            }
            done = Some(change);
            if !each(change)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn touches(connection: &Connection, change: i64, seq: i64, address: IpAddr) -> Result<bool, Fault> {
    let piece: Option<Vec<u8>> = connection
        .prepare_cached("SELECT edit FROM change_edit WHERE change_id = ?1 AND seq = ?2")?
        .query_row(params![change, seq], |row| row.get(0))
        .optional()?;
    let edits = piece.as_deref().and_then(ptrs_of_piece).ok_or_else(|| damaged(change))?;
    Ok(edits.iter().any(|edit| edit.address == address))
}

/// The edits of a change.
pub(super) fn edits(connection: &mut Connection, change: u64) -> Result<Vec<Edit>, Fault> {
    let Ok(change) = i64::try_from(change) else { return Ok(Vec::new()) };
    let mut statement =
        connection.prepare_cached("SELECT seq, edit FROM change_edit WHERE change_id = ?1 ORDER BY seq")?;
    let mut rows = statement.query([change])?;
    let mut decoder = Decoder::default();
    let mut expected = 0;
    while let Some(row) = rows.next()? {
        let cells = Cells::new(row, "change_edit");
        if cells.i64(0)? != expected {
            return Err(damaged(change));
        }
        decoder.push(cells.blob(1)?).ok_or_else(|| damaged(change))?;
        expected += 1;
    }
    Ok(decoder.finish())
}

fn damaged(change: i64) -> Fault {
    Fault::Damaged(format!("table change_edit: the edits of change {change} make no sense"))
}

/// The zones awaiting a NOTIFY.
pub(super) fn outbox(connection: &mut Connection) -> Result<Vec<(ZoneId, Serial)>, Fault> {
    let mut statement = connection
        .prepare_cached("SELECT zone_id, serial FROM outbox WHERE kind = 'notify' ORDER BY zone_id")?;
    let mut rows = statement.query([])?;
    let mut zones = Vec::new();
    while let Some(row) = rows.next()? {
        let cells = Cells::new(row, "outbox");
        zones.push((ZoneId(cells.u32(0)?), Serial(cells.u32(1)?)));
    }
    Ok(zones)
}
