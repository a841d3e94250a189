//! What is wrong with a configuration, and where.

use serde::Serialize;
use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// ptrd does not start with it.
    Error,
    /// ptrd starts, but somebody should know.
    Warning,
}

/// Where a value was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Nowhere: it is the default.
    #[default]
    Default,
    /// In the file, so many octets from its start.
    Octet(usize),
    /// In the file; line and column (in characters) from 1.
    Line(usize, usize),
    /// On the command line, or in the environment variable that stands for the option.
    Option(&'static str),
}

impl Place {
    /// The same as line and column of this text.
    pub fn within(self, text: &str) -> Place {
        let Place::Octet(octet) = self else { return self };
        let before = &text[..text.floor_char_boundary(octet)];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Place::Line(line, column)
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// `section.key`; empty for the file as a whole.
    pub key: String,
    /// Where it was written.
    pub place: Place,
    /// What is wrong, and what to do.
    pub message: String,
}

impl Finding {
    /// An error. Its place is filled in from the key.
    pub fn error(key: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding { level: Level::Error, key: key.into(), place: Place::Default, message: message.into() }
    }

    /// A warning.
    pub fn warning(key: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding { level: Level::Warning, ..Finding::error(key, message) }
    }

    /// The same, at this place.
    #[must_use]
    pub fn at(self, place: Place) -> Finding {
        Finding { place, ..self }
    }

    /// For sorting: what concerns the file as a whole, then line by line, then what was not written in it.
    pub fn order(&self) -> (usize, usize) {
        match self.place {
            Place::Line(line, column) => (line, column),
            _ if self.key.is_empty() => (0, 0),
            _ => (usize::MAX, 0),
        }
    }

    /// One line, as compilers write it: `FILE:LINE:COLUMN: KEY: MESSAGE`.
    pub fn line(&self, file: &str) -> String {
        let place = match self.place {
            Place::Line(line, column) => format!("{file}:{line}:{column}: "),
            Place::Option(option) => format!("{option}: "),
            Place::Octet(_) | Place::Default if self.key.is_empty() => format!("{file}: "),
            Place::Octet(_) | Place::Default => String::new(),
        };
        let level = if self.level == Level::Warning { "warning: " } else { "" };
        if self.key.is_empty() {
            format!("{place}{level}{}", self.message)
        } else {
            format!("{place}{level}{}: {}", self.key, self.message)
        }
    }
}

/// Findings of a configuration that ptrd does not start with.
#[derive(Debug)]
pub struct Rejected {
    /// The file.
    pub file: String,
    /// What is wrong; at least one is an error.
    pub findings: Vec<Finding>,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = self.findings.iter().filter(|finding| finding.level == Level::Error);
        let lines: Vec<String> = errors.map(|finding| finding.line(&self.file)).collect();
        write!(f, "the configuration is wrong:\n  {}", lines.join("\n  "))
    }
}

impl std::error::Error for Rejected {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_lines_and_columns() {
        let text = "a = 1\n# é\nbé = 2\n";
        let at = |octet| Place::Octet(octet).within(text);
        assert_eq!(at(0), Place::Line(1, 1));
        assert_eq!(at(text.find('2').expect("there")), Place::Line(3, 6));
        assert_eq!(at(1000), Place::Line(4, 1));
        let finding = Finding::error("x.y", "wrong").at(at(4));
        assert_eq!(finding.line("f"), "f:1:5: x.y: wrong");
        assert_eq!(
            Finding::warning("x.y", "odd").at(Place::Option("--y")).line("f"),
            "--y: warning: x.y: odd"
        );
    }
}
