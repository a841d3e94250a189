//! What a loss of power and a failing device leave of a SQLite store, for tests.
//!
//! A process that is killed keeps what it wrote: the kernel has it. Only a machine that stops loses writes that were
//! not synced. [`watch`] puts a VFS between SQLite and the files of a folder which writes down every operation in its
//! order ([`Journal`]), while the operations happen as ever. From one recorded run, [`Device::cut`] then makes the
//! files as they may stand on the device after a loss of power at any point: what was synced is there, of every other
//! write nothing, all or a part is, cut at sectors; file sizes, created and removed names alike.
//!
//! The same VFS fails operations on request ([`Watch::fail`]): what an EIO or a full device does, without the device.
//!
//! Not modelled: the `-shm` file, which SQLite makes anew after a restart of the machine; the device that lies about
//! having synced; octets that rot. The main database file is there, empty and durable, before SQLite sees it: the
//! store makes it so itself.
//!
//! This crate is for tests alone and holds the one `unsafe` that they need: the C interface of a VFS (`vfs`).

mod device;
mod journal;
mod random;
mod vfs;

pub use device::{Device, Loss};
pub use journal::{Fault, Journal, Kind, Operation};
pub use random::Random;
pub use vfs::{Watch, watch};
