//! What clients of the API who mean no good do to answers: times and throughput of DNS with and without them, in turns.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, Result};

use super::{Bench, median, progress};
use crate::data::DataSet;
use crate::load::flood::Flood;
use crate::load::steady::{self, Times, Way};
use crate::load::{Load, Outcome, udp};
use crate::process::{Process, is_crowded, wait_for_line};
use crate::query::Pool;
use crate::subject::{Server, Subject, ptrd};

/// What came of the rounds with such clients, or of those without.
#[derive(Default)]
struct Side {
    udp: Vec<Times>,
    tcp: Vec<Times>,
    throughput: Vec<Outcome>,
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
            // Whose times are taken must have its core whenever it wants it; whoever asks as fast as it can would leave the
            // others nothing.
            let beside = is_besieged.then(|| siege(bench, &server, Process::beside)).transpose()?;
            side.udp.push(steady::run(server.address, Way::Udp, bench.duration)?);
            side.tcp.push(steady::run(server.address, Way::Tcp, bench.duration)?);
            drop(beside);
            let against = is_besieged.then(|| siege(bench, &server, Process::against)).transpose()?;
            let load = Load {
                address: server.address,
                process: &server.process,
                pool: &pool,
                judgement: subject.judgement(),
                warm_up: bench.duration / 4,
                duration: bench.duration,
            };
            side.throughput.push(udp::run(load)?);
            drop(against);
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

fn siege(
    bench: &Bench,
    server: &Server,
    start: fn(&std::path::Path, &str, &[&str]) -> Result<Process>,
) -> Result<Process> {
    let address = ptrd::api(&server.directory).context("ptrd was started without an API")?;
    let arguments = ["flood", Flood::Api.word(), &address.to_string()];
    let mut process = start(&bench.root, "the clients of the API", &arguments)?;
    wait_for_line(&mut process, "under way", Duration::from_secs(60))?;
    Ok(process)
}

fn rate(outcome: &Outcome) -> f64 {
    outcome.answered as f64 / outcome.wall.as_secs_f64()
}

fn report(quiet: &Side, besieged: &Side, out: &mut String) -> Result<()> {
    let shared = match is_crowded() {
        true => {
            " They share the generator's core, which bounds answers a second besides: see how busy the server's was."
        }
        false => "",
    };
    writeln!(
        out,
        "DNS while clients of the API make handshakes without end, show tokens that are none, and send heads octet by \
         octet.{shared} Goal: unchanged.\n\n| | quiet | besieged | ratio, round by round (min–max) | lost, quiet | lost |\n\
         |---|---|---|---|---|---|"
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
    let (before, during) = (numbers(quiet, Outcome::busy), numbers(besieged, Outcome::busy));
    writeln!(
        out,
        "| the server's core, busy with all of it | {:.0} % | {:.0} % | | | |\n",
        median(before) * 100.0,
        median(during) * 100.0
    )?;
    Ok(())
}

fn ratios(before: &[f64], during: &[f64]) -> String {
    let all: Vec<f64> = before.iter().zip(during).map(|(before, during)| during / before).collect();
    let (least, most) =
        all.iter().fold((f64::INFINITY, 0.0f64), |(least, most), one| (least.min(*one), most.max(*one)));
    format!("{:.2} ({least:.2}–{most:.2})", median(all))
}
