//! `ptrctl sending`.

use super::{Limit, change, confirmations, facts};
use crate::client::{Client, segment, with_query};
use crate::failure::Failure;
use crate::listing::{list, pages};
use crate::screen::Screen;
use crate::upload;
use clap::{Args, Subcommand};
use ptrd_api::{
    ChangeRequest, SENDING_COLUMNS, SendingClear, SendingFilter, SendingImportOptions, SendingView,
    SendingWrite,
};
use std::path::{Path, PathBuf};

const SET_EXAMPLES: &str = "\
Examples:
  ptrctl sending set 192.0.2.1 --helo mail-01.example.com
  ptrctl sending set 2001:db8::25 --helo mail-01.example.com --mta out1 \\
      --domain example.com --domain example.org
  Only if it is not marked yet:
    ptrctl sending set 192.0.2.1 --helo mail-01.example.com --expect absent

The HELO name should be the PTR of the address, and resolve to it. It is judged as names of
the block are (`ptrctl block set RANGE --names`). In a block with marked addresses that rule
is about these alone: others may have names that look generic.";

const CLEAR_EXAMPLES: &str = "\
Examples:
  ptrctl sending clear 192.0.2.1
  ptrctl sending clear 192.0.2.0/24 --dry-run";

const LIST_EXAMPLES: &str = "\
Examples:
  ptrctl sending list
  ptrctl sending list 192.0.2.0/24 --tenant acme
  ptrctl sending list --mta out1 --json | jq -r '.items[].address'";

const IMPORT_EXAMPLES: &str = "\
Examples:
  ptrctl sending import senders.csv --dry-run
  The file is the whole truth for this range: what it does not have is no sender any more.
    ptrctl sending import senders.csv --replace 192.0.2.0/24
  ptrctl sending export | sed 's/old.example/new.example/' | ptrctl sending import -

The first line names the columns, in any order: address,helo,mta,domains. Of these address
and helo are needed; domains are separated by spaces:
  address,helo,mta,domains
  192.0.2.1,mail-01.example.com,out1,example.com example.org
All lines are taken, or none: bad ones are listed by number.";

const EXPORT_EXAMPLES: &str = "\
Examples:
  ptrctl sending export > senders.csv
  ptrctl sending export 192.0.2.0/24 --tenant acme";

/// What to do with the inventory of addresses that send mail.
#[derive(Debug, Subcommand)]
pub enum Sending {
    /// Marks an address as one that sends mail, in place of the mark that it has
    #[command(after_help = SET_EXAMPLES)]
    Set(Set),
    /// Shows how an address is marked, and what names it has here
    #[command(after_help = "Examples:\n  ptrctl sending get 192.0.2.1")]
    Get {
        /// The address
        address: String,
    },
    /// Takes the marks of addresses away
    #[command(after_help = CLEAR_EXAMPLES)]
    Clear {
        /// The addresses: one, or a range
        #[arg(value_name = "ADDRESS|PREFIX")]
        range: String,
        /// For one address: only if its mark still has this version
        #[arg(long, value_name = "VERSION")]
        expect: Option<String>,
    },
    /// Lists the addresses that send mail, in their order
    #[command(after_help = LIST_EXAMPLES)]
    List {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        limit: Limit,
    },
    /// Marks addresses from a CSV file, all or none
    #[command(after_help = IMPORT_EXAMPLES)]
    Import {
        /// The file; `-` is stdin
        #[arg(value_name = "FILE.csv")]
        file: PathBuf,
        /// Also take the marks away that addresses of this range have and the file has not
        #[arg(long, value_name = "PREFIX")]
        replace: Option<String>,
    },
    /// Writes the inventory as CSV, as `import` takes it
    #[command(after_help = EXPORT_EXAMPLES)]
    Export {
        #[command(flatten)]
        which: Which,
    },
}

/// `sending set`.
#[derive(Debug, Args)]
pub struct Set {
    /// The address
    address: String,
    /// The name that it gives in HELO or EHLO
    #[arg(long, value_name = "NAME")]
    helo: String,
    /// A label for the host or pool that sends from it
    #[arg(long, value_name = "LABEL")]
    mta: Option<String>,
    /// A domain that it sends for; repeat for each
    #[arg(long = "domain", value_name = "NAME")]
    domains: Vec<String>,
    /// Only if the mark still has this version; `absent` for none
    #[arg(long, value_name = "VERSION")]
    expect: Option<String>,
}

/// Which addresses.
#[derive(Debug, Args)]
pub struct Which {
    /// Only addresses in this range
    #[arg(value_name = "PREFIX")]
    within: Option<String>,
    /// Only addresses of this tenant
    #[arg(long)]
    tenant: Option<String>,
    /// Only those with this label
    #[arg(long, value_name = "LABEL")]
    mta: Option<String>,
    /// Only those that send for this domain
    #[arg(long, value_name = "NAME")]
    domain: Option<String>,
}

impl From<Which> for SendingFilter {
    fn from(Which { within, tenant, mta, domain }: Which) -> SendingFilter {
        SendingFilter { within, tenant, mta, domain, ..SendingFilter::default() }
    }
}

impl Sending {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        match self {
            Sending::Set(Set { address, helo, mta, domains, expect }) => {
                let write = SendingWrite { address, helo, mta, domains, expect };
                change(client, screen, ChangeRequest::SendingSet(write)).await
            }
            Sending::Clear { range, expect } => {
                change(client, screen, ChangeRequest::SendingClear(SendingClear { range, expect })).await
            }
            Sending::Get { address } => {
                let answer = client.get::<SendingView>(&format!("/v1/sending/{}", segment(&address))).await?;
                if screen.json() { screen.document(&answer.raw) } else { show(screen, answer.value) }
            }
            Sending::List { which, limit } => {
                let headings = ["ADDRESS", "HELO", "PTR", "MTA", "DOMAINS", "TENANT"];
                list(client, screen, "/v1/sending", SendingFilter::from(which), limit.limit, &headings, row)
                    .await
            }
            Sending::Import { file, replace } => import(client, screen, &file, replace).await,
            Sending::Export { which } => export(client, screen, which.into()).await,
        }
    }
}

/// A name without its final dot.
fn short(name: &str) -> String {
    name.strip_suffix('.').filter(|name| !name.is_empty()).unwrap_or(name).to_owned()
}

fn joined(names: &[String]) -> String {
    names.iter().map(|name| short(name)).collect::<Vec<_>>().join(" ")
}

fn row(view: SendingView) -> Vec<String> {
    let names = match (view.names.as_slice(), view.mode.as_str()) {
        ([], "observed") => "(with others)".to_owned(),
        (names, _) => joined(names),
    };
    vec![
        view.address,
        short(&view.helo),
        names,
        view.mta.unwrap_or_default(),
        joined(&view.domains),
        view.tenant,
    ]
}

fn show(screen: &mut Screen, view: SendingView) -> Result<(), Failure> {
    facts(
        screen,
        &[
            ("address", view.address),
            ("HELO", short(&view.helo)),
            ("MTA", view.mta.unwrap_or_default()),
            ("domains", joined(&view.domains)),
            ("PTR here", joined(&view.names)),
            ("tenant", view.tenant),
            ("block", format!("{} ({})", view.block, view.mode)),
            ("version", view.version),
        ],
    )
}

async fn import(
    client: &mut Client,
    screen: &mut Screen,
    file: &Path,
    replace: Option<String>,
) -> Result<(), Failure> {
    let options = SendingImportOptions { replace, dry_run: client.dry_run() };
    let target = with_query("/v1/sending/import", &options)?;
    let hint = format!("name one file with the columns {}, or - for stdin", SENDING_COLUMNS.join(","));
    let (body, sent) = upload::of_file(file, screen.progress(), &hint)?;
    let answer = client.upload(&target, body, "text/csv", &sent).await;
    sent.end();
    let answer = answer?;
    if screen.json() {
        return screen.document(&answer.raw);
    }
    screen.done(&answer.value, client.dry_run())?;
    confirmations(screen, &answer.value)
}

/// Fields need no quotes: the daemon takes neither commas nor quotes in them, and nothing that starts like a formula.
async fn export(client: &mut Client, screen: &mut Screen, filter: SendingFilter) -> Result<(), Failure> {
    if !screen.json() {
        screen.line(&SENDING_COLUMNS.join(","))?;
    }
    let write = |screen: &mut Screen, raw: &[u8], items: Vec<SendingView>| {
        if screen.json() {
            return screen.document(raw);
        }
        items.into_iter().try_for_each(|view| {
            let mta = view.mta.unwrap_or_default();
            screen.line(&format!("{},{},{mta},{}", view.address, short(&view.helo), joined(&view.domains)))
        })
    };
    pages(client, screen, "/v1/sending", filter, None, write).await.map(drop)
}
