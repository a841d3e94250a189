//! A report as Markdown (CommonMark with GitHub's tables), for tickets and repositories.

use crate::grid::{COLUMNS, Grid};
use crate::{Report, words};
use askama::Template;
use ptrd_escape::{markdown_block, markdown_code};
use ptrd_posture::identity::Observation;
use ptrd_posture::report::Square;

#[derive(Template)]
#[template(path = "report.md")]
struct Page<'a> {
    report: &'a Report,
}

/// A report as Markdown.
pub fn markdown(report: &Report) -> String {
    // A text takes whatever is written to it.
    let text = Page { report }.render().expect("a template without fallible filters");
    // Loops leave lines behind; two in a row say no more than one.
    let mut out = String::with_capacity(text.len());
    let mut was_empty = true;
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && was_empty) {
            out.push_str(line);
            out.push('\n');
        }
        was_empty = line.is_empty();
    }
    out
}

/// A square as text.
fn drawn(square: &Square) -> String {
    let grid = Grid::of(square);
    let width = grid.rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let head = format!("{:width$}  {}", "", COLUMNS.join(" "));
    let row = |row: &crate::grid::Row<'_>| {
        let signs: Vec<&str> = row.cells.iter().map(|place| place.grade().map_or("·", words::sign)).collect();
        format!("{:width$}  {}", row.name, signs.join(" "))
    };
    let lines: Vec<String> = std::iter::once(head).chain(grid.rows.iter().map(row)).collect();
    markdown_block(&lines)
}

/// The blocks in a square.
fn blocks(square: &Square) -> Vec<String> {
    Grid::of(square).blocks
}

/// Commands in a cell of a table, one below the other.
fn commands(run: &[String]) -> String {
    run.iter().map(|line| markdown_code(line)).collect::<Vec<_>>().join("<br>")
}

/// A command in running text, where a bar needs no escape.
fn command(line: &str) -> String {
    markdown_code(line).replace(r"\|", "|")
}

/// The command that asks again what was asked.
fn again(observation: &Observation) -> String {
    markdown_code(&ptrd_posture::identity::again(observation))
}

/// A sentence with commands in it.
fn sentence(text: &str) -> String {
    let mut out = String::new();
    for (piece, is_code) in words::pieces(text) {
        match is_code {
            true => out += &command(&piece),
            // Writing to a text does not fail.
            false => {
                let _ = askama::filters::Escaper::write_escaped_str(&ptrd_escape::Markdown, &mut out, &piece);
            }
        }
    }
    out
}
