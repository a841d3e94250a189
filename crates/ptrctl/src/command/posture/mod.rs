//! `ptrctl posture`: how identities and delegations stand, as the daemon that watches them knows.

mod show;
mod survey;

use super::Limit;
use crate::client::Client;
use crate::failure::{Failure, verified};
use crate::listing::pages;
use crate::screen::Screen;
use clap::{Args, Subcommand, ValueEnum};
use ipnet::IpNet;
use ptrd_api::{Page, PostureBody, PostureFilter, PostureTenantFilter, PostureTenantView, PostureView};
use ptrd_posture::identity::Grade;
use show::Shown;
use std::net::IpAddr;

pub const EXAMPLES: &str = "\
Examples:
  All tenants, a line each:
    ptrctl posture
  What is not as it should be of one; since when, and what to do:
    ptrctl posture acme
    ptrctl posture 192.0.2.0/24 --failing
  All that is known of an address, its history too:
    ptrctl posture 192.0.2.25
    ptrctl posture 2.0.192.in-addr.arpa
    ptrctl posture hosts.acme.example
  Now, instead of when its time comes; 64 addresses at most:
    ptrctl posture check 192.0.2.25
  From a monitor; the exit status says how it stands:
    ptrctl posture --failing --json >faults.json || echo \"$?\"
  What the last looks saw, in the form of `ptrctl verify --json`:
    ptrctl posture 192.0.2.0/24 --survey >survey.jsonl

The daemon watches what the section watch of ptrd.toml says. A fault stands once a second look has confirmed it. Exit status: 0 all is
well, 13 something fails, 14 something is not known and nothing fails, 15 nothing worse than a warning.";

const CHECK_EXAMPLES: &str = "\
Examples:
  ptrctl posture check 192.0.2.25
  ptrctl posture check 192.0.2.0/28
  ptrctl posture check 2.0.192.in-addr.arpa

What is found otherwise than before is confirmed by another look, a little later.";

/// `posture`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Posture {
    #[command(subcommand)]
    deed: Option<Deed>,
    /// A tenant, addresses or a zone [default: a table of all tenants]
    #[arg(value_name = "TENANT|PREFIX|ADDRESS|ZONE")]
    what: Option<String>,
    /// Only what fails
    #[arg(long)]
    failing: bool,
    /// Only identities of addresses, or delegations of zones
    #[arg(long, requires = "what")]
    kind: Option<Kind>,
    /// What the last looks saw, as lines of JSON
    #[arg(long, requires = "what", conflicts_with_all = ["kind", "failing"])]
    survey: bool,
    #[command(flatten)]
    limit: Limit,
}

/// What else to do.
#[derive(Debug, Subcommand)]
enum Deed {
    /// Looks now, and shows how it stands
    #[command(after_help = CHECK_EXAMPLES)]
    Check {
        /// Addresses that send mail, or a zone
        #[arg(value_name = "PREFIX|ADDRESS|ZONE")]
        what: String,
    },
}

/// What is watched.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// Sending addresses
    Identity,
    /// Delegations of zones
    Delegation,
}

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Range(String),
    Zone(String),
    Tenant(String),
}

impl Wanted {
    fn of(text: &str) -> Wanted {
        let is_address = |text: &str| text.trim().parse::<IpAddr>().is_ok();
        let is_range = || text.split_once('-').is_some_and(|(a, b)| is_address(a) && is_address(b));
        let text = text.trim();
        if is_address(text) || text.parse::<IpNet>().is_ok() || is_range() {
            return Wanted::Range(text.to_owned());
        }
        // No tenant has a dot in its name.
        match text.contains('.') {
            true => Wanted::Zone(text.to_owned()),
            false => Wanted::Tenant(text.to_owned()),
        }
    }

    fn filter(self) -> PostureFilter {
        let mut filter = PostureFilter::default();
        match self {
            Wanted::Range(range) => filter.within = Some(range),
            Wanted::Zone(zone) => filter.zone = Some(zone),
            Wanted::Tenant(tenant) => filter.tenant = Some(tenant),
        }
        filter
    }
}

impl Posture {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        if let Some(Deed::Check { what }) = self.deed {
            return check(client, screen, &what).await;
        }
        let Some(what) = self.what else {
            return tenants(client, screen, self.failing, self.limit.limit).await;
        };
        let filter = Wanted::of(&what).filter();
        if self.survey {
            return survey::write(client, screen, what, filter).await;
        }
        let kind = self.kind.map(|kind| match kind {
            Kind::Identity => "identity".to_owned(),
            Kind::Delegation => "delegation".to_owned(),
        });
        let grade = self.failing.then(|| "fail".to_owned());
        let is_one = what.parse::<IpAddr>().is_ok() || filter.zone.is_some();
        let mut shown = Shown::new(is_one);
        let filter = PostureFilter { kind, grade, ..filter };
        let show = |screen: &mut Screen, raw: &[u8], items: Vec<PostureView>| {
            if screen.json() {
                screen.document(raw)?;
            }
            shown.add(screen, items)
        };
        pages(client, screen, "/v1/posture", filter, self.limit.limit, show).await?;
        shown.end(screen, Some(&*what).filter(|_| is_one && !self.failing))
    }
}

async fn check(client: &mut Client, screen: &mut Screen, what: &str) -> Result<(), Failure> {
    let body = match Wanted::of(what) {
        Wanted::Range(range) => PostureBody { within: Some(range), ..PostureBody::default() },
        Wanted::Zone(zone) => PostureBody { zone: Some(zone), ..PostureBody::default() },
        Wanted::Tenant(_) => {
            return Err(Failure::usage(format!("{what}: no address, no prefix and no zone")));
        }
    };
    let answer = client.post_body::<_, Page<PostureView>>("/v1/posture", &body).await?;
    if screen.json() {
        screen.document(&answer.raw)?;
    }
    let mut shown = Shown::new(answer.value.items.len() == 1);
    shown.add(screen, answer.value.items)?;
    shown.end(screen, Some(what))
}

/// A line for each tenant.
async fn tenants(
    client: &mut Client,
    screen: &mut Screen,
    failing: bool,
    limit: Option<u64>,
) -> Result<(), Failure> {
    let filter = PostureTenantFilter { failing, ..PostureTenantFilter::default() };
    let mut table = screen.table(&[
        "TENANT",
        "ADDRESSES",
        "PASS",
        "WARN",
        "UNKNOWN",
        "FAIL",
        "ZONES",
        "FAULTS",
        "OLDEST LOOK",
    ]);
    let (mut worst, mut unseen, mut total) = (None, 0, 0);
    let show = |screen: &mut Screen, raw: &[u8], items: Vec<PostureTenantView>| {
        for view in &items {
            worst = worst.max(show::worst(&view.addresses)).max(show::worst(&view.zones));
            unseen += view.unseen;
            total += view.addresses.total() + view.zones.total();
        }
        if screen.json() {
            return screen.document(raw);
        }
        let rows: Vec<_> = items.iter().map(show::tenant).collect();
        if rows.is_empty() { Ok(()) } else { table.show(screen, &rows) }
    };
    pages(client, screen, "/v1/posture/tenants", filter, limit, show).await?;
    if !screen.json() && total == 0 && !failing {
        screen.line("nothing is watched: mark addresses that send mail with `ptrctl sending`, and switch the section watch of ptrd.toml on")?;
    }
    if !screen.json() && unseen > 0 {
        screen.line(&format!("{unseen} of {total} were not looked at yet"))?;
    }
    verified(worst.unwrap_or(Grade::Pass))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant() {
        for range in ["192.0.2.1", "192.0.2.0/24", "2001:db8::/32", "192.0.2.1-192.0.2.9"] {
            assert_eq!(Wanted::of(range), Wanted::Range(range.to_owned()));
        }
        for zone in [
            "2.0.192.in-addr.arpa",
            "8.B.D.0.1.0.0.2.IP6.ARPA.",
            "0-63.2.0.192.in-addr.arpa",
            "hosts.acme.example",
            "example.",
        ] {
            assert_eq!(Wanted::of(zone), Wanted::Zone(zone.to_owned()));
        }
        for tenant in ["acme", "a-b", "arpa", "10"] {
            assert_eq!(Wanted::of(tenant), Wanted::Tenant(tenant.to_owned()));
        }
    }
}
