//! Finding an address, a range, a zone, a tenant or a name.

use super::address;
use super::map::Named;
use crate::app::{App, Shown, Visit, see};
use crate::view::{Shell, good, link};
use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use ptrd_admin::Control;
use ptrd_api::{Problem, PtrFilter};
use ptrd_wire::frame::Frame;
use ptrd_wire::{AddrRange, Name, ReversePrefix};
use std::net::IpAddr;

/// PTRs of a page.
const PAGE: u64 = 100;

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    shell: Shell,
    found: Vec<Named>,
    next: String,
    /// How many PTRs there are more to look at is not known; whether there are is.
    is_over: bool,
}

/// What a text that was typed is, where that can be told from the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sought {
    Address(IpAddr),
    Range(AddrRange),
    Text,
}

fn read(text: &str) -> Sought {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Sought::Address(address.to_canonical());
    }
    if let Ok(range) = text.parse::<AddrRange>() {
        return Sought::Range(range);
    }
    let prefix = text.parse::<Name>().ok().and_then(|name| ReversePrefix::of_apex(&name));
    match prefix.map(|prefix| prefix.range()) {
        Some(range) if range.size() == 1 => Sought::Address(range.first()),
        Some(range) => Sought::Range(range),
        None => Sought::Text,
    }
}

/// `/search`.
pub(crate) async fn page<C: Control>(State(app): State<App<C>>, request: Request) -> Shown {
    let (parts, _) = request.into_parts();
    let visit = app.visit(&parts).await?;
    Ok(visit.finish(made(&visit).await))
}

async fn made<C: Control>(visit: &Visit<C>) -> Result<Response, Problem> {
    let text = visit.query.get("q");
    match read(text) {
        Sought::Address(address) => return Ok(see(&address::path(address))),
        Sought::Range(range) => {
            let frame = Frame::around(&range).range().to_string();
            return Ok(see(&link("/map", &[("range", &frame)])));
        }
        Sought::Text => {}
    }
    if visit.seat.is_operator() && visit.seat.tenant(text).await.is_ok() {
        return Ok(see(&link("/blocks", &[("tenant", text)])));
    }
    let mut page = SearchPage {
        found: Vec::new(),
        next: String::new(),
        is_over: true,
        shell: Shell { sought: text.to_owned(), ..visit.shell("Search", "search") },
    };
    if !text.is_empty() {
        let name = text.trim_end_matches('.').to_owned();
        let filter = PtrFilter {
            name: Some(name),
            after: visit.query.some("after"),
            limit: Some(PAGE),
            ..PtrFilter::default()
        };
        let found = visit.seat.ptrs(filter).await?;
        page.is_over = found.next.is_none();
        page.next =
            found.next.map(|after| link("/search", &[("q", text), ("after", &after)])).unwrap_or_default();
        page.found = found.items.iter().filter_map(Named::of).collect();
    }
    Ok(good(&page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_understood() {
        let range = |text: &str| Sought::Range(text.parse().expect("a range"));
        let address = |text: &str| Sought::Address(text.parse().expect("an address"));
        for (text, sought) in [
            ("192.0.2.7", address("192.0.2.7")),
            ("::ffff:192.0.2.7", address("192.0.2.7")),
            ("2001:db8::7", address("2001:db8::7")),
            ("192.0.2.0/26", range("192.0.2.0/26")),
            ("192.0.2.10-192.0.2.20", range("192.0.2.10-192.0.2.20")),
            ("7.2.0.192.in-addr.arpa.", address("192.0.2.7")),
            ("2.0.192.in-addr.arpa", range("192.0.2.0/24")),
            ("8.b.d.0.1.0.0.2.ip6.arpa", range("2001:db8::/32")),
            ("mail.example.com", Sought::Text),
            ("192.0.2.1/24", Sought::Text),
            ("acme", Sought::Text),
            ("", Sought::Text),
        ] {
            assert_eq!(read(text), sought, "{text}");
        }
    }
}
