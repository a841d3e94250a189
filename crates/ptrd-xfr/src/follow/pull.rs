//! A transfer being received: AXFR, and IXFR in all the forms that it may have.

use super::error::PullError;
use super::stream::{Answer, Asked, Envelope};
use ptrd_wire::{
    Class, MessageRecord, Name, RecordType, RrSet, Serial, Soa, Ttl, cmp_wire, edns_option, folded_rdata,
    option, rdata_has_form,
};
use ptrd_zone::{Pulled, PulledRecord, PulledStep, PulledZone, Zone};
use std::collections::HashSet;

/// What memory a record takes besides its octets, about.
const RECORD: u64 = 80;

/// How much a transfer may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Octets in memory, of all records together.
    pub octets: u64,
    /// Messages.
    pub messages: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { octets: 1 << 30, messages: 1 << 22 }
    }
}

/// What is wanted.
#[derive(Clone, Copy)]
pub enum Wanted<'z> {
    /// The whole zone.
    Whole,
    /// What has changed since this version.
    Since(&'z Zone),
}

/// What came of a transfer.
#[derive(Debug, PartialEq, Eq)]
pub enum Done {
    /// The primary has nothing newer: this is its SOA.
    Nothing(Soa),
    /// What it sent. Records outside the zone were dropped: how many, and the owner of the first.
    Pulled(Pulled, Option<(u64, Name)>),
}

/// See the module.
#[derive(Debug)]
pub struct Pull {
    asked: Asked,
    since: Option<Serial>,
    limits: Limits,
    octets: u64,
    messages: u64,
    state: State,
    dropped: Option<(u64, Name)>,
}

/// A SOA of the zone: its data, and what it says.
#[derive(Clone, Debug)]
struct SoaSeen {
    soa: Soa,
    ttl: Ttl,
}

#[derive(Debug)]
enum State {
    /// Nothing was read yet.
    Start,
    /// The first SOA alone.
    First(SoaSeen),
    /// A whole zone.
    Whole(SoaSeen, Vec<MessageRecord>),
    /// Differences: the first SOA, those that are complete, and the one under way.
    Removing(SoaSeen, Vec<PulledStep>, Difference),
    Adding(SoaSeen, Vec<PulledStep>, PulledStep),
    /// The last SOA was read.
    End(Done),
}

/// The first half of a difference.
#[derive(Debug)]
struct Difference {
    from: Serial,
    removed: Vec<(Name, RecordType, Box<[u8]>)>,
}

impl Pull {
    /// Writes the request.
    pub fn begin(apex: &Name, wanted: Wanted<'_>, envelope: Envelope, limits: Limits) -> (Vec<u8>, Pull) {
        let (qtype, since, authority) = match wanted {
            Wanted::Whole => (RecordType::AXFR, None, None),
            Wanted::Since(zone) => (RecordType::IXFR, Some(zone.soa().serial), Some(soa_record(zone))),
        };
        let (request, asked) = Asked::write(apex, qtype, authority.as_deref(), envelope);
        let (octets, messages, dropped) = (0, 0, None);
        (request, Pull { asked, since, limits, octets, messages, state: State::Start, dropped })
    }

    /// Whether a message has the identifier of the request, and is an answer at all.
    pub fn is_meant(&self, message: &[u8]) -> bool {
        self.asked.is_meant(message)
    }

    /// Whether differences were asked for, and of the answer there is nothing yet but a SOA that is newer. The rest may come in
    /// the next message, as from those that put one record into each. Or there is none: RFC 1995 §4 has the SOA alone say in a
    /// datagram that the difference is too long for that, and some say it over TCP too.
    pub fn is_in_doubt(&self) -> bool {
        self.since.is_some() && matches!(self.state, State::First(_))
    }

    /// Takes the next message. `Some` when the transfer is complete; until then it has changed nothing, and neither has it
    /// after an error. `now` is our time in seconds since 1970 UTC.
    ///
    /// # Errors
    /// Why it is not to be acted on.
    pub fn take(&mut self, message: &[u8], now: u64) -> Result<Option<Done>, PullError> {
        self.messages += 1;
        if self.messages > self.limits.messages {
            return Err(PullError::TooLarge { limit: self.limits.messages, what: "messages" });
        }
        let mut answer = self.asked.read(message, now)?;
        if answer.truncated {
            return Err(PullError::Malformed { message: self.messages, what: "it is cut short" });
        }
        self.records(&mut answer)?;
        match std::mem::replace(&mut self.state, State::Start) {
            State::End(done) => {
                self.asked.finish()?;
                Ok(Some(done))
            }
            // RFC 1995 §2: the SOA alone says that there is nothing newer.
            State::First(first) if self.since.is_some_and(|since| !first.soa.serial.is_after(since)) => {
                self.asked.finish()?;
                Ok(Some(Done::Nothing(first.soa)))
            }
            // RFC 9103 §7.9.1: a message may be there to be as long as it is, and for nothing else.
            State::Start if edns_option(message, option::PADDING).is_some() => Ok(None),
            State::Start => Err(PullError::NoSoa),
            state => {
                self.state = state;
                Ok(None)
            }
        }
    }

    fn records(&mut self, answer: &mut Answer<'_>) -> Result<(), PullError> {
        while let Some(record) = answer.next()? {
            self.octets += (record.owner.as_wire().len() + record.rdata.len()) as u64 + RECORD;
            if self.octets > self.limits.octets {
                return Err(PullError::TooLarge { limit: self.limits.octets, what: "octets" });
            }
            if !record.owner.is_at_or_under(self.asked.apex()) && !matches!(self.state, State::Start) {
                let dropped = self.dropped.get_or_insert_with(|| (0, record.owner.clone()));
                dropped.0 += 1;
                continue;
            }
            self.record(check(record)?)?;
        }
        Ok(())
    }

    /// The next record, of this zone.
    fn record(&mut self, record: MessageRecord) -> Result<(), PullError> {
        let soa = self.soa_of(&record)?;
        let state = std::mem::replace(&mut self.state, State::Start);
        self.state = match (state, soa) {
            (State::Start, None) => {
                return Err(PullError::NoFirstSoa { owner: record.owner, rtype: record.rtype });
            }
            (State::Start, Some(first)) => State::First(first),
            (State::First(first), None) => State::Whole(first, vec![record]),
            (State::First(first), Some(second)) => self.second(first, second)?,
            (State::Whole(first, mut records), None) => {
                records.push(record);
                State::Whole(first, records)
            }
            (State::Whole(first, records), Some(last)) => self.whole(first, &last, records)?,
            (State::Removing(first, steps, mut difference), None) => {
                difference.removed.push((record.owner, record.rtype, record.rdata));
                State::Removing(first, steps, difference)
            }
            (State::Removing(first, steps, difference), Some(SoaSeen { soa, ttl })) => {
                let Difference { from, removed } = difference;
                if !soa.serial.is_after(from) {
                    return Err(PullError::Backwards { from, to: soa.serial });
                }
                let step = PulledStep { from, soa, soa_ttl: ttl, removed, added: Vec::new() };
                State::Adding(first, steps, step)
            }
            (State::Adding(first, steps, mut step), None) => {
                let MessageRecord { owner, rtype, ttl, rdata, .. } = record;
                step.added.push(PulledRecord { owner, rtype, ttl, rdata });
                State::Adding(first, steps, step)
            }
            (State::Adding(first, steps, step), Some(next)) => self.link(first, steps, step, &next)?,
            (State::End(_), _) => return Err(PullError::Trailing),
        };
        Ok(())
    }

    /// The SOA that a record is, if it is one.
    fn soa_of(&self, record: &MessageRecord) -> Result<Option<SoaSeen>, PullError> {
        if record.rtype != RecordType::SOA {
            return Ok(None);
        }
        if record.owner != *self.asked.apex() {
            return Err(match self.state {
                State::Start => PullError::NoFirstSoa { owner: record.owner.clone(), rtype: record.rtype },
                _ => PullError::SoaBelow(record.owner.clone()),
            });
        }
        let data = |_| PullError::Data { owner: record.owner.clone(), rtype: record.rtype };
        Ok(Some(SoaSeen { soa: Soa::from_wire(&record.rdata).map_err(data)?, ttl: record.ttl }))
    }

    /// A second SOA right behind the first: differences, or the end of a zone without records.
    fn second(&mut self, first: SoaSeen, second: SoaSeen) -> Result<State, PullError> {
        let Some(since) = self.since else { return self.whole(first, &second, Vec::new()) };
        if second.soa.serial == first.soa.serial {
            return self.whole(first, &second, Vec::new());
        }
        if second.soa.serial != since {
            return Err(PullError::Unlinked { wanted: since, found: second.soa.serial });
        }
        Ok(State::Removing(first, Vec::new(), Difference { from: since, removed: Vec::new() }))
    }

    /// Behind a difference stands the SOA of the next, or the last one of all.
    fn link(
        &mut self,
        first: SoaSeen,
        mut steps: Vec<PulledStep>,
        step: PulledStep,
        next: &SoaSeen,
    ) -> Result<State, PullError> {
        let reached = step.soa.serial;
        if next.soa.serial != reached {
            return Err(PullError::Unlinked { wanted: reached, found: next.soa.serial });
        }
        steps.push(step);
        if reached != first.soa.serial {
            let difference = Difference { from: reached, removed: Vec::new() };
            return Ok(State::Removing(first, steps, difference));
        }
        let last = steps.last().map(|step| &step.soa);
        if next.soa != first.soa || last != Some(&first.soa) {
            return Err(PullError::TwoSoas { first: first.soa.serial, last: next.soa.serial });
        }
        Ok(State::End(Done::Pulled(Pulled::Steps(steps), self.dropped.take())))
    }

    /// The last SOA of a whole zone.
    fn whole(
        &mut self,
        first: SoaSeen,
        last: &SoaSeen,
        records: Vec<MessageRecord>,
    ) -> Result<State, PullError> {
        if first.soa != last.soa {
            return Err(PullError::TwoSoas { first: first.soa.serial, last: last.soa.serial });
        }
        let apex = self.asked.apex();
        if !records.iter().any(|record| record.rtype == RecordType::NS && record.owner == *apex) {
            return Err(PullError::NoNs);
        }
        let zone = PulledZone { soa: first.soa, soa_ttl: first.ttl, records: rrsets(records) };
        Ok(State::End(Done::Pulled(Pulled::Whole(zone), self.dropped.take())))
    }
}

/// What no zone may have.
fn check(record: MessageRecord) -> Result<MessageRecord, PullError> {
    let MessageRecord { owner, rtype, .. } = &record;
    let at = || (owner.clone(), *rtype);
    if record.class != Class::IN {
        let (owner, rtype) = at();
        return Err(PullError::Class { owner, rtype });
    }
    if rtype.is_meta() {
        let (owner, rtype) = at();
        return Err(PullError::Meta { owner, rtype });
    }
    if !rdata_has_form(*rtype, &record.rdata) {
        let (owner, rtype) = at();
        return Err(PullError::Data { owner, rtype });
    }
    Ok(record)
}

/// The SOA of a version, as the authority section of a request has it.
fn soa_record(zone: &Zone) -> Vec<u8> {
    let data = zone.soa_rdata();
    let mut record = zone.apex().as_wire().to_vec();
    record.extend_from_slice(&RecordType::SOA.0.to_be_bytes());
    record.extend_from_slice(&Class::IN.0.to_be_bytes());
    record.extend_from_slice(&zone.soa_ttl().as_secs().to_be_bytes());
    record.extend_from_slice(&(data.len() as u16).to_be_bytes());
    record.extend_from_slice(data);
    record
}

/// RRsets in canonical order of owners. A record that comes twice counts once; of several TTLs the lowest counts (RFC 2181
/// §5.2).
fn rrsets(mut records: Vec<MessageRecord>) -> Vec<(Name, RrSet)> {
    records.sort_by(|a, b| {
        let owners = cmp_wire(a.owner.as_wire(), b.owner.as_wire());
        owners.then_with(|| a.rtype.cmp(&b.rtype))
    });
    let mut sets: Vec<(Name, RrSet)> = Vec::new();
    let mut seen: HashSet<Vec<u8>> = HashSet::new();
    for MessageRecord { owner, rtype, ttl, rdata, .. } in records {
        match sets.last_mut() {
            Some((of, set)) if set.rtype == rtype && *of == owner => {
                if seen.is_empty() {
                    seen.extend(set.rdatas.iter().map(|rdata| folded_rdata(rtype, rdata).into_owned()));
                }
                set.ttl = set.ttl.min(ttl);
                if seen.insert(folded_rdata(rtype, &rdata).into_owned()) {
                    set.rdatas.push(rdata);
                }
            }
            _ => {
                seen.clear();
                sets.push((owner, RrSet::single(rtype, ttl, rdata)));
            }
        }
    }
    sets
}
