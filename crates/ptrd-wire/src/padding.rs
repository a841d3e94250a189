//! Padding of messages that are encrypted, so that their length tells little (RFC 7830, with the policy of RFC 8467).

use crate::RecordType;
use crate::edns::find_opt;
use crate::message::option::PADDING;

/// RFC 8467 §4.1: replies are made as long as a multiple of this.
pub const PADDED_BLOCK: usize = 468;
/// RFC 8467 §4.1: requests are.
const REQUEST_BLOCK: usize = 128;
/// How long a reply to a request of ours over UDP may be; over streams it counts for nothing.
const UDP_SIZE: u16 = 1_232;
/// Octets of a padding option before its content.
pub const PADDING_HEAD: usize = 4;

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

/// Whether a request asks for padding, by padding itself (RFC 7830 §4).
pub fn asks_for_padding(request: &[u8]) -> bool {
    let data = opt(request).and_then(|(data, end)| request.get(data..end));
    data.is_some_and(has_padding)
}

/// Pads the reply that stands in the first `length` octets of `room`, so that it is as long as it should be once `behind`
/// octets more, a signature say, stand behind it; and says how long it is before those. A reply that ends with something
/// else than its OPT record stays as it is.
pub fn pad(room: &mut [u8], length: usize, behind: usize) -> usize {
    padded(room, length, behind).unwrap_or(length)
}

fn padded(room: &mut [u8], length: usize, behind: usize) -> Option<usize> {
    let (data, end) = opt(room.get(..length)?)?;
    if end != length {
        return None;
    }
    let whole = (length + PADDING_HEAD + behind).next_multiple_of(PADDED_BLOCK).min(room.len());
    let padded = whole.checked_sub(behind)?;
    let octets = u16::try_from(padded.checked_sub(length + PADDING_HEAD)?).ok()?;
    let data_length = u16::try_from(padded - data).ok()?;
    room[data - 2..data].copy_from_slice(&data_length.to_be_bytes());
    room[length..length + 2].copy_from_slice(&PADDING.to_be_bytes());
    room[length + 2..length + 4].copy_from_slice(&octets.to_be_bytes());
    room[length + 4..padded].fill(0);
    Some(padded)
}

/// Where the data of a message's OPT record begin and end.
fn opt(message: &[u8]) -> Option<(usize, usize)> {
    find_opt(message).map(|frame| (frame.data, frame.end))
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
    fn who_pads_asks_for_padding() {
        let asks = message(&[&opt_with(&[0, 3, 0, 0, 0, 12, 0, 2, 0, 0])]);
        assert!(asks_for_padding(&asks));
        assert!(!asks_for_padding(&message(&[&opt_with(&[0, 3, 0, 0])])));
        assert!(!asks_for_padding(&message(&[])));
        assert!(!asks_for_padding(&asks[..asks.len() - 1]), "cut");
    }

    #[test]
    fn replies_are_padded_to_blocks() {
        let reply = message(&[&opt_with(&[0, 3, 0, 1, b'n'])]);
        let in_room = |octets: usize| {
            let mut room = vec![7; octets.max(reply.len())];
            room[..reply.len()].copy_from_slice(&reply);
            room
        };
        for (behind, expected) in [(0, 468), (100, 368), (430, 506)] {
            let mut room = in_room(1000);
            assert_eq!(pad(&mut room, reply.len(), behind), expected, "{behind} octets behind");
            let (data, end) = opt(&room[..expected]).expect("an OPT record");
            assert_eq!((end, has_padding(&room[data..end])), (expected, true));
            assert!(room[reply.len() + 4..expected].iter().all(|octet| *octet == 0));
        }
        // With room for a part of it, a part; without room for any, none.
        let mut room = in_room(reply.len() + 29);
        assert_eq!(pad(&mut room, reply.len(), 20), reply.len() + 9);
        let mut room = in_room(reply.len() + 3);
        assert_eq!(pad(&mut room, reply.len(), 0), reply.len());
        // One without OPT, and one that is signed behind it.
        let signed = message(&[&opt_with(&[]), &[0, 0, 250, 0, 255, 0, 0, 0, 0, 0, 0]]);
        for reply in [message(&[]), signed] {
            let mut room = vec![0; 1000];
            room[..reply.len()].copy_from_slice(&reply);
            assert_eq!(pad(&mut room, reply.len(), 0), reply.len());
            assert_eq!(room[..reply.len()], reply[..]);
        }
    }
}
