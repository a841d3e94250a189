//! The benchmark: ptrd against Knot and NSD in one run, and against an echo that does nothing but receive and send.
//!
//! `README.md` says how it measures and what each row means.

mod data;
mod files;
mod load;
mod machine;
mod process;
mod query;
mod random;
mod rows;
mod subject;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand, ValueEnum};

use load::changers::{self, Target};
use load::flood::{self, Flood};
use rows::throughput::{self, Row};
use rows::{
    Bench, api, bulk, changes, floods, import, ixfr, memory, progress, rename, start, transfer, underway,
    update,
};
use subject::Subject;
use subject::echo::{self, Echo};
use subject::knot::Knot;
use subject::nsd::Nsd;
use subject::ptrd::Ptrd;

/// Measures ptrd against Knot, NSD and a bare echo; prints Markdown.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure and print the tables.
    Run(Run),
    /// Be the echo that the servers are compared with.
    Echo {
        /// Where to listen.
        address: SocketAddr,
        /// Octets to append to each query out of a table of ready-made answers.
        #[arg(long, default_value_t = 0)]
        answer_size: usize,
        /// Send replies to one peer as one message.
        #[arg(long)]
        bundle: bool,
    },
    /// Be one of the floods, until ended.
    Flood {
        /// Which.
        flood: Flood,
        /// Whom to flood.
        server: SocketAddr,
    },
    /// Make changes at a given rate.
    Change {
        /// The admin socket.
        socket: PathBuf,
        /// What to change.
        target: Target,
        /// Changes a second.
        rate: u32,
        /// For how many seconds.
        seconds: f64,
        /// What the names are told apart by from those of other runs.
        seed: u64,
    },
}

#[derive(Debug, Args)]
struct Run {
    /// What to measure; everything by default.
    #[arg(long, value_delimiter = ',', value_enum)]
    only: Vec<Part>,
    /// Which of echo, bundle, table, ptrd, knot and nsd to measure; all but table by default.
    #[arg(long, value_delimiter = ',', default_value = "echo,bundle,ptrd,knot,nsd")]
    subjects: Vec<String>,
    /// One short round of everything, without what takes minutes; its figures are no figures.
    #[arg(long)]
    quick: bool,
    /// Put an OPT record (1 232 octets) into the queries.
    #[arg(long)]
    edns: bool,
    /// How often to measure each server.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds that one measurement lasts.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Octets that the subject `table` appends to a query.
    #[arg(long, default_value_t = 48)]
    answer_size: usize,
    /// The directory that ptrd and ptrctl are in; that of this program by default.
    #[arg(long)]
    programs: Option<PathBuf>,
    /// Where to put temporary files (up to 3 GB).
    #[arg(long)]
    directory: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    V4,
    V6,
    Chase,
    Tcp,
    TcpConn,
    Memory,
    Start,
    Import,
    Changes,
    Underway,
    Transfer,
    Ixfr,
    Update,
    Rename,
    Floods,
    Api,
    Bulk,
}

/// Measures something and appends what it found.
type Measure = fn(&Bench, &mut String) -> Result<()>;

fn main() -> Result<()> {
    match Cli::parse().command {
        Command::Run(run) => measure(run),
        Command::Echo { address, answer_size, bundle } => echo::serve(address, answer_size, bundle),
        Command::Flood { flood, server } => flood::run(flood, server),
        Command::Change { socket, target, rate, seconds, seed } => {
            changers::run(&socket, target, rate, Duration::from_secs_f64(seconds), seed)
        }
    }
}

fn measure(run: Run) -> Result<()> {
    if !(0.1..=600.0).contains(&run.seconds) || !(1..=100).contains(&run.rounds) {
        bail!("--seconds takes 0.1 to 600, --rounds 1 to 100");
    }
    let root = match &run.directory {
        Some(directory) => tempfile::tempdir_in(directory),
        None => tempfile::tempdir(),
    }
    .context("creating a temporary directory")?;
    let mut out = machine::describe();
    let ptrd = Ptrd::new(run.programs.clone())?;
    let subjects = find(&run, &ptrd, &mut out)?;
    let ours = subjects.iter().any(|subject| subject.name() == "ptrd");
    let bench = Bench {
        subjects,
        ptrd: ours.then_some(ptrd),
        root: root.path().to_owned(),
        quick: run.quick,
        edns: run.edns,
        rounds: if run.quick { 1 } else { run.rounds },
        duration: Duration::from_secs_f64(if run.quick { 1.0 } else { run.seconds }),
    };
    process::pin_generator()?;
    out += &format!(
        "Queries: {} EDNS; medians of {} rounds of {:?}.\n\n",
        if run.edns { "with" } else { "without" },
        bench.rounds,
        bench.duration
    );
    let wanted = |part| run.only.is_empty() || run.only.contains(&part);
    let rows = [
        (Part::V4, Row::V4),
        (Part::V6, Row::V6),
        (Part::Chase, Row::Chase),
        (Part::Tcp, Row::Tcp),
        (Part::TcpConn, Row::TcpConnection),
    ];
    let (mut all, mut failures) = (Vec::new(), Vec::new());
    for (_, row) in rows.into_iter().filter(|(part, _)| wanted(*part)) {
        match throughput::measure(&bench, row) {
            Ok(series) => all.extend(series),
            Err(error) => failures.push(format!("{row}: {error:#}")),
        }
    }
    if !all.is_empty() {
        throughput::report(&mut out, &all)?;
        out.push('\n');
    }
    let others: [(Part, Measure); 12] = [
        (Part::Floods, floods::measure),
        (Part::Api, api::measure),
        (Part::Bulk, bulk::measure),
        (Part::Start, start::measure),
        (Part::Import, import::measure),
        (Part::Changes, changes::measure),
        (Part::Underway, underway::measure),
        (Part::Transfer, transfer::measure),
        (Part::Ixfr, ixfr::measure),
        (Part::Update, update::measure),
        (Part::Rename, rename::measure),
        (Part::Memory, memory::measure),
    ];
    for (part, measure) in others.into_iter().filter(|(part, _)| wanted(*part)) {
        if let Err(error) = measure(&bench, &mut out) {
            failures.push(format!("{part:?}: {error:#}"));
        }
        out.push('\n');
    }
    println!("{out}");
    if !failures.is_empty() {
        bail!("not everything could be measured:\n{}", failures.join("\n"));
    }
    Ok(())
}

/// The subjects asked for that are there; a line in `out` for each.
fn find(run: &Run, ptrd: &Ptrd, out: &mut String) -> Result<Vec<Box<dyn Subject>>> {
    let mut found = Vec::new();
    for name in &run.subjects {
        let subject: Box<dyn Subject> = match name.as_str() {
            "echo" => Box::new(Echo { answer_size: 0, bundle: false }),
            "bundle" => Box::new(Echo { answer_size: 0, bundle: true }),
            "table" => Box::new(Echo { answer_size: run.answer_size.max(1), bundle: true }),
            "ptrd" => Box::new(ptrd.clone()),
            "knot" => Box::new(Knot),
            "nsd" => Box::new(Nsd),
            other => bail!("there is no subject {other}: echo, bundle, table, ptrd, knot and nsd are known"),
        };
        match subject.version() {
            Some(version) => {
                *out += &format!("{name}: {version}\n");
                found.push(subject);
            }
            None => {
                progress(format_args!("{name} is left out: try `{}`", subject.remedy()));
                *out += &format!("{name}: not there, left out\n");
            }
        }
    }
    Ok(found)
}
