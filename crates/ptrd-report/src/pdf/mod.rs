//! A report as PDF: A4, page numbers, headings of tables on each page, tagged for who has it read out (PDF/UA-1).
//!
//! krilla writes the file; lines, tables and pages are laid out here. Texts are only ever glyphs and strings of the file: there is no
//! markup that a name could break out of.

mod address;
mod face;
mod faults;
mod map;
mod sheet;
mod table;
mod text;
mod write;

use crate::{Report, words};
use face::Face;
use krilla::tagging::Tag;
use ptrd_posture::identity::Grade;
use ptrd_posture::report::{RuleKind, Step, ZoneCheck};
use sheet::{INNER, MARGIN, Node, Sheet};
use table::{Cell, Table, column, number};
use text::{Color, Span, Style, lines};

/// A report that could not be written. It says why, for whoever mends it.
#[derive(Debug, thiserror::Error)]
#[error("the report could not be written as PDF: {0}")]
pub struct BadPdf(String);

const INK: Color = [0x17, 0x20, 0x2b];
const SOFT: Color = [0x4d, 0x5a, 0x69];
const ACCENT: Color = [0x0a, 0x65, 0x5d];
const GREY: Color = [0x76, 0x83, 0x8f];
const RULE: Color = [0xd8, 0xde, 0xe5];
const PAPER: Color = [0xee, 0xf1, 0xf4];

const TEXT: Style = Style { face: Face::Regular, size: 9.2, color: INK };
const TITLE: Style = Style { face: Face::Bold, size: 19.0, color: INK };
const SECTION: Style = Style { face: Face::Bold, size: 13.5, color: INK };
const PART: Style = Style { face: Face::Bold, size: 10.5, color: INK };
const MINOR: Style = Style { face: Face::Bold, size: 8.6, color: SOFT };

/// The colour behind a grade.
fn ground_of(grade: Grade) -> Color {
    match grade {
        Grade::Pass => [0xd8, 0xf0, 0xe6],
        Grade::Warn => [0xfc, 0xf0, 0xcf],
        Grade::Unknown => [0xe5, 0xe9, 0xee],
        Grade::Fail => [0xfb, 0xe0, 0xdd],
    }
}

/// The colour of its word.
fn ink_of(grade: Grade) -> Color {
    match grade {
        Grade::Pass => [0x0a, 0x4b, 0x3f],
        Grade::Warn => [0x62, 0x46, 0x00],
        Grade::Unknown => [0x3d, 0x48, 0x54],
        Grade::Fail => [0x8a, 0x1c, 0x16],
    }
}

/// A report as PDF.
///
/// # Errors
/// [`BadPdf`], where krilla finds fault with what it was given.
pub fn pdf(report: &Report) -> Result<Vec<u8>, BadPdf> {
    let mut sheet = Sheet::new(Node::new(Tag::Part));
    head(&mut sheet, report);
    faults::summary(&mut sheet, report);
    faults::all(&mut sheet, report);
    maps(&mut sheet, report);
    receivers(&mut sheet, report);
    delegation(&mut sheet, report);
    addresses(&mut sheet, report);
    runbook(&mut sheet, report);
    registries(&mut sheet, report);
    limits(&mut sheet, report);
    write::write(sheet, report)
}

fn head(sheet: &mut Sheet, report: &Report) {
    let kind = Style { face: Face::Bold, size: 7.6, color: ACCENT };
    sheet.paragraph(&[Span::new("REPORT ON REVERSE DNS", kind)]);
    sheet.heading(1, &report.title, TITLE);
    let grade = report.grade.unwrap_or(Grade::Unknown);
    let style = Style { face: Face::Bold, size: 10.5, color: ink_of(grade) };
    let spans = [Span::new(&format!("{} {}", words::sign(grade), report.headline), style)];
    let height = lines(&spans, INNER - 24.0).len() as f32 * style.leading() + 10.0;
    sheet.skip(4.0);
    sheet.ground(MARGIN, sheet.y(), (INNER, height), ground_of(grade));
    sheet.ground(MARGIN, sheet.y(), (3.0, height), style.color);
    sheet.advance(5.0);
    sheet.begin(Tag::P);
    sheet.flow(MARGIN + 14.0, &spans, INNER - 24.0);
    sheet.close();
    sheet.advance(12.0);
    let asked = &report.asked;
    let sample = asked.sample.map(|n| format!("; resolvers about {n} of them")).unwrap_or_default();
    let (since, until) = (words::moment(asked.since), words::moment(asked.until));
    for (what, text) in [
        ("About", words::about(report)),
        ("State of", words::moment(report.as_of)),
        (
            "Asked",
            format!(
                "{} questions about {} addresses, from {since} to {until}{sample}",
                asked.questions, asked.addresses
            ),
        ),
        ("Who was asked", words::asked(report)),
    ] {
        sheet.paragraph(&[Span::new(&format!("{what}: "), TEXT.colored(SOFT)), Span::new(&text, TEXT)]);
    }
}

fn maps(sheet: &mut Sheet, report: &Report) {
    sheet.heading(2, "Map of the addresses", SECTION);
    if report.map.is_empty() {
        sheet.paragraph(&[Span::new("There is no address to show.", TEXT)]);
    } else {
        let text = "✓ pass, ! warn, ? unknown, ✗ fail, · not looked at";
        sheet.paragraph(&[Span::new(text, TEXT.colored(SOFT))]);
    }
    report.map.iter().for_each(|square| map::square(sheet, square));
}

fn receivers(sheet: &mut Sheet, report: &Report) {
    sheet.heading(2, "What receivers ask", SECTION);
    if report.rules.is_empty() {
        let text = "No address sends mail, as far as is known, so none is held to these rules.";
        sheet.paragraph(&[Span::new(text, TEXT)]);
    }
    for kind in [RuleKind::Receiver, RuleKind::Software, RuleKind::Filter] {
        let mut rules = report.rules.iter().filter(|rule| rule.kind == kind).peekable();
        if rules.peek().is_some() {
            sheet.heading(3, words::kind(kind), PART);
        }
        let row = |rule: &ptrd_posture::report::Rule| {
            let since = if rule.since.is_empty() { String::new() } else { format!("; since {}", rule.since) };
            let note = if rule.note.is_empty() { String::new() } else { format!(". {}", rule.note) };
            let grade = words::worst(rule);
            let who = Cell::head(&rule.who).and(&format!("{}{since}{note}", rule.asks));
            let counts = [rule.satisfied, rule.broken, rule.open].map(|n| Cell::text(&n.to_string()));
            let first = [Cell::grade(grade, grade.word()), who, Cell::text(&words::price(rule))];
            first.into_iter().chain(counts).collect()
        };
        let columns = [
            column("Stands", 1.3),
            column("Who, and what it asks", 4.2),
            column("Refused with, or points", 1.9),
            number("Satisfied", 1.0),
            number("Broken", 0.9),
            number("Open", 0.8),
        ];
        Table::draw(sheet, &columns, rules.map(row));
    }
}

fn delegation(sheet: &mut Sheet, report: &Report) {
    sheet.heading(2, "Delegation and DNSSEC", SECTION);
    let row = |(grade, what, n): (Grade, &str, u64)| {
        vec![Cell::grade(grade, grade.word()), Cell::text(&n.to_string()), Cell::text(what)]
    };
    let columns = [
        column("Grade", 1.2),
        number("Addresses", 1.2),
        column("Answers, as resolvers that validate see them", 6.0),
    ];
    Table::draw(sheet, &columns, words::signatures(report).into_iter().map(row));
    if !report.nameservers.is_empty() {
        sheet.heading(3, "Nameservers on the way from the root", PART);
    }
    let row = |server: &ptrd_posture::report::Nameserver| {
        let grade = words::stands(server);
        let counts = [server.serves, server.lame, server.silent].map(|n| Cell::text(&n.to_string()));
        let first = [
            Cell::grade(grade, grade.word()),
            Cell::mono(&server.zone),
            Cell::head(&server.name).and(&server.server.ip().to_string()),
        ];
        first.into_iter().chain(counts).collect()
    };
    let columns = [
        column("Stands", 1.3),
        column("Zone", 3.2),
        column("Nameserver", 3.0),
        number("Serves", 0.9),
        number("Lame", 0.8),
        number("Silent", 0.8),
    ];
    Table::draw(sheet, &columns, report.nameservers.iter().map(row));
    report.zones.iter().for_each(|zone| self::zone(sheet, zone));
}

fn zone(sheet: &mut Sheet, zone: &ZoneCheck) {
    let grade = zone.grade();
    sheet.heading(3, &format!("Zone {}: {} {grade}", zone.zone, words::sign(grade)), PART);
    let none = |text: String, none: &str| if text.is_empty() { none.to_owned() } else { text };
    let mut facts = vec![
        ("Delegated to", none(words::joined(&zone.delegation), "nobody that is known")),
        ("DS", none(words::joined(&zone.ds), "none")),
    ];
    facts.extend(zone.at.map(|at| ("Looked at", words::moment(at))));
    if !zone.not_asked.is_empty() {
        facts.push(("Not asked", words::some(&zone.not_asked, 0_u64)));
    }
    for (what, text) in facts {
        sheet.paragraph(&[Span::new(&format!("{what}: "), TEXT.colored(SOFT)), Span::new(&text, TEXT)]);
    }
    let servers = zone.servers.iter().map(|server| {
        let (grade, what) = words::standing(server);
        vec![Cell::grade(grade, grade.word()), Cell::head(&server.server), Cell::text(&what)]
    });
    let findings = zone.findings.iter().map(|finding| {
        let grade = words::gravity(finding);
        let word = finding.level.map_or(grade.word().to_owned(), |level| level.to_string());
        let place = finding.server.as_deref().unwrap_or_default();
        let what = Cell::text(&finding.what).and(place).and_command(&finding.see);
        vec![Cell::grade(grade, &word), Cell::mono(&finding.tag), what]
    });
    let columns = [column("Grade", 1.6), column("Server, or finding", 3.4), column("What", 5.0)];
    Table::draw(sheet, &columns, servers.chain(findings));
    if zone.more_findings > 0 {
        sheet.paragraph(&[Span::new(&format!("And {} more findings.", zone.more_findings), TEXT)]);
    }
}

fn addresses(sheet: &mut Sheet, report: &Report) {
    sheet.heading(2, "Addresses", SECTION);
    if report.lines.is_empty() {
        sheet.paragraph(&[Span::new("No address was looked at.", TEXT)]);
    } else {
        sheet.heading(3, "Those that came out alike", PART);
    }
    let row = |group: &ptrd_posture::report::Group| {
        vec![
            Cell::grade(group.grade, group.grade.word()),
            Cell::text(&group.addresses.to_string()),
            Cell::text(&words::outcome(group)),
            Cell::text(&words::ranges(group)),
        ]
    };
    let columns = [column("Grade", 1.2), number("Addresses", 1.1), column("What", 3.0), column("Which", 4.5)];
    Table::draw(sheet, &columns, report.groups.iter().map(row));
    if !report.lines.is_empty() {
        sheet.heading(3, "Each in a line", PART);
    }
    let row = |line: &ptrd_posture::report::Line| {
        let more = if line.more_names > 0 { format!(" and {} more", line.more_names) } else { String::new() };
        vec![
            Cell::grade(line.grade, line.grade.word()),
            Cell::head(&line.address.to_string()),
            Cell::text(&format!("{}{more}", line.name)),
            Cell::text(&words::listed(&line.findings)),
        ]
    };
    let columns =
        [column("Grade", 1.2), column("Address", 2.2), column("Name", 3.6), column("Not a pass", 3.0)];
    Table::draw(sheet, &columns, report.lines.iter().map(row));
    report.addresses.iter().for_each(|entry| address::entry(sheet, report, entry));
    if !report.seen_elsewhere.is_empty() {
        sheet.heading(3, "What receivers saw of other addresses", PART);
    }
    for it in &report.seen_elsewhere {
        address::seen(sheet, &it.seen, Some(it.address));
    }
}

fn runbook(sheet: &mut Sheet, report: &Report) {
    sheet.heading(2, "How a PTR is added or changed", SECTION);
    for (nth, Step { title, text, lines }) in report.runbook.iter().enumerate() {
        sheet.heading(3, &format!("{}. {title}", nth + 1), PART);
        sheet.paragraph(&Span::sentence(text, TEXT));
        code(sheet, lines);
    }
}

/// Lines of code on a ground of their own.
fn code(sheet: &mut Sheet, all: &[String]) {
    let style = Style { size: 8.0, ..TEXT.in_face(Face::Mono) };
    let inner = INNER - 16.0;
    sheet.begin(Tag::Code);
    for text in all {
        // What is set in by spaces stays so.
        let spans = [Span::new(text, style)];
        for line in lines(&spans, inner) {
            sheet.make_room(style.leading());
            sheet.ground(MARGIN, sheet.y(), (INNER, style.leading()), PAPER);
            sheet.text(MARGIN + 8.0, sheet.y() + style.size, line);
            sheet.advance(style.leading());
        }
    }
    sheet.close();
    sheet.skip(4.0);
}

fn registries(sheet: &mut Sheet, report: &Report) {
    sheet.heading(2, "Registries", SECTION);
    for note in &report.registries {
        sheet.heading(3, &note.registry, PART);
        if !note.zones.is_empty() {
            sheet
                .paragraph(&[Span::new("Zones: ", TEXT.colored(SOFT)), Span::new(&words::zones(note), TEXT)]);
        }
        list(sheet, note.instead.iter().chain(&note.facts));
    }
}

fn limits(sheet: &mut Sheet, report: &Report) {
    if !report.limits.is_empty() {
        sheet.heading(2, "What is not in this report", SECTION);
        list(sheet, report.limits.iter());
    }
}

/// Sentences with a bullet each.
fn list<'a>(sheet: &mut Sheet, items: impl Iterator<Item = &'a String>) {
    sheet.begin(Tag::L(krilla::tagging::ListNumbering::Disc));
    for item in items {
        sheet.make_room(TEXT.leading());
        let bullet = lines(&[Span::new("•", TEXT.colored(SOFT))], INNER).swap_remove(0);
        sheet.begin(Tag::LI);
        sheet.decoration(MARGIN + 2.0, sheet.y() + TEXT.size, bullet);
        sheet.begin(Tag::LBody);
        sheet.flow(MARGIN + 12.0, &Span::sentence(item, TEXT), INNER - 12.0);
        sheet.close();
        sheet.close();
        sheet.skip(2.0);
    }
    sheet.close();
}
