//! Reads the log and the outbox.
//!
//! Three steps: the times asked for become runs of numbers; within each run the most telling condition gives
//! candidates, newest first; each candidate is held against the other conditions. So a page costs about what it shows,
//! whatever the size of the log.

use super::cells::Cells;
use super::fault::Fault;
use crate::codec::{Decoder, piece_meets};
use crate::pack::AddressOctets;
use crate::{DeltaStep, Edit, LogEntry, LogQuery, Logged};
use ptrd_wire::{AddrRange, Serial};
use ptrd_zone::model::ZoneId;
use rusqlite::{Connection, OptionalExtension, params};

/// The numbers that no change reaches.
const NO_BOUND: u64 = i64::MAX as u64;

/// Numbers of changes, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Numbers {
    first: i64,
    last: i64,
}

/// The changes that a query asks for, newest first.
pub(super) fn log(connection: &mut Connection, query: &LogQuery) -> Result<Vec<LogEntry>, Fault> {
    let transaction = connection.transaction()?;
    let mut entries = Vec::new();
    if query.limit == 0 {
        return Ok(entries);
    }
    let sieve = Sieve::new(query);
    for run in runs(&transaction, query)? {
        if !sieve.fill(&transaction, run, &mut entries)? {
            break;
        }
    }
    Ok(entries)
}

/// The numbers between `after` and `before`, cut down to the parts that have the times asked for; newest first.
fn runs(connection: &Connection, query: &LogQuery) -> Result<Vec<Numbers>, Fault> {
    let bound = |number: Option<u64>, or: u64| number.unwrap_or(or).min(NO_BOUND) as i64;
    let all = Numbers {
        first: bound(query.after, 0).saturating_add(i64::from(query.after.is_some())),
        last: bound(query.before, NO_BOUND).saturating_sub(1),
    };
    let ends = |sql: &str| connection.prepare_cached(sql)?.query_row([], |row| row.get::<_, Option<i64>>(0));
    let (Some(oldest), Some(newest)) =
        (ends("SELECT min(id) FROM change")?, ends("SELECT max(id) FROM change")?)
    else {
        return Ok(Vec::new());
    };
    let all = Numbers { first: all.first.max(oldest), last: all.last.min(newest) };
    if all.first > all.last {
        return Ok(Vec::new());
    }
    if query.since.is_none() && query.until.is_none() {
        return Ok(vec![all]);
    }
    let (since, until) = (query.since.unwrap_or(i64::MIN), query.until.unwrap_or(i64::MAX));
    let mut parts = connection.prepare_cached(
        "SELECT part FROM change_span WHERE part BETWEEN ?1 AND ?2 AND last_at >= ?3 AND first_at < ?4
         ORDER BY part DESC",
    )?;
    let mut rows = parts.query(params![all.first >> 12, all.last >> 12, since, until])?;
    let mut runs: Vec<Numbers> = Vec::new();
    while let Some(row) = rows.next()? {
        let part = Cells::new(row, "change_span").i64(0)?;
        let run = Numbers { first: all.first.max(part << 12), last: all.last.min((part << 12) + 4095) };
        match runs.last_mut().filter(|newer| newer.first == run.last + 1) {
            Some(newer) => newer.first = run.first,
            None => runs.push(run),
        }
    }
    Ok(runs)
}

/// What a query asks for, as SQL has it.
struct Sieve<'a> {
    query: &'a LogQuery,
    range: Option<AddrRange>,
    apex: Option<Box<[u8]>>,
    sql: String,
}

const COLUMNS: &str = "SELECT id, at, actor, origin, reason, kind, summary FROM change";

impl<'a> Sieve<'a> {
    fn new(query: &'a LogQuery) -> Sieve<'a> {
        // A condition that is not asked for is left out, so that SQLite chooses the index of those that are.
        let mut sql = format!("{COLUMNS} WHERE id BETWEEN ?1 AND ?2 AND ?8 > 0");
        sql.push_str(if query.actor.is_some() { " AND actor = ?3" } else { " AND ?3 IS NULL" });
        sql.push_str(if query.kind.is_some() { " AND kind = ?4" } else { " AND ?4 IS NULL" });
        sql.push_str(if query.since.is_some() { " AND at >= ?5" } else { " AND ?5 IS NULL" });
        sql.push_str(if query.until.is_some() { " AND at < ?6" } else { " AND ?6 IS NULL" });
        sql.push_str(if query.tenant.is_some() {
            " AND EXISTS (SELECT 1 FROM change_tenant WHERE part = id >> 12 AND tenant_id = ?7 AND change_id = id)"
        } else {
            " AND ?7 IS NULL"
        });
        if query.zone.is_some() || query.apex.is_some() {
            sql.push_str(
                " AND (EXISTS (SELECT 1 FROM zone_serial WHERE zone_id = ?9 AND change_id = id)
                    OR EXISTS (SELECT 1 FROM change_zone WHERE apex = ?10 AND change_id = id))",
            );
        } else {
            sql.push_str(" AND ?9 IS NULL AND ?10 IS NULL");
        }
        sql.push_str(" ORDER BY id DESC LIMIT ?8");
        let range = match (query.address.map(AddrRange::single), query.range) {
            (Some(address), Some(range)) if range.covers(&address) => Some(address),
            (address, range) => address.or(range),
        };
        Sieve { query, range, apex: query.apex.as_ref().map(|apex| apex.to_lower_wire()), sql }
    }

    /// Adds what the run has; false when there is enough.
    fn fill(&self, connection: &Connection, run: Numbers, into: &mut Vec<LogEntry>) -> Result<bool, Fault> {
        // An address outside the range that was asked for as well.
        if let (Some(address), Some(range)) = (self.query.address, self.query.range)
            && !range.contains(address)
        {
            return Ok(false);
        }
        let limit = self.query.limit;
        let mut each = |change: i64| {
            into.extend(self.take(connection, Numbers { first: change, last: change }, 1)?);
            Ok(into.len() < limit)
        };
        if let Some(range) = &self.range {
            return each_change_at(connection, range, run, each);
        }
        if self.query.zone.is_some() || self.apex.is_some() {
            return self.each_change_of_zone(connection, run, each);
        }
        if let Some(tenant) = self.query.tenant {
            let mut sql = connection.prepare_cached(
                "SELECT change_id FROM change_tenant
                 WHERE part = ?1 AND tenant_id = ?2 AND change_id BETWEEN ?3 AND ?4 ORDER BY change_id DESC",
            )?;
            for part in (run.first >> 12..=run.last >> 12).rev() {
                let mut rows = sql.query(params![part, tenant.0, run.first, run.last])?;
                while let Some(row) = rows.next()? {
                    if !each(Cells::new(row, "change_tenant").i64(0)?)? {
                        return Ok(false);
                    }
                }
            }
            return Ok(true);
        }
        let left = i64::try_from(limit - into.len()).unwrap_or(i64::MAX);
        into.extend(self.take(connection, run, left)?);
        Ok(into.len() < limit)
    }

    fn each_change_of_zone(
        &self,
        connection: &Connection,
        run: Numbers,
        mut each: impl FnMut(i64) -> Result<bool, Fault>,
    ) -> Result<bool, Fault> {
        let mut sql = connection.prepare_cached(
            "SELECT change_id FROM zone_serial WHERE zone_id = ?1 AND change_id BETWEEN ?3 AND ?4
             UNION SELECT change_id FROM change_zone WHERE apex = ?2 AND change_id BETWEEN ?3 AND ?4
             ORDER BY change_id DESC",
        )?;
        let zone = self.query.zone.map(|zone| zone.0);
        let mut rows = sql.query(params![zone, self.apex, run.first, run.last])?;
        while let Some(row) = rows.next()? {
            if !each(Cells::new(row, "zone_serial").i64(0)?)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The changes of the run that pass, newest first. Addresses are the candidates' business.
    fn take(&self, connection: &Connection, run: Numbers, limit: i64) -> Result<Vec<LogEntry>, Fault> {
        let query = self.query;
        let mut statement = connection.prepare_cached(&self.sql)?;
        let mut rows = statement.query(params![
            run.first,
            run.last,
            query.actor,
            query.kind,
            query.since,
            query.until,
            query.tenant.map(|tenant| tenant.0),
            limit,
            query.zone.map(|zone| zone.0),
            self.apex,
        ])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            entries.push(entry(&Cells::new(row, "change"))?);
        }
        Ok(entries)
    }
}

fn entry(cells: &Cells<'_>) -> Result<LogEntry, Fault> {
    Ok(LogEntry {
        change: cells.u64(0)?,
        at: cells.i64(1)?,
        actor: cells.text(2)?.to_owned(),
        origin: cells.text(3)?.to_owned(),
        reason: if cells.is_null(4) { None } else { Some(cells.text(4)?.to_owned()) },
        kind: cells.text(5)?.to_owned(),
        summary: cells.text(6)?.to_owned(),
    })
}

/// Calls `each` with the changes of the run that are about an address of the range, newest first, while it says so;
/// answers whether it did to the end. The indexes of addresses are cut by the number of the change (see the migration).
fn each_change_at(
    connection: &Connection,
    range: &AddrRange,
    run: Numbers,
    mut each: impl FnMut(i64) -> Result<bool, Fault>,
) -> Result<bool, Fault> {
    let (first, last) = (AddressOctets::of(range.first()), AddressOctets::of(range.last()));
    let mut candidates = connection.prepare_cached(
        "SELECT change_id, seq, last IS NULL AND length(first) = length(?1) FROM change_edit
         WHERE change_id >> 12 = ?3 AND first BETWEEN ?1 AND ?2 AND last IS NULL AND change_id BETWEEN ?4 AND ?5
         UNION ALL
         SELECT change_id, seq, 0 FROM change_edit
         WHERE change_id >> 12 = ?3 AND first <= ?2 AND last >= ?1 AND last IS NOT NULL
           AND change_id BETWEEN ?4 AND ?5
         ORDER BY change_id DESC",
    )?;
    let mut done = None;
    for part in (run.first >> 12..=run.last >> 12).rev() {
        let mut rows =
            candidates.query(params![first.as_slice(), last.as_slice(), part, run.first, run.last])?;
        while let Some(row) = rows.next()? {
            let cells = Cells::new(row, "change_edit");
            let change = cells.i64(0)?;
            if done == Some(change) {
                continue;
            }
            // A piece about many addresses may pass over these, and octets of four and of sixteen sort as one.
            if cells.i64(2)? == 0 && !meets(connection, change, cells.i64(1)?, range)? {
                continue;
            }
            done = Some(change);
            if !each(change)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

fn meets(connection: &Connection, change: i64, seq: i64, range: &AddrRange) -> Result<bool, Fault> {
    let piece: Option<Vec<u8>> = connection
        .prepare_cached("SELECT edit FROM change_edit WHERE change_id = ?1 AND seq = ?2")?
        .query_row(params![change, seq], |row| row.get(0))
        .optional()?;
    piece.and_then(|piece| piece_meets(&piece, range)).ok_or_else(|| damaged(change))
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

/// All of a change but its edits.
pub(super) fn logged(connection: &mut Connection, change: u64) -> Result<Option<Logged>, Fault> {
    let Ok(change) = i64::try_from(change) else { return Ok(None) };
    let transaction = connection.transaction()?;
    let mut logged = {
        let mut statement = transaction.prepare_cached(
            "SELECT id, at, actor, origin, reason, kind, summary, request FROM change WHERE id = ?1",
        )?;
        let mut rows = statement.query([change])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let cells = Cells::new(row, "change");
        Logged { entry: entry(&cells)?, request: cells.text(7)?.to_owned(), serials: Vec::new() }
    };
    let mut statement = transaction
        .prepare_cached("SELECT zone_id, serial FROM zone_serial WHERE change_id = ?1 ORDER BY zone_id")?;
    let mut rows = statement.query([change])?;
    while let Some(row) = rows.next()? {
        let cells = Cells::new(row, "zone_serial");
        logged.serials.push((ZoneId(cells.u32(0)?), Serial(cells.u32(1)?)));
    }
    Ok(Some(logged))
}

/// The oldest change that is there; 0 for none.
pub(super) fn oldest(connection: &mut Connection) -> Result<u64, Fault> {
    let oldest: i64 = connection
        .prepare_cached("SELECT ifnull(min(id), 0) FROM change")?
        .query_row([], |row| row.get(0))?;
    Ok(oldest.max(0) as u64)
}

/// The first change at this time or later.
pub(super) fn first_since(connection: &mut Connection, at: i64) -> Result<u64, Fault> {
    let transaction = connection.transaction()?;
    let mut parts =
        transaction.prepare_cached("SELECT part FROM change_span WHERE last_at >= ?1 ORDER BY part")?;
    let mut first =
        transaction.prepare_cached("SELECT min(id) FROM change WHERE id BETWEEN ?1 AND ?2 AND at >= ?3")?;
    let mut rows = parts.query([at])?;
    while let Some(row) = rows.next()? {
        let part = Cells::new(row, "change_span").i64(0)?;
        // The times of a part are wider than what is left in it after a pruning.
        let found: Option<i64> =
            first.query_row(params![part << 12, (part << 12) + 4095, at], |row| row.get(0))?;
        if let Some(found) = found {
            return Ok(found.max(0) as u64);
        }
    }
    let last: i64 =
        transaction.query_row("SELECT value FROM mark WHERE name = 'last_change'", [], |row| row.get(0))?;
    Ok(last.max(0) as u64 + 1)
}

/// The steps from a serial of a zone to its present one.
pub(super) fn deltas(
    connection: &mut Connection,
    zone: ZoneId,
    from: Serial,
    most: usize,
) -> Result<Vec<DeltaStep>, Fault> {
    let transaction = connection.transaction()?;
    let mut statement = transaction.prepare_cached(
        "SELECT serial, from_serial, delta FROM zone_serial WHERE zone_id = ?1 ORDER BY change_id DESC",
    )?;
    let mut rows = statement.query([zone.0])?;
    let (mut steps, mut octets) = (Vec::<DeltaStep>::new(), 0);
    while let Some(row) = rows.next()? {
        let cells = Cells::new(row, "zone_serial");
        let to = Serial(cells.u32(0)?);
        // Each step must lead to where the one after it began.
        if cells.is_null(1) || cells.is_null(2) || steps.last().is_some_and(|after| after.from != to) {
            break;
        }
        let step = DeltaStep { from: Serial(cells.u32(1)?), to, octets: cells.blob(2)?.into() };
        octets += step.octets.len();
        if octets > most {
            break;
        }
        let is_first = step.from == from;
        steps.push(step);
        if is_first {
            steps.reverse();
            return Ok(steps);
        }
    }
    Ok(Vec::new())
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
