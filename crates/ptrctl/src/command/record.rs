//! `ptrctl record`.

use super::{Limit, change};
use crate::arguments;
use crate::client::Client;
use crate::failure::Failure;
use crate::listing::list;
use crate::screen::Screen;
use clap::{Args, Subcommand};
use ptrd_api::{ChangeRequest, RecordFilter, RecordView, RecordWrite};

const SET_EXAMPLES: &str = "\
Examples:
  ptrctl record set 2.0.192.in-addr.arpa TXT '\"rented to acme\"'
  ptrctl record set 2.0.192.in-addr.arpa NS ns1.example.net ns2.example.net --ttl 1d
  ptrctl record set loc.2.0.192.in-addr.arpa LOC '52 22 23.000 N 4 53 32.000 E -2.00m'
  ptrctl record set x.2.0.192.in-addr.arpa TYPE65400 '\\# 3 abcdef'

Each DATA is one record, in the form of master files; names in it are absolute.
NS records set at the apex stand in the place of what the zone's NS set gives,
and stay when that changes; deleting them goes back to the set.
PTRs of addresses are set with `ptrctl ptr set`.";

const ADD_EXAMPLES: &str = "\
Examples:
  ptrctl record add 2.0.192.in-addr.arpa NS ns3.example.net";

const DELETE_EXAMPLES: &str = "\
Examples:
  ptrctl record delete loc.2.0.192.in-addr.arpa                    (all types)
  ptrctl record delete 2.0.192.in-addr.arpa TXT
  ptrctl record delete 2.0.192.in-addr.arpa NS ns3.example.net     (leaves the others)";

const LIST_EXAMPLES: &str = "\
Examples:
  ptrctl record list 2.0.192.in-addr.arpa
  ptrctl record list --type CNAME --limit 100";

/// What to do with records.
#[derive(Debug, Subcommand)]
pub enum Record {
    /// Sets the records of an owner and type, in place of those that are there
    #[command(after_help = SET_EXAMPLES)]
    Set(Write),
    /// Adds records to those of an owner and type
    #[command(after_help = ADD_EXAMPLES)]
    Add(Write),
    /// Deletes records of an owner: of all types, of one, or some of one
    #[command(after_help = DELETE_EXAMPLES)]
    Delete {
        /// The owner, absolute
        owner: String,
        /// The type
        #[arg(value_name = "TYPE")]
        rtype: Option<String>,
        /// Only these records
        #[arg(value_name = "DATA", allow_hyphen_values = true)]
        data: Vec<String>,
        /// The zone, if not the deepest that the owner falls into
        #[arg(long, value_name = "APEX")]
        zone: Option<String>,
        /// Only if the RRset still has this version
        #[arg(long, value_name = "VERSION", requires = "rtype")]
        expect: Option<String>,
    },
    /// Lists records, with those that follow from blocks, NS sets and SOA templates
    #[command(after_help = LIST_EXAMPLES)]
    List {
        /// Only of this zone
        #[arg(value_name = "APEX")]
        zone: Option<String>,
        /// Only of this owner
        #[arg(long, value_name = "NAME")]
        owner: Option<String>,
        /// Only of this type
        #[arg(long = "type", value_name = "TYPE")]
        rtype: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
}

/// `record set` and `record add`.
#[derive(Debug, Args)]
pub struct Write {
    /// The owner, absolute
    owner: String,
    /// The type: TXT, LOC, TYPE65400
    #[arg(value_name = "TYPE")]
    rtype: String,
    /// The records' data
    #[arg(required = true)]
    data: Vec<String>,
    /// TTL: seconds, or 1h30m; that of the zone unless given
    #[arg(long, value_parser = arguments::ttl)]
    ttl: Option<u32>,
    /// The zone, if not the deepest that the owner falls into
    #[arg(long, value_name = "APEX")]
    zone: Option<String>,
    /// Only if the RRset still has this version; `absent` for none
    #[arg(long, value_name = "VERSION")]
    expect: Option<String>,
}

impl From<Write> for RecordWrite {
    fn from(write: Write) -> RecordWrite {
        let Write { owner, rtype, data, ttl, zone, expect } = write;
        RecordWrite { owner, rtype, data, ttl, zone, expect }
    }
}

impl Record {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        match self {
            Record::Set(write) => change(client, screen, ChangeRequest::RecordSet(write.into())).await,
            Record::Add(write) => change(client, screen, ChangeRequest::RecordAdd(write.into())).await,
            Record::Delete { owner, rtype, data, zone, expect } => {
                change(client, screen, ChangeRequest::RecordDelete { owner, rtype, data, zone, expect }).await
            }
            Record::List { zone, owner, rtype, limit } => {
                let filter = RecordFilter { zone, owner, rtype, ..RecordFilter::default() };
                let headings = ["OWNER", "TTL", "TYPE", "", "DATA"];
                list(client, screen, "/v1/records", filter, limit.limit, &headings, row).await
            }
        }
    }
}

fn row(record: RecordView) -> Vec<String> {
    let derived = match (record.derived, &record.overrides) {
        (true, _) => "derived",
        (false, Some(_)) => "override",
        (false, None) => "",
    };
    let data = record.data.join(" | ");
    vec![record.owner, record.ttl.to_string(), record.rtype, derived.to_owned(), data]
}
