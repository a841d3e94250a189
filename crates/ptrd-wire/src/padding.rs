//! Padding of messages that are encrypted, so that their length tells little (RFC 7830, with the policy of RFC 8467).

use crate::lifetime::past_name;
use crate::{HEADER_LEN, RecordType};

/// RFC 8467 §4.1: replies are made as long as a multiple of this.
const BLOCK: usize = 468;
/// RFC 8467 §4.1: requests are.
const REQUEST_BLOCK: usize = 128;
/// How long a reply to a request of ours over UDP may be; over streams it counts for nothing.
const UDP_SIZE: u16 = 1_232;
/// The option of RFC 7830.
const PADDING: u16 = 12;

/// An OPT record that makes a request which has `length` octets without it as long as it should be.
pub fn request_padding(length: usize) -> Vec<u8> {
    let bare = 11 + 4;
    let octets = (length + bare).next_multiple_of(REQUEST_BLOCK) - length - bare;
    let mut record = vec![0];
    record.extend_from_slice(&RecordType::OPT.0.to_be_bytes());
    record.extend_from_slice(&UDP_SIZE.to_be_bytes());
    record.extend_from_slice(&[0; 4]);
    for number in [octets + 4, usize::from(PADDING), octets] {
        record.extend_from_slice(&(number as u16).to_be_bytes());
    }
    record.resize(bare + octets, 0);
    record
}

/// Pads the reply that stands in the first `length` octets of `room`, if the request asks for that by padding itself, and
/// says how long it is then. A reply that ends with something else than its OPT record, a signature say, stays as it is.
pub fn pad(request: &[u8], room: &mut [u8], length: usize) -> usize {
    padded(request, room, length).unwrap_or(length)
}

fn padded(request: &[u8], room: &mut [u8], length: usize) -> Option<usize> {
    let (data, end) = opt(request)?;
    if !has_padding(request.get(data..end)?) {
        return None;
    }
    let (data, end) = opt(room.get(..length)?)?;
    if end != length {
        return None;
    }
    let padded = (length + 4).next_multiple_of(BLOCK).min(room.len());
    let octets = u16::try_from(padded.checked_sub(length + 4)?).ok()?;
    let data_length = u16::try_from(padded - data).ok()?;
    room[data - 2..data].copy_from_slice(&data_length.to_be_bytes());
    room[length..length + 2].copy_from_slice(&PADDING.to_be_bytes());
    room[length + 2..length + 4].copy_from_slice(&octets.to_be_bytes());
    room[length + 4..padded].fill(0);
    Some(padded)
}

/// Where the data of a message's OPT record begin and end.
fn opt(message: &[u8]) -> Option<(usize, usize)> {
    let count = |at: usize| Some(u16::from_be_bytes(message.get(at..at + 2)?.try_into().ok()?));
    let mut at = HEADER_LEN;
    for _ in 0..count(4)? {
        at = past_name(message, at)? + 4;
    }
    let records = [6, 8, 10].into_iter().map(|at| count(at).map(u32::from)).sum::<Option<u32>>()?;
    for _ in 0..records {
        at = past_name(message, at)?;
        let (rtype, data) = (count(at)?, at + 10);
        at = data + usize::from(count(at + 8)?);
        if rtype == RecordType::OPT.0 {
            return (at <= message.len()).then_some((data, at));
        }
    }
    None
}

fn has_padding(mut options: &[u8]) -> bool {
    while let [code, code2, high, low, rest @ ..] = options {
        if u16::from_be_bytes([*code, *code2]) == PADDING {
            return true;
        }
        options = rest.get(usize::from(u16::from_be_bytes([*high, *low]))..).unwrap_or_default();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(additional: &[&[u8]]) -> Vec<u8> {
        let mut octets = vec![0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, additional.len() as u8];
        octets.extend_from_slice(&[1, b'x', 0, 0, 12, 0, 1]);
        additional.iter().for_each(|record| octets.extend_from_slice(record));
        octets
    }

    fn opt_with(options: &[u8]) -> Vec<u8> {
        [&[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, options.len() as u8][..], options].concat()
    }

    #[test]
    fn requests_are_padded_to_blocks() {
        for length in 17..600 {
            let record = request_padding(length);
            assert_eq!((length + record.len()) % REQUEST_BLOCK, 0, "{length}");
            let request = message(&[&record]);
            let (data, end) = opt(&request).expect("an OPT record");
            assert_eq!(end, request.len());
            assert!(has_padding(&request[data..end]));
        }
    }

    #[test]
    fn who_pads_gets_padding() {
        let asks = message(&[&opt_with(&[0, 3, 0, 0, 0, 12, 0, 2, 0, 0])]);
        let reply = message(&[&opt_with(&[0, 3, 0, 1, b'n'])]);
        let mut room = vec![7; 1000];
        room[..reply.len()].copy_from_slice(&reply);
        assert_eq!(pad(&asks, &mut room, reply.len()), 468);
        let (data, end) = opt(&room[..468]).expect("an OPT record");
        assert_eq!((end, has_padding(&room[data..end])), (468, true));
        assert!(room[reply.len() + 4..468].iter().all(|octet| *octet == 0));
        // Whoever does not pad, a reply without OPT, one that is signed behind it, and one without room.
        let plain = message(&[&opt_with(&[0, 3, 0, 0])]);
        let signed = message(&[&opt_with(&[]), &[0, 0, 250, 0, 255, 0, 0, 0, 0, 0, 0]]);
        for (request, reply, room) in [
            (&plain, &reply, 1000),
            (&message(&[]), &reply, 1000),
            (&asks, &message(&[]), 1000),
            (&asks, &signed, 1000),
            (&asks, &reply, reply.len() + 3),
            (&asks[..asks.len() - 1].to_vec(), &reply, 1000),
        ] {
            let mut room = vec![0; room.max(reply.len())];
            room[..reply.len()].copy_from_slice(reply);
            assert_eq!(pad(request, &mut room, reply.len()), reply.len());
            assert_eq!(room[..reply.len()], reply[..]);
        }
        // With room for a part of it, a part.
        let mut room = vec![0; reply.len() + 9];
        room[..reply.len()].copy_from_slice(&reply);
        assert_eq!(pad(&asks, &mut room, reply.len()), reply.len() + 9);
    }
}
