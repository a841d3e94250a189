//! `ptrctl log`.

use super::{change, diff, facts};
use crate::arguments;
use crate::client::Client;
use crate::failure::Failure;
use crate::listing::list;
use crate::screen::Screen;
use clap::{Args, Subcommand};
use ptrd_api::{ChangeDetail, ChangeRequest, ChangeView, DEFAULT_LOG_PAGE, LogFilter, LogPrune};

/// For the help.
pub const EXAMPLES: &str = "\
Examples:
  The newest changes; those of the last two hours; those of a day:
    ptrctl log
    ptrctl log --since 2h
    ptrctl log --since 2026-11-25 --until 2026-11-26
  Who changed an address, a block, a zone (also one that is gone), a tenant's things:
    ptrctl log --address 192.0.2.1
    ptrctl log --range 192.0.2.0/24
    ptrctl log --zone 2.0.192.in-addr.arpa --limit 1000
    ptrctl log --tenant acme --kind block-remove
  What exactly a change did:
    ptrctl log show 4711
  For programs:
    ptrctl log --actor alice --json | jq .items[].summary";

const SHOW_EXAMPLES: &str = "\
Examples:
  ptrctl log show 4711
  ptrctl log show 4711 --json | jq -c 'select(.what == \"ptr\")'

With --json: a document with the change and its request, then one for each row, with what was before and after.";

const PRUNE_EXAMPLES: &str = "\
Examples:
  ptrctl log prune --keep 90d --dry-run
  ptrctl log prune --before 2026-01-01
  ptrctl log prune --before-change 100000

All that the log has of these changes goes: who, when, why, every row before and after, and the steps of serials. They \
can no longer be shown, compared or rolled back, and secondaries that are that far behind get whole zones. What is served \
stays as it is, and so does the newest change. Room in the file is used again; the file does not shrink.";

const RETAIN_EXAMPLES: &str = "\
Examples:
  ptrctl log retain 1w
  ptrctl log retain 365d
  ptrctl log retain forever

Older changes then leave the log by themselves, within the hour and in the background, as with `ptrctl log prune`.";

const LIMIT_EXAMPLES: &str = "\
Examples:
  ptrctl log limit 500M
  ptrctl log limit none

With each step of a serial the log keeps what the zone lost and gained, so that secondaries get just that (IXFR). Where \
all of it takes more than this, the oldest goes, in the background, whatever zone it is of: secondaries that are that far \
behind get whole zones. The changes stay in the log. Unless set, the limit is 1G. `ptrctl status` shows how much there is.";

/// Which changes to show.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Log {
    #[command(subcommand)]
    deed: Option<Deed>,
    #[command(flatten)]
    list: List,
}

/// What else to do with the log.
#[derive(Debug, Subcommand)]
enum Deed {
    /// Shows what exactly a change did, row by row
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// Its number
        change: u64,
    },
    /// Takes old changes out of the log
    #[command(after_help = PRUNE_EXAMPLES)]
    Prune(Prune),
    /// Says for how long changes stay in the log
    #[command(after_help = RETAIN_EXAMPLES)]
    Retain {
        /// How long, as 90d, or `forever`
        #[arg(value_name = "DURATION", value_parser = retention)]
        keep: Retention,
    },
    /// Says how much is kept for incremental transfers
    #[command(after_help = LIMIT_EXAMPLES)]
    Limit {
        /// How much, as 500M, or `none`
        #[arg(value_name = "SIZE", value_parser = limit)]
        octets: Limit,
    },
}

/// Which changes go.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Prune {
    /// Keep those that are younger than this: 90d, 12h
    #[arg(long, value_name = "DURATION", value_parser = arguments::duration)]
    keep: Option<u64>,
    /// Keep those from this time on: RFC 3339, a date, or how long ago
    #[arg(long, value_name = "TIME", value_parser = arguments::time)]
    before: Option<String>,
    /// Keep those from this number on
    #[arg(long, value_name = "N")]
    before_change: Option<u64>,
}

#[derive(Clone, Copy, Debug)]
struct Retention(Option<u64>);

fn retention(text: &str) -> Result<Retention, String> {
    match text {
        "forever" => Ok(Retention(None)),
        text => arguments::duration(text).map(|seconds| Retention(Some(seconds))),
    }
}

#[derive(Clone, Copy, Debug)]
struct Limit(Option<u64>);

fn limit(text: &str) -> Result<Limit, String> {
    match text {
        "none" => Ok(Limit(None)),
        text => arguments::size(text).map(|octets| Limit(Some(octets))),
    }
}

/// Which changes to list.
#[derive(Debug, Args)]
struct List {
    /// Only changes by this user
    #[arg(long, value_name = "USER")]
    actor: Option<String>,
    /// Only changes of this kind: ptr-set, block-add, zone-import, rollback
    #[arg(long)]
    kind: Option<String>,
    /// Only changes of the PTR of this address, or of a block around it
    #[arg(long)]
    address: Option<String>,
    /// Only changes of PTRs in this range, or of blocks that meet it
    #[arg(long, visible_alias = "block", value_name = "PREFIX")]
    range: Option<String>,
    /// Only changes that stepped this zone's serial, made it or removed it
    #[arg(long, value_name = "APEX")]
    zone: Option<String>,
    /// Only changes of blocks, zones and PTRs of this tenant
    #[arg(long)]
    tenant: Option<String>,
    /// Only changes from this time on: RFC 3339, a date, or how long ago: 2h
    #[arg(long, value_name = "TIME", value_parser = arguments::time)]
    since: Option<String>,
    /// Only changes before this time
    #[arg(long, value_name = "TIME", value_parser = arguments::time)]
    until: Option<String>,
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
        match self.deed {
            None => self.list.run(client, screen).await,
            Some(Deed::Show { change }) => show(client, screen, change).await,
            Some(Deed::Prune(Prune { keep, before, before_change })) => {
                let prune = LogPrune { before_change, before, keep };
                change(client, screen, ChangeRequest::LogPrune(prune)).await
            }
            Some(Deed::Retain { keep: Retention(keep) }) => {
                change(client, screen, ChangeRequest::LogRetain { keep }).await
            }
            Some(Deed::Limit { octets: Limit(octets) }) => {
                change(client, screen, ChangeRequest::HistoryLimit { octets }).await
            }
        }
    }
}

impl List {
    async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let List { actor, kind, address, range, zone, tenant, since, until, before, limit } = self;
        let filter =
            LogFilter { before, actor, kind, address, range, zone, tenant, since, until, limit: None };
        let headings = ["CHANGE", "AT", "BY", "FROM", "WHAT", "WHY"];
        list(client, screen, "/v1/log", filter, Some(limit), &headings, row).await
    }
}

fn row(change: ChangeView) -> Vec<String> {
    let reason = change.reason.unwrap_or_default();
    vec![change.change.to_string(), change.at, change.actor, change.origin, change.summary, reason]
}

async fn show(client: &mut Client, screen: &mut Screen, number: u64) -> Result<(), Failure> {
    let answer = client.get::<ChangeDetail>(&format!("/v1/log/{number}")).await?;
    if screen.json() {
        screen.document(&answer.raw)?;
    } else {
        let ChangeDetail { change, request, zones } = answer.value;
        let serials = zones.iter().map(|step| match step.serial {
            Some(serial) => format!("{} (serial {serial})", step.apex),
            None => step.apex.clone(),
        });
        facts(
            screen,
            &[
                ("change", change.change.to_string()),
                ("at", change.at),
                ("by", change.actor),
                ("from", change.origin),
                ("why", change.reason.unwrap_or_default()),
                ("kind", change.kind),
                ("what", change.summary),
                ("request", request.to_string()),
                ("zones", serials.collect::<Vec<_>>().join(", ")),
            ],
        )?;
        screen.line("")?;
    }
    diff::show(client, screen, &format!("/v1/log/{number}/edits")).await
}
