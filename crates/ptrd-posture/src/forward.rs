//! Forward-confirmed reverse DNS: whether the names that an address has resolve back to it.
//!
//! Two checks, which differ where an address has several names. RFC 8601 §2.7.3 (`iprev`) is content with one that does:
//! [`iprev`]. Receivers may look at any of them, so ours is content when all do: [`verdict`]. What could not be found out
//! (SERVFAIL, a timeout) is neither a success nor a failure.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;

/// What came back when a name was asked for its addresses of one family, aliases followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// These.
    Found(Vec<IpAddr>),
    /// There is no such name (NXDOMAIN).
    NoName,
    /// The name has no address of this family.
    NoAddress,
    /// It could not be found out, and why.
    Unknown(String),
}

/// What one name of an address says of that address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// It has the address.
    Confirmed,
    /// It has others.
    Elsewhere(Vec<IpAddr>),
    /// It does not exist.
    NoName,
    /// It has no address of the family.
    NoAddress,
    /// It could not be found out, and why.
    Unknown(String),
}

impl Target {
    /// What a name says of an address.
    pub fn of(address: IpAddr, lookup: &Lookup) -> Target {
        match lookup {
            Lookup::Found(found) if found.contains(&address) => Target::Confirmed,
            Lookup::Found(found) if found.is_empty() => Target::NoAddress,
            Lookup::Found(found) => Target::Elsewhere(found.clone()),
            Lookup::NoName => Target::NoName,
            Lookup::NoAddress => Target::NoAddress,
            Lookup::Unknown(why) => Target::Unknown(why.clone()),
        }
    }

    /// In words, after the name.
    pub fn said(&self, name: &str, address: IpAddr) -> String {
        let rtype = rtype(address);
        match self {
            Target::Confirmed => format!("{name} has the address {address}"),
            Target::Elsewhere(found) => {
                const SHOWN: usize = 3;
                let shown: Vec<String> = found.iter().take(SHOWN).map(IpAddr::to_string).collect();
                let more = if found.len() > SHOWN { " and others" } else { "" };
                format!("{name} has {}{more}, and not {address}", shown.join(", "))
            }
            Target::NoName => format!("{name} does not exist"),
            Target::NoAddress => format!("{name} has no {rtype} record"),
            Target::Unknown(why) => format!("{name} could not be resolved: {why}"),
        }
    }
}

/// The result of `iprev` (RFC 8601 §2.7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Iprev {
    /// One name at least has the address.
    Pass,
    /// None has.
    Fail,
    /// None has, as far as could be found out.
    TempError,
    /// The address has no name.
    PermError,
}

impl fmt::Display for Iprev {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Iprev::Pass => "pass",
            Iprev::Fail => "fail",
            Iprev::TempError => "temperror",
            Iprev::PermError => "permerror",
        })
    }
}

/// The check that one name is enough for.
pub fn iprev(targets: &[Target]) -> Iprev {
    let is_unknown = |target: &Target| matches!(target, Target::Unknown(_));
    match targets {
        [] => Iprev::PermError,
        targets if targets.contains(&Target::Confirmed) => Iprev::Pass,
        targets if targets.iter().any(is_unknown) => Iprev::TempError,
        _ => Iprev::Fail,
    }
}

/// How it stands with an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// All of its names have it.
    Verified,
    /// Some name does not.
    Failing,
    /// It could not be found out.
    Unknown,
}

impl Verdict {
    /// The word for it in SQL, JSON, metrics and output.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Verified => "verified",
            Verdict::Failing => "failing",
            Verdict::Unknown => "unknown",
        }
    }

    /// The verdict with this word.
    pub fn of_word(word: &str) -> Option<Verdict> {
        [Verdict::Verified, Verdict::Failing, Verdict::Unknown]
            .into_iter()
            .find(|verdict| verdict.word() == word)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The check that all names are needed for. A name that surely fails decides, whatever the others say; no name is a failure.
pub fn verdict(targets: &[Target]) -> Verdict {
    let is_unknown = |target: &Target| matches!(target, Target::Unknown(_));
    let fails = |target: &Target| !is_unknown(target) && *target != Target::Confirmed;
    match targets {
        [] => Verdict::Failing,
        targets if targets.iter().any(fails) => Verdict::Failing,
        targets if targets.iter().any(is_unknown) => Verdict::Unknown,
        _ => Verdict::Verified,
    }
}

/// The record that a name needs for an address, as a line of a master file.
pub fn record(name: &str, address: IpAddr) -> String {
    format!("{name} IN {} {address}", rtype(address))
}

/// The type of the records that hold such addresses.
pub fn rtype(address: IpAddr) -> &'static str {
    if address.is_ipv4() { "A" } else { "AAAA" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn one_name_is_enough_for_iprev_and_all_are_needed_for_ours() {
        let (yes, no) = (Target::Confirmed, Target::NoName);
        let unknown = Target::Unknown("SERVFAIL".into());
        for (targets, any, all) in [
            (vec![], Iprev::PermError, Verdict::Failing),
            (vec![&yes], Iprev::Pass, Verdict::Verified),
            (vec![&no], Iprev::Fail, Verdict::Failing),
            (vec![&unknown], Iprev::TempError, Verdict::Unknown),
            (vec![&yes, &yes], Iprev::Pass, Verdict::Verified),
            (vec![&yes, &no], Iprev::Pass, Verdict::Failing),
            (vec![&yes, &unknown], Iprev::Pass, Verdict::Unknown),
            (vec![&no, &unknown], Iprev::TempError, Verdict::Failing),
        ] {
            let targets: Vec<Target> = targets.into_iter().cloned().collect();
            assert_eq!((iprev(&targets), verdict(&targets)), (any, all), "{targets:?}");
        }
    }

    #[test]
    fn what_a_name_says_of_an_address() {
        let (at, other) = (ip("192.0.2.1"), ip("192.0.2.2"));
        for (lookup, said) in [
            (Lookup::Found(vec![other, at]), "mail.example. has the address 192.0.2.1"),
            (Lookup::Found(vec![other]), "mail.example. has 192.0.2.2, and not 192.0.2.1"),
            (Lookup::Found(vec![]), "mail.example. has no A record"),
            (Lookup::NoName, "mail.example. does not exist"),
            (Lookup::NoAddress, "mail.example. has no A record"),
            (Lookup::Unknown("SERVFAIL".into()), "mail.example. could not be resolved: SERVFAIL"),
        ] {
            assert_eq!(Target::of(at, &lookup).said("mail.example.", at), said);
        }
        assert_eq!(record("mail.example.", ip("2001:db8::1")), "mail.example. IN AAAA 2001:db8::1");
    }
}
