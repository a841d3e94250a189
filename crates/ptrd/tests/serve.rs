//! `ptrd serve`: how it starts, what it says when it cannot, how it goes on, how it stops.

mod common;

use common::{PATIENCE, Process, Server, program, query};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs it where it cannot start; returns the status and what it said.
fn refused(arguments: &[&str], folder: &Path) -> (Option<i32>, String) {
    let mut command = program();
    command.args(Server::arguments(folder)).args(arguments).stderr(Stdio::piped());
    let mut process = Process(command.spawn().expect("ptrd starts"));
    let complaint = process.complaint();
    (process.wait().code(), complaint)
}

#[test]
fn it_stops_in_good_order_and_finds_everything_again() {
    let mut server = Server::start(&["--log-format", "json"]);
    server.fill();
    assert_eq!((server.ask(1), server.ask(2)), (0, 3));
    server.process.signal("TERM");
    let complaint = server.process.complaint();
    assert!(server.process.wait().success(), "{complaint}");
    assert!(!server.socket().exists());
    assert!(complaint.lines().all(|line| line.starts_with('{') && line.ends_with('}')), "{complaint}");
    assert!(complaint.contains("\"message\":\"stopped\""), "{complaint}");

    let mut command = program();
    command.args(Server::arguments(server.folder.path()));
    let again = Server::run(command, server.folder);
    assert_eq!((again.ask(1), again.ask(2)), (0, 3));
}

/// Each transfer is a line of the log, written by a thread that answers; a pipe takes some hundred of them.
#[test]
fn a_log_that_nobody_reads_holds_up_nobody() {
    const TRANSFERS: u16 = 1_500;
    let mut server = Server::start(&[]);
    server.fill();
    let allow = r#"{"kind":"access-allow","action":"transfer","from":"127.0.0.1","tenant":"acme"}"#;
    let answer = server.request("POST", "/v1/changes", allow);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let mut connection = TcpStream::connect(server.dns).expect("a connection");
    connection.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let mut transfer = vec![0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    transfer.extend_from_slice(b"\x012\x010\x03192\x07in-addr\x04arpa\0\0\xfc\0\x01");
    transfer[1] = (transfer.len() - 2) as u8;
    for id in 0..TRANSFERS {
        transfer[2..4].copy_from_slice(&id.to_be_bytes());
        connection.write_all(&transfer).expect("sent");
        let mut length = [0; 2];
        connection.read_exact(&mut length).expect("an answer");
        let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
        connection.read_exact(&mut message).expect("an answer");
        assert_eq!(
            (&message[..2], message[3] & 15, message[7]),
            (&id.to_be_bytes()[..], 0, 5),
            "{message:?}"
        );
    }
    server.process.signal("TERM");
    assert!(server.process.complaint().contains("stopped") && server.process.wait().success());
}

#[test]
fn what_it_cannot_start_with_is_said() {
    let server = Server::start(&[]);
    let (here, elsewhere) = (server.folder.path(), tempfile::tempdir().expect("a folder"));
    let other = elsewhere.path();
    let path = |name: &str| other.join(name).display().to_string();

    let (status, text) = refused(&[], here);
    assert!(status == Some(5) && text.contains("is a second ptrd running?"), "{status:?} {text}");
    let mut command = program();
    let (store, socket) = (here.join("ptrd.db"), path("other"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--socket", &socket, "--store"]).arg(store);
    let mut process = Process(command.stderr(Stdio::piped()).spawn().expect("ptrd starts"));
    let text = process.complaint();
    assert!(process.wait().code() == Some(3) && text.contains("locked by another process"), "{text}");
    assert!(!other.join("other").exists(), "the socket of a start that failed is taken away");
    let mut command = program();
    command.args(["serve", "--listen", &server.dns.to_string()]);
    command.args(["--store", &path("ptrd.db"), "--socket", &path("s")]).stderr(Stdio::piped());
    let mut process = Process(command.spawn().expect("ptrd starts"));
    let text = process.complaint();
    let wanted = format!("cannot listen on {} over UDP: another server is there already", server.dns);
    assert!(process.wait().code() == Some(4) && text.contains(&wanted), "{text}");

    std::fs::create_dir_all(other.join("run")).expect("a folder");
    std::fs::write(other.join("run/admin.sock"), "no socket").expect("a file");
    let (status, text) = refused(&[], other);
    assert!(status == Some(7) && text.contains("is no socket"), "{status:?} {text}");

    std::fs::remove_file(other.join("run/admin.sock")).expect("removed");

    std::fs::write(other.join("secret"), "0123\n").expect("a file");
    let (status, text) = refused(&["--cookie-secret-file", &path("secret")], other);
    assert!(status == Some(7) && text.contains("line 1: a cookie secret is 32"), "{status:?} {text}");

    std::fs::write(other.join("ptrd.db"), vec![b'x'; 8192]).expect("a file");
    let (status, text) = refused(&[], other);
    assert!(status == Some(3) && text.contains("damaged or no ptrd store"), "{status:?} {text}");

    let (status, text) = refused(&["--udp-size", "100"], other);
    assert!(status == Some(2) && text.contains("512..=4096"), "{status:?} {text}");
    assert_eq!(server.ask(1), 5, "the first one goes on");
}

#[test]
fn dns_goes_on_when_the_store_has_failed() {
    let server = Server::start(&[]);
    server.fill();
    for file in ["ptrd.db", "ptrd.db-wal", "ptrd.db-shm"] {
        let _ = std::fs::remove_file(server.folder.path().join(file));
    }
    let change = r#"{"kind":"ptr-set","address":"192.0.2.2","names":["two.example.net"]}"#;
    let answer = server.request("POST", "/v1/changes", change);
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("\"code\":\"store\""), "{answer}");
    assert_eq!((server.ask(1), server.ask(2)), (0, 3));
    let status = server.request("GET", "/v1/status", "");
    assert!(status.starts_with("HTTP/1.1 200") && !status.contains("\"store\":\"ok\""), "{status}");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let mut server = Server::start(&[]);
    // A request whose body does not come: an orderly stop waits for it, if only for a while.
    let mut stream = UnixStream::connect(server.socket()).expect("connected");
    write!(
        stream,
        "POST /v1/ptrs/import HTTP/1.1\r\nHost: x\r\nContent-Type: text/csv\r\nContent-Length: 99\r\n\r\n1"
    )
    .expect("sent");
    std::thread::sleep(Duration::from_millis(100));
    let begun = Instant::now();
    server.process.signal("TERM");
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(server.process.0.try_wait().expect("a status"), None);
    assert_eq!(server.ask(1), 5, "answers to the end");
    server.process.signal("INT");
    assert_eq!(server.process.wait().code(), Some(130));
    assert!(begun.elapsed() < Duration::from_secs(3));
}

#[test]
fn few_descriptors_and_many_connections() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 48; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_ptrd")]);
    command.args(Server::arguments(folder.path())).stdin(Stdio::null());
    let server = Server::run(command, folder);
    server.fill();
    let crowd: Vec<TcpStream> =
        (0..200).map(|_| TcpStream::connect_timeout(&server.dns, PATIENCE).expect("connected")).collect();
    for _ in 0..100 {
        assert_eq!(server.ask(1), 0);
    }
    for _ in 0..20 {
        let begun = Instant::now();
        let mut stream = TcpStream::connect_timeout(&server.dns, PATIENCE).expect("connected");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let query = query(1);
        stream.write_all(&[&(query.len() as u16).to_be_bytes()[..], &query].concat()).expect("sent");
        let mut head = [0; 6];
        stream.read_exact(&mut head).expect("a reply");
        assert_eq!((head[2], head[5] & 15), (0x12, 0));
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    }
    assert!(server.request("GET", "/v1/status", "").starts_with("HTTP/1.1 200"));
    drop(crowd);
}

#[test]
fn answers_are_as_the_arguments_say() {
    let server = Server::start(&["--hide-version", "--server-id", "fra1", "--nsid", "fra1.example"]);
    let dig = |arguments: &str| {
        let port = server.dns.port().to_string();
        let mut dig = Command::new("dig");
        dig.args(["-p", &port, "@127.0.0.1"]).args(arguments.split(' '));
        String::from_utf8(dig.output().expect("dig runs (package bind9-dnsutils)").stdout).expect("text")
    };
    assert!(dig("version.bind TXT CH").contains("status: REFUSED"));
    assert_eq!(dig("id.server TXT CH +short").trim(), "\"fra1\"");
    assert!(dig("id.server TXT CH +nsid").contains("(\"fra1.example\")"));
}

#[test]
fn the_rate_limit_is_on_and_can_be_set() {
    // How many of so many answers in a row are whole.
    let whole = |arguments: &[&str]| {
        let server = Server::start(arguments);
        server.fill();
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
        socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let mut whole = 0;
        for _ in 0..600 {
            socket.send_to(&query(1), server.dns).expect("sent");
            // What is dropped is followed by one that slips.
            let mut reply = [0; 512];
            socket.send_to(&query(1), server.dns).expect("sent");
            let length = socket.recv(&mut reply).expect("a reply");
            whole += u32::from(length > 40);
        }
        whole
    };
    assert!(whole(&["--udp-workers", "1", "--rate-limit", "1"]) < 500);
    assert_eq!(whole(&["--udp-workers", "1", "--rate-limit", "0"]), 600);
    assert_eq!(whole(&["--udp-workers", "1"]), 600);
    let (status, complaint) = refused(&["--rate-limit=-1"], Path::new("/nonexistent"));
    assert_eq!(status, Some(2));
    assert!(complaint.contains("--rate-limit"), "{complaint}");
}
