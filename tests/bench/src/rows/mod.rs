//! What is measured: one module for each kind of row.

pub mod api;
pub mod bulk;
pub mod changes;
pub mod floods;
pub mod import;
pub mod ixfr;
pub mod memory;
pub mod rename;
pub mod start;
pub mod throughput;
pub mod transfer;
pub mod underway;
pub mod update;

use std::path::PathBuf;
use std::time::Duration;

use crate::subject::Subject;
use crate::subject::ptrd::Ptrd;

/// How to measure.
pub struct Bench {
    /// The servers that are there, in the order in which they take turns.
    pub subjects: Vec<Box<dyn Subject>>,
    /// ptrd again, for what only it is asked to do; `None` when it is not there.
    pub ptrd: Option<Ptrd>,
    /// Where files go; removed afterwards.
    pub root: PathBuf,
    /// Leaves out what takes minutes.
    pub quick: bool,
    /// Queries carry an OPT record.
    pub edns: bool,
    /// How often each is measured.
    pub rounds: usize,
    /// Time of one measurement.
    pub duration: Duration,
}

/// Tells the person who waits what is going on.
pub fn progress(text: impl std::fmt::Display) {
    eprintln!("bench: {text}");
}

/// The middle one of some numbers, the mean of the middle two; NaN for none.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    match numbers.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => numbers[length / 2],
        length => (numbers[length / 2 - 1] + numbers[length / 2]) / 2.0,
    }
}
