//! A transfer on its way to a client: what is sent, signed where the request was.

use crate::axfr::Axfr;
use crate::ixfr::Ixfr;
use crate::manner::Manner;
use crate::service::Place;
use crate::sheet::{Question, TooLong};
use ptrd_listen::{Broken, Reply};
use ptrd_tsig::{Key, Signer};
use ptrd_zone::{Step, Zone};
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, ready};
use std::time::{Instant, SystemTime};
use tokio::sync::oneshot;

/// What is sent.
pub(crate) enum Source {
    /// Not known yet: the history is asked, and if it has nothing the zone goes as a whole.
    Asked(oneshot::Receiver<Option<Arc<Step>>>, Manner, Option<Box<Axfr>>),
    /// The zone.
    Whole(Box<Axfr>),
    /// What has changed.
    Since(Box<Ixfr>),
}

/// See the module.
pub(crate) struct Transfer {
    pub zone: Arc<Zone>,
    pub source: Source,
    pub question: Question,
    pub signer: Option<Signer<Key>>,
    pub peer: SocketAddr,
    pub begun: Instant,
    pub until: Instant,
    pub place: Place,
}

impl Transfer {
    /// Waits for the history, and settles what is sent.
    fn settle(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Source::Asked(answer, manner, whole) = &mut self.source else { return Poll::Ready(()) };
        let step = ready!(Pin::new(answer).poll(cx)).ok().flatten();
        let manner = *manner;
        let Some(axfr) = whole.take() else { return Poll::Ready(()) };
        // RFC 1995 §4: the whole zone where that is shorter.
        let step = step.filter(|step| manner.suits(step, &self.zone));
        let step = step.filter(|step| axfr.has_rrsets(step.difference.len()));
        self.source = match step {
            Some(step) => Source::Since(Box::new(Ixfr::new(self.zone.clone(), step))),
            None => Source::Whole(axfr),
        };
        Poll::Ready(())
    }

    fn next_message(&mut self, room: &mut [u8]) -> Option<Result<usize, TooLong>> {
        let spare = self.signer.as_ref().map_or(0, Signer::room);
        match &mut self.source {
            Source::Whole(axfr) => axfr.next_message(&self.question, room, spare),
            Source::Since(ixfr) => ixfr.next_message(&self.question, room, spare),
            Source::Asked(..) => None,
        }
    }
}

impl Reply for Transfer {
    fn poll_message(&mut self, cx: &mut Context<'_>, room: &mut [u8]) -> Poll<Option<Result<usize, Broken>>> {
        ready!(self.settle(cx));
        if Instant::now() > self.until {
            tracing::warn!(
                zone = %self.zone.apex(), peer = %self.peer.ip(),
                "a transfer took too long and is given up"
            );
            return Poll::Ready(Some(Err(Broken)));
        }
        let Some(made) = self.next_message(room) else { return Poll::Ready(None) };
        let made = made.ok().and_then(|length| match &mut self.signer {
            None => Some(length),
            Some(signer) => signer.sign(room, length, unix_seconds()).ok(),
        });
        let Some(length) = made else {
            tracing::error!(
                zone = %self.zone.apex(),
                "a record is too long for any message: the zone cannot be transferred"
            );
            return Poll::Ready(Some(Err(Broken)));
        };
        self.place.0.octets.fetch_add(length as u64, Relaxed);
        Poll::Ready(Some(Ok(length)))
    }
}

pub(crate) fn unix_seconds() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

impl Drop for Transfer {
    fn drop(&mut self) {
        let (whole, is_over, (messages, records)) = match &self.source {
            Source::Whole(axfr) => (true, axfr.is_over(), axfr.made()),
            Source::Since(ixfr) => (false, ixfr.is_over(), ixfr.made()),
            Source::Asked(..) => (false, false, (0, 0)),
        };
        let cells = &self.place.0;
        let cell = match (is_over, whole) {
            (false, _) => &cells.broken,
            (true, true) => &cells.whole,
            (true, false) => &cells.since,
        };
        cell.fetch_add(1, Relaxed);
        tracing::info!(
            zone = %self.zone.apex(),
            serial = self.zone.soa().serial.0,
            peer = %self.peer.ip(),
            key = self.signer.as_ref().map(|signer| signer.key().name().to_string()),
            incremental = !whole,
            messages,
            records,
            took = ?self.begun.elapsed(),
            "{}",
            if is_over { "a zone was transferred" } else { "a transfer was broken off" }
        );
    }
}
