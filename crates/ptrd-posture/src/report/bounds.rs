//! What a report takes in may come from files that somebody else wrote: how much of it is kept.

use super::delegation::ZoneCheck;
use crate::identity::{CheckId, Identity};
use std::collections::BTreeSet;

/// Observations of an address that are kept.
const MOST_OBSERVATIONS: usize = 120;
/// Of each list within an observation, a check or a zone.
const MOST_OF_LIST: usize = 64;
/// What a check says, characters.
pub(super) const LONGEST_WHY: usize = 1_000;
/// A name with its escapes, or a word.
pub(super) const LONGEST_NAME: usize = 1_100;

pub(super) fn cut(mut text: String, longest: usize) -> String {
    if let Some((at, _)) = text.char_indices().nth(longest) {
        text.truncate(at);
        text.push('…');
    }
    text
}

fn short(text: &mut String, longest: usize) {
    *text = cut(std::mem::take(text), longest);
}

/// So many texts, each so long.
fn few(texts: &mut Vec<String>, longest: usize) {
    texts.truncate(MOST_OF_LIST);
    texts.iter_mut().for_each(|text| short(text, longest));
}

fn few_of_set(texts: &mut BTreeSet<String>) {
    *texts =
        std::mem::take(texts).into_iter().take(MOST_OF_LIST).map(|text| cut(text, LONGEST_NAME)).collect();
}

/// An identity.
pub(super) fn identity(mut identity: Identity) -> Identity {
    let subject = &mut identity.subject;
    few(&mut subject.domains, LONGEST_NAME);
    subject.helo.iter_mut().chain(&mut subject.mta).for_each(|text| short(text, LONGEST_NAME));
    identity.observations.truncate(MOST_OBSERVATIONS);
    let kept = identity.observations.len();
    for observation in &mut identity.observations {
        let answer = &mut observation.answer;
        short(&mut observation.source, LONGEST_NAME);
        short(&mut answer.why, LONGEST_WHY);
        answer.addresses.truncate(MOST_OF_LIST);
        few(&mut answer.names, LONGEST_NAME);
        few(&mut answer.aliases, LONGEST_NAME);
        few(&mut answer.notes, LONGEST_WHY);
        observation.servers.truncate(MOST_OF_LIST);
    }
    identity.checks.truncate(CheckId::ALL.len());
    for check in &mut identity.checks {
        check.evidence.retain(|place| *place < kept);
        check.evidence.truncate(MOST_OBSERVATIONS);
        short(&mut check.why, LONGEST_WHY);
        few(&mut check.run, 2 * LONGEST_WHY);
    }
    identity
}

/// A zone.
pub(super) fn zone(mut zone: ZoneCheck) -> ZoneCheck {
    short(&mut zone.zone, LONGEST_NAME);
    few_of_set(&mut zone.delegation);
    few_of_set(&mut zone.ds);
    few(&mut zone.not_asked, LONGEST_NAME);
    zone.servers.truncate(MOST_OF_LIST);
    for server in &mut zone.servers {
        short(&mut server.server, LONGEST_NAME);
        few_of_set(&mut server.ns);
    }
    for finding in &mut zone.findings {
        short(&mut finding.tag, LONGEST_NAME);
        short(&mut finding.what, LONGEST_WHY);
        short(&mut finding.see, 2 * LONGEST_WHY);
        finding.server.iter_mut().for_each(|server| short(server, LONGEST_NAME));
    }
    zone
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Check, Grade, Subject};

    #[test]
    fn lists_of_an_identity_end() {
        let check = Check {
            id: CheckId::Iprev,
            grade: Grade::Fail,
            why: "x".repeat(5_000),
            run: vec!["x".repeat(5_000); 500],
            evidence: vec![0; 500],
        };
        let subject =
            Subject { domains: vec!["x".repeat(5_000); 500], ..Subject::new([192, 0, 2, 1].into()) };
        let text = r#"{"question":{"ptr":"192.0.2.1"},"source":"r","server":null,"at":1,"took":1,"answer":{"outcome":"found","names":[]}}"#;
        let mut observation: crate::identity::Observation =
            serde_json::from_str(text).expect("an observation");
        observation.answer.names = vec!["x".repeat(5_000); 500];
        let many = Identity { subject, checks: vec![check; 100], observations: vec![observation; 200] };
        let kept = identity(many);
        assert_eq!((kept.checks.len(), kept.observations.len()), (CheckId::ALL.len(), MOST_OBSERVATIONS));
        assert_eq!(
            (kept.checks[0].run.len(), kept.checks[0].evidence.len()),
            (MOST_OF_LIST, MOST_OBSERVATIONS)
        );
        assert_eq!(kept.observations[0].answer.names.len(), MOST_OF_LIST);
        assert_eq!(kept.observations[0].answer.names[0].chars().count(), LONGEST_NAME + 1);
        assert_eq!(kept.subject.domains.len(), MOST_OF_LIST);
    }
}
