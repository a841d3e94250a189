//! Writes changes: one transaction for all of them.
//!
//! Rows follow `after`. `before` only says what to try first, so that a row ends as it was declared even where the
//! two sides disagree about the past; whether a row came or went is what SQLite says, and the marks count that.

use super::fault::Fault;
use super::ptrs;
use super::rows;
use super::sending;
use super::sets;
use super::table::{Marks, Table};
use super::trim;
use crate::codec::{self, Piece};
use crate::{Commit, Edit, ZoneDelta};
use ptrd_wire::Serial;
use ptrd_zone::model::ZoneId;
use rusqlite::{Connection, Params, Transaction, TransactionBehavior, params};

/// Makes all changes durable, or none.
pub(super) fn commit(connection: &mut Connection, changes: &[Commit]) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let before = Marks::read(&transaction)?;
    let mut writer = Writer { transaction: &transaction, marks: before.clone() };
    for change in changes {
        writer.change(change)?;
    }
    writer.marks.write(&transaction, &before)?;
    transaction.commit()?;
    Ok(())
}

/// See [`crate::Store::outbox_done`].
pub(super) fn outbox_done(connection: &mut Connection, announced: &[(ZoneId, Serial)]) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut gone = transaction
        .prepare_cached("DELETE FROM outbox WHERE kind = 'notify' AND zone_id = ?1 AND serial = ?2")?;
    for (zone, serial) in announced {
        gone.execute(params![zone.0, serial.0])?;
    }
    drop(gone);
    transaction.commit()?;
    Ok(())
}

/// Writes within a transaction, and counts.
pub(super) struct Writer<'t> {
    pub(super) transaction: &'t Transaction<'t>,
    pub(super) marks: Marks,
}

/// The statements that write a row of a table. All take the same parameters; each uses those that it needs.
pub(super) struct RowSql {
    pub(super) table: Table,
    pub(super) insert: &'static str,
    pub(super) update: &'static str,
}

impl Writer<'_> {
    fn change(&mut self, change: &Commit) -> Result<(), Fault> {
        if change.change <= self.marks.last_change || i64::try_from(change.change).is_err() {
            let last = self.marks.last_change;
            return Err(Fault::Refused(format!("change {} does not follow change {last}", change.change)));
        }
        if let Some(why) = change.edits.iter().find_map(Edit::fault) {
            return Err(Fault::Refused(format!("change {}: an edit {why}", change.change)));
        }
        self.marks.last_change = change.change;
        self.log(change)?;
        if let Some(kept) = &change.kept {
            super::kept::put(self.transaction, change.at, kept)?;
        }
        for edit in &change.edits {
            self.edit(edit)?;
            if let Edit::Zone { before, after, .. } = edit {
                for zone in [before, after].into_iter().flatten() {
                    self.run(
                        "INSERT INTO change_zone (apex, change_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                        params![zone.apex.to_lower_wire(), change.change as i64],
                    )?;
                }
            }
        }
        let came: usize = change.deltas.iter().map(|delta| delta.octets.len()).sum();
        trim::add(self.transaction, came as i64)?;
        let mut deltas = change.deltas.iter().peekable();
        for &(zone, serial) in &change.serials {
            let delta = deltas.next_if(|delta| delta.zone == zone);
            self.serial(change.change, zone, serial, delta)?;
        }
        match deltas.next() {
            None => Ok(()),
            Some(delta) => Err(Fault::Refused(format!(
                "change {} has a difference of zone {}, whose serial it does not step",
                change.change, delta.zone
            ))),
        }
    }

    fn log(&mut self, change: &Commit) -> Result<(), Fault> {
        let id = change.change as i64;
        self.run(
            "INSERT INTO change (id, at, actor, origin, reason, kind, summary, request)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                id,
                change.at,
                change.actor,
                change.origin,
                change.reason,
                change.kind,
                change.summary,
                change.request
            ],
        )?;
        // Kept for each part, not for each change: a search by time finds the parts with it.
        self.run(
            "INSERT INTO change_span (part, first_at, last_at) VALUES (?1, ?2, ?2)
             ON CONFLICT DO UPDATE SET first_at = min(first_at, ?2), last_at = max(last_at, ?2)
             WHERE first_at > ?2 OR last_at < ?2",
            params![id >> 12, change.at],
        )?;
        for tenant in &change.tenants {
            self.run(
                "INSERT INTO change_tenant (part, tenant_id, change_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                params![id >> 12, tenant.0, id],
            )?;
        }
        let mut seq = 0;
        let mut statement = self.transaction.prepare_cached(
            "INSERT INTO change_edit (change_id, seq, first, last, edit) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for edit in &change.edits {
            codec::pieces(edit, |Piece { addresses, octets }| -> Result<(), Fault> {
                let first = addresses.as_ref().map(|(first, _)| first.as_slice());
                let last = addresses.as_ref().map(|(_, last)| last.as_slice()).filter(|_| {
                    // One address, one key: the index of single addresses answers for it.
                    addresses.as_ref().is_some_and(|(first, last)| first.as_slice() != last.as_slice())
                });
                statement.execute(params![id, seq, first, last, octets])?;
                seq += 1;
                Ok(())
            })?;
        }
        Ok(())
    }

    fn edit(&mut self, edit: &Edit) -> Result<(), Fault> {
        match edit {
            Edit::Setting { name, before, after } => {
                rows::setting(self, name, before.is_some(), after.as_deref())
            }
            Edit::Tenant { id, before, after } => {
                self.marks.last_tenant = self.marks.last_tenant.max(id.0);
                rows::tenant(self, *id, before.is_some(), after.as_ref())
            }
            Edit::Block { id, before, after } => {
                self.marks.last_block = self.marks.last_block.max(id.0);
                rows::block(self, *id, before.is_some(), after.as_deref())
            }
            Edit::NsSet { id, before, after } => {
                self.marks.last_ns_set = self.marks.last_ns_set.max(id.0);
                sets::ns_set(self, *id, before.is_some(), after.as_deref())
            }
            Edit::SoaTemplate { id, before, after } => {
                self.marks.last_soa_template = self.marks.last_soa_template.max(id.0);
                sets::soa_template(self, *id, before.is_some(), after.as_deref())
            }
            Edit::Zone { id, before, after } => {
                self.marks.last_zone = self.marks.last_zone.max(id.0);
                rows::zone(self, *id, before.is_some(), after.as_deref())
            }
            Edit::Record { zone, owner, rtype, before, after } => {
                rows::record(self, *zone, owner, *rtype, before.is_some(), after.as_ref())
            }
            Edit::Sending { address, before, after } => {
                sending::write(self, *address, before.is_some(), after.as_deref())
            }
            Edit::Ptrs(edits) => ptrs::write(self, edits),
        }
    }

    fn serial(
        &mut self,
        change: u64,
        zone: ZoneId,
        serial: Serial,
        delta: Option<&ZoneDelta>,
    ) -> Result<(), Fault> {
        if self.run("UPDATE zone SET serial = ?2 WHERE id = ?1", params![zone.0, serial.0])? != 1 {
            return Err(Fault::Refused(format!(
                "change {change} steps the serial of zone {zone}, which is not there"
            )));
        }
        self.run(
            "INSERT INTO zone_serial (zone_id, change_id, serial, from_serial, delta) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT DO UPDATE SET serial = excluded.serial, from_serial = excluded.from_serial,
                                       delta = excluded.delta",
            params![
                zone.0,
                change as i64,
                serial.0,
                delta.map(|delta| delta.from.0),
                delta.map(|delta| &*delta.octets)
            ],
        )?;
        self.run(
            "INSERT INTO outbox (kind, zone_id, serial) VALUES ('notify', ?1, ?2)
             ON CONFLICT DO UPDATE SET serial = excluded.serial",
            params![zone.0, serial.0],
        )?;
        Ok(())
    }

    /// Makes a row be there with these values.
    pub(super) fn put(&mut self, sql: &RowSql, there: bool, params: impl Params + Copy) -> Result<(), Fault> {
        if there && self.run(sql.update, params)? == 1 {
            return Ok(());
        }
        if self.run(sql.insert, params)? == 1 {
            self.marks.count(sql.table, 1, 0);
        } else {
            self.run(sql.update, params)?;
        }
        Ok(())
    }

    /// Makes a row not be there.
    pub(super) fn remove(&mut self, table: Table, sql: &str, params: impl Params) -> Result<(), Fault> {
        let removed = self.run(sql, params)?;
        self.marks.count(table, 0, removed as u64);
        Ok(())
    }

    fn run(&self, sql: &str, params: impl Params) -> Result<usize, Fault> {
        Ok(self.transaction.prepare_cached(sql)?.execute(params)?)
    }
}
