//! TSIG records (RFC 8945) as far as they can be read without a key: the form of one in a request, and the unsigned
//! one that answers a request whose key is not known.
//!
//! Nothing here allocates: it is on the way of a query. Signing and checking MACs is not done here.

use crate::message::RecordFrame;
use crate::name::Name;
use crate::types::{Class, RecordType};

/// TSIG error BADKEY (RFC 8945 §3): the key is not known here.
pub const BADKEY: u16 = 17;

/// The longest record without a MAC and other data: two names, and 26 octets of fixed fields.
const MAX_UNSIGNED: usize = 255 + 10 + 255 + 16;

/// The TSIG record of a request, whose form is right.
#[derive(Clone, Copy)]
pub struct Tsig<'a> {
    key: [u8; 255],
    key_length: usize,
    algorithm: &'a [u8],
    /// Time signed and fudge, as they stand in the record.
    times: [u8; 8],
}

/// A TSIG record without a MAC, to be appended to a reply.
pub struct UnsignedTsig {
    octets: [u8; MAX_UNSIGNED],
    length: usize,
}

impl UnsignedTsig {
    /// The whole record.
    pub fn octets(&self) -> &[u8] {
        &self.octets[..self.length]
    }
}

impl<'a> Tsig<'a> {
    /// Reads the record that starts at this offset of a message. `None` where RFC 8945 §4.2 is broken: another class
    /// than ANY, a TTL that is not 0, a name that is none, lengths that do not fit.
    pub fn read(message: &'a [u8], offset: usize) -> Option<Tsig<'a>> {
        let frame = RecordFrame::read(message, offset)?;
        if frame.rtype != RecordType::TSIG || frame.class != Class::ANY.0 || frame.ttl != [0; 4] {
            return None;
        }
        let mut key = [0; 255];
        let key_length = unpacked(message, offset, &mut key)?;
        let data = message.get(frame.data..frame.end)?;
        // RFC 8945 §4.2: the algorithm's name is not compressed.
        let (algorithm, rest) = data.split_at(plain_name(data)?);
        let (times, rest) = rest.split_first_chunk::<8>()?;
        let (mac, rest) = rest.split_first_chunk::<2>()?;
        let rest = rest.get(usize::from(u16::from_be_bytes(*mac))..)?;
        // Original ID, error, length of other data.
        let (fixed, other) = rest.split_first_chunk::<6>()?;
        let is_whole = other.len() == usize::from(u16::from_be_bytes([fixed[4], fixed[5]]));
        is_whole.then_some(Tsig { key, key_length, algorithm, times: *times })
    }

    /// The key's name in wire form.
    pub fn key(&self) -> &[u8] {
        &self.key[..self.key_length]
    }

    /// The record of a reply that could not be signed (RFC 8945 §5.3.2): key, algorithm, time and fudge as in the
    /// request, this error, no MAC. `id` is the message's.
    pub fn unsigned(&self, id: u16, error: u16) -> UnsignedTsig {
        let mut reply = UnsignedTsig { octets: [0; MAX_UNSIGNED], length: 0 };
        let mut put = |octets: &[u8]| {
            reply.octets[reply.length..reply.length + octets.len()].copy_from_slice(octets);
            reply.length += octets.len();
        };
        put(self.key());
        put(&RecordType::TSIG.0.to_be_bytes());
        put(&Class::ANY.0.to_be_bytes());
        put(&[0; 4]);
        put(&((self.algorithm.len() + 16) as u16).to_be_bytes());
        put(self.algorithm);
        put(&self.times);
        put(&[0; 2]);
        put(&id.to_be_bytes());
        put(&error.to_be_bytes());
        put(&[0; 2]);
        reply
    }
}

/// The length of the uncompressed name at the start of `octets`.
fn plain_name(octets: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match usize::from(*octets.get(at)?) {
            0 => return Some(at + 1),
            n if n > 63 || at + n + 1 > 254 => return None,
            n => at += n + 1,
        }
    }
}

/// Copies the name at an offset of the message, its pointers followed, and returns its length: senders compress the
/// owners of TSIG records like others. A pointer must lead backwards from where its part of the name began.
fn unpacked(message: &[u8], offset: usize, name: &mut [u8; 255]) -> Option<usize> {
    let (mut part, mut at, mut length) = (offset, offset, 0);
    loop {
        match *message.get(at)? {
            0 => {
                *name.get_mut(length)? = 0;
                return Some(length + 1);
            }
            high if high & 0xc0 == 0xc0 => {
                let target = usize::from(u16::from_be_bytes([high & 0x3f, *message.get(at + 1)?]));
                if target >= part {
                    return None;
                }
                (part, at) = (target, target);
            }
            n if n > 63 => return None,
            n => {
                let label = message.get(at..at + usize::from(n) + 1)?;
                name.get_mut(length..length + label.len())?.copy_from_slice(label);
                length += label.len();
                at += label.len();
            }
        }
    }
}

impl std::fmt::Debug for Tsig<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = |wire: &[u8]| Name::from_wire(wire).map(|name| name.to_string()).unwrap_or_default();
        let (key, algorithm) = (name(self.key()), name(self.algorithm));
        f.debug_struct("Tsig").field("key", &key).field("algorithm", &algorithm).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTION: &[u8] = b"\0\0\0\0\0\x01\0\0\0\0\0\x01\x07example\0\0\x01\0\x01";
    const DATA: &[u8] = b"\x0bhmac-sha256\0\0\0\x01\x02\x03\x04\x01\x2c\0\x03MAC\x2a\x2a\0\0\0\x02ot";

    fn message(owner: &[u8], class: u16, ttl: u8, data: &[u8]) -> Vec<u8> {
        let mut message = [QUESTION, owner, b"\x00\xfa"].concat();
        message.extend_from_slice(&class.to_be_bytes());
        message.extend_from_slice(&[0, 0, 0, ttl]);
        message.extend_from_slice(&(data.len() as u16).to_be_bytes());
        message.extend_from_slice(data);
        message
    }

    #[test]
    fn the_unsigned_record_has_what_the_request_had() {
        for (owner, key) in
            [(&b"\x01k\0"[..], &b"\x01k\0"[..]), (b"\x01K\xc0\x0c", b"\x01K\x07example\0"), (b"\0", b"\0")]
        {
            let message = message(owner, 255, 0, DATA);
            let tsig = Tsig::read(&message, QUESTION.len()).expect("a record");
            assert_eq!(tsig.key(), key);
            let unsigned = tsig.unsigned(0x1234, BADKEY);
            let data = b"\x0bhmac-sha256\0\0\0\x01\x02\x03\x04\x01\x2c\0\0\x12\x34\0\x11\0\0";
            let expected = [key, b"\x00\xfa\x00\xff\0\0\0\0\x00\x1d", data].concat();
            assert_eq!(unsigned.octets(), expected);
        }
    }

    #[test]
    fn the_longest_names_fit() {
        let name = [&[63u8; 64].repeat(3)[..], &[61; 62], &[0]].concat();
        assert_eq!(name.len(), 255);
        let data = [&name[..], &DATA[13..]].concat();
        let message = message(&name, 255, 0, &data);
        let tsig = Tsig::read(&message, QUESTION.len()).expect("a record");
        assert_eq!(tsig.unsigned(1, BADKEY).octets().len(), MAX_UNSIGNED);
    }

    #[test]
    fn what_breaks_the_form_is_no_record() {
        let read = |message: &[u8]| Tsig::read(message, QUESTION.len()).is_some();
        assert!(read(&message(b"\x01k\0", 255, 0, DATA)));
        assert!(!read(&message(b"\x01k\0", 1, 0, DATA)), "class IN");
        assert!(!read(&message(b"\x01k\0", 255, 1, DATA)), "a TTL");
        for cut in 0..DATA.len() {
            assert!(!read(&message(b"\x01k\0", 255, 0, &DATA[..cut])), "data of {cut} octets");
        }
        assert!(!read(&message(b"\x01k\0", 255, 0, &[DATA, b"x"].concat())), "an octet too many");
        let compressed = [b"\xc0\x0c", &DATA[13..]].concat();
        assert!(!read(&message(b"\x01k\0", 255, 0, &compressed)), "a compressed algorithm");
        let own = QUESTION.len() as u8;
        for owner in
            [&[0xc0, own][..], &[1, b'k', 0xc0, own], &[0xc0, 0xff], &[0x40, 1], &[1, b'k', 0xc0, own + 9]]
        {
            assert!(!read(&message(owner, 255, 0, DATA)), "owner {owner:?}");
        }
        let long = [&[63u8; 64].repeat(3)[..], &[62; 63], &[0]].concat();
        assert!(!read(&message(&long, 255, 0, DATA)), "a key of 256 octets");
    }
}
