//! Tables whose headings are repeated on each page.

use super::face::Face;
use super::sheet::{INNER, MARGIN, Sheet};
use super::text::{Color, Line, Span, Style, lines};
use super::{GREY, INK, RULE, SOFT, ground_of, ink_of};
use crate::words;
use krilla::tagging::{TableHeaderScope, Tag};
use ptrd_posture::identity::Grade;

/// What text in a table looks like.
pub(super) const CELL: Style = Style { face: Face::Regular, size: 8.0, color: INK };
/// Room around what is in a cell.
const PAD: f32 = 4.0;
/// Lines of a cell at most; more would not fit on a page.
const MOST_LINES: usize = 48;

/// A column.
pub(super) struct Column {
    pub title: &'static str,
    /// Its part of the width.
    pub share: f32,
    /// Whether it has numbers.
    pub number: bool,
}

/// A column of text.
pub(super) const fn column(title: &'static str, share: f32) -> Column {
    Column { title, share, number: false }
}

/// A column of numbers.
pub(super) const fn number(title: &'static str, share: f32) -> Column {
    Column { title, share, number: true }
}

/// A cell.
#[derive(Default)]
pub(super) struct Cell {
    /// Its paragraphs.
    pub parts: Vec<Vec<Span>>,
    /// Whether it is what its row is about.
    pub heads: bool,
    ground: Option<Color>,
}

impl Cell {
    /// A text.
    pub fn text(text: &str) -> Cell {
        Cell::of(vec![Span::new(text, CELL)])
    }

    /// A text in the monospaced face.
    pub fn mono(text: &str) -> Cell {
        Cell::of(vec![Span::new(text, CELL.in_face(Face::Mono))])
    }

    /// What the row is about.
    pub fn head(text: &str) -> Cell {
        Cell { heads: true, ..Cell::of(vec![Span::new(text, Style { face: Face::Bold, ..CELL })]) }
    }

    /// A sentence with commands in it.
    pub fn sentence(text: &str) -> Cell {
        Cell::of(Span::sentence(text, CELL))
    }

    /// A grade with its sign and its word, on its colour.
    pub fn grade(grade: Grade, word: &str) -> Cell {
        let style = Style { face: Face::Bold, ..CELL }.colored(ink_of(grade));
        let text = format!("{} {word}", words::sign(grade));
        Cell { ground: Some(ground_of(grade)), ..Cell::of(vec![Span::new(&text, style)]) }
    }

    fn of(spans: Vec<Span>) -> Cell {
        Cell { parts: vec![spans], ..Cell::default() }
    }

    /// Another paragraph, less loud.
    pub fn and(mut self, text: &str) -> Cell {
        if !text.is_empty() {
            self.parts.push(Span::sentence(text, CELL.colored(SOFT)));
        }
        self
    }

    /// Another paragraph, a command.
    pub fn and_command(mut self, text: &str) -> Cell {
        if !text.is_empty() {
            self.parts
                .push(vec![Span::new(text, Style { size: 7.4, ..CELL }.in_face(Face::Mono).colored(SOFT))]);
        }
        self
    }

    fn lines(&self, width: f32) -> Vec<Line> {
        let mut all: Vec<Line> = self.parts.iter().flat_map(|part| lines(part, width)).collect();
        if all.len() > MOST_LINES {
            all.truncate(MOST_LINES);
            all.extend(lines(&[Span::new("…", CELL)], width));
        }
        all
    }
}

/// A table.
pub(super) struct Table<'a> {
    columns: &'a [Column],
}

impl<'a> Table<'a> {
    /// Draws a table. Without rows there is none.
    pub fn draw(sheet: &mut Sheet, columns: &'a [Column], rows: impl IntoIterator<Item = Vec<Cell>>) {
        let table = Table { columns };
        let mut rows = rows.into_iter().peekable();
        if rows.peek().is_none() {
            return;
        }
        sheet.begin(Tag::Table);
        // A heading alone at the foot of a page heads nothing.
        sheet.make_room(60.0);
        sheet.begin(Tag::THead);
        table.heading(sheet, true);
        sheet.close();
        sheet.begin(Tag::TBody);
        rows.for_each(|row| table.row(sheet, &row));
        sheet.close();
        sheet.close();
        sheet.skip(8.0);
    }

    fn places(&self) -> Vec<(f32, f32)> {
        let total: f32 = self.columns.iter().map(|column| column.share).sum();
        let mut x = MARGIN;
        let place = |column: &Column| {
            let width = INNER * column.share / total;
            let at = x;
            x += width;
            (at, width)
        };
        self.columns.iter().map(place).collect()
    }

    /// The headings; of all pages but the first, as decoration.
    fn heading(&self, sheet: &mut Sheet, is_first: bool) {
        let style = Style { face: Face::Bold, size: 7.4, color: SOFT };
        let places = self.places();
        let titles = self.columns.iter().zip(&places);
        let all: Vec<Vec<Line>> = titles
            .map(|(column, (_, width))| lines(&[Span::new(column.title, style)], width - 2.0 * PAD))
            .collect();
        let height = all.iter().map(Vec::len).max().unwrap_or(1) as f32 * style.leading() + 4.0;
        if is_first {
            sheet.begin(Tag::TR);
        }
        for ((column, (x, width)), lines) in self.columns.iter().zip(&places).zip(all) {
            if is_first {
                sheet.begin(Tag::TH(TableHeaderScope::Column));
            }
            let mut y = sheet.y() + style.size + 1.0;
            for line in lines {
                let x = self.at(column, *x, *width, &line);
                if is_first {
                    sheet.text(x, y, line)
                } else {
                    sheet.decoration(x, y, line)
                }
                y += style.leading();
            }
            if is_first {
                sheet.close();
            }
        }
        if is_first {
            sheet.close();
        }
        sheet.advance(height);
        let y = sheet.y() - 0.8;
        sheet.ground(MARGIN, y, (INNER, 0.8), GREY);
    }

    fn row(&self, sheet: &mut Sheet, cells: &[Cell]) {
        let places = self.places();
        let all: Vec<Vec<Line>> =
            cells.iter().zip(&places).map(|(cell, (_, width))| cell.lines(width - 2.0 * PAD)).collect();
        let leading = CELL.leading();
        let height = all.iter().map(Vec::len).max().unwrap_or(1) as f32 * leading + 2.0 * PAD - 1.0;
        if sheet.make_room(height) {
            self.heading(sheet, false);
        }
        sheet.begin(Tag::TR);
        for (((cell, column), (x, width)), lines) in cells.iter().zip(self.columns).zip(&places).zip(all) {
            if let Some(color) = cell.ground {
                let wide = lines.iter().map(|line| line.width).fold(0.0, f32::max) + 2.0 * PAD;
                let size = (wide.min(*width), leading * lines.len() as f32 + 2.0);
                sheet.ground(*x, sheet.y() + PAD - 2.0, size, color);
            }
            if cell.heads {
                sheet.begin(Tag::TH(TableHeaderScope::Row));
            } else {
                sheet.begin(Tag::TD);
            }
            let mut y = sheet.y() + PAD + CELL.size - 0.5;
            for line in lines {
                sheet.text(self.at(column, *x, *width, &line), y, line);
                y += leading;
            }
            sheet.close();
        }
        sheet.close();
        sheet.advance(height);
        let y = sheet.y() - 0.4;
        sheet.ground(MARGIN, y, (INNER, 0.4), RULE);
    }

    /// Where a line begins.
    fn at(&self, column: &Column, x: f32, width: f32, line: &Line) -> f32 {
        if column.number { x + width - 2.5 * PAD - line.width } else { x + PAD }
    }
}
