//! Replies of one message.

use crate::sheet::{OPT, Question, Sheet};
use ptrd_tsig::{Key, Signer};
use ptrd_wire::{
    FLAG_QR, FLAG_RD, FLAG_TC, HEADER_LEN, Opcode, PADDED_BLOCK, PADDING_HEAD, Rcode, RecordType, edns_size,
    option, pad,
};
use ptrd_zone::Zone;
use std::borrow::Cow;

/// Why not: a response code, and the info code and text of an extended error (RFC 8914).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Denied(pub Rcode, pub u16, pub &'static str);

impl Denied {
    pub fn reply(self, question: &Question) -> Vec<u8> {
        let mut reply = vec![0; HEADER_LEN];
        reply[..2].copy_from_slice(&question.id.to_be_bytes());
        reply[2..4].copy_from_slice(&(FLAG_QR | question.flags | self.0.0 & 15).to_be_bytes());
        reply[5] = 1;
        reply.extend_from_slice(&question.octets);
        if question.edns {
            reply[11] = 1;
            let length = 2 + self.2.len() as u16;
            reply.extend_from_slice(&OPT[..9]);
            for number in [length + 4, option::EDE, length, self.1] {
                reply.extend_from_slice(&number.to_be_bytes());
            }
            reply.extend_from_slice(self.2.as_bytes());
        }
        reply
    }
}

/// The zone's SOA as the whole answer.
pub(crate) fn soa_alone(zone: &Zone, question: &Question) -> Vec<u8> {
    let data = zone.soa_rdata();
    let mut reply = vec![0; HEADER_LEN + question.octets.len() + 255 + 10 + data.len() + OPT.len()];
    let mut sheet = Sheet::new(&mut reply, question, true, 0);
    // There is room for it.
    let _ = sheet.record(zone.apex().as_wire(), RecordType::SOA, zone.soa_ttl(), (data, &[]));
    let length = sheet.finish(question);
    reply.truncate(length);
    reply
}

/// The zone's SOA as the whole answer to a datagram, signed where that was; where its names are so long that it does not fit,
/// nothing but TC.
pub(crate) fn soa_datagram(
    zone: &Zone,
    question: &Question,
    room: usize,
    signer: Option<&mut Signer<Key>>,
    now: u64,
) -> Vec<u8> {
    let mut reply = soa_alone(zone, question);
    if reply.len() + signer.as_ref().map_or(0, |signer| signer.room()) > room {
        let length = Sheet::new(&mut reply, question, true, 0).finish(question);
        reply.truncate(length);
        reply[2] |= (FLAG_TC >> 8) as u8;
    }
    sealed(reply, false, signer, now)
}

/// The opcode of a message, QUERY for one without a header.
pub(crate) fn opcode(message: &[u8]) -> Opcode {
    Opcode(message.get(2).map_or(0, |octet| u16::from(octet >> 3 & 15)))
}

/// An OPT record with the upper bits of a response code (RFC 6891 §6.1.3), as it follows the last record.
pub(crate) fn push_opt(reply: &mut Vec<u8>, rcode: Rcode) {
    let at = reply.len() + 5;
    reply.extend_from_slice(&OPT);
    reply[at] = (rcode.0 >> 4) as u8;
    reply[11] += 1;
}

/// The reply to what could not be read, or is not done: the header alone, and OPT where the request has that.
pub(crate) fn refusal_of(message: &[u8], rcode: Rcode) -> Vec<u8> {
    let mut reply = vec![0; HEADER_LEN];
    if let Some(&[a, b, c, d]) = message.first_chunk() {
        let kept = u16::from_be_bytes([c, d]) & (0x7800 | FLAG_RD);
        reply[..2].copy_from_slice(&[a, b]);
        reply[2..4].copy_from_slice(&(FLAG_QR | kept | rcode.0 & 15).to_be_bytes());
    }
    if edns_size(message).is_some() {
        push_opt(&mut reply, rcode);
    }
    reply
}

/// A reply to a datagram: cut down to its header, with TC, where it is longer than it may be.
pub(crate) fn fitting(reply: &[u8], room: usize) -> Cow<'_, [u8]> {
    if reply.len() <= room {
        return reply.into();
    }
    let mut cut = reply[..HEADER_LEN].to_vec();
    cut[2] |= (FLAG_TC >> 8) as u8;
    cut[4..].fill(0);
    if edns_size(reply).is_some() {
        push_opt(&mut cut, Rcode::NOERROR);
    }
    cut.into()
}

/// Pads a reply whose last record is its OPT record, so many octets that come behind it counted in.
pub(crate) fn pad_reply(reply: &mut Vec<u8>, behind: usize) {
    let length = reply.len();
    reply.resize(length + PADDING_HEAD + PADDED_BLOCK + behind, 0);
    let end = pad(reply, length, behind);
    reply.truncate(end);
}

/// Pads a reply where it is to be padded, and signs it where its request was signed.
pub(crate) fn sealed(
    mut reply: Vec<u8>,
    padded: bool,
    signer: Option<&mut Signer<Key>>,
    now: u64,
) -> Vec<u8> {
    if padded {
        pad_reply(&mut reply, signer.as_ref().map_or(0, |signer| signer.room()));
    }
    let Some(signer) = signer else { return reply };
    let length = reply.len();
    reply.resize(length + signer.room(), 0);
    match signer.sign(&mut reply, length, now) {
        Ok(end) => reply.truncate(end),
        // The room is as long as the signer said.
        Err(_) => reply.truncate(length),
    }
    reply
}
