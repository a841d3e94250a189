//! A report as JSON, and back.

use crate::Report;
use ptrd_posture::report::FORMAT;
use serde::Deserialize;

/// A text that is no report.
#[derive(Debug, thiserror::Error)]
pub enum NotAReport {
    /// Not JSON, or not of that form.
    #[error("it is no report as JSON: {0}")]
    Form(String),
    /// Of another version.
    #[error("it is a report of format {found}; this program reads format {FORMAT}")]
    Version {
        /// The version that it says.
        found: u32,
    },
}

/// A report as JSON, with a line end.
pub fn json(report: &Report) -> String {
    // Nothing in a report has a form that JSON could refuse: its maps have words for keys.
    let text = serde_json::to_string_pretty(report).expect("a report is JSON");
    ptrd_escape::json(&text) + "\n"
}

/// A report that was written as JSON.
///
/// # Errors
/// [`NotAReport`].
pub fn read(text: &str) -> Result<Report, NotAReport> {
    #[derive(Deserialize)]
    struct Version {
        format: u32,
    }
    let form = |error: serde_json::Error| NotAReport::Form(error.to_string());
    let Version { format: found } = serde_json::from_str(text).map_err(form)?;
    if found != FORMAT {
        return Err(NotAReport::Version { found });
    }
    serde_json::from_str(text).map_err(form)
}
