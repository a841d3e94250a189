//! Whether all say the same: resolvers, and the nameservers of the zones on the way.

use super::{Case, MOST_COMMANDS, named};
use crate::identity::command::{again, of_server};
use crate::identity::{Answer, Check, CheckId, Grade, Outcome, Question, Served, Service};

/// Whether all sources give the answer that counts. Where nobody has one, other checks say so.
pub(super) fn of_resolvers(case: &Case<'_>) -> Option<Check> {
    let (mut differ, mut open, mut evidence, mut run) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut sources, mut all_answered) = (0, true);
    for question in case.questions() {
        let view = case.view(&question);
        sources = sources.max(view.all.len());
        let Some((_, counts)) = view.chosen() else {
            all_answered = false;
            continue;
        };
        evidence.extend(view.evidence());
        for (_, it) in &view.all {
            // That a resolver has no answer is what a loop of aliases comes to.
            if !it.answer.is_known() && counts.answer.outcome == Outcome::Broken {
                all_answered = false;
                continue;
            }
            if !it.answer.is_known() {
                open.push(format!("the {question}: {}: {}", it.whom(), it.answer));
            } else if !agree(case, &question, &it.answer, &counts.answer) {
                let kept = match it.answer.ttl {
                    Some(ttl) if !it.is_authoritative() => format!(", for {ttl} s more"),
                    _ => String::new(),
                };
                let (whom, says) = (it.whom(), &it.answer);
                differ.push(format!(
                    "the {question}: {whom} says {says}{kept}; {} says {}",
                    counts.whom(),
                    counts.answer
                ));
            } else {
                continue;
            }
            run.push(again(it));
        }
    }
    if sources < 2 || evidence.is_empty() {
        return None;
    }
    let (grade, why) = match (differ.is_empty(), open.is_empty()) {
        (false, _) => (Grade::Fail, named(&differ)),
        (true, false) => (Grade::Unknown, named(&open)),
        (true, true) if all_answered => (Grade::Pass, format!("all {sources} who were asked say the same")),
        (true, true) => (Grade::Pass, "whoever has an answer gives the same".to_owned()),
    };
    run.truncate(MOST_COMMANDS);
    Some(Check { id: CheckId::ResolversAgree, grade, why, run, evidence })
}

/// Whether two answers come to the same for this address: a name may have other addresses besides, in turn or by place.
fn agree(case: &Case<'_>, question: &Question, one: &Answer, other: &Answer) -> bool {
    if one.says_same(other) {
        return true;
    }
    let address = case.subject.address;
    let is_enough = |answer: &Answer| match question {
        Question::Ptr(_) => false,
        Question::A(_) if address.is_ipv6() => answer.outcome == Outcome::Found,
        Question::Aaaa(_) if address.is_ipv4() => answer.outcome == Outcome::Found,
        Question::A(_) | Question::Aaaa(_) => answer.addresses.contains(&address),
    };
    is_enough(one) && is_enough(other)
}

/// Whether all nameservers of the zones on the way to the PTR serve them, and alike. One that does not is a warning: resolvers
/// go on to the next, until that one fails too.
pub(super) fn of_nameservers(case: &Case<'_>) -> Option<Check> {
    let view = case.ptr();
    let (place, observation) = view.all.iter().find(|(_, it)| it.is_authoritative())?;
    let (mut differ, mut lame, mut silent, mut run) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for served in &observation.servers {
        let said = said(served);
        match served.service {
            Service::Lame => lame.push(said),
            Service::Silent => silent.push(said),
            Service::Serves => match first(&observation.servers, served) {
                first if is_same(first, served) => continue,
                first => differ.push(format!("{said}, and {} {}", first.name, first.answer)),
            },
        }
        run.push(of_server(&observation.question, served));
    }
    let (grade, why) = if !differ.is_empty() {
        (Grade::Fail, format!("nameservers of one zone differ: {}", named(&differ)))
    } else if !lame.is_empty() {
        (Grade::Warn, named(&lame))
    } else if !silent.is_empty() {
        (Grade::Unknown, named(&silent))
    } else if observation.servers.is_empty() {
        return None;
    } else {
        let n = observation.servers.len();
        (Grade::Pass, format!("all {n} nameservers that were asked serve their zones, and alike"))
    };
    run.truncate(MOST_COMMANDS);
    Some(Check { id: CheckId::NameserversAgree, grade, why, run, evidence: vec![*place] })
}

/// The first nameserver of the same zone that serves it.
fn first<'a>(all: &'a [Served], served: &'a Served) -> &'a Served {
    all.iter().find(|it| it.zone == served.zone && it.service == Service::Serves).unwrap_or(served)
}

fn is_same(one: &Served, other: &Served) -> bool {
    one.answer.says_same(&other.answer) && one.answer.aliases == other.answer.aliases
}

fn said(Served { zone, name, server, service, answer }: &Served) -> String {
    let whom = format!("{name} ({})", crate::identity::socket(*server));
    match service {
        Service::Serves => format!("{whom} says {answer} in {zone}"),
        Service::Lame => format!("{whom} does not serve {zone}, which is delegated to it: {answer}"),
        Service::Silent => format!("{whom}, a nameserver of {zone}: {answer}"),
    }
}
