//! TSIG records (RFC 8945) as far as they can be read without a key: where one stands, its form, and the unsigned one
//! that answers a request whose key or MAC is wrong.
//!
//! Nothing here allocates: it is on the way of a query. Signing and checking MACs is `ptrd-tsig`'s.

use crate::message::{HEADER_LEN, RecordFrame, TsigRecord, name_end};
use crate::name::Name;
use crate::types::{Class, RecordType};

/// Errors of a TSIG record (RFC 8945 §3).
pub mod tsig_error {
    /// The MAC is wrong.
    pub const BADSIG: u16 = 16;
    /// The key is not known here, or not with this algorithm.
    pub const BADKEY: u16 = 17;
    /// The time signed is too far from the server's.
    pub const BADTIME: u16 = 18;
    /// The MAC is shorter than local policy demands.
    pub const BADTRUNC: u16 = 22;
}

/// A message whose records cannot be walked, or with a TSIG record in another place than the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MisplacedTsig;

/// The longest record without a MAC and other data: two names, and 26 octets of fixed fields.
const MAX_UNSIGNED: usize = 255 + 10 + 255 + 16;

/// A TSIG record whose form is right.
#[derive(Clone, Copy)]
pub struct Tsig<'a> {
    key: [u8; 255],
    key_length: usize,
    algorithm: &'a [u8],
    /// Time signed and fudge, as they stand in the record.
    times: [u8; 8],
    mac: &'a [u8],
    original_id: u16,
    error: u16,
    other: &'a [u8],
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

impl TsigRecord {
    /// Finds the TSIG record of any message, whatever its opcode: requests of opcode QUERY have it in their
    /// [`crate::Query`].
    ///
    /// # Errors
    /// A message that is cut, goes on after its last record, or has a TSIG record that is not the last record of the
    /// additional section: FORMERR for a request (RFC 8945 §5.2).
    pub fn find(message: &[u8]) -> Result<Option<TsigRecord>, MisplacedTsig> {
        let header = message.first_chunk::<HEADER_LEN>().ok_or(MisplacedTsig)?;
        let count = |n: usize| u16::from_be_bytes([header[n], header[n + 1]]);
        let mut at = HEADER_LEN;
        for _ in 0..count(4) {
            at = name_end(message, at).ok_or(MisplacedTsig)? + 4;
        }
        let (before, additional) = (u32::from(count(6)) + u32::from(count(8)), u32::from(count(10)));
        let mut found = None;
        for nth in 1..=before + additional {
            let frame = RecordFrame::read(message, at).ok_or(MisplacedTsig)?;
            if frame.rtype == RecordType::TSIG {
                if additional == 0 || nth != before + additional {
                    return Err(MisplacedTsig);
                }
                found = Some(TsigRecord { offset: at });
            }
            at = frame.end;
        }
        if at == message.len() { Ok(found) } else { Err(MisplacedTsig) }
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
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let (mac, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        // Original ID, error, length of other data.
        let (fixed, other) = rest.split_first_chunk::<6>()?;
        let word = |at: usize| u16::from_be_bytes([fixed[at], fixed[at + 1]]);
        (other.len() == usize::from(word(4))).then_some(Tsig {
            key,
            key_length,
            algorithm,
            times: *times,
            mac,
            original_id: word(0),
            error: word(2),
            other,
        })
    }

    /// The key's name in wire form.
    pub fn key(&self) -> &[u8] {
        &self.key[..self.key_length]
    }

    /// The algorithm's name in wire form.
    pub fn algorithm(&self) -> &'a [u8] {
        self.algorithm
    }

    /// The time signed, seconds since 1970 UTC; 48 bits.
    pub fn time(&self) -> u64 {
        let [a, b, c, d, e, f, ..] = self.times;
        u64::from_be_bytes([0, 0, a, b, c, d, e, f])
    }

    /// By how many seconds the receiver's clock may differ.
    pub fn fudge(&self) -> u16 {
        u16::from_be_bytes([self.times[6], self.times[7]])
    }

    /// The MAC.
    pub fn mac(&self) -> &'a [u8] {
        self.mac
    }

    /// The message's id when it was signed.
    pub fn original_id(&self) -> u16 {
        self.original_id
    }

    /// The error; see [`tsig_error`].
    pub fn error(&self) -> u16 {
        self.error
    }

    /// Other data.
    pub fn other(&self) -> &'a [u8] {
        self.other
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
pub(crate) fn plain_name(octets: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        match usize::from(*octets.get(at)?) {
            0 => return Some(at + 1),
            n if n > 63 || at + n + 1 > 254 => return None,
            n => at += n + 1,
        }
    }
}

/// Pointers that a name may follow: as many as it may have labels. More would be a way to make us work.
const POINTERS: usize = 127;

/// Copies the name at an offset of the message, its pointers followed, and returns its length: senders compress the
/// owners of TSIG records like others. A pointer must lead backwards from where its part of the name began.
pub(crate) fn unpacked(message: &[u8], offset: usize, name: &mut [u8; 255]) -> Option<usize> {
    let (mut part, mut at, mut length, mut pointers) = (offset, offset, 0, 0);
    loop {
        match *message.get(at)? {
            0 => {
                *name.get_mut(length)? = 0;
                return Some(length + 1);
            }
            high if high & 0xc0 == 0xc0 => {
                let target = usize::from(u16::from_be_bytes([high & 0x3f, *message.get(at + 1)?]));
                pointers += 1;
                if target >= part || pointers > POINTERS {
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
    use super::tsig_error::BADKEY;
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
    fn every_field_is_read() {
        let message = message(b"\x01k\0", 255, 0, DATA);
        let tsig = Tsig::read(&message, QUESTION.len()).expect("a record");
        assert_eq!((tsig.time(), tsig.fudge(), tsig.mac()), (0x0000_0102_0304, 300, &b"MAC"[..]));
        assert_eq!((tsig.original_id(), tsig.error(), tsig.other()), (0x2a2a, 0, &b"ot"[..]));
        assert_eq!(tsig.algorithm(), b"\x0bhmac-sha256\0");
    }

    #[test]
    fn it_is_found_last_or_not_at_all() {
        let one = message(b"\x01K\xc0\x0c", 255, 0, DATA);
        let at = QUESTION.len();
        assert_eq!(TsigRecord::find(&one), Ok(Some(TsigRecord { offset: at })));
        let counts = |octets: &[u8], counts: [u8; 4]| {
            let mut message = octets.to_vec();
            (0..4).for_each(|n| message[5 + 2 * n] = counts[n]);
            TsigRecord::find(&message)
        };
        assert_eq!(counts(QUESTION, [1, 0, 0, 0]), Ok(None));
        assert_eq!(counts(&one, [1, 1, 0, 0]), Err(MisplacedTsig), "in the answer section");
        assert_eq!(counts(&one, [1, 0, 1, 0]), Err(MisplacedTsig), "in the authority section");
        assert_eq!(counts(&one, [1, 0, 0, 0]), Err(MisplacedTsig), "octets after the question");
        let twice = [&one[..], &one[at..]].concat();
        assert_eq!(counts(&twice, [1, 0, 0, 2]), Err(MisplacedTsig), "twice");
        let record = b"\0\0\x01\0\x01\0\0\0\0\0\x04abcd";
        let after = [&one[..], record].concat();
        assert_eq!(counts(&after, [1, 0, 0, 2]), Err(MisplacedTsig), "not last");
        let before = [QUESTION, record, &one[at..]].concat();
        let offset = at + record.len();
        for sections in [[1, 1, 0, 1], [1, 0, 1, 1], [1, 0, 0, 2]] {
            assert_eq!(counts(&before, sections), Ok(Some(TsigRecord { offset })));
        }
        for cut in 0..one.len() {
            assert_eq!(TsigRecord::find(&one[..cut]), Err(MisplacedTsig), "cut to {cut}");
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
