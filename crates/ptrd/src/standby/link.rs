//! A connection to a primary: HTTP/1.1, one request after the other. Whatever comes from there is bounded in size and
//! time.

use super::over::Way;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use ptrd_api::{CHANGE_HEADER, Problem, StandbyFilter, StandbyHello, StandbyWelcome};
use ptrd_store::{Commit, unpack_commit};
use std::time::Duration;
use tokio::time::timeout;

/// For a connection, and for answers that need no work.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two pieces of an answer.
const PIECE: Duration = Duration::from_secs(30);
/// Until a copy of the primary's store begins to come: it is made there first.
const COPYING: Duration = Duration::from_secs(3_600);
/// How long the primary is asked to wait for a change.
pub const WAIT: Duration = Duration::from_secs(10);
/// Octets of an answer in JSON.
const MOST_JSON: usize = 1 << 20;
/// Octets of one change.
const MOST_CHANGE: usize = 2 << 30;

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The connection: not made, or broken.
    #[error("{0}")]
    Broken(String),
    /// The primary said no.
    #[error("the primary says: {}", .0.message)]
    Refused(Box<Problem>),
}

fn broken(what: &str, why: impl std::fmt::Display) -> LinkError {
    LinkError::Broken(format!("{what}: {why}"))
}

/// See the module.
pub struct Link {
    sender: SendRequest<Full<Bytes>>,
    authorization: Option<HeaderValue>,
}

impl Link {
    /// Connects.
    pub async fn connect(way: &Way) -> Result<Link, LinkError> {
        let what = format!("connecting to {way}");
        let stream = way.go().await.map_err(|error| broken(&what, error))?;
        let authorization = way.authorization().map(|text| HeaderValue::from_str(&text)).transpose();
        let mut authorization = authorization.map_err(|error| broken(&what, error))?;
        authorization.iter_mut().for_each(|value| value.set_sensitive(true));
        let (sender, connection) =
            handshake(TokioIo::new(stream)).await.map_err(|error| broken(&what, error))?;
        // Ends when the sender goes; what goes wrong in it is seen by the request.
        tokio::spawn(connection);
        Ok(Link { sender, authorization })
    }

    /// Says who this server is.
    pub async fn hello(&mut self, hello: &StandbyHello) -> Result<StandbyWelcome, LinkError> {
        let body = serde_json::to_vec(hello).map_err(|error| broken("saying hello", error))?;
        let response = self.send(Method::POST, "/v1/standby/hello", body, PATIENCE).await?;
        let octets = whole(response.into_body(), MOST_JSON).await?;
        serde_json::from_slice(&octets).map_err(|error| broken("the primary's answer makes no sense", error))
    }

    /// Asks for changes.
    pub async fn changes(&mut self, filter: &StandbyFilter) -> Result<Coming, LinkError> {
        let query =
            serde_urlencoded::to_string(filter).map_err(|error| broken("asking for changes", error))?;
        let target = format!("/v1/standby/changes?{query}");
        let response = self.send(Method::GET, &target, Vec::new(), WAIT + PIECE).await?;
        let newest =
            response.headers().get(CHANGE_HEADER).and_then(|value| value.to_str().ok()?.parse().ok());
        let newest =
            newest.ok_or_else(|| broken("the primary's answer makes no sense", "no newest change"))?;
        Ok(Coming { newest, body: response.into_body(), rest: Vec::new() })
    }

    /// Takes a copy of the primary's store; each piece is given to `each` as it comes.
    pub async fn backup(
        &mut self,
        mut each: impl FnMut(&[u8]) -> std::io::Result<()>,
    ) -> Result<(), LinkError> {
        let mut body = self.send(Method::GET, "/v1/backup", Vec::new(), COPYING).await?.into_body();
        while let Some(octets) = piece(&mut body).await? {
            each(&octets).map_err(|error| broken("writing the copy", error))?;
        }
        Ok(())
    }

    async fn send(
        &mut self,
        method: Method,
        target: &str,
        body: Vec<u8>,
        patience: Duration,
    ) -> Result<Response<Incoming>, LinkError> {
        let mut request = Request::new(Full::new(Bytes::from(body)));
        *request.method_mut() = method;
        *request.uri_mut() = target.parse().map_err(|error| broken("asking the primary", error))?;
        let headers = request.headers_mut();
        headers.insert(HOST, HeaderValue::from_static("ptrd"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(authorization) = &self.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        let asked = async {
            self.sender.ready().await?;
            self.sender.send_request(request).await
        };
        let response =
            timeout(patience, asked).await.map_err(|_| broken("asking the primary", "no answer"))?;
        let response = response.map_err(|error| broken("the connection to the primary", error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let octets = whole(response.into_body(), MOST_JSON).await?;
        Err(match serde_json::from_slice::<Problem>(&octets) {
            Ok(problem) => LinkError::Refused(Box::new(problem)),
            Err(_) => broken("the primary answers without a reason", status),
        })
    }
}

/// The next octets; `None` after the last.
async fn piece(body: &mut Incoming) -> Result<Option<Bytes>, LinkError> {
    loop {
        match timeout(PIECE, body.frame()).await {
            Err(_) => return Err(broken("the primary's answer", "it does not go on")),
            Ok(None) => return Ok(None),
            Ok(Some(Err(error))) => return Err(broken("the primary's answer broke off", error)),
            Ok(Some(Ok(frame))) => {
                if let Ok(octets) = frame.into_data() {
                    return Ok(Some(octets));
                }
            }
        }
    }
}

async fn whole(mut body: Incoming, most: usize) -> Result<Vec<u8>, LinkError> {
    let mut octets = Vec::new();
    while let Some(more) = piece(&mut body).await? {
        octets.extend_from_slice(&more);
        if octets.len() > most {
            return Err(broken("the primary's answer", "it is too long"));
        }
    }
    Ok(octets)
}

/// Changes on their way: four octets of length, and as many octets, for each.
pub struct Coming {
    /// The newest that the primary has.
    pub newest: u64,
    body: Incoming,
    rest: Vec<u8>,
}

impl Coming {
    /// The next one; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Commit>, LinkError> {
        let Some(octets) = self.octets().await? else { return Ok(None) };
        let commit = unpack_commit(&octets);
        let why = || broken("the primary's answer makes no sense", "a change that cannot be read");
        commit.map(Some).ok_or_else(why)
    }

    async fn octets(&mut self) -> Result<Option<Vec<u8>>, LinkError> {
        loop {
            if let Some((length, octets)) = self.rest.split_first_chunk::<4>() {
                let length = u32::from_be_bytes(*length) as usize;
                if length > MOST_CHANGE {
                    return Err(broken("the primary's answer", "a change that is too long"));
                }
                if octets.len() >= length {
                    let change = octets[..length].to_vec();
                    self.rest.drain(..4 + length);
                    return Ok(Some(change));
                }
            }
            match piece(&mut self.body).await? {
                Some(octets) => self.rest.extend_from_slice(&octets),
                None if self.rest.is_empty() => return Ok(None),
                None => return Err(broken("the primary's answer", "it ended within a change")),
            }
        }
    }
}
