//! Writes a zone as a master file.
//!
//! One record a line, every field written out: the owner relative to `$ORIGIN` or absolute, TTL, class, type,
//! data with absolute names. Whatever octets names and data hold, the text is printable ASCII and reads back
//! to the same records, here and in BIND, NSD and Knot.

use crate::names::{push_name, push_owner};
use crate::rdata::{is_by_number, push_portable, write_generic, write_rdata};
use ptrd_wire::{Name, RecordType, RrSet, Soa, Ttl};
use std::fmt::Write as _;
use std::io;

/// Writes the zone: `$ORIGIN`, the SOA, then `records` in the order given. Reading it again gives the same
/// records, octet for octet.
///
/// # Errors
/// Those of `out`.
pub fn write_zone<'r>(
    out: &mut impl io::Write,
    apex: &Name,
    soa: &Soa,
    soa_ttl: Ttl,
    records: impl IntoIterator<Item = (&'r Name, &'r RrSet)>,
) -> io::Result<()> {
    let mut writer = ZoneWriter::new(out, apex, soa, soa_ttl)?;
    for (owner, rrset) in records {
        writer.owner(owner.as_wire(), rrset.ttl, rrset.rtype);
        rrset.rdatas.iter().try_for_each(|rdata| writer.record(&[rdata]))?;
    }
    Ok(())
}

/// Writes a zone RRset by RRset, for one that is larger than memory: what [`write_zone`] does, driven from outside.
pub struct ZoneWriter<'z, W: io::Write> {
    out: W,
    apex: &'z Name,
    /// The line of a record; up to `head`, what all records of the RRset begin with.
    line: String,
    head: usize,
    rtype: RecordType,
    rdata: Vec<u8>,
}

impl<'z, W: io::Write> ZoneWriter<'z, W> {
    /// Writes `$ORIGIN` and the SOA.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(out: W, apex: &'z Name, soa: &Soa, soa_ttl: Ttl) -> io::Result<ZoneWriter<'z, W>> {
        let mut line = String::from("$ORIGIN ");
        push_name(apex.as_wire(), &mut line);
        line.push('\n');
        let mut writer = ZoneWriter { out, apex, line, head: 0, rtype: RecordType::SOA, rdata: Vec::new() };
        writer.push_head(apex.as_wire(), soa_ttl, RecordType::SOA);
        writer.record(&[&soa.to_wire()])?;
        Ok(writer)
    }

    /// Says whose records come next: an owner in wire form, and what they have in common.
    pub fn owner(&mut self, owner: &[u8], ttl: Ttl, rtype: RecordType) {
        self.line.clear();
        self.push_head(owner, ttl, rtype);
    }

    fn push_head(&mut self, owner: &[u8], ttl: Ttl, rtype: RecordType) {
        push_owner(owner, self.apex, &mut self.line);
        // Writing into a String cannot fail.
        let _ = write!(self.line, " {ttl} IN ");
        push_portable(rtype, &mut self.line);
        self.line.push(' ');
        (self.head, self.rtype) = (self.line.len(), rtype);
    }

    /// Writes one record; its data comes in parts that follow each other.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn record(&mut self, parts: &[&[u8]]) -> io::Result<()> {
        self.line.truncate(self.head);
        self.rdata.clear();
        parts.iter().for_each(|part| self.rdata.extend_from_slice(part));
        if is_by_number(self.rtype) {
            write_generic(&self.rdata, &mut self.line);
        } else {
            write_rdata(self.rtype, &self.rdata, &mut self.line);
        }
        self.line.push('\n');
        self.out.write_all(self.line.as_bytes())
    }
}
