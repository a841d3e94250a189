//! Owned names, their text form, their canonical order and the sort keys of the name tree.

use crate::qname::labels_of_wire;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// Why octets or text are no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// A label is longer than 63 octets (RFC 1035 §3.1).
    #[error("label “{0}” is longer than 63 octets")]
    LabelTooLong(String),
    /// The name is longer than 255 octets in wire form (RFC 1035 §3.1).
    #[error("the name is longer than 255 octets")]
    NameTooLong,
    /// Two dots follow each other, or the name starts with one.
    #[error("an empty label (two dots in a row, or a dot at the start)")]
    EmptyLabel,
    /// A backslash is not followed by three decimal digits up to 255 or by another character.
    #[error("a bad escape: write \\DDD with three decimal digits up to 255, or \\ and one character")]
    BadEscape,
    /// No text at all.
    #[error("an empty name (the root is written “.”)")]
    Empty,
    /// The wire form is cut, compressed, or has octets after the root label.
    #[error("not a name in uncompressed wire form")]
    BadWire,
}

/// A domain name: absolute, uncompressed wire form, case kept. Equality, hashing and order ignore ASCII case
/// (RFC 4343); the order is the canonical one of RFC 4034 §6.1.
#[derive(Clone)]
pub struct Name {
    octets: Box<[u8]>,
}

impl Name {
    /// The root.
    pub fn root() -> Name {
        Name { octets: Box::new([0]) }
    }

    /// Takes a complete uncompressed wire name.
    ///
    /// # Errors
    /// [`NameError::BadWire`] when a label is cut or compressed, the root label is missing or not last;
    /// [`NameError::NameTooLong`] above 255 octets.
    pub fn from_wire(octets: &[u8]) -> Result<Name, NameError> {
        let (length, _) = wire_length(octets).ok_or(NameError::BadWire)?;
        if length != octets.len() {
            return Err(NameError::BadWire);
        }
        if length > 255 {
            return Err(NameError::NameTooLong);
        }
        Ok(Name { octets: octets.into() })
    }

    /// Takes a wire name from the start of `octets` and says how many octets it used.
    ///
    /// # Errors
    /// As [`Name::from_wire`], but octets may follow.
    pub fn from_wire_prefix(octets: &[u8]) -> Result<(Name, usize), NameError> {
        let (length, _) = wire_length(octets).ok_or(NameError::BadWire)?;
        if length > 255 {
            return Err(NameError::NameTooLong);
        }
        Ok((Name { octets: octets[..length].into() }, length))
    }

    /// A name of these labels, leftmost first, below `suffix`.
    ///
    /// # Errors
    /// [`NameError::LabelTooLong`], [`NameError::EmptyLabel`] or [`NameError::NameTooLong`].
    pub fn from_labels<L: AsRef<[u8]>>(
        labels: impl IntoIterator<Item = L>,
        suffix: &Name,
    ) -> Result<Name, NameError> {
        let mut octets = Vec::with_capacity(64);
        for label in labels {
            push_label(&mut octets, label.as_ref())?;
        }
        octets.extend_from_slice(&suffix.octets);
        if octets.len() > 255 {
            return Err(NameError::NameTooLong);
        }
        Ok(Name { octets: octets.into() })
    }

    /// Reads text that may be relative: without a final dot, `origin` is appended. `@` alone is the origin.
    ///
    /// # Errors
    /// Any [`NameError`] but `BadWire`.
    pub fn parse_relative(text: &str, origin: &Name) -> Result<Name, NameError> {
        if text == "@" {
            return Ok(origin.clone());
        }
        if text == "." {
            return Ok(Name::root());
        }
        let (mut octets, absolute) = parse_labels(text)?;
        if absolute {
            octets.push(0);
        } else {
            octets.extend_from_slice(&origin.octets);
        }
        if octets.len() > 255 {
            return Err(NameError::NameTooLong);
        }
        Ok(Name { octets: octets.into() })
    }

    /// The wire form, root label included.
    pub fn as_wire(&self) -> &[u8] {
        &self.octets
    }

    /// The labels, leftmost first, without the root.
    pub fn labels(&self) -> LabelIter<'_> {
        labels_of_wire(&self.octets)
    }

    /// How many labels, the root not counted.
    pub fn label_count(&self) -> usize {
        self.labels().count()
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.octets.len() == 1
    }

    /// Whether the leftmost label is exactly `*` (RFC 4592 §2.1.1).
    pub fn is_wildcard(&self) -> bool {
        self.octets.starts_with(b"\x01*")
    }

    /// The name without its leftmost label.
    pub fn parent(&self) -> NameParent {
        match self.octets[0] as usize {
            0 => NameParent::None,
            n => NameParent::Some(Name { octets: self.octets[n + 1..].into() }),
        }
    }

    /// This name and its ancestors up to the root, nearest first.
    pub fn ancestors(&self) -> impl Iterator<Item = Name> + '_ {
        let mut at = Some(0usize);
        std::iter::from_fn(move || {
            let start = at?;
            let length = self.octets[start] as usize;
            at = (length != 0).then_some(start + length + 1);
            Some(Name { octets: self.octets[start..].into() })
        })
    }

    /// Whether `self` is `ancestor` or lies below it.
    pub fn is_at_or_under(&self, ancestor: &Name) -> bool {
        let Some(start) = self.octets.len().checked_sub(ancestor.octets.len()) else { return false };
        self.octets[start..].eq_ignore_ascii_case(&ancestor.octets) && is_label_start(&self.octets, start)
    }

    /// Whether `self` lies below `ancestor` and is not it.
    pub fn is_under(&self, ancestor: &Name) -> bool {
        self.octets.len() > ancestor.octets.len() && self.is_at_or_under(ancestor)
    }

    /// The wire form in lower case.
    pub fn to_lower_wire(&self) -> Box<[u8]> {
        self.octets.to_ascii_lowercase().into()
    }

    /// The name with every ASCII letter in lower case.
    pub fn to_lowercase(&self) -> Name {
        Name { octets: self.to_lower_wire() }
    }

    /// The key of this name in a tree whose apex has `apex_labels` labels; see [`sort_key`].
    pub fn key_below(&self, apex_labels: usize) -> Box<[u8]> {
        let mut key = Vec::with_capacity(self.octets.len());
        let lower = self.to_lower_wire();
        let starts: Vec<u8> = label_starts(&lower);
        sort_key(&lower, &starts[..starts.len() - apex_labels], &mut key);
        key.into()
    }
}

/// A parent name, or none for the root.
pub type NameParent = Option<Name>;

/// Labels of a wire name, leftmost first.
#[derive(Clone)]
pub struct LabelIter<'a> {
    pub(crate) rest: &'a [u8],
}

impl<'a> Iterator for LabelIter<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (&length, rest) = self.rest.split_first()?;
        if length == 0 || rest.len() < length as usize {
            self.rest = &[];
            return None;
        }
        let (label, rest) = rest.split_at(length as usize);
        self.rest = rest;
        Some(label)
    }
}

/// How two whole wire names compare in canonical order (RFC 4034 §6.1), whatever the case of their letters.
pub fn cmp_wire(a: &[u8], b: &[u8]) -> Ordering {
    // Names are the keys of maps that the change road searches all the time: no allocation here.
    let (mut mine, mut theirs) = ([0; 128], [0; 128]);
    let mine = starts_into(a, &mut mine);
    let theirs = starts_into(b, &mut theirs);
    for (&at_a, &at_b) in mine.iter().rev().zip(theirs.iter().rev()) {
        let label = |wire: &[u8], start: u8| {
            let start = usize::from(start);
            start + 1..start + 1 + usize::from(wire[start])
        };
        let (a, b) = (&a[label(a, at_a)], &b[label(b, at_b)]);
        if a != b {
            let lower = |b: &u8| b.to_ascii_lowercase();
            match a.iter().map(lower).cmp(b.iter().map(lower)) {
                Ordering::Equal => {}
                order => return order,
            }
        }
    }
    mine.len().cmp(&theirs.len())
}

/// Appends the sort key of a lower-case wire name to `key`: the labels whose starts are given, rightmost first,
/// each closed by a zero octet, with 0 and 1 inside labels escaped. Keys compare as octets in canonical order
/// (RFC 4034 §6.1), and the key of an ancestor is a prefix of the key of its descendants.
pub fn sort_key(lower: &[u8], label_starts: &[u8], key: &mut impl Extend<u8>) {
    for &start in label_starts.iter().rev() {
        let start = start as usize;
        let length = lower[start] as usize;
        let label = &lower[start + 1..start + 1 + length];
        if label.iter().all(|&b| b > 1) {
            key.extend(label.iter().copied());
        } else {
            for &b in label {
                if b > 1 {
                    key.extend([b]);
                } else {
                    key.extend([1, b + 1]);
                }
            }
        }
        key.extend([0]);
    }
}

/// Turns a sort key back into a lower-case wire name below `apex`; the inverse of [`sort_key`].
pub fn key_of_lower(key: &[u8], apex: &Name) -> Name {
    let mut labels: Vec<Vec<u8>> = Vec::new();
    let mut label = Vec::new();
    let mut octets = key.iter();
    while let Some(&b) = octets.next() {
        match b {
            0 => labels.push(std::mem::take(&mut label)),
            1 => label.push(octets.next().copied().unwrap_or(1).wrapping_sub(1)),
            b => label.push(b),
        }
    }
    let mut wire = Vec::with_capacity(key.len() + apex.octets.len());
    for label in labels.iter().rev() {
        wire.push(label.len() as u8);
        wire.extend_from_slice(label);
    }
    wire.extend_from_slice(&apex.octets);
    Name { octets: wire.into() }
}

fn label_starts(wire: &[u8]) -> Vec<u8> {
    let mut starts = Vec::with_capacity(8);
    let mut at = 0;
    while wire[at] != 0 {
        starts.push(at as u8);
        at += wire[at] as usize + 1;
    }
    starts
}

/// Where each label of a wire name starts, leftmost first.
fn starts_into<'s>(wire: &[u8], starts: &'s mut [u8; 128]) -> &'s [u8] {
    let (mut at, mut labels) = (0, 0);
    while wire[at] != 0 {
        starts[labels] = at as u8;
        labels += 1;
        at += usize::from(wire[at]) + 1;
    }
    &starts[..labels]
}

fn is_label_start(wire: &[u8], position: usize) -> bool {
    let mut at = 0;
    while at < position {
        at += wire[at] as usize + 1;
    }
    at == position
}

/// The length of the wire name at the start of `octets` and its label count; `None` when cut or compressed.
pub(crate) fn wire_length(octets: &[u8]) -> Option<(usize, usize)> {
    let (mut at, mut labels) = (0, 0);
    loop {
        match *octets.get(at)? {
            0 => return Some((at + 1, labels)),
            n if n > 63 => return None,
            n => {
                at += n as usize + 1;
                labels += 1;
            }
        }
    }
}

fn push_label(octets: &mut Vec<u8>, label: &[u8]) -> Result<(), NameError> {
    if label.is_empty() {
        return Err(NameError::EmptyLabel);
    }
    if label.len() > 63 {
        return Err(NameError::LabelTooLong(String::from_utf8_lossy(label).into_owned()));
    }
    octets.push(label.len() as u8);
    octets.extend_from_slice(label);
    Ok(())
}

/// Reads presentation text into wire labels without the root, and says whether a final dot closed them.
///
/// # Errors
/// Any [`NameError`] but `BadWire`. `.` alone is [`NameError::EmptyLabel`] here; callers treat the root first.
pub fn parse_labels(text: &str) -> Result<(Vec<u8>, bool), NameError> {
    if text.is_empty() {
        return Err(NameError::Empty);
    }
    let mut octets = Vec::with_capacity(text.len() + 2);
    let mut label: Vec<u8> = Vec::with_capacity(63);
    let mut input = text.bytes();
    let mut absolute = false;
    while let Some(b) = input.next() {
        absolute = false;
        match b {
            b'.' => {
                push_label(&mut octets, &label)?;
                label.clear();
                absolute = true;
            }
            b'\\' => label.push(unescape(&mut input)?),
            b => label.push(b),
        }
        if octets.len() + label.len() > 1024 {
            return Err(NameError::NameTooLong);
        }
    }
    if !absolute {
        push_label(&mut octets, &label)?;
    }
    Ok((octets, absolute))
}

fn unescape(input: &mut std::str::Bytes<'_>) -> Result<u8, NameError> {
    let first = input.next().ok_or(NameError::BadEscape)?;
    if !first.is_ascii_digit() {
        return Ok(first);
    }
    let mut value = u32::from(first - b'0');
    for _ in 0..2 {
        let digit = input.next().filter(u8::is_ascii_digit).ok_or(NameError::BadEscape)?;
        value = value * 10 + u32::from(digit - b'0');
    }
    u8::try_from(value).map_err(|_| NameError::BadEscape)
}

/// Writes one label in presentation form (RFC 1035 §5.1).
///
/// # Errors
/// Only those of the formatter.
pub fn write_label_text(label: &[u8], out: &mut impl fmt::Write) -> fmt::Result {
    for &b in label {
        match b {
            b'.' | b'\\' | b'"' | b'(' | b')' | b';' | b'@' | b'$' => {
                out.write_char('\\')?;
                out.write_char(b as char)?;
            }
            0x21..=0x7e => out.write_char(b as char)?,
            _ => write!(out, "\\{b:03}")?,
        }
    }
    Ok(())
}

impl FromStr for Name {
    type Err = NameError;

    /// Reads an absolute name; the final dot may be missing.
    fn from_str(text: &str) -> Result<Name, NameError> {
        Name::parse_relative(if text == "@" { "\\@" } else { text }, &Name::root())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return f.write_str(".");
        }
        for label in self.labels() {
            write_label_text(label, f)?;
            f.write_str(".")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Name) -> bool {
        self.octets.eq_ignore_ascii_case(&other.octets)
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for b in &self.octets {
            state.write_u8(b.to_ascii_lowercase());
        }
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Name) -> Ordering {
        cmp_wire(&self.octets, &other.octets)
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Name) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl serde::Serialize for Name {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Name {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        text.parse().expect("a name")
    }

    #[test]
    fn text_round_trips_with_every_octet() {
        for b in 0..=255u8 {
            let n = Name::from_labels([&[b'a', b, b'z'][..]], &name("2.0.192.in-addr.arpa")).expect("a name");
            assert_eq!(n.to_string().parse::<Name>().map(|m| m.as_wire().to_vec()), Ok(n.as_wire().to_vec()));
        }
        assert_eq!(name("0/25.2.0.192.in-addr.arpa").to_string(), "0/25.2.0.192.in-addr.arpa.");
        assert_eq!(name("0\\04725.x"), name("0/25.x."));
        assert_eq!(name("."), Name::root());
    }

    #[test]
    fn text_that_is_no_name_is_refused() {
        assert_eq!("".parse::<Name>(), Err(NameError::Empty));
        assert_eq!("a..b".parse::<Name>(), Err(NameError::EmptyLabel));
        assert_eq!(".a".parse::<Name>(), Err(NameError::EmptyLabel));
        assert_eq!("a\\".parse::<Name>(), Err(NameError::BadEscape));
        assert_eq!("a\\25".parse::<Name>(), Err(NameError::BadEscape));
        assert_eq!("a\\256".parse::<Name>(), Err(NameError::BadEscape));
        assert!(matches!("a".repeat(64).parse::<Name>(), Err(NameError::LabelTooLong(_))));
        assert_eq!(["a".repeat(63).as_str(); 4].join(".").parse::<Name>(), Err(NameError::NameTooLong));
        let longest = format!("{}.{}", ["a".repeat(63).as_str(); 3].join("."), "b".repeat(61));
        assert_eq!(name(&longest).as_wire().len(), 255);
    }

    #[test]
    fn canonical_order_is_that_of_rfc_4034() {
        let sorted = [
            "example",
            "a.example",
            "yljkjljk.a.example",
            "Z.a.example",
            "zABC.a.EXAMPLE",
            "z.example",
            "\\001.z.example",
            "*.z.example",
            "\\200.z.example",
        ];
        for pair in sorted.windows(2) {
            assert!(name(pair[0]) < name(pair[1]), "{pair:?}");
            assert!(name(pair[0]).key_below(1) < name(pair[1]).key_below(1), "keys of {pair:?}");
        }
        assert!(name("10.x") < name("9.x"), "labels sort as octets, not as numbers");
        assert!(name("\\000.x").key_below(1) < name("\\000\\000.x").key_below(1));
        assert!(name("\\000\\000.x").key_below(1) < name("\\001.x").key_below(1));
    }

    #[test]
    fn keys_turn_back_into_names() {
        for text in ["a.b.example.", "\\000\\001\\002.b.example.", "example."] {
            assert_eq!(key_of_lower(&name(text).key_below(1), &name("example")), name(text));
        }
    }

    #[test]
    fn under_respects_label_borders() {
        assert!(name("a.b").is_at_or_under(&name("B")));
        assert!(name("b").is_at_or_under(&name("b")) && !name("b").is_under(&name("b")));
        assert!(!name("ab").is_at_or_under(&name("b")));
        assert!(!Name::from_labels([b"x\x01b"], &Name::root()).expect("a name").is_at_or_under(&name("b")));
        assert!(name("b").is_at_or_under(&Name::root()));
    }

    #[test]
    fn wire_names_are_checked() {
        assert!(Name::from_wire(b"\x01a\x00").is_ok());
        for bad in [&b"\x01a"[..], b"\x02a\x00", b"\xc0\x00", b"\x41a\x00", b"\x00\x00", b""] {
            assert!(Name::from_wire(bad).is_err(), "{bad:?}");
        }
    }
}
