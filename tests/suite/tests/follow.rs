//! ptrd as a secondary: of Knot and BIND, of itself, and of a primary that means harm.
//!
//! `PTRD_TEST_CHANGES=1000` makes more random changes than the usual 200.

use ptrd_suite::daemon::{Daemon, PATIENCE};
use ptrd_suite::following::{self, SETTINGS, certificate, daemon, metric, until};
use ptrd_suite::hostile::{Hostile, Transfer};
use ptrd_suite::primary::{Kind, Primary, PrimaryZone, Setup};
use ptrd_suite::secondary::{serial, transfer};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Everything a zone may have, and things that most would not look for in one: types that nobody knows, names that a cut or
/// a DNAME hides, letters in upper case.
const TEXT: &str = r#"$TTL 3600
@ SOA ns1 hostmaster 7 14400 3600 1209600 300
@ NS ns1
@ NS ns2.example.org.
@ MX 10 mail
@ TXT "v=spf1 -all" "caf\233 \"quoted\""
@ CAA 0 issue "ca.example.org"
ns1 A 192.0.2.1
ns1 AAAA 2001:db8::1
MiXed TXT "case"
*.wild TXT "any"
sub NS ns.sub
ns.sub A 192.0.2.4
hidden.sub TXT "below a cut"
d DNAME example.org.
_sip._tcp SRV 0 5 5060 mail
x TYPE65400 \# 3 abcdef
1 PTR a.example.com.
"#;

fn same(daemon: &Daemon, primary: &Primary, apex: &str) {
    until(&format!("{apex} as at the primary"), daemon, || {
        serial(daemon.dns, apex) == serial(primary.address, apex)
    });
    let (ours, theirs) = (transfer(daemon.dns, apex).expect("our zone"), primary.zone(apex));
    let missing: Vec<_> = theirs.difference(&ours).take(3).collect();
    let alien: Vec<_> = ours.difference(&theirs).take(3).collect();
    assert!(ours == theirs, "{apex}: missing {missing:?}, alien {alien:?}");
}

fn follow_view(daemon: &Daemon, apex: &str) -> serde_json::Value {
    let text = daemon.ctl(&["zone", "show", apex, "--json"]);
    serde_json::from_str::<serde_json::Value>(&text).expect("JSON")["follow"].clone()
}

fn error_of(daemon: &Daemon, apex: &str) -> String {
    follow_view(daemon, apex)["error"].as_str().unwrap_or_default().to_owned()
}

/// The same numbers each time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 33) % end
    }
}

fn random_change(random: &mut Random, zone: &str) -> String {
    let (owner, n) = (random.below(40), random.below(1 << 20));
    match random.below(8) {
        0..=3 => format!("add r{owner}.{zone}. {} TXT t{n}", 300),
        4 => format!("add R{owner}.{zone}. 300 PTR Host-{n}.Example.Com."),
        5 => format!("delete r{owner}.{zone}. TXT"),
        6 => format!("delete r{owner}.{zone}."),
        _ => format!("add u{owner}.{zone}. 60 TYPE65401 \\# 4 {n:08x}"),
    }
}

fn follows(kind: Kind) {
    let folder = tempfile::tempdir().expect("a folder");
    let ours = daemon(&folder.path().join("ptrd"));
    ours.ctl(&["key", "add", "xfr.example"]);
    let (_, key) = ours.http("GET", "/v1/keys/xfr.example", "").expect("a key");
    let key: serde_json::Value = serde_json::from_str(&key).expect("JSON");
    let declared = key[if kind == Kind::Knot { "knot" } else { "bind" }].as_str().expect("a text");
    let zone = |apex, keyed| PrimaryZone { apex, text: TEXT, keyed };
    let zones =
        [zone("example.net", false), zone("2.0.192.in-addr.arpa", false), zone("keyed.example", true)];
    let (certificate, private) = certificate(folder.path());
    let setup = Setup {
        zones: &zones,
        secondary: ours.dns,
        key: Some(("xfr.example", declared)),
        tls: (kind == Kind::Bind).then_some((certificate.as_path(), private.as_path())),
    };
    let Some(primary) = Primary::start(kind, &folder.path().join("primary"), &setup) else { return };
    let from = primary.address.to_string();
    for apex in ["example.net", "2.0.192.in-addr.arpa"] {
        ours.ctl(&["zone", "follow", apex, "--from", &from, "--tenant", "acme"]);
        same(&ours, &primary, apex);
    }
    // What takes a key is not handed over without, and is with it.
    ours.ctl(&["zone", "follow", "keyed.example", "--from", &from, "--tenant", "acme"]);
    until("a refusal", &ours, || !error_of(&ours, "keyed.example").is_empty());
    assert_eq!(serial(ours.dns, "keyed.example"), None, "SERVFAIL until it was pulled");
    ours.ctl(&["zone", "follow", "keyed.example", "--from", &from, "--key", "xfr.example"]);
    until("keyed.example", &ours, || serial(ours.dns, "keyed.example") == Some(7));
    assert!(!ours.ptrctl(&["key", "remove", "xfr.example"]).status.success(), "a zone is pulled with it");

    // Changes come by NOTIFY and IXFR.
    let count = std::env::var("PTRD_TEST_CHANGES").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    let mut random = Random(7);
    let changes: Vec<String> = (0..count).map(|_| random_change(&mut random, "example.net")).collect();
    for some in changes.chunks(20) {
        primary.update("example.net", some);
        same(&ours, &primary, "example.net");
    }
    assert!(metric(&ours, "ptrd_received_notifications_total") > 0, "NOTIFY came");
    let log = ours.ctl(&["log", "--zone", "example.net", "--limit", "500"]);
    let (steps, whole) = (log.matches(" step").count(), log.matches(" RRset").count());
    assert!(steps > 5 && whole == 1, "by differences, but for the first time: {steps}, {whole}\n{log}");

    // Over TLS, whoever it is, and one who must prove it.
    if kind == Kind::Bind {
        let tls = primary.tls.to_string();
        let ca = certificate.to_str().expect("a path");
        let again = |arguments: &[&str], what: &str| {
            ours.ctl(&[&["zone", "follow", "example.net", "--from", &tls][..], arguments].concat());
            primary.update("example.net", &[format!("add tls.example.net. 60 TXT \"{what}\"")]);
            same(&ours, &primary, "example.net");
        };
        again(&["--tls", "opportunistic"], "opportunistic");
        again(&["--tls", "strict", "--tls-name", "ns1.example.net", "--tls-ca", ca], "strict");
        again(
            &["--tls", "strict", "--tls-name", "ns1.example.net", "--tls-pin", &pin(&certificate)],
            "pinned",
        );
        let wrong = [
            "zone",
            "follow",
            "example.net",
            "--from",
            &tls,
            "--tls",
            "strict",
            "--tls-name",
            "other.example.net",
            "--tls-ca",
            ca,
        ];
        ours.ctl(&wrong);
        until("a wrong name refused", &ours, || error_of(&ours, "example.net").starts_with("TLS: "));
    }
}

/// The SHA-256 of its public key, in base64.
fn pin(certificate: &Path) -> String {
    let script = format!(
        "openssl x509 -in '{}' -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64",
        certificate.display()
    );
    let output = Command::new("sh").args(["-c", &script]).output().expect("a shell");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn knot_is_followed() {
    follows(Kind::Knot);
}

#[test]
fn bind_is_followed() {
    follows(Kind::Bind);
}

/// One ptrd follows another, is closed to other changes meanwhile, and hands on what it has by IXFR to a third.
#[test]
fn ptrd_follows_ptrd() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = daemon(&folder.path().join("first"));
    let second = daemon(&folder.path().join("second"));
    let third = daemon(&folder.path().join("third"));
    first.ctl(&["block", "add", "192.0.2.0/24", "--tenant", "acme"]);
    first.ctl(&["ptr", "set", "192.0.2.1", "a.example.com"]);
    let apex = "2.0.192.in-addr.arpa";
    for (upper, lower) in [(&first, &second), (&second, &third)] {
        upper.ctl(&["notify", "nameservers", "no"]);
        upper.ctl(&["notify", "add", &lower.dns.to_string()]);
        lower.ctl(&["zone", "follow", apex, "--from", &upper.dns.to_string(), "--tenant", "acme"]);
    }
    let everywhere = |what: &str| {
        for lower in [&second, &third] {
            until(what, lower, || serial(lower.dns, apex) == serial(first.dns, apex));
            assert_eq!(transfer(lower.dns, apex).ok(), transfer(first.dns, apex).ok(), "{what}");
        }
    };
    everywhere("the first transfer");
    for n in 2..12 {
        first.ctl(&["ptr", "set", &format!("192.0.2.{n}"), &format!("h{n}.example.com")]);
        everywhere("a change");
    }
    let log = third.ctl(&["log", "--zone", apex]);
    assert!(log.matches(" step").count() > 3, "{log}");
    for door in [
        &["record", "set", "x.2.0.192.in-addr.arpa", "TXT", "text"][..],
        &["zone", "set", apex, "--serial-policy", "unixtime"],
        &["zone", "adopt", apex, "--yes"],
    ] {
        let output = second.ptrctl(door);
        assert!(!output.status.success(), "{door:?}: {}", String::from_utf8_lossy(&output.stdout));
    }
    let refusal = second.ptrctl(&["record", "set", "x.2.0.192.in-addr.arpa", "TXT", "text"]);
    let refusal = String::from_utf8_lossy(&refusal.stderr).into_owned();
    assert!(refusal.contains("is followed from") && refusal.contains("zone unfollow"), "{refusal}");
    // A zone of our own again.
    second.ctl(&["zone", "unfollow", apex]);
    second.ctl(&["record", "set", "x.2.0.192.in-addr.arpa", "TXT", "text"]);
    first.ctl(&["ptr", "set", "192.0.2.1", "other.example.com"]);
    assert_ne!(transfer(second.dns, apex).ok(), transfer(first.dns, apex).ok());
}

/// Over TLS in both directions: what is handed over there is pulled there.
#[test]
fn ptrd_follows_ptrd_over_tls() {
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = certificate(folder.path());
    let port = ptrd_suite::daemon::free_port();
    let upper = folder.path().join("upper");
    fs::create_dir_all(&upper).expect("a folder");
    let tls = format!(
        "[tls]\ncertificate = {certificate:?}\nkey = {key:?}\n[listen]\ntls = [\"127.0.0.1:{port}\"]\n"
    );
    fs::write(upper.join("ptrd.toml"), format!("{SETTINGS}{tls}")).expect("written");
    let (upper, lower) = (daemon(&upper), daemon(&folder.path().join("lower")));
    upper.ctl(&["zone", "add", "example.net", "--tenant", "acme"]);
    let (server, ca) = (format!("127.0.0.1:{port}"), certificate.to_str().expect("a path"));
    let from = |more: &[&str]| {
        let words =
            [&["zone", "follow", "example.net", "--from", &server, "--tenant", "acme"][..], more].concat();
        lower.ctl(&words);
    };
    from(&["--tls", "strict", "--tls-name", "ns1.example.net", "--tls-ca", ca]);
    until("pulled", &lower, || serial(lower.dns, "example.net").is_some());
    from(&["--tls", "opportunistic"]);
    upper.ctl(&["record", "set", "x.example.net", "TXT", "text"]);
    lower.ctl(&["zone", "refresh", "example.net"]);
    until("changed", &lower, || serial(lower.dns, "example.net") == serial(upper.dns, "example.net"));
    assert_eq!(transfer(lower.dns, "example.net").ok(), transfer(upper.dns, "example.net").ok());
    // No authority, no transfer.
    let other = folder.path().join("other");
    fs::create_dir_all(&other).expect("a folder");
    let (other, _) = following::certificate(&other);
    from(&["--tls", "strict", "--tls-name", "ns1.example.net", "--tls-ca", other.to_str().expect("a path")]);
    until("refused", &lower, || error_of(&lower, "example.net").starts_with("TLS: "));
}

/// A restart asks nobody anew for what is fresh, and what has expired stays expired; a primary that is back mends it.
#[test]
fn freshness_outlives_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("ptrd");
    let apex = "fresh.example";
    let lines = |serial: u32| Transfer::Messages(vec![format!("soa {serial}, ns, a txt x, soa {serial}")]);
    let primary = Hostile::start(apex, 5, lines(5));
    let ours = daemon(&place);
    ours.ctl(&["zone", "follow", apex, "--from", &primary.address.to_string(), "--tenant", "acme"]);
    until("pulled", &ours, || serial(ours.dns, apex) == Some(5));
    assert!(ours.stop().success());
    let asked = primary.queries();
    let ours = daemon(&place);
    assert_eq!(serial(ours.dns, apex), Some(5), "at once, and from the store");
    until("known", &ours, || follow_view(&ours, apex)["next"].is_i64());
    assert_eq!(primary.queries(), asked, "its SOA says an hour");
    assert!(ours.stop().success());
    // Two days pass; meanwhile the primary is gone.
    let address = primary.address;
    drop(primary);
    let store = place.join("ptrd.db");
    let aged = Command::new("sqlite3")
        .arg(&store)
        .arg("UPDATE zone_freshness SET checked_at = checked_at - 172800000; SELECT changes();")
        .output()
        .expect("sqlite3 runs");
    assert_eq!(String::from_utf8_lossy(&aged.stdout).trim(), "1");
    let ours = daemon(&place);
    assert_eq!(serial(ours.dns, apex), None, "expired");
    let query = [
        &b"\0\x07\0\0\0\x01\0\0\0\0\0\x01"[..],
        apex.parse::<ptrd_wire::Name>().expect("a name").as_wire(),
        b"\0\x06\0\x01\0\0\x29\x04\xd0\0\0\0\0\0\0",
    ]
    .concat();
    let reply = ours.dns(&query).expect("an answer");
    assert_eq!(reply[3] & 15, 2, "SERVFAIL");
    assert!(reply.windows(6).any(|six| six == [0, 15, 0, 2, 0, 24]), "EDE 24 (RFC 8914)");
    assert!(transfer(ours.dns, apex).is_err(), "nor is it handed on");
    assert_eq!(follow_view(&ours, apex)["state"], "expired");
    until("a failure", &ours, || !error_of(&ours, apex).is_empty());
    // Another primary, with the same version: it is answered again, without a transfer.
    let primary = Hostile::start(apex, 5, Transfer::Garbage);
    assert_ne!(primary.address, address);
    ours.ctl(&["zone", "follow", apex, "--from", &primary.address.to_string()]);
    until("well again", &ours, || serial(ours.dns, apex) == Some(5));
    assert_eq!(primary.transfers(), 0);
}

/// Whatever a primary sends, the version that was there stays, and the reason is shown.
#[test]
fn a_primary_that_means_harm_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let apex = "hostile.example";
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<String>>();
    let good = Transfer::Messages(lines(&["soa 5, ns, a txt x", "x.other. txt alien, soa 5"]));
    let primary = Hostile::start(apex, 5, good);
    let ours = daemon(&folder.path().join("ptrd"));
    ours.ctl(&["zone", "follow", apex, "--from", &primary.address.to_string(), "--tenant", "acme"]);
    until("pulled", &ours, || serial(ours.dns, apex) == Some(5));
    let before = transfer(ours.dns, apex).expect("the zone");
    assert_eq!(before.len(), 3, "the record that does not belong was dropped: {before:?}");
    let all = Transfer::Messages;
    for (serial_there, transfer_there, expected) in [
        (4, all(lines(&["soa 4, ns, soa 4"])), "the primary has serial 4, which is not after 5"),
        (6, all(lines(&["soa 5"])), "the primary says serial 6, and has nothing newer than 5 to transfer"),
        (6, Transfer::Garbage, "a message of the answer takes too long"),
        (
            6,
            Transfer::Closes(lines(&["soa 6, ns, b txt y"])),
            "closed the connection before the answer was complete",
        ),
        (6, all(lines(&["soa 6, ns, b txt y"])), "a message of the answer takes too long"),
        (6, Transfer::Drips, "a message of the answer takes too long"),
        (6, Transfer::Endless(lines(&["soa 6, ns", "r{n} txt y"])), "more than 1048576 octets"),
        (6, all(lines(&["soa 6, ns, soa 7"])), "ends with another SOA (serial 7)"),
        (6, all(lines(&["soa 6, b txt y, soa 6"])), "no NS records at its apex"),
        (6, all(lines(&["ns, soa 6"])), "and not with the zone's SOA"),
        (
            6,
            all(lines(&["soa 6, ns, b cname c, b txt y, soa 6"])),
            "b.hostile.example. has a CNAME beside other data",
        ),
        (6, all(lines(&["soa 6, ns, b type 250, soa 6"])), "which no zone has"),
        (
            6,
            all(lines(&["soa 6, soa 5, b txt y, soa 6, soa 6"])),
            "a record of b.hostile.example. TXT is to go that is not here",
        ),
    ] {
        primary.set(serial_there, transfer_there);
        let refresh = || drop(ours.ctl(&["zone", "refresh", apex]));
        refresh();
        let log = folder.path().join("ptrd/log");
        until(expected, &ours, || {
            error_of(&ours, apex).contains(expected)
                || fs::read_to_string(&log).is_ok_and(|text| text.contains(expected))
        });
        assert_eq!(transfer(ours.dns, apex).ok().as_ref(), Some(&before), "{expected}");
    }
    // Asked for by an operator, a zone goes back.
    primary.set(3, all(lines(&["soa 3, ns, c txt z, soa 3"])));
    ours.ctl(&["zone", "refresh", apex, "--whole"]);
    until("gone back", &ours, || serial(ours.dns, apex) == Some(3));
}

/// RFC 1995 does not say what a newer SOA alone means over TCP, and primaries do not agree: for some it is all that comes. How
/// long to wait for a message is set to more than a test does.
#[test]
fn a_newer_soa_alone_has_the_whole_zone_asked_for_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let (apex, place) = ("alone.example", folder.path().join("ptrd"));
    fs::create_dir_all(&place).expect("a folder");
    let patient = SETTINGS.replace("timeout = \"2s\"", "timeout = \"10m\"");
    fs::write(place.join("ptrd.toml"), patient).expect("written");
    let ours = daemon(&place);
    let primary =
        Hostile::start(apex, 5, Transfer::Alone("soa 5, ns, a txt x, soa 5".to_owned(), Vec::new()));
    ours.ctl(&["zone", "follow", apex, "--from", &primary.address.to_string(), "--tenant", "acme"]);
    until("pulled", &ours, || serial(ours.dns, apex) == Some(5));
    // For others the rest comes in messages of its own, perhaps late, and after the next request.
    let rest = ["soa 5", "a txt x", "soa 6", "a txt y", "soa 6"].map(str::to_owned).to_vec();
    for (to, rest) in [(6, rest), (7, Vec::new())] {
        primary.set(to, Transfer::Alone(format!("soa {to}, ns, whole txt {to}, soa {to}"), rest.clone()));
        ours.ctl(&["zone", "refresh", apex]);
        until("newer", &ours, || serial(ours.dns, apex) == Some(to));
        let text = if rest.is_empty() { b"\x017" } else { b"\x01y" };
        let zone = transfer(ours.dns, apex).expect("the zone");
        assert!(zone.iter().any(|line| line.3 == text), "{to}: {zone:?}");
    }
}

/// The way from another server to this one: its zones are taken over, compared, and made native.
#[test]
fn zones_are_taken_over_and_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let ours = daemon(&folder.path().join("ptrd"));
    let reverse: String = (1..=200).map(|n| format!("{n} PTR host-{n}.example.com.\n")).collect();
    let reverse = format!(
        "$TTL 3600\n@ SOA ns1.example.net. host.example.net. 42 1 1 1 1\n@ NS ns1.example.net.\n{reverse}"
    );
    let zone = |apex, text, keyed| PrimaryZone { apex, text, keyed };
    let (net, v4) = ("example.net", "2.0.192.in-addr.arpa");
    let zones = [zone(net, TEXT, false), zone(v4, &reverse, false), zone("closed.example", TEXT, true)];
    let key = ("xfr.example", "key \"xfr.example\" { algorithm hmac-sha256; secret \"c2VjcmV0\"; };\n");
    let setup = Setup { zones: &zones, secondary: ours.dns, key: Some(key), tls: None };
    let Some(other) = Primary::start(Kind::Bind, &folder.path().join("other"), &setup) else { return };
    let from = other.address.to_string();
    let list = folder.path().join("zones");
    fs::write(&list, format!("# both\n{net}\n{v4}\n")).expect("written");
    let list = list.to_str().expect("a path");
    ours.ctl(&["zone", "transfer-in", "--list", list, "--from", &from, "--tenant", "acme"]);
    for apex in [net, v4] {
        assert_eq!(transfer(ours.dns, apex).ok(), transfer(other.address, apex).ok(), "{apex}");
    }
    assert_eq!(ours.ctl(&["zone", "compare", "--list", list, "--from", &from]).matches(": alike").count(), 2);
    // They are our own: changes are made here, and show.
    ours.ctl(&["zone", "adopt", v4, "--yes"]);
    assert!(
        ours.ctl(&["zone", "compare", v4, "--from", &from]).contains(": alike"),
        "adopted, it answers the same"
    );
    ours.ctl(&["ptr", "set", "192.0.2.7", "other.example.com"]);
    ours.ctl(&["ptr", "delete", "192.0.2.8"]);
    other.update(v4, &["add new.2.0.192.in-addr.arpa. 60 TXT new".to_owned()]);
    let output = ours.ptrctl(&["zone", "compare", v4, "--from", &from]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for line in [
        "- 7.2.0.192.in-addr.arpa. PTR 3600 other.example.com.",
        "+ 7.2.0.192.in-addr.arpa. PTR 3600 host-7.example.com.",
        "+ 8.2.0.192.in-addr.arpa. PTR 3600 host-8.example.com.",
        "+ new.2.0.192.in-addr.arpa. TXT 60 \"new\"",
    ] {
        assert!(text.lines().any(|of| of == line), "{line}\n{text}");
    }
    assert!(text.contains("3 RRsets differ"), "{text}");
    // One that is not handed over is refused with the reason, and can be compared by questions.
    let output = ours.ptrctl(&["zone", "transfer-in", "closed.example", "--from", &from, "--tenant", "acme"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("REFUSED"), "{output:?}");
    let file = folder.path().join("closed.example.zone");
    fs::write(&file, format!("$ORIGIN closed.example.\n{TEXT}extra TXT here\n")).expect("written");
    ours.ctl(&["zone", "import", file.to_str().expect("a path"), "--tenant", "acme"]);
    let output = ours.ptrctl(&["zone", "compare", "closed.example", "--from", &from]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("1 RRset differs") && text.contains("by queries"), "{text}{output:?}");
    assert!(text.contains("- extra.closed.example. TXT 3600 \"here\""), "{text}");
}

/// Who may send NOTIFY, and how little a flood of it does.
#[test]
fn notify_is_taken_from_primaries_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let apex = "notify.example";
    let primary = Hostile::start(apex, 5, Transfer::Messages(vec!["soa 5, ns, soa 5".to_owned()]));
    let ours = daemon(&folder.path().join("ptrd"));
    ours.ctl(&["zone", "follow", apex, "--from", &primary.address.to_string(), "--tenant", "acme"]);
    ours.ctl(&["zone", "add", "own.example", "--tenant", "acme"]);
    until("pulled", &ours, || serial(ours.dns, apex) == Some(5));
    let notify = |apex: &str, from: &str| {
        let name: ptrd_wire::Name = apex.parse().expect("a name");
        let message = [&b"\x12\x34\x24\0\0\x01\0\0\0\0\0\0"[..], name.as_wire(), b"\0\x06\0\x01"].concat();
        let socket = std::net::UdpSocket::bind((from, 0)).expect("a port");
        socket.set_read_timeout(Some(PATIENCE)).expect("set");
        socket.send_to(&message, ours.dns).expect("sent");
        let mut room = [0; 512];
        let length = socket.recv(&mut room).expect("an answer");
        assert_eq!((&room[..2], room[2] & 0xf8, length), (&message[..2], 0xa0, message.len()));
        room[3] & 15
    };
    assert_eq!(notify(apex, "127.0.0.1"), 0, "NOERROR");
    assert_eq!(notify(apex, "127.0.0.2"), 5, "REFUSED: none of its primaries");
    assert_eq!(notify("own.example", "127.0.0.1"), 9, "NOTAUTH: not followed");
    assert_eq!(notify("other.example", "127.0.0.1"), 9, "NOTAUTH: not here");
    ours.ctl(&["access", "allow", "notify", "--from", "127.0.0.2", "--zone", apex]);
    assert_eq!(notify(apex, "127.0.0.2"), 0, "NOERROR: allowed");
    let (asked, since) = (primary.queries(), Instant::now());
    let name: ptrd_wire::Name = apex.parse().expect("a name");
    let flood = [&b"\x12\x34\x24\0\0\x01\0\0\0\0\0\0"[..], name.as_wire(), b"\0\x06\0\x01"].concat();
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
    for _ in 0..20_000 {
        socket.send_to(&flood, ours.dns).expect("sent");
    }
    // Over TCP nothing is lost: what came before it has been looked at.
    assert_eq!(serial(ours.dns, apex), Some(5));
    // Not more often than the pause says, whatever came.
    let most = since.elapsed().as_millis() as u64 / 50 + 2;
    assert!(primary.queries() - asked <= most, "{} questions, {most} at most", primary.queries() - asked);
}
