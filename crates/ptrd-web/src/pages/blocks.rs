//! The blocks that somebody has, or, for operators, all of them.

use crate::app::{App, Shown, Visit};
use crate::frame::Frame;
use crate::view::{Shell, good, grouped, link};
use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use ptrd_admin::Control;
use ptrd_api::{BlockFilter, BlockView, Problem};
use ptrd_wire::AddrRange;

/// Blocks of a page.
const PAGE: u64 = 50;

/// A block as a line of a listing.
struct BlockLine {
    range: String,
    tenant: String,
    mode: &'static str,
    map: String,
    /// How many of its addresses have a name of their own, where that was counted.
    set: String,
    size: String,
    suspended: bool,
    /// Whether it lies in another one.
    inside: String,
    zones: Vec<String>,
}

#[derive(Template)]
#[template(path = "blocks.html")]
struct BlocksPage {
    shell: Shell,
    blocks: Vec<BlockLine>,
    tenant: String,
    within: String,
    next: String,
    is_filtered: bool,
}

/// The mode in words.
pub(crate) fn mode_words(mode: &str) -> &'static str {
    match mode {
        "direct" => "direct",
        "classless" => "classless zone",
        "delegated-zone" => "delegated as a whole",
        "delegated-classless" => "delegated as a classless zone",
        "delegated-ns" => "delegated address by address",
        _ => "",
    }
}

fn size_of(range: &AddrRange) -> String {
    match (u64::try_from(range.size()), range.prefix_len()) {
        (Ok(size), _) if size < 1 << 40 => grouped(size),
        (_, Some(length)) => format!("2{}", raised(128 - u32::from(length))),
        (_, None) => format!("about 2{}", raised(range.size().ilog2())),
    }
}

/// A number as an exponent.
fn raised(n: u32) -> String {
    let digits = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    n.to_string().bytes().map(|digit| digits[usize::from(digit - b'0')]).collect()
}

impl BlockLine {
    fn of(block: &BlockView, set: Option<u64>) -> BlockLine {
        let range = block.range.parse::<AddrRange>().ok();
        let frame = range.map(|range| Frame::around(&range).range().to_string()).unwrap_or_default();
        BlockLine {
            range: block.range.clone(),
            tenant: block.tenant.clone(),
            mode: mode_words(&block.mode),
            map: link("/map", &[("range", &frame)]),
            set: set.map(grouped).unwrap_or_default(),
            size: range.map(|range| size_of(&range)).unwrap_or_default(),
            suspended: block.suspended,
            inside: block.inside.clone().unwrap_or_default(),
            zones: block.zones.iter().take(3).cloned().collect(),
        }
    }
}

/// How many addresses of a block have a PTR.
async fn count<C: Control>(visit: &Visit<C>, block: &BlockView) -> Option<u64> {
    let range = block.range.parse::<AddrRange>().ok()?;
    let frame = Frame::around(&range);
    let map = visit.seat.map(&frame).await.ok()?;
    let inside = map.parts.iter().filter(|part| range.covers(&frame.part(part.part)));
    Some(inside.map(|part| part.set).sum())
}

/// `/blocks`.
pub(crate) async fn page<C: Control>(State(app): State<App<C>>, request: Request) -> Shown {
    let (parts, _) = request.into_parts();
    let visit = app.visit(&parts).await?;
    Ok(visit.finish(made(&visit).await))
}

async fn made<C: Control>(visit: &Visit<C>) -> Result<Response, Problem> {
    let query = &visit.query;
    let filter = BlockFilter {
        within: query.some("within"),
        tenant: query.some("tenant"),
        after: query.some("after"),
        limit: Some(PAGE),
    };
    let (tenant, within) = (query.get("tenant"), query.get("within"));
    let is_filtered = !tenant.is_empty() || !within.is_empty() || filter.after.is_some();
    let found = visit.seat.blocks(filter).await?;
    let mut blocks = Vec::new();
    for block in &found.items {
        blocks.push(BlockLine::of(block, count(visit, block).await));
    }
    let next = found
        .next
        .as_deref()
        .map(|after| link("/blocks", &[("tenant", tenant), ("within", within), ("after", after)]));
    Ok(good(&BlocksPage {
        blocks,
        tenant: tenant.to_owned(),
        within: within.to_owned(),
        next: next.unwrap_or_default(),
        is_filtered,
        shell: visit.shell(if visit.seat.is_operator() { "Blocks" } else { "Your blocks" }, "blocks"),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_at_a_glance() {
        let size = |text: &str| size_of(&text.parse().expect("a range"));
        assert_eq!(size("192.0.2.0/26"), "64");
        assert_eq!(size("10.0.0.0/8"), "16\u{202f}777\u{202f}216");
        assert_eq!(size("2001:db8::/32"), "2⁹⁶");
        assert_eq!(size("::/0"), "2¹²⁸");
        assert_eq!(size("2001:db8::-2001:db8::ffff:0:0:0"), "about 2⁶³");
    }
}
