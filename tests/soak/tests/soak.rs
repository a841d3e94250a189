//! The run: a short one by itself, a long one where `PTRD_SOAK_SECONDS` gives its length.

use ptrd_soak::{Evidence, Load, Outcome, Plan, Report, judge};
use std::collections::HashMap;

#[test]
fn every_answer_was_true_while_everything_moved() {
    let plan = Plan::from_environment();
    let run = Load::new(plan).run();
    let judgement = run.judge();
    let report = Report { run: &run, judgement: &judgement }.to_string();
    println!("{report}");
    assert!(judgement.violations.is_empty(), "{report}");
    spoilt_evidence_is_refused(run.evidence);
}

/// The same run with single answers and acknowledgements changed: the judge must find each, and nothing else.
fn spoilt_evidence_is_refused(mut evidence: Evidence) {
    let spoilt = [stale_answer(&mut evidence), lower_serial(&mut evidence)];
    let lost = lost_change(&mut evidence);
    let violations = judge(&evidence).violations;
    let named =
        |what: &str, text: &str| violations.iter().any(|it| it.what == what && it.text.contains(text));
    for text in &spoilt {
        assert!(named("answer", text), "not found: {text}: {violations:#?}");
    }
    assert!(named("change", &lost), "not found: {lost}: {violations:#?}");
    // What is newer than a state that nobody can have seen yet looks old: allow for the neighbours of a fault.
    assert!(violations.len() < 20, "{violations:#?}");
}

/// Somebody is told what was true a while ago.
fn stale_answer(evidence: &mut Evidence) -> String {
    let mut first: HashMap<u32, usize> = HashMap::new();
    let seen = &evidence.observations;
    let mut pairs = seen.iter().enumerate().filter_map(|(nth, new)| {
        let old = *first.entry(new.ask).or_insert(nth);
        let is_like = (seen[old].edns, seen[old].tcp) == (new.edns, new.tcp) && seen[old].asker < 200;
        let differs = seen[old].reply[2..] != new.reply[2..] && new.asker >= 200;
        (is_like && differs).then_some((old, nth))
    });
    let (old, new) = pairs.next().expect("an answer that changed");
    drop(pairs);
    let mut reply = seen[old].reply.clone();
    reply[..2].copy_from_slice(&seen[new].reply[..2]);
    evidence.observations[new].reply = reply;
    format!("sent at {}, answered at {}", evidence.observations[new].sent, evidence.observations[new].got)
}

/// A serial goes back by one.
fn lower_serial(evidence: &mut Evidence) -> String {
    let soa = evidence.observations.iter_mut().rev().find(|seen| {
        // One record in the answer section, the SOA, and no OPT record behind it.
        seen.reply[3] & 15 == 0
            && seen.reply[7] == 1
            && seen.reply[11] == 0
            && evidence.asks[seen.ask as usize].qtype.0 == 6
    });
    let soa = soa.expect("a SOA was asked for");
    let at = soa.reply.len() - 20;
    let serial = u32::from_be_bytes(soa.reply[at..at + 4].try_into().expect("four octets"));
    soa.reply[at..at + 4].copy_from_slice(&(serial - 1).to_be_bytes());
    format!("sent at {}, answered at {}", soa.sent, soa.got)
}

/// An acknowledgement of something that the log does not have.
fn lost_change(evidence: &mut Evidence) -> String {
    let is_made = |outcome: &Outcome| matches!(outcome, Outcome::Done { change: Some(_), .. });
    let attempt = evidence.attempts.iter_mut().rev().find(|attempt| is_made(&attempt.outcome));
    let attempt = attempt.expect("a change was made");
    attempt.token.push_str(" lost");
    attempt.token.clone()
}
