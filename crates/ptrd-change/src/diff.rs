//! What a change did, row by row, and what all changes between two points of the log come to.
//!
//! Both are written as lines of JSON: a change may be about a million addresses.

use crate::history::{first_kept, is_own, pruned, seen};
use crate::pending;
use crate::problem::{invalid, store};
use crate::publish::View;
use crate::request::{read_name, read_range};
use crate::touched::owner_of_setting;
use crate::undo::Rows;
use crate::view_edit::Names;
use ptrd_api::{DiffFilter, EditView, Problem, code};
use ptrd_store::{Edit, LogQuery, Store};
use ptrd_wire::{AddrRange, Name, RangeRelation};
use ptrd_zone::PtrEdits;
use ptrd_zone::model::{Block, ZoneId};
use std::io::{self, Write};
use std::sync::Arc;

/// Rows that a comparison may hold in memory.
const MAX_ROWS: usize = 2_000_000;
/// Changes that are asked for at a time.
const PAGE: usize = 1_000;

/// Edits that can be written out.
pub struct Edits {
    view: Arc<View>,
    edits: Vec<Edit>,
    /// What they come to, instead of each.
    net: bool,
    /// From the later point to the earlier.
    backwards: bool,
}

impl Edits {
    /// Writes a line of JSON, an [`EditView`], for each row.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let mut names = Names::new(&self.view);
        self.edits.iter().for_each(|edit| names.learn(edit));
        let mut line = |view: EditView| {
            serde_json::to_writer(&mut *out, &view)?;
            out.write_all(b"\n")
        };
        if !self.net {
            return self.edits.iter().try_for_each(|edit| names.show(edit, &mut line));
        }
        let mut rows = Rows::default();
        self.edits.iter().for_each(|edit| rows.add(edit));
        rows.settle();
        if self.backwards {
            rows.turn_round();
        }
        names.show_rows(&rows, &mut line)
    }
}

/// The edits of one change.
pub(crate) fn edits_of(change: u64, view: Arc<View>, reader: &mut dyn Store) -> Result<Edits, Problem> {
    let entry = seen(change, &view, reader)?;
    if !is_own(&view, &entry) {
        return Ok(Edits { view, edits: Vec::new(), net: false, backwards: false });
    }
    let mut edits = reader.edits(change).map_err(|error| store(&error))?;
    if view.reader().is_some() {
        edits = seen_edits(&view, edits);
    }
    Ok(Edits { view, edits, net: false, backwards: false })
}

/// What a tenant sees of a change of its own: what happened to its blocks, and to addresses that lie in no block of another
/// that the change made, altered or removed. What those had is none of its business, even where it comes to be its own.
fn seen_edits(view: &View, edits: Vec<Edit>) -> Vec<Edit> {
    let is_foreign = |block: &&Block| Some(block.tenant) != view.reader();
    let blocks = edits.iter().filter_map(|edit| match edit {
        Edit::Block { before, after, .. } => Some([before.as_deref(), after.as_deref()]),
        _ => None,
    });
    let foreign: Vec<AddrRange> =
        blocks.flatten().flatten().filter(is_foreign).map(|block| block.range).collect();
    let sees = |address| {
        view.sees_address(address) && !foreign.iter().any(|range: &AddrRange| range.contains(address))
    };
    let is_seen = |edit: &Edit| match edit {
        Edit::Block { before, after, .. } => {
            [before, after].into_iter().flatten().all(|block| view.sees_block(block))
        }
        Edit::Setting { name, before, after } => {
            let mut owners = [before, after].into_iter().flatten().map(|value| owner_of_setting(name, value));
            owners.all(|owner| owner.is_some() && owner == view.reader())
                && pending::address(name).is_none_or(sees)
        }
        Edit::Sending { address, .. } => sees(*address),
        _ => false,
    };
    let part = |edit| match edit {
        Edit::Ptrs(edits) => {
            let mut seen = PtrEdits::new();
            edits.iter().filter(|edit| sees(edit.address)).for_each(|edit| seen.push(edit));
            (!seen.is_empty()).then_some(Edit::Ptrs(seen))
        }
        edit => is_seen(&edit).then_some(edit),
    };
    edits.into_iter().filter_map(part).collect()
}

/// What a comparison is narrowed to.
struct Limits {
    zone: Option<(Name, Option<ZoneId>)>,
    range: Option<AddrRange>,
}

/// The edits between two points.
pub(crate) fn between(
    filter: &DiffFilter,
    view: Arc<View>,
    reader: &mut dyn Store,
) -> Result<Edits, Problem> {
    let to = filter.to.unwrap_or(view.version);
    let (first, last) = (filter.from.min(to), filter.from.max(to));
    if last > view.version {
        return Err(invalid(format!("there is no change {last}: the newest is {}", view.version))
            .hint("`ptrctl log` lists what there is"));
    }
    let kept = first_kept(&view, reader)?;
    // After the change before the oldest: that is where it starts.
    if first + 1 < kept {
        return Err(pruned(first + 1, kept));
    }
    let apex = filter.zone.as_deref().map(|text| read_name("the zone", text)).transpose()?;
    let limits = Limits {
        zone: apex.map(|apex| {
            let id = view.declared.zone(&apex).map(|zone| zone.id);
            (apex, id)
        }),
        range: filter.range.as_deref().map(read_range).transpose()?,
    };
    let mut numbers = Vec::new();
    let mut query = LogQuery {
        after: Some(first),
        before: Some(last + 1),
        limit: PAGE,
        range: limits.range,
        ..LogQuery::default()
    };
    if let Some((apex, id)) = &limits.zone {
        (query.apex, query.zone) = (Some(apex.clone()), *id);
    }
    loop {
        let page = reader.log(&query).map_err(|error| store(&error))?;
        numbers.extend(page.iter().map(|entry| entry.change));
        match page.last() {
            Some(entry) if page.len() == PAGE => query.before = Some(entry.change),
            _ => break,
        }
    }
    let (mut edits, mut rows) = (Vec::new(), 0);
    for change in numbers.into_iter().rev() {
        for edit in reader.edits(change).map_err(|error| store(&error))? {
            let Some(edit) = limits.of(edit) else { continue };
            rows += if let Edit::Ptrs(ptrs) = &edit { ptrs.len() } else { 1 };
            edits.push(edit);
        }
        if rows > MAX_ROWS {
            return Err(Problem::new(
                code::TOO_LARGE,
                format!("more than {MAX_ROWS} rows changed between {first} and {last}"),
            )
            .hint("narrow it with --range or --zone, or compare points that are nearer to each other"));
        }
    }
    Ok(Edits { view, edits, net: true, backwards: filter.from > to })
}

impl Limits {
    /// The part of an edit that lies within.
    fn of(&self, edit: Edit) -> Option<Edit> {
        if self.zone.is_none() && self.range.is_none() {
            return Some(edit);
        }
        match edit {
            Edit::Ptrs(edits) => {
                let range = self.range?;
                let mut inside = PtrEdits::new();
                edits.iter().filter(|edit| range.contains(edit.address)).for_each(|edit| inside.push(edit));
                (!inside.is_empty()).then_some(Edit::Ptrs(inside))
            }
            Edit::Sending { address, .. } => self.range?.contains(address).then_some(edit),
            Edit::Block { ref before, ref after, .. } => {
                let range = self.range?;
                let meets = [before, after]
                    .into_iter()
                    .flatten()
                    .any(|block| block.range.relation(&range) != RangeRelation::Disjoint);
                meets.then_some(edit)
            }
            Edit::Zone { ref before, ref after, .. } => {
                let (apex, _) = self.zone.as_ref()?;
                let is_it = [before, after].into_iter().flatten().any(|zone| zone.apex == *apex);
                is_it.then_some(edit)
            }
            Edit::Record { zone, ref owner, .. } => {
                let (apex, id) = self.zone.as_ref()?;
                let is_it = id.is_some_and(|id| id == zone) || id.is_none() && owner.is_at_or_under(apex);
                is_it.then_some(edit)
            }
            Edit::Setting { .. } | Edit::Tenant { .. } | Edit::NsSet { .. } | Edit::SoaTemplate { .. } => {
                None
            }
        }
    }
}
