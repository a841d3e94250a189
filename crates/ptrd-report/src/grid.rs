//! A square of the map as rows of cells. Rows without an address are left out, so that a few addresses take a few rows.

use ptrd_posture::identity::Grade;
use ptrd_posture::report::{Cell, Square};
use ptrd_wire::AddrRange;
use ptrd_wire::frame::{Frame, PARTS, SIDE, Sides, sides};

/// The columns' headings: what is added to the row's first address or prefix, in hexadecimal digits.
pub(crate) const COLUMNS: [&str; SIDE] =
    ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d", "e", "f"];

/// See the module.
pub(crate) struct Grid<'a> {
    /// Its rows.
    pub rows: Vec<Row<'a>>,
    /// The blocks in it, each once, in the order in which they begin.
    pub blocks: Vec<String>,
}

/// A row.
pub(crate) struct Row<'a> {
    /// The first address or prefix of it.
    pub name: String,
    /// Its cells.
    pub cells: Vec<Place<'a>>,
}

/// A place for a cell.
pub(crate) struct Place<'a> {
    /// The cell, where something of it was looked at.
    pub cell: Option<&'a Cell>,
    /// Which sides are borders of a block.
    pub sides: Sides,
}

impl Place<'_> {
    /// The grade, where something was looked at.
    pub fn grade(&self) -> Option<Grade> {
        self.cell.map(|cell| cell.grade)
    }

    /// What it is, in words.
    pub fn about(&self) -> String {
        match self.cell {
            None => "not looked at".to_owned(),
            Some(Cell { name, grade, addresses: 1, .. }) => format!("{name}: {grade}"),
            Some(Cell { name, grade, addresses, amiss, .. }) => {
                format!("{name}: {grade}; {amiss} of {addresses} addresses are not a pass")
            }
        }
    }
}

impl<'a> Grid<'a> {
    /// The rows of a square. One whose range is none has no rows.
    pub fn of(square: &'a Square) -> Grid<'a> {
        let mut grid = Grid { rows: Vec::new(), blocks: Vec::new() };
        let Ok(range) = square.range.parse::<AddrRange>() else { return grid };
        let frame = Frame::around(&range);
        let mut cells: [Option<&Cell>; PARTS] = [None; PARTS];
        square.cells.iter().for_each(|cell| cells[usize::from(cell.at)] = Some(cell));
        let blocks = grid.read_blocks(square);
        for row in (0..PARTS).step_by(SIDE) {
            if cells[row..row + SIDE].iter().all(Option::is_none) {
                continue;
            }
            let first = frame.part(u8::try_from(row).unwrap_or(u8::MAX));
            let name = if frame.is_leaf() { first.first().to_string() } else { first.to_string() };
            let place = |at: usize| Place { cell: cells[at], sides: sides(&blocks, at, SIDE) };
            grid.rows.push(Row { name, cells: (row..row + SIDE).map(place).collect() });
        }
        grid
    }

    /// Whether the names of its rows are long, as those of IPv6 are.
    pub fn is_long(&self) -> bool {
        self.rows.iter().any(|row| row.name.len() > 16)
    }

    /// Which block each part is in.
    fn read_blocks(&mut self, square: &Square) -> [Option<usize>; PARTS] {
        let mut of_part = [None; PARTS];
        for run in square.runs.iter().filter(|run| run.first <= run.last) {
            let suspended = if run.block.suspended { ", suspended" } else { "" };
            let block = &run.block;
            let text = format!("{}, {} ({}{suspended})", block.range, block.tenant, block.mode);
            let known = self.blocks.iter().position(|other| *other == text);
            let number = known.unwrap_or_else(|| {
                self.blocks.push(text);
                self.blocks.len() - 1
            });
            of_part[usize::from(run.first)..=usize::from(run.last)].fill(Some(number));
        }
        of_part
    }
}
