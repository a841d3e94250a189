//! How it stands over time with what is looked at, and what others are told of it.

use proptest::prelude::*;
use ptrd_posture::identity::{CheckId, Grade};
use ptrd_posture::watch::{Course, Found, KEPT, Kind, MOST_LISTED, Turn, Untold, message};
use std::fmt::Write as _;

const CONFIRM: i64 = 60_000;

fn check(word: &str) -> &'static str {
    CheckId::ALL.into_iter().map(CheckId::word).find(|known| *known == word).expect("a check")
}

fn grade(word: &str) -> Grade {
    Grade::ALL.into_iter().find(|grade| grade.word() == word).unwrap_or_else(|| panic!("{word}: no grade"))
}

/// `iprev fail` or `iprev fail(300)`.
fn found(text: &str) -> Found {
    let (word, graded) = text.trim().split_once(' ').expect("a check and a grade");
    let (graded, patience) = graded.trim_end_matches(')').split_once('(').unwrap_or((graded, "0"));
    let patience = patience.parse::<i64>().expect("seconds") * 1_000;
    Found { check: check(word), grade: grade(graded), why: text.to_owned(), run: Vec::new(), patience }
}

fn said(turn: &Turn) -> String {
    let from = turn.from.map_or("new", Grade::word);
    let to = turn.to.map_or("gone", Grade::word);
    format!("{} {from} to {to} since {}", turn.check, turn.since / 1_000)
}

#[test]
fn courses() {
    let text = include_str!("watch.txt");
    let (mut course, mut title, mut wrong) = (Course::default(), "", String::new());
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(next) = line.strip_prefix("== ") {
            (course, title) = (Course::default(), next);
            continue;
        }
        let (look, outcome) = line.split_once("=>").expect("what came of it");
        let (at, checks) = look.split_once(' ').expect("a time");
        let at = at.parse::<i64>().expect("seconds") * 1_000;
        let checks: Vec<Found> = checks.split(',').map(found).collect();
        let came = course.observe(at, &checks, CONFIRM);
        let turns: Vec<String> = course.history[course.history.len() - came..].iter().map(said).collect();
        let again = course.again(CONFIRM).map_or("-".to_owned(), |at| (at / 1_000).to_string());
        let got = format!("{} | {again}", turns.join("; "));
        let wanted = outcome.trim().split_once('|').map(|(a, b)| format!("{} | {}", a.trim(), b.trim()));
        if wanted.as_deref() != Some(&got) {
            let _ = writeln!(wrong, "{title}: {line}\n  got {got}");
        }
        let json = serde_json::to_string(&course).expect("JSON");
        assert_eq!(
            serde_json::from_str::<Course>(&json).expect("JSON"),
            course,
            "nothing is lost on the way"
        );
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// A check that goes there and back, while others fail all the time: so many turns, from `since` on.
fn back_and_forth(course: &mut Course, word: &str, others: &[&str], turns: i64, since: i64) {
    for look in 0..2 * turns {
        let graded = if look % 4 < 2 { "fail" } else { "pass" };
        let others = others.iter().map(|other| found(&format!("{other} fail")));
        let found: Vec<Found> = others.chain([found(&format!("{word} {graded}"))]).collect();
        course.observe(since + look * CONFIRM, &found, CONFIRM);
    }
}

#[test]
fn turns_that_others_are_to_be_told_of_do_not_fall_out_of_the_history() {
    let mut course = Course::default();
    let kept = i64::try_from(KEPT).expect("few");
    back_and_forth(&mut course, "helo-resolves", &[], 1, 0);
    course.told(i64::MAX);
    back_and_forth(&mut course, "iprev", &["helo-resolves"], 1, 10 * CONFIRM);
    let others = ["helo-resolves", "iprev"];
    back_and_forth(&mut course, "generic", &others, kept - 1, 100 * CONFIRM);
    let of = |course: &Course, word: &str| {
        course.history.iter().filter(|turn| turn.check == word).map(said).collect::<Vec<_>>()
    };
    assert_eq!(
        (course.history.len(), of(&course, "helo-resolves").len()),
        (KEPT, 0),
        "what was told goes first"
    );
    back_and_forth(&mut course, "generic", &others, kept, 1_000 * CONFIRM);
    assert_eq!(course.history.len(), KEPT);
    assert_eq!(of(&course, "iprev"), ["iprev new to fail since 600"]);
    let generic = of(&course, "generic");
    assert!(generic[0].starts_with("generic new to "), "from where it began: {generic:?}");
}

#[test]
fn looks_that_were_under_way_at_once_confirm_nothing() {
    let mut course = Course::default();
    assert!(course.admits(1_000, 2_000));
    course.observe(1_000, &[found("iprev fail")], CONFIRM);
    assert!(!course.admits(1_000, 2 * CONFIRM) && !course.admits(900, 2 * CONFIRM), "it did not begin later");
    assert!(course.admits(1_001, 2 * CONFIRM));
}

#[test]
fn a_clock_that_was_ahead_once_does_not_stop_the_course() {
    let mut course = Course::default();
    let year = 365 * 24 * 3_600_000;
    for at in [year, year + CONFIRM] {
        course.observe(at, &[found("iprev fail"), found("generic pass")], CONFIRM);
    }
    course.observe(year + 2 * CONFIRM, &[found("iprev fail"), found("generic fail")], CONFIRM);
    for at in [CONFIRM, 2 * CONFIRM] {
        assert!(course.admits(at, at + 1), "{course:?}");
        course.observe(at, &[found("iprev pass"), found("generic fail")], CONFIRM);
    }
    let said: Vec<String> = course.history.iter().map(said).collect();
    assert_eq!(
        said,
        ["iprev new to fail since 59", "iprev fail to pass since 60", "generic pass to fail since 60"]
    );
    assert!(course.looked == 2 * CONFIRM && course.again(CONFIRM).is_none(), "{course:?}");
}

fn looks() -> impl Strategy<Value = Vec<(i64, Vec<Found>)>> {
    let one = (0..3_usize, 0..4_usize, 0..3_i64).prop_map(|(nth, grade, patience)| Found {
        check: CheckId::ALL[nth].word(),
        grade: Grade::ALL[grade],
        why: String::new(),
        run: Vec::new(),
        patience: patience * CONFIRM,
    });
    let look = proptest::collection::vec(one, 0..3).prop_map(|mut found| {
        found.sort_by_key(|found| found.check);
        found.dedup_by_key(|found| found.check);
        found
    });
    proptest::collection::vec((1..3 * CONFIRM, look), 0..60)
}

proptest! {
    #[test]
    fn whatever_comes_noise_is_bounded_and_each_turn_begins_where_the_last_ended(looks in looks()) {
        let (mut course, mut now) = (Course::default(), 0);
        let mut told: Vec<Turn> = Vec::new();
        let made = looks.len();
        for (pause, found) in looks {
            now += pause;
            let came = course.observe(now, &found, CONFIRM);
            prop_assert!(course.history.len() <= KEPT);
            told.extend(course.history[course.history.len() - came..].iter().cloned());
        }
        for id in CheckId::ALL {
            let of: Vec<&Turn> = told.iter().filter(|turn| turn.check == id.word()).collect();
            prop_assert!(of.len() <= made / 2, "each needs two looks");
            for pair in of.windows(2) {
                let before = pair[0].to.filter(|to| *to != Grade::Pass);
                let from = pair[1].from.filter(|from| *from != Grade::Pass);
                prop_assert_eq!(before, from, "{:?}", pair);
            }
            for turn in of {
                prop_assert!(turn.to != Some(Grade::Unknown) && turn.from != Some(Grade::Unknown));
                prop_assert!(turn.at - turn.since >= CONFIRM);
            }
        }
    }
}

fn untold(nth: usize) -> Untold {
    let turn = Turn {
        at: 120_000,
        since: 60_000,
        check: "iprev".to_owned(),
        from: Some(Grade::Pass),
        to: Some(Grade::Fail),
        why: "mail.example. does not exist".to_owned(),
        told: false,
    };
    Untold {
        kind: Kind::Identity,
        subject: format!("192.0.2.{nth}"),
        tenant: "acme".to_owned(),
        turn,
        run: vec!["dig +short mail.example. A".to_owned()],
    }
}

#[test]
fn others_are_told_what_to_do() {
    let told = message(&[untold(1)], |at| format!("at {at}"));
    let wanted = serde_json::json!({
        "event": "posture",
        "changes": [{
            "kind": "identity", "tenant": "acme", "address": "192.0.2.1", "check": "iprev", "from": "pass", "to": "fail",
            "at": "at 120000", "since": "at 60000", "why": "mail.example. does not exist",
            "do": "create the A or AAAA record that leads from the name to 192.0.2.1, or give it another PTR",
            "run": ["dig +short mail.example. A"], "show": "ptrctl posture 192.0.2.1",
        }],
    });
    assert_eq!(told, wanted);
    let well = Untold { turn: Turn { to: Some(Grade::Pass), ..untold(1).turn }, ..untold(1) };
    assert_eq!(message(&[well], |_| String::new())["changes"][0]["do"], serde_json::Value::Null);
}

#[test]
fn many_at_once_are_counted() {
    let many: Vec<Untold> = (0..300).map(untold).collect();
    let told = message(&many, |at| format!("at {at}"));
    assert_eq!((&told["event"], &told["changes"]), (&"posture-summary".into(), &300.into()));
    assert_eq!(told["counts"][0]["count"], 300);
    assert_eq!(
        (told["counts"].as_array().map(Vec::len), told["examples"].as_array().map(Vec::len)),
        (Some(1), Some(10))
    );
    assert_eq!(message(&many[..MOST_LISTED], |_| String::new())["event"], "posture");
}
