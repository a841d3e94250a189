//! ptrd as a secondary, in tests.

use crate::daemon::{Daemon, PATIENCE};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Times that suit tests.
pub const SETTINGS: &str = "[follow]\nrefresh-min = \"500ms\"\nretry-min = \"300ms\"\npause = \"50ms\"\ntimeout = \"2s\"\n\
                        largest = \"1 MiB\"\n[notify]\nresolvers = [\"127.0.0.1:9\"]\n";

/// One with a tenant, whose zones may be transferred from this host.
pub fn daemon(folder: &Path) -> Daemon {
    fs::create_dir_all(folder).expect("a folder");
    let file = folder.join("ptrd.toml");
    if !file.exists() {
        fs::write(&file, SETTINGS).expect("written");
    }
    let daemon = Daemon::start(folder, &["--config", file.to_str().expect("a path")]);
    if !daemon.ctl(&["tenant", "list"]).contains("acme") {
        daemon.ctl(&["tenant", "add", "acme"]);
        daemon.ctl(&["access", "allow", "transfer", "--from", "127.0.0.1"]);
    }
    daemon
}

/// Waits until something is so.
#[track_caller]
pub fn until(what: &str, daemon: &Daemon, is_so: impl FnMut() -> bool) {
    ptrd_testkit::until(what, PATIENCE, is_so, || daemon.ctl(&["zone", "list", "--json"]));
}

/// A figure, by its line of the metrics; 0 where there is none.
pub fn metric(daemon: &Daemon, line: &str) -> u64 {
    let (_, text) = daemon.http("GET", "/metrics", "").expect("figures");
    let found = text.lines().find_map(|of| of.strip_prefix(line)).map(str::trim);
    found.and_then(|number| number.parse::<f64>().ok()).unwrap_or_default() as u64
}

/// A certificate for ns1.example.net that is its own authority, and its key.
pub fn certificate(folder: &Path) -> (PathBuf, PathBuf) {
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "30",
        ])
        .args(["-subj", "/CN=ns1.example.net", "-addext", "subjectAltName=DNS:ns1.example.net"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-out")
        .arg(&certificate)
        .arg("-keyout")
        .arg(&key)
        .output()
        .expect("openssl runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (certificate, key)
}
