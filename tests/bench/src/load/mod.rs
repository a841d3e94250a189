//! Load generators: closed loops that keep a fixed number of queries in flight; an open loop; floods, and the client that
//! they must not disturb; changes.
//!
//! The closed loops run in one thread on the generator's core and never sleep, so that the server's core is the one that is
//! busy to the brim. [`Meter`] reads the server's accounting at both ends of the measured time.

mod api;
pub mod changers;
pub mod connections;
mod flight;
pub mod flood;
pub mod open;
pub mod steady;
pub mod streams;
pub mod udp;
pub mod updates;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::process::{Process, Usage};
use crate::query::{Judgement, Pool};

/// What to ask, whom, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Load<'a> {
    /// The server's address.
    pub address: SocketAddr,
    /// The server's process, for its accounting.
    pub process: &'a Process,
    /// The questions.
    pub pool: &'a Pool,
    /// How to judge the replies.
    pub judgement: Judgement,
    /// Time before measuring starts.
    pub warm_up: Duration,
    /// Time measured.
    pub duration: Duration,
    /// How long to sleep when no reply is there; without it the generator never sleeps, and leaves its core to nobody.
    pub pause: Option<Duration>,
}

/// What came of it, in the time measured.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Queries with a right answer.
    pub answered: u64,
    /// Queries with a wrong one.
    pub wrong: u64,
    /// Queries without one.
    pub lost: u64,
    /// The first complaint about a wrong answer.
    pub complaint: Option<String>,
    /// Time measured.
    pub wall: Duration,
    /// What the server used.
    pub usage: Usage,
    /// What of it the threads used that answer over UDP; nothing but for ptrd, whose threads have names.
    pub answering: Usage,
}

impl Outcome {
    /// Nanoseconds of the server's CPU for each right answer.
    pub fn cost(&self) -> f64 {
        self.usage.ran as f64 / self.answered.max(1) as f64
    }

    /// Which part of its core the server used.
    pub fn busy(&self) -> f64 {
        self.usage.ran as f64 / self.wall.as_nanos().max(1) as f64
    }

    /// For which part of the time the server was ready to run but something else had its core.
    pub fn crowded(&self) -> f64 {
        self.usage.waited as f64 / self.wall.as_nanos().max(1) as f64
    }

    /// Which part of the queries got a right answer.
    pub fn fraction(&self) -> f64 {
        self.answered as f64 / (self.answered + self.wrong + self.lost).max(1) as f64
    }
}

/// Counts replies, and decides when measuring starts and ends.
#[derive(Debug)]
struct Meter<'a> {
    load: Load<'a>,
    begun: Instant,
    measuring: Option<(Instant, [Usage; 2])>,
    outcome: Outcome,
    seen: u64,
}

impl<'a> Meter<'a> {
    fn new(load: Load<'a>) -> Self {
        Meter { load, begun: Instant::now(), measuring: None, outcome: Outcome::default(), seen: 0 }
    }

    /// Judges a reply to query `number`.
    #[inline]
    fn reply(&mut self, number: usize, reply: &[u8]) {
        self.seen += 1;
        match self.load.pool.judge(number, reply, self.seen, self.load.judgement) {
            Ok(()) => self.outcome.answered += 1,
            Err(complaint) => {
                self.outcome.wrong += 1;
                self.outcome.complaint.get_or_insert(complaint);
            }
        }
    }

    /// Counts a query that will not be answered any more.
    fn lost(&mut self) {
        self.outcome.lost += 1;
    }

    fn used(&self) -> [Usage; 2] {
        [self.load.process.usage(), self.load.process.usage_of("ptrd-udp")]
    }

    /// Looks at the clock: what came of it, once the time is over.
    fn done(&mut self) -> Option<Outcome> {
        match self.measuring {
            None if self.begun.elapsed() >= self.load.warm_up => {
                let complaint = self.outcome.complaint.take();
                self.outcome = Outcome { complaint, ..Outcome::default() };
                self.measuring = Some((Instant::now(), self.used()));
                None
            }
            Some((since, before)) if since.elapsed() >= self.load.duration => {
                let mut outcome = std::mem::take(&mut self.outcome);
                outcome.wall = since.elapsed();
                let [usage, answering] = self.used();
                outcome.usage = usage.since(before[0]);
                outcome.answering = answering.since(before[1]);
                Some(outcome)
            }
            _ => None,
        }
    }
}
