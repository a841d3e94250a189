//! A resolver and what it finds: Unbound and NSD of Debian, on loopback.

use crate::daemon::free_port;
use crate::presigned::Peer;
use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// A zone on NSD, whose records a test alters.
pub struct ForwardZone {
    peer: Peer,
    apex: String,
    file: PathBuf,
    serial: u32,
}

impl ForwardZone {
    /// Serves a zone with these records, a line each, relative to the apex. `None` where NSD is not installed.
    pub fn start(folder: &Path, apex: &str, records: &str) -> Option<ForwardZone> {
        fs::create_dir_all(folder).expect("a folder");
        let (port, file) = (free_port(), folder.join("zone"));
        write(&file, apex, 1, records);
        let peer = nsd(folder, SocketAddr::from((Ipv4Addr::LOCALHOST, port)), &[(apex, "zone")])?;
        Some(ForwardZone { peer, apex: apex.to_owned(), file, serial: 1 })
    }

    /// Has these records from now on, or from a moment later.
    pub fn put(&mut self, records: &str) {
        self.serial += 1;
        write(&self.file, &self.apex, self.serial, records);
        self.peer.signal("HUP");
    }

    /// Where it answers.
    pub fn address(&self) -> SocketAddr {
        self.peer.address
    }
}

fn write(file: &Path, apex: &str, serial: u32, records: &str) {
    let head =
        format!("$ORIGIN {apex}.\n$TTL 1\n@ SOA ns h {serial} 3600 900 86400 1\n@ NS ns\nns A 127.0.0.1\n");
    fs::write(file, head + records).expect("a zone");
}

/// NSD, which serves zones from files of its folder. `None` where it is not installed.
pub fn nsd(folder: &Path, address: SocketAddr, zones: &[(&str, &str)]) -> Option<Peer> {
    let (ip, port, here) = (address.ip(), address.port(), folder.display());
    let mut text = format!(
        "server:\n  ip-address: {ip}@{port}\n  username: \"\"\n  database: \"\"\n  chroot: \"\"\n  zonesdir: \
         \"{here}\"\n  pidfile: \"{here}/pid\"\n  xfrdfile: \"{here}/xfrd\"\n  zonelistfile: \"{here}/list\"\n  xfrdir: \
         \"{here}\"\n  server-count: 1\nremote-control:\n  control-enable: no\n"
    );
    for (apex, file) in zones {
        let _ = writeln!(text, "zone:\n  name: \"{apex}\"\n  zonefile: \"{file}\"");
    }
    fs::write(folder.join("nsd.conf"), text).expect("a configuration");
    let conf = folder.join("nsd.conf").display().to_string();
    Peer::start_at(folder, "nsd", address, &["-d", "-c", &conf])
}

/// Unbound, which asks these servers for these zones, and remembers nothing. `None` where it is not installed.
pub fn resolver(folder: &Path, stubs: &[(&str, SocketAddr)]) -> Option<Peer> {
    fs::create_dir_all(folder).expect("a folder");
    let (port, here) = (free_port(), folder.display());
    let mut text = format!(
        "server:\n  interface: 127.0.0.1\n  port: {port}\n  directory: \"{here}\"\n  chroot: \"\"\n  username: \"\"\n  pidfile: \
         \"{here}/pid\"\n  use-syslog: no\n  do-daemonize: no\n  num-threads: 1\n  do-not-query-localhost: no\n  module-config: \
         \"iterator\"\n  cache-max-ttl: 0\n  cache-max-negative-ttl: 0\n  infra-host-ttl: 1\nremote-control:\n  \
         control-enable: no\n"
    );
    for (apex, server) in stubs {
        let (ip, port) = (server.ip(), server.port());
        let _ = writeln!(text, "stub-zone:\n  name: \"{apex}\"\n  stub-addr: {ip}@{port}");
    }
    fs::write(folder.join("unbound.conf"), text).expect("a configuration");
    Peer::start(folder, "unbound", port, &["-d", "-p", "-c", "unbound.conf"])
}
