//! A request as it comes from the network: raw header checks first, then the question, then EDNS.

use crate::qname::QName;
use crate::tsig::Tsig;
use crate::types::{Class, Opcode, Rcode, RecordType, Serial};

/// Octets of a message header.
pub const HEADER_LEN: usize = 12;
/// Response.
pub const FLAG_QR: u16 = 0x8000;
/// Authoritative answer.
pub const FLAG_AA: u16 = 0x0400;
/// Truncated.
pub const FLAG_TC: u16 = 0x0200;
/// Recursion desired.
pub const FLAG_RD: u16 = 0x0100;
/// Recursion available; ptrd never sets it.
pub const FLAG_RA: u16 = 0x0080;
/// Checking disabled (RFC 4035 §3.1.6: copied).
pub const FLAG_CD: u16 = 0x0010;

/// EDNS option codes.
pub mod option {
    /// NSID (RFC 5001).
    pub const NSID: u16 = 3;
    /// COOKIE (RFC 7873).
    pub const COOKIE: u16 = 10;
    /// edns-tcp-keepalive (RFC 7828).
    pub const KEEPALIVE: u16 = 11;
    /// Padding (RFC 7830).
    pub const PADDING: u16 = 12;
    /// Extended DNS error (RFC 8914).
    pub const EDE: u16 = 15;
}

/// A COOKIE option (RFC 7873 §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CookieOption<'a> {
    /// The client's part.
    pub client: [u8; 8],
    /// The server's part, 8–32 octets, or empty when the client has none yet.
    pub server: &'a [u8],
}

/// What an OPT record of a request asks for (RFC 6891).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Edns<'a> {
    /// The size of UDP messages that the requester takes, in octets, as sent.
    pub udp_size: u16,
    /// The EDNS version.
    pub version: u8,
    /// Whether the DO bit is set.
    pub dnssec_ok: bool,
    /// Whether NSID was asked for.
    pub nsid: bool,
    /// The first COOKIE option.
    pub cookie: Option<CookieOption<'a>>,
    /// Whether edns-tcp-keepalive was sent.
    pub keepalive: bool,
    /// Whether a padding option was sent.
    pub padding: bool,
}

/// An option whose form its RFC forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedOption(pub u16);

/// Where a TSIG record stands in the request: it was last in the additional section (RFC 8945 §5.1), and its form is
/// right, so that [`crate::Tsig::read`] reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TsigRecord {
    /// Offset of its owner name in the message.
    pub offset: usize,
}

/// A request that passed the checks on form. The name of the question lies in the [`QName`] given to
/// [`Query::parse`].
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    /// The message id.
    pub id: u16,
    /// The header's second 16 bits as sent.
    pub flags: u16,
    /// The question's octets as asked: name, type, class. Empty for a request of EDNS alone (RFC 7873 §5.4).
    pub question: &'a [u8],
    /// The type asked for; 0 if there is no question.
    pub qtype: RecordType,
    /// The class asked for.
    pub qclass: Class,
    /// The OPT record.
    pub edns: Option<Edns<'a>>,
    /// The TSIG record.
    pub tsig: Option<TsigRecord>,
}

/// What to do with a request that is not to be resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Say nothing: too short for a header, or itself a response.
    Silence,
    /// Answer with this rcode.
    Answer {
        /// The response code.
        rcode: Rcode,
        /// How many octets of question, from the end of the header, to copy into the answer.
        question: usize,
    },
}

impl Refusal {
    const fn rcode(rcode: Rcode) -> Refusal {
        Refusal::Answer { rcode, question: 0 }
    }
}

fn u16_at(octets: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*octets.get(at..)?.first_chunk()?))
}

impl<'a> Query<'a> {
    /// Reads a request. Allocates nothing, whatever the counts claim.
    ///
    /// # Errors
    /// [`Refusal`] says what to answer instead, if anything.
    #[inline]
    pub fn parse(message: &'a [u8], qname: &mut QName) -> Result<Query<'a>, Refusal> {
        let Some(header) = message.first_chunk::<HEADER_LEN>() else { return Err(Refusal::Silence) };
        let word = |n: usize| u16::from_be_bytes([header[n], header[n + 1]]);
        let (id, flags) = (word(0), word(2));
        // A response is never answered: two servers would talk for ever.
        if flags & FLAG_QR != 0 {
            return Err(Refusal::Silence);
        }
        if (flags >> 11) & 15 != Opcode::QUERY.0 {
            return Err(Refusal::rcode(Rcode::NOTIMP));
        }
        let (questions, answers, authorities, additionals) = (word(4), word(6), word(8), word(10));
        let mut query = Query {
            id,
            flags,
            question: &[],
            qtype: RecordType(0),
            qclass: Class::IN,
            edns: None,
            tsig: None,
        };
        let mut at = HEADER_LEN;
        // RFC 9619: one question in a query; RFC 7873 §5.4 allows none for a client that wants a cookie.
        match questions {
            0 => {}
            1 => {
                let used = qname.read(&message[at..]).map_err(|_| Refusal::rcode(Rcode::FORMERR))?;
                let fixed = message.get(at + used..at + used + 4).ok_or(Refusal::rcode(Rcode::FORMERR))?;
                query.qtype = RecordType(u16::from_be_bytes([fixed[0], fixed[1]]));
                query.qclass = Class(u16::from_be_bytes([fixed[2], fixed[3]]));
                query.question = &message[at..at + used + 4];
                at += used + 4;
            }
            _ => return Err(Refusal::rcode(Rcode::FORMERR)),
        }
        // The question, one OPT of eleven octets or nothing: nearly every request.
        if answers == 0 && authorities == 0 && additionals == 0 && at == message.len() && questions == 1 {
            return Ok(query);
        }
        query.read_rest(message, at, [answers, authorities, additionals])?;
        if questions == 0 && query.edns.is_none_or(|edns| edns.cookie.is_none()) {
            return Err(Refusal::rcode(Rcode::FORMERR));
        }
        Ok(query)
    }

    fn read_rest(&mut self, message: &'a [u8], mut at: usize, counts: [u16; 3]) -> Result<(), Refusal> {
        let malformed = Refusal::Answer { rcode: Rcode::FORMERR, question: self.question.len() };
        // Only IXFR carries a record before the additional section (RFC 1995 §3).
        if counts[0] != 0 || (counts[1] != 0 && self.qtype != RecordType::IXFR) {
            return Err(malformed);
        }
        for _ in 0..counts[1] {
            let frame = RecordFrame::read(message, at).ok_or(malformed)?;
            // Both belong into the additional section alone (RFC 6891 §6.1.1, RFC 8945 §5.1).
            if matches!(frame.rtype, RecordType::OPT | RecordType::TSIG) {
                return Err(malformed);
            }
            at = frame.end;
        }
        for nth in 0..counts[2] {
            let frame = RecordFrame::read(message, at).ok_or(malformed)?;
            match frame.rtype {
                // RFC 6891 §6.1.1: at most one, owner root.
                RecordType::OPT if self.edns.is_some() || !frame.owner_is_root => return Err(malformed),
                RecordType::OPT => {
                    self.edns = Some(Edns::read(&frame, message).map_err(|MalformedOption(_)| malformed)?);
                }
                // RFC 8945 §5.2: the last record, once, of the right form.
                RecordType::TSIG if nth + 1 != counts[2] || Tsig::read(message, at).is_none() => {
                    return Err(malformed);
                }
                RecordType::TSIG => self.tsig = Some(TsigRecord { offset: at }),
                _ => {}
            }
            at = frame.end;
        }
        if at == message.len() { Ok(()) } else { Err(malformed) }
    }
}

/// The serial in the SOA record that a query for IXFR has in its authority section (RFC 1995 §3); `None` when there is no such
/// record. The message is one that [`Query::parse`] took.
pub fn ixfr_serial(message: &[u8]) -> Option<Serial> {
    let mut qname = QName::default();
    let question = Query::parse(message, &mut qname).ok()?.question.len();
    // RFC 1995 §3: one record, that of the zone asked for.
    if u16_at(message, 8)? != 1 {
        return None;
    }
    let frame = RecordFrame::read(message, HEADER_LEN + question)?;
    // Two names of an octet at least, and five numbers, of which the serial is the first.
    if frame.rtype != RecordType::SOA || frame.end - frame.data < 22 {
        return None;
    }
    message
        .get(frame.end - 20..)
        .and_then(|octets| octets.first_chunk())
        .map(|serial| Serial(u32::from_be_bytes(*serial)))
}

/// The fixed parts of a record in a request.
#[derive(Debug)]
pub(crate) struct RecordFrame {
    pub(crate) rtype: RecordType,
    pub(crate) class: u16,
    pub(crate) ttl: [u8; 4],
    pub(crate) owner_is_root: bool,
    pub(crate) data: usize,
    pub(crate) end: usize,
}

/// Where the name at `start` ends.
pub(crate) fn name_end(message: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        match *message.get(at)? {
            0 => return Some(at + 1),
            // A pointer ends a name; where it leads does not matter to a record that is skipped.
            n if n & 0xc0 == 0xc0 => return Some(at + 2),
            n if n > 63 => return None,
            n => at += n as usize + 1,
        }
        if at - start > 255 {
            return None;
        }
    }
}

impl RecordFrame {
    pub(crate) fn read(message: &[u8], start: usize) -> Option<RecordFrame> {
        let at = name_end(message, start)?;
        let fixed: &[u8; 10] = message.get(at..)?.first_chunk()?;
        let data = at + 10;
        let end = data + u16::from_be_bytes([fixed[8], fixed[9]]) as usize;
        (end <= message.len()).then_some(RecordFrame {
            rtype: RecordType(u16::from_be_bytes([fixed[0], fixed[1]])),
            class: u16::from_be_bytes([fixed[2], fixed[3]]),
            ttl: [fixed[4], fixed[5], fixed[6], fixed[7]],
            owner_is_root: message[start] == 0,
            data,
            end,
        })
    }
}

impl<'a> Edns<'a> {
    fn read(frame: &RecordFrame, message: &'a [u8]) -> Result<Edns<'a>, MalformedOption> {
        let mut edns = Edns {
            udp_size: frame.class,
            version: frame.ttl[1],
            dnssec_ok: frame.ttl[2] & 0x80 != 0,
            ..Edns::default()
        };
        let mut options = &message[frame.data..frame.end];
        while !options.is_empty() {
            let (code, length) = match (u16_at(options, 0), u16_at(options, 2)) {
                (Some(code), Some(length)) => (code, length as usize),
                _ => return Err(MalformedOption(0)),
            };
            let value = options.get(4..4 + length).ok_or(MalformedOption(code))?;
            options = &options[4 + length..];
            // The options of a version that we do not speak are not ours to judge (RFC 6891 §6.1.3).
            if edns.version != 0 {
                continue;
            }
            match code {
                option::NSID => edns.nsid = true,
                // RFC 7873 §5.2: the first counts; 8 octets, or 16 to 40, else FORMERR.
                option::COOKIE if edns.cookie.is_none() => {
                    let (client, server) = value.split_first_chunk::<8>().ok_or(MalformedOption(code))?;
                    if !server.is_empty() && !(8..=32).contains(&server.len()) {
                        return Err(MalformedOption(code));
                    }
                    edns.cookie = Some(CookieOption { client: *client, server });
                }
                // RFC 7828 §3.2.1: a client sends no value; over UDP the option is ignored whatever it holds (§3.3.1),
                // so a value is overlooked on both.
                option::KEEPALIVE => edns.keepalive = true,
                option::PADDING => edns.padding = true,
                _ => {}
            }
        }
        Ok(edns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &[u8] = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x00\x00\x0c\x00\x01";

    fn parse(message: &[u8]) -> Result<Query<'_>, Refusal> {
        Query::parse(message, &mut QName::default())
    }

    fn with_additional(records: &[&[u8]]) -> Vec<u8> {
        let mut message = PLAIN.to_vec();
        message[11] = records.len() as u8;
        records.iter().for_each(|record| message.extend_from_slice(record));
        message
    }

    fn opt(version: u8, options: &[u8]) -> Vec<u8> {
        let mut record = vec![0, 0, 41, 4, 208, 0, version, 0x80, 0];
        record.extend_from_slice(&(options.len() as u16).to_be_bytes());
        record.extend_from_slice(options);
        record
    }

    fn formerr(message: &[u8]) -> bool {
        matches!(parse(message), Err(Refusal::Answer { rcode: Rcode::FORMERR, .. }))
    }

    #[test]
    fn a_plain_query() {
        let query = parse(PLAIN).expect("a query");
        assert_eq!((query.id, query.qtype, query.qclass), (0x1234, RecordType::PTR, Class::IN));
        assert_eq!(query.question, &PLAIN[12..]);
    }

    #[test]
    fn silence_for_responses_and_stubs() {
        for length in 0..12 {
            assert_eq!(parse(&PLAIN[..length]).expect_err("short"), Refusal::Silence);
        }
        let mut response = PLAIN.to_vec();
        response[2] |= 0x80;
        assert_eq!(parse(&response).expect_err("QR"), Refusal::Silence);
    }

    #[test]
    fn every_cut_is_a_format_error() {
        let message = with_additional(&[&opt(0, &[0, 3, 0, 0])]);
        assert!(parse(&message).is_ok());
        for length in 12..message.len() {
            assert!(formerr(&message[..length]), "cut at {length}");
        }
        let mut longer = message.clone();
        longer.push(0);
        assert!(formerr(&longer), "octets after the last record");
    }

    #[test]
    fn counts_that_lie() {
        for (at, value) in [(4, 0), (5, 2), (6, 255), (7, 1), (8, 255), (9, 1), (10, 255), (11, 1)] {
            let mut message = PLAIN.to_vec();
            if at == 4 {
                message[5] = 0;
            }
            message[at] = value;
            assert!(formerr(&message), "count octet {at} = {value}");
        }
    }

    #[test]
    fn edns_forms() {
        let message = with_additional(&[&opt(0, &[0, 3, 0, 0, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8])]);
        let edns = parse(&message).expect("a query").edns.expect("edns");
        assert!(edns.nsid && edns.dnssec_ok && edns.udp_size == 1232);
        assert_eq!(edns.cookie.expect("cookie").client, [1, 2, 3, 4, 5, 6, 7, 8]);
        for length in [0usize, 1, 7, 9, 15, 41] {
            let mut value = vec![0, 10, 0, length as u8];
            value.resize(4 + length, 7);
            assert!(formerr(&with_additional(&[&opt(0, &value)])), "cookie of {length}");
        }
        assert!(formerr(&with_additional(&[&opt(0, &[]), &opt(0, &[])])), "two OPT");
        let mut owned = vec![1, b'x'];
        owned.extend_from_slice(&opt(0, &[]));
        assert!(formerr(&with_additional(&[&owned])), "OPT with an owner");
        assert!(formerr(&with_additional(&[&opt(0, &[0, 8, 0, 9, 1])])), "option longer than the record");
        let ahead = with_additional(&[&opt(1, &[0, 10, 0, 1, 7])]);
        assert_eq!(parse(&ahead).expect("BADVERS is the engine's").edns.expect("edns").version, 1);
    }

    #[test]
    fn the_serial_of_an_ixfr() {
        let mut message = PLAIN.to_vec();
        message[16] = 251;
        assert_eq!(ixfr_serial(&message), None, "no record");
        message[9] = 1;
        let record =
            b"\xc0\x0c\0\x06\0\x01\0\0\0\0\0\x17\xc0\x0c\0\x01\x02\x03\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        message.extend_from_slice(record);
        assert_eq!(ixfr_serial(&message), Some(Serial(0x0102_0304)));
        let cut = message.len() - 2;
        message[31] = 0x15;
        assert_eq!(ixfr_serial(&message[..cut]), None, "too short for a SOA");
        message[31] = 0x17;
        message[22] = 2;
        assert_eq!(ixfr_serial(&message), None, "another type");
    }

    #[test]
    fn pointers_in_the_question_are_refused() {
        let mut message = PLAIN.to_vec();
        message.splice(12..15, [0xc0, 0x0c]);
        assert!(formerr(&message));
    }
}
