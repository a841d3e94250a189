//! The names that somebody has to look at: those that do not resolve back, those that wait until they do, and those that
//! look generic to spam filters.

use super::standing::{Amiss, Check, Finding, Waits, counted};
use crate::app::{App, Shown, Visit};
use crate::view::{Shell, good, link};
use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use ptrd_admin::Control;
use ptrd_api::{
    CheckFilter, LintFilter, MAX_PAGE, Page, PendingFilter, PostureCounts, PostureFilter,
    PostureTenantFilter, Problem,
};

/// Addresses of each list.
const PAGE: u64 = 50;

/// A list with the way on.
struct Listed<T> {
    items: Vec<T>,
    next: String,
    /// Whether it does not begin at the beginning.
    is_later: bool,
}

#[derive(Template)]
#[template(path = "checks.html")]
struct ChecksPage {
    shell: Shell,
    within: String,
    amiss: Listed<Amiss>,
    /// How many addresses and zones stand how; empty where none are watched.
    addresses: String,
    zones: String,
    failing: Listed<Check>,
    waits: Listed<Waits>,
    generic: Listed<Finding>,
}

/// The places in the lists, and what is listed at all.
struct Asked<'v, C> {
    visit: &'v Visit<C>,
}

impl<C: Control> Asked<'_, C> {
    fn within(&self) -> Option<String> {
        self.visit.query.some("within")
    }

    /// A page of a list, whose place stands under this name.
    fn listed<V, T>(&self, name: &str, page: Page<V>, item: impl FnMut(V) -> T) -> Listed<T> {
        let within = self.visit.query.get("within");
        let next = page.next.map(|after| link("/checks", &[("within", within), (name, &after)]));
        Listed {
            items: page.items.into_iter().map(item).collect(),
            next: next.map(|next| format!("{next}#{name}")).unwrap_or_default(),
            is_later: self.visit.query.ticked(name),
        }
    }

    async fn amiss(&self) -> Result<Listed<Amiss>, Problem> {
        let filter = PostureFilter {
            within: self.within(),
            grade: Some("fail".to_owned()),
            after: self.visit.query.some("world"),
            limit: Some(PAGE),
            ..PostureFilter::default()
        };
        let Listed { items, next, is_later } =
            self.listed("world", self.visit.seat.posture(filter).await?, Amiss::of);
        Ok(Listed { items: items.into_iter().flatten().collect(), next, is_later })
    }

    /// How many addresses and zones stand how.
    async fn watched(&self) -> Result<(String, String), Problem> {
        let filter = PostureTenantFilter { limit: Some(MAX_PAGE), ..PostureTenantFilter::default() };
        let found = self.visit.seat.posture_tenants(filter).await?.items;
        let (mut addresses, mut zones) = (PostureCounts::default(), PostureCounts::default());
        for view in found {
            addresses.add(&view.addresses);
            zones.add(&view.zones);
        }
        Ok((counted(&addresses), counted(&zones)))
    }

    async fn failing(&self) -> Result<Listed<Check>, Problem> {
        let filter = CheckFilter {
            within: self.within(),
            state: Some("failing".to_owned()),
            after: self.visit.query.some("failing"),
            limit: Some(PAGE),
        };
        Ok(self.listed("failing", self.visit.seat.checks(filter).await?, Check::of))
    }

    async fn waits(&self) -> Result<Listed<Waits>, Problem> {
        let after = self.visit.query.some("waiting");
        let filter = PendingFilter { within: self.within(), after, limit: Some(PAGE) };
        Ok(self.listed("waiting", self.visit.seat.pending(filter).await?, Waits::of))
    }

    async fn generic(&self) -> Result<Listed<Finding>, Problem> {
        let after = self.visit.query.some("generic");
        let filter = LintFilter { within: self.within(), sending: false, after, limit: Some(PAGE) };
        let Listed { items, next, is_later } =
            self.listed("generic", self.visit.seat.lint(filter).await?, Finding::of);
        Ok(Listed { items: items.into_iter().flatten().collect(), next, is_later })
    }
}

/// `/checks`.
pub(crate) async fn page<C: Control>(State(app): State<App<C>>, request: Request) -> Shown {
    let (parts, _) = request.into_parts();
    let visit = app.visit(&parts).await?;
    Ok(visit.finish(made(&visit).await))
}

async fn made<C: Control>(visit: &Visit<C>) -> Result<Response, Problem> {
    let asked = Asked { visit };
    let (addresses, zones) = asked.watched().await?;
    Ok(good(&ChecksPage {
        amiss: asked.amiss().await?,
        addresses,
        zones,
        within: asked.within().unwrap_or_default(),
        failing: asked.failing().await?,
        waits: asked.waits().await?,
        generic: asked.generic().await?,
        shell: visit.shell("Checks", "checks"),
    }))
}
