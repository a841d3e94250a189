//! Conversations, as text: `C:` is what the client says, `S:` what it hears.

use ptrd_posture::identity::{Check, CheckId, Grade, Identity, Subject};
use ptrd_probe::{Act, Client, FORMAT, Letter, Reader, Session, Sighting, Terms, answer};

/// Runs what the client says of a text, and writes what it hears between.
fn heard(script: &str) -> (String, Vec<Letter>) {
    let terms = Terms {
        name: "probe.example".into(),
        domains: vec!["probe.example".into(), "test.example".into()],
        tls: true,
        size: 200,
    };
    let (mut session, mut reader) = (Session::new(terms), Reader::default());
    let (mut text, mut letters) = (String::new(), Vec::new());
    let say =
        |text: &mut String, said: &str| said.lines().for_each(|line| text.push_str(&format!("S: {line}\n")));
    say(&mut text, &session.greeting());
    for line in script.lines().filter_map(|line| line.strip_prefix("C:")) {
        text.push_str(&format!("C:{line}\n"));
        reader.push(line.strip_prefix(' ').unwrap_or(line).as_bytes());
        reader.push(b"\r\n");
        while let Some(piece) = reader.next_piece() {
            match session.take(piece) {
                Act::Nothing => {}
                Act::Reply(said) => say(&mut text, &said),
                Act::Close(said) => {
                    say(&mut text, &said);
                    text.push_str("closed\n");
                    return (text, letters);
                }
                Act::StartTls(said) => {
                    say(&mut text, &said);
                    session.secured("TLSv1.3");
                    text.push_str("TLS\n");
                }
                Act::Judge(letter) => {
                    text.push_str("judged\n");
                    letters.push(letter);
                }
            }
        }
    }
    (text, letters)
}

/// Holds a conversation against itself.
fn hold(conversation: &str) -> Vec<Letter> {
    let (text, letters) = heard(conversation);
    assert!(text == conversation, "this was heard:\n{text}");
    letters
}

#[test]
fn a_message_with_tls() {
    let letters = hold(
        "\
S: 220 probe.example ESMTP for test messages; nothing is delivered
C: EHLO mail-01.example.com
S: 250-probe.example
S: 250-PIPELINING
S: 250-SIZE 200
S: 250-STARTTLS
S: 250-ENHANCEDSTATUSCODES
S: 250-8BITMIME
S: 250 SMTPUTF8
C: STARTTLS
S: 220 2.0.0 go ahead
TLS
C: MAIL FROM:<a@example.com>
S: 503 5.5.1 say EHLO first
C: EHLO mail-01.example.com
S: 250-probe.example
S: 250-PIPELINING
S: 250-SIZE 200
S: 250-ENHANCEDSTATUSCODES
S: 250-8BITMIME
S: 250 SMTPUTF8
C: STARTTLS
S: 503 5.5.1 TLS is spoken already
C: MAIL FROM:<a@example.com> SIZE=100
S: 250 2.1.0 go on
C: RCPT TO:<test@Probe.Example>
S: 250 2.1.5 go on
C: DATA
S: 354 go ahead; end with a line that has a dot alone
C: Subject: a test
C: X-Ptrd-Test: 7f3a
C: x-ptrd-test: another
C:
C: X-Ptrd-Test: in the text
C: ..
C: .
judged
C: QUIT
S: 221 2.0.0 probe.example goodbye
closed
",
    );
    let [letter] = &letters[..] else { panic!("{letters:?}") };
    assert_eq!((letter.from.as_str(), letter.mark.as_deref()), ("a@example.com", Some("7f3a")));
    assert_eq!((&letter.to[..], letter.octets), (&["test@Probe.Example".to_owned()][..], 89));
}

#[test]
fn what_is_out_of_place() {
    hold(
        "\
S: 220 probe.example ESMTP for test messages; nothing is delivered
C: MAIL FROM:<a@example.com>
S: 503 5.5.1 say EHLO first
C: HELO [192.0.2.1]
S: 250 probe.example
C: RCPT TO:<test@probe.example>
S: 503 5.5.1 say MAIL first
C: MAIL FROM:<>
S: 250 2.1.0 go on
C: MAIL FROM:<a@example.com>
S: 503 5.5.1 there is a sender already
C: DATA
S: 503 5.5.1 there is no recipient
C: RCPT TO:<a@elsewhere.example>
S: 550 5.7.1 nothing is relayed: recipients are in probe.example, test.example
C: RCPT TO:<\"a@probe.example\"@elsewhere.example>
S: 550 5.7.1 nothing is relayed: recipients are in probe.example, test.example
C: RCPT TO:<postmaster>
S: 250 2.1.5 go on
C: RSET
S: 250 2.0.0 forgotten
C: AUTH PLAIN AGEAYg==
S: 502 5.5.1 AUTH is not known here
C: GARBAGE
S: 500 5.5.1 that is no command
C:
S: 500 5.5.1 that is no command
C: MAIL FROM:<a@example.com
S: 421 4.7.0 probe.example too many mistakes
closed
",
    );
}

#[test]
fn a_message_that_is_too_large_is_refused_whole() {
    let long = "x".repeat(5_000);
    let (text, letters) = heard(&format!(
        "C: EHLO a.example\nC: MAIL FROM:<a@example.com> SIZE=201\nC: MAIL FROM:<a@example.com>\nC: RCPT TO:<t@test.example>\n\
         C: DATA\nC: Subject: x\nC:\nC: {long}\nC: .\nC: NOOP {long}\n"
    ));
    assert_eq!(letters, []);
    let last: Vec<&str> = text.lines().filter(|line| line.starts_with("S: 5")).collect();
    assert_eq!(
        last,
        [
            "S: 552 5.3.4 at most 200 octets",
            "S: 552 5.3.4 at most 200 octets",
            "S: 500 5.5.2 the line is too long"
        ]
    );
}

#[test]
fn no_message_is_smuggled_into_another() {
    let before = b"EHLO a.example\r\nMAIL FROM:<a@example.com>\r\nRCPT TO:<t@test.example>\r\nDATA\r\nSubject: x\r\n\r\n";
    for end in [&b"\n.\r\n"[..], b"\n.\n", b"\r\n.\n", b"\r.\r\n", b"\r\n.\r\r\n"] {
        let terms = Terms { name: "p".into(), domains: vec!["test.example".into()], tls: false, size: 9_999 };
        let (mut session, mut reader) = (Session::new(terms), Reader::default());
        reader.push(before);
        reader.push(b"text");
        reader.push(end);
        reader.push(b"MAIL FROM:<b@example.com>\r\n");
        let mut acts = Vec::new();
        while let Some(piece) = reader.next_piece() {
            let act = session.take(piece);
            let is_closed = matches!(act, Act::Close(_));
            acts.push(act);
            if is_closed {
                break;
            }
        }
        assert!(
            matches!(acts.last(), Some(Act::Close(said)) if said.starts_with("550 5.5.2 ")),
            "{end:?}: {acts:?}"
        );
        assert!(!acts.iter().any(|act| matches!(act, Act::Judge(_))), "{end:?}");
    }
}

fn identity(checks: &[(CheckId, Grade, &str)]) -> Identity {
    let check = |(id, grade, why): &(CheckId, Grade, &str)| Check {
        id: *id,
        grade: *grade,
        why: (*why).to_owned(),
        run: Vec::new(),
        evidence: Vec::new(),
    };
    Identity {
        subject: Subject::new([192, 0, 2, 1].into()),
        checks: checks.iter().map(check).collect(),
        observations: Vec::new(),
    }
}

#[test]
fn senders_are_told_how_they_are_seen() {
    let seen = identity(&[
        (CheckId::PtrPresent, Grade::Pass, "the PTR is mail.example."),
        (CheckId::Iprev, Grade::Pass, "mail.example. has the address 192.0.2.1"),
        (CheckId::HeloEqualsPtr, Grade::Warn, "HELO gives “other.example.”\r\n250 and more\u{1b}[2J"),
    ]);
    assert_eq!(
        answer(&seen, true),
        "250-2.0.0 iprev=pass policy.iprev=192.0.2.1\r\n\
         250-2.0.0 helo-equals-ptr: warn: HELO gives \"other.example.\"??250 and more?[2J\r\n\
         250-2.0.0 ptr-present: pass: the PTR is mail.example.\r\n\
         250-2.0.0 iprev: pass: mail.example. has the address 192.0.2.1\r\n\
         250 2.0.0 the test is recorded; nothing is delivered\r\n"
    );
    for (checks, iprev) in [
        (&[(CheckId::PtrPresent, Grade::Fail, "")][..], "permerror"),
        (&[(CheckId::PtrPresent, Grade::Unknown, "")], "temperror"),
        (&[(CheckId::PtrPresent, Grade::Pass, ""), (CheckId::Iprev, Grade::Fail, "")], "fail"),
        (&[(CheckId::PtrPresent, Grade::Pass, ""), (CheckId::Iprev, Grade::Unknown, "")], "temperror"),
    ] {
        let said = answer(&identity(checks), false);
        assert!(said.starts_with(&format!("550-5.7.0 iprev={iprev} policy.iprev=192.0.2.1\r\n")), "{said}");
        assert!(said.lines().last().is_some_and(|line| line.starts_with("550 5.7.0 ")), "{said}");
    }
    let long = "x".repeat(2_000);
    let many: Vec<_> = (0..100).map(|_| (CheckId::Ttl, Grade::Warn, long.as_str())).collect();
    let said = answer(&identity(&many), true);
    assert!(said.lines().count() <= 21 && said.lines().all(|line| line.len() <= 510));
}

#[test]
fn sightings_are_lines_of_json() {
    let sighting = Sighting {
        format: FORMAT,
        at: 7,
        client: Client { helo: Some("a\nb".into()), extended: true, tls: None },
        letter: Some(Letter { from: String::new(), to: vec!["t@test.example".into()], ..Letter::default() }),
        identity: identity(&[(CheckId::PtrPresent, Grade::Fail, "there is none")]),
    };
    let line = serde_json::to_string(&sighting).expect("JSON");
    assert!(!line.contains('\n'));
    assert_eq!(serde_json::from_str::<Sighting>(&line).expect("a sighting"), sighting);
    let seen = sighting.seen();
    assert_eq!(seen.text, "EHLO a\nb, without TLS; a message from <> came");
    let verdicts: Vec<_> = seen.verdicts.iter().map(|it| (it.what.as_str(), it.grade)).collect();
    assert_eq!(verdicts, [("ptr-present", Grade::Fail), ("tls", Grade::Warn)]);
    assert_eq!((seen.at, seen.helo.as_deref()), (Some(7), Some("a\nb")));
}
