//! A server that a webhook is told by: HTTP/1.1 over TLS, with a certificate of an authority of its own, that answers as a test
//! says.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;
use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// An authority.
pub struct Authority(Issuer<'static, KeyPair>, String);

impl Authority {
    pub fn new() -> Authority {
        let mut parameters = CertificateParams::new(Vec::new()).expect("no names");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let pem = parameters.self_signed(&key).expect("a certificate").pem();
        Authority(Issuer::new(parameters, key), pem)
    }

    /// Writes its certificate where a daemon reads it.
    pub fn put(&self, file: &Path) {
        std::fs::write(file, &self.1).expect("written");
    }

    /// A server's side of TLS, with a certificate for this name or address.
    pub fn server(&self, name: &str) -> ServerConfig {
        let key = KeyPair::generate().expect("a key");
        let parameters = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let certificate = parameters.signed_by(&key, &self.0).expect("a certificate");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .expect("a pair")
    }
}

/// What is done with a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Deed {
    /// It is answered with this status.
    Answer(u16),
    /// With a place to go to instead: the same server.
    Redirect,
    /// The connection is closed.
    Cut,
    /// It is left without an answer.
    Silence,
    /// The answer never ends.
    Endless,
}

/// A message as it came.
#[derive(Clone, Debug)]
pub struct Message {
    /// `POST /hook`.
    pub line: String,
    pub signature: String,
    pub body: Vec<u8>,
    pub deed: Deed,
}

impl Message {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

/// See the module.
pub struct Hook {
    pub address: SocketAddr,
    pub messages: Receiver<Message>,
    deeds: Arc<Mutex<VecDeque<Deed>>>,
    tls: Arc<Mutex<Arc<ServerConfig>>>,
}

impl Hook {
    /// Does these deeds with the first messages, and takes all after them.
    pub fn start(tls: ServerConfig, deeds: &[Deed]) -> Hook {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let address = listener.local_addr().expect("bound");
        let deeds = Arc::new(Mutex::new(deeds.iter().copied().collect::<VecDeque<_>>()));
        let tls = Arc::new(Mutex::new(Arc::new(tls)));
        let (sender, messages) = channel();
        let (their_deeds, their_tls) = (deeds.clone(), tls.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (deeds, tls, sender) =
                    (their_deeds.clone(), their_tls.lock().expect("a lock").clone(), sender.clone());
                std::thread::spawn(move || serve(stream, tls, &deeds, &sender));
            }
        });
        Hook { address, messages, deeds, tls }
    }

    /// Has another certificate from now on.
    pub fn show(&self, tls: ServerConfig) {
        *self.tls.lock().expect("a lock") = Arc::new(tls);
    }

    /// What is left to do.
    pub fn then(&self, deeds: &[Deed]) {
        *self.deeds.lock().expect("a lock") = deeds.iter().copied().collect();
    }

    pub fn next(&self) -> Message {
        self.messages.recv_timeout(super::PATIENCE).expect("a message")
    }
}

/// Takes one message; whoever breaks off is left alone.
fn serve(
    stream: TcpStream,
    tls: Arc<ServerConfig>,
    deeds: &Mutex<VecDeque<Deed>>,
    sender: &Sender<Message>,
) -> io::Result<()> {
    let connection = ServerConnection::new(tls).map_err(io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    let mut line = String::new();
    stream.read_line(&mut line)?;
    let (mut length, mut signature) = (0, String::new());
    loop {
        let mut header = String::new();
        stream.read_line(&mut header)?;
        let Some((name, value)) = header.trim().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().map_err(io::Error::other)?,
            "ptrd-signature" => value.trim().clone_into(&mut signature),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    let deed = deeds.lock().expect("a lock").pop_front().unwrap_or(Deed::Answer(204));
    let line = line.trim().trim_end_matches(" HTTP/1.1").to_owned();
    let _ = sender.send(Message { line, signature, body, deed });
    let out = stream.get_mut();
    match deed {
        Deed::Answer(status) => {
            write!(out, "HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")?
        }
        Deed::Redirect => {
            out.write_all(b"HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")?;
        }
        Deed::Cut => return Ok(()),
        Deed::Silence => std::thread::sleep(Duration::from_secs(60)),
        Deed::Endless => {
            out.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")?;
            loop {
                out.write_all(b"1\r\nx\r\n")?;
            }
        }
    }
    out.flush()
}
