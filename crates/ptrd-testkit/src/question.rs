//! A question, and its octets on the wire.

use crate::signing::Signing;
use ptrd_wire::{Class, FLAG_CD, FLAG_RD, Name, Opcode, RecordType};

/// The header's AD bit (RFC 6840 §5.7).
const FLAG_AD: u16 = 0x0020;

/// What the OPT record of a request says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdnsAsk {
    /// The UDP size, octets.
    pub size: u16,
    /// The version.
    pub version: u8,
    /// The DO bit.
    pub dnssec_ok: bool,
    /// The other 15 flag bits.
    pub z: u16,
    /// Options: code and octets.
    pub options: Vec<(u16, Vec<u8>)>,
}

impl Default for EdnsAsk {
    fn default() -> EdnsAsk {
        EdnsAsk { size: 1232, version: 0, dnssec_ok: false, z: 0, options: Vec::new() }
    }
}

/// A request with one question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The name, in the letters to ask it in.
    pub name: Name,
    /// The type.
    pub qtype: RecordType,
    /// The class.
    pub class: Class,
    /// The message id.
    pub id: u16,
    /// The opcode.
    pub opcode: Opcode,
    /// Recursion desired.
    pub rd: bool,
    /// Checking disabled.
    pub cd: bool,
    /// Authentic data.
    pub ad: bool,
    /// The OPT record.
    pub edns: Option<EdnsAsk>,
    /// How it is signed.
    pub signing: Option<Signing>,
}

impl Question {
    /// A plain question of class IN.
    pub fn new(name: Name, qtype: RecordType) -> Question {
        Question {
            name,
            qtype,
            class: Class::IN,
            id: 0x2a2a,
            opcode: Opcode::QUERY,
            rd: false,
            cd: false,
            ad: false,
            edns: None,
            signing: None,
        }
    }

    /// Name, type and class as octets.
    pub fn question_octets(&self) -> Vec<u8> {
        let mut octets = self.name.as_wire().to_vec();
        octets.extend(self.qtype.0.to_be_bytes());
        octets.extend(self.class.0.to_be_bytes());
        octets
    }

    /// The message, signed if it is to be.
    pub fn to_wire(&self) -> Vec<u8> {
        let wire = self.to_unsigned_wire();
        self.signing.as_ref().map(|signing| signing.sign(&wire)).unwrap_or(wire)
    }

    /// The message without a TSIG record.
    pub fn to_unsigned_wire(&self) -> Vec<u8> {
        let bit = |set: bool, flag: u16| if set { flag } else { 0 };
        let flags =
            self.opcode.0 << 11 | bit(self.rd, FLAG_RD) | bit(self.cd, FLAG_CD) | bit(self.ad, FLAG_AD);
        let mut wire = Vec::new();
        for word in [self.id, flags, 1, 0, 0, u16::from(self.edns.is_some())] {
            wire.extend(word.to_be_bytes());
        }
        wire.extend(self.question_octets());
        if let Some(edns) = &self.edns {
            wire.extend([0, 0, 41]);
            wire.extend(edns.size.to_be_bytes());
            wire.extend([0, edns.version]);
            wire.extend((if edns.dnssec_ok { 0x8000 } else { 0 } | edns.z).to_be_bytes());
            let options: usize = edns.options.iter().map(|(_, value)| value.len() + 4).sum();
            wire.extend((options as u16).to_be_bytes());
            for (code, value) in &edns.options {
                wire.extend(code.to_be_bytes());
                wire.extend((value.len() as u16).to_be_bytes());
                wire.extend(value);
            }
        }
        wire
    }
}
