//! What a registry looks at before it points at nameservers, looked at beforehand: Zonemaster's test cases, with its tags and
//! its levels.
//!
//! Three steps, of which none does I/O: an [`Ask`] is turned into octets and a [`Reply`] read from what comes back
//! ([`message`](self)), all replies of all servers make a [`Seen`], and [`judge`] says what follows. Whoever calls sends
//! octets, resolves names and has a clock. [`State`] is what is kept of one run, and [`drift`] what is otherwise since.
//!
//! Not judged: what a parent says (there is no delegation yet; [`Parent`] is for who watches one), AXFR, source addresses, AS numbers, MX and SPF.
//!
//! - RFC 1035 §4.1, RFC 6891 (messages), RFC 4034 and RFC 4035 §5.3 (signatures)

mod dig;
mod judge;
mod message;
mod parent;
mod probe;
mod profile;
mod seen;
mod special;
mod state;
mod verify;

pub use judge::{Finding, judge};
pub use message::{Question, Reply};
pub use parent::Parent;
pub use probe::{Ask, asks};
pub use profile::{BadProfile, Level, Profile};
pub use seen::{Host, Seen, Server, host_text};
pub use special::{is_ordinary, is_ordinary_name};
pub use state::{Drift, ServerState, State, drift};
pub(in crate::rir) use verify::ds_digest;
