//! Records as lines: `owner [TTL] [IN] TYPE data`, read and written.
//!
//! A small part of RFC 1035 §5.1, enough for tests: one line a record, the owner always there. Data of the common
//! types in their usual form; of any type as `\# LENGTH HEX` (RFC 3597 §5).

use crate::proofs::covered;
use ptrd_wire::{Name, RecordType, RrSet, Serial, Soa, Ttl, write_label_text};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// One record as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The owner.
    pub owner: Name,
    /// The TTL, or the one handed in.
    pub ttl: Ttl,
    /// The type.
    pub rtype: RecordType,
    /// The data, uncompressed.
    pub rdata: Vec<u8>,
}

/// The words of a line: split at blanks, quoted strings with their quotes, the comment after `;` gone.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                word.push(c);
                word.extend(chars.next());
            }
            '"' => {
                quoted = !quoted;
                word.push(c);
            }
            ';' if !quoted => break,
            c if c.is_whitespace() && !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Reads a record. Relative names are below `origin`; `ttl` is for a line without one.
///
/// # Errors
/// What is wrong, in words.
pub fn parse_line(line: &str, origin: &Name, ttl: Ttl) -> Result<Line, String> {
    let words = words(line);
    let mut rest = words.iter().map(String::as_str);
    let owner = parse_name(rest.next().ok_or("no owner")?, origin)?;
    let mut ttl = ttl;
    let mut word = rest.next().ok_or("no type")?;
    if let Ok(seconds) = word.parse::<u32>() {
        ttl = Ttl::from_secs(seconds);
        word = rest.next().ok_or("no type")?;
    }
    if word.eq_ignore_ascii_case("IN") || word.eq_ignore_ascii_case("CH") {
        word = rest.next().ok_or("no type")?;
    }
    let rtype: RecordType = word.parse().map_err(|e| format!("{e}"))?;
    let data: Vec<&str> = rest.collect();
    let rdata = rdata_from_text(rtype, &data, origin)?;
    Ok(Line { owner, ttl, rtype, rdata })
}

pub(crate) fn parse_name(text: &str, origin: &Name) -> Result<Name, String> {
    Name::parse_relative(text, origin).map_err(|e| format!("“{text}”: {e}"))
}

fn number<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("“{text}” is no number that fits"))
}

/// Octets from hexadecimal digits.
pub(crate) fn hex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    if !digits.len().is_multiple_of(2) {
        return Err(format!("“{text}” is an odd number of hexadecimal digits"));
    }
    digits
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect::<Option<_>>()
        .ok_or_else(|| format!("“{text}” is not hexadecimal"))
}

pub(crate) fn to_hex(octets: &[u8]) -> String {
    octets.iter().map(|b| format!("{b:02x}")).collect()
}

/// Record data from its words.
///
/// # Errors
/// What is wrong, in words.
pub fn rdata_from_text(rtype: RecordType, words: &[&str], origin: &Name) -> Result<Vec<u8>, String> {
    if let ["\\#", length, digits @ ..] = words {
        let octets = hex(&digits.concat())?;
        let length: usize = number(length)?;
        return (octets.len() == length).then_some(octets).ok_or(format!("not {length} octets"));
    }
    let wire = |text: &str| parse_name(text, origin).map(|name| name.as_wire().to_vec());
    let wrong = || format!("{rtype} with data “{}”", words.join(" "));
    let mut out = Vec::new();
    match (rtype, words) {
        (RecordType::A, [ip]) => out.extend(ip.parse::<Ipv4Addr>().map_err(|_| wrong())?.octets()),
        (RecordType::AAAA, [ip]) => out.extend(ip.parse::<Ipv6Addr>().map_err(|_| wrong())?.octets()),
        (RecordType::NS | RecordType::CNAME | RecordType::PTR | RecordType::DNAME, [name]) => {
            out = wire(name)?;
        }
        (RecordType::MX | RecordType::AFSDB, [preference, name]) => {
            out.extend(number::<u16>(preference)?.to_be_bytes());
            out.extend(wire(name)?);
        }
        (RecordType::SRV, [priority, weight, port, name]) => {
            for field in [priority, weight, port] {
                out.extend(number::<u16>(field)?.to_be_bytes());
            }
            out.extend(wire(name)?);
        }
        (RecordType::RP, [mailbox, text]) => {
            out = wire(mailbox)?;
            out.extend(wire(text)?);
        }
        (RecordType::TXT | RecordType::SPF | RecordType::HINFO, strings) if !strings.is_empty() => {
            for string in strings {
                let octets = character_string(string)?;
                out.push(u8::try_from(octets.len()).map_err(|_| wrong())?);
                out.extend(octets);
            }
        }
        (RecordType::SOA, [mname, rname, serial, refresh, retry, expire, minimum]) => {
            out = Soa {
                mname: parse_name(mname, origin)?,
                rname: parse_name(rname, origin)?,
                serial: Serial(number(serial)?),
                refresh: number(refresh)?,
                retry: number(retry)?,
                expire: number(expire)?,
                minimum: Ttl::from_secs(number(minimum)?),
            }
            .to_wire();
        }
        (RecordType::DS, [tag, algorithm, digest_type, digest @ ..]) if !digest.is_empty() => {
            out.extend(number::<u16>(tag)?.to_be_bytes());
            out.extend([number::<u8>(algorithm)?, number::<u8>(digest_type)?]);
            out.extend(hex(&digest.concat())?);
        }
        _ => return Err(wrong()),
    }
    Ok(out)
}

fn character_string(word: &str) -> Result<Vec<u8>, String> {
    let inner = word.strip_prefix('"').and_then(|w| w.strip_suffix('"')).unwrap_or(word);
    let mut out = Vec::new();
    let mut input = inner.bytes();
    while let Some(b) = input.next() {
        match b {
            b'\\' => match input.next() {
                Some(digit @ b'0'..=b'9') => {
                    let digits: Vec<u8> = [digit].into_iter().chain(input.by_ref().take(2)).collect();
                    let text = String::from_utf8_lossy(&digits).into_owned();
                    out.push(number::<u8>(&text)?);
                }
                Some(other) => out.push(other),
                None => return Err(format!("{word}: a backslash at the end")),
            },
            b => out.push(b),
        }
    }
    Ok(out)
}

/// Record data in the form that [`rdata_from_text`] reads: the usual one, else `\# LENGTH HEX`.
pub fn rdata_to_text(rtype: RecordType, rdata: &[u8]) -> String {
    usual_form(rtype, rdata)
        .unwrap_or_else(|| format!("\\# {} {}", rdata.len(), to_hex(rdata)).trim().to_owned())
}

fn usual_form(rtype: RecordType, rdata: &[u8]) -> Option<String> {
    let name = |octets: &[u8]| Name::from_wire(octets).ok().map(|name| name.to_string());
    let u16_at = |at: usize| Some(u16::from_be_bytes(*rdata.get(at..)?.first_chunk()?));
    Some(match rtype {
        RecordType::A => Ipv4Addr::from(<[u8; 4]>::try_from(rdata).ok()?).to_string(),
        RecordType::AAAA => Ipv6Addr::from(<[u8; 16]>::try_from(rdata).ok()?).to_string(),
        RecordType::NS | RecordType::CNAME | RecordType::PTR | RecordType::DNAME => name(rdata)?,
        RecordType::MX | RecordType::AFSDB => format!("{} {}", u16_at(0)?, name(rdata.get(2..)?)?),
        RecordType::SRV => {
            format!("{} {} {} {}", u16_at(0)?, u16_at(2)?, u16_at(4)?, name(rdata.get(6..)?)?)
        }
        RecordType::RP => {
            let (mailbox, used) = Name::from_wire_prefix(rdata).ok()?;
            format!("{mailbox} {}", name(&rdata[used..])?)
        }
        RecordType::TXT | RecordType::SPF | RecordType::HINFO => {
            let mut strings = Vec::new();
            let mut rest = rdata;
            while let Some((&length, after)) = rest.split_first() {
                let mut text = String::new();
                // As in a label, but a quoted string may hold blanks; these are escaped, which reads the same.
                write_label_text(after.get(..length as usize)?, &mut text).ok()?;
                strings.push(format!("\"{text}\""));
                rest = &after[length as usize..];
            }
            (!strings.is_empty()).then(|| strings.join(" "))?
        }
        RecordType::SOA => {
            let soa = Soa::from_wire(rdata).ok()?;
            format!(
                "{} {} {} {} {} {} {}",
                soa.mname, soa.rname, soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum
            )
        }
        RecordType::DS => {
            let digest = rdata.get(4..).filter(|digest| !digest.is_empty())?;
            format!("{} {} {} {}", u16_at(0)?, rdata[2], rdata[3], to_hex(digest))
        }
        _ => return None,
    })
}

/// The records of an RRset, one line each.
pub fn record_to_text(owner: &Name, rrset: &RrSet) -> Vec<String> {
    let line = |rdata: &[u8]| {
        let ttl = if rrset.rtype == RecordType::RRSIG { signed_ttl(rdata) } else { rrset.ttl };
        format!("{owner} {ttl} {} {}", rrset.rtype, rdata_to_text(rrset.rtype, rdata))
    };
    rrset.rdatas.iter().map(|rdata| line(rdata)).collect()
}

/// The TTL of an RRSIG record, which is that of what it covers.
fn signed_ttl(rdata: &[u8]) -> Ttl {
    let octets = rdata.get(4..8).and_then(|octets| octets.try_into().ok()).unwrap_or_default();
    Ttl::from_secs(u32::from_be_bytes(octets))
}

/// Records gathered into RRsets, in the order in which each was first met. A set has the TTL of its first record; signatures
/// are a set for each type that they cover.
pub(crate) fn gather(lines: impl IntoIterator<Item = Line>) -> Vec<(Name, RrSet)> {
    let mut sets: Vec<(Name, RrSet)> = Vec::new();
    for line in lines {
        let new = RrSet::single(line.rtype, line.ttl, line.rdata.as_slice());
        let is_one = |set: &RrSet| set.rtype == line.rtype && covered(set) == covered(&new);
        match sets.iter_mut().find(|(owner, set)| *owner == line.owner && is_one(set)) {
            Some((_, set)) => set.rdatas.push(line.rdata.into()),
            None => sets.push((line.owner, new)),
        }
    }
    sets
}

/// An address, or what is wrong with the text.
pub(crate) fn parse_ip(text: &str) -> Result<IpAddr, String> {
    text.parse().map_err(|_| format!("“{text}” is no address"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_round_trip() {
        for line in [
            "5.2.0.192.in-addr.arpa. 60 PTR mail.example.",
            "a.example. 3600 SOA ns.example. host.example. 1 2 3 4 5",
            "a.example. 3600 MX 10 mx.example.",
            "a.example. 3600 SRV 1 2 3 srv.example.",
            "a.example. 3600 TXT \"one\\032two\" \"\" \"semi\\;colon\"",
            "a.example. 3600 RP a.example. b.example.",
            "a.example. 3600 DS 12345 13 2 00ff",
            "a.example. 3600 AAAA 2001:db8::1",
            "a.example. 3600 TYPE65280 \\# 3 abcdef",
            "a.example. 3600 TYPE65280 \\# 0",
        ] {
            let read = parse_line(line, &Name::root(), Ttl::from_secs(3600)).expect(line);
            let set = RrSet::single(read.rtype, read.ttl, read.rdata);
            assert_eq!(record_to_text(&read.owner, &set), [line]);
        }
    }

    #[test]
    fn short_forms() {
        let origin: Name = "example".parse().expect("a name");
        let line = |text: &str| parse_line(text, &origin, Ttl::from_secs(7)).expect(text);
        assert_eq!(line("@ IN NS ns ; a comment"), line("example. 7 NS ns.example."));
        assert_eq!(line("a TXT \"x y;z\"").rdata, b"\x05x y;z");
        assert!(parse_line("a PTR", &origin, Ttl::default()).is_err());
        assert!(parse_line("a A 1.2.3", &origin, Ttl::default()).is_err());
    }
}
