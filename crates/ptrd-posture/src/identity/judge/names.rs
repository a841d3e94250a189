//! The names of an address, as such.

use super::{Case, check, named};
use crate::identity::{Check, CheckId, Grade, Outcome, Question, lint_command};
use crate::lint;

/// Whether there is a PTR.
pub(super) fn present(case: &Case<'_>) -> Option<Check> {
    let (view, address) = (case.ptr(), case.subject.address);
    let Some((_, observation)) = view.chosen() else {
        let why = format!("whether {address} has a PTR could not be found out: {}", view.why_unknown());
        return Some(check(CheckId::PtrPresent, Grade::Unknown, why, &[&view]));
    };
    let answer = &observation.answer;
    // Nobody looks for the name of an address that sends no mail.
    let missing = if case.subject.sending == Some(false) { Grade::Warn } else { Grade::Fail };
    let (grade, why) = match answer.outcome {
        Outcome::Found => (Grade::Pass, format!("{address} has the PTR {answer}")),
        Outcome::Broken => (missing, format!("the PTR of {address} leads nowhere: {}", answer.why)),
        _ => (missing, format!("{address} has no PTR: {} says {answer}", observation.whom())),
    };
    Some(check(CheckId::PtrPresent, grade, why, &[&view]))
}

/// Whether there is one name alone.
pub(super) fn one_name(case: &Case<'_>) -> Option<Check> {
    let (names, more) = case.names();
    let (grade, why) = match names {
        [] => return None,
        [name] if more == 0 => (Grade::Pass, format!("{name} is its only name")),
        names => {
            let n = names.len() + more;
            let looked =
                if more > 0 { format!(", of which {} were looked at", names.len()) } else { String::new() };
            let why = format!("it has {n} names{looked}: {}", named(names));
            (Grade::Warn, format!("{why}; receivers may take any of them for its name"))
        }
    };
    Some(check(CheckId::OneName, grade, why, &[&case.ptr()]))
}

/// Whether spam filters take a name for one of a household. Who sends no mail may be named as it likes.
pub(super) fn generic(case: &Case<'_>) -> Option<Check> {
    let (names, _) = case.names();
    if names.is_empty() || case.subject.sending == Some(false) {
        return None;
    }
    let found = |name: &String| {
        let findings: Vec<String> = lint(name).iter().map(ToString::to_string).collect();
        (!findings.is_empty()).then(|| format!("{name}: {}", findings.join(", ")))
    };
    let generic: Vec<String> = names.iter().filter_map(found).collect();
    let (grade, why) = match (generic.is_empty(), case.subject.sending) {
        (true, _) => (Grade::Pass, "no filter has anything against its name".to_owned()),
        (false, Some(true)) => (Grade::Fail, named(&generic)),
        (false, _) => (Grade::Warn, named(&generic)),
    };
    let mut check = check(CheckId::Generic, grade, why, &[&case.ptr()]);
    check.run.push(lint_command(&names[0]));
    Some(check)
}

/// Whether TTLs are sensible. Resolvers say how much is left of a TTL, so only nameservers can say that one is too short.
pub(super) fn ttl(case: &Case<'_>) -> Option<Check> {
    let mut views = vec![case.ptr()];
    views.extend(case.targets().into_iter().map(|(_, view, _)| view));
    let (mut short, mut long, mut seen) = (Vec::new(), Vec::new(), None);
    for (_, observation) in views.iter().filter_map(super::View::chosen) {
        let Some(ttl) = observation.answer.ttl.filter(|_| observation.answer.outcome == Outcome::Found)
        else {
            continue;
        };
        seen = seen.max(Some((ttl, observation.is_authoritative())));
        let what = said(&observation.question, ttl);
        if ttl > case.rules.longest_ttl {
            long.push(what);
        } else if ttl < case.rules.shortest_ttl && observation.is_authoritative() {
            short.push(what);
        }
    }
    let (most, is_whole) = seen?;
    let (grade, why) = if !short.is_empty() {
        let why =
            format!("{}: below {} seconds, hardly kept by resolvers", named(&short), case.rules.shortest_ttl);
        (Grade::Warn, why)
    } else if !long.is_empty() {
        let why = format!(
            "{}: a mistake would stay for more than {} seconds",
            named(&long),
            case.rules.longest_ttl
        );
        (Grade::Warn, why)
    } else if is_whole {
        (Grade::Pass, format!("TTLs are between {} seconds and {most}", case.rules.shortest_ttl))
    } else {
        (Grade::Pass, format!("resolvers keep answers for {most} seconds more at most"))
    };
    Some(check(CheckId::Ttl, grade, why, &views.iter().collect::<Vec<_>>()))
}

fn said(question: &Question, ttl: u32) -> String {
    format!("the {question} has a TTL of {ttl} s")
}
