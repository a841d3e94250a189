//! Types made of 16-bit numbers and names, addresses, strings, and the SOA.

use crate::error::RdataError;
use crate::fields::Fields;
use crate::names::push_name;
use crate::rdata::rtype;
use ptrd_wire::{Name, RecordType, Soa};
use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

/// How many 16-bit numbers and then names the data consists of.
fn layout(rtype: RecordType) -> Option<(usize, usize)> {
    match rtype {
        RecordType::PTR | RecordType::NS | RecordType::CNAME | RecordType::DNAME => Some((0, 1)),
        rtype::MD | rtype::MF | rtype::MB | rtype::MG | rtype::MR => Some((0, 1)),
        RecordType::RP | rtype::MINFO | rtype::TALINK => Some((0, 2)),
        RecordType::MX | RecordType::AFSDB | rtype::RT | rtype::KX | rtype::LP => Some((1, 1)),
        rtype::PX => Some((1, 2)),
        RecordType::SRV => Some((3, 1)),
        _ => None,
    }
}

fn is_strings(rtype: RecordType) -> bool {
    matches!(rtype, RecordType::TXT | RecordType::SPF)
}

/// The data, or `None` when the type is not one of these.
pub fn read(rtype: RecordType, fields: &mut Fields<'_>) -> Result<Option<Vec<u8>>, RdataError> {
    let mut out = Vec::new();
    if let Some((numbers, names)) = layout(rtype) {
        for _ in 0..numbers {
            out.extend_from_slice(&fields.parsed::<u16>("number (0 to 65535)")?.to_be_bytes());
        }
        for _ in 0..names {
            out.extend_from_slice(fields.name("name")?.as_wire());
        }
    } else if is_strings(rtype) {
        fields.charstr(&mut out, "text")?;
        while !fields.is_empty() {
            fields.charstr(&mut out, "text")?;
        }
    } else {
        match rtype {
            RecordType::A => out.extend_from_slice(&fields.parsed::<Ipv4Addr>("IPv4 address")?.octets()),
            RecordType::AAAA => out.extend_from_slice(&fields.parsed::<Ipv6Addr>("IPv6 address")?.octets()),
            RecordType::SOA => read_soa(fields, &mut out)?,
            _ => return Ok(None),
        }
    }
    fields.end()?;
    Ok(Some(out))
}

fn read_soa(fields: &mut Fields<'_>, out: &mut Vec<u8>) -> Result<(), RdataError> {
    out.extend_from_slice(fields.name("primary nameserver")?.as_wire());
    out.extend_from_slice(fields.name("mailbox of the person responsible")?.as_wire());
    out.extend_from_slice(&fields.parsed::<u32>("serial (0 to 4294967295)")?.to_be_bytes());
    for what in ["refresh time", "retry time", "expire time", "minimum TTL"] {
        out.extend_from_slice(&fields.seconds(what)?.to_be_bytes());
    }
    Ok(())
}

/// Whether octets have the form of the type; `None` when it is not one of these.
pub fn is_well_formed(rtype: RecordType, rdata: &[u8]) -> Option<bool> {
    if let Some((numbers, names)) = layout(rtype) {
        return Some(split(rdata, numbers, names).is_some());
    }
    if is_strings(rtype) {
        return Some(!rdata.is_empty() && strings(rdata).all(|string| string.is_some()));
    }
    match rtype {
        RecordType::A => Some(rdata.len() == 4),
        RecordType::AAAA => Some(rdata.len() == 16),
        RecordType::SOA => Some(Soa::from_wire(rdata).is_ok()),
        _ => None,
    }
}

/// The numbers as octets, and the names.
fn split(rdata: &[u8], numbers: usize, names: usize) -> Option<(&[u8], Vec<Name>)> {
    let (head, mut rest) = rdata.split_at_checked(2 * numbers)?;
    let mut found = Vec::with_capacity(names);
    for _ in 0..names {
        let (name, used) = Name::from_wire_prefix(rest).ok()?;
        found.push(name);
        rest = &rest[used..];
    }
    rest.is_empty().then_some((head, found))
}

/// The character strings that the octets consist of; `None` where one is cut.
fn strings(rdata: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    let mut rest = rdata;
    std::iter::from_fn(move || {
        let (&length, after) = rest.split_first()?;
        let Some((string, after)) = after.split_at_checked(length.into()) else {
            rest = &[];
            return Some(None);
        };
        rest = after;
        Some(Some(string))
    })
}

/// Appends the text; `false`, with rubbish appended, when the type is not one of these or the data not its.
pub fn write(rtype: RecordType, rdata: &[u8], out: &mut String) -> bool {
    if let Some((numbers, names)) = layout(rtype) {
        let Some((head, names)) = split(rdata, numbers, names) else { return false };
        for pair in head.chunks_exact(2) {
            // Writing into a String cannot fail.
            let _ = write!(out, "{} ", u16::from_be_bytes([pair[0], pair[1]]));
        }
        push_names(&names, out);
        return true;
    }
    if is_strings(rtype) {
        for (n, string) in strings(rdata).enumerate() {
            let Some(string) = string else { return false };
            if n > 0 {
                out.push(' ');
            }
            write_string(string, out);
        }
        return !rdata.is_empty();
    }
    match rtype {
        RecordType::A => match <[u8; 4]>::try_from(rdata) {
            Ok(octets) => write!(out, "{}", Ipv4Addr::from(octets)).is_ok(),
            Err(_) => false,
        },
        RecordType::AAAA => match <[u8; 16]>::try_from(rdata) {
            Ok(octets) => write!(out, "{}", Ipv6Addr::from(octets)).is_ok(),
            Err(_) => false,
        },
        RecordType::SOA => write_soa(rdata, out),
        _ => false,
    }
}

fn write_soa(rdata: &[u8], out: &mut String) -> bool {
    let Some((names, numbers)) = rdata.len().checked_sub(20).map(|at| rdata.split_at(at)) else {
        return false;
    };
    let Some((_, names)) = split(names, 0, 2) else { return false };
    push_names(&names, out);
    for four in numbers.chunks_exact(4) {
        // Writing into a String cannot fail.
        let _ = write!(out, " {}", u32::from_be_bytes([four[0], four[1], four[2], four[3]]));
    }
    true
}

fn push_names(names: &[Name], out: &mut String) {
    for (n, name) in names.iter().enumerate() {
        if n > 0 {
            out.push(' ');
        }
        push_name(name.as_wire(), out);
    }
}

/// Appends a string in quotes, everything but printable ASCII as `\DDD`.
pub fn write_string(string: &[u8], out: &mut String) {
    out.push('"');
    for &b in string {
        match b {
            b'"' | b'\\' => out.extend(['\\', b as char]),
            0x20..=0x7e => out.push(b as char),
            // Writing into a String cannot fail.
            _ => _ = write!(out, "\\{b:03}"),
        }
    }
    out.push('"');
}
