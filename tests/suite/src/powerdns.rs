//! The HTTP API of PowerDNS, asked of ptrd and of PowerDNS itself: calls as text, answers as they differ in what matters.

use crate::api::Place;
use crate::daemon::{Daemon, PATIENCE, free_port};
use crate::secondary::{Kind, Secondary, powerdns_with};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Where everything is.
pub const SERVER: &str = "/api/v1/servers/localhost";

/// An API that can be asked.
pub enum Door {
    /// On a Unix socket, with a key if there is one.
    Socket(PathBuf, Option<String>),
    /// On TCP, with a key.
    Tcp(SocketAddr, String),
    /// Over HTTPS, with a key.
    Https(Place, String),
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Of HTTP.
    pub status: u16,
    /// As it came.
    pub body: String,
}

impl Reply {
    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// What `error` says.
    pub fn error(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        body["error"].as_str().unwrap_or_default().to_owned()
    }
}

impl Door {
    /// One call on a connection of its own; a path that begins with `/zones` and the like is one of the server's.
    #[track_caller]
    pub fn call(&self, method: &str, path: &str, body: &str) -> Reply {
        self.try_call(method, path, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    fn try_call(&self, method: &str, path: &str, body: &str) -> std::io::Result<Reply> {
        let path = if path.starts_with("/api") { path.to_owned() } else { format!("{SERVER}{path}") };
        let key = match self {
            Door::Socket(_, None) => String::new(),
            Door::Socket(_, Some(key)) | Door::Tcp(_, key) | Door::Https(_, key) => {
                format!("x-api-key: {key}\r\n")
            }
        };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
             {key}content-length: {}\r\n\r\n",
            body.len()
        );
        let request = [head.as_bytes(), body.as_bytes()].concat();
        let mut octets = Vec::new();
        match self {
            Door::Socket(path, _) => ask(UnixStream::connect(path)?, &request, &mut octets)?,
            Door::Tcp(address, _) => ask(TcpStream::connect(address)?, &request, &mut octets)?,
            Door::Https(place, _) => ask(place.connect()?, &request, &mut octets)?,
        }
        Ok(read(&octets))
    }

    /// A call that must be answered with this status.
    #[track_caller]
    pub fn expect(&self, status: u16, method: &str, path: &str, body: &str) -> Reply {
        let reply = self.call(method, path, body);
        assert_eq!(reply.status, status, "{method} {path} {}: {}", cut(body), cut(&reply.body));
        reply
    }
}

fn cut(text: &str) -> &str {
    text.get(..2_000).unwrap_or(text)
}

fn ask(mut stream: impl Read + Write, request: &[u8], reply: &mut Vec<u8>) -> std::io::Result<()> {
    // Whoever refuses a body may not read it all.
    let sent = stream.write_all(request);
    match stream.read_to_end(reply) {
        Err(_) if !reply.is_empty() => Ok(()),
        Err(error) => Err(error),
        Ok(0) => sent,
        Ok(_) => Ok(()),
    }
}

/// Reads an answer to its end: by the connection's, or in chunks (RFC 9112 §7.1).
fn read(octets: &[u8]) -> Reply {
    let end = octets.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&octets[..end]).to_ascii_lowercase();
    let status = head.split(' ').nth(1).and_then(|text| text.parse().ok()).expect("a status");
    let mut rest = &octets[end + 4..];
    if !head.contains("transfer-encoding: chunked") {
        return Reply { status, body: String::from_utf8_lossy(rest).into_owned() };
    }
    let mut body = Vec::new();
    loop {
        let line = rest.windows(2).position(|two| two == b"\r\n").expect("a chunk");
        let size = usize::from_str_radix(&String::from_utf8_lossy(&rest[..line]), 16).expect("a size");
        if size == 0 {
            return Reply { status, body: String::from_utf8_lossy(&body).into_owned() };
        }
        body.extend_from_slice(&rest[line + 2..line + 2 + size]);
        rest = &rest[line + 4 + size..];
    }
}

/// A PowerDNS with its API.
pub struct Judge {
    /// How it is asked.
    pub door: Door,
    _server: Secondary,
}

impl Judge {
    /// Starts one in a folder; `None`, and a word of it, where it is not installed.
    pub fn start(folder: &Path) -> Option<Judge> {
        let port = free_port();
        let lines = format!(
            "gsqlite3-dnssec=yes\nwebserver=yes\nwebserver-address=127.0.0.1\nwebserver-port={port}\napi=yes\n\
             api-key=secret\nprimary=yes\n"
        );
        let server = Secondary::run(Kind::PowerDns, folder, |dns| powerdns_with(folder, dns, &lines, ""))?;
        let door = Door::Tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), "secret".to_owned());
        let begun = Instant::now();
        while !door.try_call("GET", "/api", "").is_ok_and(|reply| reply.status == 200) {
            assert!(begun.elapsed() < PATIENCE, "PowerDNS does not come up:\n{}", server.log());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Some(Judge { door, _server: server })
    }
}

/// A token that may write; `words` say for whom.
pub fn token(daemon: &Daemon, name: &str, words: &[&str]) -> String {
    let made = daemon.ctl(&[&["token", "add", name, "--write", "--json"], words].concat());
    let made: Value = serde_json::from_str(&made).expect("JSON");
    made["token"]["token"].as_str().expect("a token").to_owned()
}

/// A call of a file of calls: `STATUS METHOD PATH BODY`. Where ptrd answers otherwise than PowerDNS on purpose, the status
/// is `PTRD/POWERDNS`.
pub struct Call {
    /// The line, for messages.
    pub line: usize,
    /// What ptrd answers.
    pub status: u16,
    /// What PowerDNS answers.
    pub judged: u16,
    /// `GET` and so on.
    pub method: String,
    /// See [`Door::call`].
    pub path: String,
    /// JSON, or nothing.
    pub body: String,
}

/// Reads a file of calls. A line that begins with blanks goes on with the one before; `#` begins a remark.
pub fn read_calls(text: &str) -> Vec<Call> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (nth, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        match lines.last_mut() {
            Some((_, last)) if line.starts_with(' ') => last.push_str(line.trim_start()),
            _ if line.trim().is_empty() => {}
            _ => lines.push((nth + 1, line.to_owned())),
        }
    }
    lines
        .into_iter()
        .map(|(line, text)| {
            let mut words = text.splitn(4, ' ');
            let mut next = || words.next().unwrap_or_default().to_owned();
            let (status, method, path, body) = (next(), next(), next(), next());
            let (status, judged) = status.split_once('/').unwrap_or((&status, &status));
            let number =
                |text: &str| text.parse().unwrap_or_else(|_| panic!("line {line}: {text} is no status"));
            Call { line, status: number(status), judged: number(judged), method, path, body }
        })
        .collect()
}

/// What of an answer must be the same whoever gives it: not serials, times and whose a zone is, and not the SOA and NS
/// records that follow from NS sets and templates in ptrd.
pub fn comparable(value: &Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().filter(|item| !is_apart(item)).map(comparable).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(fields) => {
            let mut fields: serde_json::Map<String, Value> =
                fields.iter().map(|(name, value)| (name.clone(), comparable(value))).collect();
            for name in ["account", "edited_serial", "notified_serial", "serial"] {
                if let Some(value) = fields.get_mut(name) {
                    *value = Value::from(if value.is_number() { "a number" } else { "a text" });
                }
            }
            if let Some(Value::String(text)) = fields.get_mut("soa_edit_api") {
                // As it was said, or as it is called.
                text.make_ascii_uppercase();
            }
            Value::Object(fields)
        }
        other => other.clone(),
    }
}

fn is_apart(item: &Value) -> bool {
    matches!(item["type"].as_str(), Some("SOA" | "NS")) && item["records"].is_array()
}
