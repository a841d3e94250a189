//! `ptrctl lint`.

use super::Limit;
use crate::client::Client;
use crate::failure::Failure;
use crate::listing::list_counted;
use crate::screen::Screen;
use clap::Args;
use ptrd_api::{FindingView, LintFilter, LintView, LintedName};
use ptrd_posture::Score;
use std::net::IpAddr;

pub const EXAMPLES: &str = "\
Examples:
  ptrctl lint mail-01.example.com 192-0-2-1.pool.example.net
  Names that addresses have, as ptrd knows them:
    ptrctl lint 192.0.2.0/24
    ptrctl lint 192.0.2.1
  Only addresses that are marked as sending, with the names that they give in HELO:
    ptrctl lint 192.0.2.0/24 --sending
  In a script; the exit status is 3 if a name looks generic:
    ptrctl lint \"$NAME\" >/dev/null || echo 'choose another name'

What SpamAssassin and Rspamd have against names, as they are shipped. Names alone are looked at here, without ptrd.";

/// The headings of what was found.
const HEADINGS: [&str; 6] = ["NAME", "RULE", "FILTER", "POINTS", "PART", "WHY"];

/// `lint`.
#[derive(Debug, Args)]
pub struct Lint {
    /// Host names, or one range of addresses whose names are to be looked at
    #[arg(value_name = "NAME|PREFIX", required_unless_present = "sending")]
    what: Vec<String>,
    /// Only addresses that are marked as sending, with the names that they give in HELO
    #[arg(long)]
    sending: bool,
    #[command(flatten)]
    limit: Limit,
}

/// Addresses rather than a name.
fn is_range(text: &str) -> bool {
    let first = text.split(['/', '-']).next().unwrap_or_default();
    first.parse::<IpAddr>().is_ok() || text.contains(['/', ':'])
}

impl Lint {
    /// Whether it is about names that ptrd must be asked for.
    pub fn asks_ptrd(&self) -> bool {
        self.sending || self.what.iter().any(|what| is_range(what))
    }

    /// Looks at names that were given.
    pub fn run_alone(self, screen: &mut Screen) -> Result<(), Failure> {
        let linted = |name: String| {
            let findings = ptrd_posture::lint(&name).into_iter().map(FindingView::from).collect();
            LintedName { name, findings }
        };
        let names: Vec<LintedName> = self.what.into_iter().map(linted).collect();
        if screen.json() {
            let octets = serde_json::to_vec(&serde_json::json!({ "names": names }));
            screen.document(&octets.map_err(|error| Failure::local(error.to_string()))?)?;
        } else {
            let rows: Vec<_> = names.iter().flat_map(rows_of).collect();
            screen.table(&HEADINGS).show(screen, &rows)?;
            let good = names.iter().filter(|name| name.findings.is_empty());
            good.map(|name| &name.name)
                .try_for_each(|name| screen.line(&format!("{name}: no filter has anything against it")))?;
        }
        match names.iter().all(|name| name.findings.is_empty()) {
            true => Ok(()),
            false => Err(Failure::found()),
        }
    }

    /// Looks at the names of addresses.
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        let mut what = self.what.into_iter();
        let within = what.next();
        if what.next().is_some() || within.as_deref().is_some_and(|within| !is_range(within)) {
            return Err(Failure::usage(
                "names and addresses cannot be looked at in one go: one range at a time",
            ));
        }
        let filter = LintFilter { within, sending: self.sending, ..LintFilter::default() };
        let headings = ["ADDRESS", "NAME", "RULES", "IN THE BLOCK"];
        let listed =
            list_counted(client, screen, "/v1/lint", filter, self.limit.limit, &headings, row_of).await?;
        if listed > 0 { Err(Failure::found()) } else { Ok(()) }
    }
}

fn points(finding: &FindingView) -> String {
    Score { least: finding.least, most: finding.most }.to_string()
}

fn rows_of(name: &LintedName) -> impl Iterator<Item = Vec<String>> {
    name.findings.iter().map(|finding| {
        let FindingView { filter, rule, part, why, .. } = finding.clone();
        vec![name.name.clone(), rule, filter, points(finding), part, why]
    })
}

fn row_of(view: LintView) -> Vec<String> {
    let rule = |finding: &FindingView| format!("{} ({})", finding.rule, points(finding));
    let shown = || view.names.iter().chain(&view.helo);
    let names: Vec<String> = shown().map(|name| name.name.clone()).collect();
    let mut rules: Vec<String> = shown().flat_map(|name| name.findings.iter().map(rule)).collect();
    rules.dedup();
    vec![view.address, names.join(" "), rules.join(" "), view.rule]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_names() {
        for range in
            ["192.0.2.0/24", "192.0.2.1", "192.0.2.1-192.0.2.9", "2001:db8::/32", "2001:db8::1", "a/b"]
        {
            assert!(is_range(range), "{range}");
        }
        for name in ["mail.example.com", "192-0-2-1.example.com", "192.0.2.1.example.com", "10.example.com"] {
            assert!(!is_range(name), "{name}");
        }
    }
}
