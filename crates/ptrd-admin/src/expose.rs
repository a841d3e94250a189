//! Metrics over TCP, for a collector that is not on this machine: one page, read only, nothing else.
//!
//! Whoever can connect may read, so this is off unless the configuration names an address. What a client may take is
//! bounded as on the admin socket.

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::io;
use std::net::TcpListener as StdListener;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Connections at a time; collectors use one or two.
const CONNECTIONS: usize = 32;
/// For a request's head, and for an answer that is not taken.
const PATIENCE: Duration = Duration::from_secs(10);
/// After an accept that failed, most likely for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Makes the page; may look at millions of things, so it is called on a thread that may block.
pub type Page = Arc<dyn Fn() -> String + Send + Sync>;

/// Serves `page` at `/metrics` of each listener until `shutdown`, on the runtime that this is called in.
///
/// # Errors
/// When the runtime takes no more sockets.
pub fn expose(
    listeners: Vec<StdListener>,
    content_type: &'static str,
    page: Page,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    for listener in listeners {
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let front =
            Front { content_type, page: page.clone(), places: places.clone(), shutdown: shutdown.clone() };
        tokio::spawn(front.accept(listener));
    }
    Ok(())
}

#[derive(Clone)]
struct Front {
    content_type: &'static str,
    page: Page,
    places: Arc<Semaphore>,
    shutdown: CancellationToken,
}

impl Front {
    async fn accept(self, listener: TcpListener) {
        while let Some(accepted) = self.shutdown.run_until_cancelled(listener.accept()).await {
            let stream = match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "the metrics port could not accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            // Beyond the limit connections are closed: whoever asks for metrics asks again.
            let Ok(place) = self.places.clone().try_acquire_owned() else { continue };
            let front = self.clone();
            tokio::spawn(async move {
                let _place = place;
                let service = service_fn(|request| front.answer(request));
                let io = TokioIo::new(crate::stall::Impatient::new(stream, PATIENCE));
                let mut http = http1::Builder::new();
                http.timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_buf_size(16 << 10);
                let serving = http.serve_connection(io, service);
                // An error is the client's going away, or its taking too long.
                let _ = front.shutdown.run_until_cancelled(serving).await;
            });
        }
    }

    async fn answer(&self, request: hyper::Request<Incoming>) -> Result<Response, Infallible> {
        if request.uri().path() != "/metrics" {
            return Ok((StatusCode::NOT_FOUND, "there is /metrics, and nothing else\n").into_response());
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let allow = [(header::ALLOW, "GET, HEAD")];
            return Ok((StatusCode::METHOD_NOT_ALLOWED, allow, "/metrics can be read only\n").into_response());
        }
        let page = self.page.clone();
        Ok(match tokio::task::spawn_blocking(move || page()).await {
            Ok(text) => ([(header::CONTENT_TYPE, self.content_type)], Body::from(text)).into_response(),
            Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "a fault in ptrd\n").into_response(),
        })
    }
}
