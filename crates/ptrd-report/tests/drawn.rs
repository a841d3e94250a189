//! Reports as they are drawn. `ptrd-posture/tests/report/*.json` has the reports, `drawn/*.md` what they look like; `PTRD_BLESS=1`
//! writes that anew. Look at what has changed.

use ptrd_report::{Report, json, markdown, read};
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
