//! A check that was made, and how it came out.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How a check came out, from best to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// As it should be.
    Pass,
    /// Mail is accepted, and it could be better.
    Warn,
    /// It could not be found out. Not being able to ask is never a failure.
    Unknown,
    /// Receivers will hold it against the address.
    Fail,
}

impl Grade {
    /// All, from best to worst.
    pub const ALL: [Grade; 4] = [Grade::Pass, Grade::Warn, Grade::Unknown, Grade::Fail];

    /// The word for it in JSON and output.
    pub fn word(self) -> &'static str {
        match self {
            Grade::Pass => "pass",
            Grade::Warn => "warn",
            Grade::Unknown => "unknown",
            Grade::Fail => "fail",
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What is checked. The words are stable: scripts and reports of other versions know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckId {
    /// The address has a PTR.
    PtrPresent,
    /// One of its names resolves back to it (RFC 8601 §2.7.3).
    Iprev,
    /// All of its names do, where it has several.
    AllResolveBack,
    /// It has one name.
    OneName,
    /// No spam filter takes its name for one of a household.
    Generic,
    /// TTLs are neither so short that answers are seldom kept, nor so long that a mistake stays for weeks.
    Ttl,
    /// The name in HELO has the address (RFC 5321 §4.1.4).
    HeloResolves,
    /// The name in HELO is the name of the address.
    HeloEqualsPtr,
    /// The name in HELO has addresses of both families, where mail leaves over both.
    BothFamilies,
    /// Signatures, where there are any, are right.
    Dnssec,
    /// All who were asked say the same.
    ResolversAgree,
    /// All nameservers of the zones on the way serve them, and say the same.
    NameserversAgree,
}

impl CheckId {
    /// All, in the order in which they are shown.
    pub const ALL: [CheckId; 12] = [
        CheckId::PtrPresent,
        CheckId::Iprev,
        CheckId::AllResolveBack,
        CheckId::OneName,
        CheckId::Generic,
        CheckId::Ttl,
        CheckId::HeloResolves,
        CheckId::HeloEqualsPtr,
        CheckId::BothFamilies,
        CheckId::Dnssec,
        CheckId::ResolversAgree,
        CheckId::NameserversAgree,
    ];

    /// The word for it in JSON and output.
    pub fn word(self) -> &'static str {
        match self {
            CheckId::PtrPresent => "ptr-present",
            CheckId::Iprev => "iprev",
            CheckId::AllResolveBack => "all-resolve-back",
            CheckId::OneName => "one-name",
            CheckId::Generic => "generic",
            CheckId::Ttl => "ttl",
            CheckId::HeloResolves => "helo-resolves",
            CheckId::HeloEqualsPtr => "helo-equals-ptr",
            CheckId::BothFamilies => "both-families",
            CheckId::Dnssec => "dnssec",
            CheckId::ResolversAgree => "resolvers-agree",
            CheckId::NameserversAgree => "nameservers-agree",
        }
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A check of one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// What was checked.
    pub id: CheckId,
    /// How it came out.
    pub grade: Grade,
    /// Why, in one sentence. Names in it came from the network.
    pub why: String,
    /// Commands for a shell that show the same.
    pub run: Vec<String>,
    /// The observations that it follows from, by their place among those of the address.
    pub evidence: Vec<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_json() {
        for id in CheckId::ALL {
            assert_eq!(serde_json::to_value(id).ok(), Some(id.word().into()));
        }
        for grade in Grade::ALL {
            assert_eq!(serde_json::to_value(grade).ok(), Some(grade.word().into()));
        }
        assert!(Grade::ALL.is_sorted() && CheckId::ALL.is_sorted());
    }
}
