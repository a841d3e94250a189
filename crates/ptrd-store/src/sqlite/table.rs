//! The tables of declared rows, and the marks: numbers that outlive rows.

use super::fault::Fault;
use rusqlite::{Connection, params};
use std::fmt;

/// A table that a load reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    Setting,
    Tenant,
    Block,
    NsSet,
    SoaTemplate,
    Zone,
    Record,
    Sending,
    Ptr4,
    Ptr6,
}

/// Each table's name, and the mark that counts its rows.
const TABLES: [(Table, &str, &str); 10] = [
    (Table::Setting, "setting", "setting_rows"),
    (Table::Tenant, "tenant", "tenant_rows"),
    (Table::Block, "block", "block_rows"),
    (Table::NsSet, "ns_set", "ns_set_rows"),
    (Table::SoaTemplate, "soa_template", "soa_template_rows"),
    (Table::Zone, "zone", "zone_rows"),
    (Table::Record, "record", "record_rows"),
    (Table::Sending, "sending", "sending_rows"),
    (Table::Ptr4, "ptr4", "ptr4_rows"),
    (Table::Ptr6, "ptr6", "ptr6_rows"),
];

impl Table {
    pub(super) fn name(self) -> &'static str {
        TABLES[self as usize].1
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    pub(super) last_change: u64,
    pub(super) last_tenant: u32,
    pub(super) last_block: u32,
    pub(super) last_zone: u32,
    pub(super) last_ns_set: u32,
    pub(super) last_soa_template: u32,
    rows: [u64; TABLES.len()],
}

impl Marks {
    pub(super) fn read(connection: &Connection) -> Result<Marks, Fault> {
        let mut statement = connection.prepare_cached("SELECT value FROM mark WHERE name = ?1")?;
        let mut value = |name: &str| -> Result<u64, Fault> {
            let value: i64 = statement.query_row([name], |row| row.get(0))?;
            u64::try_from(value).map_err(|_| Fault::Damaged(format!("table mark: {name} is {value}")))
        };
        let narrow = |value: u64| {
            u32::try_from(value).map_err(|_| Fault::Damaged(format!("table mark: {value} is too large")))
        };
        let mut rows = [0; TABLES.len()];
        for (n, (_, _, mark)) in TABLES.iter().enumerate() {
            rows[n] = value(mark)?;
        }
        Ok(Marks {
            last_change: value("last_change")?,
            last_tenant: narrow(value("last_tenant")?)?,
            last_block: narrow(value("last_block")?)?,
            last_zone: narrow(value("last_zone")?)?,
            last_ns_set: narrow(value("last_ns_set")?)?,
            last_soa_template: narrow(value("last_soa_template")?)?,
            rows,
        })
    }

    /// How many rows the table must have.
    pub(super) fn rows(&self, table: Table) -> u64 {
        self.rows[table as usize]
    }

    /// How many rows all tables must have.
    pub(super) fn all_rows(&self) -> u64 {
        self.rows.iter().sum()
    }

    /// Counts rows that came or went.
    pub(super) fn count(&mut self, table: Table, added: u64, removed: u64) {
        let rows = &mut self.rows[table as usize];
        *rows = rows.saturating_add(added).saturating_sub(removed);
    }

    /// Writes those that differ from `before`.
    pub(super) fn write(&self, connection: &Connection, before: &Marks) -> Result<(), Fault> {
        let lasts = [
            ("last_change", self.last_change, before.last_change),
            ("last_tenant", self.last_tenant.into(), before.last_tenant.into()),
            ("last_block", self.last_block.into(), before.last_block.into()),
            ("last_zone", self.last_zone.into(), before.last_zone.into()),
            ("last_ns_set", self.last_ns_set.into(), before.last_ns_set.into()),
            ("last_soa_template", self.last_soa_template.into(), before.last_soa_template.into()),
        ];
        let rows = TABLES.iter().enumerate().map(|(n, (_, _, mark))| (*mark, self.rows[n], before.rows[n]));
        let mut statement = connection.prepare_cached("UPDATE mark SET value = ?2 WHERE name = ?1")?;
        for (name, value, before) in lasts.into_iter().chain(rows) {
            if value != before && statement.execute(params![name, value as i64])? != 1 {
                return Err(Fault::Damaged(format!("table mark has no {name}")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_stand_in_their_places() {
        for (n, (table, ..)) in TABLES.iter().enumerate() {
            assert_eq!(*table as usize, n);
        }
    }
}
