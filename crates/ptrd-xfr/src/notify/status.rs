//! How it stands with each zone, for people.

use super::Target;
use super::names::{NameId, State as NameState};
use super::queue::{Queue, Round, Task, TaskState};
use ptrd_wire::Serial;
use ptrd_zone::model::ZoneId;
use std::time::Instant;

/// What became of an announcement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not answered yet.
    Waiting,
    /// Answered.
    Answered,
    /// Answered with an error.
    Refused,
    /// Given up.
    Failed,
    /// Passed over.
    Skipped,
    /// Not announced since the start.
    Quiet,
}

impl State {
    /// The word for it in JSON and output.
    pub fn word(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Answered => "answered",
            State::Refused => "refused",
            State::Failed => "failed",
            State::Skipped => "skipped",
            State::Quiet => "quiet",
        }
    }
}

/// One zone, and one who is told of it or is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The serial that is announced.
    pub serial: Serial,
    /// The nameserver's name, where it is one.
    pub nameserver: Option<String>,
    /// Where and how, if that is known.
    pub target: Option<Target>,
    /// What became of it.
    pub state: State,
    /// Why.
    pub detail: Option<String>,
    /// How many messages were sent.
    pub tries: u32,
    /// When that came about.
    pub at: Option<Instant>,
    /// When something is tried.
    pub next: Option<Instant>,
}

impl Queue {
    /// The next zone behind this one, in the order of numbers.
    pub fn zone_after(&self, zone: Option<ZoneId>) -> Option<ZoneId> {
        let from = zone.map_or(0, |zone| zone.0.saturating_add(1));
        self.rounds.range(ZoneId(from)..).map(|(zone, _)| *zone).find(|found| Some(*found) != zone)
    }

    /// How it stands with a zone; nothing for one that was not announced since the start.
    pub fn lines(&self, zone: ZoneId) -> Vec<Line> {
        let Some(round) = self.rounds.get(&zone) else { return Vec::new() };
        let told = round.tasks.iter().filter(|task| !matches!(task.state, TaskState::Struck));
        let mut lines: Vec<Line> = told.map(|task| self.task_line(round, task)).collect();
        lines.extend(round.names.iter().map(|id| self.name_line(round, *id)));
        lines.extend(round.without.iter().map(|id| self.without_line(round, *id)));
        lines.extend(round.skipped.iter().map(|(who, why)| Line {
            nameserver: Some(who.clone()),
            state: State::Skipped,
            detail: Some((*why).to_owned()),
            ..Line::of(round)
        }));
        if lines.is_empty() {
            let detail = Some("there is nobody to tell".to_owned());
            lines.push(Line { state: State::Skipped, detail, ..Line::of(round) });
        }
        lines
    }

    fn name_of(&self, id: NameId) -> String {
        self.names.entry(id).name.to_string()
    }

    fn task_line(&self, round: &Round, task: &Task) -> Line {
        let peer = self.peers.peer(task.peer);
        let line = Line {
            nameserver: task.nameserver.map(|id| self.name_of(id)),
            target: Some(peer.target.clone()),
            tries: task.tries,
            ..Line::of(round)
        };
        match &task.state {
            TaskState::Ready if peer.rests_until.is_some() => {
                let detail = Some("it does not answer".to_owned());
                Line { detail, next: peer.rests_until, ..line }
            }
            TaskState::Ready => line,
            TaskState::Later(due) => {
                let why = task.note.as_deref().unwrap_or("it did not answer yet");
                let detail = (task.tries > 0).then(|| why.to_owned());
                Line { detail, next: Some(peer.rests_until.map_or(*due, |until| until.max(*due))), ..line }
            }
            TaskState::Flying(since) => {
                Line { detail: task.note.as_deref().map(str::to_owned), at: Some(*since), ..line }
            }
            TaskState::Answered(at) => Line { state: State::Answered, at: Some(*at), ..line },
            TaskState::Refused(at, rcode) => {
                Line { state: State::Refused, detail: Some(rcode.to_string()), at: Some(*at), ..line }
            }
            TaskState::Lost(at, why) => {
                let (detail, at) = (Some(why.to_string()), Some(*at));
                Line { state: State::Failed, detail, at, next: peer.again_at, ..line }
            }
            TaskState::Struck => Line { state: State::Skipped, ..line },
            TaskState::Failed(at, why) => {
                Line { state: State::Failed, detail: Some(why.to_string()), at: Some(*at), ..line }
            }
        }
    }

    fn name_line(&self, round: &Round, id: NameId) -> Line {
        let entry = self.names.entry(id);
        let (detail, next) = match &entry.state {
            NameState::Failing(_, again, why) => (format!("its address is not found: {why}"), Some(*again)),
            _ => ("its address is asked for".to_owned(), None),
        };
        Line { nameserver: Some(entry.name.to_string()), detail: Some(detail), next, ..Line::of(round) }
    }

    fn without_line(&self, round: &Round, id: NameId) -> Line {
        let entry = self.names.entry(id);
        let own = entry.found.as_ref().is_some_and(|found| !found.own.is_empty());
        let (detail, next) = match &entry.state {
            _ if own => ("it is this server".to_owned(), None),
            NameState::Lost(until, why) => (format!("its address is not found: {why}"), Some(*until)),
            _ => ("it has no address".to_owned(), None),
        };
        let nameserver = Some(entry.name.to_string());
        Line { nameserver, state: State::Skipped, detail: Some(detail), next, ..Line::of(round) }
    }
}

impl Line {
    fn of(round: &Round) -> Line {
        Line {
            serial: round.serial,
            nameserver: None,
            target: None,
            state: State::Waiting,
            detail: None,
            tries: 0,
            at: None,
            next: None,
        }
    }
}
