//! `ptrctl catalog`.

use super::catalog_follow::{
    self, FOLLOW_EXAMPLES, Follow, GROUP_EXAMPLES, Group, UNFOLLOW_EXAMPLES, Unfollow,
};
use super::{Limit, change, facts};
use crate::client::{Client, segment};
use crate::failure::Failure;
use crate::listing::list;
use crate::screen::Screen;
use clap::{Args, Subcommand};
use ptrd_api::{
    CatalogAdd, CatalogFilter, CatalogMemberView, CatalogRule, CatalogSet, CatalogView, CatalogZones,
    ChangeRequest,
};

const ADD_EXAMPLES: &str = "\
Examples:
  ptrctl catalog add catalog.example --tenant infra                (lists all zones)
  ptrctl catalog add acme.catalog.example --tenant infra --zones tenant=acme --group small
  ptrctl access allow transfer --key ns2.example.net               (who follows it needs this)
  ptrctl notify add 192.0.2.53 --key ns2.example.net

Who follows a catalog transfers it and the zones that it lists, so it takes a
permission for both: one for all zones, as above, has them. To everybody else the
catalog's records are refused, since they name all zones. Zones come and go in it by
themselves, in the change that makes or removes them.";

const SET_EXAMPLES: &str = "\
Examples:
  ptrctl catalog set catalog.example --zones tenant=acme --group small
  ptrctl catalog set catalog.example --zones zone=2.0.192.in-addr.arpa --leave-out
  ptrctl catalog set catalog.example --zones zone=2.0.192.in-addr.arpa --unset

Of what is said of a zone, of its tenant and of all zones, the narrowest counts. A
catalog is listed only where it is named as a zone.

To move a zone to another catalog without its secondaries dropping it:
  ptrctl catalog set old.example --zones zone=2.0.192.in-addr.arpa --moves-to new.example
  ptrctl catalog set new.example --zones zone=2.0.192.in-addr.arpa
  ptrctl catalog set old.example --zones zone=2.0.192.in-addr.arpa --leave-out
each once all who follow the catalog have what the one before changed. Knot does not
know of moves: there, leave the zone out of the old catalog first.";

const REMOVE_EXAMPLES: &str = "\
Examples:
  ptrctl catalog remove catalog.example

The zones that it lists stay here. Who follows it may keep them or drop them.";

const LIST_EXAMPLES: &str = "\
Examples:
  ptrctl catalog list
  ptrctl catalog list --json";

const SHOW_EXAMPLES: &str = "\
Examples:
  ptrctl catalog show catalog.example
  ptrctl zone export catalog.example                               (all of its records)";

const MEMBERS_EXAMPLES: &str = "\
Examples:
  ptrctl catalog members catalog.example
  ptrctl catalog members catalog.example --limit 20 --json

The label of a zone stays the same for as long as it lives. One that was removed and
made again has another, so that secondaries drop what they have of it. Of a catalog
that is followed, zones that are not taken from it are listed too, and why.";

/// Catalogs of zones, by which servers learn what to serve (RFC 9432): ours, and those that we follow.
#[derive(Debug, Subcommand)]
pub enum Catalog {
    /// Adds a catalog
    #[command(after_help = ADD_EXAMPLES)]
    Add {
        /// Its apex: a name that nobody looks up
        catalog: String,
        /// Whose zone it is
        #[arg(long)]
        tenant: String,
        /// Which zones it lists: all, none, tenant=NAME, zone=APEX; repeat for more; all unless given
        #[arg(long, value_name = "ZONES", value_parser = some_zones)]
        zones: Vec<Which>,
        /// Their group, for secondaries that have a configuration for it
        #[arg(long, value_name = "TEXT")]
        group: Option<String>,
    },
    /// Says what a catalog lists
    #[command(after_help = SET_EXAMPLES)]
    Set(Set),
    /// Removes a catalog
    #[command(after_help = REMOVE_EXAMPLES)]
    Remove {
        /// Its apex
        catalog: String,
    },
    /// Follows a catalog of another server: what it lists is served here
    #[command(after_help = FOLLOW_EXAMPLES)]
    Follow(Follow),
    /// Says what is otherwise for zones of a group, of a catalog that is followed
    #[command(after_help = GROUP_EXAMPLES)]
    Group(Group),
    /// Follows it no longer
    #[command(after_help = UNFOLLOW_EXAMPLES)]
    Unfollow(Unfollow),
    /// Lists catalogs, ours and those that are followed
    #[command(after_help = LIST_EXAMPLES)]
    List(Limit),
    /// Shows what a catalog says of which zones, or how one stands that is followed
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// Its apex
        catalog: String,
    },
    /// Lists the zones that a catalog lists
    #[command(after_help = MEMBERS_EXAMPLES)]
    Members {
        /// Its apex
        catalog: String,
        #[command(flatten)]
        limit: Limit,
    },
}

/// What a catalog lists from now on.
#[derive(Debug, Args)]
pub struct Set {
    /// Its apex
    catalog: String,
    /// Of which zones: all, tenant=NAME, zone=APEX; repeat for more
    #[arg(long, value_name = "ZONES", value_parser = some_zones, required = true)]
    zones: Vec<Which>,
    /// They are listed, in this group
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["leave_out", "unset"])]
    group: Option<String>,
    /// They are listed, and move to this catalog, which must list them next
    #[arg(long, value_name = "CATALOG", conflicts_with_all = ["leave_out", "unset"])]
    moves_to: Option<String>,
    /// They are not listed
    #[arg(long, conflicts_with = "unset")]
    leave_out: bool,
    /// Nothing is said of exactly these: what is said of their tenant or of all counts
    #[arg(long)]
    unset: bool,
}

/// Some zones, as an argument names them.
#[derive(Clone, Debug)]
pub enum Which {
    None,
    Some(CatalogZones),
}

fn some_zones(text: &str) -> Result<Which, String> {
    let called = |text: &str| Some(text.to_owned());
    match text.split_once('=') {
        Some(("zone", apex)) => Ok(Which::Some(CatalogZones { zone: called(apex), tenant: None })),
        Some(("tenant", tenant)) => Ok(Which::Some(CatalogZones { zone: None, tenant: called(tenant) })),
        _ if text == "all" => Ok(Which::Some(CatalogZones::default())),
        _ if text == "none" => Ok(Which::None),
        _ => Err("say all, tenant=NAME or zone=APEX".to_owned()),
    }
}

/// The zones that were named, `none` being none.
fn named(zones: Vec<Which>) -> impl Iterator<Item = CatalogZones> {
    zones.into_iter().filter_map(|which| match which {
        Which::None => None,
        Which::Some(zones) => Some(zones),
    })
}

impl Set {
    fn request(self) -> CatalogSet {
        let Set { catalog, zones, group, moves_to, leave_out, unset } = self;
        let mut set = CatalogSet { catalog, ..CatalogSet::default() };
        if unset {
            set.unset = named(zones).collect();
            return set;
        }
        let rule = |CatalogZones { zone, tenant }| {
            let (group, moves_to) = (group.clone(), moves_to.clone());
            CatalogRule { zone, tenant, left_out: leave_out, group, moves_to }
        };
        set.rules = named(zones).map(rule).collect();
        set
    }
}

impl Catalog {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let request = match self {
            Catalog::Add { catalog, tenant, mut zones, group } => {
                if zones.is_empty() {
                    zones.push(Which::Some(CatalogZones::default()));
                }
                let rule = |CatalogZones { zone, tenant }| CatalogRule {
                    zone,
                    tenant,
                    group: group.clone(),
                    ..CatalogRule::default()
                };
                ChangeRequest::CatalogAdd(CatalogAdd {
                    catalog,
                    tenant,
                    rules: named(zones).map(rule).collect(),
                })
            }
            Catalog::Set(set) => ChangeRequest::CatalogSet(set.request()),
            Catalog::Remove { catalog } => ChangeRequest::CatalogRemove { catalog },
            Catalog::Follow(follow) => return follow.run(client, screen).await,
            Catalog::Group(group) => return group.run(client, screen).await,
            Catalog::Unfollow(unfollow) => return unfollow.run(client, screen).await,
            Catalog::List(Limit { limit }) => {
                let headings = ["CATALOG", "TENANT", "SERIAL", "LISTED", "ZONES"];
                let filter = CatalogFilter::default();
                return list(client, screen, "/v1/catalogs", filter, limit, &headings, row).await;
            }
            Catalog::Show { catalog } => {
                let path = format!("/v1/catalogs/{}", segment(&catalog));
                let answer = client.get::<CatalogView>(&path).await?;
                return if screen.json() { screen.document(&answer.raw) } else { show(screen, answer.value) };
            }
            Catalog::Members { catalog, limit: Limit { limit } } => {
                let path = format!("/v1/catalogs/{}/members", segment(&catalog));
                let headings = ["ZONE", "LABEL", "GROUP", "MOVES TO", "LEFT AS IT IS"];
                return list(client, screen, &path, CatalogFilter::default(), limit, &headings, member).await;
            }
        };
        change(client, screen, request).await
    }
}

/// What a catalog says of some zones, in words.
fn told(rule: &CatalogRule) -> String {
    let zones = match (&rule.zone, &rule.tenant) {
        (Some(zone), _) => zone.clone(),
        (None, Some(tenant)) => format!("of {tenant}"),
        (None, None) => "all".to_owned(),
    };
    let left_out = if rule.left_out { "not " } else { "" };
    let group = rule.group.as_ref().map(|group| format!(" in {group}")).unwrap_or_default();
    let moves_to = rule.moves_to.as_ref().map(|to| format!(" moving to {to}")).unwrap_or_default();
    format!("{left_out}{zones}{group}{moves_to}")
}

fn row(view: CatalogView) -> Vec<String> {
    const SHOWN: usize = 3;
    let mut rules = view.rules.iter().take(SHOWN).map(told).collect::<Vec<_>>().join(", ");
    if view.rules.len() > SHOWN {
        rules += ", …";
    }
    if let Some(followed) = &view.followed {
        rules = catalog_follow::in_short(followed);
    }
    vec![view.catalog, view.tenant, view.serial.to_string(), view.members.to_string(), rules]
}

fn show(screen: &mut Screen, view: CatalogView) -> Result<(), Failure> {
    let mut lines = vec![
        ("catalog", view.catalog),
        ("tenant", view.tenant),
        ("serial", view.serial.to_string()),
        ("listed", view.members.to_string()),
    ];
    lines.extend(view.followed.into_iter().flat_map(catalog_follow::facts_of));
    lines.extend(view.rules.iter().map(|rule| ("zones", told(rule))));
    facts(screen, &lines)
}

fn member(view: CatalogMemberView) -> Vec<String> {
    let group = view.group.unwrap_or_else(|| view.groups.join(", "));
    let (moves_to, refused) = (view.moves_to.unwrap_or_default(), view.refused.unwrap_or_default());
    vec![view.zone, view.label, group, moves_to, refused]
}
