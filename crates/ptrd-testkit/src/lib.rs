//! The judge: a slow, obvious account of what ptrd must answer, and the means to hold an engine to it. Tests only.
//!
//! - [`World`]: what operators declared, as plain data.
//! - [`flatten`]: the World as flat zones, each the list of records that AXFR shows.
//! - [`resolve`]: RFC 1034 §4.3.2 over flat zones, by linear scans.
//! - [`apply_update`]: RFC 2136 over a flat zone.
//! - [`sign`]: signed zones, with signatures that are none.
//! - [`Reply::decode`] and [`compare`]: a reply, read with hickory-proto, held against the expectation.
//! - [`generate`]: small nasty Worlds and questions near their data, seeded.
//! - [`Signing`]: requests with TSIG, and the signatures of replies.
//! - [`Script`]: tests as text, one file per RFC section.
//! - [`until`]: waiting for what is under way elsewhere.
//! - [`Answerer`]: whatever is judged. [`Reference`] is the resolver itself behind that trait.
//!
//! It refuses to share code with what it judges beyond names, rdata offsets and the declared model of `ptrd-wire`
//! and `ptrd-zone`; nothing here uses an index, a snapshot or the engine. Speed is no aim.

mod answerer;
mod compare;
mod decode;
pub mod generate;
mod print;
mod projection;
mod proofs;
mod question;
mod resolver;
pub mod script;
mod signer;
mod signing;
mod template;
mod text;
mod update;
mod waiting;
mod world;

pub use answerer::{Answerer, Reference, Transport, judge};
pub use compare::{Context, compare, compare_zones};
pub use decode::{Opt, Record, Reply};
pub use projection::{FlatZone, FlatZones, flatten};
pub use question::{EdnsAsk, Question};
pub use resolver::{Expected, MAX_HOPS, resolve, resolve_for};
pub use script::{Script, ScriptError};
pub use signer::{Denying, sign};
pub use signing::{NOW, SharedKey, Signing};
pub use text::{Line, parse_line, rdata_from_text, rdata_to_text, record_to_text};
pub use update::apply_update;
pub use waiting::until;
pub use world::{Catalog, Companion, RateLimit, Server, World, classless_apex};
