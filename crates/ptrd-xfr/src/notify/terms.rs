//! What the queue is told, and what it says: settings, who is to be told, what is to be done, what was counted.

use super::Target;
use ptrd_wire::{Name, Serial};
use ptrd_zone::model::ZoneId;
use std::time::Duration;

/// How patient to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long to wait for the first answer; twice as long for the next, and so on.
    pub first_wait: Duration,
    /// How often to try.
    pub tries: u32,
    /// Messages on their way at a time, to all together.
    pub in_flight: usize,
    /// At least so long between two announcements of one zone.
    pub pause: Duration,
    /// How long one that was given up is left alone before it is tried again, a quarter more or less by chance.
    pub again: Duration,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            first_wait: Duration::from_secs(2),
            tries: 6,
            in_flight: 100,
            pause: Duration::from_secs(1),
            again: Duration::from_secs(3_600),
        }
    }
}

impl Settings {
    /// How long after the try of this number (from 1) the next one comes: doubled each time, a quarter more or less by chance.
    pub(super) fn back_off(&self, tries: u32, random: u64) -> Duration {
        let wait = self.first_wait * 2u32.saturating_pow(tries.saturating_sub(1).min(10));
        by_chance(wait, random).max(self.first_wait)
    }

    /// How long one that was given up is left alone.
    pub(super) fn rest(&self, random: u64) -> Duration {
        by_chance(self.again, random)
    }
}

/// A quarter more or less.
fn by_chance(wait: Duration, random: u64) -> Duration {
    wait.mul_f64(0.75 + (random >> 11) as f64 / (1u64 << 53) as f64 / 2.0)
}

/// Who is to be told of a zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Addresses.
    pub listed: Vec<Target>,
    /// Nameservers, whose addresses are to be found.
    pub nameservers: Vec<Name>,
    /// Who is passed over, and why.
    pub skipped: Vec<(String, &'static str)>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Send a message.
    Send(Notice),
    /// Find the addresses of a name, and hand them to [`super::queue::Queue::resolved`].
    Resolve(Name),
}

/// A message to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its identifier, which no other on its way has.
    pub id: u16,
    /// The zone.
    pub zone: ZoneId,
    /// The serial that is announced.
    pub serial: Serial,
    /// To whom.
    pub target: Target,
}

/// A zone all of whose targets have answered or were given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// The zone.
    pub zone: ZoneId,
    /// The serial.
    pub serial: Serial,
    /// How many answered.
    pub answered: usize,
    /// How many refused or were given up.
    pub failed: usize,
}

/// What was counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages sent.
    pub sent: u64,
    /// Announcements answered without an error.
    pub answered: u64,
    /// Answered with one.
    pub refused: u64,
    /// Given up.
    pub failed: u64,
    /// That wait for an answer, for their time, or for the address of a nameserver.
    pub waiting: u64,
}
