//! Requests to a registry's interface, over TLS. What is secret is put in here and nowhere else: no message, no error and no
//! debug output has it.

use crate::failure::Failure;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::handshake;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use ptrd_listen::{Connection, HttpsCaller};
use ptrd_posture::rir::submit::{Call, Place, basic};
use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;
use tokio::net::TcpStream;

/// For one request. RIPE runs Zonemaster meanwhile, and gives it ten minutes.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// For the connection.
const CONNECTING: Duration = Duration::from_secs(20);
/// Octets of an answer.
const MOST: usize = 8 << 20;

/// Where the interface of a registry is.
#[derive(Clone, Debug)]
pub struct Endpoint {
    tls: bool,
    host: String,
    port: u16,
    base: String,
}

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Endpoint, String> {
        let bad = |why: &str| format!("{text}: {why}; write a URL such as https://rest.db.ripe.net");
        let uri: Uri = text.parse().map_err(|_| bad("it is no URL"))?;
        if uri.query().is_some() || uri.authority().is_some_and(|authority| authority.as_str().contains('@'))
        {
            return Err(bad("it must have no query, user or password; credentials come from a file"));
        }
        let host = uri.host().ok_or_else(|| bad("it names no host"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if here => false,
            Some("http") => return Err(bad("over http everyone on the way could read the credential")),
            _ => return Err(bad("it is no https URL")),
        };
        let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
        Ok(Endpoint { tls, host, port, base: uri.path().trim_end_matches('/').to_owned() })
    }
}

impl Endpoint {
    fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        match (self.tls, self.port) {
            (true, 443) | (false, 80) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", if self.tls { "https" } else { "http" }, self.authority(), self.base)
    }
}

/// A credential, which nothing shows.
pub struct Secret(String);

impl Secret {
    pub fn new(text: &str) -> Secret {
        Secret(text.to_owned())
    }
}

/// Talks to the interface.
pub struct Web {
    endpoint: Endpoint,
    tls: Option<HttpsCaller>,
    secret: Secret,
}

impl Web {
    pub fn new(endpoint: &Endpoint, authorities: &Path, secret: Secret) -> Result<Web, Failure> {
        let tls = endpoint.tls.then(|| HttpsCaller::trusting(authorities)).transpose();
        let tls = tls.map_err(|error| {
            Failure::local(error.to_string()).hint("name the authorities to trust with --ca-file, in PEM")
        })?;
        Ok(Web { endpoint: endpoint.clone(), tls, secret })
    }

    /// Sends a request; the status and body of its answer.
    pub async fn call(&self, call: &Call) -> Result<(u16, String), Failure> {
        let what = || format!("{} {}{}", call.method, self.endpoint, call.path);
        let wrong = |error: String| Failure::local(format!("{}: {error}", what()));
        let answered = tokio::time::timeout(PATIENCE, self.exchange(call)).await;
        let answered = answered.map_err(|_| {
            wrong("no answer in 15 minutes".to_owned())
                .hint("it may have been done all the same: ask the registry first")
        })?;
        answered.map_err(|error| wrong(format!("{error:#}")))
    }

    async fn exchange(&self, call: &Call) -> anyhow::Result<(u16, String)> {
        let stream = tokio::time::timeout(CONNECTING, self.connect());
        let stream = stream.await.map_err(|_| anyhow::anyhow!("no connection in 20 seconds"))??;
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let response = sender.send_request(self.request(call)?).await?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), MOST).collect().await.map_err(anyhow::Error::msg)?;
        connection.abort();
        Ok((status, String::from_utf8_lossy(&body.to_bytes()).into_owned()))
    }

    fn request(&self, call: &Call) -> anyhow::Result<Request<Full<Bytes>>> {
        let path = format!("{}{}", self.endpoint.base, call.path);
        let target = match call.secret {
            Place::ApiKey => format!("{path}?apikey={}", encoded(&self.secret.0)),
            Place::Basic => path,
        };
        let mut request = Request::builder()
            .method(call.method)
            .uri(target)
            .header(HOST, self.endpoint.authority())
            .header(ACCEPT, call.kind)
            .header(USER_AGENT, concat!("ptrctl/", env!("CARGO_PKG_VERSION")));
        if !call.body.is_empty() {
            request = request.header(CONTENT_TYPE, call.kind);
        }
        if call.secret == Place::Basic {
            let mut value = hyper::header::HeaderValue::from_str(&basic(&self.secret.0))?;
            value.set_sensitive(true);
            request = request.header(AUTHORIZATION, value);
        }
        // What is wrong with a request could show its target, and the key in it.
        let body = Full::new(Bytes::from(call.body.clone()));
        request.body(body).map_err(|_| anyhow::anyhow!("the request cannot be written"))
    }

    async fn connect(&self) -> anyhow::Result<Box<dyn Connection>> {
        let stream = TcpStream::connect((self.endpoint.host.as_str(), self.endpoint.port)).await?;
        match &self.tls {
            None => Ok(Box::new(stream)),
            Some(tls) => Ok(tls.connect(&self.endpoint.host, stream).await?),
        }
    }
}

/// A value in a query.
fn encoded(text: &str) -> String {
    let plain = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~');
    let one = |octet: u8| if plain(octet) { char::from(octet).to_string() } else { format!("%{octet:02X}") };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_go_over_tls_or_nowhere() {
        let of = |text: &str| text.parse::<Endpoint>().map(|endpoint| endpoint.to_string());
        assert_eq!(of("https://rest.db.ripe.net/").as_deref(), Ok("https://rest.db.ripe.net"));
        assert_eq!(of("http://127.0.0.1:8080/whois").as_deref(), Ok("http://127.0.0.1:8080/whois"));
        assert_eq!(of("https://[2001:db8::1]").as_deref(), Ok("https://[2001:db8::1]"));
        for bad in [
            "http://rest.db.ripe.net",
            "rest.db.ripe.net",
            "ftp://x",
            "https://a:b@x",
            "https://x/?apikey=1",
            "",
        ] {
            assert!(of(bad).is_err(), "{bad}");
        }
        assert_eq!(encoded("API-1&x=ü"), "API-1%26x%3D%C3%BC");
    }
}
