//! Zone transfers to a reader that throws away what it gets: time, and what the server used.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::{Bench, median, progress};
use crate::data::DataSet;
use crate::query::{Judgement, query};
use crate::subject::Server;

const TYPE_AXFR: u16 = 252;
/// Silence for so long ends it.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// Octets read at once.
pub const READ: usize = 256 << 10;

/// One measurement: seconds, and seconds of the server's processor.
#[derive(Clone, Copy, Debug)]
struct Run {
    wall: f64,
    used: f64,
    octets: u64,
}

/// Measures and reports.
///
/// # Errors
///
/// When a server does not start, or a transfer does not come to its end.
pub fn measure(bench: &Bench, out: &mut String) -> Result<()> {
    let data = DataSet::Dense;
    writeln!(
        out,
        "AXFR of {} records in {} zones over one connection, one zone after the other. Goal: ≤ 0.5 × Knot.\n\n\
         | server | time | CPU | octets a record | time, ratio to Knot | CPU, ratio to Knot |\n|---|---|---|---|---|---|",
        data.len(),
        data.zones().len()
    )?;
    let mut servers = Vec::new();
    for subject in bench.subjects.iter().filter(|subject| subject.judgement() != Judgement::Echo) {
        let mut server = subject.launch(data, &bench.root)?;
        server.ready(data, subject.judgement(), Duration::from_secs(120))?;
        if let Some(ptrd) = bench.ptrd.as_ref().filter(|_| subject.name() == "ptrd") {
            ptrd.control(&server.directory, &["access", "allow", "transfer", "--from", "127.0.0.0/8"])?;
        }
        servers.push((subject, server, Vec::<Run>::new()));
    }
    // The first round is for what is only made once.
    for round in 0..=bench.rounds {
        for (_, server, runs) in &mut servers {
            let run = transfer(server, data)?;
            server.process.check()?;
            if round > 0 {
                progress(format_args!(
                    "transfer: {}, round {round}: {:.3} s, {:.3} s CPU",
                    server.name, run.wall, run.used
                ));
                runs.push(run);
            }
        }
    }
    let of = |runs: &[Run], which: fn(&Run) -> f64| median(runs.iter().map(which).collect());
    let knot = servers.iter().find(|(subject, ..)| subject.name() == "knot").map(|(.., runs)| runs.clone());
    for (_, server, runs) in &servers {
        // Round by round, so that a machine that slows down slows both.
        let ratio = |which: fn(&Run) -> f64| match &knot {
            Some(knot) => {
                let ratios = runs.iter().zip(knot).map(|(run, knot)| which(run) / which(knot)).collect();
                format!("{:.2}", median(ratios))
            }
            None => "–".to_owned(),
        };
        writeln!(
            out,
            "| {} | {:.3} s | {:.3} s | {:.1} | {} | {} |",
            server.name,
            of(runs, |run| run.wall),
            of(runs, |run| run.used),
            of(runs, |run| run.octets as f64) / f64::from(data.len()),
            ratio(|run| run.wall),
            ratio(|run| run.used)
        )?;
    }
    Ok(())
}

fn transfer(server: &Server, data: DataSet) -> Result<Run> {
    let before = server.process.usage();
    let begun = Instant::now();
    let mut stream = connect(server.address)?;
    let mut buffer = vec![0; READ];
    let mut octets = 0;
    for zone in data.zones() {
        let mut packet = query(&zone.apex);
        let qtype = packet.len() - 4;
        packet[qtype..qtype + 2].copy_from_slice(&TYPE_AXFR.to_be_bytes());
        stream.write_all(&[&(packet.len() as u16).to_be_bytes()[..], &packet].concat())?;
        // Both SOAs and two NS records.
        let records = zone.indices.len() as u64 + 4;
        octets +=
            discard(&mut stream, &mut buffer, records).with_context(|| format!("the zone {}", zone.apex))?;
    }
    let wall = begun.elapsed().as_secs_f64();
    let used = server.process.usage().ran.saturating_sub(before.ran);
    Ok(Run { wall, used: used as f64 / 1e9, octets })
}

/// A connection to a server.
///
/// # Errors
///
/// When it cannot be had.
pub fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Reads messages until so many records have come; nothing of them is looked at but the header.
fn discard(stream: &mut TcpStream, buffer: &mut [u8], records: u64) -> Result<u64> {
    let (mut filled, mut octets, mut seen) = (0, 0, 0);
    loop {
        let mut at = 0;
        while let Some(&[high, low]) = buffer[at..filled].first_chunk() {
            let end = at + 2 + usize::from(u16::from_be_bytes([high, low]));
            if end > filled || end < at + 14 {
                break;
            }
            let message = &buffer[at + 2..end];
            if message[3] & 15 != 0 {
                bail!("refused with RCODE {}", message[3] & 15);
            }
            seen += u64::from(u16::from_be_bytes([message[6], message[7]]));
            octets += (end - at) as u64;
            at = end;
        }
        if seen >= records {
            return if seen == records { Ok(octets) } else { bail!("{seen} records instead of {records}") };
        }
        buffer.copy_within(at..filled, 0);
        filled -= at;
        match stream.read(&mut buffer[filled..])? {
            0 => bail!("closed after {seen} of {records} records"),
            length => filled += length,
        }
    }
}
