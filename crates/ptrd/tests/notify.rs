//! Announcements (NOTIFY, RFC 1996) from the daemon, when others are to be told than before.

mod common;

use common::{PATIENCE, Server};
use std::net::UdpSocket;
use std::time::Duration;

fn change(server: &Server, body: &str) {
    let answer = server.request("POST", "/v1/changes", body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{body}: {answer}");
}

/// One who is told.
fn secondary() -> (UdpSocket, String) {
    let socket = UdpSocket::bind(("127.0.0.1", 0)).expect("a socket");
    socket.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let address = socket.local_addr().expect("an address").to_string();
    (socket, address)
}

/// Receives a NOTIFY, answers it, and says which zone it is about.
fn told(socket: &UdpSocket) -> String {
    let mut message = [0; 1024];
    let (length, from) = socket.recv_from(&mut message).expect("a message");
    assert_eq!(message[2] >> 3 & 15, 4, "NOTIFY");
    let (mut name, mut at) = (Vec::new(), 12);
    while message[at] > 0 {
        let end = at + 1 + usize::from(message[at]);
        name.push(String::from_utf8_lossy(&message[at + 1..end]).into_owned());
        at = end;
    }
    message[2] |= 0x80;
    socket.send_to(&message[..length], from).expect("sent");
    name.join(".")
}

#[test]
fn whoever_is_listed_is_told_at_once_and_whoever_was_is_not_told_again() {
    let server = Server::start(&[]);
    server.fill();
    change(&server, r#"{"kind":"block-add","range":"198.51.100.0/24","tenant":"acme"}"#);
    let (first, address) = secondary();
    change(&server, &format!(r#"{{"kind":"notify-add","address":"{address}"}}"#));
    let mut zones = vec![told(&first), told(&first)];
    zones.sort();
    assert_eq!(zones, ["100.51.198.in-addr.arpa", "2.0.192.in-addr.arpa"]);
    // Of one zone alone; the other one has been told.
    let (second, address) = secondary();
    let zone = r#""zone":"2.0.192.in-addr.arpa""#;
    change(&server, &format!(r#"{{"kind":"notify-add","address":"{address}",{zone}}}"#));
    assert_eq!(told(&second), "2.0.192.in-addr.arpa");
    change(&server, &format!(r#"{{"kind":"notify-remove","address":"{address}",{zone}}}"#));
    // The next change is told to whom is listed then, and was not told since.
    change(&server, r#"{"kind":"ptr-set","address":"192.0.2.9","names":["nine.example.net"]}"#);
    assert_eq!(told(&first), "2.0.192.in-addr.arpa");
    for socket in [first, second] {
        socket.set_read_timeout(Some(Duration::from_millis(300))).expect("a timeout");
        assert!(socket.recv_from(&mut [0; 1024]).is_err(), "nothing more");
    }
}
