//! The HTTPS door: the API for whoever has a token.
//!
//! The same routes as on the admin socket, without those that are for this machine alone. Who carries the octets, and keeps them
//! from being read, is the caller's: a connection is whatever [`Door::accept`] makes of one of TCP. A client may take a seat, a
//! few of them for each address, and times for handshake, head, body and answer; its requests are counted by address, before
//! anything of them is believed, and by token. HTTP/1.1 alone: what HTTP/2 would save a client of an API, a connection that is
//! kept open saves as well, and one connection is one request at a time to bound.

use crate::control::Control;
use crate::gate::{Gate, Guest, KEY_HEADER};
use crate::peer::Peer;
use crate::powerdns;
use crate::problem_details;
use crate::rates::{Rates, network};
use crate::reply::Refusal;
use crate::routes::api_router;
use crate::seats::Seats;
use crate::serve::Limits;
use crate::stall::Impatient;
use crate::strangers::Accept;
use axum::Router;
use axum::body::Body;
use axum::http::uri::Authority;
use axum::http::{HeaderName, HeaderValue, Method, Request, StatusCode, Version, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use ptrd_api::{Problem, TokenId, code};
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener as StdListener};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What a client calls a request, and what the log and the answer call it.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// For a handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// After an accept that failed, most likely for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// The longest name of a request.
const LONGEST_ID: usize = 64;

/// What clients may take of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiLimits {
    /// Connections at a time; those beyond are closed.
    pub connections: usize,
    /// Those of one address, or of one /64 of IPv6.
    pub per_address: usize,
    /// Requests a second of one address, and at once.
    pub address_rate: u32,
    /// Requests a second with one token, and at once.
    pub token_rate: u32,
    /// Sizes and times of requests.
    pub requests: Limits,
}

impl Default for ApiLimits {
    fn default() -> ApiLimits {
        let requests = Limits {
            import: 64 << 20,
            imports: 2,
            head: 16 << 10,
            upload_stall: Duration::from_secs(10),
            answer_stall: Duration::from_secs(30),
            ..Limits::default()
        };
        ApiLimits { connections: 256, per_address: 32, address_rate: 50, token_rate: 50, requests }
    }
}

/// Where the API is, and who carries it.
pub struct Door {
    /// The listening sockets.
    pub listeners: Vec<StdListener>,
    /// Makes connections.
    pub accept: Arc<Accept>,
    /// What clients may take.
    pub limits: ApiLimits,
    /// Pages for people, served where no route of the API is. They have ways of their own to tell who asks; the client's
    /// address is among the extensions of each request, as [`IpAddr`].
    pub pages: Option<Router>,
}

/// Serves the API until `shutdown`, on the runtime that this is called in. `gate` is shared with other doors.
///
/// # Errors
/// When the runtime takes no more sockets.
pub fn serve_api<C: Control>(
    door: Door,
    control: Arc<C>,
    gate: Gate<C>,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let Door { listeners, accept, limits, pages } = door;
    let front = Arc::new(Front {
        router: api_router(control, Arc::new(limits.requests.clone())),
        pages,
        gate,
        accept,
        seats: Seats::new(limits.connections, limits.per_address),
        by_address: Rates::per_second(limits.address_rate),
        by_token: Rates::per_second(limits.token_rate),
        names: Names::new(),
        limits,
        tasks: TaskTracker::new(),
        shutdown,
    });
    for listener in listeners {
        listener.set_nonblocking(true)?;
        tokio::spawn(front.clone().listen(TcpListener::from_std(listener)?));
    }
    Ok(())
}

struct Front<C> {
    router: Router,
    pages: Option<Router>,
    gate: Gate<C>,
    accept: Arc<Accept>,
    seats: Seats,
    by_address: Rates<IpAddr>,
    by_token: Rates<TokenId>,
    names: Names,
    limits: ApiLimits,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

impl<C: Control> Front<C> {
    async fn listen(self: Arc<Self>, listener: TcpListener) {
        while let Some(accepted) = self.shutdown.run_until_cancelled(listener.accept()).await {
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "the port of the API could not accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            // Whoever finds no seat would cost a handshake to be told so.
            let Some(seat) = self.seats.take(peer.ip()) else { continue };
            let front = self.clone();
            self.tasks.spawn(async move {
                let _seat = seat;
                front.connection(stream, peer).await;
            });
        }
        drop(listener);
        self.tasks.close();
        if tokio::time::timeout(self.limits.requests.grace, self.tasks.wait()).await.is_err() {
            tracing::warn!("requests of the API did not end in time");
        }
    }

    async fn connection(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        let _ = stream.set_nodelay(true);
        let handshake = tokio::time::timeout(HANDSHAKE, (self.accept)(stream));
        let Some(Ok(Ok(carrier))) = self.shutdown.run_until_cancelled(handshake).await else {
            return tracing::debug!(%peer, "a connection to the API was not made");
        };
        let limits = &self.limits.requests;
        let io = TokioIo::new(Impatient::new(carrier, limits.answer_stall));
        let front = self.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let front = front.clone();
            async move { Ok::<Response, Infallible>(front.answer(request.map(Body::new), peer.ip()).await) }
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(limits.head_time)
            .max_buf_size(limits.head.max(8 << 10));
        let mut connection = pin!(http.serve_connection(io, service));
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.shutdown.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%peer, %error, "a connection to the API broke");
        }
    }

    /// Answers a request, whatever it is.
    async fn answer(&self, request: Request<Body>, from: IpAddr) -> Response {
        let is_in_chunks = request.headers().contains_key(header::TRANSFER_ENCODING);
        let mut response = self.respond(request, from).await;
        if is_in_chunks {
            // RFC 9112 §6.1: whoever sends a length as well may mean two requests by it. Of whom does, hyper shows the one
            // header only, so that nothing after chunks is read.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    async fn respond(&self, mut request: Request<Body>, from: IpAddr) -> Response {
        let id = self.names.of(request.headers().get(REQUEST_ID));
        if let Some(pages) = self.pages.as_ref().filter(|_| !is_of_api(&request)) {
            return self.page(pages, request, from, &id).await;
        }
        let is_reading = matches!(*request.method(), Method::GET | Method::HEAD);
        let response = match self.admit(&request, from, &id) {
            Ok(Some(peer)) => {
                request.extensions_mut().insert(peer);
                route(&self.router, request).await
            }
            Ok(None) => route(&self.router, request).await,
            Err(Denied { problem, wait }) => {
                let is_powerdns = powerdns::is_asked(request.uri().path());
                let refusal = Refusal::to_sender(*problem, request.into_body());
                let mut response =
                    if is_powerdns { powerdns::stranger(refusal) } else { refusal.into_response() };
                if let Some(wait) = wait.map(|wait| HeaderValue::from(wait.as_secs() + 1)) {
                    response.headers_mut().insert(header::RETRY_AFTER, wait);
                }
                response
            }
        };
        let mut response = problem_details::of(response, &id);
        finish(&mut response, &id, is_reading);
        response
    }

    /// Answers with a page. What browsers may keep of it, the page says.
    async fn page(&self, pages: &Router, mut request: Request<Body>, from: IpAddr, id: &str) -> Response {
        let mut response = match self.by_address.take(network(from), Instant::now()) {
            Ok(()) => {
                request.extensions_mut().insert(from);
                route(pages, request).await
            }
            Err(wait) => {
                let wait = HeaderValue::from(wait.as_secs() + 1);
                let text = "more requests from this address than may come in a second\n";
                (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, wait)], text).into_response()
            }
        };
        own_to(&mut response, id);
        response
    }

    /// Who asks; nobody for what everybody may read.
    fn admit(&self, request: &Request<Body>, from: IpAddr, id: &str) -> Result<Option<Peer>, Denied> {
        let now = Instant::now();
        let too_many = |what: &str| {
            let problem =
                Problem::new(code::TOO_MANY, format!("more requests {what} than may come in a second"));
            let problem = problem.hint("wait for as long as Retry-After says");
            move |wait: Duration| Denied { problem: Box::new(problem), wait: Some(wait) }
        };
        self.by_address.take(network(from), now).map_err(too_many("from this address"))?;
        check_host(request).map_err(|problem| Denied { problem: Box::new(problem), wait: None })?;
        if request.uri().path() == crate::routes::DOCUMENT {
            return Ok(None);
        }
        let guest = self.gate.admit(request.headers(), from).map_err(|problem| {
            let wait = (problem.code == code::TOO_MANY).then_some(crate::gate::PER_TRY);
            Denied { problem: Box::new(problem), wait }
        })?;
        let Guest { standing, actor, origin } = guest;
        if let crate::Standing::Token(token) = standing {
            self.by_token.take(token, now).map_err(too_many("with this token"))?;
        }
        Ok(Some(Peer::new(actor, format!("https {origin} {id}"), standing)))
    }
}

/// RFC 9112 §3.2: a request says once whom it is for, unless it is of HTTP/1.0. Whom, does not matter.
fn check_host(request: &Request<Body>) -> Result<(), Problem> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if request.version() == Version::HTTP_10 => Ok(()),
        (Some(host), None) if is_authority(host) => Ok(()),
        _ => Err(Problem::new(code::BAD_REQUEST, "Host: one name or address, with a port or without")),
    }
}

/// A name or an address, and a port: what stands before an `@` in a URL is no part of it.
fn is_authority(host: &HeaderValue) -> bool {
    !host.as_bytes().contains(&b'@') && Authority::try_from(host.as_bytes()).is_ok()
}

/// Why somebody is not let in, and for how long.
struct Denied {
    problem: Box<Problem>,
    wait: Option<Duration>,
}

/// Whether a request is one of the API, be there a route or not: by its path, or because it shows a token as browsers do not.
fn is_of_api(request: &Request<Body>) -> bool {
    let start = request.uri().path().split('/').nth(1);
    let shows_token = |name: &str| request.headers().contains_key(name);
    matches!(start, Some("v1" | "api"))
        || [header::AUTHORIZATION.as_str(), KEY_HEADER].into_iter().any(shows_token)
}

async fn route(router: &Router, request: Request<Body>) -> Response {
    let router = TowerToHyperService::new(router.clone());
    match hyper::service::Service::call(&router, request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// What every answer of the API says.
fn finish(response: &mut Response, id: &str, is_reading: bool) {
    own_to(response, id);
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if is_reading {
        headers.append(header::VARY, HeaderValue::from_static("authorization, x-api-key"));
    }
}

/// What every answer says.
fn own_to(response: &mut Response, id: &str) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    // RFC 6797. Two years; subdomains are none of ours.
    headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=63072000"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

/// Names for requests that come without one.
struct Names {
    start: u64,
    next: AtomicU64,
}

impl Names {
    fn new() -> Names {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Names { start: since.as_micros() as u64, next: AtomicU64::new(0) }
    }

    /// The name that a client gave, if it is sane, or a new one.
    fn of(&self, given: Option<&HeaderValue>) -> String {
        let is_sane = |text: &&str| {
            let known = |octet: u8| octet.is_ascii_alphanumeric() || b"-_.:".contains(&octet);
            (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(known)
        };
        let given = given.and_then(|value| value.to_str().ok()).filter(is_sane);
        given.map_or_else(
            || format!("{:x}-{:x}", self.start, self.next.fetch_add(1, Ordering::Relaxed)),
            str::to_owned,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_requests_are_taken_where_they_are_sane() {
        let names = Names::new();
        let of = |text: &'static str| names.of(Some(&HeaderValue::from_static(text)));
        assert_eq!(of("abc-1.2_3:4"), "abc-1.2_3:4");
        for bad in ["", "two words", "a\"b", "x;y"] {
            assert_ne!(of(bad), bad);
        }
        assert_ne!(names.of(None), names.of(None));
    }
}
