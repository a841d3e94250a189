//! Small protocol numbers as types, with the mnemonics of the IANA registries.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A TTL in seconds, at most 2^31 − 1 (RFC 2181 §8: a larger value counts as zero).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ttl(u32);

impl Ttl {
    /// The largest TTL that RFC 2181 §8 allows, in seconds.
    pub const MAX: Ttl = Ttl(0x7fff_ffff);

    /// A TTL of `seconds`; a value with the top bit set becomes 0 as RFC 2181 §8 asks.
    pub const fn from_secs(seconds: u32) -> Ttl {
        if seconds > 0x7fff_ffff { Ttl(0) } else { Ttl(seconds) }
    }

    /// The TTL in seconds.
    pub const fn as_secs(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Ttl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A zone's serial number. No `Ord`: RFC 1982 arithmetic is not a total order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Serial(pub u32);

impl Serial {
    /// The serial after this one; wraps past 2^32 − 1 and skips 0, which some secondaries read as "unset".
    pub fn next(self) -> Serial {
        match self.0.wrapping_add(1) {
            0 => Serial(1),
            n => Serial(n),
        }
    }

    /// Whether `self` is greater than `other` in the sense of RFC 1982 §3.2.
    pub fn is_after(self, other: Serial) -> bool {
        let ahead = self.0.wrapping_sub(other.0);
        ahead != 0 && ahead < 0x8000_0000
    }
}

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A mnemonic that no registry entry and no `TYPEnnn`/`CLASSnnn` form matches.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("“{0}” is no known record type or class (unknown ones are written TYPE123 or CLASS4, RFC 3597)")]
pub struct UnknownMnemonic(pub String);

macro_rules! numbers {
    ($(#[$doc:meta])* $name:ident($prefix:literal) { $($konst:ident = $value:literal $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u16);

        #[allow(missing_docs)]
        impl $name {
            $(pub const $konst: $name = $name($value);)*
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.0 {
                    $($value => f.write_str($text),)*
                    n => write!(f, concat!($prefix, "{}"), n),
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = UnknownMnemonic;

            fn from_str(text: &str) -> Result<Self, UnknownMnemonic> {
                let upper = text.to_ascii_uppercase();
                $(if upper == $text { return Ok($name($value)); })*
                upper
                    .strip_prefix($prefix)
                    .filter(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
                    .and_then(|digits| digits.parse().ok())
                    .map($name)
                    .ok_or_else(|| UnknownMnemonic(text.to_owned()))
            }
        }
    };
}

numbers! {
    /// A record type (RFC 1035 §3.2.2 and the IANA registry); unknown ones read and print as `TYPEnnn` (RFC 3597 §5).
    RecordType("TYPE") {
        A = 1 "A", NS = 2 "NS", CNAME = 5 "CNAME", SOA = 6 "SOA", NULL = 10 "NULL", PTR = 12 "PTR",
        HINFO = 13 "HINFO", MX = 15 "MX", TXT = 16 "TXT", RP = 17 "RP", AFSDB = 18 "AFSDB", SIG = 24 "SIG",
        KEY = 25 "KEY", AAAA = 28 "AAAA", LOC = 29 "LOC", SRV = 33 "SRV", NAPTR = 35 "NAPTR", CERT = 37 "CERT",
        DNAME = 39 "DNAME", OPT = 41 "OPT", APL = 42 "APL", DS = 43 "DS", SSHFP = 44 "SSHFP",
        IPSECKEY = 45 "IPSECKEY", RRSIG = 46 "RRSIG", NSEC = 47 "NSEC", DNSKEY = 48 "DNSKEY", DHCID = 49 "DHCID",
        NSEC3 = 50 "NSEC3", NSEC3PARAM = 51 "NSEC3PARAM", TLSA = 52 "TLSA", SMIMEA = 53 "SMIMEA", HIP = 55 "HIP",
        CDS = 59 "CDS", CDNSKEY = 60 "CDNSKEY", OPENPGPKEY = 61 "OPENPGPKEY", CSYNC = 62 "CSYNC",
        ZONEMD = 63 "ZONEMD", SVCB = 64 "SVCB", HTTPS = 65 "HTTPS", SPF = 99 "SPF", EUI48 = 108 "EUI48",
        EUI64 = 109 "EUI64", TKEY = 249 "TKEY", TSIG = 250 "TSIG", IXFR = 251 "IXFR", AXFR = 252 "AXFR",
        MAILB = 253 "MAILB", MAILA = 254 "MAILA", ANY = 255 "ANY", URI = 256 "URI", CAA = 257 "CAA",
    }
}

impl RecordType {
    /// Whether the number stands for a question or a meta record, never for stored data
    /// (RFC 6895 §3.1: 0, OPT, and 128–255).
    pub fn is_meta(self) -> bool {
        self.0 == 0 || self == RecordType::OPT || (128..=255).contains(&self.0)
    }
}

numbers! {
    /// A class (RFC 1035 §3.2.4).
    Class("CLASS") { IN = 1 "IN", CH = 3 "CH", HS = 4 "HS", NONE = 254 "NONE", ANY = 255 "ANY" }
}

numbers! {
    /// A response code, extended ones included (RFC 6895 §2.3).
    Rcode("RCODE") {
        NOERROR = 0 "NOERROR", FORMERR = 1 "FORMERR", SERVFAIL = 2 "SERVFAIL", NXDOMAIN = 3 "NXDOMAIN",
        NOTIMP = 4 "NOTIMP", REFUSED = 5 "REFUSED", YXDOMAIN = 6 "YXDOMAIN", YXRRSET = 7 "YXRRSET",
        NXRRSET = 8 "NXRRSET", NOTAUTH = 9 "NOTAUTH", NOTZONE = 10 "NOTZONE", BADVERS = 16 "BADVERS",
        BADCOOKIE = 23 "BADCOOKIE",
    }
}

numbers! {
    /// An opcode (RFC 6895 §2.2).
    Opcode("OPCODE") { QUERY = 0 "QUERY", IQUERY = 1 "IQUERY", STATUS = 2 "STATUS", NOTIFY = 4 "NOTIFY", UPDATE = 5 "UPDATE" }
}

/// Info codes of extended DNS errors (RFC 8914 §4) that ptrd sends.
pub mod ede {
    /// Other (RFC 8914 §4.1).
    pub const OTHER: u16 = 0;
    /// Not ready (RFC 8914 §4.15).
    pub const NOT_READY: u16 = 14;
    /// Prohibited (RFC 8914 §4.19).
    pub const PROHIBITED: u16 = 18;
    /// Not authoritative (RFC 8914 §4.21).
    pub const NOT_AUTHORITATIVE: u16 = 20;
    /// Not supported (RFC 8914 §4.22).
    pub const NOT_SUPPORTED: u16 = 21;
    /// Invalid data (RFC 8914 §4.25).
    pub const INVALID_DATA: u16 = 24;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_wrap_and_skip_zero() {
        assert_eq!(Serial(u32::MAX).next(), Serial(1));
        assert!(Serial(1).is_after(Serial(u32::MAX)));
        assert!(!Serial(u32::MAX).is_after(Serial(1)));
        assert!(!Serial(7).is_after(Serial(7)));
        assert!(!Serial(0x8000_0000).is_after(Serial(0)), "half the circle apart is undefined, so not after");
    }

    #[test]
    fn mnemonics_round_trip() {
        for n in 0..=u16::MAX {
            assert_eq!(RecordType(n).to_string().parse(), Ok(RecordType(n)));
        }
        assert_eq!("type65280".parse(), Ok(RecordType(65280)));
        assert!("TYPE65536".parse::<RecordType>().is_err());
        assert!("TYPE+1".parse::<RecordType>().is_err());
        assert!("".parse::<RecordType>().is_err());
    }

    #[test]
    fn ttl_with_the_top_bit_is_zero() {
        assert_eq!(Ttl::from_secs(0x8000_0000).as_secs(), 0);
        assert_eq!(Ttl::from_secs(u32::MAX >> 1), Ttl::MAX);
    }
}
