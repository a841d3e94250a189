//! Reading messages that came to their end: what receivers wrote into them of the sender's address, its names, and how it was
//! looked up ([`inspect`]).
//!
//! Test messages with a mark, and what came back of each: [`marked`].
//!
//! Only fields that the receiver added are believed. Whoever sends a message can write any field into it, so of each it is said
//! who could have ([`Whose`]). All text comes from the network: what is kept of it is bounded, and shows what it is.
//!
//! Nothing here opens a file or reads a clock. Sole user of mail-parser, which finds fields and bodies; what fields of tracing and
//! results say is read here, for each mail server writes its names and verdicts in a way of its own.

mod inspect;
pub mod marked;
mod message;
mod text;

pub use inspect::{
    Expected, FORMAT, Hop, Inspection, Opinion, Reverse, Seen, Software, Trust, Whose, inspect,
};
pub use message::{Field, Head, LARGEST, Message};
