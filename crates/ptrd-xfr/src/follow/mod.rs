//! The other side of transfers: zones pulled from primaries elsewhere.
//!
//! [`Question`] and [`Pull`] write requests and read what answers them, message by message; [`Schedule`] decides which zone is
//! asked for when, and whom. Neither touches sockets or clocks: time and randomness are arguments. A transfer that is not
//! whole, or makes no sense, yields an error and nothing else, so it changes nothing.
//!
//! - RFC 1034 §4.3.5, RFC 1035 §3.3.13 (refresh, retry, expire), RFC 1982 (serials)
//! - RFC 5936 (AXFR), RFC 1995 (IXFR), RFC 1996 §3.10 (NOTIFY, received), RFC 8945 §5.3 (TSIG over streams)

mod error;
pub(crate) mod notice;
mod peers;
mod pull;
mod question;
mod schedule;
mod stream;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_schedule;

pub use crate::offer::Offer;
pub use error::PullError;
pub use notice::Notices;
pub use pull::{Done, Limits, Pull, Wanted};
pub use question::{Answered, Question};
pub use schedule::{Act, Counts, Held, Outcome, Schedule, Settings, Status};
pub use stream::Envelope;
