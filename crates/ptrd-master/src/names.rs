//! Names as text that every server reads.
//!
//! [`Name`]'s own display leaves `a+b` as it is, which is right (RFC 1035 §5.1) and which Knot's zone scanner
//! refuses: outside letters, digits and `-`, `_`, `/`, `*` it wants an escape. NSD takes `\[` for a bit label, so
//! the escape is `\DDD` but for the characters that everybody escapes by themselves.

use ptrd_wire::{Name, labels_of_wire};
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

/// Appends a name in wire form, absolute.
pub(crate) fn push_name(wire: &[u8], out: &mut String) {
    match wire {
        [0] => out.push('.'),
        _ => push_labels(labels_of_wire(wire), true, out),
    }
}

/// Appends an owner in wire form relative to `apex`; absolute when its end differs from the apex in letter case.
pub(crate) fn push_owner(owner: &[u8], apex: &Name, out: &mut String) {
    // The octets of the apex may end a longer label.
    let below =
        owner.len().checked_sub(apex.as_wire().len()).filter(|below| owner[*below..] == *apex.as_wire());
    let starts =
        std::iter::successors(Some(0), |&at| (owner[at] != 0).then(|| at + usize::from(owner[at]) + 1));
    match below.and_then(|below| starts.clone().position(|start| start == below)) {
        None => push_name(owner, out),
        Some(0) => out.push('@'),
        Some(labels) => push_labels(labels_of_wire(owner).take(labels), false, out),
    }
}
