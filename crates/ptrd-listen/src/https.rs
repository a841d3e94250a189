//! DNS over HTTPS (RFC 8484): GET and POST at `/dns-query`, over HTTP/2 and, for clients that have nothing better, HTTP/1.1.
//!
//! A connection is a task with a seat, like one of TLS. HTTP itself is hyper's; what clients may take of it is bounded: how
//! long a handshake, a request and the reading of an answer may take, how many requests there are at a time, how large their
//! headers, and, by the common account, what they leave unsent or unread. Zones are not transferred: a response has one
//! message (RFC 8484 §4.2.1).
//!
//! hickory-server was to do this: it knows POST alone, bounds no connections, and takes records where we have octets.

use crate::desk::{Made, Origin, SharedDesk};
use crate::limits::Limits;
use crate::tcp::{Front, Parked, Seat, TLS_ROOM, millis};
use base64ct::{Base64UrlUnpadded, Encoding};
use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Incoming};
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// The names of HTTP (RFC 7301), the better one first.
pub(crate) const ALPN: [&[u8]; 2] = [b"h2", b"http/1.1"];
/// Where queries are taken.
const PATH: &str = "/dns-query";
const MESSAGE: HeaderValue = HeaderValue::from_static("application/dns-message");

/// Requests of a connection at a time (RFC 9113 §6.5.2 would have 100).
const STREAMS: u32 = 100;
/// Octets of a request's headers; the longest query in a GET is longer, and belongs into a POST.
const HEADERS: usize = 16 << 10;
/// Octets of requests that we have not read, by stream and by connection.
const UNREAD: (u32, u32) = (64 << 10, 128 << 10);
/// Octets of responses that hyper may keep, by stream.
const UNSENT: usize = 64 << 10;
const LONGEST: usize = 65_535;

/// What the requests of a connection share.
struct Visit {
    peer: SocketAddr,
    local: SocketAddr,
    desk: SharedDesk,
    front: Arc<Front>,
    seat: Seat,
    unread: Arc<Unread>,
}

/// Answers that the client has not taken.
#[derive(Default)]
struct Unread {
    number: AtomicU64,
    /// When the first of them was made, or the last one taken.
    since: AtomicU64,
}

/// An answer on its way; the common account has it until it is sent.
struct Sheet {
    octets: Vec<u8>,
    front: Arc<Front>,
    unread: Arc<Unread>,
    _parked: Parked,
}

impl Sheet {
    fn new(octets: Vec<u8>, parked: Parked, visit: &Visit) -> Sheet {
        let (front, unread) = (visit.front.clone(), visit.unread.clone());
        if unread.number.fetch_add(1, Relaxed) == 0 {
            unread.since.store(front.now(), Relaxed);
        }
        Sheet { octets, front, unread, _parked: parked }
    }
}

impl AsRef<[u8]> for Sheet {
    fn as_ref(&self) -> &[u8] {
        &self.octets
    }
}

impl Drop for Sheet {
    fn drop(&mut self) {
        self.unread.number.fetch_sub(1, Relaxed);
        self.unread.since.store(self.front.now(), Relaxed);
    }
}

/// Serves a connection to its end.
pub(crate) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    acceptor: TlsAcceptor,
    (desk, seat): (SharedDesk, Seat),
) {
    let front = seat.front.clone();
    let local = stream.local_addr().unwrap_or(peer);
    let first_query = front.limits.load().first_query;
    let limited = |tls: &mut rustls::ServerConnection| tls.set_buffer_limit(Some(TLS_ROOM));
    let shaken = tokio::select! {
        () = seat.lost() => None,
        done = timeout(first_query, acceptor.accept_with(stream, limited)) => done.ok().and_then(Result::ok),
    };
    let Some(tls) = shaken else {
        front.cells.unshaken.fetch_add(1, Relaxed);
        return;
    };
    let is_h2 = tls.get_ref().1.alpn_protocol() == Some(ALPN[0]);
    let unread = Arc::<Unread>::default();
    let visit = Arc::new(Visit { peer, local, desk, front: front.clone(), seat, unread: unread.clone() });
    let answering = visit.clone();
    let service = service_fn(move |request| {
        let visit = answering.clone();
        async move { Ok::<_, Infallible>(visit.respond(request).await) }
    });
    let io = TokioIo::new(tls);
    let serving = async {
        // What HTTP finds wrong with a client is between the two.
        if is_h2 {
            let _ = h2().serve_connection(io, service).await;
        } else {
            let _ = h1().serve_connection(io, service).await;
        }
    };
    tokio::select! {
        () = visit.seat.lost() => {}
        () = stalls(&front, &unread) => {
            front.cells.timed_out.fetch_add(1, Relaxed);
        }
        () = serving => {}
    }
}

fn h2() -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEADERS as u32)
        .initial_stream_window_size(UNREAD.0)
        .initial_connection_window_size(UNREAD.1)
        .max_send_buf_size(UNSENT);
    builder
}

fn h1() -> http1::Builder {
    let mut builder = http1::Builder::new();
    // Whoever dribbles its headers does not ask, and loses its seat as anybody idle does.
    builder.timer(TokioTimer::new()).header_read_timeout(None).half_close(true).max_buf_size(UNSENT);
    builder.max_header_size(HEADERS);
    builder
}

/// Comes when the client has taken none of its answers for too long.
async fn stalls(front: &Front, unread: &Unread) {
    loop {
        let limit = front.limits.load().write_stall;
        tokio::time::sleep((limit / 4).max(Duration::from_millis(5))).await;
        let since = unread.since.load(Relaxed) + millis(limit);
        if unread.number.load(Relaxed) > 0 && since <= front.now() {
            return;
        }
    }
}

type Page = Response<Full<Bytes>>;

/// A response without a message, which says why in a line.
struct Refusal(StatusCode, &'static str);

impl Refusal {
    fn page(self) -> Page {
        let Refusal(status, why) = self;
        let mut response = Response::new(Full::new(Bytes::from_static(why.as_bytes())));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        if status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(ALLOW, HeaderValue::from_static("GET, POST"));
        }
        response
    }
}

impl Visit {
    async fn respond(&self, request: Request<Incoming>) -> Page {
        let limits = self.front.limits.load_full();
        let is_head = request.method() == Method::HEAD;
        let mut response = self.answer(request, &limits).await.unwrap_or_else(Refusal::page);
        if is_head {
            // RFC 9110 §9.3.2.
            *response.body_mut() = Full::default();
        }
        response
    }

    async fn answer(&self, request: Request<Incoming>, limits: &Limits) -> Result<Page, Refusal> {
        if request.uri().path() != PATH {
            return Err(Refusal(StatusCode::NOT_FOUND, "queries are taken at /dns-query\n"));
        }
        let method = request.method().clone();
        let message = match method {
            Method::GET => from_query(request.uri().query())?,
            Method::POST => self.read(request, limits).await?,
            _ => return Err(Refusal(StatusCode::METHOD_NOT_ALLOWED, "GET or POST\n")),
        };
        let origin = Origin { peer: self.peer, local: self.local, transfers: false };
        let (made, answer) = {
            let mut desk = self.desk.lock();
            let made = desk.answer_one(origin, &message);
            let length = if let Made::Answer(length) = made { length } else { 0 };
            (made, desk.output[2..2 + length].to_vec())
        };
        drop(message);
        let answer = match made {
            Made::Answer(_) => answer,
            Made::Silence => return Err(Refusal(StatusCode::BAD_REQUEST, "this is no query\n")),
            Made::Reply(mut reply) => {
                let mut room = vec![0; LONGEST];
                // One message: whoever would send more was told that there is no place for them.
                let Some(Ok(length)) = poll_fn(|cx| reply.poll_message(cx, &mut room)).await else {
                    return Err(Refusal(StatusCode::INTERNAL_SERVER_ERROR, "there is no answer\n"));
                };
                room.truncate(length);
                room
            }
        };
        let Some(parked) = self.front.park(answer.len()) else {
            return Err(Refusal(StatusCode::SERVICE_UNAVAILABLE, "too many answers are unread\n"));
        };
        self.seat.note_answer(millis(limits.idle));
        let lifetime = ptrd_wire::lifetime(&answer);
        let mut response = Response::new(Full::new(Bytes::from_owner(Sheet::new(answer, parked, self))));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, MESSAGE);
        if let Ok(value) = HeaderValue::try_from(format!("max-age={lifetime}")) {
            headers.insert(CACHE_CONTROL, value);
        }
        Ok(response)
    }

    async fn read(&self, request: Request<Incoming>, limits: &Limits) -> Result<Vec<u8>, Refusal> {
        // RFC 8484 §4.1. A type may have parameters; this one has none.
        let given = request.headers().get(CONTENT_TYPE);
        if !given.is_some_and(|given| given.as_bytes().eq_ignore_ascii_case(MESSAGE.as_bytes())) {
            return Err(Refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the type is application/dns-message\n"));
        }
        let too_long = || Refusal(StatusCode::PAYLOAD_TOO_LARGE, "a message has 65535 octets at most\n");
        let body = request.into_body();
        let hint = body.size_hint();
        if hint.lower() > LONGEST as u64 {
            return Err(too_long());
        }
        // As much as it says, or as there may be.
        let octets = hint.exact().map_or(LONGEST, |octets| octets as usize);
        let Some(_parked) = self.front.park(octets) else {
            return Err(Refusal(StatusCode::SERVICE_UNAVAILABLE, "too many requests are unfinished\n"));
        };
        match timeout(limits.message, Limited::new(body, LONGEST).collect()).await {
            Ok(Ok(collected)) => Ok(collected.to_bytes().to_vec()),
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => Err(too_long()),
            Ok(Err(_)) => Err(Refusal(StatusCode::BAD_REQUEST, "the request broke off\n")),
            Err(_) => Err(Refusal(StatusCode::REQUEST_TIMEOUT, "the request took too long\n")),
        }
    }
}

/// The message of a GET (RFC 8484 §4.1): base64url without padding.
fn from_query(query: Option<&str>) -> Result<Vec<u8>, Refusal> {
    let bad = |why| Refusal(StatusCode::BAD_REQUEST, why);
    let parts = query.unwrap_or_default().split('&');
    let text = parts.filter_map(|part| part.strip_prefix("dns=")).next();
    let text = text.ok_or_else(|| bad("the query stands in the variable dns\n"))?;
    Base64UrlUnpadded::decode_vec(text).map_err(|_| bad("dns is base64url without padding\n"))
}
