//! A small internet in a network namespace: a root, a registry of names and one of addresses, nameservers of a customer (NSD), and
//! three resolvers at the addresses of Google, Cloudflare and Quad9 (Unbound). What is there is in `internet/`: master files,
//! which a test lays over with others.

use crate::presigned::{Denial, Peer, sign};
use crate::resolving::nsd;
use crate::secondary::installed;
use nix::sched::{CloneFlags, unshare};
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::process::Command;

/// The servers of the internet: where each is, and its zones.
const SERVERS: [(&str, &str, &[&str]); 5] = [
    ("root", "198.41.0.4", &["root", "arpa"]),
    ("registry", "185.1.0.1", &["in-addr.arpa", "ip6.arpa", "example"]),
    (
        "ns1",
        "185.12.8.53",
        &[
            "8.12.185.in-addr.arpa",
            "9.12.185.in-addr.arpa",
            "10.12.185.in-addr.arpa",
            "11.12.185.in-addr.arpa",
            "d.c.b.a.c.0.a.2.ip6.arpa",
            "rev.example",
            "mail.example",
            "signed.example",
        ],
    ),
    ("ns2", "185.12.8.54", &["8.12.185.in-addr.arpa", "11.12.185.in-addr.arpa", "d.c.b.a.c.0.a.2.ip6.arpa"]),
    ("customer", "185.12.8.60", &["192-26.8.12.185.in-addr.arpa"]),
];

/// An address of a nameserver that takes questions and never answers.
pub const SILENT: &str = "185.12.8.55";

/// The resolvers.
pub const RESOLVERS: [(&str, &str); 3] =
    [("google", "8.8.8.8"), ("cloudflare", "1.1.1.1"), ("quad9", "9.9.9.9")];

/// Runs something in a network namespace of its own, which goes when all that was started in it has. `None`, and a word of it,
/// where this user may not make one.
pub fn isolated<R: Send + 'static>(run: impl FnOnce() -> R + Send + 'static) -> Option<R> {
    let thread = std::thread::spawn(|| {
        if let Err(error) = unshare(CloneFlags::CLONE_NEWNET) {
            println!("skipped: no network namespace can be made here: {error} (root may)");
            return None;
        }
        ip(&["link", "set", "lo", "up"]);
        Some(run())
    });
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Adds an address to the namespace.
pub fn add_address(address: &str) {
    let length = if address.contains(':') { 128 } else { 32 };
    ip(&["address", "add", &format!("{address}/{length}"), "dev", "lo"]);
}

fn ip(arguments: &[&str]) {
    let status = Command::new("ip").args(arguments).status().expect("ip runs (Debian: iproute2)");
    assert!(status.success(), "ip {arguments:?}");
}

/// Adds records to zones of a server, if it has them.
pub fn add_records(folder: &Path, records: &[(&str, &str)]) {
    for (zone, records) in records {
        if let Ok(mut file) = OpenOptions::new().append(true).open(folder.join(zone)) {
            file.write_all(records.as_bytes()).expect("a zone");
        }
    }
}

/// An address without the length of its prefix.
pub fn bare(address: &str) -> &str {
    address.split('/').next().expect("an address")
}

/// See the module.
pub struct Internet {
    /// All servers, as long as they are wanted.
    pub peers: Vec<Peer>,
}

impl Internet {
    /// Starts all. `alter` may write other zones into the folder of a server, before it starts. `quad9` is more configuration of
    /// that resolver. `None` where Debian's programs are not installed.
    pub fn start(folder: &Path, alter: impl Fn(&Path), quad9: &str) -> Option<Internet> {
        Internet::start_with(folder, alter, |name| if name == "quad9" { quad9 } else { "" })
    }

    /// The same, with more configuration of each resolver, by its name.
    pub fn start_with<'a>(
        folder: &Path,
        alter: impl Fn(&Path),
        more: impl Fn(&str) -> &'a str,
    ) -> Option<Internet> {
        let mut peers = Vec::new();
        let mut anchor = String::new();
        for (name, address, zones) in SERVERS {
            let here = folder.join(name);
            fs::create_dir_all(&here).expect("a folder");
            for zone in zones {
                fs::write(here.join(zone), master_file(zone)).expect("a zone");
            }
            alter(&here);
            if zones.contains(&"signed.example") {
                let text = fs::read_to_string(here.join("signed.example")).expect("a zone");
                let signed = sign(&folder.join("signed"), "signed.example", &text, Denial::Nsec)?;
                // What was signed says another address than what is served.
                let text =
                    fs::read_to_string(&signed.file).expect("a zone").replace("185.12.8.231", "185.12.8.31");
                fs::write(here.join("signed.example"), text).expect("a zone");
                anchor = signed.key;
            }
            add_address(address);
            let apex = |zone: &&'static str| (if *zone == "root" { "." } else { *zone }, *zone);
            let zones: Vec<_> = zones.iter().map(apex).collect();
            peers.push(nsd(&here, at(address), &zones)?);
        }
        for (name, address) in RESOLVERS {
            add_address(address);
            peers.push(unbound(&folder.join(name), at(address), &anchor, more(name))?);
        }
        Some(Internet { peers })
    }
}

fn at(address: &str) -> SocketAddr {
    SocketAddr::new(address.parse::<IpAddr>().expect("an address"), 53)
}

fn master_file(zone: &str) -> &'static str {
    match zone {
        "root" => include_str!("internet/root"),
        "arpa" => include_str!("internet/arpa"),
        "in-addr.arpa" => include_str!("internet/in-addr.arpa"),
        "ip6.arpa" => include_str!("internet/ip6.arpa"),
        "example" => include_str!("internet/example"),
        "8.12.185.in-addr.arpa" => include_str!("internet/8.12.185.in-addr.arpa"),
        "9.12.185.in-addr.arpa" | "10.12.185.in-addr.arpa" | "11.12.185.in-addr.arpa" => {
            include_str!("internet/9.12.185.in-addr.arpa")
        }
        "192-26.8.12.185.in-addr.arpa" => include_str!("internet/192-26.8.12.185.in-addr.arpa"),
        "d.c.b.a.c.0.a.2.ip6.arpa" => include_str!("internet/d.c.b.a.c.0.a.2.ip6.arpa"),
        "rev.example" => include_str!("internet/rev.example"),
        "mail.example" => include_str!("internet/mail.example"),
        "signed.example" => include_str!("internet/signed.example"),
        other => panic!("{other} has no master file"),
    }
}

/// Unbound, which goes from the root and validates what is below this key.
fn unbound(folder: &Path, address: SocketAddr, anchor: &str, more: &str) -> Option<Peer> {
    installed("unbound")?;
    fs::create_dir_all(folder).expect("a folder");
    fs::write(folder.join("hints"), ". 3600 NS a.root.example.\na.root.example. 3600 A 198.41.0.4\n")
        .expect("hints");
    let (ip, here) = (address.ip(), folder.display());
    let mut text = format!(
        "server:\n  interface: {ip}\n  access-control: 0.0.0.0/0 allow\n  directory: \"{here}\"\n  chroot: \"\"\n  username: \
         \"\"\n  pidfile: \"{here}/pid\"\n  use-syslog: no\n  do-daemonize: no\n  num-threads: 1\n  do-ip6: no\n  module-config: \
         \"validator iterator\"\n  root-hints: \"{here}/hints\"\n  trust-anchor-signaling: no\n  root-key-sentinel: no\n  ede: \
         yes\n  do-not-query-localhost: no\n"
    );
    let _ = writeln!(text, "  trust-anchor: \"{anchor}\"\n{more}remote-control:\n  control-enable: no");
    fs::write(folder.join("unbound.conf"), text).expect("a configuration");
    Peer::start_at(folder, "unbound", address, &["-d", "-p", "-c", "unbound.conf"])
}
