//! Where the authoritative path begins.

use std::fmt;
use std::net::IpAddr;

/// The root servers, as IANA's hints have them (named.root, 2024-08).
const BUILT_IN: [&str; 26] = [
    "198.41.0.4",
    "2001:503:ba3e::2:30",
    "170.247.170.2",
    "2801:1b8:10::b",
    "192.33.4.12",
    "2001:500:2::c",
    "199.7.91.13",
    "2001:500:2d::d",
    "192.203.230.10",
    "2001:500:a8::e",
    "192.5.5.241",
    "2001:500:2f::f",
    "192.112.36.4",
    "2001:500:12::d0d",
    "198.97.190.53",
    "2001:500:1::53",
    "192.36.148.17",
    "2001:7fe::53",
    "192.58.128.30",
    "2001:503:c27::2:30",
    "193.0.14.129",
    "2001:7fd::1",
    "199.7.83.42",
    "2001:500:9f::42",
    "202.12.27.33",
    "2001:dc3::35",
];

/// Servers of the root zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roots(Vec<IpAddr>);

/// A text has no root server in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RootsError;

impl fmt::Display for RootsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no root server in it: write an address, or hints as in named.root, a record of type A or AAAA a line")
    }
}

impl std::error::Error for RootsError {}

impl Default for Roots {
    /// Those of the public DNS.
    fn default() -> Roots {
        Roots(BUILT_IN.iter().filter_map(|text| text.parse().ok()).collect())
    }
}

impl Roots {
    /// The addresses in hints (RFC 9609): what stands behind A or AAAA, or alone on a line.
    ///
    /// # Errors
    /// [`RootsError`] where there are none.
    pub fn read(hints: &str) -> Result<Roots, RootsError> {
        let address = |line: &str| {
            let words: Vec<&str> = line.split(';').next().unwrap_or_default().split_whitespace().collect();
            match words.as_slice() {
                [alone] => alone.parse().ok(),
                [.., rtype, address] if ["A", "AAAA"].contains(&rtype.to_ascii_uppercase().as_str()) => {
                    address.parse().ok()
                }
                _ => None,
            }
        };
        let found: Vec<IpAddr> = hints.lines().filter_map(address).take(64).collect();
        if found.is_empty() { Err(RootsError) } else { Ok(Roots(found)) }
    }

    /// These servers; those of the public DNS where there are none.
    pub fn of(servers: &[IpAddr]) -> Roots {
        if servers.is_empty() { Roots::default() } else { Roots(servers.to_vec()) }
    }

    /// The servers, those of IPv4 first, since more hosts can ask them.
    pub fn servers(&self) -> Vec<IpAddr> {
        let mut servers = self.0.clone();
        servers.sort_by_key(IpAddr::is_ipv6);
        servers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_are_read_as_iana_writes_them() {
        let text = "; formerly NS.INTERNIC.NET\n.                        3600000      NS    A.ROOT-SERVERS.NET.\n\
                    A.ROOT-SERVERS.NET.      3600000      AAAA  2001:503:ba3e::2:30\nA.ROOT-SERVERS.NET.      3600000      a \
                    198.41.0.4 ; comment\n192.0.2.1\nnonsense\n";
        let servers: Vec<String> =
            Roots::read(text).expect("roots").servers().iter().map(IpAddr::to_string).collect();
        assert_eq!(servers, ["198.41.0.4", "192.0.2.1", "2001:503:ba3e::2:30"]);
        assert_eq!(Roots::read("; nothing\n. NS a.example.\n"), Err(RootsError));
        assert_eq!(Roots::default().servers().len(), 26);
    }
}
