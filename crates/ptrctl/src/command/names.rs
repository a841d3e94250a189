//! `ptrctl names`.

use super::{Limit, change};
use crate::client::Client;
use crate::failure::Failure;
use crate::listing::list;
use crate::screen::Screen;
use clap::{Args, Subcommand};
use ptrd_api::{ChangeRequest, NameGrantFilter, NameGrantView, NameGrantWrite};

const ALLOW_EXAMPLES: &str = "\
Examples:
  ptrctl names allow mail.example.net --tenant acme
  ptrctl names allow acme.example.net --tenant acme --dry-run

The name lies in a companion zone (`ptrctl zone add APEX --companion`). In such a
zone A and AAAA records follow from PTRs, for the names that the tenant of the
address holds: the owner of the zone holds all of them, others what is granted
here. A PTR to a name that its tenant does not hold changes nothing in the zone.";

const REVOKE_EXAMPLES: &str = "\
Examples:
  ptrctl names revoke mail.example.net --tenant acme

The PTRs stay; the addresses that followed from them go.";

const LIST_EXAMPLES: &str = "\
Examples:
  ptrctl names list
  ptrctl names list --zone example.net
  ptrctl names list --tenant acme --json";

/// Who holds names of companion zones.
#[derive(Debug, Subcommand)]
pub enum Names {
    /// Grants a tenant a name of a companion zone, and all below it
    #[command(after_help = ALLOW_EXAMPLES)]
    Allow(Grant),
    /// Takes a name back that was granted
    #[command(after_help = REVOKE_EXAMPLES)]
    Revoke(Grant),
    /// Lists the names that others than the owners of their zones hold
    #[command(after_help = LIST_EXAMPLES)]
    List {
        /// Only those in this zone
        #[arg(long, value_name = "APEX")]
        zone: Option<String>,
        /// Only those of this tenant
        #[arg(long)]
        tenant: Option<String>,
        #[command(flatten)]
        limit: Limit,
    },
}

/// A grant.
#[derive(Debug, Args)]
pub struct Grant {
    /// The name; all below it is granted with it
    name: String,
    /// Who holds it
    #[arg(long)]
    tenant: String,
}

impl From<Grant> for NameGrantWrite {
    fn from(Grant { name, tenant }: Grant) -> NameGrantWrite {
        NameGrantWrite { name, tenant }
    }
}

impl Names {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        match self {
            Names::Allow(grant) => change(client, screen, ChangeRequest::NamesAllow(grant.into())).await,
            Names::Revoke(grant) => change(client, screen, ChangeRequest::NamesRevoke(grant.into())).await,
            Names::List { zone, tenant, limit: Limit { limit } } => {
                let filter = NameGrantFilter { zone, tenant, ..NameGrantFilter::default() };
                list(client, screen, "/v1/names", filter, limit, &["NAME", "TENANT", "ZONE"], row).await
            }
        }
    }
}

fn row(view: NameGrantView) -> Vec<String> {
    vec![view.name, view.tenant, view.zone]
}
