//! `ptrctl notify`.

use super::{Limit, change};
use crate::client::Client;
use crate::failure::Failure;
use crate::listing::list;
use crate::screen::Screen;
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use ptrd_api::{
    ChangeRequest, NotifyFilter, NotifyNameservers, NotifyStatusFilter, NotifyStatusView, NotifyView,
    NotifyWrite,
};

const ADD_EXAMPLES: &str = "\
Examples:
  ptrctl notify add 192.0.2.53                               (of all zones)
  ptrctl notify add 192.0.2.53:5353 --key ns2.example.net
  ptrctl notify add 2001:db8::53 --zone 2.0.192.in-addr.arpa
  ptrctl notify add 198.51.100.7 --tenant acme

Nameservers of a zone are told of its changes without being listed. The one that
the SOA names (MNAME) and ptrd itself are not. A listed address is told besides.";

const REMOVE_EXAMPLES: &str = "\
Examples:
  ptrctl notify list
  ptrctl notify remove 192.0.2.53
  ptrctl notify remove 198.51.100.7 --tenant acme

Name the scope as it was given.";

const NAMESERVERS_EXAMPLES: &str = "\
Examples:
  ptrctl notify nameservers no                               (a hidden primary)
  ptrctl notify nameservers yes --zone 2.0.192.in-addr.arpa
  ptrctl notify nameservers inherit --zone 2.0.192.in-addr.arpa

Of a zone, its tenant and all zones, the narrowest that says anything counts.";

const LIST_EXAMPLES: &str = "\
Examples:
  ptrctl notify list
  ptrctl notify list --zone 2.0.192.in-addr.arpa             (all that count for it)";

const STATUS_EXAMPLES: &str = "\
Examples:
  ptrctl notify status --zone 2.0.192.in-addr.arpa
  ptrctl notify status --state waiting
  ptrctl notify status --state failed --json
  ptrctl notify status --differs                             (secondaries that are behind)

HAS is the serial that one had when it was last asked, every notify.serials of ptrd.toml, and
soon after somebody looked at its zone. quiet: nothing was announced since ptrd was started.
Such zones are shown once their secondaries were asked.";

/// Who is told that zones have changed.
#[derive(Debug, Subcommand)]
pub enum Notify {
    /// Lists an address that is told of changes, or another key for one
    #[command(after_help = ADD_EXAMPLES)]
    Add {
        #[command(flatten)]
        target: Target,
        /// The TSIG key that messages to it are signed with
        #[arg(long, value_name = "NAME")]
        key: Option<String>,
    },
    /// Strikes an address off
    #[command(after_help = REMOVE_EXAMPLES)]
    Remove {
        #[command(flatten)]
        target: Target,
    },
    /// Says whether the nameservers of zones are told, or listed addresses alone
    #[command(after_help = NAMESERVERS_EXAMPLES)]
    Nameservers {
        /// Whether they are
        tell: Tell,
        #[command(flatten)]
        scope: Scope,
    },
    /// Lists addresses, and what is said of nameservers
    #[command(after_help = LIST_EXAMPLES)]
    List {
        /// Only what counts for this zone
        #[arg(long, value_name = "APEX")]
        zone: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// What waits, who answered when, what failed, and who is passed over and why
    #[command(after_help = STATUS_EXAMPLES)]
    Status {
        /// Only this zone
        #[arg(long, value_name = "APEX")]
        zone: Option<String>,
        /// Only what is in this state
        #[arg(long)]
        state: Option<State>,
        /// Only those that have had another serial for longer than a transfer takes, or say none
        #[arg(long)]
        differs: bool,
        #[command(flatten)]
        limit: Limit,
    },
}

/// An address for some zones.
#[derive(Debug, Args)]
pub struct Target {
    /// The address, with a port unless that is 53
    address: String,
    #[command(flatten)]
    scope: Scope,
}

/// Some zones.
#[derive(Debug, Args)]
pub struct Scope {
    /// Only this zone; all zones unless given
    #[arg(long, value_name = "APEX", conflicts_with = "tenant")]
    zone: Option<String>,
    /// Only the zones of this tenant
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
}

/// Whether nameservers are told.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Tell {
    /// They are
    Yes,
    /// Listed addresses alone
    No,
    /// As the wider scope says
    Inherit,
}

/// What became of it.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum State {
    /// Not answered yet
    Waiting,
    /// Answered
    Answered,
    /// Answered with an error, and not asked again for this serial
    Refused,
    /// Given up
    Failed,
    /// Never told
    Skipped,
    /// Not announced since the start
    Quiet,
}

impl State {
    fn word(self) -> String {
        match self {
            State::Waiting => "waiting",
            State::Answered => "answered",
            State::Refused => "refused",
            State::Failed => "failed",
            State::Skipped => "skipped",
            State::Quiet => "quiet",
        }
        .to_owned()
    }
}

impl Notify {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        match self {
            Notify::Add { target, key } => {
                change(client, screen, ChangeRequest::NotifyAdd(target.write(key))).await
            }
            Notify::Remove { target } => {
                change(client, screen, ChangeRequest::NotifyRemove(target.write(None))).await
            }
            Notify::Nameservers { tell, scope: Scope { zone, tenant } } => {
                let tell = match tell {
                    Tell::Yes => Some(true),
                    Tell::No => Some(false),
                    Tell::Inherit => None,
                };
                let write = NotifyNameservers { tell, zone, tenant };
                change(client, screen, ChangeRequest::NotifyNameservers(write)).await
            }
            Notify::List { zone, limit: Limit { limit } } => {
                let filter = NotifyFilter { zone, ..NotifyFilter::default() };
                list(client, screen, "/v1/notify", filter, limit, &["ZONES", "TOLD", "KEY"], row).await
            }
            Notify::Status { zone, state, differs, limit: Limit { limit } } => {
                let headings = ["ZONE", "SERIAL", "TO", "HAS", "STATE", "TRIES", "AT", "NEXT", "WHY"];
                let filter = NotifyStatusFilter {
                    zone,
                    state: state.map(State::word),
                    differs,
                    ..NotifyStatusFilter::default()
                };
                list(client, screen, "/v1/notify/status", filter, limit, &headings, status_row).await
            }
        }
    }
}

impl Target {
    fn write(self, key: Option<String>) -> NotifyWrite {
        let Target { address, scope: Scope { zone, tenant } } = self;
        NotifyWrite { address, key, zone, tenant }
    }
}

fn row(view: NotifyView) -> Vec<String> {
    let zones = match (view.zone, view.tenant) {
        (Some(zone), _) => zone,
        (None, Some(tenant)) => format!("of {tenant}"),
        (None, None) => "all".to_owned(),
    };
    let told = match (view.address, view.nameservers) {
        (Some(address), _) => address,
        (None, Some(false)) => "listed addresses alone".to_owned(),
        (None, _) => "nameservers".to_owned(),
    };
    vec![zones, told, view.key.unwrap_or_default()]
}

fn status_row(view: NotifyStatusView) -> Vec<String> {
    let to = match (view.nameserver, view.address) {
        (Some(name), Some(address)) => format!("{address} ({name})"),
        (Some(name), None) => name,
        (None, address) => address.unwrap_or_else(|| "nobody".to_owned()),
    };
    let time = |millis: Option<i64>| {
        let time = millis.and_then(|millis| Timestamp::from_second(millis.div_euclid(1_000)).ok());
        time.map(|time| time.to_string()).unwrap_or_default()
    };
    vec![
        view.zone,
        view.serial.to_string(),
        to,
        view.has.map_or_else(|| "-".to_owned(), |serial| serial.to_string()),
        view.state,
        view.tries.to_string(),
        time(view.at),
        time(view.next),
        view.detail.or(view.unknown).unwrap_or_default(),
    ]
}
