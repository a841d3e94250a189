//! Databases of other programs, to import from. Never a [`crate::Store`], never written.

mod powerdns;
mod spool;

pub use powerdns::{PowerDns, PowerDnsRecord, PowerDnsZone};
pub use spool::{MAX_SPOOL, Spool, SpoolError};

/// Why a database of another program cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ForeignError {
    /// Not what it was said to be.
    #[error("{0}")]
    Form(String),
    /// More than is reasonable.
    #[error("the database has more than {limit} {what}")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// How many are taken.
        limit: u64,
    },
    /// SQLite cannot read it.
    #[error("the database is damaged, or no SQLite database: {0}")]
    Damaged(String),
}
