//! The web page in Debian's Chromium, driven by Playwright (`tests/web`), with the daemon behind it and tokens that it
//! made.

use ptrd_suite::browser::{drive, modules};
use ptrd_suite::daemon::{Daemon, free_port, program};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;

/// A resolver that knows no name; where it answers.
fn resolver() -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    let address = socket.local_addr().expect("bound");
    std::thread::spawn(move || {
        let mut room = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut room) {
            // The question with the bits of an answer: QR, RA, NXDOMAIN; and no EDNS record behind it.
            let question = room[..length].iter().skip(12).position(|octet| *octet == 0);
            let Some(end) = question.map(|end| 12 + end + 5).filter(|end| *end <= length) else { continue };
            room[2] |= 0x80;
            room[3] = 0x83;
            room[6..12].fill(0);
            let _ = socket.send_to(&room[..end], from);
        }
    });
    address
}

/// A certificate for loopback, and a configuration with the API on a port of its own; which port.
fn configure(folder: &Path) -> u16 {
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let parameters = rcgen::CertificateParams::new(names).expect("names");
    let key = rcgen::KeyPair::generate().expect("a key");
    let certificate = parameters.self_signed(&key).expect("a certificate");
    std::fs::write(folder.join("tls.crt"), certificate.pem()).expect("written");
    std::fs::write(folder.join("tls.key"), key.serialize_pem()).expect("written");
    let port = free_port();
    // A browser asks faster than a script of a customer would.
    let text = format!(
        "[tls]\ncertificate = \"{0}/tls.crt\"\nkey = \"{0}/tls.key\"\n[api]\nlisten = [\"127.0.0.1:{port}\"]\n\
         requests-per-address = 5000\nrequests-per-token = 5000\n\
         [checks]\nresolvers = [\"{1}\"]\n",
        folder.display(),
        resolver(),
    );
    std::fs::write(folder.join("ptrd.toml"), text).expect("written");
    port
}

/// Makes a token: the token, and what it is called.
fn token(daemon: &Daemon, words: &[&str]) -> (String, String) {
    let text = daemon.ctl(&[&["--json", "token", "add"], words].concat());
    let done: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let part = |name: &str| done["token"][name].as_str().expect("a text").to_owned();
    (part("token"), part("id"))
}

/// The newest change.
fn newest(daemon: &Daemon) -> u64 {
    let (_, text) = daemon.http("GET", "/v1/status", "").expect("a status");
    serde_json::from_str::<serde_json::Value>(&text).expect("JSON")["change"].as_u64().expect("a number")
}

/// Names that fail, that wait, that lead back by a zone that is here, and that look generic.
fn names_to_look_at(daemon: &Daemon) {
    for (address, name) in [
        ("198.18.0.1", "fails.example.com"),
        ("198.18.0.2", "old.example.com"),
        ("192.0.2.9", "host-192-0-2-9.dyn.example.net"),
    ] {
        daemon.ctl(&["ptr", "set", address, name]);
    }
    daemon.ctl(&["block", "set", "198.18.0.0/24", "--fcrdns", "require"]);
    for (address, name) in [("198.18.0.2", "new.example.com"), ("198.18.0.3", "first.example.com")] {
        let told = daemon.ctl(&["ptr", "set", address, name]);
        assert!(told.contains("pending"), "{told}");
    }
    daemon.ctl(&["zone", "add", "here.example", "--tenant", "acme", "--companion"]);
    daemon.ctl(&["ptr", "set", "198.18.0.9", "mail.here.example"]);
    let told = daemon.ptrctl(&["check", "198.18.0.0/24", "--now"]);
    let told = String::from_utf8_lossy(&told.stdout);
    assert!(told.contains("failing"), "{told}");
}

#[test]
fn people_use_the_web_page() {
    let Some(modules) = modules() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let port = configure(folder.path());
    let config = folder.path().join("ptrd.toml");
    let daemon = Daemon::start(folder.path(), &["--config", config.to_str().expect("text")]);
    for tenant in ["acme", "bob"] {
        daemon.ctl(&["tenant", "add", tenant]);
    }
    for words in [
        &["192.0.2.0/24", "--tenant", "acme"][..],
        &["192.0.2.64/26", "--tenant", "bob", "--classless", "slash"],
        &["203.0.113.0/24", "--tenant", "bob"],
        &["198.51.100.0/22", "--tenant", "acme"],
        &["198.51.102.0/24", "--tenant", "acme", "--template", "host-{d}.pool.example.com"],
        &["2001:db8::/32", "--tenant", "acme"],
        &["198.18.0.0/24", "--tenant", "acme"],
    ] {
        daemon.ctl(&[&["block", "add"], words].concat());
    }
    daemon.ctl(&["ptr", "set", "192.0.2.1", "one.example.com"]);
    let acme_change = newest(&daemon);
    daemon.ctl(&["ptr", "fill", "198.51.101.0/24", "--pattern", "h{d}.example.com"]);
    daemon.ctl(&["ptr", "set", "2001:db8:a500::1", "six.example.com"]);
    daemon.ctl(&["ptr", "set", "192.0.2.70", "bobs-host-2.example.net"]);
    let bob_change = newest(&daemon);
    daemon.ctl(&["ptr", "set", "203.0.113.7", "bobs-host.example.net"]);
    names_to_look_at(&daemon);
    let (operator, _) = token(&daemon, &["ops", "--operator", "--write"]);
    let (acme, _) = token(&daemon, &["acme-web", "--tenant", "acme", "--write"]);
    let (reader, _) = token(&daemon, &["acme-look", "--tenant", "acme"]);
    let (revoked, revoked_id) = token(&daemon, &["acme-gone", "--tenant", "acme", "--write"]);
    let given = serde_json::json!({
        "base": format!("https://127.0.0.1:{port}"),
        "tokens": {"operator": operator, "acme": acme, "reader": reader, "revoked": revoked},
        "revoked": revoked_id,
        "changes": {"acme": [acme_change], "bob": [bob_change, bob_change + 1]},
        "ptrctl": program("ptrctl"),
        "socket": daemon.socket,
    });
    let (is_well, told) = drive(&modules, "web.mjs", given);
    assert!(is_well && told.contains("ok      every page"), "the browser met what is wrong");
    // What was typed in the browser is what DNS answers from.
    let keys = daemon.ctl(&["ptr", "get", "192.0.2.22"]);
    assert!(keys.contains("keys.example.com."), "{keys}");
}
