//! What floods do to others: the times of a well-behaved client, with and without one, in turns.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::Result;

use super::{Bench, median, progress};
use crate::data::DataSet;
use crate::load::flood::{CONNECTIONS, Flood, RATE};
use crate::load::steady::{self, Times, Way};
use crate::process::{Process, wait_for_line};
use crate::query::Judgement;
use crate::subject::Subject;

/// Every flood with the client that it is to leave alone.
const CASES: [(Flood, Way, &str); 5] = [
    (Flood::Prefix, Way::Udp, "one network, UDP client"),
    (Flood::Prefix, Way::Tcp, "one network, TCP client"),
    (Flood::Names, Way::Udp, "random names, UDP client"),
    (Flood::Slow, Way::Udp, "slow connections, UDP client"),
    (Flood::Slow, Way::Tcp, "slow connections, TCP client"),
];

/// Measures and reports.
///
/// # Errors
///
/// When a server does not start, or a client gets a wrong answer.
pub fn measure(bench: &Bench, out: &mut String) -> Result<()> {
    writeln!(
        out,
        "Floods of {RATE} queries a second or {CONNECTIONS} connections; a client of another network asks at a \
         moderate rate. Goal: p99 ≤ 2 × that without.\n\n\
         | flood | server | p50, quiet | p50 | p99, quiet | p99 | ratio of p99s (min–max) | lost |\n\
         |---|---|---|---|---|---|---|---|"
    )?;
    for subject in &bench.subjects {
        if subject.judgement() == Judgement::Echo {
            continue;
        }
        match bench.ptrd.as_ref().filter(|_| subject.name() == "ptrd") {
            // With the rate limit that it ships with.
            Some(ptrd) => server(bench, &ptrd.as_shipped(), out)?,
            None => server(bench, subject.as_ref(), out)?,
        }
    }
    writeln!(out)?;
    Ok(())
}

fn server(bench: &Bench, subject: &dyn Subject, out: &mut String) -> Result<()> {
    let data = DataSet::Dense;
    let mut server = subject.launch(data, &bench.root)?;
    server.ready(data, subject.judgement(), Duration::from_secs(120))?;
    for (flood, way, label) in CASES {
        let (mut quiet, mut flooded) = (Vec::new(), Vec::new());
        for round in 1..=bench.rounds {
            let before = steady::run(server.address, way, bench.duration)?;
            let arguments = ["flood", flood.word(), &server.address.to_string()];
            let mut process = Process::beside(&bench.root, &format!("the flood {flood:?}"), &arguments)?;
            wait_for_line(&mut process, "under way", Duration::from_secs(60))?;
            let during = steady::run(server.address, way, bench.duration);
            drop(process);
            server.process.check()?;
            let during = during?;
            progress(format_args!(
                "floods: round {round}, {}, {label}: p99 {:.0} µs, quiet {:.0} µs",
                server.name,
                during.percentile(99),
                before.percentile(99)
            ));
            quiet.push(before);
            flooded.push(during);
        }
        let ratio = |(quiet, flooded): (&Times, &Times)| flooded.percentile(99) / quiet.percentile(99);
        let ratios: Vec<f64> = quiet.iter().zip(&flooded).map(ratio).collect();
        let of = |times: &[Times], percent| median(times.iter().map(|t| t.percentile(percent)).collect());
        writeln!(
            out,
            "| {label} | {} | {:.0} µs | {:.0} µs | {:.0} µs | {:.0} µs | {:.2} ({:.2}–{:.2}) | {} |",
            server.name,
            of(&quiet, 50),
            of(&flooded, 50),
            of(&quiet, 99),
            of(&flooded, 99),
            median(ratios.clone()),
            ratios.iter().copied().fold(f64::INFINITY, f64::min),
            ratios.iter().copied().fold(0.0, f64::max),
            flooded.iter().map(|times| times.lost).sum::<usize>()
        )?;
    }
    Ok(())
}
