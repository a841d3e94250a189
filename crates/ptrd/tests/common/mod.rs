//! The program, run as an operator runs it, and small clients for its sockets.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub mod hook;
pub mod https;

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub const PATIENCE: Duration = Duration::from_secs(20);

pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ptrd"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PTRD_")) {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// A process that does not outlive its test.
pub struct Process(pub Child);

impl Process {
    pub fn signal(&self, signal: &str) {
        let sent = Command::new("kill").arg(format!("-{signal}")).arg(self.0.id().to_string()).status();
        assert!(sent.expect("kill runs").success());
    }

    pub fn wait(&mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().expect("a status") {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What it still writes to stderr until it ends.
    pub fn complaint(&mut self) -> String {
        let mut text = String::new();
        if let Some(mut stderr) = self.0.stderr.take() {
            stderr.read_to_string(&mut text).expect("text");
        }
        text
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `ptrd serve` in a folder of its own.
pub struct Server {
    pub process: Process,
    pub folder: tempfile::TempDir,
    pub dns: SocketAddr,
}

impl Server {
    pub fn arguments(folder: &Path) -> Vec<String> {
        let path = |name: &str| folder.join(name).display().to_string();
        ["serve", "--listen", "127.0.0.1:0", "--store", &path("ptrd.db"), "--socket", &path("run/admin.sock")]
            .map(str::to_owned)
            .to_vec()
    }

    pub fn start(arguments: &[&str]) -> Server {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = program();
        command.args(Server::arguments(folder.path())).args(arguments);
        Server::run(command, folder)
    }

    pub fn run(mut command: Command, folder: tempfile::TempDir) -> Server {
        let child = command.stderr(Stdio::piped()).spawn().expect("ptrd starts");
        let mut server = Server { process: Process(child), folder, dns: SocketAddr::from(([0; 4], 0)) };
        let begun = Instant::now();
        let status = loop {
            if let Ok(status) = request(&server.socket(), "GET", "/v1/status", "") {
                break status;
            }
            if let Some(status) = server.process.0.try_wait().expect("a status") {
                panic!("it ended with {status}: {}", server.process.complaint());
            }
            assert!(begun.elapsed() < PATIENCE, "it does not answer");
            std::thread::sleep(Duration::from_millis(10));
        };
        let listen = status.split("\"listen\":[\"").nth(1).and_then(|rest| rest.split('"').next());
        server.dns = listen.expect("an address").parse().expect("an address");
        server
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("run/admin.sock")
    }

    pub fn request(&self, method: &str, target: &str, body: &str) -> String {
        request(&self.socket(), method, target, body).expect("an answer")
    }

    /// A tenant, a block and the PTR of 192.0.2.1.
    pub fn fill(&self) {
        for body in [
            r#"{"kind":"tenant-add","name":"acme"}"#,
            r#"{"kind":"block-add","range":"192.0.2.0/24","tenant":"acme"}"#,
            r#"{"kind":"ptr-set","address":"192.0.2.1","names":["one.example.net"]}"#,
        ] {
            let answer = self.request("POST", "/v1/changes", body);
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
    }

    /// The response code of a query for the PTR of 192.0.2.`last`.
    pub fn ask(&self, last: u8) -> u8 {
        Server::ask_at(self.dns, last)
    }

    pub fn ask_at(dns: SocketAddr, last: u8) -> u8 {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).expect("a socket");
        socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        socket.send_to(&query(last), dns).expect("sent");
        let mut reply = [0; 512];
        let length = socket.recv(&mut reply).expect("a reply");
        assert!(length > 12 && reply[..2] == [0x12, last]);
        reply[3] & 15
    }
}

/// `ptrd serve --read-only` on a store, and where it answers. `log` is a file for what it says.
pub fn read_only(store: &Path, log: &Path) -> (Process, SocketAddr) {
    let mut command = program();
    command.args(["serve", "--read-only", "--listen", "127.0.0.1:0", "--log-format", "json"]).args(RAISED);
    command.arg("--store").arg(store).stderr(std::fs::File::create(log).expect("a file"));
    let mut process = Process(command.spawn().expect("ptrd starts"));
    let mut dns = None;
    eventually("an address", || {
        let text = std::fs::read_to_string(log).expect("a log");
        let listen = text.split("\"listen\":\"").nth(1).and_then(|rest| rest.split('"').next());
        dns = listen.and_then(|address| address.parse().ok());
        let ended = process.0.try_wait().expect("a status");
        assert!(ended.is_none(), "{text}");
        dns.is_some()
    });
    (process, dns.expect("an address"))
}

/// Arguments for a server whose queries, however many, come from one network.
pub const RAISED: [&str; 2] = ["--rate-limit", "100000000"];

/// A client that asks without a pause, a few queries at a time, and never asks twice: each must be answered.
pub struct Stream {
    stop: Arc<AtomicBool>,
    answered: Arc<AtomicU64>,
    thread: JoinHandle<()>,
}

impl Stream {
    /// Queries that wait for an answer at a time.
    const WINDOW: usize = 32;

    pub fn start(dns: SocketAddr) -> Stream {
        let (stop, answered) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let (stopped, count) = (stop.clone(), answered.clone());
        let thread = std::thread::spawn(move || {
            let socket = UdpSocket::bind(("127.0.0.1", 0)).expect("a socket");
            socket.connect(dns).expect("connected");
            socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
            let (mut waiting, mut next) = (HashSet::new(), 0u16);
            let mut reply = [0; 512];
            loop {
                while waiting.len() < Stream::WINDOW && !stopped.load(Ordering::Relaxed) {
                    let mut query = query(1);
                    query[..2].copy_from_slice(&next.to_be_bytes());
                    socket.send(&query).expect("sent");
                    waiting.insert(next);
                    next = next.wrapping_add(1);
                }
                if waiting.is_empty() {
                    return;
                }
                let length = socket.recv(&mut reply).unwrap_or_else(|error| {
                    panic!("{} queries were lost: {error}", waiting.len());
                });
                let id = u16::from_be_bytes([reply[0], reply[1]]);
                assert!(length > 12 && waiting.remove(&id), "an answer to nothing that was asked");
                assert_eq!((reply[3] & 15, reply[7]), (0, 1), "a wrong answer");
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        Stream { stop, answered, thread }
    }

    /// Waits until so many more are answered.
    pub fn advance(&self, by: u64) {
        let goal = self.answered.load(Ordering::Relaxed) + by;
        eventually("answers", || self.answered.load(Ordering::Relaxed) >= goal || self.thread.is_finished());
    }

    /// Asks no more, waits for the last answers, and says how many there were.
    pub fn finish(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("no query is lost");
        self.answered.load(Ordering::Relaxed)
    }
}

pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

pub fn query(last: u8) -> Vec<u8> {
    let mut octets = vec![0x12, last, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in [last.to_string().as_str(), "2", "0", "192", "in-addr", "arpa", ""] {
        octets.push(label.len() as u8);
        octets.extend_from_slice(label.as_bytes());
    }
    octets.extend_from_slice(&[0, 12, 0, 1]);
    octets
}

pub fn request(socket: &Path, method: &str, target: &str, body: &str) -> std::io::Result<String> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// Lines of a process's stdout up to one with this in it.
pub fn lines_until(process: &mut Process, last: &str) -> Vec<String> {
    let stdout = process.0.stdout.take().expect("a pipe");
    let mut lines = Vec::new();
    for line in BufReader::new(stdout).lines() {
        let line = line.expect("text");
        let done = line.contains(last);
        lines.push(line);
        if done {
            return lines;
        }
    }
    panic!("it ended without “{last}”: {lines:?}");
}
