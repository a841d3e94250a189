//! Real secondaries: they are notified of changes, transfer them, and end with the same zones, record by record.
//!
//! `PTRD_TEST_CHANGES=1000` makes more random changes than the usual 200.

use ptrd_suite::daemon::{Daemon, PATIENCE};
use ptrd_suite::secondary::{KINDS, Kind, Secondary, compare, serial, settle};
use std::collections::BTreeMap;
use std::fs;
use std::net::UdpSocket;
use std::path::Path;
use std::time::Instant;

/// What NOTIFY is signed with, but to PowerDNS.
const KEY: &str = "notify.example";
const V4: &str = "2.0.192.in-addr.arpa";
const CLASSLESS: &str = "0/26.2.0.192.in-addr.arpa";
const SMALL: &str = "16/28.113.0.203.in-addr.arpa";
const SPARSE: &str = "51.198.in-addr.arpa";
const V6: &str = "8.b.d.0.1.0.0.2.ip6.arpa";
const VERBATIM: &str = "example.net";
const ZONES: [&str; 6] = [V4, CLASSLESS, SMALL, SPARSE, V6, VERBATIM];

const VERBATIM_TEXT: &str = r#"$ORIGIN example.net.
$TTL 3600
@ SOA ns1 hostmaster 7 14400 3600 1209600 300
@ NS ns1
@ NS ns2.example.org.
@ MX 10 mail
@ TXT "v=spf1 -all" "caf\233 \"quoted\""
@ CAA 0 issue "ca.example.org"
ns1 A 192.0.2.1
ns1 AAAA 2001:db8::1
mail A 192.0.2.2
mail 60 A 192.0.2.3
www CNAME mail
*.wild TXT "any"
sub NS ns.sub
ns.sub A 192.0.2.4
_sip._tcp SRV 0 5 5060 mail
x TYPE65400 \# 3 abcdef
MiXed TXT "case"
"#;

/// A daemon that answers only to what is asked of it here, and announces without waiting.
fn daemon(folder: &Path) -> Daemon {
    let file = folder.join("ptrd.toml");
    // Nobody resolves anything here: port 9 of loopback answers at once that nobody is there.
    fs::write(&file, "[notify]\npause = \"50ms\"\nfirst-wait = \"500ms\"\nresolvers = [\"127.0.0.1:9\"]\n")
        .expect("written");
    let daemon = Daemon::start(folder, &["--config", file.to_str().expect("a path")]);
    daemon.ctl(&["access", "allow", "transfer", "--from", "127.0.0.1"]);
    daemon.ctl(&["tenant", "add", "acme"]);
    daemon.ctl(&[
        "defaults",
        "set",
        "--ns",
        "ns1.example.net",
        "--ns",
        "ns2.example.net",
        "--rname",
        "hostmaster.example.net",
    ]);
    daemon
}

/// Zones of every kind.
fn fill(daemon: &Daemon, folder: &Path) {
    for line in [
        "block add 192.0.2.0/24 --tenant acme",
        "block add 192.0.2.0/26 --tenant acme --classless slash",
        "block add 203.0.113.16/28 --tenant acme --classless slash",
        "block add 198.51.0.0/16 --tenant acme",
        "block add 2001:db8::/32 --tenant acme",
        "ptr set 192.0.2.1 a.example.com b.example.com",
        "ptr set 192.0.2.200 c.example.com --ttl 5m",
        "ptr fill 198.51.7.0/24 --pattern host-{ip}.pool.example.net",
        "ptr set 2001:db8::25 mail.example.com",
        "ptr set 203.0.113.17 d.example.com",
        "block add 192.0.2.192/28 --tenant acme --delegate classless --ns ns1.acme.example --ns ns.192-28.2.0.192.in-addr.arpa=192.0.2.193",
    ] {
        daemon.ctl(&line.split_whitespace().collect::<Vec<_>>());
    }
    let file = folder.join("example.net.zone");
    fs::write(&file, VERBATIM_TEXT).expect("written");
    daemon.ctl(&["zone", "import", file.to_str().expect("a path"), "--tenant", "acme"]);
    daemon.ctl(&["zone", "set", VERBATIM, "--companion", "on"]);
}

/// All secondaries that are installed, listed with ptrd. Which ones, the output says.
fn secondaries(daemon: &Daemon, folder: &Path) -> Vec<Secondary> {
    daemon.ctl(&["key", "add", KEY]);
    let (_, key) = daemon.http("GET", &format!("/v1/keys/{KEY}"), "").expect("a key");
    let key: serde_json::Value = serde_json::from_str(&key).expect("JSON");
    let started = KINDS.into_iter().filter_map(|kind| {
        let folder = folder.join(format!("{kind:?}"));
        let text = match kind {
            Kind::Knot => key["knot"].as_str(),
            Kind::Nsd => key["nsd"].as_str(),
            Kind::Bind => key["bind"].as_str(),
            // It verifies signed ones, but has no way to insist on them.
            Kind::PowerDns => None,
        };
        let text = text.map(|text| (KEY, text));
        Secondary::start(kind, &folder, daemon.dns, &ZONES, text)
    });
    let started: Vec<Secondary> = started.collect();
    daemon.ctl(&["notify", "nameservers", "no"]);
    for secondary in &started {
        let (address, signed) = (secondary.address.to_string(), secondary.kind != Kind::PowerDns);
        let words = ["notify", "add", &address, "--key", KEY];
        daemon.ctl(if signed { &words } else { &words[..3] });
    }
    let kinds: Vec<_> = started.iter().map(|secondary| secondary.kind).collect();
    println!("secondaries: {kinds:?}");
    started
}

struct Fleet {
    daemon: Daemon,
    secondaries: Vec<Secondary>,
    folder: tempfile::TempDir,
}

impl Fleet {
    fn start() -> Fleet {
        let folder = tempfile::tempdir().expect("a folder");
        let daemon = daemon(folder.path());
        fill(&daemon, folder.path());
        let secondaries = secondaries(&daemon, folder.path());
        let fleet = Fleet { daemon, secondaries, folder };
        fleet.settled("the first transfer");
        fleet
    }

    fn settled(&self, what: &str) {
        let explain = || {
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            format!("after {what}\n{}\n{log}", self.daemon.ctl(&["notify", "status"]))
        };
        let took = settle(self.daemon.dns, &self.secondaries, &ZONES, explain);
        compare(self.daemon.dns, &self.secondaries, &ZONES);
        println!("{what}: the same everywhere after {took:?}");
    }

    /// Makes a change, waits for everybody, and compares.
    fn after(&self, line: &str) {
        self.daemon.ctl(&line.split_whitespace().collect::<Vec<_>>());
        self.settled(line);
    }
}

#[test]
fn secondaries_follow_every_kind_of_change() {
    let fleet = Fleet::start();
    if fleet.secondaries.is_empty() {
        return println!("skipped: no secondary is installed");
    }
    for line in [
        "ptr set 192.0.2.1 other.example.com",
        "ptr set 192.0.2.2 new.example.com",
        "ptr delete 192.0.2.1",
        "ptr set 2001:db8:1::1 v6.example.com",
        "ptr fill 198.51.0.0/20 --pattern h-{ip}.example.net",
        "ptr fill 192.0.2.0/26 --pattern c-{ip}.example.net",
        "block add 192.0.2.64/26 --tenant acme --classless slash",
        "ptr set 192.0.2.65 sub.example.com",
        "block remove 192.0.2.64/26 --clear",
        "block add 192.0.2.128/28 --tenant acme --delegate classless --ns ns1.acme.example",
        "block remove 192.0.2.128/28",
        "block add 198.51.9.0/24 --tenant acme --delegate zone --ns ns1.acme.example --ns ns2.acme.example",
        "record set 2.0.192.in-addr.arpa TXT text",
        "record add 2.0.192.in-addr.arpa TXT more",
        "record set lb._dns-sd._udp.0.2.0.192.in-addr.arpa PTR 0.2.0.192.in-addr.arpa.",
        "record delete 2.0.192.in-addr.arpa TXT text",
        "record set new.example.net A 192.0.2.77",
        "record delete www.example.net CNAME",
        "ptr set 192.0.2.3 www.example.net other.example.net mail.example.net",
        "ptr set 2001:db8::3 www.example.net --ttl 90",
        "record set other.example.net CNAME www.example.net.",
        "block set 203.0.113.16/28 --template t{n}.{d}.gen.example.net",
        "ptr set 203.0.113.18 t5.21.gen.example.net",
        "record set t6.22.gen.example.net A 192.0.2.22",
        "record set 23.gen.example.net NS ns.23.gen.example.net.",
        "block suspend 192.0.2.0/24",
        "block resume 192.0.2.0/24",
        "ns-set set default --ns ns1.new.example --ns ns3.new.example",
        "defaults set --zone-ttl 2h",
    ] {
        fleet.after(line);
    }
    // Everybody was told, and has answered.
    let since = Instant::now();
    loop {
        let status = fleet.daemon.ctl(&["notify", "status", "--zone", V4]);
        let answered = status.lines().filter(|line| line.contains(" answered ")).count();
        if answered == fleet.secondaries.len() {
            break;
        }
        assert!(since.elapsed() < PATIENCE, "{status}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    outbox_is_empty(&fleet.daemon);
}

/// What each of those who are told of a zone has, by address.
fn have(daemon: &Daemon, apex: &str) -> BTreeMap<String, serde_json::Value> {
    let text = daemon.ctl(&["--json", "notify", "status", "--zone", apex]);
    let page: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let items = page["items"].as_array().expect("a list").clone();
    items.into_iter().filter_map(|item| Some((item["address"].as_str()?.to_owned(), item.clone()))).collect()
}

#[test]
fn what_secondaries_have_is_asked_for_when_somebody_looks() {
    let fleet = Fleet::start();
    if fleet.secondaries.is_empty() {
        return println!("skipped: no secondary is installed");
    }
    // Nobody is there.
    fleet.daemon.ctl(&["notify", "add", "127.0.0.1:9", "--zone", V4]);
    let ours = u64::from(serial(fleet.daemon.dns, V4).expect("a serial"));
    let since = Instant::now();
    loop {
        let heard = have(&fleet.daemon, V4);
        let has = |secondary: &Secondary| heard[&secondary.address.to_string()]["has"].as_u64();
        if fleet.secondaries.iter().all(|one| has(one) == Some(ours))
            && heard["127.0.0.1:9"]["unknown"].is_string()
        {
            break;
        }
        assert!(since.elapsed() < PATIENCE, "{heard:?}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(fleet.daemon.ctl(&["notify", "status", "--differs"]), "", "nobody has been behind for long");
}

/// What is announced leaves the outbox: nothing waits any more.
fn outbox_is_empty(daemon: &Daemon) {
    let since = Instant::now();
    loop {
        let (_, text) = daemon.http("GET", "/metrics", "").expect("figures");
        if text
            .lines()
            .any(|line| line == "ptrd_waiting_notifications 0" || line == "ptrd_waiting_notifications 0.0")
        {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "{text}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// The same numbers each time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (self.0 >> 33) % end
    }
}

fn random_change(random: &mut Random) -> String {
    let n = random.below(1 << 20);
    let address = match random.below(4) {
        0 => format!("192.0.2.{}", random.below(64)),
        1 => format!("192.0.2.{}", 64 + random.below(128)),
        2 => format!("198.51.{}.{}", random.below(8), random.below(256)),
        _ => format!("2001:db8::{:x}", random.below(64)),
    };
    match random.below(12) {
        0..=2 => format!("ptr set {address} host-{n}.example.com"),
        3 | 4 => format!("ptr set {address} h{}.example.net", random.below(16)),
        5 => {
            format!("ptr set {address} a-{n}.example.com b-{n}.example.com --ttl {}", 60 + random.below(600))
        }
        6 => format!("ptr delete {address}"),
        7 => format!("ptr fill 198.51.{}.0/26 --pattern p{n}-{{ip}}.example.com", random.below(8)),
        8 => format!("record set t{}.2.0.192.in-addr.arpa TXT text-{n}", random.below(8)),
        9 => format!("record delete t{}.2.0.192.in-addr.arpa", random.below(8)),
        10 => format!("record set h{}.example.net A 192.0.2.{}", random.below(16), random.below(256)),
        _ => format!("ns-set set default --ns ns{}.new.example --ns ns-b.new.example", random.below(4)),
    }
}

#[test]
fn after_many_random_changes_all_hold_the_same() {
    let count = std::env::var("PTRD_TEST_CHANGES").ok().and_then(|text| text.parse().ok()).unwrap_or(200);
    let fleet = Fleet::start();
    if fleet.secondaries.is_empty() {
        return println!("skipped: no secondary is installed");
    }
    let mut random = Random(7);
    let mut made = 0;
    for _ in 0..count {
        // Some have nothing to change, which is refused.
        let line = random_change(&mut random);
        let words: Vec<&str> = line.split_whitespace().collect();
        made += usize::from(fleet.daemon.ptrctl(&words).status.success());
    }
    assert!(made > count / 2, "{made} of {count} changes were made");
    fleet.settled(&format!("{made} changes"));
}

#[test]
fn what_was_not_announced_is_announced_after_a_crash() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.set_read_timeout(Some(PATIENCE)).expect("a time");
    let listener = socket.local_addr().expect("bound");
    let first = {
        let mut daemon = daemon(folder.path());
        daemon.ctl(&["notify", "nameservers", "no"]);
        daemon.ctl(&["notify", "add", &listener.to_string()]);
        daemon.ctl(&["block", "add", "192.0.2.0/24", "--tenant", "acme"]);
        // It comes, and is not answered.
        let (message, _) = heard(&socket);
        daemon.kill();
        message
    };
    while {
        socket.set_nonblocking(true).expect("set");
        socket.recv(&mut [0; 512]).is_ok()
    } {}
    socket.set_nonblocking(false).expect("set");
    let daemon = daemon_again(folder.path());
    let (again, from) = heard(&socket);
    assert_eq!(again[2..], first[2..], "the same but for its identifier");
    // RFC 1996 §3.7: opcode, AA, one question, and the SOA as a hint.
    assert_eq!(again[2..12], [0x24, 0, 0, 1, 0, 1, 0, 0, 0, 0]);
    let wanted = serial(daemon.dns, V4).expect("a serial").to_be_bytes();
    assert!(again.windows(4).any(|four| four == wanted), "the serial of the SOA");
    // Answers that are none: another identifier, another port.
    let mut answer = again.clone();
    answer[2] |= 0x80;
    let mut other = answer.clone();
    other[0] ^= 0xff;
    socket.send_to(&other, from).expect("sent");
    UdpSocket::bind("127.0.0.1:0").expect("a port").send_to(&answer, from).expect("sent");
    let (third, from) = heard(&socket);
    assert_eq!(third[2..], first[2..], "it is asked again");
    let mut answer = third;
    answer[2] |= 0x80;
    socket.send_to(&answer, from).expect("sent");
    let since = Instant::now();
    loop {
        let status = daemon.ctl(&["notify", "status"]);
        if status.contains(" answered ") {
            break;
        }
        assert!(since.elapsed() < PATIENCE, "{status}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    // Stopped in good order, the outbox is empty: nothing is announced at the next start.
    assert!(daemon.stop().success());
    let daemon = daemon_again(folder.path());
    assert_eq!(daemon.ctl(&["notify", "status", "--json"]).trim(), r#"{"items":[]}"#);
}

/// Nameservers whose names are served here are found without any resolver; the one that the SOA names is passed over, and
/// so is one that nobody can find.
#[test]
fn nameservers_are_told_and_others_passed_over() {
    // Nameservers are told at port 53.
    let Ok(socket) = UdpSocket::bind("127.53.53.2:53") else {
        return println!("skipped: this user may not take port 53 of a loopback address");
    };
    socket.set_read_timeout(Some(PATIENCE)).expect("a time");
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = daemon(folder.path());
    daemon.ctl(&["zone", "add", "example.net", "--tenant", "acme"]);
    daemon.ctl(&["record", "set", "ns2.example.net", "A", "127.53.53.2"]);
    daemon.ctl(&[
        "defaults",
        "set",
        "--ns",
        "ns1.example.net",
        "--ns",
        "ns2.example.net",
        "--ns",
        "ns3.example.net",
        "--ns",
        "ns.example.org",
    ]);
    daemon.ctl(&["block", "add", "192.0.2.0/24", "--tenant", "acme"]);
    let since = Instant::now();
    let wanted = V4.parse::<ptrd_wire::Name>().expect("a name");
    loop {
        let (mut message, from) = heard(&socket);
        message[2] |= 0x80;
        socket.send_to(&message, from).expect("sent");
        if message[12..].starts_with(wanted.as_wire()) {
            break;
        }
        assert!(since.elapsed() < PATIENCE);
    }
    loop {
        let status = daemon.ctl(&["notify", "status", "--zone", V4]);
        let has = |words: &[&str]| status.lines().any(|line| words.iter().all(|word| line.contains(word)));
        if has(&["127.53.53.2:53 (ns2.example.net.)", "answered"])
            && has(&["ns1.example.net.", "skipped", "MNAME"])
            && has(&["ns3.example.net.", "skipped", "no such name in the zone example.net."])
            && has(&["ns.example.org.", "its address is not found"])
        {
            break;
        }
        assert!(since.elapsed() < PATIENCE, "{status}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

fn daemon_again(folder: &Path) -> Daemon {
    Daemon::start(folder, &["--config", folder.join("ptrd.toml").to_str().expect("a path")])
}

fn heard(socket: &UdpSocket) -> (Vec<u8>, std::net::SocketAddr) {
    let mut room = [0; 512];
    let (length, from) = socket.recv_from(&mut room).expect("a NOTIFY");
    (room[..length].to_vec(), from)
}
