//! Fields of a template: what of an address they write, and how.

use super::Writer;
use ptrd_wire::{AddrRange, Family};

/// What a field says of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// An octet of an IPv4 address, 0 for the first.
    Octet(u8),
    /// A group of an IPv6 address, 0 for the first.
    Group(u8),
    /// All of it, with hyphens.
    Dashed,
    /// All of it.
    Hex,
    /// Which one of the range it is, and what is added.
    Nth(u128),
}

/// A field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub what: What,
    /// Digits at least, filled with zeros.
    pub width: u8,
    /// 8, 10 or 16.
    pub base: u8,
}

impl Field {
    /// The number that it writes; `None` for one that writes several.
    #[inline]
    fn number(&self, bits: u128, range: &AddrRange) -> Option<u128> {
        match self.what {
            What::Octet(nth) => Some(bits >> (24 - 8 * u32::from(nth)) & 0xff),
            What::Group(nth) => Some(bits >> (112 - 16 * u32::from(nth)) & 0xffff),
            What::Hex => Some(bits),
            What::Nth(more) => Some((bits - range.first_bits()).saturating_add(more)),
            What::Dashed => None,
        }
    }

    /// Whether it writes which address of the range it is.
    pub(super) fn counts(&self) -> bool {
        matches!(self.what, What::Nth(_))
    }

    /// Digits at least.
    fn width(&self, family: Family) -> u8 {
        match (self.what, family) {
            (What::Hex, Family::V4) => 8,
            (What::Hex, Family::V6) => 32,
            _ => self.width,
        }
    }

    #[inline]
    pub(super) fn write(&self, bits: u128, range: &AddrRange, writer: &mut Writer<'_>) {
        match (self.number(bits, range), range.family()) {
            (Some(number), family) => put_number(number, self.width(family), self.base, writer),
            (None, Family::V4) => {
                for nth in 0..4 {
                    if nth > 0 {
                        writer.put(b'-');
                    }
                    put_number(bits >> (24 - 8 * nth) & 0xff, self.width, self.base, writer);
                }
            }
            (None, Family::V6) => {
                for nth in 0..8 {
                    if nth > 0 {
                        writer.put(b'-');
                    }
                    put_number(bits >> (112 - 16 * nth) & 0xffff, 4, 16, writer);
                }
            }
        }
    }

    /// The fewest and the most octets that it writes for an address of the range.
    pub(super) fn widths(&self, range: &AddrRange) -> (usize, usize) {
        let width = usize::from(self.width(range.family()).max(1));
        let of = |most: u128| (width, digits(most, self.base).max(width));
        match (self.what, range.family()) {
            (What::Octet(_), _) => of(0xff),
            (What::Group(_), _) => of(0xffff),
            (What::Hex, family) => of(if family == Family::V4 { 0xffff_ffff } else { u128::MAX }),
            (What::Nth(more), _) => of((range.last_bits() - range.first_bits()).saturating_add(more)),
            (What::Dashed, Family::V4) => {
                let (least, most) = of(0xff);
                (4 * least + 3, 4 * most + 3)
            }
            (What::Dashed, Family::V6) => (39, 39),
        }
    }

    /// The bits of the address that it determines.
    pub(super) fn covers(&self) -> u128 {
        match self.what {
            What::Octet(nth) => 0xff << (24 - 8 * u32::from(nth)),
            What::Group(nth) => 0xffff << (112 - 16 * u32::from(nth)),
            What::Dashed | What::Hex | What::Nth(_) => u128::MAX,
        }
    }
}

/// How many digits a number has.
pub(super) fn digits(mut number: u128, base: u8) -> usize {
    let mut count = 1;
    while number >= u128::from(base) {
        number /= u128::from(base);
        count += 1;
    }
    count
}

#[inline]
fn put_number(mut number: u128, width: u8, base: u8, writer: &mut Writer<'_>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    // 2^128 - 1 has 43 octal digits; a width is 63 at most.
    let mut text = [b'0'; 64];
    let mut at = text.len();
    while number > 0 {
        at -= 1;
        text[at] = DIGITS[(number % u128::from(base)) as usize];
        number /= u128::from(base);
    }
    let start = at.min(text.len() - usize::from(width.clamp(1, 63)));
    text[start..].iter().for_each(|octet| writer.put(*octet));
}
