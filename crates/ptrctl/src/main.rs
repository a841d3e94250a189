//! The command line of ptrd: a client of the admin socket, and of nothing else but DNS (`verify`, `rir`), registries (`rir`) and the mail
//! server that `mail-test` is told.
//!
//! Each command is one request of [`ptrd_api`], or a few for listings that have many pages. What is right and wrong is
//! decided by the daemon; this program reads arguments and files, sends, and shows. `rir` besides speaks to nameservers and
//! registries: what is right there is decided by [`ptrd_posture::rir`].

mod arguments;
mod cli;
mod client;
mod command;
mod failure;
mod files;
mod import_config;
mod lines;
mod listing;
mod screen;
mod secret;
mod steadfast;
mod table;
mod upload;
mod whole_file;

use clap::Parser;
use failure::Failure;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let mut screen = screen::Screen::new(cli.globals.json, cli.globals.color);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = runtime
        .map_err(|error| Failure::local(format!("starting: {error}")))
        .and_then(|runtime| runtime.block_on(command::run(cli, &mut screen)))
        .and_then(|()| screen.flush());
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // What was shown before it went wrong comes first; if that fails, there is nobody to tell.
            let _ = screen.flush();
            screen.failure(&failure);
            ExitCode::from(failure.exit)
        }
    }
}
