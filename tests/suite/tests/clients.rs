//! Programs that people have, doing their work by DNS UPDATE: Kea's D2 (`kea-dhcp-ddns-server`) and octoDNS with
//! octodns-bind. `tests/run` installs both; what is not there is said, and left out.

use ptrd_suite::daemon::{Daemon, PATIENCE, free_port};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SECRET: &str = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0";
const ZONE: &str = "2.0.192.in-addr.arpa.";
const ZONE6: &str = "8.b.d.0.1.0.0.2.ip6.arpa.";
const DHCID: &str = "000101B8BC5B2A7C9C6F2DD3C9D1B5C4D5E6F708192A3B4C5D6E7F8091A2B3C4D5E6F7";

/// Blocks of acme, one of them classless, and a key that may update and transfer all that acme has.
fn start(folder: &Path) -> Daemon {
    let daemon = Daemon::start(folder, &[]);
    let secret = folder.join("secret");
    std::fs::write(&secret, SECRET).expect("written");
    daemon.ctl(&["tenant", "add", "acme"]);
    for words in [
        &["192.0.2.0/24"][..],
        &["192.0.2.64/26", "--classless", "first-len"],
        &["2001:db8::/32"],
        &["198.51.100.0/24"],
    ] {
        daemon.ctl(&[&["block", "add"], words, &["--tenant", "acme"]].concat());
    }
    daemon.ctl(&["key", "add", "k1", "--secret-file", secret.to_str().expect("text")]);
    for action in ["update", "transfer"] {
        daemon.ctl(&["access", "allow", action, "--key", "k1", "--tenant", "acme"]);
    }
    daemon
}

/// Which names an address has, with TTL.
fn ptr(daemon: &Daemon, address: &str) -> String {
    let output = daemon.ptrctl(&["ptr", "get", address, "--json"]);
    if !output.status.success() {
        return "-".to_owned();
    }
    let ptr: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let names = ptr["names"].as_array().expect("names").iter().filter_map(serde_json::Value::as_str);
    format!("{} {}", ptr["ttl"], names.collect::<Vec<_>>().join(" "))
}

fn records(daemon: &Daemon, zone: &str) -> String {
    daemon.ctl(&["record", "list", zone])
}

#[track_caller]
fn eventually(what: &str, mut condition: impl FnMut() -> bool, log: impl Fn() -> String) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}\n{}", log());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Kea's D2, which takes requests (NCRs) from DHCP servers and makes updates of them.
struct D2 {
    child: Child,
    requests: UdpSocket,
    log: PathBuf,
}

impl D2 {
    /// `None`, and a word of it, where it is not installed.
    fn start(folder: &Path, dns: u16) -> Option<D2> {
        let program = Path::new("/usr/sbin/kea-dhcp-ddns");
        if !program.exists() {
            println!("left out: Kea's D2 is not installed (Debian: kea-dhcp-ddns-server)");
            return None;
        }
        let (port, log) = (free_port(), folder.join("kea.log"));
        let domain = |name: &str| {
            format!(
                r#"{{"name":"{name}","key-name":"k1","dns-servers":[{{"ip-address":"127.0.0.1","port":{dns}}}]}}"#
            )
        };
        let domains = [ZONE, ZONE6, "100.51.198.in-addr.arpa."].map(domain).join(",");
        let config = format!(
            r#"{{"DhcpDdns":{{"ip-address":"127.0.0.1","port":{port},"dns-server-timeout":2000,
            "ncr-protocol":"UDP","ncr-format":"JSON",
            "tsig-keys":[{{"name":"k1","algorithm":"HMAC-SHA256","secret":"{SECRET}"}}],
            "forward-ddns":{{"ddns-domains":[]}},"reverse-ddns":{{"ddns-domains":[{domains}]}},
            "loggers":[{{"name":"kea-dhcp-ddns","severity":"INFO","output_options":[{{"output":"stdout"}}]}}]}}}}"#
        );
        let path = folder.join("d2.json");
        std::fs::write(&path, config).expect("written");
        let out = std::fs::File::create(&log).expect("a log");
        let child = Command::new(program)
            .arg("-c")
            .arg(&path)
            .env("KEA_PIDFILE_DIR", folder)
            .env("KEA_LOCKFILE_DIR", folder)
            .stdin(Stdio::null())
            .stderr(out.try_clone().expect("a log"))
            .stdout(out)
            .spawn()
            .expect("D2 starts");
        let requests = UdpSocket::bind(("127.0.0.1", 0)).expect("a socket");
        requests.connect(("127.0.0.1", port)).expect("connected");
        let d2 = D2 { child, requests, log };
        eventually("D2 is up", || d2.log().contains("DHCP_DDNS_STARTED"), || d2.log());
        Some(d2)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// A lease began (0) or ended (1).
    fn request(&self, change: u8, address: &str, name: &str) {
        self.request_as(change, address, name, true);
    }

    /// The same; whether what is somebody else's is to be left alone, as D2 does unless it is told otherwise.
    fn request_as(&self, change: u8, address: &str, name: &str, careful: bool) {
        let text = format!(
            r#"{{"change-type":{change},"forward-change":false,"reverse-change":true,"fqdn":"{name}",
            "ip-address":"{address}","dhcid":"{DHCID}","lease-expires-on":"20371231235959","lease-length":1200,
            "use-conflict-resolution":{careful}}}"#
        );
        let framed = [&(text.len() as u16).to_be_bytes()[..], text.as_bytes()].concat();
        self.requests.send(&framed).expect("sent");
    }
}

impl Drop for D2 {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn kea_keeps_reverse_names_of_leases() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = start(folder.path());
    let Some(d2) = D2::start(folder.path(), daemon.dns.port()) else { return };
    // In a direct block, in a classless one whose names are CNAMEs where D2 writes, in IPv6.
    let addresses = ["192.0.2.5", "192.0.2.70", "2001:db8::5", "198.51.100.9"];
    let shows = |address: &str, name: &str| {
        eventually(
            &format!("{address} {name}"),
            || {
                ptr(&daemon, address) == format!("400 {name}")
                    || ptr(&daemon, address) == format!("1200 {name}")
            },
            || format!("{}\n{}", ptr(&daemon, address), d2.log()),
        );
    };
    for (nth, address) in addresses.iter().enumerate() {
        d2.request(0, address, &format!("host-{nth}.example.net."));
    }
    for (nth, address) in addresses.iter().enumerate() {
        shows(address, &format!("host-{nth}.example.net."));
    }
    for zone in [ZONE, ZONE6, "100.51.198.in-addr.arpa.", "64-26.2.0.192.in-addr.arpa."] {
        assert!(records(&daemon, zone).contains("DHCID"), "{zone}: {}", records(&daemon, zone));
    }
    // Another client has the address now: its name takes the place of the first.
    d2.request(0, addresses[0], "other.example.net.");
    shows(addresses[0], "other.example.net.");
    // Who had it before gives it back, late: nothing happens. Then the others do, and all of theirs goes.
    d2.request(1, addresses[0], "host-0.example.net.");
    for (nth, address) in addresses.iter().enumerate().skip(1) {
        d2.request(1, address, &format!("host-{nth}.example.net."));
    }
    for address in &addresses[1..] {
        eventually(address, || ptr(&daemon, address) == "-", || d2.log());
    }
    assert!(!records(&daemon, "64-26.2.0.192.in-addr.arpa.").contains("DHCID"));
    shows(addresses[0], "other.example.net.");
    d2.request_as(1, addresses[0], "whoever.example.net.", false);
    eventually("it is given back", || ptr(&daemon, addresses[0]) == "-", || d2.log());
    assert!(!records(&daemon, ZONE).contains("DHCID"), "{}", records(&daemon, ZONE));
}

/// octoDNS in its environment, or `None` and a word of it. `tests/run` makes it.
fn octodns() -> Option<PathBuf> {
    let test = std::env::current_exe().expect("a test has a path");
    let target = test.ancestors().nth(3).expect("target/profile/deps/test");
    let program = target.join("octodns/bin/octodns-sync");
    if !program.exists() {
        println!(
            "left out: octoDNS with octodns-bind is not in {} (tests/run puts it there where PyPI can be reached)",
            target.join("octodns").display()
        );
        return None;
    }
    Some(program)
}

/// Runs octoDNS with this content of the zone; what it said. The CNAMEs and NS records that follow from blocks are none of
/// its business, which it has to be told.
fn sync(program: &Path, folder: &Path, port: u16, zone: &str) -> String {
    let config = format!(
        "manager: {{max_workers: 1}}\nproviders:\n  files: {{class: octodns.provider.yaml.YamlProvider, \
         directory: {0}, default_ttl: 3600, enforce_order: false}}\n  ptrd: {{class: octodns_bind.Rfc2136Provider, \
         host: 127.0.0.1, port: {port}, key_name: k1, key_secret: {SECRET}, key_algorithm: hmac-sha256}}\n\
         processors:\n  derived: {{class: octodns.processor.filter.TypeRejectlistFilter, rejectlist: [CNAME, NS]}}\n\
         zones:\n  {ZONE}: {{sources: [files], targets: [ptrd], processors: [derived]}}\n",
        folder.display()
    );
    let path = folder.join("octodns.yaml");
    std::fs::write(&path, config).expect("written");
    std::fs::write(folder.join(format!("{ZONE}yaml")), zone).expect("written");
    let output = Command::new(program)
        .arg("--config-file")
        .arg(&path)
        .args(["--doit", "--force"])
        .stdin(Stdio::null())
        .output()
        .expect("octoDNS runs");
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

#[test]
fn octodns_brings_a_zone_to_what_its_files_say() {
    let Some(program) = octodns() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = start(folder.path());
    daemon.ctl(&["ptr", "set", "192.0.2.200", "was-there.example.net"]);
    let port = daemon.dns.port();
    // More changes than fit into one of its updates.
    let mut zone = String::from("---\n");
    for n in 1..=60 {
        let values: Vec<String> = (0..20).map(|nth| format!("host-{n}-{nth}.example.net.")).collect();
        zone += &format!("'{n}': {{type: PTR, ttl: 300, values: [{}]}}\n", values.join(", "));
    }
    zone += "text: {type: TXT, ttl: 60, value: hello}\n";
    let text = sync(&program, folder.path(), port, &zone);
    assert!(ptr(&daemon, "192.0.2.7").starts_with("300 host-7-0.example.net. "), "{text}");
    assert_eq!(ptr(&daemon, "192.0.2.60").matches("example.net.").count(), 20);
    assert_eq!(ptr(&daemon, "192.0.2.200"), "-", "what the files do not have goes");
    assert!(records(&daemon, ZONE).contains("hello"), "{}", records(&daemon, ZONE));
    // What it finds then is what it wrote.
    let text = sync(&program, folder.path(), port, &zone);
    assert!(text.contains("No changes were planned"), "{text}");
    // Changed, added and removed.
    let zone = "---\n'7': {type: PTR, ttl: 600, value: seven.example.net.}\n\
                '201': {type: PTR, ttl: 300, value: new.example.net.}\n";
    sync(&program, folder.path(), port, zone);
    assert_eq!(ptr(&daemon, "192.0.2.7"), "600 seven.example.net.");
    assert_eq!(ptr(&daemon, "192.0.2.201"), "300 new.example.net.");
    assert_eq!(ptr(&daemon, "192.0.2.8"), "-");
    let text = sync(&program, folder.path(), port, zone);
    assert!(text.contains("No changes were planned"), "{text}");
}
