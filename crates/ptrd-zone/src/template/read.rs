//! Reading: the text of a template, and a name by a template.

use super::check::BadTemplate;
use super::field::{Field, What};
use super::{LONGEST_TEXT, Partly, Piece};
use ptrd_wire::{AddrRange, Family};

/// Fields at most.
const MOST_FIELDS: usize = 16;
/// Digits at most.
const WIDEST: u8 = 63;

/// The pieces of a template's text.
pub(super) fn pieces(text: &str) -> Result<Vec<Piece>, BadTemplate> {
    if text.len() > LONGEST_TEXT {
        return Err(BadTemplate::LongText);
    }
    let text = text.strip_suffix('.').unwrap_or(text);
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match first {
            '{' => {
                let (inside, behind) =
                    rest[1..].split_once('}').ok_or_else(|| BadTemplate::Unclosed(rest.to_owned()))?;
                pieces.push(Piece::Field(field(inside)?));
                rest = behind;
            }
            '.' => {
                pieces.push(Piece::Dot);
                rest = &rest[1..];
            }
            _ => {
                let end = rest.find(['{', '.']).unwrap_or(rest.len());
                let (literal, behind) = rest.split_at(end);
                let is_legal = |c: char| c.is_ascii_alphanumeric() || c == '-';
                if let Some(character) = literal.chars().find(|c| !is_legal(*c)) {
                    return Err(BadTemplate::Character(character));
                }
                pieces.push(Piece::Text(literal.as_bytes().into()));
                rest = behind;
            }
        }
    }
    match pieces.iter().filter(|piece| matches!(piece, Piece::Field(_))).count() {
        0 => Err(BadTemplate::NoField),
        count if count > MOST_FIELDS => Err(BadTemplate::ManyFields(count)),
        _ => Ok(pieces),
    }
}

fn field(inside: &str) -> Result<Field, BadTemplate> {
    let unknown = || BadTemplate::Field(inside.to_owned());
    let (name, form) = inside.split_once(':').map_or((inside, None), |(name, form)| (name, Some(form)));
    let (what, width, base) = match name {
        "a" | "b" | "c" | "d" => (What::Octet(name.as_bytes()[0] - b'a'), 1, 10),
        "ip" => (What::Dashed, 1, 10),
        "hex" => (What::Hex, 0, 16),
        "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" => (What::Group(name.as_bytes()[0] - b'1'), 4, 16),
        "n" => (What::Nth(0), 1, 10),
        _ => match name.strip_prefix("n+").map(str::parse::<u64>) {
            Some(Ok(more)) => (What::Nth(more.into()), 1, 10),
            _ => return Err(unknown()),
        },
    };
    let Some(form) = form else { return Ok(Field { what, width, base }) };
    if what == What::Hex {
        return Err(BadTemplate::Form(inside.to_owned()));
    }
    let digits = form.trim_end_matches(['d', 'o', 'x']);
    let base = match &form[digits.len()..] {
        "" => base,
        "d" => 10,
        "o" => 8,
        "x" => 16,
        _ => return Err(BadTemplate::Form(inside.to_owned())),
    };
    let width = if digits.is_empty() { Some(width) } else { digits.parse().ok() };
    match width {
        Some(width @ 0..=WIDEST) => Ok(Field { what, width, base }),
        _ => Err(BadTemplate::Form(inside.to_owned())),
    }
}

/// What is known of an address while a name is read.
#[derive(Clone, Copy)]
struct Known {
    bits: u128,
    mask: u128,
}

impl Known {
    /// What all addresses of a range have.
    fn of(range: &AddrRange) -> Known {
        let fixed = !low(range);
        Known { bits: range.first_bits() & fixed, mask: fixed }
    }

    /// With these bits besides; `None` if they contradict.
    fn with(self, bits: u128, mask: u128) -> Option<Known> {
        let is_same = (self.bits ^ bits) & self.mask & mask == 0;
        is_same.then_some(Known { bits: self.bits | bits & mask, mask: self.mask | mask })
    }
}

/// The address of the range that a name in lower case says; the caller makes sure that it is so.
pub(super) fn bits(pieces: &[Piece], text: &[u8], range: &AddrRange) -> Option<u128> {
    let known = match_from(pieces, text, range, Known::of(range))?;
    Some(known.bits).filter(|bits| (range.first_bits()..=range.last_bits()).contains(bits))
}

/// What the text of the last labels says of addresses of the range.
pub(super) fn partly(pieces: &[Piece], text: &[u8], range: &AddrRange) -> Option<Partly> {
    let known = match_from(pieces, text, range, Known::of(range))?;
    Some(Partly::new(known.bits, known.mask))
}

/// The bits in which addresses of the range may differ.
pub(super) fn low(range: &AddrRange) -> u128 {
    match (range.first_bits() ^ range.last_bits()).leading_zeros() {
        128 => 0,
        zeros => u128::MAX >> zeros,
    }
}

fn match_from(pieces: &[Piece], text: &[u8], range: &AddrRange, known: Known) -> Option<Known> {
    let Some((piece, behind)) = pieces.split_first() else {
        return text.is_empty().then_some(known);
    };
    match piece {
        Piece::Dot => match_from(behind, text.strip_prefix(b".")?, range, known),
        Piece::Text(literal) => {
            let (start, rest) = text.split_at_checked(literal.len())?;
            match_from(behind, start.eq_ignore_ascii_case(literal).then_some(rest)?, range, known)
        }
        Piece::Field(field) => {
            let (least, most) = field.widths(range);
            // Between two fields of any width stands what is no digit, so all but one of these end at once.
            (least..=most.min(text.len())).find_map(|width| {
                let (digits, rest) = text.split_at(width);
                let known = value(field, digits, range).and_then(|(bits, mask)| known.with(bits, mask))?;
                match_from(behind, rest, range, known)
            })
        }
    }
}

/// The bits that a field's text says, and which they are.
fn value(field: &Field, text: &[u8], range: &AddrRange) -> Option<(u128, u128)> {
    let number = |text: &[u8], base: u8| {
        let text = std::str::from_utf8(text).ok().filter(|text| !text.starts_with('+'))?;
        u128::from_str_radix(text, base.into()).ok()
    };
    let mask = field.covers();
    match field.what {
        What::Octet(nth) => {
            let octet = number(text, field.base).filter(|octet| *octet <= 0xff)?;
            Some((octet << (24 - 8 * u32::from(nth)), mask))
        }
        What::Group(nth) => {
            let group = number(text, field.base).filter(|group| *group <= 0xffff)?;
            Some((group << (112 - 16 * u32::from(nth)), mask))
        }
        What::Hex => Some((number(text, 16)?, mask)),
        What::Nth(more) => {
            let nth = number(text, field.base)?.checked_sub(more)?;
            Some((range.first_bits().checked_add(nth)?, mask))
        }
        What::Dashed => {
            let (base, shift, most) = match range.family() {
                Family::V4 => (field.base, 8, 0xff),
                Family::V6 => (16, 16, 0xffff),
            };
            let mut parts =
                text.split(|octet| *octet == b'-').map(|part| number(part, base).filter(|n| *n <= most));
            let bits = parts.try_fold(0, |bits: u128, part| Some(bits << shift | part?))?;
            Some((bits, mask))
        }
    }
}
