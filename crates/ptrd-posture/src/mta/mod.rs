//! Configuration of mail servers, so that each sending address is used with its name, and mail leaves from no other.
//!
//! From the sending inventory: which address gives which name in HELO, for which sender domains. [`Plan::new`] groups them,
//! [`render`] writes what Postfix, Exim, PowerMTA or KumoMTA want. Mail of a domain that no address sends for is sent from
//! addresses that have no domains; where there are none it is refused, for it would leave from whatever address the system
//! picks.

mod exim;
mod kumomta;
mod plan;
mod postfix;
mod powermta;

pub use plan::{BadOutlet, Identity, Outlet, Plan, Pool};

use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// Whose configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mta {
    /// Postfix, 3.7 or newer.
    Postfix,
    /// Exim, 4.94 or newer.
    Exim,
    /// PowerMTA.
    PowerMta,
    /// KumoMTA.
    KumoMta,
}

impl fmt::Display for Mta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mta::Postfix => "Postfix",
            Mta::Exim => "Exim",
            Mta::PowerMta => "PowerMTA",
            Mta::KumoMta => "KumoMTA",
        })
    }
}

/// A file, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// A name for a file of its own.
    pub name: &'static str,
    /// Where it belongs.
    pub place: String,
    /// What it says. It ends with a line break.
    pub text: String,
}

/// What to put where, and what to know about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Configuration {
    /// In the order in which they are put in place.
    pub parts: Vec<Part>,
    /// What this mail server cannot do of what the inventory says, and what to look after.
    pub notes: Vec<String>,
}

/// The configuration for a mail server.
pub fn render(mta: Mta, plan: &Plan) -> Configuration {
    let mut configuration = match mta {
        Mta::Postfix => postfix::render(plan),
        Mta::Exim => exim::render(plan),
        Mta::PowerMta => powermta::render(plan),
        Mta::KumoMta => kumomta::render(plan),
    };
    if let Some(note) = one_family(plan) {
        configuration.notes.push(note);
    }
    configuration
}

/// Names whose mail goes over one family alone.
fn one_family(plan: &Plan) -> Option<String> {
    let of = |family: &str, has: fn(&Identity) -> bool| {
        // Of addresses that share a name, others may be of this family.
        let having: BTreeSet<&str> = named(&plan.identities, has).collect();
        let names: BTreeSet<&str> = named(&plan.identities, |one| !has(one)).collect();
        let names: Vec<&str> = names.difference(&having).copied().collect();
        (!names.is_empty()).then(|| format!("no mail goes over {family} with {}", listed(&names)))
    };
    let lacking = [of("IPv4", |one| one.v4.is_some()), of("IPv6", |one| one.v6.is_some())];
    let text = lacking.into_iter().flatten().collect::<Vec<_>>().join("; ");
    (!text.is_empty()).then(|| {
        format!("{text}: there is no such address with the name in the inventory, and one without it would be used")
    })
}

/// The names of those of which something holds.
fn named(identities: &[Identity], holds: impl Fn(&Identity) -> bool) -> impl Iterator<Item = &str> {
    identities.iter().filter(move |one| holds(one)).map(|one| one.helo.as_str())
}

/// Some of them, for a sentence.
fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 3;
    let shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
