//! One address with all that was asked.

use super::face::Face;
use super::sheet::Sheet;
use super::table::{Cell, Table, column};
use super::text::{Span, Style};
use super::{MINOR, PART, SOFT, TEXT, ink_of};
use crate::{Report, words};
use ptrd_posture::identity::Grade;
use ptrd_posture::report::{Entry, Judged, Rule, Seen};
use std::net::IpAddr;

/// Draws an address.
pub(super) fn entry(sheet: &mut Sheet, report: &Report, entry: &Entry) {
    let subject = &entry.identity.subject;
    // The name, the facts and the first check belong together.
    sheet.make_room(170.0);
    sheet.heading(3, &format!("{}: {} {}", subject.address, words::sign(entry.grade), entry.grade), PART);
    let mut facts = Vec::new();
    facts.extend(entry.identity.names().first().map(|name| format!("name {name}")));
    facts.extend(subject.helo.as_ref().map(|helo| format!("HELO {helo}")));
    facts.extend(subject.mta.as_ref().map(|mta| format!("mail server {mta}")));
    if !subject.domains.is_empty() {
        facts.push(format!("sends for {}", words::some(&subject.domains, 0_u64)));
    }
    if subject.sending == Some(false) {
        facts.push("no mail leaves from it, so receivers' rules are not applied".to_owned());
    }
    if !facts.is_empty() {
        sheet.paragraph(&[Span::new(&facts.join("; "), TEXT.colored(SOFT))]);
    }
    checks(sheet, entry);
    rules(sheet, report, entry);
    if !entry.seen.is_empty() {
        minor(sheet, "What receivers saw");
        entry.seen.iter().for_each(|seen| self::seen(sheet, seen, None));
    }
    asked(sheet, entry);
}

fn minor(sheet: &mut Sheet, text: &str) {
    sheet.heading(4, text, MINOR);
}

fn checks(sheet: &mut Sheet, entry: &Entry) {
    minor(sheet, "Checks");
    let row = |check: &ptrd_posture::identity::Check| {
        let mut what = Cell::text(&check.why);
        for run in &check.run {
            what = what.and_command(run);
        }
        vec![Cell::grade(check.grade, check.grade.word()), Cell::head(words::called(check.id)), what]
    };
    let columns = [
        column("Grade", 1.2),
        column("Check", 2.2),
        column("What came of it, and the command that shows it", 6.6),
    ];
    Table::draw(sheet, &columns, entry.identity.checks.iter().map(row));
}

fn rules(sheet: &mut Sheet, report: &Report, entry: &Entry) {
    if entry.rules.is_empty() {
        return;
    }
    minor(sheet, "What receivers make of it");
    let (others, well) = words::stands_to(report, entry);
    let row = |(judged, rule): &(&Judged, &Rule)| {
        let grade = Cell::grade(judged.ruling.grade(), judged.ruling.word());
        vec![
            grade,
            Cell::head(&rule.who),
            Cell::text(&words::price_of(rule, judged)),
            Cell::text(&judged.why),
        ]
    };
    let columns = [
        column("Stands", 1.4),
        column("Receiver", 3.2),
        column("Refused with, or points", 2.0),
        column("Why", 3.4),
    ];
    Table::draw(sheet, &columns, others.iter().map(row));
    if !well.is_empty() {
        let style = Style { face: Face::Bold, ..TEXT }.colored(ink_of(Grade::Pass));
        sheet.paragraph(&[
            Span::new(&format!("{} satisfied: ", words::sign(Grade::Pass)), Style { size: 8.0, ..style }),
            Span::new(&format!("{}.", well.join("; ")), Style { size: 8.0, ..TEXT }),
        ]);
    }
}

fn asked(sheet: &mut Sheet, entry: &Entry) {
    minor(sheet, "What was asked, of whom, and what came back");
    let row = |it: &ptrd_posture::identity::Observation| {
        let secure = if it.answer.secure { ", signed and valid" } else { "" };
        vec![
            Cell::text(&words::moment(it.at)).and(&format!("after {}", words::took(it))),
            Cell::text(&it.whom()),
            Cell::text(&it.question.to_string()).and_command(&ptrd_posture::identity::again(it)),
            Cell::text(&format!("{}{secure}", it.answer)),
        ]
    };
    let columns =
        [column("When", 1.7), column("Whom", 2.0), column("What", 3.6), column("What came back", 2.7)];
    Table::draw(sheet, &columns, entry.identity.observations.iter().map(row));
}

/// What a receiver saw.
pub(super) fn seen(sheet: &mut Sheet, seen: &Seen, address: Option<IpAddr>) {
    let at = address.map(|address| format!("{address}, ")).unwrap_or_default();
    let text = format!("{at}{}, {}: {}", words::when(&seen.at), seen.source, seen.text);
    sheet.paragraph(&[Span::new(&text, TEXT)]);
    for verdict in &seen.verdicts {
        let style = Style { size: 8.4, ..TEXT }.colored(ink_of(verdict.grade));
        let text = format!("{} {}: {}", words::sign(verdict.grade), verdict.what, verdict.why);
        sheet.paragraph(&[Span::new(&text, style)]);
    }
}
