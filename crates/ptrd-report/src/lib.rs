//! Reports on sending addresses, drawn: JSON, Markdown.
//!
//! What a report says is in [`Report`], sentences included; here it is put on paper. Nothing is judged, no clock is read and nothing
//! is looked up, so what is drawn follows from the report alone, octet for octet. Names came from the network and titles from
//! people: all that is written goes through `ptrd-escape`, of templates by way of their escaper.

mod grid;
mod json;
mod markdown;
mod words;

pub use json::{NotAReport, json, read};
pub use markdown::markdown;
pub use ptrd_posture::report::Report;
