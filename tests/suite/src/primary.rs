//! Real primaries for ptrd as a secondary: Knot DNS and BIND, each on a port of loopback of its own.

use crate::daemon::{PATIENCE, free_port};
use crate::secondary::{Line, installed, transfer};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Knot DNS.
    Knot,
    /// BIND.
    Bind,
}

/// A zone of a primary.
#[derive(Clone, Copy, Debug)]
pub struct PrimaryZone<'a> {
    /// The apex.
    pub apex: &'a str,
    /// Its master file.
    pub text: &'a str,
    /// Handed over to those who have the key, and updated by them, and nobody else.
    pub keyed: bool,
}

/// What a primary is to be like.
#[derive(Clone, Copy, Debug)]
pub struct Setup<'a> {
    /// What it serves.
    pub zones: &'a [PrimaryZone<'a>],
    /// Who is told of changes.
    pub secondary: SocketAddr,
    /// A key: its name, and how this server's configuration declares it.
    pub key: Option<(&'a str, &'a str)>,
    /// Of BIND: a certificate and its key, PEM, for transfers over TLS.
    pub tls: Option<(&'a Path, &'a Path)>,
}

/// A running primary; killed when dropped.
pub struct Primary {
    /// Where it answers.
    pub address: SocketAddr,
    /// Where it answers over TLS, if it does.
    pub tls: SocketAddr,
    kind: Kind,
    process: Child,
    log: PathBuf,
}

impl Drop for Primary {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Primary {
    /// Starts one in a folder of its own, and waits until it serves. `None`, and a word of it, where it is not installed.
    pub fn start(kind: Kind, folder: &Path, setup: &Setup<'_>) -> Option<Primary> {
        let program = installed(if kind == Kind::Knot { "knotd" } else { "named" })?;
        fs::create_dir_all(folder).expect("a folder");
        for (nth, zone) in setup.zones.iter().enumerate() {
            fs::write(folder.join(format!("zone-{nth}")), zone.text).expect("a zone");
        }
        let port = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let (address, tls) = (port(free_port()), port(free_port()));
        let arguments = match kind {
            Kind::Knot => knot(folder, address.port(), setup),
            Kind::Bind => bind(folder, address.port(), tls.port(), setup),
        };
        let log = folder.join("log");
        let file = fs::File::create(&log).expect("a log");
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder).stdin(Stdio::null());
        command.stdout(file.try_clone().expect("a log")).stderr(file);
        let process = command.spawn().expect("a primary starts");
        let primary = Primary { address, tls, kind, process, log };
        let since = Instant::now();
        while setup.zones.iter().any(|zone| crate::secondary::serial(address, zone.apex).is_none()) {
            assert!(since.elapsed() < PATIENCE, "{kind:?} does not serve:\n{}", primary.log());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Some(primary)
    }

    /// A zone as it has it.
    pub fn zone(&self, apex: &str) -> BTreeSet<Line> {
        transfer(self.address, apex)
            .unwrap_or_else(|error| panic!("{:?}: {error}\n{}", self.kind, self.log()))
    }

    /// Makes changes, each with a serial of its own: lines of `nsupdate`, without `send`.
    pub fn update(&self, zone: &str, changes: &[String]) {
        let mut nsupdate = Command::new(installed("nsupdate").expect("bind9-dnsutils is installed"))
            .arg("-v")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nsupdate starts");
        let mut text = format!("server 127.0.0.1 {}\n", self.address.port());
        for change in changes {
            let _ = write!(text, "zone {zone}\nupdate {change}\nsend\n");
        }
        nsupdate.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("written");
        let ended = nsupdate.wait().expect("nsupdate ends");
        assert!(ended.success(), "{:?} refuses an update:\n{}", self.kind, self.log());
    }

    /// The end of its log.
    pub fn log(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

fn knot(folder: &Path, port: u16, setup: &Setup<'_>) -> Vec<String> {
    let here = folder.display();
    let (name, declared) = setup.key.unwrap_or(("", ""));
    let mut text = format!(
        "server:\n  listen: 127.0.0.1@{port}\n  rundir: \"{here}\"\n  udp-workers: 1\n  tcp-workers: 1\n  \
         background-workers: 2\nlog:\n  - target: stderr\n    any: info\ndatabase:\n  storage: \"{here}\"\n\
         {declared}remote:\n  - id: secondary\n    address: 127.0.0.1@{}\n\
         acl:\n  - id: all\n    address: 127.0.0.1\n    action: [transfer, update]\n",
        setup.secondary.port()
    );
    if setup.key.is_some() {
        let _ = write!(text, "  - id: keyed\n    key: {name}\n    action: [transfer, update]\n");
    }
    text.push_str(
        "template:\n  - id: default\n    notify: secondary\n    zonefile-sync: -1\n    journal-content: changes\nzone:\n",
    );
    for (nth, zone) in setup.zones.iter().enumerate() {
        let acl = match (zone.keyed, setup.key) {
            (true, _) => "[keyed]",
            (false, Some(_)) => "[all, keyed]",
            (false, None) => "[all]",
        };
        let _ =
            write!(text, "  - domain: \"{}\"\n    file: \"{here}/zone-{nth}\"\n    acl: {acl}\n", zone.apex);
    }
    fs::write(folder.join("knot.conf"), text).expect("a configuration");
    vec!["-c".to_owned(), folder.join("knot.conf").display().to_string()]
}

fn bind(folder: &Path, port: u16, tls: u16, setup: &Setup<'_>) -> Vec<String> {
    let here = folder.display();
    let (name, declared) = setup.key.unwrap_or(("", ""));
    let secured = setup.tls.map(|(certificate, key)| {
        (
            format!(
                "tls xot {{ cert-file \"{}\"; key-file \"{}\"; protocols {{ TLSv1.3; }}; }};\n",
                certificate.display(),
                key.display()
            ),
            format!("  listen-on port {tls} tls xot {{ 127.0.0.1; }};\n"),
        )
    });
    let (block, listen) = secured.unwrap_or_default();
    let mut text = format!(
        "{declared}{block}options {{\n  directory \"{here}\";\n  pid-file \"{here}/pid\";\n  lock-file none;\n  \
         session-keyfile \"{here}/session\";\n  listen-on port {port} {{ 127.0.0.1; }};\n{listen}  listen-on-v6 {{ none; }};\n  \
         recursion no;\n  notify explicit;\n  notify-delay 0;\n  also-notify {{ 127.0.0.1 port {}; }};\n  \
         dnssec-validation no;\n  empty-zones-enable no;\n  check-names primary ignore;\n  notify-rate 1000;\n  max-ixfr-ratio unlimited;\n}};\ncontrols {{ }};\n",
        setup.secondary.port()
    );
    for (nth, zone) in setup.zones.iter().enumerate() {
        let who = match (zone.keyed, setup.key) {
            (true, _) => format!("key \"{name}\";"),
            (false, Some(_)) => format!("127.0.0.1; key \"{name}\";"),
            (false, None) => "127.0.0.1;".to_owned(),
        };
        let _ = writeln!(
            text,
            "zone \"{}\" {{ type primary; file \"zone-{nth}\"; allow-update {{ {who} }}; allow-transfer {{ {who} }}; }};",
            zone.apex
        );
    }
    fs::write(folder.join("named.conf"), text).expect("a configuration");
    let conf = folder.join("named.conf").display().to_string();
    ["-g", "-n", "1", "-c"].into_iter().map(str::to_owned).chain([conf]).collect()
}
