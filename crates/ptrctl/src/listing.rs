//! Listings: page after page, until the end or the limit.

use crate::client::{Client, with_query};
use crate::failure::Failure;
use crate::screen::Screen;
use ptrd_api::{
    AccessFilter, BlockFilter, CatalogFilter, CheckFilter, KeyFilter, LintFilter, LogFilter, NameGrantFilter,
    NotifyFilter, NotifyStatusFilter, Page, PendingFilter, PostureFilter, PostureTenantFilter, PtrFilter,
    RecordFilter, SendingFilter, SetFilter, TenantFilter, TokenFilter, ZoneFilter,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How many items are asked for at a time.
const PAGE: u64 = 1_000;

/// A filter that can be set to the next page.
pub trait Paged: Serialize {
    /// Asks for at most `limit` items after the one named.
    fn turn(&mut self, after: Option<String>, limit: u64);
}

macro_rules! paged {
    ($($filter:ty),*) => {$(
        impl Paged for $filter {
            fn turn(&mut self, after: Option<String>, limit: u64) {
                self.after = after.or(self.after.take());
                self.limit = Some(limit);
            }
        }
    )*};
}

paged!(
    AccessFilter,
    CatalogFilter,
    CheckFilter,
    PendingFilter,
    PostureFilter,
    PostureTenantFilter,
    KeyFilter,
    LintFilter,
    NameGrantFilter,
    NotifyFilter,
    NotifyStatusFilter,
    TenantFilter,
    BlockFilter,
    ZoneFilter,
    PtrFilter,
    RecordFilter,
    SendingFilter,
    SetFilter,
    TokenFilter
);

impl Paged for LogFilter {
    fn turn(&mut self, after: Option<String>, limit: u64) {
        self.before = after.and_then(|number| number.parse().ok()).or(self.before);
        self.limit = Some(limit);
    }
}

/// Shows what a route lists: as a table, or with `--json` every page as it came.
pub async fn list<T: DeserializeOwned>(
    client: &mut Client,
    screen: &mut Screen,
    path: &str,
    filter: impl Paged,
    limit: Option<u64>,
    headings: &[&'static str],
    row: impl Fn(T) -> Vec<String>,
) -> Result<(), Failure> {
    list_counted(client, screen, path, filter, limit, headings, row).await.map(drop)
}

/// The same, and says how many items there were.
pub async fn list_counted<T: DeserializeOwned>(
    client: &mut Client,
    screen: &mut Screen,
    path: &str,
    filter: impl Paged,
    limit: Option<u64>,
    headings: &[&'static str],
    row: impl Fn(T) -> Vec<String>,
) -> Result<u64, Failure> {
    let mut table = screen.table(headings);
    let show = |screen: &mut Screen, raw: &[u8], items: Vec<T>| {
        if screen.json() {
            return screen.document(raw);
        }
        let rows: Vec<_> = items.into_iter().map(&row).collect();
        table.show(screen, &rows)
    };
    pages(client, screen, path, filter, limit, show).await
}

/// Hands on each item of a listing.
pub async fn each<T: DeserializeOwned>(
    client: &mut Client,
    screen: &mut Screen,
    path: &str,
    filter: impl Paged,
    mut take: impl FnMut(T),
) -> Result<(), Failure> {
    let all = |_: &mut Screen, _: &[u8], items: Vec<T>| {
        items.into_iter().for_each(&mut take);
        Ok(())
    };
    pages(client, screen, path, filter, None, all).await.map(drop)
}

/// Hands on each page of a listing, as it came and as it is meant, and says how many items there were.
pub async fn pages<T: DeserializeOwned>(
    client: &mut Client,
    screen: &mut Screen,
    path: &str,
    mut filter: impl Paged,
    limit: Option<u64>,
    mut show: impl FnMut(&mut Screen, &[u8], Vec<T>) -> Result<(), Failure>,
) -> Result<u64, Failure> {
    let mut left = limit.unwrap_or(u64::MAX);
    let (mut next, mut listed) = (None, 0);
    loop {
        filter.turn(next.clone(), left.min(PAGE));
        let answer = client.get::<Page<T>>(&with_query(path, &filter)?).await?;
        let Page { items, next: further } = answer.value;
        listed += items.len() as u64;
        left = left.saturating_sub(items.len() as u64);
        show(screen, &answer.raw, items)?;
        if left == 0 || further.is_none() {
            return Ok(listed);
        }
        if further == next {
            return Err(Failure::local("the listing does not go on: the daemon names the same page again"));
        }
        next = further;
    }
}
