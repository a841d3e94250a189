//! Keys of a running daemon: made by `ptrctl`, taken by other servers as it shows them, used by dig and kdig, and never
//! seen anywhere else.

use ptrd_suite::daemon::{Daemon, program};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a given key's secret is: 33 octets, so that it ends without padding.
const GIVEN: &str = "UHRyZFB0cmRQdHJkUHRyZFB0cmRQdHJkUHRyZFB0cmRQ";

/// What a program says, both ways out; `None`, and a word of it, where it is not installed.
fn said(name: &str, arguments: &[&str]) -> Option<(bool, String)> {
    let output = Command::new(name).args(arguments).stdin(Stdio::null()).output();
    let Ok(output) = output.inspect_err(|error| println!("left out: {name}: {error}")) else { return None };
    let text = [output.stdout, output.stderr].map(|octets| String::from_utf8_lossy(&octets).into_owned());
    Some((output.status.success(), text.concat()))
}

fn file(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("a mode");
    path
}

/// A block with a PTR, and two keys: one with a new secret, one with a given one. Both may transfer.
fn prepare(daemon: &Daemon, folder: &Path) {
    daemon.ctl(&["tenant", "add", "acme"]);
    daemon.ctl(&["block", "add", "192.0.2.0/24", "--tenant", "acme"]);
    daemon.ctl(&["ptr", "set", "192.0.2.1", "one.example.com"]);
    daemon.ctl(&["key", "add", "Made.example"]);
    let secret = file(folder, "secret", &format!("{GIVEN}\n"));
    let secret = secret.to_str().expect("text");
    daemon.ctl(&["key", "add", "given.example", "--algorithm", "hmac-sha1", "--secret-file", secret]);
    daemon.ctl(&["access", "allow", "transfer", "--key", "made.example", "--tenant", "acme"]);
    daemon.ctl(&["access", "allow", "transfer", "--key", "GIVEN.example."]);
}

fn shown(daemon: &Daemon, key: &str, format: &str) -> String {
    daemon.ctl(&["key", "show", key, "--format", format])
}

fn made_secret(daemon: &Daemon) -> String {
    let made: serde_json::Value =
        serde_json::from_str(&daemon.ctl(&["key", "show", "made.example", "--json"])).expect("JSON");
    made["secret"].as_str().expect("a secret").to_owned()
}

#[test]
fn servers_take_what_is_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::start(folder.path(), &[]);
    prepare(&daemon, folder.path());
    for key in ["made.example", "given.example"] {
        let bind = file(folder.path(), "named.conf", &shown(&daemon, key, "bind"));
        let knot = file(folder.path(), "knot.conf", &shown(&daemon, key, "knot"));
        let nsd = format!("server:\n    zonesdir: \"/\"\n    username: \"\"\n{}", shown(&daemon, key, "nsd"));
        let nsd = file(folder.path(), "nsd.conf", &nsd);
        let [bind, knot, nsd] = [&bind, &knot, &nsd].map(|path| path.to_str().expect("text"));
        // What is not installed refuses nothing.
        let results = [
            said("named-checkconf", &[bind]),
            said("knotc", &["-c", knot, "conf-check"]),
            said("nsd-checkconf", &[nsd]),
        ];
        for (good, text) in results.into_iter().flatten() {
            assert!(good, "{key}: {text}");
        }
    }
}

/// Whether dig and kdig get signed answers with a key as `ptrctl` shows it.
fn assert_signed(daemon: &Daemon, folder: &Path, forms: &[(String, String)], when: &str) {
    let (address, port) = (daemon.dns.ip().to_string(), daemon.dns.port().to_string());
    let (at, name) = (format!("@{address}"), "1.2.0.192.in-addr.arpa");
    for (bind, argument) in forms {
        let argument = argument.trim();
        let path = file(folder, "dig.key", bind);
        let path = path.to_str().expect("text");
        for (tool, with) in [("dig", ["-k", path]), ("dig", ["-y", argument]), ("kdig", ["-y", argument])] {
            let arguments = [&with[..], &[&at, "-p", &port, "+norec", name, "PTR"]].concat();
            let Some((_, text)) = said(tool, &arguments) else { continue };
            assert!(text.contains("one.example.com.") && text.contains("TSIG"), "{tool} {when}: {text}");
            for bad in ["BADKEY", "BADSIG", "verify", "WARNING", "could not"] {
                assert!(!text.contains(bad), "{tool} {when}: {text}");
            }
        }
    }
    // What the permissions say: with the key, and not without.
    let zone = ["-p", &port, "2.0.192.in-addr.arpa", "AXFR"];
    for (_, argument) in forms {
        let signed = [&["-y", argument.trim(), &at], &zone[..]].concat();
        let Some((_, text)) = said("dig", &signed) else { continue };
        assert!(text.contains("one.example.com.") && text.contains("XFR size"), "{when}: {text}");
    }
    if let Some((_, text)) = said("dig", &[&[at.as_str()], &zone[..]].concat()) {
        assert!(text.contains("Transfer failed") && !text.contains("one.example.com."), "{when}: {text}");
    }
    // A name that is no key's.
    let argument = forms[0].1.trim().replace("made.example", "other.example");
    if let Some((_, text)) = said("dig", &["-y", &argument, &at, "-p", &port, name, "PTR"]) {
        assert!(text.contains("BADKEY") && !text.contains("one.example.com."), "{when}: {text}");
    }
}

#[test]
fn signed_queries_are_answered_signed_after_a_restart_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::start(folder.path(), &[]);
    prepare(&daemon, folder.path());
    let forms = ["made.example", "given.example"].map(|key| {
        let form = |format| shown(&daemon, key, format);
        (form("bind"), form("dig"))
    });
    assert_signed(&daemon, folder.path(), &forms, "at first");
    assert!(daemon.stop().success());

    let mut daemon = Daemon::start(folder.path(), &[]);
    assert_signed(&daemon, folder.path(), &forms, "after a restart");
    let copy = folder.path().join("copy.db");
    daemon.ctl(&["backup", copy.to_str().expect("text")]);
    daemon.kill();

    let read_only = ReadOnly::start(&copy);
    daemon.dns = read_only.dns;
    assert_signed(&daemon, folder.path(), &forms, "of a store that is only read");
}

/// `ptrd serve --read-only`, which has no admin socket.
struct ReadOnly {
    child: std::process::Child,
    dns: std::net::SocketAddr,
}

impl ReadOnly {
    fn start(store: &Path) -> ReadOnly {
        let dns = std::net::SocketAddr::from(([127, 0, 0, 1], ptrd_suite::daemon::free_port()));
        let mut command = Command::new(program("ptrd"));
        command.args(["serve", "--read-only", "--listen", &dns.to_string(), "--store"]).arg(store);
        let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        let begun = std::time::Instant::now();
        while std::net::TcpStream::connect(dns).is_err() {
            assert!(begun.elapsed() < ptrd_suite::daemon::PATIENCE, "it does not come up");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        ReadOnly { child, dns }
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn secrets_are_in_the_key_and_in_backups_and_nowhere_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let daemon = Daemon::start(folder.path(), &["--log-level", "trace"]);
    prepare(&daemon, folder.path());
    let made = made_secret(&daemon);
    let mut told = Vec::new();
    let mut ctl = |arguments: &[&str]| {
        let output = daemon.ptrctl(arguments);
        let text = [output.stdout, output.stderr].map(|octets| String::from_utf8_lossy(&octets).into_owned());
        told.push((format!("ptrctl {}", arguments.join(" ")), text.concat()));
    };
    // Refused: there is one of that name; it is named; what is no secret.
    let secret = folder.path().join("secret");
    let secret = secret.to_str().expect("text");
    ctl(&["key", "add", "given.example", "--secret-file", secret]);
    ctl(&["key", "add", "third.example", "--secret-file", secret, "--dry-run", "--json"]);
    let bad = file(folder.path(), "bad", &format!("secret {GIVEN};"));
    ctl(&["key", "add", "third.example", "--secret-file", bad.to_str().expect("text")]);
    ctl(&["key", "remove", "made.example"]);
    ctl(&["key", "remove", "given.example", "--revoke"]);
    let newest = daemon.ctl(&["log", "--limit", "1", "--json"]);
    let newest: serde_json::Value = serde_json::from_str(&newest).expect("JSON");
    let newest = newest["items"][0]["change"].as_u64().expect("a number");
    ctl(&["rollback", &newest.to_string()]);
    for arguments in [
        &["key", "list"][..],
        &["key", "list", "--json"],
        &["access", "list", "--json"],
        &["log"],
        &["log", "--json"],
        &["diff", "0"],
        &["diff", "0", "--json"],
        &["status", "--json"],
        &["reload"],
    ] {
        ctl(arguments);
    }
    for number in 1..=newest + 1 {
        ctl(&["log", "show", &number.to_string()]);
    }
    let mut routes: Vec<String> =
        ["log", "status", "keys", "access", "diff?from=0", "diff?from=9&to=0", "defaults", "tenants"]
            .map(|route| format!("/v1/{route}"))
            .to_vec();
    routes.push("/metrics".to_owned());
    routes.extend((1..=newest + 1).flat_map(|n| [format!("/v1/log/{n}"), format!("/v1/log/{n}/edits")]));
    for route in &routes {
        let (status, body) = http_whole(&daemon, route);
        assert!(status == 200, "{route}: {body}");
        told.push((route.clone(), body));
    }
    // Bodies that are no requests, with the secret in every place.
    for body in [
        format!(r#"{{"name":"x","secret":["{GIVEN}"]}}"#),
        format!(r#"{{"name":"x","secret":"{GIVEN}","algorithm":{{"{GIVEN}":1}}}}"#),
        format!(r#"{{"name":"x","algorithm":"{GIVEN}"}}"#),
        format!(r#"{{"name":"x","secret":"{GIVEN}""#),
        format!(r#"{{"name":"x","secret":"{GIVEN}","other":1}}"#),
        format!(r#"{{"name":"","secret":"{GIVEN}"}}"#),
    ] {
        let (status, body) = daemon.http("POST", "/v1/keys", &body).expect("an answer");
        assert!((400..500).contains(&status), "{body}");
        told.push(("a bad request".to_owned(), body));
    }
    let log = folder.path().join("log");
    assert!(daemon.stop().success());
    told.push(("the log file".to_owned(), std::fs::read_to_string(log).expect("a log")));
    let hex = |text: &str| text.bytes().map(|octet| format!("{octet:02x}")).collect::<String>();
    for (what, text) in &told {
        for secret in [GIVEN, made.as_str()] {
            assert!(!text.contains(secret) && !text.contains(&hex(secret)), "{what}:\n{text}");
        }
    }
    let edits = told.iter().filter(|(_, text)| text.contains("(not shown)")).count();
    assert!(edits >= 4, "of keys something is shown, but for the secret");
    let store = std::fs::read(folder.path().join("ptrd.db")).expect("a store");
    let has = |secret: &str| store.windows(secret.len()).any(|window| window == secret.as_bytes());
    assert!(has(GIVEN) && has(&made), "the store has them");
}

/// An answer of any length, chunked or not.
fn http_whole(daemon: &Daemon, route: &str) -> (u16, String) {
    use std::io::{Read, Write};
    let mut stream = std::os::unix::net::UnixStream::connect(&daemon.socket).expect("connected");
    let head = format!("GET {route} HTTP/1.1\r\nhost: ptrd\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).expect("sent");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("read");
    let status = text.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
    (status, text)
}
