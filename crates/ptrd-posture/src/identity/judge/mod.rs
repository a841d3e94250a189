//! From observations to checks. Each function makes one check, or none where there is nothing to check.

mod agreement;
mod forward;
mod helo;
mod names;
mod signatures;

use super::Rules;
use super::answer::{Answer, Observation, Question};
use super::check::{Check, CheckId, Grade};
use super::command::again;
use super::subject::Subject;
use super::view::View;
use crate::Target;

/// How many commands a check shows at most.
const MOST_COMMANDS: usize = 3;
/// How many things a sentence names at most.
const MOST_NAMED: usize = 3;

/// What a check may look at.
struct Case<'a> {
    subject: &'a Subject,
    observations: &'a [Observation],
    rules: &'a Rules,
}

/// All checks that can be made, in their order.
pub(super) fn checks(subject: &Subject, observations: &[Observation], rules: &Rules) -> Vec<Check> {
    let case = Case { subject, observations, rules };
    let made = [
        names::present(&case),
        forward::iprev(&case),
        forward::all_resolve_back(&case),
        names::one_name(&case),
        names::generic(&case),
        names::ttl(&case),
        helo::resolves(&case),
        helo::equals_ptr(&case),
        helo::both_families(&case),
        signatures::dnssec(&case),
        agreement::of_resolvers(&case),
        agreement::of_nameservers(&case),
    ];
    made.into_iter().flatten().collect()
}

impl<'a> Case<'a> {
    fn view(&self, question: &Question) -> View<'a> {
        View::of(self.observations, question)
    }

    fn ptr(&self) -> View<'a> {
        self.view(&Question::Ptr(self.subject.address))
    }

    /// The names that count, and how many there are besides those that are looked at.
    fn names(&self) -> (&'a [String], usize) {
        let Some(answer) = self.ptr().answer() else { return (&[], 0) };
        let looked_at = answer.names.len().min(self.rules.most_names);
        (&answer.names[..looked_at], answer.names.len() - looked_at + answer.dropped as usize)
    }

    /// What the names say of the address, each with the view that it follows from.
    fn targets(&self) -> Vec<(&'a str, View<'a>, Target)> {
        let of = |name: &'a String| {
            let view = self.view(&Question::back(name, self.subject.address));
            let target = self.target(&view);
            (name.as_str(), view, target)
        };
        self.names().0.iter().map(of).collect()
    }

    /// What one name says of the address.
    fn target(&self, view: &View<'a>) -> Target {
        match view.answer() {
            Some(answer) => Target::of(self.subject.address, &answer.lookup()),
            None => Target::Unknown(view.why_unknown()),
        }
    }

    /// The same in words. What is broken says more than that there is no record.
    fn said(&self, name: &str, view: &View<'a>, target: &Target) -> String {
        match view.answer() {
            Some(Answer { outcome: super::Outcome::Broken, why, .. }) => {
                format!("{name} leads nowhere: {why}")
            }
            _ => target.said(name, self.subject.address),
        }
    }

    /// What counts as the questions about this address: those of other names, which one source alone gave, do not.
    fn questions(&self) -> Vec<Question> {
        let mut asked = super::questions(self.subject);
        for name in self.names().0 {
            let question = Question::back(name, self.subject.address);
            if !asked.contains(&question) {
                asked.push(question);
            }
        }
        asked
    }
}

/// A check that follows from these views.
fn check(id: CheckId, grade: Grade, why: String, views: &[&View<'_>]) -> Check {
    let mut evidence: Vec<usize> = views.iter().flat_map(|view| view.evidence()).collect();
    evidence.sort_unstable();
    evidence.dedup();
    // Whose answer counts; where nobody has one, the first who was asked.
    let shown = |view: &&View<'_>| view.chosen().or(view.all.first().copied()).map(|(_, it)| again(it));
    let mut run: Vec<String> = views.iter().filter_map(shown).collect();
    run.dedup();
    run.truncate(MOST_COMMANDS);
    Check { id, grade, why, run, evidence }
}

/// `a; b; c and 2 more`.
fn named(texts: &[String]) -> String {
    let shown = texts[..texts.len().min(MOST_NAMED)].join("; ");
    match texts.len().saturating_sub(MOST_NAMED) {
        0 => shown,
        more => format!("{shown}; and {more} more"),
    }
}
