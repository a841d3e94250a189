//! What the process takes: memory, descriptors, threads.

use std::fs;

/// The process at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sample {
    /// Nanoseconds since the start.
    pub at: u64,
    /// Resident octets.
    pub resident: u64,
    /// Open descriptors.
    pub descriptors: u64,
    /// Threads.
    pub threads: u64,
}

impl Sample {
    /// Of a running process.
    pub(crate) fn of(pid: u32, at: u64) -> Sample {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("the process runs");
        let field = |name: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect(name);
            line.trim().trim_end_matches(" kB").parse().expect("a number")
        };
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).expect("the process runs").count() as u64;
        Sample { at, resident: field("VmRSS:") * 1_024, descriptors, threads: field("Threads:") }
    }
}

/// Samples of one process, under load from the first to the last but for [`Memory::quiet`].
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// In the order of time.
    pub samples: Vec<Sample>,
    /// Before the load on this process began, and after it ended.
    pub quiet: Option<(Sample, Sample)>,
    /// Queries that were answered and changes that were made between the two windows that are compared.
    pub work: (u64, u64),
    /// PTR RRsets that are there at the end.
    pub ptrs: u64,
}

/// What may come on top of the first window whatever was done: pages that the allocator keeps, the write-ahead log's
/// index (mapped, counted as resident), a copy that is being sent.
const SLACK: u64 = 8 << 20;
/// Octets per PTR RRset of the store: names change their length, and pages of the index are cut and joined.
const PER_PTR: u64 = 8;

impl Memory {
    /// The first fifth is warming up. Then: the median of the second fifth, and that of the last.
    pub fn windows(&self) -> Option<(Sample, Sample)> {
        let fifth = self.samples.len() / 5;
        let median = |samples: &[Sample]| -> Option<Sample> {
            let sorted = |of: fn(&Sample) -> u64| {
                let mut all: Vec<u64> = samples.iter().map(of).collect();
                all.sort_unstable();
                all.get(all.len() / 2).copied()
            };
            Some(Sample {
                at: sorted(|sample| sample.at)?,
                resident: sorted(|sample| sample.resident)?,
                descriptors: sorted(|sample| sample.descriptors)?,
                threads: sorted(|sample| sample.threads)?,
            })
        };
        Some((
            median(self.samples.get(fifth..2 * fifth)?)?,
            median(&self.samples[self.samples.len() - fifth..])?,
        ))
    }

    /// How much more may be resident in the last window than in the first. It does not depend on how long the run is or
    /// how much was done in it: what is kept of a query or a change is nothing.
    pub fn allowance(&self) -> u64 {
        SLACK + PER_PTR * self.ptrs
    }

    /// The least that could be lost by each query, or by each change, and be seen here, octets. A longer run sees less.
    pub fn least(&self) -> (u64, u64) {
        let (queries, changes) = self.work;
        (self.allowance() / queries.max(1), self.allowance() / changes.max(1))
    }

    /// What grew that may not.
    pub fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let Some((first, last)) = self.windows() else {
            return vec![format!("{} samples are too few", self.samples.len())];
        };
        let growth = last.resident.saturating_sub(first.resident);
        if growth > self.allowance() {
            let (queries, changes) = self.work;
            faults.push(format!(
                "resident memory went from {} to {} octets over {queries} queries and {changes} changes; {} more are \
                 allowed",
                first.resident,
                last.resident,
                self.allowance()
            ));
        }
        if let Some((before, after)) = self.quiet {
            if after.descriptors > before.descriptors {
                faults.push(format!(
                    "{} descriptors at rest, {} when at rest again",
                    before.descriptors, after.descriptors
                ));
            }
            if after.threads > before.threads {
                faults.push(format!(
                    "{} threads at rest, {} when at rest again",
                    before.threads, after.threads
                ));
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(resident: impl Fn(u64) -> u64) -> Memory {
        let rest = Sample { descriptors: 20, threads: 9, ..Sample::default() };
        let samples = (0..100).map(|n| Sample { at: n, resident: resident(n), descriptors: 30, threads: 9 });
        Memory { samples: samples.collect(), quiet: Some((rest, rest)), work: (100_000, 10_000), ptrs: 1_000 }
    }

    fn told(memory: &Memory) -> String {
        memory.faults().join("\n")
    }

    #[test]
    fn what_stays_level_is_no_leak() {
        assert_eq!(memory(|_| 100 << 20).faults(), Vec::<String>::new());
        // Warming up, a peak, and what goes down again.
        let noisy = |n: u64| {
            if n < 15 {
                (60 + n) << 20
            } else if n == 50 {
                200 << 20
            } else {
                (80 << 20) + ((n % 3) << 20)
            }
        };
        assert_eq!(memory(noisy).faults(), Vec::<String>::new());
    }

    #[test]
    fn what_grows_all_the_time_is_one() {
        assert!(told(&memory(|n| (100 << 20) + n * (300 << 10))).contains("resident memory"));
        let mut descriptors = memory(|_| 100 << 20);
        descriptors.quiet.as_mut().expect("both").1.descriptors += 1;
        assert!(told(&descriptors).contains("descriptors"));
        let mut threads = memory(|_| 100 << 20);
        threads.quiet.as_mut().expect("both").1.threads += 1;
        assert!(told(&threads).contains("threads"));
        assert!(told(&Memory::default()).contains("too few"));
    }
}
