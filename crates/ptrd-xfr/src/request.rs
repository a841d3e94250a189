//! A request for a transfer, read.

use crate::offer::Offer;
use crate::sheet::Question;
use ptrd_wire::{FLAG_CD, FLAG_RD, Name, QName, Query, Rcode, RecordType, Refusal, Serial, ixfr_serial};

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The zone (AXFR).
    Whole,
    /// What has changed since this serial (IXFR).
    Since(Serial),
}

/// See the module.
#[derive(Clone, Debug)]
pub struct TransferRequest {
    /// What replies repeat.
    pub question: Question,
    /// The zone asked for.
    pub apex: Name,
    /// What of it.
    pub wanted: Wanted,
    /// What the client says of itself, where it is a ptrd.
    pub offer: Option<Offer>,
    /// Where the TSIG record starts, if there is one.
    pub tsig: Option<usize>,
}

impl TransferRequest {
    /// Reads a query for AXFR or IXFR.
    ///
    /// # Errors
    /// The response code that it earns: FORMERR for anything malformed, an IXFR without the SOA record that it must have
    /// (RFC 1995 §3) included; BADVERS for another version of EDNS.
    pub fn read(message: &[u8]) -> Result<TransferRequest, Rcode> {
        let mut qname = QName::default();
        let query = Query::parse(message, &mut qname).map_err(|refusal| match refusal {
            Refusal::Answer { rcode, .. } => rcode,
            Refusal::Silence => Rcode::FORMERR,
        })?;
        if query.edns.is_some_and(|edns| edns.version != 0) {
            return Err(Rcode::BADVERS);
        }
        let wanted = match query.qtype {
            RecordType::AXFR => Wanted::Whole,
            RecordType::IXFR => Wanted::Since(ixfr_serial(message).ok_or(Rcode::FORMERR)?),
            _ => return Err(Rcode::FORMERR),
        };
        Ok(TransferRequest {
            question: Question {
                id: query.id,
                flags: query.flags & (FLAG_RD | FLAG_CD),
                octets: query.question.into(),
                edns: query.edns.is_some(),
                padded: false,
            },
            apex: Name::from_wire(qname.wire()).map_err(|_| Rcode::FORMERR)?,
            wanted,
            offer: query.edns.and_then(|_| Offer::of(message)),
            tsig: query.tsig.map(|tsig| tsig.offset),
        })
    }
}
