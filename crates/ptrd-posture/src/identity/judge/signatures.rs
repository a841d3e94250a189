//! The state of DNSSEC, as resolvers that validate see it.

use super::{Case, MOST_COMMANDS, named};
use crate::identity::command::{Dig, dig};
use crate::identity::{Check, CheckId, Grade, Observation, Question};

/// Whether signatures are right. Not to sign is no fault; receivers do not ask for it.
pub(super) fn dnssec(case: &Case<'_>) -> Option<Check> {
    let (mut evidence, mut run, mut run_of_rest) = (Vec::new(), Vec::new(), Vec::new());
    let (mut bogus, mut signed, mut plain) = (Vec::new(), Vec::new(), Vec::new());
    for question in case.questions() {
        let view = case.view(&question);
        let asked = view.all.iter().filter(|(_, it)| !it.is_authoritative() && it.answer.is_known());
        let asked: Vec<&(usize, &Observation)> = asked.collect();
        let Some((_, first)) = asked.first() else { continue };
        evidence.extend(asked.iter().map(|(place, _)| *place));
        if let Some((_, it)) = asked.iter().find(|(_, it)| it.answer.bogus) {
            bogus.push(refused(&question, it));
            run.extend([Dig::Validated, Dig::Unvalidated].map(|how| dig(&question, it.server, how)));
        } else {
            let is_secure = asked.iter().any(|(_, it)| it.answer.secure);
            if is_secure { &mut signed } else { &mut plain }.push(question.to_string());
            run_of_rest.push(dig(&question, first.server, Dig::Validated));
        }
    }
    run.extend(run_of_rest.into_iter().take(usize::from(run.is_empty())));
    let (grade, why) = match (bogus.is_empty(), signed.is_empty(), plain.is_empty()) {
        (false, ..) => (Grade::Fail, named(&bogus)),
        (_, true, true) => return None,
        (_, false, true) => (Grade::Pass, "all answers are signed and valid".to_owned()),
        (_, true, false) => (Grade::Pass, "nothing is signed, as far as these resolvers validate".to_owned()),
        (_, false, false) => {
            (Grade::Pass, format!("signed and valid: {}; not signed: {}", named(&signed), named(&plain)))
        }
    };
    run.truncate(MOST_COMMANDS);
    Some(Check { id: CheckId::Dnssec, grade, why, run, evidence })
}

fn refused(question: &Question, it: &Observation) -> String {
    let notes = it.answer.notes.join("; ");
    let notes = if notes.is_empty() { notes } else { format!(" ({notes})") };
    format!(
        "the {question}: {} says SERVFAIL{notes}, and gives an answer only without validating it",
        it.whom()
    )
}
