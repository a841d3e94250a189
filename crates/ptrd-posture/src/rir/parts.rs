//! What objects are made of: nameservers, DS data, handles and text, each checked when it is read.

use super::check::ds_digest;
use crate::host_name;
use base64ct::{Base64, Encoding};
use ptrd_wire::{Name, key_tag};
use serde::Serialize;
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// Addresses that one nameserver may have here.
const MOST_ADDRESSES: usize = 16;

/// A nameserver: its name in lower case without a final dot, and addresses that are known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Nserver {
    /// The host name.
    pub name: String,
    /// Its addresses: glue where the name lies below the zone, else for checks alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<IpAddr>,
}

impl FromStr for Nserver {
    type Err = String;

    /// `NAME`, `NAME/ADDRESS[,ADDRESS]`; `=` in the place of `/` is as good.
    fn from_str(text: &str) -> Result<Nserver, String> {
        let (name, addresses) = text.split_once(['/', '=']).unwrap_or((text, ""));
        let name = name.trim().trim_end_matches('.').to_ascii_lowercase();
        host_name(&name).map_err(|why| {
            let is_address = name.parse::<IpAddr>().is_ok();
            let hint = if is_address { "; an address goes behind the name: NAME/ADDRESS" } else { "" };
            no_nameserver(&name, why) + hint
        })?;
        let addresses: Vec<IpAddr> = addresses
            .split(',')
            .filter(|address| !address.is_empty())
            .map(|address| address.trim().parse().map_err(|_| format!("{address}: no address")))
            .collect::<Result<_, _>>()?;
        if addresses.len() > MOST_ADDRESSES {
            return Err(format!("{name}: more than {MOST_ADDRESSES} addresses"));
        }
        Ok(Nserver { name, addresses })
    }
}

/// What is said of a name that no nameserver can have.
pub(super) fn no_nameserver(name: &str, why: &str) -> String {
    format!("{name:?} is no name of a nameserver: {why}")
}

/// DS data (RFC 4034 §5.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Ds {
    /// The key tag.
    pub key_tag: u16,
    /// The algorithm of the key.
    pub algorithm: u8,
    /// The digest type.
    pub digest_type: u8,
    /// The digest, in upper-case hexadecimal digits.
    pub digest: String,
}

impl Ds {
    /// The DS of a key (the data of a DNSKEY record) with a digest of SHA-256.
    pub fn of_key(apex: &Name, dnskey: &[u8]) -> Option<Ds> {
        let algorithm = *dnskey.get(3)?;
        let digest = ds_digest(2, apex, dnskey)?;
        Some(Ds { key_tag: key_tag(dnskey), algorithm, digest_type: 2, digest })
    }

    /// What the data of a DS record says.
    pub fn of_wire(rdata: &[u8]) -> Option<Ds> {
        let (&[a, b, algorithm, digest_type], digest) = rdata.split_first_chunk::<4>()?;
        let digest = digest.iter().map(|octet| format!("{octet:02X}")).collect();
        Some(Ds { key_tag: u16::from_be_bytes([a, b]), algorithm, digest_type, digest })
    }

    /// The DS of those of a zone's keys (DNSKEY data as text) that sign keys: those with the SEP flag, or all if none has it.
    pub fn of_keys(apex: &Name, keys: &[String]) -> Vec<Ds> {
        let keys: Vec<Vec<u8>> = keys.iter().filter_map(|text| dnskey(text)).collect();
        // RFC 4034 §2.1.1: the lowest bit is SEP, bit 7 (of 0 to 15) says that it is a key of a zone at all.
        let sep = |key: &&Vec<u8>| key[0] & 1 == 1 && key[1] & 1 == 1;
        let chosen: Vec<&Vec<u8>> = match keys.iter().any(|key| sep(&key)) {
            true => keys.iter().filter(sep).collect(),
            false => keys.iter().collect(),
        };
        chosen.into_iter().filter_map(|key| Ds::of_key(apex, key)).collect()
    }
}

/// The data of a DNSKEY record, from its text.
fn dnskey(text: &str) -> Option<Vec<u8>> {
    let mut words = text.split_ascii_whitespace();
    let flags: u16 = words.next()?.parse().ok()?;
    let (protocol, algorithm): (u8, u8) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let mut data = flags.to_be_bytes().to_vec();
    data.extend([protocol, algorithm]);
    data.extend(Base64::decode_vec(&words.collect::<String>()).ok()?);
    Some(data)
}

impl fmt::Display for Ds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.key_tag, self.algorithm, self.digest_type, self.digest)
    }
}

impl FromStr for Ds {
    type Err = String;

    fn from_str(text: &str) -> Result<Ds, String> {
        let bad = |why: &str| {
            format!(
                "{text:?} is no DS data: {why}; write KEY-TAG ALGORITHM DIGEST-TYPE DIGEST, as dnssec-dsfromkey does"
            )
        };
        let mut words = text.split_ascii_whitespace();
        let mut number = || words.next().filter(|word| word.bytes().all(|octet| octet.is_ascii_digit()));
        let key_tag =
            number().and_then(|word| word.parse().ok()).ok_or_else(|| bad("no key tag up to 65535"))?;
        let algorithm =
            number().and_then(|word| word.parse().ok()).ok_or_else(|| bad("no algorithm up to 255"))?;
        let digest_type =
            number().and_then(|word| word.parse().ok()).ok_or_else(|| bad("no digest type up to 255"))?;
        let digest: String = words.collect();
        let digest = digest.strip_prefix('(').unwrap_or(&digest);
        let digest = digest.strip_suffix(')').unwrap_or(digest).to_ascii_uppercase();
        if digest.is_empty()
            || !digest.bytes().all(|octet| octet.is_ascii_hexdigit())
            || digest.len() % 2 == 1
        {
            return Err(bad("the digest is no hexadecimal number of whole octets"));
        }
        let length = match digest_type {
            1 => Some(40),
            2 | 3 => Some(64),
            4 => Some(96),
            _ => None,
        };
        if let Some(length) = length.filter(|length| *length != digest.len()) {
            return Err(bad(&format!(
                "a digest of type {digest_type} has {length} digits, this one {}",
                digest.len()
            )));
        }
        if algorithm == 0 || digest_type == 0 {
            return Err(bad("0 stands for no DS, in CDS alone (RFC 8078 §4); to have none, leave it out"));
        }
        Ok(Ds { key_tag, algorithm, digest_type, digest })
    }
}

/// A handle, such as EXAMPLE-MNT: what refers to another object.
pub(super) fn handle(text: &str) -> Result<(), String> {
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_');
    let good = (2..=80).contains(&text.len()) && text.bytes().all(plain);
    if good {
        Ok(())
    } else {
        Err(format!("{text:?} is no handle: letters, digits, `-` and `_`, as EXAMPLE-MNT"))
    }
}

/// One line of text. A line break would begin another attribute, and `#` a comment (RFC 2622 §2).
pub(super) fn line(text: &str) -> Result<(), String> {
    let bad = |why: &str| Err(format!("{text:?} cannot stand in an object: {why}"));
    match () {
        () if text.trim().is_empty() => bad("it is empty"),
        () if text.chars().any(char::is_control) => bad("it has to be one line, without control characters"),
        () if text.contains('#') => bad("`#` begins a comment"),
        () if text.chars().any(|c| u32::from(c) > 0xFF) => bad("registries take Latin-1 alone"),
        () if text.len() > 1000 => bad("it is longer than 1000 octets"),
        () => Ok(()),
    }
}

/// An address of mail.
pub(super) fn mail(text: &str) -> Result<(), String> {
    let plain = |octet: u8| octet.is_ascii_graphic() && !matches!(octet, b'#' | b'<' | b'>' | b',' | b';');
    let parts = text
        .split_once('@')
        .filter(|(user, host)| !user.is_empty() && host_name(host.trim_end_matches('.')).is_ok());
    let good = parts.is_some() && text.bytes().all(plain) && text.len() <= 254;
    if good { Ok(()) } else { Err(format!("{text:?} is no mail address")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nameservers_are_host_names() {
        let server: Nserver = "NS1.Example.net./192.0.2.53,2001:db8::53".parse().expect("a nameserver");
        assert_eq!((server.name.as_str(), server.addresses.len()), ("ns1.example.net", 2));
        assert_eq!(
            "ns1.example.net=192.0.2.53".parse::<Nserver>().map(|server| server.addresses.len()),
            Ok(1)
        );
        for (bad, why) in [
            ("ns_1.example.net", "letters"),
            ("-ns.example.net", "hyphen"),
            ("ns", "in full"),
            ("192.0.2.1", "NAME/ADDRESS"),
            ("a..b", "1 to 63"),
            ("ns.example.net/192.0.2.256", "no address"),
            ("ns.example.net\nmnt-by: EVIL-MNT", "letters"),
        ] {
            let error = bad.parse::<Nserver>().expect_err(bad);
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn ds_data_has_the_length_of_its_digest() {
        let hex = "49fd46e6c4b45c55d4ac69cbd3cd34ac1afe51de49fd46e6c4b45c55d4ac69cb";
        let ds: Ds = format!("12345 13 2 ( {} {} )", &hex[..32], &hex[32..]).parse().expect("DS data");
        assert_eq!(ds.to_string(), format!("12345 13 2 {}", hex.to_uppercase()));
        for (bad, why) in [
            (format!("65536 13 2 {hex}"), "key tag"),
            (format!("1 256 2 {hex}"), "algorithm"),
            (format!("1 13 4 {hex}"), "96 digits, this one 64"),
            (format!("1 13 1 {hex}"), "40 digits"),
            ("0 0 0 00".into(), "leave it out"),
            ("1 13 9 0".into(), "whole octets"),
            (format!("1 13 2 {hex}\nmnt-by: EVIL-MNT"), "hexadecimal"),
            ("1 13 2".into(), "hexadecimal"),
            (format!("+1 13 2 {hex}"), "key tag"),
        ] {
            let error = bad.parse::<Ds>().expect_err(&bad);
            assert!(error.contains(why), "{error}");
        }
        assert!("1 13 9 00".parse::<Ds>().is_ok(), "a digest type of tomorrow");
    }

    #[test]
    fn the_ds_of_a_key_is_that_of_rfc_4509() {
        // RFC 4509 §2.3: dskey.example.com, algorithm 5, key tag 60485.
        let key = "256 3 5 AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==";
        let apex = "dskey.example.com".parse().expect("a name");
        let ds = Ds::of_keys(&apex, &[key.to_owned(), "no key".to_owned()]).remove(0);
        let expected = "60485 5 2 D4B7D520E7BB5F0F67674A0CCEB1E3E0614B93C4F9E99B8383F6A1E4469DA50A";
        assert_eq!(ds.to_string(), expected);
        let sep = key.replacen("256", "257", 1);
        assert_eq!(Ds::of_keys(&apex, &[key.to_owned(), sep])[0].key_tag, 60486, "the one that signs keys");
    }

    #[test]
    fn text_stays_on_its_line() {
        assert_eq!(
            (handle("EXAMPLE-MNT"), line("Büro & Sons"), mail("a@example.net")),
            (Ok(()), Ok(()), Ok(()))
        );
        for bad in ["", "A", "A B", "A\nB", "A#B", "É-MNT"] {
            assert!(handle(bad).is_err(), "{bad:?}");
        }
        for bad in ["", " ", "a\nmnt-by: X", "a\r", "a # b", "\u{2028}", "a\u{85}b"] {
            assert!(line(bad).is_err(), "{bad:?}");
        }
        for bad in ["a", "@example.net", "a@b@c", "a b@example.net", "a@localhost", "a@example.net\nx: y"] {
            assert!(mail(bad).is_err(), "{bad:?}");
        }
    }
}
