//! `ptrctl verify`: what the world sees of sending addresses.
//!
//! Works without a daemon; where one answers, its sending inventory says which addresses send, and under which name.

mod asking;
mod estimate;
mod plan;
mod show;
mod state;

pub use asking::{Asking, Sink};

use crate::cli::Globals;
use crate::failure::Failure;
use crate::screen::Screen;
use clap::Args;
use ptrd_posture::identity::Grade;
use show::Shown;
pub use show::document;

/// For the help.
pub const EXAMPLES: &str = "\
Examples:
  ptrctl verify 192.0.2.25 --helo 192.0.2.25=mail.example.com
  A block, the nameservers themselves too; resolvers are asked about what sends, or a sample:
    ptrctl verify 192.0.2.0/24 --authoritative --sample 32
  An inventory as CSV (address,helo,mta,domains); goes on where it was cut short:
    ptrctl verify sending.csv --state sending.state
  One's own resolver, what is wrong alone:
    ptrctl verify 192.0.2.0/24 --resolver 192.0.2.53 --only fail --only unknown
  In a script; the exit status says how it came out:
    ptrctl verify sending.csv --yes --json >sending.json || echo \"$?\"

Without --resolver, Google (8.8.8.8), Cloudflare (1.1.1.1) and Quad9 (9.9.9.9) are asked, each at most 50 times a second.
SERVFAIL, REFUSED and silence are unknown, never a failure. Exit status: 0 all pass, 13 something fails, 14 something could not be
found out, 15 nothing worse than a warning.";

/// `verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Addresses, prefixes, and files with one of these a line or as CSV: address,helo,mta,domains
    #[arg(value_name = "PREFIX|ADDRESS|FILE", required = true)]
    what: Vec<String>,
    #[command(flatten)]
    asking: Asking,
    /// Show only what came out so. Repeatable
    #[arg(long, value_name = "GRADE")]
    only: Vec<Only>,
}

/// A grade as an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Only {
    /// As it should be
    Pass,
    /// It could be better
    Warn,
    /// It could not be found out
    Unknown,
    /// Receivers will hold it against the address
    Fail,
}

impl From<Only> for Grade {
    fn from(only: Only) -> Grade {
        match only {
            Only::Pass => Grade::Pass,
            Only::Warn => Grade::Warn,
            Only::Unknown => Grade::Unknown,
            Only::Fail => Grade::Fail,
        }
    }
}

impl Verify {
    /// Looks at the addresses, and shows how they stand.
    pub async fn run(self, globals: &Globals, screen: &mut Screen) -> Result<(), Failure> {
        let only = self.only.iter().map(|&only| only.into()).collect();
        let mut shown = Shown::new(only);
        match self.asking.survey(&self.what, globals, screen, &mut shown).await? {
            Some(done) => shown.end(screen, &done),
            None => Ok(()),
        }
    }
}
