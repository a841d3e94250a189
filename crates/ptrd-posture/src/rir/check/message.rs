//! Questions as octets, and replies from octets.

use ptrd_wire::{
    Class, FLAG_AA, FLAG_QR, FLAG_RA, FLAG_RD, FLAG_TC, HEADER_LEN, MessageRecord, Name, RecordType,
    read_question,
};

/// Records of one reply that are read. No apex has as many.
const MOST_RECORDS: usize = 1000;
/// Octets of record data, unpacked, that are kept of one reply.
const MOST_OCTETS: usize = 256 << 10;
/// The size of UDP payloads that we take (RFC 9715).
const PAYLOAD: u16 = 1232;

/// A question, and how it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The name, in the case in which it is sent.
    pub name: Name,
    /// The type.
    pub rtype: RecordType,
    /// Whether recursion is desired.
    pub recursive: bool,
    /// EDNS: version, the flags after the version, and an option without data.
    pub edns: Option<(u8, u16, Option<u16>)>,
    /// The size of UDP payloads that are taken, where it is not the usual one.
    pub payload: Option<u16>,
}

impl Question {
    /// A plain question, without EDNS.
    pub fn new(name: Name, rtype: RecordType) -> Question {
        Question { name, rtype, recursive: false, edns: None, payload: None }
    }

    /// The message with this id.
    pub fn octets(&self, id: u16) -> Vec<u8> {
        let flags = if self.recursive { FLAG_RD } else { 0 };
        let mut octets = Vec::with_capacity(64);
        for word in [id, flags, 1, 0, 0, u16::from(self.edns.is_some())] {
            octets.extend(word.to_be_bytes());
        }
        octets.extend(self.name.as_wire());
        octets.extend(self.rtype.0.to_be_bytes());
        octets.extend(Class::IN.0.to_be_bytes());
        if let Some((version, flags, option)) = self.edns {
            octets.push(0);
            octets.extend(RecordType::OPT.0.to_be_bytes());
            octets.extend(self.payload.unwrap_or(PAYLOAD).to_be_bytes());
            octets.extend([0, version]);
            octets.extend(flags.to_be_bytes());
            octets.extend((if option.is_some() { 4u16 } else { 0 }).to_be_bytes());
            for word in option.iter().flat_map(|code| [*code, 0]) {
                octets.extend(word.to_be_bytes());
            }
        }
        octets
    }
}

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The RCODE, with the upper bits that OPT has.
    pub rcode: u16,
    /// Whether it is authoritative.
    pub aa: bool,
    /// Whether it is cut short.
    pub tc: bool,
    /// Whether recursion is available.
    pub ra: bool,
    /// The question's name as it came back, in wire form.
    pub asked: Option<Box<[u8]>>,
    /// Version, flags and codes of options of its OPT record.
    pub edns: Option<(u8, u16, Vec<u16>)>,
    /// The answer.
    pub answer: Vec<MessageRecord>,
    /// The authority section.
    pub authority: Vec<MessageRecord>,
    /// The additional section, without OPT.
    pub additional: Vec<MessageRecord>,
}

impl Reply {
    /// Reads what came back; `None` for what is no reply to the question, or makes no sense.
    pub fn read(question: &Question, id: u16, octets: &[u8]) -> Option<Reply> {
        let header: &[u8; HEADER_LEN] = octets.first_chunk()?;
        let word = |n: usize| u16::from_be_bytes([header[2 * n], header[2 * n + 1]]);
        let (flags, questions) = (word(1), word(2));
        if word(0) != id || flags & FLAG_QR == 0 || flags & 0x7800 != 0 || questions > 1 {
            return None;
        }
        let mut at = HEADER_LEN;
        let mut asked = None;
        if questions == 1 {
            let (name, rtype, class, end) = read_question(octets)?;
            if name != question.name || rtype != question.rtype || class != Class::IN {
                return None;
            }
            asked = Some(name.as_wire().into());
            at = end;
        }
        let mut sections: [Vec<MessageRecord>; 3] = Default::default();
        let (mut records, mut kept) = (0, 0);
        let mut edns = None;
        for (section, count) in sections.iter_mut().zip([word(3), word(4), word(5)]) {
            for _ in 0..count {
                let (record, end) = MessageRecord::read(octets, at)?;
                if record.rtype == RecordType::OPT && record.owner.is_root() {
                    // Behind the root, type and class: what a TTL is read as has no upper bit (RFC 6891 §6.1.3).
                    let [high, version, a, b] = *octets.get(at + 5..)?.first_chunk()?;
                    edns = Some((high, (version, u16::from_be_bytes([a, b]), option_codes(&record.rdata))));
                }
                (at, records, kept) = (end, records + 1, kept + record.rdata.len());
                if records > MOST_RECORDS || kept > MOST_OCTETS {
                    return None;
                }
                section.push(record);
            }
        }
        let [answer, authority, mut additional] = sections;
        additional.retain(|record| record.rtype != RecordType::OPT);
        let high = edns.as_ref().map_or(0, |(high, _)| u16::from(*high) << 4);
        Some(Reply {
            rcode: high | flags & 0xF,
            aa: flags & FLAG_AA != 0,
            tc: flags & FLAG_TC != 0,
            ra: flags & FLAG_RA != 0,
            asked,
            edns: edns.map(|(_, edns)| edns),
            answer,
            authority,
            additional,
        })
    }

    /// Records of a type at a name in the answer.
    pub fn records<'a>(
        &'a self,
        name: &'a Name,
        rtype: RecordType,
    ) -> impl Iterator<Item = &'a MessageRecord> {
        self.answer.iter().filter(move |record| record.rtype == rtype && record.owner == *name)
    }

    /// No error, authoritative.
    pub fn is_good(&self) -> bool {
        self.rcode == 0 && self.aa
    }
}

fn option_codes(mut options: &[u8]) -> Vec<u16> {
    let mut codes = Vec::new();
    while let Some((&[a, b, c, d], rest)) = options.split_first_chunk::<4>() {
        codes.push(u16::from_be_bytes([a, b]));
        options = rest.get(usize::from(u16::from_be_bytes([c, d]))..).unwrap_or_default();
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> Question {
        let name = "2.0.192.in-addr.arpa".parse().expect("a name");
        Question { edns: Some((1, 0x8000, Some(65001))), ..Question::new(name, RecordType::SOA) }
    }

    #[test]
    fn a_question_has_what_it_says() {
        let octets = question().octets(0x1234);
        assert_eq!(&octets[..12], [0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
        assert_eq!(&octets[octets.len() - 15..], [0, 0, 41, 4, 208, 0, 1, 0x80, 0, 0, 4, 0xFD, 0xE9, 0, 0]);
    }

    #[test]
    fn a_reply_belongs_to_its_question() {
        let question = question();
        let mut octets = question.octets(7);
        octets[2] = 0x84;
        octets[3] = 0x05;
        let reply = Reply::read(&question, 7, &octets).expect("a reply");
        assert_eq!((reply.rcode, reply.aa, reply.ra), (5, true, false));
        assert_eq!(reply.edns, Some((1, 0x8000, vec![65001])));
        assert!(Reply::read(&question, 8, &octets).is_none(), "another id");
        let other = Question::new("3.0.192.in-addr.arpa".parse().expect("a name"), RecordType::SOA);
        assert!(Reply::read(&other, 7, &octets).is_none(), "another question");
        assert!(Reply::read(&question, 7, &question.octets(7)).is_none(), "no reply");
        for length in 0..octets.len() {
            assert!(Reply::read(&question, 7, &octets[..length]).is_none(), "cut at {length}");
        }
    }

    #[test]
    fn badvers_is_in_the_opt_record() {
        let question = question();
        let mut octets = question.octets(7);
        octets[2] = 0x80;
        let opt = octets.len() - 15;
        octets[opt + 5] = 1;
        octets[opt + 6] = 0;
        let reply = Reply::read(&question, 7, &octets).expect("a reply");
        assert_eq!((reply.rcode, reply.edns.map(|edns| edns.0)), (16, Some(0)));
        octets[opt + 5] = 0x81;
        assert_eq!(Reply::read(&question, 7, &octets).expect("a reply").rcode, 0x810, "all eight bits");
    }
}
