//! The algorithms of RFC 8945 §6.

use std::fmt;
use std::str::FromStr;

/// An HMAC algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// hmac-sha1: for peers that have nothing better.
    HmacSha1,
    /// hmac-sha224: for peers that have nothing better.
    HmacSha224,
    /// hmac-sha256.
    HmacSha256,
    /// hmac-sha384.
    HmacSha384,
    /// hmac-sha512.
    HmacSha512,
}

/// A name that is no algorithm spoken here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” is no TSIG algorithm of ours: hmac-sha256, hmac-sha384, hmac-sha512, and hmac-sha1 or hmac-sha224 for old peers"
)]
pub struct UnknownAlgorithm(pub String);

impl Algorithm {
    /// All of them, the weakest first.
    pub const ALL: [Algorithm; 5] = [
        Algorithm::HmacSha1,
        Algorithm::HmacSha224,
        Algorithm::HmacSha256,
        Algorithm::HmacSha384,
        Algorithm::HmacSha512,
    ];

    /// The algorithm of this name, without regard to case; a final dot may stand or be missing.
    pub fn of_text(text: &str) -> Option<Algorithm> {
        let text = text.strip_suffix('.').unwrap_or(text);
        Algorithm::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(text))
    }

    /// The algorithm of this name in wire form, without regard to case.
    pub fn of_wire(wire: &[u8]) -> Option<Algorithm> {
        Algorithm::ALL.into_iter().find(|algorithm| algorithm.wire().eq_ignore_ascii_case(wire))
    }

    /// Its name, without a final dot.
    pub fn name(self) -> &'static str {
        match self {
            Algorithm::HmacSha1 => "hmac-sha1",
            Algorithm::HmacSha224 => "hmac-sha224",
            Algorithm::HmacSha256 => "hmac-sha256",
            Algorithm::HmacSha384 => "hmac-sha384",
            Algorithm::HmacSha512 => "hmac-sha512",
        }
    }

    /// Its name in canonical wire form.
    pub fn wire(self) -> &'static [u8] {
        match self {
            Algorithm::HmacSha1 => b"\x09hmac-sha1\0",
            Algorithm::HmacSha224 => b"\x0bhmac-sha224\0",
            Algorithm::HmacSha256 => b"\x0bhmac-sha256\0",
            Algorithm::HmacSha384 => b"\x0bhmac-sha384\0",
            Algorithm::HmacSha512 => b"\x0bhmac-sha512\0",
        }
    }

    /// Octets of a whole MAC.
    pub fn mac_len(self) -> usize {
        match self {
            Algorithm::HmacSha1 => 20,
            Algorithm::HmacSha224 => 28,
            Algorithm::HmacSha256 => 32,
            Algorithm::HmacSha384 => 48,
            Algorithm::HmacSha512 => 64,
        }
    }

    /// Octets of the shortest MAC that may be sent (RFC 8945 §5.2.2.1): half, and never less than 10.
    pub fn shortest_mac(self) -> usize {
        self.mac_len().div_ceil(2).max(10)
    }

    /// Whether new keys may be made with it.
    pub fn may_be_generated(self) -> bool {
        self >= Algorithm::HmacSha256
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    fn from_str(text: &str) -> Result<Algorithm, UnknownAlgorithm> {
        Algorithm::of_text(text).ok_or_else(|| UnknownAlgorithm(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_matched_without_case() {
        for algorithm in Algorithm::ALL {
            let name = algorithm.name();
            assert_eq!(name.to_uppercase().parse(), Ok(algorithm));
            assert_eq!(format!("{name}.").parse(), Ok(algorithm));
            assert_eq!(Algorithm::of_wire(&algorithm.wire().to_ascii_uppercase()), Some(algorithm));
            let parsed: ptrd_wire::Name = name.parse().expect("a name");
            assert_eq!(parsed.as_wire(), algorithm.wire());
        }
        for other in ["hmac-md5.sig-alg.reg.int", "hmac-md5", "hmac-sha256-128", "gss-tsig", "", "."] {
            let error = other.parse::<Algorithm>().expect_err(other);
            assert!(error.to_string().contains("hmac-sha256"));
        }
    }

    #[test]
    fn lengths_are_those_of_the_rfc() {
        let shortest = Algorithm::ALL.map(Algorithm::shortest_mac);
        assert_eq!(shortest, [10, 14, 16, 24, 32]);
        let generated = Algorithm::ALL.map(Algorithm::may_be_generated);
        assert_eq!(generated, [false, false, true, true, true]);
    }
}
