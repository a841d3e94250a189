//! Batched UDP datagrams from the kernel and back; knows nothing of DNS.
//!
//! A worker owns one [`Socket`] and one [`Batch`] and repeats three steps: [`Batch::receive`] waits for datagrams
//! and takes up to a batch of them with one `recvmmsg`, [`Batch::respond`] shows each to a closure that may write a
//! reply, [`Batch::send`] sends the replies with one `sendmmsg`. Between the first two the whole batch can be looked
//! at ([`Batch::payload`]), so that what the answers will read can be prefetched.
//!
//! What it promises:
//! - A reply leaves from the address that was asked, on wildcard sockets too (RFC 1123 section 6.1.3.3 asks it of
//!   DNS; `IP_PKTINFO`, RFC 3542 section 6.1 for IPv6).
//! - Nothing is allocated after [`Batch::new`].
//! - No datagram can stop or stall the worker: whatever the network causes is a count, an `Err` is a fault of the
//!   program, and sending never waits.
//! - Replies of a batch to the same peer leave together, longest first ([`Options::segments`]): they are the same
//!   datagrams, at about two thirds of the cost. A kernel or device that cannot do it is noticed and gets them one by one.
//! - Replies carry no path-MTU state, so a forged ICMP "too big" cannot make them fragment (RFC 9715 section 3.1).
//!
//! What it refuses: to know what the octets mean, to start threads, to log.
//!
//! This is the one crate of the workspace with `unsafe`, and it needs it only for the system calls and for the
//! memory that the kernel keeps pointers to. The invariants are those of `Slab` (memory) and `Batch` (headers).
//! The alternative, `nix`, wraps both calls in safe functions, but builds its address and control-message views on
//! every call, which costs about as much as answering.

mod address;
mod batch;
mod bundle;
mod slab;
mod socket;
#[cfg(test)]
mod tests;

pub use batch::{Batch, DATAGRAM_CAPACITY, Datagram, Sent};
pub use socket::{Options, Socket};
