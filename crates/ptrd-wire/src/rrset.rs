//! Owned RRsets, for the change road.

use crate::types::{RecordType, Ttl};

/// The records of one owner and type (RFC 2181 §5): one TTL, the data in uncompressed wire form, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RrSet {
    /// The type.
    pub rtype: RecordType,
    /// The TTL of every record (RFC 2181 §5.2).
    pub ttl: Ttl,
    /// The data of each record, at most 65 535 octets each.
    pub rdatas: Vec<Box<[u8]>>,
}

impl RrSet {
    /// A set of one record.
    pub fn single(rtype: RecordType, ttl: Ttl, rdata: impl Into<Box<[u8]>>) -> RrSet {
        RrSet { rtype, ttl, rdatas: vec![rdata.into()] }
    }
}
