//! `ptrctl access`.

use super::{Limit, change};
use crate::client::Client;
use crate::failure::Failure;
use crate::listing::list;
use crate::screen::Screen;
use clap::{Args, Subcommand, ValueEnum};
use ptrd_api::{AccessFilter, AccessView, AccessWrite, ChangeRequest};

const ALLOW_EXAMPLES: &str = "\
Examples:
  ptrctl access allow transfer --from 192.0.2.53             (all zones)
  ptrctl access allow transfer --from 192.0.2.53 --key ns2.example.net
  ptrctl access allow transfer --key acme.example --tenant acme
  ptrctl access allow update --key dhcp.acme.example --zone 2.0.192.in-addr.arpa
  ptrctl access allow forward --from 192.0.2.0/24 --zone example.net

Nobody may transfer, announce or update anything unless a permission says so. Of
one permission all must hold: the address and the key. Several permissions count
each for itself. Updates need a key. Keys are added with `ptrctl key add`.

With a key for updates (RFC 2136) one may change, of all zones: whatever an
operator may; of a tenant's zones: what lies in that tenant's blocks, but neither
blocks of others inside nor names that stand for more than its blocks, and the
names of its addresses in native zones of others; of one zone: its names, but
not the addresses of other tenants than the zone's own. A name that is a CNAME
into a classless zone served here stands for its address, and the permission for
the classless zone is enough. Updates become changes in the log, with the key as
who made them. The SOA and the NS records that a
template or NS set gives cannot be changed, but a newer serial is taken.

Updates of a zone that is followed (`ptrctl zone follow`) are passed on to its
primaries, which judge them, for those who may `forward`: as they came, signed
by whoever sent them. A key that is known here is verified here too; other keys
are passed on where the permission names an address and no key. An update that
is not signed is never passed on.";

const REVOKE_EXAMPLES: &str = "\
Examples:
  ptrctl access list
  ptrctl access revoke transfer --from 192.0.2.53

Name the permission as it was given.";

const LIST_EXAMPLES: &str = "\
Examples:
  ptrctl access list
  ptrctl access list --zone 2.0.192.in-addr.arpa             (all that count for it)
  ptrctl access list --action transfer --json";

/// Who may do more with zones than ask.
#[derive(Debug, Subcommand)]
pub enum Access {
    /// Lets somebody transfer zones, announce their changes, update them or have updates passed on
    #[command(after_help = ALLOW_EXAMPLES)]
    Allow(Grant),
    /// Takes a permission back
    #[command(after_help = REVOKE_EXAMPLES)]
    Revoke(Grant),
    /// Lists permissions
    #[command(after_help = LIST_EXAMPLES)]
    List {
        /// Only those for this
        #[arg(long)]
        action: Option<Action>,
        /// Only those that count for this zone
        #[arg(long, value_name = "APEX")]
        zone: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
}

/// What may be allowed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Action {
    /// To transfer zones (AXFR, IXFR)
    Transfer,
    /// To announce changes of zones that are pulled from others (NOTIFY)
    Notify,
    /// To change records (DNS UPDATE)
    Update,
    /// To have updates of zones that are pulled from others passed on to their primaries
    Forward,
}

/// A permission.
#[derive(Debug, Args)]
pub struct Grant {
    /// What is allowed
    action: Action,
    /// From where: an address, a prefix or a range; from anywhere unless given, which takes a key
    #[arg(long, value_name = "RANGE", required_unless_present = "key")]
    from: Option<String>,
    /// The TSIG key that requests must be signed with
    #[arg(long, value_name = "NAME")]
    key: Option<String>,
    /// Only this zone; all zones unless given
    #[arg(long, value_name = "APEX", conflicts_with = "tenant")]
    zone: Option<String>,
    /// Only the zones of this tenant
    #[arg(long, value_name = "TENANT")]
    tenant: Option<String>,
}

impl Action {
    fn word(self) -> String {
        match self {
            Action::Transfer => "transfer",
            Action::Notify => "notify",
            Action::Update => "update",
            Action::Forward => "forward",
        }
        .to_owned()
    }
}

impl From<Grant> for AccessWrite {
    fn from(Grant { action, from, key, zone, tenant }: Grant) -> AccessWrite {
        AccessWrite { action: action.word(), zone, tenant, from, key }
    }
}

impl Access {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        match self {
            Access::Allow(grant) => change(client, screen, ChangeRequest::AccessAllow(grant.into())).await,
            Access::Revoke(grant) => change(client, screen, ChangeRequest::AccessRevoke(grant.into())).await,
            Access::List { action, zone, limit: Limit { limit } } => {
                let headings = ["ACTION", "ZONES", "FROM", "KEY"];
                let filter =
                    AccessFilter { action: action.map(Action::word), zone, ..AccessFilter::default() };
                list(client, screen, "/v1/access", filter, limit, &headings, row).await
            }
        }
    }
}

/// Which zones a permission is about.
pub(super) fn zones(view: &AccessView) -> String {
    match (&view.zone, &view.tenant) {
        (Some(zone), _) => zone.clone(),
        (None, Some(tenant)) => format!("of {tenant}"),
        (None, None) => "all".to_owned(),
    }
}

fn row(view: AccessView) -> Vec<String> {
    let zones = zones(&view);
    let or_any = |text: Option<String>| text.unwrap_or_else(|| "any".to_owned());
    vec![view.action, zones, or_any(view.from), or_any(view.key)]
}
