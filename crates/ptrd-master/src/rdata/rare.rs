//! Types with more structure than names and numbers that `domain` has no codec for.
//!
//! APL (RFC 3123), CERT (RFC 4398), CSYNC (RFC 7477), EUI48 and EUI64 (RFC 7043), HIP (RFC 8005), URI (RFC 7553);
//! LOC has a file of its own.

use crate::error::{RdataError, quoted};
use crate::fields::{Fields, unescape};
use crate::names::push_name;
use crate::rdata::loc;
use crate::rdata::plain::write_string;
use crate::rdata::scanned::{decode_base64, scan, to_text as to_text_scanned};
use crate::rdata::strict::is_strict;
use domain::base::iana::{Rtype, SecurityAlgorithm};
use domain::utils::{base16, base64};
use ptrd_wire::{Name, RecordType};
use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The data, or `None` when the type is not one of these.
pub fn read(rtype: RecordType, fields: &mut Fields<'_>) -> Result<Option<Vec<u8>>, RdataError> {
    let rdata = match rtype {
        RecordType::APL => read_apl(fields)?,
        RecordType::CERT => read_cert(fields)?,
        RecordType::CSYNC => read_csync(fields)?,
        RecordType::EUI48 => read_eui(fields, 6)?,
        RecordType::EUI64 => read_eui(fields, 8)?,
        RecordType::HIP => read_hip(fields)?,
        RecordType::LOC => loc::read(fields)?,
        RecordType::URI => read_uri(fields)?,
        _ => return Ok(None),
    };
    fields.end()?;
    Ok(Some(rdata))
}

/// Whether octets have the form of the type; `None` when it is not one of these.
pub fn is_well_formed(rtype: RecordType, rdata: &[u8]) -> Option<bool> {
    match rtype {
        // An address family without a text form is no fault of the data.
        RecordType::APL => Some(apl_items(rdata).is_some()),
        RecordType::LOC => Some(loc::is_well_formed(rdata)),
        RecordType::CSYNC => Some(to_text(rtype, rdata).is_some() && is_strict(rtype, rdata)),
        RecordType::CERT | RecordType::EUI48 | RecordType::EUI64 => Some(to_text(rtype, rdata).is_some()),
        RecordType::HIP | RecordType::URI => Some(to_text(rtype, rdata).is_some()),
        _ => None,
    }
}

/// The text of the data, if it has the form of the type.
pub fn to_text(rtype: RecordType, rdata: &[u8]) -> Option<String> {
    match rtype {
        RecordType::APL => apl_to_text(rdata),
        RecordType::CERT => cert_to_text(rdata),
        RecordType::CSYNC => csync_to_text(rdata),
        RecordType::EUI48 => (rdata.len() == 6).then(|| eui_to_text(rdata)),
        RecordType::EUI64 => (rdata.len() == 8).then(|| eui_to_text(rdata)),
        RecordType::HIP => hip_to_text(rdata),
        RecordType::LOC => loc::to_text(rdata),
        RecordType::URI => uri_to_text(rdata),
        _ => None,
    }
}

// APL: items of [!]family:address/prefix.

struct AplItem<'a> {
    family: u16,
    prefix: u8,
    negated: bool,
    address: &'a [u8],
}

fn apl_items(rdata: &[u8]) -> Option<Vec<AplItem<'_>>> {
    let mut rest = rdata;
    let mut items = Vec::new();
    while let Some((&[high, low, prefix, length], after)) = rest.split_first_chunk::<4>() {
        let (address, after) = after.split_at_checked((length & 0x7f).into())?;
        let item =
            AplItem { family: u16::from_be_bytes([high, low]), prefix, negated: length > 127, address };
        let (max_prefix, max_octets) = match item.family {
            1 => (32, 4),
            2 => (128, 16),
            _ => (255, 127),
        };
        // Trailing zero octets must not be sent (RFC 3123 §4).
        if prefix > max_prefix || address.len() > max_octets || address.last() == Some(&0) {
            return None;
        }
        items.push(item);
        rest = after;
    }
    rest.is_empty().then_some(items)
}

fn read_apl(fields: &mut Fields<'_>) -> Result<Vec<u8>, RdataError> {
    let mut out = Vec::new();
    while !fields.is_empty() {
        let word = fields.plain("address prefix")?;
        let refused = || RdataError::Field {
            text: quoted(word),
            what: "address prefix ([!]1:192.0.2.0/24 or [!]2:…)",
        };
        apl_item(word, &mut out).ok_or_else(refused)?;
    }
    Ok(out)
}

fn apl_item(word: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let text = std::str::from_utf8(word).ok()?;
    let (negated, text) = text.strip_prefix('!').map_or((0, text), |text| (0x80, text));
    let (family, text) = text.split_once(':')?;
    let (address, prefix) = text.split_once('/')?;
    let prefix: u8 = prefix.bytes().all(|b| b.is_ascii_digit()).then(|| prefix.parse().ok())??;
    let (family, address, max_prefix) = match family {
        "1" => (1u16, address.parse::<Ipv4Addr>().ok()?.octets().to_vec(), 32),
        "2" => (2u16, address.parse::<Ipv6Addr>().ok()?.octets().to_vec(), 128),
        _ => return None,
    };
    if prefix > max_prefix {
        return None;
    }
    let length = address.iter().rposition(|&b| b != 0).map_or(0, |last| last + 1);
    out.extend_from_slice(&family.to_be_bytes());
    out.extend_from_slice(&[prefix, negated | length as u8]);
    out.extend_from_slice(&address[..length]);
    Some(())
}

fn apl_to_text(rdata: &[u8]) -> Option<String> {
    let mut words = Vec::new();
    for item in apl_items(rdata)? {
        let sign = if item.negated { "!" } else { "" };
        let mut octets = [0; 16];
        octets[..item.address.len().min(16)].copy_from_slice(&item.address[..item.address.len().min(16)]);
        let address = match item.family {
            1 => Ipv4Addr::new(octets[0], octets[1], octets[2], octets[3]).to_string(),
            2 => Ipv6Addr::from(octets).to_string(),
            _ => return None,
        };
        words.push(format!("{sign}{}:{address}/{}", item.family, item.prefix));
    }
    Some(words.join(" "))
}

// CERT: type, key tag, algorithm, certificate.

const CERT_TYPES: [(&str, u16); 10] = [
    ("PKIX", 1),
    ("SPKI", 2),
    ("PGP", 3),
    ("IPKIX", 4),
    ("ISPKI", 5),
    ("IPGP", 6),
    ("ACPKIX", 7),
    ("IACPKIX", 8),
    ("URI", 253),
    ("OID", 254),
];

fn read_cert(fields: &mut Fields<'_>) -> Result<Vec<u8>, RdataError> {
    let by_name =
        |word: &[u8]| CERT_TYPES.iter().find(|(name, _)| word.eq_ignore_ascii_case(name.as_bytes()));
    let kind = match fields.peek_plain().and_then(by_name) {
        Some(&(_, kind)) => {
            fields.next();
            kind
        }
        None => fields.parsed::<u16>("certificate type")?,
    };
    let tag: u16 = fields.parsed("key tag")?;
    let algorithm = match fields.peek_plain().and_then(SecurityAlgorithm::from_mnemonic) {
        Some(algorithm) => {
            fields.next();
            algorithm.to_int()
        }
        None => fields.parsed::<u8>("algorithm")?,
    };
    let mut out = Vec::new();
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&tag.to_be_bytes());
    out.push(algorithm);
    if fields.is_empty() {
        return Err(RdataError::Missing("certificate"));
    }
    out.extend_from_slice(&decode_base64(&fields.joined())?);
    Ok(out)
}

fn cert_to_text(rdata: &[u8]) -> Option<String> {
    let (&[k0, k1, t0, t1, algorithm], certificate) = rdata.split_first_chunk::<5>()?;
    let (kind, tag) = (u16::from_be_bytes([k0, k1]), u16::from_be_bytes([t0, t1]));
    (!certificate.is_empty())
        .then(|| format!("{kind} {tag} {algorithm} {}", base64::encode_string(certificate)))
}

// CSYNC: serial, flags, and the type bitmap of an NSEC, which is read as an NSEC whose next name is the root.

fn read_csync(fields: &mut Fields<'_>) -> Result<Vec<u8>, RdataError> {
    let mut out = fields.parsed::<u32>("serial")?.to_be_bytes().to_vec();
    out.extend_from_slice(&fields.parsed::<u16>("flags field (0 to 65535)")?.to_be_bytes());
    if fields.is_empty() {
        return Ok(out);
    }
    out.extend_from_slice(&scan(Rtype::NSEC, ".", fields)?[1..]);
    Ok(out)
}

fn csync_to_text(rdata: &[u8]) -> Option<String> {
    let (&[s0, s1, s2, s3, f0, f1], bitmap) = rdata.split_first_chunk::<6>()?;
    let mut text = format!("{} {}", u32::from_be_bytes([s0, s1, s2, s3]), u16::from_be_bytes([f0, f1]));
    if !bitmap.is_empty() {
        text.push_str(to_text_scanned(RecordType::NSEC, &[&[0], bitmap].concat())?.strip_prefix('.')?);
    }
    Some(text)
}

// EUI48, EUI64: octets in hex with hyphens.

fn read_eui(fields: &mut Fields<'_>, octets: usize) -> Result<Vec<u8>, RdataError> {
    let word = fields.plain("address")?;
    let refused =
        || RdataError::Field { text: quoted(word), what: "address of hex octets with hyphens between" };
    let parts: Vec<_> = word.split(|&b| b == b'-').collect();
    if parts.len() != octets || parts.iter().any(|part| part.len() != 2) {
        return Err(refused());
    }
    let hex: String = parts.concat().iter().map(|&b| b as char).collect();
    base16::decode(&hex).map_err(|_| refused())
}

fn eui_to_text(rdata: &[u8]) -> String {
    let mut text = String::new();
    for (n, b) in rdata.iter().enumerate() {
        // Writing into a String cannot fail.
        let _ = write!(text, "{}{b:02x}", if n > 0 { "-" } else { "" });
    }
    text
}

// HIP: algorithm, host identity tag in hex, public key in base64, rendezvous servers.

fn read_hip(fields: &mut Fields<'_>) -> Result<Vec<u8>, RdataError> {
    let algorithm: u8 = fields.parsed("algorithm")?;
    let word = fields.plain("host identity tag")?;
    let hex: String = word.iter().map(|&b| if b.is_ascii() { b as char } else { '?' }).collect();
    let refused = || RdataError::Field { text: quoted(word), what: "host identity tag in hex" };
    let tag: Vec<u8> = base16::decode(&hex).map_err(|_| refused())?;
    let tag_length = u8::try_from(tag.len()).map_err(|_| refused())?;
    let word = fields.plain("public key")?;
    let key: Vec<u8> = decode_base64(&String::from_utf8_lossy(word))?;
    let key_length = u16::try_from(key.len()).map_err(|_| RdataError::TooLong(key.len()))?;
    let mut out = vec![tag_length, algorithm];
    out.extend_from_slice(&key_length.to_be_bytes());
    out.extend_from_slice(&tag);
    out.extend_from_slice(&key);
    while !fields.is_empty() {
        out.extend_from_slice(fields.name("rendezvous server")?.as_wire());
    }
    Ok(out)
}

fn hip_to_text(rdata: &[u8]) -> Option<String> {
    let (&[tag_length, algorithm, k0, k1], rest) = rdata.split_first_chunk::<4>()?;
    let (tag, rest) = rest.split_at_checked(tag_length.into())?;
    let (key, mut rest) = rest.split_at_checked(u16::from_be_bytes([k0, k1]).into())?;
    if tag.is_empty() || key.is_empty() {
        return None;
    }
    let mut text = format!("{algorithm} {} {}", base16::encode_string(tag), base64::encode_string(key));
    while !rest.is_empty() {
        let (name, used) = Name::from_wire_prefix(rest).ok()?;
        text.push(' ');
        push_name(name.as_wire(), &mut text);
        rest = &rest[used..];
    }
    Some(text)
}

// URI: priority, weight, target in quotes, which is no character string: it has no length octet.

fn read_uri(fields: &mut Fields<'_>) -> Result<Vec<u8>, RdataError> {
    let mut out = fields.parsed::<u16>("priority (0 to 65535)")?.to_be_bytes().to_vec();
    out.extend_from_slice(&fields.parsed::<u16>("weight (0 to 65535)")?.to_be_bytes());
    let target = fields.required("target")?;
    unescape(target, &mut out).ok_or_else(|| RdataError::Field { text: quoted(target), what: "target" })?;
    Ok(out)
}

fn uri_to_text(rdata: &[u8]) -> Option<String> {
    let (&[p0, p1, w0, w1], target) = rdata.split_first_chunk::<4>()?;
    if target.is_empty() {
        return None;
    }
    let mut text = format!("{} {} ", u16::from_be_bytes([p0, p1]), u16::from_be_bytes([w0, w1]));
    write_string(target, &mut text);
    Some(text)
}
