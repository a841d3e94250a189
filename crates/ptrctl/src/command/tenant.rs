//! `ptrctl tenant`.

use super::{Limit, change, facts};
use crate::client::{Client, segment};
use crate::failure::Failure;
use crate::listing::list;
use crate::screen::Screen;
use clap::Subcommand;
use ptrd_api::{ChangeRequest, TenantFilter, TenantView};

/// What to do with tenants.
#[derive(Debug, Subcommand)]
pub enum Tenant {
    /// Adds a tenant
    #[command(after_help = "Examples:\n  ptrctl tenant add acme --reason 'contract 4711'")]
    Add {
        /// 1 to 63 lower-case letters, digits and hyphens
        name: String,
    },
    /// Removes a tenant that owns nothing any more
    #[command(after_help = "Examples:\n  ptrctl tenant remove acme")]
    Remove {
        /// Its name
        name: String,
        /// Only if it still has this version, as `tenant show` shows it
        #[arg(long, value_name = "VERSION")]
        expect: Option<String>,
    },
    /// Says whose customer a tenant is: its reseller may give it blocks inside its own
    #[command(
        after_help = "Examples:\n  ptrctl tenant set globex --reseller acme\n  ptrctl tenant set globex --no-reseller",
        group = clap::ArgGroup::new("whose").required(true)
    )]
    Set {
        /// Its name
        name: String,
        /// The reseller, a tenant
        #[arg(long, value_name = "TENANT", group = "whose")]
        reseller: Option<String>,
        /// Nobody's customer
        #[arg(long, group = "whose")]
        no_reseller: bool,
        /// Only if it still has this version, as `tenant show` shows it
        #[arg(long, value_name = "VERSION")]
        expect: Option<String>,
    },
    /// Shows a tenant
    #[command(after_help = "Examples:\n  ptrctl tenant show acme")]
    Show {
        /// Its name
        name: String,
    },
    /// Lists tenants, with the number of their blocks and zones
    #[command(after_help = "Examples:\n  ptrctl tenant list\n  ptrctl tenant list --json")]
    List(Limit),
}

impl Tenant {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        match self {
            Tenant::Add { name } => change(client, screen, ChangeRequest::TenantAdd { name }).await,
            Tenant::Remove { name, expect } => {
                change(client, screen, ChangeRequest::TenantRemove { name, expect }).await
            }
            Tenant::Set { name, reseller, expect, .. } => {
                change(client, screen, ChangeRequest::TenantSet { name, reseller, expect }).await
            }
            Tenant::Show { name } => {
                let answer = client.get::<TenantView>(&format!("/v1/tenants/{}", segment(&name))).await?;
                if screen.json() { screen.document(&answer.raw) } else { show(screen, answer.value) }
            }
            Tenant::List(Limit { limit }) => {
                let row = |tenant: TenantView| {
                    let reseller = tenant.reseller.unwrap_or_default();
                    vec![tenant.name, tenant.blocks.to_string(), tenant.zones.to_string(), reseller]
                };
                let headings = ["TENANT", "BLOCKS", "ZONES", "RESELLER"];
                list(client, screen, "/v1/tenants", TenantFilter::default(), limit, &headings, row).await
            }
        }
    }
}

fn show(screen: &mut Screen, tenant: TenantView) -> Result<(), Failure> {
    facts(
        screen,
        &[
            ("name", tenant.name),
            ("blocks", tenant.blocks.to_string()),
            ("zones", tenant.zones.to_string()),
            ("reseller", tenant.reseller.unwrap_or_default()),
            ("version", tenant.version),
        ],
    )
}
