//! Which changes go into one transaction.
//!
//! A commit costs a sync of the disk, whatever its size, so those who wait together should go together. Taking just
//! what is in the queue does not bring that about: clients that wait for their answers come back one after the other,
//! the first of them is alone in the next transaction, and all others wait for two syncs instead of one. So after a
//! group of several the writer waits a moment for as many to come again: no longer than a part of what the last
//! commit took, and not at all where changes come one at a time.

use crate::road::Shared;
use crate::writer::Job;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How many small changes go into one transaction.
const GROUP: usize = 256;
/// The longest wait for more.
const LONGEST: Duration = Duration::from_millis(4);

/// See the module.
#[derive(Default)]
pub(crate) struct Gather {
    /// How many came together last time.
    expected: usize,
    /// How long to wait for as many.
    patience: Duration,
    /// A large change that was found behind a group.
    held: Option<Job>,
}

impl Gather {
    /// A large change found earlier, whose turn it is.
    pub fn held(&mut self) -> Option<Job> {
        self.held.take()
    }

    /// The changes that go with the first.
    pub fn group(&mut self, first: Job, queue: &Receiver<Job>, shared: &Shared) -> Vec<Job> {
        let mut group = vec![first];
        if group[0].request.is_large {
            return group;
        }
        let until = Instant::now() + self.patience;
        while group.len() < GROUP && self.held.is_none() {
            let is_complete = group.len() >= self.expected;
            let wait =
                if is_complete { Duration::ZERO } else { until.saturating_duration_since(Instant::now()) };
            match queue.recv_timeout(wait) {
                Ok(job) => {
                    shared.taken();
                    if job.request.is_large {
                        self.held = Some(job);
                    } else {
                        group.push(job);
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
            }
        }
        self.expected = group.len();
        group
    }

    /// How long it took until a group was durable.
    pub fn took(&mut self, time: Duration) {
        self.patience = (time / 2).min(LONGEST);
    }
}
