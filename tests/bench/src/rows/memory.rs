//! Memory beyond an empty server, for each PTR.

use std::fmt::Write;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Bench, progress};
use crate::data::DataSet;
use crate::process::Process;
use crate::subject::Subject;

/// Measures and reports.
///
/// # Errors
///
/// When a server does not start or an import fails.
pub fn measure(bench: &Bench, out: &mut String) -> Result<()> {
    writeln!(out, "| memory | server | octets per PTR | empty | loaded | goal |\n|---|---|---|---|---|---|")?;
    for subject in bench.subjects.iter().filter(|subject| subject.serves(DataSet::Dense, true)) {
        let ours = subject.name() == "ptrd";
        let empty = started(bench, subject.as_ref(), DataSet::Empty)?;
        for data in sets(bench.quick, ours) {
            if let Some(ptrd) = bench.ptrd.as_ref().filter(|_| ours) {
                let directory = bench.root.join(format!("memory-{}", data.slug()));
                let (process, _) = ptrd.found(data, &directory)?;
                ptrd.import(data, &bench.root, &directory)?;
                line(out, data, "ptrd after the import", empty, settled(&process))?;
                drop(process);
                std::fs::remove_dir_all(&directory)?;
            }
            let loaded = started(bench, subject.as_ref(), data)?;
            let label = if ours { "ptrd after a start" } else { subject.name() };
            line(out, data, label, empty, loaded)?;
        }
    }
    Ok(())
}

fn sets(quick: bool, ours: bool) -> Vec<DataSet> {
    let mut sets = vec![DataSet::Dense, DataSet::Random6(100_000)];
    if ours {
        sets.push(DataSet::Sparse(if quick { 1 << 16 } else { 1 << 18 }));
    }
    if ours && !quick {
        sets.extend([DataSet::Random6(1_000_000), DataSet::Eight]);
    }
    sets
}

fn goal(data: DataSet) -> u32 {
    match data {
        DataSet::Sparse(_) => 64,
        DataSet::Random6(_) => 48,
        _ => 32,
    }
}

fn line(out: &mut String, data: DataSet, label: &str, empty: u64, loaded: u64) -> Result<()> {
    let each = loaded.saturating_sub(empty) as f64 / f64::from(data.len().max(1));
    progress(format_args!("memory: {}, {label}: {each:.1} octets", data.slug()));
    let mebi = |octets: u64| octets as f64 / f64::from(1 << 20);
    writeln!(
        out,
        "| {} ({} PTRs) | {label} | {each:.1} | {:.1} MiB | {:.1} MiB | {} |",
        data.slug(),
        data.len(),
        mebi(empty),
        mebi(loaded),
        if label.starts_with("ptrd") { format!("≤ {}", goal(data)) } else { "–".into() }
    )?;
    Ok(())
}

/// The memory of a server that was started on `data`.
fn started(bench: &Bench, subject: &dyn Subject, data: DataSet) -> Result<u64> {
    let mut server = subject.launch(data, &bench.root)?;
    server.ready(data, subject.judgement(), Duration::from_secs(300))?;
    sleep(Duration::from_secs(1));
    server.process.check()?;
    Ok(settled(&server.process))
}

/// The memory of a process once it has not changed by more than 0.5 % for two seconds, or after twenty.
fn settled(process: &Process) -> u64 {
    let begun = Instant::now();
    let (mut since, mut reference) = (Instant::now(), process.memory());
    while begun.elapsed() < Duration::from_secs(20) && since.elapsed() < Duration::from_secs(2) {
        sleep(Duration::from_millis(200));
        let now = process.memory();
        if now.abs_diff(reference) > reference / 200 {
            (since, reference) = (Instant::now(), now);
        }
    }
    process.memory()
}
