//! An address whose identity is looked at, and what to ask about it.

use super::Rules;
use super::answer::{Observation, Question, canonical};
use super::view::View;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// An address, and what is known of its purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The address.
    pub address: IpAddr,
    /// Whether mail leaves from it; `None` where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sending: Option<bool>,
    /// The name that its mail server gives in HELO.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub helo: Option<String>,
    /// The mail server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mta: Option<String>,
    /// The domains that it sends for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// The same HELO name is used from addresses of both families.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub both_families: bool,
}

impl Subject {
    /// An address of which nothing else is known.
    pub fn new(address: IpAddr) -> Subject {
        Subject { address, sending: None, helo: None, mta: None, domains: Vec::new(), both_families: false }
    }

    /// The HELO name in the form of [`canonical`], or what is wrong with it. `None` where none is known.
    ///
    /// # Errors
    /// What is wrong, as the end of a sentence that begins with the name.
    pub fn helo_name(&self) -> Option<Result<String, &'static str>> {
        let helo = self.helo.as_deref()?.trim();
        let name = helo.strip_suffix('.').unwrap_or(helo);
        Some(if name.is_empty() {
            Err("is empty")
        } else if name.starts_with('[') {
            Err("is an address in brackets, and no name")
        } else if name.parse::<IpAddr>().is_ok() {
            Err("is an address, and no name")
        } else if !name.contains('.') {
            Err("has no domain (Rspamd: HFILTER_HELO_NOT_FQDN)")
        } else if name.len() > 253 || name.split('.').any(|label| label.is_empty() || label.len() > 63) {
            Err("is no name of a host: it is too long, or has an empty part")
        } else if !name.bytes().all(|octet| octet.is_ascii_alphanumeric() || b".-_".contains(&octet)) {
            Err("is no name of a host: letters, digits, hyphens and dots")
        } else {
            Ok(canonical(name))
        })
    }
}

/// Finds out which HELO names are used from addresses of both families.
pub fn pair(subjects: &mut [Subject]) {
    let mut families: BTreeMap<String, [bool; 2]> = BTreeMap::new();
    for subject in subjects.iter() {
        if let Some(helo) = &subject.helo {
            families.entry(canonical(helo)).or_default()[usize::from(subject.address.is_ipv6())] = true;
        }
    }
    for subject in subjects {
        let both = |helo: &String| families.get(&canonical(helo)) == Some(&[true; 2]);
        subject.both_families = subject.helo.as_ref().is_some_and(both);
    }
}

/// What to ask first, of each source.
pub fn questions(subject: &Subject) -> Vec<Question> {
    let mut asked = vec![Question::Ptr(subject.address)];
    if let Some(Ok(helo)) = subject.helo_name() {
        asked.push(Question::back(&helo, subject.address));
        if subject.both_families {
            asked.push(other_family(&helo, subject.address));
        }
    }
    asked
}

/// What to ask when the answers to [`questions`] are there: the addresses of the names of the address, whoever gave them, as far
/// as they were not asked for yet.
pub fn further_questions(subject: &Subject, observations: &[Observation], rules: &Rules) -> Vec<Question> {
    let view = View::of(observations, &Question::Ptr(subject.address));
    // What counts comes first, then what others say.
    let chosen = view.answer().into_iter();
    let others = view.all.iter().map(|(_, observation)| &observation.answer);
    let mut asked: Vec<Question> = Vec::new();
    for answer in chosen.chain(others) {
        for name in answer.names.iter().take(rules.most_names) {
            let question = Question::back(name, subject.address);
            let is_known = observations.iter().any(|observation| observation.question == question);
            if !is_known && !asked.contains(&question) && asked.len() < 2 * rules.most_names {
                asked.push(question);
            }
        }
    }
    asked
}

/// The addresses of a name that are of the other family.
pub(super) fn other_family(name: &str, address: IpAddr) -> Question {
    if address.is_ipv4() { Question::Aaaa(canonical(name)) } else { Question::A(canonical(name)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helo_names_are_names_of_hosts() {
        let mut subject = Subject::new("192.0.2.1".parse().expect("an address"));
        assert_eq!(subject.helo_name(), None);
        let mut of = |helo: &str| {
            subject.helo = Some(helo.to_owned());
            subject.helo_name()
        };
        assert_eq!(of("Mail.Example.com"), Some(Ok("mail.example.com.".to_owned())));
        assert_eq!(of(" mail.example.com. "), Some(Ok("mail.example.com.".to_owned())));
        let long = format!("{}.example.com", "a".repeat(64));
        for bad in ["", ".", "[192.0.2.1]", "192.0.2.1", "2001:db8::1", "localhost", "a..b", "a b.c", &long] {
            assert!(matches!(of(bad), Some(Err(_))), "{bad}");
        }
    }
}
