//! A client of the API: HTTP/1.1 over TLS, one connection that is kept, from an address of its choice.

use super::{PATIENCE, Server, program, request};
use rustls::{ClientConnection, StreamOwned};
use serde_json::Value;
use socket2::{Domain, Socket, Type};
use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

#[path = "../../../ptrd-listen/tests/common/trust.rs"]
pub mod trust;

/// A daemon with an API, and room for as many requests as a test wants to make.
pub fn start(rest: &str) -> Server {
    let folder = tempfile::tempdir().expect("a folder");
    pair(folder.path());
    let path = |name: &str| folder.path().join(name).display().to_string();
    let text = format!(
        "[tls]\ncertificate = '{}'\nkey = '{}'\n[api]\nlisten = ['127.0.0.1:0']\n{rest}",
        path("cert.pem"),
        path("key.pem"),
    );
    let file = folder.path().join("ptrd.toml");
    std::fs::write(&file, text).expect("written");
    let mut command = program();
    command.args(Server::arguments(folder.path())).arg("--config").arg(&file);
    Server::run(command, folder)
}

/// Rates that no test meets.
pub const GENEROUS: &str = "requests-per-address = 1000000\nrequests-per-token = 1000000\n";

/// A certificate and its key where the configuration says.
pub fn pair(folder: &Path) -> Vec<u8> {
    let made = rcgen::generate_simple_self_signed(vec!["ns1.example.net".to_owned()]).expect("a pair");
    for (name, text) in [("cert.pem", made.cert.pem()), ("key.pem", made.signing_key.serialize_pem())] {
        let new = folder.join("new");
        std::fs::write(&new, text).expect("written");
        std::fs::set_permissions(&new, PermissionsExt::from_mode(0o600)).expect("a mode");
        std::fs::rename(new, folder.join(name)).expect("moved");
    }
    made.cert.der().to_vec()
}

/// Where the API is.
pub fn at(server: &Server) -> SocketAddr {
    let status = server.request("GET", "/v1/status", "");
    let rest = status.split("\"api\":[\"https://").nth(1).unwrap_or_else(|| panic!("no API in {status}"));
    rest.split('"').next().and_then(|text| text.parse().ok()).expect("an address")
}

/// The same daemon once more, on the same store.
pub fn again(mut server: Server) -> Server {
    server.process.signal("TERM");
    assert!(server.process.wait().success());
    let folder = server.folder;
    let mut command = program();
    command.args(Server::arguments(folder.path())).arg("--config").arg(folder.path().join("ptrd.toml"));
    Server::run(command, folder)
}

/// An address that nobody has come from yet.
pub fn fresh() -> IpAddr {
    static NEXT: AtomicU32 = AtomicU32::new(0x7f01_0001);
    IpAddr::V4(Ipv4Addr::from_bits(NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// A token that the operator makes: the fields of `TokenWrite` as JSON.
pub fn token(server: &Server, fields: &str) -> String {
    let answer = request(&server.socket(), "POST", "/v1/tokens", fields).expect("an answer");
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let done: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"));
    done["token"]["token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("no JSON: {} {}", self.status, self.text()))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

type Stream = BufReader<StreamOwned<ClientConnection, TcpStream>>;

/// See the module.
pub struct Client {
    at: SocketAddr,
    pub from: IpAddr,
    pub token: Option<String>,
    stream: Option<Stream>,
}

impl Client {
    pub fn new(at: SocketAddr, token: Option<&str>) -> Client {
        Client { at, from: fresh(), token: token.map(str::to_owned), stream: None }
    }

    /// The same from another address.
    pub fn coming_from(self, from: IpAddr) -> Client {
        Client { from, ..self }
    }

    pub fn address(&self) -> SocketAddr {
        self.at
    }

    pub fn connect(&self) -> io::Result<Stream> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SocketAddr::new(self.from, 0).into())?;
        socket.connect(&self.at.into())?;
        let stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let config = Arc::new(trust::client(&[b"http/1.1"], rustls::ALL_VERSIONS));
        let tls = ClientConnection::new(config, trust::name()).map_err(io::Error::other)?;
        Ok(BufReader::new(StreamOwned::new(tls, stream)))
    }

    pub fn get(&mut self, target: &str) -> Answer {
        self.ask("GET", target, &[], "")
    }

    /// Asks, over the connection that there is or a new one.
    pub fn ask(&mut self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.try_ask(method, target, headers, body.as_bytes()).expect("an answer")
    }

    pub fn try_ask(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Answer> {
        let mut head = format!("{method} {target} HTTP/1.1\r\nhost: ns1.example.net\r\n");
        if let Some(token) = &self.token {
            head += &format!("authorization: Bearer {token}\r\n");
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !body.is_empty() || matches!(method, "POST" | "PUT" | "PATCH") {
            head += &format!("content-length: {}\r\n", body.len());
        }
        head += "\r\n";
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => self.connect()?,
        };
        stream.get_mut().write_all(&[head.as_bytes(), body].concat())?;
        stream.get_mut().flush()?;
        let answer = match method {
            "HEAD" => read_head(&mut stream)?,
            _ => read(&mut stream)?,
        };
        if answer.header("connection") != "close" {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line.trim_end().to_owned())
}

/// Reads an answer without a body.
fn read_head(stream: &mut impl BufRead) -> io::Result<Answer> {
    let first = line(stream)?;
    let status = first.split(' ').nth(1).and_then(|code| code.parse().ok()).expect(&first);
    let mut headers = BTreeMap::new();
    loop {
        let header = line(stream)?;
        let Some((name, value)) = header.split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    Ok(Answer { status, headers, body: Vec::new() })
}

/// Reads an answer.
pub fn read(stream: &mut impl BufRead) -> io::Result<Answer> {
    let Answer { status, headers, mut body } = read_head(stream)?;
    if let Some(length) = headers.get("content-length") {
        body.resize(length.parse().expect("a length"), 0);
        stream.read_exact(&mut body)?;
    } else if headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked") {
        loop {
            let size = usize::from_str_radix(&line(stream)?, 16).expect("a size");
            let start = body.len();
            body.resize(start + size, 0);
            stream.read_exact(&mut body[start..])?;
            line(stream)?;
            if size == 0 {
                break;
            }
        }
    }
    Ok(Answer { status, headers, body })
}
