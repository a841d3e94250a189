//! The identity of a sending address: what is asked about it, and what follows from the answers.
//!
//! [`questions`] and [`further_questions`] say what to ask, [`Identity::of`] grades what came back. Whoever asks (`ptrd-ask`) and
//! whoever shows (a table, a report, a webhook) are elsewhere. All of it goes through JSON and back without a loss, so
//! that a report can be made again from what was kept, and checks of another version from its observations.
//!
//! - Not being able to ask is never a failure: SERVFAIL, REFUSED, a timeout and nonsense are [`Grade::Unknown`].
//! - A check is left out where another one says already why it cannot be made: without a PTR there is nothing that
//!   could resolve back. So one fault is one line, as far as it can be.
//! - Where sources differ, the nameservers themselves count, else what most resolvers say; that they differ is a check of
//!   its own ([`CheckId::ResolversAgree`]), and so is a resolver that cannot be asked.

mod answer;
mod check;
mod command;
mod judge;
mod subject;
mod survey;
mod view;

pub use answer::{AUTHORITATIVE, Answer, Observation, Outcome, Question, Served, Service, canonical, socket};
pub use check::{Check, CheckId, Grade};
pub use command::{Dig, again, dig};
pub(crate) use command::{dig_name, lint_command};
pub use subject::{Subject, further_questions, pair, questions};
pub use survey::{FORMAT, Line, Source, Summary, Survey};

use serde::{Deserialize, Serialize};

/// What counts as good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// A TTL below this is too short, seconds.
    pub shortest_ttl: u32,
    /// One above this is too long, seconds; RFC 8767 §4 has resolvers keep nothing for longer than a week.
    pub longest_ttl: u32,
    /// How many names of an address are looked at; RFC 7208 §4.6.4 has receivers look at ten.
    pub most_names: usize,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules { shortest_ttl: 300, longest_ttl: 604_800, most_names: 10 }
    }
}

/// What was found out of one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The address, and what it is to be.
    #[serde(flatten)]
    pub subject: Subject,
    /// The checks that could be made, in the order of [`CheckId::ALL`].
    pub checks: Vec<Check>,
    /// What was asked, and what came back.
    pub observations: Vec<Observation>,
}

impl Identity {
    /// Judges what came back.
    pub fn of(subject: Subject, observations: Vec<Observation>, rules: &Rules) -> Identity {
        let checks = judge::checks(&subject, &observations, rules);
        Identity { subject, checks, observations }
    }

    /// Its names, as whose answer counts has them; none where nobody has an answer.
    pub fn names(&self) -> &[String] {
        let ptr = Question::Ptr(self.subject.address);
        view::View::of(&self.observations, &ptr).answer().map_or(&[], |answer| &answer.names)
    }

    /// The worst that a check came out as.
    pub fn grade(&self) -> Grade {
        self.checks.iter().map(|check| check.grade).max().unwrap_or(Grade::Unknown)
    }
}
