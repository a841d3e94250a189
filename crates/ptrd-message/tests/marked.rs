//! Test messages and what comes back of them, as text.

use proptest::prelude::*;
use ptrd_message::Trust;
use ptrd_message::marked::{Account, Evidence, Kind, Mark, Marked, evidence, recorded};
use ptrd_posture::identity::Grade;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

fn mark(n: u8) -> Mark {
    Mark::new([n; 16])
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// The test: out1 has both families, and shares a domain with 192.0.2.2.
fn sent() -> Vec<Marked> {
    let one = |n: u8, of: &str, helo: &str| Marked {
        mark: mark(n),
        address: address(of),
        helo: helo.to_owned(),
        from: "postmaster@example.com".into(),
        to: format!("{n}@receiver.example"),
        pair: (helo == "out1.example.com")
            .then(|| address(if of.contains(':') { "192.0.2.1" } else { "2001:db8::1" })),
        pool: vec![address("192.0.2.2")],
    };
    vec![
        one(1, "192.0.2.1", "out1.example.com"),
        one(2, "2001:db8::1", "out1.example.com"),
        one(3, "192.0.2.3", "out3.example.com"),
    ]
}

/// A message as a mailbox keeps it.
fn received(n: u8, from: &str, helo: &str) -> String {
    format!(
        "Received: from {helo} ({helo} [{from}])\r\n\tby mx.receiver.example (Postfix) with ESMTPS id 1;\r\n\tThu, 26 Nov 2026 10:00:04 \
         +0000 (UTC)\r\n{}",
        sent()[usize::from(n) - 1].text("Thu, 26 Nov 2026 10:00:00 +0000")
    )
}

/// What a report of the verifier of port25 looks like.
fn port25(n: u8) -> String {
    format!(
        "From: auth-results@verifier.port25.example\r\nDate: Thu, 26 Nov 2026 05:00:10 -0500\r\nIn-Reply-To: <{}@example.com>\r\nSubject: \
         Authentication Report\r\n\r\nThank you for using the verifier,\r\n\r\n\
         ==========================================================\r\nSummary of Results\r\n\
         ==========================================================\r\nSPF check:          pass\r\n\"iprev\" check:      fail\r\n\
         DKIM check:         none\r\nSpamAssassin check: ham\r\n\r\n\
         ==========================================================\r\nDetails:\r\n\
         ==========================================================\r\n\r\nHELO hostname:  out1.example.com\r\nSource IP:      192.0.2.1\r\n\
         mail-from:      postmaster@example.com\r\n",
        mark(n)
    )
}

/// What Mail-Tester answers.
fn mail_tester(n: u8) -> String {
    serde_json::json!({
        "status": true,
        "displayedMark": "9/10",
        "mailboxId": "test-1",
        "messageInfo": { "bounceAddress": "postmaster@example.com", "subject": "Test" },
        "signature": { "subtests": { "rDns": { "statusClass": "success", "title": "Your server <b>192.0.2.1</b> is named" } } },
        "body": { "raw": { "content": received(n, "192.0.2.1", "out1.example.com") } },
    })
    .to_string()
}

fn failed(n: u8) -> String {
    reported(n, "delivery-status", "Action: failed\r\nDiagnostic-Code: smtp; 550 5.7.25 no PTR")
}

/// A report (RFC 6522) on a message: of this kind, and with these fields of a recipient.
fn reported(n: u8, kind: &str, fields: &str) -> String {
    format!(
        "From: MAILER-DAEMON@example.com\r\nContent-Type: multipart/report; report-type={kind}; boundary=b\r\nMIME-Version: \
         1.0\r\n\r\n--b\r\n\r\nThis is about your message.\r\n--b\r\nContent-Type: message/{kind}\r\n\r\nReporting-MTA: dns; \
         x.example\r\n\r\nFinal-Recipient: rfc822; a@receiver.example\r\n{fields}\r\n\r\n--b\r\nContent-Type: \
         message/rfc822\r\n\r\n{}\r\n--b--\r\n",
        sent()[usize::from(n) - 1].text("Thu, 26 Nov 2026 10:00:00 +0000")
    )
}

fn probed(n: u8, from: &str, helo: &str) -> String {
    serde_json::json!({
        "format": 1, "at": 7, "client": { "helo": helo, "extended": true, "tls": "TLSv1.3" },
        "letter": { "from": "postmaster@example.com", "to": ["a@probe.example"], "octets": 9, "mark": mark(n) },
        "identity": { "address": from, "checks": [
            { "id": "iprev", "grade": "pass", "why": "it is so", "run": [], "evidence": [] }
        ], "observations": [] },
    })
    .to_string()
}

fn found(text: &str) -> Vec<Evidence> {
    let lines: Option<Vec<_>> = text.lines().map(|line| recorded(line.as_bytes())).collect();
    let record = lines.filter(|lines| !lines.is_empty()).map(|lines| lines.concat());
    record.unwrap_or_else(|| evidence(text.as_bytes(), &Trust::default()))
}

fn said(text: &str) -> String {
    let one = |it: &Evidence| match &it.kind {
        Kind::Arrived(seen) => {
            let verdicts: Vec<_> = seen
                .seen
                .verdicts
                .iter()
                .map(|one| format!("{} {} ({})", one.grade, one.what, one.why))
                .collect();
            format!("{}: {} at {:?}: {}\n", it.mark, seen.seen.text, seen.seen.at, verdicts.join(", "))
        }
        Kind::Unsaid => format!("{}: it arrived\n", it.mark),
        Kind::Failed(why) => format!("{}: it came back: {why}\n", it.mark),
    };
    found(text).iter().map(one).collect()
}

#[test]
fn what_comes_back_is_told_by_its_mark() {
    for (text, wanted) in [
        (
            received(1, "192.0.2.1", "out1.example.com"),
            "01010101010101010101010101010101: mx.receiver.example took it from 192.0.2.1, which called itself out1.example.com; its \
             reverse name out1.example.com resolves back at Some(1795687204000): pass ptr-present (the receiver saw out1.example.com), \
             pass iprev (out1.example.com has the address, as the receiver found), pass helo-equals-ptr (HELO gave out1.example.com), \
             pass tls (with esmtps)\n",
        ),
        (
            port25(1),
            "01010101010101010101010101010101: port25 took it from 192.0.2.1, which called itself out1.example.com at \
             Some(1795687210000): fail iprev (iprev=fail), pass spf (spf=pass), warn dkim (dkim=none)\n",
        ),
        (failed(2), "02020202020202020202020202020202: it came back: smtp; 550 5.7.25 no PTR\n"),
        (
            probed(3, "192.0.2.3", "out3.example.com"),
            "03030303030303030303030303030303: EHLO out3.example.com, over TLSv1.3; a message from \
             <postmaster@example.com> came at Some(7): pass iprev (it is so), pass tls (over TLSv1.3)\n",
        ),
        (sent()[0].text("x"), "01010101010101010101010101010101: it arrived\n"),
        ("Subject: another\r\n\r\nno mark".to_owned(), ""),
        ("{}".to_owned(), ""),
        ("{\"body\":{\"raw\":\"Subject: x\\n\\n\"}}".to_owned(), ""),
        (String::new(), ""),
    ] {
        assert_eq!(said(&text), wanted, "{text}");
    }
    let tested = said(&mail_tester(1));
    assert!(
        tested.starts_with("01010101010101010101010101010101: Mail-Tester: mx.receiver.example took it from"),
        "{tested}"
    );
    assert!(tested.ends_with("pass rdns (Your server <b>192.0.2.1</b> is named)\n"), "{tested}");
    let both = format!("{}\n{}\n", probed(1, "192.0.2.1", "a"), probed(2, "2001:db8::1", "b"));
    assert_eq!(found(&both).len(), 2, "a record has a line for each");
}

/// Only that a message failed is a failure: other reports have the same form, with the message in them.
#[test]
fn other_reports_are_no_failure() {
    let status = |fields: &str| said(&reported(1, "delivery-status", fields));
    for action in ["delayed", "delivered", "relayed", "expanded"] {
        assert_eq!(status(&format!("Action: {action}\r\nDiagnostic-Code: smtp; 451 later")), "", "{action}");
    }
    let read = "Disposition: manual-action/MDN-sent-manually; displayed";
    assert_eq!(said(&reported(1, "disposition-notification", read)), "");
    assert_eq!(said(&reported(1, "feedback-report", "Feedback-Type: abuse")), "");
    assert_eq!(status("Status: 5.7.25"), "", "without an action nothing failed");
    let first = "Action: delivered\r\nDiagnostic-Code: smtp; 250 ok\r\n\r\nFinal-Recipient: rfc822; b@receiver.example\r\n";
    let both = status(&format!("{first}action: Failed (at once)\r\nDiagnostic-Code: smtp; 550 no"));
    assert!(both.ends_with(": it came back: smtp; 550 no\n"), "{both}");
    assert!(status("Action: failed").ends_with(": it came back: it does not say why\n"));
}

fn account(returned: &[String]) -> String {
    let returned: Vec<Evidence> = returned.iter().flat_map(|text| found(text)).collect();
    let account = Account::of(&sent(), &BTreeMap::new(), &BTreeSet::new(), &returned);
    let line =
        |one: &ptrd_message::marked::AddressAccount| format!("{} {}: {}\n", one.grade, one.address, one.why);
    account.addresses.iter().map(line).collect()
}

#[test]
fn each_address_is_accounted_for() {
    assert_eq!(
        account(&[
            received(1, "192.0.2.1", "out1.example.com"),
            received(2, "192.0.2.1", "out1.example.com"),
        ]),
        "pass 192.0.2.1: the message to 1@receiver.example left from this address, with its name\n\
         unknown 192.0.2.3: the message to 3@receiver.example is missing: nothing that came back has its mark\n\
         warn 2001:db8::1: the message to 2@receiver.example left from 192.0.2.1, which has the same name: the receiver is reached over \
         that family\n"
    );
    assert_eq!(
        account(&[
            received(1, "192.0.2.1", "localhost.example.com"),
            received(2, "192.0.2.2", "out2.example.com"),
            received(3, "192.0.2.9", "out3.example.com"),
        ]),
        "fail 192.0.2.1: the message to 1@receiver.example left from this address, and called itself localhost.example.com\n\
         fail 192.0.2.3: the message to 3@receiver.example left from 192.0.2.9, which is not for it\n\
         warn 2001:db8::1: the message to 2@receiver.example left from 192.0.2.2, which the sender's domain is for as well\n"
    );
    assert_eq!(
        account(&[sent()[0].text("x"), received(1, "192.0.2.1", "out1.example.com"), failed(2)])
            .lines()
            .collect::<Vec<_>>(),
        [
            "pass 192.0.2.1: the message to 1@receiver.example left from this address, with its name",
            "unknown 192.0.2.3: the message to 3@receiver.example is missing: nothing that came back has its mark",
            "fail 2001:db8::1: the message to 2@receiver.example came back: smtp; 550 5.7.25 no PTR",
        ],
        "that one source does not say where it came from takes nothing from another"
    );
}

#[test]
fn what_was_refused_and_what_is_of_another_test_is_said() {
    let strange = Evidence { mark: mark(9), kind: Kind::Unsaid };
    let refused = BTreeMap::from([(2, "550 no".to_owned())]);
    let returned = [found(&received(1, "192.0.2.1", "out1.example.com")), vec![strange]].concat();
    let account = Account::of(&sent(), &refused, &BTreeSet::from([0, 1]), &returned);
    assert_eq!((account.strange, account.grade()), (1, Grade::Fail));
    let document = serde_json::to_value(&account).expect("JSON");
    assert_eq!(document["addresses"][1]["letters"][0]["outcome"], "refused");
    assert_eq!(document["addresses"][1]["letters"][0]["detail"], "550 no");
    assert_eq!(document["addresses"][0]["letters"][0]["outcome"], "own", "what came back was sent");
    let cut = Account::of(&sent(), &BTreeMap::new(), &BTreeSet::from([0]), &[]);
    assert_eq!(
        (cut.addresses[0].grade, cut.addresses[0].why.as_str()),
        (
            Grade::Unknown,
            "the message to 1@receiver.example was not sent, as far as is known: the test was cut short"
        )
    );
    let seen = &document["seen"][0];
    for (key, wanted) in [("address", "192.0.2.1"), ("source", "mx.receiver.example")] {
        assert_eq!(seen[key], wanted);
    }
    assert!(
        seen["at"].is_i64() && seen["text"].is_string() && seen["verdicts"][0]["what"] == "ptr-present",
        "{seen}"
    );
}

proptest! {
    #[test]
    fn hostile_messages_are_read(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "Content-Type: multipart/report; boundary=b\r\n", "Content-Type: message/rfc822\r\n", "\r\n", "--b\r\n", "--b--", "HELO hostname:",
            "Source IP:", "Diagnostic-Code:", "01010101010101010101010101010101", "X-Ptrd-Test: ", "{", "}", "\"", "\u{202e}", "=", "é",
            "Content-Transfer-Encoding: base64\r\n", "From ", "\n",
        ]), 0..40),
    ) {
        let text = pieces.concat();
        for one in found(&text) {
            prop_assert!(text.contains(&one.mark.to_string()));
        }
    }
}
