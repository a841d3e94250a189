//! Why a request was not carried out, with the HTTP status and the exit status that go with it.

use serde::{Deserialize, Serialize};

/// Stable words for [`Problem::code`]. [`code::status`] gives the HTTP status, [`code::exit`] what `ptrctl` exits with.
pub mod code {
    /// The request is malformed: bad JSON, an unknown field, no address, no name. HTTP 400, exit 2.
    pub const BAD_REQUEST: &str = "bad-request";
    /// The route is there, but not for this method. HTTP 405, exit 2.
    pub const BAD_METHOD: &str = "bad-method";
    /// The body is larger than allowed. HTTP 413, exit 2.
    pub const TOO_LARGE: &str = "too-large";
    /// A rule forbids it: host bits, crossing blocks, CNAME beside data. HTTP 422, exit 3.
    pub const INVALID: &str = "invalid";
    /// Nobody knows who asks: no token, or one that is of no use here. HTTP 401, exit 4.
    pub const UNAUTHENTICATED: &str = "unauthenticated";
    /// More requests than may come in a time; try again. HTTP 429, exit 8.
    pub const TOO_MANY: &str = "too-many";
    /// The caller may not. HTTP 403, exit 4.
    pub const FORBIDDEN: &str = "forbidden";
    /// No such thing. HTTP 404, exit 5.
    pub const NOT_FOUND: &str = "not-found";
    /// It exists already, or belongs to another tenant. HTTP 409, exit 6.
    pub const CONFLICT: &str = "conflict";
    /// It changed since the expected version. HTTP 412, exit 7.
    pub const STALE: &str = "stale";
    /// The queue of changes is full, or too many clients are connected; try again. HTTP 503, exit 8.
    pub const BUSY: &str = "busy";
    /// The client took too long to send its request. HTTP 408, exit 8.
    pub const TIMEOUT: &str = "timeout";
    /// Changes are made on another server: this one is its standby, or was superseded. HTTP 421, exit 12.
    pub const STANDBY: &str = "standby";
    /// The store failed; DNS goes on from memory. HTTP 503, exit 9.
    pub const STORE: &str = "store";
    /// A fault of ptrd. HTTP 500, exit 10.
    pub const INTERNAL: &str = "internal";

    /// The HTTP status of a code; 500 for a word that is none.
    pub fn status(code: &str) -> u16 {
        match code {
            BAD_REQUEST => 400,
            UNAUTHENTICATED => 401,
            FORBIDDEN => 403,
            NOT_FOUND => 404,
            BAD_METHOD => 405,
            TIMEOUT => 408,
            CONFLICT => 409,
            STALE => 412,
            TOO_LARGE => 413,
            STANDBY => 421,
            INVALID => 422,
            TOO_MANY => 429,
            BUSY | STORE => 503,
            _ => 500,
        }
    }

    /// What `ptrctl` exits with; 10 for a word that this version does not know.
    pub fn exit(code: &str) -> u8 {
        match code {
            BAD_REQUEST | BAD_METHOD | TOO_LARGE => 2,
            INVALID => 3,
            FORBIDDEN | UNAUTHENTICATED => 4,
            NOT_FOUND => 5,
            CONFLICT => 6,
            STALE => 7,
            BUSY | TIMEOUT | TOO_MANY => 8,
            STORE => 9,
            STANDBY => 12,
            _ => 10,
        }
    }
}

/// Why a request was not carried out. Nothing of it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// One of [`code`].
    pub code: String,
    /// What was wrong, and with what.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The field or parameter that was wrong, where it was one: `names`, `primaries[0].address`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<Box<str>>,
    /// For imports: each bad line; at most 100, `errors_total` counts all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<LineError>,
    /// How many lines were bad.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub errors_total: u64,
}

impl Problem {
    /// A problem with one of [`code`] and what was wrong.
    pub fn new(code: &str, message: impl Into<String>) -> Problem {
        Problem { code: code.to_owned(), message: message.into(), ..Problem::default() }
    }

    /// The same, saying what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Problem {
        self.hint = Some(hint.into());
        self
    }

    /// The same, saying with which field; one that is named already stays.
    #[must_use]
    pub fn field(mut self, field: &str) -> Problem {
        self.field.get_or_insert_with(|| field.into());
        self
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

fn is_zero(n: &u64) -> bool {
    *n == 0
}

/// A bad line of an imported file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LineError {
    /// The file, as the client named it; absent for a single body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line, from 1; 0 for the file as a whole.
    pub line: u64,
    /// What is wrong there.
    pub message: String,
}
