//! A client as simple as can be: what is written is what the test says, octet for octet.
#![allow(missing_docs, dead_code)]

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
    /// Whether the body came to its end.
    pub whole: bool,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!("{error}: {} {:?}", self.status, String::from_utf8_lossy(&self.body))
        })
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    pub fn message(&self) -> String {
        self.json()["message"].as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> Option<String> {
        let line = |line: &str| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        };
        self.head.lines().find_map(line)
    }
}

pub fn connect(path: &Path) -> UnixStream {
    let stream = UnixStream::connect(path).expect("a server");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    stream
}

/// Reads one answer, by its length, in chunks, or to the end.
pub fn read(stream: &mut UnixStream) -> Answer {
    let mut octets = Vec::new();
    let head_end = loop {
        if let Some(end) = octets.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        let mut buffer = [0; 4096];
        let n = stream.read(&mut buffer).expect("an answer in time");
        assert!(n > 0, "no answer, only {:?}", String::from_utf8_lossy(&octets));
        octets.extend_from_slice(&buffer[..n]);
    };
    let head = String::from_utf8(octets[..head_end].to_vec()).expect("a text");
    let status = head[9..12].parse().expect("a status");
    let mut answer = Answer { status, head, body: octets.split_off(head_end), whole: true };
    match answer.header("content-length").map(|length| length.parse::<usize>().expect("a length")) {
        Some(length) => {
            let missing = length - answer.body.len();
            let mut rest = vec![0; missing];
            stream.read_exact(&mut rest).expect("the body");
            answer.body.extend(rest);
        }
        None => {
            // A broken connection is a cut body: the tests look at the end of it.
            let _ = stream.read_to_end(&mut answer.body);
            (answer.body, answer.whole) = joined(&answer.body);
        }
    }
    answer
}

pub fn send(path: &Path, text: impl AsRef<[u8]>) -> Answer {
    let mut stream = connect(path);
    stream.write_all(text.as_ref()).expect("room");
    read(&mut stream)
}

pub fn ask(path: &Path, method: &str, target: &str, headers: &str, body: impl AsRef<[u8]>) -> Answer {
    let body = body.as_ref();
    let head = format!(
        "{method} {target} HTTP/1.1\r\nhost: ptrd\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n",
        body.len()
    );
    send(path, [head.as_bytes(), body].concat())
}

pub fn get(path: &Path, target: &str) -> Answer {
    ask(path, "GET", target, "", "")
}

/// The content of chunks, and whether the last one is there (RFC 9112 §7.1).
fn joined(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut content = Vec::new();
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&rest[..end]).expect("a size");
        let size = usize::from_str_radix(size, 16).expect("a size");
        if size == 0 {
            return (content, true);
        }
        let Some(chunk) = rest.get(end + 2..end + 2 + size) else { break };
        content.extend_from_slice(chunk);
        rest = rest.get(end + 4 + size..).unwrap_or_default();
    }
    (content, false)
}
