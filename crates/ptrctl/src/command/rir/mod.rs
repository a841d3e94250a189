//! `ptrctl rir`: regional Internet registries.
//!
//! What follows from what is `ptrd_posture::rir`; here are arguments, files, the daemon's zones and the network.

mod check;
mod object;
mod served;
mod submit;
mod web;

use crate::cli::Globals;
use crate::failure::Failure;
use crate::screen::Screen;
use clap::Subcommand;
use ptrd_api::{LineError, Problem, code};
use ptrd_posture::rir::Refusal;
use std::io::Read;
use std::path::Path;

/// Octets of a file that is read.
const MOST: u64 = 16 << 20;

/// What to do at registries.
#[derive(Debug, Subcommand)]
pub enum Rir {
    /// Prints what a registry wants to have for a block; or says what it does not do, and what to do instead
    #[command(after_help = object::EXAMPLES)]
    Object(object::Object),
    /// Looks at the nameservers of a block as registries do, before anything is sent there
    #[command(after_help = check::EXAMPLES)]
    Check(check::Check),
    /// Sends the objects of a block to RIPE or ARIN
    #[command(after_help = submit::EXAMPLES)]
    Submit(Box<submit::Submit>),
}

impl Rir {
    /// Carries it out.
    pub async fn run(self, globals: &Globals, screen: &mut Screen) -> Result<(), Failure> {
        match self {
            Rir::Object(object) => object.run(globals, screen).await,
            Rir::Check(check) => check.run(globals, screen).await,
            Rir::Submit(submit) => submit.run(globals, screen).await,
        }
    }
}

/// What a registry would refuse, and what to do instead.
fn refused(refusals: Vec<Refusal>) -> Failure {
    let problem = match <[Refusal; 1]>::try_from(refusals) {
        Ok([Refusal { what, instead }]) => Problem::new(code::INVALID, what).hint(instead),
        Err(refusals) => {
            let message = format!("{} things are in the way", refusals.len());
            let line = |refusal: Refusal| LineError {
                file: None,
                line: 0,
                message: format!("{}; {}", refusal.what, refusal.instead),
            };
            let mut problem = Problem::new(code::INVALID, message);
            problem.errors_total = refusals.len() as u64;
            problem.errors = refusals.into_iter().map(line).collect();
            problem
        }
    };
    Failure { exit: code::exit(code::INVALID), problem: Some(Box::new(problem)), raw: None }
}

/// A file of text, bounded.
fn read(path: &Path) -> Result<String, Failure> {
    let wrong = |why: String| Failure::local(format!("{}: {why}", path.display()));
    let file = std::fs::File::open(path).map_err(|error| wrong(error.to_string()))?;
    let mut octets = Vec::new();
    file.take(MOST + 1).read_to_end(&mut octets).map_err(|error| wrong(error.to_string()))?;
    if octets.len() as u64 > MOST {
        return Err(wrong("it is larger than 16 MiB".to_owned()));
    }
    // Answers of whois are Latin-1 at times; what counts here is ASCII.
    Ok(String::from_utf8_lossy(&octets).into_owned())
}
