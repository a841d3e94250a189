//! The registries, and how each cuts address space.

use serde::Serialize;
use std::fmt;
use std::str::FromStr;

/// A regional Internet registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Registry {
    /// RIPE NCC: Europe, the Middle East, central Asia.
    Ripe,
    /// ARIN: North America.
    Arin,
    /// APNIC: Asia and the Pacific.
    Apnic,
    /// AFRINIC: Africa.
    Afrinic,
    /// LACNIC: Latin America and the Caribbean.
    Lacnic,
}

impl Registry {
    /// All of them.
    pub const ALL: [Registry; 5] =
        [Registry::Ripe, Registry::Arin, Registry::Apnic, Registry::Afrinic, Registry::Lacnic];

    /// As it writes itself, which is also the `source` of its objects.
    pub fn name(self) -> &'static str {
        match self {
            Registry::Ripe => "RIPE",
            Registry::Arin => "ARIN",
            Registry::Apnic => "APNIC",
            Registry::Afrinic => "AFRINIC",
            Registry::Lacnic => "LACNIC",
        }
    }

    /// How many octets of an IPv4 address its zones may have, fewest first.
    pub(super) fn octets(self) -> &'static [u8] {
        match self {
            // The zones of whole /8 are the registry's own.
            Registry::Ripe | Registry::Afrinic => &[2, 3],
            Registry::Arin | Registry::Apnic => &[1, 2, 3],
            Registry::Lacnic => &[3],
        }
    }

    /// The sizes of IPv4 zones, in words.
    pub(super) fn sizes(self) -> &'static str {
        match self {
            Registry::Ripe => "/16 and /24, and ranges within a /24",
            Registry::Afrinic => "/16 and /24",
            Registry::Arin | Registry::Apnic => "/8, /16 and /24",
            Registry::Lacnic => "/24",
        }
    }

    /// Whether there are objects for a part of a /24.
    pub(super) fn takes_parts(self) -> bool {
        self == Registry::Ripe
    }

    /// Whether its objects are in RPSL (RFC 2622).
    pub fn has_rpsl(self) -> bool {
        matches!(self, Registry::Ripe | Registry::Apnic | Registry::Afrinic)
    }
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Registry {
    type Err = String;

    fn from_str(text: &str) -> Result<Registry, String> {
        let found = Registry::ALL.into_iter().find(|registry| registry.name().eq_ignore_ascii_case(text));
        found.ok_or_else(|| format!("{text}: no registry; write ripe, arin, apnic, afrinic or lacnic"))
    }
}
