//! A receiver of test messages (RFC 5321): whoever sends one is told how the world sees the address that it came from.
//!
//! Nothing is delivered or relayed, and no message is kept: a [`Sighting`] says from where it came, what its sender called
//! itself, and how both stand. Nothing here opens a connection or reads a clock: [`Reader`] makes lines of octets, [`Session`]
//! says what to answer, and whoever calls looks names up in between.
//!
//! Lines end with CR LF and nothing else does: where others take a lone LF for an end, a message could be smuggled into
//! another one. Grammar of commands: smtp-proto.

mod reader;
mod session;
mod sighting;

pub use reader::{Piece, Reader};
pub use session::{Act, Client, Letter, Session, Terms};
pub use sighting::{FORMAT, Sighting, answer};
