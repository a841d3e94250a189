//! The rows of NS sets and SOA templates, read and written.

use super::commit::{RowSql, Writer};
use super::fault::Fault;
use super::load::{each, within};
use super::table::Table;
use crate::Sink;
use crate::pack::{Pack, Unpack};
use ptrd_wire::Name;
use ptrd_zone::model::{NsSet, NsSetId, SoaTemplate, SoaTemplateId};
use rusqlite::{Transaction, params};

const NS_SET: RowSql = RowSql {
    table: Table::NsSet,
    insert: "INSERT INTO ns_set (id, name, ttl, nameservers) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
    update: "UPDATE ns_set SET name = ?2, ttl = ?3, nameservers = ?4 WHERE id = ?1",
};

const SOA_TEMPLATE: RowSql = RowSql {
    table: Table::SoaTemplate,
    insert: "INSERT INTO soa_template (id, name, mname, rname, refresh, retry, expire, minimum, ttl, serial_policy)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
    update: "UPDATE soa_template SET name = ?2, mname = ?3, rname = ?4, refresh = ?5, retry = ?6, expire = ?7,
                                     minimum = ?8, ttl = ?9, serial_policy = ?10 WHERE id = ?1",
};

pub(super) fn ns_sets(transaction: &Transaction<'_>, sink: &mut dyn Sink, last: u32) -> Result<u64, Fault> {
    let sql = "SELECT id, name, ttl, nameservers FROM ns_set ORDER BY id";
    each(transaction, Table::NsSet, sql, |cells| {
        let id = cells.u32(0)?;
        within("NS set", id.into(), last.into())?;
        let nameservers = Unpack(cells.blob(3)?).names_to_end().ok_or_else(|| cells.damaged(3))?;
        let (name, ttl) = (cells.text(1)?.to_owned(), cells.ttl_or_null(2)?);
        Ok(sink.ns_set(NsSet { id: NsSetId(id), name, nameservers, ttl }))
    })
}

pub(super) fn soa_templates(
    transaction: &Transaction<'_>,
    sink: &mut dyn Sink,
    last: u32,
) -> Result<u64, Fault> {
    let sql = "SELECT id, name, mname, rname, refresh, retry, expire, minimum, ttl, serial_policy
               FROM soa_template ORDER BY id";
    each(transaction, Table::SoaTemplate, sql, |cells| {
        let id = cells.u32(0)?;
        within("SOA template", id.into(), last.into())?;
        Ok(sink.soa_template(SoaTemplate {
            id: SoaTemplateId(id),
            name: cells.text(1)?.to_owned(),
            mname: cells.name_or_null(2)?,
            rname: cells.name(3)?,
            refresh: cells.u32(4)?,
            retry: cells.u32(5)?,
            expire: cells.u32(6)?,
            minimum: cells.ttl(7)?,
            ttl: cells.ttl_or_null(8)?,
            serial_policy: cells.word(9)?,
        }))
    })
}

pub(super) fn ns_set(
    writer: &mut Writer<'_>,
    id: NsSetId,
    there: bool,
    after: Option<&NsSet>,
) -> Result<(), Fault> {
    let Some(set) = after else {
        return writer.remove(Table::NsSet, "DELETE FROM ns_set WHERE id = ?1", [id.0]);
    };
    let mut pack = Pack::default();
    set.nameservers.iter().for_each(|name| pack.name(name));
    writer.put(&NS_SET, there, params![id.0, set.name, set.ttl.map(|ttl| ttl.as_secs()), pack.0])
}

pub(super) fn soa_template(
    writer: &mut Writer<'_>,
    id: SoaTemplateId,
    there: bool,
    after: Option<&SoaTemplate>,
) -> Result<(), Fault> {
    let Some(template) = after else {
        return writer.remove(Table::SoaTemplate, "DELETE FROM soa_template WHERE id = ?1", [id.0]);
    };
    writer.put(
        &SOA_TEMPLATE,
        there,
        params![
            id.0,
            template.name,
            template.mname.as_ref().map(Name::as_wire),
            template.rname.as_wire(),
            template.refresh,
            template.retry,
            template.expire,
            template.minimum.as_secs(),
            template.ttl.map(|ttl| ttl.as_secs()),
            template.serial_policy.word(),
        ],
    )
}
