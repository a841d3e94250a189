//! Clients of the API who hold every connection, or come again and again, and what others notice of them: nothing.

mod common;

use common::https::{self, Client, GENEROUS, fresh};
use common::{PATIENCE, Server, eventually, query};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

/// Connections that the API takes.
const SEATS: usize = 24;

/// The response code of a query over TCP.
fn ask_over_tcp(dns: SocketAddr, last: u8) -> u8 {
    let mut stream = TcpStream::connect(dns).expect("connected");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    let query = query(last);
    stream.write_all(&[&(query.len() as u16).to_be_bytes()[..], &query].concat()).expect("sent");
    let mut length = [0; 2];
    stream.read_exact(&mut length).expect("a length");
    let mut reply = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut reply).expect("a reply");
    reply[3] & 15
}

#[track_caller]
fn questions_are_answered(server: &Server, times: u32, while_what: &str) {
    for n in 0..times {
        assert_eq!(server.ask(1), 0, "{while_what}");
        assert_eq!(server.ask(99), 3, "{while_what}");
        if n % 10 == 0 {
            assert_eq!(ask_over_tcp(server.dns, 1), 0, "over TCP, {while_what}");
        }
    }
}

/// One that takes a seat and gives nothing for it, in one of three ways; `None` where there is no seat.
fn sitter(at: SocketAddr, token: &str, number: usize) -> Option<Box<dyn Write + Send>> {
    let client = Client::new(at, Some(token));
    if number.is_multiple_of(3) {
        // No handshake at all.
        let stream = TcpStream::connect(at).ok()?;
        return Some(Box::new(stream));
    }
    let mut stream = client.connect().ok()?;
    let head = match number % 3 {
        1 => "GET /v1/ptrs HTTP/1.1\r\nhost: x\r\nx: ".to_owned(),
        _ => format!(
            "PUT /v1/ptrs/192.0.2.7 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: 500\r\n\r\n{{"
        ),
    };
    stream.get_mut().write_all(head.as_bytes()).ok()?;
    stream.get_mut().flush().ok()?;
    Some(Box::new(stream.into_inner()))
}

#[test]
fn questions_are_answered_while_every_connection_of_the_api_is_held() {
    let server =
        https::start(&format!("{GENEROUS}connections = {SEATS}\nconnections-per-address = {SEATS}\n"));
    server.fill();
    let at = https::at(&server);
    let token = https::token(&server, r#"{"name":"t","tenant":"acme","write":true}"#);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Each sends an octet now and then, and comes back when it is cut off.
        for number in 0..2 * SEATS {
            let (token, stop) = (&token, &stop);
            scope.spawn(move || {
                let mut seat = None;
                while !stop.load(Ordering::Relaxed) {
                    let sat = seat.get_or_insert_with(|| sitter(at, token, number));
                    let is_there = sat
                        .as_mut()
                        .is_some_and(|sat| sat.write_all(b"1").and_then(|()| sat.flush()).is_ok());
                    if !is_there {
                        seat = None;
                    }
                    sleep(Duration::from_millis(20));
                }
            });
        }
        // Others show tokens that are none, as fast as they can.
        for _ in 0..8 {
            let stop = &stop;
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let _ = Client::new(at, Some("ptrd_none")).try_ask("GET", "/v1/ptrs", &[], b"");
                }
            });
        }
        let guest =
            || Client::new(at, Some(&token)).coming_from(fresh()).try_ask("GET", "/v1/tokens/self", &[], b"");
        eventually("there is no seat left", || guest().is_err());
        questions_are_answered(&server, 100, "while nobody gets a seat");
        // Whoever comes by the socket is served, and seen at once.
        for octet in 10..20 {
            let body = format!(r#"{{"names":["h{octet}.example.net"]}}"#);
            let answer = server.request("PUT", &format!("/v1/ptrs/192.0.2.{octet}"), &body);
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            assert_eq!(server.ask(octet), 0, "acknowledged is visible");
        }
        questions_are_answered(&server, 100, "while changes are made as well");
        stop.store(true, Ordering::Relaxed);
    });
    let mut honest = Client::new(at, Some(&token));
    eventually("a seat for one who asks", || honest.try_ask("GET", "/v1/blocks", &[], b"").is_ok());
}
