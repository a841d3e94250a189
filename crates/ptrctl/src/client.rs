//! HTTP/1.1 over the admin socket.

use crate::failure::Failure;
use crate::steadfast::Steadfast;
use crate::upload::Sent;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use ptrd_api::{CHANGE_HEADER, ChangeDone, ChangeRequest, Problem, PromoteWrite, REASON_HEADER, Reloaded};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use tokio::net::UnixStream;

/// The largest answer that is read into memory: a page of a listing.
const MAX_ANSWER: usize = 256 << 20;

/// What a request may carry.
pub type Body = UnsyncBoxBody<Bytes, io::Error>;

/// A connection to the daemon.
pub struct Client {
    sender: SendRequest<Body>,
    socket: PathBuf,
    reason: Option<HeaderValue>,
    dry_run: bool,
}

/// An answer, as it came and as it is meant.
pub struct Answer<T> {
    pub raw: Bytes,
    pub value: T,
}

impl Client {
    /// Connects, or says why that cannot be.
    pub async fn connect(socket: &Path, reason: Option<String>, dry_run: bool) -> Result<Client, Failure> {
        let stream = UnixStream::connect(socket).await.map_err(|error| no_connection(socket, &error))?;
        let (sender, connection) = handshake(TokioIo::new(Steadfast::new(stream)))
            .await
            .map_err(|error| Failure::local(format!("{}: {error}", socket.display())))?;
        // Ends with the process; what goes wrong in it is seen by the request.
        tokio::spawn(connection);
        let reason = reason.map(|text| HeaderValue::from_bytes(text.as_bytes())).transpose();
        let reason = reason.map_err(|_| {
            Failure::usage("--reason: not fit for a header").hint("write it as one line of text")
        })?;
        Ok(Client { sender, socket: socket.to_owned(), reason, dry_run })
    }

    /// Whether changes are only planned.
    pub fn dry_run(&self) -> bool {
        self.dry_run
    }

    /// Reads something.
    pub async fn get<T: DeserializeOwned>(&mut self, target: &str) -> Result<Answer<T>, Failure> {
        let response = self.send(Method::GET, target, empty(), None).await?;
        understood(response).await
    }

    /// Reads something whose parts are handed on as they arrive.
    pub async fn stream(
        &mut self,
        target: &str,
        mut to: impl FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut body = self.send(Method::GET, target, empty(), None).await?.into_body();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| broken_off())?;
            if let Some(octets) = frame.data_ref() {
                to(octets)?;
            }
        }
        Ok(())
    }

    /// Begins to read a file.
    pub async fn download(&mut self, target: &str) -> Result<Download, Failure> {
        let response = self.send(Method::GET, target, empty(), None).await?;
        let number = |name: &str| response.headers().get(name)?.to_str().ok()?.parse().ok();
        let (octets, change) = (number(hyper::header::CONTENT_LENGTH.as_str()), number(CHANGE_HEADER));
        Ok(Download { octets, change, body: response.into_body() })
    }

    /// Asks for a change.
    pub async fn change(&mut self, request: &ChangeRequest) -> Result<Answer<ChangeDone>, Failure> {
        self.ask(request, self.dry_run).await
    }

    /// Asks what a change would do.
    pub async fn plan(&mut self, request: &ChangeRequest) -> Result<Answer<ChangeDone>, Failure> {
        self.ask(request, true).await
    }

    async fn ask(&mut self, request: &ChangeRequest, dry_run: bool) -> Result<Answer<ChangeDone>, Failure> {
        self.propose("/v1/changes", request, dry_run).await
    }

    /// Lets a standby take its primary's place.
    pub async fn promote(&mut self, write: &PromoteWrite) -> Result<Answer<ChangeDone>, Failure> {
        self.propose("/v1/standby/promote", write, self.dry_run).await
    }

    async fn propose(
        &mut self,
        path: &str,
        request: &impl Serialize,
        dry_run: bool,
    ) -> Result<Answer<ChangeDone>, Failure> {
        let target = if dry_run { format!("{path}?dry_run=true") } else { path.to_owned() };
        self.post_body(&target, request).await
    }

    /// Asks for something to be done that is no change.
    pub async fn post<T: DeserializeOwned>(&mut self, target: &str) -> Result<Answer<T>, Failure> {
        let response = self.send(Method::POST, target, empty(), None).await?;
        understood(response).await
    }

    /// The same, with a body.
    pub async fn post_body<B: Serialize, T: DeserializeOwned>(
        &mut self,
        target: &str,
        body: &B,
    ) -> Result<Answer<T>, Failure> {
        let octets = serde_json::to_vec(body).map_err(|error| Failure::local(error.to_string()))?;
        let body = Full::new(Bytes::from(octets)).map_err(|never| match never {}).boxed_unsync();
        let response = self.send(Method::POST, target, body, Some("application/json")).await?;
        understood(response).await
    }

    /// Asks to read the configuration again.
    pub async fn reload(&mut self) -> Result<Answer<Reloaded>, Failure> {
        let target = if self.dry_run { "/v1/reload?dry_run=true" } else { "/v1/reload" };
        let response = self.send(Method::POST, target, empty(), None).await?;
        understood(response).await
    }

    /// Sends files.
    pub async fn upload(
        &mut self,
        target: &str,
        body: Body,
        kind: &'static str,
        sent: &Sent,
    ) -> Result<Answer<ChangeDone>, Failure> {
        let response = self.send(Method::POST, target, body, Some(kind)).await;
        let response = match (response, sent.failed()) {
            // What could not be read here explains what went wrong there.
            (Err(_), Some(message)) => return Err(Failure::local(message)),
            (response, _) => response?,
        };
        understood(response).await
    }

    async fn send(
        &mut self,
        method: Method,
        target: &str,
        body: Body,
        kind: Option<&'static str>,
    ) -> Result<Response<Incoming>, Failure> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = target
            .parse()
            .map_err(|_| Failure::usage(format!("{target}: too long for a path")).hint("shorten the name"))?;
        let headers = request.headers_mut();
        headers.insert(HOST, HeaderValue::from_static("ptrd"));
        if let Some(kind) = kind {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        if let Some(reason) = &self.reason {
            headers.insert(REASON_HEADER, reason.clone());
        }
        let broke = |error: hyper::Error| {
            Failure::unreachable(
                format!("{}: the connection broke: {error}", self.socket.display()),
                "did ptrd stop? `systemctl status ptrd` and its log say more; a change may or may not have been made",
            )
        };
        self.sender.ready().await.map_err(broke)?;
        let response = self.sender.send_request(request).await.map_err(broke)?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let raw = lenient(response.into_body()).await;
        Err(match serde_json::from_slice::<Problem>(&raw) {
            Ok(problem) => Failure::refused(problem, raw),
            Err(_) => {
                Failure::local(format!("{}: HTTP status {status} without a reason", self.socket.display()))
                    .hint("is it ptrd's admin socket?")
            }
        })
    }
}

/// A file on its way.
pub struct Download {
    /// How long it is to be.
    pub octets: Option<u64>,
    /// The newest change in it.
    pub change: Option<u64>,
    body: Incoming,
}

impl Download {
    /// The next octets; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        while let Some(frame) = self.body.frame().await {
            if let Ok(octets) = frame.map_err(|_| broken_off())?.into_data() {
                return Ok(Some(octets));
            }
        }
        Ok(None)
    }
}

fn broken_off() -> Failure {
    Failure::local("the answer broke off before its end")
        .hint("ptrd's log says more; what was written is incomplete")
}

fn empty() -> Body {
    Full::new(Bytes::new()).map_err(|never| match never {}).boxed_unsync()
}

/// A refusal may come while we still send, and ends when we stop: whatever makes sense by itself is enough of it.
async fn lenient(mut body: Incoming) -> Vec<u8> {
    let mut raw = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        raw.extend_from_slice(frame.data_ref().map_or(&[][..], |octets| octets));
        if raw.len() > MAX_ANSWER || serde_json::from_slice::<Problem>(&raw).is_ok() {
            break;
        }
    }
    raw
}

async fn understood<T: DeserializeOwned>(response: Response<Incoming>) -> Result<Answer<T>, Failure> {
    let body = http_body_util::Limited::new(response.into_body(), MAX_ANSWER).collect().await;
    let broke = |error| {
        Failure::local(format!("the answer broke off: {error}"))
            .hint("a change may have been made all the same: `ptrctl log --limit 5`; ptrd's log says more")
    };
    let raw = body.map_err(broke)?.to_bytes();
    let value = serde_json::from_slice(&raw).map_err(|error| {
        Failure::local(format!("the answer makes no sense: {error}"))
            .hint("are ptrctl and ptrd of the same version?")
    })?;
    Ok(Answer { raw, value })
}

fn no_connection(socket: &Path, error: &io::Error) -> Failure {
    let path = socket.display();
    match error.kind() {
        io::ErrorKind::NotFound => Failure::unreachable(
            format!("{path}: there is no admin socket"),
            "is ptrd running? Start it with `systemctl start ptrd`, or name its socket with --socket or PTRD_SOCKET",
        ),
        io::ErrorKind::ConnectionRefused if !is_socket(socket) => Failure::unreachable(
            format!("{path}: no socket"),
            "--socket and PTRD_SOCKET take the path of ptrd's admin socket",
        ),
        io::ErrorKind::ConnectionRefused => Failure::unreachable(
            format!("{path}: nobody answers"),
            "ptrd has stopped; `systemctl status ptrd` and its log say why",
        ),
        io::ErrorKind::PermissionDenied => {
            let who = std::fs::metadata(socket).ok().map(|found| group_name(found.gid()));
            let group =
                who.map_or_else(|| "the socket's group".to_owned(), |name| format!("the group {name}"));
            let problem =
                Problem::new(ptrd_api::code::FORBIDDEN, format!("{path}: you may not use the admin socket"));
            let hint = format!("root and members of {group} may; after joining a group, log in anew");
            Failure { exit: 4, problem: Some(Box::new(problem.hint(hint))), raw: None }
        }
        _ => Failure::unreachable(
            format!("{path}: {error}"),
            "is --socket or PTRD_SOCKET the path of ptrd's admin socket?",
        ),
    }
}

fn is_socket(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|found| found.file_type().is_socket())
}

/// From /etc/group; a number will do where groups come from elsewhere.
fn group_name(gid: u32) -> String {
    let groups = std::fs::read_to_string("/etc/group").unwrap_or_default();
    let name = groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == gid.to_string()).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| gid.to_string())
}

/// A segment of a path, percent-encoded.
pub fn segment(text: &str) -> String {
    use std::fmt::Write;
    // A segment of dots alone would be a step in the path.
    let dots = text.bytes().all(|octet| octet == b'.');
    text.bytes().fold(String::new(), |mut out, octet| {
        let plain = octet.is_ascii_alphanumeric()
            || matches!(octet, b'-' | b'_' | b'~' | b':')
            || octet == b'.' && !dots;
        if plain {
            out.push(char::from(octet));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{octet:02X}");
        }
        out
    })
}

/// A path with query parameters.
pub fn with_query(path: &str, query: &impl serde::Serialize) -> Result<String, Failure> {
    let query = serde_urlencoded::to_string(query).map_err(|error| Failure::local(error.to_string()))?;
    Ok(if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_encoded() {
        assert_eq!(segment("192.0.2.0/24"), "192.0.2.0%2F24");
        assert_eq!(segment("2001:db8::1"), "2001:db8::1");
        assert_eq!(segment("."), "%2E");
        assert_eq!(segment("a b?#é%"), "a%20b%3F%23%C3%A9%25");
    }
}
