//! What any answer must be like, message by message (RFC 5936 §2.2): header, question, signature; and its records.

use super::error::PullError;
use crate::offer::Offer;
use ptrd_tsig::{Awaiting, Key, sign_request};
use ptrd_wire::{
    Class, FLAG_AA, FLAG_QR, FLAG_TC, HEADER_LEN, MessageRecord, Name, Opcode, Rcode, RecordType,
    read_question, request_padding,
};

/// Octets that a TSIG record takes at most: two names, a MAC, and what is fixed.
const TSIG_ROOM: usize = 255 + 10 + 255 + 16 + 64 + 6;

/// A request that was sent, and what its answer must be like.
#[derive(Debug)]
pub(super) struct Asked {
    apex: Name,
    qtype: RecordType,
    id: u16,
    awaiting: Option<Awaiting>,
    messages: u64,
}

/// A message of the answer: its records are still to be read.
pub(super) struct Answer<'m> {
    message: &'m [u8],
    at: usize,
    /// Records of the answer section that are left.
    left: u16,
    /// Records of the other sections.
    others: u32,
    /// Cut short.
    pub truncated: bool,
    number: u64,
}

/// Octets of an OPT record before its options.
const OPT_HEAD: usize = 11;

/// What a request goes out with.
#[derive(Debug, Default)]
pub struct Envelope {
    /// Its identifier.
    pub id: u16,
    /// What it is signed with, and our time in seconds since 1970 UTC.
    pub key: Option<(Key, u64)>,
    /// Whether it is padded (RFC 9103 §6, RFC 8467 §4.1): where it is encrypted.
    pub padded: bool,
    /// What we say of ourselves to a ptrd.
    pub offer: Option<Offer>,
}

/// Appends options to an OPT record.
fn put_options(opt: &mut Vec<u8>, options: &[u8]) {
    opt.extend_from_slice(options);
    let length = (opt.len() - OPT_HEAD) as u16;
    opt[OPT_HEAD - 2..OPT_HEAD].copy_from_slice(&length.to_be_bytes());
}

impl Asked {
    /// Writes a request, with `authority` in its authority section, one record.
    pub fn write(
        apex: &Name,
        qtype: RecordType,
        authority: Option<&[u8]>,
        Envelope { id, key, padded, offer }: Envelope,
    ) -> (Vec<u8>, Asked) {
        let mut request = id.to_be_bytes().to_vec();
        request.extend_from_slice(&[0, 0, 0, 1, 0, 0, 0, u8::from(authority.is_some()), 0, 0]);
        request.extend_from_slice(apex.as_wire());
        request.extend_from_slice(&qtype.0.to_be_bytes());
        request.extend_from_slice(&Class::IN.0.to_be_bytes());
        request.extend_from_slice(authority.unwrap_or_default());
        let options = offer.map(Offer::to_option).unwrap_or_default();
        if padded {
            // The signature comes last, and is as long whatever it signs.
            let mut signed = request.clone();
            sign(key.clone(), &mut signed);
            let mut opt = request_padding(signed.len() + options.len());
            put_options(&mut opt, &options);
            request.extend_from_slice(&opt);
            request[HEADER_LEN - 1] = 1;
        } else if !options.is_empty() {
            let mut opt = vec![0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0];
            put_options(&mut opt, &options);
            request.extend_from_slice(&opt);
            request[HEADER_LEN - 1] = 1;
        }
        let awaiting = sign(key, &mut request);
        (request, Asked { apex: apex.clone(), qtype, id, awaiting, messages: 0 })
    }

    pub fn apex(&self) -> &Name {
        &self.apex
    }

    pub fn qtype(&self) -> RecordType {
        self.qtype
    }

    /// Whether a message has the identifier of the request, and is an answer at all.
    pub fn is_meant(&self, message: &[u8]) -> bool {
        message.len() >= HEADER_LEN && message[..2] == self.id.to_be_bytes() && message[2] & 0x80 != 0
    }

    /// Looks at the next message of the answer.
    pub fn read<'m>(&mut self, message: &'m [u8], now: u64) -> Result<Answer<'m>, PullError> {
        self.messages += 1;
        let number = self.messages;
        let malformed = |what| PullError::Malformed { message: number, what };
        let header = message.first_chunk::<HEADER_LEN>().ok_or(malformed("it is shorter than a header"))?;
        let word = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
        let flags = word(2);
        if word(0) != self.id {
            return Err(malformed("it has another identifier than the request"));
        }
        if flags & FLAG_QR == 0 || Opcode(flags >> 11 & 15) != Opcode::QUERY {
            return Err(malformed("it is no answer to a query"));
        }
        if let Some(awaiting) = &mut self.awaiting {
            awaiting.accept(message, now)?;
        }
        if flags & 15 != Rcode::NOERROR.0 {
            return Err(PullError::of(Rcode(flags & 15), message));
        }
        let is_first = number == 1;
        let at = match word(4) {
            0 if !is_first => HEADER_LEN,
            1 => {
                let (name, qtype, class, end) = read_question(message).ok_or(malformed("its question"))?;
                if name != self.apex || qtype != self.qtype || class != Class::IN {
                    return Err(malformed("it has another question than the request"));
                }
                end
            }
            _ => return Err(malformed("it has not the question of the request")),
        };
        let truncated = flags & FLAG_TC != 0;
        // RFC 5936 §2.2.1 has AA set in transfers too; Knot DNS leaves it out there.
        if self.qtype == RecordType::SOA && !truncated && flags & FLAG_AA == 0 {
            return Err(PullError::NotAuthoritative);
        }
        let others = u32::from(word(8)) + u32::from(word(10));
        Ok(Answer { message, at, left: word(6), others, truncated, number })
    }

    /// To be called when the answer is complete: its last message must be signed.
    pub fn finish(&mut self) -> Result<(), PullError> {
        match self.awaiting.take() {
            Some(awaiting) => Ok(awaiting.finish()?),
            None => Ok(()),
        }
    }
}

fn sign(key: Option<(Key, u64)>, request: &mut Vec<u8>) -> Option<Awaiting> {
    let ((key, now), length) = (key?, request.len());
    request.resize(length + TSIG_ROOM, 0);
    let signed = sign_request(key, request, length, now).ok();
    request.truncate(signed.as_ref().map_or(length, |(end, _)| *end));
    signed.map(|(_, awaiting)| awaiting)
}

impl Answer<'_> {
    /// The next record of the answer section; behind the last it makes sure that the message ends where its records do.
    pub fn next(&mut self) -> Result<Option<MessageRecord>, PullError> {
        let malformed = |what| PullError::Malformed { message: self.number, what };
        if let Some(left) = self.left.checked_sub(1) {
            let (record, end) =
                MessageRecord::read(self.message, self.at).ok_or(malformed("a record cannot be read"))?;
            (self.left, self.at) = (left, end);
            return Ok(Some(record));
        }
        while self.others > 0 {
            let end = MessageRecord::skip(self.message, self.at);
            self.at = end.ok_or(malformed("a record cannot be read"))?;
            self.others -= 1;
        }
        if self.at != self.message.len() {
            return Err(malformed("octets follow behind its last record"));
        }
        Ok(None)
    }
}
