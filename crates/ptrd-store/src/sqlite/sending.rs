//! The rows of addresses that send mail, read and written.

use super::commit::{RowSql, Writer};
use super::fault::Fault;
use super::load::each;
use super::table::Table;
use crate::Sink;
use crate::pack::{AddressOctets, Pack, Unpack};
use ptrd_zone::model::Sending;
use rusqlite::{Transaction, params};
use std::net::IpAddr;

const SENDING: RowSql = RowSql {
    table: Table::Sending,
    insert: "INSERT INTO sending (address, helo, mta, domains) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
    update: "UPDATE sending SET helo = ?2, mta = ?3, domains = ?4 WHERE address = ?1",
};

pub(super) fn read(transaction: &Transaction<'_>, sink: &mut dyn Sink) -> Result<u64, Fault> {
    // IPv4 first: octets of four and of sixteen sort as one.
    let sql = "SELECT address, helo, mta, domains FROM sending ORDER BY length(address), address";
    each(transaction, Table::Sending, sql, |cells| {
        let mta = (!cells.is_null(2)).then(|| cells.text(2).map(str::to_owned)).transpose()?;
        let domains = Unpack(cells.blob(3)?).any_names_to_end().ok_or_else(|| cells.damaged(3))?;
        Ok(sink.sending(Sending { address: cells.address(0)?, helo: cells.name(1)?, mta, domains }))
    })
}

pub(super) fn write(
    writer: &mut Writer<'_>,
    address: IpAddr,
    there: bool,
    after: Option<&Sending>,
) -> Result<(), Fault> {
    let key = AddressOctets::of(address);
    let Some(sending) = after else {
        return writer.remove(Table::Sending, "DELETE FROM sending WHERE address = ?1", [key.as_slice()]);
    };
    let mut domains = Pack::default();
    sending.domains.iter().for_each(|name| domains.name(name));
    writer.put(&SENDING, there, params![key.as_slice(), sending.helo.as_wire(), sending.mta, domains.0])
}
