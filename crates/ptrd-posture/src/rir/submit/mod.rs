//! Sending objects to a registry: which requests, and what their answers mean.
//!
//! Requests and answers alone; whoever calls has connections and credentials. A request holds no secret: it says where the
//! secret goes ([`Place`]), so that what is shown and logged is the request itself.
//!
//! - RIPE: RESTful updates of its database, JSON (`whois-resources`); many objects are created by one request, all or none
//! - ARIN: Reg-RWS, XML; a delegation exists with its network, so it is read, then replaced

mod arin;
mod ripe;

pub use arin::Arin;
pub use ripe::Ripe;

use super::Object;
use base64ct::{Base64, Encoding};
use serde::Serialize;

/// Where a secret stands in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Place {
    /// HTTP's basic authentication: user and password, a colon between.
    Basic,
    /// The query parameter `apikey`.
    ApiKey,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    /// The method.
    pub method: &'static str,
    /// The path below the endpoint, with its query but for the secret.
    pub path: String,
    /// What kind of body it has and wants.
    pub kind: &'static str,
    /// The body; empty for none.
    pub body: String,
    /// Where the secret goes.
    pub secret: Place,
}

/// One step: something to look at first, then a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The zones that it is about.
    pub zones: Vec<String>,
    /// What to read before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub look: Option<Call>,
    /// The change.
    pub write: Call,
}

/// What an answer says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// It was done.
    pub done: bool,
    /// It may be done if it is asked again later, unchanged.
    pub again: bool,
    /// The registry's own words.
    pub messages: Vec<String>,
}

/// A registry that takes objects over HTTP.
pub trait Api {
    /// What is to be sent.
    fn steps(&self, objects: &[Object]) -> Vec<Step>;

    /// What there is, as an answer to what was looked at, if it is as wanted already.
    fn is_as_wanted(&self, step: &Step, body: &str) -> bool;

    /// What an answer to a change means.
    fn answer(&self, status: u16, body: &str) -> Answer;
}

/// The value of the header `Authorization` for basic authentication (RFC 7617 §2) with `user:password`.
pub fn basic(secret: &str) -> String {
    format!("Basic {}", Base64::encode_string(secret.as_bytes()))
}

/// A segment of a path.
fn segment(text: &str) -> String {
    let one = |octet: u8| match octet {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(octet).to_string(),
        _ => format!("%{octet:02X}"),
    };
    text.bytes().map(one).collect()
}

/// What a status alone says.
fn of_status(status: u16) -> Answer {
    let word = match status {
        200..=299 => return Answer { done: true, ..Answer::default() },
        400 => "the registry refuses it (400)",
        401 | 403 => {
            "the credential is not valid for this, or lacks a right (401, 403): look at the file and at who may change the block"
        }
        404 => {
            "there is no such object or delegation (404): is the block registered, and the endpoint right?"
        }
        409 => "it is there already (409): replace it with --replace",
        429 => "too many requests (429): try again later",
        500..=599 => "the registry has a fault, or its check took too long (5xx): try again later",
        _ => "the registry answers with a status that is not expected: is the endpoint right?",
    };
    let message = match status {
        400 | 401 | 403 | 404 | 409 | 429 => word.to_owned(),
        _ => format!("{word} ({status})"),
    };
    Answer { done: false, again: status == 429 || status >= 500, messages: vec![message] }
}
