//! Types of single values, as they are written. Each reads a text of the file and of the command line alike, and says
//! what it takes when it is given something else.

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value.
    pub value: T,
    /// Where.
    pub place: super::Place,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Setting<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Setting<T>, D::Error> {
        let spanned = toml::Spanned::<T>::deserialize(deserializer)?;
        let place = super::Place::Octet(spanned.span().start);
        Ok(Setting { place, value: spanned.into_inner() })
    }
}

/// Reads what may be written as text or as a number.
struct TextOrNumber<T>(&'static str, fn(&str) -> Result<T, String>, fn(u64) -> Result<T, String>);

impl<T> Visitor<'_> for TextOrNumber<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        self.1(text).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        let number = u64::try_from(number).map_err(|_| E::custom(format!("{number}: {}", self.0)))?;
        self.visit_u64(number)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        self.2(number).map_err(E::custom)
    }
}

/// A duration: `"1m30s"`, `"500ms"`; a number counts seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time(pub Duration);

const A_TIME: &str =
    "a duration, such as \"10s\", \"500ms\", \"1m30s\" or \"2h\"; a bare number counts seconds";
const TIME_UNITS: &[(&str, u64)] =
    &[("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Time, String> {
        let bad = || format!("{text:?} is no duration: write {A_TIME}");
        let mut rest = text.trim();
        if let Ok(seconds) = rest.parse::<u64>() {
            return Time::seconds(seconds);
        }
        let mut total = 0u64;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(bad)?;
            let number: u64 = rest[..digits].parse().map_err(|_| bad())?;
            let unit_and_rest = rest[digits..].trim_start();
            let letters =
                unit_and_rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(unit_and_rest.len());
            let unit =
                TIME_UNITS.iter().find(|(unit, _)| *unit == &unit_and_rest[..letters]).ok_or_else(bad)?;
            total = number.checked_mul(unit.1).and_then(|part| total.checked_add(part)).ok_or_else(bad)?;
            rest = unit_and_rest[letters..].trim_start();
        }
        if text.trim().is_empty() { Err(bad()) } else { Time::milliseconds(total) }
    }
}

impl Time {
    fn seconds(seconds: u64) -> Result<Time, String> {
        Time::milliseconds(seconds.saturating_mul(1_000))
    }

    fn milliseconds(milliseconds: u64) -> Result<Time, String> {
        // Far beyond any use, and far from where sums of times overflow.
        if milliseconds > 366 * 86_400_000 {
            return Err("a duration is at most 366d".to_owned());
        }
        Ok(Time(Duration::from_millis(milliseconds)))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.as_millis() as u64;
        if rest == 0 {
            return f.write_str("0s");
        }
        for (unit, size) in TIME_UNITS.iter().rev() {
            if rest >= *size {
                write!(f, "{}{unit}", rest / size)?;
                rest %= size;
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        deserializer.deserialize_any(TextOrNumber(A_TIME, str::parse, Time::seconds))
    }
}

/// A size: `"4 MiB"`; a number counts octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Octets(pub u64);

const A_SIZE: &str = "a size, such as \"4 MiB\", \"512 KiB\" or \"1 GiB\"; a bare number counts octets";
const SIZE_UNITS: &[(&str, u64)] = &[
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
];

impl FromStr for Octets {
    type Err = String;

    fn from_str(text: &str) -> Result<Octets, String> {
        let bad = || format!("{text:?} is no size: write {A_SIZE}");
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let number: u64 = text[..digits].parse().map_err(|_| bad())?;
        let unit = text[digits..].trim();
        let size = match SIZE_UNITS.iter().find(|(name, _)| *name == unit) {
            Some((_, size)) => *size,
            None if unit.is_empty() => 1,
            None => return Err(bad()),
        };
        number.checked_mul(size).map(Octets).ok_or_else(bad)
    }
}

impl fmt::Display for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(_, size): &&(&str, u64)| self.0.is_multiple_of(*size) && self.0 >= *size;
        match SIZE_UNITS[..4].iter().rev().find(fits) {
            Some((unit, size)) => write!(f, "{} {unit}", self.0 / size),
            None => write!(f, "{} B", self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Octets, D::Error> {
        deserializer.deserialize_any(TextOrNumber(A_SIZE, str::parse, |octets| Ok(Octets(octets))))
    }
}

/// A file mode: `"0660"` or `0o660`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode(pub u32);

const A_MODE: &str = "a file mode in octal, such as \"0660\" or 0o660";

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Mode, String> {
        let mode = u32::from_str_radix(text.trim_start_matches("0o"), 8);
        mode.map_err(|_| format!("{text:?} is no mode: write {A_MODE}"))
            .and_then(|mode| Mode::of(u64::from(mode)))
    }
}

impl Mode {
    fn of(number: u64) -> Result<Mode, String> {
        match u32::try_from(number) {
            Ok(mode) if mode <= 0o777 => Ok(Mode(mode)),
            _ => Err(format!("0o{number:o} is no mode of a socket: write {A_MODE}")),
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

impl<'de> Deserialize<'de> for Mode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Mode, D::Error> {
        deserializer.deserialize_any(TextOrNumber(A_MODE, str::parse, Mode::of))
    }
}

/// An address to listen on; port 53 unless it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Listen(pub SocketAddr);

const PORT: u16 = 53;

/// An address to show metrics at; port 9953 unless it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Exposed(pub SocketAddr);

const METRICS_PORT: u16 = 9953;

/// An address for DNS over TLS or QUIC; port 853 unless it is given (RFC 7858 §3.1, RFC 9250 §4.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ListenTls(pub SocketAddr);

const TLS_PORT: u16 = 853;

/// An address for standbys; port 9853 unless it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ListenStandby(pub SocketAddr);

const STANDBY_PORT: u16 = 9853;

/// An address for the API; port 8443 unless it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ListenApi(pub SocketAddr);

const API_PORT: u16 = 8443;

/// An address for mail; port 25 unless it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListenMail(pub SocketAddr);

const MAIL_PORT: u16 = 25;

impl FromStr for ListenMail {
    type Err = String;

    fn from_str(text: &str) -> Result<ListenMail, String> {
        address(text, MAIL_PORT).map(ListenMail)
    }
}

impl FromStr for ListenApi {
    type Err = String;

    fn from_str(text: &str) -> Result<ListenApi, String> {
        address(text, API_PORT).map(ListenApi)
    }
}

impl FromStr for ListenStandby {
    type Err = String;

    fn from_str(text: &str) -> Result<ListenStandby, String> {
        address(text, STANDBY_PORT).map(ListenStandby)
    }
}

/// The SHA-256 of a certificate as text; empty for none.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Fingerprint(String);

impl Fingerprint {
    /// As octets.
    pub fn octets(&self) -> Option<[u8; 32]> {
        let digits: Vec<u8> = self.0.bytes().filter(|octet| *octet != b':').collect();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let read = |two: &[u8]| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok();
        digits.chunks(2).map(read).collect::<Option<Vec<u8>>>()?.try_into().ok()
    }
}

impl FromStr for Fingerprint {
    type Err = String;

    fn from_str(text: &str) -> Result<Fingerprint, String> {
        let read = Fingerprint(text.to_owned());
        if !text.is_empty() && read.octets().is_none() {
            return Err("no SHA-256: 64 hexadecimal digits, as `openssl x509 -noout -sha256 -fingerprint` prints them"
                .to_owned());
        }
        Ok(read)
    }
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Listen, String> {
        address(text, PORT).map(Listen)
    }
}

/// An address for DNS over HTTPS; port 443 unless it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ListenHttps(pub SocketAddr);

const HTTPS_PORT: u16 = 443;

impl FromStr for ListenHttps {
    type Err = String;

    fn from_str(text: &str) -> Result<ListenHttps, String> {
        address(text, HTTPS_PORT).map(ListenHttps)
    }
}

impl FromStr for ListenTls {
    type Err = String;

    fn from_str(text: &str) -> Result<ListenTls, String> {
        address(text, TLS_PORT).map(ListenTls)
    }
}

impl FromStr for Exposed {
    type Err = String;

    fn from_str(text: &str) -> Result<Exposed, String> {
        address(text, METRICS_PORT).map(Exposed)
    }
}

fn address(text: &str, port: u16) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address: Result<IpAddr, _> = bare.parse();
    address.map(|address| SocketAddr::new(address, port)).map_err(|_| {
        format!(
            "{text:?} is no address: write 192.0.2.53, 192.0.2.53:5300, 2001:db8::53 or [2001:db8::53]:5300"
        )
    })
}

/// A text of up to 255 octets: one `<character-string>` (RFC 1035 §3.3).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Text(pub String);

impl FromStr for Text {
    type Err = String;

    fn from_str(text: &str) -> Result<Text, String> {
        if text.len() > 255 { Err("at most 255 octets".to_owned()) } else { Ok(Text(text.to_owned())) }
    }
}

/// A name server identifier: up to 64 octets.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Nsid(pub String);

impl FromStr for Nsid {
    type Err = String;

    fn from_str(text: &str) -> Result<Nsid, String> {
        if text.len() > 64 { Err("at most 64 octets".to_owned()) } else { Ok(Nsid(text.to_owned())) }
    }
}

/// The octets of an answer over UDP: 512 to 4096.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u64")]
pub struct UdpSize(pub u16);

impl TryFrom<u64> for UdpSize {
    type Error = String;

    fn try_from(octets: u64) -> Result<UdpSize, String> {
        let size = u16::try_from(octets).ok().filter(|size| (512..=4096).contains(size));
        size.map(UdpSize).ok_or_else(|| format!("{octets} is not in 512..=4096"))
    }
}

/// A number of threads: 0 (as many as suit this machine) to 1024.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u64")]
pub struct Threads(pub u16);

impl TryFrom<u64> for Threads {
    type Error = String;

    fn try_from(number: u64) -> Result<Threads, String> {
        let threads = u16::try_from(number).ok().filter(|threads| *threads <= 1024);
        threads.map(Threads).ok_or_else(|| format!("{number} is not in 0..=1024"))
    }
}

/// What to log: a level, or a filter.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct LogLevel(pub String);

impl FromStr for LogLevel {
    type Err = String;

    fn from_str(text: &str) -> Result<LogLevel, String> {
        crate::logs::check(text).map(LogLevel)
    }
}

macro_rules! from_text {
    ($($type:ty),+) => {
        $(impl TryFrom<String> for $type {
            type Error = String;

            fn try_from(text: String) -> Result<$type, String> {
                text.parse()
            }
        })+
    };
}
from_text!(
    Listen,
    ListenTls,
    ListenHttps,
    ListenStandby,
    ListenApi,
    Exposed,
    Fingerprint,
    Text,
    Nsid,
    LogLevel
);

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people
    Human,
    /// One JSON object a line
    Json,
}

/// What a change is acknowledged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AcknowledgeBy {
    /// This server has it durable
    Local,
    /// A standby has it durable as well
    Both,
}

impl AcknowledgeBy {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            AcknowledgeBy::Local => "local",
            AcknowledgeBy::Both => "both",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_read_with_colons_and_without() {
        let plain = "00ff".repeat(16);
        let octets = plain.parse::<Fingerprint>().expect("a fingerprint").octets().expect("octets");
        assert_eq!((octets[0], octets[31]), (0, 255));
        let colons = ["00:FF"; 16].join(":");
        assert_eq!(colons.parse::<Fingerprint>().expect("a fingerprint").octets(), Some(octets));
        assert_eq!("".parse::<Fingerprint>().expect("none").octets(), None);
        for bad in [&plain[1..], "+f", "xx", &format!("{plain}00")] {
            assert!(bad.parse::<Fingerprint>().is_err_and(|error| error.contains("64 hexadecimal")), "{bad}");
        }
    }

    #[test]
    fn durations_are_read_and_written() {
        for (text, milliseconds, shown) in [
            ("10s", 10_000, "10s"),
            ("90", 90_000, "1m30s"),
            ("1m30s", 90_000, "1m30s"),
            ("500ms", 500, "500ms"),
            (" 1 h 1ms ", 3_600_001, "1h1ms"),
            ("0s", 0, "0s"),
            ("2d", 172_800_000, "2d"),
        ] {
            let time: Time = text.parse().expect(text);
            assert_eq!((time.0.as_millis(), time.to_string().as_str()), (milliseconds, shown), "{text}");
        }
        for bad in ["", " ", "s", "10 parsecs", "1.5h", "-1s", "10s5", "99999999999999999999s", "400d", "10S"]
        {
            let error = bad.parse::<Time>().expect_err(bad);
            assert!(error.contains("duration"), "{error}");
        }
    }

    #[test]
    fn sizes_are_read_and_written() {
        for (text, octets, shown) in [
            ("4 MiB", 4 << 20, "4 MiB"),
            ("4194304", 4 << 20, "4 MiB"),
            ("32MiB", 32 << 20, "32 MiB"),
            ("1 kB", 1_000, "1000 B"),
            ("0", 0, "0 B"),
        ] {
            let size: Octets = text.parse().expect(text);
            assert_eq!((size.0, size.to_string().as_str()), (octets, shown), "{text}");
        }
        for bad in ["", "MiB", "4 mib", "-1", "1.5 GiB", "99999999999 GiB"] {
            assert!(bad.parse::<Octets>().expect_err(bad).contains("is no size"));
        }
    }

    #[test]
    fn addresses_have_a_port_or_get_53() {
        for (text, expected) in [
            ("192.0.2.53", "192.0.2.53:53"),
            ("192.0.2.53:5300", "192.0.2.53:5300"),
            ("2001:db8::53", "[2001:db8::53]:53"),
            ("[2001:db8::53]", "[2001:db8::53]:53"),
            ("[2001:db8::53]:0", "[2001:db8::53]:0"),
        ] {
            assert_eq!(text.parse::<Listen>().map(|listen| listen.0.to_string()), Ok(expected.to_owned()));
        }
        assert_eq!("::1".parse::<ListenTls>().map(|listen| listen.0.port()), Ok(853));
        assert!("localhost:53".parse::<Listen>().is_err() && "192.0.2.53:".parse::<Listen>().is_err());
    }

    #[test]
    fn modes_are_octal() {
        assert_eq!("0660".parse(), Ok(Mode(0o660)));
        assert_eq!("0o600".parse(), Ok(Mode(0o600)));
        assert!(
            "0999".parse::<Mode>().is_err() && "7777".parse::<Mode>().is_err() && "".parse::<Mode>().is_err()
        );
        assert_eq!(Mode(0o60).to_string(), "0060");
    }
}
