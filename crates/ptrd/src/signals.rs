//! Signals: those that end the daemon, the first in good order and the second at once, and the one that makes it read
//! its configuration again.

use crate::failure::{CUT_SHORT, Failure};
use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Waits for signals, from its making on.
pub struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// To stop; the signal's name.
    Stop(&'static str),
    /// To read the configuration again.
    Reload,
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

    /// What the next one asks of a service.
    pub async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.interrupt.recv() => Asked::Stop("SIGINT"),
            _ = self.terminate.recv() => Asked::Stop("SIGTERM"),
            _ = self.hangup.recv() => Asked::Reload,
        }
    }

    /// The name of the next one that asks a service to stop.
    pub async fn stop(&mut self) -> &'static str {
        loop {
            if let Asked::Stop(name) = self.next().await {
                return name;
            }
        }
    }

    /// The name of the next one, for a program at a terminal: SIGHUP says that the terminal has gone.
    pub async fn any(&mut self) -> &'static str {
        match self.next().await {
            Asked::Stop(name) => name,
            Asked::Reload => "SIGHUP",
        }
    }

    /// From now on one more that asks to stop ends the process on the spot. What was acknowledged is durable, so nothing
    /// is lost.
    pub fn end_at_next(mut self) {
        tokio::spawn(async move {
            let signal = self.stop().await;
            tracing::warn!(signal, "a second signal: not waiting for the rest");
            crate::logs::finish();
            std::process::exit(CUT_SHORT);
        });
    }
}
