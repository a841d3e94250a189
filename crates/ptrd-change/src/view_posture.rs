//! How identities and delegations stand, as it is shown; and what there is to watch.

mod tenants;
#[cfg(test)]
mod tests;

use crate::history::time;
use crate::problem::{bad, quote};
use crate::publish::View;
use crate::request::{read_name, read_range};
use crate::sending::names_at;
use crate::tenant::tenant_name;
use crate::view::{LOOKED_AT, page_limit, picked};
use crate::watched::Courses;
use ptrd_api::{
    Page, PostureCheck, PostureDoubt, PostureFilter, PostureNote, PostureTurn, PostureView, Problem,
};
use ptrd_posture::identity::{Grade, Subject, pair};
use ptrd_posture::rir::check::{host_text, is_ordinary, is_ordinary_name};
use ptrd_posture::watch::{Course, Doubt, Kind, Note, Stand, advice};
use ptrd_store::Watched;
use ptrd_wire::{AddrRange, Name, RangeRelation, ReverseName};
use ptrd_zone::ZoneMeta;
use ptrd_zone::model::{Sending, TenantId, ZoneKind};
use std::collections::BTreeSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::net::IpAddr;

/// Items of a page that come with what was seen.
const MOST_EVIDENCE: usize = 100;

/// What is watched, and how it stands.
#[derive(Clone, Debug, Default)]
pub struct Watching {
    /// How it stands.
    pub courses: Courses,
    /// Sending addresses are watched.
    pub identity: bool,
    /// Delegations of zones are.
    pub delegation: bool,
    /// Zones of addresses that not everybody reaches, too: there is a root of one's own.
    pub private: bool,
}

/// A zone as it is served here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Served {
    /// The names of its NS RRset, in lower case without a final dot.
    pub nameservers: BTreeSet<String>,
    /// Its serial.
    pub serial: u32,
}

/// An address or zone that may be watched.
enum Thing<'v> {
    Address(&'v Sending),
    Zone(&'v ZoneMeta),
}

impl Thing<'_> {
    fn text(&self) -> String {
        match self {
            Thing::Address(mark) => mark.address.to_string(),
            Thing::Zone(meta) => meta.apex.to_string(),
        }
    }
}

/// How it stands with one.
struct Item<'v> {
    watched: Watched,
    /// Whose it is; `None` where that is not for the reader to know.
    tenant: Option<TenantId>,
    course: Option<&'v Course>,
}

impl Item<'_> {
    fn kind(&self) -> Kind {
        kind_of(&self.watched)
    }

    fn grade(&self) -> Grade {
        self.course.map_or(Grade::Unknown, Course::grade)
    }
}

/// What is watched of it.
pub fn kind_of(watched: &Watched) -> Kind {
    match watched {
        Watched::Address(_) => Kind::Identity,
        Watched::Zone(_) => Kind::Delegation,
    }
}

/// As it is written in requests and shown.
pub fn subject_text(watched: &Watched) -> String {
    match watched {
        Watched::Address(address) => address.to_string(),
        Watched::Zone(apex) => apex.to_string(),
    }
}

fn read_subject(text: &str) -> Result<Watched, Problem> {
    match text.parse::<IpAddr>() {
        Ok(address) => Ok(Watched::Address(address)),
        Err(_) => read_name("after", text).map(Watched::Zone),
    }
}

impl View {
    /// The sending addresses, in their order, each with what is known of it and a digest of that and of its names here: another
    /// digest is a reason to look again. `most` of them.
    pub fn identities(&self, most: usize) -> Vec<(Subject, u64)> {
        let text = |name: &ptrd_wire::Name| name.to_string();
        let of = |mark: &std::sync::Arc<ptrd_zone::Sending>| Subject {
            sending: Some(true),
            helo: Some(text(&mark.helo)),
            mta: mark.mta.clone(),
            domains: mark.domains.iter().map(text).collect(),
            ..Subject::new(mark.address)
        };
        let mut subjects: Vec<Subject> = self.declared.sending().take(most).map(of).collect();
        pair(&mut subjects);
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        let digest = |subject: &Subject| {
            let names = names_at(&self.snapshot, subject.address);
            hasher.hash_one((&subject.helo, &subject.domains, subject.both_families, names))
        };
        subjects
            .into_iter()
            .map(|subject| (digest(&subject), subject))
            .map(|(digest, it)| (it, digest))
            .collect()
    }

    /// Whose an address or a zone is.
    pub fn owner_of(&self, watched: &Watched) -> Option<TenantId> {
        match watched {
            Watched::Address(address) => self.declared.block_of(*address).map(|block| block.tenant),
            Watched::Zone(apex) => self.declared.zone(apex).map(|zone| zone.tenant),
        }
    }

    /// The same by name.
    pub fn tenant_of(&self, watched: &Watched) -> String {
        self.owner_name(self.owner_of(watched))
    }

    /// The name of a tenant; empty where it is nobody's.
    pub fn owner_name(&self, tenant: Option<TenantId>) -> String {
        tenant.map(|tenant| tenant_name(&self.declared, tenant)).unwrap_or_default()
    }

    /// How it stands with what the reader sees of what is watched. A page may end before it is full.
    ///
    /// # Errors
    /// A filter that makes no sense, an unknown tenant or zone.
    pub fn posture(&self, filter: &PostureFilter, watching: &Watching) -> Result<Page<PostureView>, Problem> {
        self.posture_within(filter, watching, LOOKED_AT)
    }

    /// The same, of so many for a page.
    fn posture_within(
        &self,
        filter: &PostureFilter,
        watching: &Watching,
        most: usize,
    ) -> Result<Page<PostureView>, Problem> {
        let tenant = filter.tenant.as_deref().map(|name| self.tenant_id(name)).transpose()?;
        let kind = word(filter.kind.as_deref(), "kind", &Kind::ALL, Kind::word)?;
        let grade = word(filter.grade.as_deref(), "grade", &Grade::ALL, Grade::word)?;
        let is_asked = |item: &Item<'_>| {
            tenant.is_none_or(|tenant| item.tenant == Some(tenant))
                && grade.is_none_or(|grade| item.grade() == grade)
        };
        let pick = |thing: &Thing<'_>| {
            let item = self.item(thing, watching).filter(is_asked)?;
            Some(self.posture_view(&item))
        };
        let limit = page_limit(filter.limit).min(if filter.evidence { MOST_EVIDENCE } else { usize::MAX });
        Ok(picked(self.things(filter, kind, watching)?, (limit, most), Thing::text, pick))
    }

    /// The addresses and zones of a filter, by kind, range, zone and place alone.
    fn things(
        &self,
        filter: &PostureFilter,
        kind: Option<Kind>,
        watching: &Watching,
    ) -> Result<impl Iterator<Item = Thing<'_>>, Problem> {
        let after = filter.after.as_deref().map(read_subject).transpose()?;
        let range = filter.within.as_deref().map(read_range).transpose()?;
        let zone = filter.zone.as_deref().map(|apex| self.zone_meta(apex).cloned()).transpose()?;
        let (address, apex) = match after {
            None => (None, None),
            Some(Watched::Address(address)) => (Some(address.to_string()), None),
            Some(Watched::Zone(apex)) => (None, Some(apex)),
        };
        let has_addresses = watching.identity && kind != Some(Kind::Delegation);
        let has_zones = watching.delegation && kind != Some(Kind::Identity);
        let marks = (has_addresses && zone.is_none() && apex.is_none())
            .then(|| self.all_marks(filter.within.as_deref(), address.as_deref()));
        let marks = marks.transpose()?.into_iter().flatten();
        let zones = has_zones.then(|| self.watched_zones(watching.private)).into_iter().flatten();
        let zones = zones.filter(move |meta| {
            apex.as_ref().is_none_or(|apex| meta.apex > *apex)
                && zone.as_ref().is_none_or(|zone| meta.apex == zone.apex)
                && range.is_none_or(|range| shown(meta).is_some_and(|shown| meets(&shown, &range)))
        });
        Ok(marks.map(|mark| Thing::Address(mark)).chain(zones.map(Thing::Zone)))
    }

    /// How it stands with something; `None` where that is not for the reader to see. How it stood when it was another's is known to
    /// nobody.
    fn item<'v>(&self, thing: &Thing<'_>, watching: &'v Watching) -> Option<Item<'v>> {
        let (watched, owner, tenant) = match thing {
            Thing::Address(mark) => {
                let owner = self.declared.block_of(mark.address).map(|block| block.tenant);
                let is_seen = self.sees_address(mark.address);
                is_seen.then_some((Watched::Address(mark.address), owner, owner))?
            }
            Thing::Zone(meta) => {
                let tenant = self.owns_zone(meta).then_some(meta.tenant);
                let is_seen = self.sees_zone(meta);
                is_seen.then(|| (Watched::Zone(meta.apex.clone()), Some(meta.tenant), tenant))?
            }
        };
        let course = watching.courses.get(&watched).map(|course| &**course);
        let course = course.filter(|course| course.whose == owner.map(|owner| owner.0));
        Some(Item { watched, tenant, course })
    }

    /// The zones whose delegation is watched: those of addresses, and companion zones, that everybody reaches unless `private` ones
    /// are meant too.
    fn watched_zones(&self, private: bool) -> impl Iterator<Item = &ZoneMeta> {
        let is_watched = move |meta: &ZoneMeta| match shown(meta) {
            Some(range) => private || is_ordinary(range.first()),
            None => self.declared.companion(meta.id).is_some() && (private || is_ordinary_name(&meta.apex)),
        };
        self.declared.zones().map(|meta| &**meta).filter(move |meta| is_watched(meta))
    }

    /// The same, `most` of them, each with a digest of its NS RRset: another one is a reason to look again.
    pub fn delegations(&self, private: bool, most: usize) -> Vec<(Name, u64)> {
        let hasher = BuildHasherDefault::<DefaultHasher>::default();
        let digest = |meta: &ZoneMeta| {
            let ns = self.snapshot.zone(&meta.apex).and_then(|zone| zone.apex_ns());
            hasher.hash_one(ns.map(|ns| ns.rdatas().collect::<Vec<_>>()))
        };
        self.watched_zones(private).take(most).map(|meta| (meta.apex.clone(), digest(meta))).collect()
    }

    /// A zone as it is served; `None` for one that is not.
    pub fn served(&self, apex: &Name) -> Option<Served> {
        let zone = self.snapshot.zone(apex)?;
        let names = zone.apex_ns().into_iter().flat_map(|ns| ns.rdatas());
        let names = names.filter_map(|rdata| Name::from_wire(rdata).ok());
        Some(Served {
            nameservers: names.map(|name| host_text(&name)).collect(),
            serial: zone.soa().serial.0,
        })
    }

    fn posture_view(&self, item: &Item<'_>) -> PostureView {
        let subject = subject_text(&item.watched);
        let tenant = self.owner_name(item.tenant);
        let (kind, grade) = (item.kind().word().to_owned(), item.grade().word().to_owned());
        let Some(course) = item.course else {
            return PostureView { subject, kind, tenant, grade, ..PostureView::default() };
        };
        let mut checks: Vec<(&String, &Stand)> = course.checks.iter().collect();
        checks.sort_by_key(|(_, stand)| std::cmp::Reverse(stand.grade));
        let turn = |turn: &ptrd_posture::watch::Turn| PostureTurn {
            at: time(turn.at),
            since: time(turn.since),
            check: turn.check.clone(),
            from: turn.from.map(graded),
            to: turn.to.map(graded),
            why: turn.why.clone(),
        };
        let note =
            |note: &Note| PostureNote { at: time(note.at), worse: note.worse, what: note.what.clone() };
        PostureView {
            kind,
            tenant,
            grade,
            looked: Some(time(course.looked)),
            unknown: course.unknown(),
            checks: checks.into_iter().map(|(check, stand)| check_view(&subject, check, stand)).collect(),
            history: course.history.iter().rev().map(turn).collect(),
            notes: course.notes.iter().rev().map(note).collect(),
            identity: None,
            subject,
        }
    }
}

fn graded(grade: Grade) -> String {
    grade.word().to_owned()
}

fn check_view(subject: &str, check: &str, stand: &Stand) -> PostureCheck {
    let is_fault = matches!(stand.grade, Grade::Warn | Grade::Fail);
    let doubt = |doubt: &Doubt| PostureDoubt {
        grade: doubt.grade.map(graded),
        since: time(doubt.at),
        until: time(doubt.until),
        why: doubt.why.clone(),
    };
    PostureCheck {
        check: check.to_owned(),
        grade: graded(stand.grade),
        since: time(stand.since),
        why: if stand.open.is_empty() || is_fault { &stand.why } else { &stand.open }.clone(),
        run: stand.run.clone(),
        todo: if is_fault { advice(check, subject) } else { String::new() },
        unknown: stand.unknown,
        doubt: stand.doubt.as_ref().map(doubt),
    }
}

/// The addresses that a zone is about, whatever its kind; none for a zone of names.
fn shown(meta: &ZoneMeta) -> Option<AddrRange> {
    match &meta.kind {
        ZoneKind::Range(prefix) => Some(prefix.range()),
        ZoneKind::Classless { range, .. } => Some(*range),
        ZoneKind::Verbatim => {
            ReverseName::of_name(&meta.apex).filter(|it| it.prefix.depth() > 0).map(|it| it.prefix.range())
        }
    }
}

fn meets(a: &AddrRange, b: &AddrRange) -> bool {
    a.relation(b) != RangeRelation::Disjoint
}

fn word<T: Copy>(
    given: Option<&str>,
    what: &str,
    all: &[T],
    word: impl Fn(T) -> &'static str,
) -> Result<Option<T>, Problem> {
    let Some(given) = given else { return Ok(None) };
    let found = all.iter().copied().find(|it| word(*it) == given);
    found.map(Some).ok_or_else(|| {
        let words: Vec<&str> = all.iter().map(|it| word(*it)).collect();
        bad(format!("{} is no {what}: {}", quote(given), words.join(", ")))
    })
}
