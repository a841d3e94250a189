//! A run as a short table.

use crate::judge::{Judgement, describe};
use crate::load::Run;
use std::fmt;

/// What there is to say of a run.
#[derive(Debug)]
pub struct Report<'a> {
    /// The run.
    pub run: &'a Run,
    /// What came of judging it.
    pub judgement: &'a Judgement,
}

/// Violations that are shown in full.
const SHOWN: usize = 5;

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { run, judgement } = self;

        let seconds = run.length.as_secs_f64();
        let answers = run.evidence.observations.len();
        row(f, "seconds under load", format!("{seconds:.0}"))?;
        row(f, "PTR RRsets at the end", run.memory.ptrs.to_string())?;
        row(f, "answers checked", answers.to_string())?;
        row(f, "  a second", format!("{:.0}", answers as f64 / seconds))?;
        row(f, "  over TCP", run.evidence.observations.iter().filter(|seen| seen.tcp).count().to_string())?;
        for (kind, count) in &judgement.kinds {
            row(f, &format!("  {kind}"), count.to_string())?;
        }
        row(f, "  states in a window at most", judgement.states.0.to_string())?;
        row(f, "  with one of several states", judgement.pinned.to_string())?;
        row(f, "asked again after a kill", run.again.to_string())?;
        let worst = run.evidence.observations.iter().map(|seen| seen.got - seen.sent).max().unwrap_or(0);
        row(f, "worst latency, ms", format!("{:.1}", worst as f64 / 1e6))?;
        let (worst_quiet, p99) = run.steady_latency;
        row(f, "  without restarts, ms", format!("{:.1}", worst_quiet as f64 / 1e6))?;
        row(f, "  99.9 % of those, ms", format!("{:.1}", p99 as f64 / 1e6))?;
        let begun = run.memory.samples.first().map_or(u64::MAX, |sample| sample.at);
        let steady = run.evidence.observations.iter().filter(|seen| seen.sent >= begun);
        if let Some(slowest) = steady.max_by_key(|seen| seen.got - seen.sent) {
            writeln!(f, "  the slowest: {}", describe(&run.evidence, slowest))?;
        }
        row(f, "changes in the log", run.evidence.history.last.to_string())?;
        for (kind, count) in &run.changes {
            row(f, &format!("  {kind}"), count.to_string())?;
        }
        row(f, "changes refused", run.refused.to_string())?;
        row(f, "changes cut off", format!("{} ({} made)", run.cut.0, run.cut.1))?;
        row(f, "reloads", run.events.reloads.to_string())?;
        row(f, "orderly restarts", run.events.restarts.to_string())?;
        row(f, "kills", run.events.kills.to_string())?;
        row(f, "backups", run.events.backups.to_string())?;
        if let Some((first, last)) = run.memory.windows() {
            let mib = |octets: u64| format!("{:.1}", octets as f64 / 1_048_576.0);
            row(f, "resident first, MiB", mib(first.resident))?;
            row(f, "resident last, MiB", mib(last.resident))?;
            row(f, "  growth allowed, MiB", mib(run.memory.allowance()))?;
            row(f, "  queries between", run.memory.work.0.to_string())?;
            row(f, "  changes between", run.memory.work.1.to_string())?;
            let (queries, changes) = run.memory.least();
            row(f, "  least leak shown, octets a query", queries.to_string())?;
            row(f, "  least leak shown, octets a change", changes.to_string())?;
        }
        if let Some((before, after)) = run.memory.quiet {
            row(f, "descriptors at rest", format!("{} and {}", before.descriptors, after.descriptors))?;
            row(f, "threads at rest", format!("{} and {}", before.threads, after.threads))?;
        }
        row(f, "violations", judgement.violations.len().to_string())?;
        for violation in judgement.violations.iter().take(SHOWN) {
            writeln!(f, "\n{violation}")?;
        }
        Ok(())
    }
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, value: String) -> fmt::Result {
    writeln!(f, "{name:<34} {value:>14}")
}
