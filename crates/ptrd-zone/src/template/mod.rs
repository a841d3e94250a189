//! Names that are computed from addresses: `host-{a}-{b}-{c}-{d}.pool.example.net` (the operator's way to name a whole range).
//!
//! A template is text with fields in braces. It belongs to a range of addresses, and is made only if each address of it gets
//! a legal host name (RFC 952, RFC 1123 §2.1) that no other has; so a name can be read back, which forward zones do. It
//! takes no memory for an address.
//!
//! | field | what it writes |
//! |---|---|
//! | `{a}` `{b}` `{c}` `{d}` | an octet of an IPv4 address, decimal |
//! | `{ip}` | the whole address: octets, or all eight groups of four hexadecimal digits, with hyphens between |
//! | `{hex}` | the whole address: 8 or 32 hexadecimal digits |
//! | `{1}` … `{8}` | a group of an IPv6 address, four hexadecimal digits |
//! | `{n}` | which address of the range it is, from 0 on; `{n+1}` from 1 on |
//!
//! After a colon a field may have a width, filled with zeros, and a base: `{d:3}`, `{a:2x}`, `{n:16x}`. Bases are `d`, `o`
//! and `x`.

mod check;
mod field;
mod partly;
mod read;
mod spelling;
#[cfg(test)]
mod tests;

pub use check::BadTemplate;
pub(crate) use partly::Partly;
pub use spelling::{BadSpelling, translate};

use field::Field;
use ptrd_wire::{AddrRange, Name, ip_from_bits, ip_to_bits};
use std::fmt;
use std::net::IpAddr;

/// Octets of the longest name in wire form (RFC 1035 §2.3.4).
const LONGEST: usize = 255;
/// The longest text of a template, in octets.
pub const LONGEST_TEXT: usize = 1_024;

/// See the module.
#[derive(Clone, PartialEq, Eq)]
pub struct Template {
    text: Box<str>,
    range: AddrRange,
    pieces: Box<[Piece]>,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// Letters, digits and hyphens.
    Text(Box<[u8]>),
    /// The end of a label.
    Dot,
    /// A field.
    Field(Field),
}

impl Template {
    /// A template for the addresses of a range.
    ///
    /// # Errors
    /// What is wrong with the text, or with the names that it would give to some address.
    pub fn new(text: &str, range: AddrRange) -> Result<Template, BadTemplate> {
        let pieces = read::pieces(text)?;
        check::check(&pieces, &range)?;
        Ok(Template { text: text.into(), range, pieces: pieces.into() })
    }

    /// As it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether names depend on where its range begins.
    pub fn counts(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Field(field) if field.counts()))
    }

    /// The addresses that it names.
    pub fn range(&self) -> &AddrRange {
        &self.range
    }

    /// Writes the name of an address of the range, in wire form; returns its length in octets. Without an allocation.
    #[inline]
    pub fn write(&self, bits: u128, out: &mut [u8; LONGEST]) -> usize {
        let mut writer = Writer { out, label: 0, at: 1 };
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => text.iter().for_each(|octet| writer.put(*octet)),
                Piece::Dot => writer.end_label(),
                Piece::Field(field) => field.write(bits, &self.range, &mut writer),
            }
        }
        writer.finish()
    }

    /// The name of an address; `None` for one that is not of the range.
    pub fn name(&self, address: IpAddr) -> Option<Name> {
        if !self.range.contains(address) {
            return None;
        }
        let mut octets = [0; LONGEST];
        let length = self.write(ip_to_bits(address).1, &mut octets);
        Name::from_wire(&octets[..length]).ok()
    }

    /// The address whose name this is, whatever its letter case; `None` if it is the name of none.
    pub fn address(&self, name: &Name) -> Option<IpAddr> {
        let mut text = Vec::with_capacity(LONGEST);
        for (nth, label) in name.labels().enumerate() {
            if nth > 0 {
                text.push(b'.');
            }
            text.extend(label.iter().map(u8::to_ascii_lowercase));
        }
        let bits = read::bits(&self.pieces, &text, &self.range)?;
        let mut octets = [0; LONGEST];
        let length = self.write(bits, &mut octets);
        // Whatever reading lets pass, a name is that of an address only if the address has that name.
        let same = octets[..length].eq_ignore_ascii_case(name.as_wire());
        same.then(|| ip_from_bits(self.range.family(), bits))
    }

    /// How many labels its names have.
    pub(crate) fn label_count(&self) -> usize {
        1 + self.dots().count()
    }

    fn dots(&self) -> impl Iterator<Item = usize> {
        self.pieces.iter().enumerate().filter(|(_, piece)| **piece == Piece::Dot).map(|(at, _)| at)
    }

    /// The address, as a number, that the text of a name says (lower case, dots between labels), if it is the name of any.
    /// Without an allocation.
    #[inline]
    pub(crate) fn bits_of(&self, text: &[u8]) -> Option<u128> {
        read::bits(&self.pieces, text, &self.range)
    }

    /// What the last labels of names, so many, say of the address, if they have this text.
    pub(crate) fn bits_of_end(&self, labels: usize, text: &[u8]) -> Option<Partly> {
        let left_out = self.label_count().checked_sub(labels)?;
        let start = left_out.checked_sub(1).map_or(Some(0), |nth| Some(self.dots().nth(nth)? + 1))?;
        read::partly(&self.pieces[start..], text, &self.range)
    }

    /// The labels behind the last field: what all its names lie under. Their number and the name.
    pub fn origin(&self) -> Name {
        let fixed =
            self.pieces.iter().rposition(|piece| matches!(piece, Piece::Field(_))).map_or(0, |at| at + 1);
        let behind = &self.pieces[fixed..];
        let start = behind.iter().position(|piece| *piece == Piece::Dot).map_or(behind.len(), |at| at + 1);
        let text: String = behind[start..]
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => String::from_utf8_lossy(text).into_owned(),
                _ => ".".to_owned(),
            })
            .collect();
        text.parse().unwrap_or_else(|_| Name::root())
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Template({:?} for {})", self.text, self.range)
    }
}

/// A name in wire form under construction. That it fits was checked when the template was made.
struct Writer<'o> {
    out: &'o mut [u8; LONGEST],
    /// Where the length of the present label goes.
    label: usize,
    at: usize,
}

impl Writer<'_> {
    #[inline]
    fn put(&mut self, octet: u8) {
        if let Some(place) = self.out.get_mut(self.at) {
            *place = octet;
            self.at += 1;
        }
    }

    #[inline]
    fn end_label(&mut self) {
        self.out[self.label] = (self.at - self.label - 1) as u8;
        self.label = self.at.min(LONGEST - 1);
        self.at = self.label + 1;
    }

    #[inline]
    fn finish(mut self) -> usize {
        self.end_label();
        self.out[self.label] = 0;
        self.label + 1
    }
}
