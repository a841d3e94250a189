//! Losing the primary, as it happens: servers as processes, clients that go on changing, and blows at any moment.

use ptrd_suite::daemon::{Client, Daemon, PATIENCE};
use ptrd_suite::secondary;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const CLIENTS: u32 = 6;

/// A server in a folder of its own.
struct Server {
    folder: PathBuf,
    daemon: Daemon,
}

impl Server {
    /// Starts it; `standby` are the keys of that section.
    fn start(folder: PathBuf, standby: &str) -> Server {
        std::fs::create_dir_all(&folder).expect("a folder");
        let config = folder.join("ptrd.toml");
        std::fs::write(&config, format!("[standby]\n{standby}\n")).expect("a configuration");
        let daemon = Daemon::start(&folder, &["--config", &config.display().to_string()]);
        Server { folder, daemon }
    }

    fn socket(&self) -> String {
        self.daemon.socket.display().to_string()
    }

    fn view(&self) -> Value {
        let (status, body) = self.daemon.http("GET", "/v1/standby", "").expect("an answer");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).expect("JSON")
    }

    /// Waits until what is told of it is so.
    #[track_caller]
    fn wait(&self, what: &str, mut is_so: impl FnMut(&Value) -> bool) {
        let start = Instant::now();
        while !is_so(&self.view()) {
            let log = || std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(start.elapsed() < PATIENCE, "never: {what}\n{}\n{}", self.view(), log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until it has what the other one has.
    #[track_caller]
    fn wait_level(&self, primary: &Server) {
        let newest = primary.view()["change"].as_u64();
        self.wait("level with the primary", |view| view["change"].as_u64() >= newest);
    }

    /// Zones and PTRs as listings have them.
    fn everything(&self) -> (String, String) {
        (self.daemon.ctl(&["--json", "zone", "list"]), self.daemon.ctl(&["--json", "ptr", "list"]))
    }

    fn aside(&self) -> Vec<String> {
        let names = std::fs::read_dir(&self.folder).expect("a folder").flatten();
        let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| name.contains(".replaced-")).collect()
    }
}

fn follows(primary: &Path) -> String {
    format!("primary = \"{}\"\nname = \"b\"", primary.display())
}

/// Both servers, the standby following.
fn pair(root: &Path, acknowledge: &str) -> (Server, Server) {
    let a = Server::start(root.join("a"), acknowledge);
    // First, or changes would wait for it.
    let b = Server::start(root.join("b"), &follows(&a.daemon.socket));
    a.wait("a standby", |view| view["standbys"][0]["connected"] == true);
    a.daemon.ctl(&["defaults", "set", "--ns", "ns1.example.net", "--ns", "ns2.example.net"]);
    a.daemon.ctl(&["tenant", "add", "acme"]);
    a.daemon.ctl(&["block", "add", "198.51.100.0/24", "--tenant", "acme"]);
    b.wait_level(&a);
    (a, b)
}

/// What clients were told, by address: the value that both have, and those that may be there or not.
#[derive(Default)]
struct Ledger {
    both: BTreeMap<String, u64>,
    later: BTreeMap<String, Vec<u64>>,
    /// The highest serial that any answer showed.
    serial: u32,
}

impl Ledger {
    fn told(&mut self, address: &str, value: u64, body: &str) {
        let done: Value = serde_json::from_str(body).expect("JSON");
        self.serial = self.serial.max(done["zones"][0]["serial"].as_u64().unwrap_or(0) as u32);
        if done["acknowledged_by"] == "both" {
            self.both.insert(address.to_owned(), value);
            self.later.remove(address);
        } else {
            self.later.entry(address.to_owned()).or_default().push(value);
        }
    }
}

/// Changes PTRs until told to stop, on whatever socket is the primary's at the time.
fn change(client: u32, socket: &Mutex<PathBuf>, next: &AtomicU64, stop: &AtomicBool) -> Ledger {
    let mut ledger = Ledger::default();
    let mut connection = None;
    while !stop.load(Ordering::Relaxed) {
        if connection.is_none() {
            connection = Client::connect(&socket.lock().expect("a socket").clone());
        }
        let value = next.fetch_add(1, Ordering::Relaxed);
        let address = format!("198.51.100.{}", client * 32 + (value % 32) as u32);
        let body = format!("{{\"names\":[\"v{value}.example.com\"]}}");
        let path = format!("/v1/ptrs/{address}");
        match connection.as_mut().map(|connection| connection.request("PUT", &path, &body)) {
            Some(Some((200, body))) => ledger.told(&address, value, &body),
            // Not made, and said so: a standby, or one that stops.
            Some(Some((421 | 503, _))) => connection = None,
            Some(Some((status, body))) => panic!("PUT {address}: {status} {body}"),
            Some(None) => {
                ledger.later.entry(address).or_default().push(value);
                connection = None;
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    }
    ledger
}

/// Holds what is there against what clients were told.
fn judge(server: &Server, ledgers: &[Ledger]) -> usize {
    let mut connection = Client::connect(&server.daemon.socket).expect("a connection");
    let mut checked = 0;
    for ledger in ledgers {
        let addresses: std::collections::BTreeSet<_> =
            ledger.both.keys().chain(ledger.later.keys()).collect();
        for address in addresses {
            let (status, body) =
                connection.request("GET", &format!("/v1/ptrs/{address}"), "").expect("an answer");
            let found = (status == 200).then(|| value_of(&body));
            let both = ledger.both.get(address).copied();
            let may_be = ledger
                .later
                .get(address)
                .is_some_and(|values| found.is_some_and(|found| values.contains(&found)));
            assert!(found == both || may_be, "{address}: found {found:?}, acknowledged by both {both:?}");
            checked += usize::from(both.is_some());
        }
    }
    checked
}

fn value_of(body: &str) -> u64 {
    let json: Value = serde_json::from_str(body).expect("JSON");
    let name = json["names"][0].as_str().expect("a name");
    name.trim_start_matches('v').split('.').next().and_then(|n| n.parse().ok()).expect("a value")
}

fn serial(server: &Server) -> u32 {
    let body = server.daemon.ctl(&["--json", "zone", "list"]);
    let page: Value = serde_json::from_str(&body).expect("JSON");
    page["items"][0]["serial"].as_u64().expect("a serial") as u32
}

#[test]
fn the_primary_is_killed_under_load_and_nothing_acknowledged_by_both_is_lost() {
    let root = tempfile::tempdir().expect("a folder");
    // Patience longer than the test's: a change that waits when the blow falls is answered by nobody.
    let (mut a, b) = pair(root.path(), "acknowledge = \"both\"\nacknowledge-timeout = \"60s\"");
    let (next, stop) = (AtomicU64::new(1), AtomicBool::new(false));
    let primary = Mutex::new(a.daemon.socket.clone());
    let (ledgers, highest) = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let (primary, next, stop) = (&primary, &next, &stop);
                scope.spawn(move || change(client, primary, next, stop))
            })
            .collect();
        let asker = {
            let (a, stop) = (&a.daemon.socket.clone(), &stop);
            let a = a.clone();
            scope.spawn(move || {
                let mut highest = 0u32;
                while !stop.load(Ordering::Relaxed) {
                    let zones =
                        Client::connect(&a).and_then(|mut client| client.request("GET", "/v1/zones", ""));
                    let Some((200, body)) = zones else { break };
                    let page: Value = serde_json::from_str(&body).expect("JSON");
                    highest = highest.max(page["items"][0]["serial"].as_u64().unwrap_or(0) as u32);
                }
                highest
            })
        };
        while next.load(Ordering::Relaxed) < 600 {
            std::thread::yield_now();
        }
        // Not a wait for a condition: the moment of the blow is what varies.
        std::thread::sleep(Duration::from_millis(u64::from(std::process::id() % 90)));
        a.daemon.kill();
        let highest = asker.join().expect("an asker");
        let promoted = b.daemon.ctl(&["promote", "--reason", "the primary is lost"]);
        assert!(promoted.contains("epoch 2"), "{promoted}");
        assert!(serial(&b) > highest, "serials go on past what was shown");
        let after = next.load(Ordering::Relaxed);
        *primary.lock().expect("a socket") = b.daemon.socket.clone();
        while next.load(Ordering::Relaxed) < after + 200 {
            std::thread::yield_now();
        }
        stop.store(true, Ordering::Relaxed);
        (clients.into_iter().map(|client| client.join().expect("a client")).collect::<Vec<_>>(), highest)
    });
    let before = ledgers.iter().map(|ledger| ledger.both.len()).sum::<usize>();
    assert!(before > 50, "only {before} addresses were acknowledged by both: nothing was shown");
    judge(&b, &ledgers);
    assert!(highest > 0);

    // It survives a restart, and its configuration is not believed.
    let Server { folder, daemon } = b;
    assert!(daemon.stop().success());
    // Meanwhile the old primary comes back as one, and makes a change that nobody else has.
    let Server { folder: other, daemon: old } = a;
    drop(old);
    let a = Server::start(other, "");
    a.daemon.ctl(&["tenant", "add", "divergent"]);
    let b = Server::start(folder, &follows(&a.daemon.socket));
    assert_eq!(b.view()["post"], "primary");
    judge(&b, &ledgers);

    // It is told.
    a.wait("superseded", |view| view["post"] == "superseded");
    let refused = a.daemon.ptrctl(&["tenant", "add", "late"]);
    assert_eq!(refused.status.code(), Some(12));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("superseded"), "{refused:?}");
    assert!(a.daemon.ctl(&["status"]).contains("zones"), "it answers still");

    // It becomes a standby, with a fresh copy; what it had is kept.
    let Server { folder, daemon } = a;
    assert!(daemon.stop().success());
    let a = Server::start(folder, &follows(&b.daemon.socket));
    a.wait_level(&b);
    a.wait("following", |view| view["primary"]["state"] == "following");
    assert_eq!(a.everything(), b.everything());
    assert!(!a.daemon.ctl(&["tenant", "list"]).contains("divergent"));
    assert_eq!(a.aside().len(), 1, "{:?}", a.aside());
    let (mut first, mut second) = (a.folder.join("ptrd.db"), b.folder.join("ptrd.db"));
    assert!(a.daemon.stop().success() && b.daemon.stop().success());
    for store in [&mut first, &mut second] {
        let check = std::process::Command::new(ptrd_suite::daemon::program("ptrd"))
            .args(["check-store", "--store"])
            .arg(&*store)
            .output()
            .expect("it runs");
        assert!(check.status.success(), "{check:?}");
    }
}

/// Passes octets on between a socket of its own and the primary's, until it is told to cut.
struct Relay {
    socket: PathBuf,
    open: Arc<Mutex<Vec<UnixStream>>>,
    is_shut: Arc<AtomicBool>,
}

impl Relay {
    fn start(socket: PathBuf, to: PathBuf) -> Relay {
        let listener = UnixListener::bind(&socket).expect("a socket");
        let open = Arc::<Mutex<Vec<UnixStream>>>::default();
        let is_shut = Arc::<AtomicBool>::default();
        let (streams, shut) = (open.clone(), is_shut.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if shut.load(Ordering::Relaxed) {
                    continue;
                }
                let Ok(other) = UnixStream::connect(&to) else { continue };
                let clone = |stream: &UnixStream| stream.try_clone().expect("a descriptor");
                streams.lock().expect("streams").extend([clone(&stream), clone(&other)]);
                let (from, to) = (clone(&stream), clone(&other));
                std::thread::spawn(move || pass(from, to));
                std::thread::spawn(move || pass(other, stream));
            }
        });
        Relay { socket, open, is_shut }
    }

    fn cut(&self) {
        for stream in self.open.lock().expect("streams").drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn shut(&self, is_shut: bool) {
        self.is_shut.store(is_shut, Ordering::Relaxed);
        self.cut();
    }
}

fn pass(mut from: UnixStream, mut to: UnixStream) {
    // Small pieces: a cut falls into the midst of a change.
    let mut piece = [0; 700];
    while let Ok(count @ 1..) = from.read(&mut piece) {
        if to.write_all(&piece[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

#[test]
fn cut_off_again_and_again_killed_and_left_behind_a_standby_comes_level() {
    let root = tempfile::tempdir().expect("a folder");
    let a = Server::start(root.path().join("a"), "");
    a.daemon.ctl(&["tenant", "add", "acme"]);
    a.daemon.ctl(&["block", "add", "198.51.100.0/24", "--tenant", "acme"]);
    let relay = Relay::start(root.path().join("relay.sock"), a.daemon.socket.clone());
    let mut b = Server::start(root.path().join("b"), &follows(&relay.socket));
    b.wait_level(&a);
    let (next, stop) = (AtomicU64::new(1), AtomicBool::new(false));
    let primary = Mutex::new(a.daemon.socket.clone());
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (primary, next, stop) = (&primary, &next, &stop);
            scope.spawn(move || change(client, primary, next, stop));
        }
        for round in 0..12 {
            std::thread::sleep(Duration::from_millis(20 + round * 7 % 50));
            relay.cut();
        }
        b.daemon.kill();
        std::thread::sleep(Duration::from_millis(100));
        stop.store(true, Ordering::Relaxed);
    });
    let Server { folder, .. } = b;
    let b = Server::start(folder, &follows(&relay.socket));
    b.wait_level(&a);
    assert_eq!(b.everything(), a.everything());
    assert_eq!(b.aside(), Vec::<String>::new(), "no copy was needed");

    // Cut off for so long that the log does not go back any more.
    relay.shut(true);
    for n in 0..20 {
        a.daemon.ctl(&["ptr", "set", &format!("198.51.100.{n}"), &format!("late{n}.example")]);
    }
    let newest = a.view()["change"].to_string();
    a.daemon.ctl(&["log", "prune", "--before-change", &newest]);
    relay.shut(false);
    b.wait_level(&a);
    assert_eq!(b.everything(), a.everything());
    assert_eq!(b.aside().len(), 1, "a fresh copy, and the old store is kept");
    assert_eq!(b.view()["post"], "standby");
    let refused = b.daemon.ptrctl(&["tenant", "add", "bob"]);
    assert_eq!(refused.status.code(), Some(12));
    assert!(String::from_utf8_lossy(&refused.stderr).contains(&relay.socket.display().to_string()));

    // A primary of both, whose standby is away, says so and goes on.
    let socket = a.socket();
    let Server { folder, daemon } = a;
    assert!(daemon.stop().success());
    relay.shut(true);
    let a = Server::start(folder, "acknowledge = \"both\"\nacknowledge-timeout = \"50ms\"");
    assert_eq!(a.socket(), socket);
    let set = a.daemon.ctl(&["--json", "ptr", "set", "198.51.100.1", "alone.example"]);
    assert!(set.contains("\"acknowledged_by\":\"local\""), "{set}");
    assert_eq!(a.view()["relaxed"], true);
    relay.shut(false);
    a.wait("a standby that has caught up", |view| view["relaxed"] == false);
    let start = Instant::now();
    while !a
        .daemon
        .ctl(&[
            "--json",
            "ptr",
            "set",
            "198.51.100.1",
            &format!("both{}.example", start.elapsed().as_micros()),
        ])
        .contains("\"both\"")
    {
        assert!(start.elapsed() < PATIENCE, "no change is acknowledged by both");
    }
    b.wait_level(&a);
    assert_eq!(b.everything(), a.everything());
}

/// How many times a server has asked primaries of zones, whatever came of it.
fn questions(server: &Server) -> f64 {
    let (_, text) = server.daemon.http("GET", "/metrics", "").expect("figures");
    let figures = text.lines().filter(|line| line.starts_with("ptrd_refreshes_total"));
    figures.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

#[test]
fn zones_from_elsewhere_are_asked_for_by_the_primary_alone_whoever_that_is() {
    const APEX: &str = "example.org";
    const FOLLOW: &str = "[follow]\nrefresh-min = \"500ms\"\nretry-min = \"300ms\"\npause = \"50ms\"";
    let root = tempfile::tempdir().expect("a folder");
    let origin = Server::start(root.path().join("origin"), "");
    origin.daemon.ctl(&["defaults", "set", "--ns", "ns1.example.net"]);
    origin.daemon.ctl(&["tenant", "add", "acme"]);
    origin.daemon.ctl(&["zone", "add", APEX, "--tenant", "acme"]);
    origin.daemon.ctl(&["access", "allow", "transfer", "--from", "127.0.0.1"]);
    let is_level = |server: &Server| {
        let at_origin = secondary::serial(origin.daemon.dns, APEX);
        at_origin.is_some() && secondary::serial(server.daemon.dns, APEX) == at_origin
    };
    let mut a = Server::start(root.path().join("a"), FOLLOW);
    let b = Server::start(root.path().join("b"), &format!("{}\n{FOLLOW}", follows(&a.daemon.socket)));
    a.daemon.ctl(&["tenant", "add", "acme"]);
    let from = origin.daemon.dns.to_string();
    a.daemon.ctl(&["zone", "follow", APEX, "--from", &from, "--tenant", "acme"]);
    b.wait("the zone", |_| is_level(&b));
    origin.daemon.ctl(&["record", "set", "www.example.org", "A", "192.0.2.1"]);
    a.daemon.ctl(&["zone", "refresh", APEX]);
    b.wait("the zone's next version", |_| is_level(&b));
    assert!(questions(&a) > 0.0);
    assert_eq!(questions(&b), 0.0, "a standby asks nobody");
    let refused = b.daemon.ptrctl(&["zone", "refresh", APEX]);
    assert_eq!(refused.status.code(), Some(12), "{refused:?}");

    a.daemon.kill();
    origin.daemon.ctl(&["record", "set", "www.example.org", "A", "192.0.2.2"]);
    b.daemon.ctl(&["promote", "--reason", "the primary is lost"]);
    b.wait("what nobody had pulled", |_| is_level(&b));
    assert!(questions(&b) > 0.0);
    let zone: Value = serde_json::from_str(&b.daemon.ctl(&["--json", "zone", "show", APEX])).expect("JSON");
    assert_eq!(zone["follow"]["state"], "current", "{zone}");
}

/// A self-signed certificate for `localhost` in a folder: paths of certificate and key, and the SHA-256.
fn certificate(folder: &Path) -> (String, String, String) {
    let parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    let key = rcgen::KeyPair::generate().expect("a key");
    let certificate = parameters.self_signed(&key).expect("signed");
    let write = |name: &str, octets: &[u8]| {
        let path = folder.join(name);
        std::fs::write(&path, octets).expect("written");
        path.display().to_string()
    };
    let der = write("der", certificate.der());
    let sum = std::process::Command::new("sha256sum").arg(der).output().expect("sha256sum runs");
    let sum = String::from_utf8(sum.stdout).expect("text")[..64].to_owned();
    (write("c.pem", certificate.pem().as_bytes()), write("k.pem", key.serialize_pem().as_bytes()), sum)
}

#[test]
fn over_the_network_both_know_each_other_or_nothing_passes() {
    let root = tempfile::tempdir().expect("a folder");
    let (certificate, key, sum) = certificate(root.path());
    let secret = |name: &str, text: &str| {
        let path = root.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let (ours, theirs) = (secret("ours", "0123456789abcdef\n"), secret("theirs", "0123456789abcdee\n"));
    let port = ptrd_suite::daemon::free_port();
    let a = Server::start(
        root.path().join("a"),
        &format!(
            "listen = ['127.0.0.1:{port}']\nsecret-file = '{ours}'\n[tls]\ncertificate = '{certificate}'\nkey = '{key}'"
        ),
    );
    a.daemon.ctl(&["tenant", "add", "acme"]);
    a.daemon.ctl(&["block", "add", "198.51.100.0/24", "--tenant", "acme"]);
    let other = "00".repeat(32);
    let to = format!("primary = 'localhost:{port}'\nname = 'b'");
    let trouble = |folder: &str, keys: &str, part: &str| {
        let b = Server::start(root.path().join(folder), &format!("{to}\n{keys}"));
        b.wait(part, |view| view["primary"]["trouble"].as_str().is_some_and(|text| text.contains(part)));
        assert_eq!(b.view()["change"], 0, "nothing passes");
    };
    trouble("b1", &format!("fingerprint = '{other}'\nsecret-file = '{ours}'"), "invalid peer certificate");
    trouble(
        "b2",
        &format!("fingerprint = '{sum}'\nsecret-file = '{theirs}'"),
        "the secret of standbys is another one",
    );
    assert_eq!(a.view()["standbys"], serde_json::json!([]), "strangers are not listed");
    for (folder, expected) in
        [("b3", format!("fingerprint = '{sum}'")), ("b4", format!("ca-file = '{certificate}'"))]
    {
        let b = Server::start(root.path().join(folder), &format!("{to}\n{expected}\nsecret-file = '{ours}'"));
        b.wait("following", |view| view["primary"]["state"] == "following");
        a.daemon.ctl(&["ptr", "set", "198.51.100.1", &format!("{folder}.example")]);
        b.wait_level(&a);
        assert_eq!(b.everything(), a.everything());
    }
    // The rest of the admin socket is not there.
    let stream = std::net::TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time");
    (&stream).write_all(b"GET /v1/status HTTP/1.1\r\nhost: a\r\n\r\n").expect("written");
    let mut answer = Vec::new();
    let _ = (&stream).read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "nothing is answered in plain");
}
