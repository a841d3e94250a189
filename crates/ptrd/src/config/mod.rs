//! The configuration: one TOML file, overridden by the environment and the command line.
//!
//! - [`mod@file`] is what may be written: every key with its documentation, default and type, in one table from which the
//!   example file, the manual page and the suggestions for unknown keys follow too.
//! - [`values`] are the types of single values: durations, sizes, addresses, modes.
//! - [`read`] takes a text to a [`file::File`], with *all* that is wrong with it.
//! - [`runtime`] is what the daemon runs with: complete, in its own types.
//! - [`check`] looks at what a configuration names: users, files, folders, sockets.
//! - [`mod@print`] writes a configuration down again, with comments.
//! - [`source`] knows where all of it comes from, and reads it again for a reload.
//!
//! Adding a key takes a line in [`mod@file`], and one each for reading and showing it in [`runtime`]; tests find whatever
//! was forgotten. The rejected way, serde's derived types alone, stops at the first mistake.

pub mod check;
pub mod file;
pub mod finding;
pub mod print;
pub mod read;
pub mod runtime;
pub mod source;
pub mod values;

pub use finding::{Finding, Level, Place};
pub use runtime::{Checks, Config, Follow, Notify, Standby, Watch};
pub use source::Source;
pub use values::AcknowledgeBy;
