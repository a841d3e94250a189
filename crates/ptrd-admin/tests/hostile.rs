//! Clients that are slow, large, many, or strangers.
#![allow(missing_docs)]

mod http;
mod stub;

use http::{ask, connect, get, read, send};
use ptrd_admin::{AdminSocket, Limits, Settings, SocketOptions};
use ptrd_api::Bundle;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};
use stub::Server;

fn limited(limits: Limits) -> Server {
    Server::with(Settings { limits, ..Settings::default() })
}

fn impatient() -> Server {
    let short = Duration::from_millis(200);
    limited(Limits { head_time: short, body_time: short, upload_stall: short, ..Limits::default() })
}

/// Waits until the server closes.
fn closes(stream: &mut std::os::unix::net::UnixStream) -> bool {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).is_ok()
}

#[test]
fn large_bodies_are_refused_with_a_reason() {
    let server = limited(Limits { import: 5 << 20, ..Limits::default() });
    let path = server.path();
    let large = format!("{{\"name\":\"{}\"}}", "x".repeat(2 << 20));
    let bundle = Bundle { files: vec![("a".into(), vec![b'x'; 6 << 20])], zones: 1 }.encode();
    for (target, body) in [
        ("/v1/tenants", large.clone().into_bytes()),
        ("/v1/ptrs/import", large.repeat(3).into_bytes()),
        ("/v1/zones/import?tenant=a", bundle),
    ] {
        let answer = ask(path, "POST", target, "", &body);
        assert_eq!((answer.status, answer.code().as_str()), (413, "too-large"), "{target}");

        // The same without telling the length first.
        let head = format!(
            "POST {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        let size = format!("{:x}\r\n", body.len());
        let answer = send(path, [head.as_bytes(), size.as_bytes(), &body, b"\r\n0\r\n\r\n"].concat());
        assert_eq!((answer.status, answer.code().as_str()), (413, "too-large"), "{target}");
    }
}

#[test]
fn an_endless_body_ends() {
    let server = Server::start();
    let mut stream = connect(server.path());
    stream
        .write_all(b"PUT /v1/ptrs/192.0.2.1 HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
        .expect("room");
    let chunk = [b"10000\r\n".as_slice(), &[b'x'; 0x10000], b"\r\n"].concat();
    let began = Instant::now();
    while stream.write_all(&chunk).is_ok() {
        assert!(began.elapsed() < Duration::from_secs(10), "still listening");
    }
    assert_eq!(get(server.path(), "/v1/status").status, 200);
}

#[test]
fn large_heads_are_refused() {
    let server = Server::start();
    let huge = "x".repeat(1 << 20);
    for text in [
        format!("GET /v1/status HTTP/1.1\r\nhost: x\r\nx: {huge}\r\n\r\n"),
        format!("GET /v1/status HTTP/1.1\r\nhost: x\r\n{}\r\n", "x: y\r\n".repeat(500)),
        format!("GET /{huge} HTTP/1.1\r\nhost: x\r\n\r\n"),
    ] {
        let mut stream = connect(server.path());
        let _ = stream.write_all(text.as_bytes());
        let answer = read(&mut stream);
        assert!([414, 431].contains(&answer.status), "{answer:?}");
    }
    let mut stream = connect(server.path());
    let _ = stream.write_all(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 not HTTP\r\n\r\n");
    assert!(closes(&mut stream));
}

#[test]
fn slow_clients_are_cut_off() {
    let server = impatient();
    let path = server.path();
    for text in ["", "GET /v1/sta", "GET /v1/status HTTP/1.1\r\nhost:"] {
        let mut stream = connect(path);
        stream.write_all(text.as_bytes()).expect("room");
        assert!(closes(&mut stream), "{text:?}");
    }
    for target in ["/v1/tenants", "/v1/ptrs/import", "/v1/zones/import?tenant=a"] {
        let text = format!("POST {target} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{{\"name\":");
        let answer = send(path, text);
        assert_eq!((answer.status, answer.code().as_str()), (408, "timeout"), "{target}");
    }
    // One that broke off is no short import.
    let mut stream = connect(path);
    stream
        .write_all(
            b"POST /v1/ptrs/import HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n192.0.2.1,a.example\n",
        )
        .expect("room");
    drop(stream);
    assert_eq!(get(path, "/v1/status").json()["change"], 0);
    // An idle connection is closed too, after it has served.
    let mut stream = connect(path);
    stream.write_all(b"GET /v1/status HTTP/1.1\r\nhost: x\r\n\r\n").expect("room");
    assert_eq!(read(&mut stream).status, 200);
    assert!(closes(&mut stream));
}

#[test]
fn a_client_that_never_reads_is_cut_off() {
    let server = limited(Limits { answer_stall: Duration::from_millis(200), ..Limits::default() });
    let mut stream = connect(server.path());
    stream.write_all(b"GET /v1/zones/long.example/export HTTP/1.1\r\nhost: x\r\n\r\n").expect("room");
    std::thread::sleep(Duration::from_millis(600));
    let mut octets = Vec::new();
    let _ = stream.read_to_end(&mut octets);
    assert!(octets.len() < 10_000_000, "{} octets, for someone who did not read", octets.len());
}

#[test]
fn a_text_that_breaks_off_is_not_taken_for_whole() {
    let server = Server::start();
    let whole = get(server.path(), "/v1/zones/long.example/export");
    assert!(whole.body.len() > 90_000_000 && whole.whole, "{}", whole.body.len());
    let broken = get(server.path(), "/v1/zones/broken.example/export");
    assert!(!broken.whole);
}

#[test]
fn connections_beyond_the_limit_are_told() {
    let server = limited(Limits { connections: 2, ..Limits::default() });
    let path = server.path();
    let mut held: Vec<_> = (0..2).map(|_| connect(path)).collect();
    for stream in &mut held {
        stream.write_all(b"GET /v1/status HTTP/1.1\r\nhost: x\r\n\r\n").expect("room");
        assert_eq!(read(stream).status, 200);
    }
    let answer = get(path, "/v1/status");
    assert_eq!((answer.status, answer.code().as_str()), (503, "busy"));
    assert_eq!(answer.header("retry-after").as_deref(), Some("1"));
    drop(held);
    let began = Instant::now();
    while get(path, "/v1/status").status != 200 {
        assert!(began.elapsed() < Duration::from_secs(5), "the slots did not come back");
    }
}

#[test]
fn many_clients_at_once_are_all_served() {
    let server = Server::start();
    std::thread::scope(|scope| {
        for client in 0..32 {
            let path = server.path();
            scope.spawn(move || {
                let mut stream = connect(path);
                for n in 0..50 {
                    let body = format!("{{\"names\":[\"h{client}-{n}.example\"]}}");
                    let head = format!(
                        "PUT /v1/ptrs/10.0.{client}.{n} HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n",
                        body.len()
                    );
                    stream.write_all((head + &body).as_bytes()).expect("room");
                    assert_eq!(read(&mut stream).status, 200);
                }
            });
        }
    });
    assert_eq!(server.stub.state().ptrs.len(), 32 * 50);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = Server::start();
    let mut stream = connect(server.path());
    let one = |n: u8| format!("GET /v1/ptrs/192.0.2.{n} HTTP/1.1\r\nhost: x\r\n\r\n");
    stream.write_all((0..20).map(one).collect::<String>().as_bytes()).expect("room");
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while text.matches("no PTR at").count() < 20 {
        let n = stream.read(&mut buffer).expect("answers");
        text.push_str(&String::from_utf8_lossy(&buffer[..n]));
    }
    let places: Vec<_> = (0..20).map(|n| text.find(&format!("192.0.2.{n}\"")).expect("an answer")).collect();
    assert!(places.is_sorted());
}

#[test]
fn shutdown_lets_requests_finish_and_removes_the_socket() {
    let mut server = Server::start();
    let path = server.path().to_owned();
    let mut idle = connect(&path);
    let mut busy = connect(&path);
    let body = r#"{"name":"slow"}"#;
    let text =
        format!("POST /v1/tenants HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    busy.write_all(text.as_bytes()).expect("room");
    // The request has arrived when the next one on the same socket has.
    assert_eq!(get(&path, "/v1/status").status, 200);
    std::thread::sleep(Duration::from_millis(50));
    let began = Instant::now();
    server.stop();
    assert!(began.elapsed() < Duration::from_secs(3));
    assert_eq!(read(&mut busy).status, 200);
    assert!(closes(&mut idle));
    assert!(!path.exists());
}

#[test]
fn shutdown_does_not_wait_for_ever() {
    let mut server = limited(Limits { grace: Duration::from_millis(300), ..Limits::default() });
    let mut stream = connect(server.path());
    stream.write_all(b"GET /v1/zones/long.example/export HTTP/1.1\r\nhost: x\r\n\r\n").expect("room");
    std::thread::sleep(Duration::from_millis(50));
    let began = Instant::now();
    server.stop();
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[test]
fn a_dead_server_is_replaced_and_a_live_one_is_not() {
    let server = Server::start();
    let again = AdminSocket::bind(&SocketOptions::at(server.path()));
    assert!(again.is_err(), "two daemons on one socket");
    assert_eq!(get(server.path(), "/v1/status").status, 200);
    let mode = std::fs::metadata(server.path()).expect("a socket").permissions().mode();
    assert_eq!(mode & 0o777, 0o660);
}
