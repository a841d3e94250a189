//! The OPT record of requests of any opcode (RFC 6891 §6.1.1): whether there is one, where it belongs. Queries have theirs
//! read with the rest ([`crate::Query`]).

use crate::message::{HEADER_LEN, RecordFrame, name_end};
use crate::types::{Rcode, RecordType};

/// The version of EDNS that a request speaks, if it has an OPT record.
///
/// # Errors
/// FORMERR for a message that cannot be walked, or that goes on behind its last record, for two OPT records, and for one that
/// is not of the root.
pub fn edns_version(message: &[u8]) -> Result<Option<u8>, Rcode> {
    let header = message.first_chunk::<HEADER_LEN>().ok_or(Rcode::FORMERR)?;
    let count = |n: usize| u16::from_be_bytes([header[n], header[n + 1]]);
    let mut at = HEADER_LEN;
    for _ in 0..count(4) {
        at = name_end(message, at).ok_or(Rcode::FORMERR)? + 4;
    }
    for _ in 0..u32::from(count(6)) + u32::from(count(8)) {
        at = RecordFrame::read(message, at).ok_or(Rcode::FORMERR)?.end;
    }
    in_additional(message, at, count(10))
}

/// The size of UDP messages that a message's sender takes, in octets, as its OPT record says; `None` where no such record can
/// be read. Whatever else is wrong with a request, a reply to one that has OPT has OPT (RFC 6891 §7).
pub fn edns_size(message: &[u8]) -> Option<u16> {
    find_opt(message).map(|frame| frame.class)
}

/// The first OPT record that stands where it belongs.
pub(crate) fn find_opt(message: &[u8]) -> Option<RecordFrame> {
    let header = message.first_chunk::<HEADER_LEN>()?;
    let count = |n: usize| u16::from_be_bytes([header[n], header[n + 1]]);
    let mut at = HEADER_LEN;
    for _ in 0..count(4) {
        at = name_end(message, at)? + 4;
    }
    let before = u32::from(count(6)) + u32::from(count(8));
    for nth in 0..before + u32::from(count(10)) {
        let frame = RecordFrame::read(message, at)?;
        if nth >= before && frame.rtype == RecordType::OPT && frame.owner_is_root {
            return Some(frame);
        }
        at = frame.end;
    }
    None
}

/// The version, where the additional section begins.
pub(crate) fn in_additional(message: &[u8], mut at: usize, count: u16) -> Result<Option<u8>, Rcode> {
    let mut edns = None;
    for nth in 1..=count {
        let frame = RecordFrame::read(message, at).ok_or(Rcode::FORMERR)?;
        match frame.rtype {
            // RFC 6891 §6.1.1: at most one, owner root.
            RecordType::OPT if edns.is_some() || !frame.owner_is_root => return Err(Rcode::FORMERR),
            RecordType::OPT => edns = Some(frame.ttl[1]),
            RecordType::TSIG if nth != count => return Err(Rcode::FORMERR),
            _ => {}
        }
        at = frame.end;
    }
    if at == message.len() { Ok(edns) } else { Err(Rcode::FORMERR) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A NOTIFY with a record in its answer section, and these behind it.
    fn message(additional: &[&[u8]]) -> Vec<u8> {
        let mut octets = b"\x12\x34\x20\0\0\x01\0\x01\0\0\0\0\x01x\0\0\x06\0\x01".to_vec();
        octets[11] = additional.len() as u8;
        octets.extend_from_slice(b"\xc0\x0c\0\x10\0\x01\0\0\0\0\0\x02\x01a");
        additional.iter().for_each(|record| octets.extend_from_slice(record));
        octets
    }

    #[test]
    fn the_record_is_found_whatever_else_is_wrong() {
        let opt = |size: u8| [0, 0, 41, size, 0, 0, 0, 0, 0, 0, 0];
        let other = b"\0\0\x01\0\x01\0\0\0\0\0\x04abcd";
        assert_eq!(edns_size(&message(&[])), None);
        assert_eq!(edns_size(&message(&[other, &opt(4)])), Some(1024));
        assert_eq!(edns_size(&message(&[&opt(2), &opt(4)])), Some(512), "the first of two");
        assert_eq!(edns_size(&[message(&[&opt(2)]), vec![0; 9]].concat()), Some(512), "octets behind it");
        let whole = message(&[&opt(2), other]);
        assert_eq!(edns_size(&whole[..whole.len() - 1]), Some(512), "cut behind it");
        assert_eq!(edns_size(&whole[..whole.len() - other.len() - 1]), None, "cut within it");
        let owned = [&b"\x01x"[..], &opt(0)].concat();
        assert_eq!(edns_size(&message(&[&owned])), None);
        let mut answered = message(&[&opt(2)]);
        (answered[7], answered[11]) = (2, 0);
        assert_eq!(edns_size(&answered), None, "in the answer section");
    }

    #[test]
    fn one_record_of_the_root_or_none() {
        let opt = |version| [0, 0, 41, 4, 208, 0, version, 0, 0, 0, 0];
        let other = b"\0\0\x01\0\x01\0\0\0\0\0\x04abcd";
        assert_eq!(edns_version(&message(&[])), Ok(None));
        assert_eq!(edns_version(&message(&[other])), Ok(None));
        assert_eq!(edns_version(&message(&[other, &opt(0)])), Ok(Some(0)));
        let whole = message(&[&opt(7), other]);
        assert_eq!(edns_version(&whole), Ok(Some(7)));
        for length in 0..whole.len() {
            assert_eq!(edns_version(&whole[..length]), Err(Rcode::FORMERR), "cut to {length}");
        }
        let owned = [&b"\x01x"[..], &opt(0)].concat();
        for wrong in [message(&[&opt(0), &opt(0)]), message(&[&owned]), [whole, vec![0]].concat()] {
            assert_eq!(edns_version(&wrong), Err(Rcode::FORMERR));
        }
    }
}
