//! What follows from observations, as text: `identity/*.txt`. `PTRD_BLESS=1` writes what is said anew; look at what has
//! changed.
//!
//! `said/mod.rs` has the form. What is indented is what comes of it.

mod said;

use ptrd_posture::identity::{
    CheckId, Grade, Identity, Line, Question, Rules, Summary, further_questions, questions,
};
use said::{Case, cases};
use std::path::{Path, PathBuf};

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
