//! Durable changes a second, from many clients of the admin socket.

use std::fmt::Write as _;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::{Bench, progress};
use crate::data::DataSet;
use crate::load::changers::response;
use crate::query::{last_target, query};
use crate::random::Random;
use crate::subject::ptrd::{change, socket};
use crate::subject::{Subject, ask};

/// Clients at once, each with one change in flight.
const CLIENTS: u32 = 64;
/// Of how many changes one is looked up in the DNS once it is acknowledged.
const SAMPLE: u32 = 256;

/// Measures and reports.
///
/// # Errors
///
/// When a change is refused, or acknowledged but not visible.
pub fn measure(bench: &Bench, out: &mut String) -> Result<()> {
    let Some(ptrd) = &bench.ptrd else { return Ok(()) };
    let data = DataSet::Dense;
    let mut server = ptrd.launch(data, &bench.root)?;
    server.ready(data, ptrd.judgement(), Duration::from_secs(120))?;
    let admin = socket(&server.directory);
    for round in 1..=bench.rounds {
        let (begun, before) = (Instant::now(), server.process.processor_time());
        let clients: Vec<Result<Vec<Duration>>> = thread::scope(|scope| {
            let run = |client| {
                let (admin, address, duration) = (&admin, server.address, bench.duration);
                scope.spawn(move || run_client(admin, address, client, round, duration))
            };
            let handles: Vec<_> = (0..CLIENTS).map(run).collect();
            handles.into_iter().map(|handle| handle.join().expect("a client does not panic")).collect()
        });
        let wall = begun.elapsed();
        server.process.check()?;
        let used = server.process.processor_time().saturating_sub(before);
        let mut times = Vec::new();
        for client in clients {
            times.extend(client?);
        }
        if times.is_empty() {
            bail!("no change was acknowledged");
        }
        times.sort();
        let at = |part: usize| times[(times.len() - 1) * part / 1000].as_secs_f64() * 1e3;
        let text = format!(
            "{CLIENTS} clients, round {round}: {:.0} changes a second; {:.1} ms median, {:.1} ms at 99 %, {:.1} ms at \
             most; {:.1} µs CPU each",
            times.len() as f64 / wall.as_secs_f64(),
            at(500),
            at(990),
            at(1000),
            used.as_secs_f64() * 1e6 / times.len() as f64
        );
        progress(&text);
        writeln!(out, "- {text} (goal ≥ 10 000 a second)")?;
    }
    writeln!(out)?;
    server.discard()
}

/// One client: changes PTRs of its own, one after the other; returns how long each took.
///
/// Every round has names of its own: setting what is there already is answered at once, and nothing becomes durable.
fn run_client(
    admin: &Path,
    server: SocketAddr,
    client: u32,
    round: usize,
    duration: Duration,
) -> Result<Vec<Duration>> {
    let data = DataSet::Dense;
    let mut stream = UnixStream::connect(admin).context("connecting to the admin socket")?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut random = Random::new((round as u64) << 32 | u64::from(client));
    let mut times = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < duration {
        let index = random.below(data.len() / CLIENTS) * CLIENTS + client;
        let name = format!("changed-{round}-{client}-{}.pool.example.net", times.len());
        let request = change(&data.address(index).to_string(), &name);
        let sent = Instant::now();
        stream.write_all(&request)?;
        let (status, body) = response(&mut stream)?;
        if !(200..300).contains(&status) {
            bail!("a change was refused: {status} {body}");
        }
        times.push(sent.elapsed());
        if random.below(SAMPLE) == 0 {
            // Silence is a machine that has too much to do, not an answer.
            let reply = (0..100).find_map(|_| ask(server, &query(&data.owner(index)))).unwrap_or_default();
            if last_target(&reply).as_deref() != Some(name.as_str()) {
                bail!("{} was acknowledged but is not visible", data.address(index));
            }
        }
    }
    Ok(times)
}
