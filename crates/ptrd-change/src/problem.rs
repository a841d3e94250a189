//! Refusals as [`Problem`]s: one constructor for each code, and how text from outside is quoted in them.

use ptrd_api::{LineError, Problem, code};
use ptrd_store::StoreError;

/// How many bad lines an answer lists.
pub(crate) const LISTED_ERRORS: usize = 100;
/// How many characters of somebody's text a message quotes.
const QUOTED: usize = 80;

pub(crate) fn bad(message: impl Into<String>) -> Problem {
    Problem::new(code::BAD_REQUEST, message)
}

pub(crate) fn invalid(message: impl Into<String>) -> Problem {
    Problem::new(code::INVALID, message)
}

pub(crate) fn not_found(message: impl Into<String>) -> Problem {
    Problem::new(code::NOT_FOUND, message)
}

pub(crate) fn conflict(message: impl Into<String>) -> Problem {
    Problem::new(code::CONFLICT, message)
}

pub(crate) fn stale(what: &str, expected: &str, found: &str) -> Problem {
    Problem::new(code::STALE, format!("{what} has version {found}, not {expected}: somebody changed it"))
        .hint("read it again and repeat the change with the new version")
}

pub(crate) fn internal(message: impl Into<String>) -> Problem {
    Problem::new(code::INTERNAL, message)
}

/// The store's error with its causes, for the caller: nothing was changed.
pub(crate) fn store(error: &StoreError) -> Problem {
    Problem::new(code::STORE, store_trouble(error)).hint("nothing was changed; DNS is answered from memory")
}

/// The store's error with its causes, one line.
pub(crate) fn store_trouble(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// Bad lines as one problem; `errors` holds at most [`LISTED_ERRORS`] of `total`.
pub(crate) fn bad_lines(what: &str, errors: Vec<LineError>, total: u64) -> Problem {
    let lines = if total == 1 { "line" } else { "lines" };
    let mut problem = invalid(format!("{total} bad {lines} in {what}; nothing was imported"));
    problem.errors = errors;
    problem.errors_total = total;
    problem
}

/// Somebody's text for a message: no control characters, cut short.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::from("“");
    for (nth, c) in text.chars().enumerate() {
        if nth == QUOTED {
            out.push('…');
            break;
        }
        // Control, format and other invisible characters could turn the line around it into something else.
        if c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out.push('”');
    out
}

/// Some items for a message, with how many more there are.
pub(crate) fn some<T: std::fmt::Display>(items: &[T], shown: usize) -> String {
    let mut text = items.iter().take(shown).map(T::to_string).collect::<Vec<_>>().join(", ");
    if items.len() > shown {
        text.push_str(&format!(" and {} more", items.len() - shown));
    }
    text
}

/// `1 PTR`, `2 PTRs`.
pub(crate) fn count(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

pub(crate) fn forbidden(message: impl Into<String>) -> Problem {
    Problem::new(code::FORBIDDEN, message)
}
