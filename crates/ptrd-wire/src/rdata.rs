//! The little of record data that the lower layers must know: where names stand in it, and the SOA.

use crate::name::{Name, NameError};
use crate::types::{RecordType, Serial, Ttl};
use std::borrow::Cow;

/// The data of an SOA record (RFC 1035 §3.3.13). Times in seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Soa {
    /// The primary nameserver.
    pub mname: Name,
    /// The mailbox of the person responsible, as a name.
    pub rname: Name,
    /// The version of the zone.
    pub serial: Serial,
    /// How often a secondary asks for the SOA.
    pub refresh: u32,
    /// How soon it asks again after a failure.
    pub retry: u32,
    /// When it stops to answer without having reached the primary.
    pub expire: u32,
    /// Upper bound of the negative TTL (RFC 2308 §4).
    pub minimum: Ttl,
}

impl Soa {
    /// Reads uncompressed SOA data.
    ///
    /// # Errors
    /// [`NameError::BadWire`] when a name is bad or the length is not that of two names and 20 octets.
    pub fn from_wire(rdata: &[u8]) -> Result<Soa, NameError> {
        let (mname, used) = Name::from_wire_prefix(rdata)?;
        let (rname, used_too) = Name::from_wire_prefix(&rdata[used..])?;
        let numbers: &[u8; 20] = rdata[used + used_too..].try_into().map_err(|_| NameError::BadWire)?;
        let number =
            |n: usize| u32::from_be_bytes([numbers[n], numbers[n + 1], numbers[n + 2], numbers[n + 3]]);
        Ok(Soa {
            mname,
            rname,
            serial: Serial(number(0)),
            refresh: number(4),
            retry: number(8),
            expire: number(12),
            minimum: Ttl::from_secs(number(16)),
        })
    }

    /// The uncompressed wire form.
    pub fn to_wire(&self) -> Vec<u8> {
        let mut wire = Vec::with_capacity(self.mname.as_wire().len() + self.rname.as_wire().len() + 20);
        wire.extend_from_slice(self.mname.as_wire());
        wire.extend_from_slice(self.rname.as_wire());
        for number in [self.serial.0, self.refresh, self.retry, self.expire, self.minimum.as_secs()] {
            wire.extend_from_slice(&number.to_be_bytes());
        }
        wire
    }
}

/// Where a name that may be compressed stands in the data of this type (RFC 3597 §4 limits this to RFC 1035 types):
/// octets before it, and how many names follow each other.
#[inline]
pub fn compressible_name(rtype: RecordType) -> Option<(usize, usize)> {
    match rtype {
        RecordType::PTR | RecordType::NS | RecordType::CNAME => Some((0, 1)),
        RecordType::MX => Some((2, 1)),
        RecordType::SOA => Some((0, 2)),
        _ => None,
    }
}

/// The name in the data whose addresses belong in the additional section (RFC 1034 §4.3.2, RFC 2782).
pub fn additional_name(rtype: RecordType, rdata: &[u8]) -> Option<&[u8]> {
    match rtype {
        RecordType::NS => Some(rdata),
        RecordType::MX => rdata.get(2..),
        RecordType::SRV => rdata.get(6..),
        _ => None,
    }
}

/// How many octets, names and further octets the data of a type is made of, for the types whose form decides
/// whether an answer can be built.
pub fn embedded_names(rtype: RecordType) -> Option<(usize, usize, Option<usize>)> {
    match rtype {
        RecordType::A => Some((4, 0, Some(0))),
        RecordType::AAAA => Some((16, 0, Some(0))),
        RecordType::NS | RecordType::CNAME | RecordType::PTR | RecordType::DNAME => Some((0, 1, Some(0))),
        RecordType::MX | RecordType::AFSDB => Some((2, 1, Some(0))),
        RecordType::RP => Some((0, 2, Some(0))),
        RecordType::SRV => Some((6, 1, Some(0))),
        RecordType::SOA => Some((0, 2, Some(20))),
        _ => None,
    }
}

/// Whether the data has the form that its type needs, as far as answers depend on it; types unknown here pass.
pub fn rdata_is_well_formed(rtype: RecordType, rdata: &[u8]) -> bool {
    let Some((before, names, after)) = embedded_names(rtype) else { return rdata.len() <= 65_535 };
    let mut rest = match rdata.get(before..) {
        Some(rest) => rest,
        None => return false,
    };
    for _ in 0..names {
        match Name::from_wire_prefix(rest) {
            Ok((_, used)) => rest = &rest[used..],
            Err(_) => return false,
        }
    }
    after.is_none_or(|after| rest.len() == after)
}

/// A part of record data, as far as comparing and unpacking it go.
#[derive(Clone, Copy)]
pub(crate) enum Part {
    /// So many octets.
    Octets(usize),
    /// A character string (RFC 1035 §3.3).
    Text,
    /// An uncompressed name.
    Name,
}

/// What the data of the types of RFC 4034 §6.2 starts with, up to their last name.
pub(crate) fn parts(rtype: RecordType) -> &'static [Part] {
    use Part::{Name, Octets, Text};
    match rtype.0 {
        // NS, MD, MF, CNAME, MB, MG, MR, PTR, NXT, DNAME, NSEC.
        2..=5 | 7..=9 | 12 | 30 | 39 | 47 => &[Name],
        // SOA, MINFO, RP.
        6 | 14 | 17 => &[Name, Name],
        // MX, AFSDB, RT, KX.
        15 | 18 | 21 | 36 => &[Octets(2), Name],
        // SIG, RRSIG.
        24 | 46 => &[Octets(18), Name],
        // PX.
        26 => &[Octets(2), Name, Name],
        // SRV.
        33 => &[Octets(6), Name],
        // NAPTR.
        35 => &[Octets(4), Text, Text, Text, Name],
        // A6 (historic) and every type unknown to RFC 4034: octet by octet (RFC 3597 §6).
        _ => &[],
    }
}

/// How many character strings (RFC 1035 §3.3) make up these octets, if they do.
fn strings(mut octets: &[u8]) -> Option<usize> {
    let mut count = 0;
    while let Some((&length, rest)) = octets.split_first() {
        octets = rest.get(usize::from(length)..)?;
        count += 1;
    }
    Some(count)
}

/// Whether uncompressed data has the form of its type, for data that comes as octets and was never text. Types that are
/// not known here have any form (RFC 3597).
pub fn rdata_has_form(rtype: RecordType, rdata: &[u8]) -> bool {
    let length = rdata.len();
    match rtype.0 {
        // A, AAAA, EUI48, EUI64.
        1 => return length == 4,
        28 => return length == 16,
        108 => return length == 6,
        109 => return length == 8,
        // WKS: address, protocol, a map of ports.
        11 => return length >= 5,
        // TXT, SPF; HINFO; X25; ISDN.
        16 | 99 => return strings(rdata).is_some_and(|count| count > 0),
        13 => return strings(rdata) == Some(2),
        19 => return strings(rdata) == Some(1),
        20 => return strings(rdata).is_some_and(|count| (1..=2).contains(&count)),
        // LOC: version 0 has a form, others are unknown (RFC 1876 §2).
        29 => return rdata.first().is_some_and(|version| *version != 0 || length == 16),
        // KEY, DNSKEY, CDNSKEY; DS, CDS; DHCID; SSHFP; TLSA, SMIMEA; URI: what is fixed, and something behind.
        25 | 48 | 60 | 43 | 59 => return length >= 5,
        49 | 44 => return length >= 3,
        52 | 53 => return length >= 4,
        256 => return length >= 5,
        // CAA: flags, a tag of some length, a value.
        257 => return rdata.get(1).is_some_and(|tag| *tag > 0 && length >= 2 + usize::from(*tag)),
        _ => {}
    }
    let mut rest = rdata;
    for part in parts(rtype) {
        let used = match part {
            Part::Octets(n) => Some(*n),
            Part::Text => rest.first().map(|&n| usize::from(n) + 1),
            Part::Name => Name::from_wire_prefix(rest).ok().map(|(_, used)| used),
        };
        match used.and_then(|used| rest.get(used..)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    match rtype.0 {
        6 => rest.len() == 20,
        // SIG, RRSIG, NXT, NSEC: signatures and maps of types.
        24 | 46 | 30 | 47 => true,
        _ => parts(rtype).is_empty() || rest.is_empty(),
    }
}

/// Whether two records of one owner, class and type are the same one (RFC 2181 §5): their data is equal, where names
/// in the data of the types of RFC 4034 §6.2 compare without case (RFC 4343 §3), and all else, also the names in data
/// of newer types, octet by octet (RFC 3597 §6).
pub fn same_rdata(rtype: RecordType, a: &[u8], b: &[u8]) -> bool {
    if a == b {
        return true;
    }
    a.len() == b.len() && a.eq_ignore_ascii_case(b) && folded_rdata(rtype, a) == folded_rdata(rtype, b)
}

/// Record data with the names in it in lower case, as [`same_rdata`] compares it: the key under which a record is one.
/// Data that does not have the form of its type is left as it is from where it leaves that form.
pub fn folded_rdata(rtype: RecordType, rdata: &[u8]) -> Cow<'_, [u8]> {
    let parts = parts(rtype);
    if parts.is_empty() || !rdata.iter().any(u8::is_ascii_uppercase) {
        return Cow::Borrowed(rdata);
    }
    let mut octets = rdata.to_vec();
    let mut at = 0;
    for part in parts {
        let length = match part {
            Part::Octets(n) => Some(*n),
            Part::Text => rdata.get(at).map(|&n| usize::from(n) + 1),
            Part::Name => rdata.get(at..).and_then(|rest| Name::from_wire_prefix(rest).ok()).map(|(_, n)| n),
        };
        let Some(part_octets) = length.and_then(|length| octets.get_mut(at..at + length)) else { break };
        if matches!(part, Part::Name) {
            // Length octets are below every letter.
            part_octets.make_ascii_lowercase();
        }
        at += part_octets.len();
    }
    Cow::Owned(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn soa_round_trips() {
        let soa = Soa {
            mname: "ns1.example".parse().expect("name"),
            rname: "hostmaster.example".parse().expect("name"),
            serial: Serial(5),
            refresh: 1,
            retry: 2,
            expire: 3,
            minimum: Ttl::from_secs(4),
        };
        assert_eq!(Soa::from_wire(&soa.to_wire()), Ok(soa.clone()));
        assert!(Soa::from_wire(&soa.to_wire()[1..]).is_err());
        assert!(rdata_is_well_formed(RecordType::SOA, &soa.to_wire()));
        assert!(!rdata_is_well_formed(RecordType::A, &[1, 2, 3]));
        assert!(!rdata_is_well_formed(RecordType::PTR, b"\x01a\x00x"));
        assert!(!rdata_is_well_formed(RecordType::MX, b"\x01"));
        assert!(rdata_is_well_formed(RecordType(65280), b"\x01"));
    }

    #[test]
    fn records_are_the_same_whatever_the_case_of_names_in_old_types() {
        let name = |text: &str| text.parse::<Name>().expect("a name").as_wire().to_vec();
        let (upper, lower) = (name("NS.Example"), name("ns.example"));
        let with = |before: &[u8], name: &[u8], after: &[u8]| [before, name, after].concat();
        let naptr = b"\x00\x01\x00\x02\x01U\x03SIP\x04!A!b";
        let same: [(u16, &[u8], &[u8]); 9] = [
            (2, b"", b""),
            (12, b"", b""),
            (15, b"\x00A", b""),
            (17, &lower, b""),
            (33, b"\x00\x01\x00\x02AB", b""),
            (35, naptr, b""),
            (39, b"", b""),
            (46, b"ABCDEFGHIJKLMNOPQR", b"Signature"),
            (47, b"", b"\x00\x06AAAAAA"),
        ];
        for (rtype, before, after) in same {
            let rtype = RecordType(rtype);
            let (a, b) = (with(before, &upper, after), with(before, &lower, after));
            assert!(same_rdata(rtype, &a, &b), "{rtype}");
            assert_eq!(folded_rdata(rtype, &a), folded_rdata(rtype, &b), "{rtype}");
            if before != lower && (!before.is_empty() || !after.is_empty()) {
                let other = with(&before.to_ascii_lowercase(), &lower, &after.to_ascii_lowercase());
                assert!(!same_rdata(rtype, &a, &other), "{rtype}: what is no name has a case");
            }
        }
        // TXT is no name; SVCB and HIP came after RFC 3597; an unknown type has none that anybody knows.
        for rtype in [16, 55, 64, 65_280] {
            assert!(!same_rdata(RecordType(rtype), &upper, &lower), "{rtype}");
        }
        assert!(!same_rdata(RecordType::NS, b"\x3fA", b"\x3fa"), "no name at all");
    }
}
