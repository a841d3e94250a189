//! Zones signed by Debian's tools, and the servers that judge how they are answered: Unbound, which validates, and Knot DNS,
//! which serves the same files.

use crate::daemon::{PATIENCE, free_port};
use crate::secondary::{Kind, installed};
use ptrd_testkit::{EdnsAsk, Question, Reply};
use ptrd_wire::{Name, RecordType};
use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How a zone is to deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// By NSEC.
    Nsec,
    /// By NSEC3.
    Nsec3,
    /// By NSEC3 with Opt-Out.
    OptOut,
}

/// All of them.
pub const DENIALS: [Denial; 3] = [Denial::Nsec, Denial::Nsec3, Denial::OptOut];

/// A zone that was signed.
pub struct SignedZone {
    /// Its apex, with its final dot.
    pub apex: String,
    /// The master file.
    pub file: PathBuf,
    /// Its DS records, as text.
    pub ds: String,
    /// The record of the key that signs keys.
    pub key: String,
}

/// Signs a zone with the tool of NLnet Labs, in a folder of its own; returns the master file. `None`, and a word of it, where it is
/// not installed.
pub fn sign_by_ldns(folder: &Path, apex: &str, text: &str, denial: Denial) -> Option<PathBuf> {
    let (keygen, signzone) = (installed("ldns-keygen")?, installed("ldns-signzone")?);
    fs::create_dir_all(folder).expect("a folder");
    let key = run(Command::new(keygen).current_dir(folder).args(["-a", "ECDSAP256SHA256", "-k", apex]));
    fs::write(folder.join("zone"), text).expect("written");
    let mut command = Command::new(signzone);
    command.current_dir(folder).args(["-f", "signed", "-o", apex]);
    match denial {
        Denial::Nsec => &mut command,
        Denial::Nsec3 => command.args(["-n", "-s", "aabb", "-t", "1"]),
        Denial::OptOut => command.args(["-n", "-p", "-s", "", "-t", "0"]),
    };
    run(command.args(["zone", key.trim()]));
    Some(folder.join("signed"))
}

/// Signs a zone with BIND's tools, in a folder of its own. `None`, and a word of it, where they are not installed.
pub fn sign(folder: &Path, apex: &str, text: &str, denial: Denial) -> Option<SignedZone> {
    let (keygen, signzone) = (installed("dnssec-keygen")?, installed("dnssec-signzone")?);
    fs::create_dir_all(folder).expect("a folder");
    let generate = |flags: &[&str]| {
        let arguments = ["-q", "-a", "ECDSAP256SHA256", "-K", "."];
        run(Command::new(&keygen).current_dir(folder).args(arguments).args(flags).arg(apex)).trim().to_owned()
    };
    let (ksk, _) = (generate(&["-f", "KSK"]), generate(&[]));
    fs::write(folder.join("zone"), text).expect("written");
    let mut command = Command::new(signzone);
    command
        .current_dir(folder)
        .args(["-q", "-S", "-K", ".", "-d", ".", "-O", "full", "-f", "signed", "-o", apex]);
    match denial {
        Denial::Nsec => &mut command,
        Denial::Nsec3 => command.args(["-3", "aabb", "-H", "1"]),
        Denial::OptOut => command.args(["-3", "-", "-H", "0", "-A"]),
    };
    run(command.arg("zone"));
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a file of the signer");
    let key = read(&format!("{ksk}.key"));
    let key = key.lines().find(|line| !line.starts_with(';')).expect("a record").to_owned();
    let ds = fs::read_dir(folder).expect("a folder").filter_map(Result::ok).find_map(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        name.starts_with("dsset-").then(|| read(&name))
    });
    Some(SignedZone {
        apex: format!("{apex}."),
        file: folder.join("signed"),
        ds: ds.expect("DS records"),
        key,
    })
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("the tool runs");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {}\n{out}{err}", output.status);
    out.into_owned()
}

/// A server that a test started; killed when dropped.
pub struct Peer {
    /// Where it answers.
    pub address: SocketAddr,
    process: Child,
    log: PathBuf,
}

fn signal(name: &str, process: u32) {
    let sent = Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "SIG{name} was sent");
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Peer {
    /// Starts a program that answers on this port of loopback; `None`, and a word of it, where it is not installed.
    pub(crate) fn start(folder: &Path, program: &str, port: u16, arguments: &[&str]) -> Option<Peer> {
        Peer::start_at(folder, program, SocketAddr::from((Ipv4Addr::LOCALHOST, port)), arguments)
    }

    /// Starts a program that answers there.
    pub(crate) fn start_at(
        folder: &Path,
        program: &str,
        address: SocketAddr,
        arguments: &[&str],
    ) -> Option<Peer> {
        let log = folder.join("log");
        let file = fs::File::create(&log).expect("a log");
        let mut command = Command::new(installed(program)?);
        command.args(arguments).current_dir(folder).stdin(Stdio::null());
        command.stdout(file.try_clone().expect("a log")).stderr(file);
        let process = command.spawn().expect("a peer starts");
        let peer = Peer { address, process, log };
        let since = Instant::now();
        while TcpStream::connect(peer.address).is_err() {
            assert!(since.elapsed() < PATIENCE, "{program} does not come up:\n{}", peer.log());
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(peer)
    }

    /// Sends a signal, such as `HUP`.
    pub fn signal(&self, name: &str) {
        signal(name, self.process.id());
    }

    /// Sends a signal to it and to the processes that it has started, which may be those that answer.
    pub fn signal_all(&self, name: &str) {
        let mut all = vec![self.process.id()];
        let mut nth = 0;
        while let Some(process) = all.get(nth) {
            let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children"));
            let children = children.unwrap_or_default();
            all.extend(children.split_whitespace().filter_map(|child| child.parse::<u32>().ok()));
            nth += 1;
        }
        all.into_iter().for_each(|process| signal(name, process));
    }

    /// The end of its log.
    pub fn log(&self) -> String {
        let text = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(60)..].join("\n")
    }
}

/// Unbound, which validates from the keys of these zones down and asks `server` for all of `apexes`.
pub fn unbound(
    folder: &Path,
    server: SocketAddr,
    anchors: &[&SignedZone],
    apexes: &[String],
) -> Option<Peer> {
    fs::create_dir_all(folder).expect("a folder");
    let (port, here) = (free_port(), folder.display());
    let mut text = format!(
        "server:\n  interface: 127.0.0.1\n  port: {port}\n  directory: \"{here}\"\n  chroot: \"\"\n  username: \"\"\n  \
         pidfile: \"{here}/pid\"\n  use-syslog: no\n  do-daemonize: no\n  num-threads: 1\n  do-not-query-localhost: no\n  \
         module-config: \"validator iterator\"\n  trust-anchor-signaling: no\n  root-key-sentinel: no\n  val-log-level: 2\n  \
         target-fetch-policy: \"0 0 0 0 0\"\n  aggressive-nsec: no\n  qname-minimisation: no\n  minimal-responses: no\n"
    );
    for zone in anchors {
        let _ = writeln!(text, "  trust-anchor: \"{}\"", zone.key);
    }
    for apex in apexes {
        let _ = writeln!(text, "  local-zone: \"{apex}\" nodefault");
    }
    text.push_str("remote-control:\n  control-enable: no\n");
    for apex in apexes {
        let (ip, port) = (server.ip(), server.port());
        let _ = writeln!(text, "stub-zone:\n  name: \"{apex}\"\n  stub-addr: {ip}@{port}");
    }
    fs::write(folder.join("unbound.conf"), text).expect("a configuration");
    Peer::start(folder, "unbound", port, &["-d", "-p", "-c", "unbound.conf"])
}

/// Knot DNS, which serves master files.
pub fn knot(folder: &Path, zones: &[(String, PathBuf)]) -> Option<Peer> {
    fs::create_dir_all(folder).expect("a folder");
    let (port, here) = (free_port(), folder.display());
    let mut text = format!(
        "server:\n  listen: 127.0.0.1@{port}\n  rundir: \"{here}\"\n  udp-workers: 1\n  tcp-workers: 1\n  background-workers: 1\n\
         log:\n  - target: stderr\n    any: info\ndatabase:\n  storage: \"{here}\"\n\
         template:\n  - id: default\n    zonefile-sync: -1\n    semantic-checks: off\nzone:\n"
    );
    for (apex, file) in zones {
        let _ = writeln!(text, "  - domain: \"{apex}\"\n    file: \"{}\"", file.display());
    }
    fs::write(folder.join("knot.conf"), text).expect("a configuration");
    Peer::start(folder, Kind::Knot.program(), port, &["-c", "knot.conf"])
}

/// A question with DO.
pub fn question(name: &str, rtype: RecordType) -> Question {
    let name: Name = name.parse().expect("a name");
    let edns = EdnsAsk { dnssec_ok: true, size: 1232, ..EdnsAsk::default() };
    Question { rd: true, edns: Some(edns), ..Question::new(name, rtype) }
}

/// The reply of a server over UDP, or over TCP where it is truncated.
pub fn ask(server: SocketAddr, question: &Question) -> Result<Reply, String> {
    let request = question.to_wire();
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|error| error.to_string())?;
    socket.set_read_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
    socket.connect(server).and_then(|()| socket.send(&request)).map_err(|error| error.to_string())?;
    let mut room = vec![0; 65_535];
    let length = socket.recv(&mut room).map_err(|error| format!("{question}: {error}"))?;
    let reply = Reply::decode(&room[..length]).map_err(|error| format!("{question}: {error}"))?;
    if !reply.is_truncated() {
        return Ok(reply);
    }
    let over_tcp = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(server)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(&(request.len() as u16).to_be_bytes())?;
        stream.write_all(&request)?;
        let mut length = [0; 2];
        stream.read_exact(&mut length)?;
        let mut octets = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut octets)?;
        Ok(octets)
    };
    let octets = over_tcp().map_err(|error| format!("{question} over TCP: {error}"))?;
    Reply::decode(&octets).map_err(|error| format!("{question} over TCP: {error}"))
}
