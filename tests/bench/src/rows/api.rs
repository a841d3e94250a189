//! What clients of the API who mean no good do to answers: times and throughput of DNS with and without them, in turns.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::{Bench, median, progress};
use crate::data::DataSet;
use crate::load::flood::Flood;
use crate::load::steady::{self, Times, Way};
use crate::load::{Load, Outcome, udp};
use crate::process::{Process, wait_for_line};
use crate::query::Pool;
use crate::subject::{Server, Subject, ptrd};

/// How long the generator sleeps when no reply is there: a small part of what the queries in flight keep the server busy.
/// What it leaves of its core is the besiegers', who run there below it if there is no third one.
const PAUSE: Duration = Duration::from_micros(20);

/// What came of the rounds with such clients, or of those without.
#[derive(Default)]
struct Side {
    udp: Vec<Times>,
    tcp: Vec<Times>,
    throughput: Vec<Outcome>,
    /// Which part of a core the besiegers used meanwhile.
    besiegers: Vec<f64>,
}

/// Measures and reports.
///
/// # Errors
///
/// When a server does not start, or a client gets a wrong answer.
pub fn measure(bench: &Bench, out: &mut String) -> Result<()> {
    let Some(ptrd) = &bench.ptrd else { return Ok(()) };
    let (subject, data) = (ptrd.with_api(), DataSet::Dense);
    let mut server = subject.launch(data, &bench.root)?;
    server.ready(data, subject.judgement(), Duration::from_secs(120))?;
    let pool = Pool::new(data, 1 << 18, bench.edns);
    let (mut quiet, mut besieged) = (Side::default(), Side::default());
    for round in 1..=bench.rounds {
        for (side, is_besieged) in [(&mut quiet, false), (&mut besieged, true)] {
            // Whoever asks must have the core whenever it wants it, or the besiegers would be seen to disturb it, and not the
            // server.
            let siege = is_besieged.then(|| siege(bench, &server)).transpose()?;
            side.udp.push(steady::run(server.address, Way::Udp, bench.duration)?);
            side.tcp.push(steady::run(server.address, Way::Tcp, bench.duration)?);
            let load = Load {
                address: server.address,
                process: &server.process,
                pool: &pool,
                judgement: subject.judgement(),
                warm_up: bench.duration / 4,
                duration: bench.duration,
                pause: Some(PAUSE),
            };
            let (begun, before) = (Instant::now(), siege.as_ref().map(Process::usage).unwrap_or_default());
            side.throughput.push(udp::run(load)?);
            let used = siege.as_ref().map(|siege| siege.usage().since(before)).unwrap_or_default();
            side.besiegers.push(used.ran as f64 / begun.elapsed().as_nanos() as f64);
            drop(siege);
            server.process.check()?;
            progress(format_args!(
                "api: round {round}, {}: p99 {:.0} µs over UDP, {:.0} µs over TCP, {:.0} answers a second",
                if is_besieged { "besieged" } else { "quiet" },
                side.udp.last().map_or(f64::NAN, |times| times.percentile(99)),
                side.tcp.last().map_or(f64::NAN, |times| times.percentile(99)),
                side.throughput.last().map_or(f64::NAN, rate),
            ));
        }
    }
    report(&quiet, &besieged, out)
}

fn siege(bench: &Bench, server: &Server) -> Result<Process> {
    let address = ptrd::api(&server.directory).context("ptrd was started without an API")?;
    let arguments = ["flood", Flood::Api.word(), &address.to_string()];
    let mut process = Process::apart(&bench.root, "the clients of the API", &arguments)?;
    wait_for_line(&mut process, "under way", Duration::from_secs(60))?;
    Ok(process)
}

fn rate(outcome: &Outcome) -> f64 {
    outcome.answered as f64 / outcome.wall.as_secs_f64()
}

/// Nanoseconds of those threads for each right answer.
fn answering(outcome: &Outcome) -> f64 {
    outcome.answering.ran as f64 / outcome.answered.max(1) as f64
}

fn report(quiet: &Side, besieged: &Side, out: &mut String) -> Result<()> {
    writeln!(
        out,
        "DNS while clients of the API make handshakes without end, show tokens that are none, and send heads octet by \
         octet, on a third core, or else on what the generator leaves of its own. Goal: unchanged.\n\n| | quiet | besieged | ratio, round by round \
         (min–max) | lost, quiet | lost |\n|---|---|---|---|---|---|"
    )?;
    for (label, percent, of) in [
        ("UDP client, p50", 50, [&quiet.udp, &besieged.udp]),
        ("UDP client, p99", 99, [&quiet.udp, &besieged.udp]),
        ("TCP client, p50", 50, [&quiet.tcp, &besieged.tcp]),
        ("TCP client, p99", 99, [&quiet.tcp, &besieged.tcp]),
    ] {
        let [before, during] =
            of.map(|all| all.iter().map(|times| times.percentile(percent)).collect::<Vec<_>>());
        let lost = of.map(|all| all.iter().map(|times| times.lost).sum::<usize>());
        writeln!(
            out,
            "| {label} | {:.0} µs | {:.0} µs | {} | {} | {} |",
            median(before.clone()),
            median(during.clone()),
            ratios(&before, &during),
            lost[0],
            lost[1]
        )?;
    }
    let numbers = |side: &Side, of: fn(&Outcome) -> f64| side.throughput.iter().map(of).collect::<Vec<_>>();
    let lost = |side: &Side| side.throughput.iter().map(|outcome| outcome.lost).sum::<u64>();
    let (before, during) = (numbers(quiet, rate), numbers(besieged, rate));
    writeln!(
        out,
        "| answers a second over UDP | {:.0} | {:.0} | {} | {} | {} |",
        median(before.clone()),
        median(during.clone()),
        ratios(&before, &during),
        lost(quiet),
        lost(besieged)
    )?;
    for (label, of) in [
        ("CPU of the threads that answer, an answer", answering as fn(&Outcome) -> f64),
        ("CPU of all threads, an answer", Outcome::cost),
    ] {
        let (before, during) = (numbers(quiet, of), numbers(besieged, of));
        writeln!(
            out,
            "| {label} | {:.0} ns | {:.0} ns | {} | | |",
            median(before.clone()),
            median(during.clone()),
            ratios(&before, &during)
        )?;
    }
    let (before, during) = (numbers(quiet, Outcome::busy), numbers(besieged, Outcome::busy));
    writeln!(
        out,
        "| the server's core, busy | {:.0} % | {:.0} % | | | |\n| a core, busy with the besiegers | | {:.0} % | | | |\n",
        median(before) * 100.0,
        median(during) * 100.0,
        median(besieged.besiegers.clone()) * 100.0
    )?;
    Ok(())
}

fn ratios(before: &[f64], during: &[f64]) -> String {
    let all: Vec<f64> = before.iter().zip(during).map(|(before, during)| during / before).collect();
    let (least, most) =
        all.iter().fold((f64::INFINITY, 0.0f64), |(least, most), one| (least.min(*one), most.max(*one)));
    format!("{:.2} ({least:.2}–{most:.2})", median(all))
}
