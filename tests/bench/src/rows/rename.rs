//! A nameserver renamed in 20 096 zones by one command, and the cuts above them with it.

use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::{Bench, median, progress};
use crate::data::DataSet;
use crate::query::query;
use crate::subject::ask;

/// Blocks of a /17 below 10.0.0.0/8, each of which makes 128 /24 zones.
const BLOCKS: u32 = 157;
const ZONES: u32 = BLOCKS * 128;
const TYPE_NS: u16 = 2;
/// How often a question is asked again when no reply comes within the time of [`ask`].
const PATIENCE: usize = 50;

/// Measures and reports.
///
/// # Errors
///
/// When a command fails, or what it did is not answered at once, in every zone.
pub fn measure(bench: &Bench, out: &mut String) -> Result<()> {
    let Some(ptrd) = &bench.ptrd else { return Ok(()) };
    let directory = bench.root.join("rename");
    let (mut process, address) = ptrd.found(DataSet::Empty, &directory)?;
    progress(format_args!("rename: making {ZONES} zones below one that shows their cuts"));
    ptrd.control(
        &directory,
        &["ns-set", "set", "default", "--ns", "old.example.net", "--ns", "ns2.example.net"],
    )?;
    ptrd.control(&directory, &["block", "add", "10.0.0.0/8", "--tenant", "bench"])?;
    for nth in 0..BLOCKS {
        let prefix = format!("10.{}.{}.0/17", nth / 2, nth % 2 * 128);
        ptrd.control(&directory, &["block", "add", &prefix, "--tenant", "bench", "--own-zone"])?;
    }
    let mut times = Vec::new();
    let mut before = "old".to_owned();
    for round in 0..bench.rounds {
        let label = format!("new{round}");
        let name = format!("{label}.example.net");
        let used = process.processor_time();
        let begun = Instant::now();
        ptrd.control(&directory, &["ns-set", "set", "default", "--ns", &name, "--ns", "ns2.example.net"])?;
        // Acknowledged is visible: the first zone and the last.
        for zone in [0, ZONES - 1] {
            check(address, zone, &label, &before)?;
        }
        let time = begun.elapsed();
        let used = process.processor_time().saturating_sub(used);
        process.check()?;
        (0..ZONES).try_for_each(|zone| check(address, zone, &label, &before))?;
        progress(format_args!("rename in {ZONES} zones: {time:.2?}, {used:.2?} CPU"));
        times.push(time.as_secs_f64());
        before = label;
    }
    drop(process);
    std::fs::remove_dir_all(&directory)?;
    writeln!(
        out,
        "A nameserver renamed in {ZONES} zones, and the cuts above them: {:.2} s until acknowledged and seen \
         (goal ≤ 5 s)\n",
        median(times)
    )?;
    Ok(())
}

/// Whether a zone's NS RRset names the nameserver, and no longer the one before it.
fn check(address: SocketAddr, zone: u32, label: &str, before: &str) -> Result<()> {
    let apex = format!("{}.{}.10.in-addr.arpa", zone % 256, zone / 256);
    let mut packet = query(&apex);
    let qtype = packet.len() - 4;
    packet[qtype..qtype + 2].copy_from_slice(&TYPE_NS.to_be_bytes());
    let reply = (0..PATIENCE).find_map(|_| ask(address, &packet));
    let reply = reply.with_context(|| format!("no reply for {apex} NS"))?;
    let has = |label: &str| {
        let octets = [&[label.len() as u8], label.as_bytes()].concat();
        reply.windows(octets.len()).any(|window| window == octets)
    };
    if reply.len() < 12 || reply[3] & 15 != 0 || reply[7] != 2 || !has(label) || has(before) {
        bail!("{apex} NS does not name {label}.example.net, though that was acknowledged");
    }
    Ok(())
}
