//! Writes a zone as a master file.
//!
//! One record a line, every field written out: the owner relative to `$ORIGIN` or absolute, TTL, class, type,
//! data with absolute names. Whatever octets names and data hold, the text is printable ASCII and reads back
//! to the same records, here and in BIND, NSD and Knot.

use crate::names::{push_name, push_owner};
use crate::rdata::{is_by_number, portable, write_generic, write_rdata};
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
    let mut line = String::from("$ORIGIN ");
    push_name(apex, &mut line);
    line.push('\n');
    write_head(apex, apex, soa_ttl, RecordType::SOA, &mut line);
    write_rdata(RecordType::SOA, &soa.to_wire(), &mut line);
    writeln!(out, "{line}")?;
    for (owner, rrset) in records {
        line.clear();
        write_head(owner, apex, rrset.ttl, rrset.rtype, &mut line);
        let head = line.len();
        for rdata in &rrset.rdatas {
            line.truncate(head);
            if is_by_number(rrset.rtype) {
                write_generic(rdata, &mut line);
            } else {
                write_rdata(rrset.rtype, rdata, &mut line);
            }
            line.push('\n');
            out.write_all(line.as_bytes())?;
        }
    }
    Ok(())
}

fn write_head(owner: &Name, apex: &Name, ttl: Ttl, rtype: RecordType, line: &mut String) {
    push_owner(owner, apex, line);
    // Writing into a String cannot fail.
    let _ = write!(line, " {ttl} IN {} ", portable(rtype));
}
