//! Zones in paths: `0/26.2.0.192.in-addr.arpa.` is `0=2F26.2.0.192.in-addr.arpa.` there.

use std::fmt::Write;

/// The id of a zone.
pub(super) fn of(apex: &str) -> String {
    if apex == "." {
        // A dot alone is another thing in a path.
        return "=2E".to_owned();
    }
    let mut id = String::with_capacity(apex.len());
    for octet in apex.bytes() {
        match octet {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' => id.push(char::from(octet)),
            // Writing to a string does not fail.
            _ => drop(write!(id, "={octet:02X}")),
        }
    }
    id
}

/// The zone that an id is of, absolute. What is no escape stands for itself; whether it is a name others see.
pub(super) fn read(id: &str) -> String {
    let mut octets = Vec::with_capacity(id.len());
    let mut rest = id.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| *first == b'=').and_then(|two| std::str::from_utf8(two).ok());
        match escaped.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(octet) => {
                octets.push(octet);
                rest = &after[2..];
            }
            None => {
                octets.push(*first);
                rest = after;
            }
        }
    }
    let mut apex = String::from_utf8_lossy(&octets).into_owned();
    if !apex.ends_with('.') {
        apex.push('.');
    }
    apex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lead_back_to_their_zones() {
        for (apex, id) in [
            ("2.0.192.in-addr.arpa.", "2.0.192.in-addr.arpa."),
            ("0/26.2.0.192.in-addr.arpa.", "0=2F26.2.0.192.in-addr.arpa."),
            ("_x.example.", "=5Fx.example."),
            ("a\\.b.example.", "a=5C.b.example."),
            (".", "=2E"),
        ] {
            assert_eq!(of(apex), id);
            assert_eq!(read(id), apex);
        }
        for (id, apex) in [
            ("2.0.192.in-addr.arpa", "2.0.192.in-addr.arpa."),
            ("0/26.2.0.192.in-addr.arpa.", "0/26.2.0.192.in-addr.arpa."),
            ("0=2f26.x", "0/26.x."),
            ("=", "=."),
            ("=2", "=2."),
            ("=zz.", "=zz."),
            ("", "."),
        ] {
            assert_eq!(read(id), apex, "{id}");
        }
    }
}
