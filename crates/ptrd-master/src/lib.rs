//! Master files in and out (RFC 1035 section 5).
//!
//! [`read_zone`] turns text into a zone or a list of everything that is wrong with it, by file and line;
//! [`write_zone`] turns a zone into text that reads back to the same octets, here and in other servers;
//! [`rdata_from_text`] and [`rdata_to_text`] do the same for the data of one record.
//!
//! No file is opened here: the caller gives the main file's octets and a function for the included ones. All
//! text counts as hostile: nothing in it leads to a panic, to memory beyond [`Limits`], or to deep recursion.
//!
//! - RFC 1035 §5 (`$ORIGIN`, `$INCLUDE`, `\DDD`, parentheses), RFC 2308 §4 (`$TTL`), RFC 3597 §5 (unknown types)
//! - `$GENERATE` and time units such as `1h30m`, as BIND has them
//! - RFC 1034 §3.6.2, RFC 2181 §5, RFC 6672 §2.4 (what may stand together)
//!
//! A lexer of our own finds the entries and keeps their line numbers; directives are handled here, and record
//! data of the more intricate types is read by `domain`'s zone-file scanner, one record at a time. Feeding it
//! whole files was the other way: it stops at the first error, counts lines from the last include, and knows
//! neither `$GENERATE` nor time units.

mod error;
mod fields;
mod generate;
mod lexer;
mod limits;
mod names;
mod rdata;
mod reader;
mod records;
mod write;
mod zone;

pub use error::{GenerateError, IncludeError, MasterError, Place, RdataError, Reason, TextError, Warning};
pub use limits::Limits;
pub use rdata::{check_rdata, rdata_from_text, rdata_to_text};
pub use reader::Includes;
pub use records::{RecordText, zone_of_records};
pub use write::{ZoneWriter, write_zone};
pub use zone::{Expected, MasterZone, Source, no_includes, read_zone};
