//! Reports as they are drawn. `ptrd-posture/tests/report/*.json` has the reports, `drawn/*.md` what they look like; `PTRD_BLESS=1`
//! writes that anew. Look at what has changed.

use ptrd_posture::identity::{CheckId, Grade, Source, Survey};
use ptrd_posture::report::{Builder, Fault};
use ptrd_report::{Report, html, json, markdown, pdf, read};
use pulldown_cmark::{Event, Options, Parser, Tag};
use std::path::{Path, PathBuf};

const NAMES: [&str; 5] = ["green", "faults", "six", "hostile", "empty"];

fn path(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(below)
}

fn text(name: &str) -> String {
    let file = path("../ptrd-posture/tests/report").join(format!("{name}.json"));
    std::fs::read_to_string(file).expect("a report")
}

fn report(name: &str) -> Report {
    read(&text(name)).expect("a report")
}

/// What nobody may get to see: characters without a look of their own, and those that turn text round.
fn hidden(text: &str) -> Vec<char> {
    let is_hidden = |c: &char| {
        matches!(*c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
            || c.is_control() && *c != '\n'
    };
    text.chars().filter(is_hidden).collect()
}

#[test]
fn json_is_read_back_and_written_alike() {
    for name in NAMES {
        let once = json(&report(name));
        assert_eq!(json(&read(&once).expect("a report")), once, "{name}");
        assert_eq!(hidden(&once), [], "{name}");
    }
}

#[test]
fn what_is_no_report_is_told() {
    let told = |text: &str| read(text).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(told("{}").contains("no report as JSON: missing field `format`"), "{}", told("{}"));
    assert!(told("x").contains("no report as JSON"));
    assert_eq!(told(r#"{"format":7}"#), "it is a report of format 7; this program reads format 1");
    assert!(told(r#"{"format":1}"#).contains("missing field `title`"));
}

#[test]
fn markdown_is_as_it_was() {
    for name in NAMES {
        let (file, got) = (path("tests/drawn").join(format!("{name}.md")), markdown(&report(name)));
        if std::env::var_os("PTRD_BLESS").is_some() {
            std::fs::write(&file, &got).expect("written");
        } else {
            let known = std::fs::read_to_string(&file).expect("a file");
            assert!(got == known, "{name}: otherwise; PTRD_BLESS=1 writes it anew, and git diff shows what");
        }
        assert_eq!(hidden(&got), [], "{name}");
    }
}

/// What names and titles are is text, and nothing else, to whoever reads Markdown.
#[test]
fn nothing_hostile_is_markup() {
    let text = markdown(&report("hostile"));
    let mut shown = String::new();
    for event in
        Parser::new_ext(&text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_MATH)
    {
        match event {
            // `<br>` between commands is ours.
            Event::InlineHtml(html) if &*html == "<br>" => shown.push('\n'),
            Event::Html(_) | Event::InlineHtml(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {
                panic!("markup: {event:?}")
            }
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::Emphasis | Tag::Strikethrough) => {
                panic!("{event:?}")
            }
            Event::Text(text) | Event::Code(text) => shown.push_str(&text),
            Event::End(_) => shown.push('\n'),
            _ => (),
        }
    }
    for name in [
        "<script>alert(1)</script>.example.",
        "a|b`c`*d*_e_[f](g).example.",
        "```.example.",
        "$(reboot).example.",
        "⟨U+202E⟩moc.elpmaxe.liam.",
        "=cmd|'/c calc'!A1 ⟨U+202E⟩gnirts [x](javascript:alert(1))",
    ] {
        assert!(shown.contains(name), "{name} is not shown as it is:\n{shown}");
    }
}

/// A table has as many cells in each row as it has columns: nothing in them broke out.
#[test]
fn tables_keep_their_columns() {
    for name in NAMES {
        let text = markdown(&report(name));
        let mut columns = 0;
        for line in text.lines() {
            let bare = line.replace(r"\\", "").replace(r"\|", "");
            match (line.starts_with('|'), columns) {
                (false, _) => columns = 0,
                (true, 0) => columns = bare.matches('|').count(),
                (true, n) => assert_eq!(bare.matches('|').count(), n, "{name}: {line}"),
            }
        }
    }
}

/// Elements that have no end.
const VOID: [&str; 2] = ["meta", "br"];

/// Walks through a page: each element, with its attributes, must end where it should. Gives back the text.
fn walked(page: &str, mut see: impl FnMut(&str, &str)) -> String {
    let (mut open, mut text) = (Vec::new(), String::new());
    let body = page.strip_prefix("<!DOCTYPE html>").expect("a page of HTML");
    let (before, rest) = body.split_once('<').expect("an element");
    assert!(before.trim().is_empty());
    for part in rest.split('<') {
        let (tag, behind) = part.split_once('>').unwrap_or_else(|| panic!("no end of a tag: {part}"));
        assert!(!behind.contains('>') || tag == "style", "a stray bracket: {part}");
        text += behind;
        match tag.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{part}"),
            None => {
                let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
                assert_eq!(attributes.matches('"').count() % 2, 0, "{tag}");
                see(name, attributes);
                if !VOID.contains(&name) {
                    open.push(name);
                }
            }
        }
    }
    assert_eq!(open, [""; 0], "elements that are open at the end");
    text
}

#[test]
fn html_is_well_formed_and_has_nothing_but_its_own_style() {
    for name in NAMES {
        let page = html(&report(name));
        assert_eq!(hidden(&page), [], "{name}");
        walked(&page, |element, attributes| {
            let allowed = [
                "html", "head", "meta", "title", "style", "body", "a", "header", "p", "h1", "h2", "h3", "h4",
                "strong", "dl", "dt", "dd", "nav", "ol", "ul", "li", "main", "section", "div", "span",
                "code", "pre", "table", "caption", "thead", "tbody", "tr", "th", "td", "small", "details",
                "summary", "footer",
            ];
            assert!(allowed.contains(&element), "{name}: <{element}>");
            let names: String = attributes.split('"').step_by(2).collect();
            for bad in ["style=", "src=", "on"] {
                assert!(
                    !names.split(' ').any(|name| name.starts_with(bad)),
                    "{name}: <{element} {attributes}>"
                );
            }
            for bad in ["javascript:", "href=\"h", "url("] {
                assert!(!attributes.contains(bad), "{name}: <{element} {attributes}>");
            }
        });
        let style =
            page.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).expect("a style");
        let digest = <base64ct::Base64 as base64ct::Encoding>::encode_string(
            &<sha2::Sha256 as sha2::Digest>::digest(style),
        );
        assert!(
            page.contains(&format!("default-src &#39;none&#39;; style-src &#39;sha256-{digest}&#39;;")),
            "{name}"
        );
    }
}

#[test]
fn html_shows_names_as_they_are() {
    let text = walked(&html(&report("hostile")), |_, _| ());
    for name in [
        "&lt;script&gt;alert(1)&lt;/script&gt;.example.",
        "a|b`c`*d*_e_[f](g).example.",
        "$(reboot).example.",
        "⟨U+202E⟩moc.elpmaxe.liam.",
    ] {
        assert!(text.contains(name), "{name}");
    }
}

/// The text of a PDF, as poppler reads it; `None`, and a word of it, where that is not installed.
fn text_of(pdf: &[u8]) -> Option<String> {
    let file = std::env::temp_dir().join(format!("ptrd-report-{}-{}.pdf", std::process::id(), pdf.len()));
    std::fs::write(&file, pdf).expect("written");
    let output = std::process::Command::new("pdftotext")
        .args(["-layout", "-enc", "UTF-8"])
        .arg(&file)
        .arg("-")
        .output();
    let _ = std::fs::remove_file(&file);
    match output {
        Ok(output) => {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            Some(String::from_utf8(output.stdout).expect("UTF-8"))
        }
        Err(_) => {
            println!("left out: there is no pdftotext (Debian: poppler-utils; tests/run installs it)");
            None
        }
    }
}

#[test]
fn a_pdf_opens_and_says_the_same() {
    for name in NAMES {
        let report = report(name);
        let octets = pdf(&report).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(pdf(&report).expect("a PDF"), octets, "{name}: the same each time");
        let Some(text) = text_of(&octets) else { return };
        assert_eq!(hidden(&text.replace('\u{c}', "")), [], "{name}");
        let words: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let headline = &report.headline[..report.headline.len().min(40)];
        assert!(words.contains(headline), "{name}: {headline} in {words}");
        for line in &report.lines {
            assert!(words.contains(&line.address.to_string()), "{name}: {}", line.address);
        }
        for step in &report.runbook {
            assert!(words.contains(&step.title), "{name}: {}", step.title);
        }
        let pages = text.matches('\u{c}').count();
        assert!(words.contains(&format!("Page {pages} of {pages}")), "{name}: {pages} pages");
    }
}

/// As many faults as there can be, each with as long a text as can be, on many ranges by many resolvers.
fn at_worst() -> Report {
    let mut report = report("faults");
    let one = report.faults[0].clone();
    report.faults = [Grade::Fail, Grade::Unknown, Grade::Warn]
        .into_iter()
        .flat_map(|grade| CheckId::ALL.map(|check| (grade, check)))
        .enumerate()
        .map(|(nth, (grade, check))| Fault {
            check,
            grade,
            what: "WWWW \u{202e}漢".repeat(150),
            addresses: nth as u64 + 2,
            ..one.clone()
        })
        .collect();
    report.of = vec!["W".repeat(1_000); 5_000];
    report.asked.sources = vec![Source { name: "W".repeat(1_000), address: None }; 500];
    for source in &mut report.asked.sources {
        source.address = "192.0.2.1:53".parse().ok();
    }
    report
}

#[test]
fn the_summary_names_the_heaviest_faults_and_counts_the_others() {
    let report = at_worst();
    let summaries = [
        (markdown(&report), "## What is not as it should be", "## What to do"),
        (html(&report), "<h2 id=\"broken\">", "<h2 id=\"todo\">"),
    ];
    for (text, from, to) in &summaries {
        let summary = text.split(from).nth(1).and_then(|rest| rest.split(to).next()).expect("a summary");
        assert!(summary.contains("30 more, in the list below."), "{summary}");
        let summary = summary.to_lowercase();
        let named = |check: &str| summary.contains(check) || summary.contains(&check.replace('-', " "));
        assert!(named("both-families") && named("nameservers-agree"), "{summary}");
        assert!(!named("ttl"), "of one grade, those of most addresses are named: {summary}");
        assert!(summary.chars().count() < 6_000, "{}", summary.chars().count());
        assert_eq!(text.matches("more, in the list below").count(), 1);
    }
    assert!(!markdown(&self::report("faults")).contains("6 more, in the list below"));
    let Some(text) = text_of(&pdf(&report).expect("a PDF")) else { return };
    let first: String =
        text.split('\u{c}').next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(first.contains("30 more, in the list below."), "the summary is more than a page: {first}");
}

/// A thousand addresses, of which many are not as they should be.
fn thousand() -> Report {
    let few = report("faults");
    let survey: Survey = serde_json::from_value(serde_json::json!({
        "format": 1, "of": ["10.7.0.0/22"], "addresses": 1000, "digest": "d", "sources": [], "rules": {}, "at": 1_790_000_000_000_i64,
    }))
    .expect("a survey");
    let mut builder = Builder::new(survey, ptrd_posture::report::Options::default());
    for n in 0..1000_u32 {
        let mut identity = few.addresses[n as usize % few.addresses.len()].identity.clone();
        identity.subject.address = std::net::Ipv4Addr::from(0x0a07_0000 + n).into();
        builder.add(identity);
    }
    builder.finish()
}

#[test]
fn a_thousand_addresses_make_files_of_a_megabyte_or_two() {
    let report = thousand();
    let pdf = pdf(&report).expect("a PDF");
    for (form, octets) in [
        ("json", json(&report).len()),
        ("md", markdown(&report).len()),
        ("html", html(&report).len()),
        ("pdf", pdf.len()),
    ] {
        assert!((100_000..4_000_000).contains(&octets), "{form}: {octets} octets");
    }
    let Some(text) = text_of(&pdf) else { return };
    let headings =
        text.lines().filter(|line| line.contains("Not a pass") && line.contains("Address")).count();
    assert!(headings > 10, "headings of a long table stand on each of its pages: {headings}");
}

#[test]
fn a_pdf_shows_hostile_names_as_they_are() {
    let Some(text) = text_of(&pdf(&report("hostile")).expect("a PDF")) else { return };
    for name in
        ["<script>alert(1)</script>.example.", "a|b`c`*d*_e_[f](g).example.", "⟨U+202E⟩moc.elpmaxe.liam."]
    {
        assert!(text.contains(name), "{name}");
    }
}
