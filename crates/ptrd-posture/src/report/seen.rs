//! What receivers saw when mail came from an address.

use super::bounds::{LONGEST_NAME, LONGEST_WHY, cut};
use crate::identity::{Grade, canonical};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// How much is kept of one address, the newest.
const MOST_OF_ADDRESS: usize = 8;
/// Verdicts of one sighting.
const MOST_VERDICTS: usize = 32;
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
    #[serde(default)]
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

/// What [`Opinion::what`] is where the name in HELO is held against the one that is to be given.
pub const HELO_EXPECTED: &str = "helo-expected";

impl Seen {
    /// Says so where the name in HELO is another than the one that is known to be given.
    pub(super) fn compare(&mut self, known: Option<&str>) {
        let (Some(seen), Some(known)) = (self.helo.as_deref(), known) else { return };
        // Whoever read the headers may have held it against the same already.
        let is_said = self.verdicts.iter().any(|one| one.what == HELO_EXPECTED && one.grade == Grade::Fail);
        if !is_said && canonical(seen) != canonical(known) {
            let why = format!("it gave {seen}, and is to give {known}");
            self.verdicts.push(Opinion { what: HELO_EXPECTED.to_owned(), grade: Grade::Fail, why });
        }
    }

    /// As it may come from a file that somebody else wrote.
    fn bounded(mut self) -> Seen {
        let short = |text: &mut String, longest| *text = cut(std::mem::take(text), longest);
        short(&mut self.source, LONGEST_NAME);
        short(&mut self.text, LONGEST_WHY);
        if let Some(helo) = &mut self.helo {
            short(helo, LONGEST_NAME);
        }
        self.verdicts.truncate(MOST_VERDICTS);
        for verdict in &mut self.verdicts {
            short(&mut verdict.what, LONGEST_NAME);
            short(&mut verdict.why, LONGEST_WHY);
        }
        self
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
        // Of an address that there is no room for, not even that it is.
        let kept = self.by_address.get(&address).map_or(0, Vec::len);
        if kept == 0 && self.kept >= MOST {
            self.left_out += 1;
            return;
        }
        let all = self.by_address.entry(address).or_default();
        all.push(seen.bounded());
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

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str, verdicts: usize) -> Seen {
        let verdict = Opinion { what: text.to_owned(), grade: Grade::Pass, why: text.to_owned() };
        Seen {
            source: text.to_owned(),
            at: None,
            helo: Some(text.to_owned()),
            text: text.to_owned(),
            verdicts: vec![verdict; verdicts],
        }
    }

    #[test]
    fn what_strangers_wrote_has_bounds() {
        let mut all = AllSeen::default();
        let address = IpAddr::from([192, 0, 2, 1]);
        all.add(address, seen(&"x".repeat(1 << 20), 1_000));
        let kept = all.take(address).remove(0);
        assert_eq!(kept.verdicts.len(), MOST_VERDICTS);
        assert!(serde_json::to_string(&kept).expect("JSON").len() < 80_000);
    }

    #[test]
    fn addresses_that_there_is_no_room_for_take_none() {
        let mut all = AllSeen::default();
        for n in 0..MOST as u32 + 5 {
            all.add(IpAddr::from(n.to_be_bytes()), seen("x", 0));
        }
        assert_eq!((all.by_address.len(), all.left_out), (MOST, 5));
    }

    #[test]
    fn a_name_is_held_against_what_is_to_be_once() {
        let mut one = seen("a.example", 0);
        one.compare(Some("b.example"));
        one.compare(Some("b.example"));
        assert_eq!(one.verdicts.iter().map(|one| one.what.as_str()).collect::<Vec<_>>(), [HELO_EXPECTED]);
    }
}
