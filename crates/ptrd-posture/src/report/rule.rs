//! What receivers ask of an address: the forms that it is told in.

use crate::identity::Grade;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Whose rule it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleKind {
    /// Of somebody who receives mail for many.
    Receiver,
    /// Of a standard, or of a mail server that many receivers run.
    Software,
    /// Of a spam filter, which counts points.
    Filter,
}

/// How an address stands to a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ruling {
    /// It satisfies it.
    Satisfied,
    /// It could not be found out.
    Open,
    /// It breaks it.
    Broken,
}

impl Ruling {
    /// The word for it in JSON and output.
    pub fn word(self) -> &'static str {
        match self {
            Ruling::Satisfied => "satisfied",
            Ruling::Open => "open",
            Ruling::Broken => "broken",
        }
    }

    /// How that is graded.
    pub fn grade(self) -> Grade {
        match self {
            Ruling::Satisfied => Grade::Pass,
            Ruling::Open => Grade::Unknown,
            Ruling::Broken => Grade::Fail,
        }
    }
}

/// A rule, and how many addresses stand to it how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// What entries call it.
    pub id: String,
    /// Whose it is.
    pub who: String,
    /// Of what kind that is.
    pub kind: RuleKind,
    /// What is asked.
    pub asks: String,
    /// With which codes mail is refused or deferred that breaks it; empty where none is documented.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// Points that a filter gives for it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub points: String,
    /// Since when it is in force, as a date.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub since: String,
    /// What else there is to know.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// How many addresses satisfy it.
    pub satisfied: u64,
    /// How many break it.
    pub broken: u64,
    /// Of how many that could not be found out.
    pub open: u64,
    /// Some that break it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub some: Vec<IpAddr>,
}

/// How one address stands to a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// [`Rule::id`].
    pub rule: String,
    /// How it stands.
    pub ruling: Ruling,
    /// Why.
    pub why: String,
    /// Points that a filter gives, where it breaks the rule of one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub points: String,
}
