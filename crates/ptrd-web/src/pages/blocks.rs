//! The blocks that somebody has, or, for operators, all of them.

use crate::app::{App, Shown, Visit};
use crate::state::{State as Standing, flags};
use crate::view::{Shell, good, grouped, link};
use askama::Template;
use axum::extract::{Request, State};
use axum::response::Response;
use ptrd_admin::Control;
use ptrd_api::{BlockFilter, BlockView, MapPart, MapView, Problem};
use ptrd_wire::AddrRange;
use ptrd_wire::frame::Frame;
use std::collections::HashMap;

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
    /// What is to be looked at, and how often.
    flags: Vec<(Standing, String)>,
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
        "observed" => "observed, served by others",
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
    fn of(block: &BlockView, counted: Option<MapPart>) -> BlockLine {
        let flags = counted.iter().flat_map(flags).filter(|(_, count)| *count > 0);
        let range = block.range.parse::<AddrRange>().ok();
        let frame = range.map(|range| Frame::around(&range).range().to_string()).unwrap_or_default();
        BlockLine {
            range: block.range.clone(),
            tenant: block.tenant.clone(),
            mode: mode_words(&block.mode),
            map: link("/map", &[("range", &frame)]),
            flags: flags.map(|(state, count)| (state, grouped(count))).collect(),
            set: counted.as_ref().map(|counted| grouped(counted.set)).unwrap_or_default(),
            size: range.map(|range| size_of(&range)).unwrap_or_default(),
            suspended: block.suspended,
            inside: block.inside.clone().unwrap_or_default(),
            zones: block.zones.iter().take(3).cloned().collect(),
        }
    }
}

/// Counts what is in blocks. Those that lie side by side are on one map, which is asked for once.
struct Counts<'v, C> {
    visit: &'v Visit<C>,
    maps: HashMap<String, Option<MapView>>,
}

impl<C: Control> Counts<'_, C> {
    async fn of(&mut self, block: &BlockView) -> Option<MapPart> {
        let range = block.range.parse::<AddrRange>().ok()?;
        let frame = Frame::around(&range);
        if range.prefix_len().is_none() && !frame.is_leaf() {
            // It begins or ends within a part.
            return None;
        }
        let key = frame.range().to_string();
        if !self.maps.contains_key(&key) {
            self.maps.insert(key.clone(), self.visit.seat.counts(&frame).await.ok());
        }
        let map = self.maps.get(&key)?.as_ref()?;
        let mut all = MapPart::default();
        for part in map.parts.iter().filter(|part| range.covers(&frame.part(part.part))) {
            all.set += part.set;
            all.failing += part.failing;
            all.pending += part.pending;
        }
        Some(all)
    }
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
        around: None,
        tenant: query.some("tenant"),
        after: query.some("after"),
        limit: Some(PAGE),
    };
    let (tenant, within) = (query.get("tenant"), query.get("within"));
    let is_filtered = !tenant.is_empty() || !within.is_empty() || filter.after.is_some();
    let found = visit.seat.blocks(filter).await?;
    let (mut blocks, mut counts) = (Vec::new(), Counts { visit, maps: HashMap::new() });
    for block in &found.items {
        blocks.push(BlockLine::of(block, counts.of(block).await));
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
