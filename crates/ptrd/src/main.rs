//! The daemon: arguments, wiring, signals, shutdown. What it wires together is in crates of its own.
//!
//! Queries and changes run on threads that share nothing but the published snapshot: DNS on those of `ptrd-listen`,
//! the admin socket on a runtime here, changes on the writer of `ptrd-change`. Sockets are bound and privileges given
//! up first; nothing is answered before all is loaded. Stopping goes from the control side to DNS, which is last.

mod account;
mod announce;
mod api;
mod arguments;
mod backup;
mod check_store;
mod checked;
mod checks;
mod config;
mod control;
mod daemon;
mod demo;
mod dnstap;
mod failure;
mod follow;
mod handover;
mod history;
mod live;
mod logs;
mod manual;
mod memory;
mod metrics;
mod notify;
mod open;
mod policy;
mod privileges;
mod probe;
mod progress;
mod renewal;
mod restore;
mod secrets;
mod serve;
mod signals;
mod standby;
mod updates;
mod watch;

use arguments::{Cli, Command};
use clap::Parser;
use failure::Failure;
use std::process::ExitCode;

fn main() -> ExitCode {
    let done = |outcome: Result<(), Failure>| outcome.map(|()| ExitCode::SUCCESS);
    let outcome = match Cli::parse().command {
        Command::Serve(serve) => done(serve::serve(serve.settings)),
        Command::Restore(arguments) => done(restore::restore(&arguments)),
        Command::CheckStore(arguments) => done(check_store::check(&arguments)),
        Command::Demo(arguments) => done(demo::demo(arguments)),
        Command::CheckConfig(arguments) => checked::check(arguments),
        Command::Probe(arguments) => done(probe::probe(arguments)),
        Command::Completion { shell } => done(manual::completion(shell)),
        Command::Man { folder } => done(manual::man(folder.as_deref())),
    };
    let code = outcome.unwrap_or_else(|failure| {
        failure.report();
        ExitCode::from(failure.exit())
    });
    logs::finish();
    code
}

/// Runs a command on the control plane's runtime. Few threads suffice: DNS has its own, and what takes long is done on
/// threads that the runtime makes for it.
fn run(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(4));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .thread_name("ptrd-control")
        .on_thread_start(|| {
            // A hint: without it those who change and those who ask share the cores as equals.
            let _ = ptrd_cpu::gives_way();
        })
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::fault(anyhow::Error::from(error).context("starting the threads of the control plane"))
        })?;
    runtime.block_on(command)
}
