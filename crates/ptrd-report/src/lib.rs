//! Reports on sending addresses, drawn: JSON, Markdown, HTML, PDF.
//!
//! What a report says is in [`Report`], sentences included; here it is put on paper. Nothing is judged, no clock is read and nothing
//! is looked up, so what is drawn follows from the report alone, octet for octet. Names came from the network and titles from
//! people: all that is written goes through `ptrd-escape`, of templates by way of their escaper.

mod grid;
mod html;
mod json;
mod markdown;
mod pdf;
mod words;

pub use html::html;
pub use json::{NotAReport, json, read};
pub use markdown::markdown;
pub use pdf::{BadPdf, pdf};
pub use ptrd_posture::report::Report;
