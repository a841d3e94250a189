//! What a look at the delegation of a zone comes to.

use super::Found;
use crate::identity::{Grade, dig_name};
use crate::rir::check::{Finding, Level, Parent, ServerState, State};
use ptrd_wire::Serial;
use std::collections::BTreeSet;

/// Serials may be apart for so many times as long as another fault before that is confirmed: transfers take their time.
const TRANSFER: i64 = 5;
/// How many things a sentence names.
const MOST_NAMED: usize = 4;
/// Findings that checks of their own are about.
const TOLD_ELSEWHERE: [&str; 4] =
    ["EXTRA_NAME_PARENT", "TOTAL_NAME_MISMATCH", "IS_NOT_AUTHORITATIVE", "MULTIPLE_SOA_SERIALS"];

/// The checks of a delegation, in the order in which they are shown.
pub const DELEGATION_CHECKS: [&str; 7] =
    ["delegated", "ns-set", "serving", "answering", "serials", "signatures", "registry"];

/// What was seen of the delegation of a zone.
#[derive(Clone, Copy, Debug)]
pub struct DelegationLook<'a> {
    /// What the zone above says.
    pub parent: &'a Parent,
    /// Names of nameservers that the zone has here, in lower case without a final dot.
    pub here: &'a BTreeSet<String>,
    /// Its serial here.
    pub serial: u32,
    /// Its nameservers.
    pub state: &'a State,
    /// The same at the look before.
    pub before: Option<&'a State>,
    /// What registries would find.
    pub findings: &'a [Finding],
    /// The least time in which other looks confirm this one, milliseconds.
    pub confirm: i64,
}

/// The checks of a delegation.
pub fn of_delegation(look: &DelegationLook<'_>) -> Vec<Found> {
    let made = [delegated(look), ns_set(look), serving(look), answering(look), serials(look)];
    let mut found: Vec<Found> = made.into_iter().flatten().collect();
    found.extend([signatures(look), registry(look)]);
    found
}

fn check(look: &DelegationLook<'_>, check: &'static str, grade: Grade, why: String) -> Found {
    let apex = dig_name(&look.state.zone);
    let run = match check {
        "delegated" | "ns-set" => vec![format!("dig +trace {apex} NS")],
        "serials" => vec![format!("dig +nssearch {apex}")],
        _ => Vec::new(),
    };
    Found { check, grade, why, run, patience: 0 }
}

fn delegated(look: &DelegationLook<'_>) -> Option<Found> {
    let (grade, why) = match look.parent {
        Parent::Delegates { servers, .. } => {
            let names: Vec<String> = servers.iter().map(|server| server.name.clone()).collect();
            (Grade::Pass, format!("the zone above delegates it to {}", named(&names)))
        }
        Parent::Hidden => (Grade::Pass, "the nameservers of the zone above have the zone as well".to_owned()),
        Parent::Absent(why) => (Grade::Fail, format!("it is delegated to nobody: {why}")),
        Parent::Unknown(why) => (Grade::Unknown, why.clone()),
    };
    Some(check(look, "delegated", grade, why))
}

/// Whether both sides of the cut name the same nameservers (RFC 1034 §4.2.2).
fn ns_set(look: &DelegationLook<'_>) -> Option<Found> {
    let Parent::Delegates { servers, .. } = look.parent else { return None };
    let above: BTreeSet<String> = servers.iter().map(|server| server.name.clone()).collect();
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>();
    let (foreign, missing) = (only(&above, look.here), only(look.here, &above));
    let before = look.before.filter(|before| !before.delegation.is_empty() && before.delegation != above);
    let was = before.map(|before| {
        let names: Vec<String> = before.delegation.iter().cloned().collect();
        format!("; before it was delegated to {}", named(&names))
    });
    let was = was.unwrap_or_default();
    let (grade, why) = match (foreign.is_empty(), missing.is_empty()) {
        (true, true) => (Grade::Pass, "both sides of the cut name the same nameservers".to_owned()),
        (false, _) => (
            Grade::Fail,
            format!("the zone above delegates to {}, which the zone does not name{was}", named(&foreign)),
        ),
        (true, false) => (
            Grade::Warn,
            format!("the zone names {}, to which the zone above does not delegate{was}", named(&missing)),
        ),
    };
    Some(check(look, "ns-set", grade, why))
}

/// Whether nameservers that answer have the zone. One whose copy has expired answers with SERVFAIL.
fn serving(look: &DelegationLook<'_>) -> Option<Found> {
    let answers: Vec<&ServerState> = asked(look).filter(|server| server.answers).collect();
    let lame: Vec<String> = answers
        .iter()
        .filter(|server| !server.authoritative)
        .map(|server| format!("{} does not have the zone, or not any more", server.server))
        .collect();
    let (grade, why) = match (answers.len(), lame.is_empty()) {
        (0, _) => (Grade::Unknown, "no nameserver answers".to_owned()),
        (_, false) => (Grade::Fail, named(&lame)),
        (n, true) => (Grade::Pass, format!("all {n} that answer have the zone")),
    };
    Some(with_dig(check(look, "serving", grade, why), look, |server| server.answers && !server.authoritative))
}

/// Whether all nameservers answer. Where none does, it may be for this host.
fn answering(look: &DelegationLook<'_>) -> Option<Found> {
    let all: Vec<&ServerState> = asked(look).collect();
    let places = |meant: &dyn Fn(&&ServerState) -> bool| -> Vec<String> {
        look.state.servers.iter().filter(meant).map(|server| server.server.clone()).collect()
    };
    let (silent, aside) = (places(&|it| it.asked && !it.answers), places(&|it| it.aside));
    let (grade, why) = match (silent.len(), all.len()) {
        // That one is not asked does not end it that it does not answer.
        (0, 1..) if !aside.is_empty() => {
            (Grade::Unknown, format!("not asked, as there was no answer so often: {}", named(&aside)))
        }
        (_, 0) => (Grade::Unknown, "no nameserver could be asked".to_owned()),
        (0, n) => (Grade::Pass, format!("all {n} addresses of nameservers answer")),
        (silent, n) if silent == n => {
            (Grade::Unknown, "no nameserver answers: that may be for this host".to_owned())
        }
        _ => (Grade::Warn, format!("no answer from {}", named(&silent))),
    };
    Some(with_dig(check(look, "answering", grade, why), look, |server| !server.answers))
}

/// Whether all have the same version. One that is behind, and has moved since the look before, is on its way.
fn serials(look: &DelegationLook<'_>) -> Option<Found> {
    let held: Vec<(&str, u32)> =
        asked(look).filter_map(|server| Some((server.server.as_str(), server.serial?))).collect();
    if held.is_empty() {
        return None;
    }
    let all = held.iter().map(|(_, serial)| *serial).chain([look.serial]);
    let newest = all.reduce(|a, b| if Serial(b).is_after(Serial(a)) { b } else { a })?;
    let has_moved = |server: &str, serial: u32| {
        let before = look.before.and_then(|before| before.servers.iter().find(|old| old.server == server));
        before.is_some_and(|old| old.serial.is_some_and(|old| old != serial))
    };
    let behind: Vec<String> = held
        .iter()
        .filter(|(server, serial)| *serial != newest && !has_moved(server, *serial))
        .map(|(server, serial)| format!("{server} has serial {serial}"))
        .collect();
    let (grade, why) = match behind.is_empty() {
        true => (Grade::Pass, format!("the newest serial is {newest}, and none stays behind")),
        false => (Grade::Warn, format!("the newest serial is {newest}, and {}", named(&behind))),
    };
    let patience = look.confirm.saturating_mul(TRANSFER);
    Some(Found { patience, ..check(look, "serials", grade, why) })
}

fn signatures(look: &DelegationLook<'_>) -> Found {
    let is_open = matches!(look.parent, Parent::Unknown(_) | Parent::Delegates { ds: None, .. });
    let of: Vec<&Finding> = look.findings.iter().filter(|it| it.module == "DNSSEC").collect();
    let (grade, why, run) = worst(&of);
    match grade {
        _ if is_open => {
            let why = "what DS the zone above has could not be found out".to_owned();
            check(look, "signatures", Grade::Unknown, why)
        }
        None => {
            check(look, "signatures", Grade::Pass, "DS and signatures are as validators want them".to_owned())
        }
        Some(grade) => Found { run, ..check(look, "signatures", grade, why) },
    }
}

/// What else a registry would refuse a delegation for. It works nevertheless.
fn registry(look: &DelegationLook<'_>) -> Found {
    let is_told = |it: &Finding| {
        matches!(it.module.as_str(), "DNSSEC" | "BASIC" | "CONNECTIVITY") || TOLD_ELSEWHERE.contains(&it.tag)
    };
    let of: Vec<&Finding> =
        look.findings.iter().filter(|it| it.level >= Level::Error && !is_told(it)).collect();
    let (grade, why, run) = worst(&of);
    match grade {
        None => check(look, "registry", Grade::Pass, "a registry would take it".to_owned()),
        Some(_) => Found {
            run,
            ..check(look, "registry", Grade::Warn, format!("a registry would refuse it now: {why}"))
        },
    }
}

/// The grade of the gravest of some findings, what they say, and what shows it.
fn worst(findings: &[&Finding]) -> (Option<Grade>, String, Vec<String>) {
    let level = findings.iter().map(|it| it.level).max();
    let grade = match level {
        Some(Level::Error | Level::Critical) => Grade::Fail,
        Some(Level::Warning) => Grade::Warn,
        _ => return (None, String::new(), Vec::new()),
    };
    let of: Vec<&&Finding> = findings.iter().filter(|it| Some(it.level) == level).collect();
    let said = |it: &&&Finding| match &it.server {
        Some(server) => format!("{server}: {} ({})", it.what, it.tag),
        None => format!("{} ({})", it.what, it.tag),
    };
    let whys: Vec<String> = of.iter().map(said).collect();
    (Some(grade), named(&whys), of.iter().map(|it| it.see.clone()).collect())
}

fn asked<'a>(look: &DelegationLook<'a>) -> impl Iterator<Item = &'a ServerState> + use<'a> {
    look.state.servers.iter().filter(|server| server.asked)
}

/// Adds what shows it of the servers that are meant.
fn with_dig(found: Found, look: &DelegationLook<'_>, is_meant: impl Fn(&ServerState) -> bool) -> Found {
    let apex = dig_name(&look.state.zone);
    let address =
        |server: &ServerState| server.server.rsplit_once('/').map(|(_, address)| address.to_owned());
    let addresses = asked(look).filter(|server| is_meant(server)).filter_map(address);
    let run = addresses.map(|address| format!("dig +norec {apex} SOA @{address}"));
    Found { run: run.take(MOST_NAMED).collect(), ..found }
}

/// `a; b and 2 more`.
fn named(texts: &[String]) -> String {
    let shown = texts[..texts.len().min(MOST_NAMED)].join(", ");
    match texts.len().saturating_sub(MOST_NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
