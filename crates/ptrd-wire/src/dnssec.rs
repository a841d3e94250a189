//! The data of the records that sign and deny, read where it lies (RFC 4034, RFC 5155), and type bitmaps.

use crate::name::wire_length;
use crate::types::{RecordType, Ttl};

/// The data of an RRSIG record (RFC 4034 §3.1), without times and signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rrsig<'a> {
    /// The type of the RRset that it signs.
    pub covered: RecordType,
    /// The algorithm of the key.
    pub algorithm: u8,
    /// How many labels the owner has, a leading asterisk not counted.
    pub labels: u8,
    /// The TTL that the RRset was signed with.
    pub original_ttl: Ttl,
    /// The tag of the key.
    pub key_tag: u16,
    /// The name of the zone that signed, in wire form.
    pub signer: &'a [u8],
}

impl<'a> Rrsig<'a> {
    /// Reads record data; `None` where it is cut short.
    pub fn read(rdata: &'a [u8]) -> Option<Rrsig<'a>> {
        let (fixed, rest) = rdata.split_first_chunk::<18>()?;
        let (length, _) = wire_length(rest)?;
        Some(Rrsig {
            covered: RecordType(u16::from_be_bytes([fixed[0], fixed[1]])),
            algorithm: fixed[2],
            labels: fixed[3],
            original_ttl: Ttl::from_secs(u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]])),
            key_tag: u16::from_be_bytes([fixed[16], fixed[17]]),
            signer: &rest[..length],
        })
    }

    /// The type that record data says it covers.
    #[inline]
    pub fn covers(rdata: &[u8]) -> Option<RecordType> {
        rdata.first_chunk::<2>().map(|octets| RecordType(u16::from_be_bytes(*octets)))
    }
}

/// The TTL of a record of an RRset that has this one: an RRSIG has that of the RRset it covers (RFC 4034 §3), which it
/// tells itself, so the RRSIG records of a name differ in it.
#[inline]
pub fn ttl_of_record(rtype: RecordType, ttl: Ttl, rdata: &[u8]) -> Ttl {
    match rtype {
        RecordType::RRSIG => Rrsig::read(rdata).map_or(ttl, |rrsig| rrsig.original_ttl),
        _ => ttl,
    }
}

/// The data of an NSEC record (RFC 4034 §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nsec<'a> {
    /// The next name, in wire form.
    pub next: &'a [u8],
    /// The type bitmap.
    pub types: &'a [u8],
}

impl<'a> Nsec<'a> {
    /// Reads record data; `None` where it is cut short.
    pub fn read(rdata: &'a [u8]) -> Option<Nsec<'a>> {
        let (length, _) = wire_length(rdata)?;
        let (next, types) = rdata.split_at(length);
        Some(Nsec { next, types })
    }
}

/// The data of an NSEC3 record (RFC 5155 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nsec3<'a> {
    /// How names are hashed.
    pub parameters: Nsec3Parameters<'a>,
    /// The hash of the next name.
    pub next: &'a [u8],
    /// The type bitmap.
    pub types: &'a [u8],
}

/// How an NSEC3 chain hashes names: the data of an NSEC3PARAM record, and the first part of an NSEC3 record's
/// (RFC 5155 §4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nsec3Parameters<'a> {
    /// 1: SHA-1; there is no other.
    pub algorithm: u8,
    /// The flags: 1 is Opt-Out.
    pub flags: u8,
    /// How many times more than once.
    pub iterations: u16,
    /// The salt.
    pub salt: &'a [u8],
}

impl<'a> Nsec3Parameters<'a> {
    /// Reads the data of an NSEC3PARAM record; `None` where it is cut short.
    pub fn read(rdata: &'a [u8]) -> Option<Nsec3Parameters<'a>> {
        Nsec3Parameters::read_prefix(rdata).map(|(parameters, _)| parameters)
    }

    fn read_prefix(rdata: &'a [u8]) -> Option<(Nsec3Parameters<'a>, &'a [u8])> {
        let (&[algorithm, flags, high, low], rest) = rdata.split_first_chunk::<4>()?;
        let (salt, rest) = counted(rest)?;
        let iterations = u16::from_be_bytes([high, low]);
        Some((Nsec3Parameters { algorithm, flags, iterations, salt }, rest))
    }
}

impl<'a> Nsec3<'a> {
    /// Reads record data; `None` where it is cut short.
    pub fn read(rdata: &'a [u8]) -> Option<Nsec3<'a>> {
        let (parameters, rest) = Nsec3Parameters::read_prefix(rdata)?;
        let (next, types) = counted(rest)?;
        Some(Nsec3 { parameters, next, types })
    }
}

/// What an octet at the start counts, and the rest.
fn counted(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&length, rest) = octets.split_first()?;
    rest.split_at_checked(usize::from(length))
}

/// The key tag of a DNSKEY record's data (RFC 4034 appendix B; algorithm 1, which is long gone, has another).
pub fn key_tag(rdata: &[u8]) -> u16 {
    let sum: u32 = rdata
        .iter()
        .enumerate()
        .map(|(nth, &octet)| if nth & 1 == 0 { u32::from(octet) << 8 } else { u32::from(octet) })
        .fold(0, u32::wrapping_add);
    (sum + (sum >> 16)) as u16
}

/// Appends the bitmap of these types, which rise, to `out` (RFC 4034 §4.1.2). No set of types has another one.
pub fn push_type_bitmap(types: impl IntoIterator<Item = RecordType>, out: &mut Vec<u8>) {
    let mut block: Option<(u8, usize)> = None;
    for RecordType(number) in types {
        let (window, octet, bit) = ((number >> 8) as u8, usize::from(number as u8 >> 3), number & 7);
        let start = match block {
            Some((current, start)) if current == window => start,
            _ => {
                out.extend_from_slice(&[window, 0]);
                out.len()
            }
        };
        block = Some((window, start));
        out.resize(out.len().max(start + octet + 1), 0);
        out[start + octet] |= 0x80 >> bit;
        out[start - 1] = (out.len() - start) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bitmap_of_rfc_4034_4_3() {
        let types = [RecordType::A, RecordType::MX, RecordType::RRSIG, RecordType::NSEC, RecordType(1234)];
        let mut out = Vec::new();
        push_type_bitmap(types, &mut out);
        let mut expected = vec![0, 6, 0x40, 1, 0, 0, 0, 3, 4, 27];
        expected.extend([0; 26]);
        expected.push(0x20);
        assert_eq!(out, expected);
        out.clear();
        push_type_bitmap([], &mut out);
        assert!(out.is_empty());
    }

    #[test]
    fn rrsig_data_is_read_and_tells_its_ttl() {
        let rdata = b"\x00\x01\x0d\x02\x00\x00\x0e\x10\0\0\0\0\0\0\0\0\xab\xcd\x02ex\x00sig";
        let rrsig = Rrsig::read(rdata).expect("whole");
        assert_eq!((rrsig.covered, rrsig.algorithm, rrsig.labels), (RecordType::A, 13, 2));
        assert_eq!((rrsig.key_tag, rrsig.signer), (0xabcd, &b"\x02ex\x00"[..]));
        assert_eq!(ttl_of_record(RecordType::RRSIG, Ttl::from_secs(5), rdata), Ttl::from_secs(3600));
        assert_eq!(ttl_of_record(RecordType::TXT, Ttl::from_secs(5), rdata), Ttl::from_secs(5));
        for end in 0..rdata.len() - 3 {
            assert_eq!(Rrsig::read(&rdata[..end]), None);
        }
    }

    #[test]
    fn nsec3_data_is_read() {
        let rdata = b"\x01\x01\x00\x0c\x02\xaa\xbb\x03xyz\x00\x01\x40";
        let nsec3 = Nsec3::read(rdata).expect("whole");
        let parameters = Nsec3Parameters { algorithm: 1, flags: 1, iterations: 12, salt: b"\xaa\xbb" };
        assert_eq!(nsec3, Nsec3 { parameters, next: b"xyz", types: b"\x00\x01\x40" });
        assert_eq!(Nsec3Parameters::read(&rdata[..7]), Some(parameters));
        for end in 0..11 {
            assert_eq!(Nsec3::read(&rdata[..end]), None);
        }
    }

    /// The key of RFC 4034 §5.4.
    #[test]
    fn the_key_tag_of_rfc_4034_5_4() {
        let key = [
            1, 0, 3, 5, 1, 3, 158, 138, 36, 116, 24, 227, 24, 144, 59, 33, 90, 132, 138, 207, 213, 243, 127,
            2, 107, 212, 6, 45, 178, 108, 119, 76, 105, 9, 104, 213, 213, 109, 248, 191, 218, 145, 230, 243,
            109, 154, 39, 152, 136, 244, 19, 51, 53, 124, 94, 96, 41, 153, 13, 16, 253, 245, 102, 48, 98,
            165, 18, 118, 51, 38, 152, 10, 97, 93, 219, 241, 122, 5, 221, 252, 206, 126, 95, 179, 171, 204,
            160, 90, 49, 176, 149, 116, 82, 212, 82, 30, 131, 135, 7, 137, 6, 49, 21, 191, 151, 246, 195, 8,
            204, 245, 124, 220, 156, 231, 254, 16, 246, 237, 27, 208, 204, 6, 96, 3, 140, 80, 220, 219, 15,
            235, 150, 60, 47, 23,
        ];
        assert_eq!(key_tag(&key), 60_485);
    }
}
