//! Whether names resolve back to the address.

use super::{Case, View, check, named};
use crate::identity::{Check, CheckId, Grade};
use crate::{Iprev, Target, Verdict, verdict};

/// One name is enough (RFC 8601 §2.7.3).
pub(super) fn iprev(case: &Case<'_>) -> Option<Check> {
    let targets = case.targets();
    let (_, more) = case.names();
    let (grade, why) = match judged(&targets) {
        Iprev::PermError => return None,
        Iprev::Pass => {
            let confirmed = targets.iter().filter(|(.., target)| *target == Target::Confirmed);
            (Grade::Pass, named(&confirmed.map(|it| said(case, it)).collect::<Vec<_>>()))
        }
        Iprev::Fail if more > 0 => {
            let why = format!(
                "none of the {} names that were looked at, of {}, resolves back",
                targets.len(),
                targets.len() + more
            );
            (Grade::Unknown, why)
        }
        Iprev::Fail => (Grade::Fail, named(&targets.iter().map(|it| said(case, it)).collect::<Vec<_>>())),
        Iprev::TempError => {
            let open = targets.iter().filter(|(.., target)| matches!(target, Target::Unknown(_)));
            (Grade::Unknown, named(&open.map(|it| said(case, it)).collect::<Vec<_>>()))
        }
    };
    Some(check(CheckId::Iprev, grade, why, &views(&targets)))
}

/// All names are needed. Where there is one, or none resolves back, [`iprev`] has said all.
pub(super) fn all_resolve_back(case: &Case<'_>) -> Option<Check> {
    let targets = case.targets();
    let (_, more) = case.names();
    if targets.len() + more < 2 || judged(&targets) != Iprev::Pass {
        return None;
    }
    let short = |wanted: &dyn Fn(&Target) -> bool| {
        let these = targets.iter().filter(|(.., target)| wanted(target));
        named(&these.map(|it| said(case, it)).collect::<Vec<_>>())
    };
    let is_open = |target: &Target| matches!(target, Target::Unknown(_));
    let plain: Vec<Target> = targets.iter().map(|(.., target)| target.clone()).collect();
    let (grade, why) = match verdict(&plain) {
        Verdict::Verified if more > 0 => {
            let n = targets.len();
            (
                Grade::Unknown,
                format!("the {n} names that were looked at resolve back; {more} more were not looked at"),
            )
        }
        Verdict::Verified => (Grade::Pass, format!("all of its {} names resolve back", targets.len())),
        Verdict::Failing => (Grade::Fail, short(&|target| !is_open(target) && *target != Target::Confirmed)),
        Verdict::Unknown => (Grade::Unknown, short(&is_open)),
    };
    Some(check(CheckId::AllResolveBack, grade, why, &views(&targets)))
}

fn judged(targets: &[(&str, View<'_>, Target)]) -> Iprev {
    let plain: Vec<Target> = targets.iter().map(|(.., target)| target.clone()).collect();
    crate::iprev(&plain)
}

fn said<'a>(case: &Case<'a>, (name, view, target): &(&'a str, View<'a>, Target)) -> String {
    case.said(name, view, target)
}

fn views<'v, 'a>(targets: &'v [(&'a str, View<'a>, Target)]) -> Vec<&'v View<'a>> {
    targets.iter().map(|(_, view, _)| view).collect()
}
