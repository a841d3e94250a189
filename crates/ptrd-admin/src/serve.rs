//! Connections: accepted, counted, admitted, served, ended.

use crate::control::Control;
use crate::peer::{Allowed, Doorkeeper};
use crate::reply::Refusal;
use crate::routes::router;
use crate::socket::AdminSocket;
use crate::stall::Impatient;
use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use ptrd_api::{Problem, code};
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

/// How many connections that are refused may wait for the answer that says so; those beyond are closed.
const REFUSALS: usize = 32;
/// How long such a one has for its request.
const REFUSAL_TIME: Duration = Duration::from_secs(3);
/// After an accept that failed, most likely for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What clients may take of the daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time; those beyond are answered `busy`.
    pub connections: usize,
    /// Octets of a JSON body.
    pub json: usize,
    /// Octets of a body that holds RRsets of a zone; more than [`Limits::json`] counts as an import.
    pub rrsets: usize,
    /// Octets of an import's body.
    pub import: u64,
    /// Imports at a time.
    pub imports: usize,
    /// Octets of a request's head; at least 8 KiB.
    pub head: usize,
    /// How long a head may take to arrive, and a connection may be idle.
    pub head_time: Duration,
    /// How long a JSON body may take to arrive.
    pub body_time: Duration,
    /// How long an import may pause.
    pub upload_stall: Duration,
    /// How long a client may leave an answer unread.
    pub answer_stall: Duration,
    /// How long requests may go on after the shutdown.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 256,
            json: 1 << 20,
            rrsets: 32 << 20,
            import: 4 << 30,
            imports: 2,
            head: 64 << 10,
            head_time: Duration::from_secs(30),
            body_time: Duration::from_secs(10),
            upload_stall: Duration::from_secs(120),
            answer_stall: Duration::from_secs(300),
            grace: Duration::from_secs(5),
        }
    }
}

/// How to serve.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What clients may take.
    pub limits: Limits,
    /// Users that are let in besides root, our own user and members of the socket's group.
    pub allowed: Allowed,
}

/// Serves until `shutdown`, on the runtime that this is called in. The task then removes the socket, lets requests
/// that are under way finish within [`Limits::grace`], and ends.
///
/// # Errors
/// When the runtime takes no more sockets.
pub fn serve<C: Control>(
    socket: AdminSocket,
    control: Arc<C>,
    settings: Settings,
    shutdown: CancellationToken,
) -> io::Result<JoinHandle<()>> {
    let listener = socket.listener()?;
    let limits = Arc::new(settings.limits);
    let front = Arc::new(Front {
        router: router(control, limits.clone()),
        doorkeeper: Doorkeeper::new(socket.group(), settings.allowed),
        served: Arc::new(Semaphore::new(limits.connections)),
        refused: Arc::new(Semaphore::new(REFUSALS)),
        limits,
        shutdown,
    });
    Ok(tokio::spawn(async move {
        let mut connections = JoinSet::new();
        accept(&listener, &front, &mut connections).await;
        drop(listener);
        socket.remove();
        finish(&mut connections, front.limits.grace).await;
    }))
}

struct Front {
    router: Router,
    doorkeeper: Doorkeeper,
    served: Arc<Semaphore>,
    refused: Arc<Semaphore>,
    limits: Arc<Limits>,
    shutdown: CancellationToken,
}

async fn accept(listener: &tokio::net::UnixListener, front: &Arc<Front>, connections: &mut JoinSet<()>) {
    loop {
        tokio::select! {
            biased;
            () = front.shutdown.cancelled() => return,
            Some(ended) = connections.join_next() => report(ended),
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    if let Some(place) = front.place() {
                        connections.spawn(front.clone().connection(stream, place));
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "the admin socket could not accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
}

/// A connection's slot.
struct Place {
    /// Whether it is one to be served in, not one to be told that there is none.
    served: bool,
    _permit: OwnedSemaphorePermit,
}

impl Front {
    fn place(&self) -> Option<Place> {
        let place = |slots: &Arc<Semaphore>, served| {
            slots.clone().try_acquire_owned().ok().map(|permit| Place { served, _permit: permit })
        };
        place(&self.served, true).or_else(|| place(&self.refused, false))
    }

    async fn connection(self: Arc<Self>, stream: UnixStream, place: Place) {
        let admitted = match stream.peer_cred() {
            _ if !place.served => Err(Problem::new(code::BUSY, "too many clients are connected")
                .hint("try again; idle connections are closed after a while")),
            Err(error) => {
                tracing::warn!(%error, "the credentials of a client could not be read");
                Err(Problem::new(code::FORBIDDEN, "who is asking could not be found out"))
            }
            Ok(credentials) => self.doorkeeper.admit(&credentials).await,
        };
        let io = TokioIo::new(Impatient::new(stream, self.limits.answer_stall));
        let mut http = http1::Builder::new();
        // Not `pipeline_flush`: hyper then loses the answer to a head that is too large.
        http.timer(TokioTimer::new()).max_buf_size(self.limits.head.max(8 << 10));
        match admitted {
            Ok(peer) => {
                let router = TowerToHyperService::new(self.router.clone());
                let service = service_fn(move |mut request: hyper::Request<Incoming>| {
                    request.extensions_mut().insert(peer.clone());
                    hyper::service::Service::call(&router, request.map(Body::new))
                });
                http.header_read_timeout(self.limits.head_time);
                let mut connection = pin!(http.serve_connection(io, service));
                let ended = tokio::select! {
                    ended = connection.as_mut() => ended,
                    () = self.shutdown.cancelled() => {
                        connection.as_mut().graceful_shutdown();
                        connection.await
                    }
                };
                farewell(ended);
            }
            Err(problem) => {
                http.header_read_timeout(REFUSAL_TIME).keep_alive(false);
                let service = service_fn(move |_| refuse(problem.clone()));
                let ended = tokio::time::timeout(REFUSAL_TIME, http.serve_connection(io, service)).await;
                farewell(ended.unwrap_or(Ok(())));
            }
        }
    }
}

fn refuse(problem: Problem) -> impl Future<Output = Result<Response, Infallible>> {
    std::future::ready(Ok(Refusal::from(problem).into_response()))
}

/// Clients come and go as they like: nothing that an operator must know.
fn farewell(ended: Result<(), hyper::Error>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection to the admin socket broke");
    }
}

fn report(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "a connection to the admin socket met a fault of ptrd");
    }
}

async fn finish(connections: &mut JoinSet<()>, grace: Duration) {
    let ending = async {
        while let Some(ended) = connections.join_next().await {
            report(ended);
        }
    };
    if tokio::time::timeout(grace, ending).await.is_err() {
        tracing::warn!(connections = connections.len(), "requests on the admin socket did not end in time");
        connections.shutdown().await;
    }
}
