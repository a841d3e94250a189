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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::Color;
    use std::io::{Read, Write};
    use std::os::unix::net::UnixListener;

    /// A daemon that answers one connection with these pages, one after the other.
    fn daemon(listener: UnixListener, pages: &'static [&'static str]) {
        let (mut stream, _) = listener.accept().expect("a client");
        for page in pages {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut octet = [0];
                if stream.read(&mut octet).expect("a request") == 0 {
                    return;
                }
                head.push(octet[0]);
            }
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{page}",
                page.len()
            );
            stream.write_all(answer.as_bytes()).expect("an answer");
        }
    }

    async fn listed(pages: &'static [&'static str]) -> Result<Vec<u8>, Failure> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("socket");
        let listener = UnixListener::bind(&path).expect("a socket");
        let thread = std::thread::spawn(move || daemon(listener, pages));
        let mut client = Client::connect(&path, None, true).await?;
        let (mut screen, mut found) = (Screen::new(false, Color::Never), Vec::new());
        let outcome =
            each(&mut client, &mut screen, "/v1/ptrs", PtrFilter::default(), |n| found.push(n)).await;
        drop(client);
        thread.join().expect("the daemon ends");
        outcome.map(|()| found)
    }

    #[tokio::test]
    async fn a_listing_goes_on_to_its_end_or_fails() {
        let whole =
            listed(&[r#"{"items":[1,2],"next":"a"}"#, r#"{"items":[],"next":"b"}"#, r#"{"items":[3]}"#]);
        assert_eq!(whole.await.ok(), Some(vec![1, 2, 3]), "a page may be empty, and is not the last");
        let stuck = listed(&[r#"{"items":[1],"next":"a"}"#, r#"{"items":[2],"next":"a"}"#]).await;
        let message = stuck.err().and_then(|failure| failure.problem).map(|problem| problem.message);
        assert_eq!(
            message.as_deref(),
            Some("the listing does not go on: the daemon names the same page again")
        );
    }
}
