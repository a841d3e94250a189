//! `ptrctl defaults`.

use super::{change, facts};
use crate::arguments;
use crate::client::Client;
use crate::failure::Failure;
use crate::screen::Screen;
use clap::{Args, Subcommand};
use ptrd_api::{ChangeRequest, DefaultsSet, DefaultsView};

const SET_EXAMPLES: &str = "\
Examples:
  ptrctl defaults set --ns ns1.example.net --ns ns2.example.net --rname hostmaster.example.net
  ptrctl defaults set --ptr-ttl 1h --zone-ttl 1d

What is not named stays. Nameservers are those of the NS set named default, what
belongs into a SOA is in the SOA template named default: zones that reference
them change at once, and get a new serial. See first what would change with
--dry-run. Zones of other sets: `ptrctl ns-set`, `ptrctl soa-template`.";

/// What to do with the defaults.
#[derive(Debug, Subcommand)]
pub enum Defaults {
    /// Shows the nameservers, SOA and TTLs that new zones start with
    #[command(after_help = "Examples:\n  ptrctl defaults show\n  ptrctl defaults show --json")]
    Show,
    /// Changes them, and with them the zones that reference them
    #[command(after_help = SET_EXAMPLES)]
    Set(Set),
}

/// `defaults set`.
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).multiple(true).args([
    "ns", "rname", "refresh", "retry", "expire", "minimum", "zone_ttl", "ptr_ttl",
]))]
pub struct Set {
    /// The nameservers, the primary first; repeat for each
    #[arg(long, value_name = "NAME")]
    ns: Vec<String>,
    /// The mailbox of the person in charge, as a name: hostmaster.example.net
    #[arg(long, value_name = "NAME")]
    rname: Option<String>,
    /// SOA REFRESH
    #[arg(long, value_name = "TTL", value_parser = arguments::ttl)]
    refresh: Option<u32>,
    /// SOA RETRY
    #[arg(long, value_name = "TTL", value_parser = arguments::ttl)]
    retry: Option<u32>,
    /// SOA EXPIRE
    #[arg(long, value_name = "TTL", value_parser = arguments::ttl)]
    expire: Option<u32>,
    /// SOA MINIMUM: how long it is remembered that a name is not there
    #[arg(long, value_name = "TTL", value_parser = arguments::ttl)]
    minimum: Option<u32>,
    /// TTL of SOA, NS and cuts
    #[arg(long, value_name = "TTL", value_parser = arguments::ttl)]
    zone_ttl: Option<u32>,
    /// TTL of PTRs that have none of their own
    #[arg(long, value_name = "TTL", value_parser = arguments::ttl)]
    ptr_ttl: Option<u32>,
    /// Only if they still have this version, as `defaults show` shows it
    #[arg(long, value_name = "VERSION")]
    expect: Option<String>,
}

impl From<Set> for DefaultsSet {
    fn from(set: Set) -> DefaultsSet {
        let Set { ns, rname, refresh, retry, expire, minimum, zone_ttl, ptr_ttl, expect } = set;
        let nameservers = (!ns.is_empty()).then_some(ns);
        DefaultsSet { nameservers, rname, refresh, retry, expire, minimum, zone_ttl, ptr_ttl, expect }
    }
}

impl Defaults {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        match self {
            Defaults::Set(set) => change(client, screen, ChangeRequest::DefaultsSet(set.into())).await,
            Defaults::Show => {
                let answer = client.get::<DefaultsView>("/v1/defaults").await?;
                if screen.json() { screen.document(&answer.raw) } else { show(screen, &answer.value) }
            }
        }
    }
}

fn show(screen: &mut Screen, view: &DefaultsView) -> Result<(), Failure> {
    facts(
        screen,
        &[
            ("nameservers", view.nameservers.join(" ")),
            ("rname", view.rname.clone()),
            ("refresh", view.refresh.to_string()),
            ("retry", view.retry.to_string()),
            ("expire", view.expire.to_string()),
            ("minimum", view.minimum.to_string()),
            ("zone TTL", view.zone_ttl.to_string()),
            ("PTR TTL", view.ptr_ttl.to_string()),
            ("version", view.version.clone()),
        ],
    )
}
