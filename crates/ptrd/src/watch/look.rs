//! A look, and what is taken in of it.

use super::{Shared, Watch, locked, millis, nth_grade, nth_kind};
use crate::checks::now;
use ptrd_ask::Whom;
use ptrd_change::{kind_of, subject_text};
use ptrd_posture::identity::{CheckId, Grade, Subject};
use ptrd_posture::watch::{Course, Found, Turn, interval, of_identity};
use ptrd_store::Watched;
use ptrd_zone::model::TenantId;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// For how long one look may take. All that it asks has limits of its own, which come to less.
const LONGEST: Duration = Duration::from_secs(180);
/// Octets of what a look saw that are kept.
const MOST_EVIDENCE: usize = 64 << 10;

impl Watch {
    /// Looks at an address.
    pub(super) async fn look_at(&self, subject: Subject) {
        let (watched, began) = (Watched::Address(subject.address), now());
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
        self.take_in(watched, began, &found, |_| Some(evidence.unwrap_or_default()));
    }

    /// Takes in what a look found that began then, of something that is still there to be watched. What it saw is told once that
    /// is done.
    pub(super) fn take_in(
        &self,
        watched: Watched,
        began: i64,
        found: &[Found],
        saw: impl FnOnce(&mut Course) -> Option<String>,
    ) {
        let Shared { road, settings, books, is_loaded, tells, untold, counters, .. } = &*self.0;
        let kind = nth_kind(kind_of(&watched));
        let worst = found.iter().map(|found| found.grade).max().unwrap_or(Grade::Unknown);
        counters.looks[kind][nth_grade(worst)].fetch_add(1, Ordering::Relaxed);
        let _books = locked(books);
        let view = road.view();
        let is_there = match &watched {
            Watched::Address(address) => view.declared.sending_at(*address).is_some(),
            Watched::Zone(apex) => view.declared.zone(apex).is_some(),
        };
        if !is_there || !is_loaded.load(Ordering::Relaxed) {
            return;
        }
        let whose = view.owner_of(&watched).map(|tenant| tenant.0);
        let mut course = self.course(&watched).unwrap_or_else(|| Course { whose, ..Course::default() });
        if course.whose != whose {
            return self.forget_before(watched, whose);
        }
        if !course.admits(began, now()) {
            return;
        }
        let came = course.observe(began, found, millis(settings.confirm));
        let from = course.history.len().saturating_sub(came);
        for turn in &course.history[from..] {
            let to = turn.to.map_or(Grade::ALL.len(), nth_grade);
            counters.turns[kind][to].fetch_add(1, Ordering::Relaxed);
            report(&watched, &view.tenant_of(&watched), turn);
        }
        if !*tells {
            course.told(i64::MAX);
        }
        let evidence = saw(&mut course);
        if came > 0 && *tells {
            locked(untold).insert(watched.clone());
        }
        road.put_course(watched, course, evidence);
    }

    /// Forgets what is watched no longer.
    pub(super) fn forget(&self, gone: Vec<Watched>) {
        let _books = locked(&self.0.books);
        self.0.road.forget_courses(gone);
    }

    /// Forgets how it stood with something that has come to be another tenant's. Looks that are under way do not count any more.
    pub(super) fn begin_anew(&self, watched: Watched, owner: Option<TenantId>) {
        let _books = locked(&self.0.books);
        self.forget_before(watched, owner.map(|tenant| tenant.0));
    }

    fn forget_before(&self, watched: Watched, whose: Option<u32>) {
        locked(&self.0.untold).remove(&watched);
        let course = Course { whose, looked: now(), ..Course::default() };
        self.0.road.put_course(watched, course, Some(String::new()));
    }

    /// Whether how it stood is known of another tenant's time.
    pub(super) fn is_anothers(&self, watched: &Watched, owner: Option<TenantId>) -> bool {
        self.course(watched).is_some_and(|course| course.whose != owner.map(|tenant| tenant.0))
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
        // A clock that was ahead once puts nothing off.
        let regular = course.looked.min(now()).saturating_add(interval(watched, millis(every)));
        course.again(millis(settings.confirm)).map_or(regular, |again| again.min(regular))
    }

    /// When to look at what was changed here: not more often than others confirm a look, however often it is changed.
    pub(super) fn soon(&self, watched: &Watched) -> i64 {
        let looked = self.course(watched).map_or(0, |course| course.looked.min(now()));
        now().max(looked.saturating_add(millis(self.0.settings.confirm)))
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
