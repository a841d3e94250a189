//! The built programs, started by tests: the daemon on loopback, and a client of its socket.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long a test waits for a condition before it gives up.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The path of a program that `cargo build --bins` made.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test has a path");
    let folder = test.ancestors().nth(2).expect("target/profile/deps/test");
    let path = folder.join(name);
    assert!(
        path.exists(),
        "{} is not built: run `cargo build --workspace --bins`, or tests/run",
        path.display()
    );
    path
}

/// A running `ptrd serve`; killed when dropped.
pub struct Daemon {
    child: Child,
    /// Where it answers DNS.
    pub dns: SocketAddr,
    /// Its admin socket.
    pub socket: PathBuf,
}

/// A UDP and TCP port of loopback that was free a moment ago.
pub fn free_port() -> u16 {
    for _ in 0..100 {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = udp.local_addr().expect("bound").port();
        if std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free for both UDP and TCP");
}

impl Daemon {
    /// Starts the daemon on the store `ptrd.db` of a folder, and waits until it answers on its socket.
    pub fn start(folder: &Path, arguments: &[&str]) -> Daemon {
        Daemon::start_by(&[], folder, arguments)
    }

    /// As [`Daemon::start`], run by a command such as `setpriv`, which must become the daemon and not start it.
    pub fn start_by(by: &[&str], folder: &Path, arguments: &[&str]) -> Daemon {
        let dns = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let socket = folder.join("admin.sock");
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(folder.join("log"))
            .expect("a log file");
        let ptrd = program("ptrd").into_os_string();
        let words: Vec<_> = by.iter().map(Into::into).chain([ptrd]).collect();
        let mut command = Command::new(&words[0]);
        command
            .args(&words[1..])
            .arg("serve")
            .arg("--store")
            .arg(folder.join("ptrd.db"))
            .args(["--listen", &dns.to_string(), "--socket"])
            .arg(&socket)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        Daemon::run(command, dns, &socket, &folder.join("log"))
    }

    /// Runs a command that becomes the daemon, and waits until it answers on its socket. What it logs is in `log`.
    pub fn run(mut command: Command, dns: SocketAddr, socket: &Path, log: &Path) -> Daemon {
        let child = command.spawn().expect("the daemon starts");
        let mut daemon = Daemon { child, dns, socket: socket.to_owned() };
        let start = Instant::now();
        loop {
            if daemon.http("GET", "/v1/status", "").is_some_and(|(status, _)| status == 200) {
                return daemon;
            }
            let ended = daemon.child.try_wait().expect("its state can be asked");
            assert!(
                ended.is_none() && start.elapsed() < PATIENCE,
                "the daemon does not come up ({ended:?}):\n{}",
                std::fs::read_to_string(log).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The process's number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: no goodbye.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends a signal, `HUP` or `TERM`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "SIG{name} was sent");
    }

    /// SIGTERM, and its exit status.
    pub fn stop(mut self) -> std::process::ExitStatus {
        self.signal("TERM");
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("its state can be asked") {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "the daemon does not end on SIGTERM");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// One request on a connection of its own: status and body, or `None` if the connection failed.
    pub fn http(&self, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
        Client::connect(&self.socket)?.request(method, path, body)
    }

    /// Runs `ptrctl` against the daemon.
    pub fn ptrctl(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(program("ptrctl"));
        command.arg("--socket").arg(&self.socket).args(arguments).stdin(Stdio::null());
        command.output().expect("ptrctl runs")
    }

    /// Runs `ptrctl`, which must succeed, and returns what it printed.
    pub fn ctl(&self, arguments: &[&str]) -> String {
        let output = self.ptrctl(arguments);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "ptrctl {arguments:?}: {}\n{out}{err}", output.status);
        out.into_owned()
    }

    /// The reply to a request over UDP; `None` after a second of silence.
    pub fn dns(&self, request: &[u8]) -> Option<Vec<u8>> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).ok()?;
        socket.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
        socket.connect(self.dns).ok()?;
        socket.send(request).ok()?;
        let mut reply = vec![0; 4096];
        let length = socket.recv(&mut reply).ok()?;
        reply.truncate(length);
        Some(reply)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A kept-alive connection to an admin socket.
pub struct Client {
    stream: UnixStream,
    kept: Vec<u8>,
}

impl Client {
    /// Connects.
    pub fn connect(socket: &Path) -> Option<Client> {
        let stream = UnixStream::connect(socket).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        Some(Client { stream, kept: Vec::new() })
    }

    /// Status and body; `None` when the daemon is gone before the whole answer came.
    pub fn request(&mut self, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
        self.request_with("", method, path, body)
    }

    /// As [`Client::request`], with further lines in the head, each with its CRLF.
    pub fn request_with(
        &mut self,
        lines: &str,
        method: &str,
        path: &str,
        body: &str,
    ) -> Option<(u16, String)> {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: ptrd\r\ncontent-type: application/json\r\n{lines}content-length: {}\r\n\r\n",
            body.len()
        );
        self.stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).ok()?;
        let mut octets = std::mem::take(&mut self.kept);
        let mut chunk = [0; 16 * 1024];
        loop {
            if let Some(head_end) = octets.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&octets[..head_end]).to_ascii_lowercase();
                let status = head.split(' ').nth(1)?.parse().ok()?;
                let length = head
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length:"))
                    .and_then(|text| text.trim().parse::<usize>().ok())?;
                let end = head_end + 4 + length;
                if octets.len() >= end {
                    self.kept = octets.split_off(end);
                    return Some((status, String::from_utf8_lossy(&octets[head_end + 4..]).into_owned()));
                }
            }
            match self.stream.read(&mut chunk).ok()? {
                0 => return None,
                n => octets.extend_from_slice(&chunk[..n]),
            }
        }
    }
}
