//! 65 536 PTRs in one request, by each door that takes so many, and back again.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::{Bench, median, progress};
use crate::data::DataSet;
use crate::process::Process;
use crate::subject::ptrd::{TENANT, socket};

const RANGE: &str = "10.0.0.0/16";
const ZONE: &str = "0.10.in-addr.arpa.";
const PTRS: u32 = 65_536;
/// For one request.
const GOAL: Duration = Duration::from_secs(2);

/// A request that names all addresses, with names that no other has; `{turn}` tells them apart.
struct Door {
    label: &'static str,
    method: &'static str,
    target: &'static str,
    body: fn(usize) -> String,
}

const DOORS: [Door; 4] = [
    Door { label: "fill", method: "POST", target: "/v1/ptrs/fill", body: fill },
    Door { label: "fill, dry run", method: "POST", target: "/v1/ptrs/fill?dry_run=true", body: fill },
    Door { label: "import of CSV", method: "POST", target: "/v1/ptrs/import", body: csv },
    Door {
        label: "PATCH of the PowerDNS API",
        method: "PATCH",
        target: "/api/v1/servers/localhost/zones/0.10.in-addr.arpa.",
        body: patch,
    },
];

fn addresses() -> impl Iterator<Item = (u32, u32)> {
    (0..PTRS).map(|n| (n / 256, n % 256))
}

fn fill(turn: usize) -> String {
    format!(r#"{{"range":"{RANGE}","pattern":"h{{n}}-fill{turn}.bench.example"}}"#)
}

fn csv(turn: usize) -> String {
    addresses().fold(String::new(), |text, (third, last)| {
        text + &format!("10.0.{third}.{last},h{third}-{last}-csv{turn}.bench.example\n")
    })
}

fn patch(turn: usize) -> String {
    let rrset = |(third, last): (u32, u32)| {
        format!(
            r#"{{"name":"{last}.{third}.{ZONE}","type":"PTR","ttl":3600,"changetype":"REPLACE","records":[{{"content":"h{third}-{last}-patch{turn}.bench.example.","disabled":false}}]}}"#
        )
    };
    format!(r#"{{"rrsets":[{}]}}"#, addresses().map(rrset).collect::<Vec<_>>().join(","))
}

/// Measures and reports.
///
/// # Errors
///
/// When something is refused.
pub fn measure(bench: &Bench, out: &mut String) -> Result<()> {
    let Some(ptrd) = &bench.ptrd else { return Ok(()) };
    writeln!(
        out,
        "{PTRS} PTRs in one request, each with another name than before, over the admin socket. Goal ≤ {GOAL:?}.\n\n\
         | request | names must resolve back | until acknowledged (min–max) | CPU | rolled back (min–max) |\n|---|---|---|---|---|"
    )?;
    let directory = bench.root.join("bulk");
    let (process, _) = ptrd.found(DataSet::Empty, &directory)?;
    ptrd.control(&directory, &["block", "add", RANGE, "--tenant", TENANT])?;
    let socket = socket(&directory);
    let mut turn = 0;
    for rule in ["off", "warn"] {
        ptrd.control(&directory, &["block", "set", RANGE, "--fcrdns", rule])?;
        for door in &DOORS {
            let (mut times, mut used, mut back) = (Vec::new(), Vec::new(), Vec::new());
            for _ in 0..bench.rounds {
                turn += 1;
                let body = (door.body)(turn);
                let (time, cpu) = timed(&process, || ask(&socket, door.method, door.target, &body))?;
                progress(format_args!("bulk: {}, {rule}: {time:.2?}, {cpu:.2?} CPU", door.label));
                times.push(time.as_secs_f64());
                used.push(cpu.as_secs_f64());
                if !door.target.contains("dry_run") {
                    let undo = format!(r#"{{"kind":"rollback","change":{}}}"#, newest(&socket)?);
                    let (time, _) = timed(&process, || ask(&socket, "POST", "/v1/changes", &undo))?;
                    back.push(time.as_secs_f64());
                }
            }
            writeln!(
                out,
                "| {} | {rule} | {} | {:.2} s | {} |",
                door.label,
                spread(&times),
                median(used),
                spread(&back)
            )?;
        }
    }
    drop(process);
    std::fs::remove_dir_all(&directory)?;
    Ok(())
}

fn spread(times: &[f64]) -> String {
    if times.is_empty() {
        return "–".to_owned();
    }
    let (least, most) =
        times.iter().fold((f64::INFINITY, 0.0f64), |(least, most), one| (least.min(*one), most.max(*one)));
    format!("{:.2} s ({least:.2}–{most:.2})", median(times.to_vec()))
}

/// How long something took, and how much of the server's time.
fn timed(process: &Process, deed: impl FnOnce() -> Result<String>) -> Result<(Duration, Duration)> {
    let (begun, before) = (Instant::now(), process.processor_time());
    deed()?;
    Ok((begun.elapsed(), process.processor_time().saturating_sub(before)))
}

/// The number of the newest change.
fn newest(socket: &Path) -> Result<u64> {
    let log = ask(socket, "GET", "/v1/log?limit=1", "")?;
    let rest = log.split("\"change\":").nth(1).context("the log is empty")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Ok(digits.parse()?)
}

/// A request that must be answered with success; its answer.
fn ask(socket: &Path, method: &str, target: &str, body: &str) -> Result<String> {
    let mut stream = UnixStream::connect(socket)?;
    let length = body.len();
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if !answer.starts_with("HTTP/1.1 2") {
        bail!("{method} {target}: {}", answer.get(..2_000).unwrap_or(&answer));
    }
    Ok(answer)
}
