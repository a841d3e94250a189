//! One message of a transfer under construction: records in canonical order, names compressed against the one before.
//!
//! Neighbours in a zone share most of their names, so a name is compared to the last one written in its place (owner, or
//! data) and no other: the ending that the two share becomes a pointer (RFC 1035 §4.1.4). A table of all names, as for
//! answers, would find hardly more and cost more than all the rest. Letter case is kept: a secondary holds what the
//! primary holds.

use crate::trail::Trail;
use ptrd_wire::{
    Class, FLAG_AA, FLAG_QR, HEADER_LEN, PADDING_HEAD, RecordType, Ttl, compressible_name, pad, ttl_of_record,
};

/// The longest message that a sheet is meant to become: pointers reach no further (14 bits).
pub const SOFT_LIMIT: usize = 1 << 14;
/// The longest message of all.
pub const HARD_LIMIT: usize = 65_535;
/// Octets of type, class, TTL and length.
const FIXED: usize = 10;

/// What the answer is to: identifier and question, as they came.
#[derive(Clone, Debug)]
pub struct Question {
    /// The message's identifier.
    pub id: u16,
    /// The flags of the request that are copied: RD and CD.
    pub flags: u16,
    /// The octets of the question: name, type and class.
    pub octets: Box<[u8]>,
    /// Whether the request had an OPT record, so that the first message of the reply has one (RFC 6891 §6.1.1).
    pub edns: bool,
    /// Whether every message of the reply is padded (RFC 9103 §7.9.1, §7.10.3, RFC 8467 §4.1), and so has one.
    pub padded: bool,
}

/// The messages of a transfer made so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub messages: u64,
    pub records: u64,
}

/// A record is so long that no message holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl Tally {
    /// Ends a message that was filled until nothing was left, or nothing more would fit.
    pub fn close(
        &mut self,
        sheet: Sheet<'_>,
        filled: Result<(), NoRoom>,
        question: &Question,
    ) -> Result<usize, TooLong> {
        if filled.is_err() && sheet.is_empty() {
            return Err(TooLong);
        }
        self.messages += 1;
        self.records += u64::from(sheet.records());
        Ok(sheet.finish(question))
    }
}

/// An OPT record without options that takes UDP messages of 1 232 octets.
pub(crate) const OPT: [u8; 11] = [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0];

/// See the module.
pub struct Sheet<'b> {
    buffer: &'b mut [u8],
    at: usize,
    records: u16,
    soft: usize,
    hard: usize,
    /// An OPT record comes behind the records.
    opt: bool,
    /// The message is padded, so many octets that come behind it counted in.
    padded: Option<usize>,
    owners: Trail,
    targets: Trail,
}

/// The record does not fit into this message any more, or, where the message is empty, into any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom;

impl<'b> Sheet<'b> {
    /// An empty message of the reply to this question, which is in it if it is the first (RFC 5936 §2.2.1). `spare` octets are
    /// kept free for what follows it.
    pub fn new(buffer: &'b mut [u8], question: &Question, is_first: bool, spare: usize) -> Sheet<'b> {
        let asked: &[u8] = if is_first { &question.octets } else { &[] };
        buffer[..HEADER_LEN].fill(0);
        buffer[HEADER_LEN..HEADER_LEN + asked.len()].copy_from_slice(asked);
        buffer[5] = u8::from(!asked.is_empty());
        let opt = question.edns && is_first || question.padded;
        let padded = question.padded.then_some(spare);
        let spare = spare + if opt { OPT.len() } else { 0 } + padded.map_or(0, |_| PADDING_HEAD);
        let hard = buffer.len().min(HARD_LIMIT).saturating_sub(spare);
        Sheet {
            buffer,
            at: HEADER_LEN + asked.len(),
            records: 0,
            soft: SOFT_LIMIT.min(hard),
            hard,
            opt,
            padded,
            owners: Trail::default(),
            targets: Trail::default(),
        }
    }

    /// Whether it has no record yet.
    pub fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// How many records it has.
    pub fn records(&self) -> u16 {
        self.records
    }

    /// Appends a record, its data in two parts that follow each other.
    ///
    /// # Errors
    /// [`NoRoom`]: the message is as it was.
    #[inline]
    pub fn record(
        &mut self,
        owner: &[u8],
        rtype: RecordType,
        ttl: Ttl,
        (head, rest): (&[u8], &[u8]),
    ) -> Result<(), NoRoom> {
        let ttl = ttl_of_record(rtype, ttl, head);
        // Compressed it is shorter, but hardly ever by enough to matter.
        let longest = owner.len() + FIXED + head.len() + rest.len();
        let limit = if self.records == 0 { self.hard } else { self.soft };
        if self.at + longest > limit || self.records == u16::MAX {
            return Err(NoRoom);
        }
        let label = usize::from(owner.first().copied().unwrap_or(0)) + 1;
        let (label, behind) = owner.split_at_checked(label).unwrap_or((owner, &[]));
        self.at = self.owners.write(self.buffer, self.at, label, behind);
        let fixed = self.at;
        let mut octets = [0; FIXED];
        octets[..2].copy_from_slice(&rtype.0.to_be_bytes());
        octets[2..4].copy_from_slice(&Class::IN.0.to_be_bytes());
        octets[4..8].copy_from_slice(&ttl.as_secs().to_be_bytes());
        self.buffer[fixed..fixed + FIXED].copy_from_slice(&octets);
        self.at += FIXED;
        match compressible_name(rtype) {
            Some((0, 1)) => self.at = self.targets.write(self.buffer, self.at, head, rest),
            Some((before, names)) => self.several([head, rest].concat().as_slice(), before, names),
            None => {
                self.put(head);
                self.put(rest);
            }
        }
        let length = (self.at - fixed - FIXED) as u16;
        self.buffer[fixed + 8..fixed + FIXED].copy_from_slice(&length.to_be_bytes());
        self.records += 1;
        Ok(())
    }

    #[inline]
    fn put(&mut self, octets: &[u8]) {
        self.buffer[self.at..self.at + octets.len()].copy_from_slice(octets);
        self.at += octets.len();
    }

    /// Data of so many octets, so many names, and whatever follows.
    #[cold]
    fn several(&mut self, data: &[u8], before: usize, names: usize) {
        self.put(&data[..before]);
        let mut rest = &data[before..];
        for _ in 0..names {
            let labels = ptrd_wire::labels_of_wire(rest).map(|label| label.len() + 1).sum::<usize>();
            let (name, after) = rest.split_at((labels + 1).min(rest.len()));
            self.at = self.targets.write(self.buffer, self.at, name, &[]);
            rest = after;
        }
        self.put(rest);
    }

    /// Writes the header; returns the length of the message in octets.
    pub fn finish(mut self, question: &Question) -> usize {
        if self.opt {
            self.put(&OPT);
            self.buffer[11] = 1;
        }
        let flags = FLAG_QR | FLAG_AA | question.flags;
        self.buffer[..2].copy_from_slice(&question.id.to_be_bytes());
        self.buffer[2..4].copy_from_slice(&flags.to_be_bytes());
        self.buffer[6..8].copy_from_slice(&self.records.to_be_bytes());
        match self.padded {
            Some(behind) => {
                let longest = self.buffer.len().min(HARD_LIMIT);
                pad(&mut self.buffer[..longest], self.at, behind)
            }
            None => self.at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_proto::op::Message;
    use hickory_proto::serialize::binary::{BinDecodable, BinEncodable};
    use proptest::prelude::*;
    use ptrd_wire::Name;

    fn question() -> Question {
        let octets = b"\x02in\x04arpa\0\0\xfc\0\x01"[..].into();
        Question { id: 7, flags: 0, octets, edns: true, padded: false }
    }

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    /// What a second implementation reads out of a message of PTRs.
    fn read(message: &[u8]) -> Vec<(String, String)> {
        let message = Message::from_bytes(message).expect("a message");
        message.answers.iter().map(|r| (r.name.to_string(), r.data.to_string())).collect()
    }

    #[test]
    fn names_come_out_as_they_went_in() {
        let pairs = [
            ("1.2.0.192.in-addr.arpa", "a.example.net"),
            ("10.2.0.192.in-addr.arpa", "b.example.net"),
            ("100.2.0.192.in-addr.arpa", "example.net"),
            ("100.2.0.192.in-addr.arpa", "net"),
            ("100.2.0.192.in-addr.arpa", "."),
            ("2.0.192.in-addr.arpa", "Example.net"),
            ("2.0.192.in-addr.ARPA", "b.Example.net"),
            ("in-addr.ARPA", "b.example.net"),
            (".", "b.example.net"),
            ("192.in-addr.ARPA", "a.b.example.net"),
        ];
        let mut buffer = vec![0; HARD_LIMIT];
        let mut sheet = Sheet::new(&mut buffer, &question(), true, 0);
        let mut plain = 0;
        for (owner, target) in pairs {
            let (owner, target) = (name(owner), name(target));
            let (head, rest) = target.as_wire().split_at(target.as_wire().len() / 2);
            plain += owner.as_wire().len() + 10 + target.as_wire().len();
            sheet.record(owner.as_wire(), RecordType::PTR, Ttl::from_secs(5), (head, rest)).unwrap();
        }
        let length = sheet.finish(&question());
        assert!(length < plain * 2 / 3, "{length} of {plain} octets");
        let absolute = |text: &str| if text == "." { text.to_owned() } else { format!("{text}.") };
        let expected: Vec<_> =
            pairs.iter().map(|(owner, target)| (absolute(owner), absolute(target))).collect();
        assert_eq!(read(&buffer[..length]), expected);
    }

    /// Names of few labels in any order, the same one again and again among them, each split anywhere.
    #[test]
    fn any_sequence_of_names_comes_out_as_it_went_in() {
        let label = prop_oneof!["[ab]", "[0-9]{1,3}", "[a-c]{8}", "x{33}", "y{60,63}"];
        let name = prop::collection::vec(label, 0..4);
        let name = (name, 0..3usize).prop_map(|(labels, nth)| {
            let origin = ["", "in-addr.arpa", "pool.example.net"][nth].split('.').filter(|l| !l.is_empty());
            Name::from_labels(labels.iter().map(String::as_str).chain(origin), &Name::root()).unwrap()
        });
        let record = (name.clone(), name, any::<prop::sample::Index>(), 1..3usize);
        proptest!(|(records in prop::collection::vec(record, 1..60))| {
            let mut buffer = vec![0; HARD_LIMIT];
            let mut sheet = Sheet::new(&mut buffer, &question(), true, 0);
            let mut expected = Vec::new();
            for (owner, target, split, times) in &records {
                for _ in 0..*times {
                    let data = target.as_wire().split_at(split.index(target.as_wire().len() + 1));
                    sheet.record(owner.as_wire(), RecordType::PTR, Ttl::from_secs(5), data).unwrap();
                    expected.push((owner.clone(), target.clone()));
                }
            }
            let length = sheet.finish(&question());
            let message = Message::from_bytes(&buffer[..length]).expect("a message");
            let found: Vec<_> = message.answers.iter().map(|r| (wire(&r.name), r.data.to_bytes().unwrap())).collect();
            let expected: Vec<_> =
                expected.iter().map(|(owner, target)| (owner.as_wire().to_vec(), target.as_wire().to_vec())).collect();
            prop_assert_eq!(found, expected);
        });
    }

    fn wire(name: &hickory_proto::rr::Name) -> Vec<u8> {
        name.to_bytes().expect("a name")
    }

    #[test]
    fn a_full_message_takes_no_more() {
        let mut buffer = vec![0; HARD_LIMIT];
        let mut sheet = Sheet::new(&mut buffer, &question(), false, 100);
        let owner = name("txt.example");
        let data = vec![7; 304];
        let mut fitted = 0;
        while sheet.record(owner.as_wire(), RecordType(16), Ttl::from_secs(1), (&data, &[])).is_ok() {
            fitted += 1;
        }
        assert_eq!(
            sheet.record(owner.as_wire(), RecordType(16), Ttl::from_secs(1), (&data, &[])),
            Err(NoRoom)
        );
        let length = sheet.finish(&question());
        assert!((SOFT_LIMIT - 330..=SOFT_LIMIT).contains(&length) && fitted > 50, "{fitted} in {length}");
        assert_eq!(read(&buffer[..length]).len(), fitted);
        // One that is longer has a message of its own; one that fits into none is refused.
        let data = vec![7; HARD_LIMIT - 200];
        let mut sheet = Sheet::new(&mut buffer, &question(), false, 100);
        sheet.record(owner.as_wire(), RecordType(65_400), Ttl::from_secs(1), (&data, &[])).unwrap();
        let length = sheet.finish(&question());
        assert!(length > SOFT_LIMIT && length <= HARD_LIMIT - 100);
        let mut sheet = Sheet::new(&mut buffer, &question(), false, 500);
        assert_eq!(
            sheet.record(owner.as_wire(), RecordType(65_400), Ttl::from_secs(1), (&data, &[])),
            Err(NoRoom)
        );
    }

    /// RFC 8467 §4.1, what is signed behind the message counted in; nothing that is in it is lost for that.
    #[test]
    fn every_message_is_padded_where_the_client_pads() {
        let padded = Question { padded: true, ..question() };
        let (owner, data) = (name("txt.example"), vec![7; 304]);
        for (records, is_first, spare) in [(0, true, 0), (1, true, 90), (1, false, 90), (60, false, 0)] {
            let mut buffer = vec![0; HARD_LIMIT];
            let mut sheet = Sheet::new(&mut buffer, &padded, is_first, spare);
            let fits = |_: &i32| {
                sheet.record(owner.as_wire(), RecordType(16), Ttl::from_secs(1), (&data, &[])).is_ok()
            };
            let written = (0..records).take_while(fits).count();
            let length = sheet.finish(&padded);
            assert_eq!((length + spare) % 468, 0, "{records} records, {spare} octets behind");
            assert_eq!(read(&buffer[..length]).len(), written);
        }
        // A message that fills its room is as long as that.
        let mut buffer = vec![0; 900];
        let mut sheet = Sheet::new(&mut buffer, &padded, false, 100);
        while sheet.record(owner.as_wire(), RecordType(16), Ttl::from_secs(1), (&data[..100], &[])).is_ok() {}
        assert_eq!(sheet.finish(&padded), 800);
    }
}
