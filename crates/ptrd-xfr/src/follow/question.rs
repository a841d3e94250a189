//! Questions to a nameserver: for the SOA, by which a secondary finds out whether there is a newer version (RFC 1034 §4.3.5),
//! and for any RRset.

use super::error::PullError;
use super::stream::{Asked, Envelope};
use ptrd_wire::{MessageRecord, Name, Rcode, RecordType, RrSet, Soa, folded_rdata};

/// A question that was sent.
#[derive(Debug)]
pub struct Question(Asked);

/// What answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// The records that were asked for.
    Records(Vec<MessageRecord>),
    /// The answer was cut short: to be asked again over TCP (RFC 1035 §4.2.1).
    CutShort,
}

impl Question {
    /// Writes a question.
    pub fn begin(name: &Name, qtype: RecordType, envelope: Envelope) -> (Vec<u8>, Question) {
        let (request, asked) = Asked::write(name, qtype, None, envelope);
        (request, Question(asked))
    }

    /// Whether a datagram may be the answer. Others are to be passed over: they may come from anybody.
    pub fn is_meant(&self, message: &[u8]) -> bool {
        self.0.is_meant(message)
    }

    /// Reads the answer.
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(mut self, message: &[u8], now: u64) -> Result<Answered, PullError> {
        let mut answer = self.0.read(message, now)?;
        if answer.truncated {
            return Ok(Answered::CutShort);
        }
        let mut records = Vec::new();
        while let Some(record) = answer.next()? {
            if record.rtype == self.0.qtype() && record.owner == *self.0.apex() {
                records.push(record);
            }
        }
        self.0.finish()?;
        Ok(Answered::Records(records))
    }
}

impl Answered {
    /// The SOA that was asked for.
    ///
    /// # Errors
    /// [`PullError::NoSoa`].
    pub fn soa(records: &[MessageRecord]) -> Result<Soa, PullError> {
        let found = records.iter().find(|record| record.rtype == RecordType::SOA);
        found.and_then(|record| Soa::from_wire(&record.rdata).ok()).ok_or(PullError::NoSoa)
    }

    /// The RRset that was asked for; `None` where there is none.
    ///
    /// # Errors
    /// Why nothing is known of it: any error but NXDOMAIN.
    pub fn rrset(answer: Result<Vec<MessageRecord>, PullError>) -> Result<Option<RrSet>, PullError> {
        let records = match answer {
            Err(PullError::Rcode(Rcode::NXDOMAIN)) => return Ok(None),
            answer => answer?,
        };
        let Some(first) = records.first() else { return Ok(None) };
        let mut set = RrSet { rtype: first.rtype, ttl: first.ttl, rdatas: Vec::new() };
        for record in records {
            let folded = folded_rdata(set.rtype, &record.rdata).into_owned();
            if !set.rdatas.iter().any(|known| *folded_rdata(set.rtype, known) == *folded) {
                set.rdatas.push(record.rdata);
            }
        }
        Ok(Some(set))
    }
}
