//! What follows from what the receiver wrote.

use super::Believed;
use super::received::{Hop, Reverse, Software, address};
use super::receiver::Receiver;
use super::results::Method;
use crate::message::Head;
use crate::text::clean;
use ptrd_posture::identity::{CheckId, Grade, Subject, canonical};
use ptrd_posture::report;
use ptrd_posture::report::Opinion;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// What a receiver saw of an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The address; absent where the receiver does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// What was seen of its reverse name.
    pub reverse: Reverse,
    /// The rest, as reports have it; verdicts are about a check of an identity, else `tls`, `spf`, `dkim`, `dmarc`.
    #[serde(flatten)]
    pub seen: report::Seen,
}

/// What an address is to be, as its owner has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// The name that it gives in HELO.
    pub helo: Option<String>,
    /// Its PTRs.
    pub names: Vec<String>,
}

/// About whether the address is one that its owner says sends mail.
const KNOWN: &str = "address-expected";
/// About whether the receiver saw the PTR that its owner says.
const PTR: &str = "ptr-expected";

fn opinion(what: impl Into<String>, grade: Grade, why: impl Into<String>) -> Opinion {
    Opinion { what: what.into(), grade, why: why.into() }
}

impl Seen {
    /// What was seen, of this address and its reverse name.
    pub fn of(address: Option<IpAddr>, reverse: Reverse, seen: report::Seen) -> Seen {
        Seen { address, reverse, seen }
    }

    /// How its identity stands: the worst of what is about names. What is beside (TLS, SPF, DKIM, DMARC) is not of it.
    pub fn grade(&self) -> Grade {
        let identity = self
            .seen
            .verdicts
            .iter()
            .filter(|one| !["tls", "spf", "dkim", "dmarc"].contains(&one.what.as_str()));
        identity.map(|one| one.grade).max().unwrap_or(Grade::Unknown)
    }

    /// Adds whether this is as the owner of the address has it; `None`: the owner has no such address.
    pub fn hold_against(&mut self, expected: Option<&Expected>) {
        let Some(expected) = expected else {
            self.seen.verdicts.push(opinion(KNOWN, Grade::Fail, "no sending address is known here by that"));
            return;
        };
        if let Some(wanted) = &expected.helo {
            let (grade, why) = match &self.seen.helo {
                Some(helo) if canonical(helo) == canonical(wanted) => {
                    (Grade::Pass, "as the inventory has it".to_owned())
                }
                Some(helo) => (Grade::Fail, format!("the inventory has {wanted}, and it gave {helo}")),
                None => (
                    Grade::Unknown,
                    format!("the inventory has {wanted}; the receiver does not say which it gave"),
                ),
            };
            self.seen.verdicts.push(opinion(report::HELO_EXPECTED, grade, why));
        }
        if !expected.names.is_empty() {
            let names = expected.names.join(", ");
            let is_ours = |name: &str| expected.names.iter().any(|ours| canonical(ours) == canonical(name));
            let (grade, why) = match (self.reverse.name(), &self.reverse) {
                (Some(name), _) if is_ours(name) => (Grade::Pass, "as it is set".to_owned()),
                (Some(name), _) => (Grade::Fail, format!("{names} is set, and the receiver saw {name}")),
                (None, Reverse::Absent) => {
                    (Grade::Fail, format!("{names} is set, and the receiver saw none"))
                }
                (None, _) => {
                    (Grade::Unknown, format!("{names} is set; the receiver does not say what it saw"))
                }
            };
            self.seen.verdicts.push(opinion(PTR, grade, why));
        }
    }
}

/// What the receiver saw.
pub(super) fn seen(receiver: &Receiver, hop: &Hop, head: &Head, believed: &Believed) -> Seen {
    let front = microsoft(receiver, hop, head);
    let helo = hop.helo.clone().or_else(|| front.as_ref().and_then(|front| front.helo.clone()));
    let (reverse, iprev) = reverse(hop, front.as_ref(), believed);
    let mut verdicts = Vec::new();
    verdicts.extend(ptr_present(&reverse, hop));
    verdicts.extend(iprev);
    verdicts.extend(helo_equals_ptr(helo.as_deref(), &reverse));
    verdicts.extend(tls(hop));
    verdicts.extend(beside(believed));
    let seen =
        report::Seen { source: receiver.name.clone(), at: hop.at, helo, text: String::new(), verdicts };
    let mut seen = Seen::of(hop.address, reverse, seen);
    seen.seen.text = sentence(&seen, hop);
    seen
}

/// What Microsoft says in a field of its own.
struct Front {
    helo: Option<String>,
    reverse: Reverse,
}

/// `X-Forefront-Antispam-Report`, if it is about this hop: what others send under that name is given another by Exchange Online.
fn microsoft(receiver: &Receiver, hop: &Hop, head: &Head) -> Option<Front> {
    if receiver.name != "Microsoft" {
        return None;
    }
    let of = |text: &str, key: &str| {
        let value = text.split(';').find_map(|item| item.trim().strip_prefix(key));
        value.map(str::trim).filter(|value| !value.is_empty()).map(clean)
    };
    let reports = head.fields().iter().filter(|field| field.name == "x-forefront-antispam-report");
    let about =
        |text: &&str| hop.address.is_some() && of(text, "CIP:").and_then(|cip| address(&cip)) == hop.address;
    let text = reports.map(|field| field.value.as_str()).find(about)?;
    let reverse = match of(text, "PTR:") {
        None => Reverse::Unsaid,
        // InfoDomainNonexistent, InfoNoRecords.
        Some(word) if word.starts_with("Info") && !word.contains('.') => Reverse::Absent,
        Some(word) if word.contains('.') => Reverse::Named(word),
        Some(_) => Reverse::Unsaid,
    };
    Some(Front { helo: of(text, "H:"), reverse })
}

/// The reverse name, and whether it resolves back.
fn reverse(hop: &Hop, front: Option<&Front>, believed: &Believed) -> (Reverse, Option<Opinion>) {
    let about = |method: &&Method| {
        let said = ["policy.iprev", "smtp.remote-ip"].iter().find_map(|name| method.property(name));
        // One that names another address is about another hop.
        said.and_then(address).is_none_or(|said| Some(said) == hop.address)
    };
    let result = believed.method("iprev").filter(about);
    let ptr = believed.method("x-ptr");
    let mut found = match front {
        Some(front) if front.reverse != Reverse::Unsaid => front.reverse.clone(),
        _ => hop.reverse.clone(),
    };
    let looked_up = ptr.and_then(|ptr| ptr.property("policy.ptr").or_else(|| ptr.property("x-ptr-lookup")));
    let remark = result.and_then(|result| result.remark.split(' ').next());
    let name = remark
        .filter(|name| name.contains('.') && address(name).is_none())
        .or(looked_up)
        .filter(|name| !name.is_empty());
    if let (Some(name), Reverse::Unsaid | Reverse::Unconfirmed(None)) = (name, &found) {
        found = Reverse::Named(name.to_owned());
    }
    let Some(result) = result else {
        let said = match &found {
            Reverse::Confirmed(name) => {
                Some((Grade::Pass, format!("{name} has the address, as the receiver found")))
            }
            Reverse::Unconfirmed(Some(name)) => {
                Some((Grade::Fail, format!("{name} has not the address, as the receiver found")))
            }
            Reverse::Unconfirmed(None) => {
                Some((Grade::Fail, "the receiver found no name that has the address (`unknown`)".to_owned()))
            }
            Reverse::Unsaid | Reverse::Absent | Reverse::Named(_) => None,
        };
        return (found, said.map(|(grade, why)| opinion(CheckId::Iprev.word(), grade, why)));
    };
    let found = match (result.result.as_str(), found) {
        ("pass", Reverse::Named(name)) => Reverse::Confirmed(name),
        ("fail", Reverse::Named(name)) => Reverse::Unconfirmed(Some(name)),
        // RFC 8601 §2.7.3 has it for an address without a PTR.
        ("permerror", Reverse::Unsaid | Reverse::Unconfirmed(None)) => Reverse::Absent,
        // So Fastmail has it.
        (_, Reverse::Unsaid | Reverse::Unconfirmed(None)) if result.remark == "NOT FOUND" => Reverse::Absent,
        ("fail", Reverse::Unsaid) => Reverse::Unconfirmed(None),
        (_, found) => found,
    };
    let remark = if result.remark.is_empty() { String::new() } else { format!(" ({})", result.remark) };
    let why = format!("the receiver has iprev={}{remark}", result.result);
    (found, Some(opinion(CheckId::Iprev.word(), grade(&result.result), why)))
}

fn ptr_present(reverse: &Reverse, hop: &Hop) -> Option<Opinion> {
    let (grade, why) = match reverse {
        Reverse::Absent => (Grade::Fail, "the receiver saw no name of the address".to_owned()),
        Reverse::Confirmed(name) | Reverse::Named(name) | Reverse::Unconfirmed(Some(name)) => {
            (Grade::Pass, format!("the receiver saw {name}"))
        }
        Reverse::Unsaid if hop.software == Some(Software::Exim) => (
            Grade::Unknown,
            "Exim shows no name: there is none, it does not resolve back, or none was looked up".to_owned(),
        ),
        Reverse::Unsaid | Reverse::Unconfirmed(None) => return None,
    };
    Some(opinion(CheckId::PtrPresent.word(), grade, why))
}

fn helo_equals_ptr(helo: Option<&str>, reverse: &Reverse) -> Option<Opinion> {
    let helo = helo?;
    let subject = Subject { helo: Some(helo.to_owned()), ..Subject::new(IpAddr::from([0, 0, 0, 0])) };
    let what = CheckId::HeloEqualsPtr.word();
    match (subject.helo_name()?, reverse.name()) {
        (Err(wrong), _) => Some(opinion(what, Grade::Warn, format!("HELO: “{helo}” {wrong}"))),
        (Ok(name), Some(ptr)) if name == canonical(ptr) => {
            Some(opinion(what, Grade::Pass, format!("HELO gave {helo}")))
        }
        (Ok(_), Some(ptr)) => {
            Some(opinion(what, Grade::Warn, format!("HELO gave {helo}, and the address is {ptr}")))
        }
        (Ok(_), None) => None,
    }
}

fn tls(hop: &Hop) -> Option<Opinion> {
    let with = hop.with.as_deref().unwrap_or_default().to_ascii_lowercase();
    // RFC 3848: ESMTPS, ESMTPSA, UTF8SMTPS; Yahoo and others write them in lower case, or `SMTPs`.
    let says_so = with.starts_with("esmtps") || with == "smtps" || with.starts_with("utf8smtps");
    match &hop.tls {
        Some(version) => Some(opinion("tls", Grade::Pass, version.clone())),
        None if says_so => Some(opinion("tls", Grade::Pass, format!("with {with}"))),
        None if ["smtp", "esmtp", "utf8smtp"].contains(&with.as_str()) => {
            Some(opinion("tls", Grade::Warn, "in the clear"))
        }
        None => None,
    }
}

/// SPF, DKIM and DMARC.
fn beside(believed: &Believed) -> Vec<Opinion> {
    let mut found = Vec::new();
    for name in ["spf", "dkim", "dmarc"] {
        if let Some(method) = believed.method(name) {
            let of = ["smtp.mailfrom", "smtp.mail", "header.d", "header.i", "header.from"];
            let of = of
                .iter()
                .find_map(|name| method.property(name))
                .map(|of| format!(", for {of}"))
                .unwrap_or_default();
            found.push(opinion(name, grade(&method.result), format!("{name}={}{of}", method.result)));
        } else if let (Some(text), "spf") = (&believed.spf, name) {
            let result = clean(text.split([' ', '(']).next().unwrap_or_default()).to_ascii_lowercase();
            found.push(opinion(name, grade(&result), format!("spf={result} (Received-SPF)")));
        }
    }
    found
}

/// Results of RFC 8601 §2.7, as grades.
fn grade(result: &str) -> Grade {
    match result {
        "pass" => Grade::Pass,
        "fail" | "hardfail" | "permerror" | "policy" => Grade::Fail,
        "softfail" | "neutral" | "none" | "bestguesspass" => Grade::Warn,
        _ => Grade::Unknown,
    }
}

fn sentence(seen: &Seen, hop: &Hop) -> String {
    let from =
        seen.address.map_or("an address that it does not say".to_owned(), |address| address.to_string());
    let helo =
        seen.seen.helo.as_ref().map(|helo| format!(", which called itself {helo}")).unwrap_or_default();
    let reverse = match &seen.reverse {
        Reverse::Unsaid => "it says nothing of its reverse name".to_owned(),
        Reverse::Absent => "it has no reverse name".to_owned(),
        Reverse::Unconfirmed(None) => "it has no reverse name that resolves back".to_owned(),
        Reverse::Unconfirmed(Some(name)) => format!("its reverse name {name} does not resolve back"),
        Reverse::Named(name) => format!("its reverse name is {name}"),
        Reverse::Confirmed(name) => format!("its reverse name {name} resolves back"),
    };
    let by = hop
        .by
        .as_deref()
        .filter(|by| *by != seen.seen.source)
        .map(|by| format!(" ({by})"))
        .unwrap_or_default();
    format!("{}{by} took it from {from}{helo}; {reverse}", seen.seen.source)
}
