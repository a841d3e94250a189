//! DNS over QUIC: what RFC 9250 says of streams and errors, and clients that stall, do not read, or are many.

mod common;
#[path = "common/quic.rs"]
mod doq;
#[path = "common/trust.rs"]
mod trust;

use common::*;
use ptrd_listen::{Limits, Protocol};
use quinn::{ConnectionError, VarInt};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::Command;
use std::time::Duration;

fn counts(server: &Sealed) -> ptrd_listen::StreamCounts {
    server.listener.counts().quic.expect("it is listened for")
}

#[tokio::test]
async fn each_stream_has_its_answer() {
    let server = Sealed::start(limits());
    let connection = doq::connect(&doq::endpoint(), server.at(Protocol::Quic)).await;
    for _ in 0..3 {
        assert!(is_ptr_answer(&doq::ask(&connection, &ptr_query(0, 2)).await, 0));
    }
    // Many at a time, and long ones.
    let mut streams = Vec::new();
    for nth in 0..200 {
        let query = if nth % 4 == 0 { big_query(0) } else { ptr_query(0, nth as u8 & !1) };
        streams.push(doq::send(&connection, &framed(&query)).await.expect("a stream"));
        if streams.len() == 40 {
            for (nth, stream) in streams.drain(..).enumerate() {
                let answers = doq::receive(stream).await;
                assert!(
                    answers.len() == 1
                        && rcode(&answers[0]) == 0
                        && (nth % 4 != 0 || answers[0].len() > 10_000)
                );
            }
        }
    }
    assert_eq!(counts(&server).engine.answers, 203);
    // What has no answer is reset (RFC 9250 §4.3): a response.
    let mut response = ptr_query(0, 2);
    response[2] |= 0x80;
    let mut stream = doq::send(&connection, &framed(&response)).await.expect("a stream");
    assert_eq!(stream.read_to_end(9).await, Err(quinn::ReadError::Reset(VarInt::from_u32(5)).into()));
    assert!(is_ptr_answer(&doq::ask(&connection, &ptr_query(0, 2)).await, 0));
}

#[tokio::test]
async fn what_is_forbidden_ends_the_connection() {
    let server = Sealed::start(limits());
    let endpoint = doq::endpoint();
    let mut keepalive = ptr_query(0, 2);
    keepalive[11] = 1;
    keepalive.extend_from_slice(&[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 4, 0, 11, 0, 0]);
    let one = framed(&ptr_query(0, 2));
    for forbidden in [
        framed(&ptr_query(7, 2)),
        framed(&keepalive),
        [&one[..], &one].concat(),
        one[..one.len() - 1].to_vec(),
        vec![0],
        vec![0, 4, 0, 0, 0, 0],
        vec![],
    ] {
        let connection = doq::connect(&endpoint, server.at(Protocol::Quic)).await;
        let _ = doq::send(&connection, &forbidden).await;
        match tokio::time::timeout(PATIENCE, connection.closed()).await.expect("in time") {
            ConnectionError::ApplicationClosed(close) => assert_eq!(close.error_code, VarInt::from_u32(2)),
            other => panic!("{other}"),
        }
    }
    // §4.3.3: no unidirectional streams; the transport has none to give.
    let connection = doq::connect(&endpoint, server.at(Protocol::Quic)).await;
    assert!(tokio::time::timeout(Duration::from_millis(100), connection.open_uni()).await.is_err());
    assert!(is_ptr_answer(&doq::ask(&connection, &ptr_query(0, 2)).await, 0));
}

#[tokio::test]
async fn the_token_is_demanded_and_early_data_is_not_taken() {
    let server = Sealed::start(limits());
    let (endpoint, at) = (doq::endpoint(), server.at(Protocol::Quic));
    let refused = endpoint.connect_with(doq::config(b"h3"), at, "ns1.example.net").expect("a name").await;
    // RFC 9001 §8.1: the alert no_application_protocol, 120, in a CONNECTION_CLOSE.
    match refused.expect_err("refused") {
        ConnectionError::ConnectionClosed(close) => assert_eq!(u64::from(close.error_code), 0x178),
        other => panic!("{other}"),
    }
    let config = doq::config(b"doq");
    for _ in 0..3 {
        let connecting = endpoint.connect_with(config.clone(), at, "ns1.example.net").expect("a name");
        let connecting = connecting.into_0rtt().err().expect("no 0-RTT");
        let connection = connecting.await.expect("a connection");
        assert!(is_ptr_answer(&doq::ask(&connection, &ptr_query(0, 2)).await, 0));
    }
    eventually("it is counted", || counts(&server).unshaken == 1);
}

/// First datagrams of so many clients.
async fn initials(number: usize) -> Vec<Vec<u8>> {
    let trap = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    trap.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let (endpoint, at) = (doq::endpoint(), trap.local_addr().expect("an address"));
    let mut initials = Vec::new();
    for _ in 0..number {
        let connecting = endpoint.connect_with(doq::config(b"doq"), at, "ns1.example.net").expect("a name");
        let trap = trap.try_clone().expect("a descriptor");
        let received = tokio::task::spawn_blocking(move || {
            let mut octets = [0; 2048];
            let length = trap.recv(&mut octets).expect("a datagram");
            octets[..length].to_vec()
        });
        initials.push(received.await.expect("received"));
        drop(connecting);
    }
    initials
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_stalled_handshakes_delay_nobody() {
    let server = Sealed::start(Limits { connections: 400, connections_per_network: 400, ..limits() });
    let at = server.at(Protocol::Quic);
    let endpoint = doq::endpoint();
    let waiting = doq::connect(&endpoint, at).await;
    let sockets: Vec<UdpSocket> =
        (0..50).map(|_| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket")).collect();
    for (nth, initial) in initials(1000).await.into_iter().enumerate() {
        sockets[nth % sockets.len()].send_to(&initial, at).expect("sent");
        if nth % 50 == 0 {
            let connection = doq::connect(&endpoint, at).await;
            assert!(is_ptr_answer(&doq::ask(&connection, &ptr_query(0, 2)).await, 0));
            assert!(is_ptr_answer(&doq::ask(&waiting, &ptr_query(0, 2)).await, 0));
            assert!(is_ptr_answer(&ask_udp(server.address, &ptr_query(3, 2)), 3));
        }
    }
    // Whoever did not prove its address has no seat, once there is a crowd.
    let open = counts(&server).open;
    assert!(open <= 32 + 22, "{open}");
    assert_eq!(counts(&server).evicted, 0);
}

#[tokio::test]
async fn who_does_not_read_is_cut_and_who_is_idle_leaves() {
    let write_stall = Duration::from_millis(300);
    let server = Sealed::start(Limits { write_stall, idle: Duration::from_millis(1500), ..limits() });
    let at = server.at(Protocol::Quic);
    let greedy = doq::connect(&doq::endpoint(), at).await;
    let mut unread = Vec::new();
    // Far more than one connection may have unacknowledged.
    let ask = async {
        for _ in 0..300 {
            unread.push(doq::send(&greedy, &framed(&big_query(0))).await.ok());
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(1), ask).await;
    let honest = doq::connect(&doq::endpoint(), at).await;
    for _ in 0..20 {
        assert!(is_ptr_answer(&doq::ask(&honest, &ptr_query(0, 2)).await, 0));
    }
    let reached = async {
        while counts(&server).timed_out == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, reached).await.expect("streams that nobody reads are reset");
    tokio::time::timeout(PATIENCE, honest.closed()).await.expect("idle ones are closed");
    drop((greedy, unread));
    eventually("nobody is left", || counts(&server).open == 0);
}

#[tokio::test]
async fn newcomers_take_the_seats_of_the_idle() {
    let server = Sealed::start(Limits { connections: 5, connections_per_network: 5, ..limits() });
    let at = server.at(Protocol::Quic);
    let mut connections = Vec::new();
    for _ in 0..20 {
        let connection = doq::connect(&doq::endpoint(), at).await;
        assert!(is_ptr_answer(&doq::ask(&connection, &ptr_query(0, 2)).await, 0));
        connections.push(connection);
    }
    for connection in &connections[..15] {
        tokio::time::timeout(PATIENCE, connection.closed()).await.expect("gave way");
    }
    assert!(is_ptr_answer(&doq::ask(&connections[19], &ptr_query(0, 2)).await, 0));
    assert_eq!(counts(&server).evicted, 15);
}

#[tokio::test]
async fn garbage_is_no_trouble() {
    let server = Sealed::start(limits());
    let at = server.at(Protocol::Quic);
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
    let mut initial = initials(1).await.remove(0);
    for nth in 0..2000usize {
        let place = nth % initial.len();
        initial[place] ^= 1 << (nth % 8);
        let length = 1 + nth * 7 % initial.len();
        socket.send_to(&initial[..length], at).expect("sent");
    }
    let connection = doq::connect(&doq::endpoint(), at).await;
    assert!(is_ptr_answer(&doq::ask(&connection, &ptr_query(0, 2)).await, 0));
}

fn kdig(server: SocketAddr, arguments: &[&str]) -> Option<String> {
    let port = server.port().to_string();
    let Ok(output) = Command::new("kdig").args(["@127.0.0.1", "-p", &port, "+quic"]).args(arguments).output()
    else {
        eprintln!("skipped: kdig is not installed");
        return None;
    };
    Some(String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

#[test]
fn kdig_agrees() {
    let server = Sealed::start(limits());
    if let Some(text) = kdig(server.at(Protocol::Quic), &["-x", "192.0.2.2"]) {
        if text.contains("no support for QUIC") || text.contains("not supported") {
            eprintln!("skipped: this kdig knows no QUIC");
            return;
        }
        assert!(text.contains("host-2.example.net.") && text.contains("QUIC"), "{text}");
    }
}
