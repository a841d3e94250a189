//! dnstap: queries and replies to a program that listens on a Unix socket (<https://dnstap.info>), over Frame Streams.
//!
//! Workers only copy into rings of their own ([`ptrd_listen::TapReader`]); this thread encodes and sends. A program that
//! is not there, or does not read, costs exchanges that nobody sees, and nothing else: they are counted.

mod frames;
mod message;
mod sender;

pub use sender::{Counts, Sender, Settings};
