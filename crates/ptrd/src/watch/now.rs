//! Looking at once, because somebody asks; and what was seen, for who wants to know.

use super::{MOST, Watch, locked};
use ptrd_api::{Page, PostureBody, PostureFilter, PostureView, Problem, code};
use ptrd_change::View;
use ptrd_posture::identity::Subject;
use ptrd_posture::watch::Kind;
use ptrd_store::Watched;
use ptrd_wire::Name;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::SemaphorePermit;
use tokio::task::JoinSet;

/// How many addresses are looked at because somebody asks.
const MOST_NOW: usize = 64;
/// For how long who asks waits.
const PATIENCE: Duration = Duration::from_secs(20);

impl Watch {
    /// Looks at what is asked for, as far as that goes in time, and says how it stands.
    ///
    /// # Errors
    /// What is asked for is not watched, or too much; others ask already.
    pub async fn look_now(&self, reader: Arc<View>, body: PostureBody) -> Result<Page<PostureView>, Problem> {
        let kind = self.meant(&body)?;
        if !self.0.is_loaded.load(Ordering::Relaxed) {
            return Err(
                Problem::new(code::BUSY, "how it stood is still to be read from the store").hint("try again")
            );
        }
        let Some(_seat) = self.seat(reader.for_operators().is_ok()) else {
            return Err(Problem::new(code::BUSY, "others have asked for a look, too").hint("try again"));
        };
        let filter = PostureFilter {
            within: body.within,
            zone: body.zone,
            kind: Some(kind.word().to_owned()),
            // One more, to know whether there are more.
            limit: Some(MOST_NOW as u64 + 1),
            ..PostureFilter::default()
        };
        let wanted = self.listed(&reader, &filter).await?;
        if wanted.len() > MOST_NOW {
            let message = format!("that is more than {MOST_NOW} addresses");
            return Err(Problem::new(code::INVALID, message)
                .hint("look at fewer, or wait: all are looked at from time to time"));
        }
        if wanted.is_empty() {
            let asked = filter.within.as_deref().or(filter.zone.as_deref()).unwrap_or_default();
            return Err(not_watched(kind, asked));
        }
        let looked = match kind {
            Kind::Identity => self.look_at_addresses(&reader, &wanted).await,
            Kind::Delegation => self.look_at_zones(&wanted).await,
        };
        locked(&self.0.asked).extend(looked);
        Ok(Page { items: self.listed(&reader, &filter).await?, next: None })
    }

    /// The first of a filter, as many as its limit says: a page of them may have fewer.
    async fn listed(&self, reader: &Arc<View>, filter: &PostureFilter) -> Result<Vec<PostureView>, Problem> {
        let (view, mut filter, watching) = (reader.clone(), filter.clone(), self.watching());
        let most = filter.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
        let listing = tokio::task::spawn_blocking(move || {
            let mut listed = Vec::new();
            loop {
                let page = view.posture(&filter, &watching)?;
                listed.extend(page.items);
                if page.next.is_none() || listed.len() >= most {
                    return Ok(listed);
                }
                filter.after = page.next;
            }
        });
        listing.await.map_err(|error| Problem::new(code::INTERNAL, error.to_string()))?
    }

    /// A place among those who have asked. Tenants cannot take all of them.
    pub(super) fn seat(&self, is_operator: bool) -> Option<SemaphorePermit<'_>> {
        let own = is_operator.then(|| self.0.own_seats.try_acquire().ok()).flatten();
        own.or_else(|| self.0.seats.try_acquire().ok())
    }

    /// What is to be looked at.
    fn meant(&self, body: &PostureBody) -> Result<Kind, Problem> {
        let settings = &self.0.settings;
        let (kind, key, what, is_on) = match (&body.within, &body.zone) {
            (Some(_), None) => (Kind::Identity, "identity", "sending addresses are", settings.identity),
            (None, Some(_)) => (Kind::Delegation, "delegation", "delegations are", settings.delegation),
            _ => return Err(Problem::new(code::BAD_REQUEST, "addresses or a zone are to be named")),
        };
        match is_on {
            true => Ok(kind),
            false => Err(Problem::new(code::CONFLICT, format!("{what} not watched here"))
                .hint(format!("`{key} = true` in the section watch of ptrd.toml"))),
        }
    }

    async fn look_at_zones(&self, wanted: &[PostureView]) -> Vec<Watched> {
        let apexes = wanted.iter().filter_map(|item| item.subject.parse().ok());
        let apexes: Vec<Name> = apexes.collect();
        for apex in &apexes {
            let _ = tokio::time::timeout(PATIENCE, self.look_at_zone(apex.clone())).await;
        }
        apexes.into_iter().map(Watched::Zone).collect()
    }

    async fn look_at_addresses(&self, reader: &Arc<View>, wanted: &[PostureView]) -> Vec<Watched> {
        let wanted: BTreeSet<IpAddr> = wanted.iter().filter_map(|item| item.subject.parse().ok()).collect();
        let view = reader.clone();
        let all = tokio::task::spawn_blocking(move || view.identities(MOST)).await.unwrap_or_default();
        let all = all.into_iter().map(|(subject, _)| subject);
        let subjects: Vec<Subject> = all.filter(|subject| wanted.contains(&subject.address)).collect();
        let looked: Vec<Watched> = subjects.iter().map(|subject| Watched::Address(subject.address)).collect();
        // What is not done by then is looked at when its time comes.
        let _ = tokio::time::timeout(PATIENCE, self.look_at_all(subjects)).await;
        looked
    }

    async fn look_at_all(&self, subjects: Vec<Subject>) {
        let mut looks = JoinSet::new();
        for subject in subjects {
            if looks.len() >= self.0.settings.at_a_time {
                looks.join_next().await;
            }
            let watch = self.clone();
            looks.spawn(async move { watch.look_at(subject).await });
        }
        while looks.join_next().await.is_some() {}
    }

    /// Adds what the last look at each address saw.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub async fn show_evidence(&self, views: &mut [PostureView]) -> Result<(), Problem> {
        // What a look saw that is not shown to the reader is not either.
        let address =
            |view: &PostureView| view.looked.as_ref().and(view.subject.parse().ok()).map(Watched::Address);
        let mut shown: Vec<(&mut PostureView, Watched)> =
            views.iter_mut().filter_map(|view| address(view).map(|watched| (view, watched))).collect();
        let asked = shown.iter().map(|(_, watched)| watched.clone()).collect();
        let evidence = self.0.road.evidence(asked).await?;
        for ((view, _), evidence) in shown.iter_mut().zip(evidence) {
            view.identity = evidence.and_then(|text| serde_json::from_str(&text).ok());
        }
        Ok(())
    }
}

fn not_watched(kind: Kind, asked: &str) -> Problem {
    let (message, hint) = match kind {
        Kind::Identity => (
            format!("no sending address of {asked} is watched"),
            "`ptrctl sending list` shows those there are; `ptrctl sending set` adds one",
        ),
        Kind::Delegation => (
            format!("the delegation of {asked} is not watched"),
            "zones of addresses that everybody reaches are, and companion zones; with a root of one's own the others",
        ),
    };
    Problem::new(code::NOT_FOUND, message).hint(hint)
}
