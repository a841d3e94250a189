//! DNS UPDATE, from whoever answers to the road of changes and back.
//!
//! Nobody waits here: an update is put on the road, and a task takes the answer on when it is there. How many there are
//! is bounded where updates are taken in.

use ptrd_api::code;
use ptrd_change::{Road, UpdateDone, UpdateRefusal, Updater};
use ptrd_wire::{Name, Rcode, Update};
use ptrd_xfr::{Author, Told, Verdict};
use std::sync::Arc;
use tokio::runtime::Handle;

/// See the module.
pub struct Updates {
    road: Arc<Road>,
    runtime: Handle,
    through_cnames: bool,
}

impl Updates {
    /// Puts updates on this road. Called within the runtime that is to run the tasks.
    pub fn new(road: Arc<Road>, through_cnames: bool) -> Updates {
        Updates { road, runtime: Handle::current(), through_cnames }
    }
}

impl ptrd_xfr::Updates for Updates {
    fn update(&self, by: Author, update: Update, told: Told) {
        let zone = update.zone.clone();
        let updater = Updater { key: by.key.clone(), from: by.from, redirect: self.through_cnames };
        match self.road.update(updater, update) {
            Ok(made) => drop(self.runtime.spawn(async move { told(verdict(&by, &zone, made.await)) })),
            Err(refusal) => told(verdict(&by, &zone, Err(refusal))),
        }
    }
}

/// What the client is told; the log is told more.
fn verdict(by: &Author, zone: &Name, sent: Result<UpdateDone, UpdateRefusal>) -> Verdict {
    let Author { key, from } = by;
    match sent {
        Ok(UpdateDone { change, summary, notes }) => {
            match change {
                Some(change) => tracing::info!(%zone, %key, peer = %from, change, "updated: {summary}"),
                None => tracing::debug!(%zone, %key, peer = %from, "an update without effect: {summary}"),
            }
            notes.iter().for_each(|note| tracing::info!(%zone, %key, peer = %from, "{note}"));
            Verdict { rcode: Rcode::NOERROR, note: notes.into_iter().next() }
        }
        Err(UpdateRefusal { rcode, problem }) => {
            tracing::info!(%zone, %key, peer = %from, %rcode, "an update was not made: {problem}");
            let note = match &*problem.code {
                // A rule that the change breaks is of use to whoever may make it; who may not is told nothing.
                code::INVALID => Some(problem.message),
                // What the log is told may be the path of a socket.
                code::STANDBY => {
                    Some("updates are made on another server: this one is no primary".to_owned())
                }
                _ => None,
            };
            Verdict { rcode, note }
        }
    }
}
