//! What can be wrong with a master file, and where.
//!
//! Every message may quote the file, and the file is hostile: quotations are cut short and hold no control
//! character, so that a message never breaks a log line or a terminal.

use ptrd_wire::{Name, NameError, RecordType};
use std::fmt;
use std::sync::Arc;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file as the caller named it, or the path that `$INCLUDE` gave.
    pub file: Arc<str>,
    /// The line, counted from 1.
    pub line: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Something in a master file that keeps the zone from being read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct MasterError {
    /// Where.
    pub place: Place,
    /// What.
    pub reason: Reason,
}

/// Something in a master file that was put right or deserves a look; the zone was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The file.
    pub file: Arc<str>,
    /// The line, counted from 1.
    pub line: u32,
    /// What was found and what was done about it.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// Why a master file is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The text cannot be split into entries.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A line starts with `$` and a word that is no directive.
    #[error(
        "“{0}” is no directive ($ORIGIN, $TTL, $INCLUDE, $GENERATE); an owner that starts with $ is written \\$"
    )]
    UnknownDirective(String),
    /// A directive lacks a word or has one too many.
    #[error("{directive} is written {form}")]
    DirectiveForm {
        /// The directive.
        directive: &'static str,
        /// How it is written.
        form: &'static str,
    },
    /// `$INCLUDE` cannot be followed.
    #[error("$INCLUDE {path}: {error}")]
    Include {
        /// The path as written.
        path: String,
        /// Why not.
        error: IncludeError,
    },
    /// `$GENERATE` cannot be expanded.
    #[error("$GENERATE: {0}")]
    Generate(GenerateError),
    /// Text that should be an owner or an origin is no name.
    #[error("“{text}” is no name: {}", clean(&error.to_string()))]
    Name {
        /// The text.
        text: String,
        /// Why not.
        error: NameError,
    },
    /// A quoted string stands where an owner or origin belongs.
    #[error("a quoted string stands where a name belongs")]
    QuotedName,
    /// A relative name before any origin is known.
    #[error("“{0}” is relative and there is no $ORIGIN before it; end it with a dot or set $ORIGIN")]
    NoOrigin(String),
    /// The first record of a file has no owner.
    #[error(
        "the line starts with a space, which repeats the owner before it, and there is none in this file"
    )]
    NoOwner,
    /// No TTL on the record, none before it, and no `$TTL`.
    #[error("no TTL: set $TTL at the top, or write one here")]
    NoTtl,
    /// A TTL that is no number, or too large.
    #[error("“{0}” is no TTL (seconds, or numbers with w, d, h, m, s such as 1h30m)")]
    Ttl(String),
    /// An owner and nothing else.
    #[error("the record has no type")]
    NoType,
    /// A mnemonic that stands for no type.
    #[error("“{0}” is no record type, class or TTL (unknown types are written TYPE123, RFC 3597)")]
    UnknownType(String),
    /// A class other than IN.
    #[error("class {0}: only IN is served")]
    Class(String),
    /// A type that stands for questions or messages, never for stored data (RFC 6895 §3.1).
    #[error("{0} is no type of stored data")]
    MetaType(RecordType),
    /// The data of a record.
    #[error("{rtype}: {error}")]
    Rdata {
        /// The type.
        rtype: RecordType,
        /// What is wrong with the data.
        error: RdataError,
    },
    /// No SOA record in the file.
    #[error("no SOA record: this is no zone")]
    NoSoa,
    /// More than one SOA record.
    #[error("a second SOA record; the first stands at {0}")]
    SecondSoa(Place),
    /// The SOA's owner is not the apex that was asked for.
    #[error("the SOA record is at {owner} and the zone is {apex}")]
    SoaNotAtApex {
        /// The owner.
        owner: Name,
        /// The apex.
        apex: Name,
    },
    /// No NS record at the apex.
    #[error("no NS record at the apex {0}")]
    NoNs(Name),
    /// An owner that is neither the apex nor below it.
    #[error("{owner} is outside the zone {apex} (is a final dot missing, or one too many?)")]
    OutOfZone {
        /// The owner.
        owner: Name,
        /// The apex.
        apex: Name,
    },
    /// A CNAME and other data at one owner (RFC 1034 §3.6.2).
    #[error("{owner} has a CNAME and beside it {other} (line {line}); only RRSIG and NSEC may stand there")]
    CnameBesideOther {
        /// The owner.
        owner: Name,
        /// A type that stands beside the CNAME.
        other: RecordType,
        /// A line where it stands.
        line: u32,
    },
    /// Several different CNAME or DNAME records at one owner (RFC 1034 §3.6.2, RFC 6672 §2.4).
    #[error("{owner} has more than one {rtype}")]
    Several {
        /// The owner.
        owner: Name,
        /// CNAME or DNAME.
        rtype: RecordType,
    },
    /// An RRset that no message could carry.
    #[error("the {rtype} records of {owner} take more than {limit} octets together")]
    RrsetTooLarge {
        /// The owner.
        owner: Name,
        /// The type.
        rtype: RecordType,
        /// The limit in octets.
        limit: usize,
    },
    /// A limit of the whole import; reading stopped there.
    #[error("more than {limit} {what}; the rest was not read")]
    TooMuch {
        /// Of what.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
}

/// Text that cannot be split into entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// `(` without `)`.
    #[error("a parenthesis opened here is never closed")]
    UnclosedParenthesis,
    /// `)` without `(`.
    #[error("a closing parenthesis without an opening one")]
    StrayParenthesis,
    /// A quoted string that does not end on its line.
    #[error("a quoted string does not end on its line (a newline inside one is written \\010)")]
    UnclosedQuote,
    /// An entry beyond any record's size.
    #[error("an entry longer than any record can be")]
    EntryTooLong,
}

/// Why an `$INCLUDE` cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IncludeError {
    /// An absolute path, or one with `..`, a backslash or NUL.
    #[error("only files in the main file's folder and below may be included: no absolute path, no “..”")]
    Outside,
    /// Files include each other in a circle.
    #[error("the file includes itself")]
    Loop,
    /// Includes nested too deeply.
    #[error("includes nest more than {0} deep")]
    TooDeep(usize),
    /// The callback could not give the file.
    #[error("{0}")]
    Unreadable(String),
}

/// Why a `$GENERATE` cannot be expanded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenerateError {
    /// The range.
    #[error("“{0}” is no range (start-stop or start-stop/step; start at most stop, step at least 1)")]
    Range(String),
    /// A `${…}`.
    #[error("“{0}” is no ${{offset[,width[,base]]}} (base d, o, x, X, n or N; width at most 255)")]
    Modifier(String),
    /// An offset that leads below zero in a base that has no minus sign.
    #[error("the number {0} cannot be written in base {1}")]
    Negative(i64, char),
}

/// Why text or octets are no record data of a type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RdataError {
    /// A field is missing.
    #[error("the {0} is missing")]
    Missing(&'static str),
    /// Text after the last field.
    #[error("“{0}” follows where the data should end")]
    Trailing(String),
    /// A field that should be a name.
    #[error("“{text}” is no name: {}", clean(&error.to_string()))]
    Name {
        /// The text.
        text: String,
        /// Why not.
        error: NameError,
    },
    /// A relative name before any origin is known.
    #[error("“{0}” is relative and there is no $ORIGIN before it; end it with a dot or set $ORIGIN")]
    NoOrigin(String),
    /// Any other field.
    #[error("“{text}” is no {what}")]
    Field {
        /// The text.
        text: String,
        /// What was expected.
        what: &'static str,
    },
    /// The data has another length than the `\#` form says (RFC 3597 §5).
    #[error("\\# says {said} octets and {found} follow")]
    GenericLength {
        /// What the text says.
        said: usize,
        /// What follows.
        found: usize,
    },
    /// No text form of this type is known here.
    #[error("the text form of this type is not known here; write its data as \\# LENGTH HEX (RFC 3597)")]
    NoTextForm,
    /// Octets, or text, without the form of the type.
    #[error("malformed data: {0}")]
    Malformed(String),
    /// More than 65 535 octets.
    #[error("{0} octets of data; a record carries at most 65535")]
    TooLong(usize),
    /// The text cannot be split into fields.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A line break outside parentheses in text that should be one record's data.
    #[error("the data goes on after a line break; only one line is read")]
    SeveralLines,
    /// A type that stands for questions or messages, never for stored data (RFC 6895 §3.1).
    #[error("no type of stored data")]
    MetaType,
}

/// How many characters of a hostile text a message quotes.
const QUOTED: usize = 60;

/// A quotation for messages: printable ASCII, other octets as `\DDD`, cut short.
pub(crate) fn quoted(text: &[u8]) -> String {
    let mut out = String::new();
    for (n, &b) in text.iter().enumerate() {
        if n == QUOTED {
            out.push('…');
            break;
        }
        match b {
            0x20..=0x7e => out.push(b as char),
            _ => out.push_str(&format!("\\{b:03}")),
        }
    }
    out
}

/// A message of another crate that may quote the file: control characters and what could pass for another
/// character escaped, cut short.
pub(crate) fn clean(message: &str) -> String {
    let mut out = String::new();
    for (n, c) in message.chars().enumerate() {
        if n == 4 * QUOTED {
            out.push('…');
            break;
        }
        match c {
            ' '..='~' | '“' | '”' | '…' => out.push(c),
            c => out.extend(c.escape_unicode()),
        }
    }
    out
}
