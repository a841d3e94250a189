//! How much of what zones lost and gained is kept, and forgetting the oldest of it, a portion at a time.
//!
//! Three marks: the octets of all differences, and behind which step the oldest of them stands. A store that has no such
//! marks is counted once, when somebody asks. The steps stay in the log without their differences, until the log is pruned.

use super::fault::Fault;
use crate::Trimmed;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

/// The octets of all differences.
pub(super) const OCTETS: &str = "history_octets";
/// All steps up to that of this change and this zone have none any more.
const CHANGE: &str = "history_change";
const ZONE: &str = "history_zone";
/// Steps that are forgotten at once.
const STEPS: i64 = 64;

/// See [`crate::Store::trim`].
pub(super) fn trim(
    connection: &mut Connection,
    most: u64,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Trimmed, Fault> {
    if let Some(octets) = mark(connection, OCTETS)?
        && octets.max(0) as u64 <= most
    {
        return Ok(Trimmed { octets: octets.max(0) as u64, ..Trimmed::default() });
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut octets = match mark(&transaction, OCTETS)? {
        Some(octets) => octets,
        None => count(&transaction)?,
    };
    let mut behind = (mark(&transaction, CHANGE)?.unwrap_or(0), mark(&transaction, ZONE)?.unwrap_or(0));
    let mut trimmed = Trimmed::default();
    while octets.max(0) as u64 > most {
        let Some(some) = forget(&transaction, &mut behind, octets - most.min(i64::MAX as u64) as i64)? else {
            // Less is there than was counted.
            octets = 0;
            break;
        };
        octets -= some.octets;
        trimmed.steps += some.steps;
        if !go_on() {
            break;
        }
    }
    let mut set = transaction.prepare_cached(
        "INSERT INTO mark (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = ?2",
    )?;
    for (name, value) in [(OCTETS, octets.max(0)), (CHANGE, behind.0), (ZONE, behind.1)] {
        set.execute(params![name, value])?;
    }
    drop(set);
    transaction.commit()?;
    let octets = octets.max(0) as u64;
    Ok(Trimmed { octets, more: octets > most, ..trimmed })
}

/// Some steps that were forgotten.
struct Forgotten {
    steps: u64,
    octets: i64,
}

/// Forgets the oldest steps, few of them, and not more than it takes to be rid of `enough` octets; `None` where there are
/// none.
fn forget(
    transaction: &Transaction<'_>,
    behind: &mut (i64, i64),
    enough: i64,
) -> Result<Option<Forgotten>, Fault> {
    let mut oldest = transaction.prepare_cached(
        "SELECT change_id, zone_id, length(delta) FROM zone_serial INDEXED BY zone_serial_change
         WHERE (change_id, zone_id) > (?1, ?2) AND delta IS NOT NULL ORDER BY change_id, zone_id LIMIT ?3",
    )?;
    let rows = oldest.query_map(params![behind.0, behind.1, STEPS], |row| {
        Ok(((row.get(0)?, row.get(1)?), row.get::<_, i64>(2)?))
    })?;
    let found: Vec<((i64, i64), i64)> = rows.collect::<Result<_, _>>()?;
    if found.is_empty() {
        return Ok(None);
    }
    let mut blank = transaction.prepare_cached(
        "UPDATE zone_serial SET from_serial = NULL, delta = NULL WHERE change_id = ?1 AND zone_id = ?2",
    )?;
    let mut forgotten = Forgotten { steps: 0, octets: 0 };
    for (step, octets) in found {
        blank.execute(params![step.0, step.1])?;
        *behind = step;
        forgotten.steps += 1;
        forgotten.octets += octets;
        if forgotten.octets >= enough {
            break;
        }
    }
    Ok(Some(forgotten))
}

fn mark(connection: &Connection, name: &str) -> Result<Option<i64>, Fault> {
    let mut statement = connection.prepare_cached("SELECT value FROM mark WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

fn count(connection: &Connection) -> Result<i64, Fault> {
    let sum = "SELECT ifnull(sum(length(delta)), 0) FROM zone_serial";
    Ok(connection.query_row(sum, [], |row| row.get(0))?)
}

/// So many octets came, or went, where they are counted already.
pub(super) fn add(connection: &Connection, octets: i64) -> Result<(), Fault> {
    if octets != 0 {
        connection
            .prepare_cached("UPDATE mark SET value = max(value + ?2, 0) WHERE name = ?1")?
            .execute(params![OCTETS, octets])?;
    }
    Ok(())
}

/// What the history of a zone has.
pub(super) fn of_zone(connection: &Connection, zone: u32) -> Result<i64, Fault> {
    let mut statement = connection
        .prepare_cached("SELECT ifnull(sum(length(delta)), 0) FROM zone_serial WHERE zone_id = ?1")?;
    Ok(statement.query_row([zone], |row| row.get(0))?)
}

/// Whether as much is there as was counted.
pub(super) fn verify(connection: &Connection) -> Result<Option<String>, Fault> {
    let (Some(counted), there) = (mark(connection, OCTETS)?, count(connection)?) else { return Ok(None) };
    Ok((counted != there)
        .then(|| format!("the history of zones has {there} octets, and {counted} were counted")))
}
