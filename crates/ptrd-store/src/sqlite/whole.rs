//! A change with all that belongs to it; whether the store follows another, and what it takes to become a copy of one.

use super::fault::Fault;
use super::file::{StoreFile, folder_of, sync_folder};
use super::{checkpoint, query, restore, schema};
use crate::{Commit, Duty, Logged, ZoneDelta};
use ptrd_wire::Serial;
use ptrd_zone::model::{TenantId, ZoneId};
use rusqlite::{Connection, OptionalExtension, params};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The mark that says it.
const DUTY: &str = "duty";

/// See [`crate::Store::whole`].
pub(super) fn whole(connection: &mut Connection, change: u64) -> Result<Option<Commit>, Fault> {
    let Some(Logged { entry, request, serials }) = query::logged(connection, change)? else {
        return Ok(None);
    };
    let edits = query::edits(connection, change)?;
    let id = change as i64;
    let mut deltas = Vec::new();
    {
        let mut statement = connection.prepare_cached(
            "SELECT zone_id, from_serial, delta FROM zone_serial
             WHERE change_id = ?1 AND from_serial IS NOT NULL AND delta IS NOT NULL ORDER BY zone_id",
        )?;
        let mut rows = statement.query([id])?;
        while let Some(row) = rows.next()? {
            let (zone, from): (u32, u32) = (row.get(0)?, row.get(1)?);
            let octets: Vec<u8> = row.get(2)?;
            deltas.push(ZoneDelta { zone: ZoneId(zone), from: Serial(from), octets: octets.into() });
        }
    }
    // A zone that went between the two reads is in one of them only.
    deltas.retain(|delta| serials.iter().any(|(zone, _)| *zone == delta.zone));
    let mut tenants = connection.prepare_cached(
        "SELECT tenant_id FROM change_tenant WHERE part = ?1 AND change_id = ?2 ORDER BY tenant_id",
    )?;
    let tenants = tenants.query_map(params![id >> 12, id], |row| row.get(0).map(TenantId))?;
    Ok(Some(Commit {
        change: entry.change,
        at: entry.at,
        actor: entry.actor,
        origin: entry.origin,
        reason: entry.reason,
        kind: entry.kind,
        summary: entry.summary,
        request,
        edits,
        serials,
        kept: None,
        deltas,
        tenants: tenants.collect::<Result<_, _>>()?,
    }))
}

/// See [`crate::Store::duty`].
pub(super) fn duty(connection: &Connection) -> Result<Duty, Fault> {
    let mut mark = connection.prepare_cached("SELECT value FROM mark WHERE name = ?1")?;
    match mark.query_row([DUTY], |row| row.get::<_, i64>(0)).optional()? {
        None | Some(0) => Ok(Duty::Primary),
        Some(1) => Ok(Duty::Standby),
        Some(2) => Ok(Duty::Promoted),
        Some(other) => Err(Fault::Damaged(format!("table mark: {DUTY} is {other}"))),
    }
}

/// See [`crate::Store::set_duty`].
pub(super) fn set_duty(connection: &Connection, duty: Duty) -> Result<(), Fault> {
    let value = match duty {
        Duty::Primary => 0,
        Duty::Standby => 1,
        Duty::Promoted => 2,
    };
    connection.execute(
        "INSERT INTO mark (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value",
        params![DUTY, value],
    )?;
    Ok(())
}

/// Makes a copy of another store ready to take a store's place: up to date, with nothing left in a log beside it.
pub(super) fn make_ready(copy: &Path) -> Result<(), Fault> {
    let connection = schema::open_unshared(copy)?;
    set_duty(&connection, Duty::Standby)?;
    checkpoint::finish(&connection)?;
    drop(connection);
    File::open(copy)?.sync_all()?;
    Ok(())
}

/// Puts a copy in the place of a store that nobody has open. What was there is kept under another name, unless there
/// was nothing in it.
pub(super) fn take_place(copy: &Path, store: &Path, was_empty: bool) -> Result<Option<PathBuf>, Fault> {
    let aside = restore::set_aside(store)?;
    fs::rename(copy, store)?;
    sync_folder(folder_of(store))?;
    match aside {
        Some(aside) if was_empty => {
            // An empty store is no loss, and neither is one that cannot be removed.
            let _ = fs::remove_file(restore::beside(&aside, "-wal"));
            let _ = fs::remove_file(aside);
            Ok(None)
        }
        aside => Ok(aside),
    }
}

/// The file that is at the place of a store now.
pub(super) fn reopened(store: &Path) -> Result<(StoreFile, Connection), Fault> {
    Ok((StoreFile::at(store)?, schema::open_beside(store)?))
}

/// A name beside a store, for a copy on its way in.
pub(super) fn incoming(store: &Path) -> PathBuf {
    restore::beside(store, ".incoming")
}
