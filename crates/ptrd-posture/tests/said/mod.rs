//! Observations as text, for tests: a line each.
//!
//! A case begins with `== its name`. Then come `address`, `helo`, `sending`, `domains`, `both-families`, and what was said, a line
//! each: `SOURCE ptr SAID`, `SOURCE a NAME SAID`. SAID is `= NAME|ADDRESS…`, `nxdomain`, `nodata`, `broken WHY` or `unknown WHY`,
//! and before it may stand `ad`, `bogus`, `ttl=N`, `dropped=N`, `note=TEXT`. `ns ZONE NAME ADDRESS serves|lame|silent SAID` is a
//! nameserver of the observation above it.
#![allow(dead_code, missing_docs)]

use ptrd_posture::identity::{
    Answer, Identity, Observation, Outcome, Question, Rules, Served, Service, Subject, canonical,
};
use std::net::{IpAddr, SocketAddr};

pub fn address(text: &str) -> IpAddr {
    text.parse().unwrap_or_else(|_| panic!("{text} is no address"))
}

fn server(source: &str) -> Option<SocketAddr> {
    let ip = match source {
        "google" => "8.8.8.8",
        "cloudflare" => "1.1.1.1",
        "quad9" => "9.9.9.9",
        "authoritative" => "192.0.2.53",
        other => panic!("{other} is no source"),
    };
    Some(SocketAddr::new(address(ip), 53))
}

fn answer(words: &[&str]) -> Answer {
    let mut answer = Answer { ttl: Some(3600), ..Answer::default() };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let rest = || words.as_slice().join(" ");
        match *word {
            "ad" => answer.secure = true,
            "bogus" => answer.bogus = true,
            "=" => {
                answer.outcome = Outcome::Found;
                for word in words.as_slice() {
                    match (word.parse(), word.strip_prefix("->")) {
                        (_, Some(alias)) => answer.aliases.push(canonical(alias)),
                        (Ok(address), _) => answer.addresses.push(address),
                        (Err(_), _) => answer.names.push(canonical(word)),
                    }
                }
                return answer;
            }
            "nxdomain" => return Answer { outcome: Outcome::NoName, ..answer },
            "nodata" => return Answer { outcome: Outcome::NoData, ..answer },
            "broken" => return Answer { outcome: Outcome::Broken, why: rest(), ..answer },
            "unknown" => return Answer { outcome: Outcome::Unknown, why: rest(), ..answer },
            word => match word.split_once('=').expect("a word that is known") {
                ("ttl", n) => answer.ttl = n.parse().ok(),
                ("dropped", n) => answer.dropped = n.parse().expect("a number"),
                ("note", text) => answer.notes.push(text.replace('_', " ")),
                _ => panic!("{word} is not known"),
            },
        }
    }
    panic!("nothing was said")
}

#[derive(Default)]
pub struct Case {
    pub subject: Option<Subject>,
    pub observations: Vec<Observation>,
}

impl Case {
    pub fn read(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["address", text] => self.subject = Some(Subject::new(address(text))),
            ["helo", text] => self.subject().helo = Some((*text).to_owned()),
            ["sending", text] => self.subject().sending = Some(*text == "yes"),
            ["domains", domains @ ..] => {
                self.subject().domains = domains.iter().map(|&domain| domain.to_owned()).collect();
            }
            ["both-families"] => self.subject().both_families = true,
            ["ns", zone, name, at, service, said @ ..] => {
                let service = match *service {
                    "serves" => Service::Serves,
                    "lame" => Service::Lame,
                    _ => Service::Silent,
                };
                let (zone, name) = (canonical(zone), canonical(name));
                let server = SocketAddr::new(address(at), 53);
                let served = Served { zone, name, server, service, answer: answer(said) };
                self.observations.last_mut().expect("an observation").servers.push(served);
            }
            [source, "ptr", said @ ..] => {
                let address = self.subject().address;
                self.observe(source, Question::Ptr(address), said);
            }
            [source, "a", name, said @ ..] => self.observe(source, Question::A(canonical(name)), said),
            [source, "aaaa", name, said @ ..] => self.observe(source, Question::Aaaa(canonical(name)), said),
            _ => panic!("{line:?} is not understood"),
        }
    }

    pub fn subject(&mut self) -> &mut Subject {
        self.subject.as_mut().expect("an address comes first")
    }

    fn observe(&mut self, source: &str, question: Question, said: &[&str]) {
        let (server, answer) = (server(source), answer(said));
        let source = source.to_owned();
        self.observations.push(Observation {
            question,
            source,
            server,
            at: 0,
            took: 1,
            answer,
            servers: vec![],
        });
    }

    pub fn judged(self) -> Option<Identity> {
        Some(Identity::of(self.subject?, self.observations, &Rules::default()))
    }
}

pub fn cases(text: &str) -> Vec<(String, Case)> {
    let mut cases = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with([' ', '#'])) {
        match line.strip_prefix("== ") {
            Some(name) => cases.push((name.to_owned(), Case::default())),
            None => cases.last_mut().expect("a case").1.read(line),
        }
    }
    cases
}
