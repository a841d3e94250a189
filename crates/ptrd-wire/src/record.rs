//! Records of answers, read with their names unpacked: what others sent us and we keep.
//!
//! Pure, and on the change road: it allocates. Whoever reads a message bounds its records and their octets; a pointer of two
//! octets stands for up to 255.
//!
//! - RFC 1035 §4.1.3, §4.1.4; RFC 3597 §4 (names in the data of old types alone are unpacked)

use crate::message::{HEADER_LEN, RecordFrame, name_end};
use crate::name::Name;
use crate::rdata::{Part, parts};
use crate::tsig::unpacked;
use crate::types::{Class, RecordType, Ttl};

/// A record of a message, in uncompressed form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// The owner.
    pub owner: Name,
    /// The type.
    pub rtype: RecordType,
    /// The class.
    pub class: Class,
    /// The TTL.
    pub ttl: Ttl,
    /// The data, its names uncompressed.
    pub rdata: Box<[u8]>,
}

impl MessageRecord {
    /// Reads the record at an offset of a message. Returns where it ends, too; `None` for what is no record.
    pub fn read(message: &[u8], at: usize) -> Option<(MessageRecord, usize)> {
        let frame = RecordFrame::read(message, at)?;
        let owner = name_at(message, at)?;
        let rdata = unpacked_rdata(message, &frame)?;
        let ttl = Ttl::from_secs(u32::from_be_bytes(frame.ttl));
        let record = MessageRecord { owner, rtype: frame.rtype, class: Class(frame.class), ttl, rdata };
        Some((record, frame.end))
    }

    /// Where the record at an offset of a message ends, whatever is in it.
    pub fn skip(message: &[u8], at: usize) -> Option<usize> {
        RecordFrame::read(message, at).map(|frame| frame.end)
    }
}

/// The question of a message that has one: name, type, class, and where it ends.
pub fn read_question(message: &[u8]) -> Option<(Name, RecordType, Class, usize)> {
    let name = name_at(message, HEADER_LEN)?;
    let at = name_end(message, HEADER_LEN)?;
    let fixed: &[u8; 4] = message.get(at..)?.first_chunk()?;
    let number = |n: usize| u16::from_be_bytes([fixed[n], fixed[n + 1]]);
    Some((name, RecordType(number(0)), Class(number(2)), at + 4))
}

/// The value of the first option with this code in the OPT record of a message (RFC 6891 §6.1.2).
pub fn edns_option(message: &[u8], code: u16) -> Option<&[u8]> {
    let header = message.first_chunk::<HEADER_LEN>()?;
    let word = |octets: &[u8], at: usize| Some(u16::from_be_bytes(*octets.get(at..)?.first_chunk()?));
    let counts = [6, 8, 10].map(|at| u16::from_be_bytes([header[at], header[at + 1]]));
    let mut at = HEADER_LEN;
    for _ in 0..word(header, 4)? {
        at = name_end(message, at)? + 4;
    }
    for _ in 0..counts.into_iter().map(u32::from).sum() {
        let frame = RecordFrame::read(message, at)?;
        at = frame.end;
        if frame.rtype != RecordType::OPT || !frame.owner_is_root {
            continue;
        }
        let mut options = message.get(frame.data..frame.end)?;
        while let (Some(found), Some(length)) = (word(options, 0), word(options, 2)) {
            let (value, rest) = options[4..].split_at_checked(length.into())?;
            if found == code {
                return Some(value);
            }
            options = rest;
        }
        return None;
    }
    None
}

fn name_at(message: &[u8], at: usize) -> Option<Name> {
    let mut octets = [0; 255];
    let length = unpacked(message, at, &mut octets)?;
    Name::from_wire(&octets[..length]).ok()
}

/// The data of a record, its names unpacked. `None` where a name is none or goes past the end.
pub(crate) fn unpacked_rdata(message: &[u8], frame: &RecordFrame) -> Option<Box<[u8]>> {
    let (mut at, end) = (frame.data, frame.end);
    let mut data = Vec::with_capacity(end - at);
    if at == end {
        return Some(data.into());
    }
    for part in parts(frame.rtype) {
        let length = match part {
            Part::Octets(n) => *n,
            Part::Text => usize::from(*message.get(at)?) + 1,
            Part::Name => {
                let mut octets = [0; 255];
                let length = unpacked(message, at, &mut octets)?;
                data.extend_from_slice(&octets[..length]);
                at = name_end(message, at).filter(|next| *next <= end)?;
                continue;
            }
        };
        data.extend_from_slice(message.get(at..at + length).filter(|_| at + length <= end)?);
        at += length;
    }
    data.extend_from_slice(message.get(at..end)?);
    // The length of data is a number of two octets.
    (data.len() <= usize::from(u16::MAX)).then(|| data.into())
}
