//! What belongs to a sender besides its machines: the servers of its names (Knot), and a secondary of ptrd (NSD), each at an address
//! of its own of the test's network.

use crate::presigned::Peer;
use std::fmt::Write as _;
use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;

/// Knot, with one zone that whoever has the key may update.
pub fn knot(folder: &Path, address: &str, apex: &str, text: &str, key: (&str, &str)) -> Option<Peer> {
    fs::create_dir_all(folder).expect("a folder");
    let ((name, declared), here) = (key, folder.display());
    fs::write(folder.join("zone"), text).expect("a zone");
    let conf = format!(
        "server:\n  listen: {address}@53\n  rundir: \"{here}\"\n  udp-workers: 1\n  tcp-workers: 1\n  background-workers: 1\n\
         log:\n  - target: stderr\n    any: info\ndatabase:\n  storage: \"{here}\"\n{declared}acl:\n  - id: keyed\n    \
         key: {name}\n    action: [transfer, update]\nzone:\n  - domain: \"{apex}\"\n    file: \"{here}/zone\"\n    \
         acl: keyed\n    zonefile-sync: -1\n    journal-content: changes\n"
    );
    fs::write(folder.join("knot.conf"), conf).expect("a configuration");
    Peer::start_at(folder, "knotd", at(address), &["-c", "knot.conf"])
}

/// NSD, which follows zones of a primary, and holds to the times that their SOA says.
pub fn nsd(folder: &Path, addresses: &[&str], primary: &str, zones: &[&str]) -> Option<Peer> {
    fs::create_dir_all(folder).expect("a folder");
    let here = folder.display();
    let mut text = "server:\n".to_owned();
    for address in addresses {
        let _ = writeln!(text, "  ip-address: {address}@53");
    }
    let _ = write!(
        text,
        "  username: \"\"\n  database: \"\"\n  chroot: \"\"\n  zonesdir: \"{here}\"\n  pidfile: \"{here}/pid\"\n  xfrdfile: \
         \"{here}/xfrd\"\n  zonelistfile: \"{here}/list\"\n  xfrdir: \"{here}\"\n  server-count: 1\n  xfrd-reload-timeout: 0\n  \
         zonefiles-write: 0\nremote-control:\n  control-enable: no\n"
    );
    for (nth, zone) in zones.iter().enumerate() {
        let _ = write!(
            text,
            "zone:\n  name: \"{zone}\"\n  zonefile: \"zone-{nth}\"\n  request-xfr: {primary} NOKEY\n  allow-notify: 0.0.0.0/0 \
             NOKEY\n  outgoing-interface: {}\n  min-retry-time: 1\n  max-retry-time: 1\n  min-refresh-time: 1\n",
            addresses[0]
        );
    }
    fs::write(folder.join("nsd.conf"), text).expect("a configuration");
    let conf = folder.join("nsd.conf").display().to_string();
    Peer::start_at(folder, "nsd", at(addresses[0]), &["-d", "-c", &conf])
}

/// Unbound that knows some names otherwise than the world does.
pub fn odd_resolver(folder: &Path, address: &str, lies: &str) -> Option<Peer> {
    fs::create_dir_all(folder).expect("a folder");
    let here = folder.display();
    fs::write(folder.join("hints"), ". 3600 NS a.root.example.\na.root.example. 3600 A 198.41.0.4\n")
        .expect("hints");
    let conf = format!(
        "server:\n  interface: {address}\n  access-control: 0.0.0.0/0 allow\n  directory: \"{here}\"\n  chroot: \"\"\n  username: \
         \"\"\n  pidfile: \"{here}/pid\"\n  use-syslog: no\n  do-daemonize: no\n  num-threads: 1\n  do-ip6: no\n  module-config: \
         \"iterator\"\n  root-hints: \"{here}/hints\"\n  do-not-query-localhost: no\n  cache-max-ttl: 0\n{lies}remote-control:\n  \
         control-enable: no\n"
    );
    fs::write(folder.join("unbound.conf"), conf).expect("a configuration");
    Peer::start_at(folder, "unbound", at(address), &["-d", "-p", "-c", "unbound.conf"])
}

fn at(address: &str) -> SocketAddr {
    (address.parse::<IpAddr>().expect("an address"), 53).into()
}
