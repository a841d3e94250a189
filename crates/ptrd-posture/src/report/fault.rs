//! What is not as it should be, in a sentence each, and what to do.

use super::addresses;
use super::remedy::remedy;
use crate::identity::{Check, CheckId, Grade, Identity};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// How many addresses a fault names.
const MOST_NAMED: usize = 5;

/// A check that did not pass, at as many addresses as that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The check.
    pub check: CheckId,
    /// How it came out.
    pub grade: Grade,
    /// What is wrong, in a sentence.
    pub what: String,
    /// What to do, in a sentence or two.
    pub remedy: String,
    /// At how many addresses.
    pub addresses: u64,
    /// The first of them.
    pub some: Vec<IpAddr>,
    /// A command that shows it, at the first of them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub run: String,
}

/// All of them, as they come.
#[derive(Default)]
pub(super) struct Faults(BTreeMap<(std::cmp::Reverse<Grade>, CheckId), Kept>);

#[derive(Default)]
struct Kept {
    count: u64,
    some: BTreeMap<IpAddr, Example>,
}

/// What one address shows of a fault.
struct Example {
    why: String,
    run: String,
    name: String,
}

impl Faults {
    pub fn add(&mut self, identity: &Identity) {
        let address = identity.subject.address;
        for check in identity.checks.iter().filter(|check| check.grade != Grade::Pass) {
            let kept = self.0.entry((std::cmp::Reverse(check.grade), check.id)).or_default();
            kept.count += 1;
            if kept.some.len() < MOST_NAMED
                || kept.some.last_key_value().is_some_and(|(last, _)| address < *last)
            {
                kept.some.insert(address, example(identity, check));
            }
            if kept.some.len() > MOST_NAMED {
                kept.some.pop_last();
            }
        }
    }

    /// The worst first; of one grade, in the order of checks.
    pub fn finish(self) -> Vec<Fault> {
        let fault = |((grade, check), kept): (_, Kept)| {
            let std::cmp::Reverse(grade) = grade;
            let Kept { count, some } = kept;
            let (address, first) = some.first_key_value().expect("who was counted first is kept");
            let what = match count {
                1 if first.why.contains(&address.to_string()) => first.why.clone(),
                1 => format!("{address}: {}", first.why),
                _ => several(check, grade, count),
            };
            Fault {
                check,
                grade,
                what,
                remedy: remedy(check, grade, *address, &first.name),
                addresses: count,
                run: first.run.clone(),
                some: some.into_keys().collect(),
            }
        };
        self.0.into_iter().map(fault).collect()
    }
}

fn example(identity: &Identity, check: &Check) -> Example {
    Example {
        why: check.why.clone(),
        run: check.run.first().cloned().unwrap_or_default(),
        name: identity.names().first().cloned().unwrap_or_default(),
    }
}

/// A fault of several addresses.
fn several(check: CheckId, grade: Grade, count: u64) -> String {
    let of = addresses(count);
    if grade == Grade::Unknown {
        return match check {
            CheckId::PtrPresent => format!("whether {of} have a PTR could not be found out"),
            CheckId::Iprev => format!("whether the names of {of} resolve back could not be found out"),
            CheckId::ResolversAgree => format!("of {of}, a resolver gave no answer to compare"),
            CheckId::NameserversAgree => format!("of {of}, a nameserver does not answer"),
            _ => format!("the check {check} could not be made of {of}"),
        };
    }
    match check {
        CheckId::PtrPresent => format!("{of} have no PTR"),
        CheckId::Iprev => format!("{of} have names that do not resolve back to them"),
        CheckId::AllResolveBack => format!("{of} have several names, of which not all resolve back"),
        CheckId::OneName => format!("{of} have several names"),
        CheckId::Generic => format!("{of} have names that spam filters take for those of households"),
        CheckId::Ttl => format!("{of} have TTLs that are too short or too long"),
        CheckId::HeloResolves => format!("{of} give a name in HELO that does not have the address"),
        CheckId::HeloEqualsPtr => format!("{of} give another name in HELO than that of their PTR"),
        CheckId::BothFamilies => format!("{of} give a name in HELO that lacks an address of one family"),
        CheckId::Dnssec => format!("{of} have answers whose signatures are wrong"),
        CheckId::ResolversAgree => format!("resolvers do not agree on {of}"),
        CheckId::NameserversAgree if grade == Grade::Fail => {
            format!("the nameservers of one zone differ on {of}")
        }
        CheckId::NameserversAgree => format!("a nameserver of {of} does not serve its zone"),
    }
}
