//! Encrypted transports as an operator meets them: configured, measured, and with certificates that are renewed.

mod common;
use common::https::trust;
use common::{PATIENCE, Process, Server, eventually, program, query};
use rustls::{ClientConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Puts a new certificate and its key where the configuration says.
fn renew(folder: &Path) -> Vec<u8> {
    let made = rcgen::generate_simple_self_signed(vec!["ns1.example.net".to_owned()]).expect("a pair");
    put(folder, "cert.pem", &made.cert.pem());
    put(folder, "key.pem", &made.signing_key.serialize_pem());
    made.cert.der().to_vec()
}

/// In one step, as the usual tools do it.
fn put(folder: &Path, name: &str, text: &str) {
    let new = folder.join("new");
    std::fs::write(&new, text).expect("written");
    std::fs::set_permissions(&new, PermissionsExt::from_mode(0o600)).expect("a mode");
    std::fs::rename(new, folder.join(name)).expect("moved");
}

fn configured(folder: &Path, listen: &str, rest: &str) -> PathBuf {
    let path = |name: &str| folder.join(name).display().to_string();
    let text = format!(
        "[listen]\n{listen}\n[tls]\ncertificate = '{}'\nkey = '{}'\n{rest}",
        path("cert.pem"),
        path("key.pem")
    );
    let file = folder.join("ptrd.toml");
    std::fs::write(&file, text).expect("written");
    file
}

const TLS: &str = "tls = ['127.0.0.1:0']";
const ALL: &str = "tls = ['127.0.0.1:0']\nquic = ['127.0.0.1:0']\nhttps = ['127.0.0.1:0']";

fn start(listen: &str, rest: &str) -> (Server, Vec<u8>) {
    let folder = tempfile::tempdir().expect("a folder");
    let certificate = renew(folder.path());
    let file = configured(folder.path(), listen, rest);
    let mut command = program();
    command.args(Server::arguments(folder.path())).arg("--config").arg(&file);
    let server = Server::run(command, folder);
    server.fill();
    (server, certificate)
}

/// Where a transport is listened for.
fn at(server: &Server, scheme: &str) -> SocketAddr {
    let status = server.request("GET", "/v1/status", "");
    let rest =
        status.split(&format!("\"{scheme}://")).nth(1).unwrap_or_else(|| panic!("no {scheme} in {status}"));
    let address: String = rest.chars().take_while(|c| !"\"/".contains(*c)).collect();
    address.parse().expect("an address")
}

fn sample(page: &str, name: &str) -> f64 {
    let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {page}")).trim().parse().expect("a number")
}

/// Asks over a new TLS connection, and says which certificate was shown.
fn ask_tls(at: SocketAddr) -> Vec<u8> {
    let config = Arc::new(trust::client(&[b"dot"], rustls::ALL_VERSIONS));
    let stream = TcpStream::connect_timeout(&at, PATIENCE).expect("connected");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let mut tls = StreamOwned::new(ClientConnection::new(config, trust::name()).expect("a client"), stream);
    let query = query(1);
    tls.write_all(&[&(query.len() as u16).to_be_bytes()[..], &query].concat()).expect("sent");
    tls.flush().expect("sent");
    let mut head = [0; 10];
    tls.read_exact(&mut head).expect("an answer");
    assert_eq!((head[2], head[5] & 15, head[9]), (0x12, 0, 1));
    tls.conn.peer_certificates().expect("a certificate")[0].to_vec()
}

#[test]
fn what_is_answered_over_tls_is_counted() {
    let (server, certificate) = start(TLS, "");
    let tls = at(&server, "tls");
    for _ in 0..3 {
        assert_eq!(ask_tls(tls), certificate);
    }
    server.ask(1);
    TcpStream::connect(tls).expect("connected").write_all(b"no TLS at all").expect("sent");
    let page = || server.request("GET", "/metrics", "");
    eventually("a failed handshake", || {
        sample(&page(), r#"ptrd_failed_handshakes_total{transport="tls"}"#) == 1.0
    });
    let page = page();
    assert_eq!(sample(&page, r#"ptrd_queries_total{transport="tls",type="PTR"}"#), 3.0);
    assert_eq!(sample(&page, r#"ptrd_queries_total{transport="tcp",type="PTR"}"#), 0.0);
    assert_eq!(sample(&page, r#"ptrd_encrypted_accepted_connections_total{transport="tls"}"#), 4.0);
    // rcgen's default.
    assert_eq!(sample(&page, "ptrd_certificate_expiry_timestamp_seconds"), 67_090_118_400.0);
    let (server, _) = start("", "");
    assert!(!server.request("GET", "/metrics", "").contains("certificate_expiry"), "nobody sees it");
}

/// What a real client prints, where it is installed.
fn kdig(at: SocketAddr, arguments: &[&str]) -> Option<String> {
    let port = at.port().to_string();
    let common = ["@127.0.0.1", "-p", &port, "+time=10", "-x", "192.0.2.1"];
    let Ok(output) = std::process::Command::new("kdig").args(common).args(arguments).output() else {
        eprintln!("skipped: kdig is not installed");
        return None;
    };
    Some(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
fn a_real_client_is_answered_over_all_of_them() {
    let (server, _) = start(ALL, "");
    for (transport, option) in [("tls", "+tls"), ("quic", "+quic"), ("https", "+https")] {
        let Some(text) = kdig(at(&server, transport), &[option]) else { return };
        assert!(text.contains("one.example.net."), "{transport}: {text}");
        let page = server.request("GET", "/metrics", "");
        let counted = format!(r#"ptrd_queries_total{{transport="{transport}",type="PTR"}}"#);
        assert_eq!(sample(&page, &counted), 1.0, "{transport}");
    }
}

#[test]
fn certificates_are_renewed_under_load_and_no_query_is_lost() {
    let (mut server, first) = start(TLS, "");
    let (tls, folder) = (at(&server, "tls"), server.folder.path().to_owned());
    let (stop, answered) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
    let (stopped, count) = (stop.clone(), answered.clone());
    let client = std::thread::spawn(move || {
        while !stopped.load(Relaxed) {
            ask_tls(tls);
            count.fetch_add(1, Relaxed);
        }
    });
    let advance = || {
        let goal = answered.load(Relaxed) + 20;
        eventually("answers", || answered.load(Relaxed) >= goal || client.is_finished());
    };
    advance();
    // By ptrctl reload, and a second time without a change.
    let second = renew(&folder);
    let reload = || {
        let answer = server.request("POST", "/v1/reload", "");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        (head.contains(" 200 "), serde_json::from_str::<serde_json::Value>(body).expect("JSON"))
    };
    assert_ne!(second, first);
    assert!(reload().0);
    assert_eq!(ask_tls(tls), second);
    assert_eq!(reload().1["applied"].as_array().map(Vec::len), Some(0));
    advance();
    // By SIGHUP.
    let third = renew(&folder);
    server.process.signal("HUP");
    eventually("the third", || ask_tls(tls) == third);
    advance();
    // By itself.
    let fourth = renew(&folder);
    eventually("the fourth", || ask_tls(tls) == fourth);
    advance();
    // What cannot be used is told, and changes nothing.
    let key = std::fs::read_to_string(folder.join("key.pem")).expect("a key");
    renew(&folder);
    put(&folder, "key.pem", &key);
    let (done, problem) = reload();
    assert!(!done && problem.to_string().contains("does not fit the certificate"), "{problem}");
    assert_eq!(ask_tls(tls), fourth);
    advance();
    stop.store(true, Relaxed);
    client.join().expect("no query is lost");
    server.process.signal("TERM");
    let log = server.process.complaint();
    assert!(log.contains("tls.certificate (new content)"), "{log}");
    assert!(server.process.wait().success());
}

#[test]
fn a_key_that_does_not_fit_is_found_before_a_start() {
    let folder = tempfile::tempdir().expect("a folder");
    renew(folder.path());
    let key = std::fs::read_to_string(folder.path().join("key.pem")).expect("a key");
    renew(folder.path());
    put(folder.path(), "key.pem", &key);
    let file = configured(folder.path(), TLS, "");
    let output = program().arg("check-config").arg(&file).output().expect("ptrd runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(7));
    assert!(
        said.contains("ptrd.toml:5:7: tls.key: the private key in ") && said.contains("does not fit"),
        "{said}"
    );
    let output = program().args(Server::arguments(folder.path())).arg("--config").arg(&file).output();
    let output = output.expect("ptrd runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(7) && said.contains("does not fit"), "{said}");
}

/// What a service manager does: a listening socket as descriptor 3, under a name.
fn handed(name: &str, socket: impl Into<std::os::fd::OwnedFd>, folder: &Path) -> std::process::Command {
    let script = "exec 3<&0 0</dev/null; export LISTEN_PID=$$ LISTEN_FDS=1; exec \"$@\"";
    let mut command = std::process::Command::new("sh");
    command.args(["-c", script, "sh", env!("CARGO_BIN_EXE_ptrd")]).args(Server::arguments(folder));
    command.env("LISTEN_FDNAMES", name).stdin(Stdio::from(socket.into())).stderr(Stdio::piped());
    command
}

#[test]
fn sockets_that_are_handed_over_are_told_apart_by_their_names() {
    let folder = tempfile::tempdir().expect("a folder");
    renew(folder.path());
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a socket");
    let address = listener.local_addr().expect("an address");
    // The address of the file gives way to the one that was handed over.
    let file = configured(folder.path(), "tls = ['192.0.2.1']", "");
    let mut command = handed("tls", listener.try_clone().expect("a descriptor"), folder.path());
    command.arg("--config").arg(&file);
    // A socket on stdin is taken by the shell; the rest is as ever.
    let child = command.spawn().expect("ptrd starts");
    let mut process = Process(child);
    let socket = folder.path().join("run/admin.sock");
    eventually("an answer", || common::request(&socket, "GET", "/v1/status", "").is_ok());
    let server = |method: &str, target: &str, body: &str| {
        common::request(&socket, method, target, body).expect("an answer")
    };
    assert!(server("GET", "/v1/status", "").contains(&format!("\"tls://{address}\"")));
    for body in [
        r#"{"kind":"tenant-add","name":"acme"}"#,
        r#"{"kind":"block-add","range":"192.0.2.0/24","tenant":"acme"}"#,
        r#"{"kind":"ptr-set","address":"192.0.2.1","names":["one.example.net"]}"#,
    ] {
        assert!(server("POST", "/v1/changes", body).starts_with("HTTP/1.1 200"));
    }
    ask_tls(address);
    process.signal("TERM");
    assert!(process.wait().success());
    // Without a certificate there is nothing to do with it.
    let folder = tempfile::tempdir().expect("a folder");
    let output = handed("tls", listener, folder.path()).output().expect("ptrd runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(4) && said.contains("needs tls.certificate and tls.key"), "{said}");
}
