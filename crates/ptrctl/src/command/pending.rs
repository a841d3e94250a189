//! `ptrctl pending`.

use super::{Limit, change};
use crate::client::Client;
use crate::failure::Failure;
use crate::listing::list;
use crate::screen::Screen;
use clap::Subcommand;
use ptrd_api::{ChangeRequest, PendingFilter, PendingView};

const LIST_EXAMPLES: &str = "\
Examples:
  ptrctl pending list
  The records to create, as lines of a zone file:
    ptrctl pending list 192.0.2.0/24 --json | jq -r '.items[].records[]'";

/// What to do with PTRs that wait.
#[derive(Debug, Subcommand)]
pub enum Pending {
    /// Lists them, with the records that their names need; in the order of addresses
    #[command(after_help = LIST_EXAMPLES)]
    List {
        /// Only addresses in this range
        #[arg(value_name = "PREFIX")]
        within: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Drops one: what the address has now stays
    #[command(after_help = "Examples:\n  ptrctl pending drop 192.0.2.1")]
    Drop {
        /// The address
        address: String,
    },
}

impl Pending {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        match self {
            Pending::List { within, limit } => {
                let filter = PendingFilter { within, ..PendingFilter::default() };
                let headings = ["ADDRESS", "NAMES", "SINCE", "UNTIL", "RECORD TO CREATE"];
                list(client, screen, "/v1/pending", filter, limit.limit, &headings, row).await
            }
            Pending::Drop { address } => change(client, screen, ChangeRequest::PendingDrop { address }).await,
        }
    }
}

fn row(view: PendingView) -> Vec<String> {
    vec![view.address, view.names.join(" "), view.since, view.until, view.records.join("; ")]
}
