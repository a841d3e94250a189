//! What a service manager does with ptrd: hands sockets over, is told how it goes, has it run as somebody else.

mod common;

use common::{PATIENCE, Process, RAISED, Server, Stream, eventually, program, query, read_only, request};
use nix::sys::ptrace;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use ptrd_suite::sockets::Sockets;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A service manager with its sockets.
struct Manager {
    sockets: Sockets,
    folder: tempfile::TempDir,
}

impl Manager {
    fn new() -> Manager {
        let folder = tempfile::tempdir().expect("a folder");
        Manager { sockets: Sockets::bind(folder.path()), folder }
    }

    fn admin(&self) -> &Path {
        &self.sockets.path
    }

    fn start(&self) -> Process {
        let path = |name: &str| self.folder.path().join(name);
        std::fs::write(path("ptrd.toml"), "").expect("written");
        let mut command = self.sockets.command(env!("CARGO_BIN_EXE_ptrd"), &path("log"));
        command.args(["serve", "--udp-workers", "2"]).args(RAISED);
        command.arg("--store").arg(path("ptrd.db")).arg("--config").arg(path("ptrd.toml"));
        Process(command.spawn().expect("ptrd starts"))
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

/// Connects anew for every query, and must be answered each.
fn connections(dns: SocketAddr, stop: Arc<AtomicBool>) -> std::thread::JoinHandle<u64> {
    std::thread::spawn(move || {
        let mut answered = 0;
        while !stop.load(Ordering::Relaxed) {
            let mut stream = TcpStream::connect_timeout(&dns, PATIENCE).expect("connected");
            stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
            let query = query(1);
            stream.write_all(&[&(query.len() as u16).to_be_bytes()[..], &query].concat()).expect("sent");
            let mut head = [0; 6];
            stream.read_exact(&mut head).expect("an answer over TCP");
            assert_eq!((head[2], head[5] & 15), (0x12, 0));
            answered += 1;
        }
        answered
    })
}

#[test]
fn a_restart_on_the_same_sockets_loses_no_query() {
    let manager = Manager::new();
    let mut first = manager.start();
    for body in [
        r#"{"kind":"tenant-add","name":"acme"}"#,
        r#"{"kind":"block-add","range":"192.0.2.0/24","tenant":"acme"}"#,
        r#"{"kind":"ptr-set","address":"192.0.2.1","names":["one.example.net"]}"#,
    ] {
        let answer = request(manager.admin(), "POST", "/v1/changes", body).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let stop = Arc::<AtomicBool>::default();
    let streams: Vec<Stream> = (0..2).map(|_| Stream::start(manager.sockets.dns)).collect();
    let tcp = connections(manager.sockets.dns, stop.clone());
    for _ in 0..5 {
        streams.iter().for_each(|stream| stream.advance(200));
        first.signal("TERM");
        assert!(first.wait().success(), "{}", manager.log());
        assert!(manager.admin().exists(), "the socket is the manager's to remove");
        first = manager.start();
        streams.iter().for_each(|stream| stream.advance(200));
    }
    stop.store(true, Ordering::Relaxed);
    let answered: u64 = streams.into_iter().map(Stream::finish).sum();
    assert!(answered >= 4_000 && tcp.join().expect("no query is lost") > 0);
    let status = request(manager.admin(), "GET", "/v1/status", "").expect("an answer");
    assert!(status.contains(&format!("\"listen\":[\"{}\"]", manager.sockets.dns)), "{status}");
}

#[test]
fn what_is_no_socket_of_use_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = "exec 3</dev/null; export LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=odd; exec \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_ptrd")]).args(Server::arguments(folder.path()));
    let output = command.output().expect("ptrd runs");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4));
    assert!(complaint.contains("descriptor 3 (odd)"), "{complaint}");
}

/// Reads what a service manager is told up to a message with this in it.
fn told(socket: &UnixDatagram, until: &str) -> String {
    let (mut all, mut message) = (String::new(), [0; 4096]);
    while !all.contains(until) {
        let length = socket.recv(&mut message).unwrap_or_else(|error| panic!("no {until} in {all}: {error}"));
        all.push_str(&String::from_utf8_lossy(&message[..length]));
        all.push('\n');
    }
    all
}

#[test]
fn a_service_manager_is_told_how_it_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).expect("a socket");
    manager.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let mut command = program();
    command.args(Server::arguments(folder.path()));
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "900000").env_remove("WATCHDOG_PID");
    let mut server = Server::run(command, folder);
    assert!(told(&manager, "READY=1").contains("STATUS=answering: 0 zones, 0 PTRs"));
    for _ in 0..3 {
        told(&manager, "WATCHDOG=1");
    }
    server.process.signal("HUP");
    let reloading = told(&manager, "RELOADING=1");
    let line = reloading.lines().find_map(|line| line.strip_prefix("MONOTONIC_USEC="));
    assert!(line.is_some_and(|time| time.parse::<u64>().is_ok_and(|time| time > 0)), "{reloading}");
    told(&manager, "READY=1");
    let answer = server.request("POST", "/v1/reload", "");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    told(&manager, "RELOADING=1");
    told(&manager, "READY=1");
    server.process.signal("TERM");
    told(&manager, "STOPPING=1");
    assert!(server.process.wait().success());
}

/// Holds one thread of a process, while the others go on.
struct Held(Pid);

impl Held {
    fn thread(process: u32, name: &str) -> Held {
        let tasks = std::fs::read_dir(format!("/proc/{process}/task")).expect("threads");
        let mut tasks = tasks.map(|task| task.expect("a thread").path());
        let is_named =
            |task: &PathBuf| std::fs::read_to_string(task.join("comm")).is_ok_and(|comm| comm.trim() == name);
        let task = tasks.find(is_named).unwrap_or_else(|| panic!("there is no thread {name}"));
        let id = task.file_name().and_then(|id| id.to_str()).and_then(|id| id.parse().ok());
        let thread = Pid::from_raw(id.expect("a number"));
        ptrace::attach(thread).expect("a child may be traced");
        waitpid(thread, Some(WaitPidFlag::__WALL)).expect("it stops");
        Held(thread)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = ptrace::detach(self.0, None);
    }
}

#[test]
fn one_worker_that_hangs_lets_the_watchdog_fire() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).expect("a socket");
    manager.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let mut command = program();
    command.args(Server::arguments(folder.path())).args(["--udp-workers", "2"]);
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "900000").env_remove("WATCHDOG_PID");
    let server = Server::run(command, folder);
    told(&manager, "WATCHDOG=1");
    let held = Held::thread(server.process.0.id(), "ptrd-udp-1");
    // What was on its way still comes; then nothing for longer than systemd waits.
    manager.set_read_timeout(Some(Duration::from_millis(1800))).expect("a timeout");
    let mut late = 0;
    while manager.recv(&mut [0; 4096]).is_ok() {
        late += 1;
        assert!(late < 4, "the watchdog is fed while a worker hangs");
    }
    manager.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    drop(held);
    told(&manager, "WATCHDOG=1");
}

#[test]
fn root_is_given_up() {
    let me = Command::new("id").arg("-u").output().expect("id runs");
    if me.stdout != b"0\n" {
        eprintln!("left out: only root can become somebody else");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    // Somebody else must get through to what is made for him below it.
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("a mode");
    let (store, socket) = (folder.path().join("state/ptrd.db"), folder.path().join("run/admin.sock"));
    let mut command = program();
    command.args(["serve", "--listen", "127.0.0.1:0", "--user", "nobody", "--store"]).arg(&store);
    command.arg("--socket").arg(&socket);
    let mut server = Server::run(command, folder);
    let status = std::fs::read_dir(format!("/proc/{}/task", server.process.0.id())).expect("threads");
    let nobody = Path::new(&store).metadata().expect("a store").uid();
    assert_ne!(nobody, 0);
    for thread in status {
        let text =
            std::fs::read_to_string(thread.expect("a thread").path().join("status")).expect("a status");
        let field =
            |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim();
        let four = |word: u32| [word; 4].map(|word| word.to_string()).join("\t");
        assert_eq!(field("Uid:"), four(nobody), "{text}");
        assert_eq!(field("CapEff:").trim_start_matches('0'), "", "{text}");
        assert!(!field("Groups:").split(' ').any(|group| group == "0"), "{text}");
    }
    let main = std::fs::read_to_string(format!("/proc/{}/status", server.process.0.id())).expect("a status");
    assert!(main.contains("NoNewPrivs:\t1"), "{main}");
    let socket = std::fs::symlink_metadata(socket).expect("a socket");
    assert_eq!((socket.uid(), socket.mode() & 0o777), (nobody, 0o660));
    assert_eq!(store.parent().expect("a folder").metadata().expect("a folder").mode() & 0o777, 0o700);
    server.fill();
    server.process.signal("TERM");
    assert!(server.process.wait().success());
    assert!(!server.socket().exists());
}

#[test]
fn root_may_be_refused_and_strangers_cannot_change_users() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ptrd.toml");
    std::fs::write(&file, "[user]\nrefuse-root = true\n").expect("written");
    let is_root = Command::new("id").arg("-u").output().expect("id runs").stdout == b"0\n";
    let mut command = program();
    command.args(Server::arguments(folder.path()));
    if is_root {
        command.arg("--config").arg(&file);
    } else {
        command.args(["--user", "root"]);
    }
    let output = command.output().expect("ptrd runs");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(8), "{complaint}");
    let expected = if is_root { "user.refuse-root forbids" } else { "start it as root" };
    assert!(complaint.contains(expected), "{complaint}");
    assert!(!folder.path().join("run/admin.sock").exists());
}

#[test]
fn a_store_that_is_only_read_is_served_and_left_alone() {
    let mut writer = Server::start(&[]);
    writer.fill();
    let folder = tempfile::tempdir().expect("a folder");
    let store = writer.folder.path().join("ptrd.db");
    let start = |store: &Path| read_only(store, &folder.path().join("log"));
    // Beside the ptrd that writes.
    let (mut reader, dns) = start(&store);
    let before = Server::ask_at(dns, 2);
    assert_eq!((Server::ask_at(dns, 1), before), (0, 3));
    let change = r#"{"kind":"ptr-set","address":"192.0.2.2","names":["two.example.net"]}"#;
    assert!(writer.request("POST", "/v1/changes", change).starts_with("HTTP/1.1 200"));
    let stream = Stream::start(dns);
    reader.signal("HUP");
    eventually("the change", || Server::ask_at(dns, 2) == 0);
    assert!(stream.finish() > 0);
    reader.signal("TERM");
    assert!(reader.wait().success());
    writer.process.signal("TERM");
    assert!(writer.process.wait().success());
    // A copy.
    let copy = folder.path().join("copy");
    std::fs::create_dir(&copy).expect("a folder");
    std::fs::copy(&store, copy.join("ptrd.db")).expect("copied");
    let (mut reader, dns) = start(&copy.join("ptrd.db"));
    assert_eq!((Server::ask_at(dns, 1), Server::ask_at(dns, 2)), (0, 0));
    reader.signal("TERM");
    assert!(reader.wait().success());
    assert_eq!(std::fs::read_dir(&copy).expect("a folder").count(), 1, "nothing is made beside it");
}
