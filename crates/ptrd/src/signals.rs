//! Signals that end the daemon: the first in good order, the second at once.

use crate::failure::{CUT_SHORT, Failure};
use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Waits for signals, from its making on.
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    /// Takes the signals over. To be made before anything that must be ended in good order.
    pub fn new() -> Result<Signals, Failure> {
        let take = |kind| signal(kind).context("taking over signals").map_err(Failure::fault);
        Ok(Signals {
            interrupt: take(SignalKind::interrupt())?,
            terminate: take(SignalKind::terminate())?,
            hangup: take(SignalKind::hangup())?,
        })
    }

    /// The next one's name.
    pub async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.hangup.recv() => "SIGHUP",
        }
    }

    /// From now on one more ends the process on the spot. What was acknowledged is durable, so nothing is lost.
    pub fn end_at_next(mut self) {
        tokio::spawn(async move {
            let signal = self.next().await;
            tracing::warn!(signal, "a second signal: not waiting for the rest");
            std::process::exit(CUT_SHORT);
        });
    }
}
