//! `ptrctl zone transfer-in` and `compare`: from another server to this one.

use super::zone_follow::Servers;
use crate::client::{Client, segment};
use crate::failure::Failure;
use crate::screen::{Screen, counted};
use clap::Args;
use ptrd_api::{ChangeDone, CompareView, CompareWrite, LineError, Problem, RrsetDifference, TransferInWrite};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

pub const TRANSFER_IN_EXAMPLES: &str = "\
Examples:
  ptrctl zone transfer-in 2.0.192.in-addr.arpa --from 192.0.2.53 --tenant acme
  ptrctl zone transfer-in 2.0.192.in-addr.arpa --from 192.0.2.53 --key xfr.example --tenant acme
  ptrctl zone transfer-in --list zones.txt --from 192.0.2.53 --tenant acme
  ptrctl zone transfer-in example.com --from 192.0.2.53 --tenant acme --dry-run

Each zone is pulled as a whole, once, and is an imported zone of our own then, with
the serial that it had: `ptrctl zone compare` shows whether both servers answer
alike, and `ptrctl zone adopt` makes reverse zones native. The other server must
allow transfers to this one. Zones that cannot be had are listed, and the others
are taken over all the same.";

pub const COMPARE_EXAMPLES: &str = "\
Examples:
  ptrctl zone compare 2.0.192.in-addr.arpa --from 192.0.2.53
  ptrctl zone compare --list zones.txt --from 192.0.2.53 --key xfr.example

Lines with - are here, lines with + at the other server. Serials are shown, and are
no difference. A server that does not hand the zone over is asked for every RRset
that is here; what it has besides stays unseen then.

Exit status: 0 where all zones are alike, 1 where one is not. Zones that cannot be
compared are listed after the others, and the exit status says why.";

/// Several zones.
#[derive(Debug, Args)]
pub struct Zones {
    /// The apexes
    #[arg(value_name = "APEX", required_unless_present = "list")]
    apexes: Vec<String>,
    /// A file with an apex a line; `-` is stdin
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
}

impl Zones {
    /// All of them. Empty lines and what begins with `#` say nothing.
    fn all(self) -> Result<Vec<String>, Failure> {
        let Zones { mut apexes, list } = self;
        let Some(path) = list else { return Ok(apexes) };
        let failed = |error: io::Error| Failure::local(format!("{}: {error}", path.display()));
        let reader: Box<dyn BufRead> = if path == Path::new("-") {
            Box::new(io::stdin().lock())
        } else {
            Box::new(BufReader::new(File::open(&path).map_err(failed)?))
        };
        for line in reader.lines() {
            let line = line.map_err(failed)?;
            let apex = line.trim();
            if !apex.is_empty() && !apex.starts_with('#') {
                apexes.push(apex.to_owned());
            }
        }
        if apexes.is_empty() {
            return Err(Failure::usage(format!("{}: there is no zone in it", path.display())));
        }
        Ok(apexes)
    }
}

/// `zone transfer-in`.
#[derive(Debug, Args)]
pub struct TransferIn {
    #[command(flatten)]
    zones: Zones,
    #[command(flatten)]
    servers: Servers,
    /// The owner
    #[arg(long)]
    tenant: String,
    /// Replace imported zones that are here already
    #[arg(long)]
    replace: bool,
}

impl TransferIn {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let TransferIn { zones, servers, tenant, replace } = self;
        let (apexes, from) = (zones.all()?, servers.specs());
        let target = match client.dry_run() {
            true => "/v1/zones/transfer-in?dry_run=true",
            false => "/v1/zones/transfer-in",
        };
        let mut several = Several::of(&apexes);
        for apex in apexes {
            let (tenant, from) = (tenant.clone(), from.clone());
            let write = TransferInWrite { apex: apex.clone(), tenant, from, replace };
            match client.post_body::<_, ChangeDone>(target, &write).await {
                Ok(answer) if screen.json() => screen.document(&answer.raw)?,
                Ok(answer) => {
                    screen.report(&answer.value.report, answer.value.report_total)?;
                    screen.done(&answer.value, client.dry_run())?;
                }
                Err(failure) => several.failed(apex, failure)?,
            }
        }
        several.end("taken over")
    }
}

/// Zones of which some may fail, and the others are gone on with.
struct Several {
    total: usize,
    failed: Vec<(String, Failure)>,
}

impl Several {
    fn of(apexes: &[String]) -> Several {
        Several { total: apexes.len(), failed: Vec::new() }
    }

    /// Notes that one has failed; `Err` where that is the end: of a single zone in the daemon's own words, and without a
    /// daemon.
    fn failed(&mut self, apex: String, failure: Failure) -> Result<(), Failure> {
        if self.total == 1 || failure.problem.is_none() || failure.raw.is_none() {
            return Err(failure);
        }
        self.failed.push((apex, failure));
        Ok(())
    }

    /// The failure of those that were not `done`.
    fn end(self, done: &str) -> Result<(), Failure> {
        let Several { total, failed } = self;
        let Some((_, first)) = failed.first() else { return Ok(()) };
        let exit = first.exit;
        let mut failure = Failure::local(format!(
            "{} of {total} not {done}",
            counted(failed.len() as u64, "zone", "zones")
        ));
        failure.exit = exit;
        if let Some(problem) = &mut failure.problem {
            problem.errors_total = failed.len() as u64;
            let line = |(apex, failure): (String, Failure)| {
                let told = failure.problem.map(|problem| {
                    let Problem { message, hint, .. } = *problem;
                    let hint = hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
                    message + &hint
                });
                LineError { file: Some(apex), line: 0, message: told.unwrap_or_default() }
            };
            problem.errors = failed.into_iter().map(line).collect();
        }
        Err(failure)
    }
}

/// `zone compare`.
#[derive(Debug, Args)]
pub struct Compare {
    #[command(flatten)]
    zones: Zones,
    #[command(flatten)]
    servers: Servers,
}

impl Compare {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let Compare { zones, servers } = self;
        let (apexes, servers) = (zones.all()?, servers.specs());
        let mut differs = false;
        let mut several = Several::of(&apexes);
        for apex in apexes {
            for with in &servers {
                let target = format!("/v1/zones/{}/compare", segment(&apex));
                let write = CompareWrite { with: with.clone() };
                let answer = match client.post_body::<_, CompareView>(&target, &write).await {
                    Ok(answer) => answer,
                    Err(failure) => {
                        several.failed(apex.clone(), failure)?;
                        continue;
                    }
                };
                differs |= answer.value.total > 0;
                if screen.json() {
                    screen.document(&answer.raw)?;
                } else {
                    show(screen, answer.value)?;
                }
            }
        }
        several.end("compared")?;
        if differs { Err(Failure { exit: 1, problem: None, raw: None }) } else { Ok(()) }
    }
}

fn show(screen: &mut Screen, view: CompareView) -> Result<(), Failure> {
    let what = match view.total {
        0 => "alike".to_owned(),
        n => counted(n, "RRset differs", "RRsets differ"),
    };
    let how = if view.how == "queries" { ", by queries for what is here" } else { "" };
    screen.line(&format!(
        "{}: {what} (serial {} here, {} at {}; {} compared{how})",
        view.apex,
        view.serial,
        view.other_serial,
        view.server,
        counted(view.compared, "RRset", "RRsets"),
    ))?;
    for RrsetDifference { owner, rtype, here, there } in &view.differences {
        for line in here.iter().filter(|line| !there.contains(line)) {
            screen.gone(&format!("{owner} {rtype} {line}"))?;
        }
        for line in there.iter().filter(|line| !here.contains(line)) {
            screen.come(&format!("{owner} {rtype} {line}"))?;
        }
    }
    let unseen = view.total - view.differences.len() as u64;
    if unseen > 0 {
        screen.line(&format!("and {}", counted(unseen, "further RRset", "further RRsets")))?;
    }
    Ok(())
}
