//! The identities of many addresses, as lines of JSON: one that says what was asked for, one for each address, and one with the
//! sum. A report is made from them, and a survey that was cut short goes on from them.

use super::{CheckId, Grade, Identity, Rules};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// The version of the form of these lines.
pub const FORMAT: u32 = 1;

/// A source that is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// What it is called in observations.
    pub name: String,
    /// Where it is; none for the authoritative path, which has many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<SocketAddr>,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Survey {
    /// [`FORMAT`].
    pub format: u32,
    /// As it was written: prefixes, addresses, names of files.
    pub of: Vec<String>,
    /// How many addresses.
    pub addresses: u64,
    /// A digest of the addresses and what is known of them, so that another request is not taken for this one.
    pub digest: String,
    /// Who is asked.
    pub sources: Vec<Source>,
    /// How many addresses resolvers are asked about, where that is not all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<u64>,
    /// What counts as good.
    pub rules: Rules,
    /// When it was begun, milliseconds since 1970 UTC.
    pub at: i64,
}

impl Survey {
    /// Whether both ask the same of the same, whenever that was.
    pub fn asks_same(&self, other: &Survey) -> bool {
        Survey { at: other.at, of: other.of.clone(), ..self.clone() } == *other
    }
}

/// How many came out how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// Addresses by the worst grade of each.
    pub addresses: BTreeMap<Grade, u64>,
    /// The grades of each check.
    pub checks: BTreeMap<CheckId, BTreeMap<Grade, u64>>,
}

impl Summary {
    /// Takes in one address.
    pub fn add(&mut self, identity: &Identity) {
        *self.addresses.entry(identity.grade()).or_default() += 1;
        for check in &identity.checks {
            *self.checks.entry(check.id).or_default().entry(check.grade).or_default() += 1;
        }
    }

    /// The worst grade of all; none without an address.
    pub fn grade(&self) -> Option<Grade> {
        self.addresses.keys().next_back().copied()
    }
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Line {
    /// The first.
    Survey(Survey),
    /// One address.
    Identity(Identity),
    /// The last.
    Summary(Summary),
}
