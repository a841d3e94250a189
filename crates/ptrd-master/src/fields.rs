//! The words of an entry, read one field after the other.

use crate::error::{RdataError, quoted};
use crate::lexer::{Entry, Word};
use ptrd_wire::{Name, NameError, parse_labels};
use std::str::FromStr;

/// A cursor over the words of an entry.
#[derive(Clone)]
pub(crate) struct Fields<'e> {
    entry: Entry<'e>,
    at: usize,
    origin: Option<&'e Name>,
}

impl<'e> Fields<'e> {
    pub fn new(entry: Entry<'e>, origin: Option<&'e Name>) -> Fields<'e> {
        Fields { entry, at: 0, origin }
    }

    /// The line of the last word that was read, or of the first.
    pub fn line(&self) -> u32 {
        self.entry.words.get(self.at.saturating_sub(1)).map_or_else(|| self.entry.line(), |word| word.line)
    }

    pub fn is_empty(&self) -> bool {
        self.at >= self.entry.words.len()
    }

    pub fn origin(&self) -> Option<&'e Name> {
        self.origin
    }

    /// The octets of the next word, if it stands in no quotes.
    pub fn peek_plain(&self) -> Option<&'e [u8]> {
        self.entry.words.get(self.at).filter(|word| !word.quoted).map(|&word| self.entry.octets(word))
    }

    /// The next word and whether it is quoted.
    pub fn next(&mut self) -> Option<(&'e [u8], bool)> {
        let word = *self.entry.words.get(self.at)?;
        self.at += 1;
        Some((self.entry.octets(word), word.quoted))
    }

    /// The words that are left.
    pub fn rest(&self) -> impl Iterator<Item = (&'e [u8], Word)> + use<'e> {
        let entry = self.entry;
        entry.words[self.at.min(entry.words.len())..].iter().map(move |&word| (entry.octets(word), word))
    }

    pub fn skip_rest(&mut self) {
        self.at = self.entry.words.len();
    }

    pub fn required(&mut self, what: &'static str) -> Result<&'e [u8], RdataError> {
        self.next().map(|(octets, _)| octets).ok_or(RdataError::Missing(what))
    }

    /// A word outside quotes; numbers, names and addresses are.
    pub fn plain(&mut self, what: &'static str) -> Result<&'e [u8], RdataError> {
        match self.next().ok_or(RdataError::Missing(what))? {
            (octets, false) => Ok(octets),
            (octets, true) => Err(RdataError::Field { text: quoted(octets), what }),
        }
    }

    pub fn parsed<T: FromStr>(&mut self, what: &'static str) -> Result<T, RdataError> {
        let octets = self.plain(what)?;
        // A leading plus is Rust's notion of a number, not DNS's.
        std::str::from_utf8(octets)
            .ok()
            .filter(|text| !text.starts_with('+'))
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| RdataError::Field { text: quoted(octets), what })
    }

    pub fn name(&mut self, what: &'static str) -> Result<Name, RdataError> {
        name_of(self.plain(what)?, self.origin)
    }

    /// A time in seconds, with units allowed.
    pub fn seconds(&mut self, what: &'static str) -> Result<u32, RdataError> {
        let octets = self.plain(what)?;
        seconds(octets).ok_or_else(|| RdataError::Field { text: quoted(octets), what })
    }

    /// Appends a character string: a length octet and up to 255 octets.
    pub fn charstr(&mut self, out: &mut Vec<u8>, what: &'static str) -> Result<(), RdataError> {
        let octets = self.required(what)?;
        let start = out.len();
        out.push(0);
        let refused = || RdataError::Field { text: quoted(octets), what: "string of up to 255 octets" };
        unescape(octets, out).ok_or_else(refused)?;
        out[start] = u8::try_from(out.len() - start - 1).map_err(|_| refused())?;
        Ok(())
    }

    /// The words that are left, put together: a number in hex or base64 may be split by spaces.
    pub fn joined(&mut self) -> String {
        let mut text = String::new();
        while let Some((octets, _)) = self.next() {
            text.extend(octets.iter().map(|&b| if b.is_ascii() { b as char } else { '?' }));
        }
        text
    }

    pub fn end(&mut self) -> Result<(), RdataError> {
        match self.next() {
            None => Ok(()),
            Some((octets, _)) => Err(RdataError::Trailing(quoted(octets))),
        }
    }
}

/// Why a word is no name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NameIssue {
    NoOrigin,
    Bad(NameError),
}

/// Reads a name that may be relative and may hold any octet, escaped or not.
pub(crate) fn parse_name(octets: &[u8], origin: Option<&Name>) -> Result<Name, NameIssue> {
    let escaped;
    let text = match std::str::from_utf8(octets) {
        Ok(text) => text,
        Err(_) => {
            escaped = escape_octets(octets);
            &escaped
        }
    };
    if let Some(origin) = origin {
        return Name::parse_relative(text, origin).map_err(NameIssue::Bad);
    }
    if text == "@" {
        return Err(NameIssue::NoOrigin);
    }
    match parse_labels(text) {
        Ok((_, false)) => Err(NameIssue::NoOrigin),
        Err(error) if text != "." => Err(NameIssue::Bad(error)),
        _ => Name::parse_relative(text, &Name::root()).map_err(NameIssue::Bad),
    }
}

/// A name in record data.
pub(crate) fn name_of(octets: &[u8], origin: Option<&Name>) -> Result<Name, RdataError> {
    parse_name(octets, origin).map_err(|error| match error {
        NameIssue::NoOrigin => RdataError::NoOrigin(quoted(octets)),
        NameIssue::Bad(error) => RdataError::Name { text: quoted(octets), error },
    })
}

/// The same word in printable ASCII: octets outside it become `\DDD`, escapes stay as they are.
pub(crate) fn escape_octets(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len() + 8);
    let mut rest = octets.iter().copied();
    while let Some(b) = rest.next() {
        match b {
            b'\\' => match rest.next() {
                Some(c @ 0x20..=0x7e) => out.extend(['\\', c as char]),
                Some(c) => out.push_str(&format!("\\{c:03}")),
                None => out.push('\\'),
            },
            0x20..=0x7e => out.push(b as char),
            _ => out.push_str(&format!("\\{b:03}")),
        }
    }
    out
}

/// Resolves `\DDD` and `\X`; `None` for a bad escape.
pub(crate) fn unescape(octets: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut rest = octets;
    while let Some((&b, after)) = rest.split_first() {
        rest = after;
        if b != b'\\' {
            out.push(b);
            continue;
        }
        let (&first, after) = rest.split_first()?;
        if !first.is_ascii_digit() {
            out.push(first);
            rest = after;
            continue;
        }
        let digits = rest.get(..3).filter(|digits| digits.iter().all(u8::is_ascii_digit))?;
        let value = digits.iter().fold(0u32, |value, digit| value * 10 + u32::from(digit - b'0'));
        out.push(u8::try_from(value).ok()?);
        rest = &rest[3..];
    }
    Some(())
}

/// Reads a time: seconds, or numbers with the units w, d, h, m, s (BIND's notation); at most 2^32 − 1.
pub(crate) fn seconds(octets: &[u8]) -> Option<u32> {
    let (mut total, mut number, mut digits, mut units) = (0u64, 0u64, false, false);
    for &b in octets {
        if b.is_ascii_digit() {
            number = number * 10 + u64::from(b - b'0');
            digits = true;
        } else {
            let unit = match b.to_ascii_lowercase() {
                b'w' => 604_800,
                b'd' => 86_400,
                b'h' => 3_600,
                b'm' => 60,
                b's' => 1,
                _ => return None,
            };
            if !digits {
                return None;
            }
            total += number * unit;
            (number, digits, units) = (0, false, true);
        }
        if number > u64::from(u32::MAX) || total > u64::from(u32::MAX) {
            return None;
        }
    }
    match (digits, units) {
        (true, false) => Some(number as u32),
        (false, true) => Some(total as u32),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        for (text, value) in [("0", 0), ("3600", 3600), ("1h30m", 5400), ("2D", 172_800), ("1w1s", 604_801)] {
            assert_eq!(seconds(text.as_bytes()), Some(value), "{text}");
        }
        assert_eq!(seconds(b"4294967295"), Some(u32::MAX));
        for text in ["", "h", "1h30", "1x", "-1", "4294967296", "8000w", "1hh", "99999999999999999999999"] {
            assert_eq!(seconds(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn escapes_are_decimal() {
        let read = |text: &[u8]| {
            let mut out = Vec::new();
            unescape(text, &mut out).map(|()| out)
        };
        assert_eq!(read(b"a\\032\\\"\\\xe9\xe9"), Some(b"a \"\xe9\xe9".to_vec()));
        for bad in [&b"\\"[..], b"\\1", b"\\12", b"\\256", b"\\1a2", b"\\999"] {
            assert_eq!(read(bad), None);
        }
        assert_eq!(escape_octets(b"\xe9\\\xe9\\\\\n"), "\\233\\233\\\\\\010");
    }

    #[test]
    fn names_without_an_origin_must_be_absolute() {
        assert_eq!(parse_name(b"@", None), Err(NameIssue::NoOrigin));
        assert_eq!(parse_name(b"a", None), Err(NameIssue::NoOrigin));
        assert_eq!(parse_name(b"a.", None).map(|name| name.to_string()), Ok("a.".into()));
        assert_eq!(parse_name(b".", None), Ok(Name::root()));
        assert_eq!(parse_name(b"..", None), Err(NameIssue::Bad(NameError::EmptyLabel)));
        assert_eq!(
            parse_name(b"\xe9.", None).map(|name| name.as_wire().to_vec()),
            Ok(b"\x01\xe9\x00".to_vec())
        );
    }
}
