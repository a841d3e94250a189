//! What has changed since a version that the client has, message by message (RFC 1995).
//!
//! All steps are condensed into one (RFC 1995 §5): the SOA of the present version; that of the client's and the records
//! removed; that of the present version and those added; and the latter SOA once more.

use crate::sheet::{NoRoom, Question, Sheet, Tally, TooLong};
use ptrd_wire::RecordType;
use ptrd_zone::{Bookmark, RecordList, Step, Zone};
use std::sync::Arc;

/// An incremental transfer under way.
pub struct Ixfr {
    zone: Arc<Zone>,
    step: Arc<Step>,
    place: Place,
    tally: Tally,
}

/// What comes next.
enum Place {
    Start,
    OldSoa,
    Removed(Reading),
    NewSoa,
    Added(Reading),
    LastSoa,
    Over,
}

/// How far a list has been read.
enum Reading {
    Fresh,
    /// The record read last did not fit and is still to be written.
    Behind(Bookmark),
}

impl Ixfr {
    /// With the step that leads from the client's version to `zone`.
    pub fn new(zone: Arc<Zone>, step: Arc<Step>) -> Ixfr {
        Ixfr { zone, step, place: Place::Start, tally: Tally::default() }
    }

    /// Messages made so far, and records in them.
    pub fn made(&self) -> (u64, u64) {
        (self.tally.messages, self.tally.records)
    }

    /// Whether the last SOA has been written.
    pub fn is_over(&self) -> bool {
        matches!(self.place, Place::Over)
    }

    /// Writes the next message, with `spare` octets left behind it; `None` when there is none any more.
    ///
    /// # Errors
    /// [`TooLong`]; the transfer cannot be ended.
    pub fn next_message(
        &mut self,
        question: &Question,
        room: &mut [u8],
        spare: usize,
    ) -> Option<Result<usize, TooLong>> {
        if self.is_over() {
            return None;
        }
        let mut sheet = Sheet::new(room, question, matches!(self.place, Place::Start), spare);
        let filled = self.fill(&mut sheet);
        Some(self.tally.close(sheet, filled, question))
    }

    fn fill(&mut self, sheet: &mut Sheet<'_>) -> Result<(), NoRoom> {
        loop {
            self.place = match std::mem::replace(&mut self.place, Place::Over) {
                Place::Start => self.step(sheet, Place::Start, Place::OldSoa, false)?,
                Place::OldSoa => self.step(sheet, Place::OldSoa, Place::Removed(Reading::Fresh), true)?,
                Place::NewSoa => self.step(sheet, Place::NewSoa, Place::Added(Reading::Fresh), false)?,
                Place::LastSoa => self.step(sheet, Place::LastSoa, Place::Over, false)?,
                Place::Removed(reading) => match write(sheet, self.step.difference.removed(), reading) {
                    None => Place::NewSoa,
                    Some(mark) => {
                        self.place = Place::Removed(Reading::Behind(mark));
                        return Err(NoRoom);
                    }
                },
                Place::Added(reading) => match write(sheet, self.step.difference.added(), reading) {
                    None => Place::LastSoa,
                    Some(mark) => {
                        self.place = Place::Added(Reading::Behind(mark));
                        return Err(NoRoom);
                    }
                },
                Place::Over => return Ok(()),
            };
        }
    }

    /// Writes a SOA, the old one or the present one, and says what is next; where it does not fit, it is next again.
    fn step(&mut self, sheet: &mut Sheet<'_>, here: Place, next: Place, old: bool) -> Result<Place, NoRoom> {
        let (data, ttl) = match old {
            true => (&*self.step.soa, self.step.soa_ttl),
            false => (self.zone.soa_rdata(), self.zone.soa_ttl()),
        };
        if let Err(full) = sheet.record(self.zone.apex().as_wire(), RecordType::SOA, ttl, (data, &[])) {
            self.place = here;
            return Err(full);
        }
        Ok(next)
    }
}

/// Writes the records of a list; returns where it came to when the message is full.
fn write(sheet: &mut Sheet<'_>, list: &RecordList, reading: Reading) -> Option<Bookmark> {
    let (mut records, mut pending) = match reading {
        Reading::Fresh => (list.records(), false),
        Reading::Behind(mark) => (list.records_from(mark), true),
    };
    while pending || records.next_record().is_some() {
        pending = false;
        let record = records.current();
        if sheet.record(record.owner, record.rtype, record.ttl, (record.rdata, &[])).is_err() {
            return Some(records.bookmark());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use ptrd_testkit::{Record, Reply};
    use ptrd_wire::{Name, ReversePrefix, Serial, Soa, Ttl};
    use ptrd_zone::model::ZoneId;
    use ptrd_zone::{AddressLoader, Difference, Snapshot, View, Workspace, diff};
    use std::net::{IpAddr, Ipv4Addr};

    const TTL: Ttl = Ttl::from_secs(60);

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    fn snapshot(serial: u32, targets: impl Fn(u32) -> String) -> Snapshot {
        let mut snapshot = Snapshot::default();
        let mut loader = AddressLoader::default();
        for n in 0..4_000u32 {
            let target = name(&targets(n));
            loader.push(IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + n)), TTL, true, target.as_wire());
        }
        loader.finish(&mut snapshot);
        let soa = Soa {
            mname: name("ns1.example.net"),
            rname: name("hostmaster.example.net"),
            serial: Serial(serial),
            refresh: 1,
            retry: 1,
            expire: 1,
            minimum: TTL,
        };
        let apex = name("10.in-addr.arpa");
        let prefix = ReversePrefix::of_apex(&apex).unwrap();
        snapshot.put_zone(Zone::new(ZoneId(1), apex, View::Range(prefix), soa, TTL));
        snapshot
    }

    /// The records of all messages, and how many messages.
    fn sent(mut ixfr: Ixfr) -> (Vec<Record>, usize) {
        let octets = b"\x0210\x07in-addr\x04arpa\0\0\xfb\0\x01"[..].into();
        let question = Question { id: 9, flags: 0, octets, edns: false, padded: false };
        let (mut room, mut records, mut messages) = (vec![0; 65_535], Vec::new(), 0);
        while let Some(message) = ixfr.next_message(&question, &mut room, 50) {
            let reply = Reply::decode(&room[..message.unwrap()]).expect("a message");
            records.extend(reply.answer);
            messages += 1;
        }
        assert_eq!(ixfr.made(), (messages as u64, records.len() as u64));
        (records, messages)
    }

    fn serial(record: &Record) -> Option<u32> {
        let soa = (record.rtype == RecordType::SOA).then(|| Soa::from_wire(&record.rdata).unwrap());
        soa.map(|soa| soa.serial.0)
    }

    #[test]
    fn the_parts_stand_in_their_order_over_many_messages() {
        let before = snapshot(u32::MAX, |n| format!("host-{n}.example.net"));
        let mut after = before.clone();
        let target = name("new.example.net");
        let changes: Vec<_> = (0..3_000u32)
            .map(|n| (IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + n)), Some((TTL, true, target.as_wire()))))
            .collect();
        after.apply_ptrs(&mut Workspace::default(), &changes);
        let apex = name("10.in-addr.arpa");
        let mut zone = Zone::clone(after.zone(&apex).unwrap());
        zone.set_serial(Serial(2));
        after.put_zone(zone);
        let (old, new) = (before.zone(&apex).unwrap(), after.zone(&apex).unwrap());
        let found = diff((old, before.addresses()), (new, after.addresses()), 10_000).unwrap();
        let (records, messages) = sent(Ixfr::new(new.clone(), Step::new(old, found).into()));
        assert!(messages > 3, "{messages} messages");
        let soas: Vec<_> =
            records.iter().map(serial).enumerate().filter_map(|(at, s)| Some((at, s?))).collect();
        assert_eq!(soas, [(0, 2), (1, u32::MAX), (3_002, 2), (6_003, 2)]);
        assert!(records[2..3_002].iter().all(|record| record.rdata != target.as_wire()));
        assert!(records[3_003..6_003].iter().all(|record| record.rdata == target.as_wire()));
        assert!(records[2..3_002].is_sorted_by_key(|record| record.owner.clone()));
    }

    #[test]
    fn no_difference_is_four_soas() {
        let after = snapshot(5, |n| format!("host-{n}.example.net"));
        let zone = after.zone(&name("10.in-addr.arpa")).unwrap().clone();
        let mut before = Zone::clone(&zone);
        before.set_serial(Serial(4));
        let (records, messages) = sent(Ixfr::new(zone, Step::new(&before, Difference::default()).into()));
        assert_eq!(
            (messages, records.iter().map(serial).collect::<Vec<_>>()),
            (1, vec![Some(5), Some(4), Some(5), Some(5)])
        );
    }
}
