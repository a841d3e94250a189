//! Judging the identity of mail senders: given what was asked and what came back, what follows from it.
//!
//! Nothing here asks anybody, opens anything or reads a clock; resolvers and time belong to whoever calls. So every verdict
//! can be tested as text, and the daemon and the command line say the same of the same name.
//!
//! - names that look generic to spam filters: [`lint`]
//! - names that resolve back to the address (RFC 8601 §2.7.3, and stricter): [`iprev`], [`verdict`]
//! - how that stands over time: [`Standing`]
//! - the records that names need on the forward side, and bringing them there: [`counterpart`]
//! - what a receiver's line means that refuses mail: [`explain`]
//! - all of a sending address's identity, check by check: [`identity`]
//! - what mail servers are told, so that they use each address with its name: [`mta`]
//! - what registries want before they delegate a zone: [`rir`]
//! - how all of that stands over time, for whoever watches: [`watch`]
//! - all of it as a report: [`report`]

pub mod counterpart;
pub mod explain;
mod forward;
mod generic;
mod host;
pub mod identity;
pub mod mta;
pub mod report;
pub mod rir;
mod standing;
pub mod watch;

pub use forward::{Iprev, Lookup, Target, Verdict, iprev, record, rtype, verdict};
pub use generic::{Filter, Finding, Score, is_generic, lint};
pub use host::host_name;
pub use standing::{KEPT, Standing, Transition};
