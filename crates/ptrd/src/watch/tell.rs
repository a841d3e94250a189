//! What others are to be told, and that they were.

use super::{Watch, locked};
use ptrd_change::{kind_of, subject_text};
use ptrd_posture::watch::{Course, Turn, Untold};
use ptrd_store::Watched;
use std::sync::Arc;

/// Turns that one message is about.
const MOST_TOLD: usize = 10_000;

impl Watch {
    /// Finds out who has turns that others are still to be told of.
    pub(super) fn gather_untold(&self) {
        let courses = self.0.road.courses();
        if !self.0.tells {
            return;
        }
        let untold = courses.iter().filter(|(_, course)| course.untold().next().is_some());
        *locked(&self.0.untold) = untold.map(|(watched, _)| watched.clone()).collect();
    }

    /// What others are still to be told of, and up to when that is of each.
    pub fn untold(&self) -> (Vec<Untold>, Vec<(Watched, i64)>) {
        let (mut untold, mut until) = (Vec::new(), Vec::new());
        let waiting: Vec<Watched> = locked(&self.0.untold).iter().cloned().collect();
        let (courses, view) = (self.0.road.courses(), self.0.road.view());
        for watched in waiting {
            let owner = view.owner_of(&watched);
            let is_theirs = |course: &&Arc<Course>| course.whose == owner.map(|tenant| tenant.0);
            let Some(course) = courses.get(&watched).filter(is_theirs) else {
                locked(&self.0.untold).remove(&watched);
                continue;
            };
            let turns: Vec<&Turn> = course.untold().collect();
            if untold.len() + turns.len() > MOST_TOLD {
                break;
            }
            let tenant = view.owner_name(owner);
            let of = |turn: &Turn| Untold {
                kind: kind_of(&watched),
                subject: subject_text(&watched),
                tenant: tenant.clone(),
                turn: turn.clone(),
                run: course.checks.get(&turn.check).map(|stand| stand.run.clone()).unwrap_or_default(),
            };
            untold.extend(turns.iter().map(|turn| of(turn)));
            until.push((watched.clone(), turns.iter().map(|turn| turn.at).max().unwrap_or(0)));
        }
        (untold, until)
    }

    /// Notes that others were told of what came up to these moments.
    pub fn told(&self, until: Vec<(Watched, i64)>) {
        let _books = locked(&self.0.books);
        for (watched, until) in until {
            let course = self.course(&watched);
            let is_left = course.as_ref().is_some_and(|course| course.untold().any(|turn| turn.at > until));
            if !is_left {
                locked(&self.0.untold).remove(&watched);
            }
            if let Some(course) = course {
                let mut told = Course::clone(&course);
                told.told(until);
                self.0.road.put_course(watched, told, None);
            }
        }
    }
}
