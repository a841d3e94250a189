//! What all sources together say to one question.

use super::answer::{Answer, Observation, Question};

/// See the module.
pub(super) struct View<'a> {
    /// Who was asked, each with its place among the observations.
    pub all: Vec<(usize, &'a Observation)>,
    /// Whose answer counts, by its place in `all`.
    chosen: Option<usize>,
}

impl<'a> View<'a> {
    /// What was said to this question.
    pub fn of(observations: &'a [Observation], question: &Question) -> View<'a> {
        let all: Vec<_> =
            observations.iter().enumerate().filter(|(_, it)| it.question == *question).collect();
        let chosen = choose(&all);
        View { all, chosen }
    }

    /// Whose answer counts, with its place among the observations.
    pub fn chosen(&self) -> Option<(usize, &'a Observation)> {
        self.chosen.map(|place| self.all[place])
    }

    /// The answer that counts; `None` where nobody has one.
    pub fn answer(&self) -> Option<&'a Answer> {
        self.chosen().map(|(_, observation)| &observation.answer)
    }

    /// The places of all observations.
    pub fn evidence(&self) -> Vec<usize> {
        self.all.iter().map(|(place, _)| *place).collect()
    }

    /// Why nobody has an answer.
    pub fn why_unknown(&self) -> String {
        let unknown = self.all.iter().filter(|(_, it)| !it.answer.is_known());
        let said: Vec<String> = unknown.map(|(_, it)| format!("{}: {}", it.whom(), it.answer)).collect();
        if said.is_empty() { "nobody was asked".to_owned() } else { said.join("; ") }
    }
}

/// The nameservers' answer, else the one that most resolvers give, else the first.
fn choose(all: &[(usize, &Observation)]) -> Option<usize> {
    let known = || all.iter().enumerate().filter(|(_, (_, it))| it.answer.is_known());
    if let Some((place, _)) = known().find(|(_, (_, it))| it.is_authoritative()) {
        return Some(place);
    }
    let votes = |answer: &Answer| known().filter(|(_, (_, it))| it.answer.says_same(answer)).count();
    // Of several with as many votes the first counts.
    known()
        .map(|(place, (_, it))| (votes(&it.answer), std::cmp::Reverse(place)))
        .max()
        .map(|(_, place)| place.0)
}
