//! The report on sending addresses: what a survey found, what it comes to, and what to do, as data.
//!
//! A [`Builder`] takes in what is there, one address after the other: the lines of a survey ([`crate::identity::Line`]), what
//! receivers saw ([`Seen`]), what was found of the zones ([`ZoneCheck`]), the blocks. It makes a [`Report`], which holds all that is
//! shown, sentences included; `ptrd-report` only draws it. There is no clock in it: its moment ([`Report::as_of`]) is that of the
//! newest thing in it. So what is drawn from a report that went through JSON is, octet for octet, what would have been drawn before.
//!
//! A report has bounds whatever it is about: addresses that came out alike are a group with ranges, the worst [`MOST_LISTED`] have
//! a line each, and [`Options::details`] of them all that was asked. What was left out is said ([`Report::limits`]).
//!
//! Names in it came from the network, and titles from people: whoever draws it escapes.

mod bounds;
mod builder;
mod delegation;
mod fault;
mod findings;
mod groups;
mod registries;
mod remedy;
mod rule;
mod rules;
mod runbook;
mod seen;
mod square;

pub use builder::{Builder, Options};
pub use delegation::{NotACheck, ZoneCheck, ZoneFinding, read_zone_checks};
pub use fault::Fault;
pub use findings::{Nameserver, Signatures};
pub use groups::{Group, Line};
pub use registries::RegistryNote;
pub use rule::{Judged, Rule, RuleKind, Ruling};
pub use runbook::Step;
pub use seen::{HELO_EXPECTED, Opinion, Seen, SeenElsewhere};
pub use square::{Block, Cell, Run, Square};

use crate::identity::{CheckId, Grade, Identity, Rules, Source, Summary};
use serde::{Deserialize, Serialize};

/// The version of the form of a report as JSON.
pub const FORMAT: u32 = 1;
/// Addresses that have a line each, at most.
pub const MOST_LISTED: usize = 2_048;
/// Addresses that are shown with all that was asked, unless told otherwise.
pub const DETAILS: usize = 100;

/// A report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// [`FORMAT`].
    pub format: u32,
    /// What it is called.
    pub title: String,
    /// What it is about, as it was written: prefixes, addresses, names of files.
    pub of: Vec<String>,
    /// The newest moment of which it says something, milliseconds since 1970 UTC.
    pub as_of: i64,
    /// How it stands, in a sentence.
    pub headline: String,
    /// The worst grade of all addresses; none where there is no address.
    pub grade: Option<Grade>,
    /// Who was asked, and when.
    pub asked: Asked,
    /// Addresses and checks, counted by grade.
    pub summary: Summary,
    /// What is not as it should be, the worst first, and what to do.
    pub faults: Vec<Fault>,
    /// What receivers and their filters ask, and how many addresses satisfy it.
    pub rules: Vec<Rule>,
    /// How many addresses have signed answers.
    pub signatures: Signatures,
    /// The nameservers on the way from the root, each zone's of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nameservers: Vec<Nameserver>,
    /// The map of the addresses.
    pub map: Vec<Square>,
    /// Addresses that came out alike.
    pub groups: Vec<Group>,
    /// Addresses with a line each, in their order.
    pub lines: Vec<Line>,
    /// Addresses with all that was asked, the worst first.
    pub addresses: Vec<Entry>,
    /// What receivers saw of addresses that are not among [`Report::addresses`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen_elsewhere: Vec<SeenElsewhere>,
    /// How the zones stand that show the addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<ZoneCheck>,
    /// How a PTR is added or changed.
    pub runbook: Vec<Step>,
    /// What to do at the registries.
    pub registries: Vec<RegistryNote>,
    /// What was left out, a sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<String>,
}

/// Who was asked, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The first moment, milliseconds since 1970 UTC.
    pub since: i64,
    /// The last one.
    pub until: i64,
    /// How many questions have an answer in it, or the want of one.
    pub questions: u64,
    /// How many addresses were to be looked at.
    pub addresses: u64,
    /// How many addresses resolvers were asked about, where that is not all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<u64>,
    /// The resolvers, and the nameservers themselves.
    pub sources: Vec<Source>,
    /// What counts as good.
    pub rules: Rules,
}

/// An address with all that was asked of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The checks, and what they follow from.
    #[serde(flatten)]
    pub identity: Identity,
    /// The worst of them.
    pub grade: Grade,
    /// What receivers make of it.
    pub rules: Vec<Judged>,
    /// What receivers saw when mail came from it, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seen: Vec<Seen>,
}

/// The grade of a check, where it is no pass.
pub type Finding = (CheckId, Grade);

/// What is not well of an address.
fn findings(identity: &Identity) -> Vec<Finding> {
    let amiss = identity.checks.iter().filter(|check| check.grade != Grade::Pass);
    amiss.map(|check| (check.id, check.grade)).collect()
}

/// `1 address`, `2 addresses`.
fn addresses(n: u64) -> String {
    format!("{n} {}", if n == 1 { "address" } else { "addresses" })
}
