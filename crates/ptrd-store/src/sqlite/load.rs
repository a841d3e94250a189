//! Reads everything into a [`Sink`]. One read transaction, prepared statements, values borrowed from SQLite's pages:
//! a start with sixteen million PTRs is this loop.
//!
//! SQLite notices much damage, not all of it, so every value is checked for its type and form, keys for their order,
//! and each table for its number of rows.

use super::cells::Cells;
use super::fault::Fault;
use super::table::{Marks, Table};
use super::{sending, sets};
use crate::pack::{Unpack, names_are_well_formed};
use crate::{Loaded, Setting, Sink};
use ptrd_wire::{Name, RecordType, ReversePrefix, RrSet, Serial, Soa, Ttl, key_of_lower};
use ptrd_zone::PtrSet;
use ptrd_zone::model::{
    Block, BlockId, BlockTemplate, Checks, Delegation, LabelStyle, Mode, NsSetId, SoaTemplateId, Standing,
    Tenant, TenantId, ZoneId, ZoneKind, ZoneRecord, ZoneRow, ZoneSoa,
};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Transaction};
use std::net::IpAddr;
use std::str::FromStr;

/// Reads all rows.
pub(super) fn load(connection: &mut Connection, sink: &mut dyn Sink) -> Result<Loaded, Fault> {
    let transaction = connection.transaction()?;
    let loaded = read(&transaction, sink)?;
    transaction.commit()?;
    Ok(loaded)
}

/// Reads all rows as they are in a transaction.
pub(super) fn read(transaction: &Transaction<'_>, sink: &mut dyn Sink) -> Result<Loaded, Fault> {
    let marks = Marks::read(transaction)?;
    let loaded = Loaded {
        last_change: marks.last_change,
        last_tenant: marks.last_tenant,
        last_block: marks.last_block,
        last_zone: marks.last_zone,
        last_ns_set: marks.last_ns_set,
        last_soa_template: marks.last_soa_template,
    };
    let newest =
        transaction.query_row("SELECT ifnull(max(id), 0) FROM change", [], |row| row.get::<_, i64>(0))?;
    within("change", u64::try_from(newest).unwrap_or(u64::MAX), loaded.last_change)?;

    let count = |table: Table, found: u64| match marks.rows(table) {
        expected if expected == found => Ok(()),
        expected => Err(Fault::Damaged(format!("table {table} has {found} of its {expected} rows"))),
    };
    count(Table::Setting, settings(transaction, sink)?)?;
    count(Table::Tenant, tenants(transaction, sink, loaded.last_tenant)?)?;
    count(Table::Block, blocks(transaction, sink, loaded.last_block)?)?;
    count(Table::NsSet, sets::ns_sets(transaction, sink, loaded.last_ns_set)?)?;
    count(Table::SoaTemplate, sets::soa_templates(transaction, sink, loaded.last_soa_template)?)?;
    count(Table::Zone, zones(transaction, sink, loaded.last_zone)?)?;
    count(Table::Record, records(transaction, sink)?)?;
    count(Table::Sending, sending::read(transaction, sink)?)?;
    let v4 = "SELECT address, ttl, names FROM ptr4 ORDER BY address";
    count(Table::Ptr4, ptrs::<4>(transaction, v4, Table::Ptr4, sink, IpAddr::from)?)?;
    let v6 = "SELECT address, ttl, names FROM ptr6 ORDER BY address";
    count(Table::Ptr6, ptrs::<16>(transaction, v6, Table::Ptr6, sink, IpAddr::from)?)?;
    Ok(loaded)
}

pub(super) fn within(kind: &str, number: u64, last: u64) -> Result<(), Fault> {
    if number <= last {
        Ok(())
    } else {
        Err(Fault::Damaged(format!("{kind} {number}, but the last number given was {last}")))
    }
}

/// Runs a SELECT and counts its rows; what a sink says against a row becomes damage.
pub(super) fn each(
    transaction: &Transaction<'_>,
    table: Table,
    sql: &str,
    mut take: impl FnMut(&Cells<'_>) -> Result<Result<(), String>, Fault>,
) -> Result<u64, Fault> {
    let mut statement = transaction.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        take(&Cells::new(row, table.name()))?
            .map_err(|why| Fault::Damaged(format!("table {table}: {why}")))?;
        count += 1;
    }
    Ok(count)
}

fn settings(transaction: &Transaction<'_>, sink: &mut dyn Sink) -> Result<u64, Fault> {
    each(transaction, Table::Setting, "SELECT name, value FROM setting ORDER BY name", |cells| {
        Ok(sink.setting(Setting { name: cells.text(0)?.to_owned(), value: cells.text(1)?.to_owned() }))
    })
}

fn tenants(transaction: &Transaction<'_>, sink: &mut dyn Sink, last: u32) -> Result<u64, Fault> {
    each(transaction, Table::Tenant, "SELECT id, name, reseller_id FROM tenant ORDER BY id", |cells| {
        let id = cells.u32(0)?;
        within("tenant", id.into(), last.into())?;
        let reseller = (!cells.is_null(2)).then(|| cells.u32(2).map(TenantId)).transpose()?;
        Ok(sink.tenant(Tenant { id: TenantId(id), name: cells.text(1)?.to_owned(), reseller }))
    })
}

fn blocks(transaction: &Transaction<'_>, sink: &mut dyn Sink, last: u32) -> Result<u64, Fault> {
    let sql = "SELECT id, first, last, tenant_id, mode, style, apex, delegation, default_ttl, suspended,
                      may_sub_block, former, template, names, fcrdns, observed
               FROM block ORDER BY id";
    each(transaction, Table::Block, sql, |cells| {
        let id = cells.u32(0)?;
        within("block", id.into(), last.into())?;
        Ok(sink.block(Block {
            id: BlockId(id),
            range: cells.range(1)?,
            tenant: TenantId(cells.u32(3)?),
            mode: mode(cells)?,
            default_ttl: cells.ttl_or_null(8)?,
            template: template(cells)?,
            standing: standing(cells)?,
        }))
    })
}

fn mode(cells: &Cells<'_>) -> Result<Mode, Fault> {
    let style = || cells.text(5)?.parse::<LabelStyle>().map_err(|_| cells.damaged(5));
    let delegation = || -> Result<Delegation, Fault> {
        let mut rest = Unpack(cells.blob(7)?);
        rest.delegation().filter(|_| rest.is_empty()).ok_or_else(|| cells.damaged(7))
    };
    let mode = match cells.text(4)? {
        "direct" if cells.flag(15)? => Mode::Observed,
        "direct" => Mode::Direct,
        "classless" => Mode::Classless { style: style()?, apex: cells.name(6)? },
        "delegated-zone" => Mode::DelegatedWhole(delegation()?),
        "delegated-classless" => {
            Mode::DelegatedClassless { style: style()?, apex: cells.name(6)?, delegation: delegation()? }
        }
        "delegated-ns" => Mode::DelegatedEach(delegation()?),
        _ => return Err(cells.damaged(4)),
    };
    if cells.flag(15)? && mode != Mode::Observed {
        return Err(cells.damaged(15));
    }
    if mode.classless_apex().is_none() != cells.is_null(6) || mode.delegation().is_none() != cells.is_null(7)
    {
        return Err(cells.damaged(4));
    }
    Ok(mode)
}

fn template(cells: &Cells<'_>) -> Result<BlockTemplate, Fault> {
    if cells.is_null(12) {
        return Ok(BlockTemplate::Inherit);
    }
    Ok(BlockTemplate::read(cells.text(12)?))
}

fn standing(cells: &Cells<'_>) -> Result<Standing, Fault> {
    let former = match cells.is_null(11) {
        true => Vec::new(),
        false => {
            let mut rest = Unpack(cells.blob(11)?);
            rest.former().filter(|_| rest.is_empty()).ok_or_else(|| cells.damaged(11))?
        }
    };
    let checks = Checks { names: rule(cells, 13)?, fcrdns: rule(cells, 14)? };
    Ok(Standing { suspended: cells.flag(9)?, may_sub_block: cells.flag(10)?, former, checks })
}

/// A rule by its word, where there is one.
fn rule<T: FromStr>(cells: &Cells<'_>, column: usize) -> Result<Option<T>, Fault> {
    if cells.is_null(column) {
        return Ok(None);
    }
    cells.text(column)?.parse().map(Some).map_err(|_| cells.damaged(column))
}

fn zones(transaction: &Transaction<'_>, sink: &mut dyn Sink, last: u32) -> Result<u64, Fault> {
    let sql = "SELECT id, apex, tenant_id, kind, first, last, block_id, mname, rname, serial, refresh, retry, expire,
                      minimum, soa_ttl, ns_set_id, soa_template_id, serial_policy
               FROM zone ORDER BY id";
    each(transaction, Table::Zone, sql, |cells| {
        let id = cells.u32(0)?;
        within("zone", id.into(), last.into())?;
        Ok(sink.zone(ZoneRow {
            id: ZoneId(id),
            apex: cells.name(1)?,
            tenant: TenantId(cells.u32(2)?),
            kind: zone_kind(cells)?,
            soa: zone_soa(cells)?,
            ns_set: cells.u32_or_null(15)?.map(NsSetId),
            serial_policy: if cells.is_null(17) { None } else { Some(cells.word(17)?) },
        }))
    })
}

/// A template, or all columns of a SOA.
fn zone_soa(cells: &Cells<'_>) -> Result<ZoneSoa, Fault> {
    let serial = Serial(cells.u32(9)?);
    if let Some(template) = cells.u32_or_null(16)?.map(SoaTemplateId) {
        return match [7, 8, 10, 11, 12, 13, 14].into_iter().find(|column| !cells.is_null(*column)) {
            Some(column) => Err(cells.damaged(column)),
            None => Ok(ZoneSoa::Of { template, serial }),
        };
    }
    let soa = Soa {
        mname: cells.name(7)?,
        rname: cells.name(8)?,
        serial,
        refresh: cells.u32(10)?,
        retry: cells.u32(11)?,
        expire: cells.u32(12)?,
        minimum: cells.ttl(13)?,
    };
    Ok(ZoneSoa::Own { soa, ttl: cells.ttl(14)? })
}

fn zone_kind(cells: &Cells<'_>) -> Result<ZoneKind, Fault> {
    let kind = match cells.text(3)? {
        "range" => {
            let range = cells.range(4)?;
            let length = range.prefix_len().ok_or_else(|| cells.damaged(4))?;
            let label = range.family().label_bits();
            if length % label != 0 {
                return Err(cells.damaged(5));
            }
            ZoneKind::Range(ReversePrefix::new(range.first(), length / label))
        }
        "classless" => ZoneKind::Classless { block: BlockId(cells.u32(6)?), range: cells.range(4)? },
        "verbatim" => ZoneKind::Verbatim,
        _ => return Err(cells.damaged(3)),
    };
    let is_classless = matches!(kind, ZoneKind::Classless { .. });
    if is_classless == cells.is_null(6) || matches!(kind, ZoneKind::Verbatim) != cells.is_null(4) {
        return Err(cells.damaged(3));
    }
    Ok(kind)
}

fn records(transaction: &Transaction<'_>, sink: &mut dyn Sink) -> Result<u64, Fault> {
    let sql =
        "SELECT zone_id, owner_key, type, owner, ttl, rdatas FROM record ORDER BY zone_id, owner_key, type";
    let root = Name::root();
    let mut before: Option<(u32, Vec<u8>, u16)> = None;
    each(transaction, Table::Record, sql, |cells| {
        let (zone, key, rtype) = (cells.u32(0)?, cells.blob(1)?, cells.u16(2)?);
        if before.as_ref().is_some_and(|(z, k, t)| (*z, k.as_slice(), *t) >= (zone, key, rtype)) {
            return Err(Fault::Damaged("table record: rows out of order".to_owned()));
        }
        let owner = match cells.is_null(3) {
            // A damaged key can unpack to what is no name.
            true => Name::from_wire(key_of_lower(key, &root).as_wire()).map_err(|_| cells.damaged(1))?,
            false => cells.name(3)?,
        };
        if *owner.key_below(0) != *key {
            return Err(cells.damaged(1));
        }
        before = Some((zone, key.to_vec(), rtype));
        let rtype = RecordType(rtype);
        let rdatas = Unpack(cells.blob(5)?).rdatas_to_end(rtype).ok_or_else(|| cells.damaged(5))?;
        let rrset = RrSet { rtype, ttl: cells.ttl(4)?, rdatas };
        Ok(sink.record(ZoneRecord { zone: ZoneId(zone), owner, rrset }))
    })
}

fn ptrs<const N: usize>(
    transaction: &Transaction<'_>,
    sql: &str,
    table: Table,
    sink: &mut dyn Sink,
    address_of: impl Fn([u8; N]) -> IpAddr,
) -> Result<u64, Fault> {
    let mut statement = transaction.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut before: Option<[u8; N]> = None;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let (octets, set) = ptr_row::<N>(row).ok_or_else(|| ptr_fault(table, before.map(&address_of)))?;
        if before.is_some_and(|before| before >= octets) {
            return Err(ptr_fault(table, before.map(&address_of)));
        }
        before = Some(octets);
        let address = address_of(octets);
        sink.ptr(address, set)
            .map_err(|why| Fault::Damaged(format!("table {table}, address {address}: {why}")))?;
        count += 1;
    }
    Ok(count)
}

fn ptr_row<'a, const N: usize>(row: &'a Row<'_>) -> Option<([u8; N], PtrSet<'a>)> {
    let Ok(ValueRef::Blob(address)) = row.get_ref(0) else { return None };
    let ttl = match row.get_ref(1) {
        Ok(ValueRef::Null) => None,
        Ok(ValueRef::Integer(seconds)) if (0..=i64::from(Ttl::MAX.as_secs())).contains(&seconds) => {
            Some(Ttl::from_secs(seconds as u32))
        }
        _ => return None,
    };
    let Ok(ValueRef::Blob(names)) = row.get_ref(2) else { return None };
    names_are_well_formed(names).then_some(())?;
    Some((address.try_into().ok()?, PtrSet { ttl, names }))
}

#[cold]
fn ptr_fault(table: Table, before: Option<IpAddr>) -> Fault {
    Fault::Damaged(match before {
        Some(address) => format!("table {table}: the row after {address} makes no sense"),
        None => format!("table {table}: the first row makes no sense"),
    })
}
