//! What has changed since a serial, from the daemon: over UDP and TCP, from a store that it writes and from one that it only
//! reads, and no further back than there is history.

mod common;

use common::{PATIENCE, Server, eventually, read_only};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};

const ALLOW: &str = r#"{"kind":"access-allow","action":"transfer","from":"127.0.0.1/32"}"#;

/// The octets of 2.0.192.in-addr.arpa.
const APEX: &[u8] = b"\x012\x010\x03192\x07in-addr\x04arpa\0";

fn change(server: &Server, body: &str) {
    let answer = server.request("POST", "/v1/changes", body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{body}: {answer}");
}

fn ptr(server: &Server, last: u8, name: &str) {
    change(server, &format!(r#"{{"kind":"ptr-set","address":"192.0.2.{last}","names":["{name}"]}}"#));
}

/// RFC 1995 §3, with EDNS.
fn ixfr(serial: u32) -> Vec<u8> {
    let mut octets = vec![0, 7, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1];
    octets.extend_from_slice(APEX);
    octets.extend_from_slice(&[0, 251, 0, 1, 0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 0, 0, 22, 0, 0]);
    octets.extend_from_slice(&serial.to_be_bytes());
    octets.extend_from_slice(&[0; 16]);
    octets.extend_from_slice(&[0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
    octets
}

/// Response code and number of records of the answer.
fn head(reply: &[u8]) -> (u8, u16) {
    assert_eq!(reply[..2], [0, 7]);
    assert_eq!(reply[2] & 2, 0, "TC");
    (reply[3] & 15, u16::from_be_bytes([reply[6], reply[7]]))
}

fn over_udp(dns: SocketAddr, serial: u32) -> (u8, u16) {
    let socket = UdpSocket::bind(("127.0.0.1", 0)).expect("a socket");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    socket.send_to(&ixfr(serial), dns).expect("sent");
    let mut reply = [0; 4096];
    let length = socket.recv(&mut reply).expect("a reply");
    head(&reply[..length])
}

fn over_tcp(dns: SocketAddr, serial: u32) -> (u8, u16) {
    head(&reply_over_tcp(dns, serial))
}

fn reply_over_tcp(dns: SocketAddr, serial: u32) -> Vec<u8> {
    let mut stream = TcpStream::connect(dns).expect("a connection");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let message = ixfr(serial);
    stream.write_all(&[&(message.len() as u16).to_be_bytes()[..], &message].concat()).expect("sent");
    let mut length = [0; 2];
    stream.read_exact(&mut length).expect("a length");
    let mut reply = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut reply).expect("a message");
    reply
}

/// The serial of the SOA.
fn serial(server: &Server) -> u32 {
    let answer = server.request("GET", "/v1/zones/2.0.192.in-addr.arpa", "");
    let serial = answer.split("\"serial\":").nth(1).expect("a serial");
    serial.split(|c: char| !c.is_ascii_digit()).next().and_then(|text| text.parse().ok()).expect("a number")
}

#[test]
fn what_has_changed_is_told_over_udp_and_tcp_and_from_a_store_that_is_only_read() {
    let mut server = Server::start(&[]);
    server.fill();
    change(&server, ALLOW);
    for last in 100..200 {
        ptr(&server, last, "many.example.net");
    }
    let before = serial(&server);
    // One changes twice, one comes: four SOAs, one record removed, two added.
    ptr(&server, 100, "other.example.net");
    ptr(&server, 100, "third.example.net");
    ptr(&server, 7, "seven.example.net");
    assert_eq!(over_udp(server.dns, before), (0, 7));
    assert_eq!(over_tcp(server.dns, before), (0, 7));
    assert_eq!(over_udp(server.dns, before - 50), (0, 1), "that does not fit");
    assert!(over_tcp(server.dns, before - 50).1 > 50);
    assert_eq!(over_udp(server.dns, serial(&server)), (0, 1), "it is current");
    let folder = tempfile::tempdir().expect("a folder");
    let (store, log) = (server.folder.path().join("ptrd.db"), folder.path().join("log"));
    // Beside the ptrd that writes: what that has written since is not served, and not in the difference.
    let (reader, dns) = read_only(&store, &log);
    ptr(&server, 8, "eight.example.net");
    assert_eq!((over_udp(dns, before), over_tcp(dns, before)), ((0, 7), (0, 7)));
    reader.signal("HUP");
    eventually("it is read again", || over_udp(dns, before) == (0, 8));
    drop(reader);
    server.process.signal("TERM");
    assert!(server.process.wait().success());
    // A file that nobody writes; and another file in its place, of which nothing is served yet.
    let copy = folder.path().join("copy.db");
    std::fs::copy(&store, &copy).expect("copied");
    let (reader, dns) = read_only(&copy, &log);
    assert_eq!((over_udp(dns, before), over_tcp(dns, before)), ((0, 8), (0, 8)));
    let other = folder.path().join("other.db");
    std::fs::copy(&store, &other).expect("copied");
    std::fs::rename(&other, &copy).expect("put in its place");
    assert_eq!(over_udp(dns, before - 1), (0, 1));
    assert!(over_tcp(dns, before - 1).1 > 100, "the whole zone");
    assert_eq!(over_tcp(dns, before), (0, 8), "what was found before is of what is served still");
    reader.signal("HUP");
    eventually("it is read again", || over_udp(dns, before - 1).1 > 1);
}

/// What was found for one is what anybody would have found, and is told of that version alone.
#[test]
fn what_was_found_is_told_again() {
    let server = Server::start(&[]);
    server.fill();
    change(&server, ALLOW);
    for last in 10..60 {
        ptr(&server, last, "many.example.net");
    }
    let (first, folder) = (serial(&server), tempfile::tempdir().expect("a folder"));
    let outcomes = || {
        let metrics = server.request("GET", "/metrics", "");
        ["known", "read", "none"].map(|outcome| {
            let line = format!("ptrd_differences_total{{outcome=\"{outcome}\"}} ");
            let found = metrics.lines().find_map(|known| known.strip_prefix(&line));
            found.unwrap_or_else(|| panic!("{metrics}")).parse::<u64>().expect("a number")
        })
    };
    for n in 0..8u8 {
        // There and back, and over each other: what is left over of it all is one difference.
        ptr(&server, 10 + n % 3, &format!("name-{n}.example.net"));
        ptr(&server, 60 + n, "new.example.net");
        let (store, log) = (server.folder.path().join("ptrd.db"), folder.path().join("log"));
        let (reader, dns) = read_only(&store, &log);
        for from in [first, first + u32::from(n), serial(&server) - 1] {
            let computed = reply_over_tcp(dns, from);
            assert_eq!(reply_over_tcp(server.dns, from), computed, "{n}: from {from}");
            assert_eq!(reply_over_tcp(server.dns, from), computed, "{n}: from {from}, again");
        }
        drop(reader);
    }
    let [known, read, none] = outcomes();
    assert_eq!((known + read, none), (8 * 6, 0));
    assert!(known >= 8 * 3, "{known} of {}", known + read);
}

#[test]
fn a_history_that_was_forgotten_is_a_whole_zone() {
    let server = Server::start(&[]);
    server.fill();
    change(&server, ALLOW);
    let first = serial(&server);
    let label = "x".repeat(60);
    for last in 0..250 {
        ptr(&server, last, &format!("{label}.{label}.{label}.example"));
    }
    let shown = |serial: u32| over_tcp(server.dns, serial).1;
    let present = serial(&server);
    assert_eq!(shown(first), 4 + 250 + 1, "from the beginning: all came, and one went");
    change(&server, r#"{"kind":"history-limit","octets":65536}"#);
    // Of another version each time: of this one it is known.
    let mut names = 0..;
    eventually("the beginning is forgotten", || {
        ptr(&server, 250, &format!("name-{}.example", names.next().unwrap_or(0)));
        shown(first) != 256
    });
    assert_eq!(shown(present - 10), 4 + 10 + 1, "what is younger is there");
    let status = server.request("GET", "/v1/status", "");
    assert!(status.contains("\"history_limit\":65536"), "{status}");
    let history = status.split("\"history\":").nth(1).and_then(|rest| rest.split(',').next());
    let history: u64 = history.and_then(|text| text.parse().ok()).expect("a number");
    assert!((60_000..=65_536).contains(&history), "{history} octets");
}
