//! DNS over TLS: the same as TCP, within handshakes that are slow, broken or many.

mod common;
#[path = "common/trust.rs"]
mod trust;

use common::*;
use ptrd_listen::{Limits, Protocol};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, HandshakeKind, StreamOwned};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

type Tls = StreamOwned<ClientConnection, TcpStream>;

fn over(config: &Arc<ClientConfig>, stream: TcpStream) -> Tls {
    StreamOwned::new(ClientConnection::new(config.clone(), trust::name()).expect("a client"), stream)
}

fn dot() -> Arc<ClientConfig> {
    Arc::new(trust::client(&[b"dot"], rustls::ALL_VERSIONS))
}

fn connect_tls(server: SocketAddr) -> Tls {
    over(&dot(), connect(server))
}

fn send(tls: &mut Tls, octets: &[u8]) {
    tls.write_all(octets).expect("sent");
    tls.flush().expect("sent");
}

fn read(tls: &mut Tls) -> Vec<u8> {
    let mut length = [0; 2];
    tls.read_exact(&mut length).expect("a length");
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    tls.read_exact(&mut message).expect("a message");
    message
}

fn query_over(tls: &mut Tls, message: &[u8]) -> Vec<u8> {
    send(tls, &framed(message));
    read(tls)
}

#[test]
fn both_versions_with_and_without_the_token() {
    let server = Sealed::start(limits());
    let tokens: [&[&[u8]]; 3] = [&[b"dot"], &[], &[b"h2", b"dot"]];
    for version in [&TLS12, &TLS13] {
        for alpn in tokens {
            let config = Arc::new(trust::client(alpn, &[version]));
            let mut tls = over(&config, connect(server.at(Protocol::Tls)));
            for id in 0..3 {
                assert!(is_ptr_answer(&query_over(&mut tls, &ptr_query(id, 2)), id));
            }
            assert_eq!(tls.conn.alpn_protocol(), (!alpn.is_empty()).then_some(&b"dot"[..]));
        }
        // RFC 7301 §3.2: who offers others alone is told so.
        let config = Arc::new(trust::client(&[b"h2"], &[version]));
        let mut tls = over(&config, connect(server.at(Protocol::Tls)));
        let error = tls.write_all(&[0]).and_then(|()| tls.read(&mut [0]).map(drop)).expect_err("refused");
        assert!(error.to_string().contains("NoApplicationProtocol"), "{error}");
    }
    let tls = || server.listener.counts().tls.expect("it is listened for");
    eventually("both are counted", || (tls().accepted, tls().unshaken) == (8, 2));
    assert_eq!((tls().engine.answers, server.listener.counts().tcp.engine.answers), (18, 0));
}

#[test]
fn many_queries_in_few_records_and_answers_beyond_every_buffer() {
    let server = Sealed::start(limits());
    let mut tls = connect_tls(server.at(Protocol::Tls));
    let queries: Vec<u8> = (0..1000u16).flat_map(|id| framed(&ptr_query(id, (id % 128) as u8 * 2))).collect();
    send(&mut tls, &queries);
    for id in 0..1000 {
        assert!(is_ptr_answer(&read(&mut tls), id), "answer {id}");
    }
    let queries: Vec<u8> = (0..100u16).flat_map(|id| framed(&big_query(id))).collect();
    send(&mut tls, &queries);
    std::thread::sleep(Duration::from_millis(100));
    for id in 0..100u16 {
        let answer = read(&mut tls);
        assert!(answer.len() > 10_000 && answer[..2] == id.to_be_bytes(), "answer {id}");
    }
    // In parts of records, octet by octet.
    for octet in framed(&ptr_query(7, 2)) {
        send(&mut tls, &[octet]);
    }
    assert!(is_ptr_answer(&read(&mut tls), 7));
    // Both sides say that this was all.
    tls.conn.send_close_notify();
    tls.flush().expect("sent");
    assert_eq!(tls.read(&mut [0; 8]).expect("an orderly end"), 0);
}

#[test]
fn who_pads_gets_padding() {
    let server = Sealed::start(limits());
    let mut tls = connect_tls(server.at(Protocol::Tls));
    let mut padding = ptr_query(1, 2);
    padding[11] = 1;
    padding.extend_from_slice(&[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 6, 0, 12, 0, 2, 0, 0]);
    // RFC 8467 §4.1; and over TCP it would hide nothing.
    assert_eq!(query_over(&mut tls, &padding).len(), 468);
    assert!(query_over(&mut tls, &ptr_query(1, 2)).len() < 100);
    assert!(ask(&mut connect(server.address), &padding).len() < 100);
}

#[test]
fn sessions_are_resumed_by_tickets_and_without_early_data() {
    let server = Sealed::start(limits());
    for version in [&TLS12, &TLS13] {
        let config = Arc::new(trust::client(&[b"dot"], &[version]));
        for expected in [HandshakeKind::Full, HandshakeKind::Resumed] {
            let mut tls = over(&config, connect(server.at(Protocol::Tls)));
            assert!(tls.conn.early_data().is_none());
            assert!(is_ptr_answer(&query_over(&mut tls, &ptr_query(1, 2)), 1));
            assert_eq!(tls.conn.handshake_kind(), Some(expected), "{version:?}");
        }
    }
}

#[test]
fn a_thousand_stalled_handshakes_delay_nobody() {
    let limits = Limits { connections: 1500, connections_per_network: 1500, ..limits() };
    let server = Sealed::start(limits);
    let at = server.at(Protocol::Tls);
    let mut waiting = connect_tls(at);
    assert!(is_ptr_answer(&query_over(&mut waiting, &ptr_query(1, 2)), 1));
    let stalled: Vec<TcpStream> = (0..1000)
        .map(|nth| {
            let mut stream = connect(at);
            let hello = hello();
            // Some say nothing, some begin to speak, and some do not go on when they are answered.
            let part = [0, 1, hello.len() / 2, hello.len()][nth % 4];
            stream.write_all(&hello[..part]).expect("sent");
            stream
        })
        .collect();
    eventually("all are there", || server.listener.counts().tls.is_some_and(|tls| tls.open >= 1001));
    for id in 0..50 {
        assert!(is_ptr_answer(&query_over(&mut connect_tls(at), &ptr_query(id, 2)), id));
        assert!(is_ptr_answer(&query_over(&mut waiting, &ptr_query(id, 2)), id));
        assert!(is_ptr_answer(&ask(&mut connect(server.address), &ptr_query(id, 2)), id));
    }
    assert_eq!(server.listener.counts().tls.expect("figures").evicted, 0);
    drop(stalled);
    eventually("they are counted", || server.listener.counts().tls.expect("figures").unshaken == 1000);
}

/// What a client says first.
fn hello() -> Vec<u8> {
    let mut client = ClientConnection::new(dot(), trust::name()).expect("a client");
    let mut octets = Vec::new();
    client.write_tls(&mut octets).expect("a hello");
    octets
}

#[test]
fn stalled_handshakes_give_way_and_end_in_time() {
    let first_query = Duration::from_millis(300);
    let server =
        Sealed::start(Limits { connections: 20, connections_per_network: 20, first_query, ..limits() });
    let at = server.at(Protocol::Tls);
    let mut asking = connect_tls(at);
    let mut stalled: Vec<TcpStream> = (0..100)
        .map(|id| {
            assert!(is_ptr_answer(&query_over(&mut asking, &ptr_query(id, 2)), id));
            connect(at)
        })
        .collect();
    assert!(stalled.iter_mut().all(|stream| is_closed(stream, PATIENCE)));
    let tls = server.listener.counts().tls.expect("figures");
    assert!(tls.evicted > 0 && tls.timed_out > 0 && tls.unshaken == 100, "{tls:?}");
    // Dribbling a handshake gains nothing.
    let mut slow = connect(at);
    let begun = Instant::now();
    for octet in hello() {
        if slow.write_all(&[octet]).is_err() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(is_closed(&mut slow, PATIENCE) && begun.elapsed() < PATIENCE / 2);
}

#[test]
fn garbage_ends_the_connection_and_nothing_else() {
    let server = Sealed::start(limits());
    let at = server.at(Protocol::Tls);
    let mut asking = connect_tls(at);
    for garbage in
        [&framed(&ptr_query(1, 2))[..], b"GET / HTTP/1.1\r\n\r\n", &[22, 3, 1, 255, 255, 0], &[0; 4096]]
    {
        let mut stream = connect(at);
        let _ = stream.write_all(garbage);
        let mut rest = Vec::new();
        // An alert, and the end.
        let ended = stream.read_to_end(&mut rest);
        assert!(ended.is_ok() || ended.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset));
        assert!(is_ptr_answer(&query_over(&mut asking, &ptr_query(1, 2)), 1));
    }
    // And behind a handshake: what is no message, and what is no TLS.
    let mut tls = connect_tls(at);
    send(&mut tls, &[&framed(&ptr_query(1, 2))[..], &[0, 3, 1, 2, 3]].concat());
    assert!(is_ptr_answer(&read(&mut tls), 1));
    assert_eq!(tls.read(&mut [0; 8]).expect("an orderly end"), 0);
    let mut tls = connect_tls(at);
    assert!(is_ptr_answer(&query_over(&mut tls, &ptr_query(1, 2)), 1));
    let _ = tls.sock.write_all(&[
        23, 3, 3, 0, 32, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8,
        9, 0, 1, 2,
    ]);
    assert!(tls.read(&mut [0; 8]).is_err());
    assert!(is_ptr_answer(&query_over(&mut asking, &ptr_query(2, 2)), 2));
}

#[test]
fn who_never_reads_is_bounded_and_closed() {
    let write_stall = Duration::from_millis(600);
    let server = Sealed::start(Limits { write_stall, ..limits() });
    let at = server.at(Protocol::Tls);
    let greedy: Vec<Tls> = (0..20)
        .map(|_| {
            let mut tls = connect_tls(at);
            assert!(is_ptr_answer(&query_over(&mut tls, &ptr_query(1, 2)), 1));
            tls.sock.set_write_timeout(Some(Duration::from_millis(150))).expect("a timeout");
            while tls.write_all(&framed(&big_query(1)).repeat(200)).and_then(|()| tls.flush()).is_ok() {}
            tls
        })
        .collect();
    let mut honest = connect_tls(at);
    for id in 0..100 {
        assert!(is_ptr_answer(&query_over(&mut honest, &ptr_query(id, 2)), id));
    }
    let tls = || server.listener.counts().tls.expect("figures");
    eventually("all greedy ones are closed", || tls().timed_out == 20);
    assert!(is_ptr_answer(&query_over(&mut honest, &ptr_query(1, 2)), 1));
    let answers = tls().engine.answers;
    assert!(answers < 20 * 2000, "{answers}");
    drop(greedy);
    drop(honest);
    eventually("nothing is left behind", || tls().open == 0);
}

#[test]
fn another_certificate_under_load_loses_no_query() {
    let server = Sealed::start(limits());
    let at = server.at(Protocol::Tls);
    let first = server.identity.certificate();
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = (0..3)
        .map(|nth| {
            let stop = stop.clone();
            std::thread::spawn(move || {
                // One keeps its connection, the others come anew.
                let mut kept = connect_tls(at);
                let (mut seen, mut answered) = (Vec::new(), 0u32);
                while !stop.load(Relaxed) {
                    if nth > 0 {
                        kept = connect_tls(at);
                    }
                    assert!(is_ptr_answer(&query_over(&mut kept, &ptr_query(3, 2)), 3));
                    answered += 1;
                    let chain = kept.conn.peer_certificates().expect("a certificate").to_vec();
                    if seen.last() != Some(&chain) {
                        seen.push(chain);
                    }
                }
                (seen.len(), answered)
            })
        })
        .collect();
    let answers = || server.listener.counts().tls.expect("figures").engine.answers;
    for _ in 0..4 {
        let before = answers();
        eventually("answers go on", || answers() >= before + 50);
        server.identity.replace(certificate());
    }
    let before = answers();
    eventually("answers go on", || answers() >= before + 50);
    stop.store(true, Relaxed);
    let seen: Vec<_> = clients.into_iter().map(|client| client.join().expect("no query is lost")).collect();
    assert_ne!(*server.identity.certificate(), *first);
    assert!(seen[0].0 == 1 && seen[1].0 >= 4 && seen[2].0 >= 4, "{seen:?}");
    // Two that never began: those which the latter clients have replaced at once.
    assert_eq!(server.listener.counts().tls.expect("figures").unshaken, 2);
}

fn run(program: &str, arguments: &[&str], input: &[u8]) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        eprintln!("skipped: {program} is not installed");
        return None;
    };
    child.stdin.take().expect("a pipe").write_all(input).expect("written");
    let output = child.wait_with_output().expect("it ends");
    Some(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
fn kdig_and_openssl_agree() {
    let server = Sealed::start(limits());
    let at = server.at(Protocol::Tls);
    let port = at.port().to_string();
    let kdig = ["@127.0.0.1", "-p", &port, "+tls", "-x", "192.0.2.2"];
    if let Some(text) = run("kdig", &kdig, b"") {
        assert!(text.contains("host-2.example.net.") && text.contains(";; TLS session (TLS1.3)"), "{text}");
        assert_eq!(server.listener.counts().tls.expect("figures").engine.answers, 1);
    }
    for (alpn, expected) in [("dot", "ALPN protocol: dot"), ("h2,dot", "ALPN protocol: dot"), ("h2", "alert")]
    {
        let arguments = ["s_client", "-connect", &at.to_string(), "-alpn", alpn];
        if let Some(text) = run("openssl", &arguments, b"Q\n") {
            assert!(text.contains(expected), "{alpn}: {text}");
        }
    }
}
