//! Standbys that come over the network: the routes that they need, and no others, behind a secret.
//!
//! Who carries the octets, and keeps them from being read, is the caller's: a connection is whatever `accept` makes of one
//! of TCP. What a client may take before it has shown the secret is bounded as on the admin socket.

use crate::control::{Control, Standing};
use crate::peer::Peer;
use crate::reply::Refusal;
use crate::routes::standby_router;
use crate::serve::Limits;
use crate::stall::Impatient;
use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::header::AUTHORIZATION;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use ptrd_api::{Problem, code};
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Connections at a time, those that have not shown the secret yet among them.
const CONNECTIONS: usize = 32;
/// For a handshake, and for a request's head.
const PATIENCE: Duration = Duration::from_secs(10);
/// After an accept that failed, most likely for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A connection that carries requests.
pub trait Carrier: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Carrier for T {}

/// A connection that is being made.
pub type Accepted = Pin<Box<dyn Future<Output = io::Result<Box<dyn Carrier>>> + Send>>;
/// Makes one of a connection of TCP.
pub type Accept = dyn Fn(TcpStream) -> Accepted + Send + Sync;
/// Judges what somebody has shown.
pub type Admits = dyn Fn(&[u8]) -> bool + Send + Sync;

/// How strangers come in.
#[derive(Clone)]
pub struct Entrance {
    /// Makes connections.
    pub accept: Arc<Accept>,
    /// Whether this is the secret. In a time that does not depend on it.
    pub admits: Arc<Admits>,
}

/// Serves standbys at each listener until `shutdown`, on the runtime that this is called in.
///
/// # Errors
/// When the runtime takes no more sockets.
pub fn serve_standbys<C: Control>(
    listeners: Vec<StdListener>,
    control: Arc<C>,
    entrance: Entrance,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let limits = Arc::new(Limits::default());
    let front = Front {
        router: standby_router(control, limits.clone()),
        entrance,
        limits,
        places: Arc::new(Semaphore::new(CONNECTIONS)),
        shutdown,
    };
    for listener in listeners {
        listener.set_nonblocking(true)?;
        tokio::spawn(front.clone().accept(TcpListener::from_std(listener)?));
    }
    Ok(())
}

#[derive(Clone)]
struct Front {
    router: Router,
    entrance: Entrance,
    limits: Arc<Limits>,
    places: Arc<Semaphore>,
    shutdown: CancellationToken,
}

impl Front {
    async fn accept(self, listener: TcpListener) {
        while let Some(accepted) = self.shutdown.run_until_cancelled(listener.accept()).await {
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "the port for standbys could not accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let Ok(place) = self.places.clone().try_acquire_owned() else {
                tracing::warn!(%peer, "as many standbys as may are connected already");
                continue;
            };
            let front = self.clone();
            tokio::spawn(async move {
                let _place = place;
                let serving = front.serve(stream, peer);
                front.shutdown.run_until_cancelled(serving).await;
            });
        }
    }

    async fn serve(&self, stream: TcpStream, peer: SocketAddr) {
        let _ = stream.set_nodelay(true);
        let carrier = match tokio::time::timeout(PATIENCE, (self.entrance.accept)(stream)).await {
            Ok(Ok(carrier)) => carrier,
            Ok(Err(error)) => return tracing::warn!(%peer, %error, "a standby's connection was not made"),
            Err(_) => return tracing::warn!(%peer, "a standby's handshake takes too long"),
        };
        let io = TokioIo::new(Impatient::new(carrier, self.limits.answer_stall));
        let router = TowerToHyperService::new(self.router.clone());
        let known = Peer::new("a standby".to_owned(), peer.to_string(), Standing::Operator);
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            let is_known = self.is_known(&request);
            request.extensions_mut().insert(known.clone());
            let router = router.clone();
            async move {
                if !is_known {
                    tracing::warn!(%peer, "somebody came without the secret of standbys");
                    return Ok(stranger());
                }
                hyper::service::Service::call(&router, request.map(Body::new)).await
            }
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(self.limits.head_time).max_buf_size(16 << 10);
        // An error is the client's going away, or its taking too long.
        let _ = http.serve_connection(io, service).await;
    }

    fn is_known(&self, request: &hyper::Request<Incoming>) -> bool {
        let shown = request.headers().get(AUTHORIZATION).map(|value| value.as_bytes());
        shown
            .and_then(|value| value.strip_prefix(b"Bearer "))
            .is_some_and(|secret| (self.entrance.admits)(secret))
    }
}

fn stranger() -> Response {
    let problem = Problem::new(code::FORBIDDEN, "the secret of standbys is another one")
        .hint("standby.secret-file must have the same content on both servers");
    let mut response = Refusal::from(problem).into_response();
    // Whoever guesses needs a handshake for each guess.
    response
        .headers_mut()
        .insert(hyper::header::CONNECTION, hyper::header::HeaderValue::from_static("close"));
    response
}
