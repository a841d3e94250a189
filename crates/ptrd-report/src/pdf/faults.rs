//! What is not as it should be: how much there is of what, on the first page, and what to do about each.

use super::face::showable;
use super::sheet::Sheet;
use super::table::{Cell, Table, column, number};
use super::text::Span;
use super::{SECTION, TEXT};
use crate::{Report, words};
use ptrd_posture::identity::Grade;
use ptrd_posture::report::Fault;

/// Draws how addresses stand, and the heaviest faults.
pub(super) fn summary(sheet: &mut Sheet, report: &Report) {
    sheet.heading(2, "What is not as it should be", SECTION);
    let row = |(grade, n): (Grade, u64)| {
        vec![Cell::grade(grade, grade.word()), Cell::head(&n.to_string()), Cell::text(words::meaning(grade))]
    };
    let columns = [column("Grade", 1.2), number("Addresses", 1.2), column("Meaning", 6.0)];
    Table::draw(sheet, &columns, words::counts(report).into_iter().map(row));
    if report.faults.is_empty() {
        let text = if report.summary.addresses.is_empty() {
            "No address was looked at."
        } else {
            "Nothing: all checks of all addresses pass."
        };
        sheet.paragraph(&[Span::new(text, TEXT)]);
    }
    let row = |fault: &Fault| {
        vec![
            Cell::grade(fault.grade, fault.grade.word()),
            Cell::head(words::called(fault.check)),
            Cell::text(&fault.addresses.to_string()),
            // What no font has is longer as it is shown.
            Cell::text(&words::brief(&showable(&fault.what))),
        ]
    };
    let columns =
        [column("Grade", 1.25), column("Check", 2.0), number("Addresses", 1.1), column("What is wrong", 5.6)];
    Table::draw(sheet, &columns, words::heaviest(report).into_iter().map(row));
    if let Some(more) = words::further(report) {
        sheet.paragraph(&[Span::new(&more, TEXT)]);
    }
}

/// Draws each fault with its remedy.
pub(super) fn all(sheet: &mut Sheet, report: &Report) {
    if report.faults.is_empty() {
        return;
    }
    sheet.heading(2, "What to do", SECTION);
    let row = |fault: &Fault| {
        let at = match fault.addresses {
            1 => String::new(),
            n => format!("At {}.", words::some(&fault.some, n)),
        };
        vec![
            Cell::grade(fault.grade, fault.grade.word()),
            Cell::head(words::called(fault.check)),
            Cell::text(&fault.what).and(&at).and_command(&fault.run),
            Cell::sentence(&fault.remedy),
        ]
    };
    let columns = [
        column("Grade", 1.25),
        column("Check", 1.6),
        column("What is wrong", 3.6),
        column("What to do", 3.6),
    ];
    Table::draw(sheet, &columns, report.faults.iter().map(row));
}
