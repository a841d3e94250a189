//! What changes do to those who ask meanwhile: the times of an open loop of queries, with and without changes, in turns.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, Result};

use super::{Bench, median, progress};
use crate::load::changers::Target;
use crate::load::open::{self, Stream};
use crate::load::steady::Times;
use crate::process::{Process, wait_for_line};
use crate::query::{Judgement, Pool};
use crate::subject::Subject;
use crate::subject::ptrd::{Ptrd, socket};

/// Queries and changes a second.
const QUERIES: u32 = 50_000;
const CHANGES: u32 = 1_000;
/// Queries made in advance.
const POOL: usize = 1 << 20;
/// Time that changes are under way before anybody looks.
const LEAD: Duration = Duration::from_secs(1);

/// Measures and reports.
///
/// # Errors
///
/// When a server does not start, an answer is wrong or a change is refused.
pub fn measure(bench: &Bench, out: &mut String) -> Result<()> {
    let Some(ptrd) = &bench.ptrd else { return Ok(()) };
    writeln!(
        out,
        "{QUERIES} queries a second with and without {CHANGES} changes a second. Goals: p99 of queries ≤ 1.2 × that \
         without, p99 of changes ≤ 20 ms.\n\n\
         | set | p50, quiet | p50 | p99, quiet | p99 | p99.9, quiet | p99.9 | ratio of p99s (min–max) | lost | \
         changes: p50 | p99 (min–max) | longest |\n|---|---|---|---|---|---|---|---|---|---|---|---|"
    )?;
    for target in [Target::Eight, Target::Verbatim] {
        if bench.quick && target == Target::Eight {
            continue;
        }
        set(bench, ptrd, target, out)?;
    }
    writeln!(out)?;
    Ok(())
}

fn set(bench: &Bench, ptrd: &Ptrd, target: Target, out: &mut String) -> Result<()> {
    let data = target.data();
    let mut server = match target {
        Target::Eight => ptrd.launch(data, &bench.root)?,
        Target::Verbatim => ptrd.verbatim(data, &bench.root)?,
    };
    server.ready(data, ptrd.judgement(), Duration::from_secs(300))?;
    let (admin, pool) = (socket(&server.directory), Pool::new(data, POOL, bench.edns));
    let (mut quiet, mut busy, mut changes) = (Vec::new(), Vec::new(), Vec::new());
    for round in 1..=bench.rounds as u64 {
        let stream = Stream {
            server: server.address,
            pool: &pool,
            judgement: Judgement::Outline,
            rate: QUERIES,
            duration: bench.duration,
            seed: round,
        };
        let before = open::run(stream)?;
        let seconds = (bench.duration + LEAD * 2).as_secs_f64().to_string();
        let word = if target == Target::Eight { "eight" } else { "verbatim" };
        let arguments = [
            "change",
            admin.to_str().context("the temporary directory's name")?,
            word,
            &CHANGES.to_string(),
            &seconds,
            &round.to_string(),
        ];
        let mut process = Process::beside(&bench.root, "the changes", &arguments)?;
        wait_for_line(&mut process, "under way", Duration::from_secs(60))?;
        std::thread::sleep(LEAD);
        let during = open::run(stream)?;
        let line = process.finish(Duration::from_secs(60))?;
        server.process.check()?;
        let numbers: Vec<f64> = line.split(' ').filter_map(|word| word.parse().ok()).collect();
        let [count, middle, high, longest] = numbers[..] else {
            anyhow::bail!("the changes said {line:?}");
        };
        progress(format_args!(
            "changes under way, {word}, round {round}: p99 {:.0} µs, quiet {:.0} µs; {count} changes, p50 {middle} µs, \
             p99 {high} µs",
            during.percentile(99),
            before.percentile(99)
        ));
        quiet.push(before);
        busy.push(during);
        changes.push([middle / 1e3, high / 1e3, longest / 1e3]);
    }
    let ratio = |(quiet, busy): (&Times, &Times)| busy.percentile(99) / quiet.percentile(99);
    let ratios: Vec<f64> = quiet.iter().zip(&busy).map(ratio).collect();
    let of = |times: &[Times], permille| median(times.iter().map(|t| t.permille(permille)).collect());
    let least = |numbers: &[f64]| numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let most = |numbers: &[f64]| numbers.iter().copied().fold(0.0, f64::max);
    let [middle, high, longest] = [0, 1, 2].map(|at| changes.iter().map(|t| t[at]).collect::<Vec<f64>>());
    writeln!(
        out,
        "| {} | {:.0} µs | {:.0} µs | {:.0} µs | {:.0} µs | {:.0} µs | {:.0} µs | {:.2} ({:.2}–{:.2}) | {} | \
         {:.1} ms | {:.1} ms ({:.1}–{:.1}) | {:.1} ms |",
        data.slug(),
        of(&quiet, 500),
        of(&busy, 500),
        of(&quiet, 990),
        of(&busy, 990),
        of(&quiet, 999),
        of(&busy, 999),
        median(ratios.clone()),
        least(&ratios),
        most(&ratios),
        busy.iter().chain(&quiet).map(|times| times.lost).sum::<usize>(),
        median(middle),
        median(high.clone()),
        least(&high),
        most(&high),
        most(&longest)
    )?;
    server.discard()
}
