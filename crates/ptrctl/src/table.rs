//! Tables: fitted to a terminal, or plain aligned text for whatever else reads it. Rows come page by page, so that a
//! listing of millions takes the memory of one page.

use crate::failure::Failure;
use crate::screen::{Screen, visible};
use comfy_table::{Attribute, Cell, ContentArrangement, presets};

/// A table whose rows arrive in pages.
pub struct Table {
    headings: Vec<&'static str>,
    terminal: bool,
    color: bool,
    /// Widths of plain columns; they only grow.
    widths: Vec<usize>,
    began: bool,
}

impl Table {
    pub fn new(headings: &[&'static str], terminal: bool, color: bool) -> Table {
        let widths = headings.iter().map(|heading| heading.len()).collect();
        Table { headings: headings.to_vec(), terminal, color, widths, began: false }
    }

    /// Shows more rows, below the headings the first time.
    pub fn show(&mut self, screen: &mut Screen, rows: &[Vec<String>]) -> Result<(), Failure> {
        if rows.is_empty() {
            return Ok(());
        }
        let text = if self.terminal { self.fitted(rows, None) } else { self.plain(rows) };
        self.began = true;
        screen.raw(text.as_bytes())?;
        screen.flush()
    }

    fn fitted(&self, rows: &[Vec<String>], width: Option<u16>) -> String {
        let mut table = comfy_table::Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        // Asked for first: a table that must not style asks for no width either.
        if let Some(width) = width.or_else(|| table.width()) {
            table.set_width(width);
        }
        if self.color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        if !self.began {
            table.set_header(self.headings.iter().map(|text| {
                let cell = Cell::new(text);
                if self.color { cell.add_attribute(Attribute::Bold) } else { cell }
            }));
        }
        for row in rows {
            table.add_row(row.iter().map(|text| visible(text).into_owned()));
        }
        table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    fn plain(&mut self, rows: &[Vec<String>]) -> String {
        let rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|text| visible(text).into_owned()).collect()).collect();
        for row in &rows {
            for (width, text) in self.widths.iter_mut().zip(row) {
                *width = (*width).max(text.chars().count());
            }
        }
        let headings: Vec<String> = self.headings.iter().map(|&text| text.to_owned()).collect();
        let first = (!self.began).then_some(&headings);
        let line = |row: &Vec<String>| {
            let columns = self.widths.iter().zip(row).map(|(&width, text)| format!("{text:width$}"));
            format!("{}\n", columns.collect::<Vec<_>>().join("  ").trim_end())
        };
        first.into_iter().chain(&rows).map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(texts: &[[&str; 2]]) -> Vec<Vec<String>> {
        texts.iter().map(|row| row.iter().map(|text| (*text).to_owned()).collect()).collect()
    }

    #[test]
    fn plain_columns_are_aligned_and_grow() {
        let mut table = Table::new(&["ADDRESS", "NAMES"], false, false);
        let page = table.plain(&rows(&[["192.0.2.1", "a\u{1b}"], ["192.0.2.100", ""]]));
        assert_eq!(page, "ADDRESS      NAMES\n192.0.2.1    a\\u{1b}\n192.0.2.100\n");
        table.began = true;
        assert_eq!(table.plain(&rows(&[["10.0.0.1", "b"]])), "10.0.0.1     b\n");
    }

    #[test]
    fn a_terminal_is_never_too_narrow() {
        let table = Table::new(&["ADDRESS", "NAMES"], true, false);
        let long = ["192.0.2.1", "a-name-that-is-long.example.net. and-another-one.example.net."];
        let text = table.fitted(&rows(&[long]), Some(40));
        assert!(text.lines().all(|line| line.chars().count() <= 40), "{text}");
        let colored = Table::new(&["ADDRESS", "NAMES"], true, true).fitted(&rows(&[long]), Some(40));
        assert!(colored.contains("\u{1b}["), "{colored:?}");
    }
}
