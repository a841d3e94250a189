//! How it stands with one address or zone, check by check.
//!
//! Invariants, which tests hold:
//! - not being able to find out changes nothing: neither does it make a fault, nor end one;
//! - a fault, and the end of one, stands once a later look says the same, at least as long after as was asked for; until then it
//!   is a doubt, of which nobody is told. So what goes and comes makes at most one turn for two looks;
//! - at most [`KEPT`] turns are kept, the newest; one that others are still to be told of is not lost, but makes one with the next of
//!   its check.

use crate::identity::{CheckId, Grade};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many turns are kept.
pub const KEPT: usize = 16;
/// Octets of a sentence or command that are kept: what is in them came from the network.
const LONGEST: usize = 600;
/// Commands that are kept of a check.
const MOST_COMMANDS: usize = 3;
/// How often the time to the next look is doubled at most while nothing can be found out.
const MOST_DOUBLED: u32 = 6;
/// Checks on which no other depends: that one of them could not be made says nothing of what else was reached.
const ALONE: [CheckId; 3] = [CheckId::ResolversAgree, CheckId::NameserversAgree, CheckId::Dnssec];

/// What one look says of one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The word for the check.
    pub check: &'static str,
    /// How it came out.
    pub grade: Grade,
    /// Why, in one sentence.
    pub why: String,
    /// Commands that show the same.
    pub run: Vec<String>,
    /// A fault cannot be confirmed before so many milliseconds have passed, however early others can.
    pub patience: i64,
}

/// How it stands with one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stand {
    /// The grade that stands; [`Grade::Unknown`] until something was found out.
    pub grade: Grade,
    /// Since when, milliseconds since 1970 UTC.
    pub since: i64,
    /// Why; empty where all is well.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Commands that show the same; none where all is well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub run: Vec<String>,
    /// What the last look says otherwise, and no other look has confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Doubt>,
    /// How often in a row it could not be found out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unknown: u32,
    /// Why it could not be found out at the last look.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub open: String,
}

// serde hands over references.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// Something that is to be confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// The grade; `None` where the question does not arise any more, since another check says already why.
    pub grade: Option<Grade>,
    /// When it was seen first, milliseconds since 1970 UTC.
    pub at: i64,
    /// From when on another look confirms it.
    pub until: i64,
    /// Why.
    pub why: String,
    /// Commands that show the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub run: Vec<String>,
}

/// From one grade to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// When it was confirmed, milliseconds since 1970 UTC.
    pub at: i64,
    /// When it was seen first.
    pub since: i64,
    /// The word for the check.
    pub check: String,
    /// What stood before; `None` where nothing was known.
    pub from: Option<Grade>,
    /// What stands now; `None` where the question does not arise any more.
    pub to: Option<Grade>,
    /// Why.
    pub why: String,
    /// Whether others were told.
    pub told: bool,
}

/// Something that is otherwise than at the look before, and is no check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When it was seen, milliseconds since 1970 UTC.
    pub at: i64,
    /// Whether it is for the worse.
    pub worse: bool,
    /// What.
    pub what: String,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// A number for whose it was; how it stood is for nobody else to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whose: Option<u32>,
    /// When it was looked at last, milliseconds since 1970 UTC.
    pub looked: i64,
    /// How it stands, by check.
    pub checks: BTreeMap<String, Stand>,
    /// The turns, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Turn>,
    /// What else has changed, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

impl Course {
    /// Whether what a look found may be taken in that began then: after the one before. Others that were under way at once confirm
    /// nothing. What a clock has left that was ahead once is set right.
    pub fn admits(&mut self, began: i64, now: i64) -> bool {
        if self.looked > now {
            self.set_back(began.saturating_sub(1));
        }
        began > self.looked
    }

    /// Nothing was seen after this moment.
    fn set_back(&mut self, to: i64) {
        self.looked = to;
        for stand in self.checks.values_mut() {
            stand.since = stand.since.min(to);
            stand.doubt = stand.doubt.take().filter(|doubt| doubt.at <= to);
        }
        for turn in &mut self.history {
            (turn.at, turn.since) = (turn.at.min(to), turn.since.min(to));
        }
    }

    /// Notes what else has changed.
    pub fn note(&mut self, notes: impl IntoIterator<Item = Note>) {
        self.notes.extend(notes.into_iter().map(|note| Note { what: cut(&note.what), ..note }));
        self.notes.drain(..self.notes.len().saturating_sub(KEPT));
    }

    /// Whether all that was found has been confirmed, and nothing is unknown.
    pub fn is_settled(&self) -> bool {
        self.checks.values().all(|stand| stand.doubt.is_none() && stand.unknown == 0)
    }

    /// Takes in what a look found, which others confirm after `confirm` milliseconds at the earliest. Says how many turns it
    /// brought; they are the last of the history.
    pub fn observe(&mut self, at: i64, found: &[Found], confirm: i64) -> usize {
        self.looked = at;
        let mut turns = Vec::new();
        for found in found {
            let stand = self.checks.entry(found.check.to_owned()).or_insert_with(|| Stand::unknown(at));
            turns.extend(stand.take(at, found, confirm));
        }
        // While something could not be found out, what was not checked may just not have been reached.
        if !found.iter().any(hides_others) {
            let gone = |check: &String| found.iter().all(|found| found.check != check);
            let gone: Vec<String> = self.checks.keys().filter(|check| gone(check)).cloned().collect();
            for check in gone {
                let Some(stand) = self.checks.get_mut(&check) else { continue };
                let (ends, turn) = stand.vanish(at, &check, confirm);
                turns.extend(turn);
                if ends {
                    self.checks.remove(&check);
                }
            }
        }
        let came = turns.len();
        self.history.extend(turns);
        self.shorten();
        came
    }

    /// Keeps [`KEPT`] turns: first those go that were told, then two of the same check become one.
    fn shorten(&mut self) {
        let mut over = self.history.len().saturating_sub(KEPT);
        self.history.retain(|turn| {
            let goes = over > 0 && turn.told;
            over -= usize::from(goes);
            !goes
        });
        while self.history.len() > KEPT {
            let before =
                |at: usize| (0..at).rev().find(|old| self.history[*old].check == self.history[at].check);
            // The oldest two, so that what came just now stays as it is.
            let pair = (0..self.history.len()).find_map(|at| Some((before(at)?, at)));
            if let Some((old, at)) = pair {
                self.history[at].from = self.history[old].from;
            }
            self.history.remove(pair.map_or(0, |(old, _)| old));
        }
    }

    /// The worst that stands; [`Grade::Unknown`] before the first look.
    pub fn grade(&self) -> Grade {
        self.checks.values().map(|stand| stand.grade).max().unwrap_or(Grade::Unknown)
    }

    /// How often in a row something could not be found out.
    pub fn unknown(&self) -> u32 {
        self.checks.values().map(|stand| stand.unknown).max().unwrap_or(0)
    }

    /// When to look again before its time: something is to be confirmed, or nothing is known yet.
    pub fn again(&self, confirm: i64) -> Option<i64> {
        if self.checks.is_empty() {
            return Some(self.looked);
        }
        let unknown = self.unknown().max(1);
        let of = |stand: &Stand| match &stand.doubt {
            Some(doubt) if doubt.until > self.looked => Some(doubt.until),
            // The last look did not make the check: the next may not either.
            Some(_) => Some(self.looked + wait(confirm, unknown)),
            None => (stand.grade == Grade::Unknown).then(|| self.looked + wait(confirm, stand.unknown)),
        };
        self.checks.values().filter_map(of).min()
    }

    /// The turns that others are still to be told of.
    pub fn untold(&self) -> impl Iterator<Item = &Turn> {
        self.history.iter().filter(|turn| !turn.told)
    }

    /// Notes that others were told of what came up to a moment.
    pub fn told(&mut self, until: i64) {
        self.history.iter_mut().filter(|turn| turn.at <= until).for_each(|turn| turn.told = true);
    }
}

impl Stand {
    fn unknown(at: i64) -> Stand {
        Stand {
            grade: Grade::Unknown,
            since: at,
            why: String::new(),
            run: Vec::new(),
            doubt: None,
            unknown: 0,
            open: String::new(),
        }
    }

    fn take(&mut self, at: i64, found: &Found, confirm: i64) -> Option<Turn> {
        let why = cut(&found.why);
        if found.grade == Grade::Unknown {
            self.unknown = self.unknown.saturating_add(1);
            self.open = why;
            if let Some(doubt) = &mut self.doubt {
                doubt.until = doubt.until.max(at + wait(confirm, self.unknown));
            }
            return None;
        }
        (self.unknown, self.open) = (0, String::new());
        let is_first = self.grade == Grade::Unknown && found.grade == Grade::Pass;
        if found.grade == self.grade || is_first {
            if is_first {
                (self.grade, self.since) = (found.grade, at);
            }
            self.doubt = None;
            self.explain(why, &found.run);
            return None;
        }
        let is_worse = |grade: Grade| rank(grade) > rank(self.grade);
        let same = self
            .doubt
            .take()
            .filter(|doubt| doubt.grade.is_some_and(|grade| is_worse(grade) == is_worse(found.grade)));
        let (since, until) = match same {
            Some(doubt) => (doubt.at, doubt.until),
            None => (at, at + confirm.max(found.patience)),
        };
        if since == at || at < until {
            let run = commands(&found.run);
            self.doubt = Some(Doubt { grade: Some(found.grade), at: since, until, why, run });
            return None;
        }
        let from = Some(self.grade).filter(|grade| *grade != Grade::Unknown);
        (self.grade, self.since) = (found.grade, since);
        self.explain(why.clone(), &found.run);
        let check = found.check.to_owned();
        Some(Turn { at, since, check, from, to: Some(found.grade), why, told: false })
    }

    /// A look did not make this check. Whether it goes, and the turn where others know of a fault.
    fn vanish(&mut self, at: i64, check: &str, confirm: i64) -> (bool, Option<Turn>) {
        if matches!(self.grade, Grade::Pass | Grade::Unknown) {
            return (true, None);
        }
        const WHY: &str = "the question does not arise any more: see the other checks";
        match &self.doubt {
            Some(Doubt { grade: None, at: since, until, .. }) if at >= *until => {
                let (from, why) = (Some(self.grade), WHY.to_owned());
                let turn =
                    Turn { at, since: *since, check: check.to_owned(), from, to: None, why, told: false };
                (true, Some(turn))
            }
            Some(Doubt { grade: None, .. }) => (false, None),
            _ => {
                let (until, why) = (at + confirm, WHY.to_owned());
                self.doubt = Some(Doubt { grade: None, at, until, why, run: Vec::new() });
                (false, None)
            }
        }
    }

    fn explain(&mut self, why: String, run: &[String]) {
        let is_well = self.grade == Grade::Pass;
        self.why = if is_well { String::new() } else { why };
        self.run = if is_well { Vec::new() } else { commands(run) };
    }
}

/// Whether other checks may not have been reached.
fn hides_others(found: &Found) -> bool {
    found.grade == Grade::Unknown && ALONE.iter().all(|check| check.word() != found.check)
}

/// How grave what stands is; what is unknown is no fault.
fn rank(grade: Grade) -> u8 {
    match grade {
        Grade::Pass | Grade::Unknown => 0,
        Grade::Warn => 1,
        Grade::Fail => 2,
    }
}

/// How long to wait after so many looks in a row that found nothing out.
fn wait(confirm: i64, unknown: u32) -> i64 {
    confirm.saturating_mul(1 << unknown.saturating_sub(1).min(MOST_DOUBLED))
}

fn commands(run: &[String]) -> Vec<String> {
    // Half a command is worse than none.
    run.iter().filter(|command| command.len() <= LONGEST).take(MOST_COMMANDS).cloned().collect()
}

fn cut(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    format!("{}…", &text[..text.floor_char_boundary(LONGEST)])
}
