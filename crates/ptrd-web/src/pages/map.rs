//! The map of a part of the address space, and beside it the address that was chosen.

use super::address::{self, Panel};
use super::square::{Reader, Square};
use crate::app::{App, Shown, Visit, see};
use crate::view::{Shell, grouped, link, page as answer};
use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use ptrd_admin::Control;
use ptrd_api::{BlockFilter, Problem, PtrFilter, PtrView, code};
use ptrd_wire::AddrRange;
use ptrd_wire::frame::{Frame, SIDE};
use std::net::IpAddr;

/// PTRs that are listed below a map of many addresses.
const LISTED: u64 = 50;
/// Blocks that are listed there.
const LISTED_BLOCKS: u64 = 100;

/// Frames around a map that are led to, besides the widest.
const NEAREST: usize = 4;

/// A link with what it is called.
pub(crate) struct Step {
    pub link: String,
    pub name: String,
}

/// An address with its names, below a map.
pub(crate) struct Named {
    pub link: String,
    pub address: String,
    pub names: String,
}

impl Named {
    pub fn of(ptr: &PtrView) -> Option<Named> {
        let link = address::path(ptr.address.parse().ok()?);
        Some(Named { link, address: ptr.address.clone(), names: ptr.names.join(" ") })
    }
}

#[derive(Template)]
#[template(path = "map.html")]
struct MapPage {
    shell: Shell,
    range: String,
    is_leaf: bool,
    /// Whether names were not looked at, because there are too many.
    unlinted: bool,
    /// The frames around it.
    path: Vec<Step>,
    /// The rows, where they can be zoomed into.
    rows: Vec<Step>,
    before: String,
    after: String,
    square: Square,
    set: String,
    addresses: String,
    named: Vec<Named>,
    more_named: String,
    blocks: Vec<Step>,
    panel: Option<Panel>,
    fill: String,
    export: String,
    history: String,
}

/// `/map`.
pub(crate) async fn page<C: Control>(State(app): State<App<C>>, request: Request) -> Shown {
    let (parts, _) = request.into_parts();
    let visit = app.visit(&parts).await?;
    Ok(visit.finish(made(&visit).await))
}

fn to_map(frame: &Frame) -> Step {
    Step { link: link("/map", &[("range", &frame.range().to_string())]), name: frame.name() }
}

async fn made<C: Control>(visit: &Visit<C>) -> Result<Response, Problem> {
    let text = visit.query.get("range");
    let range: AddrRange = text.parse().map_err(|error: ptrd_wire::RangeError| {
        Problem::new(code::BAD_REQUEST, format!("range: {error}"))
            .hint("maps are reached from the list of blocks")
    })?;
    let frame = Frame::around(&range);
    if frame.range() != range {
        return Ok(see(&to_map(&frame).link));
    }
    let chosen = visit.query.get("address").parse::<IpAddr>().ok().filter(|ip| frame.range().contains(*ip));
    let panel = match chosen.filter(|_| frame.is_leaf()) {
        Some(address) => Some(address::panel(visit, address).await?),
        None => None,
    };
    show(visit, &frame, panel, StatusCode::OK).await
}

/// A map with what stands beside it.
pub(crate) async fn show<C: Control>(
    visit: &Visit<C>,
    frame: &Frame,
    panel: Option<Panel>,
    status: StatusCode,
) -> Result<Response, Problem> {
    let range = frame.range().to_string();
    let map = visit.seat.map(frame).await?;
    let limit = if frame.is_leaf() { 256 } else { LISTED };
    let within = PtrFilter { within: Some(range.clone()), limit: Some(limit), ..PtrFilter::default() };
    let is_bare = map.parts.iter().all(|part| part.set == 0);
    let ptrs = if is_bare { Vec::new() } else { visit.seat.ptrs(within).await?.items };
    let chosen = panel.as_ref().map(|panel| panel.ip);
    let reader = if visit.seat.is_operator() { Reader::Operator } else { Reader::Tenant };
    let (square, blocks) = if frame.is_leaf() {
        (Square::of_addresses(frame, &map, &ptrs, chosen, reader), Vec::new())
    } else {
        (Square::of_parts(frame, &map, reader), blocks_in(visit, &range).await?)
    };
    let named = if frame.is_leaf() { Vec::new() } else { ptrs };
    let named: Vec<Named> = named.iter().filter_map(Named::of).collect();
    let rest = square.set.saturating_sub(named.len() as u64);
    let sibling = |nth: i64| neighbour(frame, nth).map(|frame| to_map(&frame).link).unwrap_or_default();
    Ok(answer(
        status,
        &MapPage {
            is_leaf: frame.is_leaf(),
            unlinted: map.unlinted,
            path: path(frame),
            rows: rows(frame, &square),
            before: sibling(-1),
            after: sibling(1),
            set: grouped(square.set),
            addresses: if square.addresses == u64::MAX {
                "more than 10^19".into()
            } else {
                grouped(square.addresses)
            },
            more_named: if named.is_empty() || rest == 0 { String::new() } else { grouped(rest) },
            named,
            blocks,
            fill: link("/fill", &[("range", &to_fill(&square, panel.as_ref(), &range))]),
            export: link("/export", &[("within", &range)]),
            history: link("/history", &[("range", &range)]),
            square,
            panel,
            shell: visit.shell(range.clone(), "blocks"),
            range,
        },
    ))
}

async fn blocks_in<C: Control>(visit: &Visit<C>, range: &str) -> Result<Vec<Step>, Problem> {
    let within = Some(range.to_owned());
    let found = visit
        .seat
        .blocks(BlockFilter { within, limit: Some(LISTED_BLOCKS), ..BlockFilter::default() })
        .await?;
    let step = |block: ptrd_api::BlockView| {
        let frame = Frame::around(&block.range.parse::<AddrRange>().ok()?);
        Some(Step { link: to_map(&frame).link, name: block.range })
    };
    Ok(found.items.into_iter().filter_map(step).collect())
}

/// The range to begin with where one is to be named: that of the block that was chosen, or of the only one.
fn to_fill(square: &Square, panel: Option<&Panel>, range: &str) -> String {
    let chosen = panel.map(|panel| panel.block.as_str());
    let only = (square.pieces.len() == 1).then(|| square.pieces[0].range.as_str());
    let block = chosen.or(only).filter(|block| {
        let both = (block.parse::<AddrRange>(), range.parse::<AddrRange>());
        matches!(both, (Ok(block), Ok(map)) if map.covers(&block))
    });
    block.unwrap_or(range).to_owned()
}

/// The frames around this one: the widest, and the nearest.
fn path(frame: &Frame) -> Vec<Step> {
    let mut path = frame.path();
    path.pop();
    if path.len() > NEAREST + 1 {
        path.drain(1..path.len() - NEAREST);
    }
    path.iter().map(to_map).collect()
}

/// The rows that anything lies in.
fn rows(frame: &Frame, square: &Square) -> Vec<Step> {
    if !frame.has_row_frames() {
        return Vec::new();
    }
    let used =
        square.cells.chunks(SIDE).enumerate().filter(|(_, row)| row.iter().any(|cell| !cell.link.is_empty()));
    used.map(|(nth, _)| to_map(&Frame::around(&frame.row(nth as u8)))).collect()
}

/// The frame of the same size before or after.
fn neighbour(frame: &Frame, by: i64) -> Option<Frame> {
    let range = frame.range();
    let end = if by < 0 { range.first_bits().checked_sub(1)? } else { range.last_bits().checked_add(1)? };
    let width = if range.first().is_ipv4() { 32 } else { 128 };
    if width == 32 && end > u128::from(u32::MAX) {
        return None;
    }
    Some(Frame::around(&AddrRange::of_prefix(range.family(), end, range.prefix_len()?)))
}
