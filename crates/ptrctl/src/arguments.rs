//! Reading single arguments.

use ptrd_api::NameserverSpec;
use std::net::{IpAddr, SocketAddr};

/// A host and a port, as an argument names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// A name, or an address without brackets.
    pub host: String,
    /// Unless another stands for it.
    pub port: Option<u16>,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.port {
            Some(port) if self.host.contains(':') => write!(f, "[{}]:{port}", self.host),
            Some(port) => write!(f, "{}:{port}", self.host),
            None => f.write_str(&self.host),
        }
    }
}

/// `HOST[:PORT]`, an IPv6 address with a port in brackets.
pub fn place(text: &str) -> Result<Place, String> {
    let bad = || format!("{text}: write HOST or HOST:PORT, an IPv6 address in brackets");
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
            (host, Some(port.parse().map_err(|_| bad())?))
        }
        _ => (text, None),
    };
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let is_name =
        |host: &str| host.bytes().all(|octet| octet.is_ascii_alphanumeric() || b".-_".contains(&octet));
    if host.is_empty() || !(is_name(host) || host.parse::<IpAddr>().is_ok()) {
        return Err(bad());
    }
    Ok(Place { host: host.to_owned(), port })
}

/// `ADDRESS[:PORT]` of a server of DNS, an IPv6 address with a port in brackets.
pub fn dns_server(text: &str) -> Option<SocketAddr> {
    const DNS: u16 = 53;
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(|address| SocketAddr::new(address, DNS)))
}

/// A number of octets: 500M, 2G, 65536.
pub fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let shift = match unit.to_ascii_uppercase().as_str() {
        "" => 0,
        "K" | "KIB" => 10,
        "M" | "MIB" => 20,
        "G" | "GIB" => 30,
        "T" | "TIB" => 40,
        _ => return Err(format!("{unit:?} is no unit of size: write K, M, G or T, as in 500M")),
    };
    let number: u64 = number.parse().map_err(|_| "write a number of octets, as 500M or 2G".to_owned())?;
    number.checked_mul(1 << shift).ok_or_else(|| "that is more than any disk has".to_owned())
}

/// A TTL: seconds, or with units as in master files of BIND (`1h30m`, `2d`, `1w`).
pub fn ttl(text: &str) -> Result<u32, String> {
    let bad = || format!("{text}: no TTL; write seconds, or units such as 1h30m");
    let mut total: u64 = 0;
    let mut digits = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        let unit = match c.to_ascii_lowercase() {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return Err(bad()),
        };
        let number: u64 = digits.parse().map_err(|_| bad())?;
        total = number.checked_mul(unit).and_then(|part| total.checked_add(part)).ok_or_else(bad)?;
        digits.clear();
    }
    if !digits.is_empty() {
        total = digits.parse().ok().and_then(|part: u64| total.checked_add(part)).ok_or_else(bad)?;
    }
    if text.is_empty() {
        return Err(bad());
    }
    // RFC 2181 §8.
    u32::try_from(total)
        .ok()
        .filter(|ttl| *ttl <= 0x7FFF_FFFF)
        .ok_or_else(|| format!("{text}: a TTL is at most 2147483647 seconds"))
}

/// A length of time, in seconds: as a TTL is written, but longer if need be.
pub fn duration(text: &str) -> Result<u64, String> {
    ttl(text).map(u64::from).map_err(|_| format!("{text}: no length of time; write 90d, 12h or 1h30m"))
}

/// A time: RFC 3339, a date (UTC), or how long ago, as in `2h`. Returned as RFC 3339 has it.
pub fn time(text: &str) -> Result<String, String> {
    time_or(text, "how long ago: 2h, 3d", |ago| jiff::Timestamp::now().checked_sub(ago))
}

/// A time to come: RFC 3339, a date (UTC), or in how long, as in `90d`. Returned as RFC 3339 has it.
pub fn time_ahead(text: &str) -> Result<String, String> {
    time_or(text, "in how long: 12h, 90d", |ahead| jiff::Timestamp::now().checked_add(ahead))
}

fn time_or(
    text: &str,
    other: &str,
    of: impl FnOnce(jiff::SignedDuration) -> Result<jiff::Timestamp, jiff::Error>,
) -> Result<String, String> {
    let bad = || format!("{text}: no time; write 2026-11-25T17:30:00Z, 2026-11-25, or {other}");
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Ok(time.to_string());
    }
    if let Ok(date) = text.parse::<jiff::civil::Date>() {
        return Ok(date.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| bad())?.timestamp().to_string());
    }
    let length = ttl(text).map_err(|_| bad())?;
    of(jiff::SignedDuration::from_secs(length.into())).map(|time| time.to_string()).map_err(|_| bad())
}

/// The length of a prefix: `25` or `/25`.
pub fn length(text: &str) -> Result<u8, String> {
    let digits = text.strip_prefix('/').unwrap_or(text);
    let length =
        digits.parse().ok().filter(|length| *length <= 128 && digits.bytes().all(|b| b.is_ascii_digit()));
    length.ok_or_else(|| format!("{text}: no length of a prefix, such as 25"))
}

/// `NAME`, or `NAME=ADDRESS[,ADDRESS]` with glue.
pub fn nameserver(text: &str) -> Result<NameserverSpec, String> {
    let (name, addresses) = text.split_once('=').unwrap_or((text, ""));
    if name.is_empty() {
        return Err(format!("{text}: no name before the `=`"));
    }
    let addresses: Vec<String> =
        addresses.split(',').filter(|address| !address.is_empty()).map(str::to_owned).collect();
    for address in &addresses {
        address.parse::<std::net::IpAddr>().map_err(|_| format!("{address}: no address"))?;
    }
    Ok(NameserverSpec { name: name.to_owned(), addresses })
}

/// A reason that fits into a header and a line of the log.
pub fn reason(text: &str) -> Result<String, String> {
    if text.chars().any(char::is_control) {
        return Err("a reason is one line, without control characters".to_owned());
    }
    if text.len() > 1024 {
        return Err("a reason is at most 1024 octets long".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_or_explained() {
        for (text, host, port) in [
            ("localhost", "localhost", None),
            ("mail.example.com:465", "mail.example.com", Some(465)),
            ("[2001:db8::1]:25", "2001:db8::1", Some(25)),
            ("[2001:db8::1]", "2001:db8::1", None),
            ("2001:db8::1", "2001:db8::1", None),
            ("192.0.2.1:53", "192.0.2.1", Some(53)),
        ] {
            assert_eq!(place(text), Ok(Place { host: host.to_owned(), port }));
        }
        assert_eq!(
            place("[2001:db8::1]:25").map(|place| place.to_string()).as_deref(),
            Ok("[2001:db8::1]:25")
        );
        for bad in ["", ":25", "mail.example:x", "a b:25", "smtp://x", "[192.0.2.1"] {
            assert!(place(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn servers_of_dns_have_the_port_of_dns_unless_told() {
        for (text, server) in [
            ("192.0.2.1", "192.0.2.1:53"),
            ("192.0.2.1:5353", "192.0.2.1:5353"),
            ("2001:db8::1", "[2001:db8::1]:53"),
            ("[2001:db8::1]:5353", "[2001:db8::1]:5353"),
        ] {
            assert_eq!(dns_server(text).map(|server| server.to_string()).as_deref(), Some(server));
        }
        for bad in ["", "localhost", "192.0.2.1:x", "[2001:db8::1]"] {
            assert_eq!(dns_server(bad), None, "{bad}");
        }
    }

    #[test]
    fn ttls_have_units() {
        assert_eq!(ttl("3600"), Ok(3600));
        assert_eq!(ttl("1h30m"), Ok(5400));
        assert_eq!(ttl("1W2d3"), Ok(604_800 + 172_800 + 3));
        assert_eq!(ttl("2147483647"), Ok(0x7FFF_FFFF));
        for bad in ["", "h", "1x", "-1", "1.5h", "2147483648", "99999999999999999999", "4000w", "１"] {
            assert!(ttl(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn times_are_points_or_how_long_ago() {
        assert_eq!(time("2026-11-25T17:30:00+01:00").as_deref(), Ok("2026-11-25T16:30:00Z"));
        assert_eq!(time("2026-11-25").as_deref(), Ok("2026-11-25T00:00:00Z"));
        let ago = time("2h").expect("a time").parse::<jiff::Timestamp>().expect("RFC 3339");
        let now = jiff::Timestamp::now().as_second();
        assert!((now - 7_260..=now - 7_200).contains(&ago.as_second()));
        for bad in ["", "yesterday", "2026-13-01", "-2h", "17:30"] {
            assert!(time(bad).is_err(), "{bad}");
        }
        assert_eq!((duration("90d"), duration("x").is_err()), (Ok(7_776_000), true));
    }

    #[test]
    fn lengths_of_prefixes() {
        assert_eq!((length("25"), length("/128")), (Ok(25), Ok(128)));
        for bad in ["", "/", "+25", "129", "/25/", "x"] {
            assert!(length(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn nameservers_have_glue() {
        let spec = nameserver("ns.example=192.0.2.1,2001:db8::1").expect("good");
        assert_eq!((spec.name.as_str(), spec.addresses.len()), ("ns.example", 2));
        assert_eq!(nameserver("ns.example").map(|spec| spec.addresses.len()), Ok(0));
        assert!(nameserver("=192.0.2.1").is_err());
        assert!(nameserver("ns.example=192.0.2.256").is_err());
    }
}
