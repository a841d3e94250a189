//! `ptrctl log`.

use crate::client::Client;
use crate::failure::Failure;
use crate::listing::list;
use crate::screen::Screen;
use clap::Args;
use ptrd_api::{ChangeView, DEFAULT_LOG_PAGE, LogFilter};

/// For the help.
pub const EXAMPLES: &str = "\
Examples:
  ptrctl log
  ptrctl log --address 192.0.2.1
  ptrctl log --zone 2.0.192.in-addr.arpa --limit 1000
  ptrctl log --actor alice --json | jq .items[].summary";

/// Which changes to show.
#[derive(Debug, Args)]
pub struct Log {
    /// Only changes by this user
    #[arg(long, value_name = "USER")]
    actor: Option<String>,
    /// Only changes that touched this address
    #[arg(long)]
    address: Option<String>,
    /// Only changes that stepped this zone's serial
    #[arg(long, value_name = "APEX")]
    zone: Option<String>,
    /// Only changes before this number
    #[arg(long, value_name = "N")]
    before: Option<u64>,
    /// At most this many
    #[arg(long, value_name = "N", default_value_t = DEFAULT_LOG_PAGE,
          value_parser = clap::value_parser!(u64).range(1..))]
    limit: u64,
}

impl Log {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let Log { actor, address, zone, before, limit } = self;
        let filter = LogFilter { before, actor, address, zone, limit: None };
        let headings = ["CHANGE", "AT", "BY", "FROM", "WHAT", "WHY"];
        list(client, screen, "/v1/log", filter, Some(limit), &headings, row).await
    }
}

fn row(change: ChangeView) -> Vec<String> {
    let reason = change.reason.unwrap_or_default();
    vec![change.change.to_string(), change.at, change.actor, change.origin, change.summary, reason]
}
