//! The request and its answer (RFC 1996 §3, §4).

use crate::sheet::{Question, Sheet};
use ptrd_wire::{Class, FLAG_AA, FLAG_QR, FLAG_TC, HEADER_LEN, Opcode, QName, Rcode, RecordType};
use ptrd_zone::Zone;

/// Octets that a request takes at most, without TSIG: header, question, and a SOA whose names are the longest.
const LONGEST: usize = HEADER_LEN + (255 + 4) + (255 + 10 + 2 * 255 + 20);

/// Writes the request that announces a zone, with its SOA as a hint (§3.7); `spare` octets stay free behind it for a TSIG
/// record. Returns the octets of the request in the buffer.
pub fn write_notify(zone: &Zone, id: u16, spare: usize) -> (Vec<u8>, usize) {
    let mut octets = zone.apex().as_wire().to_vec();
    octets.extend_from_slice(&RecordType::SOA.0.to_be_bytes());
    octets.extend_from_slice(&Class::IN.0.to_be_bytes());
    let question = Question { id, flags: 0, octets: octets.into(), edns: false, padded: false };
    let mut message = vec![0; LONGEST + spare];
    let mut sheet = Sheet::new(&mut message, &question, true, spare);
    // There is room for it.
    let _ = sheet.record(zone.apex().as_wire(), RecordType::SOA, zone.soa_ttl(), (zone.soa_rdata(), &[]));
    let length = sheet.finish(&question);
    // A sheet is an answer's; this asks (§4.5: QR off, AA on).
    message[2..4].copy_from_slice(&(FLAG_AA | Opcode::NOTIFY.0 << 11).to_be_bytes());
    (message, length)
}

/// What a datagram says that may be the answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The identifier.
    pub id: u16,
    /// The response code.
    pub rcode: Rcode,
    /// The zone in its question, as wire octets in lower case. RFC 1996 §4.7 has the question in answers; those that
    /// refuse often leave it out.
    pub zone: Option<Vec<u8>>,
}

impl Answer {
    /// Reads one; `None` for what is none.
    pub fn read(message: &[u8]) -> Option<Answer> {
        let header = message.first_chunk::<HEADER_LEN>()?;
        let word = |at: usize| u16::from_be_bytes([header[at], header[at + 1]]);
        let (id, flags, questions) = (word(0), word(2), word(4));
        let is_answer = flags & FLAG_QR != 0 && flags & FLAG_TC == 0 && flags >> 11 & 15 == Opcode::NOTIFY.0;
        if !is_answer || questions > 1 {
            return None;
        }
        let zone = match questions {
            0 => None,
            _ => {
                let mut name = QName::default();
                let question = &message[HEADER_LEN..];
                let end = name.read(question).ok()?;
                let fixed = question.get(end..end + 4)?;
                if fixed[..2] != RecordType::SOA.0.to_be_bytes() || fixed[2..] != Class::IN.0.to_be_bytes() {
                    return None;
                }
                Some(name.wire().to_ascii_lowercase())
            }
        };
        Some(Answer { id, rcode: Rcode(flags & 15), zone })
    }
}
