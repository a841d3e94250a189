//! What was seen of a client, and what it is told.

use crate::session::{Client, Letter};
use ptrd_posture::identity::{CheckId, Grade, Identity};
use ptrd_posture::report::{Opinion, Seen};
use serde::{Deserialize, Serialize};

/// The version of [`Sighting`] as JSON.
pub const FORMAT: u32 = 1;
/// Octets of a line of an answer (RFC 5321 §4.5.3.1.5), without its code and its end.
const LONGEST_LINE: usize = 500;
/// Lines of an answer at most.
const MOST_LINES: usize = 20;

/// A message that came, or a client that left without one; a line of JSON each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// [`FORMAT`].
    pub format: u32,
    /// When, milliseconds since 1970 UTC.
    pub at: i64,
    /// What the client said of itself.
    pub client: Client,
    /// The message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub letter: Option<Letter>,
    /// The address that it came from, and how that stands.
    pub identity: Identity,
}

impl Sighting {
    /// The same for a report: what was seen of the address, and what follows.
    pub fn seen(&self) -> Seen {
        let Sighting { client, letter, identity, .. } = self;
        let hello = if client.extended { "EHLO" } else { "HELO" };
        let name = client.helo.as_deref().unwrap_or("without a name");
        let tls = client.tls.as_deref().map_or("without TLS".to_owned(), |version| format!("over {version}"));
        let came = match letter {
            Some(letter) => format!("a message from <{}> came", letter.from),
            None => "no message came".to_owned(),
        };
        let of_check = |id: CheckId| {
            let check = identity.checks.iter().find(|check| check.id == id)?;
            Some(Opinion { what: id.word().to_owned(), grade: check.grade, why: check.why.clone() })
        };
        // Without a PTR there is nothing that could resolve back.
        let iprev = of_check(CheckId::Iprev).or_else(|| of_check(CheckId::PtrPresent));
        let others = [CheckId::HeloResolves, CheckId::HeloEqualsPtr].into_iter().filter_map(of_check);
        let grade = if client.tls.is_some() { Grade::Pass } else { Grade::Warn };
        let spoken = Opinion { what: "tls".to_owned(), grade, why: tls.clone() };
        Seen {
            source: "ptrd probe".to_owned(),
            at: Some(self.at),
            helo: client.helo.clone(),
            text: format!("{hello} {name}, {tls}; {came}"),
            verdicts: iprev.into_iter().chain(others).chain([spoken]).collect(),
        }
    }
}

/// The answer to a message: how its sender is seen, line by line. `kept` says whether it is answered as if it were taken.
pub fn answer(identity: &Identity, kept: bool) -> String {
    let (code, status, last) = match kept {
        true => (250, "2.0.0", "the test is recorded; nothing is delivered"),
        false => (550, "5.7.0", "the test is recorded; nothing is delivered, so this message is refused"),
    };
    let address = identity.subject.address;
    let iprev = match identity.checks.iter().find(|check| check.id == CheckId::Iprev).map(|check| check.grade)
    {
        Some(Grade::Pass | Grade::Warn) => "pass",
        Some(Grade::Fail) => "fail",
        Some(Grade::Unknown) => "temperror",
        None => match identity.checks.iter().find(|check| check.id == CheckId::PtrPresent) {
            Some(check) if check.grade == Grade::Fail => "permerror",
            _ => "temperror",
        },
    };
    let mut lines = vec![format!("iprev={iprev} policy.iprev={address}")];
    let mut checks: Vec<_> = identity.checks.iter().collect();
    checks.sort_by_key(|check| std::cmp::Reverse(check.grade));
    lines.extend(checks.into_iter().map(|check| format!("{}: {}: {}", check.id, check.grade, check.why)));
    lines.truncate(MOST_LINES);
    lines.push(last.to_owned());
    let end = lines.len() - 1;
    let line = |(nth, text): (usize, String)| {
        let dash = if nth == end { ' ' } else { '-' };
        format!("{code}{dash}{status} {}\r\n", plain(&text))
    };
    lines.into_iter().enumerate().map(line).collect()
}

/// Names come from the network: what is not printable ASCII is shown as what it is not.
fn plain(text: &str) -> String {
    let shown = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
    text.replace(['“', '”'], "\"").chars().map(shown).take(LONGEST_LINE).collect()
}
