//! What is watched: how it stands, and what it took to find out.

use super::families::{Families, Labels};
use crate::checks::now;
use crate::watch::{Watch, WatchCounts, nth_grade, nth_kind};
use ptrd_change::{Watching, kind_of};
use ptrd_posture::identity::Grade;
use ptrd_posture::watch::Kind;
use ptrd_zone::model::TenantId;
use std::collections::BTreeMap;
use std::fmt;

/// Tenants that have a line of their own: the first by name.
const MOST_TENANTS: usize = 200;

/// How many of what.
#[derive(Default)]
struct Counted {
    subjects: BTreeMap<(Kind, Grade), u64>,
    checks: BTreeMap<(Kind, String, Grade), u64>,
    /// By grade: see [`Grade::ALL`].
    tenants: BTreeMap<String, [u64; 4]>,
    oldest: BTreeMap<Kind, i64>,
}

impl Counted {
    fn of(watch: &Watch, watching: &Watching) -> Counted {
        let mut counted = Counted::default();
        let view = watch.road().view();
        let mut owners: BTreeMap<Option<TenantId>, [u64; 4]> = BTreeMap::new();
        for (watched, course) in &watching.courses {
            let (kind, grade) = (kind_of(watched), course.grade());
            *counted.subjects.entry((kind, grade)).or_default() += 1;
            owners.entry(view.owner_of(watched)).or_default()[nth_grade(grade)] += 1;
            for (check, stand) in course.checks.iter().filter(|(_, stand)| stand.grade != Grade::Pass) {
                *counted.checks.entry((kind, check.clone(), stand.grade)).or_default() += 1;
            }
            let oldest = counted.oldest.entry(kind).or_insert(course.looked);
            *oldest = course.looked.min(*oldest);
        }
        for (owner, counts) in owners {
            let of = counted.tenants.entry(view.owner_name(owner)).or_default();
            of.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
        counted
    }
}

pub(super) fn show(families: &mut Families<'_>, watch: &Watch) -> fmt::Result {
    let watching = watch.watching();
    if !watching.identity && !watching.delegation {
        return Ok(());
    }
    let Counted { subjects, checks, tenants, oldest } = Counted::of(watch, &watching);
    let kinds = Kind::ALL.into_iter().filter(|kind| match kind {
        Kind::Identity => watching.identity,
        Kind::Delegation => watching.delegation,
    });
    let kinds: Vec<Kind> = kinds.collect();
    let each = kinds.iter().flat_map(|kind| Grade::ALL.map(|grade| (*kind, grade)));
    families.gauge(
        "watched",
        "Sending addresses and zones that are watched, by the worst that stands",
        each.map(|(kind, grade)| {
            let count = subjects.get(&(kind, grade)).copied().unwrap_or(0);
            (Labels::of([("kind", kind.word()), ("grade", grade.word())]), count as f64)
        }),
    )?;
    families.gauge(
        "watched_faults",
        "Of how many of them a check stands otherwise than well",
        checks.iter().map(|((kind, check, grade), count)| {
            (Labels::of([("kind", kind.word()), ("check", check), ("grade", grade.word())]), *count as f64)
        }),
    )?;
    families.gauge(
        "watched_of_tenant",
        "What is watched of a tenant, by the worst that stands; of the first 200 tenants by name",
        tenants.iter().take(MOST_TENANTS).flat_map(|(tenant, counts)| {
            Grade::ALL.into_iter().zip(counts).map(move |(grade, count)| {
                (Labels::of([("tenant", tenant), ("grade", grade.word())]), *count as f64)
            })
        }),
    )?;
    families.gauge(
        "watch_oldest_look_seconds",
        "How long ago that one was looked at that was not looked at for longest",
        oldest.iter().map(|(kind, looked)| {
            (Labels::of([("kind", kind.word())]), (now() - looked).max(0) as f64 / 1_000.0)
        }),
    )?;
    counters(families, &watch.counts(), &kinds)
}

fn counters(families: &mut Families<'_>, counts: &WatchCounts, kinds: &[Kind]) -> fmt::Result {
    let WatchCounts { looks, turns, questions } = counts;
    let looks = kinds.iter().flat_map(|kind| {
        Grade::ALL
            .into_iter()
            .zip(looks[nth_kind(*kind)])
            .map(|(grade, count)| (Labels::of([("kind", kind.word()), ("grade", grade.word())]), count))
    });
    families.counter("watch_looks", "Looks, by the worst that they found", looks)?;
    let words = Grade::ALL.map(Grade::word).into_iter().chain(["gone"]);
    let turns = kinds.iter().flat_map(|kind| {
        words
            .clone()
            .zip(turns[nth_kind(*kind)])
            .filter(|(word, _)| *word != "unknown")
            .map(|(word, count)| (Labels::of([("kind", kind.word()), ("to", word)]), count))
    });
    families.counter("watch_turns", "Changes of state that a second look has confirmed", turns)?;
    families.counter("watch_questions", "Questions that were sent for it", [(Labels::none(), *questions)])
}
