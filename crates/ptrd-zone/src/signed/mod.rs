//! Zones that came signed (RFC 4035 §2, RFC 5155 §7.1): whether one is whole, and what proves that a name or a type is
//! not in it.
//!
//! Only verbatim zones can be signed. Whether one looks signed is counted by its tree of names, so an unsigned zone costs
//! nothing here. One that looks signed is examined once, when its content has changed ([`Zone::examine`]); what is found
//! goes with it. A zone that is not whole, or was not examined, has no answers: half a proof would make validators take
//! what is there for forged, and nobody could tell why.
//!
//! NSEC needs no index: canonical order is the order of the tree. NSEC3 has an index of hashes, kept by the tree.
//! Signatures are not verified: that takes the keys of the zone above, and is what validators do.

mod bad;
mod check;
mod deny;
mod hash;
mod names;
mod signatures;

pub use bad::NotWhole;
pub use deny::{Denial, Denials, Deny};
pub(crate) use hash::{NameHash, hash_of_owner};

use crate::zone::Zone;
use ptrd_wire::RecordType;
use std::fmt;
use std::sync::Arc;

/// How many times more than once names may be hashed. Validators agreed in 2021 to take zones with more for unsigned, and
/// RFC 9276 §3.2 lets them refuse those: proofs that nobody believes are not worth the time of computing them. It bounds
/// what a query costs.
pub const MAX_ITERATIONS: u16 = 150;

/// How a zone that is whole denies what is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signing {
    /// By NSEC records (RFC 4034 §4).
    Nsec,
    /// By NSEC3 records (RFC 5155), hashed with SHA-1.
    Nsec3 {
        /// How many times more than once names are hashed.
        iterations: u16,
        /// What is hashed with them.
        salt: Box<[u8]>,
        /// Whether delegations without DS may have no record (RFC 5155 §6).
        opt_out: bool,
    },
}

impl fmt::Display for Signing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Signing::Nsec3 { iterations, salt, opt_out } = self else { return f.write_str("NSEC") };
        write!(f, "NSEC3, {iterations} iterations, ")?;
        match salt.is_empty() {
            true => f.write_str("no salt")?,
            false => {
                f.write_str("salt ")?;
                salt.iter().try_for_each(|octet| write!(f, "{octet:02x}"))?;
            }
        }
        f.write_str(if *opt_out { ", opt-out" } else { "" })
    }
}

/// Whether a zone is signed, as far as that is known.
#[derive(Clone, Debug, Default)]
pub(crate) enum Seal {
    #[default]
    Unsigned,
    /// It looks signed, and was not examined as it is now.
    Unknown,
    Whole(Arc<Signing>),
    Broken(Arc<NotWhole>),
}

/// Whether records of a type make a zone look signed.
pub(crate) fn is_of_dnssec(rtype: RecordType) -> bool {
    matches!(
        rtype,
        RecordType::RRSIG
            | RecordType::NSEC
            | RecordType::DNSKEY
            | RecordType::NSEC3
            | RecordType::NSEC3PARAM
    )
}

impl Zone {
    /// Says how the zone is signed, `None` if it is not. Looks at all of it where it looks signed and has changed since it
    /// was last asked; takes a time that grows with the zone, and about thirty octets of memory for each name of a zone with
    /// NSEC3 while it does. To be asked of every zone before it is published.
    ///
    /// # Errors
    /// What is missing or wrong, where first found, in canonical order.
    pub fn examine(&mut self) -> Result<Option<&Signing>, Arc<NotWhole>> {
        if let Seal::Unknown = self.seal {
            self.seal = match check::examine(self) {
                Ok(signing) => Seal::Whole(Arc::new(signing)),
                Err(fault) => Seal::Broken(Arc::new(fault)),
            };
        }
        match &self.seal {
            Seal::Broken(fault) => Err(fault.clone()),
            _ => Ok(self.signing()),
        }
    }

    /// How the zone is signed, if it is and is whole.
    #[inline]
    pub fn signing(&self) -> Option<&Signing> {
        match &self.seal {
            Seal::Whole(signing) => Some(signing),
            _ => None,
        }
    }

    /// Whether it has records that sign or deny, whole or not.
    #[inline]
    pub fn looks_signed(&self) -> bool {
        !matches!(self.seal, Seal::Unsigned)
    }

    /// Whether the zone can be answered for: it is unsigned, or signed and whole.
    #[inline]
    pub fn is_servable(&self) -> bool {
        matches!(self.seal, Seal::Unsigned | Seal::Whole(_))
    }

    /// What is missing or wrong in a zone that looks signed, if [`Zone::examine`] found something.
    pub fn fault(&self) -> Option<&NotWhole> {
        match &self.seal {
            Seal::Broken(fault) => Some(fault),
            _ => None,
        }
    }
}
