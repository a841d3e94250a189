//! `ptrctl token`.

use super::{Limit, change, facts, yes};
use crate::arguments;
use crate::client::{Client, segment};
use crate::failure::Failure;
use crate::listing::list;
use crate::screen::Screen;
use clap::{Args, Subcommand};
use ptrd_api::{ChangeRequest, TokenFilter, TokenView, TokenWrite};

const ADD_EXAMPLES: &str = "\
Examples:
  ptrctl token add octodns --tenant acme --write
  ptrctl token add rack-7 --tenant acme --prefix 192.0.2.64/26 --write --expires 90d
  ptrctl token add audit --tenant acme --from 198.51.100.0/24
  ptrctl token add monitoring --operator

The token is shown once, here and nowhere else: what ptrd keeps is a digest of
it. Clients send it as `Authorization: Bearer ptrd_…`. With a token of a tenant
one sees and changes what lies in that tenant's blocks, or in the prefixes of
the token, and nothing of others.";

const LIST_EXAMPLES: &str = "\
Examples:
  ptrctl token list
  ptrctl token list --tenant acme --json";

const SHOW_EXAMPLES: &str = "\
Examples:
  ptrctl token show k3v9q0d8x1mz

A token is called by the twelve letters and digits that follow `ptrd_` in it.
Who holds a token finds what it may at /v1/tokens/self.";

const REVOKE_EXAMPLES: &str = "\
Examples:
  ptrctl token list --tenant acme
  ptrctl token revoke k3v9q0d8x1mz

It is of no use at once, for requests too that wait already; so are those that
were made with it. `ptrctl rollback` of the change would make it one again.";

/// Tokens of the API.
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Makes a token, and shows it this once
    #[command(after_help = ADD_EXAMPLES)]
    Add(Box<New>),
    /// Lists tokens, and when each was used last
    #[command(after_help = LIST_EXAMPLES)]
    List {
        /// Only those of this tenant
        #[arg(long, value_name = "TENANT")]
        tenant: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
    /// Shows what a token may
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// What it is called, as `token list` shows it
        id: String,
    },
    /// Makes a token of no use, and with it those that were made with it
    #[command(after_help = REVOKE_EXAMPLES)]
    Revoke {
        /// What it is called, as `token list` shows it
        id: String,
    },
}

/// A token to be made.
#[derive(Debug, Args)]
pub struct New {
    /// What it is for: 1 to 63 lower-case letters, digits and hyphens
    name: String,
    /// Whose it is: it is for that tenant's blocks
    #[arg(long, value_name = "TENANT", required_unless_present = "operator")]
    tenant: Option<String>,
    /// It may do what operators may
    #[arg(long, conflicts_with_all = ["tenant", "prefix"])]
    operator: bool,
    /// Only for this part of the tenant's blocks; may be given several times
    #[arg(long, value_name = "RANGE")]
    prefix: Vec<String>,
    /// It may make changes; without, it is for reading
    #[arg(long)]
    write: bool,
    /// When it ends: a time, a date, or in how long, such as 90d; never unless given
    #[arg(long, value_name = "TIME", value_parser = arguments::time_ahead)]
    expires: Option<String>,
    /// From where it may be used: an address or a prefix; may be given several times
    #[arg(long, value_name = "PREFIX")]
    from: Vec<String>,
}

impl From<New> for TokenWrite {
    fn from(New { name, tenant, operator, prefix, write, expires, from }: New) -> TokenWrite {
        TokenWrite { name, operator, tenant, prefixes: prefix, write, expires, from }
    }
}

impl Token {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        match self {
            Token::Add(new) => add(client, screen, (*new).into()).await,
            Token::List { tenant, limit: Limit { limit } } => {
                let headings = ["TOKEN", "NAME", "OF", "MAY", "FOR", "EXPIRES", "USED"];
                let filter = TokenFilter { tenant, ..TokenFilter::default() };
                list(client, screen, "/v1/tokens", filter, limit, &headings, row).await
            }
            Token::Show { id } => {
                let answer = client.get::<TokenView>(&format!("/v1/tokens/{}", segment(&id))).await?;
                if screen.json() { screen.document(&answer.raw) } else { show(screen, answer.value) }
            }
            Token::Revoke { id } => change(client, screen, ChangeRequest::TokenRevoke { id }).await,
        }
    }
}

async fn add(client: &mut Client, screen: &mut Screen, write: TokenWrite) -> Result<(), Failure> {
    let answer = client.change(&ChangeRequest::TokenAdd(write)).await?;
    if screen.json() {
        return screen.document(&answer.raw);
    }
    screen.done(&answer.value, client.dry_run())?;
    // Of a dry run it is of no use.
    match answer.value.token.filter(|_| !client.dry_run()) {
        Some(made) => {
            screen.line("")?;
            screen.line(made.token.reveal())?;
            screen.line("")?;
            screen.line("This is the one time that it is shown.")
        }
        None => Ok(()),
    }
}

fn owner(token: &TokenView) -> String {
    token.tenant.clone().unwrap_or_else(|| "operators".to_owned())
}

fn may(token: &TokenView) -> String {
    if token.write { "read, write" } else { "read" }.to_owned()
}

fn ends(token: &TokenView) -> String {
    let expired = if token.expired { " (expired)" } else { "" };
    token.expires.as_ref().map_or_else(|| "never".to_owned(), |time| format!("{time}{expired}"))
}

fn what_for(token: &TokenView) -> String {
    match (&token.tenant, token.prefixes.is_empty()) {
        (None, _) => "everything".to_owned(),
        (Some(_), true) => "all blocks".to_owned(),
        (Some(_), false) => token.prefixes.join(" "),
    }
}

fn used(token: &TokenView) -> String {
    match (&token.used, &token.used_from) {
        (Some(time), Some(from)) => format!("{time} from {from}"),
        _ => "never".to_owned(),
    }
}

fn row(token: TokenView) -> Vec<String> {
    let (of, may, what, ends, used) =
        (owner(&token), may(&token), what_for(&token), ends(&token), used(&token));
    vec![token.id, token.name, of, may, what, ends, used]
}

fn show(screen: &mut Screen, token: TokenView) -> Result<(), Failure> {
    let from = if token.from.is_empty() { "anywhere".to_owned() } else { token.from.join(" ") };
    facts(
        screen,
        &[
            ("token", token.id.clone()),
            ("name", token.name.clone()),
            ("of", owner(&token)),
            ("write", yes(token.write)),
            ("for", what_for(&token)),
            ("from", from),
            ("expires", ends(&token)),
            ("made", format!("{} by {}", token.made, token.made_by)),
            ("made with", token.parent.clone().unwrap_or_default()),
            ("used", used(&token)),
        ],
    )
}
