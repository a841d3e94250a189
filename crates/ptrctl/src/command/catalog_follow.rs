//! `ptrctl catalog follow` and `unfollow`: catalogs of others, whose zones are served here.

use super::change;
use super::zone_follow::{How, Servers, told};
use crate::client::Client;
use crate::failure::Failure;
use crate::screen::Screen;
use clap::{Args, ValueEnum};
use ptrd_api::{
    CatalogFollowWrite, CatalogGroupBody, CatalogGroupWrite, ChangeRequest, FollowedCatalogView, MembersFate,
};

pub const FOLLOW_EXAMPLES: &str = "\
Examples:
  ptrctl catalog follow catalog.example --from 192.0.2.53 --key ns2.example.net --tenant infra
  ptrctl catalog follow catalog.example --from 192.0.2.53 --tls strict --tls-name ns1.example.net --tls-ca /etc/ptrd/ca.pem --tenant infra
  ptrctl catalog follow catalog.example --from 198.51.100.53 --key ns2.example.net   (another primary from now on)
  ptrctl catalog members catalog.example                           (what came of it)

The catalog is pulled like any zone that is followed, and the zones that it lists are
pulled from the same primaries, with the same key. They come and go with the catalog,
and begin anew where it gives them another label; the log has each such change, by
ptrd. A zone that is here already stays as it is, and the members say so. Of a
catalog that is broken nothing is made, and all stays as it was.";

pub const UNFOLLOW_EXAMPLES: &str = "\
Examples:
  ptrctl catalog unfollow catalog.example --members keep           (each is followed by itself)
  ptrctl catalog unfollow catalog.example --members remove --dry-run

The catalog itself goes. Zones that it had removed before can be brought back then:
`ptrctl rollback` of that change makes them zones of our own.";

pub const GROUP_EXAMPLES: &str = "\
Examples:
  ptrctl catalog group catalog.example acme --tenant acme          (whose those are that come into it)
  ptrctl catalog group catalog.example fast --from 192.0.2.54 --key ns2.example.net
  ptrctl catalog group catalog.example fast --unset

Of a zone in several groups, the first in order counts that something is said of. From
whom members are pulled changes at once; whose they are, for those that come.";

/// What is to become of members.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Members {
    /// They stay, and are followed by themselves
    Keep,
    /// They are removed
    Remove,
}

/// `catalog follow`.
#[derive(Debug, Args)]
pub struct Follow {
    /// Its apex, as at its primary
    catalog: String,
    #[command(flatten)]
    servers: Servers,
    /// Whose the zones are that it lists; needed for a catalog that is new here
    #[arg(long)]
    tenant: Option<String>,
}

impl Follow {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let Follow { catalog, servers, tenant } = self;
        let write = CatalogFollowWrite { catalog, tenant, primaries: servers.specs() };
        change(client, screen, ChangeRequest::CatalogFollow(write)).await
    }
}

/// `catalog group`.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("what").required(true).multiple(true).args(["tenant", "from", "unset"])))]
pub struct Group {
    /// The catalog's apex
    catalog: String,
    /// The group
    group: String,
    /// Whose the zones are that come in this group, or come into it
    #[arg(long)]
    tenant: Option<String>,
    /// A nameserver that zones in this group are pulled from; several are tried in turn
    #[arg(long, value_name = "ADDRESS")]
    from: Vec<String>,
    #[command(flatten)]
    how: How,
    /// They are like others
    #[arg(long, conflicts_with_all = ["tenant", "from"])]
    unset: bool,
}

impl Group {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let Group { catalog, group, tenant, from, how, unset: _ } = self;
        let write = CatalogGroupWrite { catalog, group, tenant, primaries: how.specs(from) };
        change(client, screen, ChangeRequest::CatalogGroup(write)).await
    }
}

/// `catalog unfollow`.
#[derive(Debug, Args)]
pub struct Unfollow {
    /// Its apex
    catalog: String,
    /// What becomes of the zones that it lists
    #[arg(long)]
    members: Members,
}

impl Unfollow {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let members = match self.members {
            Members::Keep => MembersFate::Keep,
            Members::Remove => MembersFate::Remove,
        };
        change(client, screen, ChangeRequest::CatalogUnfollow { catalog: self.catalog, members }).await
    }
}

/// Facts about how a catalog stands that is followed.
pub fn facts_of(followed: FollowedCatalogView) -> Vec<(&'static str, String)> {
    let refused = if followed.refused == 0 { String::new() } else { followed.refused.to_string() };
    let groups: Vec<String> = followed.groups.iter().map(group_in_words).collect();
    vec![
        ("follows", followed.primaries.iter().map(told).collect::<Vec<_>>().join("; ")),
        ("state", followed.state),
        ("members of", followed.members_tenant),
        ("groups", groups.join("; ")),
        ("acted on", followed.processed.map(|serial| format!("serial {serial}")).unwrap_or_default()),
        ("not taken", refused),
        ("problem", followed.problem.unwrap_or_default()),
    ]
}

fn group_in_words(body: &CatalogGroupBody) -> String {
    let whose = body.tenant.as_ref().map(|tenant| format!(" of {tenant}")).unwrap_or_default();
    let from = body.primaries.iter().map(told).collect::<Vec<_>>().join(", ");
    let from = if from.is_empty() { from } else { format!(" from {from}") };
    format!("{}{whose}{from}", body.group)
}

/// The same in a word, for a list.
pub fn in_short(followed: &FollowedCatalogView) -> String {
    let from = followed.primaries.iter().map(|spec| spec.address.as_str()).collect::<Vec<_>>().join(", ");
    let state = match (&followed.problem, &*followed.state) {
        (Some(_), _) => " (not acted on)".to_owned(),
        (None, "current") => String::new(),
        (None, state) => format!(" ({state})"),
    };
    format!("from {from}{state}")
}
