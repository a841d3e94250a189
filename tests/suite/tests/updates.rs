//! The text tests of `tests/update`, one file per RFC section, against the daemon: each is a zone, an update message, its
//! response code, and what the zone lost and gained. Those of prerequisites come once more through a secondary.
//!
//! ```text
//! block 192.0.2.0/24 2.0.192.in-addr.arpa.    a native zone, or: zone example.com., imported from these lines
//!   5 300 PTR a.example.net.              what it has besides SOA and NS
//!
//! test §2.4.1 an RRset exists             each test begins with the zone as it stands above
//!   zone 2.0.192.in-addr.arpa. IN SOA     a line of the zone section, where it is another than that
//!   prereq 5 0 ANY PTR                    lines of the other sections as they stand in the message:
//!   update 6 300 IN TXT hello             owner, TTL, class, type, data
//! NOERROR
//!   + 6 300 TXT hello
//! ```

use ptrd_suite::daemon::Daemon;
use ptrd_suite::following::{self, until};
use ptrd_suite::secondary::{ask, records, serial};
use ptrd_suite::updater::SECRET;
use ptrd_testkit::{Record, Reply, parse_line, rdata_from_text, rdata_to_text};
use ptrd_tsig::{Algorithm, Key, sign_request};
use ptrd_wire::{Name, RecordType, Ttl};
use std::collections::BTreeSet;
use std::io::Read;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

/// A zone and the tests that begin with it.
struct Scene {
    /// `zone example.com.` or `block 192.0.2.0/24 2.0.192.in-addr.arpa.`.
    head: String,
    lines: Vec<String>,
    tests: Vec<Test>,
}

#[derive(Default)]
struct Test {
    title: String,
    /// Lines of the message, each with the word that says of which section.
    message: Vec<String>,
    rcode: String,
    /// `+ …` and `- …`.
    changes: Vec<String>,
}

fn read(text: &str) -> Vec<Scene> {
    let mut scenes: Vec<Scene> = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with(';') && !line.trim().is_empty()) {
        let words = line.trim().to_owned();
        let scene = scenes.last_mut();
        match (line.starts_with(' '), scene) {
            (false, _) if line.starts_with("zone ") || line.starts_with("block ") => {
                scenes.push(Scene { head: words, lines: Vec::new(), tests: Vec::new() });
            }
            (false, Some(scene)) => match line.strip_prefix("test ") {
                Some(title) => scene.tests.push(Test { title: title.to_owned(), ..Test::default() }),
                None => scene.tests.last_mut().expect("a test before its response code").rcode = words,
            },
            (true, Some(scene)) => match scene.tests.last_mut() {
                None => scene.lines.push(words),
                Some(test) if test.rcode.is_empty() => test.message.push(words),
                Some(test) => test.changes.push(words),
            },
            (_, None) => panic!("no zone before {line}"),
        }
    }
    scenes
}

/// The class, as an update uses it (RFC 2136 §1.3).
fn class(word: &str) -> u16 {
    match word {
        "IN" => 1,
        "CH" => 3,
        "NONE" => 254,
        "ANY" => 255,
        _ => panic!("no class {word}"),
    }
}

fn put(octets: &mut Vec<u8>, words: &[u16]) {
    words.iter().for_each(|word| octets.extend_from_slice(&word.to_be_bytes()));
}

/// The octets of an update message.
fn message(zone: &Name, lines: &[String]) -> Vec<u8> {
    let own = format!("zone {zone} IN SOA");
    let has_zone = lines.iter().any(|line| line.starts_with("zone "));
    let mut sections: [(u16, Vec<u8>); 3] = Default::default();
    for line in (!has_zone).then_some(&own).into_iter().chain(lines) {
        let mut words = line.split_whitespace();
        let mut next = || words.next().unwrap_or_else(|| panic!("too short: {line}"));
        let nth = ["zone", "prereq", "update"]
            .iter()
            .position(|known| *known == next_word(line))
            .expect("a section");
        next();
        let owner = Name::parse_relative(next(), zone).expect("an owner");
        let (count, octets) = &mut sections[nth];
        *count += 1;
        octets.extend_from_slice(owner.as_wire());
        if nth == 0 {
            let (class, rtype) = (class(next()), next().parse::<RecordType>().expect("a type"));
            put(octets, &[rtype.0, class]);
            continue;
        }
        let ttl: u32 = next().parse().expect("a TTL");
        let (class, rtype) = (class(next()), next().parse::<RecordType>().expect("a type"));
        put(octets, &[rtype.0, class]);
        octets.extend_from_slice(&ttl.to_be_bytes());
        let data: Vec<&str> = words.collect();
        let data =
            if data.is_empty() { Vec::new() } else { rdata_from_text(rtype, &data, zone).expect("data") };
        put(octets, &[data.len() as u16]);
        octets.extend_from_slice(&data);
    }
    let mut octets = vec![0x21, 0x36, 5 << 3, 0];
    put(&mut octets, &[sections[0].0, sections[1].0, sections[2].0, 0]);
    sections.iter().for_each(|(_, section)| octets.extend_from_slice(section));
    octets
}

fn next_word(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or_default()
}

/// Sends an update, signed, and reads its response code, whose signature must be right.
fn send(server: SocketAddr, mut octets: Vec<u8>) -> String {
    let key = Key::from_base64("k1".parse().expect("a name"), Algorithm::HmacSha256, SECRET).expect("a key");
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs();
    // Of another id, so another MAC: no copy of the one before.
    static NEXT: AtomicU16 = AtomicU16::new(0);
    octets[..2].copy_from_slice(&NEXT.fetch_add(1, Relaxed).to_be_bytes());
    let length = octets.len();
    octets.resize(length + 512, 0);
    let (length, mut awaiting) = sign_request(key, &mut octets, length, now()).expect("room");
    let mut stream = ask(server, &octets[..length]).expect("a connection");
    let mut prefix = [0; 2];
    stream.read_exact(&mut prefix).expect("a length");
    let mut reply = vec![0; usize::from(u16::from_be_bytes(prefix))];
    stream.read_exact(&mut reply).expect("a reply");
    assert!(awaiting.accept(&reply, now()).is_ok(), "the signature of the reply");
    Reply::decode(&reply).expect("a reply that a second implementation reads").rcode.to_string()
}

fn text(record: &Record) -> String {
    format!("{} {} {} {}", record.owner, record.ttl, record.rtype, rdata_to_text(record.rtype, &record.rdata))
}

/// The zone's serial, and its other records.
fn content(daemon: &Daemon, zone: &Name) -> (String, BTreeSet<String>) {
    let records = records(daemon.dns, &zone.to_string()).expect("a transfer");
    let (soas, others): (Vec<_>, Vec<_>) = records.iter().partition(|record| record.rtype == RecordType::SOA);
    (text(soas[0]), others.into_iter().map(text).collect())
}

/// A line of a zone as it is transferred.
fn shown(line: &str, zone: &Name) -> String {
    let line = parse_line(line, zone, Ttl::from_secs(0)).unwrap_or_else(|error| panic!("{line}: {error}"));
    format!("{} {} {} {}", line.owner, line.ttl, line.rtype, rdata_to_text(line.rtype, &line.rdata))
}

/// A daemon with the zone of a scene, of which the key may update everything; the zone's name.
fn set_up(folder: &Path, scene: &Scene) -> (Daemon, Name) {
    let daemon = Daemon::start(folder, &[]);
    let secret = folder.join("secret");
    std::fs::write(&secret, SECRET).expect("written");
    daemon.ctl(&["tenant", "add", "acme"]);
    daemon.ctl(&["key", "add", "k1", "--secret-file", secret.to_str().expect("text")]);
    daemon.ctl(&["access", "allow", "update", "--key", "k1", "--tenant", "acme"]);
    daemon.ctl(&["access", "allow", "transfer", "--from", "127.0.0.1"]);
    let (kind, what) = scene.head.split_once(' ').expect("a name");
    if kind == "zone" {
        let path = folder.join("zone");
        let lines = scene.lines.join("\n");
        std::fs::write(&path, format!("$ORIGIN {what}\n{lines}\n")).expect("written");
        daemon.ctl(&["zone", "import", path.to_str().expect("text"), "--apex", what, "--tenant", "acme"]);
        return (daemon, what.parse().expect("a name"));
    }
    let (range, apex) = what.split_once(' ').expect("the zone of a block");
    daemon.ctl(&["block", "add", range, "--tenant", "acme"]);
    let zone: Name = apex.parse().expect("a name");
    let add = |line: &String| {
        let (owner, rest) = line.split_once(' ').expect("an owner");
        let (ttl, rest) = rest.split_once(' ').expect("a TTL");
        format!("update {owner} {ttl} IN {rest}")
    };
    let lines: Vec<String> = scene.lines.iter().map(add).collect();
    assert_eq!(send(daemon.dns, message(&zone, &lines)), "NOERROR", "{}", scene.head);
    (daemon, zone)
}

/// A second daemon that follows the zone and passes updates on.
fn secondary(folder: &Path, primary: &Daemon, zone: &Name) -> Daemon {
    let (daemon, zone) = (following::daemon(folder), zone.to_string());
    let secret = folder.join("secret");
    std::fs::write(&secret, SECRET).expect("written");
    daemon.ctl(&["key", "add", "k1", "--secret-file", secret.to_str().expect("text")]);
    daemon.ctl(&["zone", "follow", &zone, "--from", &primary.dns.to_string(), "--tenant", "acme"]);
    daemon.ctl(&["access", "allow", "forward", "--key", "k1", "--zone", &zone]);
    until("pulled", &daemon, || serial(daemon.dns, &zone).is_some());
    daemon
}

/// What is wrong with a test, of which the message goes to this server.
fn run(daemon: &Daemon, server: SocketAddr, zone: &Name, test: &Test) -> Vec<String> {
    let (serial, before) = content(daemon, zone);
    let rcode = send(server, message(zone, &test.message));
    let (new_serial, after) = content(daemon, zone);
    let mut wrong = Vec::new();
    if rcode != test.rcode {
        wrong.push(format!("{rcode} and not {}", test.rcode));
    }
    let wanted = |sign: char| -> BTreeSet<String> {
        let lines = test.changes.iter().filter_map(|line| line.strip_prefix(sign));
        lines.map(|line| shown(line.trim(), zone)).collect()
    };
    for (sign, differing) in [('-', &before - &after), ('+', &after - &before)] {
        let wanted = wanted(sign);
        wrong.extend((&wanted - &differing).iter().map(|line| format!("missing: {sign} {line}")));
        wrong.extend((&differing - &wanted).iter().map(|line| format!("not said: {sign} {line}")));
    }
    if (before == after) != (serial == new_serial) {
        wrong.push(format!("the SOA was {serial} and is {new_serial}"));
    }
    if serial != new_serial {
        let log = daemon.ctl(&["log", "--limit", "1", "--json"]);
        let change: serde_json::Value =
            serde_json::from_str(log.lines().next().expect("a change")).expect("JSON");
        daemon.ctl(&["rollback", &change["items"][0]["change"].to_string()]);
    }
    wrong
}

#[test]
fn every_update_does_what_is_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../update");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let (mut ran, mut failures) = (0, Vec::new());
    for file in &files {
        for scene in read(&std::fs::read_to_string(file).expect("text")) {
            let folder = tempfile::tempdir().expect("a folder");
            let (daemon, zone) = set_up(folder.path(), &scene);
            let (_, before) = content(&daemon, &zone);
            let lines = scene.lines.iter().filter(|line| !line.contains(" SOA "));
            let absent: Vec<_> =
                lines.map(|line| shown(line, &zone)).filter(|line| !before.contains(line)).collect();
            assert!(absent.is_empty(), "{}: {}: not there: {absent:?}", file.display(), scene.head);
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            // Answers of all kinds come back through a secondary as they were given.
            let lower = name
                .contains("prerequisites")
                .then(|| secondary(&folder.path().join("lower"), &daemon, &zone));
            for (server, test) in [Some(&daemon), lower.as_ref()]
                .into_iter()
                .flatten()
                .flat_map(|server| scene.tests.iter().map(move |test| (server, test)))
            {
                ran += 1;
                let wrong = run(&daemon, server.dns, &zone, test);
                if !wrong.is_empty() {
                    let way = if server.pid() == daemon.pid() { "" } else { ", through a secondary" };
                    failures.push(format!("{name}: {}{way}\n  {}", test.title, wrong.join("\n  ")));
                }
            }
        }
    }
    println!("{ran} updates of {} files", files.len());
    assert!(ran > 60, "only {ran}");
    assert!(failures.is_empty(), "{} of {ran}\n{}", failures.len(), failures.join("\n"));
}
