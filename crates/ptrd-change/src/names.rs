//! Host names as operators write them: PTR targets and nameservers.
//!
//! U-labels become A-labels (UTS 46, RFC 5891); letters, digits and hyphens are required (RFC 952, RFC 1123 §2.1),
//! lengths checked (RFC 1035 §3.1). A target that is legal DNS but surely a slip — a reverse name, an address, a
//! single label, localhost (RFC 6761 §6.3) — is refused, each with the rule that it breaks.
//!
//! The road of a bulk import: plain ASCII goes straight into wire form, without an allocation.

use crate::problem::quote;
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use ptrd_wire::Name;
use std::net::IpAddr;

/// Which host names are taken.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rules {
    /// Underscores.
    pub underscore: bool,
    /// Names under in-addr.arpa and ip6.arpa: for nameservers within a reverse zone.
    pub reverse: bool,
}

/// The rules for nameservers.
pub(crate) const NAMESERVER: Rules = Rules { underscore: false, reverse: true };

/// The rule that a host name breaks. Displayed after the name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HostError {
    #[error("is empty: a host name is needed")]
    Empty,
    #[error("is the root, which is no host")]
    Root,
    #[error("has an empty label (two dots in a row, or a dot at the start)")]
    EmptyLabel,
    #[error("has a label longer than 63 octets (RFC 1035)")]
    LabelTooLong,
    #[error("is longer than 253 characters (RFC 1035)")]
    TooLong,
    #[error(
        "has an underscore: host names have letters, digits and hyphens (RFC 1123); for PTRs --lax allows it"
    )]
    Underscore,
    #[error("has the character {0}: host names have letters, digits and hyphens (RFC 1123)")]
    Character(String),
    #[error("has a label that starts or ends with a hyphen (RFC 1123)")]
    HyphenEdge,
    #[error("has one label only: write the name in full, with its domain")]
    SingleLabel,
    #[error("names localhost (RFC 6761), which is no name for an address that others ask about")]
    Localhost,
    #[error("lies under in-addr.arpa or ip6.arpa: was a host name meant, with its final dot forgotten?")]
    ReverseName,
    #[error("is an address: a PTR names a host")]
    AddressLiteral,
    #[error("is no valid international domain name (UTS 46)")]
    Idna,
}

/// Reads a host name.
pub(crate) fn host(text: &str, rules: Rules) -> Result<Name, String> {
    let mut wire = Vec::with_capacity(text.len() + 2);
    push_host(text, rules, &mut wire).map_err(|error| format!("{} {error}", quote(text)))?;
    Name::from_wire(&wire).map_err(|error| format!("{}: {error}", quote(text)))
}

/// Appends a host name in wire form; on an error `out` is as before.
pub(crate) fn push_host(text: &str, rules: Rules, out: &mut Vec<u8>) -> Result<(), HostError> {
    let start = out.len();
    let result = match push_ascii(text.as_bytes(), rules, out) {
        Ok(Pushed::Whole) => Ok(()),
        Ok(Pushed::NeedsMapping) => {
            out.truncate(start);
            Uts46::new()
                .to_ascii(text.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Ignore)
                .map_err(|_| HostError::Idna)
                .and_then(|ascii| push_ascii(ascii.as_bytes(), rules, out))
                .and_then(|pushed| match pushed {
                    Pushed::Whole => Ok(()),
                    // A label of ASCII that starts with xn-- and came through the mapping is a sound one.
                    Pushed::NeedsMapping if out.last() == Some(&0) => Ok(()),
                    Pushed::NeedsMapping => Err(HostError::Idna),
                })
        }
        Err(error) => Err(error),
    };
    result.map_err(|error| {
        out.truncate(start);
        // Colons are what an IPv6 address is refused for first; say what it is.
        let literal = text.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
        if literal { HostError::AddressLiteral } else { error }
    })
}

enum Pushed {
    Whole,
    /// Labels that UTS 46 must see: not ASCII (nothing whole was pushed), or starting with xn-- (the name was pushed).
    NeedsMapping,
}

const LDH: u8 = 1;
const UNDERSCORE: u8 = 2;
const BEYOND: u8 = 3;

static CLASS: [u8; 256] = {
    let mut table = [0u8; 256];
    let mut n = 0usize;
    while n < 256 {
        let b = n as u8;
        table[n] = match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' => LDH,
            b'_' => UNDERSCORE,
            128..=255 => BEYOND,
            _ => 0,
        };
        n += 1;
    }
    table
};

fn push_ascii(text: &[u8], rules: Rules, out: &mut Vec<u8>) -> Result<Pushed, HostError> {
    let start = out.len();
    if text.is_empty() {
        return Err(HostError::Empty);
    }
    if text == b"." {
        return Err(HostError::Root);
    }
    let text = text.strip_suffix(b".").unwrap_or(text);
    let (mut labels, mut mapped, mut last) = (0, false, &text[..0]);
    for label in text.split(|&b| b == b'.') {
        for &b in label {
            match CLASS[usize::from(b)] {
                LDH => {}
                UNDERSCORE if rules.underscore => {}
                UNDERSCORE => return Err(HostError::Underscore),
                BEYOND => return Ok(Pushed::NeedsMapping),
                _ => return Err(character(b)),
            }
        }
        let (Some(first), Some(end)) = (label.first(), label.last()) else {
            return Err(HostError::EmptyLabel);
        };
        if label.len() > 63 {
            return Err(HostError::LabelTooLong);
        }
        if *first == b'-' || *end == b'-' {
            return Err(HostError::HyphenEdge);
        }
        mapped |= label.len() >= 4 && label[2] == b'-' && label[..4].eq_ignore_ascii_case(b"xn--");
        out.push(label.len() as u8);
        out.extend_from_slice(label);
        (labels, last) = (labels + 1, label);
    }
    out.push(0);
    if out.len() - start > 255 {
        return Err(HostError::TooLong);
    }
    if last.eq_ignore_ascii_case(b"localhost") {
        return Err(HostError::Localhost);
    }
    if labels == 1 {
        return Err(HostError::SingleLabel);
    }
    if last.iter().all(u8::is_ascii_digit) {
        return Err(HostError::AddressLiteral);
    }
    if !rules.reverse && last.eq_ignore_ascii_case(b"arpa") && is_reverse(&out[start..]) {
        return Err(HostError::ReverseName);
    }
    Ok(if mapped { Pushed::NeedsMapping } else { Pushed::Whole })
}

fn is_reverse(wire: &[u8]) -> bool {
    [&b"\x07in-addr\x04arpa\x00"[..], b"\x03ip6\x04arpa\x00"].iter().any(|suffix| {
        // The octet before is no part of a label here: labels hold no octet below 32.
        wire.len() >= suffix.len() && wire[wire.len() - suffix.len()..].eq_ignore_ascii_case(suffix)
    })
}

fn character(b: u8) -> HostError {
    HostError::Character(match b {
        b' ' => "space".to_owned(),
        0x21..=0x7e => format!("“{}”", b as char),
        _ => format!("\\{b:03}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, HostError> {
        let mut wire = vec![9, 9];
        let result = push_host(text, Rules::default(), &mut wire);
        assert_eq!(&wire[..2], [9, 9]);
        result.map(|()| Name::from_wire(&wire[2..]).expect("a name").to_string()).inspect_err(|_| {
            assert_eq!(wire.len(), 2, "nothing is left of a name that was refused");
        })
    }

    #[test]
    fn good_names() {
        for (text, stored) in [
            ("mail.example.com", "mail.example.com."),
            ("mail.example.com.", "mail.example.com."),
            ("MAIL.Example.com", "MAIL.Example.com."),
            ("r3---sn-x.example.net", "r3---sn-x.example.net."),
            ("bücher.example", "xn--bcher-kva.example."),
            ("BÜCHER.example.", "xn--bcher-kva.example."),
            ("xn--bcher-kva.example", "xn--bcher-kva.example."),
            ("例え.テスト", "xn--r8jz45g.xn--zckzah."),
            ("a。b。example", "a.b.example."),
            ("1.2.3.4.example", "1.2.3.4.example."),
            ("host.arpa", "host.arpa."),
            ("xin-addr.arpa", "xin-addr.arpa."),
        ] {
            assert_eq!(read(text).as_deref(), Ok(stored), "{text}");
        }
        let longest = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "b".repeat(61));
        assert_eq!(longest.len(), 253);
        assert!(read(&longest).is_ok());
    }

    #[test]
    fn each_refusal_says_its_rule() {
        let long_label = format!("{}.example", "a".repeat(64));
        let too_long = format!("{0}.{0}.{0}.{1}", "a".repeat(63), "b".repeat(62));
        for (text, error) in [
            ("", HostError::Empty),
            (".", HostError::Root),
            ("..", HostError::EmptyLabel),
            (".a.example", HostError::EmptyLabel),
            ("a..example", HostError::EmptyLabel),
            (&long_label, HostError::LabelTooLong),
            (&too_long, HostError::TooLong),
            ("_dmarc.example.com", HostError::Underscore),
            ("a b.example", HostError::Character("space".into())),
            ("a\0b.example", HostError::Character("\\000".into())),
            ("a\nb.example", HostError::Character("\\010".into())),
            ("*.example.com", HostError::Character("“*”".into())),
            ("a/b.example.com", HostError::Character("“/”".into())),
            ("a\\032b.example", HostError::Character("“\\”".into())),
            ("\"a\".example", HostError::Character("“\"”".into())),
            ("-a.example", HostError::HyphenEdge),
            ("a-.example", HostError::HyphenEdge),
            ("mail", HostError::SingleLabel),
            ("mail.", HostError::SingleLabel),
            ("localhost", HostError::Localhost),
            ("a.LOCALHOST.", HostError::Localhost),
            ("5.2.0.192.in-addr.arpa", HostError::ReverseName),
            ("mail.example.com.2.0.192.IN-ADDR.arpa", HostError::ReverseName),
            ("in-addr.arpa", HostError::ReverseName),
            ("1.0.ip6.arpa.", HostError::ReverseName),
            ("192.0.2.1", HostError::AddressLiteral),
            ("192.0.2.1.", HostError::AddressLiteral),
            ("host.123", HostError::AddressLiteral),
            ("2001:db8::1", HostError::AddressLiteral),
            ("[2001:db8::1]", HostError::AddressLiteral),
            ("xn--a.example", HostError::Idna),
            ("a\u{200b}\u{202e}\u{ad}\u{301}.\u{301}a.example", HostError::Idna),
        ] {
            assert_eq!(read(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn lax_and_nameserver_rules() {
        let read = |text: &str, rules| host(text, rules).map(|name| name.to_string());
        let lax = Rules { underscore: true, reverse: false };
        assert_eq!(read("_a_b.example", lax).as_deref(), Ok("_a_b.example."));
        assert_eq!(read("a_ü.example", lax).as_deref(), Ok("xn--a_-yka.example."));
        assert!(read("ns1.0-26.2.0.192.in-addr.arpa", NAMESERVER).is_ok());
        assert!(read("ns_1.example.net", NAMESERVER).is_err());
        assert!(read("ns\u{202e}1", NAMESERVER).is_err_and(|text| !text.contains('\u{202e}')));
    }
}
