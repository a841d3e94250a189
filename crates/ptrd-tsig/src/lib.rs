//! Transaction signatures (RFC 8945): keys, and who a message comes from.
//!
//! No I/O, no clock, and on the query's way no allocation: time, messages and buffers are arguments. The form of a TSIG
//! record is `ptrd-wire`'s; here is what takes a secret. It says who signed a message and that nobody altered it; it does
//! not say what the signer may do, nor that the request was not sent before: a copy inside the window of its fudge is as
//! good as the first (RFC 8945 §5.2.3 would have servers remember the latest time of each key, which turns away honest
//! requests that overtake each other, and what is asked here is safe to do twice).
//!
//! - Server: [`verify`] a request against a [`KeyTable`]; answer with the [`Signer`] of a [`Verified`] one, or as its
//!   [`Refusal`] says. A `Signer` goes on over the messages of a stream (§5.3.1).
//! - Client: [`sign_request`], then hand every message of the answer to [`Awaiting::accept`] (§5.4).
//! - HMAC-SHA1, -SHA224, -SHA256, -SHA384 and -SHA512 (§6); the first two are for peers that have nothing better, and no
//!   such key is made here. HMAC-MD5 is left out: it must not be used (§6).
//! - MACs may be cut as §5.2.2.1 allows, down to what a key asks for ([`Key::with_shortest_mac`]); ours are whole.
//!
//! HMAC and hashes are RustCrypto's. The secret is hashed once, when a key is made, so that a MAC costs no more than the
//! message and one block. Verifying a query and signing its answer takes 0.9 µs with SHA-256 and 1.7 µs with SHA-512 where
//! the answer itself takes 0.3 (`answer_cost` of `ptrd-engine`, on a processor with instructions for SHA-256). Secrets are
//! overwritten when the last copy of a key goes.

mod algorithm;
mod client;
mod key;
mod mac;
mod plain;
mod record;
mod server;
mod shown;
mod signer;
mod statement;
mod table;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use client::{Accepted, AnswerError, Awaiting, sign_request};
pub use key::{Key, KeyError};
pub use mac::Mac;
pub use plain::hmac_sha256;
pub use record::{FUDGE, NoRoom};
pub use server::{Refusal, Verified, verify};
pub use shown::Shown;
pub use signer::{MustSign, Signer};
pub use statement::StatementError;
pub use table::{DuplicateKey, KeyTable};

/// How many messages of a stream may go unsigned between two that are signed (RFC 8945 §5.3.1).
pub const UNSIGNED_AT_MOST: u8 = 99;
