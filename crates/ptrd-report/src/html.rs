//! A report as one file of HTML: its style sheet is in it, there is no script, and the policy in its head allows nothing else.

use crate::grid::{COLUMNS, Grid, Place};
use crate::{Report, words};
use askama::Template;
use base64ct::{Base64, Encoding};
use ptrd_escape::Visible;
use ptrd_posture::identity::Grade;
use ptrd_posture::report::{Judged, Rule, RuleKind, Seen, Square};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::net::IpAddr;

const STYLE: &str = include_str!("../assets/report.css");

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
    policy: String,
    style: &'static str,
    /// The addresses with an entry of their own, which lines lead to.
    details: BTreeSet<IpAddr>,
}

/// A report as HTML.
pub fn html(report: &Report) -> String {
    let details = report.addresses.iter().map(|entry| entry.identity.subject.address).collect();
    let page = Page { report, policy: policy(), style: STYLE, details };
    // A text takes whatever is written to it.
    page.render().expect("a template without fallible filters")
}

/// What a browser may do with the file: show it, with this one style sheet.
fn policy() -> String {
    let digest = Base64::encode_string(&Sha256::digest(STYLE.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'")
}

/// A text made harmless.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    // Writing to a text does not fail.
    let _ = askama::filters::Escaper::write_escaped_str(&Visible, &mut out, text);
    out
}

/// A grade with its sign and its word.
fn badge(grade: impl std::borrow::Borrow<Grade>) -> String {
    let grade = *grade.borrow();
    format!(r#"<span class="badge {grade}">{} {grade}</span>"#, words::sign(grade))
}

/// How an address stands to a rule, likewise.
fn ruling(judged: &Judged) -> String {
    let grade = judged.ruling.grade();
    format!(r#"<span class="badge {grade}">{} {}</span>"#, words::sign(grade), judged.ruling.word())
}

fn class(report: &Report) -> &'static str {
    report.grade.map_or("unknown", Grade::word)
}

fn headsign(report: &Report) -> &'static str {
    words::sign(report.grade.unwrap_or(Grade::Unknown))
}

/// A sentence with commands in it.
fn sentence(text: &str) -> String {
    let piece = |(text, is_code): (String, bool)| match is_code {
        true => format!("<code>{}</code>", escaped(&text)),
        false => escaped(&text),
    };
    words::pieces(text).into_iter().map(piece).collect()
}

/// What a receiver saw.
fn sighting(seen: &Seen) -> String {
    let mut out = format!(
        r#"<p><span class="times soft">{}</span> {}: {}</p>"#,
        words::when(&seen.at),
        escaped(&seen.source),
        escaped(&seen.text)
    );
    for verdict in &seen.verdicts {
        let (what, why) = (escaped(&verdict.what), escaped(&verdict.why));
        let _ = write!(out, "<p>{} {what}: {why}</p>", badge(verdict.grade));
    }
    out
}

/// The fragment of the page that an address has.
fn anchor(address: &IpAddr) -> String {
    format!("a-{}", address.to_string().replace(':', "-"))
}

fn grid(square: &Square) -> Grid<'_> {
    Grid::of(square)
}

/// The grade of a cell, and the borders of its block.
fn cell_class(place: &Place<'_>) -> String {
    let mut class = place.grade().map_or("none", Grade::word).to_owned();
    let sides = &place.sides;
    for (is_border, side) in
        [(sides.top, " t"), (sides.bottom, " b"), (sides.left, " l"), (sides.right, " r")]
    {
        class += if is_border { side } else { "" };
    }
    class
}

/// The rules by kind.
fn kinds(report: &Report) -> Vec<(&'static str, Vec<&Rule>)> {
    let all = [RuleKind::Receiver, RuleKind::Software, RuleKind::Filter].into_iter();
    let of =
        |kind: RuleKind| (words::kind(kind), report.rules.iter().filter(|rule| rule.kind == kind).collect());
    all.map(of).filter(|(_, rules): &(_, Vec<&Rule>)| !rules.is_empty()).collect()
}
