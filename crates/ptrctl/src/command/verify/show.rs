//! How addresses stand, for people: what is not as it should be, the worst first, and how many are well. For programs, lines of
//! JSON as they come.

use super::asking::{Done, Sink};
use crate::failure::{Failure, verified};
use crate::screen::{Screen, counted};
use ptrd_posture::identity::{Check, CheckId, Grade, Identity, Line, Summary, Survey};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// How many checks are kept to be shown. JSON has all.
const MOST_SHOWN: usize = 5_000;

/// Where a check stands in the table.
type Place = (Reverse<Grade>, IpAddr, CheckId);

/// See the module.
pub struct Shown {
    /// The grades to show; those that are not a pass where none is named.
    only: Vec<Grade>,
    /// All checks of one address are worth a look.
    whole: bool,
    rows: BTreeMap<Place, Check>,
    left_out: u64,
    summary: Summary,
}

impl Shown {
    pub fn new(only: Vec<Grade>) -> Shown {
        Shown { only, whole: false, rows: BTreeMap::new(), left_out: 0, summary: Summary::default() }
    }

    /// Shows what was found, and says by the exit status how it came out.
    pub fn end(self, screen: &mut Screen, done: &Done) -> Result<(), Failure> {
        let grade = self.summary.grade().unwrap_or(Grade::Pass);
        if screen.json() {
            document(screen, &Line::Summary(self.summary))?;
            return verified(grade);
        }
        let row = |((_, address, id), check): (&Place, &Check)| {
            let see = check.run.first().cloned().unwrap_or_default();
            vec![check.grade.to_string(), address.to_string(), id.to_string(), check.why.clone(), see]
        };
        let rows: Vec<_> = self.rows.iter().map(row).collect();
        screen.table(&["GRADE", "ADDRESS", "CHECK", "WHY", "SEE"]).show(screen, &rows)?;
        if self.left_out > 0 {
            screen.line(&format!("… and {} more; --json has all", self.left_out))?;
        }
        let by_grade: Vec<String> =
            self.summary.addresses.iter().rev().map(|(grade, n)| format!("{n} {grade}")).collect();
        let sent = counted(done.sent, "question", "questions");
        screen.line(&format!("{}: {}; {sent} sent", done.said, by_grade.join(", ")))?;
        verified(grade)
    }
}

impl Sink for Shown {
    fn begin(&mut self, screen: &mut Screen, survey: &Survey) -> Result<(), Failure> {
        self.whole = survey.addresses == 1;
        if screen.json() { document(screen, &Line::Survey(survey.clone())) } else { Ok(()) }
    }

    fn add(&mut self, screen: &mut Screen, identity: Identity) -> Result<(), Failure> {
        self.summary.add(&identity);
        if screen.json() {
            if self.only.is_empty() || self.only.contains(&identity.grade()) {
                document(screen, &Line::Identity(identity))?;
            }
            return Ok(());
        }
        let address = identity.subject.address;
        for check in identity.checks {
            let wanted = match self.only.as_slice() {
                [] => self.whole || check.grade != Grade::Pass,
                only => only.contains(&check.grade),
            };
            if wanted {
                self.rows.insert((Reverse(check.grade), address, check.id), check);
            }
        }
        while self.rows.len() > MOST_SHOWN {
            self.rows.pop_last();
            self.left_out += 1;
        }
        Ok(())
    }

    fn short(&self) -> String {
        let worse = [Grade::Fail, Grade::Unknown, Grade::Warn];
        let some =
            worse.iter().filter_map(|grade| Some(format!("{} {grade}", self.summary.addresses.get(grade)?)));
        some.collect::<Vec<_>>().join(", ")
    }
}

/// A line of JSON.
pub fn document(screen: &mut Screen, line: &Line) -> Result<(), Failure> {
    let octets = serde_json::to_vec(line).map_err(|error| Failure::local(error.to_string()))?;
    screen.document(&octets)
}
