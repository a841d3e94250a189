//! The name in HELO.

use super::{Case, check, named};
use crate::Target;
use crate::identity::subject::other_family;
use crate::identity::{Check, CheckId, Grade, Outcome, Question};

/// Whether the name has the address.
pub(super) fn resolves(case: &Case<'_>) -> Option<Check> {
    let helo = match case.subject.helo_name()? {
        Ok(helo) => helo,
        Err(fault) => {
            let why = format!("the HELO name “{}” {fault}", case.subject.helo.as_deref().unwrap_or_default());
            return Some(check(CheckId::HeloResolves, Grade::Fail, why, &[]));
        }
    };
    let view = case.view(&Question::back(&helo, case.subject.address));
    let target = case.target(&view);
    let grade = match target {
        Target::Confirmed => Grade::Pass,
        Target::Unknown(_) => Grade::Unknown,
        _ => Grade::Fail,
    };
    let why = format!("HELO: {}", case.said(&helo, &view, &target));
    Some(check(CheckId::HeloResolves, grade, why, &[&view]))
}

/// Whether it is the name of the address. RFC 5321 §4.1.4 forbids to refuse mail for that alone; filters count it.
pub(super) fn equals_ptr(case: &Case<'_>) -> Option<Check> {
    let helo = case.subject.helo_name()?.ok()?;
    let (names, _) = case.names();
    if names.is_empty() {
        return None;
    }
    let (grade, why) = if names.contains(&helo) {
        (Grade::Pass, format!("HELO gives the name of the address, {helo}"))
    } else {
        let why = format!("HELO gives {helo}, and the PTR {}", named(names));
        (Grade::Warn, format!("{why}; SpamAssassin counts that (KHOP_HELO_FCRDNS)"))
    };
    Some(check(CheckId::HeloEqualsPtr, grade, why, &[&case.ptr()]))
}

/// Whether the name has an address of the other family, where mail leaves over both under it.
pub(super) fn both_families(case: &Case<'_>) -> Option<Check> {
    let helo = case.subject.helo_name()?.ok()?;
    if !case.subject.both_families {
        return None;
    }
    let question = other_family(&helo, case.subject.address);
    let view = case.view(&question);
    let rtype = question.rtype();
    let (grade, why) = match view.answer() {
        None => (Grade::Unknown, format!("{helo}: {}", view.why_unknown())),
        Some(answer) if answer.outcome == Outcome::Found => {
            (Grade::Pass, format!("{helo} has addresses of both families, {answer} among them"))
        }
        Some(_) => {
            (Grade::Fail, format!("mail leaves over IPv4 and IPv6 as {helo}, which has no {rtype} record"))
        }
    };
    Some(check(CheckId::BothFamilies, grade, why, &[&view]))
}
