//! The map: squares of 256 cells, each an address or a part of the address space with many.

use super::groups::Table;
use crate::identity::Grade;
use ptrd_wire::frame::Frame;
use ptrd_wire::{AddrRange, Family};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Squares that are drawn of each family, at most.
const MOST: usize = 16;
/// So many squares are drawn however few cells of them are of interest.
const FEW: usize = 4;
/// Else so many cells on average must be.
const ENOUGH: usize = 8;

/// A square: a prefix in 256 parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Square {
    /// The prefix.
    pub range: String,
    /// The length of its parts' prefixes; 32 and 128 for single addresses.
    pub part: u8,
    /// The parts that have addresses that were looked at.
    pub cells: Vec<Cell>,
    /// The parts that blocks of ptrd hold, where parts are single addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<Run>,
}

/// A part of a square.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Which, from 0.
    pub at: u8,
    /// What it is called.
    pub name: String,
    /// The worst grade in it.
    pub grade: Grade,
    /// How many of its addresses were looked at.
    pub addresses: u64,
    /// How many of those are not a pass.
    pub amiss: u64,
}

/// Parts in a row of the same most specific block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The first part.
    pub first: u8,
    /// The last part.
    pub last: u8,
    /// The block.
    pub block: Block,
}

/// A block of ptrd.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Its addresses.
    pub range: AddrRange,
    /// Whose it is.
    pub tenant: String,
    /// As `ptrctl block show` has it.
    pub mode: String,
    /// Whether its addresses are not shown for now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspended: bool,
}

/// Draws what there is; says how many addresses have no place on it.
pub(super) fn squares(table: &Table, blocks: &[Block]) -> (Vec<Square>, u64) {
    let (mut all, mut left_out) = (Vec::new(), 0);
    for family in [Family::V4, Family::V6] {
        let of_family = |address: &IpAddr| address.is_ipv4() == (family == Family::V4);
        let grades: Vec<(IpAddr, Grade)> = table.grades().filter(|(address, _)| of_family(address)).collect();
        if grades.is_empty() {
            continue;
        }
        let length = length(family, &grades);
        let mut by_frame: BTreeMap<IpAddr, (Frame, BTreeMap<u8, Cell>)> = BTreeMap::new();
        for (address, grade) in grades {
            let frame = Frame::of_length(address, length);
            let first = frame.range().first();
            if by_frame.len() >= MOST && !by_frame.contains_key(&first) {
                left_out += 1;
                continue;
            }
            let (_, cells) = by_frame.entry(first).or_insert_with(|| (frame, BTreeMap::new()));
            add(&frame, cells, address, grade);
        }
        all.extend(by_frame.into_values().map(|(frame, cells)| square(&frame, cells, blocks)));
    }
    (all, left_out)
}

fn add(frame: &Frame, cells: &mut BTreeMap<u8, Cell>, address: IpAddr, grade: Grade) {
    let Some(at) = frame.part_of(address) else { return };
    let name = || if frame.is_leaf() { address.to_string() } else { frame.part(at).to_string() };
    let cell = cells.entry(at).or_insert_with(|| Cell { at, name: name(), grade, addresses: 0, amiss: 0 });
    cell.grade = cell.grade.max(grade);
    cell.addresses += 1;
    cell.amiss += u64::from(grade != Grade::Pass);
}

/// The finest squares of which few, or well filled ones, show all; else the finest that fit. Addresses are in their order, so
/// what is the same stands in a row.
fn length(family: Family, grades: &[(IpAddr, Grade)]) -> u8 {
    let mut fits = None;
    // Of IPv6, parts that people speak of: /64, /48, single addresses.
    let is_usual = |length: &u8| family == Family::V4 || (length + 8).is_multiple_of(16);
    for length in Frame::lengths(family).filter(is_usual) {
        let frame = |(address, _): &(IpAddr, Grade)| Frame::of_length(*address, length);
        let frames = distinct(grades.iter().map(frame));
        if frames > MOST {
            continue;
        }
        let parts = distinct(grades.iter().map(|it| (frame(it), frame(it).part_of(it.0))));
        if frames <= FEW || parts >= frames * ENOUGH {
            return length;
        }
        fits = fits.or(Some(length));
    }
    fits.unwrap_or(0)
}

/// How many different things there are in a row.
fn distinct<T: PartialEq>(all: impl Iterator<Item = T>) -> usize {
    let (mut count, mut last) = (0, None);
    for it in all {
        if last.as_ref() != Some(&it) {
            count += 1;
            last = Some(it);
        }
    }
    count
}

fn square(frame: &Frame, cells: BTreeMap<u8, Cell>, blocks: &[Block]) -> Square {
    let runs = if frame.is_leaf() { runs(frame, blocks) } else { Vec::new() };
    let range = frame.range();
    let part = frame.part(0).prefix_len().unwrap_or_default();
    Square { range: range.to_string(), part, cells: cells.into_values().collect(), runs }
}

/// Which block each part is in, the most specific one.
fn runs(frame: &Frame, blocks: &[Block]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for at in 0..=u8::MAX {
        let address = frame.part(at).first();
        let around = blocks.iter().filter(|block| block.range.contains(address));
        let Some(block) = around.min_by_key(|block| block.range.size()) else { continue };
        match runs.last_mut() {
            Some(run) if run.block == *block && run.last.checked_add(1) == Some(at) => run.last = at,
            _ => runs.push(Run { first: at, last: at, block: block.clone() }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Identity, Subject};

    fn drawn(addresses: &[&str]) -> Vec<(String, u8, usize)> {
        let mut table = Table::default();
        for address in addresses {
            let subject = Subject::new(address.parse().expect("an address"));
            table.add(&Identity { subject, checks: Vec::new(), observations: Vec::new() });
        }
        let (squares, left_out) = squares(&table, &[]);
        assert_eq!(left_out, 0);
        squares.into_iter().map(|square| (square.range, square.part, square.cells.len())).collect()
    }

    #[test]
    fn squares_are_as_fine_as_they_can_be() {
        assert_eq!(drawn(&["192.0.2.1", "192.0.2.77"]), [("192.0.2.0/24".to_owned(), 32, 2)]);
        assert_eq!(drawn(&["192.0.2.1", "198.51.100.7"]).len(), 2);
        let spread: Vec<String> = (0..100).map(|n| format!("10.1.{n}.1")).collect();
        let spread: Vec<&str> = spread.iter().map(String::as_str).collect();
        assert_eq!(drawn(&spread), [("10.1.0.0/16".to_owned(), 24, 100)]);
        let six: Vec<String> = (0..10).map(|n| format!("2001:db8:0:{n}::25")).collect();
        let six: Vec<&str> = six.iter().map(String::as_str).collect();
        assert_eq!(drawn(&six), [("2001:db8::/56".to_owned(), 64, 10)]);
        assert_eq!(drawn(&["2001:db8::25"]), [("2001:db8::/120".to_owned(), 128, 1)]);
        assert_eq!(drawn(&[]), []);
    }

    #[test]
    fn a_cell_says_the_worst() {
        let mut table = Table::default();
        for n in 0..=255_u32 {
            for page in 0..20 {
                let subject = Subject::new(std::net::Ipv4Addr::from(0x0a00_0000 | page << 8 | n).into());
                table.add(&Identity { subject, checks: Vec::new(), observations: Vec::new() });
            }
        }
        let (squares, _) = squares(&table, &[]);
        let cell = &squares[0].cells[19];
        assert_eq!((squares.len(), squares[0].part, squares[0].cells.len()), (1, 24, 20));
        assert_eq!(
            (cell.name.as_str(), cell.grade, cell.addresses, cell.amiss),
            ("10.0.19.0/24", Grade::Unknown, 256, 256)
        );
    }

    #[test]
    fn blocks_are_runs_of_the_most_specific() {
        let block = |range: &str| Block {
            range: range.parse().expect("a range"),
            tenant: "acme".to_owned(),
            mode: "direct".to_owned(),
            suspended: false,
        };
        let frame = Frame::of_length("192.0.2.0".parse().expect("an address"), 24);
        let blocks = [block("192.0.2.0/24"), block("192.0.2.16/28")];
        let ends: Vec<_> = runs(&frame, &blocks).iter().map(|run| (run.first, run.last)).collect();
        assert_eq!(ends, [(0, 15), (16, 31), (32, 255)]);
    }
}
