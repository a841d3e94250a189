//! The data of a statement, version 1. Numbers are big-endian.
//!
//! | octets | what |
//! |---|---|
//! | 4 | `ptrd` |
//! | 1 | the version |
//! | 1 | what is stated: 1 for names by a template |
//! | 1 | owners: 0 for the reverse name of the address, 1 for its last octet below the apex (RFC 2317) |
//! | 1 | family: 4 or 6 |
//! | 4 | TTL of the PTRs in seconds |
//! | 4 or 16 each | first and last address that have names |
//! | 4 or 16 each | first and last address of the range that the template is made for, and counts in |
//! | the rest | the text of the template |

use super::{BadStatement, STATEMENT_VERSION};
use crate::named::Named;
use crate::template::Template;
use ptrd_wire::{AddrRange, Family, Ttl, ip_from_bits};

const MAGIC: &[u8; 4] = b"ptrd";
const BY_TEMPLATE: u8 = 1;

/// How the owner of an address is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owners {
    Reverse = 0,
    LastOctet = 1,
}

/// A statement, read.
pub(super) struct Statement {
    pub owners: Owners,
    pub named: Named,
}

/// Writes the statement of a run of addresses that are named alike, with the range that the template is made for.
pub(super) fn write(
    owners: Owners,
    named: &Named,
    (first, last): (u128, u128),
    base: (u128, u128),
) -> Box<[u8]> {
    let template = named.template();
    let family = template.range().family();
    let mut out = Vec::with_capacity(76 + template.text().len());
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&[STATEMENT_VERSION, BY_TEMPLATE, owners as u8, family_octet(family)]);
    out.extend_from_slice(&named.ttl().as_secs().to_be_bytes());
    for bits in [first, last, base.0, base.1] {
        match family {
            Family::V4 => out.extend_from_slice(&(bits as u32).to_be_bytes()),
            Family::V6 => out.extend_from_slice(&bits.to_be_bytes()),
        }
    }
    out.extend_from_slice(template.text().as_bytes());
    out.into()
}

fn family_octet(family: Family) -> u8 {
    match family {
        Family::V4 => 4,
        Family::V6 => 6,
    }
}

/// Reads one; `None` where the data is not that of a statement.
pub(super) fn read(rdata: &[u8]) -> Result<Option<Statement>, BadStatement> {
    let Some(rest) = rdata.strip_prefix(MAGIC) else { return Ok(None) };
    let short = BadStatement::Malformed("it is cut short");
    let (&version, rest) = rest.split_first().ok_or(short.clone())?;
    if version != STATEMENT_VERSION {
        return Err(BadStatement::Version(version));
    }
    let (&[what, owners, family], rest) = rest.split_first_chunk().ok_or(short.clone())?;
    if what != BY_TEMPLATE {
        return Err(BadStatement::Malformed("what it states is not known"));
    }
    let owners = match owners {
        0 => Owners::Reverse,
        1 => Owners::LastOctet,
        _ => return Err(BadStatement::Malformed("how owners are made is not known")),
    };
    let family = match family {
        4 => Family::V4,
        6 => Family::V6,
        _ => return Err(BadStatement::Malformed("the family of addresses is neither 4 nor 6")),
    };
    let (ttl, mut rest) = rest.split_first_chunk::<4>().ok_or(short.clone())?;
    let mut address = || {
        let width = usize::from(family.bits() / 8);
        let (octets, after) = rest.split_at_checked(width)?;
        rest = after;
        Some(octets.iter().fold(0u128, |bits, octet| bits << 8 | u128::from(*octet)))
    };
    let mut range = || {
        let (first, last) = (address().ok_or(short.clone())?, address().ok_or(short.clone())?);
        AddrRange::new(ip_from_bits(family, first), ip_from_bits(family, last))
            .map_err(|_| BadStatement::Malformed("a range ends before it begins"))
    };
    let (range, base) = (range()?, range()?);
    if !base.covers(&range) {
        return Err(BadStatement::Malformed("addresses lie outside the range of the template"));
    }
    let text = std::str::from_utf8(rest).map_err(|_| BadStatement::Malformed("the text of the template"))?;
    let template =
        Template::new(text, base).map_err(|error| BadStatement::Template(text.to_owned(), base, error))?;
    let ttl = Ttl::from_secs(u32::from_be_bytes(*ttl));
    Ok(Some(Statement { owners, named: Named::new(range, template, ttl) }))
}
