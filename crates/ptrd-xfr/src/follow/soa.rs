//! The query for the SOA, by which a secondary finds out whether there is a newer version (RFC 1034 §4.3.5).

use super::error::PullError;
use super::stream::Asked;
use ptrd_tsig::Key;
use ptrd_wire::{Name, RecordType, Soa};

/// A query that was sent.
#[derive(Debug)]
pub struct SoaQuery(Asked);

/// What answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SoaAnswer {
    /// The primary's SOA.
    Soa(Soa),
    /// The answer was cut short: to be asked again over TCP (RFC 1035 §4.2.1).
    CutShort,
}

impl SoaQuery {
    /// Writes a query; `key` with our time in seconds since 1970 UTC.
    pub fn begin(apex: &Name, id: u16, key: Option<(Key, u64)>) -> (Vec<u8>, SoaQuery) {
        let (request, asked) = Asked::write(apex, RecordType::SOA, id, None, key);
        (request, SoaQuery(asked))
    }

    /// Whether a datagram may be the answer. Others are to be passed over: they may come from anybody.
    pub fn is_meant(&self, message: &[u8]) -> bool {
        self.0.is_meant(message)
    }

    /// Reads the answer.
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(mut self, message: &[u8], now: u64) -> Result<SoaAnswer, PullError> {
        let mut answer = self.0.read(message, now)?;
        if answer.truncated {
            return Ok(SoaAnswer::CutShort);
        }
        let mut soa = None;
        while let Some(record) = answer.next()? {
            if record.rtype == RecordType::SOA && record.owner == *self.0.apex() {
                soa = Soa::from_wire(&record.rdata).ok();
            }
        }
        self.0.finish()?;
        soa.map(SoaAnswer::Soa).ok_or(PullError::NoSoa)
    }
}
