//! Values of a row, read with suspicion: a file may be damaged where SQLite does not notice.

use super::fault::Fault;
use crate::pack::address_of;
use ptrd_wire::{AddrRange, Name, Ttl};
use rusqlite::Row;
use rusqlite::types::ValueRef;
use std::net::IpAddr;
use std::str::FromStr;

/// A row of a known table. The methods take a column's index in the SELECT.
pub(super) struct Cells<'a> {
    row: &'a Row<'a>,
    table: &'static str,
}

impl<'a> Cells<'a> {
    pub(super) fn new(row: &'a Row<'a>, table: &'static str) -> Cells<'a> {
        Cells { row, table }
    }

    pub(super) fn is_null(&self, column: usize) -> bool {
        matches!(self.row.get_ref(column), Ok(ValueRef::Null))
    }

    pub(super) fn i64(&self, column: usize) -> Result<i64, Fault> {
        match self.row.get_ref(column)? {
            ValueRef::Integer(value) => Ok(value),
            _ => Err(self.damaged(column)),
        }
    }

    pub(super) fn u64(&self, column: usize) -> Result<u64, Fault> {
        u64::try_from(self.i64(column)?).map_err(|_| self.damaged(column))
    }

    pub(super) fn u32(&self, column: usize) -> Result<u32, Fault> {
        u32::try_from(self.i64(column)?).map_err(|_| self.damaged(column))
    }

    pub(super) fn u16(&self, column: usize) -> Result<u16, Fault> {
        u16::try_from(self.i64(column)?).map_err(|_| self.damaged(column))
    }

    pub(super) fn flag(&self, column: usize) -> Result<bool, Fault> {
        match self.i64(column)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.damaged(column)),
        }
    }

    pub(super) fn ttl(&self, column: usize) -> Result<Ttl, Fault> {
        match self.u32(column)? {
            seconds if seconds <= Ttl::MAX.as_secs() => Ok(Ttl::from_secs(seconds)),
            _ => Err(self.damaged(column)),
        }
    }

    pub(super) fn ttl_or_null(&self, column: usize) -> Result<Option<Ttl>, Fault> {
        match self.row.get_ref(column)? {
            ValueRef::Null => Ok(None),
            _ => self.ttl(column).map(Some),
        }
    }

    pub(super) fn blob(&self, column: usize) -> Result<&'a [u8], Fault> {
        match self.row.get_ref(column)? {
            ValueRef::Blob(octets) => Ok(octets),
            _ => Err(self.damaged(column)),
        }
    }

    pub(super) fn text(&self, column: usize) -> Result<&'a str, Fault> {
        match self.row.get_ref(column)? {
            ValueRef::Text(octets) => std::str::from_utf8(octets).map_err(|_| self.damaged(column)),
            _ => Err(self.damaged(column)),
        }
    }

    pub(super) fn name(&self, column: usize) -> Result<Name, Fault> {
        Name::from_wire(self.blob(column)?).map_err(|_| self.damaged(column))
    }

    pub(super) fn name_or_null(&self, column: usize) -> Result<Option<Name>, Fault> {
        if self.is_null(column) { Ok(None) } else { self.name(column).map(Some) }
    }

    pub(super) fn u32_or_null(&self, column: usize) -> Result<Option<u32>, Fault> {
        if self.is_null(column) { Ok(None) } else { self.u32(column).map(Some) }
    }

    /// A value that is written as a word.
    pub(super) fn word<T: FromStr>(&self, column: usize) -> Result<T, Fault> {
        self.text(column)?.parse().map_err(|_| self.damaged(column))
    }

    /// A range whose first and last address stand in this column and the next.
    pub(super) fn range(&self, column: usize) -> Result<AddrRange, Fault> {
        AddrRange::new(self.address(column)?, self.address(column + 1)?).map_err(|_| self.damaged(column))
    }

    pub(super) fn address(&self, column: usize) -> Result<IpAddr, Fault> {
        address_of(self.blob(column)?).ok_or_else(|| self.damaged(column))
    }

    /// The error that says that this value is none that a ptrd wrote.
    pub(super) fn damaged(&self, column: usize) -> Fault {
        let statement: &rusqlite::Statement<'_> = self.row.as_ref();
        let name = statement.column_name(column).unwrap_or("?");
        Fault::Damaged(format!("table {}: a value of {name} makes no sense", self.table))
    }
}
