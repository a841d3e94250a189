//! What a store counts while it works: plain atomics, cheap enough for every commit, read by whoever shows them.
//!
//! A histogram has fixed bounds, each twice the one before, so that reading it is adding up, and two of them can be
//! compared whenever they were read.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Buckets of a histogram; what exceeds the last bound counts in it.
const BUCKETS: usize = 20;
/// The first bound of times, in microseconds: 2^6. The last is 33.6 s.
const FIRST_TIME: u32 = 6;

/// Counts values by their magnitude.
#[derive(Debug)]
pub struct Histogram {
    buckets: [AtomicU64; BUCKETS],
    sum: AtomicU64,
    /// The first bound is two to this.
    first: u32,
}

impl Histogram {
    /// For times, in microseconds.
    pub const fn of_times() -> Histogram {
        Histogram::from_power(FIRST_TIME)
    }

    /// For numbers of things: bounds 1, 2, 4 …
    pub const fn of_sizes() -> Histogram {
        Histogram::from_power(0)
    }

    const fn from_power(first: u32) -> Histogram {
        Histogram { buckets: [const { AtomicU64::new(0) }; BUCKETS], sum: AtomicU64::new(0), first }
    }

    /// Counts a value.
    pub fn add(&self, value: u64) {
        // The least n with value ≤ 2^n.
        let power = u64::BITS - value.saturating_sub(1).leading_zeros();
        let bucket = (power.saturating_sub(self.first) as usize).min(BUCKETS - 1);
        self.buckets[bucket].fetch_add(1, Relaxed);
        self.sum.fetch_add(value, Relaxed);
    }

    /// Counts a time.
    pub fn add_time(&self, time: Duration) {
        self.add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
    }

    /// What was counted so far. Not one moment: while it is read, more may be counted.
    pub fn counts(&self) -> HistogramCounts {
        let buckets = self.buckets.iter().enumerate();
        HistogramCounts {
            buckets: buckets.map(|(n, count)| (1 << (n as u32 + self.first), count.load(Relaxed))).collect(),
            sum: self.sum.load(Relaxed),
        }
    }
}

/// A histogram that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistogramCounts {
    /// Each upper bound (inclusive; of the last bucket in name only) with how many values lie in its bucket alone.
    /// Times are in microseconds.
    pub buckets: Vec<(u64, u64)>,
    /// The sum of all values.
    pub sum: u64,
}

impl HistogramCounts {
    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|(_, count)| count).sum()
    }

    /// The bound that this part of all values (in thousandths) does not exceed; 0 without values.
    pub fn quantile(&self, permille: u64) -> u64 {
        let wanted = (self.count() * permille).div_ceil(1000);
        let mut seen = 0;
        let reached = self.buckets.iter().find(|(_, count)| {
            seen += count;
            seen >= wanted && seen > 0
        });
        reached.map_or(0, |(bound, _)| *bound)
    }
}

/// The counters of a store; shared by its writing side and its readers.
#[derive(Debug)]
pub struct StoreMeter {
    /// How long each commit took until it was durable, waiting for a checkpoint's last pages included.
    pub commit_time: Histogram,
    /// Changes in each commit.
    pub commit_size: Histogram,
    /// How long each checkpoint took.
    pub checkpoint_time: Histogram,
    refused: AtomicU64,
    checkpoint_failures: AtomicU64,
    checkpoint_trouble: Mutex<Option<String>>,
    log_octets: AtomicU64,
    history_octets: AtomicU64,
}

impl Default for StoreMeter {
    fn default() -> StoreMeter {
        StoreMeter {
            commit_time: Histogram::of_times(),
            commit_size: Histogram::of_sizes(),
            checkpoint_time: Histogram::of_times(),
            refused: AtomicU64::new(0),
            checkpoint_failures: AtomicU64::new(0),
            checkpoint_trouble: Mutex::new(None),
            log_octets: AtomicU64::new(0),
            history_octets: AtomicU64::new(0),
        }
    }
}

impl StoreMeter {
    pub(crate) fn committed(&self, changes: usize, time: Duration) {
        self.commit_time.add_time(time);
        self.commit_size.add(changes as u64);
    }

    pub(crate) fn refused(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    pub(crate) fn checkpointed(&self, time: Duration, trouble: Option<String>) {
        self.checkpoint_time.add_time(time);
        self.checkpoint_failures.fetch_add(u64::from(trouble.is_some()), Relaxed);
        *self.checkpoint_trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// Why the last checkpoint failed, if it did: commits work, and the write-ahead log grows with each.
    pub fn checkpoint_trouble(&self) -> Option<String> {
        self.checkpoint_trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn log_is(&self, octets: u64) {
        self.log_octets.store(octets, Relaxed);
    }

    pub(crate) fn history_is(&self, octets: u64) {
        self.history_octets.store(octets, Relaxed);
    }

    /// What was counted so far.
    pub fn counts(&self) -> StoreCounts {
        StoreCounts {
            commit_time: self.commit_time.counts(),
            commit_size: self.commit_size.counts(),
            checkpoint_time: self.checkpoint_time.counts(),
            refused: self.refused.load(Relaxed),
            checkpoint_failures: self.checkpoint_failures.load(Relaxed),
            log_octets: self.log_octets.load(Relaxed),
            history_octets: self.history_octets.load(Relaxed),
        }
    }
}

/// The counters of a store as they were read. See [`StoreMeter`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoreCounts {
    /// How long each commit took, in microseconds.
    pub commit_time: HistogramCounts,
    /// Changes in each commit.
    pub commit_size: HistogramCounts,
    /// How long each checkpoint took, in microseconds.
    pub checkpoint_time: HistogramCounts,
    /// Commits that failed.
    pub refused: u64,
    /// Checkpoints that failed. What was acknowledged is safe then; the write-ahead log grows.
    pub checkpoint_failures: u64,
    /// Octets of the write-ahead log that are in use.
    pub log_octets: u64,
    /// Octets of what zones lost and gained that are kept, as of the last trimming.
    pub history_octets: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fall_into_the_bucket_whose_bound_they_do_not_exceed() {
        let sizes = Histogram::of_sizes();
        [0, 1, 2, 3, 4, 5, u64::MAX].into_iter().for_each(|size| sizes.add(size));
        let counts = sizes.counts();
        assert_eq!(counts.buckets[..4], [(1, 2), (2, 1), (4, 2), (8, 1)]);
        assert_eq!(counts.buckets.last(), Some(&(1 << 19, 1)));
        assert_eq!(counts.count(), 7);
        let times = Histogram::of_times();
        for micros in [64, 65, 128, 4_000] {
            times.add_time(Duration::from_micros(micros));
        }
        let counts = times.counts();
        assert_eq!(counts.buckets[..2], [(64, 1), (128, 2)]);
        assert_eq!((counts.quantile(250), counts.quantile(750), counts.quantile(1000)), (64, 128, 4_096));
        assert_eq!(counts.sum, 4_257);
        assert_eq!(HistogramCounts::default().quantile(990), 0);
    }
}
