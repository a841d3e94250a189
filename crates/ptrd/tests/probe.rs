//! `ptrd probe`, by a client that speaks SMTP, and a resolver that knows three names.

mod common;

use common::{PATIENCE, Process, program};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

const HEADER: usize = 12;

/// A resolver on loopback: `127.0.0.1` is `mail.example`, which has that address, and `other.example` has another one.
fn resolver() -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let address = socket.local_addr().expect("an address");
    std::thread::spawn(move || {
        let mut query = [0; 512];
        // It ends with the test.
        while let Ok((length, from)) = socket.recv_from(&mut query) {
            let _ = socket.send_to(&answer(&query[..length]), from);
        }
    });
    address
}

fn answer(query: &[u8]) -> Vec<u8> {
    let labels = query[HEADER..].iter().position(|octet| *octet == 0).expect("a name") + 1;
    let question = &query[HEADER..HEADER + labels + 4];
    let rtype = u16::from_be_bytes([question[labels], question[labels + 1]]);
    let name = question[..labels].to_ascii_lowercase();
    let wire = |name: &str| -> Vec<u8> {
        let mut wire: Vec<u8> = Vec::new();
        for label in name.split('.') {
            wire.push(u8::try_from(label.len()).expect("a short label"));
            wire.extend_from_slice(label.as_bytes());
        }
        wire.push(0);
        wire
    };
    let is = |of: &str| name == wire(of);
    let data = match rtype {
        12 if is("1.0.0.127.in-addr.arpa") => Some(wire("mail.example")),
        1 if is("mail.example") => Some(vec![127, 0, 0, 1]),
        1 if is("other.example") => Some(vec![127, 0, 0, 2]),
        _ => None,
    };
    let known = ["1.0.0.127.in-addr.arpa", "mail.example", "other.example"].iter().any(|of| is(of));
    let mut reply = query[..2].to_vec();
    // QR, RD, RA; NXDOMAIN for what is not known.
    reply.extend_from_slice(&[
        0x81,
        if known { 0x80 } else { 0x83 },
        0,
        1,
        0,
        u8::from(data.is_some()),
        0,
        0,
        0,
        0,
    ]);
    reply.extend_from_slice(question);
    if let Some(data) = data {
        reply.extend_from_slice(&[0xc0, 0x0c]);
        reply.extend_from_slice(&rtype.to_be_bytes());
        reply.extend_from_slice(&[0, 1, 0, 0, 14, 16]);
        reply.extend_from_slice(&u16::try_from(data.len()).expect("short data").to_be_bytes());
        reply.extend_from_slice(&data);
    }
    reply
}

/// Starts one; where it listens.
fn start(arguments: &[&str]) -> (Process, SocketAddr) {
    let resolver = resolver().to_string();
    let mut child = program()
        .args(["probe", "--listen", "127.0.0.1:0", "--name", "probe.example", "--resolver", &resolver])
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("ptrd starts");
    let mut line = String::new();
    let mut stderr = BufReader::new(child.stderr.take().expect("stderr"));
    stderr.read_line(&mut line).expect("a line");
    child.stderr = Some(stderr.into_inner());
    let process = Process(child);
    let place = line.trim_end().rsplit(' ').next().and_then(|place| place.parse().ok());
    (process, place.unwrap_or_else(|| panic!("it says where it listens: {line}")))
}

/// Says a line, and returns the whole reply.
fn say<S: Read + Write>(stream: &mut S, line: &str) -> String {
    stream.write_all(format!("{line}\r\n").as_bytes()).expect("it is sent");
    hear(stream)
}

fn hear<S: Read>(stream: &mut S) -> String {
    let (mut text, mut octet) = (String::new(), [0]);
    loop {
        match stream.read(&mut octet) {
            Ok(1) => text.push(char::from(octet[0])),
            _ => return text,
        }
        let last = text.trim_end_matches("\r\n").rsplit("\r\n").next().unwrap_or_default();
        if text.ends_with("\r\n") && last.as_bytes().get(3) == Some(&b' ') {
            return text;
        }
    }
}

fn connect(place: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(place).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream
}

fn lines(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).expect("the record");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn grade<'a>(sighting: &'a Value, check: &str) -> &'a str {
    let checks = sighting["identity"]["checks"].as_array().expect("checks");
    let found = checks.iter().find(|one| one["id"] == check);
    found.and_then(|one| one["grade"].as_str()).unwrap_or("none")
}

#[test]
fn a_sender_is_told_how_it_is_seen_and_the_message_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let record = folder.path().join("probe.jsonl");
    let (mut process, place) = start(&["--record", record.to_str().expect("a path")]);
    let mut stream = connect(place);
    assert!(hear(&mut stream).starts_with("220 probe.example "));
    assert!(!say(&mut stream, "EHLO mail.example").contains("STARTTLS"), "there is no certificate");
    assert!(say(&mut stream, "MAIL FROM:<a@mail.example>").starts_with("250 "));
    assert!(say(&mut stream, "RCPT TO:<b@elsewhere.example>").starts_with("550 5.7.1 nothing is relayed"));
    assert!(say(&mut stream, "RCPT TO:<anybody@probe.example>").starts_with("250 "));
    assert!(say(&mut stream, "DATA").starts_with("354 "));
    let told = say(&mut stream, "Subject: a test\r\nX-Ptrd-Test: 42\r\n\r\nHello.\r\n.");
    assert!(told.starts_with("550-5.7.0 iprev=pass policy.iprev=127.0.0.1\r\n"), "{told}");
    assert!(told.contains("helo-equals-ptr: pass: "), "{told}");
    // Another client says a name that is not its own, and leaves.
    let mut other = connect(place);
    hear(&mut other);
    say(&mut other, "HELO other.example");
    assert!(say(&mut other, "QUIT").starts_with("221 "));
    assert!(say(&mut stream, "QUIT").starts_with("221 "));
    let begun = std::time::Instant::now();
    while lines(&record).len() < 2 && begun.elapsed() < PATIENCE {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    process.signal("TERM");
    assert!(process.wait().success());
    let seen = lines(&record);
    assert_eq!(seen.len(), 2);
    assert_eq!(
        (&seen[0]["letter"]["mark"], &seen[0]["client"]["helo"]),
        (&"42".into(), &"mail.example".into())
    );
    assert_eq!(seen[0]["identity"]["address"], "127.0.0.1");
    for (check, first, second) in [
        ("ptr-present", "pass", "pass"),
        ("iprev", "pass", "pass"),
        ("helo-resolves", "pass", "fail"),
        ("helo-equals-ptr", "pass", "warn"),
    ] {
        assert_eq!((grade(&seen[0], check), grade(&seen[1], check)), (first, second), "{check}");
    }
    assert!(seen[1]["letter"].is_null());
}

/// A client that trusts this certificate.
fn secure(
    stream: TcpStream,
    certificate: &rcgen::Certificate,
) -> rustls::StreamOwned<rustls::ClientConnection, TcpStream> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate.der().clone()).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "probe.example".try_into().expect("a name");
    rustls::StreamOwned::new(rustls::ClientConnection::new(Arc::new(config), name).expect("a client"), stream)
}

#[test]
fn tls_is_begun_and_what_came_before_it_is_forgotten() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(vec!["probe.example".to_owned()]).expect("a certificate");
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).expect("a file");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("a file");
    let paths = [certificate.to_str().expect("a path"), key.to_str().expect("a path")];
    let (_process, place) = start(&["--accept", "--certificate", paths[0], "--key", paths[1]]);
    let mut stream = connect(place);
    hear(&mut stream);
    assert!(say(&mut stream, "EHLO mail.example").contains("250-STARTTLS\r\n"));
    assert!(say(&mut stream, "STARTTLS").starts_with("220 "));
    let mut stream = secure(stream, &made.cert);
    assert!(say(&mut stream, "MAIL FROM:<>").starts_with("503 "), "it starts anew");
    assert!(!say(&mut stream, "EHLO mail.example").contains("STARTTLS"));
    for line in ["MAIL FROM:<>", "RCPT TO:<a@probe.example>"] {
        assert!(say(&mut stream, line).starts_with("250 "), "{line}");
    }
    say(&mut stream, "DATA");
    assert!(say(&mut stream, "\r\n.").starts_with("250-2.0.0 iprev=pass "));
    assert!(say(&mut stream, "QUIT").starts_with("221 "));
    assert_eq!(stream.read(&mut [0]).expect("TLS is ended, not cut"), 0);
    // What is sent behind STARTTLS in the clear is not taken for what came over TLS.
    let mut stream = connect(place);
    hear(&mut stream);
    say(&mut stream, "EHLO mail.example");
    assert!(say(&mut stream, "STARTTLS\r\nMAIL FROM:<a@mail.example>").starts_with("501 "));
    assert_eq!(hear(&mut stream), "", "it is closed");
}

#[test]
fn arguments_that_make_no_sense_are_told() {
    for (arguments, status, told) in [
        (&["--name", "a b"][..], 2, "no name of a host"),
        (&["--name", "probe.example", "--certificate", "x.pem"], 2, "--key"),
        (&["--name", "probe.example", "--certificate", "x.pem", "--key", "x.key"], 6, "x.pem"),
        (&["--name", "probe.example", "--record", "/nowhere/x"], 1, "/nowhere/x"),
    ] {
        let output = program()
            .args(["probe", "--listen", "127.0.0.1:0", "--resolver", "127.0.0.1"])
            .args(arguments)
            .output()
            .expect("ptrd runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(stderr.contains(told), "{arguments:?}: {stderr}");
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {stderr}");
    }
}
