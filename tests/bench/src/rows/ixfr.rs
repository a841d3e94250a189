//! Incremental transfers after one PTR in a hundred has changed, to a reader that throws away what it gets.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::transfer::{PATIENCE, READ, connect};
use super::{Bench, median, progress};
use crate::data::{DataSet, Zone};
use crate::load::updates::{Client, message};
use crate::query::query;
use crate::subject::{Server, ask, updating};

/// Of so many PTRs, one changes.
const ONE_IN: usize = 100;
/// Changes in one update message.
const TOGETHER: usize = 20;
const TYPE_SOA: u16 = 6;
const TYPE_IXFR: u16 = 251;
/// Octets of serial, refresh, retry, expire and minimum, at the end of a SOA.
const NUMBERS: usize = 20;

/// One measurement: seconds, seconds of the server's processor, and what came.
struct Run {
    wall: f64,
    used: f64,
    octets: u64,
    records: u64,
}

/// Measures and reports.
///
/// # Errors
///
/// When a server does not start, an update is refused, or a transfer is none of what has changed.
pub fn measure(bench: &Bench, out: &mut String) -> Result<()> {
    let data = DataSet::Dense;
    let mut servers = updating::launch(bench, "ixfr", data)?;
    let mut before = Vec::new();
    for server in &servers {
        let serials: Result<HashMap<String, Vec<u8>>> = data
            .zones()
            .iter()
            .map(|zone| Ok((zone.apex.clone(), numbers(server.address, &zone.apex)?)))
            .collect();
        before.push(serials?);
        progress(format_args!("ixfr: one PTR in {ONE_IN} changes at {}", server.name));
        change(server, data)?;
    }
    let mut runs: Vec<Vec<Run>> = servers.iter().map(|_| Vec::new()).collect();
    // The first round is for what is only made once.
    for round in 0..=bench.rounds {
        for ((server, serials), runs) in servers.iter_mut().zip(&before).zip(&mut runs) {
            let run = transfer(server, data, serials)?;
            server.process.check()?;
            if round > 0 {
                progress(format_args!(
                    "ixfr: {}, round {round}: {:.3} s, {:.3} s CPU, {} records",
                    server.name, run.wall, run.used, run.records
                ));
                runs.push(run);
            }
        }
    }
    writeln!(
        out,
        "IXFR of {} zones over one connection, one after the other, from before one in {ONE_IN} of {} PTRs changed, in \
         updates of {TOGETHER} each. ptrd condenses them to one difference, the others send one after the other.\n\n\
         | server | time | CPU | records | octets | time, ratio to Knot | CPU, ratio to Knot |\n|---|---|---|---|---|---|---|",
        data.zones().len(),
        data.len()
    )?;
    let knot = servers.iter().position(|server| server.name == "knot");
    for (server, own) in servers.iter().zip(&runs) {
        let of = |which: fn(&Run) -> f64| median(own.iter().map(which).collect());
        let ratio = |which: fn(&Run) -> f64| {
            knot.map_or("–".to_owned(), |knot| {
                let ratios = own.iter().zip(&runs[knot]).map(|(run, knot)| which(run) / which(knot));
                format!("{:.2}", median(ratios.collect()))
            })
        };
        writeln!(
            out,
            "| {} | {:.4} s | {:.4} s | {:.0} | {:.0} | {} | {} |",
            server.name,
            of(|run| run.wall),
            of(|run| run.used),
            of(|run| run.records as f64),
            of(|run| run.octets as f64),
            ratio(|run| run.wall),
            ratio(|run| run.used)
        )?;
    }
    Ok(())
}

/// Changes one PTR in so many of each zone.
fn change(server: &Server, data: DataSet) -> Result<()> {
    let mut client = Client::new(server.address)?;
    for zone in data.zones() {
        let changes: Vec<(String, String)> = zone
            .indices
            .clone()
            .step_by(ONE_IN)
            .map(|index| (data.owner(index), format!("changed-{index}.pool.example.net")))
            .collect();
        for some in changes.chunks(TOGETHER) {
            client
                .send(message(&zone.apex, some))
                .with_context(|| format!("{}, {}", server.name, zone.apex))?;
        }
    }
    Ok(())
}

/// The numbers of a zone's SOA.
fn numbers(server: SocketAddr, apex: &str) -> Result<Vec<u8>> {
    let reply = (0..100).find_map(|_| ask(server, &question(apex, TYPE_SOA))).context("no answer")?;
    // The question, an owner that points to it, type, class and TTL.
    let at = question(apex, TYPE_SOA).len() + 2 + 8;
    let length = reply.get(at..at + 2).map(|octets| usize::from(u16::from_be_bytes([octets[0], octets[1]])));
    let data = length.and_then(|length| reply.get(at + 2..at + 2 + length)).context("no SOA")?;
    Ok(data[data.len().saturating_sub(NUMBERS)..].to_vec())
}

fn question(apex: &str, qtype: u16) -> Vec<u8> {
    let mut packet = query(apex);
    let at = packet.len() - 4;
    packet[at..at + 2].copy_from_slice(&qtype.to_be_bytes());
    packet
}

/// A query for what has changed since a SOA with these numbers (RFC 1995 §3).
fn ixfr(apex: &str, numbers: &[u8]) -> Vec<u8> {
    let mut packet = question(apex, TYPE_IXFR);
    packet[9] = 1;
    packet.extend_from_slice(&[0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 0, 0, 22, 0, 0]);
    packet.extend_from_slice(numbers);
    packet
}

fn transfer(server: &Server, data: DataSet, before: &HashMap<String, Vec<u8>>) -> Result<Run> {
    let ends: Result<Vec<(Zone, Vec<u8>)>> = data
        .zones()
        .into_iter()
        .map(|zone| numbers(server.address, &zone.apex).map(|end| (zone, end)))
        .collect();
    let ends = ends?;
    let before_use = server.process.usage();
    let begun = Instant::now();
    let mut stream = connect(server.address)?;
    let mut buffer = vec![0; READ];
    let (mut octets, mut records) = (0, 0);
    for (zone, end) in &ends {
        let packet = ixfr(&zone.apex, &before[&zone.apex]);
        stream.write_all(&[&(packet.len() as u16).to_be_bytes()[..], &packet].concat())?;
        let (more, count) = discard(&mut stream, &mut buffer, end)
            .with_context(|| format!("{}, {}", server.name, zone.apex))?;
        // Two for each change, and SOAs; a whole zone has many more.
        if count > zone.indices.len() as u64 / 2 {
            bail!("{}: {} came as a whole", server.name, zone.apex);
        }
        octets += more;
        records += count;
    }
    let wall = begun.elapsed().as_secs_f64();
    let used = server.process.usage().ran.saturating_sub(before_use.ran);
    Ok(Run { wall, used: used as f64 / 1e9, octets, records })
}

/// Reads messages until the present SOA, told by its numbers, has come for the third time: it stands at the beginning, before
/// what was added last, and at the end. Octets and records.
fn discard(stream: &mut TcpStream, buffer: &mut [u8], end: &[u8]) -> Result<(u64, u64)> {
    let (mut filled, mut octets, mut records, mut seen) = (0, 0, 0, 0);
    let begun = Instant::now();
    loop {
        let mut at = 0;
        while let Some(&[high, low]) = buffer[at..filled].first_chunk() {
            let next = at + 2 + usize::from(u16::from_be_bytes([high, low]));
            if next > filled || next < at + 14 {
                break;
            }
            let message = &buffer[at + 2..next];
            if message[3] & 15 != 0 {
                bail!("refused with RCODE {}", message[3] & 15);
            }
            records += u64::from(u16::from_be_bytes([message[6], message[7]]));
            seen += message.windows(end.len()).filter(|window| *window == end).count();
            octets += (next - at) as u64;
            at = next;
        }
        if seen >= 3 {
            return Ok((octets, records));
        }
        if begun.elapsed() > PATIENCE {
            bail!("no end after {records} records");
        }
        buffer.copy_within(at..filled, 0);
        filled -= at;
        match stream.read(&mut buffer[filled..])? {
            0 => bail!("closed after {records} records"),
            length => filled += length,
        }
    }
}
