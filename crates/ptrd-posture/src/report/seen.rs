//! What receivers saw when mail came from an address.

use crate::identity::{Grade, canonical};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// How much is kept of one address, the newest.
const MOST_OF_ADDRESS: usize = 8;
/// How much is kept in all.
const MOST: usize = 20_000;
/// How much is shown of addresses that have no entry of their own.
pub(super) const MOST_ELSEWHERE: usize = 200;

/// Something that a receiver saw of an address: the probe, a mailbox whose headers were read, a service that answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Who saw it.
    pub source: String,
    /// When, milliseconds since 1970 UTC, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// The name that it gave in HELO, where that was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub helo: Option<String>,
    /// What was seen, in a sentence.
    pub text: String,
    /// What the receiver made of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<Opinion>,
}

/// One thing that a receiver made of an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opinion {
    /// About what: `iprev`, `helo`, `tls`.
    pub what: String,
    /// How it came out.
    pub grade: Grade,
    /// In a few words.
    pub why: String,
}

/// The same, of an address that has no entry of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenElsewhere {
    /// The address.
    pub address: IpAddr,
    /// What was seen.
    pub seen: Seen,
}

impl Seen {
    /// Says so where the name in HELO is another than the one that is known to be given.
    pub(super) fn compare(&mut self, known: Option<&str>) {
        let (Some(seen), Some(known)) = (self.helo.as_deref(), known) else { return };
        if canonical(seen) != canonical(known) {
            let why = format!("it gave {seen}, and is to give {known}");
            self.verdicts.push(Opinion { what: "helo-as-planned".to_owned(), grade: Grade::Fail, why });
        }
    }
}

/// What was seen of all addresses.
#[derive(Default)]
pub(super) struct AllSeen {
    by_address: BTreeMap<IpAddr, Vec<Seen>>,
    kept: usize,
    pub left_out: u64,
}

impl AllSeen {
    pub fn add(&mut self, address: IpAddr, seen: Seen) {
        let all = self.by_address.entry(address).or_default();
        all.push(seen);
        all.sort_by_key(|seen| std::cmp::Reverse(seen.at));
        self.kept += 1;
        if all.len() > MOST_OF_ADDRESS || self.kept > MOST {
            all.pop();
            self.kept -= 1;
            self.left_out += 1;
        }
    }

    pub fn newest(&self) -> Option<i64> {
        self.by_address.values().flatten().filter_map(|seen| seen.at).max()
    }

    pub fn take(&mut self, address: IpAddr) -> Vec<Seen> {
        self.by_address.remove(&address).unwrap_or_default()
    }

    /// What nobody took.
    pub fn rest(mut self) -> (Vec<SeenElsewhere>, u64) {
        let all = std::mem::take(&mut self.by_address).into_iter();
        let mut all =
            all.flat_map(|(address, seen)| seen.into_iter().map(move |seen| SeenElsewhere { address, seen }));
        let shown: Vec<_> = all.by_ref().take(MOST_ELSEWHERE).collect();
        (shown, self.left_out + all.count() as u64)
    }
}
