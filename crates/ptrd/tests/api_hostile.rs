//! Requests that no client sends by mistake: two that look like one, paths that lead elsewhere, bodies and heads of all kinds. Each
//! is refused, and nothing is done.

mod common;

use common::https::{self, Answer, Client, GENEROUS};
use common::{Server, eventually};
use std::io::{self, Read, Write};

fn started(rest: &str) -> (Server, Client) {
    let server = https::start(&format!("{GENEROUS}{rest}"));
    for body in [
        r#"{"kind":"tenant-add","name":"acme"}"#,
        r#"{"kind":"block-add","range":"192.0.2.0/24","tenant":"acme"}"#,
        r#"{"kind":"ptr-fill","range":"192.0.2.0/28","pattern":"h{n}.acme.example"}"#,
    ] {
        let answer = server.request("POST", "/v1/changes", body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let token = https::token(&server, r#"{"name":"t","tenant":"acme","write":true}"#);
    let client = Client::new(https::at(&server), Some(&token));
    (server, client)
}

/// All PTRs.
fn ptrs(server: &Server) -> String {
    let answer = server.request("GET", "/v1/ptrs?limit=10000", "");
    answer.split_once("\r\n\r\n").expect("a body").1.to_owned()
}

/// Sends octets over a connection of its own, and takes all answers until it is closed. `TOKEN` stands for a token that may
/// write, and `CLOSE` for a header that ends the connection.
fn send(client: &Client, octets: &[u8]) -> Vec<Answer> {
    let mut stream = client.connect().expect("connected");
    // Whoever refuses a head need not read the rest.
    let _ = stream.get_mut().write_all(octets).and_then(|()| stream.get_mut().flush());
    let mut answers = Vec::new();
    while let Ok(answer) = https::read(&mut stream) {
        let is_last = answer.header("connection") == "close";
        answers.push(answer);
        if is_last {
            break;
        }
    }
    answers
}

fn text(client: &Client, text: &str) -> Vec<Answer> {
    let token = format!("authorization: Bearer {}\r\n", client.token.as_deref().expect("a token"));
    send(client, text.replace("TOKEN", &token).replace("CLOSE", "connection: close\r\n").as_bytes())
}

const SECOND: &str = "DELETE /v1/ptrs/192.0.2.2 HTTP/1.1\r\nhost: x\r\nTOKENCLOSE\r\n";

#[test]
fn what_may_be_one_request_or_two_is_not_taken_for_two() {
    let (server, client) = started("");
    let before = ptrs(&server);
    let length = SECOND.len() + 64;
    for headers in [
        format!("content-length: {length}\r\ntransfer-encoding: chunked"),
        format!("transfer-encoding: chunked\r\ncontent-length: {length}"),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {length}\r\nContent-Length: 5"),
        "transfer-encoding: chunked".to_owned(),
    ] {
        let first = format!("PUT /v1/ptrs/192.0.2.1 HTTP/1.1\r\nhost: x\r\nTOKEN{headers}\r\n\r\n0\r\n\r\n");
        let answers = text(&client, &format!("{first}{SECOND}"));
        assert_eq!(answers.len(), 1, "{headers}: {answers:?}");
        assert_eq!(answers[0].status, 400, "{headers}: {}", answers[0].text());
        assert_eq!(ptrs(&server), before, "{headers}");
    }
    for headers in [
        "content-length: 5\r\ncontent-length: 6",
        "content-length: 5, 6",
        "content-length: +5",
        "content-length: -1",
        "content-length: 0x5",
        "content-length: 5 5",
        "content-length: 99999999999999999999",
        "content-length : 5",
        "transfer-encoding: chunked, identity",
        "transfer-encoding: xchunked",
        "transfer-encoding: gzip",
        "transfer-encoding:\x0bchunked",
        "x: a\r\n folded",
        "x: a\0b",
        "x\0: a",
        "x y: a",
        ": a",
        "no colon",
    ] {
        let first = format!("PUT /v1/ptrs/192.0.2.1 HTTP/1.1\r\nhost: x\r\nTOKEN{headers}\r\n\r\nabcde");
        let answers = text(&client, &format!("{first}{SECOND}"));
        assert_eq!(answers.len(), 1, "{headers:?}: {answers:?}");
        assert!((400..500).contains(&answers[0].status), "{headers:?}: {answers:?}");
        assert_eq!(ptrs(&server), before, "{headers:?}");
    }
    for chunks in ["FFFFFFFFFFFFFFFFF\r\n", "-1\r\n", "5;x\n", "x\r\n", "5\r\nabcdefgh\r\n0\r\n\r\n"] {
        let first = "PUT /v1/ptrs/192.0.2.1 HTTP/1.1\r\nhost: x\r\nTOKENtransfer-encoding: chunked\r\n\r\n";
        let answers = text(&client, &format!("{first}{chunks}{SECOND}"));
        assert!(answers.len() <= 1, "{chunks:?}: {answers:?}");
        assert!(answers.iter().all(|answer| (400..500).contains(&answer.status)), "{chunks:?}: {answers:?}");
        assert_eq!(ptrs(&server), before, "{chunks:?}");
    }
    // Two requests that are two are two.
    let answers = text(&client, &format!("GET /v1/blocks HTTP/1.1\r\nhost: x\r\nTOKEN\r\n{SECOND}"));
    assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [200, 200]);
}

#[test]
fn lines_that_are_none_of_http_are_refused() {
    let (server, client) = started("");
    let before = ptrs(&server);
    for (line, headers, statuses) in [
        ("GET /v1/blocks HTTP/1.1", "", &[400][..]),
        ("GET /v1/blocks HTTP/1.1", "host: x\r\nhost: y\r\n", &[400]),
        ("GET /v1/blocks HTTP/1.1", "host: a b\r\n", &[400]),
        ("GET /v1/blocks HTTP/1.1", "host: x/y\r\n", &[400]),
        ("GET /v1/blocks HTTP/1.1", "host: x@y:z\r\n", &[400]),
        ("GET /v1/blocks HTTP/1.1", "host: 127.0.0.1:443\r\n", &[200]),
        ("GET /v1/blocks HTTP/1.1", "host: [::1]\r\n", &[200]),
        ("GET /v1/blocks HTTP/1.0", "", &[200]),
        ("GET https://ns1.example.net/v1/blocks HTTP/1.1", "host: ns1.example.net\r\n", &[200]),
        ("GET https://evil.example/v1/nothing HTTP/1.1", "host: x\r\n", &[404]),
        ("GET http:///v1/blocks HTTP/1.1", "host: x\r\n", &[400]),
        ("GET v1/blocks HTTP/1.1", "host: x\r\n", &[400, 404]),
        ("OPTIONS * HTTP/1.1", "host: x\r\n", &[404, 405]),
        ("CONNECT ns1.example.net:443 HTTP/1.1", "host: x\r\n", &[400, 404, 405]),
        ("GET /v1/blocks HTTP/2.0", "host: x\r\n", &[400, 505]),
        ("GET /v1/blocks HTTP/1.2", "host: x\r\n", &[400, 505]),
        ("GET /v1/blocks", "", &[400]),
        ("PRI * HTTP/2.0", "", &[400, 505]),
        ("get /v1/blocks HTTP/1.1", "host: x\r\n", &[405]),
        ("G\0T /v1/blocks HTTP/1.1", "host: x\r\n", &[400]),
        ("GET  /v1/blocks HTTP/1.1", "host: x\r\n", &[400]),
        ("GET /v1/blo cks HTTP/1.1", "host: x\r\n", &[400]),
        ("GET /v1/blocks\t HTTP/1.1", "host: x\r\n", &[400]),
        ("GET /v1/blocks HTTP/1.1", "host: x\r\nupgrade: h2c\r\nhttp2-settings: AAAA\r\n", &[200]),
        ("GET /v1/blocks HTTP/1.1", "host: x\r\nx-http-method-override: DELETE\r\n", &[200]),
        ("PATCH /v1/ptrs/192.0.2.2 HTTP/1.1", "host: x\r\nx-http-method-override: DELETE\r\n", &[405]),
    ] {
        let answers = text(&client, &format!("{line}\r\n{headers}TOKENCLOSE\r\n"));
        let told = format!("{line:?} {headers:?}: {answers:?}");
        assert_eq!(answers.len(), 1, "{told}");
        assert!(statuses.contains(&answers[0].status), "{told}");
        assert_eq!(ptrs(&server), before, "{told}");
    }
}

#[test]
fn paths_lead_where_they_say_and_nowhere_else() {
    let (server, mut client) = started("");
    let before = ptrs(&server);
    let body = r#"{"names":["evil.acme.example"]}"#;
    for target in [
        "/",
        "//",
        "/v1",
        "/v1/",
        "/v1//ptrs/192.0.2.1",
        "//v1/ptrs/192.0.2.1",
        "/v1/ptrs/192.0.2.1/",
        "/v1/ptrs/192.0.2.1/.",
        "/v1/./ptrs/192.0.2.1",
        "/v1/blocks/../ptrs/192.0.2.1",
        "/v1/blocks/%2e%2e/ptrs/192.0.2.1",
        "/v1/ptrs/..",
        "/v1/ptrs/%2e%2e",
        "/v1/ptrs/..%2f..%2fetc%2fpasswd",
        "/v1/ptrs/192.0.2.1%00",
        "/v1/ptrs/192.0.2.1%0a",
        "/v1/ptrs/192.0.2.1%20",
        "/v1/ptrs/%ff",
        "/v1/ptrs/%c0%ae%c0%ae",
        "/v1/ptrs/%zz",
        "/v1/ptrs/%",
        "/v1/ptrs/%2531",
        "/v1/ptrs/192.0.2.1;x=y",
        "/v1/ptrs;x/192.0.2.1",
        "/%76%31/ptrs/192.0.2.1",
        "/V1/PTRS/192.0.2.1",
        "/v1/ptrs/192.0.2.1?colour=red",
        "/v1/ptrs/192.0.2.1?dry_run=true&dry_run=false",
        "/v1/ptrs/192.0.2.1?dry_run=%ff",
        "/v1/ptrs/192.0.2.1?dry_run",
        "/v1/ptrs/192.0.2.1?%64ry_run=yes",
        "/api/v1/servers/localhost/../localhost/zones",
        "/api/v1/servers/local%68ost%00/zones",
    ] {
        let answer = client.ask("PUT", target, &[], body);
        assert!((400..500).contains(&answer.status), "{target}: {} {}", answer.status, answer.text());
        assert!(!answer.text().is_empty(), "{target} is told what is wrong");
        assert_eq!(ptrs(&server), before, "{target}");
    }
    let long = format!("/v1/ptrs/{}", "1".repeat(60_000));
    assert!(matches!(client.try_ask("PUT", &long, &[], b"{}"), Ok(Answer { status: 414 | 431, .. })));
}

#[test]
fn bodies_that_are_no_json_of_ours_are_refused_with_what_is_wrong() {
    let (server, mut client) = started("");
    let before = ptrs(&server);
    let deep = format!(r#"{{"names":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    let objects = r#"{"a":"#.repeat(100_000);
    let many = format!(r#"{{"names":[{}]}}"#, vec![r#""a.example""#; 100_000 / 2].join(","));
    let long_field = format!(r#"{{"{}":1}}"#, "x".repeat(100_000));
    for (body, status, part) in [
        (&b"\xff\xfe{\0}\0"[..], 400, "the body"),
        (b"\xef\xbb\xbf{}", 400, "the body"),
        (b"{\"names\":[\"\xff\"]}", 400, "names"),
        (b"null", 400, "the body"),
        (b"[]", 400, "the body"),
        (b"{} {}", 400, "names"),
        (br#"{"names":["a.example"]} x"#, 400, "trailing"),
        (br#"{"names":["a.example"],}"#, 400, "trailing comma"),
        (br#"{"names":["a.example"],"names":["b.example"]}"#, 400, "duplicate field `names`"),
        (br#"{"names":["a.example"],"ttl":1,"ttl":2}"#, 400, "duplicate field `ttl`"),
        (br#"{"names":["a.example"],"ttl":1.5}"#, 400, "ttl"),
        (br#"{"names":["a.example"],"ttl":1e400}"#, 400, "number out of range"),
        (br#"{"names":["a.example"],"ttl":18446744073709551616}"#, 400, "ttl"),
        (br#"{"names":["a.example"],"ttl":4294967295}"#, 422, "ttl"),
        (br#"{"names":["a.example"],"ttl":NaN}"#, 400, "ttl"),
        (br#"{"names":["\ud800.example"]}"#, 400, "names"),
        (br#"{"names":["a\u0000b.example"]}"#, 422, "names"),
        (br#"{"names":["a\nb.example"]}"#, 422, "names"),
        (br#"{"names":["=cmd|.example"]}"#, 422, "names"),
        (br#"{"names":["<script>.example"]}"#, 422, "names"),
        (br#"{"names":["a..example"]}"#, 422, "names"),
        (br#"{"names":[""]}"#, 422, "names"),
        (br#"{"names":["."]}"#, 422, "names"),
        (br#"{"names":[]}"#, 400, "names"),
        (br#"{"names":{"0":"a.example"}}"#, 400, "names"),
        (br#"{"names":["a.example"],"__proto__":{}}"#, 400, "__proto__"),
        (deep.as_bytes(), 400, "names"),
        (objects.as_bytes(), 400, "unknown field"),
        (many.as_bytes(), 422, "names"),
        (long_field.as_bytes(), 400, "unknown field"),
    ] {
        let answer = client.try_ask("PUT", "/v1/ptrs/192.0.2.1", &[], body).expect("an answer");
        let sent = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
        assert_eq!(answer.status, status, "{sent}: {}", answer.text());
        assert!(answer.body.len() < 4_000, "{sent}: an answer is short: {}", answer.body.len());
        let problem = answer.json();
        let told = format!("{} {}", problem["field"], problem["detail"]);
        assert!(told.contains(part), "{sent}: {told}");
        assert_eq!(answer.header("content-type"), "application/problem+json", "{sent}");
    }
    for (target, body) in [
        (
            "/v1/changes",
            r#"{"kind":"ptr-set","kind":"ptr-delete","address":"192.0.2.1","names":["a.example"]}"#,
        ),
        (
            "/v1/changes",
            r#"{"kind":"ptr-set","address":"192.0.2.9","address":"192.0.2.1","names":["a.example"]}"#,
        ),
        ("/v1/tokens", r#"{"name":"a","write":false,"write":true}"#),
        ("/v1/blocks", r#"{"range":"192.0.2.0/28","tenant":"acme","tenant":"bob"}"#),
    ] {
        let answer = client.ask("POST", target, &[], body);
        assert_eq!(answer.status, 400, "{target} {body}: {}", answer.text());
        assert!(answer.text().contains("duplicate field"), "{target} {body}: {}", answer.text());
    }
    assert_eq!(ptrs(&server), before);
}

#[test]
fn compressed_bodies_are_not_unpacked() {
    let (server, mut client) = started("");
    let before = ptrs(&server);
    for coding in ["gzip", "deflate", "br", "zstd", "gzip, gzip", "x-gzip"] {
        for target in ["/v1/ptrs/import", "/v1/changes", "/api/v1/servers/localhost/zones"] {
            let answer = client.ask("POST", target, &[("content-encoding", coding)], "\u{1f}\u{8b}\u{8}");
            assert_eq!(answer.status, 400, "{target} {coding}: {}", answer.text());
            assert!(answer.text().contains("compressed bodies are not taken"), "{}", answer.text());
        }
    }
    assert_eq!(ptrs(&server), before);
}

#[test]
fn heads_have_a_size_and_bodies_too() {
    let (server, mut client) = started("");
    let before = ptrs(&server);
    let many: String = (0..200).map(|n| format!("x-{n}: y\r\n")).collect();
    let long = format!("x: {}\r\n", "y".repeat(40_000));
    for headers in [many, long, "x: y\r\n".repeat(20_000)] {
        let answers =
            text(&client, &format!("DELETE /v1/ptrs/192.0.2.2 HTTP/1.1\r\nhost: x\r\nTOKEN{headers}\r\n"));
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        // Of a flood the end may not be read, and then the answer is lost on its way.
        assert!(statuses.is_empty() || statuses == [431], "{statuses:?}");
        assert_eq!(ptrs(&server), before);
    }
    // What says that it is too large is not waited for, be it said that it will come only if it may.
    let head = "PUT /v1/ptrs/192.0.2.1 HTTP/1.1\r\nhost: x\r\nTOKENCLOSEcontent-length: 9999999999\r\n";
    for rest in ["expect: 100-continue\r\n\r\n", "\r\n"] {
        let answers = text(&client, &format!("{head}{rest}"));
        assert_eq!(answers.iter().map(|answer| answer.status).collect::<Vec<_>>(), [413], "{answers:?}");
    }
    assert_eq!(
        client.ask("GET", "/v1/blocks", &[], &"x".repeat(1 << 16)).status,
        200,
        "what a GET brings is not read"
    );
    assert_eq!(client.get("/v1/blocks").status, 200);
    assert_eq!(ptrs(&server), before);
}

#[test]
fn whoever_dribbles_is_cut_off_and_others_are_served() {
    let (_server, mut client) = started("idle-timeout = '1s'\n");
    let mut slow = client.connect().expect("connected");
    slow.get_mut().write_all(b"GET /v1/blocks HTTP/1.1\r\nhost: x\r\n").expect("sent");
    let mut dribble = || -> io::Result<()> {
        slow.get_mut().write_all(b"x: y\r\n")?;
        slow.get_mut().flush()?;
        slow.get_mut().sock.set_nonblocking(true)?;
        let read = slow.read(&mut [0; 64]);
        slow.get_mut().sock.set_nonblocking(false)?;
        match read {
            Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            other => other.map(drop),
        }
    };
    eventually("the slow one is cut off", || dribble().is_err());
    assert_eq!(client.get("/v1/blocks").status, 200);
}
