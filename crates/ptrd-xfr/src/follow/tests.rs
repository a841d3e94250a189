//! Transfers as a primary may send them, each message a line of records, and what comes of them in words.

use super::*;
use ptrd_tsig::{Algorithm, Key, KeyTable, Signer, verify};
use ptrd_wire::{Class, Name, RecordType, Serial, Soa, TsigRecord, Ttl};
use ptrd_zone::model::ZoneId;
use ptrd_zone::{Pulled, View, Zone};

const NOW: u64 = 1_764_000_000;
const ID: u16 = 4711;

fn plain() -> Envelope {
    Envelope { id: ID, ..Envelope::default() }
}

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn soa(serial: u32) -> Soa {
    let (mname, rname) = (name("ns.example"), name("host.example"));
    let minimum = Ttl::from_secs(60);
    Soa { mname, rname, serial: Serial(serial), refresh: 7, retry: 8, expire: 9, minimum }
}

/// A record in words: `soa 5`, `ns`, `a txt text`, `a cname b`, `a ch`, `a type 250`, `x.other. txt text`, `a bad`. Names are
/// relative to the zone.
fn record(words: &str) -> Vec<u8> {
    let words: Vec<&str> = words.split_whitespace().collect();
    let owner = |text: &str| match text.strip_suffix('.') {
        Some(absolute) => name(absolute),
        None if text == "@" => name("example"),
        None => name(&format!("{text}.example")),
    };
    let text = |text: &str| [&[text.len() as u8], text.as_bytes()].concat();
    let (owner, rtype, class, data) = match words[..] {
        ["soa", serial] => {
            (name("example"), RecordType::SOA, Class::IN, soa(serial.parse().unwrap()).to_wire())
        }
        ["ns"] => (name("example"), RecordType::NS, Class::IN, name("ns.example").as_wire().to_vec()),
        [at, "soa", serial] => {
            (owner(at), RecordType::SOA, Class::IN, soa(serial.parse().unwrap()).to_wire())
        }
        [at, "txt", data] => (owner(at), RecordType::TXT, Class::IN, text(data)),
        [at, "cname", to] => (owner(at), RecordType::CNAME, Class::IN, owner(to).as_wire().to_vec()),
        [at, "ch"] => (owner(at), RecordType::TXT, Class::CH, text("chaos")),
        [at, "type", number] => (owner(at), RecordType(number.parse().unwrap()), Class::IN, text("x")),
        [at, "bad"] => (owner(at), RecordType::A, Class::IN, vec![1, 2, 3]),
        ref other => panic!("no record: {other:?}"),
    };
    let mut octets = owner.as_wire().to_vec();
    octets.extend_from_slice(&rtype.0.to_be_bytes());
    octets.extend_from_slice(&class.0.to_be_bytes());
    octets.extend_from_slice(&300u32.to_be_bytes());
    octets.extend_from_slice(&(data.len() as u16).to_be_bytes());
    octets.extend_from_slice(&data);
    octets
}

/// A message of an answer with these records; padded, where one is `padding`.
fn message(qtype: RecordType, line: &str) -> Vec<u8> {
    let (padding, records): (Vec<&str>, Vec<&str>) = line
        .split(',')
        .map(str::trim)
        .filter(|words| !words.is_empty())
        .partition(|words| *words == "padding");
    let records: Vec<Vec<u8>> = records.into_iter().map(record).collect();
    let mut octets = ID.to_be_bytes().to_vec();
    octets.extend_from_slice(&[0x84, 0, 0, 1]);
    octets.extend_from_slice(&(records.len() as u16).to_be_bytes());
    octets.extend_from_slice(&[0; 4]);
    octets.extend_from_slice(name("example").as_wire());
    octets.extend_from_slice(&qtype.0.to_be_bytes());
    octets.extend_from_slice(&[0, 1]);
    octets.extend(records.concat());
    for _ in padding {
        octets[11] += 1;
        octets.extend_from_slice(&[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 6, 0, 12, 0, 2, 0, 0]);
    }
    octets
}

fn zone(serial: u32) -> Zone {
    Zone::new(ZoneId(1), name("example"), View::Verbatim, soa(serial), Ttl::from_secs(300))
}

/// What comes of a transfer, in words. `since` is the serial that is here, for an IXFR.
fn told(since: Option<u32>, lines: &[&str]) -> String {
    let here = zone(since.unwrap_or(0));
    let (wanted, qtype) = match since {
        Some(_) => (Wanted::Since(&here), RecordType::IXFR),
        None => (Wanted::Whole, RecordType::AXFR),
    };
    let (_, mut pull) = Pull::begin(&name("example"), wanted, plain(), Limits::default());
    for line in lines {
        match pull.take(&message(qtype, line), NOW) {
            Ok(None) => {}
            Ok(Some(done)) => return in_words(done),
            Err(error) => return format!("error: {error}"),
        }
    }
    "goes on".to_owned()
}

fn in_words(done: Done) -> String {
    match done {
        Done::Nothing(soa) => format!("nothing newer than {}", soa.serial),
        Done::Pulled(Pulled::Whole(zone), dropped) => {
            let sets = zone.records.iter();
            let sets = sets.map(|(owner, set)| format!("{owner} {}×{}", set.rtype, set.rdatas.len()));
            let dropped =
                dropped.map(|(n, first)| format!("; {n} dropped, first {first}")).unwrap_or_default();
            format!("whole {}: {}{dropped}", zone.soa.serial, sets.collect::<Vec<_>>().join(" "))
        }
        Done::Pulled(Pulled::Steps(steps), dropped) => {
            let steps = steps.iter().map(|step| {
                format!("{}→{} -{} +{}", step.from, step.soa.serial, step.removed.len(), step.added.len())
            });
            let dropped =
                dropped.map(|(n, first)| format!("; {n} dropped, first {first}")).unwrap_or_default();
            format!("steps {}{dropped}", steps.collect::<Vec<_>>().join(", "))
        }
    }
}

#[test]
fn whole_zones() {
    for (lines, expected) in [
        (
            &["soa 5, ns, b txt x, a txt y, a txt z, soa 5"][..],
            "whole 5: example. NS×1 a.example. TXT×2 b.example. TXT×1",
        ),
        // In as many messages as it likes.
        (&["soa 5", "ns", "a txt y", "soa 5"], "whole 5: example. NS×1 a.example. TXT×1"),
        // The same record twice counts once; owners are one whatever their case.
        (&["soa 5, ns, a txt y, A txt y, soa 5"], "whole 5: example. NS×1 a.example. TXT×1"),
        // Types that nobody knows, and names that a cut or DNAME hides, are kept.
        (&["soa 5, ns, a type 65400, soa 5"], "whole 5: example. NS×1 a.example. TYPE65400×1"),
        (
            &["soa 5, ns, x.other. txt t, y.other. txt t, a txt t, soa 5"],
            "whole 5: example. NS×1 a.example. TXT×1; 2 dropped, first x.other.",
        ),
        // RFC 9103 §7.9.1: padded ones, and such as have nothing else.
        (
            &["padding", "soa 5, padding", "padding", "ns, a txt y, padding", "soa 5"],
            "whole 5: example. NS×1 a.example. TXT×1",
        ),
        (&["", "soa 5, ns, a txt y, soa 5"], "error: the answer has no SOA of the zone"),
        (&["soa 5, ns, a txt y"], "goes on"),
        (&[], "goes on"),
    ] {
        assert_eq!(told(None, lines), expected, "{lines:?}");
    }
}

#[test]
fn differences() {
    for (lines, expected) in [
        (&["soa 5"][..], "nothing newer than 5"),
        (&["soa 4"], "nothing newer than 4"),
        (&["soa 6, soa 5, a txt y, soa 6, b txt z, soa 6"], "steps 5→6 -1 +1"),
        (&["soa 7, soa 5, a txt y, soa 6, soa 6, soa 7, b txt z, soa 7"], "steps 5→6 -1 +0, 6→7 -0 +1"),
        // Condensed.
        (&["soa 9, soa 5, soa 9, b txt z, soa 9"], "steps 5→9 -0 +1"),
        // Message by message.
        (&["soa 6", "soa 5", "a txt y", "soa 6", "b txt z", "soa 6"], "steps 5→6 -1 +1"),
        // A whole zone where differences were asked for.
        (&["soa 6, ns, a txt y, soa 6"], "whole 6: example. NS×1 a.example. TXT×1"),
        (&["soa 6", "ns, a txt y", "soa 6"], "whole 6: example. NS×1 a.example. TXT×1"),
        (
            &["soa 6, soa 5, x.other. txt t, soa 6, y.other. txt t, b txt z, soa 6"],
            "steps 5→6 -0 +1; 2 dropped, first x.other.",
        ),
    ] {
        assert_eq!(told(Some(5), lines), expected, "{lines:?}");
    }
    // Across the end of the numbers (RFC 1982).
    assert_eq!(told(Some(u32::MAX), &["soa 3, soa 4294967295, soa 3, soa 3"]), "steps 4294967295→3 -0 +0");
}

/// What a newer SOA alone means over TCP is not to be told from it.
#[test]
fn a_newer_soa_alone_leaves_it_in_doubt_what_comes() {
    let here = zone(5);
    for (wanted, line, expected) in [
        (Wanted::Since(&here), "soa 6", true),
        (Wanted::Since(&here), "padding", false),
        (Wanted::Since(&here), "soa 6, ns", false),
        (Wanted::Since(&here), "soa 6, soa 5", false),
        (Wanted::Whole, "soa 6", false),
    ] {
        let qtype = if matches!(wanted, Wanted::Whole) { RecordType::AXFR } else { RecordType::IXFR };
        let (_, mut pull) = Pull::begin(&name("example"), wanted, plain(), Limits::default());
        assert!(!pull.is_in_doubt(), "before anything came");
        assert_eq!(pull.take(&message(qtype, line), NOW), Ok(None));
        assert_eq!(pull.is_in_doubt(), expected, "{line}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_a_reason() {
    for (since, lines, expected) in [
        (None, &["ns, soa 5"][..], "the transfer begins with example. NS, and not with the zone's SOA"),
        (None, &["x.other. txt t"], "the transfer begins with x.other. TXT, and not with the zone's SOA"),
        (None, &[""], "the answer has no SOA of the zone"),
        (None, &["soa 5, soa 5"], "the zone has no NS records at its apex"),
        (None, &["soa 5, a txt y, soa 5"], "the zone has no NS records at its apex"),
        (
            None,
            &["soa 5, ns, soa 6"],
            "the transfer begins with serial 5, and ends with another SOA (serial 6)",
        ),
        (None, &["soa 5, ns, soa 5, a txt y"], "records follow behind the last SOA"),
        (None, &["soa 5, ns, a soa 5, soa 5"], "a.example. has a SOA, and is not the apex"),
        (None, &["soa 5, ns, a ch, soa 5"], "a.example. TXT is not of class IN"),
        (None, &["soa 5, ns, a type 250, soa 5"], "a.example. has a record of type TSIG, which no zone has"),
        (None, &["soa 5, ns, a bad, soa 5"], "a.example. A: the data is malformed"),
        (
            Some(5),
            &["soa 7, soa 4, soa 7, soa 7"],
            "a difference starts from serial 4, where 5 was to follow",
        ),
        (
            Some(5),
            &["soa 7, soa 5, soa 6, a txt y, soa 8"],
            "a difference starts from serial 8, where 6 was to follow",
        ),
        (
            Some(5),
            &["soa 7, soa 5, a txt y, soa 3, soa 3"],
            "a difference leads from serial 5 to 3, which is not after it",
        ),
        (Some(5), &["soa 6, soa 5, soa 6, soa 6, a txt y"], "records follow behind the last SOA"),
    ] {
        assert_eq!(told(since, lines), format!("error: {expected}"), "{lines:?}");
    }
}

/// What comes of one message, altered.
fn altered(alter: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut octets = message(RecordType::AXFR, "soa 5, ns, a txt y, soa 5");
    alter(&mut octets);
    let (_, mut pull) = Pull::begin(&name("example"), Wanted::Whole, plain(), Limits::default());
    pull.take(&octets, NOW)
        .map_or_else(|error| error.to_string(), |done| done.map(in_words).unwrap_or_default())
}

#[test]
fn messages_that_are_no_answers() {
    let whole = "whole 5: example. NS×1 a.example. TXT×1";
    assert_eq!(altered(|_| {}), whole);
    let malformed = |what: &str| format!("message 1 of the answer is malformed: {what}");
    for (at, octet, expected) in [
        (0, 9, malformed("it has another identifier than the request")),
        (2, 0x04, malformed("it is no answer to a query")),
        (2, 0xa4, malformed("it is no answer to a query")),
        (2, 0x86, malformed("it is cut short")),
        (2, 0x80, whole.to_owned()),
        (3, 5, "the primary answers REFUSED".to_owned()),
        (3, 9, "the primary answers NOTAUTH".to_owned()),
        (5, 0, malformed("it has not the question of the request")),
        (5, 2, malformed("it has not the question of the request")),
        (13, b'x', malformed("it has another question than the request")),
        (7, 5, malformed("a record cannot be read")),
        (7, 3, malformed("octets follow behind its last record")),
        (9, 1, malformed("a record cannot be read")),
    ] {
        assert_eq!(altered(|octets| octets[at] = octet), expected, "octet {at}");
    }
    assert_eq!(altered(|octets| octets.push(0)), malformed("octets follow behind its last record"));
    // Cut anywhere, it is never taken.
    let length = message(RecordType::AXFR, "soa 5, ns, a txt y, soa 5").len();
    for end in 0..length {
        let told = altered(|octets| octets.truncate(end));
        assert!(told.contains("malformed"), "{end} octets: {told}");
    }
}

#[test]
fn an_endless_transfer_ends() {
    let limits = Limits { octets: 4_000, messages: 100 };
    let begin = || Pull::begin(&name("example"), Wanted::Whole, plain(), limits).1;
    let mut pull = begin();
    assert_eq!(pull.take(&message(RecordType::AXFR, "soa 5, ns"), NOW), Ok(None));
    let error = (0..).find_map(|n| pull.take(&message(RecordType::AXFR, &format!("a{n} txt x")), NOW).err());
    assert_eq!(error, Some(PullError::TooLarge { limit: 4_000, what: "octets" }));
    // Messages without anything in them.
    let mut pull = begin();
    assert_eq!(pull.take(&message(RecordType::AXFR, "soa 5, ns"), NOW), Ok(None));
    let error = (0..).find_map(|_| pull.take(&message(RecordType::AXFR, ""), NOW).err());
    assert_eq!(error, Some(PullError::TooLarge { limit: 100, what: "messages" }));
}

fn key(secret: u8) -> Key {
    Key::new(name("xfr.example"), Algorithm::HmacSha256, &[secret; 32]).expect("a key")
}

/// The answer to a signed request: messages, of which those that begin with `!` are signed.
fn signed(secret: u8, lines: &[&str], alter: Option<usize>) -> String {
    let ours = Some((key(7), NOW));
    let (request, mut pull) =
        Pull::begin(&name("example"), Wanted::Whole, Envelope { key: ours, ..plain() }, Limits::default());
    let keys = KeyTable::new([key(7)]).expect("keys");
    let record = TsigRecord::find(&request).expect("well-formed").expect("signed");
    let verified = verify(&request, record, &keys, NOW).expect("our own signature");
    let mut signer: Signer<Key> = verified.into_signer();
    if secret != 7 {
        let (request, _) = {
            let key = Some((key(secret), NOW));
            Pull::begin(&name("example"), Wanted::Whole, Envelope { key, ..plain() }, Limits::default())
        };
        let keys = KeyTable::new([key(secret)]).expect("keys");
        let record = TsigRecord::find(&request).expect("well-formed").expect("signed");
        signer = verify(&request, record, &keys, NOW).expect("its own signature").into_signer();
    }
    for (nth, line) in lines.iter().enumerate() {
        let mut octets = message(RecordType::AXFR, line.trim_start_matches('!'));
        if line.starts_with('!') {
            let length = octets.len();
            octets.resize(length + signer.room(), 0);
            let end = signer.sign(&mut octets, length, NOW).expect("room");
            octets.truncate(end);
        } else {
            let _ = signer.pass(&octets);
        }
        if alter == Some(nth) {
            // Within the text of a record.
            let at = octets.windows(4).position(|four| four == b"text").expect("a text");
            octets[at] ^= 1;
        }
        match pull.take(&octets, NOW) {
            Ok(None) => {}
            Ok(Some(done)) => return in_words(done),
            Err(error) => return error.to_string(),
        }
    }
    "goes on".to_owned()
}

#[test]
fn signed_streams() {
    let whole = "whole 5: example. NS×1 a.example. TXT×1";
    assert_eq!(signed(7, &["!soa 5, ns, a txt text, soa 5"], None), whole);
    assert_eq!(signed(7, &["!soa 5, ns", "a txt text", "!soa 5"], None), whole);
    for (secret, lines, altered, expected) in [
        (7, &["soa 5, ns, a txt text, soa 5"][..], None, "the answer (NOERROR) is not signed"),
        (
            8,
            &["!soa 5, ns, a txt text, soa 5"],
            None,
            "the answer's signature with key xfr.example. is wrong",
        ),
        (
            7,
            &["!soa 5, ns, a txt text, soa 5"],
            Some(0),
            "the answer's signature with key xfr.example. is wrong",
        ),
        // What was altered in between shows with the next signature.
        (
            7,
            &["!soa 5, ns", "a txt text", "!soa 5"],
            Some(1),
            "the answer's signature with key xfr.example. is wrong",
        ),
        (7, &["!soa 5, ns", "a txt text, soa 5"], None, "the last 1 messages of the stream are not signed"),
    ] {
        let told = signed(secret, lines, altered);
        assert!(told.starts_with(expected), "{told}");
    }
    let mut lines = vec!["!soa 5, ns"];
    lines.extend(vec!["a txt text"; 100]);
    assert!(signed(7, &lines, None).starts_with("more than 99 messages"));
}

#[test]
fn the_serial_of_a_primary() {
    let ask = |line: &str, alter: fn(&mut Vec<u8>)| {
        let (request, query) = Question::begin(&name("example"), RecordType::SOA, plain());
        assert_eq!(request.len(), 12 + name("example").as_wire().len() + 4);
        let mut octets = message(RecordType::SOA, line);
        alter(&mut octets);
        assert!(query.is_meant(&octets));
        let answered = query.read(&octets, NOW).and_then(|answered| match answered {
            Answered::Records(records) => Answered::soa(&records).map(|soa| format!("serial {}", soa.serial)),
            Answered::CutShort => Ok("cut short".to_owned()),
        });
        answered.unwrap_or_else(|error| error.to_string())
    };
    assert_eq!(ask("soa 5", |_| {}), "serial 5");
    assert_eq!(ask("", |_| {}), "the answer has no SOA of the zone");
    assert_eq!(ask("a soa 5", |_| {}), "the answer has no SOA of the zone");
    assert_eq!(ask("soa 5", |octets| octets[2] |= 2), "cut short");
    assert_eq!(ask("soa 5", |octets| octets[3] = 2), "the primary answers SERVFAIL");
    assert_eq!(ask("soa 5", |octets| octets[2] = 0x80), PullError::NotAuthoritative.to_string());
}

/// RFC 8467 §4.1, RFC 8945 §5.3: padded requests are as long as a multiple of 128, and signed as they are sent.
#[test]
fn requests_over_tls_are_padded() {
    let keys = KeyTable::new([key(7)]).expect("keys");
    for is_signed in [false, true] {
        for apex in ["example", "a-rather-long-label.of.a-zone.example"] {
            let key = is_signed.then(|| (key(7), NOW));
            let envelope = Envelope { id: ID, key, padded: true, offer: None };
            let (request, _) = Pull::begin(&name(apex), Wanted::Whole, envelope, Limits::default());
            assert_eq!(request.len() % 128, 0, "{apex} {is_signed}");
            let record = TsigRecord::find(&request).expect("well-formed");
            assert_eq!(
                (record.is_some(), request[11]),
                (is_signed, 1 + u8::from(is_signed)),
                "OPT before TSIG"
            );
            if let Some(record) = record {
                verify(&request, record, &keys, NOW).expect("our own signature");
            }
        }
    }
}
