//! Real secondaries of ptrd: Knot DNS, NSD, BIND and PowerDNS, each on a port of loopback of its own.

use crate::daemon::{PATIENCE, free_port};
use ptrd_testkit::Reply;
use ptrd_wire::{Name, RecordType, folded_rdata};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Knot DNS.
    Knot,
    /// NSD.
    Nsd,
    /// BIND.
    Bind,
    /// PowerDNS, with SQLite.
    PowerDns,
}

/// All of them.
pub const KINDS: [Kind; 4] = [Kind::Knot, Kind::Nsd, Kind::Bind, Kind::PowerDns];

/// A running secondary; killed when dropped.
pub struct Secondary {
    /// Which server it is.
    pub kind: Kind,
    /// Where it answers.
    pub address: SocketAddr,
    process: Child,
    log: PathBuf,
}

impl Drop for Secondary {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A record: owner and data in lower case where that makes no difference.
pub type Line = (Vec<u8>, u16, u32, Vec<u8>);

impl Secondary {
    /// Starts one in a folder of its own, for these zones of this primary. With a key, by its name and as this server's
    /// configuration has it, NOTIFY must be signed with it (BIND takes it unsigned, too). `None`, and a word of it, where it is not
    /// installed.
    pub fn start(
        kind: Kind,
        folder: &Path,
        primary: SocketAddr,
        zones: &[&str],
        key: Option<(&str, &str)>,
    ) -> Option<Secondary> {
        Secondary::run(kind, folder, |port| match kind {
            Kind::Knot => Some(knot(folder, port, primary.port(), zones, key)),
            Kind::Nsd => Some(nsd(folder, port, primary.port(), zones, key)),
            Kind::Bind => Some(bind(folder, port, primary.port(), zones, key)),
            Kind::PowerDns => powerdns(folder, port, primary, zones),
        })
    }

    /// Starts one in a folder of its own; `configure` writes its configuration for this port, and gives its arguments.
    pub(crate) fn run(
        kind: Kind,
        folder: &Path,
        configure: impl FnOnce(u16) -> Option<Vec<String>>,
    ) -> Option<Secondary> {
        let program = installed(kind.program())?;
        fs::create_dir_all(folder).expect("a folder");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let arguments = configure(address.port())?;
        let log = folder.join("log");
        let file = fs::File::create(&log).expect("a log");
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder).stdin(Stdio::null());
        command.stdout(file.try_clone().expect("a log")).stderr(file);
        let process = command.spawn().expect("a secondary starts");
        Some(Secondary { kind, address, process, log })
    }

    /// The serial that it has of a zone, if it has any.
    pub fn serial(&self, apex: &str) -> Option<u32> {
        serial(self.address, apex)
    }

    /// Has it read its configuration again.
    pub fn reload(&self) {
        let sent = Command::new("kill").args(["-HUP", &self.process.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "SIGHUP was sent");
    }

    /// The end of its log.
    pub fn log(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

impl Kind {
    pub(crate) fn program(self) -> &'static str {
        match self {
            Kind::Knot => "knotd",
            Kind::Nsd => "nsd",
            Kind::Bind => "named",
            Kind::PowerDns => "pdns_server",
        }
    }
}

/// The path of a program; `None`, and a word of it, where there is none.
pub(crate) fn installed(name: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    let folders = path.split(':').chain(["/usr/sbin", "/sbin"]);
    let found = folders.map(|folder| Path::new(folder).join(name)).find(|path| path.exists());
    if found.is_none() {
        println!(
            "skipped: {name} is not installed (Debian: knot, nsd, bind9, bind9-utils, ldnsutils, pdns-backend-sqlite3, unbound)"
        );
    }
    found
}

fn word(text: &str) -> String {
    text.to_owned()
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

fn knot(folder: &Path, port: u16, primary: u16, zones: &[&str], key: Option<(&str, &str)>) -> Vec<String> {
    let here = folder.display();
    let (name, declared) = key.unwrap_or_default();
    let signed = if key.is_some() { format!("    key: {name}\n") } else { String::new() };
    let mut text = format!(
        "server:\n  listen: 127.0.0.1@{port}\n  rundir: \"{here}\"\n  udp-workers: 1\n  tcp-workers: 1\n  \
         background-workers: 2\nlog:\n  - target: stderr\n    any: info\ndatabase:\n  storage: \"{here}\"\n\
         {declared}remote:\n  - id: primary\n    address: 127.0.0.1@{primary}\n\
         acl:\n  - id: notify\n    address: 127.0.0.1\n    action: notify\n{signed}  - id: transfer\n    address: 127.0.0.1\n    action: transfer\n\
         template:\n  - id: default\n    storage: \"{here}\"\n    master: primary\n    acl: [notify, transfer]\n    \
         zonefile-sync: -1\n    zonefile-load: none\n    retry-max-interval: 1\nzone:\n"
    );
    for zone in zones {
        let _ = writeln!(text, "  - domain: \"{zone}\"");
    }
    fs::write(folder.join("knot.conf"), text).expect("a configuration");
    vec![word("-c"), path(folder, "knot.conf")]
}

fn nsd(folder: &Path, port: u16, primary: u16, zones: &[&str], key: Option<(&str, &str)>) -> Vec<String> {
    let here = folder.display();
    let (name, declared) = key.unwrap_or(("NOKEY", ""));
    let mut text = format!(
        "server:\n  ip-address: 127.0.0.1@{port}\n  username: \"\"\n  database: \"\"\n  chroot: \"\"\n  zonesdir: \"{here}\"\n  \
         pidfile: \"{here}/pid\"\n  xfrdfile: \"{here}/xfrd\"\n  zonelistfile: \"{here}/list\"\n  xfrdir: \"{here}\"\n  \
         server-count: 1\n  verbosity: 2\n  xfrd-reload-timeout: 0\n  zonefiles-write: 0\nremote-control:\n  control-enable: no\n{declared}"
    );
    for (nth, zone) in zones.iter().enumerate() {
        let _ = write!(
            text,
            "zone:\n  name: \"{zone}\"\n  zonefile: \"zone-{nth}\"\n  request-xfr: 127.0.0.1@{primary} NOKEY\n  \
             allow-notify: 127.0.0.1 {name}\n  provide-xfr: 127.0.0.1 NOKEY\n  min-retry-time: 1\n  max-retry-time: 1\n"
        );
    }
    fs::write(folder.join("nsd.conf"), text).expect("a configuration");
    vec![word("-d"), word("-c"), path(folder, "nsd.conf")]
}

fn bind(folder: &Path, port: u16, primary: u16, zones: &[&str], key: Option<(&str, &str)>) -> Vec<String> {
    let here = folder.display();
    let declared = key.map(|(_, text)| text).unwrap_or_default();
    // BIND takes what comes from a primary's address in any case, and checks signatures that are there.
    let allowed = key.map(|(name, _)| format!("  allow-notify {{ key \"{name}\"; }};\n")).unwrap_or_default();
    let mut text = format!(
        "{declared}options {{\n{allowed}  directory \"{here}\";\n  pid-file \"{here}/pid\";\n  lock-file none;\n  session-keyfile \"{here}/session\";\n  \
         listen-on port {port} {{ 127.0.0.1; }};\n  listen-on-v6 {{ none; }};\n  recursion no;\n  notify no;\n  \
         dnssec-validation no;\n  empty-zones-enable no;\n  check-names secondary ignore;\n  allow-transfer {{ 127.0.0.1; }};\n  \
         transfers-in 50;\n  transfers-per-ns 50;\n  serial-query-rate 1000;\n  min-retry-time 1;\n  max-retry-time 1;\n}};\ncontrols {{ }};\n"
    );
    for (nth, zone) in zones.iter().enumerate() {
        let _ = writeln!(
            text,
            "zone \"{zone}\" {{ type secondary; file \"zone-{nth}\"; primaries port {primary} {{ 127.0.0.1; }}; }};"
        );
    }
    fs::write(folder.join("named.conf"), text).expect("a configuration");
    vec![word("-g"), word("-n"), word("1"), word("-c"), path(folder, "named.conf")]
}

fn powerdns(folder: &Path, port: u16, primary: SocketAddr, zones: &[&str]) -> Option<Vec<String>> {
    let zone = |zone: &&str| {
        let zone = zone.trim_end_matches('.');
        format!("INSERT INTO domains (name, type, master) VALUES ('{zone}', 'SLAVE', '{primary}');\n")
    };
    powerdns_with(folder, port, "", &zones.iter().map(zone).collect::<String>())
}

/// PowerDNS with these further lines in its configuration, and what these statements put into its database.
pub(crate) fn powerdns_with(folder: &Path, port: u16, lines: &str, statements: &str) -> Option<Vec<String>> {
    let text = format!(
        "launch=gsqlite3\ngsqlite3-database={0}/pdns.sqlite3\nlocal-address=127.0.0.1\nlocal-port={port}\nsocket-dir={0}\n\
         secondary=yes\nxfr-cycle-interval=1\nallow-notify-from=127.0.0.1\nallow-axfr-ips=127.0.0.1\ndaemon=no\nguardian=no\n\
         cache-ttl=0\nquery-cache-ttl=0\nnegquery-cache-ttl=0\nzone-cache-refresh-interval=0\nsecurity-poll-suffix=\nloglevel=5\n{lines}",
        folder.display()
    );
    fs::write(folder.join("pdns.conf"), text).expect("a configuration");
    let schema = [
        "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql",
        "/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql",
    ];
    let schema = schema.iter().find_map(|path| fs::read_to_string(path).ok());
    let (Some(mut sql), Some(sqlite)) = (schema, installed("sqlite3")) else {
        println!("skipped: PowerDNS has no schema for SQLite, or sqlite3 is not installed");
        return None;
    };
    sql.push_str(statements);
    let mut made = Command::new(sqlite)
        .arg(folder.join("pdns.sqlite3"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("sqlite3 runs");
    made.stdin.take().expect("a pipe").write_all(sql.as_bytes()).expect("written");
    assert!(made.wait().expect("sqlite3 ends").success(), "a database");
    Some(vec![format!("--config-dir={}", folder.display())])
}

fn query(apex: &str, rtype: RecordType) -> Vec<u8> {
    let apex: Name = apex.parse().expect("a name");
    let mut query = b"\x2a\x2a\0\0\0\x01\0\0\0\0\0\0".to_vec();
    query.extend_from_slice(apex.as_wire());
    query.extend_from_slice(&rtype.0.to_be_bytes());
    query.extend_from_slice(&[0, 1]);
    query
}

/// One message over TCP.
pub fn read_message(stream: &mut TcpStream) -> io::Result<Reply> {
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut message)?;
    Reply::decode(&message).map_err(io::Error::other)
}

/// Sends one message over a new connection.
///
/// # Errors
/// It cannot be had.
pub fn ask(server: SocketAddr, query: &[u8]) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(&[&(query.len() as u16).to_be_bytes()[..], query].concat())?;
    Ok(stream)
}

fn line(record: &ptrd_testkit::Record) -> Line {
    let owner = record.owner.to_lower_wire().to_vec();
    let rdata = folded_rdata(record.rtype, &record.rdata).to_vec();
    (owner, record.rtype.0, record.ttl, rdata)
}

fn soa(server: SocketAddr, apex: &str) -> Option<Line> {
    let reply = read_message(&mut ask(server, &query(apex, RecordType::SOA)).ok()?).ok()?;
    let is_whole = reply.is_authoritative() && reply.rcode == ptrd_wire::Rcode::NOERROR;
    reply.answer.iter().find(|record| is_whole && record.rtype == RecordType::SOA).map(line)
}

fn serial_of(soa: &[u8]) -> Option<u32> {
    let at = soa.len().checked_sub(20)?;
    Some(u32::from_be_bytes(soa[at..at + 4].try_into().ok()?))
}

/// The serial that a server has of a zone.
pub fn serial(server: SocketAddr, apex: &str) -> Option<u32> {
    serial_of(&soa(server, apex)?.3)
}

/// A zone, transferred whole.
///
/// # Errors
/// The server does not hand it over.
pub fn transfer(server: SocketAddr, apex: &str) -> io::Result<BTreeSet<Line>> {
    Ok(records(server, apex)?.iter().map(line).collect())
}

/// The records of a zone as they were transferred, its SOA first and last.
///
/// # Errors
/// The server does not hand it over.
pub fn records(server: SocketAddr, apex: &str) -> io::Result<Vec<ptrd_testkit::Record>> {
    let mut stream = ask(server, &query(apex, RecordType::AXFR))?;
    let (mut records, mut ends) = (Vec::new(), 0);
    while ends < 2 {
        let reply = read_message(&mut stream)?;
        if reply.rcode != ptrd_wire::Rcode::NOERROR || reply.answer.is_empty() {
            return Err(io::Error::other(format!("{apex}: {}", reply.rcode)));
        }
        for record in reply.answer {
            ends += usize::from(record.rtype == RecordType::SOA);
            records.push(record);
        }
    }
    Ok(records)
}

/// Waits until all of them have these zones with the serials that the primary has. Returns how long that took.
///
/// # Panics
/// Somebody does not get there; `explain` says what the primary knows of it.
pub fn settle(
    primary: SocketAddr,
    secondaries: &[Secondary],
    zones: &[&str],
    explain: impl Fn() -> String,
) -> std::time::Duration {
    let since = Instant::now();
    let mut behind = Vec::new();
    while since.elapsed() < PATIENCE * 2 {
        behind.clear();
        for zone in zones {
            let wanted = serial(primary, zone);
            assert!(wanted.is_some(), "the primary has no {zone}");
            for secondary in secondaries {
                let there = secondary.serial(zone);
                if there != wanted {
                    behind.push(format!("{:?} has {there:?} of {zone}, and not {wanted:?}", secondary.kind));
                }
            }
        }
        if behind.is_empty() {
            return since.elapsed();
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let logs: String = secondaries
        .iter()
        .filter(|secondary| behind.iter().any(|line| line.starts_with(&format!("{:?} ", secondary.kind))))
        .map(|secondary| format!("--- {:?}\n{}\n", secondary.kind, secondary.log()))
        .collect();
    panic!("{}\n{}\n{logs}", behind.join("\n"), explain());
}

/// Compares every record of these zones. What is not the same is shown.
///
/// # Panics
/// Somebody has other records.
pub fn compare(primary: SocketAddr, secondaries: &[Secondary], zones: &[&str]) {
    for zone in zones {
        let ours = transfer(primary, zone).expect("the primary's zone");
        for secondary in secondaries {
            let theirs = transfer(secondary.address, zone)
                .unwrap_or_else(|error| panic!("{:?}: {error}\n{}", secondary.kind, secondary.log()));
            let only = |one: &BTreeSet<Line>, other: &BTreeSet<Line>| -> Vec<String> {
                one.difference(other).take(5).map(shown).collect()
            };
            assert!(
                ours == theirs,
                "{:?} has another {zone}:\nmissing {:#?}\nalien {:#?}",
                secondary.kind,
                only(&ours, &theirs),
                only(&theirs, &ours)
            );
        }
    }
}

fn shown((owner, rtype, ttl, rdata): &Line) -> String {
    let owner = Name::from_wire(owner).map_or_else(|error| error.to_string(), |name| name.to_string());
    let rtype = RecordType(*rtype);
    format!("{owner} {ttl} {rtype} {}", ptrd_testkit::rdata_to_text(rtype, rdata))
}
