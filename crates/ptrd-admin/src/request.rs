//! Reading requests: bodies within limits of size and time, query parameters, headers. What is wrong is said as a
//! [`Problem`].

use crate::control::{Caller, Once, Standing};
use crate::objects;
use crate::peer::Peer;
use crate::pipe::UploadWriter;
use crate::reply::Refusal;
use axum::body::Body;
use axum::extract::{FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue, header};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Body as _;
use ptrd_api::{
    Bundle, BundleReader, ChangeRequest, IDEMPOTENCY_HEADER, MAX_PAGE, Problem, REASON_HEADER,
    ZoneImportOptions, code,
};
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// The longest reason, octets.
const MAX_REASON: usize = 1024;
/// The longest key of a request that is to be carried out once.
const MAX_KEY: usize = 255;

/// Characters of each end of what is said.
const SAID: usize = 400;

pub(crate) fn bad(message: impl Into<String>) -> Problem {
    Problem::new(code::BAD_REQUEST, message)
}

pub(crate) fn too_large(limit: u64) -> Problem {
    Problem::new(code::TOO_LARGE, format!("the body is larger than the {limit} octets that are allowed here"))
}

/// A request, before anything of it was believed.
#[derive(Debug)]
pub(crate) struct Asked {
    parts: Parts,
    body: Body,
    /// Of a body of JSON that was read.
    digest: Option<blake3::Hash>,
}

impl From<Request> for Asked {
    fn from(request: Request) -> Asked {
        let (parts, body) = request.into_parts();
        Asked { parts, body, digest: None }
    }
}

impl Asked {
    /// Who asks, and why.
    pub(crate) fn caller(&self) -> Result<Caller, Problem> {
        let reason = reason(&self.parts.headers)?;
        let mut caller = peer(&self.parts.extensions)?.caller(reason);
        caller.once = self.once(&caller)?;
        Ok(caller)
    }

    /// Who imports something. What it sets does not depend on how often it is asked for.
    pub(crate) fn importer(&self) -> Result<Caller, Problem> {
        if self.parts.headers.contains_key(IDEMPOTENCY_HEADER) {
            return Err(bad(format!("{IDEMPOTENCY_HEADER}: imports take no key"))
                .hint("an import that is made again sets the same again, and steps no serial"));
        }
        let reason = reason(&self.parts.headers)?;
        Ok(peer(&self.parts.extensions)?.caller(reason))
    }

    /// What tells this request from another one, if the client wants it to be carried out once.
    fn once(&self, caller: &Caller) -> Result<Option<Once>, Problem> {
        let Some(key) = only(&self.parts.headers, IDEMPOTENCY_HEADER)? else { return Ok(None) };
        let key = key.as_bytes();
        if !(1..=MAX_KEY).contains(&key.len()) || !key.iter().all(u8::is_ascii_graphic) {
            return Err(bad(format!("{IDEMPOTENCY_HEADER}: 1 to {MAX_KEY} visible characters of ASCII")));
        }
        let who = match caller.standing {
            Standing::Operator => format!("socket {}", caller.actor),
            Standing::Token(token) => format!("token {token}"),
        };
        let mut asked = blake3::Hasher::new();
        asked.update(who.as_bytes()).update(b"\0").update(key);
        let mut body = blake3::Hasher::new();
        body.update(format!("{} {}", self.parts.method, self.parts.uri).as_bytes()).update(b"\0");
        if let Some(digest) = &self.digest {
            body.update(digest.as_bytes());
        }
        Ok(Some(Once { asked: asked.finalize().into(), body: body.finalize().into() }))
    }

    /// The query parameters.
    pub(crate) fn query<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let query = self.parts.uri.query().unwrap_or_default();
        let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
        serde_path_to_error::deserialize(reader).map_err(|error| {
            let (place, cause) = (error.path().to_string(), error.inner().to_string());
            match objects::named_in(&cause) {
                None if place == "." => bad(format!("query parameters: {}", shortened(&cause))),
                named => {
                    let field = shortened(&named.unwrap_or(&place));
                    bad(format!("query parameters: {field}: {}", shortened(&cause))).field(&field)
                }
            }
        })
    }

    /// The body, as JSON. Whatever the client calls it: `curl -d` says that it is a form.
    pub(crate) async fn json<T: DeserializeOwned>(
        &mut self,
        limit: usize,
        patience: Duration,
    ) -> Result<T, Problem> {
        let octets = self.octets(limit, patience).await?;
        if octets.is_empty() {
            return Err(bad("the body is empty; this route takes JSON"));
        }
        objects::check_object(&octets)?;
        let mut reader = serde_json::Deserializer::from_slice(&octets);
        let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let cause = error.inner().to_string();
            let field = objects::field_of::<T>(&octets, error.path().to_string(), &cause);
            let problem = bad(format!("the body: {}", shortened(&cause)));
            field.into_iter().fold(problem, |problem, field| problem.field(&shortened(&field)))
        })?;
        reader.end().map_err(|error| bad(format!("the body: {}", shortened(&error))))?;
        objects::check_lists(&octets)?;
        Ok(read)
    }

    /// The body as it is, which may be nothing.
    pub(crate) async fn octets(&mut self, limit: usize, patience: Duration) -> Result<Bytes, Problem> {
        plain(&self.parts.headers)?;
        let octets = whole(&mut self.body, limit, Instant::now() + patience).await?;
        self.digest = Some(blake3::hash(&octets));
        Ok(octets)
    }

    /// Whether the body says that it is longer than this.
    pub(crate) fn announces_more_than(&self, octets: usize) -> bool {
        self.body.size_hint().lower() > octets as u64
    }

    /// Puts what `If-Match` says into a request.
    pub(crate) fn expecting(&self, mut request: ChangeRequest) -> Result<ChangeRequest, Problem> {
        let Some(version) = expectation(&self.parts.headers)? else { return Ok(request) };
        let expect = match &mut request {
            ChangeRequest::PtrSet(write) | ChangeRequest::PtrAdd(write) => &mut write.expect,
            ChangeRequest::RecordSet(write) | ChangeRequest::RecordAdd(write) => &mut write.expect,
            ChangeRequest::SendingSet(write) => &mut write.expect,
            ChangeRequest::SendingClear(clear) => &mut clear.expect,
            ChangeRequest::DefaultsSet(set) => &mut set.expect,
            ChangeRequest::NsSetSet(write) => &mut write.expect,
            ChangeRequest::SoaTemplateSet(write) => &mut write.expect,
            ChangeRequest::ZoneSet(set) => &mut set.expect,
            ChangeRequest::PtrDelete { expect, .. }
            | ChangeRequest::RecordDelete { expect, .. }
            | ChangeRequest::TenantRemove { expect, .. }
            | ChangeRequest::TenantSet { expect, .. }
            | ChangeRequest::NsSetRename { expect, .. }
            | ChangeRequest::NsSetRemove { expect, .. }
            | ChangeRequest::SoaTemplateRename { expect, .. }
            | ChangeRequest::SoaTemplateRemove { expect, .. }
            | ChangeRequest::BlockRemove { expect, .. }
            | ChangeRequest::ZoneRemove { expect, .. } => expect,
            _ => return Err(no_version()),
        };
        agree(expect, version)?;
        Ok(request)
    }

    /// Refuses `If-Match` where there is nothing that it could be about.
    pub(crate) fn expecting_nothing(&self) -> Result<(), Problem> {
        expectation(&self.parts.headers)?.map_or(Ok(()), |_| Err(no_version()))
    }

    /// Puts what `If-Match` says into the options of an import.
    pub(crate) fn expecting_zone(
        &self,
        mut options: ZoneImportOptions,
    ) -> Result<ZoneImportOptions, Problem> {
        if let Some(version) = expectation(&self.parts.headers)? {
            agree(&mut options.expect, version)?;
        }
        Ok(options)
    }

    /// Feeds an upload until its end, its limits, or until it is dropped. Gives back the rest.
    pub(crate) async fn pump(mut self, mut to: UploadWriter, limit: u64, stall: Duration) -> Asked {
        match self.feed(&mut to, limit, stall).await {
            Ok(()) => to.finish().await,
            Err(problem) => to.fail(problem).await,
        }
        self
    }

    async fn feed(&mut self, to: &mut UploadWriter, limit: u64, stall: Duration) -> Result<(), Problem> {
        plain(&self.parts.headers)?;
        fits(&self.body, limit)?;
        let mut size = 0;
        while let Some(octets) = piece(&mut self.body, Instant::now() + stall).await? {
            size += octets.len() as u64;
            if size > limit {
                return Err(too_large(limit));
            }
            if to.write(octets).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    /// An answer to someone who may still be sending.
    pub(crate) fn refusal(self, problem: Problem) -> Refusal {
        Refusal::to_sender(problem, self.body)
    }

    /// The body, as files.
    pub(crate) async fn bundle(&mut self, limit: u64, stall: Duration) -> Result<Bundle, Problem> {
        plain(&self.parts.headers)?;
        fits(&self.body, limit)?;
        let no_bundle = |error: ptrd_api::BadBundle| {
            bad(error.to_string()).hint("`ptrctl zone import` makes one of the files that it is given")
        };
        let (mut reader, mut size) = (BundleReader::default(), 0);
        while let Some(octets) = piece(&mut self.body, Instant::now() + stall).await? {
            size += octets.len() as u64;
            if size > limit {
                return Err(too_large(limit));
            }
            reader.push(&octets).map_err(no_bundle)?;
        }
        reader.finish().map_err(no_bundle)
    }
}

/// The one parameter of a path, percent-decoded.
#[derive(Debug)]
pub(crate) struct Segment(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Segment, Refusal> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|error| bad(format!("the path: {}", error.body_text())))?;
        Ok(Segment(text))
    }
}

/// As whom somebody asks.
#[derive(Debug)]
pub(crate) struct Who(pub(crate) Standing);

impl<S: Send + Sync> FromRequestParts<S> for Who {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Who, Refusal> {
        Ok(Who(peer(&parts.extensions)?.standing()))
    }
}

fn peer(extensions: &Extensions) -> Result<&Peer, Problem> {
    let peer = extensions.get::<Peer>();
    peer.ok_or_else(|| Problem::new(code::INTERNAL, "a connection without credentials got this far"))
}

/// Brings the size of a page into its bounds.
pub(crate) fn page_size(limit: &mut Option<u64>, default: u64) -> Result<(), Problem> {
    match *limit {
        Some(0) => Err(bad("limit: must be at least 1").field("limit")),
        given => {
            *limit = Some(given.unwrap_or(default).min(MAX_PAGE));
            Ok(())
        }
    }
}

/// Compressed bodies are refused rather than unpacked: a small one may be very large, and no client of ours sends any.
fn plain(headers: &HeaderMap) -> Result<(), Problem> {
    match headers.get(header::CONTENT_ENCODING) {
        Some(encoding) if encoding != "identity" => {
            Err(bad("Content-Encoding: compressed bodies are not taken"))
        }
        _ => Ok(()),
    }
}

/// What is said of something that a client sent, which may be all of it: its start and its end, if it is long.
pub(crate) fn shortened(told: &impl std::fmt::Display) -> String {
    let text = told.to_string();
    match (text.char_indices().nth(SAID), text.char_indices().rev().nth(SAID)) {
        (Some((start, _)), Some((end, _))) if start < end => format!("{}…{}", &text[..start], &text[end..]),
        _ => text,
    }
}

/// A header that may come once: of several nobody knows which one is meant.
fn only<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h HeaderValue>, Problem> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (first, None) => Ok(first),
        (_, Some(_)) => Err(bad(format!("{name}: it may be sent once"))),
    }
}

fn fits(body: &Body, limit: u64) -> Result<(), Problem> {
    if body.size_hint().lower() > limit { Err(too_large(limit)) } else { Ok(()) }
}

async fn whole(body: &mut Body, limit: usize, until: Instant) -> Result<Bytes, Problem> {
    fits(body, limit as u64)?;
    let Some(first) = piece(body, until).await? else { return Ok(Bytes::new()) };
    if body.is_end_stream() && first.len() <= limit {
        return Ok(first);
    }
    let mut all = Vec::from(first);
    while let Some(octets) = piece(body, until).await? {
        all.extend_from_slice(&octets);
        if all.len() > limit {
            return Err(too_large(limit as u64));
        }
    }
    if all.len() > limit { Err(too_large(limit as u64)) } else { Ok(all.into()) }
}

async fn piece(body: &mut Body, until: Instant) -> Result<Option<Bytes>, Problem> {
    loop {
        match timeout_at(until, body.frame()).await {
            Err(_) => return Err(Problem::new(code::TIMEOUT, "the body did not arrive in time")),
            Ok(None) => return Ok(None),
            Ok(Some(Err(error))) => return Err(bad(format!("the body broke off: {}", innermost(&error)))),
            Ok(Some(Ok(frame))) => {
                // Trailers say nothing to us.
                if let Ok(octets) = frame.into_data() {
                    return Ok(Some(octets));
                }
            }
        }
    }
}

fn reason(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(value) = only(headers, REASON_HEADER)? else { return Ok(None) };
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| bad("ptrd-reason: not in UTF-8"))?.trim();
    if text.len() > MAX_REASON {
        return Err(bad(format!("ptrd-reason: longer than {MAX_REASON} octets")));
    }
    if text.chars().any(char::is_control) {
        return Err(bad("ptrd-reason: control characters are not allowed"));
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

fn no_version() -> Problem {
    bad("If-Match: this kind of change has no version to expect")
}

fn agree(expect: &mut Option<String>, version: String) -> Result<(), Problem> {
    if expect.as_ref().is_some_and(|expect| *expect != version) {
        return Err(bad("If-Match and `expect` differ"));
    }
    *expect = Some(version);
    Ok(())
}

/// RFC 9110 §13.1.1 and §13.1.2, as far as they make sense for versions of one thing.
fn expectation(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    if let Some(value) = only(headers, header::IF_NONE_MATCH.as_str())? {
        return match value.as_bytes() {
            b"*" => Ok(Some("absent".to_owned())),
            _ => Err(bad("If-None-Match: only `*` is understood")),
        };
    }
    let Some(value) = only(headers, header::IF_MATCH.as_str())? else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    let version = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if version.is_empty() || !version.chars().all(word) {
        return Err(bad("If-Match: takes one version, such as a GET of the same path has in its ETag"));
    }
    Ok(Some(version.to_owned()))
}

/// The last cause of an error: the outer ones say only that something could not be deserialised.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(cause) = last.source() {
        last = cause;
    }
    last.to_string()
}
