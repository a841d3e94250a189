//! Figures for Prometheus and copies for dnstap, judged by promtool, fstrm_capture and dnstap-ldns.

mod common;

use common::{PATIENCE, Process, Server, eventually, program, query};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

/// An address that was free a moment ago.
fn free() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("an address")
}

fn start(text: &str, folder: tempfile::TempDir) -> Server {
    let file = folder.path().join("ptrd.toml");
    std::fs::write(&file, text).expect("written");
    let mut command = program();
    command.args(Server::arguments(folder.path())).arg("--config").arg(&file);
    Server::run(command, folder)
}

fn over_tcp(address: SocketAddr, target: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("connected");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    write!(stream, "GET {target} HTTP/1.1\r\nHost: ptrd\r\nConnection: close\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

/// The value of a sample.
fn sample(page: &str, name: &str) -> f64 {
    let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {name} in {page}")).trim().parse().expect("a number")
}

fn ask_over_tcp(server: &Server, last: u8) {
    let mut stream = TcpStream::connect(server.dns).expect("connected");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let query = query(last);
    stream.write_all(&[&(query.len() as u16).to_be_bytes()[..], &query].concat()).expect("sent");
    let mut length = [0; 2];
    stream.read_exact(&mut length).expect("a reply");
}

#[test]
fn metrics_say_what_was_done_and_promtool_reads_them() {
    let exposed = free();
    let text = format!("[metrics]\naddresses = ['{exposed}']\nzone-serials = 1\n");
    let server = start(&text, tempfile::tempdir().expect("a folder"));
    server.fill();
    (0..5).for_each(|_| {
        server.ask(1);
    });
    server.ask(200);
    ask_over_tcp(&server, 1);
    let page = server.request("GET", "/metrics", "");
    assert!(page.contains("text/plain; version=0.0.4"), "{page}");
    assert_eq!(sample(&page, r#"ptrd_queries_total{transport="udp",type="PTR"}"#), 6.0);
    assert_eq!(sample(&page, r#"ptrd_queries_total{transport="tcp",type="PTR"}"#), 1.0);
    assert_eq!(sample(&page, r#"ptrd_responses_total{transport="udp",rcode="NOERROR"}"#), 5.0);
    assert_eq!(sample(&page, r#"ptrd_responses_total{transport="udp",rcode="NXDOMAIN"}"#), 1.0);
    assert_eq!((sample(&page, "ptrd_zones"), sample(&page, "ptrd_store_up")), (1.0, 1.0));
    assert!(sample(&page, "ptrd_snapshot_version") >= 3.0);
    assert!(sample(&page, "ptrd_commit_duration_seconds_count") >= 1.0);
    assert!(sample(&page, "ptrd_change_duration_seconds_count") >= 3.0);
    assert!(sample(&page, r#"ptrd_zone_serial{zone="2.0.192.in-addr.arpa."}"#) > 0.0);
    assert!(sample(&page, "process_resident_memory_bytes") > 1e6);
    assert!(sample(&page, "process_open_fds") >= 8.0);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    assert!((0.0..60.0).contains(&(now.as_secs_f64() - sample(&page, "process_start_time_seconds"))));
    let spent = sample(&page, "process_cpu_seconds_total");
    assert!(
        spent > 0.0 && spent <= sample(&server.request("GET", "/metrics", ""), "process_cpu_seconds_total")
    );

    let answer = over_tcp(exposed, "/metrics");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(sample(body, r#"ptrd_queries_total{transport="udp",type="PTR"}"#), 6.0);
    assert!(over_tcp(exposed, "/v1/status").starts_with("HTTP/1.1 404"));
    let promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut promtool = promtool.expect("promtool, of Debian's package prometheus");
    promtool.stdin.take().expect("a pipe").write_all(body.as_bytes()).expect("written");
    let output = promtool.wait_with_output().expect("promtool ends");
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(output.status.success() && said.trim().is_empty(), "{said}");
}

#[test]
fn a_metrics_address_that_is_taken_is_named() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let address = taken.local_addr().expect("an address");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ptrd.toml");
    std::fs::write(&file, format!("[metrics]\naddresses = ['{address}']\n")).expect("written");
    let mut command = program();
    command.args(Server::arguments(folder.path())).arg("--config").arg(&file);
    let child = command.stderr(Stdio::piped()).spawn().expect("ptrd starts");
    let mut process = Process(child);
    assert_eq!(process.wait().code(), Some(4));
    assert!(process.complaint().contains(&format!("showing metrics at {address}")));
}

fn decoded(file: &Path) -> Vec<String> {
    let output = Command::new("dnstap-ldns").arg("-r").arg(file).output();
    let output = output.expect("dnstap-ldns, of Debian's package of that name");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[test]
fn dnstap_comes_out_as_it_happened_and_nobody_waits_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (socket, file) = (folder.path().join("tap.sock"), folder.path().join("tap"));
    let text = format!("[dnstap]\nsocket = '{}'\nidentity = 'here'\n", socket.display());
    let mut server = start(&text, folder);
    server.fill();
    // Nobody listens yet: queries are answered, and their copies are counted as lost.
    server.ask(1);
    let unsent = r#"ptrd_dnstap_messages_total{outcome="unsent"}"#;
    let sent = r#"ptrd_dnstap_messages_total{outcome="sent"}"#;
    eventually("lost copies", || sample(&server.request("GET", "/metrics", ""), unsent) == 2.0);
    let capture = Command::new("fstrm_capture")
        .args(["-t", "protobuf:dnstap.Dnstap", "-u"])
        .arg(&socket)
        .arg("-w")
        .arg(&file)
        .stderr(Stdio::null())
        .spawn();
    let mut capture = Process(capture.expect("fstrm_capture, of Debian's package fstrm-bin"));
    // It is found within a second or so; what is asked until then is lost.
    let mut asked = 0;
    eventually("a listener", || {
        server.ask(1);
        asked += 1;
        sample(&server.request("GET", "/metrics", ""), sent) > 0.0
    });
    server.ask(200);
    ask_over_tcp(&server, 1);
    server.process.signal("TERM");
    assert!(server.process.wait().success());
    capture.signal("HUP");
    capture.signal("TERM");
    capture.wait();
    let lines = decoded(&file);
    let count = |parts: &[&str]| lines.iter().filter(|line| parts.iter().all(|p| line.contains(p))).count();
    assert!(count(&[" AQ ", "UDP", "1.2.0.192.in-addr.arpa."]) >= 1, "{lines:?}");
    assert_eq!(count(&[" AR ", "UDP", "200.2.0.192.in-addr.arpa."]), 1, "{lines:?}");
    assert_eq!(count(&[" AQ ", "TCP"]), 1, "{lines:?}");
    assert_eq!(count(&[" AR ", "TCP"]), 1, "{lines:?}");
}
