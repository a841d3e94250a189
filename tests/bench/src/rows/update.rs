//! DNS UPDATE: acknowledged updates a second, one after the other and from many clients.

use std::fmt::Write as _;
use std::time::Instant;

use anyhow::{Result, bail};

use super::{Bench, median, progress};
use crate::data::DataSet;
use crate::load::updates;
use crate::subject::updating;

/// Clients at once.
const CLIENTS: [u32; 2] = [1, 64];

/// What one server did in one round.
struct Run {
    a_second: f64,
    median: f64,
    late: f64,
    used: f64,
}

/// Measures and reports.
///
/// # Errors
///
/// When a server does not start, or an update is not acknowledged.
pub fn measure(bench: &Bench, out: &mut String) -> Result<()> {
    let data = DataSet::Dense;
    let mut servers = updating::launch(bench, "update", data)?;
    writeln!(
        out,
        "DNS UPDATE over UDP with TSIG (hmac-sha256), one PTR each, in a set of {} PTRs; what is acknowledged, and its \
         signature looked at. ptrd has synced it then; Knot has by default; whether BIND has was not looked into.\n\n\
         | server | clients | updates a second | median | 99 % | CPU each | ratio to Knot |\n|---|---|---|---|---|---|---|",
        data.len()
    )?;
    for clients in CLIENTS {
        let mut runs: Vec<Vec<Run>> = servers.iter().map(|_| Vec::new()).collect();
        for round in 1..=bench.rounds {
            for (server, runs) in servers.iter_mut().zip(&mut runs) {
                let (before, begun) = (server.process.usage(), Instant::now());
                let mut times = updates::run(server.address, data, clients, round, bench.duration)?;
                let wall = begun.elapsed().as_secs_f64();
                server.process.check()?;
                let used = server.process.usage().ran.saturating_sub(before.ran) as f64;
                if times.is_empty() {
                    bail!("{}: no update was acknowledged", server.name);
                }
                times.sort();
                let at = |part: usize| times[(times.len() - 1) * part / 100].as_secs_f64() * 1e3;
                let count = times.len() as f64;
                let run =
                    Run { a_second: count / wall, median: at(50), late: at(99), used: used / 1e3 / count };
                progress(format_args!(
                    "update: {}, {clients} clients, round {round}: {:.0} a second",
                    server.name, run.a_second
                ));
                runs.push(run);
            }
        }
        let knot = servers.iter().position(|server| server.name == "knot");
        for (server, own) in servers.iter().zip(&runs) {
            let of = |which: fn(&Run) -> f64| median(own.iter().map(which).collect());
            let ratio = knot.map_or("–".to_owned(), |knot| {
                let ratios = own.iter().zip(&runs[knot]).map(|(run, knot)| run.a_second / knot.a_second);
                format!("{:.1}", median(ratios.collect()))
            });
            writeln!(
                out,
                "| {} | {clients} | {:.0} | {:.2} ms | {:.2} ms | {:.0} µs | {ratio} |",
                server.name,
                of(|run| run.a_second),
                of(|run| run.median),
                of(|run| run.late),
                of(|run| run.used)
            )?;
        }
    }
    Ok(())
}
