//! The daemon: arguments, wiring, signals, shutdown. What it wires together is in crates of its own.
//!
//! Queries and changes run on threads that share nothing but the published snapshot: DNS on those of `ptrd-listen`,
//! the admin socket on a runtime here, changes on the writer of `ptrd-change`. Starting goes from the store up to the
//! sockets, so that nothing is answered before all is there; stopping goes the other way round, DNS last.

mod arguments;
mod control;
mod daemon;
mod demo;
mod failure;
mod logs;
mod memory;
mod secrets;
mod serve;
mod signals;

use arguments::{Cli, Command};
use clap::Parser;
use failure::Failure;
use std::process::ExitCode;

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(serve) => run(&serve.logs.clone(), serve::serve(serve)),
        Command::Demo(demo) => run(&arguments::Logs::quiet(), demo::demo(demo)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report();
            ExitCode::from(failure.exit())
        }
    }
}

/// Runs a command on the control plane's runtime. Few threads suffice: DNS has its own, and what takes long is done on
/// threads that the runtime makes for it.
fn run(logs: &arguments::Logs, command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    logs::start(logs);
    let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(4));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .thread_name("ptrd-control")
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::fault(anyhow::Error::from(error).context("starting the threads of the control plane"))
        })?;
    runtime.block_on(command)
}
