//! Whether each address of a range gets a legal name that no other has.

use super::Piece;
use super::field::{Field, What};
use super::read::low;
use ptrd_wire::{AddrRange, Family};

/// What is wrong with a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    /// More octets than a text may have.
    #[error("a template has 1024 octets at most")]
    LongText,
    /// A brace that nothing closes.
    #[error("“{0}” opens a field that has no closing brace")]
    Unclosed(String),
    /// No such field.
    #[error("there is no field {{{0}}}: use a, b, c, d (IPv4), 1 to 8 (IPv6), ip, hex, n or n+NUMBER")]
    Field(String),
    /// A form that the field cannot have.
    #[error(
        "{{{0}}}: behind the colon stands a width of at most 63 digits, a base (d, o or x), or both; hex has neither"
    )]
    Form(String),
    /// Not for this family of addresses.
    #[error("{{{0}}} is a part of an {1} address, and the range has none")]
    Family(String, &'static str),
    /// No field at all.
    #[error(
        "a template without a field gives all addresses the same name; name a single address with `ptr set`"
    )]
    NoField,
    /// Too many fields.
    #[error("{0} fields; a template has 16 at most")]
    ManyFields(usize),
    /// A character that no host name has.
    #[error(
        "“{0}” does not belong into host names, which have letters, digits, hyphens and dots (RFC 1123 §2.1)"
    )]
    Character(char),
    /// A label without anything in it.
    #[error("a label is empty: two dots in a row, or one at the start")]
    EmptyLabel,
    /// A hyphen at the start or the end of a label.
    #[error("a label starts or ends with a hyphen")]
    Hyphen,
    /// Two hyphens where internationalized names have them.
    #[error(
        "some addresses would get “--” as third and fourth character of a label, which marks internationalized names (RFC 5891 §4.2.3.1)"
    )]
    Double,
    /// A label that is longer than 63 octets for some address.
    #[error("a label would have up to {0} octets; 63 are allowed")]
    LongLabel(usize),
    /// A name that is longer than 255 octets for some address.
    #[error("names would have up to {0} octets; 255 are allowed")]
    LongName(usize),
    /// Two addresses may get the same name.
    #[error("addresses that differ only in {0} would get the same name: add the fields that tell them apart")]
    Same(String),
    /// Fields that run into each other.
    #[error(
        "two fields without a fixed width follow each other with no letter, hyphen or dot between: 1 and 12 would read like 11 and 2; give one a width, as in {{d:3}}"
    )]
    Together,
    /// The last label would be a number.
    #[error("the last label must not begin with a digit: give the full name, ending in a domain of yours")]
    Top,
}

pub(super) fn check(pieces: &[Piece], range: &AddrRange) -> Result<(), BadTemplate> {
    families(pieces, range)?;
    labels(pieces, range)?;
    together(pieces, range)?;
    distinct(pieces, range)
}

fn fields(pieces: &[Piece]) -> impl Iterator<Item = &Field> {
    pieces.iter().filter_map(|piece| match piece {
        Piece::Field(field) => Some(field),
        _ => None,
    })
}

fn families(pieces: &[Piece], range: &AddrRange) -> Result<(), BadTemplate> {
    for field in fields(pieces) {
        match (field.what, range.family()) {
            (What::Octet(nth), Family::V6) => {
                return Err(BadTemplate::Family(char::from(b'a' + nth).to_string(), "IPv4"));
            }
            (What::Group(nth), Family::V4) => {
                return Err(BadTemplate::Family((nth + 1).to_string(), "IPv6"));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Each label on its own, at its shortest and its longest.
fn labels(pieces: &[Piece], range: &AddrRange) -> Result<(), BadTemplate> {
    let mut whole = 1;
    let mut last_starts_with_digit = false;
    for label in pieces.split(|piece| *piece == Piece::Dot) {
        let (mut least, mut most) = (0, 0);
        for piece in label {
            match piece {
                Piece::Text(text) => {
                    // Where in the label a pair of hyphens may come to stand.
                    let pairs = text.windows(2).enumerate().filter(|(_, pair)| *pair == b"--");
                    if pairs.into_iter().any(|(at, _)| (least + at..=most + at).contains(&2)) {
                        return Err(BadTemplate::Double);
                    }
                    (least, most) = (least + text.len(), most + text.len());
                }
                Piece::Field(field) => {
                    let widths = field.widths(range);
                    (least, most) = (least + widths.0, most + widths.1);
                }
                Piece::Dot => {}
            }
        }
        match (label.first(), label.last()) {
            (None, _) | (_, None) => return Err(BadTemplate::EmptyLabel),
            (Some(Piece::Text(text)), _) if text.starts_with(b"-") => return Err(BadTemplate::Hyphen),
            (_, Some(Piece::Text(text))) if text.ends_with(b"-") => return Err(BadTemplate::Hyphen),
            _ => {}
        }
        if most > 63 {
            return Err(BadTemplate::LongLabel(most));
        }
        last_starts_with_digit = match label.first() {
            Some(Piece::Text(text)) => text[0].is_ascii_digit(),
            _ => true,
        };
        whole += most + 1;
    }
    match whole {
        256.. => Err(BadTemplate::LongName(whole)),
        _ if last_starts_with_digit => Err(BadTemplate::Top),
        _ => Ok(()),
    }
}

/// Between two fields of no fixed width stands something that is a digit of neither.
fn together(pieces: &[Piece], range: &AddrRange) -> Result<(), BadTemplate> {
    // The base of the last such field, and what stands between it and here.
    let mut open: Option<(u8, Vec<u8>)> = None;
    for piece in pieces {
        match (piece, &mut open) {
            (Piece::Dot, Some((_, between))) => between.push(b'.'),
            (Piece::Text(text), Some((_, between))) => between.extend_from_slice(text),
            (Piece::Field(field), _) => {
                let (least, most) = field.widths(range);
                if least == most {
                    continue;
                }
                if let Some((base, between)) = &open {
                    let base = u32::from(field.base.max(*base));
                    if between.iter().all(|octet| char::from(*octet).is_digit(base)) {
                        return Err(BadTemplate::Together);
                    }
                }
                open = Some((field.base, Vec::new()));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The fields determine every bit in which two addresses of the range may differ.
fn distinct(pieces: &[Piece], range: &AddrRange) -> Result<(), BadTemplate> {
    let covered = fields(pieces).fold(0, |bits, field| bits | field.covers());
    let open = low(range) & !covered;
    if open == 0 {
        return Ok(());
    }
    let missing: Vec<String> = match range.family() {
        Family::V4 => (0..4u8)
            .filter(|nth| open >> (24 - 8 * u32::from(*nth)) & 0xff != 0)
            .map(|nth| format!("{{{}}}", char::from(b'a' + nth)))
            .collect(),
        Family::V6 => (0..8u8)
            .filter(|nth| open >> (112 - 16 * u32::from(*nth)) & 0xffff != 0)
            .map(|nth| format!("{{{}}}", nth + 1))
            .collect(),
    };
    Err(BadTemplate::Same(missing.join(" ")))
}
