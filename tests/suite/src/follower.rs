//! Real servers that follow catalogs (RFC 9432): what they serve is what the catalogs list. They transfer everything with a
//! key, and know of each catalog its name, its primary and that key.

use crate::secondary::{Kind, Secondary, powerdns_with};
use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;

/// Those that can; NSD of Debian cannot.
pub const FOLLOWERS: [Kind; 3] = [Kind::Knot, Kind::Bind, Kind::PowerDns];

/// Whence PowerDNS asks. Up to 4.7 at least it transfers a catalog with the key, and its members without one.
pub const POWERDNS: &str = "127.0.0.66";

/// A key as servers are told of it.
pub struct SharedKey {
    /// Its name.
    pub name: String,
    /// In base64.
    pub secret: String,
    /// A statement for named.conf.
    pub bind: String,
    /// A section for knot.conf.
    pub knot: String,
}

/// Starts one that follows these catalogs. Knot has a template `fast` for the group of that name, which lets nobody
/// transfer. `None`, and a word of it, where the server is not installed.
pub fn follow(
    kind: Kind,
    folder: &Path,
    primary: SocketAddr,
    catalogs: &[&str],
    key: &SharedKey,
) -> Option<Secondary> {
    Secondary::run(kind, folder, |port| match kind {
        Kind::Knot => Some(knot(folder, port, primary.port(), catalogs, key)),
        Kind::Bind => Some(bind(folder, port, primary.port(), catalogs, key)),
        Kind::PowerDns => {
            // Its threads stand in each other's way in SQLite, and a catalog is then taken without what it lists.
            let lines = format!("query-local-address={POWERDNS}\nretrieval-threads=1\n");
            powerdns_with(folder, port, &lines, &powerdns(primary, catalogs, key))
        }
        Kind::Nsd => None,
    })
}

fn knot(folder: &Path, port: u16, primary: u16, catalogs: &[&str], key: &SharedKey) -> Vec<String> {
    let (here, SharedKey { name, knot, .. }) = (folder.display(), key);
    let template = |id: &str, more: &str| {
        format!(
            "  - id: {id}\n    storage: \"{here}\"\n    master: primary\n    zonefile-sync: -1\n    zonefile-load: none\n    \
             retry-max-interval: 1\n{more}"
        )
    };
    let mut text = format!(
        "server:\n  listen: 127.0.0.1@{port}\n  rundir: \"{here}\"\n  udp-workers: 1\n  tcp-workers: 1\n  \
         background-workers: 2\nlog:\n  - target: stderr\n    any: info\ndatabase:\n  storage: \"{here}\"\n\
         {knot}remote:\n  - id: primary\n    address: 127.0.0.1@{primary}\n    key: {name}\n\
         acl:\n  - id: notify\n    address: 127.0.0.1\n    action: notify\n    key: {name}\n  \
         - id: transfer\n    address: 127.0.0.1\n    action: transfer\ntemplate:\n{}{}{}zone:\n",
        template("member", "    acl: [notify, transfer]\n"),
        template("fast", "    acl: notify\n"),
        template(
            "catalog",
            "    acl: notify\n    catalog-role: interpret\n    catalog-template: [member, fast]\n"
        ),
    );
    for catalog in catalogs {
        let _ = writeln!(text, "  - domain: \"{catalog}\"\n    template: catalog");
    }
    fs::write(folder.join("knot.conf"), text).expect("a configuration");
    vec!["-c".to_owned(), folder.join("knot.conf").display().to_string()]
}

fn bind(folder: &Path, port: u16, primary: u16, catalogs: &[&str], key: &SharedKey) -> Vec<String> {
    let (here, SharedKey { name, bind, .. }) = (folder.display(), key);
    let of = format!("{{ 127.0.0.1 port {primary} key \"{name}\"; }}");
    let followed = catalogs.iter().map(|catalog| {
        format!(
            "    zone \"{catalog}\" default-primaries {of} zone-directory \"{here}\" min-update-interval 1;\n"
        )
    });
    let mut text = format!(
        "{bind}options {{\n  directory \"{here}\";\n  pid-file \"{here}/pid\";\n  lock-file none;\n  \
         session-keyfile \"{here}/session\";\n  listen-on port {port} {{ 127.0.0.1; }};\n  listen-on-v6 {{ none; }};\n  \
         recursion no;\n  notify no;\n  dnssec-validation no;\n  empty-zones-enable no;\n  check-names secondary ignore;\n  \
         allow-transfer {{ 127.0.0.1; }};\n  transfers-in 50;\n  transfers-per-ns 50;\n  serial-query-rate 1000;\n  \
         min-retry-time 1;\n  max-retry-time 1;\n  catalog-zones {{\n{}  }};\n}};\ncontrols {{ }};\n",
        followed.collect::<String>()
    );
    for (nth, catalog) in catalogs.iter().enumerate() {
        let _ = writeln!(
            text,
            "zone \"{catalog}\" {{ type secondary; file \"catalog-{nth}\"; primaries {of}; allow-query {{ none; }}; }};"
        );
    }
    fs::write(folder.join("named.conf"), text).expect("a configuration");
    ["-g", "-n", "1", "-c"]
        .map(str::to_owned)
        .into_iter()
        .chain([folder.join("named.conf").display().to_string()])
        .collect()
}

fn powerdns(primary: SocketAddr, catalogs: &[&str], key: &SharedKey) -> String {
    let SharedKey { name, secret, .. } = key;
    let name = name.trim_end_matches('.');
    let mut sql = format!(
        "PRAGMA journal_mode=WAL;\nINSERT INTO tsigkeys (name, algorithm, secret) VALUES ('{name}', 'hmac-sha256', '{secret}');\n"
    );
    for catalog in catalogs {
        let _ = writeln!(
            sql,
            "INSERT INTO domains (name, type, master) VALUES ('{catalog}', 'CONSUMER', '{primary}');\n\
             INSERT INTO domainmetadata (domain_id, kind, content) SELECT id, 'AXFR-MASTER-TSIG', '{name}' FROM domains \
             WHERE name = '{catalog}';"
        );
    }
    sql
}
