//! `ptrctl ns-set`.

use super::{Limit, change, facts};
use crate::arguments;
use crate::client::{Client, segment};
use crate::failure::Failure;
use crate::listing::list;
use crate::screen::Screen;
use clap::{Args, Subcommand};
use ptrd_api::{ChangeRequest, NsSetView, NsSetWrite, SetFilter};

const ADD_EXAMPLES: &str = "\
Examples:
  ptrctl ns-set add europe --ns ns1.example.net --ns ns2.example.net
  ptrctl zone set 2.0.192.in-addr.arpa --ns-set europe

The first nameserver is MNAME of the SOA, unless a SOA template gives another.";

const SET_EXAMPLES: &str = "\
Examples:
  ptrctl ns-set set default --ns ns1.new.example --ns ns2.new.example
  ptrctl ns-set set europe --ttl 1h
  ptrctl ns-set set europe --inherit-ttl
  ptrctl ns-set set europe --ns ns1.new.example --expect 5f2a09c11d0e44b7

Every zone that references the set shows the new nameservers at once, with a new
serial, and so do the cuts above them: one change, however many zones. Zones
with NS records of their own at the apex stay as they are. See first what would
change with --dry-run.";

const RENAME_EXAMPLES: &str = "\
Examples:
  ptrctl ns-set rename europe eu-west

Only the name of the set changes, no zone. The set named default keeps its name.";

const REMOVE_EXAMPLES: &str = "\
Examples:
  ptrctl zone list --ns-set europe                   (which zones reference it)
  ptrctl zone set 2.0.192.in-addr.arpa --ns-set default
  ptrctl ns-set remove europe";

/// What to do with NS sets.
#[derive(Debug, Subcommand)]
pub enum NsSet {
    /// Adds an NS set
    #[command(after_help = ADD_EXAMPLES)]
    Add {
        /// 1 to 63 lower-case letters, digits and hyphens
        name: String,
        /// The nameservers, in order; repeat for each
        #[arg(long, value_name = "NAME", required = true)]
        ns: Vec<String>,
        /// TTL of the NS records: seconds, or 1h30m; the zone TTL of the defaults unless given
        #[arg(long, value_parser = arguments::ttl)]
        ttl: Option<u32>,
    },
    /// Gives a set other nameservers, and with it all zones that reference it
    #[command(after_help = SET_EXAMPLES)]
    Set(Set),
    /// Gives a set another name
    #[command(after_help = RENAME_EXAMPLES)]
    Rename {
        /// Its name
        name: String,
        /// The new one
        #[arg(value_name = "NEW_NAME")]
        to: String,
        /// Only if it still has this version, as `ns-set show` shows it
        #[arg(long, value_name = "VERSION")]
        expect: Option<String>,
    },
    /// Lists NS sets, with the number of zones that reference them
    #[command(after_help = "Examples:\n  ptrctl ns-set list\n  ptrctl ns-set list --json")]
    List(Limit),
    /// Shows a set
    #[command(after_help = "Examples:\n  ptrctl ns-set show default")]
    Show {
        /// Its name
        name: String,
    },
    /// Removes a set that no zone references
    #[command(after_help = REMOVE_EXAMPLES)]
    Remove {
        /// Its name
        name: String,
        /// Only if it still has this version, as `ns-set show` shows it
        #[arg(long, value_name = "VERSION")]
        expect: Option<String>,
    },
}

/// `ns-set set`.
#[derive(Debug, Args)]
pub struct Set {
    /// Its name
    name: String,
    #[command(flatten)]
    new: New,
    /// Only if it still has this version, as `ns-set show` shows it
    #[arg(long, value_name = "VERSION")]
    expect: Option<String>,
}

/// What a set is to have; what is not named stays.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct New {
    /// The nameservers, in order; repeat for each
    #[arg(long, value_name = "NAME")]
    ns: Vec<String>,
    /// TTL of the NS records: seconds, or 1h30m
    #[arg(long, value_parser = arguments::ttl)]
    ttl: Option<u32>,
    /// Take the zone TTL of the defaults again
    #[arg(long, conflicts_with = "ttl")]
    inherit_ttl: bool,
}

impl NsSet {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let request = match self {
            NsSet::Add { name, ns, ttl } => {
                let nameservers = Some(ns);
                ChangeRequest::NsSetAdd(NsSetWrite { name, nameservers, ttl, ..NsSetWrite::default() })
            }
            NsSet::Set(Set { name, new: New { ns, ttl, inherit_ttl }, expect }) => {
                let nameservers = (!ns.is_empty()).then_some(ns);
                ChangeRequest::NsSetSet(NsSetWrite { name, nameservers, ttl, inherit_ttl, expect })
            }
            NsSet::Rename { name, to, expect } => ChangeRequest::NsSetRename { name, to, expect },
            NsSet::Remove { name, expect } => ChangeRequest::NsSetRemove { name, expect },
            NsSet::List(Limit { limit }) => {
                let headings = ["NAME", "ZONES", "OVERRIDDEN", "TTL", "NAMESERVERS"];
                return list(client, screen, "/v1/ns-sets", SetFilter::default(), limit, &headings, row)
                    .await;
            }
            NsSet::Show { name } => {
                let answer = client.get::<NsSetView>(&format!("/v1/ns-sets/{}", segment(&name))).await?;
                return if screen.json() { screen.document(&answer.raw) } else { show(screen, answer.value) };
            }
        };
        change(client, screen, request).await
    }
}

fn row(set: NsSetView) -> Vec<String> {
    let ttl = super::ttl(set.ttl, set.inherited_ttl);
    vec![set.name, set.zones.to_string(), set.overridden.to_string(), ttl, set.nameservers.join(" ")]
}

fn show(screen: &mut Screen, set: NsSetView) -> Result<(), Failure> {
    facts(
        screen,
        &[
            ("name", set.name),
            ("nameservers", set.nameservers.join(" ")),
            ("TTL", super::ttl(set.ttl, set.inherited_ttl)),
            ("zones", set.zones.to_string()),
            ("overridden", set.overridden.to_string()),
            ("version", set.version),
        ],
    )
}
