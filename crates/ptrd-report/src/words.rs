//! Words and signs that all forms of a report have in common. Templates hand over what is theirs by reference, so what is small
//! is taken either way.

use crate::Report;
use ptrd_posture::identity::{CheckId, Grade, Observation, Source, socket};
use ptrd_posture::report::{
    Entry, Fault, Finding, Group, Judged, Nameserver, RegistryNote, Rule, RuleKind, Ruling, Square,
    ZoneFinding,
};
use ptrd_posture::rir::check::{Level, ServerState};
use std::borrow::Borrow;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// A moment, as people and programs read it alike.
pub(crate) fn moment(at: impl Borrow<i64>) -> String {
    let at = *at.borrow();
    match jiff::Timestamp::from_millisecond(at) {
        Ok(at) => at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        Err(_) => format!("{at} ms"),
    }
}

/// The same, where it is known.
pub(crate) fn when(at: &Option<i64>) -> String {
    at.map_or("at a time that is not said".to_owned(), moment)
}

/// What tells grades apart for who tells no colours apart.
pub(crate) fn sign(grade: impl Borrow<Grade>) -> &'static str {
    match grade.borrow() {
        Grade::Pass => "✓",
        Grade::Warn => "!",
        Grade::Unknown => "?",
        Grade::Fail => "✗",
    }
}

/// What a grade means.
pub(crate) fn meaning(grade: Grade) -> &'static str {
    match grade {
        Grade::Pass => "as it should be",
        Grade::Warn => "could be better",
        Grade::Unknown => "could not be found out",
        Grade::Fail => "receivers will hold it against the address",
    }
}

/// What a check is called by people.
pub(crate) fn called(check: impl Borrow<CheckId>) -> &'static str {
    match check.borrow() {
        CheckId::PtrPresent => "Has a PTR",
        CheckId::Iprev => "Name resolves back",
        CheckId::AllResolveBack => "All names resolve back",
        CheckId::OneName => "One name",
        CheckId::Generic => "Name is not generic",
        CheckId::Ttl => "TTL",
        CheckId::HeloResolves => "HELO name resolves",
        CheckId::HeloEqualsPtr => "HELO is the PTR's name",
        CheckId::BothFamilies => "Both families",
        CheckId::Dnssec => "DNSSEC",
        CheckId::ResolversAgree => "Resolvers agree",
        CheckId::NameserversAgree => "Nameservers agree",
    }
}

/// Grades with how many addresses have each, the worst first; those that none has are left out but for the best.
pub(crate) fn counts(report: &Report) -> Vec<(Grade, u64)> {
    let count = |grade: Grade| (grade, report.summary.addresses.get(&grade).copied().unwrap_or(0));
    let worst_first = Grade::ALL.into_iter().rev().map(count);
    worst_first.collect()
}

/// `fail ptr-present, warn ttl`.
pub(crate) fn listed(findings: &[Finding]) -> String {
    findings.iter().map(|(check, grade)| format!("{grade} {check}")).collect::<Vec<_>>().join(", ")
}

/// Faults that the summary names, so that it is a page at most.
const MOST_IN_SUMMARY: usize = 6;
/// What a report is about, and who was asked, at its head.
const MOST_AT_HEAD: usize = 4;

/// The faults that the summary names: the worst, and of one grade those of most addresses.
pub(crate) fn heaviest(report: &Report) -> Vec<&Fault> {
    let mut all: Vec<&Fault> = report.faults.iter().collect();
    all.sort_by_key(|fault| (Reverse(fault.grade), Reverse(fault.addresses)));
    all.truncate(MOST_IN_SUMMARY);
    all
}

/// How many more there are, where the summary does not name all.
pub(crate) fn further(report: &Report) -> Option<String> {
    let more = report.faults.len().saturating_sub(MOST_IN_SUMMARY);
    (more > 0).then(|| format!("{more} more, in the list below."))
}

/// `1 address`, `2 addresses`.
pub(crate) fn addresses(n: impl Borrow<u64>) -> String {
    let n = *n.borrow();
    format!("{n} {}", if n == 1 { "address" } else { "addresses" })
}

/// What is wrong, as much of it as stands in the summary.
pub(crate) fn brief(text: &str) -> String {
    cut(text, 120)
}

fn cut(text: &str, longest: usize) -> String {
    let text = ptrd_escape::one_line(text);
    match text.char_indices().nth(longest) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

/// What a report is about, or who was asked, as much of it as stands at its head.
fn at_head(of: impl ExactSizeIterator<Item = String>) -> String {
    let total = of.len() as u64;
    let named: Vec<String> = of.take(MOST_AT_HEAD).map(|text| cut(&text, 48)).collect();
    some(&named, total)
}

/// What a report is about.
pub(crate) fn about(report: &Report) -> String {
    at_head(report.of.iter().cloned())
}

/// Who was asked.
pub(crate) fn asked(report: &Report) -> String {
    at_head(report.asked.sources.iter().map(source))
}

/// `192.0.2.1, 192.0.2.7 and 4 more`, of things of which some are named.
pub(crate) fn some(of: &[impl ToString], total: impl Borrow<u64>) -> String {
    let named: Vec<String> = of.iter().map(ToString::to_string).collect();
    let more = total.borrow().saturating_sub(named.len() as u64);
    if more == 0 { named.join(", ") } else { format!("{} and {more} more", named.join(", ")) }
}

/// A source, with where it is.
pub(crate) fn source(source: &Source) -> String {
    match source.address {
        Some(at) if source.name == socket(at) => source.name.clone(),
        Some(at) => format!("{} ({})", source.name, socket(at)),
        None => "the nameservers themselves, from the root down".to_owned(),
    }
}

/// The first ranges of a group; each address has a line of its own besides.
pub(crate) fn ranges(group: &Group) -> String {
    const SHOWN: usize = 12;
    let total = (group.ranges.len() as u64).saturating_add(group.more_ranges);
    some(&group.ranges[..group.ranges.len().min(SHOWN)], total)
}

/// What came out of a group, in words.
pub(crate) fn outcome(group: &Group) -> String {
    let sends = match group.sending {
        Some(true) => "",
        Some(false) => "; no mail leaves from them",
        None => "",
    };
    let what = match group.findings.as_slice() {
        [] if group.grade == Grade::Pass => "all checks pass".to_owned(),
        [] => "other combinations".to_owned(),
        findings => listed(findings),
    };
    format!("{what}{sends}")
}

/// The rules that an address was judged by and does not satisfy, and who makes those that it does.
pub(crate) fn stands_to<'a>(
    report: &'a Report,
    entry: &'a Entry,
) -> (Vec<(&'a Judged, &'a Rule)>, Vec<&'a str>) {
    let rule = |judged: &Judged| report.rules.iter().find(|rule| rule.id == judged.rule);
    let all = entry.rules.iter().filter_map(|judged| Some((judged, rule(judged)?)));
    let (well, others): (Vec<_>, Vec<_>) = all.partition(|(judged, _)| judged.ruling == Ruling::Satisfied);
    (others, well.into_iter().map(|(_, rule)| rule.who.as_str()).collect())
}

/// What a kind of rules is called.
pub(crate) fn kind(kind: RuleKind) -> &'static str {
    match kind {
        RuleKind::Receiver => "Receivers",
        RuleKind::Software => "Standards and mail servers",
        RuleKind::Filter => "Spam filters",
    }
}

/// Codes, or points, or neither.
pub(crate) fn price(rule: &Rule) -> String {
    match (rule.codes.as_slice(), rule.points.as_str()) {
        ([], "") => "no code of its own".to_owned(),
        ([], points) => format!("{points} points"),
        (codes, _) => codes.join(", "),
    }
}

/// What it costs an address to break a rule: codes, or the points that it gets.
pub(crate) fn price_of(rule: &Rule, judged: &Judged) -> String {
    if judged.points.is_empty() { price(rule) } else { format!("{} points", judged.points) }
}

/// How grave a finding of a zone is.
pub(crate) fn gravity(finding: &ZoneFinding) -> Grade {
    match finding.level {
        Some(level) if level >= Level::Error => Grade::Fail,
        Some(level) if level < Level::Warning => Grade::Pass,
        _ => Grade::Warn,
    }
}

/// What a cell of a map stands for, in words.
pub(crate) fn parts(square: &Square) -> String {
    match (square.part, square.range.contains(':')) {
        (32, false) | (128, true) => "each cell is an address".to_owned(),
        (length, _) => format!("each cell is a /{length}, with the worst grade in it"),
    }
}

/// The command that asks again what was asked.
pub(crate) fn again(observation: &Observation) -> String {
    ptrd_posture::identity::again(observation)
}

/// How long an answer took.
pub(crate) fn took(observation: &Observation) -> String {
    format!("{} ms", observation.took)
}

/// How a server stands to its zone.
pub(crate) fn standing(server: &ServerState) -> (Grade, String) {
    match (server.asked, server.answers, server.authoritative) {
        (false, ..) if server.aside => (Grade::Unknown, "not asked any more: it did not answer".to_owned()),
        (false, ..) => (Grade::Unknown, "not asked: no way there".to_owned()),
        (_, false, _) => (Grade::Fail, "does not answer".to_owned()),
        (_, _, false) => (Grade::Fail, "lame: it does not have the zone".to_owned()),
        _ => {
            let serial = server.serial.map(|serial| format!(", serial {serial}")).unwrap_or_default();
            (Grade::Pass, format!("serves the zone{serial}"))
        }
    }
}

/// How a rule stands, with all addresses.
pub(crate) fn worst(rule: &Rule) -> Grade {
    match (rule.broken, rule.open) {
        (0, 0) => Grade::Pass,
        (0, _) => Grade::Unknown,
        _ => Grade::Fail,
    }
}

/// How answers are signed, as far as that occurs: the grade, what it is, and how many addresses.
pub(crate) fn signatures(report: &Report) -> Vec<(Grade, &'static str, u64)> {
    let of = &report.signatures;
    let all = [
        (Grade::Pass, "signed, and valid throughout", of.signed),
        (Grade::Pass, "signed in part, and valid", of.partly),
        (Grade::Pass, "not signed, which is no fault", of.unsigned),
        (Grade::Fail, "signed wrongly: resolvers that validate have no answer", of.wrong),
        (Grade::Unknown, "not known: no resolver had an answer", of.unasked),
    ];
    all.into_iter().filter(|(.., n)| *n > 0).collect()
}

/// How a nameserver stands.
pub(crate) fn stands(server: &Nameserver) -> Grade {
    match (server.lame, server.silent) {
        (0, 0) => Grade::Pass,
        (0, _) => Grade::Unknown,
        _ => Grade::Fail,
    }
}

/// Texts with commas between.
pub(crate) fn joined(texts: &BTreeSet<String>) -> String {
    texts.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The zones at a registry.
pub(crate) fn zones(note: &RegistryNote) -> String {
    some(&note.zones, (note.zones.len() as u64).saturating_add(note.more_zones))
}

/// A sentence in which commands stand in backticks, in pieces: text, and whether it is a command.
pub(crate) fn pieces(text: &str) -> Vec<(String, bool)> {
    let pieces = text.split('`').enumerate().map(|(nth, piece)| (piece.to_owned(), nth % 2 == 1));
    pieces.filter(|(piece, _)| !piece.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_utc() {
        assert_eq!(moment(1_790_000_000_123), "2026-09-21 14:13:20 UTC");
        assert_eq!(moment(i64::MAX), format!("{} ms", i64::MAX));
    }

    #[test]
    fn commands_in_a_sentence_are_told_apart() {
        let told: Vec<(String, bool)> = pieces("Set it: `ptrctl ptr set`. Then look.");
        let told: Vec<(&str, bool)> = told.iter().map(|(text, code)| (text.as_str(), *code)).collect();
        assert_eq!(told, [("Set it: ", false), ("ptrctl ptr set", true), (". Then look.", false)]);
    }

    #[test]
    fn some_are_named_and_the_rest_counted() {
        assert_eq!(some(&["a", "b"], 2), "a, b");
        let note = RegistryNote {
            zones: vec!["a.".to_owned(), "b.".to_owned()],
            more_zones: u64::MAX,
            ..serde_json::from_str(r#"{"registry":"RIPE NCC","facts":[]}"#).expect("a note")
        };
        assert_eq!(zones(&note), format!("a., b. and {} more", u64::MAX - 2));
        assert_eq!(some(&["a", "b"], 7), "a, b and 5 more");
    }
}
