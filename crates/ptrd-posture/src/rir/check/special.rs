//! Addresses that nobody else reaches, or that are for documentation (IANA's special-purpose registries, RFC 6890); and names of
//! that kind (RFC 6761 and its registry).

use ptrd_wire::{AddrRange, Name, RangeRelation};
use std::net::IpAddr;

/// What an address is, where it is not of the ordinary kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Special {
    Documentation,
    Local,
    Unreachable,
}

use Special::{Documentation, Local, Unreachable};

const SPECIAL: &[(&str, Option<Special>)] = &[
    // Reachable ones inside of unreachable ones come first.
    ("192.0.0.9/32", None),
    ("192.0.0.10/32", None),
    ("2001:1::1/128", None),
    ("2001:1::2/128", None),
    ("2001:1::3/128", None),
    ("2001:3::/32", None),
    ("2001:4:112::/48", None),
    ("2001:20::/28", None),
    ("2001:30::/28", None),
    ("0.0.0.0/8", Some(Unreachable)),
    ("10.0.0.0/8", Some(Local)),
    ("100.64.0.0/10", Some(Local)),
    ("127.0.0.0/8", Some(Local)),
    ("169.254.0.0/16", Some(Local)),
    ("172.16.0.0/12", Some(Local)),
    ("192.0.0.0/24", Some(Unreachable)),
    ("192.0.2.0/24", Some(Documentation)),
    ("192.88.99.0/24", Some(Unreachable)),
    ("192.168.0.0/16", Some(Local)),
    ("198.18.0.0/15", Some(Unreachable)),
    ("198.51.100.0/24", Some(Documentation)),
    ("203.0.113.0/24", Some(Documentation)),
    ("240.0.0.0/4", Some(Unreachable)),
    ("::/128", Some(Unreachable)),
    ("::1/128", Some(Local)),
    ("::ffff:0:0/96", Some(Unreachable)),
    ("64:ff9b:1::/48", Some(Unreachable)),
    ("100::/64", Some(Unreachable)),
    ("2001::/23", Some(Unreachable)),
    ("2001:db8::/32", Some(Documentation)),
    ("2002::/16", Some(Unreachable)),
    ("3fff::/20", Some(Documentation)),
    ("5f00::/16", Some(Unreachable)),
    ("fc00::/7", Some(Local)),
    ("fe80::/10", Some(Local)),
];

/// Domains that the public DNS does not have.
const SPECIAL_NAMES: [&str; 12] = [
    "alt.",
    "example.",
    "example.com.",
    "example.net.",
    "example.org.",
    "home.arpa.",
    "internal.",
    "invalid.",
    "local.",
    "localhost.",
    "onion.",
    "test.",
];

/// Whether a name may be one of the public DNS.
pub fn is_ordinary_name(name: &Name) -> bool {
    let is_below = |domain: &str| name.is_at_or_under(&domain.parse().expect("a name of the table"));
    !SPECIAL_NAMES.iter().any(|domain| is_below(domain))
}

/// Whether an address is of the ordinary kind, which everybody may reach.
pub fn is_ordinary(address: IpAddr) -> bool {
    special(address).is_none()
}

/// What the address is.
pub(super) fn special(address: IpAddr) -> Option<Special> {
    let single = AddrRange::single(address);
    let inside = |text: &str| {
        let range: AddrRange = text.parse().expect("a range of the table");
        !matches!(single.relation(&range), RangeRelation::Disjoint)
    };
    SPECIAL.iter().find(|(range, _)| inside(range)).and_then(|(_, special)| *special)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_kind() {
        for (name, expected) in [
            ("mail.acme.com.", true),
            ("acme.example.", false),
            ("EXAMPLE.com.", false),
            ("myexample.com.", true),
            ("test.acme.net.", true),
            ("hosts.acme.internal.", false),
        ] {
            assert_eq!(is_ordinary_name(&name.parse().expect("a name")), expected, "{name}");
        }
    }

    #[test]
    fn addresses_of_a_kind() {
        for (address, expected) in [
            ("192.0.2.1", Some(Documentation)),
            ("10.1.2.3", Some(Local)),
            ("::1", Some(Local)),
            ("fd00::1", Some(Local)),
            ("192.0.0.9", None),
            ("192.0.0.8", Some(Unreachable)),
            ("2001:4860::1", None),
            ("2001:db8::53", Some(Documentation)),
            ("9.9.9.9", None),
        ] {
            assert_eq!(special(address.parse().expect("an address")), expected, "{address}");
        }
        for (text, _) in SPECIAL {
            assert!(text.parse::<AddrRange>().is_ok(), "{text}");
        }
    }
}
