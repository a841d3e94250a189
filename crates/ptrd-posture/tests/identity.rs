//! What follows from observations, as text: `identity/*.txt`. `PTRD_BLESS=1` writes what is said anew; look at what has
//! changed.
//!
//! A case begins with `== its name`. Then come `address`, `helo`, `sending`, `both-families`, and what was said, a line each:
//! `SOURCE ptr SAID`, `SOURCE a NAME SAID`. SAID is `= NAME|ADDRESS…`, `nxdomain`, `nodata`, `broken WHY` or `unknown WHY`, and
//! before it may stand `ad`, `bogus`, `ttl=N`, `dropped=N`, `note=TEXT`. `ns ZONE NAME ADDRESS serves|lame|silent SAID` is a nameserver
//! of the observation above it. What is indented is what comes of it.

use ptrd_posture::identity::{
    Answer, CheckId, Grade, Identity, Line, Observation, Outcome, Question, Rules, Served, Service, Subject,
    Summary, canonical, further_questions, questions,
};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

fn address(text: &str) -> IpAddr {
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
struct Case {
    subject: Option<Subject>,
    observations: Vec<Observation>,
}

impl Case {
    fn read(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["address", text] => self.subject = Some(Subject::new(address(text))),
            ["helo", text] => self.subject().helo = Some((*text).to_owned()),
            ["sending", text] => self.subject().sending = Some(*text == "yes"),
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

    fn subject(&mut self) -> &mut Subject {
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

    fn judged(self) -> Option<Identity> {
        Some(Identity::of(self.subject?, self.observations, &Rules::default()))
    }
}

fn told(identity: &Identity) -> String {
    let line = |check: &ptrd_posture::identity::Check| {
        let run: String = check.run.iter().map(|command| format!("        $ {command}\n")).collect();
        let well = check.grade == Grade::Pass;
        format!("    {} {}: {}\n{}", check.grade, check.id, check.why, if well { String::new() } else { run })
    };
    identity.checks.iter().map(line).collect()
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/identity");
    let entries = std::fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").path()).collect()
}

fn cases(text: &str) -> Vec<(String, Case)> {
    let mut cases = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with([' ', '#'])) {
        match line.strip_prefix("== ") {
            Some(name) => cases.push((name.to_owned(), Case::default())),
            None => cases.last_mut().expect("a case").1.read(line),
        }
    }
    cases
}

#[test]
fn each_fault_is_named_and_nothing_else() {
    for file in files() {
        let text = std::fs::read_to_string(&file).expect("a file");
        let mut said = cases(&text).into_iter().map(|(_, case)| told(&case.judged().expect("an address")));
        let mut got = String::new();
        let mut pending = None;
        for line in text.lines().filter(|line| !line.starts_with("    ")) {
            if line.starts_with("== ") {
                got += &std::mem::replace(&mut pending, said.next()).unwrap_or_default();
                got += if got.is_empty() { "" } else { "\n" };
            }
            if !line.is_empty() {
                got += &format!("{line}\n");
            }
        }
        got += &pending.unwrap_or_default();
        if std::env::var_os("PTRD_BLESS").is_some() {
            std::fs::write(&file, &got).expect("written");
        } else {
            assert_eq!(got, text, "{}", file.display());
        }
    }
}

#[test]
fn what_was_found_goes_through_json_and_is_judged_alike() {
    let mut summary = Summary::default();
    for file in files() {
        for (name, case) in cases(&std::fs::read_to_string(file).expect("a file")) {
            let identity = case.judged().expect("an address");
            summary.add(&identity);
            let json = serde_json::to_string(&Line::Identity(identity.clone())).expect("JSON");
            let Ok(Line::Identity(back)) = serde_json::from_str(&json) else { panic!("{name}: {json}") };
            assert_eq!(back, identity, "{name}");
            let again = Identity::of(back.subject, back.observations, &Rules::default());
            assert_eq!(again.checks, identity.checks, "{name}");
            for check in &identity.checks {
                assert!(check.evidence.iter().all(|&place| place < identity.observations.len()), "{name}");
            }
        }
    }
    let total: u64 = summary.addresses.values().sum();
    assert!(total > 20 && summary.grade() == Some(Grade::Fail));
    for id in CheckId::ALL {
        let grades = &summary.checks[&id];
        assert!(grades.contains_key(&Grade::Pass), "{id} passes nowhere");
        assert!(grades.len() > 1, "{id} never says anything else");
    }
    let json = serde_json::to_string(&Line::Summary(summary.clone())).expect("JSON");
    assert_eq!(serde_json::from_str::<Line>(&json).ok(), Some(Line::Summary(summary)));
}

#[test]
fn names_are_asked_for_once_and_not_without_end() {
    let mut case = Case::default();
    case.read("address 2001:db8::1");
    case.read("helo mail.example");
    let asked = questions(case.subject());
    assert_eq!(asked.len(), 2);
    assert!(asked.contains(&Question::Aaaa("mail.example.".to_owned())));
    case.subject().both_families = true;
    assert!(questions(case.subject()).contains(&Question::A("mail.example.".to_owned())));
    let many: Vec<String> = (0..1000).map(|n| format!("n{n}.example")).collect();
    case.read("google ptr = mail.example");
    case.read(&format!("quad9 ptr = {}", many.join(" ")));
    case.read("quad9 aaaa mail.example = 2001:db8::1");
    let observations = case.observations.clone();
    let further = further_questions(case.subject(), &observations, &Rules::default());
    assert_eq!(further.len(), 10);
    assert!(!further.contains(&Question::Aaaa("mail.example.".to_owned())), "it was asked for");
}
