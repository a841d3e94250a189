//! A reply as hickory-proto reads it, an independent decoder, in a form to compare.
//!
//! Beyond hickory's own checks: nothing may follow the last record, and the count of records must be right.

use hickory_proto::op::Message;
use hickory_proto::rr::{Name as HickoryName, RData, Record as HickoryRecord};
use hickory_proto::serialize::binary::{BinEncodable, BinEncoder, NameEncoding};
use ptrd_wire::{Class, FLAG_AA, FLAG_TC, HEADER_LEN, Name, Rcode, RecordType};

/// One record of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The owner, case kept.
    pub owner: Name,
    /// The type.
    pub rtype: RecordType,
    /// The class.
    pub class: Class,
    /// The TTL, seconds.
    pub ttl: u32,
    /// The data, uncompressed, case kept.
    pub rdata: Vec<u8>,
}

/// The OPT record of a reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opt {
    /// The UDP size, octets.
    pub size: u16,
    /// The version.
    pub version: u8,
    /// The DO bit.
    pub dnssec_ok: bool,
    /// The other flag bits.
    pub z: u16,
    /// Options: code and octets.
    pub options: Vec<(u16, Vec<u8>)>,
}

impl Opt {
    /// The value of an option.
    pub fn option(&self, code: u16) -> Option<&[u8]> {
        self.options.iter().find(|(c, _)| *c == code).map(|(_, value)| value.as_slice())
    }
}

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The message id.
    pub id: u16,
    /// The header's second 16 bits.
    pub flags: u16,
    /// The response code, the upper bits from OPT included.
    pub rcode: Rcode,
    /// The question section's octets.
    pub question: Vec<u8>,
    /// The answer section.
    pub answer: Vec<Record>,
    /// The authority section.
    pub authority: Vec<Record>,
    /// The additional section without OPT and TSIG.
    pub additional: Vec<Record>,
    /// The TSIG record, its owner the key.
    pub tsig: Option<Record>,
    /// The OPT record.
    pub opt: Option<Opt>,
    /// Octets in all.
    pub length: usize,
    /// The octets themselves.
    pub octets: Vec<u8>,
}

impl Reply {
    /// Reads a reply.
    ///
    /// # Errors
    /// What is wrong with the octets, in words.
    pub fn decode(octets: &[u8]) -> Result<Reply, String> {
        let message = Message::from_vec(octets).map_err(|e| format!("hickory cannot read it: {e}"))?;
        let word = |at: usize| u16::from_be_bytes([octets[at], octets[at + 1]]);
        let question_end = frames_end(octets, word(4) as usize, 0).ok_or("question section cut")?;
        let records = (3..6).map(|n| word(2 * n) as usize).sum();
        let end = frames_end(octets, word(4) as usize, records).ok_or("records cut")?;
        if end != octets.len() {
            return Err(format!("{} octets after the last record", octets.len() - end));
        }
        let opt = message.edns.as_ref().map(|edns| {
            let flags = u16::from(*edns.flags());
            let options = edns.options().as_ref().iter();
            let options = options
                .map(|(code, option)| (u16::from(*code), Vec::<u8>::try_from(option).unwrap_or_default()))
                .collect();
            Opt {
                size: edns.max_payload(),
                version: edns.version(),
                dnssec_ok: flags & 0x8000 != 0,
                z: flags & 0x7fff,
                options,
            }
        });
        let rcode_high = message.edns.as_ref().map_or(0, |edns| u16::from(edns.rcode_high()));
        let section = |records: &[HickoryRecord]| records.iter().map(record).collect::<Result<Vec<_>, _>>();
        // hickory knows what TSIG is only where it can check one.
        let mut additional = section(&message.additionals)?;
        let tsig = match &message.signature {
            Some(signature) => {
                let mut rdata = Vec::new();
                let mut encoder = BinEncoder::new(&mut rdata);
                encoder.set_name_encoding(NameEncoding::Uncompressed);
                signature
                    .data
                    .emit(&mut encoder)
                    .map_err(|e| format!("hickory cannot write TSIG again: {e}"))?;
                Some(Record {
                    owner: name(&signature.name)?,
                    rtype: RecordType::TSIG,
                    class: Class(signature.dns_class.into()),
                    ttl: signature.ttl,
                    rdata,
                })
            }
            None => additional.pop_if(|last| last.rtype == RecordType::TSIG),
        };
        Ok(Reply {
            id: word(0),
            flags: word(2),
            rcode: Rcode(rcode_high << 4 | word(2) & 15),
            question: octets[HEADER_LEN..question_end].to_vec(),
            answer: section(&message.answers)?,
            authority: section(&message.authorities)?,
            additional,
            tsig,
            opt,
            length: octets.len(),
            octets: octets.to_vec(),
        })
    }

    /// Whether AA is set.
    pub fn is_authoritative(&self) -> bool {
        self.flags & FLAG_AA != 0
    }

    /// Whether TC is set.
    pub fn is_truncated(&self) -> bool {
        self.flags & FLAG_TC != 0
    }
}

fn record(record: &HickoryRecord) -> Result<Record, String> {
    let mut rdata = Vec::new();
    let mut encoder = BinEncoder::new(&mut rdata);
    encoder.set_name_encoding(NameEncoding::Uncompressed);
    match &record.data {
        // As read: never compressed, whatever names a type unknown to the decoder may hold (RFC 3597 §4).
        RData::Unknown { rdata: raw, .. } => encoder.emit_vec(&raw.anything),
        data => data.emit(&mut encoder),
    }
    .map_err(|e| format!("hickory cannot write the data of {record} again: {e}"))?;
    Ok(Record {
        owner: name(&record.name)?,
        rtype: RecordType(record.record_type().into()),
        class: Class(record.dns_class.into()),
        ttl: record.ttl,
        rdata,
    })
}

fn name(name: &HickoryName) -> Result<Name, String> {
    Name::from_labels(name.iter(), &Name::root()).map_err(|e| format!("{name}: {e}"))
}

/// Where so many questions and records end.
fn frames_end(octets: &[u8], questions: usize, records: usize) -> Option<usize> {
    let mut at = HEADER_LEN;
    for nth in 0..questions + records {
        loop {
            match *octets.get(at)? {
                0 => {
                    at += 1;
                    break;
                }
                n if n >= 0xc0 => {
                    at += 2;
                    break;
                }
                n => at += usize::from(n) + 1,
            }
        }
        at += 4;
        if nth >= questions {
            let length = octets.get(at + 4..at + 6)?;
            at += 6 + usize::from(u16::from_be_bytes([length[0], length[1]]));
        }
    }
    (at <= octets.len()).then_some(at)
}
