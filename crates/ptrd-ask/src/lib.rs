//! Asking: what resolvers, and the nameservers themselves, say of names and addresses.
//!
//! What to ask and what follows from the answers is [`ptrd_posture::identity`]'s; here are sockets, the clock and limits.
//! [`Surveyor`] asks all sources about one address, [`look`] the nameservers of a zone all that registries ask. [`resolver`] is for
//! those who want an answer and not to know whence.
//!
//! [`octets`] asks one server, octet by octet, and [`push`] sends it updates.
//!
//! - A resolver is asked by messages of hickory over UDP, and TCP where they are cut: its own resolver follows aliases and
//!   asks again by itself, and then neither the AD flag of a negative answer nor an extended error is to be had.
//! - The authoritative path is [`walk`], and not hickory's recursor; why is written there.
//! - Everything has a bound: questions a second and at a time to each server ([`pace`]), tries, time, records that are kept,
//!   aliases, referrals. Who does not answer is asked less and less, and set aside in the end.

mod ask;
mod exchange;
mod look;
pub mod octets;
pub mod pace;
pub mod push;
mod read;
mod resolve;
pub mod resolver;
mod roots;
mod survey;
pub mod walk;

pub use ask::{Asker, Limits};
pub use look::{Delegated, Places, look};
pub use resolve::Resolver;
pub use roots::{Roots, RootsError};
pub use survey::{Surveyor, Whom};

use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970 UTC.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
