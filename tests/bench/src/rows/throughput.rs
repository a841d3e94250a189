//! CPU time for each answered query.

use std::fmt::{self, Write};
use std::time::Duration;

use anyhow::{Context, Result};

use super::{Bench, median, progress};
use crate::data::DataSet;
use crate::load::{Load, Outcome, connections, streams, udp};
use crate::query::Pool;

/// The part of its core that a server must have used, or waited for, to count as the bottleneck.
const SATURATED: f64 = 0.95;

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// IPv4 PTRs over UDP.
    V4,
    /// IPv6 PTRs over UDP.
    V6,
    /// RFC 2317 children over UDP.
    Chase,
    /// IPv4 PTRs over TCP connections that stay.
    Tcp,
    /// IPv4 PTRs over a TCP connection each.
    TcpConnection,
}

impl Row {
    fn data(self, quick: bool) -> DataSet {
        match self {
            Row::V6 => DataSet::Random6(if quick { 20_000 } else { 100_000 }),
            Row::Chase => DataSet::Chase,
            Row::V4 | Row::Tcp | Row::TcpConnection => DataSet::Dense,
        }
    }

    fn tcp(self) -> bool {
        matches!(self, Row::Tcp | Row::TcpConnection)
    }

    fn run(self, load: Load<'_>) -> Result<Outcome> {
        match self {
            Row::V4 | Row::V6 | Row::Chase => udp::run(load),
            Row::Tcp => streams::run(load),
            Row::TcpConnection => connections::run(load),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Row::V4 => "v4",
            Row::V6 => "v6",
            Row::Chase => "chase",
            Row::Tcp => "tcp",
            Row::TcpConnection => "tcp-conn",
        })
    }
}

/// All rounds of one server in one row.
#[derive(Debug)]
pub struct Series {
    /// The row.
    pub row: Row,
    /// The server.
    pub subject: &'static str,
    /// What came of each round.
    pub rounds: Vec<Outcome>,
}

impl Series {
    fn median(&self, of: impl Fn(&Outcome) -> f64) -> f64 {
        median(self.rounds.iter().map(of).collect())
    }
}

/// Measures a row: all servers run, and take turns.
///
/// # Errors
///
/// When a server does not start or a generator fails.
pub fn measure(bench: &Bench, row: Row) -> Result<Vec<Series>> {
    let data = row.data(bench.quick);
    let mut running = Vec::new();
    for subject in bench.subjects.iter().filter(|subject| subject.serves(data, row.tcp())) {
        progress(format_args!("{row}: starting {}", subject.name()));
        let mut server = subject.launch(data, &bench.root)?;
        server.ready(data, subject.judgement(), Duration::from_secs(120))?;
        let series = Series { row, subject: subject.name(), rounds: Vec::new() };
        running.push((server, subject.judgement(), series));
    }
    let pool = Pool::new(data, if bench.quick { 1 << 18 } else { 1 << 20 }, bench.edns);
    for round in 1..=bench.rounds {
        for (server, judgement, series) in &mut running {
            let load = Load {
                address: server.address,
                process: &server.process,
                pool: &pool,
                judgement: *judgement,
                warm_up: bench.duration / 4,
                duration: bench.duration,
                pause: None,
            };
            let outcome = saturated(row, load).with_context(|| format!("{row}: asking {}", server.name))?;
            server.process.check()?;
            progress(format_args!(
                "{row}: round {round}, {}: {:.2} µs for each of {} answers, core {:.0} % busy{}",
                server.name,
                outcome.cost() / 1e3,
                outcome.answered,
                outcome.busy() * 100.0,
                outcome.complaint.as_ref().map(|text| format!(", WRONG: {text}")).unwrap_or_default()
            ));
            series.rounds.push(outcome);
        }
    }
    Ok(running.into_iter().map(|(_, _, series)| series).collect())
}

/// Runs the load, and again (twice at most) where the server's core was not busy, for which the usual reason is that
/// something else ran on the generator's core. The attempt that kept the server busiest counts.
fn saturated(row: Row, load: Load<'_>) -> Result<Outcome> {
    let mut best = row.run(load)?;
    for _ in 0..2 {
        if best.busy() + best.crowded() >= SATURATED {
            break;
        }
        let again = row.run(load)?;
        if again.busy() > best.busy() {
            best = again;
        }
    }
    Ok(best)
}

/// The table of all series.
///
/// # Errors
///
/// None in fact.
pub fn report(out: &mut String, all: &[Series]) -> Result<()> {
    writeln!(
        out,
        "| row | server | CPU per answer (min–max) | answers/s | server core busy (others on it) | answered | wrong |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|")?;
    for series in all {
        let costs = || series.rounds.iter().map(|outcome| outcome.cost() / 1e3);
        let (least, most) = (costs().fold(f64::INFINITY, f64::min), costs().fold(0.0, f64::max));
        let rate = series.median(|outcome| outcome.answered as f64 / outcome.wall.as_secs_f64());
        let busy = series.median(Outcome::busy);
        let crowded = series.median(Outcome::crowded);
        let verdict = if busy + crowded < SATURATED { " ⚠ not saturated" } else { "" };
        writeln!(
            out,
            "| {} | {} | {:.2} µs ({least:.2}–{most:.2}) | {rate:.0} | {:.0} % ({:.0} %){verdict} | {:.3} % | {} |",
            series.row,
            series.subject,
            series.median(Outcome::cost) / 1e3,
            busy * 100.0,
            crowded * 100.0,
            series.median(Outcome::fraction) * 100.0,
            series.rounds.iter().map(|outcome| outcome.wrong).sum::<u64>(),
        )?;
    }
    for complaint in
        all.iter().flat_map(|series| &series.rounds).filter_map(|outcome| outcome.complaint.as_ref())
    {
        writeln!(out, "\nWrong: {complaint}")?;
    }
    ratios(out, all)
}

/// The ratios that the project has goals for, and those to NSD beside them.
fn ratios(out: &mut String, all: &[Series]) -> Result<()> {
    let goals = [
        (Row::V4, "ptrd", "echo", Some(1.15)),
        (Row::V4, "ptrd", "bundle", None),
        (Row::V4, "ptrd", "knot", Some(0.5)),
        (Row::V6, "ptrd", "knot", Some(0.35)),
        (Row::Chase, "ptrd", "knot", Some(0.6)),
        (Row::Tcp, "ptrd", "knot", Some(0.6)),
        (Row::TcpConnection, "ptrd", "knot", None),
        (Row::V4, "ptrd", "nsd", None),
        (Row::V6, "ptrd", "nsd", None),
        (Row::V4, "knot", "echo", None),
        (Row::V4, "nsd", "echo", None),
    ];
    writeln!(out, "\n| row | ratio | median of rounds | goal |\n|---|---|---|---|")?;
    for (row, above, below, goal) in goals {
        let find = |name| all.iter().find(|series| series.row == row && series.subject == name);
        let (Some(above), Some(below)) = (find(above), find(below)) else { continue };
        // Round by round, so that drift of the machine cancels out.
        let pairs = above.rounds.iter().zip(&below.rounds);
        let ratio = median(pairs.map(|(above, below)| above.cost() / below.cost()).collect());
        let goal = match goal {
            Some(goal) if ratio <= goal => format!("≤ {goal}: met"),
            Some(goal) => format!("≤ {goal}: MISSED"),
            None => "–".into(),
        };
        writeln!(out, "| {row} | {} / {} | {ratio:.2} | {goal} |", above.subject, below.subject)?;
    }
    Ok(())
}
