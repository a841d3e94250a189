//! What keeps a zone that looks signed from being whole.

use super::MAX_ITERATIONS;
use ptrd_wire::{Name, RecordType};

/// The first thing that is missing or wrong in a zone that looks signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotWhole {
    /// Nothing that signs.
    #[error("it has DNSSEC records but no DNSKEY at its apex")]
    NoKey,
    /// Nothing that denies.
    #[error("it has neither NSEC nor NSEC3PARAM at its apex, so nothing proves what is not there")]
    NoDenial,
    /// A change from one to the other is under way.
    #[error(
        "it has both NSEC and NSEC3 records: the signer has not finished to change from one to the other"
    )]
    BothKinds,
    /// An RRset that is not signed.
    #[error("{owner} {rtype} has no RRSIG of a key at the apex")]
    NoSignature {
        /// The owner.
        owner: Name,
        /// The type that is not signed.
        rtype: RecordType,
    },
    /// A signature of another zone.
    #[error("an RRSIG of {owner} {rtype} is not of the zone {apex}")]
    ForeignSigner {
        /// The owner.
        owner: Name,
        /// The type that is signed.
        rtype: RecordType,
        /// The zone.
        apex: Name,
    },
    /// A signature for another owner.
    #[error(
        "an RRSIG of {owner} {rtype} counts {found} labels, not {expected}: it was made for another owner"
    )]
    Labels {
        /// The owner.
        owner: Name,
        /// The type that is signed.
        rtype: RecordType,
        /// What it counts.
        found: u8,
        /// What its owner has.
        expected: usize,
    },
    /// Data that is cut short.
    #[error("the {rtype} record of {owner} is damaged")]
    Damaged {
        /// The owner.
        owner: Name,
        /// The type.
        rtype: RecordType,
    },
    /// Several records where one may stand.
    #[error("{owner} has several {rtype} records")]
    Several {
        /// The owner.
        owner: Name,
        /// The type.
        rtype: RecordType,
    },
    /// A name that no NSEC record stands for.
    #[error("{owner} has no NSEC record")]
    NoNsec {
        /// The name.
        owner: Name,
    },
    /// An NSEC record where the zone has no say.
    #[error("{owner} has an NSEC record, but lies below a zone cut or a DNAME")]
    StrayNsec {
        /// The name.
        owner: Name,
    },
    /// The chain leads elsewhere than to the next name.
    #[error("the NSEC record of {owner} leads to {next}, but the next name is {expected}")]
    NsecChain {
        /// The owner.
        owner: Name,
        /// Where it leads.
        next: Name,
        /// Where it should.
        expected: Name,
    },
    /// The bitmap does not fit.
    #[error("the types in the {rtype} record for {owner} are not those that {owner} has")]
    Types {
        /// NSEC or NSEC3.
        rtype: RecordType,
        /// The name that it speaks of.
        owner: Name,
    },
    /// A name that no NSEC3 record stands for.
    #[error("{owner} has no NSEC3 record (its hash is {hash})")]
    NoNsec3 {
        /// The name.
        owner: Name,
        /// The label that its NSEC3 record would have.
        hash: String,
    },
    /// An NSEC3 record for a name that is not there.
    #[error("the NSEC3 record {owner} is the hash of no name of the zone")]
    StrayNsec3 {
        /// Its owner.
        owner: Name,
    },
    /// The chain leads elsewhere than to the next hash.
    #[error("the NSEC3 record {owner} does not lead to the next one, {expected}")]
    Nsec3Chain {
        /// Its owner.
        owner: Name,
        /// The label of the next.
        expected: String,
    },
    /// An NSEC3 record of another chain.
    #[error(
        "the NSEC3 record {owner} has other parameters than the NSEC3PARAM at the apex: several chains are not served"
    )]
    OtherChain {
        /// Its owner.
        owner: Name,
    },
    /// Hashed with what is not known.
    #[error("its names are hashed with algorithm {0}; NSEC3 knows 1 alone, which is SHA-1")]
    Algorithm(u8),
    /// Hashed too often.
    #[error(
        "its names are hashed {0} times more than once; with more than {MAX_ITERATIONS} validators take a zone for unsigned \
         (RFC 9276 §3.2): sign it with 0"
    )]
    Iterations(u16),
}
