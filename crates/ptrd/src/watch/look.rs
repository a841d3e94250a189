//! A look, and what is taken in of it.

use super::{Shared, Watch, kind_of, locked, millis, nth_grade, nth_kind};
use crate::checks::now;
use ptrd_ask::Whom;
use ptrd_change::subject_text;
use ptrd_posture::identity::{CheckId, Grade, Subject};
use ptrd_posture::watch::{Course, Found, Turn, interval, of_identity};
use ptrd_store::Watched;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// For how long one look may take. All that it asks has limits of its own, which come to less.
const LONGEST: Duration = Duration::from_secs(180);
/// Octets of what a look saw that are kept.
const MOST_EVIDENCE: usize = 64 << 10;

impl Watch {
    /// Looks at an address.
    pub(super) async fn look_at(&self, subject: Subject) {
        let watched = Watched::Address(subject.address);
        let looking = async {
            let surveyor = self.surveyor()?;
            let looked = tokio::time::timeout(LONGEST, surveyor.identity(subject, Whom::Everybody)).await;
            looked.map_err(|_| format!("no end within {} s", LONGEST.as_secs()))
        };
        let (found, evidence) = match looking.await {
            Ok(identity) => {
                let text = serde_json::to_string(&identity).unwrap_or_default();
                (of_identity(&identity), Some(text).filter(|text| text.len() <= MOST_EVIDENCE))
            }
            Err(why) => (vec![unknown(CheckId::PtrPresent.word(), why)], None),
        };
        self.take_in(watched, &found, |_| Some(evidence.unwrap_or_default()));
    }

    /// Takes in what a look found, of something that is still there to be watched. What it saw is told once that is done.
    pub(super) fn take_in(
        &self,
        watched: Watched,
        found: &[Found],
        saw: impl FnOnce(&mut Course) -> Option<String>,
    ) {
        let Shared { road, settings, books, tells, untold, counters, .. } = &*self.0;
        let view = road.view();
        let is_there = match &watched {
            Watched::Address(address) => view.declared.sending_at(*address).is_some(),
            Watched::Zone(apex) => view.declared.zone(apex).is_some(),
        };
        if !is_there {
            return;
        }
        let kind = nth_kind(kind_of(&watched));
        let worst = found.iter().map(|found| found.grade).max().unwrap_or(Grade::Unknown);
        counters.looks[kind][nth_grade(worst)].fetch_add(1, Ordering::Relaxed);
        let _books = locked(books);
        let mut course = self.course(&watched).unwrap_or_default();
        let came = course.observe(now(), found, millis(settings.confirm));
        let from = course.history.len().saturating_sub(came);
        for turn in &mut course.history[from..] {
            turn.told = !tells;
            let to = turn.to.map_or(Grade::ALL.len(), nth_grade);
            counters.turns[kind][to].fetch_add(1, Ordering::Relaxed);
            report(&watched, &view.tenant_of(&watched), turn);
        }
        let evidence = saw(&mut course);
        if came > 0 && *tells {
            locked(untold).insert(watched.clone());
        }
        road.put_course(watched, course, evidence);
    }

    pub(super) fn course(&self, watched: &Watched) -> Option<Course> {
        self.0.road.courses().get(watched).map(|course| Course::clone(course))
    }

    /// When to look next.
    pub(super) fn next(&self, watched: &Watched) -> i64 {
        let Shared { settings, .. } = &*self.0;
        let Some(course) = self.course(watched) else { return now() };
        let every = match watched {
            Watched::Address(_) => settings.every,
            Watched::Zone(_) => settings.delegation_every,
        };
        let regular = course.looked.saturating_add(interval(watched, millis(every)));
        course.again(millis(settings.confirm)).map_or(regular, |again| again.min(regular))
    }
}

/// Nothing was found out.
pub(super) fn unknown(check: &'static str, why: String) -> Found {
    Found { check, grade: Grade::Unknown, why, run: Vec::new(), patience: 0 }
}

fn report(watched: &Watched, tenant: &str, turn: &Turn) {
    let (kind, subject) = (kind_of(watched).word(), subject_text(watched));
    let (from, to) = (turn.from.map_or("new", Grade::word), turn.to.map_or("gone", Grade::word));
    let (check, why) = (&turn.check, &turn.why);
    match turn.to {
        Some(Grade::Warn | Grade::Fail) => {
            tracing::warn!(kind, subject, tenant, check, from, to, "not as it should be: {why}");
        }
        _ => tracing::info!(kind, subject, tenant, check, from, to, "as it should be again: {why}"),
    }
}
