//! Why nothing came of a query or a transfer: for the operator, who looks after one end or the other.

use ptrd_tsig::AnswerError;
use ptrd_wire::{Name, Rcode, RecordType, Serial, edns_option, option};

/// See the module. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PullError {
    /// A message that is none, or not one of an answer.
    #[error("message {message} of the answer is malformed: {what}")]
    Malformed {
        /// Which, from 1.
        message: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// The primary refuses.
    #[error("the primary answers {0}")]
    Rcode(Rcode),
    /// The primary refuses, and says why (RFC 8914).
    #[error("the primary answers {rcode} ({said})")]
    Explained {
        /// The response code.
        rcode: Rcode,
        /// The extended error, as text.
        said: String,
    },
    /// The primary answers without authority.
    #[error("the primary does not answer with authority: it does not serve the zone, or has lost it")]
    NotAuthoritative,
    /// The signature is wrong, or missing.
    #[error(transparent)]
    Tsig(#[from] AnswerError),
    /// Larger than a zone may be.
    #[error("the transfer has more than {limit} {what}: it was broken off")]
    TooLarge {
        /// How many are allowed.
        limit: u64,
        /// Of what.
        what: &'static str,
    },
    /// An answer without the SOA that is asked for.
    #[error("the answer has no SOA of the zone")]
    NoSoa,
    /// A transfer that does not begin with the zone's SOA.
    #[error("the transfer begins with {owner} {rtype}, and not with the zone's SOA")]
    NoFirstSoa {
        /// The owner.
        owner: Name,
        /// The type.
        rtype: RecordType,
    },
    /// A second SOA that differs from the first.
    #[error("the transfer begins with serial {first}, and ends with another SOA (serial {last})")]
    TwoSoas {
        /// That of the first.
        first: Serial,
        /// That of the other.
        last: Serial,
    },
    /// A SOA below the apex.
    #[error("{0} has a SOA, and is not the apex")]
    SoaBelow(Name),
    /// Records behind the last.
    #[error("records follow behind the last SOA")]
    Trailing,
    /// A class that is not IN.
    #[error("{owner} {rtype} is not of class IN")]
    Class {
        /// The owner.
        owner: Name,
        /// The type.
        rtype: RecordType,
    },
    /// A type that no zone has.
    #[error("{owner} has a record of type {rtype}, which no zone has")]
    Meta {
        /// The owner.
        owner: Name,
        /// The type.
        rtype: RecordType,
    },
    /// Data that is not of its type's form.
    #[error("{owner} {rtype}: the data is malformed")]
    Data {
        /// The owner.
        owner: Name,
        /// The type.
        rtype: RecordType,
    },
    /// No NS records at the apex.
    #[error("the zone has no NS records at its apex")]
    NoNs,
    /// Differences that do not follow one another.
    #[error("a difference starts from serial {found}, where {wanted} was to follow")]
    Unlinked {
        /// What was to follow.
        wanted: Serial,
        /// What is there.
        found: Serial,
    },
    /// A difference that leads backwards.
    #[error("a difference leads from serial {from} to {to}, which is not after it")]
    Backwards {
        /// From.
        from: Serial,
        /// To.
        to: Serial,
    },
}

/// Characters of an explanation that are told.
const LONGEST: usize = 200;

impl PullError {
    /// That a message has this response code.
    pub(super) fn of(rcode: Rcode, message: &[u8]) -> PullError {
        let Some((info, text)) =
            edns_option(message, option::EDE).and_then(|value| value.split_first_chunk())
        else {
            return PullError::Rcode(rcode);
        };
        let mut said = format!("extended error {}", u16::from_be_bytes(*info));
        let text = String::from_utf8_lossy(text);
        // It comes from elsewhere, and goes to a terminal.
        let text: String = text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        if !text.is_empty() {
            said = format!("{said}: {text}");
        }
        PullError::Explained { rcode, said }
    }

    /// The response code that the primary refuses with, if that is what it does.
    pub fn rcode(&self) -> Option<Rcode> {
        match self {
            PullError::Rcode(rcode) | PullError::Explained { rcode, .. } => Some(*rcode),
            _ => None,
        }
    }
}
