//! The map, square by square.

use super::face::Face;
use super::sheet::{MARGIN, Sheet};
use super::text::{Span, Style, lines};
use super::{INK, RULE, SOFT, ground_of, ink_of};
use crate::grid::{COLUMNS, Grid, Place, Row};
use crate::words;
use krilla::tagging::Tag;
use ptrd_posture::report::Square;

/// A cell's width and height.
const SIDE: f32 = 21.0;
/// Between cells.
const GAP: f32 = 2.0;
/// How wide a border of a block is.
const BORDER: f32 = 1.2;
const LABEL: Style = Style { face: Face::Mono, size: 7.0, color: SOFT };

/// Draws a square. To who has it read out it is a figure, with how many cells are how.
pub(super) fn square(sheet: &mut Sheet, square: &Square) {
    let grid = Grid::of(square);
    let wide = grid.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0) as f32;
    let left = MARGIN + wide * Face::Mono.width('0', LABEL.size) + 8.0;
    let caption = Style { face: Face::Regular, size: 8.5, color: INK };
    sheet.make_room(80.0);
    sheet.paragraph(&[
        Span::new(&square.range, Style { face: Face::Bold, ..caption }),
        Span::new(&format!("; {}", words::parts(square)), caption.colored(SOFT)),
    ]);
    sheet.begin(Tag::Figure(Some(told(square))));
    for (nth, name) in COLUMNS.iter().enumerate() {
        put(sheet, left + nth as f32 * (SIDE + GAP), sheet.y(), name, LABEL);
    }
    sheet.advance(12.0);
    for row in &grid.rows {
        sheet.make_room(SIDE);
        draw_row(sheet, left, row);
        sheet.advance(SIDE * 0.8 + GAP);
    }
    sheet.close();
    sheet.advance(4.0);
    if !grid.blocks.is_empty() {
        let text = format!("Blocks, framed: {}", words::some(&grid.blocks, 0_u64));
        sheet.paragraph(&[Span::new(&text, caption.colored(SOFT))]);
    }
    sheet.skip(6.0);
}

/// The square in words.
fn told(square: &Square) -> String {
    let count = |grade| square.cells.iter().filter(|cell| cell.grade == grade).count();
    let counts: Vec<String> = ptrd_posture::identity::Grade::ALL
        .into_iter()
        .filter(|grade| count(*grade) > 0)
        .map(|grade| format!("{} {grade}", count(grade)))
        .collect();
    let text = format!("Map of {}: {} cells: {}", square.range, square.cells.len(), counts.join(", "));
    super::face::showable(&text)
}

fn draw_row(sheet: &mut Sheet, left: f32, row: &Row<'_>) {
    let (y, height) = (sheet.y(), SIDE * 0.8);
    for line in lines(&[Span::new(&row.name, LABEL)], left - MARGIN) {
        sheet.text(MARGIN, y + height * 0.66, line);
    }
    for (nth, place) in row.cells.iter().enumerate() {
        let x = left + nth as f32 * (SIDE + GAP);
        let (ground, ink) = place.grade().map_or((RULE, SOFT), |grade| (ground_of(grade), ink_of(grade)));
        if place.cell.is_some() {
            sheet.ground(x, y, (SIDE, height), ground);
        }
        let style = Style { face: Face::Bold, size: 8.5, color: ink };
        put(sheet, x, y + height * 0.5 - style.size * 0.62, place.grade().map_or("·", words::sign), style);
        borders(sheet, x, y, height, place);
    }
}

/// A sign in the middle of a cell.
fn put(sheet: &mut Sheet, x: f32, y: f32, text: &str, style: Style) {
    for line in lines(&[Span::new(text, style)], SIDE) {
        let at = x + (SIDE - line.width) / 2.0;
        sheet.text(at, y + style.size, line);
    }
}

/// The borders of the block that a cell is in, in the middle of the gaps.
fn borders(sheet: &mut Sheet, x: f32, y: f32, height: f32, place: &Place<'_>) {
    let half = GAP / 2.0;
    let (width, tall) = (SIDE + GAP, height + GAP);
    let (x, y) = (x - half, y - half);
    let b = BORDER / 2.0;
    if place.sides.top {
        sheet.ground(x - b, y - b, (width + BORDER, BORDER), SOFT);
    }
    if place.sides.bottom {
        sheet.ground(x - b, y + tall - b, (width + BORDER, BORDER), SOFT);
    }
    if place.sides.left {
        sheet.ground(x - b, y - b, (BORDER, tall + BORDER), SOFT);
    }
    if place.sides.right {
        sheet.ground(x + width - b, y - b, (BORDER, tall + BORDER), SOFT);
    }
}
