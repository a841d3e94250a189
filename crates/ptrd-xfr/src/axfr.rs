//! The whole of a zone, message by message (RFC 5936).

use crate::sheet::{NoRoom, Question, Sheet, Tally, TooLong};
use ptrd_wire::{Name, RecordType};
use ptrd_zone::{Addresses, Form, Snapshot, Statements, Walk, Zone};
use std::sync::Arc;

/// A transfer under way. It holds the zone as it was when the transfer began.
pub struct Axfr {
    zone: Arc<Zone>,
    addresses: Addresses,
    form: Form,
    statements: Statements,
    place: Place,
    tally: Tally,
}

/// Where it has come to.
enum Place {
    /// Before the first SOA.
    Start,
    /// Behind so many records of this owner.
    Behind(Name, usize),
    /// Before the last SOA.
    End,
    /// Behind it.
    Over,
}

impl Axfr {
    /// Of a zone of this snapshot, with computed names in a form that it goes in ([`Zone::goes_in`]).
    pub fn new(zone: Arc<Zone>, snapshot: &Snapshot, form: Form) -> Axfr {
        let addresses = snapshot.addresses().clone();
        let statements = match form {
            Form::Records => Statements::default(),
            Form::Stated => zone.statements(&addresses).unwrap_or_default(),
        };
        Axfr { zone, addresses, form, statements, place: Place::Start, tally: Tally::default() }
    }

    /// Whether the zone has so many RRsets at least.
    pub fn has_rrsets(&self, wanted: usize) -> bool {
        let mut walk = self.walk(self.zone.apex());
        (0..wanted).all(|_| walk.next_rrset().is_some())
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
        // RFC 5936 §2.2.1: the first message has the question; the others need not.
        let mut sheet = Sheet::new(room, question, matches!(self.place, Place::Start), spare);
        let filled = self.fill(&mut sheet);
        Some(self.tally.close(sheet, filled, question))
    }

    /// Writes records until there are no more; `Err` when the next one does not fit.
    fn fill(&mut self, sheet: &mut Sheet<'_>) -> Result<(), NoRoom> {
        if let Place::Start = self.place {
            self.soa(sheet)?;
            self.place = Place::Behind(self.zone.apex().clone(), 0);
        }
        if let Place::Behind(..) = self.place {
            self.content(sheet)?;
            self.place = Place::End;
        }
        self.soa(sheet)?;
        self.place = Place::Over;
        Ok(())
    }

    fn walk(&self, from: &Name) -> Walk<'_> {
        self.zone.walk_in(&self.addresses, (self.form, &self.statements), from)
    }

    fn soa(&self, sheet: &mut Sheet<'_>) -> Result<(), NoRoom> {
        let zone = &self.zone;
        let data = (zone.soa_rdata(), &[][..]);
        sheet.record(zone.apex().as_wire(), RecordType::SOA, zone.soa_ttl(), data)
    }

    fn content(&mut self, sheet: &mut Sheet<'_>) -> Result<(), NoRoom> {
        let Place::Behind(from, skipped) = &self.place else { return Ok(()) };
        let mut walk = self.walk(from);
        // Records of the present owner that have been written, and those that are to be passed over because an earlier message
        // has them.
        let (mut done, mut passed, skipped) = (0, 0, *skipped);
        let mut is_start = true;
        while let Some(shown) = walk.next_rrset() {
            if shown.is_first() {
                done = 0;
                passed = if std::mem::take(&mut is_start) && shown.owner() == from.as_wire() {
                    0
                } else {
                    skipped
                };
            }
            let written = shown.try_each_rdata(|head, rest| {
                if passed < skipped {
                    passed += 1;
                } else {
                    sheet.record(shown.owner(), shown.rtype(), shown.ttl(), (head, rest))?;
                }
                done += 1;
                Ok(())
            });
            if written.is_err() {
                self.place = Place::Behind(shown.name(), done);
                return written;
            }
        }
        Ok(())
    }
}
