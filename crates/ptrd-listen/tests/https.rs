//! DNS over HTTPS: methods, types, sizes and caching, and clients that stall, do not read, or are many.

mod common;
#[path = "common/trust.rs"]
mod trust;

use base64ct::{Base64UrlUnpadded, Encoding};
use bytes::Bytes;
use common::*;
use h2::client::SendRequest;
use http::{Method, Request, Response, StatusCode};
use ptrd_listen::{Limits, Protocol};
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const TYPE: &str = "application/dns-message";

async fn tls(server: SocketAddr, alpn: &[&[u8]]) -> TlsStream<TcpStream> {
    let config = Arc::new(trust::client(alpn, rustls::ALL_VERSIONS));
    let stream = TcpStream::connect(server).await.expect("connected");
    TlsConnector::from(config).connect(trust::name(), stream).await.expect("a handshake")
}

async fn h2(server: SocketAddr) -> SendRequest<Bytes> {
    let (client, connection) = h2::client::handshake(tls(server, &[b"h2"]).await).await.expect("HTTP/2");
    tokio::spawn(connection);
    client
}

async fn exchange(
    client: &SendRequest<Bytes>,
    request: Request<()>,
    body: &[u8],
) -> Result<(Response<()>, Vec<u8>), h2::Error> {
    let mut client = client.clone().ready().await?;
    let (response, mut sending) = client.send_request(request, body.is_empty())?;
    if !body.is_empty() {
        let _ = sending.send_data(Bytes::copy_from_slice(body), true);
    }
    let (head, mut body) = response.await?.into_parts();
    let mut octets = Vec::new();
    while let Some(part) = body.data().await {
        let part = part?;
        body.flow_control().release_capacity(part.len())?;
        octets.extend_from_slice(&part);
    }
    Ok((Response::from_parts(head, ()), octets))
}

fn request(method: Method, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(format!("https://ns1.example.net{path}"))
}

fn get(message: &[u8]) -> Request<()> {
    let dns = Base64UrlUnpadded::encode_string(message);
    request(Method::GET, &format!("/dns-query?dns={dns}")).body(()).expect("a request")
}

fn post(kind: &str) -> Request<()> {
    request(Method::POST, "/dns-query").header("content-type", kind).body(()).expect("a request")
}

fn header<'a>(response: &'a Response<()>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

fn counts(server: &Sealed) -> ptrd_listen::StreamCounts {
    server.listener.counts().https.expect("it is listened for")
}

#[tokio::test]
async fn get_and_post_are_answered_and_may_be_kept_as_long_as_the_records() {
    let server = Sealed::start(limits());
    let client = h2(server.at(Protocol::Https)).await;
    for request in [get(&ptr_query(0, 2)), post(TYPE), post("Application/DNS-Message")] {
        let body = if request.method() == Method::POST { ptr_query(0, 2) } else { Vec::new() };
        let (response, answer) = exchange(&client, request, &body).await.expect("a response");
        assert_eq!((response.status(), header(&response, "content-type")), (StatusCode::OK, TYPE));
        assert_eq!(header(&response, "cache-control"), "max-age=3600");
        assert!(is_ptr_answer(&answer, 0));
    }
    // NXDOMAIN, by the SOA; and what is refused is not to be kept.
    let (response, answer) = exchange(&client, get(&ptr_query(0, 3)), &[]).await.expect("a response");
    assert_eq!((rcode(&answer), header(&response, "cache-control")), (3, "max-age=3600"));
    let elsewhere = query(0, &"www.example.org".parse().expect("a name"), 1);
    let (response, answer) = exchange(&client, get(&elsewhere), &[]).await.expect("a response");
    assert_eq!((rcode(&answer), header(&response, "cache-control")), (5, "max-age=0"));
    let (_, answer) = exchange(&client, get(&big_query(0)), &[]).await.expect("a response");
    assert!(answer.len() > 10_000 && rcode(&answer) == 0);
    // Without anybody who takes transfers they are refused, in one message.
    let axfr = query(0, &"2.0.192.in-addr.arpa".parse().expect("a name"), 252);
    let (response, answer) = exchange(&client, get(&axfr), &[]).await.expect("a response");
    assert_eq!((response.status(), rcode(&answer)), (StatusCode::OK, 5));
    assert_eq!(counts(&server).engine.answers, 7);
}

#[tokio::test]
async fn what_is_no_query_is_told_why() {
    let server = Sealed::start(limits());
    let client = h2(server.at(Protocol::Https)).await;
    let at = |method, path| request(method, path).body(()).expect("a request");
    let query = ptr_query(0, 2);
    let mut response = query.clone();
    response[2] |= 0x80;
    for (request, body, expected) in [
        (at(Method::GET, "/"), &[][..], 404),
        (at(Method::GET, "/dns-query"), &[], 400),
        (at(Method::GET, "/dns-query?dns=!!!"), &[], 400),
        (at(Method::GET, "/dns-query?dns=AAAA"), &[], 400),
        (at(Method::PUT, "/dns-query"), &query, 405),
        (at(Method::HEAD, "/dns-query"), &[], 405),
        (at(Method::POST, "/dns-query"), &query, 415),
        (post("text/plain"), &query, 415),
        (post(TYPE), &response, 400),
        (post(TYPE), &[0; 65_536], 413),
        (post(TYPE), &[], 400),
    ] {
        let what = format!("{} {}", request.method(), request.uri());
        let (response, _) = exchange(&client, request, body).await.expect("a response");
        assert_eq!(response.status().as_u16(), expected, "{what}");
    }
    // 65 535 octets are a message, if a malformed one.
    let mut long = query.clone();
    long.resize(65_535, 0);
    let (response, answer) = exchange(&client, post(TYPE), &long).await.expect("a response");
    assert_eq!((response.status(), rcode(&answer)), (StatusCode::OK, 1));
    // Headers beyond all measure.
    let request = request(Method::GET, &format!("/dns-query?dns={}", "A".repeat(60_000)));
    match exchange(&client, request.body(()).expect("a request"), &[]).await {
        Ok((response, _)) => assert_eq!(response.status().as_u16(), 431),
        Err(error) => assert!(error.is_reset() || error.is_go_away(), "{error}"),
    }
    let client = h2(server.at(Protocol::Https)).await;
    assert!(is_ptr_answer(&exchange(&client, get(&query), &[]).await.expect("a response").1, 0));
}

/// Reads a response of HTTP/1.1 with its length.
async fn h1_response(tls: &mut TlsStream<TcpStream>) -> (String, Vec<u8>) {
    let (mut head, mut octet) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        tls.read_exact(&mut octet).await.expect("a head");
        head.push(octet[0]);
    }
    let head = String::from_utf8(head).expect("text").to_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split('\r').next());
    let mut body = vec![0; length.map_or(0, |length| length.parse().expect("a number"))];
    tls.read_exact(&mut body).await.expect("a body");
    (head, body)
}

#[tokio::test]
async fn http_1_1_is_answered_too() {
    let server = Sealed::start(limits());
    for alpn in [&[&b"http/1.1"[..]][..], &[]] {
        let mut tls = tls(server.at(Protocol::Https), alpn).await;
        for _ in 0..3 {
            let query = ptr_query(0, 2);
            let head = format!(
                "POST /dns-query HTTP/1.1\r\nHost: ns1.example.net\r\nContent-Type: {TYPE}\r\nContent-Length: {}\r\n\r\n",
                query.len()
            );
            tls.write_all(&[head.as_bytes(), &query].concat()).await.expect("sent");
            let (head, body) = h1_response(&mut tls).await;
            assert!(head.starts_with("http/1.1 200") && head.contains("max-age=3600"), "{head}");
            assert!(is_ptr_answer(&body, 0));
            let get = format!(
                "GET /dns-query?dns={} HTTP/1.1\r\nHost: x\r\n\r\n",
                Base64UrlUnpadded::encode_string(&query)
            );
            tls.write_all(get.as_bytes()).await.expect("sent");
            assert!(is_ptr_answer(&h1_response(&mut tls).await.1, 0));
        }
    }
}

#[tokio::test]
async fn a_thousand_stalled_handshakes_and_requests_delay_nobody() {
    let server = Sealed::start(Limits { connections: 1500, connections_per_network: 1500, ..limits() });
    let at = server.at(Protocol::Https);
    let waiting = h2(at).await;
    let mut stalled = Vec::new();
    for nth in 0..1000 {
        let mut stream = TcpStream::connect(at).await.expect("connected");
        if nth % 2 == 0 {
            stream.write_all(&[22, 3, 1, 2, 0, 1, 0]).await.expect("sent");
        }
        stalled.push(stream);
    }
    // Some come further: half a request, and a body that does not end.
    let mut halves = Vec::new();
    for _ in 0..20 {
        let mut half = tls(at, &[b"http/1.1"]).await;
        half.write_all(b"POST /dns-query HTTP/1.1\r\nHost: x\r\n").await.expect("sent");
        halves.push(half);
        let mut client = h2(at).await.ready().await.expect("ready");
        let (response, mut sending) = client.send_request(post(TYPE), false).expect("sent");
        sending.send_data(Bytes::from_static(&[0; 5]), false).expect("sent");
        halves.push(tls(at, &[b"h2"]).await);
        drop(tokio::spawn(async move {
            let _ = response.await;
            drop((client, sending));
        }));
    }
    for _ in 0..30 {
        for client in [&waiting, &h2(at).await] {
            assert!(is_ptr_answer(
                &exchange(client, get(&ptr_query(0, 2)), &[]).await.expect("a response").1,
                0
            ));
        }
        assert!(is_ptr_answer(&ask_udp(server.address, &ptr_query(3, 2)), 3));
    }
    assert_eq!(counts(&server).evicted, 0);
    drop((stalled, halves));
    let counted = async {
        while counts(&server).unshaken < 1000 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, counted).await.expect("they are counted");
}

#[tokio::test]
async fn requests_that_do_not_end_are_told_so_and_answers_must_be_read() {
    let (message, write_stall) = (Duration::from_millis(300), Duration::from_millis(400));
    let idle = Duration::from_secs(2);
    let server = Sealed::start(Limits { message, write_stall, idle, ..limits() });
    let at = server.at(Protocol::Https);
    let mut client = h2(at).await.ready().await.expect("ready");
    let (response, _sending) = client.send_request(post(TYPE), false).expect("sent");
    let response = tokio::time::timeout(PATIENCE, response).await.expect("in time").expect("a response");
    assert_eq!(response.status(), StatusCode::REQUEST_TIMEOUT);
    // Answers of 10 KB each, of which none is read: flow control holds them back.
    let greedy = h2(at).await;
    let mut unread = Vec::new();
    for _ in 0..90 {
        let mut ready = greedy.clone().ready().await.expect("ready");
        unread.push(ready.send_request(get(&big_query(0)), true).expect("sent").0);
    }
    let honest = h2(at).await;
    for _ in 0..20 {
        assert!(is_ptr_answer(
            &exchange(&honest, get(&ptr_query(0, 2)), &[]).await.expect("a response").1,
            0
        ));
    }
    let cut = async {
        while counts(&server).timed_out == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, cut).await.expect("cut");
    let left = async {
        while counts(&server).open > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, left).await.expect("idle ones are closed");
    drop((client, greedy, honest, unread));
}

#[tokio::test]
async fn newcomers_take_the_seats_of_the_idle() {
    let server = Sealed::start(Limits { connections: 5, connections_per_network: 5, ..limits() });
    let at = server.at(Protocol::Https);
    let mut clients = Vec::new();
    for _ in 0..20 {
        let client = h2(at).await;
        assert!(is_ptr_answer(
            &exchange(&client, get(&ptr_query(0, 2)), &[]).await.expect("a response").1,
            0
        ));
        clients.push(client);
    }
    assert!(exchange(&clients[0], get(&ptr_query(0, 2)), &[]).await.is_err());
    assert!(exchange(&clients[19], get(&ptr_query(0, 2)), &[]).await.is_ok());
    assert_eq!(counts(&server).evicted, 15);
}

#[test]
fn kdig_and_openssl_agree() {
    let server = Sealed::start(limits());
    let at = server.at(Protocol::Https);
    let port = at.port().to_string();
    for option in ["+https", "+https-get"] {
        let arguments = ["@127.0.0.1", "-p", &port, "+https", option, "-x", "192.0.2.2"];
        let Ok(output) = Command::new("kdig").args(arguments).output() else {
            eprintln!("skipped: kdig is not installed");
            break;
        };
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(text.contains("host-2.example.net.") && text.contains("HTTP/2"), "{text}");
    }
    for (alpn, expected) in
        [("h2,http/1.1", "ALPN protocol: h2"), ("http/1.1", "ALPN protocol: http/1.1"), ("dot", "alert")]
    {
        let arguments = ["s_client", "-connect", &at.to_string(), "-alpn", alpn];
        let Ok(output) = Command::new("openssl").args(arguments).stdin(std::process::Stdio::null()).output()
        else {
            eprintln!("skipped: openssl is not installed");
            return;
        };
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(text.contains(expected), "{alpn}: {text}");
    }
}
