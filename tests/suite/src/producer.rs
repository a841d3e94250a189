//! Real servers that produce catalogs (RFC 9432) of their zones.

use crate::secondary::{Kind, Secondary, powerdns_with};
use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

/// Those that can: BIND has no catalogs of its own making.
pub const PRODUCERS: [Kind; 2] = [Kind::Knot, Kind::PowerDns];

/// Starts one that has these zones, each with its group, and lists them in this catalog; everybody on loopback may transfer
/// it. Knot tells `follower` of changes, if there is one. `None`, and a word of it, where the server is not installed.
pub fn produce(
    kind: Kind,
    folder: &Path,
    catalog: &str,
    zones: &[(&str, &str)],
    follower: Option<SocketAddr>,
) -> Option<Secondary> {
    Secondary::run(kind, folder, |port| match kind {
        Kind::Knot => Some(knot(folder, port, catalog, zones, follower)),
        Kind::PowerDns => powerdns_with(folder, port, "primary=yes\n", &powerdns(catalog, zones)),
        Kind::Bind | Kind::Nsd => None,
    })
}

/// Has Knot, which was started in this folder, list other zones from now on.
pub fn list(
    knot_server: &Secondary,
    folder: &Path,
    catalog: &str,
    zones: &[(&str, &str)],
    follower: Option<SocketAddr>,
) {
    knot(folder, knot_server.address.port(), catalog, zones, follower);
    knot_server.reload();
}

fn knot(
    folder: &Path,
    port: u16,
    catalog: &str,
    zones: &[(&str, &str)],
    follower: Option<SocketAddr>,
) -> Vec<String> {
    let here = folder.display();
    let (remote, notify) = match follower {
        Some(follower) => (
            format!("remote:\n  - id: follower\n    address: 127.0.0.1@{}\n", follower.port()),
            "    notify: follower\n",
        ),
        None => (String::new(), ""),
    };
    let mut text = format!(
        "server:\n  listen: 127.0.0.1@{port}\n  rundir: \"{here}\"\n  udp-workers: 1\n  tcp-workers: 1\n  \
         background-workers: 1\nlog:\n  - target: stderr\n    any: info\ndatabase:\n  storage: \"{here}\"\n\
         {remote}acl:\n  - id: transfer\n    address: 127.0.0.1\n    action: transfer\n\
         template:\n  - id: default\n    storage: \"{here}\"\n    acl: transfer\n{notify}    zonefile-sync: -1\n\
         zone:\n  - domain: \"{catalog}\"\n    catalog-role: generate\n"
    );
    for (nth, (zone, group)) in zones.iter().enumerate() {
        let master = format!(
            "$ORIGIN {zone}.\n@ 60 SOA ns1.example.net. h.example.net. 1 60 60 60 60\n@ 60 NS ns1.example.net.\n"
        );
        fs::write(folder.join(format!("zone-{nth}")), master).expect("a zone");
        let _ = writeln!(
            text,
            "  - domain: \"{zone}\"\n    file: zone-{nth}\n    catalog-role: member\n    catalog-zone: \"{catalog}\"\n    \
             catalog-group: {group}"
        );
    }
    fs::write(folder.join("knot.conf"), text).expect("a configuration");
    vec!["-c".to_owned(), folder.join("knot.conf").display().to_string()]
}

fn powerdns(catalog: &str, zones: &[(&str, &str)]) -> String {
    let mut sql = String::new();
    let mut add = |zone: &str, more: &str| {
        let _ = writeln!(
            sql,
            "INSERT INTO domains (name, {more};\n\
             INSERT INTO records (domain_id, name, type, content, ttl, auth) SELECT id, name, 'SOA', \
             'ns1.example.net h.example.net 1 60 60 60 60', 60, 1 FROM domains WHERE name = '{zone}';\n\
             INSERT INTO records (domain_id, name, type, content, ttl, auth) SELECT id, name, 'NS', \
             'ns1.example.net', 60, 1 FROM domains WHERE name = '{zone}';"
        );
    };
    add(catalog, &format!("type) VALUES ('{catalog}', 'PRODUCER')"));
    for (zone, group) in zones {
        let options = format!("{{\"producer\":{{\"group\":[\"{group}\"]}}}}");
        add(zone, &format!("type, catalog, options) VALUES ('{zone}', 'MASTER', '{catalog}', '{options}')"));
    }
    sql
}
