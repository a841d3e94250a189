//! Zone transfers as streams of messages, made from the published snapshot as fast as the client takes them.
//!
//! A transfer holds the zone and the address index as they were when it began, and where it has come to; each message is
//! made when the client has taken the one before. So memory does not grow with the zone, a slow reader holds up nobody, and
//! what changes meanwhile does not show.
//!
//! And the announcing of changes to secondaries: see [`notify`]. Updates are read here and turned away where that can be told;
//! who makes them is behind a trait.
//!
//! What it refuses: to reach into the store or to change anything.
//!
//! - RFC 5936 (AXFR), RFC 1995 (IXFR), RFC 1996 (NOTIFY), RFC 2136 §3.1, §3.8 and §6 (UPDATE)

mod axfr;
mod datagram;
pub mod follow;
mod forward;
mod history;
mod ixfr;
mod manner;
pub mod notify;
mod offer;
mod recent;
mod reply;
mod request;
mod service;
mod sheet;
mod shelf;
mod trail;
mod transfer;
mod updates;

pub use axfr::Axfr;
pub use forward::{Carried, Forward, Forwarded, Forwards, is_worth_another};
pub use history::{Asker, History, HistoryCounts, NoHistory, Wish};
pub use ixfr::Ixfr;
pub use request::{TransferRequest, Wanted};
pub use service::{Counts, Service, Settings};
pub use sheet::{NoRoom, Question, Sheet, TooLong};
pub use shelf::Shelf;
pub use updates::{Author, Told, Updates, Verdict};
