//! `ptrctl ptr`.

use super::{Limit, change, confirmations, facts, yes};
use crate::arguments;
use crate::client::{Client, segment, with_query};
use crate::failure::Failure;
use crate::listing::list;
use crate::screen::Screen;
use crate::upload;
use clap::{Args, Subcommand};
use ptrd_api::{ChangeDone, ChangeRequest, PtrFill, PtrFilter, PtrImportOptions, PtrView, PtrWrite};
use std::path::{Path, PathBuf};

const SET_EXAMPLES: &str = "\
Examples:
  ptrctl ptr set 192.0.2.1 mail.example.com
  ptrctl ptr set 2001:db8::25 mail.example.com mx.example.com --ttl 1h
  ptrctl ptr set 192.0.2.1 bücher.example            (stored as xn--bcher-kva.example)
  Only if nobody was faster, with the version that `ptr get` shows, or `absent`:
    ptrctl ptr set 192.0.2.1 mail.example.com --expect 5f2a09c1";

const ADD_EXAMPLES: &str = "\
Examples:
  ptrctl ptr add 192.0.2.1 www.example.com";

const DELETE_EXAMPLES: &str = "\
Examples:
  ptrctl ptr delete 192.0.2.1
  ptrctl ptr delete 192.0.2.1 www.example.com        (leaves other names)";

const LIST_EXAMPLES: &str = "\
Examples:
  ptrctl ptr list
  ptrctl ptr list 192.0.2.0/28
  ptrctl ptr list 2001:db8::/48 --json | jq -r '.items[].address'";

const FILL_EXAMPLES: &str = "\
Examples:
  ptrctl ptr fill 192.0.2.0/28 --pattern 'mail-{n:02}.example.com' --start 1
  ptrctl ptr fill 198.51.100.0/24 --pattern 'host-{ip}.pool.example.net' --keep

In a pattern stand {n} for the count, {n:02} for the count with two digits,
{a} {b} {c} {d} for the octets of an IPv4 address, {ip} for the address with
dashes, {hex} for its hexadecimal digits.";

const IMPORT_EXAMPLES: &str = "\
Examples:
  ptrctl ptr import ptrs.csv --dry-run
  ptrctl ptr import ptrs.csv --reason 'move from the old server'
  generate | ptrctl ptr import -

A line is `address,name` or `address,name,ttl`; an address may have several.
All lines are taken, or none: bad ones are listed by number.";

/// What to do with PTRs.
#[derive(Debug, Subcommand)]
pub enum Ptr {
    /// Sets the names of an address, in place of those that it has
    #[command(after_help = SET_EXAMPLES)]
    Set(Write),
    /// Adds names to those of an address
    #[command(after_help = ADD_EXAMPLES)]
    Add(Write),
    /// Shows the names of an address
    #[command(after_help = "Examples:\n  ptrctl ptr get 192.0.2.1")]
    Get {
        /// The address
        address: String,
    },
    /// Deletes the names of an address, all or some
    #[command(after_help = DELETE_EXAMPLES)]
    Delete {
        /// The address
        address: String,
        /// Only these names
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// Only if the address still has this version
        #[arg(long, value_name = "VERSION")]
        expect: Option<String>,
    },
    /// Lists PTRs, in the order of addresses
    #[command(after_help = LIST_EXAMPLES)]
    List {
        /// Only addresses in this range
        #[arg(value_name = "PREFIX")]
        within: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Sets a name on every address of a range, from a pattern
    #[command(after_help = FILL_EXAMPLES)]
    Fill(Fill),
    /// Sets PTRs from a CSV file, all or none
    #[command(after_help = IMPORT_EXAMPLES)]
    Import {
        /// The file; `-` is stdin
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
        /// Allow underscores in names
        #[arg(long)]
        lax: bool,
    },
}

/// `ptr set` and `ptr add`.
#[derive(Debug, Args)]
pub struct Write {
    /// The address
    address: String,
    /// Host names; in other scripts too
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,
    /// TTL: seconds, or 1h30m; that of the block unless given
    #[arg(long, value_parser = arguments::ttl)]
    ttl: Option<u32>,
    /// Allow underscores in names
    #[arg(long)]
    lax: bool,
    /// Only if the address still has this version; `absent` for none
    #[arg(long, value_name = "VERSION")]
    expect: Option<String>,
}

impl From<Write> for PtrWrite {
    fn from(write: Write) -> PtrWrite {
        let Write { address, names, ttl, lax, expect } = write;
        PtrWrite { address, names, ttl, lax, expect }
    }
}

/// `ptr fill`.
#[derive(Debug, Args)]
pub struct Fill {
    /// The addresses: 192.0.2.0/28, 192.0.2.10-192.0.2.20
    range: String,
    /// The name, with places to fill in
    #[arg(long)]
    pattern: String,
    /// What {n} starts with
    #[arg(long, value_name = "N", default_value_t = 0)]
    start: u64,
    /// TTL: seconds, or 1h30m; that of the block unless given
    #[arg(long, value_parser = arguments::ttl)]
    ttl: Option<u32>,
    /// Leave addresses alone that have a name already
    #[arg(long)]
    keep: bool,
    /// Allow underscores in names
    #[arg(long)]
    lax: bool,
}

impl From<Fill> for PtrFill {
    fn from(fill: Fill) -> PtrFill {
        let Fill { range, pattern, start, ttl, keep, lax } = fill;
        PtrFill { range, pattern, start, ttl, keep, lax }
    }
}

impl Ptr {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        match self {
            Ptr::Set(write) => change(client, screen, ChangeRequest::PtrSet(write.into())).await,
            Ptr::Add(write) => change(client, screen, ChangeRequest::PtrAdd(write.into())).await,
            Ptr::Delete { address, names, expect } => {
                change(client, screen, ChangeRequest::PtrDelete { address, names, expect }).await
            }
            Ptr::Fill(fill) => change(client, screen, ChangeRequest::PtrFill(fill.into())).await,
            Ptr::Get { address } => {
                let answer = client.get::<PtrView>(&format!("/v1/ptrs/{}", segment(&address))).await?;
                if screen.json() { screen.document(&answer.raw) } else { show(screen, answer.value) }
            }
            Ptr::List { within, limit } => {
                let filter = PtrFilter { within, ..PtrFilter::default() };
                let headings = ["ADDRESS", "TTL", "NAMES", "FCRDNS"];
                list(client, screen, "/v1/ptrs", filter, limit.limit, &headings, row).await
            }
            Ptr::Import { file, lax } => import(client, screen, &file, lax).await,
        }
    }
}

fn row(ptr: PtrView) -> Vec<String> {
    vec![ptr.address, ptr.ttl.to_string(), ptr.names.join(" "), ptr.fcrdns.unwrap_or_default()]
}

fn show(screen: &mut Screen, ptr: PtrView) -> Result<(), Failure> {
    facts(
        screen,
        &[
            ("address", ptr.address),
            ("names", ptr.names.join(" ")),
            ("ttl", ptr.ttl.to_string()),
            ("inherited", yes(ptr.inherited)),
            ("from", ptr.template.map(|template| format!("template {template}")).unwrap_or_default()),
            ("owner", ptr.owner.unwrap_or_default()),
            ("FCrDNS", ptr.fcrdns.unwrap_or_default()),
            ("version", ptr.version),
        ],
    )
}

async fn import(client: &mut Client, screen: &mut Screen, file: &Path, lax: bool) -> Result<(), Failure> {
    let options = PtrImportOptions { lax, dry_run: client.dry_run() };
    let target = with_query("/v1/ptrs/import", &options)?;
    let hint = "name one file of lines `address,name[,ttl]`, or - for stdin";
    let (body, sent) = upload::of_file(file, screen.progress(), hint)?;
    let answer = client.upload(&target, body, "text/csv", &sent).await;
    sent.end();
    let answer = answer?;
    if screen.json() { screen.document(&answer.raw) } else { shown(screen, &answer.value, client.dry_run()) }
}

fn shown(screen: &mut Screen, done: &ChangeDone, dry_run: bool) -> Result<(), Failure> {
    screen.done(done, dry_run)?;
    confirmations(screen, done)
}
