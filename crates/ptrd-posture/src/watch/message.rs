//! What others are told of turns: each with what to do, or, of many at once, how many of which kind.

use super::{Turn, advice};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// So many turns are listed one by one; of more there is a summary with so many examples.
pub const MOST_LISTED: usize = 100;
/// Examples in a summary.
const EXAMPLES: usize = 10;
/// Kinds of turns in a summary.
const MOST_KINDS: usize = 100;

/// What is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The identity of an address.
    Identity,
    /// The delegation of a zone.
    Delegation,
}

impl Kind {
    /// All.
    pub const ALL: [Kind; 2] = [Kind::Identity, Kind::Delegation];

    /// The word for it in JSON and output.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Identity => "identity",
            Kind::Delegation => "delegation",
        }
    }

    /// What a subject of it is called.
    fn subject(self) -> &'static str {
        match self {
            Kind::Identity => "address",
            Kind::Delegation => "zone",
        }
    }
}

/// A turn that others are to be told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untold {
    /// What is watched.
    pub kind: Kind,
    /// The address, or the zone.
    pub subject: String,
    /// Whose it is.
    pub tenant: String,
    /// The turn.
    pub turn: Turn,
    /// Commands that show the same.
    pub run: Vec<String>,
}

/// The message, with times as `time` writes them. JSON escapes whatever is in names.
pub fn message(untold: &[Untold], time: impl Fn(i64) -> String) -> Value {
    let listed = |one: &Untold| {
        let Untold { kind, subject, tenant, turn, run } = one;
        let is_well = turn.to.is_none_or(|to| to == crate::identity::Grade::Pass);
        let mut said = json!({
            "kind": kind.word(),
            "tenant": tenant,
            kind.subject(): subject,
            "check": turn.check,
            "from": turn.from,
            "to": turn.to,
            "at": time(turn.at),
            "since": time(turn.since),
            "why": turn.why,
            "run": run,
            "show": format!("ptrctl posture {subject}"),
        });
        if !is_well {
            said["do"] = advice(&turn.check, subject).into();
        }
        said
    };
    if untold.len() <= MOST_LISTED {
        return json!({ "event": "posture", "changes": untold.iter().map(listed).collect::<Vec<_>>() });
    }
    let mut kinds: BTreeMap<_, u64> = BTreeMap::new();
    for Untold { kind, tenant, turn, .. } in untold {
        *kinds.entry((*kind, tenant, &turn.check, turn.from, turn.to)).or_default() += 1;
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let left_out: u64 = kinds.iter().skip(MOST_KINDS).map(|(_, count)| count).sum();
    kinds.truncate(MOST_KINDS);
    let counted = kinds.into_iter().map(|((kind, tenant, check, from, to), count)| {
        json!({
            "kind": kind.word(),
            "tenant": tenant,
            "check": check,
            "from": from,
            "to": to,
            "count": count,
        })
    });
    json!({
        "event": "posture-summary",
        "changes": untold.len(),
        "counts": counted.collect::<Vec<_>>(),
        "others": left_out,
        "examples": untold.iter().take(EXAMPLES).map(listed).collect::<Vec<_>>(),
        "show": "ptrctl posture --failing",
    })
}
