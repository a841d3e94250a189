//! What receivers wrote, as text: each file of `inspect/` is the head of a message as its receiver writes it, and what is read
//! there. `PTRD_BLESS=1` writes the second half anew.

use proptest::prelude::*;
use ptrd_message::{Expected, Head, Inspection, Reverse, Trust, inspect};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const BREAK: &str = "\n====\n";

fn shown(inspection: &Inspection) -> String {
    let mut text = String::new();
    if let Some(seen) = &inspection.seen {
        let _ = writeln!(text, "{}: {}", seen.grade(), seen.seen.text);
        for one in &seen.seen.verdicts {
            let _ = writeln!(text, "  {} {}: {}", one.grade, one.what, one.why);
        }
    }
    for hop in &inspection.hops {
        let whose = serde_json::to_value(hop.whose).expect("JSON");
        let _ = write!(text, "{}:", whose.as_str().expect("a word"));
        let parts = [
            ("by", hop.by.clone()),
            ("with", hop.with.clone()),
            ("from", hop.address.map(|address| address.to_string())),
            ("helo", hop.helo.clone()),
            ("tls", hop.tls.clone()),
            ("at", hop.at.map(|at| at.to_string())),
        ];
        for (name, value) in parts {
            let _ = value.map(|value| write!(text, " {name} {value}"));
        }
        text.push('\n');
    }
    for note in &inspection.notes {
        let _ = writeln!(text, "note: {note}");
    }
    text
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/inspect");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

fn head(file: &Path) -> (String, String) {
    let text = std::fs::read_to_string(file).expect("a file");
    let (head, wanted) = text.split_once(BREAK).unwrap_or((text.trim_end(), ""));
    (format!("{head}\n"), wanted.to_owned())
}

#[test]
fn receivers_are_read_as_they_write() {
    let mut wrong = Vec::new();
    for file in files() {
        let (head, wanted) = head(&file);
        let got = shown(&inspect(&Head::read(head.as_bytes()), &Trust::default()));
        if std::env::var_os("PTRD_BLESS").is_some() {
            std::fs::write(&file, format!("{}{BREAK}{got}", head.trim_end())).expect("written");
        } else if got != wanted {
            wrong.push(format!("{}: wanted\n{wanted}\ngot\n{got}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn of(name: &str) -> Head {
    let file =
        files().into_iter().find(|file| file.file_stem().is_some_and(|stem| stem == name)).expect("a file");
    Head::read(head(&file).0.as_bytes())
}

/// A filter in front of a mailbox is of the receiver, if whoever asks says so.
#[test]
fn what_else_is_the_receivers_can_be_said() {
    let head = "Received: from filter.example.net (filter.example.net [203.0.113.7])\n\tby mx1.receiver.example (Postfix) with ESMTPS;\n\
                Received: from mail-01.example.com (mail-01.example.com [192.0.2.1])\n\tby filter.example.net (Postfix) with ESMTPS;\n";
    let from = |trust: &Trust| {
        let seen = inspect(&Head::read(head.as_bytes()), trust).seen.expect("a hop from outside");
        seen.address.expect("an address").to_string()
    };
    assert_eq!(from(&Trust::default()), "203.0.113.7");
    assert_eq!(from(&Trust { domains: vec!["example.net".into()], ..Trust::default() }), "192.0.2.1");
    let addresses = vec!["203.0.113.7".parse().expect("an address")];
    assert_eq!(from(&Trust { addresses, ..Trust::default() }), "192.0.2.1");
}

/// What somebody else wrote below the hop from outside, to be believed.
const MADE_UP: &str = "Received: from mail-01.example.com (mail-01.example.com [192.0.2.1])\n\tby mx.rcv.example (Postfix) with ESMTPS id 2;\n";

fn below(top: &str) -> Inspection {
    inspect(&Head::read(format!("Received: {top};\n{MADE_UP}").as_bytes()), &Trust::default())
}

/// The sender chooses its name in HELO, and its PTR.
#[test]
fn no_name_moves_the_boundary() {
    for helo in ["by", "with", "via", "id", "for", "from", "BY", "10.0.0.1", "[10.0.0.1]"] {
        let top =
            format!("from {helo} (evil.example [203.0.113.9]) by mx.rcv.example (Postfix) with ESMTPS id 1");
        let seen = below(&top).seen.unwrap_or_else(|| panic!("{helo}: a hop from outside"));
        assert_eq!(seen.address.map(|it| it.to_string()).as_deref(), Some("203.0.113.9"), "{helo}");
        assert_eq!((seen.seen.helo.as_deref(), seen.seen.source.as_str()), (Some(helo), "mx.rcv.example"));
    }
    for ptr in ["10.0.0.1", "[10.0.0.1]", "root@10.0.0.1", "127.0.0.1"] {
        let top = format!(
            "from helo ({ptr} [203.0.113.9] (may be forged)) by mx.rcv.example (8.17.1/8.17.1) with ESMTP id 1"
        );
        let seen = below(&top).seen.unwrap_or_else(|| panic!("{ptr}: a hop from outside"));
        assert_eq!(seen.address.map(|it| it.to_string()).as_deref(), Some("203.0.113.9"), "{ptr}");
    }
    for bare in [
        "from unknown (HELO a.example) (203.0.113.9)",
        "from a.example (203.0.113.9)",
        "from 203.0.113.9 (EHLO a.example)",
    ] {
        let seen = below(&format!("{bare} by mx.rcv.example with SMTP")).seen.expect("a hop from outside");
        assert_eq!(seen.address.map(|it| it.to_string()).as_deref(), Some("203.0.113.9"), "{bare}");
    }
}

/// Whoever sent the message may have written what stands below the receiver's field, under the receiver's name.
#[test]
fn results_below_the_boundary_are_said_to_be_told_by_their_name() {
    let top = "from a.example (evil.example [203.0.113.9]) by mx.rcv.example (Postfix) with ESMTPS id 1";
    let noted = |field: &str| {
        let text = format!("Received: {top};\n{field}\n{MADE_UP}");
        let notes = inspect(&Head::read(text.as_bytes()), &Trust::default()).notes.concat();
        ["told by their name", "told by its name alone"].iter().any(|said| notes.contains(said))
    };
    assert!(noted("Received-SPF: pass (mx.rcv.example: domain of a@evil.example designates 203.0.113.9)"));
    assert!(noted("Authentication-Results: mx.rcv.example; spf=pass smtp.mailfrom=evil.example"));
    assert!(!noted("Received-SPF: pass (mx.other.example: domain of a@evil.example designates 203.0.113.9)"));
    assert!(!noted("Subject: mx.rcv.example"));
}

/// Where the receiver does not say from which address a message came, nothing below is believed.
#[test]
fn a_step_that_is_not_understood_is_no_way_within_the_receiver() {
    for top in [
        "from helo.example by mx.rcv.example with ESMTPS id 1",
        "from 10.0.0.1 by mx.rcv.example with ESMTPS id 1",
        "from helo.example (evil.example [not an address]) by mx.rcv.example (Postfix) with ESMTPS id 1",
    ] {
        let inspection = below(top);
        assert_eq!(inspection.seen, None, "{top}");
        assert!(shown(&inspection).contains("sender: by mx.rcv.example with ESMTPS from 192.0.2.1"), "{top}");
        assert!(
            inspection.notes.concat().contains("does not say from which address the message came"),
            "{top}"
        );
    }
    let unclosed = below("from (helo.example by mx.rcv.example with ESMTPS id 1");
    assert_eq!(unclosed.seen, None);
    assert_eq!(unclosed.notes, ["no `Received` field of the receiver says who took the message"]);
    for within in [
        "by store.rcv.example with SMTP id 1",
        "from mx.rcv.example by store.rcv.example (Dovecot) with LMTP id 1",
        "from mail by mx.rcv.example with local (Exim 4.98)",
    ] {
        assert!(
            below(within).seen.is_some_and(|seen| seen.seen.helo.as_deref() == Some("mail-01.example.com")),
            "{within}"
        );
    }
}

#[test]
fn what_was_seen_is_held_against_what_was_to_be_seen() {
    let with = |name: &str, expected: Option<Expected>| {
        let mut seen = inspect(&of(name), &Trust::default()).seen.expect("a hop from outside");
        seen.seen.verdicts.clear();
        seen.hold_against(expected.as_ref());
        seen.seen
            .verdicts
            .iter()
            .map(|one| format!("{} {}: {}", one.grade, one.what, one.why))
            .collect::<Vec<_>>()
    };
    let ours =
        Expected { helo: Some("Mail-01.Example.com.".into()), names: vec!["mail-01.example.com.".into()] };
    assert_eq!(
        with("gmail", Some(ours.clone())),
        ["pass helo-expected: as the inventory has it", "pass ptr-expected: as it is set"]
    );
    let other = Expected { helo: Some("mx.example.com".into()), names: vec!["mx.example.com.".into()] };
    assert_eq!(
        with("gmail", Some(other)),
        [
            "fail helo-expected: the inventory has mx.example.com, and it gave mail-01.example.com",
            "fail ptr-expected: mx.example.com. is set, and the receiver saw mail-01.example.com",
        ]
    );
    assert_eq!(
        with("gmail-no-ptr", Some(ours.clone()))[1],
        "fail ptr-expected: mail-01.example.com. is set, and the receiver saw none"
    );
    assert_eq!(
        with("yahoo", Some(ours))[1],
        "unknown ptr-expected: mail-01.example.com. is set; the receiver does not say what it saw"
    );
    assert_eq!(with("yahoo", None), ["fail address-expected: no sending address is known here by that"]);
    assert!(with("yahoo", Some(Expected::default())).is_empty());
}

#[test]
fn an_inspection_goes_through_json_without_a_loss() {
    for file in files() {
        let inspection = inspect(&Head::read(head(&file).0.as_bytes()), &Trust::default());
        let text = serde_json::to_string(&inspection).expect("JSON");
        let again: Inspection = serde_json::from_str(&text).expect("an inspection");
        assert_eq!(shown(&again), shown(&inspection));
    }
    let named = serde_json::to_value(Reverse::Named("a.example".into())).expect("JSON");
    assert_eq!(named, serde_json::json!({ "state": "named", "name": "a.example" }));
}

#[test]
fn what_is_too_much_is_left_out() {
    let many = "Received: from a (b [192.0.2.1]) by c.example with SMTP;\n".repeat(50_000);
    let inspection = inspect(&Head::read(many.as_bytes()), &Trust::default());
    assert_eq!(inspection.hops.len(), 100);
    let long =
        format!("Received: from {} ([192.0.2.1]) by {}.example\n", "(".repeat(100_000), "x".repeat(10_000));
    let inspection = inspect(&Head::read(long.as_bytes()), &Trust::default());
    assert!(serde_json::to_string(&inspection).expect("JSON").len() < 10_000);
}

proptest! {
    /// Nothing is too broken, and nothing that is kept moves a cursor or turns text round.
    #[test]
    fn hostile_heads_are_read(octets in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = inspect(&Head::read(&octets), &Trust::default());
    }

    #[test]
    fn hostile_fields_are_read(
        which in prop::sample::select(vec!["Received", "Authentication-Results", "Received-SPF", "X-Forefront-Antispam-Report"]),
        pieces in prop::collection::vec(prop::sample::select(vec![
            "from ", "by ", "with ", "(", ")", "[", "]", "192.0.2.1", "unknown ", "helo=", "EHLO ", "\\", "\"", ";", "=", "IPv6:",
            "mx.google.com ", "iprev=pass ", "policy.iprev=", "CIP:", "PTR:", "\u{202e}", "\u{1b}[2J", " ", "é", ".", "(may be forged)",
        ]), 0..60),
    ) {
        let head = format!("Received: from a.example ([192.0.2.9]) by mx.outlook.com with SMTP\n{which}: {}\n", pieces.concat());
        for text in [head.clone(), head.replace("mx.outlook.com", "b.example")] {
            let shown = shown(&inspect(&Head::read(text.as_bytes()), &Trust::default()));
            prop_assert!(!shown.contains(['\u{202e}', '\u{1b}']), "{shown}");
        }
    }
}
