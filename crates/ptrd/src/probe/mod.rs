//! `ptrd probe`: receives test messages, and tells senders how the world sees the address that they sent from.
//!
//! It has no store and speaks to no daemon: what it saw is a file with a line of JSON for each message. The conversation is
//! `ptrd-probe`'s, names are looked up by `ptrd-ask`; here are sockets, seats and times.

mod connection;
mod record;

use crate::arguments::Probe;
use crate::failure::{Failure, Part};
use crate::signals::Signals;
use anyhow::Context;
use connection::Receiver;
use ptrd_admin::Seats;
use ptrd_ask::{Limits, Resolver, Surveyor};
use ptrd_listen::{Certificate, Identity, TunnelGate};
use ptrd_posture::identity::Rules;
use ptrd_probe::Terms;
use record::Record;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Connections at a time, and those of one address or one /64.
const SEATS: (usize, usize) = (200, 10);
/// Octets of a message at most.
const SIZE: usize = 1 << 20;
/// After an accept that failed, most likely for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long those who are connected have to come to their end when it stops.
const GRACE: Duration = Duration::from_secs(5);

/// Receives until a signal.
pub fn probe(arguments: Probe) -> Result<(), Failure> {
    crate::logs::start_quietly();
    crate::run(run(arguments))
}

async fn run(arguments: Probe) -> Result<(), Failure> {
    let mut signals = Signals::new()?;
    let tls = arguments.certificate.as_deref().zip(arguments.key.as_deref());
    let tls = tls.map(|(certificate, key)| gate(certificate, key)).transpose()?;
    let mut listeners = Vec::new();
    for address in &arguments.listen {
        let bound = TcpListener::bind(address.0).await;
        listeners.push(
            bound
                .with_context(|| format!("listening on {}", address.0))
                .map_err(|error| Failure::of(Part::Listener, error))?,
        );
    }
    let record = Record::open(arguments.record.as_deref()).await.map_err(Failure::fault)?;
    let mut domains = arguments.domain.clone();
    if domains.is_empty() {
        domains.push(arguments.name.clone());
    }
    for place in listeners.iter().filter_map(|listener| listener.local_addr().ok()) {
        eprintln!("receiving test messages to anybody@{} on {place}", domains[0]);
    }
    let receiver = Arc::new(Receiver {
        terms: Terms {
            name: arguments.name.clone(),
            domains: domains.iter().map(|domain| domain.to_ascii_lowercase()).collect(),
            tls: tls.is_some(),
            size: SIZE,
        },
        takes: arguments.accept,
        tls,
        surveyor: Arc::new(Surveyor::new(Limits::default(), resolvers(&arguments)?, None, Rules::default())),
        record,
        seats: Seats::new(SEATS.0, SEATS.1),
    });
    let (close, tasks) = (CancellationToken::new(), TaskTracker::new());
    for listener in listeners {
        tasks.spawn(listen(listener, receiver.clone(), tasks.clone(), close.clone()));
    }
    signals.any().await;
    signals.end_at_next();
    close.cancel();
    tasks.close();
    if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
        tracing::warn!("connections did not end in time");
    }
    receiver.record.lost().map_or(Ok(()), |error| Err(Failure::fault(error)))
}

fn gate(certificate: &Path, key: &Path) -> Result<TunnelGate, Failure> {
    let secret = |error: anyhow::Error| Failure::of(Part::Secret, error);
    let certificate = Certificate::read(certificate, key).map_err(|error| secret(error.into()))?;
    let identity = Identity::new(certificate).map_err(|error| secret(error.into()))?;
    TunnelGate::for_mail(&identity).context("preparing TLS").map_err(secret)
}

fn resolvers(arguments: &Probe) -> Result<Vec<Resolver>, Failure> {
    if arguments.resolver.is_empty() {
        return Resolver::of_system().map_err(|why| {
            Failure::of(Part::Config, anyhow::anyhow!("{why}; name resolvers with --resolver"))
        });
    }
    let of = |address: &crate::config::values::Listen| Resolver {
        name: address.0.to_string(),
        address: address.0,
    };
    Ok(arguments.resolver.iter().map(of).collect())
}

async fn listen(
    listener: TcpListener,
    receiver: Arc<Receiver>,
    tasks: TaskTracker,
    close: CancellationToken,
) {
    while let Some(accepted) = close.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, peer)) => {
                let (receiver, close) = (receiver.clone(), close.clone());
                tasks.spawn(async move { receiver.receive(stream, peer, &close).await });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
