//! Record data between text and wire form (RFC 1035 §5.1, RFC 3597 §5).
//!
//! Who reads what: types made of numbers, names and addresses are read here with [`ptrd_wire::Name`], which
//! says in its errors what is wrong with a name; types that `domain` knows go through its zone-file scanner
//! (module `scanned`); a few that it does not know have their codec in `rare` and `loc`. Types that nobody here
//! knows have the `\#` form only.
//!
//! Invariants: data that leaves this module as octets has the form of its type, checked on the octets, whoever
//! read the text. Text that leaves it has been read back and gave the same octets; what does not survive that
//! is written as `\#`.

mod loc;
mod plain;
mod rare;
mod scanned;
mod strict;

use crate::error::{RdataError, quoted};
use crate::fields::Fields;
use crate::lexer::Lexer;
use ptrd_wire::{Name, RecordType};
use std::fmt::Write;

/// Types without a name in `ptrd-wire` whose text form is read all the same.
pub(crate) mod rtype {
    use ptrd_wire::RecordType;

    pub const MD: RecordType = RecordType(3);
    pub const MF: RecordType = RecordType(4);
    pub const MB: RecordType = RecordType(7);
    pub const MG: RecordType = RecordType(8);
    pub const MR: RecordType = RecordType(9);
    pub const MINFO: RecordType = RecordType(14);
    pub const RT: RecordType = RecordType(21);
    pub const PX: RecordType = RecordType(26);
    pub const KX: RecordType = RecordType(36);
    pub const TALINK: RecordType = RecordType(58);
    pub const LP: RecordType = RecordType(107);
}

/// Reads the data of one record from its text: `rdata_from_text(RecordType::MX, "10 mail", &origin)`.
///
/// Relative names end in `origin`; parentheses, comments and `\# LENGTH HEX` are understood.
///
/// # Errors
/// [`RdataError`] when the text is not the data of this type.
pub fn rdata_from_text(rtype: RecordType, text: &str, origin: &Name) -> Result<Box<[u8]>, RdataError> {
    from_octets(rtype, text.as_bytes(), Some(origin))
}

fn from_octets(rtype: RecordType, text: &[u8], origin: Option<&Name>) -> Result<Box<[u8]>, RdataError> {
    let mut lexer = Lexer::new(text, 1);
    let rdata = match lexer.entry() {
        Some(entry) => read(rtype, &mut Fields::new(entry.map_err(|fault| fault.error)?, origin))?,
        None => return Err(RdataError::Missing("data")),
    };
    match lexer.entry() {
        None => Ok(rdata),
        Some(_) => Err(RdataError::SeveralLines),
    }
}

/// Reads the data of a record of this type from the fields after the type.
pub(crate) fn read(rtype: RecordType, fields: &mut Fields<'_>) -> Result<Box<[u8]>, RdataError> {
    if rtype.is_meta() {
        return Err(RdataError::MetaType);
    }
    if fields.peek_plain() == Some(b"\\#") {
        let rdata = read_generic(fields)?;
        check_rdata(rtype, &rdata)?;
        return Ok(rdata.into());
    }
    if let Some(rdata) = plain::read(rtype, fields)? {
        return finish(rdata);
    }
    let rdata = match rare::read(rtype, fields)? {
        Some(rdata) => rdata,
        None => scanned::read(rtype, fields)?,
    };
    check_rdata(rtype, &rdata)?;
    finish(rdata)
}

fn finish(rdata: Vec<u8>) -> Result<Box<[u8]>, RdataError> {
    if rdata.len() > 65_535 { Err(RdataError::TooLong(rdata.len())) } else { Ok(rdata.into()) }
}

/// `\# LENGTH HEX` (RFC 3597 §5).
fn read_generic(fields: &mut Fields<'_>) -> Result<Vec<u8>, RdataError> {
    fields.plain("\\#")?;
    let said: usize = fields.parsed::<u16>("length (0 to 65535)")?.into();
    let hex = fields.joined();
    let octets: Vec<u8> = domain::utils::base16::decode(&hex)
        .map_err(|_| RdataError::Field { text: quoted(hex.as_bytes()), what: "hex of whole octets" })?;
    if octets.len() == said {
        Ok(octets)
    } else {
        Err(RdataError::GenericLength { said, found: octets.len() })
    }
}

/// Says whether octets are data of this type, names uncompressed. Unknown types take any octets.
///
/// # Errors
/// [`RdataError::Malformed`], [`RdataError::TooLong`] or [`RdataError::MetaType`].
pub fn check_rdata(rtype: RecordType, rdata: &[u8]) -> Result<(), RdataError> {
    if rtype.is_meta() {
        return Err(RdataError::MetaType);
    }
    if rdata.len() > 65_535 {
        return Err(RdataError::TooLong(rdata.len()));
    }
    let right = plain::is_well_formed(rtype, rdata)
        .or_else(|| rare::is_well_formed(rtype, rdata))
        .or_else(|| scanned::is_well_formed(rtype, rdata));
    match right {
        Some(false) => Err(RdataError::Malformed(format!(
            "these {} octets do not have the form of this type",
            rdata.len()
        ))),
        _ => Ok(()),
    }
}

/// Writes record data as one line of text that [`rdata_from_text`] reads back to the same octets.
///
/// Names are absolute with a final dot and decimal escapes; unknown types, and data without the form of its
/// type, become `\# LENGTH HEX`.
pub fn rdata_to_text(rtype: RecordType, rdata: &[u8]) -> String {
    let mut out = String::new();
    write_rdata(rtype, rdata, &mut out);
    out
}

/// Appends what [`rdata_to_text`] returns.
pub(crate) fn write_rdata(rtype: RecordType, rdata: &[u8], out: &mut String) {
    let start = out.len();
    if plain::write(rtype, rdata, out) {
        return;
    }
    out.truncate(start);
    let text = match rdata.is_empty() {
        true => None,
        false => rare::to_text(rtype, rdata).or_else(|| scanned::to_text(rtype, rdata)),
    };
    match text {
        Some(text) if reads_back(rtype, &text, rdata) => out.push_str(&text),
        _ => write_generic(rdata, out),
    }
}

/// Appends the type as every widespread server reads it: some have no mnemonic, or no text form of the data, for these.
pub(crate) fn push_portable(rtype: RecordType, out: &mut String) {
    // Writing into a String cannot fail.
    let _ = match is_by_number(rtype) {
        true => write!(out, "TYPE{}", rtype.0),
        false => write!(out, "{rtype}"),
    };
}

/// What [`push_portable`] appends.
pub(crate) fn portable(rtype: RecordType) -> String {
    let mut text = String::new();
    push_portable(rtype, &mut text);
    text
}

/// Whether one of the widespread servers has no mnemonic or no text form for the type.
pub(crate) fn is_by_number(rtype: RecordType) -> bool {
    matches!(rtype, RecordType::NULL | RecordType::SIG | RecordType::KEY | RecordType::HIP)
}

fn reads_back(rtype: RecordType, text: &str, rdata: &[u8]) -> bool {
    text.bytes().all(|b| (0x20..=0x7e).contains(&b))
        && from_octets(rtype, text.as_bytes(), None).is_ok_and(|read| *read == *rdata)
}

pub(crate) fn write_generic(rdata: &[u8], out: &mut String) {
    out.reserve(16 + 2 * rdata.len());
    out.push_str("\\# ");
    out.push_str(&rdata.len().to_string());
    if rdata.is_empty() {
        return;
    }
    out.push(' ');
    for b in rdata {
        // Writing into a String cannot fail.
        let _ = write!(out, "{b:02x}");
    }
}

#[cfg(test)]
mod tests;
