//! Changes that arrive at a given rate over the admin socket, made by a process of its own at the lowest priority, so that
//! the generator of queries on the same core has it whenever it wants it.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use super::steady::Times;
use crate::data::DataSet;
use crate::random::Random;
use crate::subject::ptrd::{change, record_change};

/// Clients at once, each with one change in flight: enough that one which is due need not wait for another to be done.
const CLIENTS: u32 = 64;

/// Where the changes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// PTRs of addresses of 11.0.0.0/8.
    Eight,
    /// RRsets of a verbatim zone of a million names.
    Verbatim,
}

impl Target {
    /// The names that are there.
    pub fn data(self) -> DataSet {
        match self {
            Target::Eight => DataSet::Eight,
            Target::Verbatim => DataSet::Random6(1_000_000),
        }
    }
}

/// Makes `rate` changes a second for `duration` and prints how long they took, each from when it was due: four numbers,
/// how many, and the microseconds of the median, of 99 % and of the longest.
///
/// # Errors
///
/// When a change is refused, or the socket cannot be reached.
pub fn run(socket: &Path, target: Target, rate: u32, duration: Duration, seed: u64) -> Result<()> {
    println!("under way");
    let clients: Vec<Result<Vec<Duration>>> = thread::scope(|scope| {
        let run = |client| scope.spawn(move || run_client(socket, target, client, rate, duration, seed));
        let handles: Vec<_> = (0..CLIENTS).map(run).collect();
        handles.into_iter().map(|handle| handle.join().expect("a client does not panic")).collect()
    });
    let mut times = Vec::new();
    for client in clients {
        times.extend(client?);
    }
    let count = times.len();
    let times = Times::of(times, count, Duration::ZERO);
    println!("{count} {:.0} {:.0} {:.0}", times.percentile(50), times.percentile(99), times.percentile(100));
    Ok(())
}

fn run_client(
    socket: &Path,
    target: Target,
    client: u32,
    rate: u32,
    duration: Duration,
    seed: u64,
) -> Result<Vec<Duration>> {
    let data = target.data();
    let mut stream = UnixStream::connect(socket).context("connecting to the admin socket")?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut random = Random::new(seed << 32 | u64::from(client));
    let step = Duration::from_secs_f64(f64::from(CLIENTS) / f64::from(rate));
    let mut due = step * client / CLIENTS;
    let mut times = Vec::new();
    let begun = Instant::now();
    while due < duration {
        thread::sleep(due.saturating_sub(begun.elapsed()));
        // The seed is part of the name: setting what is there already is answered at once, and nothing becomes durable.
        let index = random.below(data.len() / CLIENTS) * CLIENTS + client;
        let name = format!("changed-{seed}-{client}-{}.pool.example.net", times.len());
        let request = match target {
            Target::Eight => change(&data.address(index).to_string(), &name),
            Target::Verbatim => record_change(&data.owner(index), &name),
        };
        stream.write_all(&request)?;
        let (status, body) = response(&mut stream)?;
        if !(200..300).contains(&status) {
            bail!("a change was refused: {status} {body}");
        }
        times.push(begun.elapsed().saturating_sub(due));
        due += step;
    }
    Ok(times)
}

/// Reads one response with a Content-Length.
///
/// # Errors
///
/// When the connection ends, or what comes is no response.
pub fn response(stream: &mut UnixStream) -> Result<(u16, String)> {
    let mut text = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        if let Some(head) = text.windows(4).position(|window| window == b"\r\n\r\n") {
            let lines = String::from_utf8_lossy(&text[..head]).to_ascii_lowercase();
            let status =
                lines.split(' ').nth(1).and_then(|word| word.parse().ok()).context("no HTTP status")?;
            let length = lines.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.and_then(|value| value.trim().parse().ok()).unwrap_or(0);
            if text.len() >= head + 4 + length {
                return Ok((status, String::from_utf8_lossy(&text[head + 4..]).into_owned()));
            }
        }
        match stream.read(&mut chunk)? {
            0 => bail!("the admin socket was closed"),
            length => text.extend_from_slice(&chunk[..length]),
        }
        if text.len() > 1 << 20 {
            bail!("a response of more than a mebioctet");
        }
    }
}
