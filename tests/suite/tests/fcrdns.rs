//! Names that must resolve back, with a real resolver (Unbound) and a real zone of others (NSD).

use ptrd_suite::daemon::{Daemon, PATIENCE};
use ptrd_suite::hook::sink;
use ptrd_suite::presigned::Peer;
use ptrd_suite::resolving::{ForwardZone, resolver};
use ptrd_suite::updater::{SECRET, WAYS, update as update_with};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::time::Instant;

const RECORDS: &str = "ok A 192.0.2.1\nok AAAA 2001:db8::1\nalias CNAME ok\nsix AAAA 2001:db8::6\n";

struct World {
    folder: tempfile::TempDir,
    zone: ForwardZone,
    resolver: Peer,
    /// Takes what is asked of it, and never answers.
    _silent: UdpSocket,
}

impl World {
    /// `None` where Debian's programs are not installed.
    fn new() -> Option<World> {
        let folder = tempfile::tempdir().expect("a folder");
        let zone = ForwardZone::start(&folder.path().join("nsd"), "mail.example", RECORDS)?;
        let silent = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
        let here = silent.local_addr().expect("bound");
        // Nothing listens on this port of TCP, nor of UDP.
        let dead = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
        let stubs = [("mail.example", zone.address()), ("dead.example", dead), ("silent.example", here)];
        let resolver = resolver(&folder.path().join("unbound"), &stubs)?;
        Some(World { folder, zone, resolver, _silent: silent })
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn daemon(&self, more: &str) -> Daemon {
        let config = self.folder.path().join("ptrd.toml");
        let text = format!(
            "[checks]\nresolvers = [\"{}\"]\ntimeout = \"500ms\"\ndeadline = \"10s\"\nevery = \"1s\"\n{more}",
            self.resolver.address
        );
        std::fs::write(&config, text).expect("a configuration");
        Daemon::start(self.folder.path(), &["--config", &config.display().to_string()])
    }
}

fn prepare(daemon: &Daemon, rule: &str) {
    daemon.ctl(&["tenant", "add", "acme"]);
    for range in ["192.0.2.0/24", "2001:db8::/48"] {
        daemon.ctl(&["block", "add", range, "--tenant", "acme", "--fcrdns", rule]);
    }
}

fn name_of(daemon: &Daemon, address: &str) -> String {
    let output = daemon.ptrctl(&["ptr", "get", address]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let names = text.lines().find_map(|line| line.strip_prefix("names"));
    names.unwrap_or("-").trim().to_owned()
}

fn wait_for(what: &str, folder: &Path, mut is_so: impl FnMut() -> bool) {
    let since = Instant::now();
    while !is_so() {
        let log = || std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        assert!(since.elapsed() < PATIENCE, "{what} does not come about:\n{}", log());
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

#[test]
fn each_answer_of_a_resolver_has_its_verdict() {
    let Some(world) = World::new() else { return };
    let daemon = world.daemon("");
    prepare(&daemon, "require");
    for (address, names, said) in [
        ("192.0.2.1", &["ok.mail.example"][..], "verified"),
        ("192.0.2.1", &["alias.mail.example"], "verified"),
        ("192.0.2.1", &["ok.mail.example", "alias.mail.example"], "verified"),
        ("2001:db8::1", &["ok.mail.example"], "verified"),
        ("192.0.2.2", &["ok.mail.example"], "ok.mail.example. has 192.0.2.1, and not 192.0.2.2"),
        ("192.0.2.3", &["none.mail.example"], "none.mail.example. does not exist"),
        ("192.0.2.4", &["six.mail.example"], "six.mail.example. has no A record"),
        ("192.0.2.5", &["ok.mail.example", "none.mail.example"], "none.mail.example. does not exist"),
        ("192.0.2.6", &["x.dead.example"], "x.dead.example. could not be resolved"),
        ("192.0.2.7", &["x.silent.example"], "x.silent.example. could not be resolved"),
    ] {
        let arguments: Vec<&str> = ["ptr", "set", address].iter().chain(names).copied().collect();
        let out = daemon.ctl(&arguments);
        assert!(out.contains(said), "{arguments:?}: {out}");
        assert_eq!(out.contains("waits until"), said != "verified", "{arguments:?}: {out}");
    }
    let pending = daemon.ctl(&["pending", "list", "--json"]);
    assert!(pending.contains("none.mail.example. IN A 192.0.2.3"), "{pending}");
    daemon.ctl(&["block", "set", "192.0.2.0/24", "--fcrdns", "strict"]);
    let refused = daemon.ptrctl(&["ptr", "set", "192.0.2.9", "none.mail.example"]);
    assert_eq!(refused.status.code(), Some(3), "{}", String::from_utf8_lossy(&refused.stderr));
}

#[test]
fn what_waits_is_set_when_the_record_appears_across_a_restart_too() {
    let Some(mut world) = World::new() else { return };
    let daemon = world.daemon("");
    prepare(&daemon, "require");
    daemon.ctl(&["ptr", "set", "192.0.2.1", "ok.mail.example"]);
    for (address, name) in [("192.0.2.1", "new.mail.example"), ("192.0.2.3", "late.mail.example")] {
        assert!(daemon.ctl(&["ptr", "set", address, name]).contains("pending"));
    }
    assert_eq!(name_of(&daemon, "192.0.2.1"), "ok.mail.example.", "what is there stays meanwhile");
    world.zone.put(&format!("{RECORDS}new A 192.0.2.1\n"));
    wait_for("the new name", world.folder.path(), || name_of(&daemon, "192.0.2.1") == "new.mail.example.");
    assert!(daemon.stop().success());
    world.zone.put(&format!("{RECORDS}late A 192.0.2.3\n"));
    let daemon = world.daemon("");
    wait_for("the late name", world.folder.path(), || name_of(&daemon, "192.0.2.3") == "late.mail.example.");
    assert_eq!(daemon.ctl(&["pending", "list"]), "");
    let log = daemon.ctl(&["log", "--kind", "ptr-confirm"]);
    assert!(log.contains("ptrd") && log.contains("1 set"), "{log}");
}

/// Sends a DNS UPDATE with nsupdate until it is made, or for the last time; what was said first and last.
fn update(world: &World, daemon: &Daemon, line: &str, is_made: bool) -> Option<(String, String)> {
    let ask = || update_with(WAYS[0], daemon.dns, ("2.0.192.in-addr.arpa.", "k1", SECRET), line);
    let (made, first) = ask()?;
    assert!(!made, "nobody knows the name yet: {line}");
    let mut last = String::new();
    wait_for(line, world.folder.path(), || {
        let (made, text) = ask().expect("it is installed");
        last = text;
        // Of a name that is not there something else is said once that is known.
        made == is_made && (made || world.log().contains("does not exist"))
    });
    Some((first, last))
}

#[test]
fn an_update_is_made_once_its_name_is_known_to_resolve_back() {
    let Some(world) = World::new() else { return };
    let daemon = world.daemon("");
    prepare(&daemon, "require");
    let secret = world.folder.path().join("key");
    std::fs::write(&secret, SECRET).expect("written");
    daemon.ctl(&["key", "add", "k1", "--secret-file", secret.to_str().expect("text")]);
    daemon.ctl(&["access", "allow", "update", "--key", "k1", "--tenant", "acme"]);
    let add = |octet: u8, name: &str| format!("update add {octet}.2.0.192.in-addr.arpa. 60 PTR {name}");
    let Some((first, _)) = update(&world, &daemon, &add(1, "ok.mail.example."), true) else { return };
    assert!(first.contains("REFUSED"), "{first}");
    assert_eq!(name_of(&daemon, "192.0.2.1"), "ok.mail.example.");
    let (_, last) = update(&world, &daemon, &add(3, "none.mail.example."), false).expect("it is installed");
    assert!(last.contains("REFUSED"), "{last}");
    assert_eq!(name_of(&daemon, "192.0.2.3"), "-");
    assert_eq!(daemon.ctl(&["pending", "list"]), "", "an update cannot be told to wait");
}

#[test]
fn what_waits_for_too_long_lapses_across_a_restart_too() {
    let Some(world) = World::new() else { return };
    let daemon = world.daemon("patience = \"1s\"\n");
    prepare(&daemon, "require");
    daemon.ctl(&["ptr", "set", "192.0.2.1", "ok.mail.example"]);
    for address in ["192.0.2.1", "192.0.2.3"] {
        assert!(daemon.ctl(&["ptr", "set", address, "none.mail.example"]).contains("pending"));
    }
    assert!(daemon.stop().success());
    let daemon = world.daemon("patience = \"1s\"\n");
    wait_for("the end of patience", world.folder.path(), || daemon.ctl(&["pending", "list"]).is_empty());
    let log = daemon.ctl(&["log", "--kind", "ptr-confirm"]);
    assert!(log.contains("dropped"), "{log}");
    assert_eq!(name_of(&daemon, "192.0.2.1"), "ok.mail.example.", "what was there stays");
    assert_eq!(name_of(&daemon, "192.0.2.3"), "-");
}

#[test]
fn a_name_that_ceases_to_resolve_back_is_told_of_once() {
    let Some(mut world) = World::new() else { return };
    let (address, told) = sink();
    let secret = world.folder.path().join("secret");
    std::fs::write(&secret, "0123456789abcdef0123456789abcdef\n").expect("written");
    let more =
        format!("webhook = \"http://{address}/hook\"\nwebhook-secret-file = \"{}\"\n", secret.display());
    let daemon = world.daemon(&more);
    prepare(&daemon, "warn");
    daemon.ctl(&["ptr", "set", "192.0.2.1", "ok.mail.example"]);
    let next = || {
        let (signature, body) = told.recv_timeout(PATIENCE).expect("the webhook is told");
        assert!(signature.starts_with("sha256=") && signature.len() == 71, "{signature}");
        let change = &body["changes"][0];
        (change["address"].clone(), change["from"].clone(), change["to"].clone())
    };
    assert_eq!(
        next(),
        ("192.0.2.1".into(), serde_json::Value::Null, "verified".into()),
        "sent again after a failure"
    );
    assert!(daemon.ctl(&["ptr", "list"]).contains("verified"));
    world.zone.put("ok A 192.0.2.99\n");
    assert_eq!(next(), ("192.0.2.1".into(), "verified".into(), "failing".into()));
    let shown = daemon.ctl(&["check", "192.0.2.1"]);
    assert!(shown.contains("failing") && shown.contains("ok.mail.example. has 192.0.2.99"), "{shown}");
    world.zone.put(RECORDS);
    wait_for("a zone that is well again", world.folder.path(), || {
        daemon.ctl(&["check", "192.0.2.0/24", "--now"]).contains("verified")
    });
    assert_eq!(next(), ("192.0.2.1".into(), "failing".into(), "verified".into()));
    assert!(daemon.stop().success());
    let daemon = world.daemon(&more);
    daemon.ctl(&["check", "192.0.2.0/24", "--now"]);
    assert!(told.try_recv().is_err(), "a restart tells nothing twice");
}
