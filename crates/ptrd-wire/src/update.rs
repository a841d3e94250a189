//! DNS UPDATE as it comes from the network (RFC 2136 §2): the zone, what must hold, and what is to be done.
//!
//! Pure, and on the change road: it allocates, within limits. A message whose records cannot be walked is refused as a
//! whole. What is wrong with a single record is kept in its place ([`Prerequisite::Faulty`], [`RecordChange::Faulty`]),
//! because RFC 2136 §3 has an order: a prerequisite that does not hold is answered before a malformed update is.
//!
//! - RFC 2136 §2.3–2.5, §3.1.1, §3.2.5, §3.4.1.3; RFC 3597 §4 (names in the data of old types are unpacked)

use crate::edns::in_additional;
use crate::message::{HEADER_LEN, RecordFrame};
use crate::name::Name;
use crate::rdata::rdata_has_form;
use crate::record::unpacked_rdata;
use crate::tsig::{plain_name, unpacked};
use crate::types::{Class, Opcode, Rcode, RecordType, Ttl};

/// Records that an update may have, prerequisites and changes together.
pub const MOST_RECORDS: usize = 4_096;
/// Octets that its owners and data may have, unpacked: a pointer of two octets stands for up to 255.
pub const MOST_UNPACKED: usize = 1 << 20;

/// What must hold (RFC 2136 §2.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prerequisite {
    /// An RRset exists, whatever its data (§2.4.1).
    Exists {
        /// Of this name.
        owner: Name,
        /// Of this type.
        rtype: RecordType,
    },
    /// A record of an RRset that exists with these and no other data (§2.4.2).
    Holds {
        /// Of this name.
        owner: Name,
        /// Of this type.
        rtype: RecordType,
        /// The data, uncompressed.
        rdata: Box<[u8]>,
    },
    /// An RRset does not exist (§2.4.3).
    Absent {
        /// Of this name.
        owner: Name,
        /// Of this type.
        rtype: RecordType,
    },
    /// A name has a record (§2.4.4).
    InUse {
        /// The name.
        owner: Name,
    },
    /// A name has none (§2.4.5).
    NotInUse {
        /// The name.
        owner: Name,
    },
    /// None of these forms: whoever gets as far as here answers this.
    Faulty(Rcode),
}

/// What is to be done (RFC 2136 §2.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordChange {
    /// A record is added (§2.5.1).
    Add {
        /// To this name.
        owner: Name,
        /// Of this type.
        rtype: RecordType,
        /// The TTL.
        ttl: Ttl,
        /// The data, uncompressed.
        rdata: Box<[u8]>,
    },
    /// An RRset is deleted (§2.5.2).
    DeleteRrset {
        /// Of this name.
        owner: Name,
        /// Of this type.
        rtype: RecordType,
    },
    /// All RRsets of a name are deleted (§2.5.3).
    DeleteName {
        /// The name.
        owner: Name,
    },
    /// A record is deleted (§2.5.4).
    Delete {
        /// Of this name.
        owner: Name,
        /// Of this type.
        rtype: RecordType,
        /// The data, uncompressed.
        rdata: Box<[u8]>,
    },
    /// None of these forms: whoever gets as far as here answers this.
    Faulty(Rcode),
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// The zone.
    pub zone: Name,
    /// What must hold, in the order given.
    pub prerequisites: Vec<Prerequisite>,
    /// What is to be done, in the order given.
    pub changes: Vec<RecordChange>,
}

/// A message of opcode UPDATE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateMessage {
    /// The message's identifier.
    pub id: u16,
    /// The zone section's octets as they came: replies have them.
    pub section: Box<[u8]>,
    /// The class of the zone.
    pub class: Class,
    /// The version of EDNS, if there is an OPT record.
    pub edns: Option<u8>,
    /// What is asked for.
    pub update: Update,
}

/// A record of the prerequisite or update section.
struct Record<'m> {
    message: &'m [u8],
    owner: Name,
    frame: RecordFrame,
}

/// What stands before the records.
struct Start {
    id: u16,
    zone: Name,
    class: Class,
    /// Where the zone section ends.
    at: usize,
    /// Prerequisites, changes, and further records.
    counts: [u16; 3],
}

impl Start {
    fn read(message: &[u8]) -> Result<Start, Rcode> {
        let header = message.first_chunk::<HEADER_LEN>().ok_or(Rcode::FORMERR)?;
        let word = |n: usize| u16::from_be_bytes([header[n], header[n + 1]]);
        if Opcode(word(2) >> 11 & 15) != Opcode::UPDATE || word(4) != 1 {
            return Err(Rcode::FORMERR);
        }
        let (zone, class, at) = zone_section(message).ok_or(Rcode::FORMERR)?;
        Ok(Start { id: word(0), zone, class, at, counts: [6, 8, 10].map(word) })
    }

    /// The message, whose additional section begins there.
    fn end(
        self,
        message: &[u8],
        at: usize,
        (prerequisites, changes): (Vec<Prerequisite>, Vec<RecordChange>),
    ) -> Result<UpdateMessage, Rcode> {
        let edns = in_additional(message, at, self.counts[2])?;
        let section = message[HEADER_LEN..self.at].into();
        let update = Update { zone: self.zone, prerequisites, changes };
        Ok(UpdateMessage { id: self.id, section, class: self.class, edns, update })
    }
}

impl UpdateMessage {
    /// Reads a message. Where its TSIG record stands, and whether that is right, is for others to say before.
    ///
    /// # Errors
    /// The response code that it earns: FORMERR for what cannot be walked, for anything but one question for the SOA in
    /// the zone section (RFC 2136 §3.1.1) and for OPT and TSIG records in other places than theirs; REFUSED where there
    /// is more than [`MOST_RECORDS`] and [`MOST_UNPACKED`] allow.
    pub fn read(message: &[u8]) -> Result<UpdateMessage, Rcode> {
        let start = Start::read(message)?;
        let (before, after) = (usize::from(start.counts[0]), usize::from(start.counts[1]));
        if before + after > MOST_RECORDS {
            return Err(Rcode::REFUSED);
        }
        let (mut at, mut left) = (start.at, MOST_UNPACKED);
        let mut next = || {
            let record = Record::read(message, at).ok_or(Rcode::FORMERR)?;
            at = record.frame.end;
            left = left.checked_sub(record.owner.as_wire().len()).ok_or(Rcode::REFUSED)?;
            let rdata = record.rdata().ok_or(Rcode::FORMERR)?;
            left = left.checked_sub(rdata.len()).ok_or(Rcode::REFUSED)?;
            Ok::<_, Rcode>((record, rdata))
        };
        let (mut prerequisites, mut changes) = (Vec::new(), Vec::new());
        for _ in 0..before {
            let (record, rdata) = next()?;
            prerequisites.push(record.prerequisite(&start.zone, rdata));
        }
        for _ in 0..after {
            let (record, rdata) = next()?;
            changes.push(record.change(&start.zone, rdata));
        }
        start.end(message, at, (prerequisites, changes))
    }

    /// The same for an update that is turned away whatever it says: its records are passed over, which costs a fraction.
    ///
    /// # Errors
    /// FORMERR, as there, but for what is within records.
    pub fn read_for_refusal(message: &[u8]) -> Result<UpdateMessage, Rcode> {
        let start = Start::read(message)?;
        let mut at = start.at;
        for _ in 0..u32::from(start.counts[0]) + u32::from(start.counts[1]) {
            at = RecordFrame::read(message, at).ok_or(Rcode::FORMERR)?.end;
        }
        start.end(message, at, (Vec::new(), Vec::new()))
    }
}

/// The zone, its class, and where the section ends.
fn zone_section(message: &[u8]) -> Option<(Name, Class, usize)> {
    let octets = message.get(HEADER_LEN..)?;
    let length = plain_name(octets)?;
    let zone = Name::from_wire(octets.get(..length)?).ok()?;
    let fixed: &[u8; 4] = octets.get(length..)?.first_chunk()?;
    let number = |n: usize| u16::from_be_bytes([fixed[n], fixed[n + 1]]);
    (RecordType(number(0)) == RecordType::SOA).then_some((zone, Class(number(2)), HEADER_LEN + length + 4))
}

impl<'m> Record<'m> {
    fn read(message: &'m [u8], at: usize) -> Option<Record<'m>> {
        let frame = RecordFrame::read(message, at)?;
        if matches!(frame.rtype, RecordType::OPT | RecordType::TSIG) {
            return None;
        }
        let mut octets = [0; 255];
        let length = unpacked(message, at, &mut octets)?;
        Some(Record { message, owner: Name::from_wire(&octets[..length]).ok()?, frame })
    }

    fn is_empty(&self) -> bool {
        self.frame.data == self.frame.end
    }

    /// The data, its names unpacked. `None` where a name is none or goes past the end.
    fn rdata(&self) -> Option<Box<[u8]>> {
        unpacked_rdata(self.message, &self.frame)
    }

    /// RFC 2136 §3.2.5, as far as the zone's content does not matter.
    fn prerequisite(self, zone: &Name, rdata: Box<[u8]>) -> Prerequisite {
        let (rtype, class) = (self.frame.rtype, Class(self.frame.class));
        if self.frame.ttl != [0; 4] {
            return Prerequisite::Faulty(Rcode::FORMERR);
        }
        if !self.owner.is_at_or_under(zone) {
            return Prerequisite::Faulty(Rcode::NOTZONE);
        }
        let is_empty = self.is_empty();
        let owner = self.owner;
        match (class, rtype) {
            (Class::ANY, RecordType::ANY) if is_empty => Prerequisite::InUse { owner },
            (Class::NONE, RecordType::ANY) if is_empty => Prerequisite::NotInUse { owner },
            _ if rtype.is_meta() => Prerequisite::Faulty(Rcode::FORMERR),
            (Class::ANY, _) if is_empty => Prerequisite::Exists { owner, rtype },
            (Class::NONE, _) if is_empty => Prerequisite::Absent { owner, rtype },
            (Class::IN, _) if rdata_has_form(rtype, &rdata) => Prerequisite::Holds { owner, rtype, rdata },
            _ => Prerequisite::Faulty(Rcode::FORMERR),
        }
    }

    /// RFC 2136 §3.4.1.3.
    fn change(self, zone: &Name, rdata: Box<[u8]>) -> RecordChange {
        let (rtype, class) = (self.frame.rtype, Class(self.frame.class));
        if !self.owner.is_at_or_under(zone) {
            return RecordChange::Faulty(Rcode::NOTZONE);
        }
        let (is_empty, ttl) = (self.is_empty(), u32::from_be_bytes(self.frame.ttl));
        let owner = self.owner;
        match (class, rtype) {
            (Class::ANY, RecordType::ANY) if is_empty && ttl == 0 => RecordChange::DeleteName { owner },
            _ if rtype.is_meta() => RecordChange::Faulty(Rcode::FORMERR),
            (Class::ANY, _) if is_empty && ttl == 0 => RecordChange::DeleteRrset { owner, rtype },
            (Class::NONE, _) if ttl == 0 && rdata_has_form(rtype, &rdata) => {
                RecordChange::Delete { owner, rtype, rdata }
            }
            (Class::IN, _) if rdata_has_form(rtype, &rdata) => {
                RecordChange::Add { owner, rtype, ttl: Ttl::from_secs(ttl), rdata }
            }
            _ => RecordChange::Faulty(Rcode::FORMERR),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        text.parse().expect("a name")
    }

    /// Owner, class, type, TTL, data.
    type Line<'a> = (&'a [u8], u16, u16, u32, &'a [u8]);

    const ZONE: &[u8] = b"\x012\x010\x03192\x07in-addr\x04arpa\0\0\x06\0\x01";
    /// Below the zone, by a pointer to its name.
    const FIVE: &[u8] = b"\x015\xc0\x0c";

    fn message(before: &[Line<'_>], after: &[Line<'_>]) -> Vec<u8> {
        let mut octets = b"\x12\x34\x28\0\0\x01\0\0\0\0\0\0".to_vec();
        octets[7] = before.len() as u8;
        octets[9] = after.len() as u8;
        octets.extend_from_slice(ZONE);
        for (owner, class, rtype, ttl, data) in before.iter().chain(after) {
            octets.extend_from_slice(owner);
            octets.extend_from_slice(&rtype.to_be_bytes());
            octets.extend_from_slice(&class.to_be_bytes());
            octets.extend_from_slice(&ttl.to_be_bytes());
            octets.extend_from_slice(&(data.len() as u16).to_be_bytes());
            octets.extend_from_slice(data);
        }
        octets
    }

    fn prerequisite(line: Line<'_>) -> Prerequisite {
        UpdateMessage::read(&message(&[line], &[])).expect("a message").update.prerequisites.remove(0)
    }

    fn change(line: Line<'_>) -> RecordChange {
        UpdateMessage::read(&message(&[], &[line])).expect("a message").update.changes.remove(0)
    }

    #[test]
    fn every_form_of_a_prerequisite() {
        let owner = name("5.2.0.192.in-addr.arpa");
        let ptr = RecordType::PTR;
        let form = Prerequisite::Faulty(Rcode::FORMERR);
        let rdata: Box<[u8]> = name("a.2.0.192.in-addr.arpa").as_wire().into();
        for (line, expected) in [
            ((FIVE, 255, 255, 0, &b""[..]), Prerequisite::InUse { owner: owner.clone() }),
            ((FIVE, 254, 255, 0, b""), Prerequisite::NotInUse { owner: owner.clone() }),
            ((FIVE, 255, 12, 0, b""), Prerequisite::Exists { owner: owner.clone(), rtype: ptr }),
            ((FIVE, 254, 12, 0, b""), Prerequisite::Absent { owner: owner.clone(), rtype: ptr }),
            ((FIVE, 1, 12, 0, b"\x01a\xc0\x0c"), Prerequisite::Holds { owner, rtype: ptr, rdata }),
            ((FIVE, 255, 255, 1, b""), form.clone()),
            ((FIVE, 255, 12, 0, b"\0"), form.clone()),
            ((FIVE, 254, 255, 0, b"\0"), form.clone()),
            ((FIVE, 1, 255, 0, b""), form.clone()),
            ((FIVE, 1, 12, 0, b""), form.clone()),
            ((FIVE, 255, 252, 0, b""), form.clone()),
            ((FIVE, 3, 12, 0, b"\0"), form.clone()),
            ((b"\0", 255, 12, 0, b""), Prerequisite::Faulty(Rcode::NOTZONE)),
            // The TTL is looked at first.
            ((b"\0", 255, 12, 9, b""), form),
        ] {
            assert_eq!(prerequisite(line), expected, "{line:?}");
        }
    }

    #[test]
    fn every_form_of_a_change() {
        let owner = name("5.2.0.192.in-addr.arpa");
        let (ptr, ttl) = (RecordType::PTR, Ttl::from_secs(60));
        let form = RecordChange::Faulty(Rcode::FORMERR);
        let rdata: Box<[u8]> = b"\0"[..].into();
        let add = RecordChange::Add { owner: owner.clone(), rtype: ptr, ttl, rdata: rdata.clone() };
        let unknown = RecordType(65_280);
        for (line, expected) in [
            ((FIVE, 1, 12, 60, &b"\0"[..]), add),
            ((FIVE, 255, 255, 0, b""), RecordChange::DeleteName { owner: owner.clone() }),
            ((FIVE, 255, 12, 0, b""), RecordChange::DeleteRrset { owner: owner.clone(), rtype: ptr }),
            ((FIVE, 254, 12, 0, b"\0"), RecordChange::Delete { owner: owner.clone(), rtype: ptr, rdata }),
            (
                (FIVE, 1, 65_280, 60, b""),
                RecordChange::Add { owner, rtype: unknown, ttl, rdata: Box::default() },
            ),
            ((FIVE, 255, 12, 1, b""), form.clone()),
            ((FIVE, 255, 12, 0, b"\0"), form.clone()),
            ((FIVE, 254, 12, 1, b"\0"), form.clone()),
            ((FIVE, 254, 255, 0, b""), form.clone()),
            ((FIVE, 1, 255, 60, b""), form.clone()),
            ((FIVE, 1, 251, 60, b""), form.clone()),
            ((FIVE, 1, 12, 60, b""), form.clone()),
            ((FIVE, 1, 1, 60, b"abc"), form.clone()),
            ((FIVE, 1, 16, 60, b"\x05abc"), form.clone()),
            ((FIVE, 1, 6, 60, b"\0\0abc"), form.clone()),
            ((FIVE, 3, 12, 60, b"\0"), form),
            ((b"\x01x\0", 1, 12, 60, b"\0"), RecordChange::Faulty(Rcode::NOTZONE)),
        ] {
            assert_eq!(change(line), expected, "{line:?}");
        }
        let top = change((FIVE, 1, 12, u32::MAX, b"\0"));
        assert!(matches!(top, RecordChange::Add { ttl, .. } if ttl.as_secs() == 0), "RFC 2181 section 8");
    }

    #[test]
    fn what_is_turned_away_is_read_without_its_records() {
        let line = (FIVE, 255, 255, 0, &b""[..]);
        let octets = message(&[line, line], &[line]);
        let read = UpdateMessage::read(&octets).expect("a message");
        assert_eq!((read.update.prerequisites.len(), read.update.changes.len()), (2, 1));
        let update = Update { prerequisites: Vec::new(), changes: Vec::new(), ..read.update };
        assert_eq!(UpdateMessage::read_for_refusal(&octets), Ok(UpdateMessage { update, ..read }));
        for cut in 0..octets.len() {
            assert_eq!(UpdateMessage::read_for_refusal(&octets[..cut]), Err(Rcode::FORMERR), "cut to {cut}");
        }
        // An owner that is a pointer to itself: nobody follows it.
        let own = (HEADER_LEN + ZONE.len()) as u8;
        let octets = message(&[(&[0xc0, own], 255, 255, 0, b"")], &[]);
        assert_eq!(UpdateMessage::read(&octets), Err(Rcode::FORMERR));
        assert!(UpdateMessage::read_for_refusal(&octets).is_ok());
    }

    #[test]
    fn names_in_the_data_of_old_types_are_unpacked() {
        let unpacked = |rtype: u16, data: &[u8]| match change((FIVE, 1, rtype, 60, data)) {
            RecordChange::Add { rdata, .. } => rdata,
            other => panic!("{other:?}"),
        };
        let zone = name("2.0.192.in-addr.arpa");
        let wire = zone.as_wire();
        assert_eq!(&*unpacked(15, b"\0\x0a\xc0\x0c"), [b"\0\x0a", wire].concat());
        assert_eq!(&*unpacked(17, b"\xc0\x0c\xc0\x0c"), [wire, wire].concat());
        assert_eq!(
            &*unpacked(6, &[&b"\xc0\x0c\xc0\x0c"[..], &[7; 20]].concat()),
            [wire, wire, &[7; 20]].concat()
        );
        assert_eq!(
            &*unpacked(35, b"\0\x01\0\x02\x01U\0\x01!\xc0\x0c"),
            [b"\0\x01\0\x02\x01U\0\x01!", wire].concat()
        );
        // Not so in newer types (RFC 3597 §4).
        assert_eq!(&*unpacked(65_280, b"\xc0\x0c"), b"\xc0\x0c");
    }

    #[test]
    fn what_cannot_be_walked_is_refused() {
        let good = message(&[(FIVE, 255, 255, 0, b"")], &[(FIVE, 1, 12, 60, b"\x01a\xc0\x0c")]);
        assert!(UpdateMessage::read(&good).is_ok());
        for end in 0..good.len() {
            assert_eq!(UpdateMessage::read(&good[..end]), Err(Rcode::FORMERR), "{end} octets");
        }
        let altered = |at: usize, octet: u8| {
            let mut octets = good.clone();
            octets[at] = octet;
            UpdateMessage::read(&octets).map(|_| ())
        };
        assert_eq!(altered(2, 0x20), Err(Rcode::FORMERR), "another opcode");
        assert_eq!(altered(5, 2), Err(Rcode::FORMERR), "two zones");
        assert_eq!(altered(5, 0), Err(Rcode::FORMERR), "none");
        assert_eq!(altered(12 + ZONE.len() - 3, 1), Err(Rcode::FORMERR), "a question for A");
        assert_eq!(altered(7, 3), Err(Rcode::FORMERR), "more records than there are");
        assert_eq!(altered(11, 1), Err(Rcode::FORMERR), "more additional ones");
        assert_eq!(altered(6, 0x20), Err(Rcode::REFUSED), "too many");
        assert_eq!(UpdateMessage::read(&[&good[..], b"\0"].concat()), Err(Rcode::FORMERR), "octets behind");
        // A name that points forwards, or at itself.
        let at = (good.len() - 2) as u8;
        for target in [at, at + 1] {
            assert_eq!(altered(good.len() - 1, target), Err(Rcode::FORMERR));
        }
        let class = |octet| {
            let mut octets = good.clone();
            octets[12 + ZONE.len() - 1] = octet;
            UpdateMessage::read(&octets).expect("a message").class
        };
        assert_eq!((class(1), class(3)), (Class::IN, Class::CH));
        // TSIG and OPT anywhere but where they belong.
        for rtype in [41, 250] {
            let strange = message(&[], &[(b"\0", 255, rtype, 0, b"")]);
            assert_eq!(UpdateMessage::read(&strange), Err(Rcode::FORMERR));
        }
    }

    #[test]
    fn opt_tells_the_version() {
        let mut octets = message(&[], &[]);
        assert_eq!(UpdateMessage::read(&octets).map(|message| message.edns), Ok(None));
        let opt = [0, 0, 41, 4, 208, 0, 3, 0, 0, 0, 0];
        octets.extend_from_slice(&opt);
        octets[11] = 1;
        assert_eq!(UpdateMessage::read(&octets).map(|message| message.edns), Ok(Some(3)));
        octets.extend_from_slice(&opt);
        octets[11] = 2;
        assert_eq!(UpdateMessage::read(&octets), Err(Rcode::FORMERR));
    }

    #[test]
    fn pointers_do_not_multiply_memory() {
        // Each owner is a pointer to a name of 255 octets, and so is each target.
        let long = [&[63][..], &[b'a'; 63]].concat();
        let owner = [&long[..], &long, &long, &[36], &[b'b'; 36], b"\xc0\x0c"].concat();
        let mut octets = message(&[], &[(&owner, 1, 12, 60, b"\0")]);
        let start = 12 + ZONE.len();
        let pointer = [0xc0 | (start >> 8) as u8, start as u8];
        let count = 4_000u16;
        for _ in 1..count {
            octets.extend_from_slice(&pointer);
            octets.extend_from_slice(b"\0\x0c\0\x01\0\0\0\x3c\0\x02");
            octets.extend_from_slice(&pointer);
        }
        octets[8..10].copy_from_slice(&count.to_be_bytes());
        assert!(octets.len() <= 65_535);
        assert_eq!(UpdateMessage::read(&octets), Err(Rcode::REFUSED));
    }
}
