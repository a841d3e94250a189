//! ptrd as a secondary that passes updates on: to Knot, BIND and ptrd, for the programs that people update with.

use ptrd_suite::daemon::{Daemon, free_port};
use ptrd_suite::following::{SETTINGS, certificate, daemon, metric, until};
use ptrd_suite::primary::{Kind, Primary, PrimaryZone, Setup};
use ptrd_suite::secondary::{ask, serial, transfer};
use ptrd_suite::updater::{SECRET, WAYS, update};
use ptrd_tsig::{Algorithm, Key, sign_request};
use ptrd_wire::{Name, Rcode, Tsig, TsigRecord, tsig_error};
use std::io::Read;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

const ZONE: &str = "2.0.192.in-addr.arpa";
const KEY: &str = "upd.example";
const TEXT: &str = "$TTL 300\n@ SOA ns1.example.net. hostmaster.example.net. 7 14400 3600 1209600 300\n\
                    @ NS ns1.example.net.\n1 PTR a.example.com.\n";

/// A key whose secret is known, at a daemon.
fn add_key(daemon: &Daemon, folder: &Path) {
    let secret = folder.join("secret");
    std::fs::write(&secret, SECRET).expect("written");
    daemon.ctl(&["key", "add", KEY, "--secret-file", secret.to_str().expect("text")]);
}

/// The server that makes the updates: stopped by dropping it.
enum Upper {
    Real(Primary),
    Ours(Daemon),
}

impl Upper {
    fn address(&self) -> SocketAddr {
        match self {
            Upper::Real(primary) => primary.address,
            Upper::Ours(daemon) => daemon.dns,
        }
    }
}

fn real(kind: Kind, folder: &Path, ours: &Daemon) -> Option<Upper> {
    let (_, key) = ours.http("GET", &format!("/v1/keys/{KEY}"), "").expect("a key");
    let key: serde_json::Value = serde_json::from_str(&key).expect("JSON");
    let declared = key[if kind == Kind::Knot { "knot" } else { "bind" }].as_str().expect("a text");
    let zones = [PrimaryZone { apex: ZONE, text: TEXT, keyed: false }];
    let setup = Setup { zones: &zones, secondary: ours.dns, key: Some((KEY, declared)), tls: None };
    Primary::start(kind, folder, &setup).map(Upper::Real)
}

fn ptrd(folder: &Path, ours: &Daemon) -> Option<Upper> {
    let upper = daemon(folder);
    add_key(&upper, folder);
    upper.ctl(&["block", "add", "192.0.2.0/24", "--tenant", "acme"]);
    upper.ctl(&["notify", "nameservers", "no"]);
    upper.ctl(&["notify", "add", &ours.dns.to_string()]);
    upper.ctl(&["access", "allow", "update", "--key", KEY, "--tenant", "acme"]);
    Some(Upper::Ours(upper))
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs()
}

/// An update that deletes all of 250, signed.
fn signed(by: &str) -> Vec<u8> {
    signed_of(by, b"250")
}

/// One that deletes all of this name.
fn signed_of(by: &str, label: &[u8; 3]) -> Vec<u8> {
    let mut octets = b"\x12\x34\x28\0\0\x01\0\0\0\x01\0\0".to_vec();
    octets.extend_from_slice(ZONE.parse::<Name>().expect("a name").as_wire());
    octets.extend_from_slice(b"\0\x06\0\x01\x03");
    octets.extend_from_slice(label);
    octets.extend_from_slice(b"\xc0\x0c\0\xff\0\xff\0\0\0\0\0\0");
    let length = octets.len();
    octets.resize(length + 512, 0);
    let key = Key::from_base64(by.parse().expect("a name"), Algorithm::HmacSha256, SECRET).expect("a key");
    let (length, _) = sign_request(key, &mut octets, length, seconds()).expect("room");
    octets.truncate(length);
    octets
}

fn reply_to(server: SocketAddr, message: &[u8]) -> Vec<u8> {
    let mut stream = ask(server, message).expect("a connection");
    let mut length = [0; 2];
    stream.read_exact(&mut length).expect("a length");
    let mut reply = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut reply).expect("a reply");
    reply
}

/// Updates by all programs: made at the primary, and here once it has told of them.
fn programs_update(ours: &Daemon, upper: &Upper, third: u8) {
    for (nth, way) in (third..).zip(WAYS) {
        let run = |lines: &str| update(way, ours.dns, (ZONE, KEY, SECRET), lines);
        let add = format!(
            "prereq nxdomain {nth}.{ZONE}.\nupdate add {nth}.{ZONE}. 300 PTR host-{nth}.example.com."
        );
        let Some((done, text)) = run(&add) else { return };
        assert!(done, "{way:?}: {text}");
        let there = transfer(upper.address(), ZONE).expect("the zone");
        let shows = there
            .iter()
            .any(|line| line.3.windows(8).any(|octets| octets == format!("\x07host-{nth}").as_bytes()));
        assert!(shows, "{way:?}: made where zones are made");
        until("here too", ours, || serial(ours.dns, ZONE) == serial(upper.address(), ZONE));
        assert_eq!(transfer(ours.dns, ZONE).expect("our zone"), there, "{way:?}");
        // What the primary judges.
        let (_, text) = run(&add).expect("it is there");
        assert!(text.contains("YXDOMAIN"), "{way:?}: {text}");
    }
}

fn passes_on(start: impl FnOnce(&Path, &Daemon) -> Option<Upper>) {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("ours");
    let ours = daemon(&place);
    add_key(&ours, &place);
    let Some(upper) = start(&folder.path().join("upper"), &ours) else { return };
    ours.ctl(&["zone", "follow", ZONE, "--from", &upper.address().to_string(), "--tenant", "acme"]);
    until("pulled", &ours, || serial(ours.dns, ZONE).is_some());
    let (nsupdate, add) = (WAYS[0], format!("update add 9.{ZONE}. 300 PTR nine.example.com."));
    let run =
        |key: &str, secret: &str| update(nsupdate, ours.dns, (ZONE, key, secret), &add).map(|(_, text)| text);
    let Some(text) = run(KEY, SECRET) else { return };
    assert!(text.contains("REFUSED"), "nobody may, unless one says so: {text}");

    // With a key that is known here, and verified here.
    ours.ctl(&["access", "allow", "forward", "--key", KEY, "--zone", ZONE]);
    programs_update(&ours, &upper, 20);
    let text = run(KEY, "YW5vdGhlciBzZWNyZXQsIHdoaWNoIGlzIHdyb25n").expect("it is there");
    assert!(text.contains("BADSIG"), "{text}");
    let text = run("ghost.example", SECRET).expect("it is there");
    assert!(text.contains("BADKEY"), "{text}");
    let count = || metric(&ours, "ptrd_forwarded_updates_total{outcome=\"answered\"}");
    assert_eq!(count(), 8, "what was turned away here was not passed on");

    // With keys that are known to the primary alone.
    ours.ctl(&["access", "revoke", "forward", "--key", KEY, "--zone", ZONE]);
    ours.ctl(&["key", "remove", KEY]);
    ours.ctl(&["access", "allow", "forward", "--from", "127.0.0.1"]);
    programs_update(&ours, &upper, 40);
    let text = run(KEY, "YW5vdGhlciBzZWNyZXQsIHdoaWNoIGlzIHdyb25n").expect("it is there");
    assert!(text.contains("BADSIG"), "by the primary: {text}");
    let (here, there) =
        (reply_to(ours.dns, &signed("ghost.example")), reply_to(upper.address(), &signed("ghost.example")));
    assert_eq!((&here[..12], here.len()), (&there[..12], there.len()), "NOTAUTH, as from the primary");
    let record = TsigRecord::find(&here).expect("a message").expect("a TSIG record");
    let tsig = Tsig::read(&here, record.offset).expect("a record");
    assert_eq!(
        (Rcode(u16::from(here[3])), tsig.error(), tsig.mac().len()),
        (Rcode::NOTAUTH, tsig_error::BADKEY, 0)
    );
    assert_eq!(here[12..record.offset], there[12..record.offset]);
    assert_eq!(count(), 8 + 8 + 2);

    // A primary that is gone.
    add_key(&ours, &place);
    drop(upper);
    let text = run(KEY, SECRET).expect("it is there");
    assert!(text.contains("SERVFAIL"), "{text}");
    assert!(metric(&ours, "ptrd_forwarded_updates_total{outcome=\"failed\"}") > 0);
    assert!(serial(ours.dns, ZONE).is_some(), "queries go on");
}

#[test]
fn to_knot() {
    passes_on(|folder, ours| real(Kind::Knot, folder, ours));
}

#[test]
fn to_bind() {
    passes_on(|folder, ours| real(Kind::Bind, folder, ours));
}

#[test]
fn to_ptrd() {
    passes_on(ptrd);
}

/// Over TLS, where the zone is pulled so, to a primary that proves who it is and to nobody else.
#[test]
fn over_tls() {
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = certificate(folder.path());
    let (ours, place, port) = (daemon(&folder.path().join("ours")), folder.path().join("upper"), free_port());
    std::fs::create_dir_all(&place).expect("a folder");
    let tls = format!(
        "[tls]\ncertificate = {certificate:?}\nkey = {key:?}\n[listen]\ntls = [\"127.0.0.1:{port}\"]\n"
    );
    std::fs::write(place.join("ptrd.toml"), format!("{SETTINGS}{tls}")).expect("written");
    let _upper = ptrd(&place, &ours).expect("a primary");
    ours.ctl(&["access", "allow", "forward", "--from", "127.0.0.1"]);
    let (server, ca) = (format!("127.0.0.1:{port}"), certificate.to_str().expect("a path"));
    let (add, nobody) = (format!("update add 9.{ZONE}. 300 PTR nine.example.com."), "nobody.example.net");
    for (name, made) in [("ns1.example.net", true), (nobody, false)] {
        let tls = ["--tls", "strict", "--tls-name", name, "--tls-ca", ca];
        ours.ctl(&[&["zone", "follow", ZONE, "--from", &server, "--tenant", "acme"][..], &tls].concat());
        let Some((done, text)) = update(WAYS[0], ours.dns, (ZONE, KEY, SECRET), &add) else { return };
        assert_eq!(done, made, "{name}: {text}");
    }
    assert_eq!(metric(&ours, "ptrd_forwarded_updates_total{outcome=\"failed\"}"), 1);
}

/// Two that pull a zone from each other, and one that pulls it from itself: an update goes round once.
#[test]
fn circles_end_with_the_first_round() {
    let folder = tempfile::tempdir().expect("a folder");
    let servers = ["a", "b"].map(|name| daemon(&folder.path().join(name)));
    let [a, b] = &servers;
    for (from, to, zone) in [(a, b, ZONE), (b, a, ZONE), (a, a, "example.net")] {
        from.ctl(&["zone", "follow", zone, "--from", &to.dns.to_string(), "--tenant", "acme"]);
    }
    servers
        .iter()
        .for_each(|server| drop(server.ctl(&["access", "allow", "forward", "--from", "127.0.0.1"])));
    let reply = reply_to(a.dns, &signed("ghost.example"));
    assert_eq!((&reply[..2], Rcode(u16::from(reply[3]))), (&b"\x12\x34"[..], Rcode::SERVFAIL));
    let counts = |server: &Daemon| {
        ["answered", "failed", "crowded"]
            .map(|outcome| metric(server, &format!("ptrd_forwarded_updates_total{{outcome=\"{outcome}\"}}")))
    };
    assert_eq!((counts(a), counts(b)), ([1, 0, 0], [1, 0, 0]));
    let lines = "update add x.example.net. 60 TXT x";
    let Some((_, text)) = update(WAYS[0], a.dns, ("example.net", "ghost.example", SECRET), lines) else {
        return;
    };
    assert!(text.contains("SERVFAIL") || text.contains("TSIG"), "{text}");
    assert_eq!((counts(a)[1], counts(a)[2], metric(a, "ptrd_forwarded_updates_open")), (0, 0, 0));
}

/// A flood of updates for a primary that takes connections and says nothing: others are served.
#[test]
fn a_primary_that_says_nothing_holds_up_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("ours");
    std::fs::create_dir_all(&place).expect("a folder");
    std::fs::write(place.join("ptrd.toml"), SETTINGS.replace("timeout = \"2s\"", "timeout = \"1m\""))
        .expect("written");
    let ours = daemon(&place);
    let upper = ptrd(&folder.path().join("upper"), &ours).expect("a primary");
    let silent = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let silent = silent.local_addr().map(|address| (silent, address.to_string())).expect("an address");
    add_key(&ours, &place);
    ours.ctl(&["zone", "follow", ZONE, "--from", &silent.1, "--tenant", "acme"]);
    let reverse = "100.51.198.in-addr.arpa";
    match &upper {
        Upper::Ours(upper) => drop(upper.ctl(&["block", "add", "198.51.100.0/24", "--tenant", "acme"])),
        Upper::Real(_) => unreachable!("it is ptrd"),
    }
    ours.ctl(&["zone", "follow", reverse, "--from", &upper.address().to_string(), "--tenant", "acme"]);
    until("pulled", &ours, || serial(ours.dns, reverse).is_some());
    ours.ctl(&["zone", "add", "example.net", "--tenant", "acme"]);
    ours.ctl(&["access", "allow", "update", "--key", KEY, "--zone", "example.net"]);
    ours.ctl(&["access", "allow", "forward", "--from", "127.0.0.0/8"]);
    let flood = UdpSocket::bind(("127.0.0.2", 0)).expect("a socket");
    for n in 0..200 {
        flood.send_to(&signed(&format!("ghost-{n}.example")), ours.dns).expect("sent");
    }
    until("turned away", &ours, || metric(&ours, "ptrd_forwarded_updates_total{outcome=\"crowded\"}") > 0);
    assert!(metric(&ours, "ptrd_forwarded_updates_open") > 0, "they wait");
    assert!(serial(ours.dns, "example.net").is_some(), "queries are answered");
    for (zone, line) in [
        ("example.net", "update add x.example.net. 60 TXT x".to_owned()),
        (reverse, format!("update add 1.{reverse}. 60 PTR a.example.com.")),
    ] {
        let Some((done, text)) = update(WAYS[0], ours.dns, (zone, KEY, SECRET), &line) else { return };
        assert!(done, "{zone}: {text}");
    }
    assert!(metric(&ours, "ptrd_forwarded_updates_open") > 0, "they wait still");
}

/// A standby makes no changes. What reaches it goes to its primary, if its configuration says where that answers, and is made
/// here once it has taken that one's place.
#[test]
fn a_standby_passes_updates_on_to_its_primary() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("primary");
    let upper = daemon(&place);
    add_key(&upper, &place);
    upper.ctl(&["block", "add", "192.0.2.0/24", "--tenant", "acme"]);
    upper.ctl(&["access", "allow", "update", "--key", KEY, "--tenant", "acme"]);
    for host in ["250", "251"] {
        upper.ctl(&["ptr", "set", &format!("192.0.2.{host}"), "a.example.com"]);
    }
    let standby = |name: &str, more: &str| {
        let place = folder.path().join(name);
        std::fs::create_dir_all(&place).expect("a folder");
        let primary = upper.socket.display();
        let text = format!("{SETTINGS}[standby]\nname = \"{name}\"\nprimary = \"{primary}\"\n{more}\n");
        std::fs::write(place.join("ptrd.toml"), text).expect("written");
        let config = place.join("ptrd.toml").display().to_string();
        let daemon = Daemon::start(&place, &["--config", &config]);
        until("a copy", &daemon, || {
            serial(daemon.dns, ZONE).is_some() && serial(daemon.dns, ZONE) == serial(upper.dns, ZONE)
        });
        daemon
    };
    let names = |daemon: &Daemon| {
        let zone = transfer(daemon.dns, ZONE).expect("the zone");
        zone.iter().filter(|line| line.1 == 12).count()
    };
    let rcode = |reply: &[u8]| Rcode(u16::from(reply[3] & 15));
    let idle = standby("idle", "");
    assert_eq!(
        rcode(&reply_to(idle.dns, &signed(KEY))),
        Rcode::NOTIMP,
        "so that clients turn to the next server"
    );
    assert_eq!(names(&upper), 2);
    let ours = standby("ours", &format!("forward-updates = [\"{}\"]", upper.dns));
    assert_eq!(rcode(&reply_to(ours.dns, &signed(KEY))), Rcode::NOERROR);
    assert_eq!(names(&upper), 1);
    until("here too", &ours, || names(&ours) == 1);
    assert_eq!(metric(&ours, "ptrd_forwarded_updates_total{outcome=\"answered\"}"), 1);
    drop(upper);
    let lost = reply_to(ours.dns, &signed_of(KEY, b"251"));
    assert_eq!(rcode(&lost), Rcode::SERVFAIL, "no primary took it");
    ours.ctl(&["promote", "--reason", "the primary is lost"]);
    assert_eq!(rcode(&reply_to(ours.dns, &signed_of(KEY, b"251"))), Rcode::NOERROR);
    assert_eq!(names(&ours), 0);
}
