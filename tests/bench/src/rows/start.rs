//! Time from the start of the process to the first right answer.

use std::fmt::Write;
use std::time::Duration;

use anyhow::Result;

use super::{Bench, median, progress};
use crate::data::DataSet;

const PATIENCE: Duration = Duration::from_secs(300);

/// Measures and reports.
///
/// # Errors
///
/// When a server does not start.
pub fn measure(bench: &Bench, out: &mut String) -> Result<()> {
    writeln!(out, "| start with | server | first right answer | every zone answers |\n|---|---|---|---|")?;
    let mut sets = vec![DataSet::Dense];
    if !bench.quick {
        sets.push(DataSet::Eight);
    }
    for data in sets {
        let subjects: Vec<_> = bench
            .subjects
            .iter()
            .filter(|subject| {
                // A whole /8 in master files takes other servers gigabytes; only ptrd has a goal for it.
                subject.serves(data, true) && (data == DataSet::Dense || subject.name() == "ptrd")
            })
            .collect();
        let mut times = vec![(Vec::new(), Vec::new()); subjects.len()];
        for _ in 0..bench.rounds {
            for (subject, (first, last)) in subjects.iter().zip(&mut times) {
                let mut server = subject.launch(data, &bench.root)?;
                let (one, all) = server.ready(data, subject.judgement(), PATIENCE)?;
                progress(format_args!("start: {} with {}: {one:?}, {all:?}", subject.name(), data.slug()));
                first.push(one.as_secs_f64());
                last.push(all.as_secs_f64());
            }
        }
        let mut medians = Vec::new();
        for (subject, (first, last)) in subjects.iter().zip(times) {
            let (first, last) = (median(first), median(last));
            writeln!(out, "| {} PTRs | {} | {first:.3} s | {last:.3} s |", data.len(), subject.name())?;
            medians.push((subject.name(), first));
        }
        let find = |name| medians.iter().find(|(subject, _)| *subject == name).map(|(_, first)| first);
        if let (Some(ptrd), Some(knot)) = (find("ptrd"), find("knot")) {
            writeln!(out, "\nptrd / knot: {:.2} (goal ≤ 0.2)\n", ptrd / knot)?;
        }
    }
    Ok(())
}
