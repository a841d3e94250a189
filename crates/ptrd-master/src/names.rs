//! Names as text that every server reads.
//!
//! [`Name`]'s own display leaves `a+b` as it is, which is right (RFC 1035 §5.1) and which Knot's zone scanner
//! refuses: outside letters, digits and `-`, `_`, `/`, `*` it wants an escape. NSD takes `\[` for a bit label, so
//! the escape is `\DDD` but for the characters that everybody escapes by themselves.

use ptrd_wire::Name;
use std::fmt::Write;

/// Appends the labels with dots between, or with one after each.
fn push_labels<'n>(labels: impl Iterator<Item = &'n [u8]>, closed: bool, out: &mut String) {
    for (n, label) in labels.enumerate() {
        if n > 0 && !closed {
            out.push('.');
        }
        for &b in label {
            match b {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'/' | b'*' => out.push(b as char),
                b'.' | b'\\' | b'"' | b'(' | b')' | b';' | b'@' | b'$' => out.extend(['\\', b as char]),
                // Writing into a String cannot fail.
                _ => _ = write!(out, "\\{b:03}"),
            }
        }
        if closed {
            out.push('.');
        }
    }
}

/// Appends the name, absolute.
pub(crate) fn push_name(name: &Name, out: &mut String) {
    match name.is_root() {
        true => out.push('.'),
        false => push_labels(name.labels(), true, out),
    }
}

/// Appends the name relative to `apex`; absolute when its end differs from the apex in letter case.
pub(crate) fn push_owner(owner: &Name, apex: &Name, out: &mut String) {
    let below = owner.as_wire().len().saturating_sub(apex.as_wire().len());
    if !owner.is_at_or_under(apex) || owner.as_wire()[below..] != *apex.as_wire() {
        push_name(owner, out);
    } else if below == 0 {
        out.push('@');
    } else {
        push_labels(owner.labels().take(owner.label_count() - apex.label_count()), false, out);
    }
}
