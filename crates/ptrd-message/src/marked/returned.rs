//! What came back: messages that mailboxes kept, reports of failures, and answers of services.

use super::letter::Mark;
use crate::inspect::{Opinion, Seen, Trust, inspect};
use crate::message::{Head, Message};
use crate::text::clean;
use ptrd_posture::identity::Grade;
use ptrd_posture::report;
use ptrd_probe::Sighting;
use serde_json::Value;
use std::net::IpAddr;

/// Octets of an answer as JSON that are looked at.
pub const LARGEST_ANSWER: usize = 16 << 20;

/// What became of a message, by something that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It arrived, and this was seen of where it came from.
    Arrived(Box<Seen>),
    /// It arrived, and nothing is said of where it came from.
    Unsaid,
    /// It came back, and this is why.
    Failed(String),
}

/// Something that came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Of which message.
    pub mark: Mark,
    /// What became of it.
    pub kind: Kind,
}

/// Reads a message, or an answer of Mail-Tester as JSON. What has no mark is nothing. A record has [`recorded`].
pub fn evidence(octets: &[u8], trust: &Trust) -> Vec<Evidence> {
    if octets.trim_ascii_start().starts_with(b"{") {
        let answer = (octets.len() <= LARGEST_ANSWER).then(|| serde_json::from_slice(octets).ok()).flatten();
        return answer.and_then(|answer| mail_tester(&answer, trust)).into_iter().collect();
    }
    let message = Message::read(octets);
    if let Some(found) = port25(&message) {
        return found;
    }
    if let Some(mark) = mark_of(&message.head) {
        return vec![Evidence { mark, kind: arrived(&message.head, trust) }];
    }
    failure(&message)
}

fn mark_of(head: &Head) -> Option<Mark> {
    let mark = head.first("x-ptrd-test").and_then(|text| Mark::try_from(text.to_owned()).ok());
    // Some mailboxes keep no fields that they do not know.
    mark.or_else(|| head.first("message-id").and_then(|text| Mark::all_in(text).into_iter().next()))
}

fn arrived(head: &Head, trust: &Trust) -> Kind {
    match inspect(head, trust).seen {
        Some(seen) => Kind::Arrived(Box::new(seen)),
        None => Kind::Unsaid,
    }
}

/// Reads a line of what `ptrd probe` recorded; `None` for what is none. What has no mark is nothing.
pub fn recorded(line: &[u8]) -> Option<Vec<Evidence>> {
    let sighting: Sighting = serde_json::from_slice(line).ok()?;
    let mark = sighting.letter.as_ref().and_then(|letter| letter.mark.clone());
    let mark = mark.and_then(|mark| Mark::try_from(mark).ok());
    let address = sighting.identity.subject.address;
    let seen = || Seen::of(Some(address), crate::Reverse::Unsaid, cleaned(sighting.seen()));
    let evidence = |mark| Evidence { mark, kind: Kind::Arrived(Box::new(seen())) };
    Some(mark.map(evidence).into_iter().collect())
}

/// The record is a file that may come from elsewhere.
fn cleaned(seen: report::Seen) -> report::Seen {
    let verdict = |one: Opinion| Opinion { what: clean(&one.what), why: clean(&one.why), ..one };
    report::Seen {
        source: clean(&seen.source),
        helo: seen.helo.as_deref().map(clean),
        text: clean(&seen.text),
        verdicts: seen.verdicts.into_iter().map(verdict).collect(),
        ..seen
    }
}

/// An answer of Mail-Tester's interface: the message as it came is in it, and a verdict of its own.
fn mail_tester(answer: &Value, trust: &Trust) -> Option<Evidence> {
    let raw = &answer["body"]["raw"];
    let raw = raw.as_str().or_else(|| raw["content"].as_str())?;
    let head = Head::read(raw.as_bytes());
    let mark = mark_of(&head)?;
    let mut kind = arrived(&head, trust);
    if let Kind::Arrived(seen) = &mut kind {
        seen.seen.text = format!("Mail-Tester: {}", seen.seen.text);
        seen.seen.source = "Mail-Tester".into();
        seen.seen.verdicts.extend(rdns(&answer["signature"]));
    }
    Some(Evidence { mark, kind })
}

/// What it says of reverse DNS: a test among those of the signature, or among the tests within it.
fn rdns(signature: &Value) -> Option<Opinion> {
    let tests = [signature, &signature["subtests"]];
    let (_, test) = tests
        .into_iter()
        .filter_map(Value::as_object)
        .flatten()
        .find(|(name, _)| name.eq_ignore_ascii_case("rdns"))?;
    let grade = match test["statusClass"].as_str()? {
        "success" => Grade::Pass,
        "failure" => Grade::Fail,
        "warning" => Grade::Warn,
        _ => Grade::Unknown,
    };
    Some(Opinion { what: "rdns".into(), grade, why: clean(test["title"].as_str().unwrap_or_default()) })
}

/// A report of the verifier of port25 (`check-auth@verifier.port25.com`): lines of names and values.
fn port25(message: &Message) -> Option<Vec<Evidence>> {
    let text =
        message.texts.iter().find(|text| text.contains("HELO hostname:") && text.contains("Source IP:"))?;
    let value = |name: &str| {
        let of = |line: &str| line.trim().replace('"', "").strip_prefix(name).map(clean);
        text.lines().find_map(of).filter(|value| !value.is_empty())
    };
    let address: Option<IpAddr> = value("Source IP:").and_then(|text| text.parse().ok());
    let helo = value("HELO hostname:");
    let mut verdicts = Vec::new();
    for (name, what) in [("iprev check:", "iprev"), ("SPF check:", "spf"), ("DKIM check:", "dkim")] {
        if let Some(result) = value(name) {
            let grade = match result.split(' ').next() {
                Some("pass") => Grade::Pass,
                Some("fail" | "permerror") => Grade::Fail,
                Some("temperror") => Grade::Unknown,
                _ => Grade::Warn,
            };
            verdicts.push(Opinion { what: what.into(), grade, why: format!("{what}={result}") });
        }
    }
    let called = helo.as_ref().map(|helo| format!(", which called itself {helo}")).unwrap_or_default();
    let from = address.map_or("an address that it does not say".to_owned(), |address| address.to_string());
    let seen = report::Seen {
        source: "port25".into(),
        at: message.head.first("date").and_then(crate::message::date),
        helo,
        text: format!("port25 took it from {from}{called}"),
        verdicts,
    };
    let seen = Seen::of(address, crate::Reverse::Unsaid, seen);
    let marks = message
        .head
        .fields()
        .iter()
        .filter(|field| matches!(field.name.as_str(), "in-reply-to" | "references"));
    let mut found: Vec<Mark> = marks.flat_map(|field| Mark::all_in(&field.value)).collect();
    // The report ends with the message that it is about.
    if found.is_empty() {
        found = message.texts.iter().flat_map(|text| Mark::all_in(text)).collect();
    }
    found.truncate(1);
    Some(
        found
            .into_iter()
            .map(|mark| Evidence { mark, kind: Kind::Arrived(Box::new(seen.clone())) })
            .collect(),
    )
}

/// A report that a message could not be delivered (RFC 3464), with that message in it. Reports that it is late, was delivered or
/// read, or that somebody complains of it have the same form, and are none.
fn failure(message: &Message) -> Vec<Evidence> {
    let is_report = message
        .head
        .first("content-type")
        .is_some_and(|text| text.to_ascii_lowercase().starts_with("multipart/report"));
    let Some(why) = message.texts.iter().filter(|_| is_report).find_map(|text| why_failed(text)) else {
        return Vec::new();
    };
    let mut marks: Vec<Mark> = message.texts.iter().flat_map(|text| Mark::all_in(text)).collect();
    marks.dedup();
    marks.truncate(1);
    marks.into_iter().map(|mark| Evidence { mark, kind: Kind::Failed(why.clone()) }).collect()
}

/// Why a recipient did not get it, if this is a status that says so: a group of fields for the message, and one for each recipient
/// (RFC 3464 §2.1).
fn why_failed(text: &str) -> Option<String> {
    fn field<'a>(lines: &[&'a str], name: &str) -> Option<&'a str> {
        lines.iter().find_map(|line| crate::text::strip_start(line.trim(), name)).map(str::trim)
    }
    let lines: Vec<&str> = text.trim_start().lines().collect();
    let mut groups = lines.split(|line| line.trim().is_empty());
    field(groups.next()?, "Reporting-MTA:")?;
    let has_failed = |group: &&[&str]| {
        let action = field(group, "Action:").and_then(|action| action.split([' ', '(', '\t']).next());
        action.is_some_and(|action| action.eq_ignore_ascii_case("failed"))
    };
    let failed = groups.find(has_failed)?;
    Some(field(failed, "Diagnostic-Code:").map_or("it does not say why".to_owned(), clean))
}
